/* PDL of expressions that Postgres prints in another way than people write them, v in ('a', 'b') as a comparison with an
 * array. Of a varchar that is the cast of an array, which would be read as an array of casts. */
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

static bool is_printed(const char *name, const char *text, size_t n) {
  struct strbuf ident = STRBUF_INIT;
  sql_ident(&ident, name);
  const bool same = ident.len == n && memcmp(ident.text, text, n) == 0;
  strbuf_release(&ident);
  return same;
}

/* Of a column of the table, or of the value of the domain; NULL of anything else. */
static const struct type_ref *type_of(const struct object *of, const char *name, size_t n) {
  if (is_kind(of, KIND_DOMAIN))
    return n == strlen("VALUE") && strncmp(name, "VALUE", n) == 0 ? &((const struct domain *)of)->type : NULL;
  for EACH_CHILD(is_kind(of, KIND_POLICY) ? of->parent : of, o)
    if (is_kind(o, KIND_COLUMN) && is_printed(o->name, name, n))
      return &((const struct column *)o)->type;
  return NULL;
}

/* Of t.a, by whatever name the table goes: a column that the policy reads; NULL where those of that name differ. */
static const struct type_ref *type_elsewhere(const struct object *policy, const char *name, size_t n) {
  const struct type_ref *found = NULL;
  for (const struct depend *d = policy->depends; d; d = d->next) {
    if (!is_kind(d->on, KIND_COLUMN) || !is_printed(d->on->name, name, n))
      continue;
    const struct type_ref *type = &((const struct column *)d->on)->type;
    if (found && !type_equal(found, type))
      return NULL;
    found = type;
  }
  return found ? found : type_of(policy, name, n);
}

/* 'a'::text, 'b'::text: two at least, as one alone is no list. cast "": numbers. */
static const char *past_values(const char *text, const char *cast, struct strbuf *out) {
  for (size_t count = 1;; count++) {
    const char *literal = *text == 'E' ? text + 1 : text, *end = literal;
    if (*cast && *literal == '\'')
      end = past_quoted(literal);
    while (!*cast && isdigit((unsigned char)*end))
      end++;
    if (end == literal)
      return NULL;
    strbuf_add(out, text, (size_t)(end - text));
    text = past(end, cast);
    const char *next = past(text, ", ");
    if (!next)
      return count > 1 ? text : NULL;
    strbuf_adds(out, ", ");
    text = next;
  }
}

/* Up to the end of the array that they stand in. */
static const char *past_values_of_any_kind(const char *text) {
  while (*text && *text != ']')
    text = *text == '\'' || *text == '"' ? past_quoted(text) : text + 1;
  return text;
}

/* What the values of such a list are cast to; false where what is read would be another list. */
static bool cast_of(const struct type_ref *t, struct strbuf *cast) {
  if (!t || !t->name || t->dimensions || t->mods)
    return false;
  if (!t->schema && (strcmp(t->name, "int4") == 0 || strcmp(t->name, "int2") == 0))
    return true;
  if (!t->schema && strcmp(t->name, "text") != 0 && strcmp(t->name, "uuid") != 0)
    return false;
  strbuf_adds(cast, "::");
  sql_type(cast, t);
  return true;
}

/* v = ANY (ARRAY['a'::text, 'b'::text]), of a varchar (v)::text = ANY ((ARRAY['a'::character varying])::text[]): appends
 * v in ('a', 'b'), of a varchar at least v = ANY (ARRAY[…]), and returns what follows; else NULL. */
static const char *in_list(const struct object *of, const char *text, struct strbuf *out) {
  static const struct list {
    const char *printed, *said;
  } lists[] = {{" = ANY ", " in ("}, {" <> ALL ", " not in ("}};
  const bool varchars = *text == '(';
  const char *name = text + varchars, *column = name, *end = past_name(name), *at = end;
  while (at && *at == '.' && !varchars) {
    column = at + 1;
    end = past_name(column);
    at = end;
  }
  if (varchars)
    at = at ? past(at, ")::text") : NULL;
  const struct list *list = at && past(at, lists[0].printed) ? &lists[0] : &lists[1];
  at = past(past(at, list->printed), varchars ? "((ARRAY[" : "(ARRAY[");
  if (!at)
    return NULL;
  const size_t n = (size_t)(end - column);
  const struct type_ref *t = column > name && is_kind(of, KIND_POLICY) ? type_elsewhere(of, column, n) : type_of(of, name, n);
  struct strbuf cast = STRBUF_INIT, values = STRBUF_INIT;
  bool known;
  if (varchars) {
    strbuf_adds(&cast, "::character varying");
    known = t && !t->schema && !t->dimensions && strcmp(t->name, "varchar") == 0;
  } else {
    known = cast_of(t, &cast);
  }
  const char *rest = known ? past_values(at, cast.len ? cast.text : "", &values) : NULL;
  rest = past(rest, varchars ? "])::text[])" : "])");
  if (rest)
    strbuf_addf(out, "%.*s%s%s)", (int)(end - name), name, list->said, values.text);
  const char *all = past_values_of_any_kind(at);
  if (known && varchars && !rest && (rest = past(all, "])::text[])")))
    strbuf_addf(out, "%.*s%s(ARRAY[%.*s])", (int)(end - name), name, list->printed, (int)(all - at), at);
  strbuf_release(&cast);
  strbuf_release(&values);
  return rest;
}

void pdl_expr(struct strbuf *out, const struct object *of, const struct expr *e) {
  const char *text = e->compared ? e->compared : e->sql;
  for (const char *at = text, *next; *at; at = next) {
    next = *at == '\'' || *at == '"' ? past_quoted(at) : at + 1;
    const bool begins = at == text || !(is_word(at[-1]) || at[-1] == '"' || at[-1] == '.');
    const char *rest = begins && (*at == '(' || *at == '"' || is_word(*at)) ? in_list(of, at, out) : NULL;
    if (rest)
      next = rest;
    else
      strbuf_add(out, at, (size_t)(next - at));
  }
}
