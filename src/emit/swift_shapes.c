/* Shapes: what clients select of a table and the rows around it, as types that hold exactly that. */
#include <string.h>

#include "emit/swift.h"

struct selection {
  struct swift_builder *b;
  const struct object *table;
  const struct picks *picks;
  struct swift_scope properties, types;
  struct map keys;       /* of the JSON */
  struct strbuf select;
};

static void build_selection(struct selection *, struct swift_shape *);

static bool is_row(const struct picks *p) {
  return p->all && p->n == 0;
}

static const struct swift_table *model_of(struct swift_builder *b, const struct object *table) {
  for (size_t i = 0; i < b->m->table_count; i++)
    if (b->m->tables[i].object == table)
      return &b->m->tables[i];
  return NULL;
}

static void separate(struct strbuf *select) {
  if (select->len > 0 && select->text[select->len - 1] != '(')
    strbuf_addc(select, ',');
}

/* Every column of the table, in a property of its own that holds the row. */
static void select_all(struct selection *s, struct swift_shape *shape) {
  struct swift_builder *b = s->b;
  const struct swift_table *t = model_of(b, s->table);
  shape->row_type = t->type;
  shape->row = swift_claim(&s->properties, swift_camel(b, singular(b->arena, s->table->name), s->table->code_name),
                           NULL, s->table->span, (struct swift_what){"row", NULL});
  shape->identifiable = t->identifiable;
  shape->id_type = t->identifiable ? t->key.v[0]->type : NULL;
  for (size_t i = 0; i < t->columns.n; i++) {
    separate(&s->select);
    swift_add_selector(&s->select, t->columns.v[i]->name);
    map_add(&s->keys, t->columns.v[i]->name, s);
  }
}

static void select_column(struct selection *s, struct swift_shape *shape, const struct pick *pick) {
  struct swift_builder *b = s->b;
  struct column c = *pick->column;
  if (pick->code_name)
    c.object.code_name = pick->code_name;
  struct swift_column *column = swift_column_of(b, &s->properties, &c);
  separate(&s->select);
  swift_add_selector(&s->select, c.object.name);
  map_add(&s->keys, c.object.name, s);
  shape->columns.v[shape->columns.n++] = column;
  const struct key *primary = table_primary(s->table);
  shape->identifiable |= primary && primary->columns.n == 1 && strcmp(primary->columns.v[0], c.object.name) == 0 &&
                         strcmp(column->identifier, "id") == 0;
}

/* "user" of user_id, "thoughts", "messagesBySenderID". */
static const char *name_of_embed(struct selection *s, const struct pick *p) {
  struct swift_builder *b = s->b;
  if (p->code_name)
    return swift_camel(b, p->code_name, p->code_name);
  if (p->up)
    return swift_name_up(b, p->foreign);
  return swift_camel(b, p->many ? p->table->name : singular(b->arena, p->table->name), p->table->code_name);
}

static void select_embed(struct selection *s, struct swift_shape *shape, const struct pick *p) {
  struct swift_builder *b = s->b;
  const char *name = name_of_embed(s, p), *key = name;
  const char *by = p->foreign->columns.n ? swift_pascal(b, p->foreign->columns.v[0], NULL) : "";
  const char *others[] = {arena_printf(b->arena, "%sBy%s", name, by), NULL};
  while (map_get(&s->keys, key))
    key = arena_printf(b->arena, "%s_", key);
  map_add(&s->keys, key, s);
  struct swift_embed *e = &shape->embeds[shape->embed_count++];
  e->access = b->m->options.access;
  e->identifier = swift_claim(&s->properties, name, others, p->span, (struct swift_what){"what is embedded", NULL});
  e->key = strcmp(e->identifier, key) == 0 ? NULL : swift_string(b->arena, key);
  separate(&s->select);
  swift_add_selector(&s->select, key);
  strbuf_addc(&s->select, ':');
  swift_add_embed(&s->select, p->foreign, p->up);
  strbuf_adds(&s->select, p->inner ? "!inner(" : "(");
  const char *type;
  struct selection inner = {.b = b, .table = p->table, .picks = &p->picks, .select = s->select};
  struct swift_shape ignored = {0};
  if (is_row(&p->picks)) {
    type = swift_type_of_object(b, p->table);
    build_selection(&inner, &ignored);
  } else {
    struct swift_shape *nested = &shape->nested[shape->nested_count++];
    type = swift_claim(
        &s->types, arena_printf(b->arena, "%sPick", swift_case(b->arena, name, NULL, SWIFT_TYPE, b->m->options.apple)),
        NULL, p->span, (struct swift_what){"what is embedded", NULL});
    nested->type = type;
    nested->title = arena_printf(b->arena, "Of `%s`.", swift_title(b, p->table));
    build_selection(&inner, nested);
  }
  s->select = inner.select;
  strbuf_addc(&s->select, ')');
  e->type = p->many    ? arena_printf(b->arena, "[%s]", type)
            : p->inner ? type
                       : arena_printf(b->arena, "%s?", type);
}

static void build_selection(struct selection *s, struct swift_shape *shape) {
  static const char *const no_types[] = {"CodingKeys", NULL};
  struct swift_builder *b = s->b;
  swift_scope_init(&s->properties, b->arena, b->diagnostics, swift_reserved_members);
  swift_scope_init(&s->types, b->arena, NULL, no_types);
  map_init(&s->keys, b->arena);
  shape->access = b->m->options.access;
  shape->columns = swift_columns_new(b, s->picks->n);
  shape->embeds = arena_array(b->arena, s->picks->n, sizeof *shape->embeds);
  shape->nested = arena_array(b->arena, s->picks->n, sizeof *shape->nested);
  if (s->picks->all)
    select_all(s, shape);
  for (size_t i = 0; i < s->picks->n; i++)
    if (s->picks->v[i].column)
      select_column(s, shape, &s->picks->v[i]);
  for (size_t i = 0; i < s->picks->n; i++)
    if (s->picks->v[i].foreign)
      select_embed(s, shape, &s->picks->v[i]);
  shape->keyed = s->picks->n > 0;
  if (shape->row && map_get(&s->properties.taken, "id")) { /* a property of that name is another thing */
    shape->identifiable = false;
    shape->id_type = NULL;
  }
  shape->id = shape->id_type ? shape->row : NULL;
}

void swift_build_shapes(struct swift_builder *b) {
  struct swift_model *m = b->m;
  size_t count = 0;
  for (const struct object *o = b->schema->first; o; o = o->next)
    count += is_kind(o, KIND_SHAPE);
  m->shapes = arena_array(b->arena, count, sizeof *m->shapes);
  for (const struct object *o = b->schema->first; o; o = o->next) {
    const struct declared_shape *d = (const struct declared_shape *)o;
    if (!is_kind(o, KIND_SHAPE))
      continue;
    struct swift_shape *shape = &m->shapes[m->shape_count++];
    struct selection s = {.b = b, .table = d->table, .picks = &d->picks, .select = STRBUF_INIT};
    shape->name = o->name;
    shape->doc = o->comment;
    shape->type = swift_type_of_object(b, o);
    shape->title = arena_printf(b->arena, "A shape of `%s`.", swift_title(b, d->table));
    build_selection(&s, shape);
    shape->schema_literal = swift_string(b->arena, d->table->schema);
    shape->name_literal = swift_string(b->arena, d->table->name);
    shape->select_literal = swift_string(b->arena, s.select.text);
    strbuf_release(&s.select);
  }
}
