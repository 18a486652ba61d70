/* sequence: CREATE SEQUENCE. Those that belong to a serial or identity column are part of it. */
#include <stdint.h>
#include <stdio.h>
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
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, owned->name.span, "a sequence is owned within its own schema, \"%s\"",
             o->schema);
  s->owner = (struct names){arena_array(c->arena, 3, sizeof *s->owner.v), 3};
  s->owner.v[0] = table->schema;
  s->owner.v[1] = table->name;
  s->owner.v[2] = column->name.text;
  s->owner_table = table;
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

void sql_enter_range(const char *sequence, const struct sequence_options *from, const struct sequence_options *to,
                     struct strbuf *out) {
  const bool up = to->increment > 0;
  if (up ? to->min <= from->min || to->min > from->max : to->max >= from->max || to->max < from->min)
    return;
  const long long bound = up ? to->min : to->max;
  strbuf_adds(out, "SELECT pg_catalog.setval(");
  sql_literal(out, sequence);
  strbuf_addf(out, ", %lld, false) FROM %s WHERE last_value %c %lld;\n", bound, sequence, up ? '<' : '>', bound);
}

enum { SEQUENCE_TYPE = 1, SEQUENCE_UNLOGGED = 1 << 7, SEQUENCE_OWNER = 1 << 8 };

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct sequence *s = (const struct sequence *)after;
  const struct sequence_options *o = &s->options;
  if (fields & ~(uint64_t)(SEQUENCE_UNLOGGED | SEQUENCE_OWNER)) {
    struct strbuf name = STRBUF_INIT;
    sql_object(&name, after);
    sql_enter_range(name.text, &((const struct sequence *)before)->options, o, out);
    strbuf_release(&name);
    strbuf_adds(out, "ALTER SEQUENCE ");
    sql_object(out, after);
    if (fields & SEQUENCE_TYPE) {
      strbuf_adds(out, " AS ");
      sql_type(out, &s->type);
    }
    strbuf_addf(out, " INCREMENT BY %lld MINVALUE %lld MAXVALUE %lld START WITH %lld CACHE %lld %s;\n", o->increment,
                o->min, o->max, o->start, o->cache, o->cycle ? "CYCLE" : "NO CYCLE");
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

void sequence_part(struct object *o, const char *schema_name, const char *name, bool moves, struct strbuf *out) {
  struct sequence called = *(const struct sequence *)o;
  if (!called.owner.n || !(moves || (o->match && o->match->differs & SEQUENCE_OWNER)))
    return;
  called.object.schema = schema_name;
  called.object.name = name;
  called.owner = (struct names){0};
  own(&called.object, out);
  if (o->match)
    o->match->differs |= SEQUENCE_OWNER;
}

bool sequence_is_shared(const struct object *o) {
  const struct sequence *s = (const struct sequence *)o;
  bool shared = false;
  for (const struct depend *d = is_kind(o, KIND_SEQUENCE) && s->owner.n ? o->dependents : NULL; d && !shared; d = d->next)
    shared = d->on != s->owner_table && d->on->parent != s->owner_table;
  return shared;
}

/* The column that it goes with, as it will be, where that then has a sequence by itself. */
static const struct column *successor(const struct object *o) {
  const struct sequence *s = (const struct sequence *)o;
  const struct object *table = is_kind(o, KIND_SEQUENCE) && s->owner_table ? s->owner_table->match : NULL;
  const struct column *col = table && is_kind(table, KIND_TABLE) ? table_column(table, s->owner.v[2]) : NULL;
  return col && (col->identity || col->serial) ? col : NULL;
}

bool sequence_is_replaced(const struct object *o) {
  return successor(o) != NULL;
}

bool sequence_name_taken(const struct object *o) {
  const struct column *col = successor(o);
  struct arena arena = ARENA_INIT;
  const bool taken = col && strcmp(column_sequence(&arena, col), o->name) == 0;
  arena_release(&arena);
  return taken;
}

bool sequence_stays_owned(const struct object *o) {
  return is_kind(o, KIND_SEQUENCE) && ((const struct sequence *)o)->owner.n && !(o->differs & SEQUENCE_OWNER);
}

static void last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (((const struct sequence *)after)->owner.n && (!before || fields & SEQUENCE_OWNER))
    own(after, out);
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  const struct names owner = ((const struct sequence *)o)->owner;
  const bool column = is_kind(of, KIND_COLUMN), schema = is_kind(of, KIND_SCHEMA);
  const struct object *table = column ? of->parent : of;
  if (!owner.n || !(column || schema || is_kind(of, KIND_TABLE)) ||
      strcmp(owner.v[0], schema ? of->name : table->schema) != 0 || (!schema && strcmp(owner.v[1], table->name) != 0) ||
      (column && strcmp(owner.v[2], of->name) != 0))
    return;
  owner.v[column ? 2 : schema ? 0 : 1] = name;
  if (!column && !schema)
    owner.v[0] = schema_name;
}

/* As ChooseRelationName does. What has the usual name must be there first. */
void column_claim(struct compile *c, struct object *o) {
  struct column *col = (struct column *)o;
  const struct node *identity = col->node ? compile_clause(c, col->node, NODE_IDENTITY) : NULL;
  const struct node *own = identity ? node_part(identity, NODE_NAME) : NULL;
  const struct node *type = col->node ? node_part(col->node, NODE_TYPE) : NULL;
  bool serial = false;
  if (type && !type->name.schema)
    type_alias(type->name.text, &serial);
  if (!is_kind(o->parent, KIND_TABLE) || !(serial || identity))
    return;
  const char *name = own ? own->name.text : default_sequence_name(c->arena, o);
  for (unsigned number = 1; !own; number++) {
    struct object *there = schema_find(c->schema, NS_RELATION, o->parent->schema, NULL, name);
    struct object *column = schema_numbers(c->schema, o->parent->schema, name);
    if (!there && !column)
      break;
    there = column ? column->parent : there->parent ? there->parent : there;
    if (there != o->parent && !there->external)
      object_prefer(c->schema, o, there);
    col->own_sequence = name = postgres_name(c->arena, o->parent->name, o->name, arena_printf(c->arena, "seq%u", number));
    c->schema->numbered = true;
  }
  schema_number(c->schema, o->parent->schema, name, o);
}

void sequence_unfold(struct schema *schema, struct column *col) {
  struct object *table = col->object.parent;
  struct sequence *s = schema_add(schema, KIND_SEQUENCE, table->schema, column_sequence(schema->arena, col), NULL);
  struct strbuf name = STRBUF_INIT, value = STRBUF_INIT;
  s->type = (struct type_ref){.name = col->type.name};
  compile_sequence_options(NULL, NULL, s->type.name, &s->options);
  s->owner = (struct names){arena_array(schema->arena, 3, sizeof *s->owner.v), 3};
  s->owner.v[0] = table->schema;
  s->owner.v[1] = table->name;
  s->owner.v[2] = col->object.name;
  s->owner_table = table;
  sql_object(&name, &s->object);
  strbuf_adds(&value, "nextval(");
  sql_literal(&value, name.text);
  strbuf_adds(&value, "::regclass)");
  col->serial = false;
  col->own_sequence = NULL;
  col->default_ = (struct expr){.sql = strbuf_dup(&value, schema->arena)};
  object_depend(schema, &col->object, &s->object);
  strbuf_release(&name);
  strbuf_release(&value);
}

/* It goes with its table, or is what a column will have that becomes serial. */
static bool absorbed(const struct object *o, const struct schema *after) {
  const struct sequence *s = (const struct sequence *)o;
  const struct object *numbers = schema_numbers(after, o->schema, o->name);
  const struct column *was = numbers ? (const struct column *)numbers->match : NULL;
  if (!s->owner.n)
    return was && ((const struct column *)numbers)->serial && !was->serial && !was->identity;
  if (s->owner_table && !s->owner_table->match) /* but for a name that is wanted before */
    return !numbers && !schema_find(after, NS_RELATION, o->schema, NULL, o->name) &&
           !schema_find(after, NS_TYPE, o->schema, NULL, o->name);
  const struct object *table = schema_find(after, NS_RELATION, s->owner.v[0], NULL, s->owner.v[1]);
  const struct column *col = table && is_kind(table, KIND_TABLE) ? table_column(table, s->owner.v[2]) : NULL;
  if (!col || !col->serial)
    return false;
  struct arena arena = ARENA_INIT;
  const bool same = strcmp(column_sequence(&arena, col), o->name) == 0;
  arena_release(&arena);
  return same;
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "SEQUENCE ");
  sql_object(out, o);
}

/* The column that a sequence goes with; internal: as an identity column's does. */
struct owning {
  const char *table;
  int column;
  bool internal;
};

static const char *query_owners(int version) {
  (void)version;
  return "SELECT o.objid, o.refobjid, o.refobjsubid, o.deptype FROM pg_catalog.pg_depend o"
         " WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
         " AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.refobjsubid > 0"
         " AND o.deptype IN ('a', 'i') AND o.objid IN (SELECT s.seqrelid FROM pg_catalog.pg_sequence s)";
}

static void read_owner(struct catalog *c, const struct row *row) {
  struct owning *owner = arena_alloc(c->owners.arena, sizeof *owner);
  *owner = (struct owning){row_text(row, 1), (int)row_int(row, 2), *row_peek(row, 3) == 'i'};
  numbers_set(&c->owners, row_number(row, 0), owner);
}

const struct lookup owners_lookup = {query_owners, read_owner, "class S", KIND_SEQUENCE, false};

/* By table and column. */
static const char *owner_key(char key[64], const char *table, int column) {
  snprintf(key, 64, "%s.%d", table, column);
  return key;
}

/* All of them: those of serial and identity columns are told apart when the columns are read. */
static void read(struct catalog *c, const struct row *row) {
  const char *oid = row_peek(row, CLASS_OID), *type;
  struct row sequence;
  if (*row_peek(row, CLASS_KIND) != 'S' || catalog_of_extension(c, "pg_class", oid) ||
      !catalog_copied(c, COPIED_SEQUENCE, oid, &sequence))
    return;
  const struct owning *owner = numbers_get(&c->owners, row_number(row, CLASS_OID));
  const char *schema_name = catalog_name(c, "pg_namespace", row_peek(row, CLASS_NAMESPACE));
  struct arena *arena = c->schema->arena;
  struct sequence *s = owner && owner->internal
                           ? arena_alloc(arena, sizeof *s)
                           : schema_add(c->schema, KIND_SEQUENCE, schema_name, row_text(row, CLASS_NAME), NULL);
  s->object.name = row_text(row, CLASS_NAME);
  s->object.comment = catalog_comment(c, "pg_class", oid);
  s->oid = row_text(row, CLASS_OID);
  type = row_peek(&sequence, SEQUENCES_TYPE);
  s->type.name = strcmp(type, "21") == 0 ? "int2" : strcmp(type, "23") == 0 ? "int4" : "int8";
  s->options = (struct sequence_options){
      .start = row_int(&sequence, SEQUENCES_START),
      .increment = row_int(&sequence, SEQUENCES_INCREMENT),
      .min = row_int(&sequence, SEQUENCES_MIN),
      .max = row_int(&sequence, SEQUENCES_MAX),
      .cache = row_int(&sequence, SEQUENCES_CACHE),
      .cycle = row_flag(&sequence, SEQUENCES_CYCLE),
  };
  s->unlogged = *row_peek(row, CLASS_PERSISTENCE) == 'u';
  if (!owner) {
    catalog_keep(c, "pg_class", s->oid, &s->object);
    return;
  }
  char key[64];
  s->owner_oid = owner->table;
  s->owner_column = owner->column;
  owner_key(key, owner->table, owner->column);
  s->beside = (struct sequence *)catalog_get(c, "owned", key);
  catalog_keep(c, "owned", key, &s->object);
  catalog_keep(c, "sequence", s->oid, &s->object);
}

/* The next identifier of SQL text within a literal, its quotes taken off; *p is moved behind it. */
static void read_identifier(const char **p, struct strbuf *out) {
  const bool quoted = **p == '"';
  strbuf_clear(out);
  for (*p += quoted; **p && (quoted ? **p != '"' || (*p)[1] == '"' : **p != '.' && **p != '\''); ++*p) {
    strbuf_addc(out, **p);
    *p += **p == (*p)[1] && (**p == '"' || **p == '\'');
  }
  *p += quoted && **p;
}

/* Whether a default is the next number of this sequence, as the server prints it. A twin's is in the search path. */
static bool takes_next(const char *sql, const struct sequence *s) {
  static const char head[] = "nextval('";
  if (!sql || strncmp(sql, head, sizeof head - 1) != 0)
    return false;
  struct strbuf word = STRBUF_INIT;
  const char *p = sql + sizeof head - 1;
  read_identifier(&p, &word);
  bool same = *p != '.' ? strncmp(s->object.schema, "pg_temp", 7) == 0 : strcmp(word.text, s->object.schema) == 0;
  if (*p == '.') {
    p++;
    read_identifier(&p, &word);
  }
  same = same && strcmp(word.text, s->object.name) == 0 && strcmp(p, "'::regclass)") == 0;
  strbuf_release(&word);
  return same;
}

/* table_column_seq; shortened where that is too long, numbered where it was taken. */
static bool named_as_serial(const struct column *col, const char *name) {
  const char *table = col->object.parent->name;
  const size_t t = strlen(table), c = strlen(col->object.name), n = strlen(name);
  if (t + c > 58)
    return n > 4 && strcmp(name + n - 4, "_seq") == 0;
  return n >= t + c + 5 && strncmp(name, table, t) == 0 && name[t] == '_' &&
         strncmp(name + t + 1, col->object.name, c) == 0 && strncmp(name + t + 1 + c, "_seq", 4) == 0 &&
         strspn(name + t + c + 5, "0123456789") == n - t - c - 5;
}

/* No more than a serial column says. */
static bool is_serial(const struct column *col, const struct sequence *s) {
  const struct sequence_options *o = &s->options;
  return s->object.schema && col->not_null && !col->type.schema && !col->type.dimensions &&
         strcmp(col->type.name, s->type.name) == 0 && o->start == 1 && o->increment == 1 && o->min == 1 &&
         o->cache == 1 && !o->cycle && (o->max == INT16_MAX || o->max == INT32_MAX || o->max == INT64_MAX) &&
         !s->object.comment && strcmp(s->object.schema, col->object.parent->schema) == 0 &&
         named_as_serial(col, s->object.name) && takes_next(col->default_.sql, s);
}

void catalog_column_sequence(struct catalog *c, const char *table, struct column *col) {
  char key[64];
  if (!col->identity && !col->default_.sql)
    return;
  struct sequence *s = (struct sequence *)catalog_get(c, "owned", owner_key(key, table, col->attribute));
  while (s && (col->identity ? s->object.schema != NULL : !is_serial(col, s)))
    s = s->beside;
  if (!s)
    return;
  col->own_sequence = s->object.name;
  catalog_keep(c, "numbering", s->oid, &col->object);
  if (col->identity) {
    col->sequence = s->options;
    return;
  }
  col->serial = true;
  col->default_ = (struct expr){0};
  s->of_serial = true;
}

struct object *catalog_owned_sequence(const struct catalog *c, const char *oid) {
  struct sequence *s = (struct sequence *)catalog_get(c, "sequence", oid);
  return s && !s->of_serial && s->object.schema ? &s->object : NULL;
}

static void find_owner(struct catalog *c, struct sequence *s) {
  s->owner_table = catalog_get(c, "pg_class", s->owner_oid);
  const struct object *column = s->owner_table ? column_by_number(s->owner_table, s->owner_column) : NULL;
  if (!column)
    return;
  s->owner = (struct names){arena_array(c->schema->arena, 3, sizeof *s->owner.v), 3};
  s->owner.v[0] = s->owner_table->schema;
  s->owner.v[1] = s->owner_table->name;
  s->owner.v[2] = column->name;
}

static void finish(struct catalog *c) {
  struct object **link = &c->schema->first, *last = NULL;
  for (struct object *o = *link; o; o = o->next) {
    struct sequence *s = is_kind(o, KIND_SEQUENCE) ? (struct sequence *)o : NULL;
    if (s && s->of_serial)
      continue;
    if (s && s->owner_oid) {
      find_owner(c, s);
      catalog_keep(c, "pg_class", s->oid, o);
    }
    *link = last = o;
    link = &o->next;
  }
  *link = NULL;
  c->schema->last = last;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct sequence *s = (const struct sequence *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "sequence ");
  pdl_name(out, o->schema, o->name);
  pdl_owner(out, o);
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
    .last = last,
    .follow = follow,
    .data = true,
    .copied = COPIED_CLASS,
    .sorts = "class S",
    .read = read,
    .finish = finish,
    .print = print,
};
