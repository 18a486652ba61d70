#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

/* The tree gives no place to most parts of a key. The text is cut at its outer commas, and each
 * piece is worn down from its end by the clauses that the tree says are there. */
struct tokens {
  const char *text;
  struct sql_token *list;
  size_t count;
};

static void tokens_read(struct tokens *t, const char *text) {
  const size_t len = strlen(text);
  size_t cap = 0;
  struct sql_token token = {0};
  *t = (struct tokens){.text = text};
  while (sql_token_next(text, len, &token)) {
    if (t->count == cap) {
      cap = cap ? 2 * cap : 32;
      t->list = xrealloc(t->list, cap * sizeof *t->list);
    }
    t->list[t->count++] = token;
  }
}

static bool token_opens(const struct tokens *t, size_t i) {
  return sql_token_is(t->text, &t->list[i], "(") || sql_token_is(t->text, &t->list[i], "[");
}

static bool token_closes(const struct tokens *t, size_t i) {
  return sql_token_is(t->text, &t->list[i], ")") || sql_token_is(t->text, &t->list[i], "]");
}

/* The first comma outside of brackets from `from` on, or the end. */
static size_t piece_end(const struct tokens *t, size_t from) {
  size_t depth = 0, i = from;
  for (; i < t->count; i++) {
    if (depth == 0 && sql_token_is(t->text, &t->list[i], ","))
      break;
    if (token_opens(t, i))
      depth++;
    else if (token_closes(t, i) && depth)
      depth--;
  }
  return i;
}

/* The bracket that token `close` closes, not before `from`; close where there is none. */
static size_t opening(const struct tokens *t, size_t from, size_t close) {
  size_t depth = 0;
  for (size_t i = close + 1; token_closes(t, close) && i-- > from;) {
    if (token_closes(t, i))
      depth++;
    else if (token_opens(t, i) && --depth == 0)
      return i;
  }
  return close;
}

static const char *slice(struct arena *a, const struct tokens *t, size_t from, size_t end) {
  const uint32_t at = t->list[from].from;
  return arena_strndup(a, t->text + at, t->list[end - 1].to - at);
}

/* Tokens of a dotted name of n parts. */
static size_t name_tokens(size_t n) {
  return n ? 2 * n - 1 : 0;
}

static bool name_copy(struct arena *a, PgQuery__Node *const *parts, size_t n, const char **schema,
                      const char **name) {
  if (n == 0)
    return true;
  if (n > 2) /* a database's name before the schema's */
    return false;
  *schema = n == 2 ? arena_strdup(a, sql_tree_string(parts[0])) : NULL;
  *name = arena_strdup(a, sql_tree_string(parts[n - 1]));
  return true;
}

/* = or OPERATOR(app.=) */
static const char *operator_copy(struct arena *a, const PgQuery__List *names) {
  const char *symbol = sql_tree_string(names->items[names->n_items - 1]);
  if (names->n_items == 1)
    return arena_strdup(a, symbol);
  struct strbuf text = STRBUF_INIT;
  strbuf_adds(&text, "OPERATOR(");
  for (size_t i = 0; i + 1 < names->n_items; i++) {
    sql_ident(&text, sql_tree_string(names->items[i]));
    strbuf_addc(&text, '.');
  }
  strbuf_addf(&text, "%s)", symbol);
  const char *copy = strbuf_dup(&text, a);
  strbuf_release(&text);
  return copy;
}

/* Tokens from..end are the key's; false where tree and tokens do not match. */
static bool key_read(struct arena *a, const struct tokens *t, size_t from, size_t end,
                     const PgQuery__IndexElem *e, struct sql_index_key *key) {
  key->at = t->list[from].from;
  key->descending = e->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
  if (e->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST)
    key->nulls = SQL_NULLS_FIRST;
  else if (e->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST)
    key->nulls = SQL_NULLS_LAST;
  if (!name_copy(a, e->collation, e->n_collation, &key->collation_schema, &key->collation) ||
      !name_copy(a, e->opclass, e->n_opclass, &key->opclass_schema, &key->opclass))
    return false;

  size_t rest = 0; /* tokens after the expression */
  if (key->nulls != SQL_NULLS_DEFAULT)
    rest += 2;
  if (key->descending || e->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_ASC)
    rest += 1;
  if (rest >= end - from)
    return false;
  end -= rest;
  if (e->n_opclassopts) {
    const size_t open = opening(t, from, end - 1);
    if (open <= from || open + 2 >= end)
      return false;
    key->opclass_options = slice(a, t, open + 1, end - 1);
    end = open;
  }
  rest = name_tokens(e->n_opclass) + name_tokens(e->n_collation) + (e->n_collation ? 1 : 0);
  if (rest >= end - from)
    return false;
  end -= rest;
  if (e->n_collation && !sql_token_is_word(t->text, &t->list[end], "collate"))
    return false;

  if (*e->name) {
    key->column = arena_strdup(a, e->name);
    return end - from == 1;
  }
  while (end - from > 2 && sql_token_is(t->text, &t->list[from], "(") && opening(t, from, end - 1) == from) {
    from++;
    end--;
  }
  const PgQuery__ColumnRef *c =
      e->expr->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? e->expr->column_ref : NULL;
  if (c && c->n_fields == 1 && sql_tree_string(c->fields[0]))
    key->column = arena_strdup(a, sql_tree_string(c->fields[0])); /* (a) is a */
  else
    key->expression = slice(a, t, from, end);
  return true;
}

/* The list of IndexElems (or of pairs of one and an operator) where the statement is what was
 * put around the text and no more; else the text broke out. */
static PgQuery__Node *const *elements(const PgQuery__ParseResult *tree, bool exclude, size_t *count) {
  static const char *const index_fields[] = {"relation", "access_method", "index_params"};
  static const char *const alter_fields[] = {"relation", "cmds"};
  static const char *const exclude_fields[] = {"access_method", "exclusions"};
  if (tree->n_stmts != 1)
    return NULL;
  const PgQuery__Node *stmt = tree->stmts[0]->stmt;
  if (!exclude) {
    if (stmt->node_case != PG_QUERY__NODE__NODE_INDEX_STMT ||
        !sql_tree_has_only(&stmt->index_stmt->base, index_fields, ARRAY_LEN(index_fields)))
      return NULL;
    *count = stmt->index_stmt->n_index_params;
    return stmt->index_stmt->index_params;
  }
  if (stmt->node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_STMT || stmt->alter_table_stmt->n_cmds != 1 ||
      !sql_tree_has_only(&stmt->alter_table_stmt->base, alter_fields, ARRAY_LEN(alter_fields)))
    return NULL;
  const PgQuery__Node *def = stmt->alter_table_stmt->cmds[0]->alter_table_cmd->def;
  if (!def || def->node_case != PG_QUERY__NODE__NODE_CONSTRAINT ||
      !sql_tree_has_only(&def->constraint->base, exclude_fields, ARRAY_LEN(exclude_fields)))
    return NULL;
  *count = def->constraint->n_exclusions;
  return def->constraint->exclusions;
}

/* Cuts the operator off tokens from..end: the last WITH outside of brackets. */
static size_t before_operator(const struct tokens *t, size_t from, size_t end) {
  size_t depth = 0;
  for (size_t i = end; i-- > from;) {
    if (token_closes(t, i))
      depth++;
    else if (token_opens(t, i) && depth)
      depth--;
    else if (depth == 0 && sql_token_is_word(t->text, &t->list[i], "with"))
      return i;
  }
  return from;
}

static bool keys_read(struct arena *a, const char *text, PgQuery__Node *const *list, size_t count,
                      bool exclude, struct sql_index_keys *out) {
  struct tokens tokens;
  tokens_read(&tokens, text);
  out->keys = arena_array(a, count, sizeof *out->keys);
  size_t from = 0;
  bool matched = true;
  for (size_t i = 0; i < count && matched; i++) {
    const size_t piece = piece_end(&tokens, from);
    size_t end = piece;
    const PgQuery__Node *node = list[i];
    if (exclude) {
      out->keys[i].operator_ = operator_copy(a, node->list->items[1]->list);
      end = before_operator(&tokens, from, end);
      node = node->list->items[0];
    }
    matched = from < end && key_read(a, &tokens, from, end, node->index_elem, &out->keys[i]);
    from = piece + 1;
  }
  matched = matched && from == tokens.count + 1;
  out->count = matched ? count : 0;
  free(tokens.list);
  return matched;
}

bool sql_read_index_keys(struct sql_cache *cache, const char *text, bool exclude, struct sql_index_keys *out,
                         struct sql_error *err) {
  struct arena *a = sql_cache_arena(cache);
  const char *before = exclude ? "ALTER TABLE x ADD EXCLUDE USING gist (" : "CREATE INDEX ON x (";
  struct arena tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, text, "\n)", err);
  size_t count = 0;
  PgQuery__Node *const *list = tree ? elements(tree, exclude, &count) : NULL;
  if (tree && !list)
    *err = (struct sql_error){SQL_WRONG_KIND, "not exactly a list of index keys", 0};
  else if (tree && !keys_read(a, text, list, count, exclude, out))
    *err = (struct sql_error){SQL_WRONG_KIND, "the parts of an index key cannot be told apart", 0};
  arena_release(&tree_arena);

  for (size_t i = 0; i < out->count && err->why == SQL_OK; i++) {
    struct sql_index_key *key = &out->keys[i];
    if (key->expression && !(key->expr = sql_parse_expr(cache, key->expression, err)))
      err->at += key->at;
  }
  return err->why == SQL_OK;
}
