/* Whether a database is Supabase's, and making one look like that. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"

/* Hardly a database has both, and one catalog tells. */
static bool has_schemas(struct connection *c) {
  PGresult *r = query_run(c, "SELECT FROM pg_catalog.pg_namespace WHERE nspname IN ('auth', 'storage')");
  const bool yes = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 2;
  PQclear(r);
  return yes;
}

bool platform_found(struct connection *c) {
  if (!has_schemas(c))
    return false;
  /* whoever asks need not be let into those schemas */
  PGresult *r = query_run(c, "SELECT count(*) = 2 AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'authenticated')"
                             " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                             " WHERE (n.nspname, c.relname) IN (('auth', 'users'), ('storage', 'objects'))");
  const bool yes = PQresultStatus(r) == PGRES_TUPLES_OK && PQgetvalue(r, 0, 0)[0] == 't';
  PQclear(r);
  return yes;
}

bool platform_make(struct connection *c, const char *script, struct diagnostics *d) {
  if (platform_found(c))
    return true;
  if (query_ok(c, "BEGIN") && query_ok(c, script) && query_ok(c, "COMMIT"))
    return true;
  query_failed(c, "making Supabase's schemas and roles", d);
  query_ok(c, "ROLLBACK");
  return false;
}
