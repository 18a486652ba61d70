/* Which objects of a live model need which: pg_depend, less what the server keeps only for itself. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "live/private.h"
#include "objects/objects.h"

#define CLASS(name) "'pg_catalog." name "'::pg_catalog.regclass"
/* Between what users made (FirstNormalObjectId). Each end stands for what a kind keeps: the rule of a view for the
 * view, a default for its column, an array type for its element, a row type for its table, a constraint of a domain for
 * the domain, the index of a constraint for the constraint, a table in a publication for the publication. What goes
 * along of itself ('a', 'i') need not be known, but for generated columns, which hold values; nor what a type's own
 * functions and array type need, and what a partition's trigger has from above, or a foreign key for each partition
 * that it refers to. */
#define EDGES                                                                                                         \
  "SELECT CASE WHEN w.oid IS NOT NULL OR ad.oid IS NOT NULL THEN 'pg_class' WHEN dc.oid IS NOT NULL THEN 'pg_type'"   \
  " WHEN pr.oid IS NOT NULL THEN 'pg_publication' WHEN ik.oid IS NOT NULL THEN 'pg_constraint' ELSE dk.relname END,"  \
  " coalesce(w.ev_class, ad.adrelid, dc.contypid, pr.prpubid, ik.oid, d.objid), coalesce(ad.adnum, d.objsubid),"              \
  " CASE WHEN e.typrelid <> 0 THEN 'pg_class' WHEN k.oid IS NOT NULL THEN 'pg_constraint' ELSE rk.relname END,"       \
  " coalesce(NULLIF(e.typrelid, 0), e.oid, k.oid, d.refobjid), d.refobjsubid"                                         \
  " FROM pg_catalog.pg_depend d"                                                                                      \
  " JOIN pg_catalog.pg_class dk ON dk.oid = d.classid JOIN pg_catalog.pg_class rk ON rk.oid = d.refclassid"           \
  " LEFT JOIN pg_catalog.pg_rewrite w ON dk.relname = 'pg_rewrite' AND w.oid = d.objid AND w.rulename = '_RETURN'"    \
  " LEFT JOIN pg_catalog.pg_attrdef ad ON dk.relname = 'pg_attrdef' AND ad.oid = d.objid"                             \
  " LEFT JOIN pg_catalog.pg_constraint dc ON dk.relname = 'pg_constraint' AND dc.oid = d.objid AND dc.contypid <> 0"  \
  " LEFT JOIN pg_catalog.pg_publication_rel pr ON dk.relname = 'pg_publication_rel' AND pr.oid = d.objid"             \
  " LEFT JOIN pg_catalog.pg_constraint ik ON dk.relname = 'pg_class' AND ik.conindid = d.objid AND ik.contype IN ('p', 'u', 'x')" \
  " LEFT JOIN pg_catalog.pg_type t ON rk.relname = 'pg_type' AND t.oid = d.refobjid"                                  \
  " LEFT JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END" \
  " LEFT JOIN pg_catalog.pg_constraint k ON rk.relname = 'pg_class' AND k.conindid = d.refobjid"                      \
  " AND k.contype IN ('p', 'u', 'x')"                                                                                 \
  " WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.refclassid <> " CLASS("pg_namespace")                        \
  " AND NOT (dk.relname = 'pg_proc' AND d.objid IN (SELECT p.objid FROM pg_catalog.pg_depend p WHERE p.classid = "    \
  CLASS("pg_proc") " AND p.deptype = 'i'))"                                                                            \
  " AND NOT (dk.relname = 'pg_trigger' AND EXISTS (SELECT FROM pg_catalog.pg_trigger p WHERE p.oid = d.objid AND p.tgparentid <> 0))" \
  " AND NOT (dk.relname = 'pg_type' AND d.objid IN (SELECT a.oid FROM pg_catalog.pg_type a WHERE a.typcategory = 'A' AND a.typelem <> 0))" \
  " AND NOT (dk.relname = 'pg_constraint' AND EXISTS (SELECT FROM pg_catalog.pg_constraint p"                          \
  " JOIN pg_catalog.pg_constraint above ON above.oid = p.conparentid AND above.conrelid = p.conrelid WHERE p.oid = d.objid))" \
  " AND (d.deptype = 'n' OR d.classid = " CLASS("pg_publication_rel") " OR (d.deptype = 'a' AND d.classid = " CLASS("pg_class") " AND d.objsubid > 0))"              \
  " ORDER BY 1, 2, 3, 4, 5, 6"

/* The object of a row; its column, where it has that part. */
static struct object *find(const struct schema *s, const PGresult *r, int row, int first) {
  const char *class = PQgetvalue(r, row, first), *oid = PQgetvalue(r, row, first + 1);
  struct object *o = schema_row(s, class, oid);
  if (!o && strcmp(class, "pg_class") == 0)
    return schema_row(s, "numbering", oid); /* the column whose sequence that is */
  const int number = atoi(PQgetvalue(r, row, first + 2));
  struct object *column = o && number > 0 ? column_by_number(o, number) : NULL;
  return column ? column : o;
}

/* What no kind keeps, as the server describes it, all in one question. */
struct undescribed {
  struct strbuf classes, oids, parts;
  struct object **on;
  size_t count;
};

static void note(struct undescribed *all, const PGresult *edges, int row, struct object *on) {
  struct strbuf *const columns[] = {&all->classes, &all->oids, &all->parts};
  for (int i = 0; i < 3; i++)
    strbuf_addf(columns[i], "%s%s", all->count ? "," : "{", PQgetvalue(edges, row, i));
  all->on[all->count++] = on;
}

static bool describe(struct arena *arena, struct connection *c, struct schema *s, struct undescribed *all) {
  strbuf_addc(&all->classes, '}');
  strbuf_addc(&all->oids, '}');
  strbuf_addc(&all->parts, '}');
  const char *params[] = {all->classes.text, all->oids.text, all->parts.text};
  PGresult *r = PQexecParams(c->pg,
                             "SELECT pg_catalog.pg_describe_object(('pg_catalog.' || u.c)::pg_catalog.regclass, u.o, u.p)"
                             " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.oid[]),"
                             " pg_catalog.unnest($3::pg_catalog.int4[])) WITH ORDINALITY u(c, o, p, n) ORDER BY u.n",
                             3, NULL, params, NULL, NULL, 0);
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
  for (int i = 0, rows = ok ? PQntuples(r) : 0; i < rows; i++) {
    if (PQgetisnull(r, i, 0)) /* gone since */
      continue;
    struct unmanaged *unmanaged = arena_alloc(arena, sizeof *unmanaged);
    *unmanaged =
        (struct unmanaged){.title = arena_strdup(arena, PQgetvalue(r, i, 0)), .on = all->on[i], .next = s->unmanaged};
    s->unmanaged = unmanaged;
  }
  PQclear(r);
  return ok;
}

static bool enter(struct arena *arena, struct connection *c, struct schema *s, const PGresult *edges) {
  const int rows = PQntuples(edges);
  struct undescribed others = {STRBUF_INIT, STRBUF_INIT, STRBUF_INIT,
                               arena_array(arena, (size_t)rows, sizeof(struct object *)), 0};
  for (int i = 0; i < rows; i++) {
    struct object *on = find(s, edges, i, 3), *o = on ? find(s, edges, i, 0) : NULL;
    if (o && is_kind(o, KIND_PUBLICATION) && !is_kind(on, KIND_COLUMN)) /* which a table leaves when it goes */
      object_prefer(s, o, on);
    else if (o)
      object_depend(s, o, on);
    else if (on)
      note(&others, edges, i, on);
  }
  const bool ok = others.count == 0 || describe(arena, c, s, &others);
  strbuf_release(&others.classes);
  strbuf_release(&others.oids);
  strbuf_release(&others.parts);
  return ok;
}

bool catalog_depends(struct arena *arena, struct connection *c, struct schema *s, struct diagnostics *d) {
  static const char begin[] =
      "BEGIN READ ONLY; SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL join_collapse_limit = 1";
  PGresult *r = query_ok(c, begin) ? query_run(c, EDGES) : NULL;
  const bool ok = PQresultStatus(r) == PGRES_TUPLES_OK && enter(arena, c, s, r);
  if (!ok)
    query_failed(c, "reading the dependencies", d);
  PQclear(r);
  query_ok(c, "ROLLBACK");
  return ok;
}
