/* Names and texts of the model as programs can hold them. */
#include <ctype.h>
#include <string.h>

#include "emit/shape.h"

enum class { SEPARATOR, LOWER, UPPER, DIGIT };

/* Of the character of n bytes at p. Beyond ASCII everything is a letter but the controls and signs before
 * U+00C0 and the blanks and punctuation of U+2000 to U+206F, among which are line breaks. */
static enum class class_of(const char *p, size_t n) {
  const unsigned char c = (unsigned char)*p, next = n > 1 ? (unsigned char)p[1] : 0;
  if (c >= '0' && c <= '9')
    return DIGIT;
  if (c >= 'A' && c <= 'Z')
    return UPPER;
  if (c >= 'a' && c <= 'z')
    return LOWER;
  const bool general_punctuation = c == 0xE2 && (next == 0x80 || (next == 0x81 && (unsigned char)p[2] < 0xB0));
  return n == 1 || c == 0xC2 || general_punctuation ? SEPARATOR : LOWER;
}

const char *words_case(struct arena *arena, const char *name, enum word_case word_case) {
  struct strbuf out = STRBUF_INIT;
  enum class before = SEPARATOR;
  for (size_t left = strlen(name), n; left > 0; name += n, left -= n) {
    n = utf8_step(name, left);
    const enum class now = class_of(name, n);
    const bool lower_next = left > n && class_of(name + n, utf8_step(name + n, left - n)) == LOWER;
    /* userId: user, Id; HTTPServer: HTTP, Server */
    const bool starts = before == SEPARATOR || (now == UPPER && (before != UPPER || lower_next));
    before = now;
    if (now == SEPARATOR)
      continue;
    const bool joined = word_case == CASE_CAMEL || word_case == CASE_PASCAL;
    const bool upper = word_case == CASE_UPPER || (joined && starts && (word_case == CASE_PASCAL || out.len > 0));
    if (starts && !joined && out.len > 0)
      strbuf_addc(&out, '_');
    if (out.len == 0 && now == DIGIT)
      strbuf_addc(&out, '_');
    if (n == 1)
      strbuf_addc(&out, (char)(upper ? toupper((unsigned char)*name) : tolower((unsigned char)*name)));
    else
      strbuf_add(&out, name, n);
  }
  if (out.len == 0)
    strbuf_addc(&out, '_');
  const char *copy = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return copy;
}

/* The bytes of a line break of Unicode or of what turns the direction of text, so that code reads otherwise than it is:
 * U+0085, U+2028 to U+202E, U+2066 to U+2069; 0 where there is none. */
static size_t break_or_turn(const char *text) {
  const unsigned char *p = (const unsigned char *)text;
  if (p[0] == 0xC2)
    return p[1] == 0x85 ? 2 : 0;
  const bool is = p[0] == 0xE2 && ((p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) ||
                                   (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
  return is ? 3 : 0;
}

const char *c_string(struct arena *arena, const char *text) {
  struct strbuf out = STRBUF_INIT;
  const char *shown = text; /* from where no byte need be spelled out */
  strbuf_addc(&out, '"');
  for (const char *begin = text; *text; text++) {
    const unsigned char c = (unsigned char)*text;
    const size_t hidden = break_or_turn(text);
    if (hidden)
      shown = text + hidden;
    if (c == '"' || c == '\\' || (c == '?' && text > begin && text[-1] == '?')) /* "??" begins a trigraph */
      strbuf_addf(&out, "\\%c", c);
    else if (c == '\n')
      strbuf_adds(&out, "\\n");
    else if (c < ' ' || c == 0x7f || text < shown)
      strbuf_addf(&out, "\\%03o", c);
    else
      strbuf_addc(&out, (char)c);
  }
  strbuf_addc(&out, '"');
  const char *copy = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return copy;
}

const char *json_string_literal(struct arena *arena, const char *text) {
  struct strbuf out = STRBUF_INIT;
  view_print_json(view_text(text), arena, &out);
  const char *copy = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return copy;
}

/* What would end a comment, begin one in it, or reach over its end: block comments, line breaks of Unicode, turned text,
 * Java's \u escapes and, in C, a backslash or its trigraph at the end of the line. */
static void add_any(struct strbuf *out, const char *text) {
  for (; *text; text++) {
    const char c = *text, next = text[1];
    const size_t hidden = break_or_turn(text);
    strbuf_addc(out, hidden ? ' ' : c);
    text += hidden ? hidden - 1 : 0;
    if ((c == '*' && next == '/') || (c == '/' && next == '*') || (c == '\\' && next == 'u'))
      strbuf_addc(out, ' ');
  }
  while (out->len && out->text[out->len - 1] == ' ')
    strbuf_truncate(out, out->len - 1);
  const char *last = out->text + out->len;
  if ((out->len && last[-1] == '\\') || (out->len > 2 && memcmp(last - 3, "\?\?/", 3) == 0))
    strbuf_addc(out, '.');
}

const char *comment_line(struct arena *arena, const char *text, size_t n, bool any) {
  struct strbuf plain = STRBUF_INIT, out = STRBUF_INIT;
  sql_comment(&plain, arena_strndup(arena, text, n));
  if (any)
    add_any(&out, plain.text);
  const char *copy = strbuf_dup(any ? &out : &plain, arena);
  strbuf_release(&plain);
  strbuf_release(&out);
  return copy;
}
