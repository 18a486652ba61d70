/* Postgres' types in C: one table of facts. */
#include <string.h>

#include "emit/c_model.h"

/* Sorted by pg_type.typname; any other type goes as text. */
static const struct {
  const char *name, *codec, *type, *opt, *array;
} types[] = {
    {"bit", "BIT", "pdl_bit", NULL, "pdl_bits"},
    {"bool", "BOOL", "bool", "pdl_opt_bool", "pdl_bools"},
    {"bpchar", "BPCHAR", "pdl_text", NULL, "pdl_texts"},
    {"bytea", "BYTEA", "pdl_bytea", NULL, "pdl_byteas"},
    {"cidr", "CIDR", "pdl_cidr", "pdl_opt_cidr", "pdl_cidrs"},
    {"date", "DATE", "pdl_date", "pdl_opt_date", "pdl_dates"},
    {"float4", "FLOAT4", "float", "pdl_opt_float4", "pdl_float4s"},
    {"float8", "FLOAT8", "double", "pdl_opt_float8", "pdl_float8s"},
    {"inet", "INET", "pdl_inet", "pdl_opt_inet", "pdl_inets"},
    {"int2", "INT2", "int16_t", "pdl_opt_int2", "pdl_int2s"},
    {"int4", "INT4", "int32_t", "pdl_opt_int4", "pdl_int4s"},
    {"int8", "INT8", "int64_t", "pdl_opt_int8", "pdl_int8s"},
    {"interval", "INTERVAL", "pdl_interval", "pdl_opt_interval", "pdl_intervals"},
    {"json", "JSON", "pdl_json", NULL, "pdl_jsons"},
    {"jsonb", "JSONB", "pdl_jsonb", NULL, "pdl_jsonbs"},
    {"macaddr", "MACADDR", "pdl_macaddr", "pdl_opt_macaddr", "pdl_macaddrs"},
    {"macaddr8", "MACADDR8", "pdl_macaddr8", "pdl_opt_macaddr8", "pdl_macaddr8s"},
    {"name", "NAME", "pdl_text", NULL, "pdl_texts"},
    {"numeric", "NUMERIC", "pdl_numeric", NULL, "pdl_numerics"},
    {"oid", "OID", "uint32_t", "pdl_opt_oid", "pdl_oids"},
    {"text", "TEXT", "pdl_text", NULL, "pdl_texts"},
    {"time", "TIME", "pdl_time", "pdl_opt_time", "pdl_times"},
    {"timestamp", "TIMESTAMP", "pdl_timestamp", "pdl_opt_timestamp", "pdl_timestamps"},
    {"timestamptz", "TIMESTAMPTZ", "pdl_timestamptz", "pdl_opt_timestamptz", "pdl_timestamptzs"},
    {"timetz", "TIMETZ", "pdl_timetz", "pdl_opt_timetz", "pdl_timetzs"},
    {"uuid", "UUID", "pdl_uuid", "pdl_opt_uuid", "pdl_uuids"},
    {"varbit", "VARBIT", "pdl_bit", NULL, "pdl_bits"},
    {"varchar", "VARCHAR", "pdl_text", NULL, "pdl_texts"},
};

static size_t type_at(const char *name) {
  size_t low = 0, high = ARRAY_LEN(types);
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, types[middle].name);
    if (order == 0)
      return middle;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return ARRAY_LEN(types);
}

/* A cast to the type as such: its modifiers would cut values off silently. */
static const char *cast_to(struct arena *arena, const struct type_ref *type, bool array) {
  struct type_ref plain = *type;
  struct strbuf sql = STRBUF_INIT;
  plain.mods = NULL;
  if (plain.object) { /* in SQL of users it may stand without its schema */
    plain.schema = plain.object->schema;
    plain.name = plain.object->name;
  }
  plain.dimensions = array;
  strbuf_adds(&sql, "::");
  sql_type(&sql, &plain);
  const char *copy = strbuf_dup(&sql, arena);
  strbuf_release(&sql);
  return copy;
}

static const struct c_enum *enum_of(const struct c_model *m, const struct object *o) {
  const struct c_enum *v = m->enums.v;
  for (size_t i = 0; i < m->enums.n; i++)
    if (v[i].object == o)
      return &v[i];
  return NULL;
}

const struct c_composite *c_composite_of(const struct c_model *m, const struct object *o) {
  const struct c_composite *const *v = m->composites.v;
  for (size_t i = 0; i < m->composites.n; i++)
    if (v[i]->object == o)
      return v[i];
  return NULL;
}

/* Postgres' range types, and "range" for those of users. */
static bool set_range(struct arena *arena, const struct type_ref *t, bool own, struct c_type *c) {
  static const struct {
    const char *range, *multirange;
  } ranges[] = {{"int4range", "int4multirange"}, {"int8range", "int8multirange"}, {"numrange", "nummultirange"},
                {"tsrange", "tsmultirange"},     {"tstzrange", "tstzmultirange"}, {"daterange", "datemultirange"}};
  const char *name = t->object && is_kind(t->object, KIND_RANGE) ? "range" : NULL;
  c->multirange = name && t->object->implied;
  for (size_t i = 0; own && i < ARRAY_LEN(ranges); i++)
    if (strcmp(t->name, ranges[i].range) == 0 || strcmp(t->name, ranges[i].multirange) == 0) {
      name = ranges[i].range;
      c->multirange = strcmp(t->name, name) != 0;
    }
  if (!name || (c->multirange && c->is_array))
    return c->multirange = false;
  c->type = arena_printf(arena, "pdl_%s", name);
  c->opt = arena_printf(arena, "pdl_opt_%s", name);
  c->array = arena_printf(arena, "pdl_%ss", name);
  c->shape = arena_printf(arena, "&pdl_%s_shape", name);
  return true;
}

/* Domains are seen through, as the server does when it describes a result. What has no codec, and an array of arrays,
 * is text by a cast either way. */
struct c_type c_type_of(struct arena *arena, const struct type_ref *declared, const struct c_model *m) {
  int dimensions = declared->dimensions;
  const struct type_ref *t = declared;
  while (t->object && is_kind(t->object, KIND_DOMAIN)) {
    t = &((const struct domain *)t->object)->type;
    dimensions += t->dimensions;
  }
  struct c_type c = {.read = "", .cast = "", .is_array = dimensions == 1};
  const bool own = !t->object && (!t->schema || strcmp(t->schema, "pg_catalog") == 0);
  const size_t at = own && dimensions <= 1 ? type_at(t->name) : ARRAY_LEN(types);
  const struct c_enum *e = t->object && is_kind(t->object, KIND_ENUM) ? enum_of(m, t->object) : NULL;
  const struct c_composite *composite = t->object ? c_composite_of(m, t->object) : NULL;
  if (at < ARRAY_LEN(types)) {
    c.codec = types[at].codec;
    c.type = types[at].type;
    c.opt = types[at].opt;
    c.array = types[at].array;
    if (strcmp(c.codec, "NUMERIC") != 0)
      return c;
  } else if (e && dimensions <= 1) {
    c.codec = "ENUM";
    c.type = e->name;
    c.array = e->array;
    c.labels = arena_printf(arena, "&%s_labels", e->name);
  } else if (composite && dimensions <= 1) {
    c.codec = "RECORD";
    c.type = composite->name;
    c.opt = composite->opt;
    c.array = composite->array;
    c.shape = arena_printf(arena, "&%s", composite->shape);
    c.no_binary = true;
  } else if (dimensions <= 1 && set_range(arena, t, own, &c)) {
    c.codec = "RECORD";
    c.no_binary = true;
  } else if (!t->object && strcmp(t->name, "vector") == 0 && dimensions == 0) {
    c.codec = "FLOAT4";
    c.type = "float";
    c.array = "pdl_float4s";
    c.read = "::real[]";
    c.cast = cast_to(arena, t, false);
    c.is_array = c.no_binary = true;
    return c;
  } else {
    c.codec = "CAST";
    c.type = "pdl_text";
    c.array = "pdl_texts";
    c.no_binary = true;
  }
  struct type_ref named = *t;
  if (declared->object && is_kind(declared->object, KIND_DOMAIN) && declared->dimensions == 0)
    named = *declared; /* a domain over an array */
  const bool many = dimensions > 0 && !(named.object && is_kind(named.object, KIND_DOMAIN));
  c.read = c.is_array ? "::text[]" : "::text";
  c.cast = cast_to(arena, &named, many);
  c.is_array |= c.multirange;
  return c;
}
