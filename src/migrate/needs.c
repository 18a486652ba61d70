/* What files need of a server: what their schema says, and what recipes for its target are written in. */
#include <stdlib.h>
#include <string.h>

#include "migrate/migrate.h"
#include "objects/objects.h"

static bool is_parted(const struct schema *s, const struct sql_action *a) {
  const struct object *t = schema_find(s, NS_RELATION, a->schema ? a->schema : "public", NULL, a->table);
  return t && table_is_parted(t);
}

static void check_action(const struct schema *s, const struct source *source, const struct sql_action *a, int version,
                         struct diagnostics *d) {
  const struct {
    bool is;
    int since;
    const char *name;
  } recipes[] = {
      {a->kind == ACTION_DETACH && a->concurrently, 14, "detach partition concurrently"},
      {a->kind == ACTION_ADD_NOT_NULL, 18, "a constraint that says not null"},
      {a->kind == ACTION_ADD_FOREIGN && a->not_valid && is_parted(s, a), 18,
       "a foreign key of a partitioned table that is not valid"},
  };
  for (size_t i = 0; i < ARRAY_LEN(recipes); i++)
    if (recipes[i].is && recipes[i].since > version)
      diagnostic_hint(d, diagnose(d, PDL_TOO_NEW, (struct span){source, a->from, a->to},
                                  "%s came with Postgres %d, the server is %d", recipes[i].name, recipes[i].since, version),
                      "The file was made for a newer target; make it anew for one that the server is, or take a newer server.");
}

void migration_check_server(struct arena *arena, const struct source *state, const struct migration_file *const *files,
                            size_t count, int version, struct diagnostics *d) {
  struct diagnostics said; /* advice was not asked for, and faults are told where it is compared with */
  diagnostics_init(&said, arena);
  const struct node *tree = state ? syntax_parse(arena, state, &said) : NULL;
  const struct node *target = tree ? node_part(tree, NODE_TARGET) : NULL;
  if (!tree || (target ? atoi(target->text) : VERSION_DEFAULT) <= version)
    return;
  const struct schema *s = schema_compile(arena, tree, sql_cache_new(arena), &said);
  schema_check_server(s, version, d);
  for (size_t i = 0; i < count; i++) {
    const struct source *source = files[i]->source;
    size_t n = 0;
    const struct sql_action *v = source ? sql_read_actions(arena, source->text, source->len, &n) : NULL;
    for (size_t k = 0; k < n; k++)
      check_action(s, source, &v[k], version, d);
  }
}
