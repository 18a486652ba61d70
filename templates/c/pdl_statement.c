/* pdl_statement.c: the SQL of each operation, made once, and the statements that a session keeps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdl_private.h"

/* ── text ── */

struct builder {
  struct pdl_buf sql;
  const struct pdl_call *call;
  struct pdl_param *params;
  int count, cap;
  bool failed;
};

static void add(struct builder *b, const char *text) {
  pdl_buf_adds(&b->sql, text);
}

/* $1 with the casts that its column needs. */
static void add_param(struct builder *b, const struct pdl_column *column, enum pdl_from from, unsigned arg) {
  char number[16];
  const char *many = from == PDL_FROM_ROWS ? "[]" : "";
  if (b->count == b->cap) {
    const int cap = b->cap ? b->cap * 2 : 8;
    struct pdl_param *grown = (struct pdl_param *)realloc(b->params, (size_t)cap * sizeof *grown);
    if (!grown) {
      b->failed = true;
      return;
    }
    b->params = grown;
    b->cap = cap;
  }
  struct pdl_param *p = &b->params[b->count++];
  memset(p, 0, sizeof *p);
  p->column = column;
  p->from = from;
  p->arg = (unsigned short)arg;
  snprintf(number, sizeof number, "$%d", b->count);
  add(b, number);
  if (column && *column->read) {
    add(b, column->read);
    add(b, many);
    add(b, column->cast);
    add(b, *column->cast ? many : "");
  }
}

static bool in_mask(const struct pdl_call *call, unsigned column) {
  return call->mask[column / 64] >> (column % 64) & 1;
}

/* ── values of many parts ── */

/* SQL that stands for a value. What is written within others is qualified: the row by r, elements by e1, e2 … */
enum place { OF_ROW, OF_VALUE, AT_INDEX, ALONE }; /* a column; an attribute, an element of another; one by itself */
struct value {
  enum place is;
  const struct value *of;
  const char *name;
  unsigned depth;              /* of arrays around it */
};

static void add_element(struct builder *b, unsigned depth) {
  char name[16];
  snprintf(name, sizeof name, "e%u", depth);
  add(b, name);
}

static void add_value(struct builder *b, const struct value *v) {
  if (v->of) {
    add(b, "(");
    add_value(b, v->of);
    add(b, ")");
  }
  switch (v->is) {
  case OF_ROW:
    add(b, "r.");
    add(b, v->name);
    break;
  case OF_VALUE:
    add(b, ".");
    add(b, v->name);
    break;
  case AT_INDEX:
    add(b, "[");
    add_element(b, v->depth);
    add(b, "]");
    break;
  case ALONE:
    add_element(b, v->depth);
    break;
  }
}

static void add_read(struct builder *b, const struct pdl_column *c, bool array, const struct value *v);

/* As a record whose fields have types that every server knows by the same numbers. */
static void add_record(struct builder *b, const struct pdl_shape *shape, const struct value *v) {
  add(b, "CASE WHEN ");
  add_value(b, v);
  add(b, shape->is_range ? " IS NOT NULL THEN ROW(" : " IS DISTINCT FROM NULL THEN ROW(");
  for (unsigned i = 0; i < shape->count; i++) {
    const struct pdl_column *field = &shape->fields[i];
    const struct value part = {OF_VALUE, v, field->name, v->depth};
    add(b, i ? ", " : "");
    if (shape->is_range) {
      add(b, "pg_catalog.");
      add(b, field->name);
      add(b, "(");
      add_value(b, v);
      add(b, ")");
      add(b, field->read);
    } else {
      add_read(b, field, field->flags & PDL_ARRAY, &part);
    }
  }
  add(b, ") END");
}

/* An array of more dimensions is read as one, too, which says that it is one. */
static void add_records(struct builder *b, const struct pdl_column *c, const struct value *v) {
  const bool multirange = c->flags & PDL_MULTIRANGE;
  const unsigned depth = v->depth + 1;
  const struct value at_index = {AT_INDEX, v, NULL, depth}, alone = {ALONE, NULL, NULL, depth};
  add(b, "CASE WHEN ");
  if (!multirange) {
    add(b, "pg_catalog.array_ndims(");
    add_value(b, v);
    add(b, ") > 1 THEN ARRAY[ARRAY[ROW()]] WHEN ");
  }
  add_value(b, v);
  add(b, " IS NOT NULL THEN ARRAY(SELECT ");
  add_record(b, c->shape, multirange ? &alone : &at_index);
  add(b, multirange ? " FROM pg_catalog.unnest(" : " FROM pg_catalog.generate_subscripts(");
  add_value(b, v);
  add(b, multirange ? ") AS " : ", 1) AS ");
  add_element(b, depth);
  add(b, " ORDER BY ");
  add_element(b, depth);
  add(b, ") END");
}

static void add_read(struct builder *b, const struct pdl_column *c, bool array, const struct value *v) {
  if (c->shape && array) {
    add_records(b, c, v);
  } else if (c->shape) {
    add_record(b, c->shape, v);
  } else {
    add_value(b, v);
    add(b, c->read);
  }
}

static void add_columns(struct builder *b) {
  const struct pdl_table *t = b->call->op->table;
  for (unsigned i = 0; i < t->count; i++) {
    const struct value column = {OF_ROW, NULL, t->columns[i].name, 0};
    add(b, i ? ", " : " ");
    add_read(b, &t->columns[i], t->columns[i].flags & PDL_ARRAY, &column);
  }
}

/* ── clauses ── */

static const struct pdl_column *key_at(const struct pdl_op *op, unsigned i) {
  return &op->table->columns[op->keys[i]];
}

static void add_keys(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  for (unsigned i = 0; i < op->key_count; i++) {
    add(b, i ? " AND " : " WHERE ");
    add(b, key_at(op, i)->name);
    add(b, " = ");
    add_param(b, key_at(op, i), PDL_FROM_ARG, i);
  }
}

/* Keys of several columns come as an array for each of them. */
static void add_many_keys(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  const bool one = op->key_count == 1;
  add(b, one ? " WHERE " : " WHERE (");
  for (unsigned i = 0; i < op->key_count; i++) {
    add(b, i ? ", " : "");
    add(b, key_at(op, i)->name);
  }
  add(b, one ? " = ANY(" : ") IN (SELECT * FROM ROWS FROM (");
  for (unsigned i = 0; i < op->key_count; i++) {
    add(b, one ? "" : i ? ", pg_catalog.unnest(" : "pg_catalog.unnest(");
    add_param(b, key_at(op, i), PDL_FROM_ROWS, 0);
    add(b, ")");
  }
  add(b, one ? "" : "))");
}

/* Rows behind the one given, as one comparison of rows. */
static void add_after(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  add(b, op->key_count ? " AND (" : " WHERE (");
  for (unsigned i = 0; i < op->order_count; i++) {
    add(b, i ? ", " : "");
    add(b, op->table->columns[op->order[i]].name);
  }
  add(b, op->flags & PDL_DESCENDING ? ") < (" : ") > (");
  for (unsigned i = 0; i < op->order_count; i++) {
    add(b, i ? ", " : "");
    add_param(b, &op->table->columns[op->order[i]], PDL_FROM_AFTER, 0);
  }
  add(b, ")");
}

static void add_order(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  for (unsigned i = 0; i < op->order_count; i++) {
    add(b, i ? ", " : " ORDER BY ");
    add(b, op->table->columns[op->order[i]].name);
    add(b, op->flags & PDL_DESCENDING ? " DESC" : "");
  }
}

static void add_select(struct builder *b) {
  add(b, "SELECT");
  add_columns(b);
  add(b, " FROM ");
  add(b, b->call->op->table->name);
  add(b, " AS r");
  if (b->call->op->verb == PDL_GET_MANY)
    add_many_keys(b);
  else
    add_keys(b);
  if (b->call->after)
    add_after(b);
  add_order(b);
  if (b->call->limit) {
    add(b, " LIMIT ");
    add_param(b, NULL, PDL_FROM_LIMIT, 0);
  }
}

static void add_insert(struct builder *b) {
  const struct pdl_table *t = b->call->op->table;
  add(b, "INSERT INTO ");
  add(b, t->name);
  add(b, " AS r");
  const char *before = " (";
  for (unsigned i = 0; i < t->count; i++)
    if (in_mask(b->call, i)) {
      add(b, before);
      add(b, t->columns[i].name);
      before = ", ";
    }
  if (*before == ' ') {
    add(b, " DEFAULT VALUES");
    return;
  }
  before = ") VALUES (";
  for (unsigned i = 0; i < t->count; i++)
    if (in_mask(b->call, i)) {
      add(b, before);
      add_param(b, &t->columns[i], PDL_FROM_ROW, 0);
      before = ", ";
    }
  add(b, ")");
}

static bool is_key(const struct pdl_op *op, unsigned column) {
  for (unsigned i = 0; i < op->key_count; i++)
    if (op->keys[i] == column)
      return true;
  return false;
}

/* Where nothing but the key is given, the key is set to itself, so that the row that is there is returned. */
static void add_conflict(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  bool any = false;
  for (unsigned i = 0; i < op->key_count; i++) {
    add(b, i ? ", " : " ON CONFLICT (");
    add(b, key_at(op, i)->name);
  }
  add(b, ") DO UPDATE SET ");
  for (unsigned i = 0; i < op->table->count; i++)
    any |= in_mask(b->call, i) && !is_key(op, i);
  const char *before = "";
  for (unsigned i = 0; i < op->table->count; i++)
    if (any ? in_mask(b->call, i) && !is_key(op, i) : i == op->keys[0]) {
      add(b, before);
      add(b, op->table->columns[i].name);
      add(b, " = EXCLUDED.");
      add(b, op->table->columns[i].name);
      before = ", ";
    }
}

static void add_update(struct builder *b) {
  const struct pdl_table *t = b->call->op->table;
  add(b, "UPDATE ");
  add(b, t->name);
  add(b, " AS r");
  const char *before = " SET ";
  for (unsigned i = 0; i < t->count; i++)
    if (in_mask(b->call, i)) {
      add(b, before);
      add(b, t->columns[i].name);
      add(b, " = ");
      add_param(b, &t->columns[i], PDL_FROM_ROW, 0);
      before = ", ";
    }
  add_keys(b);
}

static void add_call(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  add(b, op->table->name);
  add(b, "(");
  for (unsigned i = 0; i < op->key_count; i++) {
    add(b, i ? ", " : "");
    add_param(b, key_at(op, i), PDL_FROM_NULLABLE_ARG, i);
  }
  add(b, ")");
}

/* A row of a table that is NULL comes as one whose columns all are: it is none. */
static void add_function(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  const struct pdl_table *t = op->table;
  add(b, "SELECT");
  add_columns(b);
  add(b, " FROM ");
  add_call(b);
  add(b, " AS r");
  for (unsigned i = 0; op->flags & PDL_POSITIONAL && i < t->count; i++) {
    add(b, i ? ", " : "(");
    add(b, t->columns[i].name);
    add(b, i + 1 == t->count ? ")" : "");
  }
  add(b, op->flags & PDL_POSITIONAL ? "" : " WHERE NOT (r.* IS NULL)");
}

static void add_statement(struct builder *b) {
  const struct pdl_op *op = b->call->op;
  switch ((enum pdl_verb)op->verb) {
  case PDL_SELECT:
  case PDL_GET_MANY:
    add_select(b);
    break;
  case PDL_COUNT:
    add(b, "SELECT pg_catalog.count(*) FROM ");
    add(b, op->table->name);
    add_keys(b);
    break;
  case PDL_EXISTS:
    add(b, "SELECT EXISTS (SELECT FROM ");
    add(b, op->table->name);
    add_keys(b);
    add(b, ")");
    break;
  case PDL_INSERT:
    add_insert(b);
    break;
  case PDL_UPSERT:
    add_insert(b);
    add_conflict(b);
    break;
  case PDL_UPDATE:
    add_update(b);
    break;
  case PDL_DELETE:
    add(b, "DELETE FROM ");
    add(b, op->table->name);
    add_keys(b);
    break;
  case PDL_FUNCTION:
    add_function(b);
    break;
  case PDL_PROCEDURE:
    add(b, "CALL ");
    add_call(b);
    break;
  }
  if (b->call->returning) {
    add(b, " RETURNING");
    add_columns(b);
  }
  pdl_buf_add(&b->sql, "", 1);
}

/* ── statements ── */

static void statement_free(struct pdl_statement *s) {
  if (!s)
    return;
  free(s->mask);
  free(s->sql);
  free(s->params);
  free(s->types);
  free(s->values);
  free(s->lengths);
  free(s->formats);
  free(s);
}

/* A name that no other session has, on whatever server a pooler may take it to. */
void pdl_statement_forget(struct pdl_statements *all, struct pdl_statement *s) {
  s->prepared = false;
  snprintf(s->name, sizeof s->name, "pdl_%016llx_%u", (unsigned long long)all->salt, ++all->made);
}

static const Oid int8_oid = 20;

static struct pdl_statement *statement_new(struct pdl_statements *all, const struct pdl_call *call, unsigned words,
                                           unsigned hash) {
  struct builder b;
  struct pdl_statement *s = (struct pdl_statement *)calloc(1, sizeof *s);
  memset(&b, 0, sizeof b);
  b.call = call;
  add_statement(&b);
  const size_t n = b.count ? (size_t)b.count : 1;
  if (s) {
    s->op = call->op;
    s->words = words;
    s->hash = hash;
    s->returning = call->returning;
    s->after = call->after != NULL;
    s->limit = call->limit != 0;
    s->sql = b.sql.p;
    s->params = b.params;
    s->param_count = b.count;
    s->mask = (uint64_t *)calloc(words ? words : 1, sizeof *s->mask);
    s->types = (Oid *)calloc(n, sizeof *s->types);
    s->values = (const char **)calloc(n, sizeof *s->values);
    s->lengths = (int *)calloc(n, sizeof *s->lengths);
    s->formats = (int *)calloc(n, sizeof *s->formats);
  }
  if (!s || b.failed || b.sql.failed || !s->mask || !s->types || !s->values || !s->lengths || !s->formats) {
    if (!s) {
      free(b.sql.p);
      free(b.params);
    }
    statement_free(s);
    return NULL;
  }
  if (words)
    memcpy(s->mask, call->mask, words * sizeof *s->mask);
  for (int i = 0; i < s->param_count; i++) {
    const struct pdl_param *p = &s->params[i];
    s->types[i] = p->column ? pdl_param_oid(p->column, p->from == PDL_FROM_ROWS || p->column->flags & PDL_ARRAY)
                            : int8_oid;
    s->formats[i] = 1;
  }
  pdl_statement_forget(all, s);
  return s;
}

static void unlink_age(struct pdl_statements *all, struct pdl_statement *s) {
  *(s->newer ? &s->newer->older : &all->newest) = s->older;
  *(s->older ? &s->older->newer : &all->oldest) = s->newer;
}

static void link_newest(struct pdl_statements *all, struct pdl_statement *s) {
  s->newer = NULL;
  s->older = all->newest;
  *(all->newest ? &all->newest->newer : &all->oldest) = s;
  all->newest = s;
}

/* The oldest that no result is awaited of makes room. */
static void make_room(struct pdl_statements *all, char drop[PDL_NAME_SIZE]) {
  struct pdl_statement *s = all->oldest;
  while (s && s->pins)
    s = s->newer;
  if (!s)
    return;
  if (s->prepared)
    memcpy(drop, s->name, sizeof s->name);
  struct pdl_statement **at = &all->buckets[s->hash % PDL_BUCKETS];
  while (*at != s)
    at = &(*at)->next;
  *at = s->next;
  unlink_age(all, s);
  all->count--;
  statement_free(s);
}

static bool is_of(const struct pdl_statement *s, const struct pdl_call *call, unsigned words) {
  return s->op == call->op && s->returning == call->returning && s->after == !!call->after &&
         s->limit == !!call->limit && s->words == words &&
         (!words || memcmp(s->mask, call->mask, words * sizeof *s->mask) == 0);
}

struct pdl_statement *pdl_statement_of(struct pdl_statements *all, const struct pdl_call *call,
                                       char drop[PDL_NAME_SIZE]) {
  const unsigned words = call->mask ? (call->op->table->count + 63) / 64 : 0;
  uint64_t hash = (uint64_t)(uintptr_t)call->op * UINT64_C(0x9E3779B97F4A7C15);
  for (unsigned i = 0; i < words; i++)
    hash = (hash ^ call->mask[i]) * UINT64_C(0x9E3779B97F4A7C15);
  hash ^= hash >> 32;
  const unsigned h = (unsigned)(hash & 0xffffffff) + call->returning + 2u * !!call->after + 4u * !!call->limit;
  *drop = 0;
  for (struct pdl_statement *s = all->buckets[h % PDL_BUCKETS]; s; s = s->next)
    if (is_of(s, call, words)) {
      if (all->newest != s) {
        unlink_age(all, s);
        link_newest(all, s);
      }
      return s;
    }
  struct pdl_statement *s = statement_new(all, call, words, h);
  if (!s)
    return NULL;
  if (all->count >= PDL_STATEMENTS)
    make_room(all, drop);
  s->next = all->buckets[h % PDL_BUCKETS];
  all->buckets[h % PDL_BUCKETS] = s;
  link_newest(all, s);
  all->count++;
  return s;
}

void pdl_statements_clear(struct pdl_statements *all) {
  while (all->newest) {
    struct pdl_statement *s = all->newest;
    all->newest = s->older;
    statement_free(s);
  }
  memset(all, 0, sizeof *all);
}
