/* A scratch database on the embedded server, rows in its tables, and what they come to. */
#include <libpq-fe.h>
#include <string.h>

#include "live/private.h"
#include "sql/sql.h"

#define SCRATCH "pdlc_prove"

bool scratch_database_open(struct arena *arena, const struct server *server, struct diagnostics *d,
                           struct connection *out) {
  struct connection c;
  if (!connection_open(arena, (struct conninfo){.text = server->conninfo, .origin = "the embedded server"}, d, &c))
    return false;
  const bool ok = query_ok(&c, "DROP DATABASE IF EXISTS " SCRATCH " WITH (FORCE)") &&
                  query_ok(&c, "CREATE DATABASE " SCRATCH " TEMPLATE template0");
  if (!ok)
    query_failed(&c, "making a scratch database", d);
  connection_close(&c);
  /* of a conninfo that says a word twice the last one counts */
  const char *text = arena_printf(arena, "%s dbname='" SCRATCH "'", server->conninfo);
  return ok && connection_open(arena, (struct conninfo){.text = text, .origin = "the embedded server"}, d, out);
}

void scratch_database_close(struct arena *arena, const struct server *server, struct connection *scratch) {
  struct diagnostics none; /* one that stays is dropped by the next run */
  struct connection c;
  diagnostics_init(&none, arena);
  connection_close(scratch);
  if (!connection_open(arena, (struct conninfo){.text = server->conninfo, .origin = "the embedded server"}, &none, &c))
    return;
  (void)query_ok(&c, "DROP DATABASE IF EXISTS " SCRATCH " WITH (FORCE)");
  connection_close(&c);
}

#define OUR_TABLES                                                                                                     \
  "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace WHERE c.relkind = 'r'"          \
  " AND s.nspname NOT IN ('pg_catalog', 'information_schema', 'pdlc', 'supabase_migrations') AND s.nspname !~ '^pg_'"

/* Three rows a table, as far as its constraints let them in: each round gives fewer columns a value of its own; tables
 * that refer to others may have to wait for a later round. */
static const char seed[] =
    "DO $seed$\n"
    "DECLARE\n"
    "  t record; names text; vals text; have bigint;\n"
    "BEGIN\n"
    "  SET CONSTRAINTS ALL IMMEDIATE;\n" /* each row is refused by itself */
    "  FOR round IN 1..6 LOOP\n"
    "    FOR t IN SELECT c.oid, c.oid::regclass AS name " OUR_TABLES " ORDER BY c.oid LOOP\n"
    "      EXECUTE format('SELECT count(*) FROM %s', t.name) INTO have;\n"
    "      FOR n IN have + 1 .. 3 LOOP\n"
    "        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), string_agg(CASE\n"
    "            WHEN round % 3 = 0 AND NOT a.attnotnull AND f.confrelid IS NULL THEN 'NULL'\n"
    "            WHEN a.attidentity <> '' OR (a.atthasdef AND (round % 3 = 2 OR pg_get_expr(d.adbin, 0) LIKE 'nextval(%')) THEN 'DEFAULT'\n"
    "            WHEN f.confrelid IS NOT NULL THEN format('(SELECT %I FROM %s ORDER BY 1 OFFSET %s LIMIT 1)', f.attname, f.confrelid::regclass, n - 1)\n"
    "            WHEN b.typtype = 'e' THEN format('(SELECT e FROM unnest(enum_range(NULL::%s)) e LIMIT 1)', b.oid::regtype)\n"
    "            WHEN b.typcategory = 'A' THEN quote_literal('{}')\n"
    "            WHEN b.typcategory = 'N' THEN (10 * round + n)::text\n"
    "            WHEN b.typcategory = 'S' THEN quote_literal(left('row ' || 10 * round + n, CASE WHEN b.oid IN (1042, 1043) AND a.atttypmod > 4"
    " THEN a.atttypmod - 4 ELSE 63 END))\n"
    "            WHEN b.typcategory = 'B' THEN 'true'\n"
    "            WHEN b.typcategory = 'D' THEN format('(timestamptz ''2026-01-01'' + %s * interval ''1 day'')::%s', n, b.oid::regtype)\n"
    "            WHEN b.typcategory = 'T' THEN quote_literal(n || ' days')\n"
    "            WHEN b.typcategory = 'R' THEN quote_literal('empty')\n"
    "            WHEN b.typname = 'uuid' THEN quote_literal(md5(t.oid || '.' || 10 * round + n)::uuid)\n"
    "            WHEN b.typname IN ('json', 'jsonb') THEN quote_literal('{}')\n"
    "            WHEN b.typname = 'bytea' THEN quote_literal('\\x' || lpad(n::text, 2, '0'))\n"
    "            WHEN b.typcategory = 'I' THEN quote_literal('10.0.0.' || n)\n"
    "            ELSE 'DEFAULT' END, ', ' ORDER BY a.attnum)\n"
    "          INTO names, vals FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid\n"
    "          JOIN pg_type b ON b.oid = CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE y.oid END\n"
    "          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum\n"
    "          LEFT JOIN LATERAL (SELECT k.confrelid, r.attname FROM pg_constraint k JOIN pg_attribute r ON r.attrelid = k.confrelid\n"
    "            AND r.attnum = k.confkey[array_position(k.conkey, a.attnum)]\n"
    "            WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey) ORDER BY k.conname LIMIT 1) f ON true\n"
    "          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';\n"
    "        BEGIN\n"
    "          IF names IS NULL THEN\n"
    "            EXECUTE format('INSERT INTO %s DEFAULT VALUES', t.name);\n"
    "          ELSE\n"
    "            EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', t.name, names, vals);\n"
    "          END IF;\n"
    "        EXCEPTION WHEN OTHERS THEN NULL;\n"
    "        END;\n"
    "      END LOOP;\n"
    "    END LOOP;\n"
    "  END LOOP;\n"
    "END\n"
    "$seed$";

static bool run(struct connection *c, const char *sql, const char *what, struct diagnostics *d) {
  const bool ok = query_ok(c, sql);
  if (!ok)
    query_failed(c, what, d);
  return ok;
}

bool rows_seed(struct connection *c, struct diagnostics *d) {
  return run(c, seed, "making rows", d);
}

/* Where deletes are published, they want what rows are told apart by (manual, section 31.1). TRUNCATE would look like a
 * table that was written anew. */
static const char forget[] =
    "BEGIN; SET LOCAL session_replication_role = replica; DO $forget$\n"
    "DECLARE t record;\n"
    "BEGIN\n"
    "  FOR t IN SELECT c.oid::regclass AS name, CASE c.relreplident WHEN 'n' THEN 'NOTHING' ELSE 'DEFAULT' END AS identity"
    " " OUR_TABLES " LOOP\n"
    "    BEGIN\n"
    "      EXECUTE format('DELETE FROM ONLY %s', t.name);\n"
    "    EXCEPTION WHEN object_not_in_prerequisite_state THEN\n"
    "      EXECUTE format('ALTER TABLE ONLY %s REPLICA IDENTITY FULL', t.name);\n"
    "      EXECUTE format('DELETE FROM ONLY %s', t.name);\n"
    "      EXECUTE format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', t.name, t.identity);\n"
    "    END;\n"
    "  END LOOP;\n"
    "END\n"
    "$forget$; COMMIT";

bool rows_forget(struct connection *c, struct diagnostics *d) {
  return run(c, forget, "taking rows away", d);
}

static void add_table(struct strbuf *sql, const PGresult *r, int i) {
  struct strbuf title = STRBUF_INIT;
  strbuf_addf(&title, "%s.%s", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
  strbuf_adds(sql, i ? "\nUNION ALL SELECT " : "SELECT ");
  sql_literal(sql, title.text);
  strbuf_adds(sql, ", ");
  sql_literal(sql, PQgetvalue(r, i, 2));
  strbuf_adds(sql, ", count(*), md5(coalesce(string_agg(to_jsonb(t)::text, chr(10) ORDER BY to_jsonb(t)::text), '')) FROM ");
  sql_qualified(sql, PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
  strbuf_adds(sql, " t");
  strbuf_release(&title);
}

bool rows_look(struct arena *arena, struct connection *c, struct diagnostics *d, struct table_rows **out,
               size_t *count) {
  PGresult *r = query_run(c, "SELECT s.nspname, c.relname, c.oid || '/' || c.relfilenode " OUR_TABLES " ORDER BY 1, 2");
  struct strbuf sql = STRBUF_INIT;
  *count = 0;
  bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0; ok && i < PQntuples(r); i++)
    add_table(&sql, r, i);
  PQclear(r);
  r = ok && sql.len ? query_run(c, sql.text) : NULL;
  ok &= !r || PQresultStatus(r) == PGRES_TUPLES_OK;
  *count = ok && r ? (size_t)PQntuples(r) : 0;
  *out = arena_array(arena, *count, sizeof **out);
  for (size_t i = 0; i < *count; i++)
    (*out)[i] = (struct table_rows){
        .name = arena_strdup(arena, PQgetvalue(r, (int)i, 0)),
        .file = arena_strdup(arena, PQgetvalue(r, (int)i, 1)),
        .count = arena_strdup(arena, PQgetvalue(r, (int)i, 2)),
        .hash = arena_strdup(arena, PQgetvalue(r, (int)i, 3)),
    };
  if (!ok)
    query_failed(c, "reading rows", d);
  PQclear(r);
  strbuf_release(&sql);
  return ok;
}
