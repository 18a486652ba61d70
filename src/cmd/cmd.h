/* cmd: the verbs, one file each: options in, other rooms called, a report and an exit code out.
 * Must not know: how anything is done.
 * Called by: main. */
#ifndef PDLC_CMD_H
#define PDLC_CMD_H

#include "base/base.h"
#include "diff/diff.h"
#include "live/live.h"
#include "schema/schema.h"

enum { LOCK_TIMEOUT_MS = 2000 }; /* what a migration waits for a table by default */
/* Exit codes, Git's and Terraform's: EXIT_DIFFERS for differences found or work pending. */
enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_DIFFERS = 2, EXIT_USAGE = 64 };

struct options {
  const char *file;      /* --file FILE, or the argument of a verb that takes one */
  struct names schemas, excluded;
  const char *db, *depfile, *into, *only, *templates;
  struct names drops; /* --drop, each */
  const char *dir, *layout, *from, *as;
  long lock_timeout;     /* ms */
  bool accept_drift, allow_out_of_order;
  bool check, json, sql, dry_run, all, quiet, strict, owners, help;
  bool offline, empty, renumber, sum; /* of migrate */
  bool github;                         /* of lint */
};
struct invocation {
  struct arena arena;
  struct arena beside;     /* of a thread of its own (prefetch.c) */
  struct diagnostics diagnostics;
  struct options options;
  const char *const *args; /* what is left after the options */
  int arg_count;
  const struct verb *verb;
  bool supabase;           /* the target of the schema that was loaded: an embedded server looks like that */
};
struct verb {
  const char *name;
  int (*run)(struct invocation *);
  const char *options;   /* names of the options it takes, separated and enclosed by blanks */
  const char *arguments; /* as usage shows them */
  const char *summary;   /* one line */
  const char *help;      /* more */
};
extern const struct verb verbs[];
extern const size_t verb_count;
bool verb_takes(const struct verb *, const char *option);

int verb_baseline(struct invocation *);
int verb_down(struct invocation *);
int verb_history(struct invocation *);
int verb_repair(struct invocation *);
int verb_status(struct invocation *);
int verb_up(struct invocation *);
int verb_init(struct invocation *);
int verb_build(struct invocation *);
int verb_check(struct invocation *);
int verb_fmt(struct invocation *);
int verb_diff(struct invocation *);
int verb_pull(struct invocation *);
int verb_push(struct invocation *);
int verb_dev(struct invocation *);
int verb_explain(struct invocation *);
int verb_model(struct invocation *);
int verb_migrate(struct invocation *);
int verb_lint(struct invocation *);
int verb_prove(struct invocation *);

/* ── common.c ── */

/* A schema compiled from a file, and everything it was made of. */
struct loaded {
  const char *path, *folder;   /* folder of the file, "." if it has none */
  struct schema *schema;       /* NULL where errors were diagnosed */
  struct node *files;          /* every file read */
  const struct node *tree;     /* what it was compiled from */
};
const char *folder_of(struct arena *, const char *path);
bool load_schema(struct invocation *, const char *path, struct loaded *) MUST_CHECK;
/* Its first half, and the second of one that was compiled elsewhere. */
bool parse_schema(struct arena *, const char *path, struct diagnostics *, struct loaded *) MUST_CHECK;
bool take_schema(struct invocation *, struct schema *, struct loaded *) MUST_CHECK;
/* of a schema.pdl that may not be there, or not compile */
bool targets_supabase(struct invocation *, const char *path);
/* On the embedded server, what Supabase's platform has. */
bool make_platform(struct invocation *, struct connection *) MUST_CHECK;
const char *schema_path(const struct invocation *); /* --file, the argument, or schema.pdl */
/* Prints diagnostics (stderr; --json: stdout) and returns the exit code: EXIT_FAILED if there are errors, else `code`. */
int report(struct invocation *, int code);
int usage_error(const struct invocation *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void print_usage(const struct verb *, FILE *);
bool wants_colour(FILE *);
/* The database that --db, $DATABASE_URL or .env names, else the embedded server, started if need be. */
bool connect_database(struct invocation *, const char *folder, const char *url, struct connection *) MUST_CHECK;
/* A transaction pooler holds no session: diagnosed, false. */
bool refuse_pooler(struct invocation *, const struct connection *) MUST_CHECK;
/* The SQL of a plan, and before it in comments what it does to others. */
void print_plan(struct invocation *, const struct plan *, const struct changes *, const struct schema *after,
                struct strbuf *);
/* Data goes only where --drop names it, each; diagnoses what is not named, for the verb. */
bool may_lose(struct invocation *, const struct names *losses, const char *verb) MUST_CHECK;
/* The folder of migrations, of a project in this folder: as its output block has `named` it, or NULL; else that of the
 * Supabase CLI where --layout says so, or pdlc keeps one there and there is no other. */
const char *migrations_below(struct invocation *, const char *project, const char *named);
const char *migrations_path(struct invocation *, const struct loaded *);
/* That folder as `up` would read it, short of the database; one that holds neither pdl.sum nor state.pdl is none of
 * ours. */
void check_migrations(struct invocation *, const struct loaded *);

/* ── prefetch.c ──
 * load_schema and connect_database at once, and the database read in between, as far as can be guessed. */
struct prefetched {
  struct names schemas;
  bool spared[KIND_COUNT];
  struct schema *live; /* or NULL */
};
bool load_and_read(struct invocation *, const char *path, const char *url, struct loaded *, struct connection *,
                   struct prefetched *) MUST_CHECK;
/* Whether it was read as these say. NULL: no. */
bool prefetched_fits(const struct prefetched *, const struct names *schemas, const bool *spared);

/* ── compare.c ── */
/* What the database lacks and has too much, measured against the model, in the model's schemas and in `others` (or
 * NULL). */
bool compare_database(struct invocation *, struct connection *, struct schema *, const struct names *others,
                      const struct prefetched * /* or NULL */, struct changes *) MUST_CHECK;

#endif
