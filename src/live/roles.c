/* Roles belong to the whole server and are nobody's schema's: they are looked for, and made only where the server is
 * ours. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "schema/schema.h"

static bool is_there(const PGresult *roles, const char *name) {
  for (int i = 0; i < PQntuples(roles); i++)
    if (strcmp(PQgetvalue(roles, i, 0), name) == 0)
      return true;
  return false;
}

static void missing(const PGresult *roles, const struct role *role, const struct connection *c, struct diagnostics *d) {
  struct spell spell = SPELL_INIT(role->name);
  for (int i = 0; i < PQntuples(roles); i++)
    if (strncmp(PQgetvalue(roles, i, 0), "pg_", 3) != 0)
      spell_offer(&spell, PQgetvalue(roles, i, 0));
  struct diagnostic *said = diagnose(d, PDL_NO_SUCH_ROLE, role->span, "%s has no role \"%s\"", c->shown, role->name);
  if (spell.best)
    diagnostic_hint(d, said, "did you mean \"%s\"?", spell.best);
  else
    diagnostic_hint(d, said, "Roles belong to the server: make it there with CREATE ROLE.");
}

bool roles_check(struct connection *c, const struct schema *s, struct diagnostics *d) {
  if (!s->roles)
    return true;
  PGresult *r = query_run(c, "SELECT rolname FROM pg_catalog.pg_roles ORDER BY rolname");
  bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  if (!ok)
    query_failed(c, "looking for roles", d);
  for (const struct role *role = ok ? s->roles : NULL; role; role = role->next)
    if (!is_there(r, role->name)) {
      missing(r, role, c, d);
      ok = false;
    }
  PQclear(r);
  return ok;
}

bool roles_make(struct connection *c, struct names roles, struct diagnostics *d) {
  PGresult *r = query_run(c, "SELECT rolname FROM pg_catalog.pg_roles ORDER BY rolname");
  struct strbuf sql = STRBUF_INIT;
  for (size_t i = 0; PQresultStatus(r) == PGRES_TUPLES_OK && i < roles.n; i++)
    if (!is_there(r, roles.v[i])) {
      strbuf_adds(&sql, "CREATE ROLE ");
      sql_ident(&sql, roles.v[i]);
      strbuf_adds(&sql, ";\n");
    }
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK && (!sql.len || query_ok(c, sql.text));
  if (!ok)
    query_failed(c, "making roles", d);
  PQclear(r);
  strbuf_release(&sql);
  return ok;
}
