/* pdl.sum: what the files were when they were made, and in which order. */
#include <string.h>

#include "migrate/migrate.h"

static const char *chain_on(struct arena *arena, const char *chain, const char *line, size_t n) {
  struct strbuf text = STRBUF_INIT;
  strbuf_addf(&text, "%s\n%.*s\n", chain, (int)n, line);
  const char *next = digest_sha256(arena, text.text, text.len);
  strbuf_release(&text);
  return next;
}

static const char *print_file(struct arena *arena, const struct migration_file *f, const char *chain,
                              struct strbuf *out) {
  const size_t from = out->len;
  strbuf_addf(out, "%s sha256:%s", f->name, f->sha256);
  chain = chain_on(arena, chain, out->text + from, out->len - from);
  strbuf_addc(out, '\n');
  return chain;
}

void migration_sum_print(const struct migration_folder *folder, struct strbuf *out) {
  struct arena arena = ARENA_INIT;
  struct strbuf lines = STRBUF_INIT;
  const char *chain = "";
  for (size_t i = 0; i < folder->count; i++) {
    chain = print_file(&arena, &folder->v[i].up, chain, &lines);
    if (folder->v[i].down.path)
      chain = print_file(&arena, &folder->v[i].down, chain, &lines);
  }
  strbuf_addf(out, "chain sha256:%s\n%s", *chain ? chain : digest_sha256(&arena, "", 0), lines.text);
  strbuf_release(&lines);
  arena_release(&arena);
}

/* ── checking ── */

struct listed {
  const char *name, *sha256;
  struct span span;
  size_t place;
  bool found;
};

static bool is_digest(const char *text, size_t n) {
  return n == DIGEST_HEX && strspn(text, "0123456789abcdef") >= n;
}

/* "NAME sha256:HEX" */
static bool read_line(struct arena *arena, struct span span, struct listed *out) {
  static const char mark[] = " sha256:";
  const char *text = arena_strndup(arena, span.src->text + span.from, span.to - span.from), *hash = strstr(text, mark);
  if (!hash || hash == text || !is_digest(hash + sizeof mark - 1, strlen(hash + sizeof mark - 1)))
    return false;
  *out = (struct listed){
      .name = arena_strndup(arena, text, (size_t)(hash - text)), .sha256 = hash + sizeof mark - 1, .span = span};
  return true;
}

static bool is_conflict(const char *line) {
  return strncmp(line, "<<<<<<<", 7) == 0 || strncmp(line, "=======", 7) == 0 || strncmp(line, ">>>>>>>", 7) == 0;
}

static void malformed(struct span span, struct diagnostics *d) {
  if (is_conflict(span.src->text + span.from))
    diagnostic_hint(d, diagnose(d, PDL_MIGRATION_SUM, span, "conflict of two branches that each added a migration"),
                    "pdlc migrate --renumber puts the files of one behind those of the other.");
  else
    diagnostic_hint(d, diagnose(d, PDL_MIGRATION_SUM, span, "malformed line in %s", MIGRATION_SUM),
                    "Take the file from version control again; pdlc migrate --sum writes it anew from the files as they are.");
}

static bool read_sum(struct arena *arena, const struct source *s, struct map *out, struct diagnostics *d) {
  const char *chain = "";
  struct listed head = {0};
  for (size_t from = 0, to; from < s->len; from = to + 1) {
    to = from + strcspn(s->text + from, "\n");
    const struct span span = {s, (uint32_t)from, (uint32_t)(to - (to > from && s->text[to - 1] == '\r'))};
    struct listed *l = arena_alloc(arena, sizeof *l);
    if (!read_line(arena, span, l)) {
      malformed(span, d);
      return false;
    }
    if (from == 0) {
      head = *l;
      continue;
    }
    chain = chain_on(arena, chain, s->text + span.from, span.to - span.from);
    l->place = map_count(out) + 1;
    if (map_add(out, l->name, l)) {
      diagnose(d, PDL_MIGRATION_SUM, span, "\"%s\" is listed twice", l->name);
      return false;
    }
  }
  if (!head.name || strcmp(head.name, "chain") != 0) {
    malformed((struct span){s, 0, (uint32_t)strcspn(s->text, "\r\n")}, d);
    return false;
  }
  if (strcmp(head.sha256, *chain ? chain : digest_sha256(arena, "", 0)) != 0)
    diagnostic_hint(
        d, diagnose(d, PDL_MIGRATION_SUM, head.span, "%s was edited: its lines do not make this chain", MIGRATION_SUM),
        "Take it from version control again; pdlc migrate --sum writes it anew from the files as they are.");
  return true;
}

/* What the file was before an editor or Git turned its line ends. */
static const char *without_returns(struct arena *arena, const struct source *s) {
  struct strbuf text = STRBUF_INIT;
  for (size_t i = 0; i < s->len; i++)
    if (!(s->text[i] == '\r' && s->text[i + 1] == '\n'))
      strbuf_addc(&text, s->text[i]);
  const char *hash = digest_sha256(arena, text.text, text.len);
  strbuf_release(&text);
  return hash;
}

static void check_file(struct arena *arena, const struct migration_file *f, const struct map *sum, size_t *place,
                       struct diagnostics *d) {
  if (!f->path)
    return;
  struct listed *l = map_get(sum, f->name);
  const struct span head = {f->source, 0, (uint32_t)strcspn(f->source->text, "\r\n")};
  if (!l) {
    diagnostic_hint(d, diagnose(d, PDL_MIGRATION_UNLISTED, head, "\"%s\" is not listed in %s", f->name, MIGRATION_SUM),
                    "If it belongs here, pdlc migrate --sum lists it.");
    return;
  }
  l->found = true;
  if (strcmp(l->sha256, f->sha256) != 0) {
    const bool returns = strcmp(l->sha256, without_returns(arena, f->source)) == 0;
    struct diagnostic *found =
        returns ? diagnose(d, PDL_MIGRATION_EDITED, head, "the line ends of \"%s\" were turned into CRLF", f->name)
                : diagnose(d, PDL_MIGRATION_EDITED, head, "\"%s\" was edited after it was made", f->name);
    diagnostic_peer(found, l->span, "its checksum stands here");
    if (returns)
      diagnostic_hint(d, found, "Let .gitattributes say *.sql text eol=lf, and check the file out again.");
    else
      diagnostic_hint(d, found,
                      "Where it has run nothing would run it again: take it back and make a new one. Where it has not, "
                      "pdlc migrate --sum.");
  }
  if (l->place < *place)
    diagnostic_hint(d, diagnose(d, PDL_MIGRATION_ORDER, l->span, "\"%s\" is listed out of order", f->name),
                    "Its number was changed after others were made; pdlc migrate --renumber puts it behind them.");
  *place = l->place;
}

void migration_sum_check(struct arena *arena, const struct migration_folder *folder, struct diagnostics *d) {
  struct map sum;
  map_init(&sum, arena);
  if (!read_sum(arena, folder->sum, &sum, d))
    return;
  size_t place = 0;
  for (size_t i = 0; i < folder->count; i++) {
    check_file(arena, &folder->v[i].up, &sum, &place, d);
    check_file(arena, &folder->v[i].down, &sum, &place, d);
  }
  for (const struct map_entry *e = map_first(&sum); e; e = map_next(e)) {
    const struct listed *l = map_value(e);
    if (!l->found)
      diagnostic_hint(
          d, diagnose(d, PDL_MIGRATION_MISSING, l->span, "\"%s\" is listed here, but there is no such file", l->name),
          "Take it from version control again; if it was never run anywhere, pdlc migrate --sum.");
  }
}
