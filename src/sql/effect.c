/* Whether statements change the schema, or only what is in it. */
#include <string.h>

#include "sql/private.h"

struct effects {
  struct arena *arena;
  struct sql_effect *v;
  size_t count, room;
};

static struct sql_effect *add(struct effects *all, const struct sql_part *part) {
  all->v = arena_grow(all->arena, all->v, all->count, &all->room, sizeof *all->v);
  struct sql_effect *e = &all->v[all->count++];
  *e = (struct sql_effect){.from = part->from, .to = part->to, .changes = true};
  return e;
}

static void set_relation(const struct effects *all, struct sql_effect *e, const PgQuery__RangeVar *rel) {
  if (!rel)
    return;
  e->schema = *rel->schemaname ? arena_strdup(all->arena, rel->schemaname) : NULL;
  e->name = arena_strdup(all->arena, rel->relname);
  e->temporary = strcmp(rel->relpersistence, "t") == 0 || strcmp(rel->schemaname, "pg_temp") == 0;
}

/* What is switched on and off while rows are worked on. */
static bool only_switches(const PgQuery__AlterTableStmt *s) {
  static const PgQuery__AlterTableType switches[] = {
      PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig,     PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig,
      PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll,  PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll,
      PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser, PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser,
  };
  size_t found = 0;
  for (size_t i = 0; i < s->n_cmds; i++)
    for (size_t k = 0; k < ARRAY_LEN(switches); k++)
      found += s->cmds[i]->alter_table_cmd->subtype == switches[k];
  return found == s->n_cmds;
}

static bool only_restarts(const PgQuery__AlterSeqStmt *s) {
  return s->n_options == 1 && strcmp(s->options[0]->def_elem->defname, "restart") == 0;
}

static void read_dropped(struct effects *all, const PgQuery__DropStmt *s, struct sql_effect *e) {
  const PgQuery__Node *n = s->n_objects == 1 ? s->objects[0] : NULL;
  if (s->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE || !n || n->node_case != PG_QUERY__NODE__NODE_LIST ||
      n->list->n_items == 0)
    return;
  const size_t count = n->list->n_items;
  e->drops = true;
  e->schema = count > 1 ? arena_strdup(all->arena, sql_tree_string(n->list->items[count - 2])) : NULL;
  e->name = arena_strdup(all->arena, sql_tree_string(n->list->items[count - 1]));
}

static void read_statement(struct effects *all, const PgQuery__Node *n, struct sql_effect *e) {
  switch (n->node_case) {
  case PG_QUERY__NODE__NODE_INSERT_STMT: case PG_QUERY__NODE__NODE_UPDATE_STMT: case PG_QUERY__NODE__NODE_DELETE_STMT:
  case PG_QUERY__NODE__NODE_MERGE_STMT: case PG_QUERY__NODE__NODE_COPY_STMT: case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
  case PG_QUERY__NODE__NODE_VACUUM_STMT: case PG_QUERY__NODE__NODE_REINDEX_STMT: case PG_QUERY__NODE__NODE_CLUSTER_STMT:
  case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
  case PG_QUERY__NODE__NODE_LOCK_STMT:
  case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
  case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
  case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
  case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
  case PG_QUERY__NODE__NODE_NOTIFY_STMT: case PG_QUERY__NODE__NODE_LISTEN_STMT: case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
  case PG_QUERY__NODE__NODE_PREPARE_STMT:
  case PG_QUERY__NODE__NODE_EXECUTE_STMT:
  case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
  case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
  case PG_QUERY__NODE__NODE_FETCH_STMT:
  case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
  case PG_QUERY__NODE__NODE_DISCARD_STMT:
  case PG_QUERY__NODE__NODE_CHECK_POINT_STMT:
  case PG_QUERY__NODE__NODE_LOAD_STMT:
  case PG_QUERY__NODE__NODE_TRANSACTION_STMT: case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
  case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT:
  case PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT:
  case PG_QUERY__NODE__NODE_CREATEDB_STMT:
  case PG_QUERY__NODE__NODE_DROPDB_STMT:
  case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
  case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
  case PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT:
  case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
  case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT: e->changes = false; break;
  case PG_QUERY__NODE__NODE_DO_STMT: case PG_QUERY__NODE__NODE_CALL_STMT:
    e->changes = false;
    e->code = true;
    break;
  case PG_QUERY__NODE__NODE_SELECT_STMT:
    e->changes = e->makes = n->select_stmt->into_clause != NULL;
    set_relation(all, e, e->makes ? n->select_stmt->into_clause->rel : NULL);
    break;
  case PG_QUERY__NODE__NODE_CREATE_STMT: case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
    e->makes = true;
    set_relation(all, e,
                 n->node_case == PG_QUERY__NODE__NODE_CREATE_STMT ? n->create_stmt->relation
                                                                  : n->create_table_as_stmt->into->rel);
    break;
  case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    e->changes = !only_switches(n->alter_table_stmt);
    set_relation(all, e, n->alter_table_stmt->relation);
    break;
  case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT: e->changes = !only_restarts(n->alter_seq_stmt); break;
  case PG_QUERY__NODE__NODE_INDEX_STMT: set_relation(all, e, n->index_stmt->relation); break;
  case PG_QUERY__NODE__NODE_RENAME_STMT: set_relation(all, e, n->rename_stmt->relation); break;
  case PG_QUERY__NODE__NODE_DROP_STMT: read_dropped(all, n->drop_stmt, e); break;
  default: break;
  }
}

static void visit(void *ctx, const struct sql_part *part, const char *one, const PgQuery__ParseResult *tree,
                  const struct sql_error *err) {
  struct effects *all = ctx;
  struct sql_effect *e = add(all, part);
  (void)one;
  if (tree && tree->n_stmts > 0)
    read_statement(all, tree->stmts[0]->stmt, e);
  else if (!tree)
    *e = (struct sql_effect){.from = e->from,
                             .to = e->to,
                             .code = true,
                             .error = err->message ? err->message : "it is too large",
                             .at = e->from + err->at};
}

struct sql_effect *sql_read_effects(struct arena *arena, const char *text, size_t len, size_t *count) {
  struct effects all = {.arena = arena};
  sql_each_statement(arena, text, len, visit, &all);
  *count = all.count;
  return all.v;
}
