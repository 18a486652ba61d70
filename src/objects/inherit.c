/* inherit: what a table has from the tables above it, be it their partition or their heir. */
#include <string.h>

#include "objects/objects.h"

/* ── PDL → model ── */

static struct table *table_of(const struct object *o) {
  return (struct table *)(uintptr_t)o;
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

/* Parents are pairs of a schema and a name. */
static bool is_under(struct names parents, const char *schema_name, const char *name) {
  for (size_t i = 0; i + 1 < parents.n; i += 2)
    if (strcmp(parents.v[i], schema_name) == 0 && strcmp(parents.v[i + 1], name) == 0)
      return true;
  return false;
}

/* Partitions stand under what is parted, heirs under what is neither parted nor a part. */
static bool fits_under(struct compile *c, const struct table *t, const struct node *n, const struct table *above) {
  struct diagnostic *d = NULL;
  if (above->object.external)
    return true;
  if (t->node->kind == NODE_PARTITION && !above->parted) {
    d = diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "table \"%s\" has no partitions", above->object.name);
    diagnostic_hint(c->diagnostics, d, "An item of its block, such as partition by range (…), gives it some.");
  } else if (t->node->kind != NODE_PARTITION && (above->parted || above->node->kind == NODE_PARTITION)) {
    d = diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span,
                 "no table inherits from \"%s\", which is partitioned or a partition", above->object.name);
  }
  if (d)
    diagnostic_peer(d, above->object.span, "it is declared here");
  return d == NULL;
}

/* NULL: under one that the model has not. */
static void put_under(struct schema *s, struct table *t, struct object *above) {
  t->above[t->above_count++] = above;
  if (!above)
    return;
  object_depend(s, &t->object, above);
  struct table *from = table_of(above);
  struct depend *below = arena_alloc(s->arena, sizeof *below);
  *below = (struct depend){.on = &t->object};
  *(from->below ? &from->last_below->next : &from->below) = below;
  from->last_below = below;
}

static void add_above(struct compile *c, struct table *t, const struct node *n) {
  struct object *above = compile_find_table(c, n->name);
  if (!above || !fits_under(c, t, n, table_of(above)))
    return;
  inherit_complete(c, above);
  if (table_of(above)->completed == COMPLETING) {
    diagnose(c->diagnostics, PDL_CYCLE, n->span, "table \"%s\" would inherit from itself", t->object.name);
    return;
  }
  if (is_under(t->parents, above->schema, above->name)) {
    diagnose(c->diagnostics, PDL_TWICE, n->span, "\"%s\" is listed twice", above->name);
    return;
  }
  t->parents.v[t->parents.n++] = above->schema;
  t->parents.v[t->parents.n++] = above->name;
  put_under(c->schema, t, above);
}

/* A column that the table does not list. */
static struct object *inherited(struct compile *c, struct object *table, const struct object *from) {
  struct column *col = schema_add(c->schema, KIND_COLUMN, table->schema, from->name, table);
  col->object.inherited = true;
  col->object.span = table->span;
  col->not_null = not_null_below((const struct column *)from);
  col->statistics = -1;
  schema_enter(c->schema, NS_COLUMN, &col->object);
  return &col->object;
}

/* Of a partition no column is its own. */
static bool is_listed_anew(const struct table *t, const struct column *col) {
  return !(t->node && t->node->kind == NODE_PARTITION) && !(col->node && node_part(col->node, NODE_INHERITED));
}

static void take_columns(struct compile *c, struct object *table, struct object *above) {
  for EACH_CHILD(above, from) {
    if (!is_kind(from, KIND_COLUMN))
      continue;
    struct object *own = child_named(table, KIND_COLUMN, from->name);
    if (!own)
      own = inherited(c, table, from);
    else if (!own->inherited)
      ((struct column *)own)->local = is_listed_anew(table_of(table), (const struct column *)own);
    ((struct column *)own)->not_null |= not_null_below((const struct column *)from);
    if (!own->above)
      own->above = from;
  }
}

/* Columns from above come first, as in Postgres. */
static void sort_columns(struct object *table) {
  struct object *lists[2] = {NULL, NULL}, **ends[2] = {&lists[0], &lists[1]}, *last[2] = {NULL, NULL};
  for (struct object *o = table->first_child, *next; o; o = next) {
    const int i = !o->above;
    next = o->next;
    *ends[i] = last[i] = o;
    ends[i] = &o->next;
    o->next = NULL;
  }
  *ends[0] = lists[1];
  table->first_child = lists[0];
  table->last_child = last[1] ? last[1] : last[0];
}

void inherit_complete(struct compile *c, struct object *o) {
  struct table *t = table_of(o);
  const struct node *of = t->node ? node_part(t->node, NODE_OF) : NULL;
  const struct node *list = t->node ? compile_clause(c, t->node, NODE_INHERITS) : NULL;
  if (t->completed != INCOMPLETE || (!of && !list))
    return;
  t->completed = COMPLETING;
  const size_t count = of ? 1 : node_count(list, NODE_NAME);
  t->parents.v = arena_array(c->arena, 2 * count, sizeof *t->parents.v);
  t->above = arena_array(c->arena, count, sizeof(struct object *));
  for (const struct node *n = of ? of : list->parts; n; n = of ? NULL : n->next)
    add_above(c, t, n);
  for (size_t i = 0; i < t->above_count; i++)
    take_columns(c, o, t->above[i]);
  sort_columns(o);
  t->completed = COMPLETE;
}

/* nextval of the sequence that belongs to a serial column. */
static const char *serial_default(struct arena *arena, const struct column *col) {
  struct strbuf name = STRBUF_INIT, text = STRBUF_INIT;
  sql_qualified(&name, col->object.parent->schema, column_sequence(arena, col));
  strbuf_adds(&text, "nextval(");
  sql_literal(&text, name.text);
  strbuf_adds(&text, "::regclass)");
  const char *sql = strbuf_dup(&text, arena);
  strbuf_release(&name);
  strbuf_release(&text);
  return sql;
}

struct expr inherit_default(struct arena *arena, const struct column *from) {
  return from->serial ? (struct expr){.sql = serial_default(arena, from)} : from->default_;
}

void inherit_content(struct arena *arena, struct column *col) {
  const struct column *from = (const struct column *)col->object.above;
  col->type = from->type;
  col->default_ = inherit_default(arena, from);
  col->generated = from->generated;
  col->virtual_ = from->virtual_;
  col->collation = from->collation;
  col->compression = from->compression;
  col->storage = from->storage;
  col->statistics = -1;
  col->estimates = NULL;
  col->options = NULL;
  col->not_null_name = NULL;
  col->not_null_alone = col->not_null_later = false;
  if (!table_of(col->object.parent)->bounds.sql) /* one identity serves all partitions, but no heirs */
    return;
  col->identity = from->identity;
  col->sequence = from->sequence;
  col->sequence_name = from->sequence_name;
}

/* ── indexes ── */

static bool is_index(const struct object *o) {
  return is_kind(o, KIND_INDEX) || is_kind(o, KIND_KEY);
}

/* Whether the index of the key is what this index would make there. */
static bool is_index_of_key(const struct index *i, const struct key *k) {
  bool same = i->unique && !i->where.sql && !k->period && strcmp(i->method, "btree") == 0 &&
              i->nulls_not_distinct == k->nulls_not_distinct && i->keys.n == k->columns.n &&
              names_equal(i->include, k->include);
  for (size_t n = 0; n < i->keys.n && same; n++)
    same = index_key_is_plain(&i->keys.v[n]) && strcmp(i->keys.v[n].column, k->columns.v[n]) == 0;
  return same;
}

bool inherit_takes_over(const struct object *from, const struct object *own) {
  if (from->external)
    return false;
  if (is_kind(from, KIND_INDEX) && is_kind(own, KIND_KEY))
    return is_index_of_key((const struct index *)from, (const struct key *)own);
  return from->kind == own->kind && !object_differs(from, own);
}

void inherit_linked(struct compile *c, struct object *o) {
  for EACH_CHILD(o, own)
    for (const struct object *above = is_index(own) ? inherit_stands_under(o) : NULL; above;
         above = inherit_stands_under(above))
      for EACH_CHILD(above, from) {
        if (!inherit_takes_over(from, own))
          continue;
        object_depend(c->schema, from, own);
        own->taken_over = true;
      }
}

const struct object *inherit_takes_along(const struct object *own) {
  const bool may = (own->inherited || own->taken_over) && is_index(own);
  for (const struct object *above = may ? inherit_stands_under(own->parent) : NULL; above;
       above = inherit_stands_under(above))
    for EACH_CHILD(above, from)
      if (from->mark && inherit_takes_over(from, own))
        return from;
  return NULL;
}

static bool has_keys_below(const struct object *index, const struct object *table) {
  for (const struct depend *d = tables_below(table); d; d = d->next) {
    for EACH_CHILD(d->on, own)
      if (is_kind(own, KIND_KEY) && own->taken_over && inherit_takes_over(index, own))
        return true;
    if (has_keys_below(index, d->on))
      return true;
  }
  return false;
}

bool inherit_loses_whole(const struct object *own) {
  const bool may = own->taken_over && is_index(own);
  bool goes = false;
  for (const struct object *above = may ? inherit_stands_under(own->parent) : NULL; above;
       above = inherit_stands_under(above))
    for EACH_CHILD(above, from) {
      if (from->inherited || !inherit_takes_over(from, own))
        continue;
      if (from->match)
        return false;
      goes = true;
    }
  return goes;
}

bool inherit_has_keys(const struct object *index) {
  return has_keys_below(index, index->parent);
}

bool inherit_is_named(const struct object *o) {
  struct arena arena = ARENA_INIT;
  struct names columns = {0};
  const bool primary = is_kind(o, KIND_KEY) && ((const struct key *)o)->primary;
  name_parts(o, &arena, &columns);
  struct strbuf joined = STRBUF_INIT;
  for (size_t i = 0; i < columns.n && !primary; i++)
    strbuf_addf(&joined, "%s%s", i ? "_" : "", columns.v[i]);
  const char *name = postgres_name(&arena, o->parent->name, joined.text,
                                   primary                ? "pkey"
                                   : is_kind(o, KIND_KEY) ? "key"
                                                          : "idx");
  const size_t n = strlen(name);
  const bool same = strncmp(o->name, name, n) == 0 && o->name[n + strspn(o->name + n, "0123456789")] == '\0';
  strbuf_release(&joined);
  arena_release(&arena);
  return !same;
}

/* ── changes ── */

/* Whether the part may come from this one of the tables above: a partition has but one, under which names are others. */
static bool comes_from(const struct table *t, size_t i, const struct object *part) {
  const struct object *above = i < t->above_count ? t->above[i] : NULL;
  if (t->bounds.sql || !above || above->external)
    return true;
  for EACH_CHILD(above, o)
    if (o->kind == part->kind && strcmp(o->name, part->name) == 0)
      return true;
  return false;
}

static bool part_descends(const struct table *t, const struct table *other, const struct object *part) {
  for (size_t i = 0; i + 1 < t->parents.n; i += 2)
    if (comes_from(t, i / 2, part) && is_under(other->parents, t->parents.v[i], t->parents.v[i + 1]))
      return true;
  return false;
}

bool inherit_descends(const struct object *before, const struct object *after, const struct object *part) {
  if (part)
    return part_descends(table_of(part->parent), table_of(part->parent == before ? after : before), part);
  const struct names a = table_of(before)->parents, b = table_of(after)->parents;
  if (a.n != b.n)
    return false;
  for (size_t i = 0; i + 1 < a.n; i += 2)
    if (!is_under(b, a.v[i], a.v[i + 1]))
      return false;
  return a.n > 0;
}

static void alter_line(struct strbuf *out, const char *schema_name, const char *name, const char *what,
                       const char *other_schema, const char *other) {
  strbuf_adds(out, "ALTER TABLE ");
  sql_qualified(out, schema_name, name);
  strbuf_addf(out, " %s ", what);
  sql_qualified(out, other_schema, other);
}

void inherit_free(const struct table *t, struct strbuf *out) {
  if (!t->bounds.sql || !t->above_count || !t->above[0] || t->above[0]->mark) /* its mark is set where that goes too */
    return;
  alter_line(out, t->above[0]->schema, t->above[0]->name, "DETACH PARTITION", t->object.schema, t->object.name);
  strbuf_adds(out, ";\n");
}

void inherit_leave(const struct table *before, const struct table *after, struct strbuf *out) {
  const bool moves =
      before->bounds.sql && (!after->bounds.sql || object_differs(&before->object, &after->object) & TABLE_BOUNDS);
  for (size_t i = 0; i + 1 < before->parents.n; i += 2) {
    const char *schema_name = before->parents.v[i], *name = before->parents.v[i + 1];
    if (!moves && is_under(after->parents, schema_name, name))
      continue;
    if (before->bounds.sql)
      alter_line(out, schema_name, name, "DETACH PARTITION", after->object.schema, after->object.name);
    else
      alter_line(out, after->object.schema, after->object.name, "NO INHERIT", schema_name, name);
    strbuf_adds(out, ";\n");
  }
}

/* Whether it has the check, and did not lose it on the way: then its mark is set. */
static bool has_check(const struct object *table, const char *name) {
  const struct object *o = child_named(table, KIND_CHECK, name);
  return o && !o->mark;
}

/* Postgres takes a table under another only if it has its checks already. One that is made anew above was dropped here
 * too. */
static void add_checks_of(const struct table *before, const struct table *after, const struct object *above,
                          struct strbuf *out) {
  const bool returns = is_under(before->parents, above->schema, above->name);
  for EACH_CHILD(above, o) {
    if (!is_kind(o, KIND_CHECK) || ((const struct check *)o)->no_inherit ||
        (!o->mark && (returns || has_check(&before->object, o->name))) ||
        child_named(&after->object, KIND_CHECK, o->name))
      continue;
    struct check copy = *(const struct check *)o;
    copy.object.parent = (struct object *)(uintptr_t)&after->object;
    copy.object.default_name = false;
    sql_add_constraint(&copy.object, out);
  }
}

/* A partition that is parted itself may have them from above. */
static void add_checks(const struct table *before, const struct table *after, const struct object *above,
                       struct strbuf *out) {
  for (; above; above = inherit_stands_under(above))
    add_checks_of(before, after, above, out);
}

void inherit_join(const struct table *before, const struct table *after, uint64_t fields, struct strbuf *out) {
  if (!(fields & (TABLE_PARENTS | TABLE_BOUNDS)))
    return;
  const bool moves = after->bounds.sql && fields & TABLE_BOUNDS;
  for (size_t i = 0; i < after->above_count; i++) {
    const struct object *above = after->above[i];
    if (!moves && is_under(before->parents, above->schema, above->name))
      continue;
    add_checks(before, after, above, out);
    if (after->bounds.sql) {
      alter_line(out, above->schema, above->name, "ATTACH PARTITION", after->object.schema, after->object.name);
      strbuf_addf(out, " %s;\n", after->bounds.sql);
    } else {
      alter_line(out, after->object.schema, after->object.name, "INHERIT", above->schema, above->name);
      strbuf_adds(out, ";\n");
    }
  }
}

/* Whether the table has a part of this name from another one that keeps it. */
static bool comes_otherwise(const struct table *t, const struct object *o, enum kind_id id) {
  for (size_t i = 0; i < t->above_count; i++) {
    const struct object *part = t->above[i] ? child_named(t->above[i], id, o->name) : NULL;
    if (part && part != o && (part->inherited ? comes_otherwise(table_of(t->above[i]), o, id) : !part->mark))
      return true;
  }
  return false;
}

static bool is_local(const struct object *o) {
  return is_kind(o, KIND_COLUMN) ? ((const struct column *)o)->local : ((const struct check *)o)->local;
}

static void drop_below(const struct object *o, const struct object *table, const char *called, bool written,
                       struct strbuf *out) {
  const enum kind_id id = is_kind(o, KIND_COLUMN) ? KIND_COLUMN : KIND_CHECK;
  for (const struct depend *d = tables_below(table); d; d = d->next) {
    const struct object *heir = d->on, *copy = child_named(heir, id, o->name);
    if (table_of(heir)->bounds.sql || heir->external || heir->mark || !heir->match || !copy || !copy->inherited ||
        copy->mark || !inherit_descends(heir, heir->match, copy) || comes_otherwise(table_of(heir), o, id) ||
        !(written || is_local(copy)))
      continue;
    strbuf_adds(out, "ALTER TABLE ");
    sql_object(out, heir);
    strbuf_adds(out, id == KIND_COLUMN ? " DROP COLUMN IF EXISTS " : " DROP CONSTRAINT IF EXISTS ");
    sql_ident(out, called);
    strbuf_adds(out, ";\n");
    drop_below(o, heir, called, written, out);
  }
}

void inherit_drop_below(const struct object *o, const char *called, bool written, struct strbuf *out) {
  if (o->parent && is_kind(o->parent, KIND_TABLE) && (is_kind(o, KIND_COLUMN) || is_kind(o, KIND_CHECK)) &&
      !o->inherited && (written || o->match))
    drop_below(o, o->parent, called, written, out);
}

static const char *expr_text(const struct expr *e) {
  return e->compared ? e->compared : e->sql;
}

bool inherit_computes(const struct object *column) {
  const struct column *col = (const struct column *)column, *from = (const struct column *)column->above;
  if (!from || !col->generated.sql || !from->generated.sql)
    return from && col->generated.sql == from->generated.sql;
  return sql_same_words(expr_text(&col->generated), expr_text(&from->generated));
}

void inherit_follow(struct table *t, const struct object *of, const char *schema_name, const char *name) {
  for (size_t i = 0; i + 1 < t->parents.n; i += 2) {
    if (is_kind(of, KIND_SCHEMA) ? strcmp(t->parents.v[i], of->name) != 0
                                 : !is_kind(of, KIND_TABLE) || strcmp(t->parents.v[i], of->schema) != 0 ||
                                       strcmp(t->parents.v[i + 1], of->name) != 0)
      continue;
    t->parents.v[i] = is_kind(of, KIND_SCHEMA) ? name : schema_name;
    if (is_kind(of, KIND_TABLE))
      t->parents.v[i + 1] = name;
  }
}

/* ── what Postgres makes below what is made above ── */

/* An heir has the checks, a partition all constraints and indexes, under names of its own where they are relations. */
static void clone(struct schema *s, struct object *table, const struct object *from, enum kind_id id) {
  const bool relation = id == KIND_KEY || id == KIND_EXCLUDE || id == KIND_INDEX;
  struct object *o = schema_add(s, id, table->schema, from->name, table);
  memcpy(o + 1, from + 1, from->kind->size - sizeof *o);
  o->inherited = o->default_name = true;
  if (relation)
    o->name = name_of_postgres(s, o);
  schema_enter(s, o->kind->ns, o);
  if (relation)
    schema_enter(s, NS_RELATION, o);
}

void inherit_as_made(struct schema *s, struct object *o) {
  static const enum kind_id ids[] = {KIND_CHECK, KIND_KEY, KIND_EXCLUDE, KIND_FOREIGN, KIND_INDEX};
  const struct table *t = table_of(o);
  for (size_t i = 0; i < t->above_count; i++)
    for (size_t k = 0; t->above[i] && k < (t->bounds.sql && !t->server ? ARRAY_LEN(ids) : 1); k++)
      for EACH_CHILD(t->above[i], from)
        if (is_kind(from, ids[k]) && !(ids[k] == KIND_CHECK && ((const struct check *)from)->no_inherit) &&
            !child_named(o, ids[k], from->name))
          clone(s, o, from, ids[k]);
}

/* ── twins ── */

const struct object *inherit_stands_under(const struct object *o) {
  const struct table *t = table_of(o);
  return t->bounds.sql && t->above_count ? t->above[0] : NULL;
}

bool inherit_is_within(const struct object *o, const struct object *table) {
  while (o && o != table)
    o = inherit_stands_under(o);
  return o != NULL;
}

void inherit_stand(struct arena *arena, struct object *copy, const struct object *under) {
  struct table *t = table_of(copy);
  t->parents = (struct names){0};
  if (under) {
    t->parents = (struct names){arena_array(arena, 2, sizeof *t->parents.v), 2};
    t->parents.v[0] = under->schema;
    t->parents.v[1] = under->name;
    return;
  }
  t->bounds = (struct expr){0};
  for EACH_CHILD(copy, o)
    o->inherited = false;
}

/* ── catalogs → model ── */

/* Whether nothing was said of the column here that was not said above. */
static bool adds_nothing(struct arena *arena, const struct column *col, const struct column *from) {
  struct column as = *col;
  inherit_content(arena, &as);
  return !col->object.comment && col->not_null == not_null_below(from) &&
         !(object_differs(&col->object, &as.object) & COLUMN_OVERRIDES) &&
         same_text(col->generated.sql, from->generated.sql) && (from->identity || !col->identity);
}

static void finish_column(struct arena *arena, struct column *col, const struct table *t) {
  for (size_t i = 0; i < t->above_count && !col->object.above; i++)
    if (t->above[i])
      col->object.above = child_named(t->above[i], KIND_COLUMN, col->object.name);
  const struct column *from = (const struct column *)col->object.above;
  if (!from)
    return;
  if (col->not_null_came)
    col->not_null = not_null_below(from);
  if (t->bounds.sql) { /* which older versions do not say */
    col->identity = from->identity;
    col->sequence = from->sequence;
    col->sequence_name = from->sequence_name;
  }
  col->object.inherited = adds_nothing(arena, col, from);
}

static void finish_table(struct catalog *c, struct table *t) {
  if (!t->parent_oids.n || t->completed == COMPLETE)
    return;
  t->completed = COMPLETE;
  t->above = arena_array(c->schema->arena, t->parent_oids.n, sizeof(struct object *));
  for (size_t i = 0; i < t->parent_oids.n; i++) {
    struct object *above = catalog_get(c, "pg_class", t->parent_oids.v[i]);
    if (above)
      finish_table(c, table_of(above));
    put_under(c->schema, t, above);
  }
  for EACH_CHILD(&t->object, child)
    if (is_kind(child, KIND_COLUMN))
      finish_column(c->schema->arena, (struct column *)child, t);
}

void inherit_finish(struct catalog *c) {
  for (struct object *o = c->schema->first; o; o = o->next)
    if (is_kind(o, KIND_TABLE))
      finish_table(c, table_of(o));
}

/* ── catalog ── */

static const char *query_parents(int version) {
  (void)version;
  return "SELECT h.inhrelid, h.inhparent, u.relnamespace, u.relname FROM pg_catalog.pg_inherits h"
         " JOIN pg_catalog.pg_class u ON u.oid = h.inhparent WHERE u.relkind IN ('r', 'p', 'f') ORDER BY h.inhrelid, h.inhseqno";
}

static void append(struct arena *arena, struct names *names, const char *name) {
  const char **v = arena_array(arena, names->n + 1, sizeof *v);
  for (size_t i = 0; i < names->n; i++)
    v[i] = names->v[i];
  v[names->n] = name;
  *names = (struct names){v, names->n + 1};
}

static void read_parent(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct table *t = (struct table *)catalog_get(c, "pg_class", row_peek(row, 0));
  if (!t)
    return;
  append(arena, &t->parents, catalog_name(c, "pg_namespace", row_peek(row, 2)));
  append(arena, &t->parents, row_text(row, 3));
  append(arena, &t->parent_oids, row_text(row, 1));
}

const struct lookup parents_lookup = {query_parents, read_parent, "pg_inherits", KIND_VIEW, false};
