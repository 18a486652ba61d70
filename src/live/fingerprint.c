/* What a database was like when a run ended, so that the next one sees what was changed by hand since. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "schema/schema.h"
#include "sql/sql.h"

enum { KEPT = 1024 * 1024, SHOWN = 12, VALUE_SHOWN = 60 };

/* Which fields of which kinds are read: two pdlc that read differently cannot be compared. */
static const char *reader(struct arena *arena) {
  struct strbuf all = STRBUF_INIT;
  for (int k = 0; k < KIND_COUNT; k++) {
    strbuf_adds(&all, kinds[k]->word);
    for (const struct field *f = kinds[k]->fields; f->label; f++)
      strbuf_addf(&all, " %s", f->label);
    strbuf_addc(&all, '\n');
  }
  const char *digest = digest_sha256(arena, all.text, all.len);
  strbuf_release(&all);
  return arena_printf(arena, "%s %.8s", PDLC_VERSION, digest);
}

/* Tabs part the fields of a line. */
static void add_plain(struct strbuf *out, const char *text) {
  for (; *text; text++)
    strbuf_addc(out, (unsigned char)*text < ' ' ? ' ' : *text);
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct names parts_of(struct arena *arena, const struct field *f, const struct object *o) {
  const void *at = (const char *)o + f->offset;
  struct names parts = {0};
  if (f->type == FIELD_NAME_SET)
    parts = *(const struct names *)at;
  const struct setting *first = f->type == FIELD_SETTINGS ? *(struct setting *const *)at : NULL;
  for (const struct setting *s = first; s; s = s->next)
    parts.n++;
  const char **v = arena_array(arena, parts.n + 1, sizeof *v);
  for (size_t i = 0; !first && i < parts.n; i++)
    v[i] = parts.v[i];
  for (const struct setting *s = first; s; s = s->next)
    *v++ = arena_printf(arena, "%s = %s", s->name, s->value ? s->value : "");
  parts.v = first ? v - parts.n : v;
  return parts;
}

/* What is a set comes in any order, after changes in another one. */
static void add_field(struct arena *arena, const struct field *f, const struct object *o, struct strbuf *out) {
  const struct names parts = parts_of(arena, f, o);
  if (parts.n)
    qsort(parts.v, parts.n, sizeof *parts.v, by_text);
  for (size_t i = 0; i < parts.n; i++)
    strbuf_addf(out, "%s%s", i ? ", " : "", parts.v[i]);
  if (!parts.n)
    field_show(f, o, out);
}

static const char *line_of(struct arena *arena, const struct object *o) {
  struct strbuf line = STRBUF_INIT, value = STRBUF_INIT;
  add_plain(&line, object_title(arena, o));
  if (o->signature)
    add_plain(&line, o->signature);
  for (const struct field *f = o->kind->fields; f->label; f++) {
    strbuf_clear(&value);
    add_field(arena, f, o, &value);
    strbuf_addf(&line, "\t%s ", f->label);
    add_plain(&line, value.text);
  }
  strbuf_adds(&line, "\tcomment ");
  add_plain(&line, o->comment ? o->comment : "none");
  const char *text = strbuf_dup(&line, arena);
  strbuf_release(&line);
  strbuf_release(&value);
  return text;
}

/* A database of the platform, hosted or local. */
static bool is_supabase(struct connection *c) {
  PGresult *r = query_run(c, "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'supabase_admin')");
  const bool yes = PQresultStatus(r) == PGRES_TUPLES_OK && PQgetvalue(r, 0, 0)[0] == 't';
  PQclear(r);
  return yes;
}

bool fingerprint_take(struct arena *arena, struct connection *c, struct diagnostics *d, struct fingerprint *out) {
  const struct names all = {0};
  struct names schemas, excluded = {0};
  *out = (struct fingerprint){.reader = reader(arena), .server = c->version};
  /* a file may have set anything */
  if (!query_ok(c, "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL") || !connection_pin(c)) {
    query_failed(c, "preparing the session", d);
    return false;
  }
  if (is_supabase(c))
    excluded = supabase_schemas();
  struct reading *reading = catalog_begin(arena, c, 1);
  if (!catalog_schemas(reading, c, &all, &excluded, d, &schemas))
    return false;
  const struct schema *live = catalog_finish(reading, c, &schemas, NULL, d);
  if (!live)
    return false;
  size_t count = 0, n = 0;
  for EACH_OBJECT(live, o)
    count++;
  const char **lines = arena_array(arena, count, sizeof *lines);
  for EACH_OBJECT(live, o)
    lines[n++] = line_of(arena, o);
  if (n)
    qsort(lines, n, sizeof *lines, by_text);
  struct strbuf text = STRBUF_INIT;
  for (size_t i = 0; i < n; i++)
    strbuf_addf(&text, "%s\n", lines[i]);
  out->text = strbuf_dup(&text, arena);
  out->hash = digest_sha256(arena, text.text, text.len);
  strbuf_release(&text);
  return true;
}

/* As SQL. Where the Supabase CLI applies files too, with those that it has: what they changed was not done by hand. */
static void add_reader(const struct ledger *ledger, const char *reader_, struct strbuf *out) {
  strbuf_addf(out, "'%s'", reader_);
  if (ledger->foreign)
    strbuf_adds(out, " || ' ' || (SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(version, ',' ORDER BY version), ''))"
                     " FROM supabase_migrations.schema_migrations)");
}

bool fingerprint_keep(struct connection *c, struct ledger *ledger, const struct fingerprint *f, struct diagnostics *d) {
  struct strbuf sql = STRBUF_INIT;
  strbuf_addf(&sql,
              "DELETE FROM %sfingerprint; INSERT INTO %sfingerprint (history_id, hash, server, reader, catalog) "
              "VALUES (%lld, '%s', %d, ",
              ledger->prefix, ledger->prefix, ledger->head, f->hash, f->server);
  add_reader(ledger, f->reader, &sql);
  strbuf_adds(&sql, ", ");
  if (strlen(f->text) <= KEPT)
    sql_literal(&sql, f->text);
  else
    strbuf_adds(&sql, "NULL");
  strbuf_adds(&sql, ");");
  const bool ok = ledger_change(c, ledger, &sql, d);
  strbuf_release(&sql);
  return ok;
}

/* The kept one, where it speaks of the ledger as it stands and was read as this pdlc reads. */
static bool kept(struct arena *arena, struct connection *c, const struct ledger *ledger, struct fingerprint *out) {
  if (!ledger->exists)
    return false;
  struct strbuf sql = STRBUF_INIT;
  strbuf_adds(&sql, "SELECT hash, server, catalog, reader = ");
  add_reader(ledger, reader(arena), &sql);
  strbuf_addf(&sql, " FROM %sfingerprint WHERE history_id = %lld", ledger->prefix, ledger->head);
  PGresult *r = query_run(c, sql.text);
  strbuf_release(&sql);
  const bool found = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
  if (found)
    *out = (struct fingerprint){.hash = arena_strdup(arena, PQgetvalue(r, 0, 0)),
                                .server = (int)strtol(PQgetvalue(r, 0, 1), NULL, 10),
                                .text = PQgetisnull(r, 0, 2) ? NULL : arena_strdup(arena, PQgetvalue(r, 0, 2))};
  const bool alike = found && out->server == c->version && PQgetvalue(r, 0, 3)[0] == 't';
  PQclear(r);
  return alike;
}

/* ── the difference of two, in words ── */

struct lines {
  const char *at;
  size_t len, key; /* of the present line; what names its object */
};

static void next_line(struct lines *l) {
  l->at += l->len + (l->at[l->len] == '\n');
  l->len = strcspn(l->at, "\n");
  l->key = strcspn(l->at, "\t\n");
}

static int compare_keys(const struct lines *a, const struct lines *b) {
  const size_t n = a->key < b->key ? a->key : b->key;
  const int order = memcmp(a->at, b->at, n);
  return order ? order : (a->key > b->key) - (a->key < b->key);
}

static void add_value(struct strbuf *out, const char *text, size_t n) {
  strbuf_add(out, text, n > VALUE_SHOWN ? VALUE_SHOWN : n);
  if (n > VALUE_SHOWN)
    strbuf_adds(out, "…");
}

/* "\tlabel value" of both, where they differ. Both lines have the same labels in the same order. */
static void show_fields(const struct lines *a, const struct lines *b, struct strbuf *out) {
  const char *p = a->at + a->key, *q = b->at + b->key;
  const char *separator = ": ";
  while (*p == '\t' && *q == '\t') {
    const size_t n = strcspn(p + 1, "\t\n"), m = strcspn(q + 1, "\t\n");
    if (n != m || memcmp(p + 1, q + 1, n) != 0) {
      size_t same = 0; /* the label: what they share up to the value's first blank */
      for (size_t i = 1; i <= n && i <= m && p[i] == q[i]; i++)
        if (p[i] == ' ' && same == 0)
          same = i;
      strbuf_adds(out, separator);
      add_value(out, p + 1, n);
      strbuf_adds(out, " -> ");
      add_value(out, q + 1 + same, m - same);
      separator = ", ";
    }
    p += n + 1;
    q += m + 1;
  }
}

static void show_difference(const char *before, const char *after, struct strbuf *out) {
  struct lines a = {.at = before}, b = {.at = after};
  size_t shown = 0, more = 0;
  a.len = strcspn(a.at, "\n"), a.key = strcspn(a.at, "\t\n");
  b.len = strcspn(b.at, "\n"), b.key = strcspn(b.at, "\t\n");
  while (*a.at || *b.at) {
    const int order = !*a.at ? 1 : !*b.at ? -1 : compare_keys(&a, &b);
    const bool same = order == 0 && a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
    if (!same && shown == SHOWN) {
      more++;
    } else if (!same) {
      const struct lines *l = order > 0 ? &b : &a;
      strbuf_addf(out, "%s%c %.*s", out->len ? "; " : "", order > 0 ? '+' : order < 0 ? '-' : '~', (int)l->key, l->at);
      if (order == 0)
        show_fields(&a, &b, out);
      shown++;
    }
    if (order <= 0)
      next_line(&a);
    if (order >= 0)
      next_line(&b);
  }
  if (more)
    strbuf_addf(out, "; and %zu more", more);
}

enum drift fingerprint_compare(struct arena *arena, struct connection *c, const struct ledger *ledger,
                               struct diagnostics *d, const char **difference) {
  struct fingerprint then = {0}, now;
  *difference = "";
  if (!kept(arena, c, ledger, &then))
    return DRIFT_UNKNOWN;
  if (!fingerprint_take(arena, c, d, &now))
    return DRIFT_UNREAD;
  if (strcmp(then.hash, now.hash) == 0)
    return DRIFT_NONE;
  if (then.text) {
    struct strbuf text = STRBUF_INIT;
    show_difference(then.text, now.text, &text);
    *difference = strbuf_dup(&text, arena);
    strbuf_release(&text);
  }
  return DRIFT_FOUND;
}
