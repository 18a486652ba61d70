/* A database against a model: which schemas and kinds to read, and what of the difference is the model's business. */
#include <string.h>

#include "cmd/cmd.h"
#include "objects/objects.h"
#include "sql/sql.h"

static void add_name(struct names *names, const char *name) {
  if (name && !names_hold(*names, name))
    names->v[names->n++] = name;
}

/* The schemas that a model speaks of: public and those it declares; former: and those that `was` names. */
static struct names schemas_of(struct arena *arena, const struct schema *s, bool former) {
  struct names names = {0};
  size_t count = 0;
  for (const struct object *o = s->first; o; o = o->next)
    count++;
  names.v = arena_array(arena, 2 * count, sizeof *names.v);
  for (const struct object *o = s->first; o; o = o->next) {
    if (is_kind(o, KIND_SCHEMA))
      add_name(&names, o->name);
    if (former && o->was)
      add_name(&names, is_kind(o, KIND_SCHEMA) ? o->was : o->was_schema);
  }
  return names;
}

static struct names both(struct arena *arena, struct names a, const struct names *b) {
  struct names names = {.v = arena_array(arena, a.n + (b ? b->n : 0), sizeof *names.v)};
  for (size_t i = 0; i < a.n; i++)
    add_name(&names, a.v[i]);
  for (size_t i = 0; b && i < b->n; i++)
    add_name(&names, b->v[i]);
  return names;
}

static bool has_schema(const struct schema *s, const char *name) {
  for (const struct object *o = s->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA) && strcmp(o->name, name) == 0)
      return true;
  return false;
}

/* What is in a schema that will have another name is ours, with or without a new name of its own. */
static const struct names *renamed_schemas(struct arena *arena, const struct schema *live,
                                           const struct schema *wanted) {
  struct names *names = arena_alloc(arena, sizeof *names);
  size_t count = 0;
  for (const struct object *o = wanted->first; o; o = o->next)
    count++;
  *names = (struct names){.v = arena_array(arena, count, sizeof *names->v)};
  for (const struct object *o = wanted->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA) && o->was && has_schema(live, o->was) && !has_schema(live, o->name))
      add_name(names, o->was);
  return names;
}

static void add_block(struct arena *arena, struct changes *out, const struct object *block) {
  struct change *v = arena_array(arena, out->count + 1, sizeof *v);
  if (out->count)
    memcpy(v, out->v, out->count * sizeof *v);
  v[out->count++] = (struct change){.verb = CHANGE_ADD, .after = block};
  out->v = v;
}

/* Of a sql block a database can be asked for what it makes: where nothing of that stands, the block is to come. */
static bool add_blocks(struct invocation *run, struct connection *c, const struct schema *wanted, struct changes *out) {
  struct arena *arena = &run->arena;
  size_t count = 0, at = 0;
  for (const struct object *o = wanted->first; o; o = o->next)
    count += is_kind(o, KIND_SQL) ? ((const struct sql_block *)o)->made_count : 0;
  struct standing *names = arena_array(arena, count, sizeof *names);
  bool *stands = arena_array(arena, count, sizeof *stands);
  for (const struct object *o = wanted->first; o; o = o->next) {
    const struct sql_block *block = (const struct sql_block *)o;
    for (size_t i = 0; is_kind(o, KIND_SQL) && i < block->made_count; i++) {
      const struct sql_made *made = &block->made[i];
      names[at++] = (struct standing){made->schema ? made->schema : "public", made->table, made->name};
    }
  }
  if (!catalog_standing(c, names, count, stands, &run->diagnostics))
    return false;
  at = 0;
  for (const struct object *o = wanted->first; o; o = o->next) {
    const size_t made = is_kind(o, KIND_SQL) ? ((const struct sql_block *)o)->made_count : 0;
    bool any = false;
    for (size_t i = 0; i < made; i++)
      any |= stands[at++];
    if (made && !any)
      add_block(arena, out, o);
  }
  return true;
}

/* What only adds moves nothing that others depend on. */
static bool only_adds(const struct changes *changes) {
  for (size_t i = 0; i < changes->count; i++)
    if (changes->v[i].verb != CHANGE_ADD)
      return false;
  return true;
}

bool compare_database(struct invocation *run, struct connection *c, struct schema *wanted, const struct names *others,
                      const struct prefetched *prefetched, struct changes *out) {
  struct arena *arena = &run->arena;
  if (!schema_check_server(wanted, c->version, &run->diagnostics))
    return false;
  const struct names all = both(arena, schemas_of(arena, wanted, true), others);
  bool spared[KIND_COUNT];
  for (int k = 0; k < KIND_COUNT; k++)
    spared[k] = kinds[k]->spared && !wanted->whole && !wanted->count[k];
  struct schema *live = prefetched_fits(prefetched, &all, spared)
                            ? prefetched->live
                            : catalog_read(arena, c, &all, spared, &run->diagnostics);
  if (!live)
    return false;
  struct names schemas = both(arena, schemas_of(arena, wanted, false), others);
  schemas = both(arena, schemas, renamed_schemas(arena, live, wanted));
  for (struct object *o = live->first; o; o = o->next) /* of another schema of old, only what is renamed is ours */
    if (is_kind(o, KIND_SCHEMA) ? !names_hold(schemas, o->name) : o->schema && !names_hold(schemas, o->schema))
      o->external = true;
  catalog_uncompared(arena, c, live, &schemas, &run->diagnostics);
  if (wanted->target.platform == PLATFORM_SUPABASE)
    platform_ignore(live);
  privileges_expect(live, wanted);
  *out = changes_between(arena, live, wanted);
  scratch_settle(arena, c, out, search_path_of(wanted), &run->diagnostics);
  if (!add_blocks(run, c, wanted, out))
    return false;
  return only_adds(out) ||
         (catalog_not_nulls(arena, c, live, out, &run->diagnostics) && catalog_rest(c, live, &run->diagnostics) &&
          catalog_depends(arena, c, live, &run->diagnostics));
}
