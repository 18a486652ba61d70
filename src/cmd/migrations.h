/* cmd's own: what the verbs share that deal with a folder of migrations and a database's ledger. */
#ifndef PDLC_CMD_MIGRATIONS_H
#define PDLC_CMD_MIGRATIONS_H

#include "cmd/cmd.h"
#include "live/live.h"
#include "migrate/migrate.h"

/* ── progress.c ── what a run tells, for people or as a JSON object a line ── */
struct progress {
  bool json, quiet, terminal;
  bool open;            /* a transient line stands on the terminal */
  char last[512];       /* what was said last, so that it is not said twice */
};
void progress_init(struct progress *, const struct invocation *);
void progress_tell(void *progress, const struct event *);
/* Takes the transient line away. */
void progress_clear(struct progress *);
/* One JSON object a line, with --json: `event` and these names and texts (NULL left out), ended by NULL. */
void progress_event(const struct progress *, const char *event, ...);

/* ── migrations.c ── */
struct migrations {
  struct migration_folder folder;
  struct connection connection;
  struct ledger ledger;
  const struct ledger_row **rows; /* of each file of the folder; NULL where the ledger has none */
  struct progress progress;
  struct teller teller;
};
/* Folder and connection; false after a diagnostic. The database must be named: a migration runs nowhere by accident. */
bool migrations_open(struct invocation *, struct migrations *) MUST_CHECK;
void migrations_close(struct migrations *);
/* Locks the database, unless only looking, reads the ledger and finds the row of each file. */
bool migrations_read(struct invocation *, struct migrations *, bool lock) MUST_CHECK;
/* Diagnoses rows without a file and files that are not what was applied. False where there are any. */
bool migrations_agree(struct invocation *, struct migrations *) MUST_CHECK;
/* What `file` was when it was applied differs from what it is. */
bool migration_edited(const struct migration *, const struct ledger_row *);
bool migration_is_applied(const struct ledger_row *);
/* The place of this version in the folder; diagnoses where there is none. */
bool migrations_find(struct invocation *, const struct migrations *, const char *version, size_t *at) MUST_CHECK;
/* Whether somebody changed the database since the last run; diagnoses it, unless it is accepted, which goes into *sql
 * for the history. */
bool migrations_check_drift(struct invocation *, struct migrations *, struct strbuf *sql) MUST_CHECK;
/* Notes what the database is like now. */
bool migrations_note_fingerprint(struct invocation *, struct migrations *) MUST_CHECK;
/* The end of a verb: its last JSON event or its diagnostics, and the exit code. */
int migrations_report(struct invocation *, struct migrations *, int code);

#endif
