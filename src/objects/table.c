/* table: CREATE TABLE, with what folds into it; partitions; foreign tables; external tables, which are only known. */

#include "objects/opaque.h"

static void declare_rls(struct compile *c, const struct node *n, struct table *t) {
  compile_allow(c, n);
  if (t->rls)
    diagnose(c->diagnostics, PDL_TWICE, n->span, "table \"%s\" has \"rls\" twice", t->object.name);
  t->rls = true;
  t->rls_forced |= compile_clause(c, n, NODE_FORCED) != NULL;
}

static const char *replica(struct compile *c, const struct node *n) {
  return !n ? NULL : n->text ? n->text : arena_printf(c->arena, "index %s", n->name.text);
}

static const char *name_of(const struct node *n) {
  return n ? n->name.text : NULL;
}

static void declare_clauses(struct compile *c, const struct node *n, struct table *t) {
  t->node = n;
  t->unlogged = compile_clause(c, n, NODE_UNLOGGED) != NULL;
  t->settings = compile_settings(c, compile_clause(c, n, NODE_WITH));
  t->method = name_of(compile_clause(c, n, NODE_USING));
  if (t->method && strcmp(t->method, "heap") == 0)
    t->method = NULL;
  t->tablespace = name_of(compile_clause(c, n, NODE_TABLESPACE));
  t->cluster = name_of(compile_clause(c, n, NODE_CLUSTER));
  t->replica = replica(c, compile_clause(c, n, NODE_REPLICA_IDENTITY));
}

static void declare_partition_by(struct compile *c, const struct node *n, struct object *parent) {
  struct table *t = (struct table *)parent;
  if (t->parted)
    diagnostic_peer(
        diagnose(c->diagnostics, PDL_TWICE, n->span, "second \"partition by\" of table \"%s\"", parent->name),
        t->parted->span, "the first one is here");
  else
    t->parted = n;
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  if (parent) {
    if (n->kind == NODE_RLS)
      declare_rls(c, n, (struct table *)parent);
    else
      declare_partition_by(c, n, parent);
    return;
  }
  struct table *t = compile_object(c, KIND_TABLE, n, NULL);
  if (!t)
    return;
  struct object *o = &t->object;
  o->external = n->kind == NODE_EXTERNAL;
  declare_clauses(c, n, t);
  foreign_declare(c, n, t);
  if (n->kind == NODE_PARTITION)
    t->bounds = compile_bounds(c, node_part(n, NODE_BOUNDS));
  /* A table's row type shares the namespace of types. */
  const struct object *type = schema_enter(c->schema, NS_TYPE, o);
  if (type && !is_kind(type, KIND_TABLE))
    diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "table and %s are both called \"%s\"",
                             type->kind->word, o->name),
                    type->span, "the other one is here");
  compile_block(c, n, o);
}

void compile_own_index(struct compile *c, const struct object *o, const struct node *n) {
  if (!n || !n->name.text || c->incomplete)
    return;
  struct spell spell = SPELL_INIT(n->name.text);
  for EACH_CHILD(o, child) {
    if (!is_kind(child, KIND_INDEX) && !is_kind(child, KIND_KEY) && !is_kind(child, KIND_EXCLUDE))
      continue;
    if (strcmp(child->name, n->name.text) == 0)
      return;
    spell_offer(&spell, child->name);
  }
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_OBJECT, n->name.span, "%s \"%s\" has no index \"%s\"",
                                  o->kind->word, o->name, n->name.text);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

static void link(struct compile *c, struct object *o) {
  struct table *t = (struct table *)o;
  if (t->parted) {
    compile_partition_by(c, t, t->parted);
    check_partition_key(c, t);
    if (t->settings)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, node_part(t->node, NODE_WITH)->span,
               "storage parameters belong to the partitions of \"%s\"", o->name);
  }
  compile_method(c, o, t->method);
  if (t->server)
    foreign_link(c, t);
  if (t->parents.n) /* of a partition the index may be one that comes from above */
    return;
  compile_own_index(c, o, node_part(t->node, NODE_CLUSTER));
  compile_own_index(c, o, node_part(t->node, NODE_REPLICA_IDENTITY));
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
    if (is_kind(o, KIND_TABLE) && !o->external && !((const struct table *)o)->bounds.sql) {
      all++;
      plurals += plural(o->name);
    }
  return all >= 3 && plurals * 2 > all;
}

static bool has_primary(const struct object *o) {
  const struct table *t = (const struct table *)o;
  return table_primary(o) || t->server || (t->bounds.sql && t->above_count && has_primary(t->above[0]));
}

static void advise(struct compile *c, const struct object *o) {
  if (!has_primary(o))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_NO_PRIMARY_KEY, o->span, "table \"%s\" has no primary key", o->name),
                    "Rows without a key cannot be told apart by clients, nor replicated.");
  if (c->plural_tables == UNKNOWN)
    c->plural_tables = mostly_plural(c->schema) ? YES : NO;
  if (c->plural_tables == YES && !((const struct table *)o)->bounds.sql && !plural(o->name))
    diagnose(c->diagnostics, PDL_SINGULAR_TABLE, o->span, "table name \"%s\" is singular where most are plural",
             o->name);
  advise_table_access(c, o);
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

/* Of a partition the columns' types are not said again. */
static void override_line(const struct object *column, struct strbuf *out) {
  const struct column *col = (const struct column *)column, *from = (const struct column *)column->above;
  sql_ident(out, column->name);
  if (col->default_.sql)
    sql_default(out, &col->default_);
  else if (from->default_.sql || from->serial)
    strbuf_adds(out, " DEFAULT NULL");
  sql_generated(out, column);
  if (col->not_null && !not_null_below(from))
    sql_not_null(out, col);
}

static void add_items(const struct object *o, struct strbuf *out) {
  const bool partition = ((const struct table *)o)->bounds.sql != NULL;
  const char *separator = "(\n  ";
  for EACH_CHILD(o, child)
    if (child->folded)
      child->position = 0;
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN) && !child->inherited && !column_is_unlisted((const struct column *)child)) {
      strbuf_adds(out, separator);
      if (partition && child->above)
        override_line(child, out);
      else
        column_line(o, child, out);
      separator = ",\n  ";
    }
  for EACH_CHILD(o, child)
    if (child->folded && child->position != IN_COLUMN && !is_kind(child, KIND_COLUMN)) {
      strbuf_adds(out, separator);
      child->kind->fold(child, false, out);
      separator = ",\n  ";
    }
  if (*separator == ',')
    strbuf_adds(out, "\n) ");
  else if (!partition)
    strbuf_adds(out, "() ");
}

static void add_parents(const struct table *t, const char *what, struct strbuf *out) {
  strbuf_adds(out, what);
  for (size_t i = 0; i + 1 < t->parents.n; i += 2) {
    strbuf_adds(out, i ? ", " : "");
    sql_qualified(out, t->parents.v[i], t->parents.v[i + 1]);
  }
}

static void create(const struct object *o, struct strbuf *out) {
  const struct table *t = (const struct table *)o;
  const bool temporary = strcmp(o->schema, "pg_temp") == 0; /* which is never unlogged */
  const bool foreign = t->server && !temporary; /* nor foreign */
  strbuf_adds(out, foreign ? "CREATE FOREIGN TABLE " : t->unlogged && !temporary ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ");
  sql_object(out, o);
  if (o->external && o->match) { /* a twin: of a table of others, not all columns are known */
    strbuf_adds(out, " (LIKE ");
    sql_object(out, o->match);
    strbuf_adds(out, ");\n");
    return;
  }
  strbuf_addc(out, ' ');
  if (t->bounds.sql) {
    add_parents(t, "PARTITION OF ", out);
    strbuf_addc(out, ' ');
  }
  add_items(o, out);
  if (t->bounds.sql)
    strbuf_adds(out, t->bounds.sql);
  else if (t->parents.n)
    add_parents(t, "INHERITS (", out);
  else
    strbuf_truncate(out, out->len - 1);
  if (t->parents.n && !t->bounds.sql)
    strbuf_addc(out, ')');
  if (t->partition_by.sql)
    strbuf_addf(out, " PARTITION BY %s", t->partition_by.sql);
  if (foreign) {
    strbuf_adds(out, " SERVER ");
    sql_ident(out, t->server);
    sql_options(out, t->options);
  }
  if (t->method) {
    strbuf_adds(out, " USING ");
    sql_ident(out, t->method);
  }
  sql_with(out, t->settings);
  if (t->tablespace && !temporary) {
    strbuf_adds(out, " TABLESPACE ");
    sql_ident(out, t->tablespace);
  }
  strbuf_adds(out, ";\n");
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_COLUMN) && !child->inherited)
      sql_column_settings(out, child);
  if (t->rls && !temporary)
    alter_rls(o, "ENABLE", out);
  if (t->rls_forced && !temporary)
    alter_rls(o, "FORCE", out);
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, is_foreign(o) ? "DROP FOREIGN TABLE " : "DROP TABLE ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

static bool alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct table *before = (const struct table *)from, *after = (const struct table *)to;
  if (fields & (TABLE_PARTITION_BY | TABLE_SERVER))
    return false;
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
  if (fields & TABLE_METHOD) {
    strbuf_addf(out, "ALTER %s SET ACCESS METHOD ", target.text);
    sql_ident(out, after->method ? after->method : "heap");
    strbuf_adds(out, ";\n");
  }
  if (fields & TABLE_TABLESPACE) {
    strbuf_addf(out, "ALTER %s SET TABLESPACE ", target.text);
    sql_ident(out, after->tablespace);
    strbuf_adds(out, ";\n");
  }
  if (fields & TABLE_OPTIONS)
    sql_alter_options(target.text, before->options, after->options, out);
  strbuf_release(&target);
  return true;
}

static void first(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (!after)
    inherit_free((const struct table *)before, out);
  else if (fields & (TABLE_PARENTS | TABLE_BOUNDS))
    inherit_leave((const struct table *)before, (const struct table *)after, out);
}

static void add_index_name(const char *replica, struct strbuf *out) {
  strbuf_adds(out, "USING INDEX ");
  sql_ident(out, replica + strlen("index "));
}

bool index_is_anew(const struct object *after, const char *name) {
  for EACH_CHILD(after, o)
    if (name && (is_kind(o, KIND_INDEX) || is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE)) && strcmp(o->name, name) == 0)
      return !o->match || o->match->mark; /* its mark is set where that goes */
  return false;
}

void sql_cluster(const char *kind, const struct object *o, const char *index, struct strbuf *out) {
  strbuf_addf(out, "ALTER %s ", kind);
  sql_object(out, o);
  if (index) {
    strbuf_adds(out, " CLUSTER ON ");
    sql_ident(out, index);
  } else {
    strbuf_adds(out, " SET WITHOUT CLUSTER");
  }
  strbuf_adds(out, ";\n");
}

/* What speaks of its indexes, which stand behind it. */
static void last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct table *t = (const struct table *)after;
  const char *by = t->replica && strncmp(t->replica, "index ", 6) == 0 ? t->replica + 6 : NULL;
  struct strbuf name = STRBUF_INIT;
  sql_object(&name, after);
  if (before)
    inherit_join((const struct table *)before, t, fields, out);
  if (before ? (fields & TABLE_REPLICA) || index_is_anew(after, by) : t->replica != NULL) {
    strbuf_addf(out, "ALTER TABLE %s REPLICA IDENTITY ", name.text);
    if (by)
      add_index_name(t->replica, out);
    else
      strbuf_adds(out, !t->replica ? "DEFAULT" : strcmp(t->replica, "full") == 0 ? "FULL" : "NOTHING");
    strbuf_adds(out, ";\n");
  }
  if (before ? (fields & TABLE_CLUSTER) || index_is_anew(after, t->cluster) : t->cluster != NULL)
    sql_cluster("TABLE", after, t->cluster, out);
  strbuf_release(&name);
}

/* Rows of a table that is parted otherwise have nowhere to go. */
static void losses(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before, (void)after;
  if (fields & TABLE_PARTITION_BY)
    strbuf_addc(out, '\n');
}

/* A partition goes with what it is one of. No column by which a table is parted goes, or changes its type. */
static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  const struct table *t = (const struct table *)o;
  if (is_kind(on, KIND_COLUMN))
    return column_retyped(fields) && sql_names_column(t->partition_by.sql, on->name) &&
           inherit_is_within(o, on->parent);
  bool under = false;
  for (size_t i = 0; i < t->above_count; i++)
    under |= t->above[i] == on;
  return under && fields == REPLACED;
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  inherit_follow((struct table *)o, of, schema_name, name);
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, is_foreign(o) ? "FOREIGN TABLE " : "TABLE ");
  sql_object(out, o);
}

/* ── catalog ── */

/* Of partitions only the leaves are of an access method before version 17. A foreign one always has the replica
 * identity "nothing". */
static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  const char kind = *row_peek(row, CLASS_KIND), replica = *row_peek(row, CLASS_REPLICA);
  if ((kind != 'r' && kind != 'p' && kind != 'f') || catalog_of_extension(c, "pg_class", row_peek(row, CLASS_OID)))
    return;
  const char *method = catalog_name(c, "pg_am", row_peek(row, CLASS_METHOD));
  struct table *t = schema_add(c->schema, KIND_TABLE, catalog_name(c, "pg_namespace", row_peek(row, CLASS_NAMESPACE)),
                               row_text(row, CLASS_NAME), NULL);
  t->unlogged = *row_peek(row, CLASS_PERSISTENCE) == 'u';
  t->settings = settings_by_text(arena, row_names(arena, row, CLASS_OPTIONS), NULL);
  t->rls = row_flag(row, CLASS_RLS);
  t->rls_forced = t->rls && row_flag(row, CLASS_FORCED);
  t->method = method && strcmp(method, "heap") != 0 ? method : NULL;
  t->tablespace = catalog_name(c, "pg_tablespace", row_peek(row, CLASS_TABLESPACE));
  if (kind != 'f')
    t->replica = replica == 'f' ? "full" : replica == 'n' ? "nothing" : NULL;
  catalog_keep(c, "pg_class", row_peek(row, CLASS_OID), &t->object);
}

static const char *query_bounds(int version) {
  (void)version;
  return "SELECT c.oid, CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,"
         " CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END FROM pg_catalog.pg_class c"
         " WHERE c.relkind IN ('r', 'p', 'f') AND (c.relispartition OR c.relkind = 'p') AND c.relnamespace = ANY ($1)";
}

static void read_bounds(struct catalog *c, const struct row *row) {
  struct table *t = (struct table *)catalog_get(c, "pg_class", row_peek(row, 0));
  if (!t)
    return;
  t->bounds.sql = row_text(row, 1);
  t->partition_by.sql = row_text(row, 2);
}

const struct lookup bounds_lookup = {query_bounds, read_bounds, "partition, class p", KIND_VIEW, false};

void catalog_index_marks(struct catalog *c, struct object *table, const char *index, bool clustered, bool identity) {
  struct table *t = (struct table *)table;
  if (is_kind(table, KIND_MATVIEW) && clustered)
    ((struct sql_view *)table)->cluster = index;
  if (!is_kind(table, KIND_TABLE))
    return;
  if (clustered)
    t->cluster = index;
  if (identity)
    t->replica = arena_printf(c->schema->arena, "index %s", index);
}

static const char *query_toast(int version) {
  (void)version;
  return "SELECT c.oid, ARRAY(SELECT 'toast.' || o FROM pg_catalog.unnest(toast.reloptions) o)"
         " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid"
         " WHERE toast.reloptions IS NOT NULL AND c.relkind IN ('r', 'p') AND c.relnamespace = ANY ($1) ORDER BY c.oid";
}

static void read_toast(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct table *t = (struct table *)catalog_get(c, "pg_class", row_peek(row, 0));
  struct setting **end = t ? &t->settings : NULL;
  while (end && *end)
    end = &(*end)->next;
  if (end)
    *end = settings_by_text(arena, row_names(arena, row, 1), NULL);
}

const struct lookup toast_lookup = {query_toast, read_toast, "settings of a toast table", KIND_VIEW, false};

/* ── PDL ── */

/* Whether the item is said at its column. */
static bool print_clause(struct object *item, const struct object *column, struct strbuf *out) {
  const char *about = only_column(item);
  if (!about || strcmp(about, column->name) != 0 || !item->kind->clause || item->comment)
    return false;
  const size_t before = out->len;
  if (item->kind->clause(item, out)) {
    item->text_from = before;
    item->text_to = out->len;
    return true;
  }
  strbuf_truncate(out, before);
  return false;
}

static int kind_number(const struct object *o) {
  int k = 0;
  while (kinds[k] != o->kind)
    k++;
  return k;
}

static void print_clause_word(const char *clause, const char *name, struct strbuf *out) {
  if (!name)
    return;
  strbuf_addf(out, " %s ", clause);
  pdl_word(out, name);
}

static void print_head(const struct object *o, struct strbuf *out) {
  const struct table *t = (const struct table *)o;
  const bool index = t->replica && strncmp(t->replica, "index ", 6) == 0;
  strbuf_adds(out, t->bounds.sql ? "partition " : t->server ? "foreign table " : "table ");
  pdl_name(out, o->schema, o->name);
  strbuf_adds(out, t->bounds.sql ? " of " : t->parents.n ? " inherits (" : "");
  for (size_t i = 0; i + 1 < t->parents.n; i += 2) {
    strbuf_adds(out, i ? ", " : "");
    pdl_name(out, t->parents.v[i], t->parents.v[i + 1]);
  }
  if (t->bounds.sql) {
    strbuf_addc(out, ' ');
    pdl_bounds(out, t->bounds.sql);
  } else if (t->parents.n) {
    strbuf_addc(out, ')');
  }
  pdl_owner(out, o);
  print_clause_word("server", t->server, out);
  pdl_options(out, t->options);
  if (t->unlogged)
    strbuf_adds(out, " unlogged");
  print_clause_word("using", t->method, out);
  print_clause_word("tablespace", t->tablespace, out);
  if (t->settings)
    pdl_settings(out, t->settings);
  if (t->replica && !index)
    strbuf_addf(out, " replica identity %s", t->replica);
  print_clause_word("replica identity using index", index ? t->replica + strlen("index ") : NULL, out);
  print_clause_word("cluster on", t->cluster, out);
}

/* Whether the column or constraint is said here, and not only in a table above. */
static bool is_said(const struct object *o) {
  if (o->pulled_as != PULLED_AS_PDL)
    return false;
  const bool local = is_kind(o, KIND_COLUMN) ? ((const struct column *)o)->local
                                             : is_kind(o, KIND_CHECK) && ((const struct check *)o)->local;
  if (is_kind(o, KIND_INDEX) || is_kind(o, KIND_KEY))
    return !o->inherited || inherit_is_named(o);
  return !o->inherited || (local && !((const struct table *)o->parent)->bounds.sql);
}

/* With the items that are said at it. */
static void print_column(const struct object *table, struct object *column, struct strbuf *out) {
  pdl_object(column, out);
  strbuf_truncate(out, out->len - 1); /* clauses go on the line */
  bool said[KIND_COUNT] = {0};        /* all but checks stand once at a column */
  for EACH_CHILD(table, item) {
    if (is_kind(item, KIND_COLUMN) || !is_said(item))
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
  column->text_to = out->len;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct table *t = (const struct table *)o;
  pdl_doc(out, o);
  print_head(o, out);
  strbuf_adds(out, " {\n");
  const size_t opened = out->len;
  for EACH_CHILD(o, item)
    if (!is_kind(item, KIND_COLUMN))
      item->mark = 0;
  for (size_t i = 0; i < t->above_count; i++) /* those of tables above first, which is where a push puts them */
    for (struct object *from = t->above[i] ? t->above[i]->first_child : NULL; from; from = from->next) {
      struct object *column = is_kind(from, KIND_COLUMN) ? child_named(o, KIND_COLUMN, from->name) : NULL;
      if (column && column->above == from && is_said(column))
        print_column(o, column, out);
    }
  for EACH_CHILD(o, column)
    if (is_kind(column, KIND_COLUMN) && !column->above && column->mark != PULLED_BY_MIXIN && is_said(column))
      print_column(o, column, out);
  if (t->mixin) {
    strbuf_adds(out, "use ");
    pdl_word(out, t->mixin);
    strbuf_addc(out, '\n');
  }
  if (t->rls && (t->rls_forced || !t->owner_column))
    strbuf_adds(out, t->rls_forced ? "rls forced\n" : "rls\n");
  if (t->owner_column)
    access_print(o, out);
  for EACH_CHILD(o, item)
    if (!item->mark && !is_kind(item, KIND_COLUMN) && is_said(item) && item->kind->print && !item->kind->outside &&
        (!is_kind(item, KIND_PRIVILEGES) || privileges_in_block(item)))
      pdl_object(item, out);
  if (t->partition_by.sql)
    pdl_partition_by(out, t->partition_by.sql);
  if (t->bounds.sql && out->len == opened) {
    strbuf_truncate(out, out->len - strlen(" {\n"));
    strbuf_addc(out, '\n');
  } else {
    strbuf_adds(out, "}\n");
  }
}

static const struct field fields[] = {
    FIELD(table, unlogged, FIELD_FLAG, "unlogged"),
    FIELD(table, settings, FIELD_SETTINGS, "storage parameters"),
    FIELD(table, rls, FIELD_FLAG, "row level security"),
    FIELD(table, rls_forced, FIELD_FLAG, "row level security forced"),
    FIELD(table, parents, FIELD_NAMES, "above it"),
    FIELD(table, bounds, FIELD_EXPR, "bounds"),
    FIELD(table, partition_by, FIELD_EXPR, "partition by"),
    FIELD(table, method, FIELD_TEXT, "method"),
    FIELD(table, tablespace, FIELD_TEXT, "tablespace"),
    FIELD(table, replica, FIELD_TEXT, "replica identity"),
    FIELD(table, cluster, FIELD_TEXT, "cluster on"),
    FIELD(table, server, FIELD_TEXT, "server"),
    FIELD(table, options, FIELD_SETTINGS, "options"),
    FIELD_END,
};

const struct kind table_kind = {
    .word = "table",
    .size = sizeof(struct table),
    .ns = NS_RELATION,
    .fields = fields,
    .nodes = {NODE_TABLE, NODE_FOREIGN_TABLE, NODE_EXTERNAL, NODE_RLS, NODE_PARTITION, NODE_PARTITION_BY},
    .declare = declare,
    .complete = inherit_complete,
    .link = link,
    .linked = inherit_linked,
    .advise = advise,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .alter = alter,
    .losses = losses,
    .data = true,
    .elsewhere = foreign_elsewhere,
    .open = TABLE_TABLESPACE,
    .first = first,
    .last = last,
    .descends = inherit_descends,
    .as_made = inherit_as_made,
    .leans = leans,
    .follow = follow,
    .scratch = true,
    .not_in_twin = TABLE_TABLESPACE | TABLE_REPLICA | TABLE_CLUSTER | TABLE_SERVER | TABLE_OPTIONS,
    .stands_under = inherit_stands_under,
    .stand = inherit_stand,
    .copied = COPIED_CLASS,
    .sorts = "class r, class p, class f",
    .read = read,
    .finish = inherit_finish,
    .print = print,
    .breaks = named_breaks,
};
