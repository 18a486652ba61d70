/* pdlc build: every output of the schema, written only where it changed. */
#include <string.h>

#include "cmd/cmd.h"
#include "emit/emit.h"

/* A rule for make and ninja: outputs, a colon, every file that was read. */
static void depfile_name(struct strbuf *out, const char *folder, const char *path) {
  if (strcmp(folder, ".") != 0) {
    depfile_name(out, ".", folder);
    strbuf_addc(out, '/');
  }
  for (; *path; path++) {
    if (*path == '$')
      strbuf_addc(out, '$');
    else if (strchr(" \t#\\:", *path))
      strbuf_addc(out, '\\');
    strbuf_addc(out, *path);
  }
}

static bool write_depfile(struct invocation *run, const struct loaded *l, const char *root,
                          const struct file_set *files, const struct map *templates) {
  struct strbuf text = STRBUF_INIT;
  for (const struct file_item *f = files->first; f; f = f->next) {
    depfile_name(&text, root, f->path);
    strbuf_addc(&text, f->next ? ' ' : ':');
  }
  for (const struct node *n = l->files->parts; n; n = n->next) {
    strbuf_addc(&text, ' ');
    depfile_name(&text, ".", n->text);
  }
  for (const struct map_entry *e = map_first(templates); e; e = map_next(e)) {
    strbuf_addc(&text, ' ');
    depfile_name(&text, ".", map_key(e));
  }
  strbuf_addc(&text, '\n');
  const char *path = run->options.depfile, *failed, *why;
  struct file_set set;
  file_set_init(&set, &run->arena, path[0] == '/' ? "/" : "");
  set.remade = true;
  file_set_add(&set, path[0] == '/' ? path + 1 : path, text.text, text.len);
  const bool ok = file_set_write(&set, &failed, &why);
  if (!ok)
    diagnose(&run->diagnostics, PDL_CANNOT_WRITE, NO_SPAN, "cannot write \"%s\": %s", path, why);
  strbuf_release(&text);
  return ok;
}

/* --into stands for the folder of one output. */
static bool into_fits(const struct invocation *run, const struct schema *s) {
  const char *only = run->options.only;
  size_t count = 0;
  for (const struct output *o = s->outputs; only && o; o = o->next)
    count += strcmp(o->language, only) == 0;
  return only && (strcmp(only, "c") == 0 || strcmp(only, "swift") == 0) && count < 2;
}

int verb_build(struct invocation *run) {
  struct loaded l;
  if (run->arg_count > 1)
    return usage_error(run, "one schema at a time");
  if (!load_schema(run, schema_path(run), &l))
    return report(run, EXIT_FAILED);
  const char *into = run->options.into, *root = into ? into : l.folder;
  if (into && (!*into || !into_fits(run, l.schema)))
    return usage_error(run,
                       "--into takes a folder and needs --only c or --only swift, with one such output in the schema");
  const struct plan plan = plan_create(&run->arena, l.schema, NULL, &run->diagnostics);
  struct map templates;
  map_init(&templates, &run->arena);
  const struct emit_options options = {.folder = l.folder,
                                       .templates = run->options.templates,
                                       .only = run->options.only,
                                       .in_place = into != NULL,
                                       .read = &templates};
  struct file_set files;
  file_set_init(&files, &run->arena, strcmp(root, ".") == 0 ? "" : root);
  files.remade = true;
  if (run->diagnostics.errors || !emit_outputs(&run->arena, l.schema, &plan, &options, &run->diagnostics, &files))
    return report(run, EXIT_FAILED);
  if (!l.schema->outputs && !l.schema->migrations)
    diagnostic_hint(&run->diagnostics,
                    diagnose(&run->diagnostics, PDL_NO_OUTPUT, NO_SPAN, "\"%s\" names no output", l.path),
                    "Add output { sql \"generated/sql/schema.sql\" }.");
  const char *failed, *why;
  if (run->options.check) {
    const size_t stale = file_set_compare(&files);
    for (const struct file_item *f = files.first; f && !run->options.json; f = f->next)
      if (f->changed)
        printf("stale: %s\n", f->path);
    return report(run, stale ? EXIT_DIFFERS : EXIT_OK);
  }
  failed = into;
  if ((into && !file_make_folder(&run->arena, into, &why)) || !file_set_write(&files, &failed, &why)) {
    diagnose(&run->diagnostics, PDL_CANNOT_WRITE, NO_SPAN, "cannot write \"%s\": %s", failed, why);
    return report(run, EXIT_FAILED);
  }
  for (const struct file_item *f = files.first; f && !run->options.quiet && !run->options.json; f = f->next)
    if (f->changed)
      printf("wrote %s\n", f->path);
  if (run->options.depfile)
    (void)!write_depfile(run, &l, root, &files, &templates);
  return report(run, EXIT_OK);
}
