/* c_model: what the templates of C print, worked out before they are rendered: identifiers, types, columns, the
 * operations of each table.
 * Private to emit. */
#ifndef PDLC_EMIT_C_MODEL_H
#define PDLC_EMIT_C_MODEL_H

#include "emit/shape.h"

struct c_list {
  void *v;
  size_t n;
};
/* How a type stands in C (c_types.c). Texts of SQL are as SQL. */
struct c_type {
  const char *codec;           /* "INT4" of PDL_INT4 */
  const char *type;            /* of a value that is there: "int32_t" */
  const char *opt;             /* of one that may be NULL; NULL: the value itself can say so */
  const char *array;           /* of an array of it */
  const char *read, *cast;     /* "::text", "::public.mood" */
  const char *labels;          /* of an enum: its variable */
  const char *shape;           /* of a composite type or range: likewise */
  bool is_array, multirange;
  bool no_binary;              /* the type's own binary form is not known */
};
struct c_label {
  const char *name, *text, *doc; /* MOOD_CALM; as a string literal */
};
struct c_enum {
  const struct object *object;
  const char *name, *array, *title, *doc;
  const char *unknown; /* the enumerator of a label that is none of these */
  struct c_list labels;
};
/* A composite type. */
struct c_composite {
  const struct object *object;
  const char *name, *opt, *array, *shape, *title, *doc, *count;
  struct c_list columns;
  bool empty, placed;          /* placed: it stands in the list of the model */
};
struct c_column {
  const char *name, *doc, *note; /* as SQL, a string literal; note: its SQL type and what else a comment says */
  const char *sql;             /* its name in the database */
  const char *member, *macro;
  const char *type;            /* of the member */
  const char *value;           /* of an argument: NULL is none */
  struct c_type c;
  const char *codec, *flags, *read, *cast, *labels, *shape; /* of the descriptor */
  const struct c_table *id_of; /* whose id it is */
  bool nullable, read_only, required;
  long long number;
};
/* Rows by some columns: a key, an index, a reference. */
struct c_by {
  const char *columns;         /* "user_id": behind _by_ */
  const char *params, *args;   /* ", users_id user_id"; "&user_id" */
  const char *keys, *key_count;
  const char *order, *order_count, *flags;
  const char *why_not;         /* why there are no pages, for a comment */
  /* functions; NULL: there is none */
  const char *get, *get_q, *upsert, *upsert_q, *list, *list_q, *each, *count, *page, *page_q, *follow, *inverse;
  const char *after;           /* type of a page's argument */
  const char *null;            /* of a reference: C that is true where it is null */
  const struct c_table *target;
  const char *target_keys, *target_args;
};
struct c_table {
  const struct object *object;
  const char *name, *upper, *title, *sql, *doc; /* sql: its name, a string literal */
  const char *id, *opt_id, *id_value; /* types of its ids, and of what they hold; NULL: it has none */
  const char *numbers;         /* of columns, that keys and order point into */
  const char *masks;           /* words of a mask; NULL: one integer */
  const char *count;           /* columns */
  bool is_view, writable, known; /* known: it is not only referred to */
  bool empty;
  struct c_list columns, bys, references;
  struct c_by key;             /* its primary key; columns NULL: none */
  const char *list_type, *cols;
  const char *get, *get_many, *insert, *update, *delete_, *list, *each, *page, *count_all, *exists, *copy_open;
  const char *copy_row, *get_q, *insert_q, *update_q, *delete_q, *list_q, *page_q;
  const char *required;        /* a macro */
  struct strbuf number_text;   /* while it is made */
  size_t number_count;
};
struct c_constraint {
  const char *schema, *table, *name; /* as in the database */
  const char *code, *schema_c, *table_c, *name_c;
};
/* A function or procedure as a call; its columns are those of the result, its arguments stand behind them. */
struct c_function {
  const struct object *object;
  const char *name, *queued, *each, *title, *doc, *sql; /* each: of one that gives many */
  const char *why_not;         /* why there is none, for a comment: the rest is then not set */
  const char *row;             /* of its columns: "struct coc_users"; NULL: one value */
  const char *own_row;         /* the row is its own: a struct of this name */
  const char *type, *list_type; /* of what it gives; NULL: nothing. list_type: it gives many */
  const char *own_list;        /* the list is its own */
  const char *flags, *verb, *size;
  const char *params, *args, *keys, *key_count, *count;
  struct c_list columns, arguments;
};
struct c_model {
  const char *prefix, *upper;  /* "coc_", "COC_", or "" */
  const char *doc;
  bool read_only, per_table;   /* per_table: a file for each table */
  struct c_list enums, composites; /* composites: pointers, each behind those that it is made of */
  struct c_list ids, tables, constraints, functions; /* ids: pointers to tables that have them */
};

/* ── c_types.c ── */
struct c_type c_type_of(struct arena *, const struct type_ref *, const struct c_model *);
const struct c_composite *c_composite_of(const struct c_model *, const struct object *); /* NULL: not there */

/* ── c_names.c ── */
/* An identifier of ASCII. */
const char *c_name(struct arena *, const char *name, enum word_case);
/* The same, with _ behind it where it is a keyword of C or C++, or a macro of common headers. */
const char *c_safe(struct arena *, const char *name, enum word_case);
struct c_what {
  const char *is, *of, *name; /* "column", "users", "id"; of may be NULL */
};
/* Names that exclude each other, of which only these two add to a map: whether it was free; it is taken now. */
bool c_take(struct arena *, struct map *taken, const char *name);
/* The first of wanted and other (may be NULL) that is free, else numbered. Anything but wanted is diagnosed at the span
 * as the name of `what`; not where diagnostics is NULL. */
const char *c_claim(struct arena *, struct map *taken, const char *wanted, const char *other, struct diagnostics *,
                    struct span, struct c_what);

/* What is filled while a model is made. */
struct c_build {
  struct arena *arena;
  const struct schema *schema;
  struct diagnostics *diagnostics;
  struct c_model *m;
  struct map taken;            /* names of file scope */
  struct map members;          /* names of all members */
  struct map tables;           /* "schema name" → c_table */
};

/* ── c_choice.c ── */
bool c_is_rows(const struct object *); /* a table or view */
bool c_is_chosen_schema(const struct output *, const struct object *);
bool c_is_chosen(const struct object *, const struct output *);
/* Diagnoses what the option, "schemas" or "tables", names and the schema does not have. */
void c_check_listed(struct c_build *, const struct output *, const char *option);

/* ── c_column.c ── */
const char *c_joined(struct c_build *, const char *prefix, const char *name, const char *suffix);
/* Whether the runtime may call something so. */
bool c_is_ours(const char *name);
void c_table_add(struct c_build *, struct c_table *);
const struct c_table *c_table_of(const struct c_build *, const struct object *);
struct c_column *c_column_named(const struct c_table *, const char *name);
/* Of any object: its name at file scope, unclaimed; a title for a comment; its name in the database. */
const char *c_object_name(struct c_build *, const struct object *, bool upper);
const char *c_title(struct c_build *, const struct object *);
const char *c_sql_name(struct c_build *, const struct object *);
const char *c_note(struct c_build *, const struct type_ref *);
/* A column of a type; o is it where it is an object, else NULL. */
void c_column_set(struct c_build *, struct c_column *, struct map *members, const struct object *owner,
                  const char *name, const struct object *o, const struct type_ref *, bool not_null);
void c_column_flags(struct c_build *, struct c_column *);
/* A name that the parameters of functions do not have already. */
const char *c_param_name(struct arena *, const char *member);

/* ── c_function.c: functions and procedures ── */
void c_functions(struct c_build *, const struct output *);

/* ── c_table.c: what is generated for a table, its names claimed ── */
void c_table_operations(struct c_build *, struct c_table *);

/* ── c_model.c, c_view.c: for the registry in outputs.c ── */
const void *c_model(struct arena *, const struct schema *, const struct output *, struct diagnostics *);
struct view c_view(struct arena *, const void *model, const struct object *table);
/* What the file of a table is called; NULL: it has none. */
const char *c_file_name(const void *model, const struct object *);

#endif
