/* Columns that a printed query names of the rows of a function. */
#include <string.h>

#include "sql/private.h"

struct tokens {
  const char *text;
  struct sql_token *v;
  size_t n;
};
/* `alias(name, …)` behind a call: all that its rows had when the query was made, whether it reads them or not. */
struct naming {
  size_t alias, first, last; /* places of tokens: `first` and `last` are the parentheses */
};

static bool is_name(const struct tokens *t, size_t i) {
  const char c = i < t->n ? t->text[t->v[i].from] : '\0';
  return c && (t->v[i].kind == TOKEN_QUOTED || (t->v[i].kind == TOKEN_WORD && !(c >= 'A' && c <= 'Z')));
}

static bool is(const struct tokens *t, size_t i, const char *symbol) {
  return i < t->n && sql_token_is(t->text, &t->v[i], symbol);
}

static bool same(const struct tokens *t, size_t a, size_t b) {
  const size_t n = t->v[a].to - t->v[a].from;
  return n == t->v[b].to - t->v[b].from && memcmp(t->text + t->v[a].from, t->text + t->v[b].from, n) == 0;
}

/* Keywords are printed in capitals. */
static bool is_naming(const struct tokens *t, size_t i, struct naming *found) {
  if (i == 0 || !is(t, i - 1, ")") || !is_name(t, i) || !is(t, i + 1, "("))
    return false;
  size_t last = i + 2;
  while (is_name(t, last) && is(t, last + 1, ","))
    last += 2;
  *found = (struct naming){.alias = i, .first = i + 1, .last = last + 1};
  return is_name(t, last) && is(t, last + 1, ")");
}

/* Which of the columns a name means: with the alias before it, or alone where Postgres prints none; from 1, or 0. */
static size_t place_of(const struct tokens *t, size_t i, const struct naming *of) {
  const bool dotted = i >= 2 && is(t, i - 1, ".");
  if (!is_name(t, i) || is(t, i + 1, "(") || is(t, i + 1, ".") ||
      (dotted ? !same(t, i - 2, of->alias) : i > 0 && sql_token_is_word(t->text, &t->v[i - 1], "as")))
    return 0;
  for (size_t k = of->first + 1; k < of->last; k += 2)
    if (same(t, i, k))
      return (k - of->first + 1) / 2;
  return 0;
}

static struct tokens tokens_of(struct arena *arena, const char *text) {
  struct tokens t = {.text = text};
  struct sql_token token = {0};
  size_t room = 0;
  while (sql_token_next(text, strlen(text), &token)) {
    t.v = arena_grow(arena, t.v, t.n, &room, sizeof *t.v);
    t.v[t.n++] = token;
  }
  return t;
}

/* Nearly no query has one. */
static bool may_name(const char *printed) {
  for (const char *p = printed; (p = strstr(p, ") ")) != NULL; p += 2)
    if (p[2] && !strchr("(ABCDEFGHIJKLMNOPQRSTUVWXYZ", p[2]))
      return true;
  return false;
}

const char *sql_rows_named(struct arena *arena, const char *printed) {
  if (!may_name(printed))
    return NULL;
  const struct tokens t = tokens_of(arena, printed);
  struct naming *namings = NULL, naming;
  size_t count = 0, room = 0;
  for (size_t i = 0; i < t.n; i++)
    if (is_naming(&t, i, &naming)) {
      namings = arena_grow(arena, namings, count, &room, sizeof *namings);
      namings[count++] = naming;
    }
  if (!count)
    return NULL;
  struct strbuf out = STRBUF_INIT;
  size_t next = 0, from = 0;
  for (size_t i = 0; i < t.n; i++) {
    if (next < count && i == namings[next].first) {
      from = t.v[namings[next].last].to;
      i = namings[next++].last;
      continue;
    }
    strbuf_add(&out, printed + from, t.v[i].to - from);
    from = t.v[i].to;
    size_t place = 0;
    for (size_t k = 0; k < count && !place; k++)
      place = place_of(&t, i, &namings[k]);
    if (place)
      strbuf_addf(&out, "#%zu", place);
  }
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}
