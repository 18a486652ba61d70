#include <string.h>

#include "sql/private.h"

const PgQuery__Node *sql_only_statement(const PgQuery__ParseResult *tree, PgQuery__Node__NodeCase wanted,
                                        const char *message, struct sql_error *err) {
  if (tree->n_stmts == 1 && tree->stmts[0]->stmt->node_case == wanted)
    return tree->stmts[0]->stmt;
  const int32_t at = tree->n_stmts > 1 ? tree->stmts[1]->stmt_location : 0;
  *err = (struct sql_error){SQL_WRONG_KIND, message, at > 0 ? (uint32_t)at : 0};
  return NULL;
}

void sql_statement_refs(struct arena *a, const char *text, size_t shift, const PgQuery__Node *stmt,
                        struct sql_statement *out) {
  struct sql_refs refs = {.arena = a, .text = text, .to = (uint32_t)strlen(text), .shift = (uint32_t)shift};
  sql_refs_walk(&refs, &stmt->base);
  out->refs = sql_refs_finish(&refs, &out->ref_count);
}

bool sql_parse_query(struct sql_cache *cache, const char *text, struct sql_statement *out, struct sql_error *err) {
  static const char message[] = "not exactly one SELECT";
  struct arena *a = sql_cache_arena(cache), tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, "", text, "", err);
  const PgQuery__Node *stmt = tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_SELECT_STMT, message, err) : NULL;
  if (stmt && stmt->select_stmt->into_clause) {
    *err = (struct sql_error){SQL_WRONG_KIND, message, 0};
    stmt = NULL;
  }
  *out = (struct sql_statement){0};
  if (stmt) {
    const struct sql_script_part part = sql_statement_part(text, tree->stmts[0]);
    out->text = arena_strndup(a, text + part.from, part.to - part.from);
    out->from = part.from;
    sql_statement_refs(a, text, 0, stmt, out);
    for (size_t i = 0; i < out->ref_count; i++)
      out->refs[i].at -= part.from;
  }
  arena_release(&tree_arena);
  return stmt != NULL;
}

bool sql_parse_bounds(struct sql_cache *cache, const char *how, const char *text, struct sql_error *err) {
  struct arena *a = sql_cache_arena(cache), tree_arena = ARENA_INIT;
  const char *before = arena_printf(a, "CREATE TABLE x PARTITION OF y FOR VALUES %s (", how);
  const char *after = strcmp(how, "FROM") == 0 ? "\n) TO (0)" : "\n)";
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, text, after, err);
  const bool ok =
      tree && sql_only_statement(tree, PG_QUERY__NODE__NODE_CREATE_STMT, "not the bounds of a partition", err);
  arena_release(&tree_arena);
  return ok;
}

/* ── functions ── */

static bool is_input(const PgQuery__FunctionParameter *p) {
  return p->mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT &&
         p->mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
}

struct sql_type_name sql_type_read(struct arena *a, const PgQuery__TypeName *t) {
  const char *schema = t->n_names > 1 ? sql_tree_string(t->names[t->n_names - 2]) : NULL;
  return (struct sql_type_name){
      .schema = schema ? arena_strdup(a, schema) : NULL,
      .name = arena_strdup(a, sql_tree_string(t->names[t->n_names - 1])),
      .array = t->n_array_bounds > 0,
  };
}

static void read_returns(struct arena *a, const PgQuery__CreateFunctionStmt *f, struct sql_routine *out) {
  const size_t room = f->n_parameters + 1;
  out->returns = arena_array(a, room, sizeof *out->returns);
  for (size_t i = 0; i < f->n_parameters; i++) {
    const PgQuery__FunctionParameter *p = f->parameters[i]->function_parameter;
    if (p->mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE || !p->arg_type->n_names)
      continue;
    if (!out->return_names)
      out->return_names = arena_array(a, room, sizeof *out->return_names);
    out->return_names[out->return_count] = arena_strdup(a, p->name);
    out->returns[out->return_count++] = sql_type_read(a, p->arg_type);
  }
  if (out->return_names || !f->return_type || !f->return_type->n_names)
    return;
  out->returns[out->return_count++] = sql_type_read(a, f->return_type);
  out->returns_set = f->return_type->setof;
}

static void read_inputs(struct arena *a, const PgQuery__CreateFunctionStmt *f, struct sql_routine *out) {
  out->inputs = arena_array(a, f->n_parameters, sizeof *out->inputs);
  for (size_t i = 0; i < f->n_parameters; i++) {
    const PgQuery__FunctionParameter *p = f->parameters[i]->function_parameter;
    const PgQuery__TypeName *t = p->arg_type;
    if (is_input(p) && t->n_names)
      out->inputs[out->input_count++] = sql_type_read(a, t);
  }
}

static void read_options(struct arena *a, const PgQuery__CreateFunctionStmt *f, struct sql_routine *out) {
  for (size_t i = 0; i < f->n_options; i++) {
    const PgQuery__DefElem *d = f->options[i]->def_elem;
    if (strcmp(d->defname, "language") == 0 && d->arg && sql_tree_string(d->arg))
      out->language = arena_strdup(a, sql_tree_string(d->arg));
    out->body |= strcmp(d->defname, "as") == 0;
  }
  out->standard = f->sql_body != NULL;
  out->body |= out->standard;
}

/* SET x TO 'a', 'b': only of search_path, whose values are always quoted. */
static bool add_setting(const PgQuery__DefElem *d, struct strbuf *out) {
  const PgQuery__VariableSetStmt *set = d->arg ? d->arg->variable_set_stmt : NULL;
  if (!set || set->kind != PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE || strcmp(set->name, "search_path") != 0)
    return false;
  strbuf_adds(out, " SET search_path TO ");
  for (size_t i = 0; i < set->n_args; i++) {
    const PgQuery__AConst *value =
        set->args[i]->node_case == PG_QUERY__NODE__NODE_A_CONST ? set->args[i]->a_const : NULL;
    if (!value || value->val_case != PG_QUERY__A__CONST__VAL_SVAL)
      return false;
    strbuf_adds(out, i ? ", " : "");
    sql_literal(out, value->sval->sval);
  }
  return true;
}

/* In the order of ruleutils.c; false for what is rare or hard to print. */
static bool print_options(const PgQuery__CreateFunctionStmt *f, struct strbuf *out) {
  struct strbuf settings = STRBUF_INIT;
  const char *volatility = "", *parallel = "", *language = NULL;
  bool strict = false, definer = false, leakproof = false, window = false, known = f->sql_body == NULL;
  for (size_t i = 0; i < f->n_options && known; i++) {
    const PgQuery__DefElem *d = f->options[i]->def_elem;
    const char *word = d->arg ? sql_tree_string(d->arg) : NULL;
    const bool yes = d->arg && d->arg->node_case == PG_QUERY__NODE__NODE_BOOLEAN && d->arg->boolean->boolval;
    if (strcmp(d->defname, "language") == 0)
      language = word;
    else if (strcmp(d->defname, "volatility") == 0)
      volatility = word;
    else if (strcmp(d->defname, "parallel") == 0)
      parallel = word;
    else if (strcmp(d->defname, "strict") == 0)
      strict = yes;
    else if (strcmp(d->defname, "security") == 0)
      definer = yes;
    else if (strcmp(d->defname, "leakproof") == 0)
      leakproof = yes;
    else if (strcmp(d->defname, "window") == 0)
      window = yes;
    else
      known = strcmp(d->defname, "as") == 0 || (strcmp(d->defname, "set") == 0 && add_setting(d, &settings));
  }
  known &= language && volatility && parallel;
  if (known) {
    strbuf_adds(out, "LANGUAGE ");
    sql_ident(out, language);
    strbuf_adds(out, window ? " WINDOW" : "");
    strbuf_adds(out, strcmp(volatility, "immutable") == 0 ? " IMMUTABLE" : strcmp(volatility, "stable") == 0 ? " STABLE" : "");
    strbuf_adds(out, strcmp(parallel, "safe") == 0 ? " PARALLEL SAFE" : strcmp(parallel, "restricted") == 0 ? " PARALLEL RESTRICTED" : "");
    strbuf_addf(out, "%s%s%s%s", strict ? " STRICT" : "", definer ? " SECURITY DEFINER" : "", leakproof ? " LEAKPROOF" : "",
                settings.len ? settings.text : "");
  }
  strbuf_release(&settings);
  return known;
}

static bool is_output(const PgQuery__FunctionParameter *p) {
  return p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT ||
         p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT;
}

static void read_parameters(struct arena *a, const PgQuery__CreateFunctionStmt *f, struct sql_routine *out) {
  out->parameters = arena_array(a, f->n_parameters, sizeof *out->parameters);
  for (size_t i = 0; i < f->n_parameters; i++) {
    const PgQuery__FunctionParameter *p = f->parameters[i]->function_parameter;
    if (p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE || !p->arg_type->n_names)
      continue;
    out->defaults |= p->defexpr != NULL;
    out->parameters[out->parameter_count++] = (struct sql_parameter){
        .mode = p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT        ? "OUT "
                : p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT    ? "INOUT "
                : p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_VARIADIC ? "VARIADIC "
                                                                                    : NULL,
        .name = *p->name ? arena_strdup(a, p->name) : NULL,
        .type = sql_type_read(a, p->arg_type),
        .input = is_input(p),
        .output = is_output(p),
        .has_default = p->defexpr != NULL,
    };
  }
}

static void read_routine(struct arena *a, const char *before, const char *text, const char *after,
                         struct sql_routine *out, struct sql_error *err) {
  struct arena tree_arena = ARENA_INIT;
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, text, after, err);
  const PgQuery__Node *stmt =
      tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT, "not clauses of a function", err)
           : NULL;
  if (stmt) {
    out->statement.text = text;
    sql_statement_refs(a, text, strlen(before), stmt, &out->statement);
    read_inputs(a, stmt->create_function_stmt, out);
    read_returns(a, stmt->create_function_stmt, out);
    read_options(a, stmt->create_function_stmt, out);
    read_parameters(a, stmt->create_function_stmt, out);
    struct strbuf options = STRBUF_INIT;
    if (print_options(stmt->create_function_stmt, &options))
      out->options = strbuf_dup(&options, a);
    strbuf_release(&options);
  }
  arena_release(&tree_arena);
}

void sql_read_arguments(struct arena *a, const char *text, bool procedure, struct sql_routine *out,
                        struct sql_error *err) {
  read_routine(a, procedure ? "CREATE PROCEDURE x(" : "CREATE FUNCTION x(", text, "\n) LANGUAGE sql", out, err);
}

void sql_read_routine(struct arena *a, const char *text, bool procedure, bool atomic, struct sql_routine *out,
                      struct sql_error *err) {
  read_routine(a, procedure ? "CREATE PROCEDURE x() " : "CREATE FUNCTION x() ", text, atomic ? "\nEND" : "", out, err);
}

/* ── triggers ── */

/* Where the table goes: at the word behind the events. */
static uint32_t end_of_events(const char *text) {
  static const char *const next[] = {"on",          "from", "not",  "deferrable", "initially",
                                     "referencing", "for",  "when", "execute"};
  const size_t len = strlen(text);
  struct sql_token token = {0};
  while (sql_token_next(text, len, &token))
    for (size_t i = 0; i < ARRAY_LEN(next); i++)
      if (sql_token_is_word(text, &token, next[i]))
        return token.from;
  return (uint32_t)len;
}

const char *sql_parenthesis_behind(struct arena *a, const char *text, const char *word, uint32_t *from) {
  const size_t len = strlen(text);
  struct sql_token token = {0};
  size_t outer = 0;
  while (sql_token_next(text, len, &token) && (outer || !sql_token_is_word(text, &token, word)))
    outer += (size_t)sql_token_is(text, &token, "(") - (size_t)sql_token_is(text, &token, ")");
  if (!sql_token_next(text, len, &token))
    return NULL;
  *from = token.to;
  for (size_t depth = 1; depth && sql_token_next(text, len, &token);)
    depth += (size_t)sql_token_is(text, &token, "(") - (size_t)sql_token_is(text, &token, ")");
  return arena_strndup(a, text + *from, token.from - *from);
}

static void read_trigger(struct arena *a, const PgQuery__CreateTrigStmt *t, struct sql_trigger *out) {
  out->type = (t->row ? 1 : 0) | t->timing | t->events;
  out->constraint = t->isconstraint;
  out->deferrable = t->deferrable || t->initdeferred;
  out->deferred = t->initdeferred;
  out->columns = arena_array(a, t->n_columns, sizeof *out->columns);
  for (size_t i = 0; i < t->n_columns; i++)
    out->columns[out->column_count++] = arena_strdup(a, sql_tree_string(t->columns[i]));
  out->args = arena_array(a, t->n_args, sizeof *out->args);
  for (size_t i = 0; i < t->n_args; i++)
    out->args[out->arg_count++] = arena_strdup(a, sql_tree_string(t->args[i]));
  for (size_t i = 0; i < t->n_transition_rels; i++) {
    const PgQuery__TriggerTransition *r = t->transition_rels[i]->trigger_transition;
    *(r->is_new ? &out->new_table : &out->old_table) = arena_strdup(a, r->name);
  }
  if (t->n_funcname > 1)
    out->function_schema = arena_strdup(a, sql_tree_string(t->funcname[t->n_funcname - 2]));
  out->function = arena_strdup(a, sql_tree_string(t->funcname[t->n_funcname - 1]));
  out->table_schema = *t->relation->schemaname ? arena_strdup(a, t->relation->schemaname) : NULL;
  out->table = arena_strdup(a, t->relation->relname);
  if (t->constrrel) {
    out->from_schema = *t->constrrel->schemaname ? arena_strdup(a, t->constrrel->schemaname) : NULL;
    out->from = arena_strdup(a, t->constrrel->relname);
  }
}

bool sql_parse_trigger(struct sql_cache *cache, const char *text, bool on_table, struct sql_trigger *out,
                       struct sql_error *err) {
  static const char on[] = "ON x ";
  struct arena *a = sql_cache_arena(cache), tree_arena = ARENA_INIT;
  struct sql_token first = {0};
  const size_t len = strlen(text);
  const bool constraint = sql_token_next(text, len, &first) && sql_token_is_word(text, &first, "constraint");
  const uint32_t start = constraint ? first.to : 0, split = end_of_events(text) - start;
  const uint32_t added = on_table ? (uint32_t)sizeof on - 1 : 0;
  const char *rest = text + start;
  const char *whole = arena_printf(a, "%.*s%s%s", (int)split, rest, on_table ? on : "", rest + split);
  const char *before = constraint ? "CREATE CONSTRAINT TRIGGER x " : "CREATE TRIGGER x ";
  const PgQuery__ParseResult *tree = sql_tree_parse(a, &tree_arena, before, whole, "", err);
  const PgQuery__Node *stmt =
      tree ? sql_only_statement(tree, PG_QUERY__NODE__NODE_CREATE_TRIG_STMT, "not clauses of a trigger", err) : NULL;
  *out = (struct sql_trigger){0};
  if (stmt) {
    struct sql_statement found = {.text = whole};
    sql_statement_refs(a, whole, strlen(before), stmt, &found);
    read_trigger(a, stmt->create_trig_stmt, out);
    uint32_t from = 0;
    if (stmt->create_trig_stmt->when_clause)
      out->when.text = sql_parenthesis_behind(a, whole, "when", &from);
    out->when.from = from - added + start;
    out->when.refs = arena_array(a, found.ref_count, sizeof *out->when.refs);
    for (size_t i = 0; i < found.ref_count && out->when.text; i++)
      if (found.refs[i].at >= from && found.refs[i].at < from + strlen(out->when.text)) {
        out->when.refs[out->when.ref_count] = found.refs[i];
        out->when.refs[out->when.ref_count++].at -= from;
      }
  } else {
    err->at = (err->at > split + added ? err->at - added : err->at > split ? split : err->at) + start;
  }
  arena_release(&tree_arena);
  return stmt != NULL;
}
