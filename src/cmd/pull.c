/* pdlc pull: a live database as PDL. */
#include "cmd/cmd.h"
#include "pull/pull.h"

int verb_pull(struct invocation *run) {
  struct connection c;
  if (run->arg_count > 1)
    return usage_error(run, "one database at a time");
  const char *url = run->options.db ? run->options.db : run->arg_count ? run->args[0] : NULL;
  if (!connect_database(run, ".", url, &c))
    return report(run, EXIT_FAILED);
  const struct pull_options options = {
      .schemas = run->options.schemas, .excluded = run->options.excluded, .owners = run->options.owners};
  struct strbuf out = STRBUF_INIT;
  bool ok = refuse_pooler(run, &c) && pull_database(&run->arena, &c, &options, &run->diagnostics, &out, NULL);
  connection_close(&c);
  if (run->options.strict && run->diagnostics.warnings)
    ok = false;
  if (ok && !run->options.json)
    fputs(out.text, stdout);
  strbuf_release(&out);
  return report(run, ok ? EXIT_OK : EXIT_FAILED);
}
