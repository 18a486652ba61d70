#include "base/base.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* ── The table of codes ─────────────────────────────────────────────────────── */

static struct code_info codes[] = {
#define CODE(id, number, severity, summary, text) {id, severity, NULL, summary, text},
#include "base/codes.def"
#undef CODE
};
static char code_ids[ARRAY_LEN(codes)][sizeof "PDL0000"];

static int code_compare(const void *a, const void *b) {
  const enum code x = ((const struct code_info *)a)->code, y = ((const struct code_info *)b)->code;
  return (x > y) - (x < y);
}

/* codes.def is grouped for those who write it; readers want it by number. */
const struct code_info *code_list(size_t *count) {
  static bool ready;
  if (!ready) {
    qsort(codes, ARRAY_LEN(codes), sizeof *codes, code_compare);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
      snprintf(code_ids[i], sizeof code_ids[i], "PDL%04u", (unsigned)codes[i].code % 10000);
      codes[i].id = code_ids[i];
    }
    ready = true;
  }
  *count = ARRAY_LEN(codes);
  return codes;
}

const struct code_info *code_info(enum code code) {
  size_t count;
  const struct code_info *list = code_list(&count), key = {.code = code};
  const struct code_info *found = bsearch(&key, list, count, sizeof *list, code_compare);
  assert(found);
  return found;
}

const struct code_info *code_find(const char *id) {
  static const char prefix[] = "pdl";
  size_t skip = 0;
  while (skip < 3 && ((unsigned char)id[skip] | 0x20) == prefix[skip])
    skip++;
  const char *digits = skip == 3 ? id + 3 : id;
  const size_t length = strspn(digits, "0123456789");
  if (!length || length > 4 || digits[length])
    return NULL;
  const struct code_info key = {.code = (enum code)strtoul(digits, NULL, 10)};
  size_t count;
  const struct code_info *list = code_list(&count);
  return bsearch(&key, list, count, sizeof *list, code_compare);
}

/* ── Collecting ─────────────────────────────────────────────────────────────── */

struct allow {
  enum code code;
  struct span where;
  struct allow *next;
};

void diagnostics_init(struct diagnostics *d, struct arena *a) {
  size_t count;
  code_list(&count); /* which is put in order once, before there is a second thread */
  *d = (struct diagnostics){.arena = a};
}

void diagnostics_append(struct diagnostics *d, const struct diagnostics *from) {
  for (struct diagnostic *each = from->first; each; each = each->next)
    each->sequence += d->reported;
  *(d->last ? &d->last->next : &d->first) = from->first;
  d->last = from->last ? from->last : d->last;
  d->errors += from->errors;
  d->warnings += from->warnings;
  d->reported += from->reported;
  struct allow **end = &d->allows;
  while (*end)
    end = &(*end)->next;
  *end = from->allows;
}

struct diagnostic *diagnose(struct diagnostics *d, enum code code, struct span span, const char *fmt, ...) {
  struct diagnostic *new = arena_alloc(d->arena, sizeof *new);
  va_list args;
  va_start(args, fmt);
  new->message = arena_vprintf(d->arena, fmt, args);
  va_end(args);
  new->code = code;
  new->severity = code_info(code)->severity;
  new->span = span;
  new->sequence = d->reported++;
  if (d->last)
    d->last->next = new;
  else
    d->first = new;
  d->last = new;
  *(new->severity == SEVERITY_ERROR ? &d->errors : &d->warnings) += 1;
  return new;
}

void diagnostic_hint(struct diagnostics *d, struct diagnostic *one, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  one->hint = arena_vprintf(d->arena, fmt, args);
  va_end(args);
}

void diagnostic_peer(struct diagnostic *one, struct span span, const char *note) {
  one->peer = span;
  one->peer_note = note;
}

void diagnostics_allow(struct diagnostics *d, enum code code, struct span where) {
  struct allow *allow = arena_alloc(d->arena, sizeof *allow);
  *allow = (struct allow){code, where, d->allows};
  d->allows = allow;
}

bool diagnostics_allows(const struct diagnostics *d, enum code code, struct span where) {
  for (const struct allow *allow = d->allows; allow; allow = allow->next) {
    if (allow->code == code && span_contains(allow->where, where))
      return true;
  }
  return false;
}

/* A diagnostic while it is sorted. */
struct entry {
  struct diagnostic *one;
  size_t file; /* sequence of the first report in the same file */
};

static int compare_sizes(size_t a, size_t b) {
  return (a > b) - (a < b);
}

/* Brings files together (in no order that matters), and repeats within them. */
static int compare_identity(const void *left, const void *right) {
  const struct diagnostic *a = ((const struct entry *)left)->one, *b = ((const struct entry *)right)->one;
  int order = compare_sizes((uintptr_t)a->span.src, (uintptr_t)b->span.src);
  if (!order)
    order = compare_sizes(a->span.from, b->span.from);
  if (!order)
    order = compare_sizes((size_t)a->code, (size_t)b->code);
  if (!order)
    order = strcmp(a->message, b->message);
  return order ? order : compare_sizes(a->sequence, b->sequence);
}

static int compare_position(const void *left, const void *right) {
  const struct entry *a = left, *b = right;
  int order = compare_sizes(a->file, b->file);
  if (!order)
    order = compare_sizes(a->one->span.from, b->one->span.from);
  return order ? order : compare_sizes(a->one->sequence, b->one->sequence);
}

static bool is_repeat(const struct diagnostic *a, const struct diagnostic *b) {
  return a->code == b->code && a->span.src == b->span.src && a->span.from == b->span.from &&
         strcmp(a->message, b->message) == 0;
}

void diagnostics_finish(struct diagnostics *d) {
  size_t count = 0, kept = 0;
  struct entry *entries = arena_array(d->arena, d->errors + d->warnings, sizeof *entries);
  for (struct diagnostic *one = d->first; one; one = one->next) {
    if (one->severity != SEVERITY_WARNING || !diagnostics_allows(d, one->code, one->span))
      entries[count++].one = one;
  }

  qsort(entries, count, sizeof *entries, compare_identity);
  for (size_t from = 0, to; from < count; from = to) {
    size_t file = SIZE_MAX;
    for (to = from; to < count && entries[to].one->span.src == entries[from].one->span.src; to++) {
      if (entries[to].one->sequence < file)
        file = entries[to].one->sequence;
    }
    for (size_t i = from; i < to; i++) {
      if (i == from || !is_repeat(entries[kept - 1].one, entries[i].one))
        entries[kept++] = (struct entry){entries[i].one, file};
    }
  }
  qsort(entries, kept, sizeof *entries, compare_position);

  d->first = d->last = NULL;
  d->errors = d->warnings = 0;
  for (size_t i = 0; i < kept; i++) {
    struct diagnostic *one = entries[i].one;
    one->next = NULL;
    if (d->last)
      d->last->next = one;
    else
      d->first = one;
    d->last = one;
    *(one->severity == SEVERITY_ERROR ? &d->errors : &d->warnings) += 1;
  }
}

/* ── Printing ───────────────────────────────────────────────────────────────── */

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define MAGENTA "\033[1;35m"
#define CYAN "\033[1;36m"
#define GREEN "\033[1;32m"
#define PLAIN "\033[m"

struct printer {
  struct strbuf *out;
  bool colour;
};

static void print_colour(struct printer p, const char *colour) {
  if (p.colour)
    strbuf_adds(p.out, colour);
}

/* Adds the character at text; `?` in place of what a terminal would obey (controls
 * of ASCII and Latin-1) or cannot show. Returns its bytes. */
static size_t print_character(struct strbuf *out, const char *text, size_t n) {
  const size_t step = utf8_step(text, n);
  const unsigned char lead = (unsigned char)text[0];
  const bool c1 = step == 2 && lead == 0xC2 && (unsigned char)text[1] < 0xA0;
  if (c1 || (step == 1 && (lead < 0x20 || lead >= 0x7F)))
    strbuf_addc(out, '?');
  else
    strbuf_add(out, text, step);
  return step;
}

/* A text on one line: what breaks it becomes a space. */
static void print_text(struct strbuf *out, const char *text) {
  for (size_t n = strlen(text), step; n; text += step, n -= step) {
    if (strchr("\t\n\r", *text)) {
      strbuf_addc(out, ' ');
      step = 1;
    } else {
      step = print_character(out, text, n);
    }
  }
}

/* At most this many characters of a line are quoted. */
enum { QUOTED_MAX = 160 };

/* The part of a line that is quoted: bytes [from, to) of the source. */
struct quote {
  uint32_t from, to;
  bool cut_before, cut_after;
};

/* Moves back from `at` by up to `most` characters, not past `start`; *moved says how many. */
static uint32_t step_back(const char *text, uint32_t start, uint32_t at, unsigned most, unsigned *moved) {
  for (*moved = 0; at > start && *moved < most; ++*moved) {
    const uint32_t least = at - start > 4 ? at - 4 : start;
    uint32_t p = at - 1;
    while (p > least && ((unsigned char)text[p] & 0xC0) == 0x80)
      p--;
    at = p + utf8_step(text + p, at - p) == at ? p : at - 1;
  }
  return at;
}

static uint32_t step_forth(const char *text, uint32_t at, uint32_t end, unsigned most, unsigned *moved) {
  for (*moved = 0; at < end && *moved < most; ++*moved)
    at += (uint32_t)utf8_step(text + at, end - at);
  return at;
}

static struct quote quote_around(const struct source *src, uint32_t at, unsigned line) {
  const uint32_t start = src->lines[line - 1];
  uint32_t end = line < src->line_count ? src->lines[line] - 1 : (uint32_t)src->len;
  if (end > start && src->text[end - 1] == '\r')
    end--;
  if (at > end)
    at = end;

  unsigned before, after;
  step_back(src->text, start, at, QUOTED_MAX, &before);
  step_forth(src->text, at, end, QUOTED_MAX, &after);
  if (before + after > QUOTED_MAX) { /* what one side does not need goes to the other */
    if (before <= QUOTED_MAX / 2)
      after = QUOTED_MAX - before;
    else if (after <= QUOTED_MAX / 2)
      before = QUOTED_MAX - after;
    else
      before = after = QUOTED_MAX / 2;
  }
  struct quote q;
  q.from = step_back(src->text, start, at, before, &before);
  q.to = step_forth(src->text, at, end, after, &after);
  q.cut_before = q.from > start;
  q.cut_after = q.to < end;
  return q;
}

/* The quoted line, and below it the caret with the hint. */
static void print_quote(struct printer p, struct span span, const char *hint) {
  const char *text = span.src->text;
  const unsigned line = span_place(span).line; /* makes the index of lines too */
  const struct quote q = quote_around(span.src, span.from, line);
  struct strbuf caret = STRBUF_INIT;

  const size_t gutter_from = p.out->len;
  strbuf_addf(p.out, " %u", line);
  const int gutter = (int)(p.out->len - gutter_from);
  strbuf_adds(p.out, q.to > q.from ? " | " : " |");
  if (q.cut_before) {
    strbuf_adds(p.out, "...");
    strbuf_adds(&caret, "   ");
  }
  unsigned width = 0;
  for (uint32_t at = q.from; at < q.to;) {
    const char c = text[at];
    if (at < span.from)
      strbuf_addc(&caret, c == '\t' ? '\t' : ' ');
    else if (at < span.to)
      width++;
    if (c == '\t') {
      strbuf_addc(p.out, c);
      at++;
    } else {
      at += (uint32_t)print_character(p.out, text + at, q.to - at);
    }
  }
  if (q.cut_after)
    strbuf_adds(p.out, "...");

  strbuf_addf(p.out, "\n%*s | ", gutter, "");
  strbuf_adds(p.out, caret.text);
  print_colour(p, GREEN);
  strbuf_addc(p.out, '^');
  for (; width > 1; width--)
    strbuf_addc(p.out, '~');
  print_colour(p, PLAIN);
  if (hint) {
    strbuf_addc(p.out, ' ');
    print_text(p.out, hint);
  }
  strbuf_addc(p.out, '\n');
  strbuf_release(&caret);
}

static void print_place(struct printer p, struct span span) {
  print_colour(p, BOLD);
  if (span.src) {
    const struct place at = span_place(span);
    print_text(p.out, span.src->path);
    strbuf_addf(p.out, ":%u:%u: ", at.line, at.column);
  } else {
    strbuf_adds(p.out, "pdlc: ");
  }
  print_colour(p, PLAIN);
}

static void print_one(struct printer p, const struct diagnostic *one) {
  const bool error = one->severity == SEVERITY_ERROR;
  print_place(p, one->span);
  print_colour(p, error ? RED : MAGENTA);
  strbuf_addf(p.out, "%s[%s]:", error ? "error" : "warning", code_info(one->code)->id);
  print_colour(p, PLAIN);
  strbuf_addc(p.out, ' ');
  print_text(p.out, one->message);
  strbuf_addc(p.out, '\n');
  if (one->span.src) {
    print_quote(p, one->span, one->hint);
  } else if (one->hint) {
    strbuf_adds(p.out, "  hint: ");
    print_text(p.out, one->hint);
    strbuf_addc(p.out, '\n');
  }
  if (one->peer.src) {
    print_place(p, one->peer);
    print_colour(p, CYAN);
    strbuf_adds(p.out, "note:");
    print_colour(p, PLAIN);
    strbuf_addc(p.out, ' ');
    print_text(p.out, one->peer_note);
    strbuf_addc(p.out, '\n');
    print_quote(p, one->peer, NULL);
  }
}

void diagnostics_print(const struct diagnostics *d, struct strbuf *out, bool colour) {
  /* Errors first have a claim on the room: many warnings must not hide one. */
  size_t errors = d->errors < DIAGNOSTICS_SHOWN ? d->errors : DIAGNOSTICS_SHOWN;
  size_t warnings = DIAGNOSTICS_SHOWN - errors;
  if (warnings > d->warnings)
    warnings = d->warnings;
  const size_t hidden = d->errors + d->warnings - errors - warnings;

  for (const struct diagnostic *one = d->first; one; one = one->next) {
    size_t *left = one->severity == SEVERITY_ERROR ? &errors : &warnings;
    if (*left) {
      --*left;
      print_one((struct printer){out, colour}, one);
    }
  }
  if (hidden)
    strbuf_addf(out, "pdlc: %zu more not shown\n", hidden);
}

/* ── JSON ───────────────────────────────────────────────────────────────────── */

/* JSON holds valid UTF-8 only; what is not becomes `?`. */
static json_t *json_text(const char *text) {
  if (!text)
    return json_null();
  if (utf8_invalid_at(text, strlen(text)) == SIZE_MAX)
    return json_string_nocheck(text);
  struct strbuf clean = STRBUF_INIT;
  print_text(&clean, text);
  json_t *json = json_string_nocheck(clean.text);
  strbuf_release(&clean);
  return json;
}

static json_t *json_number(unsigned n) {
  return n ? json_integer(n) : json_null(); /* lines and columns start at 1 */
}

static json_t *json_peer(const struct diagnostic *one) {
  if (!one->peer.src)
    return json_null();
  const struct place at = span_place(one->peer);
  return json_pack("{s:o, s:o, s:o, s:o}", "file", json_text(one->peer.src->path), "line",
                   json_number(at.line), "column", json_number(at.column), "note",
                   json_text(one->peer_note));
}

static int add_to_strbuf(const char *text, size_t n, void *out) {
  strbuf_add(out, text, n);
  return 0;
}

void diagnostics_json(const struct diagnostics *d, struct strbuf *out) {
  json_set_alloc_funcs(xmalloc, free); /* so that nothing below can fail */
  json_t *list = json_array();
  for (const struct diagnostic *one = d->first; one; one = one->next) {
    const struct place from = span_place(one->span), to = span_end_place(one->span);
    json_t *object = json_object();
    json_object_set_new(object, "code", json_text(code_info(one->code)->id));
    json_object_set_new(object, "severity",
                        json_text(one->severity == SEVERITY_ERROR ? "error" : "warning"));
    json_object_set_new(object, "message", json_text(one->message));
    json_object_set_new(object, "hint", json_text(one->hint));
    json_object_set_new(object, "file", json_text(one->span.src ? one->span.src->path : NULL));
    json_object_set_new(object, "line", json_number(from.line));
    json_object_set_new(object, "column", json_number(from.column));
    json_object_set_new(object, "endLine", json_number(to.line));
    json_object_set_new(object, "endColumn", json_number(to.column));
    json_object_set_new(object, "peer", json_peer(one));
    json_array_append_new(list, object);
  }
  json_dump_callback(list, add_to_strbuf, out, JSON_INDENT(2));
  strbuf_addc(out, '\n');
  json_decref(list);
}
