/* touch: a column that is set to now() on every update. One function serves all columns of a name; each
 * such column has a trigger that calls it. Their names, schema and search_path are fixed, so that a
 * database shows at once what is whose. */
#include "objects/objects.h"

static const char *function_body(struct arena *arena, const char *column) {
  struct strbuf body = STRBUF_INIT;
  strbuf_adds(&body, "\nBEGIN\n  NEW.");
  sql_ident(&body, column);
  strbuf_adds(&body, " := pg_catalog.now();\n  RETURN NEW;\nEND\n");
  const char *text = strbuf_dup(&body, arena);
  strbuf_release(&body);
  return text;
}

static struct object *function_for(struct compile *c, const char *column) {
  const char *name = name_shorten(c->arena, arena_printf(c->arena, TOUCH_PREFIX "%s", column));
  struct object *o = schema_find(c->schema, NS_FUNCTION, "public", NULL, name);
  if (o)
    return o;
  struct touch_function *f = schema_add(c->schema, KIND_TOUCH_FUNCTION, "public", name, NULL);
  f->object.implied = true;
  f->column = column;
  f->body = function_body(c->arena, column);
  schema_enter(c->schema, NS_FUNCTION, &f->object);
  return &f->object;
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  struct object *table = parent->parent;
  if (table->external || is_kind(table, KIND_COMPOSITE))
    return;
  struct column *col = (struct column *)parent;
  if (col->touch) {
    diagnose(c->diagnostics, PDL_TWICE, n->span, "second \"touch\" on one item");
    return;
  }
  col->touch = true;
  struct object *function = function_for(c, parent->name);
  struct touch_trigger *t = schema_add(c->schema, KIND_TOUCH_TRIGGER, table->schema, function->name, table);
  t->object.implied = true;
  t->object.span = n->span;
  t->function = function->name;
  schema_enter(c->schema, NS_TRIGGER, &t->object);
  object_depend(c->schema, &t->object, function);
}

/* The column must hold a time. */
static void link_trigger(struct compile *c, struct object *o) {
  for EACH_CHILD(o->parent, child) {
    const struct column *col = (const struct column *)child;
    if (!is_kind(child, KIND_COLUMN) || !col->touch || !span_contains(col->node->span, o->span))
      continue;
    const struct type_ref *t = &col->type;
    while (!t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN))
      t = &((const struct domain *)t->object)->type;
    const struct type_info *info = t->name && !t->schema ? type_info(t->name) : NULL;
    if (t->name && (!info || t->dimensions || info->category != TYPE_DATE || strcmp(info->name, "interval") == 0))
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, o->span, "touch is for a column of a time, \"%s\" is none",
               child->name);
  }
}

static void create_function(const struct object *o, struct strbuf *out) {
  const struct touch_function *f = (const struct touch_function *)o;
  strbuf_adds(out, "CREATE FUNCTION ");
  sql_object(out, o);
  strbuf_adds(out, "() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS ");
  sql_dollar(out, f->body);
  strbuf_adds(out, ";\n");
}

static void drop_function(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP FUNCTION ");
  sql_object(out, o);
  strbuf_adds(out, "();\n");
}

static void create_trigger(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "CREATE TRIGGER ");
  sql_ident(out, o->name);
  strbuf_adds(out, " BEFORE UPDATE ON ");
  sql_object(out, o->parent);
  strbuf_adds(out, " FOR EACH ROW EXECUTE FUNCTION ");
  sql_qualified(out, "public", ((const struct touch_trigger *)o)->function);
  strbuf_adds(out, "();\n");
}

static void drop_trigger(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP TRIGGER ");
  sql_ident(out, o->name);
  strbuf_adds(out, " ON ");
  sql_object(out, o->parent);
  strbuf_adds(out, ";\n");
}

static bool alter_function(const struct object *before, const struct object *after, uint64_t fields,
                           struct strbuf *out) {
  (void)before, (void)fields;
  const size_t at = out->len + strlen("CREATE ");
  create_function(after, out);
  struct strbuf rest = STRBUF_INIT;
  strbuf_adds(&rest, out->text + at);
  strbuf_truncate(out, at);
  strbuf_addf(out, "OR REPLACE %s", rest.text);
  strbuf_release(&rest);
  return true;
}

void touch_read(struct catalog *c, const char *name, const char *oid, const char *body) {
  struct touch_function *f = schema_add(c->schema, KIND_TOUCH_FUNCTION, "public", name, NULL);
  f->object.implied = true;
  f->body = body;
  catalog_keep(c, "pg_proc", oid, &f->object);
}

void touch_read_trigger(struct catalog *c, struct object *table, const char *name, const char *oid,
                        const char *function) {
  struct touch_trigger *t = schema_add(c->schema, KIND_TOUCH_TRIGGER, table->schema, name, table);
  t->object.implied = true;
  t->function = function;
  catalog_keep(c, "pg_trigger", oid, &t->object);
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN) && strcmp(name_shorten(c->schema->arena, arena_printf(c->schema->arena, TOUCH_PREFIX "%s", o->name)), t->function) == 0)
      ((struct column *)o)->touch = true;
}

static const struct field function_fields[] = {FIELD(touch_function, body, FIELD_TEXT, "body"), FIELD_END};
static const struct field trigger_fields[] = {FIELD(touch_trigger, function, FIELD_TEXT, "function"), FIELD_END};

const struct kind touch_function_kind = {
    .word = "function",
    .size = sizeof(struct touch_function),
    .ns = NS_FUNCTION,
    .fields = function_fields,
    .create = create_function,
    .drop = drop_function,
    .alter = alter_function,
};

const struct kind touch_trigger_kind = {
    .word = "trigger",
    .size = sizeof(struct touch_trigger),
    .ns = NS_TRIGGER,
    .fields = trigger_fields,
    .nodes = {NODE_TOUCH},
    .declare = declare,
    .link = link_trigger,
    .create = create_trigger,
    .drop = drop_trigger,
};
