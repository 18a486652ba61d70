/* The model as templates see it, from the root: docs/templates.md lists every key. */
#include <string.h>

#include "emit/shape.h"

/* What the root looks at. */
struct root {
  const struct schema *schema;
  const struct plan *plan;
  const struct object *table; /* that the file is about, or NULL */
  const char *doc;            /* of the schema */
};

/* ── what stands at top level ── */

static const struct key_of schema_keys[] = {
    NAME_KEYS,
    {"sql_name", get_ident, AT(object, name)},
    DOC_KEYS,
    {"implied", get_flag, AT(object, implied)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape schema_shape = {.keys = schema_keys, OBJECT_NAMES};

static const struct key_of extension_keys[] = {
    NAME_KEYS,
    {"sql_name", get_ident, AT(object, name)},
    DOC_KEYS,
    {"schema", get_text, AT(extension, in)},
    {"version", get_text, AT(extension, version)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape extension_shape = {.keys = extension_keys, OBJECT_NAMES};

static const struct key_of domain_check_keys[] = {
    {"name", get_text, AT(domain_check, name)},
    {"expression", get_expr, AT(domain_check, expr)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape domain_check_shape = {.keys = domain_check_keys};

static struct view get_domain_checks(const struct item *i, size_t arg) {
  (void)arg;
  const struct domain *d = i->thing;
  const struct domain_check **v = arena_array(i->arena, d->check_texts.n, sizeof *v);
  size_t count = 0;
  for (const struct domain_check *c = d->checks; c; c = c->next)
    v[count++] = c;
  return view_pointers(i->arena, &domain_check_shape, v, count);
}

static const struct key_of domain_keys[] = {
    QUALIFIED_KEYS,
    TYPE_KEYS(AT(domain, type)),
    {"collation", get_text, AT(domain, collation)},
    {"not_null", get_flag, AT(domain, not_null)},
    {"default", get_expr, AT(domain, default_)},
    {"checks", get_domain_checks, 0},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape domain_shape = {.keys = domain_keys, OBJECT_NAMES};

static struct view get_attributes(const struct item *i, size_t arg) {
  (void)arg;
  return view_children(i->arena, &column_shape, i->thing, KIND_COLUMN);
}

static const struct key_of composite_keys[] = {
    QUALIFIED_KEYS, {"attributes", get_attributes, 0}, LIST_KEYS, KEYS_END};
static const struct shape composite_shape = {.keys = composite_keys, OBJECT_NAMES};

static const struct key_of sequence_keys[] = {
    QUALIFIED_KEYS,
    TYPE_KEYS(AT(sequence, type)),
    {"start", get_int, AT(sequence, options.start)},
    {"increment", get_int, AT(sequence, options.increment)},
    {"min", get_int, AT(sequence, options.min)},
    {"max", get_int, AT(sequence, options.max)},
    {"cache", get_int, AT(sequence, options.cache)},
    {"cycle", get_flag, AT(sequence, options.cycle)},
    {"unlogged", get_flag, AT(sequence, unlogged)},
    LIST_KEYS,
    KEYS_END,
};
static const struct shape sequence_shape = {.keys = sequence_keys, OBJECT_NAMES};

/* ── statements ── */

static const struct step *step_of(const struct item *i) {
  return i->thing;
}

static struct view get_step_kind(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(step_of(i)->verb == STEP_COMMENT ? "comment" : step_of(i)->object->kind->word);
}

/* Safe in a comment. */
static struct view get_step_title(const struct item *i, size_t arg) {
  (void)arg;
  const char *title = object_title(i->arena, step_of(i)->object);
  return view_text(comment_line(i->arena, title, strlen(title), true));
}

static struct view get_step_sql(const struct item *i, size_t arg) {
  (void)arg;
  const char *sql = step_of(i)->sql;
  size_t n = strlen(sql);
  while (n > 0 && sql[n - 1] == '\n')
    n--;
  return view_text(arena_strndup(i->arena, sql, n));
}

/* Whether it is about something else than the statement before: what belongs to a table counts as the table. */
static struct view get_step_starts(const struct item *i, size_t arg) {
  (void)arg;
  const struct object *o = step_of(i)->object, *before = i->at > 0 ? step_of(i)[-1].object : NULL;
  const struct object *outer = o->parent ? o->parent : o;
  return view_bool(!before || outer != (before->parent ? before->parent : before));
}

static const struct key_of step_keys[] = {
    {"kind", get_step_kind, 0}, {"title", get_step_title, 0}, {"sql", get_step_sql, 0},
    {"starts", get_step_starts, 0}, LIST_KEYS, KEYS_END,
};
static const struct shape step_shape = {.keys = step_keys};

/* ── the root ── */

static const struct root *root_of(const struct item *i) {
  return i->thing;
}

static struct view get_version(const struct item *i, size_t arg) {
  (void)i;
  (void)arg;
  return view_text(PDLC_VERSION);
}

/* Which objects of the top level a list of the root holds. */
enum top {
  TOP_SCHEMAS, TOP_EXTENSIONS, TOP_ENUMS, TOP_DOMAINS, TOP_TYPES, TOP_SEQUENCES, TOP_TABLES, TOP_EXTERNAL,
};
static const struct {
  enum kind_id id;
  const struct shape *shape;
  bool external;
} tops[] = {
    [TOP_SCHEMAS] = {KIND_SCHEMA, &schema_shape, false},
    [TOP_EXTENSIONS] = {KIND_EXTENSION, &extension_shape, false},
    [TOP_ENUMS] = {KIND_ENUM, &enum_item_shape, false},
    [TOP_DOMAINS] = {KIND_DOMAIN, &domain_shape, false},
    [TOP_TYPES] = {KIND_COMPOSITE, &composite_shape, false},
    [TOP_SEQUENCES] = {KIND_SEQUENCE, &sequence_shape, false},
    [TOP_TABLES] = {KIND_TABLE, &table_item_shape, false},
    [TOP_EXTERNAL] = {KIND_TABLE, &table_item_shape, true},
};

/* Programs see what is parted, not its parts. */
static bool is_shown(const struct object *o, size_t top) {
  return is_kind(o, tops[top].id) && o->external == tops[top].external && !(is_kind(o, KIND_TABLE) && is_partition(o));
}

static struct view get_top(const struct item *i, size_t top) {
  const struct schema *s = root_of(i)->schema;
  size_t count = 0;
  for (const struct object *o = s->first; o; o = o->next)
    count += is_shown(o, top);
  const struct object **v = arena_array(i->arena, count, sizeof *v);
  count = 0;
  for (const struct object *o = s->first; o; o = o->next)
    if (is_shown(o, top))
      v[count++] = o;
  return view_pointers(i->arena, tops[top].shape, v, count);
}

static struct view get_table(const struct item *i, size_t arg) {
  (void)arg;
  return view_thing(i->arena, &table_shape, root_of(i)->table);
}

static struct view get_statements(const struct item *i, size_t arg) {
  (void)arg;
  const struct plan *plan = root_of(i)->plan;
  return view_array(i->arena, &step_shape, plan->steps, plan->count, sizeof *plan->steps);
}

static struct view get_unchecked(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(plan_is_unchecked(root_of(i)->plan));
}

static struct view get_search_path(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(root_of(i)->plan->search_path);
}

static struct view get_platform(const struct item *i, size_t arg) {
  (void)arg;
  const struct target *t = i->thing;
  return view_text(t->platform == PLATFORM_SUPABASE ? "supabase" : "postgres");
}

static struct view get_target_version(const struct item *i, size_t arg) {
  (void)arg;
  return view_int(((const struct target *)i->thing)->version);
}

static const struct key_of target_keys[] = {
    {"platform", get_platform, 0}, {"version", get_target_version, 0}, KEYS_END};
static const struct shape target_shape = {.keys = target_keys};

static struct view get_target(const struct item *i, size_t arg) {
  (void)arg;
  return view_thing(i->arena, &target_shape, &root_of(i)->schema->target);
}

static const struct key_of root_keys[] = {
    {"pdlc_version", get_version, 0},
    DOC_KEYS,
    {"target", get_target, 0},
    {"schemas", get_top, TOP_SCHEMAS},
    {"extensions", get_top, TOP_EXTENSIONS},
    {"enums", get_top, TOP_ENUMS},
    {"domains", get_top, TOP_DOMAINS},
    {"types", get_top, TOP_TYPES},
    {"sequences", get_top, TOP_SEQUENCES},
    {"tables", get_top, TOP_TABLES},
    {"external_tables", get_top, TOP_EXTERNAL},
    {"table", get_table, 0},
    {"statements", get_statements, 0},
    {"search_path", get_search_path, 0},
    {"unchecked", get_unchecked, 0},
    KEYS_END,
};
static const struct shape root_shape = {.keys = root_keys, .doc = AT(root, doc)};

struct view view_root(struct arena *arena, const struct schema *schema, const struct plan *plan,
                      const struct object *table) {
  struct root *root = arena_alloc(arena, sizeof *root);
  *root = (struct root){schema, plan, table, schema->doc};
  return view_thing(arena, &root_shape, root);
}

struct view view_schema(struct arena *arena, const struct schema *schema, const struct plan *plan) {
  return view_root(arena, schema, plan, NULL);
}
