/* What PDL has no form for but Postgres has a statement: what stands on columns of views and on constraints of domains,
 * and what Realtime sends of a table. */
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

/* What each needs, a name, up, down. */
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
  " WHERE p.pubname = 'supabase_realtime' AND (r.prattrs IS NOT NULL OR r.prqual IS NOT NULL) ORDER BY 1, 2"

/* What is said of a key's index, not of the key. */
#define KEYS                                                                                                          \
  "SELECT tn.nspname, t.relname, c.relname || '_index', 'COMMENT ON INDEX ' || " NAME("n.nspname", "c.relname") " || ' IS ' ||" \
  " pg_catalog.quote_literal(d.description) || E';\n', 'COMMENT ON INDEX ' || " NAME("n.nspname", "c.relname") " || E' IS NULL;\n'" \
  " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conindid AND k.contype IN ('p', 'u', 'x')"  \
  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = ANY ($1::pg_catalog.text[])"             \
  " JOIN pg_catalog.pg_class t ON t.oid = k.conrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"       \
  " JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objoid = c.oid"  \
  " WHERE true" CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "t.oid") " ORDER BY 1, 2, 3"

static const char *text_at(struct arena *arena, const PGresult *r, int row, int column) {
  return PQgetisnull(r, row, column) ? NULL : arena_strdup(arena, PQgetvalue(r, row, column));
}

static bool add(struct arena *arena, struct connection *c, const char *query, const char *schemas, struct leftover ***end) {
  PGresult *r = PQexecParams(c->pg, query, 1, NULL, &schemas, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0, rows = ok ? PQntuples(r) : 0; i < rows; i++) {
    struct leftover *one = arena_alloc(arena, sizeof *one);
    *one = (struct leftover){
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
  const bool ok = add(arena, c, VIEWS, names, &out) && add(arena, c, DOMAINS, names, &out) && add(arena, c, KEYS, names, &out) &&
                  (c->version < 15 || add(arena, c, REALTIME, names, &out));
  if (!ok)
    query_failed(c, "reading the catalogs", d);
  return ok;
}
