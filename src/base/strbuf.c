#include "base/base.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

char strbuf_empty[1];

void strbuf_init(struct strbuf *s) {
  *s = (struct strbuf)STRBUF_INIT;
}

void strbuf_release(struct strbuf *s) {
  if (s->cap)
    free(s->text);
  strbuf_init(s);
}

void strbuf_clear(struct strbuf *s) {
  strbuf_truncate(s, 0);
}

/* Room for n more bytes and the NUL. A size that overflows asks for SIZE_MAX,
 * which xrealloc refuses as it does any memory that is not there. */
static void strbuf_reserve(struct strbuf *s, size_t n) {
  if (s->cap && n < s->cap - s->len)
    return;
  const size_t need = n < SIZE_MAX - s->len ? s->len + n + 1 : SIZE_MAX;
  size_t cap = s->cap < SIZE_MAX / 2 ? s->cap * 2 : SIZE_MAX;
  if (cap < 64)
    cap = 64;
  if (cap < need)
    cap = need;
  s->text = xrealloc(s->cap ? s->text : NULL, cap);
  s->cap = cap;
}

void strbuf_add(struct strbuf *s, const void *bytes, size_t n) {
  if (!n)
    return;
  strbuf_reserve(s, n);
  memcpy(s->text + s->len, bytes, n);
  s->len += n;
  s->text[s->len] = '\0';
}

void strbuf_adds(struct strbuf *s, const char *text) {
  strbuf_add(s, text, strlen(text));
}

void strbuf_addc(struct strbuf *s, char c) {
  strbuf_reserve(s, 1);
  s->text[s->len++] = c;
  s->text[s->len] = '\0';
}

void strbuf_addf(struct strbuf *s, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  strbuf_vaddf(s, fmt, args);
  va_end(args);
}

void strbuf_vaddf(struct strbuf *s, const char *fmt, va_list args) {
  va_list again;
  va_copy(again, args);
  strbuf_reserve(s, 64);
  const int n = vsnprintf(s->text + s->len, s->cap - s->len, fmt, args);
  if (n < 0) { /* longer than INT_MAX */
    s->text[s->len] = '\0';
    strbuf_reserve(s, SIZE_MAX);
  } else {
    if ((size_t)n >= s->cap - s->len) {
      strbuf_reserve(s, (size_t)n);
      vsnprintf(s->text + s->len, s->cap - s->len, fmt, again);
    }
    s->len += (size_t)n;
  }
  va_end(again);
}

/* Of ASCII, or the first byte of one of Latin-1. */
static bool is_control(const char *p) {
  return (unsigned char)*p < ' ' || *p == 0x7f || ((unsigned char)*p == 0xc2 && (unsigned char)p[1] < 0xa0);
}

void strbuf_add_shell(struct strbuf *s, const char *word) {
  if (*word && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0') {
    strbuf_adds(s, word);
    return;
  }
  bool controls = false;
  for (const char *p = word; *p; p++)
    controls |= is_control(p);
  strbuf_adds(s, controls ? "$'" : "'");
  for (const char *p = word; *p; p++)
    if (controls && ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f))
      strbuf_addf(s, "\\%03o", (unsigned)(unsigned char)*p);
    else if (*p == '\'')
      strbuf_adds(s, controls ? "\\'" : "'\\''");
    else
      strbuf_adds(s, controls && *p == '\\' ? "\\\\" : (const char[]){*p, '\0'});
  strbuf_addc(s, '\'');
}

void strbuf_truncate(struct strbuf *s, size_t len) {
  assert(len <= s->len);
  if (len == s->len) /* strbuf_empty is never written to */
    return;
  s->len = len;
  s->text[len] = '\0';
}

char *strbuf_detach(struct strbuf *s) {
  char *text = s->cap ? s->text : xstrdup("");
  strbuf_init(s);
  return text;
}

char *strbuf_dup(const struct strbuf *s, struct arena *a) {
  return arena_strndup(a, s->text, s->len);
}
