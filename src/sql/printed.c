/* What Postgres prints of an expression that it was given (ruleutils.c, get_rule_expr): every operator in parentheses,
 * every literal with the type that the rules of conversion give it (manual, chapter 10). Only for what schemas are
 * mostly made of; of anything else nothing is said. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sql/private.h"

/* Types that are understood, by pg_type.typname and as format_type prints them. Numbers in order of conversion. */
enum base {
  NONE,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  FLOAT4,
  FLOAT8,
  BOOL,
  TEXT,
  VARCHAR,
  UUID,
  DATE,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIME,
  INTERVAL,
  JSON,
  JSONB,
  BYTEA,
  INET,
  ENUM,
};
static const struct {
  const char *name, *shown;
} bases[] = {
    [NONE] = {"", ""},
    [INT2] = {"int2", "smallint"},
    [INT4] = {"int4", "integer"},
    [INT8] = {"int8", "bigint"},
    [NUMERIC] = {"numeric", "numeric"},
    [FLOAT4] = {"float4", "real"},
    [FLOAT8] = {"float8", "double precision"},
    [BOOL] = {"bool", "boolean"},
    [TEXT] = {"text", "text"},
    [VARCHAR] = {"varchar", "character varying"},
    [UUID] = {"uuid", "uuid"},
    [DATE] = {"date", "date"},
    [TIMESTAMP] = {"timestamp", "timestamp without time zone"},
    [TIMESTAMPTZ] = {"timestamptz", "timestamp with time zone"},
    [TIME] = {"time", "time without time zone"},
    [INTERVAL] = {"interval", "interval"},
    [JSON] = {"json", "json"},
    [JSONB] = {"jsonb", "jsonb"},
    [BYTEA] = {"bytea", "bytea"},
    [INET] = {"inet", "inet"},
};

struct type {
  enum base base;
  const char *enum_name; /* qualified and quoted */
  bool array;
};
/* An expression as it is printed; text NULL: not known. */
struct value {
  const char *text;
  struct type type;
  const char *literal; /* a string whose type is still open */
  bool constant;
};
struct printer {
  struct arena *arena;
  const struct sql_scope *scope;
};

static const struct value unknown;

static struct value expression(struct printer *, const PgQuery__Node *);

static struct value made(const char *text, enum base base) {
  return (struct value){.text = text, .type = {.base = base}};
}

static struct type type_of(const struct sql_type *t) {
  struct type type = {.array = t->array};
  if (t->is_enum) {
    type.base = ENUM;
    type.enum_name = t->name;
  } else {
    for (size_t i = 1; i < ARRAY_LEN(bases); i++)
      if (strcmp(bases[i].name, t->name) == 0)
        type.base = (enum base)i;
  }
  return type;
}

static const char *shown(struct printer *p, struct type type) {
  const char *name = type.base == ENUM ? type.enum_name : bases[type.base].shown;
  return type.array ? arena_printf(p->arena, "%s[]", name) : name;
}

static bool is_number(struct type t) {
  return t.base >= INT2 && t.base <= FLOAT8 && !t.array;
}
static bool is_integer(struct type t) {
  return t.base >= INT2 && t.base <= INT8 && !t.array;
}
static bool is_float(struct type t) {
  return (t.base == FLOAT4 || t.base == FLOAT8) && !t.array;
}
static bool is_text(struct type t) {
  return t.base == TEXT && !t.array;
}
static bool is_moment(struct type t) {
  return (t.base == DATE || t.base == TIMESTAMP || t.base == TIMESTAMPTZ) && !t.array;
}
static bool same_type(struct type a, struct type b) {
  return a.base == b.base && a.array == b.array && (a.base != ENUM || strcmp(a.enum_name, b.enum_name) == 0);
}

/* ── literals ── */

static const char *quoted(struct printer *p, const char *text, const char *type) {
  struct strbuf out = STRBUF_INIT;
  strbuf_addc(&out, '\'');
  for (; *text; text++) {
    if (*text == '\'')
      strbuf_addc(&out, '\'');
    strbuf_addc(&out, *text);
  }
  strbuf_addf(&out, "'::%s", type);
  const char *result = strbuf_dup(&out, p->arena);
  strbuf_release(&out);
  return result;
}

static bool matches(const char *text, const char *pattern) {
  for (; *pattern; text++, pattern++) {
    const bool fits = *pattern == '9'   ? *text >= '0' && *text <= '9'
                      : *pattern == '1' ? *text >= '1' && *text <= '9'
                      : *pattern == 'x' ? (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'f')
                                        : *text == *pattern;
    if (!fits)
      return false;
  }
  return *text == '\0';
}

/* "1 day", "30 days": in the form in which an interval is printed. */
static bool is_printed_interval(const char *text) {
  char *unit;
  const long n = strtol(text, &unit, 10);
  return *text >= '1' && *text <= '9' && unit - text <= 6 &&
         (strcmp(unit, n == 1 ? " day" : " days") == 0 || strcmp(unit, n == 1 ? " year" : " years") == 0);
}

/* Whether a value of the type is printed as it is written. */
static bool prints_as_written(const char *literal, struct type type) {
  if (type.array)
    return strcmp(literal, "{}") == 0;
  switch (type.base) {
  case TEXT:
  case VARCHAR:
  case ENUM: return true;
  case UUID: return matches(literal, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  case DATE: return matches(literal, "1999-99-99");
  case INTERVAL: return is_printed_interval(literal);
  case JSON: return true;
  case JSONB: return strcmp(literal, "{}") == 0 || strcmp(literal, "[]") == 0;
  default: return false;
  }
}

static struct value typed_literal(struct printer *p, const char *literal, struct type type) {
  if (!prints_as_written(literal, type))
    return unknown;
  return (struct value){.text = quoted(p, literal, shown(p, type)), .type = type, .constant = true};
}

static struct value integer_constant(struct printer *p, long n) {
  const char *digits = arena_printf(p->arena, "%ld", n);
  struct value v = made(n < 0 ? quoted(p, digits, "integer") : digits, INT4);
  v.constant = true;
  return v;
}

/* A decimal that numeric prints digit by digit, or an integer over 32 bits. */
static struct value decimal_constant(struct printer *p, const char *digits) {
  const bool negative = *digits == '-';
  const char *first = digits + negative;
  const size_t whole = strspn(first, "0123456789");
  const bool plain = whole > 0 && (whole == 1 || *first != '0');
  struct value v = unknown;
  if (negative && strspn(first, "0.") == strlen(first))
    return v;
  if (strcmp(digits, "-2147483648") == 0)
    v = made(quoted(p, digits, "integer"), INT4);
  else if (plain && first[whole] == '\0' && whole <= 18)
    v = made(quoted(p, digits, "bigint"), INT8);
  else if (plain && first[whole] == '.' && first[whole + 1] &&
           strspn(first + whole + 1, "0123456789") == strlen(first + whole + 1))
    v = made(negative ? quoted(p, digits, "numeric") : arena_strdup(p->arena, digits), NUMERIC);
  v.constant = v.text != NULL;
  return v;
}

static struct value constant(struct printer *p, const PgQuery__AConst *c) {
  if (c->isnull)
    return unknown;
  switch (c->val_case) {
  case PG_QUERY__A__CONST__VAL_IVAL: return integer_constant(p, c->ival->ival);
  case PG_QUERY__A__CONST__VAL_FVAL: return decimal_constant(p, c->fval->fval);
  case PG_QUERY__A__CONST__VAL_BOOLVAL: return made(c->boolval->boolval ? "true" : "false", BOOL);
  case PG_QUERY__A__CONST__VAL_SVAL: return (struct value){.literal = c->sval->sval, .constant = true};
  default: return unknown;
  }
}

static bool known(const struct value *v) {
  return v->text || v->literal;
}

/* ── conversions ── */

static struct value cast(struct printer *p, struct value v, struct type to) {
  return (struct value){.text = arena_printf(p->arena, "(%s)::%s", v.text, shown(p, to)), .type = to};
}

/* As the other side of an operator, or a function, wants it. */
static struct value coerce(struct printer *p, struct value v, struct type to) {
  if (v.literal)
    return typed_literal(p, v.literal, to);
  if (!v.text || same_type(v.type, to))
    return v;
  const bool wider =
      is_number(v.type) && is_number(to) && v.type.base < to.base && !(v.type.base == NUMERIC && to.base == FLOAT4);
  const bool relabelled = v.type.base == VARCHAR && to.base == TEXT && v.type.array == to.array;
  return wider || relabelled ? cast(p, v, to) : unknown;
}

/* varchar has no operators and few functions of its own: those of text are taken. */
static struct value as_text(struct printer *p, struct value v) {
  return v.text && v.type.base == VARCHAR ? cast(p, v, (struct type){.base = TEXT, .array = v.type.array}) : v;
}

static const char *name_of_type(const PgQuery__TypeName *t, const char **schema) {
  *schema = t->n_names == 2 ? sql_tree_string(t->names[0]) : NULL;
  return t->n_names == 1 || t->n_names == 2 ? sql_tree_string(t->names[t->n_names - 1]) : NULL;
}

static bool read_type(struct printer *p, const PgQuery__TypeName *t, struct type *out) {
  const char *schema, *name = name_of_type(t, &schema);
  if (!name || t->n_typmods || t->setof || t->pct_type || t->n_array_bounds > 1)
    return false;
  struct sql_type found = {.name = name, .array = t->n_array_bounds > 0};
  *out = type_of(&found);
  if (schema ? strcmp(schema, "pg_catalog") == 0 : out->base != NONE)
    return out->base != NONE;
  if (!p->scope->type || !p->scope->type(p->scope->ctx, p->arena, schema, name, &found))
    return false;
  *out = type_of(&found);
  return out->base != NONE;
}

static struct value array(struct printer *p, const PgQuery__AArrayExpr *, const struct type *element, bool explicit);

static struct value type_cast(struct printer *p, const PgQuery__TypeCast *c) {
  struct type to;
  if (!read_type(p, c->type_name, &to))
    return unknown;
  if (c->arg->node_case == PG_QUERY__NODE__NODE_A_ARRAY_EXPR && to.array) {
    const struct type element = {.base = to.base, .enum_name = to.enum_name};
    return array(p, c->arg->a_array_expr, &element, true);
  }
  const struct value v = expression(p, c->arg);
  if (v.literal) {
    char *end;
    const long n = strtol(v.literal, &end, 10);
    const bool digits =
        matches(v.literal + (*v.literal == '-'), "9") || matches(v.literal + (*v.literal == '-'), "19") ||
        matches(v.literal + (*v.literal == '-'), "199") || matches(v.literal + (*v.literal == '-'), "1999");
    return same_type(to, (struct type){.base = INT4}) && digits && strcmp(v.literal, "-0") != 0
               ? integer_constant(p, n)
               : typed_literal(p, v.literal, to);
  }
  if (!v.text || to.array || v.type.array)
    return unknown;
  if (same_type(v.type, to))
    return v;
  const bool numbers = is_number(v.type) && is_number(to), moments = is_moment(v.type) && is_moment(to);
  const bool to_text = to.base == TEXT && v.type.base != NONE;
  return numbers || moments || to_text ? cast(p, v, to) : unknown;
}

/* ── operators ── */

static const char *const comparisons[] = {"=", "<>", "<", ">", "<=", ">="};
static const char *const of_text[] = {"~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*"};

static bool is_one_of(const char *op, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(op, list[i]) == 0)
      return true;
  return false;
}

/* Brings both sides to the types of the operator that takes two numbers of these types. */
static bool meet_numbers(struct printer *p, struct value *l, struct value *r) {
  if (!is_number(l->type) || !is_number(r->type))
    return false;
  if (is_float(l->type) && !is_float(r->type))
    *r = coerce(p, *r, (struct type){.base = FLOAT8});
  else if (is_float(r->type) && !is_float(l->type))
    *l = coerce(p, *l, (struct type){.base = FLOAT8});
  else if (l->type.base == NUMERIC)
    *r = coerce(p, *r, l->type);
  else if (r->type.base == NUMERIC)
    *l = coerce(p, *l, r->type);
  return l->text && r->text;
}

static enum base larger(const struct value *l, const struct value *r) {
  return l->type.base > r->type.base ? l->type.base : r->type.base;
}

static bool compares(struct type t) {
  static const bool by_base[] = {
      [INT2] = true, [INT4] = true,     [INT8] = true,  [NUMERIC] = true, [FLOAT4] = true,    [FLOAT8] = true,
      [BOOL] = true, [TEXT] = true,     [UUID] = true,  [DATE] = true,    [TIMESTAMP] = true, [TIMESTAMPTZ] = true,
      [TIME] = true, [INTERVAL] = true, [JSONB] = true, [BYTEA] = true,   [INET] = true,      [ENUM] = true};
  return (size_t)t.base < ARRAY_LEN(by_base) && by_base[t.base];
}

/* The type of the result, NONE where it is not known which operator is meant. */
static enum base compare(struct printer *p, struct value *l, struct value *r) {
  if (!same_type(l->type, r->type) && !meet_numbers(p, l, r) && !(is_moment(l->type) && is_moment(r->type)))
    return NONE;
  return compares(l->type) && !l->type.array ? BOOL : NONE;
}

static enum base calculate(struct printer *p, const char *op, struct value *l, struct value *r) {
  const bool minus = *op == '-', sum = minus || *op == '+';
  if (l->type.array || r->type.array)
    return NONE;
  if (meet_numbers(p, l, r))
    return *op == '%' && is_float(l->type) ? NONE : larger(l, r);
  if (sum && is_moment(l->type) && r->type.base == INTERVAL)
    return l->type.base == DATE ? TIMESTAMP : l->type.base;
  if (sum && l->type.base == DATE && r->type.base == INT4)
    return DATE;
  if (minus && l->type.base == DATE && r->type.base == DATE)
    return INT4;
  if (minus && is_moment(l->type) && l->type.base == r->type.base)
    return INTERVAL;
  return NONE;
}

/* json -> 'key': of the operators that take a literal the one for text is preferred. */
static enum base look_up(struct printer *p, const char *op, const struct value *l, struct value *r) {
  if ((l->type.base != JSON && l->type.base != JSONB) || l->type.array || l->literal)
    return NONE;
  if (r->literal)
    *r = coerce(p, *r, (struct type){.base = TEXT});
  if (!r->text || r->type.array || (r->type.base != TEXT && r->type.base != INT4))
    return NONE;
  return strcmp(op, "->>") == 0 ? TEXT : l->type.base;
}

static struct value operation(struct printer *p, const char *op, struct value l, struct value r) {
  if (strcmp(op, "!=") == 0)
    op = "<>";
  if (!known(&l) || !known(&r) || (l.literal && r.literal))
    return unknown;
  l = as_text(p, l);
  r = as_text(p, r);
  enum base result = NONE;
  if (strcmp(op, "->") == 0 || strcmp(op, "->>") == 0) {
    result = look_up(p, op, &l, &r);
  } else {
    const bool open = l.literal || r.literal;
    l = l.literal ? coerce(p, l, r.type) : l;
    r = r.literal ? coerce(p, r, l.type) : r;
    if (!l.text || !r.text)
      return unknown;
    if (is_one_of(op, comparisons, ARRAY_LEN(comparisons)))
      result = compare(p, &l, &r);
    else if (is_one_of(op, of_text, ARRAY_LEN(of_text)))
      result = is_text(l.type) && is_text(r.type) ? BOOL : NONE;
    else if (strcmp(op, "||") == 0)
      result = is_text(l.type) && is_text(r.type) ? TEXT : NONE;
    else if (strlen(op) == 1 && strchr("+-*/%", *op) && !open)
      result = calculate(p, op, &l, &r);
  }
  return result == NONE ? unknown : made(arena_printf(p->arena, "(%s %s %s)", l.text, op, r.text), result);
}

/* ── lists ── */

static struct value array(struct printer *p, const PgQuery__AArrayExpr *a, const struct type *element, bool explicit) {
  struct strbuf out = STRBUF_INIT;
  struct type type = element ? *element : (struct type){0};
  bool ok = a->n_elements > 0, constants = true;
  for (size_t i = 0; ok && i < a->n_elements; i++) {
    struct value v = expression(p, a->elements[i]);
    if (!element && v.text && type.base == NONE)
      type = v.type;
    if (!element && v.literal && type.base == NONE)
      type.base = TEXT;
    v = explicit || v.literal ? coerce(p, v, type) : v;
    ok = v.text && same_type(v.type, type) && !type.array;
    constants &= v.constant;
    strbuf_addf(&out, "%s%s", i ? ", " : "ARRAY[", ok ? v.text : "");
  }
  strbuf_addc(&out, ']');
  struct value v = unknown;
  if (ok)
    v = (struct value){.text = strbuf_dup(&out, p->arena), .type = type, .constant = constants};
  v.type.array = true;
  strbuf_release(&out);
  return v;
}

/* One side against all of an array: = ANY, <> ALL. */
static struct value against_all(struct printer *p, const char *op, const char *word, struct value l, struct value all) {
  if (!all.text || !all.type.array || !known(&l) || !is_one_of(op, comparisons, ARRAY_LEN(comparisons)))
    return unknown;
  all = as_text(p, all);
  l = as_text(p, l);
  const struct type element = {.base = all.type.base, .enum_name = all.type.enum_name};
  if (l.literal)
    l = coerce(p, l, element);
  const bool integers = is_integer(l.type) && is_integer(element);
  if (!l.text || l.type.array || (!same_type(l.type, element) && !integers) || !compares(element))
    return unknown;
  return made(arena_printf(p->arena, "(%s %s %s (%s))", l.text, op, word, all.text), BOOL);
}

/* IN becomes = ANY of an array of the type that both sides have in common. */
static struct value in_list(struct printer *p, const PgQuery__AExpr *e) {
  const bool negated = strcmp(sql_tree_string(e->name[0]), "<>") == 0;
  if (e->rexpr->node_case != PG_QUERY__NODE__NODE_LIST)
    return unknown;
  const PgQuery__List *list = e->rexpr->list;
  const struct value l = expression(p, e->lexpr);
  if (!l.text)
    return unknown;
  if (list->n_items == 1)
    return operation(p, negated ? "<>" : "=", l, expression(p, list->items[0]));
  struct type common = l.type;
  struct strbuf out = STRBUF_INIT;
  bool ok = list->n_items > 1 && !l.type.array;
  for (int pass = 0; ok && pass < 2; pass++)
    for (size_t i = 0; ok && i < list->n_items; i++) {
      struct value v = expression(p, list->items[i]);
      ok = v.constant && (v.literal || same_type(v.type, common) || (is_number(v.type) && is_number(common)));
      if (ok && pass == 0 && v.text && v.type.base > common.base)
        common = v.type;
      if (pass == 1 && ok) {
        v = coerce(p, v, common);
        ok = v.text != NULL;
        strbuf_addf(&out, "%s%s", i ? ", " : "ARRAY[", ok ? v.text : "");
      }
    }
  strbuf_addc(&out, ']');
  struct value all = {.text = strbuf_dup(&out, p->arena), .type = common};
  all.type.array = true;
  strbuf_release(&out);
  struct value left = l;
  if (ok && !is_integer(common) && is_number(common))
    left = coerce(p, l, common);
  return ok ? against_all(p, negated ? "<>" : "=", negated ? "ALL" : "ANY", left, all) : unknown;
}

static struct value between(struct printer *p, const PgQuery__AExpr *e) {
  const bool negated = e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN;
  if (e->rexpr->node_case != PG_QUERY__NODE__NODE_LIST || e->rexpr->list->n_items != 2)
    return unknown;
  const struct value l = expression(p, e->lexpr);
  const struct value low = operation(p, negated ? "<" : ">=", l, expression(p, e->rexpr->list->items[0]));
  const struct value high = operation(p, negated ? ">" : "<=", l, expression(p, e->rexpr->list->items[1]));
  return low.text && high.text
             ? made(arena_printf(p->arena, "(%s %s %s)", low.text, negated ? "OR" : "AND", high.text), BOOL)
             : unknown;
}

static struct value distinct(struct printer *p, const PgQuery__AExpr *e) {
  struct value l = expression(p, e->lexpr), r = expression(p, e->rexpr);
  if (!known(&l) || !known(&r) || (l.literal && r.literal))
    return unknown;
  l = as_text(p, l);
  r = as_text(p, r);
  l = l.literal ? coerce(p, l, r.type) : l;
  r = r.literal ? coerce(p, r, l.type) : r;
  if (!l.text || !r.text || compare(p, &l, &r) == NONE)
    return unknown;
  const char *text = arena_printf(p->arena, "(%s IS DISTINCT FROM %s)", l.text, r.text);
  return made(e->kind == PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT ? text : arena_printf(p->arena, "(NOT %s)", text),
              BOOL);
}

static struct value operator_expression(struct printer *p, const PgQuery__AExpr *e) {
  if (!e->lexpr || !e->rexpr || e->n_name != 1)
    return unknown;
  const char *op = sql_tree_string(e->name[0]);
  switch (e->kind) {
  case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
  case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
  case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE: return operation(p, op, expression(p, e->lexpr), expression(p, e->rexpr));
  case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
    return against_all(p, op, "ANY", expression(p, e->lexpr), expression(p, e->rexpr));
  case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
    return against_all(p, op, "ALL", expression(p, e->lexpr), expression(p, e->rexpr));
  case PG_QUERY__A__EXPR__KIND__AEXPR_IN: return in_list(p, e);
  case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
  case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN: return between(p, e);
  case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
  case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT: return distinct(p, e);
  default: return unknown;
  }
}

static struct value logic(struct printer *p, const PgQuery__BoolExpr *e) {
  struct strbuf out = STRBUF_INIT;
  bool ok = true;
  const char *word = e->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR ? " AND " : " OR ";
  strbuf_adds(&out, e->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR ? "(NOT " : "(");
  for (size_t i = 0; ok && i < e->n_args; i++) {
    const struct value v = expression(p, e->args[i]);
    ok = v.text && v.type.base == BOOL && !v.type.array;
    strbuf_addf(&out, "%s%s", i ? word : "", ok ? v.text : "");
  }
  strbuf_addc(&out, ')');
  const struct value v = ok ? made(strbuf_dup(&out, p->arena), BOOL) : unknown;
  strbuf_release(&out);
  return v;
}

/* ── columns, functions, tests, subqueries ── */

static struct value column(struct printer *p, const PgQuery__ColumnRef *c) {
  const char *qualifier = c->n_fields == 2 ? sql_tree_string(c->fields[0]) : NULL;
  const char *name = c->n_fields == 1 || qualifier ? sql_tree_string(c->fields[c->n_fields - 1]) : NULL;
  struct sql_type type;
  const char *text = name ? p->scope->column(p->scope->ctx, p->arena, qualifier, name, &type) : NULL;
  return text ? (struct value){.text = text, .type = type_of(&type)} : unknown;
}

/* Functions that Postgres brings, for the types that are understood; a literal is of the type that is wanted. */
static const struct {
  const char *name;
  enum base args[3], result;
} functions[] = {
    {"btrim", {TEXT}, TEXT},
    {"char_length", {TEXT}, INT4},
    {"character_length", {TEXT}, INT4},
    {"clock_timestamp", {NONE}, TIMESTAMPTZ},
    {"current_setting", {TEXT}, TEXT},
    {"current_setting", {TEXT, BOOL}, TEXT},
    {"gen_random_uuid", {NONE}, UUID},
    {"initcap", {TEXT}, TEXT},
    {"jsonb_typeof", {JSONB}, TEXT},
    {"length", {TEXT}, INT4},
    {"lower", {TEXT}, TEXT},
    {"ltrim", {TEXT}, TEXT},
    {"md5", {TEXT}, TEXT},
    {"now", {NONE}, TIMESTAMPTZ},
    {"octet_length", {TEXT}, INT4},
    {"rtrim", {TEXT}, TEXT},
    {"starts_with", {TEXT, TEXT}, BOOL},
    {"upper", {TEXT}, TEXT},
};

static struct value call_of_postgres(struct printer *p, const char *name, struct value *args, size_t count) {
  for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
    size_t wanted = 0;
    while (wanted < 3 && functions[i].args[wanted] != NONE)
      wanted++;
    if (strcmp(functions[i].name, name) != 0 || wanted != count)
      continue;
    struct strbuf out = STRBUF_INIT;
    bool ok = true;
    strbuf_addf(&out, "%s(", name);
    for (size_t k = 0; ok && k < count; k++) {
      const struct type type = {.base = functions[i].args[k]};
      const struct value v = coerce(p, args[k], type);
      ok = v.text && (type.base == TEXT || args[k].literal || same_type(args[k].type, type));
      strbuf_addf(&out, "%s%s", k ? ", " : "", ok ? v.text : "");
    }
    strbuf_addc(&out, ')');
    const struct value v = ok ? made(strbuf_dup(&out, p->arena), functions[i].result) : unknown;
    strbuf_release(&out);
    return v;
  }
  return unknown;
}

static struct value call(struct printer *p, const PgQuery__FuncCall *f) {
  const char *schema = f->n_funcname == 2 ? sql_tree_string(f->funcname[0]) : NULL;
  const char *name = f->n_funcname == 1 || schema ? sql_tree_string(f->funcname[f->n_funcname - 1]) : NULL;
  struct value args[3];
  if (!name || f->n_args > ARRAY_LEN(args) || f->n_agg_order || f->agg_filter || f->over || f->agg_within_group ||
      f->agg_star || f->agg_distinct || f->func_variadic || f->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX)
    return unknown;
  for (size_t i = 0; i < f->n_args; i++) {
    args[i] = expression(p, f->args[i]);
    if (!known(&args[i]))
      return unknown;
  }
  if (!schema)
    return call_of_postgres(p, name, args, f->n_args);
  struct sql_type type;
  if (f->n_args > 0 || !p->scope->function || !p->scope->function(p->scope->ctx, p->arena, schema, name, &type))
    return unknown;
  struct strbuf out = STRBUF_INIT;
  sql_qualified(&out, schema, name);
  strbuf_adds(&out, "()");
  const struct value v = {.text = strbuf_dup(&out, p->arena), .type = type_of(&type)};
  strbuf_release(&out);
  return v.type.base == NONE ? unknown : v;
}

static struct value coalesce(struct printer *p, const PgQuery__CoalesceExpr *c) {
  struct value v[8];
  struct type type = {0};
  if (c->n_args > ARRAY_LEN(v))
    return unknown;
  for (size_t i = 0; i < c->n_args; i++) {
    v[i] = expression(p, c->args[i]);
    if (!known(&v[i]) || (v[i].text && type.base != NONE && !same_type(v[i].type, type)))
      return unknown;
    if (v[i].text)
      type = v[i].type;
  }
  if (type.base == NONE)
    return unknown;
  struct strbuf out = STRBUF_INIT;
  bool ok = true;
  for (size_t i = 0; ok && i < c->n_args; i++) {
    const struct value one = coerce(p, v[i], type);
    ok = one.text != NULL;
    strbuf_addf(&out, "%s%s", i ? ", " : "COALESCE(", ok ? one.text : "");
  }
  strbuf_addc(&out, ')');
  const struct value result = ok ? (struct value){.text = strbuf_dup(&out, p->arena), .type = type} : unknown;
  strbuf_release(&out);
  return result;
}

static struct value null_test(struct printer *p, const PgQuery__NullTest *t) {
  const struct value v = expression(p, t->arg);
  const bool is_null = t->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
  return v.text ? made(arena_printf(p->arena, "(%s IS %sNULL)", v.text, is_null ? "" : "NOT "), BOOL) : unknown;
}

static struct value boolean_test(struct printer *p, const PgQuery__BooleanTest *t) {
  static const char *const words[] = {
      [PG_QUERY__BOOL_TEST_TYPE__IS_TRUE] = "TRUE",           [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_TRUE] = "NOT TRUE",
      [PG_QUERY__BOOL_TEST_TYPE__IS_FALSE] = "FALSE",         [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_FALSE] = "NOT FALSE",
      [PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN] = "UNKNOWN",     [PG_QUERY__BOOL_TEST_TYPE__IS_NOT_UNKNOWN] = "NOT UNKNOWN",
  };
  const struct value v = expression(p, t->arg);
  const bool ok = v.text && v.type.base == BOOL && !v.type.array && (size_t)t->booltesttype < ARRAY_LEN(words) &&
                  words[t->booltesttype];
  return ok ? made(arena_printf(p->arena, "(%s IS %s)", v.text, words[t->booltesttype]), BOOL) : unknown;
}

/* The name that Postgres gives an output column (FigureColname). */
static const char *output_name(const PgQuery__Node *n) {
  if (n->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
    return sql_tree_string(n->func_call->funcname[n->func_call->n_funcname - 1]);
  if (n->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && n->type_cast->arg->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
    return output_name(n->type_cast->arg);
  return n->node_case == PG_QUERY__NODE__NODE_A_EXPR ? "?column?" : NULL;
}

static bool names_columns(const ProtobufCMessage *m);
static void find_column(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child) {
  (void)field;
  *(bool *)ctx |= names_columns(child);
}
static bool names_columns(const ProtobufCMessage *m) {
  bool found = m->descriptor == &pg_query__column_ref__descriptor || m->descriptor == &pg_query__sub_link__descriptor;
  if (!found)
    sql_tree_children(m, find_column, &found);
  return found;
}

/* (select auth.uid()): asked once for a statement, not once for a row. */
static struct value subquery(struct printer *p, const PgQuery__SubLink *s) {
  static const char *const fields[] = {"target_list"}, *const target_fields[] = {"val"};
  if (s->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK ||
      s->subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return unknown;
  const PgQuery__SelectStmt *select = s->subselect->select_stmt;
  if (select->n_target_list != 1 || select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
      !sql_tree_has_only(&select->base, fields, 1) ||
      !sql_tree_has_only(&select->target_list[0]->res_target->base, target_fields, 1))
    return unknown;
  const PgQuery__Node *node = select->target_list[0]->res_target->val;
  const char *name = output_name(node);
  if (!name || names_columns(&node->base))
    return unknown;
  struct value v = expression(p, node);
  if (!v.text)
    return unknown;
  struct strbuf out = STRBUF_INIT;
  strbuf_addf(&out, "( SELECT %s AS ", v.text);
  sql_ident(&out, name);
  strbuf_addc(&out, ')');
  v.text = strbuf_dup(&out, p->arena);
  v.constant = false;
  strbuf_release(&out);
  return v;
}

static struct value sql_value(const PgQuery__SQLValueFunction *f) {
  if (f->op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE)
    return made("CURRENT_DATE", DATE);
  if (f->op == PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP)
    return made("CURRENT_TIMESTAMP", TIMESTAMPTZ);
  return unknown;
}

static struct value expression(struct printer *p, const PgQuery__Node *n) {
  switch (n->node_case) {
  case PG_QUERY__NODE__NODE_A_CONST: return constant(p, n->a_const);
  case PG_QUERY__NODE__NODE_COLUMN_REF: return column(p, n->column_ref);
  case PG_QUERY__NODE__NODE_A_EXPR: return operator_expression(p, n->a_expr);
  case PG_QUERY__NODE__NODE_BOOL_EXPR: return logic(p, n->bool_expr);
  case PG_QUERY__NODE__NODE_TYPE_CAST: return type_cast(p, n->type_cast);
  case PG_QUERY__NODE__NODE_FUNC_CALL: return call(p, n->func_call);
  case PG_QUERY__NODE__NODE_COALESCE_EXPR: return coalesce(p, n->coalesce_expr);
  case PG_QUERY__NODE__NODE_NULL_TEST: return null_test(p, n->null_test);
  case PG_QUERY__NODE__NODE_BOOLEAN_TEST: return boolean_test(p, n->boolean_test);
  case PG_QUERY__NODE__NODE_SUB_LINK: return subquery(p, n->sub_link);
  case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION: return sql_value(n->sqlvalue_function);
  case PG_QUERY__NODE__NODE_A_ARRAY_EXPR: return array(p, n->a_array_expr, NULL, false);
  default: return unknown;
  }
}

void sql_trees_init(struct sql_trees *trees) {
  trees->arena = (struct arena)ARENA_INIT;
  map_init(&trees->of, &trees->arena);
}

void sql_trees_release(struct sql_trees *trees) {
  arena_release(&trees->arena);
}

/* Trees are large, so only so many are kept. */
static const PgQuery__Node *tree_of(struct arena *arena, struct sql_trees *trees, const char *text) {
  enum { TREES_MAX = 256 };
  static const PgQuery__Node unread = PG_QUERY__NODE__INIT;
  struct sql_error err = {0};
  const PgQuery__Node *node = map_get(&trees->of, text);
  if (!node) {
    if (map_count(&trees->of) == TREES_MAX) {
      sql_trees_release(trees);
      sql_trees_init(trees);
    }
    node = sql_only_expression(arena, &trees->arena, text, &err);
    map_set(&trees->of, text, (void *)(uintptr_t)(node ? node : &unread));
  }
  return node;
}

const char *sql_printed(struct arena *arena, struct sql_trees *trees, const char *text, const struct sql_scope *scope) {
  struct printer p = {arena, scope};
  const PgQuery__Node *node = tree_of(arena, trees, text);
  return node ? expression(&p, node).text : NULL;
}

const char *sql_printed_node(struct arena *arena, const PgQuery__Node *node, const struct sql_scope *scope) {
  struct printer p = {arena, scope};
  return expression(&p, node).text;
}

const char *sql_output_name(const PgQuery__Node *node) {
  return node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF
             ? sql_tree_string(node->column_ref->fields[node->column_ref->n_fields - 1])
             : output_name(node);
}
