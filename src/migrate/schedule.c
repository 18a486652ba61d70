/* Which file each piece of a migration goes into. Places are 3 × level + mode + 1: within a level first what shares a
 * transaction, then statements that stand alone, then what reads all rows while others write. */
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

enum { MODES = 3 };
static const size_t order_of[] = {[PIECE_SHARED] = 0, [PIECE_ALONE] = 1, [PIECE_APART] = 2};

/* Whether the undos of pieces are nothing, something, or all that takes the change back. */
enum undoing { NOT_UNDONE, UNDONE_IN_PART, UNDONE };
/* Pieces of what is made anew that wait for their turn. */
struct waiting {
  const struct object *object;
  const struct piece *piece;
  enum undoing undoing;
  struct turn *began;
  struct waiting *next;
};
/* Data goes when all else is done, in a file of its own where that is in several; or, where that cannot be, along with
 * what shares a transaction. */
enum care { DATA_LAST, DATA_ALONG };
/* Of a step of the way there or back. */
struct turn {
  size_t floor;        /* it may not be before */
  size_t first, last;  /* where it is; 0: nowhere */
  size_t gone;         /* where what stepped aside goes, behind what comes in its place */
  size_t moves, count; /* its first one, and how many */
  bool in_pieces;
  bool plain;          /* it is not to be: in pieces it stands in its own way */
  bool known;          /* whether it may be, and in which */
  bool leaves;         /* a partition does, in a file of its own */
  struct online online;
  /* of the way back: the step that it takes back, or has a part in taking back; where what it is about comes back, and
   * where that one's parent does */
  const struct step *opposite;
  const struct turn *creation, *parents_creation; /* of the way there the first alone */
  const struct turn *whole; /* of the way there: by which the table goes, for an index or key that goes before it */
  struct turn *begun; /* what is done in two: a name handed on before its owner goes; one that goes and is made anew */
};
struct scheduler {
  struct migration_plan *plan;
  enum care care;
  struct turn *there, *back, *now;         /* of the steps of either plan; of the one that is taken */
  struct turns there_turns, back_turns;    /* the steps as they are taken */
  struct numbers made;                     /* what the steps make, by its address */
  bool amiss, raised;                      /* a step is not where it may be; and has to be later */
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

/* What is done to a column of a table is done to those below it. */
static size_t last_of_column(const struct object *c) {
  size_t slot = c->last_slot;
  for (; c; c = c->above)
    later(&slot, c->last_slot);
  return slot;
}

/* Whether it has left the table above before it goes. */
static bool has_left(const struct scheduler *s) {
  const struct step *first = s->now->begun ? &s->plan->up.steps[s->now->begun - s->there] : NULL;
  return first && first->verb == STEP_ALTER && first->part != PART_NAMES;
}

/* Not before what it needs stands; what is begun before data goes does not wait for that, nor do comments. */
static size_t earliest(const struct scheduler *s, const struct step *step, const struct object *o) {
  size_t slot = (s->now->begun && !has_left(s)) || step->verb == STEP_COMMENT ? 0 : s->base;
  later(&slot, s->now->floor);
  later(&slot, o->last_slot);
  if (o->parent) /* a table with rows is there, whatever else is done to it */
    later(&slot, o->parent->match && is_kind(o->parent, KIND_TABLE) ? o->parent->slot : o->parent->last_slot);
  for (const struct depend *d = o->depends; d; d = d->next)
    if (d->on != o->parent)
      later(&slot, d->on->last_slot);
  for (const struct object *c = o->parent ? o->parent->first_child : NULL; c; c = c->next)
    if (last_of_column(c) && turns_is_about(o, c))
      later(&slot, last_of_column(c));
  return slot;
}

/* Of a column all but that it is not null comes in its first piece. */
static bool is_altered_at_once(const struct step *step) {
  return is_kind(step->object, KIND_COLUMN) && step->verb != STEP_DROP;
}

static void put(struct scheduler *s, struct move move, size_t slot) {
  struct object *o = (struct object *)(uintptr_t)move.object;
  move.slot = place_for(move.mode, slot);
  if (!o->slot)
    o->slot = move.slot;
  if (!s->now->count++) {
    s->now->first = move.slot;
    s->now->moves = s->plan->ups.count;
  }
  later(&s->now->last, move.slot);
  later(&o->last_slot, move.slot);
  if (s->now->count == 1 || !is_altered_at_once(move.step))
    later(&o->done_slot, move.slot);
  later(&s->last, move.slot);
  moves_add(s->plan->arena, &s->plan->ups, move);
}

static void put_pieces(struct scheduler *s, const struct step *step, const struct object *o, const struct piece *from,
                       const struct piece *to, enum undoing undoing) {
  s->now->in_pieces = true;
  for (const struct piece *p = from; p != to; p = p->next)
    put(s,
        (struct move){.object = o,
                      .step = step,
                      .sql = p->sql,
                      .undo = undoing ? p->undo : NULL,
                      .mode = p->mode,
                      .undone = undoing == UNDONE},
        earliest(s, step, o));
}

static enum undoing undoing_of(const struct online *online) {
  return online->undone ? UNDONE : UNDONE_IN_PART;
}

/* ── what may be done in pieces ── */

/* That a column goes takes all that stands on it along; that its type changes reads it anew; a primary key lets no
 * column be null. */
static bool goes_with_column(const struct object *o) {
  const bool primary = is_kind(o, KIND_KEY) && ((const struct key *)o)->primary;
  for EACH_CHILD(o->parent, column) {
    const uint64_t fields = column->match ? column->match->differs : REPLACED;
    if (fields && turns_is_about(o, column) &&
        (!column->match || (primary && fields & COLUMN_NOT_NULL) || o->kind->leans(o, column, fields)))
      return true;
  }
  return false;
}

static bool is_alteration(struct scheduler *s, const struct step *step) {
  const struct object *o = step->object;
  if (!o->match || !o->differs || !o->kind->alter)
    return false;
  strbuf_clear(&s->scratch);
  return o->kind->alter(o->match, o, o->differs, &s->scratch) && strcmp(s->scratch.text, step->sql) == 0;
}

static bool is_made(const struct scheduler *s, const struct object *o) {
  return numbers_get(&s->made, (uintptr_t)o) != NULL;
}

static void find_made(struct scheduler *s) {
  numbers_init(&s->made, s->plan->arena);
  for (size_t i = 0; i < s->plan->up.count; i++) {
    const struct step *step = &s->plan->up.steps[i];
    if (step->verb == STEP_CREATE)
      numbers_set(&s->made, (uintptr_t)step->object, s);
  }
}

/* Whether what it needs goes, or is made anew: then it has to be gone by then. */
static bool gives_way(const struct scheduler *s, const struct object *o) {
  for (const struct depend *d = o->depends; d; d = d->next)
    if (!d->soft && !d->on->external && d->on->parent != o->parent &&
        (!d->on->match || is_made(s, models_canonical(d->on->match))))
      return true;
  return goes_with_column(o);
}

static bool has_rows_before(const struct scheduler *s, const struct object *o) {
  return o->kind->online && o->parent && o->parent->match && !o->parent->mark &&
         !is_made(s, models_canonical(o->parent));
}

static bool may_be_in_pieces(struct scheduler *s, const struct step *step, struct online *out) {
  const struct object *o = step->object;
  if (!has_rows_before(s, o))
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

/* What stands alone is undone by itself, while all is called as it is when all is done. */
static bool is_misnamed(const struct scheduler *s, const struct online *online) {
  for (const struct piece *p = online->first; p; p = p->next)
    if (p->mode == PIECE_ALONE && p->undo && turns_mention_former(&s->plan->there, p->undo))
      return true;
  return false;
}

/* The pieces of a step, or NULL. */
static const struct online *pieces_of(struct scheduler *s, const struct step *step) {
  struct online *online = &s->now->online;
  if (!s->now->known) {
    *online = (struct online){.arena = s->plan->arena,
                              .sql = s->plan->sql,
                              .target = &s->plan->models.after->target,
                              .before = s->plan->models.before,
                              .after = s->plan->models.after};
    if (s->plan->offline || !may_be_in_pieces(s, step, online) || is_misnamed(s, online))
      online->first = NULL;
    s->now->known = true;
  }
  return online->first && !s->now->plain ? online : NULL;
}

/* What it was called before it is called again by the time that its first file is gone back by. */
static bool gets_name(const struct migration_plan *p, const struct object *table) {
  for (size_t i = 0; i < p->there.count; i++) {
    const struct change *c = &p->there.v[i];
    if (c->old_name && c->after &&
        (c->after == table || (is_kind(c->after, KIND_SCHEMA) && strcmp(c->after->name, table->schema) == 0)))
      return true;
  }
  return false;
}

/* A table under a parted one whose default partition is proven to have none of its rows: that is done ahead, on the
 * default one's account. What the step is taken back by stands where the table is made. */
static bool makes_beside_default(struct scheduler *s, const struct step *step) {
  const struct object *o = step->object;
  struct online *online = &s->now->online;
  const struct object *rest = parted_create_online(o, online);
  if (!rest || is_made(s, rest) || is_made(s, ((const struct table *)o)->above[0]) ||
      gets_name(s->plan, rest))
    return false;
  for (const struct piece *p = online->first; p != online->last; p = p->next)
    put(s, (struct move){.object = rest, .step = step, .sql = p->sql, .undo = p->undo, .mode = p->mode}, 0);
  size_t slot = s->now->last;
  s->now->count = 0;
  s->now->first = s->now->last = 0;
  s->now->in_pieces = true;
  later(&slot, earliest(s, step, o));
  put(s,
      (struct move){.object = o,
                    .step = step,
                    .sql = arena_printf(s->plan->arena, "%s%s", step->sql, online->last->sql)},
      slot);
  return true;
}

/* A table that is made under a parted one, comes under it or leaves it, by a step of its own. */
static bool comes_or_goes(struct scheduler *s, const struct step *step) {
  const struct object *o = step->object, *before = o->match ? o->match : o, *after = o->match ? o : NULL;
  struct online *online = &s->now->online;
  if (s->plan->offline || s->now->plain || !is_kind(o, KIND_TABLE) ||
      (step->verb != STEP_ALTER && step->verb != STEP_CREATE))
    return false;
  online->first = online->last = NULL;
  if (step->verb == STEP_CREATE) {
    const bool made = makes_beside_default(s, step);
    online->first = NULL;
    return made;
  }
  if (parted_leave_online(before, after, step->sql, online)) {
    put_pieces(s, step, models_canonical(o), online->first, NULL, NOT_UNDONE);
    s->now->leaves = true;
    moves_add(s->plan->arena, &s->plan->downs,
              (struct move){.object = models_canonical(o), .sql = online->first->undo, .slot = s->now->first});
    s->base = s->last; /* what is done to the whole is none of its business any more */
  } else if (after && parted_join_online(before, after, step->sql, online)) {
    if (!s->joining)
      s->joining = s->last;
    later(&((struct object *)(uintptr_t)o)->last_slot, s->joining);
    put_pieces(s, step, o, online->first, NULL, undoing_of(online));
  } else {
    return false;
  }
  online->first = NULL;
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

/* A table is altered behind the indexes that it was given before, of which it may speak; nothing goes before what
 * needed it is done with. */
static size_t earliest_step(const struct scheduler *s, const struct step *step, const struct object *o) {
  size_t slot = earliest(s, step, o);
  for (const struct object *child = step->part == PART_LAST ? o->first_child : NULL; child; child = child->next)
    if (child->kind->ns != NS_COLUMN)
      later(&slot, child->last_slot);
  for (const struct object *part = step->verb == STEP_DROP ? step->object : NULL; part;
       part = part == step->object ? part->first_child : part->next)
    for (const struct depend *d = part->dependents; d; d = d->next)
      later(&slot, models_canonical(d->on)->done_slot);
  return slot;
}

/* What the way back has no part in, since it made way for something on the way there alone; it came back in pieces. */
static bool made_way_alone(const struct turn *t) {
  return t->begun && !t->creation && t->in_pieces && !t->begun->in_pieces;
}

static void leave_undone(struct scheduler *s) {
  for (size_t i = 0; i < s->now->count; i++) {
    struct move *m = &s->plan->ups.v[s->now->moves + i];
    m->undo = NULL;
    m->undone = false;
  }
}

static void take_step(struct scheduler *s, const struct step *step) {
  const struct object *o = models_canonical(step->object);
  s->now = &s->there[step - s->plan->up.steps];
  const struct waiting *waiting = step->verb == STEP_CREATE ? waiting_for(s, o) : NULL;
  const struct online *online = waiting ? NULL : pieces_of(s, step);
  if (waiting) {
    put_pieces(s, step, o, waiting->piece, NULL, waiting->undoing);
    waiting->began->gone = s->now->last;
  } else if (!online) {
    if (comes_or_goes(s, step))
      return;
    /* what stepped aside for another of its name goes where that comes: each file is gone back by itself */
    const bool last = step->verb == STEP_DROP && object_holds_data(step->object) && !step->object->match &&
                      (!o->last_slot || (has_left(s) && !s->now->begun->in_pieces)) && s->care == DATA_LAST;
    size_t slot = last ? s->last : earliest_step(s, step, o);
    later(&slot, s->now->floor);
    if (last)
      s->base = place_for(PIECE_SHARED, slot);
    put(s, (struct move){.object = o, .step = step, .sql = step->sql}, slot);
  } else if (step->verb == STEP_DROP && step->object->match) {
    /* it steps aside at once, if it does; the rest waits for the turn of what comes in its place */
    const struct piece *p = online->first->mode == PIECE_SHARED ? online->first->next : online->first;
    put_pieces(s, step, o, online->first, p, undoing_of(online));
    struct waiting *w = arena_alloc(s->plan->arena, sizeof *w);
    *w = (struct waiting){o, p, undoing_of(online), s->now, s->waiting};
    s->waiting = w;
  } else {
    put_pieces(s, step, o, online->first, NULL, undoing_of(online));
    if (made_way_alone(s->now) && s->now->first == s->now->begun->first) /* by itself, in the same file */
      leave_undone(s);
  }
}

/* ── the way back ── */

static bool are_two(enum step_part up, enum step_part down, enum step_part a, enum step_part b) {
  return (up == a && down == b) || (up == b && down == a);
}

static bool is_opposite(const struct step *up, const struct step *down) {
  static const enum step_verb opposites[] = {
      [STEP_CREATE] = STEP_DROP, [STEP_ALTER] = STEP_ALTER, [STEP_DROP] = STEP_CREATE, [STEP_COMMENT] = STEP_COMMENT};
  return up->verb == opposites[down->verb];
}

/* How well one step takes another one of the same object back; below 0: not. A sequence is given to a table last, and
 * taken from it before names change. What is altered one way may be made anew the other way. */
static int fits(const struct step *up, const struct step *down) {
  if (!is_opposite(up, down))
    return up->object->match && up->verb != STEP_COMMENT && down->verb != STEP_COMMENT ? 0 : -1;
  if (are_two(up->part, down->part, PART_FIRST, PART_LAST))
    return 4;
  return up->part == down->part ? 3 : are_two(up->part, down->part, PART_NAMES, PART_LAST) ? 2 : 1;
}

static void forget_slots(struct schema *schema) {
  for EACH_OBJECT(schema, o)
    o->slot = o->last_slot = o->done_slot = 0;
}

/* Objects lead to the last of what is listed of them by their slots, which a layout forgets. */
static size_t *slot_of(const struct object *o) {
  return &((struct object *)(uintptr_t)models_canonical(o))->slot;
}

static void find_opposites(struct scheduler *s) {
  const struct migration_plan *p = s->plan;
  const struct turns *turns = &s->there_turns;
  size_t *next = arena_array(p->arena, turns->count + 1, sizeof *next); /* of the same object; all from 1 */
  forget_slots(p->models.before);
  forget_slots(p->models.after);
  for (size_t k = turns->count; k > 0; k--) {
    size_t *slot = slot_of(p->up.steps[turns->order[k - 1]].object);
    next[k] = *slot;
    *slot = k;
  }
  for (size_t i = 0; i < p->down.count; i++) {
    const struct step *down = &p->down.steps[i], *found = NULL;
    int best = 0;
    for (size_t k = *slot_of(down->object); k; k = next[k]) {
      const struct step *up = &p->up.steps[turns->order[k - 1]];
      const int fit = fits(up, down);
      if (fit > best || (fit == 0 && best == 0)) { /* of several, that by which it is all done */
        found = up;
        best = fit;
      }
    }
    s->back[i].opposite = found;
  }
}

static void find_creations(struct scheduler *s) {
  const struct plan *down = &s->plan->down;
  forget_slots(s->plan->models.before);
  forget_slots(s->plan->models.after);
  for (size_t i = 0; i < down->count; i++)
    if (down->steps[i].verb == STEP_CREATE)
      *slot_of(down->steps[i].object) = i + 1;
  for (size_t i = 0; i < down->count; i++) {
    const struct object *parent = models_canonical(down->steps[i].object)->parent;
    const size_t own = *slot_of(down->steps[i].object), parents = parent ? *slot_of(parent) : 0;
    s->back[i].creation = own ? &s->back[own - 1] : NULL;
    s->back[i].parents_creation = parents ? &s->back[parents - 1] : NULL;
  }
  for (size_t i = 0; i < s->plan->up.count; i++) {
    const size_t own = *slot_of(s->plan->up.steps[i].object);
    s->there[i].creation = own ? &s->back[own - 1] : NULL;
  }
}

/* What steps aside for another of its name before it goes, what goes before it is made anew, and what leaves the table
 * above before it goes. */
static bool begins(const struct step *step) {
  const bool stays = step->object->match;
  return step->part == PART_NAMES || (step->verb == STEP_DROP && stays) || (step->verb == STEP_ALTER && !stays);
}

static bool is_begun_by(const struct step *step, const struct step *former) {
  if (former->verb == STEP_DROP)
    return step->verb == STEP_CREATE;
  return step->verb == STEP_DROP && step->object == former->object;
}

static void find_beginnings(struct scheduler *s, const struct plan *plan, struct turn *turns) {
  forget_slots(s->plan->models.before);
  forget_slots(s->plan->models.after);
  for (size_t i = 0; i < plan->count; i++) {
    const struct step *step = &plan->steps[i];
    size_t *slot = slot_of(step->object);
    if (*slot && is_begun_by(step, &plan->steps[*slot - 1]))
      turns[i].begun = &turns[*slot - 1];
    if (begins(step))
      *slot = i + 1;
  }
}

/* What gives up a name that is wanted before its table goes comes back with that. */
static void find_wholes(struct scheduler *s) {
  const struct plan *up = &s->plan->up;
  forget_slots(s->plan->models.before);
  for (size_t i = 0; i < up->count; i++)
    if (up->steps[i].verb == STEP_DROP)
      *slot_of(up->steps[i].object) = i + 1;
  for (size_t i = 0; i < up->count; i++) {
    const struct object *o = up->steps[i].object;
    const size_t whole = o->parent && up->steps[i].verb == STEP_DROP && !o->match ? *slot_of(o->parent) : 0;
    s->there[i].whole = whole && turns_is_relation(o) ? &s->there[whole - 1] : NULL;
  }
}

static bool is_shared(size_t slot) {
  return (slot - 1) % MODES == order_of[PIECE_SHARED];
}

static size_t first_shared(const struct scheduler *s) {
  for (size_t i = 0; i < s->plan->ups.count; i++)
    if (s->plan->ups.v[i].mode == PIECE_SHARED)
      return s->plan->ups.v[i].slot;
  return place_for(PIECE_SHARED, s->last);
}

static void follow(const struct turn *creation, struct turn *at) {
  size_t slot = creation ? creation->first : 0;
  while (slot > 1 && !is_shared(slot))
    slot--;
  if (slot && slot < at->first)
    at->first = at->last = slot;
}

/* The pieces' undos stand where the step would that they are instead of; what stands alone is its file's whole down.
 * What stepped aside is made again where it went. */
static void put_undos(struct scheduler *s, const struct turn *up, struct turn *at) {
  struct migration_plan *p = s->plan;
  at->in_pieces = true;
  at->last = up->gone;
  for (size_t i = up->count; i-- > 0;) {
    struct move *m = &p->ups.v[up->moves + i];
    if (!m->undo)
      continue;
    at->first = m->slot;
    later(&at->last, m->slot);
    if (m->mode == PIECE_ALONE)
      continue;
    moves_add(p->arena, &p->downs, (struct move){.object = m->object, .sql = m->undo, .slot = m->slot});
    m->undo = NULL;
  }
}

/* A step stands where what it takes back stands; one that takes nothing back by itself, where its table comes back, or
 * with the step before it. */
static void take_back(struct scheduler *s, const struct step *step, size_t *slot) {
  struct migration_plan *p = s->plan;
  struct turn *at = &s->back[step - p->down.steps];
  const struct object *o = models_canonical(step->object);
  const struct turn *up = at->opposite ? &s->there[at->opposite - p->up.steps] : NULL;
  if (up && is_opposite(at->opposite, step) && up->count && p->ups.v[up->moves].undone) {
    put_undos(s, up, at);
    return;
  }
  const size_t own = up && up->count       ? up->first
                     : o->slot             ? o->slot
                     : at->parents_creation ? at->parents_creation->first
                     : o->parent            ? o->parent->slot
                                            : 0;
  if (own && is_shared(own))
    *slot = own;
  later(slot, at->floor ? place_for(PIECE_SHARED, at->floor) : 0);
  at->first = at->last = up && up->leaves ? own : *slot;
  if (step->verb != STEP_CREATE) { /* what is said of something that comes back follows it */
    follow(at->creation, at);
    follow(at->parents_creation, at);
  }
  moves_add(p->arena, &p->downs, (struct move){.object = o, .step = step, .sql = step->sql, .slot = at->first});
}

/* A partition that left in a file of its own and goes in a later one comes back by itself there. */
static void part_again(struct scheduler *s) {
  struct migration_plan *p = s->plan;
  for (size_t i = 0; i < p->up.count; i++) {
    const struct turn *t = &s->there[i];
    if (t->leaves && t->creation)
      moves_add(p->arena, &p->downs,
                (struct move){.object = p->up.steps[i].object, .sql = p->up.steps[i].sql, .slot = t->creation->last});
  }
}

static const struct object *former_of(const struct scheduler *s, const struct object *o) {
  for EACH_OBJECT(s->plan->models.before_again, former)
    if (models_canonical(former) == models_canonical(o))
      return former;
  return NULL;
}

/* In another file than that in which it made way: its pieces are undone there, and here it comes back. */
static void make_again(struct scheduler *s) {
  struct migration_plan *p = s->plan;
  for (size_t i = 0; i < p->up.count; i++) {
    const struct turn *t = &s->there[i];
    const bool apart = made_way_alone(t) && t->first != t->begun->first && p->up.steps[i].object->match;
    const struct object *former = apart ? former_of(s, p->up.steps[i].object) : NULL;
    if (!former)
      continue;
    strbuf_clear(&s->scratch);
    former->kind->create(former, &s->scratch);
    if (former->comment) {
      strbuf_adds(&s->scratch, "COMMENT ON ");
      former->kind->target_name(former, &s->scratch);
      strbuf_adds(&s->scratch, " IS ");
      sql_literal(&s->scratch, former->comment);
      strbuf_adds(&s->scratch, ";\n");
    }
    moves_add(p->arena, &p->downs,
              (struct move){.object = models_canonical(former),
                            .sql = strbuf_dup(&s->scratch, p->arena),
                            .slot = t->begun->first});
  }
}

/* ── turns ── */

static struct turns turns_of(const struct migration_plan *p, const struct plan *plan, const struct schema *before) {
  struct turns turns = {
      .arena = p->arena, .steps = plan->steps, .order = arena_array(p->arena, plan->count, sizeof *turns.order)};
  for (int first = 1; first >= 0; first--)
    for (size_t i = 0; i < plan->count; i++)
      if (goes_first(before, &plan->steps[i]) == first && !models_leave(p->sql, before, &plan->steps[i]))
        turns.order[turns.count++] = i;
  return turns;
}

static void raise(struct scheduler *s, struct turn *turn, size_t slot) {
  s->amiss = true;
  s->raised |= turn->floor < slot;
  later(&turn->floor, slot);
}

/* By raising the step that it takes back. */
static void raise_back(struct scheduler *s, struct turn *turn, size_t slot) {
  raise(s, turn->opposite ? &s->there[turn->opposite - s->plan->up.steps] : turn, slot);
}

/* Nothing may stand before what it follows in the plan, where that makes a difference; what is done in two is so in one
 * file, since it is taken back in one, and a name is given up in the file in which its table goes. */
static void mind_there(struct scheduler *s) {
  for (size_t i = 0; i < s->plan->up.count; i++) {
    const struct turn *t = &s->there[i];
    if (t->begun && !t->in_pieces && !t->begun->in_pieces && t->begun->first < t->first)
      raise(s, t->begun, t->first);
    if (t->whole && t->first < t->whole->first)
      raise(s, &s->there[i], t->whole->first);
  }
  for (size_t i = 0; i < s->there_turns.pair_count; i++) {
    const struct turn_pair *pair = &s->there_turns.pairs[i];
    struct turn *first = &s->there[pair->first], *then = &s->there[pair->then];
    const struct step *up = s->plan->up.steps;
    const bool at_once = up[pair->then].verb == STEP_DROP && is_altered_at_once(&up[pair->first]);
    const size_t done = at_once ? first->first : first->last;
    if (pair->hinge && then->last && then->first < done)
      raise(s, then, done);
  }
}

/* Whether it makes a partition again that left in an earlier file: until then what is done to the whole does not reach
 * it. */
static bool stays_away(const struct scheduler *s, const struct turn *back) {
  const struct turn *up = back->opposite ? &s->there[back->opposite - s->plan->up.steps] : NULL;
  return up && up->begun && up->begun->leaves && back == up->creation;
}

/* The downs of later files go first. Undos in pieces call things as they are called when all is done: before they get
 * their former names; among themselves they are in order, since the pieces are. */
static void mind_back(struct scheduler *s) {
  for (size_t i = 0; i < s->plan->down.count; i++) {
    struct turn *t = &s->back[i];
    if (t->begun && !t->in_pieces && !t->begun->in_pieces && t->first < t->begun->first)
      raise_back(s, t, t->begun->first);
  }
  for (size_t i = 0; i < s->back_turns.pair_count; i++) {
    const struct turn_pair *pair = &s->back_turns.pairs[i];
    struct turn *first = &s->back[pair->first], *then = &s->back[pair->then];
    if (then->in_pieces && !first->in_pieces && s->plan->down.steps[pair->first].part == PART_NAMES) {
      if (then->first <= first->last && pair->name)
        raise_back(s, then, first->last + 1);
    } else if (first->first < then->last && !(first->in_pieces && then->in_pieces) && pair->hinge) {
      raise_back(s, first, then->last);
    } else if (then->first < first->last && stays_away(s, first) && pair->hinge) {
      raise_back(s, then, first->last);
    }
  }
}

static void forget_places(struct turn *turns, size_t count, bool floors) {
  for (size_t i = 0; i < count; i++) {
    struct turn *t = &turns[i];
    t->first = t->last = t->gone = t->moves = t->count = 0;
    t->in_pieces = t->leaves = false;
    if (floors)
      t->floor = 0;
  }
}

static void lay_out(struct scheduler *s) {
  struct migration_plan *p = s->plan;
  forget_slots(p->models.before);
  forget_slots(p->models.after);
  forget_places(s->there, p->up.count, false);
  forget_places(s->back, p->down.count, false);
  s->base = s->last = s->joining = 0;
  s->waiting = NULL;
  s->amiss = s->raised = false;
  p->ups.count = p->downs.count = 0;
  for (size_t i = 0; i < s->there_turns.count; i++)
    take_step(s, &p->up.steps[s->there_turns.order[i]]);
  size_t slot = first_shared(s);
  for (size_t i = 0; i < s->back_turns.count; i++)
    take_back(s, &p->down.steps[s->back_turns.order[i]], &slot);
  part_again(s);
  make_again(s);
}

static void find_pairs(struct scheduler *s) {
  if (s->there_turns.pairs || s->last <= 1) /* nothing is in another file than all else */
    return;
  turns_pair(&s->there_turns, s->plan->models.before, s->plan->models.after);
  turns_pair(&s->back_turns, s->plan->models.before, s->plan->models.after);
  lay_out(s); /* which was forgotten */
}

/* Whether every step finds a place, at last. */
static bool settles(struct scheduler *s, enum care care) {
  enum { ROUNDS = 32 };
  s->care = care;
  forget_places(s->there, s->plan->up.count, true);
  forget_places(s->back, s->plan->down.count, true);
  for (int round = 0; round < ROUNDS; round++) {
    lay_out(s);
    find_pairs(s);
    mind_there(s);
    mind_back(s);
    if (!s->amiss || !s->raised)
      break;
  }
  return !s->amiss;
}

/* Of the steps in pieces, the first of those that chase one another from place to place; when some were given up in
 * vain, all. */
static bool give_up(struct scheduler *s, size_t given_up) {
  enum { SOME = 8 };
  struct turn *found = NULL;
  for (size_t i = 0; i < s->plan->up.count; i++) {
    struct turn *t = &s->there[i];
    if (!t->in_pieces || t->plain) /* whose pieces are those of the step in which it made way */
      continue;
    if (!found || (t->floor && (!found->floor || t->first < found->first)))
      found = t;
    t->plain |= given_up >= SOME && t->floor;
  }
  if (found)
    found->plain = true;
  return found != NULL;
}

static size_t count_plain(const struct scheduler *s) {
  size_t count = 0;
  for (size_t i = 0; i < s->plan->up.count; i++)
    count += s->there[i].plain;
  return count;
}

size_t schedule(struct migration_plan *plan) {
  struct scheduler s = {.plan = plan, .scratch = STRBUF_INIT};
  models_mark_families(&plan->there, plan->models.before, plan->models.after);
  s.there = arena_array(plan->arena, plan->up.count, sizeof *s.there);
  s.back = arena_array(plan->arena, plan->down.count, sizeof *s.back);
  s.there_turns = turns_of(plan, &plan->up, plan->there.before);
  s.back_turns = turns_of(plan, &plan->down, plan->back.before);
  find_made(&s);
  find_opposites(&s);
  find_creations(&s);
  find_wholes(&s);
  find_beginnings(&s, &plan->up, s.there);
  find_beginnings(&s, &plan->down, s.back);
  while (!settles(&s, DATA_LAST) && !settles(&s, DATA_ALONG) && give_up(&s, count_plain(&s)))
    ;
  strbuf_release(&s.scratch);
  return count_plain(&s);
}
