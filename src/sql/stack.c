#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "sql/private.h"

/* Parsing takes at most some 2.9 KiB of stack for each token that deepens the tree, nearly all of it in
 * protobuf-c's unpack (measured with libpg_query 15-4.0.0): 29 MiB for the deepest text let through.
 * A page of stack that is not touched costs nothing. */
enum {
  STACK_PER_TOKEN = 8 * 1024,
  STACK_SMALLEST = 8 * 1024 * 1024,
  DEPTH_MAX = 10000, /* beyond it time, too, grows as the square */
};
static const size_t SQL_STACK = (size_t)128 * 1024 * 1024;

static _Thread_local size_t stack_size; /* 0: a thread that we did not start */

uint32_t sql_stack_depth_max(void) {
  size_t size = stack_size;
  if (!size) {
    struct rlimit limit;
    size = STACK_SMALLEST;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < size)
      size = limit.rlim_cur;
  }
  const size_t depth = size / STACK_PER_TOKEN;
  return depth < DEPTH_MAX ? (uint32_t)depth : DEPTH_MAX;
}

struct sql_thread {
  int (*fn)(void *);
  void *arg;
  size_t stack;
  int result;
  pthread_t thread;
  bool joined;
};

static void *run(void *arg) {
  struct sql_thread *t = arg;
  stack_size = t->stack;
  t->result = t->fn(t->arg);
  return NULL;
}

struct sql_thread *sql_thread_start(int (*fn)(void *), void *arg) {
  struct sql_thread *t = xmalloc(sizeof *t);
  *t = (struct sql_thread){.fn = fn, .arg = arg};
  for (size_t size = SQL_STACK; size >= STACK_SMALLEST; size /= 2) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
      break;
    t->stack = size;
    const bool started = pthread_attr_setstacksize(&attributes, size) == 0 &&
                         pthread_create(&t->thread, &attributes, run, t) == 0;
    pthread_attr_destroy(&attributes);
    if (started)
      return t;
  }
  t->joined = true;
  t->result = fn(arg);
  return t;
}

int sql_thread_join(struct sql_thread *t) {
  if (!t->joined)
    pthread_join(t->thread, NULL);
  const int result = t->result;
  free(t);
  return result;
}

int sql_run_on_large_stack(int (*fn)(void *), void *arg) {
  return sql_thread_join(sql_thread_start(fn, arg));
}
