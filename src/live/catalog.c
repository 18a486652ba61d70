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

#define COUNT(word, from) "SELECT '" word "', pg_catalog.count(*) FROM " from
#define NOT_OWNED(class, oid) \
  " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog." class "'::pg_catalog.regclass AND e.objid = " oid " AND e.deptype = 'e')"
#define RELATIONS(word, kind) \
  COUNT(word, "pg_catalog.pg_class c JOIN scope ON c.relnamespace = scope.oid WHERE " kind NOT_OWNED("pg_class", "c.oid"))

#define CONSTRAINTS(word, which) COUNT(word, "pg_catalog.pg_constraint k JOIN scope ON k.connamespace = scope.oid WHERE " which)
#define SCOPE "WITH scope AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::text[])) "
/* The state of a trigger of a partition that has it from above. */
#define STATES                                                                                                        \
  COUNT("trigger state of a partition", "pg_catalog.pg_trigger t JOIN pg_catalog.pg_trigger above ON above.oid = t.tgparentid" \
        " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN scope ON c.relnamespace = scope.oid"                    \
        " WHERE NOT t.tgisinternal AND t.tgenabled <> above.tgenabled")
/* First come those that catalog_leftovers has statements for. */
enum { LEFTOVERS = 1 };
#define UNCOMPARED                                                                                                    \
  SCOPE CONSTRAINTS("comment on a domain''s check", "k.contypid <> 0 AND pg_catalog.obj_description(k.oid, 'pg_constraint') IS NOT NULL") \
  " UNION ALL " COUNT("base type", "pg_catalog.pg_type t JOIN scope ON t.typnamespace = scope.oid WHERE t.typtype IN ('b', 'p')" \
                      " AND t.oid NOT IN (SELECT e.typarray FROM pg_catalog.pg_type e)" NOT_OWNED("pg_type", "t.oid")) \
  " UNION ALL " RELATIONS("typed table", "c.relkind IN ('r', 'p') AND c.reloftype <> 0")                             \
  " UNION ALL " COUNT("statistics target of an index", "pg_catalog.pg_class c JOIN scope ON c.relnamespace = scope.oid" \
                      " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attstattarget >= 0 WHERE c.relkind = 'i'") \
  " UNION ALL " STATES
/* Postgres 18 */
#define UNCOMPARED_18                                                                                                 \
  " UNION ALL " CONSTRAINTS("temporal key", "k.conperiod")                                                            \
  " UNION ALL " CONSTRAINTS("constraint that is not enforced", "NOT k.conenforced")                                   \
  " UNION ALL " CONSTRAINTS("not null that is not valid", "k.contype = 'n' AND NOT k.convalidated")

void catalog_uncompared(struct arena *arena, struct connection *c, const struct names *names, bool leftovers,
                        struct diagnostics *d) {
  const char *param = catalog_array(arena, names);
  PGresult *r = PQexecParams(c->pg, c->version >= 18 ? UNCOMPARED UNCOMPARED_18 : UNCOMPARED, 1, NULL, &param, NULL, NULL, 0);
  struct strbuf list = STRBUF_INIT;
  const int rows = PQresultStatus(r) == PGRES_TUPLES_OK ? PQntuples(r) : 0;
  for (int i = 0; i < rows; i++) {
    const char *word = PQgetvalue(r, i, 0), *count = PQgetvalue(r, i, 1);
    if (strcmp(count, "0") == 0 || (i < LEFTOVERS && !leftovers))
      continue;
    size_t noun = 0; /* takes the s of the plural: "2 keys of x" */
    while (word[noun] && strncmp(word + noun, " of ", 4) != 0 && strncmp(word + noun, " on ", 4) != 0 && strncmp(word + noun, " that ", 6) != 0)
      noun++;
    strbuf_addf(&list, "%s%s %.*s%s%s", list.len ? ", " : "", count, (int)noun, word, strcmp(count, "1") == 0 ? "" : "s", word + noun);
  }
  if (list.len)
    diagnose(d, PDL_UNCOMPARED, NO_SPAN, "not compared, as PDL has no word for it yet: %s", list.text);
  strbuf_release(&list);
  PQclear(r);
}
