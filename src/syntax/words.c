/* The words of the language, as the grammar lists them. */
#include <string.h>

#include "syntax/parser.h"

bool syntax_is_taken(const char *word) {
  const char *known;
  for (size_t i = 0; (known = grammar_word(i)) != NULL; i++)
    if (*word == *known && strcmp(word, known) == 0)
      return grammar_starts_item(i) || grammar_starts_clause(i);
  return false;
}
