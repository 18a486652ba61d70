/* index: CREATE INDEX, written at a column or as an item of the table. */
#include <stdlib.h>

#include "objects/objects.h"

static const enum node_kind known[] = {NODE_UNIQUE, NODE_USING, NODE_NULLS_NOT_DISTINCT, NODE_INCLUDING,
                                       NODE_WITH, NODE_WHERE, NODE_ESTIMATES, NODE_KINDS};

/* As Postgres names an expression in an index: after the function it calls, else "expr" (FigureColname). */
static const char *key_word(struct arena *arena, const struct sql_index_key *k) {
  if (k->column)
    return k->column;
  const size_t n = strspn(k->expression, "abcdefghijklmnopqrstuvwxyz_0123456789");
  return n > 0 && k->expression[n] == '(' ? arena_strndup(arena, k->expression, n) : "expr";
}

static struct names name_words(struct compile *c, const struct node *n, struct names *plain) {
  struct names words = {0};
  struct sql_index_keys keys;
  struct sql_error err = {0};
  if (!sql_parse_index_keys(c->sql, n->text, &keys, &err))
    return words; /* diagnosed by link */
  words.v = arena_array(c->arena, keys.count, sizeof *words.v);
  bool all_plain = true;
  for (size_t i = 0; i < keys.count; i++) {
    words.v[words.n++] = key_word(c->arena, &keys.keys[i]);
    all_plain &= keys.keys[i].column != NULL;
  }
  if (all_plain)
    *plain = words;
  return words;
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  const bool clause = is_kind(parent, KIND_COLUMN);
  struct object *table = clause ? parent->parent : parent;
  if (is_kind(table, KIND_COMPOSITE) || table->external)
    return;
  struct names words = {.v = arena_array(c->arena, 1, sizeof(char *)), .n = 1}, plain = {0};
  if (clause)
    words.v[0] = parent->name;
  else
    words = name_words(c, n, &plain);
  compile_only(c, n, known);
  struct index *i = compile_table_object(c, KIND_INDEX, n, table, words, "index");
  i->node = n;
  i->plain = plain;
  i->partial = node_part(n, NODE_WHERE) != NULL;
  const struct node *using_ = compile_clause(c, n, NODE_USING),
                    *distinct = compile_clause(c, n, NODE_NULLS_NOT_DISTINCT);
  const struct node *include = compile_clause(c, n, NODE_INCLUDING);
  i->unique = compile_clause(c, n, NODE_UNIQUE) != NULL;
  i->method = using_ ? using_->name.text : "btree";
  i->settings = compile_settings(c, compile_clause(c, n, NODE_WITH));
  if (include)
    i->include = compile_names(c, include);
  compile_key_limit(c, n->span, words.n + i->include.n);
  if (distinct && !i->unique)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, distinct->span, "only a unique index has distinct nulls or not");
  else if (distinct)
    i->nulls_not_distinct = compile_needs_version(c, 15, distinct->span, "nulls not distinct");
  if (clause) {
    i->keys.v = arena_alloc(c->arena, sizeof *i->keys.v);
    i->keys.v[0].column = parent->name;
    i->keys.n = 1;
  }
}

/* "2 300": of the second key, which must be an expression. */
static void compile_targets(struct compile *c, struct index *i, const struct node *list) {
  for (const struct node *n = list->parts; n; n = n->next) {
    if (n->kind != NODE_SETTING)
      continue;
    const char *key = *n->name.text == '+' ? n->name.text + 1 : n->name.text;
    const long at = strtol(key, NULL, 10), target = strtol(n->text, NULL, 10);
    if (at < 1 || (size_t)at > i->keys.n || i->keys.v[at - 1].column)
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "key %s of index \"%s\" is no expression", key,
                               i->object.name),
                      "Keys count from 1; of a column the table's own target holds, as in \"a int statistics 300\".");
    else if (target < -1 || target > 10000)
      diagnose(c->diagnostics, PDL_BAD_SETTING, n->span, "a statistics target is 0 to 10000");
    else if (setting_get(i->targets, key))
      diagnose(c->diagnostics, PDL_TWICE, n->span, "key %s has two targets", key);
    else if (target >= 0)
      setting_add(c->arena, &i->targets, arena_printf(c->arena, "%ld", at), arena_printf(c->arena, "%ld", target));
  }
}

static void link(struct compile *c, struct object *o) {
  struct index *i = (struct index *)o;
  const struct node *targets = compile_clause(c, i->node, NODE_ESTIMATES);
  const struct node *where = compile_clause(c, i->node, NODE_WHERE), *include = node_part(i->node, NODE_INCLUDING);
  compile_method(c, o, i->method);
  if (!i->keys.n)
    i->keys = compile_keys(c, i->node, o, o->parent, false);
  else
    compile_operator_class(c, o, o->parent, &i->keys.v[0]);
  if (targets)
    compile_targets(c, i, targets);
  if (include && is_kind(o->parent, KIND_TABLE))
    compile_columns(c, include, o->parent);
  if (where) {
    i->where = compile_expr(c, where, o, o->parent, EXPR_COLUMNS, "where");
    expr_simplify(c->arena, &i->where, NULL);
  }
}

/* ── advice ── */

static bool plain(const struct object *o) {
  const struct index *i = (const struct index *)o;
  if (i->where.sql || i->include.n || strcmp(i->method, "btree") != 0)
    return false;
  for (size_t k = 0; k < i->keys.n; k++)
    if (!i->keys.v[k].column || i->keys.v[k].opclass || i->keys.v[k].collation)
      return false;
  return true;
}

/* Whether the other index or key serves whatever this index does. */
static bool serves(const struct object *other, const struct index *i) {
  if (is_kind(other, KIND_KEY)) {
    const struct key *k = (const struct key *)other;
    if (k->columns.n < i->keys.n || (i->unique && k->columns.n != i->keys.n))
      return false;
    for (size_t n = 0; n < i->keys.n; n++)
      if (i->keys.v[n].descending || i->keys.v[n].nulls_first || strcmp(i->keys.v[n].column, k->columns.v[n]) != 0)
        return false;
    return true;
  }
  const struct index *o = (const struct index *)other;
  if (!is_kind(other, KIND_INDEX) || !plain(other) || o->keys.n < i->keys.n ||
      (i->unique && (!o->unique || o->keys.n != i->keys.n)))
    return false;
  for (size_t n = 0; n < i->keys.n; n++)
    if (i->keys.v[n].descending != o->keys.v[n].descending || i->keys.v[n].nulls_first != o->keys.v[n].nulls_first ||
        strcmp(i->keys.v[n].column, o->keys.v[n].column) != 0)
      return false;
  return true;
}

static void advise(struct compile *c, const struct object *o) {
  const struct index *i = (const struct index *)o;
  const bool is_plain = plain(o);
  bool later = false; /* of two that serve each other, the later one is redundant */
  for EACH_CHILD(o->parent, other) {
    if (other == o) {
      later = true;
      continue;
    }
    const bool same = is_kind(other, KIND_INDEX) && !object_differs(other, o);
    if (!same && !(is_plain && serves(other, i)))
      continue;
    const struct index *twin = (const struct index *)other;
    if (later && is_kind(other, KIND_INDEX) && twin->keys.n == i->keys.n && twin->unique == i->unique)
      continue;
    struct diagnostic *d =
        diagnose(c->diagnostics, PDL_REDUNDANT_INDEX, i->node->span, "index \"%s\" is redundant", o->name);
    diagnostic_peer(d, other->span, "this one serves the same queries");
    return;
  }
}

/* ── SQL ── */

static void create(const struct object *o, struct strbuf *out) {
  const struct index *i = (const struct index *)o;
  strbuf_adds(out, i->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
  sql_ident(out, o->name);
  strbuf_adds(out, i->invalid && table_is_parted(o->parent) ? " ON ONLY " : " ON ");
  sql_object(out, o->parent);
  if (strcmp(i->method, "btree") != 0) {
    strbuf_adds(out, " USING ");
    sql_ident(out, i->method);
  }
  strbuf_addc(out, ' ');
  sql_keys(out, &i->keys);
  sql_include(out, i->include);
  if (i->nulls_not_distinct)
    strbuf_adds(out, " NULLS NOT DISTINCT");
  sql_with(out, i->settings);
  if (i->where.sql)
    strbuf_addf(out, " WHERE %s", i->where.sql);
  strbuf_adds(out, ";\n");
}

/* One from above may have gone already: pieces of a migration take back what they made. Partitions' keys that are its
 * parts go with it only so, and not without it. */
static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, o->inherited || o->taken_over ? "DROP INDEX IF EXISTS " : "DROP INDEX ");
  sql_object(out, o);
  strbuf_adds(out, inherit_has_keys(o) ? " CASCADE;\n" : ";\n");
}

enum { INDEX_SETTINGS = 1 << 6, INDEX_TARGETS = 1 << 8 };

/* Those that differ; of a table that has rows, the index may be built apart from all else. */
static void last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct setting *is = ((const struct index *)after)->targets;
  const struct setting *was = before ? ((const struct index *)before)->targets : NULL;
  if (before && !(fields & INDEX_TARGETS))
    return;
  for (int adding = 0; adding < 2; adding++)
    for (const struct setting *s = adding ? is : was; s; s = s->next) {
      const char *other = setting_get(adding ? was : is, s->name);
      if (other && (!adding || strcmp(other, s->value) == 0))
        continue;
      strbuf_adds(out, "ALTER INDEX ");
      sql_object(out, after);
      strbuf_addf(out, " ALTER COLUMN %s SET STATISTICS %s;\n", s->name, adding ? s->value : "-1");
    }
}

/* Parameters of other methods shape the index when it is built; those of an index over partitions cannot be changed. */
static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct index *i = (const struct index *)after;
  if (fields & ~(uint64_t)(INDEX_SETTINGS | INDEX_TARGETS))
    return false;
  if (!(fields & INDEX_SETTINGS))
    return true;
  if (strcmp(i->method, "btree") != 0 || table_is_parted(after->parent))
    return false;
  struct strbuf target = STRBUF_INIT;
  strbuf_adds(&target, "INDEX ");
  sql_object(&target, after);
  sql_alter_settings(target.text, ((const struct index *)before)->settings, i->settings, out);
  strbuf_release(&target);
  return true;
}

/* An operator class that it will not have may be none of the new type. */
static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  const struct index *i = (const struct index *)o;
  if (!is_kind(on, KIND_COLUMN) || on->parent != o->parent || !column_retyped(fields))
    return false;
  const struct index *now = (const struct index *)o->match;
  for (size_t k = 0; k < i->keys.n && now && !index_keys_equal(&i->keys, &now->keys); k++)
    if (i->keys.v[k].opclass && i->keys.v[k].column && strcmp(i->keys.v[k].column, on->name) == 0)
      return true;
  return keys_mention(&i->keys, &i->where, on->name) ||
         (fields == REPLACED && (keys_hold(&i->keys, on->name) || names_hold(i->include, on->name)));
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  struct index *i = (struct index *)o;
  classes_follow(&i->keys, of, schema_name, name);
  if (!is_kind(of, KIND_COLUMN) || of->parent != o->parent)
    return;
  keys_follow(&i->keys, of->name, name);
  names_follow(&i->include, of->name, name);
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "INDEX ");
  sql_object(out, o);
}

/* ── catalog ── */

/* Those of keys are theirs. */
static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  const char kind = *row_peek(row, CLASS_KIND), *oid = row_peek(row, CLASS_OID);
  struct row index;
  if ((kind != 'i' && kind != 'I') || numbers_get(&c->key_indexes, row_number(row, CLASS_OID)) ||
      !catalog_copied(c, COPIED_INDEX, oid, &index))
    return;
  struct object *table = catalog_get(c, "pg_class", row_peek(&index, INDEX_TABLE));
  if (!table)
    return;
  struct index *i = schema_add(c->schema, KIND_INDEX, table->schema, row_text(row, CLASS_NAME), table);
  i->method = catalog_name(c, "pg_am", row_peek(row, CLASS_METHOD));
  i->unique = row_flag(&index, INDEX_UNIQUE);
  i->nulls_not_distinct = row_flag(&index, INDEX_NULLS_NOT_DISTINCT);
  i->settings = settings_by_text(arena, row_names(arena, row, CLASS_OPTIONS), NULL);
  i->keys = catalog_keys(c, table, &index, &i->where, &i->include);
  i->invalid = !row_flag(&index, INDEX_VALID);
  catalog_keep(c, "pg_class", oid, &i->object);
  i->object.inherited = row_flag(row, CLASS_IS_PARTITION);
  catalog_index_marks(c, table, i->object.name, row_flag(&index, INDEX_CLUSTERED), row_flag(&index, INDEX_REPLICA));
}

bool index_key_is_plain(const struct index_key *k) {
  return k->column && !k->collation && !k->opclass && !k->opclass_options && !k->descending && !k->nulls_first;
}

static bool clause(const struct object *o, struct strbuf *out) {
  const struct index *i = (const struct index *)o;
  if (i->keys.n != 1 || !index_key_is_plain(i->keys.v) || i->unique || i->where.sql || i->include.n || i->settings ||
      strcmp(i->method, "btree") != 0)
    return false;
  strbuf_adds(out, " index");
  pdl_item_name(out, o);
  return true;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct index *i = (const struct index *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "index ");
  pdl_keys(out, &i->keys);
  if (i->unique)
    strbuf_adds(out, " unique");
  if (i->nulls_not_distinct)
    strbuf_adds(out, " nulls not distinct");
  if (strcmp(i->method, "btree") != 0) {
    strbuf_adds(out, " using ");
    pdl_word(out, i->method);
  }
  pdl_include(out, i->include);
  if (i->settings)
    pdl_settings(out, i->settings);
  for (const struct setting *s = i->targets; s; s = s->next)
    strbuf_addf(out, "%s%s %s%s", s == i->targets ? " statistics (" : ", ", s->name, s->value, s->next ? "" : ")");
  if (i->where.sql) {
    strbuf_adds(out, " where (");
    pdl_expr(out, o->parent, &i->where);
    strbuf_addc(out, ')');
  }
  pdl_item_name(out, o);
  strbuf_addc(out, '\n');
}

static const char *naming(const struct object *o, struct arena *arena, struct names *columns) {
  *columns = key_words(arena, &((const struct index *)o)->keys);
  return "index";
}

static const struct field fields[] = {
    FIELD(index, method, FIELD_TEXT, "method"),
    FIELD(index, unique, FIELD_FLAG, "unique"),
    FIELD(index, nulls_not_distinct, FIELD_FLAG, "nulls not distinct"),
    FIELD(index, keys, FIELD_KEYS, "keys"),
    FIELD(index, include, FIELD_NAMES, "include"),
    FIELD(index, where, FIELD_EXPR, "where"),
    FIELD(index, settings, FIELD_SETTINGS, "storage parameters"),
    FIELD(index, invalid, FIELD_FLAG, "invalid"),
    FIELD(index, targets, FIELD_SETTINGS, "statistics"),
    FIELD_END,
};

const struct kind index_kind = {
    .word = "index",
    .size = sizeof(struct index),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_INDEX},
    .declare = declare,
    .link = link,
    .advise = advise,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .alter = alter,
    .last = last,
    .not_in_twin = INDEX_TARGETS,
    .online = index_online,
    .leans = leans,
    .follow = follow,
    .scratch = true,
    .reads = READS_TABLE,
    .copied = COPIED_CLASS,
    .sorts = "class i, class I",
    .read = read,
    .print = print,
    .clause = clause,
    .naming = naming,
};
