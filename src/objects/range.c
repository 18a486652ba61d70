/* range type: `type name as range (subtype = …)`. Its multirange type comes with it, and so do functions that nobody
 * declares. */
#include "objects/opaque.h"

struct range {
  struct opaque opaque;
  /* of catalogs only: the names of what comes with it, which Postgres leaves as they are when it is renamed */
  const char *multirange;  /* NULL: given by the schema */
  const char *constructor, *multirange_constructor, *subtype;
};

static const struct opaque_form form = {.sql = "TYPE", .class_name = "pg_type"};

enum { KEPT = 52, NAME_MAX_BYTES = 63 };

/* As makeMultirangeTypeName() has it, which counts bytes; into an empty buffer. */
static void add_multirange(const char *range, struct strbuf *out) {
  const char *at = strstr(range, "range");
  if (at)
    strbuf_addf(out, "%.*smulti%s", (int)(at - range), range, at);
  else
    strbuf_addf(out, "%.*s_multirange", KEPT, range);
  size_t n = out->len < NAME_MAX_BYTES ? out->len : NAME_MAX_BYTES;
  while (n < out->len && (out->text[n] & 0xC0) == 0x80) /* not within a letter */
    n--;
  strbuf_truncate(out, n);
}

/* Nobody could say the name that Postgres gives it then. */
static bool is_cut_within_letter(const char *range) {
  return strlen(range) > KEPT && !strstr(range, "range") && ((unsigned char)range[KEPT] & 0xC0) == 0x80;
}

/* The multirange type exists where the range does: it can be named, but is nobody's to make. */
static void declare(struct compile *c, const struct node *n, struct object *parent) {
  struct object *before = c->schema->last;
  opaque_declare(c, n, parent);
  struct opaque *q = (struct opaque *)c->schema->last;
  if (c->schema->last == before || !q->parsed)
    return;
  const char *given = q->parsed->multirange;
  if (given)
    compile_needs_version(c, 14, n->span, "multirange_type_name");
  if (c->schema->target.version < 14)
    return;
  if (!given && is_cut_within_letter(q->object.name))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_NAME_TOO_LONG, n->name.span,
                             "multirange type is called after the first %d bytes, which end within a letter", KEPT),
                    "Choose a shorter name, or say multirange_type_name.");
  struct strbuf name = STRBUF_INIT;
  add_multirange(q->object.name, &name);
  struct object *multi =
      schema_add(c->schema, KIND_RANGE, q->object.schema, given ? given : strbuf_dup(&name, c->arena), NULL);
  strbuf_release(&name);
  multi->external = multi->implied = true;
  multi->span = q->object.span;
  object_depend(c->schema, multi, &q->object);
  schema_enter(c->schema, NS_TYPE, multi);
}

static void link(struct compile *c, struct object *o) {
  if (!o->external)
    opaque_link(c, o);
}

static void rename_function(const struct object *o, const char *from, const char *arguments, const char *to,
                            struct strbuf *out) {
  strbuf_adds(out, "ALTER FUNCTION ");
  sql_qualified(out, o->schema, from);
  strbuf_addf(out, "(%s) RENAME TO ", arguments);
  sql_ident(out, to);
  strbuf_adds(out, ";\n");
}

static void renamed(struct object *o, struct strbuf *out) {
  const struct range *r = (const struct range *)o;
  struct strbuf name = STRBUF_INIT, own = STRBUF_INIT, arguments = STRBUF_INIT;
  add_multirange(o->name, &name);
  sql_object(&own, o);
  if (r->multirange && strcmp(r->multirange, name.text) != 0) {
    strbuf_adds(out, "ALTER TYPE ");
    sql_qualified(out, o->schema, r->multirange);
    strbuf_adds(out, " RENAME TO ");
    sql_ident(out, name.text);
    strbuf_adds(out, ";\n");
  }
  if (r->multirange && r->multirange_constructor && strcmp(r->multirange_constructor, name.text) != 0) {
    rename_function(o, r->multirange_constructor, "", name.text, out);
    rename_function(o, r->multirange_constructor, own.text, name.text, out);
    strbuf_adds(&own, "[]");
    rename_function(o, r->multirange_constructor, own.text, name.text, out);
  }
  if (r->constructor && strcmp(r->constructor, o->name) != 0) {
    strbuf_addf(&arguments, "%s, %s", r->subtype, r->subtype);
    rename_function(o, r->constructor, arguments.text, o->name, out);
    strbuf_adds(&arguments, ", text");
    rename_function(o, r->constructor, arguments.text, o->name, out);
  }
  strbuf_release(&name);
  strbuf_release(&own);
  strbuf_release(&arguments);
}

/* Where this setting stands between the definition's brackets; NULL where it does not. */
static const char *setting(const struct range *r, const char *name) {
  const char *settings = strchr(r->opaque.definition.sql, '(');
  return settings ? sql_find_word(settings + 1, name) : NULL;
}

static bool names_multirange(const struct range *r) {
  return setting(r, "multirange_type_name") != NULL;
}

static const char *subtype_of(struct arena *arena, const struct range *r) {
  const char *at = setting(r, "subtype");
  if (!at)
    return "";
  at += strcspn(at, "=") + 1;
  at += strspn(at, " ");
  const char *comma = sql_find_printed(at, ","), *end = sql_find_printed(at, ")");
  return arena_strndup(arena, at, (size_t)((comma < end ? comma : end) - at));
}

static void as_made(struct schema *s, struct object *o) {
  struct range *r = (struct range *)o;
  struct strbuf name = STRBUF_INIT;
  if (o->external)
    return;
  add_multirange(o->name, &name);
  const char *multirange = strbuf_dup(&name, s->arena);
  strbuf_release(&name);
  r->multirange = names_multirange(r) || s->target.version < 14 ? NULL : multirange;
  r->multirange_constructor = r->multirange;
  r->constructor = o->name;
  r->subtype = subtype_of(s->arena, r);
}

#define CONSTRUCTOR(source, type)                                                                                      \
  " (SELECT p.proname FROM pg_catalog.pg_proc p WHERE p.prorettype = " type " AND p.prosrc = '" source "'"              \
  " AND p.pronamespace = n.oid)"
#define QUERY(multirange, more, join)                                                                                        \
  "SELECT t.oid, n.nspname, t.typname, NULL, " OPAQUE_COMMENT("pg_type", "t.oid") ", NULL,"                            \
  " 'as range (' || pg_catalog.concat_ws(', ', 'subtype = ' || pg_catalog.format_type(r.rngsubtype, NULL),"            \
  " (SELECT 'subtype_opclass = ' || pg_catalog.quote_ident(opn.nspname) || '.' || pg_catalog.quote_ident(op.opcname)"  \
  " FROM pg_catalog.pg_opclass op JOIN pg_catalog.pg_namespace opn ON opn.oid = op.opcnamespace"                       \
  " WHERE op.oid = r.rngsubopc AND NOT op.opcdefault),"                                                                \
  " (SELECT 'collation = ' || pg_catalog.quote_ident(con.nspname) || '.' || pg_catalog.quote_ident(co.collname)"       \
  " FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace con ON con.oid = co.collnamespace"                    \
  " JOIN pg_catalog.pg_type st ON st.oid = r.rngsubtype WHERE co.oid = r.rngcollation AND co.oid <> st.typcollation)," \
  " CASE WHEN r.rngcanonical::pg_catalog.oid <> 0 THEN 'canonical = ' || r.rngcanonical::text END,"                    \
  " CASE WHEN r.rngsubdiff::pg_catalog.oid <> 0 THEN 'subtype_diff = ' || r.rngsubdiff::text END" multirange           \
  ") || ')', false, NULL," CONSTRUCTOR("range_constructor2", "t.oid") ", pg_catalog.format_type(r.rngsubtype, NULL), " more                                                                                           \
  " FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type t ON t.oid = r.rngtypid"                                        \
  " JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace" join " WHERE n.oid = ANY ($1)"                           \
  CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_type", "t.oid") " ORDER BY n.nspname, t.typname"

static const char *query(int version) {
  return version >= 14
             ? QUERY(", CASE WHEN m.typnamespace <> n.oid OR pg_catalog.textsend(m.typname::text) <> CASE WHEN t.typname LIKE '%range%'"
                     " THEN pg_catalog.textsend(pg_catalog.regexp_replace(t.typname::text, 'range', 'multirange')::name::text)"
                     " ELSE pg_catalog.substring(pg_catalog.textsend(t.typname::text), 1, 52) || '_multirange'::bytea END"
                     " THEN 'multirange_type_name = ' || (SELECT pg_catalog.quote_ident(mn.nspname) FROM pg_catalog.pg_namespace mn"
                     " WHERE mn.oid = m.typnamespace) || '.' || pg_catalog.quote_ident(m.typname) END",
                     "m.oid, m.typname," CONSTRUCTOR("multirange_constructor0", "m.oid"),
                     " JOIN pg_catalog.pg_type m ON m.oid = r.rngmultitypid")
             : QUERY("", "NULL, NULL, NULL", "");
}

static void read(struct catalog *c, const struct row *row) {
  struct range *r = (struct range *)opaque_read(c, row, KIND_RANGE);
  struct object *o = &r->opaque.object;
  r->constructor = row_text(row, ROW_MORE);
  r->subtype = row_text(row, ROW_MORE + 1);
  if (row_peek(row, ROW_MORE + 2))
    catalog_keep(c, "pg_type", row_peek(row, ROW_MORE + 2), o);
  if (!names_multirange(r))
    r->multirange = row_text(row, ROW_MORE + 3);
  r->multirange_constructor = row_text(row, ROW_MORE + 4);
}

const struct kind range_kind = {
    OPAQUE_OPERATIONS_BUT_DECLARING,
    .word = "range type",
    .size = sizeof(struct range),
    .form = &form,
    .ns = NS_TYPE,
    .nodes = {NODE_RANGE},
    .declare = declare,
    .link = link,
    .renamed = renamed,
    .as_made = as_made,
    .scratch = true,
    .query = query,
    .sorts = "type r",
    .read = read,
};
