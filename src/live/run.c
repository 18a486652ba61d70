/* Running migrations: a file is a transaction, and its row in the ledger is written by that same transaction. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live/private.h"
#include "sql/sql.h"

enum { ATTEMPTS = 10, PAUSE_FIRST_MS = 200, PAUSE_MOST_MS = 5000, RECONNECTS = 60, RECONNECT_MS = 500 };

/* Of a new session. */
static bool prepare(struct runner *r) {
  if (!connection_pin(r->connection)) {
    query_failed(r->connection, "preparing the session", r->diagnostics);
    return false;
  }
  /* Not on every system, and from 14 on: the server looks whether a transaction's client is still there. */
  r->checks_client =
      r->connection->version >= 14 && query_ok(r->connection, "SET client_connection_check_interval = '2s'");
  /* A client that lost its network holds the lock no longer than this. */
  query_ok(r->connection,
           "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3");
  return true;
}

bool runner_start(struct runner *r) {
  r->watch = (struct watch){.teller = r->teller};
  return prepare(r);
}

void runner_end(struct runner *r) {
  if (r->open) /* for a file that was not run */
    query_ok(r->connection, "ROLLBACK");
  r->open = false;
  watch_close(&r->watch);
}

static bool moved(struct runner *r) {
  diagnostic_hint(
      r->diagnostics,
      diagnose(r->diagnostics, PDL_LEDGER_MOVED, NO_SPAN, "the ledger was changed by somebody else during the run"),
      "pdlc status shows what stands; run the command again.");
  return false;
}

/* Opens the transaction of a file, and looks where the ledger stands: nobody else writes to it until the end. */
static void add_opening(const struct runner *r, struct strbuf *sql) {
  strbuf_adds(sql, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;");
  runner_settings(r, true, sql);
  strbuf_addf(sql,
              "LOCK TABLE %shistory IN SHARE ROW EXCLUSIVE MODE;"
              "SELECT coalesce(pg_catalog.max(id), 0), pg_catalog.pg_current_xact_id() FROM %shistory",
              r->ledger->prefix, r->ledger->prefix);
}

/* What the opening answered. */
static bool take_opening(struct runner *r, const PGresult *answer) {
  r->open = PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1;
  if (r->open) {
    r->head = strtoll(PQgetvalue(answer, 0, 0), NULL, 10);
    snprintf(r->xid, sizeof r->xid, "%s", PQgetvalue(answer, 0, 1));
  }
  return r->open;
}

/* A transaction that the end of the file before has not opened is opened now. The ledger must stand where this run
 * left it. */
static bool begin(struct runner *r) {
  if (!r->open) {
    struct strbuf sql = STRBUF_INIT;
    add_opening(r, &sql);
    PGresult *answer = PQexec(r->connection->pg, sql.text);
    strbuf_release(&sql);
    if (!take_opening(r, answer))
      query_failed(r->connection, "opening a transaction", r->diagnostics);
    PQclear(answer);
  }
  const bool ok = r->open && (r->head == r->ledger->head || moved(r));
  if (!ok)
    query_ok(r->connection, "ROLLBACK");
  r->open = false;
  return ok;
}

/* ── a lost connection ── */

enum outcome { OUTCOME_UNKNOWN, OUTCOME_COMMITTED, OUTCOME_ROLLED_BACK };

/* Whether the ledger says that the transaction which was to write (or to strike out) this row was committed. */
static enum outcome look_up(struct runner *r, const struct migration *m, bool up) {
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql, "SELECT pg_catalog.pg_xact_status('%s'::pg_catalog.xid8)", r->xid);
  PGresult *a = query_run(r->connection, sql.text); /* fails on a server that took over and never saw it */
  const bool open = PQresultStatus(a) == PGRES_TUPLES_OK && strcmp(PQgetvalue(a, 0, 0), "in progress") == 0;
  PQclear(a);
  strbuf_clear(&sql);
  strbuf_addf(&sql,
              "SELECT EXISTS (SELECT FROM %smigrations WHERE state = 'applied' AND version = ", r->ledger->prefix);
  sql_literal(&sql, m->version);
  strbuf_addf(&sql, "), coalesce(pg_catalog.max(id), 0) FROM %shistory", r->ledger->prefix);
  a = open ? NULL : query_run(r->connection, sql.text);
  strbuf_release(&sql);
  enum outcome outcome = OUTCOME_UNKNOWN;
  if (PQresultStatus(a) == PGRES_TUPLES_OK) {
    outcome = (PQgetvalue(a, 0, 0)[0] == 't') == up ? OUTCOME_COMMITTED : OUTCOME_ROLLED_BACK;
    r->ledger->head = strtoll(PQgetvalue(a, 0, 1), NULL, 10);
  }
  PQclear(a);
  return outcome;
}

/* The connection broke while COMMIT was on its way. The backend that had it holds the lock until it is gone:
 * whoever has the lock sees in the ledger what became of it. */
static bool settle(struct runner *r, const struct migration *m, const struct migration_file *file, bool up) {
  static const char text[] = "the connection was lost while committing; asking the server what became of it";
  tell(r->teller, (struct event){.kind = EVENT_WAIT, .migration = m, .text = text});
  enum outcome outcome = OUTCOME_UNKNOWN;
  for (int i = 0; i < RECONNECTS && outcome == OUTCOME_UNKNOWN && !tool_interrupted; i++) {
    if (i > 0)
      pause_ms(RECONNECT_MS);
    if (PQstatus(r->connection->pg) != CONNECTION_OK)
      PQreset(r->connection->pg);
    if (PQstatus(r->connection->pg) != CONNECTION_OK)
      continue;
    struct diagnostics unused; /* who holds the lock will let it go, or the next round asks again */
    diagnostics_init(&unused, r->arena);
    if (database_lock(r->connection, r->teller, &unused) && prepare(r))
      outcome = look_up(r, m, up);
  }
  if (outcome == OUTCOME_COMMITTED)
    return true;
  diagnostic_hint(
      r->diagnostics,
      diagnose(r->diagnostics, PDL_CONNECTION_LOST, (struct span){.src = file->source},
               "connection to %s lost while committing %s_%s", r->connection->shown, m->version, m->name),
      outcome == OUTCOME_ROLLED_BACK
          ? "The server rolled the file back; run the command again."
          : "Whether it was committed is not known yet; pdlc status will show it when the server is back.");
  return false;
}

/* ── a file that is a transaction ── */

static bool retries(const struct answer *a) {
  return strcmp(a->state, "55P03") == 0 || strcmp(a->state, "40P01") == 0;
}

/* So that two that are in each other's way do not stay so. */
static void pause_jittered(unsigned attempt) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  long ms = PAUSE_FIRST_MS << (attempt < 5 ? attempt : 5);
  if (ms > PAUSE_MOST_MS)
    ms = PAUSE_MOST_MS;
  pause_ms(ms / 2 + now.tv_nsec / 1000 % ms);
}

static long long milliseconds(double seconds) {
  return (long long)(seconds * 1000 + 0.5);
}

/* The row, COMMIT, and in the same message what opens the next file's transaction, which is tried again if that
 * fails. False where it was not committed (diagnosed). */
static bool finish(struct runner *r, const struct migration *m, const struct migration_file *file, bool up,
                   bool opens, double seconds) {
  struct strbuf sql = STRBUF_INIT;
  const struct ledger_row *row = ledger_find(r->ledger, m->version);
  strbuf_adds(&sql, "RESET SESSION AUTHORIZATION; RESET ROLE;");
  if (up && row && row->state != LEDGER_APPLIED) /* a way back that was cut off */
    ledger_remove(r->ledger, &sql, row->version);
  if (up)
    ledger_add(r->ledger, r->arena, &sql, m, LEDGER_APPLIED, milliseconds(seconds));
  else
    ledger_remove(r->ledger, &sql, m->version);
  ledger_log(r->ledger, &sql, up ? "up" : "down", m, file->sha256, milliseconds(seconds), r->note);
  strbuf_adds(&sql, "COMMIT");
  if (opens) {
    strbuf_adds(&sql, ";");
    add_opening(r, &sql);
  }
  PGresult *last = NULL;
  const bool ok = ledger_commit(r->connection, r->ledger, sql.text, opens ? &last : NULL);
  strbuf_release(&sql);
  if (ok && opens && !take_opening(r, last))
    query_ok(r->connection, "ROLLBACK");
  PQclear(last);
  if (ok)
    return true;
  if (PQstatus(r->connection->pg) != CONNECTION_OK)
    return settle(r, m, file, up);
  const char *text = PQerrorMessage(r->connection->pg);
  diagnostic_hint(r->diagnostics,
                  diagnose(r->diagnostics, PDL_MIGRATION_FAILED, (struct span){.src = file->source},
                           "committing failed: %.*s", (int)strcspn(text, "\n"), text_tame(r->arena, text)),
                  "Nothing of this file stays.");
  query_ok(r->connection, "ROLLBACK");
  return false;
}

static bool run_transaction(struct runner *r, const struct migration *m, const struct migration_file *file, bool up,
                            bool opens, double *seconds) {
  static const char stands[] = "Nothing of this file stays.";
  for (unsigned attempt = 1;; attempt++) {
    struct answer answer;
    if (!begin(r))
      return false;
    watch_run(&r->watch, r->arena, r->connection, file->source->text, &answer);
    *seconds = answer.seconds;
    if (answer.ok && PQtransactionStatus(r->connection->pg) == PQTRANS_INTRANS)
      return (!r->look || r->look(r->look_ctx, file)) && finish(r, m, file, up, opens, answer.seconds);
    if (answer.ok) {
      diagnose(r->diagnostics, PDL_MIGRATION_FAILED, (struct span){.src = file->source},
               "the file ended its own transaction");
      return false;
    }
    if (!answer.lost)
      query_ok(r->connection, "ROLLBACK");
    if (answer.lost || !retries(&answer) || attempt == ATTEMPTS || tool_interrupted)
      return runner_failed(r, m, file, &answer, stands);
    tell(r->teller, (struct event){.kind = EVENT_RETRY,
                                   .migration = m,
                                   .text = *r->watch.blockers ? r->watch.blockers : answer.message,
                                   .attempt = attempt,
                                   .attempts = ATTEMPTS});
    pause_jittered(attempt);
  }
}

bool runner_run(struct runner *r, const struct migration *m, bool up, const struct migration *next) {
  const struct migration_file *file = up ? &m->up : &m->down;
  double seconds = 0;
  if (tool_interrupted) {
    interrupted_diagnose(r->diagnostics);
    return false;
  }
  r->watch.migration = m;
  tell(r->teller, (struct event){.kind = EVENT_START, .migration = m, .up = up});
  const bool opens = next && (up ? &next->up : &next->down)->transaction;
  const bool ok =
      file->transaction ? run_transaction(r, m, file, up, opens, &seconds) : run_alone(r, m, file, up, &seconds);
  if (ok)
    tell(r->teller, (struct event){.kind = EVENT_DONE, .migration = m, .up = up, .seconds = seconds});
  return ok;
}
