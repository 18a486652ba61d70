/* pdlc check: compiles and says what is wrong, with the schema and with the migrations beside it; writes nothing. */
#include <string.h>

#include "cmd/cmd.h"

int verb_check(struct invocation *run) {
  struct loaded l;
  if (run->arg_count > 1)
    return usage_error(run, "one schema at a time");
  size_t count;
  if (load_schema(run, schema_path(run), &l)) {
    order_objects(&run->arena, l.schema, &run->diagnostics, &count); /* where cycles show */
    if (strcmp(l.path, "-") != 0)
      check_migrations(run, &l);
  }
  return report(run, EXIT_OK);
}
