/* column, once it is there: what changes it in place, and what such a change may lose. */
#include <stdlib.h>

#include "objects/objects.h"

/* ── conversions ── */

/* What a domain is made of. */
static const struct type_ref *value_of(const struct type_ref *t) {
  while (!t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN))
    t = &((const struct domain *)t->object)->type;
  return t;
}

static bool is_string(const struct type_ref *t) {
  t = value_of(t);
  const struct type_info *info = t->schema || t->dimensions ? NULL : type_info(t->name);
  return info && info->category == TYPE_STRING;
}

static const struct object *made_of(const struct type_ref *t) {
  const struct object *o = t->object;
  while (o && is_kind(o, KIND_DOMAIN) && ((const struct domain *)o)->type.object)
    o = ((const struct domain *)o)->type.object;
  return o;
}

/* A type of a live model is known by its name alone. */
static bool is_of(const struct type_ref *t, const struct object *type) {
  return made_of(t) == type ||
         (!t->object && t->schema && strcmp(t->schema, type->schema) == 0 && strcmp(t->name, type->name) == 0);
}

/* A cast on assignment, which loses nothing in silence where an explicit one might. */
static bool assignable(const struct type_ref *from, const struct type_ref *to) {
  if (from->schema || to->schema || (from->dimensions > 0) != (to->dimensions > 0))
    return false;
  if (strcmp(from->name, to->name) == 0 || is_string(to))
    return true;
  return type_info(from->name) && type_info(to->name) && !to->dimensions &&
         type_cast(from->name, to->name) == CAST_ASSIGNED;
}

static bool has_no_cast(const struct type_ref *from, const struct type_ref *to) {
  return !from->schema && !to->schema && type_info(from->name) && type_info(to->name) &&
         (from->dimensions > 0) == (to->dimensions > 0) && type_cast(from->name, to->name) == CAST_BY_TEXT;
}

/* A row of the type that takes what the old one has; an attribute that is new is null. A row of nulls IS NULL, and yet
 * is one. */
static void convert_row(const struct object *type, const char *name, struct strbuf *out) {
  strbuf_adds(out, " USING CASE WHEN ");
  sql_ident(out, name);
  strbuf_adds(out, " IS DISTINCT FROM NULL THEN ROW(");
  const char *between = "";
  for EACH_CHILD(type, attribute) {
    if (!is_kind(attribute, KIND_COLUMN))
      continue;
    strbuf_adds(out, between);
    between = ", ";
    if (!attribute->match) {
      strbuf_adds(out, "NULL");
      continue;
    }
    const struct type_ref *t = &((const struct column *)attribute)->type;
    strbuf_addc(out, '(');
    sql_ident(out, name);
    strbuf_adds(out, ").");
    sql_ident(out, attribute->match->name);
    if (is_kind(attribute, KIND_COLUMN) && t->object)
      strbuf_adds(out, "::text");
    strbuf_adds(out, "::");
    sql_type(out, t);
  }
  strbuf_adds(out, ")::");
  sql_object(out, type);
  strbuf_adds(out, " END");
}

/* No cast leads from a value to an array, or back: it becomes the one element, the first one the value. A text may be
 * written as an array. */
static bool convert_element(const struct column *before, const struct column *after, struct strbuf *out) {
  const struct type_ref *from = &before->type, *to = &after->type;
  if ((from->dimensions > 0) == (to->dimensions > 0) || is_string(from) || is_string(to))
    return false;
  const bool same = !from->schema && !to->schema && strcmp(from->name, to->name) == 0; /* another may be made anew */
  struct strbuf name = STRBUF_INIT;
  sql_ident(&name, after->object.name);
  if (to->dimensions)
    strbuf_addf(out, " USING CASE WHEN %s IS NOT NULL THEN ARRAY[%s%s]::", name.text, name.text, same ? "" : "::text");
  else
    strbuf_addf(out, " USING %s[1]%s::", name.text, same ? "" : "::text");
  sql_type(out, to);
  if (to->dimensions)
    strbuf_adds(out, " END");
  strbuf_release(&name);
  return true;
}

static void convert(const struct column *before, const struct column *after, struct strbuf *out) {
  const struct object *type = made_of(&after->type);
  if (is_foreign(after->object.parent)) /* its rows are elsewhere */
    return;
  if (after->using_.sql) {
    strbuf_addf(out, " USING (%s)", after->using_.sql);
  } else if (type && type == after->type.object && is_kind(type, KIND_COMPOSITE) && type->match &&
             is_of(&before->type, type->match) && !before->type.dimensions && !after->type.dimensions) {
    convert_row(type, after->object.name, out);
  } else if (convert_element(before, after, out)) {
    return;
  } else if (type || !assignable(&before->type, &after->type)) {
    const bool by_text = (type && !is_kind(type, KIND_DOMAIN) && !is_string(&before->type)) || before->type.schema ||
                         has_no_cast(&before->type, &after->type);
    strbuf_adds(out, " USING ");
    sql_ident(out, after->object.name);
    if (by_text)
      strbuf_adds(out, before->type.dimensions ? "::text[]" : "::text");
    strbuf_adds(out, "::");
    sql_type(out, &after->type);
  }
}

/* ── statements ── */

static void alter_column(const struct column *col, struct strbuf *out) {
  sql_alter_table(out, &col->object);
  strbuf_adds(out, "ALTER COLUMN ");
  sql_ident(out, col->object.name);
  strbuf_addc(out, ' ');
}

/* Of heirs it is their own, but Postgres would set it for those that stand. */
void sql_set_statistics(const struct column *col, struct strbuf *out) {
  strbuf_adds(out, "ALTER TABLE ONLY ");
  sql_object(out, col->object.parent);
  strbuf_adds(out, " ALTER COLUMN ");
  sql_ident(out, col->object.name);
  strbuf_addf(out, " SET STATISTICS %lld;\n", col->statistics);
}

#define STATEMENT(...) (alter_column(col, out), strbuf_addf(out, __VA_ARGS__), strbuf_adds(out, ";\n"))

static bool table_defers(const struct object *table) {
  for EACH_CHILD(table, o)
    if ((is_kind(o, KIND_FOREIGN) && ((const struct foreign *)o)->deferred) ||
        (is_kind(o, KIND_KEY) && ((const struct key *)o)->deferred))
      return true;
  return false;
}

/* A touch trigger would take the backfill for a change that somebody made. */
static void touch_triggers(const struct column *col, const char *verb, struct strbuf *out) {
  const struct object *before = col->object.parent->match;
  for (const struct object *o = before ? before->first_child : NULL; o; o = o->next) {
    if (!is_kind(o, KIND_TOUCH_TRIGGER) || !o->match)
      continue;
    sql_alter_table(out, &col->object);
    strbuf_addf(out, "%s TRIGGER ", verb);
    sql_ident(out, o->name);
    strbuf_adds(out, ";\n");
  }
}

static void backfill(const struct column *col, struct strbuf *out) {
  if (!col->backfill.sql)
    return;
  touch_triggers(col, "DISABLE", out);
  strbuf_adds(out, "UPDATE ");
  sql_object(out, col->object.parent);
  strbuf_adds(out, " SET ");
  sql_ident(out, col->object.name);
  strbuf_addf(out, " = (%s) WHERE ", col->backfill.sql);
  sql_ident(out, col->object.name);
  strbuf_adds(out, " IS NULL;\n");
  if (table_defers(col->object.parent)) /* a table with checks to come cannot be altered */
    strbuf_adds(out, "SET CONSTRAINTS ALL IMMEDIATE;\n");
  touch_triggers(col, "ENABLE", out);
}

bool sql_add_backfilled(const struct object *o, struct strbuf *out) {
  const struct column *col = (const struct column *)o;
  if (!col->backfill.sql || col->generated.sql || col->identity || col->serial || is_kind(o->parent, KIND_COMPOSITE))
    return false;
  struct column bare = *col;
  bare.not_null &= col->neutral;
  bare.default_ = col->neutral ? col->backfill : (struct expr){0};
  sql_alter_table(out, o);
  strbuf_adds(out, "ADD COLUMN ");
  o->kind->fold(&bare.object, false, out);
  strbuf_adds(out, ";\n");
  if (col->neutral) {
    STATEMENT("DROP DEFAULT");
    return true;
  }
  backfill(col, out);
  if (col->default_.sql)
    STATEMENT("SET DEFAULT %s", col->default_.sql);
  if (col->not_null) {
    sql_alter_table(out, o);
    sql_set_not_null(out, col);
    strbuf_adds(out, ";\n");
  }
  return true;
}

/* ── its own sequence ── */

/* makeObjectName in commands/indexcmds.c: the longer part is cut, at a character. */
const char *default_sequence_name(struct arena *arena, const struct object *column) {
  return postgres_name(arena, column->parent->name, column->name, "seq");
}

void column_as_made(struct schema *s, struct object *o) {
  struct column *col = (struct column *)o;
  if (col->serial || col->identity)
    col->own_sequence = column_sequence(s->arena, col);
}

const char *column_sequence(struct arena *arena, const struct column *col) {
  return col->own_sequence    ? col->own_sequence
         : col->sequence_name ? col->sequence_name
                              : default_sequence_name(arena, &col->object);
}

static void own_sequence(const struct column *col, struct strbuf *out) {
  struct arena arena = ARENA_INIT;
  sql_qualified(out, col->object.parent->schema, column_sequence(&arena, col));
  arena_release(&arena);
}

static void rename_sequence(const struct column *before, const char *name, struct strbuf *out) {
  strbuf_adds(out, "ALTER SEQUENCE ");
  own_sequence(before, out);
  strbuf_adds(out, " RENAME TO ");
  sql_ident(out, name);
  strbuf_adds(out, ";\n");
}

void sql_rename_sequence(struct object *o, struct strbuf *out) {
  struct column *col = (struct column *)o;
  struct arena arena = ARENA_INIT;
  const struct column *now = (const struct column *)o->match;
  const bool stays = now && (now->serial || now->identity) && strcmp(now->object.parent->name, o->parent->name) == 0;
  const char *name = stays ? column_sequence(&arena, now) : default_sequence_name(&arena, o);
  if (col->own_sequence && !col->sequence_name && strcmp(col->own_sequence, name) != 0) {
    rename_sequence(col, name, out);
    col->own_sequence = stays ? now->own_sequence : NULL;
  }
  arena_release(&arena);
}

/* The numbers go on behind those that the rows have. */
static void go_on(const struct column *col, const struct sequence_options *o, struct strbuf *out) {
  struct strbuf table = STRBUF_INIT, column = STRBUF_INIT;
  const char *end = o->increment < 0 ? "min" : "max";
  sql_object(&table, col->object.parent);
  sql_ident(&column, col->object.name);
  strbuf_adds(out, "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(");
  sql_literal(out, table.text);
  strbuf_adds(out, ", ");
  sql_literal(out, col->object.name);
  strbuf_addf(out, "), %s(%s)) FROM %s HAVING %s(%s) BETWEEN %lld AND %lld;\n", end, column.text, table.text, end,
              column.text, o->min, o->max);
  strbuf_release(&table);
  strbuf_release(&column);
}

static void add_serial(const struct column *col, struct strbuf *out) {
  struct strbuf name = STRBUF_INIT;
  own_sequence(col, &name);
  /* It may have stayed when somebody took the default away. */
  strbuf_addf(out, "CREATE SEQUENCE IF NOT EXISTS %s;\nALTER SEQUENCE %s AS ", name.text, name.text);
  sql_type(out, &(struct type_ref){.name = col->type.name});
  strbuf_adds(out, " OWNED BY ");
  sql_object(out, col->object.parent);
  strbuf_addc(out, '.');
  sql_ident(out, col->object.name);
  strbuf_adds(out, ";\n");
  alter_column(col, out);
  strbuf_adds(out, "SET DEFAULT nextval(");
  sql_literal(out, name.text);
  strbuf_adds(out, "::regclass);\n");
  struct sequence_options options = {.increment = 1, .min = 1};
  long long low;
  integer_range(col->type.name, &low, &options.max);
  go_on(col, &options, out);
  strbuf_release(&name);
}

static void alter_identity(const struct column *was, const struct column *col, uint64_t fields, struct strbuf *out) {
  const struct sequence_options *o = &col->sequence;
  if (fields & COLUMN_SEQUENCE) {
    struct strbuf name = STRBUF_INIT;
    own_sequence(was, &name); /* it is renamed later */
    sql_enter_range(name.text, &was->sequence, o, out);
    strbuf_release(&name);
  }
  alter_column(col, out);
  const size_t before = out->len;
  if (fields & COLUMN_IDENTITY)
    strbuf_addf(out, "SET GENERATED %s ", strcmp(col->identity, "always") == 0 ? "ALWAYS" : "BY DEFAULT");
  if (fields & COLUMN_SEQUENCE)
    strbuf_addf(out,
                "SET INCREMENT BY %lld SET MINVALUE %lld SET MAXVALUE %lld SET START WITH %lld SET CACHE %lld SET %s ",
                o->increment, o->min, o->max, o->start, o->cache, o->cycle ? "CYCLE" : "NO CYCLE");
  if (out->len > before)
    strbuf_truncate(out, out->len - 1);
  strbuf_adds(out, ";\n");
}

static void add_identity(const struct column *col, struct strbuf *out) {
  struct strbuf options = STRBUF_INIT;
  if (col->sequence_name) {
    strbuf_adds(&options, " SEQUENCE NAME ");
    sql_qualified(&options, col->object.parent->schema, col->sequence_name);
  }
  sql_sequence_options(&options, col->type.name, &col->sequence);
  alter_column(col, out);
  strbuf_addf(out, "ADD GENERATED %s AS IDENTITY", strcmp(col->identity, "always") == 0 ? "ALWAYS" : "BY DEFAULT");
  if (options.len)
    strbuf_addf(out, " (%s)", options.text + 1);
  strbuf_adds(out, ";\n");
  strbuf_release(&options);
  go_on(col, &col->sequence, out);
}

#define NUMBERS "pg_temp.pdlc_numbers"

/* Postgres adds no column with an identity to several tables at once, before 17 not even to partitions: their rows are
 * numbered by a sequence of the moment. */
bool sql_add_numbered(const struct object *o, struct strbuf *out) {
  const struct column *col = (const struct column *)o;
  const struct object *table = o->parent;
  if (!col->identity || !table->match || !tables_below(table->match))
    return false;
  struct column bare = *col;
  bare.identity = NULL;
  bare.not_null = true;
  bare.default_ = (struct expr){.sql = "pg_catalog.nextval('" NUMBERS "')"};
  strbuf_adds(out, "CREATE TEMPORARY SEQUENCE " NUMBERS " AS ");
  sql_type(out, &(struct type_ref){.name = col->type.name});
  sql_sequence_options(out, col->type.name, &col->sequence);
  strbuf_adds(out, ";\n");
  sql_alter_table(out, o);
  strbuf_adds(out, "ADD COLUMN ");
  o->kind->fold(&bare.object, false, out);
  strbuf_adds(out, ";\n");
  STATEMENT("DROP DEFAULT");
  strbuf_adds(out, "DROP SEQUENCE " NUMBERS ";\n");
  add_identity(col, out);
  return true;
}

/* ── the alteration ── */

bool column_retyped(uint64_t fields) {
  return (fields & (COLUMN_TYPE | COLUMN_COLLATION)) != 0;
}

/* What a type's values are stored as where nothing is said; only those of variable length ever say anything. */
static const char *own_storage(const struct column *col) {
  const struct type_ref *t = &col->type;
  while (!t->dimensions && t->object && is_kind(t->object, KIND_DOMAIN))
    t = &((const struct domain *)t->object)->type;
  static const char *const main_ones[] = {"numeric", "inet", "cidr"};
  for (size_t i = 0; !t->schema && !t->dimensions && i < ARRAY_LEN(main_ones); i++)
    if (strcmp(t->name, main_ones[i]) == 0)
      return "main";
  return "extended";
}

static bool is_zoned(const struct type_ref *t) {
  t = value_of(t);
  return !t->schema && (strcmp(t->name, "timestamptz") == 0 || strcmp(t->name, "timetz") == 0);
}

/* A time means the same whoever runs it. */
static void retype(const struct column *before, const struct column *col, struct strbuf *out) {
  if (is_zoned(&before->type) != is_zoned(&col->type))
    strbuf_adds(out, "SET TimeZone = 'UTC';\n");
  alter_column(col, out);
  strbuf_adds(out, "TYPE ");
  sql_type(out, &col->type);
  if (col->collation)
    strbuf_addf(out, " COLLATE %s", col->collation);
  convert(before, col, out);
  strbuf_adds(out, ";\n");
}

static void alter_estimates(const struct column *before, const struct column *col, struct strbuf *out) {
  struct strbuf target = STRBUF_INIT;
  strbuf_adds(&target, "TABLE ");
  sql_object(&target, col->object.parent);
  strbuf_adds(&target, " ALTER COLUMN ");
  sql_ident(&target, col->object.name);
  sql_alter_settings(target.text, before->estimates, col->estimates, out);
  strbuf_release(&target);
}

void column_alter_options(const struct column *before, const struct column *col, struct strbuf *out) {
  struct strbuf target = STRBUF_INIT;
  strbuf_adds(&target, "TABLE ");
  sql_object(&target, col->object.parent);
  strbuf_adds(&target, " ALTER COLUMN ");
  sql_ident(&target, col->object.name);
  sql_alter_options(target.text, before ? before->options : NULL, col->options, out);
  strbuf_release(&target);
}

/* The identity of a partition's column is that of the table above: it comes and goes with the partition. */
static struct column less_identity(const struct column *col) {
  struct column own = *col;
  if (col->object.above && is_partition(col->object.parent))
    own.identity = own.sequence_name = NULL;
  return own;
}

static void drop_sequence(const struct column *col, struct strbuf *out) {
  strbuf_adds(out, "DROP SEQUENCE ");
  own_sequence(col, out);
  strbuf_adds(out, ";\n");
}

bool column_alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  if (is_kind(to->parent, KIND_COMPOSITE))
    return false; /* rows of the type may be anywhere */
  const struct column old = less_identity((const struct column *)from), new = less_identity((const struct column *)to);
  const struct column *before = &old, *col = &new;
  if (fields & (COLUMN_GENERATED | COLUMN_VIRTUAL) && (col->generated.sql || before->virtual_))
    return false; /* of what is virtual no value is there to stay */
  const bool retyped = column_retyped(fields);
  const bool unserial = before->serial && !col->serial;
  if (col->generated.sql && retyped)
    return false;
  if (unserial ||
      (before->default_.sql && !before->serial && (retyped || (fields & COLUMN_DEFAULT && !col->default_.sql))))
    STATEMENT("DROP DEFAULT");
  if (unserial && col->identity) /* whose sequence gets the name */
    drop_sequence(before, out);
  if (retyped) {
    retype(before, col, out);
    if (before->serial && col->serial) {
      strbuf_adds(out, "ALTER SEQUENCE ");
      own_sequence(before, out);
      strbuf_adds(out, " AS ");
      sql_type(out, &(struct type_ref){.name = col->type.name});
      strbuf_adds(out, ";\n");
    }
  }
  if (col->default_.sql && (retyped || fields & COLUMN_DEFAULT))
    STATEMENT("SET DEFAULT %s", col->default_.sql);
  if (fields & COLUMN_NOT_NULL && col->not_null)
    backfill(col, out);
  if (fields & COLUMN_NOT_NULLS)
    not_null_alter(before, col, fields, out);
  if (col->identity && !before->identity)
    add_identity(col, out);
  else if (col->identity && fields & (COLUMN_IDENTITY | COLUMN_SEQUENCE))
    alter_identity(before, col, fields, out);
  if (col->serial && !before->serial)
    add_serial(col, out);
  if (fields & COLUMN_COMPRESSION)
    STATEMENT("SET COMPRESSION %s", col->compression ? col->compression : "default");
  if (fields & COLUMN_STORAGE)
    STATEMENT("SET STORAGE %s", col->storage ? col->storage : own_storage(col));
  if (fields & COLUMN_SEQUENCE_NAME && before->identity && col->identity) {
    struct arena arena = ARENA_INIT;
    rename_sequence(before, column_sequence(&arena, col), out);
    arena_release(&arena);
  }
  if (fields & COLUMN_STATISTICS)
    sql_set_statistics(col, out);
  if (fields & COLUMN_ESTIMATES)
    alter_estimates(before, col, out);
  if (fields & COLUMN_OPTIONS)
    column_alter_options(before, col, out);
  return true;
}

/* In the way stand an expression, of other types of the columns that it reads, an identity's sequence, of another one
 * that takes its name, and a default of one's own, of another type that comes from above. */
void column_first(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  if (!to || to->inherited)
    return;
  const struct column before = less_identity((const struct column *)from), after = less_identity((const struct column *)to);
  const struct column *col = &after;
  if (before.generated.sql && !col->generated.sql)
    STATEMENT("DROP EXPRESSION");
  if (before.identity && !col->identity)
    STATEMENT("DROP IDENTITY");
  if (before.default_.sql && fields & COLUMN_DEFAULT && from->above && from->above->match &&
      column_retyped(from->above->match->differs))
    STATEMENT("DROP DEFAULT");
}

/* Until now others may have taken their values from it. */
void column_last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)fields;
  const struct column *was = (const struct column *)before, *is = (const struct column *)after;
  if (was && was->serial && !is->serial && !is->identity)
    drop_sequence(was, out);
}

/* ── losses ── */

static const char *const widenings[] = {
    "int2 int4",      "int2 int8",             "int2 numeric",          "int2 float4",      "int2 float8",
    "int4 int8",      "int4 numeric",          "int4 float8",           "int8 numeric",     "float4 float8",
    "date timestamp", "date timestamptz",      "timestamp timestamptz", "json jsonb",       "jsonb json",
    "cidr inet",      "timestamptz timestamp", "time timetz",           "macaddr macaddr8", "bit varbit",
};

/* Whatever a value, or an element, is written as. */
static bool holds_all_texts(const struct type_ref *t) {
  static const char *const names[] = {"text", "varchar", "citext"};
  bool any = false;
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    any |= strcmp(t->name, names[i]) == 0 && (!t->schema || strcmp(names[i], "citext") == 0);
  return any && !t->mods;
}

static bool mods_widen(const struct type_ref *from, const struct type_ref *to) {
  if (!type_limit(to))
    return true;
  if (!from->mods)
    return false;
  const char *a = strchr(from->mods, ','), *b = strchr(to->mods, ',');
  const long p = strtol(from->mods, NULL, 10), q = strtol(to->mods, NULL, 10);
  const long s = a ? strtol(a + 1, NULL, 10) : 0, t = b ? strtol(b + 1, NULL, 10) : 0;
  return t >= s && q - t >= p - s;
}

bool type_widens(const struct type_ref *from, const struct type_ref *to) {
  if (type_equal(from, to)) /* of a live model, whose domains are known by their names alone */
    return true;
  from = value_of(from);
  to = value_of(to);
  if (type_equal(from, to) || ((from->dimensions > 0 || !to->dimensions) && holds_all_texts(to)))
    return true;
  if ((from->dimensions > 0) != (to->dimensions > 0))
    return false;
  if (to->object || from->schema || to->schema) /* a value that does not fit is refused */
    return to->object != NULL;
  if (strcmp(from->name, to->name) == 0)
    return mods_widen(from, to);
  char both[2 * 64];
  snprintf(both, sizeof both, "%s %s", from->name, to->name);
  for (size_t i = 0; !to->mods && i < ARRAY_LEN(widenings); i++)
    if (strcmp(widenings[i], both) == 0)
      return true;
  return false;
}

bool type_returns(const struct type_ref *from, const struct type_ref *to) {
  if (type_equal(from, to))
    return true;
  from = value_of(from);
  to = value_of(to);
  if (type_equal(from, to) || (to->object && is_kind(to->object, KIND_ENUM)))
    return true;
  return !to->object && strcmp(to->name, "jsonb") != 0;
}

/* Of an expression that is but a cast every value stays what it is where the type holds all of them. */
static bool is_cast(const struct column *col) {
  struct strbuf plain = STRBUF_INIT;
  sql_ident(&plain, col->object.name);
  strbuf_adds(&plain, "::");
  sql_type(&plain, &col->type);
  const bool same = sql_same_words(plain.text, col->using_.sql);
  strbuf_release(&plain);
  return same;
}

enum rewrites column_rewrites(const struct object *from, const struct object *to, uint64_t fields) {
  const struct column *before = (const struct column *)from, *after = (const struct column *)to;
  if (before->generated.sql || after->generated.sql)
    return REWRITES_NOTHING;
  const bool cast = !after->using_.sql || is_cast(after);
  if (fields & COLUMN_TYPE && after->using_.sql && !(cast && type_widens(&before->type, &after->type)))
    return REWRITES_VALUES;
  if (fields & COLUMN_TYPE && cast && !type_returns(&before->type, &after->type))
    return REWRITES_VALUES;
  return fields & COLUMN_NOT_NULL && after->not_null && after->backfill.sql ? REWRITES_NULLS : REWRITES_NOTHING;
}

void column_losses(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct column *before = (const struct column *)from, *after = (const struct column *)to;
  const bool narrowed = fields & COLUMN_TYPE && !after->using_.sql && !type_widens(&before->type, &after->type);
  if (!before->generated.sql && (narrowed || after->generated.sql))
    strbuf_addc(out, '\n');
}
