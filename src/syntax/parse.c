/* Running the parser over a source, saying what it did not expect, and giving
 * doc comments to the items they belong to. */
#include "syntax/parser.h"

#include <strings.h>

#include "pdl.tab.h"
#define YYSTYPE union value
#define YYLTYPE struct location
#include "pdl.lex.h"

int pdl_yyparse(struct parser *, void *scanner);

/* ── what was not expected ── */

/* SQL's way of saying what PDL says otherwise. */
static const struct {
  const char *sql, *hint;
} sql_habits[] = {
    {"alter", "schema.pdl says how the schema should be; pdlc works out the changes."},
    {"auto_increment", "A column that counts by itself is identity: id bigint identity pk."},
    {"autoincrement", "A column that counts by itself is identity: id bigint identity pk."},
    {"constraint", "A constraint's name stands after it: unique (a, b) name x, or check x (…)."},
    {"create", "Leave \"create\" out: table users { … }."},
    {"default", "A default is written = value."},
    {"delete", "What a delete does is one word: -> users cascade."},
    {"drop", "Leave the object out; pdlc works out what to drop."},
    {"key", "A primary key is written pk, a foreign key -> table."},
    {"null", "A column that may be null has a ? after its type: text?"},
    {"precision", "double precision is written float8."},
    {"primary", "A primary key is written pk."},
    {"references", "A reference is written -> table."},
};

static const char *sql_habit(const char *word) {
  for (size_t i = 0; i < ARRAY_LEN(sql_habits); i++)
    if (strcasecmp(word, sql_habits[i].sql) == 0)
      return sql_habits[i].hint;
  return NULL;
}

const char *syntax_item_habit(const char *word) {
  return strcmp(word, "constraint") == 0 || strcmp(word, "primary") == 0 ? sql_habit(word) : NULL;
}

/* The same for the word that begins the line of an offset. */
static const char *line_habit(struct arena *arena, const struct source *source, uint32_t at) {
  while (at > 0 && source->text[at - 1] != '\n')
    at--;
  while (lex_is_blank(source->text[at]))
    at++;
  const size_t n = strspn(source->text + at, "abcdefghijklmnopqrstuvwxyz");
  return syntax_item_habit(arena_strndup(arena, source->text + at, n));
}

/* The word before an offset, where only what stands in parentheses could follow it. */
static const char *paren_habit(struct arena *arena, const struct source *source, uint32_t at) {
  uint32_t end = at;
  while (end > 0 && lex_is_blank(source->text[end - 1]))
    end--;
  uint32_t from = end;
  while (from > 0 && source->text[from - 1] >= 'a' && source->text[from - 1] <= 'z')
    from--;
  return from == end
             ? NULL
             : arena_printf(arena, "It stands in parentheses: %.*s (…).", (int)(end - from), source->text + from);
}

static struct span span_of(const struct parser *p, struct location at) {
  return (struct span){p->lexer->source, at.from, at.to};
}

static bool is_keyword_symbol(const char *symbol) {
  return symbol[0] >= 'a' && symbol[0] <= 'z' && !strchr(symbol, ' ');
}

/* A symbol as messages show it: what it says in quotes, what it describes without. */
static const char *symbol_shown(const struct parser *p, const char *symbol) {
  if (p->lexer->in_list && strcmp(symbol, "end of file") == 0)
    return "\")\"";
  if (symbol[0] == '\'')
    return arena_printf(p->arena, "\"%c\"", symbol[1]);
  return strchr(symbol, ' ') ? symbol : arena_printf(p->arena, "\"%s\"", symbol);
}

/* What the parser did not expect, and what it would have taken. */
struct surprise {
  struct location at;
  const char *seen;  /* the token's symbol */
  const char *shown; /* its text, cut short */
  bool is_word, is_end;
  const char *const *expected;
  size_t count;
};

static bool expects(const struct surprise *s, const char *symbol) {
  for (size_t i = 0; i < s->count; i++)
    if (strcmp(s->expected[i], symbol) == 0)
      return true;
  return false;
}

/* The way out, or NULL where none is known. */
static const char *way_out(const struct parser *p, const struct surprise *s) {
  const struct source *source = p->lexer->source;
  if (s->is_end)
    return p->lexer->in_list ? NULL : "A block is still open: its \"}\" is missing.";
  if (strcmp(s->shown, ",") == 0 && !p->lexer->in_list)
    return "Items end at the end of the line; leave the comma out.";
  if (strcmp(s->shown, "?") == 0)
    return "A column that may be null has its ? after the type: text?";
  if (strcmp(s->shown, "}") == 0 && expects(s, "end of file"))
    return "No block is open that it could close.";
  const char *hint = s->is_word ? sql_habit(s->shown) : NULL;
  struct spell spell = SPELL_INIT(s->shown);
  for (size_t i = 0; s->is_word && !hint && i < s->count; i++)
    if (is_keyword_symbol(s->expected[i]))
      spell_offer(&spell, s->expected[i]);
  if (spell.best)
    hint = arena_printf(p->arena, "did you mean \"%s\"?", spell.best);
  if (!hint)
    hint = line_habit(p->arena, source, s->at.from);
  if (!hint && s->count == 1 && expects(s, "(…)"))
    hint = paren_habit(p->arena, source, s->at.from);
  if (!hint && strcmp(s->seen, "(…)") == 0 && expects(s, "'{'"))
    hint = "What it is made of stands in braces: { … }.";
  if (!hint && !s->is_word && expects(s, "$$ … $$"))
    hint = "SQL of more than an expression stands in $$ … $$.";
  if (!hint && strcmp(s->shown, "{") == 0 && p->lexer->blocks > 1)
    hint = "The block around it may lack its \"}\".";
  return hint;
}

void report_unexpected(struct parser *p, struct location at, const char *seen, const char *const *expected,
                       size_t count) {
  const struct source *source = p->lexer->source;
  if (p->lexer->stopped) /* said already */
    return;
  enum { SHOWN = 40, LISTED = 5 };
  const uint32_t len = at.to - at.from;
  uint32_t cut = 0;
  while (cut < len && source->text[at.from + cut] != '\n')
    cut++;
  if (cut > SHOWN)
    for (cut = SHOWN; cut > 0 && ((unsigned char)source->text[at.from + cut] & 0xC0) == 0x80; cut--)
      ;
  const struct surprise s = {
      .at = at,
      .seen = seen,
      .shown = arena_strndup(p->arena, source->text + at.from, cut),
      .is_word = strcmp(seen, "a name") == 0 || is_keyword_symbol(seen),
      .is_end = strcmp(seen, "end of file") == 0,
      .expected = expected,
      .count = count,
  };
  struct strbuf message = STRBUF_INIT;
  if (s.is_end || strcmp(seen, "end of line") == 0 || s.shown[0] == '\0')
    strbuf_addf(&message, "unexpected %s", s.is_end ? symbol_shown(p, seen) : "end of line");
  else
    strbuf_addf(&message, "unexpected \"%s%s\"", s.shown, cut < len ? "…" : "");
  /* A list of every word of the language helps nobody. */
  if (count > 0 && count <= LISTED)
    for (size_t i = 0; i < count; i++)
      strbuf_addf(&message, "%s%s", i == 0 ? ", expected " : i + 1 == count ? " or " : ", ",
                  symbol_shown(p, expected[i]));
  struct diagnostics *d = p->lexer->diagnostics;
  struct diagnostic *found = diagnose(d, PDL_SYNTAX, span_of(p, at), "%s", message.text);
  strbuf_release(&message);
  const char *hint = way_out(p, &s);
  if (hint)
    diagnostic_hint(d, found, "%s", hint);
}

void report_failure(struct parser *p, struct location at) {
  diagnose(p->lexer->diagnostics, PDL_TOO_DEEP, span_of(p, at), "blocks nest too deep");
}

/* ── doc comments ── */

struct item {
  struct node *node;
  size_t parent; /* index, or SIZE_MAX */
};
struct items {
  struct arena *arena;
  struct item *v;
  size_t count, room;
};

static bool is_documented(enum node_kind kind) {
  switch (kind) {
  case NODE_TARGET: case NODE_SCHEMA: case NODE_MIXIN: case NODE_EXTENSION: case NODE_ENUM: case NODE_DOMAIN:
  case NODE_COMPOSITE:
  case NODE_SEQUENCE:
  case NODE_EXTERNAL:
  case NODE_TABLE:
  case NODE_FOREIGN_TABLE:
  case NODE_SQL:
  case NODE_SHAPE:
  case NODE_COLUMN:
  case NODE_PARTITION:
  case NODE_VIEW:
  case NODE_MATVIEW:
  case NODE_FUNCTION:
  case NODE_PROCEDURE:
  case NODE_TRIGGER:
  case NODE_POLICY:
  case NODE_PUBLICATION:
  case NODE_PRIMARY: case NODE_UNIQUE: case NODE_CHECK: case NODE_FOREIGN: case NODE_EXCLUDE: case NODE_INDEX:
  case NODE_LABEL: return true;
  default: return node_is_object(kind);
  }
}

/* Items in source order: the file's own, and those of blocks, never the clauses of one. */
static void collect(struct items *items, struct node *n, size_t parent) {
  for (struct node *part = n->parts; part; part = part->next) {
    items->v = arena_grow(items->arena, items->v, items->count, &items->room, sizeof *items->v);
    items->v[items->count] = (struct item){part, parent};
    const size_t self = items->count++;
    switch (part->kind) {
    case NODE_MIXIN:
    case NODE_ENUM:
    case NODE_COMPOSITE:
    case NODE_EXTERNAL:
    case NODE_TABLE:
    case NODE_FOREIGN_TABLE:
    case NODE_PARTITION:
    case NODE_MATVIEW:
    case NODE_VIEW:
    case NODE_DOMAIN:
      collect(items, part, self);
      break;
    default: break;
    }
  }
}

/* The last item that starts at or before the offset; SIZE_MAX if none. */
static size_t item_before(const struct items *items, uint32_t offset) {
  size_t low = 0, high = items->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (items->v[middle].node->span.from <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low - 1;
}

static bool same_line(const struct source *source, uint32_t from, uint32_t to) {
  return from <= to && memchr(source->text + from, '\n', to - from) == NULL;
}

/* The item that a trailing comment stands behind: the one whose block opens just before or after it, else
 * the outermost that ends on this line before it. */
static struct node *item_behind(const struct items *items, const struct source *source, const struct comment *c) {
  const bool by_brace = c->after_brace || (c->next_token != UINT32_MAX && source->text[c->next_token] == '{');
  struct node *found = NULL;
  for (size_t i = item_before(items, c->at.from); i != SIZE_MAX; i = items->v[i].parent) {
    struct node *n = items->v[i].node;
    if (by_brace ? n->span.to > c->at.from && !found
                 : n->span.to <= c->at.from && same_line(source, n->span.to, c->at.from))
      found = n;
  }
  return found;
}

static void attach(struct parser *p, struct node *n, const struct comment *c) {
  const struct source *source = p->lexer->source;
  const char *text = source->text + c->at.from + 3, *end = source->text + c->at.to;
  if (text < end && *text == ' ')
    text++;
  while (end > text && lex_is_blank(end[-1]))
    end--;
  end -= end > text && end[-1] == '\\'; /* it keeps the blanks before it */
  if (n->doc) {
    n->doc->text = arena_printf(p->arena, "%s\n%.*s", n->doc->text, (int)(end - text), text);
    n->doc->span.to = c->at.to;
    return;
  }
  n->doc = arena_alloc(p->arena, sizeof *n->doc);
  n->doc->text = arena_strndup(p->arena, text, (size_t)(end - text));
  n->doc->span = span_of(p, c->at);
}

static void attach_docs(struct parser *p, struct node *file) {
  struct lexer *x = p->lexer;
  if (!x->docs)
    return;
  struct items items = {.arena = p->arena};
  if (file)
    collect(&items, file, SIZE_MAX);
  const bool broken = x->diagnostics->errors > 0; /* an item that was not read has no node to take its comment */
  for (struct comment *c = x->docs; c; c = c->next) {
    struct node *n = NULL;
    if (c->trailing) {
      n = item_behind(&items, x->source, c);
    } else if (c->next_token != UINT32_MAX) {
      size_t i = item_before(&items, c->next_token);
      if (i != SIZE_MAX && items.v[i].node->span.from == c->next_token)
        n = items.v[i].node;
    }
    if (n && is_documented(n->kind)) {
      if (c->trailing && n->doc)
        diagnostic_hint(x->diagnostics,
                        diagnose(x->diagnostics, PDL_DANGLING_DOC, span_of(p, c->at), "second doc comment on one item"),
                        "Keep the one above the item or the one behind it.");
      else
        attach(p, n, c);
    } else if (!broken) {
      diagnostic_hint(x->diagnostics,
                      diagnose(x->diagnostics, PDL_DANGLING_DOC, span_of(p, c->at),
                               "doc comment belongs to nothing"),
                      "Put /// directly above a table, column, key, index or type, or behind it on its line; "
                      "use // for a remark.");
    }
  }
}

/* ── running the parser ── */

static void run(struct parser *p, int start, const char *text, size_t len) {
  struct lexer *x = p->lexer;
  x->start_token = start;
  x->held_token = -1;
  void *scanner = lex_open(x, text, len);
  pdl_yyparse(p, scanner);
  pdl_yylex_destroy(scanner);
}

struct node *make_list(struct parser *p, enum node_kind kind, struct location at, struct token token, int start) {
  struct node *n = make(p, kind, at);
  struct lexer lexer = {
      .arena = p->arena,
      .source = p->lexer->source,
      .diagnostics = p->lexer->diagnostics,
      .at = token.at.from,
      .last_end = token.at.from,
      .end = token.at.to,
      .in_list = true,
  };
  struct parser list = {.arena = p->arena, .lexer = &lexer};
  run(&list, start, token.text, strlen(token.text));
  attach_docs(&list, NULL);
  n->text_span = span_of(p, token.at);
  return add_parts(n, list.list);
}

struct node *syntax_parse_part(struct arena *arena, const struct source *source, uint32_t from, uint32_t to,
                               struct diagnostics *diagnostics) {
  struct lexer lexer = {
      .arena = arena, .source = source, .diagnostics = diagnostics, .at = from, .end = to, .starts_item = true};
  struct parser p = {.arena = arena, .lexer = &lexer};
  run(&p, START_FILE, source->text + from, to - from);
  if (!p.file)
    p.file = make(&p, NODE_FILE, (struct location){from, from});
  attach_docs(&p, p.file);
  return p.file;
}

struct node *syntax_parse(struct arena *arena, const struct source *source, struct diagnostics *diagnostics) {
  static const char bom[] = "\xEF\xBB\xBF";
  const uint32_t start = source->len >= 3 && memcmp(source->text, bom, 3) == 0 ? 3 : 0;
  const char *nul = memchr(source->text, '\0', source->len);
  const size_t invalid = nul ? SIZE_MAX : utf8_invalid_at(source->text, source->len);
  if (nul) {
    const uint32_t at = (uint32_t)(nul - source->text);
    diagnostic_hint(diagnostics,
                    diagnose(diagnostics, PDL_NUL_BYTE, (struct span){source, at, at + 1}, "file holds a NUL byte"),
                    "It is binary, or text in UTF-16: save it as UTF-8.");
  } else if (invalid != SIZE_MAX) {
    const uint32_t at = (uint32_t)invalid;
    diagnostic_hint(diagnostics,
                    diagnose(diagnostics, PDL_INVALID_UTF8, (struct span){source, at, at + 1},
                             "byte 0x%02x is not valid UTF-8", (unsigned)(unsigned char)source->text[at]),
                    "Save the file as UTF-8.");
  }
  const bool readable = !nul && invalid == SIZE_MAX;
  return syntax_parse_part(arena, source, readable ? start : 0, readable ? (uint32_t)source->len : 0, diagnostics);
}
