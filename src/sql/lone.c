#include <string.h>

#include "sql/private.h"

static const char *copy(struct arena *a, const char *text) {
  return text && *text ? arena_strdup(a, text) : NULL;
}

static void take_relation(struct arena *a, const PgQuery__RangeVar *rel, struct sql_lone *out) {
  if (!rel)
    return;
  out->schema = copy(a, rel->schemaname);
  out->table = copy(a, rel->relname);
}

static void read_drop(struct arena *a, const PgQuery__DropStmt *drop, struct sql_lone *out) {
  if (drop->remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_INDEX || drop->n_objects != 1 ||
      drop->objects[0]->node_case != PG_QUERY__NODE__NODE_LIST)
    return;
  const PgQuery__List *name = drop->objects[0]->list;
  if (name->n_items == 0 || name->n_items > 2)
    return;
  out->kind = SQL_LONE_DROP_INDEX;
  out->schema = name->n_items == 2 ? copy(a, sql_tree_string(name->items[0])) : NULL;
  out->name = copy(a, sql_tree_string(name->items[name->n_items - 1]));
}

static void read_alter(struct arena *a, const PgQuery__AlterTableStmt *alter, struct sql_lone *out) {
  const PgQuery__AlterTableCmd *cmd = alter->n_cmds == 1 ? alter->cmds[0]->alter_table_cmd : NULL;
  if (!cmd || cmd->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition || !cmd->def)
    return;
  const PgQuery__RangeVar *part = cmd->def->partition_cmd->name;
  take_relation(a, alter->relation, out);
  out->kind = SQL_LONE_DETACH;
  out->part_schema = copy(a, part->schemaname);
  out->name = copy(a, part->relname);
}

static void read_statement(struct arena *a, const PgQuery__Node *stmt, struct sql_lone *out) {
  switch (stmt->node_case) {
  case PG_QUERY__NODE__NODE_INDEX_STMT:
    take_relation(a, stmt->index_stmt->relation, out);
    out->name = copy(a, stmt->index_stmt->idxname);
    out->kind = out->name ? SQL_LONE_CREATE_INDEX : SQL_LONE_OTHER;
    break;
  case PG_QUERY__NODE__NODE_DROP_STMT: read_drop(a, stmt->drop_stmt, out); break;
  case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: read_alter(a, stmt->alter_table_stmt, out); break;
  case PG_QUERY__NODE__NODE_REINDEX_STMT:
    take_relation(a, stmt->reindex_stmt->relation, out);
    out->kind = SQL_LONE_REINDEX;
    break;
  case PG_QUERY__NODE__NODE_VACUUM_STMT:
  case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
  case PG_QUERY__NODE__NODE_CLUSTER_STMT: out->kind = SQL_LONE_REPEATABLE; break;
  default: break;
  }
}

void sql_read_lone(struct arena *a, const char *text, struct sql_lone *out) {
  struct arena tree_arena = ARENA_INIT;
  struct sql_error err = {SQL_OK, NULL, 0};
  *out = (struct sql_lone){0};
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, "", text, "", &err);
  if (tree && tree->n_stmts == 1)
    read_statement(a, tree->stmts[0]->stmt, out);
  arena_release(&tree_arena);
}
