/* swift: the model as Swift has it, worked out once an output and read in place by the templates.
 * Private to emit. */
#ifndef PDLC_EMIT_SWIFT_H
#define PDLC_EMIT_SWIFT_H

#include "emit/shape.h"

/* ── swift_names.c ── */
enum swift_style { SWIFT_TYPE, SWIFT_MEMBER };
/* An identifier of the words in a name, as Apple's guidelines have it (userID) or plainly (userId); not yet escaped.
 * `given` is what the schema says after `as`, or NULL: kept to the letter where it is of the style already. */
const char *swift_case(struct arena *, const char *name, const char *given, enum swift_style, bool apple);
/* In backquotes where Swift would read it as a word of its own. */
const char *swift_escape(struct arena *, const char *identifier);
/* An escaped identifier as the label of an argument. */
const char *swift_label(struct arena *, const char *escaped);
bool swift_is_identifier(const char *);
/* A string literal, with its quotes: no text can leave it or be evaluated in it. */
const char *swift_string(struct arena *, const char *);

/* Identifiers that exclude each other; those that the file itself uses are taken first. */
struct swift_scope {
  struct arena *arena;
  struct diagnostics *diagnostics; /* NULL: nothing is said of new names */
  struct map taken;
};
void swift_scope_init(struct swift_scope *, struct arena *, struct diagnostics *, const char *const *reserved);
/* NULL ends them. */
void swift_scope_reserve(struct swift_scope *, const char *const *reserved);
/* What is called something: "column" "id". Its name may be NULL. */
struct swift_what {
  const char *word, *name;
};
/* The first of wanted, others (NULL ends them; may be NULL) that is free, else wanted with a number or underscore
 * behind it; escaped. Anything but `wanted` is diagnosed at the span as the name of `what`. */
const char *swift_claim(struct swift_scope *, const char *wanted, const char *const *others, struct span,
                        struct swift_what);

/* ── swift_types.c ── */
/* How a value is held, and how it travels. */
struct swift_type {
  const char *base;        /* "Date": of an element, without ? */
  const char *codec;       /* a type with `value` and an initialiser of it, that reads and writes JSON; or NULL */
  int dimensions;
  bool null_elements;
  bool foundation;         /* base is Foundation's */
};
struct swift_options {
  const char *access;      /* "public ", "package " or "" */
  const char *name_space, *int8;
  const char *sdk;         /* the major version of supabase-swift that it is for, or NULL */
  bool apple, lenient;
};
/* object_names: object → the name of its Swift type, by address. */
struct swift_type swift_type_of(const struct type_ref *, const struct swift_options *,
                                const struct numbers *object_names);
/* "[Date?]?", and with codecs in place of the values: "[Timestamp?]?". */
const char *swift_type_name(struct arena *, const struct swift_type *, bool wire, bool optional);
/* What follows a wire value to make the value: "?.map { $0?.value }", or "". */
const char *swift_unwrap(struct arena *, const struct swift_type *, bool optional);
/* The wire value of an expression. */
const char *swift_wrap(struct arena *, const struct swift_type *, bool optional, const char *expression);
/* Whether a check of the table, or of the column's domain, forbids null elements of the array. */
bool swift_forbids_nulls(const struct object *table, const struct column *);

/* ── the model ── */
struct swift_column {
  const char *access;
  const char *name, *doc;
  const char *identifier;            /* userID */
  const char *label;                 /* as a call has it before a colon, where but one word needs its backquotes */
  const char *key;                   /* "user_id", a literal; NULL where it is the identifier itself */
  const char *selector;              /* the column as PostgREST's select has it, a literal */
  const char *facts;                 /* "`uuid`, primary key" */
  const char *type, *optional_type;  /* Date, Date? */
  const char *decode;                /* "decode(Timestamp?.self", without what follows */
  const char *unwrap;                /* "?.value" */
  const char *wire, *optional_wire;  /* "Timestamp(self.createdAt)"; where the property is optional */
  bool nullable, constant;           /* constant: neither inserted nor updated by programs */
  bool insertable, required, updatable, in_key;
};
struct swift_columns {
  const struct swift_column **v;
  size_t n;
};
struct swift_relation {
  const char *access, *identifier, *target, *facts;
};
struct swift_table {
  const struct object *object;
  const char *name, *doc;            /* of the object */
  const char *access, *type, *title; /* title: schema.name, fit for comments */
  const char *schema_literal, *name_literal, *select_literal;
  const char *id;                    /* property that identifies it, where not "id" itself */
  const char *id_type;
  bool identifiable, read_only;
  struct swift_columns columns, key, inserted, updated;
  struct swift_relation *relations;
  size_t relation_count;
};
struct swift_label {
  const char *access, *identifier, *literal, *doc, *name;
};
struct swift_enum {
  const char *name, *doc, *access, *type, *title;
  struct swift_label *labels;
  size_t label_count;
};
/* What a shape selects; what it embeds may have a type of its own, nested in it. */
struct swift_embed {
  const char *access, *identifier, *type, *key;
};
struct swift_shape {
  const char *name, *doc;
  const char *access, *type, *title;
  const char *schema_literal, *name_literal, *select_literal; /* of a shape itself; NULL of what it embeds */
  const char *row, *row_type;        /* the property that holds every column, or NULL */
  const char *id_type;               /* where it is identifiable and has no property called id */
  const char *id;
  bool identifiable, keyed;          /* keyed: columns or embeds are there besides the row */
  struct swift_columns columns;
  struct swift_embed *embeds;
  struct swift_shape *nested;
  size_t embed_count, nested_count;
};
/* A function that `rpc` calls. */
struct swift_function {
  const char *name, *doc;
  const char *access, *type, *title;
  const char *schema_literal, *name_literal;
  struct swift_columns parameters;   /* required: has no default */
  struct swift_columns columns;      /* of the rows that it makes, where they are no table's */
  const char *result;                /* Swift type of what comes back, or NULL: nothing does */
};
struct swift_alias {
  const char *name, *doc, *access, *type, *title, *of;
};
struct swift_model {
  struct swift_options options;
  bool foundation;                   /* the schema's types need it */
  struct swift_enum *enums;
  struct swift_table *composites, *tables, *views;
  struct swift_alias *domains;
  struct swift_shape *shapes;
  struct swift_function *functions;
  size_t enum_count, composite_count, table_count, view_count, domain_count, shape_count, function_count;
};
/* What is filled while it is made. */
struct swift_builder {
  struct arena *arena;
  const struct schema *schema;
  struct diagnostics *diagnostics;
  struct swift_model *m;
  struct swift_scope types;
  struct numbers names;              /* address of an object → name of the type */
};

/* ── swift_column.c ── */
extern const char *const swift_reserved_members[]; /* that every row and update has */
const char *swift_type_of_object(struct swift_builder *, const struct object *);
const char *swift_pascal(struct swift_builder *, const char *name, const char *given);
const char *swift_camel(struct swift_builder *, const char *name, const char *given);
const char *swift_title(struct swift_builder *, const struct object *);
/* A name as PostgREST reads it in select, order and filters; and what a foreign key leads to. */
void swift_add_selector(struct strbuf *, const char *name);
void swift_add_embed(struct strbuf *, const struct foreign *, bool up); /* up: to what the key refers to */
bool swift_embeds(const struct foreign *); /* PostgREST embeds within one schema, and through itself by one column */
/* A text as a literal; the buffer is released. */
const char *swift_literal_of(struct swift_builder *, struct strbuf *);
struct swift_columns swift_columns_new(struct swift_builder *, size_t room);
struct swift_column *swift_column_of(struct swift_builder *, struct swift_scope *, const struct column *);
struct swift_column *swift_column_of_view(struct swift_builder *, struct swift_scope *, const struct object *view,
                                          const struct view_column *);
const char *swift_name_up(struct swift_builder *,
                          const struct foreign *); /* "user" of user_id, "createdBy" of created_by */
struct swift_column *swift_argument(struct swift_builder *, struct swift_scope *, const struct object *of,
                                    const char *name, const struct type_ref *); /* which may be null */

/* ── swift_functions.c ── */
void swift_build_functions(struct swift_builder *); /* when tables have their names */

/* ── swift_shapes.c ── */
void swift_build_shapes(struct swift_builder *); /* likewise */

/* ── swift_model.c, swift_view.c: for the registry in outputs.c ── */
const void *swift_model(struct arena *, const struct schema *, const struct output *, struct diagnostics *);
struct view swift_view(struct arena *, const void *model, const struct object *table);

#endif
