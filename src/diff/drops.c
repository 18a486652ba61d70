/* When what goes is dropped. Early: before anything is made, since it would stand in the way of that. Late: what holds
 * data, and what others need until they are altered; a name that is wanted before is set aside. Along: with its parent.
 * Within each, in the reverse of the order of creation. */
#include "diff/drops.h"

#include <string.h>

#include "diff/settle.h"
#include "objects/objects.h"

/* Its parts and itself, which one DROP takes. */
#define EACH_PART(whole, o) \
  (struct object *o = (whole); o; o = o == (whole) ? (whole)->first_child : o->next)

static const struct object *whole_of(const struct object *o) {
  return o->mark == ALONG ? o->parent : o;
}

static bool holds_rows(const struct object *o) {
  bool any = is_kind(o, KIND_COLUMN) && settle_rows_altered(o);
  for (const struct object *column = is_kind(o, KIND_TABLE) ? o->first_child : NULL; column && !any;
       column = column->next)
    any = holds_rows(column);
  return any;
}

/* Below no table but a parted one can a column be added that numbers its rows. */
static bool is_numbered_above(const struct object *o) {
  const struct table *t = (const struct table *)o;
  for (size_t i = 0; is_kind(o, KIND_TABLE) && !t->bounds.sql && i < t->above_count; i++) {
    const struct object *above = t->above[i]->match;
    for (const struct object *column = above ? above->first_child : NULL; column; column = column->next)
      if (is_kind(column, KIND_COLUMN) && !column->match && ((const struct column *)column)->identity)
        return true;
    if (is_numbered_above(t->above[i]))
      return true;
  }
  return false;
}

/* What it computes was its own before it became an heir, and stays when what is computed above makes way for a change of
 * what both are computed of: that reaches what goes, too. */
static bool computes_below(const struct object *o) {
  for (const struct object *column = is_kind(o, KIND_TABLE) ? o->first_child : NULL; column; column = column->next)
    if (is_kind(column, KIND_COLUMN) && ((const struct column *)column)->generated.sql && column->above &&
        is_gone(column->above))
      return true;
  return false;
}

/* Nothing is lost by going late: a name can step aside, but for an operator's, or a cast's, which has none.
 * Constraints, triggers, views, generated columns, rows that are values and the like stand in the way; default
 * privileges would be given to what is made. */
static bool may_linger(const struct object *o) {
  if (o->kind->watches || is_kind(o, KIND_CAST) || is_kind(o, KIND_TRANSFORM) || is_kind(o, KIND_DEFAULT_PRIVILEGES))
    return false;
  if ((is_kind(o, KIND_COLUMN) && ((const struct column *)o)->generated.sql) || holds_rows(o) ||
      is_numbered_above(o) || computes_below(o))
    return false;
  return o->parent ? object_holds_data(o) && !o->match
                   : object_holds_data(o) || (o->kind->ns != NS_RELATION && !is_kind(o, KIND_OPERATOR));
}

static bool any_dependent(struct object *whole, bool (*is)(const struct object *)) {
  for EACH_PART(whole, part)
    for (const struct depend *d = part->dependents; d; d = d->next)
      if (d->on != whole && d->on->parent != whole && is(whole_of(d->on)))
        return true;
  return false;
}

/* By what stays, and is altered so as to need it no more; directly or through others. */
static bool holds(const struct object *o) {
  return o->mark == STAYS || o->mark == HELD;
}

static bool is_late(const struct object *o) {
  return o->mark == LATE || o->mark == HELD;
}

static bool needs_early(struct object *whole) {
  for EACH_PART(whole, part)
    for (const struct depend *d = part->depends; d; d = d->next)
      if (!d->soft && d->on != whole && d->on->parent != whole && whole_of(d->on)->mark == EARLY)
        return true;
  return false;
}

/* The objects that a DROP names, columns with their table; what goes with its parent apart. */
static void each_whole(struct object *const *order, size_t count, bool backwards, void (*visit)(struct object *)) {
  for (size_t i = 0; i < count; i++) {
    struct object *o = order[backwards ? count - 1 - i : i];
    for EACH_CHILD(o, child)
      if (is_kind(child, KIND_COLUMN) && is_gone(child) && child->mark != ALONG)
        visit(child);
    if (is_gone(o) && o->mark != ALONG)
      visit(o);
  }
}

static void find_held(struct object *o) {
  if (!o->parent && any_dependent(o, holds))
    o->mark = HELD;
}

static void find_early(struct object *o) {
  if (o->mark == GONE)
    o->mark = !may_linger(o) || needs_early(o) ? EARLY : LATE;
}

/* Whether the table that it is a partition of is made anew: it is lost with that. */
static bool is_lost_above(const struct object *o) {
  const struct object *above = o->kind->stands_under && !o->match ? o->kind->stands_under(o) : NULL;
  return above && above->match && is_late(above);
}

/* What is made anew and needed by nothing that goes late has no reason to step aside; nor has a routine to wait until a
 * type of its arguments did. */
static void find_free(struct object *o) {
  if (o->mark == LATE && (o->match || o->kind->ns == NS_FUNCTION || is_lost_above(o)) && !any_dependent(o, is_late))
    o->mark = EARLY;
}

bool is_relation(const struct object *o) {
  return o->kind->ns == NS_RELATION || is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE);
}

bool drops_name_taken(const struct object *o, const struct schema *after) {
  static const enum namespace shared[] = {NS_RELATION, NS_TYPE};
  const enum namespace ns = o->kind->ns;
  if (ns == NS_FUNCTION) { /* a call of one that comes would be one of this, where its arguments fit better */
    for (const struct object *same = schema_find(after, ns, o->schema, NULL, o->name); same; same = same->overload)
      if (!same->match || !same->signature || !o->signature || strcmp(same->signature, o->signature) == 0)
        return true;
    return false;
  }
  if (ns != NS_TYPE && !is_relation(o))
    return o->match != NULL;
  if (sequence_name_taken(o) || schema_numbers(after, o->schema, o->name))
    return true;
  for (size_t i = 0; i < ARRAY_LEN(shared); i++)
    if (schema_find(after, shared[i], o->schema, NULL, o->name))
      return true;
  return false;
}

bool drops_first(const struct object *o) {
  if (!is_kind(o, KIND_FOREIGN) || o->inherited)
    return false;
  const bool parted = ((const struct table *)o->parent)->partition_by.sql != NULL;
  for (const struct depend *d = o->depends; d; d = d->next)
    if (d->soft && (o->mark == EARLY || is_gone(d->on)))
      return true;
  return o->mark == EARLY && parted;
}

/* A table takes its own along; but nothing of it may keep a name taken, or hold back what goes before it. */
static void free_name(struct object *o, const struct schema *after) {
  if (o->mark == ALONG && is_relation(o) && is_late(o->parent) && drops_name_taken(o, after))
    o->mark = EARLY;
}

/* What nobody who reads it may stand in the way of; of a whole, any column of it may be meant, unless it is known. */
static bool is_altered(const struct object *on, const struct object *reader) {
  bool any = on->mark == STAYS && on->match && on->match->differs & on->kind->disturbs;
  if (any && is_kind(reader, KIND_FOREIGN))
    any = reader->kind->leans(reader, on, on->match->differs);
  for (const struct object *part = is_kind(on, KIND_TABLE) ? on->first_child : NULL; part && !any; part = part->next)
    any = is_kind(part, KIND_COLUMN) && is_altered(part, reader);
  return any;
}

static void part_from_parent(struct object *o) {
  const struct object *parent = o->parent;
  if (drops_first(o))
    o->mark = EARLY;
  for (const struct depend *d = o->inherited ? NULL : o->depends; d && o->mark == ALONG; d = d->next) {
    const struct object *on = whole_of(d->on);
    if (d->soft || on == parent || on->parent == parent)
      continue;
    if (is_altered(on, o))
      o->mark = EARLY;
    if (!is_gone(on))
      continue;
    const unsigned place = is_kind(on, KIND_COLUMN) ? on->parent->position : on->position;
    const bool late = is_late(on);
    if (late < is_late(parent) || (late == is_late(parent) && place > parent->position))
      o->mark = late ? LATE : EARLY;
  }
}

/* Whether the table is taken from under those above it, for good, before anything there goes. */
static bool leaves(const struct object *table) {
  return table->match && table->kind->descends && !table->kind->descends(table, table->match, NULL);
}

void drops_time(struct object *const *order, size_t count, const struct schema *after) {
  for (size_t i = 0; i < count; i++)
    for EACH_CHILD(order[i], child)
      if (is_gone(order[i]))
        child->mark = ALONG;
  each_whole(order, count, true, find_held);
  each_whole(order, count, false, find_early);
  each_whole(order, count, true, find_free);
  for (size_t i = 0; i < count; i++)
    for EACH_CHILD(order[i], child)
      free_name(child, after);
  for (size_t i = 0; i < count; i++)
    for EACH_CHILD(order[i], child)
      if (child->mark == ALONG && !is_kind(child, KIND_COLUMN))
        part_from_parent(child);
  /* one that was written may not be a part of it yet, between two files: it goes behind it, if it is there still */
  for (size_t i = 0; i < count; i++)
    for EACH_CHILD(order[i], child)
      if (child->mark == EARLY && !child->span.src && !leaves(order[i]) && inherit_takes_along(child))
        child->mark = ALONG;
}
