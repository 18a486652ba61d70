/* Every allocation of a session's life fails once: each call ends in an outcome, nothing is lost or freed twice, and the
 * connection can be used afterwards. Prints how many there were. */
#include <dlfcn.h>
#include <unistd.h>

#include "expect.h"

static long left = -1; /* allocations until one fails; negative: none does */

static bool fails(void) {
  return left > 0 && --left == 0;
}

static void *next(const char *name) {
  return dlsym(RTLD_NEXT, name);
}

/* dlsym itself may allocate before it knows the answer. */
static char early[65536];
static size_t early_used;

static void *early_alloc(size_t n) {
  void *p = early + early_used;
  early_used += (n + 15) / 16 * 16;
  return early_used <= sizeof early ? p : NULL;
}

static bool looking;
static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);

static bool found(void) {
  void *functions[4];
  if (real_free)
    return true;
  if (looking)
    return false;
  looking = true;
  functions[0] = next("malloc");
  functions[1] = next("calloc");
  functions[2] = next("realloc");
  functions[3] = next("free");
  memcpy(&real_malloc, &functions[0], sizeof real_malloc);
  memcpy(&real_calloc, &functions[1], sizeof real_calloc);
  memcpy(&real_realloc, &functions[2], sizeof real_realloc);
  memcpy(&real_free, &functions[3], sizeof real_free);
  return true;
}

void *malloc(size_t n) {
  return !found() ? early_alloc(n) : fails() ? NULL : real_malloc(n);
}

void *calloc(size_t n, size_t m) {
  return !found() ? early_alloc(n * m) : fails() ? NULL : real_calloc(n, m);
}

void *realloc(void *p, size_t n) {
  return fails() ? NULL : real_realloc(p, n);
}

void free(void *p) {
  if ((char *)p < early || (char *)p >= early + sizeof early)
    if (found())
      real_free(p);
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
    rc = coc_thoughts_each(p, see, NULL);
  if (rc == PDL_OK)
    rc = pdl_tx(p, PDL_ISO_DEFAULT, within, mem);
  if (rc == PDL_OK)
    rc = pdl_pipe_open(p, &pipe);
  for (int i = 0; rc == PDL_OK && i < 3; i++)
    rc = coc_thoughts_insert_q(pipe, &t, given, &out, mem);
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
  const long step = count > 2 ? atol(arguments[2]) : 1;
  PGconn *conn = PQconnectdb(arguments[1]);
  long n = 1;
  for (;; n += step) {
    alarm(30);
    left = n;
    struct pdl *p = pdl_open(conn, 0);
    struct pdl_mem mem = PDL_MEM_INIT;
    const enum pdl_rc rc = p ? life(p, &mem) : PDL_NOMEM;
    const bool over = left > 0;
    left = -1;
    pdl_mem_clear(&mem);
    if (rc != PDL_OK && rc != PDL_NOMEM && rc != PDL_CONN && rc != PDL_RETRY && p)
      GIVES(PDL_NOMEM, rc);
    pdl_close(p);
    if (PQstatus(conn) != CONNECTION_OK || PQtransactionStatus(conn) != PQTRANS_IDLE || PQpipelineStatus(conn) != PQ_PIPELINE_OFF) {
      PQfinish(conn);
      conn = PQconnectdb(arguments[1]);
    }
    sql(conn, "DEALLOCATE ALL; DELETE FROM users");
    if (over)
      break;
  }
  PQfinish(conn);
  printf("%ld allocations\n", n);
  return failures ? 1 : 0;
}
