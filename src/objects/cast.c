/* cast, conversion, transform: how values of one type or encoding become those of another. Casts and transforms belong
 * to no schema; ours are those of which the function or a type is, and those between what every server has. */
#include "objects/opaque.h"

static const struct opaque_form cast_form = {.sql = "CAST", .class_name = "pg_cast", .naming = NAMED_BY_TYPES};
static const struct opaque_form conversion_form = {
    .sql = "CONVERSION", .class_name = "pg_conversion", .flag = "DEFAULT", .flag_first = true};
static const struct opaque_form transform_form = {.sql = "TRANSFORM", .class_name = "pg_transform", .naming = NAMED_FOR};

/* Whether the type, or the function, is in a schema that is read. */
#define TYPE_OF_OURS(type)                                                                                            \
  "EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = " type " AND t.typnamespace = ANY ($1))"
#define FUNCTION_OF_OURS(function)                                                                                    \
  "EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.oid = " function " AND p.pronamespace = ANY ($1))"

/* Made by users of what is none of theirs (FirstNormalObjectId). */
#define OF_NOBODYS(a, b, c)                                                                                           \
  "(" a " < 16384 AND " b " < 16384 AND " c " < 16384 AND NOT pg_catalog.pg_my_temp_schema() = ANY ($1))"

static const char *query_casts(int version) {
  (void)version;
  return "SELECT c.oid, NULL, s.name, NULL, " OPAQUE_COMMENT("pg_cast", "c.oid") ", NULL, '(' || s.name || ') ' ||"
         " CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::pg_catalog.regprocedure::text"
         " WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END ||"
         " CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END, false, NULL"
         " FROM pg_catalog.pg_cast c CROSS JOIN LATERAL (SELECT pg_catalog.format_type(c.castsource, NULL) || ' AS ' ||"
         " pg_catalog.format_type(c.casttarget, NULL) AS name) s WHERE c.oid >= 16384 AND (" TYPE_OF_OURS("c.castsource")
         " OR " TYPE_OF_OURS("c.casttarget") " OR " FUNCTION_OF_OURS("c.castfunc")
         " OR " OF_NOBODYS("c.castsource", "c.casttarget", "c.castfunc") ")"
         /* of a range type to its multirange type */
         " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend i WHERE i.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass"
         " AND i.objid = c.oid AND i.deptype = 'i')"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_cast", "c.oid") " ORDER BY s.name";
}

static const char *query_conversions(int version) {
  (void)version;
  return "SELECT c.oid, n.nspname, c.conname, NULL, " OPAQUE_COMMENT("pg_conversion", "c.oid") ", NULL,"
         " 'FOR ' || pg_catalog.quote_literal(pg_catalog.pg_encoding_to_char(c.conforencoding)) || ' TO ' ||"
         " pg_catalog.quote_literal(pg_catalog.pg_encoding_to_char(c.contoencoding)) || ' FROM ' || c.conproc::text, c.condefault, NULL"
         " FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace WHERE n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_conversion", "c.oid") " ORDER BY n.nspname, c.conname";
}

static const char *query_transforms(int version) {
  (void)version;
  return "SELECT r.oid, NULL, s.name, NULL, " OPAQUE_COMMENT("pg_transform", "r.oid") ", NULL, s.name || ' (' ||"
         " pg_catalog.concat_ws(', ', CASE WHEN r.trffromsql::pg_catalog.oid <> 0 THEN 'FROM SQL WITH FUNCTION ' ||"
         " r.trffromsql::pg_catalog.regprocedure::text END, CASE WHEN r.trftosql::pg_catalog.oid <> 0 THEN"
         " 'TO SQL WITH FUNCTION ' || r.trftosql::pg_catalog.regprocedure::text END) || ')', false, NULL"
         " FROM pg_catalog.pg_transform r JOIN pg_catalog.pg_language l ON l.oid = r.trflang"
         " CROSS JOIN LATERAL (SELECT pg_catalog.format_type(r.trftype, NULL) || ' LANGUAGE ' || pg_catalog.quote_ident(l.lanname) AS name) s"
         " WHERE r.oid >= 16384 AND (" TYPE_OF_OURS("r.trftype") " OR " FUNCTION_OF_OURS("r.trffromsql") " OR " FUNCTION_OF_OURS("r.trftosql")
         " OR " OF_NOBODYS("r.trftype", "r.trffromsql::pg_catalog.oid", "r.trftosql::pg_catalog.oid") ")"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_transform", "r.oid") " ORDER BY s.name";
}

static void read_cast(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_CAST);
}

static void read_conversion(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_CONVERSION);
}

static void read_transform(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_TRANSFORM);
}

const struct kind cast_kind = {
    OPAQUE_OPERATIONS,
    .word = "cast",
    .form = &cast_form,
    .ns = NS_NONE,
    .nodes = {NODE_CAST},
    .query = query_casts,
    .sorts = "pg_cast",
    .read = read_cast,
};

const struct kind conversion_kind = {
    OPAQUE_OPERATIONS,
    .word = "conversion",
    .form = &conversion_form,
    .ns = NS_KIND,
    .nodes = {NODE_CONVERSION},
    .scratch = true,
    .query = query_conversions,
    .sorts = "pg_conversion",
    .read = read_conversion,
};

const struct kind transform_kind = {
    OPAQUE_OPERATIONS,
    .word = "transform",
    .form = &transform_form,
    .ns = NS_NONE,
    .nodes = {NODE_TRANSFORM},
    .query = query_transforms,
    .sorts = "pg_transform",
    .read = read_transform,
};
