/* Tables as templates see them: columns, keys, references, checks, exclusions, indexes. */
#include <string.h>

#include "emit/shape.h"

/* ── columns ── */

static struct view get_nullable(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(!((const struct column *)i->thing)->not_null);
}

static struct view get_has_default(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(column_has_default(i->thing));
}

static struct view get_is_generated(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(((const struct column *)i->thing)->generated.sql != NULL);
}

static struct view get_is_primary_key(const struct item *i, size_t arg) {
  (void)arg;
  const struct object *o = i->thing;
  const struct key *primary = table_primary(o->parent);
  return view_bool(primary && names_hold(primary->columns, o->name));
}

static struct view get_is_unique(const struct item *i, size_t arg) {
  (void)arg;
  const struct object *o = i->thing;
  const char *name = o->name;
  return view_bool(table_is_unique(o->parent, (struct names){.v = &name, .n = 1}));
}

static const struct key_of column_keys[] = {
    NAME_KEYS,
    {"sql_name", get_ident, AT(object, name)},
    DOC_KEYS,
    TYPE_KEYS(AT(column, type)),
    {"not_null", get_flag, AT(column, not_null)},
    {"nullable", get_nullable, 0},
    {"default", get_expr, AT(column, default_)},
    {"has_default", get_has_default, 0},
    {"is_serial", get_flag, AT(column, serial)},
    {"identity", get_text, AT(column, identity)},
    {"is_identity", get_has, AT(column, identity)},
    {"generated", get_expr, AT(column, generated)},
    {"is_generated", get_is_generated, 0},
    {"is_virtual", get_has, AT(column, virtual_)},
    {"collation", get_text, AT(column, collation)},
    {"is_primary_key", get_is_primary_key, 0},
    {"is_unique", get_is_unique, 0},
    {"touch", get_flag, AT(column, touch)},
    LIST_KEYS,
    KEYS_END,
};
const struct shape column_shape = {.keys = column_keys, OBJECT_NAMES};

/* ── columns that a key or reference names ── */

struct column_name {
  const char *name, *code_name;
  const struct column *column; /* NULL where the model does not have it */
};

static struct view get_named_type(const struct item *i, size_t arg) {
  (void)arg;
  const struct column_name *c = i->thing;
  return c->column ? view_type(i->arena, &c->column->type) : view_null();
}

static struct view get_named_is(const struct item *i, size_t arg) {
  (void)arg;
  const struct column_name *c = i->thing;
  return c->column ? view_is(&c->column->type) : view_null();
}

static const struct key_of column_name_keys[] = {
    NAME_KEYS,
    {"sql_name", get_ident, AT(column_name, name)},
    {"type", get_named_type, 0},
    {"is", get_named_is, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape column_name_shape = {
    .keys = column_name_keys, .name = AT(column_name, name), .code_name = AT(column_name, code_name)};

static struct view column_names(const struct item *i, size_t offset, const struct object *table) {
  const struct names *names = (const void *)((const char *)i->thing + offset);
  struct column_name *v = arena_array(i->arena, names->n, sizeof *v);
  for (size_t k = 0; k < names->n; k++) {
    const struct column *c = table ? table_column(table, names->v[k]) : NULL;
    v[k] = (struct column_name){names->v[k], c ? c->object.code_name : NULL, c};
  }
  return view_array(i->arena, &column_name_shape, v, names->n, sizeof *v);
}

/* The offset is that of a struct names in an object of a table. */
static struct view get_columns(const struct item *i, size_t offset) {
  return column_names(i, offset, ((const struct object *)i->thing)->parent);
}

/* ── constraints ── */

#define CONSTRAINT_KEYS {"name", get_name, 0}, DOC_KEYS
#define DEFERRAL_KEYS(kind)                                                                                  \
  {"deferrable", get_flag, AT(kind, deferrable)}, {"deferred", get_flag, AT(kind, deferred)}
#define KEY_KEYS                                                                                             \
  CONSTRAINT_KEYS, {"columns", get_columns, AT(key, columns)}, {"include", get_columns, AT(key, include)},   \
      {"nulls_not_distinct", get_flag, AT(key, nulls_not_distinct)}, DEFERRAL_KEYS(key)

static const struct key_of primary_keys[] = {KEY_KEYS, KEYS_END};
static const struct shape primary_shape = {.keys = primary_keys, OBJECT_NAMES};

static const struct key_of unique_keys[] = {KEY_KEYS, LIST_KEYS, KEYS_END};
static const struct shape unique_shape = {.keys = unique_keys, OBJECT_NAMES};

static const struct key_of check_keys[] = {
    CONSTRAINT_KEYS,
    {"expression", get_expr, AT(check, expr)},
    {"columns", get_columns, AT(check, columns)},
    {"no_inherit", get_flag, AT(check, no_inherit)},
    {"not_valid", get_flag, AT(check, not_valid)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape check_shape = {.keys = check_keys, OBJECT_NAMES};

/* ── foreign keys ── */

static const struct key_of target_keys[] = {
    NAME_KEYS,
    {"schema", get_text, AT(object, schema)},
    {"qualified", get_qualified, 0},
    {"external", get_flag, AT(object, external)},
    KEYS_END,
};
static const struct shape target_shape = {.keys = target_keys, OBJECT_NAMES};

static struct view get_target(const struct item *i, size_t arg) {
  (void)arg;
  const struct foreign *f = i->thing;
  const struct object *table = f->table;
  if (!table) { /* of a model that holds only its name */
    struct object *named = arena_alloc(i->arena, sizeof *named);
    named->schema = f->table_schema;
    named->name = f->table_name;
    table = named;
  }
  return view_thing(i->arena, &target_shape, table);
}

static struct view get_target_columns(const struct item *i, size_t offset) {
  return column_names(i, offset, ((const struct foreign *)i->thing)->table);
}

static const char *const rules[] = {"cascade", "restrict", "set null", "set default", "no action"};

static struct view get_on_delete_is(const struct item *i, size_t rule) {
  return view_bool(strcmp(((const struct foreign *)i->thing)->on_delete, rules[rule]) == 0);
}

static const struct key_of foreign_keys[] = {
    CONSTRAINT_KEYS,
    {"columns", get_columns, AT(foreign, columns)},
    {"table", get_target, 0},
    {"target_columns", get_target_columns, AT(foreign, target_columns)},
    {"on_delete", get_text, AT(foreign, on_delete)},
    {"on_delete_cascade", get_on_delete_is, 0},
    {"on_delete_restrict", get_on_delete_is, 1},
    {"on_delete_set_null", get_on_delete_is, 2},
    {"on_delete_set_default", get_on_delete_is, 3},
    {"on_delete_no_action", get_on_delete_is, 4},
    {"on_delete_columns", get_columns, AT(foreign, on_delete_columns)},
    {"on_update", get_text, AT(foreign, on_update)},
    {"match_full", get_flag, AT(foreign, match_full)},
    DEFERRAL_KEYS(foreign),
    {"not_valid", get_flag, AT(foreign, not_valid)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape foreign_shape = {.keys = foreign_keys, OBJECT_NAMES};

/* ── indexes and exclusions ── */

static struct view get_key_sql(const struct item *i, size_t arg) {
  (void)arg;
  struct index_key key = *(const struct index_key *)i->thing;
  struct strbuf sql = STRBUF_INIT;
  sql_keys(&sql, &(struct index_keys){.v = &key, .n = 1});
  const char *bare = arena_strndup(i->arena, sql.text + 1, sql.len - 2); /* without its parentheses */
  strbuf_release(&sql);
  return view_text(bare);
}

static const struct key_of index_key_keys[] = {
    {"column", get_text, AT(index_key, column)},
    {"expression", get_expr, AT(index_key, expr)},
    {"sql", get_key_sql, 0},
    {"operator", get_text, AT(index_key, operator_)},
    {"descending", get_flag, AT(index_key, descending)},
    {"nulls_first", get_flag, AT(index_key, nulls_first)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape index_key_shape = {.keys = index_key_keys};

static struct view get_keys(const struct item *i, size_t offset) {
  const struct index_keys *keys = (const void *)((const char *)i->thing + offset);
  return view_array(i->arena, &index_key_shape, keys->v, keys->n, sizeof *keys->v);
}

static const struct key_of index_item_keys[] = {
    CONSTRAINT_KEYS,
    {"unique", get_flag, AT(index, unique)},
    {"nulls_not_distinct", get_flag, AT(index, nulls_not_distinct)},
    {"method", get_text, AT(index, method)},
    {"keys", get_keys, AT(index, keys)},
    {"include", get_columns, AT(index, include)},
    {"where", get_expr, AT(index, where)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape index_shape = {.keys = index_item_keys, OBJECT_NAMES};

static const struct key_of exclude_keys[] = {
    CONSTRAINT_KEYS,
    {"method", get_text, AT(exclude, method)},
    {"keys", get_keys, AT(exclude, keys)},
    {"include", get_columns, AT(exclude, include)},
    {"where", get_expr, AT(exclude, where)},
    DEFERRAL_KEYS(exclude),
    LIST_KEYS,
    KEYS_END,
};
static const struct shape exclude_shape = {.keys = exclude_keys, OBJECT_NAMES};

/* ── the table ── */

static struct view get_table_columns(const struct item *i, size_t arg) {
  (void)arg;
  return view_children(i->arena, &column_shape, i->thing, KIND_COLUMN);
}

static struct view get_primary_key(const struct item *i, size_t arg) {
  (void)arg;
  return view_thing(i->arena, &primary_shape, table_primary(i->thing));
}

static struct view get_uniques(const struct item *i, size_t arg) {
  (void)arg;
  const struct object *table = i->thing;
  size_t count = 0;
  for EACH_CHILD(table, o)
    count += is_kind(o, KIND_KEY);
  const struct object **v = arena_array(i->arena, count, sizeof *v);
  count = 0;
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_KEY) && !((const struct key *)o)->primary)
      v[count++] = o;
  return view_pointers(i->arena, &unique_shape, v, count);
}

static struct view get_foreign_keys(const struct item *i, size_t arg) {
  (void)arg;
  return view_children(i->arena, &foreign_shape, i->thing, KIND_FOREIGN);
}

static struct view get_checks(const struct item *i, size_t arg) {
  (void)arg;
  return view_children(i->arena, &check_shape, i->thing, KIND_CHECK);
}

static struct view get_excludes(const struct item *i, size_t arg) {
  (void)arg;
  return view_children(i->arena, &exclude_shape, i->thing, KIND_EXCLUDE);
}

static struct view get_indexes(const struct item *i, size_t arg) {
  (void)arg;
  return view_children(i->arena, &index_shape, i->thing, KIND_INDEX);
}

#define TABLE_KEYS                                                                                           \
  NAME_KEYS, {"schema", get_text, AT(object, schema)}, {"qualified", get_qualified, 0}, DOC_KEYS,            \
      {"external", get_flag, AT(object, external)}, {"unlogged", get_flag, AT(table, unlogged)},             \
      {"columns", get_table_columns, 0}, {"primary_key", get_primary_key, 0}, {"uniques", get_uniques, 0},   \
      {"foreign_keys", get_foreign_keys, 0}, {"checks", get_checks, 0}, {"excludes", get_excludes, 0},       \
      {"indexes", get_indexes, 0}

static const struct key_of table_keys[] = {TABLE_KEYS, KEYS_END};
const struct shape table_shape = {.keys = table_keys, OBJECT_NAMES};

static const struct key_of table_item_keys[] = {TABLE_KEYS, LIST_KEYS, KEYS_END};
const struct shape table_item_shape = {.keys = table_item_keys, OBJECT_NAMES};
