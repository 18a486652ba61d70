/* Whether a database has anything of a name, of whatever kind. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "live/private.h"
#include "sql/sql.h"

/* Where names stand: in a schema, in that of their table, or in none. What has no name has one made of what it is for. */
static const struct {
  const char *catalog, *name, *schema, *table;
} places[] = {
    {"pg_class", "o.relname", "relnamespace", NULL},
    {"pg_type", "o.typname", "typnamespace", NULL},
    {"pg_proc", "o.proname", "pronamespace", NULL},
    {"pg_constraint", "o.conname", "connamespace", NULL},
    {"pg_operator", "o.oprname", "oprnamespace", NULL},
    {"pg_opclass", "o.opcname", "opcnamespace", NULL},
    {"pg_opfamily", "o.opfname", "opfnamespace", NULL},
    {"pg_collation", "o.collname", "collnamespace", NULL},
    {"pg_statistic_ext", "o.stxname", "stxnamespace", NULL},
    {"pg_ts_config", "o.cfgname", "cfgnamespace", NULL},
    {"pg_ts_dict", "o.dictname", "dictnamespace", NULL},
    {"pg_ts_parser", "o.prsname", "prsnamespace", NULL},
    {"pg_ts_template", "o.tmplname", "tmplnamespace", NULL},
    {"pg_trigger", "o.tgname", NULL, "tgrelid"},
    {"pg_policy", "o.polname", NULL, "polrelid"},
    {"pg_rewrite", "o.rulename", NULL, "ev_class"},
    {"pg_event_trigger", "o.evtname", NULL, NULL},
    {"pg_foreign_data_wrapper", "o.fdwname", NULL, NULL},
    {"pg_foreign_server", "o.srvname", NULL, NULL},
    {"pg_publication", "o.pubname", NULL, NULL},
    {"pg_language", "o.lanname", NULL, NULL},
    {"pg_am", "o.amname", NULL, NULL},
    {"pg_conversion", "o.conname", "connamespace", NULL},
    {"pg_user_mappings", "CASE WHEN o.umuser = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(o.usename) END || ' SERVER ' ||"
                         " pg_catalog.quote_ident(o.srvname)", NULL, NULL},
    {"pg_cast", "pg_catalog.format_type(o.castsource, NULL) || ' AS ' || pg_catalog.format_type(o.casttarget, NULL)", NULL, NULL},
    {"pg_transform", "pg_catalog.format_type(o.trftype, NULL) || ' LANGUAGE ' ||"
                     " (SELECT pg_catalog.quote_ident(l.lanname) FROM pg_catalog.pg_language l WHERE l.oid = o.trflang)", NULL, NULL},
};

static void add_places(struct strbuf *sql) {
  for (size_t i = 0; i < ARRAY_LEN(places); i++) {
    const char *schema = places[i].schema, *table = places[i].table;
    strbuf_addf(sql, "%sSELECT FROM pg_catalog.%s o", i ? " UNION ALL " : "", places[i].catalog);
    if (table)
      strbuf_addf(sql, " JOIN pg_catalog.pg_class t ON t.oid = o.%s", table);
    if (schema || table)
      strbuf_addf(sql, " JOIN pg_catalog.pg_namespace n ON n.oid = %s AND n.nspname = m.schema",
                  table ? "t.relnamespace" : schema);
    strbuf_addf(sql, " WHERE m.of IS NULL AND %s = m.name", places[i].name);
  }
  strbuf_adds(sql, " UNION ALL SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class t ON t.oid = a.attrelid"
                   " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = m.schema AND t.relname = m.of"
                   " AND a.attname = m.name AND NOT a.attisdropped");
}

bool catalog_standing(struct connection *c, const struct standing *names, size_t count, bool *stands,
                      struct diagnostics *d) {
  if (count == 0)
    return true;
  struct strbuf sql = STRBUF_INIT;
  strbuf_adds(&sql, "SELECT m.i FROM (VALUES ");
  for (size_t i = 0; i < count; i++) {
    stands[i] = false;
    strbuf_addf(&sql, "%s(%zu, ", i ? ", " : "", i);
    sql_literal(&sql, names[i].schema);
    strbuf_adds(&sql, ", ");
    if (names[i].table)
      sql_literal(&sql, names[i].table);
    else
      strbuf_adds(&sql, "NULL::pg_catalog.text");
    strbuf_adds(&sql, ", ");
    sql_literal(&sql, names[i].name);
    strbuf_addc(&sql, ')');
  }
  strbuf_adds(&sql, ") m (i, schema, of, name) WHERE EXISTS (");
  add_places(&sql);
  strbuf_adds(&sql, ")");
  PGresult *r = query_run(c, sql.text);
  strbuf_release(&sql);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0; ok && i < PQntuples(r); i++)
    stands[strtoul(PQgetvalue(r, i, 0), NULL, 10)] = true;
  PQclear(r);
  if (!ok)
    query_failed(c, "looking for what sql blocks make", d);
  return ok;
}
