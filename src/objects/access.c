/* access: what a table needs so that each user sees and writes his own rows, and nobody else does. It stands for items that
 * could be written one by one: rls, four policies, a revoke and a grant. */
#include "objects/objects.h"

static const struct {
  const char *command;
  bool reads, writes;
} policies[] = {{"select", true, false}, {"insert", false, true}, {"update", true, true}, {"delete", true, false}};

static const char served[] = "service_role";

/* An item as if its text stood where `access` stands; what is wrong with it, at the column. */
static void item(struct compile *c, const struct node *from, enum node_kind kind, const char *name, const char *text,
                 struct object *table) {
  struct span column = node_part(from, NODE_NAMES)->parts->span;
  column.to = column.from;
  struct node *clauses = arena_alloc(c->arena, sizeof *clauses), *n = arena_alloc(c->arena, sizeof *n);
  *clauses = (struct node){.kind = NODE_CLAUSES, .span = from->span, .text = text, .text_span = column};
  *n = (struct node){.kind = kind, .span = from->span, .parts = clauses, .last_part = clauses};
  n->name = (struct name){.text = name, .span = from->span};
  compile_item(c, n, table);
}

const char *access_policy_name(struct arena *arena, const struct object *table, const char *command) {
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
    item(c, n, NODE_POLICY, access_policy_name(c->arena, table, policies[i].command),
         arena_printf(c->arena, "for %s to %s%s%s%s%s%s%s", policies[i].command, to.text,
                      policies[i].reads ? " using (" : "", policies[i].reads ? is_own.text : "",
                      policies[i].reads ? ")" : "", policies[i].writes ? " with check (" : "",
                      policies[i].writes ? is_own.text : "", policies[i].writes ? ")" : ""),
         table);
  item(c, n, NODE_REVOKE, NULL, arena_printf(c->arena, "all from anon, authenticated, %s", served), table);
  item(c, n, NODE_GRANT, NULL, arena_printf(c->arena, "select, insert, update, delete to %s, %s", to.text, served),
       table);
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
