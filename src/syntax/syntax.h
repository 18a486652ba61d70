/* syntax: PDL text to a tree of nodes, and back to canonical text.
 * Must not know: what any name means, SQL inside parentheses, Postgres.
 * Called by: schema, objects, pull, cmd. */
#ifndef PDLC_SYNTAX_H
#define PDLC_SYNTAX_H

#include "base/base.h"

/* One shape of node for everything: an item or clause has a kind, at most one name, at most one
 * text, and parts (columns of a table, clauses of a column, names of a list). So a new kind of
 * object needs a word here and a rule in grammar/pdl.y, and no new struct. */
enum node_kind {
#define NODE(id, word) id,
#include "syntax/nodes.def"
#undef NODE
  NODE_KINDS,
  NODE_FIRST_OBJECT = NODE_AGGREGATE,
  NODE_LAST_OBJECT = NODE_ACCESS_METHOD,
};
/* Of the kinds that take CREATE's own clauses. */
static inline bool node_is_object(enum node_kind kind) {
  return kind >= NODE_FIRST_OBJECT && kind <= NODE_LAST_OBJECT;
}
const char *node_word(enum node_kind); /* "table", "default": for messages and dumps */

struct name {
  const char *schema; /* NULL where the name has one part */
  const char *text;   /* NULL where the node has no name */
  bool quoted;        /* the last part stood in double quotes */
  struct span span;
};
/* A doc comment: `///` lines above an item or one trailing on its line. */
struct doc {
  const char *text; /* lines joined by \n; NULL where there is none */
  struct span span;
};
struct node {
  enum node_kind kind;
  bool optional;          /* followed by `?` */
  struct span span;       /* the whole item */
  struct name name;
  const char *text;       /* a string's value, raw SQL without its delimiters, a number, a word */
  struct span text_span;  /* of exactly those bytes, so an offset in text is an offset here (but for a
                           * type's modifiers: blanks beside their commas are left out of text) */
  struct node *parts, *last_part; /* node_append adds to them */
  uint64_t part_kinds;    /* bit kind % 64 of each: most parts that are asked for are not there */
  struct node *next;
  struct doc *doc;        /* NULL where there is none */
};
/* The first part of this kind, or NULL. */
const struct node *node_part(const struct node *, enum node_kind);
/* How many parts of this kind. */
size_t node_count(const struct node *, enum node_kind);
/* As the last of its parts; it stands in no other list. */
void node_append(struct node *list, struct node *part);
/* Whether two trees say the same, wherever they stand and however they are laid out. */
bool node_equal(const struct node *, const struct node *);
/* The place in the source of a byte offset in node->text. */
struct span node_text_at(const struct node *, uint32_t offset, uint32_t len);

/* ── parse.c ────────────────────────────────────────────────────────────────────
 * Reads the whole file and never stops at the first error: what cannot be read is
 * diagnosed and left out of the tree. Returns a NODE_FILE, never NULL. */
struct node *syntax_parse(struct arena *, const struct source *, struct diagnostics *);
/* The same for a stretch of a source that is valid UTF-8 without NUL. */
struct node *syntax_parse_part(struct arena *, const struct source *, uint32_t from, uint32_t to, struct diagnostics *);
/* Reads path and what it includes, each file once, paths relative to the including
 * file. The result is one NODE_FILE whose parts are the items of all files in
 * order, includes replaced by their content. NULL if path itself cannot be
 * read (diagnosed, as are missing and circular includes at the including line).
 * files, if given, gets a NODE_INCLUDE a file read, text = its path (for depfiles). */
struct node *syntax_read(struct arena *, const char *path, struct diagnostics *, struct node *files);

/* ── format.c ───────────────────────────────────────────────────────────────────
 * Appends the canonical layout of the source: comments and single blank lines kept,
 * tokens never changed. The source must have parsed without an error. */
void syntax_format(struct arena *, const struct source *, const struct node *file, struct strbuf *out);
/* The same for one item of a file, without the comments before and behind it. */
void syntax_format_item(struct arena *, const struct node *item, struct strbuf *out);

/* Prints a tree for tests: one node a line, indented, no places. */
void node_dump(const struct node *, struct strbuf *out);

/* What to write instead of an item that begins with a word of SQL's ("constraint", "primary"); NULL for others. */
const char *syntax_item_habit(const char *);
/* A word that is no name everywhere, since an item of a table or a clause of a column begins with it: printers quote
 * it. */
bool syntax_is_taken(const char *);

#endif
