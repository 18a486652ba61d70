/* collation: `collation name (provider = icu, locale = 'de')`, or `from` another. Versions of providers are not
 * compared: they are the machine's. */
#include "objects/opaque.h"

static const struct opaque_form form = {.sql = "COLLATION", .class_name = "pg_collation"};

/* libc has two locales, the others one; a locale of ICU has moved twice. */
#define QUERY(locale, more)                                                                                            \
  "SELECT o.oid, n.nspname, o.collname, NULL, " OPAQUE_COMMENT("pg_collation", "o.oid") ", NULL,"                      \
  " '(' || pg_catalog.concat_ws(', ', CASE o.collprovider WHEN 'i' THEN 'provider = icu' WHEN 'b' THEN 'provider = builtin'" \
  " WHEN 'c' THEN 'provider = libc' END,"                                                                              \
  " CASE WHEN o.collprovider <> 'c' THEN 'locale = ' || pg_catalog.quote_literal(" locale ")"                          \
  " WHEN o.collcollate = o.collctype THEN 'locale = ' || pg_catalog.quote_literal(o.collcollate::text)"                \
  " ELSE 'lc_collate = ' || pg_catalog.quote_literal(o.collcollate::text) ||"                                          \
  " ', lc_ctype = ' || pg_catalog.quote_literal(o.collctype::text) END,"                                               \
  " CASE WHEN NOT o.collisdeterministic THEN 'deterministic = false' END" more ") || ')', false, NULL"                 \
  " FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace WHERE n.oid = ANY ($1)"   \
  CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_collation", "o.oid") " ORDER BY n.nspname, o.collname"
#define RULES ", CASE WHEN o.collicurules IS NOT NULL THEN 'rules = ' || pg_catalog.quote_literal(o.collicurules) END"

static const char *query(int version) {
  return version >= 17   ? QUERY("o.colllocale", RULES)
         : version == 16 ? QUERY("o.colliculocale", RULES)
         : version == 15 ? QUERY("o.colliculocale", "")
                         : QUERY("o.collcollate::text", "");
}

static void read(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_COLLATION);
}

const struct kind collation_kind = {
    OPAQUE_OPERATIONS,
    .word = "collation",
    .form = &form,
    .ns = NS_KIND,
    .nodes = {NODE_COLLATION},
    .scratch = true,
    .query = query,
    .sorts = "pg_collation",
    .read = read,
};
