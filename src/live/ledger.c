/* The ledger: which migrations a database has, and everything that was ever done about them. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "sql/sql.h"

static const char *const states[] = {[LEDGER_APPLIED] = "applied",
                                     [LEDGER_RUNNING] = "running",
                                     [LEDGER_UNDOING] = "undoing",
                                     [LEDGER_FAILED] = "failed"};

const char *ledger_state_word(enum ledger_state state) {
  return states[state];
}

/* Beside the Supabase CLI's own table, in a schema that its comparisons leave out. */
static const char *prefix_of(enum layout layout) {
  return layout == LAYOUT_SUPABASE ? "supabase_migrations.pdlc_" : "pdlc.";
}

static bool failed(struct connection *c, const char *what, struct diagnostics *d) {
  if (PQstatus(c->pg) != CONNECTION_OK) {
    query_failed(c, what, d);
    return false;
  }
  const char *text = PQerrorMessage(c->pg);
  struct diagnostic *found =
      diagnose(d, PDL_LEDGER_UNUSABLE, NO_SPAN, "%s failed: %.*s", what, (int)strcspn(text, "\n"), text);
  if (strstr(text, "permission denied"))
    diagnostic_hint(
        d, found,
        "The role of the connection may not do this; connect as the owner of the database, or let it grant create on "
        "database to the role.");
  return false;
}

/* One value; NULL where it is null or the query failed. */
static const char *ask(struct arena *arena, struct connection *c, const char *sql, bool *ok) {
  PGresult *r = query_run(c, sql);
  *ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const char *value =
      *ok && PQntuples(r) == 1 && !PQgetisnull(r, 0, 0) ? arena_strdup(arena, PQgetvalue(r, 0, 0)) : NULL;
  PQclear(r);
  return value;
}

static enum ledger_state state_of(const char *word) {
  for (size_t i = 0; i < ARRAY_LEN(states); i++)
    if (strcmp(states[i], word) == 0)
      return (enum ledger_state)i;
  return LEDGER_FAILED;
}

static bool read_rows(struct arena *arena, struct connection *c, struct ledger *out) {
  PGresult *r =
      query_run(c, arena_printf(arena,
                                "SELECT version, name, checksum, state, pg_catalog.to_char(applied_at AT TIME ZONE "
                                "'UTC', 'YYYY-MM-DD HH24:MI:SS'),"
                                " duration_ms, applied_by, tool_version, error FROM %smigrations ORDER BY position",
                                out->prefix));
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const int rows = ok ? PQntuples(r) : 0;
  out->rows = arena_array(arena, (size_t)rows, sizeof *out->rows);
  for (int i = 0; i < rows; i++)
    out->rows[out->count++] =
        (struct ledger_row){.version = result_text(arena, r, i, 0),
                            .name = result_text(arena, r, i, 1),
                            .checksum = result_text(arena, r, i, 2),
                            .state = state_of(PQgetvalue(r, i, 3)),
                            .applied_at = result_text(arena, r, i, 4),
                            .duration_ms = PQgetisnull(r, i, 5) ? -1 : strtoll(PQgetvalue(r, i, 5), NULL, 10),
                            .applied_by = result_text(arena, r, i, 6),
                            .tool_version = result_text(arena, r, i, 7),
                            .error = result_text(arena, r, i, 8)};
  PQclear(r);
  return ok;
}

const struct ledger_row *ledger_find(const struct ledger *ledger, const char *version) {
  const unsigned long long number = strtoull(version, NULL, 10);
  for (size_t i = 0; i < ledger->count; i++)
    if (strtoull(ledger->rows[i].version, NULL, 10) == number)
      return &ledger->rows[i];
  return NULL;
}

/* What the Supabase CLI says is applied, is: its rows that are not ours yet are taken in, ours that it struck out
 * left out. */
static bool follow_supabase(struct arena *arena, struct connection *c, struct ledger *out) {
  bool ok;
  out->foreign = ask(arena, c, "SELECT pg_catalog.to_regclass('supabase_migrations.schema_migrations')", &ok) != NULL;
  if (!ok || !out->foreign) {
    out->count = ok ? 0 : out->count;
    return ok;
  }
  PGresult *r = query_run(c, "SELECT version, coalesce(pg_catalog.to_jsonb(m) ->> 'name', '') FROM "
                             "supabase_migrations.schema_migrations m ORDER BY version");
  ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const int rows = ok ? PQntuples(r) : 0;
  struct ledger_row *merged = arena_array(arena, out->count + (size_t)rows, sizeof *merged);
  size_t count = 0;
  struct map theirs;
  map_init(&theirs, arena);
  for (int i = 0; i < rows; i++)
    map_add(&theirs, PQgetvalue(r, i, 0), out);
  int next = 0; /* theirs stand where their number puts them */
  for (size_t i = 0; i <= out->count; i++) {
    const struct ledger_row *own = i < out->count ? &out->rows[i] : NULL;
    for (; next < rows && (!own || strtoull(PQgetvalue(r, next, 0), NULL, 10) < strtoull(own->version, NULL, 10));
         next++)
      if (!ledger_find(out, PQgetvalue(r, next, 0)))
        merged[count++] = (struct ledger_row){.version = result_text(arena, r, next, 0),
                                              .name = result_text(arena, r, next, 1),
                                              .state = LEDGER_APPLIED,
                                              .duration_ms = -1};
    if (own && (own->state == LEDGER_RUNNING || own->state == LEDGER_FAILED || map_get(&theirs, own->version)))
      merged[count++] = *own;
  }
  PQclear(r);
  out->rows = merged;
  out->count = count;
  return ok;
}

bool ledger_read(struct arena *arena, struct connection *c, enum layout layout, struct diagnostics *d,
                 struct ledger *out) {
  static const char what[] = "reading the ledger";
  bool ok;
  *out = (struct ledger){.layout = layout, .prefix = prefix_of(layout)};
  out->exists =
      ask(arena, c, arena_printf(arena, "SELECT pg_catalog.to_regclass('%smigrations')", out->prefix), &ok) != NULL;
  if (ok && out->exists) {
    const char *head =
        ask(arena, c, arena_printf(arena, "SELECT coalesce(pg_catalog.max(id), 0) FROM %shistory", out->prefix), &ok);
    out->head = head ? strtoll(head, NULL, 10) : 0;
    ok = ok && read_rows(arena, c, out);
  }
  if (ok && layout == LAYOUT_SUPABASE)
    ok = follow_supabase(arena, c, out);
  return ok || failed(c, what, d);
}

/* The Supabase CLI's own steps, under its own timeout. */
static const char supabase_tables[] =
    "SET LOCAL lock_timeout = '4s';"
    "CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);"
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];"
    "ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text;";

bool ledger_make(struct arena *arena, struct connection *c, struct ledger *ledger, struct diagnostics *d) {
  const bool supabase = ledger->layout == LAYOUT_SUPABASE;
  if (ledger->exists && (!supabase || ledger->foreign))
    return true;
  bool ok;
  const char *schema = supabase ? "supabase_migrations" : "pdlc", *p = ledger->prefix;
  const bool schema_exists =
      ask(arena, c, arena_printf(arena, "SELECT pg_catalog.to_regnamespace('%s')", schema), &ok) != NULL;
  struct strbuf sql = STRBUF_INIT;
  strbuf_adds(&sql, "BEGIN READ WRITE; SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = warning;");
  if (!schema_exists) /* even where it is there, CREATE SCHEMA IF NOT EXISTS wants the right to make it */
    strbuf_addf(&sql, "CREATE SCHEMA %s;", schema);
  if (!schema_exists && !supabase)
    strbuf_adds(&sql, "COMMENT ON SCHEMA pdlc IS 'what pdlc did to this database';");
  if (!ledger->exists)
    strbuf_addf(
        &sql,
        "CREATE TABLE %smigrations (version text PRIMARY KEY, name text NOT NULL, checksum text,"
        " state text NOT NULL CHECK (state IN ('applied', 'running', 'undoing', 'failed')),"
        " applied_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), duration_ms bigint,"
        " applied_by text NOT NULL DEFAULT session_user, tool_version text NOT NULL, error text, sql text,"
        " position bigint GENERATED ALWAYS AS IDENTITY);"
        "CREATE TABLE %shistory (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), action text NOT NULL, version text, name text,"
        " checksum text, duration_ms bigint, done_by text NOT NULL DEFAULT session_user, tool_version text NOT NULL, note text);"
        "CREATE TABLE %sfingerprint (history_id bigint NOT NULL, hash text NOT NULL, server int NOT NULL,"
        " reader text NOT NULL, taken_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(), catalog text);",
        p, p, p);
  if (supabase)
    strbuf_adds(&sql, supabase_tables);
  strbuf_adds(&sql, "COMMIT");
  ok = query_ok(c, sql.text);
  strbuf_release(&sql);
  if (!ok) {
    failed(c, "making the ledger", d);
    query_ok(c, "ROLLBACK");
    return false;
  }
  ledger->exists = true;
  ledger->foreign = supabase;
  return true;
}

static void add_text(struct strbuf *sql, const char *text) {
  if (text)
    sql_literal(sql, text);
  else
    strbuf_adds(sql, "NULL");
}

static void add_number(struct strbuf *sql, long long n) {
  if (n >= 0)
    strbuf_addf(sql, "%lld", n);
  else
    strbuf_adds(sql, "NULL");
}

void ledger_log(const struct ledger *ledger, struct strbuf *sql, const char *action, const struct migration *m,
                const char *checksum, long long duration_ms, const char *note) {
  strbuf_addf(sql,
              "INSERT INTO %shistory (action, version, name, checksum, duration_ms, tool_version, note) VALUES (",
              ledger->prefix);
  sql_literal(sql, action);
  strbuf_adds(sql, ", ");
  add_text(sql, m ? m->version : NULL);
  strbuf_adds(sql, ", ");
  add_text(sql, m ? m->name : NULL);
  strbuf_adds(sql, ", ");
  add_text(sql, checksum);
  strbuf_adds(sql, ", ");
  add_number(sql, duration_ms);
  strbuf_adds(sql, ", '" PDLC_VERSION "', ");
  add_text(sql, note);
  strbuf_adds(sql, ") RETURNING id;");
}

/* Statements as the Supabase CLI cuts a file: at semicolons, comments kept, blank and semicolons off both ends. */
static void add_statements(struct strbuf *sql, struct arena *arena, const struct source *source) {
  size_t count;
  const struct sql_part *parts = sql_split(arena, source->text, source->len, &count);
  strbuf_adds(sql, "ARRAY[");
  size_t from = 0, written = 0;
  for (size_t i = 0; i <= count; i++) {
    size_t to = source->len;
    if (i < count) {
      const char *end =
          memchr(source->text + parts[i].to, ';', (i + 1 < count ? parts[i + 1].from : source->len) - parts[i].to);
      to = end ? (size_t)(end - source->text) : source->len;
    }
    size_t a = from, b = to;
    while (a < b && strchr(" \t\r\n\f\v;", source->text[a]))
      a++;
    while (b > a && strchr(" \t\r\n\f\v;", source->text[b - 1]))
      b--;
    if (b > a) {
      strbuf_adds(sql, written++ ? ", " : "");
      sql_literal(sql, arena_strndup(arena, source->text + a, b - a));
    }
    from = to < source->len ? to + 1 : to;
  }
  strbuf_adds(sql, "]::text[]");
}

enum { SQL_KEPT = 1024 * 1024 };

void ledger_add(const struct ledger *ledger, struct arena *arena, struct strbuf *sql, const struct migration *m,
                enum ledger_state state, long long duration_ms) {
  const struct source *up = m->up.source;
  if (ledger->layout == LAYOUT_SUPABASE) { /* struck out by the Supabase CLI, perhaps */
    strbuf_addf(sql, "DELETE FROM %smigrations WHERE version = ", ledger->prefix);
    sql_literal(sql, m->version);
    strbuf_adds(sql, ";");
  }
  strbuf_addf(sql,
              "INSERT INTO %smigrations (version, name, checksum, state, duration_ms, tool_version, sql) VALUES (",
              ledger->prefix);
  sql_literal(sql, m->version);
  strbuf_adds(sql, ", ");
  sql_literal(sql, m->name);
  strbuf_adds(sql, ", ");
  sql_literal(sql, m->up.sha256);
  strbuf_addf(sql, ", '%s', ", states[state]);
  add_number(sql, duration_ms);
  strbuf_adds(sql, ", '" PDLC_VERSION "', ");
  add_text(sql, up->len <= SQL_KEPT ? up->text : NULL);
  strbuf_adds(sql, ");");
  if (state == LEDGER_APPLIED)
    ledger_add_foreign(ledger, arena, sql, m);
}

void ledger_add_foreign(const struct ledger *ledger, struct arena *arena, struct strbuf *sql,
                        const struct migration *m) {
  if (ledger->layout != LAYOUT_SUPABASE)
    return;
  strbuf_adds(sql, "INSERT INTO supabase_migrations.schema_migrations (version, name, statements) VALUES (");
  sql_literal(sql, m->version);
  strbuf_adds(sql, ", ");
  sql_literal(sql, m->name);
  strbuf_adds(sql, ", ");
  add_statements(sql, arena, m->up.source);
  strbuf_adds(sql, ") ON CONFLICT (version) DO NOTHING;");
}

void ledger_set(const struct ledger *ledger, struct strbuf *sql, const char *version, enum ledger_state state,
                long long duration_ms, const char *error) {
  strbuf_addf(sql, "UPDATE %smigrations SET state = '%s', error = ", ledger->prefix, states[state]);
  add_text(sql, error);
  if (duration_ms >= 0)
    strbuf_addf(sql, ", duration_ms = %lld", duration_ms);
  strbuf_adds(sql, " WHERE version = ");
  sql_literal(sql, version);
  strbuf_adds(sql, ";");
}

void ledger_take_file(const struct ledger *ledger, struct strbuf *sql, const struct migration *m) {
  strbuf_addf(sql, "UPDATE %smigrations SET checksum = ", ledger->prefix);
  sql_literal(sql, m->up.sha256);
  strbuf_adds(sql, ", sql = ");
  add_text(sql, m->up.source->len <= SQL_KEPT ? m->up.source->text : NULL);
  strbuf_adds(sql, " WHERE version = ");
  sql_literal(sql, m->version);
  strbuf_adds(sql, ";");
}

void ledger_remove(const struct ledger *ledger, struct strbuf *sql, const char *version) {
  strbuf_addf(sql, "DELETE FROM %smigrations WHERE version = ", ledger->prefix);
  sql_literal(sql, version);
  strbuf_adds(sql, ";");
  if (ledger->layout == LAYOUT_SUPABASE) {
    strbuf_adds(sql, "DELETE FROM supabase_migrations.schema_migrations WHERE version = ");
    sql_literal(sql, version);
    strbuf_adds(sql, ";");
  }
}

/* The last row that RETURNING gave before COMMIT is the head from now on. */
bool ledger_commit(struct connection *c, struct ledger *ledger, const char *sql, PGresult **last) {
  long long head = ledger->head;
  bool committed = false;
  if (PQsendQuery(c->pg, sql) != 1)
    return false;
  for (PGresult *r; (r = PQgetResult(c->pg)) != NULL;) {
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK && !committed && PQntuples(r) == 1)
      head = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    committed |= status == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), "COMMIT") == 0;
    PQclear(last ? *last : r);
    if (last)
      *last = r;
  }
  if (committed)
    ledger->head = head;
  return committed;
}

bool ledger_change(struct connection *c, struct ledger *ledger, struct strbuf *sql, struct diagnostics *d) {
  struct strbuf all = STRBUF_INIT;
  strbuf_addf(&all, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;%sCOMMIT", sql->text);
  const bool ok = ledger_commit(c, ledger, all.text, NULL);
  strbuf_release(&all);
  if (!ok) {
    failed(c, "writing the ledger", d);
    query_ok(c, "ROLLBACK");
  }
  return ok;
}

/* The text of the file as it was applied, where the ledger keeps it. */
const char *ledger_sql(struct arena *arena, struct connection *c, const struct ledger *ledger, const char *version) {
  bool ok;
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql, "SELECT sql FROM %smigrations WHERE version = ", ledger->prefix);
  sql_literal(&sql, version);
  const char *text = ask(arena, c, sql.text, &ok);
  strbuf_release(&sql);
  return text;
}

bool ledger_history(struct arena *arena, struct connection *c, const struct ledger *ledger, struct diagnostics *d,
                    struct history_entry **out, size_t *count) {
  *count = 0;
  *out = NULL;
  if (!ledger->exists)
    return true;
  PGresult *r =
      query_run(c, arena_printf(arena,
                                "SELECT pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), action, "
                                "version, name, duration_ms, done_by, tool_version, note"
                                " FROM %shistory ORDER BY id",
                                ledger->prefix));
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  const int rows = ok ? PQntuples(r) : 0;
  *out = arena_array(arena, (size_t)rows, sizeof **out);
  for (int i = 0; i < rows; i++)
    (*out)[(*count)++] =
        (struct history_entry){.at = result_text(arena, r, i, 0),
                               .action = result_text(arena, r, i, 1),
                               .version = result_text(arena, r, i, 2),
                               .name = result_text(arena, r, i, 3),
                               .duration_ms = PQgetisnull(r, i, 4) ? -1 : strtoll(PQgetvalue(r, i, 4), NULL, 10),
                               .done_by = result_text(arena, r, i, 5),
                               .tool_version = result_text(arena, r, i, 6),
                               .note = result_text(arena, r, i, 7)};
  PQclear(r);
  return ok || failed(c, "reading the ledger", d);
}
