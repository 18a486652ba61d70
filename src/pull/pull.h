/* pull: a live database as PDL; what PDL cannot say of it as sql blocks.
 * Must not know: libpq, templates, options.
 * Called by: cmd. */
#ifndef PDLC_PULL_H
#define PDLC_PULL_H

#include "live/live.h"

/* What is asked of a database. */
struct pull_options {
  struct names schemas, excluded; /* only these, if there are any; not those */
  bool owners;                    /* say who owns what */
};
/* The schemas that people made, as catalog_schemas has them; of a Supabase database less the platform's own, unless
 * they are wanted by name. False on failure (diagnosed). */
bool pull_schemas(struct reading *, struct connection *, const struct pull_options *, struct diagnostics *,
                  bool *supabase, struct names *out) MUST_CHECK;
/* A database as PDL, appended to out. What was printed is compiled again and compared with the database, so that
 * nothing is lost in silence: what it cannot say is warned of. again, where it is wanted, is the text compiled, or NULL
 * where that cannot be. False where the database cannot be read (diagnosed). */
bool pull_database(struct arena *, struct connection *, const struct pull_options *, struct diagnostics *,
                   struct strbuf *out, struct schema **again) MUST_CHECK;

#endif
