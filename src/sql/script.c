#include <string.h>

#include "sql/private.h"

/* A statement's place without the blank and comments around it. */
static struct sql_script_part part_of(const char *text, const PgQuery__RawStmt *stmt)
{
  const uint32_t from = (uint32_t)stmt->stmt_location;
  const size_t end = stmt->stmt_len ? from + (size_t)stmt->stmt_len : strlen(text);
  struct sql_script_part part = {from, from};
  struct sql_token token = {.to = from};
  for (bool first = true; sql_token_next(text, end, &token); first = false) {
    if (first)
      part.from = token.from;
    part.to = token.to;
  }
  return part;
}

static bool read_statements(struct arena *a, const char *text, const PgQuery__ParseResult *tree,
                            struct sql_script *out, struct sql_error *err)
{
  struct sql_refs refs = {.arena = a, .text = text};
  if (tree->n_stmts == 0)
    *err = (struct sql_error){SQL_WRONG_KIND, "there is no statement", 0};
  out->parts = arena_array(a, tree->n_stmts, sizeof *out->parts);
  for (size_t i = 0; i < tree->n_stmts && err->why == SQL_OK; i++) {
    const struct sql_script_part part = part_of(text, tree->stmts[i]);
    if (tree->stmts[i]->stmt->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT) {
      *err = (struct sql_error){SQL_WRONG_KIND, "transaction commands are not allowed here", part.from};
    } else {
      refs.from = part.from;
      refs.to = part.to;
      out->parts[out->part_count++] = part;
      sql_refs_walk(&refs, &tree->stmts[i]->stmt->base);
    }
  }
  out->refs = sql_refs_finish(&refs, &out->ref_count);
  return err->why == SQL_OK;
}

bool sql_read_script(struct arena *a, const char *text, struct sql_script *out, struct sql_error *err)
{
  struct arena tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, "", text, "", err);
  const bool read = tree && read_statements(a, text, tree, out, err);
  arena_release(&tree_arena);
  return read;
}
