/* What PDL has no form for but Postgres has a statement: base types, what Realtime sends of a table, what is said of what
 * a table has from above, and the like. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "objects/opaque.h"

#define NAME(schema, name) "pg_catalog.quote_ident(" schema ") || '.' || pg_catalog.quote_ident(" name ")"
/* What Realtime sends of a table, where that is not all of it (Postgres 15). */
#define REALTIME                                                                                                      \
  "SELECT n.nspname, c.relname, c.relname || '_realtime', 'ALTER PUBLICATION supabase_realtime ADD TABLE ' ||"         \
  " " NAME("n.nspname", "c.relname") " || coalesce(' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', '" \
  " ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')', '') ||" \
  " coalesce(' WHERE (' || pg_catalog.pg_get_expr(r.prqual, r.prrelid) || ')', '') || E';\n',"                         \
  " 'ALTER PUBLICATION supabase_realtime DROP TABLE ' || " NAME("n.nspname", "c.relname") " || E';\n'"                 \
  " FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid"                       \
  " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid"                                                                  \
  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1::pg_catalog.text[])"             \
  " WHERE p.pubname = 'supabase_realtime' AND " CATALOG_OF_PLATFORM                                                   \
  " AND (r.prattrs IS NOT NULL OR r.prqual IS NOT NULL) ORDER BY 1, 2"

/* A base type goes around in a circle with the functions that read and write it: they come in one block. A function
 * that several types have comes with the first of them. */
#define OPTION(word, value) " || coalesce(', " word " = ' || " value ", '')"
#define FUNCTION_OPTION(word, column) OPTION(word, "nullif(pg_catalog.to_jsonb(t)->>'" column "', '-')")
#define BASE_TYPES                                                                                                    \
  "WITH owned AS (SELECT f.x AS proc, (pg_catalog.array_agg(b.oid ORDER BY b.typname, b.oid))[1] AS type FROM pg_catalog.pg_type b CROSS JOIN LATERAL"     \
  " (" CATALOG_TYPE_FUNCTIONS("b") ") f(x) JOIN pg_catalog.pg_proc p ON p.oid = f.x JOIN pg_catalog.pg_namespace pn"   \
  " ON pn.oid = p.pronamespace AND pn.nspname = ANY ($1::pg_catalog.text[])"                                          \
  " WHERE b.typtype = 'b' AND b.oid NOT IN (SELECT e.typarray FROM pg_catalog.pg_type e)"                              \
  CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "b.oid") " GROUP BY f.x) SELECT NULL, NULL, t.typname, 'CREATE TYPE ' || " NAME("n.nspname", "t.typname") " || E';\n' || CASE WHEN t.typisdefined THEN" \
  " coalesce((SELECT pg_catalog.string_agg(pg_catalog.pg_get_functiondef(o.proc) || E';\\n', '' ORDER BY o.proc::pg_catalog.regprocedure::pg_catalog.text) FROM owned o" \
  " WHERE o.type = t.oid), '') ||"                                                                                     \
  " 'CREATE TYPE ' || " NAME("n.nspname", "t.typname") " || ' (INPUT = ' || t.typinput::pg_catalog.text || ', OUTPUT = ' || t.typoutput::pg_catalog.text" \
  FUNCTION_OPTION("RECEIVE", "typreceive") FUNCTION_OPTION("SEND", "typsend") FUNCTION_OPTION("TYPMOD_IN", "typmodin")  \
  FUNCTION_OPTION("TYPMOD_OUT", "typmodout") FUNCTION_OPTION("ANALYZE", "typanalyze") FUNCTION_OPTION("SUBSCRIPT", "typsubscript") \
  OPTION("INTERNALLENGTH", "CASE WHEN t.typlen > 0 THEN t.typlen::pg_catalog.text ELSE 'VARIABLE' END")                \
  OPTION("PASSEDBYVALUE", "CASE WHEN t.typbyval THEN 'true' END")                                                      \
  OPTION("ALIGNMENT", "CASE t.typalign WHEN 'c' THEN '\"char\"' WHEN 's' THEN 'int2' WHEN 'd' THEN 'double' ELSE 'int4' END")  \
  OPTION("STORAGE", "CASE t.typstorage WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended' ELSE 'plain' END") \
  OPTION("CATEGORY", "pg_catalog.quote_literal(t.typcategory::pg_catalog.text)") OPTION("PREFERRED", "CASE WHEN t.typispreferred THEN 'true' END") \
  OPTION("DEFAULT", "pg_catalog.quote_literal(t.typdefault)")                                                         \
  OPTION("ELEMENT", "CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END")                       \
  OPTION("DELIMITER", "pg_catalog.quote_literal(t.typdelim::pg_catalog.text)") OPTION("COLLATABLE", "CASE WHEN t.typcollation <> 0 THEN 'true' END") \
  " || E');\n' ELSE '' END || coalesce('COMMENT ON TYPE ' || " NAME("n.nspname", "t.typname") " || ' IS ' ||"           \
  " pg_catalog.quote_literal(pg_catalog.obj_description(t.oid, 'pg_type')) || E';\n', ''),"                            \
  " 'DROP TYPE ' || " NAME("n.nspname", "t.typname") " || ' CASCADE' || coalesce((SELECT pg_catalog.string_agg("         \
  " E';\\nDROP FUNCTION IF EXISTS ' || o.proc::pg_catalog.regprocedure, '' ORDER BY o.proc::pg_catalog.regprocedure::pg_catalog.text)" \
  " FROM owned o WHERE o.type = t.oid), '')"                                                                          \
  " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace AND n.nspname = ANY ($1::pg_catalog.text[])" \
  " WHERE t.typtype IN ('b', 'p') AND t.oid NOT IN (SELECT e.typarray FROM pg_catalog.pg_type e)"                      \
  CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "t.oid") " ORDER BY t.typname, t.oid"

/* What is said of a table, or of what belongs to it, that its items have no word for. */
#define TABLE NAME("n.nspname", "c.relname")
#define OF_TABLE(name, up, down)                                                                                      \
  "SELECT m.nspname, m.relname, m.relname || '_" name "', pg_catalog.string_agg(m.up || E';\n', '' ORDER BY m.up),"    \
  " pg_catalog.string_agg(m.down || E';\n', '' ORDER BY m.up) FROM (SELECT n.nspname, c.relname, " up " AS up, " down " AS down" \
  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1::pg_catalog.text[])"
#define EACH_TABLE CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid") ") m GROUP BY m.nspname, m.relname ORDER BY 1, 2"

#define TYPED                                                                                                         \
  OF_TABLE("of", "'ALTER TABLE ' || " TABLE " || ' OF ' || " NAME("tn.nspname", "t.typname"),                          \
           "'ALTER TABLE ' || " TABLE " || ' NOT OF'")                                                                 \
  " JOIN pg_catalog.pg_type t ON t.oid = c.reloftype JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE true" EACH_TABLE
#define FORCED                                                                                                        \
  OF_TABLE("forced", "'ALTER TABLE ' || " TABLE " || ' FORCE ROW LEVEL SECURITY'",                                     \
           "'ALTER TABLE ' || " TABLE " || ' NO FORCE ROW LEVEL SECURITY'")                                            \
  " WHERE c.relkind IN ('r', 'p') AND c.relforcerowsecurity AND NOT c.relrowsecurity" EACH_TABLE
/* What is said of what a table has from above, where that is said here alone; of not nulls, sequences of identity columns
 * and types of rows. */
#define REMARKS                                                                                                     \
  OF_TABLE("comments", "'COMMENT ON ' || k.what || ' IS ' || pg_catalog.quote_literal(k.said)",                        \
           "'COMMENT ON ' || k.what || ' IS NULL'")                                                                    \
  " CROSS JOIN LATERAL (SELECT 'CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ON ' || " TABLE ","              \
  " pg_catalog.obj_description(k.oid, 'pg_constraint') FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid"       \
  " AND (k.contype = 'n' OR k.conparentid <> 0 OR k.coninhcount > 0)"                                                  \
  " UNION ALL SELECT 'INDEX ' || " NAME("n.nspname", "x.relname") ", pg_catalog.obj_description(x.oid, 'pg_class')"     \
  " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND x.relispartition" \
  " UNION ALL SELECT 'TRIGGER ' || pg_catalog.quote_ident(t.tgname) || ' ON ' || " TABLE ","                            \
  " pg_catalog.obj_description(t.oid, 'pg_trigger') FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgparentid <> 0" \
  " UNION ALL SELECT 'SEQUENCE ' || " NAME("sn.nspname", "s.relname") ", pg_catalog.obj_description(s.oid, 'pg_class')"  \
  " FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'"                     \
  " JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass" \
  " AND d.refclassid = d.classid AND d.refobjid = c.oid AND d.deptype = 'i'"                                           \
  " UNION ALL SELECT 'TYPE ' || " TABLE ", pg_catalog.obj_description(c.reltype, 'pg_type') WHERE c.relkind <> 'c'"     \
  ") k(what, said) WHERE k.said IS NOT NULL" EACH_TABLE
/* Of a partition that has the trigger from above; before Postgres 15 that one is internal, as those of foreign keys are. */
#define SET_STATE(of)                                                                                                  \
  "'ALTER TABLE ONLY ' || " TABLE " || CASE " of ".tgenabled WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA'" \
  " WHEN 'A' THEN ' ENABLE ALWAYS' ELSE ' ENABLE' END || ' TRIGGER ' || pg_catalog.quote_ident(t.tgname)"
#define STATES                                                                                                        \
  OF_TABLE("states", SET_STATE("t"), SET_STATE("above"))                                                               \
  " JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid JOIN pg_catalog.pg_trigger above ON above.oid = t.tgparentid"    \
  " WHERE (NOT t.tgisinternal OR t.tgconstraint = 0) AND t.tgenabled <> above.tgenabled" EACH_TABLE
/* Only expressions have one; those of an index by itself are its own. */
#define SET_TARGET(to)                                                                                                 \
  "'ALTER INDEX ' || " NAME("n.nspname", "x.relname") " || ' ALTER COLUMN ' || a.attnum || ' SET STATISTICS ' || " to
#define INDEX_TARGETS                                                                                                 \
  OF_TABLE("targets", SET_TARGET("a.attstattarget"), SET_TARGET("'-1'"))                                               \
  " JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indexprs IS NOT NULL"                                       \
  " JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"                                                                \
  " JOIN pg_catalog.pg_attribute a ON a.attrelid = x.oid AND a.attstattarget >= 0"                                     \
  " WHERE i.indexrelid IN (SELECT k.conindid FROM pg_catalog.pg_constraint k WHERE k.contype = 'x')" EACH_TABLE
#define SET_STATISTICS(to) "'ALTER STATISTICS ' || " NAME("sn.nspname", "s.stxname") " || ' SET STATISTICS ' || " to
#define STATISTICS_TARGETS                                                                                            \
  OF_TABLE("statistics", SET_STATISTICS("s.stxstattarget"), SET_STATISTICS("'-1'"))                                    \
  " JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = c.oid AND s.stxstattarget >= 0"                                 \
  " JOIN pg_catalog.pg_namespace sn ON sn.oid = s.stxnamespace WHERE true" EACH_TABLE
/* Views with rows have columns as tables do, for the planner. A note that some minor releases keep there is none. */
#define OF_COLUMN "'ALTER MATERIALIZED VIEW ' || " TABLE " || ' ALTER COLUMN ' || pg_catalog.quote_ident(a.attname)"
#define OPTIONS(part)                                                                                                 \
  "(SELECT pg_catalog.string_agg(" part ", ', ') FROM pg_catalog.unnest(a.attoptions) o"                               \
  " WHERE NOT pg_catalog.starts_with(o, 'pg_attver='))"
#define FILLED_COLUMNS                                                                                                \
  OF_TABLE("columns", OF_COLUMN " || k.up", OF_COLUMN " || k.down")                                                    \
  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 CROSS JOIN LATERAL"                          \
  " (VALUES (CASE WHEN a.attstattarget >= 0 THEN ' SET STATISTICS ' || a.attstattarget END, ' SET STATISTICS -1'),"    \
  " (' SET (' || " OPTIONS("o") " || ')', ' RESET (' || " OPTIONS("pg_catalog.split_part(o, '=', 1)") " || ')'))"      \
  " k(up, down) WHERE c.relkind = 'm' AND k.up IS NOT NULL" EACH_TABLE

static const struct {
  const char *sorts; /* sent only where one of them is there (probe.c) */
  int since;
  const char *query;
} queries[] = {
    {"type b, type p", 0, BASE_TYPES},
    {"comment pg_class, comment pg_constraint, comment pg_type, inherited comment", 0, REMARKS},
    {"pg_publication", 15, REALTIME},
    {"typed table", 0, TYPED},
    {"forced table", 0, FORCED},
    {"trigger of a partition", 0, STATES},
    {"statistics target", 0, INDEX_TARGETS},
    {"pg_statistic_ext", 0, STATISTICS_TARGETS},
    {"class m", 0, FILLED_COLUMNS},
};

static bool add(struct arena *arena, struct connection *c, const char *query, const char *schemas,
                struct leftover ***end) {
  PGresult *r = PQexecParams(c->pg, query, 1, NULL, &schemas, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0, rows = ok ? PQntuples(r) : 0; i < rows; i++) {
    struct leftover *one = arena_alloc(arena, sizeof *one);
    *one = (struct leftover){
        .needs_schema = result_text(arena, r, i, 0),
        .needs = result_text(arena, r, i, 1),
        .name = result_text(arena, r, i, 2),
        .up = result_text(arena, r, i, 3),
        .down = result_text(arena, r, i, 4),
    };
    **end = one;
    *end = &one->next;
  }
  PQclear(r);
  return ok;
}

bool catalog_leftovers(struct arena *arena, struct connection *c, const struct schema *live,
                       const struct names *schemas, struct diagnostics *d, struct leftover **out) {
  const char *names = catalog_array(arena, schemas);
  bool ok = true;
  *out = NULL;
  for (size_t i = 0; ok && i < ARRAY_LEN(queries); i++)
    if (queries[i].since <= c->version && catalog_has(live, queries[i].sorts))
      ok = add(arena, c, queries[i].query, names, &out);
  if (!ok)
    query_failed(c, "reading the catalogs", d);
  return ok;
}
