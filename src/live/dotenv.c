#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "live/private.h"

enum { DOTENV_MAX = 1024 * 1024 };

struct line {
  const char *path;
  unsigned number;
  const char *from, *to; /* without its end */
};

static const char *skip_blank(const char *p, const char *to) {
  while (p < to && (*p == ' ' || *p == '\t')) {
    p++;
  }
  return p;
}

/* A place in the line, shown up to `at` and no further: what follows may be a secret. */
static void malformed(struct diagnostics *ds, const struct line *line, const char *at, const char *what,
                      const char *hint) {
  struct strbuf text = STRBUF_INIT;
  for (unsigned i = 1; i < line->number; i++) {
    strbuf_addc(&text, '\n');
  }
  uint32_t offset = (uint32_t)(text.len + (size_t)(at - line->from));
  strbuf_add(&text, line->from, (size_t)(at - line->from));
  strbuf_adds(&text, "***\n");
  struct source *src = source_new(ds->arena, line->path, text.text, text.len);
  strbuf_release(&text);
  struct diagnostic *d =
      diagnose(ds, PDL_DOTENV_MALFORMED, (struct span){src, offset, offset + 1}, "%s", what);
  diagnostic_hint(ds, d, "%s", hint);
}

static bool parse_value(struct arena *arena, const struct line *line, const char *p, struct diagnostics *ds,
                        const char **value) {
  const char *start = p, *to = line->to;
  struct strbuf text = STRBUF_INIT;
  const char *what = NULL, *hint = NULL;
  char quote = p < to && (*p == '"' || *p == '\'') ? *p : 0;
  if (quote) {
    for (p++; p < to && *p != quote; p++) {
      if (quote == '"' && *p == '\\' && p + 1 < to && strchr("n\"\\$", p[1])) {
        p++;
        strbuf_addc(&text, *p == 'n' ? '\n' : *p);
        continue;
      }
      if (quote == '"' && *p == '$' && p + 1 < to && p[1] == '{') {
        what = "the value refers to another variable, which pdlc does not expand";
        hint = "Write the value out, or put it in single quotes where \"${\" is meant as it stands.";
      }
      strbuf_addc(&text, *p);
    }
    if (p == to) {
      what = "unterminated quoted value";
      hint = "Close the quote on the same line.";
    } else {
      p = skip_blank(p + 1, to);
      if (p < to && *p != '#') {
        what = "unexpected text after the closing quote";
        hint = "Inside double quotes write \\\" for a quote; a comment begins with #.";
      }
    }
  } else {
    for (; p < to && !(*p == '#' && (p == start || p[-1] == ' ' || p[-1] == '\t')); p++) {
      if (*p == '$' && p + 1 < to && p[1] == '{') {
        what = "the value refers to another variable, which pdlc does not expand";
        hint = "Write the value out, or put it in single quotes where \"${\" is meant as it stands.";
      }
      strbuf_addc(&text, *p);
    }
    size_t len = text.len;
    while (len > 0 && (text.text[len - 1] == ' ' || text.text[len - 1] == '\t')) {
      len--;
    }
    strbuf_truncate(&text, len);
  }
  if (!what && memchr(text.text, 0, text.len)) {
    what = "the value holds a zero byte";
    hint = "Save the file as plain UTF-8 text.";
  }
  if (what) {
    malformed(ds, line, start, what, hint);
  } else {
    *value = strbuf_dup(&text, arena);
  }
  strbuf_release(&text);
  return !what;
}

/* Where the value starts if the line assigns to key, else NULL. */
static const char *value_of_key(const struct line *line, const char *key) {
  const char *p = skip_blank(line->from, line->to);
  size_t left = (size_t)(line->to - p);
  if (left > 7 && memcmp(p, "export", 6) == 0 && (p[6] == ' ' || p[6] == '\t')) {
    p = skip_blank(p + 7, line->to);
    left = (size_t)(line->to - p);
  }
  size_t n = strlen(key);
  if (left <= n || memcmp(p, key, n) != 0) {
    return NULL;
  }
  p = skip_blank(p + n, line->to);
  return p < line->to && *p == '=' ? skip_blank(p + 1, line->to) : NULL;
}

bool dotenv_find(struct arena *arena, const char *path, const char *key, struct diagnostics *ds,
                 const char **value) {
  *value = NULL;
  struct stat st;
  if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return true;
  }
  char *text;
  size_t len;
  const char *why;
  if (!file_read(arena, path, DOTENV_MAX, &text, &len, &why)) {
    struct diagnostic *d =
        diagnose(ds, PDL_DOTENV_UNREADABLE, NO_SPAN, "could not read \"%s\": %s", path, why);
    diagnostic_hint(ds, d, "Name the database with --db or $DATABASE_URL, or make the file readable.");
    return false;
  }
  const char *p = text, *end = text + len;
  if (len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
    p += 3;
  }
  for (unsigned number = 1; p < end; number++) {
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    const char *next = newline ? newline + 1 : end;
    const char *to = newline ? newline : end;
    if (to > p && to[-1] == '\r') {
      to--;
    }
    struct line line = {path, number, p, to};
    const char *at = value_of_key(&line, key);
    if (at && !parse_value(arena, &line, at, ds, value)) {
      return false;
    }
    p = next;
  }
  return true;
}
