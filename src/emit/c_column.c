/* What the parts of a model for C share: names of objects, and columns. */
#include <string.h>

#include "emit/c_model.h"

/* ── names ── */

const char *c_joined(struct c_build *b, const char *prefix, const char *name, const char *suffix) {
  return arena_printf(b->arena, "%s%s%s", prefix, name, suffix);
}

bool c_is_ours(const char *name) {
  return strcmp(name, "pdl") == 0 || strncmp(name, "pdl_", 4) == 0;
}

/* Of file scope: prefix, schema where it is not public, name. */
const char *c_object_name(struct c_build *b, const struct object *o, bool upper) {
  const enum word_case word_case = upper ? CASE_UPPER : CASE_SNAKE;
  const char *prefix = upper ? b->m->upper : b->m->prefix;
  const char *name = o->code_name ? o->code_name : o->name;
  const bool is_public = !o->schema || strcmp(o->schema, "public") == 0;
  if (!is_public)
    name = arena_printf(b->arena, "%s_%s", o->schema, name);
  if (*prefix)
    return c_joined(b, prefix, c_name(b->arena, name, word_case), "");
  name = c_safe(b->arena, name, word_case);
  return c_is_ours(name) ? c_joined(b, "x_", name, "") : name;
}

const char *c_sql_name(struct c_build *b, const struct object *o) {
  struct strbuf sql = STRBUF_INIT;
  sql_object(&sql, o);
  const char *literal = c_string(b->arena, sql.text);
  strbuf_release(&sql);
  return literal;
}

const char *c_title(struct c_build *b, const struct object *o) {
  const char *title = object_title(b->arena, o);
  if (o->span.src)
    title = arena_printf(b->arena, "%s, line %u", title, span_place(o->span).line);
  return comment_line(b->arena, title, strlen(title), true);
}

const char *c_param_name(struct arena *arena, const char *member) {
  static const char *const taken[] = {"after", "arg", "args", "constraints", "count", "exists", "fn", "given", "limit",
                                      "list", "mem", "out", "p", "pipe", "row", "schema", "set"};
  size_t n = strlen(member);
  while (n > 0 && member[n - 1] == '_')
    n--;
  for (size_t i = 0; i < ARRAY_LEN(taken); i++)
    if (strlen(taken[i]) == n && strncmp(taken[i], member, n) == 0)
      return arena_printf(arena, "%s_", member);
  return member;
}

/* ── columns ── */

static const char *key_of(struct arena *arena, const struct object *o) {
  return arena_printf(arena, "%s\n%s", o->schema, o->name);
}

void c_table_add(struct c_build *b, struct c_table *t) {
  map_set(&b->tables, key_of(b->arena, t->object), t);
}

const struct c_table *c_table_of(const struct c_build *b, const struct object *o) {
  return o ? map_get(&b->tables, key_of(b->arena, o)) : NULL;
}

struct c_column *c_column_named(const struct c_table *t, const char *name) {
  struct c_column *v = t->columns.v;
  for (size_t i = 0; i < t->columns.n; i++)
    if (strcmp(v[i].sql, name) == 0)
      return &v[i];
  return NULL;
}

static const char *ident_literal(struct c_build *b, const char *name) {
  struct strbuf sql = STRBUF_INIT;
  sql_ident(&sql, name);
  const char *literal = c_string(b->arena, sql.text);
  strbuf_release(&sql);
  return literal;
}

const char *c_note(struct c_build *b, const struct type_ref *type) {
  struct strbuf sql = STRBUF_INIT;
  sql_type(&sql, type);
  const char *note = comment_line(b->arena, sql.text, sql.len, true);
  strbuf_release(&sql);
  return note;
}

void c_column_set(struct c_build *b, struct c_column *out, struct map *members, const struct object *owner,
                  const char *name, const struct object *o, const struct type_ref *type, bool not_null) {
  const char *code = o && o->code_name ? o->code_name : name;
  const struct span span = o ? o->span : owner->span;
  const bool routine = is_kind(owner, KIND_FUNCTION) || is_kind(owner, KIND_PROCEDURE);
  const struct c_what what = {routine ? "argument" : "column", owner->name, name};
  *out = (struct c_column){.sql = name, .name = ident_literal(b, name), .nullable = !not_null};
  out->doc = o ? o->comment : NULL;
  out->note = c_note(b, type);
  out->member = c_claim(b->arena, members, c_safe(b->arena, code, CASE_SNAKE), NULL, b->diagnostics, span, what);
  out->c = c_type_of(b->arena, type, b->m);
  const struct c_type *c = &out->c;
  out->value = c->is_array ? c->array : c->type;
  out->type = !not_null && c->opt && !c->is_array ? c->opt : out->value;
  out->codec = arena_printf(b->arena, "PDL_%s", c->codec);
  out->read = c_string(b->arena, c->read);
  out->cast = c_string(b->arena, c->cast);
  out->labels = c->labels ? c->labels : "NULL";
  out->shape = c->shape ? c->shape : "NULL";
}

void c_column_flags(struct c_build *b, struct c_column *c) {
  struct strbuf flags = STRBUF_INIT;
  const struct {
    bool set;
    const char *name;
  } all[] = {{c->nullable, "PDL_NULLABLE"},
             {c->c.is_array, "PDL_ARRAY"},
             {c->read_only, "PDL_READONLY"},
             {c->c.no_binary, "PDL_NO_BINARY"},
             {c->c.multirange, "PDL_MULTIRANGE"}};
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (all[i].set)
      strbuf_addf(&flags, "%s%s", flags.len ? " | " : "", all[i].name);
  c->flags = flags.len ? strbuf_dup(&flags, b->arena) : "0";
  strbuf_release(&flags);
}
