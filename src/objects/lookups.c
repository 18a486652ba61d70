/* What rows of many kinds refer to by number: comments, types, what an extension brought. */
#include <stdlib.h>
#include <string.h>

#include "objects/objects.h"

/* ── comments ── */

/* Of what people made, and of public, which is older, where it is not Postgres' own. A column's goes by "table.number". */
static const char *query_comments(int version) {
  (void)version;
  return "SELECT d.classoid::pg_catalog.regclass, CASE WHEN d.objsubid = 0 THEN d.objoid::text ELSE d.objoid || '.' || d.objsubid END,"
         " d.description FROM pg_catalog.pg_description d WHERE d.objoid >= 16384"
         " OR (d.objoid = 2200 AND d.classoid = 2615 AND d.objsubid = 0 AND d.description <> 'standard public schema')";
}

static void read_comment(struct catalog *c, const struct row *row) {
  catalog_note(&c->comments, row_peek(row, 0), row_peek(row, 1), row_peek(row, 2));
}

/* ── extensions ── */

static const char *query_members(int version) {
  (void)version;
  return "SELECT e.classid::pg_catalog.regclass, e.objid FROM pg_catalog.pg_depend e"
         " WHERE e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND e.deptype = 'e'";
}

static void read_member(struct catalog *c, const struct row *row) {
  catalog_note(&c->members, row_peek(row, 0), row_peek(row, 1), "");
}

/* ── types ── */

struct known_type {
  const char *schema, *name, *collation; /* schema: NULL for pg_catalog; collation: its oid */
  char storage;
  bool array;
};

static struct known_type *add_type(struct catalog *c, const char *oid, struct known_type type) {
  struct known_type *t = arena_alloc(c->types.arena, sizeof *t);
  *t = type;
  map_set(&c->types, oid, t);
  return t;
}

/* Neither arrays, which stand beside their elements, nor row types, of which there is one a table; int2vector (22) and
 * oidvector (30) are no arrays of their elements. */
bool catalog_read_type(struct catalog *c, const struct row *row) {
  const char *oid = row_peek(row, 0), *array = row_peek(row, 1);
  const char *schema_name = catalog_name(c, "pg_namespace", row_peek(row, CATALOG_TYPE_NAMESPACE));
  if (*row_peek(row, 6) == 'A' && strcmp(row_peek(row, 7), "0") != 0 && strcmp(oid, "22") != 0 &&
      strcmp(oid, "30") != 0)
    return strcmp(array, "0") != 0;
  struct known_type t = {
      .schema = schema_name && strcmp(schema_name, "pg_catalog") != 0 ? schema_name : NULL,
      .name = row_text(row, CATALOG_TYPE_NAME),
      .collation = row_text(row, 4),
      .storage = *row_peek(row, 5),
  };
  add_type(c, oid, t);
  t.array = true;
  t.storage = 'x';
  if (strcmp(array, "0") != 0)
    add_type(c, array, t);
  return true;
}

/* A row type or an array of one, by its name in SQL. */
static struct known_type *row_type(struct catalog *c, const char *oid, const char *shown) {
  const size_t n = strlen(shown);
  struct known_type t = {.collation = "0", .storage = 'x', .array = n > 2 && strcmp(shown + n - 2, "[]") == 0};
  catalog_split_name(c->types.arena, arena_strndup(c->types.arena, shown, n - 2 * t.array), &t.schema, &t.name);
  return add_type(c, oid, t);
}

struct type_ref catalog_type_of(struct catalog *c, const char *oid, const char *shown, const char *formatted,
                                const char **collation, char *storage) {
  const struct known_type *t = map_get(&c->types, oid);
  if (!t)
    t = row_type(c, oid, shown ? shown : "");
  *collation = t->collation;
  *storage = t->storage;
  return (struct type_ref){.schema = t->schema,
                           .name = t->name,
                           .dimensions = t->array,
                           .mods = catalog_mods(c->schema->arena, t->schema, formatted)};
}

const char *catalog_column_comment(const struct catalog *c, const char *table, const char *number) {
  char name[32];
  if (map_count(&c->comments) == 0)
    return NULL;
  snprintf(name, sizeof name, "%s.%s", table, number);
  return catalog_comment(c, "pg_class", name);
}

/* ── keys of indexes ── */

/* Only those of expressions may have a target for statistics; that of an exclusion has no word. */
static const char *query_targets(int version) {
  (void)version;
  return "SELECT a.attrelid, a.attnum, a.attstattarget FROM pg_catalog.pg_attribute a WHERE a.attnum > 0"
         " AND a.attstattarget >= 0 AND a.attrelid = ANY (ARRAY(SELECT i.indexrelid FROM pg_catalog.pg_index i"
         " WHERE i.indexrelid >= 16384 AND i.indexprs IS NOT NULL)) ORDER BY a.attrelid, a.attnum";
}

static void read_target(struct catalog *c, const struct row *row) {
  struct object *o = catalog_get(c, "pg_class", row_peek(row, 0));
  if (!o)
    catalog_found(c, "statistics target");
  else if (is_kind(o, KIND_INDEX))
    setting_add(c->schema->arena, &((struct index *)o)->targets, row_text(row, 1), row_text(row, 2));
}

/* What is said of an index beside its row of pg_index. */
enum { KEY_TEXTS, KEY_COLLATIONS, KEY_CLASSES, KEY_OPTIONS, KEY_PARTS };
struct unusual {
  struct names parts[KEY_PARTS];
  const char *expression, *where; /* expression: where it has but one */
};

static struct unusual *unusual_of(struct catalog *c, const struct row *row) {
  struct unusual *u = numbers_get(&c->indexes, row_number(row, 0));
  if (!u) {
    u = arena_alloc(c->indexes.arena, sizeof *u);
    numbers_set(&c->indexes, row_number(row, 0), u);
  }
  return u;
}

static const char *query_expressions(int version) {
  (void)version;
  return "SELECT i.indexrelid, CASE WHEN i.indexprs IS NOT NULL THEN pg_catalog.pg_get_expr(i.indexprs, i.indrelid) END,"
         " CASE WHEN i.indpred IS NOT NULL THEN pg_catalog.pg_get_expr(i.indpred, i.indrelid) END"
         " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
         " WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND x.relnamespace = ANY ($1)";
}

static void read_expressions(struct catalog *c, const struct row *row) {
  struct unusual *u = unusual_of(c, row);
  u->expression = row_text(row, 1);
  u->where = row_text(row, 2);
}

/* Arrays by key: expressions, collations, operator classes and their options. The columns of a materialized view are not
 * read: its indexes name them. No class for a btree of Postgres' own takes options; others are looked at one by one.
 * Some minor releases keep a note of their own, pg_attver, among attoptions (pg_dump leaves it out too). */
#define OF_MATVIEW "t.relkind = 'm'"
#define EXPRESSIONS                                                                                                    \
  "(i.indexprs IS NOT NULL AND pg_catalog.cardinality(pg_catalog.array_positions(i.indkey::pg_catalog.int2[], 0::pg_catalog.int2)) > 1)"
#define HAS_OPTIONS                                                                                                   \
  "(x.relam <> 403 OR i.indclass::pg_catalog.oid[] && ARRAY(SELECT oid FROM pg_catalog.pg_opclass WHERE oid >= 16384))" \
  " AND (SELECT true FROM pg_catalog.pg_attribute o WHERE o.attrelid = i.indexrelid AND o.attoptions IS NOT NULL"     \
  " AND EXISTS (SELECT FROM pg_catalog.unnest(o.attoptions) n WHERE n NOT LIKE 'pg\\_attver=%') LIMIT 1)"

static const char *query_keys(int version) {
  (void)version;
  return
      "SELECT i.indexrelid,"
      " CASE WHEN " EXPRESSIONS " OR " OF_MATVIEW " THEN (SELECT pg_catalog.array_agg("
      "CASE WHEN u.num = 0 AND NOT " EXPRESSIONS " THEN pg_catalog.pg_get_expr(i.indexprs, i.indrelid)"
      " WHEN u.num = 0 OR " OF_MATVIEW " THEN"
      " pg_catalog.pg_get_indexdef(i.indexrelid, u.k::pg_catalog.int4, false) END ORDER BY u.k)"
      " FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY u(num, k)) END,"
      " CASE WHEN NOT i.indcollation::pg_catalog.oid[] <@ ARRAY[0, 100]::pg_catalog.oid[] THEN"
      " (SELECT pg_catalog.array_agg(CASE WHEN u.o <> 0 AND u.o <> coalesce(at.attcollation, 100) THEN"
      " u.o::pg_catalog.regcollation::text END ORDER BY u.k)"
      " FROM pg_catalog.unnest(i.indcollation::pg_catalog.oid[]) WITH ORDINALITY u(o, k)"
      " LEFT JOIN pg_catalog.pg_attribute at ON at.attrelid = i.indrelid"
      " AND at.attnum = (i.indkey::pg_catalog.int2[])[u.k - 1] AND at.attnum <> 0) END,"
      " CASE WHEN i.indclass::pg_catalog.oid[] && ARRAY(SELECT oid FROM pg_catalog.pg_opclass WHERE NOT opcdefault)"
      " OR (" HAS_OPTIONS ") THEN"
      " (SELECT pg_catalog.array_agg(CASE WHEN NOT oc.opcdefault OR (" HAS_OPTIONS ") THEN"
      " pg_catalog.quote_ident(ocn.nspname) || '.' ||"
      " pg_catalog.quote_ident(oc.opcname) END ORDER BY u.k)"
      " FROM pg_catalog.unnest(i.indclass::pg_catalog.oid[]) WITH ORDINALITY u(o, k)"
      " JOIN pg_catalog.pg_opclass oc ON oc.oid = u.o JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace) END,"
      " CASE WHEN " HAS_OPTIONS " THEN"
      " (SELECT pg_catalog.array_agg((SELECT pg_catalog.string_agg(u.o, ', ') FROM pg_catalog.unnest(at.attoptions) u(o)"
      " WHERE u.o NOT LIKE 'pg\\_attver=%') ORDER BY at.attnum) FROM pg_catalog.pg_attribute at"
      " WHERE at.attrelid = i.indexrelid AND at.attnum > 0) END"
      " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid"
      " JOIN pg_catalog.pg_class t ON t.oid = i.indrelid"
      " WHERE x.relnamespace = ANY ($1) AND (" OF_MATVIEW " OR " EXPRESSIONS
      " OR NOT i.indcollation::pg_catalog.oid[] <@ '{0,100}'::pg_catalog.oid[]"
      " OR NOT i.indclass::pg_catalog.oid[] <@ ARRAY(SELECT u.oid FROM pg_catalog.pg_opclass u"
      " WHERE u.opcmethod = 403 AND u.opcdefault AND u.oid < 16384))";
}

static void read_keys(struct catalog *c, const struct row *row) {
  struct unusual *u = unusual_of(c, row);
  for (int i = 0; i < KEY_PARTS; i++)
    u->parts[i] = row_names(c->indexes.arena, row, 1 + i);
}

/* Of a materialized view, as the index itself names it. */
static const char *column_name(struct arena *arena, const struct object *table, int number, const struct names *texts,
                               size_t i) {
  if (is_kind(table, KIND_MATVIEW)) {
    const char *name = NULL, *schema_name;
    if (i < texts->n)
      catalog_split_name(arena, texts->v[i], &schema_name, &name);
    return name;
  }
  const struct object *column = column_by_number(table, number);
  return column ? column->name : NULL;
}

/* "2 5 0": an int2vector. Bits of indoption: 1 descending, 2 nulls first (pg_index.h). */
struct index_keys catalog_keys(struct catalog *c, const struct object *table, const struct row *row, struct expr *where,
                               struct names *include) {
  enum { DESCENDING = 1, NULLS_FIRST = 2 };
  struct arena *arena = c->schema->arena;
  static const struct unusual usual;
  const char *numbers = row_peek(row, INDEX_COLUMNS), *options = row_peek(row, INDEX_OPTIONS);
  const size_t n = (size_t)row_int(row, INDEX_KEY_COUNT);
  const struct unusual *unusual = numbers_get(&c->indexes, row_number(row, INDEX_OID));
  const struct names *part = unusual ? unusual->parts : usual.parts;
  struct index_keys keys = {.v = arena_array(arena, n, sizeof *keys.v), .n = n};
  char *end;
  where->sql = unusual ? unusual->where : NULL;
  expr_simplify(arena, where, NULL);
  *include = (struct names){.v = arena_array(arena, strlen(numbers) / 2 + 1, sizeof *include->v)};
  for (size_t i = 0; *numbers; i++, numbers = end) {
    const int number = (int)strtol(numbers, &end, 10);
    if (end == numbers)
      break;
    if (i >= n) {
      include->v[include->n++] = column_name(arena, table, number, &part[KEY_TEXTS], i);
      continue;
    }
    struct index_key *k = &keys.v[i];
    k->column = number ? column_name(arena, table, number, &part[KEY_TEXTS], i) : NULL;
    if (!number) {
      k->expr.sql = i < part[KEY_TEXTS].n ? part[KEY_TEXTS].v[i] : unusual ? unusual->expression : NULL;
      expr_simplify(arena, &k->expr, NULL);
    }
    if (i < part[KEY_COLLATIONS].n && *part[KEY_COLLATIONS].v[i])
      catalog_split_name(arena, part[KEY_COLLATIONS].v[i], &k->collation_schema, &k->collation);
    if (i < part[KEY_CLASSES].n && *part[KEY_CLASSES].v[i])
      catalog_split_name(arena, part[KEY_CLASSES].v[i], &k->opclass_schema, &k->opclass);
    if (i < part[KEY_OPTIONS].n && *part[KEY_OPTIONS].v[i])
      k->opclass_options = part[KEY_OPTIONS].v[i];
    const long option = options ? strtol(options, (char **)(uintptr_t)&options, 10) : 0;
    k->descending = option & DESCENDING;
    k->nulls_first = option & NULLS_FIRST;
  }
  return keys;
}

static const struct lookup expressions_lookup = {query_expressions, read_expressions,
                                                "index on an expression, partial index", KIND_EXCLUDE, false};
static const struct lookup keys_lookup = {query_keys, read_keys, "unusual index, class m", KIND_EXCLUDE, false};

static const struct lookup targets_lookup = {query_targets, read_target, "index on an expression", KIND_FUNCTION, false};
static const struct lookup comments_lookup = {query_comments, read_comment, NULL, KIND_SCHEMA, false};
static const struct lookup members_lookup = {query_members, read_member, "pg_extension", KIND_SCHEMA, false};

const struct lookup *const lookups[LOOKUP_COUNT] = {
    &comments_lookup,      &members_lookup,        &parents_lookup,           &toast_lookup,
    &keys_lookup,          &foreign_table_lookup,  &type_routines_lookup,     &targets_lookup,
    &bounds_lookup,        &owners_lookup,         &targets_elsewhere_lookup, &defaults_lookup,
    &expressions_lookup,   &relation_lists_lookup, &routine_lists_lookup,     &server_lists_lookup,
    &type_lists_lookup,    &not_nulls_lookup,
};
