/* pdlc prove: every migration up, down and up again on a scratch database with rows. */
#include <string.h>

#include "cmd/cmd.h"
#include "live/live.h"
#include "migrate/migrate.h"
#include "sql/sql.h"

struct proof {
  struct invocation *run;
  struct migration_folder folder;
  struct connection connection;
  struct ledger ledger;
  struct runner runner;
  const struct look *before; /* of the files that are being run */
  struct names kin;          /* as the last of them left it: a name of a moment is in no other */
  const char *without;       /* why they were run over no rows, or NULL */
};
/* What the database is like at one moment. */
struct look {
  struct fingerprint catalog;
  struct table_rows *tables;
  size_t count;
  struct names kin;
};

static bool take_look(struct proof *p, struct look *out) {
  struct arena *arena = &p->run->arena;
  struct diagnostics *d = &p->run->diagnostics;
  return fingerprint_take(arena, &p->connection, d, &out->catalog) && kin_look(arena, &p->connection, d, &out->kin) &&
         rows_look(arena, &p->connection, d, &out->tables, &out->count);
}

static const struct table_rows *find_table(const struct look *l, const char *name) {
  for (size_t i = 0; i < l->count; i++)
    if (strcmp(l->tables[i].name, name) == 0)
      return &l->tables[i];
  return NULL;
}

/* The files of one migration: those between two states of the schema. */
static size_t end_of_group(const struct migration_folder *f, size_t from) {
  size_t to = from;
  while (to + 1 < f->count && migration_goes_on(&f->v[to]))
    to++;
  return to + 1;
}

static struct diagnostic *disproved(struct proof *p, const struct migration_file *f, const char *what) {
  const struct span head = {f->source, 0, (uint32_t)strcspn(f->source->text, "\r\n")};
  return diagnose(&p->run->diagnostics, PDL_NOT_PROVEN, head, "%s", what);
}

/* ── locks ── */

static bool are_kin(struct arena *arena, const struct names *kin, const char *a, const char *b) {
  return strcmp(a, b) == 0 || names_hold(*kin, arena_printf(arena, "%s\n%s", a, b)) ||
         names_hold(*kin, arena_printf(arena, "%s\n%s", b, a));
}

/* A table that was there is locked no harder than the statements say, of it or of what takes it along. */
static bool check_locks(void *ctx, const struct migration_file *f) {
  struct proof *p = ctx;
  struct arena *arena = &p->run->arena;
  struct held_lock *held;
  struct names kin;
  size_t count;
  const struct lock_claims said = migration_locks(arena, f->source->text, hazards_new(arena, NULL, NULL, VERSION_MAX));
  if (!locks_look(arena, &p->connection, &p->run->diagnostics, &held, &count) ||
      !kin_look(arena, &p->connection, &p->run->diagnostics, &kin))
    return false;
  for (size_t i = 0; said.complete && i < count; i++) {
    enum lock most = LOCK_NONE;
    for (size_t k = 0; k < said.count; k++)
      if (said.v[k].lock > most &&
          (are_kin(arena, &kin, held[i].on, said.v[k].on) || are_kin(arena, &p->before->kin, held[i].on, said.v[k].on) ||
           are_kin(arena, &p->kin, held[i].on, said.v[k].on)))
        most = said.v[k].lock;
    if (held[i].lock >= LOCK_SHARE && held[i].lock > most && find_table(p->before, held[i].on))
      disproved(p, f,
                arena_printf(arena, "%s was locked %s, and its statements say %s", held[i].on, lock_word(held[i].lock),
                             lock_word(most)));
  }
  p->kin = kin;
  return true;
}

/* Rows made up may be none that a change allows: two that are alike under a key that comes, a text too long for its new
 * type. The file says nothing of them, and is tried again without. */
static bool run_file(struct proof *p, const struct migration *m, bool up) {
  struct diagnostics *d = &p->run->diagnostics, said = *d, found;
  diagnostics_init(d, &p->run->arena);
  p->runner.failed[0] = '\0';
  const bool ok = runner_run(&p->runner, m, up, NULL);
  const bool rows = strncmp(p->runner.failed, "22", 2) == 0 || strncmp(p->runner.failed, "23", 2) == 0;
  found = *d;
  *d = said;
  if (ok || !rows || p->without || (!up && m->label == DOWN_LOSSLESS && m->headed)) {
    diagnostics_append(d, &found);
    return ok;
  }
  p->without = arena_printf(&p->run->arena, "%s is not for the rows made up (%s)", up ? m->up.name : m->down.name,
                            p->runner.failed);
  return rows_forget(&p->connection, d) && runner_run(&p->runner, m, up, NULL);
}

static bool run_files(struct proof *p, const struct look *before, size_t from, size_t to, bool up) {
  p->before = before;
  for (size_t i = 0; i < to - from; i++)
    if (!run_file(p, &p->folder.v[up ? from + i : to - 1 - i], up))
      return false;
  return true;
}

/* Whether the last name of the title is what `column` says up to its end. */
static bool is_of_column(const char *title, size_t n, const char *column, size_t length) {
  return n > length && memcmp(title + n - length, column, length) == 0 &&
         strchr(". ", title[n - length - 1]) != NULL;
}

/* What the server chose for a column while its table was called otherwise is another name when the column comes back:
 * "t_a_not_null", numbered where that was taken, cut where it is long. */
static bool is_chosen(const char *title, size_t n, const char *name) {
  static const char label[] = "_not_null";
  enum { LONGEST = 63, CHARACTER = 4 };
  if (strcmp(name, "none") == 0)
    return true;
  size_t end = strlen(name);
  while (end > 0 && strchr("0123456789", name[end - 1]))
    end--;
  if (end < strlen(label) || strncmp(name + end - strlen(label), label, strlen(label)) != 0)
    return false;
  end -= strlen(label);
  bool of = strlen(name) > LONGEST - 2 * CHARACTER; /* both parts end with a whole one */
  for (size_t i = 0; i < end && !of; i++)
    of = name[i] == '_' && is_of_column(title, n, name + i + 1, end - i - 1);
  return of;
}

/* A column that went comes back behind the others: so it does in a query that gives them all. */
static bool is_field_same(const char *title, size_t length, const char *was, const char *is) {
  static const char query[] = "query ", name[] = "name of not null ";
  const size_t q = strlen(query), n = strlen(name);
  return (strncmp(was, query, q) == 0 && strncmp(is, query, q) == 0 && sql_same_but_for_order(was + q, is + q)) ||
         (strncmp(was, name, n) == 0 && strncmp(is, name, n) == 0 && is_chosen(title, length, was + n) &&
          is_chosen(title, length, is + n));
}

/* Of two lines, whose fields are parted by tabs. */
static bool is_same(struct arena *arena, const char *a, const char *b) {
  const char *title = a;
  const size_t length = strcspn(title, "\t\n");
  for (;;) {
    const size_t n = strcspn(a, "\t\n"), m = strcspn(b, "\t\n");
    if ((n != m || strncmp(a, b, n) != 0) &&
        !is_field_same(title, length, arena_strndup(arena, a, n), arena_strndup(arena, b, m)))
      return false;
    if (a[n] != '\t' || b[m] != '\t')
      return a[n] != '\t' && b[m] != '\t';
    a += n + 1;
    b += m + 1;
  }
}

/* The line in which two sorted lists first differ, or NULL. */
static const char *difference(struct arena *arena, const char *a, const char *b) {
  while (*a && *b) {
    const size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
    if (!is_same(arena, a, b))
      return arena_printf(arena, "%.*s, and not %.*s", (int)m, b, (int)n, a);
    a += n + (a[n] == '\n');
    b += m + (b[m] == '\n');
  }
  return *b ? arena_printf(arena, "%.*s is new", (int)strcspn(b, "\n"), b)
            : *a ? arena_printf(arena, "%.*s is gone", (int)strcspn(a, "\n"), a) : NULL;
}

static void check_catalog(struct proof *p, const struct migration_file *f, const struct look *wanted,
                          const struct look *got, const char *what) {
  const char *found = difference(&p->run->arena, wanted->catalog.text, got->catalog.text);
  if (found)
    diagnostic_hint(&p->run->diagnostics, disproved(p, f, what), "The first difference: %s.", found);
}

/* How many rows came back as they were. */
static size_t check_rows(struct proof *p, size_t from, const struct look *before, const struct look *back) {
  size_t tables = 0;
  for (size_t i = 0; i < before->count; i++) {
    const struct table_rows *was = &before->tables[i], *is = find_table(back, was->name);
    tables += strcmp(was->count, "0") != 0;
    if (!is || strcmp(is->hash, was->hash) != 0)
      diagnostic_hint(&p->run->diagnostics,
                      disproved(p, &p->folder.v[from].down,
                                arena_printf(&p->run->arena, "rows of %s are not what they were", was->name)),
                      "The header says that going back keeps them: %s rows before, %s after.", was->count,
                      is ? is->count : "no");
  }
  return tables;
}

static bool is_rewritten(const char *before, const char *after) {
  const size_t oid = strcspn(before, "/");
  return strcmp(before, after) != 0 && strncmp(before, after, oid + 1) == 0;
}

/* A table that was there may be written anew only where the header says so. */
static void check_rewrites(struct proof *p, size_t from, size_t to, const struct look *before,
                           const struct look *after) {
  for (size_t i = 0; i < before->count; i++) {
    const struct table_rows *was = &before->tables[i], *is = find_table(after, was->name);
    bool said = !is || !is_rewritten(was->file, is->file);
    for (size_t k = from; k < to; k++) {
      said |= !p->folder.v[k].headed;
      for (size_t h = 0; h < p->folder.v[k].hazards.n; h++)
        said |= strstr(p->folder.v[k].hazards.v[h], "rewrites the table") != NULL;
    }
    if (!said)
      disproved(p, &p->folder.v[from].up,
                arena_printf(&p->run->arena, "%s was rewritten, and no hazard says so", was->name));
  }
}

static bool prove_group(struct proof *p, size_t from, size_t to) {
  struct look before, after, back, again;
  const struct migration *first = &p->folder.v[from];
  enum down_label label = DOWN_LOSSLESS;
  bool reversible = true;
  for (size_t i = from; i < to; i++) {
    if (p->folder.v[i].label > label)
      label = p->folder.v[i].label;
    reversible &= p->folder.v[i].down.path != NULL;
  }
  const bool keeps = label == DOWN_LOSSLESS || label == DOWN_LOSSY;
  p->without = NULL;
  if (!rows_seed(&p->connection, &p->run->diagnostics) || !take_look(p, &before) ||
      !run_files(p, &before, from, to, true) || !take_look(p, &after))
    return false;
  check_rewrites(p, from, to, &before, &after);
  size_t tables = 0;
  if (reversible) {
    if (!run_files(p, &after, from, to, false) || !take_look(p, &back))
      return false;
    check_catalog(p, &first->down, &before, &back, "going back does not lead to what was before");
    if (keeps && first->headed && !p->without)
      tables = check_rows(p, from, &before, &back);
    if (!run_files(p, &back, from, to, true) || !take_look(p, &again))
      return false;
    check_catalog(p, &first->up, &after, &again, "a second time it does not lead to what it did the first time");
  }
  if (!p->run->options.quiet && !p->run->options.json)
    printf("%s_%s%s: %s; %s\n", first->version, first->name,
           to - from > 1 ? arena_printf(&p->run->arena, " and %zu more", to - from - 1) : "",
           reversible ? "up, down, up" : "up",
           p->without
               ? arena_printf(&p->run->arena, "without rows: %s", p->without)
               : arena_printf(&p->run->arena, "%zu table%s with rows kept theirs", tables, tables == 1 ? "" : "s"));
  return true;
}

/* What the files come to is what state.pdl says: files that were written by hand may do more, or less. */
static bool check_state(struct proof *p) {
  struct arena *arena = &p->run->arena;
  const struct diagnostics said = p->run->diagnostics;
  const struct migration *last = p->folder.count ? &p->folder.v[p->folder.count - 1] : NULL;
  if (!p->folder.state || !last)
    return true;
  diagnostics_init(&p->run->diagnostics, arena); /* advice on either was not asked for */
  struct schema *state = schema_compile(arena, syntax_parse(arena, p->folder.state, &p->run->diagnostics),
                                        sql_cache_new(arena), &p->run->diagnostics);
  struct changes changes;
  const bool ok = !p->run->diagnostics.errors && compare_database(p->run, &p->connection, state, NULL, NULL, &changes);
  if (!ok)
    return false;
  p->run->diagnostics = said;
  struct strbuf out = STRBUF_INIT;
  changes_print(&changes, arena, &out, false);
  if (changes.count)
    diagnostic_hint(&p->run->diagnostics, disproved(p, &last->up, "the files do not come to what " MIGRATION_STATE " says"),
                    "The first of %zu: %.*s.", changes.count, (int)strcspn(out.text, "\n"), out.text);
  strbuf_release(&out);
  return true;
}

static bool check_server(struct proof *p) {
  const struct migration_folder *f = &p->folder;
  const struct migration_file **files = arena_array(&p->run->arena, 2 * f->count, sizeof *files);
  for (size_t i = 0; i < f->count; i++) {
    files[2 * i] = &f->v[i].up;
    files[2 * i + 1] = &f->v[i].down;
  }
  migration_check_server(&p->run->arena, f->state, files, 2 * f->count, p->connection.version, &p->run->diagnostics);
  return p->run->diagnostics.errors == 0;
}

static bool prove(struct proof *p) {
  struct arena *arena = &p->run->arena;
  struct diagnostics *d = &p->run->diagnostics;
  if (!check_server(p))
    return false;
  if (!database_lock(&p->connection, NULL, d) || !ledger_read(arena, &p->connection, LAYOUT_NUMBERED, d, &p->ledger) ||
      !ledger_make(arena, &p->connection, &p->ledger, d))
    return false;
  p->runner = (struct runner){.arena = arena, .connection = &p->connection, .ledger = &p->ledger, .diagnostics = d,
                              .lock_timeout = 2000, .look = check_locks, .look_ctx = p};
  if (!runner_start(&p->runner))
    return false;
  bool ok = true;
  for (size_t from = 0, to; ok && from < p->folder.count; from = to) {
    to = end_of_group(&p->folder, from);
    ok = prove_group(p, from, to);
  }
  runner_end(&p->runner);
  return ok && check_state(p);
}

static void add_role(struct arena *arena, struct names *roles, const char *name) {
  const char **v = arena_array(arena, roles->n + 1, sizeof *v);
  if (names_hold(*roles, name))
    return;
  if (roles->n)
    memcpy(v, roles->v, roles->n * sizeof *v);
  v[roles->n++] = name;
  roles->v = v;
}

/* Those of the schema, and of files that it has gone on from. */
static struct names roles_of(struct proof *p, const struct schema *s) {
  struct arena *arena = &p->run->arena;
  struct names roles = {0};
  for (const struct role *role = s->roles; role; role = role->next)
    add_role(arena, &roles, role->name);
  for (size_t i = 0; i < p->folder.count; i++)
    for (int down = 0; down <= 1; down++) {
      const struct migration_file *f = down ? &p->folder.v[i].down : &p->folder.v[i].up;
      size_t count = 0;
      const char *const *named = f->source ? sql_roles(arena, f->source->text, f->source->len, &count) : NULL;
      for (size_t k = 0; k < count; k++)
        add_role(arena, &roles, named[k]);
    }
  return roles;
}

int verb_prove(struct invocation *run) {
  struct loaded l;
  struct proof p = {.run = run};
  struct server server = {0};
  if (run->arg_count > 0)
    return usage_error(run, "it proves the whole folder");
  if (!load_schema(run, run->options.file ? run->options.file : "schema.pdl", &l))
    return report(run, EXIT_FAILED);
  diagnostics_init(&run->diagnostics, &run->arena); /* advice on the schema was not asked for */
  if (!migration_folder_read(&run->arena, migrations_path(run, &l), &run->diagnostics, &p.folder) ||
      !server_start(&run->arena, l.folder, &run->diagnostics, &server) ||
      !scratch_database_open(&run->arena, &server, &run->diagnostics, &p.connection))
    return report(run, EXIT_FAILED);
  const bool ok = (!run->supabase || make_platform(run, &p.connection)) &&
                  roles_make(&p.connection, roles_of(&p, l.schema), &run->diagnostics) && prove(&p);
  scratch_database_close(&run->arena, &server, &p.connection);
  return report(run, ok ? EXIT_OK : EXIT_FAILED);
}
