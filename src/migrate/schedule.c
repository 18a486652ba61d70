/* Which file each piece of a migration goes into. Places are 3 × level + mode + 1: within a level first what shares a
 * transaction, then statements that stand alone, then what reads all rows while others write. */
#include <string.h>

#include "migrate/private.h"

enum { MODES = 3 };
static const size_t order_of[] = {[PIECE_SHARED] = 0, [PIECE_ALONE] = 1, [PIECE_APART] = 2};

/* Pieces of what is made anew that wait for their turn. */
struct waiting {
  const struct object *object;
  const struct piece *piece;
  bool undone;
  struct waiting *next;
};
struct scheduler {
  struct migration_plan *plan;
  size_t base;   /* nothing comes before it */
  size_t last;   /* the greatest slot so far */
  struct waiting *waiting;
  struct strbuf scratch;
};

void moves_add(struct arena *arena, struct moves *m, struct move move) {
  if (m->count == m->room) {
    m->room = m->room ? m->room * 2 : 64;
    struct move *v = arena_array(arena, m->room, sizeof *v);
    if (m->count)
      memcpy(v, m->v, m->count * sizeof *v);
    m->v = v;
  }
  m->v[m->count++] = move;
}

/* The first place for the mode that is not before `slot`. */
static size_t place_for(enum piece_mode mode, size_t slot) {
  if (slot == 0)
    return order_of[mode] + 1;
  const size_t level = (slot - 1) / MODES, order = (slot - 1) % MODES;
  return MODES * (order <= order_of[mode] ? level : level + 1) + order_of[mode] + 1;
}

static void later(size_t *slot, size_t other) {
  if (other > *slot)
    *slot = other;
}

/* Whether it is about the column; of what cannot say so, it is taken to be. */
static bool is_about(const struct object *o, const struct object *column) {
  return column->kind->ns == NS_COLUMN && o->kind->ns != NS_COLUMN && (!o->kind->leans || o->kind->leans(o, column, REPLACED));
}

/* Not before what it needs stands. */
static size_t earliest(const struct scheduler *s, const struct object *o) {
  size_t slot = s->base;
  later(&slot, o->last_slot);
  for (const struct depend *d = o->depends; d; d = d->next)
    if (d->on != o->parent)
      later(&slot, d->on->last_slot);
  for (const struct object *c = o->parent ? o->parent->first_child : NULL; c; c = c->next)
    if (c->last_slot && is_about(o, c))
      later(&slot, c->last_slot);
  return slot;
}

static void put(struct scheduler *s, struct move move, size_t slot) {
  struct object *o = (struct object *)(uintptr_t)move.object;
  move.slot = place_for(move.mode, slot);
  if (!o->slot)
    o->slot = move.slot;
  later(&o->last_slot, move.slot);
  later(&s->last, move.slot);
  /* What groups by a key needs more than its table. */
  if (o->parent && move.mode == PIECE_SHARED && move.undone)
    later(&o->parent->last_slot, move.slot);
  moves_add(s->plan->arena, &s->plan->ups, move);
}

static void put_pieces(struct scheduler *s, const struct step *step, const struct object *o, const struct piece *from,
                       const struct piece *to, bool undone) {
  for (const struct piece *p = from; p != to; p = p->next)
    put(s, (struct move){.object = o, .step = step, .sql = p->sql, .undo = p->undo, .mode = p->mode, .undone = undone}, earliest(s, o));
}

/* ── what may be done in pieces ── */

/* That a column goes takes all that stands on it along; that its type changes reads it anew. */
static bool goes_with_column(const struct object *o) {
  for EACH_CHILD(o->parent, column)
    if (is_about(o, column) && (!column->match || (column->match->differs && o->kind->leans(o, column, column->match->differs))))
      return true;
  return false;
}

static bool is_alteration(struct scheduler *s, const struct step *step) {
  const struct object *o = step->object;
  if (!o->match || !o->differs || !o->kind->alter)
    return false;
  strbuf_clear(&s->scratch);
  return o->kind->alter(o->match, o, o->differs, &s->scratch) && strcmp(s->scratch.text, step->sql) == 0;
}

static bool is_made(const struct migration_plan *p, const struct object *o) {
  for (size_t i = 0; i < p->up.count; i++)
    if (p->up.steps[i].verb == STEP_CREATE && p->up.steps[i].object == o)
      return true;
  return false;
}

static bool has_rows_before(const struct scheduler *s, const struct object *o) {
  return o->kind->online && o->parent && o->parent->match && !is_made(s->plan, models_canonical(o->parent));
}

static bool in_pieces(struct scheduler *s, const struct step *step, struct online *out) {
  const struct object *o = step->object;
  *out = (struct online){.arena = s->plan->arena, .sql = s->plan->sql, .target = &s->plan->models.after->target};
  if (s->plan->offline || !has_rows_before(s, o))
    return false;
  switch (step->verb) {
  case STEP_CREATE: return o->kind->online(NULL, o, out);
  case STEP_ALTER: return is_alteration(s, step) && o->kind->online(o->match, o, out);
  case STEP_DROP:
    if (!o->match)
      return !goes_with_column(o) && !schema_find(s->plan->models.after, NS_RELATION, o->schema, NULL, o->name) &&
             o->kind->online(o, NULL, out);
    out->anew = true;
    return o->match->differs && o->kind->online(o, o->match, out);
  case STEP_COMMENT: break;
  }
  return false;
}

static struct waiting *waiting_for(const struct scheduler *s, const struct object *o) {
  struct waiting *w = s->waiting;
  while (w && w->object != o)
    w = w->next;
  return w;
}

static bool speaks_of(const struct object *o, const struct object *block) {
  for (const struct depend *d = o->depends; d; d = d->next)
    if (d->on == block || (d->on->external && speaks_of(d->on, block)))
      return true;
  return o->parent && o->parent->external && speaks_of(o->parent, block);
}

/* Whether something else stands on what the block made. */
static bool is_built_on(const struct schema *before, const struct object *block) {
  for EACH_OBJECT(before, o)
    if (o != block && !o->external && speaks_of(o, block) && (o->kind->ns != NS_SQL || is_built_on(before, o)))
      return true;
  return false;
}

/* The scripts of sql blocks speak of what they undo by its former name. */
static bool goes_first(const struct schema *before, const struct step *step) {
  return step->verb == STEP_DROP && step->object->kind->ns == NS_SQL && !is_built_on(before, step->object);
}

static void take_step(struct scheduler *s, const struct step *step) {
  const struct object *o = models_canonical(step->object);
  const struct waiting *waiting = step->verb == STEP_CREATE ? waiting_for(s, o) : NULL;
  struct online online;
  if (waiting) {
    put_pieces(s, step, o, waiting->piece, NULL, waiting->undone);
  } else if (!in_pieces(s, step, &online)) {
    const bool last = step->verb == STEP_DROP && object_holds_data(step->object) && !step->object->match;
    const size_t slot = last ? place_for(PIECE_SHARED, s->last) : earliest(s, o);
    if (last)
      s->base = slot;
    put(s, (struct move){.object = o, .step = step, .sql = step->sql}, slot);
  } else if (step->verb == STEP_DROP && step->object->match) {
    const struct piece *p = online.first;
    while (p && p->mode == PIECE_SHARED)
      p = p->next;
    put_pieces(s, step, o, online.first, p, online.undone);
    struct waiting *w = arena_alloc(s->plan->arena, sizeof *w);
    *w = (struct waiting){o, p, online.undone, s->waiting};
    s->waiting = w;
  } else {
    put_pieces(s, step, o, online.first, NULL, online.undone);
  }
  if (step->commits)
    s->base = s->last + MODES - (s->last - 1) % MODES;
}

/* ── the way back ── */

/* What a step takes back. */
static const struct move *opposite(const struct migration_plan *p, const struct object *o, enum step_verb verb) {
  static const enum step_verb opposites[] = {
      [STEP_CREATE] = STEP_DROP, [STEP_ALTER] = STEP_ALTER, [STEP_DROP] = STEP_CREATE, [STEP_COMMENT] = STEP_COMMENT};
  for (size_t i = 0; i < p->ups.count; i++)
    if (p->ups.v[i].object == o && p->ups.v[i].step && p->ups.v[i].step->verb == opposites[verb])
      return &p->ups.v[i];
  return NULL;
}

/* What is made anew on the way back alone, as a type that lost a label, holds all the rest of it together. */
static bool is_entangled(const struct migration_plan *p) {
  for (size_t i = 0; i < p->down.count; i++) {
    const struct step *step = &p->down.steps[i];
    if (step->verb == STEP_CREATE && step->object->match && !step->object->parent &&
        !opposite(p, models_canonical(step->object), STEP_CREATE))
      return true;
  }
  return false;
}

static size_t first_shared(const struct scheduler *s) {
  for (size_t i = 0; i < s->plan->ups.count; i++)
    if (s->plan->ups.v[i].mode == PIECE_SHARED)
      return s->plan->ups.v[i].slot;
  return place_for(PIECE_SHARED, s->last);
}

/* A step stands where what it takes back stands; one that takes nothing back by itself, with the step before it. */
static void take_back(struct scheduler *s, const struct step *step, size_t *slot) {
  struct migration_plan *p = s->plan;
  const struct object *o = models_canonical(step->object);
  const struct move *up = opposite(p, o, step->verb);
  if ((up && up->undone) || models_leave(p->sql, p->back.before, step))
    return;
  const size_t own = up ? up->slot : o->slot;
  if (own && order_of[PIECE_SHARED] == (own - 1) % MODES)
    *slot = own;
  moves_add(p->arena, &p->downs, (struct move){.object = o, .step = step, .sql = step->sql, .slot = *slot});
}

static void schedule_back(struct scheduler *s) {
  struct migration_plan *p = s->plan;
  size_t slot = first_shared(s), last = 0;
  for (int first = 1; first >= 0; first--)
    for (size_t i = 0; i < p->down.count; i++)
      if (goes_first(p->back.before, &p->down.steps[i]) == first)
        take_back(s, &p->down.steps[i], &slot);
  for (size_t i = 0; i < p->downs.count; i++)
    later(&last, p->downs.v[i].slot);
  const bool entangled = is_entangled(p);
  for (size_t i = 0; entangled && i < p->downs.count; i++)
    p->downs.v[i].slot = last;
}

void schedule(struct migration_plan *plan) {
  struct scheduler s = {.plan = plan, .scratch = STRBUF_INIT};
  for (int first = 1; first >= 0; first--)
    for (size_t i = 0; i < plan->up.count; i++)
      if (goes_first(plan->there.before, &plan->up.steps[i]) == first && !models_leave(plan->sql, plan->there.before, &plan->up.steps[i]))
        take_step(&s, &plan->up.steps[i]);
  schedule_back(&s);
  strbuf_release(&s.scratch);
}
