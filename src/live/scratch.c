/* Temporary twins of what looks different, read back as the server understood them. */
#include <libpq-fe.h>
#include <string.h>

#include "diff/diff.h"
#include "live/private.h"
#include "schema/schema.h"

enum { TWINS_MAX = 200 };

/* Marks of a table's children: a twin has the columns that are there, and else only what is asked about. What is
 * missing may need what is missing too, and the twin would fail. */
enum { KNOWN, MISSING, ASKED };

static bool in_twin(const struct object *o) {
  return o->kind->scratch && (is_kind(o, KIND_COLUMN) ? o->mark != MISSING : o->mark == ASKED);
}

static struct object *twin(struct arena *arena, const struct object *o, struct object *parent) {
  struct object *copy = arena_alloc(arena, o->kind->size);
  memcpy(copy, o, o->kind->size);
  copy->schema = "pg_temp";
  copy->parent = parent;
  copy->first_child = copy->last_child = copy->next = NULL;
  copy->folded = parent != NULL && o->kind->fold != NULL && (!o->kind->folds || o->kind->folds(o));
  for EACH_CHILD(o, child) {
    if (!in_twin(child) || is_kind(o, KIND_MATVIEW)) /* whose twin is a view */
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

static bool try_sql(struct connection *c, const char *sql) {
  if (query_ok(c, "SAVEPOINT twin") && query_ok(c, sql))
    return true;
  query_ok(c, "ROLLBACK TO SAVEPOINT twin");
  return false;
}

/* A table bare, and then part by part. */
static void create_parts(struct connection *c, struct object *table) {
  struct strbuf sql = STRBUF_INIT;
  struct object *const children = table->first_child;
  table->first_child = NULL;
  table->kind->create(table, &sql);
  table->first_child = children;
  bool ok = try_sql(c, sql.text);
  for (struct object *child = children; ok && child; child = child->next) {
    child->folded = false;
    strbuf_clear(&sql);
    child->kind->create(child, &sql);
    try_sql(c, sql.text);
  }
  strbuf_release(&sql);
}

/* One by one, each under a savepoint: what the server will not make stays undecided. */
static void create_each(struct connection *c, struct object *const *twins, size_t count) {
  struct strbuf sql = STRBUF_INIT;
  for (size_t i = 0; i < count; i++) {
    strbuf_clear(&sql);
    create(twins[i], &sql);
    if (!try_sql(c, sql.text) && is_kind(twins[i], KIND_TABLE))
      create_parts(c, twins[i]);
  }
  strbuf_release(&sql);
}

/* The twins of one round. */
struct twins {
  struct object *v[2 * TWINS_MAX];
  const struct object *of[2 * TWINS_MAX];
  size_t count;
};

/* The table alone, under a name of its own, for twins to stand under. */
static struct object *bare_twin(struct arena *arena, const struct object *o) {
  struct object *copy = arena_alloc(arena, o->kind->size);
  memcpy(copy, o, o->kind->size);
  copy->schema = "pg_temp";
  copy->name = name_shorten(arena, arena_printf(arena, "%s above", o->name));
  copy->first_child = copy->last_child = copy->next = NULL;
  for EACH_CHILD(o, child) {
    if (!is_kind(child, KIND_COLUMN))
      continue;
    struct object *under = twin(arena, child, copy);
    under->first_child = under->last_child = NULL;
    *(copy->last_child ? &copy->last_child->next : &copy->first_child) = under;
    copy->last_child = under;
  }
  copy->kind->stand(arena, copy, NULL);
  return copy;
}

static const struct object *twin_of(const struct twins *twins, const struct object *o) {
  for (size_t i = 0; i < twins->count; i++)
    if (twins->of[i] == o)
      return twins->v[i];
  return NULL;
}

static void add_twin(struct arena *arena, struct twins *twins, const struct object *o) {
  struct object *copy = twin(arena, o, NULL);
  const struct object *outer = o->kind->stands_under ? o->kind->stands_under(o) : NULL;
  if (outer && !twin_of(twins, outer)) {
    twins->of[twins->count] = outer;
    twins->v[twins->count++] = bare_twin(arena, outer);
  }
  if (o->kind->stand)
    o->kind->stand(arena, copy, outer ? twin_of(twins, outer) : NULL);
  twins->of[twins->count] = NULL; /* nothing stands under it */
  twins->v[twins->count++] = copy;
}

/* Twins of one schema; the answer's objects carry that schema's name. */
static struct schema *ask(struct arena *arena, struct connection *c, struct object *const *twins, size_t count,
                          const char *schema_name, const char *search_path) {
  struct strbuf sql = STRBUF_INIT;
  scratch_begin(search_path, &sql);
  const size_t begun = sql.len;
  for (size_t i = 0; i < count; i++)
    create(twins[i], &sql);
  if (!query_ok(c, sql.text)) {
    query_ok(c, "ROLLBACK");
    strbuf_truncate(&sql, begun);
    query_ok(c, sql.text);
    create_each(c, twins, count);
  }
  strbuf_release(&sql);
  /* pg_temp by name and last: else a twin called text would be the type that a query means by it */
  query_ok(c, "SET LOCAL search_path = pg_catalog, pg_temp");
  struct schema *s = catalog_of_temporary(arena, c);
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
  return c->verb == CHANGE_ALTER && c->fields && !c->certain && c->after->kind->scratch &&
         root_of(c->after)->kind->scratch;
}

/* A table, its toast table and that one's index; each constraint or index. */
static unsigned locks(const struct object *twin) {
  unsigned n = 4;
  for EACH_CHILD(twin, child)
    n += !is_kind(child, KIND_COLUMN);
  return n;
}

static void mark(const struct object *o, unsigned as) {
  ((struct object *)(uintptr_t)o)->mark = as;
}

static void mark_children(const struct changes *changes) {
  for (size_t i = 0; i < changes->count; i++)
    if (undecided(&changes->v[i]))
      for EACH_CHILD(root_of(changes->v[i].after), child)
        mark(child, KNOWN);
  for (size_t i = 0; i < changes->count; i++)
    if (undecided(&changes->v[i]))
      mark(changes->v[i].after, ASKED);
    else if (changes->v[i].verb == CHANGE_ADD)
      mark(changes->v[i].after, MISSING);
}

/* A standby makes no tables, not even temporary ones. */
static bool may_make(struct connection *c) {
  PGresult *r = query_run(c, "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP')"
                             " AND NOT pg_catalog.pg_is_in_recovery()");
  const bool yes = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 && PQgetvalue(r, 0, 0)[0] == 't';
  PQclear(r);
  return yes;
}

void scratch_settle(struct arena *arena, struct connection *c, struct changes *changes, const char *search_path,
                    struct diagnostics *d) {
  size_t questions = 0;
  for (size_t i = 0; i < changes->count; i++)
    questions += undecided(&changes->v[i]);
  if (questions == 0)
    return;
  if (!may_make(c)) {
    diagnostic_hint(d,
                    diagnose(d, PDL_UNPROVEN, NO_SPAN, "%zu difference%s could not be proved", questions,
                             questions == 1 ? "" : "s"),
                    "Expressions may only be printed in another way than they are written. To ask the server, pdlc "
                    "makes temporary tables: "
                    "grant temporary on database … to the role, and connect to a primary.");
    return;
  }
  proof_settle(arena, c, changes, search_path);
  mark_children(changes);
  size_t left = 0;
  for (size_t i = 0; i < changes->count; i++)
    left += undecided(&changes->v[i]);
  const unsigned budget = left ? lock_budget(c) : 0;
  struct numbers asked; /* roots whose twins were read back already */
  numbers_init(&asked, arena);
  for (;;) {
    struct twins twins = {.count = 0};
    unsigned held = 0;
    const char *schema_name = NULL;
    for (size_t i = 0; i < changes->count && twins.count < TWINS_MAX && held < budget; i++) {
      if (!undecided(&changes->v[i]))
        continue;
      const struct object *root = root_of(changes->v[i].after);
      if ((schema_name && strcmp(schema_name, root->schema) != 0) || numbers_get(&asked, (uintptr_t)root))
        continue;
      schema_name = root->schema;
      numbers_set(&asked, (uintptr_t)root, (void *)(uintptr_t)root);
      const size_t before = twins.count;
      add_twin(arena, &twins, root);
      for (size_t t = before; t < twins.count; t++)
        held += locks(twins.v[t]);
    }
    if (twins.count == 0)
      break;
    struct schema *second = ask(arena, c, twins.v, twins.count, schema_name, search_path);
    if (second) {
      changes_settle(changes, second);
    }
  }
}
