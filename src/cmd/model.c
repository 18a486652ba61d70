/* pdlc model: what templates see, as JSON. */
#include "cmd/cmd.h"
#include "emit/emit.h"

int verb_model(struct invocation *run) {
  struct loaded l;
  if (run->arg_count > 1)
    return usage_error(run, "one schema at a time");
  if (!load_schema(run, schema_path(run), &l))
    return report(run, EXIT_FAILED);
  const struct plan plan = plan_create(&run->arena, l.schema, NULL, &run->diagnostics);
  struct strbuf out = STRBUF_INIT;
  view_print_json(view_schema(&run->arena, l.schema, &plan), &run->arena, &out);
  if (!run->diagnostics.errors)
    puts(out.text);
  strbuf_release(&out);
  return report(run, EXIT_OK);
}
