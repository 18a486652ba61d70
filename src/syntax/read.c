/* Files and what they include. */
#include <stdlib.h>
#include <string.h>

#include "syntax/syntax.h"

struct reader {
  struct arena *arena;
  struct diagnostics *diagnostics;
  struct map seen; /* real path → struct opened */
  struct node *files;
  struct node *all; /* the items of every file, in order */
};
struct opened {
  bool open; /* being read: to include it now is a cycle */
};

/* path as written in an include, seen from the folder of the including file. */
static const char *beside(struct arena *arena, const char *including, const char *path) {
  const char *slash = strrchr(including, '/');
  if (path[0] == '/' || !slash)
    return path;
  return arena_printf(arena, "%.*s%s", (int)(slash - including + 1), including, path);
}

static const char *real_path(struct arena *arena, const char *path) {
  char *real = realpath(path, NULL);
  if (!real)
    return path;
  const char *copy = arena_strdup(arena, real);
  free(real);
  return copy;
}

enum { INCLUDE_DEPTH_MAX = 64 };

static bool read_file(struct reader *r, const char *path, struct span from, int depth) {
  struct opened *opened = map_get(&r->seen, real_path(r->arena, path));
  if (opened) {
    if (opened->open)
      diagnose(r->diagnostics, PDL_INCLUDE_CYCLE, from, "\"%s\" includes itself through this line", path);
    return true;
  }
  if (depth > INCLUDE_DEPTH_MAX) {
    diagnose(r->diagnostics, PDL_TOO_DEEP, from, "includes nest deeper than %d", INCLUDE_DEPTH_MAX);
    return false;
  }
  char *text;
  size_t len;
  const char *why;
  if (!file_read(r->arena, path, SOURCE_MAX, &text, &len, &why)) {
    struct diagnostic *d = diagnose(r->diagnostics, file_read_code(why), from, "cannot read \"%s\": %s", path, why);
    if (strcmp(why, "no such file") == 0)
      diagnostic_hint(r->diagnostics, d, from.src ? "Includes are looked for beside the file that names them."
                                                  : "pdlc init writes a schema.pdl to start from.");
    return false;
  }
  opened = arena_alloc(r->arena, sizeof *opened);
  opened->open = true;
  map_add(&r->seen, real_path(r->arena, path), opened);
  if (r->files) {
    struct node *file = arena_alloc(r->arena, sizeof *file);
    file->kind = NODE_INCLUDE;
    file->text = path;
    node_append(r->files, file);
  }
  const struct source *source = source_read(r->arena, path, text, len);
  struct node *tree = syntax_parse(r->arena, source, r->diagnostics);
  if (!r->all->span.src)
    r->all->span = (struct span){source, 0, 0};
  for (struct node *n = tree->parts, *next; n; n = next) {
    next = n->next;
    if (n->kind == NODE_INCLUDE)
      read_file(r, beside(r->arena, path, n->text), n->text_span, depth + 1);
    else
      node_append(r->all, n);
  }
  opened->open = false;
  return true;
}

struct node *syntax_read(struct arena *arena, const char *path, struct diagnostics *diagnostics, struct node *files) {
  struct reader r = {.arena = arena, .diagnostics = diagnostics, .files = files};
  map_init(&r.seen, arena);
  r.all = arena_alloc(arena, sizeof *r.all);
  r.all->kind = NODE_FILE;
  const bool ok = read_file(&r, path, NO_SPAN, 0);
  return ok ? r.all : NULL;
}
