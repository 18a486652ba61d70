/* Queries in a pipeline, rows for the kinds, and why a query failed. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "schema/schema.h"

const char *query_row_get(const struct row *row, int column) {
  return PQgetisnull(row->result, row->number, column) ? NULL : PQgetvalue(row->result, row->number, column);
}

bool query_send(struct connection *c, const char *sql, const char *param) {
  return PQsendQueryParams(c->pg, sql, strstr(sql, "$1") ? 1 : 0, NULL, &param, NULL, NULL, 0) == 1;
}

PGresult *query_receive(struct connection *c) {
  PGresult *r = PQgetResult(c->pg);
  if (r && PQresultStatus(r) != PGRES_PIPELINE_SYNC) {
    PGresult *end = PQgetResult(c->pg);
    PQclear(end);
  }
  return r;
}

void query_failed(struct connection *c, const char *what, struct diagnostics *d) {
  if (PQstatus(c->pg) != CONNECTION_OK) {
    diagnostic_hint(d, diagnose(d, PDL_CONNECTION_LOST, NO_SPAN, "connection to %s lost while %s", c->shown, what),
                    "Nothing of an open transaction stays; run the command again.");
    return;
  }
  const char *text = PQerrorMessage(c->pg);
  const size_t n = strcspn(text, "\n");
  diagnose(d, PDL_QUERY_FAILED, NO_SPAN, "%s failed: %.*s", what, (int)n, text);
}

const char *result_text(struct arena *arena, const PGresult *r, int row, int column) {
  return PQgetisnull(r, row, column) ? NULL : arena_strdup(arena, PQgetvalue(r, row, column));
}

PGresult *query_run(struct connection *c, const char *sql) {
  return PQexecParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 0);
}

bool query_ok(struct connection *c, const char *sql) {
  PGresult *r = PQexec(c->pg, sql);
  const ExecStatusType status = PQresultStatus(r);
  PQclear(r);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}
