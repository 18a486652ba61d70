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
    v->types[names.n] = (struct view_column){n->name.text, compile_type(c, type, &v->object, &serial), !type->optional};
    if (serial)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "a column of a view cannot be serial");
    if (names_hold(names, n->name.text))
      diagnose(c->diagnostics, PDL_TWICE, n->span, "\"%s\" is listed twice", n->name.text);
    else
      names.v[names.n++] = n->name.text;
  }
  v->columns = names;
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
  for (const struct setting *each = v->settings; each; each = each->next)
    if (n->kind == NODE_VIEW && strcmp(each->name, "security_invoker") == 0)
      compile_needs_version(c, 15, with->span, "security_invoker");
  const struct object *type = schema_enter(c->schema, NS_TYPE, o); /* of its rows */
  if (type && type->kind->ns == NS_TYPE)
    diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "%s and %s are both called \"%s\"", o->kind->word,
                             type->kind->word, o->name),
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
  compile_needs(c, v->node, o);
  v->query.span = body->text_span;
  if (sql_parse_query(c->sql, body->text, &query, &err))
    v->query.sql = compile_statement(c, body, query.from, &query, o, false);
  else if (compile_sql_error(c, body, &err, o->kind->word))
    v->query.sql = body->text;
  expr_simplify(c->arena, &v->query, NULL);
}

/* A materialized view cannot be temporary: its twin is a view. */
static void create(const struct object *o, struct strbuf *out) {
  const struct sql_view *v = (const struct sql_view *)o;
  const bool materialized = is_kind(o, KIND_MATVIEW) && strcmp(o->schema, "pg_temp") != 0;
  strbuf_adds(out, materialized ? "CREATE MATERIALIZED VIEW " : "CREATE VIEW ");
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
  strbuf_addf(out, " AS\n%s%s;\n", v->query.sql, v->no_data && materialized ? "\nWITH NO DATA" : "");
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

static void print(const struct object *o, struct strbuf *out) {
  const struct sql_view *v = (const struct sql_view *)o;
  pdl_doc(out, o);
  strbuf_adds(out, is_kind(o, KIND_VIEW) ? "view " : "materialized view ");
  pdl_name(out, o->schema, o->name);
  pdl_owner(out, o);
  if (v->settings)
    pdl_settings(out, v->settings);
  if (v->method) {
    strbuf_adds(out, " using ");
    pdl_word(out, v->method);
  }
  strbuf_addc(out, ' ');
  sql_dollar(out, v->query.sql);
  const char *open = " {\n";
  for EACH_CHILD(o, item)
    if (is_kind(item, KIND_INDEX)) {
      strbuf_adds(out, open);
      item->kind->print(item, out);
      open = "";
    }
  strbuf_adds(out, *open ? "" : "}");
  strbuf_addc(out, '\n');
  for EACH_CHILD(o, item)
    if (is_kind(item, KIND_TRIGGER))
      item->kind->print(item, out);
}

#define QUERY(where)                                                                                                 \
  "SELECT c.oid, n.nspname, c.relname, d.description, c.reloptions, pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';')," \
  " CASE WHEN am.amname <> 'heap' THEN am.amname END, c.relkind = 'v'"                                               \
  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"                              \
  " LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam"                                                               \
  " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass"                 \
  " AND d.objoid = c.oid AND d.objsubid = 0"                                                                         \
  " WHERE " where " AND n.oid = ANY ($1)" CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid")                    \
  " ORDER BY n.nspname, c.relname"

static const char *query_views(int version) {
  (void)version;
  return QUERY("c.relkind = 'v'");
}

static const char *query_matviews(int version) {
  (void)version;
  return QUERY("(c.relkind = 'm' OR (c.relkind = 'v' AND n.oid = pg_catalog.pg_my_temp_schema()))");
}

static struct sql_view *read_as(struct catalog *c, const struct row *row, enum kind_id id) {
  struct arena *arena = c->schema->arena;
  struct sql_view *v = schema_add(c->schema, id, row_text(row, 1), row_text(row, 2), NULL);
  v->object.comment = row_text(row, 3);
  v->settings = settings_by_text(arena, row_names(arena, row, 4), NULL);
  v->query.sql = row_text(row, 5);
  expr_simplify(arena, &v->query, NULL);
  v->method = row_text(row, 6);
  return v;
}

static void read_view(struct catalog *c, const struct row *row) {
  catalog_keep(c, "pg_class", row_peek(row, 0), &read_as(c, row, KIND_VIEW)->object);
}

/* A twin tells of the query alone. */
static void read_matview(struct catalog *c, const struct row *row) {
  struct sql_view *v = read_as(c, row, KIND_MATVIEW);
  if (row_flag(row, 7)) {
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
    .drop = drop,
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
    .drop = drop,
    .print = print,
    .scratch = true,
    .reads = READS_QUERY,
    .query = query_matviews,
    .sorts = "class m",
    .read = read_matview,
    .breaks = view_breaks,
};
