/* The locks that a file says it takes. */
#include <string.h>

#include "diff/hazards.h"
#include "migrate/migrate.h"

static const char *title(struct arena *arena, const char *schema, const char *name) {
  return name ? arena_printf(arena, "%s.%s", schema ? schema : "public", name) : NULL;
}

static void claim(struct lock_claims *all, const char *on, enum lock lock) {
  if (on && lock != LOCK_NONE)
    all->v[all->count++] = (struct lock_claim){on, lock};
}

/* What hazards say nothing of. */
static enum lock silent_lock(const struct sql_action *a) {
  switch (a->kind) {
  case ACTION_CREATE_TABLE: case ACTION_TRUNCATE: return LOCK_ACCESS_EXCLUSIVE;
  case ACTION_OTHER: return a->table ? LOCK_ACCESS_EXCLUSIVE : LOCK_NONE;
  default: return LOCK_NONE;
  }
}

struct lock_claims migration_locks(struct arena *arena, const char *sql, struct hazards *hazards) {
  size_t count;
  const struct sql_action *v = sql_read_actions(arena, sql, strlen(sql), &count);
  struct lock_claims all = {.v = arena_array(arena, 2 * count + 1, sizeof *all.v), .complete = true};
  hazards_commit(hazards);
  for (size_t i = 0; i < count; i++) {
    const struct sql_action *a = &v[i];
    const char *on, *of = a->table ? a->table : a->name; /* an index that goes names no table */
    const struct hazard_fact *f = hazard_fact(hazards_judge(hazards, a, &on));
    all.complete &= a->kind != ACTION_UNREAD && a->kind != ACTION_CODE;
    claim(&all, title(arena, a->schema, of), f->lock > silent_lock(a) ? f->lock : silent_lock(a));
    claim(&all, title(arena, a->other_schema, a->other), f->other);
  }
  return all;
}
