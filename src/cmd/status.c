/* pdlc status, pdlc history: what is applied and pending; everything that was ever done. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/migrations.h"

static const char *word_of(const struct ledger_row *row) {
  return row ? ledger_state_word(row->state) : "pending";
}

static void set_text(json_t *object, const char *key, const char *text) {
  json_object_set_new(object, key, text ? json_string(text) : json_null());
}

/* As the ledger tells it, in UTC, and as ISO 8601 writes it. */
static void set_time(json_t *object, const char *key, const char *at) {
  json_object_set_new(object, key, at && strlen(at) > 10 ? json_sprintf("%.10sT%sZ", at, at + 11) : json_null());
}

static void print_json(json_t *value) {
  char *text = json_dumps(value, JSON_INDENT(2));
  puts(text ? text : "null");
  free(text);
  json_decref(value);
}

static void print_status_json(const struct migrations *m, size_t pending) {
  json_t *object = json_object(), *list = json_array();
  set_text(object, "database", m->connection.shown);
  set_text(object, "folder", m->folder.path);
  json_object_set_new(object, "pending", json_integer((json_int_t)pending));
  for (size_t i = 0; i < m->folder.count; i++) {
    const struct ledger_row *row = m->rows[i];
    json_t *one = json_object();
    set_text(one, "version", m->folder.v[i].version);
    set_text(one, "name", m->folder.v[i].name);
    set_text(one, "state", word_of(row));
    set_time(one, "appliedAt", migration_is_applied(row) ? row->applied_at : NULL);
    set_text(one, "appliedBy", migration_is_applied(row) ? row->applied_by : NULL);
    json_object_set_new(one, "durationMs", row && row->duration_ms >= 0 ? json_integer(row->duration_ms) : json_null());
    set_text(one, "error", row ? row->error : NULL);
    json_array_append_new(list, one);
  }
  json_object_set_new(object, "migrations", list);
  print_json(object);
}

static void print_status(const struct migrations *m, size_t pending, bool quiet) {
  for (size_t i = 0; i < m->folder.count; i++) {
    const struct migration *file = &m->folder.v[i];
    const struct ledger_row *row = m->rows[i];
    if (quiet && migration_is_applied(row))
      continue;
    printf("%-8s %s_%s", word_of(row), file->version, file->name);
    if (migration_is_applied(row) && row->applied_at)
      printf("  %s UTC by %s", row->applied_at, row->applied_by);
    if (row && row->error)
      printf("  %s", row->error);
    putchar('\n');
  }
  if (!quiet)
    printf("%s: %zu applied, %zu pending\n", m->connection.shown, m->folder.count - pending, pending);
}

int verb_status(struct invocation *run) {
  struct migrations m = {0};
  struct strbuf unused = STRBUF_INIT;
  if (run->arg_count > 0)
    return usage_error(run, "status takes no argument");
  size_t pending = 0;
  if (migrations_open(run, &m) && migrations_read(run, &m, false)) {
    for (size_t i = 0; i < m.folder.count; i++)
      pending += !migration_is_applied(m.rows[i]);
    if (run->options.json)
      print_status_json(&m, pending);
    else
      print_status(&m, pending, run->options.quiet);
    if (migrations_agree(run, &m))
      (void)!migrations_check_drift(run, &m, &unused);
  }
  strbuf_release(&unused);
  migrations_close(&m);
  run->options.json = false; /* standard output has its JSON */
  return report(run, pending ? EXIT_DIFFERS : EXIT_OK);
}

static void print_history_json(const struct history_entry *v, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *one = json_object();
    set_time(one, "at", v[i].at);
    set_text(one, "action", v[i].action);
    set_text(one, "version", v[i].version);
    set_text(one, "name", v[i].name);
    json_object_set_new(one, "durationMs", v[i].duration_ms >= 0 ? json_integer(v[i].duration_ms) : json_null());
    set_text(one, "by", v[i].done_by);
    set_text(one, "tool", v[i].tool_version);
    set_text(one, "note", v[i].note);
    json_array_append_new(list, one);
  }
  print_json(list);
}

int verb_history(struct invocation *run) {
  struct migrations m = {0};
  struct history_entry *v = NULL;
  size_t count = 0;
  if (run->arg_count > 0)
    return usage_error(run, "history takes no argument");
  const bool ok = migrations_open(run, &m) && migrations_read(run, &m, false) &&
                  ledger_history(&run->arena, &m.connection, &m.ledger, &run->diagnostics, &v, &count);
  if (ok && run->options.json)
    print_history_json(v, count);
  for (size_t i = 0; ok && !run->options.json && i < count; i++) {
    printf("%s UTC  %-10s", v[i].at, v[i].action);
    if (v[i].version)
      printf(" %s_%s", v[i].version, v[i].name);
    printf("  by %s", v[i].done_by);
    if (v[i].duration_ms >= 0)
      printf(", %lld ms", v[i].duration_ms);
    printf("%s%s\n", v[i].note ? "  " : "", v[i].note ? v[i].note : "");
  }
  migrations_close(&m);
  run->options.json = run->options.json && !ok;
  return report(run, ok ? EXIT_OK : EXIT_FAILED);
}
