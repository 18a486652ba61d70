/* sequence: CREATE SEQUENCE. Those that belong to a serial or identity column are part of it. */
#include <string.h>

#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct sequence *s = compile_object(c, KIND_SEQUENCE, n, NULL);
  if (!s)
    return;
  const struct node *as = compile_clause(c, n, NODE_AS);
  bool serial = false;
  s->object.code_name = NULL;
  s->type = as ? compile_type(c, as->parts, &s->object, &serial) : (struct type_ref){.name = "int8"};
  if (as && s->type.name &&
      (serial || s->type.dimensions ||
       (strcmp(s->type.name, "int2") != 0 && strcmp(s->type.name, "int4") != 0 && strcmp(s->type.name, "int8") != 0))) {
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, as->parts->span, "a sequence is of type smallint, int or bigint");
    s->type = (struct type_ref){.name = "int8"};
  }
  s->unlogged = compile_clause(c, n, NODE_UNLOGGED) != NULL;
  if (s->unlogged)
    compile_needs_version(c, 15, node_part(n, NODE_UNLOGGED)->span, "an unlogged sequence");
  if (s->type.name)
    compile_sequence_options(c, n, s->type.name, &s->options);
}

static void create(const struct object *o, struct strbuf *out) {
  const struct sequence *s = (const struct sequence *)o;
  strbuf_adds(out, s->unlogged ? "CREATE UNLOGGED SEQUENCE " : "CREATE SEQUENCE ");
  sql_object(out, o);
  if (strcmp(s->type.name, "int8") != 0) {
    strbuf_adds(out, " AS ");
    sql_type(out, &s->type);
  }
  sql_sequence_options(out, s->type.name, &s->options);
  strbuf_adds(out, ";\n");
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP SEQUENCE ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

enum { SEQUENCE_TYPE = 1, SEQUENCE_UNLOGGED = 1 << 7 };

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before;
  const struct sequence *s = (const struct sequence *)after;
  const struct sequence_options *o = &s->options;
  if (fields & ~(uint64_t)SEQUENCE_UNLOGGED) {
    strbuf_adds(out, "ALTER SEQUENCE ");
    sql_object(out, after);
    if (fields & SEQUENCE_TYPE) {
      strbuf_adds(out, " AS ");
      sql_type(out, &s->type);
    }
    strbuf_addf(out, " INCREMENT BY %lld MINVALUE %lld MAXVALUE %lld START WITH %lld CACHE %lld %s;\n", o->increment, o->min, o->max,
                o->start, o->cache, o->cycle ? "CYCLE" : "NO CYCLE");
  }
  if (fields & SEQUENCE_UNLOGGED) {
    strbuf_adds(out, "ALTER SEQUENCE ");
    sql_object(out, after);
    strbuf_adds(out, s->unlogged ? " SET UNLOGGED;\n" : " SET LOGGED;\n");
  }
  return true;
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "SEQUENCE ");
  sql_object(out, o);
}

static const char *query(int version) {
  (void)version;
  return "SELECT c.oid, n.nspname, c.relname, d.description, t.typname, s.seqstart, s.seqincrement, s.seqmin, s.seqmax,"
         " s.seqcache, s.seqcycle, c.relpersistence = 'u'"
         " FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid"
         " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = s.seqtypid"
         " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass"
         " AND d.objoid = c.oid AND d.objsubid = 0"
         " WHERE n.oid = ANY ($1) AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o WHERE"
         " o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = c.oid AND o.deptype IN ('a', 'i')"
         " AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.refobjsubid > 0)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid") " ORDER BY n.nspname, c.relname";
}

static void read(struct catalog *c, const struct row *row) {
  struct sequence *s = schema_add(c->schema, KIND_SEQUENCE, row_text(row, 1),
                                  row_text(row, 2), NULL);
  s->object.comment = row_text(row, 3);
  catalog_keep(c, "pg_class", row_peek(row, 0), &s->object);
  s->type.name = row_text(row, 4);
  s->options = (struct sequence_options){
      .start = row_int(row, 5),
      .increment = row_int(row, 6),
      .min = row_int(row, 7),
      .max = row_int(row, 8),
      .cache = row_int(row, 9),
      .cycle = row_flag(row, 10),
  };
  s->unlogged = row_flag(row, 11);
}

static void print(const struct object *o, struct strbuf *out) {
  const struct sequence *s = (const struct sequence *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "sequence ");
  pdl_name(out, o->schema, o->name);
  if (strcmp(s->type.name, "int8") != 0) {
    strbuf_adds(out, " as ");
    pdl_type(out, &s->type);
  }
  if (s->unlogged)
    strbuf_adds(out, " unlogged");
  pdl_sequence_options(out, s->type.name, &s->options);
  strbuf_addc(out, '\n');
}

static const struct field fields[] = {
    FIELD(sequence, type, FIELD_TYPE, "type"),
    FIELD(sequence, options.start, FIELD_INT, "start"),
    FIELD(sequence, options.increment, FIELD_INT, "increment"),
    FIELD(sequence, options.min, FIELD_INT, "minvalue"),
    FIELD(sequence, options.max, FIELD_INT, "maxvalue"),
    FIELD(sequence, options.cache, FIELD_INT, "cache"),
    FIELD(sequence, options.cycle, FIELD_FLAG, "cycle"),
    FIELD(sequence, unlogged, FIELD_FLAG, "unlogged"),
    FIELD_END,
};

const struct kind sequence_kind = {
    .word = "sequence",
    .size = sizeof(struct sequence),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_SEQUENCE},
    .declare = declare,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .alter = alter,
    .data = true,
    .query = query,
    .read = read,
    .print = print,
};
