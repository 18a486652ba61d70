/* statistics: `statistics name (kinds) on a, b from t`, or in the table's block without from. */
#include "objects/opaque.h"

static const struct opaque_form form = {.sql = "STATISTICS", .class_name = "pg_statistic_ext", .of_table = true};

/* From 15 on Postgres prints pg_temp, before that the schema's own name. */
#define QUERY(printed_schema)                                                                                         \
  "SELECT s.oid, n.nspname, s.stxname, NULL, " OPAQUE_COMMENT("pg_statistic_ext", "s.oid") ", s.stxrelid,"             \
  " pg_catalog.substr(d.def, pg_catalog.length('CREATE STATISTICS ' || " printed_schema " || '.' ||"                    \
  " pg_catalog.quote_ident(s.stxname)) + 1), false, NULL"                                                              \
  " FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace"                       \
  " CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_statisticsobjdef(s.oid) AS def) d"                                    \
  " WHERE n.oid = ANY ($1)" CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_statistic_ext", "s.oid")                           \
  " ORDER BY n.nspname, s.stxname"

static const char *query(int version) {
  return version >= 15 ? QUERY("CASE n.oid WHEN pg_catalog.pg_my_temp_schema() THEN 'pg_temp' ELSE pg_catalog.quote_ident(n.nspname) END")
                       : QUERY("pg_catalog.quote_ident(n.nspname)");
}

static void read(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_STATISTICS);
}

/* It goes with a column that is made anew. */
static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  return is_kind(on, KIND_COLUMN) && on->parent == o->parent && on->match && fields == REPLACED &&
         sql_names_column(((const struct opaque *)o)->definition.sql, on->name);
}

const struct kind statistics_kind = {
    OPAQUE_OPERATIONS,
    .word = "statistics",
    .form = &form,
    .ns = NS_KIND,
    .nodes = {NODE_STATISTICS_OBJECT},
    .outside = true,
    .scratch = true,
    .query = query,
    .sorts = "pg_statistic_ext",
    .read = read,
    .leans = leans,
};
