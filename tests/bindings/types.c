/* Every type there and back: by parameters, by COPY, and as the server prints it. */
#include <math.h>

#include "expect.h"

#define TEXT(s) {s, sizeof(s) - 1}
#define SAME_TEXT(a, b) EXPECT((a).n == (b).n && !(a).p == !(b).p && ((a).n == 0 || memcmp((a).p, (b).p, (a).n) == 0))
#define SAME(a, b) EXPECT(memcmp(&(a), &(b), sizeof(a)) == 0)
#define SAME_OPT(a, b) EXPECT((a).set == (b).set && (!(a).set || memcmp(&(a).v, &(b).v, sizeof(a).v) == 0))

/* One field of the only row of a query. */
static char *ask(PGconn *conn, const char *query) {
  static char answer[4096];
  PGresult *r = PQexec(conn, query);
  if (PQntuples(r) != 1)
    printf("%s: %s", query, PQresultErrorMessage(r));
  snprintf(answer, sizeof answer, "%s", PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) : "?");
  PQclear(r);
  return answer;
}

static void answers(PGconn *conn, const char *query, const char *wanted) {
  const char *got = ask(conn, query);
  if (strcmp(got, wanted) != 0) {
    failures++;
    printf("%s\n  is %s\n not %s\n", query, got, wanted);
  }
}

/* Rows that came in different ways are the same to the server. */
static void all_alike(PGconn *conn, const char *table, const char *wanted) {
  char query[256];
  snprintf(query, sizeof query,
           "SELECT count(*) || '/' || count(DISTINCT (to_jsonb(t) - 'id')::text) FROM %s t", table);
  answers(conn, query, wanted);
}

static const struct plain plains[] = {
    {.c_bool = true, .c_int2 = INT16_MIN, .c_int4 = INT32_MIN, .c_int8 = INT64_MIN, .c_float4 = -1.5f, .c_float8 = 1e-300,
     .c_oid = UINT32_MAX, .c_uuid = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}}, .c_date = {8766},
     .c_time = {86399999999}, .c_timetz = {3600000000, -19800}, .c_ts = {-1}, .c_tstz = {757382400000001},
     .c_interval = {-90000001, 3, -14}, .c_inet = {4, 24, {192, 168, 1, 7}}, .c_cidr = {6, 32, {0x20, 0x01, 0x0d, 0xb8}},
     .c_mac = {{1, 2, 3, 4, 5, 6}}, .c_mac8 = {{1, 2, 3, 4, 5, 6, 7, 0xfe}}, .c_text = TEXT("a\tb\\\n\r \"\xf0\x9f\x8d\x8e"),
     .c_varchar = TEXT(""), .c_char = TEXT("ab  "), .c_name = TEXT("nm"), .c_json = {TEXT("{ \"a\" : \"\\\\\" }")},
     .c_jsonb = {TEXT("[1, null]")}, .c_bytea = {(const uint8_t *)"\0\xff\\", 3}, .c_bit = {(const uint8_t *)"\xa5\x40", 10},
     .c_varbit = {(const uint8_t *)"", 0}, .c_numeric = {TEXT("-12345678901234567890.000100")}, .c_mood = {MOOD_WIDE_AWAKE, {NULL, 0}},
     .c_email = TEXT("a@b"), .c_price = {TEXT("0.05")}, .c_tags = {(const pdl_text[]){TEXT("x"), {NULL, 0}}, 2},
     .c_feeling = {MOOD_CALM, {NULL, 0}}},
    {.c_bool = false, .c_float4 = INFINITY, .c_float8 = -INFINITY, .c_date = {INT32_MAX}, .c_ts = {INT64_MIN},
     .c_tstz = {INT64_MAX}, .c_inet = {6, 128, {0}}, .c_cidr = {4, 0, {0}}, .c_text = TEXT(""), .c_varchar = TEXT("\\N"), .c_char = TEXT("    "),
     .c_name = TEXT(""), .c_json = {TEXT("null")}, .c_jsonb = {TEXT("null")}, .c_bytea = {(const uint8_t *)"", 0},
     .c_bit = {(const uint8_t *)"\0\0", 10}, .c_varbit = {(const uint8_t *)"\x80", 1}, .c_numeric = {TEXT("NaN")},
     .c_mood = {MOOD__, {NULL, 0}}, .c_email = TEXT("@"), .c_price = {TEXT("99999999.99")}, .c_tags = {(const pdl_text[]){{NULL, 0}}, 0},
     .c_feeling = {MOOD_C389MILE, {NULL, 0}}},
    {.c_float8 = NAN, .c_date = {INT32_MIN}, .c_inet = {4, 32, {0}}, .c_cidr = {4, 32, {255, 255, 255, 255}}, .c_text = TEXT("x"), .c_varchar = TEXT("12345678901234567890"),
     .c_char = TEXT("abcd"), .c_name = TEXT("n"), .c_json = {TEXT("1")}, .c_jsonb = {TEXT("{}")}, .c_bytea = {(const uint8_t *)"x", 1},
     .c_bit = {(const uint8_t *)"\xff\xc0", 10}, .c_varbit = {(const uint8_t *)"\xff\x80", 9}, .c_numeric = {TEXT("0.00001234")},
     .c_mood = {MOOD_CALM, {NULL, 0}}, .c_email = TEXT("x@"), .c_price = {TEXT("-1.10")}, .c_tags = {(const pdl_text[]){TEXT("\"\\,{}")}, 1},
     .c_feeling = {MOOD_CALM, {NULL, 0}}},
};

static void same_plain(const struct plain *a, const struct plain *b) {
  EXPECT(a->c_bool == b->c_bool && a->c_int2 == b->c_int2 && a->c_int4 == b->c_int4 && a->c_int8 == b->c_int8);
  SAME(a->c_float4, b->c_float4);
  SAME(a->c_float8, b->c_float8);
  EXPECT(a->c_oid == b->c_oid && a->c_date.days == b->c_date.days && a->c_time.us == b->c_time.us);
  SAME(a->c_uuid, b->c_uuid);
  EXPECT(a->c_timetz.us == b->c_timetz.us && a->c_timetz.zone == b->c_timetz.zone && a->c_ts.us == b->c_ts.us);
  EXPECT(a->c_tstz.us == b->c_tstz.us && a->c_interval.us == b->c_interval.us && a->c_interval.days == b->c_interval.days &&
         a->c_interval.months == b->c_interval.months);
  SAME(a->c_inet, b->c_inet);
  SAME(a->c_cidr, b->c_cidr);
  SAME(a->c_mac, b->c_mac);
  SAME(a->c_mac8, b->c_mac8);
  SAME_TEXT(a->c_text, b->c_text);
  SAME_TEXT(a->c_varchar, b->c_varchar);
  SAME_TEXT(a->c_char, b->c_char);
  SAME_TEXT(a->c_json.json, b->c_json.json);
  SAME_TEXT(a->c_jsonb.json, b->c_jsonb.json);
  SAME_TEXT(a->c_bytea, b->c_bytea);
  EXPECT(a->c_bit.n == b->c_bit.n && memcmp(a->c_bit.p, b->c_bit.p, 2) == 0);
  EXPECT(a->c_varbit.n == b->c_varbit.n);
  SAME_TEXT(a->c_numeric.dec, b->c_numeric.dec);
  EXPECT(a->c_mood.v == b->c_mood.v && a->c_feeling.v == b->c_feeling.v);
  SAME_TEXT(a->c_email, b->c_email);
  SAME_TEXT(a->c_price.dec, b->c_price.dec);
  EXPECT(a->c_tags.n == b->c_tags.n && b->c_tags.v);
  for (size_t i = 0; i < a->c_tags.n; i++)
    SAME_TEXT(a->c_tags.v[i], b->c_tags.v[i]);
}

static void plain_values(struct pdl *p, PGconn *conn, struct pdl_mem *mem) {
  const plain_cols all = PLAIN_REQUIRED;
  struct plain got;
  struct pdl_copy *copy;
  struct plain_list list;
  for (size_t i = 0; i < 3; i++) {
    OK(plain_insert(p, &plains[i], all, &got, mem));
    same_plain(&plains[i], &got);
    OK(plain_get(p, got.id, &got, mem));
    same_plain(&plains[i], &got);
  }
  OK(plain_copy_open(p, all, &copy));
  for (size_t i = 0; i < 3; i++)
    OK(plain_copy_row(copy, &plains[i]));
  OK(pdl_copy_close(copy, NULL));
  OK(plain_list_all(p, 0, &list, mem));
  EXPECT(list.n == 6);
  for (size_t i = 0; i < list.n; i++)
    same_plain(&plains[i % 3], &list.v[i]);
  all_alike(conn, "plain", "6/3");
  answers(conn, "SELECT concat_ws('|', c_date, c_time, c_timetz, c_ts, c_tstz AT TIME ZONE 'UTC', c_interval, c_inet, c_cidr, c_mac, c_bit) FROM plain WHERE id = 1",
          "2024-01-01|23:59:59.999999|01:00:00+05:30|1999-12-31 23:59:59.999999|2024-01-01 00:00:00.000001|"
          "-1 years -2 mons +3 days -00:01:30.000001|192.168.1.7/24|2001:db8::/32|01:02:03:04:05:06|1010010101");
  answers(conn, "SELECT concat_ws('|', c_numeric, c_mood, c_price, c_tags) FROM plain WHERE id = 1",
          "-12345678901234567890.000100|wide awake|0.05|{x,NULL}");
  struct plain bad = plains[0];
  bad.c_inet.bits = 33;
  GIVES(PDL_USAGE, plain_insert(p, &bad, all, NULL, NULL));
  EXPECT(strcmp(pdl_error(p)->column, "c_inet") == 0);
  bad = plains[0];
  bad.c_email = pdl_str("none");
  GIVES(PDL_CONSTRAINT, plain_insert(p, &bad, all, NULL, NULL));
  EXPECT(pdl_error(p)->constraint == EMAIL_CHECK);
  bad = plains[0];
  bad.c_mood.v = (enum mood_t_label)99;
  GIVES(PDL_USAGE, plain_insert(p, &bad, all, NULL, NULL));
  bad.c_mood.v = MOOD_UNKNOWN;
  bad.c_mood.label = pdl_str("new label");
  GIVES(PDL_SQL, plain_insert(p, &bad, all, NULL, NULL));
  bad = plains[0];
  bad.c_varchar = pdl_str("123456789012345678901");
  GIVES(PDL_SQL, plain_insert(p, &bad, all, NULL, NULL));
  EXPECT(strcmp(pdl_error(p)->sqlstate, "22001") == 0);
  bad = plains[0];
  bad.c_numeric.dec = pdl_str("1.2.3");
  GIVES(PDL_SQL, plain_insert(p, &bad, all, NULL, NULL));
  OK(plain_copy_open(p, all, &copy));
  GIVES(PDL_USAGE, plain_copy_row(copy, &bad));
  GIVES(PDL_USAGE, pdl_copy_close(copy, NULL));
  EXPECT(strcmp(pdl_error(p)->column, "c_numeric") == 0);
  sql(conn, "ALTER TYPE mood ADD VALUE 'later'; ");
  sql(conn, "INSERT INTO maybe (c_mood) VALUES ('later')");
  struct maybe_list others;
  OK(maybe_list_all(p, 0, &others, mem));
  EXPECT(others.v[0].c_mood.v == MOOD_UNKNOWN && pdl_text_is(others.v[0].c_mood.label, "later"));
  others.v[0].c_mood.label = pdl_str("calm");
  OK(maybe_update(p, others.v[0].id, &others.v[0], MAYBE_C_MOOD, &others.v[0], mem));
  EXPECT(others.v[0].c_mood.v == MOOD_CALM);
  OK(maybe_delete(p, others.v[0].id));
}

static void nullable_values(struct pdl *p, PGconn *conn, struct pdl_mem *mem) {
  const struct maybe none = {0};
  const struct maybe full = {
      .c_bool = {true, false}, .c_int2 = {true, -2}, .c_int4 = {true, 4}, .c_int8 = {true, -8}, .c_float4 = {true, 0.1f},
      .c_float8 = {true, 0.1}, .c_oid = {true, 7}, .c_uuid = {true, {{9}}}, .c_date = {true, {-366}}, .c_time = {true, {0}},
      .c_timetz = {true, {1, 0}}, .c_ts = {true, {-62000000000000001}}, .c_tstz = {true, {0}}, .c_interval = {true, {0, 0, 1}},
      .c_inet = {true, {4, 32, {1}}}, .c_cidr = {true, {4, 8, {10}}}, .c_mac = {true, {{1}}}, .c_mac8 = {true, {{1}}},
      .c_text = TEXT("t"), .c_jsonb = {TEXT("1")}, .c_bytea = {(const uint8_t *)"", 0}, .c_varbit = {(const uint8_t *)"", 0},
      .c_numeric = {TEXT("1e3")}, .c_mood = {MOOD_CALM, {NULL, 0}},
      .c_address = {true, {TEXT("Main St, \"5\""), {true, 12345}}},
      .c_range = {true, {{757382400000000}, {0}, false, true, false, false, true}}, .c_point = TEXT("(1,2)"), .c_matrix = TEXT("{{1,2},{3,NULL}}")};
  const maybe_cols all = ~(~UINT64_C(0) << 29) & ~MAYBE_ID;
  struct maybe got;
  struct pdl_copy *copy;
  OK(maybe_insert(p, &none, all, &got, mem));
  EXPECT(!got.c_bool.set && !got.c_inet.set && !got.c_text.p && !got.c_jsonb.json.p && !got.c_bytea.p && !got.c_varbit.p &&
         !got.c_numeric.dec.p && !got.c_mood.label.p && got.c_mood.v == 0 && !got.c_address.set && !got.c_range.set && !got.c_matrix.p);
  OK(maybe_insert(p, &full, all, &got, mem));
  SAME_OPT(got.c_bool, full.c_bool);
  SAME_OPT(got.c_int8, full.c_int8);
  SAME_OPT(got.c_float4, full.c_float4);
  SAME_OPT(got.c_uuid, full.c_uuid);
  SAME_OPT(got.c_date, full.c_date);
  SAME_OPT(got.c_ts, full.c_ts);
  SAME_OPT(got.c_inet, full.c_inet);
  EXPECT(got.c_interval.set && got.c_interval.v.months == 1);
  EXPECT(got.c_address.set && pdl_text_is(got.c_address.v.street, "Main St, \"5\"") && got.c_address.v.zip.v == 12345);
  EXPECT(got.c_range.set && got.c_range.v.lower.us == 757382400000000 && got.c_range.v.upper_inf);
  SAME_TEXT(got.c_matrix, full.c_matrix);
  EXPECT(pdl_text_is(got.c_numeric.dec, "1000") && got.c_bytea.p && got.c_bytea.n == 0);
  OK(maybe_copy_open(p, all, &copy)); /* of types that have no binary form here: text */
  OK(maybe_copy_row(copy, &none));
  OK(maybe_copy_row(copy, &full));
  OK(pdl_copy_close(copy, NULL));
  all_alike(conn, "maybe", "4/2");
  GIVES(PDL_USAGE, maybe_insert(p, &full, UINT64_C(1) << 29, NULL, NULL));

  struct calm_list rows;
  OK(calm_list_all(p, 0, &rows, mem));
  EXPECT(rows.n == 4 && !rows.v[0].c_text.p && pdl_text_is(rows.v[1].c_text, "t") && rows.v[1].c_mood.v == MOOD_CALM);
  struct app_counts_list counts;
  OK(app_counts_list_all(p, 0, &counts, mem));
  EXPECT(counts.n == 0);
  sql(conn, "REFRESH MATERIALIZED VIEW app.counts");
  OK(app_counts_list_all(p, 0, &counts, mem));
  EXPECT(counts.n == 2);
}

#define ARRAY(type, ...) {(const type[]){__VA_ARGS__}, sizeof((const type[]){__VA_ARGS__}) / sizeof(type), NULL}
#define TEXTS(type, ...) {(const type[]){__VA_ARGS__}, sizeof((const type[]){__VA_ARGS__}) / sizeof(type)}

static void array_values(struct pdl *p, PGconn *conn, struct pdl_mem *mem) {
  static const bool null_first[] = {true, false};
  const struct arrays none = {0};
  const struct arrays full = {
      .c_bool = ARRAY(bool, true, false), .c_int2 = ARRAY(int16_t, 1, -1), .c_int4 = {(const int32_t[]){0, 5}, 2, null_first},
      .c_int8 = ARRAY(int64_t, INT64_MAX), .c_float4 = ARRAY(float, 0.1f, -INFINITY), .c_float8 = ARRAY(double, 0.1, 1e308),
      .c_uuid = ARRAY(pdl_uuid, {{1}}, {{2}}), .c_date = ARRAY(pdl_date, {0}, {INT32_MIN}), .c_time = ARRAY(pdl_time, {1}),
      .c_timetz = ARRAY(pdl_timetz, {1, 3600}), .c_ts = ARRAY(pdl_timestamp, {-1}), .c_tstz = ARRAY(pdl_timestamptz, {1}, {INT64_MAX}),
      .c_interval = ARRAY(pdl_interval, {1, 2, 3}), .c_inet = ARRAY(pdl_inet, {4, 32, {127, 0, 0, 1}}), .c_mac = ARRAY(pdl_macaddr, {{7}}),
      .c_text = TEXTS(pdl_text, TEXT("a\"b\\c"), TEXT(""), TEXT("NULL"), {NULL, 0}, TEXT("\t\n{},")),
      .c_json = TEXTS(pdl_json, {TEXT("{\"a\": 1}")}), .c_jsonb = TEXTS(pdl_jsonb, {TEXT("{\"a\": 1}")}, {{NULL, 0}}),
      .c_bytea = TEXTS(pdl_bytea, {(const uint8_t *)"\0\1", 2}), .c_varbit = TEXTS(pdl_bit, {(const uint8_t *)"\xf0", 4}),
      .c_numeric = TEXTS(pdl_numeric, {TEXT("1.50")}, {TEXT("-Infinity")}), .c_mood = TEXTS(mood_t, {MOOD_CALM, {NULL, 0}}, {MOOD_UNKNOWN, {NULL, 0}}, {MOOD__, {NULL, 0}}),
      .c_address = ARRAY(address, {TEXT("a b"), {true, 1}}, {{NULL, 0}, {false, 0}}),
      .c_range = ARRAY(pdl_int4range, {1, 3, false, true, false, false, false}, {0, 0, true, false, false, false, false})};
  struct arrays empty = {0};
  static const char any[1];
  const pdl_texts no_text = {(const pdl_text *)(const void *)any, 0};
  empty.c_text = no_text;
  empty.c_int4.v = (const int32_t *)(const void *)any;
  empty.c_mood.v = (const mood_t *)(const void *)any;
  const arrays_cols all = ~(~UINT64_C(0) << 25) & ~ARRAYS_ID;
  struct arrays got;
  struct pdl_copy *copy;
  OK(arrays_insert(p, &none, all, &got, mem));
  EXPECT(!got.c_bool.v && !got.c_text.v && !got.c_mood.v && !got.c_range.v);
  OK(arrays_insert(p, &empty, all, &got, mem));
  EXPECT(got.c_text.v && got.c_text.n == 0 && got.c_int4.v && got.c_int4.n == 0 && !got.c_int8.v && got.c_mood.v);
  OK(arrays_insert(p, &full, all, &got, mem));
  EXPECT(got.c_bool.n == 2 && got.c_bool.v[0] && !got.c_bool.v[1] && !got.c_bool.null);
  EXPECT(got.c_int4.n == 2 && got.c_int4.null && got.c_int4.null[0] && !got.c_int4.null[1] && got.c_int4.v[1] == 5);
  EXPECT(got.c_float8.v[1] == 1e308 && got.c_uuid.v[1].b[0] == 2 && got.c_date.v[1].days == INT32_MIN);
  EXPECT(got.c_text.n == 5 && pdl_text_is(got.c_text.v[0], "a\"b\\c") && !got.c_text.v[3].p && got.c_text.v[4].p[5] == 0);
  EXPECT(got.c_jsonb.n == 2 && !got.c_jsonb.v[1].json.p && got.c_varbit.v[0].n == 4 && got.c_bytea.v[0].n == 2);
  EXPECT(pdl_text_is(got.c_numeric.v[0].dec, "1.50") && got.c_mood.v[0].v == MOOD_CALM && got.c_mood.v[2].v == MOOD__);
  EXPECT(!got.c_mood.v[1].label.p && pdl_text_is(got.c_address.v[0].street, "a b") && got.c_range.v[1].empty);
  OK(arrays_copy_open(p, all, &copy)); /* as text */
  OK(arrays_copy_row(copy, &full));
  OK(arrays_copy_row(copy, &empty));
  OK(pdl_copy_close(copy, NULL));
  const arrays_cols binary = all & ~(ARRAYS_C_ADDRESS | ARRAYS_C_RANGE);
  OK(arrays_copy_open(p, binary, &copy));
  OK(arrays_copy_row(copy, &empty));
  OK(arrays_copy_row(copy, &none));
  OK(pdl_copy_close(copy, NULL));
  all_alike(conn, "arrays", "7/3");
  OK(arrays_copy_open(p, binary, &copy));
  OK(arrays_copy_row(copy, &full));
  OK(pdl_copy_close(copy, NULL));
  answers(conn, "SELECT count(DISTINCT (to_jsonb(t) - 'id' - 'c_address' - 'c_range')::text)::text FROM arrays t", "3");
  sql(conn, "UPDATE arrays SET c_int4 = '{{1,2},{3,4}}' WHERE c_int4 IS NULL");
  struct arrays_list list;
  GIVES(PDL_STALE, arrays_list_all(p, 0, &list, mem));
  EXPECT(strcmp(pdl_error(p)->column, "c_int4") == 0);
}

static void pairs(struct pdl *p, struct pdl_mem *mem) {
  struct app_pairs row = {.right_no = pdl_str("r"), .price = {pdl_str("1.5")}}, got;
  struct app_pairs_list list;
  for (int i = 0; i < 7; i++) {
    row.left_no = i / 2;
    row.right_no = pdl_str(i % 2 ? "b" : "a");
    OK(app_pairs_insert(p, &row, APP_PAIRS_REQUIRED, &got, mem));
    EXPECT(got.double_no == i / 2 * 2);
  }
  GIVES(PDL_USAGE, app_pairs_insert(p, &row, APP_PAIRS_REQUIRED | APP_PAIRS_DOUBLE_NO, NULL, NULL));
  GIVES(PDL_USAGE, app_pairs_insert(p, &row, APP_PAIRS_REQUIRED | APP_PAIRS_ALWAYS_NO, NULL, NULL));
  OK(app_pairs_get(p, 1, pdl_str("b"), &got, mem));
  EXPECT(pdl_text_is(got.price.dec, "1.500"));
  OK(app_pairs_page(p, &got, 100, &list, mem));
  EXPECT(list.n == 3 && list.v[0].left_no == 2);
  OK(app_pairs_page_by_price_made(p, &list.v[2], 100, &list, mem));
  EXPECT(list.n == 6);
  OK(app_pairs_list_by_left_no(p, 2, &list, mem));
  EXPECT(list.n == 2);
  const struct app_pairs wanted[] = {{.left_no = 3, .right_no = pdl_str("a")}, {.left_no = 0, .right_no = pdl_str("b")},
                                     {.left_no = 3, .right_no = pdl_str("b")}, {.left_no = 3, .right_no = pdl_str("a")}};
  OK(app_pairs_get_many(p, wanted, 4, &list, mem));
  EXPECT(list.n == 2 && list.v[0].left_no == 0 && pdl_text_is(list.v[0].right_no, "b") && list.v[1].left_no == 3);
  OK(app_pairs_get_many(p, NULL, 0, &list, mem));
  EXPECT(list.n == 0);
  struct app_children child = {.left_no = 1, .right_no = pdl_str("b")};
  struct app_children_list children;
  OK(app_children_insert(p, &child, APP_CHILDREN_REQUIRED, &child, mem));
  OK(app_children_pair(p, &child, &got, mem));
  EXPECT(got.left_no == 1);
  OK(app_children_of_pair(p, &got, &children, mem));
  EXPECT(children.n == 1);
  struct app_children parent;
  GIVES(PDL_NOROW, app_children_parent(p, &child, &parent, mem));
  OK(app_pairs_delete(p, 1, pdl_str("b")));
  GIVES(PDL_NOROW, app_children_get(p, child.id, &child, mem));
  struct keyed k = {.mood = {{MOOD_CALM, {NULL, 0}}}, .price = {pdl_str("2.50")}, .at = {1}};
  const keyed_id ids[] = {{{MOOD_CALM, {NULL, 0}}}, {{MOOD_WIDE_AWAKE, {NULL, 0}}}};
  struct keyed_list keyeds;
  OK(keyed_upsert_by_price(p, &k, KEYED_REQUIRED, &k, mem));
  OK(keyed_upsert_by_price(p, &k, KEYED_REQUIRED, &k, mem));
  OK(keyed_get_many(p, ids, 2, &keyeds, mem));
  EXPECT(keyeds.n == 1 && keyeds.v[0].mood.v.v == MOOD_CALM);
  OK(keyed_get_by_at(p, k.at, &k, mem));
}

static enum pdl_rc add_root(const struct public_squares_row *row, void *arg) {
  *(int *)arg += row->root.v;
  return row->root.v < 3 ? PDL_OK : PDL_NOROW;
}

static enum pdl_rc see_label(const pdl_text *label, void *arg) {
  *(int *)arg += label->p ? (int)label->n : 100;
  return PDL_OK;
}

/* Calls of functions without waiting, and their rows one at a time. */
static void functions_in_turn(struct pdl *p, struct pdl_mem *mem) {
  const pdl_opt_int4 nine = {true, 9}, two = {true, 2}, no_int4 = {false, 0};
  const pdl_text words[] = {{"four", 4}, {NULL, 0}};
  struct public_squares_list squares;
  struct app_pairs pair;
  struct app_pairs_list pairs;
  struct pdl_pipe *pipe;
  pdl_text text;
  int sum = 0;
  OK(public_squares_each(p, nine, add_root, &sum));
  EXPECT(sum == 1 + 2 + 3);
  sum = 0;
  OK(public_labels_each(p, (pdl_texts){words, 2}, see_label, &sum));
  EXPECT(sum == 104);
  OK(pdl_pipe_open(p, &pipe));
  OK(public_greet_q(pipe, pdl_str("x"), two, &text, mem));
  OK(public_squares_q(pipe, nine, &squares, mem));
  OK(public_find_pair_q(pipe, no_int4, pdl_str("a"), &pair, mem));
  OK(public_silence_q(pipe, words[1]));
  OK(public_forget_pairs_q(pipe, no_int4));
  OK(public_all_pairs_q(pipe, &pairs, mem));
  OK(app_pairs_list_by_left_no_q(pipe, 2, &pairs, mem));
  OK(app_pairs_page_q(pipe, NULL, 1, &pairs, mem));
  GIVES(PDL_USAGE, app_pairs_page_q(pipe, NULL, 1, NULL, mem));
  GIVES(PDL_NOROW, pdl_pipe_sync(pipe));
  EXPECT(pdl_pipe_count(pipe) == 8 && pdl_pipe_rc(pipe, 2) == PDL_NOROW && pdl_pipe_rc(pipe, 7) == PDL_OK);
  EXPECT(pdl_text_is(text, "hi xhi x") && squares.n == 9 && squares.v[8].root.v == 9 && pairs.n == 1);
  OK(public_silence_q(pipe, words[0]));
  OK(public_squares_q(pipe, two, &squares, mem));
  GIVES(PDL_SQL, pdl_pipe_close(pipe));
  EXPECT(strcmp(pdl_error(p)->message, "four") == 0 && squares.n == 9);
}

static void functions(struct pdl *p, struct pdl_mem *mem) {
  const pdl_opt_int4 two = {true, 2}, no_int4 = {false, 0};
  const pdl_text none = {NULL, 0};
  pdl_text text;
  OK(public_greet(p, pdl_str("Ada "), two, &text, mem));
  EXPECT(pdl_text_is(text, "hi Ada hi Ada "));
  OK(public_greet(p, none, two, &text, mem));
  EXPECT(text.p == NULL);
  pdl_opt_int8 sum;
  OK(public_add_up(p, no_int4, (pdl_opt_int8){true, INT64_MAX}, &sum, mem));
  EXPECT(sum.set && sum.v == INT64_MAX);
  GIVES(PDL_SQL, public_add_up(p, two, (pdl_opt_int8){true, INT64_MAX}, &sum, mem));
  pdl_opt_float8 more;
  OK(public_add_up_2(p, (pdl_opt_float8){true, 0.5}, &more, mem));
  EXPECT(more.set && more.v == 1.5);
  const mood_t moods[] = {{MOOD_CALM, {NULL, 0}}, {MOOD_WIDE_AWAKE, {NULL, 0}}};
  struct public_other_mood_row other = {{MOOD_UNKNOWN, {NULL, 0}}, {false, 0}};
  OK(public_other_mood(p, moods[1], (mood_t_array){moods, 2}, &other, mem));
  EXPECT(other.p.v == MOOD_WIDE_AWAKE && other.list.set && other.list.v == 2);
  struct public_squares_list squared;
  OK(public_squares(p, two, &squared, mem));
  EXPECT(squared.n == 2 && squared.v[1].root.v == 2 && pdl_text_is(squared.v[1].the_square.dec, "4"));
  OK(public_squares(p, no_int4, &squared, mem));
  EXPECT(squared.n == 0);
  const pdl_text words[] = {{"x", 1}, {NULL, 0}};
  struct public_labels_list all;
  OK(public_labels(p, (pdl_texts){words, 2}, &all, mem));
  EXPECT(all.n == 2 && pdl_text_is(all.v[0], "x") && all.v[1].p == NULL);
  struct app_pairs pair;
  struct app_pairs_list found;
  OK(public_find_pair(p, two, pdl_str("a"), &pair, mem));
  EXPECT(pair.left_no == 2 && pair.double_no == 4);
  GIVES(PDL_NOROW, public_find_pair(p, no_int4, pdl_str("a"), &pair, mem));
  OK(public_all_pairs(p, &found, mem));
  const size_t before = found.n;
  OK(public_forget_pairs(p, two));
  OK(public_all_pairs(p, &found, mem));
  EXPECT(before == found.n + 2);
  OK(public_awkward(p, two, no_int4, moods[0], none, two, &other.list, mem));
  EXPECT(other.list.set && other.list.v == 4);
  pdl_opt_int4 sent;
  OK(public_send(p, pdl_str("four"), &sent, mem));
  EXPECT(sent.set && sent.v == 4);
  GIVES(PDL_SQL, public_broken(p, two, &sent, mem)); /* its own fault, and not that of an outdated program */
  EXPECT(strcmp(pdl_error(p)->sqlstate, "42883") == 0);
  OK(public_silence(p, none));
  GIVES(PDL_SQL, public_silence(p, pdl_str("because")));
  EXPECT(strcmp(pdl_error(p)->message, "because") == 0);
}

static void wide_masks(struct pdl *p, struct pdl_mem *mem) {
  struct wide w = {.id = {1}, .c70 = {true, -70}}, got;
  wide_cols cols = {{0}};
  cols.w[WIDE_ID / 64] |= UINT64_C(1) << (WIDE_ID % 64);
  cols.w[WIDE_C70 / 64] |= UINT64_C(1) << (WIDE_C70 % 64);
  OK(wide_insert(p, &w, cols, &got, mem));
  EXPECT(got.c70.v == -70 && got.c69.v == 69 && got.c1.v == 1);
  cols.w[1] = UINT64_C(1) << 63;
  GIVES(PDL_USAGE, wide_insert(p, &w, cols, &got, mem));
}

static void helpers(void) {
  pdl_uuid u;
  char text[37];
  EXPECT(pdl_uuid_parse("0123ABCD-4567-89ab-cdef-0123456789ab", &u) && u.b[2] == 0xAB && u.b[15] == 0xab);
  pdl_uuid_print(&u, text);
  EXPECT(strcmp(text, "0123abcd-4567-89ab-cdef-0123456789ab") == 0);
  EXPECT(!pdl_uuid_parse("0123abcd", &u) && !pdl_uuid_parse("0123abcd-4567-89ab-cdef-0123456789abc", &u));
  EXPECT(!pdl_uuid_parse("g123abcd-4567-89ab-cdef-0123456789ab", &u));
  EXPECT(pdl_timestamptz_of(946684800).us == 0 && pdl_timestamptz_unix(pdl_timestamptz_of(-5)) == -5);
  EXPECT(pdl_timestamptz_of(INT64_MAX).us == INT64_MAX && pdl_timestamptz_of(INT64_MIN).us == INT64_MIN);
}

int main(int count, char **arguments) {
  (void)count;
  PGconn *conn = PQconnectdb(arguments[1]), *other = PQconnectdb(arguments[1]);
  sql(conn, "SET client_encoding = latin1; SET datestyle = german; SET search_path = ''");
  struct pdl *p = pdl_open(conn, 0);
  struct pdl_mem mem = PDL_MEM_INIT;
  helpers();
  plain_values(p, other, &mem);
  nullable_values(p, other, &mem);
  array_values(p, other, &mem);
  pairs(p, &mem);
  functions(p, &mem);
  functions_in_turn(p, &mem);
  wide_masks(p, &mem);
  pdl_mem_clear(&mem);
  pdl_close(p);
  PQfinish(conn);
  PQfinish(other);
  return failures ? 1 : 0;
}
