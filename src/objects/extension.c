/* extension: CREATE EXTENSION. Those that the schema does not speak of are left alone. */
#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct extension *e = compile_object(c, KIND_EXTENSION, n, NULL);
  const struct node *in = compile_clause(c, n, NODE_IN), *version = compile_clause(c, n, NODE_VERSION);
  if (!e)
    return;
  e->in = in                                                ? in->name.text
          : c->schema->target.platform == PLATFORM_SUPABASE ? platform_extension_schema(n->name.text)
                                                            : NULL;
  e->placed = e->in && !in;
  e->in_span = in ? in->name.span : NO_SPAN;
  e->version = version ? version->text : NULL;
}

static void link(struct compile *c, struct object *o) {
  const struct extension *e = (const struct extension *)o;
  if (!e->in)
    return;
  struct object *in = schema_find(c->schema, NS_SCHEMA, NULL, NULL, e->in);
  object_depend(c->schema, o, in);
  if (!in && strcmp(e->in, "pg_catalog") != 0 && c->schema->target.platform != PLATFORM_SUPABASE && !c->incomplete)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_UNKNOWN_SCHEMA, e->in_span, "unknown schema \"%s\"", e->in),
                    "Declare it on a line of its own: schema %s.", e->in);
}

/* ── advice ── */

/* Postgres' own and others that many have; which a server has, it alone knows. */
static const char *const known[] = {
    "address_standardizer", "adminpack", "age", "amcheck", "anon", "autoinc", "bloom", "bool_plperl", "bool_plperlu", "btree_gin",
    "btree_gist", "citext", "cube", "dblink", "dict_int", "dict_xsyn", "earthdistance", "file_fdw", "fuzzystrmatch", "h3",
    "hll", "hstore", "hstore_plperl", "hstore_plperlu", "hstore_plpython2u", "hstore_plpython3u", "hstore_plpythonu", "http", "hypopg", "index_advisor", "insert_username", "intagg",
    "intarray", "ip4r", "isn", "jsonb_plperl", "jsonb_plperlu", "jsonb_plpython2u", "jsonb_plpython3u", "jsonb_plpythonu", "lo", "ltree", "ltree_plpython2u", "ltree_plpython3u", "ltree_plpythonu", "moddatetime",
    "old_snapshot", "oracle_fdw", "orafce", "pageinspect", "pg_buffercache", "pg_cron", "pg_freespacemap", "pg_graphql",
    "pg_hashids", "pg_hint_plan", "pg_ivm", "pg_jsonschema", "pg_logicalinspect", "pg_net", "pg_overexplain", "pg_partman",
    "pg_prewarm", "pg_repack", "pg_search", "pg_stat_monitor", "pg_stat_statements", "pg_surgery", "pg_tde", "pg_tle", "pg_trgm",
    "pg_uuidv7", "pg_visibility", "pg_walinspect", "pgaudit", "pgcrypto", "pgjwt", "pglogical", "pgml", "pgmp", "pgmq", "pgq", "pgroonga",
    "pgrouting", "pgrowlocks", "pgsodium", "pgstattuple", "pgtap", "plperl", "plperlu", "plpgsql",
    "plpgsql_check", "plpython2u", "plpython3u", "plpythonu", "pltcl", "pltclu", "plv8", "postgis", "postgis_raster", "postgis_sfcgal",
    "postgis_tiger_geocoder", "postgis_topology", "postgres_fdw", "prefix", "refint", "rum", "seg", "semver", "sslinfo",
    "supabase_vault", "tablefunc", "tcn", "temporal_tables", "timescaledb", "timescaledb_toolkit", "tsm_system_rows",
    "tsm_system_time", "unaccent", "uuid-ossp", "vector", "vectors", "vectorscale", "wrappers", "xml2",
};

static void advise(struct compile *c, const struct object *o) {
  struct spell spell = SPELL_INIT(o->name);
  for (size_t i = 0; i < ARRAY_LEN(known); i++)
    spell_offer(&spell, known[i]);
  if (spell.best && spell.distance > 0 && spell.distance * 4 <= strlen(o->name))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_UNKNOWN_EXTENSION, o->span, "extension \"%s\" is not known", o->name),
                    "Did you mean \"%s\"? Else allow PDL0212 behind its name.", spell.best);
  advise_extension(c, o);
}

/* ── SQL ── */

static void create(const struct object *o, struct strbuf *out) {
  const struct extension *e = (const struct extension *)o;
  strbuf_adds(out, "CREATE EXTENSION IF NOT EXISTS ");
  sql_ident(out, o->name);
  if (e->in) {
    strbuf_adds(out, " WITH SCHEMA ");
    sql_ident(out, e->in);
  }
  if (e->version) {
    strbuf_adds(out, e->in ? " VERSION " : " WITH VERSION ");
    sql_literal(out, e->version);
  }
  strbuf_adds(out, ";\n");
}

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  if (fields & 1 && ((const struct extension *)before)->fixed)
    return false;
  const struct extension *e = (const struct extension *)after;
  if (fields & 2) {
    strbuf_adds(out, "ALTER EXTENSION ");
    sql_ident(out, after->name);
    strbuf_adds(out, " UPDATE TO ");
    sql_literal(out, e->version);
    strbuf_adds(out, ";\n");
  }
  if (fields & 1) {
    strbuf_adds(out, "ALTER EXTENSION ");
    sql_ident(out, after->name);
    strbuf_adds(out, " SET SCHEMA ");
    sql_ident(out, e->in);
    strbuf_adds(out, ";\n");
  }
  return true;
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  (void)schema_name;
  struct extension *e = (struct extension *)o;
  if (is_kind(of, KIND_SCHEMA) && e->in && strcmp(e->in, of->name) == 0)
    e->in = name;
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "EXTENSION ");
  sql_ident(out, o->name);
}

static const char *query(int version) {
  (void)version;
  return "SELECT e.oid, e.extname, n.nspname, e.extversion, pg_catalog.obj_description(e.oid, 'pg_extension'),"
         " NOT e.extrelocatable, e.extconfig IS NULL FROM pg_catalog.pg_extension e"
         " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
         " WHERE e.extname <> 'plpgsql' AND $1::pg_catalog.oid[] IS NOT NULL ORDER BY e.extname";
}

static void read(struct catalog *c, const struct row *row) {
  struct extension *e = schema_add(c->schema, KIND_EXTENSION, NULL, row_text(row, 1), NULL);
  e->in = row_text(row, 2);
  e->version = row_text(row, 3);
  e->object.comment = row_text(row, 4);
  e->fixed = row_flag(row, 5);
  e->bare = row_flag(row, 6);
}

/* The version is left open: another server may have a newer one. */
static void print(const struct object *o, struct strbuf *out) {
  const struct extension *e = (const struct extension *)o;
  strbuf_adds(out, "extension ");
  pdl_word(out, o->name);
  if (e->in && (e->stated || strcmp(e->in, "public") != 0)) {
    strbuf_adds(out, " in ");
    pdl_word(out, e->in);
  }
  strbuf_addc(out, '\n');
}

static bool is_bare(const struct object *o) {
  return ((const struct extension *)o)->bare;
}

/* Only the way back of a migration that made it takes one away, and one that takes its schema away. */
static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP EXTENSION ");
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

/* What the schema leaves open cannot differ: see live/scope.c. */
static const struct field fields[] = {
    FIELD(extension, in, FIELD_TEXT, "schema"),
    FIELD(extension, version, FIELD_TEXT, "version"),
    FIELD_END,
};

const struct kind extension_kind = {
    .word = "extension",
    .open = ~UINT64_C(0),
    .size = sizeof(struct extension),
    .ns = NS_EXTENSION,
    .fields = fields,
    .nodes = {NODE_EXTENSION},
    .declare = declare,
    .link = link,
    .advise = advise,
    .create = create,
    .target_name = target_name,
    .alter = alter,
    .drop = drop,
    .data = true,
    .elsewhere = is_bare,
    .follow = follow,
    .query = query,
    .sorts = "pg_extension",
    .read = read,
    .print = print,
};
