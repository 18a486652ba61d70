/* Functions of pg_catalog that one in public has the name of: PDL would find that one, so the text spells them out. The
 * model itself stays as the server prints it, which it is compared with. */
#include <string.h>

#include "pull/private.h"

struct spelled {
  struct expr *expr, was;
  struct spelled *next;
};

static void spell_out(struct arena *arena, struct expr *e, const struct map *names, struct spelled **all) {
  const struct expr was = *e;
  if (e->sql)
    e->sql = sql_qualify_calls(arena, e->sql, names);
  if (e->compared)
    e->compared = sql_qualify_calls(arena, e->compared, names);
  if (e->sql == was.sql && e->compared == was.compared)
    return;
  struct spelled *one = arena_alloc(arena, sizeof *one);
  *one = (struct spelled){.expr = e, .was = was, .next = *all};
  *all = one;
}

struct spelled *pull_spell_out(struct arena *arena, struct schema *live) {
  struct spelled *all = NULL;
  struct map names;
  map_init(&names, arena);
  for (struct object *o = live->first; o; o = o->next)
    if (o->kind->ns == NS_FUNCTION && strcmp(o->schema, "public") == 0)
      map_set(&names, o->name, o);
  for (struct object *o = map_count(&names) ? live->first : NULL; o; o = object_after(o))
    for (const struct field *f = o->kind->fields; f->label; f++) {
      void *at = (char *)o + f->offset;
      if (f->type == FIELD_EXPR)
        spell_out(arena, at, &names, &all);
      struct index_keys *keys = at;
      for (size_t i = 0; f->type == FIELD_KEYS && i < keys->n; i++)
        spell_out(arena, &keys->v[i].expr, &names, &all);
    }
  return all;
}

void pull_spell_back(struct spelled *all) {
  for (; all; all = all->next)
    *all->expr = all->was;
}
