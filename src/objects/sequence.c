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
  s->node = n;
}

static void link(struct compile *c, struct object *o) {
  struct sequence *s = (struct sequence *)o;
  const struct node *owned = compile_clause(c, s->node, NODE_OWNED);
  const struct object *table = owned ? compile_find_table(c, owned->name) : NULL;
  if (!table)
    return;
  const struct node *column = node_part(owned, NODE_NAME);
  if (!table_column(table, column->name.text))
    compile_unknown_column(c, column->name.span, column->name.text, table);
  if (strcmp(table->schema, o->schema) != 0)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, owned->name.span, "a sequence is owned within its own schema, \"%s\"", o->schema);
  s->owner = (struct names){arena_array(c->arena, 3, sizeof *s->owner.v), 3};
  s->owner.v[0] = table->schema;
  s->owner.v[1] = table->name;
  s->owner.v[2] = column->name.text;
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

/* One that is owned goes with its table or column. */
static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, ((const struct sequence *)o)->owner.n ? "DROP SEQUENCE IF EXISTS " : "DROP SEQUENCE ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

enum { SEQUENCE_TYPE = 1, SEQUENCE_UNLOGGED = 1 << 7, SEQUENCE_OWNER = 1 << 8 };

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before;
  const struct sequence *s = (const struct sequence *)after;
  const struct sequence_options *o = &s->options;
  if (fields & ~(uint64_t)(SEQUENCE_UNLOGGED | SEQUENCE_OWNER)) {
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

static void own(const struct object *o, struct strbuf *out) {
  const struct names owner = ((const struct sequence *)o)->owner;
  strbuf_adds(out, "ALTER SEQUENCE ");
  sql_object(out, o);
  strbuf_adds(out, " OWNED BY ");
  if (owner.n) {
    sql_qualified(out, owner.v[0], owner.v[1]);
    strbuf_addc(out, '.');
    sql_ident(out, owner.v[2]);
  } else {
    strbuf_adds(out, "NONE");
  }
  strbuf_adds(out, ";\n");
}

/* It outlives its former owner. */
static void first(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (!after)
    return;
  struct sequence free = *(const struct sequence *)after;
  free.owner = (struct names){0};
  if (fields & SEQUENCE_OWNER && ((const struct sequence *)before)->owner.n)
    own(&free.object, out);
}

static void last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (((const struct sequence *)after)->owner.n && (!before || fields & SEQUENCE_OWNER))
    own(after, out);
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  const struct names owner = ((const struct sequence *)o)->owner;
  const bool column = is_kind(of, KIND_COLUMN), schema = is_kind(of, KIND_SCHEMA);
  const struct object *table = column ? of->parent : of;
  if (!owner.n || !(column || schema || is_kind(of, KIND_TABLE)) || strcmp(owner.v[0], schema ? of->name : table->schema) != 0 ||
      (!schema && strcmp(owner.v[1], table->name) != 0) || (column && strcmp(owner.v[2], of->name) != 0))
    return;
  owner.v[column ? 2 : schema ? 0 : 1] = name;
  if (!column && !schema)
    owner.v[0] = schema_name;
}

/* It goes with its table, or is what a serial column will have. */
static bool absorbed(const struct object *o, const struct schema *after) {
  const struct sequence *s = (const struct sequence *)o;
  if (!s->owner.n)
    return false;
  if (s->owner_table && !s->owner_table->match)
    return true;
  const struct object *table = schema_find(after, NS_RELATION, s->owner.v[0], NULL, s->owner.v[1]);
  const struct column *col = table && is_kind(table, KIND_TABLE) ? table_column(table, s->owner.v[2]) : NULL;
  if (!col || !col->serial)
    return false;
  struct arena arena = ARENA_INIT;
  const bool same = strcmp(default_sequence_name(&arena, &col->object), o->name) == 0;
  arena_release(&arena);
  return same;
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "SEQUENCE ");
  sql_object(out, o);
}

static const char *query(int version) {
  (void)version;
  return "SELECT c.oid, n.nspname, c.relname, d.description, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,"
         " s.seqcache, s.seqcycle, c.relpersistence = 'u', tn.nspname, t.relname, a.attname, t.oid"
         " FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid"
         " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " LEFT JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = c.oid"
         " AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')"
         " LEFT JOIN pg_catalog.pg_class t ON t.oid = o.refobjid LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"
         " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid"
         " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass"
         " AND d.objoid = c.oid AND d.objsubid = 0"
         " WHERE n.oid = ANY ($1) AND o.deptype IS DISTINCT FROM 'i' AND c.oid NOT IN (SELECT serial.seqrelid FROM " CATALOG_SERIALS ")"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid") " ORDER BY n.nspname, c.relname";
}

static void read(struct catalog *c, const struct row *row) {
  struct sequence *s = schema_add(c->schema, KIND_SEQUENCE, row_text(row, 1),
                                  row_text(row, 2), NULL);
  s->object.comment = row_text(row, 3);
  catalog_keep(c, "pg_class", row_peek(row, 0), &s->object);
  bool serial;
  s->type.name = type_alias(row_peek(row, 4), &serial)->name;
  s->options = (struct sequence_options){
      .start = row_int(row, 5),
      .increment = row_int(row, 6),
      .min = row_int(row, 7),
      .max = row_int(row, 8),
      .cache = row_int(row, 9),
      .cycle = row_flag(row, 10),
  };
  s->unlogged = row_flag(row, 11);
  if (!row_peek(row, 14))
    return;
  s->owner = (struct names){arena_array(c->schema->arena, 3, sizeof *s->owner.v), 3};
  for (int i = 0; i < 3; i++)
    s->owner.v[i] = row_text(row, 12 + i);
  s->owner_oid = row_text(row, 15);
}

static void finish(struct catalog *c) {
  for (struct object *o = c->schema->first; o; o = o->next)
    if (is_kind(o, KIND_SEQUENCE) && ((struct sequence *)o)->owner_oid)
      ((struct sequence *)o)->owner_table = catalog_get(c, "pg_class", ((struct sequence *)o)->owner_oid);
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
  if (s->owner.n) {
    strbuf_adds(out, " owned by ");
    pdl_name(out, s->owner.v[0], s->owner.v[1]);
    strbuf_addc(out, '.');
    pdl_word(out, s->owner.v[2]);
  }
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
    FIELD(sequence, owner, FIELD_NAMES, "owned by"),
    FIELD_END,
};

const struct kind sequence_kind = {
    .word = "sequence",
    .size = sizeof(struct sequence),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_SEQUENCE},
    .declare = declare,
    .link = link,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .alter = alter,
    .absorbed = absorbed,
    .first = first,
    .last = last,
    .follow = follow,
    .data = true,
    .query = query,
    .sorts = "class S",
    .read = read,
    .finish = finish,
    .print = print,
};
