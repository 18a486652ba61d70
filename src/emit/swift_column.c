/* What tables, shapes and functions share: names, texts, columns, embeds. */
#include <string.h>

#include "emit/swift.h"

const char *const swift_reserved_members[] = {"changes", "encode",     "hash", "hashValue", "init",
                                              "isEmpty", "primaryKey", "self", NULL};

const char *swift_type_of_object(struct swift_builder *b, const struct object *o) {
  return numbers_get(&b->names, (uintptr_t)o);
}

const char *swift_pascal(struct swift_builder *b, const char *name, const char *given) {
  return swift_case(b->arena, name, given, SWIFT_TYPE, b->m->options.apple);
}

const char *swift_camel(struct swift_builder *b, const char *name, const char *given) {
  return swift_case(b->arena, name, given, SWIFT_MEMBER, b->m->options.apple);
}

/* ── texts ── */

const char *swift_title(struct swift_builder *b, const struct object *o) {
  const char *title = arena_printf(b->arena, "%s.%s", o->schema, o->name);
  return comment_line(b->arena, title, strlen(title), true);
}

/* As PostgREST reads a name in select, order and filters: quoted where it has other characters than these. */
void swift_add_selector(struct strbuf *out, const char *name) {
  bool plain = *name != '\0';
  for (const char *p = name; *p; p++)
    plain &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || *p == '_' || *p == '$';
  if (plain) {
    strbuf_adds(out, name);
    return;
  }
  strbuf_addc(out, '"');
  for (; *name; name++) {
    if (*name == '"' || *name == '\\')
      strbuf_addc(out, '\\');
    strbuf_addc(out, *name);
  }
  strbuf_addc(out, '"');
}

const char *swift_literal_of(struct swift_builder *b, struct strbuf *text) {
  const char *literal = swift_string(b->arena, text->text);
  strbuf_release(text);
  return literal;
}

static const char *selector(struct swift_builder *b, const char *name) {
  struct strbuf out = STRBUF_INIT;
  swift_add_selector(&out, name);
  return swift_literal_of(b, &out);
}

/* What the schema says of a column, for those who read the code. */
static const char *facts_of(struct swift_builder *b, const struct type_ref *type, const struct column *c,
                            bool not_null) {
  struct strbuf out = STRBUF_INIT, sql = STRBUF_INIT;
  sql_type(&sql, type);
  strbuf_addf(&out, "`%s`", sql.text);
  strbuf_clear(&sql);
  const struct object *table = c ? c->object.parent : NULL;
  const struct key *primary = table ? table_primary(table) : NULL;
  const char *name = c ? c->object.name : NULL;
  if (primary && names_hold(primary->columns, name))
    strbuf_adds(&out, primary->columns.n == 1 ? ", primary key" : ", part of the primary key");
  else if (!not_null)
    strbuf_adds(&out, ", nullable");
  for (const struct object *o = table ? table->first_child : NULL; o; o = o->next) {
    const struct foreign *f = (const struct foreign *)o;
    if (!is_kind(o, KIND_FOREIGN) || !names_hold(f->columns, name))
      continue;
    const bool near = strcmp(f->table_schema, table->schema) == 0;
    strbuf_addf(&out, ", references %s%s%s", near ? "" : f->table_schema, near ? "" : ".", f->table_name);
  }
  if (c && c->default_.sql && strlen(c->default_.sql) <= 60)
    strbuf_addf(&out, ", default `%s`", c->default_.sql);
  if (c && (c->identity || c->serial))
    strbuf_adds(&out, ", numbered by the database");
  if (c && c->generated.sql)
    strbuf_adds(&out, ", generated");
  if (c && c->touch)
    strbuf_adds(&out, ", set on every update");
  const char *facts = comment_line(b->arena, out.text, out.len, true);
  strbuf_release(&out);
  strbuf_release(&sql);
  return facts;
}

static struct swift_column *make_column(struct swift_builder *b, struct swift_scope *scope, const char *name,
                                        const char *given, const char *doc, struct span span,
                                        const struct type_ref *type, bool nullable, bool null_elements) {
  struct swift_column *s = arena_alloc(b->arena, sizeof *s);
  struct swift_type t = swift_type_of(type, &b->m->options, &b->names);
  t.null_elements = null_elements;
  const struct swift_what what = {"column", name};
  *s = (struct swift_column){
      .access = b->m->options.access,
      .name = name,
      .doc = doc,
      .identifier = swift_claim(scope, swift_camel(b, name, given), NULL, span, what),
      .selector = selector(b, name),
      .type = swift_type_name(b->arena, &t, false, nullable),
      .optional_type = swift_type_name(b->arena, &t, false, true),
      .unwrap = swift_unwrap(b->arena, &t, nullable),
      .nullable = nullable,
      .insertable = true,
      .updatable = true,
      .required = !nullable,
  };
  s->label = swift_label(b->arena, s->identifier);
  const char *value = arena_printf(b->arena, "self.%s", s->identifier);
  const bool lenient = nullable && b->m->options.lenient;
  s->decode = arena_printf(b->arena, "%s(%s.self", lenient ? "decodeIfPresent" : "decode",
                           swift_type_name(b->arena, &t, true, nullable && !lenient));
  s->wire = swift_wrap(b->arena, &t, nullable, value);
  s->optional_wire = swift_wrap(b->arena, &t, true, value);
  if (strcmp(s->identifier, name) != 0)
    s->key = swift_string(b->arena, name);
  b->m->foundation |= t.foundation;
  return s;
}

struct swift_column *swift_column_of(struct swift_builder *b, struct swift_scope *scope, const struct column *c) {
  const struct object *o = &c->object;
  struct swift_column *s = make_column(b, scope, o->name, o->code_name, o->comment, o->span, &c->type, !c->not_null,
                                       !swift_forbids_nulls(o->parent, c));
  s->facts = facts_of(b, &c->type, c, c->not_null);
  return s;
}

struct swift_column *swift_column_of_view(struct swift_builder *b, struct swift_scope *scope, const struct object *view,
                                          const struct view_column *c) {
  struct swift_column *s = make_column(b, scope, c->name, NULL, NULL, view->span, &c->type, !c->not_null, true);
  s->facts = facts_of(b, &c->type, NULL, c->not_null);
  return s;
}

struct swift_column *swift_argument(struct swift_builder *b, struct swift_scope *scope, const struct object *of,
                                    const char *name, const struct type_ref *type) {
  struct swift_column *s = make_column(b, scope, name, NULL, NULL, of->span, type, true, true);
  s->facts = facts_of(b, type, NULL, true);
  return s;
}

struct swift_columns swift_columns_new(struct swift_builder *b, size_t room) {
  return (struct swift_columns){.v = arena_array(b->arena, room, sizeof(struct swift_column *))};
}

/* ── embeds ── */

const char *swift_name_up(struct swift_builder *b, const struct foreign *f) {
  const char *column = f->columns.v[0];
  const size_t n = strlen(column);
  if (f->columns.n > 1)
    return swift_camel(b, singular(b->arena, f->table->name), NULL);
  return swift_camel(b, n > 3 && strcmp(column + n - 3, "_id") == 0 ? arena_strndup(b->arena, column, n - 3) : column,
                     NULL);
}

/* Of a key to its own table the constraint's name would mean both ways: the column alone leads up, behind the table
 * down. */
void swift_add_embed(struct strbuf *out, const struct foreign *f, bool up) {
  const bool itself = f->table == f->object.parent;
  if (!itself || !up)
    swift_add_selector(out, up ? f->table->name : f->object.parent->name);
  if (!itself || !up)
    strbuf_addc(out, '!');
  swift_add_selector(out, itself ? f->columns.v[0] : f->object.name);
}

bool swift_embeds(const struct foreign *f) {
  return f->table && !f->table->external && strcmp(f->table->schema, f->object.parent->schema) == 0 &&
         (f->table != f->object.parent || f->columns.n == 1);
}
