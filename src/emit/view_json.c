/* JSON on either side: a view of a jansson value, and any view as JSON text. */
#include "emit/emit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ── From jansson ── */

static enum view_kind json_kind(const struct view *v) {
  switch (json_typeof((const json_t *)v->data)) {
  case JSON_OBJECT:
    return VIEW_OBJECT;
  case JSON_ARRAY:
    return VIEW_LIST;
  case JSON_STRING:
    return VIEW_TEXT;
  case JSON_INTEGER:
  case JSON_REAL:
    return VIEW_INT;
  case JSON_TRUE:
  case JSON_FALSE:
    return VIEW_BOOL;
  case JSON_NULL:
    break;
  }
  return VIEW_NULL;
}

/* The fewest digits that read back as the same number, so that 1.21 stays 1.21. */
static const char *real_text(double value, struct arena *arena) {
  char text[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) {
      break;
    }
  }
  return arena_strdup(arena, text);
}

static const char *json_text(const struct view *v, struct arena *arena) {
  const json_t *json = v->data;
  if (json_is_string(json)) {
    return json_string_value(json);
  }
  if (json_is_real(json)) {
    return real_text(json_real_value(json), arena);
  }
  return arena_printf(arena, "%lld", (long long)json_integer_value(json));
}

static bool json_truth(const struct view *v) {
  return json_is_true((const json_t *)v->data);
}

static size_t json_count(const struct view *v) {
  return json_array_size(v->data);
}

static struct view json_item(const struct view *v, size_t i) {
  return view_json(json_array_get(v->data, i));
}

static bool json_get(const struct view *v, const char *key, size_t n, struct arena *arena, struct view *out) {
  (void)arena;
  const json_t *value = json_object_getn(v->data, key, n);
  if (!value) {
    return false;
  }
  *out = view_json(value);
  return true;
}

/* jansson finds a key by its place only by walking there, and wants a pointer to non-const
 * to begin. */
static const char *json_key(const struct view *v, size_t i) {
  json_t *json = (json_t *)(uintptr_t)v->data;
  void *at = json_object_iter(json);
  while (at && i > 0) {
    at = json_object_iter_next(json, at);
    i--;
  }
  return at ? json_object_iter_key(at) : NULL;
}

static const struct view_ops json_ops = {
  .kind = json_kind,
  .text = json_text,
  .truth = json_truth,
  .count = json_count,
  .item = json_item,
  .get = json_get,
  .key = json_key,
};

struct view view_json(const struct json_t *json) {
  return (struct view){.ops = &json_ops, .data = json};
}

/* ── To JSON ── */

static void print_text(const char *text, struct strbuf *out) {
  strbuf_addc(out, '"');
  for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
    unsigned char c = (unsigned char)*text;
    n = utf8_step(text, left);
    if (c >= 0x80 && n == 1) {
      strbuf_adds(out, "\xef\xbf\xbd"); /* U+FFFD */
    } else if (c == '"' || c == '\\') {
      strbuf_addc(out, '\\');
      strbuf_addc(out, (char)c);
    } else if (c == '\n') {
      strbuf_adds(out, "\\n");
    } else if (c == '\t') {
      strbuf_adds(out, "\\t");
    } else if (c < 0x20) {
      strbuf_addf(out, "\\u%04x", c);
    } else {
      strbuf_add(out, text, n);
    }
  }
  strbuf_addc(out, '"');
}

static void print_newline(size_t depth, struct strbuf *out) {
  strbuf_addc(out, '\n');
  for (size_t i = 0; i < depth; i++) {
    strbuf_adds(out, "  ");
  }
}

static void print_value(const struct view *v, size_t depth, struct arena *arena, struct strbuf *out);

static void print_list(const struct view *v, size_t depth, struct arena *arena, struct strbuf *out) {
  size_t count = v->ops->count(v);
  strbuf_addc(out, '[');
  for (size_t i = 0; i < count; i++) {
    if (i > 0) {
      strbuf_addc(out, ',');
    }
    print_newline(depth + 1, out);
    struct view item = v->ops->item(v, i);
    print_value(&item, depth + 1, arena, out);
  }
  if (count > 0) {
    print_newline(depth, out);
  }
  strbuf_addc(out, ']');
}

static void print_object(const struct view *v, size_t depth, struct arena *arena, struct strbuf *out) {
  size_t i = 0;
  strbuf_addc(out, '{');
  for (const char *key; (key = v->ops->key(v, i)) != NULL; i++) {
    if (i > 0) {
      strbuf_addc(out, ',');
    }
    print_newline(depth + 1, out);
    print_text(key, out);
    strbuf_adds(out, ": ");
    struct view value = view_null();
    if (!v->ops->get(v, key, strlen(key), arena, &value)) {
      value = view_null();
    }
    print_value(&value, depth + 1, arena, out);
  }
  if (i > 0) {
    print_newline(depth, out);
  }
  strbuf_addc(out, '}');
}

/* Recurses as deep as the value is: the model's depth is fixed, jansson reads 2,048 levels
 * at most. */
static void print_value(const struct view *v, size_t depth, struct arena *arena, struct strbuf *out) {
  switch (v->ops->kind(v)) {
  case VIEW_NULL:
    strbuf_adds(out, "null");
    break;
  case VIEW_BOOL:
    strbuf_adds(out, v->ops->truth(v) ? "true" : "false");
    break;
  case VIEW_INT:
    strbuf_adds(out, v->ops->text(v, arena));
    break;
  case VIEW_TEXT:
    print_text(v->ops->text(v, arena), out);
    break;
  case VIEW_LIST:
    print_list(v, depth, arena, out);
    break;
  case VIEW_OBJECT:
    print_object(v, depth, arena, out);
    break;
  }
}

void view_print_json(struct view view, struct arena *arena, struct strbuf *out) {
  print_value(&view, 0, arena, out);
}
