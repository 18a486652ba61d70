/* pdl_private.h: what the files of the runtime share. */
#ifndef PDL_PRIVATE_H
#define PDL_PRIVATE_H

#include "pdl.h"

/* ── pdl_codec.c ── */
/* Bytes that grow; where memory was out, failed stays set and no more is added. */
struct pdl_buf { char *p; size_t n, cap; bool failed; };
void pdl_buf_add(struct pdl_buf *, const void *, size_t);
void pdl_buf_adds(struct pdl_buf *, const char *);
void pdl_buf_add16(struct pdl_buf *, uint16_t); /* in network order */
void pdl_buf_add32(struct pdl_buf *, uint32_t);
void pdl_buf_put32(struct pdl_buf *, size_t at, uint32_t); /* over four bytes that are there */

struct pdl_array { const void *v; size_t n; const bool *null; };
Oid pdl_result_oid(const struct pdl_column *, bool array); /* its type, as the server describes a result */
Oid pdl_param_oid(const struct pdl_column *, bool array);
size_t pdl_size_of(const struct pdl_column *); /* of a value in memory */
struct pdl_array pdl_array_at(const struct pdl_column *, const void *value);
bool pdl_is_null_element(unsigned codec, const struct pdl_array *, size_t stride, size_t i);
/* The parts of a range, in the order of its shape. */
enum {
  PDL_LOWER, PDL_UPPER, PDL_EMPTY, PDL_LOWER_INC, PDL_UPPER_INC, PDL_LOWER_INF, PDL_UPPER_INF, PDL_RANGE_FIELDS
};
/* The text of a value whose wire form is its own bytes; false where it has none. */
bool pdl_text_of(const struct pdl_column *, const void *value, pdl_text *);
/* The column's value in a row, or NULL where it is SQL's. */
const void *pdl_value_at(const struct pdl_column *, const void *row);
/* Writes n bytes from the wire, not NULL, into a row that is all zero; arrays come from the result's memory. NULL:
 * done; else what is wrong, pdl_no_memory where that is it. */
extern const char pdl_no_memory[];
const char *pdl_decode(const struct pdl_column *, const char *bytes, size_t n, void *row, PGresult *);
/* A row of a result; *column: which is wrong. */
const char *pdl_decode_row(const struct pdl_table *, PGresult *, int row, void *out, const struct pdl_column **column);
/* A value, not NULL, in binary. Texts and bytes are not copied: *p and *n may point to the caller's. Small ones are put
 * into fixed, larger ones into the buffer, where *p is NULL and *n the bytes added. False: no such value. */
enum { PDL_FIXED = 24 };
bool pdl_encode(const struct pdl_column *, bool array, const void *value, char *fixed, struct pdl_buf *, const char **p,
                size_t *n);
/* The same for COPY: with its length before it, in the type's own form. */
bool pdl_encode_copy(const struct pdl_column *, const void *value, struct pdl_buf *);
/* `count` values, the first at `first` and each `stride` bytes behind the last, as one array. */
bool pdl_encode_many(const struct pdl_column *, const void *first, size_t count, size_t stride, struct pdl_buf *);

/* ── pdl_text.c ── */
/* The value as the server's input function reads it; false: no such value. */
bool pdl_format(const struct pdl_column *, bool array, const void *value, struct pdl_buf *);

/* ── pdl_statement.c ── */
struct pdl_call {
  const struct pdl_op *op;
  const void *const *args;
  const void *row;                 /* what is written; of PDL_GET_MANY the first of the keys */
  const uint64_t *mask;
  const void *after;
  size_t limit, count;             /* count: of keys */
  bool returning;
};
enum pdl_from { PDL_FROM_ARG, PDL_FROM_NULLABLE_ARG, PDL_FROM_ROW, PDL_FROM_ROWS, PDL_FROM_AFTER, PDL_FROM_LIMIT };
struct pdl_param {
  const struct pdl_column *column; /* NULL: the limit */
  enum pdl_from from;
  unsigned short arg;
  bool in_buf;                     /* while it is bound */
  char fixed[PDL_FIXED];
};
enum { PDL_NAME_SIZE = 32 };
struct pdl_statement {
  const struct pdl_op *op;
  uint64_t *mask;
  unsigned words, hash;
  bool returning, after, limit;
  char *sql, name[PDL_NAME_SIZE];
  bool prepared;
  unsigned pins;                   /* results on their way */
  int param_count;
  struct pdl_param *params;
  Oid *types;
  const char **values;
  int *lengths, *formats;
  struct pdl_statement *next;      /* of its bucket */
  struct pdl_statement *newer, *older;
};
enum { PDL_STATEMENTS = 256, PDL_BUCKETS = 512 };
struct pdl_statements {
  struct pdl_statement *buckets[PDL_BUCKETS], *newest, *oldest;
  unsigned count, made;
  uint64_t salt;                   /* of names */
};
/* The statement of a call, its text made when it is first asked for. NULL: no memory. `drop` gets the name of one that
 * was prepared and made room, or "". */
struct pdl_statement *pdl_statement_of(struct pdl_statements *, const struct pdl_call *, char drop[PDL_NAME_SIZE]);
/* It is not prepared, or no longer what it was: the next time it is prepared under another name. */
void pdl_statement_forget(struct pdl_statements *, struct pdl_statement *);
void pdl_statements_clear(struct pdl_statements *);

/* ── pdl.c ── */
enum pdl_busy { PDL_IDLE, PDL_STREAMING, PDL_PIPING, PDL_COPYING };
struct pdl {
  PGconn *conn;
  unsigned flags;
  int depth;                       /* of pdl_tx */
  enum pdl_busy busy;
  struct pdl_error error;
  PGresult *failed;                /* has the error's texts */
  char *lost;                      /* has them where there is no result; may be NULL */
  struct pdl_buf buf;              /* of parameters */
  struct pdl_statements statements;
  struct pdl_statement *streamed;
  PGresult *chunk;                 /* rows of the stream, and the next of them */
  int chunk_row;
  bool checked;                    /* its columns were */
  bool row_by_row;                 /* libpq may still be set to give each row as a result */
  struct pdl_pipe *pipe;
  struct pdl_copy *copy;
};
/* Note a failure and return its code. Texts are static. */
enum pdl_rc pdl_fail(struct pdl *, enum pdl_rc, const char *message, const char *column);
/* By what the server says, or the connection where the result is NULL; takes the result over. */
enum pdl_rc pdl_fail_result(struct pdl *, const struct pdl_schema *, PGresult *);
/* Whether the call is sound; fills in the statement's parameters. */
enum pdl_rc pdl_check_call(struct pdl *, const struct pdl_call *);
enum pdl_rc pdl_bind(struct pdl *, struct pdl_statement *, const struct pdl_call *);
bool pdl_send(struct pdl *, const struct pdl_statement *); /* with its parameters, without waiting; false: see libpq */
/* Whether the server says that not the caller but the statement is at fault: it was lost, or is out of date. */
bool pdl_is_outdated(const PGresult *);
enum pdl_rc pdl_check_columns(struct pdl *, const struct pdl_table *, PGresult *);
enum pdl_rc pdl_read_row(struct pdl *, const struct pdl_table *, PGresult *, int row, void *out);
/* All rows into a list; the result is kept in the struct pdl_mem, or cleared. */
enum pdl_rc pdl_keep_rows(struct pdl *, const struct pdl_table *, PGresult *, void *list, struct pdl_mem *);
/* Memory of a result that keeps it in a struct pdl_mem; NULL: there is none. */
struct pdl_chunk { PGresult *result; struct pdl_chunk *next; };
struct pdl_chunk *pdl_chunk_of(PGresult *);
void pdl_mem_add(struct pdl_mem *, struct pdl_chunk *);
/* Ends whatever is under way, so that the connection takes commands. */
void pdl_settle(struct pdl *);

/* ── pdl_bulk.c ── */
void pdl_pipe_abandon(struct pdl_pipe *); /* and frees it */

#endif
