/* state.pdl: the schema after the last migration. */
#include "migrate/migrate.h"
#include "objects/objects.h"

static void print_doc(const struct node *n, struct strbuf *out) {
  if (n->doc && !span_contains(n->span, n->doc->span))
    pdl_doc_text(out, n->doc->text);
}

void migration_state_print(struct arena *arena, const struct node *file, struct strbuf *out) {
  struct strbuf loose = STRBUF_INIT;
  for (const struct node *n = file->parts; n; n = n->next) {
    if (n->kind == NODE_OUTPUT)
      continue;
    print_doc(n, &loose);
    strbuf_add(&loose, n->span.src->text + n->span.from, n->span.to - n->span.from);
    strbuf_adds(&loose, "\n\n");
  }
  if (loose.len)
    strbuf_truncate(&loose, loose.len - 1);
  struct diagnostics none; /* it has been read before */
  diagnostics_init(&none, arena);
  const struct source *source = source_new(arena, MIGRATION_STATE, loose.text, loose.len);
  strbuf_release(&loose);
  syntax_format(arena, source, syntax_parse(arena, source, &none), out);
}
