/* Of two large schemas that differ little, the items that the difference can reach. What an item speaks of is read from
 * the words of its text, so that nothing is missed that a compilation would find: an item too many costs time, not
 * truth. */
#include <string.h>

#include "migrate/private.h"

/* How much of an item is taken: nothing, what foreign keys need of a table, everything. */
enum take { TAKE_NONE, TAKE_KEYS, TAKE_ALL };

struct item {
  const struct node *node[2]; /* before, after; both where it stands in both */
  bool changed, touched;      /* it differs; something that it is made of may */
  bool hard;                  /* and so may its keys, on which foreign keys stand */
  enum take take;
  struct named *names;
  struct mention *mentions;
  struct item *same_key;      /* functions of one name */
  struct item *next;          /* in the list of work */
  bool listed;
};
/* A word that begins the name of items, which may be many: one in each of many schemas. */
struct name_word {
  struct named *items;
  struct mention *mentioned;
  struct count {
    unsigned all, by_keys;    /* how often the item that is read says it; in foreign keys */
  } in[2];                    /* in all of its text, in that of its keys */
  bool spoken;
  bool touched, hard;         /* as its items, and all who speak of it know */
  enum take take;             /* all its items are */
};
enum { IN_ALL, IN_KEYS };
struct mention {
  struct item *by;
  struct name_word *of;
  bool by_keys;               /* in foreign keys alone */
  bool in_keys, in_keys_by_keys; /* the same of that text which remains where only keys are taken */
  struct mention *next, *next_of;
};
struct named {
  struct item *item;
  struct name_word *word;
  struct named *next, *next_of; /* of the word, of the item */
};
struct excerpt {
  struct arena *arena;
  struct item *items;
  size_t count;
  struct map names;           /* word → struct name_word */
  uint64_t likely[1024];      /* hashes of those words, for most words are none of them */
  struct name_word **spoken;  /* by the item that is read */
  size_t spoken_count, spoken_room;
  struct item **order[2];     /* as they stand in each of the two */
  size_t order_count[2];
  struct item *work;
  bool escaped;               /* a name may be written in escapes */
};

/* ── words ── */

static bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (unsigned char)c >= 0x80;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

enum { HASH_START = 5381 };
static uint32_t hash_more(uint32_t hash, char c) {
  return hash * 33 ^ (unsigned char)lower(c);
}

struct word {
  const char *at;
  size_t len;
};
/* The next word, without the underscores that it begins with: "_t" is the array of "t". False at the end. */
static bool next_word(const char **at, const char *end, struct word *out) {
  const char *p = *at;
  while (p < end && (*p == '_' || !is_word_char(*p)))
    p++;
  out->at = p;
  while (p < end && is_word_char(*p))
    p++;
  out->len = (size_t)(p - out->at);
  *at = p;
  return out->len > 0;
}

static const char *fold(struct arena *arena, struct word word) {
  char *text = arena_strndup(arena, word.at, word.len);
  for (char *c = text; *c; c++)
    *c = lower(*c);
  return text;
}

/* A name is known by its first word. False where it has none. */
static bool declare(struct excerpt *x, struct item *item, const char *name) {
  struct word word;
  const char *at = name;
  uint32_t hash = HASH_START;
  if (!next_word(&at, name + strlen(name), &word))
    return false;
  for (size_t i = 0; i < word.len; i++)
    hash = hash_more(hash, word.at[i]);
  x->likely[hash / 64 % ARRAY_LEN(x->likely)] |= UINT64_C(1) << hash % 64;
  const char *text = fold(x->arena, word);
  struct name_word *w = map_get(&x->names, text);
  if (!w)
    map_add(&x->names, text, w = arena_alloc(x->arena, sizeof *w));
  struct named *n = arena_alloc(x->arena, sizeof *n);
  *n = (struct named){item, w, w->items, item->names};
  w->items = item->names = n;
  return true;
}

static struct count *counts_of(struct excerpt *x, struct name_word *w) {
  if (!w->spoken) {
    x->spoken = arena_grow(x->arena, x->spoken, x->spoken_count, &x->spoken_room, sizeof *x->spoken);
    x->spoken[x->spoken_count++] = w;
  }
  w->spoken = true;
  return w->in;
}

static void speak(struct excerpt *x, struct word word, uint32_t hash, bool of_keys) {
  char text[256];
  if (!(x->likely[hash / 64 % ARRAY_LEN(x->likely)] & UINT64_C(1) << hash % 64) || word.len > sizeof text)
    return;
  for (size_t i = 0; i < word.len; i++)
    text[i] = lower(word.at[i]);
  struct name_word *w = map_getn(&x->names, text, word.len);
  for (int in = IN_ALL; w && in <= (of_keys ? IN_KEYS : IN_ALL); in++)
    counts_of(x, w)[in].all++;
}

static bool holds_seq(struct word word) {
  for (size_t i = 0; i + 4 <= word.len; i++)
    if (memcmp(word.at + i, "_seq", 4) == 0)
      return true;
  return false;
}

/* Also "t" of "t_id_seq", the sequence of a serial column. of_keys: of what remains where only keys are taken, too. */
static void read_words(struct excerpt *x, const struct source *source, uint32_t from, uint32_t to, bool of_keys) {
  const char *at = source->text + from, *end = source->text + to;
  for (struct word word; next_word(&at, end, &word);) {
    uint32_t hash = HASH_START;
    const bool sequence = word.len > 4 && holds_seq(word);
    for (size_t i = 0; i < word.len; i++) {
      if (sequence && word.at[i] == '_')
        speak(x, (struct word){word.at, i}, hash, of_keys);
      hash = hash_more(hash, word.at[i]);
    }
    speak(x, word, hash, of_keys);
    x->escaped |= word.len == 1 && lower(*word.at) == 'u' && at < end && *at == '&';
  }
}

/* ── items ── */

/* Publications are told by tables what they are of, tables by their heirs that they have any: none of these can be left
 * out. */
static bool speaks_for_others(const struct node *n) {
  return node_part(n, NODE_PUBLICATION) || node_part(n, NODE_REALTIME) || node_part(n, NODE_INHERITS);
}

/* An item of these kinds can be left out, and may differ. All others are taken, and what they speak of. */
static bool may_go(const struct node *n) {
  switch (n->kind) {
  case NODE_MIXIN: return !speaks_for_others(n);
  case NODE_ENUM: case NODE_DOMAIN: case NODE_COMPOSITE: case NODE_SEQUENCE: case NODE_TABLE: case NODE_VIEW:
  case NODE_MATVIEW: case NODE_FUNCTION: case NODE_PROCEDURE: case NODE_TRIGGER: return n->name.text != NULL;
  default: return false;
  }
}

static const char *key_of(struct arena *arena, const struct node *n) {
  return arena_printf(arena, "%d %s.%s", n->kind, n->name.schema ? n->name.schema : "public",
                      n->name.text ? n->name.text : "");
}

static const struct node *node_of(const struct item *item) {
  return item->node[item->node[1] != NULL];
}

/* Whether columns that it speaks of are a key. */
static bool is_key_part(const struct node *part) {
  struct word word;
  if (part->kind == NODE_PRIMARY || part->kind == NODE_UNIQUE)
    return true;
  if (part->kind != NODE_INDEX)
    return false;
  const char *at = part->span.src->text + part->span.from, *end = part->span.src->text + part->span.to;
  while (next_word(&at, end, &word))
    if (word.len == 6 && memcmp(word.at, "unique", 6) == 0)
      return true;
  return false;
}

static bool speaks_of_column(const struct node *part, const char *column) {
  const char *at = part->span.src->text + part->span.from, *end = part->span.src->text + part->span.to;
  const char *name = column;
  struct word word, wanted;
  if (!next_word(&name, column + strlen(column), &wanted))
    return true;
  while (next_word(&at, end, &word))
    if (word.len == wanted.len && memcmp(word.at, wanted.at, word.len) == 0)
      return true;
  return false;
}

/* Whether the table's keys, and with them other tables' foreign keys, have no part in this part of it. */
static bool is_beside_keys(const struct node *table, const struct node *part) {
  switch (part->kind) {
  case NODE_FOREIGN: case NODE_CHECK: case NODE_EXCLUDE: case NODE_POLICY: case NODE_TRIGGER: return true;
  case NODE_INDEX: return !is_key_part(part);
  case NODE_COLUMN:
    for (const struct node *p = part->parts; p; p = p->next)
      if (is_key_part(p))
        return false;
    for (const struct node *p = table->parts; p; p = p->next)
      if (is_key_part(p) && (p->kind == NODE_INDEX || speaks_of_column(p, part->name.text)))
        return false; /* what an index is made of may be any column */
    return true;
  default: return false;
  }
}

/* What is left out of a table of which only the keys are taken. */
static bool goes_without(const struct node *table, const struct node *part) {
  return table->kind == NODE_TABLE && (part->kind != NODE_COLUMN || node_part(part, NODE_REFERENCE)) &&
         is_beside_keys(table, part);
}

static bool has_part(const struct node *n, const struct node *part) {
  for (const struct node *p = n->parts; p; p = p->next)
    if (p->kind == part->kind && node_equal(p, part))
      return true;
  return false;
}

/* What was not read again says the same. */
static bool says_the_same(const struct node *a, const struct node *b) {
  return (a->span.src == b->span.src && a->span.from == b->span.from) || node_equal(a, b);
}

static bool differs_beside_keys(const struct node *a, const struct node *b) {
  for (const struct node *p = a->parts; p; p = p->next)
    if (!has_part(b, p) && !is_beside_keys(a, p))
      return false;
  for (const struct node *p = b->parts; p; p = p->next)
    if (!has_part(a, p) && !is_beside_keys(b, p))
      return false;
  return a->kind == NODE_TABLE && !node_part(a, NODE_WAS) && !node_part(b, NODE_WAS);
}

/* ── who speaks of whom ── */

static void count_references(struct excerpt *x, const struct node *n, bool of_keys) {
  for (const struct node *part = n->parts; part; part = part->next) {
    struct word word;
    const char *at = part->name.text;
    if (part->kind != NODE_REFERENCE || !next_word(&at, at + strlen(at), &word))
      continue;
    struct name_word *w = map_get(&x->names, fold(x->arena, word));
    for (int in = IN_ALL; w && in <= (of_keys ? IN_KEYS : IN_ALL); in++)
      counts_of(x, w)[in].by_keys++;
  }
}

static void read_node(struct excerpt *x, const struct node *n) {
  uint32_t at = n->span.from;
  for (const struct node *part = n->kind == NODE_TABLE ? n->parts : NULL; part; part = part->next) {
    const bool stays = !goes_without(n, part);
    if (at < part->span.from)
      read_words(x, n->span.src, at, part->span.from, false);
    read_words(x, n->span.src, part->span.from, part->span.to, stays);
    at = part->span.to;
    if (part->kind == NODE_COLUMN || part->kind == NODE_FOREIGN)
      count_references(x, part, stays);
  }
  read_words(x, n->span.src, at, n->span.to, false);
}

static void read_item(struct excerpt *x, struct item *item) {
  x->spoken_count = 0;
  for (int i = 0; i < 2; i++)
    if (item->node[i] && (i == 0 || !item->node[0] || item->changed))
      read_node(x, item->node[i]);
  for (size_t i = 0; i < x->spoken_count; i++) {
    struct name_word *of = x->spoken[i];
    const struct count *all = &of->in[IN_ALL], *keys = &of->in[IN_KEYS];
    struct mention *m = arena_alloc(x->arena, sizeof *m);
    *m = (struct mention){.by = item,
                          .of = of,
                          .by_keys = all->all == all->by_keys,
                          .in_keys = keys->all > 0,
                          .in_keys_by_keys = keys->all == keys->by_keys,
                          .next = item->mentions,
                          .next_of = of->mentioned};
    item->mentions = of->mentioned = m;
    of->in[IN_ALL] = of->in[IN_KEYS] = (struct count){0};
    of->spoken = false;
  }
}

/* ── what the difference reaches ── */

static void enlist(struct excerpt *x, struct item *item) {
  if (item->listed)
    return;
  item->listed = true;
  item->next = x->work;
  x->work = item;
}

static struct item *next_item(struct excerpt *x) {
  struct item *item = x->work;
  if (item) {
    x->work = item->next;
    item->listed = false;
  }
  return item;
}

static void touch(struct excerpt *x, struct item *item, bool hard) {
  if (item->touched && (item->hard || !hard))
    return;
  item->touched = true;
  item->hard |= hard;
  enlist(x, item);
}

/* Foreign keys only care for keys, and a table's keys for what they are made of. */
static void touch_word(struct excerpt *x, struct name_word *w, bool hard) {
  if (w->touched && (w->hard || !hard))
    return;
  w->touched = true;
  w->hard |= hard;
  for (const struct mention *m = w->mentioned; m; m = m->next_of)
    if (!m->by_keys || hard)
      touch(x, m->by, node_of(m->by)->kind != NODE_TABLE || (m->in_keys && (!m->in_keys_by_keys || hard)));
}

/* What differs, what speaks of it, and so on. */
static void touch_all(struct excerpt *x) {
  for (size_t i = 0; i < x->count; i++)
    if (x->items[i].changed)
      touch(x, &x->items[i], x->items[i].hard);
  for (struct item *item; (item = next_item(x)) != NULL;)
    for (const struct named *n = item->names; n; n = n->next_of)
      touch_word(x, n->word, item->hard);
}

static void take(struct excerpt *x, struct item *item, enum take take) {
  if (item->take >= take)
    return;
  item->take = take;
  enlist(x, item);
}

static void take_word(struct excerpt *x, struct name_word *w, enum take how) {
  if (w->take >= how)
    return;
  w->take = how;
  for (const struct named *n = w->items; n; n = n->next)
    take(x, n->item, how);
}

/* What was touched, what cannot be left out, and what they speak of. */
static void take_all(struct excerpt *x) {
  for (size_t i = 0; i < x->count; i++)
    if (x->items[i].touched || !may_go(node_of(&x->items[i])) || speaks_for_others(node_of(&x->items[i])))
      take(x, &x->items[i], TAKE_ALL);
  for (struct item *item; (item = next_item(x)) != NULL;)
    for (const struct mention *m = item->mentions; m; m = m->next)
      if (item->take == TAKE_ALL)
        take_word(x, m->of, m->by_keys ? TAKE_KEYS : TAKE_ALL);
      else if (m->in_keys)
        take_word(x, m->of, m->in_keys_by_keys ? TAKE_KEYS : TAKE_ALL);
}

/* ── the two schemas as items ── */

static bool declare_names(struct excerpt *x, struct item *item, const struct node *n) {
  const struct node *was = node_part(n, NODE_WAS);
  return declare(x, item, n->name.text) && (!was || declare(x, item, was->name.text));
}

static void place(struct excerpt *x, struct item *item, const struct node *n, int side) {
  item->node[side] = n;
  x->order[side][x->order_count[side]++] = item;
}

/* False where what differs cannot be told apart from the rest: settings, schemas, extensions and the like. */
static bool collect(struct excerpt *x, const struct node *before, const struct node *after) {
  struct map keys;
  map_init(&keys, x->arena);
  size_t room = 0;
  for (const struct node *n = before->parts; n; n = n->next)
    room++;
  for (const struct node *n = after->parts; n; n = n->next)
    room++;
  x->items = arena_array(x->arena, room, sizeof *x->items);
  x->order[0] = arena_array(x->arena, room, sizeof *x->order[0]);
  x->order[1] = arena_array(x->arena, room, sizeof *x->order[1]);
  for (const struct node *n = before->parts; n; n = n->next) {
    struct item *item = &x->items[x->count++];
    const char *key = key_of(x->arena, n);
    item->same_key = map_get(&keys, key);
    place(x, item, n, 0);
    map_set(&keys, key, item);
  }
  for (const struct node *n = after->parts; n; n = n->next) {
    if (n->kind == NODE_OUTPUT)
      continue;
    struct item *first = map_get(&keys, key_of(x->arena, n)), *item = first;
    while (item && (item->node[1] || !says_the_same(item->node[0], n)))
      item = item->same_key;
    if (!item && first && !first->node[1] && n->kind == NODE_TABLE) {
      item = first;
      item->changed = true;
      item->hard = !differs_beside_keys(item->node[0], n);
    }
    place(x, item ? item : &x->items[x->count++], n, 1);
  }
  for (size_t i = 0; i < x->count; i++) {
    struct item *item = &x->items[i];
    if (!item->node[0] || !item->node[1])
      item->changed = item->hard = true;
    for (int k = 0; k < 2; k++)
      if (item->node[k] && may_go(item->node[k]) ? !declare_names(x, item, item->node[k])
                                                 : item->node[k] && item->changed)
        return false;
  }
  return true;
}

/* ── the excerpt ── */

static struct node *copy_of(struct arena *arena, const struct node *n) {
  struct node *copy = arena_alloc(arena, sizeof *copy);
  *copy = *n;
  return copy;
}

static struct node *copy_empty(struct arena *arena, const struct node *n) {
  struct node *copy = copy_of(arena, n);
  copy->parts = copy->last_part = NULL;
  copy->part_kinds = 0;
  return copy;
}

static struct node *keys_of(struct arena *arena, const struct node *table) {
  struct node *copy = copy_empty(arena, table);
  for (const struct node *part = table->parts; part; part = part->next)
    if (!goes_without(table, part))
      node_append(copy, copy_of(arena, part));
  return copy;
}

static const struct node *part_of(const struct excerpt *x, const struct node *file, int side) {
  struct node *copy = copy_empty(x->arena, file);
  for (size_t i = 0; i < x->order_count[side]; i++) {
    const struct item *item = x->order[side][i];
    const struct node *n = item->node[side];
    if (item->take != TAKE_NONE)
      node_append(copy, item->take == TAKE_KEYS && n->kind == NODE_TABLE ? keys_of(x->arena, n) : copy_of(x->arena, n));
  }
  return copy;
}

bool excerpt_make(struct arena *arena, const struct node *before, const struct node *after, size_t least,
                  const struct node *parts[2]) {
  struct excerpt *x = arena_alloc(arena, sizeof *x);
  x->arena = arena;
  map_init(&x->names, arena);
  if (!collect(x, before, after) || x->count < least)
    return false;
  for (size_t i = 0; i < x->count; i++)
    read_item(x, &x->items[i]);
  if (x->escaped)
    return false;
  touch_all(x);
  take_all(x);
  size_t taken = 0;
  for (size_t i = 0; i < x->count; i++)
    taken += x->items[i].take != TAKE_NONE;
  parts[0] = part_of(x, before, 0);
  parts[1] = part_of(x, after, 1);
  return least == 0 || taken < x->count / 2;
}

/* ── whether it stands for the whole ── */

static const struct object *outermost(const struct object *o) {
  return o->parent ? outermost(o->parent) : o;
}

/* What nobody wrote serves many items: it comes and goes with the last of them, which may have been left out. */
static bool same_implied(const struct schema *a, struct schema *b) {
  schema_identify(b);
  for (const struct object *o = a->first; o; o = o->next)
    if (o->implied && !schema_same(b, o))
      return false;
  return true;
}

bool excerpt_fits(const struct schema *whole, struct schema *before, struct schema *after) {
  if (whole->numbered || before->numbered || !same_implied(before, after) || !same_implied(after, before))
    return false;
  for EACH_OBJECT(before, o) {
    const bool named = o->kind->ns == NS_RELATION || is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE);
    const struct object *there = named && o->schema ? schema_find(whole, NS_RELATION, o->schema, NULL, o->name) : NULL;
    if (there && strcmp(outermost(there)->name, outermost(o)->name) != 0)
      return false;
  }
  return true;
}
