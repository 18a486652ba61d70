/* Intents of migrations, turned around for the way back. */
#include <string.h>

#include "objects/objects.h"

void enum_reverse(struct arena *arena, struct object *o, const struct object *before, const struct object *after) {
  (void)before;
  if (!after)
    return;
  struct enum_type *e = (struct enum_type *)o;
  const char **now = enum_labels_now(arena, e, (const struct enum_type *)after);
  for (size_t i = 0; i < e->label_count; i++)
    e->labels[i].was = now[i] && strcmp(now[i], e->labels[i].text) != 0 ? now[i] : NULL;
}

/* ── columns that come back ── */

/* What stands for nothing in a type that may not be null. */
static const char *const neutral[] = {
    [TYPE_BOOL] = "false", [TYPE_NUMBER] = "0", [TYPE_STRING] = "''", [TYPE_DATE] = "'epoch'"};
static const struct {
  const char *type, *value;
} neutral_of[] = {
    {"bytea", "''"},         {"cidr", "'0.0.0.0'"},  {"inet", "'0.0.0.0'"}, {"interval", "'0'"},
    {"json", "'{}'"},        {"jsonb", "'{}'"},      {"money", "0"},        {"time", "'00:00'"},
    {"timetz", "'00:00+00'"}, {"tsvector", "''"},     {"uuid", "pg_catalog.gen_random_uuid()"},
};

static const char *neutral_value(struct arena *arena, const struct type_ref *type) {
  const struct type_info *info = type->name ? type_info(type->name) : NULL;
  if (type->dimensions)
    return "'{}'";
  for (size_t i = 0; !type->schema && i < ARRAY_LEN(neutral_of); i++)
    if (strcmp(neutral_of[i].type, type->name) == 0)
      return neutral_of[i].value;
  if (type->object && is_kind(type->object, KIND_DOMAIN))
    return neutral_value(arena, &((const struct domain *)type->object)->type);
  if (type->object && is_kind(type->object, KIND_ENUM) && ((const struct enum_type *)type->object)->label_count) {
    struct strbuf label = STRBUF_INIT;
    sql_literal(&label, ((const struct enum_type *)type->object)->labels[0].text);
    const char *text = strbuf_dup(&label, arena);
    strbuf_release(&label);
    return text;
  }
  return !type->schema && info && (size_t)info->category < ARRAY_LEN(neutral) ? neutral[info->category] : NULL;
}

/* Whether its values must be found in another table: none can be made up. */
static bool refers(const struct object *o) {
  for EACH_CHILD(o->parent, child)
    if (is_kind(child, KIND_FOREIGN) && names_hold(((const struct foreign *)child)->columns, o->name))
      return true;
  return false;
}

/* A column that may not be null comes back to rows that no longer know its values. */
void column_reverse(struct arena *arena, struct object *o, const struct object *before, const struct object *after) {
  (void)before;
  struct column *col = (struct column *)o;
  col->using_ = (struct expr){0}; /* it speaks of the type before that */
  if (after || !col->not_null || col->default_.sql || col->backfill.sql || !is_kind(o->parent, KIND_TABLE) || refers(o))
    return;
  const char *value = neutral_value(arena, &col->type);
  if (value) {
    col->backfill.sql = value;
    col->neutral = true;
  }
}
