/* Whole rows among what a query gives. */
#include <string.h>

#include "sql/private.h"

struct whole {
  struct arena *arena;
  const char **sources, **columns; /* what rows are of; names that stand alone */
  size_t source_count, source_room, column_count, column_room;
  bool found;
};

static void add_source(struct whole *w, const char *name, const PgQuery__Alias *alias) {
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

static void look(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  struct whole *w = ctx;
  (void)field;
  if (m->descriptor == &pg_query__range_var__descriptor)
    add_source(w, ((const PgQuery__RangeVar *)m)->relname, ((const PgQuery__RangeVar *)m)->alias);
  else if (m->descriptor == &pg_query__range_function__descriptor && ((const PgQuery__RangeFunction *)m)->alias)
    add_source(w, NULL, ((const PgQuery__RangeFunction *)m)->alias);
  else if (m->descriptor == &pg_query__column_ref__descriptor)
    add_column(w, (const PgQuery__ColumnRef *)m);
  else if (m->descriptor == &pg_query__type_cast__descriptor)
    w->found |= is_printed_row((const PgQuery__TypeCast *)m);
  sql_tree_children(m, look, w);
}

bool sql_gives_rows(const char *query) {
  struct arena arena = ARENA_INIT;
  struct sql_error error;
  const PgQuery__ParseResult *tree = sql_tree_parse(&arena, &arena, "", query, "", &error);
  struct whole w = {.arena = &arena, .found = !tree};
  if (tree)
    look(&w, NULL, &tree->base);
  for (size_t i = 0; i < w.column_count; i++)
    for (size_t k = 0; k < w.source_count; k++)
      w.found |= strcmp(w.columns[i], w.sources[k]) == 0;
  arena_release(&arena);
  return w.found;
}
