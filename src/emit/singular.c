/* The singular of a table's name. Only what English leaves little doubt about: a wrong guess is a name in every
 * program, so words that are not understood stay as they are, and `as` has the last word. */
#include <ctype.h>
#include <string.h>

#include "emit/shape.h"

static const struct {
  const char *plural, *singular;
} irregular[] = {
    {"analyses", "analysis"}, {"children", "child"},   {"crises", "crisis"},     {"criteria", "criterion"},
    {"diagnoses", "diagnosis"}, {"feet", "foot"},      {"geese", "goose"},       {"halves", "half"},
    {"hypotheses", "hypothesis"}, {"indices", "index"}, {"knives", "knife"},     {"leaves", "leaf"},
    {"lives", "life"},        {"loaves", "loaf"},      {"matrices", "matrix"},   {"men", "man"},
    {"mice", "mouse"},        {"people", "person"},    {"quizzes", "quiz"},      {"shelves", "shelf"},
    {"teeth", "tooth"},       {"thieves", "thief"},    {"vertices", "vertex"},   {"wives", "wife"},
    {"wolves", "wolf"},       {"women", "woman"},
};

/* Words that end in s and are no plurals, or have none. */
static const char *const uncountable[] = {
    "alias", "analytics", "atlas", "bias", "canvas", "chaos", "diabetes", "economics", "ethics", "lens", "logistics",
    "mathematics", "news", "physics", "politics", "series", "species",
};

/* Endings, the longest first: what is cut off, and what comes in its place; NULL: the word stays. */
static const struct {
  const char *ending, *instead;
} endings[] = {
    {"statuses", "status"},
    {"viruses", "virus"},
    {"bonuses", "bonus"},
    {"campuses", "campus"},
    {"aliases", "alias"},
    {"canvases", "canvas"},
    {"choruses", "chorus"},
    {"focuses", "focus"},
    {"censuses", "census"},
    {"headaches", "headache"},
    {"calories", "calorie"},
    {"cookies", "cookie"},
    {"movies", "movie"},
    {"rookies", "rookie"},
    {"selfies", "selfie"},
    {"zombies", "zombie"},
    {"brownies", "brownie"},
    {"hoodies", "hoodie"},
    {"caches", "cache"},
    {"niches", "niche"},
    {"biases", "bias"},
    {"atlases", "atlas"},
    {"lenses", "lens"},
    {"buses", "bus"},
    {"gases", "gas"},
    {"shoes", "shoe"},
    {"canoes", "canoe"},
    {"toes", "toe"},
    {"axes", "axis"},
    {"sizes", "size"},
    {"prizes", "prize"},
    {"sses", "ss"},
    {"shes", "sh"},
    {"ches", "ch"},
    {"xes", "x"},
    {"zzes", "zz"},
    {"oes", "o"},
    {"ies", "y"},
    {"ss", NULL},
    {"us", NULL},
    {"is", NULL},
    {"s", ""},
};

static bool same(const char *word, size_t n, const char *other) {
  if (strlen(other) != n)
    return false;
  for (size_t i = 0; i < n; i++)
    if (tolower((unsigned char)word[i]) != other[i])
      return false;
  return true;
}

/* `first` with the letter case of the word's own beginning. */
static const char *instead_of(struct arena *arena, const char *name, size_t before, size_t cut, const char *first) {
  char *copy = arena_printf(arena, "%.*s%s", (int)before, name, first);
  if (cut > 0 && *first && isupper((unsigned char)name[before]))
    copy[before] = (char)toupper((unsigned char)copy[before]);
  return copy;
}

const char *singular(struct arena *arena, const char *name) {
  const size_t len = strlen(name);
  size_t start = len;
  while (start > 0 && isalpha((unsigned char)name[start - 1]) &&
         !(isupper((unsigned char)name[start]) && islower((unsigned char)name[start - 1])))
    start--;
  const char *word = name + start;
  const size_t n = len - start;
  for (size_t i = 0; i < ARRAY_LEN(irregular); i++)
    if (same(word, n, irregular[i].plural))
      return instead_of(arena, name, start, n, irregular[i].singular);
  for (size_t i = 0; i < ARRAY_LEN(uncountable); i++)
    if (same(word, n, uncountable[i]))
      return name;
  if (n <= 3 || isupper((unsigned char)name[len - 1])) /* gps, DNS */
    return name;
  for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
    const size_t m = strlen(endings[i].ending);
    if (m > n || !same(word + n - m, m, endings[i].ending))
      continue;
    /* "ties", "pies": a word of one letter before the ending is none of these */
    if (strcmp(endings[i].ending, "ies") == 0 && n <= 4)
      return instead_of(arena, name, len - 1, 0, "");
    return endings[i].instead ? instead_of(arena, name, len - m, m, endings[i].instead) : name;
  }
  return name;
}
