/* Queries that are one but for the order of their columns. */
#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

static const uint8_t *packed(struct arena *arena, const ProtobufCMessage *m, size_t *size) {
  *size = protobuf_c_message_get_packed_size(m);
  uint8_t *bytes = arena_alloc(arena, *size + 1);
  protobuf_c_message_pack(m, bytes);
  return bytes;
}

struct column {
  PgQuery__Node *node;
  const uint8_t *bytes;
  size_t size;
};

static int by_bytes(const void *a, const void *b) {
  const struct column *x = a, *y = b;
  const int order = memcmp(x->bytes, y->bytes, x->size < y->size ? x->size : y->size);
  return order ? order : (x->size > y->size) - (x->size < y->size);
}

static void sort_columns(struct arena *arena, PgQuery__SelectStmt *s) {
  struct column *columns = arena_array(arena, s->n_target_list + 1, sizeof *columns);
  for (size_t i = 0; i < s->n_target_list; i++) {
    columns[i].node = s->target_list[i];
    columns[i].bytes = packed(arena, &s->target_list[i]->base, &columns[i].size);
  }
  qsort(columns, s->n_target_list, sizeof *columns, by_bytes);
  for (size_t i = 0; i < s->n_target_list; i++)
    s->target_list[i] = columns[i].node;
}

/* Places in the text are none of the query's. */
static void forget_places(void *unused, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child) {
  ProtobufCMessage *m = (ProtobufCMessage *)(uintptr_t)child;
  (void)field;
  sql_tree_children(m, forget_places, unused);
  for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    const char *end = strstr(f->name, "location");
    if (end && strcmp(end, "location") == 0 && f->type == PROTOBUF_C_TYPE_INT32)
      *(int32_t *)((char *)m + f->offset) = 0;
  }
}

/* Where columns are told apart by their place, in what is compared with rows and in the arms of a UNION, order stays. */
static bool goes_by_place(const ProtobufCMessage *m) {
  return m->descriptor == &pg_query__sub_link__descriptor ||
         (m->descriptor == &pg_query__select_stmt__descriptor && ((const PgQuery__SelectStmt *)m)->larg);
}

/* Nor is what else rows of a function had one of the query's. */
static void settle(void *arena, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child) {
  ProtobufCMessage *m = (ProtobufCMessage *)(uintptr_t)child;
  (void)field;
  if (goes_by_place(m))
    return;
  sql_tree_children(m, settle, arena);
  if (m->descriptor == &pg_query__select_stmt__descriptor)
    sort_columns(arena, (PgQuery__SelectStmt *)m);
  if (m->descriptor == &pg_query__range_function__descriptor && ((PgQuery__RangeFunction *)m)->alias)
    ((PgQuery__RangeFunction *)m)->alias->n_colnames = 0;
}

static const uint8_t *settled(struct arena *arena, const char *query, size_t *size) {
  struct sql_error error;
  const PgQuery__ParseResult *tree = sql_tree_parse(arena, arena, "", query, "", &error);
  if (!tree || tree->n_stmts != 1)
    return NULL;
  forget_places(NULL, NULL, &tree->stmts[0]->stmt->base);
  settle(arena, NULL, &tree->stmts[0]->stmt->base);
  return packed(arena, &tree->stmts[0]->stmt->base, size);
}

bool sql_same_but_for_order(const char *a, const char *b) {
  struct arena arena = ARENA_INIT;
  size_t n, m;
  const uint8_t *one = settled(&arena, a, &n), *other = one ? settled(&arena, b, &m) : NULL;
  const bool same = other && n == m && memcmp(one, other, n) == 0;
  arena_release(&arena);
  return same;
}
