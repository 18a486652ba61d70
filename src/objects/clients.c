/* Which changes break programs that were built from the schema as it was: what they read no longer fits their models,
 * or what they send is refused. */
#include "objects/objects.h"

/* The types that one model holds; any other type is alone. */
static const char *const families[] = {" int2 int4 int8 ", " text varchar bpchar name citext ", " float4 float8 ",
                                       " json jsonb "};

static bool in_family(const char *family, const char *name) {
  const size_t n = strlen(name);
  for (const char *p = family; (p = strstr(p, name)) != NULL; p += n)
    if (p[-1] == ' ' && p[n] == ' ')
      return true;
  return false;
}

static bool same_family(const struct type_ref *a, const struct type_ref *b) {
  if (a->schema || b->schema || a->object || b->object)
    return type_equal(a, b);
  for (size_t i = 0; i < ARRAY_LEN(families); i++)
    if (in_family(families[i], a->name) && in_family(families[i], b->name))
      return true;
  return strcmp(a->name, b->name) == 0;
}

static const struct type_ref *value_of(const struct type_ref *t) {
  while (!t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN))
    t = &((const struct domain *)t->object)->type;
  return t;
}

static bool fits(const struct type_ref *was, const struct type_ref *is) {
  const struct type_ref *a = value_of(was), *b = value_of(is);
  return type_widens(a, b) && (a->dimensions > 0) == (b->dimensions > 0) && same_family(a, b);
}

static bool is_written(const struct column *c) {
  return !c->generated.sql && !(c->identity && strcmp(c->identity, "always") == 0);
}

static bool may_be_left_out(const struct column *c) {
  return !c->not_null || c->default_.sql || c->serial || c->identity || c->generated.sql;
}

const char *column_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed) {
  const struct column *was = (const struct column *)before, *is = (const struct column *)after;
  if (!is)
    return "models read it";
  if (!was)
    return may_be_left_out(is) ? NULL : "inserts leave it out";
  if (renamed)
    return "models know its old name";
  if (fields & COLUMN_TYPE && !fits(&was->type, &is->type))
    return "models hold another type";
  if (fields & COLUMN_NOT_NULL)
    return is->not_null ? "models may send null" : "models take no null";
  if (may_be_left_out(was) && !may_be_left_out(is))
    return "inserts leave it out";
  if (is_written(was) && !is_written(is))
    return "models write it";
  return NULL;
}

/* Of what clients select from or call by its name. */
const char *named_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed) {
  (void)before;
  (void)fields;
  return !after ? "clients use it" : renamed ? "clients know its old name" : NULL;
}

/* What it is declared to give: a column that is gone or holds another type no longer fits. */
const char *view_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed) {
  const struct sql_view *was = (const struct sql_view *)before, *is = (const struct sql_view *)after;
  if (!was || !is || renamed)
    return was ? named_breaks(before, after, fields, renamed) : NULL;
  for (size_t i = 0; is->columns.n && i < was->columns.n; i++) {
    size_t k = 0;
    while (k < is->columns.n && strcmp(is->columns.v[k], was->columns.v[i]) != 0)
      k++;
    if (k == is->columns.n)
      return "models read a column that is gone";
    if (!fits(&was->types[i].type, &is->types[k].type))
      return "models hold another type";
    if (was->types[i].not_null && !is->types[k].not_null)
      return "models take no null";
  }
  return NULL;
}

const char *function_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed) {
  const struct function *was = (const struct function *)before, *is = (const struct function *)after;
  if (!was || !is || renamed)
    return was ? named_breaks(before, after, fields, renamed) : NULL;
  if (strcmp(was->arguments, is->arguments) != 0)
    return "clients call it with other arguments";
  const char *a = was->returns ? was->returns : "", *b = is->returns ? is->returns : "";
  return strcmp(a, b) == 0 ? NULL : "models hold another result";
}

/* Labels that are added are no harm: enums in programs are open. */
const char *enum_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed) {
  const struct enum_type *was = (const struct enum_type *)before, *is = (const struct enum_type *)after;
  (void)fields;
  (void)renamed; /* its name does not travel */
  for (size_t i = 0; was && is && i < was->names.n; i++)
    if (!names_hold(is->names, was->names.v[i]))
      return "clients may send a label that is gone";
  return NULL;
}
