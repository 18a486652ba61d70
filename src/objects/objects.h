/* objects: one file a kind of object: how it is declared in PDL, created in SQL, read from the catalogs.
 * Must not know: libpq, how plans are ordered and run, templates.
 * Called by: schema (through the table of operations), diff, emit and live (for the kinds that programs see). */
#ifndef PDLC_OBJECTS_H
#define PDLC_OBJECTS_H

#include <string.h>

#include "schema/schema.h"
#include "sql/sql.h"

struct extension {
  struct object object;
  const char *in;       /* schema, or NULL: wherever it is */
  struct span in_span;
  const char *version;  /* NULL: any */
  bool placed;          /* nobody said where: `in` is the platform's choice for a new one */
  bool stated;          /* of a live one: that it is in public must be said */
  bool fixed;           /* of a live one: it cannot be moved */
  bool bare;            /* of a live one: it has no tables whose rows are the user's */
};
struct enum_label {
  const char *text, *was, *code_name, *comment;
  struct span span;
};
struct enum_type {
  struct object object;
  struct enum_label *labels;
  size_t label_count;
  struct names names;   /* the labels' texts */
};
struct domain {
  struct object object;
  struct type_ref type;
  struct expr default_;
  const char *collation;
  bool not_null;
  struct domain_check {
    const char *name;
    struct expr expr;
    bool not_valid;
    struct domain_check *next;
  } *checks;
  struct names check_texts;   /* "name: expression", for comparing */
  struct setting *remarks;    /* what is said of a check, by its name */
  const struct node *node;    /* while compiling */
};
struct composite {
  struct object object;       /* its attributes are its children, of kind column */
};
struct sequence_options {
  bool cycle;
  long long start, increment, min, max, cache;
};
struct sequence {
  struct object object;
  struct type_ref type;
  struct sequence_options options;
  bool unlogged;
  struct names owner;         /* schema, table and column that it goes with, or none */
  const struct object *owner_table;
  const char *owner_oid, *oid; /* of catalogs only */
  int owner_column;
  struct sequence *beside;    /* likewise: another one that the same column owns */
  bool of_serial;             /* likewise: no more than its column says */
  const struct node *node;    /* while compiling */
};
struct table {
  struct object object;
  bool unlogged;
  struct setting *settings;
  bool rls, rls_forced;       /* row level security */
  struct names parents;       /* what it is a partition of, or inherits from: a schema and a name each */
  struct expr bounds;         /* of a partition: "FOR VALUES IN ('a')", "DEFAULT" */
  struct expr partition_by;   /* "RANGE (a, lower(b))" */
  const char *method;         /* NULL: heap */
  const char *tablespace;
  const char *replica;        /* "full", "nothing", "index x"; NULL: by the primary key */
  const char *cluster;        /* an index */
  const char *server;         /* of a foreign table */
  struct setting *options;    /* likewise, less secrets */
  struct object **above;      /* the parents that the model has, NULL for others */
  size_t above_count;
  struct depend *below, *last_below; /* those that it is right above of */
  struct depend *referrers, *last_referrer; /* foreign keys of its own model that refer to it */
  struct index_keys partition_keys; /* while compiling */
  struct names parent_oids;   /* of catalogs only */
  const struct node *node, *parted; /* while compiling */
  enum { INCOMPLETE, COMPLETING, COMPLETE } completed;
  const char *owner_column, *owner_role; /* pulled: `access` says its policies and privileges */
  const char *mixin;          /* pulled: a mixin says the columns whose `mark` is PULLED_BY_MIXIN */
};
enum { PULLED = 1, PULLED_BY_MIXIN = 2 };
struct column {
  struct object object;
  struct type_ref type;
  bool not_null;
  bool serial;                /* default from a sequence of its own */
  struct expr default_;
  struct expr generated;      /* generated always as */
  const char *virtual_;       /* "virtual" or NULL; compared as text */
  const char *identity;       /* "always", "by default" or NULL */
  struct sequence_options sequence; /* of an identity column */
  const char *collation;      /* as SQL, or NULL: the type's own */
  const char *compression;
  const char *storage;        /* NULL: the type's own */
  long long statistics;       /* -1: the default target */
  struct setting *estimates;  /* n_distinct and the like */
  bool touch;
  /* nobody knows its values any more: backfill stands for them, a default while it is added */
  bool neutral;
  bool local;                 /* listed here though it comes from above: it stays when that goes */
  bool kept_below;            /* it goes, and an heir that has it from here keeps it */
  struct expr using_, backfill;
  int attribute;              /* pg_attribute.attnum, of catalogs only */
  const char *own_sequence;   /* of a serial or identity column, where it is known not to have the usual name */
  /* of the constraint of Postgres 18: its name, where Postgres would not choose it; whether heirs are without it, and
   * rows that are there need not obey it yet */
  const char *not_null_name;
  bool not_null_alone, not_null_later;
  bool not_null_came;         /* likewise, of catalogs only: nobody said it here */
  const char *not_null_own;   /* likewise: its name, where it was asked for */
  bool not_null_follows;      /* Postgres chose that, for this table alone */
  struct setting *options;    /* of a foreign table's, less secrets */
  const char *sequence_name;  /* of an identity column, where it is not the one that Postgres chooses */
  const struct node *node;    /* while compiling */
  bool resolving, linked;
};
struct key {
  struct object object;
  bool primary;
  struct names columns, include;
  bool nulls_not_distinct, deferrable, deferred;
  bool period;                /* the last column without overlaps */
  struct setting *settings;
  const char *of_index;       /* what is said of its index */
  const struct node *node;    /* while compiling */
};
struct check {
  struct object object;
  struct expr expr;
  struct names columns;       /* that it speaks of */
  bool no_inherit, not_valid, not_enforced;
  bool local;                 /* likewise */
  const struct node *node;    /* while compiling */
};
struct foreign {
  struct object object;
  struct names columns;
  const char *table_schema, *table_name;
  struct names target_columns;
  const char *on_delete, *on_update;  /* "cascade", "no action" … */
  struct names on_delete_columns;
  bool match_full, deferrable, deferred, not_valid, not_enforced;
  bool period;                        /* the last columns are */
  struct object *table;               /* the referenced one */
  const struct node *node;            /* -> while compiling */
  bool rule_given;
};
struct exclude {
  struct object object;
  const char *method;
  struct index_keys keys;
  struct expr where;
  struct names include;
  bool deferrable, deferred;
  struct setting *settings;
  const char *of_index;               /* what is said of its index */
  const struct node *node;            /* while compiling */
};
struct index {
  struct object object;
  struct names plain;                 /* its columns, where it has no expression: known before it is linked */
  bool partial;                       /* likewise */
  const char *method;
  bool unique, nulls_not_distinct;
  struct index_keys keys;
  struct expr where;
  struct names include;
  bool invalid;               /* of catalogs only: a build of it failed, or a partition has none */
  struct setting *settings;
  struct setting *targets;    /* for statistics: number of the key, target */
  const struct node *node;            /* while compiling */
};
struct view_column {
  const char *name;
  struct type_ref type;
  bool not_null;
  const char *collation;      /* of catalogs only; NULL: the type's own */
  bool known;                 /* likewise: its type can be written in PDL */
};
struct sql_view {
  struct object object;
  struct names columns;       /* names given; none: the query's own */
  struct view_column *types;  /* of those */
  struct view_column *has;    /* what the server says that it has: of catalogs, and where a twin was asked */
  size_t has_count, has_room;
  struct setting *settings;
  const char *method;         /* of a materialized view; NULL: the default */
  const char *cluster;        /* an index of such a one */
  bool no_data;               /* made empty, or of a catalog, never filled: not compared */
  struct setting *defaults;   /* of its columns, as SQL */
  struct setting *remarks;    /* what is said of a column */
  struct expr query;
  const struct node *node;    /* while compiling */
};
/* An argument of a function, or a column of its result. */
struct argument {
  const char *name;           /* or NULL */
  struct type_ref type;
  bool input, output, variadic, has_default;
};
struct function {
  struct object object;
  const char *arguments;      /* what stands in the parentheses */
  const char *clauses;        /* what stands behind them, up to AS */
  const char *body;           /* NULL where the clauses hold it */
  bool atomic;                /* the clauses end in BEGIN ATOMIC */
  struct argument *args, *results; /* of declared ones; results: what it returns, a column each of RETURNS TABLE */
  size_t arg_count, result_count;
  bool returns_set, returns_table;
  const char *returns;        /* as pg_get_function_result() prints it; NULL: as the arguments say */
  const char *printed_arguments, *printed_clauses; /* as the server prints them, where that is known */
  const struct node *node;    /* while compiling */
};
struct trigger {
  struct object object;
  const char *event;          /* "BEFORE INSERT OR UPDATE" */
  struct names columns;       /* UPDATE OF */
  struct expr when;
  const char *function;       /* as it is called: "app.audit('x')" */
  const char *from;           /* the other table of a constraint trigger */
  const char *old_table, *new_table;
  const char *state;          /* NULL: enabled; else "disabled", "replica", "always" */
  bool row, constraint, deferrable, deferred;
  const struct node *node;    /* while compiling */
  const struct sql_trigger *parsed;
};
struct policy {
  struct object object;
  const char *command;        /* "all", "select" … */
  bool restrictive;
  struct names roles;         /* "public" where it is for all */
  struct expr using_, check;
  const struct node *node;    /* while compiling */
  const struct sql_policy *parsed;
};
/* Who may do what with one object. */
enum acl_class { ACL_TABLE, ACL_COLUMN, ACL_SEQUENCE, ACL_ROUTINE, ACL_SCHEMA, ACL_TYPE, ACL_FOREIGN, ACL_CLASSES };
struct grant {
  const char *role;           /* "public" for everybody */
  const char *column;         /* NULL: the whole */
  unsigned bits, options;     /* options: those of bits with grant option */
  struct grant *next;         /* by role, then column */
};
struct privileges {
  struct object object;       /* child of what they are on, called "privileges", or "sequence of column" */
  enum acl_class of;
  int version;                /* what "all" means */
  struct grant *list;         /* less the owner's */
  struct names texts;         /* for comparing: "reader: select, update (a)" */
  const char *sequence;       /* that of a serial or identity column; NULL: the parent itself */
  bool stripped;              /* pulled: a new object would have more, and what it has is nothing special */
  struct names may_have;      /* roles that a new object may have been given to */
  struct grant *usual;        /* of a compiled model: what a new object has */
  const char *owner;          /* of catalogs only */
};
/* Whose the parent is. */
struct owner {
  struct object object;       /* child of it, called "owner" */
  const char *role;
  bool own;                   /* of catalogs only: of whoever reads them */
};
struct default_privileges {
  struct object object;
  enum acl_class of;
  const char *role;           /* whose new objects; NULL: of whoever compares or pushes */
  const char *in;             /* a schema, or NULL */
  int version;
  struct grant *list;
  struct names texts;
};
/* a schema is renamed */
void default_privileges_follow(struct arena *, struct object *, const char *from, const char *to);
struct publication {
  struct object object;
  bool all, via_root, generated; /* generated: sends stored generated columns too */
  const char *publish;        /* "insert, delete", in Postgres' order */
  struct names tables;        /* as SQL: "public.notes (id) WHERE (id > 0)" */
  struct names compared;      /* the same as they are compared */
  const struct object **of;   /* the table of each; NULL where it was read from a database */
  struct names schemas;
  const struct node *node;    /* while compiling */
};
/* `touch`: one function a column name, one trigger a column. */
struct touch_function {
  struct object object;
  const char *column;
  const char *body;
};
struct touch_trigger {
  struct object object;
  const char *function;       /* in public */
};
/* What clients select of a table and the rows around it; nothing of the database. */
struct pick {
  const char *code_name;              /* or NULL */
  struct span span;
  const struct column *column;        /* or: */
  const struct foreign *foreign;      /* through which `table` is embedded */
  const struct object *table;
  bool up;                            /* the key refers to it, not it to this table */
  bool many;                          /* any number of its rows */
  bool inner;                         /* rows without it are left out */
  struct picks {
    struct pick *v;
    size_t n;
    bool all;                         /* every column of the table */
  } picks;
};
struct declared_shape {
  struct object object;
  const struct object *table;
  struct picks picks;
  const struct node *node;            /* while compiling */
};
struct sql_block {
  struct object object;
  const char *up, *down;
  const struct sql_made *made; /* what up makes */
  size_t made_count;
  const struct node *node;
};

/* ── what kinds share (shared.c) ── */

/* The SQL of a node, checked and with names qualified. table: whose columns it may use, or NULL.
 * what: "default", "check" …, for messages. .sql is NULL where it was refused. */
enum expr_rule {
  EXPR_NO_COLUMNS,
  EXPR_COLUMNS,
  EXPR_PLAIN_COLUMNS /* none that are generated */,
  EXPR_VALUE /* of a domain */,
  EXPR_ANY /* even subqueries: data of a migration */
};
bool refs_star(const struct sql_ref *, size_t count); /* whether there is a star among them */
struct expr compile_expr(struct compile *, const struct node *, struct object *owner, const struct object *table,
                         enum expr_rule, const char *what);
/* Reports why SQL of the node was refused; a newer target makes it a warning. True where it may pass. */
bool compile_sql_error(struct compile *, const struct node *, const struct sql_error *, const char *what);
/* What a statement speaks of: unknown tables and types are diagnosed, the rest are dependencies, or preferences
 * where soft. Places in it count from `offset` in the node's text. Returns its text with names qualified. */
const char *compile_statement(struct compile *, const struct node *, uint32_t offset, const struct sql_statement *,
                              struct object *owner, bool soft);
bool is_system_column(const char *); /* ctid … */
/* The object that a name after `needs` means, or NULL; and all those of a clause. */
struct object *compile_find(const struct compile *, struct name);
void compile_needs(struct compile *, const struct node *, struct object *owner);
/* The owner speaks of something of this name: it comes after a sql block that makes it. */
void compile_made(struct compile *, struct object *owner, const char *schema_name, const char *name);
struct type_ref compile_type(struct compile *, const struct node *type, struct object *owner, bool *serial);
/* An access method that the schema declares comes before the owner. */
void compile_method(struct compile *, struct object *owner, const char *method /* or NULL */);
/* The collation's name as SQL; what the schema declares comes before the owner. */
const char *compile_collation(struct compile *, const struct node *collate, struct object *owner);
/* A key's operator class comes first; where none is named, any that may be the default of a type of the schema's own. */
void compile_operator_class(struct compile *, struct object *owner, const struct object *table,
                            const struct index_key *);
struct index_keys compile_keys(struct compile *, const struct node *, struct object *owner, struct object *table,
                               bool exclusion);
void compile_sequence_options(struct compile *, const struct node *, const char *type, struct sequence_options *);
/* Less than what is written, and as much: outer parentheses, and a literal's cast to the very type it is stored as. */
void expr_simplify(struct arena *, struct expr *, const struct type_ref *stored);

/* ── partition.c ── */

void compile_partition_by(struct compile *, struct table *, const struct node *);
bool is_default_partition(const struct table *);
/* The condition that the rows of a partition fulfil, written so that Postgres finds it in a check; false for hashes of
 * what has a collation, a default partition beside no other, and values that cannot be told apart. */
bool partition_condition(struct arena *, const struct table *above, const struct table *partition, struct strbuf *);
/* What is unique must be so within one partition: diagnoses the keys and indexes that are not. */
void check_partition_key(struct compile *, const struct table *);
struct expr compile_bounds(struct compile *, const struct node *);
void pdl_bounds(struct strbuf *, const char *sql);       /* for values in ('a') */
/* The keys of what a table is parted by, and what follows each of them: a collation, an operator class. False where
 * they cannot be told apart. */
bool partition_key_texts(struct arena *, const char *by, struct names *keys, struct names *rests);
void pdl_partition_by(struct strbuf *, const char *sql); /* partition by list (a), and a line end */

/* ── inherit.c ── operations of tables, for what they have from the tables above them */

enum {
  TABLE_UNLOGGED = 1 << 0,
  TABLE_SETTINGS = 1 << 1,
  TABLE_RLS = 1 << 2,
  TABLE_RLS_FORCED = 1 << 3,
  TABLE_PARENTS = 1 << 4,
  TABLE_BOUNDS = 1 << 5,
  TABLE_PARTITION_BY = 1 << 6,
  TABLE_METHOD = 1 << 7,
  TABLE_TABLESPACE = 1 << 8,
  TABLE_REPLICA = 1 << 9,
  TABLE_CLUSTER = 1 << 10,
  TABLE_SERVER = 1 << 11,
  TABLE_OPTIONS = 1 << 12
};
/* An index or key of a partition that is also that of a table above stands first, and is taken over: so it keeps its
 * name. */
void inherit_linked(struct compile *, struct object *table);
/* What goes and takes it along, having taken it over; or NULL. Its mark is set, as a plan for the model before sets it. */
const struct object *inherit_takes_along(const struct object *);
/* Whether what is made above has this as its part, which Postgres attaches where a partition has it already. */
bool inherit_takes_over(const struct object *from, const struct object *own);
/* Whether it is an index of which keys of partitions are parts. */
bool inherit_has_keys(const struct object *index);
/* Whether it is a part of what is above, and all of that goes. */
bool inherit_loses_whole(const struct object *);
/* Whether such a one has another name than Postgres gives it. */
bool inherit_is_named(const struct object *);
void inherit_complete(struct compile *, struct object *table);
/* What a column of a table below has as the one above it, unless it says otherwise. */
void inherit_content(struct arena *, struct column *);
struct expr inherit_default(struct arena *, const struct column *above);
bool inherit_descends(const struct object *before, const struct object *after, const struct object *part);
void inherit_as_made(struct schema *, struct object *);
void inherit_free(const struct table *, struct strbuf *); /* before it goes, makes room for other partitions */
void inherit_leave(const struct table *before, const struct table *after, struct strbuf *);
void inherit_join(const struct table *before, const struct table *after, uint64_t fields, struct strbuf *);
/* The part of a table, just dropped where it is called so: appends what takes it from heirs that had it before they were
 * heirs, of which no model that was written knows; one that was read, where it is to come again. */
void inherit_drop_below(const struct object *, const char *called, bool written, struct strbuf *);
/* whether there is one above it that is computed alike, or as little */
bool inherit_computes(const struct object *column);
void inherit_follow(struct table *, const struct object *of, const char *schema_name, const char *name);
const struct object *inherit_stands_under(const struct object *);
/* Whether the table is the other one, or a partition below it. */
bool inherit_is_within(const struct object *, const struct object *table);
void inherit_stand(struct arena *, struct object *copy, const struct object *under);
void inherit_finish(struct catalog *);

/* ── foreign_table.c ── tables whose rows are elsewhere */

static inline bool is_foreign(const struct object *table) {
  return is_kind(table, KIND_TABLE) && ((const struct table *)table)->server != NULL;
}
bool foreign_elsewhere(const struct object *); /* kind.elsewhere of tables and their columns */
/* Its server and options; what a foreign table cannot be or have is diagnosed, and a table that is not one but says so. */
void foreign_declare(struct compile *, const struct node *, struct table *);
void foreign_link(struct compile *, struct table *);

/* ── remarks.c ── what is said of parts that are no objects of their own: names of parts, and texts ── */
/* Appends what COMMENT ON calls a part. */
typedef void part_target(const struct object *, const char *part, struct strbuf *);
void sql_remark(const struct object *, part_target *, const char *part, const char *text, struct strbuf *); /* NULL: none */
void sql_remarks(const struct object *, part_target *, const struct setting *, struct strbuf *);
/* Those that differ; after: the object that has them by now. */
void sql_alter_remarks(const struct object *after, part_target *, const struct setting *was, const struct setting *is,
                       struct strbuf *);
/* The same of the one index of a key; text NULL: none. */
void sql_index_remark(const struct object *key, const char *text, struct strbuf *);
/* The clause index 'text' of a key, or NULL. */
const char *compile_index_remark(struct compile *, const struct node *);
void pdl_index_remark(struct strbuf *, const char *text);

/* ── options.c ── OPTIONS (…) of foreign data */

/* Options whose names speak of a secret are neither read, compared nor printed. */
bool option_is_secret(const char *option);
void option_refuse_secret(struct compile *, struct span, const char *option);
/* A list in PDL; secrets are diagnosed. */
struct setting *compile_options(struct compile *, const struct node *);
void sql_options(struct strbuf *, const struct setting *);  /* " OPTIONS (a 'b')", if any */
void sql_alter_options(const char *target, const struct setting *before, const struct setting *after, struct strbuf *);
void pdl_options(struct strbuf *, const struct setting *);  /* " options (a 'b')", if any */

/* ── function.c ── */

/* The type as format_type() prints it. */
void compile_type_name(struct compile *, const struct sql_type_name *, struct strbuf *);
/* As oidvectortypes() prints them, in parentheses. */
const char *compile_signature(struct compile *, const struct sql_type_name *, size_t count);
/* Gives the routine its signature; another one of the same is diagnosed. */
void routine_sign(struct compile *, struct object *, const struct sql_type_name *inputs, size_t count);
/* The extension's types are in another schema from now on. */
void routine_follow(struct arena *, struct object *, const struct object *extension, const char *schema_name);

/* ── acl.c ── */

unsigned acl_all(enum acl_class, int version);
/* The bit of a privilege that the class has, else 0; *version: which Postgres brought it, 0 where all have it. */
unsigned acl_bit(enum acl_class, const char *word, int *version);
void acl_add(struct arena *, struct grant **, const char *role, const char *column, unsigned bits, unsigned options);
void acl_take(struct grant **, const char *role, const char *column, unsigned bits, bool only_option);
/* A line of PDL; privileges that the class does not have are diagnosed. */
void acl_apply(struct compile *, const struct node *clauses, bool grant, const struct sql_grant *, enum acl_class,
               int version, struct grant **);
void acl_give(struct arena *, struct grant **, enum acl_class); /* what everybody has from the start */
/* Adds what the texts of aclitems say, but for the owner's. */
void acl_read(struct arena *, struct names items, const char *owner, const char *column, struct grant **);
struct names acl_texts(struct arena *, const struct grant *, enum acl_class, int version);
/* Statements, each after `prefix`, that make one list on the target `on` of another. What roles of may_have that are
 * not in `before` have is not known. */
void sql_change_grants(const struct grant *before, int before_version, const struct grant *after, int version,
                       struct names may_have, enum acl_class, const char *prefix, const char *on, struct strbuf *);
/* Lines that make it of what is given, each after `before`, on the target `on` where that is not empty. */
void pdl_grants(const struct grant *given, const struct grant *, enum acl_class, int version, const char *before,
                const char *on, struct strbuf *);

/* ── access.c ── */

/* `access owner(a) to r`: declares what it stands for; and, when all columns stand, what the sequences of serial ones
 * need. */
void compile_access(struct compile *, const struct node *, struct object *table);
void access_sequences(struct compile *, const struct node *, struct object *table);
/* Of what is pulled: tables whose policies and privileges are those of `access`. What it does not say stays in the
 * lists. */
void access_recognise(struct schema *live);
/* of such a table; marks the policies that it stands for */
void access_print(const struct object *table, struct strbuf *);

/* ── advice.c ── operations `advise`, and parts of them */

void advise_table_access(struct compile *, const struct object *);
void advise_policy(struct compile *, const struct object *);
void advise_function(struct compile *, const struct object *);
void advise_view(struct compile *, const struct object *);
void advise_extension(struct compile *, const struct object *);
void advise_reference(struct compile *, const struct object *);
void advise_column_type(struct compile *, const struct object *);

/* ── sign_up.c ── */
void advise_trigger(struct compile *, const struct object *);

/* ── platform.c ── */

/* On Supabase, roles to which new objects in public may have been given. */
void platform_may_give(const struct schema *, struct privileges *);
/* Marks a live model as Supabase's, and what is the platform's in it as none of ours. */
void platform_ignore(struct schema *live);
/* Of what is pulled: references to tables that are known without being declared are to those. */
void platform_recognise(struct schema *live, const struct schema *known);

/* ── privileges.c ── */

struct privileges *privileges_make(struct compile *, struct object *on, struct span);
void privileges_may_have(struct arena *, struct privileges *, const char *role);
/* Before two models are compared: an owner's own privileges are no difference, and what `before` grants on new objects
 * may have to be taken away. */
void privileges_expect(struct schema *before, struct schema *after);
bool privileges_in_block(const struct object *); /* PDL says them in the block of their table */

/* ── owner.c ── */

void pdl_owner(struct strbuf *, const struct object *);       /* " owner r", if it is said */
bool owner_is_possible(const struct object *);                /* the kind has one of its own */

/* ── view.c ── */

/* What a view, told by its name, has: the rows of this query are (number from 1, VIEW_COLUMNS), in order, of the views
 * whose schemas and names are $1 and $2 (text[]). */
extern const char view_columns_query[];
/* Whether the view has what it declares; the first difference is diagnosed. row: one of the query above. */
bool view_agrees(const struct object *view, const struct row *, struct diagnostics *);
/* The same of all views of a model that are matched with those of a live one. */
bool views_agree(struct schema *wanted, struct diagnostics *);

/* ── literal.c ── */

/* `= literal` of this type: diagnoses one that cannot be. */
void compile_default(struct compile *, const struct node *, struct expr, const struct type_ref *);
bool text_is_integer(const char *, long long low, long long high);
void integer_range(const char *type, long long *low, long long *high); /* of int2, int4; else of int8 */

/* SQL of parts. */
void sql_object(struct strbuf *, const struct object *);      /* schema.name */
void sql_type(struct strbuf *, const struct type_ref *);
void sql_columns(struct strbuf *, struct names);              /* (a, b) */
void sql_settings(struct strbuf *, const struct setting *);   /* (a = 1, b = off) */
void sql_keys(struct strbuf *, const struct index_keys *);    /* (a, lower(b) DESC) */
void sql_default(struct strbuf *, const struct expr *);       /* DEFAULT x, where there is one */
void sql_include(struct strbuf *, struct names);                /*  INCLUDE (a, b), if any */
void sql_with(struct strbuf *, const struct setting *);       /*  WITH (a = 1), if any */
void sql_deferral(struct strbuf *, bool deferrable, bool deferred);
void sql_sequence_options(struct strbuf *, const char *type, const struct sequence_options *);
/* Before its options change: a sequence that has not come into its new range yet begins there. */
void sql_enter_range(const char *sequence, const struct sequence_options *from, const struct sequence_options *to,
                     struct strbuf *);
void sql_constraint_name(struct strbuf *, const struct object *); /* CONSTRAINT x , unless it is Postgres' own */
void sql_alter_table(struct strbuf *, const struct object *of);   /* ALTER TABLE x */
void sql_add_constraint(const struct object *, struct strbuf *);  /* ALTER TABLE … ADD, by its fold */
void sql_add_not_valid(const struct object *, struct strbuf *);   /* the same NOT VALID, which CREATE TABLE ignores */
void sql_generated(struct strbuf *, const struct object *column); /* the clause, where it has one of its own */
/* Whether it is the one of a table above, said here only for what it has otherwise. */
bool column_is_unlisted(const struct column *);
void sql_column_settings(struct strbuf *, const struct object *column);
void sql_constraint_target(const struct object *, struct strbuf *);
void sql_drop_constraint(const struct object *, struct strbuf *);
void sql_validate(const struct object *, struct strbuf *);        /* ALTER TABLE … VALIDATE CONSTRAINT */
/* What makes a table's or index's parameters of `after` those of `before`; target is "TABLE a" or "INDEX a". */
void sql_alter_settings(const char *target, const struct setting *before, const struct setting *after, struct strbuf *);

/* ── column_alter.c ── */

/* Bits of a column's fields, in their order. */
enum {
  COLUMN_TYPE = 1 << 0,
  COLUMN_NOT_NULL = 1 << 1,
  COLUMN_SERIAL = 1 << 2,
  COLUMN_DEFAULT = 1 << 3,
  COLUMN_GENERATED = 1 << 4,
  COLUMN_VIRTUAL = 1 << 5,
  COLUMN_IDENTITY = 1 << 6,
  COLUMN_SEQUENCE = 63 << 7,
  COLUMN_COLLATION = 1 << 13,
  COLUMN_COMPRESSION = 1 << 14,
  COLUMN_STORAGE = 1 << 15,
  COLUMN_STATISTICS = 1 << 16,
  COLUMN_ESTIMATES = 1 << 17,
  COLUMN_SEQUENCE_NAME = 1 << 18,
  COLUMN_OPTIONS = 1 << 19,
  COLUMN_NOT_NULL_NAME = 1 << 20,
  COLUMN_NOT_NULL_ALONE = 1 << 21,
  COLUMN_NOT_NULL_LATER = 1 << 22,
  COLUMN_NOT_NULLS = COLUMN_NOT_NULL | COLUMN_NOT_NULL_NAME | COLUMN_NOT_NULL_ALONE | COLUMN_NOT_NULL_LATER,
  COLUMN_OVERRIDES = COLUMN_NOT_NULLS | COLUMN_DEFAULT | COLUMN_COMPRESSION | COLUMN_STORAGE | COLUMN_STATISTICS |
                     COLUMN_ESTIMATES | COLUMN_OPTIONS,
};
bool column_alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
void column_first(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
void column_last(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
enum rewrites column_rewrites(const struct object *before, const struct object *after, uint64_t fields);
void column_losses(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
bool type_widens(const struct type_ref *from, const struct type_ref *to); /* no value becomes another one in silence */
bool type_returns(const struct type_ref *from, const struct type_ref *to); /* of one that widens: as it was written */
void column_as_made(struct schema *, struct object *);
/* Names the sequence of a column that has one. */
void column_claim(struct compile *, struct object *column);
/* The sequence of a serial column becomes an object of its own, the column one that takes its values from it. */
void sequence_unfold(struct schema *, struct column *);
/* Whether it stays with its column, whose table's owner it has. */
bool sequence_stays_owned(const struct object *);
/* Whether it is one that a table owns, and others depend on it: of an older model whose dependents are known. */
bool sequence_is_shared(const struct object *);
/* Whether the column that it goes with will have a sequence by itself; whether that one is called as this one. */
bool sequence_is_replaced(const struct object *);
bool sequence_name_taken(const struct object *);
/* Of an older model, called so as yet: takes it from the column that owns it where that will not, or where one of the two
 * moves, to be said again behind that. */
void sequence_part(struct object *, const char *schema_name, const char *name, bool moves, struct strbuf *);
/* What Postgres calls the sequence of a serial or identity column. */
const char *default_sequence_name(struct arena *, const struct object *column);
bool column_retyped(uint64_t fields); /* REPLACED too */
/* The sequence of a serial or identity column: the one that it has, else as Postgres will name it. */
const char *column_sequence(struct arena *, const struct column *);
void sql_rename_sequence(struct object *column, struct strbuf *);
void sql_set_statistics(const struct column *, struct strbuf *);
/* before: NULL where it has none yet. */
void column_alter_options(const struct column *before, const struct column *, struct strbuf *);
/* Adds a column to a table that may have rows, by its backfill; false where it has none. */
bool sql_add_backfilled(const struct object *column, struct strbuf *);
/* Adds one with an identity to a table that others inherit from; false where that is no matter. */
bool sql_add_numbered(const struct object *column, struct strbuf *);

/* ── not_null.c ── the constraint of a column that is not null ── */
void not_null_declare(struct compile *, struct column *, const struct node *column);
void not_null_link(struct compile *, const struct column *);
bool not_null_speaks(const struct column *); /* of more than that it is there: of a name, say */
bool not_null_below(const struct column *);  /* whether heirs have it */
const char *not_null_called(struct arena *, const struct column *); /* its name, else as Postgres will choose it */
/* " NOT NULL", as a clause of the column; what ALTER TABLE does; a statement of its own, where rows may not obey it. */
void sql_not_null(struct strbuf *, const struct column *);
void sql_set_not_null(struct strbuf *, const struct column *);
void sql_add_not_null_later(const struct column *, struct strbuf *);
/* Of a change: whether what is said of the column above makes it so too, and the table stays below that. */
bool not_null_comes(const struct column *);
void not_null_alter(const struct column *before, const struct column *after, uint64_t fields, struct strbuf *);
void not_null_renamed(struct column *before, struct strbuf *);
void pdl_not_null(struct strbuf *, const struct column *);

/* ── type_change.c ── what a change of type does to the rows that are there, with TimeZone UTC */
enum type_change { TYPE_KEPT, TYPE_REINDEXED, TYPE_REWRITTEN };
enum type_change type_change(const struct type_ref *from, const struct type_ref *to);
bool domain_adds_to_check(const struct object *before, const struct object *after); /* of its values */
bool type_is_constrained(const struct type_ref *); /* a domain with constraints */
const char *type_limit(const struct type_ref *); /* its modifier; NULL where that leaves out no value, as six digits of a time */

/* ── online.c ── a kind's `online` */
bool index_online(const struct object *before, const struct object *after, struct online *);
bool check_online(const struct object *before, const struct object *after, struct online *);
bool foreign_online(const struct object *before, const struct object *after, struct online *);
bool key_online(const struct object *before, const struct object *after, struct online *);
bool column_online(const struct object *before, const struct object *after, struct online *);
void online_create_index(const struct object *, bool if_absent, struct strbuf *); /* CONCURRENTLY */
void online_rename_index(const struct object *, const char *from, const char *to, struct strbuf *);
void online_build(const struct object *index_or_key, struct online *);         /* its index, CONCURRENTLY */
void online_use_index(const struct object *key, struct strbuf *);              /* ADD CONSTRAINT … USING INDEX */
/* parted.c: the same of tables that are parted, whose partitions stay the same; false where there is but the plain
 * form. */
bool parted_index_online(const struct object *after, struct online *);
/* The index `before` is called `aside` by then. */
bool parted_index_replace(const struct object *before, const struct object *after, const char *aside, struct online *);
bool parted_key_online(const struct object *after, struct online *);
bool parted_key_replace(const struct object *before, const struct object *after, const char *aside, struct online *);
bool parted_foreign_online(const struct object *after, struct online *);
/* A partition that comes or goes: step is what the plan has for it. DETACH … CONCURRENTLY, and ATTACH behind a check
 * that says which rows it has. after NULL: it goes as a table, too. False where there is but the plain form. */
bool parted_leave_online(const struct object *before, const struct object *after, const char *step, struct online *);
bool parted_join_online(const struct object *before, const struct object *after, const char *step, struct online *);
/* One that is made beside a default one, of whose rows none may be within its bounds: the checks of that one, and last
 * what is to be added to the step. Returns the default one, or NULL where there is nothing to prove. */
const struct object *parted_create_online(const struct object *after, struct online *);
bool table_is_parted(const struct object *); /* anything but a table is not */
/* The tables right below this one, of its own model. */
const struct depend *tables_below(const struct object *table);

/* ── enum.c ── by label of `before`: what it is called in `after`, or NULL */
const char **enum_labels_now(struct arena *, const struct enum_type *before, const struct enum_type *after);
/* Gives an enum all labels of `wide`, which the enum `narrow` grows to or shrank from, called as `narrow` calls them. */
void enum_widen(struct arena *, struct object *, const struct object *narrow, const struct object *wide);

/* ── reverse.c ── */
void enum_reverse(struct arena *, struct object *, const struct object *before, const struct object *after);
void column_reverse(struct arena *, struct object *, const struct object *before, const struct object *after);

/* ── clients.c: kind.breaks ── */
const char *column_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed);
const char *enum_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed);
/* Of a compiled function: the table, view or type of the model whose values it returns; or NULL. */
const struct object *function_result_type(const struct object *);
const char *function_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed);
const char *view_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed);
const char *named_breaks(const struct object *before, const struct object *after, uint64_t fields, bool renamed);

/* ── renames: where a model speaks of others ── */
void names_follow(struct names *, const char *old_name, const char *name);
void keys_follow(struct index_keys *, const char *old_name, const char *name);
/* Of an extension its types, operator classes and so on move along; schema_name is where to. */
void type_follow(struct type_ref *, const struct object *of, const char *schema_name, const char *name);
void classes_follow(struct index_keys *, const struct object *of, const char *schema_name, const char *name);
bool keys_hold(const struct index_keys *, const char *column);
bool index_key_is_plain(const struct index_key *); /* a column, as it is */
/* Whether the text, as the server prints it, holds the name; sql may be NULL. */
bool sql_names_column(const char *sql, const char *column);
/* Whether an expression among them may speak of the column: too often rather than not. */
bool keys_mention(const struct index_keys *, const struct expr *where, const char *column);

/* PDL of parts (pdl.c); each is followed by nothing: blanks are the caller's. */
/* Prints it with its kind's print where it is pulled as PDL, and notes where it stands. */
void pdl_object(struct object *, struct strbuf *);
void pdl_word(struct strbuf *, const char *name);                        /* quoted where it must be */
void pdl_name(struct strbuf *, const char *schema_name, const char *name); /* public is left out */
/* SQL's own clauses of an item: names in it that PDL would take for a clause are quoted. */
void pdl_clauses(struct strbuf *, const char *sql);
void pdl_names(struct strbuf *, struct names);                           /* (a, b) */
void pdl_include(struct strbuf *, struct names);                         /*  include (a, b), if any */
void pdl_string(struct strbuf *, const char *);                          /* '…' */
void pdl_type(struct strbuf *, const struct type_ref *);
void pdl_value(struct strbuf *, const char *sql);                        /* = sql, in parentheses where it needs them */
/* over columns of a table, a domain's value, or what a policy reads */
void pdl_expr(struct strbuf *, const struct object *of, const struct expr *);
void pdl_settings(struct strbuf *, const struct setting *);              /* with (…) */
void pdl_setting_list(struct strbuf *, const struct setting *);          /* (…) */
void pdl_keys(struct strbuf *, const struct index_keys *);               /* (a, lower(b) desc) */
void pdl_sequence_options(struct strbuf *, const char *type, const struct sequence_options *);
void pdl_doc(struct strbuf *, const struct object *);                    /* /// lines */
void pdl_doc_text(struct strbuf *, const char *text);
void pdl_item_name(struct strbuf *, const struct object *);              /* " name x", unless a rule gives that name */
/* "-> table rule" where that reference is all the type a column needs; marks the foreign key as PULLED. */
bool pdl_type_by_reference(struct strbuf *, const struct column *);
/* The words that Postgres makes an index's name of: columns, functions called, "expr". */
struct names key_words(struct arena *, const struct index_keys *);

/* Catalog parts. */
/* The table of this oid; one that was not read, of the schema's oid and the name in the columns `name` and behind it,
 * is external. */
struct object *catalog_table(struct catalog *, const struct row *, int oid, int name);
/* pg_attribute.attnum; NULL where there is none */
struct object *column_by_number(const struct object *table, int number);
/* table_columns_label, the longer part cut where that is too long (makeObjectName in indexcmds.c). */
const char *postgres_name(struct arena *, const char *table, const char *columns, const char *label);
/* Of "{1,2}" or "1 2", which may be NULL, but for the first that are to be skipped. */
struct names columns_by_number(struct arena *, const struct object *table, const char *numbers, size_t skip);
struct setting *settings_by_text(struct arena *, struct names reloptions, const char *but); /* but: left out, or NULL */
/* Of a column that was read, table being its oid: whether it is serial; the sequence of an identity column. */
void catalog_column_sequence(struct catalog *, const char *table, struct column *);
/* One that a column owns, by its oid; NULL where it is no more than a serial or identity column says. */
struct object *catalog_owned_sequence(const struct catalog *, const char *oid);
struct type_ref catalog_type(struct arena *, const char *schema_name, const char *name, const char *formatted,
                             bool array);
/* What stands in parentheses, or behind interval, in what format_type prints; NULL: nothing, or formatted is NULL. */
const char *catalog_mods(struct arena *, const char *schema_name, const char *formatted);
/* "schema.name", either part quoted or not, as quote_ident, regtype and regcollation print; no schema for pg_catalog's. */
void catalog_split_name(struct arena *, const char *text, const char **schema_name, const char **name);
/* The type of this oid, the oid of its collation ("0": none) and its storage. shown: what regtype prints of a type that
 * somebody made, NULL of others; formatted: what format_type prints of a type with modifiers, else NULL. (lookups.c) */
struct type_ref catalog_type_of(struct catalog *, const char *oid, const char *shown, const char *formatted,
                                const char **collation, char *storage);
/* The keys of an index and its condition, by its row of COPIED_INDEX. (lookups.c) */
struct index_keys catalog_keys(struct catalog *, const struct object *table, const struct row *, struct expr *where,
                               struct names *include);
/* Of a function or trigger: that it may be one of `touch`. */
#define TOUCH_PREFIX "pdl_touch_"
#define CATALOG_TOUCH_NAME(name) name " LIKE 'pdl\\_touch\\_%'"
/* What a column of the catalogs seldom has, else NULL: a server takes longer to print a value than for all else that it
 * does with it. row_flag takes NULL for false. */
#define CATALOG_SELDOM(column, usual) "nullif(" column ", " usual ")"
#define CATALOG_FLAG(flag) CATALOG_SELDOM(flag, "false")
#define CATALOG_OF_EXTENSION(class)                                                                                   \
  "(SELECT e.objid FROM pg_catalog.pg_depend e WHERE e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"   \
  " AND e.classid = '" class "'::pg_catalog.regclass AND e.deptype = 'e')"
/* Whether the database is Supabase's, as far as names tell: elsewhere its publication is like any other. */
#define CATALOG_OF_PLATFORM                                                                                           \
  "(SELECT count(*) = 2 FROM pg_catalog.pg_namespace WHERE nspname IN ('auth', 'storage'))"
#define CATALOG_NOT_OF_EXTENSION(class, oid) " AND " oid " NOT IN " CATALOG_OF_EXTENSION(class)

/* The functions that a base type is made of, as rows; typsubscript is there from 14 on. */
#define CATALOG_TYPE_FUNCTIONS(t)                                                                                        \
  "VALUES (" t ".typinput::pg_catalog.oid), (" t ".typoutput), (" t ".typreceive), (" t ".typsend), (" t ".typmodin),"   \
  " (" t ".typmodout), (" t ".typanalyze), ((pg_catalog.to_jsonb(" t ")->>'typsubscript')::pg_catalog.regproc)"

/* NULL where it has none; by the oid of its table and its number. (lookups.c) */
const char *catalog_column_comment(const struct catalog *, const char *table, const char *number);
/* (table.c) Whether the index of that name, which may be NULL, was not there before, or is made again: what spoke of it is gone. */
bool index_is_anew(const struct object *after, const char *name);
/* "ALTER TABLE o CLUSTER ON index"; NULL: no more by any. */
void sql_cluster(const char *kind, const struct object *, const char *index, struct strbuf *);
/* Diagnoses what the node, which may be NULL, names as an index of the object's, and is none. */
void compile_own_index(struct compile *, const struct object *, const struct node *);
/* What a row of pg_index says of its table: CLUSTER ON this index, REPLICA IDENTITY by it. */
void catalog_index_marks(struct catalog *, struct object *table, const char *index, bool clustered, bool identity);
/* One more column of a view that was read; collation: where it is not the type's. (view.c) */
void view_read_column(struct catalog *, struct object *view, const char *name, struct type_ref, const char *collation,
                      const char *default_, const char *comment);
/* Keeps what was granted on a column, for when privileges are read; text: the list as an array. (privileges.c) */
void privileges_note_column(struct catalog *, const struct row *, int table, int column, int text, int owner);
/* Keeps a function of `touch`, what it holds being body, and a trigger, with the function that it calls or what else is
 * wrong with it. (touch.c) */
void touch_read(struct catalog *, const char *name, const char *oid, const char *body);
void touch_read_trigger(struct catalog *, struct object *table, const char *name, const char *oid,
                        const char *function);
/* ── copies.c ── catalogs that are copied whole ── */
enum { FIRST_OF_USERS = 16384 }; /* FirstNormalObjectId: what Postgres brings has lesser oids */
enum { NAMESPACE_OID, NAMESPACE_NAME };
enum {
  CLASS_OID, CLASS_NAME, CLASS_NAMESPACE, CLASS_KIND, CLASS_PERSISTENCE, CLASS_METHOD, CLASS_TABLESPACE, CLASS_OPTIONS,
  CLASS_RLS, CLASS_FORCED, CLASS_IS_PARTITION, CLASS_REPLICA, CLASS_OF_TYPE, CLASS_ACL
};
enum {
  CONSTRAINT_OID, CONSTRAINT_NAME, CONSTRAINT_NAMESPACE, CONSTRAINT_SORT, CONSTRAINT_TABLE, CONSTRAINT_COLUMNS,
  CONSTRAINT_INDEX, CONSTRAINT_DEFERRABLE, CONSTRAINT_DEFERRED, CONSTRAINT_VALID, CONSTRAINT_PARENT,
  CONSTRAINT_INHERITED, CONSTRAINT_TARGET, CONSTRAINT_TARGET_COLUMNS, CONSTRAINT_ON_UPDATE, CONSTRAINT_ON_DELETE,
  CONSTRAINT_MATCH, CONSTRAINT_ON_DELETE_COLUMNS, CONSTRAINT_ENFORCED, CONSTRAINT_PERIOD
};
enum {
  INDEX_OID, INDEX_TABLE, INDEX_COLUMNS, INDEX_KEY_COUNT, INDEX_OPTIONS, INDEX_COLLATIONS, INDEX_CLASSES, INDEX_UNIQUE,
  INDEX_VALID, INDEX_CLUSTERED, INDEX_REPLICA, INDEX_NULLS_NOT_DISTINCT
};
enum {
  SEQUENCES_OID, SEQUENCES_TYPE, SEQUENCES_START, SEQUENCES_INCREMENT, SEQUENCES_MIN, SEQUENCES_MAX, SEQUENCES_CACHE,
  SEQUENCES_CYCLE
};
/* "pg_class (oid, …)", as COPY takes it, for servers of this version. */
void copied_columns(enum copied_id, int version, struct strbuf *);
/* Takes a line, without its end; the catalogs come in the order of their numbers. */
void copied_read(struct catalog *, enum copied_id, const char *line);
/* When all are read: puts those of the namespaces in order, each kind's within its table, and finds the words for what
 * is there. */
void copied_settle(struct catalog *);
/* Splits a line in place, undoing escapes; NULL for SQL NULL. How many fields it has, at most max. */
size_t copied_split(char *line, const char **fields, size_t max);
void copied_unescape(char *);
struct row copied_row(struct arena *, const char *const *fields);
/* The row of this oid, in any namespace; false where people made none. */
bool catalog_copied(const struct catalog *, enum copied_id, const char *oid, struct row *out);

/* Notes a type for catalog_type_of, by a row of these columns of pg_type; false of the array of another. (lookups.c) */
#define CATALOG_TYPE_COLUMNS "oid, typarray, typnamespace, typname, typcollation, typstorage, typcategory, typelem"
enum { CATALOG_TYPE_NAMESPACE = 2, CATALOG_TYPE_NAME = 3, CATALOG_TYPE_FIELDS = 8 };
bool catalog_read_type(struct catalog *, const struct row *);
extern const struct lookup parents_lookup, toast_lookup, foreign_table_lookup, type_routines_lookup, bounds_lookup,
    targets_elsewhere_lookup, owners_lookup, defaults_lookup, not_nulls_lookup, relation_lists_lookup, routine_lists_lookup,
    server_lists_lookup, type_lists_lookup;

/* Facts that several kinds ask. */
struct column *table_column(const struct object *table, const char *name);
/* Whether an insert may leave it out although it is not null; its domain may have a default, too. */
bool column_has_default(const struct column *);
const struct key *table_primary(const struct object *table);
static inline bool is_partition(const struct object *table) {
  return ((const struct table *)table)->bounds.sql != NULL;
}
/* Whether it is a key that is not deferrable, or a plain unique index, of these columns, in any order. */
bool makes_unique(const struct object *, struct names columns);
/* The columns of some such of the table. */
bool table_is_unique(const struct object *table, struct names columns);
/* Such a key that holds but for a period: the last column. */
bool table_is_unique_in_period(const struct object *table, struct names columns);
/* Whether the last of the columns is a period; diagnoses where another is, or the target has none. */
bool compile_period(struct compile *, const struct node *list);
/* The type of a column, taken from where it refers to if it has none of its own. False where unknown. */
bool column_type(struct compile *, struct column *);

#endif
