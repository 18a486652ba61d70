/* Every function of the worked schema, against a server. */
#include "expect.h"

static enum pdl_rc count_thoughts(const struct coc_thoughts *t, void *arg) {
  EXPECT(t->thought_text.p && t->thought_text.p[t->thought_text.n] == 0);
  ++*(int *)arg;
  return PDL_OK;
}

static enum pdl_rc stop_at_two(const struct coc_thoughts *t, void *arg) {
  (void)t;
  return ++*(int *)arg == 2 ? PDL_NOROW : PDL_OK;
}

static struct coc_users add_user(struct pdl *p, struct pdl_mem *mem, const char *email) {
  struct coc_users u = {.email = pdl_str(email)};
  OK(coc_users_insert(p, &u, COC_USERS_REQUIRED, &u, mem));
  return u;
}

static void users(struct pdl *p, struct pdl_mem *mem) {
  struct coc_users u = {.email = pdl_str("ada@example.org"), .vibe_profile = {pdl_str("{\"calm\": 1}")}}, got;
  OK(coc_users_insert(p, &u, COC_USERS_EMAIL | COC_USERS_VIBE_PROFILE, &u, mem));
  EXPECT(pdl_text_is(u.vibe_profile.json, "{\"calm\": 1}") && u.created_at.set);
  OK(coc_users_get(p, u.id, &got, mem));
  EXPECT(memcmp(&got.id, &u.id, sizeof u.id) == 0);
  OK(coc_users_get_by_email(p, pdl_str("ada@example.org"), &got, mem));
  GIVES(PDL_NOROW, coc_users_get_by_email(p, pdl_str("eve@example.org"), &got, mem));
  bool exists;
  OK(coc_users_exists(p, u.id, &exists));
  EXPECT(exists);

  GIVES(PDL_CONSTRAINT, coc_users_insert(p, &u, COC_USERS_EMAIL, NULL, NULL));
  EXPECT(pdl_error(p)->constraint == COC_UQ_USERS_EMAIL);
  EXPECT(strcmp(pdl_error(p)->sqlstate, "23505") == 0);
  const struct coc_users nobody = {.email = {NULL, 0}};
  GIVES(PDL_CONSTRAINT, coc_users_insert(p, &nobody, COC_USERS_EMAIL, NULL, NULL));
  EXPECT(strcmp(pdl_error(p)->column, "email") == 0 && pdl_error(p)->constraint == COC_CONSTRAINT_NONE);

  u.vibe_profile.json = pdl_str(NULL);
  OK(coc_users_update(p, u.id, &u, COC_USERS_VIBE_PROFILE, &got, mem));
  EXPECT(!got.vibe_profile.json.p && pdl_text_is(got.email, "ada@example.org"));
  GIVES(PDL_USAGE, coc_users_update(p, u.id, &u, 0, NULL, NULL));
  GIVES(PDL_USAGE, coc_users_update(p, u.id, &u, UINT64_C(1) << 60, NULL, NULL));
  GIVES(PDL_USAGE, coc_users_get(p, u.id, &got, NULL));

  u.vibe_profile.json = pdl_str("[]");
  OK(coc_users_upsert_by_email(p, &u, COC_USERS_EMAIL | COC_USERS_VIBE_PROFILE, &got, mem));
  EXPECT(memcmp(&got.id, &u.id, sizeof u.id) == 0 && pdl_text_is(got.vibe_profile.json, "[]"));
  OK(coc_users_upsert_by_email(p, &u, COC_USERS_EMAIL, &got, mem));
  OK(coc_users_upsert_by_id(p, &u, COC_USERS_ID | COC_USERS_EMAIL, NULL, NULL));
  GIVES(PDL_USAGE, coc_users_upsert_by_id(p, &u, COC_USERS_EMAIL, NULL, NULL));
  struct coc_users_list list;
  OK(coc_users_list_all(p, 0, &list, mem));
  EXPECT(list.n == 1);
  OK(coc_users_page_by_email(p, NULL, 10, &list, mem));
  EXPECT(list.n == 1);
  OK(coc_users_page_by_email(p, &list.v[0], 10, &list, mem));
  EXPECT(list.n == 0);
  OK(coc_users_delete(p, u.id));
  GIVES(PDL_NOROW, coc_users_delete(p, u.id));
  OK(coc_users_exists(p, u.id, &exists));
  EXPECT(!exists);
}

static void bad_text(struct pdl *p, struct pdl_mem *mem) {
  struct coc_users u = {.email = {"a\0b", 3}};
  GIVES(PDL_SQL, coc_users_insert(p, &u, COC_USERS_EMAIL, &u, mem));
  EXPECT(strcmp(pdl_error(p)->sqlstate, "22021") == 0);
  u.email = pdl_str("\xff\xfe");
  GIVES(PDL_SQL, coc_users_insert(p, &u, COC_USERS_EMAIL, &u, mem));
  EXPECT(strcmp(pdl_error(p)->sqlstate, "22021") == 0);
  u.email = pdl_str("ok");
  u.vibe_profile.json = pdl_str("{");
  GIVES(PDL_SQL, coc_users_insert(p, &u, COC_USERS_EMAIL | COC_USERS_VIBE_PROFILE, &u, mem));
}

static void lists(struct pdl *p, struct pdl_mem *mem) {
  const struct coc_users u = add_user(p, mem, "list@example.org"), other = add_user(p, mem, "other@example.org");
  const pdl_text tags[] = {{"a \"quoted\\ one", 14}, {NULL, 0}, {"", 0}};
  struct coc_circles circle = {.user_id = u.id, .circle_name = pdl_str("family")};
  OK(coc_circles_insert(p, &circle, COC_CIRCLES_REQUIRED, &circle, mem));
  EXPECT(circle.care_frequency.set && circle.care_frequency.v == 0);
  struct coc_thoughts t = {.user_id = u.id, .thought_text = pdl_str("one"), .tags = {tags, 3}, .novelty_score = {true, 0.25}};
  t.circle_id.set = true;
  t.circle_id.v = circle.id;
  struct coc_thoughts first;
  coc_thoughts_id ids[5];
  for (int i = 0; i < 5; i++) {
    struct coc_thoughts got;
    OK(coc_thoughts_insert(p, &t, COC_THOUGHTS_REQUIRED | COC_THOUGHTS_TAGS | COC_THOUGHTS_NOVELTY_SCORE | COC_THOUGHTS_CIRCLE_ID,
                           &got, mem));
    ids[i] = got.id;
    if (!i)
      first = got;
  }
  EXPECT(first.tags.n == 3 && pdl_text_is(first.tags.v[0], "a \"quoted\\ one") && !first.tags.v[1].p);
  EXPECT(pdl_text_is(first.tags.v[2], "") && first.novelty_score.set && first.novelty_score.v == 0.25);

  struct coc_thoughts_list list;
  int64_t count;
  int seen = 0;
  OK(coc_thoughts_list_by_user_id(p, u.id, &list, mem));
  EXPECT(list.n == 5);
  OK(coc_thoughts_count_by_user_id(p, other.id, &count));
  EXPECT(count == 0);
  OK(coc_thoughts_each_by_user_id(p, u.id, count_thoughts, &seen));
  EXPECT(seen == 5);
  seen = 0;
  OK(coc_thoughts_each(p, stop_at_two, &seen));
  EXPECT(seen == 2);
  OK(coc_thoughts_count(p, &count));
  EXPECT(count == 5);
  OK(coc_thoughts_get_many(p, ids, 3, &list, mem));
  EXPECT(list.n == 3 && list.v[0].id.v == ids[0].v);
  OK(coc_thoughts_get_many(p, ids, 0, &list, mem));
  EXPECT(list.n == 0);
  size_t pages = 0, rows = 0;
  const coc_thoughts_id *after = NULL;
  do {
    OK(coc_thoughts_page_by_user_id(p, u.id, after, 2, &list, mem));
    rows += list.n;
    after = list.n ? &list.v[list.n - 1].id : NULL;
    pages++;
  } while (list.n == 2);
  EXPECT(pages == 3 && rows == 5);
  OK(coc_thoughts_page_by_circle_id(p, circle.id, &ids[3], 2, &list, mem));
  EXPECT(list.n == 1);
  OK(coc_thoughts_page(p, &ids[4], 2, &list, mem));
  EXPECT(list.n == 0);

  struct coc_users owner;
  struct coc_circles in;
  OK(coc_thoughts_user(p, &first, &owner, mem));
  EXPECT(pdl_text_is(owner.email, "list@example.org"));
  OK(coc_thoughts_of_user(p, &owner, &list, mem));
  EXPECT(list.n == 5);
  OK(coc_thoughts_circle(p, &first, &in, mem));
  EXPECT(in.id.v == circle.id.v);
  OK(coc_circles_delete(p, circle.id));
  OK(coc_thoughts_get(p, first.id, &first, mem));
  EXPECT(!first.circle_id.set);
  GIVES(PDL_NOROW, coc_thoughts_circle(p, &first, &in, mem));

  struct coc_intentions intention = {.user_id = u.id, .intention_text = pdl_str("call")};
  OK(coc_intentions_insert(p, &intention, COC_INTENTIONS_REQUIRED, &intention, mem));
  EXPECT(pdl_text_is(intention.status, "active"));
  struct coc_intention_cares care = {.intention_id = intention.id, .thought_id = first.id};
  OK(coc_intention_cares_insert(p, &care, COC_INTENTION_CARES_REQUIRED, &care, mem));
  GIVES(PDL_CONSTRAINT, coc_intention_cares_insert(p, &care, COC_INTENTION_CARES_REQUIRED, NULL, NULL));
  OK(coc_intention_cares_get_by_intention_id_thought_id(p, intention.id, first.id, &care, mem));
  care.thought_id.v = -1;
  GIVES(PDL_CONSTRAINT, coc_intention_cares_insert(p, &care, COC_INTENTION_CARES_REQUIRED, NULL, NULL));
  EXPECT(pdl_error(p)->constraint == COC_FK_INTENTION_CARES_THOUGHT_ID);
  OK(coc_users_delete(p, u.id));
  OK(coc_users_delete(p, other.id));
  OK(coc_thoughts_count(p, &count));
  EXPECT(count == 0);
  OK(coc_intention_cares_count(p, &count));
  EXPECT(count == 0);
}

static void pipeline(struct pdl *p, struct pdl_mem *mem) {
  const struct coc_users u = add_user(p, mem, "pipe@example.org");
  struct coc_thoughts t = {.user_id = u.id, .thought_text = pdl_str("queued")}, out[50], got;
  struct pdl_pipe *pipe;
  struct pdl_copy *copy;
  int64_t count;
  OK(pdl_pipe_open(p, &pipe));
  GIVES(PDL_USAGE, coc_thoughts_count(p, &count));
  GIVES(PDL_USAGE, coc_thoughts_copy_open(p, COC_THOUGHTS_REQUIRED, &copy));
  for (int i = 0; i < 5000; i++)
    OK(coc_thoughts_insert_q(pipe, &t, COC_THOUGHTS_REQUIRED, i < 50 ? &out[i] : NULL, i < 50 ? mem : NULL));
  OK(pdl_pipe_sync(pipe));
  EXPECT(pdl_pipe_count(pipe) == 5000 && pdl_pipe_rc(pipe, 4999) == PDL_OK && out[49].id.v == out[0].id.v + 49);
  /* An update of no row is no error, and what comes behind it is done. */
  t.thought_text = pdl_str("changed");
  const coc_thoughts_id none = {-1};
  OK(coc_thoughts_update_q(pipe, none, &t, COC_THOUGHTS_THOUGHT_TEXT, NULL, NULL));
  OK(coc_thoughts_update_q(pipe, out[0].id, &t, COC_THOUGHTS_THOUGHT_TEXT, NULL, NULL));
  OK(coc_thoughts_get_q(pipe, out[0].id, &got, mem));
  struct coc_thoughts_list list, page;
  OK(coc_thoughts_list_by_user_id_q(pipe, u.id, &list, mem));
  OK(coc_thoughts_page_by_user_id_q(pipe, u.id, &out[1].id, 3, &page, mem));
  GIVES(PDL_NOROW, pdl_pipe_sync(pipe));
  EXPECT(list.n == 5000 && page.n == 3 && page.v[0].id.v == out[2].id.v);
  EXPECT(pdl_pipe_rc(pipe, 0) == PDL_NOROW && pdl_pipe_rc(pipe, 2) == PDL_OK && pdl_text_is(got.thought_text, "changed"));
  /* After an error nothing of the batch is there. */
  OK(coc_thoughts_delete_q(pipe, out[0].id));
  t.thought_text = pdl_str(NULL);
  OK(coc_thoughts_insert_q(pipe, &t, COC_THOUGHTS_REQUIRED, NULL, NULL));
  OK(coc_thoughts_delete_q(pipe, out[1].id));
  GIVES(PDL_CONSTRAINT, pdl_pipe_sync(pipe));
  EXPECT(strcmp(pdl_error(p)->column, "thought_text") == 0);
  EXPECT(pdl_pipe_rc(pipe, 0) == PDL_OK && pdl_pipe_rc(pipe, 1) == PDL_CONSTRAINT && pdl_pipe_rc(pipe, 2) == PDL_USAGE);
  OK(coc_thoughts_get_q(pipe, out[0].id, &got, mem));
  OK(pdl_pipe_close(pipe));
  OK(coc_thoughts_count(p, &count));
  EXPECT(count == 5000);
  OK(coc_users_delete(p, u.id));
}

static void bulk(struct pdl *p, struct pdl_mem *mem) {
  const struct coc_users u = add_user(p, mem, "bulk@example.org");
  const pdl_text tags[] = {{"x\ty\n", 4}, {NULL, 0}};
  struct coc_thoughts t = {.user_id = u.id, .thought_text = pdl_str("many"), .tags = {tags, 2}, .novelty_score = {true, 1e300}};
  struct coc_circles other = {.user_id = u.id, .circle_name = pdl_str("x")};
  struct pdl_copy *copy;
  int64_t rows = 0;
  OK(coc_thoughts_copy_open(p, COC_THOUGHTS_REQUIRED | COC_THOUGHTS_TAGS | COC_THOUGHTS_NOVELTY_SCORE, &copy));
  for (int i = 0; i < 3000; i++)
    OK(coc_thoughts_copy_row(copy, &t));
  GIVES(PDL_USAGE, coc_circles_copy_row(copy, &other));
  GIVES(PDL_USAGE, coc_users_delete(p, u.id));
  OK(pdl_copy_close(copy, &rows));
  EXPECT(rows == 3000);
  struct coc_thoughts_list list;
  OK(coc_thoughts_list_all(p, 1, &list, mem));
  EXPECT(list.n == 1 && list.v[0].tags.n == 2 && pdl_text_is(list.v[0].tags.v[0], "x\ty\n") && !list.v[0].tags.v[1].p);
  OK(coc_thoughts_copy_open(p, COC_THOUGHTS_REQUIRED, &copy));
  OK(coc_thoughts_copy_row(copy, &t));
  pdl_copy_abort(copy);
  t.thought_text.p = NULL;
  OK(coc_thoughts_copy_open(p, COC_THOUGHTS_REQUIRED, &copy));
  OK(coc_thoughts_copy_row(copy, &t));
  GIVES(PDL_CONSTRAINT, pdl_copy_close(copy, &rows));
  OK(coc_thoughts_count(p, &rows));
  EXPECT(rows == 3000);
  OK(coc_users_delete(p, u.id));
}

/* ── transactions ── */

static enum pdl_rc fail_inside(struct pdl *p, void *arg) {
  (void)arg;
  struct coc_users u = {.email = pdl_str("inner@example.org")};
  OK(coc_users_insert(p, &u, COC_USERS_REQUIRED, NULL, NULL));
  GIVES(PDL_CONSTRAINT, coc_users_insert(p, &u, COC_USERS_REQUIRED, NULL, NULL));
  return PDL_CONSTRAINT;
}

static enum pdl_rc nested(struct pdl *p, void *arg) {
  struct coc_users u = {.email = pdl_str("outer@example.org")};
  int64_t n;
  OK(coc_users_insert(p, &u, COC_USERS_REQUIRED, NULL, NULL));
  GIVES(PDL_CONSTRAINT, pdl_tx(p, PDL_ISO_DEFAULT, fail_inside, arg));
  OK(coc_users_count(p, &n));
  EXPECT(n == 1);
  return *(enum pdl_rc *)arg;
}

/* Two operations that are one statement in SQL, both prepared within. */
static enum pdl_rc same_statement(struct pdl *p, void *arg) {
  struct coc_users u = {.email = pdl_str("same@example.org")};
  struct pdl_mem *mem = arg;
  OK(coc_users_insert(p, &u, COC_USERS_REQUIRED, &u, mem));
  const struct coc_thoughts t = {.user_id = u.id};
  OK(coc_users_get(p, u.id, &u, mem));
  OK(coc_thoughts_user(p, &t, &u, mem));
  return coc_users_delete(p, u.id);
}

static enum pdl_rc retried(struct pdl *p, void *arg) {
  int *tries = arg;
  int64_t n;
  OK(coc_users_count(p, &n));
  return ++*tries < 3 ? PDL_RETRY : PDL_OK;
}

static enum pdl_rc swallow(struct pdl *p, void *arg) {
  (void)arg;
  struct coc_users u = {.email = {NULL, 0}};
  GIVES(PDL_CONSTRAINT, coc_users_insert(p, &u, COC_USERS_REQUIRED, NULL, NULL));
  int64_t n;
  GIVES(PDL_SQL, coc_users_count(p, &n));
  EXPECT(strcmp(pdl_error(p)->sqlstate, "25P02") == 0);
  return PDL_OK;
}

static enum pdl_rc forget_stream(struct pdl *p, void *arg) {
  (void)arg;
  OK(pdl_stream_open(p, &(const struct pdl_op){&coc_users_table, PDL_SELECT, 0, 0, 0, NULL, NULL}, NULL));
  return PDL_OK;
}

static void transactions(struct pdl *p, struct pdl_mem *mem) {
  enum pdl_rc wanted = PDL_SQL;
  int64_t n;
  int tries = 0;
  GIVES(PDL_SQL, pdl_tx(p, PDL_ISO_DEFAULT, nested, &wanted));
  OK(coc_users_count(p, &n));
  EXPECT(n == 0);
  wanted = PDL_OK;
  OK(pdl_tx(p, PDL_SERIALIZABLE, nested, &wanted));
  OK(coc_users_count(p, &n));
  EXPECT(n == 1);
  OK(pdl_tx(p, PDL_READ_ONLY, retried, &tries));
  EXPECT(tries == 3);
  GIVES(PDL_SQL, pdl_tx(p, PDL_READ_COMMITTED, swallow, NULL));
  OK(pdl_tx(p, PDL_ISO_DEFAULT, same_statement, mem));
  struct pdl *second = pdl_open(pdl_conn(p), 0); /* beside the first one's statements */
  OK(pdl_tx(second, PDL_ISO_DEFAULT, same_statement, mem));
  pdl_close(second);
  GIVES(PDL_USAGE, pdl_tx(p, PDL_REPEATABLE_READ, forget_stream, NULL));
  EXPECT(PQtransactionStatus(pdl_conn(p)) == PQTRANS_IDLE);
  sql(pdl_conn(p), "DELETE FROM users");
}

/* One after the other commits what the other has read: the second is begun again. */
struct writers {
  PGconn *other;
  int tries;
};

static enum pdl_rc conflict(struct pdl *p, void *arg) {
  struct writers *w = arg;
  int64_t n;
  struct coc_users u = {.email = pdl_str("serial@example.org")};
  enum pdl_rc rc = coc_users_count(p, &n);
  if (rc == PDL_OK && w->tries++ == 0)
    sql(w->other, "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM users; INSERT INTO users (email) VALUES ('w'); COMMIT");
  return rc == PDL_OK ? coc_users_insert(p, &u, COC_USERS_REQUIRED, NULL, NULL) : rc;
}

static void serialization(struct pdl *p, const char *url) {
  struct writers w = {PQconnectdb(url), 0};
  OK(pdl_tx(p, PDL_SERIALIZABLE, conflict, &w));
  EXPECT(w.tries == 2);
  sql(w.other, "DELETE FROM users");
  PQfinish(w.other);
}

/* ── a schema that changes, statements that are lost, servers that go ── */

static void changes(struct pdl *p, struct pdl_mem *mem, PGconn *conn) {
  const struct coc_users u = add_user(p, mem, "change@example.org");
  struct coc_users got;
  OK(coc_users_get(p, u.id, &got, mem));
  sql(conn, "ALTER TABLE users ADD COLUMN more int");
  OK(coc_users_get(p, u.id, &got, mem));
  sql(conn, "DEALLOCATE ALL");
  OK(coc_users_get(p, u.id, &got, mem));
  sql(conn, "ALTER TABLE users ALTER COLUMN vibe_profile TYPE text");
  GIVES(PDL_STALE, coc_users_get(p, u.id, &got, mem));
  EXPECT(strcmp(pdl_error(p)->column, "vibe_profile") == 0);
  sql(conn, "ALTER TABLE users ALTER COLUMN vibe_profile TYPE jsonb USING NULL, ALTER COLUMN email DROP NOT NULL; UPDATE users SET email = NULL");
  GIVES(PDL_STALE, coc_users_get(p, u.id, &got, mem));
  sql(conn, "UPDATE users SET email = 'x'; ALTER TABLE users ALTER COLUMN email SET NOT NULL");
  OK(coc_users_get(p, u.id, &got, mem));
  sql(conn, "ALTER TABLE users RENAME COLUMN email TO mail");
  GIVES(PDL_STALE, coc_users_get(p, u.id, &got, mem));
  sql(conn, "ALTER TABLE users RENAME COLUMN mail TO email; ALTER TABLE users DROP COLUMN more; DELETE FROM users");
}

static enum pdl_rc lose_statement(struct pdl *p, void *arg) {
  int *tries = arg, before = (*tries)++;
  int64_t n;
  if (!before)
    sql(pdl_conn(p), "DEALLOCATE ALL");
  return coc_users_count(p, &n);
}

static void lost_statements(struct pdl *p) {
  int tries = 0;
  int64_t n;
  OK(coc_users_count(p, &n));
  OK(pdl_tx(p, PDL_ISO_DEFAULT, lose_statement, &tries));
  EXPECT(tries == 2);
}

/* More statements than are kept. */
static void many_statements(struct pdl *p, struct pdl_mem *mem) {
  const struct coc_users u = add_user(p, mem, "masks@example.org");
  const struct coc_thoughts t = {.user_id = u.id, .thought_text = pdl_str("mask"), .created_at = {true, {0}}, .updated_at = {true, {0}}};
  for (uint64_t m = 0; m < 64; m++)
    for (int k = 0; k < 2; k++)
      OK(coc_thoughts_insert(p, &t, COC_THOUGHTS_REQUIRED | m << 3, NULL, NULL));
  struct coc_thoughts out;
  for (uint64_t m = 0; m < 64; m++)
    OK(coc_thoughts_insert(p, &t, COC_THOUGHTS_REQUIRED | m << 3, &out, mem));
  for (uint64_t m = 1; m < 128; m++)
    OK(coc_thoughts_update(p, out.id, &t, COC_THOUGHTS_THOUGHT_TEXT | m << 2, &out, mem));
  OK(coc_users_delete(p, u.id));
}

static void lost_connection(const char *url) {
  PGconn *conn = PQconnectdb(url), *other = PQconnectdb(url);
  struct pdl *p = pdl_open(conn, 0);
  struct pdl_mem mem = PDL_MEM_INIT;
  struct coc_users u = {.email = pdl_str("gone@example.org")};
  struct pdl_pipe *pipe;
  char kill[80];
  int64_t n;
  snprintf(kill, sizeof kill, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(conn));
  OK(pdl_pipe_open(p, &pipe));
  OK(coc_users_insert_q(pipe, &u, COC_USERS_REQUIRED, &u, &mem));
  sql(other, kill);
  enum pdl_rc rc = coc_users_insert_q(pipe, &u, COC_USERS_REQUIRED, NULL, NULL);
  EXPECT(rc == PDL_OK || rc == PDL_CONN);
  GIVES(PDL_CONN, pdl_pipe_sync(pipe));
  GIVES(PDL_CONN, pdl_pipe_close(pipe));
  GIVES(PDL_CONN, coc_users_count(p, &n));
  GIVES(PDL_CONN, pdl_tx(p, PDL_ISO_DEFAULT, retried, &(int){0}));
  PQreset(conn);
  OK(coc_users_count(p, &n));
  snprintf(kill, sizeof kill, "SELECT pg_terminate_backend(%d, 5000)", PQbackendPID(conn));
  struct pdl_copy *copy;
  OK(coc_users_copy_open(p, COC_USERS_REQUIRED, &copy));
  sql(other, kill);
  for (int i = 0; i < 10000; i++)
    rc = coc_users_copy_row(copy, &u);
  GIVES(PDL_CONN, pdl_copy_close(copy, NULL));
  pdl_mem_clear(&mem);
  pdl_close(p);
  PQfinish(conn);
  PQfinish(other);
}

/* The server goes and comes again, which whoever started us sees to: it is told, and says when. */
static int restarted(const char *url) {
  PGconn *conn = PQconnectdb(url);
  struct pdl *p = pdl_open(conn, 0);
  struct pdl_mem mem = PDL_MEM_INIT;
  const struct coc_users u = add_user(p, &mem, "restart@example.org");
  struct coc_users got;
  struct pdl_copy *copy;
  int64_t n;
  OK(coc_users_copy_open(p, COC_USERS_REQUIRED, &copy));
  OK(coc_users_copy_row(copy, &u));
  puts("gone?");
  fflush(stdout);
  EXPECT(getchar() == 'y');
  GIVES(PDL_CONN, pdl_copy_close(copy, NULL));
  GIVES(PDL_CONN, coc_users_get(p, u.id, &got, &mem));
  GIVES(PDL_CONN, coc_users_count(p, &n));
  PQreset(conn);
  GIVES(PDL_CONN, coc_users_count(p, &n));
  puts("back?");
  fflush(stdout);
  EXPECT(getchar() == 'y');
  PQreset(conn);
  OK(coc_users_get(p, u.id, &got, &mem)); /* prepared anew */
  EXPECT(pdl_text_is(got.email, "restart@example.org"));
  OK(coc_users_delete(p, u.id));
  pdl_mem_clear(&mem);
  pdl_close(p);
  PQfinish(conn);
  return failures ? 1 : 0;
}

int main(int count, char **arguments) {
  if (count > 2)
    return restarted(arguments[1]);
  for (unsigned flags = 0; flags <= PDL_NO_PREPARE; flags++) {
    PGconn *conn = PQconnectdb(arguments[1]), *other = PQconnectdb(arguments[1]);
    struct pdl *p = pdl_open(conn, flags);
    struct pdl_mem mem = PDL_MEM_INIT;
    sql(other, "SET client_min_messages = warning");
    users(p, &mem);
    bad_text(p, &mem);
    lists(p, &mem);
    pipeline(p, &mem);
    bulk(p, &mem);
    transactions(p, &mem);
    serialization(p, arguments[1]);
    changes(p, &mem, other);
    if (!flags)
      lost_statements(p);
    many_statements(p, &mem);
    pdl_mem_clear(&mem);
    pdl_close(p);
    PQfinish(conn);
    PQfinish(other);
  }
  lost_connection(arguments[1]);
  return failures ? 1 : 0;
}
