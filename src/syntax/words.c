/* The words of the language, as the grammar lists them. */
#include <string.h>

#include "syntax/parser.h"

/* Asked for every name that is printed: other words of the grammar, which come behind these, need not be looked at. */
bool syntax_is_taken(const char *word) {
  for (size_t i = 0; grammar_starts_item(i) || grammar_starts_clause(i); i++) {
    const char *taken = grammar_word(i);
    if (*word == *taken && strcmp(word, taken) == 0)
      return true;
  }
  return false;
}
