/* Values of several parts, there and back, and what a server or a caller may do wrong with them. */
#include "expect.h"

#define TEXT(s) {s, sizeof(s) - 1}

static void answers(PGconn *conn, const char *query, const char *wanted) {
  PGresult *r = PQexec(conn, query);
  const char *got = PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) : PQresultErrorMessage(r);
  if (strcmp(got, wanted) != 0) {
    failures++;
    printf("%s\n  is %s\n not %s\n", query, got, wanted);
  }
  PQclear(r);
}

static const address homes[] = {{TEXT("a \"quoted\\ (one), "), {true, 7}}, {{NULL, 0}, {false, 0}}, {TEXT(""), {true, -1}}};
static const bool second[] = {false, true, false};
static const pdl_daterange days[] = {{{-1}, {8766}, false, true, false, false, false},
                                     {{INT32_MAX}, {0}, false, true, false, false, true}};

static app_place some_place(void) {
  static const mood_t moods[] = {{MOOD_WIDE_AWAKE, {NULL, 0}}, {MOOD_UNKNOWN, {NULL, 0}}};
  static const pdl_text tags[] = {TEXT("{\"x\"}"), {NULL, 0}, TEXT("NULL")};
  static const double weights[] = {0.1, -1e300};
  app_place place;
  memset(&place, 0, sizeof place);
  place.name = pdl_str("\t\\N,(\"");
  place.at.set = place.home.set = place.span.set = place.seen.set = true;
  place.at.v = homes[0];
  place.home.v.zip.set = true;
  place.home.v.zip.v = 1;
  place.others.v = homes;
  place.others.n = 3;
  place.others.null = second;
  place.span.v = days[0];
  place.spans.v = days;
  place.spans.n = 2;
  place.mood.v = MOOD_CALM;
  place.moods.v = moods;
  place.moods.n = 2;
  place.price.dec = pdl_str("12.50");
  place.tags.v = tags;
  place.tags.n = 3;
  place.seen.v.us = -1;
  place.class_.p = (const uint8_t *)"\0\\";
  place.class_.n = 2;
  place.weights.v = weights;
  place.weights.n = 2;
  place.shape = pdl_str("(1,2)");
  return place;
}

static void same_address(const address *a, const address *b) {
  EXPECT(a->zip.set == b->zip.set && a->zip.v == b->zip.v && a->street.n == b->street.n && !a->street.p == !b->street.p);
  EXPECT(!a->street.p || (memcmp(a->street.p, b->street.p, a->street.n) == 0 && b->street.p[b->street.n] == 0));
}

static void same_place(const app_place *a, const app_place *b) {
  EXPECT(a->name.n == b->name.n && memcmp(a->name.p, b->name.p, a->name.n) == 0 && b->at.set && b->home.set);
  same_address(&a->at.v, &b->at.v);
  same_address(&a->home.v, &b->home.v);
  EXPECT(b->others.n == 3 && !b->others.null[0] && b->others.null[1]);
  same_address(&a->others.v[2], &b->others.v[2]);
  EXPECT(b->span.set && b->span.v.lower.days == -1 && b->span.v.upper.days == 8766 && b->span.v.lower_inc);
  EXPECT(b->spans.n == 2 && b->spans.v[0].lower.days == -1 && b->spans.v[1].upper_inf && b->spans.v[1].lower.days == INT32_MAX);
  EXPECT(b->mood.v == MOOD_CALM && b->moods.n == 2 && b->moods.v[0].v == MOOD_WIDE_AWAKE && !b->moods.v[1].label.p);
  EXPECT(pdl_text_is(b->price.dec, "12.50") && b->tags.n == 3 && pdl_text_is(b->tags.v[0], "{\"x\"}") && !b->tags.v[1].p);
  EXPECT(b->seen.v.us == -1 && b->class_.n == 2 && b->class_.p[1] == '\\' && b->weights.v[0] == 0.1);
  EXPECT(b->weights.v[1] == -1e300 && pdl_text_is(b->shape, "(1,2)"));
}

static struct parts some_parts(void) {
  static app_place places[3];
  static const pdl_int4range ints[] = {{1, 5, false, true, false, false, false}, {0, 0, true, false, false, false, false},
                                       {7, 0, false, true, false, false, true}};
  static const pdl_numrange nums[] = {{{TEXT("1.50")}, {TEXT("2")}, false, false, true, false, false}};
  static const pdl_range floats[] = {{TEXT("0.5"), TEXT("1e+300"), false, true, true, false, false}};
  struct parts row;
  memset(&row, 0, sizeof row);
  places[0] = places[2] = some_place();
  row.at = homes[0];
  row.home.set = row.place.set = row.ints.set = row.nums.set = row.times.set = row.zoned.set = row.days.set = true;
  row.home.v.zip.set = true;
  row.home.v.zip.v = 12345;
  row.place.v = places[0];
  row.many.v = row.pdl_1.v = homes;
  row.many.n = row.pdl_1.n = 3;
  row.many.null = second;
  row.places.v = places;
  row.places.n = 3;
  row.places.null = second;
  row.ints.v = ints[0];
  row.longs.empty = true;
  row.nums.v = nums[0];
  row.times.v.lower_inf = row.times.v.upper_inc = true;
  row.zoned.v.lower.us = INT64_MIN;
  row.zoned.v.lower_inc = true;
  row.zoned.v.upper.us = 1;
  row.days.v = days[0];
  row.floats.set = row.empty.set = true;
  row.floats.v = floats[0];
  row.int_list.v = row.multi.v = ints;
  row.int_list.n = row.multi.n = 3;
  row.int_list.null = second;
  row.num_multi.v = nums;
  row.own_multi.v = floats;
  row.num_multi.n = row.own_multi.n = 1;
  return row;
}

static void same_parts(const struct parts *a, const struct parts *b) {
  same_address(&a->at, &b->at);
  EXPECT(b->home.set && b->home.v.zip.v == 12345 && !b->home.v.street.p && b->place.set);
  same_place(&a->place.v, &b->place.v);
  EXPECT(b->many.n == 3 && b->many.null && b->many.null[1] && !b->many.null[2] && b->pdl_1.n == 3 && !b->pdl_1.null);
  same_address(&a->many.v[0], &b->many.v[0]);
  EXPECT(b->places.n == 3 && b->places.null[1] && !b->places.null[2]);
  same_place(&a->places.v[2], &b->places.v[2]);
  EXPECT(b->ints.v.lower == 1 && b->ints.v.upper == 5 && b->ints.v.lower_inc && !b->ints.v.upper_inc && b->longs.empty);
  EXPECT(pdl_text_is(b->nums.v.lower.dec, "1.50") && pdl_text_is(b->nums.v.upper.dec, "2") && b->nums.v.upper_inc);
  EXPECT(b->times.v.lower_inf && b->times.v.upper_inc && !b->times.v.upper_inf && b->times.v.upper.us == 0);
  EXPECT(b->zoned.v.lower.us == INT64_MIN && !b->zoned.v.lower_inf && b->zoned.v.upper.us == 1);
  EXPECT(pdl_text_is(b->floats.v.lower, "0.5") && pdl_text_is(b->floats.v.upper, "1e+300") && b->floats.v.upper_inc);
  EXPECT(b->int_list.n == 3 && b->int_list.v[0].upper == 5 && b->int_list.null[1] && b->int_list.v[2].upper_inf);
  EXPECT(b->multi.n == 2 && b->multi.v[0].lower == 1 && b->multi.v[1].lower == 7); /* what was empty is not there */
  EXPECT(b->num_multi.n == 1 && pdl_text_is(b->own_multi.v[0].lower, "0.5") && b->empty.set);
}

static void tables(struct pdl *p, PGconn *conn, struct pdl_mem *mem) {
  const parts_cols all = ~(~UINT64_C(0) << 19) & ~PARTS_ID;
  const struct parts row = some_parts(), none = {.at = {{NULL, 0}, {false, 0}}, .longs = {.lower_inf = true, .upper_inf = true}};
  struct parts got = none, bad = row;
  struct parts_list list;
  struct pdl_copy *copy;
  OK(parts_insert(p, &row, all, &got, mem));
  same_parts(&row, &got);
  OK(parts_get(p, got.id, &got, mem));
  same_parts(&row, &got);
  OK(parts_copy_open(p, all, &copy));
  OK(parts_copy_row(copy, &row));
  OK(pdl_copy_close(copy, NULL));
  OK(parts_list_all(p, 0, &list, mem));
  EXPECT(list.n == 2);
  same_parts(&row, &list.v[1]);
  answers(conn, "SELECT count(DISTINCT (to_jsonb(t) - 'id')::text)::text FROM parts t", "1");
  answers(conn, "SELECT concat_ws('|', ints, longs, nums, days, floats, multi, (place).spans, (places[3]).at) FROM parts LIMIT 1",
          "[1,5)|empty|(1.50,2]|[1999-12-31,2024-01-01)|[0.5,1e+300]|{[1,5),[7,)}|"
          "{[1999-12-31,2024-01-01),[infinity,)}|(\"a \"\"quoted\\\\ (one), \",7)");
  /* A value whose parts are all NULL is one, and not NULL. */
  OK(parts_insert(p, &none, all, &got, mem));
  EXPECT(!got.home.set && !got.place.set && !got.many.v && !got.places.v && !got.ints.set && !got.multi.v && !got.int_list.v);
  EXPECT(!got.at.street.p && !got.at.zip.set && got.longs.lower_inf && got.longs.upper_inf && !got.empty.set);
  sql(conn, "UPDATE parts SET home = NULL, many = '{}', multi = '{}', place = ROW(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,"
            "NULL,NULL,NULL,NULL,NULL,NULL)");
  OK(parts_get(p, got.id, &got, mem));
  EXPECT(got.many.v && got.many.n == 0 && got.multi.v && got.multi.n == 0 && got.place.set && !got.place.v.at.set);
  /* Bounds that are none, in a call and in a bulk load. */
  bad.nums.v.lower.dec = pdl_str("x");
  GIVES(PDL_SQL, parts_insert(p, &bad, all, NULL, NULL));
  bad.nums.v.lower.dec = pdl_str(NULL);
  GIVES(PDL_USAGE, parts_insert(p, &bad, all, NULL, NULL));
  EXPECT(strcmp(pdl_error(p)->column, "nums") == 0);
  bad = row;
  bad.place.v.mood.v = (enum mood_t_label)9;
  OK(parts_copy_open(p, all, &copy));
  GIVES(PDL_USAGE, parts_copy_row(copy, &bad));
  pdl_copy_abort(copy);
  bad = row;
  bad.home.v.zip.v = 0;
  GIVES(PDL_CONSTRAINT, parts_insert(p, &bad, all, NULL, NULL));
  EXPECT(pdl_error(p)->constraint == HOME_CHECK);
  /* Arrays that no program can expect, types that are others now. */
  sql(conn, "UPDATE parts SET many = ARRAY[ARRAY[at, at]]");
  GIVES(PDL_STALE, parts_get(p, got.id, &got, mem));
  EXPECT(strcmp(pdl_error(p)->column, "many") == 0);
  sql(conn, "UPDATE parts SET many = '[5:6]={\"(a,1)\",NULL}'");
  OK(parts_get(p, got.id, &got, mem));
  EXPECT(got.many.n == 2 && got.many.v[0].zip.v == 1 && got.many.null[1]);
  sql(conn, "ALTER TYPE address ADD ATTRIBUTE more int CASCADE");
  OK(parts_get(p, got.id, &got, mem));
  /* A plan that the server keeps goes by the attributes' numbers: it is made anew. */
  sql(conn, "ALTER TYPE app.place RENAME ATTRIBUTE name TO title CASCADE");
  sql(pdl_conn(p), "DEALLOCATE ALL");
  GIVES(PDL_STALE, parts_get(p, got.id, &got, mem));
  sql(conn, "ALTER TYPE app.place RENAME ATTRIBUTE title TO name CASCADE; ALTER TYPE app.place DROP ATTRIBUTE weights CASCADE,"
            " ADD ATTRIBUTE weights int CASCADE");
  sql(pdl_conn(p), "DEALLOCATE ALL");
  GIVES(PDL_STALE, parts_get(p, got.id, &got, mem));
  sql(conn, "ALTER TYPE address DROP ATTRIBUTE more CASCADE; ALTER TYPE app.place DROP ATTRIBUTE weights CASCADE,"
            " DROP ATTRIBUTE shape CASCADE, ADD ATTRIBUTE weights float8[] CASCADE, ADD ATTRIBUTE shape point CASCADE");
}

static void keys(struct pdl *p, struct pdl_mem *mem) {
  struct spans row = {.span = {{1, 5, false, true, false, false, false}}, .at = homes[0]}, got;
  struct inside in = {.id = {1}, .span = row.span};
  const spans_id ids[] = {row.span, {{9, 11, false, false, true, false, false}}};
  struct spans_list list;
  OK(spans_insert(p, &row, SPANS_REQUIRED, NULL, NULL));
  row.span = ids[1];
  row.at.zip.v = 8;
  OK(spans_upsert_by_at(p, &row, SPANS_REQUIRED, &got, mem));
  EXPECT(got.span.v.lower == 10 && got.span.v.upper == 12 && got.span.v.lower_inc);
  OK(spans_get_by_at(p, row.at, &got, mem));
  OK(spans_get_many(p, ids, 2, &list, mem));
  EXPECT(list.n == 2 && list.v[1].span.v.lower == 10);
  OK(spans_page(p, &list.v[0].span, 10, &list, mem));
  EXPECT(list.n == 1);
  OK(inside_insert(p, &in, INSIDE_REQUIRED, &in, mem));
  OK(inside_span(p, &in, &got, mem));
  EXPECT(got.at.zip.v == 7);
  OK(spans_delete(p, in.span));
  GIVES(PDL_NOROW, inside_get(p, in.id, &in, mem));
}

static void functions(struct pdl *p, struct pdl_mem *mem) {
  const address_opt from = {true, homes[0]}, nowhere = {false, {{NULL, 0}, {false, 0}}};
  const app_place_opt place = {true, some_place()};
  const pdl_opt_numrange nums = {true, {{TEXT("1.5")}, {TEXT("2.5")}, false, true, false, false, false}};
  address to;
  app_place_array places;
  struct public_addresses_list list;
  struct public_widen_row wide;
  struct pdl_pipe *pipe;
  OK(public_move(p, from, (pdl_opt_int4){true, 1}, &to, mem));
  EXPECT(to.zip.v == 8 && pdl_text_is(to.street, from.v.street.p));
  GIVES(PDL_NOROW, public_move(p, nowhere, (pdl_opt_int4){true, 1}, &to, mem));
  GIVES(PDL_NOROW, public_nobody(p, &to, mem));
  OK(public_addresses(p, (address_array){homes, 3, NULL}, &list, mem));
  EXPECT(list.n == 3);
  same_address(&homes[2], &list.v[2]);
  OK(public_widen(p, nums, &wide, mem));
  EXPECT(pdl_text_is(wide.lower.dec, "1.5") && pdl_text_is(wide.whole.v.upper.dec, "3.5") && wide.sums.n == 1);
  OK(public_places_of(p, place, &places, mem));
  EXPECT(places.n == 3 && places.null[1]);
  same_place(&place.v, &places.v[2]);
  OK(pdl_pipe_open(p, &pipe));
  OK(public_move_q(pipe, from, (pdl_opt_int4){true, 2}, &to, mem));
  OK(public_addresses_q(pipe, (address_array){homes, 1, NULL}, &list, mem));
  OK(pdl_pipe_close(pipe));
  EXPECT(to.zip.v == 9 && list.n == 1);
}

int main(int count, char **arguments) {
  (void)count;
  for (unsigned flags = 0; flags <= PDL_NO_PREPARE; flags++) {
    PGconn *conn = PQconnectdb(arguments[1]), *other = PQconnectdb(arguments[1]);
    sql(conn, "SET datestyle = german; SET timezone = 'Asia/Kolkata'; SET intervalstyle = sql_standard; SET search_path = ''");
    struct pdl *p = pdl_open(conn, flags);
    struct pdl_mem mem = PDL_MEM_INIT;
    functions(p, &mem);
    keys(p, &mem);
    tables(p, other, &mem);
    sql(other, "SET client_min_messages = warning; TRUNCATE parts, spans CASCADE");
    pdl_mem_clear(&mem);
    pdl_close(p);
    PQfinish(conn);
    PQfinish(other);
  }
  return failures ? 1 : 0;
}
