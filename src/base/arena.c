#define _DEFAULT_SOURCE /* madvise */
#include "base/base.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Each block is twice as large as the one before, within these bounds; the largest is a large page of most machines:
 * the faults of small ones take a tenth of a long run. */
enum { BLOCK_MIN = 64 * 1024, BLOCK_MAX = ARENA_PIECE };

struct arena_block {
  struct arena_block *next;
  char *data;
};

static _Noreturn void out_of_memory(void) {
  fputs("pdlc: out of memory\n", stderr);
  exit(1);
}

void *xmalloc(size_t size) {
  void *memory = malloc(size ? size : 1);
  if (!memory)
    out_of_memory();
  return memory;
}

void *xrealloc(void *old, size_t size) {
  void *memory = realloc(old, size ? size : 1);
  if (!memory)
    out_of_memory();
  return memory;
}

char *xstrdup(const char *text) {
  const size_t size = strlen(text) + 1;
  return memcpy(xmalloc(size), text, size);
}

static char *aligned(char *at, size_t align) {
  return at + (align - (uintptr_t)at % align) % align;
}

/* Zeroed. What is skipped to begin at a large page is never touched. */
static struct arena_block *block_new(size_t size) {
  const size_t align = size == BLOCK_MAX ? BLOCK_MAX : alignof(max_align_t);
  if (size > SIZE_MAX - sizeof(struct arena_block) - align)
    out_of_memory();
  struct arena_block *block = calloc(1, sizeof *block + align + size);
  if (!block)
    out_of_memory();
  block->data = aligned((char *)(block + 1), align);
#ifdef MADV_HUGEPAGE
  if (size == BLOCK_MAX)
    madvise(block->data, size, MADV_HUGEPAGE); /* or small ones */
#endif
  return block;
}

void arena_prepare(struct arena *a) {
  enum { PAGE = 4096 };
  struct arena_block *block = block_new(BLOCK_MAX);
  for (size_t i = 0; i < BLOCK_MAX; i += PAGE)
    *(volatile char *)(block->data + i) = 0;
  block->next = a->spare;
  a->spare = block;
}

/* For small pieces, what was made ready first. */
static struct arena_block *next_block(struct arena *a) {
  struct arena_block *block = a->spare;
  if (block) {
    a->spare = block->next;
    a->block_size = BLOCK_MAX;
    return block;
  }
  a->block_size = !a->block_size ? BLOCK_MIN : a->block_size < BLOCK_MAX ? a->block_size * 2 : BLOCK_MAX;
  return block_new(a->block_size);
}

void *arena_alloc(struct arena *a, size_t size) {
  const size_t align = alignof(max_align_t);
  if (size > SIZE_MAX - align)
    out_of_memory();
  size = size ? (size + align - 1) / align * align : align;

  if (size > (size_t)(a->end - a->at)) {
    const bool large = size > BLOCK_MIN / 4;
    struct arena_block *block = large ? block_new(size) : next_block(a);
    /* A large piece has a block of its own, behind the one in use, whose room is kept. */
    if (large && a->blocks) {
      block->next = a->blocks->next;
      a->blocks->next = block;
      return block->data;
    }
    block->next = a->blocks;
    a->blocks = block;
    a->at = block->data;
    a->end = block->data + (large ? size : a->block_size);
  }
  void *memory = a->at;
  a->at += size;
  return memory;
}

void *arena_array(struct arena *a, size_t count, size_t size) {
  if (size && count > SIZE_MAX / size)
    out_of_memory();
  return arena_alloc(a, count * size);
}

void *arena_grow(struct arena *a, void *v, size_t count, size_t *room, size_t size) {
  if (count < *room)
    return v;
  if (*room > SIZE_MAX / 2)
    out_of_memory();
  *room = *room ? *room * 2 : 16;
  void *more = arena_array(a, *room, size);
  if (count)
    memcpy(more, v, count * size);
  return more;
}

char *arena_strdup(struct arena *a, const char *text) {
  return arena_strndup(a, text, strlen(text));
}

char *arena_strndup(struct arena *a, const char *text, size_t n) {
  if (n == SIZE_MAX)
    out_of_memory();
  char *copy = arena_alloc(a, n + 1);
  if (n)
    memcpy(copy, text, n);
  return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...) {
  va_list args;
  va_start(args, fmt);
  char *text = arena_vprintf(a, fmt, args);
  va_end(args);
  return text;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list args) {
  char small[256];
  va_list again;
  va_copy(again, args);
  const int n = vsnprintf(small, sizeof small, fmt, args);
  if (n < 0) /* longer than INT_MAX */
    out_of_memory();
  char *copy = arena_alloc(a, (size_t)n + 1);
  if ((size_t)n < sizeof small)
    memcpy(copy, small, (size_t)n + 1);
  else
    vsnprintf(copy, (size_t)n + 1, fmt, again);
  va_end(again);
  return copy;
}

static void free_blocks(struct arena_block *block) {
  for (struct arena_block *next; block; block = next) {
    next = block->next;
    free(block);
  }
}

void arena_clear(struct arena *a) {
  struct arena_block *kept = a->blocks;
  if (!kept)
    return;
  free_blocks(kept->next);
  kept->next = NULL;
  memset(kept->data, 0, (size_t)(a->at - kept->data));
  a->at = kept->data;
}

void arena_release(struct arena *a) {
  free_blocks(a->blocks);
  free_blocks(a->spare);
  *a = (struct arena)ARENA_INIT;
}
