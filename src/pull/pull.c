/* What of a database is read, and what of that is not said. */
#include "pull/private.h"

static void leave_platform_out(struct names *schemas) {
  size_t kept = 0;
  for (size_t i = 0; i < schemas->n; i++)
    if (!platform_has_schema(schemas->v[i]))
      schemas->v[kept++] = schemas->v[i];
  schemas->n = kept;
}

bool pull_schemas(struct reading *reading, struct connection *c, const struct pull_options *options,
                  struct diagnostics *d, bool *supabase, struct names *out) {
  if (!catalog_schemas(reading, c, &options->schemas, &options->excluded, d, out))
    return false;
  *supabase = catalog_may_be_platforms(reading) && platform_found(c);
  if (*supabase && !options->schemas.n)
    leave_platform_out(out);
  return true;
}

/* A sequence that is not called as a serial column's would be is told, and keeps its name. */
static void tell_sequences(struct schema *live) {
  for EACH_OBJECT(live, o) {
    struct column *col = (struct column *)o;
    if (is_kind(o, KIND_COLUMN) && col->serial && !o->parent->external && col->own_sequence &&
        strcmp(col->own_sequence, default_sequence_name(live->arena, o)) != 0)
      sequence_unfold(live, col);
  }
}

bool pull_database(struct arena *arena, struct connection *c, const struct pull_options *options, struct diagnostics *d,
                   struct strbuf *out, struct schema **again) {
  struct names schemas;
  bool supabase;
  struct reading *reading = catalog_begin(arena, c, 2);
  if (!pull_schemas(reading, c, options, d, &supabase, &schemas))
    return false;
  const bool spared[KIND_COUNT] = {[KIND_OWNER] = !options->owners};
  struct schema *live = catalog_finish(reading, c, &schemas, spared, d);
  if (!live)
    return false;
  const struct schema *platform = supabase ? platform_schema(arena, sql_cache_new(arena)) : NULL;
  if (supabase) {
    platform_ignore(live);
    platform_recognise(live, platform);
    access_recognise(live);
  }
  struct leftover *leftovers;
  if (!catalog_leftovers(arena, c, live, &schemas, d, &leftovers))
    return false;
  name_recognise(live);
  tell_sequences(live);
  struct pulled p = {.arena = arena, .diagnostics = d, .connection = c, .live = live, .platform = platform,
                     .leftovers = leftovers, .partial = options->schemas.n || options->excluded.n};
  if (!pull_settle(&p, out))
    return false;
  if (again)
    *again = p.again;
  return true;
}
