#include "base/base.h"

#include <assert.h>
#include <string.h>

struct number_entry {
  uint64_t number;
  void *value; /* NULL: free */
};

void numbers_init(struct numbers *n, struct arena *a) {
  *n = (struct numbers){.arena = a};
}

/* Multiplied by 2^64 over the golden ratio; the room is a power of two, at most half of it taken. */
static struct number_entry *slot(const struct numbers *n, uint64_t number) {
  size_t at = (size_t)((number * 0x9E3779B97F4A7C15u) >> 32) & (n->room - 1);
  while (n->v[at].value && n->v[at].number != number)
    at = (at + 1) & (n->room - 1);
  return &n->v[at];
}

static void widen(struct numbers *n) {
  const struct numbers old = *n;
  n->room = old.room ? old.room * 2 : 64;
  n->v = arena_array(n->arena, n->room, sizeof *n->v);
  for (size_t i = 0; i < old.room; i++)
    if (old.v[i].value)
      *slot(n, old.v[i].number) = old.v[i];
}

void *numbers_get(const struct numbers *n, uint64_t number) {
  return n->room ? slot(n, number)->value : NULL;
}

void numbers_set(struct numbers *n, uint64_t number, void *value) {
  assert(value);
  if (n->count >= n->room / 2)
    widen(n);
  struct number_entry *entry = slot(n, number);
  n->count += !entry->value;
  *entry = (struct number_entry){number, value};
}
