/* What verbs share: loading a schema, finding a database, reporting. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "diff/hazards.h"
#include "emit/embedded.h"
#include "objects/objects.h"
#include "sql/sql.h"

bool wants_colour(FILE *stream) {
  const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM"); /* no-color.org */
  return isatty(fileno(stream)) && !(no_colour && *no_colour) && !(term && strcmp(term, "dumb") == 0);
}

int usage_error(const struct invocation *run, const char *fmt, ...) {
  struct strbuf text = STRBUF_INIT;
  va_list args;
  va_start(args, fmt);
  strbuf_vaddf(&text, fmt, args);
  va_end(args);
  fprintf(stderr, "pdlc %s: %s\n", run->verb->name, text.text);
  strbuf_release(&text);
  print_usage(run->verb, stderr);
  return EXIT_USAGE;
}

int report(struct invocation *run, int code) {
  struct diagnostics *d = &run->diagnostics;
  diagnostics_finish(d);
  struct strbuf out = STRBUF_INIT;
  if (run->options.json) {
    diagnostics_json(d, &out);
    fputs(out.text, stdout);
    if (out.len && out.text[out.len - 1] != '\n')
      fputc('\n', stdout);
  } else {
    diagnostics_print(d, &out, wants_colour(stderr));
    fputs(out.text, stderr);
  }
  strbuf_release(&out);
  return d->errors ? EXIT_FAILED : code;
}

const char *schema_path(const struct invocation *run) {
  if (run->options.file)
    return run->options.file;
  return run->arg_count > 0 ? run->args[0] : "schema.pdl";
}

static const char *folder_of(struct arena *arena, const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash)
    return ".";
  return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

bool parse_schema(struct invocation *run, const char *path, struct loaded *out) {
  struct arena *arena = &run->arena;
  *out = (struct loaded){.path = path, .folder = folder_of(arena, path)};
  out->files = arena_alloc(arena, sizeof *out->files);
  out->tree = syntax_read(arena, path, &run->diagnostics, out->files);
  return out->tree != NULL;
}

bool take_schema(struct invocation *run, struct schema *schema, struct loaded *out) {
  out->schema = schema;
  run->supabase = schema->target.platform == PLATFORM_SUPABASE;
  return run->diagnostics.errors == 0;
}

bool load_schema(struct invocation *run, const char *path, struct loaded *out) {
  struct arena *arena = &run->arena;
  return parse_schema(run, path, out) &&
         take_schema(run, schema_compile(arena, out->tree, sql_cache_new(arena), &run->diagnostics), out);
}

bool targets_supabase(struct invocation *run, const char *path) {
  struct diagnostics own;
  diagnostics_init(&own, &run->arena);
  const struct node *file = access(path, R_OK) == 0 ? syntax_read(&run->arena, path, &own, NULL) : NULL;
  const struct node *target = file ? node_part(file, NODE_TARGET) : NULL;
  return target && strcmp(target->name.text, "supabase") == 0;
}

bool make_platform(struct invocation *run, struct connection *c) {
  for (size_t i = 0; i < embedded_template_count; i++)
    if (strcmp(embedded_templates[i].name, "supabase/platform.sql") == 0)
      return platform_make(c, embedded_templates[i].text, &run->diagnostics);
  return false;
}

bool connect_database(struct invocation *run, const char *folder, const char *url, struct connection *out) {
  struct arena *arena = &run->arena;
  struct diagnostics *d = &run->diagnostics;
  struct conninfo info = {0};
  bool embedded = false;
  const size_t errors = d->errors;
  if (!conninfo_find(arena, url, folder, d, &info)) {
    struct server server = {0};
    if (d->errors > errors || !server_start(arena, folder, d, &server))
      return false;
    info = (struct conninfo){.text = server.conninfo, .origin = "the embedded server"};
    embedded = true;
  }
  return connection_open(arena, info, d, out) && (!embedded || !run->supabase || make_platform(run, out));
}

bool refuse_pooler(struct invocation *run, const struct connection *c) {
  if (!c->pooled)
    return true;
  struct diagnostic *d = diagnose(&run->diagnostics, PDL_POOLER_REFUSED, NO_SPAN, "%s is a transaction pooler", c->shown);
  const char *host = strchr(c->shown, '@'), *port = strstr(c->shown, ":6543/");
  if (host && port && host[1] != '/') /* Supabase's session pooler is the same host */
    diagnostic_hint(&run->diagnostics, d, "Use port 5432, the direct connection or the session pooler: postgresql://%.*s:5432/%s.",
                    (int)(port - c->shown), c->shown, port + strlen(":6543/"));
  else
    diagnostic_hint(&run->diagnostics, d, "Use port 5432: the direct connection or the session pooler.");
  return false;
}

static void add_name(struct names *names, const char *name) {
  if (name && !names_hold(*names, name))
    names->v[names->n++] = name;
}

struct names schemas_of(struct arena *arena, const struct schema *s, bool former) {
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
static const struct names *renamed_schemas(struct arena *arena, const struct schema *live, const struct schema *wanted) {
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
  struct sql_cache *cache = sql_cache_new(arena);
  size_t blocks = 0, count = 0, room = 0;
  for (const struct object *o = wanted->first; o; o = o->next)
    blocks += is_kind(o, KIND_SQL);
  struct sql_script *scripts = arena_array(arena, blocks, sizeof *scripts);
  blocks = 0;
  for (const struct object *o = wanted->first; o; o = o->next) {
    struct sql_error err = {0};
    if (!is_kind(o, KIND_SQL))
      continue;
    if (!sql_parse_script(cache, ((const struct sql_block *)o)->up, &scripts[blocks], &err))
      scripts[blocks].made_count = 0;
    room += scripts[blocks++].made_count;
  }
  struct standing *names = arena_array(arena, room, sizeof *names);
  bool *stands = arena_array(arena, room, sizeof *stands);
  for (size_t i = 0; i < blocks; i++)
    for (size_t k = 0; k < scripts[i].made_count; k++) {
      const struct sql_made *made = &scripts[i].made[k];
      names[count++] = (struct standing){made->schema ? made->schema : "public", made->name};
    }
  if (!catalog_standing(c, names, count, stands, &run->diagnostics))
    return false;
  blocks = count = 0;
  for (const struct object *o = wanted->first; o; o = o->next) {
    if (!is_kind(o, KIND_SQL))
      continue;
    const size_t made = scripts[blocks++].made_count;
    bool any = false;
    for (size_t k = 0; k < made; k++)
      any |= stands[count++];
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
                      const struct ahead *ahead, struct changes *out) {
  struct arena *arena = &run->arena;
  const struct names all = both(arena, schemas_of(arena, wanted, true), others);
  bool spared[KIND_COUNT];
  for (int k = 0; k < KIND_COUNT; k++)
    spared[k] = kinds[k]->spared && !wanted->whole && !wanted->count[k];
  struct schema *live = ahead_fits(ahead, &all, spared) ? ahead->live : catalog_read(arena, c, &all, spared, &run->diagnostics);
  if (!live)
    return false;
  struct names schemas = both(arena, schemas_of(arena, wanted, false), others);
  schemas = both(arena, schemas, renamed_schemas(arena, live, wanted));
  for (struct object *o = live->first; o; o = o->next) /* of another schema of old, only what is renamed is ours */
    if (is_kind(o, KIND_SCHEMA) ? !names_hold(schemas, o->name) : o->schema && !names_hold(schemas, o->schema))
      o->external = true;
  catalog_uncompared(arena, c, live, &schemas, true, &run->diagnostics);
  if (wanted->target.platform == PLATFORM_SUPABASE)
    platform_ignore(live);
  privileges_expect(live, wanted);
  *out = changes_between(arena, live, wanted);
  scratch_settle(arena, c, out, search_path_of(wanted), &run->diagnostics);
  if (!add_blocks(run, c, wanted, out))
    return false;
  return only_adds(out) || (catalog_rest(c, live, &run->diagnostics) && catalog_depends(arena, c, live, &run->diagnostics));
}

/* Data goes only where the user says so by name, of each, before anything is done. */
bool may_lose(struct invocation *run, const struct names *losses, const char *verb) {
  struct strbuf flags = STRBUF_INIT;
  size_t count = 0;
  for (size_t i = 0; i < losses->n; i++) {
    const char *loss = losses->v[i];
    if (loss_consented(&run->options.drops, loss))
      continue;
    strbuf_adds(&flags, " --drop ");
    strbuf_add_shell(&flags, loss);
    count++;
  }
  if (count)
    diagnostic_hint(&run->diagnostics,
                    diagnose(&run->diagnostics, PDL_NO_CONSENT, NO_SPAN, "%s would lose data of %zu object%s; nothing was done", verb, count,
                             count == 1 ? "" : "s"),
                    "To consent, add%s", flags.text);
  strbuf_release(&flags);
  return count == 0;
}

void print_plan(struct invocation *run, const struct plan *plan, const struct changes *changes, const struct schema *after, struct strbuf *out) {
  struct names lines = {0};
  struct hazards *hazards = hazards_new(&run->arena, changes->before, after, after->target.version);
  for (size_t i = 0; i < plan->count; i++)
    hazards_say(hazards, plan->steps[i].sql, &lines);
  for (size_t i = 0; i < lines.n; i++) {
    strbuf_adds(out, "-- hazard: ");
    sql_comment(out, lines.v[i]);
    strbuf_addc(out, '\n');
  }
  plan_print(plan, out);
}
