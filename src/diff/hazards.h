/* hazards: what a statement does to others while it runs, and to rows: locks, work, and the way around.
 * Must not know: where the statement comes from.
 * Called by: migrate (of plans and of files), cmd. */
#ifndef PDLC_DIFF_HAZARDS_H
#define PDLC_DIFF_HAZARDS_H

#include "schema/schema.h"
#include "sql/sql.h"

enum lock {
  LOCK_NONE,
  LOCK_SHARE_UPDATE_EXCLUSIVE,
  LOCK_SHARE,
  LOCK_SHARE_ROW_EXCLUSIVE,
  LOCK_EXCLUSIVE,
  LOCK_ACCESS_EXCLUSIVE
};
enum work { WORK_NONE, WORK_SCAN, WORK_INDEX, WORK_REWRITE };
const char *lock_word(enum lock); /* "ACCESS EXCLUSIVE" */
const char *work_word(enum work); /* "reads every row" */

/* Rows of the table of hazards: D dropping, C columns, K constraints, T types, I indexes, P partitions, X others. */
enum hazard_id {
  HAZARD_NONE,
  HAZARD_D1,
  HAZARD_D2,
  HAZARD_D3,
  HAZARD_D4,
  HAZARD_D4_OTHER,
  HAZARD_C1,
  HAZARD_C2,
  HAZARD_C3,
  HAZARD_C4,
  HAZARD_C5,
  HAZARD_C6,
  HAZARD_C7,
  HAZARD_C8,
  HAZARD_C9, HAZARD_C9_FILLED,
  HAZARD_K1,
  HAZARD_K2,
  HAZARD_K3,
  HAZARD_K4,
  HAZARD_K5,
  HAZARD_K6,
  HAZARD_K7,
  HAZARD_K8,
  HAZARD_K2_TAKEN,
  HAZARD_T1,
  HAZARD_T1_INDEX,
  HAZARD_T1_KEPT,
  HAZARD_T3,
  HAZARD_I1,
  HAZARD_I1_ONLY,
  HAZARD_I1_CONCURRENT,
  HAZARD_I2,
  HAZARD_I2_PARTED,
  HAZARD_I2_CONCURRENT,
  HAZARD_I3,
  HAZARD_I5,
  HAZARD_P1,
  HAZARD_P1_HASH,
  HAZARD_P1_PROVEN,
  HAZARD_P2,
  HAZARD_P3,
  HAZARD_P3_CONCURRENT,
  HAZARD_X1,
  HAZARD_X2,
  HAZARD_X3,
  HAZARD_X4,
  HAZARD_X4_OFF,
  HAZARD_X5,
  HAZARD_COUNT
};
struct hazard_fact {
  const char *id;        /* "K1" */
  enum lock lock, other; /* on the table; on the one that it refers to */
  enum work work;
  bool raised;           /* others are held up, rows are lost, or programs break */
  const char *what, *advice; /* "every row is read …"; a full sentence, or NULL */
};
const struct hazard_fact *hazard_fact(enum hazard_id);

/* Judges statements one after another. before: the model that they start from, or NULL where it is not known; types:
 * where types are looked up. Tables that they create themselves are nobody's yet. */
struct hazards;
struct hazards *hazards_new(struct arena *, const struct schema *before, const struct schema *types, int version);
/* A transaction ends: what was added NOT VALID may be validated now. */
void hazards_commit(struct hazards *);
/* HAZARD_NONE for what touches no table that was there. *on: "users", "users.email", in the arena. */
enum hazard_id hazards_judge(struct hazards *, const struct sql_action *, const char **on);
/* Adds a line for each statement of the text that others feel: "K1 users: ACCESS EXCLUSIVE, reads every row: …". */
void hazards_say(struct hazards *, const char *sql, struct names *out);
/* Whether the statements before it created the table that the action is on. */
bool hazards_is_new(const struct hazards *, const struct sql_action *);

#endif
