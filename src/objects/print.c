/* SQL of the parts that several kinds print, and those parts read back from the catalogs. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "objects/objects.h"

void sql_object(struct strbuf *out, const struct object *o) {
  sql_qualified(out, o->schema, o->name);
}

/* interval day to second(3) */
static bool has_fields(const struct type_ref *t) {
  return !t->schema && strcmp(t->name, "interval") == 0 && t->mods[0] > '9';
}

/* The shown forms are Postgres' own words and stay bare; other names are quoted where they must be. */
void sql_type(struct strbuf *out, const struct type_ref *t) {
  const struct type_info *info = t->schema ? NULL : type_info(t->name);
  if (info && info->shown && !(strcmp(t->name, "bpchar") == 0 && !t->mods))
    strbuf_adds(out, info->shown);
  else if (info)
    strbuf_adds(out, t->name);
  else
    sql_qualified(out, t->schema, t->name);
  if (t->mods)
    strbuf_addf(out, has_fields(t) ? " %s" : "(%s)", t->mods);
  for (int i = 0; i < t->dimensions; i++)
    strbuf_adds(out, "[]");
}

void sql_columns(struct strbuf *out, struct names columns) {
  strbuf_addc(out, '(');
  for (size_t i = 0; i < columns.n; i++) {
    if (i)
      strbuf_adds(out, ", ");
    sql_ident(out, columns.v[i]);
  }
  strbuf_addc(out, ')');
}

static bool plain_value(const char *value) {
  return value[0] && value[strspn(value, "abcdefghijklmnopqrstuvwxyz_.-0123456789")] == '\0';
}

void sql_settings(struct strbuf *out, const struct setting *s) {
  strbuf_addc(out, '(');
  for (const struct setting *first = s; s; s = s->next) {
    if (s != first)
      strbuf_adds(out, ", ");
    strbuf_adds(out, s->name);
    if (s->value) {
      strbuf_adds(out, " = ");
      if (plain_value(s->value) || s->value[0] == '\'')
        strbuf_adds(out, s->value);
      else
        sql_literal(out, s->value);
    }
  }
  strbuf_addc(out, ')');
}

void sql_keys(struct strbuf *out, const struct index_keys *keys) {
  strbuf_addc(out, '(');
  for (size_t i = 0; i < keys->n; i++) {
    const struct index_key *k = &keys->v[i];
    if (i)
      strbuf_adds(out, ", ");
    if (k->column)
      sql_ident(out, k->column);
    else
      strbuf_addf(out, sql_is_call(k->expr.sql) ? "%s" : "(%s)", k->expr.sql);
    if (k->collation) {
      strbuf_adds(out, " COLLATE ");
      sql_qualified(out, k->collation_schema, k->collation);
    }
    if (k->opclass) {
      strbuf_addc(out, ' ');
      sql_qualified(out, k->opclass_schema, k->opclass);
    }
    if (k->opclass_options)
      strbuf_addf(out, "(%s)", k->opclass_options);
    if (k->descending)
      strbuf_adds(out, " DESC");
    if (k->nulls_first != k->descending)
      strbuf_adds(out, k->nulls_first ? " NULLS FIRST" : " NULLS LAST");
    if (k->operator_)
      strbuf_addf(out, " WITH %s", k->operator_);
  }
  strbuf_addc(out, ')');
}

void sql_default(struct strbuf *out, const struct expr *e) {
  if (e->sql)
    strbuf_addf(out, sql_is_b_expr(e->sql) ? " DEFAULT %s" : " DEFAULT (%s)", e->sql);
}

void sql_include(struct strbuf *out, struct names columns) {
  if (columns.n) {
    strbuf_adds(out, " INCLUDE ");
    sql_columns(out, columns);
  }
}

void sql_with(struct strbuf *out, const struct setting *settings) {
  if (settings) {
    strbuf_adds(out, " WITH ");
    sql_settings(out, settings);
  }
}

void sql_deferral(struct strbuf *out, bool deferrable, bool deferred) {
  if (deferred)
    strbuf_adds(out, " DEFERRABLE INITIALLY DEFERRED");
  else if (deferrable)
    strbuf_adds(out, " DEFERRABLE");
}

void sql_sequence_options(struct strbuf *out, const char *type, const struct sequence_options *o) {
  const long long low = strcmp(type, "int2") == 0 ? INT16_MIN : strcmp(type, "int4") == 0 ? INT32_MIN : INT64_MIN;
  const long long high = strcmp(type, "int2") == 0 ? INT16_MAX : strcmp(type, "int4") == 0 ? INT32_MAX : INT64_MAX;
  const long long min = o->increment < 0 ? low : 1, max = o->increment < 0 ? -1 : high;
  if (o->start != (o->increment < 0 ? o->max : o->min))
    strbuf_addf(out, " START WITH %lld", o->start);
  if (o->increment != 1)
    strbuf_addf(out, " INCREMENT BY %lld", o->increment);
  if (o->min != min)
    strbuf_addf(out, " MINVALUE %lld", o->min);
  if (o->max != max)
    strbuf_addf(out, " MAXVALUE %lld", o->max);
  if (o->cache != 1)
    strbuf_addf(out, " CACHE %lld", o->cache);
  if (o->cycle)
    strbuf_adds(out, " CYCLE");
}

void sql_constraint_name(struct strbuf *out, const struct object *o) {
  if (o->default_name)
    return;
  strbuf_adds(out, "CONSTRAINT ");
  sql_ident(out, o->name);
  strbuf_addc(out, ' ');
}

void sql_alter_table(struct strbuf *out, const struct object *of) {
  strbuf_adds(out, "ALTER TABLE ");
  sql_object(out, of->parent);
  strbuf_addc(out, ' ');
}

void sql_add_constraint(const struct object *o, struct strbuf *out) {
  sql_alter_table(out, o);
  strbuf_adds(out, "ADD ");
  o->kind->fold(o, false, out);
  strbuf_adds(out, ";\n");
}

void sql_add_not_valid(const struct object *o, struct strbuf *out) {
  sql_add_constraint(o, out);
  strbuf_truncate(out, out->len - strlen(";\n"));
  strbuf_adds(out, " NOT VALID;\n");
}

void sql_constraint_target(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "CONSTRAINT ");
  sql_ident(out, o->name);
  strbuf_adds(out, " ON ");
  sql_object(out, o->parent);
}

/* One from above may have gone already: pieces of a migration take back what they made. */
void sql_drop_constraint(const struct object *o, struct strbuf *out) {
  sql_alter_table(out, o);
  strbuf_adds(out, o->inherited || o->taken_over ? "DROP CONSTRAINT IF EXISTS " : "DROP CONSTRAINT ");
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

void sql_validate(const struct object *o, struct strbuf *out) {
  sql_alter_table(out, o);
  strbuf_adds(out, "VALIDATE CONSTRAINT ");
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

void sql_alter_settings(const char *target, const struct setting *before, const struct setting *after,
                        struct strbuf *out) {
  if (after) {
    strbuf_addf(out, "ALTER %s SET ", target);
    sql_settings(out, after);
    strbuf_adds(out, ";\n");
  }
  bool any = false;
  for (const struct setting *s = before; s; s = s->next) {
    bool stays = false;
    for (const struct setting *now = after; now; now = now->next)
      stays |= strcmp(now->name, s->name) == 0;
    if (stays)
      continue;
    if (any)
      strbuf_addf(out, ", %s", s->name);
    else
      strbuf_addf(out, "ALTER %s RESET (%s", target, s->name);
    any = true;
  }
  if (any)
    strbuf_adds(out, ");\n");
}

/* ── what others are called ── */

void names_follow(struct names *names, const char *old_name, const char *name) {
  for (size_t i = 0; i < names->n; i++)
    if (strcmp(names->v[i], old_name) == 0)
      names->v[i] = name;
}

void keys_follow(struct index_keys *keys, const char *old_name, const char *name) {
  for (size_t i = 0; i < keys->n; i++)
    if (keys->v[i].column && strcmp(keys->v[i].column, old_name) == 0)
      keys->v[i].column = name;
}

/* Whether it is where the extension's own are. */
static bool stands_with(const struct object *extension, const char *schema_name) {
  const char *in = ((const struct extension *)extension)->in;
  return in && schema_name ? strcmp(in, schema_name) == 0 : in == schema_name;
}

void classes_follow(struct index_keys *keys, const struct object *of, const char *schema_name, const char *name) {
  for (size_t i = 0; i < keys->n; i++) {
    struct index_key *k = &keys->v[i];
    if (is_kind(of, KIND_SCHEMA) && k->opclass_schema && strcmp(k->opclass_schema, of->name) == 0)
      k->opclass_schema = name;
    else if (is_kind(of, KIND_EXTENSION) && k->opclass && stands_with(of, k->opclass_schema) &&
             extension_brings_class(of->name, k->opclass))
      k->opclass_schema = schema_name;
  }
}

void type_follow(struct type_ref *t, const struct object *of, const char *schema_name, const char *name) {
  const bool type = of->kind->ns == NS_TYPE || is_kind(of, KIND_TABLE);
  if (is_kind(of, KIND_SCHEMA)) {
    if (t->schema && strcmp(t->schema, of->name) == 0)
      t->schema = name;
  } else if (is_kind(of, KIND_EXTENSION)) {
    const char *known = t->object || !t->name ? NULL : extension_of_type(t->name);
    if (stands_with(of, t->schema) && !t->object && t->name &&
        (known ? strcmp(known, of->name) == 0 : t->schema && extension_provides(of->name, t->name)))
      t->schema = schema_name;
  } else if (type && t->name && t->schema && strcmp(t->schema, of->schema) == 0 && strcmp(t->name, of->name) == 0) {
    t->schema = schema_name;
    t->name = name;
  }
}

bool keys_hold(const struct index_keys *keys, const char *column) {
  for (size_t i = 0; i < keys->n; i++)
    if (keys->v[i].column && strcmp(keys->v[i].column, column) == 0)
      return true;
  return false;
}

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '"' || (unsigned char)c >= 0x80;
}

bool sql_names_column(const char *sql, const char *column) {
  struct strbuf name = STRBUF_INIT;
  bool found = false;
  sql_ident(&name, column);
  for (const char *at = sql; at && !found && (at = strstr(at, name.text)) != NULL; at++)
    found = (at == sql || !is_word(at[-1])) && !is_word(at[name.len]) && at[name.len] != '(';
  strbuf_release(&name);
  return found;
}

/* A name that is quoted may be written in two ways. */
static bool mentions(const struct expr *e, const char *name) {
  return e->sql && (strchr(name, '"') || strstr(e->sql, name));
}

bool keys_mention(const struct index_keys *keys, const struct expr *where, const char *name) {
  for (size_t i = 0; i < keys->n; i++)
    if (!keys->v[i].column && mentions(&keys->v[i].expr, name))
      return true;
  return mentions(where, name);
}

/* ── from the catalogs ── */

static size_t whole_characters(const char *text, size_t n) {
  while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
    n--;
  return n;
}

const char *postgres_name(struct arena *arena, const char *table, const char *columns, const char *label) {
  const size_t room = 63 - 1 - strlen(label) - (*columns ? 1 : 0);
  size_t a = strlen(table), b = strlen(columns);
  while (a + b > room)
    *(a > b ? &a : &b) -= 1;
  a = whole_characters(table, a);
  b = whole_characters(columns, b);
  return arena_printf(arena, "%.*s%s%.*s_%s", (int)a, table, *columns ? "_" : "", (int)b, columns, label);
}

struct object *catalog_table(struct catalog *c, const struct row *row, int oid, int name) {
  struct object *table = catalog_get(c, "pg_class", row_peek(row, oid));
  if (table)
    return table;
  table = schema_add(c->schema, KIND_TABLE, catalog_name(c, "pg_namespace", row_peek(row, name)),
                     row_text(row, name + 1), NULL);
  table->external = true;
  catalog_keep(c, "pg_class", row_peek(row, oid), table);
  return table;
}

struct object *column_by_number(const struct object *table, int number) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN) && ((const struct column *)o)->attribute == number)
      return o;
  return NULL;
}

struct names columns_by_number(struct arena *arena, const struct object *table, const char *numbers, size_t skip) {
  struct names names = {0};
  if (!numbers)
    return names;
  names.v = arena_array(arena, strlen(numbers) / 2 + 1, sizeof *names.v);
  for (const char *p = numbers + strspn(numbers, "{"); *p && *p != '}'; p += *p == ',' || *p == ' ') {
    char *end;
    const struct object *column = column_by_number(table, (int)strtol(p, &end, 10));
    if (column && !skip)
      names.v[names.n++] = column->name;
    skip -= skip > 0;
    p = end;
  }
  return names;
}

struct setting *settings_by_text(struct arena *arena, struct names reloptions, const char *but) {
  struct setting *list = NULL;
  for (size_t i = 0; i < reloptions.n; i++) {
    const char *equals = strchr(reloptions.v[i], '=');
    if (equals && !(but && strncmp(reloptions.v[i], but, (size_t)(equals - reloptions.v[i])) == 0))
      setting_add(arena, &list, arena_strndup(arena, reloptions.v[i], (size_t)(equals - reloptions.v[i])),
                  arena_strdup(arena, equals + 1));
  }
  return list;
}

const char *catalog_mods(struct arena *arena, const char *schema_name, const char *formatted) {
  /* The name itself may hold a parenthesis, but only in quotes. */
  static const char interval[] = "interval ";
  if (formatted && !schema_name && strncmp(formatted, interval, sizeof interval - 1) == 0) {
    const char *fields = formatted + sizeof interval - 1;
    return arena_strndup(arena, fields, strcspn(fields, "["));
  }
  const char *open = formatted ? strrchr(formatted, '(') : NULL, *close = open ? strchr(open, ')') : NULL;
  return close && !strchr(close, '"') ? arena_strndup(arena, open + 1, (size_t)(close - open - 1)) : NULL;
}

struct type_ref catalog_type(struct arena *arena, const char *schema_name, const char *name, const char *formatted,
                             bool array) {
  struct type_ref t = {.name = arena_strdup(arena, name), .dimensions = array};
  if (strcmp(schema_name, "pg_catalog") != 0)
    t.schema = arena_strdup(arena, schema_name);
  t.mods = catalog_mods(arena, t.schema, formatted);
  return t;
}

void catalog_split_name(struct arena *arena, const char *text, const char **schema_name, const char **name) {
  const char *parts[2] = {0};
  size_t n = 0;
  struct strbuf part = STRBUF_INIT;
  for (const char *p = text; *p && n < 2;) {
    strbuf_clear(&part);
    if (*p == '"') {
      for (p++; *p && !(*p == '"' && p[1] != '"'); p++) {
        strbuf_addc(&part, *p);
        p += *p == '"';
      }
      p += *p == '"';
    } else {
      while (*p && *p != '.')
        strbuf_addc(&part, *p++);
    }
    parts[n++] = strbuf_dup(&part, arena);
    p += *p == '.';
  }
  strbuf_release(&part);
  *name = n == 2 ? parts[1] : parts[0];
  *schema_name = n == 2 && strcmp(parts[0], "pg_catalog") != 0 ? parts[0] : NULL;
}
