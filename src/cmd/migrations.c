/* A folder of migrations beside a database's ledger: what both know, and where they disagree. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/migrations.h"

/* The folder that --dir names, else the schema's. That is parsed only: a migration that is made runs, whatever is being
 * edited. */
static const char *folder_path(struct invocation *run, const char **project) {
  const struct options *o = &run->options;
  struct arena *arena = &run->arena;
  const char *schema = o->file ? o->file : "schema.pdl";
  const char *slash = strrchr(schema, '/');
  *project = !slash ? "." : slash == schema ? "/" : arena_strndup(arena, schema, (size_t)(slash - schema));
  if (o->dir)
    return o->dir;
  if (o->file || access(schema, R_OK) == 0) {
    struct diagnostics unused;
    diagnostics_init(&unused, arena);
    const struct node *file = syntax_read(arena, schema, o->file ? &run->diagnostics : &unused, NULL);
    for (const struct node *item = file ? file->parts : NULL; item; item = item->next)
      for (const struct node *line = item->kind == NODE_OUTPUT ? item->parts : NULL; line; line = line->next)
        if (strcmp(line->name.text, "migrations") == 0)
          return migrations_below(run, *project, line->text);
  }
  return migrations_below(run, *project, NULL);
}

static bool read_layout(struct invocation *run, struct migration_folder *folder) {
  const char *word = run->options.layout;
  if (!word)
    return true;
  const enum layout wanted = strcmp(word, "supabase") == 0 ? LAYOUT_SUPABASE : LAYOUT_NUMBERED;
  if (folder->count == 0)
    folder->layout = wanted;
  if (folder->layout == wanted)
    return true;
  diagnostic_hint(&run->diagnostics,
                  diagnose(&run->diagnostics, PDL_NO_SUCH_VERSION, NO_SPAN,
                           "the files of %s are not in the layout \"%s\"", folder->path, word),
                  "Leave --layout out: their names tell.");
  return false;
}

static bool connect_named(struct invocation *run, const char *project, struct connection *out) {
  struct diagnostics *d = &run->diagnostics;
  struct conninfo info = {0};
  const size_t errors = d->errors;
  if (!conninfo_find(&run->arena, run->options.db, project, d, &info)) {
    if (d->errors == errors)
      conninfo_missing(d);
    return false;
  }
  return connection_open(&run->arena, info, d, out) && refuse_pooler(run, out);
}

bool migrations_open(struct invocation *run, struct migrations *m) {
  const char *project;
  *m = (struct migrations){0};
  progress_init(&m->progress, run);
  m->teller = (struct teller){progress_tell, &m->progress};
  return migration_folder_read(&run->arena, folder_path(run, &project), &run->diagnostics, &m->folder) &&
         read_layout(run, &m->folder) && connect_named(run, project, &m->connection);
}

void migrations_close(struct migrations *m) {
  progress_clear(&m->progress);
  if (m->connection.pg)
    connection_close(&m->connection);
}

bool migrations_read(struct invocation *run, struct migrations *m, bool lock) {
  if ((lock && !database_lock(&m->connection, &m->teller, &run->diagnostics)) ||
      !ledger_read(&run->arena, &m->connection, m->folder.layout, &run->diagnostics, &m->ledger))
    return false;
  m->rows = arena_array(&run->arena, m->folder.count, sizeof *m->rows);
  struct map rows;
  map_init(&rows, &run->arena);
  char key[24];
  for (size_t i = 0; i < m->ledger.count; i++) {
    snprintf(key, sizeof key, "%llu", strtoull(m->ledger.rows[i].version, NULL, 10));
    map_set(&rows, key, &m->ledger.rows[i]);
  }
  for (size_t i = 0; i < m->folder.count; i++) {
    snprintf(key, sizeof key, "%llu", m->folder.v[i].number);
    m->rows[i] = map_get(&rows, key);
  }
  return true;
}

bool migration_is_applied(const struct ledger_row *row) {
  return row && row->state == LEDGER_APPLIED;
}

bool migration_edited(const struct migration *file, const struct ledger_row *row) {
  /* what failed is to be mended */
  return row && row->checksum && row->state != LEDGER_FAILED && file->up.sha256 &&
         strcmp(row->checksum, file->up.sha256) != 0;
}

/* Where the file begins to be another than it was, if the ledger knows. */
static struct span first_difference(const struct source *now, const char *then, bool *line_ends) {
  struct span span = {.src = now};
  *line_ends = false;
  if (!then)
    return span;
  size_t i = 0, j = 0;
  while (i < now->len && now->text[i] == then[i])
    i++;
  span.from = span.to = (uint32_t)i;
  for (i = 0, j = 0; i < now->len || then[j]; i++, j++) {
    i += i < now->len && now->text[i] == '\r';
    j += then[j] == '\r';
    if (i >= now->len || now->text[i] != then[j])
      return span;
  }
  *line_ends = true;
  return span;
}

static void diagnose_edited(struct invocation *run, struct migrations *m, const struct migration *file,
                            const struct ledger_row *row) {
  bool line_ends;
  const struct span span = first_difference(
      file->up.source, ledger_sql(&run->arena, &m->connection, &m->ledger, row->version), &line_ends);
  struct diagnostic *d =
      diagnose(&run->diagnostics, PDL_APPLIED_EDITED, span, "%s_%s was edited after it was applied%s",
               file->version, file->name, row->applied_at ? arena_printf(&run->arena, " on %s UTC", row->applied_at) : "");
  if (line_ends)
    diagnostic_hint(
        &run->diagnostics, d,
        "Only its line ends are others (CRLF): \"*.sql text eol=lf\" in .gitattributes keeps them as they are.");
  else
    diagnostic_hint(
        &run->diagnostics, d,
        "Take the edit back and put the change into a new migration; pdlc repair takes the file as it is.");
}

static void diagnose_unknown(struct invocation *run, const struct migrations *m) {
  struct strbuf list = STRBUF_INIT;
  size_t count = 0, found = 0;
  for (size_t i = 0; i < m->folder.count; i++)
    found += m->rows[i] != NULL;
  const size_t unknown = m->ledger.count - found;
  for (size_t i = 0; i < m->ledger.count && found < m->ledger.count; i++) {
    const struct ledger_row *row = &m->ledger.rows[i];
    bool known = false;
    for (size_t k = 0; k < m->folder.count && !known; k++)
      known = m->rows[k] == row;
    if (!known && ++count <= 10)
      strbuf_addf(&list, "%s%s%s%s", count > 1 ? ", " : "", row->version, row->name && *row->name ? "_" : "",
                  row->name ? row->name : "");
  }
  if (unknown)
    diagnostic_hint(&run->diagnostics,
                    diagnose(&run->diagnostics, PDL_AHEAD_OF_FOLDER, NO_SPAN,
                             "the database has %zu migration%s that %s does not: %s%s", unknown,
                             unknown == 1 ? "" : "s", m->folder.path, list.text, unknown > 10 ? ", …" : ""),
                    "Get the files from version control, or, if they are gone for good, strike them out: pdlc repair "
                    "VERSION --as pending.");
  strbuf_release(&list);
}

bool migrations_agree(struct invocation *run, struct migrations *m) {
  const size_t errors = run->diagnostics.errors;
  diagnose_unknown(run, m);
  for (size_t i = 0; i < m->folder.count; i++)
    if (migration_edited(&m->folder.v[i], m->rows[i]))
      diagnose_edited(run, m, &m->folder.v[i], m->rows[i]);
  return run->diagnostics.errors == errors;
}

bool migrations_find(struct invocation *run, const struct migrations *m, const char *version, size_t *at) {
  const unsigned long long number = strtoull(version, NULL, 10);
  if (version[strspn(version, "0123456789")] == '\0' && *version)
    for (*at = 0; *at < m->folder.count; ++*at)
      if (m->folder.v[*at].number == number)
        return true;
  diagnose(&run->diagnostics, PDL_NO_SUCH_VERSION, NO_SPAN, "%s has no migration \"%s\"", m->folder.path, version);
  return false;
}

bool migrations_check_drift(struct invocation *run, struct migrations *m, struct strbuf *sql) {
  const char *difference;
  const enum drift drift = fingerprint_compare(&run->arena, &m->connection, &m->ledger, &run->diagnostics, &difference);
  if (drift != DRIFT_FOUND)
    return drift != DRIFT_UNREAD;
  if (run->options.accept_drift) {
    ledger_log(&m->ledger, sql, "drift accepted", NULL, NULL, -1, difference);
    return true;
  }
  diagnostic_hint(
      &run->diagnostics,
      diagnose(&run->diagnostics, PDL_DRIFT, NO_SPAN, "%s was changed since the last run, and not by a migration%s%s",
               m->connection.shown, *difference ? ": " : "", difference),
      "Undo that, or make a migration of it; --accept-drift goes on all the same, and the history remembers it.");
  return false;
}

bool migrations_note_fingerprint(struct invocation *run, struct migrations *m) {
  struct fingerprint now;
  return fingerprint_take(&run->arena, &m->connection, &run->diagnostics, &now) &&
         fingerprint_keep(&m->connection, &m->ledger, &now, &run->diagnostics);
}

int migrations_report(struct invocation *run, struct migrations *m, int code) {
  migrations_close(m);
  if (!run->options.json)
    return report(run, code);
  diagnostics_finish(&run->diagnostics);
  if (run->diagnostics.errors)
    code = EXIT_FAILED;
  struct strbuf text = STRBUF_INIT;
  diagnostics_json(&run->diagnostics, &text);
  json_t *object = json_object(), *list = json_loads(text.text, 0, NULL);
  json_object_set_new(object, "event", json_string("end"));
  json_object_set_new(object, "exit", json_integer(code));
  json_object_set_new(object, "diagnostics", list ? list : json_array());
  char *line = json_dumps(object, JSON_COMPACT);
  puts(line ? line : "{}");
  free(line);
  json_decref(object);
  strbuf_release(&text);
  return code;
}
