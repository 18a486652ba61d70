/* A statement that may take long: sent, waited for, and meanwhile looked at from a second connection. */
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live/private.h"

enum { LOOK_FIRST_MS = 400, LOOK_MS = 1000, POLL_MS = 200 };

volatile sig_atomic_t tool_interrupted;

static void take_signal(int unused) {
  (void)unused;
  tool_interrupted = 1;
}

/* A second signal finds the default again and ends pdlc at once. */
void interrupts_catch(void) {
  struct sigaction action = {.sa_handler = take_signal, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

void interrupted_diagnose(struct diagnostics *d) {
  diagnostic_hint(d, diagnose(d, PDL_INTERRUPTED, NO_SPAN, "interrupted"),
                  "What was committed stands and is in the ledger; the same command goes on from there.");
}

void pause_ms(long ms) {
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

/* of a clock that nobody sets */
static long long clock_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void tell(const struct teller *teller, struct event event) {
  if (teller && teller->tell)
    teller->tell(teller->ctx, &event);
}

void watch_close(struct watch *w) {
  PQfinish(w->side);
  *w = (struct watch){.teller = w->teller};
}

/* An index build and how far it is; what it waits for is a lock like any other. */
static const char index_progress[] =
    "SELECT phase || CASE WHEN blocks_total > 0 AND blocks_done <= blocks_total THEN ': ' || 100 * blocks_done / "
    "blocks_total || ' %'"
    " WHEN tuples_total > 0 THEN ': ' || 100 * tuples_done / tuples_total || ' %'"
    " WHEN lockers_total > 0 THEN ': ' || lockers_done || ' of ' || lockers_total ELSE '' END"
    " FROM pg_catalog.pg_stat_progress_create_index WHERE pid = $1::int";

/* The one value that a query about a backend gives, or "". */
static void ask(PGconn *side, const char *sql, int pid, char *out, size_t size) {
  char number[16];
  snprintf(number, sizeof number, "%d", pid);
  const char *param = number;
  PGresult *r = PQexecParams(side, sql, 1, NULL, &param, NULL, NULL, 0);
  const bool known = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
  snprintf(out, size, "%s", known ? PQgetvalue(r, 0, 0) : "");
  PQclear(r);
}

static void look(struct watch *w, PGconn *pg, double seconds) {
  if (!w->tried)
    w->side = connection_second(pg, "pdlc (watching)");
  w->tried = true;
  if (w->side) {
    char text[sizeof w->blockers];
    ask(w->side, blockers_query, PQbackendPID(pg), text, sizeof text);
    if (*text) {
      snprintf(w->blockers, sizeof w->blockers, "%s", text);
      tell(w->teller,
           (struct event){.kind = EVENT_WAIT, .migration = w->migration, .text = w->blockers, .seconds = seconds});
      return;
    }
    ask(w->side, index_progress, PQbackendPID(pg), text, sizeof text);
    tell(w->teller, (struct event){.kind = EVENT_PROGRESS,
                                   .migration = w->migration,
                                   .text = *text ? text : w->notice,
                                   .seconds = seconds});
    return;
  }
  tell(w->teller,
       (struct event){.kind = EVENT_PROGRESS, .migration = w->migration, .text = w->notice, .seconds = seconds});
}

static void cancel(PGconn *pg) {
  char unused[256];
  PGcancel *c = PQgetCancel(pg);
  if (c)
    PQcancel(c, unused, sizeof unused);
  PQfreeCancel(c);
}

/* Of what is said in a low voice, what RAISE says. */
static void take_notice(void *ctx, const PGresult *r) {
  struct watch *w = ctx;
  const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY),
             *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char *by = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
  if (severity && strncmp(severity, "DEBUG", 5) == 0 && !(by && strcmp(by, "exec_stmt_raise") == 0))
    return;
  snprintf(w->notice, sizeof w->notice, "%s", text ? text : "");
}

/* Until a result can be had without waiting; false where the connection broke. */
static bool wait_for_result(struct watch *w, PGconn *pg, long long started, long long *next_look) {
  struct pollfd fd = {.fd = PQsocket(pg), .events = POLLIN};
  bool cancelled = tool_interrupted; /* what clears up after a signal is not cancelled by it */
  for (;;) {
    const int more = PQflush(pg);
    fd.events = (short)(more == 1 ? POLLIN | POLLOUT : POLLIN);
    if (PQconsumeInput(pg) == 0)
      return false;
    if (more == 0 && !PQisBusy(pg))
      return true;
    if (tool_interrupted && !cancelled) {
      cancel(pg);
      cancelled = true;
    }
    if (poll(&fd, 1, POLL_MS) < 0 && errno != EINTR)
      return false;
    const long long now = clock_ms();
    if (now >= *next_look) {
      look(w, pg, (double)(now - started) / 1000);
      *next_look = clock_ms() + LOOK_MS;
    }
  }
}

static const char *field(struct arena *arena, const PGresult *r, int code) {
  const char *text = PQresultErrorField(r, code);
  return arena_strdup(arena, text ? text : "");
}

static void take_error(struct arena *arena, const PGresult *r, struct answer *out) {
  const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
  out->ok = false;
  out->state = field(arena, r, PG_DIAG_SQLSTATE);
  out->message = field(arena, r, PG_DIAG_MESSAGE_PRIMARY);
  out->detail = field(arena, r, PG_DIAG_MESSAGE_DETAIL);
  out->hint = field(arena, r, PG_DIAG_MESSAGE_HINT);
  out->context = field(arena, r, PG_DIAG_CONTEXT);
  out->position = position ? strtoul(position, NULL, 10) : 0;
}

/* Rows are thrown away; data that COPY wants or gives has no place in a migration. */
static void take_result(struct arena *arena, PGconn *pg, PGresult *r, struct answer *out) {
  char *data;
  switch (PQresultStatus(r)) {
  case PGRES_COMMAND_OK: case PGRES_TUPLES_OK: case PGRES_EMPTY_QUERY: out->done++; break;
  case PGRES_SINGLE_TUPLE: break;
  case PGRES_COPY_IN: PQputCopyEnd(pg, "a migration has no data for COPY FROM STDIN"); break;
  case PGRES_COPY_OUT:
    while (PQgetCopyData(pg, &data, 0) > 0)
      PQfreemem(data);
    break;
  default:
    if (out->ok)
      take_error(arena, r, out);
  }
}

void watch_run(struct watch *w, struct arena *arena, struct connection *c, const char *sql, struct answer *out) {
  const long long started = clock_ms();
  long long next_look = started + LOOK_FIRST_MS;
  *out = (struct answer){.ok = true, .state = "", .message = "", .detail = "", .hint = "", .context = ""};
  w->notice[0] = w->blockers[0] = '\0';
  const PQnoticeReceiver former = PQsetNoticeReceiver(c->pg, take_notice, w);
  out->lost = PQsendQuery(c->pg, sql) != 1;
  PQsetSingleRowMode(c->pg);
  PQsetnonblocking(c->pg, 1);
  while (!out->lost) {
    out->lost = !wait_for_result(w, c->pg, started, &next_look);
    PGresult *r = out->lost ? NULL : PQgetResult(c->pg);
    if (!r)
      break;
    take_result(arena, c->pg, r, out);
    PQclear(r);
  }
  out->lost |= PQstatus(c->pg) != CONNECTION_OK;
  if (out->lost)
    out->ok = false;
  else
    PQsetnonblocking(c->pg, 0);
  PQsetNoticeReceiver(c->pg, former, NULL);
  out->seconds = (double)(clock_ms() - started) / 1000;
}
