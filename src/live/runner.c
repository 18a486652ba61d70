/* What both ways of running a file share: the settings of its session, and telling what failed and where. */
#include <string.h>

#include "live/private.h"
#include "sql/sql.h"

/* Nothing that a file before set for its session is left; search_path is the role's or database's own, as psql
 * would have it. */
void runner_settings(const struct runner *r, bool local, struct strbuf *sql) {
  const char *set = local ? "SET LOCAL" : "SET";
  strbuf_adds(sql, "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET jit = off;");
  strbuf_addf(sql,
              "%s client_encoding = 'UTF8'; %s standard_conforming_strings = on; %s TimeZone = 'UTC';"
              "%s DateStyle = 'ISO, MDY'; %s IntervalStyle = 'postgres';"
              "%s array_nulls = on; %s transform_null_equals = off; %s default_table_access_method = 'heap';"
              "%s statement_timeout = 0; %s lock_timeout = %ld;",
              set, set, set, set, set, set, set, set, set, set, r->lock_timeout);
  if (r->connection->version >= 17)
    strbuf_addf(sql, "%s transaction_timeout = 0;", set);
  if (local && r->checks_client)
    strbuf_adds(sql, "SET LOCAL client_connection_check_interval = '2s';");
}

struct reason {
  const char *state; /* or the class that it begins with */
  const char *hint;
};
#define THERE_ALREADY                                                                                                        \
  "The database has it already: if it has all of this file, pdlc repair VERSION --as applied takes the file as applied, " \
  "pdlc baseline all files of a database without a history."
static const struct reason reasons[] = {
    {"42501", "The role of the connection may not do this; connect as the owner of the objects."},
    {"42P07", THERE_ALREADY},
    {"42701", THERE_ALREADY},
    {"42710", THERE_ALREADY},
    {"42P06", THERE_ALREADY},
    {"23", "Rows that are there do not fit; mend them, then run the command again."},
    {"55P03", "Another session held a lock for too long; try again when it is done, or give it more time with "
              "--lock-timeout."},
    {"40P01", "Another session and this one waited for each other; run the command again when it is done."},
    {"53100", "The server's disk is full; nothing of this file stays. Make room, then run the command again."},
    {"53200", "The server's lock table, or its memory, is too small for all that this file touches at once; nothing of it stays. "
              "Raise max_locks_per_transaction, restart the server, then run the command again; a database that is still "
              "empty can be made by pdlc push, which takes several transactions, then pdlc baseline."},
    {"53", "The server is out of resources; nothing of this file stays."},
    {"57014", "The statement was cancelled: by a timeout that the file sets, or by somebody."},
    {"25006", "The connection is to a standby or a read-only database; connect to the primary."},
    {"55006", "Another session uses it; run the command again when it is done."},
};

static const char *hint_for(const char *state) {
  for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
    if (strncmp(reasons[i].state, state, strlen(reasons[i].state)) == 0)
      return reasons[i].hint;
  return "";
}

/* Byte offset of the character with this number, from 1. */
static uint32_t offset_of(const struct source *source, size_t position) {
  size_t at = 0;
  while (position-- > 1 && at < source->len)
    at += utf8_step(source->text + at, source->len - at);
  return (uint32_t)at;
}

/* The place that the server named, else the statement that it was at. */
static struct span place_of(struct runner *r, const struct migration_file *file, const struct answer *a) {
  struct span span = {.src = file->source};
  if (a->position) {
    span.from = span.to = offset_of(file->source, a->position);
    return span;
  }
  size_t count;
  const struct sql_part *parts = sql_split(r->arena, file->source->text, file->source->len, &count);
  if (a->done < count) {
    span.from = parts[a->done].from;
    span.to = parts[a->done].to;
  }
  return span;
}

bool runner_failed(struct runner *r, const struct migration *m, const struct migration_file *file,
                   const struct answer *a, const char *stands) {
  struct diagnostics *d = r->diagnostics;
  snprintf(r->failed, sizeof r->failed, "%s", a->state);
  if (a->lost) {
    diagnostic_hint(d,
                    diagnose(d, PDL_CONNECTION_LOST, (struct span){.src = file->source},
                             "connection to %s lost while running %s_%s", r->connection->shown, m->version, m->name),
                    "%s", stands);
    return false;
  }
  if (tool_interrupted && strcmp(a->state, "57014") == 0) {
    interrupted_diagnose(d);
    return false;
  }
  struct strbuf hint = STRBUF_INIT;
  const char *parts[] = {a->detail, a->hint, hint_for(a->state)};
  for (size_t i = 0; i < ARRAY_LEN(parts); i++)
    if (*parts[i])
      strbuf_addf(&hint, "%s%s", hint.len ? " " : "", parts[i]);
  if (*r->watch.blockers && (strcmp(a->state, "55P03") == 0))
    strbuf_addf(&hint, " It waited for %s.", r->watch.blockers);
  strbuf_addf(&hint, "%s%s", hint.len ? " " : "", stands);
  struct diagnostic *found =
      diagnose(d, strcmp(a->state, "55P03") == 0 ? PDL_LOCK_NOT_OBTAINED : PDL_MIGRATION_FAILED, place_of(r, file, a),
               "%s (%s)", text_tame(r->arena, a->message), a->state);
  diagnostic_hint(d, found, "%s", text_tame(r->arena, hint.text));
  strbuf_release(&hint);
  return false;
}
