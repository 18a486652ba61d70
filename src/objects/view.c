/* view, materialized view: a query under a name. How the server reads the query is known only from a twin. */
#include "objects/objects.h"

static void add_columns(struct compile *c, const struct node *list, struct sql_view *v) {
  const size_t count = node_count(list, NODE_COLUMN);
  struct names names = {.v = arena_array(c->arena, count, sizeof(char *))};
  v->types = arena_array(c->arena, count, sizeof *v->types);
  for (const struct node *n = list->parts; n; n = n->next) {
    if (n->kind != NODE_COLUMN)
      continue;
    bool serial;
    const struct node *type = node_part(n, NODE_TYPE);
    v->types[names.n] = (struct view_column){
        .name = n->name.text, .type = compile_type(c, type, &v->object, &serial), .not_null = !type->optional};
    if (serial)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "a column of a view cannot be serial");
    if (names_hold(names, n->name.text))
      diagnose(c->diagnostics, PDL_TWICE, n->span, "\"%s\" is listed twice", n->name.text);
    else
      names.v[names.n++] = n->name.text;
  }
  v->columns = names;
}

/* What its block says of a column: its default, and a comment. */
static void describe_column(struct compile *c, const struct node *n, struct sql_view *v) {
  const struct node *value = compile_clause(c, n, NODE_DEFAULT);
  const char *name = n->name.text;
  if (v->columns.n && !names_hold(v->columns, name)) {
    struct spell spell = SPELL_INIT(name);
    for (size_t i = 0; i < v->columns.n; i++)
      spell_offer(&spell, v->columns.v[i]);
    struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_COLUMN, n->name.span, "%s \"%s\" lists no column \"%s\"",
                                    v->object.kind->word, v->object.name, name);
    if (spell.best)
      diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
  }
  for (const struct node *before = v->node->parts; before != n; before = before->next)
    if (before->kind == NODE_COLUMN && strcmp(before->name.text, name) == 0) {
      diagnostic_peer(diagnose(c->diagnostics, PDL_TWICE, n->span, "\"%s\" is described twice", name), before->span,
                      "first here");
      return;
    }
  if (value && is_kind(&v->object, KIND_MATVIEW))
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, value->span, "a column of a materialized view has no default");
  else if (value)
    setting_add(c->arena, &v->defaults, name,
                compile_expr(c, value, &v->object, NULL, EXPR_NO_COLUMNS, "default").sql);
  if (n->doc && *n->doc->text)
    setting_add(c->arena, &v->remarks, name, n->doc->text);
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct sql_view *v = compile_object(c, n->kind == NODE_VIEW ? KIND_VIEW : KIND_MATVIEW, n, NULL);
  if (!v)
    return;
  struct object *o = &v->object;
  v->node = n;
  const struct node *with = compile_clause(c, n, NODE_WITH), *using_ = compile_clause(c, n, NODE_USING);
  v->settings = compile_settings(c, with);
  v->no_data = node_part(n, NODE_NO_DATA) != NULL;
  if (using_ && strcmp(using_->name.text, "heap") != 0)
    v->method = using_->name.text;
  const struct node *cluster = compile_clause(c, n, NODE_CLUSTER);
  v->cluster = cluster ? cluster->name.text : NULL;
  for (const struct setting *each = v->settings; each; each = each->next)
    if (n->kind == NODE_VIEW && strcmp(each->name, "security_invoker") == 0)
      compile_needs_version(c, 15, with->span, "security_invoker");
  const struct object *type = schema_enter(c->schema, NS_TYPE, o); /* of its rows */
  if (type && type->kind->ns == NS_TYPE)
    diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "%s and %s are both called \"%s\"",
                             o->kind->word, type->kind->word, o->name),
                    type->span, "the other one is here");
  for (const struct node *item = n->parts; item; item = item->next)
    if (item->kind == NODE_INDEX)
      compile_item(c, item, o);
}

static void link(struct compile *c, struct object *o) {
  struct sql_view *v = (struct sql_view *)o;
  const struct node *columns = node_part(v->node, NODE_COLUMNS), *body = node_part(v->node, NODE_BODY);
  struct sql_statement query;
  struct sql_error err = {0};
  if (columns)
    add_columns(c, columns, v);
  for (const struct node *item = v->node->parts; item; item = item->next)
    if (item->kind == NODE_COLUMN)
      describe_column(c, item, v);
  compile_needs(c, v->node, o);
  compile_method(c, o, v->method);
  compile_own_index(c, o, node_part(v->node, NODE_CLUSTER));
  v->query.span = body->text_span;
  if (sql_parse_query(c->sql, body->text, &query, &err)) {
    v->query.star = refs_star(query.refs, query.ref_count);
    v->query.sql = compile_statement(c, body, query.from, &query, o, false);
  } else if (compile_sql_error(c, body, &err, o->kind->word))
    v->query.sql = body->text;
  expr_simplify(c->arena, &v->query, NULL);
}

static bool reads_empty_unless(const struct object *, struct numbers *seen);

static bool is_empty(const struct object *o, struct numbers *seen) {
  const bool said = is_kind(o, KIND_MATVIEW) && (((const struct sql_view *)o)->no_data ||
                                                 (o->match && ((const struct sql_view *)o->match)->no_data));
  return said || ((is_kind(o, KIND_MATVIEW) || is_kind(o, KIND_VIEW)) && reads_empty_unless(o, seen));
}

static bool reads_empty_unless(const struct object *o, struct numbers *seen) {
  for (const struct depend *d = o->depends; d; d = d->next) {
    if (d->soft || numbers_get(seen, (uintptr_t)d->on))
      continue;
    numbers_set(seen, (uintptr_t)d->on, (void *)(uintptr_t)d->on);
    if (is_empty(d->on, seen))
      return true;
  }
  return false;
}

/* A materialized view that was never filled cannot be read, so that what reads it cannot be filled either. */
static bool reads_empty(const struct object *o) {
  struct arena arena = ARENA_INIT;
  struct numbers seen; /* many ways lead to a view that many read */
  numbers_init(&seen, &arena);
  const bool empty = reads_empty_unless(o, &seen);
  arena_release(&arena);
  return empty;
}

static void create_as(const struct object *o, const char *how, bool materialized, struct strbuf *out) {
  const struct sql_view *v = (const struct sql_view *)o;
  strbuf_adds(out, how);
  sql_object(out, o);
  if (v->columns.n) {
    strbuf_addc(out, ' ');
    sql_columns(out, v->columns);
  }
  if (v->method && materialized) {
    strbuf_adds(out, " USING ");
    sql_ident(out, v->method);
  }
  if (v->settings && (materialized || is_kind(o, KIND_VIEW))) {
    strbuf_adds(out, " WITH ");
    sql_settings(out, v->settings);
  }
  strbuf_addf(out, " AS\n%s%s;\n", v->query.sql, materialized && (v->no_data || reads_empty(o)) ? "\nWITH NO DATA" : "");
}

/* Those that differ. */
static void alter_defaults(const struct object *o, const struct setting *was, const struct setting *is,
                           struct strbuf *out) {
  for (int adding = 0; adding < 2; adding++)
    for (const struct setting *s = adding ? is : was; s; s = s->next) {
      const char *other = setting_get(adding ? was : is, s->name);
      if (!s->value || (other && (!adding || strcmp(other, s->value) == 0)))
        continue;
      strbuf_adds(out, "ALTER VIEW ");
      sql_object(out, o);
      strbuf_adds(out, " ALTER COLUMN ");
      sql_ident(out, s->name);
      if (adding)
        strbuf_addf(out, " SET DEFAULT %s;\n", s->value);
      else
        strbuf_adds(out, " DROP DEFAULT;\n");
    }
}

/* A materialized view cannot be temporary: its twin is a view. */
static void create(const struct object *o, struct strbuf *out) {
  const bool materialized = is_kind(o, KIND_MATVIEW) && strcmp(o->schema, "pg_temp") != 0;
  create_as(o, materialized ? "CREATE MATERIALIZED VIEW " : "CREATE VIEW ", materialized, out);
  alter_defaults(o, NULL, ((const struct sql_view *)o)->defaults, out);
}

static void column_target(const struct object *o, const char *column, struct strbuf *out) {
  strbuf_adds(out, "COLUMN ");
  sql_object(out, o);
  strbuf_addc(out, '.');
  sql_ident(out, column);
}

static void remarks(const struct object *o, struct strbuf *out) {
  sql_remarks(o, column_target, ((const struct sql_view *)o)->remarks, out);
}

/* ── columns ── */

/* What it has as far as that is known to the last modifier. */
static const struct view_column *known_columns(const struct sql_view *v, size_t *count) {
  *count = v->has ? v->has_count : v->columns.n;
  if (v->has)
    return v->has;
  for (size_t i = 0; i < v->columns.n; i++) {
    const struct type_ref *t = &v->types[i].type;
    const struct type_info *info = t->schema || !t->name ? NULL : type_info(t->name);
    if (!t->mods && (!info || info->takes_mods) && !t->object) /* a query tells them, too */
      return NULL;
  }
  return v->columns.n ? v->types : NULL;
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

/* By a view of all its columns, which would not get more with it. */
static bool is_read_whole(const struct object *view) {
  for (const struct depend *d = view->dependents; d; d = d->next)
    if (d->on->match && (is_kind(d->on->match, KIND_VIEW) || is_kind(d->on->match, KIND_MATVIEW)) &&
        ((const struct sql_view *)d->on->match)->query.star)
      return true;
  return false;
}

/* Whether the new columns begin with the old ones: then the view can stay, and all that depends on it. */
static bool extends(const struct sql_view *before, const struct sql_view *after) {
  size_t old_count, count;
  const struct view_column *old = known_columns(before, &old_count), *new = known_columns(after, &count);
  if (!old || !new || count < old_count || (count > old_count && is_read_whole(&before->object)))
    return false;
  for (size_t i = 0; i < old_count; i++)
    if (strcmp(old[i].name, new[i].name) != 0 || !type_equal(&old[i].type, &new[i].type) ||
        !same_text(old[i].collation, new[i].collation))
      return false;
  return true;
}

enum { VIEW_QUERY = 1, VIEW_SETTINGS = 2, VIEW_METHOD = 4, VIEW_DEFAULTS = 8, VIEW_REMARKS = 16, VIEW_CLUSTER = 32 };

static void named(const struct object *, struct strbuf *);

static bool alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct sql_view *before = (const struct sql_view *)from, *after = (const struct sql_view *)to;
  if (fields & VIEW_METHOD || (fields & VIEW_QUERY && (is_kind(to, KIND_MATVIEW) || !extends(before, after))))
    return false;
  if (fields & VIEW_QUERY) {
    create_as(to, "CREATE OR REPLACE VIEW ", false, out);
  } else if (fields & VIEW_SETTINGS) {
    struct strbuf target = STRBUF_INIT;
    named(to, &target);
    sql_alter_settings(target.text, before->settings, after->settings, out);
    strbuf_release(&target);
  }
  if (fields & VIEW_DEFAULTS)
    alter_defaults(to, before->defaults, after->defaults, out);
  if (fields & VIEW_REMARKS)
    sql_alter_remarks(to, column_target, before->remarks, after->remarks, out);
  return true;
}

/* What speaks of its indexes, which stand behind it. */
static void last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const char *cluster = ((const struct sql_view *)after)->cluster;
  if (before ? (fields & VIEW_CLUSTER) || index_is_anew(after, cluster) : cluster != NULL)
    sql_cluster("MATERIALIZED VIEW", after, cluster, out);
}

static void learn(struct object *o, const struct object *twin) {
  const struct sql_view *from = (const struct sql_view *)twin;
  struct sql_view *v = (struct sql_view *)o;
  v->has = from->has;
  v->has_count = from->has_count;
}

static void differs(const struct sql_view *v, size_t i, const struct view_column *has, struct diagnostics *d) {
  struct strbuf declared = STRBUF_INIT, real = STRBUF_INIT;
  sql_type(&declared, &v->types[i].type);
  sql_type(&real, &has->type);
  diagnostic_hint(
      d,
      diagnose(d, PDL_VIEW_COLUMNS, v->types[i].type.span, "column \"%s\" of %s \"%s\" is of type %s, declared is %s",
               has->name, v->object.kind->word, v->object.name, real.text, declared.text),
      "Declare what the query gives, or let it give what is declared, as in %s::%s.", has->name, declared.text);
  strbuf_release(&declared);
  strbuf_release(&real);
}

/* Without modifiers any will do. */
static bool type_agrees(struct type_ref declared, struct type_ref has) {
  if (!declared.mods)
    has.mods = NULL;
  if (!declared.schema || !has.schema) /* where an extension's type lives may not be known */
    declared.schema = type_info(declared.name) ? declared.schema : has.schema;
  return type_equal(&declared, &has);
}

static bool agrees(const struct sql_view *v, const struct view_column *has, size_t count, struct diagnostics *d) {
  if (!v->columns.n)
    return true;
  if (count != v->columns.n) {
    diagnose(d, PDL_VIEW_COLUMNS, v->object.span, "%s \"%s\" has %zu column%s, declared %s %zu", v->object.kind->word,
             v->object.name, count, count == 1 ? "" : "s", v->columns.n == 1 ? "is" : "are", v->columns.n);
    return false;
  }
  for (size_t i = 0; i < count; i++)
    if (!type_agrees(v->types[i].type, has[i].type)) {
      differs(v, i, &has[i], d);
      return false;
    }
  return true;
}

bool views_agree(struct schema *wanted, struct diagnostics *d) {
  bool all = true;
  for (const struct object *o = wanted->first; o; o = o->next) {
    const struct sql_view *there = (const struct sql_view *)o->match;
    if ((is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW)) && there)
      all &= agrees((const struct sql_view *)o, there->has, there->has_count, d);
  }
  return all;
}

static void named(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, is_kind(o, KIND_VIEW) ? "VIEW " : "MATERIALIZED VIEW ");
  sql_object(out, o);
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP ");
  named(o, out);
  strbuf_adds(out, ";\n");
}

/* Where all their types can be written. Whether one is ever null, no view tells. */
static void print_columns(const struct sql_view *v, struct strbuf *out) {
  for (size_t i = 0; i < v->has_count; i++)
    if (!v->has[i].known)
      return;
  for (size_t i = 0; i < v->has_count; i++) {
    strbuf_adds(out, i ? ", " : " (");
    pdl_word(out, v->has[i].name);
    strbuf_addc(out, ' ');
    pdl_type(out, &v->has[i].type);
    strbuf_addc(out, '?');
  }
  strbuf_adds(out, v->has_count ? ")" : "");
}

static void print(const struct object *o, struct strbuf *out) {
  const struct sql_view *v = (const struct sql_view *)o;
  pdl_doc(out, o);
  strbuf_adds(out, is_kind(o, KIND_VIEW) ? "view " : "materialized view ");
  pdl_name(out, o->schema, o->name);
  print_columns(v, out);
  pdl_owner(out, o);
  if (v->settings)
    pdl_settings(out, v->settings);
  if (v->method) {
    strbuf_adds(out, " using ");
    pdl_word(out, v->method);
  }
  if (v->cluster) {
    strbuf_adds(out, " cluster on ");
    pdl_word(out, v->cluster);
  }
  strbuf_addc(out, ' ');
  sql_dollar(out, v->query.sql);
  const char *open = " {\n";
  for (size_t i = 0; i < v->has_count; i++) {
    const char *name = v->has[i].name, *value = setting_get(v->defaults, name), *remark = setting_get(v->remarks, name);
    if (!value && !remark)
      continue;
    strbuf_adds(out, open);
    open = "";
    if (remark)
      pdl_doc_text(out, remark);
    pdl_word(out, name);
    if (value)
      pdl_value(out, value);
    strbuf_addc(out, '\n');
  }
  for EACH_CHILD(o, item)
    if (is_kind(item, KIND_INDEX) && item->pulled_as == PULLED_AS_PDL) {
      strbuf_adds(out, open);
      pdl_object(item, out);
      open = "";
    }
  strbuf_adds(out, *open ? "" : "}");
  strbuf_addc(out, '\n');
  for EACH_CHILD(o, item)
    if (is_kind(item, KIND_TRIGGER))
      pdl_object(item, out);
}

#define VIEW_COLUMNS " col.names, col.schemas, col.types, col.shown, col.arrays, col.collations"
/* The columns of the relations of these names. */
#define COLUMNS                                                                                                        \
  "(SELECT a.attrelid, pg_catalog.array_agg(a.attname ORDER BY a.attnum) AS names,"                                    \
  " pg_catalog.array_agg(bn.nspname ORDER BY a.attnum) AS schemas, pg_catalog.array_agg(b.typname ORDER BY a.attnum) AS types," \
  " pg_catalog.array_agg(CASE WHEN a.atttypmod <> -1 THEN pg_catalog.format_type(a.atttypid, a.atttypmod) ELSE '' END" \
  " ORDER BY a.attnum) AS shown, pg_catalog.array_agg(b.oid <> t.oid ORDER BY a.attnum) AS arrays,"                    \
  " pg_catalog.array_agg(CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::pg_catalog.regcollation::text ELSE '' END" \
  " ORDER BY a.attnum) AS collations"                                                                                  \
  " FROM pg_catalog.pg_class vc JOIN pg_catalog.pg_attribute a ON a.attrelid = vc.oid AND a.attnum > 0 AND NOT a.attisdropped" \
  " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"                                                                   \
  " JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 AND t.oid NOT IN (22, 30) THEN t.typelem ELSE t.oid END" \
  " JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace WHERE vc.relkind IN ('v', 'm') AND vc.relname = ANY ($2)" \
  " GROUP BY a.attrelid) col"

/* Their columns are read with those of tables. */
#define QUERY(where)                                                                                                 \
  "SELECT c.oid, c.relnamespace, c.relname, c.relam, c.reloptions, pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';')," \
  " c.relkind = 'v', c.relispopulated FROM pg_catalog.pg_class c WHERE " where " AND c.relnamespace = ANY ($1)"                         \
  " ORDER BY pg_catalog.array_position($1, c.relnamespace), c.relname"

static const char *query_views(int version) {
  (void)version;
  return QUERY("c.relkind = 'v'");
}

static const char *query_matviews(int version) {
  (void)version;
  return QUERY("(c.relkind = 'm' OR (c.relkind = 'v' AND c.relnamespace = pg_catalog.pg_my_temp_schema()))");
}

const char view_columns_query[] =
    "SELECT u.k," VIEW_COLUMNS " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))"
    " WITH ORDINALITY u(s, n, k) JOIN pg_catalog.pg_namespace n ON n.nspname = u.s"
    " JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = u.n"
    " JOIN " COLUMNS " ON col.attrelid = c.oid ORDER BY u.k";

static struct view_column *read_columns(const struct row *row, int first, size_t *count) {
  struct arena *arena = row->arena;
  struct names part[6];
  for (int i = 0; i < 6; i++)
    part[i] = row_names(arena, row, first + i);
  struct view_column *v = arena_array(arena, part[0].n, sizeof *v);
  for (size_t i = 0; i < part[0].n; i++)
    v[i] = (struct view_column){
        .name = part[0].v[i],
        .type =
            catalog_type(arena, part[1].v[i], part[2].v[i], *part[3].v[i] ? part[3].v[i] : NULL, *part[4].v[i] == 't'),
        .collation = *part[5].v[i] ? part[5].v[i] : NULL,
    };
  *count = part[0].n;
  return v;
}

bool view_agrees(const struct object *o, const struct row *row, struct diagnostics *d) {
  size_t count;
  const struct view_column *has = read_columns(row, 1, &count);
  return agrees((const struct sql_view *)o, has, count, d);
}

/* Postgres' own, of a schema that is read, or an extension's. */
static bool is_known(const struct schema *s, const struct type_ref *t) {
  const struct type_info *info = t->schema ? NULL : type_info(t->name);
  if (!t->schema)
    return info && !info->pseudo;
  for (const struct object *o = s->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA) ? strcmp(o->name, t->schema) == 0
                                : is_kind(o, KIND_EXTENSION) && extension_provides(o->name, t->name))
      return true;
  return false;
}

static struct sql_view *read_as(struct catalog *c, const struct row *row, enum kind_id id) {
  struct arena *arena = c->schema->arena;
  const char *method = catalog_name(c, "pg_am", row_peek(row, 3));
  struct sql_view *v =
      schema_add(c->schema, id, catalog_name(c, "pg_namespace", row_peek(row, 1)), row_text(row, 2), NULL);
  v->settings = settings_by_text(arena, row_names(arena, row, 4), NULL);
  v->query.sql = row_text(row, 5);
  expr_simplify(arena, &v->query, NULL);
  const char *named = sql_rows_named(arena, v->query.compared ? v->query.compared : v->query.sql);
  if (named)
    v->query.compared = named;
  v->method = method && strcmp(method, "heap") != 0 ? method : NULL;
  return v;
}

void view_read_column(struct catalog *c, struct object *o, const char *name, struct type_ref type,
                      const char *collation, const char *default_, const char *comment) {
  struct sql_view *v = (struct sql_view *)o;
  v->has = arena_grow(c->schema->arena, v->has, v->has_count, &v->has_room, sizeof *v->has);
  v->has[v->has_count++] =
      (struct view_column){.name = name, .type = type, .collation = collation, .known = is_known(c->schema, &type)};
  if (default_)
    setting_add(c->schema->arena, &v->defaults, name, default_);
  if (comment && *comment)
    setting_add(c->schema->arena, &v->remarks, name, comment);
}

static void read_view(struct catalog *c, const struct row *row) {
  if (!catalog_of_extension(c, "pg_class", row_peek(row, 0)))
    catalog_keep(c, "pg_class", row_peek(row, 0), &read_as(c, row, KIND_VIEW)->object);
}

/* A twin tells of the query alone. */
static void read_matview(struct catalog *c, const struct row *row) {
  if (catalog_of_extension(c, "pg_class", row_peek(row, 0)))
    return;
  struct sql_view *v = read_as(c, row, KIND_MATVIEW);
  v->no_data = !row_flag(row, 7);
  if (row_flag(row, 6)) {
    v->method = "none";
    setting_add(c->schema->arena, &v->settings, "twin", NULL);
  } else {
    catalog_keep(c, "pg_class", row_peek(row, 0), &v->object);
  }
}

static const struct field fields[] = {
    FIELD(sql_view, query, FIELD_EXPR, "query"),
    FIELD(sql_view, settings, FIELD_SETTINGS, "options"),
    FIELD(sql_view, method, FIELD_TEXT, "method"),
    FIELD(sql_view, defaults, FIELD_SETTINGS, "defaults"),
    FIELD(sql_view, remarks, FIELD_SETTINGS, "comments on its columns"),
    FIELD(sql_view, cluster, FIELD_TEXT, "cluster on"),
    FIELD_END,
};

const struct kind view_kind = {
    .word = "view",
    .size = sizeof(struct sql_view),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_VIEW},
    .declare = declare,
    .link = link,
    .advise = advise_view,
    .create = create,
    .target_name = named,
    .remarks = remarks,
    .not_in_twin = VIEW_REMARKS,
    .drop = drop,
    .alter = alter,
    .learn = learn,
    .print = print,
    .scratch = true,
    .reads = READS_QUERY,
    .query = query_views,
    .sorts = "class v",
    .read = read_view,
    .breaks = view_breaks,
};

const struct kind matview_kind = {
    .word = "materialized view",
    .size = sizeof(struct sql_view),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_MATVIEW},
    .declare = declare,
    .link = link,
    .advise = advise_view,
    .create = create,
    .target_name = named,
    .remarks = remarks,
    .not_in_twin = VIEW_REMARKS | VIEW_CLUSTER,
    .drop = drop,
    .alter = alter,
    .last = last,
    .learn = learn,
    .print = print,
    .scratch = true,
    .reads = READS_QUERY,
    .query = query_matviews,
    .sorts = "class m, temporary", /* its twin is a view */
    .read = read_matview,
    .breaks = view_breaks,
};
