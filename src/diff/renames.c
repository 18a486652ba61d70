/* Steps that give names: what is called otherwise, or moves, without being made anew. */
#include <stdint.h>
#include <string.h>

#include "diff/drops.h"
#include "diff/settle.h"
#include "diff/steps.h"
#include "objects/opaque.h"
#include "sql/sql.h"

/* What is renamed, and whether it has been in the steps so far. */
struct giver {
  const struct change *change;
  bool given;
  struct giver *next;
};

enum renames sort_of_renames(const struct object *o) {
  return is_kind(o, KIND_SCHEMA)   ? OF_SCHEMAS
         : is_kind(o, KIND_COLUMN) ? OF_COLUMNS
         : o->parent               ? OF_CONSTRAINTS
                                   : OF_OTHERS;
}

static void alter_named(struct builder *b, struct object *o, const char *schema_name, const char *name) {
  const struct object now = *o;
  strbuf_adds(&b->sql, "ALTER ");
  o->schema = schema_name;
  o->name = name;
  o->kind->target_name(o, &b->sql);
  o->schema = now.schema;
  o->name = now.name;
}

static void rename_child(struct builder *b, const struct change *c, const char *old_name, const char *name) {
  const struct object *o = c->before;
  if (o->kind->ns == NS_COLUMN || o->kind->ns == NS_CONSTRAINT) {
    const bool attribute = is_kind(o->parent, KIND_COMPOSITE);
    strbuf_adds(&b->sql, attribute ? "ALTER TYPE " : "ALTER TABLE ");
    sql_qualified(&b->sql, o->parent->schema, o->parent->name);
    strbuf_adds(&b->sql, attribute ? " RENAME ATTRIBUTE " : o->kind->ns == NS_COLUMN ? " RENAME COLUMN " : " RENAME CONSTRAINT ");
    sql_ident(&b->sql, old_name);
  } else { /* its index, trigger, policy … */
    alter_named(b, (struct object *)(uintptr_t)o, o->schema, old_name);
    strbuf_adds(&b->sql, " RENAME");
  }
  strbuf_adds(&b->sql, " TO ");
  sql_ident(&b->sql, name);
  strbuf_adds(&b->sql, ";\n");
}

static void move(struct builder *b, struct object *o, const char *from, const char *name) {
  alter_named(b, o, from, name);
  strbuf_adds(&b->sql, " SET SCHEMA ");
  sql_ident(&b->sql, o->schema);
  strbuf_adds(&b->sql, ";\n");
}

/* Whether something else that stands, or will go, is called so. */
static bool is_taken(const struct builder *b, const struct object *but, const char *schema_name, const char *name) {
  for (const struct object *o = b->before->first; o; o = o->next)
    if (o != but && o->schema && strcmp(o->schema, schema_name) == 0 && strcmp(o->name, name) == 0)
      return true;
  return false;
}

static void rename_whole(struct builder *b, struct object *o, const char *old_schema, const char *old_name) {
  const bool moves = old_schema && strcmp(old_schema, o->schema) != 0;
  const bool first = moves && !is_taken(b, o, o->schema, old_name);
  if (first)
    move(b, o, old_schema, old_name);
  if (strcmp(old_name, o->name) != 0) {
    alter_named(b, o, moves && !first ? old_schema : o->schema, old_name);
    strbuf_adds(&b->sql, " RENAME TO ");
    sql_ident(&b->sql, o->name);
    strbuf_adds(&b->sql, ";\n");
  }
  if (moves && !first)
    move(b, o, old_schema, o->name);
}

void rename_top(struct builder *b, struct object *o, const char *old_schema, const char *old_name) {
  struct opaque family;
  rename_whole(b, o, old_schema, old_name);
  if (operator_class_family(o, &family))
    rename_whole(b, &family.object, old_schema, old_name);
}

static void drop_first(struct builder *b, struct object *o) {
  for (const struct depend *d = o->dependents; d; d = d->next)
    if (d->on->mark == EARLY)
      drop_first(b, d->on);
  drop_one(b, o, false);
}

/* What goes, and is called as an index is that comes along to where it is. */
static void make_room(struct builder *b, const struct object *table) {
  for EACH_CHILD(table, child)
    for EACH_OBJECT(b->before, o)
      if (o->mark == EARLY && o->parent && o->parent != table && !o->parent->former && is_relation(o) &&
          is_relation(child) && strcmp(o->schema, table->schema) == 0 && strcmp(o->name, child->name) == 0)
        drop_first(b, o);
}

void along(struct builder *b, struct object *o) {
  if (o->kind->renamed && o->match)
    o->kind->renamed(o, &b->sql);
}

static bool is_constraint_renamed(const struct change *c) {
  return c->old_name && sort_of_renames(c->before) == OF_CONSTRAINTS && !is_gone(c->before);
}

/* Whether a constraint or index that is renamed later still has the name that this one gets: on one table, or in one
 * schema. */
static bool is_named_so_far(const struct builder *b, const struct change *change) {
  const struct object *o = change->before;
  for (const struct giver *g = map_get(&b->givers, o->name); g; g = g->next) {
    const struct change *c = g->change;
    if (c > change && is_constraint_renamed(c) &&
        (c->before->parent == o->parent ||
         (is_relation(o) && is_relation(c->before) && strcmp(c->before->schema, o->schema) == 0)))
      return true;
  }
  return false;
}

static const char *name_meanwhile(const struct builder *b, const struct object *o) {
  return name_shorten(b->arena, arena_printf(b->arena, "%s_after", o->name));
}

/* What gets a name that is not free yet goes by another one until all have theirs. */
static void rename_constraint(struct builder *b, const struct change *c, bool again) {
  const bool waits = is_named_so_far(b, c);
  if (again && !waits)
    return;
  rename_child(b, c, again ? name_meanwhile(b, c->before) : c->old_name,
               waits && !again ? name_meanwhile(b, c->before) : c->before->name);
  if (again || !waits)
    along(b, (struct object *)(uintptr_t)c->before);
  add_alteration(b, PART_NAMES, c->after);
}

void rename_constraints(struct builder *b) {
  for (int again = 0; again <= 1; again++)
    for (size_t i = 0; i < b->changes->count; i++)
      if (is_constraint_renamed(&b->changes->v[i]))
        rename_constraint(b, &b->changes->v[i], again == 1);
}

static void rename_one(struct builder *b, const struct change *c) {
  struct object *o = (struct object *)(uintptr_t)c->before;
  if (o->parent) {
    rename_child(b, c, c->old_name, o->name);
    along(b, o);
  } else {
    if (c->old_schema && strcmp(c->old_schema, o->schema) != 0)
      make_room(b, o);
    rename_top(b, o, c->old_schema, c->old_name);
    if (is_kind(o, KIND_RANGE)) /* its multirange type */
      along(b, o);
    for EACH_CHILD(o, child) {
      if (is_kind(child, KIND_STATISTICS) && c->old_schema && strcmp(c->old_schema, o->schema) != 0)
        move(b, child, c->old_schema, child->name); /* they do not go where their table goes */
      along(b, child);
    }
  }
  add_alteration(b, PART_NAMES, c->after);
}

/* Whether another one of this sort has the name so far. */
static bool waits_for_name(const struct builder *b, const struct object *o, enum renames sort) {
  for (const struct giver *g = map_get(&b->givers, o->name); g; g = g->next) {
    const struct change *c = g->change;
    const char *schema = c->old_schema ? c->old_schema : c->before->schema;
    if (!g->given && c->before != o && sort_of_renames(c->before) == sort && c->before->parent == o->parent &&
        (schema == o->schema || (schema && o->schema && strcmp(schema, o->schema) == 0)))
      return true;
  }
  return false;
}

static void give_name(struct builder *b, struct giver *g) {
  rename_one(b, g->change);
  g->given = true;
}

void list_givers(struct builder *b) {
  map_init(&b->givers, b->arena);
  b->all_givers = arena_array(b->arena, b->changes->count, sizeof *b->all_givers);
  for (size_t i = 0; i < b->changes->count; i++) {
    const struct change *c = &b->changes->v[i];
    if (!c->old_name)
      continue;
    struct giver *giver = &b->all_givers[b->giver_count++];
    *giver = (struct giver){.change = c, .next = map_get(&b->givers, c->old_name)};
    map_set(&b->givers, c->old_name, giver);
  }
}

void rename_steps(struct builder *b, enum renames sort) {
  struct giver **todo = arena_array(b->arena, b->giver_count, sizeof *todo);
  size_t count = 0;
  for (size_t i = 0; i < b->giver_count; i++)
    if (sort_of_renames(b->all_givers[i].change->before) == sort)
      todo[count++] = &b->all_givers[i];
  while (count > 0) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
      if (waits_for_name(b, todo[i]->change->before, sort))
        todo[left++] = todo[i];
      else
        give_name(b, todo[i]);
    if (left == count) /* what has the name is of another namespace */
      give_name(b, todo[--left]);
    count = left;
  }
}

static bool is_moved(const struct object *o) {
  return o && o->former && o->former->schema && strcmp(o->former->schema, o->schema) != 0;
}

void part_sequences(struct builder *b) {
  for (struct object *o = b->before->first; o; o = o->next) {
    const struct sequence *s = is_kind(o, KIND_SEQUENCE) ? (const struct sequence *)o : NULL;
    if (!s || !s->owner.n || !(is_gone(o) || (o->match && o->match->mark == STAYS)))
      continue;
    const struct column *column = table_column(s->owner_table, s->owner.v[2]);
    const bool loses = (o->match && (is_gone(s->owner_table) || (column && is_gone(&column->object)))) ||
                       (is_gone(o) && (sequence_is_shared(o) || sequence_is_replaced(o)));
    sequence_part(o, is_moved(o) ? o->former->schema : o->schema, o->former ? o->former->name : o->name,
                  loses || is_moved(o) || is_moved(s->owner_table), &b->sql);
    add_alteration(b, PART_NAMES, o->match ? o->match : o);
  }
}
