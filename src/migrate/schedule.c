/* Which file each piece of a migration goes into. Places are 3 × level + mode + 1: within a level first what shares a
 * transaction, then statements that stand alone, then what reads all rows while others write. */
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

enum { MODES = 3 };
static const size_t order_of[] = {[PIECE_SHARED] = 0, [PIECE_ALONE] = 1, [PIECE_APART] = 2};

/* Pieces of what is made anew that wait for their turn. */
struct waiting {
  const struct object *object;
  const struct piece *piece;
  bool undone;
  struct waiting *next;
};
/* Data goes when all else is done, in a file of its own where that is in several. Where the way back cannot be parted so, it
 * goes along with what shares a transaction; where it still cannot, the whole migration is one. */
enum care { DATA_LAST, DATA_ALONG, IN_ONE };
struct scheduler {
  struct migration_plan *plan;
  enum care care;
  size_t base;   /* nothing comes before it */
  size_t last;   /* the greatest slot so far */
  size_t joining; /* where tables begin to be attached, behind all that is done to them */
  struct waiting *waiting;
  struct strbuf scratch;
};

void moves_add(struct arena *arena, struct moves *m, struct move move) {
  m->v = arena_grow(arena, m->v, m->count, &m->room, sizeof *m->v);
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

/* What is done to a column of a table is done to those below it. */
static size_t last_of_column(const struct object *c) {
  size_t slot = c->last_slot;
  for (; c; c = c->above)
    later(&slot, c->last_slot);
  return slot;
}

/* Not before what it needs stands. */
static size_t earliest(const struct scheduler *s, const struct object *o) {
  size_t slot = s->base;
  later(&slot, o->last_slot);
  if (o->parent) /* a table with rows is there, whatever else is done to it */
    later(&slot, o->parent->match && is_kind(o->parent, KIND_TABLE) ? o->parent->slot : o->parent->last_slot);
  for (const struct depend *d = o->depends; d; d = d->next)
    if (d->on != o->parent)
      later(&slot, d->on->last_slot);
  for (const struct object *c = o->parent ? o->parent->first_child : NULL; c; c = c->next)
    if (last_of_column(c) && is_about(o, c))
      later(&slot, last_of_column(c));
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

/* Whether what it needs goes, or is made anew: then it has to be gone by then. */
static bool gives_way(const struct scheduler *s, const struct object *o) {
  for (const struct depend *d = o->depends; d; d = d->next)
    if (!d->soft && !d->on->external && d->on->parent != o->parent &&
        (!d->on->match || is_made(s->plan, models_canonical(d->on->match))))
      return true;
  return goes_with_column(o);
}

static bool has_rows_before(const struct scheduler *s, const struct object *o) {
  return o->kind->online && o->parent && o->parent->match && !o->parent->mark && !is_made(s->plan, models_canonical(o->parent));
}

static bool goes_in_one(const struct scheduler *s) {
  return s->plan->offline || s->care == IN_ONE;
}

static bool in_pieces(struct scheduler *s, const struct step *step, struct online *out) {
  const struct object *o = step->object;
  *out = (struct online){.arena = s->plan->arena,
                         .sql = s->plan->sql,
                         .target = &s->plan->models.after->target,
                         .before = s->plan->models.before,
                         .after = s->plan->models.after};
  if (goes_in_one(s) || !has_rows_before(s, o))
    return false;
  switch (step->verb) {
  case STEP_CREATE: return o->kind->online(NULL, o, out);
  case STEP_ALTER: return is_alteration(s, step) && o->kind->online(o->match, o, out);
  case STEP_DROP:
    if (!o->match)
      return !goes_with_column(o) && !schema_find(s->plan->models.after, NS_RELATION, o->schema, NULL, o->name) &&
             o->kind->online(o, NULL, out);
    out->anew = true;
    return o->match->differs && !gives_way(s, o) && o->kind->online(o, o->match, out);
  case STEP_COMMENT: break;
  }
  return false;
}

/* A table that comes under a parted one or leaves it, by a step of its own. */
static bool comes_or_goes(struct scheduler *s, const struct step *step, struct online *out) {
  const struct object *o = step->object, *before = o->match ? o->match : o, *after = o->match ? o : NULL;
  if (goes_in_one(s) || step->verb != STEP_ALTER || !is_kind(o, KIND_TABLE))
    return false;
  out->first = out->last = NULL;
  if (parted_leave_online(before, after, step->sql, out)) {
    put_pieces(s, step, models_canonical(o), out->first, NULL, false);
    s->base = s->last; /* what is done to the whole is none of its business any more */
    return true;
  }
  if (!after || !parted_join_online(before, after, step->sql, out))
    return false;
  if (!s->joining)
    s->joining = s->last;
  later(&((struct object *)(uintptr_t)o)->last_slot, s->joining);
  put_pieces(s, step, o, out->first, NULL, out->undone);
  return true;
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

/* A table is altered behind the indexes that it was given before, of which it may speak; nothing goes before what needed it is
 * done with. */
static size_t earliest_step(const struct scheduler *s, const struct step *step, const struct object *o) {
  size_t slot = earliest(s, o);
  for (const struct object *child = step->verb == STEP_ALTER ? o->first_child : NULL; child; child = child->next)
    if (child->kind->ns != NS_COLUMN)
      later(&slot, child->last_slot);
  for (const struct object *part = step->verb == STEP_DROP ? step->object : NULL; part; part = part == step->object ? part->first_child : part->next)
    for (const struct depend *d = part->dependents; d; d = d->next)
      later(&slot, models_canonical(d->on)->last_slot);
  return slot;
}

static void take_step(struct scheduler *s, const struct step *step) {
  const struct object *o = models_canonical(step->object);
  const struct waiting *waiting = step->verb == STEP_CREATE ? waiting_for(s, o) : NULL;
  struct online online;
  if (waiting) {
    put_pieces(s, step, o, waiting->piece, NULL, waiting->undone);
  } else if (!in_pieces(s, step, &online)) {
    if (comes_or_goes(s, step, &online))
      return;
    const bool last = step->verb == STEP_DROP && object_holds_data(step->object) && !step->object->match && s->care == DATA_LAST;
    const size_t slot = last ? place_for(PIECE_SHARED, s->last) : earliest_step(s, step, o);
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
    /* what made way in one piece comes back by itself where it has to make way again */
    if (step->verb == STEP_CREATE && o->match)
      for (struct piece *p = online.first; p; p = p->next)
        p->undo = NULL;
    put_pieces(s, step, o, online.first, NULL, online.undone && !(step->verb == STEP_CREATE && o->match));
  }
}

/* ── the way back ── */

/* A step of the way back, and the files whose downs it is in: where pieces undo it, several. */
struct back {
  const struct step *step;
  const struct object *object; /* canonical */
  size_t first, last;
  bool undone;
};
struct backs {
  struct back *v;
  size_t count;
};

/* What a step takes back. */
static const struct move *opposite(const struct migration_plan *p, const struct object *o, enum step_verb verb) {
  static const enum step_verb opposites[] = {
      [STEP_CREATE] = STEP_DROP, [STEP_ALTER] = STEP_ALTER, [STEP_DROP] = STEP_CREATE, [STEP_COMMENT] = STEP_COMMENT};
  for (size_t i = 0; i < p->ups.count; i++)
    if (p->ups.v[i].object == o && p->ups.v[i].step && p->ups.v[i].step->verb == opposites[verb])
      return &p->ups.v[i];
  return NULL;
}

static void undone_by(const struct migration_plan *p, const struct move *up, struct back *out) {
  out->undone = true;
  out->first = out->last = up->slot;
  for (size_t i = 0; i < p->ups.count; i++)
    if (p->ups.v[i].step == up->step && p->ups.v[i].undo) {
      later(&out->last, p->ups.v[i].slot);
      if (p->ups.v[i].slot < out->first)
        out->first = p->ups.v[i].slot;
    }
}

static bool is_shared(size_t slot) {
  return (slot - 1) % MODES == order_of[PIECE_SHARED];
}

/* The last place before this one for what shares a transaction. */
static size_t shared_before(size_t slot) {
  while (slot > 1 && !is_shared(--slot))
    ;
  return slot;
}

static size_t first_shared(const struct scheduler *s) {
  for (size_t i = 0; i < s->plan->ups.count; i++)
    if (s->plan->ups.v[i].mode == PIECE_SHARED)
      return s->plan->ups.v[i].slot;
  return place_for(PIECE_SHARED, s->last);
}

/* What is said of something that comes back follows it. */
static void follow_creation(const struct backs *all, struct back *b) {
  for (size_t i = 0; i < all->count && b->step->verb != STEP_CREATE; i++) {
    const struct back *made = &all->v[i];
    if (made->step->verb != STEP_CREATE || (made->object != b->object && made->object != b->object->parent))
      continue;
    const size_t slot = made->undone ? shared_before(made->first) : made->first;
    if (slot < b->first)
      b->first = b->last = slot;
  }
}

/* A step stands where what it takes back stands; one that takes nothing back by itself, with the step before it. */
static void take_back(struct scheduler *s, const struct step *step, struct backs *all, size_t *slot) {
  struct migration_plan *p = s->plan;
  if (models_leave(p->sql, p->back.before, step))
    return;
  struct back b = {.step = step, .object = models_canonical(step->object)};
  const struct move *up = opposite(p, b.object, step->verb);
  const size_t own = up ? up->slot : b.object->slot;
  if (up && up->undone) {
    undone_by(p, up, &b);
  } else {
    if (own && is_shared(own))
      *slot = own;
    b.first = b.last = *slot;
    follow_creation(all, &b);
  }
  all->v[all->count++] = b;
}

/* ── whether it can go back file by file ── */

static bool is_same(const struct object *a, const struct object *b) {
  return a && b && models_canonical(a) == models_canonical(b);
}

static bool needs(const struct object *o, const struct object *on) {
  for (const struct depend *d = o->depends; d; d = d->next)
    if (is_same(d->on, on) || is_same(d->on->parent, on) || is_same(d->on, on->parent))
      return true;
  for EACH_CHILD(o, child)
    if (child->folded && child != on && needs(child, on))
      return true;
  return false;
}

static bool same_name(const struct object *a, const struct object *b) {
  return a->schema && b->schema && strcmp(a->schema, b->schema) == 0 && strcmp(a->name, b->name) == 0;
}

/* Whether it shares the names of tables: an index, a key too. */
static bool is_relation(const struct object *o) {
  return o->kind->ns == NS_RELATION || is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE);
}

static bool is_in(const struct object *o, const struct object *schema) {
  return is_kind(schema, KIND_SCHEMA) && o->schema && strcmp(o->schema, schema->name) == 0;
}

static bool are_related(const struct step *a, const struct step *b) {
  const struct object *x = a->object, *y = b->object;
  return is_same(x, y) || is_in(x, y) || is_in(y, x) || is_same(x->parent, y) || is_same(y->parent, x) || needs(x, y) || needs(y, x) ||
         (((!x->parent && !y->parent) || (is_relation(x) && is_relation(y))) && same_name(x, y));
}

/* The later file's down runs first, and in a file what pieces undo comes last. */
static bool is_in_turn(const struct back *first, const struct back *then) {
  return first->undone ? then->undone || then->last < first->first : then->last <= first->first;
}

/* The plan of the way back is in order as a whole; whether it cannot be parted so that what is related stays in turn. */
static bool is_entangled(const struct backs *all) {
  for (size_t i = 0; i < all->count; i++)
    for (size_t k = i + 1; k < all->count; k++)
      if (!is_in_turn(&all->v[i], &all->v[k]) && are_related(all->v[i].step, all->v[k].step))
        return true;
  return false;
}

static bool schedule_back(struct scheduler *s) {
  struct migration_plan *p = s->plan;
  struct backs all = {.v = arena_array(p->arena, p->down.count + 1, sizeof *all.v)};
  size_t slot = first_shared(s);
  for (int first = 1; first >= 0; first--)
    for (size_t i = 0; i < p->down.count; i++)
      if (goes_first(p->back.before, &p->down.steps[i]) == first)
        take_back(s, &p->down.steps[i], &all, &slot);
  for (size_t i = 0; i < all.count; i++)
    if (!all.v[i].undone)
      moves_add(p->arena, &p->downs, (struct move){.object = all.v[i].object, .step = all.v[i].step, .sql = all.v[i].step->sql, .slot = all.v[i].first});
  return !is_entangled(&all);
}

static void forget_slots(struct schema *schema) {
  for EACH_OBJECT(schema, o)
    o->slot = o->last_slot = 0;
}

static bool schedule_with(struct migration_plan *plan, enum care care) {
  struct scheduler s = {.plan = plan, .care = care, .scratch = STRBUF_INIT};
  forget_slots(plan->models.before);
  forget_slots(plan->models.after);
  plan->ups = plan->downs = (struct moves){0};
  for (int first = 1; first >= 0; first--)
    for (size_t i = 0; i < plan->up.count; i++)
      if (goes_first(plan->there.before, &plan->up.steps[i]) == first && !models_leave(plan->sql, plan->there.before, &plan->up.steps[i]))
        take_step(&s, &plan->up.steps[i]);
  strbuf_release(&s.scratch);
  return schedule_back(&s);
}

void schedule(struct migration_plan *plan) {
  models_mark_families(&plan->there, plan->models.before, plan->models.after);
  for (enum care care = DATA_LAST; !schedule_with(plan, care) && care < IN_ONE; care++)
    ;
}
