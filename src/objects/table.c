/* table: CREATE TABLE, with what folds into it; external tables, which are only known. */
#include "objects/objects.h"

static void declare_rls(struct compile *c, const struct node *n, struct table *t) {
  compile_allow(c, n);
  if (t->rls)
    diagnose(c->diagnostics, PDL_TWICE, n->span, "table \"%s\" has \"rls\" twice", t->object.name);
  t->rls = true;
  t->rls_forced |= compile_clause(c, n, NODE_FORCED) != NULL;
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  if (parent) {
    declare_rls(c, n, (struct table *)parent);
    return;
  }
  struct table *t = compile_object(c, KIND_TABLE, n, NULL);
  if (!t)
    return;
  struct object *o = &t->object;
  o->external = n->kind == NODE_EXTERNAL;
  t->unlogged = compile_clause(c, n, NODE_UNLOGGED) != NULL;
  t->settings = compile_settings(c, compile_clause(c, n, NODE_WITH));
  /* A table's row type shares the namespace of types. */
  const struct object *type = schema_enter(c->schema, NS_TYPE, o);
  if (type && !is_kind(type, KIND_TABLE))
    diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "table and %s are both called \"%s\"",
                             type->kind->word, o->name),
                    type->span, "the other one is here");
  compile_block(c, n, o);
}

/* ── advice ── */

static bool plural(const char *name) {
  static const char *const irregular[] = {"children", "criteria", "data",  "feet",  "feedback", "media", "men",
                                          "metadata", "mice",     "people", "staff", "teeth",    "women"};
  const char *word = strrchr(name, '_');
  word = word ? word + 1 : name;
  const size_t n = strlen(word);
  for (size_t i = 0; i < ARRAY_LEN(irregular); i++)
    if (strcmp(word, irregular[i]) == 0)
      return true;
  return n > 1 && word[n - 1] == 's' && word[n - 2] != 's';
}

/* The habit of the rest: only where most tables are plural does a singular one stand out. */
static bool mostly_plural(const struct schema *s) {
  size_t plurals = 0, all = 0;
  for (const struct object *o = s->first; o; o = o->next)
    if (is_kind(o, KIND_TABLE) && !o->external) {
      all++;
      plurals += plural(o->name);
    }
  return all >= 3 && plurals * 2 > all;
}

static void advise(struct compile *c, const struct object *o) {
  if (!table_primary(o))
    diagnostic_hint(c->diagnostics, diagnose(c->diagnostics, PDL_NO_PRIMARY_KEY, o->span, "table \"%s\" has no primary key", o->name),
                    "Rows without a key cannot be told apart by clients, nor replicated.");
  if (c->plural_tables == UNKNOWN)
    c->plural_tables = mostly_plural(c->schema) ? YES : NO;
  if (c->plural_tables == YES && !plural(o->name))
    diagnose(c->diagnostics, PDL_SINGULAR_TABLE, o->span, "table name \"%s\" is singular where most are plural", o->name);
}

/* ── SQL ── */

/* The one column that a folded constraint is about, or NULL. */
static const char *only_column(const struct object *o) {
  struct names columns = {0};
  if (is_kind(o, KIND_KEY))
    columns = ((const struct key *)o)->columns;
  else if (is_kind(o, KIND_FOREIGN))
    columns = ((const struct foreign *)o)->columns;
  else if (is_kind(o, KIND_CHECK))
    columns = ((const struct check *)o)->columns;
  else if (is_kind(o, KIND_INDEX) && ((const struct index *)o)->keys.n == 1)
    return ((const struct index *)o)->keys.v[0].column;
  return columns.n == 1 ? columns.v[0] : NULL;
}

/* A folded object has no place of its own in the order; its position tells where in the table it went. */
enum { IN_COLUMN = 1 };

static void column_line(const struct object *table, const struct object *column, struct strbuf *out) {
  column->kind->fold(column, false, out);
  for (int keys = 1; keys >= 0; keys--) /* keys first */
    for EACH_CHILD(table, o) {
      const char *about = o->folded && is_kind(o, KIND_KEY) == (keys == 1) ? only_column(o) : NULL;
      if (!about || strcmp(about, column->name) != 0)
        continue;
      const size_t before = out->len;
      strbuf_addc(out, ' ');
      if (o->kind->fold(o, true, out))
        o->position = IN_COLUMN;
      else
        strbuf_truncate(out, before);
    }
}

static void alter_rls(const struct object *o, const char *what, struct strbuf *out) {
  strbuf_adds(out, "ALTER TABLE ");
  sql_object(out, o);
  strbuf_addf(out, " %s ROW LEVEL SECURITY;\n", what);
}

static void create(const struct object *o, struct strbuf *out) {
  const struct table *t = (const struct table *)o;
  const bool temporary = strcmp(o->schema, "pg_temp") == 0; /* which is never unlogged */
  strbuf_adds(out, t->unlogged && !temporary ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ");
  sql_object(out, o);
  if (o->external && o->match) { /* a twin: of a table of others, not all columns are known */
    strbuf_adds(out, " (LIKE ");
    sql_object(out, o->match);
    strbuf_adds(out, ");\n");
    return;
  }
  strbuf_adds(out, " (");
  const char *separator = "\n  ";
  for EACH_CHILD(o, child)
    if (child->folded)
      child->position = 0;
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN)) {
      strbuf_adds(out, separator);
      column_line(o, child, out);
      separator = ",\n  ";
    }
  for EACH_CHILD(o, child)
    if (child->folded && child->position != IN_COLUMN && !is_kind(child, KIND_COLUMN)) {
      strbuf_adds(out, separator);
      child->kind->fold(child, false, out);
      separator = ",\n  ";
    }
  strbuf_adds(out, *separator == ',' ? "\n)" : ")");
  sql_with(out, t->settings);
  strbuf_adds(out, ";\n");
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN))
      sql_column_settings(out, child);
  if (t->rls && !temporary)
    alter_rls(o, "ENABLE", out);
  if (t->rls_forced && !temporary)
    alter_rls(o, "FORCE", out);
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP TABLE ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

enum { TABLE_UNLOGGED = 1, TABLE_SETTINGS = 2, TABLE_RLS = 4, TABLE_RLS_FORCED = 8 };

static bool alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct table *before = (const struct table *)from, *after = (const struct table *)to;
  struct strbuf target = STRBUF_INIT;
  strbuf_adds(&target, "TABLE ");
  sql_object(&target, to);
  if (fields & TABLE_UNLOGGED)
    strbuf_addf(out, "ALTER %s SET %s;\n", target.text, after->unlogged ? "UNLOGGED" : "LOGGED");
  if (fields & TABLE_SETTINGS)
    sql_alter_settings(target.text, before->settings, after->settings, out);
  if (fields & TABLE_RLS)
    alter_rls(to, after->rls ? "ENABLE" : "DISABLE", out);
  if (fields & TABLE_RLS_FORCED)
    alter_rls(to, after->rls_forced ? "FORCE" : "NO FORCE", out);
  strbuf_release(&target);
  return true;
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "TABLE ");
  sql_object(out, o);
}

/* ── catalog ── */

static const char *query(int version) {
  (void)version;
  return "SELECT c.oid, n.nspname, c.relname, d.description, c.relpersistence = 'u',"
         " CASE WHEN toast.reloptions IS NULL THEN c.reloptions ELSE coalesce(c.reloptions, '{}')"
         " || ARRAY(SELECT 'toast.' || o FROM pg_catalog.unnest(toast.reloptions) o) END,"
         " c.relrowsecurity, c.relrowsecurity AND c.relforcerowsecurity"
         " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid"
         " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass"
         " AND d.objoid = c.oid AND d.objsubid = 0"
         " WHERE c.relkind = 'r' AND NOT c.relispartition AND n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_class", "c.oid") " ORDER BY n.nspname, c.relname";
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct table *t = schema_add(c->schema, KIND_TABLE, row_text(row, 1),
                               row_text(row, 2), NULL);
  t->object.comment = row_text(row, 3);
  t->unlogged = row_flag(row, 4);
  t->settings = settings_by_text(arena, row_names(arena, row, 5));
  t->rls = row_flag(row, 6);
  t->rls_forced = row_flag(row, 7);
  catalog_keep(c, "pg_class", row_peek(row, 0), &t->object);
}

/* ── PDL ── */

/* Whether the item is said at its column. */
static bool print_clause(const struct object *item, const struct object *column, struct strbuf *out) {
  const char *about = only_column(item);
  if (!about || strcmp(about, column->name) != 0 || !item->kind->clause || item->comment)
    return false;
  const size_t before = out->len;
  if (item->kind->clause(item, out))
    return true;
  strbuf_truncate(out, before);
  return false;
}

static int kind_number(const struct object *o) {
  int k = 0;
  while (kinds[k] != o->kind)
    k++;
  return k;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct table *t = (const struct table *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "table ");
  pdl_name(out, o->schema, o->name);
  if (t->unlogged)
    strbuf_adds(out, " unlogged");
  if (t->settings)
    pdl_settings(out, t->settings);
  strbuf_adds(out, " {\n");
  for EACH_CHILD(o, item)
    if (!is_kind(item, KIND_COLUMN))
      item->mark = 0;
  for EACH_CHILD(o, column) {
    if (!is_kind(column, KIND_COLUMN) || column->mark == PULLED_BY_MIXIN)
      continue;
    column->kind->print(column, out);
    strbuf_truncate(out, out->len - 1); /* clauses go on the line */
    bool said[KIND_COUNT] = {0}; /* all but checks stand once at a column */
    for EACH_CHILD(o, item) {
      if (is_kind(item, KIND_COLUMN))
        continue;
      const int kind = item->kind->nodes[0] == NODE_CHECK ? 0 : kind_number(item);
      const char *about = only_column(item);
      if (item->mark)
        said[kind] |= about && strcmp(about, column->name) == 0;
      else if ((!kind || !said[kind]) && print_clause(item, column, out)) {
        said[kind] = true;
        item->mark = PULLED;
      }
    }
    strbuf_addc(out, '\n');
  }
  if (t->mixin) {
    strbuf_adds(out, "use ");
    pdl_word(out, t->mixin);
    strbuf_addc(out, '\n');
  }
  if (t->rls)
    strbuf_adds(out, t->rls_forced ? "rls forced\n" : "rls\n");
  for EACH_CHILD(o, item)
    if (!item->mark && !is_kind(item, KIND_COLUMN) && item->kind->print)
      item->kind->print(item, out);
  strbuf_adds(out, "}\n");
}

static const struct field fields[] = {
    FIELD(table, unlogged, FIELD_FLAG, "unlogged"),
    FIELD(table, settings, FIELD_SETTINGS, "storage parameters"),
    FIELD(table, rls, FIELD_FLAG, "row level security"),
    FIELD(table, rls_forced, FIELD_FLAG, "row level security forced"),
    FIELD_END,
};

const struct kind table_kind = {
    .word = "table",
    .size = sizeof(struct table),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_TABLE, NODE_EXTERNAL, NODE_RLS},
    .declare = declare,
    .advise = advise,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .alter = alter,
    .data = true,
    .scratch = true,
    .query = query,
    .read = read,
    .print = print,
};
