/* What statements do to tables that may have rows and users. */
#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

struct actions {
  struct arena *arena;
  struct sql_action *v;
  size_t count, room;
  uint32_t from, to; /* of the statement being read */
};

static struct sql_action *add(struct actions *all, enum sql_action_kind kind) {
  all->v = arena_grow(all->arena, all->v, all->count, &all->room, sizeof *all->v);
  struct sql_action *a = &all->v[all->count++];
  *a = (struct sql_action){.kind = kind, .from = all->from, .to = all->to};
  return a;
}

static const char *copy(const struct actions *all, const char *text) {
  return text && *text ? arena_strdup(all->arena, text) : NULL;
}

static struct sql_action *add_on(struct actions *all, enum sql_action_kind kind, const PgQuery__RangeVar *rel) {
  struct sql_action *a = add(all, kind);
  if (rel) {
    a->schema = copy(all, rel->schemaname);
    a->table = copy(all, rel->relname);
    a->only = !rel->inh;
  }
  return a;
}

/* The last two names of a list. */
static void set_names(const struct actions *all, PgQuery__Node *const *names, size_t n, const char **schema,
                      const char **name) {
  *schema = n > 1 ? copy(all, sql_tree_string(names[n - 2])) : NULL;
  *name = n > 0 ? copy(all, sql_tree_string(names[n - 1])) : NULL;
}

/* ── columns ── */

static void find_volatile(void *found, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  (void)field;
  if (m->descriptor == &pg_query__func_call__descriptor) {
    const PgQuery__FuncCall *call = (const PgQuery__FuncCall *)m;
    const size_t n = call->n_funcname;
    const char *schema = n > 1 ? sql_tree_string(call->funcname[n - 2]) : NULL;
    if (n > 0 && sql_function_is_volatile(schema, sql_tree_string(call->funcname[n - 1])))
      *(bool *)found = true;
  }
  sql_tree_children(m, find_volatile, found);
}

static bool is_volatile(const PgQuery__Node *expr) {
  bool found = false;
  find_volatile(&found, NULL, &expr->base);
  return found;
}

static void set_type(const struct actions *all, const PgQuery__TypeName *t, struct sql_action *a) {
  static const char *const serials[] = {"serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"};
  struct strbuf mods = STRBUF_INIT;
  if (!t)
    return;
  set_names(all, t->names, t->n_names, &a->type.schema, &a->type.name);
  a->type.array = t->n_array_bounds > 0;
  for (size_t i = 0; i < t->n_typmods; i++) {
    enum { ALL_FIELDS = 0x7fff }; /* of an interval that has digits */
    const PgQuery__Node *n = t->typmods[i];
    if (n->node_case == PG_QUERY__NODE__NODE_A_CONST && n->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
        (n->a_const->ival->ival != ALL_FIELDS || !a->type.name || strcmp(a->type.name, "interval") != 0))
      strbuf_addf(&mods, "%s%d", mods.len ? "," : "", (int)n->a_const->ival->ival);
  }
  a->mods = mods.len ? strbuf_dup(&mods, all->arena) : NULL;
  strbuf_release(&mods);
  for (size_t i = 0; a->type.name && !a->type.schema && i < ARRAY_LEN(serials); i++)
    a->sequence |= strcmp(a->type.name, serials[i]) == 0;
}

static void set_column(const struct actions *all, const PgQuery__ColumnDef *c, struct sql_action *a) {
  a->name = copy(all, c->colname);
  set_type(all, c->type_name, a);
  for (size_t i = 0; i < c->n_constraints; i++) {
    const PgQuery__Constraint *k = c->constraints[i]->constraint;
    switch (k->contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL: a->not_null = true; break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
      a->has_default = true;
      a->volatile_default = k->raw_expr && is_volatile(k->raw_expr);
      break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY: a->sequence = true; break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED: a->stored = true; break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK: a->check = true; break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY: a->not_null = a->unique = true; break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE: a->unique = true; break;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
      a->references = true;
      a->other_schema = copy(all, k->pktable->schemaname);
      a->other = copy(all, k->pktable->relname);
      break;
    default: break;
    }
  }
}

/* A conversion that does nothing but what the new type does by itself. */
static bool converts(const PgQuery__Node *using, const char *column) {
  if (using && using->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    using = using->type_cast->arg;
  if (!using)
    return false;
  return using->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || using->column_ref->n_fields != 1 ||
         !sql_tree_string(using->column_ref->fields[0]) ||
         strcmp(sql_tree_string(using->column_ref->fields[0]), column) != 0;
}

static void read_type_change(struct actions *all, const PgQuery__AlterTableCmd *cmd, const PgQuery__RangeVar *rel) {
  struct sql_action *a = add_on(all, ACTION_ALTER_TYPE, rel);
  const PgQuery__ColumnDef *c = cmd->def->column_def;
  a->name = copy(all, cmd->name);
  set_type(all, c->type_name, a);
  a->converted = converts(c->raw_default, cmd->name);
  a->collated = c->coll_clause != NULL;
}

/* ── constraints ── */

/* "c IS NOT NULL", as one says it before SET NOT NULL. */
static const char *proven_column(const struct actions *all, const PgQuery__Node *expr) {
  if (!expr || expr->node_case != PG_QUERY__NODE__NODE_NULL_TEST ||
      expr->null_test->nulltesttype != PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL ||
      expr->null_test->arg->node_case != PG_QUERY__NODE__NODE_COLUMN_REF ||
      expr->null_test->arg->column_ref->n_fields != 1)
    return NULL;
  return copy(all, sql_tree_string(expr->null_test->arg->column_ref->fields[0]));
}

static void read_constraint(struct actions *all, const PgQuery__Constraint *k, const PgQuery__RangeVar *rel) {
  static const enum sql_action_kind kinds[] = {
      [PG_QUERY__CONSTR_TYPE__CONSTR_CHECK] = ACTION_ADD_CHECK,
      [PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY] = ACTION_ADD_KEY,
      [PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE] = ACTION_ADD_KEY,
      [PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION] = ACTION_ADD_EXCLUDE,
      [PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN] = ACTION_ADD_FOREIGN,
  };
  struct sql_action *a = add_on(all, (size_t)k->contype < ARRAY_LEN(kinds) ? kinds[k->contype] : ACTION_OTHER, rel);
  a->name = copy(all, k->conname);
  a->not_valid = k->skip_validation;
  a->using_index = k->indexname && *k->indexname;
  a->column = proven_column(all, k->raw_expr);
  if (k->pktable) {
    a->other_schema = copy(all, k->pktable->schemaname);
    a->other = copy(all, k->pktable->relname);
  }
}

static void read_partition(struct actions *all, const PgQuery__AlterTableCmd *cmd, const PgQuery__RangeVar *rel,
                           enum sql_action_kind kind) {
  struct sql_action *a = add_on(all, kind, rel);
  const PgQuery__PartitionCmd *p = cmd->def->partition_cmd;
  a->other_schema = copy(all, p->name->schemaname);
  a->other = copy(all, p->name->relname);
  a->concurrently = p->concurrent;
}

static void read_alter_table(struct actions *all, const PgQuery__AlterTableStmt *s) {
  static const struct {
    PgQuery__AlterTableType subtype;
    enum sql_action_kind kind;
  } plain[] = {
      {PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn, ACTION_DROP_COLUMN},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull, ACTION_SET_NOT_NULL},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint, ACTION_VALIDATE},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint, ACTION_DROP_CONSTRAINT},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged, ACTION_REWRITE},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged, ACTION_REWRITE},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace, ACTION_REWRITE},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_SetAccessMethod, ACTION_REWRITE},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity, ACTION_ENABLE_RLS},
      {PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity, ACTION_DISABLE_RLS},
  };
  if (s->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE && s->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
    return;
  for (size_t i = 0; i < s->n_cmds; i++) {
    const PgQuery__AlterTableCmd *cmd = s->cmds[i]->alter_table_cmd;
    enum sql_action_kind kind = ACTION_ALTER_TABLE;
    for (size_t k = 0; k < ARRAY_LEN(plain); k++)
      if (plain[k].subtype == cmd->subtype)
        kind = plain[k].kind;
    if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn) {
      set_column(all, cmd->def->column_def, add_on(all, ACTION_ADD_COLUMN, s->relation));
    } else if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType) {
      read_type_change(all, cmd, s->relation);
    } else if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint) {
      read_constraint(all, cmd->def->constraint, s->relation);
    } else if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition) {
      read_partition(all, cmd, s->relation, ACTION_ATTACH);
    } else if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition) {
      read_partition(all, cmd, s->relation, ACTION_DETACH);
    } else {
      struct sql_action *a = add_on(all, kind, s->relation);
      a->name = copy(all, cmd->name);
      a->cascade = cmd->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    }
  }
}

/* ── other statements ── */

/* PRIMARY KEY (column), as if the column said it: those of the table are the actions from the first on. */
static void set_key(struct actions *all, size_t first, const PgQuery__Constraint *k) {
  const char *column = k->n_keys == 1 ? sql_tree_string(k->keys[0]) : NULL;
  for (size_t i = first; column && k->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY && i < all->count; i++)
    if (all->v[i].name && strcmp(all->v[i].name, column) == 0)
      all->v[i].not_null = all->v[i].unique = true;
}

static void read_create_table(struct actions *all, const PgQuery__CreateStmt *s) {
  const size_t first = all->count;
  add_on(all, ACTION_CREATE_TABLE, s->relation);
  for (size_t i = 0; i < s->n_table_elts; i++)
    if (s->table_elts[i]->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF)
      set_column(all, s->table_elts[i]->column_def, add_on(all, ACTION_ADD_COLUMN, s->relation));
  for (size_t i = 0; i < s->n_table_elts; i++)
    if (s->table_elts[i]->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
      set_key(all, first, s->table_elts[i]->constraint);
  if (s->partbound && s->n_inh_relations) {
    struct sql_action *a = add_on(all, ACTION_ADD_PARTITION, s->inh_relations[0]->range_var);
    a->name = copy(all, s->relation->relname);
  }
}

static void read_drop(struct actions *all, const PgQuery__DropStmt *s) {
  const enum sql_action_kind kind = s->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE     ? ACTION_DROP_TABLE
                                    : s->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX   ? ACTION_DROP_INDEX
                                    : s->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TRIGGER ||
                                          s->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_POLICY ||
                                          s->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_RULE
                                        ? ACTION_ALTER_TABLE
                                        : ACTION_DROP_OTHER;
  for (size_t i = 0; i < s->n_objects; i++) {
    struct sql_action *a = add(all, kind);
    a->concurrently = s->concurrent;
    a->cascade = s->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    const PgQuery__Node *n = s->objects[i];
    const size_t trigger = kind == ACTION_ALTER_TABLE;
    if (n->node_case == PG_QUERY__NODE__NODE_STRING)
      set_names(all, &s->objects[i], 1, &a->schema, &a->table);
    else if (n->node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS)
      set_names(all, n->object_with_args->objname, n->object_with_args->n_objname, &a->schema, &a->table);
    else if (n->node_case == PG_QUERY__NODE__NODE_TYPE_NAME)
      set_names(all, n->type_name->names, n->type_name->n_names, &a->schema, &a->table);
    else if (n->node_case == PG_QUERY__NODE__NODE_LIST && n->list->n_items > trigger)
      set_names(all, n->list->items, n->list->n_items - trigger, &a->schema,
                kind == ACTION_DROP_INDEX ? &a->name : &a->table);
  }
}

static bool has_option(PgQuery__Node *const *options, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM && strcmp(options[i]->def_elem->defname, name) == 0)
      return true;
  return false;
}

static void read_index(struct actions *all, const PgQuery__IndexStmt *s) {
  struct sql_action *a = add_on(all, ACTION_CREATE_INDEX, s->relation);
  a->name = copy(all, s->idxname);
  a->concurrently = s->concurrent;
  a->if_not_exists = s->if_not_exists;
}

/* The name of what is no relation: a list, or a routine with its arguments. */
static void set_object(const struct actions *all, const PgQuery__Node *n, struct sql_action *a) {
  if (n && n->node_case == PG_QUERY__NODE__NODE_LIST)
    set_names(all, n->list->items, n->list->n_items, &a->schema, &a->table);
  else if (n && n->node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS)
    set_names(all, n->object_with_args->objname, n->object_with_args->n_objname, &a->schema, &a->table);
}

static bool is_routine_or_type(PgQuery__ObjectType t) {
  return t == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION || t == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE ||
         t == PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE || t == PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE ||
         t == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE || t == PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN;
}

static void read_rename(struct actions *all, const PgQuery__RenameStmt *s) {
  struct sql_action *a = add_on(all, ACTION_OTHER, s->relation);
  a->column = copy(all, s->newname);
  switch (s->rename_type) {
  case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN: case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
    a->name = copy(all, s->subname);
    a->kind = ACTION_RENAME;
    break;
  case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
  case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
  case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
  case PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE:
    a->kind = ACTION_RENAME;
    break;
  default:
    if (!is_routine_or_type(s->rename_type))
      break;
    set_object(all, s->object, a);
    a->kind = ACTION_RENAME_OTHER;
  }
}

static void read_move(struct actions *all, const PgQuery__AlterObjectSchemaStmt *s) {
  if (s->relation)
    add_on(all, ACTION_RENAME, s->relation);
  else if (is_routine_or_type(s->object_type))
    set_object(all, s->object, add(all, ACTION_RENAME_OTHER));
}

static void read_enum(struct actions *all, const PgQuery__AlterEnumStmt *s) {
  const bool renamed = s->old_val && *s->old_val;
  struct sql_action *a = add(all, renamed ? ACTION_RENAME_OTHER : ACTION_ADD_LABEL);
  set_names(all, s->type_name, s->n_type_name, &a->schema, &a->table);
  a->name = copy(all, renamed ? s->old_val : s->new_val);
}

static void read_domain(struct actions *all, const PgQuery__AlterDomainStmt *s) {
  if (!s->subtype || (*s->subtype != 'C' && *s->subtype != 'O'))
    return;
  struct sql_action *a = add(all, *s->subtype == 'C' ? ACTION_DOMAIN_CHECK : ACTION_DOMAIN_NOT_NULL);
  set_names(all, s->type_name, s->n_type_name, &a->schema, &a->table);
  a->not_valid = *s->subtype == 'C' && s->def->constraint->skip_validation;
}

static void read_truncate(struct actions *all, const PgQuery__TruncateStmt *s) {
  for (size_t i = 0; i < s->n_relations; i++)
    add_on(all, ACTION_TRUNCATE, s->relations[i]->range_var)->cascade =
        s->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
}

static void read_statement(struct actions *all, const PgQuery__Node *n) {
  enum { ACCESS_EXCLUSIVE = 8 };
  struct sql_action *a;
  switch (n->node_case) {
  case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: read_alter_table(all, n->alter_table_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_STMT: read_create_table(all, n->create_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
    add_on(all, ACTION_CREATE_TABLE, n->create_table_as_stmt->into->rel);
    break;
  case PG_QUERY__NODE__NODE_DROP_STMT: read_drop(all, n->drop_stmt); break;
  case PG_QUERY__NODE__NODE_TRUNCATE_STMT: read_truncate(all, n->truncate_stmt); break;
  case PG_QUERY__NODE__NODE_RENAME_STMT: read_rename(all, n->rename_stmt); break;
  case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT: read_move(all, n->alter_object_schema_stmt); break;
  case PG_QUERY__NODE__NODE_INDEX_STMT: read_index(all, n->index_stmt); break;
  case PG_QUERY__NODE__NODE_REINDEX_STMT:
    a = add_on(all, ACTION_REINDEX, n->reindex_stmt->relation);
    a->concurrently = has_option(n->reindex_stmt->params, n->reindex_stmt->n_params, "concurrently");
    break;
  case PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT: read_domain(all, n->alter_domain_stmt); break;
  case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT: read_enum(all, n->alter_enum_stmt); break;
  case PG_QUERY__NODE__NODE_DROPDB_STMT: add(all, ACTION_DROP_OTHER)->table = copy(all, n->dropdb_stmt->dbname); break;
  case PG_QUERY__NODE__NODE_DROP_OWNED_STMT:
    add(all, ACTION_DROP_OTHER)->cascade = n->drop_owned_stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    break;
  case PG_QUERY__NODE__NODE_REFRESH_MAT_VIEW_STMT:
    add_on(all, ACTION_REFRESH, n->refresh_mat_view_stmt->relation)->concurrently =
        n->refresh_mat_view_stmt->concurrent;
    break;
  case PG_QUERY__NODE__NODE_CLUSTER_STMT: add_on(all, ACTION_REWRITE, n->cluster_stmt->relation); break;
  case PG_QUERY__NODE__NODE_VACUUM_STMT:
    if (has_option(n->vacuum_stmt->options, n->vacuum_stmt->n_options, "full"))
      add_on(all, ACTION_REWRITE, n->vacuum_stmt->n_rels ? n->vacuum_stmt->rels[0]->vacuum_relation->relation : NULL);
    break;
  case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT: add_on(all, ACTION_ALTER_TABLE, n->create_policy_stmt->table); break;
  case PG_QUERY__NODE__NODE_ALTER_POLICY_STMT: add_on(all, ACTION_ALTER_TABLE, n->alter_policy_stmt->table); break;
  case PG_QUERY__NODE__NODE_RULE_STMT: add_on(all, ACTION_ALTER_TABLE, n->rule_stmt->relation); break;
  case PG_QUERY__NODE__NODE_LOCK_STMT:
    for (size_t i = 0; i < n->lock_stmt->n_relations && n->lock_stmt->mode == ACCESS_EXCLUSIVE; i++)
      add_on(all, ACTION_ALTER_TABLE, n->lock_stmt->relations[i]->range_var);
    break;
  case PG_QUERY__NODE__NODE_DO_STMT: add(all, ACTION_CODE); break;
  case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT: add_on(all, ACTION_TRIGGER, n->create_trig_stmt->relation); break;
  case PG_QUERY__NODE__NODE_UPDATE_STMT:
    add_on(all, ACTION_UPDATE, n->update_stmt->relation)->where = n->update_stmt->where_clause != NULL;
    break;
  case PG_QUERY__NODE__NODE_DELETE_STMT:
    add_on(all, ACTION_UPDATE, n->delete_stmt->relation)->where = n->delete_stmt->where_clause != NULL;
    break;
  case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
    if (n->variable_set_stmt->name && strcmp(n->variable_set_stmt->name, "lock_timeout") == 0)
      add(all, ACTION_SET_LOCK_TIMEOUT);
    break;
  default: break;
  }
}

/* ── newer than the parser ── */

static const char *word_of(const struct actions *all, const char *text, const struct sql_token *t) {
  if (t->kind == TOKEN_QUOTED)
    return arena_strndup(all->arena, text + t->from + 1, t->to - t->from - 2);
  return arena_strndup(all->arena, text + t->from, t->to - t->from);
}

/* ALTER TABLE [s.]t ADD CONSTRAINT n NOT NULL c [NOT VALID], and … SET EXPRESSION */
static void read_newer(struct actions *all, const char *text) {
  enum { MOST = 16 };
  struct sql_token t = {0}, v[MOST];
  size_t n = 0;
  while (n < MOST && sql_token_next(text, strlen(text), &t))
    v[n++] = t;
  struct sql_action *a = add(all, ACTION_UNREAD);
  if (n < 6 || !sql_token_is_word(text, &v[0], "alter") || !sql_token_is_word(text, &v[1], "table"))
    return;
  const size_t name = sql_token_is(text, &v[3], ".") ? 4 : 2;
  a->schema = name == 4 ? word_of(all, text, &v[2]) : NULL;
  a->table = word_of(all, text, &v[name]);
  const size_t add_at = name + 1;
  if (n > add_at + 5 && sql_token_is_word(text, &v[add_at], "add") &&
      sql_token_is_word(text, &v[add_at + 1], "constraint") && sql_token_is_word(text, &v[add_at + 3], "not") &&
      sql_token_is_word(text, &v[add_at + 4], "null")) {
    a->kind = ACTION_ADD_NOT_NULL;
    a->name = word_of(all, text, &v[add_at + 2]);
    a->column = word_of(all, text, &v[add_at + 5]);
    a->not_valid = sql_token_is_word(text, &v[n - 1], "valid");
  }
  for (size_t i = add_at; i + 1 < n; i++)
    if (sql_token_is_word(text, &v[i], "set") && sql_token_is_word(text, &v[i + 1], "expression"))
      a->kind = ACTION_SET_EXPRESSION;
}

static void visit(void *ctx, const struct sql_part *part, const char *one, const PgQuery__ParseResult *tree,
                  const struct sql_error *err) {
  struct actions *all = ctx;
  (void)err;
  all->from = part->from;
  all->to = part->to;
  if (tree && tree->n_stmts > 0)
    read_statement(all, tree->stmts[0]->stmt);
  else
    read_newer(all, one);
}

struct sql_action *sql_read_actions(struct arena *arena, const char *text, size_t len, size_t *count) {
  struct actions all = {.arena = arena};
  sql_each_statement(arena, text, len, visit, &all);
  *count = all.count;
  return all.v;
}
