/* exclude: EXCLUDE constraints. */
#include "objects/objects.h"

static const enum node_kind known[] = {NODE_USING,      NODE_WHERE,    NODE_INCLUDING, NODE_WITH,
                                       NODE_DEFERRABLE, NODE_DEFERRED, NODE_INDEX_REMARK, NODE_KINDS};

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  struct sql_index_keys keys;
  struct sql_error err = {0};
  struct names words = {0};
  compile_only(c, n, known);
  if (sql_parse_exclude_keys(c->sql, n->text, &keys, &err)) {
    words.v = arena_array(c->arena, keys.count, sizeof *words.v);
    for (size_t i = 0; i < keys.count; i++)
      words.v[words.n++] = keys.keys[i].column ? keys.keys[i].column : "expr";
  }
  struct exclude *e = compile_table_object(c, KIND_EXCLUDE, n, parent, words, "exclude");
  const struct node *using_ = compile_clause(c, n, NODE_USING), *include = compile_clause(c, n, NODE_INCLUDING);
  e->node = n;
  e->method = using_ ? using_->name.text : "btree";
  e->deferred = compile_clause(c, n, NODE_DEFERRED) != NULL;
  e->deferrable = compile_clause(c, n, NODE_DEFERRABLE) != NULL || e->deferred;
  e->settings = compile_settings(c, compile_clause(c, n, NODE_WITH));
  e->of_index = compile_index_remark(c, n);
  if (include)
    e->include = compile_names(c, include);
  compile_key_limit(c, n->span, words.n + e->include.n);
}

static void link(struct compile *c, struct object *o) {
  struct exclude *e = (struct exclude *)o;
  const struct node *where = compile_clause(c, e->node, NODE_WHERE), *include = node_part(e->node, NODE_INCLUDING);
  compile_method(c, o, e->method);
  e->keys = compile_keys(c, e->node, o, o->parent, true);
  if (include)
    compile_columns(c, include, o->parent);
  if (where) {
    e->where = compile_expr(c, where, o, o->parent, EXPR_COLUMNS, "where");
    expr_simplify(c->arena, &e->where, NULL);
  }
  /* Operator classes for gist over plain types come with an extension. */
  struct object *btree_gist = schema_find(c->schema, NS_EXTENSION, NULL, NULL, "btree_gist");
  if (btree_gist)
    object_depend(c->schema, o, btree_gist);
}

/* Of equal ones CREATE TABLE makes but one. */
static bool folds(const struct object *o) {
  for (const struct object *each = o->parent->first_child; each != o; each = each->next)
    if (is_kind(each, KIND_EXCLUDE) && !object_differs(each, o))
      return false;
  return true;
}

static bool fold(const struct object *o, bool on_column, struct strbuf *out) {
  const struct exclude *e = (const struct exclude *)o;
  if (on_column)
    return false;
  struct object named = *o;
  named.default_name &= e->include.n == 0; /* Postgres would put these columns into it */
  for (size_t i = 0; i < e->keys.n; i++)
    named.default_name &= e->keys.v[i].column != NULL; /* Postgres has many names for expressions */
  sql_constraint_name(out, &named);
  strbuf_adds(out, "EXCLUDE USING ");
  sql_ident(out, e->method);
  strbuf_addc(out, ' ');
  sql_keys(out, &e->keys);
  sql_include(out, e->include);
  sql_with(out, e->settings);
  if (e->where.sql)
    strbuf_addf(out, " WHERE (%s)", e->where.sql);
  sql_deferral(out, e->deferrable, e->deferred);
  return true;
}

enum { EXCLUDE_REMARK = 1 << 7 };

static void remarks(const struct object *o, struct strbuf *out) {
  if (((const struct exclude *)o)->of_index)
    sql_index_remark(o, ((const struct exclude *)o)->of_index, out);
}

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before;
  if (fields & ~(uint64_t)EXCLUDE_REMARK)
    return false;
  sql_index_remark(after, ((const struct exclude *)after)->of_index, out);
  return true;
}

static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  const struct exclude *i = (const struct exclude *)o;
  if (!is_kind(on, KIND_COLUMN) || on->parent != o->parent || !column_retyped(fields))
    return false;
  return keys_mention(&i->keys, &i->where, on->name) ||
         (fields == REPLACED && (keys_hold(&i->keys, on->name) || names_hold(i->include, on->name)));
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  struct exclude *i = (struct exclude *)o;
  classes_follow(&i->keys, of, schema_name, name);
  if (!is_kind(of, KIND_COLUMN) || of->parent != o->parent)
    return;
  keys_follow(&i->keys, of->name, name);
  names_follow(&i->include, of->name, name);
}

static const char *query(int version) {
  (void)version;
  return "SELECT c.conrelid, c.conname, x.relam, c.condeferrable, c.condeferred, x.reloptions, c.conindid,"
         " (SELECT pg_catalog.array_agg(CASE WHEN pg_catalog.pg_operator_is_visible(o.oid) OR n.nspname = 'pg_catalog' THEN o.oprname"
         " ELSE 'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')' END ORDER BY u.k)"
         " FROM pg_catalog.unnest(c.conexclop) WITH ORDINALITY u(op, k) JOIN pg_catalog.pg_operator o ON o.oid = u.op"
         " JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace), c.oid, c.conparentid <> 0"
         " FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class x ON x.oid = c.conindid"
         " WHERE c.contype = 'x' AND c.connamespace = ANY ($1) ORDER BY c.conrelid, c.conname";
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct object *table = catalog_get(c, "pg_class", row_peek(row, 0));
  struct row index;
  if (!table || !catalog_copied(c, COPIED_INDEX, row_peek(row, 6), &index))
    return;
  struct exclude *e = schema_add(c->schema, KIND_EXCLUDE, table->schema, row_text(row, 1), table);
  e->method = catalog_name(c, "pg_am", row_peek(row, 2));
  e->deferrable = row_flag(row, 3);
  e->deferred = row_flag(row, 4);
  e->settings = settings_by_text(arena, row_names(arena, row, 5), NULL);
  e->keys = catalog_keys(c, table, &index, &e->where, &e->include);
  const struct names operators = row_names(arena, row, 7);
  e->object.inherited = row_flag(row, 9);
  catalog_index_marks(c, table, e->object.name, row_flag(&index, INDEX_CLUSTERED), false);
  for (size_t i = 0; i < operators.n && i < e->keys.n; i++)
    e->keys.v[i].operator_ = operators.v[i];
  catalog_keep(c, "pg_constraint", row_peek(row, 8), &e->object);
  e->of_index = catalog_comment(c, "pg_class", row_peek(row, 6));
}

static void print(const struct object *o, struct strbuf *out) {
  const struct exclude *e = (const struct exclude *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "exclude using ");
  pdl_word(out, e->method);
  strbuf_addc(out, ' ');
  pdl_keys(out, &e->keys);
  pdl_include(out, e->include);
  if (e->settings)
    pdl_settings(out, e->settings);
  if (e->where.sql)
    strbuf_addf(out, " where (%s)", e->where.compared ? e->where.compared : e->where.sql);
  if (e->deferrable)
    strbuf_adds(out, e->deferred ? " deferrable initially deferred" : " deferrable");
  pdl_index_remark(out, e->of_index);
  pdl_item_name(out, o);
  strbuf_addc(out, '\n');
}

static const char *naming(const struct object *o, struct arena *arena, struct names *columns) {
  *columns = key_words(arena, &((const struct exclude *)o)->keys);
  return "exclude";
}

static const struct field fields[] = {
    FIELD(exclude, method, FIELD_TEXT, "method"),
    FIELD(exclude, keys, FIELD_KEYS, "keys"),
    FIELD(exclude, include, FIELD_NAMES, "include"),
    FIELD(exclude, where, FIELD_EXPR, "where"),
    FIELD(exclude, deferrable, FIELD_FLAG, "deferrable"),
    FIELD(exclude, deferred, FIELD_FLAG, "initially deferred"),
    FIELD(exclude, settings, FIELD_SETTINGS, "storage parameters"),
    FIELD(exclude, of_index, FIELD_TEXT, "comment on its index"),
    FIELD_END,
};

const struct kind exclude_kind = {
    .word = "exclude",
    .size = sizeof(struct exclude),
    .ns = NS_CONSTRAINT,
    .fields = fields,
    .nodes = {NODE_EXCLUDE},
    .declare = declare,
    .link = link,
    .create = sql_add_constraint,
    .fold = fold,
    .folds = folds,
    .target_name = sql_constraint_target,
    .remarks = remarks,
    .not_in_twin = EXCLUDE_REMARK,
    .drop = sql_drop_constraint,
    .alter = alter,
    .leans = leans,
    .follow = follow,
    .scratch = true,
    .reads = READS_TABLE,
    .query = query,
    .sorts = "constraint x",
    .read = read,
    .print = print,
    .naming = naming,
};
