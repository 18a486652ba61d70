/* emit: the view of the model that templates see, and the template renderer.
 * Must not know: the AST, libpq, how objects are compared and ordered.
 * Called by: cmd. */
#ifndef PDLC_EMIT_H
#define PDLC_EMIT_H

#include "base/base.h"

/* ── view.c ── What a template walks over ─────────────────────────────────────
 * Values are looked up only when a tag names them, so a template pays for what
 * it prints and a model of 5,000 tables is never copied. */
enum view_kind { VIEW_NULL, VIEW_BOOL, VIEW_INT, VIEW_TEXT, VIEW_LIST, VIEW_OBJECT };

struct view; /* a value: what it is and where it lives; passed by value */
struct view_ops {
  enum view_kind (*kind)(const struct view *);
  /* VIEW_TEXT: the text; VIEW_INT, and numbers of other make: as printed.
   * Arena memory or as long-lived as the value. */
  const char *(*text)(const struct view *, struct arena *);
  bool (*truth)(const struct view *);                              /* VIEW_BOOL */
  size_t (*count)(const struct view *);                            /* VIEW_LIST */
  struct view (*item)(const struct view *, size_t);                /* VIEW_LIST */
  /* VIEW_OBJECT: the value under the key of n bytes; false where there is none. */
  bool (*get)(const struct view *, const char *key, size_t n, struct arena *, struct view *out);
  /* VIEW_OBJECT: the key at position i, or NULL past the last (for printing JSON). */
  const char *(*key)(const struct view *, size_t i);
};
struct view {
  const struct view_ops *ops;
  const void *data;
  const void *data2; /* for the ops' own use */
  size_t n;          /* likewise */
};
/* Ready-made values. */
struct view view_null(void);
struct view view_bool(bool);
struct view view_int(long long);
struct view view_text(const char *); /* borrowed; NULL gives view_null */

/* ── template.c ── Mustache, spec 1.4: comments, delimiters, interpolation,
 * inverted, partials, sections (github.com/mustache/spec) ──────────────────── */
enum escape { ESCAPE_NONE, ESCAPE_HTML };

/* Finds a partial's text; NULL where there is none (renders as nothing). A partial is
 * compiled when first used and kept with the template, so its source must live as
 * long. `find` may be NULL: no partials. */
struct partials {
  const struct source *(*find)(void *ctx, const char *name);
  void *ctx;
};
struct template; /* a compiled template; lives in the arena */

/* Compiles the text. The first malformed tag (unclosed tag, unclosed or mismatched
 * section, bad delimiters or name, sections deeper than 256) is diagnosed at its
 * place in src; returns NULL then. A failure inside a partial is diagnosed when the
 * partial is first used. */
struct template *template_parse(struct arena *, const struct source *src, struct diagnostics *);
/* Appends the rendering. Null, false, the empty text and the empty list leave a section
 * out; every number is truth. Null, lists and objects print as nothing. The indentation
 * of a partial that stands alone goes before each of its lines, empty ones too. Returns false if a partial did not
 * parse (diagnosed) or partials nest deeper than 64. {{x}} is escaped as `escape` says; {{{x}}} and
 * {{&x}} never are. */
bool template_render(struct arena *, struct template *, struct view root, struct partials,
                     enum escape, struct diagnostics *, struct strbuf *out) MUST_CHECK;

/* ── view_json.c ── JSON on either side ───────────────────────────────────────── */
struct json_t;
/* A view of a jansson value, which must outlive it. */
struct view view_json(const struct json_t *);
/* Prints any view as JSON (sorted as the view orders its keys), two spaces a level, no
 * newline at the end; every object must know its keys. Bytes that are not UTF-8 become
 * U+FFFD. Copies nothing but into out; the arena holds what the view's operations make. */
void view_print_json(struct view, struct arena *, struct strbuf *out);

/* ── view_schema.c ── The model as templates see it; docs/templates.md lists the keys ── */
struct schema;
struct plan;
/* Both are borrowed and must be sound (compiled without an error). */
struct view view_schema(struct arena *, const struct schema *, const struct plan *);

/* ── outputs.c ── The files that the schema's output block asks for ────────────────── */
struct emit_options {
  const char *folder;    /* of schema.pdl; "." or "" is the present one */
  const char *templates; /* a folder whose files stand for embedded templates of the same path, or NULL */
  const char *only;      /* a language: only its outputs; or NULL */
  /* outputs that are folders are the root of the set themselves; needs `only` of one such output */
  bool in_place;
  struct map *read;      /* gets the path of each template file that was read; or NULL */
};
/* Renders every output into the set, in order of the output block. False where an error was diagnosed; what could
 * be rendered is in the set nevertheless. */
bool emit_outputs(struct arena *, const struct schema *, const struct plan *, const struct emit_options *,
                  struct diagnostics *, struct file_set *) MUST_CHECK;

#endif
