/* What a database has that no kind reads, and leftovers.c has statements for: counted, so that it is not passed over in
 * silence. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "objects/objects.h"

#define COUNT(word, from) "SELECT '" word "', pg_catalog.count(*) FROM " from
#define RELATIONS(word, which)                                                                                        \
  COUNT(word, "pg_catalog.pg_class c JOIN scope ON c.relnamespace = scope.oid WHERE " which                           \
        CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid"))
/* Of what a table has from above, and what comes along with it: see leftovers.c. */
#define COMMENTS                                                                                                      \
  COUNT("comment on what comes along with a table", "pg_catalog.pg_description d WHERE EXISTS (SELECT FROM"            \
        " pg_catalog.pg_constraint k JOIN scope ON k.connamespace = scope.oid WHERE k.oid = d.objoid"                  \
        " AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass"                                            \
        " AND (k.contype = 'n' OR k.conparentid <> 0 OR k.coninhcount > 0)) OR EXISTS (SELECT FROM pg_catalog.pg_class x" \
        " JOIN scope ON x.relnamespace = scope.oid WHERE x.oid = d.objoid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass" \
        " AND (x.relkind IN ('i', 'I') AND x.relispartition OR x.relkind = 'S' AND x.oid IN (SELECT i.objid"           \
        " FROM pg_catalog.pg_depend i WHERE i.classid = d.classoid AND i.deptype = 'i'))) OR EXISTS (SELECT FROM"      \
        " pg_catalog.pg_type t JOIN scope ON t.typnamespace = scope.oid JOIN pg_catalog.pg_class x ON x.oid = t.typrelid" \
        " WHERE t.oid = d.objoid AND d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass AND x.relkind <> 'c')"      \
        " OR EXISTS (SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class x ON x.oid = t.tgrelid"              \
        " JOIN scope ON x.relnamespace = scope.oid WHERE t.oid = d.objoid AND t.tgparentid <> 0"                       \
        " AND d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass)")
#define BASE_TYPES                                                                                                    \
  COUNT("base type", "pg_catalog.pg_type t JOIN scope ON t.typnamespace = scope.oid WHERE t.typtype IN ('b', 'p')"    \
        " AND t.oid NOT IN (SELECT e.typarray FROM pg_catalog.pg_type e)"                                             \
        CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "t.oid"))
/* Only expressions have one. */
#define INDEX_TARGETS                                                                                                 \
  "SELECT 'statistics target of an exclusion', pg_catalog.count(DISTINCT a.attrelid) FROM pg_catalog.pg_attribute a"      \
  " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('i', 'I') JOIN scope ON c.relnamespace = scope.oid" \
  " WHERE a.attstattarget >= 0 AND a.attnum > 0 AND c.oid IN (SELECT k.conindid FROM pg_catalog.pg_constraint k WHERE k.contype = 'x')"
/* The state of a trigger of a partition that has it from above. */
#define STATES                                                                                                        \
  COUNT("trigger state of a partition",                                                                               \
        "pg_catalog.pg_trigger t JOIN pg_catalog.pg_trigger above ON above.oid = t.tgparentid"                        \
        " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN scope ON c.relnamespace = scope.oid"                   \
        " WHERE (NOT t.tgisinternal OR t.tgconstraint = 0) AND t.tgparentid <> 0 AND t.tgenabled <> above.tgenabled")
#define FORCED                                                                                                        \
  RELATIONS("forced but not enabled row level security of a table",                                                   \
            "c.relkind IN ('r', 'p') AND c.relforcerowsecurity AND NOT c.relrowsecurity")
#define STATISTICS_TARGETS                                                                                            \
  COUNT("statistics target of a statistics object", "pg_catalog.pg_statistic_ext s JOIN scope ON s.stxnamespace = scope.oid" \
        " WHERE s.stxstattarget >= 0")
#define FILLED_COLUMNS                                                                                                \
  COUNT("setting of a column of a materialized view", "pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c"            \
        " ON c.oid = a.attrelid AND c.relkind = 'm' JOIN scope ON c.relnamespace = scope.oid WHERE a.attnum > 0"         \
        " AND (a.attstattarget >= 0 OR EXISTS (SELECT FROM pg_catalog.unnest(a.attoptions) o"                             \
        " WHERE NOT pg_catalog.starts_with(o, 'pg_attver=')))")
static const struct {
  const char *sorts, *sql; /* sent only where one of the sorts is there (probe.c) */
} counts[] = {
    {"comment pg_class, comment pg_constraint, comment pg_type, inherited comment", COMMENTS},
    {"type b, type p", BASE_TYPES},
    {"typed table", RELATIONS("typed table", "c.relkind IN ('r', 'p') AND c.reloftype <> 0")},
    {"statistics target", INDEX_TARGETS},
    {"trigger of a partition", STATES},
    {"forced table", FORCED},
    {"pg_statistic_ext", STATISTICS_TARGETS},
    {"class m", FILLED_COLUMNS},
};

static bool starts(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

/* "2 keys of x": a noun takes the s of the plural. */
static void add_count(struct strbuf *list, const char *word, const char *count) {
  size_t noun = 0;
  while (word[noun] && !starts(word + noun, " of ") && !starts(word + noun, " on ") && !starts(word + noun, " that "))
    noun++;
  const char *plural = strcmp(count, "1") == 0 ? "" : "s";
  strbuf_addf(list, "%s%s %.*s%s%s", list->len ? ", " : "", count, (int)noun, word, plural, word + noun);
}

void catalog_uncompared(struct arena *arena, struct connection *c, const struct schema *live, const struct names *names,
                        struct diagnostics *d) {
  static const char scope[] = "WITH scope AS (SELECT oid FROM pg_catalog.pg_namespace"
                              " WHERE nspname = ANY ($1::pg_catalog.text[])) ";
  struct strbuf sql = STRBUF_INIT, list = STRBUF_INIT;
  for (size_t i = 0; i < ARRAY_LEN(counts); i++)
    if (catalog_has(live, counts[i].sorts))
      strbuf_addf(&sql, "%s%s", sql.len ? " UNION ALL " : scope, counts[i].sql);
  const char *param = catalog_array(arena, names);
  PGresult *r = sql.len ? PQexecParams(c->pg, sql.text, 1, NULL, &param, NULL, NULL, 0) : NULL;
  for (int i = 0, rows = PQresultStatus(r) == PGRES_TUPLES_OK ? PQntuples(r) : 0; i < rows; i++)
    if (strcmp(PQgetvalue(r, i, 1), "0") != 0)
      add_count(&list, PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
  if (list.len)
    diagnose(d, PDL_UNCOMPARED, NO_SPAN, "not compared, as PDL has no word for it yet: %s", list.text);
  strbuf_release(&sql);
  strbuf_release(&list);
  PQclear(r);
}
