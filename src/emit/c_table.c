/* The operations of a table in C: by its key, by each unique key, index and reference. */
#include <string.h>

#include "emit/c_model.h"

/* ── parts ── */

/* With the name of its struct pdl_op. Of struct_ too it is struct_get. */
static const char *claim(struct c_build *b, const struct c_table *t, const char *verb) {
  size_t n = strlen(t->name);
  while (n > 1 && t->name[n - 1] == '_')
    n--;
  const char *wanted = arena_printf(b->arena, "%.*s_%s", (int)n, t->name, verb), *name;
  do
    name = c_claim(b->arena, &b->taken, wanted, NULL, b->diagnostics, t->object->span,
                   (struct c_what){"a function of", NULL, t->object->name});
  while (!c_take(b->arena, &b->taken, arena_printf(b->arena, "%s_op", name)));
  return name;
}

/* A function's name, claimed. */
static const char *function(struct c_build *b, const struct c_table *t, const char *verb, const char *columns) {
  return claim(b, t, columns ? arena_printf(b->arena, "%s_by_%s", verb, columns) : verb);
}

/* The same, queued. */
static const char *queued(struct c_build *b, const struct c_table *t, const char *verb, const char *columns) {
  const char *by = columns ? "_by_" : "";
  return claim(b, t, arena_printf(b->arena, "%s%s%s_q", verb, by, columns ? columns : ""));
}

/* Their numbers, put behind those that are there. */
static const char *numbers(struct c_build *b, struct c_table *t, const struct c_table *of, struct names columns) {
  if (!columns.n)
    return "NULL";
  const char *at = arena_printf(b->arena, "%s_numbers + %zu", t->name, t->number_count);
  for (size_t i = 0; i < columns.n; i++)
    strbuf_addf(&t->number_text, "%s%lld", t->number_count++ ? ", " : "", c_column_named(of, columns.v[i])->number);
  return at;
}

static void set_keys(struct c_build *b, struct c_table *t, struct c_by *by, struct names columns) {
  struct strbuf params = STRBUF_INIT, args = STRBUF_INIT, name = STRBUF_INIT;
  for (size_t i = 0; i < columns.n; i++) {
    const struct c_column *c = c_column_named(t, columns.v[i]);
    const char *param = c_param_name(b->arena, c->member);
    strbuf_addf(&params, ", %s %s", c->value, param);
    strbuf_addf(&args, "%s&%s", i ? ", " : "", param);
    strbuf_addf(&name, "%s%s", i ? "_" : "", c->member);
  }
  while (name.len && name.text[name.len - 1] == '_')
    strbuf_truncate(&name, name.len - 1);
  by->params = strbuf_dup(&params, b->arena);
  by->args = args.len ? strbuf_dup(&args, b->arena) : "NULL";
  by->columns = strbuf_dup(&name, b->arena);
  by->keys = numbers(b, t, t, columns);
  by->key_count = arena_printf(b->arena, "%zu", columns.n);
  by->order = "NULL";
  by->order_count = "0";
  strbuf_release(&params);
  strbuf_release(&args);
  strbuf_release(&name);
}

static bool has_all(const struct c_table *t, struct names columns) {
  for (size_t i = 0; i < columns.n; i++)
    if (!c_column_named(t, columns.v[i]))
      return false;
  return columns.n > 0;
}

static struct names primary_of(const struct c_table *t) {
  const struct key *k = t->is_view ? NULL : table_primary(t->object);
  return k ? k->columns : (struct names){0};
}

static bool is_foreign_column(const struct object *table, const char *column) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_FOREIGN) && names_hold(((const struct foreign *)o)->columns, column))
      return true;
  return false;
}

/* ── order and pages ── */

/* Rows that equal the keys, in the order of these columns and then of the primary key. A page goes on behind a row by
 * one comparison, which is sound only where none of them can be null. */
static void set_order(struct c_build *b, struct c_table *t, struct c_by *by, struct names columns, bool descending) {
  const struct names primary = primary_of(t);
  struct names order = {.v = arena_array(b->arena, columns.n + primary.n, sizeof(char *))};
  for (size_t i = 0; i < columns.n; i++)
    order.v[order.n++] = columns.v[i];
  for (size_t i = 0; i < primary.n; i++)
    if (!names_hold(order, primary.v[i]))
      order.v[order.n++] = primary.v[i];
  if (!primary.n)
    by->why_not = "the table has no primary key";
  for (size_t i = 0; i < order.n && !by->why_not; i++)
    if (c_column_named(t, order.v[i])->nullable)
      by->why_not = arena_printf(b->arena, "%s may be null, and rows behind a null would be lost",
                                 c_column_named(t, order.v[i])->member);
  if (by->why_not && columns.n)
    return;
  by->order = numbers(b, t, t, order);
  by->order_count = arena_printf(b->arena, "%zu", order.n);
  const struct c_column *only = order.n == 1 ? c_column_named(t, order.v[0]) : NULL;
  by->after = only ? only->value : NULL;
  by->flags = descending ? only ? "PDL_DESCENDING | PDL_BY_VALUE" : "PDL_DESCENDING" : only ? "PDL_BY_VALUE" : "0";
}

/* ── rows by columns ── */

static struct c_by *by_columns(struct c_build *b, const struct c_table *t, struct names columns) {
  const char *key = "";
  struct c_by *v = t->bys.v;
  for (size_t i = 0; i < columns.n; i++)
    key = arena_printf(b->arena, "%s%s%s", key, i ? "_" : "", c_column_named(t, columns.v[i])->member);
  size_t n = strlen(key);
  while (n && key[n - 1] == '_')
    n--;
  for (size_t i = 0; i < t->bys.n; i++)
    if (v[i].keys && strlen(v[i].columns) == n && strncmp(v[i].columns, key, n) == 0)
      return &v[i];
  return NULL;
}

static struct c_by *add_by(struct c_build *b, struct c_table *t, struct names columns) {
  struct c_by *by = by_columns(b, t, columns);
  if (by)
    return by;
  by = (struct c_by *)t->bys.v + t->bys.n++;
  set_keys(b, t, by, columns);
  return by;
}

static void add_list(struct c_build *b, struct c_table *t, struct names columns) {
  struct c_by *by = add_by(b, t, columns);
  if (by->list)
    return;
  by->list = function(b, t, "list", by->columns);
  by->list_q = queued(b, t, "list", by->columns);
  by->each = function(b, t, "each", by->columns);
  by->count = function(b, t, "count", by->columns);
}

static void add_unique(struct c_build *b, struct c_table *t, struct names columns, bool arbiter) {
  struct c_by *by = add_by(b, t, columns);
  if (!by->get) {
    by->get = function(b, t, "get", by->columns);
    by->get_q = queued(b, t, "get", by->columns);
  }
  for (size_t i = 0; i < columns.n; i++)
    arbiter &= !c_column_named(t, columns.v[i])->read_only;
  if (arbiter && t->writable && !by->upsert) {
    by->upsert = function(b, t, "upsert", by->columns);
    by->upsert_q = queued(b, t, "upsert", by->columns);
  }
}

/* Columns of references at the head of an index are what rows are looked for by; those behind them their order. */
static void add_page(struct c_build *b, struct c_table *t, struct names columns, bool descending, const char *why_not) {
  size_t heads = 0;
  while (heads < columns.n && is_foreign_column(t->object, columns.v[heads]))
    heads++;
  struct c_by *by = add_by(b, t, columns);
  if (by->page || by->why_not)
    return;
  by->why_not = why_not;
  const char *name = by->columns;
  if (heads < columns.n) { /* what lists and counts by all of them is another */
    struct c_by own = *by;
    if (own.list || own.get) {
      by = (struct c_by *)t->bys.v + t->bys.n++;
      *by = (struct c_by){.why_not = why_not};
    }
    set_keys(b, t, by, (struct names){columns.v, heads});
    by->columns = name;
  }
  set_order(b, t, by, (struct names){columns.v + heads, columns.n - heads}, descending);
  if (by->why_not)
    return;
  by->page = function(b, t, "page", name);
  by->page_q = queued(b, t, "page", name);
}

/* The plain columns at the head of an index, up to its first expression, or a column that it has already. */
static struct names plain_keys(struct arena *arena, const struct index_keys *keys) {
  struct names names = {.v = arena_array(arena, keys->n, sizeof(char *))};
  while (names.n < keys->n && keys->v[names.n].column && !names_hold(names, keys->v[names.n].column)) {
    names.v[names.n] = keys->v[names.n].column;
    names.n++;
  }
  return names;
}

static void add_prefixes(struct c_build *b, struct c_table *t, struct names columns) {
  for (size_t n = 1; n <= columns.n; n++)
    add_list(b, t, (struct names){columns.v, n});
}

/* Why ORDER BY the columns of an index would not go along it, or NULL. */
static const char *why_no_order(const struct index *i) {
  for (size_t k = 0; k < i->keys.n; k++) {
    if (i->keys.v[k].descending != i->keys.v[0].descending)
      return "its index goes both up and down";
    if (i->keys.v[k].opclass)
      return "its index is in the order of an operator class of its own";
    if (i->keys.v[k].collation)
      return "its index is in the order of a collation of its own";
  }
  return NULL;
}

/* An index that no rows are looked for by. */
static void add_why_not(struct c_build *b, struct c_table *t, const struct index *i, const char *why) {
  const char *name = i->object.name;
  struct c_by *by = (struct c_by *)t->bys.v + t->bys.n++;
  *by = (struct c_by){.columns = comment_line(b->arena, name, strlen(name), true), .why_not = why};
}

static void add_index(struct c_build *b, struct c_table *t, const struct index *i) {
  if (i->method && strcmp(i->method, "btree") != 0 && strcmp(i->method, "hash") != 0) {
    add_why_not(b, t, i, "its index has no order");
    return;
  }
  const struct names columns = plain_keys(b->arena, &i->keys);
  const bool whole = columns.n == i->keys.n && !i->where.sql;
  if (!has_all(t, columns) || i->where.sql) {
    add_why_not(b, t, i, i->where.sql ? "its index has some of the rows only" : "its index is over an expression");
    return;
  }
  if (columns.n < i->keys.n)
    add_why_not(b, t, i, "its index is over an expression");
  else if (i->method && strcmp(i->method, "hash") == 0)
    add_why_not(b, t, i, "its index has no order");
  const char *why_not = why_no_order(i);
  if (i->unique && whole)
    add_unique(b, t, columns, true);
  add_prefixes(b, t, i->unique && whole ? (struct names){columns.v, columns.n - 1} : columns);
  if (whole && !i->unique && !(i->method && strcmp(i->method, "hash") == 0))
    add_page(b, t, columns, i->keys.v[0].descending, why_not);
}

/* Nothing leads to a table that programs do not see: rows by its key are but the rows by our own. */
static bool is_hidden(const struct c_build *b, const struct object *table) {
  const struct c_table *t = c_table_of(b, table);
  return !t || !t->known;
}

static void add_bys(struct c_build *b, struct c_table *t) {
  size_t room = 0;
  for EACH_CHILD(t->object, o) {
    room += is_kind(o, KIND_FOREIGN) ? 1 : 0;
    room += is_kind(o, KIND_KEY) ? 1 + ((const struct key *)o)->columns.n : 0;
    room += is_kind(o, KIND_INDEX) ? 4 + ((const struct index *)o)->keys.n : 0;
  }
  t->bys.v = arena_array(b->arena, room, sizeof(struct c_by));
  for EACH_CHILD(t->object, o) {
    const struct key *k = (const struct key *)o;
    if (!is_kind(o, KIND_KEY) || !has_all(t, k->columns))
      continue;
    if (!k->primary)
      add_unique(b, t, k->columns, !k->deferrable);
    add_prefixes(b, t, (struct names){k->columns.v, k->columns.n - 1});
  }
  for EACH_CHILD(t->object, o) {
    const struct foreign *f = (const struct foreign *)o;
    if (is_kind(o, KIND_FOREIGN) && has_all(t, f->columns) &&
        !(names_equal(f->columns, primary_of(t)) && is_hidden(b, f->table)))
      add_list(b, t, f->columns);
  }
  for EACH_CHILD(t->object, o)
    if (is_kind(o, KIND_INDEX))
      add_index(b, t, (const struct index *)o);
}

/* ── references ── */

/* C that is true where the member of `row` is null, or NULL; *at: where its value lies. */
static const char *null_test(struct arena *arena, const struct c_column *c, const char *row, const char **at) {
  const bool opt = c->nullable && c->c.opt && !c->c.is_array;
  *at = arena_printf(arena, "&%s->%s%s", row, c->member, opt ? ".v" : "");
  if (!c->nullable)
    return NULL;
  if (opt)
    return arena_printf(arena, "!%s->%s.set", row, c->member);
  const char *pointer = c->c.is_array                      ? "v"
                        : strcmp(c->c.codec, "ENUM") == 0    ? "label.p"
                        : strcmp(c->c.codec, "NUMERIC") == 0 ? "dec.p"
                        : strncmp(c->c.codec, "JSON", 4) == 0 ? "json.p"
                                                              : "p";
  return arena_printf(arena, "!%s->%s%s.%s", row, c->member, c->id_of ? ".v" : "", pointer);
}

static const char *follow_name(struct c_build *b, const struct c_table *t, const struct foreign *f,
                               const struct c_table *target) {
  const char *member = c_column_named(t, f->columns.v[0])->member;
  size_t n = strlen(member);
  while (n > 1 && member[n - 1] == '_')
    n--;
  member = arena_strndup(b->arena, member, n);
  if (f->columns.n == 1 && n > 3 && strcmp(member + n - 3, "_id") == 0)
    return arena_strndup(b->arena, member, n - 3);
  if (f->columns.n == 1 && strcmp(member, "id") != 0)
    return member;
  return c_name(b->arena, singular(b->arena, target->object->name), CASE_SNAKE);
}

static void add_reference(struct c_build *b, struct c_table *t, const struct foreign *f) {
  const struct c_table *target = c_table_of(b, f->table);
  struct strbuf args = STRBUF_INIT, target_args = STRBUF_INIT, null = STRBUF_INIT;
  bool same = target && target->known && !target->is_view && f->columns.n == f->target_columns.n &&
              has_all(t, f->columns) && has_all(target, f->target_columns);
  for (size_t i = 0; same && i < f->columns.n; i++) {
    const struct c_column *c = c_column_named(t, f->columns.v[i]);
    const struct c_column *to = c_column_named(target, f->target_columns.v[i]);
    const char *at;
    const char *test = null_test(b->arena, c, "row", &at);
    /* A value of C's enum can be the label alone, which the macro of NULL does not show. */
    same = !to->nullable && strcmp(c->codec, to->codec) == 0 && c->c.is_array == to->c.is_array &&
           strcmp(c->labels, to->labels) == 0 && strcmp(c->shape, to->shape) == 0 &&
           !(c->nullable && strcmp(c->c.codec, "ENUM") == 0);
    strbuf_addf(&args, "%s%s", i ? ", " : "", at);
    strbuf_addf(&target_args, "%s&of->%s", i ? ", " : "", to->member);
    if (test)
      strbuf_addf(&null, "%s%s", null.len ? " || " : "", test);
  }
  if (same) {
    struct c_by *r = (struct c_by *)t->references.v + t->references.n++;
    const struct c_by *list = by_columns(b, t, f->columns);
    const char *name = follow_name(b, t, f, target);
    *r = *list;
    r->target = target;
    r->args = strbuf_dup(&args, b->arena);
    r->target_args = strbuf_dup(&target_args, b->arena);
    r->target_keys = numbers(b, t, target, f->target_columns);
    r->null = null.len ? strbuf_dup(&null, b->arena) : NULL;
    r->follow = claim(b, t, name);
    r->inverse = claim(b, t, arena_printf(b->arena, "of_%s", name));
  }
  strbuf_release(&args);
  strbuf_release(&target_args);
  strbuf_release(&null);
}

static void add_references(struct c_build *b, struct c_table *t) {
  size_t count = 0;
  for EACH_CHILD(t->object, o)
    count += is_kind(o, KIND_FOREIGN);
  t->references.v = arena_array(b->arena, count, sizeof(struct c_by));
  for EACH_CHILD(t->object, o)
    if (is_kind(o, KIND_FOREIGN))
      add_reference(b, t, (const struct foreign *)o);
}

/* ── the table ── */

/* Whether values of the key can stand in arrays. */
static bool can_be_many(const struct c_table *t, struct names columns) {
  for (size_t i = 0; i < columns.n; i++)
    if (c_column_named(t, columns.v[i])->c.is_array)
      return false;
  return true;
}

static void add_key(struct c_build *b, struct c_table *t) {
  const struct names primary = primary_of(t);
  if (!has_all(t, primary))
    return;
  set_keys(b, t, &t->key, primary);
  set_order(b, t, &t->key, (struct names){0}, false);
  t->get = function(b, t, "get", NULL);
  if (can_be_many(t, primary))
    t->get_many = function(b, t, "get_many", NULL);
  t->page = function(b, t, "page", NULL);
  t->page_q = queued(b, t, "page", NULL);
  t->exists = function(b, t, "exists", NULL);
  t->key.get = t->get;
  t->key.page = t->page;
  t->key.page_q = t->page_q;
  t->key.get_q = t->get_q = queued(b, t, "get", NULL);
  if (!t->writable)
    return;
  t->update = function(b, t, "update", NULL);
  t->delete_ = function(b, t, "delete", NULL);
  t->update_q = queued(b, t, "update", NULL);
  t->delete_q = queued(b, t, "delete", NULL);
  bool given = true;
  for (size_t i = 0; i < primary.n; i++)
    given &= !c_column_named(t, primary.v[i])->read_only;
  if (given) {
    t->key.upsert = function(b, t, "upsert", t->key.columns);
    t->key.upsert_q = queued(b, t, "upsert", t->key.columns);
  }
}

void c_table_operations(struct c_build *b, struct c_table *t) {
  t->list_type = function(b, t, "list", NULL);
  t->cols = t->writable ? function(b, t, "cols", NULL) : NULL;
  if (!t->empty) {
    add_key(b, t);
    t->list = function(b, t, "list_all", NULL);
    t->list_q = queued(b, t, "list_all", NULL);
    t->each = function(b, t, "each", NULL);
    t->count_all = function(b, t, "count", NULL);
    if (t->writable) {
      t->insert = function(b, t, "insert", NULL);
      t->insert_q = queued(b, t, "insert", NULL);
      t->copy_open = function(b, t, "copy_open", NULL);
      t->copy_row = function(b, t, "copy_row", NULL);
    }
    if (!t->is_view) {
      add_bys(b, t);
      add_references(b, t);
    }
  }
  t->numbers = t->number_count ? strbuf_dup(&t->number_text, b->arena) : "0";
  strbuf_release(&t->number_text);
}
