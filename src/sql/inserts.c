/* The INSERTs of a function's body. Its language need not be SQL, so that nothing can parse it: tokens must do. */
#include <ctype.h>
#include <string.h>

#include "sql/private.h"

static const char *name_at(struct arena *arena, const char *text, const struct sql_token *t) {
  char *name = arena_strndup(arena, text + t->from, t->to - t->from), *to = name;
  if (t->kind == TOKEN_WORD) {
    for (; *to; to++)
      *to = (char)tolower((unsigned char)*to);
    return name;
  }
  const char *end = name + strlen(name) - 1;
  for (const char *from = name + 1; from < end; from++) {
    *to++ = *from;
    from += *from == '"';
  }
  *to = '\0';
  return name;
}

static bool is_name(const struct sql_token *t) {
  return t->kind == TOKEN_WORD || t->kind == TOKEN_QUOTED;
}

/* name [. name] ( name, name … ): the token stands behind what was read. */
static bool read_insert(struct arena *arena, const char *text, size_t len, struct sql_token *t,
                        struct sql_insert *out) {
  if (!sql_token_next(text, len, t) || !is_name(t))
    return false;
  out->table = name_at(arena, text, t);
  if (sql_token_next(text, len, t) && sql_token_is(text, t, ".")) {
    if (!sql_token_next(text, len, t) || !is_name(t))
      return false;
    out->schema = out->table;
    out->table = name_at(arena, text, t);
    sql_token_next(text, len, t);
  }
  if (!sql_token_is(text, t, "("))
    return false;
  size_t room = 0;
  do {
    if (!sql_token_next(text, len, t) || !is_name(t))
      return false;
    if (out->column_count == room) {
      room = room ? 2 * room : 8;
      const char **v = arena_array(arena, room, sizeof *v);
      if (out->column_count)
        memcpy(v, out->columns, out->column_count * sizeof *v);
      out->columns = v;
    }
    out->columns[out->column_count++] = name_at(arena, text, t);
  } while (sql_token_next(text, len, t) && sql_token_is(text, t, ","));
  return sql_token_is(text, t, ")");
}

bool sql_next_insert(struct arena *arena, const char *text, uint32_t *at, struct sql_insert *out) {
  const size_t len = strlen(text);
  struct sql_token t = {.to = *at};
  while (sql_token_next(text, len, &t)) {
    if (!sql_token_is_word(text, &t, "insert") || !sql_token_next(text, len, &t) ||
        !sql_token_is_word(text, &t, "into"))
      continue;
    *out = (struct sql_insert){0};
    const bool ok = read_insert(arena, text, len, &t, out);
    *at = t.to;
    if (ok)
      return true;
  }
  return false;
}
