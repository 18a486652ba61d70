#include "base/base.h"

#include <string.h>

/* Longer words are no names (Postgres keeps 63 bytes) and would only cost time. */
enum { WORD_MAX = 128 };

static char folded(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Distance of a and b, or a number over limit as soon as that is certain. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t limit) {
  size_t rows[3][WORD_MAX + 1];
  size_t *before = rows[0], *last = rows[1], *row = rows[2];

  for (size_t j = 0; j <= b_len; j++)
    last[j] = j;
  for (size_t i = 1; i <= a_len; i++) {
    size_t best = row[0] = i;
    for (size_t j = 1; j <= b_len; j++) {
      const char x = folded(a[i - 1]), y = folded(b[j - 1]);
      row[j] = least(last[j - 1] + (x != y), least(last[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
        row[j] = least(row[j], before[j - 2] + 1);
      best = least(best, row[j]);
    }
    /* Rows differ by at most one, and a swap reaches two rows back: once a whole
     * row is two above the limit, no later cell can come under it. */
    if (best > limit + 1)
      return best;
    size_t *const spare = before;
    before = last;
    last = row;
    row = spare;
  }
  return last[b_len];
}

void spell_offer(struct spell *s, const char *candidate) {
  const size_t a = strlen(s->word), b = strlen(candidate);
  const size_t longer = a > b ? a : b, gap = longer - least(a, b);
  if (longer > WORD_MAX || s->distance == 0)
    return;
  /* Only what is nearer than the best so far is of use. */
  const size_t limit = least(longer / 3, s->distance - 1);
  if (gap > limit)
    return;
  const size_t d = distance(s->word, a, candidate, b, limit);
  if (d <= limit) {
    s->best = candidate;
    s->distance = d;
  }
}
