/* Two branches that each added migrations, put into one row. */
#include <string.h>

#include "migrate/private.h"

/* Names that pdl.sum lists; of a conflict in it only the side that was merged into. */
static struct names listed(struct arena *arena, const struct source *sum) {
  struct names names = {0};
  bool theirs = false;
  size_t lines = 1;
  for (const char *p = sum ? sum->text : ""; *p; p++)
    lines += *p == '\n';
  names.v = arena_array(arena, lines, sizeof *names.v);
  for (const char *line = sum ? sum->text : ""; *line;
       line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
    const size_t n = strcspn(line, " \r\n");
    if (strncmp(line, "=======", 7) == 0)
      theirs = true;
    else if (strncmp(line, ">>>>>>>", 7) == 0)
      theirs = false;
    else if (!theirs && strncmp(line, "<<<<<<<", 7) != 0)
      names.v[names.n++] = arena_strndup(arena, line, n);
  }
  return names;
}

/* What stands behind the header. */
static const char *body_of(const struct migration_file *f, bool headed) {
  const char *p = f->source->text;
  while (headed && p[0] == '-' && p[1] == '-')
    p += strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n');
  return p;
}

static void rewrite(struct arena *arena, const struct migration_folder *folder, struct migration *m, bool down) {
  struct migration_file *f = down ? &m->down : &m->up;
  struct strbuf text = STRBUF_INIT;
  if (m->headed)
    migration_header_print(m, down, &text);
  strbuf_adds(&text, body_of(f, m->headed));
  *f = migration_file_named(arena, folder, m, down, text.text, text.len);
  strbuf_release(&text);
}

void migration_renumber(struct arena *arena, struct migration_folder *folder, const char *state,
                        struct names *replaced) {
  const struct names first = listed(arena, folder->sum);
  struct migration *v = arena_array(arena, folder->count, sizeof *v);
  size_t count = 0, kept = 0;
  for (int later = 0; later <= 1; later++) {
    for (size_t i = 0; i < folder->count; i++)
      if (names_hold(first, folder->v[i].up.name) == !later)
        v[count++] = folder->v[i];
    kept = later ? kept : count;
  }
  replaced->v = arena_array(arena, 2 * folder->count, sizeof *replaced->v);
  for (size_t i = kept; i < count; i++) {
    struct migration *m = &v[i], *before = i ? &v[i - 1] : NULL;
    const unsigned long long number = before ? before->number + 1 : 1;
    if (m->number < number || folder->layout == LAYOUT_NUMBERED) {
      m->number = number;
      m->version = migration_version(arena, folder->layout, number);
    }
    m->parent = before ? before->up.sha256 : NULL;
    m->before = before ? before->after : NULL;
    if (i + 1 == count && m->headed)
      m->after = state;
    replaced->v[replaced->n++] = m->up.path;
    if (m->down.path)
      replaced->v[replaced->n++] = m->down.path;
    rewrite(arena, folder, m, false);
    if (m->down.path)
      rewrite(arena, folder, m, true);
  }
  folder->v = v;
  folder->room = folder->count;
}
