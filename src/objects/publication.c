/* publication: which changes of which tables are sent to subscribers. Those that the schema does not name are left
 * alone. */
#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct publication *p = compile_object(c, KIND_PUBLICATION, n, NULL);
  if (p)
    p->node = n;
}

/* A table as it is compared: whether heirs are listed beside it is seen by themselves. */
static const char *compared(const char *text) {
  return text + (strncmp(text, "ONLY ", 5) == 0 ? 5 : 0);
}

/* Those that inherit from the table; partitions are published through their root. */
static const struct depend *first_heir(const struct depend *below) {
  while (below && ((const struct table *)below->on)->bounds.sql)
    below = below->next;
  return below;
}

/* The members of a publication while they are gathered. */
struct members {
  struct compile *c;
  const struct node *clauses;
  struct publication *p;
  struct map seen;                  /* as they are compared */
  size_t texts, compared, of, schemas; /* rooms */
};

static void add_text(struct members *m, struct names *names, size_t *room, const char *text) {
  names->v = arena_grow(m->c->arena, names->v, names->n, room, sizeof *names->v);
  names->v[names->n++] = text;
}

static void add_member(struct members *m, const struct sql_published *said, struct object *table) {
  struct publication *p = m->p;
  if (!table->external)
    object_depend(m->c->schema, &p->object, table);
  struct strbuf out = STRBUF_INIT;
  strbuf_adds(&out, first_heir(tables_below(table)) ? "ONLY " : "");
  sql_object(&out, table);
  if (said->column_count) {
    strbuf_addc(&out, ' ');
    sql_columns(&out, (struct names){said->columns, said->column_count});
  }
  if (said->where.text)
    strbuf_addf(&out, " WHERE (%s)",
                compile_statement(m->c, m->clauses, said->where.from, &said->where, &p->object, false));
  if (!map_get(&m->seen, compared(out.text))) {
    const char *text = strbuf_dup(&out, m->c->arena);
    p->of = arena_grow(m->c->arena, p->of, p->tables.n, &m->of, sizeof *p->of);
    p->of[p->tables.n] = table;
    add_text(m, &p->tables, &m->texts, text);
    add_text(m, &p->compared, &m->compared, compared(text));
    map_set(&m->seen, compared(text), table);
  }
  strbuf_release(&out);
  for (const struct depend *d = said->only ? NULL : first_heir(tables_below(table)); d; d = first_heir(d->next))
    add_member(m, said, (struct object *)d->on);
}

static void add_table(struct members *m, const struct sql_published *said) {
  struct compile *c = m->c;
  const struct name name = {.schema = said->schema,
                            .text = said->name,
                            .span = node_text_at(m->clauses, said->at, (uint32_t)strlen(said->name))};
  struct object *table = compile_find_table(c, name);
  if (!table)
    return;
  for (size_t i = 0; i < said->column_count && !table->external; i++)
    if (!table_column(table, said->columns[i]))
      compile_unknown_column(c, name.span, said->columns[i], table);
  if (said->column_count || said->where.text)
    compile_needs_version(c, 15, name.span, "a part of a table in a publication");
  add_member(m, said, table);
}

static void add_schema(struct members *m, const struct sql_published *said) {
  struct compile *c = m->c;
  struct object *schema = schema_find(c->schema, NS_SCHEMA, NULL, NULL, said->name);
  const struct span at = node_text_at(m->clauses, said->at, (uint32_t)strlen(said->name));
  compile_needs_version(c, 15, at, "a schema in a publication");
  if (schema)
    object_depend(c->schema, &m->p->object, schema);
  else if (!c->incomplete)
    diagnose(c->diagnostics, PDL_UNKNOWN_SCHEMA, at, "unknown schema \"%s\"", said->name);
  add_text(m, &m->p->schemas, &m->schemas, said->name);
}

static void link(struct compile *c, struct object *o) {
  struct publication *p = (struct publication *)o;
  const struct node *clauses = node_part(p->node, NODE_CLAUSES);
  struct sql_publication said;
  struct sql_error err = {0};
  p->publish = "insert, update, delete, truncate";
  if (!clauses)
    return;
  if (!sql_parse_publication(c->sql, clauses->text, &said, &err)) {
    compile_sql_error(c, clauses, &err, "publication");
    return;
  }
  p->all = said.all;
  p->via_root = said.via_root;
  p->generated = said.generated && compile_needs_version(c, 18, clauses->text_span, "publish_generated_columns");
  p->publish = said.publish;
  struct members members = {.c = c, .clauses = clauses, .p = p};
  map_init(&members.seen, c->arena);
  for (size_t i = 0; i < said.count; i++)
    (said.v[i].is_schema ? add_schema : add_table)(&members, &said.v[i]);
}

/* ── advice ── */

/* listed: its tables by their address. */
static bool publishes(const struct publication *p, const struct numbers *listed, const struct object *table) {
  const struct table *t = (const struct table *)table;
  return p->all || names_hold(p->schemas, table->schema) || numbers_get(listed, (uintptr_t)table) ||
         (t->bounds.sql && t->above_count && t->above[0] && publishes(p, listed, t->above[0]));
}

/* A partition has the primary key of what it is a part of, and a replica identity of its own. */
static bool is_identified(const struct object *table) {
  const struct table *t = (const struct table *)table;
  if (t->replica)
    return strcmp(t->replica, "nothing") != 0;
  for (;; table = t->above[0], t = (const struct table *)table) {
    const struct key *primary = table_primary(table);
    if (primary || !t->bounds.sql || !t->above_count || !t->above[0])
      return primary && !primary->deferrable;
  }
}

static void advise(struct compile *c, const struct object *o) {
  const struct publication *p = (const struct publication *)o;
  const bool updates = strstr(p->publish, "update") != NULL;
  if (!updates && !strstr(p->publish, "delete"))
    return;
  struct numbers listed;
  numbers_init(&listed, c->arena);
  for (size_t i = 0; i < p->tables.n; i++)
    numbers_set(&listed, (uintptr_t)p->of[i], (void *)(uintptr_t)p->of[i]);
  for EACH_OBJECT(c->schema, table) {
    const struct table *t = (const struct table *)table;
    if (!is_kind(table, KIND_TABLE) || table->external || t->unlogged || t->server || table_is_parted(table) ||
        !publishes(p, &listed, table) || is_identified(table))
      continue;
    struct diagnostic *d = diagnose(c->diagnostics, PDL_NO_REPLICA_IDENTITY, table->span,
                                    "rows of \"%s\" cannot be %s: they are published, and nothing identifies them",
                                    table->name, updates ? "updated" : "deleted");
    diagnostic_peer(d, o->span, "the publication is here");
    diagnostic_hint(c->diagnostics, d, "Give it a primary key, or say replica identity full behind its name.");
  }
}

/* ── SQL ── */

static void add_content(const struct publication *p, struct strbuf *out) {
  for (size_t i = 0; i < p->tables.n; i++)
    strbuf_addf(out, "%s%s", i ? ", " : "TABLE ", p->tables.v[i]);
  for (size_t i = 0; i < p->schemas.n; i++) {
    strbuf_adds(out, i ? ", " : p->tables.n ? ", TABLES IN SCHEMA " : "TABLES IN SCHEMA ");
    sql_ident(out, p->schemas.v[i]);
  }
}

/* always: what is the default too; also: of generated columns, which older versions do not know. */
static void add_options(const struct publication *p, bool always, bool also, struct strbuf *out) {
  const bool all = strcmp(p->publish, "insert, update, delete, truncate") == 0;
  const char *separator = "";
  strbuf_addc(out, '(');
  if (always || !all) {
    strbuf_adds(out, "publish = ");
    sql_literal(out, p->publish);
    separator = ", ";
  }
  if (always || p->via_root) {
    strbuf_addf(out, "%spublish_via_partition_root = %s", separator, p->via_root ? "true" : "false");
    separator = ", ";
  }
  if (p->generated || also)
    strbuf_addf(out, "%spublish_generated_columns = %s", separator, p->generated ? "stored" : "none");
  strbuf_addc(out, ')');
}

static void add_body(const struct publication *p, struct strbuf *out) {
  if (p->all)
    strbuf_adds(out, " FOR ALL TABLES");
  else if (p->tables.n + p->schemas.n) {
    strbuf_adds(out, " FOR ");
    add_content(p, out);
  }
  const size_t before = out->len;
  strbuf_adds(out, " WITH ");
  add_options(p, false, false, out);
  if (out->text[out->len - 2] == '(')
    strbuf_truncate(out, before);
}

static void named(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "PUBLICATION ");
  sql_ident(out, o->name);
}

static void create(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "CREATE ");
  named(o, out);
  add_body((const struct publication *)o, out);
  strbuf_adds(out, ";\n");
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP ");
  named(o, out);
  strbuf_adds(out, ";\n");
}

/* In the order of the fields. */
enum {
  PUBLICATION_ALL = 1,
  PUBLICATION_PUBLISH = 2,
  PUBLICATION_ROOT = 4,
  PUBLICATION_TABLES = 8,
  PUBLICATION_SCHEMAS = 16,
  PUBLICATION_GENERATED = 32
};

/* What is not listed may be no publication for all tables, and the last table cannot be set away. */
static void alter_options(const struct publication *p, uint64_t fields, struct strbuf *out) {
  if (!(fields & (PUBLICATION_PUBLISH | PUBLICATION_ROOT | PUBLICATION_GENERATED)))
    return;
  strbuf_adds(out, "ALTER ");
  named(&p->object, out);
  strbuf_adds(out, " SET ");
  add_options(p, true, fields & PUBLICATION_GENERATED, out);
  strbuf_adds(out, ";\n");
}

/* Of a parted table, columns and rows can be chosen only while its changes are published as its own. */
static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct publication *p = (const struct publication *)after;
  (void)before;
  if (fields & PUBLICATION_ALL)
    return false;
  const bool content = fields & (PUBLICATION_TABLES | PUBLICATION_SCHEMAS);
  if (content && !(p->tables.n + p->schemas.n))
    return false;
  if (p->via_root)
    alter_options(p, fields, out);
  if (content) {
    strbuf_adds(out, "ALTER ");
    named(after, out);
    strbuf_adds(out, " SET ");
    add_content(p, out);
    strbuf_adds(out, ";\n");
  }
  if (!p->via_root)
    alter_options(p, fields, out);
  return true;
}

static void print(const struct object *o, struct strbuf *out) {
  pdl_doc(out, o);
  strbuf_adds(out, "publication ");
  pdl_word(out, o->name);
  pdl_owner(out, o);
  struct strbuf body = STRBUF_INIT;
  add_body((const struct publication *)o, &body);
  pdl_clauses(out, body.text);
  strbuf_addc(out, '\n');
  strbuf_release(&body);
}

/* ── catalog ── */

/* Only those of which everything is read; the platform's own are not. */
#define QUERY(columns, tables_only, generated)                                                                                          \
  "SELECT p.oid, p.pubname, d.description, p.puballtables, pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END," \
  " CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,"                                      \
  " CASE WHEN p.pubtruncate THEN 'truncate' END), p.pubviaroot,"                                                            \
  " ARRAY(SELECT CASE WHEN c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid) THEN 'ONLY ' ELSE '' END" \
  " || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)" columns                     \
  " FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_class c ON c.oid = r.prrelid"                                   \
  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE r.prpubid = p.oid ORDER BY n.nspname, c.relname),"       \
  tables_only ", " generated                                                                                                 \
  " FROM pg_catalog.pg_publication p LEFT JOIN pg_catalog.pg_description d"                                                 \
  " ON d.classoid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND d.objoid = p.oid AND d.objsubid = 0"               \
  " WHERE NOT (p.pubname IN ('supabase_realtime', 'supabase_realtime_messages_publication') AND " CATALOG_OF_PLATFORM ")"   \
  " AND NOT pg_catalog.pg_my_temp_schema() = ANY ($1) AND NOT EXISTS (SELECT FROM pg_catalog.pg_publication_rel r"          \
  " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid WHERE r.prpubid = p.oid AND NOT c.relnamespace = ANY ($1))"              \
  CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_publication", "p.oid") " ORDER BY p.pubname"

#define PARTS                                                                                                         \
  " || coalesce(' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)"       \
  " FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::pg_catalog.int2[]))"    \
  " || ')', '') || coalesce(' WHERE ' || pg_catalog.pg_get_expr(r.prqual, r.prrelid), '')"
#define SCHEMAS                                                                                                       \
  " ARRAY(SELECT n.nspname FROM pg_catalog.pg_publication_namespace s JOIN pg_catalog.pg_namespace n"                  \
  " ON n.oid = s.pnnspid WHERE s.pnpubid = p.oid ORDER BY n.nspname)"

static const char *query(int version) {
  return version >= 18   ? QUERY(PARTS, SCHEMAS, "p.pubgencols = 's'")
         : version >= 15 ? QUERY(PARTS, SCHEMAS, "false")
                         : QUERY("", " NULL::text[]", "false");
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct publication *p = schema_add(c->schema, KIND_PUBLICATION, NULL, row_text(row, 1), NULL);
  p->object.comment = row_text(row, 2);
  p->all = row_flag(row, 3);
  p->publish = row_text(row, 4);
  p->via_root = row_flag(row, 5);
  p->tables = row_names(arena, row, 6);
  p->schemas = row_names(arena, row, 7);
  p->generated = row_flag(row, 8);
  p->compared.v = arena_array(arena, p->tables.n, sizeof *p->compared.v);
  for (size_t i = 0; i < p->tables.n; i++)
    p->compared.v[p->compared.n++] = compared(p->tables.v[i]);
  catalog_keep(c, "pg_publication", row_peek(row, 0), &p->object);
}

static const struct field fields[] = {
    FIELD(publication, all, FIELD_FLAG, "for all tables"),
    FIELD(publication, publish, FIELD_TEXT, "publish"),
    FIELD(publication, via_root, FIELD_FLAG, "publish via partition root"),
    FIELD(publication, compared, FIELD_NAME_SET, "tables"),
    FIELD(publication, schemas, FIELD_NAME_SET, "schemas"),
    FIELD(publication, generated, FIELD_FLAG, "generated columns"),
    FIELD_END,
};

const struct kind publication_kind = {
    .word = "publication",
    .size = sizeof(struct publication),
    .ns = NS_PUBLICATION,
    .fields = fields,
    .nodes = {NODE_PUBLICATION},
    .declare = declare,
    .link = link,
    .advise = advise,
    .create = create,
    .target_name = named,
    .drop = drop,
    .alter = alter,
    .optional = true,
    .print = print,
    .query = query,
    .sorts = "pg_publication",
    .read = read,
};
