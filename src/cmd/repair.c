/* pdlc repair: makes the ledger say what is so. It changes nothing else in the database. */
#include <stdlib.h>
#include <string.h>

#include "cmd/migrations.h"

struct mend {
  const char *version, *name, *what;
};
struct repair {
  struct invocation *run;
  struct migrations *m;
  struct strbuf sql;
  struct mend *mends; /* told when they are made */
  size_t count, room;
};

static void note(struct repair *r, const char *version, const char *name, const char *what) {
  r->mends = arena_grow(&r->run->arena, r->mends, r->count, &r->room, sizeof *r->mends);
  r->mends[r->count++] = (struct mend){version, name ? name : "", what};
}

static void tell_all(const struct repair *r) {
  const struct progress *p = &r->m->progress;
  for (const struct mend *m = r->mends; m < r->mends + r->count; m++) {
    progress_event(p, "repair", "version", m->version, "name", m->name, "text", m->what, NULL);
    if (!p->json && !p->quiet)
      printf("%s%s%s: %s\n", m->version, *m->name ? "_" : "", m->name, m->what);
  }
}

/* Files that were edited are taken as they are; the line that was begun and cut off is up to pdlc up. */
static void settle_edits(struct repair *r) {
  struct migrations *m = r->m;
  for (size_t i = 0; i < m->folder.count; i++) {
    const struct migration *file = &m->folder.v[i];
    if (!migration_edited(file, m->rows[i]))
      continue;
    ledger_take_file(&m->ledger, &r->sql, file);
    ledger_log(&m->ledger, &r->sql, "repair", file, file->up.sha256, -1, "the file as it is");
    note(r, file->version, file->name, "the file is taken as it is");
  }
}

static bool settle_one(struct repair *r, const char *version, const char *as) {
  struct migrations *m = r->m;
  const struct ledger_row *row = ledger_find(&m->ledger, version);
  const struct migration gone = {.version = row ? row->version : version, .name = row && row->name ? row->name : ""},
                         *file = &gone;
  for (size_t i = 0; i < m->folder.count; i++)
    if (m->folder.v[i].number == strtoull(version, NULL, 10))
      file = &m->folder.v[i];
  const bool applied = strcmp(as, "applied") == 0;
  if ((file == &gone && !row) || (applied && file == &gone)) {
    diagnose(&r->run->diagnostics, PDL_NO_SUCH_VERSION, NO_SPAN, "neither the ledger nor %s has \"%s\"",
             m->folder.path, version);
    return false;
  }
  if (applied == migration_is_applied(row) && (applied || !row))
    return true;
  if (row)
    ledger_remove(&m->ledger, &r->sql, row->version);
  if (applied)
    ledger_add(&m->ledger, &r->run->arena, &r->sql, file, LEDGER_APPLIED, -1);
  ledger_log(&m->ledger, &r->sql, "repair", file, file->up.sha256, -1, arena_printf(&r->run->arena, "as %s", as));
  note(r, file->version, file->name, applied ? "taken as applied" : "taken as pending");
  return true;
}

static bool repair(struct repair *r) {
  struct invocation *run = r->run;
  if (run->arg_count) {
    if (!settle_one(r, run->args[0], run->options.as))
      return false;
  } else {
    settle_edits(r);
  }
  if (r->count == 0) {
    if (!r->m->progress.json && !r->m->progress.quiet)
      puts("nothing to repair");
    return true;
  }
  if (!run->options.dry_run && (!ledger_make(&run->arena, &r->m->connection, &r->m->ledger, &run->diagnostics) ||
                                !ledger_change(&r->m->connection, &r->m->ledger, &r->sql, &run->diagnostics) ||
                                !migrations_note_fingerprint(run, r->m)))
    return false;
  tell_all(r);
  return true;
}

int verb_repair(struct invocation *run) {
  struct migrations m = {0};
  struct repair r = {.run = run, .m = &m, .sql = STRBUF_INIT};
  const char *as = run->options.as;
  if (run->arg_count > 1)
    return usage_error(run, "one version at a time");
  if ((run->arg_count == 1) != (as != NULL))
    return usage_error(run, "a version and --as go together");
  if (run->arg_count && run->args[0][strspn(run->args[0], "0123456789")] != '\0')
    return usage_error(run, "\"%s\" is no version", run->args[0]);
  const bool ok = migrations_open(run, &m) && migrations_read(run, &m, true) && repair(&r);
  strbuf_release(&r.sql);
  return migrations_report(run, &m, ok ? EXIT_OK : EXIT_FAILED);
}
