/* What PDL has no form for but Postgres has a statement: foreign tables, and what stands on columns of views and on
 * constraints of domains. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "objects/opaque.h"

#define NAME(schema, name) "pg_catalog.quote_ident(" schema ") || '.' || pg_catalog.quote_ident(" name ")"
#define COLUMN NAME("n.nspname", "c.relname") " || '.' || pg_catalog.quote_ident(a.attname)"
#define RELATION_OF(kinds)                                                                                            \
  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1::pg_catalog.text[])" \
  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"                     \
  " LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum"                                 \
  " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass"                 \
  " AND d.objoid = c.oid AND d.objsubid = a.attnum"                                                                   \
  " WHERE c.relkind IN (" kinds ") AND NOT c.relispartition" CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid")
#define COMMENTS "pg_catalog.string_agg('COMMENT ON COLUMN ' || " COLUMN " || ' IS ' || pg_catalog.quote_literal(d.description) || E';\\n', '' ORDER BY a.attnum)"

/* What others than its owner may do with the relation c or with columns of it, in the catalog's order. */
#define GRANTS                                                                                                        \
  "coalesce((SELECT pg_catalog.string_agg('GRANT ' || word || part || ' ON ' || " NAME("n.nspname", "c.relname")      \
  " || ' TO ' || CASE g.role WHEN 0 THEN 'PUBLIC' ELSE g.role::pg_catalog.regrole::text END"                          \
  " || CASE WHEN again THEN ' WITH GRANT OPTION' ELSE '' END || E';\\n', '' ORDER BY part COLLATE \"C\", place)"      \
  " FROM (SELECT '' AS part, x.relacl AS acl FROM pg_catalog.pg_class x WHERE x.oid = c.oid UNION ALL"                \
  " SELECT ' (' || pg_catalog.quote_ident(x.attname) || ')', x.attacl FROM pg_catalog.pg_attribute x"                 \
  " WHERE x.attrelid = c.oid) r, pg_catalog.aclexplode(r.acl) WITH ORDINALITY g (giver, role, word, again, place)"    \
  " WHERE g.role <> c.relowner), '')"

/* What each needs, a name, up, down. */
#define FOREIGN_TABLES                                                                                                         \
  "SELECT NULL, s.srvname, c.relname, 'CREATE FOREIGN TABLE ' || " NAME("n.nspname", "c.relname") " || E' (\\n  ' ||" \
  " pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ||" \
  " " OPAQUE_OPTIONS_OF("a.attfdwoptions") " ||"                                                                      \
  " CASE WHEN a.attcollation <> (SELECT t.typcollation FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid)"           \
  " THEN ' COLLATE ' || a.attcollation::pg_catalog.regcollation::text ELSE '' END ||"                                 \
  " CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || CASE WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' ||" \
  " pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) || ') STORED' WHEN ad.oid IS NOT NULL THEN ' DEFAULT ' ||"           \
  " pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) ELSE '' END, E',\\n  ' ORDER BY a.attnum) ||"                        \
  " coalesce((SELECT pg_catalog.string_agg(E',\\n  CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ' ||"       \
  " pg_catalog.pg_get_constraintdef(k.oid), '' ORDER BY k.conname) FROM pg_catalog.pg_constraint k"                   \
  " WHERE k.conrelid = c.oid AND k.contype = 'c'), '') || E'\\n) SERVER ' || pg_catalog.quote_ident(s.srvname) ||"    \
  " " OPAQUE_OPTIONS_OF("f.ftoptions") " || E';\\n' || coalesce('COMMENT ON FOREIGN TABLE ' || "                  \
  NAME("n.nspname", "c.relname") " || ' IS ' || pg_catalog.quote_literal(pg_catalog.obj_description(c.oid, 'pg_class'))" \
  " || E';\\n', '') || coalesce(" COMMENTS ", '') || " GRANTS ", 'DROP FOREIGN TABLE ' || " NAME("n.nspname", "c.relname") \
  " FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver" \
  " JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid"                                                                  \
  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1::pg_catalog.text[])"             \
  " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"                     \
  " LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum"                                 \
  " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass"                 \
  " AND d.objoid = c.oid AND d.objsubid = a.attnum WHERE NOT c.relispartition"                                        \
  CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid")                                                            \
  " GROUP BY c.oid, c.relname, c.relowner, n.nspname, s.srvname, f.ftoptions"                                         \
  " ORDER BY n.nspname, c.relname"

#define VIEWS                                                                                                         \
  "SELECT n.nspname, c.relname, c.relname || '_columns',"                                          \
  " coalesce(pg_catalog.string_agg('ALTER VIEW ' || " NAME("n.nspname", "c.relname") " || ' ALTER COLUMN ' ||"        \
  " pg_catalog.quote_ident(a.attname) || ' SET DEFAULT ' || pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) || E';\\n', ''" \
  " ORDER BY a.attnum), '') || coalesce(" COMMENTS ", ''),"                                                           \
  " coalesce(pg_catalog.string_agg('ALTER VIEW ' || " NAME("n.nspname", "c.relname") " || ' ALTER COLUMN ' ||"        \
  " pg_catalog.quote_ident(a.attname) || CASE WHEN ad.oid IS NOT NULL THEN ' DROP DEFAULT' END || E';\\n', ''"        \
  " ORDER BY a.attnum), '') || coalesce(pg_catalog.string_agg('COMMENT ON COLUMN ' || " COLUMN " ||"                  \
  " CASE WHEN d.description IS NOT NULL THEN ' IS NULL' END || E';\\n', '' ORDER BY a.attnum), '')"                    \
  RELATION_OF("'v', 'm'") " AND (ad.oid IS NOT NULL OR d.description IS NOT NULL) GROUP BY n.nspname, c.relname ORDER BY 1, 2"

#define DOMAINS                                                                                                       \
  "SELECT n.nspname, t.typname, t.typname || '_constraints', pg_catalog.string_agg('COMMENT ON CONSTRAINT ' ||" \
  " pg_catalog.quote_ident(k.conname) || ' ON DOMAIN ' || " NAME("n.nspname", "t.typname") " || ' IS ' ||"            \
  " pg_catalog.quote_literal(d.description) || E';\\n', '' ORDER BY k.conname), pg_catalog.string_agg('COMMENT ON CONSTRAINT ' ||" \
  " pg_catalog.quote_ident(k.conname) || ' ON DOMAIN ' || " NAME("n.nspname", "t.typname") " || E' IS NULL;\\n', ''"   \
  " ORDER BY k.conname) FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_type t ON t.oid = k.contypid"              \
  " JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace AND n.nspname = ANY ($1::pg_catalog.text[])"             \
  " JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objoid = k.oid" \
  " WHERE true" CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "t.oid") " GROUP BY n.nspname, t.typname ORDER BY 1, 2"

static const char *text_at(struct arena *arena, const PGresult *r, int row, int column) {
  return PQgetisnull(r, row, column) ? NULL : arena_strdup(arena, PQgetvalue(r, row, column));
}

static bool add(struct arena *arena, struct connection *c, const char *query, const char *schemas, bool foreign_tables,
                struct leftover ***end) {
  PGresult *r = PQexecParams(c->pg, query, 1, NULL, &schemas, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0, rows = ok ? PQntuples(r) : 0; i < rows; i++) {
    struct leftover *one = arena_alloc(arena, sizeof *one);
    *one = (struct leftover){
        .foreign_table = foreign_tables,
        .needs_schema = text_at(arena, r, i, 0),
        .needs = text_at(arena, r, i, 1),
        .name = text_at(arena, r, i, 2),
        .up = text_at(arena, r, i, 3),
        .down = text_at(arena, r, i, 4),
    };
    **end = one;
    *end = &one->next;
  }
  PQclear(r);
  return ok;
}

bool catalog_leftovers(struct arena *arena, struct connection *c, const struct names *schemas, struct diagnostics *d,
                       struct leftover **out) {
  const char *names = catalog_array(arena, schemas);
  *out = NULL;
  const bool ok = add(arena, c, FOREIGN_TABLES, names, true, &out) && add(arena, c, VIEWS, names, false, &out) &&
                  add(arena, c, DOMAINS, names, false, &out);
  if (!ok)
    query_failed(c, "reading the catalogs", d);
  return ok;
}
