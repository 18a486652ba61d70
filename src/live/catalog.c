/* Reading a live database: each kind's query in one snapshot, all of them on their way at once. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "objects/objects.h"

/* {"a","b"}: the text form of an array (manual, 8.15.2). */
char *catalog_array(struct arena *arena, const struct names *names) {
  struct strbuf out = STRBUF_INIT;
  strbuf_addc(&out, '{');
  for (size_t i = 0; i < names->n; i++) {
    strbuf_adds(&out, i ? ",\"" : "\"");
    for (const char *p = names->v[i]; *p; p++) {
      if (*p == '"' || *p == '\\')
        strbuf_addc(&out, '\\');
      strbuf_addc(&out, *p);
    }
    strbuf_addc(&out, '"');
  }
  strbuf_addc(&out, '}');
  char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

/* A row of a result and what stands in its first two columns. */
struct numbered_row {
  uint64_t number;
  int row;
};

static int by_number(const void *a, const void *b) {
  const uint64_t x = ((const struct numbered_row *)a)->number, y = ((const struct numbered_row *)b)->number;
  return (x > y) - (x < y);
}

/* A server would take several times as long to sort them; most are in order already. */
static struct numbered_row *in_order(const PGresult *r) {
  const int rows = PQntuples(r);
  struct numbered_row *v = xmalloc((size_t)rows * sizeof *v);
  bool sorted = true;
  for (int i = 0; i < rows; i++) {
    const uint64_t first = strtoul(PQgetvalue(r, i, 0), NULL, 10);
    v[i] = (struct numbered_row){first << 16 | strtoul(PQgetvalue(r, i, 1), NULL, 10), i};
    sorted &= i == 0 || v[i - 1].number < v[i].number;
  }
  if (!sorted)
    qsort(v, (size_t)rows, sizeof *v, by_number);
  return v;
}

/* What is to be read: the rows of a query that is on its way, or those of a catalog that was copied. */
struct asked {
  void (*read)(struct catalog *, const struct row *);
  enum copied_id copied;
  bool numbered;
  const char *beside; /* the query, where the second session was asked */
};

static void read_rows(struct catalog *catalog, const struct asked *asked, const PGresult *r) {
  struct row row = {.get = query_row_get, .arena = catalog->schema->arena, .result = r};
  struct numbered_row *order = asked->numbered ? in_order(r) : NULL;
  const int rows = PQntuples(r);
  for (int i = 0; i < rows; i++) {
    row.number = order ? order[i].row : i;
    asked->read(catalog, &row);
  }
  free(order);
}

static void read_copied(struct catalog *catalog, const struct asked *asked) {
  const struct copied *from = &catalog->copied[asked->copied];
  for (size_t i = 0; i < from->count; i++) {
    const struct row row = copied_row(catalog->schema->arena, from->v[i].fields);
    asked->read(catalog, &row);
  }
}

static bool is_there(const struct schema *s, const char *sorts) {
  return !sorts || catalog_has(s, sorts);
}

/* From here on most queries print expressions over the columns of a table, for which a server opens that: those before
 * take about as long as those behind. */
enum { KIND_BESIDE = KIND_CHECK, CLASSES_BESIDE = 4000 };

static bool is_worth_two(const struct catalog *catalog) {
  static const enum kind_id slow[] = {KIND_CHECK, KIND_TRIGGER, KIND_POLICY};
  for (size_t i = 0; i < ARRAY_LEN(slow); i++)
    if (is_there(catalog->schema, kinds[slow[i]]->sorts))
      return catalog->copied[COPIED_CLASS].count >= CLASSES_BESIDE;
  return false;
}

/* To the second session where there is one and it is its turn. */
static bool ask(struct connection *c, struct beside *beside, int kind, const char *sql, const char *param,
                struct asked *asked) {
  if (!beside || kind < KIND_BESIDE)
    return query_send(c, sql, param);
  beside_add(beside, sql);
  asked->beside = sql;
  return true;
}

/* One query a lookup or kind over the namespaces, where there is something for it; lookups go with the first kinds. */
static bool send_all(struct connection *c, struct catalog *catalog, const bool *spared, bool last,
                     struct beside *beside, struct asked *asked, size_t *count) {
  const struct schema *s = catalog->schema;
  const bool first = !catalog->done[0];
  bool ok = true;
  for (int k = 0; ok && k < KIND_COUNT; k++) {
    for (int l = 0; ok && l < LOOKUP_COUNT; l++)
      if ((lookups[l]->part ? !catalog->done[k] && !spared[k] : first) && (int)lookups[l]->before == k &&
          is_there(s, lookups[l]->sorts)) {
        asked[*count] = (struct asked){.read = lookups[l]->read};
        ok = ask(c, beside, k, lookups[l]->query(c->version), catalog->oids, &asked[(*count)++]);
      }
    if (catalog->done[k] || spared[k])
      continue;
    catalog->done[k] = true;
    if (!ok || (!kinds[k]->query && !kinds[k]->copied) || !is_there(s, kinds[k]->sorts))
      continue;
    asked[*count] = (struct asked){kinds[k]->read, kinds[k]->copied, kinds[k]->numbered, NULL};
    ok = kinds[k]->copied || ask(c, beside, k, kinds[k]->query(c->version), catalog->oids, &asked[*count]);
    (*count)++;
  }
  if (last && !beside)
    ok = query_send(c, "ROLLBACK", NULL) && ok;
  return PQpipelineSync(c->pg) == 1 && ok;
}

/* What the second session could not answer, of which only the last part is missing. */
static PGresult *ask_again(struct connection *c, const char *sql, const char *param) {
  PGresult *r = NULL;
  if (query_send(c, sql, param) && PQpipelineSync(c->pg) == 1)
    do {
      PQclear(r);
      r = query_receive(c);
    } while (PQresultStatus(r) == PGRES_PIPELINE_SYNC); /* of those before */
  return r;
}

static PGresult *answer(struct connection *c, struct beside *beside, const struct asked *asked, const char *param) {
  if (!asked->beside)
    return query_receive(c);
  PGresult *r = beside_take(beside);
  return r ? r : ask_again(c, asked->beside, param);
}

/* Of an object of the top level with all its parts. */
enum { BYTES_EACH = 8 * 1024 };

static size_t bytes_expected(const struct catalog *catalog) {
  size_t objects = 0;
  for (const struct object *o = catalog->schema->first; o; o = o->next)
    objects++;
  return objects * BYTES_EACH * (size_t)catalog->models;
}

/* Of a table, the columns are its parts that come first and are most: until the server has them, there is time. */
static size_t prepare(struct connection *c, const struct catalog *catalog, size_t ready) {
  if (!PQconsumeInput(c->pg) || !PQisBusy(c->pg))
    return ready;
  const size_t expected = bytes_expected(catalog);
  for (; ready + ARENA_PIECE <= expected && PQisBusy(c->pg) && PQconsumeInput(c->pg); ready += ARENA_PIECE)
    arena_prepare(catalog->schema->arena);
  return ready;
}

/* False where one of the queries fails; last: the transaction may end with them. */
static bool read_kinds(struct connection *c, struct catalog *catalog, const bool *spared, bool last) {
  struct asked asked[KIND_COUNT + LOOKUP_COUNT];
  size_t count = 0, ready = 0;
  const bool two = last && !c->pooled && is_worth_two(catalog);
  struct beside *beside = two ? beside_open(catalog->schema->arena, c, catalog->oids) : NULL;
  if ((two && !beside) || PQenterPipelineMode(c->pg) != 1)
    return false;
  bool ok = send_all(c, catalog, spared, last, beside, asked, &count);
  if (beside)
    beside_start(beside);
  for (size_t i = 0; ok && i < count; i++) {
    if (asked[i].copied) {
      read_copied(catalog, &asked[i]);
      continue;
    }
    ready = prepare(c, catalog, ready);
    PGresult *r = answer(c, beside, &asked[i], catalog->oids);
    ok = PQresultStatus(r) == PGRES_TUPLES_OK;
    if (ok)
      read_rows(catalog, &asked[i], r);
    PQclear(r);
  }
  for (bool end = false; !end && PQstatus(c->pg) == CONNECTION_OK;) { /* with a NULL behind each query */
    PGresult *r = PQgetResult(c->pg);
    end = PQresultStatus(r) == PGRES_PIPELINE_SYNC;
    PQclear(r);
  }
  if (beside)
    beside_close(beside);
  return PQexitPipelineMode(c->pg) == 1 && ok;
}

static struct catalog *start(struct arena *arena, const struct connection *c) {
  struct catalog *catalog = arena_alloc(arena, sizeof *catalog);
  *catalog = (struct catalog){.schema = schema_new(arena), .version = c->version};
  catalog->schema->catalog = catalog;
  catalog->schema->target.version = c->version;
  struct numbers *const numbers[] = {&catalog->usual_classes, &catalog->key_indexes, &catalog->indexes, &catalog->owners,
                                     &catalog->defaults};
  struct map *const maps[] = {&catalog->names, &catalog->comments, &catalog->members, &catalog->types,
                              &catalog->column_grants};
  for (size_t i = 0; i < ARRAY_LEN(maps); i++)
    map_init(maps[i], arena);
  for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
    numbers_init(numbers[i], arena);
  for (int i = 0; i < COPIED_COUNT; i++)
    numbers_init(&catalog->copied[i].by_oid, arena);
  return catalog;
}

static const bool nothing_spared[KIND_COUNT];

/* Words for comments that no object that was read has, "comment pg_class", or one that has it from above. */
static void find_comments(struct catalog *c) {
  for (const struct map_entry *e = map_first(&c->comments); e; e = map_next(e)) {
    const size_t class = strcspn(map_key(e), ":"), oid = strcspn(map_key(e) + class + 1, ".");
    const char *class_name = arena_strndup(c->schema->arena, map_key(e), class);
    const char *number = map_key(e) + class + 1 + oid;
    const struct object *o = catalog_get(c, class_name, arena_strndup(c->schema->arena, map_key(e) + class + 1, oid));
    if (!o && !*number)
      catalog_found(c, arena_printf(c->schema->arena, "comment %s", class_name));
    else if (o && o->inherited && !*number)
      catalog_found(c, "inherited comment");
  }
}

/* NULL where a query fails. */
static struct schema *read_namespaces(struct connection *c, struct catalog *catalog, const struct probe *probe,
                                      const bool *spared, bool last) {
  probe_settle(probe, catalog);
  if (!read_kinds(c, catalog, spared, last))
    return NULL;
  find_comments(catalog);
  for (int k = 0; k < KIND_COUNT; k++)
    if (kinds[k]->finish)
      kinds[k]->finish(catalog);
  return catalog->schema;
}

struct schema *catalog_of_temporary(struct arena *arena, struct connection *c) {
  struct probe probe;
  struct catalog *catalog = start(arena, c);
  PGresult *r = query_run(c, "SELECT ARRAY[pg_catalog.pg_my_temp_schema()]");
  catalog->oids = PQresultStatus(r) == PGRES_TUPLES_OK ? arena_strdup(arena, PQgetvalue(r, 0, 0)) : NULL;
  PQclear(r);
  catalog_found(catalog, "temporary");
  if (!catalog->oids || !catalog_probe(c, catalog, "", &probe))
    return NULL;
  return read_namespaces(c, catalog, &probe, nothing_spared, false);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of these schemas in the order of their names, as the text of an array. */
static const char *oids_of(struct arena *arena, const struct catalog *catalog, const struct names *names) {
  static const char class[] = "pg_namespace:";
  struct map oids;
  struct names sorted = {arena_array(arena, names->n, sizeof *sorted.v), names->n}, found = {0};
  map_init(&oids, arena);
  for (const struct map_entry *e = map_first(&catalog->names); e; e = map_next(e))
    if (strncmp(map_key(e), class, sizeof class - 1) == 0)
      map_set(&oids, map_value(e), (void *)(uintptr_t)(map_key(e) + sizeof class - 1));
  for (size_t i = 0; i < names->n; i++)
    sorted.v[i] = names->v[i];
  qsort(sorted.v, sorted.n, sizeof *sorted.v, by_name);
  found.v = arena_array(arena, names->n, sizeof *found.v);
  for (size_t i = 0; i < sorted.n; i++)
    if (map_get(&oids, sorted.v[i]))
      found.v[found.n++] = map_get(&oids, sorted.v[i]);
  return catalog_array(arena, &found);
}

static const char reading[] = "reading the catalogs";
/* pg_get_expr takes a share lock on its table and would wait behind a migration for ever. */
static const char begin[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL lock_timeout = '10s';";

struct reading {
  struct catalog *catalog;
  struct probe probe;
  bool ok;
};

struct reading *catalog_begin(struct arena *arena, struct connection *c, int models) {
  struct reading *r = arena_alloc(arena, sizeof *r);
  r->catalog = start(arena, c);
  r->catalog->models = models;
  r->ok = catalog_probe(c, r->catalog, begin, &r->probe);
  return r;
}

struct schema *catalog_finish(struct reading *r, struct connection *c, const struct names *names, const bool *spared,
                              struct diagnostics *d) {
  struct schema *s = NULL;
  if (r->ok) {
    r->catalog->oids = oids_of(r->catalog->schema->arena, r->catalog, names);
    s = read_namespaces(c, r->catalog, &r->probe, spared ? spared : nothing_spared, true);
  }
  if (!s)
    query_failed(c, reading, d);
  if (PQtransactionStatus(c->pg) != PQTRANS_IDLE)
    query_ok(c, "ROLLBACK");
  return s;
}

void catalog_abandon(struct connection *c) {
  query_ok(c, "ROLLBACK");
}

struct schema *catalog_read(struct arena *arena, struct connection *c, const struct names *names, const bool *spared,
                            struct diagnostics *d) {
  return catalog_finish(catalog_begin(arena, c, 1), c, names, spared, d);
}

bool catalog_rest(struct connection *c, struct schema *s, struct diagnostics *d) {
  bool ok = true;
  for (int k = 0; k < KIND_COUNT; k++)
    ok &= s->catalog->done[k];
  if (ok)
    return true;
  ok = query_ok(c, begin) && read_kinds(c, s->catalog, nothing_spared, false);
  if (!ok)
    query_failed(c, reading, d);
  query_ok(c, "ROLLBACK");
  return ok;
}

/* Whether people made it, as far as its name tells. */
static bool is_theirs(const char *name, const struct names *wanted) {
  const bool ledger = strcmp(name, "pdlc") == 0 || strcmp(name, "supabase_migrations") == 0;
  return strncmp(name, "pg_", strlen("pg_")) != 0 && strcmp(name, "information_schema") != 0 &&
         (!ledger || names_hold(*wanted, name));
}

/* Those that an extension brought; false where the query fails. */
static bool brought(struct connection *c, struct map *out) {
  PGresult *r = query_run(c, "SELECT e.objid FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass"
                             " AND e.deptype = 'e'");
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0; ok && i < PQntuples(r); i++)
    map_set(out, PQgetvalue(r, i, 0), out);
  PQclear(r);
  return ok;
}

bool catalog_may_be_platforms(const struct reading *r) {
  bool auth = false, storage = false;
  for (const struct map_entry *e = map_first(&r->catalog->names); e; e = map_next(e)) {
    auth |= strcmp(map_value(e), "auth") == 0;
    storage |= strcmp(map_value(e), "storage") == 0;
  }
  return auth && storage;
}

bool catalog_schemas(struct reading *r, struct connection *c, const struct names *wanted, const struct names *excluded,
                     struct diagnostics *d, struct names *out) {
  static const char class[] = "pg_namespace:";
  struct catalog *catalog = r->catalog;
  struct map of_extensions;
  *out = (struct names){.v = arena_array(catalog->schema->arena, map_count(&catalog->names), sizeof *out->v)};
  map_init(&of_extensions, catalog->schema->arena);
  if (!r->ok || (probe_has(&r->probe, "pg_extension") && !brought(c, &of_extensions))) {
    query_failed(c, reading, d);
    catalog_abandon(c);
    return false;
  }
  for (const struct map_entry *e = map_first(&catalog->names); e; e = map_next(e)) {
    const char *name = map_value(e);
    if (strncmp(map_key(e), class, sizeof class - 1) == 0 && is_theirs(name, wanted) && !names_hold(*excluded, name) &&
        (!wanted->n || names_hold(*wanted, name)) && !map_get(&of_extensions, map_key(e) + sizeof class - 1))
      out->v[out->n++] = name;
  }
  qsort(out->v, out->n, sizeof *out->v, by_name);
  bool all = true;
  for (size_t i = 0; i < wanted->n; i++)
    if (!names_hold(*out, wanted->v[i])) {
      diagnose(d, PDL_NO_SUCH_SCHEMA, NO_SPAN, "%s has no schema \"%s\"", c->shown, wanted->v[i]);
      all = false;
    }
  if (!all)
    catalog_abandon(c);
  return all;
}
