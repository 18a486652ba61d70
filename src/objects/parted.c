/* Tables that are parted, in pieces: what they have is made empty on the whole, in each partition while others write,
 * then attached; so is a partition itself. */
#include "objects/objects.h"

/* A partition, and what it has of what the whole gets. */
struct part {
  const struct object *table;
  const struct part *up;      /* that it is a part of; NULL: of the whole */
  const struct object *above; /* what the table above it has */
  const struct object *own;   /* NULL: it is made */
  struct object *made;
  struct object *old;         /* what it had of what is replaced */
  const char *final;          /* a name for what is made that the old one has; NULL: it has its own */
  struct part *next;
};
struct parts {
  struct online *online;
  const struct object *replaced; /* or NULL */
  struct part *first, **end;
  bool possible;
};

static const struct table *table_of(const struct object *o) {
  return (const struct table *)o;
}

bool table_is_parted(const struct object *table) {
  return is_kind(table, KIND_TABLE) && table_of(table)->partition_by.sql;
}

const struct depend *tables_below(const struct object *table) {
  return is_kind(table, KIND_TABLE) ? table_of(table)->below : NULL;
}

/* What goes with one above has gone before anything is made, unless that only steps aside. */
static bool went_along(const struct object *o) {
  const struct object *above = inherit_takes_along(o);
  return above && !above->match;
}

/* Nobody's, or this one's since it was asked before, or that of what goes. */
static bool is_free(const struct online *out, const struct object *o, const struct object *goes) {
  const struct object *there = schema_find(out->before, NS_RELATION, o->schema, NULL, o->name);
  const bool own = there && there->kind == o->kind && there->parent == o->parent && !object_differs(there, o);
  return (!there || own || there == goes || went_along(there)) &&
         !schema_find(out->after, NS_RELATION, o->schema, NULL, o->name);
}

/* As Postgres would call it. The name is noted among those that are there, so that the next one gets another. */
static void name_free(const struct online *out, struct object *o, const struct object *goes) {
  struct names columns = {0};
  struct strbuf joined = STRBUF_INIT, label = STRBUF_INIT;
  const bool primary = is_kind(o, KIND_KEY) && ((const struct key *)o)->primary;
  name_parts(o, out->arena, &columns);
  for (size_t i = 0; i < columns.n && !primary; i++)
    strbuf_addf(&joined, "%s%s", i ? "_" : "", columns.v[i]);
  for (unsigned number = 0; number == 0 || !is_free(out, o, goes); number++) {
    strbuf_clear(&label);
    strbuf_adds(&label, primary ? "pkey" : is_kind(o, KIND_KEY) ? "key" : "idx");
    if (number)
      strbuf_addf(&label, "%u", number);
    o->name = postgres_name(out->arena, o->parent->name, joined.text ? joined.text : "", label.text);
  }
  strbuf_release(&joined);
  strbuf_release(&label);
  schema_enter(out->before, NS_RELATION, o);
}

/* The same on another table. */
static struct object *put_on(struct arena *arena, const struct object *o, const struct object *table) {
  struct object *copy = arena_alloc(arena, o->kind->size);
  memcpy(copy, o, o->kind->size);
  copy->parent = (struct object *)(uintptr_t)table;
  copy->schema = table->schema;
  copy->default_name = false;
  return copy;
}

static const struct object *same_on(const struct object *o, const struct object *table) {
  for EACH_CHILD(table, own)
    if (!own->inherited && inherit_takes_over(o, own))
      return own;
  return NULL;
}

/* What the whole's is there, by its own name. */
static const struct object *copy_on(const struct object *o, const struct object *table) {
  for (const struct object *own = table ? table->first_child : NULL; own; own = own->next)
    if (own->kind == o->kind && own->inherited && !object_differs(own, o))
      return own;
  return NULL;
}

/* What it had is gone by the time that all is done, so that one that would be called so is at last. One of its own that
 * is the same may stand for a copy, and would go along. */
static void collect_old(struct parts *all, struct part *p) {
  const struct object *copy = copy_on(all->replaced, p->table->match);
  if (!copy || p->own || same_on(all->replaced, p->table->match)) {
    all->possible = false;
    return;
  }
  p->old = put_on(all->online->arena, all->replaced, p->table);
  p->old->name = copy->name;
  name_free(all->online, p->made, copy);
  if (strcmp(p->made->name, copy->name) == 0) {
    p->final = copy->name;
    name_free(all->online, p->made, NULL);
  }
}

static void collect(struct parts *all, const struct object *o, const struct part *up, const struct object *above) {
  const struct online *out = all->online;
  for (const struct depend *d = tables_below(above->parent); d; d = d->next) {
    const struct object *t = d->on;
    struct part *p = arena_alloc(out->arena, sizeof *p);
    *p = (struct part){.table = t, .up = up, .above = above, .own = same_on(o, t)};
    *all->end = p;
    all->end = &p->next;
    all->possible &= !table_of(t)->server; /* which have no indexes */
    if (!p->own)
      p->made = put_on(out->arena, o, t);
    if (all->replaced)
      collect_old(all, p);
    else if (p->made && !is_kind(o, KIND_FOREIGN))
      name_free(out, p->made, NULL);
    if (p->own)
      continue;
    if (table_is_parted(t))
      collect(all, o, p, p->made);
  }
}

static bool has_twin(const struct object *o) {
  for EACH_CHILD(o->parent, other)
    if (other != o && other->kind == o->kind && !object_differs(other, o))
      return true;
  return false;
}

/* Nothing to be had where there is no partition, nor where two of the same would take each other's parts. */
static struct parts parts_of(const struct object *replaced, const struct object *o, struct online *out) {
  struct parts all = {.online = out, .replaced = replaced, .end = &all.first, .possible = true};
  collect(&all, o, NULL, o);
  all.possible &= all.first && !has_twin(o) && !(replaced && has_twin(replaced));
  return all;
}

/* "… ON ONLY t (…)" */
static void create_empty_index(const struct object *o, struct strbuf *out) {
  struct strbuf head = STRBUF_INIT, whole = STRBUF_INIT;
  strbuf_adds(&head, ((const struct index *)o)->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
  sql_ident(&head, o->name);
  strbuf_adds(&head, " ON ");
  o->kind->create(o, &whole);
  strbuf_addf(out, "%sONLY %s", head.text, whole.text + head.len);
  strbuf_release(&head);
  strbuf_release(&whole);
}

static void create_empty_key(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "ALTER TABLE ONLY ");
  sql_object(out, o->parent);
  strbuf_adds(out, " ADD ");
  o->kind->fold(o, false, out);
  strbuf_adds(out, ";\n");
}

static void create_empty(const struct object *o, struct strbuf *out) {
  if (is_kind(o, KIND_KEY))
    create_empty_key(o, out);
  else
    create_empty_index(o, out);
}

static void drop_if_there(const struct object *o, struct strbuf *out) {
  if (is_kind(o, KIND_INDEX)) {
    strbuf_adds(out, "DROP INDEX IF EXISTS ");
    sql_object(out, o);
    strbuf_adds(out, inherit_has_keys(o) ? " CASCADE" : "");
  } else {
    sql_alter_table(out, o);
    strbuf_adds(out, "DROP CONSTRAINT IF EXISTS ");
    sql_ident(out, o->name);
  }
  strbuf_adds(out, ";\n");
}

static void attach_to(const struct object *above, const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "ALTER INDEX ");
  sql_object(out, above);
  strbuf_adds(out, " ATTACH PARTITION ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

static void attach(const struct part *p, struct strbuf *out) {
  attach_to(p->above, p->own ? p->own : p->made, out);
}

/* What has no partition of its own yet: first the whole and what is parted below it. What is there already is its part
 * from the start, so that it goes with it whenever that is taken back. */
static void make_whole(const struct object *o, const struct parts *all, struct strbuf *sql, struct strbuf *undo) {
  create_empty(o, sql);
  drop_if_there(o, undo);
  for (const struct part *p = all->first; p; p = p->next)
    if (!p->own && table_is_parted(p->table)) {
      create_empty(p->made, sql);
      drop_if_there(p->made, undo);
    }
  for (const struct part *p = all->first; p; p = p->next)
    if (p->own)
      attach(p, sql);
}

static bool index_or_key_online(const struct object *o, struct online *out) {
  const struct parts all = parts_of(NULL, o, out);
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  if (!all.possible)
    return false;
  make_whole(o, &all, &sql, &undo);
  for (const struct part *p = all.first; p; p = p->next) {
    if (p->own || table_is_parted(p->table))
      continue;
    if (sql.len)
      online_piece(out, PIECE_SHARED, &sql, &undo);
    online_build(p->made, out);
  }
  for (const struct part *p = all.first; p; p = p->next) {
    if (p->own)
      continue;
    if (!table_is_parted(p->table) && is_kind(o, KIND_KEY))
      online_use_index(p->made, &sql);
    attach(p, &sql);
  }
  if (!undo.len)
    drop_if_there(o, &undo); /* with all that was attached */
  online_piece(out, PIECE_SHARED, &sql, &undo);
  out->undone = true;
  strbuf_release(&sql);
  strbuf_release(&undo);
  return true;
}

/* ── one in the place of another ── */

static void rename_made(const struct parts *all, bool back, struct strbuf *out) {
  for (const struct part *p = all->first; p; p = p->next)
    if (p->final)
      online_rename_index(p->made, back ? p->final : p->made->name, back ? p->made->name : p->final, out);
}

static void attach_old(const struct parts *all, const struct object *whole, struct strbuf *out) {
  for (const struct part *p = all->first; p; p = p->next)
    attach_to(p->up ? p->up->old : whole, p->old, out);
}

static void make_old_whole(const struct parts *all, const struct object *whole, struct strbuf *out) {
  create_empty(whole, out);
  for (const struct part *p = all->first; p; p = p->next)
    if (table_is_parted(p->table))
      create_empty(p->old, out);
}

/* The way back is the same the other way round: each file that builds a new part builds the old one again, unless it is
 * there still, since the way there ended before it went; then the new ones stand alone. */
bool parted_index_replace(const struct object *before, const struct object *after, const char *aside,
                          struct online *out) {
  const struct parts all = parts_of(before, after, out);
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT, unused = STRBUF_INIT;
  struct object *old = put_on(out->arena, before, after->parent);
  old->name = aside;
  if (!all.possible)
    return false;
  make_whole(after, &all, &sql, &unused);
  after->kind->drop(after, &undo);
  for (const struct part *p = all.first; p; p = p->next)
    drop_if_there(p->made, &undo);
  attach_old(&all, old, &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  for (const struct part *p = all.first; p; p = p->next) {
    if (table_is_parted(p->table))
      continue;
    online_create_index(p->made, false, &sql);
    online_create_index(p->old, true, &undo);
    online_piece(out, PIECE_ALONE, &sql, &undo);
  }
  old->kind->drop(old, &sql);
  for (const struct part *p = all.first; p; p = p->next)
    attach(p, &sql);
  rename_made(&all, false, &sql);
  rename_made(&all, true, &undo);
  make_old_whole(&all, old, &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  out->undone = true;
  strbuf_release(&sql);
  strbuf_release(&undo);
  strbuf_release(&unused);
  return true;
}

/* Built beside the old one; then they change places in a moment. The way back builds the old one under the lock: what a
 * constraint stands on cannot be taken from it alone. */
bool parted_key_replace(const struct object *before, const struct object *after, const char *aside,
                        struct online *out) {
  const struct parts all = parts_of(before, after, out);
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  struct object *old = put_on(out->arena, before, after->parent);
  old->name = aside;
  if (!all.possible)
    return false;
  for (const struct part *p = all.first; p; p = p->next)
    if (!table_is_parted(p->table))
      online_build(p->made, out);
  old->kind->drop(old, &sql);
  create_empty(after, &sql);
  for (const struct part *p = all.first; p; p = p->next) {
    if (table_is_parted(p->table))
      create_empty(p->made, &sql);
    else
      online_use_index(p->made, &sql);
    attach(p, &sql);
  }
  rename_made(&all, false, &sql);
  after->kind->drop(after, &undo);
  old->kind->create(old, &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  out->undone = true;
  strbuf_release(&sql);
  strbuf_release(&undo);
  return true;
}

bool parted_index_online(const struct object *after, struct online *out) {
  return !after->match && index_or_key_online(after, out);
}

bool parted_key_online(const struct object *after, struct online *out) {
  return !after->match && index_or_key_online(after, out);
}

/* Before 18 none is NOT VALID on what is parted: the partitions have theirs first, and the whole takes them over
 * unread. */
bool parted_foreign_online(const struct object *after, struct online *out) {
  const struct parts all = parts_of(NULL, after, out);
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT, validate = STRBUF_INIT;
  if (!all.possible || after->match)
    return false;
  for (const struct part *p = all.first; p; p = p->next) {
    if (p->own || table_is_parted(p->table))
      continue;
    p->made->kind->create(p->made, &sql);
    strbuf_truncate(&sql, sql.len - 2);
    strbuf_adds(&sql, " NOT VALID;\n");
    drop_if_there(p->made, &undo);
    sql_validate(p->made, &validate);
  }
  if (sql.len) {
    online_piece(out, PIECE_SHARED, &sql, &undo);
    online_piece(out, PIECE_APART, &validate, NULL);
  }
  const struct object *whole = put_on(out->arena, after, after->parent); /* by its name, which partitions have by now */
  whole->kind->create(whole, &sql);
  drop_if_there(whole, &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  out->undone = true;
  strbuf_release(&sql);
  strbuf_release(&undo);
  strbuf_release(&validate);
  return true;
}

/* ── partitions that come and go ── */

static const struct object *above_of(const struct object *partition) {
  const struct table *t = table_of(partition);
  return t->bounds.sql && t->above_count ? t->above[0] : NULL;
}

static const struct object *default_below(const struct object *above) {
  for (const struct depend *d = tables_below(above); d; d = d->next)
    if (is_default_partition(table_of(d->on)))
      return d->on;
  return NULL;
}

static void alter_above(const struct object *above, const char *what, const struct object *partition,
                        struct strbuf *out) {
  strbuf_adds(out, "ALTER TABLE ");
  sql_object(out, above);
  strbuf_addf(out, " %s PARTITION ", what);
  sql_object(out, partition);
}

static bool is_constraint_name(const struct schema *s, const char *schema_name, const char *name) {
  for EACH_OBJECT(s, o)
    if (o->kind->ns == NS_CONSTRAINT && o->schema && strcmp(o->schema, schema_name) == 0 && strcmp(o->name, name) == 0)
      return true;
  return false;
}

/* Of the check that DETACH CONCURRENTLY leaves behind, which says the bounds; NULL where they are of an expression. */
static const char *bounds_check(const struct online *out, const struct object *before, const struct object *partition) {
  const char *column = NULL;
  size_t count = 0;
  for (const struct object *above = above_of(before); above; above = above_of(above))
    for (size_t i = 0; i < table_of(above)->partition_keys.n; i++) {
      const char *key = table_of(above)->partition_keys.v[i].column;
      if (!key)
        return NULL;
      count += !column || strcmp(key, column) != 0;
      column = key;
    }
  for (unsigned number = 0;; number++) {
    const char *label = number ? arena_printf(out->arena, "check%u", number) : "check";
    const char *name = postgres_name(out->arena, partition->name, count == 1 ? column : "", label);
    if (!is_constraint_name(out->before, partition->schema, name))
      return name;
  }
}

static void drop_check(const struct object *table, const char *name, bool if_exists, struct strbuf *out) {
  strbuf_adds(out, "ALTER TABLE ");
  sql_object(out, table);
  strbuf_adds(out, if_exists ? " DROP CONSTRAINT IF EXISTS " : " DROP CONSTRAINT ");
  sql_ident(out, name);
  strbuf_adds(out, ";\n");
}

bool parted_leave_online(const struct object *before, const struct object *after, const char *step,
                         struct online *out) {
  const struct object *above = above_of(before), *partition = after ? after : before;
  /* one that moves leaves and comes in the plain form, there and back */
  const bool stays_away = !after || !above_of(after);
  const char *check = above && stays_away && out->target->version >= 14 && !default_below(above)
                          ? bounds_check(out, before, partition)
                          : NULL;
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  if (check) {
    alter_above(above, "DETACH", partition, &sql);
    strbuf_adds(&sql, ";\n");
  }
  const bool possible = check && strcmp(sql.text, step) == 0;
  if (possible) {
    strbuf_truncate(&sql, sql.len - 2);
    strbuf_adds(&sql, " CONCURRENTLY;\n");
    drop_check(partition, check, true, &undo);
    if (!after) {
      alter_above(above, "ATTACH", partition, &undo);
      strbuf_addf(&undo, " %s;\n", table_of(before)->bounds.sql);
    }
    online_piece(out, PIECE_ALONE, &sql, &undo);
    if (after) {
      drop_check(partition, check, true, &sql);
      online_piece(out, PIECE_SHARED, &sql, NULL);
    }
  }
  strbuf_release(&sql);
  strbuf_release(&undo);
  return possible;
}

/* CHECK (condition) NOT VALID, then VALIDATE, and what takes it away again. */
struct joining {
  struct strbuf add, undo, validate, drop;
};

static void prove(struct joining *j, struct online *out, const struct object *table, const struct object *of,
                  const char *condition) {
  const char *name = name_shorten(out->arena, arena_printf(out->arena, "%s_bounds", of->name));
  const bool others = table != of;
  struct strbuf target = STRBUF_INIT, ident = STRBUF_INIT;
  for (unsigned number = 1;
       is_constraint_name(out->before, table->schema, name) || is_constraint_name(out->after, table->schema, name);
       number++)
    name = name_shorten(out->arena, arena_printf(out->arena, "%s_bounds%u", of->name, number));
  sql_object(&target, table);
  sql_ident(&ident, name);
  strbuf_addf(&j->add, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s%s%s) NOT VALID;\n", target.text, ident.text,
              others ? "NOT (" : "", condition, others ? ")" : "");
  strbuf_addf(&j->validate, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", target.text, ident.text);
  drop_check(table, name, true, &j->undo);
  drop_check(table, name, false, &j->drop);
  strbuf_release(&target);
  strbuf_release(&ident);
}

/* Of all the bounds that its rows will be within. */
static bool all_conditions(struct arena *arena, const struct object *partition, struct strbuf *out) {
  bool possible = true;
  for (const struct object *above; possible && (above = above_of(partition)) != NULL; partition = above) {
    if (out->len)
      strbuf_adds(out, ") AND (");
    possible = partition_condition(arena, table_of(above), table_of(partition), out);
  }
  return possible;
}

/* What the whole has and the table has not, neither so far nor by itself from now on, would be built under the lock. */
static void build_missing(const struct object *before, const struct object *after, struct online *out,
                          struct strbuf *use, struct strbuf *undo) {
  for (const struct object *above = above_of(after); above && !table_is_parted(after); above = above_of(above))
    for EACH_CHILD(above, o) {
      const bool key = is_kind(o, KIND_KEY);
      if ((!key && !is_kind(o, KIND_INDEX)) || (key && ((const struct key *)o)->period) || same_on(o, after) ||
          same_on(o, before))
        continue;
      struct object *made = put_on(out->arena, o, after);
      name_free(out, made, NULL);
      online_build(made, out);
      if (key) {
        online_use_index(made, use);
        drop_if_there(made, undo);
      }
    }
}

/* What leaves keeps foreign keys that it came by. */
static void drop_references(const struct object *before, const struct object *after, struct online *out,
                            struct strbuf *undo) {
  for (const struct object *above = above_of(after); above; above = above_of(above))
    for EACH_CHILD(above, o)
      if (is_kind(o, KIND_FOREIGN) && !same_on(o, before))
        drop_if_there(put_on(out->arena, o, after), undo);
}

static void joining_release(struct joining *j) {
  strbuf_release(&j->add);
  strbuf_release(&j->undo);
  strbuf_release(&j->validate);
  strbuf_release(&j->drop);
}

/* Of the table's rows, unless it is new, and of those of the default one beside it. */
static bool prove_bounds(struct joining *j, const struct object *before, const struct object *after,
                         struct online *out) {
  const struct object *above = above_of(after), *rest = default_below(above->match);
  struct strbuf own = STRBUF_INIT, all = STRBUF_INIT;
  const bool possible = (!before || all_conditions(out->arena, after, &all)) &&
                        partition_condition(out->arena, table_of(above), table_of(after), &own);
  if (possible && before)
    prove(j, out, after, after, above_of(above) ? arena_printf(out->arena, "(%s)", all.text) : all.text);
  if (possible && rest && rest->match && rest != before && !is_default_partition(table_of(after)))
    prove(j, out, rest->match, after, own.text);
  strbuf_release(&own);
  strbuf_release(&all);
  return possible;
}

const struct object *parted_create_online(const struct object *after, struct online *out) {
  const struct object *above = above_of(after), *rest = above && above->match ? default_below(above->match) : NULL;
  struct joining j = {.add = STRBUF_INIT, .undo = STRBUF_INIT, .validate = STRBUF_INIT, .drop = STRBUF_INIT};
  const bool possible = !after->match && rest && rest->match && default_below(above) == rest->match &&
                        !table_of(rest)->server && prove_bounds(&j, NULL, after, out);
  if (possible) {
    online_piece(out, PIECE_SHARED, &j.add, &j.undo);
    online_piece(out, PIECE_APART, &j.validate, NULL);
    online_piece(out, PIECE_SHARED, &j.drop, NULL);
  }
  joining_release(&j);
  return possible ? rest->match : NULL;
}

bool parted_join_online(const struct object *before, const struct object *after, const char *step, struct online *out) {
  const struct object *above = above_of(after);
  struct joining j = {.add = STRBUF_INIT, .undo = STRBUF_INIT, .validate = STRBUF_INIT, .drop = STRBUF_INIT};
  struct strbuf join = STRBUF_INIT, leave = STRBUF_INIT;
  if (above)
    alter_above(above, "ATTACH", after, &join);
  const bool possible = above && above->match && !above_of(before) && strstr(step, join.text) &&
                        prove_bounds(&j, before, after, out);
  if (possible) {
    online_piece(out, PIECE_SHARED, &j.add, &j.undo);
    strbuf_clear(&join);
    alter_above(above, "DETACH", after, &leave);
    strbuf_adds(&leave, ";\n");
    build_missing(before, after, out, &join, &leave);
    drop_references(before, after, out, &leave);
    online_piece(out, PIECE_APART, &j.validate, NULL);
    strbuf_adds(&join, step);
    strbuf_adds(&join, j.drop.text);
    online_piece(out, PIECE_SHARED, &join, &leave);
    out->undone = true;
  }
  joining_release(&j);
  strbuf_release(&join);
  strbuf_release(&leave);
  return possible;
}
