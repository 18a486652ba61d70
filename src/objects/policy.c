/* policy: who may see and write which rows; of a table, or of an external one, where the policy alone is ours. */
#include <ctype.h>
#include <stdlib.h>

#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *table) {
  const struct node *clauses = node_part(n, NODE_CLAUSES);
  struct sql_policy *parsed = arena_alloc(c->arena, sizeof *parsed);
  struct sql_error err = {0};
  if (!sql_parse_policy(c->sql, clauses->text, parsed, &err)) {
    compile_sql_error(c, clauses, &err, "policy");
    return;
  }
  struct policy *p = compile_object(c, KIND_POLICY, n, table);
  if (!p)
    return;
  p->object.external = false;
  p->node = n;
  p->parsed = parsed;
  p->command = parsed->command;
  p->restrictive = parsed->restrictive;
  p->roles.v = arena_array(c->arena, parsed->role_count + 1, sizeof *p->roles.v);
  for (size_t i = 0; i < parsed->role_count; i++) {
    const struct sql_role *role = &parsed->roles[i];
    compile_role(c, role->name, node_text_at(clauses, role->at, (uint32_t)strlen(role->name)));
    if (!names_hold(p->roles, role->name))
      p->roles.v[p->roles.n++] = role->name;
  }
  if (p->roles.n == 0 || names_hold(p->roles, "public")) { /* which takes in all others */
    p->roles.n = 1;
    p->roles.v[0] = "public";
  }
}

/* ── linking ── */

static void link_expr(struct compile *c, const struct node *clauses, const struct sql_statement *s, struct object *o,
                      struct expr *out) {
  const struct object *table = o->parent;
  if (!s->text)
    return;
  for (size_t i = 0; i < s->ref_count && !table->external; i++) {
    const struct sql_ref *ref = &s->refs[i];
    const struct span at = node_text_at(clauses, s->from + ref->at, (uint32_t)strlen(ref->name));
    const bool own = ref->schema && strcmp(ref->schema, table->name) == 0;
    if (ref->kind == SQL_REF_COLUMN) /* too much is made anew with a column rather than too little */
      object_depend(c->schema, o, child_named(table, KIND_COLUMN, ref->name));
    if (ref->kind != SQL_REF_COLUMN || (!own && sql_in_subquery(s->text, ref->at)))
      continue; /* tables in a subquery have columns too */
    if (ref->schema && !own && !c->incomplete)
      diagnose(c->diagnostics, PDL_SQL_NOT_ALLOWED, at, "a policy of \"%s\" knows no \"%s\"", table->name, ref->schema);
    else if (!table_column(table, ref->name) && !is_system_column(ref->name) && strcmp(ref->name, table->name) != 0)
      compile_unknown_column(c, at, ref->name, table);
  }
  out->span = node_text_at(clauses, s->from, (uint32_t)strlen(s->text));
  out->sql = compile_statement(c, clauses, s->from, s, o, false);
  expr_simplify(c->arena, out, NULL);
}

/* What Postgres refuses (CreatePolicy in commands/policy.c). */
static void check_command(struct compile *c, const struct policy *p) {
  const bool insert = strcmp(p->command, "insert") == 0;
  const bool reads = strcmp(p->command, "select") == 0 || strcmp(p->command, "delete") == 0;
  if (insert && p->using_.sql)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, p->using_.span, "a policy for insert has no \"using\""),
                    "New rows are checked: write with check (…).");
  if (reads && p->check.sql)
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_OUT_OF_PLACE, p->check.span, "a policy for %s has no \"with check\"", p->command),
        "Nothing is written: write using (…).");
}

static void link(struct compile *c, struct object *o) {
  struct policy *p = (struct policy *)o;
  const struct node *clauses = node_part(p->node, NODE_CLAUSES);
  compile_needs(c, p->node, o);
  link_expr(c, clauses, &p->parsed->using_, o, &p->using_);
  link_expr(c, clauses, &p->parsed->check, o, &p->check);
  check_command(c, p);
}

/* ── SQL ── */

static void add_roles(struct names roles, struct strbuf *out) {
  strbuf_adds(out, " TO ");
  for (size_t i = 0; i < roles.n; i++) {
    strbuf_adds(out, i ? ", " : "");
    sql_ident(out, roles.v[i]);
  }
}

static void add_expr(const char *word, const struct expr *e, struct strbuf *out) {
  if (e->sql)
    strbuf_addf(out, " %s (%s%s)", word, e->sql, strstr(e->sql, "--") ? "\n" : "");
}

static void named(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "POLICY ");
  sql_ident(out, o->name);
  strbuf_adds(out, " ON ");
  sql_object(out, o->parent);
}

static void create(const struct object *o, struct strbuf *out) {
  const struct policy *p = (const struct policy *)o;
  strbuf_adds(out, "CREATE ");
  named(o, out);
  if (p->restrictive)
    strbuf_adds(out, " AS RESTRICTIVE");
  if (strcmp(p->command, "all") != 0) {
    strbuf_adds(out, " FOR ");
    for (const char *letter = p->command; *letter; letter++)
      strbuf_addc(out, (char)toupper((unsigned char)*letter));
  }
  if (!names_hold(p->roles, "public"))
    add_roles(p->roles, out);
  add_expr("USING", &p->using_, out);
  add_expr("WITH CHECK", &p->check, out);
  strbuf_adds(out, ";\n");
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP ");
  named(o, out);
  strbuf_adds(out, ";\n");
}

/* In the order of the fields. */
enum { POLICY_COMMAND = 1, POLICY_RESTRICTIVE = 2, POLICY_ROLES = 4, POLICY_USING = 8, POLICY_CHECK = 16 };

/* An expression can be altered, but not taken away. */
static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct policy *p = (const struct policy *)after;
  (void)before;
  if (fields & (POLICY_COMMAND | POLICY_RESTRICTIVE) || (fields & POLICY_USING && !p->using_.sql) ||
      (fields & POLICY_CHECK && !p->check.sql))
    return false;
  strbuf_adds(out, "ALTER ");
  named(after, out);
  if (fields & POLICY_ROLES)
    add_roles(p->roles, out);
  if (fields & POLICY_USING)
    add_expr("USING", &p->using_, out);
  if (fields & POLICY_CHECK)
    add_expr("WITH CHECK", &p->check, out);
  strbuf_adds(out, ";\n");
  return true;
}

/* Who asks stands in most policies of Supabase's; the server prints it with a name that nobody wrote. */
static void print_expr(const struct object *policy, const char *word, const struct expr *e, struct strbuf *out) {
  static const char *const calls[] = {"uid", "role", "jwt", "email"};
  const char *text = e->compared ? e->compared : e->sql;
  if (!text)
    return;
  struct strbuf said = STRBUF_INIT;
  while (*text) {
    char printed[48];
    int n = 0;
    for (size_t i = 0; !n && *text == '(' && i < ARRAY_LEN(calls); i++) {
      const int len = snprintf(printed, sizeof printed, "( SELECT auth.%s() AS %s)", calls[i], calls[i]);
      if (strncmp(text, printed, (size_t)len) == 0) {
        strbuf_addf(&said, "(select auth.%s())", calls[i]);
        n = len;
      }
    }
    if (!n)
      strbuf_addc(&said, *text);
    text += n ? n : 1;
  }
  strbuf_addf(out, "%s (", word);
  pdl_expr(out, policy, &(struct expr){.sql = said.text});
  strbuf_addc(out, ')');
  strbuf_release(&said);
}

static void print(const struct object *o, struct strbuf *out) {
  const struct policy *p = (const struct policy *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "policy ");
  pdl_word(out, o->name);
  strbuf_addf(out, "%s for %s", p->restrictive ? " as restrictive" : "", p->command);
  struct strbuf roles = STRBUF_INIT;
  for (size_t i = 0; i < p->roles.n && !names_hold(p->roles, "public"); i++) {
    strbuf_adds(&roles, i ? ", " : " to ");
    sql_ident(&roles, p->roles.v[i]);
  }
  pdl_clauses(out, roles.text);
  strbuf_release(&roles);
  print_expr(o, " using", &p->using_, out);
  print_expr(o, " with check", &p->check, out);
  strbuf_addc(out, '\n');
}

/* ── catalog ── */

/* Policies on tables elsewhere are read too, but those of extensions, and none for a twin. */
static const char *query(int version) {
  (void)version;
  return "SELECT p.polrelid, p.polname, p.oid, NOT p.polpermissive, CASE p.polcmd WHEN 'r' THEN 'select' WHEN "
         "'a' THEN 'insert'"
         " WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' ELSE 'all' END,"
         " p.polroles::pg_catalog.regrole[], pg_catalog.pg_get_expr(p.polqual, p.polrelid),"
         " pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid), c.relnamespace, c.relname"
         " FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid"
         " WHERE (c.relnamespace = ANY ($1) OR NOT pg_catalog.pg_my_temp_schema() = ANY ($1))"
         " AND NOT pg_catalog.pg_is_other_temp_schema(c.relnamespace) ORDER BY c.relnamespace::pg_catalog.regnamespace::text, c.relname, p.polname";
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* As regrole prints them, "-" for all. */
static struct names roles_of(struct arena *arena, struct names printed) {
  const char *schema_name;
  for (size_t i = 0; i < printed.n; i++) {
    if (strcmp(printed.v[i], "-") == 0) {
      printed.v[0] = "public";
      printed.n = 1;
      return printed;
    }
    catalog_split_name(arena, printed.v[i], &schema_name, &printed.v[i]);
  }
  qsort(printed.v, printed.n, sizeof *printed.v, by_name);
  return printed;
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  if (catalog_of_extension(c, "pg_class", row_peek(row, 0)))
    return;
  struct object *table = catalog_table(c, row, 0, 8);
  struct policy *p = schema_add(c->schema, KIND_POLICY, table->schema, row_text(row, 1), table);
  p->restrictive = row_flag(row, 3);
  p->command = row_text(row, 4);
  p->roles = roles_of(arena, row_names(arena, row, 5));
  p->using_.sql = row_text(row, 6);
  expr_simplify(arena, &p->using_, NULL);
  p->check.sql = row_text(row, 7);
  catalog_keep(c, "pg_policy", row_peek(row, 2), &p->object);
  expr_simplify(arena, &p->check, NULL);
}

static const struct field fields[] = {
    FIELD(policy, command, FIELD_TEXT, "for"),
    FIELD(policy, restrictive, FIELD_FLAG, "restrictive"),
    FIELD(policy, roles, FIELD_NAME_SET, "to"),
    FIELD(policy, using_, FIELD_EXPR, "using"),
    FIELD(policy, check, FIELD_EXPR, "with check"),
    FIELD_END,
};

const struct kind policy_kind = {
    .word = "policy",
    .size = sizeof(struct policy),
    .ns = NS_POLICY,
    .fields = fields,
    .nodes = {NODE_POLICY},
    .declare = declare,
    .link = link,
    .advise = advise_policy,
    .create = create,
    .target_name = named,
    .drop = drop,
    .alter = alter,
    .print = print,
    .scratch = true,
    .reads = READS_TABLE,
    .query = query,
    .sorts = "pg_policy",
    .read = read,
};
