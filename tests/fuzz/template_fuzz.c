/* Any text as a template with two partials: the three parted by bytes 0xff. Renders with
 * and without escaping; the data is small and its lists have few items, so that nesting
 * cannot make rendering endless. */
#include "emit/emit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char values_text[] =
    "{\"a\": \"<&\\\"'>\", \"b\": {\"a\": 1, \"c\": {\"d\": 1.5}}, \"t\": true, \"f\": false, \"n\": null,"
    " \"l\": [\"\\n\"], \"e\": [], \"s\": \"\", \"o\": [{\"a\": [[1]]}]}";

static const struct source *find_partial(void *ctx, const char *name) {
  struct source **partials = ctx;
  return strcmp(name, "p") == 0 ? partials[0] : strcmp(name, "q") == 0 ? partials[1] : NULL;
}

/* A diagnostic must lie within its source. */
static void check_places(const struct diagnostics *diags) {
  for (const struct diagnostic *d = diags->first; d; d = d->next) {
    struct place place = span_place(d->span);
    if (d->span.from > d->span.to || d->span.to > d->span.src->len || place.line == 0 || place.column == 0) {
      abort();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static json_t *values;
  if (!values && !(values = json_loads(values_text, 0, NULL))) {
    abort();
  }
  struct arena arena = ARENA_INIT;
  struct diagnostics diags;
  diagnostics_init(&diags, &arena);
  struct source *texts[3] = {NULL, NULL, NULL};
  const char *text = (const char *)data;
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    const char *end = size ? memchr(text, 0xff, size) : NULL;
    size_t n = end ? (size_t)(end - text) : size;
    texts[i] = source_new(&arena, "fuzz", size ? text : "", n);
    size_t gone = end ? n + 1 : n;
    text += gone;
    size -= gone;
  }
  struct template *t = template_parse(&arena, texts[0], &diags);
  if (!t && diags.errors != 1) {
    abort();
  }
  struct strbuf out = STRBUF_INIT;
  for (int i = 0; t && i < 2; i++) {
    bool good = template_render(&arena, t, view_json(values), (struct partials){find_partial, &texts[1]},
                                i ? ESCAPE_HTML : ESCAPE_NONE, &diags, &out);
    if (good == (diags.errors > 0)) {
      abort();
    }
  }
  check_places(&diags);
  strbuf_release(&out);
  arena_release(&arena);
  return 0;
}
