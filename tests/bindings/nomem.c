/* Every allocation of the runtime fails once, in the course of a session's life: each call ends in an outcome, nothing is
 * lost or freed twice, and the connection can be used afterwards. It is built with malloc, calloc, realloc and
 * PQresultAlloc renamed to those here. (Allocations of libpq itself are left alone: some of its waits never end when
 * they fail.) */
#include "expect.h"

#undef malloc
#undef calloc
#undef realloc
#undef PQresultAlloc
void *malloc(size_t);
void *calloc(size_t, size_t);
void *realloc(void *, size_t);
void *PQresultAlloc(PGresult *, size_t);

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void) {
  return left > 0 && --left == 0;
}

void *failing_malloc(size_t n) {
  return fails() ? NULL : malloc(n);
}

void *failing_calloc(size_t n, size_t size) {
  return fails() ? NULL : calloc(n, size);
}

void *failing_realloc(void *p, size_t n) {
  return fails() ? NULL : realloc(p, n);
}

void *failing_alloc(PGresult *r, size_t n) {
  return fails() ? NULL : PQresultAlloc(r, n);
}

static enum pdl_rc within(struct pdl *p, void *arg) {
  struct coc_users u = {.email = pdl_str("tx")};
  return coc_users_insert(p, &u, COC_USERS_REQUIRED, NULL, arg);
}

static enum pdl_rc see(const struct coc_thoughts *t, void *arg) {
  (void)arg;
  return t->thought_text.p ? PDL_OK : PDL_SQL;
}

/* As far as memory lets it. */
static enum pdl_rc life(struct pdl *p, struct pdl_mem *mem) {
  const pdl_text tags[] = {{"a", 1}, {"b", 1}};
  struct coc_users u = {.email = pdl_str("m"), .vibe_profile = {pdl_str("{}")}};
  struct coc_thoughts_list list;
  struct pdl_pipe *pipe = NULL;
  struct pdl_copy *copy = NULL;
  enum pdl_rc rc = coc_users_insert(p, &u, COC_USERS_EMAIL | COC_USERS_VIBE_PROFILE, &u, mem);
  struct coc_thoughts t = {.user_id = u.id, .thought_text = pdl_str("t"), .tags = {tags, 2}}, out;
  const coc_thoughts_cols given = COC_THOUGHTS_REQUIRED | COC_THOUGHTS_TAGS;
  if (rc == PDL_OK)
    rc = coc_thoughts_insert(p, &t, given, &out, mem);
  if (rc == PDL_OK)
    rc = coc_thoughts_list_all(p, 0, &list, mem);
  if (rc == PDL_OK)
    rc = coc_thoughts_get_many(p, &out.id, 1, &list, mem);
  if (rc == PDL_OK)
    rc = coc_thoughts_each(p, see, NULL);
  if (rc == PDL_OK)
    rc = pdl_tx(p, PDL_ISO_DEFAULT, within, mem);
  if (rc == PDL_OK)
    rc = pdl_pipe_open(p, &pipe);
  for (int i = 0; rc == PDL_OK && i < 3; i++)
    rc = i < 2 ? coc_thoughts_insert_q(pipe, &t, given, &out, mem)
               : coc_thoughts_list_by_user_id_q(pipe, u.id, &list, mem);
  if (pipe) {
    const enum pdl_rc closed = pdl_pipe_close(pipe);
    rc = rc == PDL_OK ? closed : rc;
  }
  if (rc == PDL_OK)
    rc = coc_thoughts_copy_open(p, given, &copy);
  for (int i = 0; rc == PDL_OK && i < 3; i++)
    rc = coc_thoughts_copy_row(copy, &t);
  if (copy) {
    const enum pdl_rc closed = pdl_copy_close(copy, NULL);
    rc = rc == PDL_OK ? closed : rc;
  }
  if (rc == PDL_OK)
    rc = coc_users_delete(p, u.id);
  return rc;
}

int main(int count, char **arguments) {
  (void)count;
  PGconn *conn = PQconnectdb(arguments[1]);
  long n = 0;
  bool over = false;
  while (!over) {
    left = ++n;
    struct pdl *p = pdl_open(conn, 0);
    struct pdl_mem mem = PDL_MEM_INIT;
    const enum pdl_rc rc = p ? life(p, &mem) : PDL_NOMEM;
    over = left > 0;
    left = -1;
    pdl_mem_clear(&mem);
    if (p)
      GIVES(over ? PDL_OK : PDL_NOMEM, rc);
    pdl_close(p);
    EXPECT(PQtransactionStatus(conn) == PQTRANS_IDLE && PQpipelineStatus(conn) == PQ_PIPELINE_OFF);
    sql(conn, "DELETE FROM users");
  }
  EXPECT(n > 50);
  PQfinish(conn);
  return failures ? 1 : 0;
}
