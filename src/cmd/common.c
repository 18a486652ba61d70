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

const char *folder_of(struct arena *arena, const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash)
    return ".";
  return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

bool parse_schema(struct arena *arena, const char *path, struct diagnostics *d, struct loaded *out) {
  *out = (struct loaded){.path = path, .folder = folder_of(arena, path)};
  out->files = arena_alloc(arena, sizeof *out->files);
  out->tree = syntax_read(arena, path, d, out->files);
  return out->tree != NULL;
}

bool take_schema(struct invocation *run, struct schema *schema, struct loaded *out) {
  out->schema = schema;
  run->supabase = schema->target.platform == PLATFORM_SUPABASE;
  return run->diagnostics.errors == 0;
}

bool load_schema(struct invocation *run, const char *path, struct loaded *out) {
  struct arena *arena = &run->arena;
  return parse_schema(arena, path, &run->diagnostics, out) &&
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
  struct diagnostic *d =
      diagnose(&run->diagnostics, PDL_POOLER_REFUSED, NO_SPAN, "%s is a transaction pooler", c->shown);
  const char *host = strchr(c->shown, '@'), *port = strstr(c->shown, ":6543/");
  if (host && port && host[1] != '/') /* Supabase's session pooler is the same host */
    diagnostic_hint(&run->diagnostics, d,
                    "Use port 5432, the direct connection or the session pooler: postgresql://%.*s:5432/%s.",
                    (int)(port - c->shown), c->shown, port + strlen(":6543/"));
  else
    diagnostic_hint(&run->diagnostics, d, "Use port 5432: the direct connection or the session pooler.");
  return false;
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
                    diagnose(&run->diagnostics, PDL_NO_CONSENT, NO_SPAN,
                             "%s would lose data of %zu object%s; nothing was done", verb, count,
                             count == 1 ? "" : "s"),
                    "To consent, add%s", flags.text);
  strbuf_release(&flags);
  return count == 0;
}

void print_plan(struct invocation *run, const struct plan *plan, const struct changes *changes,
                const struct schema *after, struct strbuf *out) {
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
