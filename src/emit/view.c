/* Values that need no object of the model behind them. */
#include "emit/emit.h"

static enum view_kind null_kind(const struct view *v) {
  (void)v;
  return VIEW_NULL;
}

static const struct view_ops null_ops = {.kind = null_kind};

struct view view_null(void) {
  return (struct view){.ops = &null_ops};
}

static enum view_kind bool_kind(const struct view *v) {
  (void)v;
  return VIEW_BOOL;
}

static bool bool_truth(const struct view *v) {
  return v->n != 0;
}

static const struct view_ops bool_ops = {.kind = bool_kind, .truth = bool_truth};

struct view view_bool(bool value) {
  return (struct view){.ops = &bool_ops, .n = value};
}

static enum view_kind int_kind(const struct view *v) {
  (void)v;
  return VIEW_INT;
}

static const char *int_text(const struct view *v, struct arena *arena) {
  unsigned long long high = (unsigned long long)(uintptr_t)v->data;
  return arena_printf(arena, "%s%llu", v->data2 ? "-" : "", high << 32 | v->n);
}

static const struct view_ops int_ops = {.kind = int_kind, .text = int_text};

/* The magnitude lies in two halves of 32 bits, so that it fits where a pointer has no more;
 * data2 is set for a negative value. */
struct view view_int(long long value) {
  unsigned long long size = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
  return (struct view){
    .ops = &int_ops,
    .data = (const void *)(uintptr_t)(size >> 32),
    .data2 = value < 0 ? &int_ops : NULL,
    .n = (size_t)(size & 0xffffffffU),
  };
}

static enum view_kind text_kind(const struct view *v) {
  (void)v;
  return VIEW_TEXT;
}

static const char *text_text(const struct view *v, struct arena *arena) {
  (void)arena;
  return v->data;
}

static const struct view_ops text_ops = {.kind = text_kind, .text = text_text};

struct view view_text(const char *text) {
  return text ? (struct view){.ops = &text_ops, .data = text} : view_null();
}
