#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

/* ── arena ──────────────────────────────────────────────────────────────────── */

static void arena_aligns_and_zeroes(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  static const size_t sizes[] = {0, 1, 3, 8, 17, 1000, 16 * 1024, 16 * 1024 + 1, 65536, 65537, 1 << 20, 5};
  char *previous = NULL;
  for (int round = 0; round < 20; round++) {
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
      char *p = arena_alloc(&a, sizes[i]);
      assert_non_null(p);
      assert_ptr_not_equal(p, previous);
      assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
      for (size_t k = 0; k < sizes[i]; k++)
        assert_int_equal(p[k], 0);
      memset(p, 0xA5, sizes[i]);
      previous = p;
    }
  }
  arena_release(&a);
  assert_null(a.blocks);
  assert_non_null(arena_alloc(&a, 10));
  arena_release(&a);
}

static void arena_uses_what_was_made_ready(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  assert_non_null(arena_alloc(&a, 16));
  arena_prepare(&a);
  arena_prepare(&a);
  for (size_t taken = 0; taken < 2 * ARENA_PIECE; taken += 1024) {
    char *p = arena_alloc(&a, 1024);
    assert_int_equal(p[0] | p[1023], 0);
    memset(p, 'x', 1024);
  }
  arena_clear(&a);
  assert_int_equal(*(char *)arena_alloc(&a, 1024), 0);
  arena_prepare(&a);
  arena_release(&a);
}

static void arena_keeps_room_behind_large_pieces(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  char *first = arena_alloc(&a, 16);
  arena_alloc(&a, 1 << 20);
  char *second = arena_alloc(&a, 16);
  assert_ptr_equal(second, first + 16);
  arena_release(&a);
}

static void arena_copies_text(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  assert_string_equal(arena_strdup(&a, ""), "");
  assert_string_equal(arena_strndup(&a, "circles", 6), "circle");
  assert_memory_equal(arena_strndup(&a, "a\0b", 3), "a\0b", 4);
  assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
  arena_release(&a);
}

/* What a child that runs `act` exits with; its stderr goes to `said`. */
static int exit_of(void (*act)(void), char said[64]) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    act();
    _exit(99);
  }
  close(ends[1]);
  const ssize_t n = read(ends[0], said, 63);
  said[n > 0 ? n : 0] = '\0';
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void product_overflows(void) {
  struct arena a = ARENA_INIT;
  arena_array(&a, SIZE_MAX / 8 + 2, 8);
}

static void rounding_overflows(void) {
  struct arena a = ARENA_INIT;
  arena_alloc(&a, SIZE_MAX - 1);
}

static void header_overflows(void) {
  struct arena a = ARENA_INIT;
  arena_alloc(&a, SIZE_MAX - alignof(max_align_t));
}

static void length_overflows(void) {
  struct arena a = ARENA_INIT;
  arena_strndup(&a, "", SIZE_MAX);
}

static void overflow_ends_the_program(void **state) {
  (void)state;
  void (*const acts[])(void) = {product_overflows, rounding_overflows, header_overflows, length_overflows};
  for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
    char said[64];
    assert_int_equal(exit_of(acts[i], said), 1);
    assert_string_equal(said, "pdlc: out of memory\n");
  }
}

/* ── strbuf ─────────────────────────────────────────────────────────────────── */

static void strbuf_grows(void **state) {
  (void)state;
  struct strbuf s = STRBUF_INIT;
  assert_string_equal(s.text, "");
  strbuf_clear(&s);
  strbuf_add(&s, NULL, 0);
  strbuf_adds(&s, "");
  assert_int_equal(s.cap, 0);
  for (int i = 0; i < 1000; i++)
    strbuf_addc(&s, (char)('a' + i % 26));
  assert_int_equal(s.len, 1000);
  assert_int_equal(strlen(s.text), 1000);
  strbuf_addf(&s, "<%s:%*d>", "x", 300, 5);
  assert_int_equal(s.len, 1000 + 304);
  assert_string_equal(s.text + 1302, "5>");
  strbuf_truncate(&s, 3);
  assert_string_equal(s.text, "abc");
  strbuf_add(&s, "\0z", 2);
  assert_int_equal(s.len, 5);
  assert_memory_equal(s.text, "abc\0z", 6);

  struct arena a = ARENA_INIT;
  assert_memory_equal(strbuf_dup(&s, &a), "abc\0z", 6);
  arena_release(&a);

  char *text = strbuf_detach(&s);
  assert_string_equal(text, "abc");
  free(text);
  assert_string_equal(s.text, "");
  text = strbuf_detach(&s);
  assert_string_equal(text, "");
  free(text);
  strbuf_release(&s);
  strbuf_adds(&s, "again");
  assert_string_equal(s.text, "again");
  strbuf_release(&s);
  assert_int_equal(strbuf_empty[0], 0);
}

static void strbuf_adds_a_shells_word(void **state) {
  (void)state;
  static const struct {
    const char *word, *shown;
  } cases[] = {
      {"users.mail", "users.mail"}, {"", "''"}, {"a b", "'a b'"}, {"it's \\ \xc3\xa9", "'it'\\''s \\ \xc3\xa9'"},
      {"a\nb'\\\x1b[0m", "$'a\\012b\\'\\\\\\033[0m'"}, {"\xc2\x9b" "1m", "$'\\302\\2331m'"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct strbuf s = STRBUF_INIT;
    strbuf_add_shell(&s, cases[i].word);
    assert_string_equal(s.text, cases[i].shown);
    strbuf_release(&s);
  }
}

static void strbuf_formats_at_every_fill(void **state) {
  (void)state;
  for (int fill = 0; fill < 200; fill++) {
    for (int width = 60; width < 70; width++) {
      struct strbuf s = STRBUF_INIT;
      for (int i = 0; i < fill; i++)
        strbuf_addc(&s, '.');
      strbuf_addf(&s, "%*d", width, 42);
      assert_int_equal(s.len, fill + width);
      assert_string_equal(s.text + s.len - 2, "42");
      strbuf_release(&s);
    }
  }
}

/* ── map ────────────────────────────────────────────────────────────────────── */

static void numbers_are_found(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  struct numbers n;
  char values[1000];
  numbers_init(&n, &a);
  assert_null(numbers_get(&n, 0));
  for (uint64_t i = 0; i < 1000; i++)
    numbers_set(&n, i << 32, &values[i]);
  for (uint64_t i = 0; i < 1000; i++) {
    assert_ptr_equal(numbers_get(&n, i << 32), &values[i]);
    assert_null(numbers_get(&n, (i << 32) + 1));
  }
  numbers_set(&n, 7ull << 32, &values[0]);
  assert_ptr_equal(numbers_get(&n, 7ull << 32), &values[0]);
  assert_int_equal(n.count, 1000);
  arena_release(&a);
}

static void map_keeps_order(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  struct map m;
  map_init(&m, &a);
  assert_null(map_first(&m));
  assert_null(map_get(&m, "x"));
  int values[1000];
  for (int i = 0; i < 1000; i++) {
    char key[16]; /* gone after each round: keys must be copied */
    snprintf(key, sizeof key, "key%d", i * 7919 % 1000);
    values[i] = i;
    assert_null(map_add(&m, key, &values[i]));
  }
  assert_int_equal(map_count(&m), 1000);
  int i = 0;
  for (const struct map_entry *e = map_first(&m); e; e = map_next(e), i++) {
    char key[16];
    snprintf(key, sizeof key, "key%d", i * 7919 % 1000);
    assert_string_equal(map_key(e), key);
    assert_ptr_equal(map_value(e), &values[i]);
  }
  assert_int_equal(i, 1000);

  assert_ptr_equal(map_add(&m, "key0", &values[5]), &values[0]);
  assert_ptr_equal(map_get(&m, "key0"), &values[0]);
  map_set(&m, "key0", &values[5]);
  assert_ptr_equal(map_get(&m, "key0"), &values[5]);
  assert_ptr_equal(map_value(map_first(&m)), &values[5]);
  assert_ptr_equal(map_getn(&m, "key0xyz", 4), &values[5]);
  assert_null(map_getn(&m, "key0xyz", 5));
  map_set(&m, "", &values[9]);
  assert_ptr_equal(map_get(&m, ""), &values[9]);
  assert_int_equal(map_count(&m), 1001);
  assert_string_equal(map_key(map_first(&m)), "key0");
  arena_release(&a);
}

/* ── spell ──────────────────────────────────────────────────────────────────── */

static void spell_finds_the_nearest(void **state) {
  (void)state;
  static const struct {
    const char *word, *candidates[4], *best;
    size_t distance;
  } cases[] = {
      {"circle", {"circles", "cycles"}, "circles", 1},
      {"circle", {"cycles", "circles"}, "circles", 1},
      {"user_di", {"user", "user_id"}, "user_id", 1},
      {"USERS", {"user", "users"}, "users", 0},
      {"users", {"Users", "users"}, "Users", 0}, /* the first of equals */
      {"txet", {"date", "text", "test"}, "text", 1},
      {"bogint", {"boolean", "bigint"}, "bigint", 1},
      {"abcdef", {"abXdYf"}, "abXdYf", 2},
      {"abcdef", {"aXcYeZ"}, NULL, SIZE_MAX}, /* 3 of 6 is too far */
      {"ab", {"ac", "b", "abc"}, "abc", 1},
      {"ab", {"ac"}, NULL, SIZE_MAX},
      {"a", {"b", ""}, NULL, SIZE_MAX},
      {"", {"a", ""}, "", 0},
      {"banana", {"abnnaa"}, "abnnaa", 2}, /* two swaps */
      {"caafé", {"cafés"}, "cafés", 2},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct spell s = SPELL_INIT(cases[i].word);
    for (size_t k = 0; k < 4 && cases[i].candidates[k]; k++)
      spell_offer(&s, cases[i].candidates[k]);
    if (cases[i].best)
      assert_string_equal(s.best, cases[i].best);
    else
      assert_null(s.best);
    assert_int_equal(s.distance, cases[i].distance);
  }
  char *endless = xmalloc(1 << 20);
  memset(endless, 'x', (1 << 20) - 1);
  endless[(1 << 20) - 1] = '\0';
  struct spell s = SPELL_INIT(endless);
  spell_offer(&s, endless);
  assert_null(s.best); /* no name is that long */
  endless[128] = '\0';
  spell_offer(&s, endless);
  assert_ptr_equal(s.best, endless);
  free(endless);
}

/* The plain recurrence, to hold the bounded one against. */
static size_t slow_distance(const char *a, size_t n, const char *b, size_t m) {
  size_t d[9][9];
  for (size_t i = 0; i <= n; i++) {
    for (size_t j = 0; j <= m; j++) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      if (d[i - 1][j] + 1 < best)
        best = d[i - 1][j] + 1;
      if (d[i][j - 1] + 1 < best)
        best = d[i][j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best)
        best = d[i - 2][j - 2] + 1;
      d[i][j] = best;
    }
  }
  return d[n][m];
}

static void spell_agrees_with_the_plain_distance(void **state) {
  (void)state;
  unsigned seed = 1;
  for (int round = 0; round < 50000; round++) {
    char words[2][9];
    size_t lengths[2];
    for (int w = 0; w < 2; w++) {
      seed = seed * 1103515245u + 12345u;
      lengths[w] = (seed >> 16) % 9;
      for (size_t i = 0; i < lengths[w]; i++) {
        seed = seed * 1103515245u + 12345u;
        words[w][i] = (char)('a' + (seed >> 16) % 3);
      }
      words[w][lengths[w]] = '\0';
    }
    const size_t longer = lengths[0] > lengths[1] ? lengths[0] : lengths[1];
    const size_t d = slow_distance(words[0], lengths[0], words[1], lengths[1]);
    struct spell s = SPELL_INIT(words[0]);
    spell_offer(&s, words[1]);
    assert_int_equal(s.distance, d <= longer / 3 ? d : SIZE_MAX);
  }
}

/* ── source ─────────────────────────────────────────────────────────────────── */

static struct span span_of(const struct source *src, uint32_t from, uint32_t to) {
  return (struct span){src, from, to};
}

static void places_count_characters(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  /*                      0  1 2    3 4      6 7      10 11          15 */
  static const char text[] = "a\n\n\tb\xC3\xA9x\xE2\x82\xAC\n\xF0\x9F\x90\x98z";
  const struct source *src = source_new(&a, "s", text, sizeof text - 1);
  static const struct {
    uint32_t at;
    unsigned line, column;
  } cases[] = {
      {0, 1, 1}, {1, 1, 2}, {2, 2, 1}, {3, 3, 1}, {4, 3, 2},  {5, 3, 3},  {7, 3, 4},
      {8, 3, 5}, {11, 3, 6}, {12, 4, 1}, {16, 4, 2}, {17, 4, 3}, {999, 4, 3},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    const struct place from = span_place(span_of(src, cases[i].at, 17));
    assert_int_equal(from.line, cases[i].line);
    assert_int_equal(from.column, cases[i].column);
    const struct place to = span_end_place(span_of(src, 0, cases[i].at));
    assert_int_equal(to.line, cases[i].line);
    assert_int_equal(to.column, cases[i].column);
  }
  assert_int_equal(span_place(NO_SPAN).line, 0);
  assert_int_equal(src->text[src->len], 0);
  assert_int_equal(src->text[src->len + 1], 0);

  const struct source *empty = source_new(&a, "e", "", 0);
  assert_int_equal(span_place(span_of(empty, 0, 0)).line, 1);
  assert_int_equal(span_place(span_of(empty, 0, 0)).column, 1);

  assert_true(span_contains(span_of(src, 2, 8), span_of(src, 2, 8)));
  assert_true(span_contains(span_of(src, 2, 8), span_of(src, 3, 3)));
  assert_false(span_contains(span_of(src, 2, 8), span_of(src, 1, 3)));
  assert_false(span_contains(span_of(src, 2, 8), span_of(src, 3, 9)));
  assert_false(span_contains(span_of(src, 0, 8), span_of(empty, 0, 0)));
  assert_false(span_contains(NO_SPAN, NO_SPAN));
  arena_release(&a);
}

static void places_in_long_texts(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  /* Two-byte characters across every mark, a newline now and then; checked against a walk. */
  enum { LENGTH = 10240 };
  char *text = xmalloc(LENGTH);
  for (size_t i = 0; i < LENGTH; i += 2)
    memcpy(text + i, i % 4000 == 3998 ? "x\n" : "\xC3\xA9", 2);
  const struct source *src = source_new(&a, "s", text, LENGTH);
  unsigned line = 1, column = 1;
  for (uint32_t at = 0; at <= LENGTH; at += (uint32_t)utf8_step(text + at, 2)) {
    const struct place p = span_place(span_of(src, at, at));
    assert_int_equal(p.line, line);
    assert_int_equal(p.column, column);
    if (at == LENGTH)
      break;
    column = text[at] == '\n' ? 1 : column + 1;
    line += text[at] == '\n';
  }
  free(text);
  arena_release(&a);
}

static void utf8_is_checked(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t at;
  } cases[] = {
      {"", SIZE_MAX},
      {"plain ASCII \x7F\x01", SIZE_MAX},
      {"\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF", SIZE_MAX},
      {"\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF", SIZE_MAX},
      {"12345678\x80", 8},               /* a continuation alone */
      {"\xBF", 0},
      {"a\xC0\xAF", 1},                  /* overlong, 2 bytes */
      {"a\xC1\xBF", 1},
      {"a\xE0\x9F\xBF", 1},              /* overlong, 3 bytes */
      {"a\xF0\x8F\xBF\xBF", 1},          /* overlong, 4 bytes */
      {"a\xED\xA0\x80", 1},              /* surrogates */
      {"a\xED\xBF\xBF", 1},
      {"a\xF4\x90\x80\x80", 1},          /* above U+10FFFF */
      {"a\xF5\x80\x80\x80", 1},
      {"a\xF8\x88\x80\x80\x80", 1},
      {"a\xFE", 1},
      {"a\xFF", 1},
      {"a\xC3", 1},                      /* cut short */
      {"a\xE2\x82", 1},
      {"a\xF0\x9F\x90", 1},
      {"a\xC3z", 1},
      {"a\xE2\x82z", 1},
      {"a\xF0\x9F\x90z", 1},
      {"1234567\xC3\xA9\xC3", 9},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++)
    assert_int_equal(utf8_invalid_at(cases[i].text, strlen(cases[i].text)), cases[i].at);
  assert_int_equal(utf8_step("\xF0\x9F\x90\x98", 4), 4);
  assert_int_equal(utf8_step("\xF0\x9F\x90\x98", 3), 1);
  assert_int_equal(utf8_step("\xFFx", 2), 1);
  assert_int_equal(utf8_count("a\xC3\xA9\xFF\xF0\x9F\x90\x98", 8), 4);
  assert_int_equal(utf8_count("", 0), 0);
}

/* ── diagnostics ────────────────────────────────────────────────────────────── */

/* The codes borrowed for tests; the tables' own are looked for where a warning is needed. */
static const struct code_info *a_warning(void) {
  size_t count;
  const struct code_info *list = code_list(&count);
  for (size_t i = 0; i < count; i++) {
    if (list[i].severity == SEVERITY_WARNING)
      return &list[i];
  }
  return NULL;
}

static void codes_are_in_order(void **state) {
  (void)state;
  static const char *const numbers[] = {
#define CODE(id, number, severity, summary, text) #number,
#include "base/codes.def"
#undef CODE
  };
  size_t count;
  const struct code_info *list = code_list(&count);
  assert_int_equal(count, ARRAY_LEN(numbers));
  for (size_t i = 0; i < count; i++) {
    assert_true(numbers[i][0] != '0'); /* would be octal */
    assert_true(list[i].code > 0 && list[i].code < 10000);
    if (i)
      assert_true(list[i - 1].code < list[i].code); /* ascending, and unique */
    assert_ptr_equal(code_info(list[i].code), &list[i]);
    assert_ptr_equal(code_find(list[i].id), &list[i]);
    assert_true(*list[i].summary && !strchr(list[i].summary, '\n'));
    assert_true(list[i].summary[strlen(list[i].summary) - 1] != '.');
    assert_true(strlen(list[i].text) > 40);
  }
  assert_string_equal(code_info(PDL_FILE_UNREADABLE)->id, "PDL0001");
  assert_ptr_equal(code_find("pdl0501"), code_info(PDL_CANNOT_WRITE));
  assert_ptr_equal(code_find("501"), code_info(PDL_CANNOT_WRITE));
  assert_ptr_equal(code_find("1"), code_info(PDL_FILE_UNREADABLE));
  static const char *const unknown[] = {"", "PDL", "PDL9999", "pdl 501", "501x", "PDL00501", "PD501", "-1", "0"};
  for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
    assert_null(code_find(unknown[i]));
}

struct bench {
  struct arena arena;
  struct diagnostics d;
};

static void bench_init(struct bench *b) {
  b->arena = (struct arena)ARENA_INIT;
  diagnostics_init(&b->d, &b->arena);
}

static const struct source *bench_source(struct bench *b, const char *text) {
  return source_new(&b->arena, "schema.pdl", text, strlen(text));
}

static void assert_printed(struct bench *b, const char *expected) {
  struct strbuf out = STRBUF_INIT;
  diagnostics_finish(&b->d);
  diagnostics_print(&b->d, &out, false);
  assert_string_equal(out.text, expected);
  strbuf_release(&out);
  arena_release(&b->arena);
}

static void prints_hint_after_the_caret(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  struct strbuf text = STRBUF_INIT;
  for (int i = 0; i < 30; i++)
    strbuf_addc(&text, '\n');
  strbuf_adds(&text, "  circle_id      -> circle? set null  index\r\nnext\n");
  const struct source *src = bench_source(&b, text.text);
  strbuf_release(&text);
  struct diagnostic *one = diagnose(&b.d, PDL_FILE_UNREADABLE, span_of(src, 50, 56), "unknown table \"%s\"", "circle");
  diagnostic_hint(&b.d, one, "did you mean \"%s\"?", "circles");
  assert_int_equal(b.d.errors, 1);
  assert_printed(&b, "schema.pdl:31:21: error[PDL0001]: unknown table \"circle\"\n"
                     " 31 |   circle_id      -> circle? set null  index\n"
                     "    |                     ^~~~~~ did you mean \"circles\"?\n");
}

static void prints_peer_tabs_and_odd_bytes(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  const struct source *src = bench_source(&b, "\ta\x1B\xC2\x9B\xFF\xC3\xA9\tb c\n\tb\n");
  /* \t0 a1 ESC2 C1_3-4 FF5 é6-7 \t8 b9 ' '10 c11 \n12 \t13 b14 \n15 */
  struct diagnostic *one = diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 14, 15), "name \"b\x1B[31m\n\" twice");
  diagnostic_peer(one, span_of(src, 9, 10), "first declared here");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 1, 14), "wide");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 16, 16), "end");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 6, 8), "one character");
  assert_printed(&b, "schema.pdl:1:2: error[PDL0003]: wide\n"
                     " 1 | \ta???\xC3\xA9\tb c\n"
                     "   | \t^~~~~~~~~\n"
                     "schema.pdl:1:6: error[PDL0003]: one character\n"
                     " 1 | \ta???\xC3\xA9\tb c\n"
                     "   | \t    ^\n"
                     "schema.pdl:2:2: error[PDL0003]: name \"b?[31m \" twice\n"
                     " 2 | \tb\n"
                     "   | \t^\n"
                     "schema.pdl:1:8: note: first declared here\n"
                     " 1 | \ta???\xC3\xA9\tb c\n"
                     "   | \t     \t^\n"
                     "schema.pdl:3:1: error[PDL0003]: end\n"
                     " 3 |\n"
                     "   | ^\n");
}

static void prints_what_has_no_place(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  struct diagnostic *one = diagnose(&b.d, PDL_CANNOT_WRITE, NO_SPAN, "cannot write \"x\"");
  diagnostic_hint(&b.d, one, "Make room.");
  diagnose(&b.d, PDL_OUTPUT_REFUSED, NO_SPAN, "refused");
  assert_printed(&b, "pdlc: error[PDL0501]: cannot write \"x\"\n"
                     "  hint: Make room.\n"
                     "pdlc: error[PDL0502]: refused\n");
}

static void colours_are_balanced(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  diagnose(&b.d, PDL_NUL_BYTE, span_of(bench_source(&b, "abc"), 1, 3), "m");
  diagnostics_finish(&b.d);
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&b.d, &out, true);
  assert_string_equal(out.text, "\033[1mschema.pdl:1:2: \033[m\033[1;31merror[PDL0003]:\033[m m\n"
                                " 1 | abc\n"
                                "   |  \033[1;32m^~\033[m\n");
  strbuf_release(&out);
  arena_release(&b.arena);
}

static void wide_lines_are_cut(void **state) {
  (void)state;
  /* A line of 1 MB; the caret at its start, in its middle, at its end. */
  enum { LENGTH = 1000000 };
  char *text = xmalloc(LENGTH + 1);
  memset(text, 'x', LENGTH);
  text[LENGTH] = '\0';
  static const struct {
    uint32_t from, to, quoted, caret;
    bool before, after;
  } cases[] = {
      {0, 1, 160, 0, false, true},        {30, 40, 160, 30, false, true},
      {500000, 500003, 160, 80, true, true}, {999990, 999995, 160, 150, true, false},
      {1000000, 1000000, 160, 160, true, false}, {5, 1000000, 160, 5, false, true},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct bench b;
    bench_init(&b);
    diagnose(&b.d, PDL_NUL_BYTE, span_of(bench_source(&b, text), cases[i].from, cases[i].to), "m");
    struct strbuf expected = STRBUF_INIT;
    strbuf_addf(&expected, "schema.pdl:1:%u: error[PDL0003]: m\n 1 | ", cases[i].from + 1);
    strbuf_adds(&expected, cases[i].before ? "..." : "");
    strbuf_add(&expected, text, cases[i].quoted);
    strbuf_adds(&expected, cases[i].after ? "...\n" : "\n");
    strbuf_addf(&expected, "   | %*s^", (int)cases[i].caret + (cases[i].before ? 3 : 0), "");
    uint32_t tildes = cases[i].to > cases[i].from ? cases[i].to - cases[i].from - 1 : 0;
    if (tildes > cases[i].quoted - cases[i].caret - 1)
      tildes = cases[i].quoted - cases[i].caret - 1;
    for (uint32_t k = 0; k < tildes; k++)
      strbuf_addc(&expected, '~');
    strbuf_addc(&expected, '\n');
    assert_printed(&b, expected.text);
    strbuf_release(&expected);
  }
  free(text);
}

static void cut_lines_keep_characters_whole(void **state) {
  (void)state;
  struct strbuf text = STRBUF_INIT;
  for (int i = 0; i < 300; i++)
    strbuf_adds(&text, "\xE2\x82\xAC");
  struct bench b;
  bench_init(&b);
  diagnose(&b.d, PDL_NUL_BYTE, span_of(bench_source(&b, text.text), 450, 456), "m");
  struct strbuf expected = STRBUF_INIT;
  strbuf_adds(&expected, "schema.pdl:1:151: error[PDL0003]: m\n 1 | ...");
  strbuf_add(&expected, text.text, 160 * 3);
  strbuf_addf(&expected, "...\n   | %*s^~\n", 83, "");
  assert_printed(&b, expected.text);
  strbuf_release(&expected);
  strbuf_release(&text);
}

static void sorts_and_drops_repeats(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  const struct source *one = source_new(&b.arena, "one", "abc\ndef\n", 8);
  const struct source *two = source_new(&b.arena, "two", "xyz\n", 4);
  /* Which source lies lower in memory must not matter: the order is that of the first report. */
  diagnose(&b.d, PDL_NUL_BYTE, span_of(two, 2, 3), "z");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(one, 4, 5), "d");
  diagnose(&b.d, PDL_NUL_BYTE, NO_SPAN, "nowhere");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(one, 0, 1), "second here");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(one, 0, 1), "a");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(one, 0, 3), "second here"); /* a repeat, though between others */
  diagnose(&b.d, PDL_INVALID_UTF8, span_of(one, 0, 1), "second here");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(two, 0, 1), "x");
  diagnose(&b.d, PDL_NUL_BYTE, NO_SPAN, "nowhere");
  assert_int_equal(b.d.errors, 9);
  diagnostics_finish(&b.d);
  assert_int_equal(b.d.errors, 7);
  assert_printed(&b, "two:1:1: error[PDL0003]: x\n 1 | xyz\n   | ^\n"
                     "two:1:3: error[PDL0003]: z\n 1 | xyz\n   |   ^\n"
                     "one:1:1: error[PDL0003]: second here\n 1 | abc\n   | ^\n"
                     "one:1:1: error[PDL0003]: a\n 1 | abc\n   | ^\n"
                     "one:1:1: error[PDL0004]: second here\n 1 | abc\n   | ^\n"
                     "one:2:1: error[PDL0003]: d\n 2 | def\n   | ^\n"
                     "pdlc: error[PDL0003]: nowhere\n");
}

static void allows_drop_warnings_only(void **state) {
  (void)state;
  if (!a_warning())
    skip();
  const enum code warning = a_warning()->code;
  struct bench b;
  bench_init(&b);
  const struct source *src = bench_source(&b, "0123456789");
  diagnose(&b.d, warning, span_of(src, 2, 3), "inside");
  diagnose(&b.d, warning, span_of(src, 7, 8), "outside");
  diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 2, 3), "an error stays");
  diagnostics_allow(&b.d, warning, span_of(src, 1, 5));
  diagnostics_allow(&b.d, PDL_NUL_BYTE, span_of(src, 1, 5));
  diagnostics_allow(&b.d, PDL_INVALID_UTF8, span_of(src, 0, 10));
  assert_int_equal(b.d.warnings, 2);
  diagnostics_finish(&b.d);
  assert_int_equal(b.d.warnings, 1);
  assert_int_equal(b.d.errors, 1);
  assert_string_equal(b.d.first->message, "an error stays");
  assert_string_equal(b.d.last->message, "outside");
  arena_release(&b.arena);
}

static size_t count_of(const char *text, const char *word) {
  size_t count = 0;
  for (; (text = strstr(text, word)); text += strlen(word))
    count++;
  return count;
}

static void at_most_fifty_are_printed(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  const struct source *src = bench_source(&b, "x");
  for (int i = 0; i < 50; i++)
    diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 0, 1), "m%d", i);
  diagnostics_finish(&b.d);
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&b.d, &out, false);
  assert_int_equal(count_of(out.text, "error["), 50);
  assert_null(strstr(out.text, "more"));

  for (int i = 50; i < 60; i++)
    diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 0, 1), "m%d", i);
  diagnostics_finish(&b.d);
  strbuf_clear(&out);
  diagnostics_print(&b.d, &out, false);
  assert_int_equal(count_of(out.text, "error["), 50);
  assert_non_null(strstr(out.text, ": m49\n"));
  assert_null(strstr(out.text, ": m50\n"));
  static const char end[] = "^\npdlc: 10 more not shown\n";
  assert_string_equal(out.text + out.len - strlen(end), end);
  strbuf_release(&out);
  arena_release(&b.arena);
}

static void warnings_do_not_hide_errors(void **state) {
  (void)state;
  if (!a_warning())
    skip();
  struct bench b;
  bench_init(&b);
  const struct source *src = bench_source(&b, "xy");
  for (int i = 0; i < 60; i++)
    diagnose(&b.d, a_warning()->code, span_of(src, 0, 1), "w%d", i);
  diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 1, 2), "the error");
  diagnostics_finish(&b.d);
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&b.d, &out, false);
  assert_int_equal(count_of(out.text, "warning["), 49);
  assert_int_equal(count_of(out.text, "error["), 1);
  assert_non_null(strstr(out.text, "pdlc: 11 more not shown\n"));
  strbuf_release(&out);
  arena_release(&b.arena);
}

static void json_is_exact(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  struct strbuf out = STRBUF_INIT;
  diagnostics_json(&b.d, &out);
  assert_string_equal(out.text, "[]\n");

  const struct source *src = bench_source(&b, "a\n\xC3\xA9 bc\n");
  struct diagnostic *one = diagnose(&b.d, PDL_NUL_BYTE, span_of(src, 5, 7), "say \"bc\" \xFF");
  diagnostic_hint(&b.d, one, "No.");
  diagnostic_peer(one, span_of(src, 0, 1), "first declared here");
  diagnose(&b.d, PDL_CANNOT_WRITE, NO_SPAN, "disk\tfull");
  diagnostics_finish(&b.d);
  strbuf_clear(&out);
  diagnostics_json(&b.d, &out);
  assert_string_equal(out.text, "[\n"
                                "  {\n"
                                "    \"code\": \"PDL0003\",\n"
                                "    \"severity\": \"error\",\n"
                                "    \"message\": \"say \\\"bc\\\" ?\",\n"
                                "    \"hint\": \"No.\",\n"
                                "    \"file\": \"schema.pdl\",\n"
                                "    \"line\": 2,\n"
                                "    \"column\": 3,\n"
                                "    \"endLine\": 2,\n"
                                "    \"endColumn\": 5,\n"
                                "    \"peer\": {\n"
                                "      \"file\": \"schema.pdl\",\n"
                                "      \"line\": 1,\n"
                                "      \"column\": 1,\n"
                                "      \"note\": \"first declared here\"\n"
                                "    }\n"
                                "  },\n"
                                "  {\n"
                                "    \"code\": \"PDL0501\",\n"
                                "    \"severity\": \"error\",\n"
                                "    \"message\": \"disk\\tfull\",\n"
                                "    \"hint\": null,\n"
                                "    \"file\": null,\n"
                                "    \"line\": null,\n"
                                "    \"column\": null,\n"
                                "    \"endLine\": null,\n"
                                "    \"endColumn\": null,\n"
                                "    \"peer\": null\n"
                                "  }\n"
                                "]\n");
  strbuf_release(&out);
  arena_release(&b.arena);
}

static void many_in_a_large_file_cost_little(void **state) {
  (void)state;
  struct bench b;
  bench_init(&b);
  char *text = xmalloc(SOURCE_MAX);
  memset(text, 'x', SOURCE_MAX); /* one line */
  const struct source *src = source_new(&b.arena, "schema.pdl", text, SOURCE_MAX);
  free(text);
  for (uint32_t i = 0; i < 20000; i++)
    diagnose(&b.d, PDL_NUL_BYTE, span_of(src, (20000 - i) * 800, (20000 - i) * 800 + 1), "same");
  const clock_t start = clock();
  diagnostics_finish(&b.d);
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&b.d, &out, false);
  diagnostics_json(&b.d, &out);
  assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 10); /* 0.1 s; minutes if it rescanned */
  assert_int_equal(b.d.first->span.from, 800);
  strbuf_release(&out);
  arena_release(&b.arena);
}

/* ── files ──────────────────────────────────────────────────────────────────── */

struct ground {
  struct arena arena;
  struct file_set set;
  char root[64];
};

static void ground_init(struct ground *g) {
  *g = (struct ground){.arena = ARENA_INIT, .root = "/tmp/pdlc-base-test.XXXXXX"};
  assert_non_null(mkdtemp(g->root));
  assert_int_equal(chmod(g->root, 0777), 0);
  file_set_init(&g->set, &g->arena, g->root);
}

static const char *ground_path(struct ground *g, const char *path) {
  return arena_printf(&g->arena, "%s/%s", g->root, path);
}

static void remove_tree(const char *path) {
  struct stat st;
  assert_int_equal(lstat(path, &st), 0);
  if (S_ISDIR(st.st_mode)) {
    assert_int_equal(chmod(path, 0700), 0);
    DIR *dir = opendir(path);
    for (struct dirent *e; (e = readdir(dir));) {
      char inner[1024];
      snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
      if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
        remove_tree(inner);
    }
    closedir(dir);
    assert_int_equal(rmdir(path), 0);
  } else {
    assert_int_equal(unlink(path), 0);
  }
}

static void ground_release(struct ground *g) {
  remove_tree(g->root);
  arena_release(&g->arena);
}

static void put(struct ground *g, const char *path, const char *text) {
  FILE *f = fopen(ground_path(g, path), "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static void assert_content(struct ground *g, const char *path, const char *expected) {
  char *text;
  size_t len;
  const char *why;
  if (!file_read(&g->arena, ground_path(g, path), SOURCE_MAX, &text, &len, &why))
    fail_msg("%s: %s", path, why);
  assert_int_equal(len, strlen(expected));
  assert_string_equal(text, expected);
}

static size_t entries_in(const char *path) {
  size_t count = 0;
  DIR *dir = opendir(path);
  assert_non_null(dir);
  while (readdir(dir))
    count++;
  closedir(dir);
  return count - 2;
}

static void assert_unreadable(struct arena *a, const char *path, size_t max, const char *reason) {
  char *text = NULL;
  size_t len;
  const char *why;
  assert_false(file_read(a, path, max, &text, &len, &why));
  assert_string_equal(why, reason);
  assert_null(text);
}

static void files_are_read_or_say_why(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  put(&g, "f", "hello");
  put(&g, "empty", "");
  char *text;
  size_t len;
  const char *why;
  assert_true(file_read(&g.arena, ground_path(&g, "f"), 5, &text, &len, &why));
  assert_memory_equal(text, "hello\0", 7);
  assert_true(file_read(&g.arena, ground_path(&g, "f"), SIZE_MAX, &text, &len, &why));
  assert_int_equal(len, 5);
  assert_true(file_read(&g.arena, ground_path(&g, "empty"), 0, &text, &len, &why));
  assert_int_equal(len, 0);
  assert_memory_equal(text, "\0", 2);

  assert_unreadable(&g.arena, ground_path(&g, "f"), 4, "is larger than 4 bytes");
  assert_unreadable(&g.arena, ground_path(&g, "none"), 10, "no such file");
  assert_unreadable(&g.arena, "", 10, "no such file");
  assert_unreadable(&g.arena, g.root, 10, "is a directory");
  assert_unreadable(&g.arena, ground_path(&g, "f/x"), 10, "passes through something that is not a folder");
  assert_unreadable(&g.arena, "/dev/null", 10, "is not a regular file");
  assert_int_equal(mkfifo(ground_path(&g, "pipe"), 0600), 0);
  assert_unreadable(&g.arena, ground_path(&g, "pipe"), 10, "is not a regular file");
  assert_int_equal(truncate(ground_path(&g, "f"), SOURCE_MAX + 1), 0);
  assert_unreadable(&g.arena, ground_path(&g, "f"), SOURCE_MAX, "is larger than 16 MiB");
  ground_release(&g);
}

static void standard_input_is_read(void **state) {
  (void)state;
  struct arena a = ARENA_INIT;
  int ends[2];
  const int kept = dup(STDIN_FILENO);
  for (size_t max = 7; max >= 6; max--) {
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a table", 7), 7);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    char *text;
    size_t len;
    const char *why;
    if (max == 7) {
      assert_true(file_read(&a, "-", max, &text, &len, &why));
      assert_string_equal(text, "a table");
    } else {
      assert_unreadable(&a, "-", max, "is larger than 6 bytes");
    }
  }
  dup2(kept, STDIN_FILENO);
  close(kept);
  arena_release(&a);
}

static void add(struct ground *g, const char *path, const char *text) {
  file_set_add(&g->set, path, text, strlen(text));
}

static void assert_written(struct ground *g) {
  const char *path, *why;
  if (!file_set_write(&g->set, &path, &why))
    fail_msg("%s: %s", path, why);
}

static void assert_not_written(struct ground *g, const char *path_expected, const char *why_expected) {
  const char *path, *why;
  assert_false(file_set_write(&g->set, &path, &why));
  assert_string_equal(path, path_expected);
  assert_string_equal(why, why_expected);
}

static void sets_are_written(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  const mode_t mask = umask(027);
  add(&g, "top.sql", "top");
  add(&g, "generated/c/a.h", "header");
  add(&g, "generated/c/a.c", "code");
  add(&g, "generated//sql/./empty.sql", "");
  assert_int_equal(file_set_compare(&g.set), 4);
  assert_written(&g);
  assert_content(&g, "top.sql", "top");
  assert_content(&g, "generated/c/a.h", "header");
  assert_content(&g, "generated/sql/empty.sql", "");
  assert_int_equal(entries_in(ground_path(&g, "generated/c")), 2);
  struct stat st;
  assert_int_equal(stat(ground_path(&g, "top.sql"), &st), 0);
  assert_int_equal(st.st_mode & 07777, 0640);
  umask(mask);
  assert_int_equal(file_set_compare(&g.set), 0);
  ground_release(&g);
}

/* Stands before libc's: what is asked of it is counted. */
static int synced;
int fsync(int fd) {
  (void)fd;
  synced++;
  return 0;
}

static void what_can_be_remade_is_not_fsynced(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  g.set.remade = true;
  add(&g, "generated/a.h", "header");
  synced = 0;
  assert_written(&g);
  assert_int_equal(synced, 0);
  assert_content(&g, "generated/a.h", "header");
  file_set_init(&g.set, &g.arena, g.root);
  add(&g, "generated/a.h", "another");
  add(&g, "migrations/0001.sql", "up");
  assert_written(&g);
  assert_int_equal(synced, 5); /* two files, their folders, and the one that got a new folder */
  ground_release(&g);
}

static void the_unchanged_is_not_touched(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  put(&g, "same", "same");
  put(&g, "shorter", "old text");
  put(&g, "as long", "old");
  assert_int_equal(chmod(ground_path(&g, "shorter"), 0751), 0);
  const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
  assert_int_equal(utimensat(AT_FDCWD, ground_path(&g, "same"), past, 0), 0);
  struct stat before, after;
  assert_int_equal(stat(ground_path(&g, "same"), &before), 0);
  add(&g, "same", "same");
  add(&g, "shorter", "new");
  add(&g, "as long", "new");
  assert_written(&g);
  assert_int_equal(stat(ground_path(&g, "same"), &after), 0);
  assert_int_equal(after.st_mtime, 1000);
  assert_int_equal(after.st_ino, before.st_ino);
  assert_false(g.set.first->changed);
  assert_true(g.set.last->changed);
  assert_content(&g, "shorter", "new");
  assert_content(&g, "as long", "new");
  assert_int_equal(stat(ground_path(&g, "shorter"), &after), 0);
  assert_int_equal(after.st_mode & 07777, 0751);
  assert_int_equal(entries_in(g.root), 3);
  ground_release(&g);
}

/* A set whose last target cannot be written leaves everything as it was. */
static void check_all_or_nothing(struct ground *g, const char *path, const char *why) {
  put(g, "first", "old");
  add(g, "first", "new");
  add(g, "fresh/deep/second", "new");
  add(g, path, "new");
  assert_not_written(g, path, why);
  assert_content(g, "first", "old");
  assert_int_equal(access(ground_path(g, "fresh"), F_OK), -1);
  struct strbuf left = STRBUF_INIT;
  DIR *dir = opendir(g->root);
  for (struct dirent *e; (e = readdir(dir));) {
    if (strstr(e->d_name, ".tmp"))
      strbuf_adds(&left, e->d_name);
  }
  closedir(dir);
  assert_string_equal(left.text, "");
  strbuf_release(&left);
}

static void a_folder_in_the_way_stops_all(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  assert_int_equal(mkdir(ground_path(&g, "taken"), 0755), 0);
  check_all_or_nothing(&g, "taken", "is a directory");
  ground_release(&g);
}

static void a_file_in_the_way_stops_all(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  put(&g, "file", "");
  check_all_or_nothing(&g, "file/x", "passes through something that is not a folder");
  ground_release(&g);
}

static void a_device_is_not_replaced(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  assert_int_equal(mkfifo(ground_path(&g, "pipe"), 0600), 0);
  check_all_or_nothing(&g, "pipe", "is not a regular file");
  ground_release(&g);
}

/* Root may write anywhere, so the refusals of a read-only folder are seen as nobody. */
static void become_nobody(void) {
  if (geteuid() == 0)
    assert_int_equal(seteuid(65534), 0);
}

static void become_oneself(void) {
  assert_int_equal(seteuid(getuid()), 0);
}

static void a_read_only_folder_stops_all(void **state) {
  (void)state;
  static const char *const targets[] = {"locked/x", "locked/sub/x"};
  for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
    struct ground g;
    ground_init(&g);
    become_nobody();
    assert_int_equal(mkdir(ground_path(&g, "locked"), 0555), 0);
    check_all_or_nothing(&g, targets[i], "permission denied");
    become_oneself();
    ground_release(&g);
  }
}

static void a_full_disk_stops_all(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  struct rlimit old, small = {.rlim_cur = 64};
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  small.rlim_max = old.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  put(&g, "first", "old");
  char text[200];
  memset(text, 'x', sizeof text);
  add(&g, "first", "new");
  file_set_add(&g.set, "large", text, sizeof text);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  const char *path = "", *why = "";
  const bool written = file_set_write(&g.set, &path, &why);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  signal(SIGXFSZ, SIG_DFL);
  assert_false(written);
  assert_string_equal(path, "large");
  assert_string_equal(why, "is too large for the file system");
  assert_content(&g, "first", "old");
  assert_int_equal(entries_in(g.root), 1);
  ground_release(&g);
}

static void links_are_refused(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  put(&g, "real", "old");
  assert_int_equal(mkdir(ground_path(&g, "folder"), 0755), 0);
  assert_int_equal(symlink("real", ground_path(&g, "link")), 0);
  assert_int_equal(symlink("missing", ground_path(&g, "dangling")), 0);
  assert_int_equal(symlink("folder", ground_path(&g, "shortcut")), 0);
  static const struct {
    const char *path, *why;
  } cases[] = {
      {"link", "is a symbolic link"},
      {"dangling", "is a symbolic link"},
      {"shortcut/x", "passes through a symbolic link"},
      {"shortcut/new/x", "passes through a symbolic link"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    assert_string_equal(file_path_refused(g.root, cases[i].path), cases[i].why);
    struct ground inner = g;
    file_set_init(&inner.set, &g.arena, g.root);
    file_set_add(&inner.set, cases[i].path, "new", 3);
    assert_not_written(&inner, cases[i].path, cases[i].why);
  }
  assert_null(file_path_refused(NULL, "link")); /* the words alone */
  assert_string_equal(file_path_refused(NULL, "../link"), "leaves the folder of schema.pdl");
  assert_content(&g, "real", "old");
  assert_int_equal(entries_in(ground_path(&g, "folder")), 0);
  assert_int_equal(entries_in(g.root), 5);

  /* The root itself may be a link. */
  file_set_init(&g.set, &g.arena, ground_path(&g, "shortcut"));
  add(&g, "x", "new");
  assert_written(&g);
  assert_content(&g, "folder/x", "new");
  ground_release(&g);
}

static void paths_outside_are_refused(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  static const struct {
    const char *path, *why;
  } cases[] = {
      {"", "is empty"},
      {"/etc/x", "is absolute"},
      {"../x", "leaves the folder of schema.pdl"},
      {"a/../../x", "leaves the folder of schema.pdl"},
      {"./../x", "leaves the folder of schema.pdl"},
      {"..", "leaves the folder of schema.pdl"},
      {"a/../x", "has .. in it"},
      {"a/..", "has .. in it"},
      {".", "is a folder"},
      {"a/", "is a folder"},
      {"a/.", "is a folder"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    assert_string_equal(file_path_refused(g.root, cases[i].path), cases[i].why);
    struct ground inner = g;
    file_set_init(&inner.set, &g.arena, g.root);
    file_set_add(&inner.set, cases[i].path, "new", 3);
    assert_not_written(&inner, cases[i].path, cases[i].why);
  }
  static const char *const fine[] = {"x", "a/b/c", "..x", "x..", "a/...", ".hidden", "./a//b"};
  for (size_t i = 0; i < ARRAY_LEN(fine); i++)
    assert_null(file_path_refused(g.root, fine[i]));
  assert_null(file_path_refused("", "no-such-folder/x"));
  assert_int_equal(entries_in(g.root), 0);
  ground_release(&g);
}

static void odd_names_are_written(void **state) {
  (void)state;
  struct ground g;
  ground_init(&g);
  char longest[256], too_long[257];
  memset(longest, 'n', 255);
  longest[255] = '\0';
  memset(too_long, 'n', 256);
  too_long[256] = '\0';
  add(&g, "a b'\"\\\n\xFF", "odd");
  add(&g, longest, "long");
  assert_written(&g);
  assert_content(&g, longest, "long");
  assert_int_equal(entries_in(g.root), 2);
  file_set_init(&g.set, &g.arena, g.root);
  add(&g, too_long, "too long");
  assert_not_written(&g, too_long, "the name is too long");
  file_set_init(&g.set, &g.arena, ground_path(&g, "none"));
  add(&g, "x", "x");
  assert_not_written(&g, ground_path(&g, "none"), "no such folder");
  ground_release(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arena_aligns_and_zeroes),
      cmocka_unit_test(arena_uses_what_was_made_ready),
      cmocka_unit_test(arena_keeps_room_behind_large_pieces),
      cmocka_unit_test(arena_copies_text),
      cmocka_unit_test(overflow_ends_the_program),
      cmocka_unit_test(strbuf_grows),
      cmocka_unit_test(strbuf_adds_a_shells_word),
      cmocka_unit_test(strbuf_formats_at_every_fill),
      cmocka_unit_test(map_keeps_order),
      cmocka_unit_test(numbers_are_found),
      cmocka_unit_test(spell_finds_the_nearest),
      cmocka_unit_test(spell_agrees_with_the_plain_distance),
      cmocka_unit_test(places_count_characters),
      cmocka_unit_test(places_in_long_texts),
      cmocka_unit_test(utf8_is_checked),
      cmocka_unit_test(codes_are_in_order),
      cmocka_unit_test(prints_hint_after_the_caret),
      cmocka_unit_test(prints_peer_tabs_and_odd_bytes),
      cmocka_unit_test(prints_what_has_no_place),
      cmocka_unit_test(colours_are_balanced),
      cmocka_unit_test(wide_lines_are_cut),
      cmocka_unit_test(cut_lines_keep_characters_whole),
      cmocka_unit_test(sorts_and_drops_repeats),
      cmocka_unit_test(allows_drop_warnings_only),
      cmocka_unit_test(at_most_fifty_are_printed),
      cmocka_unit_test(warnings_do_not_hide_errors),
      cmocka_unit_test(json_is_exact),
      cmocka_unit_test(many_in_a_large_file_cost_little),
      cmocka_unit_test(files_are_read_or_say_why),
      cmocka_unit_test(standard_input_is_read),
      cmocka_unit_test(sets_are_written),
      cmocka_unit_test(what_can_be_remade_is_not_fsynced),
      cmocka_unit_test(the_unchanged_is_not_touched),
      cmocka_unit_test(a_folder_in_the_way_stops_all),
      cmocka_unit_test(a_file_in_the_way_stops_all),
      cmocka_unit_test(a_device_is_not_replaced),
      cmocka_unit_test(a_read_only_folder_stops_all),
      cmocka_unit_test(a_full_disk_stops_all),
      cmocka_unit_test(links_are_refused),
      cmocka_unit_test(paths_outside_are_refused),
      cmocka_unit_test(odd_names_are_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
