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
/* The first of wanted, others (NULL ends them; may be NULL) that is free, else wanted with a number or underscore behind it;
 * escaped. Anything but `wanted` is diagnosed at the span as the name of `what`. */
const char *swift_claim(struct swift_scope *, const char *wanted, const char *const *others, struct span,
                        const char *what);

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
  const char *name_space, *int8, *client;
  bool apple, lenient;
};
/* object_names: object → the name of its Swift type, by address (swift_object_key). */
struct swift_type swift_type_of(struct arena *, const struct type_ref *, const struct swift_options *,
                                const struct map *object_names);
const char *swift_object_key(struct arena *, const struct object *);
/* "[Date?]?", and with codecs in place of the values: "[Timestamp?]?". */
const char *swift_type_name(struct arena *, const struct swift_type *, bool wire, bool optional);
/* What follows a wire value to make the value: "?.map { $0?.value }", or "". */
const char *swift_unwrap(struct arena *, const struct swift_type *, bool optional);
/* The wire value of an expression. */
const char *swift_wrap(struct arena *, const struct swift_type *, bool optional, const char *expression);
/* Whether a check of the table, or of the column's domain, forbids null elements of the array. */
bool swift_forbids_nulls(const struct object *table, const struct column *);

/* ── swift.c ── */
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
  bool identifiable, lenient, read_only;
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
struct swift_alias {
  const char *name, *doc, *access, *type, *title, *of;
};
struct swift_model {
  struct swift_options options;
  bool foundation;                   /* the schema's types need it */
  struct swift_enum *enums;
  struct swift_table *composites, *tables, *views;
  struct swift_alias *domains;
  size_t enum_count, composite_count, table_count, view_count, domain_count;
};
/* For the registry in outputs.c. */
const void *swift_model(struct arena *, const struct schema *, const struct output *, struct diagnostics *);
struct view swift_view(struct arena *, const void *model, const struct object *table);

#endif
