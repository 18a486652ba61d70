/* diff's own: which objects of two models are the same. */
#ifndef PDLC_DIFF_MATCH_H
#define PDLC_DIFF_MATCH_H

#include "schema/schema.h"

/* What an object of the older model was called before it took the name of its match. */
struct renamed {
  struct object *object;
  const char *old_schema, *old_name;
  struct renamed *next;
};
/* The types in the signature of `o`, and in the name of a cast, follow `of`, which will be called so. */
void signature_follow(struct arena *, struct object *o, const struct object *of, const char *schema_name,
                      const char *name);
/* Sets `match` on both sides and gives the objects of `before` the names of their matches, wherever they are spoken of. */
struct renamed *match_models(struct arena *, struct schema *before, struct schema *after);

#endif
