/* Generated C beside libpq written by hand, prepared, in binary and careful: in one run, seconds and seconds of CPU, each
 * the best of several turns, which begin with the one and then with the other.
 *
 *     bench URL [ROWS]      rows of the stream and of the bulk load */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "schema.h"

static PGconn *conn;
static struct pdl *p;
static struct coc_users user;
static coc_thoughts_id some;
static size_t bulk_rows = 1000000;
static unsigned long long sum; /* of what was read, so that it is read */

static void need(bool good, const char *what) {
  if (good)
    return;
  fprintf(stderr, "%s: %s %s\n", what, pdl_error(p)->message, PQerrorMessage(conn));
  exit(1);
}

static PGresult *done(PGresult *r) {
  const ExecStatusType s = PQresultStatus(r);
  need(s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK || s == PGRES_SINGLE_TUPLE || s == PGRES_COPY_IN ||
           s == PGRES_PIPELINE_SYNC,
       "by hand");
  return r;
}

/* ── by hand ── */

static const char columns[] =
    "id, user_id, thought_text, tags, reflection, novelty_score, circle_id, created_at, updated_at";
static const struct {
  Oid type;
  int bytes; /* -1: any */
} expected[] = {{23, 4}, {2950, 16}, {25, -1}, {1009, -1}, {25, -1}, {701, 8}, {23, 4}, {1184, 8}, {1184, 8}};
enum { COLUMNS = sizeof expected / sizeof *expected };

struct by_hand {
  int32_t id, circle_id;
  unsigned char user_id[16];
  const char *thought_text, *reflection;
  int tag_count;
  double novelty_score;
  int64_t created_at, updated_at;
};

static int32_t int_at(const char *v) {
  uint32_t n;
  memcpy(&n, v, sizeof n);
  return (int32_t)ntohl(n);
}

static int64_t long_at(const char *v) {
  return (int64_t)((uint64_t)(uint32_t)int_at(v) << 32 | (uint32_t)int_at(v + 4));
}

static void check_types(const PGresult *r) {
  need(PQnfields(r) == COLUMNS, "columns");
  for (int i = 0; i < COLUMNS; i++)
    need(PQftype(r, i) == expected[i].type && PQfformat(r, i) == 1, "type");
}

static void read_row(const PGresult *r, int row, struct by_hand *out) {
  for (int i = 0; i < COLUMNS; i++)
    need(expected[i].bytes < 0 || PQgetlength(r, row, i) == expected[i].bytes || (i > 2 && PQgetisnull(r, row, i)),
         "length");
  const int64_t score = PQgetisnull(r, row, 5) ? 0 : long_at(PQgetvalue(r, row, 5));
  out->id = int_at(PQgetvalue(r, row, 0));
  memcpy(out->user_id, PQgetvalue(r, row, 1), 16);
  out->thought_text = PQgetvalue(r, row, 2);
  out->tag_count = PQgetisnull(r, row, 3) ? 0 : int_at(PQgetvalue(r, row, 3) + 12);
  out->reflection = PQgetisnull(r, row, 4) ? NULL : PQgetvalue(r, row, 4);
  memcpy(&out->novelty_score, &score, sizeof score);
  out->circle_id = PQgetisnull(r, row, 6) ? 0 : int_at(PQgetvalue(r, row, 6));
  out->created_at = PQgetisnull(r, row, 7) ? 0 : long_at(PQgetvalue(r, row, 7));
  out->updated_at = PQgetisnull(r, row, 8) ? 0 : long_at(PQgetvalue(r, row, 8));
  sum += (unsigned)out->id + (unsigned char)out->thought_text[0];
}

static void prepare_by_hand(void) {
  static const struct {
    const char *name, *sql;
    int n;
    Oid types[3];
  } all[] = {
      {"get", "SELECT %s FROM thoughts WHERE id = $1", 1, {23}},
      {"insert", "INSERT INTO thoughts (user_id, thought_text) VALUES ($1, $2)", 2, {2950, 25}},
      {"page", "SELECT %s FROM thoughts WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3", 3, {2950, 23, 20}},
      {"all", "SELECT %s FROM thoughts", 0, {0}},
  };
  char sql[512];
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    snprintf(sql, sizeof sql, all[i].sql, columns);
    PQclear(done(PQprepare(conn, all[i].name, sql, all[i].n, all[i].types)));
  }
}

static void get_by_hand(size_t n) {
  const uint32_t id = htonl((uint32_t)some.v);
  const char *values[] = {(const char *)&id};
  const int lengths[] = {4}, formats[] = {1};
  struct by_hand row;
  for (size_t i = 0; i < n; i++) {
    PGresult *r = done(PQexecPrepared(conn, "get", 1, values, lengths, formats, 1));
    check_types(r);
    read_row(r, 0, &row);
    PQclear(r);
  }
}

static const char text[] = "a thought of some length, as people have them";

static void insert_by_hand(size_t n) {
  const char *values[] = {(const char *)user.id.v.b, text};
  const int lengths[] = {16, sizeof text - 1}, formats[] = {1, 1};
  for (size_t i = 0; i < n; i++)
    PQclear(done(PQexecPrepared(conn, "insert", 2, values, lengths, formats, 1)));
}

static void pipeline_by_hand(size_t n) {
  const char *values[] = {(const char *)user.id.v.b, text};
  const int lengths[] = {16, sizeof text - 1}, formats[] = {1, 1};
  need(PQenterPipelineMode(conn) == 1, "pipeline");
  for (size_t i = 0; i < n; i++)
    need(PQsendQueryPrepared(conn, "insert", 2, values, lengths, formats, 1) == 1, "send");
  need(PQpipelineSync(conn) == 1, "sync");
  for (size_t i = 0; i < n; i++) {
    PQclear(done(PQgetResult(conn)));
    PQclear(PQgetResult(conn));
  }
  PQclear(done(PQgetResult(conn)));
  PQexitPipelineMode(conn);
}

static void page_by_hand(size_t n) {
  const uint32_t after = htonl((uint32_t)some.v), limit[] = {0, htonl(100)};
  const char *values[] = {(const char *)user.id.v.b, (const char *)&after, (const char *)limit};
  const int lengths[] = {16, 4, 8}, formats[] = {1, 1, 1};
  static struct by_hand rows[100];
  for (size_t i = 0; i < n; i++) {
    PGresult *r = done(PQexecPrepared(conn, "page", 3, values, lengths, formats, 1));
    check_types(r);
    for (int k = 0; k < PQntuples(r); k++)
      read_row(r, k, &rows[k]);
    PQclear(r);
  }
}

static void stream_by_hand(size_t n) {
  struct by_hand row;
  (void)n;
  need(PQsendQueryPrepared(conn, "all", 0, NULL, NULL, NULL, 1) == 1, "send");
  PQsetSingleRowMode(conn);
  bool checked = false;
  for (PGresult *r; (r = PQgetResult(conn)) != NULL; PQclear(r)) {
    if (!checked)
      check_types(done(r));
    checked = true;
    for (int k = 0; k < PQntuples(done(r)); k++)
      read_row(r, k, &row);
  }
}

/* ── generated ── */

static struct pdl_mem mem;

static void get_generated(size_t n) {
  struct coc_thoughts t;
  for (size_t i = 0; i < n; i++) {
    need(coc_thoughts_get(p, some, &t, &mem) == PDL_OK, "get");
    sum += (unsigned)t.id.v;
    pdl_mem_clear(&mem);
  }
}

static struct coc_thoughts thought(void) {
  struct coc_thoughts t;
  memset(&t, 0, sizeof t);
  t.user_id = user.id;
  t.thought_text.p = text;
  t.thought_text.n = sizeof text - 1;
  return t;
}

static void insert_generated(size_t n) {
  const struct coc_thoughts t = thought();
  for (size_t i = 0; i < n; i++)
    need(coc_thoughts_insert(p, &t, COC_THOUGHTS_REQUIRED, NULL, NULL) == PDL_OK, "insert");
}

static void pipeline_generated(size_t n) {
  const struct coc_thoughts t = thought();
  struct pdl_pipe *pipe;
  need(pdl_pipe_open(p, &pipe) == PDL_OK, "pipeline");
  for (size_t i = 0; i < n; i++)
    need(coc_thoughts_insert_q(pipe, &t, COC_THOUGHTS_REQUIRED, NULL, NULL) == PDL_OK, "queue");
  need(pdl_pipe_close(pipe) == PDL_OK, "pipeline");
}

static void page_generated(size_t n) {
  struct coc_thoughts_list list;
  for (size_t i = 0; i < n; i++) {
    need(coc_thoughts_page_by_user_id(p, user.id, &some, 100, &list, &mem) == PDL_OK, "page");
    sum += list.n;
    pdl_mem_clear(&mem);
  }
}

static enum pdl_rc add_up(const struct coc_thoughts *t, void *arg) {
  (void)arg;
  sum += (unsigned)t->id.v + (unsigned char)t->thought_text.p[0];
  return PDL_OK;
}

static void stream_generated(size_t n) {
  (void)n;
  need(coc_thoughts_each(p, add_up, NULL) == PDL_OK, "stream");
}

/* ── bulk: the same rows, ours in binary, by hand in COPY's text as psql sends a file ── */

static void bulk_generated(size_t n) {
  const struct coc_thoughts t = thought();
  struct pdl_copy *copy;
  need(coc_thoughts_copy_open(p, COC_THOUGHTS_REQUIRED, &copy) == PDL_OK, "copy");
  for (size_t i = 0; i < n; i++)
    need(coc_thoughts_copy_row(copy, &t) == PDL_OK, "copy");
  need(pdl_copy_close(copy, NULL) == PDL_OK, "copy");
}

static void bulk_by_hand(size_t n) {
  char id[37], line[256];
  pdl_uuid_print(&user.id.v, id);
  const int length = snprintf(line, sizeof line, "%s\t%s\n", id, text);
  PQclear(done(PQexec(conn, "COPY thoughts (user_id, thought_text) FROM STDIN")));
  for (size_t i = 0; i < n; i++)
    need(PQputCopyData(conn, line, length) == 1, "copy");
  PQputCopyEnd(conn, NULL);
  for (PGresult *r; (r = PQgetResult(conn)) != NULL; PQclear(r))
    done(r);
}

/* ── measuring ── */

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take(void (*fn)(size_t), size_t calls, size_t times, double *wall, double *cpu) {
  const double w = now(CLOCK_MONOTONIC), c = now(CLOCK_PROCESS_CPUTIME_ID);
  for (size_t i = 0; i < times; i++)
    fn(calls);
  const double took = now(CLOCK_MONOTONIC) - w, used = now(CLOCK_PROCESS_CPUTIME_ID) - c;
  *wall = took < *wall ? took : *wall;
  *cpu = used < *cpu ? used : *cpu;
}

static void compare(const char *what, void (*generated)(size_t), void (*by_hand)(size_t), size_t calls, size_t times,
                    int turns) {
  void (*const both[])(size_t) = {generated, by_hand};
  double wall[2] = {1e9, 1e9}, cpu[2] = {1e9, 1e9};
  struct rusage usage;
  for (int turn = 0; turn < turns * 2; turn++) {
    const int which = (turn ^ turn >> 1) & 1; /* 0 1 1 0 */
    take(both[which], calls, times, &wall[which], &cpu[which]);
  }
  getrusage(RUSAGE_SELF, &usage);
  printf("%-28s %9.4f s %9.4f s CPU   by hand %9.4f s %9.4f s CPU   %.2fx   %ld MiB\n", what, wall[0], cpu[0], wall[1],
         cpu[1], wall[1] / wall[0], usage.ru_maxrss / 1024);
  fflush(stdout);
}

int main(int argc, char **argv) {
  conn = PQconnectdb(argv[1]);
  if (argc > 2)
    bulk_rows = strtoul(argv[2], NULL, 10);
  PQclear(done(PQexec(conn, "SET client_min_messages = warning")));
  p = pdl_open(conn, 0);
  user.email = pdl_str("bench@example.org");
  need(coc_users_insert(p, &user, COC_USERS_REQUIRED, &user, &mem) == PDL_OK, "user");
  prepare_by_hand();
  insert_by_hand(1000);
  struct coc_thoughts_list list;
  need(coc_thoughts_page(p, NULL, 1, &list, &mem) == PDL_OK && list.n == 1, "first");
  some = list.v[0].id;
  compare("get by key, 1000", get_generated, get_by_hand, 1000, 1, 20);
  compare("page of 100, 100", page_generated, page_by_hand, 100, 1, 20);
  compare("insert one, 500", insert_generated, insert_by_hand, 500, 1, 20);
  compare("insert 100 in a pipeline, 20", pipeline_generated, pipeline_by_hand, 100, 20, 10);
  PQclear(done(PQexec(conn, "TRUNCATE thoughts CASCADE;"
                            "DROP INDEX idx_thoughts_user_id, idx_thoughts_circle_id, idx_thoughts_created_at")));
  compare("bulk load", bulk_generated, bulk_by_hand, bulk_rows, 1, 3);
  PQclear(done(PQexec(conn, "TRUNCATE thoughts CASCADE")));
  bulk_generated(bulk_rows);
  compare("stream", stream_generated, stream_by_hand, 1, 1, 3);
  printf("(%llu)\n", sum % 10);
  pdl_mem_clear(&mem);
  pdl_close(p);
  PQfinish(conn);
  return 0;
}
