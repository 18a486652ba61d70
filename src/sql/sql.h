/* sql: quoting, and everything that is read with Postgres' own parser (libpg_query).
 * Must not know: the AST, kinds of objects, libpq, files.
 * Called by: objects, diff, migrate, emit, live. */
#ifndef PDLC_SQL_H
#define PDLC_SQL_H

#include "base/base.h"

/* ── quote.c ── the only place that quotes ──────────────────────────────────────
 * An identifier is left bare only where every Postgres from 13 to 18 reads it bare:
 * [a-z_][a-z0-9_]* (a `$` is quoted too) and not a keyword of a category other than
 * UNRESERVED (quote_identifier() in ruleutils.c; manual, appendix C). */
void sql_ident(struct strbuf *, const char *name);
/* "schema"."name"; only the name where schema is NULL. */
void sql_qualified(struct strbuf *, const char *schema, const char *name);
/* 'text', or E'text' with doubled backslashes where it has any
 * (safe under either setting of standard_conforming_strings). */
void sql_literal(struct strbuf *, const char *text);
/* Whether the sql may hold the text as a literal, as pdlc writes it or as a user may: with a backslash it has two
 * forms. */
bool sql_says(const char *sql, const char *text);
/* $$text$$ with a tag ($pdl$, $pdl1$ …) that the text does not hold. */
void sql_dollar(struct strbuf *, const char *text);
/* text for a `--` line comment: line breaks and other control characters become
 * spaces, so that no name can end the comment. */
void sql_comment(struct strbuf *, const char *text);
bool sql_is_keyword(const char *word); /* of a category that needs quotes */

/* ── parse.c ── libpg_query, bounded ────────────────────────────────────────────
 * libpg_query and protobuf-c recurse unguarded, so everything here must run on a
 * thread with a large stack (sql_run_on_large_stack), and refuses text longer
 * or nested deeper than was tested to fit it. Identical texts are parsed once. */

/* Runs fn(arg) on a thread of its own with a stack of SQL_STACK bytes and waits;
 * returns what fn returns. Falls back to smaller stacks (and smaller bounds) where
 * memory is limited; runs in place as the last resort. main() runs whole verbs in it. */
int sql_run_on_large_stack(int (*fn)(void *), void *arg);
/* The same, but goes on meanwhile. Join frees it. */
struct sql_thread *sql_thread_start(int (*fn)(void *), void *arg);
int sql_thread_join(struct sql_thread *);

/* What embedded SQL speaks of, found in its parse tree. */
enum sql_ref_kind {
  SQL_REF_COLUMN,
  SQL_REF_FUNCTION,
  SQL_REF_TYPE,
  SQL_REF_RELATION,
  SQL_REF_SEQUENCE,
  SQL_REF_COLLATION,
  SQL_REF_STAR,
  SQL_REF_OPERATOR,   /* that is written with its schema */
  SQL_REF_TEXT_SEARCH /* a literal that names a configuration or dictionary */
};
struct sql_ref {
  enum sql_ref_kind kind;
  const char *schema; /* NULL where unqualified; of a column or star: the table name or alias before it */
  const char *name;   /* "*" of a star */
  uint32_t at;        /* byte offset in the text where the (qualified) name starts */
  /* SQL_REF_SEQUENCE: the literal in nextval('x'), currval, setval, or any
   * 'x'::regclass; `at` is the offset of the opening quote. */
};
/* The simple literals that a default is checked by. */
enum sql_literal_kind { SQL_NOT_LITERAL, SQL_NULL, SQL_STRING, SQL_INTEGER, SQL_FLOAT, SQL_BOOL, SQL_BIT };
struct sql_expr {
  const char *text;          /* as given */
  struct sql_ref *refs;
  size_t ref_count;
  enum sql_literal_kind literal; /* with or without a sign; casts make it SQL_NOT_LITERAL */
  const char *literal_text;  /* of SQL_STRING the value, of numbers the digits with sign */
  bool has_subselect;
  /* Of the expression itself, not of its subselects: found by syntax (OVER, FILTER, DISTINCT, "*") and by the
   * names of Postgres' own functions. */
  bool has_aggregate, has_window, has_set_returning;
};
/* Why some SQL was refused. */
struct sql_error {
  enum { SQL_OK, SQL_SYNTAX, SQL_TOO_LARGE, SQL_TOO_DEEP, SQL_WRONG_KIND } why;
  const char *message; /* Postgres' own for SQL_SYNTAX ("syntax error at or near \"x\"") */
  uint32_t at;         /* byte offset in the text */
};
struct sql_cache;      /* parsed texts; one a compilation */
struct sql_cache *sql_cache_new(struct arena *);

/* Exactly one expression (a_expr). NULL with *err filled where it is not; text such
 * as "1) , (2" or "1; drop table x" is refused. Simple literals, `now()` and a few other plain
 * forms are recognised without libpg_query. The result is shared: do not change it. */
const struct sql_expr *sql_parse_expr(struct sql_cache *, const char *text, struct sql_error *err);

/* Whether the expression may have another value for each row (functions.c): by the names of Postgres' own functions.
 * One that is not known to be otherwise, or cannot be read, is taken to be. */
bool sql_is_volatile(struct sql_cache *, const char *text);

/* The keys of an index, as between the parentheses of CREATE INDEX ON t (…). */
struct sql_index_key {
  const char *column;     /* a plain column, or NULL */
  const char *expression; /* else the expression's text without its own outer parentheses */
  uint32_t at;            /* offset of the key in the text */
  const struct sql_expr *expr; /* of expression */
  const char *collation_schema, *collation; /* or NULL */
  const char *opclass_schema, *opclass;     /* or NULL */
  const char *opclass_options;              /* text between the parentheses after it, or NULL */
  bool descending;
  enum { SQL_NULLS_DEFAULT, SQL_NULLS_FIRST, SQL_NULLS_LAST } nulls;
  const char *operator_; /* exclusion constraints only: "=", "&&", "OPERATOR(app.=)" */
};
struct sql_index_keys {
  struct sql_index_key *keys;
  size_t count;
};
/* Plain lists of columns, with or without asc/desc, are read without libpg_query. */
bool sql_parse_index_keys(struct sql_cache *, const char *text, struct sql_index_keys *out,
                          struct sql_error *err) MUST_CHECK;
/* The list of EXCLUDE USING m (…): keys WITH operator. */
bool sql_parse_exclude_keys(struct sql_cache *, const char *text, struct sql_index_keys *out,
                            struct sql_error *err) MUST_CHECK;

/* The values between the parentheses of a partition's bounds; how: FROM, IN or WITH. */
bool sql_parse_bounds(struct sql_cache *, const char *how, const char *text, struct sql_error *err) MUST_CHECK;

struct sql_type_name {
  const char *schema, *name; /* as written: int is pg_catalog.int4 */
  bool array;
};
/* One or more complete statements (the up and down of a `sql` block). refs as above. A
 * transaction command (BEGIN, COMMIT, ROLLBACK, SAVEPOINT …) among them is SQL_WRONG_KIND, and so is
 * a script without a statement. parts[i] is statement i without blank, comments and semicolon around it.
 * Names for which the tree has no place are no refs: objects of DROP, COMMENT ON and the like, names of
 * functions and types being created. */
struct sql_script {
  struct sql_ref *refs;
  size_t ref_count;
  struct sql_script_part { uint32_t from, to; } *parts;
  size_t part_count;
  struct sql_made {
    /* table: of a column; name: as the server would choose it where none is written */
    const char *schema, *table, *name;
    /* of a cast its two, of a transform its one; the name is the compiler's to make */
    const struct sql_type_name *types;
    const char *language;
  } *made; /* what it creates */
  size_t made_count;
};
bool sql_parse_script(struct sql_cache *, const char *text, struct sql_script *out, struct sql_error *err) MUST_CHECK;

/* One statement, or the part of one that an item of PDL holds. */
struct sql_statement {
  const char *text;      /* without blank, comments and semicolon around it */
  uint32_t from;         /* where it starts in the text that was given */
  struct sql_ref *refs;  /* places in text */
  size_t ref_count;
};
/* Exactly one SELECT, VALUES or TABLE. */
bool sql_parse_query(struct sql_cache *, const char *text, struct sql_statement *out, struct sql_error *err) MUST_CHECK;
struct sql_routine {
  struct sql_statement statement;
  struct sql_type_name *inputs; /* of arguments: all but OUT */
  size_t input_count;
  struct sql_type_name *returns; /* of clauses: one; of RETURNS TABLE its columns; none where nothing is said */
  const char **return_names;     /* of columns; NULL where it is no table */
  size_t return_count;
  bool returns_set;              /* SETOF */
  const char *language;         /* of clauses; NULL where none is said */
  bool body;                    /* of clauses: AS, RETURN or BEGIN ATOMIC */
  bool standard;                /* of these but AS */
  const char *options;          /* all but RETURNS, as pg_get_functiondef() prints them; NULL where that is not known */
  struct sql_parameter {        /* of arguments, but for those of RETURNS TABLE */
    const char *mode, *name;    /* "OUT "; NULL where there is none */
    struct sql_type_name type;
    bool input, output, has_default;
  } *parameters;
  size_t parameter_count;
  bool defaults;                /* some parameter has one */
};
/* What stands between the parentheses of CREATE FUNCTION, and what stands behind them; `atomic` where that
 * ends in BEGIN ATOMIC. */
bool sql_parse_arguments(struct sql_cache *, const char *text, bool procedure, struct sql_routine *out,
                         struct sql_error *err) MUST_CHECK;
bool sql_parse_routine(struct sql_cache *, const char *text, bool procedure, bool atomic, struct sql_routine *out,
                       struct sql_error *err) MUST_CHECK;
struct sql_trigger {
  /* pg_trigger.tgtype: 1 each row, 2 before, 64 instead of; 4, 8, 16, 32 insert, delete, update, truncate */
  int type;
  const char **columns;  /* UPDATE OF */
  size_t column_count;
  const char *function_schema, *function;
  const char **args;
  size_t arg_count;
  const char *table_schema, *table, *from_schema, *from;
  const char *old_table, *new_table;
  bool constraint, deferrable, deferred;
  struct sql_statement when; /* text NULL where there is none */
};
/* What stands behind the name of CREATE TRIGGER; `constraint` may be its first word. on_table: without ON table. */
bool sql_parse_trigger(struct sql_cache *, const char *text, bool on_table, struct sql_trigger *out,
                       struct sql_error *err) MUST_CHECK;

/* ── split.c ── a file of SQL, statement by statement ──────────────────────────
 * By tokens alone, so that a file may be newer than the parser. */
enum sql_part_kind {
  SQL_PART_PLAIN,
  SQL_PART_ALONE,       /* Postgres refuses it within a transaction block */
  SQL_PART_TRANSACTION, /* BEGIN, COMMIT, SAVEPOINT … */
  SQL_PART_META,        /* a command of psql, to the end of its line */
  SQL_PART_COPY,        /* COPY … FROM STDIN: its data stand outside of SQL */
};
struct sql_part {
  enum sql_part_kind kind;
  uint32_t from, to;    /* without blank and comments around it, and without its semicolon */
  bool begins, ends;    /* a transaction; AND CHAIN does both */
};
/* Statements in order, in the arena. A semicolon within parentheses or BEGIN ATOMIC … END ends none. */
struct sql_part *sql_split(struct arena *, const char *text, size_t len, size_t *count);

/* ── access.c ── policies and privileges ── */
struct sql_role {
  const char *name;      /* "public" for all */
  uint32_t at;           /* byte offset in the text */
};
struct sql_policy {
  const char *command;   /* "all", "select" … */
  bool restrictive;
  struct sql_role *roles;
  size_t role_count;     /* 0: none said */
  struct sql_statement using_, check; /* text NULL where there is none; from: where in the clauses */
};
/* What stands behind the name of CREATE POLICY, without ON table. */
bool sql_parse_policy(struct sql_cache *, const char *text, struct sql_policy *out, struct sql_error *err) MUST_CHECK;
struct sql_privilege {
  const char *word;      /* "select", "all" */
  const char **columns;
  size_t column_count;
};
enum sql_grant_on {
  SQL_ON_TABLE,          /* or a view */
  SQL_ON_SEQUENCE,
  SQL_ON_ROUTINE,
  SQL_ON_SCHEMA,
  SQL_ON_TYPE,
  SQL_ON_SERVER,
  SQL_ON_WRAPPER,
  SQL_ON_ELSE,           /* databases, languages, large objects … */
};
struct sql_grant {
  struct sql_privilege *privileges;
  size_t privilege_count;
  struct sql_role *roles;
  size_t role_count;
  bool option;           /* with grant option; of REVOKE: grant option for */
  enum sql_grant_on on;
  bool all_in_schema;    /* of which the objects are the names */
  struct sql_grant_object {
    const char *schema, *name;
    struct sql_type_name *inputs; /* of a routine */
    size_t input_count;
    bool any_inputs;              /* none are said: the only one of its name */
  } *objects;
  size_t object_count;
};
/* What stands behind GRANT, or REVOKE; on_table: without ON, as in a table's block. Errors count from its start. */
bool sql_parse_grant(struct sql_cache *, const char *text, bool grant, bool on_table, struct sql_grant *out,
                     struct sql_error *err) MUST_CHECK;
/* What stands behind ALTER DEFAULT PRIVILEGES: FOR ROLE, IN SCHEMA, then as above, less the objects. */
struct sql_defaults {
  bool grant;
  struct sql_grant what;
  struct sql_role *owners;
  size_t owner_count;
  const char **schemas;
  size_t schema_count;
};
bool sql_parse_defaults(struct sql_cache *, const char *text, struct sql_defaults *out,
                        struct sql_error *err) MUST_CHECK;
struct sql_publication {
  bool all, via_root;
  bool generated;        /* stored generated columns too */
  const char *publish;   /* "insert, delete", in Postgres' order */
  struct sql_published {
    bool is_schema, only; /* ONLY: without those that inherit from it */
    const char *schema, *name;
    uint32_t at;         /* where it stands in the text */
    const char **columns;
    size_t column_count;
    struct sql_statement where; /* text NULL where there is none */
  } *v;
  size_t count;
};
/* What stands behind the name of CREATE PUBLICATION. */
bool sql_parse_publication(struct sql_cache *, const char *text, struct sql_publication *out,
                           struct sql_error *err) MUST_CHECK;
/* Whether what stands at this offset stands in a subquery. */
bool sql_in_subquery(const char *text, uint32_t at);
/* Whether it stands in a subquery that reads no table: such a one is run once, others for each row. */
bool sql_called_once(const char *text, uint32_t at);

/* ── lone.c ── a statement that no transaction holds, and what is to be there when it is done ── */
enum sql_lone_kind {
  SQL_LONE_OTHER,        /* whether it was done cannot be seen, nor whether it may run twice */
  SQL_LONE_REPEATABLE,   /* to run it twice is as well as once */
  SQL_LONE_CREATE_INDEX, /* a valid index `name` of `table` */
  SQL_LONE_DROP_INDEX,   /* no index schema.name */
  SQL_LONE_REINDEX,      /* repeatable; leaves invalid twins where it is cut off */
  SQL_LONE_DETACH,       /* part_schema.name is no partition of schema.table */
};
struct sql_lone {
  enum sql_lone_kind kind;
  const char *schema, *table; /* as written: schema NULL where unqualified */
  const char *part_schema, *name;
};
/* SQL_LONE_OTHER too where the text is not exactly one statement that the parser knows. */
void sql_read_lone(struct arena *, const char *text, struct sql_lone *out);

/* ── definition.c ── CREATE of what has no form but CREATE's own clauses ──────────
 * `create` is what stands before the clauses ("CREATE RULE x "), `alter` what stands before each later one that
 * begins with ADD ("ALTER OPERATOR FAMILY x "), or NULL. Everything lives in the arena. */
struct sql_option {
  const char *name, *value;
};
struct sql_definition {
  struct sql_statement statement; /* text as it was given */
  const char *canonical; /* the clauses less OPTIONS, as Postgres' parser prints them, lists of settings sorted,
                          * ADDs likewise, the table called x; NULL where it cannot */
  struct sql_option *options;     /* of OPTIONS (…) */
  size_t option_count;
  /* every name in it that may be of a function, type, operator or other object, without a place */
  struct sql_ref *named;
  size_t named_count;
  struct sql_type_name *types; /* arguments of an aggregate, sides of an operator (name NULL: none), both ends of a
                                * cast, what a transform or operator class is for */
  size_t type_count;
  const char *schema, *of; /* the table of a rule or statistics object, the method of an operator class or family,
                            * the server of a user mapping, the language of a transform */
  uint32_t of_from, of_to;        /* where the table's name stands in the text */
  const char *user;               /* of a user mapping, as SQL; empty where it is whoever runs it */
  const char *multirange;         /* multirange_type_name of a range type */
  bool computes;                  /* of statistics: of an expression */
};
bool sql_parse_definition(struct arena *, const char *create, const char *alter, const char *text,
                          struct sql_definition *out, struct sql_error *err) MUST_CHECK;
/* The text without blanks around it, and with one where several stand between two tokens. */
const char *sql_squeeze(struct arena *, const char *text);
/* Where this word, in lower case, stands first outside of strings, comments and brackets; NULL where it does not. */
const char *sql_find_word(const char *text, const char *word);
/* Where exactly this text stands first outside of quotes, in what the server printed; the text's end where nowhere. */
const char *sql_find_printed(const char *text, const char *wanted);

/* ── action.c ── what statements do to tables ──────────────────────────────────── */
enum sql_action_kind {
  ACTION_OTHER,  /* nothing that is looked at */
  ACTION_UNREAD, /* of a newer Postgres, or no SQL */
  ACTION_CODE,   /* DO, whose block is not looked into */
  ACTION_CREATE_TABLE,
  ACTION_DROP_TABLE,
  ACTION_DROP_INDEX,
  ACTION_DROP_OTHER,
  ACTION_TRUNCATE,
  ACTION_RENAME,
  ACTION_RENAME_OTHER,
  ACTION_ADD_COLUMN,
  ACTION_DROP_COLUMN,
  ACTION_ALTER_TYPE,
  ACTION_SET_NOT_NULL,
  ACTION_SET_EXPRESSION,
  ACTION_ADD_CHECK,
  ACTION_ADD_NOT_NULL,
  ACTION_ADD_FOREIGN,
  ACTION_ADD_KEY,
  ACTION_ADD_EXCLUDE,
  ACTION_VALIDATE,
  ACTION_DROP_CONSTRAINT,
  ACTION_DOMAIN_CHECK,
  ACTION_DOMAIN_NOT_NULL,
  ACTION_CREATE_INDEX,
  ACTION_REINDEX,
  ACTION_ADD_PARTITION, /* made under a parted table */
  ACTION_ATTACH,
  ACTION_DETACH,
  ACTION_REFRESH,
  ACTION_REWRITE,
  ACTION_TRIGGER,
  ACTION_ENABLE_RLS,
  ACTION_DISABLE_RLS,
  ACTION_ALTER_TABLE,
  ACTION_ADD_LABEL,
  ACTION_UPDATE,
  ACTION_SET_LOCK_TIMEOUT,
};
struct sql_action {
  enum sql_action_kind kind;
  uint32_t from, to;                 /* its statement in the text */
  const char *schema, *table;        /* schema NULL: not said */
  /* column, constraint, index or label; of a check that a column is not null, that column's in: */
  const char *name;
  const char *column;
  const char *other_schema, *other;  /* the table referenced, attached, detached */
  struct sql_type_name type;         /* of columns */
  const char *mods;                  /* "10,2", or NULL */
  bool only, concurrently, not_valid, using_index, if_not_exists, cascade, where;
  bool not_null, has_default, volatile_default, stored, sequence, unique, check, references, converted, collated;
};
/* What the statements do, in order; one that cannot be parsed is ACTION_UNREAD, but for some forms that only newer
 * versions have. */
struct sql_action *sql_read_actions(struct arena *, const char *text, size_t len, size_t *count);

/* ── effect.c ── whether statements change the schema, or only what is in it ─────── */
struct sql_effect {
  uint32_t from, to;          /* its statement in the text */
  bool changes;               /* what CREATE, ALTER, DROP, GRANT and the like do; not rows, settings, roles */
  bool code;                  /* DO or CALL, which may do anything, or not read */
  bool makes, drops;          /* the table */
  bool temporary;
  const char *schema, *name;  /* the table that it is about; schema NULL: not said */
  const char *error;          /* why it cannot be read, or NULL */
  uint32_t at;                /* and where, in the text */
};
/* Everything lives in the arena. */
struct sql_effect *sql_read_effects(struct arena *, const char *text, size_t len, size_t *count);

/* The text with names qualified: for each ref for which `schema_of` returns a schema and that has
 * none of its own, `schema.` is put before the name (inside the quotes of an SQL_REF_SEQUENCE literal). Returns text
 * itself where nothing changed, else arena memory. */
const char *sql_qualify(struct arena *, const char *text, const struct sql_ref *refs, size_t ref_count,
                        const char *(*schema_of)(void *ctx, const struct sql_ref *), void *ctx);

/* The expression where a column of what it is read over is called otherwise from now on: the text itself where it does
 * not speak of it, where it cannot be read, and where a subselect may have one of that name; else arena memory. */
const char *sql_rename_column(struct sql_cache *, const char *text, const char *old_name, const char *name);

/* Whether one of the names stands in the text without a schema; a name that holds a quote is not found. */
bool sql_mentions(struct arena *, const char *text, const struct map *names);

/* A text as the server prints it where nothing but pg_catalog is on its path, with pg_catalog. before each call of a
 * function whose name is one of these: to be read where they are found first. */
const char *sql_qualify_calls(struct arena *, const char *text, const struct map *names);

/* The next name, from *to on, that is longer than the 63 bytes that Postgres keeps of it: where it stands. False where
 * there is none. */
bool sql_next_long_name(const char *text, uint32_t *from, uint32_t *to);

/* ── rows.c ── */
/* A query as the server prints it, of which rows of functions name all columns that these had when it was made,
 * `f() x(a, b)`: without such lists, and each column followed by its place in one. So two are the same text where they
 * read the same, whatever else the rows had. In the arena; NULL where there is no such list. */
const char *sql_rows_named(struct arena *, const char *printed);

/* ── order.c ── */
/* Whether two printed queries are one but for the order of the columns that they, and queries that they read, give, and
 * for what else rows of functions had: both follow tables whose columns went and came back. False where one cannot be
 * parsed. On the large stack, as all that parses. */
bool sql_same_but_for_order(const char *, const char *);

/* ── whole.c ── */
/* Whether a query may give rows as values, those of the table, view or function of that name: something that it reads is
 * named where columns are, it names the type, or calls the function and takes no field of what that returns. True where
 * it cannot be parsed. On the large stack, as all that parses. */
bool sql_gives_rows(const char *query, const char *of);

/* ── form.c ── the form of a text, by its tokens ──────────────────────────────── */
/* Whether two texts are the same but for blank, comments, and the case of words without quotes. */
bool sql_same_words(const char *, const char *);
/* Whether the grammar takes it as DEFAULT's b_expr, which knows no NOT, IN, COLLATE and the like. */
bool sql_is_b_expr(const char *text);
/* Whether it is a call of a function and no more, which an index takes without parentheses around it. */
bool sql_is_call(const char *text);

/* ── printed.c ── what Postgres prints of an expression that it was given ────────── */
struct sql_type {
  const char *name;      /* pg_type.typname; of an enum qualified and quoted, as SQL wants it */
  bool is_enum, array;
};
struct sql_scope {
  void *ctx;
  /* How a column is printed, and its type; NULL where it is not known. qualifier: what stands before its dot, or NULL. */
  const char *(*column)(void *ctx, struct arena *, const char *qualifier, const char *name, struct sql_type *);
  /* The enum of this name; false where there is none. May be NULL. The caller sets array. */
  bool (*type)(void *ctx, struct arena *, const char *schema, const char *name, struct sql_type *);
  /* What the function of this name returns when called without arguments. May be NULL. */
  bool (*function)(void *ctx, struct arena *, const char *schema, const char *name, struct sql_type *);
  /* Of a query: what columns are of from now on; alias may be NULL. False where it is not known. Else not called. */
  bool (*from)(void *ctx, struct arena *, const char *schema, const char *name, const char *alias);
};
/* What was parsed to be printed, for texts that come again: many tables have the same checks. */
struct sql_trees {
  struct arena arena;
  struct map of; /* text → tree */
};
void sql_trees_init(struct sql_trees *);
void sql_trees_release(struct sql_trees *);
/* As pg_get_expr prints it with an empty search_path, in the arena; NULL where that is not known for certain. On the
 * large stack, as all that parses. */
const char *sql_printed(struct arena *, struct sql_trees *, const char *text, const struct sql_scope *);

/* The same of a query of one table and no more than a list and a condition, less its layout. (printed_query.c) */
const char *sql_printed_query(struct arena *, const char *text, const struct sql_scope *);

/* The major version of the parser that this binary is linked with. */
int sql_parser_version(void);

/* ── roles.c ──
 * The roles that the statements of a script name and none of them makes; each once. */
const char *const *sql_roles(struct arena *, const char *text, size_t len, size_t *count);

/* ── inserts.c ── */
/* An INSERT that lists its columns, in a body of whatever language. */
struct sql_insert {
  const char *schema, *table; /* schema NULL: not said */
  const char **columns;
  size_t column_count;
};
/* The next one at or behind *at, which moves behind it; false where there is none. */
bool sql_next_insert(struct arena *, const char *text, uint32_t *at, struct sql_insert *);

#endif
