/* What the templates of C see: the structs of c_model.h, read in place. */
#include "emit/c_model.h"

static const struct c_list *list_at(const struct item *i, size_t offset) {
  return (const void *)((const char *)i->thing + offset);
}

/* ── enums ── */

static const struct key_of label_keys[] = {
    TEXT(c_label, name), TEXT(c_label, text), {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape label_shape = {.keys = label_keys, .doc = AT(c_label, doc)};

static struct view get_labels(const struct item *i, size_t offset) {
  return view_array(i->arena, &label_shape, list_at(i, offset)->v, list_at(i, offset)->n, sizeof(struct c_label));
}

static const struct key_of enum_keys[] = {
    TEXT(c_enum, name), TEXT(c_enum, unknown), TEXT(c_enum, array), TEXT(c_enum, title),
    {"labels", get_labels, AT(c_enum, labels)}, {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape enum_shape_c = {.keys = enum_keys, .doc = AT(c_enum, doc)};

/* ── columns ── */

static const struct key_of column_keys[] = {
    TEXT(c_column, name), TEXT(c_column, member), TEXT(c_column, type), TEXT(c_column, macro), TEXT(c_column, codec),
    TEXT(c_column, flags), TEXT(c_column, read), TEXT(c_column, cast), TEXT(c_column, labels), TEXT(c_column, shape),
    TEXT(c_column, note), FLAG(c_column, nullable), FLAG(c_column, read_only), FLAG(c_column, required),
    {"number", get_int, AT(c_column, number)}, {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape column_shape_c = {.keys = column_keys, .doc = AT(c_column, doc)};

static struct view get_columns(const struct item *i, size_t offset) {
  return view_array(i->arena, &column_shape_c, list_at(i, offset)->v, list_at(i, offset)->n, sizeof(struct c_column));
}

static const struct key_of composite_keys[] = {
    {"composite", get_text, AT(c_composite, name)}, TEXT(c_composite, opt), TEXT(c_composite, array),
    {"composite_shape", get_text, AT(c_composite, shape)}, TEXT(c_composite, title),
    {"column_count", get_text, AT(c_composite, count)}, {"columns", get_columns, AT(c_composite, columns)},
    FLAG(c_composite, empty), {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape composite_shape = {.keys = composite_keys, .doc = AT(c_composite, doc)};

static struct view get_composites(const struct item *i, size_t offset) {
  return view_pointers(i->arena, &composite_shape, list_at(i, offset)->v, list_at(i, offset)->n);
}

static struct view get_required(const struct item *i, size_t offset) {
  const struct c_list *all = list_at(i, offset);
  const struct c_column *v = all->v, **required = arena_array(i->arena, all->n, sizeof *required);
  size_t count = 0;
  for (size_t k = 0; k < all->n; k++)
    if (v[k].required)
      required[count++] = &v[k];
  return view_pointers(i->arena, &column_shape_c, required, count);
}

/* ── operations ── */

static const struct shape target_shape;

static struct view get_target(const struct item *i, size_t offset) {
  const void *at = (const char *)i->thing + offset;
  return view_thing(i->arena, &target_shape, *(const struct c_table *const *)at);
}

static const struct key_of by_keys[] = {
    TEXT(c_by, columns), TEXT(c_by, params), TEXT(c_by, args), TEXT(c_by, keys), TEXT(c_by, key_count),
    TEXT(c_by, order), TEXT(c_by, order_count), TEXT(c_by, flags), TEXT(c_by, why_not), TEXT(c_by, get),
    TEXT(c_by, get_q), TEXT(c_by, upsert), TEXT(c_by, upsert_q), TEXT(c_by, list), TEXT(c_by, list_q),
    TEXT(c_by, each), {"count_by", get_text, AT(c_by, count)}, TEXT(c_by, page), TEXT(c_by, page_q),
    TEXT(c_by, follow), TEXT(c_by, inverse), TEXT(c_by, after), TEXT(c_by, null),
    {"target", get_target, AT(c_by, target)}, TEXT(c_by, target_keys), TEXT(c_by, target_args), LIST_KEYS, KEYS_END,
};
static const struct shape by_shape = {.keys = by_keys};

static struct view get_bys(const struct item *i, size_t offset) {
  return view_array(i->arena, &by_shape, list_at(i, offset)->v, list_at(i, offset)->n, sizeof(struct c_by));
}

static struct view get_by(const struct item *i, size_t offset) {
  const struct c_by *by = (const void *)((const char *)i->thing + offset);
  return view_thing(i->arena, &by_shape, by->columns ? by : NULL);
}

/* ── tables ── */

static const struct key_of target_keys[] = {
    {"name", get_text, AT(c_table, name)}, {"table", get_text, AT(c_table, name)}, KEYS_END};
static const struct shape target_shape = {.keys = target_keys};

static const struct key_of table_keys[] = {
    {"table", get_text, AT(c_table, name)}, TEXT(c_table, upper), TEXT(c_table, title), TEXT(c_table, sql),
    TEXT(c_table, id), TEXT(c_table, opt_id), TEXT(c_table, id_value), TEXT(c_table, numbers), TEXT(c_table, masks),
    {"column_count", get_text, AT(c_table, count)}, FLAG(c_table, is_view), FLAG(c_table, writable),
    FLAG(c_table, empty), {"columns", get_columns, AT(c_table, columns)},
    {"required_columns", get_required, AT(c_table, columns)}, {"bys", get_bys, AT(c_table, bys)},
    {"references", get_bys, AT(c_table, references)}, {"key", get_by, AT(c_table, key)}, TEXT(c_table, list_type),
    TEXT(c_table, cols), TEXT(c_table, get), TEXT(c_table, get_many), TEXT(c_table, insert), TEXT(c_table, update),
    {"delete", get_text, AT(c_table, delete_)}, TEXT(c_table, list), TEXT(c_table, each), TEXT(c_table, page),
    {"count", get_text, AT(c_table, count_all)}, TEXT(c_table, exists), TEXT(c_table, copy_open),
    TEXT(c_table, copy_row), TEXT(c_table, get_q), TEXT(c_table, insert_q), TEXT(c_table, update_q),
    TEXT(c_table, delete_q), TEXT(c_table, list_q), TEXT(c_table, page_q), TEXT(c_table, required),
    {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape table_shape_c = {.keys = table_keys, .doc = AT(c_table, doc)};

static struct view get_tables(const struct item *i, size_t offset) {
  return view_pointers(i->arena, &table_shape_c, list_at(i, offset)->v, list_at(i, offset)->n);
}

/* ── functions ── */

static const struct key_of function_keys[] = {
    TEXT(c_function, name), TEXT(c_function, queued), TEXT(c_function, each), TEXT(c_function, title),
    TEXT(c_function, sql), TEXT(c_function, why_not), TEXT(c_function, row), TEXT(c_function, own_row),
    TEXT(c_function, type), TEXT(c_function, list_type), TEXT(c_function, own_list),
    {"call_flags", get_text, AT(c_function, flags)}, TEXT(c_function, verb), TEXT(c_function, size),
    TEXT(c_function, params), TEXT(c_function, args), TEXT(c_function, keys), TEXT(c_function, key_count),
    {"column_count", get_text, AT(c_function, count)}, {"columns", get_columns, AT(c_function, columns)},
    {"arguments", get_columns, AT(c_function, arguments)}, {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape function_shape_c = {.keys = function_keys, .doc = AT(c_function, doc)};

static struct view get_functions(const struct item *i, size_t offset) {
  const struct c_list *all = list_at(i, offset);
  return view_array(i->arena, &function_shape_c, all->v, all->n, sizeof(struct c_function));
}

/* ── the root ── */

static const struct key_of constraint_keys[] = {
    TEXT(c_constraint, code), {"schema", get_text, AT(c_constraint, schema_c)},
    {"table", get_text, AT(c_constraint, table_c)}, {"name", get_text, AT(c_constraint, name_c)}, LIST_KEYS, KEYS_END,
};
static const struct shape constraint_shape = {.keys = constraint_keys};

static struct view get_constraints(const struct item *i, size_t offset) {
  const struct c_list *all = list_at(i, offset);
  return view_array(i->arena, &constraint_shape, all->v, all->n, sizeof(struct c_constraint));
}

static struct view get_enums(const struct item *i, size_t offset) {
  return view_array(i->arena, &enum_shape_c, list_at(i, offset)->v, list_at(i, offset)->n, sizeof(struct c_enum));
}

static struct view get_count(const struct item *i, size_t offset) {
  return view_int((long long)list_at(i, offset)->n);
}

static const struct key_of root_keys[] = {
    TEXT(c_model, prefix), {"PREFIX", get_text, AT(c_model, upper)}, {"doc_lines", get_doc_lines, 0},
    {"enums", get_enums, AT(c_model, enums)}, {"composites", get_composites, AT(c_model, composites)},
    {"ids", get_tables, AT(c_model, ids)}, {"tables", get_tables, AT(c_model, tables)},
    {"constraints", get_constraints, AT(c_model, constraints)}, {"functions", get_functions, AT(c_model, functions)},
    {"constraint_count", get_count, AT(c_model, constraints)}, FLAG(c_model, per_table), KEYS_END,
};
static const struct shape root_shape = {.keys = root_keys, .doc = AT(c_model, doc)};

static struct c_table *const *table_at(const struct c_model *m, const struct object *o) {
  struct c_table *const *v = m->tables.v;
  for (size_t i = 0; i < m->tables.n; i++)
    if (v[i]->object == o)
      return &v[i];
  return NULL;
}

const char *c_file_name(const void *model, const struct object *o) {
  struct c_table *const *table = table_at(model, o);
  return table ? (*table)->name : NULL;
}

/* The file of a table sees no other. */
struct view c_view(struct arena *arena, const void *model, const struct object *table) {
  struct c_model *m = arena_alloc(arena, sizeof *m);
  *m = *(const struct c_model *)model;
  if (table)
    m->tables = (struct c_list){(void *)(uintptr_t)table_at(m, table), 1};
  return view_thing(arena, &root_shape, m);
}
