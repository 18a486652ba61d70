/* diff's own: which objects of two models are the same. */
#ifndef PDLC_DIFF_MATCH_H
#define PDLC_DIFF_MATCH_H

#include "schema/schema.h"

/* The types in the signature of `o`, and in the name of a cast, follow `of`, which will be called so. */
void signature_follow(struct arena *, struct object *o, const struct object *of, const char *schema_name,
                      const char *name);
/* Sets `match` on both sides, `former` in `before`, and gives the objects of `before` the names of their matches, wherever
 * they are spoken of. */
void match_models(struct arena *, struct schema *before, struct schema *after);

#endif
