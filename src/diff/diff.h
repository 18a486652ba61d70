/* diff: the order in which objects are made, the plan that makes them, and what differs between two models.
 * Must not know: the AST, libpq, how a kind of object is written: that its operations say.
 * Called by: migrate, emit, live, pull, cmd. */
#ifndef PDLC_DIFF_H
#define PDLC_DIFF_H

#include "schema/schema.h"

/* ── order.c ── one dependency graph ───────────────────────────────────────────────────
 * Sets `position` of everything that is ours so that what an object needs comes first, in order of declaration
 * otherwise; and `folded` of what can be created within its table's own statement. References between tables
 * bend the order where they can and never block it. Returns the objects by position; a cycle of what
 * cannot be ordered (types, sql blocks) is diagnosed, unless `diagnostics` is NULL. */
struct object **order_objects(struct arena *, struct schema *, struct diagnostics *, size_t *count);

/* ── plan.c ── steps ───────────────────────────────────────────────────────────────────── */
enum step_verb { STEP_CREATE, STEP_ALTER, STEP_DROP, STEP_COMMENT };
/* Of an alteration: which operation of the kind it is, or that it gives names. */
enum step_part { PART_BODY, PART_FIRST, PART_LAST, PART_NAMES };
struct step {
  enum step_verb verb;
  enum step_part part;
  const struct object *object;
  const char *sql;       /* one statement or more, each ending in ";\n" */
  unsigned locks;        /* about how many places of the server's lock table it takes */
  bool commits;          /* what follows uses it, which Postgres allows only once it is committed */
};
struct plan {
  struct step *steps;
  size_t count;
  struct names losses;   /* object_path of each whose data goes, as the plan stands */
  /* of each whose nulls or values others take the place of, as the schema says */
  struct names rewritten[REWRITES_VALUES + 1];
  const char *search_path; /* which a database does not have by itself; NULL: nothing needs one */
};
/* All of the schema, on a database that has none of it; or, where `changes` are given, what makes them. */
struct changes;
struct plan plan_create(struct arena *, struct schema *, const struct changes *, struct diagnostics *);
/* What goes before steps that make functions, once: bodies are read when they are called. As in a dump, one may speak
 * of what comes behind it, or of what only its callers' search path finds. */
#define PLAN_UNCHECKED "SET check_function_bodies = off;\n"
bool step_is_unchecked(const struct step *);
bool plan_is_unchecked(const struct plan *);
/* Where unqualified names of embedded SQL are looked for, as SQL: public, and where the extensions are. */
const char *search_path_of(const struct schema *);
/* The SQL of all steps, where one transaction ends and another begins said in a comment. */
void plan_print(const struct plan *, struct strbuf *);

/* ── match.c, changes.c ── what differs ─────────────────────────────────────────────────────────── */
enum change_verb { CHANGE_ADD, CHANGE_REMOVE, CHANGE_ALTER };
struct change {
  enum change_verb verb;
  const struct object *before, *after; /* NULL for what is added; for what is removed */
  uint64_t fields;                     /* bits of kind->fields */
  bool comment;                        /* the comments differ */
  bool certain;                        /* the server need not be asked */
  const char *old_schema, *old_name;   /* of what is renamed or moved; else NULL */
  struct names hazards;                /* see changes_judge */
};
struct changes {
  struct change *v;
  size_t count;
  struct schema *before;
};
/* From `before` to `after`, in order of `after`, then removals. Objects are the same by name, else where `was` of one
 * tells the name of the other, else (constraints and indexes) by content; `before` is told the new names. What belongs
 * to a table that is added or removed is not listed. External tables and sql blocks are left out, and extensions that
 * `after` does not name. */
struct changes changes_between(struct arena *, struct schema *before, struct schema *after);
/* Leaves out the alterations of objects that `second` (objects of the same identity, read back from the
 * server) shows to be none. */
void changes_settle(struct changes *, struct schema *second);
/* Says of each change what making it does to others: "K1 users: ACCESS EXCLUSIVE, reads every row: …". Plans it for
 * that. */
void changes_judge(struct arena *, struct changes *, struct schema *after);
/* In words, with what each breaks in programs that were built before, a line or more each, and its hazards below: "+
 * table users", "~ column users.email: type text -> integer". */
void changes_print(const struct changes *, struct arena *, struct strbuf *, bool colour);
/* Those alone that break such programs, in the same words. */
void changes_print_breaks(const struct changes *, struct arena *, struct strbuf *, bool colour);
/* A JSON array of {change, kind, name, table, schema, fields: [{field, before, after}], breaks, hazards}. */
void changes_json(const struct changes *, struct arena *, struct strbuf *);

#endif
