/* Words in a sorted table. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static int compare(const void *key, const void *element) {
  return strcmp(key, *(const char *const *)element);
}

bool is_among(const char *word, const char *const *sorted, size_t count) {
  return bsearch(word, sorted, count, sizeof *sorted, compare) != NULL;
}
