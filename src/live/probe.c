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
static const char planner[] =
    "SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1;"
    "SET LOCAL work_mem = '64MB'; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off;"
    "SET LOCAL enable_incremental_sort = off; SET LOCAL max_parallel_workers_per_gather = 0;";

/* Rows: a namespace, or 0 for the database; a word; a letter that belongs to it; another word. What lives in a
 * namespace depends on it, but row types, constraints, indexes and what belongs to other parts. FirstNormalObjectId is
 * 16384. */
static const char sorts[] =
    "SELECT DISTINCT CASE WHEN c.relkind = 't' THEN 0 ELSE c.relnamespace END, 'class ', c.relkind,"
    " CASE WHEN c.relkind = 't' AND c.reloptions IS NOT NULL THEN 'settings of a toast table' WHEN c.reloftype <> 0 THEN 'typed table'"
    " WHEN c.relforcerowsecurity AND NOT c.relrowsecurity THEN 'forced table' END FROM pg_catalog.pg_class c;"
    "SELECT DISTINCT c.connamespace, 'constraint ', c.contype FROM pg_catalog.pg_constraint c;"
    "SELECT DISTINCT d.refobjid, d.classid::pg_catalog.regclass FROM pg_catalog.pg_depend d"
    " WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass;"
    "SELECT DISTINCT p.pronamespace, 'routine ', p.prokind FROM pg_catalog.pg_proc p WHERE p.oid >= 16384;"
    "SELECT DISTINCT 0, CASE WHEN t.tgisinternal OR t.tgparentid <> 0 THEN 'trigger of a partition' ELSE 'trigger' END"
    " FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0);"
    "SELECT 0, 'index on an expression' FROM pg_catalog.pg_index i WHERE i.indexrelid >= 16384 AND i.indexprs IS NOT NULL LIMIT 1;"
    "SELECT 0, 'unusual index' FROM pg_catalog.pg_index i WHERE i.indexrelid >= 16384 AND " CATALOG_UNUSUAL_INDEX " LIMIT 1;";

/* Catalogs that a look at costs less than a query: one is found where users have a row. The names of some are kept, as
 * catalog_name() tells them, and all types; namespaces come first. */
static const struct copied {
  const char *table, *columns;
  enum { COUNTED, NAMED, TYPES } as;
} copied[] = {
    {"pg_namespace", "oid, nspname", NAMED},
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
    {"pg_type", CATALOG_TYPE_COLUMNS ", typtype", TYPES},
};

/* COPY's text form, its escapes undone (manual, COPY, "Text Format"). */
static char *unescape(struct arena *arena, const char *text) {
  static const char letters[] = "bfnrtv", means[] = "\b\f\n\r\t\v";
  char *copy = arena_strdup(arena, text), *out = copy;
  for (const char *p = text; *p; p++) {
    const char *letter = *p == '\\' && p[1] ? strchr(letters, *++p) : NULL;
    *out++ = letter ? means[letter - letters] : *p;
  }
  *out = '\0';
  return copy;
}

static void add(struct probe *p, struct arena *arena, const char *namespace, const char *word) {
  if (p->sorts && strcmp(p->sorts->word, word) == 0 && strcmp(p->sorts->namespace, namespace) == 0)
    return;
  struct sort *s = arena_alloc(arena, sizeof *s);
  *s = (struct sort){arena_strdup(arena, namespace), word, p->sorts};
  p->sorts = s;
}

/* The columns of a line that was copied, as a row of a query. */
static const char *field(const struct row *row, int column) {
  return ((const char *const *)row->result)[column];
}

/* A word "type d" for those that people made, but for row types and arrays. */
static void read_type(struct catalog *catalog, char *line, struct probe *p) {
  struct arena *arena = catalog->schema->arena;
  const char *fields[CATALOG_TYPE_FIELDS + 1];
  size_t n = 0;
  for (char *next = line; next && n < ARRAY_LEN(fields); n++) {
    fields[n] = next;
    next = strchr(next, '\t');
    if (next)
      *next++ = '\0';
  }
  const char sort = *fields[CATALOG_TYPE_FIELDS];
  if (sort == 'c')
    return;
  if (strchr(fields[CATALOG_TYPE_NAME], '\\'))
    fields[CATALOG_TYPE_NAME] = unescape(arena, fields[CATALOG_TYPE_NAME]);
  const struct row row = {.get = field, .arena = arena, .result = fields};
  if (catalog_read_type(catalog, &row) && strtoul(fields[0], NULL, 10) >= 16384)
    add(p, arena, fields[CATALOG_TYPE_NAMESPACE], arena_printf(arena, "type %c", sort));
}

/* The rule that makes a relation a view is not counted. */
static bool read_copied(struct connection *c, struct catalog *catalog, const struct copied *from, struct probe *p) {
  char *line;
  bool users = false;
  int n;
  while ((n = PQgetCopyData(c->pg, &line, 0)) > 0) {
    line[n - 1] = '\0'; /* the line's end */
    if (from->as == TYPES) {
      read_type(catalog, line, p);
      PQfreemem(line);
      continue;
    }
    char *const name = line + strcspn(line, "\t");
    users |= strtoul(line, NULL, 10) >= 16384 && strcmp(name, "\t_RETURN") != 0;
    if (from->as == NAMED && *name) {
      *name = '\0';
      catalog_note(&catalog->names, from->table, line, unescape(catalog->schema->arena, name + 1));
    }
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
    if (columns > 3 && !PQgetisnull(r, i, 3))
      add(p, arena, PQgetvalue(r, i, 0), arena_strdup(arena, PQgetvalue(r, i, 3)));
  }
}

bool catalog_probe(struct connection *c, struct catalog *catalog, const char *first, struct probe *out) {
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql, "%s%s%s", first, planner, sorts);
  for (size_t i = 0; i < ARRAY_LEN(copied); i++)
    strbuf_addf(&sql, "COPY pg_catalog.%s (%s) TO STDOUT;", copied[i].table, copied[i].columns);
  *out = (struct probe){0};
  bool ok = PQsendQuery(c->pg, sql.text) == 1;
  strbuf_release(&sql);
  size_t tables = 0;
  for (PGresult *r; (r = PQgetResult(c->pg)) != NULL; PQclear(r)) {
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK)
      read_sorts(r, catalog->schema->arena, out);
    else if (status == PGRES_COPY_OUT)
      ok = read_copied(c, catalog, &copied[tables++], out) && ok;
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

struct names probe_words(const struct probe *p, struct arena *arena, const char *oids) {
  size_t count = 0;
  for (const struct sort *s = p->sorts; s; s = s->next)
    count++;
  struct names words = {.v = arena_array(arena, count, sizeof *words.v)};
  for (const struct sort *s = p->sorts; s; s = s->next)
    if ((strcmp(s->namespace, "0") == 0 || array_holds(oids, s->namespace)) && !names_hold(words, s->word))
      words.v[words.n++] = s->word;
  return words;
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
