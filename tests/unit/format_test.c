/* The formatter: what each layout becomes, that doing it twice changes nothing and doing it once not the tree,
 * also for texts whose white space and comments were strewn at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "syntax/syntax.h"

/* A text that must parse, its tree and its canonical layout. */
struct laid_out {
  struct strbuf tree, text;
};

static void lay_out(struct laid_out *out, const char *name, const char *text, size_t len) {
  struct arena arena = ARENA_INIT;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &arena);
  const struct source *source = source_new(&arena, name, text, len);
  const struct node *file = syntax_parse(&arena, source, &diagnostics);
  if (diagnostics.first) {
    const struct place place = span_place(diagnostics.first->span);
    fail_msg("%s:%u:%u: %s\n%.*s", name, place.line, place.column, diagnostics.first->message, (int)len,
             text);
  }
  strbuf_init(&out->tree);
  strbuf_init(&out->text);
  node_dump(file, &out->tree);
  syntax_format(&arena, source, file, &out->text);
  arena_release(&arena);
}

static void release(struct laid_out *out) {
  strbuf_release(&out->tree);
  strbuf_release(&out->text);
}

/* Returns the canonical layout, to be released, after laying it out once more. */
static struct strbuf checked_layout(const char *name, const char *text, size_t len) {
  struct laid_out once, twice;
  lay_out(&once, name, text, len);
  lay_out(&twice, name, once.text.text, once.text.len);
  if (strcmp(once.tree.text, twice.tree.text) != 0)
    fail_msg("%s: another tree\n--- from\n%.*s\n--- to\n%s\n--- tree\n%s\n--- becomes\n%s", name, (int)len,
             text, once.text.text, once.tree.text, twice.tree.text);
  if (strcmp(once.text.text, twice.text.text) != 0)
    fail_msg("%s: not stable\n--- from\n%.*s\n--- to\n%s\n--- then\n%s", name, (int)len, text, once.text.text,
             twice.text.text);
  const struct strbuf result = once.text;
  strbuf_init(&once.text);
  release(&once);
  release(&twice);
  return result;
}

/* ── layouts ── */

static const struct {
  const char *name, *from, *to;
} layouts[] = {
    {"nothing", "", ""},
    {"blanks alone", " \n\t\n\r\n", ""},
    {"one comment", "\n\n  // a  \n\n", "// a\n"},
    {"tokens by one blank", "  target\tpostgres   15", "target postgres 15\n"},
    {"byte order mark", "\xEF\xBB\xBFtarget postgres 15\n", "target postgres 15\n"},
    {"line ends of two bytes", "// a\r\nschema a\r\n\r\n/* b\r\n c */\r\nschema b // c\r\n",
     "// a\nschema a\n\n/* b\n c */\nschema b  // c\n"},
    {"line ends in a body", "sql s { up $$ a \r\n $$ }", "sql s {\n  up $$ a \r\n $$\n}\n"},
    {"blank lines", "\n\n\nschema a\n\n\n \t\nschema b\nschema c\n\n// d\n\n\n",
     "schema a\n\nschema b\nschema c\n\n// d\n"},
    {"blank lines in a block", "enum e {\n\n\n  a\n\n\n  b\n  c\n\n\n  // d\n\n\n}\n",
     "enum e {\n  a\n\n  b\n  c\n\n  // d\n}\n"},
    {"glue",
     "schema a allow A ,B\ntable a . b was c . d {\n a app . t []  [3] ? -> x . y ( z ) ? cascade\n}\n",
     "schema a allow A, B\ntable a.b was c.d {\n  a  app.t[][3]?  -> x.y(z)? cascade\n}\n"},
    {"braces", "table t\n\n{\na int}\nenum e{}\nenum f {\n}\nenum g { }\n",
     "table t {\n  a  int\n}\nenum e {}\nenum f {\n}\nenum g {}\n"},
    {"one line", "external table auth . users{id uuid   pk}\nenum e{a ,b was c,'d',}\nnaming{index 'i'}\n",
     "external table auth.users { id uuid pk }\nenum e { a, b was c, 'd' }\nnaming { index 'i' }\n"},
    {"one line after a broken head", "table t \\\n unlogged { a int }", "table t unlogged { a int }\n"},
    {"labels by lines", "enum e { a, b\n c,\n  d,}", "enum e {\n  a\n  b\n  c\n  d\n}\n"},
    {"bodies", "sql s needs a,b { up $$x$$, down $q$ y $q$ }\nsql t { up $$\n  x\n$$, down $$y$$}\n",
     "sql s needs a, b { up $$x$$, down $q$ y $q$ }\nsql t {\n  up $$\n  x\n$$\n  down $$y$$\n}\n"},
    {"block too wide for one line",
     "enum e { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
     "ccccccccccccccccccccccc, ddddd }",
     "enum e {\n  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n  "
     "ccccccccccccccccccccccc\n"
     "  ddddd\n}\n"},
    {"block just wide enough",
     "enum e { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
     "ccccccccccccccccccccccc, dddd }",
     "enum e { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
     "ccccccccccccccccccccccc, dddd }\n"},
    {"comment in a line's block", "enum e { a, /* x */ b }", "enum e {\n  a  /* x */\n  b\n}\n"},
    {"settings",
     "naming {\nindex 'a'\n  unique   'b'\n}\noutput {\n c 'd' prefix 'e' kind 'f'\nswift 'g' ns 'h'\n}\n",
     "naming {\n  index  'a'\n  unique 'b'\n}\noutput {\n  c     'd'  prefix 'e'  kind 'f'\n  swift 'g'  ns "
     "'h'\n}\n"},
    {"columns",
     "table t {\nid uuid=gen_random_uuid() pk\nemail text unique index allow A\n long_name jsonb?\n}\n",
     "table t {\n  id         uuid = gen_random_uuid()  pk\n  email      text  unique  index  allow A\n"
     "  long_name  jsonb?\n}\n"},
    {"attributes of a type", "type a {\n  street text? collate \"C\"\n  no int\n}",
     "type a {\n  street  text?  collate \"C\"\n  no      int\n}\n"},
    {"types before the same clause",
     "table t {\n a -> b cascade index\n c -> d? set null index\n e int=0 index\n"
     " f text\n g int pk\n h numeric(10,2) pk\n}",
     "table t {\n  a  -> b cascade    index\n  c  -> d? set null  index\n  e  int = 0         index\n  f  "
     "text\n"
     "  g  int            pk\n  h  numeric(10,2)  pk\n}\n"},
    {"runs end at blank lines", "table t {\n a int\n bbb int\n\n cc int\n use m\n // x\n ddddd int\n}",
     "table t {\n  a    int\n  bbb  int\n\n  cc     int\n  use m\n  // x\n  ddddd  int\n}\n"},
    {"width counts characters", "table t {\n ä int\n bb int // ü\n c text = 'äöü' // d\n}",
     "table t {\n  ä   int\n  bb  int           // ü\n  c   text = 'äöü'  // d\n}\n"},
    {"a default behind other clauses", "table t {\n a int pk = 1\n b int=1 pk\n}",
     "table t {\n  a  int      pk  = 1\n  b  int = 1  pk\n}\n"},
    {"a wide type is left out",
     "table t {\n a int = (1111111111 + 2222222222 + 3333333333 + 44) pk\n b int pk\n}",
     "table t {\n  a  int = (1111111111 + 2222222222 + 3333333333 + 44)  pk\n  b  int  pk\n}\n"},
    {"items of a table",
     "table t {\n pk(a ,b)name x\n index(a desc)using gin with(m=16,n)\n  check   x( a>0 )\n"
     " foreign(a)->b(c)cascade\n exclude using gist( a with = )where( b )\n index lower(a)unique\n}",
     "table t {\n  pk (a, b) name x\n  index (a desc) using gin with (m = 16, n)\n  check x (a>0)\n"
     "  foreign (a) -> b(c) cascade\n  exclude using gist (a with =) where (b)\n  index lower(a) "
     "unique\n}\n"},
    {"modifiers and lists",
     "table t {\n a numeric( 12 ,\n 2 ) identity( start  with 1\n increment 5 )\n"
     " b -> c set null(\n a , b ) generated( a  +  1 )\n d geometry( 'a , b' )\n}",
     "table t {\n  a  numeric(12,2)  identity (start with 1 increment 5)\n"
     "  b  -> c set null (a, b)  generated (a  +  1)\n  d  geometry('a , b')\n}\n"},
    {"lists with comments", "table t {\n pk ( a, // x\n b)\n unique (a,/*x*/b )\n}",
     "table t {\n  pk ( a, // x\n b)\n  unique (a,/*x*/b)\n}\n"},
    {"a list too wide for one line",
     "table t {\n pk (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\n   bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,\n   "
     "ccccccccccccccccccccc)\n}",
     "table t {\n  pk (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,\n   bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,\n   "
     "ccccccccccccccccccccc)\n"
     "}\n"},
    {"SQL of several lines",
     "table t {\n check ( a =\n    '  x\n  y' )\n  b int = (1 +\n 2) pk // c\n  cc int // d\n}",
     "table t {\n  check ( a =\n    '  x\n  y' )\n  b   int = (1 +\n 2)  pk  // c\n  cc  int  // d\n}\n"},
    {"an index's expression", "table t {\n index lower  (a) unique\n index app.f \\\n (a)\n}",
     "table t {\n  index lower  (a) unique\n  index app.f \\\n (a)\n}\n"},
    {"comments behind",
     "table t { // a\n b int//c\n long_name text /* d */ // e\n\n f int /// g\n} // h\nschema i // j\n"
     "schema long_name // k\n",
     "table t {  // a\n  b          int   //c\n  long_name  text  /* d */ // e\n\n  f  int  /// g\n}  // h\n"
     "schema i          // j\nschema long_name  // k\n"},
    {"comments behind long lines",
     "table t {\n a int // a\n check (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa + "
     "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb) // b\n"
     " check (aaaaaaaaaaa) // c\n}",
     "table t {\n  a  int               // a\n"
     "  check (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb)  // b\n"
     "  check (aaaaaaaaaaa)  // c\n}\n"},
    {"comments above",
     "   // a\n /// b\ntable t {\n // c\n      /// d\n a int\n/* e */ b int\n// f\n}\n  // g",
     "// a\n/// b\ntable t {\n  // c\n  /// d\n  a  int\n  /* e */\n  b  int\n  // f\n}\n// g\n"},
    {"comments of several lines",
     "table t {\n      /* a\n         b  \n\n       c\n   d */\n a int /* e\n f */\n}",
     "table t {\n  /* a\n     b\n\n   c\nd */\n  a  int  /* e\n f */\n}\n"},
    {"comments between tokens",
     "table /* a */ t /* b */ { /* c */\n a /* d */ int/*e*/? pk /* f */ name x\n}",
     "table /* a */ t /* b */ {  /* c */\n  a  /* d */ int /*e*/ ?  pk /* f */ name x\n}\n"},
    {"comments between head and brace", "table t // a\n\n{ // b\n a int\n}\ntable u /// c\n{ a int }\n",
     "table t {  // a\n  // b\n  a  int\n}\ntable u {  /// c\n  a  int\n}\n"},
    {"continued lines are joined", "schema a \\\n  allow \\  \n B \\\n\nschema c\n",
     "schema a allow B\n\nschema c\n"},
    {"long lines are broken",
     "table t {\n aaaaaaaaaaaaaaaaaaaaaaaa text = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' check "
     "(cccccccccccccccccccccccccc) "
     "unique index allow A, B // d\n e int // f\n}",
     "table t {\n  aaaaaaaaaaaaaaaaaaaaaaaa  text = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'  check "
     "(cccccccccccccccccccccccccc) "
     "\\\n      unique  index  allow A, B  // d\n  e                         int  // f\n}\n"},
    {"long heads are broken",
     "table aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa unlogged was bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb as "
     "Cccccccccccccccccccccc { /// d\n e int\n}",
     "table aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa unlogged was bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb \\\n"
     "    as Cccccccccccccccccccccc {  /// d\n  e  int\n}\n"},
};

static void layouts_are_canonical(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
    struct strbuf text = checked_layout(layouts[i].name, layouts[i].from, strlen(layouts[i].from));
    if (strcmp(text.text, layouts[i].to) != 0)
      fail_msg("%s: expected\n%s\nbut saw\n%s", layouts[i].name, layouts[i].to, text.text);
    strbuf_release(&text);
  }
}

static void sql_keeps_its_bytes(void **state) {
  (void)state;
  static const char text[] = "table t {\n check( a  =  'x  y' /*  c */ )\n check ( a -- )\n   + 1\n )\n"
                             " b text='a  b' check(x  ||  y)\n}";
  static const char *const kept[] = {"(a  =  'x  y' /*  c */)", "( a -- )\n   + 1\n )",
                                     "text = 'a  b'  check (x  ||  y)"};
  struct strbuf out = checked_layout("SQL", text, strlen(text));
  for (size_t i = 0; i < ARRAY_LEN(kept); i++)
    assert_non_null(strstr(out.text, kept[i]));
  strbuf_release(&out);
}

/* ── white space and comments at random ── */

/* ~ stands for what parts tokens, ` for what may, @ for what comes before a brace, ^ for a line end in SQL. */
static const char everything[] =
    "include~'a.pdl'\nextension~vector~in~ext~version~'0.8'~allow~A\nschema~app~was~old\n"
    "output@{\nc~'generated/c'~prefix~\"coc\"\nswift~'s'\n}\n"
    "enum~mood~was~m~as~Mood@{`sad`,`'very glad'~was~glad`,`\"Ok\"~as~Okay`}\n"
    "enum~lines@{\na\nb~was~c\n\nd`,`e`,\nf /// behind\n}\n"
    "domain~app`.`email~text`= 'x'~check`( value <> '' )~not~null~collate~\"C\"\n"
    "type~address@{\nstreet~text`?\ncity~text~[]`?\n}\n"
    "sequence~order_no~as~bigint~start~with~1000~increment~10~no~cycle\n"
    "external~table~auth`.`users@{~id~uuid~pk~}\n"
    "sql~rule~needs~a`,`app`.`b@{~up~$$ select '/'; $$`,`down~$x$ /* $$ */ $x$~}\n"
    "sql~other@{\nup~$$^ select 1;^$$`,\ndown~$$$$\n}\n"
    "/// one\n/// two\ntable~app`.`b~unlogged~with`( fillfactor=70,toast . x )~was~r~as~B~allow~A`,`B@{\n"
    "id~numeric`( 12 , 2 )~= (1 + 2)::int~pk /// three\n"
    "/// "
    "four\n\"index\"~app`.`mood`[]`[3]`?`->`auth`.`users`(id)`?~set~null`(a,b)~on~update~cascade~index~name~"
    "x\n"
    "at~timestamptz~= '2020-01-01 00:00'::timestamptz~touch~check~ok`(at < now() /* why */)\n"
    "no~bigint~identity~always`(start 10 increment by 5)\nf~text~= $q$ /* $q$\n"
    "sum~int~generated`(a + 'b)'::text)~stored~compression~lz4~storage~external~statistics~500\n"
    "what~text~was~how~using`(how::text)~backfill`('$$')~as~What\n\n"
    "use~timestamps\npk`(id , \"no\")~include`(a)~with`(fillfactor = 9)\n"
    "unique`(a)~nulls~not~distinct~initially~deferred // so\ncheck`(a -- )^ > 0)~no~inherit~not~valid\n"
    "foreign`(a, b)`->`u`(a, b)~no~action~match~full~was~w\n"
    "exclude~using~gist`(room with =, during with &&)~where`(not cancelled)~name~no_overlap\n"
    "index`(embedding vector_cosine_ops)~using~hnsw~with`(m = 16)\nindex~app.lower (email)~unique\n"
    "index~created_at~where`(status = "
    "E'\\'a')~allow~AAAAAAAAAAAAAAAAAAAAAAAAAAAA,~BBBBBBBBBBBBBBBBBBBBB\n}\n";

/* xorshift64: the same everywhere for one seed. */
static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static const char *one_of(uint64_t *random, const char *const *choices, size_t count) {
  return choices[next_random(random) % count];
}

/* A text with other blanks, line ends and comments. */
static void strew(uint64_t *random, const char *at, struct strbuf *out) {
  static const char *const within[] = {
      " ", "  ", "\t ", " \\\n ", " \\ \r\n\\\n", " /* c */ ", "/*\n c /* d */ */", " /* a */\t/* e */ "};
  static const char *const before_braces[] = {" ", "", "\n", "\n\n\t", " // h\n\n ", " \\\n ", " /* c */\n"};
  static const char *const ends[] = {"\n",
                                     "\n\n",
                                     "\n\n\n \n",
                                     " // x\n",
                                     "\t// it's (\n   \t// y \n",
                                     "\r\n",
                                     " /* z\n  z */\n",
                                     " \\\n\n",
                                     "\n/* a */ ",
                                     "\n      // far\n\n",
                                     "/**/\n"};
  static const char *const ends_of_comments[] = {"\n", "\n\n", "\r\n", " \t\n", "\n // more\n"};
  bool in_comment = false;
  for (; *at; at++) {
    in_comment = in_comment || strncmp(at, "//", 2) == 0;
    const size_t blanks = strspn(at, " ");
    if (*at == '^') {
      strbuf_addc(out, '\n');
    } else if (*at == '\n') {
      strbuf_adds(out, in_comment ? one_of(random, ends_of_comments, ARRAY_LEN(ends_of_comments))
                                  : one_of(random, ends, ARRAY_LEN(ends)));
      in_comment = false;
    } else if (in_comment || (blanks > 1 && strncmp(at + blanks, "//", 2) == 0)) {
      strbuf_addc(out, *at);
    } else if (*at == '~' || blanks > 1 || (*at == '`' && next_random(random) % 2)) {
      strbuf_adds(out, one_of(random, within, ARRAY_LEN(within)));
      at += blanks > 1 ? blanks - 1 : 0;
    } else if (*at == '@') {
      strbuf_adds(out, one_of(random, before_braces, ARRAY_LEN(before_braces)));
    } else if (*at != '`') {
      strbuf_addc(out, *at);
    }
  }
}

enum { VARIANTS = 1500 };

static void check_variants(const char *name, const char *text) {
  for (uint64_t seed = 1; seed <= VARIANTS; seed++) {
    uint64_t random = seed * 0x9E3779B97F4A7C15u;
    struct strbuf variant = STRBUF_INIT;
    strew(&random, text, &variant);
    char label[64];
    snprintf(label, sizeof label, "%s, seed %u", name, (unsigned)seed);
    struct strbuf out = checked_layout(label, variant.text, variant.len);
    /* what no layout may have */
    assert_int_equal(out.text[out.len - 1], '\n');
    assert_true(out.text[0] != '\n' && out.text[out.len - 2] != '\n');
    const char *const never[] = {"\n\n\n", "{\n\n", "\n\n}", "\t", "\r", " \n"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
      if (strstr(out.text, never[i]))
        fail_msg("%s: holds a forbidden stretch of white space (%zu)\n%s", label, i, out.text);
    strbuf_release(&out);
    strbuf_release(&variant);
  }
}

static void any_white_space_is_laid_out(void **state) {
  (void)state;
  check_variants("everything", everything);
}

static char *read_example(struct arena *arena, size_t *len) {
  char *text;
  const char *why;
  if (!file_read(arena, "schema.pdl", SOURCE_MAX, &text, len, &why))
    fail_msg("schema.pdl: %s", why);
  return text;
}

static void the_example_is_laid_out_already(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  size_t len;
  const char *text = read_example(&arena, &len);
  struct strbuf out = checked_layout("schema.pdl", text, len);
  assert_string_equal(out.text, text);
  strbuf_release(&out);
  arena_release(&arena);
}

static void the_example_is_laid_out_from_any_white_space(void **state) {
  (void)state;
  struct arena arena = ARENA_INIT;
  size_t len;
  char *text = read_example(&arena, &len);
  bool in_body = false;
  char *to = text;
  for (const char *at = text; *at; at++) { /* bodies are left alone, and line ends where a line goes on */
    const bool goes_on = *at == '\n' && at > text && at[-1] == '\\';
    in_body ^= strncmp(at, "$$", 2) == 0;
    *to++ = goes_on || (in_body && *at == '\n') ? '^' : in_body && *at == ' ' ? '.' : *at;
    at += goes_on ? strspn(at + 1, " ") : 0;
  }
  *to = '\0';
  check_variants("schema.pdl", text);
  arena_release(&arena);
}

/* ── large files ── */

/* How long the layout of so many tables takes, in seconds of this process. */
static double time_of(const char *table, size_t count) {
  struct arena arena = ARENA_INIT;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &arena);
  struct strbuf text = STRBUF_INIT, out = STRBUF_INIT;
  while (count-- > 0)
    strbuf_adds(&text, table);
  const struct source *source = source_new(&arena, "large", text.text, text.len);
  const struct node *file = syntax_parse(&arena, source, &diagnostics);
  assert_null(diagnostics.first);
  const clock_t start = clock();
  syntax_format(&arena, source, file, &out);
  const clock_t end = clock();
  assert_int_equal(out.len, text.len);
  strbuf_release(&text);
  strbuf_release(&out);
  arena_release(&arena);
  return (double)(end - start) / CLOCKS_PER_SEC;
}

static void time_grows_with_the_text_alone(void **state) {
  (void)state;
  static const char table[] = "table t {\n  a     int = 0  pk\n  long  text  index  // b\n}\n\n/* c */\n";
  const double small = time_of(table, 2000), large = time_of(table, 20000);
  if (large > 0.1 && large > 40 * small)
    fail_msg("2,000 tables took %f s, 20,000 took %f s", small, large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layouts_are_canonical),
      cmocka_unit_test(sql_keeps_its_bytes),
      cmocka_unit_test(any_white_space_is_laid_out),
      cmocka_unit_test(the_example_is_laid_out_already),
      cmocka_unit_test(the_example_is_laid_out_from_any_white_space),
      cmocka_unit_test(time_grows_with_the_text_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
