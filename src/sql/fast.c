#include <string.h>

#include "sql/private.h"

enum { NAME_MAX_BYTES = 63 };

/* A bare lower-case name that is no keyword of note in any version. */
static bool is_plain_name(const char *text, const struct sql_token *t) {
  char word[NAME_MAX_BYTES + 1];
  const size_t n = t->to - t->from;
  if (t->kind != TOKEN_WORD || n > NAME_MAX_BYTES)
    return false;
  memcpy(word, text + t->from, n);
  word[n] = '\0';
  return strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") == n && !sql_is_keyword(word);
}

static const char *token_copy(struct arena *a, const char *text, const struct sql_token *t) {
  return arena_strndup(a, text + t->from, t->to - t->from);
}

/* What stands between quotes, each of which is doubled within; NULL where a single one is (a string that
 * goes on on the next line). */
static const char *unquote(struct arena *a, const char *text, const struct sql_token *t) {
  const char quote = text[t->from];
  const uint32_t last = t->to - 1;
  if (last <= t->from || text[last] != quote)
    return NULL;
  char *out = arena_alloc(a, t->to - t->from);
  size_t n = 0;
  for (uint32_t i = t->from + 1; i < last; i++) {
    out[n++] = text[i];
    if (text[i] == quote && (++i == last || text[i] != quote))
      return NULL;
  }
  return out;
}

static bool is_plain_string(const char *text, const struct sql_token *t) {
  return t->kind == TOKEN_STRING && text[t->from] == '\'';
}

static bool read_number(struct arena *a, const char *text, const struct sql_token *t, bool negative,
                        struct sql_expr *e) {
  const char *digits = token_copy(a, text, t);
  const size_t whole = strspn(digits, "0123456789"), len = strlen(digits);
  const size_t decimals = digits[whole] == '.' ? strspn(digits + whole + 1, "0123456789") : 0;
  if (whole == len && len <= 9 && (*digits != '0' || (len == 1 && !negative)))
    e->literal = SQL_INTEGER;
  else if (whole && decimals && whole + 1 + decimals == len)
    e->literal = SQL_FLOAT;
  else
    return false;
  e->literal_text = negative ? arena_printf(a, "-%s", digits) : digits;
  return true;
}

static void add_ref(struct arena *a, struct sql_expr *e, enum sql_ref_kind kind, const char *schema,
                    const char *name, uint32_t at) {
  e->refs = arena_alloc(a, sizeof *e->refs);
  *e->refs = (struct sql_ref){kind, schema, name, at};
  e->ref_count = 1;
}

static bool read_word(struct arena *a, const struct sql_token *t, struct sql_expr *e) {
  static const char *const values[] = {"current_timestamp", "current_date", "current_time", "localtimestamp",
                                       "localtime",         "current_user", "session_user", "current_role"};
  for (size_t i = 0; i < ARRAY_LEN(values); i++)
    if (sql_token_is_word(e->text, t, values[i]))
      return true;
  if (sql_token_is_word(e->text, t, "null")) {
    e->literal = SQL_NULL;
  } else if (sql_token_is_word(e->text, t, "true") || sql_token_is_word(e->text, t, "false")) {
    e->literal = SQL_BOOL;
    e->literal_text = sql_token_is_word(e->text, t, "true") ? "true" : "false";
  } else if (is_plain_name(e->text, t)) {
    add_ref(a, e, SQL_REF_COLUMN, NULL, token_copy(a, e->text, t), t->from);
  } else {
    return false;
  }
  return true;
}

/* name() and schema.name() */
static bool read_call(struct arena *a, const struct sql_token *t, size_t n, struct sql_expr *e) {
  const bool qualified = n == 5;
  const struct sql_token *name = qualified ? &t[2] : &t[0];
  if ((n != 3 && n != 5) || sql_token_is_word(e->text, name, "operator") || !is_plain_name(e->text, &t[0]) ||
      !is_plain_name(e->text, name) || (qualified && !sql_token_is(e->text, &t[1], ".")) ||
      !sql_token_is(e->text, &name[1], "(") || !sql_token_is(e->text, &name[2], ")"))
    return false;
  const char *schema = qualified ? token_copy(a, e->text, &t[0]) : NULL;
  add_ref(a, e, SQL_REF_FUNCTION, schema, token_copy(a, e->text, name), t[0].from);
  sql_classify_function(e, schema, e->refs->name);
  return true;
}

/* '…'::name and '…'::name[] */
static bool read_cast(struct arena *a, const struct sql_token *t, size_t n, struct sql_expr *e) {
  const bool array = n == 5 && sql_token_is(e->text, &t[3], "[") && sql_token_is(e->text, &t[4], "]");
  if ((n != 3 && !array) || !is_plain_string(e->text, &t[0]) || !unquote(a, e->text, &t[0]) ||
      !sql_token_is(e->text, &t[1], "::") || !is_plain_name(e->text, &t[2]) ||
      sql_token_is_word(e->text, &t[2], "regclass")) /* names a sequence or table */
    return false;
  add_ref(a, e, SQL_REF_TYPE, NULL, token_copy(a, e->text, &t[2]), t[2].from);
  return true;
}

bool sql_fast_expr(struct arena *a, struct sql_expr *e) {
  enum { LONGEST = 5 };
  struct sql_token t[LONGEST + 1], token = {0};
  const size_t len = strlen(e->text);
  size_t n = 0;
  if (len > SQL_TEXT_MAX)
    return false;
  while (n <= LONGEST && sql_token_next(e->text, len, &token))
    t[n++] = token;
  if (n == 1 && is_plain_string(e->text, t)) {
    e->literal_text = unquote(a, e->text, t);
    e->literal = e->literal_text ? SQL_STRING : SQL_NOT_LITERAL;
    return e->literal_text != NULL;
  }
  if (n == 1 && t[0].kind == TOKEN_NUMBER)
    return read_number(a, e->text, &t[0], false, e);
  if (n == 2 && sql_token_is(e->text, &t[0], "-") && t[1].kind == TOKEN_NUMBER)
    return read_number(a, e->text, &t[1], true, e);
  if (n == 1)
    return read_word(a, t, e);
  return n >= 3 && n <= LONGEST && (read_call(a, t, n, e) || read_cast(a, t, n, e));
}

/* The column that starts a key, or NULL where it is none of the plain ones. */
static const char *read_column(struct arena *a, const char *text, const struct sql_token *t) {
  if (t->kind == TOKEN_QUOTED && text[t->from] == '"' && t->to - t->from > 2 &&
      t->to - t->from <= NAME_MAX_BYTES + 2)
    return unquote(a, text, t);
  /* NULLS before FIRST is no name */
  return is_plain_name(text, t) && !sql_token_is_word(text, t, "nulls") ? token_copy(a, text, t) : NULL;
}

bool sql_fast_index_keys(struct arena *a, const char *text, struct sql_index_keys *out) {
  enum { MOST = 32 }; /* columns that an index may have */
  struct sql_index_key keys[MOST];
  struct sql_token t = {0};
  const size_t len = strlen(text);
  size_t n = 0;
  bool more = true;
  if (len > SQL_TEXT_MAX)
    return false;
  while (more) {
    if (n == MOST || !sql_token_next(text, len, &t))
      return false;
    struct sql_index_key *key = &keys[n++];
    *key = (struct sql_index_key){.at = t.from, .column = read_column(a, text, &t)};
    if (!key->column)
      return false;
    more = sql_token_next(text, len, &t);
    key->descending = more && sql_token_is_word(text, &t, "desc");
    if (key->descending || (more && sql_token_is_word(text, &t, "asc")))
      more = sql_token_next(text, len, &t);
    if (more && sql_token_is_word(text, &t, "nulls")) {
      sql_token_next(text, len, &t);
      if (sql_token_is_word(text, &t, "first"))
        key->nulls = SQL_NULLS_FIRST;
      else if (sql_token_is_word(text, &t, "last"))
        key->nulls = SQL_NULLS_LAST;
      else
        return false;
      more = sql_token_next(text, len, &t);
    }
    if (more && !sql_token_is(text, &t, ","))
      return false;
  }
  out->keys = arena_array(a, n, sizeof *out->keys);
  memcpy(out->keys, keys, n * sizeof *keys);
  out->count = n;
  return true;
}
