#include <arpa/inet.h>
#include <errno.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "live/private.h"

/* One round trip; each value makes what the catalogs print the same everywhere. No question about them is worth being
 * compiled, which takes seconds where the planner guesses at many rows. */
static const char pin[] = "set client_encoding = 'UTF8'; set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO, MDY';"
                          " set intervalstyle = 'postgres'; set standard_conforming_strings = on; set quote_all_identifiers = off;"
                          " set extra_float_digits = 1; set array_nulls = on; set transform_null_equals = off; set bytea_output = 'hex';"
                          " set default_table_access_method = 'heap'; set jit = off";

struct attempt {
  PGconn *pg;
  bool timed_out;
};

static void ignore_notice(void *unused, const PGresult *result) {
  (void)unused;
  (void)result;
}

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until the socket is ready; false where the time (0: no end) is over. */
static bool wait_for(PGconn *pg, PostgresPollingStatusType want, long long end) {
  struct pollfd fd = {.fd = PQsocket(pg), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
  for (;;) {
    long long left = end ? end - now_ms() : -1;
    if (end && left <= 0) {
      return false;
    }
    int n = poll(&fd, 1, (int)left);
    if (n > 0 || (n < 0 && errno != EINTR)) {
      return true; /* of what ails the socket libpq will tell */
    }
  }
}

static void silence(PGconn *pg) {
  if (!pg) {
    fputs("pdlc: out of memory\n", stderr);
    exit(1);
  }
  PQsetNoticeReceiver(pg, ignore_notice, NULL);
}

/* Step by step, because only so can a failure be made to tell its SQLSTATE. */
static struct attempt try_one(const char *text, int timeout) {
  PGconn *pg = PQconnectStart(text);
  silence(pg);
  PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
  long long end = timeout ? now_ms() + timeout * 1000LL : 0;
  PostgresPollingStatusType want =
      PQstatus(pg) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
    if (!wait_for(pg, want, end)) {
      return (struct attempt){pg, true};
    }
    want = PQconnectPoll(pg);
  }
  return (struct attempt){pg, false};
}

/* libpq walks a list of hosts by itself, with its timeout for each; its message is all there is then. */
static struct attempt try_list(const char *text) {
  PGconn *pg = PQconnectdb(text);
  silence(pg);
  return (struct attempt){pg, false};
}

static struct attempt try_address(struct arena *arena, const struct endpoint *target, const struct addrinfo *a) {
  char address[128];
  struct strbuf text = STRBUF_INIT;
  strbuf_adds(&text, target->text);
  if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0) {
    conninfo_add(&text, "hostaddr", address);
  }
  const char *with_address = strbuf_dup(&text, arena);
  strbuf_release(&text);
  return try_one(with_address, target->timeout);
}

static bool is_open(struct attempt attempt) {
  return !attempt.timed_out && PQstatus(attempt.pg) == CONNECTION_OK;
}

/* A server that answered, if only to refuse, has no better address. */
static bool is_answer(struct attempt attempt) {
  return is_open(attempt) || PQconnectionNeedsPassword(attempt.pg) ||
         strstr(PQerrorMessage(attempt.pg), ":  ");
}

/* One address after another, as libpq would. False: no such host (diagnosed). */
static bool try_host(struct arena *arena, const struct endpoint *target, struct diagnostics *ds,
                     struct attempt *out, bool *ipv6_only) {
  struct addrinfo want = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *addresses;
  int error = getaddrinfo(target->host, NULL, &want, &addresses);
  if (error) {
    refusal_unknown_host(target, error, ds);
    return false;
  }
  *ipv6_only = true;
  for (const struct addrinfo *a = addresses; a; a = a->ai_next) {
    *ipv6_only = *ipv6_only && a->ai_family == AF_INET6;
  }
  *out = (struct attempt){0};
  for (const struct addrinfo *a = addresses; a && !(out->pg && is_answer(*out)); a = a->ai_next) {
    PQfinish(out->pg);
    *out = try_address(arena, target, a);
  }
  freeaddrinfo(addresses);
  return true;
}

/* The host of libpq's own choosing included. */
static const char *shown(struct arena *arena, const struct endpoint *target, PGconn *pg) {
  const char *user = PQuser(pg) ? PQuser(pg) : target->user, *host = PQhost(pg), *port = PQport(pg),
             *db = PQdb(pg);
  host = host && *host ? host : target->host ? target->host : "localhost";
  bool bracket = strchr(host, ':') && *host != '/';
  return text_tame(arena, arena_printf(arena, "%s@%s%s%s:%s/%s", user ? user : "", bracket ? "[" : "", host,
                                       bracket ? "]" : "", port && *port ? port : "5432", db ? db : ""));
}

bool connection_pin(struct connection *c) {
  return query_ok(c, pin);
}

static bool settle(struct connection *c, struct diagnostics *ds) {
  if (!version_accept(PQserverVersion(c->pg), c->shown, ds)) {
    return false;
  }
  c->version = PQserverVersion(c->pg) / 10000;
  if (c->pooled) {
    return true; /* a setting would reach whoever is given this session next */
  }
  PGresult *result = PQexec(c->pg, pin);
  bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
  if (!ok) {
    const char *message = PQerrorMessage(c->pg);
    diagnose(ds, PDL_CONNECTION_FAILED, NO_SPAN, "could not prepare the session of %s: %s", c->shown,
             text_tame(ds->arena, arena_strndup(ds->arena, message, strcspn(message, "\n"))));
  }
  PQclear(result);
  return ok;
}

bool connection_open(struct arena *arena, struct conninfo info, struct diagnostics *ds,
                     struct connection *out) {
  *out = (struct connection){0};
  struct endpoint target;
  if (!endpoint_parse(arena, info, ds, &target)) {
    return false;
  }
  const char *host = target.host;
  bool list = (host && strchr(host, ',')) || (target.hostaddr && strchr(target.hostaddr, ','));
  bool ipv6_only = false;
  struct attempt attempt;
  if (list) {
    attempt = try_list(target.text);
  } else if (!host || *host == '/' || *host == '@' || target.hostaddr) {
    attempt = try_one(target.text, target.timeout);
  } else if (!try_host(arena, &target, ds, &attempt, &ipv6_only)) {
    return false;
  }
  out->pg = attempt.pg;
  out->shown = shown(arena, &target, attempt.pg);
  out->pooled = PQport(attempt.pg) && strcmp(PQport(attempt.pg), "6543") == 0;
  bool ok = is_open(attempt);
  if (!ok) {
    refusal_diagnose(arena, &target, attempt.pg, out->shown, attempt.timed_out,
                     ipv6_only && target.supabase.host == SUPABASE_DIRECT, ds);
  }
  if (ok) {
    PQsetErrorVerbosity(attempt.pg, PQERRORS_DEFAULT);
    ok = settle(out, ds);
  }
  if (!ok) {
    connection_close(out);
  }
  return ok;
}

PGconn *connection_second(const PGconn *pg, const char *name) {
  enum { MOST = 96 };
  const char *keys[MOST + 3], *values[MOST + 3];
  size_t n = 0;
  PQconninfoOption *options = PQconninfo((PGconn *)(uintptr_t)pg);
  for (const PQconninfoOption *o = options; o && o->keyword && n < MOST; o++)
    if (o->val && *o->val && strcmp(o->keyword, "application_name") != 0 &&
        strcmp(o->keyword, "connect_timeout") != 0) {
      keys[n] = o->keyword;
      values[n++] = o->val;
    }
  keys[n] = "application_name";
  values[n++] = name;
  keys[n] = "connect_timeout";
  values[n++] = "2";
  keys[n] = values[n] = NULL;
  PGconn *side = PQconnectdbParams(keys, values, 0);
  PQconninfoFree(options);
  if (side && PQstatus(side) == CONNECTION_OK) {
    PQsetNoticeReceiver(side, ignore_notice, NULL);
    return side;
  }
  PQfinish(side);
  return NULL;
}

void connection_close(struct connection *c) {
  PQfinish(c->pg);
  c->pg = NULL;
}

bool connection_alive(const struct connection *c) {
  return c->pg && PQstatus(c->pg) == CONNECTION_OK;
}
