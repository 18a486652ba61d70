/* A folder of migrations, read and checked. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "migrate/migrate.h"

enum { NUMBER_DIGITS = 4, STAMP_DIGITS = 14, NUMBER_MAX_DIGITS = 18 };

struct reading {
  struct arena *arena;
  struct diagnostics *diagnostics;
  struct migration_folder *folder;
};

static bool ends_in(const char *text, const char *end) {
  const size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

/* NULL where it cannot be read; why it cannot is diagnosed, but for one that need not be there. */
static struct source *read_source(struct reading *r, const char *name, bool optional) {
  const char *path = arena_printf(r->arena, "%s/%s", r->folder->path, name), *why;
  char *text;
  size_t len;
  if (file_read(r->arena, path, SOURCE_MAX, &text, &len, &why))
    return source_read(r->arena, path, text, len);
  if (!optional || strcmp(why, "no such file") != 0)
    diagnose(r->diagnostics, file_read_code(why), NO_SPAN, "cannot read \"%s\": %s", path, why);
  return NULL;
}

static void read_file(struct reading *r, const char *name, struct migration_file *out) {
  struct source *s = read_source(r, name, false);
  if (s)
    *out = (struct migration_file){.name = name,
                                   .path = s->path,
                                   .source = s,
                                   .sha256 = digest_sha256(r->arena, s->text, s->len),
                                   .transaction = true};
}

/* The parts of a file's name. */
struct parts {
  const char *version, *name;
  bool down;
};

static bool part_name(struct arena *arena, const char *file, bool in_down, enum layout *layout, struct parts *out) {
  static const char up[] = ".up.sql", down[] = ".down.sql", plain[] = ".sql";
  const size_t digits = strspn(file, "0123456789");
  const bool directed = ends_in(file, up) || ends_in(file, down);
  if (digits < NUMBER_DIGITS || digits > NUMBER_MAX_DIGITS || file[digits] != '_' || (directed && in_down))
    return false;
  if (!directed && digits != STAMP_DIGITS)
    return false;
  const char *end = !directed ? plain : ends_in(file, up) ? up : down;
  const char *name = file + digits + 1;
  const size_t n = strlen(name) - strlen(end);
  if (strlen(name) <= strlen(end) ||
      strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") < n)
    return false;
  *layout = directed ? LAYOUT_NUMBERED : LAYOUT_SUPABASE;
  *out = (struct parts){arena_strndup(arena, file, digits), arena_strndup(arena, name, n), in_down || end == down};
  return true;
}

static struct migration *migration_named(struct reading *r, const struct parts *p) {
  struct migration_folder *f = r->folder;
  const unsigned long long number = strtoull(p->version, NULL, 10);
  /* Files come by name, so that a pair stands together; downs of a folder of their own come later. */
  for (size_t i = f->count; i-- > 0;)
    if (f->v[i].number == number && strcmp(f->v[i].version, p->version) == 0 && strcmp(f->v[i].name, p->name) == 0)
      return &f->v[i];
    else if (f->v[i].number < number)
      break;
  f->v = arena_grow(r->arena, f->v, f->count, &f->room, sizeof *f->v);
  struct migration *m = &f->v[f->count++];
  *m = (struct migration){.version = p->version, .number = number, .name = p->name};
  return m;
}

static void bad_name(struct reading *r, const char *path) {
  diagnostic_hint(r->diagnostics,
                  diagnose(r->diagnostics, PDL_MIGRATION_NAME, NO_SPAN, "\"%s\" is not named as a migration", path),
                  "Names are NNNN_snake_case.up.sql and NNNN_snake_case.down.sql, or YYYYMMDDHHMMSS_snake_case.sql.");
}

static void add_file(struct reading *r, const char *below, const char *file) {
  const char *name = arena_printf(r->arena, "%s%s", below, file);
  const char *path = arena_printf(r->arena, "%s/%s", r->folder->path, name);
  struct parts parts;
  enum layout layout;
  if (!part_name(r->arena, file, *below != '\0', &layout, &parts)) {
    bad_name(r, path);
    return;
  }
  if (r->folder->count && layout != r->folder->layout) {
    diagnostic_hint(
        r->diagnostics,
        diagnose(r->diagnostics, PDL_MIGRATION_NAME, NO_SPAN, "\"%s\" is of another layout than its neighbours", path),
        "A folder holds NNNN_name.up.sql and NNNN_name.down.sql, or YYYYMMDDHHMMSS_name.sql, not both.");
    return;
  }
  r->folder->layout = layout;
  struct migration *m = migration_named(r, &parts);
  read_file(r, name, parts.down ? &m->down : &m->up);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of the .sql files of a folder, in order. */
static struct names list_files(struct reading *r, const char *path) {
  struct names names = {0};
  size_t room = 0;
  DIR *dir = opendir(path);
  if (!dir && errno != ENOENT)
    diagnose(r->diagnostics, PDL_FILE_UNREADABLE, NO_SPAN, "cannot read \"%s\": %s", path,
             errno == ENOTDIR ? "it is not a folder" : strerror(errno));
  for (const struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
    if (e->d_name[0] == '.' || !ends_in(e->d_name, ".sql"))
      continue;
    names.v = arena_grow(r->arena, names.v, names.n, &room, sizeof *names.v);
    names.v[names.n++] = arena_strdup(r->arena, e->d_name);
  }
  if (dir)
    closedir(dir);
  if (names.n)
    qsort(names.v, names.n, sizeof *names.v, by_name);
  return names;
}

static int by_number(const void *a, const void *b) {
  const struct migration *x = a, *y = b;
  if (x->number != y->number)
    return x->number < y->number ? -1 : 1;
  return strcmp(x->name, y->name);
}

static struct span head_of(const struct migration_file *f) {
  return (struct span){f->source, 0, (uint32_t)strcspn(f->source->text, "\r\n")};
}

static void check_pairs(struct reading *r) {
  struct migration_folder *f = r->folder;
  for (size_t i = 0; i < f->count; i++) {
    struct migration *m = &f->v[i];
    if (!m->up.path) {
      diagnostic_hint(
          r->diagnostics,
          diagnose(r->diagnostics, PDL_MIGRATION_MISSING, head_of(&m->down), "\"%s\" has no up file", m->down.name),
          "A down undoes the up file of the same number and name.");
      continue;
    }
    if (i > 0 && f->v[i - 1].number == m->number && f->v[i - 1].up.path) {
      struct diagnostic *d = diagnose(r->diagnostics, PDL_MIGRATION_TWICE, head_of(&m->up),
                                      "two migrations have the number %s", m->version);
      diagnostic_peer(d, head_of(&f->v[i - 1].up), "the other one is here");
      diagnostic_hint(r->diagnostics, d, "Two branches each added one; pdlc migrate --renumber settles it.");
    }
    migration_header_read(r->arena, m, r->diagnostics);
  }
}

/* Each file names the one that it was made behind. */
static void check_parents(struct reading *r) {
  const struct migration_folder *f = r->folder;
  for (size_t i = 0; i < f->count; i++) {
    const struct migration *m = &f->v[i], *before = i ? &f->v[i - 1] : NULL;
    if (!m->headed || (before && !before->up.path) || (before && before->number == m->number))
      continue;
    if (before ? m->parent && strcmp(m->parent, before->up.sha256) == 0 : !m->parent)
      continue;
    struct diagnostic *d =
        diagnose(r->diagnostics, PDL_MIGRATION_ORDER, head_of(&m->up), "\"%s\" was not made behind %s", m->up.name,
                 before ? arena_printf(r->arena, "\"%s\"", before->up.name) : "nothing");
    if (before)
      diagnostic_peer(d, head_of(&before->up), "this is the file before it");
    diagnostic_hint(r->diagnostics, d,
                    "A file between them is missing, edited or was renumbered. pdlc migrate --renumber puts what was not run yet in order.");
  }
}

bool migration_folder_scan(struct arena *arena, const char *path, struct diagnostics *d, struct migration_folder *out) {
  const size_t errors = d->errors;
  *out = (struct migration_folder){.path = path};
  struct reading r = {.arena = arena, .diagnostics = d, .folder = out};
  struct names files = list_files(&r, path);
  for (size_t i = 0; i < files.n; i++)
    add_file(&r, "", files.v[i]);
  if (out->layout == LAYOUT_SUPABASE) {
    files = list_files(&r, arena_printf(arena, "%s/down", path));
    for (size_t i = 0; i < files.n; i++)
      add_file(&r, "down/", files.v[i]);
  }
  if (out->count)
    qsort(out->v, out->count, sizeof *out->v, by_number);
  check_pairs(&r);
  out->sum = read_source(&r, MIGRATION_SUM, true);
  out->state = read_source(&r, MIGRATION_STATE, true);
  return d->errors == errors;
}

bool migration_folder_read(struct arena *arena, const char *path, struct diagnostics *d, struct migration_folder *out) {
  const size_t errors = d->errors;
  (void)!migration_folder_scan(arena, path, d, out);
  struct reading r = {.arena = arena, .diagnostics = d, .folder = out};
  bool headed = false;
  for (size_t i = 0; i < out->count; i++)
    headed |= out->v[i].headed;
  if (out->sum) {
    migration_sum_check(arena, out, d);
    if (d->errors == errors)
      check_parents(&r);
  } else if (headed) {
    diagnostic_hint(d, diagnose(d, PDL_MIGRATION_MISSING, NO_SPAN, "\"%s\" has no %s", path, MIGRATION_SUM),
                    "Take it from version control again; pdlc migrate --sum writes it anew from the files as they are.");
  }
  return d->errors == errors;
}
