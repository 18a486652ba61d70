/* Enums as templates see them. */
#include "emit/shape.h"

static const struct key_of label_keys[] = {NAME_KEYS, DOC_KEYS, LIST_KEYS, KEYS_END};
static const struct shape label_shape = {
    .keys = label_keys,
    .name = AT(enum_label, text),
    .code_name = AT(enum_label, code_name),
    .doc = AT(enum_label, comment),
};

static struct view get_labels(const struct item *i, size_t arg) {
  (void)arg;
  const struct enum_type *e = i->thing;
  return view_array(i->arena, &label_shape, e->labels, e->label_count, sizeof *e->labels);
}

static const struct key_of enum_keys[] = {QUALIFIED_KEYS, {"labels", get_labels, 0}, KEYS_END};
const struct shape enum_shape = {.keys = enum_keys, OBJECT_NAMES};

static const struct key_of enum_item_keys[] = {
    QUALIFIED_KEYS, {"labels", get_labels, 0}, LIST_KEYS, KEYS_END};
const struct shape enum_item_shape = {.keys = enum_item_keys, OBJECT_NAMES};
