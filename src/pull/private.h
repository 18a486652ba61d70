/* pull: what its files share. */
#ifndef PDLC_PULL_PRIVATE_H
#define PDLC_PULL_PRIVATE_H

#include "objects/objects.h"
#include "pull/pull.h"
#include "sql/sql.h"

struct pulled {
  struct arena *arena;
  struct diagnostics *diagnostics;
  struct connection *connection;
  struct schema *live;
  const struct schema *platform;      /* Supabase's tables; NULL on plain Postgres */
  const struct leftover *leftovers;
  bool partial;                       /* only some schemas are asked for */
  bool plain;                         /* without a naming block and mixins of our own making */
  bool ordered;                       /* the model knows what depends on what */
  bool settled;                       /* no more goes into sql blocks for a difference alone */
  struct reason *reasons;             /* why something is not pulled as PDL */
  struct schema *again;               /* the text, compiled; NULL where it could not be */
};

/* ── hidden.c ── */
/* In the live model's SQL, with its schema what PDL would find in public instead; and back. */
struct spelled *pull_spell_out(struct arena *, struct schema *live);
void pull_spell_back(struct spelled *);

/* ── text.c ── */
/* The whole model, laid out loosely; notes where each object stands. */
void pull_print(const struct pulled *, struct strbuf *out);
/* "sql name needs … { up … down … }"; needs and down may be NULL. */
void pull_print_block(struct strbuf *out, const char *name, const char *needs, const char *up, const char *down);

/* ── blocks.c ── */
/* Whether it stands in a sql block, its own or that of what it belongs to. */
bool pull_in_sql(const struct object *);
/* Everything that does, in the order in which it is made. The last block's name, or NULL where there is none. */
const char *pull_print_blocks(const struct pulled *, struct strbuf *out);
/* Prints, reads and compiles the model until it compiles and says all that it can; appends the text laid out. What PDL
 * cannot say goes into sql blocks, or, where even those cannot be read, is left out; both are warned of. Where nothing
 * helps, the text is what PDL would be, and `again` NULL. False where the database cannot be asked (diagnosed). */
bool pull_settle(struct pulled *, struct strbuf *out) MUST_CHECK;

#endif
