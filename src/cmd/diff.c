/* pdlc diff: what differs between two schemas, each a .pdl file, a folder of migrations or a database. Of two databases
 * the second is read as PDL, which the first one is compared with. */
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "migrate/migrate.h"
#include "objects/objects.h"
#include "pull/pull.h"

static bool is_file(const char *arg) {
  const size_t n = strlen(arg);
  return n > 4 && strcmp(arg + n - 4, ".pdl") == 0;
}

static bool is_folder(const char *arg) {
  struct stat st;
  return stat(arg, &st) == 0 && S_ISDIR(st.st_mode);
}

/* libpq takes a URI, or words with "=" in them. */
static bool may_be_database(const char *arg) {
  return strstr(arg, "://") || strchr(arg, '=');
}

static int show(struct invocation *run, struct changes *changes, struct schema *wanted) {
  struct strbuf out = STRBUF_INIT;
  const bool differs = changes->count > 0;
  if (run->options.sql) {
    const struct plan plan = plan_create(&run->arena, wanted, changes, &run->diagnostics);
    print_plan(run, &plan, changes, wanted, &out);
  } else if (run->options.json) {
    changes_judge(&run->arena, changes, wanted);
    changes_json(changes, &run->arena, &out);
  } else {
    changes_judge(&run->arena, changes, wanted);
    changes_print(changes, &run->arena, &out, wants_colour(stdout));
    if (!differs && !run->options.quiet)
      strbuf_adds(&out, "no differences\n");
  }
  fputs(out.text, stdout);
  strbuf_release(&out);
  run->options.json = false; /* stdout has its JSON; diagnostics go to stderr */
  return report(run, differs ? EXIT_DIFFERS : EXIT_OK);
}

static int failed(struct invocation *run) {
  return report(run, EXIT_FAILED);
}

static int two_databases(struct invocation *run, const char *first, const char *second) {
  struct connection before, after;
  struct strbuf text = STRBUF_INIT;
  struct schema *wanted = NULL;
  const struct pull_options all = {0};
  if (connect_database(run, ".", second, &after)) {
    if (!refuse_pooler(run, &after) || !pull_database(&run->arena, &after, &all, &run->diagnostics, &text, &wanted))
      wanted = NULL;
    connection_close(&after);
  }
  strbuf_release(&text);
  if (!wanted || !connect_database(run, ".", first, &before))
    return failed(run);
  struct changes changes;
  struct names schemas; /* those that the second one lacks differ too */
  wanted->whole = true;
  bool supabase;
  const bool ok = refuse_pooler(run, &before) && pull_schemas(catalog_begin(&run->arena, &before, 1), &before, &all,
                                                              &run->diagnostics, &supabase, &schemas);
  if (ok)
    catalog_abandon(&before);
  const bool compared = ok && compare_database(run, &before, wanted, &schemas, NULL, &changes);
  connection_close(&before);
  return compared ? show(run, &changes, wanted) : failed(run);
}

int verb_diff(struct invocation *run) {
  const char *file = run->options.file, *url = run->options.db, *second = NULL, *other = NULL;
  for (int i = 0; i < run->arg_count; i++) {
    if (!is_file(run->args[i]) && !is_folder(run->args[i]) && !may_be_database(run->args[i])) {
      diagnostic_hint(&run->diagnostics,
                      diagnose(&run->diagnostics, PDL_FILE_UNREADABLE, NO_SPAN, "there is no \"%s\"", run->args[i]),
                      "A side is a .pdl file, a folder of migrations, or a database: postgresql://user@host/dbname.");
      return failed(run);
    }
    const bool folder = is_folder(run->args[i]);
    const char *arg = folder ? arena_printf(&run->arena, "%s/%s", run->args[i], MIGRATION_STATE) : run->args[i];
    if (folder && run->arg_count == 1 && !url)
      second = file ? file : "schema.pdl", file = arg;
    else if (!is_file(arg) && !url)
      url = arg;
    else if (!is_file(arg) && !other && !file)
      other = arg;
    else if (is_file(arg) && !file)
      file = arg;
    else if (is_file(arg) && !second)
      second = arg;
    else
      return usage_error(run, "at most two sides, each a .pdl file, a folder of migrations or a database");
  }
  if ((second && url) || (other && file))
    return usage_error(run, "at most two sides, each a .pdl file, a folder of migrations or a database");
  if (other)
    return two_databases(run, url, other);
  struct loaded l;
  struct changes changes;
  if (second) {
    struct loaded before;
    if (!load_schema(run, second, &l) || !load_schema(run, file, &before))
      return failed(run);
    schema_as_made(before.schema);
    changes = changes_between(&run->arena, before.schema, l.schema);
    return show(run, &changes, l.schema);
  }
  struct connection c;
  struct prefetched prefetched;
  if (!load_and_read(run, file ? file : "schema.pdl", url, &l, &c, &prefetched))
    return failed(run);
  const bool ok = refuse_pooler(run, &c) && compare_database(run, &c, l.schema, NULL, &prefetched, &changes) &&
                  (changes.count || views_agree(l.schema, &run->diagnostics));
  connection_close(&c);
  return ok ? show(run, &changes, l.schema) : failed(run);
}
