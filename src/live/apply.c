/* Running a plan: transactions as large as the server's lock table bears. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "diff/diff.h"
#include "live/private.h"
#include "objects/objects.h"
#include "schema/schema.h"

enum { BATCH_BYTES = 256 * 1024 };

unsigned lock_budget(struct connection *c) {
  PGresult *r = query_run(c, "SELECT current_setting('max_locks_per_transaction')::int *"
                             " (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) / 2");
  const unsigned budget =
      PQresultStatus(r) == PGRES_TUPLES_OK ? (unsigned)strtoul(PQgetvalue(r, 0, 0), NULL, 10) : 3200;
  PQclear(r);
  return budget > 64 ? budget : 64;
}

static bool begin(struct connection *c, const char *search_path) {
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql, "BEGIN; SET LOCAL search_path = %s; SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = 0;"
              " SET LOCAL check_function_bodies = off; SET LOCAL transform_null_equals = off",
              search_path);
  const bool ok = query_ok(c, sql.text);
  strbuf_release(&sql);
  return ok;
}

static const char *field_of(const PGresult *r, int field) {
  const char *text = PQresultErrorField(r, field);
  return text ? text : "";
}

static void step_failed(struct arena *arena, const struct step *step, const PGresult *r, struct diagnostics *d) {
  const struct object *o = step->object;
  const char *state = field_of(r, PG_DIAG_SQLSTATE), *detail = field_of(r, PG_DIAG_MESSAGE_DETAIL);
  const char *hint = field_of(r, PG_DIAG_MESSAGE_HINT);
  struct diagnostic *found = diagnose(d, PDL_APPLY_FAILED, o->span, "%s: %s (%s)", object_title(arena, o),
                                      field_of(r, PG_DIAG_MESSAGE_PRIMARY), state);
  if (strcmp(state, "42501") == 0)
    diagnostic_hint(d, found, "The role of the connection may not do this; connect as the owner of the schema.");
  else if (strcmp(state, "55P03") == 0)
    diagnostic_hint(d, found, "Another session holds a lock on a table that is needed; try again when it is done.");
  else if (strcmp(state, "23502") == 0)
    diagnostic_hint(d, found,
                    "Rows have no value there: say which with backfill (expression), or give the column a default.");
  else if (strcmp(state, "2BP01") == 0)
    diagnostic_hint(d, found, "%s%sWhat the schema does not speak of is never dropped along.", detail,
                    *detail ? " " : "");
  else if (strcmp(state, "58P01") == 0 && is_kind(o, KIND_EXTENSION))
    diagnostic_hint(d, found, "The extension is not installed on the server.");
  else if (*detail || *hint)
    diagnostic_hint(d, found, "%s%s%s", detail, *detail && *hint ? " " : "", hint);
}

/* Again, one by one, to find the step that the server refused; the transaction is rolled back either way. */
static void find_failure(struct arena *arena, struct connection *c, const struct step *steps, size_t count,
                         const char *search_path, struct diagnostics *d) {
  query_ok(c, "ROLLBACK");
  if (PQstatus(c->pg) != CONNECTION_OK || !begin(c, search_path)) {
    query_failed(c, "applying", d);
    return;
  }
  query_ok(c, "SET LOCAL lock_timeout = '2s'"); /* what was waited for in vain is known by now */
  const size_t errors = d->errors;
  for (size_t i = 0; i < count && d->errors == errors; i++) {
    PGresult *r = PQexec(c->pg, steps[i].sql);
    if (PQresultStatus(r) == PGRES_FATAL_ERROR) {
      if (PQstatus(c->pg) == CONNECTION_OK)
        step_failed(arena, &steps[i], r, d);
      else
        query_failed(c, "applying", d);
    }
    PQclear(r);
  }
  query_ok(c, "ROLLBACK");
  if (d->errors == errors)
    diagnostic_hint(d, diagnose(d, PDL_APPLY_FAILED, NO_SPAN, "the server refused the changes, but not a second time"),
                    "Another session may have been in the way; run the command again.");
}

/* The connection broke while COMMIT was on its way: the server knows whether it arrived. */
static bool settle_commit(struct connection *c, const char *xid, struct diagnostics *d) {
  for (int i = 0; i < 20; i++) {
    PQreset(c->pg);
    if (PQstatus(c->pg) == CONNECTION_OK) {
      const char *status = "";
      PGresult *r =
          PQexecParams(c->pg, "SELECT pg_catalog.pg_xact_status($1::pg_catalog.xid8)", 1, NULL, &xid, NULL, NULL, 0);
      if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1)
        status = PQgetvalue(r, 0, 0);
      const bool committed = strcmp(status, "committed") == 0, aborted = strcmp(status, "aborted") == 0;
      PQclear(r);
      if (committed)
        return true;
      if (aborted) {
        diagnostic_hint(d,
                        diagnose(d, PDL_CONNECTION_LOST, NO_SPAN, "connection to %s lost while committing", c->shown),
                        "The server rolled the transaction back; run the command again.");
        return false;
      }
    }
    nanosleep(&(struct timespec){.tv_nsec = 500 * 1000000L}, NULL);
  }
  diagnostic_hint(d, diagnose(d, PDL_CONNECTION_LOST, NO_SPAN, "connection to %s lost while committing", c->shown),
                  "Whether the last transaction was committed is not known; pdlc diff shows what stands.");
  return false;
}

static bool commit(struct connection *c, struct diagnostics *d) {
  char xid[32] = "";
  PGresult *r = query_run(c, "SELECT pg_catalog.pg_current_xact_id()");
  if (PQresultStatus(r) == PGRES_TUPLES_OK)
    snprintf(xid, sizeof xid, "%s", PQgetvalue(r, 0, 0));
  PQclear(r);
  r = PQexec(c->pg, "COMMIT");
  const bool ok = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), "COMMIT") == 0;
  PQclear(r);
  if (ok)
    return true;
  if (PQstatus(c->pg) != CONNECTION_OK && *xid)
    return settle_commit(c, xid, d);
  query_failed(c, "committing", d);
  return false;
}

/* Before anything stands: whether views have what they declare. */
static bool check_views(struct arena *arena, struct connection *c, const struct schema *schema, struct diagnostics *d) {
  size_t count = 0;
  for (const struct object *o = schema->first; o; o = o->next)
    count += (is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW)) && ((const struct sql_view *)o)->columns.n;
  if (count == 0)
    return true;
  const struct object **views = arena_array(arena, count, sizeof *views);
  struct names schemas = {arena_array(arena, count, sizeof(char *)), 0},
               names = {arena_array(arena, count, sizeof(char *)), 0};
  for (const struct object *o = schema->first; o; o = o->next)
    if ((is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW)) && ((const struct sql_view *)o)->columns.n) {
      views[names.n] = o;
      schemas.v[schemas.n++] = o->schema;
      names.v[names.n++] = o->name;
    }
  const char *params[] = {catalog_array(arena, &schemas), catalog_array(arena, &names)};
  PGresult *r = PQexecParams(c->pg, view_columns_query, 2, NULL, params, NULL, NULL, 0);
  bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  if (!ok)
    query_failed(c, "reading the columns of views", d);
  struct row row = {.get = query_row_get, .arena = arena, .result = r};
  for (const int rows = ok ? PQntuples(r) : 0; row.number < rows; row.number++)
    ok &= view_agrees(views[row_int(&row, 0) - 1], &row, d);
  PQclear(r);
  return ok;
}

/* Steps of one transaction, many to a message. views: the model whose views are looked at before it is committed, or
 * NULL. */
static bool run(struct arena *arena, struct connection *c, const struct step *steps, size_t count,
                const char *search_path, const struct schema *views, struct diagnostics *d) {
  if (!begin(c, search_path)) {
    query_failed(c, "applying", d);
    return false;
  }
  struct strbuf batch = STRBUF_INIT;
  bool ok = true;
  for (size_t i = 0; ok && i < count; i++) {
    strbuf_adds(&batch, steps[i].sql);
    if (batch.len < BATCH_BYTES && i + 1 < count)
      continue;
    ok = query_ok(c, batch.text) && PQtransactionStatus(c->pg) == PQTRANS_INTRANS;
    strbuf_clear(&batch);
  }
  strbuf_release(&batch);
  if (ok && (!views || check_views(arena, c, views, d)))
    return commit(c, d);
  if (ok)
    query_ok(c, "ROLLBACK");
  else if (PQstatus(c->pg) == CONNECTION_OK)
    find_failure(arena, c, steps, count, search_path, d);
  else
    query_failed(c, "applying", d);
  return false;
}

bool apply_plan(struct arena *arena, struct connection *c, const struct schema *schema, const struct plan *plan,
                const char *search_path, struct diagnostics *d, struct applied *out) {
  *out = (struct applied){0};
  const unsigned budget = lock_budget(c);
  bool ok = true;
  for (size_t from = 0, to; ok && from < plan->count; from = to) {
    unsigned held = 0;
    bool open = true;
    for (to = from; to < plan->count && open && (to == from || held + plan->steps[to].locks <= budget); to++) {
      held += plan->steps[to].locks;
      open = !plan->steps[to].commits;
    }
    ok = run(arena, c, plan->steps + from, to - from, search_path, to == plan->count ? schema : NULL, d);
    if (!ok)
      break;
    out->steps += to - from;
    out->transactions++;
  }
  if (!ok && out->transactions > 0)
    diagnostic_hint(d,
                    diagnose(d, PDL_APPLIED_IN_PART, NO_SPAN, "%zu of %zu steps stand, committed in %zu transactions",
                             out->steps, plan->count, out->transactions),
                    "One transaction could not hold the plan; the next push goes on from here.");
  return ok;
}
