/* schema: CREATE SCHEMA. */
#include <string.h>

#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct object *own = schema_find(c->schema, NS_SCHEMA, NULL, NULL, n->name.text);
  if (own && own->implied) { /* public is there already */
    if (n->doc && *n->doc->text)
      own->comment = n->doc->text;
    return;
  }
  if (strncmp(n->name.text, "pg_", 3) == 0)
    diagnose(c->diagnostics, PDL_BAD_SETTING, n->name.span, "schema names that begin with \"pg_\" are Postgres' own");
  compile_object(c, KIND_SCHEMA, n, NULL);
}

static void create(const struct object *o, struct strbuf *out) {
  if (o->implied)
    return;
  strbuf_adds(out, "CREATE SCHEMA ");
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP SCHEMA ");
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "SCHEMA ");
  sql_ident(out, o->name);
}

static void read(struct catalog *c, const struct row *row) {
  if (catalog_of_extension(c, "pg_namespace", row_peek(row, NAMESPACE_OID)))
    return;
  struct object *o = schema_add(c->schema, KIND_SCHEMA, NULL, row_text(row, NAMESPACE_NAME), NULL);
  catalog_keep(c, "pg_namespace", row_peek(row, NAMESPACE_OID), o);
  o->implied = strcmp(o->name, "public") == 0;
}

static void print(const struct object *o, struct strbuf *out) {
  if (o->implied && !o->comment)
    return;
  pdl_doc(out, o);
  strbuf_adds(out, "schema ");
  pdl_word(out, o->name);
  pdl_owner(out, o);
  strbuf_addc(out, '\n');
}

static const struct field fields[] = {FIELD_END};

const struct kind schema_kind = {
    .word = "schema",
    .size = sizeof(struct object),
    .ns = NS_SCHEMA,
    .fields = fields,
    .nodes = {NODE_SCHEMA},
    .declare = declare,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .copied = COPIED_NAMESPACE,
    .read = read,
    .print = print,
};
