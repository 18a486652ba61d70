/* Two models, each compiled twice; and sql blocks, which no database can be asked for. */
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

static void pair(struct schema *first, struct schema *second) {
  struct object *a = first->first;
  for EACH_OBJECT(second, b) {
    b->twin = a;
    a->slot = a->last_slot = a->done_slot = 0;
    a = object_after(a);
  }
}

void models_pair(const struct migration_models *m) {
  pair(m->before, m->before_again);
  pair(m->after, m->after_again);
  schema_as_made(m->before); /* a folder remembers no names that the server chose */
  schema_as_made(m->after_again);
  for EACH_OBJECT(m->before, o)
    o->twin = o;
  for EACH_OBJECT(m->after, o)
    o->twin = NULL;
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

void models_reverse_intents(struct arena *arena, const struct migration_models *m) {
  for EACH_OBJECT(m->before_again, o) {
    const struct object *after = o->twin->match;
    o->was = o->was_schema = NULL;
    if (after && (strcmp(o->name, after->name) != 0 || !same_text(o->schema, after->schema))) {
      o->was = after->name;
      o->was_schema = after->schema;
    }
    if (o->kind->reverse)
      o->kind->reverse(arena, o, o->twin, after);
  }
}

const struct object *models_canonical(const struct object *o) {
  const struct object *first = o->twin ? o->twin : o;
  return first->twin && first->match ? first->match : first;
}

/* ── families ── */

static bool is_of_family(const struct object *o) {
  const struct table *t = (const struct table *)o;
  return o && is_kind(o, KIND_TABLE) && (t->partition_by.sql || t->parents.n);
}

static bool moves(const struct change *c) {
  const uint64_t structure = TABLE_PARENTS | TABLE_BOUNDS | TABLE_PARTITION_BY;
  return (is_of_family(c->before) || is_of_family(c->after)) && (c->verb != CHANGE_ALTER || c->fields & structure);
}

static bool mark_both(struct object *a, struct object *b) {
  const bool differ = a && b && a->mark != b->mark;
  if (differ)
    a->mark = b->mark = 1;
  return differ;
}

static bool spread(const struct schema *s) {
  bool more = false;
  for (struct object *o = s->first; o; o = o->next) {
    const struct table *t = (const struct table *)o;
    if (!is_kind(o, KIND_TABLE))
      continue;
    more |= mark_both(o, o->match);
    for (size_t i = 0; i < t->above_count; i++)
      more |= mark_both(o, t->above[i]);
  }
  return more;
}

void models_mark_families(const struct changes *changes, const struct schema *before, const struct schema *after) {
  for (struct object *o = before->first; o; o = o->next)
    o->mark = 0;
  for (struct object *o = after->first; o; o = o->next)
    o->mark = 0;
  for (size_t i = 0; i < changes->count; i++) {
    const struct change *c = &changes->v[i];
    if (moves(c))
      ((struct object *)(uintptr_t)(c->after ? c->after : c->before))->mark = 1;
  }
  for (bool more = true; more;) {
    more = spread(before);
    more |= spread(after);
  }
}

/* ── sql blocks ── */

static bool same_block(const struct object *a, const struct object *b) {
  return strcmp(((const struct sql_block *)a)->up, ((const struct sql_block *)b)->up) == 0;
}

static size_t count_blocks(const struct schema *s) {
  size_t count = 0;
  for (const struct object *o = s->first; o; o = o->next)
    count += is_kind(o, KIND_SQL);
  return count;
}

void models_add_blocks(struct arena *arena, const struct schema *before, const struct schema *after,
                       struct changes *changes) {
  const size_t room = count_blocks(before) + count_blocks(after);
  if (!room)
    return;
  struct change *v = arena_array(arena, changes->count + room, sizeof *v);
  if (changes->count)
    memcpy(v, changes->v, changes->count * sizeof *v);
  for (const struct object *o = after->first; o; o = o->next)
    if (is_kind(o, KIND_SQL) && !o->match)
      v[changes->count++] = (struct change){.verb = CHANGE_ADD, .after = o};
    else if (is_kind(o, KIND_SQL) && !same_block(o->match, o))
      v[changes->count++] = (struct change){.verb = CHANGE_ALTER, .before = o->match, .after = o, .fields = 1};
  for (const struct object *o = before->first; o; o = o->next)
    if (is_kind(o, KIND_SQL) && !o->match)
      v[changes->count++] = (struct change){.verb = CHANGE_REMOVE, .before = o};
  changes->v = v;
}

static bool is_removed(const struct changes *changes, const struct object *o) {
  for (size_t i = 0; i < changes->count; i++)
    if (changes->v[i].before == o)
      return true;
  return false;
}

void models_drop_extensions(struct arena *arena, const struct schema *before, struct changes *changes) {
  for (const struct object *o = before->first; o; o = o->next) {
    if (!is_kind(o, KIND_EXTENSION) || o->match || o->external || is_removed(changes, o))
      continue;
    struct change *v = arena_array(arena, changes->count + 1, sizeof *v);
    if (changes->count)
      memcpy(v, changes->v, changes->count * sizeof *v);
    v[changes->count++] = (struct change){.verb = CHANGE_REMOVE, .before = o};
    changes->v = v;
  }
}

void models_check_blocks(const struct schema *before, struct diagnostics *d) {
  for (const struct object *o = before->first; o; o = o->next)
    if (is_kind(o, KIND_SQL) && !((const struct sql_block *)o)->down && (!o->match || !same_block(o, o->match)))
      diagnostic_hint(d, diagnose(d, PDL_NO_DOWN, o->span, "sql block \"%s\" goes, but has no down", o->name),
                      "What its up made stays in the database; take it away in a migration of your own: pdlc migrate NAME --empty.");
}

bool models_lack_value(const struct step *step) {
  const struct column *col = (const struct column *)step->object;
  return step->verb == STEP_CREATE && is_kind(step->object, KIND_COLUMN) && is_kind(step->object->parent, KIND_TABLE) &&
         col->not_null && !col->default_.sql && !col->backfill.sql && !col->generated.sql && !col->identity &&
         !col->serial;
}

void models_check_values(const struct plan *back, struct diagnostics *d) {
  for (size_t i = 0; i < back->count; i++)
    if (models_lack_value(&back->steps[i]))
      diagnostic_hint(d,
                      diagnose(d, PDL_NO_VALUE_BACK, back->steps[i].object->span,
                               "\"%s\" comes back without values: going back fails where \"%s\" has rows",
                               back->steps[i].object->name, back->steps[i].object->parent->name),
                      "Write into the down file what they are to have, then pdlc migrate --sum.");
}

/* What a sql block made that has no down stays, and so does the schema that it is in. */
static bool holds_what_stays(struct sql_cache *sql, const struct schema *before, const struct object *schema) {
  for (const struct object *o = before->first; o; o = o->next) {
    const struct sql_block *block = (const struct sql_block *)o;
    struct sql_script script;
    struct sql_error err = {0};
    if (!is_kind(o, KIND_SQL) || block->down || o->match || !sql_parse_script(sql, block->up, &script, &err))
      continue;
    for (size_t i = 0; i < script.made_count; i++)
      if (same_text(script.made[i].schema, schema->name))
        return true;
  }
  return false;
}

bool models_leave(struct sql_cache *sql, const struct schema *before, const struct step *step) {
  const struct object *o = step->object;
  if (is_kind(o, KIND_SCHEMA))
    return step->verb == STEP_DROP && holds_what_stays(sql, before, o);
  /* one that would have to make way and cannot stays as it is */
  return is_kind(o, KIND_SQL) &&
         (!*step->sql || (o->match && !((const struct sql_block *)o->match)->down && same_block(o->match, o)));
}

bool models_stays(const struct object *o) {
  return is_kind(o, KIND_SQL) && !((const struct sql_block *)o)->down;
}
