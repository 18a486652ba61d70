/* Temporary twins of what looks different, read back as the server understood them. */
#include <libpq-fe.h>
#include <string.h>

#include "diff/diff.h"
#include "live/private.h"
#include "schema/schema.h"

/* As many tables as a default lock table holds with ease. */
enum { TWINS_MAX = 200 };

static struct object *twin(struct arena *arena, const struct object *o, struct object *parent) {
  struct object *copy = arena_alloc(arena, o->kind->size);
  memcpy(copy, o, o->kind->size);
  copy->schema = "pg_temp";
  copy->parent = parent;
  copy->first_child = copy->last_child = copy->next = NULL;
  copy->folded = parent != NULL && o->kind->fold != NULL && (!o->kind->folds || o->kind->folds(o));
  for EACH_CHILD(o, child) {
    if (!child->kind->scratch || is_kind(o, KIND_MATVIEW)) /* whose twin is a view */
      continue;
    struct object *under = twin(arena, child, copy);
    if (copy->last_child)
      copy->last_child->next = under;
    else
      copy->first_child = under;
    copy->last_child = under;
  }
  return copy;
}

static void create(const struct object *twin, struct strbuf *sql) {
  twin->kind->create(twin, sql);
  for EACH_CHILD(twin, child)
    if (!child->folded && child->kind->create && !is_kind(twin, KIND_COMPOSITE))
      child->kind->create(child, sql);
}

/* One by one, each under a savepoint: what the server will not make stays undecided. */
static void create_each(struct connection *c, struct object *const *twins, size_t count) {
  struct strbuf sql = STRBUF_INIT;
  for (size_t i = 0; i < count; i++) {
    strbuf_clear(&sql);
    create(twins[i], &sql);
    if (!query_ok(c, "SAVEPOINT twin") || !query_ok(c, sql.text))
      query_ok(c, "ROLLBACK TO SAVEPOINT twin");
  }
  strbuf_release(&sql);
}

static void begin(struct connection *c, const char *search_path) {
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql, "BEGIN; SET LOCAL search_path = %s, pg_temp; SET LOCAL lock_timeout = '10s'; SET LOCAL check_function_bodies = off",
              search_path);
  query_ok(c, sql.text);
  strbuf_release(&sql);
}

/* Twins of one schema; the answer's objects carry that schema's name. */
static struct schema *ask(struct arena *arena, struct connection *c, struct object *const *twins, size_t count,
                          const char *schema_name, const char *search_path) {
  struct strbuf sql = STRBUF_INIT;
  for (size_t i = 0; i < count; i++)
    create(twins[i], &sql);
  begin(c, search_path);
  if (!query_ok(c, sql.text)) {
    query_ok(c, "ROLLBACK");
    begin(c, search_path);
    create_each(c, twins, count);
  }
  strbuf_release(&sql);
  query_ok(c, "SET LOCAL search_path = ''");
  PGresult *r = PQexec(c->pg, "SELECT ARRAY[pg_catalog.pg_my_temp_schema()]");
  struct schema *s = NULL;
  if (PQresultStatus(r) == PGRES_TUPLES_OK)
    s = catalog_of_namespaces(arena, c, PQgetvalue(r, 0, 0));
  PQclear(r);
  query_ok(c, "ROLLBACK");
  if (s)
    for EACH_OBJECT(s, o)
      o->schema = schema_name;
  return s;
}

static const struct object *root_of(const struct object *o) {
  return o->parent ? o->parent : o;
}

static bool undecided(const struct change *c) {
  return c->verb == CHANGE_ALTER && c->fields && c->after->kind->scratch && root_of(c->after)->kind->scratch;
}

void scratch_settle(struct arena *arena, struct connection *c, struct changes *changes, const char *search_path) {
  struct map asked; /* roots whose twins were read back already */
  map_init(&asked, arena);
  for (;;) {
    struct object *twins[TWINS_MAX];
    size_t count = 0;
    const char *schema_name = NULL;
    for (size_t i = 0; i < changes->count && count < TWINS_MAX; i++) {
      if (!undecided(&changes->v[i]))
        continue;
      const struct object *root = root_of(changes->v[i].after);
      char key[32];
      snprintf(key, sizeof key, "%p", (const void *)root);
      if ((schema_name && strcmp(schema_name, root->schema) != 0) || map_get(&asked, key))
        continue;
      schema_name = root->schema;
      map_set(&asked, key, (void *)(uintptr_t)root);
      twins[count++] = twin(arena, root, NULL);
    }
    if (count == 0)
      break;
    struct schema *second = ask(arena, c, twins, count, schema_name, search_path);
    if (second) {
      changes_settle(changes, second);
    }
  }
}
