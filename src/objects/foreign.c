/* foreign: foreign keys, written -> at a column or as an item of the table. */
#include "objects/objects.h"

static const enum node_kind known[] = {NODE_NAMES,        NODE_REFERENCE, NODE_ON_DELETE,  NODE_ON_UPDATE,
                                       NODE_DEFERRABLE,   NODE_DEFERRED,  NODE_MATCH_FULL, NODE_NOT_VALID,
                                       NODE_NOT_ENFORCED, NODE_KINDS};

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  const bool clause = is_kind(parent, KIND_COLUMN);
  struct object *table = clause ? parent->parent : parent;
  const struct node *reference = clause ? n : node_part(n, NODE_REFERENCE);
  if (table->external || is_kind(table, KIND_COMPOSITE))
    return; /* only gives the column its type */
  struct names columns = {.v = arena_array(c->arena, 1, sizeof(char *)), .n = 1};
  if (clause)
    columns.v[0] = parent->name;
  else
    columns = compile_names(c, node_part(n, NODE_NAMES));
  compile_only(c, n, known);
  /* The name stands behind the arrow in either form. */
  const struct node *named = node_part(n, NODE_NAME) ? n : reference;
  struct foreign *f = compile_table_object(c, KIND_FOREIGN, named, table, columns, "foreign");
  if (named != n) {
    compile_allow(c, n);
    const struct node *was = compile_clause(c, n, NODE_WAS);
    if (was)
      f->object.was = was->name.text;
  }
  if (n->doc && *n->doc->text)
    f->object.comment = n->doc->text;
  f->columns = columns;
  f->node = n;
  compile_key_limit(c, n->span, columns.n);
  const struct node *on_delete = compile_clause(c, reference, NODE_ON_DELETE);
  const struct node *on_update = compile_clause(c, reference, NODE_ON_UPDATE);
  f->rule_given = on_delete != NULL;
  f->on_delete = on_delete ? on_delete->text : "no action";
  f->on_update = on_update ? on_update->text : "no action";
  f->match_full = compile_clause(c, reference, NODE_MATCH_FULL) != NULL;
  f->not_valid = compile_clause(c, reference, NODE_NOT_VALID) != NULL;
  const struct node *unenforced = compile_clause(c, reference, NODE_NOT_ENFORCED);
  f->not_enforced = unenforced && compile_needs_version(c, 18, unenforced->span, "a foreign key that is not enforced");
  f->period = !clause && compile_period(c, node_part(n, NODE_NAMES));
  f->deferred = compile_clause(c, reference, NODE_DEFERRED) != NULL;
  f->deferrable = compile_clause(c, reference, NODE_DEFERRABLE) != NULL || f->deferred;
}

/* ── the two sides ── */

static const struct type_ref *base_type(const struct type_ref *t) {
  while (!t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN))
    t = &((const struct domain *)t->object)->type;
  return t;
}

/* From which other types a column may reference one of these: those that share a btree operator family with it
 * (pg_amop), and those with an implicit cast to it (pg_cast). Enclosed by blanks. */
static const struct {
  const char *to, *from;
} comparables[] = {
    {"int2", " int4 int8 "},
    {"int4", " int2 int8 "},
    {"int8", " int2 int4 "},
    {"numeric", " int2 int4 int8 "},
    {"float4", " float8 int2 int4 int8 numeric "},
    {"float8", " float4 int2 int4 int8 numeric "},
    {"oid", " int2 int4 int8 regclass "},
    {"regclass", " int2 int4 int8 oid "},
    {"text", " varchar bpchar name char "},
    {"varchar", " text bpchar name char "},
    {"bpchar", " text varchar "},
    {"name", " text varchar bpchar "},
    {"date", " timestamp timestamptz "},
    {"timestamp", " date timestamptz "},
    {"timestamptz", " date timestamp "},
    {"timetz", " time "},
    {"interval", " time "},
    {"inet", " cidr "},
    {"cidr", " inet "},
    {"macaddr", " macaddr8 "},
    {"macaddr8", " macaddr "},
    {"bit", " varbit "},
    {"varbit", " bit "},
};

static bool comparable(const struct type_ref *from, const struct type_ref *to) {
  struct type_ref x = *base_type(from), y = *base_type(to);
  x.mods = y.mods = NULL;
  if (!x.name || !y.name || type_equal(&x, &y))
    return true;
  /* where an extension's type lives may not be known */
  if (!x.object && !y.object && (!x.schema || !y.schema) && strcmp(x.name, y.name) == 0 && !type_info(x.name))
    return true;
  if (x.schema || y.schema || x.dimensions || y.dimensions)
    return false;
  for (size_t i = 0; i < ARRAY_LEN(comparables); i++) {
    const char *at = strcmp(comparables[i].to, y.name) == 0 ? strstr(comparables[i].from, x.name) : NULL;
    const size_t n = strlen(x.name);
    while (at && !(at[-1] == ' ' && at[n] == ' '))
      at = strstr(at + 1, x.name);
    if (at)
      return true;
  }
  return false;
}

static struct span column_span(const struct node *list, size_t i, struct span otherwise) {
  const struct node *n = list ? list->parts : NULL;
  for (; n && i > 0; i--)
    n = n->next;
  return n ? n->name.span : otherwise;
}

static void check_types(struct compile *c, const struct foreign *f, const struct node *own) {
  const struct object *table = f->object.parent;
  for (size_t i = 0; i < f->columns.n; i++) {
    struct column *from = table_column(table, f->columns.v[i]), *to = table_column(f->table, f->target_columns.v[i]);
    if (!from || !to || !column_type(c, from) || !column_type(c, to) || comparable(&from->type, &to->type))
      continue;
    struct strbuf a = STRBUF_INIT, b = STRBUF_INIT;
    sql_type(&a, &from->type);
    sql_type(&b, &to->type);
    struct diagnostic *d =
        diagnose(c->diagnostics, PDL_REFERENCE_TYPE, column_span(own, i, own ? own->span : from->object.span),
                 "\"%s\" is %s, the referenced \"%s\" is %s", from->object.name, a.text, to->object.name, b.text);
    diagnostic_peer(d, to->object.span, "it is declared here");
    strbuf_release(&a);
    strbuf_release(&b);
  }
}

static void check_rule(struct compile *c, struct foreign *f, const struct node *rule) {
  if (!rule || strncmp(rule->text, "set ", 4) != 0)
    return;
  const struct object *table = f->object.parent;
  struct names columns = f->columns;
  if (rule->parts) {
    compile_needs_version(c, 15, rule->span, "set null or default of some columns");
    f->on_delete_columns = columns = compile_columns(c, rule, table);
    for (const struct node *n = rule->parts; n; n = n->next)
      if (!names_hold(f->columns, n->name.text) && table_column(table, n->name.text))
        diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "\"%s\" is no column of this foreign key", n->name.text);
  }
  if (strcmp(rule->text, "set null") != 0 || diagnostics_allows(c->diagnostics, PDL_SET_NULL_NOT_NULL, rule->span))
    return;
  for (size_t i = 0; i < columns.n; i++) {
    const struct column *col = table_column(table, columns.v[i]);
    if (!col || !col->not_null || !names_hold(f->columns, columns.v[i]))
      continue;
    struct diagnostic *d = diagnose(c->diagnostics, PDL_SET_NULL_NOT_NULL, rule->span,
                                    "\"%s\" cannot be set null: it is not null", col->object.name);
    if (f->table && !node_part(col->node, NODE_TYPE))
      diagnostic_hint(c->diagnostics, d, "Write -> %s? for a reference that may be null.", f->table->name);
    else
      diagnostic_hint(c->diagnostics, d, "A ? behind its type lets \"%s\" be null.", col->object.name);
  }
}

static bool is_unlogged(const struct object *table) {
  return is_kind(table, KIND_TABLE) && ((const struct table *)table)->unlogged;
}

/* to may be NULL */
static void refer(struct schema *s, struct foreign *f, struct object *to) {
  struct table *t = (struct table *)to;
  f->table = to;
  if (!t)
    return;
  struct depend *referrer = arena_alloc(s->arena, sizeof *referrer);
  *referrer = (struct depend){.on = &f->object};
  *(t->referrers ? &t->last_referrer->next : &t->referrers) = referrer;
  t->last_referrer = referrer;
}

static void link(struct compile *c, struct object *o) {
  struct foreign *f = (struct foreign *)o;
  const bool clause = f->node->kind == NODE_REFERENCE;
  const struct node *reference = clause ? f->node : node_part(f->node, NODE_REFERENCE);
  const struct node *own = clause ? NULL : node_part(f->node, NODE_NAMES), *list = node_part(reference, NODE_NAMES);
  refer(c->schema, f, compile_find_table(c, reference->name));
  if (own)
    compile_columns(c, own, o->parent);
  check_rule(c, f, node_part(reference, NODE_ON_DELETE));
  check_rule(c, f, node_part(reference, NODE_ON_UPDATE));
  if (!f->table)
    return;
  f->table_schema = f->table->schema;
  f->table_name = f->table->name;
  if (list) {
    f->target_columns = compile_columns(c, list, f->table);
    for (size_t i = 0; i < f->target_columns.n; i++)
      if (!table_column(f->table, f->target_columns.v[i]))
        return;
  } else {
    const struct key *primary = table_primary(f->table);
    if (!primary) {
      diagnostic_peer(diagnose(c->diagnostics, PDL_REFERENCE_NOT_UNIQUE, reference->name.span,
                               "table \"%s\" has no primary key to reference", f->table->name),
                      f->table->span, "it is declared here");
      return;
    }
    f->target_columns = primary->columns;
  }
  if (f->columns.n != f->target_columns.n) {
    struct diagnostic *d = diagnose(
        c->diagnostics, PDL_REFERENCE_COLUMNS, reference->span, "%zu column%s reference%s %zu of \"%s\"", f->columns.n,
        f->columns.n == 1 ? "" : "s", f->columns.n == 1 ? "s" : "", f->target_columns.n, f->table->name);
    if (!list)
      diagnostic_hint(c->diagnostics, d,
                      "Without a list its primary key is meant; name other columns as in -> %s(column).",
                      f->table->name);
    return;
  }
  const bool to_period = list ? compile_period(c, list) : table_is_unique_in_period(f->table, f->target_columns);
  if (f->period != to_period) {
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_REFERENCE_COLUMNS, reference->span, "only one side of the reference has a period"),
        "Write foreign (a, period b) -> %s(c, period d).", f->table->name);
    return;
  }
  if (!(f->period ? table_is_unique_in_period : table_is_unique)(f->table, f->target_columns)) {
    struct diagnostic *d =
        diagnose(c->diagnostics, PDL_REFERENCE_NOT_UNIQUE, list ? list->text_span : reference->name.span,
                 "the referenced column%s of \"%s\" %s not unique", f->target_columns.n > 1 ? "s" : "", f->table->name,
                 f->target_columns.n > 1 ? "are" : "is");
    diagnostic_hint(
        c->diagnostics, d,
        f->period ? "Reference a key whose last column is without overlaps."
                  : "Reference its primary key, or add unique (…) to the table. A deferrable one does not serve.");
    return;
  }
  check_types(c, f, own);
  if (is_unlogged(f->table) && !is_unlogged(o->parent))
    diagnostic_hint(c->diagnostics, diagnose(c->diagnostics, PDL_REFERENCE_UNLOGGED, reference->name.span,
                                             "\"%s\" is logged, but \"%s\" is not", o->parent->name, f->table->name),
                    "Rows of \"%s\" are gone after a crash: make both unlogged, or neither.", f->table->name);
  compile_made(c, o, f->table->schema, f->table->name);
  if (f->table->external)
    return;
  object_depend(c->schema, o, f->table);
  /* What makes the columns unique must stand first, and may itself be added late. */
  for EACH_CHILD(f->table, child)
    if (makes_unique(child, f->target_columns))
      object_depend(c->schema, o, child);
}

/* Each stands behind all partitions that it refers to, none of which is dropped before it. */
static void prefer_partitions(struct schema *s) {
  for EACH_OBJECT(s, o) {
    const struct object *target = is_kind(o, KIND_FOREIGN) ? ((const struct foreign *)o)->table : NULL;
    if (!target || !((const struct table *)target)->partition_by.sql)
      continue;
    for (struct object *t = s->first; t; t = t->next)
      if (is_kind(t, KIND_TABLE) && t != target && inherit_is_within(t, target))
        object_prefer(s, o, t);
  }
}

static void conclude(struct compile *c) {
  prefer_partitions(c->schema);
}

static void finish(struct catalog *c) {
  prefer_partitions(c->schema);
}

/* An index (or key) that begins with the columns, in any order, serves deletes on the other table. */
static bool covered(const struct object *table, struct names columns) {
  for EACH_CHILD(table, o) {
    struct names leading = {0};
    const struct index *index = (const struct index *)o;
    const char *firsts[32];
    if (columns.n > ARRAY_LEN(firsts))
      return true;
    if (is_kind(o, KIND_KEY)) {
      leading = ((const struct key *)o)->columns;
    } else if (is_kind(o, KIND_INDEX) && !index->where.sql && (!index->method || strcmp(index->method, "btree") == 0)) {
      leading.v = firsts;
      for (size_t i = 0; i < index->keys.n && i < columns.n && index->keys.v[i].column; i++)
        firsts[leading.n++] = index->keys.v[i].column;
    }
    if (leading.n < columns.n)
      continue;
    leading.n = columns.n;
    bool all = true;
    for (size_t i = 0; i < columns.n; i++)
      all &= names_hold(leading, columns.v[i]);
    if (all)
      return true;
  }
  return false;
}

static void advise(struct compile *c, const struct object *o) {
  const struct foreign *f = (const struct foreign *)o;
  if (!f->rule_given)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_NO_DELETE_RULE, f->node->span, "foreign key without a delete rule"),
                    "Say what happens: cascade, set null, restrict or no action.");
  advise_reference(c, o);
  if (!covered(o->parent, f->columns))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_FOREIGN_NO_INDEX, f->node->span, "foreign key without an index"),
                    "Each delete in \"%s\" scans \"%s\"; add index.", f->table->name, o->parent->name);
}

/* ── SQL ── */

static void sql_rule(struct strbuf *out, const char *event, const char *rule, struct names columns) {
  if (strcmp(rule, "no action") == 0)
    return;
  strbuf_addf(out, " ON %s ", event);
  for (const char *p = rule; *p; p++)
    strbuf_addc(out, (char)(*p == ' ' ? ' ' : *p - 'a' + 'A'));
  if (columns.n) {
    strbuf_addc(out, ' ');
    sql_columns(out, columns);
  }
}

/* Before the last of a list that was just written. */
static void add_period(const struct foreign *f, struct names columns, const char *word,
                       void (*quote)(struct strbuf *, const char *), struct strbuf *out) {
  struct strbuf last = STRBUF_INIT;
  if (!f->period)
    return;
  quote(&last, columns.v[columns.n - 1]);
  strbuf_truncate(out, out->len - last.len - 1);
  strbuf_addf(out, "%s%s)", word, last.text);
  strbuf_release(&last);
}

static bool fold(const struct object *o, bool on_column, struct strbuf *out) {
  const struct foreign *f = (const struct foreign *)o;
  sql_constraint_name(out, o);
  if (!on_column) {
    strbuf_adds(out, "FOREIGN KEY ");
    sql_columns(out, f->columns);
    add_period(f, f->columns, "PERIOD ", sql_ident, out);
    strbuf_addc(out, ' ');
  }
  strbuf_adds(out, "REFERENCES ");
  sql_qualified(out, f->table_schema, f->table_name);
  strbuf_addc(out, ' ');
  sql_columns(out, f->target_columns);
  add_period(f, f->target_columns, "PERIOD ", sql_ident, out);
  if (f->match_full)
    strbuf_adds(out, " MATCH FULL");
  sql_rule(out, "DELETE", f->on_delete, f->on_delete_columns);
  sql_rule(out, "UPDATE", f->on_update, (struct names){0});
  sql_deferral(out, f->deferrable, f->deferred);
  if (f->not_enforced)
    strbuf_adds(out, " NOT ENFORCED");
  return true;
}

static bool folds(const struct object *o) {
  return !((const struct foreign *)o)->not_valid;
}

static void create(const struct object *o, struct strbuf *out) {
  if (((const struct foreign *)o)->not_valid)
    sql_add_not_valid(o, out);
  else
    sql_add_constraint(o, out);
}

enum { FOREIGN_NOT_VALID = 1 << 10, FOREIGN_NOT_ENFORCED = 1 << 11 };

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (fields == FOREIGN_NOT_ENFORCED) {
    sql_alter_table(out, after);
    strbuf_adds(out, "ALTER CONSTRAINT ");
    sql_ident(out, after->name);
    strbuf_adds(out, ((const struct foreign *)after)->not_enforced ? " NOT ENFORCED;\n" : " ENFORCED;\n");
    return true;
  }
  if (fields & ~(uint64_t)FOREIGN_NOT_VALID || !((const struct foreign *)before)->not_valid)
    return false;
  sql_validate(after, out);
  return true;
}

static bool refers_to(const struct foreign *f, const struct object *table) {
  return table && is_kind(table, KIND_TABLE) && strcmp(f->table_schema, table->schema) == 0 &&
         strcmp(f->table_name, table->name) == 0;
}

/* Whether what makes the referenced columns unique has this one besides: Postgres makes it anew along with the type, but
 * not what leans on it. */
static bool rides_along(const struct foreign *f, const struct object *column) {
  for EACH_CHILD(column->parent, o) {
    const struct names *include = is_kind(o, KIND_KEY)     ? &((const struct key *)o)->include
                                  : is_kind(o, KIND_INDEX) ? &((const struct index *)o)->include
                                                           : NULL;
    if (include && names_hold(*include, column->name) && makes_unique(o, f->target_columns))
      return true;
  }
  return false;
}

static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  const struct foreign *f = (const struct foreign *)o;
  if (is_kind(on, KIND_COLUMN))
    return column_retyped(fields) &&
           ((on->parent == o->parent && names_hold(f->columns, on->name)) ||
            (refers_to(f, on->parent) && (names_hold(f->target_columns, on->name) || rides_along(f, on))));
  if (is_kind(on, KIND_KEY) || is_kind(on, KIND_INDEX))
    return fields == REPLACED && refers_to(f, on->parent) && makes_unique(on, f->target_columns);
  /* A logged table may not refer to one that is not: the two change one after the other. */
  return is_kind(on, KIND_TABLE) && (fields == REPLACED || fields & 1) && (on == o->parent || refers_to(f, on));
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  struct foreign *f = (struct foreign *)o;
  if (is_kind(of, KIND_COLUMN)) {
    if (of->parent == o->parent) {
      names_follow(&f->columns, of->name, name);
      names_follow(&f->on_delete_columns, of->name, name);
    }
    if (refers_to(f, of->parent))
      names_follow(&f->target_columns, of->name, name);
  } else if (is_kind(of, KIND_SCHEMA) && strcmp(f->table_schema, of->name) == 0) {
    f->table_schema = name;
  } else if (refers_to(f, of)) {
    f->table_schema = schema_name;
    f->table_name = name;
  }
}

/* ── catalog ── */

static const char *rule(char letter) {
  return letter == 'c' ? "cascade" : letter == 'r' ? "restrict" : letter == 'n' ? "set null"
         : letter == 'd' ? "set default" : "no action";
}

/* Each partition that is referred to has a key of its own in the catalogs, which is left out. */
static bool is_of_target(const struct catalog *c, const struct row *row) {
  struct row above;
  return catalog_copied(c, COPIED_CONSTRAINT, row_peek(row, CONSTRAINT_PARENT), &above) &&
         strcmp(row_peek(&above, CONSTRAINT_TABLE), row_peek(row, CONSTRAINT_TABLE)) == 0;
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  const char *target_oid = row_peek(row, CONSTRAINT_TARGET);
  struct row target;
  if (*row_peek(row, CONSTRAINT_SORT) != 'f' || !catalog_copied(c, COPIED_CLASS, target_oid, &target))
    return;
  struct object *table = catalog_get(c, "pg_class", row_peek(row, CONSTRAINT_TABLE));
  if (!table || is_of_target(c, row))
    return;
  struct foreign *f = schema_add(c->schema, KIND_FOREIGN, table->schema, row_text(row, CONSTRAINT_NAME), table);
  const bool unenforced = row_peek(row, CONSTRAINT_ENFORCED) && !row_flag(row, CONSTRAINT_ENFORCED);
  f->columns = columns_by_number(arena, table, row_peek(row, CONSTRAINT_COLUMNS), 0);
  f->table_schema = catalog_name(c, "pg_namespace", row_peek(&target, CLASS_NAMESPACE));
  f->table_name = row_text(&target, CLASS_NAME);
  f->on_delete = rule(*row_peek(row, CONSTRAINT_ON_DELETE));
  f->on_update = rule(*row_peek(row, CONSTRAINT_ON_UPDATE));
  f->on_delete_columns = columns_by_number(arena, table, row_peek(row, CONSTRAINT_ON_DELETE_COLUMNS), 0);
  f->match_full = *row_peek(row, CONSTRAINT_MATCH) == 'f';
  f->deferrable = row_flag(row, CONSTRAINT_DEFERRABLE);
  f->deferred = row_flag(row, CONSTRAINT_DEFERRED);
  f->not_valid = !row_flag(row, CONSTRAINT_VALID) && !unenforced;
  refer(c->schema, f, catalog_get(c, "pg_class", target_oid));
  if (f->table)
    f->target_columns = columns_by_number(arena, f->table, row_peek(row, CONSTRAINT_TARGET_COLUMNS), 0);
  catalog_keep(c, "pg_constraint", row_peek(row, CONSTRAINT_OID), &f->object);
  f->object.inherited = row_int(row, CONSTRAINT_PARENT) != 0;
  f->not_enforced = unenforced;
  f->period = row_flag(row, CONSTRAINT_PERIOD);
}

/* The columns of a table that was not read. */
static const char *query_elsewhere(int version) {
  (void)version;
  return "SELECT c.oid, pg_catalog.array_agg(a.attname ORDER BY k.n) FROM pg_catalog.pg_constraint c"
         " JOIN pg_catalog.pg_class f ON f.oid = c.confrelid"
         " CROSS JOIN LATERAL pg_catalog.unnest(c.confkey) WITH ORDINALITY k(num, n)"
         " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num"
         " WHERE c.contype = 'f' AND c.connamespace = ANY ($1) AND (NOT f.relnamespace = ANY ($1) OR f.oid IN "
         CATALOG_OF_EXTENSION("pg_catalog.pg_class") ") GROUP BY c.oid";
}

static void read_elsewhere(struct catalog *c, const struct row *row) {
  struct foreign *f = (struct foreign *)catalog_get(c, "pg_constraint", row_peek(row, 0));
  if (f && is_kind(&f->object, KIND_FOREIGN) && !f->table)
    f->target_columns = row_names(c->schema->arena, row, 1);
}

const struct lookup targets_elsewhere_lookup = {query_elsewhere, read_elsewhere, "reference elsewhere",
                                                KIND_FUNCTION, false};

/* What would fail whenever it is to happen: a schema says that it means it. */
static bool always_fails(const struct foreign *f, const char *rule, struct names columns) {
  for (size_t i = 0; i < columns.n && strcmp(rule, "set null") == 0; i++) {
    const struct column *col = table_column(f->object.parent, columns.v[i]);
    if (col && col->not_null)
      return true;
  }
  return false;
}

static void say(const struct object *o, bool nullable, struct strbuf *out) {
  const struct foreign *f = (const struct foreign *)o;
  const struct key *primary = f->table ? table_primary(f->table) : NULL;
  strbuf_adds(out, " -> ");
  pdl_name(out, f->table_schema, f->table_name);
  if (!primary || !names_equal(primary->columns, f->target_columns)) {
    pdl_names(out, f->target_columns);
    add_period(f, f->target_columns, "period ", pdl_word, out);
  }
  strbuf_addf(out, "%s %s", nullable ? "?" : "", f->on_delete);
  if (f->on_delete_columns.n) {
    strbuf_addc(out, ' ');
    pdl_names(out, f->on_delete_columns);
  }
  if (strcmp(f->on_update, "no action") != 0)
    strbuf_addf(out, " on update %s", f->on_update);
  if (f->match_full)
    strbuf_adds(out, " match full");
  if (f->deferrable)
    strbuf_adds(out, f->deferred ? " deferrable initially deferred" : " deferrable");
  if (f->not_valid)
    strbuf_adds(out, " not valid");
  if (f->not_enforced)
    strbuf_adds(out, " not enforced");
  pdl_item_name(out, o);
  if (always_fails(f, f->on_delete, f->on_delete_columns.n ? f->on_delete_columns : f->columns) ||
      always_fails(f, f->on_update, f->columns))
    strbuf_addf(out, " allow %s", code_info(PDL_SET_NULL_NOT_NULL)->id);
}

static bool clause(const struct object *o, struct strbuf *out) {
  say(o, false, out);
  return true;
}

/* The reference that tells a column's type as well as its own word would. */
static const struct foreign *tells_type(const struct column *col, const struct column **from) {
  for EACH_CHILD(col->object.parent, o) {
    const struct foreign *f = (const struct foreign *)o;
    if (!is_kind(o, KIND_FOREIGN) || o->inherited || o->comment || f->columns.n != 1 ||
        strcmp(f->columns.v[0], col->object.name) != 0)
      continue;
    *from = f->table ? table_column(f->table, f->target_columns.v[0]) : NULL;
    if (*from && *from != col && type_equal(&(*from)->type, &col->type))
      return f;
  }
  return NULL;
}

static const struct column *told_by(const struct column *col) {
  const struct column *from;
  return !col->serial && tells_type(col, &from) ? from : NULL;
}

static bool leads_back(const struct column *col) {
  const struct column *behind = col, *at = told_by(col);
  for (bool even = true; at && at != col && at != behind; even = !even) { /* it may end in a circle of others, too */
    at = told_by(at);
    if (even)
      behind = told_by(behind);
  }
  return at == col;
}

/* A reference that gives its column the type stands right behind the name. */
bool pdl_type_by_reference(struct strbuf *out, const struct column *col) {
  const struct column *from;
  const struct foreign *f = tells_type(col, &from);
  if (!f || leads_back(col))
    return false;
  say(&f->object, !col->not_null, out);
  ((struct object *)(uintptr_t)&f->object)->mark = PULLED;
  return true;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct foreign *f = (const struct foreign *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "foreign ");
  pdl_names(out, f->columns);
  add_period(f, f->columns, "period ", pdl_word, out);
  say(o, false, out);
  strbuf_addc(out, '\n');
}

static const char *naming(const struct object *o, struct arena *arena, struct names *columns) {
  (void)arena;
  *columns = ((const struct foreign *)o)->columns;
  return "foreign";
}

static const struct field fields[] = {
    FIELD(foreign, columns, FIELD_NAMES, "columns"),
    FIELD(foreign, table_schema, FIELD_TEXT, "schema of the referenced table"),
    FIELD(foreign, table_name, FIELD_TEXT, "referenced table"),
    FIELD(foreign, target_columns, FIELD_NAMES, "referenced columns"),
    FIELD(foreign, on_delete, FIELD_TEXT, "on delete"),
    FIELD(foreign, on_delete_columns, FIELD_NAME_SET, "on delete columns"),
    FIELD(foreign, on_update, FIELD_TEXT, "on update"),
    FIELD(foreign, match_full, FIELD_FLAG, "match full"),
    FIELD(foreign, deferrable, FIELD_FLAG, "deferrable"),
    FIELD(foreign, deferred, FIELD_FLAG, "initially deferred"),
    FIELD(foreign, not_valid, FIELD_FLAG, "not valid"),
    FIELD(foreign, not_enforced, FIELD_FLAG, "not enforced"),
    FIELD(foreign, period, FIELD_FLAG, "period"),
    FIELD_END,
};

const struct kind foreign_kind = {
    .word = "foreign key",
    .size = sizeof(struct foreign),
    .ns = NS_CONSTRAINT,
    .fields = fields,
    .nodes = {NODE_REFERENCE, NODE_FOREIGN},
    .declare = declare,
    .link = link,
    .conclude = conclude,
    .advise = advise,
    .create = create,
    .fold = fold,
    .folds = folds,
    .target_name = sql_constraint_target,
    .drop = sql_drop_constraint,
    .alter = alter,
    .online = foreign_online,
    .leans = leans,
    .follow = follow,
    .copied = COPIED_CONSTRAINT,
    .sorts = "constraint f",
    .read = read,
    .finish = finish,
    .print = print,
    .clause = clause,
    .naming = naming,
};
