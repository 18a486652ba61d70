/* pdlc fmt: the canonical layout of PDL files. */
#include <string.h>

#include "cmd/cmd.h"

static bool format(struct invocation *run, const char *path, bool *differs) {
  struct arena *arena = &run->arena;
  struct diagnostics *d = &run->diagnostics;
  char *text;
  size_t len;
  const char *why, *failed;
  if (!file_read(arena, path, SOURCE_MAX, &text, &len, &why)) {
    diagnose(d, file_read_code(why), NO_SPAN, "cannot read \"%s\": %s", path, why);
    return false;
  }
  const size_t errors = d->errors;
  const struct source *source = source_read(arena, path, text, len);
  const struct node *file = syntax_parse(arena, source, d);
  if (d->errors > errors)
    return false;
  struct strbuf out = STRBUF_INIT;
  syntax_format(arena, source, file, &out);
  *differs = out.len != len || memcmp(out.text, text, len) != 0;
  bool ok = true;
  if (strcmp(path, "-") == 0) {
    fwrite(out.text, 1, out.len, stdout);
  } else if (*differs && !run->options.check) {
    struct file_set set;
    file_set_init(&set, arena, path[0] == '/' ? "/" : "");
    file_set_add(&set, path[0] == '/' ? path + 1 : path, out.text, out.len);
    ok = file_set_write(&set, &failed, &why);
    if (!ok)
      diagnose(d, PDL_CANNOT_WRITE, NO_SPAN, "cannot write \"%s\": %s", path, why);
  }
  strbuf_release(&out);
  return ok;
}

int verb_fmt(struct invocation *run) {
  bool any = false;
  const char *const whole[] = {"schema.pdl"};
  const char *const *paths = run->arg_count ? run->args : whole;
  const int count = run->arg_count ? run->arg_count : 1;
  for (int i = 0; i < count; i++) {
    bool differs = false;
    if (format(run, paths[i], &differs) && differs && strcmp(paths[i], "-") != 0 && !run->options.quiet &&
        !run->options.json)
      printf("%s %s\n", run->options.check ? "not formatted:" : "formatted", paths[i]);
    any |= differs;
  }
  return report(run, any && run->options.check ? EXIT_DIFFERS : EXIT_OK);
}
