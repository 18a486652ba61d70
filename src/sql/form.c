#include <string.h>
#include <strings.h>

#include "sql/private.h"

static bool opens(const char *text, const struct sql_token *t) {
  return sql_token_is(text, t, "(") || sql_token_is(text, t, "[");
}

static bool closes(const char *text, const struct sql_token *t) {
  return sql_token_is(text, t, ")") || sql_token_is(text, t, "]");
}

bool sql_is_b_expr(const char *text) {
  static const char *const words[] = {"all",     "and",   "any",    "at",  "between", "collate", "ilike", "in",  "is",
                                      "isnull",  "like",  "not",    "notnull", "or",  "overlaps", "similar", "some"};
  const size_t len = strlen(text);
  struct sql_token t = {0};
  size_t depth = 0;
  while (sql_token_next(text, len, &t)) {
    if (opens(text, &t))
      depth++;
    else if (closes(text, &t))
      depth -= depth > 0;
    for (size_t i = 0; depth == 0 && t.kind == TOKEN_WORD && i < ARRAY_LEN(words); i++)
      if (sql_token_is_word(text, &t, words[i]))
        return false;
  }
  return true;
}

bool sql_is_call(const char *text) {
  static const char *const others[] = {"coalesce", "greatest", "least", "nullif"};
  const size_t len = strlen(text);
  struct sql_token t = {0};
  bool name = false;
  while (sql_token_next(text, len, &t) && !sql_token_is(text, &t, "(")) {
    char word[64];
    const size_t n = t.to - t.from;
    if (t.kind == TOKEN_WORD && n < sizeof word) {
      memcpy(word, text + t.from, n);
      word[n] = '\0';
      name = !sql_is_keyword(word);
      for (size_t i = 0; !name && i < ARRAY_LEN(others); i++)
        name = sql_token_is_word(text, &t, others[i]);
    } else if (!name || !sql_token_is(text, &t, ".")) {
      return false;
    }
    if (t.kind == TOKEN_WORD && !name)
      return false;
  }
  size_t depth = 1;
  while (depth > 0 && sql_token_next(text, len, &t)) {
    if (opens(text, &t))
      depth++;
    else if (closes(text, &t))
      depth--;
  }
  return name && depth == 0 && !sql_token_next(text, len, &t);
}

bool sql_same_words(const char *a, const char *b) {
  const size_t a_len = strlen(a), b_len = strlen(b);
  struct sql_token x = {0}, y = {0};
  for (;;) {
    const bool more = sql_token_next(a, a_len, &x);
    if (more != sql_token_next(b, b_len, &y))
      return false;
    if (!more)
      return true;
    const size_t n = x.to - x.from;
    const bool same = x.kind == TOKEN_WORD ? strncasecmp(a + x.from, b + y.from, n) == 0
                                           : memcmp(a + x.from, b + y.from, n) == 0;
    if (x.kind != y.kind || n != y.to - y.from || !same)
      return false;
  }
}

bool sql_next_long_name(const char *text, uint32_t *from, uint32_t *to) {
  enum { KEPT = 63 };
  struct sql_token t = {.to = *to};
  const size_t len = strlen(text);
  while (sql_token_next(text, len, &t)) {
    size_t length = t.kind == TOKEN_WORD ? t.to - t.from : 0;
    for (uint32_t i = t.from + 1; t.kind == TOKEN_QUOTED && i + 1 < t.to; i++, length++)
      i += text[i] == '"';
    if (length <= KEPT)
      continue;
    *from = t.from;
    *to = t.to;
    return true;
  }
  return false;
}
