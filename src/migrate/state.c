/* state.pdl: the schema after the last migration. Most of it says what the schema of today still says, in the same
 * words: those items need not be read again. */
#include <string.h>

#include "migrate/migrate.h"
#include "objects/objects.h"

void migration_state_print(struct arena *arena, const struct node *file, struct state_text *out) {
  struct arena scratch = ARENA_INIT;
  size_t room = 0;
  *out = (struct state_text){.text = STRBUF_INIT};
  for (const struct node *n = file->parts; n; n = n->next) {
    if (n->kind == NODE_OUTPUT)
      continue;
    if (out->count)
      strbuf_addc(&out->text, '\n');
    out->items = arena_grow(arena, out->items, out->count, &room, sizeof *out->items);
    struct state_item *item = &out->items[out->count++];
    *item = (struct state_item){.node = n, .from = out->text.len};
    if (n->doc && !span_contains(n->span, n->doc->span))
      pdl_doc_text(&out->text, n->doc->text);
    syntax_format_item(&scratch, n, &out->text);
    arena_clear(&scratch);
    item->to = out->text.len;
  }
  arena_release(&scratch);
}

struct reader {
  const struct source *source;
  const struct state_text *known;
  struct map lines; /* the first line of an item → struct state_item, linked by `same_line` */
  size_t next;      /* most items follow in the same order */
};

static void index_lines(struct reader *r, struct arena *arena) {
  map_init(&r->lines, arena);
  for (size_t i = r->known->count; i-- > 0;) {
    struct state_item *item = &r->known->items[i];
    const char *text = r->known->text.text + item->from;
    const char *line = arena_strndup(arena, text, strcspn(text, "\n"));
    item->same_line = map_get(&r->lines, line);
    map_set(&r->lines, line, item);
  }
}

/* Items are set apart by a blank line. */
static bool stands_at(const struct reader *r, const struct state_item *item, size_t at) {
  const size_t len = item->to - item->from;
  return len <= r->source->len - at && memcmp(r->source->text + at, r->known->text.text + item->from, len) == 0 &&
         (at + len == r->source->len || r->source->text[at + len] == '\n');
}

static const struct state_item *known_at(struct reader *r, size_t at) {
  const struct state_item *item = r->next < r->known->count ? &r->known->items[r->next] : NULL;
  if (!item || !stands_at(r, item, at)) {
    const char *line = r->source->text + at;
    item = map_getn(&r->lines, line, strcspn(line, "\n"));
    while (item && !stands_at(r, item, at))
      item = item->same_line;
  }
  if (item)
    r->next = (size_t)(item - r->known->items) + 1;
  return item;
}

/* Behind the next blank line that a known item follows. It may be one inside of something: then what is before it does
 * not parse. */
static size_t next_known(struct reader *r, size_t at) {
  for (const char *blank = r->source->text + at; (blank = strstr(blank, "\n\n")) != NULL; blank++) {
    const size_t behind = (size_t)(blank - r->source->text) + 2;
    if (known_at(r, behind))
      return behind;
  }
  return r->source->len;
}

const struct node *migration_state_read(struct arena *arena, const struct source *source,
                                        const struct state_text *known, struct diagnostics *diagnostics) {
  struct reader r = {.source = source, .known = known};
  struct node *file = arena_alloc(arena, sizeof *file);
  *file = (struct node){.kind = NODE_FILE, .span = {source, 0, (uint32_t)source->len}};
  index_lines(&r, arena);
  for (size_t at = 0; at < source->len;) {
    const struct state_item *item = known_at(&r, at);
    if (item) {
      struct node *copy = arena_alloc(arena, sizeof *copy);
      *copy = *item->node;
      node_append(file, copy);
      at += item->to - item->from + 1;
      continue;
    }
    struct diagnostics own;
    diagnostics_init(&own, arena);
    const size_t end = next_known(&r, at);
    const struct node *part = syntax_parse_part(arena, source, (uint32_t)at, (uint32_t)end, &own);
    if (own.errors)
      return syntax_parse(arena, source, diagnostics);
    for (struct node *n = part->parts, *next; n; n = next) {
      next = n->next;
      node_append(file, n);
    }
    at = end;
  }
  return file;
}
