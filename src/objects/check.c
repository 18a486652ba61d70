/* check: CHECK constraints of tables. */
#include "objects/objects.h"

static const enum node_kind known[] = {NODE_NOT_VALID, NODE_NOT_ENFORCED, NODE_NO_INHERIT, NODE_KINDS};

/* The columns that the expression speaks of, declared already or not: Postgres names a check after the only one, be it
 * a system column. */
static struct names columns_of(struct compile *c, const struct node *n, const struct object *table) {
  struct names names = {0};
  struct sql_error err = {0};
  const struct sql_expr *e = sql_parse_expr(c->sql, n->text, &err);
  if (!e)
    return names;
  names.v = arena_array(c->arena, e->ref_count, sizeof *names.v);
  for (size_t i = 0; i < e->ref_count; i++) {
    const struct sql_ref *ref = &e->refs[i];
    const bool row = !ref->schema && strcmp(ref->name, table->name) == 0 && !child_named(table, KIND_COLUMN, ref->name);
    if (ref->kind == SQL_REF_COLUMN && !row && !names_hold(names, ref->name))
      names.v[names.n++] = ref->name;
  }
  return names;
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  const bool clause = is_kind(parent, KIND_COLUMN);
  struct object *table = clause ? parent->parent : parent;
  if (is_kind(table, KIND_COMPOSITE))
    return;
  compile_only(c, n, known);
  const struct names columns = columns_of(c, n, table);
  struct check *k =
      compile_table_object(c, KIND_CHECK, n, table, columns.n == 1 ? columns : (struct names){0}, "check");
  k->node = n;
  k->columns = columns;
  k->not_valid = compile_clause(c, n, NODE_NOT_VALID) != NULL;
  k->no_inherit = compile_clause(c, n, NODE_NO_INHERIT) != NULL;
  const struct node *unenforced = compile_clause(c, n, NODE_NOT_ENFORCED);
  k->not_enforced = unenforced && compile_needs_version(c, 18, unenforced->span, "a check that is not enforced");
}

static void link(struct compile *c, struct object *o) {
  struct check *k = (struct check *)o;
  k->expr = compile_expr(c, k->node, o, o->parent, EXPR_COLUMNS, "check");
  expr_simplify(c->arena, &k->expr, NULL);
}

static bool fold(const struct object *o, bool on_column, struct strbuf *out) {
  (void)on_column;
  const struct check *k = (const struct check *)o;
  sql_constraint_name(out, o);
  strbuf_addf(out, "CHECK (%s)", k->expr.sql);
  if (k->no_inherit)
    strbuf_adds(out, " NO INHERIT");
  if (k->not_enforced)
    strbuf_adds(out, " NOT ENFORCED");
  return true;
}

static bool folds(const struct object *o) {
  return !((const struct check *)o)->not_valid;
}

static void create(const struct object *o, struct strbuf *out) {
  if (((const struct check *)o)->not_valid)
    sql_add_not_valid(o, out);
  else
    sql_add_constraint(o, out);
}

enum { CHECK_NOT_VALID = 1 << 2 };

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (fields & ~(uint64_t)CHECK_NOT_VALID || !((const struct check *)before)->not_valid)
    return false;
  sql_validate(after, out);
  return true;
}

static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  return is_kind(on, KIND_COLUMN) && on->parent == o->parent && column_retyped(fields) &&
         names_hold(((const struct check *)o)->columns, on->name);
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  (void)schema_name;
  if (is_kind(of, KIND_COLUMN) && of->parent == o->parent)
    names_follow(&((struct check *)o)->columns, of->name, name);
}

/* What is not enforced is not validated either. */
#define QUERY(enforced)                                                                                                \
  "SELECT c.conrelid, c.conname, pg_catalog.pg_get_expr(c.conbin, c.conrelid),"                                        \
  " " CATALOG_FLAG("c.connoinherit") ", " CATALOG_FLAG("NOT c.convalidated AND " enforced) ", c.conkey, c.oid,"        \
  " " CATALOG_FLAG("c.coninhcount > 0") ", c.conislocal, " CATALOG_FLAG("NOT " enforced)                              \
  " FROM pg_catalog.pg_constraint c"                                                                                   \
  " WHERE c.contype = 'c' AND c.conrelid <> 0 AND c.connamespace = ANY ($1) ORDER BY c.conrelid, c.conname"

static const char *query(int version) {
  return version >= 18 ? QUERY("c.conenforced") : QUERY("true");
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct object *table = catalog_get(c, "pg_class", row_peek(row, 0));
  if (!table)
    return;
  struct check *k = schema_add(c->schema, KIND_CHECK, table->schema, row_text(row, 1), table);
  k->expr.sql = row_text(row, 2);
  expr_simplify(arena, &k->expr, NULL);
  k->no_inherit = row_flag(row, 3);
  k->columns = columns_by_number(arena, table, row_peek(row, 5), 0);
  catalog_keep(c, "pg_constraint", row_peek(row, 6), &k->object);
  k->object.inherited = row_flag(row, 7);
  k->local = row_flag(row, 8);
  /* an heir's copy is valid if it came after the check */
  k->not_valid = row_flag(row, 4) && !(k->object.inherited && !k->local);
  k->not_enforced = row_flag(row, 9);
}

static void say(const struct object *o, struct strbuf *out) {
  const struct check *k = (const struct check *)o;
  strbuf_adds(out, "check ");
  if (!o->named_by_rule) {
    pdl_word(out, o->name);
    strbuf_addc(out, ' ');
  }
  strbuf_addc(out, '(');
  pdl_expr(out, o->parent, &k->expr);
  strbuf_addc(out, ')');
}

static bool clause(const struct object *o, struct strbuf *out) {
  const struct check *k = (const struct check *)o;
  strbuf_addc(out, ' ');
  say(o, out);
  return !k->no_inherit && !k->not_valid && !k->not_enforced;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct check *k = (const struct check *)o;
  pdl_doc(out, o);
  say(o, out);
  strbuf_adds(out, k->no_inherit ? " no inherit" : "");
  strbuf_adds(out, k->not_valid ? " not valid\n" : k->not_enforced ? " not enforced\n" : "\n");
}

static const char *naming(const struct object *o, struct arena *arena, struct names *columns) {
  (void)arena;
  const struct check *k = (const struct check *)o;
  *columns = k->columns.n == 1 ? k->columns : (struct names){0};
  return "check";
}

static const struct field fields[] = {
    FIELD(check, expr, FIELD_EXPR, "expression"),
    FIELD(check, no_inherit, FIELD_FLAG, "no inherit"),
    FIELD(check, not_valid, FIELD_FLAG, "not valid"),
    FIELD(check, not_enforced, FIELD_FLAG, "not enforced"),
    FIELD_END,
};

const struct kind check_kind = {
    .word = "check",
    .size = sizeof(struct check),
    .ns = NS_CONSTRAINT,
    .fields = fields,
    .nodes = {NODE_CHECK},
    .declare = declare,
    .link = link,
    .create = create,
    .fold = fold,
    .folds = folds,
    .target_name = sql_constraint_target,
    .drop = sql_drop_constraint,
    .alter = alter,
    .online = check_online,
    .leans = leans,
    .follow = follow,
    .scratch = true,
    .reads = READS_TABLE,
    .query = query,
    .sorts = "constraint c",
    .read = read,
    .print = print,
    .clause = clause,
    .naming = naming,
};
