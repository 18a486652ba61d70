/* migrate's own: the moves that a migration is made of, and the files they are put into. */
#ifndef PDLC_MIGRATE_PRIVATE_H
#define PDLC_MIGRATE_PRIVATE_H

#include "migrate/migrate.h"

/* A piece of SQL, one way or the way back, and its place: 3 × level + mode + 1, so that what shares a transaction, what
 * stands alone and what reads all rows take turns. */
struct move {
  const struct object *object; /* canonical: of `after` where it has a match there */
  const struct step *step;
  const char *sql, *undo;
  enum piece_mode mode;
  size_t slot;
  bool undone;                 /* the pieces' undos take the change back */
};
struct moves {
  struct move *v;
  size_t count, room;
};
struct migration_plan {
  struct arena *arena;
  struct migration_models models;
  struct sql_cache *sql;
  bool offline;
  struct changes there, back;
  struct plan up, down;
  struct moves ups, downs;
  struct migration_plan *stages, *next; /* where it is done in stages: their plans, and the next one of these */
};
/* make.c: in one stage, not scheduled yet. */
struct migration_plan *migration_plan_one(struct arena *, const struct migration_models *, bool offline,
                                          struct diagnostics *);
void moves_add(struct arena *, struct moves *, struct move);

/* make.c: a file as it is to be written; the version of a number. */
struct migration_file migration_file_named(struct arena *, const struct migration_folder *, const struct migration *,
                                           bool down, const char *text, size_t len);
const char *migration_version(struct arena *, enum layout, unsigned long long number);

/* models.c: sets the `twin` of each object of the second compilations, and of `before` itself, so that every object
 * leads to its canonical one; turns intents around; lists sql blocks among the changes, which a folder of migrations
 * remembers, and warns of those that go but have no way back. */
void models_pair(const struct migration_models *);
/* Sets `mark` on the tables of families (parted ones, partitions, those that inherit) whose members come, go or move:
 * what is done to one of these is done to several, and goes in one piece. Plans are made before, which use it
 * otherwise. */
void models_mark_families(const struct changes *, const struct schema *before, const struct schema *after);
void models_reverse_intents(struct arena *, const struct migration_models *);
void models_add_blocks(struct arena *, const struct schema *before, const struct schema *after, struct changes *);
/* Nobody else may use an extension that goes: true only of the way back of the migration that made it. */
void models_drop_extensions(struct arena *, const struct schema *before, struct changes *);
void models_check_blocks(const struct schema *before, struct diagnostics *);
/* Whether the step of a way back gives rows a column that they have no value for; warns of all such. */
bool models_lack_value(const struct step *);
void models_check_values(const struct plan *back, struct diagnostics *);
/* Whether the step is left out, since what it takes away cannot go. */
bool models_leave(struct sql_cache *, const struct schema *before, const struct step *);
/* Whether nothing takes back what making it did. */
bool models_stays(const struct object *);
const struct object *models_canonical(const struct object *);

/* hand.c: -- pdlc:allow PDL0806 PDL0811, between `above` and the statement. */
void migration_read_allow(struct arena *, const struct source *, uint32_t above, uint32_t from, uint32_t to,
                          struct diagnostics *);

/* ── turns.c ── which steps of a plan must keep their turn ──
 * Steps in the order in which they are taken, and those pairs of them of which one would come to something else, or
 * fail, on the other side of the other one (`hinge`); because one of them gives a name that the other one says
 * (`name`). */
struct turn_pair {
  size_t first, then; /* steps */
  bool hinge, name;
};
struct turns {
  struct arena *arena;
  const struct step *steps;
  size_t *order, count;
  struct turn_pair *pairs;
  size_t pair_count, room;
};
/* Fills the pairs in. The slots of all objects of both models are forgotten. */
void turns_pair(struct turns *, struct schema *before, struct schema *after);
/* Whether the text may call something by the name that it had before these changes. */
bool turns_mention_former(const struct changes *, const char *sql);
/* Whether an object is about the column of its table; of what cannot say so, it is taken to be. */
bool turns_is_about(const struct object *, const struct object *column);
/* Whether it shares the names of tables: an index, a key too. */
bool turns_is_relation(const struct object *);

/* schedule.c: fills ups and downs, each with its slot. How many changes are done in one piece for want of a place for
 * several. */
size_t schedule(struct migration_plan *);

#endif
