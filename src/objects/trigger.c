/* trigger: of a table or view, in its block or at the top level; on an external table too, where the trigger alone is
 * ours. */
#include "objects/objects.h"

/* pg_trigger.h */
enum { EACH_ROW = 1, BEFORE = 2, ON_INSERT = 4, ON_DELETE = 8, ON_UPDATE = 16, ON_TRUNCATE = 32, INSTEAD_OF = 64 };

static const char *events_of(struct arena *arena, int type) {
  static const struct {
    int bit;
    const char *word;
  } events[] = {{ON_INSERT, "INSERT"}, {ON_DELETE, "DELETE"}, {ON_UPDATE, "UPDATE"}, {ON_TRUNCATE, "TRUNCATE"}};
  struct strbuf out = STRBUF_INIT;
  strbuf_adds(&out, type & BEFORE ? "BEFORE" : type & INSTEAD_OF ? "INSTEAD OF" : "AFTER");
  const char *separator = " ";
  for (size_t i = 0; i < ARRAY_LEN(events); i++)
    if (type & events[i].bit) {
      strbuf_addf(&out, "%s%s", separator, events[i].word);
      separator = " OR ";
    }
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

static struct object *relation(struct compile *c, const struct node *clauses, const char *schema_name,
                               const char *name) {
  const struct name wanted = {.schema = schema_name, .text = name, .span = clauses->span};
  struct object *o = schema_find(c->schema, NS_RELATION, compile_schema_of(wanted), NULL, name);
  return o && is_kind(o, KIND_VIEW) ? o : compile_find_table(c, wanted);
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  const struct node *clauses = node_part(n, NODE_CLAUSES);
  struct sql_trigger *parsed = arena_alloc(c->arena, sizeof *parsed);
  struct sql_error err = {0};
  if (!sql_parse_trigger(c->sql, clauses->text, parent != NULL, parsed, &err)) {
    compile_sql_error(c, clauses, &err, "trigger");
    return;
  }
  struct object *table = parent ? parent : relation(c, clauses, parsed->table_schema, parsed->table);
  struct trigger *t = table ? compile_object(c, KIND_TRIGGER, n, table) : NULL;
  if (!t)
    return;
  t->object.external = false;
  t->node = n;
  t->parsed = parsed;
  const struct node *state = compile_clause(c, n, NODE_STATE);
  t->state = state ? state->text : NULL;
  t->event = events_of(c->arena, parsed->type);
  t->columns = (struct names){parsed->columns, parsed->column_count};
  t->row = parsed->type & EACH_ROW;
  t->constraint = parsed->constraint;
  t->deferrable = parsed->deferrable;
  t->deferred = parsed->deferred;
  t->old_table = parsed->old_table;
  t->new_table = parsed->new_table;
}

/* ── linking ── */

static bool brought_by_postgres(const char *name) {
  static const char *const all[] = {"suppress_redundant_updates_trigger", "tsvector_update_trigger",
                                    "tsvector_update_trigger_column"};
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (strcmp(all[i], name) == 0)
      return true;
  return false;
}

static void unknown_function(struct compile *c, const struct node *clauses, const char *name) {
  struct spell spell = SPELL_INIT(name);
  for (const struct object *o = c->schema->first; o; o = o->next) {
    if (is_kind(o, KIND_EXTENSION) || is_kind(o, KIND_SQL))
      return; /* it may bring it */
    if (is_kind(o, KIND_FUNCTION))
      spell_offer(&spell, o->name);
  }
  if (c->incomplete || brought_by_postgres(name))
    return;
  const char *last = clauses->text, *next;
  while ((next = strstr(last + 1, name)) != NULL)
    last = next;
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_OBJECT,
                                  node_text_at(clauses, (uint32_t)(last - clauses->text), (uint32_t)strlen(name)),
                                  "function \"%s\" is declared nowhere", name);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

static void link_function(struct compile *c, struct trigger *t, const struct node *clauses) {
  const struct sql_trigger *p = t->parsed;
  const char *schema_name = p->function_schema ? p->function_schema : "public";
  struct object *o = schema_find(c->schema, NS_FUNCTION, schema_name, NULL, p->function);
  struct strbuf call = STRBUF_INIT;
  if (!o && !p->function_schema)
    unknown_function(c, clauses, p->function);
  for (struct object *each = o; each; each = each->overload)
    object_depend(c->schema, &t->object, each);
  compile_made(c, &t->object, schema_name, p->function);
  sql_qualified(&call, o ? schema_name : p->function_schema, p->function);
  strbuf_addc(&call, '(');
  for (size_t i = 0; i < p->arg_count; i++) {
    strbuf_adds(&call, i ? ", " : "");
    sql_literal(&call, p->args[i]);
  }
  strbuf_addc(&call, ')');
  t->function = strbuf_dup(&call, c->arena);
  strbuf_release(&call);
}

static void link_when(struct compile *c, struct trigger *t, const struct node *clauses) {
  const struct sql_statement *when = &t->parsed->when;
  const struct object *table = t->object.parent;
  const bool known = is_kind(table, KIND_TABLE) && !table->external;
  for (size_t i = 0; known && i < when->ref_count; i++) {
    const struct sql_ref *ref = &when->refs[i];
    if (ref->kind != SQL_REF_COLUMN || !ref->schema)
      continue;
    struct object *column = child_named(table, KIND_COLUMN, ref->name);
    if (column)
      object_depend(c->schema, &t->object, column);
    else
      compile_unknown_column(
          c, node_text_at(clauses, when->from + ref->at, (uint32_t)(strlen(ref->schema) + 1 + strlen(ref->name))),
          ref->name, table);
  }
  t->when.span = clauses->text_span;
  t->when.sql = compile_statement(c, clauses, when->from, when, &t->object, false);
  expr_simplify(c->arena, &t->when, NULL);
}

static void link(struct compile *c, struct object *o) {
  struct trigger *t = (struct trigger *)o;
  const struct sql_trigger *p = t->parsed;
  const struct node *clauses = node_part(t->node, NODE_CLAUSES);
  compile_needs(c, t->node, o);
  link_function(c, t, clauses);
  if (p->when.text)
    link_when(c, t, clauses);
  for (size_t i = 0; i < t->columns.n && is_kind(o->parent, KIND_TABLE) && !o->parent->external; i++) {
    struct object *column = child_named(o->parent, KIND_COLUMN, t->columns.v[i]);
    if (column)
      object_depend(c->schema, o, column);
    else
      compile_unknown_column(c, clauses->span, t->columns.v[i], o->parent);
  }
  if (p->from) {
    struct object *from = relation(c, clauses, p->from_schema, p->from);
    if (from && !from->external)
      object_depend(c->schema, o, from);
    struct strbuf name = STRBUF_INIT;
    sql_qualified(&name, p->from_schema ? p->from_schema : "public", p->from);
    t->from = strbuf_dup(&name, c->arena);
    strbuf_release(&name);
  }
}

/* ── SQL ── */

static void add_events(const struct trigger *t, struct strbuf *out) {
  const char *update = t->columns.n ? strstr(t->event, "UPDATE") : NULL;
  if (!update) {
    strbuf_addf(out, "%s", t->event);
    return;
  }
  update += strlen("UPDATE");
  strbuf_add(out, t->event, (size_t)(update - t->event));
  for (size_t i = 0; i < t->columns.n; i++) {
    strbuf_adds(out, i ? ", " : " OF ");
    sql_ident(out, t->columns.v[i]);
  }
  strbuf_adds(out, update);
}

/* What stands behind the name; on: the table, or NULL in its own block. */
static void add_clauses(const struct trigger *t, const char *on, struct strbuf *out) {
  add_events(t, out);
  if (on)
    strbuf_addf(out, " ON %s", on);
  if (t->from)
    strbuf_addf(out, " FROM %s", t->from);
  sql_deferral(out, t->deferrable, t->deferred);
  if (t->old_table || t->new_table)
    strbuf_adds(out, " REFERENCING");
  if (t->old_table) {
    strbuf_adds(out, " OLD TABLE AS ");
    sql_ident(out, t->old_table);
  }
  if (t->new_table) {
    strbuf_adds(out, " NEW TABLE AS ");
    sql_ident(out, t->new_table);
  }
  strbuf_adds(out, t->row ? " FOR EACH ROW" : " FOR EACH STATEMENT");
  if (t->when.sql)
    strbuf_addf(out, " WHEN (%s%s)", t->when.sql, strstr(t->when.sql, "--") ? "\n" : "");
  strbuf_addf(out, " EXECUTE FUNCTION %s", t->function);
}

static void set_state(const struct object *o, struct strbuf *out) {
  static const struct {
    const char *state, *sql;
  } words[] = {{"disabled", "DISABLE"}, {"replica", "ENABLE REPLICA"}, {"always", "ENABLE ALWAYS"}};
  const char *state = ((const struct trigger *)o)->state, *sql = "ENABLE";
  for (size_t i = 0; state && i < ARRAY_LEN(words); i++)
    if (strcmp(state, words[i].state) == 0)
      sql = words[i].sql;
  sql_alter_table(out, o);
  strbuf_addf(out, "%s TRIGGER ", sql);
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

static void create(const struct object *o, struct strbuf *out) {
  const struct trigger *t = (const struct trigger *)o;
  struct strbuf table = STRBUF_INIT;
  sql_object(&table, o->parent);
  strbuf_adds(out, t->constraint ? "CREATE CONSTRAINT TRIGGER " : "CREATE TRIGGER ");
  sql_ident(out, o->name);
  strbuf_addc(out, ' ');
  add_clauses(t, table.text, out);
  strbuf_adds(out, ";\n");
  strbuf_release(&table);
  if (t->state)
    set_state(o, out);
}

enum { TRIGGER_STATE = 1 << 11 };

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before;
  if (fields != TRIGGER_STATE)
    return false;
  set_state(after, out);
  return true;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct trigger *t = (const struct trigger *)o;
  const bool own_table = is_kind(o->parent, KIND_TABLE) && !o->parent->external;
  struct strbuf table = STRBUF_INIT;
  sql_object(&table, o->parent);
  pdl_doc(out, o);
  strbuf_adds(out, "trigger ");
  pdl_word(out, o->name);
  if (t->state)
    strbuf_addf(out, strcmp(t->state, "disabled") == 0 ? " disable" : " enable %s", t->state);
  strbuf_adds(out, t->constraint ? " constraint " : " ");
  add_clauses(t, own_table ? NULL : table.text, out);
  strbuf_addc(out, '\n');
  strbuf_release(&table);
}

static void named(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "TRIGGER ");
  sql_ident(out, o->name);
  strbuf_adds(out, " ON ");
  sql_object(out, o->parent);
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP ");
  named(o, out);
  strbuf_adds(out, ";\n");
}

/* ── catalog ── */

/* Those on tables elsewhere that call a function of ours are read too. Clones on partitions come with the table's own. */
static const char *query(int version) {
  (void)version;
  return "SELECT t.tgrelid, c.relnamespace, c.relname, t.tgname, t.oid, t.tgtype, t.tgconstraint <> 0, t.tgdeferrable,"
         " t.tginitdeferred, t.tgoldtable, t.tgnewtable,"
         " CASE WHEN t.tgconstrrelid <> 0 THEN t.tgconstrrelid::pg_catalog.regclass::text END,"
         " CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END,"
         " p.oid, p.pronamespace, p.proname, t.tgnargs <> 0, t.tgqual IS NOT NULL, t.tgattr <> '',"
         " CASE WHEN t.tgnargs <> 0 OR t.tgqual IS NOT NULL OR t.tgattr <> '' THEN pg_catalog.pg_get_triggerdef(t.oid) END"
         " FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
         " JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid" /* and found by its index, not by reading all */
         " AND p.oid = ANY (ARRAY(SELECT f.tgfoid FROM pg_catalog.pg_trigger f WHERE NOT f.tgisinternal))"
         " WHERE NOT t.tgisinternal AND (t.tgparentid = 0 OR " CATALOG_TOUCH_NAME("t.tgname") ")"
         " AND (c.relnamespace = ANY ($1) OR p.pronamespace = ANY ($1)) ORDER BY t.tgrelid, t.tgname";
}

static size_t ident_length(const char *p) {
  size_t n = 1;
  if (*p != '"')
    return strcspn(p, ", ");
  while (p[n] && (p[n] != '"' || p[n + 1] == '"'))
    n += p[n] == '"' ? 2 : 1;
  return n + 1;
}

/* What pg_get_triggerdef prints has each once, behind what comes before it. */
static const char when_clause[] = " WHEN (", call_clause[] = " EXECUTE FUNCTION ";

static const char *arguments_of(const char *definition) {
  const char *call = sql_find_printed(definition, call_clause);
  return sql_find_printed(call, "(");
}

static const char *when_of(struct arena *arena, const char *definition) {
  const char *from = sql_find_printed(definition, when_clause);
  from += *from ? strlen(when_clause) : 0;
  const char *to = sql_find_printed(from, call_clause);
  return arena_strndup(arena, from, (size_t)(to - from) - (to > from));
}

/* What stands behind UPDATE OF. */
static struct names columns_of(struct arena *arena, const char *definition) {
  static const char of[] = " UPDATE OF ";
  struct names columns = {0};
  const char *p = sql_find_printed(definition, of);
  p += *p ? strlen(of) : 0;
  for (size_t room = 0, n = 0; *p; p += strlen(", ")) {
    const char *schema_name;
    n = ident_length(p);
    columns.v = arena_grow(arena, columns.v, columns.n, &room, sizeof *columns.v);
    catalog_split_name(arena, arena_strndup(arena, p, n), &schema_name, &columns.v[columns.n++]);
    p += n;
    if (*p != ',')
      break;
  }
  return columns;
}

/* Those of `touch` too, as the one form that they have. */
static void read(struct catalog *c, const struct row *row) {
  enum {
    TABLE,
    SCHEMA,
    TABLE_NAME,
    NAME,
    OID,
    TYPE,
    CONSTRAINT,
    DEFERRABLE,
    DEFERRED,
    OLD,
    NEW,
    FROM,
    STATE,
    FUNCTION,
    FUNCTION_SCHEMA,
    FUNCTION_NAME,
    ARGUMENTS,
    WHEN,
    COLUMNS,
    DEFINITION
  };
  struct arena *arena = c->schema->arena;
  const char *name = row_text(row, NAME), *state = row_text(row, STATE), *function = row_text(row, FUNCTION_NAME);
  const char *schema_name = catalog_name(c, "pg_namespace", row_peek(row, FUNCTION_SCHEMA)),
             *definition = row_peek(row, DEFINITION);
  const int type = (int)row_int(row, TYPE);
  if (strncmp(name, TOUCH_PREFIX, strlen(TOUCH_PREFIX)) == 0) {
    struct object *table = catalog_get(c, "pg_class", row_peek(row, TABLE));
    const bool usual = type == (EACH_ROW | BEFORE | ON_UPDATE) && !definition &&
                       strncmp(function, TOUCH_PREFIX, strlen(TOUCH_PREFIX)) == 0 && strcmp(schema_name, "public") == 0;
    if (table)
      touch_read_trigger(c, table, name, row_peek(row, OID),
                         state   ? "not enabled"
                         : usual ? function
                                 : "changed by hand");
    return;
  }
  struct object *table = catalog_table(c, row, TABLE, SCHEMA);
  struct trigger *t = schema_add(c->schema, KIND_TRIGGER, table->schema, name, table);
  struct strbuf call = STRBUF_INIT;
  t->event = events_of(arena, type);
  t->row = type & EACH_ROW;
  t->constraint = row_flag(row, CONSTRAINT);
  t->deferrable = row_flag(row, DEFERRABLE);
  t->deferred = row_flag(row, DEFERRED);
  t->old_table = row_text(row, OLD);
  t->new_table = row_text(row, NEW);
  t->from = row_text(row, FROM);
  t->state = state;
  sql_qualified(&call, strcmp(schema_name, "pg_catalog") == 0 ? NULL : schema_name, function);
  strbuf_adds(&call, row_flag(row, ARGUMENTS) ? arguments_of(definition) : "()");
  t->function = strbuf_dup(&call, arena);
  strbuf_release(&call);
  t->when.sql = row_flag(row, WHEN) ? when_of(arena, definition) : NULL;
  expr_simplify(arena, &t->when, NULL);
  if (row_flag(row, COLUMNS))
    t->columns = columns_of(arena, definition);
  catalog_keep(c, "pg_trigger", row_peek(row, OID), &t->object);
  object_depend(c->schema, &t->object, catalog_get(c, "pg_proc", row_peek(row, FUNCTION)));
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  (void)schema_name;
  if (is_kind(of, KIND_COLUMN) && of->parent == o->parent)
    names_follow(&((struct trigger *)o)->columns, of->name, name);
}

static const struct field fields[] = {
    FIELD(trigger, event, FIELD_TEXT, "event"),
    FIELD(trigger, columns, FIELD_NAME_SET, "columns"),
    FIELD(trigger, row, FIELD_FLAG, "for each row"),
    FIELD(trigger, when, FIELD_EXPR, "when"),
    FIELD(trigger, function, FIELD_TEXT, "function"),
    FIELD(trigger, constraint, FIELD_FLAG, "constraint"),
    FIELD(trigger, deferrable, FIELD_FLAG, "deferrable"),
    FIELD(trigger, deferred, FIELD_FLAG, "initially deferred"),
    FIELD(trigger, from, FIELD_TEXT, "from"),
    FIELD(trigger, old_table, FIELD_TEXT, "old table"),
    FIELD(trigger, new_table, FIELD_TEXT, "new table"),
    FIELD(trigger, state, FIELD_TEXT, "state"),
    FIELD_END,
};

const struct kind trigger_kind = {
    .word = "trigger",
    .size = sizeof(struct trigger),
    .ns = NS_TRIGGER,
    .fields = fields,
    .nodes = {NODE_TRIGGER},
    .declare = declare,
    .link = link,
    .advise = advise_trigger,
    .create = create,
    .target_name = named,
    .drop = drop,
    .alter = alter,
    .follow = follow,
    .print = print,
    .scratch = true,
    .reads = READS_ROWS,
    .query = query,
    .sorts = "trigger",
    .read = read,
};
