/* The model as Swift has it: names, types and texts of everything that the templates put in place. */
#include <string.h>

#include "emit/swift.h"

/* Types that the files themselves name within the namespace. */
static const char *const reserved_types[] = {
    "AllCases", "Any", "Array", "Bool", "Bytes", "CalendarDate", "CaseIterable", "Codable", "CodingKey", "CodingKeys", "Columns", "Comparable",
    "Data", "Date", "Decimal", "Decodable", "Decoder", "DecodingError", "Dictionary", "Double", "Encodable", "Encoder", "Equatable",
    "Float", "Float8", "Foundation", "Function", "Functions", "HStore", "Hashable", "Hasher", "ID", "Identifiable", "Insert", "Int", "Int64", "JSON",
    "Key", "LosslessStringConvertible", "Never", "Numeric", "Optional", "Parameters", "PlainTimestamp", "Protocol", "RawRepresentable", "RawValue",
    "Relations", "Result", "Row", "Self", "Sendable", "Set", "String", "Swift", "Table", "TimeZone", "Timestamp", "Type", "UInt64",
    "UInt8", "UUID", "Update", "Vector", "Void", NULL,
};
/* What the file for supabase-swift names besides. */
static const char *const client_types[] = {
    "CountOption", "PostgrestClient", "PostgrestFilterBuilder", "PostgrestFilterValue", "PostgrestTransformBuilder", "Source",
    "SupabaseClient", NULL,
};
static const char *const reserved_cases[] = {"allCases", "hashValue", "init", "rawValue", "self", "unrecognized", NULL};
static const char *const reserved_relations[] = {"init", "self", NULL};

/* ── names ── */

static bool is_model(const struct object *o) {
  if (is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW))
    return ((const struct sql_view *)o)->columns.n > 0;
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN))
      return !o->external;
  return is_kind(o, KIND_ENUM) || is_kind(o, KIND_DOMAIN) || is_kind(o, KIND_SHAPE);
}

/* A type that is taken has its schema before it, or what it is behind it. */
static void name_type(struct swift_builder *b, const struct object *o, bool plural, const char *suffix) {
  const char *name = plural && !o->code_name ? singular(b->arena, o->name) : o->name;
  const char *wanted = swift_pascal(b, name, is_kind(o, KIND_SHAPE) ? o->name : o->code_name);
  const bool is_public = !o->schema || strcmp(o->schema, "public") == 0;
  const char *others[] = {NULL, NULL, NULL};
  if (!is_public)
    others[0] = arena_printf(b->arena, "%s%s", swift_pascal(b, o->schema, NULL), wanted);
  others[is_public ? 0 : 1] = arena_printf(b->arena, "%s%s", wanted, suffix);
  const char *type = swift_claim(&b->types, wanted, others, o->span, (struct swift_what){o->kind->word, o->name});
  numbers_set(&b->names, (uintptr_t)o, (void *)(uintptr_t)type);
}

/* In an order that one schema's growth does not disturb: enums and types before tables, tables before views. */
static void name_types(struct swift_builder *b) {
  static const struct {
    enum kind_id id;
    bool plural;
    const char *suffix;
  } order[] = {
      {KIND_ENUM, false, "Enum"}, {KIND_COMPOSITE, false, "Type"}, {KIND_DOMAIN, false, "Domain"},
      {KIND_TABLE, true, "Row"},  {KIND_VIEW, true, "View"},       {KIND_MATVIEW, true, "View"},
      {KIND_SHAPE, false, "Shape"},
  };
  for (size_t i = 0; i < ARRAY_LEN(order); i++)
    for (const struct object *o = b->schema->first; o; o = o->next)
      if (is_kind(o, order[i].id) && is_model(o))
        name_type(b, o, order[i].plural, order[i].suffix);
}

/* ── columns ── */

static void add_column(struct swift_table *t, const struct swift_column *c) {
  t->columns.v[t->columns.n++] = c;
  if (c->in_key)
    t->key.v[t->key.n++] = c;
  if (c->insertable)
    t->inserted.v[t->inserted.n++] = c;
  if (c->updatable)
    t->updated.v[t->updated.n++] = c;
}

static void table_init(struct swift_builder *b, struct swift_table *t, const struct object *o, size_t columns) {
  *t = (struct swift_table){
      .object = o,
      .name = o->name,
      .doc = o->comment,
      .access = b->m->options.access,
      .type = swift_type_of_object(b, o),
      .title = swift_title(b, o),
      .schema_literal = swift_string(b->arena, o->schema),
      .name_literal = swift_string(b->arena, o->name),
      .columns = swift_columns_new(b, columns),
      .key = swift_columns_new(b, columns),
      .inserted = swift_columns_new(b, columns),
      .updated = swift_columns_new(b, columns),
  };
}

static void finish_table(struct swift_builder *b, struct swift_table *t) {
  struct strbuf select = STRBUF_INIT;
  for (size_t i = 0; i < t->columns.n; i++) {
    if (i > 0)
      strbuf_addc(&select, ',');
    swift_add_selector(&select, t->columns.v[i]->name);
  }
  t->select_literal = swift_literal_of(b, &select);
  if (t->key.n != 1)
    return;
  /* Another property called id would identify something else. */
  bool other = false;
  for (size_t i = 0; i < t->columns.n; i++)
    other |= t->columns.v[i] != t->key.v[0] && strcmp(t->columns.v[i]->identifier, "id") == 0;
  t->identifiable = !other;
  if (!other && strcmp(t->key.v[0]->identifier, "id") != 0) {
    t->id = t->key.v[0]->identifier;
    t->id_type = t->key.v[0]->type;
  }
}

static size_t column_count(const struct object *o) {
  size_t count = 0;
  for EACH_CHILD(o, child)
    count += is_kind(child, KIND_COLUMN);
  return count;
}

/* Of a table or a composite type. */
static void build_table(struct swift_builder *b, struct swift_table *t, const struct object *o) {
  struct swift_scope scope;
  const struct key *primary = is_kind(o, KIND_TABLE) ? table_primary(o) : NULL;
  swift_scope_init(&scope, b->arena, b->diagnostics, swift_reserved_members);
  table_init(b, t, o, column_count(o));
  for EACH_CHILD(o, child) {
    if (!is_kind(child, KIND_COLUMN))
      continue;
    const struct column *c = (const struct column *)child;
    struct swift_column *s = swift_column_of(b, &scope, c);
    s->in_key = primary && names_hold(primary->columns, child->name);
    s->required = c->not_null && !column_has_default(c);
    s->insertable = !c->generated.sql && !c->touch && (!c->identity || strcmp(c->identity, "always") != 0);
    s->updatable = s->insertable && !(s->in_key && column_has_default(c)); /* a key that the database chose stays */
    s->constant = !s->updatable && is_kind(o, KIND_TABLE);
    add_column(t, s);
  }
  finish_table(b, t);
}

static void build_view(struct swift_builder *b, struct swift_table *t, const struct object *o) {
  const struct sql_view *v = (const struct sql_view *)o;
  struct swift_scope scope;
  swift_scope_init(&scope, b->arena, b->diagnostics, swift_reserved_members);
  table_init(b, t, o, v->columns.n);
  t->read_only = true;
  for (size_t i = 0; i < v->columns.n; i++) {
    const struct view_column *c = &v->types[i];
    struct swift_column *s = swift_column_of_view(b, &scope, o, c);
    s->insertable = s->updatable = false;
    add_column(t, s);
  }
  finish_table(b, t);
}

/* ── relations ── */

/* Whether at most one row refers to each row over there. */
static bool is_one_to_one(const struct object *table, const struct foreign *f) {
  return table_is_unique(table, f->columns);
}

static const char *embed(struct swift_builder *b, const struct foreign *f, bool up) {
  struct strbuf out = STRBUF_INIT;
  swift_add_embed(&out, f, up);
  return swift_literal_of(b, &out);
}

static struct swift_relation *add_relation(struct swift_builder *b, struct swift_table *t, struct swift_scope *scope,
                                           const struct foreign *f, const char *name) {
  struct swift_relation *r = &t->relations[t->relation_count++];
  const char *others[] = {arena_printf(b->arena, "%sBy%s", name, swift_pascal(b, f->columns.v[0], NULL)), NULL};
  r->access = b->m->options.access;
  r->identifier = swift_claim(scope, name, others, f->object.span, (struct swift_what){"relation", NULL});
  return r;
}

/* Both ways of every foreign key that PostgREST embeds by. */
static void build_relations(struct swift_builder *b, struct swift_table *t) {
  const struct depend *referrers = ((const struct table *)t->object)->referrers;
  struct swift_scope scope;
  size_t room = 0;
  swift_scope_init(&scope, b->arena, NULL, reserved_relations);
  for EACH_CHILD(t->object, o)
    room += is_kind(o, KIND_FOREIGN);
  for (const struct depend *d = referrers; d; d = d->next)
    room++;
  t->relations = arena_array(b->arena, room, sizeof *t->relations);
  for EACH_CHILD(t->object, o) {
    const struct foreign *f = (const struct foreign *)o;
    if (!is_kind(o, KIND_FOREIGN) || !swift_embeds(f))
      continue;
    struct swift_relation *r = add_relation(b, t, &scope, f, swift_name_up(b, f));
    const char *by = comment_line(b->arena, f->columns.v[0], strlen(f->columns.v[0]), true);
    r->target = embed(b, f, true);
    r->facts = arena_printf(b->arena, "To one row of `%s`, through `%s`.", swift_title(b, f->table), by);
  }
  for (const struct depend *d = referrers; d; d = d->next) {
    const struct foreign *f = (const struct foreign *)d->on;
    const struct object *from = d->on->parent;
    if (!swift_embeds(f))
      continue;
    const bool one = is_one_to_one(from, f);
    const char *name = swift_camel(b, one ? singular(b->arena, from->name) : from->name, NULL);
    struct swift_relation *r = add_relation(b, t, &scope, f, name);
    r->target = embed(b, f, false);
    r->facts =
        arena_printf(b->arena, "To %s of `%s`.", one ? "at most one row" : "any number of rows", swift_title(b, from));
  }
}

/* ── enums and domains ── */

static void build_enum(struct swift_builder *b, struct swift_enum *s, const struct object *o) {
  const struct enum_type *e = (const struct enum_type *)o;
  struct swift_scope scope;
  swift_scope_init(&scope, b->arena, b->diagnostics, reserved_cases);
  *s = (struct swift_enum){
      .name = o->name,
      .doc = o->comment,
      .access = b->m->options.access,
      .type = swift_type_of_object(b, o),
      .title = swift_title(b, o),
      .labels = arena_array(b->arena, e->label_count, sizeof *s->labels),
      .label_count = e->label_count,
  };
  for (size_t i = 0; i < e->label_count; i++) {
    const struct enum_label *l = &e->labels[i];
    const struct swift_what what = {"label", l->text};
    s->labels[i] = (struct swift_label){
        .access = b->m->options.access,
        .name = l->text,
        .doc = l->comment,
        .identifier = swift_claim(&scope, swift_camel(b, l->text, l->code_name), NULL, l->span, what),
        .literal = swift_string(b->arena, l->text),
    };
  }
}

static void build_domain(struct swift_builder *b, struct swift_alias *s, const struct object *o) {
  const struct type_ref *type = &((const struct domain *)o)->type;
  const struct swift_type t = swift_type_of(type, &b->m->options, &b->names);
  *s = (struct swift_alias){
      .name = o->name,
      .doc = o->comment,
      .access = b->m->options.access,
      .type = swift_type_of_object(b, o),
      .title = swift_title(b, o),
      .of = swift_type_name(b->arena, &t, false, false),
  };
  b->m->foundation |= t.foundation;
}

/* ── all of it ── */

static size_t count_models(const struct schema *s, enum kind_id a, enum kind_id other) {
  size_t count = 0;
  for (const struct object *o = s->first; o; o = o->next)
    count += (is_kind(o, a) || is_kind(o, other)) && is_model(o);
  return count;
}

static void build(struct swift_builder *b) {
  struct swift_model *m = b->m;
  const struct schema *s = b->schema;
  m->enums = arena_array(b->arena, count_models(s, KIND_ENUM, KIND_ENUM), sizeof *m->enums);
  m->domains = arena_array(b->arena, count_models(s, KIND_DOMAIN, KIND_DOMAIN), sizeof *m->domains);
  m->composites = arena_array(b->arena, count_models(s, KIND_COMPOSITE, KIND_COMPOSITE), sizeof *m->composites);
  m->tables = arena_array(b->arena, count_models(s, KIND_TABLE, KIND_TABLE), sizeof *m->tables);
  m->views = arena_array(b->arena, count_models(s, KIND_VIEW, KIND_MATVIEW), sizeof *m->views);
  for (const struct object *o = s->first; o; o = o->next) {
    if (!is_model(o))
      continue;
    if (is_kind(o, KIND_ENUM))
      build_enum(b, &m->enums[m->enum_count++], o);
    else if (is_kind(o, KIND_DOMAIN))
      build_domain(b, &m->domains[m->domain_count++], o);
    else if (is_kind(o, KIND_COMPOSITE))
      build_table(b, &m->composites[m->composite_count++], o);
    else if (is_kind(o, KIND_TABLE))
      build_table(b, &m->tables[m->table_count++], o);
    else if (is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW))
      build_view(b, &m->views[m->view_count++], o);
  }
  for (size_t i = 0; i < m->table_count; i++)
    build_relations(b, &m->tables[i]);
  swift_build_shapes(b);
  swift_build_functions(b);
}

static const char *option(const struct output *o, const char *name, const char *otherwise) {
  const char *value = setting_get(o->settings, name);
  return value ? value : otherwise;
}

const void *swift_model(struct arena *arena, const struct schema *schema, const struct output *output,
                        struct diagnostics *diagnostics) {
  struct swift_model *m = arena_alloc(arena, sizeof *m);
  const char *access = option(output, "access", "public");
  m->options = (struct swift_options){
      .access = strcmp(access, "internal") == 0 ? "" : arena_printf(arena, "%s ", access),
      .name_space = option(output, "namespace", "DB"),
      .int8 = option(output, "int8", "Int"),
      .sdk = setting_get(output->settings, "sdk"),
      .apple = strcmp(option(output, "naming", "apple"), "apple") == 0,
      .lenient = strcmp(option(output, "missing", "error"), "null") == 0,
  };
  if (!swift_is_identifier(m->options.name_space) ||
      swift_escape(arena, m->options.name_space) != m->options.name_space)
    diagnostic_hint(diagnostics,
                    diagnose(diagnostics, PDL_SWIFT_NAMESPACE, output->span,
                             "\"%s\" cannot be the name of a Swift enum", m->options.name_space),
                    "A namespace is one identifier, such as DB.");
  struct swift_builder b = {.arena = arena, .schema = schema, .diagnostics = diagnostics, .m = m};
  numbers_init(&b.names, arena);
  swift_scope_init(&b.types, arena, diagnostics, reserved_types);
  if (m->options.sdk)
    swift_scope_reserve(&b.types, client_types);
  name_types(&b);
  build(&b);
  return m;
}
