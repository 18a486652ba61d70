/* The expressions of two objects, read with the columns and types that the newer one sees. */
#include "diff/reading.h"

#include <string.h>

#include "objects/objects.h"
#include "sql/sql.h"

struct scope {
  struct sql_trees *trees;
  const struct schema *schema;
  const struct object *of;
  const char *prefix; /* of a query: what its columns are printed with, or NULL */
  bool prefixed;
};

static const struct object *table_of(const struct object *o) {
  return o->parent ? o->parent : o;
}

static const struct type_ref *type_of(const struct object *column) {
  for (size_t i = 0; column->kind->fields[i].label; i++)
    if (column->kind->fields[i].type == FIELD_TYPE)
      return (const void *)((const char *)column + column->kind->fields[i].offset);
  return NULL;
}

static const char *qualified(struct arena *arena, const struct object *o) {
  struct strbuf out = STRBUF_INIT;
  sql_qualified(&out, o->schema, o->name);
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

/* A type that is neither Postgres' own nor an enum is none that is understood. */
static void describe(struct arena *arena, const struct type_ref *t, struct sql_type *out) {
  *out = (struct sql_type){.name = "", .array = t->dimensions > 0};
  if (t->object && is_kind(t->object, KIND_ENUM)) {
    out->name = qualified(arena, t->object);
    out->is_enum = true;
  } else if (!t->object && !t->schema && t->name) {
    out->name = t->name;
  }
}

/* Columns of OLD and NEW are printed with them, those of the table bare. */
static const char *column(void *ctx, struct arena *arena, const char *qualifier, const char *name,
                          struct sql_type *type) {
  const struct scope *scope = ctx;
  const struct object *table = table_of(scope->of), *found = child_named(table, KIND_COLUMN, name);
  const bool of_trigger = is_kind(scope->of, KIND_TRIGGER);
  const char *called = scope->prefix ? scope->prefix : table->name;
  const bool row = qualifier && (strcmp(qualifier, "old") == 0 || strcmp(qualifier, "new") == 0);
  const struct type_ref *of_column = found ? type_of(found) : NULL;
  if (!of_column || (of_trigger ? !row : qualifier && strcmp(qualifier, called) != 0))
    return NULL;
  describe(arena, of_column, type);
  struct strbuf out = STRBUF_INIT;
  if (of_trigger)
    strbuf_addf(&out, "%s.", qualifier);
  if (scope->prefixed) {
    sql_ident(&out, called);
    strbuf_addc(&out, '.');
  }
  sql_ident(&out, name);
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

static bool type(void *ctx, struct arena *arena, const char *schema_name, const char *name, struct sql_type *out) {
  const struct scope *scope = ctx;
  const struct object *o = schema_find(scope->schema, NS_TYPE, schema_name ? schema_name : "public", NULL, name);
  if (!o || !is_kind(o, KIND_ENUM))
    return false;
  out->name = qualified(arena, o);
  out->is_enum = true;
  return true;
}

static const char *less_parentheses(struct arena *arena, const char *text) {
  struct expr e = {.sql = text};
  if (text)
    expr_simplify(arena, &e, NULL);
  return e.compared ? e.compared : text;
}

static bool from(void *ctx, struct arena *arena, const char *schema_name, const char *name, const char *alias) {
  struct scope *scope = ctx;
  scope->of = schema_find(scope->schema, NS_RELATION, schema_name, NULL, name);
  scope->prefix = alias ? arena_strdup(arena, alias) : NULL;
  return scope->of && is_kind(scope->of, KIND_TABLE);
}

/* Up to version 15 columns are printed with their table, from then on bare where there is no other. */
static bool query_alike(struct arena *arena, const struct scope *of, const struct expr *before,
                        const struct expr *after) {
  const char *dot = strchr(before->sql, '.'), *rest = strstr(before->sql, "FROM ");
  struct scope scope = {.trees = of->trees, .schema = of->schema, .prefixed = dot && rest && dot < rest};
  const struct sql_scope names = {.ctx = &scope, .column = column, .type = type, .from = from};
  const char *is = sql_printed_query(arena, after->sql, &names);
  return is && sql_same_words(before->sql, is);
}

static bool expr_alike(struct arena *arena, struct scope *scope, const struct expr *before, const struct expr *after) {
  const struct sql_scope names = {.ctx = scope, .column = column, .type = type};
  if (!before->sql || !after->sql)
    return before->sql == after->sql;
  const char *was = before->compared ? before->compared : before->sql;
  const char *is = after->compared ? after->compared : after->sql;
  if (sql_same_words(was, is))
    return true;
  if (!is_kind(table_of(scope->of), KIND_TABLE)) /* a query is no expression */
    return (is_kind(scope->of, KIND_VIEW) || is_kind(scope->of, KIND_MATVIEW)) &&
           !((const struct sql_view *)scope->of)->columns.n &&
           query_alike(arena, scope, before, after);
  is = less_parentheses(arena, sql_printed(arena, scope->trees, is, &names));
  if (!is || strcmp(was, is) == 0)
    return is != NULL;
  /* written too, or not yet as it would be printed again */
  was = less_parentheses(arena, sql_printed(arena, scope->trees, was, &names));
  return was && strcmp(was, is) == 0;
}

static bool sql_alike(const char *before, const char *after) {
  return before && after && sql_same_words(before, after);
}

static bool keys_alike(struct arena *arena, struct scope *scope, const struct index_keys *before,
                       const struct index_keys *after) {
  struct index_keys same = *before;
  if (before->n != after->n)
    return false;
  same.v = arena_array(arena, before->n, sizeof *same.v);
  for (size_t i = 0; i < before->n; i++) {
    same.v[i] = before->v[i];
    if (before->v[i].expr.sql && after->v[i].expr.sql &&
        expr_alike(arena, scope, &before->v[i].expr, &after->v[i].expr))
      same.v[i].expr = after->v[i].expr;
  }
  return index_keys_equal(&same, after);
}

static bool texts_alike(struct arena *arena, struct scope *scope, const char *before, const char *after) {
  struct expr old = {.sql = before}, new = {.sql = after};
  expr_simplify(arena, &old, NULL);
  expr_simplify(arena, &new, NULL);
  return expr_alike(arena, scope, &old, &new);
}

static bool parted_alike(struct arena *arena, struct scope *scope, const char *before, const char *after) {
  struct names was, is, was_rests, is_rests;
  const size_t method = before && after ? strcspn(after, "(") : 0;
  if (!method || strncmp(before, after, method) != 0 || !partition_key_texts(arena, before, &was, &was_rests) ||
      !partition_key_texts(arena, after, &is, &is_rests) || was.n != is.n)
    return false;
  for (size_t i = 0; i < is.n; i++)
    if (!sql_same_words(was_rests.v[i], is_rests.v[i]) || !texts_alike(arena, scope, was.v[i], is.v[i]))
      return false;
  return true;
}

/* Where the row filter of a published table begins; the end where it has none. */
static const char *filter_of(const char *text) {
  static const char where[] = " WHERE ";
  bool quoted = false;
  for (; *text; text++) {
    quoted ^= *text == '"';
    if (!quoted && strncmp(text, where, sizeof where - 1) == 0)
      return text;
  }
  return text;
}

static bool published_alike(struct arena *arena, struct scope *scope, const struct publication *before,
                            const struct publication *after) {
  if (before->compared.n != after->compared.n || !after->of)
    return false;
  for (size_t i = 0; i < after->compared.n; i++) {
    const char *is = after->compared.v[i], *filter = filter_of(is);
    const size_t head = (size_t)(filter - is);
    size_t k = 0;
    while (k < before->compared.n && (strncmp(before->compared.v[k], is, head) != 0 ||
                                      filter_of(before->compared.v[k]) != before->compared.v[k] + head))
      k++;
    if (k == before->compared.n)
      return false;
    const char *was = before->compared.v[k] + head;
    scope->of = after->of[i];
    if (!texts_alike(arena, scope, *was ? was + strlen(" WHERE ") : NULL, *filter ? filter + strlen(" WHERE ") : NULL))
      return false;
  }
  return true;
}

uint64_t fields_alike(struct arena *arena, struct sql_trees *trees, const struct schema *after_schema,
                      const struct object *before, const struct object *after, uint64_t fields) {
  struct scope scope = {.trees = trees, .schema = after_schema, .of = after};
  uint64_t alike = 0;
  for (size_t i = 0; after->kind->fields[i].label; i++) {
    const struct field *f = &after->kind->fields[i];
    const void *was = (const char *)before + f->offset, *is = (const char *)after + f->offset;
    if (!(fields >> i & 1))
      continue;
    if ((f->type == FIELD_EXPR && expr_alike(arena, &scope, was, is)) ||
        (f->type == FIELD_KEYS && keys_alike(arena, &scope, was, is)) ||
        (f->type == FIELD_SQL && sql_alike(*(const char *const *)was, *(const char *const *)is)) ||
        (is_kind(after, KIND_TABLE) && f->offset == offsetof(struct table, partition_by) &&
         parted_alike(arena, &scope, ((const struct table *)before)->partition_by.sql,
                      ((const struct table *)after)->partition_by.sql)) ||
        (is_kind(after, KIND_PUBLICATION) && f->offset == offsetof(struct publication, compared) &&
         published_alike(arena, &scope, (const struct publication *)before, (const struct publication *)after)))
      alike |= UINT64_C(1) << i;
  }
  return alike;
}
