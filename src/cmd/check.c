/* pdlc check: compiles and says what is wrong; writes nothing. */
#include "cmd/cmd.h"

int verb_check(struct invocation *run) {
  struct loaded l;
  if (run->arg_count > 1)
    return usage_error(run, "one schema at a time");
  if (load_schema(run, schema_path(run), &l))
    plan_create(&run->arena, l.schema, NULL, &run->diagnostics); /* cycles show in the order */
  return report(run, EXIT_OK);
}
