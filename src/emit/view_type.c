/* Types as templates see them. */
#include <string.h>

#include "emit/shape.h"

struct view view_type(struct arena *arena, const struct type_ref *type) {
  struct strbuf sql = STRBUF_INIT;
  sql_type(&sql, type);
  const char *copy = strbuf_dup(&sql, arena);
  strbuf_release(&sql);
  return view_text(copy);
}

/* What a value is to programs: domains are seen through, also one over an array. */
static const struct type_ref *value_type(const struct type_ref *t, bool *array) {
  *array = t->dimensions > 0;
  while (t->object && is_kind(t->object, KIND_DOMAIN)) {
    t = &((const struct domain *)t->object)->type;
    *array |= t->dimensions > 0;
  }
  return t;
}

/* An object with one key that is true, the type's, so that templates can ask is.int4; any other is false. */
static enum view_kind is_kind_of_view(const struct view *v) {
  (void)v;
  return VIEW_OBJECT;
}

static bool is_get(const struct view *v, const char *key, size_t n, struct arena *arena, struct view *out) {
  (void)arena;
  const char *name = v->data;
  *out = view_bool(strncmp(name, key, n) == 0 && name[n] == '\0');
  return true;
}

static const char *is_key(const struct view *v, size_t i) {
  return i == 0 ? v->data : NULL;
}

static const struct view_ops is_ops = {.kind = is_kind_of_view, .get = is_get, .key = is_key};

struct view view_is(const struct type_ref *type) {
  bool array;
  const struct type_ref *t = value_type(type, &array);
  const char *name = !t->object ? t->name : is_kind(t->object, KIND_ENUM) ? "enum" : "composite";
  return (struct view){.ops = &is_ops, .data = name};
}

/* Getters of types take the offset of a struct type_ref. */
static const struct type_ref *type_at(const struct item *i, size_t offset) {
  return (const void *)((const char *)i->thing + offset);
}

struct view get_type(const struct item *i, size_t offset) {
  return view_type(i->arena, type_at(i, offset));
}

struct view get_base_type(const struct item *i, size_t offset) {
  return view_text(type_at(i, offset)->name);
}

struct view get_type_schema(const struct item *i, size_t offset) {
  const struct type_ref *t = type_at(i, offset);
  return view_text(t->schema ? t->schema : type_info(t->name) ? "pg_catalog" : NULL);
}

struct view get_type_is(const struct item *i, size_t offset) {
  return view_is(type_at(i, offset));
}

struct view get_is_array(const struct item *i, size_t offset) {
  bool array;
  value_type(type_at(i, offset), &array);
  return view_bool(array);
}

static bool value_is(const struct item *i, size_t offset, enum kind_id id, const struct object **object) {
  bool array;
  *object = value_type(type_at(i, offset), &array)->object;
  return *object && is_kind(*object, id);
}

struct view get_is_enum(const struct item *i, size_t offset) {
  const struct object *o;
  return view_bool(value_is(i, offset, KIND_ENUM, &o));
}

struct view get_is_composite(const struct item *i, size_t offset) {
  const struct object *o;
  return view_bool(value_is(i, offset, KIND_COMPOSITE, &o));
}

struct view get_is_domain(const struct item *i, size_t offset) {
  const struct object *o = type_at(i, offset)->object;
  return view_bool(o && is_kind(o, KIND_DOMAIN));
}

struct view get_enum(const struct item *i, size_t offset) {
  const struct object *o;
  return value_is(i, offset, KIND_ENUM, &o) ? view_thing(i->arena, &enum_shape, o) : view_null();
}
