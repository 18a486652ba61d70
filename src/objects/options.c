/* OPTIONS (…) of foreign data, of whatever has them: wrappers, servers, user mappings, foreign tables and their
 * columns. */
#include <string.h>

#include "objects/objects.h"

bool option_is_secret(const char *option) {
  static const char *const parts[] = {"passw", "passc", "secret", "token"};
  static const char *const ends[] = {"api", "access", "private"};
  char name[64] = "";
  for (size_t i = 0; option[i] && i + 1 < sizeof name; i++)
    name[i] = (char)(option[i] >= 'A' && option[i] <= 'Z' ? option[i] + ('a' - 'A') : option[i]);
  if (strcmp(name, "password_required") == 0)
    return false;
  for (size_t i = 0; i < ARRAY_LEN(parts); i++)
    if (strstr(name, parts[i]))
      return true;
  for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
    const char *at = strstr(name, ends[i]);
    if (at && (strcmp(at + strlen(ends[i]), "key") == 0 || strcmp(at + strlen(ends[i]), "_key") == 0))
      return true;
  }
  return false;
}

void option_refuse_secret(struct compile *c, struct span span, const char *name) {
  if (option_is_secret(name))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_SECRET_OPTION, span, "option \"%s\" is a secret", name),
                    "Leave it out, and give it to the server by hand; pdlc leaves it as it is.");
}

/* ── PDL → model ── */

struct setting *compile_options(struct compile *c, const struct node *list) {
  for (const struct node *n = list ? list->parts : NULL; n; n = n->next)
    if (n->kind == NODE_SETTING)
      option_refuse_secret(c, n->span, n->name.text);
  return compile_settings(c, list);
}

/* ── SQL ── */

void sql_options(struct strbuf *out, const struct setting *s) {
  for (const struct setting *first = s; s; s = s->next) {
    strbuf_adds(out, s == first ? " OPTIONS (" : ", ");
    sql_ident(out, s->name);
    strbuf_addc(out, ' ');
    sql_literal(out, s->value);
    strbuf_adds(out, s->next ? "" : ")");
  }
}

void sql_alter_options(const char *target, const struct setting *before, const struct setting *after,
                       struct strbuf *out) {
  struct strbuf list = STRBUF_INIT;
  for (const struct setting *s = before; s; s = s->next)
    if (!setting_get(after, s->name)) {
      strbuf_adds(&list, list.len ? ", DROP " : "DROP ");
      sql_ident(&list, s->name);
    }
  for (const struct setting *s = after; s; s = s->next) {
    const char *was = setting_get(before, s->name);
    if (was && strcmp(was, s->value) == 0)
      continue;
    strbuf_addf(&list, "%s%s ", list.len ? ", " : "", was ? "SET" : "ADD");
    sql_ident(&list, s->name);
    strbuf_addc(&list, ' ');
    sql_literal(&list, s->value);
  }
  if (list.len)
    strbuf_addf(out, "ALTER %s OPTIONS (%s);\n", target, list.text);
  strbuf_release(&list);
}

/* ── PDL ── */

void pdl_options(struct strbuf *out, const struct setting *s) {
  for (const struct setting *first = s; s; s = s->next) {
    strbuf_adds(out, s == first ? " options (" : ", ");
    pdl_word(out, s->name);
    strbuf_addc(out, ' ');
    pdl_string(out, s->value);
    strbuf_adds(out, s->next ? "" : ")");
  }
}
