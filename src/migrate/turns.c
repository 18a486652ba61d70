/* Which steps of a plan must keep their turn. */
#include <ctype.h>
#include <string.h>

#include "migrate/private.h"
#include "objects/objects.h"

/* What those who depend on a column of another table do not notice, unless it is handed down to them. */
enum { COLUMN_UNNOTICED = COLUMN_NOT_NULL | COLUMN_DEFAULT | COLUMN_COMPRESSION | COLUMN_STORAGE | COLUMN_STATISTICS };

static bool is_same(const struct object *a, const struct object *b) {
  return a && b && models_canonical(a) == models_canonical(b);
}

/* The column as the model knows it that has the table. */
static const struct object *column_of(const struct object *column, const struct object *table) {
  return column->parent == table ? column : column->match && column->match->parent == table ? column->match : NULL;
}

static bool names_columns(const struct object *o) {
  return is_kind(o, KIND_POLICY) || is_kind(o, KIND_TRIGGER) || is_kind(o, KIND_STATISTICS);
}

static bool is_named(const struct object *o, const struct object *column) {
  for (const struct depend *d = o->depends; d; d = d->next)
    if (d->on == column)
      return true;
  return false;
}

bool turns_is_about(const struct object *o, const struct object *column) {
  if (column->kind->ns != NS_COLUMN || o->kind->ns == NS_COLUMN)
    return false;
  return o->kind->leans ? o->kind->leans(o, column, REPLACED) : !names_columns(o) || is_named(o, column);
}

/* Whether a table has the column from that one. */
static bool has_from(const struct object *table, const struct object *column) {
  for (const struct object *o = is_kind(table, KIND_TABLE) ? table->first_child : NULL; o; o = o->next)
    for (const struct object *above = o->above; above; above = above->above)
      if (is_same(above, column))
        return true;
  return false;
}

/* What reads a table may read any column of it, and group by its primary key; a function may also count on rows that
 * are unique. */
static bool is_read_with_table(const struct object *reader, const struct object *part) {
  const bool view = is_kind(reader, KIND_VIEW) || is_kind(reader, KIND_MATVIEW);
  if (is_kind(part, KIND_KEY))
    return !view || ((const struct key *)part)->primary;
  return part->kind->ns == NS_COLUMN ||
         (!view &&
          (is_kind(part, KIND_EXCLUDE) || (is_kind(part, KIND_INDEX) && ((const struct index *)part)->unique)));
}

static bool is_in(const struct object *o, const struct object *schema) {
  return is_kind(schema, KIND_SCHEMA) && o->schema && strcmp(o->schema, schema->name) == 0;
}

/* What reads the rows of a function, which may be those of a table. */
static bool reads_rows(const struct object *o, const struct object *function) {
  return is_kind(function, KIND_FUNCTION) && !is_kind(o, KIND_FUNCTION);
}

static bool depends(const struct object *o, const struct object *on) {
  const struct object *column = on->kind->ns == NS_COLUMN && o->parent ? column_of(on, o->parent) : NULL;
  if (is_same(o->parent, on) || is_in(o, on) || (column && turns_is_about(o, column)))
    return true;
  for (const struct depend *d = o->depends; d; d = d->next)
    if (is_same(d->on, on) || is_same(d->on->parent, on) || (is_same(d->on, on->parent) && is_read_with_table(o, on)) ||
        (on->kind->ns == NS_COLUMN && has_from(d->on, on)) || (reads_rows(o, d->on) && depends(d->on, on)))
      return true;
  for EACH_CHILD(o, child)
    if (child->folded && child != on && depends(child, on))
      return true;
  return false;
}

/* As it was, or as it will be. */
static bool step_depends(const struct step *s, const struct object *on) {
  const struct object *o = s->object;
  return depends(o, on) || (s->verb == STEP_ALTER && o->match && depends(o->match, on));
}

/* Whether its statements may call the object by its name. */
static bool says(const struct step *s, const struct object *o) {
  const struct object *own = s->object;
  const bool briefly = (s->verb == STEP_DROP || s->verb == STEP_COMMENT) && own->kind->ns != NS_KIND && !own->signature;
  return is_same(own, o) || is_same(own->parent, o) || (!briefly && step_depends(s, o)) || is_kind(o, KIND_SCHEMA);
}

/* As the index by which rows are told apart, or lie. */
static bool speaks_of(const struct object *table, const struct object *index) {
  static const char by_index[] = "index ";
  const struct table *t = (const struct table *)table;
  const char *replica =
      t->replica && strncmp(t->replica, by_index, strlen(by_index)) == 0 ? t->replica + strlen(by_index) : "";
  return strcmp(replica, index->name) == 0 || (t->cluster && strcmp(t->cluster, index->name) == 0);
}

static bool is_quiet(const struct step *s) {
  return s->part == PART_BODY && is_kind(s->object, KIND_TABLE) && s->object->match &&
         !(s->object->differs & (TABLE_UNLOGGED | TABLE_PARTITION_BY | TABLE_SERVER));
}

/* Whether what another step is about notices that a table is altered. */
static bool is_noticed(const struct step *s, const struct step *by) {
  const struct object *table = s->object;
  if (s->part == PART_BODY)
    return !is_quiet(s) || is_kind(by->object, KIND_POLICY);
  return (table->differs & (TABLE_PARENTS | TABLE_BOUNDS)) ||
         (by->verb == STEP_CREATE && is_same(by->object->parent, table) && speaks_of(table, by->object));
}

/* Whether what depends on its object notices the step. */
static bool matters(const struct step *s, const struct step *to) {
  const struct object *o = s->object;
  if (s->verb == STEP_COMMENT || to->verb == STEP_COMMENT)
    return s->verb != STEP_ALTER && s->verb != STEP_COMMENT && is_same(o, to->object->parent);
  if (s->verb != STEP_ALTER || s->part == PART_NAMES || !o->match || !o->differs)
    return s->part != PART_NAMES;
  if (is_kind(o, KIND_TABLE))
    return is_noticed(s, to);
  if (is_kind(o, KIND_COLUMN) && !is_same(o->parent, to->object->parent))
    return (o->differs & ~(uint64_t)COLUMN_UNNOTICED) || (to->verb == STEP_CREATE && has_from(to->object, o));
  return true;
}

bool turns_is_relation(const struct object *o) {
  return o->kind->ns == NS_RELATION || is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE);
}

static bool may_share_name(const struct object *o) {
  return !o->parent || turns_is_relation(o);
}

/* Relations and the like do in a schema; constraints of whatever kind, and triggers, on a table. */
static bool share_name(const struct object *a, const struct object *b) {
  if (strcmp(a->name ? a->name : "", b->name ? b->name : "") != 0)
    return false;
  if (a->parent && a->kind->ns == b->kind->ns && is_same(a->parent, b->parent))
    return true;
  return ((!a->parent && !b->parent) || (turns_is_relation(a) && turns_is_relation(b))) && a->schema && b->schema &&
         strcmp(a->schema, b->schema) == 0;
}

/* Whether what the step is about is called so, or what is made along with it. */
static bool takes_name(const struct step *s, const struct object *o) {
  bool any = share_name(s->object, o);
  const bool created = s->verb == STEP_CREATE;
  for (const struct object *part = created ? s->object->first_child : NULL; part && !any; part = part->next)
    any = part->folded && share_name(part, o);
  return any;
}

/* What the step renames, by the name that it gives up; otherwise by its own. */
static struct object given_up(const struct step *s) {
  struct object o = *s->object;
  const struct former *former = s->part == PART_NAMES && o.match ? o.match->former : NULL;
  if (former) {
    o.schema = former->schema;
    o.name = former->name;
  }
  return o;
}

/* Whether the other one may take the name that the step gives up. */
static bool hands_on(const struct step *s, const struct step *other) {
  const struct object o = given_up(s);
  return takes_name(other, &o);
}

static bool turn_on_name(const struct step *a, const struct step *b) {
  return (a->part == PART_NAMES && says(b, a->object)) || (b->part == PART_NAMES && says(a, b->object));
}

static bool renames_labels(const struct step *s) {
  return is_kind(s->object, KIND_ENUM) && s->object->match && strstr(s->sql, " RENAME VALUE ");
}

static bool says_label(const struct step *s, struct names labels, struct names kept) {
  for (size_t i = 0; i < labels.n; i++)
    if (!names_hold(kept, labels.v[i]) && sql_says(s->sql, labels.v[i]))
      return true;
  return false;
}

/* Whether a label gets another name that the other one may say, of whichever kind it is. */
static bool turn_on_label(const struct step *s, const struct step *other) {
  if (!renames_labels(s) || other->verb == STEP_COMMENT)
    return false;
  const struct names one = ((const struct enum_type *)s->object)->names,
                     two = ((const struct enum_type *)s->object->match)->names;
  return says_label(other, one, two) || says_label(other, two, one);
}

static bool hinge(const struct step *a, const struct step *b) {
  if (is_same(a->object, b->object))
    return a->part == b->part || turn_on_name(a, b) || !(is_quiet(a) || is_quiet(b));
  return takes_name(a, b->object) || takes_name(b, a->object) || hands_on(a, b) || hands_on(b, a) ||
         turn_on_name(a, b) || turn_on_label(a, b) || turn_on_label(b, a) ||
         (step_depends(a, b->object) && matters(b, a)) || (step_depends(b, a->object) && matters(a, b));
}

/* ── pairs ── */

/* The steps about an object, or a part of it. */
struct about {
  size_t place; /* in the order */
  struct about *next;
};
struct home {
  struct about *own, *columns, *parts; /* of an object itself, of its columns, of its other parts */
};
struct pairing {
  struct turns *turns;
  struct map names;      /* by name_key: those about what is called so */
  struct home *homes;    /* by the slot of an object */
  size_t home_count, home_room;
  size_t *seen;          /* from 1: by which place a place was paired last */
};

static void add_about(struct pairing *p, struct about **list, size_t place) {
  struct about *a = arena_alloc(p->turns->arena, sizeof *a);
  *a = (struct about){place, *list};
  *list = a;
}

static struct object *home_of(const struct object *o) {
  return o ? (struct object *)(uintptr_t)models_canonical(o) : NULL;
}

static struct home *make_home(struct pairing *p, const struct object *o) {
  struct object *at = home_of(o);
  if (!at->slot) {
    p->homes = arena_grow(p->turns->arena, p->homes, p->home_count, &p->home_room, sizeof *p->homes);
    p->homes[p->home_count++] = (struct home){0};
    at->slot = p->home_count;
  }
  return &p->homes[at->slot - 1];
}

static void settle(struct pairing *p, const struct object *o, size_t place) {
  add_about(p, &make_home(p, o)->own, place);
  struct home *parents = o->parent ? make_home(p, o->parent) : NULL;
  if (parents)
    add_about(p, o->kind->ns == NS_COLUMN ? &parents->columns : &parents->parts, place);
}

/* What the object's name must differ from, in the ways of share_name: names in its schema, and names on its table. */
static const char *name_key(const struct pairing *p, const struct object *o, bool on_table) {
  const char *name = o->name ? o->name : "";
  if (on_table)
    return o->parent ? arena_printf(p->turns->arena, "%zu %d %s", home_of(o->parent)->slot, (int)o->kind->ns, name)
                     : NULL;
  return o->schema && may_share_name(o) ? arena_printf(p->turns->arena, "%s.%s", o->schema, name) : NULL;
}

static void settle_by_name(struct pairing *p, const struct object *o, size_t place) {
  for (int on_table = 0; on_table < 2; on_table++) {
    const char *key = name_key(p, o, on_table);
    struct about **list = key ? map_get(&p->names, key) : NULL;
    if (key && !list)
      map_add(&p->names, key, list = arena_alloc(p->turns->arena, sizeof *list));
    if (key)
      add_about(p, list, place);
  }
}

static void pair(struct pairing *p, size_t a, size_t b) {
  struct turns *t = p->turns;
  if (a == b || p->seen[b] == a + 1)
    return;
  p->seen[b] = a + 1;
  const size_t first = t->order[a < b ? a : b], then = t->order[a < b ? b : a];
  const struct turn_pair found = {first, then, hinge(&t->steps[first], &t->steps[then]),
                                  turn_on_name(&t->steps[first], &t->steps[then])};
  if (!found.hinge)
    return;
  t->pairs = arena_grow(t->arena, t->pairs, t->pair_count, &t->room, sizeof *t->pairs);
  t->pairs[t->pair_count++] = found;
}

static void pair_all(struct pairing *p, size_t place, const struct about *list) {
  for (; list; list = list->next)
    pair(p, place, list->place);
}

static const struct home *find_home(const struct pairing *p, const struct object *o) {
  static const struct home none;
  const struct object *at = home_of(o);
  return at && at->slot ? &p->homes[at->slot - 1] : &none;
}

static void pair_own(struct pairing *p, size_t place, const struct object *o) {
  pair_all(p, place, find_home(p, o)->own);
}

/* With all that is about what the object needs, and about the tables above. Parts of one table need one another only
 * where they say so, but for its columns. */
static void pair_needs(struct pairing *p, size_t place, const struct object *o) {
  pair_own(p, place, o);
  pair_own(p, place, o->parent);
  if (o->kind->ns != NS_COLUMN)
    pair_all(p, place, find_home(p, o->parent)->columns);
  for (const struct depend *d = o->depends; d; d = d->next) {
    pair_own(p, place, d->on);
    pair_own(p, place, d->on->parent);
    if (d->on != o->parent) {
      pair_all(p, place, find_home(p, d->on)->columns);
      pair_all(p, place, find_home(p, d->on)->parts);
    }
    if (reads_rows(o, d->on))
      pair_needs(p, place, d->on);
    for EACH_CHILD(d->on, column)
      for (const struct object *above = column->above; above; above = above->above)
        pair_own(p, place, above);
  }
  for EACH_CHILD(o, child)
    if (child->folded)
      pair_needs(p, place, child);
}

static void pair_step(struct pairing *p, size_t place) {
  const struct step *step = &p->turns->steps[p->turns->order[place]];
  pair_needs(p, place, step->object);
  if (step->object->match)
    pair_needs(p, place, step->object->match);
  for (int on_table = 0; on_table < 2; on_table++) {
    const char *key = name_key(p, step->object, on_table);
    if (key)
      pair_all(p, place, *(struct about **)map_get(&p->names, key));
  }
  const bool anywhere = is_kind(step->object, KIND_SCHEMA) || renames_labels(step);
  for (size_t i = 0; anywhere && i < p->turns->count; i++)
    pair(p, place, i);
}

void turns_pair(struct turns *t, struct schema *before, struct schema *after) {
  struct pairing p = {.turns = t, .seen = arena_array(t->arena, t->count, sizeof *p.seen)};
  map_init(&p.names, t->arena);
  for EACH_OBJECT(before, o)
    o->slot = 0;
  for EACH_OBJECT(after, o)
    o->slot = 0;
  for (size_t i = 0; i < t->count; i++) {
    const struct object *o = t->steps[t->order[i]].object;
    settle(&p, o, i);
    const struct object former = given_up(&t->steps[t->order[i]]);
    settle_by_name(&p, o, i);
    const bool created = t->steps[t->order[i]].verb == STEP_CREATE;
    for (const struct object *part = created ? o->first_child : NULL; part; part = part->next)
      if (part->folded)
        settle_by_name(&p, part, i);
    if (former.name != o->name || former.schema != o->schema)
      settle_by_name(&p, &former, i);
  }
  for (size_t i = 0; i < t->count; i++)
    pair_step(&p, i);
}

/* ── former names ── */

static bool is_in_word(char c) {
  return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool has_word(const char *sql, const char *word) {
  const size_t n = strlen(word);
  for (const char *at = sql; (at = strstr(at, word)) != NULL; at++)
    if ((at == sql || !is_in_word(at[-1]) || !is_in_word(*word)) && (!is_in_word(at[n]) || !is_in_word(word[n - 1])))
      return true;
  return false;
}

bool turns_mention_former(const struct changes *changes, const char *sql) {
  struct strbuf word = STRBUF_INIT;
  bool found = false;
  for (size_t i = 0; i < changes->count && !found; i++) {
    const struct change *c = &changes->v[i];
    if (!c->old_name)
      continue;
    strbuf_clear(&word);
    if (strcmp(c->old_name, c->before->name) == 0)
      sql_qualified(&word, c->old_schema, c->old_name);
    else
      sql_ident(&word, c->old_name);
    found = has_word(sql, word.text);
  }
  strbuf_release(&word);
  return found;
}
