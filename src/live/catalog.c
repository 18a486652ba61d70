/* Reading a live database: each kind's query in one snapshot, all of them on their way at once. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "schema/schema.h"

/* {"a","b"}: the text form of an array (manual, 8.15.2). */
char *catalog_array(struct arena *arena, const struct names *names) {
  struct strbuf out = STRBUF_INIT;
  strbuf_addc(&out, '{');
  for (size_t i = 0; i < names->n; i++) {
    strbuf_adds(&out, i ? ",\"" : "\"");
    for (const char *p = names->v[i]; *p; p++) {
      if (*p == '"' || *p == '\\')
        strbuf_addc(&out, '\\');
      strbuf_addc(&out, *p);
    }
    strbuf_addc(&out, '"');
  }
  strbuf_addc(&out, '}');
  char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

static bool send(struct connection *c, const char *sql, const char *param) {
  return PQsendQueryParams(c->pg, sql, param ? 1 : 0, NULL, &param, NULL, NULL, 0) == 1;
}

/* The next result of the pipeline; what follows it up to the next query is taken off. */
static PGresult *receive(struct connection *c) {
  PGresult *r = PQgetResult(c->pg);
  if (r && PQresultStatus(r) != PGRES_PIPELINE_SYNC) {
    PGresult *end = PQgetResult(c->pg);
    PQclear(end);
  }
  return r;
}

static void read_rows(struct catalog *catalog, const struct kind *kind, const PGresult *r) {
  struct row row = {.get = query_row_get, .arena = catalog->schema->arena, .result = r};
  const int rows = PQntuples(r);
  for (row.number = 0; row.number < rows; row.number++)
    kind->read(catalog, &row);
}

/* One query a kind over the namespaces of this array, where there is something for it; false where one of them fails. */
static bool read_kinds(struct connection *c, struct catalog *catalog, const char *oids) {
  bool asked[KIND_COUNT] = {false};
  bool ok = catalog_probe(catalog->schema->arena, c, oids, &catalog->schema->sorts) && PQenterPipelineMode(c->pg) == 1;
  if (!ok)
    return false;
  for (int k = 0; ok && k < KIND_COUNT; k++) {
    asked[k] = kinds[k]->query && (!kinds[k]->sorts || catalog_has(catalog->schema, kinds[k]->sorts));
    if (asked[k])
      ok = send(c, kinds[k]->query(c->version), oids);
  }
  ok = PQpipelineSync(c->pg) == 1 && ok;
  for (int k = 0; ok && k < KIND_COUNT; k++) {
    if (!asked[k])
      continue;
    PGresult *r = receive(c);
    if (PQresultStatus(r) == PGRES_TUPLES_OK)
      read_rows(catalog, kinds[k], r);
    else
      ok = false;
    PQclear(r);
  }
  for (PGresult *r; PQstatus(c->pg) == CONNECTION_OK && (r = PQgetResult(c->pg)) != NULL;) {
    const bool end = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
    PQclear(r);
    if (end)
      break;
  }
  return PQexitPipelineMode(c->pg) == 1 && ok;
}

struct schema *catalog_of_namespaces(struct arena *arena, struct connection *c, const char *oids) {
  struct catalog catalog = {.schema = schema_new(arena), .version = c->version};
  catalog.schema->target.version = c->version;
  const bool ok = read_kinds(c, &catalog, oids);
  for (int k = 0; ok && k < KIND_COUNT; k++)
    if (kinds[k]->finish)
      kinds[k]->finish(&catalog);
  return ok ? catalog.schema : NULL;
}

#define NAMESPACES "SELECT coalesce(pg_catalog.array_agg(oid), '{}') FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::text[])"

/* The answer of one row and column, in the arena; NULL on failure. */
static char *ask(struct arena *arena, struct connection *c, const char *sql, const char *param) {
  PGresult *r = PQexecParams(c->pg, sql, param ? 1 : 0, NULL, &param, NULL, NULL, 0);
  char *answer = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 ? arena_strdup(arena, PQgetvalue(r, 0, 0)) : NULL;
  PQclear(r);
  return answer;
}

struct schema *catalog_read(struct arena *arena, struct connection *c, const struct names *names, struct diagnostics *d) {
  static const char what[] = "reading the catalogs";
  /* pg_get_expr takes a share lock on its table and would wait behind a migration for ever. */
  if (!query_ok(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '10s'")) {
    query_failed(c, what, d);
    return NULL;
  }
  const char *oids = ask(arena, c, NAMESPACES, catalog_array(arena, names));
  struct schema *s = oids ? catalog_of_namespaces(arena, c, oids) : NULL;
  if (!s)
    query_failed(c, what, d);
  query_ok(c, "ROLLBACK");
  return s;
}

bool catalog_schemas(struct arena *arena, struct connection *c, const struct names *wanted, const struct names *excluded,
                     struct diagnostics *d, struct names *out) {
  const char *params[] = {catalog_array(arena, wanted), catalog_array(arena, excluded)};
  PGresult *r = PQexecParams(c->pg,
                             "SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%'"
                             " AND n.nspname <> 'information_schema' AND NOT n.nspname = ANY ($2::text[])"
                             " AND (n.nspname NOT IN ('pdlc', 'supabase_migrations') OR n.nspname = ANY ($1::text[]))"
                             " AND ($1::text[] = '{}' OR n.nspname = ANY ($1::text[]))"
                             " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
                             " AND e.objid = n.oid AND e.deptype = 'e') ORDER BY n.nspname",
                             2, NULL, params, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const int rows = ok ? PQntuples(r) : 0;
  if (!ok)
    query_failed(c, "reading the catalogs", d);
  *out = (struct names){.v = arena_array(arena, (size_t)rows, sizeof *out->v), .n = (size_t)rows};
  for (int i = 0; i < rows; i++)
    out->v[i] = arena_strdup(arena, PQgetvalue(r, i, 0));
  PQclear(r);
  bool all = true;
  for (size_t i = 0; ok && i < wanted->n; i++)
    if (!names_hold(*out, wanted->v[i])) {
      diagnose(d, PDL_NO_SUCH_SCHEMA, NO_SPAN, "%s has no schema \"%s\"", c->shown, wanted->v[i]);
      all = false;
    }
  return ok && all;
}
