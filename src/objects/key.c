/* key: PRIMARY KEY and UNIQUE constraints. */
#include "objects/objects.h"

static const enum node_kind known[] = {NODE_NAMES, NODE_NULLS_NOT_DISTINCT, NODE_INCLUDING, NODE_WITH,
                                       NODE_DEFERRABLE, NODE_DEFERRED, NODE_INDEX_REMARK, NODE_KINDS};

struct column *table_column(const struct object *table, const char *name) {
  return (struct column *)child_named(table, KIND_COLUMN, name);
}

const struct key *table_primary(const struct object *table) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_KEY) && ((const struct key *)o)->primary)
      return (const struct key *)o;
  return NULL;
}

static bool are_keys(const struct index_keys *keys, struct names columns) {
  bool same = keys->n == columns.n;
  for (size_t i = 0; i < keys->n && same; i++)
    same = keys->v[i].column && names_hold(columns, keys->v[i].column);
  return same;
}

bool makes_unique(const struct object *o, struct names columns) {
  const struct key *k = (const struct key *)o;
  if (is_kind(o, KIND_KEY))
    return !k->deferrable && names_equal_sets(k->columns, columns);
  const struct index *i = (const struct index *)o;
  return is_kind(o, KIND_INDEX) && i->unique && !i->partial && !i->where.sql &&
         (i->keys.n ? are_keys(&i->keys, columns) : names_equal_sets(i->plain, columns));
}

bool table_is_unique(const struct object *table, struct names columns) {
  for EACH_CHILD(table, o)
    if (makes_unique(o, columns) && !(is_kind(o, KIND_KEY) && ((const struct key *)o)->period))
      return true;
  return false;
}

bool table_is_unique_in_period(const struct object *table, struct names columns) {
  for EACH_CHILD(table, o) {
    const struct key *k = (const struct key *)o;
    if (is_kind(o, KIND_KEY) && k->period && names_equal_sets(k->columns, columns) &&
        strcmp(k->columns.v[columns.n - 1], columns.v[columns.n - 1]) == 0)
      return true;
  }
  return false;
}

bool compile_period(struct compile *c, const struct node *list) {
  bool period = false;
  for (const struct node *n = list ? list->parts : NULL; n; n = n->next) {
    if (n->kind != NODE_NAME || !n->text)
      continue;
    period = compile_needs_version(c, 18, n->span, "a period in a key");
    if (n->next)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "a period is the last of the columns");
  }
  return period;
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  const bool clause = is_kind(parent, KIND_COLUMN), primary = n->kind == NODE_PRIMARY;
  struct object *table = clause ? parent->parent : parent;
  const struct node *list = node_part(n, NODE_NAMES);
  struct names columns = {.v = arena_array(c->arena, 1, sizeof(char *)), .n = 1};
  if (is_kind(table, KIND_COMPOSITE))
    return; /* diagnosed with the column */
  if (clause)
    columns.v[0] = parent->name;
  else
    columns = compile_names(c, list);
  compile_only(c, n, known);
  const struct key *other = table_primary(table);
  struct key *k = compile_table_object(c, KIND_KEY, n, table, columns, primary ? "pk" : "unique");
  k->primary = primary;
  k->columns = columns;
  k->of_index = compile_index_remark(c, n);
  k->node = n;
  if (primary && other)
    diagnostic_peer(
        diagnose(c->diagnostics, PDL_SECOND_KEY, n->span, "second primary key of table \"%s\"", table->name),
        other->object.span, "the first one is here");
  const struct node *include = compile_clause(c, n, NODE_INCLUDING),
                    *distinct = compile_clause(c, n, NODE_NULLS_NOT_DISTINCT);
  k->deferred = compile_clause(c, n, NODE_DEFERRED) != NULL;
  k->deferrable = compile_clause(c, n, NODE_DEFERRABLE) != NULL || k->deferred;
  k->settings = compile_settings(c, compile_clause(c, n, NODE_WITH));
  if (include)
    k->include = compile_names(c, include);
  k->period = compile_period(c, list);
  if (k->period && columns.n == 1)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, list->span, "a period stands behind another column");
  compile_key_limit(c, n->span, columns.n + k->include.n);
  if (distinct && primary)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, distinct->span, "a primary key has no nulls");
  else if (distinct)
    k->nulls_not_distinct = compile_needs_version(c, 15, distinct->span, "nulls not distinct");
}

static void link(struct compile *c, struct object *o) {
  struct key *k = (struct key *)o;
  const struct node *list = node_part(k->node, NODE_NAMES), *include = node_part(k->node, NODE_INCLUDING);
  if (include) {
    compile_columns(c, include, o->parent);
    o->default_name &= k->primary; /* Postgres would put these columns into it */
  }
  for (const struct node *n = list ? list->parts : NULL; n; n = n->next) {
    struct column *col = table_column(o->parent, n->name.text);
    if (!col) {
      compile_unknown_column(c, n->name.span, n->name.text, o->parent);
    } else if (k->primary && !col->not_null) {
      diagnostic_peer(diagnose(c->diagnostics, PDL_NULLABLE_KEY, n->name.span,
                               "primary key column \"%s\" cannot be null", col->object.name),
                      col->object.span, "it is declared here");
    }
  }
}

/* Of keys on the same columns, CREATE TABLE makes but one. */
static bool folds(const struct object *o) {
  for (const struct object *each = o->parent->first_child; each != o; each = each->next)
    if (is_kind(each, KIND_KEY) && names_equal(((const struct key *)each)->columns, ((const struct key *)o)->columns))
      return false;
  return true;
}

static bool fold(const struct object *o, bool on_column, struct strbuf *out) {
  const struct key *k = (const struct key *)o;
  if (on_column && (k->include.n || k->settings || k->deferrable))
    return false;
  sql_constraint_name(out, o);
  strbuf_adds(out, k->primary ? "PRIMARY KEY" : "UNIQUE");
  if (k->nulls_not_distinct)
    strbuf_adds(out, " NULLS NOT DISTINCT");
  if (!on_column) {
    strbuf_addc(out, ' ');
    sql_columns(out, k->columns);
    if (k->period) {
      strbuf_truncate(out, out->len - 1);
      strbuf_adds(out, " WITHOUT OVERLAPS)");
    }
  }
  sql_include(out, k->include);
  sql_with(out, k->settings);
  sql_deferral(out, k->deferrable, k->deferred);
  return true;
}

enum { KEY_PRIMARY = 1 << 0, KEY_SETTINGS = 1 << 6, KEY_REMARK = 1 << 8 };

static void remarks(const struct object *o, struct strbuf *out) {
  if (((const struct key *)o)->of_index)
    sql_index_remark(o, ((const struct key *)o)->of_index, out);
}

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (fields & ~(uint64_t)(KEY_SETTINGS | KEY_REMARK))
    return false;
  if (fields & KEY_SETTINGS && table_is_parted(after->parent)) /* those of an index over partitions stay */
    return false;
  if (fields & KEY_REMARK)
    sql_index_remark(after, ((const struct key *)after)->of_index, out);
  if (!(fields & KEY_SETTINGS))
    return true;
  struct strbuf target = STRBUF_INIT;
  strbuf_adds(&target, "INDEX ");
  sql_object(&target, after);
  sql_alter_settings(target.text, ((const struct key *)before)->settings, ((const struct key *)after)->settings, out);
  strbuf_release(&target);
  return true;
}

static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  const struct key *k = (const struct key *)o;
  return is_kind(on, KIND_COLUMN) && on->parent == o->parent && fields == REPLACED &&
         (names_hold(k->columns, on->name) || names_hold(k->include, on->name));
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  (void)schema_name;
  if (!is_kind(of, KIND_COLUMN) || of->parent != o->parent)
    return;
  names_follow(&((struct key *)o)->columns, of->name, name);
  names_follow(&((struct key *)o)->include, of->name, name);
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  const char sort = *row_peek(row, CONSTRAINT_SORT), *index_oid = row_peek(row, CONSTRAINT_INDEX);
  struct object *table = sort == 'p' || sort == 'u' ? catalog_get(c, "pg_class", row_peek(row, CONSTRAINT_TABLE)) : NULL;
  struct row index, class;
  if (!table || !catalog_copied(c, COPIED_INDEX, index_oid, &index) ||
      !catalog_copied(c, COPIED_CLASS, index_oid, &class))
    return;
  struct key *k = schema_add(c->schema, KIND_KEY, table->schema, row_text(row, CONSTRAINT_NAME), table);
  k->primary = sort == 'p';
  k->columns = columns_by_number(arena, table, row_peek(row, CONSTRAINT_COLUMNS), 0);
  k->include = columns_by_number(arena, table, row_peek(&index, INDEX_COLUMNS), (size_t)row_int(&index, INDEX_KEY_COUNT));
  k->deferrable = row_flag(row, CONSTRAINT_DEFERRABLE);
  k->deferred = row_flag(row, CONSTRAINT_DEFERRED);
  k->settings = settings_by_text(arena, row_names(arena, &class, CLASS_OPTIONS), NULL);
  k->nulls_not_distinct = row_flag(&index, INDEX_NULLS_NOT_DISTINCT);
  catalog_keep(c, "pg_constraint", row_peek(row, CONSTRAINT_OID), &k->object);
  k->object.inherited = row_int(row, CONSTRAINT_PARENT) != 0 || row_int(row, CONSTRAINT_INHERITED) > 0;
  k->object.taken_over = row_flag(&class, CLASS_IS_PARTITION) && row_int(row, CONSTRAINT_PARENT) == 0;
  k->period = row_flag(row, CONSTRAINT_PERIOD);
  k->of_index = catalog_comment(c, "pg_class", index_oid);
  catalog_index_marks(c, table, k->object.name, row_flag(&index, INDEX_CLUSTERED), row_flag(&index, INDEX_REPLICA));
}

static void print_options(const struct key *k, struct strbuf *out) {
  if (k->nulls_not_distinct)
    strbuf_adds(out, " nulls not distinct");
  pdl_include(out, k->include);
  if (k->settings)
    pdl_settings(out, k->settings);
  if (k->deferrable)
    strbuf_adds(out, k->deferred ? " deferrable initially deferred" : " deferrable");
  pdl_index_remark(out, k->of_index);
}

static bool clause(const struct object *o, struct strbuf *out) {
  const struct key *k = (const struct key *)o;
  strbuf_adds(out, k->primary ? " pk" : " unique");
  pdl_item_name(out, o);
  return !k->nulls_not_distinct && !k->include.n && !k->settings && !k->deferrable && !k->of_index;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct key *k = (const struct key *)o;
  pdl_doc(out, o);
  strbuf_adds(out, k->primary ? "pk " : "unique ");
  pdl_names(out, k->columns);
  if (k->period) {
    strbuf_truncate(out, out->len - 1);
    strbuf_adds(out, " without overlaps)");
  }
  print_options(k, out);
  pdl_item_name(out, o);
  strbuf_addc(out, '\n');
}

static const char *naming(const struct object *o, struct arena *arena, struct names *columns) {
  (void)arena;
  *columns = ((const struct key *)o)->columns;
  return ((const struct key *)o)->primary ? "pk" : "unique";
}

/* Two keys that say the same are two indexes. */
static void advise(struct compile *c, const struct object *o) {
  const uint64_t beside = KEY_PRIMARY | KEY_REMARK; /* of which each may have its own */
  for (const struct object *other = o->parent->first_child; other != o; other = other->next) {
    if (!is_kind(other, KIND_KEY) || object_differs(other, o) & ~beside)
      continue;
    const struct object *spare = ((const struct key *)o)->primary ? other : o;
    diagnostic_peer(diagnose(c->diagnostics, PDL_REDUNDANT_INDEX, spare->span, "unique constraint \"%s\" is redundant",
                             spare->name),
                    (spare == o ? other : o)->span, "this one says the same");
    return;
  }
}

static const struct field fields[] = {
    FIELD(key, primary, FIELD_FLAG, "primary"),
    FIELD(key, columns, FIELD_NAMES, "columns"),
    FIELD(key, include, FIELD_NAMES, "include"),
    FIELD(key, nulls_not_distinct, FIELD_FLAG, "nulls not distinct"),
    FIELD(key, deferrable, FIELD_FLAG, "deferrable"),
    FIELD(key, deferred, FIELD_FLAG, "initially deferred"),
    FIELD(key, settings, FIELD_SETTINGS, "storage parameters"),
    FIELD(key, period, FIELD_FLAG, "without overlaps"),
    FIELD(key, of_index, FIELD_TEXT, "comment on its index"),
    FIELD_END,
};

const struct kind key_kind = {
    .word = "key",
    .size = sizeof(struct key),
    .ns = NS_CONSTRAINT,
    .fields = fields,
    .nodes = {NODE_PRIMARY, NODE_UNIQUE},
    .declare = declare,
    .link = link,
    .advise = advise,
    .create = sql_add_constraint,
    .fold = fold,
    .folds = folds,
    .target_name = sql_constraint_target,
    .remarks = remarks,
    .not_in_twin = KEY_REMARK,
    .drop = sql_drop_constraint,
    .alter = alter,
    .online = key_online,
    .leans = leans,
    .follow = follow,
    .scratch = true,
    .copied = COPIED_CONSTRAINT,
    .sorts = "constraint p, constraint u",
    .read = read,
    .print = print,
    .clause = clause,
    .naming = naming,
};
