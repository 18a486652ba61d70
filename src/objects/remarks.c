/* What is said of parts that are no objects of their own: columns of views, checks of domains, the index of a key. */
#include "objects/objects.h"

void sql_remark(const struct object *o, part_target *target, const char *part, const char *text, struct strbuf *out) {
  strbuf_adds(out, "COMMENT ON ");
  target(o, part, out);
  strbuf_adds(out, " IS ");
  if (text)
    sql_literal(out, text);
  else
    strbuf_adds(out, "NULL");
  strbuf_adds(out, ";\n");
}

void sql_remarks(const struct object *o, part_target *target, const struct setting *all, struct strbuf *out) {
  for (; all; all = all->next)
    sql_remark(o, target, all->name, all->value, out);
}

void sql_alter_remarks(const struct object *after, part_target *target, const struct setting *was,
                       const struct setting *is, struct strbuf *out) {
  for (const struct setting *s = was; s; s = s->next)
    if (!setting_get(is, s->name))
      sql_remark(after, target, s->name, NULL, out);
  for (const struct setting *s = is; s; s = s->next) {
    const char *before = setting_get(was, s->name);
    if (!before || strcmp(before, s->value) != 0)
      sql_remark(after, target, s->name, s->value, out);
  }
}

static void index_target(const struct object *key, const char *part, struct strbuf *out) {
  (void)part; /* there is but the one */
  strbuf_adds(out, "INDEX ");
  sql_object(out, key);
}

void sql_index_remark(const struct object *key, const char *text, struct strbuf *out) {
  sql_remark(key, index_target, NULL, text, out);
}

const char *compile_index_remark(struct compile *c, const struct node *n) {
  const struct node *remark = compile_clause(c, n, NODE_INDEX_REMARK);
  return remark && *remark->text ? remark->text : NULL;
}

void pdl_index_remark(struct strbuf *out, const char *text) {
  if (!text)
    return;
  strbuf_adds(out, " index ");
  pdl_string(out, text);
}
