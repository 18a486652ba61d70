/* live: the one room that speaks libpq: connections, the embedded server, catalogs, applying.
 * Must not know: the AST, templates, any one kind of object.
 * Called by: pull, cmd. */
#ifndef PDLC_LIVE_H
#define PDLC_LIVE_H

#include "base/base.h"
#include "migrate/migrate.h"

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
bool conninfo_find(struct arena *, const char *url, const char *folder_of_schema, struct diagnostics *,
                   struct conninfo *out) MUST_CHECK;
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
 * extra_float_digits, bytea_output hex, quote_all_identifiers off, default_table_access_method heap, what else changes
 * how SQL is read, application_name pdlc (only the last where pooled: sessions are shared there, so callers refuse or
 * use set local). A connect timeout of 10 s where none is given. On failure
 * diagnoses with a way out (no server, refused, wrong password, unknown host, project URL instead
 * of database host, TLS, no such database, server too old, paused project) and returns false. */
bool connection_open(struct arena *, struct conninfo, struct diagnostics *, struct connection *out) MUST_CHECK;
void connection_close(struct connection *);
bool connection_alive(const struct connection *); /* as far as is known without asking */

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
/* Reads the schemas of these names, all kinds, in one REPEATABLE READ READ ONLY snapshot, pipelined, of a large database
 * by two sessions; a schema that does not exist is just not there. What an extension owns is left out. spared: kinds
 * that are not read now, by their numbers, or NULL. NULL on failure (diagnosed). */
struct schema *catalog_read(struct arena *, struct connection *, const struct names *schemas, const bool *spared,
                            struct diagnostics *);
/* The same in two halves: the first one, which takes its time, need not know which schemas and kinds. What goes wrong
 * there the second one tells. models: how many of its size the arena will hold, for which memory is made ready while the
 * server works. */
struct reading;
struct reading *catalog_begin(struct arena *, struct connection *, int models);
struct schema *catalog_finish(struct reading *, struct connection *, const struct names *schemas, const bool *spared,
                              struct diagnostics *);
void catalog_abandon(struct connection *); /* instead of the second half */
/* Reads what was spared then. */
bool catalog_rest(struct connection *, struct schema *, struct diagnostics *) MUST_CHECK;
/* The schemas that people made: not the system's, not an extension's, not a ledger's unless named; only those of
 * `wanted` if it names any, none of `excluded`. False on failure, or where one of `wanted` does not exist (diagnosed);
 * the reading is abandoned then. */
bool catalog_schemas(struct reading *, struct connection *, const struct names *wanted, const struct names *excluded,
                     struct diagnostics *, struct names *out) MUST_CHECK;
/* Whether there are schemas called as Supabase's are: platform_found() need not be asked of others. */
bool catalog_may_be_platforms(const struct reading *);
/* Enters what depends on what into a model that catalog_read made, and what is unmanaged. What changes nothing can do
 * without. */
bool catalog_depends(struct arena *, struct connection *, struct schema *, struct diagnostics *) MUST_CHECK;
/* Warns of objects in these schemas, which `live` was read of, that are of kinds this pdlc does not compare ("2 base
 * types"). */
void catalog_uncompared(struct arena *, struct connection *, const struct schema *live, const struct names *schemas,
                        struct diagnostics *);
/* ── not_nulls.c ── from Postgres 18 on: the names that not nulls of tables have which are renamed, or whose columns are,
 * noted in the columns. False on failure (diagnosed). */
bool catalog_not_nulls(struct arena *, struct connection *, const struct schema *live, const struct changes *,
                       struct diagnostics *) MUST_CHECK;
/* ── standing.c ── */
struct standing {
  const char *schema, *table, *name; /* table: of a column, else NULL */
};
/* stands[i]: whether the database has anything of this name, of any kind: in the schema, on a table of the schema, or,
 * of kinds that live in none, anywhere. False on failure (diagnosed). */
bool catalog_standing(struct connection *, const struct standing *, size_t count, bool *stands,
                      struct diagnostics *) MUST_CHECK;
/* What PDL has no form for, as statements, in order of names: for `sql` blocks of what is pulled. */
struct leftover {
  const char *needs_schema, *needs;    /* a table, view or domain; NULL: nothing */
  const char *name, *up, *down;
  struct leftover *next;
};
bool catalog_leftovers(struct arena *, struct connection *, const struct schema *live, const struct names *schemas,
                       struct diagnostics *, struct leftover **out) MUST_CHECK;

/* ── scratch.c ── the server's own word on what looks different ─────────────────────────────
 * Postgres prints expressions, types and options in a form of its own. What `changes` calls altered is made once
 * more from its PDL as temporary objects, read back like the rest, compared again, and rolled back: a difference that
 * Postgres itself would not make is none. Where that is not allowed (no TEMP privilege, a standby) the changes stay,
 * with a warning. */
void scratch_settle(struct arena *, struct connection *, struct changes *, const char *search_path,
                    struct diagnostics *);

/* ── platform.c ── */
bool platform_found(struct connection *); /* it is Supabase's, or looks like it */
/* Runs the script in one transaction where it is not; what fails is diagnosed. */
bool platform_make(struct connection *, const char *script, struct diagnostics *) MUST_CHECK;

/* ── roles.c ── */
/* Whether the server has every role that the schema speaks of; those missing are diagnosed where they stand. */
bool roles_check(struct connection *, const struct schema *, struct diagnostics *) MUST_CHECK;
/* On a server for proofs: makes those that are missing, which may not even log in. */
bool roles_make(struct connection *, struct names, struct diagnostics *) MUST_CHECK;

/* ── apply.c ── running a plan ──────────────────────────────────────────────────────────
 * All of the plan in one transaction, or, where the server's lock table could not hold that or a step must be committed
 * before the next, in as few as will do, in order of dependency; a second push goes on where a first one was cut off.
 * On failure names the object and where it is declared, and what stands. */
struct applied {
  size_t steps, transactions;
};
/* Where views of the schema have other columns then than they declare, nothing of the last transaction stands. */
bool apply_plan(struct arena *, struct connection *, const struct schema *, const struct plan *,
                const char *search_path, struct diagnostics *, struct applied *out) MUST_CHECK;

/* ── watch.c ── what a long run tells meanwhile ─────────────────────────────────────────────
 * Text comes from the server or from other sessions' names: tame it before a terminal sees it. */
enum event_kind {
  EVENT_WAIT,     /* text: who is in the way */
  EVENT_START,    /* of a file */
  EVENT_PROGRESS, /* text: how far it is, or "" */
  EVENT_RETRY,    /* text: who was in the way, or why; attempt of attempts */
  EVENT_DONE,     /* of a file */
};
struct event {
  enum event_kind kind;
  const struct migration *migration; /* NULL where it is of none */
  bool up;
  const char *text;
  double seconds;
  unsigned attempt, attempts;
};
struct teller {
  void (*tell)(void *ctx, const struct event *);
  void *ctx;
};
/* From now on SIGINT and SIGTERM cancel the statement that runs and end the run in good order; a second one ends pdlc. */
void interrupts_catch(void);

/* ── lock.c ── */
/* One pdlc at a time changes a database: a session-level advisory lock, polled for, which goes with the connection.
 * Taken before the database is compared, or the plan may be out of date when it runs. Waits for a holder that is at
 * work as long as it takes, for an idle one half a minute. teller may be NULL. */
bool database_lock(struct connection *, const struct teller *, struct diagnostics *) MUST_CHECK;

/* ── ledger.c ── which migrations a database has ───────────────────────────────────────────────
 * Table pdlc.migrations has a row for each file that is applied (or begun), pdlc.history one for whatever was done. In
 * the layout of the Supabase CLI they stand in its schema, as pdlc_migrations and pdlc_history, beside its own
 * schema_migrations, whose rows are written as it writes them and, where the two differ, are right. */
enum ledger_state {
  LEDGER_APPLIED,
  LEDGER_RUNNING, /* a file that is no transaction was begun; how far it came is seen in the catalogs */
  LEDGER_UNDOING, /* the same of its way back */
  LEDGER_FAILED,  /* such a file ended in an error, and is to run again */
};
struct ledger_row {
  const char *version, *name;
  const char *checksum;                             /* NULL: not known, another tool applied it */
  enum ledger_state state;
  const char *applied_at, *applied_by, *tool_version; /* time in UTC; NULL where not known */
  const char *error;                                /* or NULL */
  long long duration_ms;                            /* -1: not known */
};
struct ledger {
  enum layout layout;
  const char *prefix;      /* what its tables' names begin with, as SQL */
  bool exists, foreign;    /* foreign: the Supabase CLI's table does */
  struct ledger_row *rows; /* in the order in which they were applied */
  size_t count;
  long long head;          /* of its history */
};
struct history_entry {
  const char *at, *action, *version, *name, *done_by, *tool_version, *note;
  long long duration_ms;
};
const char *ledger_state_word(enum ledger_state);
/* Changes nothing; a database without a ledger has an empty one. False on failure (diagnosed), as of all of these. */
bool ledger_read(struct arena *, struct connection *, enum layout, struct diagnostics *, struct ledger *out) MUST_CHECK;
/* Makes what is missing of it. */
bool ledger_make(struct arena *, struct connection *, struct ledger *, struct diagnostics *) MUST_CHECK;
/* By number: 0002 and 00002 are the same. NULL where there is none. */
const struct ledger_row *ledger_find(const struct ledger *, const char *version);
bool ledger_history(struct arena *, struct connection *, const struct ledger *, struct diagnostics *,
                    struct history_entry **out, size_t *count) MUST_CHECK;
/* The up file as it was applied; NULL where the ledger does not keep it. */
const char *ledger_sql(struct arena *, struct connection *, const struct ledger *, const char *version);
/* Changes are appended as SQL, and made all at once by ledger_change. */
void ledger_add(const struct ledger *, struct arena *, struct strbuf *, const struct migration *, enum ledger_state,
                long long duration_ms);
void ledger_set(const struct ledger *, struct strbuf *, const char *version, enum ledger_state, long long duration_ms,
                const char *error);
/* Its checksum and text, where the file was edited. */
void ledger_take_file(const struct ledger *, struct strbuf *, const struct migration *);
void ledger_remove(const struct ledger *, struct strbuf *, const char *version);
void ledger_log(const struct ledger *, struct strbuf *, const char *action, const struct migration * /* or NULL */,
                const char *checksum, long long duration_ms, const char *note);
bool ledger_change(struct connection *, struct ledger *, struct strbuf *, struct diagnostics *) MUST_CHECK;

/* ── adopt.c ── histories of other tools ─────────────────────────────────────────────────────── */
struct foreign_history {
  const char *word;      /* "alembic" */
  const char *table;     /* found as this */
  bool versions;         /* its versions are those of the files; else only a mark of its own */
  bool each;             /* a row for each version; else one for the last */
  struct names applied;  /* versions, or marks */
};
/* What the history table of this tool says; with a hint that lists the tools where the word is none. False on failure,
 * or where there is no such table, it is empty, or says that its last run failed (diagnosed). */
bool foreign_history_read(struct arena *, struct connection *, const char *word, struct diagnostics *,
                          struct foreign_history *out) MUST_CHECK;

/* ── fingerprint.c ── was it changed by hand? ───────────────────────────────────────────────── */
struct fingerprint {
  const char *hash;   /* SHA-256 of text */
  const char *text;   /* every object and its fields, a line each, sorted */
  const char *reader; /* two pdlc that read other fields cannot be compared */
  int server;
};
enum drift {
  DRIFT_NONE,
  DRIFT_FOUND,
  DRIFT_UNKNOWN, /* nothing to compare with: the last run was cut off, or of another version, or there was none */
  DRIFT_UNREAD,  /* the catalogs could not be read (diagnosed) */
};
/* Of all schemas but the system's, extensions', Supabase's and pdlc's own. */
bool fingerprint_take(struct arena *, struct connection *, struct diagnostics *, struct fingerprint *out) MUST_CHECK;
bool fingerprint_keep(struct connection *, struct ledger *, const struct fingerprint *,
                      struct diagnostics *) MUST_CHECK;
/* *difference: in words, on one line, or "" where only the hashes are known. */
enum drift fingerprint_compare(struct arena *, struct connection *, const struct ledger *, struct diagnostics *,
                               const char **difference);

/* ── run.c, alone.c ── running migrations ─────────────────────────────────────────────────────
 * A file is a transaction that writes its row of the ledger itself; lock_timeout cuts off what waits too long, and the
 * file is tried again. One that can be in no transaction is noted in the ledger, run, looked for in the catalogs, noted
 * as done; cut off anywhere, it is resumed. The database must be locked and the ledger made and read under that lock. */
struct watch {
  const struct teller *teller;
  const struct migration *migration;
  PGconn *side; /* opened when the first statement takes long */
  bool tried;
  char blockers[512], notice[512];
};
struct runner {
  struct arena *arena;
  struct connection *connection;
  struct ledger *ledger;
  struct diagnostics *diagnostics;
  const struct teller *teller; /* or NULL */
  const char *note;            /* for the history, or NULL */
  long lock_timeout;           /* ms; 0: for ever */
  /* Looks at a file's transaction before it is committed; false ends the run. NULL: nobody does. */
  bool (*look)(void *ctx, const struct migration_file *);
  void *look_ctx;
  /* its own */
  struct watch watch;
  bool checks_client;
  bool open;      /* the end of a file opened the transaction of the next one */
  long long head; /* of the history, as seen when it was opened */
  char failed[6]; /* SQLSTATE of the statement that failed last */
  char xid[32];
};
bool runner_start(struct runner *) MUST_CHECK;
/* next: which file will be run after this one, or NULL. */
bool runner_run(struct runner *, const struct migration *, bool up, const struct migration *next) MUST_CHECK;
void runner_end(struct runner *);

/* ── seed.c ── for proofs: a database of their own, and rows in it ────────────────────────────────
 * Always the same one on the embedded server, made anew. False where that failed (diagnosed), as of the others. */
bool scratch_database_open(struct arena *, const struct server *, struct diagnostics *,
                           struct connection *out) MUST_CHECK;
void scratch_database_close(struct arena *, const struct server *, struct connection *);
/* Up to three rows in each table; one whose constraints let none in stays empty. */
bool rows_seed(struct connection *, struct diagnostics *) MUST_CHECK;
/* Takes all of them away, without a trigger or a reference having a say. */
bool rows_forget(struct connection *, struct diagnostics *) MUST_CHECK;
struct table_rows {
  const char *name;  /* "public.users" */
  const char *file;  /* "oid/relfilenode": another node where the table was rewritten */
  const char *count, *hash; /* of all rows, in whatever order the columns are */
};
/* All tables but the system's and the ledger's, by name. */
bool rows_look(struct arena *, struct connection *, struct diagnostics *, struct table_rows **out,
               size_t *count) MUST_CHECK;

/* ── locks.c ── for proofs ── */
/* What this transaction has locked of plain tables, each with each of its locks. */
struct held_lock {
  const char *on; /* "public.users" */
  enum lock lock; /* LOCK_NONE: one that lets others write */
};
bool locks_look(struct arena *, struct connection *, struct diagnostics *, struct held_lock **out,
                size_t *count) MUST_CHECK;
/* Pairs "public.orders\npublic.users" of what may be locked along: by foreign keys, as partitions and heirs, indexes
 * and their tables. */
bool kin_look(struct arena *, struct connection *, struct diagnostics *, struct names *out) MUST_CHECK;

/* query.c */
void query_failed(struct connection *, const char *what, struct diagnostics *); /* says why, from the connection */

#endif
