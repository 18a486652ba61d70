/* What PDL cannot say of a live model: found by compiling the text, carried in sql blocks. */
#include <string.h>

#include "pull/private.h"

/* Why an object is not pulled as PDL: what was said of its text. */
struct reason {
  struct object *object;
  const char *message;
  struct reason *next;
};

/* ── blocks ── */

/* What is made along with something else stands where that stands. */
static struct object *whole(const struct object *o) {
  while (o->parent && (o->folded || is_kind(o, KIND_COLUMN)))
    o = o->parent;
  return (struct object *)(uintptr_t)o;
}

bool pull_in_sql(const struct object *o) {
  for (const struct object *each = o; each; each = each->parent)
    if (each->pulled_as == NOT_PULLED)
      return false;
  for (const struct object *each = o; each; each = each->parent)
    if (each->pulled_as == PULLED_AS_SQL)
      return true;
  return false;
}

static bool any_in_sql(const struct schema *live) {
  for EACH_OBJECT(live, o)
    if (o->pulled_as == PULLED_AS_SQL)
      return true;
  return false;
}

static bool is_called(const struct schema *live, const char *name) {
  for (const struct object *o = live->first; o; o = o->next)
    if (strcmp(o->name, name) == 0)
      return true;
  return false;
}

/* Of no other block, nor of anything that a block may need. */
static const char *block_name(const struct pulled *p, struct map *taken, const struct object *o) {
  struct arena *arena = p->arena;
  for (unsigned number = 1;; number++) {
    const char *name =
        number == 1 ? arena_printf(arena, "%s_sql", o->name) : arena_printf(arena, "%s_sql_%u", o->name, number);
    name = name_shorten(arena, name);
    if (!is_called(p->live, name) && !map_add(taken, name, (void *)(uintptr_t)o))
      return name;
  }
}

static const char *dropping(struct arena *arena, const struct object *o) {
  struct strbuf sql = STRBUF_INIT;
  if (o->kind->drop)
    o->kind->drop(o, &sql);
  const char *text = sql.len ? strbuf_dup(&sql, arena) : NULL;
  strbuf_release(&sql);
  return text;
}

static void add_need(struct strbuf *needs, struct map *said, const char *schema_name, const char *name) {
  struct strbuf word = STRBUF_INIT;
  pdl_name(&word, schema_name, name);
  if (!map_add(said, word.text, said))
    strbuf_addf(needs, "%s%s", needs->len ? ", " : "", word.text);
  strbuf_release(&word);
}

/* What its parts stand on that is pulled as PDL: a block's own text does not speak of all of it. */
static void add_needs(struct strbuf *needs, struct map *said, const struct object *o) {
  for (const struct depend *d = o->depends; d; d = d->next) {
    const struct object *on = d->on;
    while (on->parent)
      on = on->parent;
    if (on->pulled_as == PULLED_AS_PDL && !on->external && on->kind->print && !is_kind(on, KIND_SCHEMA))
      add_need(needs, said, on->schema, on->name);
  }
  for EACH_CHILD(o, child)
    if (whole(child) == whole(o))
      add_needs(needs, said, child);
}

/* Each needs the one before it, so they run in the order of a plan that makes all. An object whose last words must wait
 * for others has two. */
const char *pull_print_blocks(const struct pulled *p, struct strbuf *out) {
  struct arena *arena = p->arena;
  struct diagnostics none;
  diagnostics_init(&none, arena);
  if (!any_in_sql(p->live))
    return NULL;
  const struct plan plan = plan_create(arena, p->live, NULL, &none);
  struct map taken;
  struct numbers begun;
  map_init(&taken, arena);
  numbers_init(&begun, arena);
  const char *last = NULL;
  struct strbuf sql = STRBUF_INIT, needs = STRBUF_INIT;
  for (size_t i = 0; i < plan.count; i++) {
    struct object *o = whole(plan.steps[i].object);
    if (!pull_in_sql(o) || o->inherited || o->implied)
      continue;
    strbuf_adds(&sql, plan.steps[i].sql);
    if (i + 1 < plan.count && whole(plan.steps[i + 1].object) == o)
      continue;
    const char *name = block_name(p, &taken, o);
    const bool again = numbers_get(&begun, (uintptr_t)o);
    const size_t from = out->len;
    struct map said;
    map_init(&said, arena);
    strbuf_clear(&needs);
    if (last)
      add_need(&needs, &said, NULL, last);
    add_needs(&needs, &said, o);
    pull_print_block(out, name, needs.len ? needs.text : NULL, sql.text,
                     again ? NULL : dropping(arena, o));
    numbers_set(&begun, (uintptr_t)o, o);
    o->text_from = from;
    o->text_to = out->len;
    strbuf_clear(&sql);
    last = name;
  }
  strbuf_release(&sql);
  strbuf_release(&needs);
  return last;
}

/* ── what is at fault ── */

/* The smallest object that stands there. */
static struct object *standing_at(const struct schema *live, size_t at) {
  struct object *found = NULL;
  for EACH_OBJECT(live, o)
    if (o->text_from <= at && at < o->text_to &&
        (!found || o->text_to - o->text_from <= found->text_to - found->text_from))
      found = o;
  return found;
}

/* Names that nobody wrote may depend on those beside them. */
static void write_names_out(struct object *parent) {
  for EACH_CHILD(parent, o)
    o->named_by_rule = false;
}

/* One step further from PDL: into a sql block, then out of the text. What has no statement of its own takes its parent
 * along. */
static void give_up(struct pulled *p, struct object *o, const char *message) {
  const bool part = is_kind(o, KIND_COLUMN) || (o->parent && !o->kind->create);
  if (part && o->parent->pulled_as == PULLED_AS_PDL) {
    give_up(p, o->parent, message);
    return;
  }
  struct reason **end = &p->reasons;
  while (*end && (*end)->object != o)
    end = &(*end)->next;
  if (!*end)
    *end = arena_alloc(p->arena, sizeof **end);
  **end = (struct reason){.object = o, .message = message, .next = (*end)->next};
  o->pulled_as = o->pulled_as == PULLED_AS_PDL && !pull_in_sql(o) ? PULLED_AS_SQL : NOT_PULLED;
  if (o->parent)
    write_names_out(o->parent);
}

/* What is not whole must not come as if it were. */
static void refuse_invalid(struct pulled *p) {
  for EACH_OBJECT(p->live, o) {
    if (!is_kind(o, KIND_INDEX) || !((const struct index *)o)->invalid || o->pulled_as != PULLED_AS_PDL)
      continue;
    const bool parted = table_is_parted(o->parent);
    give_up(p, o, parted ? "it is not valid, as not every partition has one" : "it is not valid, as its build failed");
    if (!parted)
      o->pulled_as = NOT_PULLED;
  }
}

/* Whether it may only be said since something else was refused. */
static bool is_consequence(enum code code) {
  static const enum code unknown[] = {PDL_UNKNOWN_TABLE, PDL_UNKNOWN_COLUMN, PDL_UNKNOWN_TYPE, PDL_UNKNOWN_SCHEMA,
                                      PDL_UNKNOWN_OBJECT};
  for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
    if (unknown[i] == code)
      return true;
  return false;
}

static bool blame(struct pulled *p, const struct diagnostics *said, bool consequences) {
  bool any = false;
  for (const struct diagnostic *d = said->first; d; d = d->next) {
    if (d->severity != SEVERITY_ERROR || !d->span.src || is_consequence(d->code) != consequences)
      continue;
    struct object *o = standing_at(p->live, d->span.from);
    if (!o)
      continue;
    o->text_from = o->text_to = 0; /* once a round */
    give_up(p, o, d->message);
    any = true;
  }
  return any;
}

/* Whether another round may do better. */
static bool give_way(struct pulled *p, const struct diagnostics *said) {
  if (blame(p, said, false) || blame(p, said, true))
    return true;
  if (p->plain)
    return false;
  for EACH_OBJECT(p->live, o)
    o->named_by_rule = false;
  return p->plain = true;
}

/* ── what was lost ── */

/* What can be made by its statement as it was read. Tables, and what holds others, are better pulled in part than in
 * SQL. */
static bool is_better_in_sql(const struct change *c) {
  static const enum kind_id never[] = {KIND_SCHEMA, KIND_EXTENSION,  KIND_TABLE,
                                      KIND_COLUMN, KIND_PRIVILEGES, KIND_DEFAULT_PRIVILEGES};
  const struct object *o = c->before;
  for (size_t i = 0; o && i < ARRAY_LEN(never); i++)
    if (is_kind(o, never[i]))
      return false;
  return o && o->pulled_as == PULLED_AS_PDL && o->text_to && o->kind->create;
}

static const char *in_words(struct arena *arena, const struct change *c) {
  struct changes one = {.v = (struct change *)(uintptr_t)c, .count = 1};
  struct strbuf text = STRBUF_INIT;
  changes_print(&one, arena, &text, false);
  if (text.len)
    strbuf_truncate(&text, text.len - 1);
  const char *words = arena_strdup(arena, text.text + 2);
  strbuf_release(&text);
  return words;
}

/* Measured by comparing. False where some of it goes into sql blocks now. */
static bool compare(struct pulled *p) {
  struct arena *arena = p->arena;
  struct changes changes = changes_between(arena, p->live, p->again);
  scratch_settle(arena, p->connection, &changes, search_path_of(p->again), p->diagnostics);
  for (size_t i = 0; i < changes.count; i++)
    if (changes.v[i].old_name) /* matched by content: the text gives it another name */
      ((struct object *)(uintptr_t)changes.v[i].before)->name = changes.v[i].old_name;
  bool moved = false;
  for (size_t i = 0; i < changes.count && !p->settled; i++)
    if (is_better_in_sql(&changes.v[i])) {
      give_up(p, (struct object *)(uintptr_t)changes.v[i].before, "the text compiles to something else");
      moved = true;
    }
  p->settled = true;
  for (size_t i = 0; i < changes.count && !moved; i++)
    if (!changes.v[i].before || (!pull_in_sql(changes.v[i].before) && changes.v[i].before->pulled_as != NOT_PULLED))
      diagnose(p->diagnostics, PDL_NOT_EXPRESSED, NO_SPAN, "PDL does not say all of %s",
               in_words(arena, &changes.v[i]));
  return !moved;
}

static void warn(const struct pulled *p) {
  for (const struct reason *r = p->reasons; r; r = r->next) {
    const char *title = object_title(p->arena, r->object);
    if (r->object->pulled_as == NOT_PULLED && is_kind(r->object, KIND_COLUMN))
      continue; /* its table stands in a block */
    if (r->object->pulled_as == NOT_PULLED)
      diagnose(p->diagnostics, PDL_NOT_EXPRESSED, NO_SPAN, "%s is left out: %s", title, r->message);
    else
      diagnose(p->diagnostics, PDL_NOT_EXPRESSED, NO_SPAN, "%s is told in a sql block: %s", title, r->message);
  }
}

/* ── rounds ── */

struct laying_out {
  struct arena arena;
  const struct source *source;
  const struct node *file;
  struct strbuf *out;
};

static int lay_out(void *arg) {
  struct laying_out *l = arg;
  syntax_format(&l->arena, l->source, l->file, l->out);
  return 0;
}

/* Laid out on a thread of its own meanwhile: both only read the tree. */
static bool compile(struct pulled *p, const struct source *source, struct diagnostics *said, struct strbuf *out) {
  struct arena *arena = p->arena;
  p->again = NULL;
  diagnostics_init(said, arena); /* advice on a schema that somebody else made is not asked for */
  const struct node *file = syntax_parse(arena, source, said);
  if (said->errors)
    return false;
  struct laying_out layout = {ARENA_INIT, source, file, out};
  strbuf_clear(out);
  struct sql_thread *thread = sql_thread_start(lay_out, &layout);
  struct schema *again = schema_compile(arena, file, sql_cache_new(arena), said);
  sql_thread_join(thread);
  arena_release(&layout.arena);
  if (said->errors)
    return false;
  p->again = again;
  return true;
}

/* What nobody could be blamed for. */
static void confess(const struct pulled *p, const struct diagnostics *said) {
  for (const struct diagnostic *d = said->first; d; d = d->next)
    if (d->severity == SEVERITY_ERROR)
      diagnose(p->diagnostics, PDL_NOT_EXPRESSED, d->span, "this does not compile again: %s", d->message);
}

/* Tables, views, types and functions of a block are found by those who speak of them; but what has CREATE's own clauses
 * is not, and does not find them. */
static bool give_up_dependents(struct pulled *p) {
  bool any = false, members = false;
  for EACH_OBJECT(p->live, o)
    members |= pull_in_sql(o) && (is_kind(o, KIND_FUNCTION) || is_kind(o, KIND_OPERATOR));
  for EACH_OBJECT(p->live, o) /* the catalogs keep their members apart */
    if (members && o->pulled_as == PULLED_AS_PDL &&
        (is_kind(o, KIND_OPERATOR_CLASS) || is_kind(o, KIND_OPERATOR_FAMILY))) {
      give_up(p, o, "it may need what is in one");
      any = true;
    }
  for EACH_OBJECT(p->live, o)
    for (const struct depend *d = o->depends; d && o->pulled_as == PULLED_AS_PDL && !pull_in_sql(o); d = d->next)
      if ((d->on->kind->form || o->kind->form) && pull_in_sql(d->on)) {
        give_up(p, o, arena_printf(p->arena, "it needs %s", object_title(p->arena, d->on)));
        any = true;
      }
  return any;
}

/* Finds out in which order blocks run, and what goes along. */
static bool order(struct pulled *p) {
  if (!any_in_sql(p->live))
    return true;
  if (!p->ordered)
    p->ordered = catalog_depends(p->arena, p->connection, p->live, p->diagnostics);
  while (give_up_dependents(p))
    ;
  return p->ordered;
}

bool pull_settle(struct pulled *p, struct strbuf *out) {
  struct strbuf loose = STRBUF_INIT;
  refuse_invalid(p);
  for (bool done = false; !done && order(p);) {
    struct diagnostics said;
    strbuf_clear(&loose);
    pull_print(p, &loose);
    const struct source *source = source_new(p->arena, "(pulled)", loose.text, loose.len);
    if (compile(p, source, &said, out)) {
      done = compare(p);
    } else if (!give_way(p, &said)) {
      confess(p, &said);
      strbuf_clear(out);
      strbuf_adds(out, loose.text);
      done = true;
    }
  }
  warn(p);
  strbuf_release(&loose);
  return p->diagnostics->errors == 0;
}
