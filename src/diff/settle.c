/* What is created, dropped, altered in place, and what must make way meanwhile. */
#include "diff/settle.h"

#include "sql/sql.h"

struct disturbance {
  const struct object *on; /* of the older model */
  uint64_t fields;
  struct disturbance *next;
};
struct settler {
  struct arena *arena;
  struct schema *before, *after;
  struct disturbance *first, **end;
  struct strbuf scratch;
};

static void disturb(struct settler *s, const struct object *on, uint64_t fields) {
  struct disturbance *d = arena_alloc(s->arena, sizeof *d);
  *d = (struct disturbance){.on = on, .fields = fields};
  *s->end = d;
  s->end = &d->next;
}

static void make_anew(struct settler *s, struct object *o) {
  if (o->parent && is_kind(o->parent, KIND_COMPOSITE))
    o = o->parent;
  if (o->mark == WANTED)
    return;
  o->mark = WANTED;
  o->match->mark = GONE;
  disturb(s, o->match, REPLACED);
}

static void alter(struct settler *s, struct object *o, uint64_t fields) {
  if (o->mark == WANTED || (o->differs | fields) == o->differs)
    return;
  o->differs |= fields;
  strbuf_clear(&s->scratch);
  if (o->kind->alter && o->kind->alter(o->match, o, o->differs, &s->scratch))
    disturb(s, o->match, fields);
  else
    make_anew(s, o);
}

/* The fields of `o` that may speak of a type: its own type, else its expressions. */
static uint64_t fields_of_type(const struct object *o, const struct object *type) {
  uint64_t types = 0, expressions = 0;
  for (size_t i = 0; o->kind->fields[i].label; i++) {
    const struct field *f = &o->kind->fields[i];
    const void *at = (const char *)o + f->offset;
    if (f->type == FIELD_TYPE && ((const struct type_ref *)at)->object == type)
      types |= UINT64_C(1) << i;
    else if (f->type == FIELD_KEYS || f->type == FIELD_NAME_SET || (f->type == FIELD_EXPR && ((const struct expr *)at)->sql))
      expressions |= UINT64_C(1) << i;
  }
  return types ? types : expressions;
}

static void type_made_anew(struct settler *s, const struct object *type) {
  for EACH_OBJECT(s->after, o) {
    if (!o->match || o->external)
      continue;
    for (const struct depend *d = o->depends; d; d = d->next)
      if (d->on == type)
        alter(s, o, fields_of_type(o, type));
  }
}

static void spread(struct settler *s, const struct disturbance *d) {
  for EACH_OBJECT(s->before, o)
    if (o->kind->leans && o->match && !o->match->external && o->kind->leans(o, d->on, d->fields))
      make_anew(s, o->match);
  if (d->fields == REPLACED && d->on->match && d->on->kind->ns == NS_TYPE)
    type_made_anew(s, d->on->match);
}

void settle_changes(struct arena *arena, struct schema *after, const struct changes *changes) {
  struct settler s = {.arena = arena, .before = changes->before, .after = after, .scratch = STRBUF_INIT};
  s.end = &s.first;
  for EACH_OBJECT(s.before, o)
    o->mark = STAYS;
  for EACH_OBJECT(after, o) {
    o->mark = STAYS;
    o->differs = 0;
  }
  for (size_t i = 0; i < changes->count; i++) {
    const struct change *c = &changes->v[i];
    struct object *before = (struct object *)(uintptr_t)c->before, *o = (struct object *)(uintptr_t)c->after;
    switch (c->verb) {
    case CHANGE_ADD: o->mark = WANTED; break;
    case CHANGE_REMOVE:
      before->mark = GONE;
      disturb(&s, before, REPLACED);
      /* what is of a type that another kind replaces is of the new one */
      if (before->kind->ns == NS_TYPE && (o = schema_find(after, NS_TYPE, before->schema, NULL, before->name)) != NULL)
        type_made_anew(&s, o);
      break;
    case CHANGE_ALTER: alter(&s, o, c->fields); break;
    }
  }
  for (const struct disturbance *d = s.first; d; d = d->next)
    spread(&s, d);
  for EACH_OBJECT(s.before, o)
    if (o->parent && o->parent->mark == GONE)
      o->mark = GONE;
  for EACH_OBJECT(after, o) {
    if (o->parent && o->parent->mark == WANTED)
      o->mark = WANTED;
    else if (o->parent)
      o->folded = false;
  }
  strbuf_release(&s.scratch);
}
