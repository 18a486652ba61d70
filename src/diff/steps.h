/* diff's own: a plan while its steps are made. */
#ifndef PDLC_DIFF_STEPS_H
#define PDLC_DIFF_STEPS_H

#include "diff/diff.h"

struct builder {
  struct arena *arena;
  struct schema *before, *after; /* before: NULL where there was nothing */
  struct object **old_order;     /* of before */
  size_t old_count;
  const struct changes *changes;
  struct aside *asides;
  struct giver *all_givers; /* of what is renamed, in order of the changes */
  size_t giver_count;
  struct map givers;        /* by the former names */
  struct plan plan;
  size_t room;
  struct strbuf sql;
};
/* What stepped aside, and what it is called then. */
struct aside {
  struct object *object;
  const char *name;
  struct aside *next;
};

/* plan.c */
/* What `sql` holds, if anything, becomes a step. */
void add_alteration(struct builder *, enum step_part, const struct object *);
/* Drops what is marked to go then, early or late. */
void drop_one(struct builder *, struct object *, bool late);

/* renames.c: the older model has the new names already */
enum renames { OF_SCHEMAS, OF_OTHERS, OF_COLUMNS, OF_CONSTRAINTS };
enum renames sort_of_renames(const struct object *);
/* First of all. */
void list_givers(struct builder *);
/* A name that is handed on is given up first. Not of constraints. */
void rename_steps(struct builder *, enum renames);
/* What gets a name that is not free yet goes by another one until all have theirs. */
void rename_constraints(struct builder *);
/* A sequence outlives its owner, and neither of the two moves without the other: it is parted before they do. */
void part_sequences(struct builder *);
/* Appends the statements that rename, or move, what lives in a schema, to what it is called now. */
void rename_top(struct builder *, struct object *, const char *old_schema, const char *old_name);
/* Appends what is renamed along with it. */
void along(struct builder *, struct object *);

#endif
