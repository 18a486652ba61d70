/* Names, literals and types of Swift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emit/swift.h"

static void identifiers(void **state) {
  (void)state;
  static const struct {
    const char *name, *given, *type, *member, *plain;
  } cases[] = {
      {"user_id", NULL, "UserID", "userID", "userId"},
      {"userId", NULL, "UserID", "userID", "userId"},
      {"user_ids", NULL, "UserIDs", "userIDs", "userIds"},
      {"id", NULL, "ID", "id", "id"},
      {"url_path", NULL, "URLPath", "urlPath", "urlPath"},
      {"HTTPServer", NULL, "HTTPServer", "httpServer", "httpServer"},
      {"in-progress", NULL, "InProgress", "inProgress", "inProgress"},
      {"IN_PROGRESS", NULL, "InProgress", "inProgress", "inProgress"},
      {"1st", NULL, "_1st", "_1st", "_1st"},
      {"", NULL, "Unnamed", "unnamed", "unnamed"},
      {"\"\\( )", NULL, "Unnamed", "unnamed", "unnamed"},
      {"größe", NULL, "Größe", "größe", "größe"},
      {"🍎_pie", NULL, "🍎Pie", "🍎Pie", "🍎Pie"},
      {"✅done", NULL, "Done", "done", "done"},
      {"a\xe2\x80\xae" "b", NULL, "AB", "aB", "aB"},
      {"a\xc3\x97" "b", NULL, "AB", "aB", "aB"},
      {"x", "URLRow", "URLRow", "urlRow", "urlRow"},
      {"x", "userId", "UserID", "userId", "userId"},
      {"x", "some_name", "SomeName", "someName", "someName"},
  };
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    assert_string_equal(swift_case(&arena, cases[i].name, cases[i].given, SWIFT_TYPE, true), cases[i].type);
    assert_string_equal(swift_case(&arena, cases[i].name, cases[i].given, SWIFT_MEMBER, true), cases[i].member);
    assert_string_equal(swift_case(&arena, cases[i].name, cases[i].given, SWIFT_MEMBER, false), cases[i].plain);
  }
  assert_string_equal(swift_escape(&arena, "class"), "`class`");
  assert_string_equal(swift_escape(&arena, "Any"), "`Any`");
  assert_string_equal(swift_escape(&arena, "yield"), "`yield`");
  assert_string_equal(swift_escape(&arena, "classes"), "classes");
  assert_true(swift_is_identifier("DB"));
  assert_false(swift_is_identifier("1DB"));
  assert_false(swift_is_identifier("_"));
  assert_false(swift_is_identifier("a b"));
  arena_release(&arena);
}

static void literals(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  assert_string_equal(swift_string(&arena, "a\"b\\(c)"), "\"a\\\"b\\\\(c)\"");
  assert_string_equal(swift_string(&arena, "\n\x7f"), "\"\\u{A}\\u{7F}\"");
  assert_string_equal(swift_string(&arena, "\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf"), "\"\\u{202E}\\u{2028}\\u{FEFF}\"");
  assert_string_equal(swift_string(&arena, "größe 🍎"), "\"größe 🍎\"");
  arena_release(&arena);
}

static void singulars(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"users", "user"},           {"stories", "story"},     {"movies", "movie"},     {"addresses", "address"}, {"boxes", "box"},
      {"matches", "match"},        {"caches", "cache"},      {"houses", "house"},     {"statuses", "status"},   {"status", "status"},
      {"people", "person"},        {"news", "news"},         {"series", "series"},    {"analysis", "analysis"}, {"heroes", "hero"},
      {"user_profiles", "user_profile"}, {"userProfiles", "userProfile"}, {"UserPeople", "UserPerson"}, {"gps", "gps"}, {"DNS", "DNS"},
      {"data", "data"},            {"ties", "tie"},          {"intention_cares", "intention_care"}, {"", ""},   {"s", "s"},
  };
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_string_equal(singular(&arena, cases[i][0]), cases[i][1]);
  arena_release(&arena);
}

static void types(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  struct numbers names;
  numbers_init(&names, &arena);
  const struct swift_options options = {.int8 = "Int64"};
  struct type_ref stamps = {.name = "timestamptz", .dimensions = 2};
  struct swift_type t = swift_type_of(&stamps, &options, &names);
  assert_string_equal(swift_type_name(&arena, &t, false, true), "[[Date?]]?");
  assert_string_equal(swift_type_name(&arena, &t, true, false), "[[Timestamp?]]");
  assert_string_equal(swift_unwrap(&arena, &t, true), "?.map { $0.map { $0?.value } }");
  assert_string_equal(swift_wrap(&arena, &t, false, "x"), "x.map { $0.map { $0.map { Timestamp($0) } } }");
  t.null_elements = false;
  assert_string_equal(swift_wrap(&arena, &t, true, "x"), "x?.map { $0.map { Timestamp($0) } }");
  struct type_ref big = {.name = "int8"}, other = {.name = "ltree"}, ours = {.schema = "app", .name = "date"};
  t = swift_type_of(&big, &options, &names);
  assert_string_equal(swift_type_name(&arena, &t, true, true), "Int64?");
  t = swift_type_of(&other, &options, &names);
  assert_string_equal(t.base, "String");
  t = swift_type_of(&ours, &options, &names);
  assert_string_equal(t.base, "String");
  arena_release(&arena);
}

/* ── what is said ── */

static size_t build(struct arena *arena, const char *text, struct diagnostics *said) {
  struct diagnostics d;
  diagnostics_init(&d, arena);
  const struct source *source = source_new(arena, "schema.pdl", text, strlen(text));
  struct schema *schema = schema_compile(arena, syntax_parse(arena, source, &d), sql_cache_new(arena), &d);
  assert_int_equal(d.errors, 0);
  assert_non_null(schema->outputs);
  diagnostics_init(said, arena);
  assert_non_null(swift_model(arena, schema, schema->outputs, said));
  return said->errors + said->warnings;
}

static void new_names_are_said(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  struct diagnostics said;
  assert_int_equal(build(&arena,
                         "output { swift \"s\" }\n"
                         "table dates {\n  id int pk\n  user_id int\n  \"userId\" int\n  hash_value int\n}\n"
                         "enum status { a, 'A', b as bee }\n",
                         &said),
                   4);
  const struct diagnostic *d = said.first;
  const struct {
    unsigned line, column;
  } places[] = {{2, 7}, {5, 3}, {6, 3}, {8, 18}};
  for (size_t i = 0; i < ARRAY_LEN(places); i++, d = d->next) {
    assert_int_equal(d->code, PDL_SWIFT_RENAMED);
    assert_int_equal(span_place(d->span).line, places[i].line);
    assert_int_equal(span_place(d->span).column, places[i].column);
  }
  assert_string_equal(said.first->message, "table \"dates\" is called \"DateRow\" in Swift, since \"Date\" is taken");
  assert_int_equal(build(&arena, "output { swift \"s\" }\ntable dates as Day {\n  id int pk\n}\n", &said), 0);
  arena_release(&arena);
}

static void a_namespace_is_an_identifier(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  struct diagnostics said;
  static const char *const refused[] = {"class", "a b", "1", "", "x\\n"};
  for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
    assert_int_equal(build(&arena, arena_printf(&arena, "output { swift \"s\" namespace \"%s\" }\n", refused[i]), &said), 1);
    assert_int_equal(said.first->code, PDL_SWIFT_NAMESPACE);
  }
  assert_int_equal(build(&arena, "output { swift \"s\" namespace \"App\" }\n", &said), 0);
  arena_release(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(identifiers), cmocka_unit_test(literals), cmocka_unit_test(singulars),
      cmocka_unit_test(types), cmocka_unit_test(new_names_are_said), cmocka_unit_test(a_namespace_is_an_identifier),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
