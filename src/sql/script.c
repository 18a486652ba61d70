#include <string.h>

#include "sql/private.h"

struct sql_script_part sql_statement_part(const char *text, const PgQuery__RawStmt *stmt) {
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

static void add_made(struct arena *a, struct sql_script *out, const char *schema, const char *name) {
  out->made[out->made_count++] =
      (struct sql_made){.schema = schema && *schema ? arena_strdup(a, schema) : NULL, .name = arena_strdup(a, name)};
}

static void add_named(struct arena *a, struct sql_script *out, PgQuery__Node *const *names, size_t count) {
  if (count > 0)
    add_made(a, out, count > 1 ? sql_tree_string(names[count - 2]) : NULL, sql_tree_string(names[count - 1]));
}

/* What is temporary is gone with the session. */
static void add_relation(struct arena *a, struct sql_script *out, const PgQuery__RangeVar *relation) {
  if (strcmp(relation->relpersistence, "t") != 0)
    add_made(a, out, relation->schemaname, relation->relname);
}

/* So is what the script itself takes away. */
static void take_dropped(struct sql_script *out, const PgQuery__DropStmt *drop) {
  for (size_t i = 0; i < drop->n_objects; i++) {
    const PgQuery__List *names =
        drop->objects[i]->node_case == PG_QUERY__NODE__NODE_LIST ? drop->objects[i]->list : NULL;
    const char *name = names && names->n_items ? sql_tree_string(names->items[names->n_items - 1]) : NULL;
    size_t kept = 0;
    for (size_t k = 0; k < out->made_count; k++)
      if (!name || !out->made[k].name || out->made[k].table || strcmp(out->made[k].name, name) != 0)
        out->made[kept++] = out->made[k];
    out->made_count = kept;
  }
}

/* ── names that the server chooses ── */

static void add_part(struct strbuf *name, const char *part) {
  strbuf_addf(name, "%s%s", name->len ? "_" : "", part);
}

static void add_columns(struct strbuf *name, PgQuery__Node *const *columns, size_t count) {
  for (size_t i = 0; i < count; i++)
    add_part(name, sql_tree_string(columns[i]));
}

static void add_keys(struct strbuf *name, PgQuery__Node *const *keys, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const PgQuery__IndexElem *key = keys[i]->index_elem;
    const PgQuery__FuncCall *call =
        key->expr && key->expr->node_case == PG_QUERY__NODE__NODE_FUNC_CALL ? key->expr->func_call : NULL;
    add_part(name, *key->name ? key->name : call ? sql_tree_string(call->funcname[call->n_funcname - 1]) : "expr");
  }
}

/* The only column that it speaks of; NULL: none, "": several. */
static void find_column(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  (void)field;
  const char **found = ctx;
  const PgQuery__ColumnRef *ref =
      m->descriptor == &pg_query__column_ref__descriptor ? (const PgQuery__ColumnRef *)(const void *)m : NULL;
  const char *name = ref ? sql_tree_string(ref->fields[ref->n_fields - 1]) : NULL;
  if (name)
    *found = *found && strcmp(*found, name) != 0 ? "" : name;
  sql_tree_children(m, find_column, ctx);
}

/* A name of its own, or as it will be called; of `column`, or of the table. */
static void add_constraint(struct arena *a, struct sql_script *out, const PgQuery__RangeVar *table, const char *column,
                           const PgQuery__Constraint *k) {
  struct strbuf name = STRBUF_INIT;
  const char *label = NULL, *only = NULL;
  strbuf_adds(&name, table->relname);
  switch (k->contype) {
  case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY: label = "pkey"; break;
  case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
    add_columns(&name, k->keys, k->n_keys);
    label = "key";
    break;
  case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
    add_columns(&name, k->fk_attrs, k->n_fk_attrs);
    label = "fkey";
    break;
  case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
    find_column(&only, NULL, &k->raw_expr->base);
    if (only && *only)
      add_part(&name, only);
    label = "check";
    break;
  case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
    for (size_t i = 0; i < k->n_exclusions; i++)
      add_keys(&name, &k->exclusions[i]->list->items[0], 1);
    label = "excl";
    break;
  default: break;
  }
  if (column && label && k->contype != PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY &&
      k->contype != PG_QUERY__CONSTR_TYPE__CONSTR_CHECK)
    add_part(&name, column);
  if (label) {
    add_part(&name, label);
    add_made(a, out, table->schemaname, *k->conname ? k->conname : name.text);
  }
  strbuf_release(&name);
}

static void add_index(struct arena *a, struct sql_script *out, const PgQuery__IndexStmt *index) {
  struct strbuf name = STRBUF_INIT;
  strbuf_adds(&name, index->relation->relname);
  add_keys(&name, index->index_params, index->n_index_params);
  add_part(&name, "idx");
  add_made(a, out, index->relation->schemaname, *index->idxname ? index->idxname : name.text);
  strbuf_release(&name);
}

static void alter_table(struct arena *a, struct sql_script *out, const PgQuery__AlterTableStmt *alter) {
  for (size_t i = 0; i < alter->n_cmds; i++) {
    const PgQuery__Node *def = alter->cmds[i]->alter_table_cmd->def;
    if (def && def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT)
      add_constraint(a, out, alter->relation, NULL, def->constraint);
    if (!def || def->node_case != PG_QUERY__NODE__NODE_COLUMN_DEF ||
        alter->cmds[i]->alter_table_cmd->subtype != PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn)
      continue;
    const PgQuery__ColumnDef *column = def->column_def;
    add_made(a, out, alter->relation->schemaname, column->colname);
    out->made[out->made_count - 1].table = arena_strdup(a, alter->relation->relname);
    for (size_t k = 0; k < column->n_constraints; k++)
      add_constraint(a, out, alter->relation, column->colname, column->constraints[k]->constraint);
  }
}

/* ── what has no name ── */

static void add_types(struct arena *a, struct sql_script *out, const PgQuery__TypeName *first,
                      const PgQuery__TypeName *second, const char *language) {
  struct sql_type_name *types = arena_array(a, 2, sizeof *types);
  types[0] = sql_type_read(a, first);
  if (second)
    types[1] = sql_type_read(a, second);
  out->made[out->made_count++] =
      (struct sql_made){.types = types, .language = language ? arena_strdup(a, language) : NULL};
}

static void add_mapping(struct arena *a, struct sql_script *out, const PgQuery__CreateUserMappingStmt *mapping) {
  struct strbuf name = STRBUF_INIT;
  if (mapping->user->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING)
    sql_ident(&name, mapping->user->rolename);
  else
    strbuf_adds(&name, "PUBLIC");
  strbuf_adds(&name, " SERVER ");
  sql_ident(&name, mapping->servername);
  add_made(a, out, NULL, name.text);
  strbuf_release(&name);
}

/* ── statements ── */

/* How many names a statement can make. */
static size_t names_made(const PgQuery__Node *stmt) {
  size_t count = 1;
  if (stmt->node_case != PG_QUERY__NODE__NODE_ALTER_TABLE_STMT)
    return count;
  for (size_t i = 0; i < stmt->alter_table_stmt->n_cmds; i++) {
    const PgQuery__Node *def = stmt->alter_table_stmt->cmds[i]->alter_table_cmd->def;
    count += 1 + (def && def->node_case == PG_QUERY__NODE__NODE_COLUMN_DEF ? def->column_def->n_constraints : 0);
  }
  return count;
}

/* What belongs to a table is named with its schema. */
static void read_made(struct arena *a, const PgQuery__Node *stmt, struct sql_script *out) {
  switch (stmt->node_case) {
  case PG_QUERY__NODE__NODE_CREATE_STMT: add_relation(a, out, stmt->create_stmt->relation); break;
  case PG_QUERY__NODE__NODE_CREATE_FOREIGN_TABLE_STMT:
    add_relation(a, out, stmt->create_foreign_table_stmt->base_stmt->relation);
    break;
  case PG_QUERY__NODE__NODE_VIEW_STMT: add_relation(a, out, stmt->view_stmt->view); break;
  case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT: add_relation(a, out, stmt->create_table_as_stmt->into->rel); break;
  case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT: add_relation(a, out, stmt->create_seq_stmt->sequence); break;
  case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT: add_relation(a, out, stmt->composite_type_stmt->typevar); break;
  case PG_QUERY__NODE__NODE_INDEX_STMT: add_index(a, out, stmt->index_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
    add_made(a, out, stmt->create_trig_stmt->relation->schemaname, stmt->create_trig_stmt->trigname);
    break;
  case PG_QUERY__NODE__NODE_RULE_STMT:
    add_made(a, out, stmt->rule_stmt->relation->schemaname, stmt->rule_stmt->rulename);
    break;
  case PG_QUERY__NODE__NODE_CREATE_POLICY_STMT:
    add_made(a, out, stmt->create_policy_stmt->table->schemaname, stmt->create_policy_stmt->policy_name);
    break;
  case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
    add_named(a, out, stmt->create_function_stmt->funcname, stmt->create_function_stmt->n_funcname);
    break;
  case PG_QUERY__NODE__NODE_DEFINE_STMT:
    add_named(a, out, stmt->define_stmt->defnames, stmt->define_stmt->n_defnames);
    break;
  case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
    add_named(a, out, stmt->create_enum_stmt->type_name, stmt->create_enum_stmt->n_type_name);
    break;
  case PG_QUERY__NODE__NODE_CREATE_RANGE_STMT:
    add_named(a, out, stmt->create_range_stmt->type_name, stmt->create_range_stmt->n_type_name);
    break;
  case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
    add_named(a, out, stmt->create_domain_stmt->domainname, stmt->create_domain_stmt->n_domainname);
    break;
  case PG_QUERY__NODE__NODE_CREATE_STATS_STMT:
    add_named(a, out, stmt->create_stats_stmt->defnames, stmt->create_stats_stmt->n_defnames);
    break;
  case PG_QUERY__NODE__NODE_CREATE_OP_CLASS_STMT:
    add_named(a, out, stmt->create_op_class_stmt->opclassname, stmt->create_op_class_stmt->n_opclassname);
    break;
  case PG_QUERY__NODE__NODE_CREATE_OP_FAMILY_STMT:
    add_named(a, out, stmt->create_op_family_stmt->opfamilyname, stmt->create_op_family_stmt->n_opfamilyname);
    break;
  case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT: alter_table(a, out, stmt->alter_table_stmt); break;
  case PG_QUERY__NODE__NODE_DROP_STMT: take_dropped(out, stmt->drop_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_EVENT_TRIG_STMT:
    add_made(a, out, NULL, stmt->create_event_trig_stmt->trigname);
    break;
  case PG_QUERY__NODE__NODE_CREATE_FDW_STMT: add_made(a, out, NULL, stmt->create_fdw_stmt->fdwname); break;
  case PG_QUERY__NODE__NODE_CREATE_FOREIGN_SERVER_STMT:
    add_made(a, out, NULL, stmt->create_foreign_server_stmt->servername);
    break;
  case PG_QUERY__NODE__NODE_CREATE_PLANG_STMT: add_made(a, out, NULL, stmt->create_plang_stmt->plname); break;
  case PG_QUERY__NODE__NODE_CREATE_AM_STMT: add_made(a, out, NULL, stmt->create_am_stmt->amname); break;
  case PG_QUERY__NODE__NODE_CREATE_CONVERSION_STMT:
    add_named(a, out, stmt->create_conversion_stmt->conversion_name, stmt->create_conversion_stmt->n_conversion_name);
    break;
  case PG_QUERY__NODE__NODE_CREATE_USER_MAPPING_STMT: add_mapping(a, out, stmt->create_user_mapping_stmt); break;
  case PG_QUERY__NODE__NODE_CREATE_CAST_STMT:
    add_types(a, out, stmt->create_cast_stmt->sourcetype, stmt->create_cast_stmt->targettype, NULL);
    break;
  case PG_QUERY__NODE__NODE_CREATE_TRANSFORM_STMT:
    add_types(a, out, stmt->create_transform_stmt->type_name, NULL, stmt->create_transform_stmt->lang);
    break;
  case PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT:
    add_made(a, out, NULL, stmt->create_publication_stmt->pubname);
    break;
  default: break;
  }
}

static bool read_statements(struct arena *a, const char *text, const PgQuery__ParseResult *tree,
                            struct sql_script *out, struct sql_error *err) {
  struct sql_refs refs = {.arena = a, .text = text};
  if (tree->n_stmts == 0)
    *err = (struct sql_error){SQL_WRONG_KIND, "there is no statement", 0};
  out->parts = arena_array(a, tree->n_stmts, sizeof *out->parts);
  size_t room = 0;
  for (size_t i = 0; i < tree->n_stmts; i++)
    room += names_made(tree->stmts[i]->stmt);
  out->made = arena_array(a, room, sizeof *out->made);
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

bool sql_read_script(struct arena *a, const char *text, struct sql_script *out, struct sql_error *err) {
  struct arena tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, "", text, "", err);
  const bool read = tree && read_statements(a, text, tree, out, err);
  arena_release(&tree_arena);
  return read;
}
