/* The view of the model and the outputs: what templates see, which files are written and which are refused. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "diff/diff.h"
#include "emit/emit.h"
#include "emit/shape.h"
#include "sql/sql.h"

/* ── models ── */

struct model {
  struct arena arena;
  struct diagnostics diagnostics;
  struct schema *schema;
  struct plan plan;
};

static void fail_diagnosed(const struct diagnostics *d) {
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(d, &out, false);
  print_error("%s", out.text);
  strbuf_release(&out);
  fail();
}

/* A sound model of the text, as if read from path. */
static void model_init(struct model *m, const char *path, const char *text) {
  *m = (struct model){.arena = ARENA_INIT};
  diagnostics_init(&m->diagnostics, &m->arena);
  const struct source *source = source_new(&m->arena, path, text, strlen(text));
  const struct node *file = syntax_parse(&m->arena, source, &m->diagnostics);
  m->schema = schema_compile(&m->arena, file, sql_cache_new(&m->arena), &m->diagnostics);
  if (m->diagnostics.errors == 0)
    m->plan = plan_create(&m->arena, m->schema, NULL, &m->diagnostics);
  if (m->diagnostics.errors > 0)
    fail_diagnosed(&m->diagnostics);
  diagnostics_init(&m->diagnostics, &m->arena); /* advice does not matter here */
}

static void model_release(struct model *m) {
  arena_release(&m->arena);
}

static json_t *model_json(struct model *m) {
  struct strbuf out = STRBUF_INIT;
  json_error_t error;
  view_print_json(view_schema(&m->arena, m->schema, &m->plan), &m->arena, &out);
  json_t *json = json_loads(out.text, JSON_REJECT_DUPLICATES, &error);
  if (!json)
    fail_msg("not JSON: %s at %d\n%s", error.text, error.line, out.text);
  strbuf_release(&out);
  return json;
}

/* The value at "tables.0.columns.1.name", or NULL. */
static const json_t *json_at(const json_t *json, const char *path) {
  char part[64];
  while (json && *path) {
    const size_t n = strcspn(path, ".");
    snprintf(part, sizeof part, "%.*s", (int)n, path);
    json = json_is_array(json) ? json_array_get(json, (size_t)atoi(part)) : json_object_get(json, part);
    path += n + (path[n] == '.');
  }
  return json;
}

static const char rich[] =
    "/// A shop.\n"
    "/// Second line\n"
    "target postgres 15\n"
    "schema app\n"
    "extension citext in app version '1.6'\n"
    "enum app.mood {\n"
    "  happy as Glad  /// Fine\n"
    "  'in progress'\n"
    "}\n"
    "domain email text = 'x@y' check looks_right (value ~ '@')\n"
    "domain emails email[]\n"
    "type address {\n"
    "  street  text?  /// With number\n"
    "  zip     int?\n"
    "}\n"
    "sequence order_no as int start 1000 increment 10\n"
    "external table auth.users { id uuid pk }\n"
    "/// A person; says \"hi\".\n"
    "table \"Persons Of\" as Person {\n"
    "  id         serial  pk\n"
    "  mail       email?  unique as mailAddress  /// Where to write\n"
    "  mails      emails?\n"
    "  moods      app.mood[]  = '{}'\n"
    "  home       address?\n"
    "  price      numeric(12,2)?\n"
    "  doubled    int  generated (price * 2)\n"
    "  user_id    -> auth.users cascade  index\n"
    "  \"select\"   varchar(10)  collate \"C\"\n"
    "  changed_at timestamptz = now()  touch\n"
    "  check positive (price > 0)\n"
    "}\n"
    "/// A visit.\n"
    "table visits unlogged {\n"
    "  person  -> \"Persons Of\" cascade on update cascade deferrable\n"
    "  friend  -> \"Persons Of\"? set null (friend)\n"
    "  n       int  identity always\n"
    "  room    int\n"
    "  during  tstzrange\n"
    "  pk (person, n)\n"
    "  unique (room, n) nulls not distinct\n"
    "  index (lower(n::text) desc, room) include (during) where (room > 1) name odd\n"
    "  exclude using gist (during with &&) where (room > 0) name no_overlap\n"
    "}\n";

static void keys_and_values(void **state) {
  (void)state;
  static const struct {
    const char *path, *expected;
  } cases[] = {
      {"pdlc_version", "\"" PDLC_VERSION "\""},
      {"doc", "\"A shop.\\nSecond line\""},
      {"doc_lines.1.text", "\"Second line\""},
      {"doc_lines.0.last", "false"},
      {"doc_lines.1.last", "true"},
      {"target.platform", "\"postgres\""},
      {"target.version", "15"},
      {"schemas.0.name", "\"public\""},
      {"schemas.0.implied", "true"},
      {"schemas.1.name", "\"app\""},
      {"schemas.1.implied", "false"},
      {"extensions.0.name", "\"citext\""},
      {"extensions.0.schema", "\"app\""},
      {"extensions.0.version", "\"1.6\""},
      {"enums.0.qualified", "\"app.mood\""},
      {"enums.0.labels.0.name", "\"happy\""},
      {"enums.0.labels.0.code_name", "\"Glad\""},
      {"enums.0.labels.0.name_camel", "\"glad\""},
      {"enums.0.labels.0.doc", "\"Fine\""},
      {"enums.0.labels.0.first", "true"},
      {"enums.0.labels.0.last", "false"},
      {"enums.0.labels.1.code_name", "\"in progress\""},
      {"enums.0.labels.1.name_pascal", "\"InProgress\""},
      {"enums.0.labels.1.last", "true"},
      {"enums.0.last", "true"},
      {"domains.0.name", "\"email\""},
      {"domains.0.type", "\"text\""},
      {"domains.0.default", "\"'x@y'\""},
      {"domains.0.not_null", "false"},
      {"domains.0.checks.0.name", "\"looks_right\""},
      {"domains.0.checks.0.expression", "\"value ~ '@'\""},
      {"domains.1.is_array", "true"},
      {"domains.1.is", "{\"text\":true}"},
      {"types.0.qualified", "\"public.address\""},
      {"types.0.attributes.0.name", "\"street\""},
      {"types.0.attributes.0.doc", "\"With number\""},
      {"types.0.attributes.1.type", "\"integer\""},
      {"types.0.attributes.1.nullable", "true"},
      {"types.0.attributes.1.is_primary_key", "false"},
      {"sequences.0.start", "1000"},
      {"sequences.0.increment", "10"},
      {"sequences.0.is", "{\"int4\":true}"},
      {"sequences.0.cycle", "false"},
      {"external_tables.0.qualified", "\"auth.users\""},
      {"external_tables.0.external", "true"},
      {"external_tables.0.columns.0.is_primary_key", "true"},
      {"external_tables.1", NULL},
      {"table", "null"},
      {"tables.0.name", "\"Persons Of\""},
      {"tables.0.qualified", "\"public.\\\"Persons Of\\\"\""},
      {"tables.0.code_name", "\"Person\""},
      {"tables.0.name_pascal", "\"Person\""},
      {"tables.0.name_json_string", "\"\\\"Persons Of\\\"\""},
      {"tables.0.doc_c_string", "\"\\\"A person; says \\\\\\\"hi\\\\\\\".\\\"\""},
      {"tables.0.external", "false"},
      {"tables.0.first", "true"},
      {"tables.0.last", "false"},
      {"tables.0.primary_key.columns.0.name", "\"id\""},
      {"tables.0.primary_key.columns.0.type", "\"integer\""},
      {"tables.0.primary_key.columns.0.is", "{\"int4\":true}"},
      {"tables.0.primary_key.first", NULL},
      {"tables.0.columns.0.position", "1"},
      {"tables.0.columns.0.type", "\"integer\""},
      {"tables.0.columns.0.base_type", "\"int4\""},
      {"tables.0.columns.0.type_schema", "\"pg_catalog\""},
      {"tables.0.columns.0.is_serial", "true"},
      {"tables.0.columns.0.has_default", "true"},
      {"tables.0.columns.0.default", "null"},
      {"tables.0.columns.0.is_primary_key", "true"},
      {"tables.0.columns.0.is_unique", "true"},
      {"tables.0.columns.0.first", "true"},
      {"tables.0.columns.0.doc", "null"},
      {"tables.0.columns.0.doc_lines", "[]"},
      {"tables.0.columns.0.doc_c_string", "null"},
      {"tables.0.columns.1.name", "\"mail\""},
      {"tables.0.columns.1.name_snake", "\"mail_address\""},
      {"tables.0.columns.1.name_upper", "\"MAIL_ADDRESS\""},
      {"tables.0.columns.1.type", "\"public.email\""},
      {"tables.0.columns.1.base_type", "\"email\""},
      {"tables.0.columns.1.type_schema", "\"public\""},
      {"tables.0.columns.1.is_domain", "true"},
      {"tables.0.columns.1.is", "{\"text\":true}"},
      {"tables.0.columns.1.has_default", "true"},
      {"tables.0.columns.1.nullable", "true"},
      {"tables.0.columns.1.not_null", "false"},
      {"tables.0.columns.1.is_unique", "true"},
      {"tables.0.columns.2.is_array", "true"},
      {"tables.0.columns.2.has_default", "false"},
      {"tables.0.columns.2.is_unique", "false"},
      {"tables.0.columns.3.type", "\"app.mood[]\""},
      {"tables.0.columns.3.is_array", "true"},
      {"tables.0.columns.3.is_enum", "true"},
      {"tables.0.columns.3.is", "{\"enum\":true}"},
      {"tables.0.columns.3.enum.name", "\"mood\""},
      {"tables.0.columns.3.enum.labels.1.name", "\"in progress\""},
      {"tables.0.columns.3.enum.last", NULL},
      {"tables.0.columns.3.default", "\"'{}'\""},
      {"tables.0.columns.4.is_composite", "true"},
      {"tables.0.columns.4.is", "{\"composite\":true}"},
      {"tables.0.columns.4.enum", "null"},
      {"tables.0.columns.5.type", "\"numeric(12,2)\""},
      {"tables.0.columns.6.is_generated", "true"},
      {"tables.0.columns.6.generated", "\"price * 2\""},
      {"tables.0.columns.6.is_virtual", "false"},
      {"tables.0.columns.7.type", "\"uuid\""},
      {"tables.0.columns.8.sql_name", "\"\\\"select\\\"\""},
      {"tables.0.columns.8.collation", "\"\\\"C\\\"\""},
      {"tables.0.columns.8.touch", "false"},
      {"tables.0.columns.9.touch", "true"},
      {"tables.0.columns.9.default", "\"now()\""},
      {"tables.0.columns.9.position", "10"},
      {"tables.0.columns.9.last", "true"},
      {"tables.0.uniques.0.columns.0.name", "\"mail\""},
      {"tables.0.uniques.0.columns.0.name_camel", "\"mailAddress\""},
      {"tables.0.uniques.1", NULL},
      {"tables.0.checks.0.name", "\"positive\""},
      {"tables.0.checks.0.expression", "\"price > 0\""},
      {"tables.0.checks.0.columns.0.name", "\"price\""},
      {"tables.0.foreign_keys.0.table.qualified", "\"auth.users\""},
      {"tables.0.foreign_keys.0.table.external", "true"},
      {"tables.0.foreign_keys.0.on_delete", "\"cascade\""},
      {"tables.0.foreign_keys.0.on_delete_cascade", "true"},
      {"tables.0.foreign_keys.0.on_delete_set_null", "false"},
      {"tables.0.foreign_keys.0.target_columns.0.name", "\"id\""},
      {"tables.0.foreign_keys.0.target_columns.0.type", "\"uuid\""},
      {"tables.0.indexes.0.keys.0.column", "\"user_id\""},
      {"tables.0.indexes.0.method", "\"btree\""},
      {"tables.0.indexes.0.unique", "false"},
      {"tables.0.indexes.0.where", "null"},
      {"tables.1.unlogged", "true"},
      {"tables.1.last", "true"},
      {"tables.1.columns.2.identity", "\"always\""},
      {"tables.1.columns.2.is_identity", "true"},
      {"tables.1.columns.2.has_default", "true"},
      {"tables.1.columns.3.is_unique", "false"},
      {"tables.1.primary_key.columns.1.last", "true"},
      {"tables.1.primary_key.columns.0.last", "false"},
      {"tables.1.uniques.0.nulls_not_distinct", "true"},
      {"tables.1.foreign_keys.0.table.name_pascal", "\"Person\""},
      {"tables.1.foreign_keys.0.on_update", "\"cascade\""},
      {"tables.1.foreign_keys.0.deferrable", "true"},
      {"tables.1.foreign_keys.0.deferred", "false"},
      {"tables.1.foreign_keys.1.on_delete_set_null", "true"},
      {"tables.1.foreign_keys.1.on_delete_columns.0.name", "\"friend\""},
      {"tables.1.indexes.0.keys.0.sql", "\"lower(n::text) DESC\""},
      {"tables.1.indexes.0.keys.0.column", "null"},
      {"tables.1.indexes.0.keys.0.expression", "\"lower(n::text)\""},
      {"tables.1.indexes.0.keys.0.descending", "true"},
      {"tables.1.indexes.0.keys.1.sql", "\"room\""},
      {"tables.1.indexes.0.include.0.name", "\"during\""},
      {"tables.1.indexes.0.where", "\"room > 1\""},
      {"tables.1.excludes.0.method", "\"gist\""},
      {"tables.1.excludes.0.keys.0.operator", "\"&&\""},
      {"tables.1.excludes.0.where", "\"room > 0\""},
      {"statements.0.kind", "\"schema\""},
      {"statements.0.title", "\"schema app\""},
      {"statements.0.sql", "\"CREATE SCHEMA app;\""},
      {"statements.0.starts", "true"},
      {"statements.0.first", "true"},
  };
  struct model m;
  model_init(&m, "schema.pdl", rich);
  json_t *json = model_json(&m);
  size_t wrong = 0;
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    const json_t *value = json_at(json, cases[i].path);
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    const bool same = text && cases[i].expected ? strcmp(text, cases[i].expected) == 0 : text == cases[i].expected;
    if (!same)
      print_error("%s: %s, expected %s\n", cases[i].path, text ? text : "(nothing)",
                  cases[i].expected ? cases[i].expected : "(nothing)");
    wrong += !same;
    free(text);
  }
  assert_int_equal(wrong, 0);
  json_decref(json);
  model_release(&m);
}

/* Objects have keys, `is` has types. */
static size_t undocumented(const json_t *json, const char *doc) {
  size_t count = 0, i;
  const char *key;
  json_t *value;
  char quoted[80];
  json_array_foreach((json_t *)(uintptr_t)json, i, value) count += undocumented(value, doc);
  json_object_foreach((json_t *)(uintptr_t)json, key, value) {
    snprintf(quoted, sizeof quoted, "`%s`", key);
    if (!strstr(doc, quoted)) {
      print_error("docs/templates.md says nothing of %s\n", quoted);
      count++;
    }
    if (strcmp(key, "is") != 0)
      count += undocumented(value, doc);
  }
  return count;
}

static void every_key_is_documented(void **state) {
  (void)state;
  struct model m;
  model_init(&m, "schema.pdl", rich);
  json_t *json = model_json(&m);
  char *doc;
  size_t len;
  const char *why;
  if (!file_read(&m.arena, "docs/templates.md", SOURCE_MAX, &doc, &len, &why))
    fail_msg("docs/templates.md: %s", why);
  assert_int_equal(undocumented(json, doc), 0);
  json_decref(json);
  model_release(&m);
}

/* The fenced block of the language after `from`; NULL where there is none. */
static const char *fenced(struct arena *arena, const char *from, const char *language) {
  const char *block = strstr(from, arena_printf(arena, "```%s\n", language));
  if (!block)
    return NULL;
  block = strchr(block, '\n') + 1;
  return arena_strndup(arena, block, (size_t)(strstr(block, "```") - block));
}

/* The example of docs/templates.md gives what it says. */
static void documented_example(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  char *doc;
  size_t len;
  const char *why;
  if (!file_read(&arena, "docs/templates.md", SOURCE_MAX, &doc, &len, &why))
    fail_msg("docs/templates.md: %s", why);
  const char *example = strstr(doc, "## A worked example");
  assert_non_null(example);
  const char *template = fenced(&arena, example, "mustache"), *pdl = fenced(&arena, example, "pdl");
  const char *expected = fenced(&arena, example, "kotlin");
  assert_true(template && pdl && expected);
  struct model m;
  model_init(&m, "schema.pdl", pdl);
  struct template *t =
      template_parse(&arena, source_new(&arena, "t", template, strlen(template)), &m.diagnostics);
  struct strbuf out = STRBUF_INIT;
  assert_non_null(t);
  const struct view root = view_root(&arena, m.schema, &m.plan, m.schema->last);
  assert_true(template_render(&arena, t, root, (struct partials){0}, ESCAPE_NONE, &m.diagnostics, &out));
  assert_string_equal(out.text, expected);
  strbuf_release(&out);
  model_release(&m);
  arena_release(&arena);
}

/* What no tag names is never looked at: here steps that are not there. */
static void nothing_is_looked_at_before_it_is_asked_for(void **state) {
  (void)state;
  struct model m;
  model_init(&m, "schema.pdl", rich);
  const struct plan missing = {.steps = NULL, .count = 1000000000};
  static const char text[] = "{{#tables}}{{name_pascal}} {{/tables}}{{target.version}}";
  struct template *t = template_parse(&m.arena, source_new(&m.arena, "t", text, strlen(text)), &m.diagnostics);
  struct strbuf out = STRBUF_INIT;
  assert_true(template_render(&m.arena, t, view_schema(&m.arena, m.schema, &missing), (struct partials){0}, ESCAPE_NONE,
                              &m.diagnostics, &out));
  assert_string_equal(out.text, "Person Visits 15");
  struct view root = view_schema(&m.arena, m.schema, &missing), list;
  assert_true(root.ops->get(&root, "statements", 10, &m.arena, &list));
  assert_int_equal(list.ops->count(&list), 1000000000);
  assert_false(root.ops->get(&root, "statement", 9, &m.arena, &list));
  assert_false(root.ops->get(&root, "statements_", 11, &m.arena, &list));
  strbuf_release(&out);
  model_release(&m);
}

/* ── words ── */

static void names_in_cases(void **state) {
  (void)state;
  static const struct {
    const char *name, *snake, *camel, *pascal, *upper;
  } cases[] = {
      {"users", "users", "users", "Users", "USERS"},
      {"created_at", "created_at", "createdAt", "CreatedAt", "CREATED_AT"},
      {"createdAt", "created_at", "createdAt", "CreatedAt", "CREATED_AT"},
      {"HTTPServer", "http_server", "httpServer", "HttpServer", "HTTP_SERVER"},
      {"userID", "user_id", "userId", "UserId", "USER_ID"},
      {"in progress", "in_progress", "inProgress", "InProgress", "IN_PROGRESS"},
      {"line_2", "line_2", "line2", "Line2", "LINE_2"},
      {"2fa", "_2fa", "_2fa", "_2fa", "_2FA"},
      {"__a--b__", "a_b", "aB", "AB", "A_B"},
      {"x\"); drop", "x_drop", "xDrop", "XDrop", "X_DROP"},
      {"gr\xc3\xb6\xc3\x9f" "e", "gr\xc3\xb6\xc3\x9f" "e", "gr\xc3\xb6\xc3\x9f" "e", "Gr\xc3\xb6\xc3\x9f" "e",
       "GR\xc3\xb6\xc3\x9f" "E"},
      {"a\xe2\x80\xa8" "b\xc2\xa0" "c", "a_b_c", "aBC", "ABC", "A_B_C"},
      {"!!", "_", "_", "_", "_"},
      {"", "_", "_", "_", "_"},
  };
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    assert_string_equal(words_case(&arena, cases[i].name, CASE_SNAKE), cases[i].snake);
    assert_string_equal(words_case(&arena, cases[i].name, CASE_CAMEL), cases[i].camel);
    assert_string_equal(words_case(&arena, cases[i].name, CASE_PASCAL), cases[i].pascal);
    assert_string_equal(words_case(&arena, cases[i].name, CASE_UPPER), cases[i].upper);
  }
  arena_release(&arena);
}

static void strings_and_comments(void **state) {
  (void)state;
  static const struct {
    const char *text, *c, *json;
  } strings[] = {
      {"plain", "\"plain\"", "\"plain\""},
      {"", "\"\"", "\"\""},
      {"\"\\\n", "\"\\\"\\\\\\n\"", "\"\\\"\\\\\\n\""},
      {"\x01" "1\x7f", "\"\\0011\\177\"", "\"\\u00011\x7f\""},
      {"?\?/", "\"?\\?/\"", "\"?\?/\""},
      {"\xc3\xb6", "\"\xc3\xb6\"", "\"\xc3\xb6\""},
      {"\xe2\x80\xae" "1\xe2\x81\xa9", "\"\\342\\200\\2561\\342\\201\\251\"", "\"\xe2\x80\xae" "1\xe2\x81\xa9\""},
  };
  static const struct {
    const char *text, *plain, *any;
  } comments[] = {
      {"as it is", "as it is", "as it is"},
      {"a\rdrop table x;\x01", "a drop table x; ", "a drop table x;"},
      {"ends */ and /* begins", "ends */ and /* begins", "ends * / and / * begins"},
      {"*/*", "*/*", "* / *"},
      {"C:\\users", "C:\\users", "C:\\ users"},
      {"a\xe2\x80\xae" "b\xe2\x81\xa6" "c", "a\xe2\x80\xae" "b\xe2\x81\xa6" "c", "a b c"},
      {"last \\", "last \\", "last \\."},
      {"last \\  ", "last \\  ", "last \\."},
      {"last ?\?/", "last ?\?/", "last ?\?/."},
      {"a\xe2\x80\xa8" "b\xe2\x80\xa9" "c\xc2\x85" "d", "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c\xc2\x85" "d", "a b c d"},
  };
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(strings); i++) {
    assert_string_equal(c_string(&arena, strings[i].text), strings[i].c);
    assert_string_equal(json_string_literal(&arena, strings[i].text), strings[i].json);
  }
  for (size_t i = 0; i < ARRAY_LEN(comments); i++) {
    const char *text = comments[i].text;
    assert_string_equal(comment_line(&arena, text, strlen(text), false), comments[i].plain);
    assert_string_equal(comment_line(&arena, text, strlen(text), true), comments[i].any);
  }
  assert_string_equal(comment_line(&arena, "a\nb", 1, false), "a");
  arena_release(&arena);
}

/* ── outputs ── */

/* A folder of templates, removed with all that is in it. */
static char folder[] = "/tmp/pdlc-view-XXXXXX";

static const char *path_in(struct arena *arena, const char *path) {
  return arena_printf(arena, "%s/%s", folder, path);
}

static const struct {
  const char *path, *text;
} templates[] = {
    {"t/name.mustache", "{{#table}}{{qualified}}{{/table}}{{^table}}{{#tables}}{{name}};{{/tables}}{{/table}}"},
    {"t/raw.mustache", "{{#tables}}{{name}}{{/tables}}"},
    {"t/partial.mustache", "[{{>part}}]"},
    {"t/part", "beside"},
    {"t/part.mustache", "not this one"},
    {"t/deep.mustache", "[{{>sub/x}}]"},
    {"t/sub/x.mustache", "deep"},
    {"t/shared.mustache", "[{{>shared_part}}]"},
    {"t/own.mustache", "{{>sql/schema.sql}}"},
    {"t/absent.mustache", "[{{>nowhere}}]"},
    {"t/climbs.mustache", "[{{>../schema.pdl}}]"},
    {"t/broken.mustache", "line\n{{#a}}"},
    {"override/sql/schema.sql.mustache", "mine {{>foot}}"},
    {"override/sql/foot.mustache", "and foot"},
    {"override/foot", "not this one"},
    {"override/part", "not this one either"},
    {"override/shared_part.mustache", "shared"},
};

static int make_folder(void **state) {
  (void)state;
  if (!mkdtemp(folder))
    return -1;
  struct arena arena = ARENA_INIT;
  struct file_set files;
  const char *failed, *why;
  file_set_init(&files, &arena, folder);
  for (size_t i = 0; i < ARRAY_LEN(templates); i++)
    file_set_add(&files, templates[i].path, templates[i].text, strlen(templates[i].text));
  const bool ok = file_set_write(&files, &failed, &why);
  arena_release(&arena);
  return ok ? 0 : -1;
}

static int remove_folder(void **state) {
  (void)state;
  char path[256];
  for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
    snprintf(path, sizeof path, "%s/%s", folder, templates[i].path);
    unlink(path);
  }
  static const char *const folders[] = {"t/sub", "t", "override/sql", "override", ""};
  int failed = 0;
  for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
    snprintf(path, sizeof path, "%s/%s", folder, folders[i]);
    failed |= rmdir(path);
  }
  return failed;
}

struct outputs {
  struct model model;
  struct file_set files;
  struct map read;
  bool ok;
};

static void outputs_init(struct outputs *o, const char *pdl, const char *override, const char *only) {
  struct arena *arena = &o->model.arena;
  struct strbuf path = STRBUF_INIT;
  strbuf_addf(&path, "%s/./schema.pdl", folder);
  model_init(&o->model, path.text, pdl);
  strbuf_release(&path);
  map_init(&o->read, arena);
  const struct emit_options options = {
      .folder = folder,
      .templates = override ? path_in(arena, override) : NULL,
      .only = only,
      .read = &o->read,
  };
  file_set_init(&o->files, arena, folder);
  o->ok = emit_outputs(arena, o->model.schema, &o->model.plan, &options, &o->model.diagnostics, &o->files);
}

static void outputs_release(struct outputs *o) {
  model_release(&o->model);
}

/* Every file as "path=text\n". */
static const char *files_text(struct outputs *o) {
  struct strbuf out = STRBUF_INIT;
  for (const struct file_item *f = o->files.first; f; f = f->next)
    strbuf_addf(&out, "%s=%.*s\n", f->path, (int)f->len, f->text);
  const char *copy = strbuf_dup(&out, &o->model.arena);
  strbuf_release(&out);
  return copy;
}

#define TWO_TABLES                                                                                                   \
  "schema app\nexternal table auth.users { id uuid pk }\n"                                                           \
  "table one {\n id int pk\n}\ntable app.two {\n id int pk\n}\n"

static void files_are_rendered(void **state) {
  (void)state;
  static const struct {
    const char *pdl, *override, *only, *expected;
  } cases[] = {
      {"output {\n template \"t/name.mustache\" into \"x/{table}.kt\"\n}\n" TWO_TABLES, NULL, NULL,
       "x/one.kt=public.one\nx/two.kt=app.two\n"},
      {"output {\n template \"t/name.mustache\" into \"{schema}/{table}/{table}.kt\"\n}\n" TWO_TABLES, NULL, NULL,
       "public/one/one.kt=public.one\napp/two/two.kt=app.two\n"},
      {"output {\n template \"t/name.mustache\" into \"./x//all.kt\"\n}\n" TWO_TABLES, NULL, NULL, "x/all.kt=one;two;\n"},
      {"output {\n template \"t/name.mustache\" into \"{table}\"\n}\n", NULL, NULL, ""},
      /* hostile names */
      {"output {\n template \"t/name.mustache\" into \"{table}\"\n}\n"
       "table \"..\" { id int pk }\ntable \".\" { id int pk }\ntable \"../a/b.c\" { id int pk }\n"
       "table \"x y\\\" { id int pk }\ntable \"\xc3\xb6\" { id int pk }\ntable \"{schema}\" { id int pk }\n"
       "table \"Aa-1_\" { id int pk }\n",
       NULL, NULL,
       "_2e.=public.\"..\"\n_2e=public.\".\"\n_2e._2fa_2fb.c=public.\"../a/b.c\"\nx_20y_5c=public.\"x y\\\"\n"
       "_c3_b6=public.\"\xc3\xb6\"\n_7bschema_7d=public.\"{schema}\"\nAa-1_=public.\"Aa-1_\"\n"},
      /* partials */
      {"output {\n template \"t/partial.mustache\" into \"x\"\n}\n", NULL, NULL, "x=[beside]\n"},
      {"output {\n template \"t/partial.mustache\" into \"x\"\n}\n", "override", NULL, "x=[beside]\n"},
      {"output {\n template \"t/deep.mustache\" into \"x\"\n}\n", NULL, NULL, "x=[deep]\n"},
      {"output {\n template \"t/shared.mustache\" into \"x\"\n}\n", "override", NULL, "x=[shared]\n"},
      {"output {\n template \"t/own.mustache\" into \"x\"\n}\n", NULL, NULL,
       "x=-- Generated by pdlc from schema.pdl; do not edit.\n\n"},
      /* the override folder, and partials beside its templates */
      {"output {\n sql \"x.sql\"\n}\n", "override", NULL, "x.sql=mine and foot\n"},
      /* escaping */
      {"output {\n template \"t/raw.mustache\" into \"x.html\"\n template \"t/raw.mustache\" into \"y.HTM\"\n"
       " template \"t/raw.mustache\" into \"html\"\n template \"t/raw.mustache\" into \"z.html.c\"\n}\n"
       "table \"<&\" { id int pk }\n",
       NULL, NULL, "x.html=&lt;&amp;\ny.HTM=&lt;&amp;\nhtml=<&\nz.html.c=<&\n"},
      /* one language */
      {"output {\n sql \"x.sql\"\n template \"t/raw.mustache\" into \"x\"\n}\n", NULL, "template", "x=\n"},
      {TWO_TABLES, NULL, "sql", ""},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct outputs o;
    outputs_init(&o, cases[i].pdl, cases[i].override, cases[i].only);
    if (!o.ok)
      fail_diagnosed(&o.model.diagnostics);
    assert_string_equal(files_text(&o), cases[i].expected);
    outputs_release(&o);
  }
}

static void what_was_read_is_told(void **state) {
  (void)state;
  struct outputs o;
  outputs_init(&o, "output {\n template \"t/partial.mustache\" into \"x\"\n template \"t/./partial.mustache\" into \"y\"\n}\n",
               NULL, NULL);
  assert_true(o.ok);
  assert_int_equal(map_count(&o.read), 2);
  assert_non_null(map_get(&o.read, path_in(&o.model.arena, "t/partial.mustache")));
  assert_non_null(map_get(&o.read, path_in(&o.model.arena, "t/part")));
  outputs_release(&o);
}

static void outputs_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *pdl, *override, *only;
    enum code code;
    unsigned line, column; /* 0: has no place */
    size_t files;          /* that were made nevertheless */
  } cases[] = {
      {"output {\n template \"t/none.mustache\" into \"x\"\n sql \"x.sql\"\n}\n", NULL, NULL, PDL_TEMPLATE_UNREADABLE, 2, 11, 1},
      {"output {\n template \"t\" into \"x\"\n}\n", NULL, NULL, PDL_TEMPLATE_UNREADABLE, 2, 11, 0},
      {"output {\n sql \"x\"\n}\n", "nothere", NULL, PDL_TEMPLATE_UNREADABLE, 0, 0, 0},
      {"output {\n sql \"x\"\n}\n", "t/part", NULL, PDL_TEMPLATE_UNREADABLE, 0, 0, 0},
      {"output {\n template \"t/absent.mustache\" into \"x\"\n}\n", NULL, NULL, PDL_PARTIAL_MISSING, 2, 11, 1},
      {"output {\n template \"t/climbs.mustache\" into \"x\"\n}\n", NULL, NULL, PDL_PARTIAL_MISSING, 2, 11, 1},
      {"output {\n template \"t/absent.mustache\" into \"{table}\"\n}\n" TWO_TABLES, NULL, NULL, PDL_PARTIAL_MISSING, 2, 11, 2},
      {"output {\n template \"t/broken.mustache\" into \"x\"\n}\n", NULL, NULL, PDL_TEMPLATE_SECTION_OPEN, 2, 7, 0},
      {"output {\n template \"t/raw.mustache\" into \"{tabel}.kt\"\n}\n", NULL, NULL, PDL_OUTPUT_PLACEHOLDER, 2, 33, 0},
      {"output {\n template \"t/raw.mustache\" into \"{schema}.kt\"\n}\n", NULL, NULL, PDL_OUTPUT_PLACEHOLDER, 2, 33, 0},
      {"output {\n template \"t/raw.mustache\" into \"{table}/{x\"\n}\n", NULL, NULL, PDL_OUTPUT_PLACEHOLDER, 2, 33, 0},
      {"output {\n sql \"x.sql\"\n sql \"./x.sql\"\n}\n", NULL, NULL, PDL_OUTPUT_CLASH, 3, 6, 1},
      {"output {\n sql \"one\"\n template \"t/raw.mustache\" into \"{table}\"\n}\ntable one { id int pk }\n", NULL, NULL,
       PDL_OUTPUT_CLASH, 3, 33, 1},
      {"output {\n template \"t/raw.mustache\" into \"{table}\"\n}\ntable \"a b\" { id int pk }\ntable \"a_20b\" { id int pk }\n",
       NULL, NULL, PDL_OUTPUT_CLASH, 5, 7, 1},
      {"output {\n template \"t/raw.mustache\" into \"{table}\"\n}\nschema app\ntable x { id int pk }\ntable app.x { id int pk }\n",
       NULL, NULL, PDL_OUTPUT_CLASH, 6, 7, 1},
      {"output {\n sql \"schema.pdl\"\n}\n", NULL, NULL, PDL_OUTPUT_OVERWRITES, 2, 6, 1},
      {"output {\n template \"t/raw.mustache\" into \"t/raw.mustache\"\n}\n", NULL, NULL, PDL_OUTPUT_OVERWRITES, 2, 33, 1},
      {"output {\n sql \"t/part\"\n template \"t/partial.mustache\" into \"x\"\n}\n", NULL, NULL, PDL_OUTPUT_OVERWRITES, 2, 6, 2},
      {"output {\n sql \"x\"\n}\n", NULL, "templat", PDL_OUTPUT_NOT_NAMED, 0, 0, 0},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct outputs o;
    outputs_init(&o, cases[i].pdl, cases[i].override, cases[i].only);
    const struct diagnostic *d = o.model.diagnostics.first;
    size_t files = 0;
    for (const struct file_item *f = o.files.first; f; f = f->next)
      files++;
    if (o.ok || !d || d->code != cases[i].code || o.model.diagnostics.errors != 1)
      print_error("case %zu: %s\n", i, d ? d->message : "nothing diagnosed");
    assert_false(o.ok);
    assert_non_null(d);
    assert_int_equal(d->code, cases[i].code);
    assert_int_equal(o.model.diagnostics.errors, 1);
    const struct place place = span_place(d->span);
    if (place.line != cases[i].line || place.column != cases[i].column)
      fail_msg("case %zu: at %u:%u, expected %u:%u", i, place.line, place.column, cases[i].line, cases[i].column);
    assert_int_equal(files, cases[i].files);
    outputs_release(&o);
  }
}

static void sql_output(void **state) {
  (void)state;
  struct outputs o;
  outputs_init(&o,
               "/// Two things.\n///\n/// Nothing else.\ntarget postgres 15\n"
               "output {\n sql \"x.sql\"\n}\n"
               "enum mood { good, bad }\n"
               "/// First\n"
               "table one {\n id int pk\n a int  index\n b int  /// Second\n}\n"
               "table two {\n id int pk\n m mood = 'good'\n}\n"
               "sql last {\n up $$ select 1; $$\n}\n",
               NULL, NULL);
  assert_true(o.ok);
  assert_string_equal(files_text(&o), "x.sql="
                                      "-- Generated by pdlc from schema.pdl; do not edit.\n"
                                      "--\n"
                                      "-- Two things.\n"
                                      "--\n"
                                      "-- Nothing else.\n"
                                      "\n"
                                      "CREATE TYPE public.mood AS ENUM ('good', 'bad');\n"
                                      "\n"
                                      "CREATE TABLE public.one (\n"
                                      "  id integer PRIMARY KEY,\n"
                                      "  a integer NOT NULL,\n"
                                      "  b integer NOT NULL\n"
                                      ");\n"
                                      "COMMENT ON TABLE public.one IS 'First';\n"
                                      "COMMENT ON COLUMN public.one.b IS 'Second';\n"
                                      "CREATE INDEX one_a_idx ON public.one (a);\n"
                                      "\n"
                                      "CREATE TABLE public.two (\n"
                                      "  id integer PRIMARY KEY,\n"
                                      "  m public.mood DEFAULT 'good' NOT NULL\n"
                                      ");\n"
                                      "\n"
                                      "select 1;\n\n");
  outputs_release(&o);
}

/* No doc comment can leave its comment in the SQL. */
static void hostile_doc(void **state) {
  (void)state;
  struct outputs o;
  outputs_init(&o, "output {\n sql \"x.sql\"\n}\n", NULL, NULL);
  o.model.schema->doc = "a\rdrop table x;\n\x01--\x7f";
  const struct emit_options options = {.folder = folder};
  file_set_init(&o.files, &o.model.arena, folder);
  assert_true(emit_outputs(&o.model.arena, o.model.schema, &o.model.plan, &options, &o.model.diagnostics, &o.files));
  assert_string_equal(files_text(&o), "x.sql=-- Generated by pdlc from schema.pdl; do not edit.\n--\n"
                                      "-- a drop table x;\n--  -- \n\n");
  outputs_release(&o);
}

/* ── speed ── */

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void large_schema(void **state) {
  (void)state;
  enum { TABLES = 5000 };
  struct strbuf pdl = STRBUF_INIT;
  strbuf_adds(&pdl, "output {\n sql \"x.sql\"\n}\n");
  for (int i = 0; i < TABLES; i++)
    strbuf_addf(&pdl,
                "/// Table %d\ntable t%d {\n id serial pk\n a text index\n b int = 0\n c timestamptz = now()\n d jsonb?\n"
                " e uuid\n f numeric(12,2)?\n g boolean = false\n h text[]?  /// Many\n r -> t%d cascade index\n}\n",
                i, i, i / 2);
  struct model m;
  model_init(&m, "schema.pdl", pdl.text);
  strbuf_release(&pdl);
  const struct emit_options options = {.folder = folder};
  struct file_set files;
  double best = 1e9;
  for (int i = 0; i < 5; i++) {
    file_set_init(&files, &m.arena, folder);
    const double start = seconds();
    assert_true(emit_outputs(&m.arena, m.schema, &m.plan, &options, &m.diagnostics, &files));
    const double took = seconds() - start;
    best = took < best ? took : best;
  }
  print_message("           %d tables, %zu statements, %.1f MB of SQL: %.1f ms\n", TABLES, m.plan.count,
                (double)files.first->len / 1e6, best * 1e3);
  assert_true(files.first->len > TABLES * 300);
  assert_true(best < 3); /* ten times the slowest sanitizer */
  model_release(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_and_values),
      cmocka_unit_test(every_key_is_documented),
      cmocka_unit_test(documented_example),
      cmocka_unit_test(nothing_is_looked_at_before_it_is_asked_for),
      cmocka_unit_test(names_in_cases),
      cmocka_unit_test(strings_and_comments),
      cmocka_unit_test(files_are_rendered),
      cmocka_unit_test(what_was_read_is_told),
      cmocka_unit_test(outputs_are_refused),
      cmocka_unit_test(sql_output),
      cmocka_unit_test(hostile_doc),
      cmocka_unit_test(large_schema),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
