/* text search parser, template, dictionary and configuration, whose mappings are clauses of their own:
 * `text search configuration name (parser = "default") add mapping for word with simple`. */
#include "objects/opaque.h"

static const struct opaque_form parser_form = {.sql = "TEXT SEARCH PARSER", .class_name = "pg_ts_parser"};
static const struct opaque_form template_form = {.sql = "TEXT SEARCH TEMPLATE", .class_name = "pg_ts_template"};
static const struct opaque_form dictionary_form = {.sql = "TEXT SEARCH DICTIONARY", .class_name = "pg_ts_dict"};
static const struct opaque_form configuration_form = {
    .sql = "TEXT SEARCH CONFIGURATION", .class_name = "pg_ts_config", .adds = true};

#define FUNCTION(column, word) ", CASE WHEN " column "::pg_catalog.oid <> 0 THEN '" word " = ' || " column "::text END"
#define QUERY(class, name, space, clauses, join)                                                                      \
  "SELECT o.oid, n.nspname, o." name ", NULL, " OPAQUE_COMMENT(class, "o.oid") ", NULL, " clauses ", false, NULL"      \
  " FROM pg_catalog." class " o JOIN pg_catalog.pg_namespace n ON n.oid = o." space join " WHERE n.oid = ANY ($1)"     \
  CATALOG_NOT_OF_EXTENSION("pg_catalog." class, "o.oid") " ORDER BY n.nspname, o." name

static const char *query_parsers(int version) {
  (void)version;
  return QUERY("pg_ts_parser", "prsname", "prsnamespace",
               "'(' || pg_catalog.concat_ws(', ', 'start = ' || o.prsstart::text, 'gettoken = ' || o.prstoken::text,"
               " 'end = ' || o.prsend::text, 'lextypes = ' || o.prslextype::text" FUNCTION("o.prsheadline", "headline") ") || ')'", "");
}

static const char *query_templates(int version) {
  (void)version;
  return QUERY("pg_ts_template", "tmplname", "tmplnamespace",
               "'(' || pg_catalog.concat_ws(', ', 'lexize = ' || o.tmpllexize::text" FUNCTION("o.tmplinit", "init") ") || ')'", "");
}

static const char *query_dictionaries(int version) {
  (void)version;
  return QUERY("pg_ts_dict", "dictname", "dictnamespace",
               "'(template = ' || " OPAQUE_NAME("tn.nspname", "pg_catalog.quote_ident(t.tmplname)") " || coalesce(', ' || o.dictinitoption, '') || ')'",
               " JOIN pg_catalog.pg_ts_template t ON t.oid = o.dicttemplate"
               " JOIN pg_catalog.pg_namespace tn ON tn.oid = t.tmplnamespace");
}

static const char *query_configurations(int version) {
  (void)version;
  return QUERY("pg_ts_config", "cfgname", "cfgnamespace",
               "'(parser = ' || " OPAQUE_NAME("pn.nspname", "pg_catalog.quote_ident(p.prsname)") " || ')' || coalesce("
               "(SELECT pg_catalog.string_agg(' ADD MAPPING FOR ' || m.token || ' WITH ' || m.dicts, '' ORDER BY m.token) FROM"
               " (SELECT (SELECT pg_catalog.quote_ident(tt.alias) FROM pg_catalog.ts_token_type(p.oid) tt"
               " WHERE tt.tokid = cm.maptokentype) AS token, pg_catalog.string_agg("
               OPAQUE_NAME("dn.nspname", "pg_catalog.quote_ident(d.dictname)") ", ', ' ORDER BY cm.mapseqno) AS dicts"
               " FROM pg_catalog.pg_ts_config_map cm JOIN pg_catalog.pg_ts_dict d ON d.oid = cm.mapdict"
               " JOIN pg_catalog.pg_namespace dn ON dn.oid = d.dictnamespace WHERE cm.mapcfg = o.oid GROUP BY cm.maptokentype) m), '')",
               " JOIN pg_catalog.pg_ts_parser p ON p.oid = o.cfgparser"
               " JOIN pg_catalog.pg_namespace pn ON pn.oid = p.prsnamespace");
}

static void read_parser(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_TS_PARSER);
}

static void read_template(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_TS_TEMPLATE);
}

static void read_dictionary(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_TS_DICTIONARY);
}

static void read_configuration(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_TS_CONFIGURATION);
}

const struct kind ts_parser_kind = {
    OPAQUE_OPERATIONS,
    .word = "text search parser",
    .form = &parser_form,
    .ns = NS_KIND,
    .nodes = {NODE_TS_PARSER},
    .scratch = true,
    .query = query_parsers,
    .sorts = "pg_ts_parser",
    .read = read_parser,
};

const struct kind ts_template_kind = {
    OPAQUE_OPERATIONS,
    .word = "text search template",
    .form = &template_form,
    .ns = NS_KIND,
    .nodes = {NODE_TS_TEMPLATE},
    .scratch = true,
    .query = query_templates,
    .sorts = "pg_ts_template",
    .read = read_template,
};

const struct kind ts_dictionary_kind = {
    OPAQUE_OPERATIONS,
    .word = "text search dictionary",
    .form = &dictionary_form,
    .ns = NS_KIND,
    .nodes = {NODE_TS_DICTIONARY},
    .scratch = true,
    .query = query_dictionaries,
    .sorts = "pg_ts_dict",
    .read = read_dictionary,
};

const struct kind ts_configuration_kind = {
    OPAQUE_OPERATIONS,
    .word = "text search configuration",
    .form = &configuration_form,
    .ns = NS_KIND,
    .nodes = {NODE_TS_CONFIGURATION},
    .scratch = true,
    .query = query_configurations,
    .sorts = "pg_ts_config",
    .read = read_configuration,
};
