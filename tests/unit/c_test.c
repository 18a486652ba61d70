/* What C makes of a schema: identifiers, types, operations, names that collide, options that cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diff/diff.h"
#include "emit/c_model.h"
#include "sql/sql.h"

struct built {
  struct arena arena;
  struct diagnostics diagnostics;
  struct schema *schema;
  const struct c_model *m;
};

static void build(struct built *b, const char *text) {
  *b = (struct built){.arena = ARENA_INIT};
  diagnostics_init(&b->diagnostics, &b->arena);
  const struct source *source = source_new(&b->arena, "schema.pdl", text, strlen(text));
  b->schema = schema_compile(&b->arena, syntax_parse(&b->arena, source, &b->diagnostics), sql_cache_new(&b->arena), &b->diagnostics);
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&b->diagnostics, &out, false);
  if (b->diagnostics.errors)
    fail_msg("%s", out.text);
  strbuf_release(&out);
  diagnostics_init(&b->diagnostics, &b->arena);
  assert_non_null(b->schema->outputs);
  b->m = c_model(&b->arena, b->schema, b->schema->outputs, &b->diagnostics);
}

static const struct c_table *table(const struct built *b, const char *name) {
  struct c_table *const *v = b->m->tables.v;
  for (size_t i = 0; i < b->m->tables.n; i++)
    if (strcmp(v[i]->object->name, name) == 0)
      return v[i];
  return NULL;
}

static const struct c_by *by(const struct c_table *t, const char *columns) {
  const struct c_by *v = t->bys.v;
  for (size_t i = 0; i < t->bys.n; i++)
    if (strcmp(v[i].columns, columns) == 0)
      return &v[i];
  return NULL;
}

/* A page stands by itself where what is listed by the same columns is another. */
static const struct c_by *page(const struct c_table *t, const char *columns) {
  const struct c_by *v = t->bys.v;
  for (size_t i = 0; i < t->bys.n; i++)
    if (strcmp(v[i].columns, columns) == 0 && (v[i].page || v[i].why_not))
      return &v[i];
  return NULL;
}

static void check_said(const struct built *b, enum code code, const char *message) {
  for (const struct diagnostic *d = b->diagnostics.first; d; d = d->next)
    if (d->code == code && strstr(d->message, message))
      return;
  fail_msg("nothing says \"%s\"", message);
}

static void identifiers(void **state) {
  (void)state;
  static const struct {
    const char *name, *safe, *upper;
  } cases[] = {
      {"user_id", "user_id", "USER_ID"}, {"userId", "user_id", "USER_ID"}, {"class", "class_", "CLASS"},
      {"errno", "errno_", "ERRNO"},      {"unix", "unix_", "UNIX"},        {"int", "int_", "INT"},
      {"xor_eq", "xor_eq_", "XOR_EQ"},   {"alignas", "alignas_", "ALIGNAS"}, {"1st", "_1st", "_1ST"},
      {"", "_", "_"},                    {"größe", "grc3b6c39fe", "GRC3B6C39FE"}, {"éa", "c3a9a", "C3A9A"},
      {"*/ int x;", "int_x", "INT_X"},   {"a\"b\nc", "a_b_c", "A_B_C"},
  };
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    assert_string_equal(c_safe(&arena, cases[i].name, CASE_SNAKE), cases[i].safe);
    assert_string_equal(c_name(&arena, cases[i].name, CASE_UPPER), cases[i].upper);
  }
  arena_release(&arena);
}

static void types(void **state) {
  (void)state;
  static const char text[] = "target postgres 15\n"
                             "output { c \"c\" }\n"
                             "extension vector\n"
                             "enum mood { calm, busy }\n"
                             "domain price numeric(10,2)\n"
                             "domain tags text[]\n"
                             "type address { street text? }\n"
                             "domain home address\n"
                             "type floats as range (subtype = float8)\n"
                             "table t {\n"
                             "  a int?\n  b mood[]\n  c price\n  d tags?\n  e int[][]\n  f address\n  g vector(3)\n  h varchar(3)\n"
                             "  i tstzrange[]\n  j numeric(4,1)[]\n"
                             "  k int4multirange?\n  l address[]?\n  m home?\n  n floats?\n  o floats_multirange[]?\n}\n";
  static const struct {
    const char *column, *type, *codec, *read, *cast;
  } cases[] = {
      {"a", "pdl_opt_int4", "PDL_INT4", "", ""},
      {"b", "mood_array", "PDL_ENUM", "::text[]", "::public.mood[]"},
      {"c", "pdl_numeric", "PDL_NUMERIC", "::text", "::public.price"},
      {"d", "pdl_texts", "PDL_TEXT", "", ""},
      {"e", "pdl_text", "PDL_CAST", "::text", "::integer[]"},
      {"f", "address", "PDL_RECORD", "::text", "::public.address"},
      {"g", "pdl_float4s", "PDL_FLOAT4", "::real[]", "::vector"},
      {"h", "pdl_text", "PDL_VARCHAR", "", ""},
      {"i", "pdl_tstzranges", "PDL_RECORD", "::text[]", "::tstzrange[]"},
      {"j", "pdl_numerics", "PDL_NUMERIC", "::text[]", "::numeric[]"},
      {"k", "pdl_int4ranges", "PDL_RECORD", "::text", "::int4multirange"},
      {"l", "address_array", "PDL_RECORD", "::text[]", "::public.address[]"},
      {"m", "address_opt", "PDL_RECORD", "::text", "::public.home"},
      {"n", "pdl_opt_range", "PDL_RECORD", "::text", "::public.floats"},
      {"o", "pdl_texts", "PDL_CAST", "::text[]", "::public.floats_multirange[]"},
  };
  struct built b;
  build(&b, text);
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    const struct c_column *c = c_column_named(table(&b, "t"), cases[i].column);
    assert_string_equal(c->type, cases[i].type);
    assert_string_equal(c->codec, cases[i].codec);
    assert_string_equal(c->c.read, cases[i].read);
    assert_string_equal(c->c.cast, cases[i].cast);
  }
  arena_release(&b.arena);
}

/* What may be paged, by what, and why not; ids that follow references to where they come from. */
static void operations(void **state) {
  (void)state;
  static const char text[] = "target postgres 15\n"
                             "output { c \"c\" }\n"
                             "external table auth.users { id uuid pk }\n"
                             "table profiles { id -> auth.users  pk\n  nick text  unique\n}\n"
                             "table posts {\n  id bigint pk\n  author -> profiles  index\n  at timestamptz? index\n  n int index\n"
                             "  index (author, n)\n  index (n desc, id asc)\n  index (author, at)\n"
                             "  unique (author, n) deferrable\n"
                             "  t text\n  index (lower(t)) name posts_lower\n  index (t text_pattern_ops)\n"
                             "  index (t collate \"C\", n)\n  index t using hash name posts_hash\n"
                             "  index (n, t) where (n > 0) name posts_some\n}\n"
                             "table logs {\n  line text\n  by -> auth.users\n}\n";
  struct built b;
  build(&b, text);
  const struct c_table *posts = table(&b, "posts"), *profiles = table(&b, "profiles");
  assert_null(table(&b, "users"));
  /* a key's ids are its own where programs do not see what it refers to */
  assert_string_equal(c_column_named(profiles, "id")->type, "profiles_id");
  assert_string_equal(c_column_named(posts, "author")->type, "profiles_id");
  assert_string_equal(c_column_named(table(&b, "logs"), "by")->type, "auth_users_id");
  assert_non_null(profiles->get_many);
  assert_null(by(profiles, "id"));
  assert_string_equal(page(posts, "author")->page, "posts_page_by_author");
  assert_string_equal(page(posts, "author")->after, "posts_id");
  assert_string_equal(page(posts, "n")->page, "posts_page_by_n");
  assert_null(page(posts, "n")->after);
  assert_null(page(posts, "at")->page);
  assert_non_null(strstr(page(posts, "at")->why_not, "may be null"));
  assert_non_null(strstr(page(posts, "n_id")->why_not, "both up and down"));
  assert_non_null(strstr(page(posts, "t")->why_not, "operator class"));
  assert_non_null(strstr(page(posts, "t_n")->why_not, "collation"));
  assert_non_null(strstr(page(posts, "posts_lower")->why_not, "expression"));
  assert_non_null(strstr(page(posts, "posts_hash")->why_not, "no order"));
  assert_non_null(strstr(page(posts, "posts_some")->why_not, "some of the rows"));
  assert_non_null(by(posts, "t")->list);
  assert_null(by(posts, "author_n")->upsert); /* a deferrable key is no arbiter */
  assert_string_equal(by(profiles, "nick")->upsert, "profiles_upsert_by_nick");
  assert_int_equal(posts->references.n, 1);
  assert_string_equal(((const struct c_by *)posts->references.v)->follow, "posts_author");
  assert_null(table(&b, "logs")->get);
  assert_string_equal(table(&b, "logs")->insert, "logs_insert");
  arena_release(&b.arena);
}

static void collisions(void **state) {
  (void)state;
  struct built b;
  build(&b, "target postgres 15\noutput { c \"c\" }\n"
            "table roles { id int pk\n  users_id int }\n"
            "table roles_users { id int pk }\n"
            "table roles_get { id int pk\n  \"userId\" int\n  user_id int }\n"
            "enum mood { calm }\nenum \"Mood\" { calm }\n");
  check_said(&b, PDL_C_NAME, "mask of column \"roles_users.id\" is \"ROLES_USERS_COLUMN_ID\"");
  check_said(&b, PDL_C_NAME, "column \"roles_get.user_id\" is \"user_id_2\"");
  check_said(&b, PDL_C_NAME, "is \"MOOD_UNKNOWN_2\"");
  assert_string_equal(((const struct c_enum *)b.m->enums.v)[1].unknown, "MOOD_UNKNOWN_2");
  check_said(&b, PDL_C_NAME, "a function of \"roles\" is \"roles_get_2\"");
  arena_release(&b.arena);
}

static void options(void **state) {
  (void)state;
  struct built b;
  build(&b, "target postgres 15\noutput { c \"c\" prefix \"1x\" tables \"userz\" schemas \"app\" }\ntable users { id int pk }\n");
  check_said(&b, PDL_C_OPTION, "prefix \"1x\"");
  check_said(&b, PDL_C_OPTION, "no table \"userz\"");
  check_said(&b, PDL_C_OPTION, "no schema \"app\"");
  arena_release(&b.arena);
  build(&b, "target postgres 15\noutput { c \"c\" prefix \"app\" tables \"a\" readonly \"yes\" }\n"
            "table a { id int pk\n  b_id -> b }\ntable b { id int pk }\n");
  assert_null(table(&b, "b"));
  assert_null(table(&b, "a")->insert);
  assert_string_equal(table(&b, "a")->get, "app_a_get");
  assert_string_equal(c_column_named(table(&b, "a"), "b_id")->type, "app_b_id");
  assert_int_equal(table(&b, "a")->references.n, 0);
  assert_int_equal(b.diagnostics.errors, 0);
  arena_release(&b.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(identifiers), cmocka_unit_test(types),   cmocka_unit_test(operations),
      cmocka_unit_test(collisions),  cmocka_unit_test(options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
