/* sql block: what PDL has no word for, as up and down statements. Nothing of it can be read back
 * from a database, so it is made where all of a schema is made and never compared. */
#include <string.h>

#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct sql_block *s = compile_object(c, KIND_SQL, n, NULL);
  if (!s)
    return;
  s->node = n;
  const struct node *up = compile_clause(c, n, NODE_UP), *down = compile_clause(c, n, NODE_DOWN);
  if (up)
    s->up = up->text;
  else if (!c->incomplete)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->name.span, "sql block \"%s\" has no up", n->name.text);
  if (down)
    s->down = down->text;
}

/* As casts and transforms are called (opaque.c). */
static const char *name_by_types(struct compile *c, const struct sql_made *made) {
  struct strbuf name = STRBUF_INIT;
  compile_type_name(c, &made->types[0], &name);
  if (made->language) {
    strbuf_adds(&name, " LANGUAGE ");
    sql_ident(&name, made->language);
  } else {
    strbuf_adds(&name, " AS ");
    compile_type_name(c, &made->types[1], &name);
  }
  const char *text = strbuf_dup(&name, c->arena);
  strbuf_release(&name);
  return text;
}

/* Before anything is linked: others may speak of what it makes. */
static void complete(struct compile *c, struct object *o) {
  struct sql_block *s = (struct sql_block *)o;
  struct sql_script parsed;
  struct sql_error err = {0};
  if (!s->up || !sql_parse_script(c->sql, s->up, &parsed, &err))
    return;
  for (size_t i = 0; i < parsed.made_count; i++) {
    struct sql_made *made = &parsed.made[i];
    if (made->types)
      made->name = name_by_types(c, made);
    schema_made(c->schema, made->schema ? made->schema : "public", made->table, made->name, o);
    if (!made->schema && !made->table)
      schema_made(c->schema, NULL, NULL, made->name, o); /* of what lives in no schema */
  }
  s->made = parsed.made;
  s->made_count = parsed.made_count;
}

static void script(struct compile *c, const struct node *n, struct object *o, const char *what) {
  struct sql_script parsed;
  struct sql_error err = {0};
  if (!sql_parse_script(c->sql, n->text, &parsed, &err)) {
    compile_sql_error(c, n, &err, what);
    return;
  }
  for (size_t i = 0; n->kind == NODE_UP && i < parsed.made_count; i++) {
    struct object *in =
        parsed.made[i].schema ? schema_find(c->schema, NS_SCHEMA, NULL, NULL, parsed.made[i].schema) : NULL;
    if (in)
      object_depend(c->schema, o, in);
  }
  for (size_t i = 0; n->kind == NODE_UP && i < parsed.ref_count; i++) {
    const struct sql_ref *ref = &parsed.refs[i];
    const bool own = schema_maker(c->schema, ref->schema ? ref->schema : "public", ref->name) == o;
    if (!own && (ref->kind == SQL_REF_RELATION || ref->kind == SQL_REF_TYPE || ref->kind == SQL_REF_SEQUENCE ||
                 ref->kind == SQL_REF_FUNCTION)) {
      struct object *on = compile_find(c, (struct name){.schema = ref->schema, .text = ref->name});
      if (on && !on->external && on != o && !is_kind(on, KIND_SQL))
        object_depend(c->schema, o, on);
    }
  }
}

static void link(struct compile *c, struct object *o) {
  const struct sql_block *s = (const struct sql_block *)o;
  compile_needs(c, s->node, o);
  for (const struct node *n = s->node->parts; n; n = n->next)
    if (n->kind == NODE_UP || n->kind == NODE_DOWN)
      script(c, n, o, n->kind == NODE_UP ? "up" : "down");
}

/* As it was laid out: blank lines before it go, the indentation of a line of its own stays. */
static void print_script(const char *text, struct strbuf *out) {
  const char *from = text + strspn(text, " \t\r\n");
  const char *line = from;
  while (line > text && (line[-1] == ' ' || line[-1] == '\t'))
    line--;
  strbuf_adds(out, line > text ? line : from);
  while (out->len > 0 && strchr(" \t\r\n;", out->text[out->len - 1]))
    strbuf_truncate(out, out->len - 1);
  strbuf_adds(out, strstr(text, "--") ? "\n;\n" : ";\n"); /* the last line may be a comment */
}

static void create(const struct object *o, struct strbuf *out) {
  print_script(((const struct sql_block *)o)->up, out);
}

/* Only a model that was written holds blocks to drop. */
static void drop(const struct object *o, struct strbuf *out) {
  if (((const struct sql_block *)o)->down)
    print_script(((const struct sql_block *)o)->down, out);
}

static const struct field fields[] = {FIELD_END};

const struct kind sql_kind = {
    .word = "sql block",
    .size = sizeof(struct sql_block),
    .ns = NS_SQL,
    .fields = fields,
    .nodes = {NODE_SQL},
    .declare = declare,
    .complete = complete,
    .link = link,
    .create = create,
    .drop = drop,
};
