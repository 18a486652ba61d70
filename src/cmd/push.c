/* pdlc push: makes of a database what the schema says. */
#include <string.h>

#include "cmd/cmd.h"
#include "objects/objects.h"

static bool push(struct invocation *run, struct connection *c, const struct loaded *l) {
  struct changes changes;
  struct applied applied;
  if (!refuse_pooler(run, c) || (!run->options.dry_run && !database_lock(c, NULL, &run->diagnostics)) ||
      !roles_check(c, l->schema, &run->diagnostics) || !compare_database(run, c, l->schema, NULL, NULL, &changes))
    return false;
  const struct plan plan = plan_create(&run->arena, l->schema, &changes, &run->diagnostics);
  if (run->diagnostics.errors)
    return false;
  if (run->options.dry_run) {
    struct strbuf out = STRBUF_INIT;
    print_plan(run, &plan, &changes, l->schema, &out);
    fputs(out.text, stdout);
    strbuf_release(&out);
    return true;
  }
  if (!may_lose(run, &plan.losses, "push"))
    return false;
  if (plan.count == 0 && !views_agree(l->schema, &run->diagnostics))
    return false;
  if (plan.count &&
      !apply_plan(&run->arena, c, l->schema, &plan, search_path_of(l->schema), &run->diagnostics, &applied))
    return false;
  if (run->options.quiet || run->options.json)
    return true;
  if (plan.count == 0)
    printf("%s already has all of %s\n", c->shown, l->path);
  else
    printf("%s -> %s: %zu step%s in %zu transaction%s\n", l->path, c->shown, applied.steps,
           applied.steps == 1 ? "" : "s", applied.transactions, applied.transactions == 1 ? "" : "s");
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
