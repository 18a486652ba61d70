/* What other tools say they have applied. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"

/* Each query gives a version a row, in order, and whether that one failed. */
static const struct tool {
  const char *word, *table, *query;
  bool versions, each;
} tools[] = {
    {"alembic", "alembic_version", "SELECT version_num, false FROM %s ORDER BY version_num", false, false},
    {"dbmate", "schema_migrations", "SELECT version, false FROM %s ORDER BY version", true, true},
    {"flyway", "flyway_schema_history",
     "SELECT version, NOT success FROM %s WHERE version IS NOT NULL ORDER BY installed_rank", true, true},
    {"golang-migrate", "schema_migrations", "SELECT version, dirty FROM %s", true, false},
    {"rails", "schema_migrations", "SELECT version, false FROM %s ORDER BY version", true, true},
    {"sqitch", "sqitch.changes", "SELECT change, false FROM %s ORDER BY committed_at DESC LIMIT 1", false, false},
    {"supabase", "supabase_migrations.schema_migrations", "SELECT version, false FROM %s ORDER BY version", true,
     true},
};

static const struct tool *find_tool(struct arena *arena, const char *word, struct diagnostics *d) {
  struct strbuf list = STRBUF_INIT;
  const struct tool *found = NULL;
  for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
    if (strcmp(tools[i].word, word) == 0)
      found = &tools[i];
    strbuf_addf(&list, "%s%s", i ? ", " : "", tools[i].word);
  }
  if (!found)
    diagnostic_hint(
        d, diagnose(d, PDL_HISTORY_FOREIGN, NO_SPAN, "there is no history of \"%s\" to read", text_tame(arena, word)),
        "These can be read: %s.", list.text);
  strbuf_release(&list);
  return found;
}

/* The table, with its schema and quoted, as the role's own search_path finds it; else in public. NULL where there
 * is none. */
static const char *find_table(struct arena *arena, struct connection *c, const char *table) {
  const char *param = table;
  PGresult *r = query_run(c, "SET search_path TO DEFAULT");
  PQclear(r);
  r = PQexecParams(c->pg,
                   "SELECT pg_catalog.format('%I.%I', n.nspname, k.relname) FROM pg_catalog.pg_class k JOIN "
                   "pg_catalog.pg_namespace n"
                   " ON n.oid = k.relnamespace WHERE k.oid = coalesce(pg_catalog.to_regclass($1), "
                   "pg_catalog.to_regclass('public.' || $1))",
                   1, NULL, &param, NULL, NULL, 0);
  const char *found =
      PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 ? arena_strdup(arena, PQgetvalue(r, 0, 0)) : NULL;
  PQclear(r);
  r = query_run(c, "SELECT pg_catalog.set_config('search_path', '', false)");
  PQclear(r);
  return found;
}

bool foreign_history_read(struct arena *arena, struct connection *c, const char *word, struct diagnostics *d,
                          struct foreign_history *out) {
  const struct tool *tool = find_tool(arena, word, d);
  if (!tool)
    return false;
  const char *table = find_table(arena, c, tool->table);
  if (!table) {
    diagnose(d, PDL_HISTORY_FOREIGN, NO_SPAN, "%s has no table %s, in which %s keeps its history", c->shown,
             tool->table, word);
    return false;
  }
  *out = (struct foreign_history){.word = tool->word, .table = table, .versions = tool->versions, .each = tool->each};
  struct strbuf sql = STRBUF_INIT;
  const char *hole = strstr(tool->query, "%s");
  strbuf_add(&sql, tool->query, (size_t)(hole - tool->query));
  strbuf_adds(&sql, table);
  strbuf_adds(&sql, hole + 2);
  PGresult *r = query_run(c, sql.text);
  strbuf_release(&sql);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const int rows = ok ? PQntuples(r) : 0;
  if (!ok)
    query_failed(c, "reading the history", d);
  else if (rows == 0)
    diagnose(d, PDL_HISTORY_FOREIGN, NO_SPAN, "the history of %s in %s is empty", word, table);
  else if (!tool->each && rows > 1)
    diagnose(d, PDL_HISTORY_FOREIGN, NO_SPAN, "the history of %s in %s has %d heads", word, table, rows);
  out->applied.v = arena_array(arena, (size_t)rows, sizeof *out->applied.v);
  bool failed = false;
  for (int i = 0; i < rows; i++) {
    out->applied.v[out->applied.n++] = arena_strdup(arena, PQgetvalue(r, i, 0));
    failed |= PQgetvalue(r, i, 1)[0] == 't';
  }
  PQclear(r);
  if (failed)
    diagnostic_hint(d,
                    diagnose(d, PDL_HISTORY_FOREIGN, NO_SPAN, "the history of %s in %s says that its last run failed",
                             word, table),
                    "Settle that with %s first.", word);
  return rows > 0 && (tool->each || rows == 1) && !failed;
}
