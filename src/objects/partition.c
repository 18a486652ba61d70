/* partition: how a table is parted, and which rows a part of one holds. Both are text as the server prints it:
 * RANGE (a, lower(b)); FOR VALUES FROM (1) TO (10). */
#include <ctype.h>
#include <strings.h>

#include "objects/objects.h"

/* ── PDL → model ── */

static const char *in_case(struct arena *arena, const char *word, int (*to)(int)) {
  char *out = arena_strdup(arena, word);
  for (char *p = out; *p; p++)
    *p = (char)to((unsigned char)*p);
  return out;
}

static bool is_method(const char *word) {
  return strcmp(word, "range") == 0 || strcmp(word, "list") == 0 || strcmp(word, "hash") == 0;
}

void compile_partition_by(struct compile *c, struct table *t, const struct node *n) {
  const struct node *method = node_part(n, NODE_USING);
  if (!is_method(method->text)) {
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_BAD_SETTING, method->span, "unknown way to part a table \"%s\"", method->text),
        "It is range, list or hash.");
    return;
  }
  t->partition_keys = compile_keys(c, n, &t->object, &t->object, false);
  for (size_t i = 0; i < t->partition_keys.n; i++)
    if (t->partition_keys.v[i].descending || t->partition_keys.v[i].nulls_first)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->text_span, "a partition key has no order");
  if (strcmp(method->text, "list") == 0 && t->partition_keys.n > 1)
    diagnose(c->diagnostics, PDL_TOO_MANY, n->text_span, "partitions by list have one key");
  struct strbuf text = STRBUF_INIT;
  strbuf_addf(&text, "%s ", in_case(c->arena, method->text, toupper));
  sql_keys(&text, &t->partition_keys);
  t->partition_by.sql = strbuf_dup(&text, c->arena);
  t->partition_by.span = n->span;
  strbuf_release(&text);
}

/* Unique rows are found within one partition: the columns that choose it must be among those that are unique. */
static void check_unique(struct compile *c, const struct table *t, const struct object *o, struct names columns) {
  const char *lacks = NULL;
  for (size_t i = 0; i < t->partition_keys.n && !lacks; i++) {
    const char *column = t->partition_keys.v[i].column;
    lacks = !column ? "" : names_hold(columns, column) ? NULL : column;
  }
  if (!lacks)
    return;
  struct diagnostic *d = *lacks
                             ? diagnose(c->diagnostics, PDL_KEY_LACKS_PARTITION, o->span,
                                        "%s \"%s\" lacks the partition key \"%s\"", o->kind->word, o->name, lacks)
                             : diagnose(c->diagnostics, PDL_KEY_LACKS_PARTITION, o->span,
                                        "%s \"%s\" cannot be unique over partitions that are chosen by an expression",
                                        o->kind->word, o->name);
  diagnostic_peer(d, t->partition_by.span, "the table is partitioned here");
}

void check_partition_key(struct compile *c, const struct table *t) {
  for (const struct table *at = t; at;
       at = at->above_count && at->bounds.sql ? (const struct table *)at->above[0] : NULL)
    for EACH_CHILD(&at->object, o) {
      if (is_kind(o, KIND_KEY))
        check_unique(c, t, o, ((const struct key *)o)->columns);
      else if (is_kind(o, KIND_INDEX) && ((const struct index *)o)->unique)
        check_unique(c, t, o, ((const struct index *)o)->plain);
    }
}

static const char *trimmed(struct arena *arena, const char *text) {
  size_t n = strlen(text);
  while (n > 0 && strchr(" \t\r\n", text[n - 1]))
    n--;
  while (n > 0 && strchr(" \t\r\n", *text))
    text++, n--;
  return arena_strndup(arena, text, n);
}

static bool check_bounds(struct compile *c, const struct node *n, const char *how) {
  struct sql_error err = {0};
  return sql_parse_bounds(c->sql, how, n->text, &err) || compile_sql_error(c, n, &err, "bounds");
}

struct expr compile_bounds(struct compile *c, const struct node *n) {
  struct expr bounds = {.sql = "DEFAULT", .span = n->span};
  const struct node *to = node_part(n, NODE_TO);
  if (!n->text)
    return bounds;
  const char *how = to ? "FROM" : node_part(n, NODE_IN) ? "IN" : "WITH", *text = trimmed(c->arena, n->text);
  bounds.sql = arena_printf(c->arena, "FOR VALUES %s (%s)", how, text);
  bool ok = check_bounds(c, n, how);
  if (to) {
    ok &= check_bounds(c, to, how);
    bounds.sql = arena_printf(c->arena, "%s TO (%s)", bounds.sql, trimmed(c->arena, to->text));
  }
  return ok ? bounds : (struct expr){0};
}

/* ── which rows a partition holds ── */

bool is_default_partition(const struct table *t) {
  return t->bounds.sql && strcmp(t->bounds.sql, "DEFAULT") == 0;
}

enum { KEYS_MAX = 32 };

/* One side of the bounds, value by value: trimmed, "MINVALUE" and the like in upper case. */
struct values {
  const char *v[KEYS_MAX];
  size_t n;
};

static bool is_word(const char *text, const char *word) {
  size_t i = 0;
  while (text[i] && toupper((unsigned char)text[i]) == word[i])
    i++;
  return !text[i] && !word[i];
}

static bool is_value(const char *text) {
  return !is_word(text, "MINVALUE") && !is_word(text, "MAXVALUE");
}

/* What stands between the parentheses that open at `at`; false where it is more, or quoted by dollars. */
static bool read_values(struct arena *arena, const char *at, struct values *out) {
  int depth = 0;
  char quote = 0;
  const char *from = at + 1;
  out->n = 0;
  for (; *at; at++) {
    if (*at == '$')
      return false;
    if (quote) {
      quote = *at == quote ? 0 : quote;
    } else if (*at == '\'' || *at == '"') {
      quote = *at;
    } else if (*at == '(' || *at == '[') {
      depth++;
    } else if (*at == ')' || *at == ']' || *at == ',') {
      if (depth == 1) {
        if (out->n == KEYS_MAX)
          return false;
        out->v[out->n++] = trimmed(arena, arena_strndup(arena, from, (size_t)(at - from)));
        from = at + 1;
      }
      if (*at != ',' && --depth == 0)
        return true;
    }
  }
  return false;
}

/* Behind the parenthesis that opens at `sql`. */
static const char *closed(const char *sql) {
  int depth = 0;
  char quote = 0;
  for (; *sql; sql++) {
    if (quote)
      quote = *sql == quote ? 0 : quote;
    else if (*sql == '\'' || *sql == '"')
      quote = *sql;
    else if (*sql == '(')
      depth++;
    else if (*sql == ')' && --depth == 0)
      return sql + 1;
  }
  return sql;
}

bool partition_key_texts(struct arena *arena, const char *by, struct names *keys, struct names *rests) {
  struct values all;
  const char *first = strchr(by, '(');
  if (!first || !read_values(arena, first, &all))
    return false;
  *keys = (struct names){arena_array(arena, all.n, sizeof *keys->v), all.n};
  *rests = (struct names){arena_array(arena, all.n, sizeof *rests->v), all.n};
  for (size_t i = 0; i < all.n; i++) {
    rests->v[i] = closed(all.v[i]);
    keys->v[i] = arena_strndup(arena, all.v[i], (size_t)(rests->v[i] - all.v[i]));
  }
  return true;
}

static void add_key(const struct index_key *k, struct strbuf *out) {
  if (k->column)
    sql_ident(out, k->column);
  else
    strbuf_addf(out, "(%s)", k->expr.sql);
}

static void compare(const struct index_key *k, const char *operator_, const char *value, struct strbuf *out) {
  add_key(k, out);
  strbuf_addf(out, " %s %s", operator_, value);
}

/* (a > 1 OR (a = 1 AND b >= 2)), as Postgres puts it; nothing where the first value has no end. */
static void one_side(const struct index_key *keys, const char *const *v, size_t n, bool lower, struct strbuf *out) {
  struct strbuf arms = STRBUF_INIT;
  size_t count = 0;
  for (; count < n && is_value(v[count]); count++) {
    const bool last = count + 1 == n, endless = !last && is_word(v[count + 1], lower ? "MINVALUE" : "MAXVALUE");
    strbuf_adds(&arms, count ? " OR (" : "(");
    for (size_t i = 0; i < count; i++) {
      compare(&keys[i], "=", v[i], &arms);
      strbuf_adds(&arms, " AND ");
    }
    compare(&keys[count], lower ? (last || endless ? ">=" : ">") : endless ? "<=" : "<", v[count], &arms);
    strbuf_addc(&arms, ')');
  }
  if (count)
    strbuf_addf(out, count > 1 ? " AND (%s)" : " AND %s", arms.text);
  strbuf_release(&arms);
}

static void not_nulls(const struct index_keys *keys, struct strbuf *out) {
  for (size_t i = 0; i < keys->n; i++) {
    strbuf_adds(out, i ? " AND " : "");
    add_key(&keys->v[i], out);
    strbuf_adds(out, " IS NOT NULL");
  }
}

/* " AND …" for each of its sides that has an end. */
static bool range_sides(struct arena *arena, const struct index_keys *keys, const char *bounds, struct strbuf *out) {
  struct values from, to;
  const char *first = strchr(bounds, '(');
  if (!first || !read_values(arena, first, &from) || from.n != keys->n)
    return false;
  const char *second = closed(first);
  second = strchr(second, '(');
  if (!second || !read_values(arena, second, &to) || to.n != keys->n)
    return false;
  size_t same = 0; /* values that both sides begin with */
  for (; same < keys->n && is_value(from.v[same]) && strcmp(from.v[same], to.v[same]) == 0; same++) {
    strbuf_adds(out, " AND ");
    compare(&keys->v[same], "=", from.v[same], out);
  }
  one_side(keys->v + same, from.v + same, keys->n - same, true, out);
  one_side(keys->v + same, to.v + same, keys->n - same, false, out);
  return true;
}

static bool range_condition(struct arena *arena, const struct index_keys *keys, const struct names *bounds,
                            struct strbuf *out) {
  struct strbuf sides = STRBUF_INIT;
  bool ok = true;
  not_nulls(keys, out);
  for (size_t i = 0; ok && i < bounds->n; i++) {
    strbuf_clear(&sides);
    ok = range_sides(arena, keys, bounds->v[i], &sides) && (sides.len || bounds->n == 1);
    if (bounds->n == 1)
      strbuf_adds(out, sides.text ? sides.text : "");
    else if (ok)
      strbuf_addf(out, "%s(%s)", i ? " OR " : " AND (", sides.text + strlen(" AND "));
  }
  strbuf_adds(out, bounds->n > 1 ? ")" : "");
  strbuf_release(&sides);
  return ok;
}

static bool list_condition(struct arena *arena, const struct index_key *key, const struct names *bounds,
                           struct strbuf *out) {
  struct strbuf in = STRBUF_INIT;
  bool null = false, ok = true;
  for (size_t i = 0; ok && i < bounds->n; i++) {
    struct values v;
    const char *first = strchr(bounds->v[i], '(');
    ok = first && read_values(arena, first, &v);
    for (size_t k = 0; ok && k < v.n; k++)
      if (is_word(v.v[k], "NULL"))
        null = true;
      else
        strbuf_addf(&in, "%s%s", in.len ? ", " : "", v.v[k]);
  }
  add_key(key, out);
  strbuf_adds(out, null ? " IS NULL" : " IS NOT NULL");
  if (in.len) {
    strbuf_adds(out, null ? " OR " : " AND ");
    add_key(key, out);
    strbuf_addf(out, " IN (%s)", in.text);
  }
  strbuf_release(&in);
  return ok;
}

/* That of the word in "(modulus 4, remainder 1)". */
static const char *number_of(const struct values *v, const char *word) {
  for (size_t i = 0; i < v->n; i++) {
    const size_t n = strcspn(v->v[i], " \t\r\n");
    if (n == strlen(word) && strncasecmp(v->v[i], word, n) == 0)
      return v->v[i] + n + strspn(v->v[i] + n, " \t\r\n");
  }
  return NULL;
}

/* A key with a collation is hashed by it, which no call in a check can say. */
static bool hash_condition(struct arena *arena, const struct table *above, const char *bounds, struct strbuf *out) {
  struct strbuf name = STRBUF_INIT;
  struct values with;
  const char *first = strchr(bounds, '(');
  bool ok = first && read_values(arena, first, &with);
  const char *modulus = ok ? number_of(&with, "modulus") : NULL, *remainder = ok ? number_of(&with, "remainder") : NULL;
  if (!modulus || !remainder)
    return false;
  sql_object(&name, &above->object);
  strbuf_adds(out, "pg_catalog.satisfies_hash_partition(");
  sql_literal(out, name.text);
  strbuf_addf(out, "::pg_catalog.regclass, %s, %s", modulus, remainder);
  for (size_t i = 0; i < above->partition_keys.n; i++) {
    const struct index_key *k = &above->partition_keys.v[i];
    const struct object *column = k->column ? child_named(&above->object, KIND_COLUMN, k->column) : NULL;
    const struct type_ref *type = column ? &((const struct column *)column)->type : NULL;
    const struct type_info *info = type && !type->object && !type->dimensions ? type_info(type->name) : NULL;
    ok &= info && !info->collatable && !info->pseudo;
    strbuf_adds(out, ", ");
    add_key(k, out);
  }
  strbuf_addc(out, ')');
  strbuf_release(&name);
  return ok;
}

static bool condition(struct arena *arena, const struct table *above, const struct names *bounds, struct strbuf *out) {
  if (strncmp(above->partition_by.sql, "RANGE", 5) == 0)
    return range_condition(arena, &above->partition_keys, bounds, out);
  if (strncmp(above->partition_by.sql, "LIST", 4) == 0)
    return list_condition(arena, &above->partition_keys.v[0], bounds, out);
  return hash_condition(arena, above, bounds->v[0], out);
}

bool partition_condition(struct arena *arena, const struct table *above, const struct table *partition,
                         struct strbuf *out) {
  const char *own = partition->bounds.sql;
  struct names bounds = {0};
  size_t room = 0;
  if (!above->partition_keys.n)
    return false;
  if (!is_default_partition(partition))
    return condition(arena, above, &(struct names){&own, 1}, out);
  for (const struct depend *d = above->below; d; d = d->next)
    if (d->on != &partition->object) {
      bounds.v = arena_grow(arena, bounds.v, bounds.n, &room, sizeof *bounds.v);
      bounds.v[bounds.n++] = ((const struct table *)d->on)->bounds.sql;
    }
  if (!bounds.n)
    return false;
  strbuf_adds(out, "NOT (");
  const bool ok = condition(arena, above, &bounds, out);
  strbuf_addc(out, ')');
  return ok;
}

/* ── model → PDL ── */

/* The words before the first parenthesis, in lower case. */
static const char *lower_words(struct strbuf *out, const char *sql) {
  for (; *sql && *sql != '('; sql++)
    strbuf_addc(out, (char)tolower((unsigned char)*sql));
  return sql;
}

void pdl_bounds(struct strbuf *out, const char *sql) {
  while (*sql) {
    sql = lower_words(out, sql);
    const char *end = closed(sql);
    strbuf_add(out, sql, (size_t)(end - sql));
    sql = end;
  }
}

void pdl_partition_by(struct strbuf *out, const char *sql) {
  strbuf_adds(out, "partition by ");
  strbuf_addf(out, "%s\n", lower_words(out, sql));
}
