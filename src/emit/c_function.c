/* Functions and procedures in C: one typed call each, or why there is none. */
#include <string.h>

#include "emit/c_model.h"

static bool is_routine(const struct object *o) {
  return is_kind(o, KIND_FUNCTION) || is_kind(o, KIND_PROCEDURE);
}

static bool is_builtin(const struct type_ref *t, const char *name) {
  return !t->object && t->dimensions == 0 && strcmp(t->name, name) == 0;
}

/* Seen through domains. */
static const struct object *object_of(const struct type_ref *t) {
  while (t->dimensions == 0 && t->object && is_kind(t->object, KIND_DOMAIN))
    t = &((const struct domain *)t->object)->type;
  return t->dimensions ? NULL : t->object;
}

static bool is_rows(const struct object *o) {
  return o && (is_kind(o, KIND_TABLE) || is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW));
}

/* What a call gives: columns of a row of its own, one value, rows of a table or composite type, or nothing. */
struct result {
  const struct argument **v;
  size_t n;
  const struct c_table *table;
  const struct c_composite *composite;
};

static struct result result_of(struct c_build *b, const struct function *f) {
  struct result r = {.v = arena_array(b->arena, f->arg_count + f->result_count, sizeof *r.v)};
  for (size_t i = 0; i < f->arg_count; i++)
    if (f->args[i].output)
      r.v[r.n++] = &f->args[i];
  if (r.n == 0 || f->returns_table)
    for (size_t i = 0; i < f->result_count; i++)
      r.v[r.n++] = &f->results[i];
  if (r.n == 1 && is_builtin(&r.v[0]->type, "void"))
    r.n = 0;
  if (r.n == 1 && r.v[0]->type.dimensions == 0 && is_rows(r.v[0]->type.object))
    r.table = c_table_of(b, r.v[0]->type.object);
  if (r.n == 1 && object_of(&r.v[0]->type))
    r.composite = c_composite_of(b->m, object_of(&r.v[0]->type));
  return r;
}

/* A type that no program has values of; rows that a result of one column would be spread over. */
static const char *unfit(struct c_build *b, const struct type_ref *t, bool alone) {
  const struct type_info *info = t->object ? NULL : type_info(t->name);
  if ((info && info->pseudo) || (alone && is_rows(object_of(t))))
    return arena_printf(b->arena, "%s has no form in C", c_note(b, t));
  return NULL;
}

static const char *why_not(struct c_build *b, const struct function *f, const struct result *r) {
  const char *why = NULL;
  for (size_t i = 0; i < f->arg_count && !why; i++)
    why = f->args[i].variadic ? "it takes any number of arguments" : unfit(b, &f->args[i].type, false);
  if (r->table && !why)
    return !r->table->known || r->table->empty ? "rows of its table are not here" : NULL;
  if (r->composite && r->composite->empty && !why)
    why = "its composite type is empty";
  for (size_t i = 0; i < r->n && !why; i++)
    why = unfit(b, &r->v[i]->type, r->n == 1);
  if (!why && r->n && is_kind(&f->object, KIND_PROCEDURE))
    why = "it is a procedure that gives something back";
  return why;
}

/* Overloads are numbered in their order. Without a prefix the schema stands before the name even where it is public: a
 * function called remove or send would take the place of the C library's. */
static const char *claim(struct c_build *b, const struct object *o) {
  static const char *const parts[] = {"", "_q", "_each", "_columns", "_table", "_numbers", "_op", "_row", "_list"};
  const bool bare = !*b->m->prefix && strcmp(o->schema, "public") == 0;
  const char *wanted = bare ? arena_printf(b->arena, "public_%s", c_name(b->arena, o->name, CASE_SNAKE))
                            : c_object_name(b, o, false);
  const char *name = wanted;
  for (unsigned n = 2;; n++) {
    bool is_free = true;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
      is_free &= !map_get(&b->taken, arena_printf(b->arena, "%s%s", name, parts[i]));
    if (is_free)
      break;
    name = arena_printf(b->arena, "%s_%u", wanted, n);
  }
  for (size_t i = 0; i < ARRAY_LEN(parts); i++)
    c_take(b->arena, &b->taken, arena_printf(b->arena, "%s%s", name, parts[i]));
  return name;
}

/* It may not be called as a type is, which it would hide; argument: nor as other parameters are. */
static void set_column(struct c_build *b, struct c_column *out, struct map *members, const struct function *f,
                       const struct argument *a, const char *name, bool argument) {
  c_column_set(b, out, members, &f->object, a->name && *a->name ? a->name : name, NULL, &a->type, false);
  c_column_flags(b, out);
  const char *member = argument ? c_param_name(b->arena, out->member) : out->member;
  while (map_get(&b->taken, member) || (member != out->member && map_get(members, member)))
    member = arena_printf(b->arena, "%s_", member);
  c_take(b->arena, members, member);
  out->member = member;
}

static void set_arguments(struct c_build *b, struct c_function *out, const struct function *f, size_t before) {
  struct strbuf params = STRBUF_INIT, args = STRBUF_INIT, keys = STRBUF_INIT;
  struct c_column *v = arena_array(b->arena, f->arg_count, sizeof *v);
  struct map members;
  size_t n = 0;
  map_init(&members, b->arena);
  for (size_t i = 0; i < f->arg_count; i++) {
    const struct argument *a = &f->args[i];
    if (!a->input)
      continue;
    set_column(b, &v[n], &members, f, a, arena_printf(b->arena, "arg_%zu", n + 1), true);
    strbuf_addf(&params, ", %s %s", v[n].type, v[n].member);
    strbuf_addf(&args, "%s&%s", n ? ", " : "", v[n].member);
    strbuf_addf(&keys, "%s%zu", n ? ", " : "", before + n);
    n++;
  }
  out->arguments = (struct c_list){v, n};
  out->params = strbuf_dup(&params, b->arena);
  out->args = n ? strbuf_dup(&args, b->arena) : "NULL";
  out->keys = n ? strbuf_dup(&keys, b->arena) : "0";
  out->key_count = arena_printf(b->arena, "%zu", n);
  strbuf_release(&params);
  strbuf_release(&args);
  strbuf_release(&keys);
}

static void set_result(struct c_build *b, struct c_function *out, const struct function *f, const struct result *r) {
  struct map members;
  out->size = "0";
  if (r->table) {
    out->columns = r->table->columns;
    out->row = out->type = arena_printf(b->arena, "struct %s", r->table->name);
    out->list_type = f->returns_set ? r->table->list_type : NULL;
  } else if (r->composite) {
    out->columns = r->composite->columns;
    out->row = out->type = r->composite->name;
    if (f->returns_set || f->returns_table)
      out->list_type = out->own_list = arena_printf(b->arena, "%s_list", out->name);
  } else if (r->n) {
    struct c_column *v = arena_array(b->arena, r->n, sizeof *v);
    map_init(&members, b->arena);
    for (size_t i = 0; i < r->n; i++)
      set_column(b, &v[i], &members, f, r->v[i], arena_printf(b->arena, "column_%zu", i + 1), false);
    out->columns = (struct c_list){v, r->n};
    out->type = v[0].type;
    if (r->n > 1) {
      out->own_row = arena_printf(b->arena, "%s_row", out->name);
      out->row = out->type = arena_printf(b->arena, "struct %s", out->own_row);
    }
    if (f->returns_set || f->returns_table)
      out->list_type = out->own_list = arena_printf(b->arena, "%s_list", out->name);
  }
  if (out->list_type)
    out->each = arena_printf(b->arena, "%s_each", out->name);
  if (out->type)
    out->size = arena_printf(b->arena, "sizeof(%s)", out->type);
  out->count = arena_printf(b->arena, "%zu", out->columns.n);
}

static void set_function(struct c_build *b, struct c_function *out, const struct object *o) {
  const struct function *f = (const struct function *)o;
  const struct result r = result_of(b, f);
  *out = (struct c_function){
      .object = o, .doc = o->comment, .title = c_title(b, o), .sql = c_sql_name(b, o), .why_not = why_not(b, f, &r)};
  if (out->why_not)
    return;
  out->name = claim(b, o);
  out->queued = arena_printf(b->arena, "%s_q", out->name);
  out->verb = is_kind(o, KIND_PROCEDURE) ? "PDL_PROCEDURE" : "PDL_FUNCTION";
  set_result(b, out, f, &r);
  /* By name, and a row that is all NULL is none; but a set of composite values may well have some. */
  out->flags = r.table || (r.composite && !out->list_type) ? "0" : "PDL_POSITIONAL";
  set_arguments(b, out, f, out->columns.n);
}

void c_functions(struct c_build *b, const struct output *output) {
  size_t count = 0;
  if (b->m->read_only || setting_get(output->settings, "tables"))
    return; /* what it does is not known; a list of tables names all that there is */
  for (const struct object *o = b->schema->first; o; o = o->next)
    count += is_routine(o);
  struct c_function *v = arena_array(b->arena, count, sizeof *v);
  b->m->functions.v = v;
  for (const struct object *o = b->schema->first; o; o = o->next)
    if (is_routine(o) && !o->external && c_is_chosen_schema(output, o))
      set_function(b, &v[b->m->functions.n++], o);
}
