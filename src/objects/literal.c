/* literal: whether a simple literal can be a value of a type, as a default must be. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "objects/objects.h"

#define SPACES " \t\n\r\f\v"

static const char *skip_spaces(const char *text) {
  return text + strspn(text, SPACES);
}

/* How many bytes are left without the spaces at the end. */
static size_t trimmed(const char *text) {
  size_t n = strlen(text);
  while (n > 0 && strchr(SPACES, text[n - 1]))
    n--;
  return n;
}

static bool one_of(const char *text, const char *const *words) {
  text = skip_spaces(text);
  const size_t n = trimmed(text);
  for (; *words; words++)
    if (strlen(*words) == n && strncasecmp(*words, text, n) == 0)
      return true;
  return false;
}

void integer_range(const char *type, long long *low, long long *high) {
  *low = strcmp(type, "int2") == 0 ? INT16_MIN : strcmp(type, "int4") == 0 ? INT32_MIN : INT64_MIN;
  *high = strcmp(type, "int2") == 0 ? INT16_MAX : strcmp(type, "int4") == 0 ? INT32_MAX : INT64_MAX;
}

bool text_is_integer(const char *text, long long low, long long high) {
  char *end;
  errno = 0;
  const long long value = strtoll(text, &end, 10);
  return end != text && errno == 0 && *skip_spaces(end) == '\0' && value >= low && value <= high;
}

/* 0x1F, 0o17, 0b11 and 1_000 came with 16. */
static bool newer_number(const char *text) {
  text = skip_spaces(text);
  text += *text == '-' || *text == '+';
  const bool prefixed = text[0] == '0' && text[1] && strchr("xXoObB", text[1]);
  const size_t n = strspn(text + (prefixed ? 2 : 0), "0123456789abcdefABCDEF_.");
  return (prefixed || (isdigit((unsigned char)*text) && strchr(text, '_'))) && n > 0 &&
         *skip_spaces(text + n + (prefixed ? 2 : 0)) == '\0';
}

static bool text_is_number(const char *text) {
  static const char *const words[] = {"nan", "infinity", "+infinity", "-infinity", "inf", "+inf", "-inf", NULL};
  char *end;
  if (one_of(text, words))
    return true;
  const char *digits = skip_spaces(text);
  digits += *digits == '-' || *digits == '+';
  if (!isdigit((unsigned char)*digits) && *digits != '.')
    return false;
  strtod(text, &end);
  return end != text && *skip_spaces(end) == '\0';
}

/* Any beginning of such a word that no other one has (parse_bool_with_len). */
static bool text_is_bool(const char *text) {
  static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "1", "0"};
  text = skip_spaces(text);
  const size_t n = trimmed(text);
  if (n == 1 && tolower((unsigned char)*text) == 'o')
    return false;
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    if (n > 0 && strncasecmp(words[i], text, n) == 0)
      return true;
  return false;
}

/* 32 digits, a hyphen allowed behind every fourth, and braces around all (string_to_uuid). */
static bool text_is_uuid(const char *text) {
  const bool braces = *text == '{';
  text += braces;
  for (int i = 0; i < 32; i++) {
    if (!isxdigit((unsigned char)*text++))
      return false;
    if (*text == '-' && i % 4 == 3 && i < 31)
      text++;
  }
  if (braces && *text++ != '}')
    return false;
  return *text == '\0';
}

/* Every date and time has a digit, but for a few words. */
static bool text_is_time(const char *text, const char *type) {
  static const char *const words[] = {"now",   "today",    "tomorrow",  "yesterday", "epoch",
                                      "allballs", "infinity", "-infinity", "+infinity"};
  if (strpbrk(text, "0123456789"))
    return true;
  text = skip_spaces(text);
  const size_t first = strcmp(type, "interval") == 0 ? 6 : 0;
  for (size_t i = first; i < ARRAY_LEN(words); i++)
    if (strncasecmp(text, words[i], strlen(words[i])) == 0)
      return true;
  return false;
}

/* Syntax only: what the library finds too large or too deep may be fine for the server. */
static bool text_is_json(const char *text) {
  json_error_t err;
  json_t *value = json_loads(text, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &err);
  json_decref(value);
  const enum json_error_code code = json_error_code(&err);
  return value || (code != json_error_invalid_syntax && code != json_error_premature_end_of_input &&
                   code != json_error_end_of_input_expected);
}

static bool only_of(const char *text, const char *characters) {
  text = skip_spaces(text);
  const size_t n = strspn(text, characters);
  return n > 0 && *skip_spaces(text + n) == '\0';
}

static bool is(const struct type_info *info, const char *name) {
  return strcmp(info->name, name) == 0;
}

/* A string is read by the type's own input function. */
static bool string_fits(const char *text, const struct type_info *info, int version) {
  if (is(info, "int2") || is(info, "int4") || is(info, "int8")) {
    long long low, high;
    integer_range(info->name, &low, &high);
    return text_is_integer(text, low, high) || (version >= 16 && newer_number(text));
  }
  if (is(info, "float4") || is(info, "float8") || is(info, "numeric"))
    return text_is_number(text) || (version >= 16 && newer_number(text));
  if (info->category == TYPE_BOOL)
    return text_is_bool(text);
  if (info->category == TYPE_DATE)
    return text_is_time(text, info->name);
  if (is(info, "uuid"))
    return text_is_uuid(text);
  if (is(info, "json") || is(info, "jsonb"))
    return text_is_json(text);
  if (is(info, "inet") || is(info, "cidr"))
    return only_of(text, "0123456789abcdefABCDEFxX.:/");
  if (is(info, "macaddr") || is(info, "macaddr8"))
    return only_of(text, "0123456789abcdefABCDEF.:-");
  return true;
}

/* Others become a value of the type by an implicit or assignment cast (pg_cast); to text there is always one. */
static bool literal_fits(const struct sql_expr *e, const struct type_info *info, int version) {
  const bool whole = is(info, "int2") || is(info, "int4") || is(info, "int8"), number = info->category == TYPE_NUMBER;
  const bool text = info->collatable, money = is(info, "money");
  const bool oid = is(info, "oid") || strncmp(info->name, "reg", 3) == 0;
  long long low, high;
  integer_range(info->name, &low, &high);
  switch (e->literal) {
  case SQL_STRING: return string_fits(e->literal_text, info, version);
  case SQL_INTEGER: return whole ? text_is_integer(e->literal_text, low, high) : number || text || money || oid;
  case SQL_FLOAT: {
    const double value = strtod(e->literal_text, NULL);
    return whole ? value >= (double)low - 0.5 && value <= (double)high + 0.5 : (number && !oid) || text || money;
  }
  case SQL_BOOL: return info->category == TYPE_BOOL || text;
  case SQL_BIT: return is(info, "bit") || is(info, "varbit") || text;
  default: return true;
  }
}

static void enum_default(struct compile *c, const struct node *n, const struct sql_expr *e,
                         const struct enum_type *en) {
  if (e->literal == SQL_STRING && names_hold(en->names, e->literal_text))
    return;
  struct diagnostic *d = diagnose(c->diagnostics, PDL_DEFAULT_TYPE, n->text_span, "%s is not a label of enum \"%s\"",
                                  n->text, en->object.name);
  struct spell spell = SPELL_INIT(e->literal_text ? e->literal_text : "");
  for (size_t i = 0; i < en->names.n; i++)
    spell_offer(&spell, en->names.v[i]);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean '%s'?", spell.best);
  diagnostic_peer(d, en->object.span, "the enum is declared here");
}

static void array_default(struct compile *c, const struct node *n, const struct sql_expr *e) {
  const char *text = e->literal == SQL_STRING ? skip_spaces(e->literal_text) : "";
  if (*text == '{' || (*text == '[' && strchr(text, '=')))
    return;
  diagnostic_hint(c->diagnostics,
                  diagnose(c->diagnostics, PDL_DEFAULT_TYPE, n->text_span, "default %s is not an array", n->text),
                  "An empty array is '{}'.");
}

/* What varchar(n) and char(n) have no room for; blanks at the end are cut in silence. */
static bool too_long(const struct sql_expr *e, const struct type_info *info, const char *mods) {
  if (!info->collatable || !mods || e->literal == SQL_FLOAT || e->literal == SQL_BIT)
    return false;
  size_t n = strlen(e->literal_text);
  while (n > 0 && e->literal_text[n - 1] == ' ')
    n--;
  return utf8_count(e->literal_text, n) > strtoul(mods, NULL, 10);
}

void compile_default(struct compile *c, const struct node *n, struct expr expr, const struct type_ref *type) {
  struct sql_error err = {0};
  const struct sql_expr *e = expr.sql ? sql_parse_expr(c->sql, n->text, &err) : NULL;
  if (!e || e->literal == SQL_NOT_LITERAL || e->literal == SQL_NULL || !type->name)
    return;
  const struct type_ref *t = type;
  while (!t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN)) {
    t = &((const struct domain *)t->object)->type;
    if (!t->name)
      return;
  }
  if (t->dimensions) {
    array_default(c, n, e);
    return;
  }
  if (t->object && is_kind(t->object, KIND_ENUM)) {
    enum_default(c, n, e, (const struct enum_type *)t->object);
    return;
  }
  bool fits = true;
  const struct type_info *info = t->schema || t->object ? NULL : type_info(t->name);
  if (info)
    fits = literal_fits(e, info, c->schema->target.version) && !too_long(e, info, t->mods);
  else if (t->object && is_kind(t->object, KIND_COMPOSITE))
    fits = e->literal == SQL_STRING && *skip_spaces(e->literal_text) == '(';
  if (fits)
    return;
  struct strbuf shown = STRBUF_INIT;
  sql_type(&shown, t);
  diagnose(c->diagnostics, PDL_DEFAULT_TYPE, n->text_span, "default %s cannot be of type %s", n->text, shown.text);
  strbuf_release(&shown);
}
