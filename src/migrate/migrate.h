/* migrate: numbered files of SQL, made from two models, read back, checked.
 * Must not know: libpq, how a kind of object is written: that its operations say.
 * Called by: live, cmd. */
#ifndef PDLC_MIGRATE_H
#define PDLC_MIGRATE_H

#include "base/base.h"
#include "diff/diff.h"
#include "diff/hazards.h"
#include "schema/schema.h"
#include "sql/sql.h"

/* ── a folder of migrations ──────────────────────────────────────────────────────────────
 * LAYOUT_NUMBERED   0001_name.up.sql, 0001_name.down.sql: four digits or more
 * LAYOUT_SUPABASE   20260131120000_name.sql, down/20260131120000_name.sql: the Supabase CLI takes every
 *                   file whose name is digits, _ and … .sql for an up, so downs stand in a folder of their own
 * Beside them state.pdl, the schema after the last file, and pdl.sum. Files that do not end in .sql are not looked at.
 *
 * One file is one transaction, or one statement that cannot be in one. */
enum layout { LAYOUT_NUMBERED, LAYOUT_SUPABASE };
#define MIGRATION_SUM "pdl.sum"
#define MIGRATION_STATE "state.pdl"

/* What going back by a file loses. */
enum down_label {
  DOWN_MISSING,      /* there is no down file */
  DOWN_UNKNOWN,      /* it does not say */
  DOWN_LOSSLESS,
  DOWN_LOSSY,        /* rows written since, as label_text says */
  DOWN_IRREVERSIBLE, /* the up itself lost what label_text says */
};
struct migration_file {
  const char *name;     /* below the folder: "0002_add_reactions.up.sql" */
  const char *path;     /* as it can be opened; NULL where there is no such file */
  struct source *source;
  const char *sha256;   /* of its bytes, DIGEST_HEX digits */
  bool transaction;     /* false: its one statement runs outside of any */
};
struct migration {
  const char *version;  /* "0002", "20260131120000" */
  unsigned long long number;
  const char *name;     /* "add_reactions" */
  struct migration_file up, down;
  /* What the header of the up file says; a file written by hand need not have one. */
  bool headed;
  bool by_hand;         /* its statements are to be, or were */
  const char *parent;   /* sha256 of the up file before it, or NULL */
  const char *before, *after; /* sha256 of state.pdl, before and after; NULL: none */
  enum down_label label;
  const char *label_text;
  struct names drops;   /* consents: what of the data goes */
  struct names hazards; /* a line each, without its "hazard: " */
};
struct migration_folder {
  const char *path;
  enum layout layout;   /* of an empty folder: numbered */
  struct migration *v;  /* by number */
  size_t count, room;
  struct source *sum;   /* pdl.sum, or NULL */
  struct source *state; /* state.pdl, or NULL */
};

/* ── folder.c ──
 * Reads the folder and everything in it, in the arena; one that does not exist is empty. Diagnoses, with file and line:
 * names that are none, a number twice, a down without its up, malformed headers, parents in another order, and,
 * measured against pdl.sum, files that are missing, edited (CRLF line ends by name), not listed, listed out of order. A
 * folder of files that are all without header needs no pdl.sum. False where an error was diagnosed. */
bool migration_folder_read(struct arena *, const char *path, struct diagnostics *,
                           struct migration_folder *out) MUST_CHECK;
/* The same, but pdl.sum is not looked at: for whoever writes it anew. */
bool migration_folder_scan(struct arena *, const char *path, struct diagnostics *,
                           struct migration_folder *out) MUST_CHECK;

/* ── statements.c ──
 * The statements of a file. Diagnoses what none may hold: BEGIN, COMMIT and the like, commands of psql, COPY from
 * stdin, and a statement that no transaction can hold beside another one or in a file that says `transaction: yes`.
 * False where an error was diagnosed. */
bool migration_statements(struct arena *, const struct migration_file *, struct diagnostics *, struct sql_part **parts,
                          size_t *count) MUST_CHECK;

/* ── hand.c ──
 * Diagnoses statements that cannot be read (as an error where the parser is no older than `version`), and, of what was
 * written by hand in a folder with state.pdl, those that change the schema where the header does not say so, or that
 * none does where it says so. */
void migration_check_hand(struct arena *, const struct migration_folder *, const struct migration *, int version,
                          struct diagnostics *);

/* ── needs.c ──
 * Diagnoses what a server of this version does not have: in state.pdl (NULL: nothing is looked at), whose target is
 * newer, and in the recipes of these files. */
void migration_check_server(struct arena *, const struct source *state, const struct migration_file *const *files,
                            size_t count, int version, struct diagnostics *);

/* ── header.c ──
 * The comment lines that a file starts with. What comes from outside is escaped, so that it stays in its line. */
void migration_header_print(const struct migration *, bool down, struct strbuf *);
/* Whether the file behind it is of the same migration: the schema is not another one yet. */
bool migration_goes_on(const struct migration *);
void migration_header_read(struct arena *, struct migration *, struct diagnostics *); /* of up and down */

/* ── sum.c ──
 * pdl.sum: "chain sha256:HEX", then a line for each file in order: "NAME sha256:HEX". The chain is the SHA-256 of the
 * chain before a line and the line, so that two branches that each add a file conflict in its first line. */
void migration_sum_print(const struct migration_folder *, struct strbuf *);
void migration_sum_check(struct arena *, const struct migration_folder *, struct diagnostics *);

/* ── make.c ── the files that make one model of another ───────────────────────────────────────────
 * Each model twice, compiled from the same text: one way and the way back are planned apart. */
struct migration_models {
  struct schema *before, *after, *before_again, *after_again;
  /* what they were compiled from: what is done in stages needs models between */
  const struct node *before_tree, *after_tree;
};
struct migration_options {
  const char *name;              /* snake_case; further files are NAME_2, NAME_3 … */
  enum layout layout;
  unsigned long long stamp;      /* LAYOUT_SUPABASE: the present time as YYYYMMDDHHMMSS */
  bool offline;                  /* plain forms: nobody else uses the tables meanwhile */
  const char *before, *after;    /* sha256 of state.pdl; before NULL: there is none */
};
/* What differs, and what making it so would lose, so that the user can be asked first. */
struct migration_plan;
struct migration_plan *migration_plan(struct arena *, const struct migration_models *, bool offline,
                                      struct diagnostics *);
const struct changes *migration_changes(const struct migration_plan *);
bool migration_pending(const struct migration_plan *); /* whether there is anything to be done */
struct names migration_losses(const struct migration_plan *);
/* Diagnoses what was dropped and added but looks like one thing renamed, unless its loss is consented to. */
void migration_likely_renames(struct arena *, const struct migration_plan *, const struct names *consents,
                              struct diagnostics *);
/* Appends the new files to the folder (their text in .source, paths as they are to be written). */
void migration_write(struct arena *, struct migration_plan *, const struct migration_options *,
                     struct migration_folder *);
/* Appends one pair without statements. */
void migration_write_empty(struct arena *, const struct migration_options *, const struct changes *,
                           struct migration_folder *);

/* ── excerpt.c ── what a small difference between large schemas can reach ──
 * Of two files those items that any difference between them can touch, and what these speak of, as trees of their own.
 * False where that would be no gain: fewer than `least` items (0: never mind), too much is reached, or settings differ. */
bool excerpt_make(struct arena *, const struct node *before, const struct node *after, size_t least,
                  const struct node *parts[2]) MUST_CHECK;
/* Whether models of the two parts lead to the same plan as those of the whole. whole: the model of all of `after`. */
bool excerpt_fits(const struct schema *whole, struct schema *before, struct schema *after) MUST_CHECK;

/* ── lint.c ──
 * Warns of what a file does to others while it runs, and of habits, by codes from 0801. `-- pdlc:allow CODE …` above a
 * statement silences them for it. known: the hazards know the model that the file starts from; else what the header of
 * a file of ours says stands for it. One transaction a file. */
void migration_lint(struct arena *, const struct source *, struct hazards *, bool known, struct diagnostics *);

/* ── locks.c ──
 * The locks that a file says it takes, in one transaction, on tables and indexes: "public.users". Not complete where
 * one of its statements cannot be read, or runs code. */
struct lock_claims {
  struct lock_claim {
    const char *on;
    enum lock lock;
  } *v;
  size_t count;
  bool complete;
};
struct lock_claims migration_locks(struct arena *, const char *sql, struct hazards *);

/* ── renumber.c ──
 * Puts the migrations that pdl.sum does not list (of a conflict in it: that the branch merged in brought) behind those
 * it lists, with new numbers, parents and paths. state: the sha256 of state.pdl. replaced: the paths that are no more,
 * or are written anew. The folder was scanned, not read. */
void migration_renumber(struct arena *, struct migration_folder *, const char *state, struct names *replaced);

/* ── state.c ──
 * The canonical PDL of a schema: its items in order, includes in their place, without output block and without comments
 * that belong to no item. */
struct state_text {
  struct strbuf text;            /* the caller releases it */
  struct state_item {
    const struct node *node;
    size_t from, to;             /* of its text */
    struct state_item *same_line;
  } *items;
  size_t count;
};
void migration_state_print(struct arena *, const struct node *file, struct state_text *out);
/* The tree of a state.pdl that was printed so: nodes of `known` where it says the same, in the same words. */
const struct node *migration_state_read(struct arena *, const struct source *, const struct state_text *known,
                                        struct diagnostics *);

#endif
