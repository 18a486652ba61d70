/* Postgres' own types: one table of facts (pg_type of 13 to 18; manual, chapter 8), and the
 * types of well-known extensions. */
#include <string.h>
#include <strings.h>

#include "schema/schema.h"

#define B TYPE_BOOL
#define N TYPE_NUMBER
#define S TYPE_STRING
#define D TYPE_DATE
#define O TYPE_OTHER
/* Sorted by name. */
static const struct type_info types[] = {
    {"aclitem", .category = O},
    {"any", .shown = "\"any\"", .category = O, .pseudo = true},
    {"anyarray", .category = O, .pseudo = true},
    {"anycompatible", .category = O, .pseudo = true},
    {"anycompatiblearray", .category = O, .pseudo = true},
    {"anycompatiblemultirange", .category = O, .pseudo = true},
    {"anycompatiblenonarray", .category = O, .pseudo = true},
    {"anycompatiblerange", .category = O, .pseudo = true},
    {"anyelement", .category = O, .pseudo = true},
    {"anyenum", .category = O, .pseudo = true},
    {"anymultirange", .category = O, .pseudo = true},
    {"anynonarray", .category = O, .pseudo = true},
    {"anyrange", .category = O, .pseudo = true},
    {"bit", .category = O, .mods = "1", .takes_mods = true},
    {"bool", .shown = "boolean", .category = B},
    {"box", .category = O},
    {"bpchar", .shown = "char", .category = S, .takes_mods = true, .collatable = true},
    {"bytea", .category = O},
    {"char", .shown = "\"char\"", .category = S},
    {"cid", .category = O},
    {"cidr", .category = O},
    {"circle", .category = O},
    {"cstring", .category = O, .pseudo = true},
    {"date", .category = D},
    {"datemultirange", .category = O},
    {"daterange", .category = O},
    {"event_trigger", .category = O, .pseudo = true},
    {"fdw_handler", .category = O, .pseudo = true},
    {"float4", .shown = "real", .category = N},
    {"float8", .shown = "double precision", .category = N},
    {"gtsvector", .category = O},
    {"index_am_handler", .category = O, .pseudo = true},
    {"inet", .category = O},
    {"int2", .shown = "smallint", .category = N},
    {"int2vector", .category = O},
    {"int4", .shown = "integer", .category = N},
    {"int4multirange", .category = O},
    {"int4range", .category = O},
    {"int8", .shown = "bigint", .category = N},
    {"int8multirange", .category = O},
    {"int8range", .category = O},
    {"internal", .category = O, .pseudo = true},
    {"interval", .category = D, .takes_mods = true},
    {"json", .category = O},
    {"jsonb", .category = O},
    {"jsonpath", .category = O},
    {"language_handler", .category = O, .pseudo = true},
    {"line", .category = O},
    {"lseg", .category = O},
    {"macaddr", .category = O},
    {"macaddr8", .category = O},
    {"money", .category = O},
    {"name", .category = S, .collatable = true},
    {"numeric", .category = N, .takes_mods = true},
    {"nummultirange", .category = O},
    {"numrange", .category = O},
    {"oid", .category = N},
    {"oidvector", .category = O},
    {"path", .category = O},
    {"pg_brin_bloom_summary", .category = O},
    {"pg_brin_minmax_multi_summary", .category = O},
    {"pg_ddl_command", .category = O, .pseudo = true},
    {"pg_dependencies", .category = O},
    {"pg_lsn", .category = O},
    {"pg_mcv_list", .category = O},
    {"pg_ndistinct", .category = O},
    {"pg_node_tree", .category = O},
    {"pg_snapshot", .category = O},
    {"point", .category = O},
    {"polygon", .category = O},
    {"record", .category = O, .pseudo = true},
    {"refcursor", .category = S},
    {"regclass", .category = O},
    {"regcollation", .category = O},
    {"regconfig", .category = O},
    {"regdictionary", .category = O},
    {"regnamespace", .category = O},
    {"regoper", .category = O},
    {"regoperator", .category = O},
    {"regproc", .category = O},
    {"regprocedure", .category = O},
    {"regrole", .category = O},
    {"regtype", .category = O},
    {"table_am_handler", .category = O, .pseudo = true},
    {"text", .category = S, .collatable = true},
    {"tid", .category = O},
    {"time", .category = D, .takes_mods = true},
    {"timestamp", .category = D, .takes_mods = true},
    {"timestamptz", .category = D, .takes_mods = true},
    {"timetz", .category = D, .takes_mods = true},
    {"trigger", .category = O, .pseudo = true},
    {"tsm_handler", .category = O, .pseudo = true},
    {"tsmultirange", .category = O},
    {"tsquery", .category = O},
    {"tsrange", .category = O},
    {"tstzmultirange", .category = O},
    {"tstzrange", .category = O},
    {"tsvector", .category = O},
    {"txid_snapshot", .category = O},
    {"unknown", .category = O, .pseudo = true},
    {"uuid", .category = O},
    {"varbit", .category = O, .takes_mods = true},
    {"varchar", .category = S, .takes_mods = true, .collatable = true},
    {"void", .category = O, .pseudo = true},
    {"xid", .category = O},
    {"xid8", .category = O},
    {"xml", .category = O},
};
#undef B
#undef N
#undef S
#undef D
#undef O

/* Postgres' other spellings of one word (manual, table 8.1), sorted. */
static const struct {
  const char *word, *name;
  bool serial;
} aliases[] = {
    {"bigint", "int8", false},     {"bigserial", "int8", true},    {"boolean", "bool", false},
    {"char", "bpchar", false},     {"character", "bpchar", false}, {"dec", "numeric", false},
    {"decimal", "numeric", false}, {"float", "float8", false},     {"int", "int4", false},
    {"integer", "int4", false},    {"real", "float4", false},      {"serial", "int4", true},
    {"serial2", "int2", true},     {"serial4", "int4", true},      {"serial8", "int8", true},
    {"smallint", "int2", false},   {"smallserial", "int2", true},
};

const struct type_info *type_info(const char *name) {
  size_t low = 0, high = ARRAY_LEN(types);
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, types[middle].name);
    if (order == 0)
      return &types[middle];
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

bool type_is_catalogs(const char *name) {
  return type_info(name) || strncmp(name, "pg_", 3) == 0;
}

const struct type_info *type_alias(const char *word, bool *serial) {
  *serial = false;
  for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
    if (strcmp(word, aliases[i].word) == 0) {
      *serial = aliases[i].serial;
      return type_info(aliases[i].name);
    }
  return type_info(word);
}

/* What other systems call a type. */
static const struct {
  const char *word, *type;
} strange_types[] = {
    {"binary", "bytea"},        {"biginteger", "bigint"},   {"blob", "bytea"},           {"byte", "smallint"},
    {"bytes", "bytea"},         {"clob", "text"},           {"datetime", "timestamptz"}, {"datetime2", "timestamptz"},
    {"double", "float8"},       {"float32", "float4"},      {"float64", "float8"},       {"guid", "uuid"},
    {"int16", "smallint"},      {"int32", "int"},           {"int64", "bigint"},         {"long", "bigint"},
    {"longblob", "bytea"},      {"longtext", "text"},       {"mediumint", "int"},        {"mediumtext", "text"},
    {"nchar", "char"},          {"number", "numeric"},      {"nvarchar", "varchar"},     {"str", "text"},
    {"string", "text"},         {"tinyint", "smallint"},    {"tinytext", "text"},        {"uint32", "bigint"},
    {"uint64", "numeric(20)"},  {"uniqueidentifier", "uuid"}, {"varbinary", "bytea"},    {"varchar2", "varchar"},
};

const char *type_nearest(const char *word) {
  for (size_t i = 0; i < ARRAY_LEN(strange_types); i++)
    if (strcasecmp(word, strange_types[i].word) == 0)
      return strange_types[i].type;
  return NULL;
}

void type_offer(struct spell *spell) {
  for (size_t i = 0; i < ARRAY_LEN(types); i++)
    if (!types[i].pseudo)
      spell_offer(spell, types[i].name);
  for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
    spell_offer(spell, aliases[i].word);
}

/* Extensions whose types are known; one with no types here has none of its own. Of operator classes those that are no
 * type's default, and so are named. */
static const struct {
  const char *extension, *types, *classes; /* separated and enclosed by blanks; classes may be NULL */
} extensions[] = {
    {"btree_gin", "", NULL},
    {"btree_gist", "", NULL},
    {"citext", " citext ", " citext_pattern_ops "},
    {"cube", " cube ", NULL},
    {"earthdistance", " earth ", NULL},
    {"fuzzystrmatch", "", NULL},
    {"hstore", " hstore ", " gin_hstore_ops gist_hstore_ops "},
    {"intarray", " query_int ", " gin__int_ops gist__int_ops gist__intbig_ops "},
    {"isn", " ean13 isbn isbn13 ismn ismn13 issn issn13 upc ", NULL},
    {"lo", " lo ", NULL},
    {"ltree", " ltree lquery ltxtquery ", " gist_ltree_ops gist__ltree_ops "},
    {"moddatetime", "", NULL},
    {"pg_stat_statements", "", NULL},
    {"pg_trgm", " gtrgm ", " gin_trgm_ops gist_trgm_ops "},
    {"pgcrypto", "", NULL},
    {"plpgsql", "", NULL},
    {"postgis", " geometry geography box2d box3d raster spheroid geometry_dump valid_detail ",
     " gist_geometry_ops_2d gist_geometry_ops_nd gist_geography_ops spgist_geometry_ops_2d spgist_geometry_ops_3d"
     " spgist_geometry_ops_nd brin_geometry_inclusion_ops_2d brin_geometry_inclusion_ops_3d brin_geometry_inclusion_ops_4d "},
    {"seg", " seg ", NULL},
    {"unaccent", "", NULL},
    {"uuid-ossp", "", NULL},
    {"vector", " vector halfvec sparsevec ",
     " vector_l2_ops vector_ip_ops vector_cosine_ops vector_l1_ops halfvec_l2_ops halfvec_ip_ops halfvec_cosine_ops"
     " halfvec_l1_ops sparsevec_l2_ops sparsevec_ip_ops sparsevec_cosine_ops sparsevec_l1_ops bit_hamming_ops bit_jaccard_ops "},
};

static bool lists(const char *all, const char *type) {
  const size_t n = strlen(type);
  for (const char *p = all; (p = strstr(p, type)) != NULL; p += n)
    if (p > all && p[-1] == ' ' && p[n] == ' ')
      return true;
  return false;
}

bool extension_provides(const char *extension, const char *type) {
  for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
    if (strcmp(extension, extensions[i].extension) == 0)
      return lists(extensions[i].types, type);
  return true;
}

bool extension_brings_class(const char *extension, const char *operator_class) {
  for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
    if (strcmp(extension, extensions[i].extension) == 0)
      return extensions[i].classes && lists(extensions[i].classes, operator_class);
  return false;
}

const char *extension_of_type(const char *type) {
  for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
    if (lists(extensions[i].types, type))
      return extensions[i].extension;
  return NULL;
}
