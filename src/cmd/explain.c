/* pdlc explain: a diagnostic at length, or all of them in a line each. */
#include <string.h>

#include "cmd/cmd.h"

static const char *severity(const struct code_info *info) {
  return info->severity == SEVERITY_ERROR ? "error" : "warning";
}

int verb_explain(struct invocation *run) {
  if (run->options.all) {
    size_t count;
    const struct code_info *all = code_list(&count);
    for (size_t i = 0; i < count; i++)
      printf("%s  %-7s  %s\n", all[i].id, severity(&all[i]), all[i].summary);
    return report(run, EXIT_OK);
  }
  if (run->arg_count != 1)
    return usage_error(run, "which code? pdlc explain --all lists them");
  const struct code_info *info = code_find(run->args[0]);
  if (!info)
    return usage_error(run, "there is no code %s; pdlc explain --all lists them", run->args[0]);
  printf("%s (%s): %s\n\n%s", info->id, severity(info), info->summary, info->text);
  if (info->text[0] == '\0' || info->text[strlen(info->text) - 1] != '\n')
    putchar('\n');
  return report(run, EXIT_OK);
}
