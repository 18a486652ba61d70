/* PDL of the parts that several kinds print. The layout is loose: fmt has the last word. */
#include <stdlib.h>

#include "objects/objects.h"

static bool plain(const char *name) {
  return name[0] && !strchr("0123456789", name[0]) &&
         name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == '\0';
}

static void quoted(struct strbuf *out, const char *text, char quote) {
  strbuf_addc(out, quote);
  for (; *text; text++) {
    if (*text == quote)
      strbuf_addc(out, quote);
    strbuf_addc(out, *text);
  }
  strbuf_addc(out, quote);
}

void pdl_object(struct object *o, struct strbuf *out) {
  if (o->pulled_as != PULLED_AS_PDL)
    return;
  o->text_from = out->len;
  o->kind->print(o, out);
  o->text_to = out->len;
}

void pdl_word(struct strbuf *out, const char *name) {
  if (plain(name) && !syntax_is_taken(name))
    strbuf_adds(out, name);
  else
    quoted(out, name, '"');
}

void pdl_name(struct strbuf *out, const char *schema_name, const char *name) {
  if (schema_name && strcmp(schema_name, "public") != 0) {
    pdl_word(out, schema_name);
    strbuf_addc(out, '.');
  }
  pdl_word(out, name);
}

void pdl_clauses(struct strbuf *out, const char *sql) {
  static const char *const taken[] = {"allow", "needs", "was"};
  int depth = 0;
  for (const char *p = sql; *p;) {
    size_t n = strcspn(p, "'\"()abcdefghijklmnopqrstuvwxyz_");
    if (!n && (*p == '\'' || *p == '"'))
      n = strcspn(p + 1, (char[]){*p, '\0'}) + 2;
    else if (!n && strchr("()", *p))
      depth += p[n++] == '(' ? 1 : -1;
    else if (!n)
      n = strspn(p, "abcdefghijklmnopqrstuvwxyz_0123456789$");
    bool quote = false;
    for (size_t i = 0; depth == 0 && i < ARRAY_LEN(taken); i++)
      quote |= strlen(taken[i]) == n && strncmp(p, taken[i], n) == 0;
    strbuf_addf(out, quote ? "\"%.*s\"" : "%.*s", (int)n, p);
    p += strnlen(p, n);
  }
}

void pdl_names(struct strbuf *out, struct names names) {
  strbuf_addc(out, '(');
  for (size_t i = 0; i < names.n; i++) {
    if (i)
      strbuf_adds(out, ", ");
    pdl_word(out, names.v[i]);
  }
  strbuf_addc(out, ')');
}

void pdl_include(struct strbuf *out, struct names columns) {
  if (columns.n) {
    strbuf_adds(out, " include ");
    pdl_names(out, columns);
  }
}

void pdl_string(struct strbuf *out, const char *text) {
  quoted(out, text, '\'');
}

/* Postgres' own types go by their short names; a quoted "char" is the one-byte type. */
void pdl_type(struct strbuf *out, const struct type_ref *t) {
  static const struct {
    const char *name, *word;
  } short_words[] = {{"int4", "int"}, {"int8", "bigint"}, {"int2", "smallint"}, {"char", "\"char\""}};
  const struct type_info *info = t->schema ? NULL : type_info(t->name);
  const char *word = info ? t->name : NULL;
  for (size_t i = 0; word && i < ARRAY_LEN(short_words); i++)
    if (strcmp(t->name, short_words[i].name) == 0)
      word = short_words[i].word;
  bool serial;
  const bool char_n = word && strcmp(t->name, "bpchar") == 0 && t->mods;
  if (char_n)
    strbuf_adds(out, "char");
  else if (word)
    strbuf_adds(out, word);
  else if (t->schema && strcmp(t->schema, "public") == 0 && type_alias(t->name, &serial)) {
    strbuf_adds(out, "public."); /* else it would mean Postgres' own */
    pdl_word(out, t->name);
  } else
    pdl_name(out, t->schema, t->name);
  if (t->mods)
    strbuf_addf(out, "(%s)", t->mods);
  for (int i = 0; i < t->dimensions; i++)
    strbuf_adds(out, "[]");
}

/* One word to the lexer: no blank, brace or comment sign outside quotes. */
static bool one_word(const char *sql) {
  char quote = 0;
  for (; *sql; sql++) {
    if (quote) {
      if (*sql == '\n' || *sql == '\\')
        return false;
      if (*sql == quote)
        quote = 0;
    } else if (*sql == '\'' || *sql == '"') {
      quote = *sql;
    } else if (strchr(" \t\r\n{}/$-", *sql) && !(*sql == '-' && sql[1] >= '0' && sql[1] <= '9')) {
      return false;
    }
  }
  return quote == 0;
}

void pdl_value(struct strbuf *out, const char *sql) {
  strbuf_addf(out, one_word(sql) ? " = %s" : " = (%s)", sql);
}

void pdl_settings(struct strbuf *out, const struct setting *s) {
  strbuf_adds(out, " with ");
  pdl_setting_list(out, s);
}

void pdl_setting_list(struct strbuf *out, const struct setting *s) {
  strbuf_addc(out, '(');
  for (const struct setting *first = s; s; s = s->next) {
    if (s != first)
      strbuf_adds(out, ", ");
    for (const char *p = s->name; *p;) {
      const size_t n = strcspn(p, ".");
      char part[64];
      snprintf(part, sizeof part, "%.*s", (int)n, p);
      pdl_word(out, part);
      p += n;
      if (*p == '.')
        strbuf_addc(out, *p++);
    }
    if (s->value) {
      strbuf_adds(out, " = ");
      if (plain(s->value) || (s->value[0] && s->value[strspn(s->value, "0123456789.-")] == '\0'))
        strbuf_adds(out, s->value);
      else
        pdl_string(out, s->value);
    }
  }
  strbuf_addc(out, ')');
}

/* What stands in these parentheses is SQL already. */
void pdl_keys(struct strbuf *out, const struct index_keys *keys) {
  struct strbuf sql = STRBUF_INIT;
  sql_keys(&sql, keys);
  strbuf_adds(out, sql.text);
  strbuf_release(&sql);
}

void pdl_sequence_options(struct strbuf *out, const char *type, const struct sequence_options *o) {
  static const struct {
    const char *sql, *pdl;
  } words[] = {{" START WITH ", " start "}, {" INCREMENT BY ", " increment "}, {" MINVALUE ", " minvalue "},
               {" MAXVALUE ", " maxvalue "}, {" CACHE ", " cache "},           {" CYCLE", " cycle"}};
  struct strbuf sql = STRBUF_INIT;
  sql_sequence_options(&sql, type, o);
  for (const char *p = sql.text; *p;) {
    const char *before = p;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
      if (strncmp(p, words[i].sql, strlen(words[i].sql)) == 0) {
        strbuf_adds(out, words[i].pdl);
        p += strlen(words[i].sql);
        break;
      }
    if (p == before)
      strbuf_addc(out, *p++);
  }
  strbuf_release(&sql);
}

/* Blanks at the end of a line would be lost without a backslash behind them. */
void pdl_doc_text(struct strbuf *out, const char *p) {
  for (const char *next; p; p = next) {
    const size_t n = strcspn(p, "\n");
    strbuf_addf(out, n ? "/// %.*s" : "///%.*s", (int)n, p);
    if (n && strchr(" \t\r\f\v\\", p[n - 1]))
      strbuf_addc(out, '\\');
    strbuf_addc(out, '\n');
    next = p[n] ? p + n + 1 : NULL;
  }
}

void pdl_doc(struct strbuf *out, const struct object *o) {
  if (o->comment && *o->comment)
    pdl_doc_text(out, o->comment);
}

void pdl_item_name(struct strbuf *out, const struct object *o) {
  if (o->named_by_rule)
    return;
  strbuf_adds(out, " name ");
  pdl_word(out, o->name);
}

struct names key_words(struct arena *arena, const struct index_keys *keys) {
  struct names words = {.v = arena_array(arena, keys->n, sizeof(char *)), .n = keys->n};
  for (size_t i = 0; i < keys->n; i++) {
    const char *sql = keys->v[i].expr.compared ? keys->v[i].expr.compared : keys->v[i].expr.sql;
    const size_t n = sql ? strspn(sql, "abcdefghijklmnopqrstuvwxyz_0123456789") : 0;
    words.v[i] = keys->v[i].column          ? keys->v[i].column
                 : n > 0 && sql[n] == '(' ? arena_strndup(arena, sql, n)
                                          : "expr";
  }
  return words;
}
