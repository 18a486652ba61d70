#include <string.h>

#include "sql/private.h"

/* The constant, with the sign that the grammar leaves apart (+1). */
static const PgQuery__AConst *constant_of(const PgQuery__Node *node) {
  if (node->node_case == PG_QUERY__NODE__NODE_A_CONST)
    return node->a_const;
  if (node->node_case != PG_QUERY__NODE__NODE_A_EXPR)
    return NULL;
  const PgQuery__AExpr *e = node->a_expr;
  const bool plus = e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && !e->lexpr && e->rexpr && e->n_name == 1 &&
                    strcmp(sql_tree_string(e->name[0]), "+") == 0 &&
                    e->rexpr->node_case == PG_QUERY__NODE__NODE_A_CONST;
  if (!plus)
    return NULL;
  const PgQuery__AConst *c = e->rexpr->a_const;
  const bool number =
      c->val_case == PG_QUERY__A__CONST__VAL_IVAL || c->val_case == PG_QUERY__A__CONST__VAL_FVAL;
  return number ? c : NULL;
}

static void read_literal(struct arena *a, const PgQuery__AConst *c, struct sql_expr *e) {
  if (c->isnull) {
    e->literal = SQL_NULL;
  } else if (c->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
    e->literal = SQL_INTEGER;
    e->literal_text = arena_printf(a, "%d", (int)c->ival->ival);
  } else if (c->val_case == PG_QUERY__A__CONST__VAL_FVAL) { /* or an integer over 32 bits */
    const char *digits = c->fval->fval;
    const bool integer = strspn(digits, "-0123456789") == strlen(digits);
    e->literal = integer ? SQL_INTEGER : SQL_FLOAT;
    e->literal_text = arena_strdup(a, digits);
  } else if (c->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL) {
    e->literal = SQL_BOOL;
    e->literal_text = c->boolval->boolval ? "true" : "false";
  } else if (c->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
    e->literal = SQL_STRING;
    e->literal_text = arena_strdup(a, c->sval->sval);
  } else if (c->val_case == PG_QUERY__A__CONST__VAL_BSVAL) {
    e->literal = SQL_BIT;
    e->literal_text = arena_strdup(a, c->bsval->bsval);
  }
}

/* Where text goes on after its first expression: at a comma, or a bracket that it did not open. */
static uint32_t end_of_first(const char *text) {
  const size_t len = strlen(text);
  struct sql_token token = {0};
  size_t depth = 0;
  while (sql_token_next(text, len, &token)) {
    const bool closes = sql_token_is(text, &token, ")") || sql_token_is(text, &token, "]");
    if (depth == 0 && (closes || sql_token_is(text, &token, ",")))
      return token.from;
    if (closes)
      depth--;
    else if (sql_token_is(text, &token, "(") || sql_token_is(text, &token, "["))
      depth++;
  }
  return 0;
}

/* The text is read as the one element of an array: there the grammar takes nothing but an a_expr, and where
 * the tree is that array and no more, its closing bracket is ours, so that the text cannot have
 * broken out. (Between parentheses `select 1` or `1, 2` would pass, too.) */
static const PgQuery__Node *only_element(const PgQuery__ParseResult *tree, const char *text,
                                         struct sql_error *err) {
  static const char *const fields[] = {"target_list"};
  static const char *const target_fields[] = {"val"};
  *err = (struct sql_error){SQL_WRONG_KIND, "not exactly one expression", end_of_first(text)};
  if (tree->n_stmts != 1 || tree->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return NULL;
  const PgQuery__SelectStmt *select = tree->stmts[0]->stmt->select_stmt;
  if (select->n_target_list != 1 || !sql_tree_has_only(&select->base, fields, 1) ||
      select->op != PG_QUERY__SET_OPERATION__SETOP_NONE)
    return NULL;
  const PgQuery__ResTarget *target = select->target_list[0]->res_target;
  if (!sql_tree_has_only(&target->base, target_fields, 1) ||
      target->val->node_case != PG_QUERY__NODE__NODE_A_ARRAY_EXPR)
    return NULL;
  const PgQuery__AArrayExpr *array = target->val->a_array_expr;
  struct sql_token first = {0};
  if (array->n_elements == 0) {
    *err = (struct sql_error){SQL_SYNTAX, "syntax error at end of input", (uint32_t)strlen(text)};
    return NULL;
  }
  /* ARRAY[[1], [2]] takes brackets as elements */
  sql_token_next(text, strlen(text), &first);
  if (array->n_elements != 1 || sql_token_is(text, &first, "[") ||
      array->elements[0]->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
    return NULL;
  *err = (struct sql_error){0};
  return array->elements[0];
}

static const char before[] = "SELECT ARRAY[";

const PgQuery__Node *sql_only_expression(struct arena *a, struct arena *tree_arena, const char *text,
                                         struct sql_error *err) {
  const PgQuery__ParseResult *tree = sql_tree_parse(a, tree_arena, before, text, "\n]", err);
  return tree ? only_element(tree, text, err) : NULL;
}

bool sql_read_expr(struct arena *a, struct sql_expr *e, struct sql_error *err) {
  struct arena tree_arena = ARENA_INIT;
  const PgQuery__Node *element = sql_only_expression(a, &tree_arena, e->text, err);
  if (element) {
    struct sql_refs refs = {
        .arena = a, .text = e->text, .to = (uint32_t)strlen(e->text), .shift = sizeof before - 1, .expr = e};
    sql_refs_walk(&refs, &element->base);
    e->refs = sql_refs_finish(&refs, &e->ref_count);
    const PgQuery__AConst *constant = constant_of(element);
    if (constant)
      read_literal(a, constant, e);
  }
  arena_release(&tree_arena);
  return element != NULL;
}
