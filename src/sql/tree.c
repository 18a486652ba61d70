#include <pg_query.h>
#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

int sql_parser_version(void) {
  return PG_VERSION_NUM / 10000;
}

/* Postgres counts characters from 1; 0 is no place. */
static uint32_t byte_offset(const char *text, size_t len, int position) {
  size_t at = 0;
  for (int i = 1; i < position && at < len; i++)
    at += utf8_step(text + at, len - at);
  return (uint32_t)at;
}

static bool starts_with(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Speaks of the text alone, not of what was put around it. */
static void place_error(struct arena *a, const PgQueryError *e, const struct strbuf *whole,
                        const char *before, const char *text, const char *after, struct sql_error *err) {
  const size_t before_len = strlen(before), text_len = strlen(text), after_len = strlen(after);
  uint32_t at = byte_offset(whole->text, whole->len, e->cursorpos);
  at = at > before_len ? at - (uint32_t)before_len : 0;
  err->why = SQL_SYNTAX;
  if (at >= text_len && starts_with(e->message, "syntax error at ")) {
    err->message = "syntax error at end of input";
  } else if (starts_with(e->message, "memory exhausted")) {
    err->why = SQL_TOO_DEEP;
    err->message = "SQL is nested too deeply";
  } else {
    /* an unterminated quote or comment is cited to the very end */
    const size_t n = strlen(e->message);
    const bool cited = after_len && n > after_len + 1 && e->message[n - 1] == '"' &&
                       memcmp(e->message + n - 1 - after_len, after, after_len) == 0;
    err->message =
        cited ? arena_printf(a, "%.*s\"", (int)(n - 1 - after_len), e->message) : arena_strdup(a, e->message);
  }
  err->at = at < text_len ? at : (uint32_t)text_len;
}

static void *tree_alloc(void *arena, size_t size) {
  return arena_alloc(arena, size);
}

static void tree_free(void *arena, void *memory) {
  (void)arena, (void)memory; /* goes with the arena */
}

const PgQuery__ParseResult *sql_tree_parse(struct arena *a, struct arena *tree_arena, const char *before,
                                           const char *text, const char *after, struct sql_error *err) {
  if (!sql_within_bounds(text, err))
    return NULL;
  ProtobufCAllocator allocator = {tree_alloc, tree_free, tree_arena};
  struct strbuf whole = STRBUF_INIT;
  strbuf_adds(&whole, before);
  strbuf_adds(&whole, text);
  strbuf_adds(&whole, after);
  PgQueryProtobufParseResult packed = pg_query_parse_protobuf(whole.text);
  PgQuery__ParseResult *tree = NULL;
  if (packed.error) {
    place_error(a, packed.error, &whole, before, text, after, err);
  } else {
    tree = pg_query__parse_result__unpack(&allocator, packed.parse_tree.len,
                                          (const uint8_t *)packed.parse_tree.data);
    if (!tree) /* protobuf-c cannot read what libpg_query packed */
      *err = (struct sql_error){SQL_TOO_LARGE, "SQL text cannot be parsed: its tree does not unpack", 0};
  }
  pg_query_free_protobuf_parse_result(packed);
  strbuf_release(&whole);
  return tree;
}

/* A field of a message, by protobuf-c's reflection. */
static const void *field_at(const ProtobufCMessage *m, unsigned offset) {
  return (const char *)m + offset;
}

static size_t field_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f) {
  return *(const size_t *)field_at(m, f->quantifier_offset);
}

static bool in_use(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f) {
  return !(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
         *(const uint32_t *)field_at(m, f->quantifier_offset) == f->id;
}

void sql_tree_children(const ProtobufCMessage *m, sql_tree_visit *visit, void *ctx) {
  if (m->descriptor == &pg_query__node__descriptor) {
    /* one of some 240 kinds, all of them pointers to a message in the same place */
    const PgQuery__Node *node = (const PgQuery__Node *)m;
    if (node->node_case != PG_QUERY__NODE__NODE__NOT_SET)
      visit(ctx, NULL, (const ProtobufCMessage *)node->alias);
    return;
  }
  for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    if (f->type != PROTOBUF_C_TYPE_MESSAGE || !in_use(m, f))
      continue;
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
      ProtobufCMessage *const *list = *(ProtobufCMessage *const *const *)field_at(m, f->offset);
      for (size_t n = field_count(m, f), k = 0; k < n; k++)
        visit(ctx, f, list[k]);
    } else {
      const ProtobufCMessage *child = *(ProtobufCMessage *const *)field_at(m, f->offset);
      if (child)
        visit(ctx, f, child);
    }
  }
}

static bool is_filled(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f) {
  if (f->label == PROTOBUF_C_LABEL_REPEATED)
    return field_count(m, f) > 0;
  if (f->type == PROTOBUF_C_TYPE_MESSAGE)
    return in_use(m, f) && *(ProtobufCMessage *const *)field_at(m, f->offset);
  if (f->type == PROTOBUF_C_TYPE_STRING) {
    const char *text = *(char *const *)field_at(m, f->offset);
    return text && *text;
  }
  return false;
}

bool sql_tree_has_only(const ProtobufCMessage *m, const char *const *fields, size_t count) {
  for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
    bool expected = false;
    for (size_t k = 0; k < count; k++)
      expected |= strcmp(f->name, fields[k]) == 0;
    if (!expected && is_filled(m, f))
      return false;
  }
  return true;
}

const char *sql_tree_string(const PgQuery__Node *node) {
  return node->node_case == PG_QUERY__NODE__NODE_STRING ? node->string->sval : NULL;
}

void sql_each_statement(struct arena *arena, const char *text, size_t len, sql_visit_statement *visit, void *ctx) {
  size_t count;
  const struct sql_part *part = sql_split(arena, text, len, &count);
  for (size_t i = 0; i < count; i++) {
    if (part[i].kind == SQL_PART_META)
      continue;
    struct arena tree_arena = ARENA_INIT;
    struct sql_error err = {0};
    const char *one = arena_strndup(arena, text + part[i].from, part[i].to - part[i].from);
    visit(ctx, &part[i], one, sql_tree_parse(arena, &tree_arena, "", one, "", &err), &err);
    arena_release(&tree_arena);
  }
}
