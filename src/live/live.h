/* live: the one room that speaks libpq: connections, the embedded server, catalogs, applying.
 * Must not know: the AST, templates, any one kind of object.
 * Called by: cmd. */
#ifndef PDLC_LIVE_H
#define PDLC_LIVE_H

#include "base/base.h"

/* ── endpoint.c, connect.c ── which database, and why not ───────────────────────────────────
 * Order of precedence: `url` (from --db), $DATABASE_URL, DATABASE_URL in the .env file
 * beside schema.pdl. A conninfo may be a URI or keyword=value pairs; libpq's own PG*
 * variables, service and password files apply as ever. The text of a conninfo is
 * a secret: never printed, logged, or put on a command line; diagnostics show
 * only host, port, database and user. */
struct conninfo {
  const char *text;   /* secret */
  const char *origin; /* "--db", "DATABASE_URL", ".env", "the embedded server" */
};
/* false where nothing names a database (not an error yet) or .env is unreadable
 * or malformed (diagnosed). Warns where .env holds a password and Git would commit it. */
bool conninfo_find(struct arena *, const char *url, const char *folder_of_schema, struct diagnostics *, struct conninfo *out) MUST_CHECK;
/* Says that no database is named and how to name one: for verbs that want one and diagnosed nothing yet. */
void conninfo_missing(struct diagnostics *);

typedef struct pg_conn PGconn;
struct connection {
  PGconn *pg;
  int version;         /* server_version_num / 10000: 15 */
  bool pooled;         /* a transaction pooler stands between (port 6543) */
  const char *shown;   /* "postgres@localhost:5432/app": safe to print */
};
/* Opens and checks: server 13 or later, pooler recognised; session pinned: search_path = '',
 * TimeZone UTC, DateStyle ISO, IntervalStyle, standard_conforming_strings on, client_encoding UTF8,
 * extra_float_digits, quote_all_identifiers off, application_name pdlc (only the last where pooled: sessions are
 * shared there, so callers refuse or use set local). A connect timeout of 10 s where none is given. On failure
 * diagnoses with a way out (no server, refused, wrong password, unknown host, project URL instead
 * of database host, TLS, no such database, server too old, paused project) and returns false. */
bool connection_open(struct arena *, struct conninfo, struct diagnostics *, struct connection *out) MUST_CHECK;
void connection_close(struct connection *);

/* ── server.c ── the embedded Postgres of `pdlc dev` ─────────────────────────────────
 * Data, log, socket and pid live below `folder`/.pdlc (or, where that path is too long for a
 * socket or out of reach for the unprivileged user, in a private folder under /tmp that .pdlc names). */
struct server {
  const char *folder;   /* holds .pdlc */
  const char *conninfo; /* set by server_start: unix socket, no password */
  const char *data, *bin;
};
/* The folder of the newest usable server binaries, or NULL: $PDLC_PG_BIN, pg_config --bindir, PATH, the
 * usual places of distributions (/usr/lib/postgresql/N/bin, /usr/pgsql-N/bin, /opt/homebrew/opt/postgresql@N/bin …). */
const char *server_find_binaries(struct arena *, int *major);
/* Starts it, or finds it running. initdb at first; as an unprivileged user when root. Cleans the
 * pid file of a server that died. Diagnoses (no server installed: how to install it). */
bool server_start(struct arena *, const char *folder, struct diagnostics *, struct server *out) MUST_CHECK;
/* True where it is running; fills out either way as far as known. */
bool server_running(struct arena *, const char *folder, struct server *out);
/* Fast shutdown, waits; fine where it is not running. */
bool server_stop(struct arena *, const char *folder, struct diagnostics *) MUST_CHECK;

/* ── catalog.c ── a live database as a model ──────────────────────────────────────────── */
struct schema;
struct plan;
struct changes;
struct names;
/* Reads the schemas of these names, all kinds, in one REPEATABLE READ READ ONLY snapshot, pipelined; a schema
 * that does not exist is just not there. What an extension owns is left out. NULL on failure (diagnosed). */
struct schema *catalog_read(struct arena *, struct connection *, const struct names *schemas, struct diagnostics *);
/* The schemas that people made: not the system's, not an extension's; only those of `wanted` if it names any, none of
 * `excluded`. False on failure, or where one of `wanted` does not exist (diagnosed). */
bool catalog_schemas(struct arena *, struct connection *, const struct names *wanted, const struct names *excluded,
                     struct diagnostics *, struct names *out) MUST_CHECK;
/* Enters what depends on what into a model that catalog_read made, and its strangers. What changes nothing can do without. */
bool catalog_depends(struct arena *, struct connection *, struct schema *, struct diagnostics *) MUST_CHECK;
/* Warns of objects in these schemas that are of kinds this pdlc does not compare ("2 views, 1 function"). */
void catalog_uncompared(struct arena *, struct connection *, const struct names *schemas, struct diagnostics *);

/* ── scratch.c ── the server's own word on what looks different ─────────────────────────────
 * Postgres prints expressions, types and options in a form of its own. What `changes` calls altered is made once
 * more from its PDL as temporary objects, read back like the rest, compared again, and rolled back: a difference that
 * Postgres itself would not make is none. Where that is not allowed (no TEMP privilege, a standby) the changes stay, with a warning. */
void scratch_settle(struct arena *, struct connection *, struct changes *, const char *search_path, struct diagnostics *);

/* ── roles.c ── */
/* Whether the server has every role that the schema speaks of; those missing are diagnosed where they stand. */
bool roles_check(struct connection *, const struct schema *, struct diagnostics *) MUST_CHECK;

/* ── apply.c ── running a plan ──────────────────────────────────────────────────────────
 * All of the plan in one transaction, or, where the server's lock table could not hold that or a step must be committed
 * before the next, in as few as will do, in order of dependency; a second push goes on where a first one was cut off. On
 * failure names the object and where it is declared, and what stands. */
struct applied {
  size_t steps, transactions;
};
/* One pdlc at a time changes a database: a session-level advisory lock, polled for, which goes with the connection. Taken
 * before the database is compared, or the plan may be out of date when it runs. */
bool database_lock(struct connection *, struct diagnostics *) MUST_CHECK;
bool apply_plan(struct arena *, struct connection *, const struct plan *, const char *search_path, struct diagnostics *,
                struct applied *out) MUST_CHECK;

/* query.c */
void query_failed(struct connection *, const char *what, struct diagnostics *); /* says why, from the connection */

#endif
