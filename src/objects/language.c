/* procedural language, access method: what a handler in C makes of the server. */
#include "objects/opaque.h"

static const struct opaque_form language_form = {
    .sql = "LANGUAGE", .class_name = "pg_language", .flag = "TRUSTED", .flag_first = true};
static const struct opaque_form method_form = {.sql = "ACCESS METHOD", .class_name = "pg_am"};

#define FUNCTION(column, word) ", CASE WHEN " column " <> 0 THEN '" word " ' || " column "::pg_catalog.regproc::text END"

static const char *query_languages(int version) {
  (void)version;
  return "SELECT l.oid, NULL, l.lanname, NULL, " OPAQUE_COMMENT("pg_language", "l.oid") ", NULL,"
         " pg_catalog.concat_ws(' '" FUNCTION("l.lanplcallfoid", "HANDLER") FUNCTION("l.laninline", "INLINE")
         FUNCTION("l.lanvalidator", "VALIDATOR") "), l.lanpltrusted, NULL FROM pg_catalog.pg_language l"
         " WHERE l.lanispl AND l.oid >= 16384 AND $1::pg_catalog.oid[] IS NOT NULL"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_language", "l.oid") " ORDER BY l.lanname";
}

static const char *query_methods(int version) {
  (void)version;
  return "SELECT a.oid, NULL, a.amname, NULL, " OPAQUE_COMMENT("pg_am", "a.oid") ", NULL,"
         " 'TYPE ' || CASE a.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END || ' HANDLER ' || a.amhandler::text, false, NULL"
         " FROM pg_catalog.pg_am a WHERE a.oid >= 16384 AND $1::pg_catalog.oid[] IS NOT NULL"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_am", "a.oid") " ORDER BY a.amname";
}

static void read_language(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_LANGUAGE);
}

static void read_method(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_ACCESS_METHOD);
}

const struct kind language_kind = {
    OPAQUE_OPERATIONS,
    .word = "language",
    .form = &language_form,
    .ns = NS_NONE,
    .nodes = {NODE_LANGUAGE},
    .query = query_languages,
    .sorts = "pg_language",
    .read = read_language,
};

const struct kind access_method_kind = {
    OPAQUE_OPERATIONS,
    .word = "access method",
    .form = &method_form,
    .ns = NS_NONE,
    .nodes = {NODE_ACCESS_METHOD},
    .query = query_methods,
    .sorts = "pg_am",
    .read = read_method,
};
