/* Comparing the content of two objects of one kind, field by field. */
#include <string.h>

#include "schema/schema.h"

static bool text_equal(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool expr_equal(const struct expr *a, const struct expr *b) {
  return text_equal(a->compared ? a->compared : a->sql, b->compared ? b->compared : b->sql);
}

static bool key_equal(const struct index_key *a, const struct index_key *b) {
  return text_equal(a->column, b->column) && expr_equal(&a->expr, &b->expr) &&
         text_equal(a->collation_schema, b->collation_schema) && text_equal(a->collation, b->collation) &&
         text_equal(a->opclass_schema, b->opclass_schema) && text_equal(a->opclass, b->opclass) &&
         text_equal(a->opclass_options, b->opclass_options) && text_equal(a->operator_, b->operator_) &&
         a->descending == b->descending && a->nulls_first == b->nulls_first;
}

bool index_keys_equal(const struct index_keys *a, const struct index_keys *b) {
  if (a->n != b->n)
    return false;
  for (size_t i = 0; i < a->n; i++)
    if (!key_equal(&a->v[i], &b->v[i]))
      return false;
  return true;
}

static bool settings_hold(const struct setting *all, const struct setting *one) {
  for (; all; all = all->next)
    if (strcmp(all->name, one->name) == 0 && text_equal(all->value, one->value))
      return true;
  return false;
}

static bool settings_equal(const struct setting *a, const struct setting *b) {
  size_t count = 0;
  for (const struct setting *s = a; s; s = s->next, count++)
    if (!settings_hold(b, s))
      return false;
  for (const struct setting *s = b; s; s = s->next)
    if (count-- == 0)
      return false;
  return count == 0;
}

bool type_equal(const struct type_ref *a, const struct type_ref *b) {
  return text_equal(a->schema, b->schema) && text_equal(a->name, b->name) && text_equal(a->mods, b->mods) &&
         (a->dimensions > 0) == (b->dimensions > 0);
}

static const void *at(const struct field *f, const struct object *o) {
  return (const char *)o + f->offset;
}

static bool field_equal(const struct field *f, const struct object *x, const struct object *y) {
  const void *a = at(f, x), *b = at(f, y);
  switch (f->type) {
  case FIELD_FLAG: return *(const bool *)a == *(const bool *)b;
  case FIELD_SQL:
  case FIELD_TEXT: return text_equal(*(const char *const *)a, *(const char *const *)b);
  case FIELD_INT: return *(const long long *)a == *(const long long *)b;
  case FIELD_NAMES: return names_equal(*(const struct names *)a, *(const struct names *)b);
  case FIELD_NAME_SET: return names_equal_sets(*(const struct names *)a, *(const struct names *)b);
  case FIELD_TYPE: return type_equal(a, b);
  case FIELD_EXPR: return expr_equal(a, b);
  case FIELD_KEYS: return index_keys_equal(a, b);
  case FIELD_SETTINGS: return settings_equal(*(struct setting *const *)a, *(struct setting *const *)b);
  }
  return false;
}

uint64_t object_differs(const struct object *a, const struct object *b) {
  uint64_t bits = 0;
  for (size_t i = 0; a->kind->fields[i].label; i++)
    if (!field_equal(&a->kind->fields[i], a, b))
      bits |= UINT64_C(1) << i;
  return bits;
}

static void show_names(struct names names, struct strbuf *out) {
  for (size_t i = 0; i < names.n; i++)
    strbuf_addf(out, "%s%s", i ? ", " : "", names.v[i]);
}

static void show_keys(const struct index_keys *keys, struct strbuf *out) {
  for (size_t i = 0; i < keys->n; i++) {
    const struct index_key *k = &keys->v[i];
    strbuf_addf(out, "%s%s", i ? ", " : "", k->column ? k->column : k->expr.sql);
    if (k->collation)
      strbuf_addf(out, " collate %s", k->collation);
    if (k->opclass)
      strbuf_addf(out, " %s", k->opclass);
    if (k->opclass_options)
      strbuf_addf(out, "(%s)", k->opclass_options);
    if (k->descending)
      strbuf_adds(out, " desc");
    if (k->nulls_first != k->descending)
      strbuf_adds(out, k->nulls_first ? " nulls first" : " nulls last");
    if (k->operator_)
      strbuf_addf(out, " with %s", k->operator_);
  }
}

static void show_type(const struct type_ref *t, struct strbuf *out) {
  const struct type_info *info = t->schema ? NULL : type_info(t->name);
  if (t->schema && strcmp(t->schema, "public") != 0)
    strbuf_addf(out, "%s.", t->schema);
  strbuf_adds(out, info && info->shown ? info->shown : t->name);
  if (t->mods)
    strbuf_addf(out, "(%s)", t->mods);
  if (t->dimensions)
    strbuf_adds(out, "[]");
}

static void show_text(const struct object *o, const char *text, struct strbuf *out) {
  for (; text && *text; text++)
    if (*text == TABLE_PLACE)
      strbuf_adds(out, o->parent ? o->parent->name : "");
    else
      strbuf_addc(out, *text);
}

void field_show(const struct field *f, const struct object *o, struct strbuf *out) {
  const void *v = at(f, o);
  const size_t before = out->len;
  switch (f->type) {
  case FIELD_FLAG: strbuf_adds(out, *(const bool *)v ? "yes" : "no"); break;
  case FIELD_INT: strbuf_addf(out, "%lld", *(const long long *)v); break;
  case FIELD_SQL:
  case FIELD_TEXT: show_text(o, *(const char *const *)v, out); break;
  case FIELD_NAMES: case FIELD_NAME_SET: show_names(*(const struct names *)v, out); break;
  case FIELD_TYPE:
    if (((const struct type_ref *)v)->name)
      show_type(v, out);
    break;
  case FIELD_EXPR: show_text(o, ((const struct expr *)v)->sql, out); break;
  case FIELD_KEYS: show_keys(v, out); break;
  case FIELD_SETTINGS:
    for (const struct setting *s = *(struct setting *const *)v; s; s = s->next)
      strbuf_addf(out, "%s%s%s%s", s == *(struct setting *const *)v ? "" : ", ", s->name, s->value ? " = " : "",
                  s->value ? s->value : "");
    break;
  }
  if (out->len == before)
    strbuf_adds(out, "none");
}
