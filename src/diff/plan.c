/* The plan that creates or changes a schema: a step an object, comments behind what they speak of. Of a change:
 * renames, then drops of what others need not outlive, then all that is made or altered, then drops of what holds data. */
#include <string.h>

#include "diff/diff.h"
#include "diff/drops.h"
#include "diff/match.h"
#include "diff/settle.h"
#include "diff/steps.h"
#include "objects/objects.h"
#include "sql/sql.h"

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

void add_alteration(struct builder *b, enum step_part part, const struct object *o) {
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
  if (!o->kind->last || !(o->mark == MADE || (o->mark == STAYS && o->match)) || returns(o) != returning)
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

/* Says a thing of the object under another name than the model's. */
static void drop_called(struct builder *b, struct object *o, const char *name) {
  const char *wanted = o->name;
  o->name = name;
  o->kind->drop(o, &b->sql);
  o->name = wanted;
  inherit_drop_below(o, name, b->before->written, &b->sql);
  add(b, STEP_DROP, o, locks(o));
}

/* Constraints and indexes were renamed in the model, but not yet in the database. */
static const char *called_so_far(const struct object *o) {
  return o->former && sort_of_renames(o) == OF_CONSTRAINTS ? o->former->name : o->name;
}

static bool goes(const struct object *o, bool late) {
  return late ? o->mark == LATE || o->mark == HELD || o->mark == ASIDE : o->mark == EARLY;
}

void drop_one(struct builder *b, struct object *o, bool late) {
  if (!goes(o, late))
    return;
  drop_called(b, o, called_so_far(o));
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

static bool is_said(const struct step *steps, size_t count, const char *label) {
  for (size_t i = 0; i < count; i++)
    if (steps[i].verb != STEP_COMMENT && sql_says(steps[i].sql, label))
      return true;
  return false;
}

/* Whether a later step uses a label that this one adds. */
static bool is_used(const struct step *step, const struct step *later, size_t count) {
  const struct enum_type *before = (const struct enum_type *)step->object->match,
                         *after = (const struct enum_type *)step->object;
  struct strbuf adds = STRBUF_INIT;
  bool used = false;
  for (size_t i = 0; strstr(step->sql, " ADD VALUE ") && i < after->names.n && !used; i++) {
    const char *label = after->names.v[i];
    if (before && names_hold(before->names, label))
      continue;
    strbuf_clear(&adds);
    strbuf_adds(&adds, " ADD VALUE ");
    sql_literal(&adds, label);
    used = strstr(step->sql, adds.text) && is_said(later, count, label); /* else it was renamed */
  }
  strbuf_release(&adds);
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
  const bool goes = !column->match && column->mark != ALONG;
  for (const struct depend *d = goes ? tables_below(column->parent) : NULL; d; d = d->next)
    for EACH_CHILD(d->on, below)
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
    o->name = name_aside(b->arena, b->before, b->after, o);
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

/* Whether something that comes is called as the sequence of a column that goes, or stays. */
static bool own_name_taken(const struct builder *b, const struct object *o, const char *name) {
  const struct object *column = schema_numbers(b->after, o->parent->schema, name);
  if (column && column != o->match) {
    const struct column *was = column->mark == WANTED || !column->match ? NULL : (const struct column *)column->match;
    return !was || !(was->serial || was->identity);
  }
  return !column && schema_find(b->after, NS_RELATION, o->parent->schema, NULL, name);
}

static void rename_own_sequence(struct builder *b, struct object *o, const char *name) {
  struct column *col = (struct column *)o;
  strbuf_adds(&b->sql, "ALTER SEQUENCE ");
  sql_qualified(&b->sql, o->parent->schema, column_sequence(b->arena, col));
  strbuf_adds(&b->sql, " RENAME TO ");
  sql_ident(&b->sql, name);
  strbuf_adds(&b->sql, ";\n");
  col->own_sequence = name;
  add_alteration(b, PART_NAMES, o);
}

static bool has_own_sequence(const struct object *o) {
  const struct column *col = (const struct column *)o;
  return o && is_kind(o, KIND_COLUMN) && (col->serial || col->identity) && !o->above && !o->parent->external;
}

/* A sequence of a column gives up its name at once: it may be wanted before the column goes, and where that stays. */
static void free_own_sequences(struct builder *b) {
  for EACH_OBJECT(b->before, o) {
    if (!has_own_sequence(o) || o->mark == EARLY || o->parent->mark == EARLY ||
        (o->match && (o->match->former || o->parent->match->former)))
      continue;
    const char *own = column_sequence(b->arena, (const struct column *)o);
    if (!own_name_taken(b, o, own))
      continue;
    const bool stays = o->match && o->match->mark == STAYS && has_own_sequence(o->match);
    const char *name = stays ? column_sequence(b->arena, (const struct column *)o->match) : own;
    struct object called = {.schema = o->parent->schema, .name = own};
    rename_own_sequence(b, o, strcmp(name, own) == 0 ? name_aside(b->arena, b->before, b->after, &called) : name);
  }
}

static const char *relation_key(struct arena *arena, const char *schema_name, const char *name) {
  struct strbuf key = STRBUF_INIT;
  sql_qualified(&key, schema_name, name);
  const char *text = arena_strdup(arena, key.text);
  strbuf_release(&key);
  return text;
}

/* Relations that go, and sequences of columns that have none of their own any more, by name. */
static void list_gone_names(const struct builder *b, struct map *gone) {
  for EACH_OBJECT(b->before, o) {
    const bool own = has_own_sequence(o) && !has_own_sequence(o->match);
    if (own)
      map_set(gone, relation_key(b->arena, o->parent->schema, column_sequence(b->arena, (struct column *)o)), o);
    else if (!o->match && is_relation(o))
      map_set(gone, relation_key(b->arena, o->schema, o->name), o);
  }
}

/* What had its name taken gets it when that is gone. */
static void name_own_sequences(struct builder *b) {
  struct map gone;
  map_init(&gone, b->arena);
  list_gone_names(b, &gone);
  if (!map_count(&gone))
    return;
  for EACH_OBJECT(b->before, o) {
    if (!has_own_sequence(o) || !has_own_sequence(o->match) || o->match->mark != STAYS)
      continue;
    const char *name = column_sequence(b->arena, (const struct column *)o->match);
    if (strcmp(column_sequence(b->arena, (const struct column *)o), name) != 0 &&
        map_get(&gone, relation_key(b->arena, o->parent->schema, name)))
      rename_own_sequence(b, o, name);
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
  list_givers(b);
  free_own_sequences(b);
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
  set_aside(b);
  rename_constraints(b);
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
  name_own_sequences(b);
}

static bool is_needed(const struct object *o) {
  for (const struct depend *d = o->dependents; d; d = d->next)
    if (d->on->mark != DROPPED && d->on->mark != ALONG)
      return true;
  return false;
}

/* Whether a table that comes back below this one is away yet: it has the columns that are to go. */
static bool is_awaited_by(const struct object *table) {
  bool any = is_kind(table, KIND_TABLE) && table->differs & (TABLE_BOUNDS | TABLE_PARENTS) && returns(table);
  for (const struct depend *d = tables_below(table); d && !any; d = d->next)
    any = d->on->kind->stands_under(d->on) == table && is_awaited_by(d->on);
  return any;
}

/* What is new, or says something else, may read all columns of a table, whichever they are, or of a function's rows:
 * those that go must be gone. */
static void drop_unread(struct builder *b, const struct object *o) {
  for (const struct depend *d = o->depends; d; d = d->next) {
    const struct object *table = is_kind(d->on, KIND_COLUMN) ? d->on->parent : d->on, *before = table->match;
    for (struct object *column = before && table->mark == STAYS ? before->first_child : NULL; column;
         column = column->next)
      if (is_kind(column, KIND_COLUMN) && column->mark == LATE && !is_needed(column) && !is_awaited_by(table))
        drop_one(b, column, true);
    if (is_kind(table, KIND_FUNCTION) && !is_kind(o, KIND_FUNCTION))
      drop_unread(b, table);
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
