/* pdlc init: a schema to start from, and the lines that Git should ignore. */
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static const char starting_schema[] =
    "/// What this database is for.\n"
    "target postgres 15\n"
    "\n"
    "naming {\n"
    "  index   \"idx_{table}_{columns}\"\n"
    "  unique  \"uq_{table}_{columns}\"\n"
    "  foreign \"fk_{table}_{columns}\"\n"
    "}\n"
    "\n"
    "output {\n"
    "  sql \"generated/sql/schema.sql\"\n"
    "}\n"
    "\n"
    "mixin timestamps {\n"
    "  created_at  timestamptz = now()\n"
    "  updated_at  timestamptz = now()  touch  // set by a trigger on every update\n"
    "}\n"
    "\n"
    "/// A person who uses the app.\n"
    "table users {\n"
    "  id     uuid = gen_random_uuid()  pk\n"
    "  email  text  unique\n"
    "  name   text?\n"
    "  use timestamps\n"
    "}\n"
    "\n"
    "/// Something a person wrote.\n"
    "table notes {\n"
    "  id       int  identity  pk\n"
    "  user_id  -> users cascade  index\n"
    "  body     text\n"
    "  use timestamps\n"
    "}\n";
static const char *const ignored[] = {".pdlc/", ".env"};

static bool has_line(const char *text, const char *line) {
  const size_t n = strlen(line);
  for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
    if (strncmp(p, line, n) == 0 && (p[n] == '\n' || p[n] == '\r' || p[n] == '\0'))
      return true;
  return false;
}

int verb_init(struct invocation *run) {
  struct arena *arena = &run->arena;
  const char *path = schema_path(run), *why, *failed;
  if (access(path, F_OK) == 0) {
    diagnostic_hint(&run->diagnostics,
                    diagnose(&run->diagnostics, PDL_CANNOT_WRITE, NO_SPAN, "\"%s\" is there already", path),
                    "pdlc build compiles it; pdlc init starts a new one.");
    return report(run, EXIT_FAILED);
  }
  struct strbuf gitignore = STRBUF_INIT;
  char *text = NULL;
  size_t len = 0;
  if (access(".gitignore", F_OK) == 0 && !file_read(arena, ".gitignore", SOURCE_MAX, &text, &len, &why)) {
    diagnose(&run->diagnostics, PDL_FILE_UNREADABLE, NO_SPAN, "cannot read \".gitignore\": %s", why);
    return report(run, EXIT_FAILED);
  }
  if (text)
    strbuf_add(&gitignore, text, len);
  if (len && text[len - 1] != '\n')
    strbuf_addc(&gitignore, '\n');
  for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
    if (!text || !has_line(text, ignored[i]))
      strbuf_addf(&gitignore, "%s\n", ignored[i]);
  struct file_set files;
  file_set_init(&files, arena, path[0] == '/' ? "/" : "");
  file_set_add(&files, path[0] == '/' ? path + 1 : path, starting_schema, sizeof starting_schema - 1);
  if (path[0] != '/')
    file_set_add(&files, ".gitignore", gitignore.text, gitignore.len);
  if (!file_set_write(&files, &failed, &why))
    diagnose(&run->diagnostics, PDL_CANNOT_WRITE, NO_SPAN, "cannot write \"%s\": %s", failed, why);
  else if (!run->options.quiet)
    printf("wrote %s; next: pdlc build, then pdlc push\n", path);
  strbuf_release(&gitignore);
  return report(run, EXIT_OK);
}
