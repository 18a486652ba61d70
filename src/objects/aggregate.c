/* aggregate: `aggregate name(arguments) (sfunc = …, stype = …)`. */
#include "objects/opaque.h"

static const struct opaque_form form = {
    .sql = "AGGREGATE",
    /* takes the types of an ordered-set aggregate as they are, AGGREGATE wants ORDER BY among them */
    .named = "ROUTINE",
    .class_name = "pg_proc",
    .signature = SIGN_ARGUMENTS,
};

#define FUNCTION(column, word) " CASE WHEN " column "::pg_catalog.oid <> 0 THEN '" word " = ' || " column "::pg_catalog.regproc::text END,"
#define MODIFY(column, word)                                                                                           \
  " CASE WHEN " column " <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN '" word " = ' ||"                        \
  " CASE " column " WHEN 'r' THEN 'read_only' WHEN 's' THEN 'shareable' ELSE 'read_write' END END,"

static const char *query(int version) {
  (void)version;
  return "SELECT p.oid, n.nspname, p.proname, '(' || pg_catalog.oidvectortypes(p.proargtypes) || ')',"
         " " OPAQUE_COMMENT("pg_proc", "p.oid") ", NULL,"
         " '(' || CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_catalog.pg_get_function_arguments(p.oid) END || ') (' ||"
         " pg_catalog.concat_ws(', ', 'sfunc = ' || a.aggtransfn::text, 'stype = ' || pg_catalog.format_type(a.aggtranstype, NULL),"
         " CASE WHEN a.aggtransspace <> 0 THEN 'sspace = ' || a.aggtransspace END,"
         FUNCTION("a.aggfinalfn", "finalfunc")
         " CASE WHEN a.aggfinalextra THEN 'finalfunc_extra' END,"
         MODIFY("a.aggfinalmodify", "finalfunc_modify")
         FUNCTION("a.aggcombinefn", "combinefunc") FUNCTION("a.aggserialfn", "serialfunc") FUNCTION("a.aggdeserialfn", "deserialfunc")
         " CASE WHEN a.agginitval IS NOT NULL THEN 'initcond = ' || pg_catalog.quote_literal(a.agginitval) END,"
         FUNCTION("a.aggmtransfn", "msfunc") FUNCTION("a.aggminvtransfn", "minvfunc")
         " CASE WHEN a.aggmtranstype <> 0 THEN 'mstype = ' || pg_catalog.format_type(a.aggmtranstype, NULL) END,"
         " CASE WHEN a.aggmtransspace <> 0 THEN 'msspace = ' || a.aggmtransspace END,"
         FUNCTION("a.aggmfinalfn", "mfinalfunc")
         " CASE WHEN a.aggmfinalextra THEN 'mfinalfunc_extra' END,"
         MODIFY("CASE WHEN a.aggmtransfn::pg_catalog.oid <> 0 THEN a.aggmfinalmodify END", "mfinalfunc_modify")
         " CASE WHEN a.aggminitval IS NOT NULL THEN 'minitcond = ' || pg_catalog.quote_literal(a.aggminitval) END,"
         " CASE WHEN a.aggsortop <> 0 THEN 'sortop = OPERATOR(' || (SELECT pg_catalog.quote_ident(opn.nspname) || '.' || op.oprname"
         " FROM pg_catalog.pg_operator op JOIN pg_catalog.pg_namespace opn ON opn.oid = op.oprnamespace WHERE op.oid = a.aggsortop) || ')' END,"
         " CASE p.proparallel WHEN 's' THEN 'parallel = safe' WHEN 'r' THEN 'parallel = restricted' END,"
         " CASE WHEN a.aggkind = 'h' THEN 'hypothetical' END) || ')', false, NULL"
         " FROM pg_catalog.pg_aggregate a JOIN pg_catalog.pg_proc p ON p.oid = a.aggfnoid"
         " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.oid = ANY ($1)"
         CATALOG_NOT_OF_EXTENSION("pg_catalog.pg_proc", "p.oid") " ORDER BY n.nspname, p.proname, 4";
}

static void read(struct catalog *c, const struct row *row) {
  opaque_read(c, row, KIND_AGGREGATE);
}

const struct kind aggregate_kind = {
    OPAQUE_OPERATIONS,
    .word = "aggregate",
    .form = &form,
    .ns = NS_FUNCTION,
    .nodes = {NODE_AGGREGATE},
    .scratch = true,
    .query = query,
    .sorts = "routine a",
    .read = read,
};
