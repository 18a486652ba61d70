/* pdlc up, pdlc down: runs what is pending, undoes what is applied. */
#include <stdlib.h>
#include <string.h>

#include "cmd/migrations.h"

/* The files that a run takes, in its order. */
struct course {
  const struct migration **v;
  size_t count;
  bool up, out_of_order;
};

static bool is_number(const char *text) {
  return *text && text[strspn(text, "0123456789")] == '\0';
}

/* A count of files, where it is not a version as a file writes it. */
static bool is_count(const struct migrations *m, const char *text) {
  for (size_t i = 0; i < m->folder.count; i++)
    if (strcmp(m->folder.v[i].version, text) == 0)
      return false;
  return is_number(text) && strlen(text) < 4;
}

static bool plan_up(struct invocation *run, struct migrations *m, struct course *out) {
  const char *arg = run->arg_count ? run->args[0] : NULL;
  size_t last = m->folder.count, most = m->folder.count, applied_to = 0;
  if (arg && is_count(m, arg))
    most = strtoul(arg, NULL, 10);
  else if (arg && !migrations_find(run, m, arg, &last))
    return false;
  for (size_t i = 0; i < m->folder.count; i++)
    if (migration_is_applied(m->rows[i]))
      applied_to = i + 1;
  for (size_t i = 0; i < m->folder.count && i <= last && out->count < most; i++) {
    if (migration_is_applied(m->rows[i]))
      continue;
    const struct migration *file = &m->folder.v[i];
    if (i < applied_to && !m->rows[i]) {
      out->out_of_order = true;
      if (!run->options.allow_out_of_order)
        diagnostic_hint(
            &run->diagnostics,
            diagnose(&run->diagnostics, PDL_OUT_OF_ORDER, (struct span){.src = file->up.source},
                     "%s_%s is pending, but %s_%s is applied", file->version, file->name,
                     m->folder.v[applied_to - 1].version, m->folder.v[applied_to - 1].name),
            "Renumber it with pdlc migrate --renumber, or run it all the same with --allow-out-of-order.");
    }
    out->v[out->count++] = file;
  }
  return run->diagnostics.errors == 0;
}

/* Whether its migration has other files, which may bring the shape back instead. */
static bool is_in_several(const struct migrations *m, const struct migration *file) {
  const size_t i = (size_t)(file - m->folder.v);
  return (i + 1 < m->folder.count && migration_goes_on(file)) || (i > 0 && migration_goes_on(file - 1));
}

static bool may_undo(struct invocation *run, const struct migrations *m, const struct migration *file) {
  struct diagnostics *d = &run->diagnostics;
  if (!file->down.source) {
    diagnostic_hint(d,
                    diagnose(d, PDL_NO_WAY_BACK, (struct span){.src = file->up.source}, "%s_%s has no down file",
                             file->version, file->name),
                    "Restore a backup, or go forward with a new migration.");
    return false;
  }
  /* what the up lost is gone either way; without a statement there is not even the shape to bring back */
  size_t statements;
  sql_split(&run->arena, file->down.source->text, file->down.source->len, &statements);
  if (file->label != DOWN_IRREVERSIBLE || statements > 0 || is_in_several(m, file))
    return true;
  diagnostic_hint(d,
                  diagnose(d, PDL_NO_WAY_BACK, (struct span){.src = file->down.source}, "%s_%s is irreversible%s%s",
                           file->version, file->name, file->label_text ? ": " : "",
                           file->label_text ? file->label_text : ""),
                  "Restore a backup, or go forward with a new migration.");
  return false;
}

static const struct migration *file_of(const struct migrations *m, const struct ledger_row *row) {
  for (size_t i = 0; i < m->folder.count; i++)
    if (m->rows[i] == row)
      return &m->folder.v[i];
  return NULL;
}

/* Whether the file that was applied before it is of the same migration, which had not come to its end there: no state
 * of the schema, nor can the files that follow always be run again. */
static bool is_within(const struct migrations *m, size_t row) {
  const struct migration *before = file_of(m, &m->ledger.rows[row - 1]);
  return before && before + 1 == file_of(m, &m->ledger.rows[row]) && migration_goes_on(before);
}

/* What was applied last goes first, whatever its number; a migration of several files goes whole. */
static bool plan_down(struct invocation *run, struct migrations *m, struct course *out) {
  const char *arg = run->arg_count ? run->args[0] : "1";
  size_t most = m->ledger.count, stop = m->folder.count;
  if (is_count(m, arg))
    most = strtoul(arg, NULL, 10);
  else if (strcmp(arg, "all") != 0 && !migrations_find(run, m, arg, &stop))
    return false;
  if (stop < m->folder.count && !m->rows[stop]) {
    diagnose(&run->diagnostics, PDL_NO_SUCH_VERSION, NO_SPAN, "%s_%s is not applied", m->folder.v[stop].version,
             m->folder.v[stop].name);
    return false;
  }
  bool enough = false;
  for (size_t i = m->ledger.count; i-- > 0;) {
    enough |= out->count >= most || (stop < m->folder.count && &m->ledger.rows[i] == m->rows[stop]);
    if (enough && !(out->count && is_within(m, i + 1)))
      break;
    const struct migration *file = file_of(m, &m->ledger.rows[i]);
    if (file && may_undo(run, m, file))
      out->v[out->count++] = file;
  }
  return run->diagnostics.errors == 0;
}

/* Every file of the course is read before the first runs. */
static bool check_statements(struct invocation *run, const struct migrations *m, const struct course *course) {
  const struct migration_file **files = arena_array(&run->arena, course->count, sizeof *files);
  for (size_t i = 0; i < course->count; i++)
    files[i] = course->up ? &course->v[i]->up : &course->v[i]->down;
  if (course->count)
    migration_check_server(&run->arena, m->folder.state, files, course->count, m->connection.version, &run->diagnostics);
  if (run->diagnostics.errors)
    return false;
  for (size_t i = 0; i < course->count; i++) {
    struct sql_part *parts;
    size_t count;
    (void)!migration_statements(&run->arena, files[i], &run->diagnostics, &parts, &count);
    if (course->up)
      migration_check_hand(&run->arena, &m->folder, course->v[i], m->connection.version, &run->diagnostics);
  }
  return run->diagnostics.errors == 0;
}

static void print_course(const struct migrations *m, const struct course *course) {
  for (size_t i = 0; i < course->count; i++) {
    const struct migration_file *f = course->up ? &course->v[i]->up : &course->v[i]->down;
    if (m->progress.json)
      progress_event(&m->progress, "would run", "version", course->v[i]->version, "name", course->v[i]->name,
                     "direction", course->up ? "up" : "down", "file", f->path, NULL);
    else
      printf("%s-- %s\n%s%s", i ? "\n" : "", f->name, f->source->text,
             f->source->len && f->source->text[f->source->len - 1] == '\n' ? "" : "\n");
  }
  if (course->count == 0 && !m->progress.json)
    puts("nothing to do");
}

static void summarise(const struct migrations *m, const struct course *course) {
  if (m->progress.json || m->progress.quiet)
    return;
  if (course->count == 0)
    printf("%s: nothing to do\n", m->connection.shown);
  else
    printf("%s: %zu migration%s %s\n", m->connection.shown, course->count, course->count == 1 ? "" : "s",
           course->up ? "applied" : "undone");
}

static bool run_course(struct invocation *run, struct migrations *m, const struct course *course) {
  struct strbuf accepted = STRBUF_INIT;
  bool ok = ledger_make(&run->arena, &m->connection, &m->ledger, &run->diagnostics) &&
            migrations_check_drift(run, m, &accepted) &&
            (accepted.len == 0 || ledger_change(&m->connection, &m->ledger, &accepted, &run->diagnostics));
  strbuf_release(&accepted);
  struct runner runner = {.arena = &run->arena,
                          .connection = &m->connection,
                          .ledger = &m->ledger,
                          .diagnostics = &run->diagnostics,
                          .teller = &m->teller,
                          .note = course->out_of_order ? "out of order" : NULL,
                          .lock_timeout = run->options.lock_timeout};
  if (!ok || !runner_start(&runner))
    return false;
  const long long head = m->ledger.head;
  for (size_t i = 0; ok && i < course->count; i++)
    ok = runner_run(&runner, course->v[i], course->up, i + 1 < course->count ? course->v[i + 1] : NULL);
  runner_end(&runner);
  /* after a failure too: what ran is no drift */
  if (m->ledger.head != head && connection_alive(&m->connection))
    ok = migrations_note_fingerprint(run, m) && ok;
  return ok;
}

static int run_verb(struct invocation *run, bool up) {
  struct migrations m = {0};
  struct course course = {.up = up};
  if (run->arg_count > 1)
    return usage_error(run, "one number or version at a time");
  bool ok = migrations_open(run, &m);
  if (ok) {
    interrupts_catch();
    ok = migrations_read(run, &m, !run->options.dry_run) && migrations_agree(run, &m);
  }
  if (ok) {
    course.v = arena_array(&run->arena, m.folder.count + m.ledger.count, sizeof(const struct migration *));
    ok = (up ? plan_up(run, &m, &course) : plan_down(run, &m, &course)) && check_statements(run, &m, &course);
  }
  if (ok && run->options.dry_run) {
    print_course(&m, &course);
  } else if (ok) {
    ok = course.count == 0 || run_course(run, &m, &course);
    progress_clear(&m.progress);
    if (ok)
      summarise(&m, &course);
  }
  return migrations_report(run, &m, ok ? EXIT_OK : EXIT_FAILED);
}

int verb_up(struct invocation *run) {
  return run_verb(run, true);
}

int verb_down(struct invocation *run) {
  return run_verb(run, false);
}
