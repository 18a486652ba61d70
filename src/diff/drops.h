/* diff's own: when what goes is dropped. */
#ifndef PDLC_DIFF_DROPS_H
#define PDLC_DIFF_DROPS_H

#include "diff/diff.h"

/* Of the older model, settled and in its order of creation: sets the mark of what is GONE to EARLY, LATE or ALONG. */
void drops_time(struct object *const *order, size_t count, const struct schema *after);
/* Whether something of the newer model takes a name that this object of the older one has. */
bool drops_name_taken(const struct object *, const struct schema *after);
/* Whether it goes before partitions leave: a foreign key that they would take along, or that refers to them. */
bool drops_first(const struct object *);
bool is_relation(const struct object *); /* shares the names of tables: an index, a key too */

#endif
