/* The model as C has it: enums, ids, tables and their columns, constraints. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "emit/c_model.h"

/* ── names ── */

static const char *claim(struct c_build *b, const char *wanted, const struct object *o) {
  const struct c_what what = {o->kind->word, NULL, o->name};
  return c_claim(b->arena, &b->taken, wanted, NULL, b->diagnostics, o->span, what);
}

/* Of a type: to C++ a member may not be called as its type is, and to C a parameter hides it. */
static const char *claim_type(struct c_build *b, const char *wanted, const struct object *o) {
  while (map_get(&b->members, wanted))
    wanted = c_joined(b, wanted, "_t", "");
  return claim(b, wanted, o);
}

/* ── enums ── */

static void add_enums(struct c_build *b) {
  size_t count = 0;
  for (const struct object *o = b->schema->first; o; o = o->next)
    count += is_kind(o, KIND_ENUM);
  struct c_enum *v = arena_array(b->arena, count, sizeof *v);
  b->m->enums = (struct c_list){v, count};
  for (const struct object *o = b->schema->first; o; o = o->next) {
    if (!is_kind(o, KIND_ENUM))
      continue;
    const struct enum_type *e = (const struct enum_type *)o;
    const char *name = claim_type(b, c_object_name(b, o, false), o);
    struct c_label *labels = arena_array(b->arena, e->label_count, sizeof *labels);
    *v = (struct c_enum){
        .object = o, .name = name, .doc = o->comment, .title = c_title(b, o), .labels = {labels, e->label_count}};
    const char *upper = c_name(b->arena, c_object_name(b, o, true), CASE_UPPER);
    v->array = claim_type(b, c_joined(b, name, "_array", ""), o);
    claim(b, c_joined(b, name, "_labels", ""), o);
    v->unknown = claim(b, c_joined(b, upper, "_UNKNOWN", ""), o);
    for (size_t i = 0; i < e->label_count; i++) {
      const struct enum_label *l = &e->labels[i];
      const char *text = l->code_name ? l->code_name : l->text;
      const char *wanted = c_joined(b, upper, "_", c_name(b->arena, text, CASE_UPPER));
      labels[i] = (struct c_label){
          .name = c_claim(b->arena, &b->taken, wanted, NULL, b->diagnostics, l->span.src ? l->span : o->span,
                          (struct c_what){"label", NULL, l->text}),
          .text = c_string(b->arena, l->text),
          .doc = l->comment,
      };
    }
    v++;
  }
}

/* ── composite types ── */

static void place_composite(struct c_build *b, struct c_composite *all, size_t count, struct c_composite *c);

/* What it is made of comes first. */
static void place_parts(struct c_build *b, struct c_composite *all, size_t count, const struct type_ref *type) {
  while (type->object && is_kind(type->object, KIND_DOMAIN))
    type = &((const struct domain *)type->object)->type;
  for (size_t i = 0; i < count; i++)
    if (all[i].object == type->object)
      place_composite(b, all, count, &all[i]);
}

static void place_composite(struct c_build *b, struct c_composite *all, size_t count, struct c_composite *c) {
  struct map members;
  size_t n = 0;
  if (c->placed)
    return;
  c->placed = true;
  for EACH_CHILD(c->object, o)
    if (is_kind(o, KIND_COLUMN)) {
      place_parts(b, all, count, &((const struct column *)o)->type);
      n++;
    }
  struct c_column *v = arena_array(b->arena, n, sizeof *v);
  map_init(&members, b->arena);
  n = 0;
  for EACH_CHILD(c->object, o)
    if (is_kind(o, KIND_COLUMN)) {
      c_column_set(b, &v[n], &members, c->object, o->name, o, &((const struct column *)o)->type, false);
      c_column_flags(b, &v[n++]);
    }
  c->columns = (struct c_list){v, n};
  c->empty = n == 0;
  c->count = arena_printf(b->arena, "%zu", n);
  ((struct c_composite **)b->m->composites.v)[b->m->composites.n++] = c;
}

static void add_composites(struct c_build *b) {
  size_t count = 0;
  for (const struct object *o = b->schema->first; o; o = o->next)
    count += is_kind(o, KIND_COMPOSITE);
  struct c_composite *v = arena_array(b->arena, count, sizeof *v);
  b->m->composites.v = arena_array(b->arena, count, sizeof v);
  count = 0;
  for (const struct object *o = b->schema->first; o; o = o->next) {
    if (!is_kind(o, KIND_COMPOSITE))
      continue;
    const char *name = claim_type(b, c_object_name(b, o, false), o);
    v[count++] = (struct c_composite){.object = o,
                                      .name = name,
                                      .opt = claim_type(b, c_joined(b, name, "_opt", ""), o),
                                      .array = claim_type(b, c_joined(b, name, "_array", ""), o),
                                      .shape = claim(b, c_joined(b, name, "_shape", ""), o),
                                      .title = c_title(b, o),
                                      .doc = o->comment};
    c_take(b->arena, &b->taken, c_joined(b, name, "_fields", ""));
  }
  for (size_t i = 0; i < count; i++)
    place_composite(b, v, count, &v[i]);
}

/* ── columns ── */

static void note_members(struct c_build *b) {
  map_init(&b->members, b->arena);
  for EACH_OBJECT(b->schema, o)
    if (is_kind(o, KIND_COLUMN))
      map_add(&b->members, c_safe(b->arena, o->code_name ? o->code_name : o->name, CASE_SNAKE), o);
    else if (is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW))
      for (size_t i = 0; i < ((const struct sql_view *)o)->columns.n; i++)
        map_add(&b->members, c_safe(b->arena, ((const struct sql_view *)o)->types[i].name, CASE_SNAKE), o);
}

static void add_columns(struct c_build *b, struct c_table *t) {
  const struct object *table = t->object;
  struct map members;
  map_init(&members, b->arena);
  size_t count = 0;
  if (t->is_view)
    count = ((const struct sql_view *)table)->columns.n;
  for EACH_CHILD(table, o)
    count += is_kind(o, KIND_COLUMN);
  struct c_column *v = arena_array(b->arena, count, sizeof *v);
  t->columns.v = v;
  if (t->is_view) {
    const struct sql_view *view = (const struct sql_view *)table;
    for (size_t i = 0; i < view->columns.n; i++) {
      const struct view_column *c = &view->types[i];
      c_column_set(b, &v[t->columns.n++], &members, table, c->name, NULL, &c->type, c->not_null);
    }
  } else {
    for EACH_CHILD(table, o) {
      if (!is_kind(o, KIND_COLUMN))
        continue;
      const struct column *c = (const struct column *)o;
      struct c_column *out = &v[t->columns.n++];
      c_column_set(b, out, &members, table, o->name, o, &c->type, c->not_null);
      out->read_only = c->generated.sql || (c->identity && strcmp(c->identity, "always") == 0);
      out->required = c->not_null && !(c->generated.sql || column_has_default(c));
    }
  }
  for (size_t i = 0; i < t->columns.n; i++) {
    v[i].number = (long long)i;
    c_column_flags(b, &v[i]);
  }
}

/* ── ids ── */

/* The column that a foreign key of one column has this one refer to; NULL: none, or one of another type. */
static struct c_column *referred(const struct c_build *b, const struct c_table *t, const struct c_column *c,
                                 const struct c_table **target) {
  for (const struct object *o = t->is_view ? NULL : t->object->first_child; o; o = o->next) {
    const struct foreign *f = (const struct foreign *)o;
    if (!is_kind(o, KIND_FOREIGN) || !f->table || !f->target_columns.n)
      continue;
    for (size_t i = 0; i < f->columns.n; i++) {
      if (strcmp(f->columns.v[i], c->sql) != 0)
        continue;
      *target = c_table_of(b, f->table);
      struct c_column *to = *target && i < f->target_columns.n ? c_column_named(*target, f->target_columns.v[i]) : NULL;
      if (to && strcmp(to->value, c->value) == 0 && strcmp(to->codec, c->codec) == 0)
        return to;
    }
  }
  return NULL;
}

/* Whose id a column holds: by its references, to the end of their chain, else the table's own where it is its key. A
 * key that refers to a table that programs do not see (auth.users) is the table's own too. */
static const struct c_table *id_owner(const struct c_build *b, const struct c_table *t, const struct c_column *c,
                                      int depth) {
  const struct key *primary = t->is_view ? NULL : table_primary(t->object);
  const bool own = primary && primary->columns.n == 1 && strcmp(primary->columns.v[0], c->sql) == 0 && !c->c.is_array;
  const struct c_table *target;
  const struct c_column *to = depth < 32 ? referred(b, t, c, &target) : NULL;
  if (to && (target != t || to != c)) {
    const struct c_table *owner = id_owner(b, target, to, depth + 1);
    if (owner && (owner->known || !own))
      return owner;
  }
  return own ? t : NULL;
}

static const struct c_column *columns_end(const struct c_table *t) {
  return (const struct c_column *)t->columns.v + t->columns.n;
}

static void add_ids(struct c_build *b, struct c_table *tables, size_t count) {
  struct c_table **owners = arena_array(b->arena, count, sizeof *owners);
  bool *seen = arena_array(b->arena, count, sizeof *seen);
  for (size_t i = 0; i < count; i++)
    for (struct c_column *c = tables[i].columns.v; c < columns_end(&tables[i]); c++) {
      c->id_of = id_owner(b, &tables[i], c, 0);
      if (c->id_of && tables[i].known)
        seen[c->id_of - tables] = true;
    }
  for (size_t i = 0; i < count; i++) {
    struct c_table *t = &tables[i];
    for (struct c_column *c = t->columns.v; c < columns_end(t); c++) {
      if (c->id_of != t || !seen[i])
        continue;
      if (!t->id) {
        t->id = claim_type(b, c_joined(b, t->name, "_id", ""), t->object);
        t->id_value = c->c.type;
        if (c->c.opt)
          t->opt_id = claim_type(b, c_joined(b, t->name, "_opt_id", ""), t->object);
        owners[b->m->ids.n++] = t;
      }
    }
  }
  b->m->ids.v = owners;
  for (size_t i = 0; i < count; i++)
    for (struct c_column *c = tables[i].columns.v; c < columns_end(&tables[i]); c++)
      if (c->id_of && c->id_of->id) {
        c->value = c->id_of->id;
        c->type = c->nullable && c->id_of->opt_id ? c->id_of->opt_id : c->value;
      }
}

/* ── tables ── */

static void name_table(struct c_build *b, struct c_table *t) {
  const struct object *o = t->object;
  t->name = claim(b, c_object_name(b, o, false), o);
  static const char *const parts[] = {"_table", "_columns", "_numbers"};
  for (size_t i = 0; i < ARRAY_LEN(parts); i++)
    c_take(b->arena, &b->taken, c_joined(b, t->name, parts[i], ""));
  t->upper = c_name(b->arena, t->name, CASE_UPPER);
  t->title = c_title(b, o);
  t->doc = o->comment;
  t->sql = c_sql_name(b, o);
}

/* Macros of masks come last: what they collide with has the better claim to its name. */
static void name_masks(struct c_build *b, struct c_table *t) {
  struct c_column *v = t->columns.v;
  for (size_t i = 0; i < t->columns.n; i++) {
    const char *wanted = c_joined(b, t->upper, "_", c_name(b->arena, v[i].member, CASE_UPPER));
    const char *other = c_joined(b, t->upper, "_COLUMN_", c_name(b->arena, v[i].member, CASE_UPPER));
    v[i].macro = c_claim(b->arena, &b->taken, wanted, other, b->diagnostics, t->object->span,
                         (struct c_what){"the mask of column", t->object->name, v[i].sql});
  }
  t->required = claim(b, c_joined(b, t->upper, "_REQUIRED", ""), t->object);
}

static void add_tables(struct c_build *b, const struct output *output) {
  size_t count = 0, known = 0;
  for (const struct object *o = b->schema->first; o; o = o->next)
    count += c_is_rows(o);
  struct c_table *v = arena_array(b->arena, count, sizeof *v), **chosen = arena_array(b->arena, count, sizeof *chosen);
  count = 0;
  for (const struct object *o = b->schema->first; o; o = o->next) {
    if (!c_is_rows(o))
      continue;
    struct c_table *t = &v[count++];
    *t = (struct c_table){.object = o, .is_view = !is_kind(o, KIND_TABLE), .number_text = STRBUF_INIT};
    t->known = c_is_chosen(o, output);
    t->writable = t->known && !t->is_view && !b->m->read_only;
    name_table(b, t);
    c_table_add(b, t);
  }
  for (size_t i = 0; i < count; i++)
    add_columns(b, &v[i]);
  add_ids(b, v, count);
  for (size_t i = 0; i < count; i++) {
    struct c_table *t = &v[i];
    t->known &= !t->is_view || t->columns.n > 0;
    if (!t->known)
      continue;
    t->empty = t->columns.n == 0;
    t->count = arena_printf(b->arena, "%zu", t->columns.n);
    t->masks = t->columns.n > 64 ? arena_printf(b->arena, "%zu", (t->columns.n + 63) / 64) : NULL;
    chosen[known++] = t;
  }
  b->m->tables = (struct c_list){chosen, known};
  for (size_t i = 0; i < known; i++)
    c_table_operations(b, chosen[i]);
  for (size_t i = 0; i < known; i++)
    if (chosen[i]->writable)
      name_masks(b, chosen[i]);
}

/* ── constraints ── */

static int by_place(const void *a, const void *b) {
  const struct c_constraint *x = a, *y = b;
  int order = strcmp(x->schema, y->schema);
  order = order ? order : strcmp(x->table, y->table);
  return order ? order : strcmp(x->name, y->name);
}

static bool is_constraint(const struct object *o) {
  if (is_kind(o, KIND_INDEX))
    return ((const struct index *)o)->unique;
  return is_kind(o, KIND_KEY) || is_kind(o, KIND_FOREIGN) || is_kind(o, KIND_CHECK) || is_kind(o, KIND_EXCLUDE);
}

static const struct domain_check *checks_of(const struct object *o) {
  return is_kind(o, KIND_DOMAIN) ? ((const struct domain *)o)->checks : NULL;
}

/* What an error can name: constraints, unique indexes, checks of domains. Sorted, so that it is found by halving. */
static void add_constraints(struct c_build *b) {
  size_t count = 0;
  for EACH_OBJECT(b->schema, o) {
    count += o->name && is_constraint(o);
    for (const struct domain_check *c = checks_of(o); c; c = c->next)
      count += c->name != NULL;
  }
  struct c_constraint *v = arena_array(b->arena, count, sizeof *v);
  count = 0;
  for EACH_OBJECT(b->schema, o) {
    if (o->name && is_constraint(o) && !o->parent->external)
      v[count++] = (struct c_constraint){.schema = o->parent->schema, .table = o->parent->name, .name = o->name};
    for (const struct domain_check *c = checks_of(o); c; c = c->next)
      if (c->name)
        v[count++] = (struct c_constraint){.schema = o->schema, .table = "", .name = c->name};
  }
  if (count)
    qsort(v, count, sizeof *v, by_place);
  b->m->constraints = (struct c_list){v, count};
  for (size_t i = 0; i < count; i++) {
    const char *name = c_name(b->arena, v[i].name, CASE_UPPER);
    const char *other = c_joined(b, c_name(b->arena, v[i].table, CASE_UPPER), "_", name);
    other = c_joined(b, b->m->upper, other, "");
    name = *b->m->upper ? c_joined(b, b->m->upper, name, "") : name;
    v[i].code = c_claim(b->arena, &b->taken, name, other, NULL, NO_SPAN, (struct c_what){0});
    v[i].schema_c = c_string(b->arena, v[i].schema);
    v[i].table_c = c_string(b->arena, v[i].table);
    v[i].name_c = c_string(b->arena, v[i].name);
  }
}

/* ── the model ── */

static bool is_identifier(const char *s) {
  if (!isalpha((unsigned char)*s))
    return false;
  for (; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_')
      return false;
  return true;
}

const void *c_model(struct arena *arena, const struct schema *schema, const struct output *output,
                    struct diagnostics *diagnostics) {
  static const char *const reserved[] = {"constraint", "CONSTRAINT_NONE", "schema", "schema_types",
                                         "NULL",       "EOF",             "BUFSIZ", "SCHEMA_H"};
  struct c_model *m = arena_alloc(arena, sizeof *m);
  struct c_build b = {.arena = arena, .schema = schema, .diagnostics = diagnostics, .m = m};
  const char *prefix = setting_get(output->settings, "prefix"), *read_only = setting_get(output->settings, "readonly");
  if (prefix && (!is_identifier(prefix) || c_is_ours(prefix))) {
    diagnostic_hint(diagnostics,
                    diagnose(diagnostics, PDL_C_OPTION, output->span, "prefix \"%s\" cannot begin a name of C", prefix),
                    c_is_ours(prefix) ? "It is the prefix of pdl.h itself."
                                    : "It is a letter, and then letters, digits and _.");
    prefix = NULL;
  }
  *m = (struct c_model){.prefix = "", .upper = "", .doc = schema->doc};
  m->read_only = read_only && strcmp(read_only, "yes") == 0;
  if (prefix) {
    m->prefix = arena_printf(arena, "%s_", prefix);
    m->upper = arena_printf(arena, "%s_", words_case(arena, prefix, CASE_UPPER));
  }
  const char *files = setting_get(output->settings, "files");
  m->per_table = files && strcmp(files, "table") == 0;
  map_init(&b.taken, arena);
  map_init(&b.tables, arena);
  for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
    c_take(arena, &b.taken, c_joined(&b, isupper((unsigned char)*reserved[i]) ? m->upper : m->prefix, reserved[i], ""));
  c_check_listed(&b, output, "schemas");
  c_check_listed(&b, output, "tables");
  note_members(&b);
  add_enums(&b);
  add_composites(&b);
  add_tables(&b, output);
  add_constraints(&b);
  c_functions(&b, output);
  return m;
}
