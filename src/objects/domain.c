/* domain: CREATE DOMAIN, with any number of checks. */
#include <string.h>

#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  static const enum node_kind known[] = {NODE_TYPE,     NODE_DEFAULT,   NODE_CHECK, NODE_COLLATE,
                                         NODE_NOT_NULL, NODE_NOT_VALID, NODE_KINDS};
  struct domain *d = compile_object(c, KIND_DOMAIN, n, NULL);
  compile_only(c, n, known);
  if (!d)
    return;
  d->node = n;
  d->not_null = compile_clause(c, n, NODE_NOT_NULL) != NULL;
  const struct node *type = node_part(n, NODE_TYPE);
  if (type && type->optional)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, type->span, "a domain takes no \"?\""),
                    "A domain admits null unless it says not null; each column decides for itself.");
}

static bool reaches(const struct type_ref *t, const struct object *o) {
  for (const struct object *at = t->object; at && is_kind(at, KIND_DOMAIN);
       at = ((const struct domain *)at)->type.object)
    if (at == o)
      return true;
  return false;
}

static bool is_given(const struct node *domain, const char *name) {
  for (const struct node *part = domain->parts; part; part = part->next)
    if (part->kind == NODE_CHECK && part->name.text && strcmp(part->name.text, name) == 0)
      return true;
  return false;
}

/* Unnamed checks are numbered as Postgres does: x_check, x_check1 … */
static const char *check_name(struct compile *c, const struct domain *d, const struct node *n) {
  if (n->name.text)
    return n->name.text;
  const char *base = arena_printf(c->arena, "%s_check", d->object.name), *name = name_shorten(c->arena, base);
  for (unsigned number = 1;; number++) {
    bool taken = is_given(d->node, name);
    for (const struct domain_check *each = d->checks; each; each = each->next)
      taken |= strcmp(each->name, name) == 0;
    if (!taken)
      return name;
    name = name_shorten(c->arena, arena_printf(c->arena, "%s%u", base, number));
  }
}

static void add_check(struct arena *arena, struct domain *d, const char *name, struct expr expr, bool not_valid,
                      const char *comment) {
  struct domain_check *check = arena_alloc(arena, sizeof *check);
  *check = (struct domain_check){.name = name, .expr = expr, .not_valid = not_valid};
  struct domain_check **end = &d->checks;
  while (*end)
    end = &(*end)->next;
  *end = check;
  const char **texts = arena_array(arena, d->check_texts.n + 1, sizeof *texts);
  if (d->check_texts.n)
    memcpy(texts, d->check_texts.v, d->check_texts.n * sizeof *texts);
  texts[d->check_texts.n] = arena_printf(arena, "%s: %s%s", name,
                                         expr.compared ? expr.compared
                                         : expr.sql    ? expr.sql
                                                       : "",
                                         not_valid ? " not valid" : "");
  if (comment && *comment)
    setting_add(arena, &d->remarks, name, comment);
  d->check_texts.v = texts;
  d->check_texts.n++;
}

static void link(struct compile *c, struct object *o) {
  struct domain *d = (struct domain *)o;
  bool serial;
  d->type = compile_type(c, node_part(d->node, NODE_TYPE), o, &serial);
  if (serial)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, d->type.span, "a domain cannot be serial");
  if (reaches(&d->type, o)) {
    diagnose(c->diagnostics, PDL_CYCLE, d->type.span, "domain \"%s\" is made of itself", o->name);
    d->type.object = NULL;
  }
  const struct node *collate = compile_clause(c, d->node, NODE_COLLATE),
                    *value = compile_clause(c, d->node, NODE_DEFAULT);
  if (collate)
    d->collation = compile_collation(c, collate, o);
  if (value) {
    d->default_ = compile_expr(c, value, o, NULL, EXPR_NO_COLUMNS, "default");
    compile_default(c, value, d->default_, &d->type);
    expr_simplify(c->arena, &d->default_, &d->type);
  }
  for (const struct node *part = d->node->parts, *before = NULL; part; before = part, part = part->next) {
    if (part->kind == NODE_NOT_VALID && (!before || before->kind != NODE_CHECK))
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, part->span, "\"not valid\" stands behind a check");
    if (part->kind != NODE_CHECK)
      continue;
    struct expr expr = compile_expr(c, part, o, NULL, EXPR_VALUE, "check");
    expr_simplify(c->arena, &expr, NULL);
    const bool not_valid = node_part(part, NODE_NOT_VALID) || (part->next && part->next->kind == NODE_NOT_VALID);
    add_check(c->arena, d, check_name(c, d, part), expr, not_valid, part->doc ? part->doc->text : NULL);
  }
}

/* One over another takes its default when it is made. */
static void linked(struct compile *c, struct object *o) {
  (void)c;
  const struct domain *d = (const struct domain *)o;
  while (!d->default_.sql && d->type.object && !d->type.dimensions && is_kind(d->type.object, KIND_DOMAIN))
    d = (const struct domain *)d->type.object;
  ((struct domain *)o)->default_ = d->default_;
}

static void alter_domain(const struct object *o, const char *what, const char *name, const char *expr,
                         struct strbuf *out) {
  strbuf_adds(out, "ALTER DOMAIN ");
  sql_object(out, o);
  strbuf_addf(out, " %s", what);
  if (name) {
    strbuf_addc(out, ' ');
    sql_ident(out, name);
  }
  if (name && expr)
    strbuf_addf(out, " CHECK (%s)", expr);
  else if (expr)
    strbuf_addf(out, " %s", expr);
  strbuf_adds(out, ";\n");
}

static void add_by_alter(const struct object *o, const struct domain_check *check, struct strbuf *out) {
  alter_domain(o, "ADD CONSTRAINT", check->name, check->expr.sql, out);
  if (check->not_valid) {
    strbuf_truncate(out, out->len - strlen(";\n"));
    strbuf_adds(out, " NOT VALID;\n");
  }
}

static void check_target(const struct object *o, const char *check, struct strbuf *out) {
  strbuf_adds(out, "CONSTRAINT ");
  sql_ident(out, check);
  strbuf_adds(out, " ON DOMAIN ");
  sql_object(out, o);
}

static void remarks(const struct object *o, struct strbuf *out) {
  sql_remarks(o, check_target, ((const struct domain *)o)->remarks, out);
}

static void create(const struct object *o, struct strbuf *out) {
  const struct domain *d = (const struct domain *)o;
  strbuf_adds(out, "CREATE DOMAIN ");
  sql_object(out, o);
  strbuf_adds(out, " AS ");
  sql_type(out, &d->type);
  if (d->collation)
    strbuf_addf(out, " COLLATE %s", d->collation);
  sql_default(out, &d->default_);
  if (d->not_null)
    strbuf_adds(out, " NOT NULL");
  for (const struct domain_check *check = d->checks; check; check = check->next) {
    if (check->not_valid)
      continue;
    strbuf_adds(out, "\n  CONSTRAINT ");
    sql_ident(out, check->name);
    strbuf_addf(out, " CHECK (%s)", check->expr.sql);
  }
  strbuf_adds(out, ";\n");
  for (const struct domain_check *check = d->checks; check; check = check->next)
    if (check->not_valid)
      add_by_alter(o, check, out);
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP DOMAIN ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

enum { DOMAIN_TYPE = 1, DOMAIN_DEFAULT = 2, DOMAIN_COLLATION = 4, DOMAIN_NOT_NULL = 8, DOMAIN_CHECKS = 16, DOMAIN_REMARKS = 32 };

/* Postgres checks no values within arrays and rows, and so adds nothing to check there. */
static bool is_within(const struct object *domain) {
  for (const struct depend *d = domain->dependents; d; d = d->next) {
    if (is_kind(d->on, KIND_DOMAIN) || (is_kind(d->on, KIND_COLUMN) && is_kind(d->on->parent, KIND_COMPOSITE)))
      return true;
    if (is_kind(d->on, KIND_COLUMN) && ((const struct column *)d->on)->type.dimensions)
      return true;
  }
  return false;
}

bool domain_adds_to_check(const struct object *from, const struct object *to) {
  const struct domain *before = (const struct domain *)from, *after = (const struct domain *)to;
  for (size_t i = 0; i < after->check_texts.n; i++)
    if (!names_hold(before->check_texts, after->check_texts.v[i]))
      return true;
  return after->not_null && !before->not_null;
}

/* A check that is made anew has lost what was said of it, and one that is gone wants nothing to be said. */
static void alter_remarks(const struct domain *before, const struct domain *after, struct strbuf *out) {
  const struct domain_check *check = after->checks;
  for (size_t i = 0; check; check = check->next, i++) {
    const char *is = setting_get(after->remarks, check->name);
    const char *was = names_hold(before->check_texts, after->check_texts.v[i])
                          ? setting_get(before->remarks, check->name) : NULL;
    if (is ? !was || strcmp(was, is) != 0 : was != NULL)
      sql_remark(&after->object, check_target, check->name, is, out);
  }
}

static bool alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  const struct domain *before = (const struct domain *)from, *after = (const struct domain *)to;
  if (fields & (DOMAIN_TYPE | DOMAIN_COLLATION) || (domain_adds_to_check(from, to) && is_within(from)))
    return false;
  for (size_t i = 0; i < before->check_texts.n && fields & DOMAIN_CHECKS; i++)
    if (!names_hold(after->check_texts, before->check_texts.v[i])) {
      const struct domain_check *check = before->checks;
      for (size_t n = i; n > 0; n--)
        check = check->next;
      alter_domain(to, "DROP CONSTRAINT", check->name, NULL, out);
    }
  if (fields & DOMAIN_DEFAULT)
    alter_domain(to, after->default_.sql ? "SET DEFAULT" : "DROP DEFAULT", NULL, after->default_.sql, out);
  if (fields & DOMAIN_NOT_NULL)
    alter_domain(to, after->not_null ? "SET NOT NULL" : "DROP NOT NULL", NULL, NULL, out);
  size_t i = 0;
  for (const struct domain_check *check = after->checks; check && fields & DOMAIN_CHECKS; check = check->next, i++)
    if (!names_hold(before->check_texts, after->check_texts.v[i]))
      add_by_alter(to, check, out);
  if (fields & (DOMAIN_CHECKS | DOMAIN_REMARKS))
    alter_remarks(before, after, out);
  return true;
}

static void losses(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (fields & DOMAIN_TYPE &&
      !type_widens(&((const struct domain *)before)->type, &((const struct domain *)after)->type))
    strbuf_addc(out, '\n');
}

static enum rewrites rewrites(const struct object *before, const struct object *after, uint64_t fields) {
  const struct type_ref *was = &((const struct domain *)before)->type, *is = &((const struct domain *)after)->type;
  return fields & DOMAIN_TYPE && !type_returns(was, is) ? REWRITES_VALUES : REWRITES_NOTHING;
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  type_follow(&((struct domain *)o)->type, of, schema_name, name);
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DOMAIN ");
  sql_object(out, o);
}

static const char *query(int version) {
  (void)version;
  return "SELECT t.oid, n.nspname, t.typname, d.description, bn.nspname, b.typname,"
         " pg_catalog.format_type(t.typbasetype, t.typtypmod), t.typndims > 0, t.typnotnull,"
         " pg_catalog.pg_get_expr(t.typdefaultbin, 0),"
         " CASE WHEN t.typcollation <> u.typcollation THEN t.typcollation::pg_catalog.regcollation::text END,"
         " (SELECT pg_catalog.array_agg(c.conname ORDER BY c.oid) FROM pg_catalog.pg_constraint c"
         " WHERE c.contypid = t.oid AND c.contype = 'c'),"
         " (SELECT pg_catalog.array_agg(pg_catalog.pg_get_expr(c.conbin, 0) ORDER BY c.oid) FROM pg_catalog.pg_constraint c"
         " WHERE c.contypid = t.oid AND c.contype = 'c'),"
         " (SELECT pg_catalog.array_agg(CASE WHEN c.convalidated THEN 'valid' ELSE 'not' END ORDER BY c.oid)"
         " FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'),"
         " (SELECT pg_catalog.array_agg(c.oid ORDER BY c.oid) FROM pg_catalog.pg_constraint c"
         " WHERE c.contypid = t.oid AND c.contype = 'c')"
         " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
         " JOIN pg_catalog.pg_type u ON u.oid = t.typbasetype"
         " JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN u.typcategory = 'A' AND u.typelem <> 0 AND u.oid NOT IN (22, 30) THEN u.typelem ELSE u.oid END"
         " JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace"
         " LEFT JOIN pg_catalog.pg_description d ON d.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass"
         " AND d.objoid = t.oid AND d.objsubid = 0"
         " WHERE t.typtype = 'd' AND n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "t.oid") " ORDER BY n.nspname, t.typname";
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct domain *d = schema_add(c->schema, KIND_DOMAIN, row_text(row, 1),
                                row_text(row, 2), NULL);
  d->object.comment = row_text(row, 3);
  catalog_keep(c, "pg_type", row_peek(row, 0), &d->object);
  d->type = catalog_type(arena, row_peek(row, 4), row_peek(row, 5), row_peek(row, 6), row_flag(row, 7));
  d->not_null = row_flag(row, 8);
  d->default_.sql = row_text(row, 9);
  expr_simplify(arena, &d->default_, &d->type);
  d->collation = row_text(row, 10);
  const struct names names = row_names(arena, row, 11), checks = row_names(arena, row, 12),
                     valid = row_names(arena, row, 13), oids = row_names(arena, row, 14);
  for (size_t i = 0; i < names.n; i++) {
    struct expr expr = {.sql = checks.v[i]};
    expr_simplify(arena, &expr, NULL);
    add_check(arena, d, names.v[i], expr, strcmp(valid.v[i], "not") == 0,
              catalog_comment(c, "pg_constraint", oids.v[i]));
  }
}

static void print_check(const struct object *o, const struct domain_check *check, struct strbuf *out) {
  strbuf_adds(out, " check ");
  pdl_word(out, check->name);
  strbuf_adds(out, " (");
  pdl_expr(out, o, &check->expr);
  strbuf_adds(out, check->not_valid ? ") not valid" : ")");
}

static void print(const struct object *o, struct strbuf *out) {
  const struct domain *d = (const struct domain *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "domain ");
  pdl_name(out, o->schema, o->name);
  strbuf_addc(out, ' ');
  pdl_type(out, &d->type);
  if (d->default_.sql)
    pdl_value(out, d->default_.compared ? d->default_.compared : d->default_.sql);
  if (d->collation)
    strbuf_addf(out, " collate %s", d->collation);
  if (d->not_null)
    strbuf_adds(out, " not null");
  for (const struct domain_check *check = d->checks; check && !d->remarks; check = check->next)
    print_check(o, check, out);
  pdl_owner(out, o);
  strbuf_adds(out, d->remarks ? " {\n" : "\n");
  for (const struct domain_check *check = d->checks; check && d->remarks; check = check->next) {
    const char *remark = setting_get(d->remarks, check->name);
    if (remark)
      pdl_doc_text(out, remark);
    print_check(o, check, out);
    strbuf_addc(out, '\n');
  }
  strbuf_adds(out, d->remarks ? "}\n" : "");
}

static const struct field fields[] = {
    FIELD(domain, type, FIELD_TYPE, "type"),
    FIELD(domain, default_, FIELD_EXPR, "default"),
    FIELD(domain, collation, FIELD_TEXT, "collation"),
    FIELD(domain, not_null, FIELD_FLAG, "not null"),
    FIELD(domain, check_texts, FIELD_NAME_SET, "checks"),
    FIELD(domain, remarks, FIELD_SETTINGS, "comments on its checks"),
    FIELD_END,
};

const struct kind domain_kind = {
    .word = "domain",
    .size = sizeof(struct domain),
    .ns = NS_TYPE,
    .fields = fields,
    .nodes = {NODE_DOMAIN},
    .declare = declare,
    .link = link,
    .linked = linked,
    .create = create,
    .target_name = target_name,
    .remarks = remarks,
    .not_in_twin = DOMAIN_REMARKS,
    .drop = drop,
    .alter = alter,
    .losses = losses,
    .rewrites = rewrites,
    .follow = follow,
    .scratch = true,
    .query = query,
    .sorts = "type d",
    .read = read,
    .print = print,
};
