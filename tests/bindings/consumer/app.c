/* A consumer: needs a function of the bindings, and is never run against a server. */
#include "schema.h"

int main(void) {
  struct notes note = {.body = pdl_str("x")};
  return pdl_text_is(note.body, "x") && &notes_insert ? 0 : 1;
}
