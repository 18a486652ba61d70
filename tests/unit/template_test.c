/* Mustache: the cases of the specification, our own (tests/mustache), errors and bounds;
 * and views, as templates and as JSON print them. */
#include "emit/emit.h"

#include <dirent.h>
#include <jansson.h>
#include <limits.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct source *source_of(struct arena *arena, const char *path, const char *text) {
  return source_new(arena, path, text, strlen(text));
}

/* Partials from a JSON object, each made a source once. */
struct json_partials {
  struct arena *arena;
  struct map made;
  const json_t *texts;
};

static const struct source *find_partial(void *ctx, const char *name) {
  struct json_partials *p = ctx;
  const char *text = json_string_value(json_object_get(p->texts, name));
  struct source *src = map_get(&p->made, name);
  if (text && !src) {
    src = source_of(p->arena, name, text);
    map_set(&p->made, name, src);
  }
  return src;
}

/* One rendering and what came of it. */
struct fixture {
  struct arena arena;
  struct diagnostics diags;
  struct json_partials partials;
  struct strbuf out;
};

static void fixture_init(struct fixture *f) {
  *f = (struct fixture){.arena = ARENA_INIT, .out = STRBUF_INIT};
  diagnostics_init(&f->diags, &f->arena);
  f->partials.arena = &f->arena;
  map_init(&f->partials.made, &f->arena);
}

static void fixture_release(struct fixture *f) {
  strbuf_release(&f->out);
  arena_release(&f->arena);
}

static bool fixture_render(struct fixture *f, const char *text, struct view root, enum escape escape) {
  struct template *t = template_parse(&f->arena, source_of(&f->arena, "t.mustache", text), &f->diags);
  struct partials partials = {find_partial, &f->partials};
  return t && template_render(&f->arena, t, root, partials, escape, &f->diags, &f->out);
}

/* ── Cases in files ── */

static bool run_case(const char *file, const json_t *test) {
  struct fixture f;
  fixture_init(&f);
  f.partials.texts = json_object_get(test, "partials");
  const char *expected = json_string_value(json_object_get(test, "expected"));
  const char *escape = json_string_value(json_object_get(test, "escape"));
  bool good = fixture_render(&f, json_string_value(json_object_get(test, "template")),
                             view_json(json_object_get(test, "data")),
                             escape && strcmp(escape, "none") == 0 ? ESCAPE_NONE : ESCAPE_HTML);
  bool same = good && strcmp(f.out.text, expected) == 0;
  if (!same) {
    print_error("%s: %s: %s\nexpected: %s\nrendered: %s\n", file,
                json_string_value(json_object_get(test, "name")), good ? "differs" : "failed", expected,
                f.out.text);
  }
  fixture_release(&f);
  return same;
}

static void run_file(const char *folder, const char *name, size_t *cases, size_t *failures) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  json_error_t error;
  json_t *file = json_load_file(path, 0, &error);
  if (!file) {
    fail_msg("%s:%d: %s", path, error.line, error.text);
  }
  size_t i;
  json_t *test;
  json_array_foreach(json_object_get(file, "tests"), i, test) {
    ++*cases;
    *failures += !run_case(path, test);
  }
  json_decref(file);
}

/* The files of our own cases by name, so that a lost one is noticed. */
static void own_cases(void **state) {
  (void)state;
  static const char *const names[] = {
    "delimiters.json", "escaping.json", "lines.json", "names.json", "partials.json", "values.json",
  };
  size_t cases = 0, failures = 0;
  for (size_t i = 0; i < ARRAY_LEN(names); i++) {
    run_file("tests/mustache", names[i], &cases, &failures);
  }
  assert_int_equal(failures, 0);
  assert_true(cases >= 40);
}

static void spec_cases(void **state) {
  (void)state;
  static const char folder[] = "../shared/reference/mustache-spec";
  static const char *const names[] = {
    "comments.json", "delimiters.json", "interpolation.json",
    "inverted.json", "partials.json",   "sections.json",
  };
  DIR *dir = opendir(folder);
  if (!dir) {
    print_message("SKIPPED spec_cases: the Mustache specification is not at %s\n", folder);
    skip();
  }
  closedir(dir);
  size_t cases = 0, failures = 0;
  for (size_t i = 0; i < ARRAY_LEN(names); i++) {
    run_file(folder, names[i], &cases, &failures);
  }
  assert_int_equal(failures, 0);
  assert_true(cases >= 136);
}

/* ── Errors ── */

static const struct {
  const char *text;
  enum code code;
  unsigned line, column;           /* where the diagnostic begins */
  unsigned end_line, end_column;   /* where it ends */
  unsigned peer_line, peer_column; /* 0: no peer */
  const char *message;
} errors[] = {
  {"a\n  {{b", PDL_TEMPLATE_TAG_OPEN, 2, 3, 2, 5, 0, 0, "tag is not closed: expected \"}}\""},
  {"{{", PDL_TEMPLATE_TAG_OPEN, 1, 1, 1, 3, 0, 0, "tag is not closed: expected \"}}\""},
  {"é{{{b}}", PDL_TEMPLATE_TAG_OPEN, 1, 2, 1, 4, 0, 0, "tag is not closed: expected \"}}}\""},
  {"{{{b}} and {{{c}}}", PDL_TEMPLATE_TAG_OPEN, 1, 1, 1, 3, 0, 0, "tag is not closed: expected \"}}}\""},
  {"{{! a\n", PDL_TEMPLATE_TAG_OPEN, 1, 1, 1, 3, 0, 0, "tag is not closed: expected \"}}\""},
  {"{{=<% %>}}", PDL_TEMPLATE_TAG_OPEN, 1, 1, 1, 3, 0, 0, "tag is not closed: expected \"=}}\""},
  {"{{=", PDL_TEMPLATE_TAG_OPEN, 1, 1, 1, 3, 0, 0, "tag is not closed: expected \"=}}\""},
  {"{{=<< >>=}}\n<<x}}", PDL_TEMPLATE_TAG_OPEN, 2, 1, 2, 3, 0, 0, "tag is not closed: expected \">>\""},

  {"{{#a}}\n", PDL_TEMPLATE_SECTION_OPEN, 2, 1, 2, 1, 1, 1, "section \"a\" is not closed"},
  {"{{#a}}{{^b.c}}x{{#d}}{{/d}}", PDL_TEMPLATE_SECTION_OPEN, 1, 28, 1, 28, 1, 7, "section \"b.c\" is not closed"},

  {"x\n {{#a}}\n{{#b}}\n  {{/a}}{{/b}}", PDL_TEMPLATE_END, 4, 3, 4, 9, 3, 1,
   "end of section \"a\", but the open section is \"b\""},
  {"{{#a}}{{/ab}}", PDL_TEMPLATE_END, 1, 7, 1, 14, 1, 1, "end of section \"ab\", but the open section is \"a\""},
  {"{{#a}}{{/a}}{{/a}}", PDL_TEMPLATE_END, 1, 13, 1, 19, 0, 0, "end of section \"a\", but no section is open"},

  {"x {{=<%=}}", PDL_TEMPLATE_DELIMITERS, 1, 3, 1, 11, 0, 0,
   "expected two delimiters without white space or \"=\" in them"},
  {"{{==}}", PDL_TEMPLATE_DELIMITERS, 1, 1, 1, 7, 0, 0,
   "expected two delimiters without white space or \"=\" in them"},
  {"{{= =}}", PDL_TEMPLATE_DELIMITERS, 1, 1, 1, 8, 0, 0,
   "expected two delimiters without white space or \"=\" in them"},
  {"{{=a b c=}}", PDL_TEMPLATE_DELIMITERS, 1, 1, 1, 12, 0, 0,
   "expected two delimiters without white space or \"=\" in them"},
  {"{{=a= b=}}", PDL_TEMPLATE_DELIMITERS, 1, 1, 1, 11, 0, 0,
   "expected two delimiters without white space or \"=\" in them"},

  {"ab{{}}", PDL_TEMPLATE_NAME, 1, 3, 1, 7, 0, 0, "tag has no name"},
  {"{{# }}{{/ }}", PDL_TEMPLATE_NAME, 1, 1, 1, 7, 0, 0, "tag has no name"},
  {"{{>}}", PDL_TEMPLATE_NAME, 1, 1, 1, 6, 0, 0, "tag has no name"},
  {"{{{}}}", PDL_TEMPLATE_NAME, 1, 1, 1, 7, 0, 0, "tag has no name"},
  {"\n{{ #if a }}", PDL_TEMPLATE_NAME, 2, 4, 2, 9, 0, 0, "white space in the name of a tag"},
  {"{{> a b }}", PDL_TEMPLATE_NAME, 1, 5, 1, 8, 0, 0, "white space in the name of a tag"},
  {"{{a..b}}", PDL_TEMPLATE_NAME, 1, 3, 1, 7, 0, 0, "the name of a tag has an empty part"},
  {"{{.b}}", PDL_TEMPLATE_NAME, 1, 3, 1, 5, 0, 0, "the name of a tag has an empty part"},
  {"{{#a.}}", PDL_TEMPLATE_NAME, 1, 4, 1, 6, 0, 0, "the name of a tag has an empty part"},
};

static void assert_place(struct place place, unsigned line, unsigned column) {
  assert_int_equal(place.line, line);
  assert_int_equal(place.column, column);
}

static void malformed(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
    struct fixture f;
    fixture_init(&f);
    struct source *src = source_of(&f.arena, "t.mustache", errors[i].text);
    assert_null(template_parse(&f.arena, src, &f.diags));
    assert_int_equal(f.diags.errors, 1);
    const struct diagnostic *d = f.diags.first;
    assert_string_equal(d->message, errors[i].message);
    assert_int_equal(d->code, errors[i].code);
    assert_ptr_equal(d->span.src, src);
    assert_place(span_place(d->span), errors[i].line, errors[i].column);
    assert_place(span_end_place(d->span), errors[i].end_line, errors[i].end_column);
    if (errors[i].peer_line) {
      assert_ptr_equal(d->peer.src, src);
      assert_place(span_place(d->peer), errors[i].peer_line, errors[i].peer_column);
    } else {
      assert_null(d->peer.src);
    }
    fixture_release(&f);
  }
}

static void hints(void **state) {
  (void)state;
  static const struct {
    const char *text, *hint;
  } cases[] = {
    {"int a[] = {{", "Where \"{{\" is text, choose other delimiters before it: {{=<% %>=}}."},
    {"{{=[ ]=}}a[", "Where \"[\" is text, choose other delimiters before it: [=<% %>=]."},
    {"{{#if a}}", "Words such as \"if\" do not exist: {{#x}}...{{/x}} is if and each, {{^x}}...{{/x}} is else. "
                  "Where \"{{\" is text, choose other delimiters before it: {{=<% %>=}}."},
    {"{{=a=}}", "Write it as in {{=<% %>=}}."},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct fixture f;
    fixture_init(&f);
    assert_null(template_parse(&f.arena, source_of(&f.arena, "t", cases[i].text), &f.diags));
    assert_string_equal(f.diags.first->hint, cases[i].hint);
    fixture_release(&f);
  }
}

static char *repeat(struct arena *arena, const char *before, const char *middle, const char *after, size_t n) {
  struct strbuf text = STRBUF_INIT;
  for (size_t i = 0; i < n; i++) {
    strbuf_adds(&text, before);
  }
  strbuf_adds(&text, middle);
  for (size_t i = 0; i < n; i++) {
    strbuf_adds(&text, after);
  }
  char *copy = strbuf_dup(&text, arena);
  strbuf_release(&text);
  return copy;
}

static void sections_nest_to_256(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  assert_true(fixture_render(&f, repeat(&f.arena, "{{#.}}", "x", "{{/.}}", 256), view_bool(true), ESCAPE_NONE));
  assert_string_equal(f.out.text, "x");
  assert_false(fixture_render(&f, repeat(&f.arena, "{{^a}}", "x", "{{/a}}", 100000), view_null(), ESCAPE_NONE));
  assert_int_equal(f.diags.errors, 1);
  assert_int_equal(f.diags.first->code, PDL_TEMPLATE_DEPTH);
  assert_place(span_place(f.diags.first->span), 1, 256 * 6 + 1);
  fixture_release(&f);
}

/* ── Partials ── */

static void partials_nest_to_64(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  json_t *texts = json_object();
  char name[16], text[32];
  for (int i = 1; i <= 64; i++) {
    snprintf(name, sizeof name, "p%d", i);
    snprintf(text, sizeof text, "%d {{>p%d}}", i % 10, i + 1);
    json_object_set_new(texts, name, json_string(text));
  }
  f.partials.texts = texts;
  assert_true(fixture_render(&f, "{{>p1}}", view_null(), ESCAPE_NONE));
  assert_int_equal(f.out.len, 128);
  assert_int_equal(f.diags.errors, 0);

  json_object_set_new(texts, "p65", json_string("too deep"));
  assert_false(fixture_render(&f, "{{>p1}}", view_null(), ESCAPE_NONE));
  assert_int_equal(f.diags.errors, 1);
  assert_int_equal(f.diags.first->code, PDL_TEMPLATE_RECURSION);
  assert_string_equal(f.diags.first->span.src->path, "p64");
  assert_place(span_place(f.diags.first->span), 1, 3);
  json_decref(texts);
  fixture_release(&f);
}

static void endless_partial(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  f.partials.texts = json_pack("{s:s}", "p", "{{#.}}\n  {{>p}}{{/.}}{{>p}}");
  assert_false(fixture_render(&f, "\n{{>p}}", view_bool(true), ESCAPE_NONE));
  assert_int_equal(f.diags.errors, 1);
  assert_int_equal(f.diags.first->code, PDL_TEMPLATE_RECURSION);
  assert_string_equal(f.diags.first->span.src->path, "p");
  assert_place(span_place(f.diags.first->span), 2, 3);
  json_decref((json_t *)(uintptr_t)f.partials.texts);
  fixture_release(&f);
}

/* A broken partial fails every rendering that uses it, is reported once, and not before. */
static void broken_partial(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  json_t *texts = json_pack("{s:s}", "p", "x\n{{#a}}");
  f.partials.texts = texts;
  struct template *t = template_parse(
      &f.arena, source_of(&f.arena, "t", "1{{#use}}{{>p}}{{/use}}2"), &f.diags);
  struct partials partials = {find_partial, &f.partials};
  json_t *data = json_object();
  assert_true(template_render(&f.arena, t, view_json(data), partials, ESCAPE_NONE, &f.diags, &f.out));
  assert_string_equal(f.out.text, "12");
  assert_int_equal(f.diags.errors, 0);
  json_object_set_new(data, "use", json_true());
  for (int i = 0; i < 2; i++) {
    assert_false(template_render(&f.arena, t, view_json(data), partials, ESCAPE_NONE, &f.diags, &f.out));
    assert_int_equal(f.diags.errors, 1);
    assert_int_equal(f.diags.first->code, PDL_TEMPLATE_SECTION_OPEN);
    assert_string_equal(f.diags.first->span.src->path, "p");
    assert_place(span_place(f.diags.first->span), 2, 7);
  }
  json_decref(data);
  json_decref(texts);
  fixture_release(&f);
}

static void no_partials(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  struct template *t = template_parse(&f.arena, source_of(&f.arena, "t", "a{{>p}}b"), &f.diags);
  assert_non_null(t);
  struct partials none = {NULL, NULL};
  assert_true(template_render(&f.arena, t, view_null(), none, ESCAPE_NONE, &f.diags, &f.out));
  assert_string_equal(f.out.text, "ab");
  fixture_release(&f);
}

static void rendering_appends(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  struct template *t = template_parse(&f.arena, source_of(&f.arena, "t", "<{{.}}>"), &f.diags);
  assert_non_null(t);
  struct partials none = {NULL, NULL};
  assert_true(template_render(&f.arena, t, view_int(1), none, ESCAPE_NONE, &f.diags, &f.out));
  assert_true(template_render(&f.arena, t, view_int(2), none, ESCAPE_NONE, &f.diags, &f.out));
  assert_string_equal(f.out.text, "<1><2>");
  fixture_release(&f);
}

static void nul_bytes_are_text(void **state) {
  (void)state;
  struct fixture f;
  fixture_init(&f);
  struct template *t = template_parse(&f.arena, source_new(&f.arena, "t", "a\0{{.}}\0", 8), &f.diags);
  assert_non_null(t);
  struct partials none = {NULL, NULL};
  assert_true(template_render(&f.arena, t, view_int(7), none, ESCAPE_NONE, &f.diags, &f.out));
  assert_int_equal(f.out.len, 4);
  assert_memory_equal(f.out.text, "a\0" "7\0", 4);
  fixture_release(&f);
}

/* ── Laziness: an object that counts what it is asked ── */

struct counting {
  unsigned cheap, dear, items;
};

static enum view_kind kind_list(const struct view *v) {
  (void)v;
  return VIEW_LIST;
}

static size_t count_five(const struct view *v) {
  (void)v;
  return 5;
}

static struct view counting_item(const struct view *v, size_t i) {
  ((struct counting *)(uintptr_t)v->data)->items++;
  return view_int((long long)i);
}

static const struct view_ops counting_list = {.kind = kind_list, .count = count_five, .item = counting_item};

static enum view_kind kind_object(const struct view *v) {
  (void)v;
  return VIEW_OBJECT;
}

static bool counting_get(const struct view *v, const char *key, size_t n, struct arena *arena,
                         struct view *out) {
  (void)arena;
  struct counting *c = (struct counting *)(uintptr_t)v->data;
  if (n == 5 && memcmp(key, "cheap", n) == 0) {
    c->cheap++;
    *out = view_text("c");
    return true;
  }
  if (n == 4 && memcmp(key, "dear", n) == 0) {
    c->dear++;
    *out = (struct view){.ops = &counting_list, .data = c};
    return true;
  }
  return false;
}

static const struct view_ops counting_ops = {.kind = kind_object, .get = counting_get};

static void views_are_lazy(void **state) {
  (void)state;
  static const struct {
    const char *text, *expected;
    struct counting asked;
  } cases[] = {
    {"nothing", "nothing", {0, 0, 0}},
    {"{{! {{dear}}", "", {0, 0, 0}},
    {"{{cheap}}", "c", {1, 0, 0}},
    {"{{#missing}}{{dear}}{{/missing}}", "", {0, 0, 0}},
    {"{{^cheap}}{{#dear}}{{.}}{{/dear}}{{/cheap}}", "", {1, 0, 0}},
    {"{{^dear}}x{{/dear}}", "", {0, 1, 0}},
    {"{{dear}}", "", {0, 1, 0}},
    {"{{#dear}}{{.}}{{/dear}}", "01234", {0, 1, 5}},
    {"{{#cheap}}{{#dear}}{{cheap}}{{/dear}}{{/cheap}}", "ccccc", {6, 1, 5}},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct fixture f;
    fixture_init(&f);
    struct counting c = {0, 0, 0};
    struct view root = {.ops = &counting_ops, .data = &c};
    assert_true(fixture_render(&f, cases[i].text, root, ESCAPE_HTML));
    assert_string_equal(f.out.text, cases[i].expected);
    assert_memory_equal(&c, &cases[i].asked, sizeof c);
    fixture_release(&f);
  }
}

/* ── Views as JSON ── */

static void print_json_scalars(void **state) {
  (void)state;
  const struct {
    struct view view;
    const char *expected;
  } cases[] = {
    {view_null(), "null"},
    {view_text(NULL), "null"},
    {view_bool(true), "true"},
    {view_bool(false), "false"},
    {view_int(0), "0"},
    {view_int(-1), "-1"},
    {view_int(4294967296), "4294967296"},
    {view_int(LLONG_MAX), "9223372036854775807"},
    {view_int(LLONG_MIN), "-9223372036854775808"},
    {view_text(""), "\"\""},
    {view_text("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
    {view_text("\n\t\r\b\f\x01\x1f\x7f"), "\"\\n\\t\\u000d\\u0008\\u000c\\u0001\\u001f\x7f\""},
    {view_text("é表😀"), "\"é表😀\""},
    {view_text("a\xff" "b\xc3"), "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\""},
    {view_text("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
    {view_text("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},                 /* overlong */
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct fixture f;
    fixture_init(&f);
    view_print_json(cases[i].view, &f.arena, &f.out);
    assert_string_equal(f.out.text, cases[i].expected);
    json_t *back = json_loads(f.out.text, JSON_DECODE_ANY, NULL);
    assert_non_null(back);
    json_decref(back);
    fixture_release(&f);
  }
}

static void print_json_layout(void **state) {
  (void)state;
  static const char text[] =
      "{\n"
      "  \"name\": \"users\",\n"
      "  \"none\": [],\n"
      "  \"nothing\": {},\n"
      "  \"a \\\"key\\\"\": [\n"
      "    1,\n"
      "    1.21,\n"
      "    null,\n"
      "    {\n"
      "      \"x\": [\n"
      "        []\n"
      "      ]\n"
      "    }\n"
      "  ],\n"
      "  \"on\": true\n"
      "}";
  struct fixture f;
  fixture_init(&f);
  json_t *json = json_loads(text, 0, NULL);
  assert_non_null(json);
  view_print_json(view_json(json), &f.arena, &f.out);
  assert_string_equal(f.out.text, text);
  json_decref(json);
  fixture_release(&f);
}

static void real_numbers(void **state) {
  (void)state;
  static const struct {
    double value;
    const char *expected;
  } cases[] = {
    {1.21, "1.21"}, {0.1, "0.1"}, {5.0, "5"}, {-0.5, "-0.5"}, {1e300, "1e+300"},
    {1.0 / 3.0, "0.3333333333333333"}, {0.1 + 0.2, "0.30000000000000004"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct fixture f;
    fixture_init(&f);
    json_t *json = json_real(cases[i].value);
    view_print_json(view_json(json), &f.arena, &f.out);
    assert_string_equal(f.out.text, cases[i].expected);
    json_decref(json);
    fixture_release(&f);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(spec_cases),
    cmocka_unit_test(own_cases),
    cmocka_unit_test(malformed),
    cmocka_unit_test(hints),
    cmocka_unit_test(sections_nest_to_256),
    cmocka_unit_test(partials_nest_to_64),
    cmocka_unit_test(endless_partial),
    cmocka_unit_test(broken_partial),
    cmocka_unit_test(no_partials),
    cmocka_unit_test(rendering_appends),
    cmocka_unit_test(nul_bytes_are_text),
    cmocka_unit_test(views_are_lazy),
    cmocka_unit_test(print_json_scalars),
    cmocka_unit_test(print_json_layout),
    cmocka_unit_test(real_numbers),
  };
  return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
