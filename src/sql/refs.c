#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

/* The tables that WITH names where a message stands, innermost first. */
struct scope {
  const char *name;
  const struct scope *outer;
};

struct item {
  const ProtobufCMessage *message;
  const struct scope *scope;
  bool in_subselect;
};

/* The walk keeps its own stack, so that it needs none of the thread's. */
struct walk {
  struct sql_refs *refs;
  struct item *items;
  size_t count, cap;
  const ProtobufCMessage *parent;
  const struct scope *scope; /* of the parent's children */
  bool in_subselect;
};

static void walk_push(struct walk *w, const ProtobufCMessage *m, const struct scope *scope) {
  if (w->count == w->cap) {
    w->cap = w->cap ? 2 * w->cap : 32;
    w->items = xrealloc(w->items, w->cap * sizeof *w->items);
  }
  w->items[w->count++] = (struct item){m, scope, w->in_subselect};
}

static void refs_add(struct sql_refs *r, enum sql_ref_kind kind, const char *schema, const char *name,
                     uint32_t at) {
  if (r->count == r->cap) {
    r->cap = r->cap ? 2 * r->cap : 8;
    r->list = xrealloc(r->list, r->cap * sizeof *r->list);
  }
  r->list[r->count++] = (struct sql_ref){kind, schema && *schema ? arena_strdup(r->arena, schema) : NULL,
                                         arena_strdup(r->arena, name), at};
}

void sql_refs_take(struct sql_refs *r, const struct sql_ref *ref) {
  refs_add(r, ref->kind, ref->schema, ref->name, ref->at);
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Whether the token reads as this identifier. A name of 60 bytes and more may have been cut by the
 * parser; an escaped U&"…" is taken on trust. */
static bool token_names(const char *text, const struct sql_token *t, const char *name) {
  const size_t n = strlen(name);
  size_t i = 0;
  if (t->kind == TOKEN_QUOTED) {
    if (text[t->from] != '"')
      return true;
    const char *p = text + t->from + 1, *end = text + t->to - 1;
    for (; p < end && i < n && *p == name[i]; i++)
      p += *p == '"' ? 2 : 1;
    return i == n && (p == end || n >= 60);
  }
  if (t->kind != TOKEN_WORD)
    return false;
  while (i < n && t->from + i < t->to && lower(text[t->from + i]) == name[i])
    i++;
  return i == n && (t->from + i == t->to || n >= 60);
}

/* The place in the text of a name that the tree puts at `location`; false where it does not stand there:
 * the grammar makes up names, too (pg_catalog.int4 for int, pg_catalog.timezone for AT TIME ZONE). */
static bool is_written(const struct sql_refs *r, int32_t location, const char *name, uint32_t *at) {
  if (location < 0 || (uint32_t)location < r->shift || (uint32_t)location - r->shift >= r->to)
    return false;
  *at = (uint32_t)location - r->shift;
  struct sql_token token = {.to = *at};
  return sql_token_next(r->text, r->to, &token) && token.from == *at && token_names(r->text, &token, name);
}

/* A list of Strings as [[catalog.]schema.]name; false where it is another. */
struct name {
  const char *first, *schema, *last;
};
static bool name_read(PgQuery__Node *const *parts, size_t count, struct name *name) {
  if (count == 0)
    return false;
  for (size_t i = 0; i < count; i++)
    if (!sql_tree_string(parts[i]))
      return false;
  *name = (struct name){sql_tree_string(parts[0]), count > 1 ? sql_tree_string(parts[count - 2]) : NULL,
                        sql_tree_string(parts[count - 1])};
  return true;
}

static void add_name(struct sql_refs *r, enum sql_ref_kind kind, PgQuery__Node *const *parts, size_t count,
                     int32_t location) {
  struct name name;
  uint32_t at;
  if (name_read(parts, count, &name) && is_written(r, location, name.first, &at))
    refs_add(r, kind, name.schema, name.last, at);
}

static void add_column(struct sql_refs *r, const PgQuery__ColumnRef *c) {
  const bool star = c->n_fields && c->fields[c->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
  struct name table;
  uint32_t at;
  if (!star)
    add_name(r, SQL_REF_COLUMN, c->fields, c->n_fields, c->location);
  else if (c->n_fields == 1)
    refs_add(r, SQL_REF_STAR, NULL, "*", (uint32_t)c->location - r->shift);
  else if (name_read(c->fields, c->n_fields - 1, &table) && is_written(r, c->location, table.first, &at))
    refs_add(r, SQL_REF_STAR, table.last, "*", at);
}

static void add_relation(struct sql_refs *r, const PgQuery__RangeVar *v, const struct scope *scope) {
  const char *schema = *v->schemaname ? v->schemaname : NULL;
  const char *first = *v->catalogname ? v->catalogname : schema ? schema : v->relname;
  uint32_t at;
  for (; scope && !schema; scope = scope->outer)
    if (strcmp(scope->name, v->relname) == 0)
      return;
  if (is_written(r, v->location, first, &at))
    refs_add(r, SQL_REF_RELATION, schema, v->relname, at);
}

/* One part of a qualified name held in a literal, as Postgres' textToQualifiedNameList reads it. */
static const char *literal_name_part(struct arena *a, const char **p) {
  struct strbuf part = STRBUF_INIT;
  const char *s = *p + strspn(*p, " \t\n\r\f\v");
  if (*s == '"') {
    for (s++; *s && (*s != '"' || s[1] == '"'); s++) {
      strbuf_addc(&part, *s);
      if (*s == '"')
        s++;
    }
    if (*s != '"')
      strbuf_clear(&part);
    else
      s++;
  } else {
    for (; *s && !strchr(". \t\n\r\f\v\"", *s); s++)
      strbuf_addc(&part, lower(*s));
  }
  *p = s + strspn(s, " \t\n\r\f\v");
  const char *name = part.len ? strbuf_dup(&part, a) : NULL;
  strbuf_release(&part);
  return name;
}

/* A literal that names something: `kind` says what. */
static void add_named_literal(struct sql_refs *r, enum sql_ref_kind kind, const PgQuery__Node *literal) {
  if (literal->node_case != PG_QUERY__NODE__NODE_A_CONST ||
      literal->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
    return;
  const char *p = literal->a_const->sval->sval;
  if (strspn(p, "0123456789") == strlen(p)) /* an OID */
    return;
  const char *schema = NULL, *name = literal_name_part(r->arena, &p);
  while (name && *p == '.') {
    p++;
    schema = name;
    name = literal_name_part(r->arena, &p);
  }
  if (!name || *p || literal->a_const->location < 0 || (uint32_t)literal->a_const->location < r->shift)
    return;
  uint32_t at = (uint32_t)literal->a_const->location - r->shift;
  while (at < r->to && r->text[at] != '\'' && r->text[at] != '$') /* E'…', U&'…' */
    at++;
  refs_add(r, kind, schema, name, at);
}

static bool is_builtin(const struct name *name, const char *builtin) {
  return strcmp(name->last, builtin) == 0 && (!name->schema || strcmp(name->schema, "pg_catalog") == 0);
}

/* Functions whose first argument of several may name a configuration or dictionary. */
static bool is_text_search(const struct name *name) {
  static const char *const all[] = {"to_tsvector",          "to_tsquery",  "plainto_tsquery", "phraseto_tsquery",
                                    "websearch_to_tsquery", "ts_headline", "ts_lexize"};
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (is_builtin(name, all[i]))
      return true;
  return false;
}

static void add_function(struct walk *w, const PgQuery__FuncCall *f) {
  struct name name;
  if (!name_read(f->funcname, f->n_funcname, &name))
    return;
  add_name(w->refs, SQL_REF_FUNCTION, f->funcname, f->n_funcname, f->location);
  if (f->n_args &&
      (is_builtin(&name, "nextval") || is_builtin(&name, "currval") || is_builtin(&name, "setval")))
    add_named_literal(w->refs, SQL_REF_SEQUENCE, f->args[0]);
  if (f->n_args > 1 && is_text_search(&name))
    add_named_literal(w->refs, SQL_REF_TEXT_SEARCH, f->args[0]);
  struct sql_expr *e = w->refs->expr;
  if (!e || w->in_subselect)
    return;
  if (f->over) {
    e->has_window = true;
    return;
  }
  sql_classify_function(e, name.schema, name.last);
  e->has_aggregate |=
      f->agg_star || f->agg_distinct || f->agg_within_group || f->n_agg_order || f->agg_filter;
}

static void add_cast(struct sql_refs *r, const PgQuery__TypeCast *c) {
  struct name type;
  if (!c->arg || !c->type_name || c->type_name->n_array_bounds ||
      !name_read(c->type_name->names, c->type_name->n_names, &type))
    return;
  if (is_builtin(&type, "regclass"))
    add_named_literal(r, SQL_REF_SEQUENCE, c->arg);
  else if (is_builtin(&type, "regconfig") || is_builtin(&type, "regdictionary"))
    add_named_literal(r, SQL_REF_TEXT_SEARCH, c->arg);
}

static void add_operator(struct sql_refs *r, const PgQuery__AExpr *e) {
  struct name name;
  if (e->n_name > 1 && name_read(e->name, e->n_name, &name))
    refs_add(r, SQL_REF_OPERATOR, name.schema, name.last, (uint32_t)e->location - r->shift);
}

static void add_type(struct sql_refs *r, const PgQuery__TypeName *t) {
  if (t->pct_type) /* table.column%TYPE */
    add_name(r, SQL_REF_RELATION, t->names, t->n_names ? t->n_names - 1 : 0, t->location);
  else
    add_name(r, SQL_REF_TYPE, t->names, t->n_names, t->location);
}

/* The location is that of the word COLLATE. */
static void add_collation(struct sql_refs *r, const PgQuery__CollateClause *c) {
  struct sql_token token = {.to = (uint32_t)c->location - r->shift};
  if (c->location >= 0 && (uint32_t)c->location >= r->shift && sql_token_next(r->text, r->to, &token) &&
      sql_token_next(r->text, r->to, &token))
    add_name(r, SQL_REF_COLLATION, c->collname, c->n_collname, (int32_t)(token.from + r->shift));
}

/* The options of CREATE AGGREGATE, TYPE and OPERATOR name functions and types, and the grammar reads both as
 * types; it reads the words of storage options (fastupdate = off) so, too. */
static void add_option(struct sql_refs *r, const PgQuery__DefElem *d) {
  static const char *const types[] = {"basetype", "stype",   "mstype", "subtype", "leftarg",
                                      "rightarg", "element", "like",   "as",     "multirange_type_name"};
  static const char *const functions[] = {
      "sfunc",    "sfunc1",    "finalfunc",  "combinefunc", "serialfunc",  "deserialfunc",
      "msfunc",   "minvfunc",  "mfinalfunc", "input",       "output",      "receive",
      "send",     "typmod_in", "typmod_out", "analyze",     "subscript",   "procedure",
      "function", "restrict",  "join",       "canonical",   "subtype_diff"};
  const PgQuery__TypeName *t = d->arg->type_name;
  for (size_t i = 0; i < ARRAY_LEN(types); i++)
    if (strcmp(d->defname, types[i]) == 0)
      add_type(r, t);
  for (size_t i = 0; i < ARRAY_LEN(functions); i++)
    if (strcmp(d->defname, functions[i]) == 0)
      add_name(r, SQL_REF_FUNCTION, t->names, t->n_names, t->location);
}

/* SUPPORT name, of a function; the location is that of the word. */
static void add_support(struct sql_refs *r, const PgQuery__DefElem *d) {
  struct sql_token token = {.to = (uint32_t)d->location - r->shift};
  if (d->location >= 0 && (uint32_t)d->location >= r->shift && sql_token_next(r->text, r->to, &token) &&
      sql_token_next(r->text, r->to, &token))
    add_name(r, SQL_REF_FUNCTION, d->arg->list->items, d->arg->list->n_items, (int32_t)(token.from + r->shift));
}

/* EXECUTE FUNCTION name (…) of a trigger, to which the tree gives no place. */
static void add_trigger_function(struct sql_refs *r, PgQuery__Node *const *parts, size_t count) {
  struct sql_token token = {.to = r->from};
  bool after_execute = false;
  while (sql_token_next(r->text, r->to, &token)) {
    const bool function =
        sql_token_is_word(r->text, &token, "function") || sql_token_is_word(r->text, &token, "procedure");
    if (after_execute && function) {
      if (sql_token_next(r->text, r->to, &token))
        add_name(r, SQL_REF_FUNCTION, parts, count, (int32_t)(token.from + r->shift));
      return;
    }
    after_execute = sql_token_is_word(r->text, &token, "execute");
  }
}

static const struct scope *scope_add(struct walk *w, const struct scope *outer, const char *name) {
  struct scope *s = arena_alloc(w->refs->arena, sizeof *s);
  *s = (struct scope){name, outer};
  return s;
}

/* Pushes the queries of a WITH, each with the names that it sees; returns what the statement sees. */
static const struct scope *walk_with(struct walk *w, const PgQuery__WithClause *with,
                                     const struct scope *scope) {
  const struct scope *all = scope;
  for (size_t i = 0; i < with->n_ctes; i++)
    all = scope_add(w, all, with->ctes[i]->common_table_expr->ctename);
  for (size_t i = 0; i < with->n_ctes; i++) {
    const PgQuery__CommonTableExpr *cte = with->ctes[i]->common_table_expr;
    if (cte->ctequery)
      walk_push(w, &cte->ctequery->base, with->recursive ? all : scope);
    scope = scope_add(w, scope, cte->ctename);
  }
  return all;
}

static const PgQuery__WithClause *with_of(const ProtobufCMessage *m) {
  const ProtobufCMessageDescriptor *d = m->descriptor;
  if (d == &pg_query__select_stmt__descriptor)
    return ((const PgQuery__SelectStmt *)m)->with_clause;
  if (d == &pg_query__insert_stmt__descriptor)
    return ((const PgQuery__InsertStmt *)m)->with_clause;
  if (d == &pg_query__update_stmt__descriptor)
    return ((const PgQuery__UpdateStmt *)m)->with_clause;
  if (d == &pg_query__delete_stmt__descriptor)
    return ((const PgQuery__DeleteStmt *)m)->with_clause;
  if (d == &pg_query__merge_stmt__descriptor)
    return ((const PgQuery__MergeStmt *)m)->with_clause;
  return NULL;
}

static void walk_child(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child) {
  struct walk *w = ctx;
  const ProtobufCMessageDescriptor *d = child->descriptor;
  if (d == &pg_query__with_clause__descriptor)
    return; /* walk_with has pushed it */
  /* what a statement writes to is never a name of its WITH */
  const bool target = field && d == &pg_query__range_var__descriptor && strcmp(field->name, "relation") == 0;
  walk_push(w, child, target ? NULL : w->scope);
}

static void walk_visit(struct walk *w, const ProtobufCMessage *m) {
  const ProtobufCMessageDescriptor *d = m->descriptor;
  struct sql_refs *r = w->refs;
  if (d == &pg_query__column_ref__descriptor) {
    add_column(r, (const PgQuery__ColumnRef *)m);
  } else if (d == &pg_query__func_call__descriptor) {
    add_function(w, (const PgQuery__FuncCall *)m);
  } else if (d == &pg_query__a__expr__descriptor) {
    add_operator(r, (const PgQuery__AExpr *)m);
  } else if (d == &pg_query__type_name__descriptor) {
    add_type(r, (const PgQuery__TypeName *)m);
  } else if (d == &pg_query__type_cast__descriptor) {
    add_cast(r, (const PgQuery__TypeCast *)m);
  } else if (d == &pg_query__range_var__descriptor) {
    add_relation(r, (const PgQuery__RangeVar *)m, w->scope);
  } else if (d == &pg_query__collate_clause__descriptor) {
    add_collation(r, (const PgQuery__CollateClause *)m);
  } else if (d == &pg_query__create_trig_stmt__descriptor) {
    const PgQuery__CreateTrigStmt *t = (const PgQuery__CreateTrigStmt *)m;
    add_trigger_function(r, t->funcname, t->n_funcname);
  } else if (d == &pg_query__create_event_trig_stmt__descriptor) {
    const PgQuery__CreateEventTrigStmt *t = (const PgQuery__CreateEventTrigStmt *)m;
    add_trigger_function(r, t->funcname, t->n_funcname);
  } else if (d == &pg_query__def_elem__descriptor) {
    const PgQuery__DefElem *e = (const PgQuery__DefElem *)m;
    if (e->arg && e->arg->node_case == PG_QUERY__NODE__NODE_TYPE_NAME) {
      add_option(r, e);
      return;
    }
    if (e->arg && e->arg->node_case == PG_QUERY__NODE__NODE_LIST && strcmp(e->defname, "support") == 0)
      add_support(r, e);
  } else if (d == &pg_query__grouping_func__descriptor) {
    if (r->expr && !w->in_subselect)
      r->expr->has_aggregate = true;
  } else if (d == &pg_query__select_stmt__descriptor) {
    if (r->expr)
      r->expr->has_subselect = true;
    w->in_subselect = true;
  }
  const PgQuery__WithClause *with = with_of(m);
  if (with)
    w->scope = walk_with(w, with, w->scope);
  sql_tree_children(m, walk_child, w);
}

void sql_refs_walk(struct sql_refs *r, const ProtobufCMessage *root) {
  struct walk walk = {.refs = r};
  walk_push(&walk, root, NULL);
  while (walk.count) {
    const struct item item = walk.items[--walk.count];
    walk.scope = item.scope;
    walk.in_subselect = item.in_subselect;
    walk_visit(&walk, item.message);
  }
  free(walk.items);
}

static int compare(const void *a, const void *b) {
  const struct sql_ref *x = a, *y = b;
  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  return (int)x->kind - (int)y->kind;
}

struct sql_ref *sql_refs_finish(struct sql_refs *r, size_t *count) {
  struct sql_ref *out = arena_array(r->arena, r->count, sizeof *out);
  size_t n = 0;
  if (r->count)
    qsort(r->list, r->count, sizeof *r->list, compare);
  for (size_t i = 0; i < r->count; i++) /* the grammar copies some nodes */
    if (n == 0 || compare(&out[n - 1], &r->list[i]) != 0)
      out[n++] = r->list[i];
  free(r->list);
  *count = n;
  return out;
}
