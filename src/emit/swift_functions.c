/* Functions as PostgREST calls them: named arguments in an object, and what comes back. */
#include <string.h>

#include "emit/swift.h"

/* Not what the server calls itself, nor what takes or gives values that no client has, nor arguments without a name. */
static bool is_callable(const struct object *o) {
  const struct function *f = (const struct function *)o;
  if (!is_kind(o, KIND_FUNCTION))
    return false;
  for (size_t i = 0; i < f->arg_count; i++) {
    const struct type_info *info = type_info(f->args[i].type.name);
    if (!f->args[i].name || (!f->args[i].type.object && info && info->pseudo))
      return false;
  }
  for (size_t i = 0; i < f->result_count; i++) {
    const struct type_ref *t = &f->results[i].type;
    const struct type_info *info = t->object ? NULL : type_info(t->name);
    if (info && info->pseudo && strcmp(t->name, "void") != 0 && strcmp(t->name, "record") != 0)
      return false;
  }
  return true;
}

static void add_argument(struct swift_builder *b, struct swift_scope *scope, const struct object *o,
                         struct swift_columns *list, const struct argument *a) {
  struct swift_column *c = swift_argument(b, scope, o, a->name, &a->type);
  c->required = !a->has_default;
  list->v[list->n++] = c;
}

/* The row of a table that it returns, else how one value travels. */
static const char *one_result(struct swift_builder *b, const struct type_ref *t) {
  if (t->object && !t->dimensions && (is_kind(t->object, KIND_TABLE) || is_kind(t->object, KIND_VIEW))) {
    const char *row = swift_type_of_object(b, t->object);
    return row ? row : "JSON";
  }
  const struct swift_type type = swift_type_of(t, &b->m->options, &b->names);
  return swift_type_name(b->arena, &type, true, false);
}

static void build_result(struct swift_builder *b, struct swift_function *s, const struct function *f) {
  const struct object *o = &f->object;
  struct swift_scope scope;
  size_t outputs = 0;
  const struct argument *only = f->result_count == 1 && !f->returns_table ? f->results : NULL;
  for (size_t i = 0; i < f->arg_count; i++)
    if (f->args[i].output) {
      outputs++;
      only = &f->args[i];
    }
  const char *one = outputs > 1 || f->returns_table || !only ? NULL : one_result(b, &only->type);
  if (!one && (outputs > 1 || f->returns_table)) {
    swift_scope_init(&scope, b->arena, b->diagnostics, swift_reserved_members);
    for (size_t i = 0; i < f->arg_count; i++)
      if (f->args[i].output)
        add_argument(b, &scope, o, &s->columns, &f->args[i]);
    for (size_t i = 0; f->returns_table && i < f->result_count; i++)
      add_argument(b, &scope, o, &s->columns, &f->results[i]);
    one = "Row";
  }
  if (only && !only->type.object && strcmp(only->type.name, "void") == 0)
    return;
  if (only && !only->type.object && strcmp(only->type.name, "record") == 0)
    one = "JSON";
  s->result = !one           ? NULL
              : f->returns_set ? arena_printf(b->arena, "[%s]", one)
                               : arena_printf(b->arena, "%s?", one);
}

static void build_function(struct swift_builder *b, struct swift_function *s, const struct object *o) {
  const struct function *f = (const struct function *)o;
  struct swift_scope scope;
  const char *wanted = swift_pascal(b, o->name, NULL);
  const char *others[] = {arena_printf(b->arena, "%sFunction", wanted), NULL};
  swift_scope_init(&scope, b->arena, b->diagnostics, swift_reserved_members);
  *s = (struct swift_function){
      .name = o->name,
      .doc = o->comment,
      .access = b->m->options.access,
      .type = swift_claim(&b->types, wanted, others, o->span, (struct swift_what){"function", o->name}),
      .title = swift_title(b, o),
      .schema_literal = swift_string(b->arena, o->schema),
      .name_literal = swift_string(b->arena, o->name),
      .parameters = swift_columns_new(b, f->arg_count),
      .columns = swift_columns_new(b, f->arg_count + f->result_count),
  };
  for (size_t i = 0; i < f->arg_count; i++)
    if (f->args[i].input)
      add_argument(b, &scope, o, &s->parameters, &f->args[i]);
  build_result(b, s, f);
}

void swift_build_functions(struct swift_builder *b) {
  struct swift_model *m = b->m;
  size_t count = 0;
  for (const struct object *o = b->schema->first; o; o = o->next)
    count += is_callable(o);
  m->functions = arena_array(b->arena, count, sizeof *m->functions);
  for (const struct object *o = b->schema->first; o; o = o->next)
    if (is_callable(o))
      build_function(b, &m->functions[m->function_count++], o);
}
