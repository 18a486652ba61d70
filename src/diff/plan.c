/* The plan that creates or changes a schema: a step an object, comments behind what they speak of. Of a change:
 * renames, then drops of what others need not outlive, then all that is made or altered, then drops of what holds data. */
#include <string.h>

#include "diff/diff.h"
#include "diff/drops.h"
#include "diff/match.h"
#include "diff/settle.h"
#include "objects/opaque.h"
#include "sql/sql.h"

struct builder {
  struct arena *arena;
  struct schema *before, *after; /* before: NULL where there was nothing */
  struct object **old_order;     /* of before */
  size_t old_count;
  const struct changes *changes;
  struct aside *asides;
  struct plan plan;
  size_t room;
  struct strbuf sql;
};
/* What stepped aside, and what it is called then. */
struct aside {
  struct object *object;
  const char *name;
  struct aside *next;
};

static void add(struct builder *b, enum step_verb verb, const struct object *o, unsigned locks) {
  b->plan.steps = arena_grow(b->arena, b->plan.steps, b->plan.count, &b->room, sizeof *b->plan.steps);
  b->plan.steps[b->plan.count++] =
      (struct step){.verb = verb, .object = o, .sql = strbuf_dup(&b->sql, b->arena), .locks = locks};
  strbuf_clear(&b->sql);
}

/* Relations that a step locks: itself; a table also its toast table and index, and the index of each key. */
static unsigned locks(const struct object *o) {
  if (!is_kind(o, KIND_TABLE))
    return 2;
  unsigned n = 4;
  for EACH_CHILD(o, child)
    n += child->folded && !is_kind(child, KIND_COLUMN);
  return n;
}

static void add_alteration(struct builder *b, enum step_part part, const struct object *o) {
  if (!b->sql.len)
    return;
  add(b, STEP_ALTER, o, locks(o));
  b->plan.steps[b->plan.count - 1].part = part;
}

static void note(struct builder *b, struct names *all, const char *path) {
  if (names_hold(*all, path))
    return;
  const char **v = arena_array(b->arena, all->n + 1, sizeof *v);
  if (all->n)
    memcpy(v, all->v, all->n * sizeof *v);
  v[all->n++] = path;
  all->v = v;
}

static void lose(struct builder *b, const char *path) {
  note(b, &b->plan.losses, path);
}

static void set_comment(struct builder *b, const struct object *o) {
  strbuf_adds(&b->sql, "COMMENT ON ");
  o->kind->target_name(o, &b->sql);
  strbuf_adds(&b->sql, " IS ");
  if (o->comment)
    sql_literal(&b->sql, o->comment);
  else
    strbuf_adds(&b->sql, "NULL");
  strbuf_adds(&b->sql, ";\n");
  add(b, STEP_COMMENT, o, 0);
}

static void comment(struct builder *b, const struct object *o) {
  if (o->comment && o->kind->target_name)
    set_comment(b, o);
  if (o->kind->remarks)
    o->kind->remarks(o, &b->sql);
  if (b->sql.len)
    add(b, STEP_COMMENT, o, 0);
}

/* What is made anew keeps what the schema leaves open. */
static void keep_parts(struct builder *b, const struct object *o) {
  for (const struct object *part = o->match ? o->match->first_child : NULL; part; part = part->next)
    if (part->kind->optional && !part->match && !b->before->written) {
      part->kind->create(part, &b->sql);
      if (b->sql.len)
        add(b, STEP_ALTER, part, 0);
    }
}

static void make_object(struct builder *b, struct object *o) {
  o->kind->create(o, &b->sql);
  if (b->sql.len)
    add(b, STEP_CREATE, o, locks(o));
  comment(b, o);
  keep_parts(b, o);
  for EACH_CHILD(o, child)
    if (child->folded || is_kind(o, KIND_COMPOSITE))
      comment(b, child);
  o->mark = MADE;
}

/* ── what stays and changes ── */

static bool returns(const struct object *o) {
  return o->mark == STAYS && o->kind->descends && o->kind->descends(o->match, o, NULL);
}

/* What comes back under the same tables leaves when the early drops there have reached it and is back for the late
 * ones; others leave before, so that no column is renamed here along with one there, and join behind all drops. */
enum firsts { FIRST_LEAVING, FIRST_PARTS, FIRST_RETURNING };

static void first_steps(struct builder *b, enum firsts which) {
  for (struct object *o = b->before->first; o && which == FIRST_LEAVING; o = o->next)
    if (is_gone(o) && o->kind->first) {
      o->kind->first(o, NULL, 0, &b->sql);
      add_alteration(b, PART_FIRST, o);
    }
  for EACH_OBJECT(b->after, o)
    if (o->mark == STAYS && o->differs && o->kind->first &&
        (o->parent    ? FIRST_PARTS
         : returns(o) ? FIRST_RETURNING
                      : FIRST_LEAVING) == which) {
      o->kind->first(o->match, o, o->differs, &b->sql);
      add_alteration(b, PART_FIRST, o);
    }
}

static void last_step(struct builder *b, struct object *o, bool returning) {
  if (!o->kind->last || !(o->mark == MADE || (o->mark == STAYS && o->differs)) || returns(o) != returning)
    return;
  o->kind->last(o->mark == MADE ? NULL : o->match, o, o->differs, &b->sql);
  add_alteration(b, PART_LAST, o);
}

static void last_steps(struct builder *b, struct object *const *order, size_t count, bool returning) {
  for (size_t i = 0; i < count; i++) {
    last_step(b, order[i], returning);
    for EACH_CHILD(order[i], child)
      if (is_kind(child, KIND_COLUMN)) /* others have a place of their own */
        last_step(b, child, returning);
  }
}

static void alter_object(struct builder *b, const struct object *o) {
  if (!o->differs || o->mark != STAYS)
    return;
  o->kind->alter(o->match, o, o->differs, &b->sql);
  add_alteration(b, PART_BODY, o);
}

static void column_steps(struct builder *b, struct object *table) {
  for EACH_CHILD(table, o) {
    if (!is_kind(o, KIND_COLUMN))
      continue;
    if (o->mark == WANTED && !o->folded)
      make_object(b, o);
    else
      alter_object(b, o);
  }
}

static bool is_made(const struct object *o) {
  return o->mark == MADE || (o->folded && o->parent->mark == MADE) || is_kind(o, KIND_COLUMN);
}

/* Indexes and triggers stand behind their table, unless what they need is still to come. */
static void make_children(struct builder *b, const struct object *table) {
  for EACH_CHILD(table, o) {
    bool ready = o->mark == WANTED && !o->folded && !is_kind(o, KIND_COLUMN) && !is_kind(table, KIND_COMPOSITE);
    for (const struct depend *d = o->depends; ready && d; d = d->next)
      ready = is_made(d->on);
    if (ready)
      make_object(b, o);
  }
}

/* Whether nothing stands of what a database can be asked for. */
static bool all_missing(struct object *const *order, size_t count) {
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    if (order[i]->mark == WANTED)
      any = true;
    else if (!order[i]->parent && !order[i]->implied && !is_kind(order[i], KIND_SQL) &&
             !is_kind(order[i], KIND_SCHEMA) && !is_kind(order[i], KIND_EXTENSION))
      return false;
  }
  return any;
}

/* A database cannot be asked for a sql block: it is made with any of what it needs, and with all of a schema. A model
 * that was written knows the ones it had. */
static void mark_blocks(struct object *const *order, size_t count) {
  const bool all = all_missing(order, count);
  for (size_t i = 0; i < count; i++) {
    struct object *o = order[i];
    if (!is_kind(o, KIND_SQL) || o->mark == WANTED || o->match)
      continue;
    bool wanted = all;
    for (const struct depend *d = o->depends; d; d = d->next)
      wanted |= d->on->mark == WANTED;
    o->mark = wanted ? WANTED : 0;
  }
}

/* ── dropping one ── */

enum renames { OF_SCHEMAS, OF_OTHERS, OF_COLUMNS, OF_CONSTRAINTS };

static enum renames sort_of(const struct object *o) {
  return is_kind(o, KIND_SCHEMA)   ? OF_SCHEMAS
         : is_kind(o, KIND_COLUMN) ? OF_COLUMNS
         : o->parent               ? OF_CONSTRAINTS
                                   : OF_OTHERS;
}

/* Says a thing of the object under another name than the model's. */
static void drop_called(struct builder *b, struct object *o, const char *name) {
  const char *wanted = o->name;
  o->name = name;
  o->kind->drop(o, &b->sql);
  o->name = wanted;
  if (b->before->written)
    inherit_drop_below(b->before, o, name, &b->sql);
  add(b, STEP_DROP, o, locks(o));
}

/* Constraints and indexes were renamed in the model, but not yet in the database. */
static const char *called_so_far(const struct builder *b, const struct object *o) {
  for (size_t i = 0; sort_of(o) == OF_CONSTRAINTS && i < b->changes->count; i++)
    if (b->changes->v[i].before == o && b->changes->v[i].old_name)
      return b->changes->v[i].old_name;
  return o->name;
}

static bool goes(const struct object *o, bool late) {
  return late ? o->mark == LATE || o->mark == HELD || o->mark == ASIDE : o->mark == EARLY;
}

static void drop_one(struct builder *b, struct object *o, bool late) {
  if (!goes(o, late))
    return;
  drop_called(b, o, called_so_far(b, o));
  o->mark = DROPPED;
}

/* One that is made anew is empty; what is computed can be computed again. */
static void lose_one(struct builder *b, struct object *o, bool late) {
  const bool computed = is_kind(o, KIND_COLUMN) && ((const struct column *)o)->generated.sql;
  if (goes(o, late) && object_holds_data(o) && !computed && (!o->match || is_kind(o, KIND_TABLE)))
    lose(b, object_path(b->arena, o));
}

static bool is_computed(const struct object *column) {
  for (const struct depend *d = column->depends; d; d = d->next)
    if (d->on->parent == column->parent)
      return true;
  return false;
}

/* ── renames ── */

static void alter_named(struct builder *b, struct object *o, const char *schema_name, const char *name) {
  const struct object now = *o;
  strbuf_adds(&b->sql, "ALTER ");
  o->schema = schema_name;
  o->name = name;
  o->kind->target_name(o, &b->sql);
  o->schema = now.schema;
  o->name = now.name;
}

static void rename_child(struct builder *b, const struct change *c, const char *old_name, const char *name) {
  const struct object *o = c->before;
  if (o->kind->ns == NS_COLUMN || o->kind->ns == NS_CONSTRAINT) {
    const bool attribute = is_kind(o->parent, KIND_COMPOSITE);
    strbuf_adds(&b->sql, attribute ? "ALTER TYPE " : "ALTER TABLE ");
    sql_qualified(&b->sql, o->parent->schema, o->parent->name);
    strbuf_adds(&b->sql, attribute ? " RENAME ATTRIBUTE " : o->kind->ns == NS_COLUMN ? " RENAME COLUMN " : " RENAME CONSTRAINT ");
    sql_ident(&b->sql, old_name);
  } else { /* its index, trigger, policy … */
    alter_named(b, (struct object *)(uintptr_t)o, o->schema, old_name);
    strbuf_adds(&b->sql, " RENAME");
  }
  strbuf_adds(&b->sql, " TO ");
  sql_ident(&b->sql, name);
  strbuf_adds(&b->sql, ";\n");
}

static void move(struct builder *b, struct object *o, const char *from, const char *name) {
  alter_named(b, o, from, name);
  strbuf_adds(&b->sql, " SET SCHEMA ");
  sql_ident(&b->sql, o->schema);
  strbuf_adds(&b->sql, ";\n");
}

/* Whether something else that stands, or will go, is called so. */
static bool is_taken(const struct builder *b, const struct object *but, const char *schema_name, const char *name) {
  for (const struct object *o = b->before->first; o; o = o->next)
    if (o != but && o->schema && strcmp(o->schema, schema_name) == 0 && strcmp(o->name, name) == 0)
      return true;
  return false;
}

static void rename_whole(struct builder *b, struct object *o, const char *old_schema, const char *old_name) {
  const bool moves = old_schema && strcmp(old_schema, o->schema) != 0;
  const bool first = moves && !is_taken(b, o, o->schema, old_name);
  if (first)
    move(b, o, old_schema, old_name);
  if (strcmp(old_name, o->name) != 0) {
    alter_named(b, o, moves && !first ? old_schema : o->schema, old_name);
    strbuf_adds(&b->sql, " RENAME TO ");
    sql_ident(&b->sql, o->name);
    strbuf_adds(&b->sql, ";\n");
  }
  if (moves && !first)
    move(b, o, old_schema, o->name);
}

static void rename_top(struct builder *b, struct object *o, const char *old_schema, const char *old_name) {
  struct opaque family;
  rename_whole(b, o, old_schema, old_name);
  if (operator_class_family(o, &family))
    rename_whole(b, &family.object, old_schema, old_name);
}

static const struct change *renaming_of(const struct builder *b, const struct object *o) {
  for (size_t i = 0; i < b->changes->count; i++)
    if (b->changes->v[i].before == o && b->changes->v[i].old_name)
      return &b->changes->v[i];
  return NULL;
}

static void drop_first(struct builder *b, struct object *o) {
  for (const struct depend *d = o->dependents; d; d = d->next)
    if (d->on->mark == EARLY)
      drop_first(b, d->on);
  drop_one(b, o, false);
}

/* What goes, and is called as an index is that comes along to where it is. */
static void make_room(struct builder *b, const struct object *table) {
  for EACH_CHILD(table, child)
    for EACH_OBJECT(b->before, o)
      if (o->mark == EARLY && o->parent && o->parent != table && !renaming_of(b, o->parent) && is_relation(o) &&
          is_relation(child) && strcmp(o->schema, table->schema) == 0 && strcmp(o->name, child->name) == 0)
        drop_first(b, o);
}

static void along(struct builder *b, struct object *o) {
  if (o->kind->renamed && o->match)
    o->kind->renamed(o, &b->sql);
}

static bool is_constraint_renamed(const struct change *c) {
  return c->old_name && sort_of(c->before) == OF_CONSTRAINTS && !is_gone(c->before);
}

/* Whether a constraint or index that is renamed later still has the name that this one gets: on one table, or in one
 * schema. */
static bool is_named_so_far(const struct builder *b, size_t at) {
  const struct object *o = b->changes->v[at].before;
  for (size_t i = at + 1; i < b->changes->count; i++) {
    const struct change *c = &b->changes->v[i];
    if (is_constraint_renamed(c) && strcmp(c->old_name, o->name) == 0 &&
        (c->before->parent == o->parent ||
         (is_relation(o) && is_relation(c->before) && strcmp(c->before->schema, o->schema) == 0)))
      return true;
  }
  return false;
}

static const char *name_meanwhile(const struct builder *b, const struct object *o) {
  return name_shorten(b->arena, arena_printf(b->arena, "%s_after", o->name));
}

/* What gets a name that is not free yet goes by another one until all have theirs. */
static void rename_constraint(struct builder *b, size_t at, bool again) {
  const struct change *c = &b->changes->v[at];
  const bool waits = is_named_so_far(b, at);
  if (again && !waits)
    return;
  rename_child(b, c, again ? name_meanwhile(b, c->before) : c->old_name,
               waits && !again ? name_meanwhile(b, c->before) : c->before->name);
  if (again || !waits)
    along(b, (struct object *)(uintptr_t)c->before);
  add_alteration(b, PART_NAMES, c->after);
}

static void rename_constraints(struct builder *b) {
  for (int again = 0; again <= 1; again++)
    for (size_t i = 0; i < b->changes->count; i++)
      if (is_constraint_renamed(&b->changes->v[i]))
        rename_constraint(b, i, again == 1);
}

static void rename_one(struct builder *b, const struct change *c) {
  struct object *o = (struct object *)(uintptr_t)c->before;
  if (o->parent) {
    rename_child(b, c, c->old_name, o->name);
    along(b, o);
  } else {
    if (c->old_schema && strcmp(c->old_schema, o->schema) != 0)
      make_room(b, o);
    rename_top(b, o, c->old_schema, c->old_name);
    if (is_kind(o, KIND_RANGE)) /* its multirange type */
      along(b, o);
    for EACH_CHILD(o, child) {
      if (is_kind(child, KIND_STATISTICS) && c->old_schema && strcmp(c->old_schema, o->schema) != 0)
        move(b, child, c->old_schema, child->name); /* they do not go where their table goes */
      along(b, child);
    }
  }
  add_alteration(b, PART_NAMES, c->after);
}

static bool hands_on(const struct change *c, const struct object *o) {
  const char *schema = c->old_schema ? c->old_schema : c->before->schema;
  return c->before != o && c->before->parent == o->parent && strcmp(c->old_name, o->name) == 0 &&
         (schema == o->schema || (schema && o->schema && strcmp(schema, o->schema) == 0));
}

/* A name that is handed on is given up first. */
static void rename_steps(struct builder *b, enum renames sort) {
  const struct change **todo = arena_array(b->arena, b->changes->count + 1, sizeof *todo);
  size_t count = 0;
  for (size_t i = 0; i < b->changes->count; i++)
    if (b->changes->v[i].old_name && sort_of(b->changes->v[i].before) == sort)
      todo[count++] = &b->changes->v[i];
  while (count > 0) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
      bool waits = false;
      for (size_t k = 0; k < count && !waits; k++)
        waits = (k < left || k > i) && hands_on(todo[k], todo[i]->before);
      if (waits)
        todo[left++] = todo[i];
      else
        rename_one(b, todo[i]);
    }
    if (left == count) /* what has the name is of another namespace */
      rename_one(b, todo[--left]);
    count = left;
  }
}

static bool is_moved(const struct change *renaming) {
  return renaming && renaming->old_schema && strcmp(renaming->old_schema, renaming->before->schema) != 0;
}

/* A sequence outlives its former owner, and neither of the two moves without the other. */
static void part_sequences(struct builder *b) {
  for (struct object *o = b->before->first; o; o = o->next) {
    const struct object *owner = is_kind(o, KIND_SEQUENCE) ? ((const struct sequence *)o)->owner_table : NULL;
    if (!owner || !(is_gone(o) || (o->match && o->match->mark == STAYS)))
      continue;
    const struct change *c = renaming_of(b, o);
    sequence_part(o, is_moved(c) ? c->old_schema : o->schema, c ? c->old_name : o->name,
                  is_moved(c) || is_moved(renaming_of(b, owner)), &b->sql);
    add_alteration(b, PART_NAMES, o->match ? o->match : o);
  }
}

/* A new schema may be where something moves to. */
static void schema_steps(struct builder *b) {
  for (struct object *o = b->after->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA) && o->mark == WANTED)
      make_object(b, o);
}

/* ── enums ── */

/* Labels may be added anywhere but are used only once they are committed: first of all, then. */
static void enum_steps(struct builder *b) {
  for (struct object *o = b->after->first; o; o = o->next)
    if (is_kind(o, KIND_ENUM)) {
      alter_object(b, o);
      o->differs = 0;
    }
}

/* What they bring is called by where they will be. */
static void extension_steps(struct builder *b) {
  for (struct object *o = b->after->first; o; o = o->next)
    if (is_kind(o, KIND_EXTENSION)) {
      alter_object(b, o);
      o->differs = 0;
    }
}

static bool mentions(const struct step *steps, size_t count, const char *text) {
  for (size_t i = 0; i < count; i++)
    if (steps[i].verb != STEP_COMMENT && strstr(steps[i].sql, text))
      return true;
  return false;
}

/* Whether a later step uses a label that this one adds, as pdlc writes it or as a user may: with a backslash it has two
 * forms. */
static bool is_used(const struct step *step, const struct step *later, size_t count) {
  const struct enum_type *before = (const struct enum_type *)step->object->match,
                         *after = (const struct enum_type *)step->object;
  static const char add_value[] = " ADD VALUE ";
  struct strbuf literal = STRBUF_INIT;
  bool used = false;
  for (size_t i = 0; strstr(step->sql, " ADD VALUE ") && i < after->names.n && !used; i++) {
    const char *label = after->names.v[i];
    if (before && names_hold(before->names, label))
      continue;
    strbuf_clear(&literal);
    strbuf_adds(&literal, add_value);
    sql_literal(&literal, label);
    if (!strstr(step->sql, literal.text)) /* it was renamed */
      continue;
    const char *written = literal.text + sizeof add_value - 1;
    used =
        mentions(later, count, written + (*written == 'E')) || (strchr(label, '\\') && mentions(later, count, label));
  }
  strbuf_release(&literal);
  return used;
}

static void part_transactions(struct plan *plan) {
  size_t last = plan->count;
  for (size_t i = 0; i < plan->count; i++)
    if (plan->steps[i].verb == STEP_ALTER && is_kind(plan->steps[i].object, KIND_ENUM) &&
        is_used(&plan->steps[i], plan->steps + i + 1, plan->count - i - 1))
      last = i;
  if (last < plan->count)
    plan->steps[last].commits = true;
}

/* ── drops ── */

typedef void visit_fn(struct builder *, struct object *, bool late);

static bool waits_for_above(const struct object *column) {
  return column->above && !column->above->match && column->above->mark != ALONG && column->above->parent->position;
}

/* Nothing that is inherited can go before that above does. */
static void visit_column(struct builder *b, struct object *column, bool late, visit_fn *visit) {
  visit(b, column, late);
  for (struct object *o = column->match || column->mark == ALONG ? NULL : b->before->first; o; o = o->next)
    if (is_kind(o, KIND_TABLE) && ((const struct table *)o)->above_count)
      for EACH_CHILD(o, below)
        if (below->above == column)
          visit_column(b, below, late, visit);
}

/* The last that would be made goes first; of a table, columns that are made of others. */
static void drops(struct builder *b, bool late, visit_fn *visit) {
  for (size_t i = b->old_count; i > 0; i--) {
    struct object *o = b->old_order[i - 1];
    for (int computed = 1; computed >= 0; computed--)
      for EACH_CHILD(o, child)
        if (is_kind(child, KIND_COLUMN) && is_computed(child) == (computed == 1) && !waits_for_above(child))
          visit_column(b, child, late, visit);
    visit(b, o, late);
  }
}

/* What stepped aside goes by its other name; so do its types in signatures of what goes. A second call puts the names
 * back. */
static void call_aside(struct builder *b) {
  for (struct aside *a = b->asides; a; a = a->next) {
    struct object *o = a->object;
    const char *name = o->name;
    for (size_t i = 0; i < b->old_count; i++)
      if (is_gone(b->old_order[i]))
        signature_follow(b->arena, b->old_order[i], o, o->schema, a->name);
    o->name = a->name;
    a->name = name;
  }
}

/* What goes last but whose name is needed before steps aside. */
static void set_aside(struct builder *b) {
  for (size_t i = 0; i < b->old_count; i++) {
    struct object *o = b->old_order[i];
    if (o->parent || (o->mark != LATE && o->mark != HELD) || !drops_name_taken(o, b->after))
      continue;
    call_aside(b);
    struct aside *aside = arena_alloc(b->arena, sizeof *aside);
    *aside = (struct aside){o, o->name, b->asides};
    o->name = name_shorten(b->arena, arena_printf(b->arena, "%s_before", o->name));
    rename_top(b, o, o->schema, aside->name);
    along(b, o);
    for EACH_CHILD(o, column) /* sequences go by its name, too */
      if (column->kind->renamed)
        column->kind->renamed(column, &b->sql);
    add_alteration(b, PART_NAMES, o);
    call_aside(b);
    const char *name = o->name;
    o->name = aside->name;
    aside->name = name;
    o->mark = ASIDE;
    b->asides = aside;
  }
}

static void drop_before_leaving(struct builder *b) {
  for (size_t i = b->old_count; i > 0; i--)
    if (drops_first(b->old_order[i - 1]))
      drop_one(b, b->old_order[i - 1], false);
}

/* ── losses of what stays ── */

static void alteration_losses(struct builder *b) {
  struct strbuf parts = STRBUF_INIT;
  for EACH_OBJECT(b->after, o) {
    const uint64_t fields = o->differs;
    if (!o->match || !fields || (o->parent && o->parent->mark == WANTED && is_kind(o->parent, KIND_TABLE)))
      continue;
    strbuf_clear(&parts);
    const char *path = object_path(b->arena, o);
    const enum rewrites rewrites = o->kind->rewrites ? o->kind->rewrites(o->match, o, fields) : REWRITES_NOTHING;
    if (rewrites != REWRITES_NOTHING)
      note(b, &b->plan.rewritten[rewrites], path);
    if (o->kind->losses)
      o->kind->losses(o->match, o, fields, &parts);
    for (const char *at = parts.text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
      lose(b, end == at ? path : arena_printf(b->arena, "%s.%.*s", path, (int)(end - at), at));
  }
  strbuf_release(&parts);
}

/* Attributes of a type that is made anew leave nothing else to tell that they are gone. */
static void attribute_losses(struct builder *b) {
  for EACH_OBJECT(b->before, o)
    if (is_kind(o, KIND_COLUMN) && !o->match && is_kind(o->parent, KIND_COMPOSITE) && o->parent->match &&
        is_gone(o->parent))
      lose(b, object_path(b->arena, o));
}

static void begin_changes(struct builder *b) {
  alteration_losses(b);
  attribute_losses(b);
  drops(b, false, lose_one);
  drops(b, true, lose_one);
  rename_steps(b, OF_SCHEMAS);
  schema_steps(b);
  part_sequences(b);
  rename_steps(b, OF_OTHERS);
  extension_steps(b);
  drop_before_leaving(b);
  first_steps(b, FIRST_LEAVING);
  rename_steps(b, OF_COLUMNS);
  enum_steps(b);
  first_steps(b, FIRST_PARTS);
  drops(b, false, drop_one);
  first_steps(b, FIRST_RETURNING);
  rename_constraints(b);
  set_aside(b);
}

static void end_changes(struct builder *b) {
  for (size_t i = 0; i < b->changes->count; i++) {
    const struct change *c = &b->changes->v[i];
    if (c->comment && c->after->mark == STAYS)
      set_comment(b, c->after);
  }
  call_aside(b);
  drops(b, true, drop_one);
  call_aside(b);
}

static bool is_needed(const struct object *o) {
  for (const struct depend *d = o->dependents; d; d = d->next)
    if (d->on->mark != DROPPED && d->on->mark != ALONG)
      return true;
  return false;
}

/* Whether a table that comes back below this one is away yet: it has the columns that are to go. */
static bool is_awaited_by(const struct builder *b, const struct object *table) {
  for (const struct object *o = b->after->first; o; o = o->next) {
    if (!is_kind(o, KIND_TABLE) || !(o->differs & (TABLE_BOUNDS | TABLE_PARENTS)) || !returns(o))
      continue;
    for (const struct object *above = o; above; above = above->kind->stands_under(above))
      if (above == table)
        return true;
  }
  return false;
}

/* What is new, or says something else, may read all columns of a table, whichever they are: those that go must be gone. */
static void drop_unread(struct builder *b, const struct object *o) {
  for (const struct depend *d = o->depends; d; d = d->next) {
    const struct object *table = is_kind(d->on, KIND_COLUMN) ? d->on->parent : d->on, *before = table->match;
    for (struct object *column = before && table->mark == STAYS ? before->first_child : NULL; column;
         column = column->next)
      if (is_kind(column, KIND_COLUMN) && column->mark == LATE && !is_needed(column) && !is_awaited_by(b, table))
        drop_one(b, column, true);
  }
}

static void create_all(struct builder *b, struct object *const *order, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct object *o = order[i];
    if (!o->parent && !object_holds_data(o) && (o->mark == WANTED || (o->mark == STAYS && o->differs)))
      drop_unread(b, o);
    if (o->mark == STAYS) {
      alter_object(b, o);
      column_steps(b, o);
    }
    if (o->mark != WANTED || o->folded || !o->kind->create)
      continue;
    make_object(b, o);
    make_children(b, o);
  }
}

const char *search_path_of(const struct schema *s) {
  struct strbuf path = STRBUF_INIT;
  const bool supabase = s->target.platform == PLATFORM_SUPABASE;
  strbuf_adds(&path, supabase ? "public, extensions" : "public");
  for (const struct object *o = s->first; o; o = o->next) {
    const char *in = is_kind(o, KIND_EXTENSION) ? ((const struct extension *)o)->in : NULL;
    bool known = !in || strcmp(in, "public") == 0 || (supabase && strcmp(in, "extensions") == 0);
    for (const struct object *before = s->first; before != o && !known; before = before->next)
      known = is_kind(before, KIND_EXTENSION) && ((const struct extension *)before)->in &&
              strcmp(((const struct extension *)before)->in, in) == 0;
    if (known)
      continue;
    strbuf_adds(&path, ", ");
    sql_ident(&path, in);
  }
  const char *text = strbuf_dup(&path, s->arena);
  strbuf_release(&path);
  return text;
}

/* Supabase has the schema of its extensions on every database's path. */
static const char *plan_search_path(const struct schema *s) {
  for (const struct object *o = s->target.platform == PLATFORM_SUPABASE ? NULL : s->first; o; o = o->next) {
    const char *in = is_kind(o, KIND_EXTENSION) ? ((const struct extension *)o)->in : NULL;
    if (in && strcmp(in, "public") != 0 && strcmp(in, "pg_catalog") != 0)
      return search_path_of(s);
  }
  return NULL;
}

struct plan plan_create(struct arena *arena, struct schema *schema, const struct changes *changes,
                        struct diagnostics *diagnostics) {
  struct builder b = {.arena = arena, .after = schema, .changes = changes, .sql = STRBUF_INIT};
  b.plan.search_path = plan_search_path(schema);
  size_t count;
  struct object **order = order_objects(arena, schema, diagnostics, &count);
  if (changes) {
    b.before = changes->before;
    b.old_order = order_objects(arena, b.before, NULL, &b.old_count);
    settle_changes(arena, schema, changes, diagnostics);
    drops_time(b.old_order, b.old_count, schema);
  } else {
    for EACH_OBJECT(schema, o) {
      o->mark = WANTED;
      o->differs = 0;
    }
  }
  mark_blocks(order, count);
  if (changes)
    begin_changes(&b);
  create_all(&b, order, count);
  last_steps(&b, order, count, true);
  if (changes)
    end_changes(&b);
  last_steps(&b, order, count, false);
  if (changes)
    part_transactions(&b.plan);
  strbuf_release(&b.sql);
  return b.plan;
}

bool step_is_unchecked(const struct step *s) {
  const struct kind *k = s->object->kind;
  return k->unchecked && k->unchecked(s->object) && (s->verb == STEP_CREATE || s->verb == STEP_ALTER);
}

bool plan_is_unchecked(const struct plan *plan) {
  for (size_t i = 0; i < plan->count; i++)
    if (step_is_unchecked(&plan->steps[i]))
      return true;
  return false;
}

void plan_print(const struct plan *plan, struct strbuf *out) {
  if (plan_is_unchecked(plan))
    strbuf_adds(out, PLAN_UNCHECKED);
  if (plan->search_path && plan->count)
    strbuf_addf(out, "SET search_path = %s;\n", plan->search_path);
  for (size_t i = 0; i < plan->count; i++) {
    strbuf_adds(out, plan->steps[i].sql);
    if (plan->steps[i].commits)
      strbuf_adds(out, "-- committed here: what follows uses it\n");
  }
}
