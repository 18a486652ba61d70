/* operator, operator family, operator class. A class made without a family brings one of its own name, which is not
 * read. */
#include "objects/opaque.h"

static const struct opaque_form operator_form = {
    .sql = "OPERATOR", .class_name = "pg_operator", .naming = NAMED_BY_SIGN, .signature = SIGN_SIDES};
static const struct opaque_form family_form = {
    .sql = "OPERATOR FAMILY", .class_name = "pg_opfamily", .adds = true, .signature = SIGN_METHOD};
static const struct opaque_form class_form = {
    .sql = "OPERATOR CLASS", .class_name = "pg_opclass", .flag = "DEFAULT", .signature = SIGN_METHOD};

#define SIDE(type) "CASE WHEN " type " = 0 THEN 'NONE' ELSE pg_catalog.format_type(" type ", NULL) END"
#define ARGUMENT(type, word) " CASE WHEN " type " <> 0 THEN '" word " = ' || pg_catalog.format_type(" type ", NULL) END,"
#define PARTNER(oid, word)                                                                                            \
  " (SELECT '" word " = OPERATOR(' || pg_catalog.quote_ident(xn.nspname) || '.' || x.oprname || ')' FROM pg_catalog.pg_operator x" \
  " JOIN pg_catalog.pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = " oid "),"
#define ESTIMATOR(proc, word) " CASE WHEN " proc "::pg_catalog.oid <> 0 THEN '" word " = ' || " proc "::text END,"

/* Shells that a commutator left are not read. */
static const char *query_operators(int version) {
  (void)version;
  return "SELECT o.oid, n.nspname, o.oprname, '(' || " SIDE("o.oprleft") " || ', ' || " SIDE("o.oprright") " || ')',"
         " " OPAQUE_COMMENT("pg_operator", "o.oid") ", NULL, '(' || pg_catalog.concat_ws(', ', 'function = ' || o.oprcode::text,"
         ARGUMENT("o.oprleft", "leftarg") ARGUMENT("o.oprright", "rightarg")
         PARTNER("o.oprcom", "commutator") PARTNER("o.oprnegate", "negator")
         ESTIMATOR("o.oprrest", "restrict") ESTIMATOR("o.oprjoin", "join")
         " CASE WHEN o.oprcanmerge THEN 'merges' END, CASE WHEN o.oprcanhash THEN 'hashes' END) || ')', false, NULL"
         " FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace"
         " WHERE n.oid = ANY ($1) AND o.oprcode::pg_catalog.oid <> 0"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_operator", "o.oid") " ORDER BY n.nspname, o.oprname, 4";
}

/* Whether the dependency d is on this one. The members that GiST, GIN and their like do not need are the family's, also
 * where the class brought both. */
#define ON_FAMILY "d.refclassid = 'pg_catalog.pg_opfamily'::pg_catalog.regclass AND d.refobjid = f.oid"
#define ON_CLASS                                                                                                      \
  "(d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass AND d.refobjid = c.oid"                               \
  " OR " ON_FAMILY " AND f.opfname = c.opcname AND f.opfnamespace = c.opcnamespace)"
/* The operators and support functions that belong to it, as CREATE OPERATOR CLASS lists them. regoperator knows its
 * schema. */
#define ITEMS(belongs)                                                                                              \
  "(SELECT pg_catalog.string_agg(i.item, ', ' ORDER BY i.item) FROM ("                                                \
  "SELECT 'OPERATOR ' || ao.amopstrategy || ' ' || ao.amopopr::pg_catalog.regoperator::text || coalesce((SELECT ' FOR ORDER BY ' ||" \
  " pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(sf.opfname) FROM pg_catalog.pg_opfamily sf"   \
  " JOIN pg_catalog.pg_namespace sn ON sn.oid = sf.opfnamespace WHERE sf.oid = ao.amopsortfamily), '') AS item"        \
  " FROM pg_catalog.pg_amop ao JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amop'::pg_catalog.regclass"  \
  " AND d.objid = ao.oid AND " belongs                                                                                 \
  " UNION ALL SELECT 'FUNCTION ' || ap.amprocnum || ' (' || pg_catalog.format_type(ap.amproclefttype, NULL) || ', ' ||" \
  " pg_catalog.format_type(ap.amprocrighttype, NULL) || ') ' || ap.amproc::pg_catalog.regprocedure::text"             \
  " FROM pg_catalog.pg_amproc ap JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_amproc'::pg_catalog.regclass" \
  " AND d.objid = ap.oid AND " belongs ") i)"

static const char *query_families(int version) {
  (void)version;
  return "SELECT f.oid, n.nspname, f.opfname, ' USING ' || pg_catalog.quote_ident(am.amname),"
         " " OPAQUE_COMMENT("pg_opfamily", "f.oid") ", NULL, 'USING ' || pg_catalog.quote_ident(am.amname) ||"
         " coalesce(' ADD ' || " ITEMS(ON_FAMILY) ", ''), false, NULL"
         " FROM pg_catalog.pg_opfamily f JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace"
         " JOIN pg_catalog.pg_am am ON am.oid = f.opfmethod WHERE n.oid = ANY ($1)"
         " AND NOT EXISTS (SELECT FROM pg_catalog.pg_opclass c WHERE c.opcfamily = f.oid AND c.opcname = f.opfname"
         " AND c.opcnamespace = f.opfnamespace)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_opfamily", "f.oid") " ORDER BY n.nspname, f.opfname, am.amname";
}

static const char *query_classes(int version) {
  (void)version;
  return "SELECT c.oid, n.nspname, c.opcname, ' USING ' || pg_catalog.quote_ident(am.amname),"
         " " OPAQUE_COMMENT("pg_opclass", "c.oid") ", NULL, 'FOR TYPE ' || pg_catalog.format_type(c.opcintype, NULL) ||"
         " ' USING ' || pg_catalog.quote_ident(am.amname) || CASE WHEN f.opfname <> c.opcname OR f.opfnamespace <> c.opcnamespace"
         " THEN ' FAMILY ' || pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.opfname) ELSE '' END || ' AS ' ||"
         " pg_catalog.concat_ws(', ', " ITEMS(ON_CLASS) ","
         " CASE WHEN c.opckeytype <> 0 THEN 'STORAGE ' || pg_catalog.format_type(c.opckeytype, NULL)"
         " WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE " ON_CLASS " AND d.classid IN ('pg_catalog.pg_amop'::pg_catalog.regclass, 'pg_catalog.pg_amproc'::pg_catalog.regclass))"
         " THEN 'STORAGE ' || pg_catalog.format_type(c.opcintype, NULL) END), c.opcdefault, NULL"
         " FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace"
         " JOIN pg_catalog.pg_am am ON am.oid = c.opcmethod JOIN pg_catalog.pg_opfamily f ON f.oid = c.opcfamily"
         " JOIN pg_catalog.pg_namespace fn ON fn.oid = f.opfnamespace WHERE n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_opclass", "c.oid") " ORDER BY n.nspname, c.opcname, am.amname";
}

static void read_operator(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_OPERATOR);
}

static void read_family(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_OPERATOR_FAMILY);
}

static void read_class(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_OPERATOR_CLASS);
}

bool operator_class_family(const struct object *o, struct opaque *family) {
  if (!is_kind(o, KIND_OPERATOR_CLASS) || sql_find_word(((const struct opaque *)o)->definition.sql, "family"))
    return false;
  *family = *(const struct opaque *)o;
  family->object.kind = kinds[KIND_OPERATOR_FAMILY];
  return true;
}

/* With the family that it brought. */
static void drop_class(const struct object *o, struct strbuf *out) {
  struct opaque family;
  opaque_drop(operator_class_family(o, &family) ? &family.object : o, out);
}

const struct kind operator_kind = {
    OPAQUE_OPERATIONS,
    .word = "operator",
    .form = &operator_form,
    .ns = NS_KIND,
    .nodes = {NODE_OPERATOR},
    .scratch = true,
    .query = query_operators,
    .sorts = "pg_operator",
    .read = read_operator,
};

const struct kind operator_family_kind = {
    OPAQUE_OPERATIONS,
    .word = "operator family",
    .form = &family_form,
    .ns = NS_KIND,
    .nodes = {NODE_OPERATOR_FAMILY},
    .scratch = true,
    .query = query_families,
    .sorts = "pg_opfamily",
    .read = read_family,
};

const struct kind operator_class_kind = {
    OPAQUE_OPERATIONS_BUT_DROPPING,
    .word = "operator class",
    .drop = drop_class,
    .form = &class_form,
    .ns = NS_KIND,
    .nodes = {NODE_OPERATOR_CLASS},
    .scratch = true,
    .query = query_classes,
    .sorts = "pg_opclass",
    .read = read_class,
};
