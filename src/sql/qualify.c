#include <string.h>

#include "sql/sql.h"

/* schema. as it stands within the literal that opens at text[at]. */
static void add_in_literal(struct strbuf *out, const char *text, uint32_t at, const char *schema) {
  struct strbuf ident = STRBUF_INIT;
  sql_ident(&ident, schema);
  const bool dollar = text[at] == '$';
  const bool escapes = !dollar && at > 0 && (text[at - 1] == 'e' || text[at - 1] == 'E');
  for (size_t i = 0; i < ident.len; i++) {
    const char c = ident.text[i];
    if ((c == '\'' && !dollar) || (c == '\\' && escapes))
      strbuf_addc(out, c);
    strbuf_addc(out, c);
  }
  strbuf_release(&ident);
}

/* Whether a name put after `before` would run into it (COLLATE"C"), or make a U&"…" of it (u&f()). */
static bool runs_together(char before) {
  return (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z') ||
         (before >= '0' && before <= '9') || before == '_' || before == '$' || before == '&' ||
         (unsigned char)before >= 0x80;
}

const char *sql_qualify(struct arena *a, const char *text, const struct sql_ref *refs, size_t ref_count,
                        const char *(*schema_of)(void *ctx, const struct sql_ref *), void *ctx) {
  struct strbuf out = STRBUF_INIT;
  size_t done = 0;
  for (size_t i = 0; i < ref_count; i++) {
    const struct sql_ref *ref = &refs[i];
    const char *schema = ref->schema ? NULL : schema_of(ctx, ref);
    if (!schema)
      continue;
    size_t at = ref->at;
    if (ref->kind == SQL_REF_SEQUENCE) /* past the quote, or past $tag$ */
      at += text[at] == '$' ? strcspn(text + at + 1, "$") + 2 : 1;
    strbuf_add(&out, text + done, at - done);
    if (ref->kind == SQL_REF_SEQUENCE) {
      add_in_literal(&out, text, ref->at, schema);
    } else {
      if (at > 0 && runs_together(text[at - 1]))
        strbuf_addc(&out, ' ');
      sql_ident(&out, schema);
    }
    strbuf_addc(&out, '.');
    done = at;
  }
  if (!done && !out.len)
    return text;
  strbuf_adds(&out, text + done);
  const char *qualified = strbuf_dup(&out, a);
  strbuf_release(&out);
  return qualified;
}
