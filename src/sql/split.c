/* A file of SQL, statement by statement, and which of them no transaction block can hold. */
#include <string.h>

#include "sql/private.h"

enum { WORDS = 8 };
struct statement {
  const char *text;
  struct sql_token words[WORDS]; /* the first ones, outside of parentheses */
  size_t word_count, depth, atomic;
  struct sql_token last, body;   /* its last token; its last string */
  bool option, stdin_;           /* CONCURRENTLY within parentheses; STDIN outside of them */
};

static bool word_is(const struct statement *s, size_t i, const char *word) {
  return i < s->word_count && sql_token_is_word(s->text, &s->words[i], word);
}

static bool any_of(const struct statement *s, size_t i, const char *const *words) {
  for (; *words; words++)
    if (word_is(s, i, *words))
      return true;
  return false;
}

/* CREATE [OR REPLACE] FUNCTION or PROCEDURE: only there BEGIN opens a body. */
static bool is_routine(const struct statement *s) {
  static const char *const routines[] = {"function", "procedure", NULL};
  return word_is(s, 0, "create") && any_of(s, word_is(s, 1, "or") ? 3 : 1, routines);
}

static void take(struct statement *s, const struct sql_token *t) {
  if (sql_token_is(s->text, t, "(") || sql_token_is(s->text, t, "[")) {
    s->depth++;
  } else if (sql_token_is(s->text, t, ")") || sql_token_is(s->text, t, "]")) {
    s->depth -= s->depth > 0;
  } else if (t->kind == TOKEN_STRING) {
    s->body = *t;
  } else if (t->kind == TOKEN_WORD && s->depth > 0) {
    s->option |= s->word_count == 1 && sql_token_is_word(s->text, t, "concurrently");
  } else if (t->kind == TOKEN_WORD) {
    if (sql_token_is_word(s->text, t, "atomic") && sql_token_is_word(s->text, &s->last, "begin") && is_routine(s))
      s->atomic = 1;
    else if (s->atomic && sql_token_is_word(s->text, t, "case"))
      s->atomic++;
    else if (s->atomic && sql_token_is_word(s->text, t, "end"))
      s->atomic--;
    s->stdin_ |= sql_token_is_word(s->text, t, "stdin");
    if (s->word_count < WORDS)
      s->words[s->word_count++] = *t;
  }
  s->last = *t;
}

/* Whether a DO block commits. What it calls cannot be seen. */
static bool commits(const struct statement *s) {
  static const char *const words[] = {"commit", "rollback"};
  const char *text = s->text + s->body.from;
  const size_t quote = *text == '$' ? strcspn(text + 1, "$") + 2 : 1;
  const size_t len = s->body.to - s->body.from;
  struct sql_token token = {.to = (uint32_t)quote};
  while (quote < len && sql_token_next(text, len - quote, &token))
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
      if (sql_token_is_word(text, &token, words[i]))
        return true;
  return false;
}

static bool stands_alone(const struct statement *s) {
  static const char *const created[] = {"database", "tablespace", "subscription", NULL};
  static const char *const reindexed[] = {"schema", "database", "system", NULL};
  const size_t index = word_is(s, 1, "unique") ? 2 : 1;
  const bool last = sql_token_is_word(s->text, &s->last, "concurrently");
  if (word_is(s, 0, "create") || word_is(s, 0, "drop"))
    return any_of(s, 1, created) || (word_is(s, index, "index") && word_is(s, index + 1, "concurrently"));
  if (word_is(s, 0, "alter"))
    return word_is(s, 1, "system") ||
           (word_is(s, 1, "database") && s->word_count > 3 && word_is(s, s->word_count - 2, "tablespace")) ||
           (word_is(s, 1, "table") && last);
  if (word_is(s, 0, "reindex"))
    return s->option || any_of(s, 1, reindexed) || word_is(s, 2, "concurrently");
  if (word_is(s, 0, "discard"))
    return word_is(s, 1, "all");
  if (word_is(s, 0, "cluster"))
    return s->word_count == 1 || (s->word_count == 2 && word_is(s, 1, "verbose"));
  return word_is(s, 0, "vacuum") || (word_is(s, 0, "do") && commits(s));
}

static bool begins(const struct statement *s) {
  return word_is(s, 0, "begin") || (word_is(s, 0, "start") && word_is(s, 1, "transaction"));
}

static bool ends_one(const struct statement *s) {
  static const char *const words[] = {"commit", "end", "rollback", "abort", "prepare", NULL};
  return any_of(s, 0, words) && !word_is(s, 1, "prepared") && !word_is(s, 1, "to") && !word_is(s, 2, "to");
}

/* COMMIT AND CHAIN */
static bool begins_next(const struct statement *s) {
  const size_t and = word_is(s, 1, "work") || word_is(s, 1, "transaction") ? 2 : 1;
  return ends_one(s) && word_is(s, and, "and") && word_is(s, and + 1, "chain");
}

static enum sql_part_kind kind_of(const struct statement *s) {
  static const char *const transaction[] = {"commit", "end", "rollback", "abort", "savepoint", "release", NULL};
  if (begins(s) || any_of(s, 0, transaction) || (word_is(s, 0, "prepare") && word_is(s, 1, "transaction")))
    return SQL_PART_TRANSACTION;
  if (word_is(s, 0, "copy") && s->stdin_)
    return SQL_PART_COPY;
  return stands_alone(s) ? SQL_PART_ALONE : SQL_PART_PLAIN;
}

struct parts {
  struct arena *arena;
  struct sql_part *v;
  size_t count, room;
};

static void add(struct parts *p, struct sql_part part) {
  p->v = arena_grow(p->arena, p->v, p->count, &p->room, sizeof *p->v);
  p->v[p->count++] = part;
}

static void add_statement(struct parts *p, const struct statement *s, uint32_t from) {
  const enum sql_part_kind kind = kind_of(s);
  const bool bound = kind == SQL_PART_TRANSACTION;
  add(p, (struct sql_part){kind, from, s->last.to, bound && (begins(s) || begins_next(s)), bound && ends_one(s)});
}

struct sql_part *sql_split(struct arena *arena, const char *text, size_t len, size_t *count) {
  struct parts parts = {.arena = arena};
  struct statement s = {.text = text};
  struct sql_token token = {0};
  uint32_t from = 0;
  bool open = false;
  for (bool more = true; more;) {
    more = sql_token_next(text, len, &token);
    const bool ends = !more || (s.depth == 0 && s.atomic == 0 && sql_token_is(text, &token, ";"));
    const bool meta = more && s.depth == 0 && sql_token_is(text, &token, "\\");
    if (open && (ends || meta))
      add_statement(&parts, &s, from);
    if (meta) {
      while (token.to < len && text[token.to] != '\n')
        token.to++;
      add(&parts, (struct sql_part){.kind = SQL_PART_META, .from = token.from, .to = token.to});
    }
    if (ends || meta) {
      s = (struct statement){.text = text};
      open = false;
      continue;
    }
    if (!open)
      from = token.from;
    open = true;
    take(&s, &token);
  }
  *count = parts.count;
  return parts.v;
}
