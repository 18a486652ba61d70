/* pdlc migrate: the next files of a folder of migrations, made of what changed in the schema. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "migrate/migrate.h"

/* A schema and what it is compiled from, so that it can be compiled once more. */
struct side {
  const struct node *tree;
  struct schema *schema;
  const char *sha256; /* of its canonical text; NULL: there is none */
};

static struct schema *compile_again(struct invocation *run, const struct node *tree) {
  struct diagnostics none; /* the first time said it all */
  diagnostics_init(&none, &run->arena);
  return schema_compile(&run->arena, tree, sql_cache_new(&run->arena), &none);
}

static const char *state_sha256(struct invocation *run, const struct migration_folder *folder) {
  return folder->state ? digest_sha256(&run->arena, folder->state->text, folder->state->len) : NULL;
}

/* Where the header of the last file vouches for state.pdl, it was printed as `today` is. */
static bool parse_state(struct invocation *run, const struct migration_folder *folder, const struct state_text *today,
                        struct side *out) {
  struct diagnostics *d = &run->diagnostics;
  const struct source *source = folder->state ? folder->state : source_new(&run->arena, MIGRATION_STATE, "", 0);
  const bool printed = folder->count && folder->v[folder->count - 1].headed;
  const size_t errors = d->errors;
  out->tree = printed ? migration_state_read(&run->arena, source, today, d) : syntax_parse(&run->arena, source, d);
  return d->errors == errors;
}

/* Its advice was given when it was schema.pdl. */
static bool compile_state(struct invocation *run, struct side *state) {
  struct diagnostics own;
  diagnostics_init(&own, &run->arena);
  state->schema = schema_compile(&run->arena, state->tree, sql_cache_new(&run->arena), &own);
  for (const struct diagnostic *d = own.first; d; d = d->next)
    if (d->severity == SEVERITY_ERROR) {
      struct diagnostic *copy = diagnose(&run->diagnostics, d->code, d->span, "%s", d->message);
      copy->hint = d->hint;
    }
  return own.errors == 0;
}

static void make_again(struct invocation *run, const struct node *before, const struct node *after,
                       struct migration_models *out) {
  out->before_tree = before;
  out->after_tree = after;
  out->before_again = compile_again(run, before);
  out->after_again = compile_again(run, after);
}

/* The four models of a plan: of all there is, or of what a small difference between large schemas can reach. */
static bool make_models(struct invocation *run, struct side *state, struct side *schema, struct migration_models *out) {
  enum { LARGE = 150 }; /* items; below, all of it takes some milliseconds */
  const struct node *parts[2];
  if (excerpt_make(&run->arena, state->tree, schema->tree, LARGE, parts)) {
    struct diagnostics own;
    diagnostics_init(&own, &run->arena);
    out->before = schema_compile(&run->arena, parts[0], sql_cache_new(&run->arena), &own);
    out->after = schema_compile(&run->arena, parts[1], sql_cache_new(&run->arena), &own);
    if (own.errors == 0 && excerpt_fits(schema->schema, out->before, out->after)) {
      make_again(run, parts[0], parts[1], out);
      return true;
    }
  }
  if (!compile_state(run, state))
    return false;
  out->before = state->schema;
  out->after = schema->schema;
  make_again(run, state->tree, schema->tree, out);
  return true;
}

static bool check_state(struct invocation *run, const struct migration_folder *folder, const struct side *state) {
  const struct migration *last = folder->count ? &folder->v[folder->count - 1] : NULL;
  struct diagnostic *d = NULL;
  if (last && !folder->state)
    d = diagnose(&run->diagnostics, PDL_MIGRATION_STATE, NO_SPAN, "\"%s\" has migrations but no %s", folder->path,
                 MIGRATION_STATE);
  else if (last && folder->state->len == 0) /* a pull that failed was to be written there */
    d = diagnose(&run->diagnostics, PDL_MIGRATION_STATE, NO_SPAN, "\"%s/%s\" is empty", folder->path, MIGRATION_STATE);
  else if (last && last->headed && (!last->after || strcmp(last->after, state->sha256) != 0))
    d = diagnose(&run->diagnostics, PDL_MIGRATION_STATE, (struct span){folder->state, 0, 0},
                 "%s is not what \"%s\" left behind", MIGRATION_STATE, last->up.name);
  if (d && !last->headed)
    diagnostic_hint(&run->diagnostics, d,
                    "Others made its files: write what they have done there, pdlc pull > %s/%s, then pdlc migrate --sum.",
                    folder->path, MIGRATION_STATE);
  else if (d)
    diagnostic_hint(&run->diagnostics, d, "Take it from version control again; it changes with the migrations alone.");
  return d == NULL;
}

/* ── the folder ── */

static bool is_kept(struct invocation *run, const char *folder) {
  return access(arena_printf(&run->arena, "%s/%s", folder, MIGRATION_SUM), F_OK) == 0 ||
         access(arena_printf(&run->arena, "%s/%s", folder, MIGRATION_STATE), F_OK) == 0;
}

const char *migrations_below(struct invocation *run, const char *project, const char *named) {
  struct arena *arena = &run->arena;
  const char *word = run->options.layout;
  const bool here = strcmp(project, ".") == 0;
  const char *plain = here ? "migrations" : arena_printf(arena, "%s/migrations", project),
             *supabase = here ? "supabase/migrations" : arena_printf(arena, "%s/supabase/migrations", project);
  if (named)
    return here ? named : arena_printf(arena, "%s/%s", project, named);
  if (word)
    return strcmp(word, "supabase") == 0 ? supabase : plain;
  return access(plain, F_OK) != 0 && is_kept(run, supabase) ? supabase : plain;
}

const char *migrations_path(struct invocation *run, const struct loaded *l) {
  return migrations_below(run, l->folder, l->schema->migrations);
}

void check_migrations(struct invocation *run, const struct loaded *l) {
  struct migration_folder folder;
  struct sql_part *parts;
  size_t count;
  const char *path = migrations_path(run, l);
  if (!is_kept(run, path) || !migration_folder_read(&run->arena, path, &run->diagnostics, &folder))
    return;
  const struct side state = {.sha256 = state_sha256(run, &folder)};
  (void)check_state(run, &folder, &state);
  for (size_t i = 0; i < folder.count; i++) {
    const struct migration_file *both[] = {&folder.v[i].up, &folder.v[i].down};
    for (size_t k = 0; k < ARRAY_LEN(both); k++)
      if (both[k]->source)
        (void)!migration_statements(&run->arena, both[k], &run->diagnostics, &parts, &count);
  }
}

/* Digits of the present time; SOURCE_DATE_EPOCH stands for it where files must come out the same. */
static unsigned long long time_stamp(void) {
  const char *epoch = getenv("SOURCE_DATE_EPOCH");
  const time_t now = epoch && *epoch ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
  struct tm tm;
  char text[32];
  if (!gmtime_r(&now, &tm) || !strftime(text, sizeof text, "%Y%m%d%H%M%S", &tm))
    return 0;
  return strtoull(text, NULL, 10);
}

/* ── writing ── */

static const char *below_root(const struct loaded *l, const char *path) {
  return strcmp(l->folder, ".") == 0 ? path : path + strlen(l->folder) + 1;
}

static void add_file(struct file_set *files, const struct loaded *l, const struct migration_file *f) {
  if (f->path)
    file_set_add(files, below_root(l, f->path), f->source->text, f->source->len);
}

/* The files from `first` on, pdl.sum, and state.pdl where its text is given. */
static bool write_folder(struct invocation *run, const struct loaded *l, const struct migration_folder *folder,
                         size_t first, const struct strbuf *state) {
  struct arena *arena = &run->arena;
  struct file_set files;
  struct strbuf sum = STRBUF_INIT;
  const char *failed, *why;
  file_set_init(&files, arena, strcmp(l->folder, ".") == 0 ? "" : l->folder);
  for (size_t i = first; i < folder->count; i++) {
    add_file(&files, l, &folder->v[i].up);
    add_file(&files, l, &folder->v[i].down);
  }
  if (state)
    file_set_add(&files, below_root(l, arena_printf(arena, "%s/%s", folder->path, MIGRATION_STATE)), state->text,
                 state->len);
  migration_sum_print(folder, &sum);
  file_set_add(&files, below_root(l, arena_printf(arena, "%s/%s", folder->path, MIGRATION_SUM)), sum.text, sum.len);
  const bool ok = file_set_write(&files, &failed, &why);
  if (!ok)
    diagnose(&run->diagnostics, PDL_CANNOT_WRITE, NO_SPAN, "cannot write \"%s\": %s", failed, why);
  bool changed = false;
  const bool tells = ok && !run->options.quiet && !run->options.json;
  for (const struct file_item *f = files.first; tells && f; f = f->next) {
    if (f->changed)
      printf("wrote %s\n", f->path);
    changed |= f->changed;
  }
  if (tells && !changed)
    printf("nothing to do: %s lists the files as they are\n", MIGRATION_SUM);
  strbuf_release(&sum);
  return ok;
}

static void print_files(const struct migration_folder *folder, size_t first) {
  for (size_t i = first; i < folder->count; i++)
    printf("-- %s\n%s\n-- %s\n%s\n", folder->v[i].up.name, folder->v[i].up.source->text, folder->v[i].down.name,
           folder->v[i].down.source->text);
}

static json_t *names_json(struct names names) {
  json_t *all = json_array();
  for (size_t i = 0; i < names.n; i++)
    json_array_append_new(all, json_string(names.v[i]));
  return all;
}

static json_t *file_json(const struct migration_file *f) {
  return json_pack("{s:s, s:s, s:b, s:s}", "path", f->path, "sha256", f->sha256, "transaction", f->transaction, "sql",
                   f->source->text);
}

static json_t *breaks_json(struct invocation *run, const struct changes *changes) {
  json_t *all = json_array();
  struct strbuf text = STRBUF_INIT;
  changes_print_breaks(changes, &run->arena, &text, false);
  for (char *at = text.text, *line; text.len && (line = strtok(at, "\n")) != NULL; at = NULL)
    json_array_append_new(all, json_string(line));
  strbuf_release(&text);
  return all;
}

/* The files that were made; what they break together stands with the first. */
static void print_json(struct invocation *run, const struct migration_folder *folder, size_t first,
                       const struct changes *changes) {
  static const char *const labels[] = {[DOWN_MISSING] = "missing",
                                       [DOWN_UNKNOWN] = "unknown",
                                       [DOWN_LOSSLESS] = "lossless",
                                       [DOWN_LOSSY] = "lossy",
                                       [DOWN_IRREVERSIBLE] = "irreversible"};
  json_t *all = json_array();
  for (size_t i = first; i < folder->count; i++) {
    const struct migration *m = &folder->v[i];
    json_array_append_new(all, json_pack("{s:s, s:s, s:o, s:o, s:s, s:s?, s:o, s:o, s:o}", "version", m->version,
                                         "name", m->name, "up", file_json(&m->up), "down", file_json(&m->down), "label",
                                         labels[m->label], "loss", m->label_text, "drops", names_json(m->drops),
                                         "hazards", names_json(m->hazards), "breaks",
                                         i == first ? breaks_json(run, changes) : json_array()));
  }
  char *text = json_dumps(all, JSON_INDENT(2));
  puts(text ? text : "[]");
  free(text);
  json_decref(all);
}

/* What breaks programs that were built before: to stderr, for stdout may be files or JSON. */
static void print_breaks(struct invocation *run, const struct changes *changes) {
  struct strbuf text = STRBUF_INIT;
  changes_print_breaks(changes, &run->arena, &text, wants_colour(stderr));
  if (text.len)
    fputs(text.text, stderr);
  strbuf_release(&text);
}

/* ── what the verb does ── */

static bool name_allowed(const char *name) {
  const size_t n = strlen(name);
  return n > 0 && n <= 100 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static int make(struct invocation *run, const struct loaded *l, struct migration_folder *folder, const char *name) {
  struct arena *arena = &run->arena;
  struct diagnostics *d = &run->diagnostics;
  struct side state = {.sha256 = state_sha256(run, folder)}, schema = {.tree = l->tree, .schema = l->schema};
  struct state_text today;
  struct migration_models models;
  if (!check_state(run, folder, &state))
    return EXIT_FAILED;
  migration_state_print(arena, l->tree, &today);
  schema.sha256 = digest_sha256(arena, today.text.text, today.text.len);
  if (!parse_state(run, folder, &today, &state) || !make_models(run, &state, &schema, &models)) {
    strbuf_release(&today.text);
    return EXIT_FAILED;
  }
  if (folder->count && folder->v[folder->count - 1].by_hand) /* perhaps nobody has written it yet */
    migration_check_hand(arena, folder, &folder->v[folder->count - 1], models.before->target.version, d);
  struct migration_plan *plan = migration_plan(arena, &models, run->options.offline, d);
  const struct migration_options options = {
      .name = name,
      .layout = run->options.layout && strcmp(run->options.layout, "supabase") == 0 ? LAYOUT_SUPABASE : LAYOUT_NUMBERED,
      .stamp = time_stamp(),
      .before = state.sha256,
      .after = schema.sha256,
  };
  const size_t first = folder->count;
  const struct changes *changes = migration_changes(plan);
  const struct names losses = migration_losses(plan);
  bool ok = d->errors == 0;
  if (ok && run->options.empty) {
    migration_write_empty(arena, &options, changes, folder);
  } else if (ok && migration_pending(plan)) {
    migration_likely_renames(arena, plan, &run->options.drops, d);
    ok = d->errors == 0 && may_lose(run, &losses, "migrate");
    if (ok) {
      migration_write(arena, plan, &options, folder);
      if (!run->options.quiet)
        print_breaks(run, changes);
    }
  } else if (ok && !run->options.quiet && !run->options.json) {
    printf("nothing to migrate: %s is what the migrations come to\n", l->path);
  }
  if (ok && run->options.json)
    print_json(run, folder, first, changes);
  if (ok && run->options.dry_run && !run->options.json)
    print_files(folder, first);
  else if (ok && !run->options.dry_run && folder->count > first)
    ok = write_folder(run, l, folder, first, &today.text);
  strbuf_release(&today.text);
  return ok ? EXIT_OK : EXIT_FAILED;
}

static int renumber(struct invocation *run, const struct loaded *l, struct migration_folder *folder) {
  struct names replaced = {0};
  if (folder->state) /* it may still hold the marks of a merge */
    (void)syntax_parse(&run->arena, folder->state, &run->diagnostics);
  if (run->diagnostics.errors)
    return EXIT_FAILED;
  migration_renumber(&run->arena, folder, state_sha256(run, folder), &replaced);
  if (!write_folder(run, l, folder, 0, NULL))
    return EXIT_FAILED;
  for (size_t i = 0; i < replaced.n; i++) {
    bool written = false;
    for (size_t k = 0; k < folder->count; k++)
      written |= strcmp(folder->v[k].up.path, replaced.v[i]) == 0 ||
                 (folder->v[k].down.path && strcmp(folder->v[k].down.path, replaced.v[i]) == 0);
    if (!written && unlink(replaced.v[i]) == 0 && !run->options.quiet && !run->options.json)
      printf("removed %s\n", replaced.v[i]);
  }
  return EXIT_OK;
}

/* A number that stands twice and pdl.sum are what --renumber and --sum settle: of them only names are refused. */
static bool scan(struct invocation *run, const char *path, struct migration_folder *folder) {
  struct diagnostics own;
  diagnostics_init(&own, &run->arena);
  (void)!migration_folder_scan(&run->arena, path, &own, folder);
  for (const struct diagnostic *d = own.first; d; d = d->next)
    if (d->code != PDL_MIGRATION_TWICE || run->options.sum) {
      struct diagnostic *copy = diagnose(&run->diagnostics, d->code, d->span, "%s", d->message);
      copy->hint = d->hint;
      copy->peer = d->peer;
      copy->peer_note = d->peer_note;
    }
  return run->diagnostics.errors == 0;
}

/* What pdl.sum does not know as it is now. */
static void check_new(struct invocation *run, const struct loaded *l, const struct migration_folder *folder) {
  for (size_t i = 0; i < folder->count; i++) {
    const struct migration *m = &folder->v[i];
    const char *sum = folder->sum ? folder->sum->text : "";
    if (!m->up.sha256 || !strstr(sum, m->up.sha256) || (m->down.sha256 && !strstr(sum, m->down.sha256)))
      migration_check_hand(&run->arena, folder, m, l->schema->target.version, &run->diagnostics);
  }
}

static bool take_sums(struct invocation *run, const struct loaded *l, const struct migration_folder *folder) {
  check_new(run, l, folder);
  return run->diagnostics.errors == 0 && write_folder(run, l, folder, folder->count, NULL);
}

int verb_migrate(struct invocation *run) {
  const bool settles = run->options.renumber || run->options.sum;
  struct loaded l;
  struct migration_folder folder;
  if (run->arg_count != !settles)
    return usage_error(run,
                       settles ? "--renumber and --sum take no name" : "what is it called? pdlc migrate add_reactions");
  if (!settles && !name_allowed(run->args[0]))
    return usage_error(run, "a name is of a-z, 0-9 and _, at most 100 of them: add_reactions");
  if (!load_schema(run, run->options.file ? run->options.file : "schema.pdl", &l))
    return report(run, EXIT_FAILED);
  const char *path = migrations_path(run, &l);
  const bool readable =
      settles ? scan(run, path, &folder) : migration_folder_read(&run->arena, path, &run->diagnostics, &folder);
  int code = EXIT_FAILED;
  if (readable && run->options.renumber)
    code = renumber(run, &l, &folder);
  else if (readable && run->options.sum)
    code = take_sums(run, &l, &folder) ? EXIT_OK : EXIT_FAILED;
  else if (readable)
    code = make(run, &l, &folder, run->args[0]);
  run->options.json = false; /* stdout has its JSON; diagnostics go to stderr */
  return report(run, code);
}
