/* Objects and lists that read the model's structs in place, and the getters that any of them may use. */
#include <string.h>

#include "emit/shape.h"

/* ── objects: data is the list, n the place in it, data2 the arena ── */

static enum view_kind object_kind(const struct view *v) {
  (void)v;
  return VIEW_OBJECT;
}

static struct item item_of(const struct view *v, struct arena *arena) {
  const struct list *list = v->data;
  const void *thing = (const char *)list->things + v->n * (list->stride ? list->stride : sizeof thing);
  if (!list->stride)
    memcpy(&thing, thing, sizeof thing);
  return (struct item){.thing = thing, .list = list, .at = v->n, .arena = arena};
}

static bool object_get(const struct view *v, const char *key, size_t n, struct arena *arena, struct view *out) {
  const struct list *list = v->data;
  for (const struct key_of *k = list->shape->keys; k->name; k++)
    if (*k->name == *key && strncmp(k->name, key, n) == 0 && k->name[n] == '\0') {
      const struct item item = item_of(v, arena);
      *out = k->get(&item, k->arg);
      return true;
    }
  return false;
}

static const char *object_key(const struct view *v, size_t i) {
  const struct list *list = v->data;
  return list->shape->keys[i].name;
}

static const struct view_ops object_ops = {.kind = object_kind, .get = object_get, .key = object_key};

/* ── lists ── */

static enum view_kind list_kind(const struct view *v) {
  (void)v;
  return VIEW_LIST;
}

static size_t list_count(const struct view *v) {
  return ((const struct list *)v->data)->count;
}

static struct view list_item(const struct view *v, size_t i) {
  return (struct view){.ops = &object_ops, .data = v->data, .n = i};
}

static const struct view_ops list_ops = {.kind = list_kind, .count = list_count, .item = list_item};

static const struct list *list_new(struct arena *arena, struct list list) {
  struct list *copy = arena_alloc(arena, sizeof *copy);
  *copy = list;
  return copy;
}

struct view view_array(struct arena *arena, const struct shape *shape, const void *things, size_t count,
                       size_t stride) {
  const struct list list = {.shape = shape, .things = things, .count = count, .stride = stride};
  return (struct view){.ops = &list_ops, .data = list_new(arena, list)};
}

struct view view_pointers(struct arena *arena, const struct shape *shape, const void *things, size_t count) {
  return view_array(arena, shape, things, count, 0);
}

struct view view_thing(struct arena *arena, const struct shape *shape, const void *thing) {
  if (!thing)
    return view_null();
  /* A list of one; its length as an element does not matter. */
  const struct list list = {.shape = shape, .things = thing, .count = 1, .stride = 1};
  return (struct view){.ops = &object_ops, .data = list_new(arena, list)};
}

struct view view_children(struct arena *arena, const struct shape *shape, const struct object *parent,
                          enum kind_id id) {
  size_t count = 0;
  for EACH_CHILD(parent, o)
    count += is_kind(o, id);
  const struct object **v = arena_array(arena, count, sizeof *v);
  count = 0;
  for EACH_CHILD(parent, o)
    if (is_kind(o, id))
      v[count++] = o;
  return view_pointers(arena, shape, v, count);
}

/* ── getters ── */

static const void *member(const struct item *i, size_t offset) {
  return (const char *)i->thing + offset;
}

static const char *text_at(const struct item *i, size_t offset) {
  return *(const char *const *)member(i, offset);
}

struct view get_flag(const struct item *i, size_t offset) {
  return view_bool(*(const bool *)member(i, offset));
}

struct view get_text(const struct item *i, size_t offset) {
  return view_text(text_at(i, offset));
}

struct view get_has(const struct item *i, size_t offset) {
  return view_bool(text_at(i, offset) != NULL);
}

struct view get_int(const struct item *i, size_t offset) {
  return view_int(*(const long long *)member(i, offset));
}

struct view get_expr(const struct item *i, size_t offset) {
  return view_text(((const struct expr *)member(i, offset))->sql);
}

struct view get_ident(const struct item *i, size_t offset) {
  struct strbuf text = STRBUF_INIT;
  sql_ident(&text, text_at(i, offset));
  const char *copy = strbuf_dup(&text, i->arena);
  strbuf_release(&text);
  return view_text(copy);
}

struct view get_first(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(i->at == 0);
}

struct view get_last(const struct item *i, size_t arg) {
  (void)arg;
  return view_bool(i->at + 1 == i->list->count);
}

struct view get_position(const struct item *i, size_t arg) {
  (void)arg;
  return view_int((long long)i->at + 1);
}

struct view get_qualified(const struct item *i, size_t arg) {
  (void)arg;
  struct strbuf text = STRBUF_INIT;
  sql_object(&text, i->thing);
  const char *copy = strbuf_dup(&text, i->arena);
  strbuf_release(&text);
  return view_text(copy);
}

static const char *name_of(const struct item *i) {
  return text_at(i, i->list->shape->name);
}

static const char *code_name_of(const struct item *i) {
  const char *name = text_at(i, i->list->shape->code_name);
  return name ? name : name_of(i);
}

static const char *doc_of(const struct item *i) {
  return text_at(i, i->list->shape->doc);
}

struct view get_name(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(name_of(i));
}

struct view get_code_name(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(code_name_of(i));
}

struct view get_name_case(const struct item *i, size_t word_case) {
  return view_text(words_case(i->arena, code_name_of(i), (enum word_case)word_case));
}

struct view get_name_c(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(c_string(i->arena, name_of(i)));
}

struct view get_name_json(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(json_string_literal(i->arena, name_of(i)));
}

struct view get_doc(const struct item *i, size_t arg) {
  (void)arg;
  return view_text(doc_of(i));
}

struct view get_doc_c(const struct item *i, size_t arg) {
  (void)arg;
  return doc_of(i) ? view_text(c_string(i->arena, doc_of(i))) : view_null();
}

struct view get_doc_json(const struct item *i, size_t arg) {
  (void)arg;
  return doc_of(i) ? view_text(json_string_literal(i->arena, doc_of(i))) : view_null();
}

/* ── lines of a doc comment ── */

struct line {
  const char *text;
  size_t n;
};

static struct view get_line(const struct item *i, size_t any) {
  const struct line *line = i->thing;
  return view_text(comment_line(i->arena, line->text, line->n, any));
}

static const struct key_of line_keys[] = {
    {"text", get_line, false}, {"comment", get_line, true}, LIST_KEYS, KEYS_END,
};
static const struct shape line_shape = {.keys = line_keys};

struct view get_doc_lines(const struct item *i, size_t arg) {
  (void)arg;
  const char *doc = doc_of(i);
  size_t count = 0, at = 0;
  for (const char *p = doc; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
    count++;
  struct line *lines = arena_array(i->arena, count, sizeof *lines);
  for (const char *p = doc; at < count; p += lines[at++].n + 1)
    lines[at] = (struct line){p, strcspn(p, "\n")};
  return view_array(i->arena, &line_shape, lines, count, sizeof *lines);
}
