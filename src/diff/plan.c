/* The plan that creates a schema: a step an object, comments behind what they speak of. */
#include <string.h>

#include "diff/diff.h"
#include "sql/sql.h"

struct builder {
  struct arena *arena;
  struct plan plan;
  size_t room;
  struct strbuf sql;
};

static void add(struct builder *b, enum step_verb verb, const struct object *o, unsigned locks) {
  if (b->plan.count == b->room) {
    const size_t room = b->room ? b->room * 2 : 64;
    struct step *steps = arena_array(b->arena, room, sizeof *steps);
    if (b->plan.count)
      memcpy(steps, b->plan.steps, b->plan.count * sizeof *steps);
    b->plan.steps = steps;
    b->room = room;
  }
  b->plan.steps[b->plan.count++] = (struct step){verb, o, strbuf_dup(&b->sql, b->arena), locks};
  strbuf_clear(&b->sql);
}

static void comment(struct builder *b, const struct object *o) {
  if (!o->comment || !o->kind->target_name)
    return;
  strbuf_adds(&b->sql, "COMMENT ON ");
  o->kind->target_name(o, &b->sql);
  strbuf_adds(&b->sql, " IS ");
  sql_literal(&b->sql, o->comment);
  strbuf_adds(&b->sql, ";\n");
  add(b, STEP_COMMENT, o, 0);
}

/* Relations that a step locks: itself; a table also its toast table and index, and the index of each key. */
static unsigned locks(const struct object *o) {
  if (!is_kind(o, KIND_TABLE))
    return 2;
  unsigned n = 4;
  for EACH_CHILD(o, child)
    n += child->folded && !is_kind(child, KIND_COLUMN);
  return n;
}

enum { WANTED = 1 };

/* Marks what is missing; what folds into a table that is there must be made by itself. */
static void mark(struct schema *schema, const struct changes *missing) {
  for EACH_OBJECT(schema, o)
    o->mark = missing ? 0 : WANTED;
  for (size_t i = 0; missing && i < missing->count; i++)
    if (missing->v[i].verb == CHANGE_ADD)
      ((struct object *)(uintptr_t)missing->v[i].after)->mark = WANTED;
  for EACH_OBJECT(schema, o) {
    if (o->parent && o->parent->mark == WANTED)
      o->mark = WANTED;
    else if (o->parent)
      o->folded = false;
  }
}

static void column_steps(struct builder *b, const struct object *table) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN) && o->mark == WANTED && !o->folded) {
      o->kind->create(o, &b->sql);
      add(b, STEP_CREATE, o, locks(o));
      comment(b, o);
    }
}

/* Made already: `mark` says so from then on. */
enum { MADE = 2 };

static void make_object(struct builder *b, struct object *o) {
  o->kind->create(o, &b->sql);
  add(b, STEP_CREATE, o, locks(o));
  comment(b, o);
  for EACH_CHILD(o, child)
    if (child->folded || is_kind(o, KIND_COMPOSITE))
      comment(b, child);
  o->mark = MADE;
}

static bool is_made(const struct object *o) {
  return o->mark == MADE || o->folded || is_kind(o, KIND_COLUMN);
}

/* Indexes and triggers stand behind their table, unless what they need is still to come. */
static void make_children(struct builder *b, const struct object *table) {
  for EACH_CHILD(table, o) {
    bool ready = o->mark == WANTED && !o->folded && !is_kind(o, KIND_COLUMN) && !is_kind(table, KIND_COMPOSITE);
    for (const struct depend *d = o->depends; ready && d; d = d->next)
      ready = is_made(d->on);
    if (ready)
      make_object(b, o);
  }
}

/* Whether nothing stands of what a database can be asked for. */
static bool all_missing(struct object *const *order, size_t count) {
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    if (order[i]->mark == WANTED)
      any = true;
    else if (!order[i]->parent && !order[i]->implied && !is_kind(order[i], KIND_SQL) && !is_kind(order[i], KIND_SCHEMA) &&
             !is_kind(order[i], KIND_EXTENSION))
      return false;
  }
  return any;
}

/* A database cannot be asked for a sql block: it is made with any of what it needs, and with all of a schema. */
static void mark_blocks(struct object *const *order, size_t count) {
  const bool all = all_missing(order, count);
  for (size_t i = 0; i < count; i++) {
    struct object *o = order[i];
    if (!is_kind(o, KIND_SQL) || o->mark == WANTED)
      continue;
    bool wanted = all;
    for (const struct depend *d = o->depends; d; d = d->next)
      wanted |= d->on->mark == WANTED;
    o->mark = wanted ? WANTED : 0;
  }
}

struct plan plan_create(struct arena *arena, struct schema *schema, const struct changes *missing,
                        struct diagnostics *diagnostics) {
  struct builder b = {.arena = arena, .sql = STRBUF_INIT};
  size_t count;
  struct object **order = order_objects(arena, schema, diagnostics, &count);
  mark(schema, missing);
  mark_blocks(order, count);
  for (size_t i = 0; i < count; i++) {
    struct object *o = order[i];
    if (o->mark != WANTED && o->first_child)
      column_steps(&b, o);
    if (o->mark != WANTED || o->folded || !o->kind->create)
      continue;
    make_object(&b, o);
    make_children(&b, o);
  }
  strbuf_release(&b.sql);
  return b.plan;
}
