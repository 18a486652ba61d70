/* pdlc lint: advice on files of SQL. */
#include <string.h>

#include "cmd/cmd.h"
#include "diff/hazards.h"
#include "migrate/migrate.h"

static const struct source *read_file(struct invocation *run, const char *path) {
  char *text;
  size_t len;
  const char *why;
  if (file_read(&run->arena, path, SOURCE_MAX, &text, &len, &why))
    return source_read(&run->arena, path, text, len);
  diagnose(&run->diagnostics, file_read_code(why), NO_SPAN, "cannot read \"%s\": %s", path, why);
  return NULL;
}

static struct schema *compile_quietly(struct invocation *run, const struct source *source) {
  struct diagnostics none;
  diagnostics_init(&none, &run->arena);
  struct schema *s =
      schema_compile(&run->arena, syntax_parse(&run->arena, source, &none), sql_cache_new(&run->arena), &none);
  return none.errors ? NULL : s;
}

/* The folder that a file lies in, and which of its migrations it is, or NULL. */
static const struct migration *find_migration(struct invocation *run, const char *path, const struct source *source,
                                              struct migration_folder *all) {
  const char *slash = strrchr(path, '/');
  const char *folder = slash ? arena_strndup(&run->arena, path, (size_t)(slash - path)) : ".";
  struct diagnostics none;
  diagnostics_init(&none, &run->arena);
  (void)!migration_folder_scan(&run->arena, folder, &none, all);
  for (size_t i = 0; i < all->count; i++)
    if (all->v[i].up.source && strcmp(all->v[i].up.source->text, source->text) == 0)
      return &all->v[i];
  return NULL;
}

/* state.pdl beside a file is what the file starts from only while the file is not among those it was made of. */
static struct schema *state_before(struct invocation *run, const char *path, const struct migration_folder *all,
                                   const struct migration *m) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  if (!all->state)
    return NULL;
  bool starts_here = !all->sum || !strstr(all->sum->text, name);
  if (m && m->before)
    starts_here = strcmp(m->before, digest_sha256(&run->arena, all->state->text, all->state->len)) == 0;
  return starts_here ? compile_quietly(run, all->state) : NULL;
}

/* Of a workflow command, which is one line: a property's value ends at a comma or colon besides. */
static void put_escaped(const char *text, bool property) {
  for (; *text; text++)
    if (*text == '%' || *text == '\r' || *text == '\n' || (property && (*text == ':' || *text == ',')))
      printf("%%%02X", (unsigned char)*text);
    else
      putchar(*text);
}

/* https://docs.github.com/actions: workflow commands. What is about no file names none. */
static void print_github(const struct diagnostics *d) {
  for (const struct diagnostic *each = d->first; each; each = each->next) {
    printf("::%s title=%s", each->severity == SEVERITY_ERROR ? "error" : "warning", code_info(each->code)->id);
    if (each->span.src) {
      const struct place place = span_place(each->span);
      fputs(",file=", stdout);
      put_escaped(each->span.src->path, true);
      printf(",line=%u,col=%u", place.line, place.column);
    }
    fputs("::", stdout);
    put_escaped(each->message, false);
    if (each->hint) {
      fputs(". ", stdout);
      put_escaped(each->hint, false);
    }
    putchar('\n');
  }
}

int verb_lint(struct invocation *run) {
  struct loaded l = {0};
  struct hazards *hazards = NULL;
  struct diagnostics advice;
  diagnostics_init(&advice, &run->arena); /* of the schema: it was not asked for */
  if (run->arg_count == 0)
    return usage_error(run, "which files? pdlc check advises on schemas");
  if (run->options.file) {
    if (!load_schema(run, run->options.file, &l))
      return report(run, EXIT_FAILED);
    diagnostics_init(&run->diagnostics, &run->arena);
    hazards = hazards_new(&run->arena, l.schema, l.schema, l.schema->target.version);
  }
  for (int i = 0; i < run->arg_count; i++) {
    const struct source *source = read_file(run, run->args[i]);
    if (!source)
      continue;
    struct migration_folder all = {0};
    const struct migration *m = find_migration(run, run->args[i], source, &all);
    struct schema *before = l.schema ? NULL : state_before(run, run->args[i], &all, m);
    if (before)
      hazards = hazards_new(&run->arena, before, before, before->target.version);
    else if (!hazards)
      hazards = hazards_new(&run->arena, NULL, NULL, VERSION_MAX);
    migration_lint(&run->arena, source, hazards, l.schema || before, &run->diagnostics);
    /* of a file that no header speaks of, nobody knows what it is meant to change */
    const struct migration alone = {.headed = true, .up = {.source = (struct source *)(uintptr_t)source}};
    const struct schema *known = l.schema ? l.schema : before;
    migration_check_hand(&run->arena, &all, m && m->headed ? m : &alone, known ? known->target.version : VERSION_MAX,
                         &run->diagnostics);
  }
  diagnostics_finish(&run->diagnostics);
  const int code = run->diagnostics.errors ? EXIT_FAILED : run->diagnostics.warnings ? EXIT_DIFFERS : EXIT_OK;
  if (!run->options.github)
    return report(run, code);
  print_github(&run->diagnostics);
  return code;
}
