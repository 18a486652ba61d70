/* What Swift's templates see. */
#include "emit/swift.h"

static const struct key_of column_keys[] = {
    TEXT(swift_column, access),
    TEXT(swift_column, identifier),
    TEXT(swift_column, type),
    TEXT(swift_column, key),
    TEXT(swift_column, decode),
    TEXT(swift_column, unwrap),
    TEXT(swift_column, wire),
    TEXT(swift_column, optional_wire),
    TEXT(swift_column, optional_type),
    FLAG(swift_column, nullable),
    FLAG(swift_column, required),
    FLAG(swift_column, constant),
    TEXT(swift_column, label),
    TEXT(swift_column, selector),
    TEXT(swift_column, facts),
    {"doc_lines", get_doc_lines, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape column_item = {
    .keys = column_keys, .name = AT(swift_column, name), .doc = AT(swift_column, doc)};

static struct view get_column_list(const struct item *i, size_t offset) {
  const struct swift_columns *list = (const void *)((const char *)i->thing + offset);
  return view_pointers(i->arena, &column_item, list->v, list->n);
}

static const struct key_of relation_keys[] = {
    TEXT(swift_relation, access),
    TEXT(swift_relation, identifier),
    TEXT(swift_relation, target),
    TEXT(swift_relation, facts),
    LIST_KEYS,
    KEYS_END,
};
static const struct shape relation_item = {.keys = relation_keys};

static struct view get_relations(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_table *t = i->thing;
  return view_array(i->arena, &relation_item, t->relations, t->relation_count, sizeof *t->relations);
}

static struct view get_has_key(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(((const struct swift_table *)i->thing)->key.n > 0);
}

static struct view get_has_relations(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(((const struct swift_table *)i->thing)->relation_count > 0);
}

static struct view get_has_columns(const struct item *i, size_t offset) {
  return view_bool(((const struct swift_columns *)(const void *)((const char *)i->thing + offset))->n > 0);
}

static const struct key_of table_keys[] = {
    TEXT(swift_table, access),
    TEXT(swift_table, type),
    TEXT(swift_table, title),
    {"doc_lines", get_doc_lines, 0},
    TEXT(swift_table, schema_literal),
    TEXT(swift_table, name_literal),
    TEXT(swift_table, select_literal),
    TEXT(swift_table, id),
    TEXT(swift_table, id_type),
    FLAG(swift_table, identifiable),
    FLAG(swift_table, read_only),
    {"columns", get_column_list, AT(swift_table, columns)},
    {"key_columns", get_column_list, AT(swift_table, key)},
    {"insert_columns", get_column_list, AT(swift_table, inserted)},
    {"update_columns", get_column_list, AT(swift_table, updated)},
    {"has_key", get_has_key, 0},
    {"has_insert", get_has_columns, AT(swift_table, inserted)},
    {"has_update", get_has_columns, AT(swift_table, updated)},
    {"relations", get_relations, 0},
    {"has_relations", get_has_relations, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape table_item = {
    .keys = table_keys, .name = AT(swift_table, name), .doc = AT(swift_table, doc)};

static const struct key_of label_keys[] = {
    TEXT(swift_label, access),
    TEXT(swift_label, identifier),
    TEXT(swift_label, literal),
    {"doc_lines", get_doc_lines, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape label_item = {.keys = label_keys, .name = AT(swift_label, name), .doc = AT(swift_label, doc)};

static struct view get_labels(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_enum *e = i->thing;
  return view_array(i->arena, &label_item, e->labels, e->label_count, sizeof *e->labels);
}

static const struct key_of enum_keys[] = {
    TEXT(swift_enum, access),
    TEXT(swift_enum, type),
    TEXT(swift_enum, title),
    {"doc_lines", get_doc_lines, 0},
    {"labels", get_labels, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape enum_item = {.keys = enum_keys, .name = AT(swift_enum, name), .doc = AT(swift_enum, doc)};

static const struct key_of alias_keys[] = {
    TEXT(swift_alias, access), TEXT(swift_alias, type), TEXT(swift_alias, title), TEXT(swift_alias, of),
    {"doc_lines", get_doc_lines, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape alias_item = {.keys = alias_keys, .name = AT(swift_alias, name), .doc = AT(swift_alias, doc)};

static const struct key_of embed_keys[] = {
    TEXT(swift_embed, access),
    TEXT(swift_embed, identifier),
    TEXT(swift_embed, type),
    TEXT(swift_embed, key),
    LIST_KEYS,
    KEYS_END,
};
static const struct shape embed_item = {.keys = embed_keys};

static struct view get_embeds(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_shape *s = i->thing;
  return view_array(i->arena, &embed_item, s->embeds, s->embed_count, sizeof *s->embeds);
}

static struct view get_has_embeds(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(((const struct swift_shape *)i->thing)->embed_count > 0);
}

static struct view get_nested(const struct item *, size_t);

static const struct key_of shape_keys[] = {
    TEXT(swift_shape, access),
    TEXT(swift_shape, type),
    TEXT(swift_shape, title),
    {"doc_lines", get_doc_lines, 0},
    TEXT(swift_shape, schema_literal),
    TEXT(swift_shape, name_literal),
    TEXT(swift_shape, select_literal),
    TEXT(swift_shape, row),
    TEXT(swift_shape, row_type),
    TEXT(swift_shape, id),
    TEXT(swift_shape, id_type),
    FLAG(swift_shape, identifiable),
    FLAG(swift_shape, keyed),
    {"columns", get_column_list, AT(swift_shape, columns)},
    {"embeds", get_embeds, 0},
    {"has_embeds", get_has_embeds, 0},
    {"nested", get_nested, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape shape_item = {.keys = shape_keys, .name = AT(swift_shape, name), .doc = AT(swift_shape, doc)};

static struct view get_nested(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_shape *s = i->thing;
  return view_array(i->arena, &shape_item, s->nested, s->nested_count, sizeof *s->nested);
}

static const struct key_of function_keys[] = {
    TEXT(swift_function, access),
    TEXT(swift_function, type),
    TEXT(swift_function, title),
    {"doc_lines", get_doc_lines, 0},
    TEXT(swift_function, schema_literal),
    TEXT(swift_function, name_literal),
    {"parameters", get_column_list, AT(swift_function, parameters)},
    {"has_parameters", get_has_columns, AT(swift_function, parameters)},
    {"columns", get_column_list, AT(swift_function, columns)},
    {"has_columns", get_has_columns, AT(swift_function, columns)},
    TEXT(swift_function, result),
    LIST_KEYS,
    KEYS_END,
};
static const struct shape function_item = {
    .keys = function_keys, .name = AT(swift_function, name), .doc = AT(swift_function, doc)};

/* ── the root ── */

static const struct swift_model *model_of(const struct item *i) {
  return i->thing;
}

static struct view get_enums(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &enum_item, m->enums, m->enum_count, sizeof *m->enums);
}

static struct view get_domains(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &alias_item, m->domains, m->domain_count, sizeof *m->domains);
}

static struct view get_composites(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &table_item, m->composites, m->composite_count, sizeof *m->composites);
}

static struct view get_tables(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &table_item, m->tables, m->table_count, sizeof *m->tables);
}

static struct view get_views(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &table_item, m->views, m->view_count, sizeof *m->views);
}

static struct view get_shapes(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &shape_item, m->shapes, m->shape_count, sizeof *m->shapes);
}

static struct view get_functions(const struct item *i, size_t arg) {
  (void)arg;
  const struct swift_model *m = model_of(i);
  return view_array(i->arena, &function_item, m->functions, m->function_count, sizeof *m->functions);
}

static struct view get_has_functions(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(model_of(i)->function_count > 0);
}

static struct view get_sdk2(const struct item *i, size_t arg) {
  (void)arg;
  const char *sdk = model_of(i)->options.sdk;
  return view_bool(sdk && strcmp(sdk, "2") == 0);
}

static const struct key_of model_keys[] = {
    {"access", get_text, AT(swift_model, options.access)},
    {"namespace", get_text, AT(swift_model, options.name_space)},
    {"sdk", get_text, AT(swift_model, options.sdk)},
    {"sdk2", get_sdk2, 0},
    FLAG(swift_model, foundation),
    {"enums", get_enums, 0},
    {"domains", get_domains, 0},
    {"composites", get_composites, 0},
    {"tables", get_tables, 0},
    {"views", get_views, 0},
    {"shapes", get_shapes, 0},
    {"functions", get_functions, 0},
    {"has_functions", get_has_functions, 0},
    KEYS_END,
};
static const struct shape model_shape = {.keys = model_keys};

struct view swift_view(struct arena *arena, const void *model, const struct object *table) {
  (void)table;
  return view_thing(arena, &model_shape, model);
}
