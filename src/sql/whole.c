/* Whole rows among what a query gives. */
#include <string.h>

#include "sql/private.h"

struct whole {
  struct arena *arena;
  const char **sources, **columns; /* what rows are of; names that stand alone */
  size_t source_count, source_room, column_count, column_room;
  const PgQuery__Node **reads; /* calls that are read from, or of which a field is */
  size_t read_count, read_room;
  const char *of;
  bool found;
};

static void add_source(struct whole *w, const char *name, const PgQuery__Alias *alias) {
  if (!name && !alias)
    return;
  w->sources = arena_grow(w->arena, w->sources, w->source_count, &w->source_room, sizeof *w->sources);
  w->sources[w->source_count++] = alias ? alias->aliasname : name;
}

static void add_column(struct whole *w, const PgQuery__ColumnRef *c) {
  const char *name = c->n_fields == 1 ? sql_tree_string(c->fields[0]) : NULL;
  if (!name)
    return;
  w->columns = arena_grow(w->arena, w->columns, w->column_count, &w->column_room, sizeof *w->columns);
  w->columns[w->column_count++] = name;
}

/* As Postgres prints a row: x.*::t. */
static bool is_printed_row(const PgQuery__TypeCast *cast) {
  const PgQuery__Node *of = cast->arg;
  if (!of || of->node_case != PG_QUERY__NODE__NODE_COLUMN_REF || of->column_ref->n_fields < 2)
    return false;
  return of->column_ref->fields[of->column_ref->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
}

static void add_read(struct whole *w, const PgQuery__Node *call) {
  if (!call || call->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
    return;
  w->reads = arena_grow(w->arena, w->reads, w->read_count, &w->read_room, sizeof *w->reads);
  w->reads[w->read_count++] = call;
}

static const char *last_name(size_t n, PgQuery__Node *const *names) {
  return n ? sql_tree_string(names[n - 1]) : NULL;
}

static bool is_named(const struct whole *w, const char *name) {
  return w->of && name && strcmp(name, w->of) == 0;
}

/* f() x: rows of a function, by whatever name. */
static void add_functions(struct whole *w, const PgQuery__RangeFunction *from) {
  const char *name = NULL;
  for (size_t i = 0; i < from->n_functions; i++) {
    const PgQuery__Node *each = from->functions[i];
    if (each->node_case != PG_QUERY__NODE__NODE_LIST || !each->list->n_items)
      continue;
    each = each->list->items[0];
    add_read(w, each);
    if (each->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
      name = last_name(each->func_call->n_funcname, each->func_call->funcname);
  }
  add_source(w, name, from->alias);
}

static bool is_value(const struct whole *w, const PgQuery__FuncCall *call) {
  for (size_t i = 0; i < w->read_count; i++)
    if (w->reads[i]->func_call == call)
      return false;
  return is_named(w, last_name(call->n_funcname, call->funcname));
}

static void look(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  struct whole *w = ctx;
  (void)field;
  if (m->descriptor == &pg_query__range_var__descriptor)
    add_source(w, ((const PgQuery__RangeVar *)m)->relname, ((const PgQuery__RangeVar *)m)->alias);
  else if (m->descriptor == &pg_query__range_function__descriptor)
    add_functions(w, (const PgQuery__RangeFunction *)m);
  else if (m->descriptor == &pg_query__a__indirection__descriptor)
    add_read(w, ((const PgQuery__AIndirection *)m)->arg);
  else if (m->descriptor == &pg_query__func_call__descriptor)
    w->found |= is_value(w, (const PgQuery__FuncCall *)m);
  else if (m->descriptor == &pg_query__type_name__descriptor)
    w->found |= is_named(w, last_name(((const PgQuery__TypeName *)m)->n_names, ((const PgQuery__TypeName *)m)->names));
  else if (m->descriptor == &pg_query__column_ref__descriptor)
    add_column(w, (const PgQuery__ColumnRef *)m);
  else if (m->descriptor == &pg_query__type_cast__descriptor)
    w->found |= is_printed_row((const PgQuery__TypeCast *)m);
  sql_tree_children(m, look, w);
}

bool sql_gives_rows(const char *query, const char *of) {
  struct arena arena = ARENA_INIT;
  struct sql_error error;
  const PgQuery__ParseResult *tree = sql_tree_parse(&arena, &arena, "", query, "", &error);
  struct whole w = {.arena = &arena, .of = of, .found = !tree};
  if (tree)
    look(&w, NULL, &tree->base);
  for (size_t i = 0; i < w.column_count; i++)
    for (size_t k = 0; k < w.source_count; k++)
      w.found |= strcmp(w.columns[i], w.sources[k]) == 0;
  arena_release(&arena);
  return w.found;
}
