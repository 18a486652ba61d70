#include <string.h>

#include "sql/private.h"

/* schema. as it stands within the literal that opens at text[at]. */
static void add_in_literal(struct strbuf *out, const char *text, uint32_t at, const char *schema) {
  struct strbuf ident = STRBUF_INIT;
  sql_ident(&ident, schema);
  const bool dollar = text[at] == '$';
  const bool escapes = !dollar && at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E');
  for (size_t i = 0; i < ident.len; i++) {
    const char c = ident.text[i];
    if ((c == '\'' && !dollar) || (c == '\\' && escapes))
      strbuf_addc(out, c);
    strbuf_addc(out, c);
  }
  strbuf_release(&ident);
}

/* Whether a name put after `before` would run into it (COLLATE"C"), or make a U&"…" of it (u&f()). */
static bool runs_together(char before) {
  return (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
         (before >= '0' && before <= '9') || before == '_' || before == '$' || before == '&' ||
         (unsigned char)before >= 0x80;
}

const char *sql_qualify(struct arena *a, const char *text, const struct sql_ref *refs, size_t ref_count,
                        const char *(*schema_of)(void *ctx, const struct sql_ref *), void *ctx) {
  struct strbuf out = STRBUF_INIT;
  size_t done = 0;
  for (size_t i = 0; i < ref_count; i++) {
    const struct sql_ref *ref = &refs[i];
    const char *schema = ref->schema ? NULL : schema_of(ctx, ref);
    if (!schema)
      continue;
    size_t at = ref->at;
    if (ref->kind == SQL_REF_SEQUENCE) /* past the quote, or past $tag$ */
      at += text[at] == '$' ? strcspn(text + at + 1, "$") + 2 : 1;
    strbuf_add(&out, text + done, at - done);
    if (ref->kind == SQL_REF_SEQUENCE) {
      add_in_literal(&out, text, ref->at, schema);
    } else {
      if (at > 0 && runs_together(text[at - 1]))
        strbuf_addc(&out, ' ');
      sql_ident(&out, schema);
    }
    strbuf_addc(&out, '.');
    done = at;
  }
  if (!done && !out.len)
    return text;
  strbuf_adds(&out, text + done);
  const char *qualified = strbuf_dup(&out, a);
  strbuf_release(&out);
  return qualified;
}

/* Of the qualified name that begins there the last part. */
static struct sql_token last_part(const char *text, uint32_t at) {
  struct sql_token part = {.to = at}, dot;
  const size_t n = strlen(text);
  sql_token_next(text, n, &part);
  for (dot = part; sql_token_next(text, n, &dot) && sql_token_is(text, &dot, "."); dot = part) {
    part = dot;
    sql_token_next(text, n, &part);
  }
  return part;
}

const char *sql_rename_column(struct sql_cache *cache, const char *text, const char *old_name, const char *name) {
  struct sql_error err;
  const struct sql_expr *e = sql_parse_expr(cache, text, &err);
  struct strbuf out = STRBUF_INIT;
  size_t done = 0;
  for (size_t i = 0; e && !e->has_subselect && i < e->ref_count; i++) {
    if (e->refs[i].kind != SQL_REF_COLUMN || strcmp(e->refs[i].name, old_name) != 0)
      continue;
    const struct sql_token part = last_part(text, e->refs[i].at);
    strbuf_add(&out, text + done, part.from - done);
    sql_ident(&out, name);
    done = part.to;
  }
  if (done)
    strbuf_adds(&out, text + done);
  const char *renamed = done ? strbuf_dup(&out, sql_cache_arena(cache)) : text;
  strbuf_release(&out);
  return renamed;
}

/* The name, where a call may stand behind the token before it: what stands there else is an alias with its columns. */
static const char *called(struct arena *a, const char *text, const struct sql_token *before,
                          const struct sql_token *word) {
  const char *name = arena_strndup(a, text + word->from, word->to - word->from);
  if (sql_token_is(text, before, ".") || sql_token_is(text, before, ")"))
    return NULL;
  if (before->kind == TOKEN_QUOTED)
    return NULL;
  if (before->kind == TOKEN_WORD) {
    const char *last = arena_strndup(a, text + before->from, before->to - before->from);
    for (char *p = (char *)(uintptr_t)last; *p; p++)
      if (*p >= 'A' && *p <= 'Z')
        *p = (char)(*p - 'A' + 'a');
    if (strcmp(last, "with") == 0 || strcmp(last, "as") == 0 || (!sql_is_keyword(last) && strcmp(last, "by") != 0))
      return NULL;
  }
  if (word->kind == TOKEN_WORD)
    return sql_is_keyword(name) ? NULL : name; /* else it is a form of its own: coalesce(…) */
  return *name == '"' && !memchr(name + 1, '"', strlen(name) - 2) ? arena_strndup(a, name + 1, strlen(name) - 2) : NULL;
}

bool sql_mentions(struct arena *a, const char *text, const struct map *names) {
  struct sql_token before = {0}, token = {0};
  const size_t n = strlen(text);
  for (; sql_token_next(text, n, &token); before = token) {
    const bool quoted = token.kind == TOKEN_QUOTED;
    if ((quoted || token.kind == TOKEN_WORD) && !sql_token_is(text, &before, ".") &&
        map_get(names, arena_strndup(a, text + token.from + quoted, token.to - token.from - 2u * quoted)))
      return true;
  }
  return false;
}

const char *sql_qualify_calls(struct arena *a, const char *text, const struct map *names) {
  struct strbuf out = STRBUF_INIT;
  const size_t n = strlen(text);
  struct sql_token before = {0}, word = {0}, token = {0};
  size_t done = 0;
  while (sql_token_next(text, n, &token)) {
    const bool call = sql_token_is(text, &token, "(") && (word.kind == TOKEN_WORD || word.kind == TOKEN_QUOTED);
    const char *name = call ? called(a, text, &before, &word) : NULL;
    if (name && map_get(names, name)) {
      strbuf_add(&out, text + done, word.from - done);
      strbuf_adds(&out, "pg_catalog.");
      done = word.from;
    }
    before = word;
    word = token;
  }
  strbuf_adds(&out, text + done);
  const char *qualified = done || out.len > n ? strbuf_dup(&out, a) : text;
  strbuf_release(&out);
  return qualified;
}
