/* state.pdl: the schema after the last migration. */
#include "migrate/migrate.h"
#include "objects/objects.h"

void migration_state_print(struct arena *arena, const struct node *file, struct strbuf *out) {
  bool any = false;
  for (const struct node *n = file->parts; n; n = n->next) {
    if (n->kind == NODE_OUTPUT)
      continue;
    if (any)
      strbuf_addc(out, '\n');
    any = true;
    if (n->doc && !span_contains(n->span, n->doc->span))
      pdl_doc_text(out, n->doc->text);
    syntax_format_item(arena, n, out);
  }
}
