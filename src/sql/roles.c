/* Which roles a script speaks of. */
#include <string.h>

#include "sql/private.h"

struct roles {
  struct arena *arena;
  const char **v, **made;
  size_t count, room, made_count, made_room;
};

static bool holds(const char *const *v, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(v[i], name) == 0)
      return true;
  return false;
}

static void note(struct arena *arena, const char ***v, size_t *count, size_t *room, const char *name) {
  if (!*name || holds(*v, *count, name))
    return;
  *v = arena_grow(arena, *v, *count, room, sizeof **v);
  (*v)[(*count)++] = arena_strdup(arena, name);
}

static void visit(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *m) {
  struct roles *all = ctx;
  (void)field;
  if (m->descriptor == &pg_query__role_spec__descriptor) {
    const PgQuery__RoleSpec *r = (const PgQuery__RoleSpec *)m;
    if (r->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING)
      note(all->arena, &all->v, &all->count, &all->room, r->rolename);
  } else if (m->descriptor == &pg_query__create_role_stmt__descriptor) {
    note(all->arena, &all->made, &all->made_count, &all->made_room, ((const PgQuery__CreateRoleStmt *)m)->role);
  }
  sql_tree_children(m, visit, ctx);
}

static void visit_statement(void *ctx, const struct sql_part *part, const char *one, const PgQuery__ParseResult *tree,
                            const struct sql_error *err) {
  (void)part, (void)one, (void)err;
  if (tree)
    visit(ctx, NULL, &tree->base);
}

const char *const *sql_roles(struct arena *arena, const char *text, size_t len, size_t *count) {
  struct roles all = {.arena = arena};
  sql_each_statement(arena, text, len, visit_statement, &all);
  *count = 0;
  for (size_t i = 0; i < all.count; i++)
    if (!holds(all.made, all.made_count, all.v[i]))
      all.v[(*count)++] = all.v[i];
  return all.v;
}
