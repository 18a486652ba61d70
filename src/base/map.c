#include "base/base.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The tables live in the arena too, so that a map needs no release. */
#define uthash_malloc(size)        arena_alloc(m->arena, (size))
#define uthash_free(pointer, size) ((void)(pointer), (void)(size))
#include <uthash.h>

/* uthash chains its items in the order of insertion, which is the order of iteration. */
struct map_entry {
  const char *key;
  void *value;
  UT_hash_handle hh;
};

void map_init(struct map *m, struct arena *a) {
  *m = (struct map){.arena = a};
}

static struct map_entry *map_find(const struct map *m, const char *key, size_t n) {
  struct map_entry *entry = NULL;
  assert(n <= UINT_MAX);
  HASH_FIND(hh, m->entries, key, (unsigned)n, entry);
  return entry;
}

void *map_get(const struct map *m, const char *key) {
  return map_getn(m, key, strlen(key));
}

void *map_getn(const struct map *m, const char *key, size_t n) {
  const struct map_entry *entry = map_find(m, key, n);
  return entry ? entry->value : NULL;
}

void *map_add(struct map *m, const char *key, void *value) {
  assert(value);
  const size_t n = strlen(key);
  struct map_entry *entry = NULL;
  unsigned hash;
  assert(n <= UINT_MAX);
  HASH_VALUE(key, (unsigned)n, hash);
  HASH_FIND_BYHASHVALUE(hh, m->entries, key, (unsigned)n, hash, entry);
  if (entry)
    return entry->value;
  entry = arena_alloc(m->arena, sizeof *entry);
  entry->key = arena_strndup(m->arena, key, n);
  entry->value = value;
  HASH_ADD_KEYPTR_BYHASHVALUE(hh, m->entries, entry->key, (unsigned)n, hash, entry);
  return NULL;
}

void map_set(struct map *m, const char *key, void *value) {
  assert(value);
  struct map_entry *entry = map_find(m, key, strlen(key));
  if (entry)
    entry->value = value;
  else
    map_add(m, key, value);
}

size_t map_count(const struct map *m) {
  return HASH_COUNT(m->entries);
}

const struct map_entry *map_first(const struct map *m) {
  return m->entries;
}

const struct map_entry *map_next(const struct map_entry *entry) {
  return entry->hh.next;
}

const char *map_key(const struct map_entry *entry) {
  return entry->key;
}

void *map_value(const struct map_entry *entry) {
  return entry->value;
}
