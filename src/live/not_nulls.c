/* Names of not nulls, which Postgres 18 keeps as constraints: asked for where a table or column gets another name, as
 * those that Postgres chose follow it. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "diff/diff.h"
#include "live/private.h"
#include "objects/objects.h"

enum { NOT_NULLS_SINCE = 18 };

/* Whose columns' names change, all together or one by one. */
static const struct object *renamed_table(const struct change *c) {
  if (!c->old_name || !c->before)
    return NULL;
  return is_kind(c->before, KIND_TABLE)    ? c->before
         : is_kind(c->before, KIND_COLUMN) ? c->before->parent
                                           : NULL;
}

/* The text form of an array of their oids; NULL where there is none. */
static const char *oids_of(struct arena *arena, const struct schema *live, const struct changes *changes) {
  struct numbers tables;
  struct strbuf out = STRBUF_INIT;
  numbers_init(&tables, arena);
  for (size_t i = 0; i < changes->count; i++) {
    const struct object *table = renamed_table(&changes->v[i]);
    if (table)
      numbers_set(&tables, (uintptr_t)table, (void *)(uintptr_t)table);
  }
  const struct copied *classes = &live->catalog->copied[COPIED_CLASS];
  for (size_t i = 0; tables.count && i < classes->count; i++) {
    const char *oid = classes->v[i].fields[CLASS_OID];
    const struct object *o = schema_row(live, "pg_class", oid);
    if (o && numbers_get(&tables, (uintptr_t)o))
      strbuf_addf(&out, "%s%s", out.len ? "," : "{", oid);
  }
  if (out.len)
    strbuf_addc(&out, '}');
  const char *text = out.len ? strbuf_dup(&out, arena) : NULL;
  strbuf_release(&out);
  return text;
}

bool catalog_not_nulls(struct arena *arena, struct connection *c, const struct schema *live,
                       const struct changes *changes, struct diagnostics *d) {
  const char *oids = c->version >= NOT_NULLS_SINCE ? oids_of(arena, live, changes) : NULL;
  if (!oids)
    return true;
  PGresult *r = PQexecParams(c->pg,
                             "SELECT k.conrelid, k.conkey[1], k.conname, k.conname = t.relname || '_' || a.attname || '_not_null'"
                             " AND k.coninhcount = 0 AND NOT t.relhassubclass FROM pg_catalog.pg_constraint k"
                             " JOIN pg_catalog.pg_class t ON t.oid = k.conrelid"
                             " JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]"
                             " WHERE k.contype = 'n' AND k.conrelid = ANY ($1::pg_catalog.oid[]) ORDER BY 1, 2",
                             1, NULL, &oids, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0, rows = ok ? PQntuples(r) : 0; i < rows; i++) {
    const struct object *table = schema_row(live, "pg_class", PQgetvalue(r, i, 0));
    struct column *column = table ? (struct column *)column_by_number(table, atoi(PQgetvalue(r, i, 1))) : NULL;
    if (!column)
      continue;
    column->not_null_own = result_text(arena, r, i, 2);
    column->not_null_follows = PQgetvalue(r, i, 3)[0] == 't';
  }
  if (!ok)
    query_failed(c, "reading the names of not nulls", d);
  PQclear(r);
  return ok;
}
