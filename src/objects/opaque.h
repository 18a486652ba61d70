/* Kinds whose form is CREATE's own clauses, `kind name clauses`: one mechanism (opaque.c), and a file a few of them
 * with what is their own: the words of their statements and how the catalogs tell them. */
#ifndef PDLC_OPAQUE_H
#define PDLC_OPAQUE_H

#include "objects/objects.h"

struct opaque_form {
  const char *sql;          /* "EVENT TRIGGER": behind CREATE */
  const char *named;        /* behind DROP, ALTER and COMMENT ON, where that is another word */
  const char *class_name;   /* the catalog that holds it, as catalog_keep knows it */
  const char *flag;         /* a word that may stand before the clauses, compared by itself: "default" */
  bool flag_first;          /* in SQL it stands before the kind's words */
  bool states;              /* may be disabled, and so on */
  bool adds;                /* later clauses are ALTER … ADD's */
  bool of_table;            /* belongs to a table or view */
  enum {
    NAMED,
    NAMED_BY_TYPES /* cast */,
    NAMED_FOR /* user mapping, transform */,
    NAMED_BY_SIGN /* operator */
  } naming;
  enum { SIGN_NONE, SIGN_ARGUMENTS, SIGN_SIDES, SIGN_METHOD } signature;
};
struct opaque {
  struct object object;
  struct expr definition;    /* the clauses; TABLE_PLACE in them is where its table is named */
  struct setting *options;   /* of OPTIONS (…), less secrets */
  bool flag;
  const char *state;         /* NULL: enabled; "disabled", "replica", "always" */
  const struct node *node;   /* while compiling */
  const struct sql_definition *parsed;
};
/* bits of the fields, in their order */
enum { OPAQUE_DEFINITION = 1, OPAQUE_OPTIONS = 2, OPAQUE_FLAG = 4, OPAQUE_STATE = 8 };

void opaque_declare(struct compile *, const struct node *, struct object *parent);
void opaque_link(struct compile *, struct object *);
void opaque_create(const struct object *, struct strbuf *);
void opaque_named(const struct object *, struct strbuf *);
void opaque_drop(const struct object *, struct strbuf *);
bool opaque_alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
void opaque_print(const struct object *, struct strbuf *);
/* Whether it is an operator class that names no family: the one that it brought, called as it is. */
bool operator_class_family(const struct object *, struct opaque *family);
/* The object of a row; NULL where its table is none of ours. */
struct opaque *opaque_read(struct catalog *, const struct row *, enum kind_id);
extern const struct field opaque_fields[];

/* The columns of a query, in order: oid, schema, name, signature, comment, the table's oid, clauses, flag, state; those
 * that a kind has not are NULL. Options that are secrets never leave the server. */
enum {
  ROW_OID,
  ROW_SCHEMA,
  ROW_NAME,
  ROW_SIGNATURE,
  ROW_COMMENT,
  ROW_TABLE,
  ROW_CLAUSES,
  ROW_FLAG,
  ROW_STATE,
  ROW_MORE
};
#define OPAQUE_NOTHING "NULL::pg_catalog.text"
#define OPAQUE_COMMENT(class, oid)                                                                                     \
  "(SELECT d.description FROM pg_catalog.pg_description d WHERE d.classoid = 'pg_catalog." class                       \
  "'::pg_catalog.regclass AND d.objoid = " oid " AND d.objsubid = 0)"
#define OPAQUE_STATE_OF(column) "CASE " column " WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END"
/* schema.name of a function, operator or the like: without pg_catalog. */
#define OPAQUE_NAME(schema, name)                                                                                      \
  "CASE WHEN " schema " <> 'pg_catalog' THEN pg_catalog.quote_ident(" schema ") || '.' ELSE '' END || " name
#define OPAQUE_SECRET "o ~* '^[^=]*(passw|passc|secret|token|(api|access|private)_?key=)'"
/* The same as they are kept, "name=value" each. */
#define OPAQUE_OPTION_ARRAY(column)                                                                                     \
  "CASE WHEN " column " IS NOT NULL THEN ARRAY(SELECT o FROM pg_catalog.unnest(" column ") o"                           \
  " WHERE NOT " OPAQUE_SECRET " OR o LIKE 'password\\_required=%') END"
#define OPAQUE_OPTIONS_OF(column)                                                                                      \
  "coalesce((SELECT ' OPTIONS (' || pg_catalog.string_agg(pg_catalog.quote_ident(pg_catalog.split_part(o, '=', 1)) || ' ' ||" \
  " pg_catalog.quote_literal(pg_catalog.substr(o, pg_catalog.strpos(o, '=') + 1)), ', ' ORDER BY o) || ')'"            \
  " FROM pg_catalog.unnest(" column ") o WHERE NOT " OPAQUE_SECRET " OR o LIKE 'password\\_required=%'), '')"

/* What all of them do alike, and what is left of that where a kind has a way of its own. */
#define OPAQUE_LASTING .fields = opaque_fields, .create = opaque_create, .print = opaque_print
#define OPAQUE_BASIC OPAQUE_LASTING, .drop = opaque_drop
#define OPAQUE_OPERATIONS_BUT_DECLARING OPAQUE_BASIC, .target_name = opaque_named, .alter = opaque_alter
#define OPAQUE_OPERATIONS_BUT_NAMING                                                                                   \
  OPAQUE_BASIC, .size = sizeof(struct opaque), .declare = opaque_declare, .link = opaque_link, .alter = opaque_alter
#define OPAQUE_OPERATIONS_BUT_ALTERING                                                                                 \
  OPAQUE_BASIC, .size = sizeof(struct opaque), .declare = opaque_declare, .link = opaque_link, .target_name = opaque_named
#define OPAQUE_OPERATIONS OPAQUE_OPERATIONS_BUT_ALTERING, .alter = opaque_alter
#define OPAQUE_OPERATIONS_BUT_DROPPING                                                                                 \
  OPAQUE_LASTING, .size = sizeof(struct opaque), .declare = opaque_declare, .link = opaque_link,                       \
      .target_name = opaque_named, .alter = opaque_alter

#endif
