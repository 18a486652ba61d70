/* Changes of tables that have rows and users, in pieces that hold up nobody for long. */
#include "objects/objects.h"

void online_piece(struct online *o, enum piece_mode mode, struct strbuf *sql, struct strbuf *undo) {
  struct piece *p = arena_alloc(o->arena, sizeof *p);
  *p = (struct piece){.mode = mode, .sql = strbuf_dup(sql, o->arena), .undo = undo ? strbuf_dup(undo, o->arena) : NULL};
  if (o->last)
    o->last->next = p;
  else
    o->first = p;
  o->last = p;
  strbuf_clear(sql);
  if (undo)
    strbuf_clear(undo);
}

/* ── indexes ── */

static void concurrently(struct strbuf *out, size_t from, const char *word) {
  const size_t at = (size_t)(strstr(out->text + from, "INDEX ") - out->text) + 6;
  struct strbuf rest = STRBUF_INIT;
  strbuf_adds(&rest, out->text + at);
  strbuf_truncate(out, at);
  strbuf_adds(out, word);
  strbuf_add(out, rest.text, rest.len);
  strbuf_release(&rest);
}

static void create_index(const struct object *o, const char *name, struct strbuf *out) {
  const size_t from = out->len;
  struct index i = *(const struct index *)o;
  i.object.name = name;
  o->kind->create(&i.object, out);
  concurrently(out, from, "CONCURRENTLY ");
}

static void drop_index(const struct object *o, const char *name, bool if_exists, struct strbuf *out) {
  strbuf_adds(out, if_exists ? "DROP INDEX CONCURRENTLY IF EXISTS " : "DROP INDEX CONCURRENTLY ");
  sql_qualified(out, o->schema, name);
  strbuf_adds(out, ";\n");
}

void online_create_index(const struct object *o, bool if_absent, struct strbuf *out) {
  const size_t from = out->len;
  o->kind->create(o, out);
  concurrently(out, from, if_absent ? "CONCURRENTLY IF NOT EXISTS " : "CONCURRENTLY ");
}

void online_rename_index(const struct object *o, const char *from, const char *to, struct strbuf *out) {
  strbuf_adds(out, "ALTER INDEX ");
  sql_qualified(out, o->schema, from);
  strbuf_adds(out, " RENAME TO ");
  sql_ident(out, to);
  strbuf_adds(out, ";\n");
}

static void step_aside(const struct object *o, const char *aside, struct online *out) {
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  online_rename_index(o, o->name, aside, &sql);
  online_rename_index(o, aside, o->name, &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  strbuf_release(&sql);
  strbuf_release(&undo);
}

/* On the way back it is there already when what took it along comes again. */
static bool went_along(const struct object *after, const struct online *out) {
  const struct object *was = after ? schema_find(out->before, NS_RELATION, after->schema, NULL, after->name) : NULL;
  return was && was->parent && was->parent->match == after->parent && inherit_takes_along(was);
}

bool index_online(const struct object *before, const struct object *after, struct online *out) {
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  const char *aside = before && after ? name_aside(out->arena, out->before, out->after, after) : NULL;
  bool possible = true;
  if ((before && after && !out->anew) || went_along(after, out))
    return false;
  if (!after && before->taken_over) /* it has gone with the one above, or may not be its part yet */
    return false;
  if (aside) /* the replacement first */
    step_aside(after, aside, out);
  if (table_is_parted((after ? after : before)->parent)) { /* none is dropped CONCURRENTLY */
    possible = aside ? parted_index_replace(before, after, aside, out) : after && parted_index_online(after, out);
  } else {
    if (after)
      online_build(after, out);
    if (before) {
      drop_index(before, aside ? aside : before->name, false, &sql);
      create_index(before, aside ? aside : before->name, &undo);
      online_piece(out, PIECE_ALONE, &sql, &undo);
    }
    out->undone = true;
  }
  strbuf_release(&sql);
  strbuf_release(&undo);
  return possible;
}

/* ── constraints ── */

static void drop_constraint(const struct object *o, const char *name, bool if_exists, struct strbuf *out) {
  sql_alter_table(out, o);
  strbuf_adds(out, if_exists ? "DROP CONSTRAINT IF EXISTS " : "DROP CONSTRAINT ");
  sql_ident(out, name);
  strbuf_adds(out, ";\n");
}

static bool names_new_column(const struct object *o, struct names columns) {
  bool any = false;
  for (size_t i = 0; i < columns.n && !any; i++) {
    const struct object *column = child_named(o->parent, KIND_COLUMN, columns.v[i]);
    any = column && !column->match;
  }
  return any;
}

/* Added for what is written from now on; then the rows that were there are read, while others write. columns: with one
 * that is new it may have gone by the time it is taken away. */
static void add_and_validate(const struct object *o, struct names columns, struct online *out) {
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  o->kind->create(o, &sql);
  strbuf_truncate(&sql, sql.len - 2);
  strbuf_adds(&sql, " NOT VALID;\n");
  drop_constraint(o, o->name, names_new_column(o, columns), &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  sql_validate(o, &sql);
  online_piece(out, PIECE_APART, &sql, NULL);
  out->undone = true;
  strbuf_release(&sql);
  strbuf_release(&undo);
}

bool check_online(const struct object *before, const struct object *after, struct online *out) {
  if (before || ((const struct check *)after)->not_valid || ((const struct check *)after)->not_enforced)
    return false;
  add_and_validate(after, ((const struct check *)after)->columns, out);
  return true;
}

bool foreign_online(const struct object *before, const struct object *after, struct online *out) {
  if (before || ((const struct foreign *)after)->not_valid || ((const struct foreign *)after)->not_enforced)
    return false;
  if (table_is_parted(after->parent) && out->target->version < 18)
    return parted_foreign_online(after, out);
  add_and_validate(after, ((const struct foreign *)after)->columns, out);
  return true;
}

static void create_key_index(const struct object *o, struct strbuf *out) {
  const struct key *k = (const struct key *)o;
  strbuf_adds(out, "CREATE UNIQUE INDEX CONCURRENTLY ");
  sql_ident(out, o->name);
  strbuf_adds(out, " ON ");
  sql_object(out, o->parent);
  strbuf_addc(out, ' ');
  sql_columns(out, k->columns);
  sql_include(out, k->include);
  if (k->nulls_not_distinct)
    strbuf_adds(out, " NULLS NOT DISTINCT");
  sql_with(out, k->settings);
  strbuf_adds(out, ";\n");
}

void online_build(const struct object *o, struct online *out) {
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  if (is_kind(o, KIND_KEY))
    create_key_index(o, &sql);
  else
    create_index(o, o->name, &sql);
  drop_index(o, o->name, true, &undo);
  online_piece(out, PIECE_ALONE, &sql, &undo);
  strbuf_release(&sql);
  strbuf_release(&undo);
}

void online_use_index(const struct object *o, struct strbuf *out) {
  const struct key *k = (const struct key *)o;
  sql_alter_table(out, o);
  strbuf_adds(out, "ADD CONSTRAINT ");
  sql_ident(out, o->name);
  strbuf_adds(out, k->primary ? " PRIMARY KEY USING INDEX " : " UNIQUE USING INDEX ");
  sql_ident(out, o->name);
  sql_deferral(out, k->deferrable, k->deferred);
  strbuf_adds(out, ";\n");
}

static bool has_period(const struct object *key) { /* whose index cannot be made apart */
  return ((const struct key *)key)->period;
}

/* A partition's may have gone with that of the whole. */
static bool is_taken_along(const struct object *key) {
  return ((const struct table *)key->parent)->bounds.sql != NULL;
}

/* Whether there is a key of these columns that was there before. */
static bool has_kept_key(const struct object *table, struct names columns) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_KEY) && o->match && names_equal_sets(((const struct key *)o)->columns, columns))
      return true;
  return false;
}

/* Whether a foreign key that is for a new key would be put on this one, which has its columns still. */
static bool would_be_taken(const struct object *before, const struct object *after) {
  const struct names columns = ((const struct key *)before)->columns;
  for (const struct depend *d = ((const struct table *)after->parent)->referrers; d; d = d->next)
    if (names_equal_sets(((const struct foreign *)d->on)->target_columns, columns))
      return !has_kept_key(after->parent, columns);
  return false;
}

/* In the place of another, which keeps rows unique until then; what a constraint stands on cannot go by itself. */
static void replace_key(const struct object *before, const struct object *after, const char *aside,
                        struct online *out) {
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  struct key old = *(const struct key *)before;
  old.object.parent = after->parent;
  old.object.name = aside;
  old.object.default_name = false;
  online_build(after, out);
  drop_constraint(after, aside, false, &sql);
  online_use_index(after, &sql);
  drop_constraint(after, after->name, false, &undo);
  before->kind->create(&old.object, &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  strbuf_release(&sql);
  strbuf_release(&undo);
}

/* Its index is built first, while others write. */
bool key_online(const struct object *before, const struct object *after, struct online *out) {
  const char *aside = before && after ? name_aside(out->arena, out->before, out->after, after) : NULL;
  if ((before && !(after && out->anew)) || went_along(after, out) || has_period(after) ||
      (before && (has_period(before) || would_be_taken(before, after))))
    return false;
  if (aside)
    step_aside(after, aside, out);
  if (table_is_parted(after->parent))
    return aside ? parted_key_replace(before, after, aside, out) : parted_key_online(after, out);
  out->undone = true;
  if (aside) {
    replace_key(before, after, aside, out);
    return true;
  }
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  online_build(after, out);
  online_use_index(after, &sql);
  drop_constraint(after, after->name, is_taken_along(after), &undo);
  online_piece(out, PIECE_SHARED, &sql, &undo);
  strbuf_release(&sql);
  strbuf_release(&undo);
  return true;
}

/* ── columns ── */

/* A partition has those of what it is a part of. */
static const struct object *triggered_above(const struct object *table) {
  const struct table *t = (const struct table *)table;
  return t->bounds.sql && t->above_count ? t->above[0] : NULL;
}

static bool has_touch_trigger(const struct object *table) {
  for (; table; table = triggered_above(table))
    for (const struct object *o = table->match ? table->match->first_child : NULL; o; o = o->next)
      if (is_kind(o, KIND_TOUCH_TRIGGER) && o->match)
        return true;
  return false;
}

static void touch_triggers(const struct object *table, const char *verb, struct strbuf *out) {
  for (const struct object *of = table; of; of = triggered_above(of))
    for (const struct object *o = of->match->first_child; o; o = o->next)
      if (is_kind(o, KIND_TOUCH_TRIGGER) && o->match) {
        strbuf_adds(out, "    ALTER TABLE ");
        sql_object(out, table);
        strbuf_addf(out, " %s TRIGGER ", verb);
        sql_ident(out, o->name);
        strbuf_adds(out, ";\n");
      }
}

static void fill(const struct object *table, bool only, const struct column *col, const char *value,
                 struct strbuf *out) {
  strbuf_adds(out, only ? "UPDATE ONLY " : "UPDATE ");
  sql_object(out, table);
  strbuf_adds(out, " SET ");
  sql_ident(out, col->object.name);
  strbuf_addf(out, " = (%s)", value);
}

/* Rows that somebody wrote meanwhile may have moved to where the backfill had been, or came without a value. */
static void fill_rest(const struct object *table, const struct column *col, const char *value, struct strbuf *out) {
  fill(table, false, col, value, out);
  strbuf_adds(out, " WHERE ");
  sql_ident(out, col->object.name);
  strbuf_adds(out, " IS NULL;\n");
}

/* Some thousand rows a transaction, by their place: what a run that was cut off has done is not done again. A touch
 * trigger would take the backfill for a change that somebody made; without it nobody else writes, so not for long. */
static void backfill_table(const struct object *table, const struct column *col, const char *value,
                           struct online *out) {
  const bool touched = has_touch_trigger(table);
  const int blocks = touched ? 50 : 500;
  struct strbuf name = STRBUF_INIT, literal = STRBUF_INIT, body = STRBUF_INIT, sql = STRBUF_INIT;
  sql_object(&name, table);
  sql_literal(&literal, name.text);
  strbuf_addf(&body,
              "\nDECLARE\n  block bigint := 0;\n  filled bigint := 0;\n  more bigint;\nBEGIN\n"
              "  WHILE block * pg_catalog.current_setting('block_size')::bigint < pg_catalog.pg_relation_size(%s) LOOP\n",
              literal.text);
  if (touched)
    touch_triggers(table, "DISABLE", &body);
  strbuf_adds(&body, "    ");
  fill(table, tables_below(table) != NULL, col, value, &body);
  strbuf_addf(&body,
              "\n      WHERE ctid >= pg_catalog.format('(%%s,0)', block)::tid"
              " AND ctid < pg_catalog.format('(%%s,0)', block + %d)::tid AND ",
              blocks);
  sql_ident(&body, col->object.name);
  strbuf_adds(&body, " IS NULL;\n    GET DIAGNOSTICS more = ROW_COUNT;\n    filled := filled + more;\n"
                     "    RAISE DEBUG '% rows filled', filled;\n"); /* for whoever wants to know */
  if (touched) {
    strbuf_adds(&body, "    SET CONSTRAINTS ALL IMMEDIATE;\n"); /* a table with checks to come cannot be altered */
    touch_triggers(table, "ENABLE", &body);
  }
  strbuf_addf(&body, "    COMMIT;\n    block := block + %d;\n  END LOOP;\n", blocks);
  if (!col->not_null) { /* else before that is looked at */
    strbuf_adds(&body, "  ");
    fill_rest(table, col, value, &body);
  }
  strbuf_adds(&body, "END\n");
  strbuf_adds(&sql, "DO ");
  sql_dollar(&sql, body.text);
  strbuf_adds(&sql, ";\n");
  online_piece(out, PIECE_ALONE, &sql, NULL);
  strbuf_release(&name);
  strbuf_release(&literal);
  strbuf_release(&body);
  strbuf_release(&sql);
}

/* Each table with rows of its own: what is below this one has them by their own places. */
static void backfill(const struct object *table, const struct column *col, const char *value, struct online *out) {
  if (!((const struct table *)table)->partition_by.sql && !is_foreign(table))
    backfill_table(table, col, value, out);
  for (const struct depend *d = tables_below(table); d; d = d->next)
    backfill(d->on, col, value, out);
}

static void alter_column(const struct object *o, struct strbuf *out) {
  sql_alter_table(out, o);
  strbuf_adds(out, "ALTER COLUMN ");
  sql_ident(out, o->name);
  strbuf_addc(out, ' ');
}

/* ALTER TABLE … ADD CONSTRAINT name … NOT VALID */
static void add_not_null(const struct column *col, const char *name, bool native, struct strbuf *out) {
  const struct object *o = &col->object;
  sql_alter_table(out, o);
  strbuf_adds(out, "ADD CONSTRAINT ");
  sql_ident(out, name);
  strbuf_adds(out, native ? " NOT NULL " : " CHECK (");
  sql_ident(out, o->name);
  strbuf_adds(out, !native ? " IS NOT NULL)" : col->not_null_alone ? " NO INHERIT" : "");
  strbuf_adds(out, " NOT VALID;\n");
}

/* Before 18 a check that is known to hold for all rows saves SET NOT NULL from reading them; 18 has such constraints,
 * and the column may have one already: `later` is its name. value: what rows were filled with, or NULL. */
static void set_not_null(const struct column *col, const char *later, const char *value, struct online *out) {
  const struct object *o = &col->object;
  const bool native = out->target->version >= 18;
  /* a newer server gives the first to SET NOT NULL */
  const char *pattern = native ? "%s_%s_not_null" : "%s_%s_not_null_check";
  const char *name = later                           ? later
                     : native && col->not_null_name ? col->not_null_name
                     : name_shorten(out->arena, arena_printf(out->arena, pattern, o->parent->name, o->name));
  struct strbuf sql = STRBUF_INIT, undo = STRBUF_INIT;
  if (!later) {
    add_not_null(col, name, native, &sql);
    drop_constraint(o, name, true, &undo);
    online_piece(out, PIECE_SHARED, &sql, &undo);
  }
  if (value) {
    fill_rest(o->parent, col, value, &sql);
    strbuf_adds(&sql, "SET CONSTRAINTS ALL IMMEDIATE;\n"); /* a table with checks to come cannot be altered */
  }
  sql_alter_table(&sql, o);
  strbuf_adds(&sql, "VALIDATE CONSTRAINT ");
  sql_ident(&sql, name);
  strbuf_adds(&sql, ";\n");
  online_piece(out, PIECE_APART, &sql, NULL);
  if (!native) {
    alter_column(o, &sql);
    strbuf_adds(&sql, "SET NOT NULL;\n");
    drop_constraint(o, name, false, &sql);
    add_not_null(col, name, native, &undo);
    alter_column(o, &undo);
    strbuf_adds(&undo, "DROP NOT NULL;\n");
    online_piece(out, PIECE_SHARED, &sql, &undo);
  }
  strbuf_release(&sql);
  strbuf_release(&undo);
}

/* A value for each row: what `backfill` says, or a default that each row computes anew. */
static const char *row_value(const struct column *col, struct online *out) {
  if (col->backfill.sql)
    return col->backfill.sql;
  return col->default_.sql && sql_is_volatile(out->sql, col->default_.sql) ? col->default_.sql : NULL;
}

static bool add_column(const struct column *col, struct online *out) {
  const char *value = row_value(col, out);
  if (!value || col->generated.sql || col->identity || col->serial)
    return false;
  struct column bare = *col;
  bare.not_null = false;
  bare.backfill = bare.default_ = (struct expr){0};
  struct strbuf sql = STRBUF_INIT;
  bare.object.kind->create(&bare.object, &sql);
  if (col->default_.sql) {
    alter_column(&col->object, &sql);
    strbuf_addf(&sql, "SET DEFAULT %s;\n", col->default_.sql);
  }
  online_piece(out, PIECE_SHARED, &sql, NULL);
  strbuf_release(&sql);
  backfill(col->object.parent, col, value, out);
  if (col->not_null)
    set_not_null(col, NULL, value, out);
  return true;
}

/* Whether the partition that a row is in, of this table or one below it, depends on the column. */
static bool parts_rows(const struct object *table, const char *column) {
  const struct table *t = (const struct table *)table;
  bool any = keys_hold(&t->partition_keys, column) || keys_mention(&t->partition_keys, &(struct expr){0}, column);
  for (const struct depend *d = tables_below(table); d && !any; d = d->next)
    any = parts_rows(d->on, column);
  return any;
}

bool column_online(const struct object *before, const struct object *after, struct online *out) {
  if (!after || is_kind(after->parent, KIND_COMPOSITE))
    return false;
  const struct column *col = (const struct column *)after;
  if (!before)
    return add_column(col, out);
  if (out->anew || !(after->differs & COLUMN_NOT_NULL) || !col->not_null || col->identity || col->serial ||
      not_null_comes(col))
    return false;
  const struct column *was = (const struct column *)before;
  const uint64_t others = after->differs & ~(uint64_t)COLUMN_NOT_NULLS;
  const char *later = was->not_null_later ? not_null_called(out->arena, was) : NULL;
  if (later && after->differs & (COLUMN_NOT_NULL_NAME | COLUMN_NOT_NULL_ALONE))
    return false;
  if (col->backfill.sql && parts_rows(after->parent, after->name)) /* rows would go elsewhere */
    return false;
  struct strbuf sql = STRBUF_INIT;
  if (!after->kind->alter(before, after, others, &sql)) {
    strbuf_release(&sql);
    return false;
  }
  if (sql.len)
    online_piece(out, PIECE_SHARED, &sql, NULL);
  strbuf_release(&sql);
  if (col->backfill.sql)
    backfill(after->parent, col, col->backfill.sql, out);
  set_not_null(col, later, col->backfill.sql, out);
  out->undone = !others && !later;
  return true;
}
