/* diff's own: whether two expressions are the same to Postgres. */
#ifndef PDLC_DIFF_READING_H
#define PDLC_DIFF_READING_H

#include "schema/schema.h"

/* Of the fields that differ, those that only seem to: their expressions read alike once they are printed as Postgres
 * prints them. An expression that is not understood stays different; the server is asked about it. */
struct sql_trees;
uint64_t fields_alike(struct arena *, struct sql_trees *, const struct schema *after_schema,
                      const struct object *before, const struct object *after, uint64_t fields);

#endif
