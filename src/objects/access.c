/* access: what a table needs so that each user sees and writes his own rows, and nobody else does. It stands for items
 * that could be written one by one: rls, four policies, a revoke and a grant. */
#include "objects/objects.h"

static const struct {
  const char *command;
  bool reads, writes;
} policies[] = {{"select", true, false}, {"insert", false, true}, {"update", true, true}, {"delete", true, false}};

static const char served[] = "service_role";
static const char granted[] = "select, insert, update, delete";
static const char revoked[] = "all from anon, authenticated, service_role";

/* An item as if its text stood where `access` stands; what is wrong with it, at the column. */
static void item(struct compile *c, const struct node *from, enum node_kind kind, const char *name, const char *text,
                 struct object *table) {
  struct span column = node_part(from, NODE_NAMES)->parts->span;
  column.to = column.from;
  struct node *clauses = arena_alloc(c->arena, sizeof *clauses), *n = arena_alloc(c->arena, sizeof *n);
  *clauses = (struct node){.kind = NODE_CLAUSES, .span = from->span, .text = text, .text_span = column};
  *n = (struct node){.kind = kind, .span = from->span, .name = {.text = name, .span = from->span}};
  node_append(n, clauses);
  compile_item(c, n, table);
}

static const char *policy_name(struct arena *arena, const struct object *table, const char *command) {
  return name_shorten(arena, arena_printf(arena, "%s_owner_%s", table->name, command));
}

void compile_access(struct compile *c, const struct node *n, struct object *table) {
  const struct node *names = node_part(n, NODE_NAMES);
  struct diagnostics *d = c->diagnostics;
  compile_allow(c, n);
  if (c->schema->target.platform != PLATFORM_SUPABASE) {
    diagnostic_hint(
        d, diagnose(d, PDL_OUT_OF_PLACE, n->span, "\"access\" has no meaning on this target"),
        "It asks auth.uid() who the user is, which is Supabase's: write target supabase, or policies of your own.");
    return;
  }
  if (strcmp(n->name.text, "owner") != 0 || node_count(names, NODE_NAME) != 1) {
    diagnostic_hint(d, diagnose(d, PDL_OUT_OF_PLACE, n->name.span, "access is given to an owner, by one column"),
                    "Write access owner(user_id) to authenticated.");
    return;
  }
  const char *role = n->text;
  struct strbuf is_own = STRBUF_INIT, to = STRBUF_INIT;
  strbuf_adds(&is_own, "(select auth.uid()) = ");
  sql_ident(&is_own, names->parts->name.text);
  sql_ident(&to, role);
  compile_role(c, role, n->span);
  compile_role(c, "anon", n->span);
  compile_role(c, served, n->span);
  struct table *t = (struct table *)table;
  t->rls = true;
  for (size_t i = 0; i < ARRAY_LEN(policies); i++)
    item(c, n, NODE_POLICY, policy_name(c->arena, table, policies[i].command),
         arena_printf(c->arena, "for %s to %s%s%s%s%s%s%s", policies[i].command, to.text,
                      policies[i].reads ? " using (" : "", policies[i].reads ? is_own.text : "",
                      policies[i].reads ? ")" : "", policies[i].writes ? " with check (" : "",
                      policies[i].writes ? is_own.text : "", policies[i].writes ? ")" : ""),
         table);
  item(c, n, NODE_REVOKE, NULL, revoked, table);
  item(c, n, NODE_GRANT, NULL, arena_printf(c->arena, "%s to %s, %s", granted, to.text, served), table);
  strbuf_release(&is_own);
  strbuf_release(&to);
}

void access_sequences(struct compile *c, const struct node *n, struct object *table) {
  int since;
  for EACH_CHILD(table, o) {
    if (!is_kind(o, KIND_COLUMN) || !((const struct column *)o)->serial)
      continue;
    struct privileges *p = privileges_make(c, o, n->span);
    const unsigned usage = acl_bit(ACL_SEQUENCE, "usage", &since);
    acl_add(c->arena, &p->list, n->text, NULL, usage, 0);
    acl_add(c->arena, &p->list, served, NULL, usage, 0);
  }
}

/* ── in a database ── */

/* As Postgres prints it. */
static const char *is_own_printed(struct arena *arena, const char *column) {
  struct strbuf text = STRBUF_INIT;
  strbuf_adds(&text, "( SELECT auth.uid() AS uid) = ");
  sql_ident(&text, column);
  const char *copy = strbuf_dup(&text, arena);
  strbuf_release(&text);
  return copy;
}

static bool says(const struct expr *e, const char *wanted) {
  const char *text = e->compared ? e->compared : e->sql;
  return wanted ? text && strcmp(text, wanted) == 0 : !text;
}

static struct policy *policy_for(struct arena *arena, const struct object *table, size_t i) {
  return (struct policy *)child_named(table, KIND_POLICY, policy_name(arena, table, policies[i].command));
}

static const struct object *owner_column(struct arena *arena, const struct object *table) {
  const struct policy *p = policy_for(arena, table, 0);
  if (p)
    for EACH_CHILD(table, o)
      if (is_kind(o, KIND_COLUMN) && says(&p->using_, is_own_printed(arena, o->name)))
        return o;
  return NULL;
}

static bool is_policy(const struct policy *p, size_t i, const char *role, const char *own) {
  return p && !p->restrictive && !p->object.comment && strcmp(p->command, policies[i].command) == 0 &&
         p->roles.n == 1 && strcmp(p->roles.v[0], role) == 0 && says(&p->using_, policies[i].reads ? own : NULL) &&
         says(&p->check, policies[i].writes ? own : NULL);
}

/* The list less these privileges of both roles on the whole of it; false where one lacks any of them, or may pass it
 * on. */
static bool list_without(struct arena *arena, const struct privileges *p, const char *role, unsigned bits,
                         struct grant **rest) {
  unsigned found = 0;
  for (const struct grant *g = p && !p->object.external ? p->list : NULL; g; g = g->next) {
    const bool one = strcmp(g->role, role) == 0, other = strcmp(g->role, served) == 0;
    const bool ours = !g->column && (one || other);
    if (ours && (g->bits & bits) == bits && !(g->options & bits))
      found |= one ? 1 : 2;
    if (g->bits & ~(ours ? bits : 0))
      acl_add(arena, rest, g->role, g->column, g->bits & ~(ours ? bits : 0), g->options);
  }
  return found == 3;
}

static struct privileges *sequence_privileges(struct arena *arena, const struct object *table,
                                              const struct object *column) {
  const char *name = arena_printf(arena, "sequence of %s", column->name);
  return (struct privileges *)child_named(table, KIND_PRIVILEGES, name);
}

/* The privileges of the table and of its sequences; what access does not say of them is left to lines of their own. */
static bool take_privileges(struct arena *arena, struct object *table, const char *role, bool take) {
  int since;
  unsigned bits = 0;
  for (size_t i = 0; i < ARRAY_LEN(policies); i++)
    bits |= acl_bit(ACL_TABLE, policies[i].command, &since);
  struct privileges *p = (struct privileges *)child_named(table, KIND_PRIVILEGES, "privileges");
  struct grant *rest = NULL;
  if (!list_without(arena, p, role, bits, &rest))
    return false;
  if (take)
    p->list = rest;
  for EACH_CHILD(table, o) {
    if (!is_kind(o, KIND_COLUMN) || !((const struct column *)o)->serial)
      continue;
    struct privileges *of = sequence_privileges(arena, table, o);
    rest = NULL;
    if (!list_without(arena, of, role, acl_bit(ACL_SEQUENCE, "usage", &since), &rest))
      return false;
    if (take)
      of->list = rest;
  }
  return true;
}

static void recognise(struct arena *arena, struct object *table) {
  struct table *t = (struct table *)table;
  const struct object *column = t->rls ? owner_column(arena, table) : NULL;
  const char *role = column ? policy_for(arena, table, 0)->roles.v[0] : NULL;
  if (!column || strcmp(role, "public") == 0 || strcmp(role, served) == 0)
    return;
  for (size_t i = 0; i < ARRAY_LEN(policies); i++)
    if (!is_policy(policy_for(arena, table, i), i, role, is_own_printed(arena, column->name)))
      return;
  if (!take_privileges(arena, table, role, false))
    return;
  take_privileges(arena, table, role, true);
  t->owner_column = column->name;
  t->owner_role = role;
}

void access_recognise(struct schema *live) {
  for (struct object *o = live->first; o; o = o->next)
    if (is_kind(o, KIND_TABLE) && !o->external)
      recognise(live->arena, o);
}

void access_print(const struct object *table, struct strbuf *out) {
  const struct table *t = (const struct table *)table;
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(policies); i++)
    policy_for(&arena, table, i)->object.mark = PULLED;
  arena_release(&arena);
  strbuf_adds(out, "access owner(");
  pdl_word(out, t->owner_column);
  strbuf_adds(out, ") to ");
  pdl_word(out, t->owner_role);
  strbuf_addc(out, '\n');
}
