/* PDL of expressions that Postgres prints so that reading them again gives something else: v in ('a', 'b') of a varchar
 * stands in the catalogs as the cast of an array, which is read as an array of casts. */
#include <ctype.h>
#include <string.h>

#include "objects/objects.h"

static const char *past(const char *text, const char *word) {
  const size_t n = strlen(word);
  return text && strncmp(text, word, n) == 0 ? text + n : NULL;
}

/* Behind the literal or quoted name that begins here; what it is quoted by stands twice within. */
static const char *past_quoted(const char *text) {
  const char quote = *text;
  for (text++; *text && (*text != quote || text[1] == quote); text++)
    text += *text == quote;
  return *text ? text + 1 : text;
}

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static const char *past_name(const char *text) {
  if (*text == '"')
    return past_quoted(text);
  const char *end = text;
  while (is_word(*end))
    end++;
  return end > text ? end : NULL;
}

static bool is_varchar(const struct type_ref *t) {
  return !t->schema && !t->dimensions && t->name && strcmp(t->name, "varchar") == 0;
}

/* Whether it is a column of the table, or the value of the domain, and a varchar. */
static bool names_varchar(const struct object *of, const char *name, size_t n) {
  if (is_kind(of, KIND_DOMAIN))
    return n == strlen("VALUE") && strncmp(name, "VALUE", n) == 0 && is_varchar(&((const struct domain *)of)->type);
  struct strbuf ident = STRBUF_INIT;
  bool found = false;
  for EACH_CHILD(of, o) {
    if (!is_kind(o, KIND_COLUMN) || !is_varchar(&((const struct column *)o)->type))
      continue;
    strbuf_clear(&ident);
    sql_ident(&ident, o->name);
    found |= ident.len == n && memcmp(ident.text, name, n) == 0;
  }
  strbuf_release(&ident);
  return found;
}

/* 'a'::character varying, 'b'::character varying */
static const char *past_values(const char *text, struct strbuf *out) {
  for (const char *separator = "";; separator = ", ") {
    const char *at = *separator ? past(text, separator) : text;
    if (!at)
      return text;
    const char *literal = *at == 'E' ? at + 1 : at;
    if (*literal != '\'')
      return NULL;
    const char *end = past_quoted(literal);
    strbuf_adds(out, separator);
    strbuf_add(out, at, (size_t)(end - at));
    text = past(end, "::character varying");
    if (!text)
      return NULL;
  }
}

/* (v)::text = ANY ((ARRAY['a'::character varying])::text[]): appends v in ('a'), and returns what follows; else NULL. */
static const char *in_list(const struct object *of, const char *text, struct strbuf *out) {
  static const struct {
    const char *printed, *said;
  } operators[] = {{" = ANY ((ARRAY[", " in ("}, {" <> ALL ((ARRAY[", " not in ("}};
  const char *name = past(text, "("), *end = name ? past_name(name) : NULL;
  const char *operator_ = end ? past(end, ")::text") : NULL;
  if (!operator_ || !names_varchar(of, name, (size_t)(end - name)))
    return NULL;
  struct strbuf values = STRBUF_INIT;
  const char *rest = NULL;
  for (size_t i = 0; i < ARRAY_LEN(operators) && !rest; i++) {
    const char *first = past(operator_, operators[i].printed);
    rest = first ? past_values(first, &values) : NULL;
    rest = past(rest, "])::text[])");
    if (!rest)
      continue;
    strbuf_add(out, name, (size_t)(end - name));
    strbuf_addf(out, "%s%s)", operators[i].said, values.text);
  }
  strbuf_release(&values);
  return rest;
}

void pdl_expr(struct strbuf *out, const struct object *of, const struct expr *e) {
  const char *text = e->compared ? e->compared : e->sql;
  for (const char *at = text, *next; *at; at = next) {
    next = *at == '\'' || *at == '"' ? past_quoted(at) : at + 1;
    const char *rest = *at == '(' && (at == text || !(is_word(at[-1]) || at[-1] == '"')) ? in_list(of, at, out) : NULL;
    if (rest)
      next = rest;
    else
      strbuf_add(out, at, (size_t)(next - at));
  }
}
