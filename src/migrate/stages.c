/* Planning a migration, in stages where it must be. Postgres lets nobody use a label of an enum in the transaction that
 * adds it. Where the way there adds one that is used, the enums grow in a stage before all else; where the way back
 * does, they shrink in one behind it. What gets another name may have it in a stage before these, so that all else
 * calls it by one name, there and back. Each stage leads from one model to another and is planned, there and back, like
 * a migration of its own, so that every file can be gone back by. */
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

enum state { BEFORE, RENAMED, GROWN, NOT_SHRUNK, AFTER };

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

static bool plan_renames(const struct plan *plan) {
  for (size_t i = 0; i < plan->count; i++)
    if (plan->steps[i].part == PART_NAMES)
      return true;
  return false;
}

static struct schema *compiled(const struct migration_plan *p, const struct node *tree) {
  struct diagnostics said; /* of the whole it was said already */
  diagnostics_init(&said, p->arena);
  return schema_compile(p->arena, tree, sql_cache_new(p->arena), &said);
}

/* The model as it was, by the names that it will have. */
static void rename_all(const struct migration_plan *p, struct schema *s) {
  const struct changes changes = changes_between(p->arena, s, compiled(p, p->models.after_tree));
  for (size_t i = 0; i < changes.count; i++) {
    struct object *o = (struct object *)(uintptr_t)changes.v[i].before;
    if (!changes.v[i].old_name)
      continue;
    o->was = changes.v[i].old_name;
    o->was_schema = changes.v[i].old_schema;
  }
  schema_forget(s);
}

static struct schema *model(const struct migration_plan *p, enum state state, bool renamed) {
  struct schema *s = compiled(p, state >= NOT_SHRUNK ? p->models.after_tree : p->models.before_tree);
  if (renamed && (state == RENAMED || state == GROWN))
    rename_all(p, s);
  if (state == GROWN)
    widen(p->arena, s, p->models.before_again, &p->up);
  else if (state == NOT_SHRUNK)
    widen(p->arena, s, p->models.after_again, &p->down);
  return s;
}

static void plan_stages(struct migration_plan *p, bool by_names) {
  const bool has[] = {[BEFORE] = true,
                      [RENAMED] = by_names && plan_renames(&p->up),
                      [GROWN] = commits(&p->up),
                      [NOT_SHRUNK] = commits(&p->down),
                      [AFTER] = true};
  struct diagnostics said;
  struct migration_plan **end = &p->stages;
  diagnostics_init(&said, p->arena);
  p->stages = NULL;
  for (enum state from = BEFORE, to = RENAMED; to <= AFTER && (has[RENAMED] || has[GROWN] || has[NOT_SHRUNK]); to++) {
    if (!has[to])
      continue;
    const struct migration_models models = {.before = model(p, from, has[RENAMED]),
                                            .after = model(p, to, has[RENAMED]),
                                            .before_again = model(p, from, has[RENAMED]),
                                            .after_again = model(p, to, has[RENAMED])};
    *end = migration_plan_one(p->arena, &models, p->offline, &said);
    end = &(*end)->next;
    from = to;
  }
}

/* What goes back to how it was is made of the text that it had, by names that are no more. */
static bool is_called_rightly(const struct migration_plan *p, const struct migration_plan *stage) {
  bool right = true;
  for (size_t i = 0; i < stage->downs.count && right; i++)
    right = !turns_mention_former(&p->there, stage->downs.v[i].sql);
  for (size_t i = 0; i < stage->ups.count && right; i++)
    right = !stage->ups.v[i].undo || !turns_mention_former(&p->there, stage->ups.v[i].undo);
  return right;
}

static bool are_sound(const struct migration_plan *p) {
  bool sound = p->stages != NULL;
  for (const struct migration_plan *stage = sound ? p->stages->next : NULL; stage && sound; stage = stage->next)
    sound = is_called_rightly(p, stage);
  return sound;
}

static size_t schedule_all(struct migration_plan *p) {
  size_t plain = p->stages ? 0 : schedule(p);
  for (struct migration_plan **at = &p->stages; *at;) {
    plain += schedule(*at);
    if ((*at)->ups.count || (*at)->downs.count)
      at = &(*at)->next;
    else
      *at = (*at)->next; /* nothing else changes */
  }
  return plain;
}

struct migration_plan *migration_plan(struct arena *arena, const struct migration_models *models, bool offline,
                                      struct diagnostics *d) {
  struct migration_plan *p = migration_plan_one(arena, models, offline, d);
  if (d->errors)
    return p;
  plan_stages(p, false);
  const size_t plain = schedule_all(p);
  struct migration_plan *const stages = p->stages;
  if (plain)
    plan_stages(p, true);
  if (plain && (!p->stages || schedule_all(p) >= plain || !are_sound(p)))
    p->stages = stages; /* for nothing */
  return p;
}
