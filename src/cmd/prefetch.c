/* Parsing and compiling a schema on one thread while another connects and reads the database that it is to be compared
 * with. Which schemas and kinds to read is guessed from what was parsed: a guess that proves wrong is not used. */
#include "cmd/cmd.h"
#include "objects/objects.h"
#include "sql/sql.h"

struct compiling {
  struct arena *arena;
  const char *path;
  struct diagnostics diagnostics;
  struct loaded loaded;
};

static int parse(void *arg) {
  struct compiling *c = arg;
  return parse_schema(c->arena, c->path, &c->diagnostics, &c->loaded);
}

static int compile(void *arg) {
  struct compiling *c = arg;
  c->loaded.schema = schema_compile(c->arena, c->loaded.tree, sql_cache_new(c->arena), &c->diagnostics);
  return 0;
}

static bool holds(const struct node *tree, const enum node_kind *wanted) {
  for (const struct node *n = tree->parts; n; n = n->next) {
    for (size_t i = 0; wanted[i]; i++)
      if (n->kind == wanted[i])
        return true;
    if (holds(n, wanted))
      return true;
  }
  return false;
}

static void guess(struct arena *arena, const struct node *tree, struct prefetched *out) {
  size_t count = 1;
  for (const struct node *n = tree->parts; n; n = n->next)
    count += n->kind == NODE_SCHEMA;
  out->schemas = (struct names){.v = arena_array(arena, count, sizeof *out->schemas.v)};
  out->schemas.v[out->schemas.n++] = "public";
  for (const struct node *n = tree->parts; n; n = n->next)
    if (n->kind == NODE_SCHEMA && !names_hold(out->schemas, n->name.text))
      out->schemas.v[out->schemas.n++] = n->name.text;
  for (int k = 0; k < KIND_COUNT; k++)
    out->spared[k] = kinds[k]->spared && !holds(tree, kinds[k]->nodes);
}

bool prefetched_fits(const struct prefetched *a, const struct names *schemas, const bool *spared) {
  bool fits = a && a->live && a->schemas.n == schemas->n;
  for (size_t i = 0; fits && i < schemas->n; i++)
    fits = names_hold(a->schemas, schemas->v[i]);
  for (int k = 0; fits && k < KIND_COUNT; k++)
    fits = a->spared[k] <= spared[k];
  return fits;
}

/* Without a database that is named, the embedded server may have to be started, for which there is time. */
static bool is_named(struct invocation *run, const char *url, const char *folder) {
  struct diagnostics unheard;
  struct conninfo info;
  diagnostics_init(&unheard, &run->arena);
  return conninfo_find(&run->arena, url, folder, &unheard, &info);
}

/* What goes wrong with the database is told only of a schema that is sound. */
bool load_and_read(struct invocation *run, const char *path, const char *url, struct loaded *l, struct connection *c,
                   struct prefetched *out) {
  const char *folder = folder_of(&run->arena, path);
  *out = (struct prefetched){0};
  if (!is_named(run, url, folder))
    return load_schema(run, path, l) && connect_database(run, folder, url, c);
  struct compiling own = {.arena = &run->beside, .path = path};
  diagnostics_init(&own.diagnostics, &run->beside);
  struct sql_thread *thread = sql_thread_start(parse, &own);
  const bool connected = connect_database(run, folder, url, c);
  struct reading *reading = connected && !c->pooled ? catalog_begin(&run->arena, c, 1) : NULL;
  const bool parsed = sql_thread_join(thread);
  if (parsed && !own.diagnostics.errors) {
    guess(&run->arena, own.loaded.tree, out);
    thread = sql_thread_start(compile, &own);
    if (reading)
      out->live = catalog_finish(reading, c, &out->schemas, out->spared, &run->diagnostics);
    sql_thread_join(thread);
  } else if (parsed) {
    compile(&own);
  }
  const struct diagnostics of_database = run->diagnostics;
  diagnostics_init(&run->diagnostics, &run->arena);
  diagnostics_append(&run->diagnostics, &own.diagnostics);
  *l = own.loaded;
  if (parsed && take_schema(run, l->schema, l))
    diagnostics_append(&run->diagnostics, &of_database);
  if (connected && run->diagnostics.errors)
    connection_close(c);
  return connected && !run->diagnostics.errors;
}
