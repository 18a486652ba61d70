/* pdlc push: makes in a database what the schema has and the database lacks. */
#include "cmd/cmd.h"

/* What push cannot settle, and says so before it touches anything. */
static bool only_additions(struct invocation *run, const struct changes *changes) {
  struct changes others = {.v = arena_array(&run->arena, changes->count, sizeof *others.v)};
  for (size_t i = 0; i < changes->count; i++)
    if (changes->v[i].verb != CHANGE_ADD)
      others.v[others.count++] = changes->v[i];
  if (others.count == 0)
    return true;
  struct strbuf list = STRBUF_INIT;
  changes_print(&others, &run->arena, &list, false);
  diagnostic_hint(&run->diagnostics,
                  diagnose(&run->diagnostics, PDL_CANNOT_ALTER, NO_SPAN, "push would have to change or drop %zu object%s; nothing was done",
                           others.count, others.count == 1 ? "" : "s"),
                  "pdlc diff shows them: %s", list.text);
  strbuf_release(&list);
  return false;
}

static bool push(struct invocation *run, struct connection *c, const struct loaded *l) {
  struct changes changes;
  struct applied applied;
  if (!refuse_pooler(run, c) || (!run->options.dry_run && !database_lock(c, &run->diagnostics)) || !compare_database(run, c, l->schema, &changes) || !only_additions(run, &changes))
    return false;
  const struct plan plan = plan_create(&run->arena, l->schema, &changes, &run->diagnostics);
  if (run->diagnostics.errors)
    return false;
  if (run->options.dry_run) {
    for (size_t i = 0; i < plan.count; i++)
      fputs(plan.steps[i].sql, stdout);
    return true;
  }
  if (plan.count && !apply_plan(&run->arena, c, &plan, search_path_of(l->schema), &run->diagnostics, &applied))
    return false;
  if (run->options.quiet || run->options.json)
    return true;
  if (plan.count == 0)
    printf("%s already has all of %s\n", c->shown, l->path);
  else
    printf("%s -> %s: %zu step%s in %zu transaction%s\n", l->path, c->shown, applied.steps, applied.steps == 1 ? "" : "s",
           applied.transactions, applied.transactions == 1 ? "" : "s");
  return true;
}

int verb_push(struct invocation *run) {
  struct loaded l;
  struct connection c;
  if (run->arg_count > 1)
    return usage_error(run, "one schema at a time");
  if (!load_schema(run, schema_path(run), &l) || !connect_database(run, l.folder, run->options.db, &c))
    return report(run, EXIT_FAILED);
  const bool ok = push(run, &c, &l);
  connection_close(&c);
  return report(run, ok ? EXIT_OK : EXIT_FAILED);
}
