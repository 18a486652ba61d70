/* Planning a migration, in stages where it must be. Postgres lets nobody use a label of an enum in the transaction that
 * adds it. Where the way there adds one that is used, the enums grow in a stage before all else; where the way back
 * does, they shrink in one behind it. Each stage leads from one model to another and is planned, there and back, like a
 * migration of its own, so that every file can be gone back by. */
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

enum state { BEFORE, GROWN, NOT_SHRUNK, AFTER };

static bool commits(const struct plan *plan) {
  for (size_t i = 0; i < plan->count; i++)
    if (plan->steps[i].commits)
      return true;
  return false;
}

static bool grows(const struct plan *plan, const struct object *wide) {
  for (size_t i = 0; i < plan->count; i++) {
    const struct object *o = plan->steps[i].object;
    if (plan->steps[i].verb == STEP_ALTER && (o->twin ? o->twin : o) == wide && strstr(plan->steps[i].sql, " ADD VALUE "))
      return true;
  }
  return false;
}

/* same: another compilation of the same text, whose objects lead to those of the plan. */
static void widen(struct arena *arena, struct schema *s, const struct schema *same, const struct plan *plan) {
  const struct object *at = same->first;
  for (struct object *o = s->first; o && at; o = o->next, at = at->next) {
    const struct object *narrow = at->twin, *wide = narrow ? narrow->match : NULL;
    if (is_kind(o, KIND_ENUM) && wide && grows(plan, wide))
      enum_widen(arena, o, narrow, wide);
  }
}

static struct schema *model(const struct migration_plan *p, enum state state) {
  struct diagnostics said;
  diagnostics_init(&said, p->arena);
  struct schema *s = schema_compile(p->arena, state >= NOT_SHRUNK ? p->models.after_tree : p->models.before_tree, sql_cache_new(p->arena), &said);
  if (state == GROWN)
    widen(p->arena, s, p->models.before_again, &p->up);
  else if (state == NOT_SHRUNK)
    widen(p->arena, s, p->models.after_again, &p->down);
  return s;
}

static void plan_stages(struct migration_plan *p) {
  const bool has[] = {[BEFORE] = true, [GROWN] = commits(&p->up), [NOT_SHRUNK] = commits(&p->down), [AFTER] = true};
  struct diagnostics said; /* of the whole it was said already */
  struct migration_plan **end = &p->stages;
  diagnostics_init(&said, p->arena);
  for (enum state from = BEFORE, to = GROWN; to <= AFTER && (has[GROWN] || has[NOT_SHRUNK]); to++) {
    if (!has[to])
      continue;
    const struct migration_models models = {.before = model(p, from), .after = model(p, to), .before_again = model(p, from), .after_again = model(p, to)};
    *end = migration_plan_one(p->arena, &models, p->offline, &said);
    end = &(*end)->next;
    from = to;
  }
}

struct migration_plan *migration_plan(struct arena *arena, const struct migration_models *models, bool offline, struct diagnostics *d) {
  struct migration_plan *p = migration_plan_one(arena, models, offline, d);
  if (d->errors)
    return p;
  plan_stages(p);
  if (!p->stages)
    schedule(p);
  for (struct migration_plan **at = &p->stages; *at;) {
    schedule(*at);
    if ((*at)->ups.count || (*at)->downs.count)
      at = &(*at)->next;
    else
      *at = (*at)->next; /* nothing else changes */
  }
  return p;
}
