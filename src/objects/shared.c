/* What kinds share on the way from PDL to the model: embedded SQL, types, keys, sequences. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "objects/objects.h"

/* ── embedded SQL ── */

bool compile_sql_error(struct compile *c, const struct node *n, const struct sql_error *err, const char *what) {
  const struct span at = node_text_at(n, err->at, 1);
  switch (err->why) {
  case SQL_OK: return true;
  case SQL_TOO_LARGE:
  case SQL_TOO_DEEP:
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_SQL_TOO_LARGE, at, "SQL of the %s is %s", what,
                             err->why == SQL_TOO_LARGE ? "too large" : "nested too deep"),
                    "Move it into a function, or split it.");
    return false;
  case SQL_WRONG_KIND:
    diagnose(c->diagnostics, PDL_SQL_SYNTAX, at, "%s: %s", what, err->message);
    return false;
  case SQL_SYNTAX: break;
  }
  if (c->schema->target.version > sql_parser_version()) {
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_SQL_UNREAD, at, "cannot read the SQL of the %s: %s", what, err->message),
        "This pdlc reads SQL as Postgres %d does; the server has the last word.", sql_parser_version());
    return true;
  }
  struct diagnostic *d = diagnose(c->diagnostics, PDL_SQL_SYNTAX, at, "%s: %s", what, err->message);
  if (n->kind == NODE_DEFAULT && n->text[0] != '(')
    diagnostic_hint(c->diagnostics, d, "A default ends at the first blank; put longer SQL in parentheses: = (…).");
  return false;
}

static struct object *of_kind(const struct compile *c, enum kind_id id, const char *schema_name, const char *name) {
  for EACH_OF_KIND(c->schema, id, o)
    if (strcmp(o->name, name) == 0 && strcmp(o->schema, schema_name) == 0)
      return o;
  return NULL;
}

/* The object that an unqualified or qualified name of a type or relation means, in this schema. */
static struct object *referred(const struct compile *c, const struct sql_ref *ref) {
  const char *schema_name = ref->schema ? ref->schema : "public";
  switch (ref->kind) {
  case SQL_REF_TYPE:
    if (!ref->schema && type_info(ref->name))
      return NULL;
    return schema_find(c->schema, NS_TYPE, schema_name, NULL, ref->name);
  case SQL_REF_SEQUENCE: {
    struct object *o = schema_find(c->schema, NS_RELATION, schema_name, NULL, ref->name);
    return o ? o : schema_numbers(c->schema, schema_name, ref->name);
  }
  case SQL_REF_RELATION: return schema_find(c->schema, NS_RELATION, schema_name, NULL, ref->name);
  case SQL_REF_FUNCTION: return schema_find(c->schema, NS_FUNCTION, schema_name, NULL, ref->name);
  case SQL_REF_COLLATION: return of_kind(c, KIND_COLLATION, schema_name, ref->name);
  case SQL_REF_OPERATOR: return of_kind(c, KIND_OPERATOR, schema_name, ref->name);
  case SQL_REF_TEXT_SEARCH: {
    struct object *o = of_kind(c, KIND_TS_CONFIGURATION, schema_name, ref->name);
    return o ? o : of_kind(c, KIND_TS_DICTIONARY, schema_name, ref->name);
  }
  default: return NULL;
  }
}

static const char *schema_of(void *ctx, const struct sql_ref *ref) {
  const struct object *o = referred(ctx, ref);
  return o && !ref->schema && ref->kind != SQL_REF_TEXT_SEARCH ? o->schema : NULL;
}

bool is_system_column(const char *name) {
  static const char *const all[] = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"};
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (strcmp(all[i], name) == 0)
      return true;
  return false;
}

static bool is_computed(const struct column *column) {
  return column && column->node && node_part(column->node, NODE_GENERATED);
}

static void check_column(struct compile *c, const struct node *n, const struct sql_ref *ref, const struct object *table,
                         enum expr_rule rule, const char *what) {
  const struct span at = node_text_at(n, ref->at, (uint32_t)strlen(ref->name));
  switch (rule) {
  case EXPR_ANY: return;
  case EXPR_NO_COLUMNS:
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_SQL_NOT_ALLOWED, at, "%s cannot refer to a column (\"%s\")", what,
                             ref->name),
                    "Text stands in single quotes: '%s'.", ref->name);
    return;
  case EXPR_VALUE:
    if (ref->schema || strcmp(ref->name, "value") != 0)
      diagnostic_hint(
          c->diagnostics,
          diagnose(c->diagnostics, PDL_SQL_NOT_ALLOWED, at, "%s of a domain knows no \"%s\"", what, ref->name),
          "The value that is checked is called value.");
    return;
  case EXPR_COLUMNS:
  case EXPR_PLAIN_COLUMNS:
    if (!is_kind(table, KIND_TABLE)) /* the columns of a view are the server's to know */
      return;
    if (ref->schema && strcmp(ref->schema, table->name) != 0) {
      if (!c->incomplete)
        diagnose(c->diagnostics, PDL_SQL_NOT_ALLOWED, at, "%s can only refer to its own table, not to \"%s\"", what,
                 ref->schema);
    } else if (!table_column(table, ref->name) && !is_system_column(ref->name) && strcmp(ref->name, table->name) != 0) {
      compile_unknown_column(c, at, ref->name, table);
    } else if (rule == EXPR_PLAIN_COLUMNS && is_computed(table_column(table, ref->name))) {
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_SQL_NOT_ALLOWED, at,
                               "%s cannot refer to a column that is generated too (\"%s\")", what, ref->name),
                      "Write here what \"%s\" is made of.", ref->name);
    }
    return;
  }
}

static bool any_of(const struct compile *c, enum kind_id id) {
  return c->schema->count[id] > 0;
}

/* Of a function every overload: which one is meant, only the server knows. */
static void depend(struct compile *c, struct object *owner, struct object *on, bool soft) {
  for (; on; on = on->overload) {
    struct object *whole = on->parent && !is_kind(on, KIND_COLUMN) ? on->parent : on; /* a key's index is its table's */
    for (const struct depend *d = whole->external ? whole->depends : NULL; d; d = d->next)
      depend(c, owner, d->on, soft || d->soft); /* a multirange type is there where its range type is */
    if (!whole->external && soft)
      object_prefer(c->schema, owner, whole);
    else if (!whole->external)
      object_depend(c->schema, owner, whole);
  }
}

/* What a sql block makes is there when the block has run. */
void compile_made(struct compile *c, struct object *owner, const char *schema_name, const char *name) {
  struct object *by = schema_maker(c->schema, schema_name, name);
  if (by && by != owner && is_kind(by, KIND_SQL))
    object_prefer(c->schema, owner, by);
}

void compile_method(struct compile *c, struct object *owner, const char *method) {
  for (struct object *o = method && any_of(c, KIND_ACCESS_METHOD) ? c->schema->first : NULL; o; o = o->next)
    if (is_kind(o, KIND_ACCESS_METHOD) && strcmp(o->name, method) == 0)
      object_depend(c->schema, owner, o);
}

static void depend_on_made(struct compile *c, struct object *owner, const struct sql_ref *ref) {
  if (ref->kind != SQL_REF_COLUMN)
    compile_made(c, owner, ref->schema ? ref->schema : "public", ref->name);
}

static void unknown_type_name(struct compile *c, const struct node *n, uint32_t at, const char *name) {
  bool serial;
  if (!type_alias(name, &serial) && !type_is_catalogs(name))
    diagnose(c->diagnostics, PDL_UNKNOWN_TYPE, node_text_at(n, at, (uint32_t)strlen(name)), "unknown type \"%s\"",
             name);
}

static void unknown_relation(struct compile *c, const struct node *n, uint32_t at, const char *name) {
  struct spell spell = SPELL_INIT(name);
  for (const struct object *o = c->schema->first; o; o = o->next)
    if (o->kind->ns == NS_RELATION && strcmp(o->schema, "public") == 0)
      spell_offer(&spell, o->name);
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_TABLE, node_text_at(n, at, (uint32_t)strlen(name)),
                                  "unknown table \"%s\"", name);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

const char *compile_statement(struct compile *c, const struct node *n, uint32_t offset, const struct sql_statement *s,
                              struct object *owner, bool soft) {
  for (size_t i = 0; i < s->ref_count; i++) {
    const struct sql_ref *ref = &s->refs[i];
    struct object *o = referred(c, ref);
    depend_on_made(c, owner, ref);
    if (o)
      depend(c, owner, o, soft);
    else if (soft || ref->schema || c->incomplete || any_of(c, KIND_EXTENSION) || any_of(c, KIND_SQL))
      continue; /* they may bring it */
    else if (ref->kind == SQL_REF_TYPE)
      unknown_type_name(c, n, offset + ref->at, ref->name);
    else if (ref->kind == SQL_REF_RELATION && strncmp(ref->name, "pg_", 3) != 0)
      unknown_relation(c, n, offset + ref->at, ref->name);
  }
  return sql_qualify(c->arena, s->text, s->refs, s->ref_count, schema_of, c);
}

struct object *compile_find(const struct compile *c, struct name name) {
  const char *schema_name = compile_schema_of(name);
  static const enum namespace spaces[] = {NS_RELATION, NS_TYPE, NS_FUNCTION};
  for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
    struct object *o = schema_find(c->schema, spaces[i], schema_name, NULL, name.text);
    if (o)
      return o->parent ? o->parent : o;
  }
  for (struct object *o = c->schema->first; o; o = o->next)
    if (o->kind->form && strcmp(o->name, name.text) == 0 && (!o->schema || strcmp(o->schema, schema_name) == 0))
      return o;
  struct object *o = name.schema ? NULL : schema_find(c->schema, NS_SQL, NULL, NULL, name.text);
  return o ? o : name.schema ? NULL : schema_find(c->schema, NS_EXTENSION, NULL, NULL, name.text);
}

static bool is_catalog(const char *schema_name) {
  return schema_name && strcmp(schema_name, "pg_catalog") == 0;
}

const char *compile_collation(struct compile *c, const struct node *collate, struct object *owner) {
  struct object *o = of_kind(c, KIND_COLLATION, compile_schema_of(collate->name), collate->name.text);
  struct strbuf name = STRBUF_INIT;
  if (o)
    object_depend(c->schema, owner, o);
  compile_made(c, owner, compile_schema_of(collate->name), collate->name.text);
  sql_qualified(&name, o ? o->schema : is_catalog(collate->name.schema) ? NULL : collate->name.schema, collate->name.text);
  const char *text = strbuf_dup(&name, c->arena);
  strbuf_release(&name);
  return text;
}

void compile_needs(struct compile *c, const struct node *n, struct object *owner) {
  const struct node *needs = compile_clause(c, n, NODE_NEEDS);
  for (const struct node *name = needs ? needs->parts : NULL; name; name = name->next) {
    struct object *on = compile_find(c, name->name);
    if (on == owner)
      diagnose(c->diagnostics, PDL_CYCLE, name->span, "%s \"%s\" needs itself", owner->kind->word, owner->name);
    else if (on)
      depend(c, owner, on, false);
    else if (!c->incomplete)
      diagnose(c->diagnostics, PDL_UNKNOWN_OBJECT, name->span, "\"%s\" is declared nowhere", name->name.text);
  }
}

/* What the SQL speaks of: checked where it can be known, and noted as a dependency. */
static void link_refs(struct compile *c, const struct node *n, uint32_t offset, struct object *owner,
                      const struct sql_expr *e, const struct object *table, enum expr_rule rule, const char *what) {
  for (size_t i = 0; i < e->ref_count; i++) {
    struct sql_ref ref = e->refs[i];
    ref.at += offset;
    if (ref.kind == SQL_REF_COLUMN) {
      check_column(c, n, &ref, table, rule, what);
      if (rule == EXPR_COLUMNS || rule == EXPR_PLAIN_COLUMNS)
        object_depend(c->schema, owner, child_named(table, KIND_COLUMN, ref.name));
      continue;
    }
    struct object *o = referred(c, &ref);
    depend_on_made(c, owner, &ref);
    if (o)
      depend(c, owner, o, false);
    else if (ref.kind == SQL_REF_TYPE && !ref.schema && !c->incomplete && !any_of(c, KIND_EXTENSION))
      unknown_type_name(c, n, ref.at, ref.name);
  }
  const char *refused = e->has_subselect ? "a subquery" : e->has_aggregate ? "an aggregate"
                      : e->has_window ? "a window function" : e->has_set_returning ? "a set-returning function" : NULL;
  if (refused && rule != EXPR_ANY)
    diagnose(c->diagnostics, PDL_SQL_NOT_ALLOWED, n->text_span, "%s cannot use %s", what, refused);
}

bool refs_star(const struct sql_ref *refs, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (refs[i].kind == SQL_REF_STAR)
      return true;
  return false;
}

struct expr compile_expr(struct compile *c, const struct node *n, struct object *owner, const struct object *table,
                         enum expr_rule rule, const char *what) {
  struct expr expr = {.span = n->text_span};
  struct sql_error err = {0};
  const struct sql_expr *e = sql_parse_expr(c->sql, n->text, &err);
  if (!e) {
    if (compile_sql_error(c, n, &err, what))
      expr.sql = n->text;
    return expr;
  }
  link_refs(c, n, 0, owner, e, table, rule, what);
  expr.star = refs_star(e->refs, e->ref_count);
  expr.sql = sql_qualify(c->arena, n->text, e->refs, e->ref_count, schema_of, c);
  return expr;
}

/* Whether the parenthesis at text[0] closes at its very end. */
static bool enclosed(const char *text, size_t len) {
  if (len < 2 || text[0] != '(' || text[len - 1] != ')')
    return false;
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < len; i++) {
    const char ch = text[i];
    if (quote) {
      if (ch == '\\')
        return false; /* maybe an escape string: leave it */
      if (ch == quote)
        quote = 0;
    } else if (ch == '\'' || ch == '"') {
      quote = ch;
    } else if (ch == '$' || (ch == '-' && text[i + 1] == '-') || (ch == '/' && text[i + 1] == '*')) {
      return false;
    } else if (ch == '(') {
      depth++;
    } else if (ch == ')' && --depth == 0 && i + 1 < len) {
      return false;
    }
  }
  return depth == 0;
}

/* The words by which a type's cast may be printed or written. */
static bool names_type(const char *word, size_t n, const struct type_ref *t) {
  struct strbuf shown = STRBUF_INIT;
  sql_type(&shown, &(struct type_ref){.schema = t->schema, .name = t->name, .dimensions = t->dimensions});
  bool same = shown.len == n && strncasecmp(shown.text, word, n) == 0;
  strbuf_release(&shown);
  if (same || t->schema)
    return same;
  if (t->dimensions)
    return n == strlen(t->name) + 2 && strncmp(word, t->name, n - 2) == 0 && strncmp(word + n - 2, "[]", 2) == 0;
  char copy[32];
  if (n >= sizeof copy)
    return false;
  memcpy(copy, word, n);
  copy[n] = '\0';
  bool serial;
  const struct type_info *info = type_alias(copy, &serial);
  if (info && strcmp(info->name, t->name) == 0)
    return true;
  static const struct {
    const char *printed, *name;
  } long_names[] = {
      {"character varying", "varchar"},
      {"character", "bpchar"},
      {"timestamp with time zone", "timestamptz"},
      {"timestamp without time zone", "timestamp"},
      {"time with time zone", "timetz"},
      {"time without time zone", "time"},
      {"double precision", "float8"},
      {"bit varying", "varbit"},
  };
  for (size_t i = 0; i < ARRAY_LEN(long_names); i++)
    if (strcmp(copy, long_names[i].printed) == 0)
      return strcmp(long_names[i].name, t->name) == 0;
  return false;
}

/* A query is an expression only within parentheses. */
static bool is_query(const char *text, size_t len) {
  static const char *const words[] = {"select", "values", "with"};
  for (; len > 0 && strchr(" \t\r\n", *text); len--)
    text++;
  for (size_t i = 0; i < ARRAY_LEN(words); i++) {
    const size_t n = strlen(words[i]);
    if (len > n && strncasecmp(text, words[i], n) == 0 && !isalnum((unsigned char)text[n]) && text[n] != '_')
      return true;
  }
  return false;
}

void expr_simplify(struct arena *arena, struct expr *e, const struct type_ref *stored) {
  if (stored && !stored->name) /* told already: a type that nobody knows */
    stored = NULL;
  if (!e->sql)
    return;
  const char *text = e->sql;
  size_t len = strlen(text);
  for (;;) {
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
      len--;
    while (len > 0 && strchr(" \t\r\n", *text))
      text++, len--;
    if (!enclosed(text, len) || is_query(text + 1, len - 2))
      break;
    text++;
    len -= 2;
  }
  if (stored && text[0] == '\'') {
    size_t end = 1; /* past the literal */
    while (end < len && (text[end] != '\'' || text[end + 1] == '\''))
      end += text[end] == '\'' ? 2 : 1;
    end++;
    if (end + 2 < len && text[end] == ':' && text[end + 1] == ':' && names_type(text + end + 2, len - end - 2, stored))
      len = end;
    /* '-1'::integer is how a negative number is printed */
    const struct type_info *info = stored->schema || stored->dimensions ? NULL : type_info(stored->name);
    if (info && info->category == TYPE_NUMBER && len == end && end > 3 && text[1] == '-' &&
        strspn(text + 2, "0123456789.") == end - 3) {
      text++;
      len = end - 2;
    }
  }
  if (text != e->sql || len != strlen(e->sql))
    e->compared = arena_strndup(arena, text, len);
}

/* ── keys of indexes and exclusion constraints ── */

void compile_operator_class(struct compile *c, struct object *owner, const struct object *table,
                            const struct index_key *key) {
  const char *in = key->opclass_schema ? key->opclass_schema : "public";
  const struct column *col = key->column ? table_column(table, key->column) : NULL;
  const bool own_type = col && col->type.object && !is_kind(col->type.object, KIND_TABLE);
  for EACH_OF_KIND(c->schema, KIND_OPERATOR_CLASS, o)
    if (key->opclass ? strcmp(o->name, key->opclass) == 0 && strcmp(o->schema, in) == 0 : own_type)
      object_depend(c->schema, owner, o);
}

/* Where the extension is that brings it; NULL where that is not known, or wherever it likes. */
static const char *class_schema(const struct compile *c, const char *operator_class) {
  for EACH_OF_KIND(c->schema, KIND_EXTENSION, o)
    if (extension_brings_class(o->name, operator_class))
      return ((const struct extension *)o)->in;
  return NULL;
}

struct index_keys compile_keys(struct compile *c, const struct node *n, struct object *owner, struct object *table,
                               bool exclusion) {
  struct index_keys keys = {0};
  struct sql_index_keys parsed;
  struct sql_error err = {0};
  const char *what = exclusion ? "exclusion" : "index";
  const bool ok = exclusion ? sql_parse_exclude_keys(c->sql, n->text, &parsed, &err)
                            : sql_parse_index_keys(c->sql, n->text, &parsed, &err);
  if (!ok) {
    if (err.why == SQL_SYNTAX) {
      diagnose(c->diagnostics, PDL_SQL_SYNTAX, node_text_at(n, err.at, 1), "%s: %s", what, err.message);
    } else {
      compile_sql_error(c, n, &err, what);
    }
    return keys;
  }
  keys.v = arena_array(c->arena, parsed.count, sizeof *keys.v);
  keys.n = parsed.count;
  for (size_t i = 0; i < parsed.count; i++) {
    const struct sql_index_key *from = &parsed.keys[i];
    struct index_key *to = &keys.v[i];
    *to = (struct index_key){
        .column = from->column,
        .collation_schema = from->collation_schema,
        .collation = from->collation,
        .opclass_schema = from->opclass_schema,
        .opclass = from->opclass,
        .opclass_options = from->opclass_options,
        .operator_ = from->operator_,
        .descending = from->descending,
        .nulls_first = from->nulls == SQL_NULLS_DEFAULT ? from->descending : from->nulls == SQL_NULLS_FIRST,
    };
    if (to->opclass && !to->opclass_schema)
      to->opclass_schema =
          of_kind(c, KIND_OPERATOR_CLASS, "public", to->opclass) ? "public" : class_schema(c, to->opclass);
    if (to->collation && !to->collation_schema && of_kind(c, KIND_COLLATION, "public", to->collation))
      to->collation_schema = "public";
    compile_operator_class(c, owner, table, to);
    if (is_catalog(to->opclass_schema))
      to->opclass_schema = NULL;
    if (is_catalog(to->collation_schema))
      to->collation_schema = NULL;
    if (from->column) {
      if (is_kind(table, KIND_TABLE) && !table_column(table, from->column))
        compile_unknown_column(c, node_text_at(n, from->at, (uint32_t)strlen(from->column)), from->column, table);
      continue;
    }
    const char *at = strstr(n->text + from->at, from->expression);
    link_refs(c, n, at ? (uint32_t)(at - n->text) : from->at, owner, from->expr, table, EXPR_COLUMNS, what);
    to->expr.sql = sql_qualify(c->arena, from->expression, from->expr->refs, from->expr->ref_count, schema_of, c);
    expr_simplify(c->arena, &to->expr, NULL);
  }
  return keys;
}

/* ── types ── */

static const char *squeeze(struct arena *arena, const char *text) {
  char *out = arena_strdup(arena, text), *w = out;
  for (const char *r = text; *r; r++)
    if (!strchr(" \t\r\n", *r))
      *w++ = *r;
  *w = '\0';
  return out;
}

/* The fields that an interval can be cut to, as Postgres writes them; a precision may follow the seconds. */
static const char *interval_fields(struct arena *arena, const char *text) {
  static const char *const all[] = {"year",          "month",          "day",           "hour",           "minute",
                                    "second",        "year to month",  "day to hour",   "day to minute",  "day to second",
                                    "hour to minute", "hour to second", "minute to second"};
  struct strbuf words = STRBUF_INIT;
  for (const char *p = text; *p; p++)
    if (!strchr(" \t\r\n", *p))
      strbuf_addc(&words, *p);
    else if (words.len && words.text[words.len - 1] != ' ' && p[1] && !strchr(" \t\r\n(", p[1]))
      strbuf_addc(&words, ' ');
  const size_t n = strcspn(words.text, "("), digits = n < words.len ? strspn(words.text + n + 1, "0123456789") : 0;
  const bool precise = digits > 0 && strcmp(words.text + n + 1 + digits, ")") == 0;
  const char *found = NULL;
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (strncmp(words.text, all[i], n) == 0 && !all[i][n] && (n == words.len || (precise && strstr(all[i], "second"))))
      found = arena_strdup(arena, words.text);
  strbuf_release(&words);
  return found;
}

/* A length or precision out of bounds (manual, 8.1.2, 8.3, 8.5, 8.10). Of times a Postgres makes 6 of whatever is more
 * and warns, and what was asked for would never be there. */
static void check_modifier(struct compile *c, const struct node *n, const char *type, const char *digits) {
  static const struct {
    const char *type;
    long least, most;
  } all[] = {
      {"bit", 1, 83886080},  {"bpchar", 1, 10485760}, {"interval", 0, 6},    {"numeric", 1, 1000},
      {"time", 0, 6},        {"timestamp", 0, 6},     {"timestamptz", 0, 6}, {"timetz", 0, 6},
      {"varbit", 1, 83886080}, {"varchar", 1, 10485760},
  };
  const long value = strtol(digits, NULL, 10);
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (strcmp(all[i].type, type) == 0 && (value < all[i].least || value > all[i].most))
      diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "\"%s\" takes %ld to %ld in parentheses", n->name.text,
               all[i].least, all[i].most);
}

static void own_mods(struct compile *c, const struct node *n, const struct type_info *info, struct type_ref *t) {
  if (!n->text) {
    const bool bare_char = strcmp(n->name.text, "char") == 0 || strcmp(n->name.text, "character") == 0;
    t->mods = strcmp(t->name, "bpchar") == 0 ? (bare_char ? "1" : NULL) : info->mods;
    return;
  }
  t->mods = squeeze(c->arena, n->text);
  if (strcmp(n->name.text, "float") == 0) {
    const long bits = strtol(t->mods, NULL, 10);
    t->name = bits >= 1 && bits <= 24 ? "float4" : "float8";
    if (bits < 1 || bits > 53)
      diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "float takes a precision of 1 to 53 bits");
    t->mods = NULL;
    return;
  }
  if (!info->takes_mods) {
    diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "type \"%s\" takes nothing in parentheses", n->name.text);
    t->mods = NULL;
    return;
  }
  const char *fields = strcmp(t->name, "interval") == 0 ? interval_fields(c->arena, n->text) : NULL;
  if (fields) {
    t->mods = fields;
    if (strchr(fields, '('))
      check_modifier(c, n, t->name, strchr(fields, '(') + 1);
    return;
  }
  const size_t digits = strspn(t->mods, "0123456789");
  const bool numeric = strcmp(t->name, "numeric") == 0;
  const char *rest = t->mods + digits;
  const bool second = numeric && *rest == ',' && rest[1] && rest[1 + strspn(rest + 1, "-0123456789")] == '\0';
  if (digits == 0 || (*rest && !second)) {
    diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "\"%s\" is no modifier of type \"%s\"", n->text,
             n->name.text);
    t->mods = NULL;
    return;
  }
  check_modifier(c, n, t->name, t->mods);
  const long scale = second ? strtol(rest + 1, NULL, 10) : 0;
  if (scale < -1000 || scale > 1000)
    diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "a scale is -1000 to 1000");
  else if (numeric && (scale < 0 || scale > strtol(t->mods, NULL, 10)))
    compile_needs_version(c, 15, n->text_span, "a scale below zero or above the precision");
  if (numeric && !second)
    t->mods = arena_printf(c->arena, "%s,0", t->mods);
}

static struct type_ref unknown_type(struct compile *c, const struct node *n, const struct object *owner) {
  if (c->incomplete)
    return (struct type_ref){0};
  struct spell spell = SPELL_INIT(n->name.text);
  const char *schema_name = compile_schema_of(n->name);
  for (const struct object *o = c->schema->first; o; o = o->next)
    if (o->kind->ns == NS_TYPE && strcmp(o->schema, schema_name) == 0)
      spell_offer(&spell, o->name);
  if (!n->name.schema)
    type_offer(&spell);
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_TYPE, n->name.span, "unknown type \"%s%s%s\"",
                                  n->name.schema ? n->name.schema : "", n->name.schema ? "." : "", n->name.text);
  const char *extension = extension_of_type(n->name.text), *habit = syntax_item_habit(owner->name);
  const char *nearest = n->name.schema ? NULL : type_nearest(n->name.text);
  bool serial;
  if (habit)
    diagnostic_hint(c->diagnostics, d, "%s", habit);
  else if (n->name.quoted && !n->name.schema && type_alias(n->name.text, &serial))
    diagnostic_hint(c->diagnostics, d, "Leave the quotes out: %s is another name of a type.", n->name.text);
  else if (extension)
    diagnostic_hint(c->diagnostics, d, "It comes with an extension: extension %s.", extension);
  else if (nearest)
    diagnostic_hint(c->diagnostics, d, "The nearest type of Postgres is %s.", nearest);
  else if (spell.best && strlen(n->name.text) > 2) /* anything is near "id" */
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
  else if (is_kind(owner, KIND_COLUMN) && type_alias(owner->name, &serial))
    diagnostic_hint(c->diagnostics, d, "A column's name stands before its type: %s %s.", n->name.text, owner->name);
  return (struct type_ref){0};
}

struct type_ref compile_type(struct compile *c, const struct node *n, struct object *owner, bool *serial) {
  struct type_ref t = {.span = n->name.span};
  const struct name name = n->name;
  *serial = false;
  t.dimensions = (int)node_count(n, NODE_ARRAY);
  if (!name.schema || strcmp(name.schema, "pg_catalog") == 0) {
    const struct type_info *info = name.quoted ? type_info(name.text) : type_alias(name.text, serial);
    if (info && !name.quoted && strcmp(name.text, "char") == 0)
      info = type_info("bpchar");
    if (info && info->pseudo) {
      diagnose(c->diagnostics, PDL_UNKNOWN_TYPE, name.span, "no column can be of the pseudo-type \"%s\"", name.text);
      return (struct type_ref){0};
    }
    if (info) {
      t.name = info->name;
      own_mods(c, n, info, &t);
      return t;
    }
  }
  compile_made(c, owner, compile_schema_of(name), name.text);
  t.object = schema_find(c->schema, NS_TYPE, compile_schema_of(name), NULL, name.text);
  if (t.object) {
    t.schema = t.object->schema;
    t.name = t.object->name;
    depend(c, owner, t.object, false);
    if (n->text)
      diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "type \"%s\" takes nothing in parentheses", name.text);
    return t;
  }
  t.name = name.text;
  t.schema = name.schema;
  t.mods = n->text ? squeeze(c->arena, n->text) : NULL;
  for (struct object *o = any_of(c, KIND_EXTENSION) ? c->schema->first : NULL; o; o = o->next) {
    if (!is_kind(o, KIND_EXTENSION) || !extension_provides(o->name, name.text))
      continue;
    const struct extension *e = (const struct extension *)o;
    if (t.schema && e->in && strcmp(t.schema, e->in) != 0)
      continue;
    if (!t.schema)
      t.schema = e->in;
    object_depend(c->schema, owner, o);
    return t;
  }
  if (schema_maker(c->schema, compile_schema_of(name), name.text)) {
    t.schema = compile_schema_of(name);
    compile_made(c, owner, t.schema, t.name);
    return t;
  }
  /* Types of schemas that somebody else brings, the standard or a platform, cannot be known here. */
  if (name.schema &&
      (strcmp(name.schema, "information_schema") == 0 || c->schema->target.platform == PLATFORM_SUPABASE) &&
      !schema_find(c->schema, NS_SCHEMA, NULL, NULL, name.schema))
    return t;
  return unknown_type(c, n, owner);
}

/* ── sequences, own or of an identity column ── */

static long long to_number(struct compile *c, const struct node *n) {
  if (!text_is_integer(n->text, INT64_MIN, INT64_MAX))
    diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "%s is out of range", n->text);
  return strtoll(n->text, NULL, 10);
}

/* Defaults as CREATE SEQUENCE has them. */
void compile_sequence_options(struct compile *c, const struct node *n, const char *type, struct sequence_options *o) {
  const struct node *given[6] = {0};
  static const char *const names[] = {"start", "increment", "minvalue", "maxvalue", "cache", "cycle"};
  for (const struct node *part = n ? n->parts : NULL; part; part = part->next) {
    if (part->kind != NODE_OPTION)
      continue;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
      if (strcmp(part->name.text + (i == 5 && part->name.text[0] == 'n' ? 3 : 0), names[i]) != 0)
        continue;
      if (given[i])
        diagnose(c->diagnostics, PDL_TWICE, part->span, "\"%s\" is said twice", names[i]);
      given[i] = part;
    }
  }
  long long low, high;
  integer_range(type, &low, &high);
  o->increment = given[1] ? to_number(c, given[1]) : 1;
  o->min = given[2] && given[2]->text ? to_number(c, given[2]) : o->increment < 0 ? low : 1;
  o->max = given[3] && given[3]->text ? to_number(c, given[3]) : o->increment < 0 ? -1 : high;
  o->start = given[0] ? to_number(c, given[0]) : o->increment < 0 ? o->max : o->min;
  o->cache = given[4] ? to_number(c, given[4]) : 1;
  o->cycle = given[5] && strcmp(given[5]->name.text, "cycle") == 0;
  if (o->increment == 0)
    diagnose(c->diagnostics, PDL_BAD_SETTING, given[1]->span, "a sequence cannot increment by 0");
  if (o->cache < 1)
    diagnose(c->diagnostics, PDL_BAD_SETTING, given[4]->span, "a sequence caches at least 1 value");
  if (o->min < low || o->max > high || o->min >= o->max || o->start < o->min || o->start > o->max)
    diagnose(c->diagnostics, PDL_BAD_SETTING, n->span, "the sequence would run from %lld to %lld and start at %lld",
             o->min, o->max, o->start);
}
