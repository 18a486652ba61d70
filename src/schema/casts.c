/* Casts between Postgres' own types that need no way through text (pg_cast of 13 to 18; manual, CREATE CAST). */
#include <string.h>

#include "schema/schema.h"

/* What a value is assigned to, and what else it is only cast to. Texts, and the reg types, are known by rule. */
static const struct {
  const char *from, *assigned, *asked;
} casts[] = {
    {"bit", "varbit", "int4 int8"},
    {"bool", "", "int4"},
    {"box", "polygon", "circle lseg point"},
    {"char", "", "int4"},
    {"cidr", "inet", ""},
    {"circle", "", "box point polygon"},
    {"date", "timestamp timestamptz", ""},
    {"daterange", "", "datemultirange"},
    {"float4", "float8 int2 int4 int8 numeric", ""},
    {"float8", "float4 int2 int4 int8 numeric", ""},
    {"inet", "cidr", ""},
    {"int2", "float4 float8 int4 int8 numeric oid", ""},
    {"int4", "float4 float8 int2 int8 money numeric oid", "bit bool char"},
    {"int4range", "", "int4multirange"},
    {"int8", "float4 float8 int2 int4 money numeric oid", "bit"},
    {"int8range", "", "int8multirange"},
    {"interval", "time", ""},
    {"json", "jsonb", ""},
    {"jsonb", "json", "bool float4 float8 int2 int4 int8 numeric"},
    {"lseg", "", "point"},
    {"macaddr", "macaddr8", ""},
    {"macaddr8", "macaddr", ""},
    {"money", "numeric", ""},
    {"numeric", "float4 float8 int2 int4 int8 money", ""},
    {"numrange", "", "nummultirange"},
    {"oid", "int4 int8", ""},
    {"path", "polygon", ""},
    {"point", "box", ""},
    {"polygon", "path", "box circle point"},
    {"time", "interval timetz", ""},
    {"timestamp", "date time timestamptz", ""},
    {"timestamptz", "date time timestamp timetz", ""},
    {"timetz", "time", ""},
    {"tsrange", "", "tsmultirange"},
    {"tstzrange", "", "tstzmultirange"},
    {"varbit", "bit", ""},
    {"xid8", "", "xid"},
};

static bool has_word(const char *list, const char *word) {
  const size_t n = strlen(word);
  for (const char *p = list; (p = strstr(p, word)) != NULL; p += n)
    if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
      return true;
  return false;
}

static bool is_text(const char *name) {
  const struct type_info *info = type_info(name);
  return info && info->category == TYPE_STRING;
}

static bool is_reg(const char *name) {
  return strncmp(name, "reg", 3) == 0;
}

enum type_cast type_cast(const char *from, const char *to) {
  if (strcmp(from, to) == 0 || is_text(to))
    return CAST_ASSIGNED;
  if (is_text(from))
    return CAST_ASKED;
  if ((is_reg(to) && has_word("int2 int4 int8 oid", from)) || (is_reg(from) && has_word("int4 int8 oid", to)))
    return CAST_ASSIGNED;
  for (size_t i = 0; i < ARRAY_LEN(casts); i++)
    if (strcmp(casts[i].from, from) == 0)
      return has_word(casts[i].assigned, to) ? CAST_ASSIGNED : has_word(casts[i].asked, to) ? CAST_ASKED : CAST_BY_TEXT;
  return CAST_BY_TEXT;
}
