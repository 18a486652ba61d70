/* What a run tells while it goes on: a line a file, what it waits for, how far it is. */
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/migrations.h"

void progress_init(struct progress *p, const struct invocation *run) {
  *p = (struct progress){.json = run->options.json, .quiet = run->options.quiet};
  p->terminal = !p->json && !p->quiet && isatty(STDERR_FILENO) && wants_colour(stderr);
}

void progress_clear(struct progress *p) {
  if (p->open)
    fputs("\r\033[K", stderr);
  p->open = false;
}

static void print_json(json_t *object) {
  char *text = json_dumps(object, JSON_COMPACT);
  puts(text ? text : "{}");
  fflush(stdout);
  free(text);
  json_decref(object);
}

/* Bytes that are no UTF-8 make jansson refuse a text. */
static void set_text(json_t *object, const char *key, const char *text) {
  json_t *value = json_string(text);
  json_object_set_new(object, key, value ? value : json_null());
}

void progress_event(const struct progress *p, const char *event, ...) {
  if (!p->json)
    return;
  json_t *object = json_object();
  set_text(object, "event", event);
  va_list args;
  va_start(args, event);
  for (const char *key; (key = va_arg(args, const char *)) != NULL;) {
    const char *text = va_arg(args, const char *);
    if (text)
      set_text(object, key, text);
  }
  va_end(args);
  print_json(object);
}

static const char *const words[] = {[EVENT_WAIT] = "wait", [EVENT_START] = "start", [EVENT_PROGRESS] = "progress",
                                    [EVENT_RETRY] = "retry", [EVENT_DONE] = "done"};

static void tell_json(const struct event *e) {
  json_t *object = json_object();
  set_text(object, "event", words[e->kind]);
  if (e->migration) {
    set_text(object, "version", e->migration->version);
    set_text(object, "name", e->migration->name);
  }
  if (e->kind == EVENT_START || e->kind == EVENT_DONE)
    set_text(object, "direction", e->up ? "up" : "down");
  if (e->text && *e->text)
    set_text(object, "text", e->text);
  if (e->kind == EVENT_DONE || e->kind == EVENT_PROGRESS)
    json_object_set_new(object, "durationMs", json_integer((json_int_t)(e->seconds * 1000 + 0.5)));
  if (e->attempts)
    json_object_set_new(object, "attempt", json_integer(e->attempt));
  print_json(object);
}

static void print_seconds(double seconds, FILE *out) {
  if (seconds < 1)
    fprintf(out, "%.0f ms", seconds * 1000);
  else
    fprintf(out, "%.1f s", seconds);
}

/* Text of a server or of another session, on a terminal. */
static void put_plain(const char *text, FILE *out) {
  for (; *text; text++)
    fputc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, out);
}

static void print_title(const struct event *e, FILE *out) {
  if (e->migration)
    fprintf(out, "%s_%s", e->migration->version, e->migration->name);
  else
    fputs("pdlc", out);
}

/* On a terminal one line that is written over; else a line, where it says something new. */
static void say(struct progress *p, const struct event *e, const char *lead) {
  char line[sizeof p->last];
  snprintf(line, sizeof line, "%s%s%s", e->migration ? e->migration->version : "", lead, e->text ? e->text : "");
  line[strcspn(line, ",")] = '\0'; /* who it is, not for how long */
  if (!p->terminal && (e->kind == EVENT_PROGRESS || strcmp(line, p->last) == 0))
    return;
  snprintf(p->last, sizeof p->last, "%s", line);
  progress_clear(p);
  print_title(e, stderr);
  fprintf(stderr, ": %s", lead);
  put_plain(e->text ? e->text : "", stderr);
  if (e->kind == EVENT_PROGRESS)
    fprintf(stderr, "%s%.0f s", e->text && *e->text ? ", " : "", e->seconds);
  if (!p->terminal)
    fputc('\n', stderr);
  p->open = p->terminal;
  fflush(stderr);
}

void progress_tell(void *ctx, const struct event *e) {
  struct progress *p = ctx;
  if (p->json) {
    tell_json(e);
    return;
  }
  switch (e->kind) {
  case EVENT_START: break;
  case EVENT_WAIT:
    if (!p->quiet)
      say(p, e, "waiting for ");
    break;
  case EVENT_PROGRESS:
    if (!p->quiet)
      say(p, e, "");
    break;
  case EVENT_RETRY:
    progress_clear(p);
    if (!p->quiet) {
      print_title(e, stderr);
      fprintf(stderr, ": try %u of %u gave up: ", e->attempt, e->attempts);
      put_plain(e->text, stderr);
      fputc('\n', stderr);
    }
    break;
  case EVENT_DONE:
    progress_clear(p);
    p->last[0] = '\0';
    if (!p->quiet) {
      fputs(e->up ? "up   " : "down ", stdout);
      print_title(e, stdout);
      fputs("  ", stdout);
      print_seconds(e->seconds, stdout);
      if (!e->up && (e->migration->label == DOWN_LOSSY || e->migration->label == DOWN_IRREVERSIBLE) &&
          e->migration->label_text)
        printf("  %s: %s", e->migration->label == DOWN_LOSSY ? "lossy" : "irreversible", e->migration->label_text);
      putchar('\n');
      fflush(stdout);
    }
    break;
  }
}
