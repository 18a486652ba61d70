/* Any text as a schema. Diagnostics must lie within it; where there is none, the canonical layout must
 * parse to the same tree and be its own canonical layout. */
#include <stdlib.h>
#include <string.h>

#include "syntax/syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_places(const struct diagnostics *diagnostics) {
  for (const struct diagnostic *d = diagnostics->first; d; d = d->next) {
    if (!d->span.src)
      continue;
    const struct place place = span_place(d->span);
    if (d->span.from > d->span.to || d->span.to > d->span.src->len || place.line == 0 || place.column == 0)
      abort();
  }
}

static void check_layout(struct arena *arena, const struct source *source, const struct node *file) {
  struct diagnostics none;
  diagnostics_init(&none, arena);
  struct strbuf tree = STRBUF_INIT, tree_again = STRBUF_INIT, text = STRBUF_INIT, text_again = STRBUF_INIT;
  node_dump(file, &tree);
  syntax_format(arena, source, file, &text);
  const struct source *laid_out = source_new(arena, "formatted", text.text, text.len);
  const struct node *again = syntax_parse(arena, laid_out, &none);
  if (none.first)
    abort();
  node_dump(again, &tree_again);
  if (strcmp(tree.text, tree_again.text) != 0)
    abort();
  syntax_format(arena, laid_out, again, &text_again);
  if (text.len != text_again.len || memcmp(text.text, text_again.text, text.len) != 0)
    abort();
  strbuf_release(&tree);
  strbuf_release(&tree_again);
  strbuf_release(&text);
  strbuf_release(&text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct arena arena = ARENA_INIT;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &arena);
  const struct source *source = source_new(&arena, "fuzz", size ? (const char *)data : "", size);
  const struct node *file = syntax_parse(&arena, source, &diagnostics);
  check_places(&diagnostics);
  if (!diagnostics.first)
    check_layout(&arena, source, file);
  arena_release(&arena);
  return 0;
}
