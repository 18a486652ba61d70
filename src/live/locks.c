/* For proofs: the locks that the transaction holds, and which tables one that is named takes along. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"

#define TITLE(class, namespace) namespace ".nspname || '.' || " class ".relname"

static PGresult *rows_of(struct connection *c, const char *sql, struct diagnostics *d) {
  PGresult *r = query_run(c, sql);
  if (PQresultStatus(r) == PGRES_TUPLES_OK)
    return r;
  query_failed(c, "looking at locks", d);
  PQclear(r);
  return NULL;
}

bool locks_look(struct arena *arena, struct connection *c, struct diagnostics *d, struct held_lock **out,
                size_t *count) {
  static const char *const modes[] = {
      [LOCK_SHARE_UPDATE_EXCLUSIVE] = "ShareUpdateExclusiveLock", [LOCK_SHARE] = "ShareLock",
      [LOCK_SHARE_ROW_EXCLUSIVE] = "ShareRowExclusiveLock", [LOCK_EXCLUSIVE] = "ExclusiveLock",
      [LOCK_ACCESS_EXCLUSIVE] = "AccessExclusiveLock"};
  PGresult *r = rows_of(c, "SELECT " TITLE("r", "n") ", l.mode FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class r ON r.oid = l.relation"
                           " JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE l.pid = pg_catalog.pg_backend_pid()"
                           " AND l.granted AND r.relkind = 'r' AND n.nspname !~ '^pg_' ORDER BY 1, 2", d);
  if (!r)
    return false;
  *count = (size_t)PQntuples(r);
  *out = arena_array(arena, *count + 1, sizeof **out);
  for (size_t i = 0; i < *count; i++) {
    struct held_lock held = {.on = arena_strdup(arena, PQgetvalue(r, (int)i, 0))};
    for (size_t k = 0; k < ARRAY_LEN(modes); k++)
      if (modes[k] && strcmp(modes[k], PQgetvalue(r, (int)i, 1)) == 0)
        held.lock = (enum lock)k;
    (*out)[i] = held;
  }
  PQclear(r);
  return true;
}

bool kin_look(struct arena *arena, struct connection *c, struct diagnostics *d, struct names *out) {
  PGresult *r = rows_of(c, "WITH RECURSIVE under AS (SELECT inhrelid AS one, inhparent AS above FROM pg_catalog.pg_inherits UNION"
                           " SELECT u.one, i.inhparent FROM under u JOIN pg_catalog.pg_inherits i ON i.inhrelid = u.above)"
                           " SELECT " TITLE("a", "m") " || E'\\n' || " TITLE("b", "n") " FROM ("
                           "SELECT conrelid AS one, confrelid AS other FROM pg_catalog.pg_constraint WHERE contype = 'f'"
                           " UNION SELECT one, above FROM under UNION SELECT u.one, k.one FROM under u JOIN under k USING (above)"
                           " UNION SELECT indexrelid, indrelid FROM pg_catalog.pg_index"
                           " UNION SELECT i.indexrelid, u.one FROM under u JOIN pg_catalog.pg_index i ON i.indrelid = u.above) pair"
                           " JOIN pg_catalog.pg_class a ON a.oid = pair.one JOIN pg_catalog.pg_namespace m ON m.oid = a.relnamespace"
                           " JOIN pg_catalog.pg_class b ON b.oid = pair.other JOIN pg_catalog.pg_namespace n ON n.oid = b.relnamespace"
                           " WHERE m.nspname !~ '^pg_'"
                           " UNION SELECT tn.nspname || '.' || y.typname || E'\\n' || " TITLE("a", "m") " FROM pg_catalog.pg_attribute u"
                           " JOIN pg_catalog.pg_class a ON a.oid = u.attrelid AND a.relkind = 'r' JOIN pg_catalog.pg_namespace m ON m.oid = a.relnamespace"
                           " JOIN pg_catalog.pg_type x ON x.oid = u.atttypid JOIN pg_catalog.pg_type y ON y.oid IN (x.oid, x.typelem, x.typbasetype)"
                           " JOIN pg_catalog.pg_namespace tn ON tn.oid = y.typnamespace WHERE u.attnum > 0 AND tn.nspname !~ '^pg_' ORDER BY 1", d);
  if (!r)
    return false;
  out->v = arena_array(arena, (size_t)PQntuples(r) + 1, sizeof *out->v);
  for (out->n = 0; out->n < (size_t)PQntuples(r); out->n++)
    out->v[out->n] = arena_strdup(arena, PQgetvalue(r, (int)out->n, 0));
  PQclear(r);
  return true;
}
