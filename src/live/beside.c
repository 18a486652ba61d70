/* A second session with the snapshot of the first: a server has more than one core, and works off two rows of queries
 * in less time than one. Where no second session is to be had, the first is asked. */
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "sql/sql.h"

enum { QUERIES_MAX = KIND_COUNT + LOOKUP_COUNT, WAIT_MS = 2000 };

struct beside {
  struct connection own, *of;
  const char *begin, *param;
  const char *queries[QUERIES_MAX];
  PGresult *results[QUERIES_MAX];
  size_t count, taken;
  struct sql_thread *thread;
  bool ok;
};

struct beside *beside_open(struct arena *arena, struct connection *c, const char *param) {
  PGresult *r = query_run(c, "SELECT pg_catalog.pg_export_snapshot()");
  struct beside *b = NULL;
  if (PQresultStatus(r) == PGRES_TUPLES_OK) {
    b = arena_alloc(arena, sizeof *b);
    *b = (struct beside){.of = c, .param = param};
    b->begin = arena_printf(arena, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '%s';"
                            " SET LOCAL lock_timeout = '10s'; %s",
                            PQgetvalue(r, 0, 0), catalog_planner);
  }
  PQclear(r);
  return b;
}

void beside_add(struct beside *b, const char *sql) {
  b->queries[b->count++] = sql;
}

/* A pooler may let one more in and keep it waiting until the first has gone. */
static bool is_served(PGconn *pg) {
  struct pollfd fd = {.fd = PQsocket(pg), .events = POLLIN};
  while (PQisBusy(pg))
    if (PQflush(pg) < 0 || poll(&fd, 1, WAIT_MS) <= 0 || !PQconsumeInput(pg))
      return false;
  return true;
}

static bool begin(PGconn *pg, const char *sql) {
  bool ok = PQsendQuery(pg, sql) == 1 && is_served(pg);
  for (PGresult *r; ok && (r = PQgetResult(pg)) != NULL; PQclear(r))
    ok = PQresultStatus(r) == PGRES_COMMAND_OK;
  return ok;
}

static int work(void *arg) {
  struct beside *b = arg;
  b->own = (struct connection){.pg = connection_second(b->of->pg, "pdlc (beside)"), .version = b->of->version};
  PGconn *pg = b->own.pg;
  bool ok = pg && begin(pg, b->begin) && connection_pin(&b->own) && PQenterPipelineMode(pg) == 1;
  for (size_t i = 0; ok && i < b->count; i++)
    ok = query_send(&b->own, b->queries[i], b->param);
  ok = ok && PQpipelineSync(pg) == 1;
  for (size_t i = 0; ok && i < b->count; i++) {
    b->results[i] = query_receive(&b->own);
    ok = PQresultStatus(b->results[i]) == PGRES_TUPLES_OK;
  }
  return b->ok = ok;
}

void beside_start(struct beside *b) {
  b->thread = sql_thread_start(work, b);
}

struct pg_result *beside_take(struct beside *b) {
  if (b->thread)
    sql_thread_join(b->thread);
  b->thread = NULL;
  if (!b->ok)
    return NULL;
  PGresult *r = b->results[b->taken];
  b->results[b->taken++] = NULL;
  return r;
}

void beside_close(struct beside *b) {
  if (b->thread)
    sql_thread_join(b->thread);
  for (size_t i = 0; i < b->count; i++)
    PQclear(b->results[i]);
  PQfinish(b->own.pg);
}
