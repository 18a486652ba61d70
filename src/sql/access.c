/* Policies and privileges: SQL's own clauses behind PDL's words. */
#include <string.h>

#include "sql/private.h"

/* Roles are named: who runs a schema is nobody's to know. */
static bool read_roles(struct arena *a, PgQuery__Node *const *nodes, size_t count, size_t shift, struct sql_role **out,
                       size_t *out_count, struct sql_error *err) {
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

/* The expression in the parentheses behind a word, from this place on, with those refs of the whole that lie in it. */
static void read_part(struct arena *a, uint32_t from, const char *word, const struct sql_statement *whole,
                      struct sql_statement *out) {
  out->text = sql_parenthesis_behind(a, whole->text + from, word, &out->from);
  if (!out->text)
    return;
  out->from += from;
  const size_t len = strlen(out->text);
  out->refs = arena_array(a, whole->ref_count, sizeof *out->refs);
  for (size_t i = 0; i < whole->ref_count; i++)
    if (whole->refs[i].at >= out->from && whole->refs[i].at < out->from + len) {
      out->refs[out->ref_count] = whole->refs[i];
      out->refs[out->ref_count++].at -= out->from;
    }
}

bool sql_read_policy(struct arena *a, const char *text, struct sql_policy *out, struct sql_error *err) {
  static const char before[] = "CREATE POLICY x ON x ";
  struct arena tree_arena = ARENA_INIT;
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
      read_part(a, 0, "using", &whole, &out->using_);
    if (p->with_check)
      read_part(a, 0, "check", &whole, &out->check);
    /* where none is named, the grammar puts public there */
    const bool said = p->n_roles != 1 || p->roles[0]->role_spec->location >= 0;
    ok = read_roles(a, p->roles, said ? p->n_roles : 0, shift, &out->roles, &out->role_count, err);
  }
  arena_release(&tree_arena);
  return ok;
}

bool sql_in_subquery(const char *text, uint32_t at) {
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

bool sql_called_once(const char *text, uint32_t at) {
  enum { DEPTH_MAX = 256 };
  struct { bool query, from; } level[DEPTH_MAX + 1] = {{false, false}};
  const size_t len = strlen(text);
  size_t depth = 0, around = 0; /* around: the depth of the query that the call stands in */
  struct sql_token token = {0};
  bool opened = false, distinct = false;
  while (sql_token_next(text, len, &token)) {
    if (token.from >= at && !around) {
      for (around = depth; around && !level[around].query;)
        around--;
      if (!around)
        return false;
    }
    if (opened)
      level[depth].query = sql_token_is_word(text, &token, "select");
    opened = sql_token_is(text, &token, "(") && depth < DEPTH_MAX;
    if (opened) {
      depth++;
      level[depth].query = level[depth].from = false;
    } else if (sql_token_is(text, &token, ")")) {
      if (around && depth == around)
        return !level[around].from;
      depth -= depth > 0;
    } else if (!distinct) {
      level[depth].from |= sql_token_is_word(text, &token, "from");
    }
    distinct = sql_token_is_word(text, &token, "distinct"); /* IS DISTINCT FROM */
  }
  return false;
}

/* ── privileges ── */

static void read_privileges(struct arena *a, const PgQuery__GrantStmt *g, struct sql_grant *out) {
  out->privileges = arena_array(a, g->n_privileges + 1, sizeof *out->privileges);
  for (size_t i = 0; i < g->n_privileges; i++) {
    const PgQuery__AccessPriv *p = g->privileges[i]->access_priv;
    struct sql_privilege *to = &out->privileges[out->privilege_count++];
    to->word = *p->priv_name ? arena_strdup(a, p->priv_name) : "all";
    to->columns = arena_array(a, p->n_cols, sizeof *to->columns);
    for (size_t c = 0; c < p->n_cols; c++)
      to->columns[to->column_count++] = arena_strdup(a, sql_tree_string(p->cols[c]));
  }
  if (!g->n_privileges)
    out->privileges[out->privilege_count++].word = "all";
}

static enum sql_grant_on kind_of(PgQuery__ObjectType type) {
  switch (type) {
  case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE: return SQL_ON_TABLE;
  case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE: return SQL_ON_SEQUENCE;
  case PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION:
  case PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE:
  case PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE: return SQL_ON_ROUTINE;
  case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA: return SQL_ON_SCHEMA;
  case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
  case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE: return SQL_ON_TYPE;
  case PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_SERVER: return SQL_ON_SERVER;
  case PG_QUERY__OBJECT_TYPE__OBJECT_FDW: return SQL_ON_WRAPPER;
  default: return SQL_ON_ELSE;
  }
}

/* "a.b" as a list of strings. */
static void read_names(struct arena *a, PgQuery__Node *const *names, size_t count, struct sql_grant_object *to) {
  if (count > 1)
    to->schema = arena_strdup(a, sql_tree_string(names[count - 2]));
  to->name = count ? arena_strdup(a, sql_tree_string(names[count - 1])) : "";
}

static void read_object(struct arena *a, const PgQuery__Node *n, struct sql_grant_object *to) {
  *to = (struct sql_grant_object){.name = ""};
  if (n->node_case == PG_QUERY__NODE__NODE_RANGE_VAR) {
    to->schema = *n->range_var->schemaname ? arena_strdup(a, n->range_var->schemaname) : NULL;
    to->name = arena_strdup(a, n->range_var->relname);
  } else if (n->node_case == PG_QUERY__NODE__NODE_LIST) {
    read_names(a, n->list->items, n->list->n_items, to);
  } else if (n->node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS) {
    const PgQuery__ObjectWithArgs *o = n->object_with_args;
    read_names(a, o->objname, o->n_objname, to);
    to->any_inputs = o->args_unspecified;
    to->inputs = arena_array(a, o->n_objargs, sizeof *to->inputs);
    for (size_t i = 0; i < o->n_objargs; i++)
      if (o->objargs[i]->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
        to->inputs[to->input_count++] = sql_type_read(a, o->objargs[i]->type_name);
  } else if (sql_tree_string(n)) {
    to->name = arena_strdup(a, sql_tree_string(n));
  }
}

static bool read_grant(struct arena *a, const PgQuery__GrantStmt *g, size_t shift, struct sql_grant *out,
                       struct sql_error *err) {
  read_privileges(a, g, out);
  out->option = g->grant_option;
  out->on = kind_of(g->objtype);
  out->all_in_schema = g->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA;
  out->objects = arena_array(a, g->n_objects, sizeof *out->objects);
  for (size_t i = 0; i < g->n_objects; i++)
    read_object(a, g->objects[i], &out->objects[out->object_count++]);
  return read_roles(a, g->grantees, g->n_grantees, shift, &out->roles, &out->role_count, err);
}

/* Where ON goes: at the first TO or FROM outside of parentheses. */
static uint32_t end_of_privileges(const char *text) {
  const size_t len = strlen(text);
  struct sql_token token = {0};
  size_t outer = 0;
  while (sql_token_next(text, len, &token)) {
    if (!outer && (sql_token_is_word(text, &token, "to") || sql_token_is_word(text, &token, "from")))
      return token.from;
    outer += (size_t)sql_token_is(text, &token, "(") - (size_t)sql_token_is(text, &token, ")");
  }
  return (uint32_t)len;
}

bool sql_read_grant(struct arena *a, const char *text, bool grant, bool on_table, struct sql_grant *out,
                    struct sql_error *err) {
  static const char on[] = " ON x ";
  struct arena tree_arena = ARENA_INIT;
  const uint32_t split = end_of_privileges(text), added = on_table ? (uint32_t)sizeof on - 1 : 0;
  const char *whole = arena_printf(a, "%.*s%s%s", (int)split, text, on_table ? on : "", text + split);
  const char *before = grant ? "GRANT " : "REVOKE ";
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, whole, "", err);
  const PgQuery__Node *stmt =
      tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_GRANT_STMT, "not privileges on something, to a role", err)
           : NULL;
  *out = (struct sql_grant){0};
  const bool ok = stmt && read_grant(a, stmt->grant_stmt, strlen(before), out, err);
  for (size_t i = 0; ok && i < out->role_count; i++)
    out->roles[i].at -= added;
  if (!ok)
    err->at = err->at > split + added ? err->at - added : err->at > split ? split : err->at;
  arena_release(&tree_arena);
  return ok;
}

static bool read_default_options(struct arena *a, const PgQuery__AlterDefaultPrivilegesStmt *s, size_t shift,
                                 struct sql_defaults *out, struct sql_error *err) {
  for (size_t i = 0; i < s->n_options; i++) {
    const PgQuery__DefElem *d = s->options[i]->def_elem;
    const PgQuery__List *list = d->arg->list;
    if (strcmp(d->defname, "roles") == 0) {
      if (!read_roles(a, list->items, list->n_items, shift, &out->owners, &out->owner_count, err))
        return false;
      continue;
    }
    out->schemas = arena_array(a, list->n_items, sizeof *out->schemas);
    out->schema_count = 0;
    for (size_t n = 0; n < list->n_items; n++)
      out->schemas[out->schema_count++] = arena_strdup(a, sql_tree_string(list->items[n]));
  }
  return true;
}

bool sql_parse_defaults(struct sql_cache *cache, const char *text, struct sql_defaults *out, struct sql_error *err) {
  static const char before[] = "ALTER DEFAULT PRIVILEGES ";
  struct arena *a = sql_cache_arena(cache), tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, text, "", err);
  const PgQuery__Node *stmt = tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_ALTER_DEFAULT_PRIVILEGES_STMT,
                                                        "not default privileges", err)
                                   : NULL;
  *out = (struct sql_defaults){0};
  bool ok = false;
  if (stmt) {
    const PgQuery__AlterDefaultPrivilegesStmt *s = stmt->alter_default_privileges_stmt;
    out->grant = s->action->is_grant;
    ok = read_grant(a, s->action, sizeof before - 1, &out->what, err) &&
         read_default_options(a, s, sizeof before - 1, out, err);
  }
  arena_release(&tree_arena);
  return ok;
}

/* ── publications ── */

static const char *word_of(const PgQuery__DefElem *d) {
  const char *text = d->arg ? sql_tree_string(d->arg) : NULL;
  return text ? text : "true";
}

/* "delete,insert" in the order that Postgres has. */
static const char *publish_of(struct arena *a, const char *said) {
  static const char *const all[] = {"insert", "update", "delete", "truncate"};
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (strstr(said, all[i]))
      strbuf_addf(&out, "%s%s", out.len ? ", " : "", all[i]);
  const char *text = strbuf_dup(&out, a);
  strbuf_release(&out);
  return text;
}

static void read_published(struct arena *a, const PgQuery__PublicationObjSpec *s, size_t shift,
                           struct sql_published *to) {
  const PgQuery__PublicationTable *t = s->pubtable;
  *to = (struct sql_published){.is_schema = !t, .name = arena_strdup(a, s->name)};
  int32_t at = s->location;
  if (t) {
    to->schema = *t->relation->schemaname ? arena_strdup(a, t->relation->schemaname) : NULL;
    to->name = arena_strdup(a, t->relation->relname);
    to->only = !t->relation->inh;
    at = t->relation->location;
    to->columns = arena_array(a, t->n_columns, sizeof *to->columns);
    for (size_t i = 0; i < t->n_columns; i++)
      to->columns[to->column_count++] = arena_strdup(a, sql_tree_string(t->columns[i]));
  }
  to->at = at > (int32_t)shift ? (uint32_t)at - (uint32_t)shift : 0;
}

bool sql_parse_publication(struct sql_cache *cache, const char *text, struct sql_publication *out,
                           struct sql_error *err) {
  static const char before[] = "CREATE PUBLICATION x ";
  struct arena *a = sql_cache_arena(cache), tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, text, "", err);
  const PgQuery__Node *stmt =
      tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT, "not clauses of a publication", err)
           : NULL;
  *out = (struct sql_publication){.publish = "insert, update, delete, truncate"};
  if (stmt) {
    const PgQuery__CreatePublicationStmt *p = stmt->create_publication_stmt;
    struct sql_statement whole = {.text = text};
    sql_statement_refs(a, text, sizeof before - 1, stmt, &whole);
    out->all = p->for_all_tables;
    for (size_t i = 0; i < p->n_options; i++) {
      const PgQuery__DefElem *d = p->options[i]->def_elem;
      if (strcmp(d->defname, "publish") == 0)
        out->publish = publish_of(a, word_of(d));
      else if (strcmp(d->defname, "publish_generated_columns") == 0)
        out->generated = strcmp(word_of(d), "none") != 0; /* else stored, which the tree has as the name of a type */
      else
        out->via_root = strcmp(word_of(d), "true") == 0 || strcmp(word_of(d), "on") == 0;
    }
    out->v = arena_array(a, p->n_pubobjects, sizeof *out->v);
    for (size_t i = 0; i < p->n_pubobjects; i++) {
      struct sql_published *to = &out->v[out->count++];
      read_published(a, p->pubobjects[i]->publication_obj_spec, sizeof before - 1, to);
      if (!to->is_schema && p->pubobjects[i]->publication_obj_spec->pubtable->where_clause)
        read_part(a, to->at, "where", &whole, &to->where);
    }
  }
  arena_release(&tree_arena);
  return stmt != NULL;
}
