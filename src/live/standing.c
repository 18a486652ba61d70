/* Whether a database has anything of a name, of whatever kind. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "live/private.h"
#include "sql/sql.h"

/* Where names stand: in a schema, in that of their table, or in none. */
static const struct {
  const char *catalog, *name, *schema, *table;
} places[] = {
    {"pg_class", "relname", "relnamespace", NULL},
    {"pg_type", "typname", "typnamespace", NULL},
    {"pg_proc", "proname", "pronamespace", NULL},
    {"pg_constraint", "conname", "connamespace", NULL},
    {"pg_operator", "oprname", "oprnamespace", NULL},
    {"pg_opclass", "opcname", "opcnamespace", NULL},
    {"pg_opfamily", "opfname", "opfnamespace", NULL},
    {"pg_collation", "collname", "collnamespace", NULL},
    {"pg_statistic_ext", "stxname", "stxnamespace", NULL},
    {"pg_ts_config", "cfgname", "cfgnamespace", NULL},
    {"pg_ts_dict", "dictname", "dictnamespace", NULL},
    {"pg_ts_parser", "prsname", "prsnamespace", NULL},
    {"pg_ts_template", "tmplname", "tmplnamespace", NULL},
    {"pg_trigger", "tgname", NULL, "tgrelid"},
    {"pg_policy", "polname", NULL, "polrelid"},
    {"pg_rewrite", "rulename", NULL, "ev_class"},
    {"pg_event_trigger", "evtname", NULL, NULL},
    {"pg_foreign_data_wrapper", "fdwname", NULL, NULL},
    {"pg_foreign_server", "srvname", NULL, NULL},
    {"pg_publication", "pubname", NULL, NULL},
    {"pg_language", "lanname", NULL, NULL},
    {"pg_am", "amname", NULL, NULL},
    {"pg_conversion", "conname", "connamespace", NULL},
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
    strbuf_addf(sql, " WHERE o.%s = m.name", places[i].name);
  }
}

bool catalog_standing(struct connection *c, const struct standing *names, size_t count, bool *stands, struct diagnostics *d) {
  if (count == 0)
    return true;
  struct strbuf sql = STRBUF_INIT;
  strbuf_adds(&sql, "SELECT m.i FROM (VALUES ");
  for (size_t i = 0; i < count; i++) {
    stands[i] = false;
    strbuf_addf(&sql, "%s(%zu, ", i ? ", " : "", i);
    sql_literal(&sql, names[i].schema);
    strbuf_adds(&sql, ", ");
    sql_literal(&sql, names[i].name);
    strbuf_addc(&sql, ')');
  }
  strbuf_adds(&sql, ") m (i, schema, name) WHERE EXISTS (");
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
