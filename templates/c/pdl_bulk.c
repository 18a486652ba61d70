/* pdl_bulk.c: many calls without waiting (pipelines), and many rows at once (COPY). */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pdl_private.h"

/* ── pipelines ── */

enum { CALLS_A_PUMP = 64 };

struct queued {
  struct pdl_statement *statement;
  bool prepares;               /* else it is a call */
  bool lists;                  /* out is a list */
  bool ended;                  /* its result was read, what follows is the NULL behind it */
  void *out;
  struct pdl_mem *mem;
  size_t call;
};
struct pdl_pipe {
  struct pdl *p;
  struct queued *queue;        /* from first on: results on their way */
  size_t first, count, cap;
  enum pdl_rc *outcomes;       /* of the calls since the last sync */
  size_t calls, outcome_cap;
  enum pdl_rc rc;              /* the first that is not PDL_OK */
  bool synced;                 /* the next call begins anew */
};

enum pdl_rc pdl_pipe_open(struct pdl *p, struct pdl_pipe **out) {
  *out = NULL;
  if (p->busy != PDL_IDLE)
    return pdl_fail(p, PDL_USAGE, "the session is in the middle of something else", NULL);
  if (p->row_by_row) /* what follows in a pipeline would inherit it from the last stream, and not from a command */
    PQclear(PQexec(p->conn, ""));
  p->row_by_row = false;
  struct pdl_pipe *pipe = (struct pdl_pipe *)calloc(1, sizeof *pipe);
  if (!pipe)
    return pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  pipe->p = p;
  if (PQstatus(p->conn) != CONNECTION_OK || !PQenterPipelineMode(p->conn) || PQsetnonblocking(p->conn, 1) != 0) {
    (void)PQexitPipelineMode(p->conn);
    free(pipe);
    return pdl_fail_result(p, NULL, NULL);
  }
  p->pipe = pipe;
  p->busy = PDL_PIPING;
  *out = pipe;
  return PDL_OK;
}

static void note(struct pdl_pipe *pipe, const struct queued *q, enum pdl_rc rc) {
  if (!q->prepares)
    pipe->outcomes[q->call] = rc;
  if (pipe->rc == PDL_OK || (pipe->rc == PDL_NOROW && rc != PDL_OK))
    pipe->rc = rc;
}

static bool has_failed(const struct pdl_pipe *pipe) {
  return pipe->rc != PDL_OK && pipe->rc != PDL_NOROW;
}

/* The first error is the one to tell; those behind it only say that they were not run. */
static void take_result(struct pdl_pipe *pipe, struct queued *q, PGresult *r) {
  struct pdl *p = pipe->p;
  struct pdl_statement *s = q->statement;
  const struct pdl_table *t = s->op->table;
  const ExecStatusType status = PQresultStatus(r);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    if (q->prepares)
      pdl_statement_forget(&p->statements, s);
    if (status == PGRES_PIPELINE_ABORTED || has_failed(pipe)) {
      PQclear(r);
      return;
    }
    const bool outdated = pdl_is_outdated(r);
    if (outdated)
      pdl_statement_forget(&p->statements, s);
    enum pdl_rc rc = pdl_fail_result(p, t->schema, r);
    if (outdated) /* the batch may be sent again, and prepares it anew */
      p->error.rc = rc = PDL_RETRY;
    note(pipe, q, rc);
    return;
  }
  if (q->prepares) {
    PQclear(r);
    return;
  }
  enum pdl_rc rc = PDL_OK;
  struct pdl_chunk *chunk = NULL;
  const char *wrong = NULL;
  if (q->lists) {
    note(pipe, q, pdl_keep_rows(p, t, r, q->out, q->mem));
    return;
  }
  if (q->out ? PQntuples(r) == 0 : strcmp(PQcmdTuples(r), "0") == 0) {
    rc = PDL_NOROW;
    wrong = "there is no such row";
  } else if (q->out) {
    chunk = pdl_chunk_of(r);
    rc = chunk ? pdl_check_columns(p, t, r) : pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
    if (rc == PDL_OK)
      rc = pdl_read_row(p, t, r, 0, q->out);
    if (rc == PDL_OK)
      pdl_mem_add(q->mem, chunk);
  }
  if (wrong && pipe->rc == PDL_OK)
    (void)pdl_fail(p, rc, wrong, NULL);
  note(pipe, q, rc);
  if (!q->out || rc != PDL_OK)
    PQclear(r);
}

/* libpq had no memory to say what came. */
static void unsaid(struct pdl_pipe *pipe) {
  if (!has_failed(pipe))
    pipe->rc = pdl_fail(pipe->p, PDL_NOMEM, pdl_no_memory, NULL);
}

/* Takes the results that are there without waiting; true at a sync. Where one is awaited libpq is busy until it comes:
 * if it says twice that there is nothing, nothing comes. */
static bool take_results(struct pdl_pipe *pipe, bool to_sync) {
  PGconn *conn = pipe->p->conn;
  int idle = 0;
  while (!PQisBusy(conn)) {
    PGresult *r = PQgetResult(conn);
    struct queued *q = pipe->first < pipe->count ? &pipe->queue[pipe->first] : NULL;
    if (!r) {
      if (q && q->ended) {
        q->statement->pins--;
        pipe->first++;
        idle = 0;
      } else if (!to_sync || PQstatus(conn) != CONNECTION_OK) {
        return false;
      } else if (++idle == 2) {
        unsaid(pipe);
        return true;
      }
      continue;
    }
    if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
      PQclear(r);
      return true;
    }
    if (!q) { /* in place of the sync */
      PQclear(r);
      unsaid(pipe);
      return true;
    }
    if (q->ended) {
      PQclear(r);
    } else {
      q->ended = true;
      take_result(pipe, q, r);
    }
  }
  return false;
}

/* Until all is sent and, where `to_sync`, a sync has come back. What arrives meanwhile is taken, or else the server
 * might wait for us while we wait for it. False where the connection fails. */
static bool pump(struct pdl_pipe *pipe, bool to_sync) {
  PGconn *conn = pipe->p->conn;
  for (;;) {
    const int unsent = PQflush(conn);
    if (unsent < 0 || PQstatus(conn) != CONNECTION_OK)
      return false;
    if (!unsent && !to_sync)
      return true;
    if (take_results(pipe, to_sync) && to_sync)
      return PQstatus(conn) == CONNECTION_OK;
    if (PQstatus(conn) != CONNECTION_OK)
      return false;
    /* libpq that has no memory for the sync says so, and then waits for it for ever: only PQreset helps. */
    if (to_sync && pipe->first == pipe->count && !has_failed(pipe) && *PQerrorMessage(conn)) {
      unsaid(pipe);
      return true;
    }
    struct pollfd fd = {PQsocket(conn), (short)(POLLIN | (unsent ? POLLOUT : 0)), 0};
    if (poll(&fd, 1, -1) < 0 && errno != EINTR)
      return false;
    if (fd.revents & ~POLLOUT && !PQconsumeInput(conn))
      return false;
  }
}

/* Nothing of the batch will be answered. */
static enum pdl_rc lost(struct pdl_pipe *pipe) {
  for (; pipe->first < pipe->count; pipe->first++) {
    pipe->queue[pipe->first].statement->pins--;
    pdl_statement_forget(&pipe->p->statements, pipe->queue[pipe->first].statement);
  }
  if (!has_failed(pipe))
    pipe->rc = pdl_fail_result(pipe->p, NULL, NULL);
  return pipe->rc;
}

static bool make_room(struct pdl_pipe *pipe) {
  if (pipe->first == pipe->count)
    pipe->first = pipe->count = 0;
  if (pipe->count + 2 > pipe->cap) {
    const size_t cap = pipe->cap ? pipe->cap * 2 : 64;
    struct queued *grown = (struct queued *)realloc(pipe->queue, cap * sizeof *grown);
    if (!grown)
      return false;
    pipe->queue = grown;
    pipe->cap = cap;
  }
  if (pipe->calls == pipe->outcome_cap) {
    const size_t cap = pipe->outcome_cap ? pipe->outcome_cap * 2 : 64;
    enum pdl_rc *grown = (enum pdl_rc *)realloc(pipe->outcomes, cap * sizeof *grown);
    if (!grown)
      return false;
    pipe->outcomes = grown;
    pipe->outcome_cap = cap;
  }
  return true;
}

static struct queued *push(struct pdl_pipe *pipe, struct pdl_statement *s) {
  struct queued *q = &pipe->queue[pipe->count++];
  memset(q, 0, sizeof *q);
  q->statement = s;
  q->call = pipe->calls;
  s->pins++;
  return q;
}

/* A statement that makes room stays prepared on the server: there is no waiting here to be rid of it. */
static enum pdl_rc queue(struct pdl_pipe *pipe, const struct pdl_call *call, bool lists, void *out,
                         struct pdl_mem *mem) {
  struct pdl *p = pipe->p;
  char drop[PDL_NAME_SIZE];
  if (out && !mem)
    return pdl_fail(p, PDL_USAGE, "there is nowhere to read to", NULL);
  if (pipe->synced) {
    pipe->synced = false;
    pipe->calls = 0;
    pipe->rc = PDL_OK;
  }
  enum pdl_rc rc = pdl_check_call(p, call);
  if (rc != PDL_OK)
    return rc;
  struct pdl_statement *s = make_room(pipe) ? pdl_statement_of(&p->statements, call, drop) : NULL;
  if (!s)
    return pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  rc = pdl_bind(p, s, call);
  if (rc != PDL_OK)
    return rc;
  if (!s->prepared && !(p->flags & PDL_NO_PREPARE)) {
    if (!PQsendPrepare(p->conn, s->name, s->sql, s->param_count, s->types))
      return pdl_fail_result(p, call->op->table->schema, NULL);
    s->prepared = true;
    push(pipe, s)->prepares = true;
  }
  if (!pdl_send(p, s))
    return pdl_fail_result(p, call->op->table->schema, NULL);
  struct queued *q = push(pipe, s);
  q->lists = lists;
  q->out = out;
  q->mem = mem;
  pipe->outcomes[pipe->calls++] = PDL_USAGE;
  if (pipe->calls % CALLS_A_PUMP != 0) /* libpq sends when it has enough */
    return PDL_OK;
  return pump(pipe, false) ? PDL_OK : lost(pipe);
}

enum pdl_rc pdl_queue(struct pdl_pipe *pipe, const struct pdl_op *op, const void *const *args, const void *row,
                      const uint64_t *mask, void *out, struct pdl_mem *mem) {
  const struct pdl_call call = {op, args, row, mask, NULL, 0, 0, out != NULL && mask != NULL};
  return queue(pipe, &call, false, out, mem);
}

enum pdl_rc pdl_queue_list(struct pdl_pipe *pipe, const struct pdl_op *op, const void *const *args, const void *after,
                           size_t limit, void *list, struct pdl_mem *mem) {
  const struct pdl_call call = {op, args, NULL, NULL, after, limit, 0, false};
  return list ? queue(pipe, &call, true, list, mem)
              : pdl_fail(pipe->p, PDL_USAGE, "there is nowhere to read to", NULL);
}

enum pdl_rc pdl_pipe_sync(struct pdl_pipe *pipe) {
  if (pipe->synced) {
    pipe->calls = 0;
    pipe->rc = PDL_OK;
  }
  pipe->synced = true;
  if (!PQpipelineSync(pipe->p->conn) || !pump(pipe, true))
    return lost(pipe);
  return pipe->rc;
}

size_t pdl_pipe_count(const struct pdl_pipe *pipe) {
  return pipe->calls;
}

enum pdl_rc pdl_pipe_rc(const struct pdl_pipe *pipe, size_t call) {
  return call < pipe->calls ? pipe->outcomes[call] : PDL_USAGE;
}

static void pipe_free(struct pdl_pipe *pipe) {
  struct pdl *p = pipe->p;
  (void)PQsetnonblocking(p->conn, 0);
  (void)PQexitPipelineMode(p->conn);
  p->pipe = NULL;
  p->busy = PDL_IDLE;
  free(pipe->queue);
  free(pipe->outcomes);
  free(pipe);
}

enum pdl_rc pdl_pipe_close(struct pdl_pipe *pipe) {
  if (!pipe)
    return PDL_OK;
  const bool pending = !pipe->synced && pipe->calls;
  const enum pdl_rc rc = pending ? pdl_pipe_sync(pipe) : pipe->rc;
  pipe_free(pipe);
  return rc;
}

void pdl_pipe_abandon(struct pdl_pipe *pipe) {
  const enum pdl_rc rc = pdl_pipe_close(pipe);
  (void)rc;
}

/* ── COPY ── */

enum { COPY_BUFFER = 65536 };
struct pdl_copy {
  struct pdl *p;
  const struct pdl_table *table;
  const struct pdl_column **columns;
  unsigned count;
  bool text;
  enum pdl_rc rc;              /* the first failure: rows behind it are refused */
  struct pdl_buf buf;
};

static void copy_free(struct pdl_copy *c) {
  c->p->copy = NULL;
  c->p->busy = PDL_IDLE;
  free(c->columns);
  free(c->buf.p);
  free(c);
}

static bool copy_choose(struct pdl_copy *c, const uint64_t *mask) {
  c->columns = (const struct pdl_column **)calloc(c->table->count + 1, sizeof *c->columns);
  for (unsigned i = 0; c->columns && i < c->table->count; i++)
    if (mask[i / 64] >> (i % 64) & 1) {
      c->text |= (c->table->columns[i].flags & PDL_NO_BINARY) != 0;
      c->columns[c->count++] = &c->table->columns[i];
    }
  return c->columns != NULL;
}

enum pdl_rc pdl_copy_open(struct pdl *p, const struct pdl_table *t, const uint64_t *mask, struct pdl_copy **out) {
  const struct pdl_op op = {t, PDL_INSERT, 0, 0, 0, NULL, NULL};
  const struct pdl_call call = {&op, NULL, t, mask, NULL, 0, 0, false}; /* any row: only the mask is looked at */
  *out = NULL;
  if (p->busy != PDL_IDLE)
    return pdl_fail(p, PDL_USAGE,
                    p->busy == PDL_PIPING ? "a bulk load cannot run in a pipeline"
                                          : "the session is in the middle of something else",
                    NULL);
  enum pdl_rc rc = pdl_check_call(p, &call);
  if (rc != PDL_OK)
    return rc;
  struct pdl_copy *c = (struct pdl_copy *)calloc(1, sizeof *c);
  if (!c)
    return pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  c->p = p;
  c->table = t;
  if (!copy_choose(c, mask) || c->count == 0) {
    rc = c->columns ? pdl_fail(p, PDL_USAGE, "the mask of a bulk load is empty", NULL)
                    : pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
    copy_free(c);
    return rc;
  }
  pdl_buf_adds(&c->buf, "COPY ");
  pdl_buf_adds(&c->buf, t->name);
  for (unsigned i = 0; i < c->count; i++) {
    pdl_buf_adds(&c->buf, i ? ", " : " (");
    pdl_buf_adds(&c->buf, c->columns[i]->name);
  }
  pdl_buf_adds(&c->buf, c->text ? ") FROM STDIN" : ") FROM STDIN (FORMAT binary)");
  pdl_buf_add(&c->buf, "", 1);
  if (c->buf.failed) {
    copy_free(c);
    return pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  }
  PGresult *r = PQexec(p->conn, c->buf.p);
  if (PQresultStatus(r) != PGRES_COPY_IN) {
    copy_free(c);
    return pdl_fail_result(p, t->schema, r);
  }
  PQclear(r);
  c->buf.n = 0;
  if (!c->text)
    pdl_buf_add(&c->buf, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  p->copy = c;
  p->busy = PDL_COPYING;
  *out = c;
  return PDL_OK;
}

static bool add_binary(struct pdl_copy *c, const struct pdl_column *column, const void *value) {
  if (value)
    return pdl_encode_copy(column, value, &c->buf);
  pdl_buf_add32(&c->buf, UINT32_MAX);
  return true;
}

/* What the server's reader of COPY would take for a sign of its own is escaped. */
static bool add_text(struct pdl_copy *c, const struct pdl_column *column, const void *value) {
  static const char special[] = "\b\f\n\r\t\v\\", letter[] = "bfnrtv\\";
  const size_t from = c->buf.n;
  if (!value) {
    pdl_buf_adds(&c->buf, "\\N");
    return true;
  }
  if (!pdl_format(column, column->flags & PDL_ARRAY, value, &c->buf))
    return false;
  size_t extra = 0;
  for (size_t i = from; i < c->buf.n; i++)
    extra += c->buf.p[i] && strchr(special, c->buf.p[i]) != NULL;
  if (!extra || c->buf.failed)
    return true;
  const size_t n = c->buf.n;
  for (size_t i = 0; i < extra; i++)
    pdl_buf_add(&c->buf, "", 1);
  if (c->buf.failed)
    return true;
  for (size_t i = n, to = c->buf.n; i-- > from;) { /* from behind, in place */
    const char ch = c->buf.p[i], *at = ch ? strchr(special, ch) : NULL;
    c->buf.p[--to] = at ? letter[at - special] : ch;
    if (at)
      c->buf.p[--to] = '\\';
  }
  return true;
}

enum pdl_rc pdl_copy_row(struct pdl_copy *c, const struct pdl_table *t, const void *row) {
  if (t != c->table)
    return pdl_fail(c->p, PDL_USAGE, "the bulk load is of another table", NULL);
  if (c->rc != PDL_OK)
    return c->rc;
  if (!c->text)
    pdl_buf_add16(&c->buf, (uint16_t)c->count);
  for (unsigned i = 0; i < c->count; i++) {
    const struct pdl_column *column = c->columns[i];
    const void *value = pdl_value_at(column, row);
    if (c->text && i)
      pdl_buf_adds(&c->buf, "\t");
    if (c->text ? !add_text(c, column, value) : !add_binary(c, column, value))
      return c->rc = pdl_fail(c->p, PDL_USAGE, "value is none of its type", column->name);
  }
  if (c->text)
    pdl_buf_adds(&c->buf, "\n");
  if (c->buf.failed)
    return c->rc = pdl_fail(c->p, PDL_NOMEM, pdl_no_memory, NULL);
  while (c->buf.n >= COPY_BUFFER) {
    if (c->buf.n > INT32_MAX)
      return c->rc = pdl_fail(c->p, PDL_USAGE, "row is too long", NULL);
    if (PQputCopyData(c->p->conn, c->buf.p, (int)c->buf.n) != 1)
      return c->rc = pdl_fail_result(c->p, t->schema, NULL);
    c->buf.n = 0;
  }
  return PDL_OK;
}

/* A failure of ours is told to the server, so that no row stays; it is what is returned then. */
enum pdl_rc pdl_copy_close(struct pdl_copy *c, int64_t *rows) {
  struct pdl *p = c->p;
  enum pdl_rc rc = c->rc;
  if (rc == PDL_OK && !c->text)
    pdl_buf_add16(&c->buf, UINT16_MAX);
  if (rc == PDL_OK && c->buf.failed)
    rc = pdl_fail(p, PDL_NOMEM, pdl_no_memory, NULL);
  if (rc == PDL_OK && c->buf.n && PQputCopyData(p->conn, c->buf.p, (int)c->buf.n) != 1)
    rc = pdl_fail_result(p, c->table->schema, NULL);
  if (PQputCopyEnd(p->conn, rc == PDL_OK ? NULL : "bulk load given up") != 1 && rc == PDL_OK)
    rc = pdl_fail_result(p, c->table->schema, NULL);
  for (PGresult *r; (r = PQgetResult(p->conn)) != NULL;) {
    const ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK && rc == PDL_OK) {
      if (rows)
        *rows = strtoll(PQcmdTuples(r), NULL, 10);
      PQclear(r);
    } else if (rc == PDL_OK) {
      rc = pdl_fail_result(p, c->table->schema, r);
    } else {
      PQclear(r);
    }
    if (status == PGRES_COPY_IN) /* the end could not be sent: libpq would say so for ever */
      break;
  }
  copy_free(c);
  return rc;
}

void pdl_copy_abort(struct pdl_copy *c) {
  if (!c)
    return;
  if (c->rc == PDL_OK)
    c->rc = pdl_fail(c->p, PDL_USAGE, "the bulk load was given up", NULL);
  const enum pdl_rc rc = pdl_copy_close(c, NULL);
  (void)rc;
}
