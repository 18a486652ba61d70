/* One pdlc at a time changes a database. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live/private.h"

/* "pdlc" in ASCII: the key of the session-level advisory lock (manual, 13.3.5). */
#define LOCK_KEY "1885629539"
enum { POLL_MS = 100, POLLS_A_LOOK = 10, IDLE_LOOKS = 30 };

static bool try_lock(struct connection *c, bool *standby) {
  PGresult *r = query_run(c, "SELECT pg_catalog.pg_try_advisory_lock(" LOCK_KEY "), pg_catalog.pg_is_in_recovery()");
  const bool known = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
  const bool locked = known && PQgetvalue(r, 0, 0)[0] == 't';
  *standby = known && PQgetvalue(r, 0, 1)[0] == 't';
  PQclear(r);
  return locked;
}

/* What a session is called and does: its queries may hold what is nobody's business. */
#define SESSION                                                                                                      \
  "a.pid || ' (' || coalesce(nullif(a.application_name, ''), 'no name') || ', user ' || coalesce(a.usename, '?')"    \
  " || ', ' || coalesce(a.state, 'of another user') || coalesce(' for ' || pg_catalog.round(extract(epoch FROM "     \
  "pg_catalog.clock_timestamp() - a.state_change)) || ' s', '') || ')'"

static const char holder[] =
    "SELECT " SESSION ", a.pid, a.state IS DISTINCT FROM 'active' FROM pg_catalog.pg_locks l"
    " JOIN pg_catalog.pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = " LOCK_KEY " AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())";

const char blockers_query[] =
    "SELECT pg_catalog.string_agg('pid ' || " SESSION ", '; ' ORDER BY a.pid)"
    " FROM pg_catalog.pg_stat_activity a WHERE a.pid = ANY (pg_catalog.pg_blocking_pids($1::int))";

/* Polled, never waited for: a waiting session holds a snapshot that others may wait for in turn. Whoever holds the
 * lock and is at work is waited for, however long it takes; whoever is idle, for half a minute. */
bool database_lock(struct connection *c, const struct teller *teller, struct diagnostics *d) {
  char who[256] = "another session", pid[16] = "pid";
  int idle = 0;
  bool standby;
  for (unsigned i = 0; idle < IDLE_LOOKS; i++) {
    const bool locked = try_lock(c, &standby);
    if (standby) {
      diagnostic_hint(d, diagnose(d, PDL_STANDBY, NO_SPAN, "%s is a standby, which takes no change", c->shown),
                      "Connect to its primary.");
      return false;
    }
    if (locked)
      return true;
    if (PQstatus(c->pg) != CONNECTION_OK) {
      query_failed(c, "waiting for the lock", d);
      return false;
    }
    if (i % POLLS_A_LOOK == POLLS_A_LOOK - 1) {
      PGresult *r = query_run(c, holder);
      const bool known = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) > 0;
      if (known) {
        snprintf(who, sizeof who, "pid %s", PQgetvalue(r, 0, 0));
        snprintf(pid, sizeof pid, "%s", PQgetvalue(r, 0, 1));
      }
      idle = !known || PQgetvalue(r, 0, 2)[0] == 't' ? idle + 1 : 0;
      PQclear(r);
      tell(teller, (struct event){.kind = EVENT_WAIT, .text = who});
    }
    if (tool_interrupted) {
      interrupted_diagnose(d);
      return false;
    }
    pause_ms(POLL_MS);
  }
  diagnostic_hint(
      d, diagnose(d, PDL_LOCKED, NO_SPAN, "another pdlc is changing this database: %s", text_tame(d->arena, who)),
      "It holds advisory lock " LOCK_KEY
      " and does nothing; if it was left behind, end it: select pg_terminate_backend(%s).",
      pid);
  return false;
}
