/* shape: how a view reads structs in place. A shape is a table of keys, each with the function that gets its
 * value from a thing when a template asks; things stand in lists, and an object is a place in one.
 * Private to emit. */
#ifndef PDLC_EMIT_SHAPE_H
#define PDLC_EMIT_SHAPE_H

#include "diff/diff.h"
#include "emit/emit.h"
#include "objects/objects.h"

struct list;
struct item {
  const void *thing;
  const struct list *list;
  size_t at;               /* its place in the list, from 0 */
  struct arena *arena;
};
struct key_of {
  const char *name;        /* NULL ends the table */
  struct view (*get)(const struct item *, size_t arg);
  size_t arg;              /* for get: an offset in the thing, or a choice */
};
struct shape {
  const struct key_of *keys;
  size_t name, code_name, doc; /* offsets in the thing, for NAME_KEYS and DOC_KEYS */
};
/* The offset of a member, as getters take it. */
#define AT(type, member) offsetof(struct type, member)
/* A key called as its member. */
#define TEXT(type, member) {#member, get_text, AT(type, member)}
#define FLAG(type, member) {#member, get_flag, AT(type, member)}
struct list {
  const struct shape *shape;
  const void *things;      /* an array of things, or where stride is 0 of pointers to them */
  size_t count, stride;
};
/* Of a shape whose things begin with a struct object. */
#define OBJECT_NAMES                                                                                        \
  .name = AT(object, name), .code_name = AT(object, code_name), .doc = AT(object, comment)
#define QUALIFIED_KEYS                                                                                       \
  NAME_KEYS, {"schema", get_text, AT(object, schema)}, {"qualified", get_qualified, 0}, DOC_KEYS

/* Each makes its list in the arena; things are borrowed. */
struct view view_array(struct arena *, const struct shape *, const void *things, size_t count, size_t stride);
struct view view_pointers(struct arena *, const struct shape *, const void *things, size_t count);
struct view view_thing(struct arena *, const struct shape *, const void *thing); /* NULL gives view_null */
struct view view_children(struct arena *, const struct shape *, const struct object *parent, enum kind_id);

/* ── getters of any shape; arg is the offset of a member ── */
struct view get_flag(const struct item *, size_t offset);  /* bool */
struct view get_text(const struct item *, size_t offset);  /* const char * */
struct view get_has(const struct item *, size_t offset);   /* const char *: whether there is one */
struct view get_int(const struct item *, size_t offset);   /* long long */
struct view get_expr(const struct item *, size_t offset);  /* struct expr */
struct view get_ident(const struct item *, size_t offset); /* const char *, as an SQL identifier */
struct view get_first(const struct item *, size_t);
struct view get_last(const struct item *, size_t);
struct view get_position(const struct item *, size_t);
/* Of objects. */
struct view get_qualified(const struct item *, size_t);
/* By the shape's offsets. */
enum word_case { CASE_SNAKE, CASE_CAMEL, CASE_PASCAL, CASE_UPPER };
struct view get_name(const struct item *, size_t);
struct view get_code_name(const struct item *, size_t);
struct view get_name_case(const struct item *, size_t word_case);
struct view get_name_c(const struct item *, size_t);
struct view get_name_json(const struct item *, size_t);
struct view get_doc(const struct item *, size_t);
struct view get_doc_c(const struct item *, size_t);
struct view get_doc_json(const struct item *, size_t);
struct view get_doc_lines(const struct item *, size_t);

#define NAME_KEYS                                                                                           \
  {"name", get_name, 0}, {"code_name", get_code_name, 0}, {"name_snake", get_name_case, CASE_SNAKE},        \
  {"name_camel", get_name_case, CASE_CAMEL}, {"name_pascal", get_name_case, CASE_PASCAL},                   \
  {"name_upper", get_name_case, CASE_UPPER}, {"name_c_string", get_name_c, 0},                              \
  {"name_json_string", get_name_json, 0}
#define DOC_KEYS                                                                                            \
  {"doc", get_doc, 0}, {"doc_lines", get_doc_lines, 0}, {"doc_c_string", get_doc_c, 0},                     \
  {"doc_json_string", get_doc_json, 0}
#define LIST_KEYS {"position", get_position, 0}, {"first", get_first, 0}, {"last", get_last, 0}
#define KEYS_END {NULL, NULL, 0}

/* ── words.c ── names and texts for programs ── */
/* An identifier of the words in a name, which end where the letters' case changes or a character is neither
 * letter nor digit. Never empty, never begins with a digit; keywords are not known here. */
const char *words_case(struct arena *, const char *name, enum word_case);
/* With the quotes around it. */
const char *c_string(struct arena *, const char *);
const char *json_string_literal(struct arena *, const char *);
/* One line of text for a comment: control characters become spaces; `any` makes it safe in any language. */
const char *comment_line(struct arena *, const char *text, size_t n, bool any);

/* ── singular.c ── */
/* The name with its last word in the singular, where English leaves little doubt; else as it is. */
const char *singular(struct arena *, const char *name);

/* ── view_type.c ── arg is the offset of a struct type_ref */
struct view view_type(struct arena *, const struct type_ref *); /* as SQL */
struct view view_is(const struct type_ref *);                   /* is.int4 and the like */
struct view get_type(const struct item *, size_t offset);
struct view get_base_type(const struct item *, size_t offset);
struct view get_type_schema(const struct item *, size_t offset);
struct view get_type_is(const struct item *, size_t offset);
struct view get_is_array(const struct item *, size_t offset);
struct view get_is_enum(const struct item *, size_t offset);
struct view get_is_domain(const struct item *, size_t offset);
struct view get_is_composite(const struct item *, size_t offset);
struct view get_enum(const struct item *, size_t offset);
#define TYPE_KEYS(offset)                                                                                   \
  {"type", get_type, offset}, {"base_type", get_base_type, offset},                                         \
  {"type_schema", get_type_schema, offset},                                                                 \
  {"is", get_type_is, offset}, {"is_array", get_is_array, offset}, {"is_enum", get_is_enum, offset},        \
  {"is_domain", get_is_domain, offset}, {"is_composite", get_is_composite, offset}, {"enum", get_enum, offset}

/* ── view_table.c ── */
extern const struct shape table_shape;      /* by itself */
extern const struct shape table_item_shape; /* in a list */
extern const struct shape column_shape;

/* ── view_enum.c ── */
extern const struct shape enum_shape;       /* by itself */
extern const struct shape enum_item_shape;  /* in a list */

/* ── view_schema.c ── */
/* view_schema, with the table that the file is about; NULL for none. */
struct view view_root(struct arena *, const struct schema *, const struct plan *, const struct object *table);

#endif
