#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pg_query.h>

#include "sql/private.h"
#include "sql/sql.h"

/* Each test has an arena and a cache of its own. */
struct fixture {
  struct arena arena;
  struct sql_cache *cache;
};

static int set_up(void **state) {
  struct fixture *f = xmalloc(sizeof *f);
  *f = (struct fixture){.arena = ARENA_INIT};
  f->cache = sql_cache_new(&f->arena);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  arena_release(&f->arena);
  free(f);
  return 0;
}

/* ── quoting ────────────────────────────────────────────────────────────────── */

static void assert_quoted(void (*quote)(struct strbuf *, const char *), const char *in, const char *out) {
  struct strbuf buf = STRBUF_INIT;
  quote(&buf, in);
  assert_string_equal(buf.text, out);
  strbuf_release(&buf);
}

static void identifiers(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"users", "users"},
      {"_x9", "_x9"},
      {"a$b", "\"a$b\""},
      {"9a", "\"9a\""},
      {"Users", "\"Users\""},
      {"", "\"\""},
      {"a b", "\"a b\""},
      {"a\"b", "\"a\"\"b\""},
      {"\"", "\"\"\"\""},
      {"naïve", "\"naïve\""},
      {"select", "\"select\""},
      {"user", "\"user\""},
      {"left", "\"left\""},
      {"int", "\"int\""},
      {"system_user", "\"system_user\""},
      {"json_table", "\"json_table\""},
      {"merge_action", "\"merge_action\""},
      {"name", "name"},
      {"type", "type"},
      {"json_x", "json_x"},
      {"zone", "zone"},
      {"selec", "selec"},
      {"all", "\"all\""},
      {"xmltable", "\"xmltable\""},
      {"xmltables", "xmltables"},
      {"a.b", "\"a.b\""},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_quoted(sql_ident, cases[i][0], cases[i][1]);
}

static void qualified_names(void **state) {
  (void)state;
  struct strbuf buf = STRBUF_INIT;
  sql_qualified(&buf, NULL, "order");
  strbuf_addc(&buf, ' ');
  sql_qualified(&buf, "app", "users");
  strbuf_addc(&buf, ' ');
  sql_qualified(&buf, "My App", "user");
  assert_string_equal(buf.text, "\"order\" app.users \"My App\".\"user\"");
  strbuf_release(&buf);
}

static void literals(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", "''"},
      {"a", "'a'"},
      {"it's", "'it''s'"},
      {"''", "''''''"},
      {"a\\b", "E'a\\\\b'"},
      {"\\'", "E'\\\\'''"},
      {"line\nbreak", "'line\nbreak'"},
      {"é", "'é'"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_quoted(sql_literal, cases[i][0], cases[i][1]);
}

static void dollar_quotes(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", "$pdl$$pdl$"},
      {"select $$x$$", "$pdl$select $$x$$$pdl$"},
      {"a $pdl$ b", "$pdl1$a $pdl$ b$pdl1$"},
      {"ends in $pdl", "$pdl1$ends in $pdl$pdl1$"},
      {"$pdl $pdl1$ $pdl2", "$pdl3$$pdl $pdl1$ $pdl2$pdl3$"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_quoted(sql_dollar, cases[i][0], cases[i][1]);
}

static void comments(void **state) {
  (void)state;
  assert_quoted(sql_comment, "a\nb\r\nc\td\x01\x7f", "a b  c d  ");
  assert_quoted(sql_comment, "é \xE2\x80\xA8 \xC2\x85", "é \xE2\x80\xA8 \xC2\x85");
}

/* What quoting writes, Postgres' own parser reads back. */
static void quoting_survives_the_parser(void **state) {
  struct fixture *f = *state;
  static const char *const texts[] = {"",   "'",  "\\", "\\'",  "a''b\\\\", "\"", "$pdl$", "ends $pdl", "$",
                                      "$$", "--", "/*", "a\nb", "é€😀",      ";",  "E'x'",  "\\u0041"};
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    void (*const quotes[])(struct strbuf *, const char *) = {sql_literal, sql_dollar};
    for (size_t k = 0; k < ARRAY_LEN(quotes); k++) {
      struct strbuf buf = STRBUF_INIT;
      quotes[k](&buf, texts[i]);
      struct sql_expr e = {.text = buf.text};
      struct sql_error err = {0};
      assert_true(sql_read_expr(&f->arena, &e, &err));
      assert_int_equal(e.literal, SQL_STRING);
      assert_string_equal(e.literal_text, texts[i]);
      strbuf_release(&buf);
    }
  }
}

/* The keyword of token i of this parser; PG_QUERY__KEYWORD_KIND__NO_KEYWORD where it is none. */
static PgQuery__KeywordKind keyword_at(unsigned i, char word[64]) {
  const char *name = pg_query__token__descriptor.values[i].name;
  size_t n = strlen(name);
  PgQuery__KeywordKind kind = PG_QUERY__KEYWORD_KIND__NO_KEYWORD;
  if (n > 2 && strcmp(name + n - 2, "_P") == 0)
    n -= 2;
  assert_true(n < 64);
  for (size_t k = 0; k < n; k++)
    word[k] = (char)(name[k] >= 'A' && name[k] <= 'Z' ? name[k] + 32 : name[k]);
  word[n] = '\0';
  PgQueryScanResult scanned = pg_query_scan(word);
  if (!scanned.error) {
    PgQuery__ScanResult *s =
        pg_query__scan_result__unpack(NULL, scanned.pbuf.len, (const uint8_t *)scanned.pbuf.data);
    assert_non_null(s);
    if (s->n_tokens == 1)
      kind = s->tokens[0]->keyword_kind;
    pg_query__scan_result__free_unpacked(s, NULL);
  }
  pg_query_free_scan_result(scanned);
  return kind;
}

/* Each keyword of note in this parser is quoted, no other is; and the list is in order,
 * or the search would miss some. */
static void keywords(void **state) {
  (void)state;
  size_t quoted = 0;
  for (unsigned i = 0; i < pg_query__token__descriptor.n_values; i++) {
    char word[64];
    const PgQuery__KeywordKind kind = keyword_at(i, word);
    const bool needs = kind > PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD;
    if (needs && !sql_is_keyword(word))
      fail_msg("%s is a keyword", word);
    if (kind == PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD && sql_is_keyword(word) &&
        strncmp(word, "json", 4) != 0) /* some were of another category in other versions */
      fail_msg("%s needs no quotes", word);
    quoted += needs;
  }
  assert_true(quoted >= 140);
  static const char *const newer[] = {
      "json",        "json_array",  "json_arrayagg",  "json_exists", "json_object", "json_objectagg",
      "json_query",  "json_scalar", "json_serialize", "json_table",  "json_value",  "merge_action",
      "system_user", "all",         "xmltable"};
  for (size_t i = 0; i < ARRAY_LEN(newer); i++)
    assert_true(sql_is_keyword(newer[i]));
  assert_false(sql_is_keyword(""));
  assert_false(sql_is_keyword("zzz"));
  assert_false(sql_is_keyword("aaa"));
}

/* ── tokens ─────────────────────────────────────────────────────────────────── */

/* Our tokens begin and end where those of Postgres' scanner do. */
static void tokens_are_those_of_postgres(void **state) {
  (void)state;
  static const char *const texts[] = {
      "select a, b.c from \"t\"\"x\" where x >= 1.5e-3 and y is not null;",
      "'a''b' E'a\\'b' 'a\\' U&'x' b'101' x'1f' $1 $2",
      "E'a'\n'b\\'c' 'a' -- comment\n 'b' 'c'",
      "$$a$$ $t$ $$ 'x' $t$ a$b$c $_1$ ' $_1$",
      "/* a /* b */ c */ 1 -- end",
      "a->>'x' a=-1 a<-1 a*-1 a@-b a||-b a<=-- x\n1 a+/* c */b a!=-1",
      "x::int[] a[1:2] f(a => 1, b := 2) t.* 1..2 .5 5. 1.e5 1e5 1e 1e+ 1",
      "é \"é\" 'é' nä$x",
      "[1,2] (;) <> != <<| &&",
      "U&\"d\\0061t\" e'x' N'y' e1 u u& x x1'",
      "1e'\\''",
  };
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    const char *text = texts[i];
    PgQueryScanResult scanned = pg_query_scan(text);
    if (scanned.error) { /* unterminated: the scanner gives none */
      pg_query_free_scan_result(scanned);
      continue;
    }
    PgQuery__ScanResult *s =
        pg_query__scan_result__unpack(NULL, scanned.pbuf.len, (const uint8_t *)scanned.pbuf.data);
    struct sql_token token = {0};
    for (size_t k = 0; k < s->n_tokens; k++) {
      const PgQuery__ScanToken *theirs = s->tokens[k];
      if (theirs->token == PG_QUERY__TOKEN__SQL_COMMENT || theirs->token == PG_QUERY__TOKEN__C_COMMENT)
        continue;
      if (theirs->token == PG_QUERY__TOKEN__NCHAR && text[theirs->start + 1] == '\'')
        continue; /* N'y' is one of ours */
      assert_true(sql_token_next(text, strlen(text), &token));
      if (text[token.from] != 'N')
        assert_int_equal(token.from, theirs->start);
      /* of U&… their scanner gives the start alone */
      if (theirs->end > theirs->start && token.to != (uint32_t)theirs->end)
        fail_msg("\"%s\": token at %u ends at %u, not %d", text, token.from, token.to, theirs->end);
    }
    assert_false(sql_token_next(text, strlen(text), &token));
    pg_query__scan_result__free_unpacked(s, NULL);
    pg_query_free_scan_result(scanned);
  }
}

static void unterminated_tokens_run_to_the_end(void **state) {
  (void)state;
  static const char *const texts[] = {"'abc",         "E'abc\\", "\"abc", "$$abc",  "$t$abc$$",
                                      "/* a /* b */", "U&'x",    "e'",    "''''' x"};
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    struct sql_token token = {0};
    const size_t len = strlen(texts[i]);
    while (sql_token_next(texts[i], len, &token))
      assert_true(token.from < token.to);
    assert_int_equal(token.to, len);
  }
}

/* ── expressions ────────────────────────────────────────────────────────────── */

static const char *show_refs(struct arena *a, const struct sql_ref *refs, size_t count) {
  static const char *const kinds[] = {"column",   "function",  "type", "relation",
                                      "sequence", "collation", "star"};
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < count; i++)
    strbuf_addf(&out, "%s%s %s%s%s@%u", i ? ", " : "", kinds[refs[i].kind],
                refs[i].schema ? refs[i].schema : "", refs[i].schema ? "." : "", refs[i].name,
                (unsigned)refs[i].at);
  const char *text = strbuf_dup(&out, a);
  strbuf_release(&out);
  return text;
}

static void refs_of_expressions(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text, *refs;
  } cases[] = {
      {"1", ""},
      {"price > 0", "column price@0"},
      {"t.price > \"Max\"", "column t.price@0, column Max@10"},
      {"app.t.price", "column t.price@0"},
      {"lower(email) = app.fold(t.x)",
       "function lower@0, column email@6, function app.fold@15, column t.x@24"},
      {"a at time zone 'utc'", "column a@0"},
      {"a like b escape 'c'", "column a@0, column b@7"},
      {"extract(year from a)", "column a@18"},
      {"a is distinct from overlay(b placing c from 1)", "column a@0, column b@27, column c@37"},
      {"x::int + y::double precision", "column x@0, column y@9"},
      {"x::mood", "column x@0, type mood@3"},
      {"x::app.mood[]", "column x@0, type app.mood@3"},
      {"cast(x as \"Mood\")", "column x@5, type Mood@10"},
      {"date '2020-01-01'", "type date@0"},
      {"interval '1 day'", ""},
      {"pg_catalog.now()", "function pg_catalog.now@0"},
      {"nextval('order_no')", "function nextval@0, sequence order_no@8"},
      {"nextval('app.\"Order No\"'::regclass)",
       "function nextval@0, sequence app.Order No@8, type regclass@26"},
      {"'Seq'::regclass", "sequence seq@0, type regclass@7"},
      {"E'a'::pg_catalog.regclass", "sequence a@1, type pg_catalog.regclass@6"},
      {"setval( 's' , 5)", "function setval@0, sequence s@8"},
      {"currval($$s$$)", "function currval@0, sequence s@8"},
      {"pg_catalog.nextval('s')", "function pg_catalog.nextval@0, sequence s@19"},
      {"app.nextval('s')", "function app.nextval@0"},
      {"'16384'::regclass", "type regclass@9"},
      {"lastval()", "function lastval@0"},
      {"a collate \"C\" < b collate app.x", "column a@0, collation C@10, column b@16, collation app.x@26"},
      {"exists (select 1 from members m where m.id = x)", "relation members@22, column m.id@38, column x@45"},
      {"(select t.* from app.t)", "star t.*@8, relation app.t@17"},
      {"(select count(*) from t)", "function count@8, relation t@22"},
      {"(with c as (select * from t) select * from c, d)",
       "star *@19, relation t@26, star *@36, relation d@46"},
      {"(with t as (select * from t) select * from t)", "star *@19, relation t@26, star *@36"},
      {"(with recursive t as (select 1 from t) select 1 from t, app.t)", "relation app.t@56"},
      {"(with a as (select 1), b as (select 1 from a, b) select 1 from (select 1 from b) x)",
       "relation b@46"},
      {"(select 1 from c where exists (with c as (select 1) select 1 from c))", "relation c@15"},
      {"case when a then b.c else f(d) end", "column a@10, column b.c@17, function f@26, column d@28"},
      {"'é' || naïve || \"é€😀\".x", "column naïve@8, column é€😀.x@18"},
      {"U&\"d\\0061t\"", "column dat@0"},
      {"sum(x) filter (where y) over (partition by z order by w)",
       "function sum@0, column x@4, column y@21, column z@43, column w@54"},
      {"row(a, b).c", NULL},
      {"(a).b", "column a@1"},
      {"array(select x from generate_series(1, n) x)",
       "column x@13, function generate_series@20, column n@39"},
      {"coalesce(a, nullif(b, c))", "column a@9, column b@19, column c@22"},
      {" \n a -- b\n", "column a@3"},
      {"a[i:j]", "column a@0, column i@2, column j@4"},
      {"numeric(10, 2) '5'", ""},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_error err;
    const struct sql_expr *e = sql_parse_expr(f->cache, cases[i].text, &err);
    if (!cases[i].refs) {
      assert_null(e);
      continue;
    }
    if (!e)
      fail_msg("%s: %s at %u", cases[i].text, err.message, err.at);
    assert_int_equal(err.why, SQL_OK);
    assert_string_equal(show_refs(&f->arena, e->refs, e->ref_count), cases[i].refs);
    assert_string_equal(e->text, cases[i].text);
  }
}

static void literals_are_told(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    enum sql_literal_kind kind;
    const char *value;
  } cases[] = {
      {"0", SQL_INTEGER, "0"},
      {"-1", SQL_INTEGER, "-1"},
      {"+1", SQL_INTEGER, "1"},
      {"(-1)", SQL_INTEGER, "-1"},
      {"- 1", SQL_INTEGER, "-1"},
      {"007", SQL_INTEGER, "7"},
      {"-0", SQL_INTEGER, "0"},
      {"2147483647", SQL_INTEGER, "2147483647"},
      {"-2147483648", SQL_INTEGER, "-2147483648"},
      {"9223372036854775807", SQL_INTEGER, "9223372036854775807"},
      {"1.50", SQL_FLOAT, "1.50"},
      {"-0.5", SQL_FLOAT, "-0.5"},
      {"+2.5", SQL_FLOAT, "2.5"},
      {"1e5", SQL_FLOAT, "1e5"},
      {".5", SQL_FLOAT, ".5"},
      {"'x'", SQL_STRING, "x"},
      {"''", SQL_STRING, ""},
      {"'it''s'", SQL_STRING, "it's"},
      {"'a\\b'", SQL_STRING, "a\\b"},
      {"E'a\\nb'", SQL_STRING, "a\nb"},
      {"$$a$$", SQL_STRING, "a"},
      {"'a'\n'b'", SQL_STRING, "ab"},
      {"+'x'", SQL_NOT_LITERAL, NULL},
      {"true", SQL_BOOL, "true"},
      {"FALSE", SQL_BOOL, "false"},
      {"null", SQL_NULL, NULL},
      {"B'101'", SQL_BIT, "b101"},
      {"'5'::int", SQL_NOT_LITERAL, NULL},
      {"1 + 1", SQL_NOT_LITERAL, NULL},
      {"now()", SQL_NOT_LITERAL, NULL},
      {"x", SQL_NOT_LITERAL, NULL},
      {"current_timestamp", SQL_NOT_LITERAL, NULL},
      {"+x", SQL_NOT_LITERAL, NULL},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_error err;
    const struct sql_expr *e = sql_parse_expr(f->cache, cases[i].text, &err);
    if (!e)
      fail_msg("%s: %s", cases[i].text, err.message);
    if (e->literal != cases[i].kind)
      fail_msg("%s is of kind %d", cases[i].text, (int)e->literal);
    if (cases[i].value)
      assert_string_equal(e->literal_text, cases[i].value);
    else
      assert_null(e->literal_text);
  }
}

static void traits_are_told(void **state) {
  struct fixture *f = *state;
  enum { SUBSELECT = 1, AGGREGATE = 2, WINDOW = 4, SET = 8 };
  static const struct {
    const char *text;
    unsigned traits;
  } cases[] = {
      {"a + b", 0},
      {"(select 1)", SUBSELECT},
      {"x in (select 1)", SUBSELECT},
      {"exists (select 1)", SUBSELECT},
      {"array(select 1)", SUBSELECT},
      {"count(*)", AGGREGATE},
      {"sum(x)", AGGREGATE},
      {"app.sum(x)", 0},
      {"app.mine(distinct x)", AGGREGATE},
      {"pg_catalog.max(x)", AGGREGATE},
      {"count()", AGGREGATE},
      {"percentile_cont(0.5) within group (order by x)", AGGREGATE},
      {"mine(x) filter (where y)", AGGREGATE},
      {"sum(x) over ()", WINDOW},
      {"row_number() over w", WINDOW},
      {"1 + unnest(x)", SET},
      {"unnest()", SET},
      {"(select max(x) from t) > 3", SUBSELECT},
      {"max(x) > (select 3)", SUBSELECT | AGGREGATE},
      {"(select generate_series(1, 2) limit 1)", SUBSELECT},
      {"grouping(x)", AGGREGATE},
      {"regexp_matches(x, y)", SET},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_error err;
    const struct sql_expr *e = sql_parse_expr(f->cache, cases[i].text, &err);
    if (!e)
      fail_msg("%s: %s", cases[i].text, err.message);
    const unsigned traits = (e->has_subselect ? SUBSELECT : 0u) | (e->has_aggregate ? AGGREGATE : 0u) |
                            (e->has_window ? WINDOW : 0u) | (e->has_set_returning ? SET : 0u);
    if (traits != cases[i].traits)
      fail_msg("%s: traits %u, not %u", cases[i].text, traits, cases[i].traits);
  }
}

static void assert_refused(const struct sql_error *err, const char *text, int why, const char *message,
                           uint32_t at) {
  if ((int)err->why != why || strcmp(err->message, message) != 0 || err->at != at)
    fail_msg("\"%s\": %d \"%s\" at %u, not %d \"%s\" at %u", text, (int)err->why, err->message, err->at, why,
             message, at);
}

static void what_is_no_expression_is_refused(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    int why;
    const char *message;
    uint32_t at;
  } cases[] = {
      {"", SQL_SYNTAX, "syntax error at end of input", 0},
      {"  -- nothing", SQL_SYNTAX, "syntax error at end of input", 12},
      {"a +", SQL_SYNTAX, "syntax error at end of input", 3},
      {"(a", SQL_SYNTAX, "syntax error at end of input", 2},
      {"a )", SQL_SYNTAX, "syntax error at or near \")\"", 2},
      {"'é€😀' + )", SQL_SYNTAX, "syntax error at or near \")\"", 14},
      {"1, 2", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"f(a, b), 2", SQL_WRONG_KIND, "not exactly one expression", 7},
      {"1) , (2", SQL_SYNTAX, "syntax error at or near \")\"", 1},
      {"1) from x where (true", SQL_SYNTAX, "syntax error at or near \")\"", 1},
      {"1) + (2", SQL_SYNTAX, "syntax error at or near \")\"", 1},
      {"1; drop table x", SQL_SYNTAX, "syntax error at or near \";\"", 1},
      {"1]; drop table x; select array[1", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1] , array[2", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1] || array[2", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1] from x where a = array[1", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1] order by array[1", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1] union select array[2", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1] from array[1", SQL_SYNTAX, "syntax error at or near \"array\"", 8},
      {"1]::int[1", SQL_WRONG_KIND, "not exactly one expression", 1},
      {"1][2", SQL_SYNTAX, "syntax error at or near \"[\"", 2},
      {"1] as x", SQL_SYNTAX, "syntax error at end of input", 7},
      {"[1]", SQL_WRONG_KIND, "not exactly one expression", 0},
      {"[1], [2]", SQL_WRONG_KIND, "not exactly one expression", 3},
      {"select 1", SQL_SYNTAX, "syntax error at or near \"select\"", 0},
      {"1 as x", SQL_SYNTAX, "syntax error at or near \"as\"", 2},
      {"a b", SQL_SYNTAX, "syntax error at or near \"b\"", 2},
      {"default", SQL_WRONG_KIND, "not exactly one expression", 0},
      {"*", SQL_SYNTAX, "syntax error at or near \"*\"", 0},
      {"'abc", SQL_SYNTAX, "unterminated quoted string at or near \"'abc\"", 0},
      {"a || 'x", SQL_SYNTAX, "unterminated quoted string at or near \"'x\"", 5},
      {"\"abc", SQL_SYNTAX, "unterminated quoted identifier at or near \"\"abc\"", 0},
      {"$$abc", SQL_SYNTAX, "unterminated dollar-quoted string at or near \"$$abc\"", 0},
      {"1 /* x", SQL_SYNTAX, "unterminated /* comment at or near \"/* x\"", 2},
      {"1 */", SQL_SYNTAX, "syntax error at end of input", 4},
      {"\"\"", SQL_SYNTAX, "zero-length delimited identifier at or near \"\"\"\"", 0},
      {"1a", SQL_SYNTAX, "trailing junk after numeric literal at or near \"1a\"", 0},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_error err = {0};
    for (int again = 0; again < 2; again++) { /* the second time from the cache */
      if (sql_parse_expr(f->cache, cases[i].text, &err))
        fail_msg("\"%s\" was taken", cases[i].text);
      assert_refused(&err, cases[i].text, cases[i].why, cases[i].message, cases[i].at);
    }
  }
}

static void comments_end_with_the_text(void **state) {
  struct fixture *f = *state;
  struct sql_error err;
  assert_non_null(sql_parse_expr(f->cache, "a > 1 -- positive", &err));
  assert_non_null(sql_parse_expr(f->cache, "/* x */ a -- ) ]", &err));
}

static void texts_are_parsed_once(void **state) {
  struct fixture *f = *state;
  struct sql_error err;
  char text[] = "a + b";
  const struct sql_expr *first = sql_parse_expr(f->cache, text, &err);
  assert_ptr_equal(first, sql_parse_expr(f->cache, "a + b", &err));
  text[0] = 'x';
  assert_string_equal(first->text, "a + b");
  assert_ptr_not_equal(first, sql_parse_expr(f->cache, text, &err));
  struct sql_index_keys keys; /* the same text in another place is another matter */
  assert_false(sql_parse_index_keys(f->cache, "a + b", &keys, &err));
  assert_ptr_equal(first, sql_parse_expr(f->cache, "a + b", &err));
}

/* Most functions of a schema have the clauses of others. */
static void clauses_are_parsed_once(void **state) {
  struct fixture *f = *state;
  struct sql_error err;
  struct sql_routine first, again;
  static const char arguments[] = "a int, out b text", clauses[] = "returns int language sql";
  assert_true(sql_parse_arguments(f->cache, arguments, false, &first, &err));
  assert_true(sql_parse_arguments(f->cache, arguments, false, &again, &err));
  assert_ptr_equal(first.parameters, again.parameters);
  assert_int_equal(again.input_count, 1);
  assert_true(sql_parse_arguments(f->cache, arguments, true, &again, &err));
  assert_ptr_not_equal(first.parameters, again.parameters);
  assert_true(sql_parse_routine(f->cache, clauses, false, false, &first, &err));
  for (int i = 0; i < 2; i++) {
    assert_true(sql_parse_routine(f->cache, clauses, false, false, &again, &err));
    assert_ptr_equal(first.returns, again.returns);
    assert_false(sql_parse_routine(f->cache, "returns )", false, false, &again, &err));
    assert_int_equal(err.why, SQL_SYNTAX);
    assert_int_equal(err.at, 8);
  }
}

/* Whatever the short cut takes, libpg_query reads the same way. */
static void short_cuts_agree(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    bool fast;
  } cases[] = {
      {"'x'", true},
      {"''", true},
      {"'it''s'", true},
      {"'a\\b'", true},
      {" 'x' ", true},
      {"'x' -- y", true},
      {"'a'\n'b'", false},
      {"'x", false},
      {"E'x'", false},
      {"'''", false},
      {"''''", true},
      {"'a''", false},
      {"1 /* x", false},
      {"now() /* /* */", false},
      {"/* x */ now()", true},
      {"0", true},
      {"7", true},
      {"-7", true},
      {"- 7", true},
      {"123456789", true},
      {"1234567890", false},
      {"00", false},
      {"-0", false},
      {"1.50", true},
      {"-1.50", true},
      {"0.0", true},
      {"-0.0", true},
      {"1.", false},
      {".5", false},
      {"1e5", false},
      {"1.5e5", false},
      {"+1", false},
      {"1.2.3", false},
      {"1a", false},
      {"true", true},
      {"False", true},
      {"NULL", true},
      {"null", true},
      {"unknown", true},
      {"now()", true},
      {"gen_random_uuid()", true},
      {"auth.uid()", true},
      {"now ( )", true},
      {"count()", true},
      {"unnest()", true},
      {"app.count()", true},
      {"nextval()", true},
      {"Now()", false},
      {"left()", false},
      {"coalesce()", false},
      {"a.b.c()", false},
      {"operator()", false},
      {"current_timestamp", true},
      {"CURRENT_DATE", true},
      {"current_user", true},
      {"user", false},
      {"session_user", true},
      {"localtime", true},
      {"'{}'::jsonb", true},
      {"'{}'::text[]", true},
      {"'x'::regclass", false},
      {"'1'::int", false},
      {"'x'::double", true},
      {"'x'::name", true},
      {"'1'::numeric", false},
      {"'x'::app.mood", false},
      {"'x'::text[3]", false},
      {"'x' :: text", true},
      {"'2020-01-01'::date", true},
      {"'1'::timestamp", false},
      {"price", true},
      {"name", true},
      {"value", true},
      {"select", false},
      {"int", false},
      {"Price", false},
      {"a_very_long_name_that_goes_on_and_on_until_it_has_64_bytes_and_so_", false},
      {"", false},
      {"a b", false},
      {"now(", false},
      {"now()x", false},
      {"- x", false},
      {"-'5'", false},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_expr fast = {.text = cases[i].text}, slow = {.text = cases[i].text};
    struct sql_error err = {0};
    if (sql_fast_expr(&f->arena, &fast) != cases[i].fast)
      fail_msg("%s: the short cut is %s", cases[i].text, cases[i].fast ? "not taken" : "taken");
    if (!cases[i].fast)
      continue;
    if (!sql_read_expr(&f->arena, &slow, &err))
      fail_msg("%s: %s", cases[i].text, err.message);
    assert_string_equal(show_refs(&f->arena, fast.refs, fast.ref_count),
                        show_refs(&f->arena, slow.refs, slow.ref_count));
    assert_int_equal(fast.literal, slow.literal);
    assert_int_equal(fast.literal_text != NULL, slow.literal_text != NULL);
    if (fast.literal_text)
      assert_string_equal(fast.literal_text, slow.literal_text);
    assert_int_equal(fast.has_aggregate, slow.has_aggregate);
    assert_int_equal(fast.has_set_returning, slow.has_set_returning);
    assert_false(slow.has_subselect || slow.has_window);
  }
}

/* The same for each word that the grammar knows, where a name may stand. */
static void short_cuts_agree_on_keywords(void **state) {
  struct fixture *f = *state;
  static const char *const forms[] = {"%s", "%s()", "app.%s()", "%s.f()", "'x'::%s", "'x'::%s[]"};
  for (unsigned i = 0; i < pg_query__token__descriptor.n_values; i++) {
    char word[64];
    if (keyword_at(i, word) == PG_QUERY__KEYWORD_KIND__NO_KEYWORD)
      continue;
    for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
      struct strbuf text = STRBUF_INIT;
      const char *gap = strstr(forms[k], "%s");
      strbuf_add(&text, forms[k], (size_t)(gap - forms[k]));
      strbuf_addf(&text, "%s%s", word, gap + 2);
      struct sql_expr fast = {.text = text.text}, slow = {.text = text.text};
      struct sql_error err = {0};
      if (sql_fast_expr(&f->arena, &fast)) {
        if (!sql_read_expr(&f->arena, &slow, &err))
          fail_msg("%s: %s", text.text, err.message);
        assert_string_equal(show_refs(&f->arena, fast.refs, fast.ref_count),
                            show_refs(&f->arena, slow.refs, slow.ref_count));
        assert_int_equal(fast.literal, slow.literal);
      }
      strbuf_release(&text);
    }
    struct sql_index_keys fast = {0}, slow = {0};
    struct sql_error err = {0};
    if (sql_fast_index_keys(&f->arena, word, &fast)) {
      assert_true(sql_read_index_keys(f->cache, word, false, &slow, &err));
      assert_int_equal(slow.count, 1);
      assert_string_equal(slow.keys[0].column, word);
    }
  }
}

/* ── index keys ─────────────────────────────────────────────────────────────── */

static const char *or_none(const char *text) {
  return text ? text : "-";
}

static const char *show_keys(struct arena *a, const struct sql_index_keys *keys) {
  static const char *const nulls[] = {"", " first", " last"};
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < keys->count; i++) {
    const struct sql_index_key *k = &keys->keys[i];
    strbuf_addf(&out, "%s%s %s@%u", i ? " | " : "", k->column ? "column" : "expr",
                k->column ? k->column : k->expression, (unsigned)k->at);
    if (k->collation)
      strbuf_addf(&out, " collate %s.%s", or_none(k->collation_schema), k->collation);
    if (k->opclass)
      strbuf_addf(&out, " class %s.%s", or_none(k->opclass_schema), k->opclass);
    if (k->opclass_options)
      strbuf_addf(&out, "(%s)", k->opclass_options);
    strbuf_addf(&out, "%s%s", k->descending ? " desc" : "", nulls[k->nulls]);
    if (k->operator_)
      strbuf_addf(&out, " with %s", k->operator_);
  }
  const char *text = strbuf_dup(&out, a);
  strbuf_release(&out);
  return text;
}

static void index_keys(void **state) {
  struct fixture *f = *state;
  static const char *const cases[][2] = {
      {"a", "column a@0"},
      {" a , b desc nulls last ", "column a@1 | column b@5 desc last"},
      {"a asc, b nulls first, \"C d\" DESC", "column a@0 | column b@7 first | column C d@22 desc"},
      {"A", "column a@0"},
      {"lower(email)", "expr lower(email)@0"},
      {"(a + b)", "expr a + b@0"},
      {"((a + b)) desc", "expr a + b@0 desc"},
      {"((a) + (b))", "expr (a) + (b)@0"},
      {"(a)", "column a@0"},
      {"(t.a)", "expr t.a@0"},
      {"a collate \"C\"", "column a@0 collate -.C"},
      {"a collate app.\"x y\" text_ops desc", "column a@0 collate app.x y class -.text_ops desc"},
      {"embedding vector_cosine_ops", "column embedding@0 class -.vector_cosine_ops"},
      {"embedding extensions.vector_cosine_ops", "column embedding@0 class extensions.vector_cosine_ops"},
      {"b gin__int_ops(numranges = 100)", "column b@0 class -.gin__int_ops(numranges = 100)"},
      {"b gin__int_ops ( numranges = 100 , x = 'y)' ) desc nulls first, c",
       "column b@0 class -.gin__int_ops(numranges = 100 , x = 'y)') desc first | column c@64"},
      {"lower(a) collate \"C\" app.ops nulls first", "expr lower(a)@0 collate -.C class app.ops first"},
      {"(a collate \"C\")", "expr a collate \"C\"@0"},
      {"coalesce(a, b), (c ->> 'x, y'), f(',')",
       "expr coalesce(a, b)@0 | expr c ->> 'x, y'@16 | expr f(',')@32"},
      {"(data -> 'a') /* , */ , -- , \n b", "expr data -> 'a'@0 | column b@31"},
      {"(array[a, b]), c", "expr array[a, b]@0 | column c@15"},
      {"nulls", "column nulls@0"},
      {"nulls nulls first", "column nulls@0 first"},
      {"app.f(x)", "expr app.f(x)@0"},
      {"cast(a as text)", "expr cast(a as text)@0"},
      {"(a::text)", "expr a::text@0"},
      {"é desc", "column é@0 desc"},
      {"(upper('é') || \"é\"), b", "expr upper('é') || \"é\"@0 | column b@23"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_index_keys keys;
    struct sql_error err;
    for (int again = 0; again < 2; again++) {
      if (!sql_parse_index_keys(f->cache, cases[i][0], &keys, &err))
        fail_msg("%s: %s at %u", cases[i][0], err.message, err.at);
      assert_string_equal(show_keys(&f->arena, &keys), cases[i][1]);
    }
    for (size_t k = 0; k < keys.count; k++) {
      assert_int_equal(keys.keys[k].expr != NULL, keys.keys[k].expression != NULL);
      if (keys.keys[k].expr)
        assert_string_equal(keys.keys[k].expr->text, keys.keys[k].expression);
    }
  }
}

static void index_keys_refused(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    int why;
    const char *message;
    uint32_t at;
  } cases[] = {
      {"", SQL_SYNTAX, "syntax error at end of input", 0},
      {"a,", SQL_SYNTAX, "syntax error at end of input", 2},
      {"a + b", SQL_SYNTAX, "syntax error at or near \"+\"", 2},
      {"a) where (true", SQL_WRONG_KIND, "not exactly a list of index keys", 0},
      {"a) include (b", SQL_WRONG_KIND, "not exactly a list of index keys", 0},
      {"a) with (fillfactor = 70", SQL_WRONG_KIND, "not exactly a list of index keys", 0},
      {"a) nulls not distinct where (b", SQL_WRONG_KIND, "not exactly a list of index keys", 0},
      {"a); create index on x (b", SQL_WRONG_KIND, "not exactly a list of index keys", 0},
      {"a desc desc", SQL_SYNTAX, "syntax error at or near \"desc\"", 7},
      {"nulls first", SQL_SYNTAX, "syntax error at or near \"nulls\"", 0},
      {"a nulls", SQL_OK, NULL, 0}, /* an operator class of that name */
      {"é, (", SQL_SYNTAX, "syntax error at end of input", 5},
      {"a collate U&\"x\" uescape '!'", SQL_WRONG_KIND, "the parts of an index key cannot be told apart", 0},
      {"select", SQL_SYNTAX, "syntax error at or near \"select\"", 0},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_index_keys keys;
    struct sql_error err;
    const bool parsed = sql_parse_index_keys(f->cache, cases[i].text, &keys, &err);
    assert_int_equal(parsed, cases[i].why == SQL_OK);
    if (!parsed)
      assert_refused(&err, cases[i].text, cases[i].why, cases[i].message, cases[i].at);
  }
}

static void short_cuts_to_index_keys_agree(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    bool fast;
  } cases[] = {
      {"a", true},
      {"a, b, c", true},
      {"a desc", true},
      {"a ASC NULLS LAST, b Nulls First", true},
      {" a ", true},
      {"\"A \"\"x\"", true},
      {"a /* x */, b -- y", true},
      {"name", true},
      {"a,\"b\"desc", true},
      {"first", true},
      {"A", false},
      {"nulls", false},
      {"a text_ops", false},
      {"(a)", false},
      {"lower(a)", false},
      {"a,", false},
      {"", false},
      {"\"\"", false},
      {"a b", false},
      {"user", false},
      {"a collate x", false},
      {"a desc desc", false},
      {"a nulls", false},
      {"a nulls b", false},
      {"'a'", false},
      {"a nulls first x", false},
      {"é", false},
      {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,aa,ab,ac,ad,ae,af", true},
      {"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,aa,ab,ac,ad,ae,af,ag", false},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_index_keys fast = {0}, slow = {0};
    struct sql_error err = {0};
    if (sql_fast_index_keys(&f->arena, cases[i].text, &fast) != cases[i].fast)
      fail_msg("%s: the short cut is %s", cases[i].text, cases[i].fast ? "not taken" : "taken");
    if (!cases[i].fast)
      continue;
    assert_true(sql_read_index_keys(f->cache, cases[i].text, false, &slow, &err));
    assert_string_equal(show_keys(&f->arena, &fast), show_keys(&f->arena, &slow));
  }
}

static void exclude_keys(void **state) {
  struct fixture *f = *state;
  static const char *const cases[][2] = {
      {"room with =, during with &&", "column room@0 with = | column during@13 with &&"},
      {"lower(a) collate \"C\" text_ops desc nulls last with =",
       "expr lower(a)@0 collate -.C class -.text_ops desc last with ="},
      {"(a + b) with operator(app.=)", "expr a + b@0 with OPERATOR(app.=)"},
      {"a with operator(pg_catalog.&&), b WITH <>",
       "column a@0 with OPERATOR(pg_catalog.&&) | column b@32 with <>"},
      {"a with \"My App\".=", "column a@0 with OPERATOR(\"My App\".=)"},
      {"a with operator(\"My App\".=)", "column a@0 with OPERATOR(\"My App\".=)"},
      {"a ops(x = 1) with -|-", "column a@0 class -.ops(x = 1) with -|-"},
      {"tstzrange(\"from\", till) with &&", "expr tstzrange(\"from\", till)@0 with &&"},
      {"a", NULL},
      {"a with", NULL},
      {"a with =) where (b", NULL},
      {"a with =), add check (true", NULL},
      {"a with =) with (fillfactor = 1", NULL},
      {"a with =) include (b", NULL},
      {"a with =); drop table x; alter table x add check (true", NULL},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_index_keys keys;
    struct sql_error err;
    const bool parsed = sql_parse_exclude_keys(f->cache, cases[i][0], &keys, &err);
    if (parsed != (cases[i][1] != NULL))
      fail_msg("%s: %s", cases[i][0], parsed ? "was taken" : err.message);
    if (parsed)
      assert_string_equal(show_keys(&f->arena, &keys), cases[i][1]);
    else
      assert_non_null(err.message);
  }
}

/* ── scripts ────────────────────────────────────────────────────────────────── */

static void lone_statements(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    enum sql_lone_kind kind;
    const char *said; /* schema.table part_schema.name */
  } cases[] = {
      {"create unique index concurrently if not exists \"I\" on app.t using gin (a)", SQL_LONE_CREATE_INDEX, "app.t -.I"},
      {"create index concurrently i on t (a)", SQL_LONE_CREATE_INDEX, "-.t -.i"},
      {"create index concurrently on t (a)", SQL_LONE_OTHER, "-.t -.-"},
      {"drop index concurrently if exists app.i", SQL_LONE_DROP_INDEX, "app.- -.i"},
      {"drop index concurrently i", SQL_LONE_DROP_INDEX, "-.- -.i"},
      {"drop index i, j", SQL_LONE_OTHER, "-.- -.-"},
      {"drop table t", SQL_LONE_OTHER, "-.- -.-"},
      {"alter table app.p detach partition q.p1 concurrently", SQL_LONE_DETACH, "app.p q.p1"},
      {"alter table p add c int", SQL_LONE_OTHER, "-.- -.-"},
      {"reindex index concurrently app.i", SQL_LONE_REINDEX, "app.i -.-"},
      {"vacuum t", SQL_LONE_REPEATABLE, "-.- -.-"},
      {"alter system set work_mem = '1MB'", SQL_LONE_REPEATABLE, "-.- -.-"},
      {"do $$ begin commit; end $$", SQL_LONE_OTHER, "-.- -.-"},
      {"vacuum t; vacuum u", SQL_LONE_OTHER, "-.- -.-"},
      {"not sql at all", SQL_LONE_OTHER, "-.- -.-"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_lone lone;
    sql_read_lone(&f->arena, cases[i].text, &lone);
#define OR(text) ((text) ? (text) : "-")
    const char *said = arena_printf(&f->arena, "%s.%s %s.%s", OR(lone.schema), OR(lone.table), OR(lone.part_schema), OR(lone.name));
#undef OR
    assert_string_equal(said, cases[i].said);
    assert_int_equal(lone.kind, cases[i].kind);
  }
}

static void scripts(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text, *parts, *refs;
  } cases[] = {
      {"select 1", "[select 1]", ""},
      {" /* a */ select a ; ; -- b\n select b; -- c", "[select a][select b]", "column a@16, column b@35"},
      {"create rule r as on insert to t do (select 1; select 2); select 3",
       "[create rule r as on insert to t do (select 1; select 2)][select 3]", "relation t@30"},
      {"create trigger x after insert on app.t for each row when (new.execute is null) execute function "
       "f.g('a')",
       NULL, "relation app.t@33, column new.execute@58, function f.g@96"},
      {"create event trigger e on ddl_command_end execute procedure log_it()", NULL, "function log_it@60"},
      {"create function f(a mood, b t.c%type) returns setof app.q language sql as $$ select x $$", NULL,
       "type mood@20, relation t@28, type app.q@52"},
      {"create aggregate total(numeric) (sfunc = app.add, stype = numeric, finalfunc = fin)", NULL,
       "function app.add@41, function fin@79"},
      {"create type fr as range (subtype = app.f8, subtype_diff = float8mi)", NULL,
       "type app.f8@35, function float8mi@58"},
      {"create index i on t using gin (a) with (fastupdate = off)", NULL, "relation t@18"},
      {"alter table t add column c mood collate \"C\" default now()", NULL,
       "relation t@12, type mood@27, collation C@40, function now@52"},
      {"insert into t with t as (select 1 from t) select * from t", NULL,
       "relation t@12, relation t@39, star *@49"},
      {"with t as (select 1) insert into t select * from t", NULL, "relation t@33, star *@42"},
      {"with t as (select 1) update t set a = b.c from b", NULL,
       "relation t@28, column b.c@38, relation b@47"},
      {"create view v as select a.x from app.a join b using (id)", NULL,
       "relation v@12, column a.x@24, relation app.a@33, relation b@44"},
      {"create policy p on t to authenticated using (user_id = (select auth.uid()))", NULL,
       "relation t@19, column user_id@45, function auth.uid@63"},
      {"create function f() returns int begin atomic select 1; select g(2); end; select 3",
       "[create function f() returns int begin atomic select 1; select g(2); end][select 3]",
       "function g@62"},
      {"create table t (a serial, b int references u, c text default nextval('s'))", NULL,
       "relation t@13, type serial@18, relation u@43, type text@48, function nextval@61, sequence s@69"},
      {"do $$ begin commit; end $$", "[do $$ begin commit; end $$]", ""},
      {"comment on table t is 'é'; select é", "[comment on table t is 'é'][select é]", "column é@35"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_script script;
    struct sql_error err;
    if (!sql_parse_script(f->cache, cases[i].text, &script, &err))
      fail_msg("%s: %s at %u", cases[i].text, err.message, err.at);
    struct strbuf parts = STRBUF_INIT;
    for (size_t k = 0; k < script.part_count; k++)
      strbuf_addf(&parts, "[%.*s]", (int)(script.parts[k].to - script.parts[k].from),
                  cases[i].text + script.parts[k].from);
    if (cases[i].parts)
      assert_string_equal(parts.text, cases[i].parts);
    strbuf_release(&parts);
    assert_string_equal(show_refs(&f->arena, script.refs, script.ref_count), cases[i].refs);
  }
}

static void scripts_refused(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text;
    int why;
    const char *message;
    uint32_t at;
  } cases[] = {
      {"", SQL_WRONG_KIND, "there is no statement", 0},
      {" ; -- x\n;", SQL_WRONG_KIND, "there is no statement", 0},
      {"begin", SQL_WRONG_KIND, "transaction commands are not allowed here", 0},
      {"select 1; /* x */ commit", SQL_WRONG_KIND, "transaction commands are not allowed here", 18},
      {"select 1;\n  savepoint a; select 2", SQL_WRONG_KIND, "transaction commands are not allowed here", 12},
      {"select 'é'; rollback to a", SQL_WRONG_KIND, "transaction commands are not allowed here", 13},
      {"prepare transaction 'x'", SQL_WRONG_KIND, "transaction commands are not allowed here", 0},
      {"start transaction", SQL_WRONG_KIND, "transaction commands are not allowed here", 0},
      {"select 1; selec 2", SQL_SYNTAX, "syntax error at or near \"selec\"", 10},
      {"select 'é€😀'; selec", SQL_SYNTAX, "syntax error at or near \"selec\"", 20},
      {"select 1 +", SQL_SYNTAX, "syntax error at end of input", 10},
      {"select 'x", SQL_SYNTAX, "unterminated quoted string at or near \"'x\"", 7},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_script script;
    struct sql_error err;
    assert_false(sql_parse_script(f->cache, cases[i].text, &script, &err));
    assert_refused(&err, cases[i].text, cases[i].why, cases[i].message, cases[i].at);
  }
}

/* ── qualifying ─────────────────────────────────────────────────────────────── */

static const char *schema_of(void *ctx, const struct sql_ref *ref) {
  if (ref->kind == SQL_REF_COLUMN || ref->kind == SQL_REF_STAR)
    return NULL;
  return strcmp(ref->name, "now") == 0 ? NULL : ctx;
}

static void qualify(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *text, *schema, *qualified;
  } cases[] = {
      {"a + b", "app", "a + b"},
      {"now()", "app", "now()"},
      {"f(a, g(b))", "app", "app.f(a, app.g(b))"},
      {"x.f(a)::mood", "app", "x.f(a)::app.mood"},
      {"\"F\"(a) collate \"C\"", "My", "\"My\".\"F\"(a) collate \"My\".\"C\""},
      {"x::mood[] || 'é' || h('é')", "app", "x::app.mood[] || 'é' || app.h('é')"},
      {"(select 1 from t, x.u)", "app", "(select 1 from app.t, x.u)"},
      {"'s'::pg_catalog.regclass", "app", "'app.s'::pg_catalog.regclass"},
      {"'\"S x\"'::pg_catalog.regclass", "it's", "'\"it''s\".\"S x\"'::pg_catalog.regclass"},
      {"E's'::pg_catalog.regclass", "a\\'", "E'\"a\\\\''\".s'::pg_catalog.regclass"},
      {"$q$s$q$::pg_catalog.regclass", "it's", "$q$\"it's\".s$q$::pg_catalog.regclass"},
      {"'x.s'::pg_catalog.regclass", "app", "'x.s'::pg_catalog.regclass"},
      {"a collate\"C\"", "app", "a collate app.\"C\""},
      {"u&f()", "My", "u& \"My\".f()"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct sql_error err;
    const struct sql_expr *e = sql_parse_expr(f->cache, cases[i].text, &err);
    assert_non_null(e);
    char schema[32];
    snprintf(schema, sizeof schema, "%s", cases[i].schema);
    const char *out = sql_qualify(&f->arena, e->text, e->refs, e->ref_count, schema_of, schema);
    assert_string_equal(out, cases[i].qualified);
    if (strcmp(cases[i].text, out) == 0)
      assert_ptr_equal(out, e->text);
    /* and it still reads as one expression, to which nothing is left to add */
    const struct sql_expr *again = sql_parse_expr(f->cache, out, &err);
    assert_non_null(again);
    assert_ptr_equal(sql_qualify(&f->arena, out, again->refs, again->ref_count, schema_of, schema), out);
  }
}

static void calls_are_qualified(void **state) {
  static const struct {
    const char *text, *qualified;
  } cases[] = {
      {"now()", "pg_catalog.now()"},
      {"app.now() + now ( )", "app.now() + pg_catalog.now ( )"},
      {"\"now\"() OR (NOT now())", "pg_catalog.\"now\"() OR (NOT pg_catalog.now())"},
      {"'now()' || now || coalesce(now, other())", "'now()' || now || coalesce(now, other())"},
      {"SELECT now() FROM f() now(a), t now(a), (SELECT 1) AS now(a)", "SELECT pg_catalog.now() FROM f() now(a), t now(a), (SELECT 1) AS now(a)"},
      {"WITH now(a) AS (SELECT 1) SELECT a FROM now ORDER BY now()", "WITH now(a) AS (SELECT 1) SELECT a FROM now ORDER BY pg_catalog.now()"},
  };
  struct fixture *f = *state;
  struct map names;
  map_init(&names, &f->arena);
  map_set(&names, "now", &names);
  map_set(&names, "coalesce", &names);
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_string_equal(sql_qualify_calls(&f->arena, cases[i].text, &names), cases[i].qualified);
}

/* ── bounds ─────────────────────────────────────────────────────────────────── */

static void add_times(struct strbuf *buf, const char *text, size_t times) {
  for (size_t i = 0; i < times; i++)
    strbuf_adds(buf, text);
}

/* start, then each of n times `left`, then `middle`, then n times `right`. */
struct shape {
  const char *start, *left, *middle, *right;
};
static const struct shape shapes[] = {
    {"1", "+1", "", ""},
    {"x", "::int", "", ""},
    {"x", " isnull", "", ""},
    {"x", " is null", "", ""},
    {"x", " collate c", "", ""},
    {"x", " at time zone y", "", ""},
    {"x", " between 1 and 2 is null", "", ""},
    {"x", " in (1)", "", ""},
    {"x", "||(select 1)", "", ""},
    {"", "(", "1", ")"},
    {"", "not ", "x", ""},
    {"", "- ", "x", ""},
    {"", "f(", "1", ")"},
    {"", "(select ", "1", ")"},
    {"", "case when x then ", "1", " end"},
    {"", "case when x and ", "1", " then 1 end"},
    {"x", " and (y", "", ")"},
    {"array", "[", "1", "]"},
    {"(select 1", " union select 1", ")", ""},
    {"(select 1 from a", " join b on x and y", ")", ""},
    {"(select 1 from a", " natural join b", ")", ""},
    {"x", ".y", "", ""},
};

static void shape_build(const struct shape *s, size_t n, struct strbuf *buf) {
  strbuf_clear(buf);
  strbuf_adds(buf, s->start);
  add_times(buf, s->left, n);
  strbuf_adds(buf, s->middle);
  add_times(buf, s->right, n);
}

static uint32_t shape_bound(const struct shape *s, size_t n, struct strbuf *buf) {
  uint32_t at;
  shape_build(s, n, buf);
  return sql_depth_bound(buf->text, buf->len, UINT32_MAX, &at);
}

/* The deepest text of each shape that is let through, and one level more. */
static int parse_at_the_edge(void *arg) {
  struct arena *a = arg;
  const uint32_t max = sql_stack_depth_max();
  size_t parsed = 0;
  for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
    struct strbuf buf = STRBUF_INIT;
    /* the bound grows by the same step for each repetition */
    const uint32_t few = shape_bound(&shapes[i], 10, &buf);
    const uint32_t step = shape_bound(&shapes[i], 11, &buf) - few;
    assert_true(step > 0);
    const size_t low = 10 + (max - few) / step;
    assert_true(shape_bound(&shapes[i], low, &buf) <= max);
    struct sql_error err = {0};
    shape_build(&shapes[i], low, &buf);
    struct sql_expr edge = {.text = buf.text};
    const bool read = sql_read_expr(a, &edge, &err);
    parsed += read;
    if (!read) /* the grammar's own stack may be the narrower */
      assert_int_equal(err.why, SQL_TOO_DEEP);
    assert_true(shape_bound(&shapes[i], low + 1, &buf) > max);
    struct sql_expr beyond = {.text = buf.text};
    assert_false(sql_read_expr(a, &beyond, &err));
    assert_int_equal(err.why, SQL_TOO_DEEP);
    assert_true(err.at > 0 && err.at < buf.len);
    strbuf_release(&buf);
  }
  assert_true(parsed >= 10);
  return 42;
}

static void deep_texts_fit_or_are_refused(void **state) {
  struct fixture *f = *state;
  assert_int_equal(sql_run_on_large_stack(parse_at_the_edge, &f->arena), 42);
  assert_int_equal(parse_at_the_edge(&f->arena), 42); /* the same on this thread, with its smaller bounds */
}

/* No parse tree is deeper than the bound says. */
static uint32_t measured;
static void measure(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child);
struct depth {
  uint32_t here;
};
static void measure(void *ctx, const ProtobufCFieldDescriptor *field, const ProtobufCMessage *child) {
  (void)field;
  /* a level of SQL is a Node and the message in it */
  struct depth below = {((struct depth *)ctx)->here +
                        (child->descriptor == &pg_query__node__descriptor ? 1 : 0)};
  if (below.here > measured)
    measured = below.here;
  sql_tree_children(child, measure, &below);
}

static void no_tree_is_deeper_than_its_bound(void **state) {
  struct fixture *f = *state;
  static const struct shape more[] = {
      {"x", " between 1 and 2 is null", "", ""},
      {"", "case when a.end and ", "1", " then 1 end"},
      {"x.and", " + x.and", "", ""},
      {"x.or", " - x . or", "", ""},
      {"", "case when x then 1 else ", "1", " end + 1 + 1 + 1"},
      {"", "case when 1+1+1+1 and x then ", "1", " end + 1 + 1 + 1"},
      {"(select a, b", " union select a, b", ")", ""},
      {"x", " = any (select 1) is null", "", ""},
      {"", "(1+1+1+", "1", "+1+1+1 and x)"},
      {"", "not x and (", "1", ")"},
  };
  for (size_t i = 0; i < ARRAY_LEN(shapes) + ARRAY_LEN(more); i++) {
    const struct shape *s = i < ARRAY_LEN(shapes) ? &shapes[i] : &more[i - ARRAY_LEN(shapes)];
    for (size_t n = 1; n <= 65; n += 16) {
      struct strbuf buf = STRBUF_INIT;
      struct sql_error err = {0};
      const uint32_t bound = shape_bound(s, n, &buf);
      const PgQuery__ParseResult *tree = sql_tree_parse(&f->arena, &f->arena, "SELECT ", buf.text, "", &err);
      if (!tree)
        fail_msg("%s: %s", buf.text, err.message);
      struct depth top = {0};
      measured = 0;
      measure(&top, NULL, &tree->base);
      if (measured > bound + bound / 2 + 8) /* EXISTS (SELECT … and the like: three Nodes for two tokens */
        fail_msg("%s: %u deep, bound %u", buf.text, measured, bound);
      strbuf_release(&buf);
    }
  }
}

static int parse_large(void *arg) {
  struct sql_cache *cache = sql_cache_new(arg);
  struct sql_error err;
  struct strbuf buf = STRBUF_INIT;

  strbuf_adds(&buf, "x in (0");
  for (int i = 1; i < 20000; i++)
    strbuf_addf(&buf, ", %d", i);
  strbuf_addc(&buf, ')');
  assert_non_null(sql_parse_expr(cache, buf.text, &err));

  strbuf_clear(&buf);
  strbuf_adds(&buf, "a = 1");
  add_times(&buf, " and lower(t.b) like 'x%'", 1999);
  const struct sql_expr *e = sql_parse_expr(cache, buf.text, &err);
  assert_non_null(e);
  assert_int_equal(e->ref_count, 1 + 2 * 1999);

  strbuf_clear(&buf);
  strbuf_adds(&buf, "select 1");
  while (buf.len < 100 * 1024)
    strbuf_addf(&buf, ", case when t.c%zu > 0 then coalesce(t.c%zu, 0) || 'x' else null end as c%zu", buf.len,
                buf.len, buf.len);
  strbuf_adds(&buf, " from app.t");
  struct sql_script script;
  assert_true(sql_parse_script(cache, buf.text, &script, &err));
  assert_int_equal(script.part_count, 1);

  strbuf_clear(&buf);
  for (int i = 0; i < 20000; i++)
    strbuf_addf(&buf, "insert into t values (%d, 'x');\n", i);
  assert_true(sql_parse_script(cache, buf.text, &script, &err));
  assert_int_equal(script.part_count, 20000);

  strbuf_clear(&buf);
  strbuf_addc(&buf, '\'');
  while (buf.len < SQL_TEXT_MAX - 1)
    strbuf_addc(&buf, 'x');
  strbuf_addc(&buf, '\'');
  assert_non_null(sql_parse_expr(cache, buf.text, &err));
  strbuf_addc(&buf, ' ');
  assert_null(sql_parse_expr(cache, buf.text, &err));
  assert_int_equal(err.why, SQL_TOO_LARGE);
  assert_int_equal(err.at, SQL_TEXT_MAX);
  strbuf_release(&buf);
  return 0;
}

static void large_texts_pass(void **state) {
  struct fixture *f = *state;
  assert_int_equal(sql_run_on_large_stack(parse_large, &f->arena), 0);
  assert_int_equal(parse_large(&f->arena), 0);
}

static int nested_run(void *arg) {
  (void)arg;
  return (int)(sql_stack_depth_max() / 1000);
}

static void large_stack(void **state) {
  (void)state;
  assert_int_equal(sql_run_on_large_stack(nested_run, NULL), 10);
  assert_int_equal(nested_run(NULL), 1);
  assert_int_equal(sql_parser_version(), PG_VERSION_NUM / 10000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ── form.c ── */

static void forms_need_parentheses_or_not(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool b_expr, call;
  } cases[] = {
      {"1", true, false},
      {"now()", true, true},
      {"app.f(1, 'not in')", true, true},
      {"coalesce(a, b)", true, true},
      {"f(a) + 1", true, false},
      {"f(a)::text", true, false},
      {"f(a) over ()", true, false},
      {"f", true, false},
      {"a.b", true, false},
      {"(f(a))", true, false},
      {"\"F\"(a)", true, false},
      {"row(a)", true, false},
      {"not(true)", false, false},
      {"exists(select 1)", true, false},
      {"(a in (1))", true, false},
      {"'x'in('y')", false, false},
      {"'not in'", true, false},
      {"\"not\"(1)", true, false},
      {"$$ in $$ || 'x'", true, false},
      {"'x'collate\"C\"", false, false},
      {"a NOTNULL", false, false},
      {"f((a + b) * c)", true, true},
      {"f(')')", true, true},
      {"f(a", true, false},
      {"", true, false},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    if (sql_is_b_expr(cases[i].text) != cases[i].b_expr)
      fail_msg("%s: b_expr", cases[i].text);
    if (sql_is_call(cases[i].text) != cases[i].call)
      fail_msg("%s: call", cases[i].text);
  }
}

static void order_of_columns(void **state) {
  (void)state;
  static const struct {
    const char *a, *b;
    bool same;
  } cases[] = {
      {"SELECT t.a, t.b FROM t", "SELECT t.b,  t.a FROM t", true},
      {"SELECT x.n FROM (SELECT a, b FROM t) x", "SELECT x.n FROM (SELECT b, a FROM t) x", true},
      {"SELECT f.a FROM f() f(a, b) WHERE f.a > 1", "SELECT f.a FROM f() f(a) WHERE f.a > 1", true},
      {"SELECT f.a FROM f() f(a, b) WHERE f.a > 1", "SELECT f.a FROM f() f(a) WHERE f.a > 2", false},
      {"SELECT a, b FROM t", "SELECT a FROM t", false},
      {"SELECT a - b FROM t", "SELECT b - a FROM t", false},
      {"SELECT a, b FROM t ORDER BY a, b", "SELECT a, b FROM t ORDER BY b, a", false},
      {"SELECT a FROM t WHERE (a, b) IN (SELECT x.a, x.b FROM x)", "SELECT a FROM t WHERE (a, b) IN (SELECT x.b, x.a FROM x)",
       false},
      {"SELECT a, b FROM t UNION SELECT a, b FROM u", "SELECT a, b FROM t UNION SELECT b, a FROM u", false},
      {"SELECT a FROM (", "SELECT a FROM (", false},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    if (sql_same_but_for_order(cases[i].a, cases[i].b) != cases[i].same)
      fail_msg("%s, %s", cases[i].a, cases[i].b);
}

static void rows_as_values(void **state) {
  (void)state;
  static const struct {
    const char *query, *of;
    bool rows;
  } cases[] = {
      {"select x.a, x as whole from t x", "t", true},
      {"select v.* from (select t from s.t) v", "t", true},
      {" SELECT x.a, x.*::s.t AS whole FROM s.t x", "t", true},
      {"select f from f() f", "t", true},
      {"select x.a, b from t x", "t", false},
      {"select x.*, a::text from t x", "t", false},
      {"select f from f()", "f", true},
      {"SELECT ROW(1, 'x')::s.t AS p", "t", true},
      {"SELECT ROW(1, 'x')::s.u AS p", "t", false},
      {"select array[s.f(1)] as p", "f", true},
      {"select g(1), (f(1)).a, (f(1)).*, x.a from f(1) x", "f", false},
      {"select a from", "t", true},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    if (sql_gives_rows(cases[i].query, cases[i].of) != cases[i].rows)
      fail_msg("%s", cases[i].query);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(identifiers),
      cmocka_unit_test(qualified_names),
      cmocka_unit_test(literals),
      cmocka_unit_test(dollar_quotes),
      cmocka_unit_test(comments),
      TEST(quoting_survives_the_parser),
      cmocka_unit_test(keywords),
      cmocka_unit_test(forms_need_parentheses_or_not),
      cmocka_unit_test(order_of_columns),
      cmocka_unit_test(rows_as_values),
      cmocka_unit_test(tokens_are_those_of_postgres),
      cmocka_unit_test(unterminated_tokens_run_to_the_end),
      TEST(refs_of_expressions),
      TEST(literals_are_told),
      TEST(traits_are_told),
      TEST(what_is_no_expression_is_refused),
      TEST(comments_end_with_the_text),
      TEST(texts_are_parsed_once),
      TEST(clauses_are_parsed_once),
      TEST(short_cuts_agree),
      TEST(short_cuts_agree_on_keywords),
      TEST(index_keys),
      TEST(index_keys_refused),
      TEST(short_cuts_to_index_keys_agree),
      TEST(exclude_keys),
      TEST(scripts),
      TEST(lone_statements),
      TEST(scripts_refused),
      TEST(qualify),
      TEST(deep_texts_fit_or_are_refused),
      TEST(no_tree_is_deeper_than_its_bound),
      TEST(large_texts_pass),
      TEST(calls_are_qualified),
      cmocka_unit_test(large_stack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
