/* pdl.c: sessions, errors, single calls, streams, transactions. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pdl_private.h"

/* ── errors ── */

const char *pdl_rc_name(enum pdl_rc rc) {
  static const char *const names[] = {"PDL_OK",    "PDL_NOROW", "PDL_CONSTRAINT", "PDL_RETRY", "PDL_CONN",
                                      "PDL_STALE", "PDL_NOMEM", "PDL_USAGE",      "PDL_SQL"};
  return (unsigned)rc < sizeof names / sizeof *names ? names[rc] : "unknown";
}

static void error_clear(struct pdl *p) {
  PQclear(p->failed);
  free(p->lost);
  p->failed = NULL;
  p->lost = NULL;
  memset(&p->error, 0, sizeof p->error);
  p->error.sqlstate = p->error.message = p->error.detail = p->error.hint = "";
  p->error.schema = p->error.table = p->error.column = p->error.constraint_name = "";
}

enum pdl_rc pdl_fail(struct pdl *p, enum pdl_rc rc, const char *message, const char *column) {
  error_clear(p);
  p->error.rc = rc;
  p->error.message = message;
  if (column)
    p->error.column = column;
  return rc;
}

/* What SQLSTATEs mean, by their beginnings; the first that fits. */
static const struct {
  const char *state;
  enum pdl_rc rc;
} meanings[] = {
    {"23", PDL_CONSTRAINT}, {"40", PDL_RETRY},
    {"08", PDL_CONN}, {"57P01", PDL_CONN}, {"57P02", PDL_CONN}, {"57P03", PDL_CONN}, {"57P05", PDL_CONN},
    {"25P03", PDL_CONN},
    {"0A000", PDL_STALE}, {"26000", PDL_STALE}, {"42703", PDL_STALE}, {"42P01", PDL_STALE}, {"42804", PDL_STALE},
    {"42883", PDL_STALE}, {"42704", PDL_STALE}, {"42P10", PDL_STALE}, {"3F000", PDL_STALE}, {"428C9", PDL_STALE},
    {"22P03", PDL_STALE}, {"42846", PDL_STALE},
};

static enum pdl_rc meaning_of(const char *state) {
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (strncmp(state, meanings[i].state, strlen(meanings[i].state)) == 0)
      return meanings[i].rc;
  return PDL_SQL;
}

bool pdl_is_outdated(const PGresult *r) {
  const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
  const char *where = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
  if (!state)
    return false;
  return strcmp(state, "26000") == 0 ||
         (strcmp(state, "0A000") == 0 && where && strcmp(where, "RevalidateCachedQuery") == 0);
}

static int code_of(const struct pdl_schema *s, const struct pdl_error *e) {
  int low = 0, high = s && *e->constraint_name ? s->count : 0;
  while (low < high) {
    const int middle = low + (high - low) / 2;
    const struct pdl_constraint *c = &s->constraints[middle];
    int order = strcmp(e->schema, c->schema);
    order = order ? order : strcmp(e->table, c->table);
    order = order ? order : strcmp(e->constraint_name, c->name);
    if (order == 0)
      return middle + 1;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return 0;
}

static const char *field_of(const PGresult *r, int field) {
  const char *text = PQresultErrorField(r, field);
  return text ? text : "";
}

/* What libpq itself says has no SQLSTATE: the connection is gone, or memory was out. */
enum pdl_rc pdl_fail_result(struct pdl *p, const struct pdl_schema *schema, PGresult *r) {
  const char *state = r ? field_of(r, PG_DIAG_SQLSTATE) : "";
  error_clear(p);
  if (!*state) {
    const char *message = r ? PQresultErrorMessage(r) : PQerrorMessage(p->conn);
    p->lost = (char *)malloc(strlen(message) + 1);
    if (p->lost)
      strcpy(p->lost, message);
    p->error.rc = PQstatus(p->conn) == CONNECTION_OK ? PDL_NOMEM : PDL_CONN;
    p->error.message = p->lost ? p->lost : p->error.rc == PDL_CONN ? "the connection is lost" : pdl_no_memory;
    if (p->error.rc == PDL_CONN)
      p->error.sqlstate = "08006";
    PQclear(r);
    return p->error.rc;
  }
  p->failed = r;
  p->error.rc = meaning_of(state);
  p->error.sqlstate = state;
  p->error.message = field_of(r, PG_DIAG_MESSAGE_PRIMARY);
  p->error.detail = field_of(r, PG_DIAG_MESSAGE_DETAIL);
  p->error.hint = field_of(r, PG_DIAG_MESSAGE_HINT);
  p->error.schema = field_of(r, PG_DIAG_SCHEMA_NAME);
  p->error.table = field_of(r, PG_DIAG_TABLE_NAME);
  p->error.column = field_of(r, PG_DIAG_COLUMN_NAME);
  p->error.constraint_name = field_of(r, PG_DIAG_CONSTRAINT_NAME);
  p->error.constraint = code_of(schema, &p->error);
  if (strcmp(state, "0A000") == 0 && !pdl_is_outdated(r))
    p->error.rc = PDL_SQL;
  if (p->error.rc == PDL_STALE && *field_of(r, PG_DIAG_CONTEXT) && strcmp(state, "22P03") != 0)
    p->error.rc = PDL_SQL; /* of what a function says, or a trigger, not of what we said */
  return p->error.rc;
}

const struct pdl_error *pdl_error(const struct pdl *p) {
  return &p->error;
}

/* ── memory ── */

struct pdl_chunk *pdl_chunk_of(PGresult *r) {
  struct pdl_chunk *c = (struct pdl_chunk *)PQresultAlloc(r, sizeof *c);
  if (c) {
    c->result = r;
    c->next = NULL;
  }
  return c;
}

void pdl_mem_add(struct pdl_mem *mem, struct pdl_chunk *c) {
  c->next = mem->first;
  mem->first = c;
}

void pdl_mem_clear(struct pdl_mem *mem) {
  while (mem->first) {
    struct pdl_chunk *c = mem->first;
    mem->first = c->next;
    PQclear(c->result); /* and with it c */
  }
}

/* ── sessions ── */

/* Differs from that of any other session, in this program or another, as well as can be had without asking. */
static uint64_t salt_of(const struct pdl *p) {
  struct timespec now = {0, 0};
  (void)timespec_get(&now, TIME_UTC);
  uint64_t salt = (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
  salt = (salt ^ (uint64_t)(uintptr_t)p) * UINT64_C(0x9E3779B97F4A7C15);
  return (salt ^ salt >> 29 ^ (uint64_t)PQbackendPID(p->conn)) * UINT64_C(0xBF58476D1CE4E5B9);
}

struct pdl *pdl_open(PGconn *conn, unsigned flags) {
  struct pdl *p = (struct pdl *)calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->conn = conn;
  p->flags = flags;
  p->statements.salt = salt_of(p);
  error_clear(p);
  if (PQstatus(conn) == CONNECTION_OK && strcmp(pg_encoding_to_char(PQclientEncoding(conn)), "UTF8") != 0)
    PQsetClientEncoding(conn, "UTF8");
  return p;
}

void pdl_close(struct pdl *p) {
  if (!p)
    return;
  pdl_settle(p);
  pdl_statements_clear(&p->statements);
  free(p->buf.p);
  error_clear(p);
  free(p);
}

PGconn *pdl_conn(struct pdl *p) {
  return p->conn;
}

static bool is_done(const PGresult *r) {
  const ExecStatusType status = PQresultStatus(r);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* A command without rows; an error that is already noted stays where `keep`. */
static enum pdl_rc command(struct pdl *p, const char *sql, bool keep) {
  PGresult *r = PQexec(p->conn, sql);
  if (is_done(r)) {
    PQclear(r);
    return PDL_OK;
  }
  if (!keep)
    return pdl_fail_result(p, NULL, r);
  PQclear(r);
  return PDL_SQL;
}

/* ── calls ── */

static enum pdl_rc ready(struct pdl *p) {
  if (p->busy != PDL_IDLE)
    return pdl_fail(p, PDL_USAGE,
                    p->busy == PDL_STREAMING ? "the session is reading a stream"
                    : p->busy == PDL_PIPING  ? "the session has an open pipeline"
                                             : "the session is in the middle of a bulk load",
                    NULL);
  if (PQstatus(p->conn) != CONNECTION_OK)
    return pdl_fail_result(p, NULL, NULL);
  return PDL_OK;
}

enum pdl_rc pdl_check_call(struct pdl *p, const struct pdl_call *call) {
  const struct pdl_table *t = call->op->table;
  if (!call->mask)
    return PDL_OK;
  bool any = false;
  for (unsigned i = 0; i < t->count; i++) {
    if (!(call->mask[i / 64] >> (i % 64) & 1))
      continue;
    any = true;
    if (t->columns[i].flags & PDL_READONLY)
      return pdl_fail(p, PDL_USAGE, "the mask has a column whose value the server makes", t->columns[i].name);
  }
  if (t->count % 64 && call->mask[t->count / 64] >> (t->count % 64))
    return pdl_fail(p, PDL_USAGE, "the mask has bits beyond the table's columns", NULL);
  if (!any && call->op->verb == PDL_UPDATE)
    return pdl_fail(p, PDL_USAGE, "the mask of an update is empty", NULL);
  for (unsigned i = 0; i < call->op->key_count && call->op->verb == PDL_UPSERT; i++) {
    const unsigned k = call->op->keys[i];
    if (!(call->mask[k / 64] >> (k % 64) & 1))
      return pdl_fail(p, PDL_USAGE, "the mask of an upsert lacks a column of its key", t->columns[k].name);
  }
  return call->row ? PDL_OK : pdl_fail(p, PDL_USAGE, "there is no row to write", NULL);
}

/* Where the value of a parameter lies; NULL: it is SQL's. */
static const void *value_of(const struct pdl_call *call, const struct pdl_param *param, const uint64_t *limit) {
  const struct pdl_column *c = param->column;
  const bool by_value = call->op->flags & PDL_BY_VALUE;
  switch (param->from) {
  case PDL_FROM_ARG:
    return call->args[param->arg];
  case PDL_FROM_NULLABLE_ARG:
    return pdl_value_at(c, call->args[param->arg]);
  case PDL_FROM_ROW:
    return pdl_value_at(c, call->row);
  case PDL_FROM_ROWS:
    return by_value || !call->row ? call->row : (const char *)call->row + c->offset;
  case PDL_FROM_AFTER:
    return by_value ? call->after : pdl_value_at(c, call->after);
  case PDL_FROM_LIMIT:
    break;
  }
  return limit;
}

enum pdl_rc pdl_bind(struct pdl *p, struct pdl_statement *s, const struct pdl_call *call) {
  const uint64_t limit = call->limit > INT64_MAX ? INT64_MAX : call->limit;
  const bool by_value = call->op->flags & PDL_BY_VALUE;
  static const struct pdl_column limit_column = {"limit", "", "", NULL, NULL, 0, PDL_INT8, 0};
  struct pdl_buf *b = &p->buf;
  b->n = 0;
  b->failed = false;
  bool in_buf = false;
  for (int i = 0; i < s->param_count; i++) {
    struct pdl_param *param = &s->params[i];
    const struct pdl_column *c = param->column ? param->column : &limit_column;
    const void *value = value_of(call, param, &limit);
    const size_t before = b->n;
    size_t n;
    bool good;
    s->values[i] = NULL;
    s->lengths[i] = 0;
    if (!value)
      continue;
    if (param->from == PDL_FROM_ROWS) {
      good = pdl_encode_many(c, value, call->count, by_value ? pdl_size_of(c) : s->op->table->size, b);
      n = b->n - before;
    } else {
      good = pdl_encode(c, c->flags & PDL_ARRAY, value, param->fixed, b, &s->values[i], &n);
    }
    if (!good || n > INT32_MAX)
      return pdl_fail(p, PDL_USAGE, good ? "value is too long" : "value is none of its type", c->name);
    s->lengths[i] = (int)n;
    if (!s->values[i]) { /* in the buffer, which may still move */
      param->in_buf = true;
      in_buf = true;
    }
  }
  if (b->failed)
    return pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  size_t at = 0;
  for (int i = 0; in_buf && i < s->param_count; i++)
    if (s->params[i].in_buf) {
      s->params[i].in_buf = false;
      s->values[i] = b->p + at;
      at += (size_t)s->lengths[i];
    }
  return PDL_OK;
}

/* In a transaction the statement's loss has ended it; run again, it finds the statement prepared anew. */
static enum pdl_rc outdated(struct pdl *p, const struct pdl_schema *schema, PGresult *r) {
  pdl_fail_result(p, schema, r);
  p->error.rc = PDL_RETRY;
  return PDL_RETRY;
}

static enum pdl_rc prepare(struct pdl *p, struct pdl_statement *s) {
  PGresult *r = PQprepare(p->conn, s->name, s->sql, s->param_count, s->types);
  s->prepared = is_done(r);
  if (!s->prepared)
    return pdl_fail_result(p, s->op->table->schema, r);
  PQclear(r);
  return PDL_OK;
}

static void deallocate(struct pdl *p, const char *name) {
  char sql[64];
  if (!*name || PQtransactionStatus(p->conn) == PQTRANS_INERROR)
    return;
  snprintf(sql, sizeof sql, "DEALLOCATE %s", name);
  PQclear(PQexec(p->conn, sql));
}

static enum pdl_rc statement_of(struct pdl *p, const struct pdl_call *call, struct pdl_statement **s) {
  char drop[PDL_NAME_SIZE];
  *s = pdl_statement_of(&p->statements, call, drop);
  if (!*s)
    return pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  deallocate(p, drop);
  if (!(p->flags & PDL_NO_PREPARE) && !(*s)->prepared)
    return prepare(p, *s);
  return PDL_OK;
}

static PGresult *run(struct pdl *p, const struct pdl_statement *s) {
  return s->prepared ? PQexecPrepared(p->conn, s->name, s->param_count, s->values, s->lengths, s->formats, 1)
                     : PQexecParams(p->conn, s->sql, s->param_count, s->types, s->values, s->lengths, s->formats, 1);
}

/* Runs the call; *out is the caller's, where it is PDL_OK. */
static enum pdl_rc call_run(struct pdl *p, const struct pdl_call *call, PGresult **out) {
  struct pdl_statement *s;
  enum pdl_rc rc = ready(p);
  if (rc == PDL_OK)
    rc = pdl_check_call(p, call);
  for (int tries = 0; rc == PDL_OK && tries < 2; tries++) {
    rc = statement_of(p, call, &s);
    if (rc == PDL_OK)
      rc = pdl_bind(p, s, call);
    if (rc != PDL_OK)
      return rc;
    const bool within = PQtransactionStatus(p->conn) != PQTRANS_IDLE;
    PGresult *r = run(p, s);
    if (is_done(r)) {
      *out = r;
      return PDL_OK;
    }
    if (!s->prepared || !pdl_is_outdated(r))
      return pdl_fail_result(p, call->op->table->schema, r);
    if (!within && strcmp(PQresultErrorField(r, PG_DIAG_SQLSTATE), "0A000") == 0)
      deallocate(p, s->name);
    pdl_statement_forget(&p->statements, s);
    if (within)
      return outdated(p, call->op->table->schema, r);
    if (tries)
      return pdl_fail_result(p, call->op->table->schema, r);
    PQclear(r);
  }
  return rc;
}

/* ── results ── */

enum pdl_rc pdl_check_columns(struct pdl *p, const struct pdl_table *t, PGresult *r) {
  if (PQnfields(r) != (int)t->count)
    return pdl_fail(p, PDL_STALE, "result has another number of columns", NULL);
  for (unsigned i = 0; i < t->count; i++) {
    const struct pdl_column *c = &t->columns[i];
    if (PQftype(r, (int)i) != pdl_result_oid(c, c->flags & PDL_ARRAY) || PQfformat(r, (int)i) != 1)
      return pdl_fail(p, PDL_STALE, "column has another type than the program was built for", c->name);
  }
  return PDL_OK;
}

enum pdl_rc pdl_read_row(struct pdl *p, const struct pdl_table *t, PGresult *r, int row, void *out) {
  const struct pdl_column *column;
  const char *wrong = pdl_decode_row(t, r, row, out, &column);
  return wrong ? pdl_fail(p, wrong == pdl_no_memory ? PDL_NOMEM : PDL_STALE, wrong, column->name) : PDL_OK;
}

/* The first row; the result is kept in mem, or cleared. */
static enum pdl_rc keep_row(struct pdl *p, const struct pdl_table *t, PGresult *r, void *out, struct pdl_mem *mem) {
  enum pdl_rc rc = pdl_check_columns(p, t, r);
  struct pdl_chunk *chunk = NULL;
  if (rc == PDL_OK && PQntuples(r) == 0)
    rc = pdl_fail(p, PDL_NOROW, "there is no such row", NULL);
  if (rc == PDL_OK && !(chunk = pdl_chunk_of(r)))
    rc = pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  if (rc == PDL_OK)
    rc = pdl_read_row(p, t, r, 0, out);
  if (rc == PDL_OK)
    pdl_mem_add(mem, chunk);
  else
    PQclear(r);
  return rc;
}

enum pdl_rc pdl_get(struct pdl *p, const struct pdl_op *op, const void *const *args, void *out, struct pdl_mem *mem) {
  const struct pdl_call call = {op, args, NULL, NULL, NULL, 0, 0, false};
  PGresult *r;
  if (!out || !mem)
    return pdl_fail(p, PDL_USAGE, "there is nowhere to read to", NULL);
  const enum pdl_rc rc = call_run(p, &call, &r);
  return rc == PDL_OK ? keep_row(p, op->table, r, out, mem) : rc;
}

struct rows { void *v; size_t n; };

enum pdl_rc pdl_keep_rows(struct pdl *p, const struct pdl_table *t, PGresult *r, void *list, struct pdl_mem *mem) {
  struct rows rows = {NULL, (size_t)PQntuples(r)};
  enum pdl_rc rc = pdl_check_columns(p, t, r);
  struct pdl_chunk *chunk = NULL;
  if (rc == PDL_OK) {
    chunk = pdl_chunk_of(r);
    rows.v = chunk && rows.n <= SIZE_MAX / t->size ? PQresultAlloc(r, rows.n * t->size) : NULL;
    if (!rows.v)
      rc = pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  }
  for (size_t i = 0; rc == PDL_OK && i < rows.n; i++)
    rc = pdl_read_row(p, t, r, (int)i, (char *)rows.v + i * t->size);
  if (rc != PDL_OK) {
    PQclear(r);
    return rc;
  }
  pdl_mem_add(mem, chunk);
  memcpy(list, &rows, sizeof rows);
  return PDL_OK;
}

static enum pdl_rc list_run(struct pdl *p, const struct pdl_call *call, void *list, struct pdl_mem *mem) {
  PGresult *r;
  if (!list || !mem)
    return pdl_fail(p, PDL_USAGE, "there is nowhere to read to", NULL);
  const enum pdl_rc rc = call_run(p, call, &r);
  return rc == PDL_OK ? pdl_keep_rows(p, call->op->table, r, list, mem) : rc;
}

enum pdl_rc pdl_list(struct pdl *p, const struct pdl_op *op, const void *const *args, const void *after, size_t limit,
                     void *list, struct pdl_mem *mem) {
  const struct pdl_call call = {op, args, NULL, NULL, after, limit, 0, false};
  return list_run(p, &call, list, mem);
}

enum pdl_rc pdl_get_many(struct pdl *p, const struct pdl_op *op, const void *keys, size_t n, void *list,
                         struct pdl_mem *mem) {
  const struct pdl_call call = {op, NULL, keys, NULL, NULL, 0, n, false};
  return list_run(p, &call, list, mem);
}

/* The one value of the one row, of n bytes. */
static enum pdl_rc scalar(struct pdl *p, const struct pdl_op *op, const void *const *args, unsigned codec, void *out) {
  const struct pdl_call call = {op, args, NULL, NULL, NULL, 0, 0, false};
  const struct pdl_column column = {op->table->name, "", "", NULL, NULL, 0, (unsigned char)codec, 0};
  PGresult *r;
  if (!out)
    return pdl_fail(p, PDL_USAGE, "there is nowhere to read to", NULL);
  enum pdl_rc rc = call_run(p, &call, &r);
  if (rc != PDL_OK)
    return rc;
  const bool fits = PQntuples(r) == 1 && PQnfields(r) == 1 && PQftype(r, 0) == pdl_result_oid(&column, false) &&
                    !PQgetisnull(r, 0, 0) &&
                    !pdl_decode(&column, PQgetvalue(r, 0, 0), (size_t)PQgetlength(r, 0, 0), out, r);
  PQclear(r);
  return fits ? PDL_OK : pdl_fail(p, PDL_STALE, "result has another shape", NULL);
}

enum pdl_rc pdl_count(struct pdl *p, const struct pdl_op *op, const void *const *args, int64_t *count) {
  return scalar(p, op, args, PDL_INT8, count);
}

enum pdl_rc pdl_exists(struct pdl *p, const struct pdl_op *op, const void *const *args, bool *exists) {
  return scalar(p, op, args, PDL_BOOL, exists);
}

enum pdl_rc pdl_write(struct pdl *p, const struct pdl_op *op, const void *const *args, const void *row,
                      const uint64_t *mask, void *out, struct pdl_mem *mem) {
  const struct pdl_call call = {op, args, row, mask, NULL, 0, 0, out != NULL};
  PGresult *r;
  if (out && !mem)
    return pdl_fail(p, PDL_USAGE, "there is nowhere to read to", NULL);
  const enum pdl_rc rc = call_run(p, &call, &r);
  if (rc != PDL_OK)
    return rc;
  if (out)
    return keep_row(p, op->table, r, out, mem);
  const bool none = strcmp(PQcmdTuples(r), "0") == 0;
  PQclear(r);
  return none ? pdl_fail(p, PDL_NOROW, "there is no such row", NULL) : PDL_OK;
}

/* ── streams ── */

bool pdl_send(struct pdl *p, const struct pdl_statement *s) {
  const int n = s->param_count;
  return s->prepared ? PQsendQueryPrepared(p->conn, s->name, n, s->values, s->lengths, s->formats, 1)
                     : PQsendQueryParams(p->conn, s->sql, n, s->types, s->values, s->lengths, s->formats, 1);
}

enum pdl_rc pdl_stream_open(struct pdl *p, const struct pdl_op *op, const void *const *args) {
  const struct pdl_call call = {op, args, NULL, NULL, NULL, 0, 0, false};
  struct pdl_statement *s;
  enum pdl_rc rc = ready(p);
  if (rc == PDL_OK)
    rc = statement_of(p, &call, &s);
  if (rc == PDL_OK)
    rc = pdl_bind(p, s, &call);
  if (rc != PDL_OK)
    return rc;
  if (!pdl_send(p, s))
    return pdl_fail_result(p, op->table->schema, NULL);
#ifdef LIBPQ_HAS_CHUNK_MODE
  PQsetChunkedRowsMode(p->conn, 256);
#else
  PQsetSingleRowMode(p->conn);
#endif
  p->row_by_row = true;
  p->busy = PDL_STREAMING;
  p->streamed = s;
  s->pins++;
  p->chunk = NULL;
  p->chunk_row = 0;
  p->checked = false;
  return PDL_OK;
}

static bool has_rows(const PGresult *r) {
  const ExecStatusType status = PQresultStatus(r);
#ifdef LIBPQ_HAS_CHUNK_MODE
  if (status == PGRES_TUPLES_CHUNK)
    return true;
#endif
  return status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK;
}

/* Outside of a transaction the caller has seen no row yet, and may just call again. */
enum pdl_rc pdl_stream_next(struct pdl *p, void *row) {
  if (p->busy != PDL_STREAMING)
    return pdl_fail(p, PDL_USAGE, "no stream is open", NULL);
  const struct pdl_table *t = p->streamed->op->table;
  while (!p->chunk || p->chunk_row >= PQntuples(p->chunk)) {
    PQclear(p->chunk);
    p->chunk_row = 0;
    p->chunk = PQgetResult(p->conn);
    if (!p->chunk)
      return PDL_NOROW;
    if (!has_rows(p->chunk)) {
      PGresult *r = p->chunk;
      p->chunk = NULL;
      if (!pdl_is_outdated(r))
        return pdl_fail_result(p, t->schema, r);
      pdl_statement_forget(&p->statements, p->streamed);
      return outdated(p, t->schema, r);
    }
    if (p->checked)
      continue;
    const enum pdl_rc rc = pdl_check_columns(p, t, p->chunk);
    if (rc != PDL_OK)
      return rc;
    p->checked = true; /* what follows has the same description */
  }
  return pdl_read_row(p, t, p->chunk, p->chunk_row++, row);
}

static void cancel(struct pdl *p) {
  char why[256];
  PGcancel *c = PQgetCancel(p->conn);
  if (c)
    (void)PQcancel(c, why, sizeof why);
  PQfreeCancel(c);
}

/* What is left of a stream is not wanted. */
static void stream_end(struct pdl *p) {
  PGresult *r;
  PQclear(p->chunk);
  p->chunk = NULL;
  if (PQtransactionStatus(p->conn) == PQTRANS_ACTIVE && p->streamed->op && PQisBusy(p->conn))
    cancel(p);
  while ((r = PQgetResult(p->conn)) != NULL)
    PQclear(r);
  p->streamed->pins--;
  p->streamed = NULL;
  p->busy = PDL_IDLE;
}

enum pdl_rc pdl_stream_close(struct pdl *p, enum pdl_rc rc) {
  if (p->busy == PDL_STREAMING)
    stream_end(p);
  return rc == PDL_NOROW ? PDL_OK : rc;
}

void pdl_settle(struct pdl *p) {
  switch (p->busy) {
  case PDL_STREAMING:
    stream_end(p);
    break;
  case PDL_PIPING:
    pdl_pipe_abandon(p->pipe);
    break;
  case PDL_COPYING:
    pdl_copy_abort(p->copy);
    break;
  case PDL_IDLE:
    break;
  }
}

/* ── transactions ── */

static const char *const begins[] = {
    "BEGIN",
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
};

/* Twice as long each time, and up to half of it more, so that two do not meet again. */
static void pause_before(struct pdl *p, int tries) {
  const unsigned base = 2u << (tries < 8 ? tries : 8); /* ms */
  const unsigned spread = (unsigned)PQbackendPID(p->conn) * 2654435761u + (unsigned)tries * 40503u;
  poll(NULL, 0, (int)(base + (spread >> 8) % (base / 2 + 1)));
}

/* A commit of a transaction that failed is answered by ROLLBACK. */
static enum pdl_rc commit(struct pdl *p) {
  PGresult *r = PQexec(p->conn, "COMMIT");
  if (!is_done(r))
    return pdl_fail_result(p, NULL, r);
  const bool done = strcmp(PQcmdStatus(r), "COMMIT") == 0;
  PQclear(r);
  return done ? PDL_OK : pdl_fail(p, PDL_SQL, "the transaction had failed and was rolled back", NULL);
}

static enum pdl_rc call_within(struct pdl *p, enum pdl_rc (*fn)(struct pdl *, void *), void *arg) {
  p->depth++;
  enum pdl_rc rc = fn(p, arg);
  p->depth--;
  if (p->busy != PDL_IDLE) {
    pdl_settle(p);
    if (rc == PDL_OK)
      rc = pdl_fail(p, PDL_USAGE, "a transaction ended with a stream, pipeline or bulk load open", NULL);
  }
  return rc;
}

static enum pdl_rc savepoint(struct pdl *p, enum pdl_rc (*fn)(struct pdl *, void *), void *arg) {
  char sql[80];
  const int depth = p->depth;
  snprintf(sql, sizeof sql, "SAVEPOINT pdl_%d", depth);
  enum pdl_rc rc = command(p, sql, false);
  if (rc != PDL_OK)
    return rc;
  rc = call_within(p, fn, arg);
  if (rc == PDL_OK) {
    snprintf(sql, sizeof sql, "RELEASE SAVEPOINT pdl_%d", depth);
    rc = command(p, sql, false);
  }
  if (rc != PDL_OK) {
    snprintf(sql, sizeof sql, "ROLLBACK TO SAVEPOINT pdl_%d; RELEASE SAVEPOINT pdl_%d", depth, depth);
    (void)command(p, sql, true);
  }
  return rc;
}

enum pdl_rc pdl_tx(struct pdl *p, enum pdl_iso iso, enum pdl_rc (*fn)(struct pdl *, void *), void *arg) {
  enum pdl_rc rc = ready(p);
  if (rc != PDL_OK)
    return rc;
  if ((unsigned)iso >= sizeof begins / sizeof *begins)
    return pdl_fail(p, PDL_USAGE, "unknown isolation level", NULL);
  if (PQtransactionStatus(p->conn) != PQTRANS_IDLE)
    return savepoint(p, fn, arg);
  for (int tries = 1;; tries++) {
    rc = command(p, begins[iso], false);
    if (rc != PDL_OK)
      return rc;
    rc = call_within(p, fn, arg);
    if (rc == PDL_OK)
      rc = commit(p);
    if (rc == PDL_OK || PQstatus(p->conn) != CONNECTION_OK)
      return rc;
    if (PQtransactionStatus(p->conn) != PQTRANS_IDLE)
      (void)command(p, "ROLLBACK", true);
    if (rc != PDL_RETRY || tries == PDL_TX_TRIES)
      return rc;
    pause_before(p, tries);
  }
}
