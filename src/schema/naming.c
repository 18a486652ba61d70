/* Names that nobody wrote: from the naming block, or as Postgres itself would choose them. */
#include <string.h>

#include "schema/schema.h"

enum { NAME_MAX_BYTES = 63, HASH_BYTES = 9 };

struct pending_name {
  struct object *object;
  struct names columns;
  const char *word;
  struct pending_name *next;
};

/* Postgres' own patterns (ChooseIndexName and ChooseConstraintName in indexcmds.c, pg_constraint.c). */
static const struct {
  const char *word, *pattern;
} patterns[] = {
    {"pk", "{table}_pkey"},
    {"unique", "{table}_{columns}_key"},
    {"check", "{table}_{columns}_check"},
    {"foreign", "{table}_{columns}_fkey"},
    {"exclude", "{table}_{columns}_excl"},
    {"index", "{table}_{columns}_idx"},
};

const char *name_shorten(struct arena *arena, const char *text) {
  const size_t len = strlen(text);
  if (len <= NAME_MAX_BYTES)
    return text;
  uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
  for (const char *p = text; *p; p++)
    hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
  size_t cut = NAME_MAX_BYTES - HASH_BYTES;
  while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
    cut--;
  return arena_printf(arena, "%.*s_%08x", (int)cut, text, (unsigned)(hash ^ hash >> 32));
}

/* {columns} that stands for nothing takes the underscore before it along: t_check, not t__check. */
static const char *fill(struct arena *arena, const char *pattern, const struct object *o, struct names columns) {
  struct strbuf out = STRBUF_INIT;
  for (const char *p = pattern; *p;) {
    const size_t plain = strcspn(p, "{");
    strbuf_add(&out, p, plain);
    p += plain;
    if (strncmp(p, "{table}", 7) == 0) {
      strbuf_adds(&out, o->parent->name);
      p += 7;
    } else if (strncmp(p, "{schema}", 8) == 0) {
      strbuf_adds(&out, o->parent->schema);
      p += 8;
    } else if (strncmp(p, "{columns}", 9) == 0) {
      if (columns.n == 0 && out.len > 0 && out.text[out.len - 1] == '_')
        strbuf_truncate(&out, out.len - 1);
      for (size_t i = 0; i < columns.n; i++) {
        if (i)
          strbuf_addc(&out, '_');
        strbuf_adds(&out, columns.v[i]);
      }
      p += 9;
    } else if (*p) {
      strbuf_addc(&out, *p++);
    }
  }
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

void name_later(struct compile *c, struct object *o, struct names columns, const char *word) {
  struct pending_name *p = arena_alloc(c->arena, sizeof *p);
  *p = (struct pending_name){.object = o, .columns = columns, .word = word};
  if (c->last_pending)
    c->last_pending->next = p;
  else
    c->pending = p;
  c->last_pending = p;
}

static bool makes_relation(const struct object *o) {
  return is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE) || is_kind(o, KIND_INDEX);
}

/* Constraints share their table's namespace; indexes, also those of keys, their schema's. */
static bool taken(const struct compile *c, const struct object *o, const char *name) {
  return schema_find(c->schema, o->kind->ns, o->schema, o->parent, name) != NULL ||
         (makes_relation(o) && o->kind->ns != NS_RELATION &&
          schema_find(c->schema, NS_RELATION, o->schema, NULL, name) != NULL);
}

/* Postgres numbers a constraint whose name another one of the same schema has, though only those of one table exclude
 * each other (ChooseConstraintName): such a name is not left to it. */
static void name_openly(struct compile *c) {
  struct map first;
  struct strbuf key = STRBUF_INIT;
  map_init(&first, c->arena);
  for EACH_OBJECT(c->schema, o) {
    if (o->kind->ns != NS_CONSTRAINT || !o->name)
      continue;
    strbuf_clear(&key);
    strbuf_adds(&key, o->schema);
    strbuf_addc(&key, '.');
    strbuf_adds(&key, o->name);
    struct object *other = map_add(&first, key.text, o);
    if (other) {
      c->schema->numbered |= o->default_name || other->default_name;
      o->default_name = other->default_name = false;
    }
  }
  strbuf_release(&key);
}

void name_pending(struct compile *c) {
  for (const struct pending_name *p = c->pending; p; p = p->next) {
    struct object *o = p->object;
    const char *pattern = setting_get(c->schema->naming, p->word);
    bool own = false;
    for (size_t i = 0; !pattern; i++)
      if (strcmp(patterns[i].word, p->word) == 0) {
        pattern = patterns[i].pattern;
        own = true;
      }
    const char *full = fill(c->arena, pattern, o, p->columns);
    const char *name = name_shorten(c->arena, full);
    o->default_name = own && name == full;
    for (unsigned number = 1; taken(c, o, name); number++) {
      name = name_shorten(c->arena, arena_printf(c->arena, "%s%u", full, number));
      o->default_name = false;
      c->schema->numbered = true;
    }
    o->name = name;
    schema_enter(c->schema, o->kind->ns, o);
    if (makes_relation(o) && o->kind->ns != NS_RELATION)
      schema_enter(c->schema, NS_RELATION, o);
  }
  c->pending = c->last_pending = NULL;
  name_openly(c);
}

const char *name_parts(const struct object *o, struct arena *arena, struct names *columns) {
  const char *word = o->kind->naming(o, arena, columns);
  for (const struct field *f = o->kind->fields; f->label; f++) {
    if (f->type != FIELD_NAMES || strcmp(f->label, "include") != 0)
      continue;
    const struct names *include = (const void *)((const char *)o + f->offset);
    struct names all = {.v = arena_array(arena, columns->n + include->n, sizeof *all.v)};
    for (size_t i = 0; i < columns->n; i++)
      all.v[all.n++] = columns->v[i];
    for (size_t i = 0; i < include->n; i++)
      all.v[all.n++] = include->v[i];
    *columns = all;
  }
  return word;
}

const char *name_of_postgres(const struct schema *s, const struct object *o) {
  struct names columns = {0};
  const char *word = name_parts(o, s->arena, &columns), *pattern = NULL;
  for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
    if (strcmp(patterns[i].word, word) == 0)
      pattern = patterns[i].pattern;
  const char *full = fill(s->arena, pattern, o, columns), *name = name_shorten(s->arena, full);
  for (unsigned number = 1; schema_find(s, NS_RELATION, o->schema, NULL, name); number++)
    name = name_shorten(s->arena, arena_printf(s->arena, "%s%u", full, number));
  return name;
}

/* ── the way back: names to templates ── */

struct guess {
  const char *text;
  size_t count;
};

/* What the names of one word's objects look like. */
struct guesses {
  struct map all;
  struct guess *best;
  size_t objects, explained;
};

static const char *pattern_of(const struct schema *s, const char *word) {
  const char *pattern = setting_get(s->naming, word);
  for (size_t i = 0; !pattern; i++)
    if (strcmp(patterns[i].word, word) == 0)
      pattern = patterns[i].pattern;
  return pattern;
}

/* idx_users_email → idx_{table}_{columns}: where the name holds the table's and then the columns' names. */
static const char *template_of(struct arena *arena, const struct object *o, struct names columns) {
  const char *core = fill(arena, "{table}_{columns}", o, columns), *at = strstr(o->name, core);
  if (!at || columns.n == 0)
    return NULL;
  const size_t before = (size_t)(at - o->name);
  return arena_printf(arena, "%.*s{table}_{columns}%s", (int)before, o->name, at + strlen(core));
}

static bool explained(const struct schema *s, const struct object *o) {
  struct names columns = {0};
  const char *word = o->kind->naming(o, s->arena, &columns);
  return strcmp(name_shorten(s->arena, fill(s->arena, pattern_of(s, word), o, columns)), o->name) == 0;
}

static void guess(const struct schema *s, const struct object *o, struct names columns, struct guesses *g) {
  g->objects++;
  g->explained += explained(s, o);
  const char *text = template_of(s->arena, o, columns);
  struct guess *one = text ? map_get(&g->all, text) : NULL;
  if (text && !one) {
    one = arena_alloc(s->arena, sizeof *one);
    one->text = text;
    map_add(&g->all, text, one);
  }
  if (one && ++one->count > (g->best ? g->best->count : 0))
    g->best = one;
}

void name_recognise(struct schema *s) {
  static const char *const words[] = {"index", "unique", "foreign", "check", "exclude"};
  struct guesses guesses[ARRAY_LEN(words)] = {0};
  for (size_t i = 0; i < ARRAY_LEN(words); i++)
    map_init(&guesses[i].all, s->arena);
  for EACH_OBJECT(s, o) {
    struct names columns = {0};
    const char *word = o->kind->naming && !o->inherited ? o->kind->naming(o, s->arena, &columns) : NULL;
    for (size_t i = 0; word && i < ARRAY_LEN(words); i++)
      if (strcmp(words[i], word) == 0)
        guess(s, o, columns, &guesses[i]);
  }
  for (size_t i = 0; i < ARRAY_LEN(words); i++) {
    const struct guesses *g = &guesses[i];
    if (g->best && g->best->count * 2 > g->objects && g->best->count > g->explained)
      setting_add(s->arena, &s->naming, words[i], g->best->text);
  }
  for EACH_OBJECT(s, o)
    o->named_by_rule = o->kind->naming && explained(s, o);
}

static bool is_name_taken(const struct schema *s, const char *schema_name, const char *name) {
  return s && (schema_find(s, NS_RELATION, schema_name, NULL, name) || schema_find(s, NS_TYPE, schema_name, NULL, name));
}

/* Of a long name the end would be cut, and for a range's multirange type more than for itself. */
const char *name_aside(struct arena *arena, const struct schema *before, const struct schema *after,
                       const struct object *o) {
  enum { KEPT = 52 };
  const bool is_long = strlen(o->name) >= KEPT;
  for (unsigned n = 0;; n++) {
    const char *number = n ? arena_printf(arena, "%u", n) : "";
    const char *name = name_shorten(arena, is_long ? arena_printf(arena, "before%s_%s", number, o->name)
                                                   : arena_printf(arena, "%s_before%s", o->name, number));
    if (!is_name_taken(before, o->schema, name) && !is_name_taken(after, o->schema, name))
      return name;
  }
}
