/* composite type: CREATE TYPE … AS (…). Its attributes are columns of it. */
#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct object *o = compile_object(c, KIND_COMPOSITE, n, NULL);
  if (o)
    compile_block(c, n, o);
}

static void create(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "CREATE TYPE ");
  sql_object(out, o);
  strbuf_adds(out, " AS (");
  const char *separator = "\n  ";
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN)) {
      strbuf_adds(out, separator);
      child->kind->fold(child, false, out);
      separator = ",\n  ";
    }
  strbuf_adds(out, *separator == ',' ? "\n);\n" : ");\n");
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP TYPE ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "TYPE ");
  sql_object(out, o);
}

static const char *query(int version) {
  (void)version;
  return "SELECT c.oid, n.nspname, c.relname, d.description"
         " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass"
         " AND d.objoid = c.reltype AND d.objsubid = 0"
         " WHERE c.relkind = 'c' AND n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "c.reltype") " ORDER BY n.nspname, c.relname";
}

static void read(struct catalog *c, const struct row *row) {
  struct object *o = schema_add(c->schema, KIND_COMPOSITE, row_text(row, 1),
                                row_text(row, 2), NULL);
  o->comment = row_text(row, 3);
  catalog_keep(c, "pg_class", row_peek(row, 0), o);
}

static void print(const struct object *o, struct strbuf *out) {
  pdl_doc(out, o);
  strbuf_adds(out, "type ");
  pdl_name(out, o->schema, o->name);
  pdl_owner(out, o);
  strbuf_adds(out, " {\n");
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN))
      pdl_object(child, out);
  strbuf_adds(out, "}\n");
}

static const struct field fields[] = {FIELD_END};

const struct kind composite_kind = {
    .word = "type",
    .size = sizeof(struct composite),
    .ns = NS_TYPE,
    .fields = fields,
    .nodes = {NODE_COMPOSITE},
    .declare = declare,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .scratch = true,
    .query = query,
    .sorts = "class c",
    .read = read,
    .print = print,
};
