/* What a change of type does to the rows that are there: tablecmds.c decides by casts that need no function and by
 * support functions of casts to the same type with other modifiers. */
#include <stdlib.h>

#include "objects/objects.h"

static bool is_one_of(const char *name, const char *const *list) {
  for (; *list; list++)
    if (strcmp(name, *list) == 0)
      return true;
  return false;
}

/* "12,2": the first number, and the second or 0. */
static void read_mods(const char *mods, long *first, long *second) {
  char *end;
  *first = strtol(mods, &end, 10);
  *second = *end == ',' ? strtol(end + 1, NULL, 10) : 0;
}

const char *type_limit(const struct type_ref *t) {
  static const char *const times[] = {"timestamp", "timestamptz", "time", "timetz", "interval", NULL};
  return t->mods && strcmp(t->mods, "6") == 0 && is_one_of(t->name, times) ? NULL : t->mods;
}

/* Types whose values stay where the modifier leaves more room. */
static bool has_room(const struct type_ref *from, const struct type_ref *to) {
  static const char *const widening[] = {"varchar", "varbit",   "timestamp", "timestamptz", "time",
                                         "timetz",  "interval", "numeric",   NULL};
  long a, b, x, y;
  if (!is_one_of(from->name, widening))
    return false;
  if (!type_limit(to))
    return true;
  if (!from->mods)
    return false;
  read_mods(from->mods, &a, &x);
  read_mods(to->mods, &b, &y);
  return b >= a && x == y;
}

static bool same_bytes(const struct type_ref *from, const struct type_ref *to) {
  static const char *const texts[] = {"text", "varchar", "xml", NULL}, *const unbounded[] = {"text", "varchar", NULL};
  if (to->mods)
    return strcmp(from->name, "varchar") == 0 && strcmp(to->name, "varchar") == 0 && has_room(from, to);
  return (is_one_of(from->name, texts) && is_one_of(to->name, unbounded)) ||
         (strcmp(from->name, "cidr") == 0 && strcmp(to->name, "inet") == 0) ||
         (strcmp(from->name, "bit") == 0 && strcmp(to->name, "varbit") == 0);
}

static bool is_pair(const struct type_ref *a, const struct type_ref *b, const char *x, const char *y) {
  return (strcmp(a->name, x) == 0 && strcmp(b->name, y) == 0) || (strcmp(a->name, y) == 0 && strcmp(b->name, x) == 0);
}

/* What a domain is made of; NULL where it has constraints, which every row is tried by. */
static const struct type_ref *base_of(const struct type_ref *t, bool constrained) {
  while (t && !t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN)) {
    const struct domain *d = (const struct domain *)t->object;
    t = constrained && (d->checks || d->check_texts.n || d->not_null) ? NULL : &d->type;
  }
  return t;
}

enum type_change type_change(const struct type_ref *from, const struct type_ref *to) {
  if (type_equal(from, to))
    return TYPE_KEPT;
  from = base_of(from, false);
  to = base_of(to, true);
  if (!to)
    return TYPE_REWRITTEN;
  if (type_equal(from, to))
    return TYPE_KEPT;
  if (from->dimensions || to->dimensions || from->schema || to->schema)
    return TYPE_REWRITTEN;
  if (same_bytes(from, to) || (strcmp(from->name, to->name) == 0 && has_room(from, to)))
    return TYPE_KEPT;
  if (!to->mods && (is_pair(from, to, "timestamp", "timestamptz") || is_pair(from, to, "int4", "oid")))
    return TYPE_REINDEXED;
  return TYPE_REWRITTEN;
}

bool type_is_constrained(const struct type_ref *t) {
  return base_of(t, true) == NULL;
}
