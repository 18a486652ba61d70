/* What Supabase brings: tables that a schema may speak of without declaring them, schemas, roles. */
#include <string.h>

#include "schema/schema.h"

/* As much of them as references, triggers and policies need. */
static const char tables[] =
    "external table auth.users {\n  id uuid pk\n  email varchar(255)?\n  phone text? unique\n  role varchar(255)?\n"
    "  raw_app_meta_data jsonb?\n  raw_user_meta_data jsonb?\n  last_sign_in_at timestamptz?\n  created_at timestamptz?\n"
    "  updated_at timestamptz?\n  is_anonymous boolean\n}\n"
    "external table storage.buckets {\n  id text pk\n  name text\n  owner uuid?\n  public boolean?\n}\n"
    "external table storage.objects {\n  id uuid pk\n  bucket_id text?\n  name text?\n  owner uuid?\n  owner_id text?\n"
    "  metadata jsonb?\n  path_tokens text[]?\n  created_at timestamptz?\n  updated_at timestamptz?\n}\n"
    "external table realtime.messages {\n  id uuid\n  topic text\n  extension text\n  payload jsonb?\n  event text?\n"
    "  private boolean?\n  inserted_at timestamp\n  pk (id, inserted_at)\n}\n";

static const char *const schemas[] = {
    "_analytics", "_realtime", "_supavisor", "auth", "cron", "dbdev", "etl", "extensions", "graphql", "graphql_public", "net",
    "pgbouncer", "pgmq", "pgmq_public", "pgroonga", "pgsodium", "pgsodium_masks", "pgtle", "realtime", "repack", "storage",
    "supabase_functions", "supabase_migrations", "tiger", "tiger_data", "topology", "vault",
};
static const char *const extensions[] = {
    "pg_graphql", "pg_stat_statements", "pgcrypto", "pgsodium", "plpgsql", "supabase_vault", "uuid-ossp", "wrappers",
};
/* Of those that live elsewhere than in "extensions". */
static const char *const elsewhere[] = {
    "pg_cron", "pg_graphql", "pg_net", "pg_tle", "pgmq", "pgroonga", "pgsodium", "plpgsql", "postgis_tiger_geocoder",
    "postgis_topology", "supabase_vault", "timescaledb",
};

static bool holds(const char *const *names, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0)
      return true;
  return false;
}

bool platform_has_schema(const char *name) {
  return holds(schemas, ARRAY_LEN(schemas), name) || strncmp(name, "timescaledb_", 12) == 0 ||
         strncmp(name, "_timescaledb_", 13) == 0;
}

bool platform_has_extension(const char *name) {
  return holds(extensions, ARRAY_LEN(extensions), name);
}

const char *platform_extension_schema(const char *name) {
  return holds(elsewhere, ARRAY_LEN(elsewhere), name) ? NULL : "extensions";
}

static bool declares(const struct node *file, const struct name *name) {
  for (const struct node *n = file->parts; n; n = n->next)
    if (n->kind == NODE_EXTERNAL && n->name.schema && strcmp(n->name.schema, name->schema) == 0 &&
        strcmp(n->name.text, name->text) == 0)
      return true;
  return false;
}

static bool speaks_of(const struct node *n, const struct name *name, const char *both) {
  if (n->name.schema && strcmp(n->name.schema, name->schema) == 0 && strcmp(n->name.text, name->text) == 0)
    return true;
  if (n->text && strstr(n->text, both))
    return true;
  for (const struct node *part = n->parts; part; part = part->next)
    if (speaks_of(part, name, both))
      return true;
  return false;
}

struct schema *platform_schema(struct arena *arena, struct sql_cache *sql) {
  static const char target[] = "target supabase 15\n";
  struct diagnostics none;
  diagnostics_init(&none, arena);
  const char *text = arena_printf(arena, "%s%s", target, tables);
  return schema_compile(arena, syntax_parse(arena, source_new(arena, "(supabase)", text, strlen(text)), &none), sql,
                        &none);
}

void platform_declare(struct compile *c, const struct node *file) {
  if (c->schema->target.platform != PLATFORM_SUPABASE)
    return;
  const struct source *source = source_new(c->arena, "(supabase)", tables, sizeof tables - 1);
  for (const struct node *n = syntax_parse(c->arena, source, c->diagnostics)->parts; n; n = n->next)
    if (!declares(file, &n->name) &&
        speaks_of(file, &n->name, arena_printf(c->arena, "%s.%s", n->name.schema, n->name.text)))
      compile_item(c, n, NULL);
}
