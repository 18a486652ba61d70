/* Compiling a schema on one thread while another connects and reads the database that it is to be compared with. Which
 * schemas and kinds to read is guessed from what was parsed: a guess that proves wrong is not used. */
#include "cmd/cmd.h"
#include "objects/objects.h"
#include "sql/sql.h"

struct compiling {
  struct arena *arena;
  struct diagnostics diagnostics;
  const struct node *tree;
  struct schema *schema;
};

static int compile(void *arg) {
  struct compiling *c = arg;
  c->schema = schema_compile(c->arena, c->tree, sql_cache_new(c->arena), &c->diagnostics);
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

static void guess(struct arena *arena, const struct node *tree, struct ahead *out) {
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

bool ahead_fits(const struct ahead *a, const struct names *schemas, const bool *spared) {
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
                   struct ahead *out) {
  *out = (struct ahead){0};
  if (!parse_schema(run, path, l))
    return false;
  if (run->diagnostics.errors || !is_named(run, url, l->folder))
    return take_schema(run, schema_compile(&run->arena, l->tree, sql_cache_new(&run->arena), &run->diagnostics), l) &&
           connect_database(run, l->folder, url, c);
  struct compiling own = {.arena = &run->beside, .tree = l->tree};
  const struct diagnostics parsed = run->diagnostics;
  diagnostics_init(&own.diagnostics, &run->beside);
  diagnostics_init(&run->diagnostics, &run->arena);
  guess(&run->arena, l->tree, out);
  struct sql_thread *thread = sql_thread_start(compile, &own);
  const bool connected = connect_database(run, l->folder, url, c);
  if (connected && !c->pooled)
    out->live = catalog_read(&run->arena, c, &out->schemas, out->spared, &run->diagnostics);
  sql_thread_join(thread);
  const struct diagnostics reading = run->diagnostics;
  run->diagnostics = parsed;
  diagnostics_append(&run->diagnostics, &own.diagnostics);
  if (take_schema(run, own.schema, l))
    diagnostics_append(&run->diagnostics, &reading);
  if (connected && run->diagnostics.errors)
    connection_close(c);
  return connected && !run->diagnostics.errors;
}
