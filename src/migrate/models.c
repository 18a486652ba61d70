/* Two models, each compiled twice; and sql blocks, which no database can be asked for. */
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

static void pair(struct schema *first, struct schema *second) {
  struct object *a = first->first;
  for EACH_OBJECT(second, b) {
    b->twin = a;
    a->slot = a->last_slot = 0;
    a = object_after(a);
  }
}

/* A folder remembers no names of sequences: they are those that Postgres gives, and follow their columns. */
static void name_sequences(struct schema *s) {
  for EACH_OBJECT(s, o) {
    struct column *col = (struct column *)o;
    if (!is_kind(o, KIND_COLUMN) || !(col->serial || col->identity))
      continue;
    const char *name = arena_printf(s->arena, "%s_%s_seq", o->parent->name, o->name);
    col->own_sequence = strlen(name) <= 63 ? name : NULL;
  }
}

void models_pair(const struct migration_models *m) {
  pair(m->before, m->before_again);
  pair(m->after, m->after_again);
  for EACH_OBJECT(m->before, o)
    o->twin = o;
  for EACH_OBJECT(m->after, o)
    o->twin = NULL;
  name_sequences(m->before);
  name_sequences(m->after_again);
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

void models_reverse_intents(const struct migration_models *m) {
  for EACH_OBJECT(m->before_again, o) {
    const struct object *after = o->twin->match;
    o->was = o->was_schema = NULL;
    if (!after)
      continue;
    if (strcmp(o->name, after->name) != 0 || !same_text(o->schema, after->schema)) {
      o->was = after->name;
      o->was_schema = after->schema;
    }
    if (o->kind->reverse)
      o->kind->reverse(o, o->twin, after);
  }
}

const struct object *models_canonical(const struct object *o) {
  const struct object *first = o->twin ? o->twin : o;
  return first->twin && first->match ? first->match : first;
}

/* ── sql blocks ── */

static struct object *block_named(const struct schema *s, const char *name) {
  for (struct object *o = s->first; o; o = o->next)
    if (is_kind(o, KIND_SQL) && strcmp(o->name, name) == 0)
      return o;
  return NULL;
}

bool models_keep_block(const struct schema *before, const struct object *o) {
  const struct sql_block *was = (const struct sql_block *)block_named(before, o->name);
  return was && strcmp(was->up, ((const struct sql_block *)o)->up) == 0;
}

void models_add_blocks(struct arena *arena, struct schema *before, struct schema *after, struct changes *changes) {
  size_t count = 0;
  for (struct object *o = after->first; o; o = o->next)
    count += is_kind(o, KIND_SQL) && !models_keep_block(before, o);
  if (!count)
    return;
  struct change *v = arena_array(arena, changes->count + count, sizeof *v);
  if (changes->count)
    memcpy(v, changes->v, changes->count * sizeof *v);
  for (struct object *o = after->first; o; o = o->next)
    if (is_kind(o, KIND_SQL) && !models_keep_block(before, o))
      v[changes->count++] = (struct change){.verb = CHANGE_ADD, .after = o};
  changes->v = v;
}

void models_check_blocks(const struct migration_models *m, struct diagnostics *d) {
  for (struct object *o = m->before->first; o; o = o->next)
    if (is_kind(o, KIND_SQL) && !models_keep_block(m->after, o) && !((const struct sql_block *)o)->down)
      diagnostic_hint(d, diagnose(d, PDL_NO_DOWN, o->span, "sql block \"%s\" goes, but has no down", o->name),
                      "What its up made stays in the database; take it away in a migration of your own: pdlc migrate NAME --empty.");
}

void models_undo_blocks(struct arena *arena, struct schema *before, const struct schema *after, struct moves *moves) {
  const size_t from = moves->count;
  for (struct object *o = before->first; o; o = o->next) {
    const struct sql_block *block = (const struct sql_block *)o;
    if (!is_kind(o, KIND_SQL) || models_keep_block(after, o) || !block->down)
      continue;
    struct sql_block down = *block;
    struct strbuf sql = STRBUF_INIT;
    down.up = block->down;
    o->kind->create(&down.object, &sql);
    moves_add(arena, moves, (struct move){.object = models_canonical(o), .sql = strbuf_dup(&sql, arena)});
    strbuf_release(&sql);
  }
  for (size_t i = from, j = moves->count; i + 1 < j; i++) {
    const struct move last = moves->v[--j];
    moves->v[j] = moves->v[i];
    moves->v[i] = last;
  }
}
