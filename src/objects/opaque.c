/* What has no form but CREATE's own clauses: read by Postgres' parser, compared as that prints them again or, where it
 * still looks different, as the server understands a twin. */
#include <string.h>
#include <strings.h>

#include "objects/opaque.h"

static const struct opaque_form *form_of(const struct object *o) {
  return o->kind->form;
}

/* ── clauses ── */

/* The statement up to the clauses, its object called x. */
static const char *opening(struct arena *arena, const struct opaque_form *form, bool flag, const char *verb) {
  static const char *const names[] = {
      [NAMED] = " x ", [NAMED_BY_TYPES] = " ", [NAMED_FOR] = " FOR ", [NAMED_BY_SIGN] = " = "};
  const bool create = strcmp(verb, "CREATE") == 0, flagged = flag && form->flag_first && create;
  return arena_printf(arena, "%s %s%s%s%s%s", verb, flagged ? form->flag : "", flagged ? " " : "", form->sql,
                      names[form->naming],
                      !create && form->signature == SIGN_METHOD ? "USING btree " : ""); /* any will do */
}

static bool parse(struct arena *arena, const struct opaque_form *form, bool flag, const char *text,
                  struct sql_definition *out, struct sql_error *err) {
  return sql_parse_definition(arena, opening(arena, form, flag, "CREATE"), form->adds ? opening(arena, form, false, "ALTER") : NULL,
                              text, out, err);
}

/* Sets what is compared, by the clauses as they will be told to the server. */
static void settle(struct arena *arena, struct opaque *q, const char *text) {
  struct sql_definition d;
  struct sql_error err = {0};
  char *readable = arena_strdup(arena, text);
  for (char *p = readable; (p = strchr(p, TABLE_PLACE)) != NULL;)
    *p = 'x';
  q->definition.sql = sql_squeeze(arena, text);
  if (!parse(arena, form_of(&q->object), q->flag, readable, &d, &err))
    return;
  q->definition.compared = d.canonical;
  for (size_t i = 0; i < d.option_count; i++)
    if (!option_is_secret(d.options[i].name))
      setting_add(arena, &q->options, d.options[i].name, d.options[i].value);
}

/* The text with the table's name left open. */
static char *without_table(struct arena *arena, const char *text, const struct sql_definition *d) {
  char *out = arena_strdup(arena, text);
  if (d->of_to > d->of_from) {
    memset(out + d->of_from, ' ', d->of_to - d->of_from);
    out[d->of_from] = TABLE_PLACE;
  }
  return out;
}

/* ── declaring ── */

/* Takes the word off the beginning of the text, leaving blanks. */
static bool take_word(char *text, const char *word) {
  const size_t blank = strspn(text, " \t\r\n"), n = strlen(word);
  if (strncasecmp(text + blank, word, n) != 0 || !strchr(" \t\r\n(", text[blank + n]))
    return false;
  memset(text + blank, ' ', n);
  return true;
}

static struct object *relation(struct compile *c, struct name name) {
  struct object *o = schema_find(c->schema, NS_RELATION, compile_schema_of(name), NULL, name.text);
  return o && is_kind(o, KIND_VIEW) ? o : compile_find_table(c, name);
}

void opaque_declare(struct compile *c, const struct node *n, struct object *parent) {
  const enum kind_id id = c->kinds_of_nodes[n->kind];
  const struct opaque_form *form = kinds[id]->form;
  char *text = arena_strdup(c->arena, n->text);
  const bool flag = form->flag && take_word(text, form->flag);
  const struct node *state = compile_clause(c, n, NODE_STATE);
  if (state && !form->states)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, state->span, "%s is always enabled", kinds[id]->word);
  if (parent) /* its own block says of what it is */
    text = arena_printf(c->arena, "%s FROM x", text);
  struct sql_definition *d = arena_alloc(c->arena, sizeof *d);
  struct sql_error err = {0};
  struct node named = *n;
  if (!parse(c->arena, form, flag, text, d, &err) && !compile_sql_error(c, n, &err, kinds[id]->word))
    return;
  for (size_t i = 0; i < d->option_count; i++)
    option_refuse_secret(c, n->span, d->options[i].name);
  if (d->computes)
    compile_needs_version(c, 14, n->span, "an expression in statistics");
  if (form->of_table && !parent) {
    if (!d->of)
      return; /* not read, or of several tables: the server would refuse it */
    parent = relation(c, (struct name){.schema = d->schema, .text = d->of, .span = n->span});
    if (!parent)
      return;
  }
  if (form->naming == NAMED_BY_TYPES || form->naming == NAMED_FOR)
    named.name = (struct name){.text = kinds[id]->word, .span = n->span}; /* link knows it */
  struct opaque *q = compile_object(c, id, &named, form->of_table ? parent : NULL);
  if (!q)
    return;
  if (n->name.schema && form->of_table)
    q->object.schema = n->name.schema;
  d->statement.text = text;
  q->object.external = false;
  q->node = n;
  q->flag = flag;
  q->state = state ? state->text : NULL;
  q->parsed = d;
}

/* ── linking ── */

static void add_sides(struct compile *c, const struct sql_definition *d, const char *between, struct strbuf *out) {
  for (size_t i = 0; i < d->type_count; i++) {
    strbuf_adds(out, i ? between : "");
    if (d->types[i].name)
      compile_type_name(c, &d->types[i], out);
    else
      strbuf_adds(out, "NONE");
  }
}

static void link_name(struct compile *c, struct object *o, const struct sql_definition *d) {
  const struct opaque_form *form = form_of(o);
  struct strbuf out = STRBUF_INIT;
  if (form->naming == NAMED_BY_TYPES) {
    add_sides(c, d, " AS ", &out);
    o->name = strbuf_dup(&out, c->arena);
  } else if (form->naming == NAMED_FOR) {
    if (d->user && !*d->user)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, o->span, "a user mapping names its role");
    if (d->user)
      strbuf_addf(&out, "%s SERVER ", d->user);
    add_sides(c, d, "", &out);
    strbuf_adds(&out, d->user ? "" : " LANGUAGE ");
    sql_ident(&out, d->of ? d->of : "");
    o->name = strbuf_dup(&out, c->arena);
  } else if (form->signature == SIGN_SIDES) {
    strbuf_addc(&out, '(');
    add_sides(c, d, ", ", &out);
    strbuf_addc(&out, ')');
    o->signature = strbuf_dup(&out, c->arena);
  } else if (form->signature == SIGN_METHOD) {
    strbuf_adds(&out, " USING ");
    sql_ident(&out, d->of ? d->of : "");
    o->signature = strbuf_dup(&out, c->arena);
  }
  strbuf_release(&out);
  if (form->signature == SIGN_ARGUMENTS)
    routine_sign(c, o, d->types, d->type_count);
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static void check_twice(struct compile *c, const struct object *o) {
  if (o->kind->ns != NS_NONE && o->kind->ns != NS_KIND)
    return;
  for EACH_OBJECT(c->schema, other) {
    if (other == o)
      return;
    if (other->kind != o->kind || !same_text(other->name, o->name) || !same_text(other->schema, o->schema) ||
        !same_text(other->signature, o->signature) ||
        (form_of(o)->of_table && other->parent != o->parent && o->kind->ns == NS_NONE))
      continue;
    diagnostic_peer(
        diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "%s \"%s\" is declared twice", o->kind->word, o->name),
        other->span, "first declared here");
    return;
  }
}

/* A name that the tree gives no place: whatever is called so comes first. Operators may be each other's commutators. */
static void link_named(struct compile *c, struct object *o, const struct sql_ref *ref) {
  const char *schema_name = ref->schema ? ref->schema : "public";
  for (struct object *f = schema_find(c->schema, NS_FUNCTION, schema_name, NULL, ref->name); f; f = f->overload)
    if (f != o)
      object_depend(c->schema, o, f);
  for (struct object *other = c->schema->first; other; other = other->next)
    if (other->kind->form && other != o && other->kind != o->kind && other->kind->ns != NS_FUNCTION &&
        same_text(other->name, ref->name) && (!other->schema || strcmp(other->schema, schema_name) == 0))
      object_depend(c->schema, o, other);
}

void opaque_link(struct compile *c, struct object *o) {
  struct opaque *q = (struct opaque *)o;
  const struct sql_definition *d = q->parsed;
  struct sql_statement statement = {.text = without_table(c->arena, d->statement.text, d)};
  statement.refs = arena_array(c->arena, d->statement.ref_count, sizeof *statement.refs);
  for (size_t i = 0; i < d->statement.ref_count; i++)
    if (d->of_to == 0 || d->statement.refs[i].at < d->of_from || d->statement.refs[i].at >= d->of_to)
      statement.refs[statement.ref_count++] = d->statement.refs[i];
  compile_needs(c, q->node, o);
  link_name(c, o, d);
  check_twice(c, o);
  for (size_t i = 0; i < d->named_count; i++)
    link_named(c, o, &d->named[i]);
  q->definition.span = q->node->text_span;
  settle(c->arena, q, compile_statement(c, q->node, 0, &statement, o, false));
}

/* ── SQL ── */

static void add_name(const struct object *o, struct strbuf *out) {
  switch (form_of(o)->naming) {
  case NAMED:
    if (o->kind->ns == NS_NONE)
      sql_ident(out, o->name);
    else
      sql_object(out, o);
    break;
  case NAMED_BY_TYPES: strbuf_addf(out, "(%s)", o->name); break;
  case NAMED_FOR: strbuf_addf(out, "FOR %s", o->name); break;
  case NAMED_BY_SIGN:
    sql_ident(out, o->schema);
    strbuf_addf(out, ".%s", o->name);
    break;
  }
}

void opaque_named(const struct object *o, struct strbuf *out) {
  const struct opaque_form *form = form_of(o);
  strbuf_addf(out, "%s ", form->named ? form->named : form->sql);
  add_name(o, out);
  if (o->signature)
    strbuf_addf(out, "%s%s", form->signature == SIGN_SIDES ? " " : "", o->signature);
  if (form->of_table && o->kind->ns == NS_NONE) {
    strbuf_adds(out, " ON ");
    sql_object(out, o->parent);
  }
}

/* The clauses from `from` to `to`, the table's name put in. */
static void add_clauses(const struct object *o, const char *from, const char *to, struct strbuf *out) {
  while (to > from && strchr(" \t\r\n", to[-1]))
    to--;
  for (; from < to; from++)
    if (*from != TABLE_PLACE)
      strbuf_addc(out, *from);
    else
      sql_object(out, o->parent);
}

static void add_state(const struct opaque *q, struct strbuf *out) {
  static const struct {
    const char *state, *words;
  } all[] = {{NULL, "ENABLE"}, {"disabled", "DISABLE"}, {"replica", "ENABLE REPLICA"}, {"always", "ENABLE ALWAYS"}};
  for (size_t i = 0; i < ARRAY_LEN(all); i++) {
    if (!same_text(all[i].state, q->state))
      continue;
    strbuf_adds(out, "ALTER ");
    if (form_of(&q->object)->of_table) {
      strbuf_adds(out, "TABLE ");
      sql_object(out, q->object.parent);
      strbuf_addf(out, " %s %s ", all[i].words, form_of(&q->object)->sql);
      sql_ident(out, q->object.name);
    } else {
      opaque_named(&q->object, out);
      strbuf_addf(out, " %s", all[i].words);
    }
    strbuf_adds(out, ";\n");
  }
}

/* A twin cannot be the default of its type. */
void opaque_create(const struct object *o, struct strbuf *out) {
  const struct opaque *q = (const struct opaque *)o;
  const struct opaque_form *form = form_of(o);
  const bool flag = q->flag && !(o->schema && strcmp(o->schema, "pg_temp") == 0);
  const char *text = q->definition.sql, *end = text + strlen(text);
  const char *add = form->adds ? sql_find_word(text, "add") : NULL;
  strbuf_addf(out, "CREATE %s%s%s ", flag && form->flag_first ? form->flag : "", flag && form->flag_first ? " " : "",
              form->sql);
  if (form->naming != NAMED_FOR && form->naming != NAMED_BY_TYPES)
    add_name(o, out);
  const bool glued = form->naming == NAMED_BY_TYPES || form->signature == SIGN_ARGUMENTS || !*text;
  strbuf_adds(out, form->naming == NAMED_FOR ? "FOR " : glued ? "" : " ");
  if (flag && !form->flag_first)
    strbuf_addf(out, "%s ", form->flag);
  add_clauses(o, text, add ? add : end, out);
  strbuf_adds(out, ";\n");
  while (add) {
    const char *next = sql_find_word(add + 1, "add");
    strbuf_adds(out, "ALTER ");
    opaque_named(o, out);
    strbuf_addc(out, ' ');
    add_clauses(o, add, next ? next : end, out);
    strbuf_adds(out, ";\n");
    add = next;
  }
  if (q->state)
    add_state(q, out);
}

void opaque_drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP ");
  opaque_named(o, out);
  strbuf_adds(out, ";\n");
}

bool opaque_alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  const struct opaque *from = (const struct opaque *)before, *to = (const struct opaque *)after;
  if (fields & (OPAQUE_DEFINITION | OPAQUE_FLAG))
    return false;
  if (fields & OPAQUE_OPTIONS) {
    struct strbuf target = STRBUF_INIT;
    opaque_named(after, &target);
    sql_alter_options(target.text, from->options, to->options, out);
    strbuf_release(&target);
  }
  if (fields & OPAQUE_STATE)
    add_state(to, out);
  return true;
}

/* ── PDL ── */

/* Whether PDL's tokens can say it: outside of brackets and quotes nothing but words, numbers and commas. */
static bool is_plain(const char *text) {
  int depth = 0;
  for (const char *p = text; *p; p++) {
    if (*p == '\'' || *p == '"') {
      const char quote = *p++;
      while (*p && *p != quote)
        p++;
      if (!*p)
        return false;
    } else if (*p == '$' || *p == '\\' || *p == '\n' || (*p == '-' && p[1] == '-') || (*p == '/' && p[1] == '*')) {
      return false;
    } else if (*p == '(' || *p == ')') {
      depth += *p == '(' ? 1 : -1;
    } else if (depth == 0 && !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789., ", *p)) {
      return false;
    }
  }
  static const char *const words[] = {"allow", "needs", "was"};
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    if (sql_find_word(text, words[i]))
      return false;
  return true;
}

void opaque_print(const struct object *o, struct strbuf *out) {
  const struct opaque *q = (const struct opaque *)o;
  const struct opaque_form *form = form_of(o);
  struct strbuf text = STRBUF_INIT;
  const char *sql = q->definition.sql;
  add_clauses(o, sql, sql + strlen(sql), &text);
  pdl_doc(out, o);
  strbuf_adds(out, is_kind(o, KIND_RANGE) ? "type" : o->kind->word);
  if (form->naming == NAMED_FOR)
    strbuf_adds(out, " for");
  strbuf_addc(out, ' ');
  const bool elsewhere = o->parent && !same_text(o->schema, o->parent->schema);
  if (elsewhere) { /* else it would mean the table's schema */
    pdl_word(out, o->schema);
    strbuf_addc(out, '.');
  }
  if (form->naming == NAMED || form->naming == NAMED_BY_SIGN)
    pdl_name(out, o->parent || o->kind->ns == NS_NONE ? NULL : o->schema, o->name);
  pdl_owner(out, o);
  if (q->state)
    strbuf_addf(out, strcmp(q->state, "disabled") == 0 ? " disable" : " enable %s", q->state);
  strbuf_adds(
      out, form->signature == SIGN_ARGUMENTS || form->naming == NAMED_FOR || form->naming == NAMED_BY_TYPES ? "" : " ");
  if (q->flag)
    strbuf_addf(out, "%s ", form->flag);
  for (char *p = text.text; *p; p++) /* one line, where no string or comment would change by it */
    if (*p == '\n' && !strpbrk(text.text, "'\"$") && !strstr(text.text, "--"))
      *p = ' ';
  if (is_kind(o, KIND_RANGE) || is_plain(text.text))
    strbuf_adds(out, text.text);
  else
    sql_dollar(out, text.text);
  strbuf_addc(out, '\n');
  strbuf_release(&text);
}

/* ── catalog ── */

struct opaque *opaque_read(struct catalog *c, const struct row *row, enum kind_id id) {
  struct arena *arena = c->schema->arena;
  const struct opaque_form *form = kinds[id]->form;
  struct object *parent = form->of_table ? catalog_get(c, "pg_class", row_peek(row, ROW_TABLE)) : NULL;
  if (form->of_table && !parent)
    return NULL;
  struct opaque *q = schema_add(c->schema, id, row_text(row, ROW_SCHEMA), row_text(row, ROW_NAME), parent);
  q->object.signature = row_text(row, ROW_SIGNATURE);
  q->object.comment = row_text(row, ROW_COMMENT);
  q->flag = row_flag(row, ROW_FLAG);
  q->state = row_text(row, ROW_STATE);
  const char *text = row_text(row, ROW_CLAUSES);
  struct sql_definition d;
  struct sql_error err = {0};
  if (form->of_table && parse(arena, form, q->flag, text, &d, &err))
    text = without_table(arena, text, &d);
  settle(arena, q, text);
  catalog_keep(c, form->class_name, row_peek(row, ROW_OID), &q->object);
  return q;
}

const struct field opaque_fields[] = {
    FIELD(opaque, definition, FIELD_EXPR, "definition"),
    FIELD(opaque, options, FIELD_SETTINGS, "options"),
    FIELD(opaque, flag, FIELD_FLAG, "default"),
    FIELD(opaque, state, FIELD_TEXT, "state"),
    FIELD_END,
};
