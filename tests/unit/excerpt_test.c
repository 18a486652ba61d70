/* An excerpt of two schemas leads to the same files as all of them, and state.pdl is read as it stands. Pairs are the folders of
 * tests/live/pairs, or of $PDLC_EXCERPTS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "migrate/migrate.h"

static struct schema *compile(struct arena *arena, const struct node *tree, struct diagnostics *d) {
  return schema_compile(arena, tree, sql_cache_new(arena), d);
}

/* The text of all files of a migration from one to the other. */
static void files(struct arena *arena, const struct migration_models *models, struct strbuf *out) {
  struct diagnostics d;
  struct migration_folder folder = {.path = "migrations"};
  const struct migration_options options = {.name = "change", .before = "before", .after = "after"};
  diagnostics_init(&d, arena);
  struct migration_plan *plan = migration_plan(arena, models, false, &d);
  if (d.errors == 0)
    migration_write(arena, plan, &options, &folder);
  for (size_t i = 0; i < folder.count; i++)
    strbuf_addf(out, "%s\n%s\n", folder.v[i].up.source->text, folder.v[i].down.source->text);
  strbuf_addf(out, "%zu errors, %zu losses\n", d.errors, migration_losses(plan).n);
}

enum verdict { REFUSED, TAKEN, ALL_TAKEN, DIFFERENT, VERDICTS };

/* Tables beside those of the pair, to be left out. */
static const char beside[] = "\ntable beside_a {\n  id serial pk\n  code text unique\n}\n"
                             "table beside_b {\n  id serial pk\n  a_id -> beside_a cascade index\n  index (id, a_id)\n}\n"
                             "table beside_c {\n  id int pk -> beside_b cascade\n  check (id > 0)\n}\n";

static enum verdict check_pair(const char *name, const char *pair_old, const char *pair_new) {
  struct arena arena = ARENA_INIT;
  const char *old = arena_printf(&arena, "%s%s", pair_old, beside), *new = arena_printf(&arena, "%s%s", pair_new, beside);
  struct diagnostics d;
  struct strbuf whole = STRBUF_INIT, part = STRBUF_INIT;
  diagnostics_init(&d, &arena);
  const struct node *before = syntax_parse(&arena, source_new(&arena, "state.pdl", old, strlen(old)), &d), *parts[2];
  const struct node *after = syntax_parse(&arena, source_new(&arena, "schema.pdl", new, strlen(new)), &d);
  const struct migration_models all = {compile(&arena, before, &d), compile(&arena, after, &d), compile(&arena, before, &d),
                                       compile(&arena, after, &d), before, after};
  enum verdict verdict = REFUSED;
  if (d.errors == 0 && excerpt_make(&arena, before, after, 0, parts)) {
    const struct migration_models some = {compile(&arena, parts[0], &d), compile(&arena, parts[1], &d), compile(&arena, parts[0], &d),
                                          compile(&arena, parts[1], &d), parts[0], parts[1]};
    if (d.errors == 0 && excerpt_fits(all.after, some.before, some.after)) {
      const bool less = node_count(parts[1], NODE_TABLE) < node_count(after, NODE_TABLE);
      files(&arena, &all, &whole);
      files(&arena, &some, &part);
      verdict = strcmp(whole.text, part.text) != 0 ? DIFFERENT : less ? TAKEN : ALL_TAKEN;
      if (verdict == DIFFERENT)
        fprintf(stderr, "%s: the whole\n%s\nits part\n%s\n", name, whole.text, part.text);
    }
  }
  strbuf_release(&whole);
  strbuf_release(&part);
  arena_release(&arena);
  return verdict;
}

/* state.pdl as it is read beside the schema of today, and as it is parsed. Not of what does not parse. */
static bool same_state(const char *once, const char *today) {
  struct arena arena = ARENA_INIT;
  struct diagnostics d, unread;
  struct state_text state, known;
  struct strbuf read = STRBUF_INIT, parsed = STRBUF_INIT;
  diagnostics_init(&d, &arena);
  diagnostics_init(&unread, &arena);
  migration_state_print(&arena, syntax_parse(&arena, source_new(&arena, "once.pdl", once, strlen(once)), &unread), &state);
  migration_state_print(&arena, syntax_parse(&arena, source_new(&arena, "today.pdl", today, strlen(today)), &unread), &known);
  const struct source *source = source_new(&arena, "state.pdl", state.text.text, state.text.len);
  node_dump(migration_state_read(&arena, source, &known, &d), &read);
  node_dump(syntax_parse(&arena, source, &d), &parsed);
  const bool same = unread.errors > 0 || (d.errors == 0 && strcmp(read.text, parsed.text) == 0);
  if (!same)
    fprintf(stderr, "state.pdl\n%s\nas it is read\n%s\nas it is parsed\n%s\n", state.text.text, read.text, parsed.text);
  strbuf_release(&read);
  strbuf_release(&parsed);
  strbuf_release(&state.text);
  strbuf_release(&known.text);
  arena_release(&arena);
  return same;
}

static const char *read_text(struct arena *arena, const char *folder, const char *pair, const char *name) {
  char *text;
  size_t len;
  const char *why;
  return file_read(arena, arena_printf(arena, "%s/%s/%s", folder, pair, name), SOURCE_MAX, &text, &len, &why) ? text : NULL;
}

static void pairs(void **state) {
  (void)state;
  const char *other = getenv("PDLC_EXCERPTS"), *folder = other ? other : "tests/live/pairs";
  DIR *dir = opendir(folder);
  size_t count[VERDICTS] = {0};
  assert_non_null(dir);
  for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
    struct arena arena = ARENA_INIT;
    const char *old = read_text(&arena, folder, e->d_name, "old.pdl"), *new = read_text(&arena, folder, e->d_name, "new.pdl");
    if (old && new) {
      count[check_pair(e->d_name, old, new)]++;
      assert_true(same_state(old, new));
    }
    arena_release(&arena);
  }
  closedir(dir);
  print_message("%zu of a part, %zu of all, %zu refused, %zu different\n", count[TAKEN], count[ALL_TAKEN], count[REFUSED],
                count[DIFFERENT]);
  assert_int_equal(count[DIFFERENT], 0);
  assert_true(count[TAKEN] > 20);
}

/* What looks like an item may be part of one: a blank line ends none that is open. */
static void state(void **unused) {
  (void)unused;
  static const char a[] = "/// first\ntable a {\n  id int pk\n}\n", b[] = "table b {\n  id int pk\n}\n";
  static const char body[] = "view v $$ select '\n\ntable b {\n  id int pk\n}\n\n' $$\n", flat[] = "enum e { x }\nenum f { y }\n";
  static const struct {
    const char *once, *today;
  } cases[] = {{a, b}, {b, a}, {a, a}, {"", a}, {a, ""}, {body, b}, {b, body}, {body, body}, {flat, "enum f { y }\nenum e { x }\n"},
               {"/// one\nenum e { x }\n", "/// two\nenum e { x }\n"}, {flat, "enum e { x }\nenum g { z }\nenum f { y }\n"},
               {"table b {\n  id int pk\n\n  n int\n}\nenum e { x }\n", "enum e { x }\ntable b {\n  id int pk\n}\n"}};
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_true(same_state(cases[i].once, cases[i].today));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pairs), cmocka_unit_test(state)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
