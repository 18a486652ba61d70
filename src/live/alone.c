/* A file whose one statement no transaction can hold: intent, run, look whether it did what it says, done. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "sql/sql.h"

enum { TRIES = 5, OLD_SECONDS = 30, OLD_WAIT_MS = 30000, POLL_MS = 500 };

/* What the catalogs say of what the statement is about. */
enum trace {
  TRACE_UNKNOWN, /* nothing can be seen */
  TRACE_NONE,    /* it has not begun, or left nothing */
  TRACE_PART,    /* cut off: an index that is not valid, a partition half detached */
  TRACE_DONE,
};

struct alone {
  struct runner *runner;
  const struct migration *migration;
  const struct migration_file *file;
  const char *sql;       /* the statement */
  struct sql_lone lone;
};

static const char *name_of(struct arena *arena, const char *schema, const char *name) {
  struct strbuf text = STRBUF_INIT;
  sql_qualified(&text, schema, name);
  const char *copy = strbuf_dup(&text, arena);
  strbuf_release(&text);
  return copy;
}

/* "t" or "f" or "" of a query over two names. */
static char answer_of(struct connection *c, const char *sql, const char *first, const char *second) {
  const char *params[] = {first, second};
  PGresult *r = PQexecParams(c->pg, sql, 2, NULL, params, NULL, NULL, 0);
  const char answer = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 ? PQgetvalue(r, 0, 0)[0] : '\0';
  PQclear(r);
  return answer;
}

static enum trace trace_of(const struct alone *a) {
  struct connection *c = a->runner->connection;
  struct arena *arena = a->runner->arena;
  char answer;
  switch (a->lone.kind) {
  case SQL_LONE_CREATE_INDEX:
    answer =
        answer_of(c,
                  "SELECT i.indisvalid FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
                  " WHERE i.indrelid = pg_catalog.to_regclass($1) AND x.relname = $2",
                  name_of(arena, a->lone.schema, a->lone.table), a->lone.name);
    return answer == 't' ? TRACE_DONE : answer == 'f' ? TRACE_PART : TRACE_NONE;
  case SQL_LONE_DROP_INDEX:
    answer = answer_of(c,
                       "SELECT i.indisvalid FROM pg_catalog.pg_index i WHERE i.indexrelid = "
                       "pg_catalog.to_regclass($1) AND $2::text IS NOT NULL",
                       name_of(arena, a->lone.schema, a->lone.name), "");
    return answer == 't' ? TRACE_NONE : answer == 'f' ? TRACE_PART : TRACE_DONE;
  case SQL_LONE_DETACH:
    answer = answer_of(
        c,
        "SELECT i.inhdetachpending FROM pg_catalog.pg_inherits i WHERE i.inhparent = pg_catalog.to_regclass($1)"
        " AND i.inhrelid = pg_catalog.to_regclass($2)",
        name_of(arena, a->lone.schema, a->lone.table), name_of(arena, a->lone.part_schema, a->lone.name));
    return answer == 't' ? TRACE_PART : answer == 'f' ? TRACE_NONE : TRACE_DONE;
  default: return TRACE_UNKNOWN;
  }
}

/* The statement that clears away what a statement left that was cut off, or goes on with it; NULL where there is
 * none to run. */
static const char *clearing(const struct alone *a) {
  struct arena *arena = a->runner->arena;
  struct strbuf sql = STRBUF_INIT;
  if (a->lone.kind ==
      SQL_LONE_CREATE_INDEX) { /* an index lives in its table's schema, which search_path may have found */
    const char *table = name_of(arena, a->lone.schema, a->lone.table), *params[] = {table};
    PGresult *r = PQexecParams(a->runner->connection->pg,
                               "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                               " ON n.oid = c.relnamespace WHERE c.oid = pg_catalog.to_regclass($1)",
                               1, NULL, params, NULL, NULL, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1) {
      strbuf_adds(&sql, "DROP INDEX CONCURRENTLY IF EXISTS ");
      sql_qualified(&sql, PQgetvalue(r, 0, 0), a->lone.name);
    }
    PQclear(r);
  } else if (a->lone.kind == SQL_LONE_DETACH) {
    strbuf_addf(&sql, "ALTER TABLE %s DETACH PARTITION %s FINALIZE", name_of(arena, a->lone.schema, a->lone.table),
                name_of(arena, a->lone.part_schema, a->lone.name));
  }
  const char *text = sql.len ? strbuf_dup(&sql, arena) : NULL;
  strbuf_release(&sql);
  return text;
}

static void clear_up(const struct alone *a) {
  const char *sql = clearing(a);
  struct answer unused;
  if (sql && trace_of(a) == TRACE_PART)
    watch_run(&a->runner->watch, a->runner->arena, a->runner->connection, sql, &unused);
}

/* REINDEX CONCURRENTLY that was cut off leaves invalid twins: of this table, or of the table of this index. */
static void clear_twins(const struct alone *a) {
  if (!a->lone.table)
    return;
  const char *params[] = {name_of(a->runner->arena, a->lone.schema, a->lone.table)};
  PGresult *r = PQexecParams(
      a->runner->connection->pg,
      "SELECT n.nspname, x.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
      " JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace WHERE NOT i.indisvalid "
      " AND x.relname ~ '_cc(new|old)[0-9]*$'"
      " AND i.indrelid IN (SELECT pg_catalog.to_regclass($1) UNION SELECT o.indrelid FROM pg_catalog.pg_index o "
      "WHERE o.indexrelid = pg_catalog.to_regclass($1))",
      1, NULL, params, NULL, NULL, 0);
  const int rows = PQresultStatus(r) == PGRES_TUPLES_OK ? PQntuples(r) : 0;
  for (int i = 0; i < rows; i++) {
    struct strbuf sql = STRBUF_INIT;
    strbuf_adds(&sql, "DROP INDEX CONCURRENTLY IF EXISTS ");
    sql_qualified(&sql, PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
    query_ok(a->runner->connection, sql.text);
    strbuf_release(&sql);
  }
  PQclear(r);
}

/* ── old transactions ── */

static const char old_query[] =
    "SELECT pg_catalog.string_agg('pid ' || a.pid || ' (' || coalesce(nullif(a.application_name, ''), 'no name') || "
    "', user ' || coalesce(a.usename, '?')"
    " || ', ' || coalesce(a.state, '?') || ', for ' || pg_catalog.round(extract(epoch FROM "
    "pg_catalog.clock_timestamp() - a.xact_start)) || ' s)', '; ' ORDER BY a.pid)"
    " FROM pg_catalog.pg_stat_activity a WHERE a.datname = pg_catalog.current_database() AND "
    " a.pid <> pg_catalog.pg_backend_pid()"
    " AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL) AND a.backend_type = 'client backend'"
    " AND a.xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => $1::int)";

/* A concurrent build waits for every transaction that is older than it, with an invalid index in place that costs
 * every write: better to wait before than during. --lock-timeout 0 starts all the same. */
static bool old_transactions_gone(const struct alone *a) {
  struct runner *r = a->runner;
  char seconds[16];
  snprintf(seconds, sizeof seconds, "%d", OLD_SECONDS);
  const char *param = seconds, *who = "";
  for (long waited = 0; r->lock_timeout > 0; waited += POLL_MS) {
    PGresult *answer = PQexecParams(r->connection->pg, old_query, 1, NULL, &param, NULL, NULL, 0);
    const bool known = PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1;
    who = known && !PQgetisnull(answer, 0, 0) ? arena_strdup(r->arena, PQgetvalue(answer, 0, 0)) : "";
    PQclear(answer);
    if (!*who)
      return true;
    if (tool_interrupted || waited >= OLD_WAIT_MS)
      break;
    tell(r->teller, (struct event){.kind = EVENT_WAIT, .migration = a->migration, .text = who});
    pause_ms(POLL_MS);
  }
  if (r->lock_timeout == 0)
    return true;
  if (tool_interrupted) {
    interrupted_diagnose(r->diagnostics);
    return false;
  }
  diagnostic_hint(r->diagnostics,
                  diagnose(r->diagnostics, PDL_OLD_TRANSACTION, (struct span){.src = a->file->source},
                           "an old transaction would hold this up: %s", text_tame(r->arena, who)),
                  "End it (pg_terminate_backend) or wait for it, then run the command again; --lock-timeout 0 starts "
                  "beside it and waits as long as it takes.");
  return false;
}

/* ── the ledger ── */

static bool write_ledger(const struct alone *a, struct strbuf *sql) {
  const bool ok = ledger_change(a->runner->connection, a->runner->ledger, sql, a->runner->diagnostics);
  strbuf_release(sql);
  return ok;
}

/* A row of a run before may be of the file as it was then. */
static bool note_intent(const struct alone *a, bool up) {
  struct ledger *ledger = a->runner->ledger;
  struct strbuf sql = STRBUF_INIT;
  if (up) {
    ledger_remove(ledger, &sql, a->migration->version);
    ledger_add(ledger, a->runner->arena, &sql, a->migration, LEDGER_RUNNING, -1);
  } else {
    ledger_set(ledger, &sql, a->migration->version, LEDGER_UNDOING, -1, NULL);
  }
  ledger_log(ledger, &sql, up ? "up begun" : "down begun", a->migration, a->file->sha256, -1, a->runner->note);
  return write_ledger(a, &sql);
}

static bool note_done(const struct alone *a, bool up, double seconds) {
  const long long ms = (long long)(seconds * 1000 + 0.5);
  struct strbuf sql = STRBUF_INIT;
  if (up) {
    ledger_set(a->runner->ledger, &sql, a->migration->version, LEDGER_APPLIED, ms, NULL);
    ledger_add_foreign(a->runner->ledger, a->runner->arena, &sql, a->migration);
  } else {
    ledger_remove(a->runner->ledger, &sql, a->migration->version);
  }
  ledger_log(a->runner->ledger, &sql, up ? "up" : "down", a->migration, a->file->sha256, ms, a->runner->note);
  return write_ledger(a, &sql);
}

/* The name was taken before the file ran: what has it, valid or not, is not ours to drop. */
static bool is_of_others(const struct answer *answer) {
  return strcmp(answer->state, "42P07") == 0;
}

/* An up that failed and left nothing is pending again, with its error; a down that failed leaves the file applied. */
static void note_failure(const struct alone *a, bool up, const struct answer *answer, bool of_others) {
  const char *error = arena_printf(a->runner->arena, "%s (%s)", answer->message, answer->state);
  struct diagnostics unused; /* the failure itself is what counts */
  diagnostics_init(&unused, a->runner->arena);
  struct strbuf sql = STRBUF_INIT;
  if (up && of_others)
    ledger_remove(a->runner->ledger, &sql, a->migration->version);
  else
    ledger_set(a->runner->ledger, &sql, a->migration->version, up ? LEDGER_FAILED : LEDGER_APPLIED, -1, error);
  ledger_log(a->runner->ledger, &sql, up ? "up failed" : "down failed", a->migration, a->file->sha256, -1, error);
  (void)!ledger_change(a->runner->connection, a->runner->ledger, &sql, &unused);
  strbuf_release(&sql);
}

/* ── running ── */

/* What works concurrently waits for others as long as it takes, since nobody has to wait behind it; what may not be
 * in doubt afterwards, too. */
static bool session_begin(const struct alone *a) {
  const enum sql_lone_kind kind = a->lone.kind;
  const bool limited = kind == SQL_LONE_REPEATABLE || (kind == SQL_LONE_OTHER && a->migration->headed);
  struct strbuf sql = STRBUF_INIT;
  runner_settings(a->runner, false, &sql);
  strbuf_adds(&sql, "SET client_min_messages = debug1;"); /* how far a backfill is */
  if (!limited)
    strbuf_adds(&sql, "SET lock_timeout = 0;");
  const bool ok = query_ok(a->runner->connection, sql.text);
  strbuf_release(&sql);
  if (!ok)
    query_failed(a->runner->connection, "preparing the session", a->runner->diagnostics);
  return ok;
}

/* What migrate writes may always be run again. */
static bool repeatable(const struct alone *a) {
  return a->lone.kind != SQL_LONE_OTHER || a->migration->headed;
}

/* Deadlocks and timeouts that somebody set leave an invalid index: cleared away, and tried again. */
static bool run_statement(const struct alone *a, bool up, double *seconds) {
  struct runner *r = a->runner;
  struct answer answer;
  for (unsigned attempt = 1;; attempt++) {
    watch_run(&r->watch, r->arena, r->connection, a->sql, &answer);
    *seconds = answer.seconds;
    if (answer.ok)
      break;
    if (answer.lost)
      return runner_failed(r, a->migration, a->file, &answer,
                           "How far it came is looked up by the next pdlc up or down, which goes on from there.");
    if (!is_of_others(&answer))
      clear_up(a);
    const bool again = (strcmp(answer.state, "40P01") == 0 || strcmp(answer.state, "55P03") == 0) && repeatable(a);
    if (!again || attempt == TRIES || tool_interrupted) {
      note_failure(a, up, &answer, is_of_others(&answer));
      answer.position = 0; /* counted in the statement, not in the file */
      return runner_failed(r, a->migration, a->file, &answer,
                           a->lone.kind == SQL_LONE_OTHER
                               ? "It may have been done in part; see what stands before it runs again."
                               : "It left nothing.");
    }
    tell(r->teller, (struct event){.kind = EVENT_RETRY,
                                   .migration = a->migration,
                                   .text = answer.message,
                                   .attempt = attempt,
                                   .attempts = TRIES});
    pause_ms(500 * (long)attempt);
  }
  const enum trace trace = trace_of(a);
  if (trace == TRACE_DONE || trace == TRACE_UNKNOWN)
    return true;
  answer.message = "the statement ran, but the catalogs do not show what it should have made";
  note_failure(a, up, &answer, true);
  diagnostic_hint(
      r->diagnostics,
      diagnose(r->diagnostics, PDL_NOT_AS_MEANT, (struct span){.src = a->file->source}, "%s", answer.message),
      "An index of this name may be there already, not valid or of another table: drop it, then run the command "
      "again.");
  return false;
}

/* A file that was begun before. *run: whether there is anything left to do. */
static bool resume(const struct alone *a, bool *run) {
  struct runner *r = a->runner;
  switch (trace_of(a)) {
  case TRACE_DONE: *run = false; return true;
  case TRACE_PART: clear_up(a); *run = trace_of(a) != TRACE_DONE; return true;
  case TRACE_NONE: return true;
  default: break;
  }
  if (a->lone.kind == SQL_LONE_REINDEX)
    clear_twins(a);
  if (repeatable(a))
    return true;
  diagnostic_hint(r->diagnostics,
                  diagnose(r->diagnostics, PDL_MIGRATION_UNSETTLED, (struct span){.src = a->file->source},
                           "%s_%s was begun before and cut off; how far it came cannot be seen",
                           a->migration->version, a->migration->name),
                  "See what stands, then: pdlc repair %s --as applied, or --as pending, which lets it run again.",
                  a->migration->version);
  return false;
}

bool run_alone(struct runner *r, const struct migration *m, const struct migration_file *file, bool up,
               double *seconds) {
  struct alone a = {.runner = r, .migration = m, .file = file};
  size_t count;
  const struct sql_part *parts = sql_split(r->arena, file->source->text, file->source->len, &count);
  const struct ledger_row *row = ledger_find(r->ledger, m->version);
  const enum ledger_state state = row ? row->state : LEDGER_APPLIED;
  a.sql = count ? arena_strndup(r->arena, file->source->text + parts[0].from, parts[0].to - parts[0].from) : "";
  sql_read_lone(r->arena, a.sql, &a.lone);
  bool run = count > 0;
  if (!session_begin(&a) || ((state == LEDGER_RUNNING || state == LEDGER_UNDOING) && !resume(&a, &run)))
    return false;
  if (state == LEDGER_FAILED)
    clear_up(&a);
  if (run && !old_transactions_gone(&a))
    return false;
  return note_intent(&a, up) && (!run || run_statement(&a, up, seconds)) && note_done(&a, up, *seconds);
}
