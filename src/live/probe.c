/* What a database has at all: queries for what nobody made are not sent. A word stands for a catalog, or for its rows
 * of one sort ("class r"); it is found where these namespaces, or the database where the catalog has none, hold one row
 * of users. All of it is one message, and small catalogs are copied: a backend that is new looks up every index of what
 * it plans a query for, which takes longer than to send a hundred rows. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "objects/objects.h"

/* Catalogs without statistics make for nested loops that take seconds; which order of many joins is the best, and
 * whether to merge or to hash, takes longer to find out than it saves: they are written in a good one. */
const char catalog_planner[] =
    "SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1;"
    "SET LOCAL work_mem = '64MB'; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off;"
    "SET LOCAL enable_incremental_sort = off; SET LOCAL max_parallel_workers_per_gather = 0;";

/* Rows: a namespace, or 0 for the database; a word; a letter that belongs to it. What lives in a namespace depends on
 * it, but row types, constraints, indexes and what belongs to other parts. */
static const char sorts[] =
    "SELECT DISTINCT d.refobjid, d.classid::pg_catalog.regclass FROM pg_catalog.pg_depend d"
    " WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass;"
    "SELECT DISTINCT p.pronamespace, 'routine ', p.prokind FROM pg_catalog.pg_proc p WHERE p.oid >= 16384;"
    "SELECT 0, 'partial index' FROM pg_catalog.pg_index i WHERE i.indexrelid >= 16384 AND i.indpred IS NOT NULL LIMIT 1;";

/* Catalogs that a look at costs less than a query: one is found where users have a row. The names of some are kept, as
 * catalog_name() tells them, and all types. */
static const struct looked_at {
  const char *table, *columns;
  enum { COUNTED, NAMED, TYPES, CLASSES, TRIGGERS } as;
} looked_at[] = {
    {"pg_am", "oid, amname", NAMED},
    {"pg_tablespace", "oid, spcname", NAMED},
    {"pg_extension", "oid", COUNTED},
    {"pg_cast", "oid", COUNTED},
    {"pg_foreign_server", "oid, srvname", NAMED},
    {"pg_language", "oid", COUNTED},
    {"pg_transform", "oid", COUNTED},
    {"pg_event_trigger", "oid", COUNTED},
    {"pg_publication", "oid", COUNTED},
    {"pg_default_acl", "oid", COUNTED},
    {"pg_foreign_data_wrapper", "oid", COUNTED},
    {"pg_policy", "oid", COUNTED},
    {"pg_inherits", "inhrelid", COUNTED},
    {"pg_rewrite", "oid, rulename", COUNTED},
    {"pg_type", CATALOG_TYPE_COLUMNS ", typtype, typacl", TYPES},
    {"pg_opclass", "oid, opcmethod, opcdefault", CLASSES},
    {"pg_trigger", "oid, tgisinternal, tgparentid, tgconstraint", TRIGGERS},
};

static void add(struct probe *p, struct arena *arena, const char *namespace, const char *word) {
  if (p->sorts && strcmp(p->sorts->word, word) == 0 && strcmp(p->sorts->namespace, namespace) == 0)
    return;
  struct sort *s = arena_alloc(arena, sizeof *s);
  *s = (struct sort){arena_strdup(arena, namespace), word, p->sorts};
  p->sorts = s;
}

/* A word "type d" for those that people made, but for row types and arrays. */
static void read_type(struct catalog *catalog, char *line, struct probe *p) {
  struct arena *arena = catalog->schema->arena;
  const char *fields[CATALOG_TYPE_FIELDS + 2];
  copied_split(line, fields, ARRAY_LEN(fields));
  const char sort = *fields[CATALOG_TYPE_FIELDS];
  if (fields[CATALOG_TYPE_FIELDS + 1])
    add(p, arena, fields[CATALOG_TYPE_NAMESPACE], "grants on a type");
  if (sort == 'c')
    return;
  const struct row row = copied_row(arena, fields);
  if (catalog_read_type(catalog, &row) && strtoul(fields[0], NULL, 10) >= FIRST_OF_USERS)
    add(p, arena, fields[CATALOG_TYPE_NAMESPACE], arena_printf(arena, "type %c", sort));
}

/* Of a btree, and Postgres' own: 403 is its access method. */
static void read_class(struct catalog *catalog, char *line) {
  const char *fields[3];
  copied_split(line, fields, ARRAY_LEN(fields));
  const unsigned long oid = strtoul(fields[0], NULL, 10);
  if (oid < FIRST_OF_USERS && strcmp(fields[1], "403") == 0 && *fields[2] == 't')
    numbers_set(&catalog->usual_classes, oid, catalog);
}

static void read_trigger(struct catalog *catalog, char *line) {
  const char *fields[4];
  copied_split(line, fields, ARRAY_LEN(fields));
  const bool internal = *fields[1] == 't', of_above = strcmp(fields[2], "0") != 0;
  if (internal ? of_above && strcmp(fields[3], "0") == 0 : of_above)
    catalog_found(catalog, "trigger of a partition");
  else if (!internal)
    catalog_found(catalog, "trigger");
}

/* The rule that makes a relation a view is not counted. */
static bool read_line(struct catalog *catalog, const struct looked_at *from, char *line, struct probe *p) {
  char *const name = line + strcspn(line, "\t");
  if (from->as == TYPES)
    read_type(catalog, line, p);
  else if (from->as == CLASSES)
    read_class(catalog, line);
  else if (from->as == TRIGGERS)
    read_trigger(catalog, line);
  else {
    const bool users = strtoul(line, NULL, 10) >= FIRST_OF_USERS && strcmp(name, "\t_RETURN") != 0;
    if (from->as == NAMED && *name) {
      *name = '\0';
      copied_unescape(name + 1);
      catalog_note(&catalog->names, from->table, line, name + 1);
    }
    return users;
  }
  return false;
}

/* The copy of this number, from 1: those that are kept come before those that are looked at. */
static bool read_copy(struct connection *c, struct catalog *catalog, size_t number, struct probe *p) {
  const struct looked_at *from = number < COPIED_COUNT ? NULL : &looked_at[number - COPIED_COUNT];
  char *line;
  bool users = false;
  int n;
  while ((n = PQgetCopyData(c->pg, &line, 0)) > 0) {
    line[n - 1] = '\0'; /* the line's end */
    if (from)
      users |= read_line(catalog, from, line, p);
    else
      copied_read(catalog, (enum copied_id)number, line);
    PQfreemem(line);
  }
  if (users)
    add(p, catalog->schema->arena, "0", from->table);
  return n == -1;
}

static void read_sorts(const PGresult *r, struct arena *arena, struct probe *p) {
  const int columns = PQnfields(r);
  for (int i = 0, rows = PQntuples(r); i < rows; i++) {
    const char *letter = columns > 2 ? PQgetvalue(r, i, 2) : "";
    add(p, arena, PQgetvalue(r, i, 0), arena_printf(arena, "%s%s", PQgetvalue(r, i, 1), letter));
  }
}

bool catalog_probe(struct connection *c, struct catalog *catalog, const char *first, struct probe *out) {
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql, "%s%s%s", first, catalog_planner, sorts);
  for (enum copied_id id = COPIED_NONE + 1; id < COPIED_COUNT; id++) {
    strbuf_adds(&sql, "COPY pg_catalog.");
    copied_columns(id, catalog->version, &sql);
    strbuf_adds(&sql, " TO STDOUT;");
  }
  for (size_t i = 0; i < ARRAY_LEN(looked_at); i++)
    strbuf_addf(&sql, "COPY pg_catalog.%s (%s) TO STDOUT;", looked_at[i].table, looked_at[i].columns);
  *out = (struct probe){0};
  bool ok = PQsendQuery(c->pg, sql.text) == 1;
  strbuf_release(&sql);
  size_t copies = COPIED_NONE;
  for (PGresult *r; (r = PQgetResult(c->pg)) != NULL; PQclear(r)) {
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK)
      read_sorts(r, catalog->schema->arena, out);
    else if (status == PGRES_COPY_OUT)
      ok = read_copy(c, catalog, ++copies, out) && ok;
    else
      ok = status == PGRES_COMMAND_OK && ok;
  }
  return ok;
}

static bool array_holds(const char *oids, const char *oid) {
  const size_t n = strlen(oid);
  for (const char *p = oids; *p;) {
    p += strspn(p, "{,\"}");
    const size_t digits = strcspn(p, "{,\"}");
    if (digits == n && memcmp(p, oid, n) == 0)
      return true;
    p += digits;
  }
  return false;
}

bool probe_has(const struct probe *p, const char *word) {
  for (const struct sort *s = p->sorts; s; s = s->next)
    if (strcmp(s->namespace, "0") == 0 && strcmp(s->word, word) == 0)
      return true;
  return false;
}

void probe_settle(const struct probe *p, struct catalog *catalog) {
  for (const struct sort *s = p->sorts; s; s = s->next)
    if (strcmp(s->namespace, "0") == 0 || array_holds(catalog->oids, s->namespace))
      catalog_found(catalog, s->word);
  copied_settle(catalog);
}

bool catalog_has(const struct schema *s, const char *words) {
  for (const char *word = words; *word;) {
    const size_t n = strcspn(word, ",");
    for (size_t i = 0; i < s->sorts.n; i++)
      if (strlen(s->sorts.v[i]) == n && memcmp(s->sorts.v[i], word, n) == 0)
        return true;
    word += n + strspn(word + n, ", ");
  }
  return false;
}
