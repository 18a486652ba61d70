#include <string.h>

#include "sql/private.h"

struct sql_script_part sql_statement_part(const char *text, const PgQuery__RawStmt *stmt)
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

static void add_made(struct arena *a, struct sql_script *out, const char *schema, const char *name)
{
  out->made[out->made_count++] =
      (struct sql_made){schema && *schema ? arena_strdup(a, schema) : NULL, arena_strdup(a, name)};
}

static void read_made(struct arena *a, const PgQuery__Node *stmt, struct sql_script *out)
{
  if (stmt->node_case == PG_QUERY__NODE__NODE_VIEW_STMT) {
    add_made(a, out, stmt->view_stmt->view->schemaname, stmt->view_stmt->view->relname);
  } else if (stmt->node_case == PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT) {
    const PgQuery__RangeVar *rel = stmt->create_table_as_stmt->into->rel;
    add_made(a, out, rel->schemaname, rel->relname);
  } else if (stmt->node_case == PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT) {
    const PgQuery__CreateFunctionStmt *f = stmt->create_function_stmt;
    const char *schema = f->n_funcname > 1 ? sql_tree_string(f->funcname[f->n_funcname - 2]) : NULL;
    add_made(a, out, schema, sql_tree_string(f->funcname[f->n_funcname - 1]));
  } else if (stmt->node_case == PG_QUERY__NODE__NODE_CREATE_TRIG_STMT) {
    add_made(a, out, stmt->create_trig_stmt->relation->schemaname, stmt->create_trig_stmt->trigname);
  }
}

static bool read_statements(struct arena *a, const char *text, const PgQuery__ParseResult *tree,
                            struct sql_script *out, struct sql_error *err)
{
  struct sql_refs refs = {.arena = a, .text = text};
  if (tree->n_stmts == 0)
    *err = (struct sql_error){SQL_WRONG_KIND, "there is no statement", 0};
  out->parts = arena_array(a, tree->n_stmts, sizeof *out->parts);
  out->made = arena_array(a, tree->n_stmts, sizeof *out->made);
  for (size_t i = 0; i < tree->n_stmts && err->why == SQL_OK; i++) {
    const struct sql_script_part part = sql_statement_part(text, tree->stmts[i]);
    if (tree->stmts[i]->stmt->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT) {
      *err = (struct sql_error){SQL_WRONG_KIND, "transaction commands are not allowed here", part.from};
    } else {
      refs.from = part.from;
      refs.to = part.to;
      out->parts[out->part_count++] = part;
      sql_refs_walk(&refs, &tree->stmts[i]->stmt->base);
      read_made(a, tree->stmts[i]->stmt, out);
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
