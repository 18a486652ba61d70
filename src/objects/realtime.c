/* realtime: a table whose changes Supabase sends to its clients, by a publication that the platform keeps. */
#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *table) {
  compile_allow(c, n);
  if (c->schema->target.platform != PLATFORM_SUPABASE) {
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "\"realtime\" has no meaning on this target"),
                    "It is Supabase's: write target supabase, or declare a publication.");
    return;
  }
  if (child_named(table, KIND_REALTIME, "realtime")) {
    diagnose(c->diagnostics, PDL_TWICE, n->span, "table \"%s\" has \"realtime\" twice", table->name);
    return;
  }
  struct object *o = schema_add(c->schema, KIND_REALTIME, table->schema, "realtime", table);
  o->span = n->span;
}

static void change(const struct object *o, const char *verb, struct strbuf *out) {
  strbuf_addf(out, "ALTER PUBLICATION supabase_realtime %s TABLE ", verb);
  sql_object(out, o->parent);
  strbuf_adds(out, ";\n");
}

static void create(const struct object *o, struct strbuf *out) {
  change(o, "ADD", out);
}

static void drop(const struct object *o, struct strbuf *out) {
  change(o, "DROP", out);
}

static void print(const struct object *o, struct strbuf *out) {
  (void)o;
  strbuf_adds(out, "realtime\n");
}

/* A part of a table is not all of it: pull says that in SQL. */
#define QUERY(whole)                                                                                                    \
  "SELECT r.oid, r.prrelid FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid" \
  " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid"                                                                   \
  " WHERE p.pubname = 'supabase_realtime' AND c.relnamespace = ANY ($1) AND " CATALOG_OF_PLATFORM whole " ORDER BY r.prrelid"

static const char *query(int version) {
  return version >= 15 ? QUERY(" AND r.prattrs IS NULL AND r.prqual IS NULL") : QUERY("");
}

static void read(struct catalog *c, const struct row *row) {
  struct object *table = catalog_get(c, "pg_class", row_peek(row, 1));
  if (table)
    catalog_keep(c, "pg_publication_rel", row_peek(row, 0),
                 schema_add(c->schema, KIND_REALTIME, table->schema, "realtime", table));
}

static const struct field fields[] = {FIELD_END};

const struct kind realtime_kind = {
    .word = "realtime",
    .size = sizeof(struct object),
    .ns = NS_NONE,
    .fields = fields,
    .nodes = {NODE_REALTIME},
    .declare = declare,
    .create = create,
    .drop = drop,
    .print = print,
    .query = query,
    .sorts = "pg_publication",
    .read = read,
};
