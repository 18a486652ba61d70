#define _DEFAULT_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "migrate/migrate.h"

struct fixture {
  struct arena arena;
  struct diagnostics diagnostics;
  char folder[64];
};

static int set_up(void **state) {
  struct fixture *f = xmalloc(sizeof *f);
  *f = (struct fixture){.arena = ARENA_INIT};
  diagnostics_init(&f->diagnostics, &f->arena);
  strcpy(f->folder, "/tmp/pdlc-migrate-XXXXXX");
  assert_non_null(mkdtemp(f->folder));
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  const char *command = arena_printf(&f->arena, "rm -r %s", f->folder);
  assert_int_equal(system(command), 0);
  arena_release(&f->arena);
  free(f);
  return 0;
}

/* ── statements ── */

static void assert_split(const char *text, const char *expected) {
  struct arena arena = ARENA_INIT;
  struct strbuf out = STRBUF_INIT;
  size_t count;
  const struct sql_part *parts = sql_split(&arena, text, strlen(text), &count);
  for (size_t i = 0; i < count; i++)
    strbuf_addf(&out, "%c<%.*s>", "+!tmc"[parts[i].kind], (int)(parts[i].to - parts[i].from), text + parts[i].from);
  assert_string_equal(out.text, expected);
  strbuf_release(&out);
  arena_release(&arena);
}

static void statements(void **state) {
  (void)state;
  assert_split("", "");
  assert_split("-- nothing\n;;", "");
  assert_split("select 1; select 2", "+<select 1>+<select 2>");
  assert_split("select ';' -- ;\n, $$;$$, \";\"; /* ; */ select 2;", "+<select ';' -- ;\n, $$;$$, \";\">+<select 2>");
  assert_split("create rule r as on insert to t do (select 1; select 2); select 3",
               "+<create rule r as on insert to t do (select 1; select 2)>+<select 3>");
  assert_split("create or replace function f() returns int begin atomic select case when a then 1 end; select 2; end; select 3",
               "+<create or replace function f() returns int begin atomic select case when a then 1 end; select 2; end>+<select 3>");
  assert_split("Begin; COMMIT; end work; rollback to x; savepoint a; release a; start transaction; prepare transaction 'x'",
               "t<Begin>t<COMMIT>t<end work>t<rollback to x>t<savepoint a>t<release a>t<start transaction>t<prepare transaction 'x'>");
  assert_split("\\set x 1\nselect 1;\\q", "m<\\set x 1>+<select 1>m<\\q>");
  assert_split("copy t from stdin; copy t from 'f'", "c<copy t from stdin>+<copy t from 'f'>");
  assert_split("prepare p as select 1", "+<prepare p as select 1>");
}

static void alone(void **state) {
  (void)state;
  static const char *const all[] = {
      "create index concurrently on t (a)", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "drop index concurrently i",
      "reindex (concurrently) table t", "reindex table concurrently t", "reindex schema s", "vacuum t", "vacuum (full) t",
      "alter table t detach partition p concurrently", "alter system set a = 1", "create database d", "drop tablespace x",
      "cluster", "do $$ begin update t set a = 1; commit; end $$", "alter database d set tablespace x",
      "create subscription s connection 'x' publication p", "discard all"};
  static const char *const none[] = {
      "create index on t (a)", "create index \"concurrently\" on t (a)", "drop index i", "reindex table t", "reindex index i",
      "alter table t detach partition p", "refresh materialized view concurrently m", "cluster t", "do $$ begin perform 1; end $$",
      "do $$ begin perform 'commit'; end $$", "alter database d set a = 1", "create table vacuum ()",
      "create function f() returns void language plpgsql as $$ begin commit; end $$"};
  struct arena arena = ARENA_INIT;
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    assert_split(all[i], arena_printf(&arena, "!<%s>", all[i]));
  for (size_t i = 0; i < ARRAY_LEN(none); i++)
    assert_split(none[i], arena_printf(&arena, "+<%s>", none[i]));
  arena_release(&arena);
}

/* ── folders ── */

static void put(struct fixture *f, const char *name, const char *text) {
  const char *path = arena_printf(&f->arena, "%s/%s", f->folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  assert_int_equal(fclose(file), 0);
}

static void take(struct fixture *f, const char *name) {
  assert_int_equal(unlink(arena_printf(&f->arena, "%s/%s", f->folder, name)), 0);
}

static void seal(struct fixture *f) {
  struct migration_folder folder;
  struct strbuf sum = STRBUF_INIT;
  assert_true(migration_folder_scan(&f->arena, f->folder, &f->diagnostics, &folder));
  migration_sum_print(&folder, &sum);
  put(f, MIGRATION_SUM, sum.text);
  strbuf_release(&sum);
}

/* Reads the folder and expects these diagnostics, "734 0001_a.up.sql:1 | …", and no others. */
static struct migration_folder read_with(struct fixture *f, const char *expected) {
  struct migration_folder folder;
  struct strbuf said = STRBUF_INIT;
  diagnostics_init(&f->diagnostics, &f->arena);
  const bool ok = migration_folder_read(&f->arena, f->folder, &f->diagnostics, &folder);
  for (const struct diagnostic *d = f->diagnostics.first; d; d = d->next) {
    const char *path = d->span.src ? strrchr(d->span.src->path, '/') + 1 : "-";
    strbuf_addf(&said, "%s%d %s:%u", said.len ? " | " : "", d->code, path, d->span.src ? span_place(d->span).line : 0);
  }
  assert_string_equal(said.text, expected);
  assert_int_equal(ok, *expected == '\0');
  strbuf_release(&said);
  return folder;
}

static void three_files(struct fixture *f) {
  put(f, "0001_a.up.sql", "create table a ();\n");
  put(f, "0001_a.down.sql", "drop table a;\n");
  put(f, "0002_b.up.sql", "create index concurrently on a (x);\n");
  put(f, "0010_c.up.sql", "-- pdlc:no-transaction\nselect 1;\n");
  seal(f);
}

static void folder_in_order(void **state) {
  struct fixture *f = *state;
  assert_int_equal(read_with(f, "").count, 0);
  three_files(f);
  put(f, "README.md", "not looked at");
  const struct migration_folder folder = read_with(f, "");
  assert_int_equal(folder.count, 3);
  assert_string_equal(folder.v[2].version, "0010");
  assert_string_equal(folder.v[2].name, "c");
  assert_int_equal(folder.v[0].label, DOWN_UNKNOWN);
  assert_int_equal(folder.v[1].label, DOWN_MISSING);
  assert_true(folder.v[0].up.transaction);
  assert_false(folder.v[1].up.transaction);
  assert_false(folder.v[2].up.transaction);
  take(f, MIGRATION_SUM);
  read_with(f, ""); /* nobody of them has a header */
}

static void folder_tampered(void **state) {
  struct fixture *f = *state;
  three_files(f);
  put(f, "0001_a.up.sql", "create table b ();\n");
  read_with(f, "734 0001_a.up.sql:1");
  put(f, "0001_a.up.sql", "create table a ();\r\n");
  read_with(f, "734 0001_a.up.sql:1");
  assert_non_null(strstr(f->diagnostics.first->message, "CRLF"));
  put(f, "0001_a.up.sql", "create table a ();\n");
  take(f, "0002_b.up.sql");
  read_with(f, "735 pdl.sum:4");
  put(f, "0002_b.up.sql", "create index concurrently on a (x);\n");
  put(f, "0003_d.up.sql", "select 1;\n");
  read_with(f, "736 0003_d.up.sql:1");
  put(f, "0002_d.up.sql", "select 1;\n");
  take(f, "0003_d.up.sql");
  read_with(f, "731 0002_d.up.sql:1 | 736 0002_d.up.sql:1");
  take(f, "0002_d.up.sql");
  put(f, "0004.sql", "");
  put(f, "0005_a.sql", "");
  read_with(f, "730 -:0 | 730 -:0");
}

static void sum_tampered(void **state) {
  struct fixture *f = *state;
  three_files(f);
  struct migration_folder folder = read_with(f, "");
  const char *sum = folder.sum->text, *first = strchr(sum, '\n') + 1, *second = strchr(first, '\n') + 1;
  const char *third = strchr(second, '\n') + 1, *fourth = strchr(third, '\n') + 1;
  put(f, MIGRATION_SUM, arena_printf(&f->arena, "%.*s%.*s%.*s%s", (int)(first - sum), sum, (int)(third - second), second,
                                     (int)(second - first), first, third));
  read_with(f, "733 pdl.sum:1 | 737 pdl.sum:2");
  put(f, MIGRATION_SUM, arena_printf(&f->arena, "%.*s", (int)(fourth - sum), sum));
  read_with(f, "733 pdl.sum:1 | 736 0010_c.up.sql:1");
  put(f, MIGRATION_SUM, arena_printf(&f->arena, "<<<<<<< ours\n%s", sum));
  read_with(f, "733 pdl.sum:1");
  assert_non_null(strstr(f->diagnostics.first->hint, "--renumber"));
  put(f, MIGRATION_SUM, "");
  read_with(f, "733 pdl.sum:1");
  put(f, MIGRATION_SUM, first);
  read_with(f, "733 pdl.sum:1");
  put(f, MIGRATION_SUM, arena_printf(&f->arena, "%s%.*s", sum, (int)(second - first), first));
  read_with(f, "733 pdl.sum:6");
}

static void supabase_layout(void **state) {
  struct fixture *f = *state;
  put(f, "20260102030405_a.sql", "select 1;\n");
  put(f, "20260102030406_b.sql", "select 2;\n");
  assert_int_equal(mkdir(arena_printf(&f->arena, "%s/down", f->folder), 0700), 0);
  put(f, "down/20260102030405_a.sql", "select 3;\n");
  seal(f);
  const struct migration_folder folder = read_with(f, "");
  assert_int_equal(folder.layout, LAYOUT_SUPABASE);
  assert_int_equal(folder.count, 2);
  assert_string_equal(folder.v[0].down.name, "down/20260102030405_a.sql");
  assert_null(folder.v[1].down.path);
  put(f, "down/20260102030407_c.sql", "select 4;\n");
  read_with(f, "735 20260102030407_c.sql:1 | 736 20260102030407_c.sql:1");
  take(f, "down/20260102030407_c.sql");
  put(f, "20260102030407_x.up.sql", "select 5;\n");
  read_with(f, "730 -:0");
}

/* ── headers ── */

static void headers(void **state) {
  struct fixture *f = *state;
  const char *hash = digest_sha256(&f->arena, "x", 1);
  const char *drops[] = {"t.a,b", "new\nline"}, *hazards[] = {"K1 public.t: scans \"t\"\n; drop table t"};
  const struct migration m = {.version = "0001", .name = "a", .after = hash, .label = DOWN_LOSSY, .label_text = "rows (all) of\nt",
                              .drops = {drops, 2}, .hazards = {hazards, 1}, .up.transaction = false, .down.transaction = true};
  struct strbuf text = STRBUF_INIT;
  migration_header_print(&m, false, &text);
  for (const char *line = text.text; *line; line = strchr(line, '\n') + 1)
    assert_memory_equal(line, "-- ", 3);
  strbuf_adds(&text, "vacuum t;\n");
  put(f, "0001_a.up.sql", text.text);
  strbuf_clear(&text);
  migration_header_print(&m, true, &text);
  put(f, "0001_a.down.sql", text.text);
  strbuf_release(&text);
  read_with(f, "735 -:0");
  seal(f);
  const struct migration_folder folder = read_with(f, "");
  const struct migration *r = &folder.v[0];
  assert_true(r->headed);
  assert_null(r->parent);
  assert_null(r->before);
  assert_string_equal(r->after, hash);
  assert_int_equal(r->label, DOWN_LOSSY);
  assert_string_equal(r->label_text, m.label_text);
  assert_int_equal(r->drops.n, 2);
  assert_string_equal(r->drops.v[0], drops[0]);
  assert_string_equal(r->drops.v[1], drops[1]);
  assert_int_equal(r->hazards.n, 1);
  assert_string_equal(r->hazards.v[0], hazards[0]);
  assert_false(r->up.transaction);
  assert_true(r->down.transaction);
}

static void headers_malformed(void **state) {
  struct fixture *f = *state;
  put(f, "0001_a.up.sql", "-- pdlc migration 0001 a\n-- parent: sha256:12\n-- model: none\n-- transaction: perhaps\n-- down: dear\n");
  put(f, MIGRATION_SUM, "");
  read_with(f, "732 0001_a.up.sql:2 | 732 0001_a.up.sql:3 | 732 0001_a.up.sql:4 | 732 0001_a.up.sql:5 | 733 pdl.sum:1");
}

static void parents(void **state) {
  struct fixture *f = *state;
  put(f, "0001_a.up.sql", "-- pdlc migration 0001 a\n-- parent: none\n");
  put(f, "0002_b.up.sql", arena_printf(&f->arena, "-- pdlc migration 0002 b\n-- parent: sha256:%s\n", digest_sha256(&f->arena, "other", 5)));
  seal(f);
  read_with(f, "737 0002_b.up.sql:1");
}

static void refusals(void **state) {
  struct fixture *f = *state;
  put(f, "0001_a.up.sql", "-- pdlc migration 0001 a\nbegin;\n\\d\ncopy t from stdin;\nvacuum t;\n");
  put(f, "0002_b.up.sql", "-- pdlc migration 0002 b\n-- transaction: yes\nvacuum t;\n");
  put(f, "0003_c.up.sql", "-- pdlc:no-transaction\nselect 1;\nselect 2;\n");
  put(f, "0004_d.up.sql", "vacuum t;\n");
  struct migration_folder folder;
  assert_true(migration_folder_scan(&f->arena, f->folder, &f->diagnostics, &folder));
  static const size_t expected[] = {4, 1, 1, 0};
  for (size_t i = 0; i < folder.count; i++) {
    struct sql_part *parts;
    size_t count;
    const size_t before = f->diagnostics.errors;
    assert_int_equal(migration_statements(&f->arena, &folder.v[i].up, &f->diagnostics, &parts, &count), expected[i] == 0);
    assert_int_equal(f->diagnostics.errors - before, expected[i]);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(statements), cmocka_unit_test(alone), TEST(folder_in_order), TEST(folder_tampered), TEST(sum_tampered),
      TEST(supabase_layout), TEST(headers), TEST(headers_malformed), TEST(parents), TEST(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
