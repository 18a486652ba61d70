#include <errno.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <string.h>

#include "live/private.h"

enum { VERSION_LEAST = 130000 };

struct refusal {
  struct arena *arena;
  const struct endpoint *target;
  struct diagnostics *ds;
  const char *shown; /* user@host:port/dbname */
  const char *user, *dbname;
  const char *message; /* libpq's, password masked */
  char sqlstate[6];    /* "" where the server did not speak */
  const char *text;    /* the server's primary message, else libpq's in one line */
};

/* "SEVERITY:  28P01: text", which is how libpq writes a server's error when verbose. */
static const char *find_sqlstate(const char *message, char state[6]) {
  for (const char *p = message; (p = strstr(p, ":  ")); p++) {
    const char *at = p + 3;
    if (strspn(at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && strncmp(at + 5, ": ", 2) == 0) {
      memcpy(state, at, 5);
      return at + 7;
    }
  }
  return NULL;
}

static void read_message(struct refusal *r) {
  char state[6] = "";
  const char *text = NULL;
  /* With sslmode=prefer libpq tries again without TLS, and a server that wants TLS then answers with
   * pg_hba.conf: a wrong password, where there is one, is the cause. */
  for (const char *p = r->message; (p = find_sqlstate(p, state));) {
    if (!text || strcmp(state, "28P01") == 0) {
      memcpy(r->sqlstate, state, sizeof state);
      text = p;
    }
  }
  if (!text) {
    const char *failed = strstr(r->message, " failed: ");
    text = failed ? failed + strlen(" failed: ") : r->message;
  }
  r->text = text_tame(r->arena, arena_strndup(r->arena, text, strcspn(text, "\n")));
}

static bool is_state(const struct refusal *r, const char *state) {
  return strcmp(r->sqlstate, state) == 0;
}

/* libpq words an error of the system in strerror's words, whatever the language. */
static bool says(const struct refusal *r, int error) {
  return strstr(r->message, strerror(error)) != NULL;
}

static bool is_supabase(const struct refusal *r) {
  return r->target->supabase.host != SUPABASE_NONE;
}

static const char *ref(const struct endpoint *t) {
  return t->supabase.ref ? t->supabase.ref : "<ref>";
}

static void refused(const struct refusal *r) {
  bool socket = !r->target->host || *r->target->host == '/' || *r->target->host == '@';
  struct diagnostic *d =
      diagnose(r->ds, PDL_CONNECTION_REFUSED, NO_SPAN,
               socket ? "no server listens at the socket of %s" : "connection to %s refused", r->shown);
  if (is_supabase(r)) {
    diagnostic_hint(r->ds, d,
                    "The project may be paused (free projects are, after a week without use): restore it in "
                    "the dashboard, and compare host and port with its Connect page.");
  } else {
    diagnostic_hint(r->ds, d,
                    "Start the server, or correct host and port in %s; \"pdlc dev start\" starts a server of "
                    "your own.",
                    r->target->origin);
  }
}

static void timed_out(const struct refusal *r) {
  struct diagnostic *d = diagnose(r->ds, PDL_CONNECTION_TIMEOUT, NO_SPAN, "no answer from %s within %d s",
                                  r->shown, r->target->timeout);
  diagnostic_hint(
      r->ds, d,
      is_supabase(r)
          ? "The project may be paused, or its network restrictions leave your address out: see "
            "the dashboard."
          : "A firewall may drop the packets; check host and port, or give a longer connect_timeout.");
}

static void ipv6_only(const struct refusal *r) {
  struct diagnostic *d =
      diagnose(r->ds, PDL_HOST_IPV6_ONLY, NO_SPAN,
               "\"%s\" can be reached over IPv6 only, which this network does not offer", r->target->host);
  diagnostic_hint(
      r->ds, d,
      "Use the session pooler: user postgres.%s, host aws-<n>-<region>.pooler.supabase.com, port 5432 "
      "(dashboard: Connect, Session pooler). If the project is paused, restore it first.",
      ref(r->target));
}

static void role_or_rule(const struct refusal *r) {
  if (strstr(r->text, "pg_hba.conf")) { /* a file's name: the same in each language */
    struct diagnostic *d =
        diagnose(r->ds, PDL_HBA_REJECTED, NO_SPAN, "the server's pg_hba.conf does not let %s in", r->shown);
    diagnostic_hint(
        r->ds, d, "The server said: %s. Allow this user, database and address there, or try sslmode=require.",
        r->text);
    return;
  }
  struct diagnostic *d =
      diagnose(r->ds, PDL_ROLE_REFUSED, NO_SPAN, "role \"%s\" may not log in: %s", r->user, r->text);
  diagnostic_hint(
      r->ds, d,
      "Name another user in %s, or create the role: create role … login. Over a socket the server "
      "may want the operating system's user; host=localhost asks for a password instead.",
      r->target->origin);
}

/* Supavisor's own refusals come without a code that says which. */
static bool pooler(const struct refusal *r) {
  if (r->target->supabase.host != SUPABASE_POOLER) {
    return false;
  }
  if (strstr(r->text, "max clients") || strstr(r->text, "MaxClients")) {
    diagnostic_hint(
        r->ds, diagnose(r->ds, PDL_CONNECTIONS_EXHAUSTED, NO_SPAN, "too many connections to %s", r->shown),
        "The pooler's session limit is reached: close other clients, or raise the pool size in the "
        "dashboard.");
    return true;
  }
  if (strstr(r->text, "enant")) {
    diagnostic_hint(
        r->ds, diagnose(r->ds, PDL_TENANT_UNKNOWN, NO_SPAN, "the pooler does not know user \"%s\"", r->user),
        "The pooler's user is postgres.<ref> with the project's reference, and its host is the one of the "
        "project's region: copy both from the dashboard's Connect page. A paused project is unknown too.");
    return true;
  }
  return false;
}

static bool by_state(const struct refusal *r) {
  struct diagnostics *ds = r->ds;
  struct diagnostic *d;
  if (is_state(r, "28P01")) {
    d = diagnose(ds, PDL_PASSWORD_WRONG, NO_SPAN, "wrong password for %s", r->shown);
    diagnostic_hint(
        ds, d,
        "Correct it in %s, $PGPASSWORD or ~/.pgpass; in a URL write %%40 for @, %%2F for /, %%25 for %%.%s",
        r->target->origin, is_supabase(r) ? " The dashboard resets it under Database, Settings." : "");
  } else if (is_state(r, "28000")) {
    role_or_rule(r);
  } else if (is_state(r, "3D000")) {
    d = diagnose(ds, PDL_DATABASE_UNKNOWN, NO_SPAN, "there is no database \"%s\" at %s", r->dbname, r->shown);
    diagnostic_hint(ds, d,
                    is_supabase(r)
                        ? "On Supabase the database is called postgres."
                        : "Correct the name in the connection string, or create it: createdb NAME.");
  } else if (is_state(r, "53300")) {
    d = diagnose(ds, PDL_CONNECTIONS_EXHAUSTED, NO_SPAN, "too many connections to %s", r->shown);
    diagnostic_hint(ds, d, "Close other clients, or raise max_connections or the role's connection limit.");
  } else if (is_state(r, "57P03")) {
    d = diagnose(ds, PDL_SERVER_NOT_READY, NO_SPAN, "the server of %s does not accept connections yet: %s",
                 r->shown, r->text);
    diagnostic_hint(ds, d, "It is starting, recovering or stopping; try again in a moment.");
  } else if (is_state(r, "42501")) {
    d = diagnose(ds, PDL_CONNECT_DENIED, NO_SPAN, "role \"%s\" may not connect to database \"%s\"", r->user,
                 r->dbname);
    diagnostic_hint(ds, d, "As the database's owner: grant connect on database … to …;");
  } else {
    return false;
  }
  return true;
}

static bool is_tls(const char *message) {
  return strstr(message, "SSL") || strstr(message, "TLS") || strstr(message, "certificate");
}

void refusal_diagnose(struct arena *arena, const struct endpoint *target, PGconn *pg, const char *shown,
                      bool timeout, bool only_ipv6, struct diagnostics *ds) {
  struct refusal r = {
      .arena = arena,
      .target = target,
      .ds = ds,
      .shown = shown,
      .user = text_tame(arena, PQuser(pg) ? PQuser(pg) : ""),
      .dbname = text_tame(arena, PQdb(pg) ? PQdb(pg) : ""),
      .message = secret_mask(arena, PQerrorMessage(pg), PQpass(pg)),
  };
  read_message(&r);
  timeout = timeout || says(&r, ETIMEDOUT);
  bool no_way =
      says(&r, ENETUNREACH) || says(&r, EHOSTUNREACH) || says(&r, EADDRNOTAVAIL) || says(&r, EAFNOSUPPORT);
  if (PQconnectionNeedsPassword(pg)) {
    struct diagnostic *d =
        diagnose(ds, PDL_PASSWORD_MISSING, NO_SPAN, "%s wants a password and none is given", shown);
    diagnostic_hint(ds, d, "Put it in the URL in .env or $DATABASE_URL, in $PGPASSWORD, or in ~/.pgpass.");
  } else if (*r.sqlstate) {
    if (!pooler(&r) && !by_state(&r)) {
      diagnose(ds, PDL_CONNECTION_FAILED, NO_SPAN, "%s refused the connection: %s", shown, r.text);
    }
  } else if (only_ipv6 && (timeout || no_way)) {
    ipv6_only(&r);
  } else if (timeout) {
    timed_out(&r);
  } else if (says(&r, ECONNREFUSED) || (says(&r, ENOENT) && !is_tls(r.text))) {
    refused(&r);
  } else if (no_way) {
    struct diagnostic *d =
        diagnose(ds, PDL_HOST_UNREACHABLE, NO_SPAN, "%s cannot be reached: %s", shown, r.text);
    diagnostic_hint(
        ds, d, "Check the network, a VPN that the host may want, and whether its addresses are IPv6 only.");
  } else if (is_tls(r.text)) {
    struct diagnostic *d = diagnose(ds, PDL_TLS_FAILED, NO_SPAN, "TLS with %s failed: %s", shown, r.text);
    diagnostic_hint(ds, d,
                    is_supabase(&r)
                        ? "Supabase signs with its own CA: give sslrootcert=FILE with the certificate "
                          "that the dashboard offers (sslrootcert=system does not know it)."
                        : "Compare sslmode and sslrootcert with what the server offers.");
  } else {
    diagnose(ds, PDL_CONNECTION_FAILED, NO_SPAN, "could not connect to %s: %s", shown, r.text);
  }
}

void refusal_unknown_host(const struct endpoint *target, int gai_error, struct diagnostics *ds) {
  struct diagnostic *d = diagnose(ds, PDL_HOST_UNKNOWN, NO_SPAN, "could not find host \"%s\": %s",
                                  text_tame(ds->arena, target->host), gai_strerror(gai_error));
  if (gai_error == EAI_AGAIN) {
    diagnostic_hint(ds, d, "The name service did not answer: check the network, then the host's name in %s.",
                    target->origin);
  } else if (target->supabase.host == SUPABASE_DIRECT) {
    diagnostic_hint(
        ds, d,
        "Check the project's reference \"%s\" on the dashboard's Connect page; a paused or deleted project "
        "has no host. On a network without IPv6 use the session pooler, which that page shows too.",
        ref(target));
  } else if (target->supabase.host == SUPABASE_POOLER) {
    diagnostic_hint(
        ds, d,
        "Copy the pooler's host, which names the project's region, from the dashboard's Connect page.");
  } else {
    diagnostic_hint(
        ds, d,
        "Check the host's name in %s; characters such as @ : / in a password must be written %%40 %%3A "
        "%%2F.",
        target->origin);
  }
}

bool version_accept(int version_num, const char *shown, struct diagnostics *ds) {
  if (version_num >= VERSION_LEAST) {
    return true;
  }
  struct diagnostic *d =
      diagnose(ds, PDL_SERVER_TOO_OLD, NO_SPAN, "%s runs Postgres %d.%d, older than 13", shown,
               version_num / 10000, version_num >= 100000 ? version_num % 10000 : version_num / 100 % 100);
  diagnostic_hint(ds, d, "Upgrade the server, or use \"pdlc dev start\" for one of your own.");
  return false;
}
