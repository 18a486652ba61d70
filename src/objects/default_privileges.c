/* default privileges: what is granted on new tables, sequences, functions, types and schemas. One object each of them,
 * owner and schema. */
#include "objects/objects.h"

static const struct {
  enum sql_grant_on on;
  enum acl_class of;
  const char *word;
  char letter; /* pg_default_acl.defaclobjtype */
} sorts[] = {
    {SQL_ON_TABLE, ACL_TABLE, "tables", 'r'},   {SQL_ON_SEQUENCE, ACL_SEQUENCE, "sequences", 'S'},
    {SQL_ON_ROUTINE, ACL_ROUTINE, "functions", 'f'}, {SQL_ON_TYPE, ACL_TYPE, "types", 'T'},
    {SQL_ON_SCHEMA, ACL_SCHEMA, "schemas", 'n'},
};

static const char *word_of(const struct default_privileges *d) {
  for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
    if (sorts[i].of == d->of)
      return sorts[i].word;
  return "";
}

/* In a schema they come on top of those that hold everywhere. */
static struct grant *given(struct arena *arena, const struct default_privileges *d) {
  struct grant *list = NULL;
  if (!d->in)
    acl_give(arena, &list, d->of);
  return list;
}

/* Made of what they are for. */
static const char *name_of(struct arena *arena, const struct default_privileges *d) {
  return arena_printf(arena, "on %s%s%s%s%s", word_of(d), d->in ? " in schema " : "", d->in ? d->in : "",
                      d->role ? " for role " : "", d->role ? d->role : "");
}

static struct default_privileges *add(struct schema *s, enum acl_class of, const char *role, const char *in,
                                      int version) {
  const struct default_privileges wanted = {.of = of, .role = role, .in = in};
  struct default_privileges *d = schema_add(s, KIND_DEFAULT_PRIVILEGES, NULL, name_of(s->arena, &wanted), NULL);
  d->of = of;
  d->role = role;
  d->in = in;
  d->version = version;
  return d;
}

void default_privileges_follow(struct arena *arena, struct object *o, const char *from, const char *to) {
  struct default_privileges *d = (struct default_privileges *)o;
  if (!d->in || strcmp(d->in, from) != 0)
    return;
  d->in = to;
  o->name = name_of(arena, d);
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static struct default_privileges *find(struct compile *c, enum acl_class of, const char *role, const char *in,
                                       struct span span) {
  for EACH_OF_KIND(c->schema, KIND_DEFAULT_PRIVILEGES, o) {
    struct default_privileges *d = (struct default_privileges *)o;
    if (d->of == of && same_text(d->role, role) && same_text(d->in, in))
      return d;
  }
  struct default_privileges *d = add(c->schema, of, role, in, c->schema->target.version);
  d->object.span = span;
  d->list = given(c->arena, d);
  return d;
}

static void note_roles(struct compile *c, const struct node *clauses, const struct sql_role *roles, size_t count) {
  for (size_t i = 0; i < count; i++)
    compile_role(c, roles[i].name, node_text_at(clauses, roles[i].at, (uint32_t)strlen(roles[i].name)));
}

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  const struct node *clauses = node_part(n, NODE_CLAUSES);
  struct sql_defaults said;
  struct sql_error err = {0};
  (void)parent;
  compile_allow(c, n);
  if (!sql_parse_defaults(c->sql, clauses->text, &said, &err)) {
    compile_sql_error(c, clauses, &err, "default privileges");
    return;
  }
  note_roles(c, clauses, said.what.roles, said.what.role_count);
  note_roles(c, clauses, said.owners, said.owner_count);
  enum acl_class of = ACL_TABLE;
  for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
    if (sorts[i].on == said.what.on)
      of = sorts[i].of;
  for (size_t o = 0; o < (said.owner_count ? said.owner_count : 1); o++)
    for (size_t s = 0; s < (said.schema_count ? said.schema_count : 1); s++) {
      struct default_privileges *d = find(c, of, said.owner_count ? said.owners[o].name : NULL,
                                          said.schema_count ? said.schemas[s] : NULL, n->span);
      acl_apply(c, clauses, said.grant, &said.what, of, d->version, &d->list);
      if (d->role)
        acl_take(&d->list, d->role, NULL, ~0u, false); /* what is his own he may do anyway */
      d->texts = acl_texts(c->arena, d->list, d->of, d->version);
    }
}

static void link(struct compile *c, struct object *o) {
  const struct default_privileges *d = (const struct default_privileges *)o;
  struct object *in = d->in ? schema_find(c->schema, NS_SCHEMA, NULL, NULL, d->in) : NULL;
  if (in)
    object_depend(c->schema, o, in);
  else if (d->in && !c->incomplete && c->schema->target.platform != PLATFORM_SUPABASE)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_UNKNOWN_SCHEMA, o->span, "unknown schema \"%s\"", d->in),
                    "Declare it on a line of its own: schema %s.", d->in);
}

/* ── SQL ── */

static void add_head(const char *words, const struct default_privileges *d, bool sql, struct strbuf *out) {
  strbuf_adds(out, words);
  if (d->role) {
    strbuf_adds(out, sql ? "FOR ROLE " : "for role ");
    sql_ident(out, d->role);
    strbuf_addc(out, ' ');
  }
  if (d->in) {
    strbuf_adds(out, sql ? "IN SCHEMA " : "in schema ");
    sql_ident(out, d->in);
    strbuf_addc(out, ' ');
  }
}

static void change(const struct grant *before, int version, const struct default_privileges *after,
                   struct strbuf *out) {
  static const char *const words[] = {[ACL_TABLE] = "TABLES",
                                      [ACL_SEQUENCE] = "SEQUENCES",
                                      [ACL_ROUTINE] = "FUNCTIONS",
                                      [ACL_TYPE] = "TYPES",
                                      [ACL_SCHEMA] = "SCHEMAS"};
  struct strbuf head = STRBUF_INIT;
  add_head("ALTER DEFAULT PRIVILEGES ", after, true, &head);
  sql_change_grants(before, version, after->list, after->version, (struct names){0}, after->of, head.text,
                    words[after->of], out);
  strbuf_release(&head);
}

static void create(const struct object *o, struct strbuf *out) {
  const struct default_privileges *d = (const struct default_privileges *)o;
  struct arena arena = ARENA_INIT;
  change(given(&arena, d), d->version, d, out);
  arena_release(&arena);
}

/* What is made along is not given what was taken away. */
static void first(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct default_privileges *before = (const struct default_privileges *)from;
  (void)fields;
  if (to)
    change(before->list, before->version, (const struct default_privileges *)to, out);
}

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before, (void)after, (void)fields, (void)out;
  return true;
}

static void drop(const struct object *o, struct strbuf *out) {
  const struct default_privileges *d = (const struct default_privileges *)o;
  struct arena arena = ARENA_INIT;
  struct default_privileges none = *d;
  none.list = given(&arena, d);
  change(d->list, d->version, &none, out);
  arena_release(&arena);
}

static bool is_given(const struct object *o) {
  const struct default_privileges *d = (const struct default_privileges *)o;
  struct arena arena = ARENA_INIT;
  const bool same = names_equal(d->texts, acl_texts(&arena, given(&arena, d), d->of, d->version));
  arena_release(&arena);
  return same;
}

static void print(const struct object *o, struct strbuf *out) {
  const struct default_privileges *d = (const struct default_privileges *)o;
  if (is_given(o))
    return;
  struct arena arena = ARENA_INIT;
  struct strbuf head = STRBUF_INIT;
  add_head("default privileges ", d, false, &head);
  pdl_grants(given(&arena, d), d->list, d->of, d->version, head.text, word_of(d), out);
  strbuf_release(&head);
  arena_release(&arena);
}

/* ── catalog ── */

/* Without a role: whose they are is who compares. */
static const char *query(int version) {
  (void)version;
  return "SELECT d.defaclobjtype, CASE WHEN r.rolname <> current_user THEN r.rolname END, n.nspname, "
         "d.defaclacl::text[], r.rolname"
         " FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles r ON r.oid = d.defaclrole"
         " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace"
         " WHERE d.defaclnamespace = 0 AND NOT pg_catalog.pg_my_temp_schema() = ANY ($1) OR d.defaclnamespace = ANY "
         "($1)"
         " ORDER BY 1, 3, 5";
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  for (size_t i = 0; i < ARRAY_LEN(sorts); i++) {
    if (sorts[i].letter != *row_peek(row, 0))
      continue;
    struct default_privileges *d = add(c->schema, sorts[i].of, row_text(row, 1), row_text(row, 2), c->version);
    acl_read(arena, row_names(arena, row, 3), row_peek(row, 4), NULL, &d->list);
    d->texts = acl_texts(arena, d->list, d->of, d->version);
  }
}

static const struct field fields[] = {
    FIELD(default_privileges, texts, FIELD_NAME_SET, "grants"),
    FIELD_END,
};

const struct kind default_privileges_kind = {
    .word = "default privileges",
    .size = sizeof(struct default_privileges),
    .ns = NS_NONE,
    .fields = fields,
    .nodes = {NODE_DEFAULT_PRIVILEGES},
    .declare = declare,
    .link = link,
    .create = create,
    .drop = drop,
    .first = first,
    .alter = alter,
    .given = is_given,
    .optional = true,
    .print = print,
    .query = query,
    .sorts = "pg_default_acl",
    .read = read,
};
