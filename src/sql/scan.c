#include <string.h>

#include "sql/private.h"

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_newline(char c) {
  return c == '\n' || c == '\r';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_operator(char c) {
  return c && strchr("~!@#^&|`?+-*/%<>=", c);
}

/* Text being read; at() is NUL past its end, and no text holds a NUL. */
struct scan {
  const char *text;
  size_t len;
};

static char at(const struct scan *s, size_t i) {
  return i < s->len ? s->text[i] : '\0';
}

static size_t skip_line_comment(const struct scan *s, size_t i) {
  while (i < s->len && !is_newline(s->text[i]))
    i++;
  return i;
}

/* i where the comment has no end. */
static size_t skip_block_comment(const struct scan *s, size_t i) {
  size_t depth = 0, j = i;
  while (j < s->len) {
    if (at(s, j) == '/' && at(s, j + 1) == '*') {
      depth++;
      j += 2;
    } else if (at(s, j) == '*' && at(s, j + 1) == '/') {
      depth--;
      j += 2;
      if (depth == 0)
        return j;
    } else {
      j++;
    }
  }
  return i;
}

static size_t skip_blank(const struct scan *s, size_t i) {
  for (size_t next = i; i < s->len; i = next) {
    if (is_space(s->text[i]))
      next = i + 1;
    else if (s->text[i] == '-' && at(s, i + 1) == '-')
      next = skip_line_comment(s, i);
    else if (s->text[i] == '/' && at(s, i + 1) == '*')
      next = skip_block_comment(s, i);
    if (next == i)
      break;
  }
  return i;
}

/* Past white space that holds a line break, where a quote follows: there a string goes on ('a' newline 'b'
 * is 'ab'). Else i. Postgres allows line comments in that space, libpg_query does not. */
static size_t skip_continuation(const struct scan *s, size_t i) {
  bool newline = false;
  size_t j = i;
  for (; is_space(at(s, j)); j++)
    newline |= is_newline(s->text[j]);
  return newline && at(s, j) == '\'' ? j : i;
}

/* i is at the opening quote. */
static size_t skip_string(const struct scan *s, size_t i, bool escapes) {
  i++;
  while (i < s->len) {
    if (s->text[i] == '\\' && escapes) {
      i += 2;
    } else if (s->text[i] != '\'') {
      i++;
    } else if (at(s, i + 1) == '\'') {
      i += 2;
    } else {
      const size_t next = skip_continuation(s, i + 1);
      if (next == i + 1)
        return next;
      i = next + 1;
    }
  }
  return s->len;
}

static size_t skip_quoted(const struct scan *s, size_t i) {
  i++;
  while (i < s->len) {
    if (s->text[i] != '"')
      i++;
    else if (at(s, i + 1) == '"')
      i += 2;
    else
      return i + 1;
  }
  return s->len;
}

/* The end of the dollar-quoted string that starts at i; i where none does. */
static size_t skip_dollar(const struct scan *s, size_t i) {
  size_t tag_end = i + 1;
  if (is_word_start(at(s, tag_end)))
    while (is_word_start(at(s, tag_end)) || is_digit(at(s, tag_end)))
      tag_end++;
  if (at(s, tag_end) != '$')
    return i;
  tag_end++;
  const size_t n = tag_end - i;
  for (size_t j = tag_end; j + n <= s->len; j++)
    if (s->text[j] == '$' && memcmp(s->text + j, s->text + i, n) == 0)
      return j + n;
  return s->len;
}

static size_t skip_number(const struct scan *s, size_t i) {
  while (is_digit(at(s, i)))
    i++;
  if (at(s, i) == '.' && at(s, i + 1) != '.')
    for (i++; is_digit(at(s, i));)
      i++;
  if (at(s, i) == 'e' || at(s, i) == 'E') {
    const size_t sign = at(s, i + 1) == '+' || at(s, i + 1) == '-' ? 1 : 0;
    if (is_digit(at(s, i + 1 + sign)))
      for (i += 1 + sign; is_digit(at(s, i));)
        i++;
  }
  return i;
}

static size_t skip_operator(const struct scan *s, size_t from) {
  size_t i = from;
  bool special = false; /* one of the characters that let an operator end in + or - */
  while (is_operator(at(s, i))) {
    const bool comment = (at(s, i) == '-' && at(s, i + 1) == '-') || (at(s, i) == '/' && at(s, i + 1) == '*');
    if (comment)
      break;
    special |= strchr("~!@#^&|`?%", at(s, i)) != NULL;
    i++;
  }
  while (!special && i - from > 1 && (s->text[i - 1] == '+' || s->text[i - 1] == '-'))
    i--;
  return i;
}

static size_t skip_word(const struct scan *s, size_t i) {
  while (is_word_start(at(s, i)) || is_digit(at(s, i)) || at(s, i) == '$')
    i++;
  return i;
}

bool sql_token_next(const char *text, size_t len, struct sql_token *token) {
  const struct scan scan = {text, len}, *s = &scan;
  const size_t from = skip_blank(s, token->to);
  const char c = at(s, from), next = at(s, from + 1);
  const size_t dollar_end = c == '$' ? skip_dollar(s, from) : from;
  size_t to = from + 1;
  enum sql_token_kind kind = TOKEN_PUNCT;
  if (from >= len) {
    kind = TOKEN_END;
    to = from;
  } else if (c == '\'') {
    kind = TOKEN_STRING;
    to = skip_string(s, from, false);
  } else if (next == '\'' && strchr("eEbBxXnN", c)) {
    kind = TOKEN_STRING;
    to = skip_string(s, from + 1, c == 'e' || c == 'E');
  } else if ((c == 'u' || c == 'U') && next == '&' && at(s, from + 2) == '\'') {
    kind = TOKEN_STRING;
    to = skip_string(s, from + 2, false);
  } else if ((c == 'u' || c == 'U') && next == '&' && at(s, from + 2) == '"') {
    kind = TOKEN_QUOTED;
    to = skip_quoted(s, from + 2);
  } else if (c == '"') {
    kind = TOKEN_QUOTED;
    to = skip_quoted(s, from);
  } else if (is_word_start(c)) {
    kind = TOKEN_WORD;
    to = skip_word(s, from);
  } else if (is_digit(c) || (c == '.' && is_digit(next))) {
    kind = TOKEN_NUMBER;
    to = skip_number(s, from);
  } else if (c == '$' && is_digit(next)) {
    kind = TOKEN_PARAM;
    while (is_digit(at(s, to)))
      to++;
  } else if (dollar_end > from) {
    kind = TOKEN_STRING;
    to = dollar_end;
  } else if (c == '/' && next == '*') {
    to = len;
  } else if (is_operator(c)) {
    kind = TOKEN_OPERATOR;
    to = skip_operator(s, from);
  } else if ((c == ':' && (next == ':' || next == '=')) || (c == '.' && next == '.')) {
    to = from + 2;
  }
  *token = (struct sql_token){kind, (uint32_t)from, (uint32_t)(to < len ? to : len)};
  return kind != TOKEN_END;
}

bool sql_token_is_word(const char *text, const struct sql_token *token, const char *word) {
  const size_t n = token->to - token->from;
  if (token->kind != TOKEN_WORD || strlen(word) != n)
    return false;
  for (size_t i = 0; i < n; i++) {
    const char c = text[token->from + i];
    if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word[i])
      return false;
  }
  return true;
}

bool sql_token_is(const char *text, const struct sql_token *token, const char *symbol) {
  const size_t n = token->to - token->from;
  return (token->kind == TOKEN_PUNCT || token->kind == TOKEN_OPERATOR) && strlen(symbol) == n &&
         memcmp(text + token->from, symbol, n) == 0;
}
