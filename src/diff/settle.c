/* What is created, dropped, altered in place, and what must make way meanwhile. */
#include "diff/settle.h"

#include <string.h>

#include "objects/objects.h"
#include "sql/sql.h"

struct disturbance {
  const struct object *on; /* of the older model */
  uint64_t fields;
  struct disturbance *next;
};
struct settler {
  struct arena *arena;
  struct schema *before, *after;
  struct diagnostics *diagnostics;
  struct disturbance *first, **end;
  struct object **families; /* of the older model, the tables that stand under others, or are parted */
  size_t family_count;
  struct numbers users;     /* of the newer model, by address: struct depend, who depends on it; when first asked for */
  struct strbuf scratch;
};

static void disturb(struct settler *s, const struct object *on, uint64_t fields) {
  struct disturbance *d = arena_alloc(s->arena, sizeof *d);
  *d = (struct disturbance){.on = on, .fields = fields};
  *s->end = d;
  s->end = &d->next;
}

static void make_anew(struct settler *s, struct object *o) {
  if (o->parent && is_kind(o->parent, KIND_COMPOSITE))
    o = o->parent;
  if (o->mark == WANTED)
    return;
  o->mark = WANTED;
  o->match->mark = GONE;
  disturb(s, o->match, REPLACED);
}

/* What altering these fields takes from it, so that it has to be said again. */
static uint64_t reset_by(const struct object *o, uint64_t fields) {
  uint64_t reset = 0;
  for (size_t i = 0; fields & o->kind->disturbs && o->kind->fields[i].label; i++)
    if (o->kind->resets >> i & 1 && *(const char *const *)(const void *)((const char *)o + o->kind->fields[i].offset))
      reset |= UINT64_C(1) << i;
  return reset;
}

static void alter(struct settler *s, struct object *o, uint64_t fields) {
  fields |= reset_by(o, fields);
  if (o->mark == WANTED || (o->differs | fields) == o->differs)
    return;
  o->differs |= fields;
  strbuf_clear(&s->scratch);
  if (o->kind->alter && o->kind->alter(o->match, o, o->differs, &s->scratch))
    disturb(s, o->match, fields);
  else
    make_anew(s, o);
}

/* Of a type made of the table's rows only the name is known. */
static bool is_of(const struct type_ref *type, const struct object *on) {
  return type->object == on || (!type->object && type->schema && on->schema && strcmp(type->schema, on->schema) == 0 &&
                                strcmp(type->name, on->name) == 0);
}

/* The fields of `o` that may speak of `on`: its own type, a name under the word of the kind, else its expressions. */
static uint64_t fields_of(const struct object *o, const struct object *on) {
  uint64_t types = 0, expressions = 0;
  for (size_t i = 0; o->kind->fields[i].label; i++) {
    const struct field *f = &o->kind->fields[i];
    const void *at = (const char *)o + f->offset;
    if (on && (f->type == FIELD_TYPE ? is_of(at, on)
                                     : f->type == FIELD_TEXT && strcmp(f->label, on->kind->word) == 0))
      types |= UINT64_C(1) << i;
    else if (f->type == FIELD_KEYS || f->type == FIELD_NAME_SET ||
             (f->type == FIELD_EXPR && ((const struct expr *)at)->sql))
      expressions |= UINT64_C(1) << i;
  }
  return types ? types : expressions;
}

/* Whether a table is taken from under those above it for a while. */
static bool is_away(struct settler *s, const struct object *table) {
  if (!table->match || !table->differs || !table->kind->first || !table->kind->descends(table->match, table, NULL))
    return false;
  strbuf_clear(&s->scratch);
  table->kind->first(table->match, table, table->differs, &s->scratch);
  return s->scratch.len > 0;
}

/* What a column has from a table above is altered there, for all. What it has otherwise it says again. */
static uint64_t say_of(struct settler *s, const struct object *o, uint64_t fields) {
  const struct object *table = o->parent;
  if (!o->above || !o->above->match || !o->match->above || !table->match ||
      !table->kind->descends(table->match, table, o) || is_away(s, table))
    return fields;
  return o->inherited ? 0 : (fields | fields_of(o, NULL) | reset_by(o, fields)) & o->kind->overrides;
}

/* What holds data is altered; else nothing is lost by making it anew. */
static void make_way(struct settler *s, struct object *o, const struct object *on) {
  if (object_holds_data(o))
    alter(s, o, say_of(s, o, fields_of(o, on)));
  else
    make_anew(s, o);
}

static void list_users(struct settler *s) {
  numbers_init(&s->users, s->arena);
  for EACH_OBJECT(s->after, o)
    for (const struct depend *d = o->match && !o->external ? o->depends : NULL; d; d = d->next) {
      struct depend *user = arena_alloc(s->arena, sizeof *user);
      *user = (struct depend){.on = o, .next = numbers_get(&s->users, (uintptr_t)d->on)};
      numbers_set(&s->users, (uintptr_t)d->on, user);
    }
}

static void type_made_anew(struct settler *s, const struct object *type) {
  if (!s->users.arena)
    list_users(s);
  for (const struct depend *user = numbers_get(&s->users, (uintptr_t)type); user; user = user->next)
    alter(s, user->on, say_of(s, user->on, fields_of(user->on, type)));
}

/* What is of a type that another kind replaces, be it one of rows, is of the new one. */
static void replace_type(struct settler *s, const struct object *gone) {
  static const enum namespace spaces[] = {NS_TYPE, NS_RELATION};
  const bool any = !gone->parent && (gone->kind->ns == NS_TYPE || gone->kind->ns == NS_RELATION);
  for (size_t i = 0; any && i < ARRAY_LEN(spaces); i++) {
    const struct object *new = schema_find(s->after, spaces[i], gone->schema, NULL, gone->name);
    if (new)
      type_made_anew(s, new);
  }
}

static void spread_among(struct settler *s, const struct depend *dependents, const struct disturbance *d) {
  const bool replaced = d->fields == REPLACED;
  for (; dependents; dependents = dependents->next) {
    struct object *o = dependents->on;
    if (o->match && !o->match->external && (replaced || !o->kind->leans))
      make_way(s, o->match, d->on->match);
  }
}

/* What depends on a whole may mean any column of it: a compiled model does not know which a view reads, or a rule of the
 * table; nor, of the rows that a function returns, which of theirs. */
static void spread_to_readers(struct settler *s, const struct object *column, const struct object *whole) {
  for (const struct depend *each = whole->dependents; each; each = each->next) {
    struct object *o = each->on;
    if (s->before->written && function_result_type(o) == column->parent)
      spread_to_readers(s, column, o);
    else if (o->match && !o->match->external && o->parent != column->parent && !o->kind->leans && !object_holds_data(o))
      make_anew(s, o->match);
  }
}

static void spread_from_column(struct settler *s, const struct object *column) {
  spread_to_readers(s, column, column->parent);
  for EACH_CHILD(column->parent, o)
    if (is_kind(o, KIND_RULE) && o->match && column->mark != GONE)
      make_anew(s, o->match);
}

static void make_way_leaning(struct settler *s, struct object *o, const struct disturbance *d) {
  if (o->kind->leans && o->match && !o->match->external && o->kind->leans(o, d->on, d->fields))
    make_anew(s, o->match);
}

static void make_dependents_way(struct settler *s, const struct object *of, const struct disturbance *d) {
  for (const struct depend *each = of->dependents; each; each = each->next)
    make_way_leaning(s, each->on, d);
}

/* What may lean on it: what is in the same table, what depends on any of that, and tables of its family. */
static void spread_to_leaning(struct settler *s, const struct disturbance *d) {
  const struct object *table = d->on->parent ? d->on->parent : d->on;
  make_dependents_way(s, table, d);
  for EACH_CHILD(table, o) {
    make_way_leaning(s, o, d);
    make_dependents_way(s, o, d);
  }
  for (size_t i = 0; i < s->family_count; i++)
    make_way_leaning(s, s->families[i], d);
}

static bool has_more_to_hold(const struct object *domain) {
  return domain && is_kind(domain, KIND_DOMAIN) && domain->match && domain->mark == STAYS && domain->differs &&
         domain_adds_to_check(domain->match, domain);
}

/* Of the newer model, where it is known. */
static bool returns_rows(const struct object *o, const struct object *of) {
  return of->match && o->match && function_result_type(o->match) == of->match;
}

/* What stores rows of it, by itself or by a view, a function that returns them. given: they are among its own columns,
 * so that whoever reads it may store them. */
static void spread_to_rows(struct settler *s, const struct object *of, bool given, struct numbers *seen) {
  for (const struct depend *d = of->dependents; d; d = d->next) {
    struct object *o = d->on;
    const bool stored = is_kind(o, KIND_MATVIEW), query = stored || is_kind(o, KIND_VIEW);
    if (!o->match || o->match->external || !(query || returns_rows(o, of)))
      continue;
    const bool gives = given || (query && sql_gives_rows(((const struct sql_view *)o)->query.sql, of->name));
    if (stored && gives)
      make_anew(s, o->match);
    static bool reads = false, has = true; /* many ways lead to a view */
    const bool *was = numbers_get(seen, (uintptr_t)o);
    if (was && (*was || !gives))
      continue;
    numbers_set(seen, (uintptr_t)o, gives ? &has : &reads);
    spread_to_rows(s, o, gives, seen);
  }
}

/* Postgres looks for values of a domain that has more to hold wherever they are stored, and at none within rows. */
static void spread_from_domain(struct settler *s, const struct object *domain) {
  if (!has_more_to_hold(domain->match))
    return;
  struct numbers seen;
  numbers_init(&seen, s->arena);
  for (const struct depend *d = domain->dependents; d; d = d->next)
    if (is_kind(d->on, KIND_COLUMN) && is_kind(d->on->parent, KIND_TABLE)) {
      spread_to_rows(s, d->on->parent, false, &seen);
      spread_to_rows(s, d->on, false, &seen); /* the server knows which view reads which column */
    }
}

static void spread(struct settler *s, const struct disturbance *d) {
  spread_to_leaning(s, d);
  if (is_kind(d->on, KIND_DOMAIN))
    spread_from_domain(s, d->on);
  if (d->fields == REPLACED || d->fields & d->on->kind->disturbs) {
    spread_among(s, d->on->dependents, d);
    if (is_kind(d->on, KIND_COLUMN))
      spread_from_column(s, d->on);
  }
  /* what goes takes its parts along, which others may need */
  for EACH_CHILD(d->on, child)
    if (d->fields == REPLACED)
      spread_among(s, child->dependents, &(struct disturbance){.on = child, .fields = REPLACED});
  if (d->fields == REPLACED && d->on->match && d->on->kind->ns == NS_TYPE)
    type_made_anew(s, d->on->match);
}

static void list_dependents(struct settler *s) {
  for EACH_OBJECT(s->before, o)
    o->dependents = NULL;
  for EACH_OBJECT(s->before, o)
    for (const struct depend *d = o->depends; d; d = d->next) {
      if (d->soft)
        continue;
      struct depend *back = arena_alloc(s->arena, sizeof *back);
      *back = (struct depend){.on = o, .next = d->on->dependents};
      d->on->dependents = back;
    }
}

static void list_families(struct settler *s) {
  size_t room = 0;
  for (struct object *o = s->before->first; o; o = o->next) {
    const struct table *t = (const struct table *)o;
    if (!is_kind(o, KIND_TABLE) || (!t->above_count && !t->partition_by.sql))
      continue;
    s->families = arena_grow(s->arena, s->families, s->family_count, &room, sizeof *s->families);
    s->families[s->family_count++] = o;
  }
}

/* ── what stands in the way ── */

static const char *fate(const struct object *on) {
  if (on->mark == GONE)
    return on->match ? "is made anew" : "is dropped";
  return on->match && on->match->differs & on->kind->disturbs ? "changes its type" : NULL;
}

static void refuse(struct settler *s, const char *title, const struct object *on) {
  const char *what = fate(on);
  if (!what)
    return;
  const struct object *place = on->match ? on->match : on;
  struct diagnostic *d = diagnose(s->diagnostics, PDL_DEPENDENT, on->match ? place->span : NO_SPAN,
                                  "%s needs %s, which %s", title, object_title(s->arena, on), what);
  diagnostic_hint(s->diagnostics, d,
                  "The schema does not speak of it, so it is not dropped along. Drop it, push, and make it again.");
}

/* What is not in the newer model, yet stays: in a schema of others, or made by a sql block. In a model
 * that was written nothing stays unsaid. */
static void refuse_unmanaged(struct settler *s) {
  for (const struct unmanaged *each = s->before->unmanaged; each; each = each->next)
    refuse(s, each->title, each->on);
  for (struct object *o = s->before->written ? NULL : s->before->first; o; o = object_after(o))
    for (const struct depend *d = o->match || o->inherited || o->implied || o->mark == GONE ? NULL : o->depends; d;
         d = d->next)
      if (!d->soft && (!o->parent || d->on->parent != o->parent))
        refuse(s, object_title(s->arena, o), d->on);
}

/* What is in every row from the start. */
static bool is_filled(const struct column *c) {
  return column_has_default(c) || c->neutral || c->generated.sql ||
         (c->type.object && is_kind(c->type.object, KIND_DOMAIN));
}

static bool is_altered(const struct object *column) {
  return !column->match ? is_filled((const struct column *)column)
                        : column->differs & column->kind->disturbs ||
                              has_more_to_hold(((const struct column *)column)->type.object);
}

static bool is_altered_within(const struct object *table) {
  if (!table->match || table->mark != STAYS)
    return false;
  for EACH_CHILD(table->match, o)
    if (is_kind(o, KIND_COLUMN) && is_altered(o))
      return true;
  return false;
}

const struct object *settle_rows_altered(const struct object *o) {
  const struct type_ref *type = is_kind(o, KIND_COLUMN) ? &((const struct column *)o)->type : NULL;
  const struct object *found = NULL;
  for (const struct depend *d = o->depends; d && !found; d = d->next) {
    if (d->on->kind->ns == NS_TYPE)
      found = settle_rows_altered(d->on);
    else if (is_kind(d->on, KIND_TABLE) && type && type->schema && strcmp(type->schema, d->on->schema) == 0 &&
             strcmp(type->name, d->on->name) == 0)
      found = is_altered_within(d->on) ? d->on : NULL;
  }
  for (const struct object *part = is_kind(o, KIND_COMPOSITE) ? o->first_child : NULL; part && !found;
       part = part->next)
    found = settle_rows_altered(part);
  return found;
}

static void refuse_rows(struct settler *s) {
  for EACH_OBJECT(s->after, o) {
    const bool stays = is_kind(o, KIND_COLUMN) && is_kind(o->parent, KIND_TABLE) && o->match && o->mark == STAYS;
    const struct object *rows = stays ? settle_rows_altered(o->match) : NULL;
    if (!rows || o->parent->mark != STAYS)
      continue;
    struct diagnostic *d = diagnose(s->diagnostics, PDL_DEPENDENT, o->span, "%s holds rows of %s, whose columns change",
                                    object_title(s->arena, o), object_title(s->arena, rows));
    diagnostic_hint(s->diagnostics, d, "Take it out, push, and give it back; or give it a type with such parts.");
  }
}

/* What happens to the column above, be it there or further above. */
static uint64_t altered_above(struct settler *s, const struct object *o) {
  uint64_t fields = 0;
  for (const struct object *a = o->above; a && a->match && a->mark == STAYS;
       a = is_away(s, a->parent) ? NULL : a->above)
    fields |= a->differs;
  return fields;
}

static bool is_new_above(const struct object *o) {
  const struct object *a = o->above;
  while (a->above && !a->match && a->mark != WANTED)
    a = a->above;
  return a->mark == WANTED;
}

/* A change above reaches those who have it otherwise too, who say it again. A table that is taken from under the other
 * for a while makes it by itself. */
static void follow_above(struct settler *s, struct object *o) {
  const struct object *table = o->parent;
  const bool away = is_away(s, table);
  if (o->mark != STAYS || table->mark != STAYS)
    return;
  if (away && !o->match && is_new_above(o))
    o->mark = WANTED;
  else if (o->match && o->above->match && o->above->mark == STAYS) {
    const uint64_t fields = altered_above(s, o),
                   own = fields & o->kind->disturbs ? say_of(s, o, fields) : fields & o->kind->overrides;
    alter(s, o, away ? fields : o->inherited ? fields & o->kind->unreached : own);
  }
}

/* A table that was made anew is no longer published. */
static void publish_again(struct settler *s, struct object *publication) {
  for (const struct depend *d = publication->depends; d; d = d->next)
    if (d->on->match && d->on->mark == WANTED)
      alter(s, publication, fields_of(publication, NULL));
}

/* What goes with the table that owns it has to leave that before, where others need it. */
static void part_shared(struct settler *s) {
  for (struct object *o = s->before->first; o; o = o->next) {
    const struct object *table = sequence_is_shared(o) ? ((const struct sequence *)o)->owner_table : NULL;
    if (!table || table->mark != GONE || o->match || o->mark != STAYS)
      continue;
    o->mark = GONE;
    disturb(s, o, REPLACED);
  }
}

void settle_changes(struct arena *arena, struct schema *after, const struct changes *changes,
                    struct diagnostics *diagnostics) {
  struct settler s = {
      .arena = arena,
      .before = changes->before,
      .after = after,
      .diagnostics = diagnostics,
      .scratch = STRBUF_INIT,
  };
  s.end = &s.first;
  list_dependents(&s);
  list_families(&s);
  for EACH_OBJECT(s.before, o)
    o->mark = STAYS;
  for EACH_OBJECT(after, o) {
    o->mark = STAYS;
    o->differs = 0;
  }
  for (size_t i = 0; i < changes->count; i++) {
    const struct change *c = &changes->v[i];
    struct object *before = (struct object *)(uintptr_t)c->before, *o = (struct object *)(uintptr_t)c->after;
    switch (c->verb) {
    case CHANGE_ADD: o->mark = WANTED; break;
    case CHANGE_REMOVE:
      before->mark = GONE;
      disturb(&s, before, REPLACED);
      replace_type(&s, before);
      break;
    case CHANGE_ALTER: alter(&s, o, c->fields); break;
    }
  }
  part_shared(&s);
  for EACH_OBJECT(after, o)
    if (o->above)
      follow_above(&s, o);
  for (const struct disturbance *d = s.first; d; d = d->next)
    spread(&s, d);
  for EACH_OBJECT(s.before, o)
    if (o->parent && o->parent->mark == GONE)
      o->mark = GONE;
  for (struct object *o = after->first; o; o = o->next)
    if (is_kind(o, KIND_PUBLICATION) && o->match && o->mark == STAYS)
      publish_again(&s, o);
  for EACH_OBJECT(after, o) {
    if (o->parent && o->parent->mark == WANTED)
      o->mark = WANTED;
    else if (o->parent)
      o->folded = false;
  }
  refuse_unmanaged(&s);
  refuse_rows(&s);
  strbuf_release(&s.scratch);
}
