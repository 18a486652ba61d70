/* Policies and privileges: SQL's own clauses behind PDL's words. */
#include <string.h>

#include "sql/private.h"

/* Roles are named: who runs a schema is nobody's to know. */
static bool read_roles(struct arena *a, PgQuery__Node *const *nodes, size_t count, size_t shift, struct sql_role **out,
                       size_t *out_count, struct sql_error *err)
{
  *out = arena_array(a, count, sizeof **out);
  *out_count = 0;
  for (size_t i = 0; i < count; i++) {
    const PgQuery__RoleSpec *r = nodes[i]->role_spec;
    const uint32_t at = r->location > (int32_t)shift ? (uint32_t)r->location - (uint32_t)shift : 0;
    const bool all = r->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC;
    if (!all && r->roletype != PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING) {
      *err = (struct sql_error){SQL_WRONG_KIND, "a role is named here, or public", at};
      return false;
    }
    (*out)[(*out_count)++] = (struct sql_role){all ? "public" : arena_strdup(a, r->rolename), at};
  }
  return true;
}

/* The expression in the parentheses behind a word, with those refs of the whole that lie in it. */
static void read_part(struct arena *a, const char *text, const char *word, const struct sql_statement *whole,
                      struct sql_statement *out)
{
  out->text = sql_parenthesis_behind(a, text, word, &out->from);
  if (!out->text)
    return;
  const size_t len = strlen(out->text);
  out->refs = arena_array(a, whole->ref_count, sizeof *out->refs);
  for (size_t i = 0; i < whole->ref_count; i++)
    if (whole->refs[i].at >= out->from && whole->refs[i].at < out->from + len) {
      out->refs[out->ref_count] = whole->refs[i];
      out->refs[out->ref_count++].at -= out->from;
    }
}

bool sql_parse_policy(struct sql_cache *cache, const char *text, struct sql_policy *out, struct sql_error *err)
{
  static const char before[] = "CREATE POLICY x ON x ";
  struct arena *a = sql_cache_arena(cache), tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, text, "", err);
  const PgQuery__Node *stmt =
      tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_CREATE_POLICY_STMT, "not clauses of a policy", err) : NULL;
  *out = (struct sql_policy){0};
  bool ok = false;
  if (stmt) {
    const PgQuery__CreatePolicyStmt *p = stmt->create_policy_stmt;
    const size_t shift = sizeof before - 1;
    struct sql_statement whole = {.text = text};
    sql_statement_refs(a, text, shift, stmt, &whole);
    out->command = arena_strdup(a, p->cmd_name);
    out->restrictive = !p->permissive;
    if (p->qual)
      read_part(a, text, "using", &whole, &out->using_);
    if (p->with_check)
      read_part(a, text, "check", &whole, &out->check);
    /* where none is named, the grammar puts public there */
    const bool said = p->n_roles != 1 || p->roles[0]->role_spec->location >= 0;
    ok = read_roles(a, p->roles, said ? p->n_roles : 0, shift, &out->roles, &out->role_count, err);
  }
  arena_release(&tree_arena);
  return ok;
}

bool sql_in_subquery(const char *text, uint32_t at)
{
  static const char *const openers[] = {"select", "with", "values", "table"};
  enum { DEPTH_MAX = 256 };
  bool query[DEPTH_MAX + 1] = {false};
  size_t depth = 0;
  const size_t len = strlen(text);
  struct sql_token token = {0};
  bool opened = false;
  while (sql_token_next(text, len, &token) && token.from < at) {
    for (size_t i = 0; opened && i < ARRAY_LEN(openers); i++)
      query[depth] |= sql_token_is_word(text, &token, openers[i]);
    opened = sql_token_is(text, &token, "(") && depth < DEPTH_MAX;
    if (opened) {
      query[depth + 1] = query[depth];
      depth++;
    } else if (depth && sql_token_is(text, &token, ")")) {
      depth--;
    }
  }
  return query[depth];
}
