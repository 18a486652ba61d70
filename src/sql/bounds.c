#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

/* The grammar's stack of 10,000 bounds what nests to the right, but not what leans to the left:
 * 1+1+…, x::a::b…, x IS NULL IS NULL…, joins, set operations. There each link takes at least a token, so
 * a tree is no deeper than the tokens between two separators and what is nested in brackets among
 * them. AND and OR separate, because the parser flattens their chains into lists. */
struct level {
  uint32_t chain;   /* tokens since the last separator */
  uint32_t inner;   /* the deepest bracket among them */
  uint32_t best;    /* chain + inner, the largest before that separator */
  uint32_t spine;   /* joins and set operations: lean over separators */
  uint32_t between; /* BETWEENs that wait for their AND */
  char closer;      /* ')' or ']'; 'E' for the END of a CASE; 0 outermost */
};

static uint32_t larger(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

static uint32_t level_depth(const struct level *l) {
  return l->spine + larger(l->best, l->chain + l->inner);
}

static void level_separate(struct level *l) {
  l->best = larger(l->best, l->chain + l->inner);
  l->chain = l->inner = 0;
}

enum word { WORD_OTHER, WORD_SEPARATOR, WORD_BETWEEN, WORD_AND, WORD_CASE, WORD_END, WORD_ARM, WORD_SPINE };
static const struct {
  const char *text;
  enum word word;
} words[] = {
    {"and", WORD_AND},    {"or", WORD_SEPARATOR}, {"between", WORD_BETWEEN}, {"case", WORD_CASE},
    {"end", WORD_END},    {"when", WORD_ARM},     {"then", WORD_ARM},        {"else", WORD_ARM},
    {"join", WORD_SPINE}, {"union", WORD_SPINE},  {"intersect", WORD_SPINE}, {"except", WORD_SPINE},
};

static enum word word_of(const char *text, const struct sql_token *token) {
  if (token->kind != TOKEN_WORD || !strchr("aAoObBcCeEwWtTjJuUiI", text[token->from]))
    return WORD_OTHER;
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    if (sql_token_is_word(text, token, words[i].text))
      return words[i].word;
  return WORD_OTHER;
}

struct levels {
  struct level *all; /* all[0] is the outermost, all[n - 1] the innermost */
  size_t n, cap;
};

static void levels_open(struct levels *ls, char closer) {
  if (ls->n == ls->cap) {
    ls->cap = ls->cap ? 2 * ls->cap : 16;
    ls->all = xrealloc(ls->all, ls->cap * sizeof *ls->all);
  }
  ls->all[ls->n++] = (struct level){.closer = closer};
}

static void levels_close(struct levels *ls) {
  const uint32_t depth = level_depth(&ls->all[--ls->n]);
  struct level *outer = &ls->all[ls->n - 1];
  outer->inner = larger(outer->inner, depth);
}

static void levels_token(struct levels *ls, const char *text, const struct sql_token *token, bool is_label) {
  struct level *l = &ls->all[ls->n - 1];
  const char c = text[token->from];
  const enum word word = is_label ? WORD_OTHER : word_of(text, token);
  l->chain++;
  if (token->kind == TOKEN_PUNCT && (c == '(' || c == '[')) {
    levels_open(ls, c == '(' ? ')' : ']');
  } else if (token->kind == TOKEN_PUNCT && (c == ')' || c == ']')) {
    while (ls->n > 1 && ls->all[ls->n - 1].closer == 'E')
      levels_close(ls);
    if (ls->n > 1)
      levels_close(ls);
  } else if (token->kind == TOKEN_PUNCT && c == ',') {
    level_separate(l);
  } else if (token->kind == TOKEN_PUNCT && c == ';') {
    level_separate(l);
    l->best = larger(l->best, level_depth(l));
    l->spine = l->between = 0;
  } else if (word == WORD_CASE) {
    levels_open(ls, 'E');
  } else if (word == WORD_END && l->closer == 'E') {
    levels_close(ls);
  } else if (word == WORD_BETWEEN) {
    l->between++;
  } else if (word == WORD_AND && l->between) {
    l->between--;
  } else if (word == WORD_AND || word == WORD_SEPARATOR || (word == WORD_ARM && l->closer == 'E')) {
    level_separate(l);
  } else if (word == WORD_SPINE) {
    l->spine++;
  }
}

uint32_t sql_depth_bound(const char *text, size_t len, uint32_t max, uint32_t *at) {
  struct levels levels = {0};
  struct sql_token token = {0}, last = {0};
  uint32_t depth = 0;
  levels_open(&levels, '\0');
  while (depth <= max && sql_token_next(text, len, &token)) {
    levels_token(&levels, text, &token, sql_token_is(text, &last, "."));
    last = token;
    depth = level_depth(&levels.all[levels.n - 1]);
    *at = token.from;
  }
  while (levels.n > 1) /* what is left open is refused by the parser in good time */
    levels_close(&levels);
  depth = larger(depth, level_depth(&levels.all[0]));
  free(levels.all);
  return depth;
}

bool sql_within_bounds(const char *text, struct sql_error *err) {
  const size_t len = strlen(text);
  const uint32_t max = sql_stack_depth_max();
  uint32_t at = 0;
  if (len > SQL_TEXT_MAX) {
    *err = (struct sql_error){SQL_TOO_LARGE, "SQL text is longer than 4 MiB", SQL_TEXT_MAX};
    return false;
  }
  if (sql_depth_bound(text, len, max, &at) > max) {
    *err = (struct sql_error){SQL_TOO_DEEP, "SQL is nested too deeply, or an expression is too long", at};
    return false;
  }
  return true;
}
