/* What a database has at all: queries for what nobody made are not sent. A word stands for a catalog, or for its rows
 * of one sort ("class r"); it is found where these namespaces, or the database where the catalog has none, hold one row
 * of users. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "schema/schema.h"

/* Catalogs without statistics make for nested loops that take seconds; which order of many joins is the best, and
 * whether to merge or to hash, takes longer to find out than it saves: they are written in a good one. */
#define SET(name, value) "pg_catalog.set_config('" name "', '" value "', true)"
#define PLANNER                                                                                                       \
  "pg_catalog.concat(" SET("enable_nestloop", "off") ", " SET("jit", "off") ", " SET("join_collapse_limit", "1") ", " \
  SET("from_collapse_limit", "1") ", " SET("work_mem", "64MB") ", " SET("enable_mergejoin", "off") ", "              \
  SET("enable_material", "off") ", " SET("enable_incremental_sort", "off") ", "                                       \
  SET("max_parallel_workers_per_gather", "0") ")"
#define EACH_SORT(word, letter, table, namespace)                                                                     \
  "SELECT DISTINCT '" word " ' || t." letter "::text FROM pg_catalog." table " t WHERE t." namespace " = ANY ($1)"
#define ANY_ROW(table, where)                                                                                         \
  " UNION ALL SELECT '" table "' WHERE EXISTS (SELECT FROM pg_catalog." table " t WHERE " where ")"
#define OF_USERS(table) ANY_ROW(table, "t.oid >= 16384") /* FirstNormalObjectId */
/* What lives in a namespace depends on it, but row types, constraints, indexes and what belongs to other parts. */
static const char query[] =
    "SELECT " PLANNER " UNION ALL " EACH_SORT("class", "relkind", "pg_class", "relnamespace")
    " UNION ALL " EACH_SORT("constraint", "contype", "pg_constraint", "connamespace")
    " UNION ALL SELECT DISTINCT d.classid::pg_catalog.regclass::text FROM pg_catalog.pg_depend d"
    " WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = ANY ($1)"
    ANY_ROW("pg_trigger", "NOT t.tgisinternal") ANY_ROW("pg_rewrite", "t.oid >= 16384 AND t.rulename <> '_RETURN'")
    " UNION ALL SELECT 'index of an expression' WHERE EXISTS (SELECT FROM pg_catalog.pg_index t"
    " WHERE t.indexprs IS NOT NULL AND t.indexrelid >= 16384)"
    " UNION ALL SELECT 'typed table' WHERE EXISTS (SELECT FROM pg_catalog.pg_class t WHERE t.reloftype <> 0)"
    " UNION ALL SELECT 'forced table' WHERE EXISTS (SELECT FROM pg_catalog.pg_class t"
    " WHERE t.relforcerowsecurity AND NOT t.relrowsecurity)"
    ANY_ROW("pg_extension", "t.extname <> 'plpgsql'")
    OF_USERS("pg_cast") OF_USERS("pg_language") OF_USERS("pg_am") OF_USERS("pg_transform") OF_USERS("pg_policy")
    OF_USERS("pg_foreign_data_wrapper") OF_USERS("pg_foreign_server") OF_USERS("pg_event_trigger")
    OF_USERS("pg_publication") OF_USERS("pg_default_acl");

bool catalog_probe(struct arena *arena, struct connection *c, const char *oids, struct names *out) {
  PGresult *r = PQexecParams(c->pg, query, 1, NULL, &oids, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const int rows = ok ? PQntuples(r) : 0;
  *out = (struct names){.v = arena_array(arena, (size_t)rows, sizeof *out->v)};
  for (int i = 0; i < rows; i++)
    out->v[out->n++] = arena_strdup(arena, PQgetvalue(r, i, 0));
  PQclear(r);
  return ok;
}

bool catalog_has(const struct schema *s, const char *words) {
  for (const char *word = words; *word;) {
    const size_t n = strcspn(word, ",");
    for (size_t i = 0; i < s->sorts.n; i++)
      if (strlen(s->sorts.v[i]) == n && memcmp(s->sorts.v[i], word, n) == 0)
        return true;
    word += n + strspn(word + n, ", ");
  }
  return false;
}
