/* diff's own: what a set of changes comes to. */
#ifndef PDLC_DIFF_SETTLE_H
#define PDLC_DIFF_SETTLE_H

#include "diff/diff.h"

/* Marks of objects while a plan is made. */
enum mark {
  STAYS,
  WANTED, /* of the newer model: to be created */
  MADE,   /* created already */
  GONE,   /* of the older model: to be dropped; its match, if any, is made anew */
  /* and when: see drops.h */
  EARLY,
  LATE,
  HELD,   /* late, since something that stays needs it until it is altered */
  ALONG,  /* with its parent */
  ASIDE,  /* late, under another name until then */
  DROPPED,
};
static inline bool is_gone(const struct object *o) {
  return o->mark >= GONE;
}
/* The table that stays, whose columns change, and whose rows are in the values of this column; or NULL. Postgres alters
 * no such table. All are of the older model. */
const struct object *settle_rows_altered(const struct object *column);
/* Marks both models and sets `differs` of what is altered in place. What must make way for a change is made anew too.
 * What neither goes nor is altered and yet needs what does is diagnosed. Sets `dependents` of the older model. */
void settle_changes(struct arena *, struct schema *after, const struct changes *, struct diagnostics *);

#endif
