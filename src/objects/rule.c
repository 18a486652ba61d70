/* rule: `rule name as on insert to t do instead …`, of a table or view. */
#include "objects/opaque.h"

static const struct opaque_form form = {.sql = "RULE", .class_name = "pg_rewrite", .states = true, .of_table = true};

static const char *query(int version) {
  (void)version;
  return "SELECT r.oid, n.nspname, r.rulename, NULL, " OPAQUE_COMMENT("pg_rewrite", "r.oid") ", r.ev_class,"
         " pg_catalog.rtrim(pg_catalog.substr(d.def, pg_catalog.length('CREATE RULE ' || pg_catalog.quote_ident(r.rulename)) + 1), ';'),"
         " false, " OPAQUE_STATE_OF("r.ev_enabled")
         " FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class"
         " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_ruledef(r.oid) AS def) d"
         " WHERE r.rulename <> '_RETURN' AND n.oid = ANY ($1) ORDER BY n.nspname, c.relname, r.rulename";
}

static void read(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_RULE);
}

/* What stands on it stays. */
static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (!(fields & OPAQUE_DEFINITION))
    return opaque_alter(before, after, fields, out);
  struct strbuf sql = STRBUF_INIT;
  opaque_create(after, &sql);
  strbuf_addf(out, "CREATE OR REPLACE %s", sql.text + strlen("CREATE "));
  strbuf_release(&sql);
  if (fields & OPAQUE_STATE && !((const struct opaque *)after)->state)
    opaque_alter(before, after, OPAQUE_STATE, out);
  return true;
}

const struct kind rule_kind = {
    OPAQUE_OPERATIONS_BUT_ALTERING,
    .word = "rule",
    .form = &form,
    .ns = NS_NONE,
    .nodes = {NODE_RULE},
    .alter = alter,
    .outside = true,
    .scratch = true,
    .query = query,
    .sorts = "pg_rewrite",
    .read = read,
};
