/* Which Swift type holds a value of a Postgres type, and which codec carries it through JSON without a loss. */
#include <ctype.h>
#include <string.h>

#include "emit/swift.h"

/* By pg_type.typname, sorted; whatever is not here travels as text and is a String. The codecs are in
 * templates/swift/Support.swift.mustache. */
static const struct fact {
  const char *type, *swift, *codec;
  bool foundation;
} facts[] = {
    {"bool", "Bool", NULL, false},
    {"bytea", "Data", "Bytes", true},
    {"date", "CalendarDate", NULL, false},
    {"float4", "Double", "Float8", false},
    {"float8", "Double", "Float8", false},
    {"geometry", "JSON", NULL, false},
    {"halfvec", "[Float]", "Vector", false},
    {"hstore", "[String: String?]", "HStore", false},
    {"int2", "Int", NULL, false},
    {"int4", "Int", NULL, false},
    {"int8", "Int", NULL, false},
    {"json", "JSON", NULL, false},
    {"jsonb", "JSON", NULL, false},
    {"numeric", "Decimal", "Numeric", true},
    {"timestamp", "Date", "PlainTimestamp", true},
    {"timestamptz", "Date", "Timestamp", true},
    {"uuid", "UUID", NULL, true},
    {"vector", "[Float]", "Vector", false},
};

struct swift_type swift_type_of(const struct type_ref *type, const struct swift_options *options,
                                const struct numbers *object_names) {
  struct swift_type s = {.base = "String", .dimensions = type->dimensions, .null_elements = true};
  const struct type_ref *t = type;
  while (t->object && is_kind(t->object, KIND_DOMAIN)) {
    t = &((const struct domain *)t->object)->type;
    s.dimensions += t->dimensions;
  }
  if (t->object) { /* the row type of a table has no model of its own */
    const bool own = is_kind(t->object, KIND_ENUM) || is_kind(t->object, KIND_COMPOSITE);
    const char *name = own ? numbers_get(object_names, (uintptr_t)t->object) : NULL;
    s.base = name ? name : "JSON";
    return s;
  }
  if (t->schema && type_info(t->name))
    return s; /* another type of that name, unless it is Postgres' own */
  for (size_t i = 0; i < ARRAY_LEN(facts); i++)
    if (strcmp(facts[i].type, t->name) == 0) {
      s.base = strcmp(t->name, "int8") == 0 ? options->int8 : facts[i].swift;
      s.codec = facts[i].codec;
      s.foundation = facts[i].foundation;
    }
  return s;
}

static const char *taken(struct arena *arena, struct strbuf *out) {
  const char *copy = strbuf_dup(out, arena);
  strbuf_release(out);
  return copy;
}

const char *swift_type_name(struct arena *arena, const struct swift_type *t, bool wire, bool optional) {
  const char *base = wire && t->codec ? t->codec : t->base;
  if (t->dimensions == 0)
    return optional ? arena_printf(arena, "%s?", base) : base;
  struct strbuf out = STRBUF_INIT;
  for (int i = 0; i < t->dimensions; i++)
    strbuf_addc(&out, '[');
  strbuf_adds(&out, base);
  if (t->null_elements)
    strbuf_addc(&out, '?');
  for (int i = 0; i < t->dimensions; i++)
    strbuf_addc(&out, ']');
  if (optional)
    strbuf_addc(&out, '?');
  return taken(arena, &out);
}

/* ".map { $0.map { LAST } }": a map a dimension. */
static const char *mapped(struct arena *arena, const struct swift_type *t, const char *last) {
  struct strbuf out = STRBUF_INIT;
  for (int i = 0; i < t->dimensions; i++)
    strbuf_adds(&out, i == 0 ? ".map { " : "$0.map { ");
  strbuf_adds(&out, last);
  for (int i = 0; i < t->dimensions; i++)
    strbuf_adds(&out, " }");
  return taken(arena, &out);
}

const char *swift_unwrap(struct arena *arena, const struct swift_type *t, bool optional) {
  if (!t->codec)
    return "";
  if (t->dimensions == 0)
    return optional ? "?.value" : ".value";
  const char *map = mapped(arena, t, t->null_elements ? "$0?.value" : "$0.value");
  return optional ? arena_printf(arena, "?%s", map) : map;
}

const char *swift_wrap(struct arena *arena, const struct swift_type *t, bool optional, const char *expression) {
  if (!t->codec)
    return expression;
  if (t->dimensions == 0)
    return optional ? arena_printf(arena, "%s.map { %s($0) }", expression, t->codec)
                    : arena_printf(arena, "%s(%s)", t->codec, expression);
  const char *one =
      t->null_elements ? arena_printf(arena, "$0.map { %s($0) }", t->codec) : arena_printf(arena, "%s($0)", t->codec);
  return arena_printf(arena, "%s%s%s", expression, optional ? "?" : "", mapped(arena, t, one));
}

/* ── arrays whose elements are never null ── */

/* `array_position(x, null) is null`, however it is spaced, cast and put in parentheses. */
static bool forbids(const char *check, const char *name) {
  struct strbuf plain = STRBUF_INIT, wanted = STRBUF_INIT;
  for (const char *p = check; *p; p++) {
    if (p[0] == ':' && p[1] == ':') /* a cast, up to what ends it */
      p += strcspn(p, ",)");
    if (isalnum((unsigned char)*p) || *p == '_' || *p == ',' || (unsigned char)*p >= 0x80)
      strbuf_addc(&plain, (char)tolower((unsigned char)*p));
    if (!*p)
      break;
  }
  strbuf_addf(&wanted, "array_position%s,nullisnull", name);
  const bool found = strcmp(plain.text, wanted.text) == 0;
  strbuf_release(&plain);
  strbuf_release(&wanted);
  return found;
}

bool swift_forbids_nulls(const struct object *table, const struct column *c) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_CHECK) && !((const struct check *)o)->not_valid &&
        forbids(((const struct check *)o)->expr.sql, c->object.name))
      return true;
  for (const struct object *o = c->type.object; o && is_kind(o, KIND_DOMAIN);
       o = ((const struct domain *)o)->type.object)
    for (const struct domain_check *check = ((const struct domain *)o)->checks; check; check = check->next)
      if (forbids(check->expr.sql, "value"))
        return true;
  return false;
}
