/* What the scanner's rules do with a token, and the token stream the parser sees. */
#include "syntax/parser.h"

#include "pdl.tab.h"
#define YYSTYPE union value
#define YYLTYPE struct location
#include "pdl.lex.h"

int pdl_yylex(union value *, struct location *, void *scanner);

/* After so many tokens that do not end, or so many errors, the rest of the file is not read. */
enum { BROKEN_MAX = 20, ERRORS_MAX = 1000 };

static struct span span_of(const struct lexer *x, uint32_t from, uint32_t to) {
  return (struct span){x->source, from, to};
}

bool lex_is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static int token(struct lexer *x, union value *value, uint32_t from, uint32_t to, int kind) {
  value->token = (struct token){.text = arena_strndup(x->arena, x->source->text + from, to - from), .at = {from, to}};
  return kind;
}

int lex_word(struct lexer *x, union value *value, const struct location *at, int kind) {
  x->starts_item = false;
  return token(x, value, at->from, at->to, kind);
}

uint32_t lex_object(struct lexer *x, union value *value, const struct location *at) {
  uint32_t first = at->from;
  while (first < at->to && !lex_is_blank(x->source->text[first]))
    first++;
  if (!x->starts_item || x->blocks > 0 || x->in_list)
    return first - at->from;
  lex_word(x, value, at, 0);
  char *to = arena_strdup(x->arena, value->token.text); /* one blank between words */
  value->token.text = to;
  for (const char *from = to; *from; from++)
    if (!lex_is_blank(*from) || !lex_is_blank(from[1]))
      *to++ = lex_is_blank(*from) ? ' ' : *from;
  *to = '\0';
  return 0;
}

bool lex_opens_paren(const struct lexer *x, const struct location *at) {
  uint32_t next = at->to;
  while (next < x->end && lex_is_blank(x->source->text[next]))
    next++;
  return next < x->end && x->source->text[next] == '(';
}

/* A string's value: its delimiters off, doubled ones single. */
static int unquote(struct lexer *x, union value *value, const struct location *at, char quote, int kind) {
  char *text = arena_alloc(x->arena, at->to - at->from);
  char *w = text;
  for (const char *r = x->source->text + at->from + 1, *end = x->source->text + at->to - 1; r < end; r++) {
    *w++ = *r;
    if (*r == quote)
      r++;
  }
  *w = '\0';
  value->token = (struct token){.text = text, .at = *at, .quoted = quote == '"'};
  return kind;
}

int lex_string(struct lexer *x, union value *value, const struct location *at) {
  return unquote(x, value, at, '\'', STRING);
}

int lex_quoted(struct lexer *x, union value *value, const struct location *at) {
  return unquote(x, value, at, '"', QUOTED);
}

/* The blanks beside the parentheses are no part of the text. Line ends are: one may close a comment. */
int lex_paren(struct lexer *x, union value *value, struct location *at) {
  at->from = x->raw_from;
  const char *text = x->source->text;
  uint32_t from = at->from + 1, to = at->to - 1;
  while (from < to && lex_is_blank(text[from]))
    from++;
  while (to > from && lex_is_blank(text[to - 1]))
    to--;
  return token(x, value, from, to, PAREN);
}

int lex_dollar(struct lexer *x, union value *value, struct location *at) {
  at->from = x->raw_from;
  return token(x, value, at->from + x->tag_len, at->to - x->tag_len, DOLLAR_BODY);
}

int lex_value(struct lexer *x, union value *value, struct location *at) {
  const uint32_t end = x->at;
  *at = (struct location){x->value_from, end};
  if (end == x->raw_from) {
    diagnostic_hint(x->diagnostics,
                    diagnose(x->diagnostics, PDL_MISSING_VALUE, span_of(x, x->value_from, x->value_from + 1),
                             "no value after \"=\""),
                    "Write it on the same line: one word, or SQL in parentheses.");
    return PDL_YYerror;
  }
  return token(x, value, x->raw_from, end, VALUE);
}

int lex_stray(struct lexer *x, struct location *at) {
  const char *text = x->source->text + at->from;
  const char *hint = NULL;
  switch (*text) {
  case ';': hint = "Items end at the end of the line; leave the semicolon out."; break;
  case '-':
    hint = at->to - at->from > 1 ? "Comments start with // here; -- is a comment only inside SQL."
                                 : "A name with other characters than letters, digits and _ stands in double quotes.";
    break;
  case '#': hint = "Comments start with // here."; break;
  case ':': hint = "A column is its name, a blank, and its type."; break;
  case ')': case ']': hint = "Nothing is open that it could close."; break;
  case '[': hint = "An array type is written text[]."; break;
  case '<': case '>': case '+': case '*': case '%': case '|': case '&': case '~':
    hint = "SQL with operators stands in parentheses, or in $$ … $$.";
    break;
  case '$': hint = "A dollar quote opens and closes with the same tag: $$ … $$."; break;
  default:
    if (x->last_token == VALUE)
      hint = "A default ends at the first blank; put longer SQL in parentheses: = (…).";
    break;
  }
  struct diagnostic *d;
  if (at->to - at->from > 1 && *text == '-')
    d = diagnose(x->diagnostics, PDL_STRAY_CHARACTER, span_of(x, at->from, at->from + 2), "unexpected \"--\"");
  else if (*text >= ' ' && *text <= '~')
    d = diagnose(x->diagnostics, PDL_STRAY_CHARACTER, span_of(x, at->from, at->to), "unexpected \"%c\"", *text);
  else
    d = diagnose(x->diagnostics, PDL_STRAY_CHARACTER, span_of(x, at->from, at->to),
                 "unexpected control character 0x%02x", (unsigned)(unsigned char)*text);
  if (hint)
    diagnostic_hint(x->diagnostics, d, "%s", hint);
  return PDL_YYerror;
}

int lex_too_deep(struct lexer *x, struct location *at) {
  diagnostic_hint(x->diagnostics,
                  diagnose(x->diagnostics, PDL_TOO_DEEP, span_of(x, at->from, at->to),
                           "brackets nest deeper than %d", LEX_DEPTH_MAX),
                  "Split the expression, for example into functions.");
  x->stopped = true;
  return PDL_YYerror;
}

/* The token runs to the end of the file. Its opening is what needs mending; reading goes on at the next line. */
int lex_unterminated(struct lexer *x, struct location *at, enum code code) {
  uint32_t from = at->from;
  const char *message = "unterminated string", *hint = "Close it with the quote that opened it.";
  switch (code) {
  case PDL_UNTERMINATED_PAREN:
    from = x->raw_from;
    message = "parenthesis is never closed";
    hint = "Inside it SQL's rules hold: a quote or comment that is not closed may hide the \")\".";
    break;
  case PDL_UNTERMINATED_COMMENT:
    from = x->raw_from;
    message = "unterminated comment";
    hint = "Comments nest: each /* needs its own */.";
    break;
  case PDL_UNTERMINATED_DOLLAR:
    from = x->raw_from;
    message = "unterminated dollar quote";
    hint = "It closes with the same tag that opened it.";
    break;
  default: break;
  }
  const char *text = x->source->text;
  uint32_t to = from + 1;
  while (to < x->end && text[to] != '\n')
    to++;
  diagnostic_hint(x->diagnostics, diagnose(x->diagnostics, code, span_of(x, from, from + 1), "%s", message), "%s",
                  hint);
  *at = (struct location){from, to};
  x->broken = true;
  x->resume = to;
  if (++x->broken_count >= BROKEN_MAX)
    x->stopped = true;
  return PDL_YYerror;
}

static bool same_line(const struct source *source, uint32_t from, uint32_t to) {
  return memchr(source->text + from, '\n', to - from) == NULL;
}

void lex_doc(struct lexer *x, const struct location *at) {
  struct comment *c = arena_alloc(x->arena, sizeof *c);
  c->at = *at;
  c->next_token = UINT32_MAX;
  c->trailing = x->last_end > 0 && same_line(x->source, x->last_end, at->from);
  c->after_brace = x->last_token == '{';
  if (x->last_doc)
    x->last_doc->next = c;
  else
    x->docs = c;
  x->last_doc = c;
  if (!x->undirected)
    x->undirected = c;
}

void *lex_open(struct lexer *x, const char *text, size_t len) {
  void *scanner;
  if (pdl_yylex_init_extra(x, &scanner) != 0) {
    fputs("pdlc: out of memory\n", stderr);
    exit(1);
  }
  pdl_yy_scan_bytes(text, (int)len, scanner);
  return scanner;
}

static int scan(union value *value, struct location *at, struct lexer *x, void *scanner) {
  x->stopped |= x->diagnostics->errors >= ERRORS_MAX;
  if (x->stopped)
    return PDL_YYEOF;
  if (x->broken) {
    x->broken = false;
    x->at = x->resume;
    pdl_yypop_buffer_state(scanner);
    pdl_yy_scan_bytes(x->source->text + x->resume, (int)(x->end - x->resume), scanner);
    lex_restart(scanner);
  }
  return pdl_yylex(value, at, scanner);
}

/* `not null` is one token to the grammar: what may stand before it may go on with `not valid`. */
static int join_not(struct location *at, struct lexer *x, void *scanner) {
  x->held_token = scan(&x->held_value, &x->held_at, x, scanner);
  if (x->held_token != NULL_)
    return NOT;
  x->held_token = -1;
  x->last_end = at->to = x->held_at.to;
  return NOT_NULL;
}

int pdl_lex(union value *value, struct location *at, struct parser *p, void *scanner) {
  struct lexer *x = p->lexer;
  int kind;
  if (x->start_token) {
    kind = x->start_token;
    x->start_token = 0;
    *at = (struct location){0, 0};
    x->last_token = NEWLINE;
    return kind;
  }
  if (x->held_token >= 0) {
    kind = x->held_token;
    *value = x->held_value;
    *at = x->held_at;
    x->held_token = -1;
  } else {
    kind = scan(value, at, x, scanner);
  }
  if (kind == PDL_YYEOF)
    *at = (struct location){x->at, x->at};
  if ((kind == '}' || kind == PDL_YYEOF) && !x->in_list && x->last_token != NEWLINE && x->last_token != '{') {
    x->held_token = kind;
    x->held_at = *at;
    *at = (struct location){at->from, at->from};
    kind = NEWLINE;
  }
  x->last_token = kind;
  if (kind != NEWLINE) {
    for (; x->undirected; x->undirected = x->undirected->next)
      x->undirected->next_token = kind == PDL_YYEOF ? UINT32_MAX : at->from;
    x->last_end = at->to;
  }
  return kind == NOT ? join_not(at, x, scanner) : kind;
}

size_t lex_all(struct arena *arena, const struct source *source, struct location at, bool in_list,
               struct lexed **tokens) {
  struct diagnostics none;
  diagnostics_init(&none, arena);
  struct lexer x = {.arena = arena, .source = source, .diagnostics = &none, .at = at.from, .end = at.to,
                    .in_list = in_list, .starts_item = true};
  void *scanner = lex_open(&x, source->text + at.from, at.to - at.from);
  struct lexed *v = NULL;
  size_t count = 0, room = 0;
  union value value;
  struct location where;
  for (int kind; (kind = pdl_yylex(&value, &where, scanner)) != PDL_YYEOF && kind != PDL_YYerror;) {
    if (kind == NEWLINE)
      continue;
    v = arena_grow(arena, v, count, &room, sizeof *v);
    v[count++] = (struct lexed){kind, where};
  }
  pdl_yylex_destroy(scanner);
  *tokens = v;
  return count;
}
