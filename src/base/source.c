#include "base/base.h"

#include <assert.h>
#include <string.h>

/* Characters before every MARK_STEP-th byte are counted once, so that a column
 * costs the same in a line of 10 bytes and in one of 10 MB. */
enum { MARK_STEP = 1024 };

struct source *source_read(struct arena *a, const char *path, const char *text, size_t len) {
  assert(len <= SOURCE_MAX);
  struct source *src = arena_alloc(a, sizeof *src);
  *src = (struct source){.path = arena_strdup(a, path), .text = text, .len = len, .arena = a};
  return src;
}

struct source *source_new(struct arena *a, const char *path, const char *text, size_t len) {
  char *copy = arena_alloc(a, len + 2);
  if (len)
    memcpy(copy, text, len);
  return source_read(a, path, copy, len);
}

/* In valid UTF-8 each character has one byte that is not 10xxxxxx. */
static bool starts_character(char c) {
  return ((unsigned char)c & 0xC0) != 0x80;
}

static void source_index(struct source *src) {
  size_t lines = 1;
  for (const char *p = src->text, *end = p + src->len; (p = memchr(p, '\n', (size_t)(end - p))); p++)
    lines++;
  src->lines = arena_array(src->arena, lines, sizeof *src->lines);
  src->marks = arena_array(src->arena, src->len / MARK_STEP + 1, sizeof *src->marks);

  uint32_t count = 0;
  src->line_count = 1;
  for (size_t i = 0; i < src->len; i++) {
    if (i % MARK_STEP == 0)
      src->marks[i / MARK_STEP] = count;
    count += starts_character(src->text[i]);
    if (src->text[i] == '\n')
      src->lines[src->line_count++] = (uint32_t)i + 1;
  }
  if (src->len % MARK_STEP == 0)
    src->marks[src->len / MARK_STEP] = count;
}

static uint32_t characters_before(const struct source *src, uint32_t offset) {
  uint32_t count = src->marks[offset / MARK_STEP];
  for (uint32_t i = offset - offset % MARK_STEP; i < offset; i++)
    count += starts_character(src->text[i]);
  return count;
}

static struct place source_place(const struct source *src, uint32_t offset) {
  if (!src)
    return (struct place){0};
  if (!src->lines) /* sources are made by source_new only, so none is really const */
    source_index((struct source *)src);
  if (offset > src->len)
    offset = (uint32_t)src->len;

  uint32_t line = 0;
  for (uint32_t past = src->line_count; past - line > 1;) {
    const uint32_t middle = line + (past - line) / 2;
    if (src->lines[middle] <= offset)
      line = middle;
    else
      past = middle;
  }
  const uint32_t column = characters_before(src, offset) - characters_before(src, src->lines[line]);
  return (struct place){.line = line + 1, .column = column + 1};
}

struct place span_place(struct span s) {
  return source_place(s.src, s.from);
}

struct place span_end_place(struct span s) {
  return source_place(s.src, s.to);
}

bool span_contains(struct span outer, struct span inner) {
  return outer.src && outer.src == inner.src && outer.from <= inner.from && inner.to <= outer.to;
}

/* Length of the valid character at p, or 0 (RFC 3629, section 4). */
static size_t utf8_length(const char *text, size_t n) {
  const unsigned char *p = (const unsigned char *)text;
  if (p[0] < 0x80)
    return 1;
  size_t length;
  unsigned char low = 0x80, high = 0xBF; /* bounds of the second byte */
  if (p[0] >= 0xC2 && p[0] <= 0xDF) {
    length = 2;
  } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
    length = 3;
    if (p[0] == 0xE0)
      low = 0xA0; /* else overlong */
    else if (p[0] == 0xED)
      high = 0x9F; /* else a surrogate */
  } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
    length = 4;
    if (p[0] == 0xF0)
      low = 0x90; /* else overlong */
    else if (p[0] == 0xF4)
      high = 0x8F; /* else above U+10FFFF */
  } else {
    return 0;
  }
  if (n < length || p[1] < low || p[1] > high)
    return 0;
  for (size_t i = 2; i < length; i++) {
    if (starts_character(text[i]))
      return 0;
  }
  return length;
}

size_t utf8_invalid_at(const char *text, size_t len) {
  for (size_t at = 0; at < len;) {
    uint64_t word;
    if (len - at >= sizeof word) { /* eight bytes of ASCII at a time */
      memcpy(&word, text + at, sizeof word);
      if (!(word & UINT64_C(0x8080808080808080))) {
        at += sizeof word;
        continue;
      }
    }
    const size_t length = utf8_length(text + at, len - at);
    if (!length)
      return at;
    at += length;
  }
  return SIZE_MAX;
}

size_t utf8_step(const char *p, size_t n) {
  const size_t length = utf8_length(p, n);
  return length ? length : 1;
}

size_t utf8_count(const char *text, size_t len) {
  size_t count = 0;
  for (size_t at = 0; at < len; count++)
    at += utf8_step(text + at, len - at);
  return count;
}

const char *text_within(const char *text, size_t len, const char *word) {
  const size_t n = strlen(word);
  for (const char *end = text + len; n <= (size_t)(end - text); text++) {
    text = memchr(text, *word, (size_t)(end - text) - n + 1);
    if (!text || memcmp(text, word, n) == 0)
      return text;
  }
  return NULL;
}
