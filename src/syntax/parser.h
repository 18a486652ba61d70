/* parser: what the grammar and parse.c share. Only they include it. */
#ifndef PDLC_PARSER_H
#define PDLC_PARSER_H

#include <stdlib.h>
#include <string.h>

#include "syntax/syntax.h"

struct location {
  uint32_t from, to;
};
/* A token's text. */
struct token {
  const char *text;
  struct location at; /* of exactly the bytes that text came from, without delimiters */
  bool quoted;
};
/* A list in the making. */
struct node_list {
  struct node *first, *last;
};
/* What a token or a rule carries. */
union value {
  struct token token;
  struct name name;
  struct node *node;
  struct node_list list;
};

enum { LEX_DEPTH_MAX = 256 };

/* A doc comment, kept aside until the items stand that it may belong to. */
struct comment {
  struct location at;
  uint32_t next_token; /* where the next token starts; UINT32_MAX at the end */
  bool trailing;       /* a token stands before it on its line */
  bool after_brace;    /* that token is a `{` */
  struct comment *next;
};
struct lexer {
  struct arena *arena;
  const struct source *source;
  struct diagnostics *diagnostics;
  uint32_t at, end;        /* offset of the next byte to match, and of the end */
  uint32_t raw_from, value_from, comment_from, tag_len;
  int depth, comment_depth, dollar_return;
  int blocks;              /* how many are open */
  bool starts_item;        /* no word has come yet on this line */
  bool in_list;            /* inside a list in parentheses: newlines are free, commas end values */
  /* for the wrapper around the scanner */
  int start_token;         /* handed out first; 0 once it was */
  int last_token, held_token;
  uint32_t last_end;       /* where the last token that was not a NEWLINE ended */
  struct location held_at;
  union value held_value;
  bool broken;             /* a token could not be read to its end: go on at `resume` */
  bool stopped;            /* nothing after this can be read */
  uint32_t resume;
  unsigned broken_count;
  struct comment *docs, *last_doc;
  struct comment *undirected; /* first doc whose next token is not yet known */
};

/* What the grammar builds with. */
struct parser {
  struct arena *arena;
  struct lexer *lexer;
  struct node *file;     /* result of START_FILE */
  struct node_list list; /* result of the other starts */
};
struct node *make(struct parser *, enum node_kind, struct location);
struct node *make_text(struct parser *, enum node_kind, struct location, struct token);
struct node *make_named(struct parser *, enum node_kind, struct location, struct name);
struct name make_name(struct parser *, struct token);
struct name make_code_name(struct parser *, struct token); /* of programs: upper-case letters stay */
struct name make_name2(struct parser *, struct token schema, struct token text);
/* Reads what stands in a parenthesis as a list, by the grammar's own rules. */
struct node *make_list(struct parser *, enum node_kind, struct location, struct token, int start);
struct node *add_part(struct node *, struct node *part);
struct node *add_parts(struct node *, struct node_list);
struct node_list list_add(struct node_list, struct node *);
struct node *end_at(struct node *, struct location); /* stretches the node's span */
/* text = the source's bytes from the first token to the last, blanks for line continuations between them. */
void set_source_text(struct node *, struct parser *, struct location first, struct location last);
/* SQL's own clauses, from the first token to the last. */
struct node *make_clauses(struct parser *, struct location first, struct location last);
/* An object of the kind that `kind_words` name. Its text is what stands behind its name, from `from` on, with blanks
 * for PDL's own clauses and for the $$ around a body, so that places in the text are places in the source. */
struct node *make_object(struct parser *, struct token kind_words, struct location, uint32_t from, struct name,
                         struct node_list clauses, struct node *sql, struct node_list body);
/* A type: what stands in its parentheses, blanks around commas left out. */
struct node *make_type(struct parser *, struct location, struct name, struct token);
void report_unexpected(struct parser *, struct location, const char *seen, const char *const *expected, size_t count);
/* The parser has no room left. */
void report_failure(struct parser *, struct location);

/* What the scanner calls; each returns the token's kind. */
int lex_word(struct lexer *, union value *, const struct location *, int kind);
/* The words of a kind of object: 0 where an item of the top level starts here, else the length of the first word. */
uint32_t lex_object(struct lexer *, union value *, const struct location *);
bool lex_opens_paren(const struct lexer *, const struct location *); /* what comes next */
int lex_string(struct lexer *, union value *, const struct location *);
int lex_quoted(struct lexer *, union value *, const struct location *);
int lex_paren(struct lexer *, union value *, struct location *);
int lex_dollar(struct lexer *, union value *, struct location *);
int lex_value(struct lexer *, union value *, struct location *);
int lex_stray(struct lexer *, struct location *);
int lex_too_deep(struct lexer *, struct location *);
int lex_unterminated(struct lexer *, struct location *, enum code);
void lex_doc(struct lexer *, const struct location *);
bool lex_is_blank(char);
void lex_restart(void *scanner); /* back to the rules outside of any string or parenthesis */

/* A scanner over the text, to be closed with pdl_yylex_destroy. */
void *lex_open(struct lexer *, const char *text, size_t len);

/* The token stream as the parser sees it: NEWLINE before every `}` and the end. */
int pdl_lex(union value *, struct location *, struct parser *, void *scanner);

/* The tokens of a stretch of source that parsed, without NEWLINEs.
 * in_list: it is what stands in a list's parentheses. */
struct lexed {
  int kind;
  struct location at; /* delimiters included */
};
size_t lex_all(struct arena *, const struct source *, struct location, bool in_list, struct lexed **);

/* The words of the language, those that start an item of a table first; NULL after the last. */
const char *grammar_word(size_t i);
bool grammar_starts_item(size_t i);
bool grammar_starts_clause(size_t i); /* of a column */

#endif
