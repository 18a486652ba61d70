/* The comment lines at the head of a migration file. */
#include <string.h>

#include "migrate/migrate.h"

/* Only printable ASCII, and no comma within a name of a list: the rest as \xHH. */
static void escape(struct strbuf *out, const char *text, bool listed) {
  for (const unsigned char *p = (const unsigned char *)text; *p; p++)
    if (*p < ' ' || *p > '~' || *p == '\\' || (listed && *p == ','))
      strbuf_addf(out, "\\x%02x", *p);
    else
      strbuf_addc(out, (char)*p);
}

static int hex(char c) {
  static const char digits[] = "0123456789abcdef";
  const char *at = c ? strchr(digits, c) : NULL;
  return at ? (int)(at - digits) : -1;
}

static const char *unescape(struct arena *arena, const char *text, size_t n) {
  char *out = arena_alloc(arena, n + 1), *to = out;
  for (size_t i = 0; i < n; i++) {
    const bool escaped =
        i + 3 < n && text[i] == '\\' && text[i + 1] == 'x' && hex(text[i + 2]) >= 0 && hex(text[i + 3]) >= 0;
    *to++ = escaped ? (char)(hex(text[i + 2]) * 16 + hex(text[i + 3])) : text[i];
    i += escaped ? 3 : 0;
  }
  return out;
}

static const char *const labels[] = {
    [DOWN_LOSSLESS] = "lossless",
    [DOWN_LOSSY] = "lossy",
    [DOWN_IRREVERSIBLE] = "irreversible",
};

static void print_hash(struct strbuf *out, const char *hash) {
  strbuf_addf(out, hash ? "sha256:%s" : "none", hash);
}

static const char *const yes_no[] = {"no", "yes"};

void migration_header_print(const struct migration *m, bool down, struct strbuf *out) {
  strbuf_addf(out, "-- pdlc migration %s %s%s\n", m->version, m->name, down ? " down" : "");
  if (down) {
    strbuf_addf(out, "-- transaction: %s\n", yes_no[m->down.transaction]);
    return;
  }
  strbuf_adds(out, "-- parent: ");
  print_hash(out, m->parent);
  strbuf_adds(out, "\n-- model: ");
  print_hash(out, m->before);
  strbuf_adds(out, " -> ");
  print_hash(out, m->after);
  strbuf_addf(out, "\n-- transaction: %s\n", yes_no[m->up.transaction]);
  if (m->by_hand)
    strbuf_adds(out, "-- written: by hand\n");
  if (m->label >= DOWN_LOSSLESS) {
    strbuf_addf(out, "-- down: %s", labels[m->label]);
    if (m->label_text) {
      strbuf_adds(out, " (");
      escape(out, m->label_text, false);
      strbuf_addc(out, ')');
    }
    strbuf_addc(out, '\n');
  }
  for (size_t i = 0; i < m->drops.n; i++) {
    strbuf_adds(out, i ? ", " : "-- drops: ");
    escape(out, m->drops.v[i], true);
  }
  if (m->drops.n)
    strbuf_addc(out, '\n');
  for (size_t i = 0; i < m->hazards.n; i++) {
    strbuf_adds(out, "-- hazard: ");
    escape(out, m->hazards.v[i], false);
    strbuf_addc(out, '\n');
  }
}

/* ── reading ── */

struct line {
  const struct source *source;
  size_t from, to; /* without its end */
};

static bool next_line(const struct source *s, struct line *l) {
  const size_t from = l->source ? l->to + strspn(s->text + l->to, "\r") + 1 : 0;
  if (from >= s->len || strncmp(s->text + from, "--", 2) != 0)
    return false;
  *l = (struct line){s, from, from + strcspn(s->text + from, "\r\n")};
  return true;
}

/* The text behind "-- word", or NULL where the line starts otherwise. */
static const char *value_of(const struct line *l, const char *word) {
  const char *text = l->source->text + l->from;
  const size_t n = strlen(word);
  return strncmp(text, "-- ", 3) == 0 && strncmp(text + 3, word, n) == 0 ? text + 3 + n : NULL;
}

struct reader {
  struct arena *arena;
  struct diagnostics *diagnostics;
  const struct line *line;
  const char *at, *end;
};

static void refuse(const struct reader *r, const char *wanted) {
  const struct span span = {r->line->source, (uint32_t)r->line->from, (uint32_t)r->line->to};
  diagnostic_hint(r->diagnostics,
                  diagnose(r->diagnostics, PDL_MIGRATION_HEADER, span, "malformed line in the header of a migration"),
                  "Such a line reads: -- %s", wanted);
}

static bool take(struct reader *r, const char *text) {
  const size_t n = strlen(text);
  if ((size_t)(r->end - r->at) < n || strncmp(r->at, text, n) != 0)
    return false;
  r->at += n;
  return true;
}

static bool take_hash(struct reader *r, const char **out) {
  *out = NULL;
  if (take(r, "none"))
    return true;
  if (!take(r, "sha256:"))
    return false;
  size_t n = 0;
  while (r->at + n < r->end && hex(r->at[n]) >= 0)
    n++;
  *out = arena_strndup(r->arena, r->at, n);
  r->at += n;
  return n == DIGEST_HEX;
}

static void read_label(struct reader *r, struct migration *m) {
  for (int i = DOWN_LOSSLESS; i <= DOWN_IRREVERSIBLE; i++)
    if (take(r, labels[i])) {
      m->label = (enum down_label)i;
      if (take(r, " (") && r->end > r->at && r->end[-1] == ')')
        m->label_text = unescape(r->arena, r->at, (size_t)(r->end - r->at) - 1);
      return;
    }
  refuse(r, "down: lossless|lossy (what)|irreversible (what)");
}

static void add(struct arena *arena, struct names *names, const char *text, size_t n) {
  const char **v = arena_array(arena, names->n + 1, sizeof *v);
  if (names->n)
    memcpy(v, names->v, names->n * sizeof *v);
  v[names->n++] = unescape(arena, text, n);
  names->v = v;
}

static void read_drops(struct reader *r, struct names *drops) {
  while (r->at < r->end) {
    const size_t n = (size_t)(r->end - r->at), comma = strcspn(r->at, ",");
    add(r->arena, drops, r->at, comma < n ? comma : n);
    r->at += comma < n ? comma + 1 + (r->at[comma + 1] == ' ') : n;
  }
}

static void read_transaction(struct reader *r, struct migration_file *f) {
  if (take(r, "yes"))
    f->transaction = true;
  else if (take(r, "no"))
    f->transaction = false;
  else
    refuse(r, "transaction: yes|no");
}

static void read_line(struct reader *r, struct migration *m) {
  const struct line *l = r->line;
  if ((r->at = value_of(l, "parent: ")) != NULL) {
    if (!take_hash(r, &m->parent))
      refuse(r, "parent: sha256:DIGITS|none");
  } else if ((r->at = value_of(l, "model: ")) != NULL) {
    if (!take_hash(r, &m->before) || !take(r, " -> ") || !take_hash(r, &m->after))
      refuse(r, "model: sha256:DIGITS|none -> sha256:DIGITS|none");
  } else if ((r->at = value_of(l, "written: ")) != NULL) {
    m->by_hand = take(r, "by hand");
  } else if ((r->at = value_of(l, "down: ")) != NULL) {
    read_label(r, m);
  } else if ((r->at = value_of(l, "drops: ")) != NULL) {
    read_drops(r, &m->drops);
  } else if ((r->at = value_of(l, "hazard: ")) != NULL) {
    add(r->arena, &m->hazards, r->at, (size_t)(r->end - r->at));
  }
}

/* A file of its own writing says nothing, or a directive; its statement may tell. */
static bool transaction_of(struct arena *arena, const struct source *s) {
  for (struct line l = {0}; next_line(s, &l);)
    if (value_of(&l, "pdlc:no-transaction"))
      return false;
  size_t count;
  const struct sql_part *parts = sql_split(arena, s->text, s->len, &count);
  return !(count == 1 && parts[0].kind == SQL_PART_ALONE);
}

static bool read_file(struct arena *arena, struct migration *m, struct migration_file *f, struct diagnostics *d) {
  struct line l = {0};
  struct reader r = {.arena = arena, .diagnostics = d, .line = &l};
  const bool headed = next_line(f->source, &l) && value_of(&l, "pdlc migration ");
  if (!headed)
    f->transaction = transaction_of(arena, f->source);
  while (headed && next_line(f->source, &l)) {
    r.end = f->source->text + l.to;
    if ((r.at = value_of(&l, "transaction: ")) != NULL)
      read_transaction(&r, f);
    else if (f == &m->up)
      read_line(&r, m);
  }
  return headed;
}

void migration_header_read(struct arena *arena, struct migration *m, struct diagnostics *d) {
  m->label = m->down.path ? DOWN_UNKNOWN : DOWN_MISSING;
  m->headed = read_file(arena, m, &m->up, d);
  if (m->down.path)
    (void)read_file(arena, m, &m->down, d);
}

bool migration_goes_on(const struct migration *m) {
  return m->headed && !m->by_hand && (m->before ? m->after && strcmp(m->before, m->after) == 0 : !m->after);
}
