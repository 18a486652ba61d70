/* The kinds of objects, in the order in which catalogs are read. */
#include "schema/schema.h"

#define KIND(id, symbol) extern const struct kind symbol;
#include "schema/kinds.def"
#undef KIND

const struct kind *const kinds[KIND_COUNT] = {
#define KIND(id, symbol) [id] = &symbol,
#include "schema/kinds.def"
#undef KIND
};
