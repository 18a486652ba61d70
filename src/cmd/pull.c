/* pdlc pull: a live database as PDL. What was printed is compiled again and compared with the database, so that nothing
 * is lost in silence. */
#include <string.h>

#include "cmd/pull.h"

static void leave_platform_out(struct names *schemas) {
  size_t kept = 0;
  for (size_t i = 0; i < schemas->n; i++)
    if (!platform_has_schema(schemas->v[i]))
      schemas->v[kept++] = schemas->v[i];
  schemas->n = kept;
}

bool database_schemas(struct invocation *run, struct connection *c, const struct names *wanted, const struct names *excluded,
                      bool *supabase, struct names *out) {
  if (!catalog_schemas(&run->arena, c, wanted, excluded, &run->diagnostics, out))
    return false;
  *supabase = platform_found(c);
  if (*supabase && !wanted->n)
    leave_platform_out(out);
  return true;
}

bool pull_database(struct invocation *run, struct connection *c, struct strbuf *out, struct schema **again) {
  struct arena *arena = &run->arena;
  struct diagnostics *d = &run->diagnostics;
  struct names schemas;
  bool supabase;
  if (!database_schemas(run, c, &run->options.schemas, &run->options.excluded, &supabase, &schemas))
    return false;
  const bool spared[KIND_COUNT] = {[KIND_OWNER] = !run->options.owners};
  struct schema *live = catalog_read(arena, c, &schemas, spared, d);
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
  catalog_uncompared(arena, c, live, &schemas, false, d);
  name_recognise(live);
  struct pulled p = {.run = run, .connection = c, .live = live, .platform = platform, .leftovers = leftovers};
  if (!pull_settle(&p, out))
    return false;
  if (again)
    *again = p.again;
  return true;
}

int verb_pull(struct invocation *run) {
  struct connection c;
  if (run->arg_count > 1)
    return usage_error(run, "one database at a time");
  const char *url = run->options.db ? run->options.db : run->arg_count ? run->args[0] : NULL;
  if (!connect_database(run, ".", url, &c))
    return report(run, EXIT_FAILED);
  struct strbuf out = STRBUF_INIT;
  bool ok = refuse_pooler(run, &c) && pull_database(run, &c, &out, NULL);
  connection_close(&c);
  if (run->options.strict && run->diagnostics.warnings)
    ok = false;
  if (ok && !run->options.json)
    fputs(out.text, stdout);
  strbuf_release(&out);
  return report(run, ok ? EXIT_OK : EXIT_FAILED);
}
