/* privileges: of what any grant or revoke speaks of, all of them; what none speaks of keeps what it has. */
#include "objects/objects.h"

static const char own_name[] = "privileges";

/* What class of privileges the object has; false where it has none. */
static bool class_of(const struct object *o, enum acl_class *of) {
  if (o->parent)
    return false;
  if (is_kind(o, KIND_WRAPPER) || is_kind(o, KIND_SERVER)) {
    *of = ACL_FOREIGN;
    return true;
  }
  switch (o->kind->ns) {
  case NS_RELATION: *of = is_kind(o, KIND_SEQUENCE) ? ACL_SEQUENCE : ACL_TABLE; return true;
  case NS_FUNCTION: *of = ACL_ROUTINE; return o->signature != NULL; /* those of `touch` have none */
  case NS_SCHEMA: *of = ACL_SCHEMA; return true;
  case NS_TYPE: *of = ACL_TYPE; return true;
  default: return false;
  }
}

/* What it is before anybody grants or revokes. Everybody may use public, and before Postgres 15 make things in it. */
static struct grant *given(struct arena *arena, const struct object *parent, enum acl_class of, int version) {
  struct grant *list = NULL;
  acl_give(arena, &list, of);
  if (of == ACL_SCHEMA && strcmp(parent->name, "public") == 0) {
    int since;
    acl_add(arena, &list, "public", NULL,
            acl_bit(of, "usage", &since) | (version < 15 ? acl_bit(of, "create", &since) : 0), 0);
  }
  return list;
}

static struct privileges *privileges_of(struct object *parent, const char *name) {
  return (struct privileges *)child_named(parent, KIND_PRIVILEGES, name);
}

static struct privileges *add(struct schema *s, struct object *parent, const char *name, enum acl_class of,
                              int version) {
  struct privileges *p = schema_add(s, KIND_PRIVILEGES, parent->schema, name, parent);
  p->of = of;
  p->version = version;
  return p;
}

/* Those of an object or, where it is a column, of its sequence; made where there are none. */
struct privileges *privileges_make(struct compile *c, struct object *o, struct span span) {
  enum acl_class of = ACL_SEQUENCE;
  const bool column = is_kind(o, KIND_COLUMN);
  struct object *parent = column ? o->parent : o;
  const char *name = column ? arena_printf(c->arena, "sequence of %s", o->name) : own_name;
  struct privileges *p = privileges_of(parent, name);
  if (p || (!column && !class_of(o, &of)))
    return p;
  p = add(c->schema, parent, name, of, c->schema->target.version);
  p->object.span = span;
  p->list = given(c->arena, parent, of, p->version);
  if (column)
    p->sequence = column_sequence(c->arena, (const struct column *)o);
  return p;
}

/* ── lines of PDL, read when all names stand ── */

static void declare(struct compile *c, const struct node *n, struct object *table) {
  struct grant_line *line = arena_alloc(c->arena, sizeof *line);
  *line = (struct grant_line){.node = n, .table = table};
  if (n->kind == NODE_ACCESS)
    compile_access(c, n, table);
  else
    compile_allow(c, n);
  *(c->last_grant ? &c->last_grant->next : &c->grants) = line;
  c->last_grant = line;
}

static struct object *sequence_of(struct compile *c, const char *schema_name, const char *name) {
  for (struct object *o = c->schema->first; o; o = o->next) {
    if (!is_kind(o, KIND_TABLE) || strcmp(o->schema, schema_name) != 0)
      continue;
    for EACH_CHILD(o, child) {
      const struct column *col = (const struct column *)child;
      if (is_kind(child, KIND_COLUMN) && (col->serial || col->identity) &&
          strcmp(column_sequence(c->arena, col), name) == 0)
        return child;
    }
  }
  return NULL;
}

static struct object *routine_of(struct compile *c, const struct sql_grant_object *wanted, const char *schema_name) {
  struct object *first = schema_find(c->schema, NS_FUNCTION, schema_name, NULL, wanted->name);
  if (wanted->any_inputs)
    return first && !first->overload ? first : NULL;
  const char *signature = compile_signature(c, wanted->inputs, wanted->input_count);
  while (first && (!first->signature || strcmp(first->signature, signature) != 0))
    first = first->overload;
  return first;
}

static struct object *top_named(const struct schema *s, enum kind_id id, const char *name) {
  struct object *o = s->first;
  while (o && !(is_kind(o, id) && strcmp(o->name, name) == 0))
    o = o->next;
  return o;
}

static struct object *meant(struct compile *c, enum sql_grant_on on, const struct sql_grant_object *wanted) {
  const char *schema_name = wanted->schema ? wanted->schema : "public";
  struct object *o;
  switch (on) {
  case SQL_ON_TABLE: return schema_find(c->schema, NS_RELATION, schema_name, NULL, wanted->name);
  case SQL_ON_SEQUENCE:
    o = schema_find(c->schema, NS_RELATION, schema_name, NULL, wanted->name);
    return o && is_kind(o, KIND_SEQUENCE) ? o : sequence_of(c, schema_name, wanted->name);
  case SQL_ON_ROUTINE: return routine_of(c, wanted, schema_name);
  case SQL_ON_SCHEMA: return schema_find(c->schema, NS_SCHEMA, NULL, NULL, wanted->name);
  case SQL_ON_TYPE: return schema_find(c->schema, NS_TYPE, schema_name, NULL, wanted->name);
  case SQL_ON_SERVER: return top_named(c->schema, KIND_SERVER, wanted->name);
  case SQL_ON_WRAPPER: return top_named(c->schema, KIND_WRAPPER, wanted->name);
  default: return NULL;
  }
}

static void apply_to(struct compile *c, const struct node *clauses, bool grant, const struct sql_grant *g,
                     struct privileges *p) {
  const struct object *parent = p->object.parent;
  for (size_t i = 0; i < g->privilege_count && is_kind(parent, KIND_TABLE); i++)
    for (size_t col = 0; col < g->privileges[i].column_count; col++)
      if (!table_column(parent, g->privileges[i].columns[col]))
        compile_unknown_column(c, clauses->span, g->privileges[i].columns[col], parent);
  acl_apply(c, clauses, grant, g, p->of, p->version, &p->list);
  for (size_t r = 0; !grant && r < g->role_count; r++)
    privileges_may_have(c->arena, p, g->roles[r].name);
}

void privileges_may_have(struct arena *arena, struct privileges *p, const char *role) {
  if (names_hold(p->may_have, role))
    return;
  const char **v = arena_array(arena, p->may_have.n + 1, sizeof *v);
  if (p->may_have.n)
    memcpy(v, p->may_have.v, p->may_have.n * sizeof *v);
  v[p->may_have.n++] = role;
  p->may_have.v = v;
}

static void apply(struct compile *c, const struct node *clauses, bool grant, const struct sql_grant *g,
                  struct object *o) {
  if (o->external) {
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, clauses->span, "privileges on external table \"%s\" are not ours",
             o->name);
    return;
  }
  struct privileges *p = privileges_make(c, o, clauses->span);
  if (p)
    apply_to(c, clauses, grant, g, p);
}

/* All tables, sequences or routines that the schema declares there. */
static void apply_to_all(struct compile *c, const struct node *clauses, bool grant, const struct sql_grant *g,
                         const char *schema_name) {
  static const enum namespace spaces[] = {
      [SQL_ON_TABLE] = NS_RELATION, [SQL_ON_SEQUENCE] = NS_RELATION, [SQL_ON_ROUTINE] = NS_FUNCTION};
  const bool sequences = g->on == SQL_ON_SEQUENCE;
  for (struct object *o = c->schema->first; o; o = o->next) {
    if (!o->schema || strcmp(o->schema, schema_name) != 0 || o->external || o->implied)
      continue;
    if (o->kind->ns == spaces[g->on] && is_kind(o, KIND_SEQUENCE) == sequences)
      apply(c, clauses, grant, g, o);
    for (struct object *child = sequences && is_kind(o, KIND_TABLE) ? o->first_child : NULL; child; child = child->next)
      if (is_kind(child, KIND_COLUMN) && (((struct column *)child)->serial || ((struct column *)child)->identity))
        apply(c, clauses, grant, g, child);
  }
}

static void unknown(struct compile *c, const struct node *clauses, enum sql_grant_on on,
                    const struct sql_grant_object *wanted) {
  static const enum namespace spaces[] = {
      [SQL_ON_TABLE] = NS_RELATION, [SQL_ON_SEQUENCE] = NS_RELATION, [SQL_ON_ROUTINE] = NS_FUNCTION,
      [SQL_ON_SCHEMA] = NS_SCHEMA,  [SQL_ON_TYPE] = NS_TYPE,         [SQL_ON_SERVER] = NS_NONE,
      [SQL_ON_WRAPPER] = NS_NONE};
  struct spell spell = SPELL_INIT(wanted->name);
  const bool routine =
      on == SQL_ON_ROUTINE &&
      schema_find(c->schema, NS_FUNCTION, wanted->schema ? wanted->schema : "public", NULL, wanted->name);
  for (const struct object *o = c->schema->first; o; o = o->next)
    if (o->kind->ns == spaces[on] && is_kind(o, KIND_SEQUENCE) == (on == SQL_ON_SEQUENCE))
      spell_offer(&spell, o->name);
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_OBJECT, clauses->span, "\"%s\" is declared nowhere%s",
                                  wanted->name, routine ? " with these arguments" : "");
  if (spell.best && !routine)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

static void apply_top(struct compile *c, const struct node *clauses, bool grant, const struct sql_grant *g) {
  if (g->on == SQL_ON_ELSE) {
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_OUT_OF_PLACE, clauses->span,
                 "privileges on this kind of object are not kept here"),
        "PDL knows those on tables, views, sequences, functions, schemas, types, foreign servers and wrappers.");
    return;
  }
  for (size_t i = 0; i < g->object_count; i++) {
    struct object *o = g->all_in_schema ? NULL : meant(c, g->on, &g->objects[i]);
    if (g->all_in_schema)
      apply_to_all(c, clauses, grant, g, g->objects[i].name);
    else if (o)
      apply(c, clauses, grant, g, o);
    else if (!c->incomplete)
      unknown(c, clauses, g->on, &g->objects[i]);
  }
}

static void read_line(struct compile *c, const struct grant_line *line) {
  if (line->node->kind == NODE_ACCESS) {
    access_sequences(c, line->node, line->table);
    return;
  }
  const struct node *clauses = node_part(line->node, NODE_CLAUSES);
  const bool grant = line->node->kind == NODE_GRANT;
  struct sql_grant g;
  struct sql_error err = {0};
  if (!sql_parse_grant(c->sql, clauses->text, grant, line->table != NULL, &g, &err)) {
    compile_sql_error(c, clauses, &err, grant ? "grant" : "revoke");
    return;
  }
  for (size_t i = 0; i < g.role_count; i++)
    compile_role(c, g.roles[i].name, node_text_at(clauses, g.roles[i].at, (uint32_t)strlen(g.roles[i].name)));
  if (line->table)
    apply(c, clauses, grant, &g, line->table);
  else
    apply_top(c, clauses, grant, &g);
}

/* What the schema, or the database as it is, grants on new objects. */
static void defaults_may_give(const struct schema *s, struct privileges *p) {
  for EACH_OF_KIND(s, KIND_DEFAULT_PRIVILEGES, o) {
    const struct default_privileges *d = (const struct default_privileges *)o;
    if (d->role || d->of != p->of || p->object.parent->implied ||
        (d->in && (!p->object.schema || strcmp(d->in, p->object.schema) != 0)))
      continue;
    for (const struct grant *g = d->list; g; g = g->next) {
      privileges_may_have(s->arena, p, g->role);
      acl_add(s->arena, &p->usual, g->role, NULL, g->bits, g->options);
    }
    if (!d->in && (p->of == ACL_ROUTINE || p->of == ACL_TYPE)) /* it may be taken from everybody */
      privileges_may_have(s->arena, p, "public");
  }
}

/* As the schema says it, or NULL. */
static const char *owner_of(const struct privileges *p) {
  const struct owner *w = (const struct owner *)child_named(p->object.parent, KIND_OWNER, "owner");
  return w ? w->role : NULL;
}

static struct object *match_in(struct schema *s, const struct object *o) {
  schema_identify(s);
  return schema_same(s, o);
}

/* Nor of what is new: default privileges may give it some. */
static void say_nothing_of(struct schema *s, struct object *o) {
  const int version = s->target.version;
  enum acl_class of;
  if (class_of(o, &of) && !o->external && !privileges_of(o, own_name)) {
    struct privileges *p = add(s, o, own_name, of, version);
    p->list = p->usual = given(s->arena, o, of, version);
  }
  for EACH_CHILD(o, child) {
    const struct column *col = (const struct column *)child;
    const char *name = arena_printf(s->arena, "sequence of %s", child->name);
    if (!is_kind(child, KIND_COLUMN) || child->inherited || !(col->serial || col->identity) || privileges_of(o, name))
      continue;
    struct privileges *p = add(s, o, name, ACL_SEQUENCE, version);
    p->list = p->usual = given(s->arena, o, ACL_SEQUENCE, version);
    p->sequence = column_sequence(s->arena, col);
  }
}

/* Whether they are those of a column's sequence, which this table has not. */
static bool went_with_sequence(const struct privileges *p, const struct object *table) {
  for (const struct object *o = p->sequence ? table->first_child : NULL; o; o = o->next)
    if (is_kind(o, KIND_COLUMN) && (((const struct column *)o)->serial || ((const struct column *)o)->identity) &&
        strcmp(p->object.name + strlen("sequence of "), o->name) == 0)
      return false;
  return p->sequence != NULL;
}

/* What nobody granted in a model that says all was granted nowhere, but by the platform. */
static void say_nothing_more(struct schema *before, struct schema *after) {
  for EACH_OBJECT(before, o) {
    struct object *parent = is_kind(o, KIND_PRIVILEGES) && !o->external ? match_in(after, o->parent) : NULL;
    if (!parent || parent->external || privileges_of(parent, o->name))
      continue;
    const struct privileges *there = (const struct privileges *)o;
    if (went_with_sequence(there, parent))
      continue;
    struct privileges *p = add(after, parent, o->name, there->of, there->version);
    p->usual = given(after->arena, parent, p->of, p->version);
    platform_may_give(after, p);
    p->list = p->usual;
    p->sequence = there->sequence;
  }
  if (after->target.platform == PLATFORM_SUPABASE) /* which gives the same to all that is new */
    return;
  /* what is made anew, and sequences of old tables, are new as well */
  for (struct object *o = after->first; o; o = o->next)
    if (before->count[KIND_DEFAULT_PRIVILEGES] || !match_in(before, o))
      say_nothing_of(after, o);
}

void privileges_expect(struct schema *before, struct schema *after) {
  schema_identify(before);
  if (after->whole)
    say_nothing_more(before, after);
  for EACH_OBJECT(after, o) {
    if (!is_kind(o, KIND_PRIVILEGES))
      continue;
    struct privileges *p = (struct privileges *)o;
    const struct object *parent = schema_same(before, o->parent);
    const struct privileges *there = parent ? privileges_of((struct object *)(uintptr_t)parent, o->name) : NULL;
    if (there && there->owner && !owner_of(p)) /* the owner's own are not compared */
      acl_take(&p->list, there->owner, NULL, ~0u, false);
    if (!there || !there->owner)
      defaults_may_give(before, p);
    p->texts = acl_texts(after->arena, p->list, p->of, p->version);
  }
}

static void conclude(struct compile *c) {
  for (const struct grant_line *line = c->grants; line; line = line->next)
    read_line(c, line);
  for EACH_OBJECT(c->schema, o)
    if (is_kind(o, KIND_PRIVILEGES)) {
      struct privileges *p = (struct privileges *)o;
      if (owner_of(p))
        acl_take(&p->list, owner_of(p), NULL, ~0u, false);
      p->usual = given(c->arena, o->parent, p->of, p->version);
      defaults_may_give(c->schema, p);
      platform_may_give(c->schema, p);
      p->texts = acl_texts(c->arena, p->list, p->of, p->version);
    }
}

/* ── SQL ── */

static void add_target(const struct privileges *p, bool sql, struct strbuf *out) {
  const struct object *parent = p->object.parent;
  const bool bare = !sql && parent->schema && strcmp(parent->schema, "public") == 0; /* as PDL has it */
  if (p->sequence || p->of == ACL_SEQUENCE)
    strbuf_adds(out, "SEQUENCE ");
  else if (p->of == ACL_TYPE)
    strbuf_adds(out, "TYPE ");
  else if (p->of == ACL_TABLE)
    strbuf_adds(out, "TABLE ");
  else if (p->of == ACL_ROUTINE) /* an aggregate goes by function too */
    strbuf_adds(out, is_kind(parent, KIND_PROCEDURE) ? "PROCEDURE " : "FUNCTION ");
  else if (p->of == ACL_FOREIGN)
    strbuf_adds(out, is_kind(parent, KIND_SERVER) ? "FOREIGN SERVER " : "FOREIGN DATA WRAPPER ");
  if (p->sequence)
    sql_qualified(out, bare ? NULL : parent->schema, p->sequence);
  else if (p->of == ACL_SCHEMA)
    parent->kind->target_name(parent, out);
  else
    sql_qualified(out, bare ? NULL : parent->schema, parent->name);
  if (p->of == ACL_ROUTINE)
    strbuf_adds(out, parent->signature);
}

static void create(const struct object *o, struct strbuf *out) {
  const struct privileges *p = (const struct privileges *)o;
  struct arena arena = ARENA_INIT;
  struct strbuf target = STRBUF_INIT;
  struct grant *before = given(&arena, o->parent, p->of, p->version);
  for (size_t i = 0; i < p->may_have.n; i++)
    acl_take(&before, p->may_have.v[i], NULL, ~0u, false);
  add_target(p, true, &target);
  sql_change_grants(before, p->version, p->list, p->version, p->may_have, p->of, "", target.text,
                    out);
  strbuf_release(&target);
  arena_release(&arena);
}

static bool alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct privileges *before = (const struct privileges *)from, *after = (const struct privileges *)to;
  (void)fields;
  struct privileges named = *after;
  struct strbuf target = STRBUF_INIT;
  struct arena arena = ARENA_INIT;
  struct grant *list = NULL; /* what a new owner had been granted is his own now */
  for (const struct grant *g = before->list; g; g = g->next)
    if (!owner_of(after) || strcmp(g->role, owner_of(after)) != 0)
      acl_add(&arena, &list, g->role, g->column, g->bits, g->options);
  if (before->sequence)
    named.sequence = before->sequence;
  add_target(&named, true, &target);
  sql_change_grants(list, before->version, after->list, after->version, (struct names){0}, after->of, "",
                    target.text, out);
  strbuf_release(&target);
  arena_release(&arena);
  return true;
}

static bool is_given(const struct object *o) {
  const struct privileges *p = (const struct privileges *)o;
  /* it is new: default privileges may give it some */
  if (p->may_have.n && o->parent->match && went_with_sequence(p, o->parent->match))
    return false;
  struct arena arena = ARENA_INIT;
  const bool same =
      names_equal(p->texts, acl_texts(&arena, given(&arena, o->parent, p->of, p->version), p->of, p->version));
  arena_release(&arena);
  return same;
}

/* An identity's sequence has gone with that by then. */
static bool has_gone(const struct privileges *p) {
  const struct object *table = p->sequence ? p->object.parent->match : NULL;
  const struct object *col =
      table ? child_named(p->object.parent, KIND_COLUMN, p->object.name + strlen("sequence of ")) : NULL;
  return col && ((const struct column *)col)->identity && went_with_sequence(p, table);
}

/* Of a model that was written: back to what the object had before anybody spoke of it. */
static void drop(const struct object *o, struct strbuf *out) {
  const struct privileges *p = (const struct privileges *)o;
  if (has_gone(p))
    return;
  struct strbuf target = STRBUF_INIT;
  add_target(p, true, &target);
  sql_change_grants(p->list, p->version, p->usual, p->version, (struct names){0}, p->of, "", target.text, out);
  strbuf_release(&target);
}

/* What was granted on a column goes with one that is made anew. */
static bool leans(const struct object *o, const struct object *on, uint64_t fields) {
  bool any = false;
  if (is_kind(on, KIND_COLUMN) && on->parent == o->parent && on->match && fields == REPLACED)
    for (const struct grant *g = ((const struct privileges *)o)->list; g; g = g->next)
      any |= g->column && strcmp(g->column, on->name) == 0;
  return any;
}

/* ── PDL ── */

static void print(const struct object *o, struct strbuf *out) {
  const struct privileges *p = (const struct privileges *)o;
  if ((is_given(o) && !p->stripped) || o->external)
    return;
  struct strbuf target = STRBUF_INIT;
  if (!privileges_in_block(o))
    add_target(p, false, &target);
  for (char *letter = target.text; *letter >= 'A' && *letter <= 'Z'; letter++)
    *letter = (char)(*letter + 'a' - 'A');
  struct arena arena = ARENA_INIT;
  pdl_grants(given(&arena, o->parent, p->of, p->version), p->list, p->of, p->version, "", target.text, out);
  if (p->stripped)
    strbuf_addf(out, "revoke all%s%s from anon, authenticated, service_role\n", target.len ? " on " : "", target.text);
  arena_release(&arena);
  strbuf_release(&target);
}

bool privileges_in_block(const struct object *o) {
  return is_kind(o->parent, KIND_TABLE) && !((const struct privileges *)o)->sequence;
}

/* ── catalog ── */

#define OWNED_BY(what)                                                                                                \
  "CASE WHEN c.relkind = 'S' THEN (SELECT " what " FROM pg_catalog.pg_depend d WHERE d.classid = 1259"                \
  " AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = 1259 AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) END"
#define OWNER(oid) "pg_catalog.pg_get_userbyid(" oid ")"
/* One row an object that has a list of its own: its class and oid, the column whose sequence it is and that sequence,
 * the list, the owner, the sequence's own oid. Asked for in pieces: few databases have lists of all. */
#define LISTS(class, oid, list, owner) \
  "SELECT " class ", " oid ", NULL, NULL, " list "::text[], " OWNER(owner) ", NULL FROM pg_catalog."

static const char *query_of_relations(int version) {
  (void)version;
  return "SELECT 'pg_class', coalesce(o.refobjid, o.oid) AS oid, CASE WHEN o.refobjid <> 0 THEN"
         " (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = o.refobjid AND a.attnum = o.refobjsubid) END AS of,"
         " CASE WHEN o.refobjid <> 0 THEN o.relname END, o.relacl::text[], o.owner, o.oid AS sequence"
         " FROM (SELECT c.oid, c.relname, c.relacl, " OWNER("c.relowner") " AS owner, " OWNED_BY("d.refobjid") " AS refobjid, "
         OWNED_BY("d.refobjsubid") " AS refobjsubid FROM pg_catalog.pg_class c WHERE c.relacl IS NOT NULL"
         " AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relnamespace = ANY ($1)) o ORDER BY oid, of NULLS FIRST";
}

static const char *query_of_routines(int version) {
  (void)version;
  return LISTS("'pg_proc'", "p.oid", "p.proacl", "p.proowner")
         "pg_proc p WHERE p.proacl IS NOT NULL AND p.pronamespace = ANY ($1) ORDER BY p.oid";
}

static const char *query_of_servers(int version) {
  (void)version;
  return LISTS("'pg_foreign_server'", "s.oid", "s.srvacl", "s.srvowner") "pg_foreign_server s WHERE s.srvacl IS NOT NULL"
         " UNION ALL " LISTS("'pg_foreign_data_wrapper'", "w.oid", "w.fdwacl", "w.fdwowner")
         "pg_foreign_data_wrapper w WHERE w.fdwacl IS NOT NULL ORDER BY 1, 2";
}

static const char *query_of_types(int version) {
  (void)version;
  return LISTS("CASE WHEN t.typtype = 'c' THEN 'pg_class' ELSE 'pg_type' END",
               "CASE WHEN t.typtype = 'c' THEN t.typrelid ELSE t.oid END", "t.typacl", "t.typowner")
         "pg_type t WHERE t.typacl IS NOT NULL AND t.typnamespace = ANY ($1)"
         " AND coalesce((SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid), true) ORDER BY 2";
}

/* The last row stands for what was noted of columns: another look at all of them would take long. */
static const char *query(int version) {
  (void)version;
  return LISTS("'pg_namespace'", "n.oid", "n.nspacl", "n.nspowner")
         "pg_namespace n WHERE n.nspacl IS NOT NULL AND n.oid = ANY ($1)"
         " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL ORDER BY 2";
}

struct column_grants {
  const char *table, *column, *owner;
  struct names list;
};

void privileges_note_column(struct catalog *c, const struct row *row, int table, int column, int text, int owner) {
  struct arena *arena = c->schema->arena;
  struct column_grants *g = arena_alloc(arena, sizeof *g);
  *g = (struct column_grants){.table = row_text(row, table),
                              .column = row_text(row, column),
                              .owner = row_text(row, owner),
                              .list = row_names(arena, row, text)};
  map_add(&c->column_grants, arena_printf(arena, "%s.%s", g->table, g->column), g);
}

static void read_list(struct catalog *c, struct privileges *p, const char *column, const char *owner,
                      struct names list) {
  p->owner = owner;
  acl_read(c->schema->arena, list, owner, column, &p->list);
  p->texts = acl_texts(c->schema->arena, p->list, p->of, p->version);
}

static void read_of_columns(struct catalog *c) {
  for (const struct map_entry *e = map_first(&c->column_grants); e; e = map_next(e)) {
    const struct column_grants *g = map_value(e);
    struct object *parent = catalog_get(c, "pg_class", g->table);
    enum acl_class of;
    if (!class_of(parent, &of))
      continue;
    struct privileges *p = privileges_of(parent, own_name);
    if (!p)
      p = add(c->schema, parent, own_name, of, c->version);
    read_list(c, p, g->column, g->owner, g->list);
  }
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  const char *class_name = row_peek(row, 0), *of_column = row_peek(row, 2);
  if (!class_name) {
    read_of_columns(c);
    return;
  }
  struct object *parent = catalog_get(c, class_name, row_peek(row, 1));
  struct object *owned = of_column ? catalog_owned_sequence(c, row_peek(row, 6)) : NULL;
  if (owned) {
    parent = owned;
    of_column = NULL;
  }
  enum acl_class of = ACL_SEQUENCE;
  if (!parent || (!of_column && !class_of(parent, &of)))
    return;
  const char *name = of_column ? arena_printf(arena, "sequence of %s", of_column) : own_name;
  struct privileges *p = add(c->schema, parent, name, of, c->version);
  p->sequence = of_column ? row_text(row, 3) : NULL;
  read_list(c, p, NULL, row_text(row, 5), row_names(arena, row, 4));
}

const struct lookup relation_lists_lookup = {query_of_relations, read, "grants on a relation", KIND_PRIVILEGES, true};
const struct lookup routine_lists_lookup = {query_of_routines, read, "pg_proc", KIND_PRIVILEGES, true};
const struct lookup server_lists_lookup = {query_of_servers, read, "pg_foreign_server, pg_foreign_data_wrapper",
                                           KIND_PRIVILEGES, true};
const struct lookup type_lists_lookup = {query_of_types, read, "grants on a type", KIND_PRIVILEGES, true};

static const struct field fields[] = {
    FIELD(privileges, texts, FIELD_NAME_SET, "grants"),
    FIELD_END,
};

const struct kind privileges_kind = {
    .word = "privileges",
    .size = sizeof(struct privileges),
    .ns = NS_NONE,
    .fields = fields,
    .nodes = {NODE_GRANT, NODE_REVOKE, NODE_ACCESS},
    .declare = declare,
    .conclude = conclude,
    .create = create,
    .drop = drop,
    .alter = alter,
    .given = is_given,
    .leans = leans,
    .optional = true,
    .spared = true,
    .print = print,
    .query = query,
    .read = read,
};
