/* Internal to sql: tokens, bounds, the parse tree and what is found in it. */
#ifndef PDLC_SQL_PRIVATE_H
#define PDLC_SQL_PRIVATE_H

#include <pg_query/pg_query.pb-c.h>

#include "sql/sql.h"

/* ── scan.c ── Postgres' lexical rules, without the keywords ──────────────────── */
enum sql_token_kind {
  TOKEN_END,
  TOKEN_WORD,   /* bare identifier or keyword */
  TOKEN_QUOTED, /* "name" or U&"name" */
  TOKEN_STRING, /* every kind: '…', E'…', B'…', X'…', N'…', U&'…', $$…$$ */
  TOKEN_NUMBER,
  TOKEN_PARAM, /* $1 */
  TOKEN_OPERATOR,
  TOKEN_PUNCT /* ( ) [ ] , ; . .. : :: := and what no rule knows */
};
struct sql_token {
  enum sql_token_kind kind;
  uint32_t from, to;
};
/* Moves to the token that starts at or after token->to; false at the end. A string or comment that is
 * not terminated is a token that runs to the end: Postgres' own parser reports it. */
bool sql_token_next(const char *text, size_t len, struct sql_token *token);
/* Whether it is this keyword, in any case; `word` is lower-case. */
bool sql_token_is_word(const char *text, const struct sql_token *token, const char *word);
/* Whether it is this operator or punctuation. */
bool sql_token_is(const char *text, const struct sql_token *token, const char *symbol);

/* ── bounds.c ── what is refused before libpg_query sees it ───────────────────── */
enum { SQL_TEXT_MAX = 4 * 1024 * 1024 };
/* Refuses text that is too long or may make too deep a tree for this thread's stack. */
bool sql_within_bounds(const char *text, struct sql_error *err) MUST_CHECK;
/* An upper bound, in tokens, of how deep the parse tree of a text can be. Stops
 * and sets *at where it passes `max`. */
uint32_t sql_depth_bound(const char *text, size_t len, uint32_t max, uint32_t *at);

/* ── stack.c ── */
/* How deep a tree, in tokens as above, fits the stack of the calling thread. */
uint32_t sql_stack_depth_max(void);

/* ── tree.c ── libpg_query ──────────────────────────────────────────────────────
 * Parses before + text + after, where before and after are ours. Errors are placed in `text`, their messages
 * live in the first arena; the tree lives in tree_arena. */
const PgQuery__ParseResult *sql_tree_parse(struct arena *, struct arena *tree_arena, const char *before,
                                           const char *text, const char *after, struct sql_error *err);
/* Each statement of a script by itself, `one`; psql's commands are passed over. The tree, NULL where it could not be
 * read (err says why), is gone after the visit. */
typedef void sql_visit_statement(void *ctx, const struct sql_part *, const char *one, const PgQuery__ParseResult *tree,
                                 const struct sql_error *err);
void sql_each_statement(struct arena *, const char *text, size_t len, sql_visit_statement *, void *ctx);
/* Visits each message right below m: for a Node the one that it holds. */
typedef void sql_tree_visit(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child);
void sql_tree_children(const ProtobufCMessage *m, sql_tree_visit *visit, void *ctx);
/* Whether no list, message or text of m is filled but those named. */
bool sql_tree_has_only(const ProtobufCMessage *m, const char *const *fields, size_t count);
/* The text of a String node; NULL of any other. */
const char *sql_tree_string(const PgQuery__Node *);

/* ── refs.c ── */
struct sql_refs {
  struct arena *arena;
  const char *text;
  uint32_t from, to;     /* the part of text being read */
  uint32_t shift;        /* where text starts in what was parsed */
  struct sql_expr *expr; /* whose has_… are set, or NULL */
  struct sql_ref *list;  /* malloc'd; sql_refs_finish frees it */
  size_t count, cap;
};
void sql_refs_walk(struct sql_refs *, const ProtobufCMessage *root);
/* Adds one that was found elsewhere. */
void sql_refs_take(struct sql_refs *, const struct sql_ref *);
/* Sorted by place, each once, in arena memory. */
struct sql_ref *sql_refs_finish(struct sql_refs *, size_t *count);

/* ── functions.c ── */
/* Sets has_aggregate or has_set_returning where the name is that of one that Postgres brings. */
void sql_classify_function(struct sql_expr *, const char *schema, const char *name);

/* By name; one that Postgres does not bring is taken to be. */
bool sql_function_is_volatile(const char *schema, const char *name);

/* ── fast.c ── plain forms, read without libpg_query; false where it is none ───── */
bool sql_fast_expr(struct arena *, struct sql_expr *);
bool sql_fast_index_keys(struct arena *, const char *text, struct sql_index_keys *);

/* ── script.c ── a statement's place without the blank and comments around it ──── */
struct sql_script_part sql_statement_part(const char *text, const PgQuery__RawStmt *);

/* ── statement.c ── */
struct sql_statement;
/* The only statement of the tree, of this kind; NULL, and why, where it is not. */
const PgQuery__Node *sql_only_statement(const PgQuery__ParseResult *, PgQuery__Node__NodeCase wanted,
                                        const char *message, struct sql_error *);
/* The refs of a statement of which `text` is all but its first `shift` bytes. */
void sql_statement_refs(struct arena *, const char *text, size_t shift, const PgQuery__Node *, struct sql_statement *);
/* A type as it is written. */
struct sql_type_name;
struct sql_type_name sql_type_read(struct arena *, const PgQuery__TypeName *);
/* What stands in the parentheses behind a word that stands in none itself; *from: where in text. NULL where it does
 * not. */
const char *sql_parenthesis_behind(struct arena *, const char *text, const char *word, uint32_t *from);

/* ── parse.c, index_keys.c, script.c ── always through libpg_query ─────────────── */
/* The tree of exactly one expression, in tree_arena; NULL, and why, where it is not. */
const PgQuery__Node *sql_only_expression(struct arena *, struct arena *tree_arena, const char *text,
                                         struct sql_error *);
bool sql_read_expr(struct arena *, struct sql_expr *, struct sql_error *);
bool sql_read_index_keys(struct sql_cache *, const char *text, bool exclude, struct sql_index_keys *,
                         struct sql_error *);
bool sql_read_policy(struct arena *, const char *text, struct sql_policy *, struct sql_error *);
bool sql_read_grant(struct arena *, const char *text, bool grant, bool on_table, struct sql_grant *,
                    struct sql_error *);
void sql_read_arguments(struct arena *, const char *text, bool procedure, struct sql_routine *, struct sql_error *);
void sql_read_routine(struct arena *, const char *text, bool procedure, bool atomic, struct sql_routine *,
                      struct sql_error *);
bool sql_read_script(struct arena *, const char *text, struct sql_script *, struct sql_error *);

/* ── cache.c ── */
struct arena *sql_cache_arena(struct sql_cache *);

/* ── printed.c ── */
const char *sql_printed_node(struct arena *, const PgQuery__Node *, const struct sql_scope *);
/* The name that Postgres gives it as a column of a result; NULL where that is not known. */
const char *sql_output_name(const PgQuery__Node *);

#endif
