/* foreign data wrapper, server, user mapping: `kind name … options (…)`. A secret among the options stays on the
 * server. */
#include "objects/opaque.h"

static const struct opaque_form wrapper_form = {.sql = "FOREIGN DATA WRAPPER", .class_name = "pg_foreign_data_wrapper"};
static const struct opaque_form server_form = {.sql = "SERVER", .class_name = "pg_foreign_server"};
static const struct opaque_form mapping_form = {.sql = "USER MAPPING", .class_name = "pg_user_mapping", .naming = NAMED_FOR};

#define HANDLER(column, word)                                                                                         \
  "coalesce((SELECT ' " word " ' || " OPAQUE_NAME("pn.nspname", "pg_catalog.quote_ident(p.proname)")                   \
  " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace WHERE p.oid = " column "), '')"

/* All of the database's own: they belong to no schema. */
static const char *query_wrappers(int version) {
  (void)version;
  return "SELECT w.oid, NULL, w.fdwname, NULL, " OPAQUE_COMMENT("pg_foreign_data_wrapper", "w.oid") ", NULL,"
         " " HANDLER("w.fdwhandler", "HANDLER") " || " HANDLER("w.fdwvalidator", "VALIDATOR") " || "
         OPAQUE_OPTIONS_OF("w.fdwoptions") ", false, NULL"
         " FROM pg_catalog.pg_foreign_data_wrapper w WHERE $1::pg_catalog.oid[] IS NOT NULL"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_foreign_data_wrapper", "w.oid") " ORDER BY w.fdwname";
}

static const char *query_servers(int version) {
  (void)version;
  return "SELECT s.oid, NULL, s.srvname, NULL, " OPAQUE_COMMENT("pg_foreign_server", "s.oid") ", NULL,"
         " coalesce('TYPE ' || pg_catalog.quote_literal(s.srvtype) || ' ', '') ||"
         " coalesce('VERSION ' || pg_catalog.quote_literal(s.srvversion) || ' ', '') ||"
         " 'FOREIGN DATA WRAPPER ' || pg_catalog.quote_ident(w.fdwname) || " OPAQUE_OPTIONS_OF("s.srvoptions") ", false, NULL"
         " FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw"
         " WHERE $1::pg_catalog.oid[] IS NOT NULL"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_foreign_server", "s.oid") " ORDER BY s.srvname";
}

#define MAPPED "CASE WHEN m.umuser = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(m.umuser)) END" \
  " || ' SERVER ' || pg_catalog.quote_ident(m.srvname)"

/* Options of others' mappings are shown to nobody but superusers. */
static const char *query_mappings(int version) {
  (void)version;
  return "SELECT m.umid, NULL, " MAPPED ", NULL, NULL, NULL, " MAPPED " || " OPAQUE_OPTIONS_OF("m.umoptions") ", false, NULL"
         " FROM pg_catalog.pg_user_mappings m WHERE $1::pg_catalog.oid[] IS NOT NULL"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_user_mapping", "m.umid") " ORDER BY m.srvname, m.umuser";
}

static void read_wrapper(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_WRAPPER);
}

static void read_server(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_SERVER);
}

static void read_mapping(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_USER_MAPPING);
}

const struct kind wrapper_kind = {
    OPAQUE_OPERATIONS,
    .word = "foreign data wrapper",
    .form = &wrapper_form,
    .ns = NS_NONE,
    .nodes = {NODE_WRAPPER},
    .query = query_wrappers,
    .sorts = "pg_foreign_data_wrapper",
    .read = read_wrapper,
};

const struct kind server_kind = {
    OPAQUE_OPERATIONS,
    .word = "server",
    .form = &server_form,
    .ns = NS_NONE,
    .nodes = {NODE_SERVER},
    .query = query_servers,
    .sorts = "pg_foreign_server",
    .read = read_server,
};

/* COMMENT ON has no word for it. */
const struct kind user_mapping_kind = {
    OPAQUE_OPERATIONS_BUT_NAMING,
    .word = "user mapping",
    .form = &mapping_form,
    .ns = NS_NONE,
    .nodes = {NODE_USER_MAPPING},
    .query = query_mappings,
    .sorts = "pg_foreign_server",
    .read = read_mapping,
};
