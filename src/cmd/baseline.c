/* pdlc baseline: takes files as applied that the database already has. */
#include <stdlib.h>
#include <string.h>

#include "cmd/migrations.h"
#include "sql/sql.h"

/* How much of a difference a message shows. */
enum { SHOWN = 2000 };

/* Whether the database is what state.pdl says it should be after the last file. */
static bool matches_state(struct invocation *run, struct migrations *m) {
  struct arena *arena = &run->arena;
  if (!m->folder.state || run->options.accept_drift)
    return true;
  const struct node *file = syntax_parse(arena, m->folder.state, &run->diagnostics);
  struct schema *wanted = schema_compile(arena, file, sql_cache_new(arena), &run->diagnostics);
  struct changes changes;
  if (run->diagnostics.errors || !compare_database(run, &m->connection, wanted, NULL, NULL, &changes))
    return false;
  if (changes.count == 0)
    return true;
  struct strbuf text = STRBUF_INIT;
  changes_print(&changes, arena, &text, false);
  diagnostic_hint(
      &run->diagnostics,
      diagnose(&run->diagnostics, PDL_BASELINE_DIFFERS, NO_SPAN, "%s is not what the files make:\n%.*s%s",
               m->connection.shown, text.len > SHOWN ? SHOWN : (int)(text.len ? text.len - 1 : 0), text.text,
               text.len > SHOWN ? "…" : ""),
      "Name the last file whose changes it has (pdlc baseline 0003), or take it as it is with --accept-drift.");
  strbuf_release(&text);
  return false;
}

/* The files that the other tool has applied: marks[i] of each. */
static bool mark_foreign(struct invocation *run, const struct migrations *m, const struct foreign_history *history,
                         bool *marks) {
  for (size_t k = 0; k < history->applied.n; k++) {
    size_t at;
    if (!migrations_find(run, m, history->applied.v[k], &at)) {
      diagnose(&run->diagnostics, PDL_HISTORY_FOREIGN, NO_SPAN, "%s has applied \"%s\", which is no file of %s",
               history->word, history->applied.v[k], m->folder.path);
      return false;
    }
    for (size_t i = history->each ? at : 0; i <= at; i++)
      marks[i] = true;
  }
  return true;
}

static bool mark(struct invocation *run, struct migrations *m, bool *marks, const char **note) {
  struct foreign_history history;
  const char *from = run->options.from;
  size_t last = m->folder.count;
  if (from && !foreign_history_read(&run->arena, &m->connection, from, &run->diagnostics, &history))
    return false;
  if (from && history.versions)
    *note = arena_printf(&run->arena, "from %s", from);
  else if (from)
    *note = arena_printf(&run->arena, "from %s at %s", from, history.applied.v[0]);
  if (from && history.versions)
    return mark_foreign(run, m, &history, marks);
  if (run->arg_count && !migrations_find(run, m, run->args[0], &last))
    return false;
  for (size_t i = 0; i < m->folder.count && i <= last; i++)
    marks[i] = true;
  return true;
}

static bool write_rows(struct invocation *run, struct migrations *m, const bool *marks, const char *note) {
  struct strbuf sql = STRBUF_INIT;
  for (size_t i = 0; i < m->folder.count; i++)
    if (marks[i]) {
      ledger_add(&m->ledger, &run->arena, &sql, &m->folder.v[i], LEDGER_APPLIED, -1);
      ledger_log(&m->ledger, &sql, "baseline", &m->folder.v[i], m->folder.v[i].up.sha256, -1, note);
    }
  const bool ok = ledger_make(&run->arena, &m->connection, &m->ledger, &run->diagnostics) &&
                  ledger_change(&m->connection, &m->ledger, &sql, &run->diagnostics) &&
                  migrations_note_fingerprint(run, m);
  strbuf_release(&sql);
  return ok;
}

static bool baseline(struct invocation *run, struct migrations *m) {
  if (m->ledger.count > 0) {
    diagnostic_hint(&run->diagnostics,
                    diagnose(&run->diagnostics, PDL_BASELINE_REFUSED, NO_SPAN, "the ledger of %s is not empty",
                             m->connection.shown),
                    "pdlc status shows it; pdlc repair VERSION --as applied settles a single file.");
    return false;
  }
  bool *marks = arena_array(&run->arena, m->folder.count, sizeof *marks);
  const char *note = NULL;
  if (!mark(run, m, marks, &note))
    return false;
  size_t count = 0;
  for (size_t i = 0; i < m->folder.count; i++)
    count += marks[i];
  if (count == 0)
    diagnose(&run->diagnostics, PDL_NO_SUCH_VERSION, NO_SPAN, "%s has no migrations", m->folder.path);
  if (count == 0 || (count == m->folder.count && !matches_state(run, m)))
    return false;
  if (!run->options.dry_run && !write_rows(run, m, marks, note))
    return false;
  for (size_t i = 0; i < m->folder.count; i++) {
    progress_event(&m->progress, "baseline", "version", marks[i] ? m->folder.v[i].version : NULL, "name",
                   marks[i] ? m->folder.v[i].name : NULL, NULL);
    if (marks[i] && !m->progress.quiet && !m->progress.json)
      printf("taken as applied  %s_%s\n", m->folder.v[i].version, m->folder.v[i].name);
  }
  return true;
}

int verb_baseline(struct invocation *run) {
  struct migrations m = {0};
  if (run->arg_count > 1)
    return usage_error(run, "one version at a time");
  const bool ok = migrations_open(run, &m) && migrations_read(run, &m, true) && baseline(run, &m);
  return migrations_report(run, &m, ok ? EXIT_OK : EXIT_FAILED);
}
