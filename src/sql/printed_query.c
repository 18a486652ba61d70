/* What Postgres prints of a query of one table: the expressions of its list, and of its condition, as printed.c has them
 * (ruleutils.c, get_select_query_def). */
#include <string.h>

#include "sql/private.h"

/* The query as an expression in parentheses is a tree with it within. */
static const PgQuery__SelectStmt *select_of(struct arena *arena, struct arena *tree, const char *text) {
  static const char *const parts[] = {"target_list", "from_clause", "where_clause"};
  struct sql_error err = {0};
  const PgQuery__Node *node = sql_only_expression(arena, tree, arena_printf(arena, "(%s\n)", text), &err);
  if (!node || node->node_case != PG_QUERY__NODE__NODE_SUB_LINK ||
      node->sub_link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
      node->sub_link->subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return NULL;
  const PgQuery__SelectStmt *s = node->sub_link->subselect->select_stmt;
  const bool plain = s->op == PG_QUERY__SET_OPERATION__SETOP_NONE && s->n_from_clause == 1 &&
                     s->from_clause[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR &&
                     sql_tree_has_only(&s->base, parts, ARRAY_LEN(parts));
  return plain ? s : NULL;
}

static bool add_target(struct arena *arena, const PgQuery__Node *target, const struct sql_scope *scope,
                       struct strbuf *out) {
  static const char *const parts[] = {"name", "val"};
  const PgQuery__ResTarget *t = target->res_target;
  if (!sql_tree_has_only(&t->base, parts, ARRAY_LEN(parts)))
    return false;
  const char *text = sql_printed_node(arena, t->val, scope), *own = text ? sql_output_name(t->val) : NULL;
  const char *name = *t->name ? t->name : own;
  if (!text || !name)
    return false;
  strbuf_adds(out, text);
  if (t->val->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || strcmp(name, own) != 0) {
    strbuf_adds(out, " AS ");
    sql_ident(out, name);
  }
  return true;
}

const char *sql_printed_query(struct arena *arena, const char *text, const struct sql_scope *scope) {
  static const char *const parts[] = {"schemaname", "relname", "inh", "relpersistence", "alias"};
  struct arena tree = ARENA_INIT;
  const PgQuery__SelectStmt *s = select_of(arena, &tree, text);
  const PgQuery__RangeVar *from = s ? s->from_clause[0]->range_var : NULL;
  const char *alias = from && from->alias ? from->alias->aliasname : NULL;
  struct strbuf out = STRBUF_INIT;
  bool ok = from && from->inh && *from->schemaname && !(from->alias && from->alias->n_colnames) &&
            sql_tree_has_only(&from->base, parts, ARRAY_LEN(parts)) &&
            scope->from(scope->ctx, arena, from->schemaname, from->relname, alias);
  strbuf_adds(&out, "SELECT ");
  for (size_t i = 0; ok && i < s->n_target_list; i++) {
    strbuf_adds(&out, i ? ", " : "");
    ok = add_target(arena, s->target_list[i], scope, &out);
  }
  if (ok) {
    strbuf_adds(&out, " FROM ");
    sql_qualified(&out, from->schemaname, from->relname);
    if (alias) {
      strbuf_addc(&out, ' ');
      sql_ident(&out, alias);
    }
  }
  if (ok && s->where_clause) {
    const char *where = sql_printed_node(arena, s->where_clause, scope);
    strbuf_addf(&out, " WHERE %s", where ? where : "");
    ok = where != NULL;
  }
  const char *printed = ok ? strbuf_dup(&out, arena) : NULL;
  strbuf_release(&out);
  arena_release(&tree);
  return printed;
}
