/* The circles of care, from sign-up to farewell: what each step leaves in the database is printed.
 *
 *     circles "postgresql://…"      a database with schema.pdl applied: a Supabase project's, or that of pdlc dev */
#include <stdio.h>
#include <stdlib.h>

#include "schema.h"

#define LEN(array) (sizeof(array) / sizeof *(array))

static void fail(const struct pdl *p, const char *what) {
  const struct pdl_error *e = pdl_error(p);
  fprintf(stderr, "%s: %s %s %s\n%s\n", what, pdl_rc_name(e->rc), e->sqlstate, e->message, e->detail);
  exit(1);
}

/* The platform's part: a row of auth.users, and with it, by the trigger, one of ours. */
static void sign_up(struct pdl *p, const char *email, struct coc_users *user, struct pdl_mem *mem) {
  PGresult *r = PQexecParams(pdl_conn(p), "INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), $1)", 1, NULL, &email, NULL,
                             NULL, 0);
  if (PQresultStatus(r) != PGRES_COMMAND_OK)
    fprintf(stderr, "%s", PQresultErrorMessage(r));
  PQclear(r);
  if (coc_users_get_by_email(p, pdl_str(email), user, mem) != PDL_OK)
    fail(p, "sign up");
}

/* Likewise: the row of auth.users goes, and ours with it. */
static void leave(struct pdl *p, const char *email) {
  PQclear(PQexecParams(pdl_conn(p), "DELETE FROM auth.users WHERE email = $1", 1, NULL, &email, NULL, NULL, 0));
}

static void show_counts(struct pdl *p, const char *when) {
  int64_t users, circles, thoughts, intentions, cares, stories;
  if (coc_users_count(p, &users) || coc_circles_count(p, &circles) || coc_thoughts_count(p, &thoughts) ||
      coc_intentions_count(p, &intentions) || coc_intention_cares_count(p, &cares) || coc_stories_count(p, &stories))
    fail(p, "count");
  printf("%s: %lld users, %lld circles, %lld thoughts, %lld intentions, %lld cares, %lld stories\n", when, (long long)users,
         (long long)circles, (long long)thoughts, (long long)intentions, (long long)cares, (long long)stories);
}

/* Completing an intention: a story is told and the intention is marked, both or neither. */
struct completion {
  coc_intentions_id intention;
  pdl_text text;
  struct coc_stories story;
  struct pdl_mem *mem;
};

static enum pdl_rc complete(struct pdl *p, void *arg) {
  struct completion *c = arg;
  struct coc_intentions intention;
  enum pdl_rc rc = coc_intentions_get(p, c->intention, &intention, c->mem);
  if (rc != PDL_OK)
    return rc;
  const struct coc_stories story = {
      .user_id = intention.user_id, .story_text = c->text, .intention_id = {.set = true, .v = intention.id}};
  rc = coc_stories_insert(p, &story, COC_STORIES_REQUIRED | COC_STORIES_INTENTION_ID, &c->story, c->mem);
  if (rc != PDL_OK)
    return rc;
  intention.status = pdl_str("completed");
  return coc_intentions_update(p, intention.id, &intention, COC_INTENTIONS_STATUS, NULL, NULL);
}

static void print_thought(const struct coc_thoughts *t) {
  printf("  thought %d: %s", (int)t->id.v, t->thought_text.p);
  for (size_t i = 0; i < t->tags.n; i++)
    printf(" #%s", t->tags.v[i].p);
  printf(t->circle_id.set ? " (in circle %d)\n" : "\n", (int)t->circle_id.v.v);
}

/* A stream reads any number of rows in little memory. */
static enum pdl_rc count_tags(const struct coc_thoughts *t, void *arg) {
  *(size_t *)arg += t->tags.n;
  return PDL_OK;
}

static void live(struct pdl *p, struct pdl_mem *mem) {
  struct coc_users ada;
  sign_up(p, "ada@example.org", &ada, mem);
  const struct coc_users twin = {.email = ada.email};
  if (coc_users_insert(p, &twin, COC_USERS_REQUIRED, NULL, NULL) == PDL_CONSTRAINT && pdl_error(p)->constraint == COC_UQ_USERS_EMAIL)
    printf("ada@example.org is taken\n");

  struct coc_circles family = {.user_id = ada.id, .circle_name = pdl_str("family"), .care_frequency = {true, 7}};
  if (coc_circles_insert(p, &family, COC_CIRCLES_REQUIRED | COC_CIRCLES_CARE_FREQUENCY, &family, mem) != PDL_OK)
    fail(p, "make a circle");

  /* Three captures at once: one round trip, and all of them or none. */
  const char *const texts[] = {"call grandma", "water the plants", "learn the cello"};
  const pdl_text tags[] = {pdl_str("calm"), pdl_str("home")};
  struct coc_thoughts thoughts[LEN(texts)];
  struct pdl_pipe *pipe;
  if (pdl_pipe_open(p, &pipe) != PDL_OK)
    fail(p, "open a pipeline");
  for (size_t i = 0; i < LEN(texts); i++) {
    const struct coc_thoughts t = {.user_id = ada.id, .thought_text = pdl_str(texts[i]), .tags = {tags, i}};
    const coc_thoughts_cols given = COC_THOUGHTS_REQUIRED | (i ? COC_THOUGHTS_TAGS : 0);
    if (coc_thoughts_insert_q(pipe, &t, given, &thoughts[i], mem) != PDL_OK)
      fail(p, "queue a thought");
  }
  if (pdl_pipe_close(pipe) != PDL_OK)
    fail(p, "capture");

  /* Only the columns of the mask are written. */
  thoughts[0].circle_id.set = true;
  thoughts[0].circle_id.v = family.id;
  if (coc_thoughts_update(p, thoughts[0].id, &thoughts[0], COC_THOUGHTS_CIRCLE_ID, NULL, NULL) != PDL_OK)
    fail(p, "put into a circle");

  /* Pages go on behind the last row that was seen. */
  struct coc_thoughts_list page;
  const coc_thoughts_id *after = NULL;
  do {
    if (coc_thoughts_page_by_user_id(p, ada.id, after, 2, &page, mem) != PDL_OK)
      fail(p, "turn a page");
    printf("a page of %zu\n", page.n);
    for (size_t i = 0; i < page.n; i++)
      print_thought(&page.v[i]);
    after = page.n ? &page.v[page.n - 1].id : NULL;
  } while (page.n == 2);
  size_t tag_count = 0;
  if (coc_thoughts_each_by_user_id(p, ada.id, count_tags, &tag_count) != PDL_OK)
    fail(p, "stream thoughts");
  printf("%zu tags\n", tag_count);

  struct coc_intentions call = {.user_id = ada.id, .intention_text = pdl_str("call her on Sunday")};
  if (coc_intentions_insert(p, &call, COC_INTENTIONS_REQUIRED, &call, mem) != PDL_OK)
    fail(p, "intend");
  const struct coc_intention_cares care = {.intention_id = call.id, .thought_id = thoughts[0].id};
  if (coc_intention_cares_insert(p, &care, COC_INTENTION_CARES_REQUIRED, NULL, NULL) != PDL_OK)
    fail(p, "care");
  show_counts(p, "intended");

  struct completion done = {.intention = call.id, .text = pdl_str("We talked for an hour."), .mem = mem};
  if (pdl_tx(p, PDL_SERIALIZABLE, complete, &done) != PDL_OK)
    fail(p, "complete");
  printf("story %d: %s\n", (int)done.story.id.v, done.story.story_text.p);

  /* The circle goes, its thoughts stay; the intention goes, its story stays; the user goes, and everything with her. */
  if (coc_circles_delete(p, family.id) != PDL_OK || coc_thoughts_get(p, thoughts[0].id, &thoughts[0], mem) != PDL_OK)
    fail(p, "delete the circle");
  printf("thought %d is in %s\n", (int)thoughts[0].id.v, thoughts[0].circle_id.set ? "a circle" : "no circle");
  if (coc_intentions_delete(p, call.id) != PDL_OK)
    fail(p, "delete the intention");
  show_counts(p, "let go");
  leave(p, "ada@example.org");
  show_counts(p, "gone");
}

int main(int count, char **arguments) {
  PGconn *conn = PQconnectdb(count > 1 ? arguments[1] : "");
  if (PQstatus(conn) != CONNECTION_OK) {
    fprintf(stderr, "%s", PQerrorMessage(conn));
    return 1;
  }
  struct pdl *p = pdl_open(conn, 0);
  struct pdl_mem mem = PDL_MEM_INIT;
  if (!p)
    return 1;
  live(p, &mem);
  pdl_mem_clear(&mem);
  pdl_close(p);
  PQfinish(conn);
  return 0;
}
