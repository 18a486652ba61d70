/* The model: objects, names, identities, walking. */
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

struct schema *schema_new(struct arena *arena) {
  struct schema *s = arena_alloc(arena, sizeof *s);
  s->arena = arena;
  map_init(&s->names, arena);
  map_init(&s->identities, arena);
  map_init(&s->made, arena);
  map_init(&s->numbered_by, arena);
  numbers_init(&s->rows, arena);
  return s;
}

void *schema_add(struct schema *s, enum kind_id id, const char *schema_name, const char *name,
                 struct object *parent) {
  struct object *o = arena_alloc(s->arena, kinds[id]->size);
  o->kind = kinds[id];
  o->schema = schema_name;
  o->name = name;
  o->parent = parent;
  struct object **first = parent ? &parent->first_child : &s->first;
  struct object **last = parent ? &parent->last_child : &s->last;
  if (*last)
    (*last)->next = o;
  else
    *first = o;
  *last = o;
  s->count[id]++;
  struct of_kind *all = &s->of_kind[id];
  *(all->last ? &all->last->next_of_kind : &all->first) = o;
  all->last = o;
  return o;
}

/* Names and identities are keys of maps. Parts are set apart by a byte that no UTF-8 text
 * has, so that no name can imitate another key. */
static void key_part(struct strbuf *key, const char *part) {
  strbuf_addc(key, '\xFF');
  if (part)
    strbuf_adds(key, part);
}

static void name_key(struct strbuf *key, enum namespace ns, const char *schema_name, const char *name) {
  strbuf_addc(key, (char)('A' + (int)ns));
  key_part(key, schema_name);
  key_part(key, name);
}

/* The namespaces of one table hold little: they are its children, looked through. */
static bool of_table(enum namespace ns) {
  return ns == NS_COLUMN || ns == NS_CONSTRAINT || ns == NS_TRIGGER || ns == NS_POLICY;
}

static struct object *in_table(enum namespace ns, const struct object *table, const char *name,
                               const struct object *but) {
  for EACH_CHILD(table, o)
    if (o != but && o->kind->ns == ns && o->name && strcmp(o->name, name) == 0)
      return o;
  return NULL;
}

struct object *schema_enter(struct schema *s, enum namespace ns, struct object *o) {
  if (of_table(ns))
    return in_table(ns, o->parent, o->name, o);
  struct strbuf key = STRBUF_INIT;
  name_key(&key, ns, o->schema, o->name);
  struct object *there = map_add(&s->names, key.text, o);
  strbuf_release(&key);
  if (!there || ns != NS_FUNCTION)
    return there;
  while (there->overload)
    there = there->overload;
  there->overload = o;
  return NULL;
}

struct object *schema_find(const struct schema *s, enum namespace ns, const char *schema_name,
                           const struct object *parent, const char *name) {
  if (of_table(ns))
    return in_table(ns, parent, name, NULL);
  struct strbuf key = STRBUF_INIT;
  name_key(&key, ns, schema_name, name);
  struct object *found = map_get(&s->names, key.text);
  strbuf_release(&key);
  return found;
}

static void identity_key(struct strbuf *key, const struct object *o) {
  strbuf_adds(key, o->kind->word);
  key_part(key, o->parent ? o->parent->schema : o->schema);
  key_part(key, o->parent ? o->parent->name : NULL);
  key_part(key, o->name);
  key_part(key, o->signature);
}

void schema_rename(struct schema *s, const char *from, const char *to) {
  for EACH_OBJECT(s, o)
    if (o->schema && strcmp(o->schema, from) == 0)
      o->schema = to;
  schema_forget(s);
}

void schema_forget(struct schema *s) {
  map_init(&s->identities, s->arena);
  s->identified = s->parts_identified = false;
}

static void identify(struct schema *s, bool parts) {
  struct strbuf key = STRBUF_INIT;
  for (struct object *o = s->first; o; o = parts ? object_after(o) : o->next) {
    if (parts != (o->parent != NULL))
      continue;
    strbuf_clear(&key);
    identity_key(&key, o);
    map_add(&s->identities, key.text, o);
  }
  strbuf_release(&key);
}

void schema_identify(struct schema *s) {
  if (!s->identified)
    identify(s, false);
  s->identified = true;
}

/* Parts are many, and seldom asked for. */
struct object *schema_same(const struct schema *s, const struct object *o) {
  struct strbuf key = STRBUF_INIT;
  struct schema *own = (struct schema *)(uintptr_t)s;
  if (o->parent && !s->parts_identified)
    identify(own, own->parts_identified = true);
  identity_key(&key, o);
  struct object *found = map_get(&s->identities, key.text);
  strbuf_release(&key);
  return found && found->kind == o->kind ? found : NULL; /* a trigger of `touch` is no other trigger */
}

static void depend(struct schema *s, struct object *o, struct object *on, bool soft) {
  if (!on || on == o || on == o->parent)
    return;
  for (struct depend *d = o->depends; d; d = d->next)
    if (d->on == on) {
      d->soft &= soft;
      return;
    }
  struct depend *d = arena_alloc(s->arena, sizeof *d);
  d->on = on;
  d->soft = soft;
  d->next = o->depends;
  o->depends = d;
}

void object_depend(struct schema *s, struct object *o, struct object *on) {
  depend(s, o, on, false);
}

void object_prefer(struct schema *s, struct object *o, struct object *on) {
  depend(s, o, on, true);
}

static void made_key(struct strbuf *key, const char *schema_name, const char *table, const char *name) {
  key_part(key, schema_name);
  key_part(key, table);
  key_part(key, name);
}

void schema_made(struct schema *s, const char *schema_name, const char *table, const char *name, struct object *by) {
  struct strbuf key = STRBUF_INIT;
  made_key(&key, schema_name, table, name);
  map_set(&s->made, key.text, by);
  strbuf_release(&key);
}

static struct object *maker(const struct schema *s, const char *schema_name, const char *table, const char *name) {
  if (!map_count(&s->made))
    return NULL;
  struct strbuf key = STRBUF_INIT;
  made_key(&key, schema_name, table, name);
  struct object *by = map_get(&s->made, key.text);
  strbuf_release(&key);
  return by;
}

struct object *schema_maker(const struct schema *s, const char *schema_name, const char *name) {
  return maker(s, schema_name, NULL, name);
}

bool schema_makes(const struct schema *s, const struct object *o) {
  const bool column = o->parent && o->kind->ns == NS_COLUMN;
  return maker(s, o->schema, column ? o->parent->name : NULL, o->name) != NULL;
}

void schema_number(struct schema *s, const char *schema_name, const char *name, struct object *column) {
  struct strbuf key = STRBUF_INIT;
  made_key(&key, schema_name, NULL, name);
  map_set(&s->numbered_by, key.text, column);
  strbuf_release(&key);
}

struct object *schema_numbers(const struct schema *s, const char *schema_name, const char *name) {
  if (!map_count(&s->numbered_by))
    return NULL;
  struct strbuf key = STRBUF_INIT;
  made_key(&key, schema_name, NULL, name);
  struct object *column = map_get(&s->numbered_by, key.text);
  strbuf_release(&key);
  return column;
}

struct object *object_after(const struct object *o) {
  if (o->first_child)
    return o->first_child;
  while (!o->next) {
    if (!o->parent)
      return NULL;
    o = o->parent;
  }
  return o->next;
}

void schema_as_made(struct schema *s) {
  for EACH_OBJECT(s, o)
    if (o->kind->as_made)
      o->kind->as_made(s, o);
}

struct object *child_named(const struct object *parent, enum kind_id id, const char *name) {
  for EACH_CHILD(parent, o)
    if (is_kind(o, id) && strcmp(o->name, name) == 0)
      return o;
  return NULL;
}

const char *object_title(struct arena *arena, const struct object *o) {
  if (o->parent && strcmp(o->name, o->kind->word) == 0)
    return arena_printf(arena, "%s on %s", o->name, object_title(arena, o->parent));
  if (o->parent && o->kind->optional)
    return arena_printf(arena, "%s on %s of %s", o->kind->word, o->name, object_title(arena, o->parent));
  const struct object *outer = o->parent ? o->parent : o;
  const bool shown = outer->schema && strcmp(outer->schema, "public") != 0;
  const char *schema_name = shown ? outer->schema : "", *dot = shown ? "." : "";
  if (o->kind->ns == NS_COLUMN)
    return arena_printf(arena, "%s %s%s%s.%s", o->kind->word, schema_name, dot, o->parent->name, o->name);
  if (o->parent)
    return arena_printf(arena, "%s %s on %s%s%s", o->kind->word, o->name, schema_name, dot, o->parent->name);
  return arena_printf(arena, "%s %s%s%s%s", o->kind->word, schema_name, dot, o->name, o->signature ? o->signature : "");
}

const char *object_path(struct arena *arena, const struct object *o) {
  const struct object *outer = o->parent ? o->parent : o;
  const char *path = o->parent ? arena_printf(arena, "%s.%s", outer->name, o->name) : o->name;
  return outer->schema && strcmp(outer->schema, "public") != 0 ? arena_printf(arena, "%s.%s", outer->schema, path)
                                                               : path;
}

bool loss_consented(const struct names *consents, const char *path) {
  if (names_hold(*consents, path))
    return true;
  for (size_t i = 0; i < consents->n; i++)
    if (strncmp(consents->v[i], "public.", 7) == 0 && strcmp(consents->v[i] + 7, path) == 0)
      return true;
  return false;
}

bool object_holds_data(const struct object *o) {
  return o->kind->data && !(o->kind->elsewhere && o->kind->elsewhere(o));
}

bool names_equal_sets(struct names a, struct names b) {
  if (a.n != b.n)
    return false;
  for (size_t i = 0; i < a.n; i++)
    if (!names_hold(b, a.v[i]))
      return false;
  return true;
}

bool names_equal(struct names a, struct names b) {
  if (a.n != b.n)
    return false;
  for (size_t i = 0; i < a.n; i++)
    if (strcmp(a.v[i], b.v[i]) != 0)
      return false;
  return true;
}

bool names_hold(struct names names, const char *name) {
  for (size_t i = 0; i < names.n; i++)
    if (strcmp(names.v[i], name) == 0)
      return true;
  return false;
}

/* ── rows of the catalogs ── */

const char *row_peek(const struct row *row, int column) {
  return row->get(row, column);
}

const char *row_text(const struct row *row, int column) {
  const char *text = row->get(row, column);
  return text ? arena_strdup(row->arena, text) : NULL;
}

bool row_flag(const struct row *row, int column) {
  const char *text = row->get(row, column);
  return text && text[0] == 't';
}

long long row_int(const struct row *row, int column) {
  const char *text = row->get(row, column);
  return text ? strtoll(text, NULL, 10) : 0;
}

uint64_t row_number(const struct row *row, int column) {
  const char *text = row->get(row, column);
  return text ? strtoull(text, NULL, 10) : 0;
}

/* The text form of a one-dimensional array (manual, 8.15.6), NULL elements as "". */
struct names row_names(struct arena *arena, const struct row *row, int column) {
  struct names names = {0};
  const char *text = row->get(row, column);
  if (!text || text[0] != '{' || text[1] == '}')
    return names;
  size_t room = 1;
  for (const char *p = text; *p; p++)
    room += *p == ',';
  names.v = arena_array(arena, room, sizeof *names.v);
  const char *p = text + 1;
  struct strbuf item = STRBUF_INIT;
  while (*p) {
    strbuf_clear(&item);
    if (*p == '"') {
      for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && p[1])
          p++;
        strbuf_addc(&item, *p);
      }
      if (*p)
        p++;
    } else {
      const char *start = p;
      while (*p && *p != ',' && *p != '}')
        p++;
      if (!(p - start == 4 && memcmp(start, "NULL", 4) == 0))
        strbuf_add(&item, start, (size_t)(p - start));
    }
    names.v[names.n++] = strbuf_dup(&item, arena);
    if (*p != ',')
      break;
    p++;
  }
  strbuf_release(&item);
  return names;
}

/* Asked for each row: printf would take longer than all the rest. */
static const char *oid_key(char key[64], const char *class_name, const char *oid) {
  size_t n = 0;
  while (n < 40 && *class_name)
    key[n++] = *class_name++;
  key[n++] = ':';
  while (n < 63 && *oid)
    key[n++] = *oid++;
  key[n] = '\0';
  return key;
}

/* Objects by the oid of their row; several catalogs may have the same. */
struct kept {
  const char *class_name;
  struct object *object;
  struct kept *next;
};

/* "16384" or "16384.2", of a column. */
static uint64_t kept_number(const char *oid) {
  char *end;
  const uint64_t number = strtoull(oid, &end, 10) << 16;
  return *end == '.' ? number | strtoull(end + 1, NULL, 10) : number;
}

static struct kept *find_kept(const struct schema *s, uint64_t number, const char *class_name) {
  struct kept *kept = numbers_get(&s->rows, number);
  while (kept && strcmp(kept->class_name, class_name) != 0)
    kept = kept->next;
  return kept;
}

void catalog_keep(struct catalog *c, const char *class_name, const char *oid, struct object *o) {
  const uint64_t number = kept_number(oid);
  struct kept *kept = find_kept(c->schema, number, class_name);
  if (!kept) {
    kept = arena_alloc(c->schema->arena, sizeof *kept);
    *kept = (struct kept){.class_name = class_name, .next = numbers_get(&c->schema->rows, number)};
    numbers_set(&c->schema->rows, number, kept);
  }
  kept->object = o;
  if (!o->comment)
    o->comment = catalog_comment(c, class_name, oid);
}

void catalog_note(struct map *m, const char *class_name, const char *oid, const char *text) {
  char key[64];
  map_set(m, oid_key(key, class_name, oid), arena_strdup(m->arena, text));
}

const char *catalog_name(const struct catalog *c, const char *class_name, const char *oid) {
  char key[64];
  return oid ? map_get(&c->names, oid_key(key, class_name, oid)) : NULL;
}

const char *catalog_comment(const struct catalog *c, const char *class_name, const char *oid) {
  char key[64];
  return map_count(&c->comments) ? map_get(&c->comments, oid_key(key, class_name, oid)) : NULL;
}

void catalog_found(struct catalog *c, const char *word) {
  struct names *sorts = &c->schema->sorts;
  if (names_hold(*sorts, word))
    return;
  size_t room = sorts->n;
  sorts->v = arena_grow(c->schema->arena, sorts->v, sorts->n, &room, sizeof *sorts->v);
  sorts->v[sorts->n++] = word;
}

bool catalog_of_extension(const struct catalog *c, const char *class_name, const char *oid) {
  char key[64];
  return map_count(&c->members) && map_get(&c->members, oid_key(key, class_name, oid));
}

struct object *schema_row(const struct schema *s, const char *class_name, const char *oid) {
  const struct kept *kept = oid ? find_kept(s, kept_number(oid), class_name) : NULL;
  return kept ? kept->object : NULL;
}

struct object *catalog_get(const struct catalog *c, const char *class_name, const char *oid) {
  return schema_row(c->schema, class_name, oid);
}
