#include <ctype.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "live/private.h"

enum { TIMEOUT_DEFAULT = 10, PORT_DIGITS = 5 };

/* ── finding it ─────────────────────────────────────────────────────────── */

static const char *trim(struct arena *arena, const char *text) {
  while (isspace((unsigned char)*text)) {
    text++;
  }
  size_t len = strlen(text);
  while (len > 0 && isspace((unsigned char)text[len - 1])) {
    len--;
  }
  return arena_strndup(arena, text, len);
}

static void warn_of_git(struct arena *arena, const char *folder, const char *path, struct diagnostics *ds) {
  enum git_state state = git_state_of(arena, folder, ".env");
  if (state == GIT_TRACKED) {
    struct diagnostic *d =
        diagnose(ds, PDL_DOTENV_COMMITTED, NO_SPAN, "\"%s\" holds a password and is tracked by Git", path);
    diagnostic_hint(ds, d,
                    "Run \"git rm --cached .env\", add .env to .gitignore, and change the password: "
                    "Git's history may keep it.");
  } else if (state == GIT_NOT_IGNORED) {
    struct diagnostic *d = diagnose(ds, PDL_DOTENV_COMMITTED, NO_SPAN,
                                    "\"%s\" holds a password and is not ignored by Git", path);
    diagnostic_hint(ds, d, "Add a line \".env\" to .gitignore.");
  }
}

bool conninfo_find(struct arena *arena, const char *url, const char *folder, struct diagnostics *ds,
                   struct conninfo *out) {
  *out = (struct conninfo){NULL, NULL};
  if (url) {
    *out = (struct conninfo){trim(arena, url), "--db"};
    if (*out->text) {
      return true;
    }
    /* Never fall through to another database because a variable of the caller's shell was empty. */
    struct diagnostic *d =
        diagnose(ds, PDL_CONNINFO_MALFORMED, NO_SPAN, "the connection string from --db is empty");
    diagnostic_hint(ds, d, "Give one such as postgresql://user@host:5432/dbname, or leave --db out.");
    return false;
  }
  const char *variable = getenv("DATABASE_URL");
  if (variable && *trim(arena, variable)) {
    *out = (struct conninfo){trim(arena, variable), "DATABASE_URL"};
    return true;
  }
  const char *path = folder && *folder ? arena_printf(arena, "%s/.env", folder) : ".env";
  const char *value;
  if (!dotenv_find(arena, path, "DATABASE_URL", ds, &value) || !value || !*trim(arena, value)) {
    return false;
  }
  *out = (struct conninfo){trim(arena, value), ".env"};
  if (conninfo_has_password(out->text)) {
    warn_of_git(arena, folder ? folder : "", path, ds);
  }
  return true;
}

void conninfo_missing(struct diagnostics *ds) {
  struct diagnostic *d = diagnose(ds, PDL_DATABASE_UNNAMED, NO_SPAN, "no database is named");
  diagnostic_hint(ds, d,
                  "Give --db URL, set $DATABASE_URL, or write DATABASE_URL=postgresql://… in a .env file "
                  "beside schema.pdl; \"pdlc dev start\" starts a server of your own.");
}

/* ── text that is safe to show, text that is not ─────────────────────────────────── */

char *text_tame(struct arena *arena, const char *text) {
  char *tame = arena_strdup(arena, text);
  for (char *p = tame; *p; p++) {
    if ((unsigned char)*p < ' ' || *p == 0x7f) {
      *p = '?';
    }
  }
  return tame;
}

char *secret_mask(struct arena *arena, const char *text, const char *secret) {
  if (!secret || !*secret) {
    return arena_strdup(arena, text);
  }
  struct strbuf masked = STRBUF_INIT;
  for (const char *found; (found = strstr(text, secret)); text = found + strlen(secret)) {
    strbuf_add(&masked, text, (size_t)(found - text));
    strbuf_adds(&masked, "***");
  }
  strbuf_adds(&masked, text);
  char *copy = strbuf_dup(&masked, arena);
  strbuf_release(&masked);
  return copy;
}

void conninfo_add(struct strbuf *text, const char *keyword, const char *value) {
  strbuf_addf(text, "%s%s='", text->len ? " " : "", keyword);
  for (; *value; value++) {
    if (*value == '\'' || *value == '\\') {
      strbuf_addc(text, '\\');
    }
    strbuf_addc(text, *value);
  }
  strbuf_addc(text, '\'');
}

/* ── reading it ─────────────────────────────────────────────────────────── */

/* libpq's complaint may echo what it could not read, a password among it: it is not shown. */
static PQconninfoOption *parse(const char *text) {
  char *complaint = NULL;
  PQconninfoOption *given = PQconninfoParse(text, &complaint);
  PQfreemem(complaint);
  return given;
}

static const char *option(const PQconninfoOption *options, const char *keyword) {
  for (const PQconninfoOption *o = options; o && o->keyword; o++) {
    if (strcmp(o->keyword, keyword) == 0) {
      return o->val;
    }
  }
  return NULL;
}

bool conninfo_has_password(const char *text) {
  PQconninfoOption *given = parse(text);
  const char *password = option(given, "password");
  bool has = !given || (password && *password);
  PQconninfoFree(given);
  return has;
}

/* Defaults from the environment and the service file; libpq reads the name of a service from there only. */
static PQconninfoOption *defaults_of(struct arena *arena, const char *service) {
  const char *before = getenv("PGSERVICE");
  before = before ? arena_strdup(arena, before) : NULL;
  if (service) {
    setenv("PGSERVICE", service, 1);
  }
  PQconninfoOption *defaults = PQconndefaults();
  if (service && before) {
    setenv("PGSERVICE", before, 1);
  } else if (service) {
    unsetenv("PGSERVICE");
  }
  return defaults;
}

static bool is_uri(const char *text) {
  return strncmp(text, "postgresql://", 13) == 0 || strncmp(text, "postgres://", 11) == 0;
}

/* An @ behind the one that ends the password: libpq would take half of the password for a host. */
static bool has_stray_at(const char *text) {
  if (!is_uri(text)) {
    return false;
  }
  const char *p = strstr(text, "://") + 3;
  const char *end = p + strcspn(p, "@/");
  p = *end == '@' ? end + 1 : p;
  return memchr(p, '@', strcspn(p, "?")) != NULL;
}

/* Numbers parted by commas; a password that was not encoded can end up as the port. */
static bool is_port(const char *port) {
  for (const char *p = port; *p;) {
    size_t digits = strspn(p, "0123456789");
    p += digits;
    if (digits > PORT_DIGITS || (*p && *p != ',')) {
      return false;
    }
    p += *p == ',';
  }
  return true;
}

static bool malformed(const char *origin, const char *text, struct diagnostics *ds) {
  static const char *const foreign[] = {"pgbouncer", "connection_limit", "pool_timeout", "schema",
                                        "sslaccept"};
  struct diagnostic *d =
      diagnose(ds, PDL_CONNINFO_MALFORMED, NO_SPAN, "the connection string from %s is malformed", origin);
  size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+:");
  if (strncmp(text + scheme, "//", 2) == 0 && !is_uri(text)) {
    diagnostic_hint(ds, d,
                    "It must begin with postgresql://: leave out the name of a driver, as in "
                    "postgresql+asyncpg:// or jdbc:postgresql://.");
    return false;
  }
  for (size_t i = 0; is_uri(text) && i < ARRAY_LEN(foreign); i++) {
    if (strstr(text, arena_printf(ds->arena, "?%s=", foreign[i])) ||
        strstr(text, arena_printf(ds->arena, "&%s=", foreign[i]))) {
      diagnostic_hint(ds, d, "Leave out \"%s\": it belongs to another client and libpq does not know it.",
                      foreign[i]);
      return false;
    }
  }
  diagnostic_hint(
      ds, d,
      "Write postgresql://user:password@host:5432/dbname, or host=… dbname=… user=…; in the first "
      "form write %%40 for @, %%3A for :, %%2F for /, %%25 for %% inside a password.");
  return false;
}

static void hint_project(struct diagnostics *ds, struct diagnostic *d, struct supabase supabase) {
  const char *ref = supabase.ref ? supabase.ref : "<ref>";
  diagnostic_hint(ds, d,
                  "The database's host is db.%s.supabase.co, port 5432: "
                  "postgresql://postgres:[password]@db.%s.supabase.co:5432/postgres (dashboard: Connect).",
                  ref, ref);
}

static bool refuse_web_address(struct arena *arena, struct conninfo info, struct diagnostics *ds) {
  struct supabase supabase = supabase_of_web_address(arena, info.text);
  if (supabase.host == SUPABASE_PROJECT) {
    hint_project(ds,
                 diagnose(ds, PDL_SUPABASE_PROJECT_URL, NO_SPAN,
                          "%s names the URL of a Supabase project, not its database", info.origin),
                 supabase);
    return false;
  }
  struct diagnostic *d =
      diagnose(ds, PDL_CONNINFO_MALFORMED, NO_SPAN,
               "the connection string from %s is a web address, not a database's", info.origin);
  diagnostic_hint(ds, d, "It should look like postgresql://user@host:5432/dbname.");
  return false;
}

/* What Supabase's hosts ask for. The server takes plain text unless told otherwise, so libpq's "prefer" would
 * let anyone between read the password: *sslmode is what to add, or NULL. */
static bool check_supabase(const struct endpoint *t, const char *given_ssl, const char *default_ssl,
                           const char *password, const char **sslmode, struct diagnostics *ds) {
  if (t->supabase.host == SUPABASE_NONE) {
    return true;
  }
  if (t->supabase.host == SUPABASE_PROJECT) {
    hint_project(ds,
                 diagnose(ds, PDL_SUPABASE_PROJECT_URL, NO_SPAN,
                          "\"%s\" serves the API of a Supabase project, not its database", t->host),
                 t->supabase);
    return false;
  }
  if (password && (strcmp(password, "[YOUR-PASSWORD]") == 0 || strcmp(password, "[YOUR_PASSWORD]") == 0)) {
    struct diagnostic *d =
        diagnose(ds, PDL_PASSWORD_MISSING, NO_SPAN,
                 "the connection string from %s still has a placeholder for its password", t->origin);
    diagnostic_hint(ds, d,
                    "Replace it, brackets and all, with the database's password; the dashboard resets a "
                    "forgotten one under Database, Settings.");
    return false;
  }
  const char *mode = given_ssl ? given_ssl : getenv("PGSSLMODE");
  bool chosen = mode && *mode;
  mode = chosen ? mode : default_ssl ? default_ssl : "prefer";
  bool prefer = strcmp(mode, "prefer") == 0;
  if (strcmp(mode, "disable") == 0 || strcmp(mode, "allow") == 0 || (prefer && chosen)) {
    struct diagnostic *d =
        diagnose(ds, PDL_TLS_TOO_WEAK, NO_SPAN,
                 "sslmode=%s would let the password for \"%s\" travel unencrypted", mode, t->host);
    diagnostic_hint(ds, d,
                    "Leave sslmode out (pdlc then uses require), or use sslmode=verify-full with "
                    "sslrootcert=FILE, the certificate that the dashboard offers.");
    return false;
  }
  *sslmode = prefer ? "require" : NULL;
  return true;
}

/* Of the first of the hosts that is Supabase's. */
static struct supabase supabase_of_hosts(struct arena *arena, const char *hosts) {
  struct supabase supabase = {SUPABASE_NONE, NULL};
  while (hosts && *hosts && supabase.host == SUPABASE_NONE) {
    size_t len = strcspn(hosts, ",");
    supabase = supabase_of_host(arena, arena_strndup(arena, hosts, len));
    hosts += len + (hosts[len] == ',');
  }
  return supabase;
}

static const char *copy(struct arena *arena, const char *value) {
  return value && *value ? arena_strdup(arena, value) : NULL;
}

bool endpoint_parse(struct arena *arena, struct conninfo info, struct diagnostics *ds, struct endpoint *out) {
  *out = (struct endpoint){.origin = info.origin};
  if (strncasecmp(info.text, "https://", 8) == 0 || strncasecmp(info.text, "http://", 7) == 0) {
    return refuse_web_address(arena, info, ds);
  }
  PQconninfoOption *given = parse(info.text);
  const char *port = option(given, "port");
  if (!given || has_stray_at(info.text) || (port && !is_port(port))) {
    PQconninfoFree(given);
    return malformed(info.origin, info.text, ds);
  }
  PQconninfoOption *defaults = defaults_of(arena, option(given, "service"));
  struct strbuf text = STRBUF_INIT;
  for (const PQconninfoOption *o = given; o->keyword; o++) {
    if (o->val && strcmp(o->keyword, "application_name") != 0) {
      conninfo_add(&text, o->keyword, o->val);
    }
  }
  conninfo_add(&text, "application_name", "pdlc");
#define EFFECTIVE(keyword)                                                                                   \
  copy(arena, option(given, keyword) ? option(given, keyword) : option(defaults, keyword))
  out->host = EFFECTIVE("host");
  out->hostaddr = EFFECTIVE("hostaddr");
  out->port = EFFECTIVE("port");
  out->user = EFFECTIVE("user");
  const char *timeout = EFFECTIVE("connect_timeout");
#undef EFFECTIVE
  out->supabase = supabase_of_hosts(arena, out->host);
  if (!timeout) {
    conninfo_add(&text, "connect_timeout", arena_printf(arena, "%d", TIMEOUT_DEFAULT));
  }
  long seconds = timeout ? strtol(timeout, NULL, 10) : TIMEOUT_DEFAULT;
  out->timeout = seconds <= 0      ? 0
                 : seconds < 2     ? 2
                 : seconds > 86400 ? 86400
                                   : (int)seconds; /* 2: as libpq */
  const char *sslmode = NULL;
  bool ok = check_supabase(out, copy(arena, option(given, "sslmode")), option(defaults, "sslmode"),
                           option(given, "password"), &sslmode, ds);
  if (sslmode) {
    conninfo_add(&text, "sslmode", sslmode);
  }
  out->text = strbuf_dup(&text, arena);
  strbuf_release(&text);
  PQconninfoFree(given);
  PQconninfoFree(defaults);
  return ok;
}
