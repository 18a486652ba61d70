/* The front end: what each construct becomes, what is said of each mistake, which item a doc comment
 * belongs to, and files that include others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "syntax/syntax.h"

/* One line a diagnostic: place, code, message; its hint on the next. */
static void list_diagnostics(struct diagnostics *diagnostics, struct strbuf *out) {
  diagnostics_finish(diagnostics);
  for (const struct diagnostic *d = diagnostics->first; d; d = d->next) {
    if (d->span.src) {
      const struct place place = span_place(d->span);
      strbuf_addf(out, "%u:%u ", place.line, place.column);
    }
    strbuf_addf(out, "%s %s\n", code_info(d->code)->id, d->message);
    if (d->hint)
      strbuf_addf(out, "  %s\n", d->hint);
  }
}

/* The lines of node_dump below the first, on one line: "a; b { c; d }", with ' for ". */
static void add_tree(const struct node *file, struct strbuf *out) {
  struct strbuf dump = STRBUF_INIT;
  node_dump(file, &dump);
  size_t level = 1;
  for (const char *line = strchr(dump.text, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
    const size_t blanks = strspn(line, " ");
    if (blanks / 2 > level)
      strbuf_adds(out, " { ");
    else if (out->len)
      strbuf_addf(out, "%.*s; ", (int)(level - blanks / 2) * 2, " } } } } }");
    level = blanks / 2;
    for (const char *c = line + blanks; *c != '\n'; c++)
      strbuf_addc(out, *c == '"' ? '\'' : *c);
  }
  strbuf_addf(out, "%.*s", (int)(level - 1) * 2, " } } } } }");
  strbuf_release(&dump);
}

static void check_bytes(const char *name, const char *text, size_t len, const char *diagnostics_wanted,
                        const char *tree_wanted) {
  struct arena arena = ARENA_INIT;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &arena);
  const struct source *source = source_new(&arena, name, text, len);
  const struct node *file = syntax_parse(&arena, source, &diagnostics);
  struct strbuf said = STRBUF_INIT, tree = STRBUF_INIT;
  list_diagnostics(&diagnostics, &said);
  add_tree(file, &tree);
  if (strcmp(said.text, diagnostics_wanted) != 0)
    fail_msg("%s: expected\n%s\nbut saw\n%s", name, diagnostics_wanted, said.text);
  if (tree_wanted) {
    assert_int_equal(file->kind, NODE_FILE);
    if (strcmp(tree.text, tree_wanted) != 0)
      fail_msg("%s: expected\n%s\nbut saw\n%s", name, tree_wanted, tree.text);
  }
  strbuf_release(&said);
  strbuf_release(&tree);
  arena_release(&arena);
}

static void check(const char *name, const char *text, const char *diagnostics_wanted, const char *tree_wanted) {
  check_bytes(name, text, strlen(text), diagnostics_wanted, tree_wanted);
}

/* ── trees ── */

static const struct {
  const char *name, *text, *tree;
} trees[] = {
    {"nothing",
     "",
     ""},
    {"only comments",
     "// a\n/* b /* c */ d */\n\n",
     ""},
    {"target",
     "target postgres 15",
     "target 'postgres' = '15'"},
    {"include",
     "include \"a b.pdl\"",
     "include = 'a b.pdl'"},
    {"schema",
     "schema app was old allow PDL0201, PDL0202",
     "schema 'app' { was 'old'; allow { name = 'PDL0201'; name = 'PDL0202' } }"},
    {"naming",
     "naming {\n  index \"idx_{table}\"\n\n  unique 'uq'\n}",
     "naming { setting 'index' = 'idx_{table}'; setting 'unique' = 'uq' }"},
    {"output",
     "output {\n  c \"generated/c\" prefix \"coc\"\n}",
     "output { setting 'c' = 'generated/c' { setting 'prefix' = 'coc' } }"},
    {"settings on one line",
     "naming { index \"i\" }",
     "naming { setting 'index' = 'i' }"},
    {"mixin",
     "mixin stamps allow PDL0211 {\n  at timestamptz\n}",
     "mixin 'stamps' { allow { name = 'PDL0211' }; column 'at' { type 'timestamptz' } }"},
    {"extension",
     "extension vector in extensions version '0.8' allow PDL0201",
     "extension 'vector' { in 'extensions'; version = '0.8'; allow { name = 'PDL0201' } }"},
    {"enum",
     "enum app.mood was feeling as Mood { sad, \"Ok\" was fine as Okay, 'very glad' was 'glad' }",
     "enum 'app'.'mood' { was 'feeling'; as = 'Mood'; label = 'sad'; label = 'Ok' { was = 'fine'; as "
     "= 'Okay' }; label = 'very glad' { was = 'glad' } }"},
    {"enum by lines",
     "enum mood {\n  sad\n  ok,\n\n  glad,\n}",
     "enum 'mood' { label = 'sad'; label = 'ok'; label = 'glad' }"},
    {"domain",
     "domain email text = 'x' check (value <> '') check valid (true) collate \"C\" not null was mail "
     "as Email",
     "domain 'email' { type 'text'; default = ''x''; check = 'value <> '''; check 'valid' = 'true'; "
     "collate 'C'; not null; was 'mail'; as = 'Email' }"},
    {"composite type",
     "type address was place as Place {\n  street text?\n  \"index\" int\n}",
     "type 'address' { was 'place'; as = 'Place'; column 'street' { type 'text'? }; column 'index' { "
     "type 'int' } }"},
    {"sequence",
     "sequence app.no as bigint unlogged start with 5 start 5 increment by -2 increment 2 minvalue 1 "
     "maxvalue +9 no minvalue no maxvalue cache 3 cycle no cycle was n",
     "sequence 'app'.'no' { as { type 'bigint' }; unlogged; option 'start' = '5'; option 'start' = "
     "'5'; option 'increment' = '-2'; option 'increment' = '2'; option 'minvalue' = '1'; option "
     "'maxvalue' = '+9'; option 'minvalue'; option 'maxvalue'; option 'cache' = '3'; option 'cycle'; "
     "option 'no cycle'; was 'n' }"},
    {"external table",
     "external table auth.users { id uuid pk }",
     "external table 'auth'.'users' { column 'id' { type 'uuid'; pk } }"},
    {"table head",
     "table app.a unlogged with (fillfactor = 70, toast.autovacuum_enabled) was b as C allow PDL0203 "
     "{}",
     "table 'app'.'a' { unlogged; with { setting 'fillfactor' = '70'; setting "
     "'toast'.'autovacuum_enabled' }; was 'b'; as = 'C'; allow { name = 'PDL0203' } }"},
    {"brace on the next line",
     "table a // why\n\n{\n  id int\n}",
     "table 'a' { column 'id' { type 'int' } }"},
    {"sql",
     "sql rule was r needs a, app.b allow PDL0201 { up $$ select '$'; $$, down $x$ $$ $x$ }",
     "sql 'rule' { was 'r'; needs { name 'a'; name 'app'.'b' }; allow { name = 'PDL0201' }; up = ' "
     "select '$'; '; down = ' $$ ' }"},
    {"types",
     "table t {\n  a int\n  b numeric( 12 , 2 )?\n  c app.\"Mood\"[3][]?\n  d bit (4)\n  e "
     "geometry('a , b')\n}",
     "table 't' { column 'a' { type 'int' }; column 'b' { type 'numeric'? = '12,2' }; column 'c' { "
     "type 'app'.'Mood'? { []; [] } }; column 'd' { type 'bit' = '4' }; column 'e' { type 'geometry' "
     "= ''a , b'' } }"},
    {"keys of a column",
     "table t {\n  a int pk name p unique name u index name i\n  b int unique index\n}",
     "table 't' { column 'a' { type 'int'; pk { name 'p' }; unique { name 'u' }; index { name 'i' } "
     "}; column 'b' { type 'int'; unique; index } }"},
    {"defaults",
     "table t {\n  a text = 'in  progress'::text pk\n  b int = (1 +\n 2)\n  c jsonb = '{}'// no\n  d "
     "int=-1\n  e text = $x$ a ) $x$\n  f int[] = ARRAY[1, 2]\n  g text = E'\\' '/**/touch\n}",
     "table 't' { column 'a' { type 'text'; default = ''in  progress'::text'; pk }; column 'b' { "
     "type 'int'; default = '(1 +\\n 2)' }; column 'c' { type 'jsonb'; default = ''{}'' }; column "
     "'d' { type 'int'; default = '-1' }; column 'e' { type 'text'; default = '$x$ a ) $x$' }; "
     "column 'f' { type 'int' { [] }; default = 'ARRAY[1, 2]' }; column 'g' { type 'text'; default = "
     "'E'\\\\' ''; touch } }"},
    {"references",
     "table t {\n  a -> app.b? cascade on update no action\n  b int -> t(id)? set null (b) "
     "deferrable initially deferred\n  c -> t restrict match full not valid name x\n  d -> t no "
     "action on update set default\n  e -> t set default (e) on update restrict\n  f -> t set null "
     "on update set null\n  g -> t set default on update cascade\n}",
     "table 't' { column 'a' { -> 'app'.'b'? { on delete = 'cascade'; on update = 'no action' } }; "
     "column 'b' { type 'int'; -> 't'? { names { name 'id' }; on delete = 'set null' { name 'b' }; "
     "deferrable; initially deferred } }; column 'c' { -> 't' { on delete = 'restrict'; match full; "
     "not valid; name 'x' } }; column 'd' { -> 't' { on delete = 'no action'; on update = 'set "
     "default' } }; column 'e' { -> 't' { on delete = 'set default' { name 'e' }; on update = "
     "'restrict' } }; column 'f' { -> 't' { on delete = 'set null'; on update = 'set null' } }; "
     "column 'g' { -> 't' { on delete = 'set default'; on update = 'cascade' } } }"},
    {"identity and generated",
     "table t {\n  a int identity\n  b int identity always (start with 10 increment 5 no cycle)\n  c "
     "int generated (a + 1)\n  d int generated (a) stored\n  e int generated (a) virtual\n}",
     "table 't' { column 'a' { type 'int'; identity }; column 'b' { type 'int'; identity = 'always' "
     "{ option 'start' = '10'; option 'increment' = '5'; option 'no cycle' } }; column 'c' { type "
     "'int'; generated = 'a + 1' }; column 'd' { type 'int'; generated = 'a' }; column 'e' { type "
     "'int'; generated = 'a' { virtual } } }"},
    {"storage of a column",
     "table t {\n  a text collate app.\"C\" compression lz4 storage external statistics 500 touch\n}",
     "table 't' { column 'a' { type 'text'; collate 'app'.'C'; compression = 'lz4'; storage = "
     "'external'; statistics = '500'; touch } }"},
    {"intent of a column",
     "table t {\n  a text was b using (b::text) backfill ('') as A allow PDL0201 check (a <> '') "
     "check ok (true)\n}",
     "table 't' { column 'a' { type 'text'; was 'b'; using = 'b::text'; backfill = ''''; as = 'A'; "
     "allow { name = 'PDL0201' }; check = 'a <> '''; check 'ok' = 'true' } }"},
    {"words as names",
     "table table {\n  name text\n  type int\n  \"index\" int\n  not date -> as(unique) name check\n}",
     "table 'table' { column 'name' { type 'text' }; column 'type' { type 'int' }; column 'index' { "
     "type 'int' }; column 'not' { type 'date'; -> 'as' { names { name 'unique' }; name 'check' } } }"},
    {"mixins",
     "table t {\n  use use\n}",
     "table 't' { use 'use' }"},
    {"keys of a table",
     "table t {\n  pk (a, \"B\") name p include (c, d) with (fillfactor = 9) was q allow PDL0201\n  "
     "unique (a) nulls not distinct deferrable initially deferred\n}",
     "table 't' { pk { names { name 'a'; name 'B' }; name 'p'; include (…) { name 'c'; "
     "name 'd' }; with { setting 'fillfactor' = '9' }; was 'q'; allow { name = 'PDL0201' } }; unique "
     "{ names { name 'a' }; nulls not distinct; deferrable; initially deferred } }"},
    {"checks of a table",
     "table t {\n  check (a > 0) name n not valid no inherit\n  check ok ( a ) was b allow PDL0201\n}",
     "table 't' { check = 'a > 0' { name 'n'; not valid; no inherit }; check 'ok' = 'a' { was 'b'; "
     "allow { name = 'PDL0201' } } }"},
    {"foreign keys of a table",
     "table t {\n  foreign (a, b) -> u(a, b) cascade was w allow PDL0201\n}",
     "table 't' { foreign { names { name 'a'; name 'b' }; -> 'u' { names { name 'a'; name 'b' }; on "
     "delete = 'cascade' }; was 'w'; allow { name = 'PDL0201' } } }"},
    {"exclusions",
     "table t {\n  exclude (a with =) include (b) with (fillfactor = 9) was e allow PDL0201\n  "
     "exclude using gist (r with =) where (not x) name e deferrable initially deferred\n}",
     "table 't' { exclude = 'a with =' { include (…) { name 'b' }; with { setting "
     "'fillfactor' = '9' }; was 'e'; allow { name = 'PDL0201' } }; exclude = 'r with =' { using "
     "'gist'; where = 'not x'; name 'e'; deferrable; initially deferred } }"},
    {"indexes",
     "table t {\n  index a\n  index app.f(a) unique\n  index lower \\\n (a)\n  index (a desc, (b)) "
     "using gin include (c) with (m = 16, n) where (a > 0) name i nulls not distinct was j allow "
     "PDL0201\n}",
     "table 't' { index = 'a'; index = 'app.f(a)' { unique }; index = 'lower    (a)'; index = 'a "
     "desc, (b)' { using 'gin'; include (…) { name 'c' }; with { setting 'm' = '16'; "
     "setting 'n' }; where = 'a > 0'; name 'i'; nulls not distinct; was 'j'; allow { name = "
     "'PDL0201' } } }"},
    {"blanks in parentheses",
     "table t {\n  check (  a -- )\n  )\n  check ( 'b)' /* ) /* */ ) */ )\n  check ($a$)$a$ \" ) "
     "\")\n  check (E'\\')')\n}",
     "table 't' { check = 'a -- )\\n'; check = ''b)' /* ) /* */ ) */'; check = '$a$)$a$ \\' ) \\''; "
     "check = 'E'\\\\')'' }"},
    {"comments in lists",
     "table t {\n  pk (a, // one\n b /* two */)\n}",
     "table 't' { pk { names { name 'a'; name 'b' } } }"},
    {"continued lines",
     "table t {\n  a \\\n  int \\  \n  pk\n}",
     "table 't' { column 'a' { type 'int'; pk } }"},
    {"doc comments",
     "/// one\n///  two\n//// no\n\n///\ntarget postgres 15 // x\n/// t\ntable t {\n  /// a\n  /// "
     "more\n  a int\n  b int /// b \011\n  use m\n  /// pk\n  pk (a)\n}",
     "target 'postgres' = '15' /// 'one\\n two\\n'; table 't' /// 't' { column 'a' /// 'a\\nmore' { "
     "type 'int' }; column 'b' /// 'b' { type 'int' }; use 'm'; pk /// 'pk' { names { name 'a' } } }"},
    {"doc comment before the brace",
     "table t /// head\n{\n  a int\n}",
     "table 't' /// 'head' { column 'a' { type 'int' } }"},
    {"doc comment behind a brace of its own",
     "table t \\\n  unlogged was u\n{ /// head\n  a int\n}",
     "table 't' /// 'head' { unlogged; was 'u'; column 'a' { type 'int' } }"},
    {"doc comment behind a line's last label",
     "enum e { a, b, /// b\n  c\n} /// e",
     "enum 'e' /// 'e' { label = 'a'; label = 'b' /// 'b'; label = 'c' }"},
    {"byte order mark",
     "\357\273\277target postgres 15\n",
     "target 'postgres' = '15'"},
    {"line ends of two bytes",
     "/// doc\r\ntable t\r\n{\r\n  a int \\\r\n pk\r\n}\r\n",
     "table 't' /// 'doc' { column 'a' { type 'int'; pk } }"},
    {"file ends in a block's line",
     "table t {\n  a int }",
     "table 't' { column 'a' { type 'int' } }"},
};

static void constructs_become_trees(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_LEN(trees); i++)
    check(trees[i].name, trees[i].text, "", trees[i].tree);
}

static void what_can_be_read_stays(void **state) {
  (void)state;
  check("broken items", "table t {\n  a int\n  b int int\n  c int\n}\nx\ntarget postgres 15\n",
        "3:9 PDL0020 unexpected \"int\"\n"
        "6:1 PDL0020 unexpected \"x\"\n",
        "table 't' { column 'a' { type 'int' }; column 'c' { type 'int' } }; target 'postgres' = '15'");
  check("broken head", "table t x y {\n  a int\n}\n", "1:9 PDL0020 unexpected \"x\"\n",
        "table { column 'a' { type 'int' } }");
}

static void spans_cover_what_they_name(void **state) {
  (void)state;
  static const char text[] = "table app . t {\n  a  numeric( 12, 2 ) = (1 + 2) check ( a > 0 )\n}\n";
  struct arena arena = ARENA_INIT;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &arena);
  const struct source *source = source_new(&arena, "spans", text, strlen(text));
  const struct node *table = syntax_parse(&arena, source, &diagnostics)->parts;
  assert_null(diagnostics.first);
  assert_int_equal(table->span.from, 0);
  assert_int_equal(table->span.to, strlen(text) - 1);
  assert_int_equal(table->name.span.from, 6);
  assert_int_equal(table->name.span.to, 13);
  const struct node *column = node_part(table, NODE_COLUMN);
  assert_int_equal(column->span.from, strchr(text, '\n') - text + 3);
  const struct node *value = node_part(column, NODE_DEFAULT), *condition = node_part(column, NODE_CHECK);
  assert_memory_equal(text + value->text_span.from, "(1 + 2)", 7);
  assert_int_equal(value->text_span.to - value->text_span.from, 7);
  assert_string_equal(condition->text, "a > 0");
  assert_memory_equal(text + condition->text_span.from, "a > 0 )", 7);
  const struct span zero = node_text_at(condition, 4, 1);
  assert_memory_equal(text + zero.from, "0 )", 3);
  assert_int_equal(zero.to, zero.from + 1);
  assert_int_equal(node_text_at(condition, 99, 99).from, condition->text_span.to);
  assert_int_equal(node_text_at(condition, 99, 99).to, condition->text_span.to);
  assert_int_equal(node_count(column, NODE_CHECK), 1);
  assert_null(node_part(column, NODE_UNIQUE));
  arena_release(&arena);
}

/* ── mistakes ── */

static const struct {
  const char *name, *text, *said;
} mistakes[] = {
    {"string",
     "include 'a\n\ntarget 15",
     "1:9 PDL0022 unterminated string\n"
     "  Close it with the quote that opened it.\n"
     "3:8 PDL0020 unexpected \"15\"\n"},
    {"quoted name",
     "table t {\n  \"a int\n  b tex,t\n}\n",
     "2:3 PDL0022 unterminated string\n"
     "  Close it with the quote that opened it.\n"
     "3:8 PDL0020 unexpected \",\"\n"
     "  Items end at the end of the line; leave the comma out.\n"},
    {"comment",
     "target postgres 15\n/* a /* b */\ntable t {}\n",
     "2:1 PDL0023 unterminated comment\n"
     "  Comments nest: each /* needs its own */.\n"},
    {"parenthesis",
     "table t {\n  check (a\n}\ntarget\n",
     "2:9 PDL0024 parenthesis is never closed\n"
     "  Inside it SQL's rules hold: a quote or comment that is not closed may hide the \")\".\n"
     "4:7 PDL0020 unexpected end of line\n"},
    {"string in a parenthesis",
     "table t {\n  check (a <> ')\n}\n",
     "2:15 PDL0022 unterminated string\n"
     "  Close it with the quote that opened it.\n"},
    {"comment in a parenthesis",
     "table t {\n  check (a /* b)\n}\n",
     "2:12 PDL0023 unterminated comment\n"
     "  Comments nest: each /* needs its own */.\n"},
    {"quote in a parenthesis",
     "table t {\n  check ($x$ $y$)\n}\n",
     "2:10 PDL0025 unterminated dollar quote\n"
     "  It closes with the same tag that opened it.\n"},
    {"dollar quote",
     "sql s {\n  up $a$ x $$\n}\ntarget\n",
     "2:6 PDL0025 unterminated dollar quote\n"
     "  It closes with the same tag that opened it.\n"
     "4:7 PDL0020 unexpected end of line\n"},
    {"comment in a value",
     "table t {\n  a int = (1 /* )\n}\n",
     "2:14 PDL0023 unterminated comment\n"
     "  Comments nest: each /* needs its own */.\n"},
    {"value",
     "table t {\n  a int =\n  b int = // no\n  c int = (1\n}\n",
     "2:9 PDL0027 no value after \"=\"\n"
     "  Write it on the same line: one word, or SQL in parentheses.\n"
     "3:9 PDL0027 no value after \"=\"\n"
     "  Write it on the same line: one word, or SQL in parentheses.\n"
     "4:11 PDL0024 parenthesis is never closed\n"
     "  Inside it SQL's rules hold: a quote or comment that is not closed may hide the \")\".\n"},
    {"stray characters",
     "table t {\n  a int;\n  b: int\n  c int[\n  d int )\n  e int $\n  f int \001\n  g int @\n  - h "
     "int\n}\n",
     "2:8 PDL0021 unexpected \";\"\n"
     "  Items end at the end of the line; leave the semicolon out.\n"
     "3:4 PDL0021 unexpected \":\"\n"
     "  A column is its name, a blank, and its type.\n"
     "4:8 PDL0021 unexpected \"[\"\n"
     "  An array type is written text[].\n"
     "5:9 PDL0021 unexpected \")\"\n"
     "  Nothing is open that it could close.\n"
     "6:9 PDL0021 unexpected \"$\"\n"
     "  A dollar quote opens and closes with the same tag: $$ … $$.\n"
     "7:9 PDL0021 unexpected control character 0x01\n"
     "8:9 PDL0021 unexpected \"@\"\n"
     "9:3 PDL0021 unexpected \"-\"\n"
     "  A name with other characters than letters, digits and _ stands in double quotes.\n"},
    {"SQL comment",
     "-- foo ' bar\ntable t {\n  -- foo (\n  a int -- why\n}\n",
     "1:1 PDL0021 unexpected \"--\"\n"
     "  Comments start with // here; -- is a comment only inside SQL.\n"
     "3:3 PDL0021 unexpected \"--\"\n"
     "  Comments start with // here; -- is a comment only inside SQL.\n"
     "4:9 PDL0021 unexpected \"--\"\n"
     "  Comments start with // here; -- is a comment only inside SQL.\n"},
    {"three errors",
     "tabel t { a int }\ntable u {\n  a int primary key\n  b int\n  c int, d int\n}\ntarget 15\n",
     "1:1 PDL0020 unexpected \"tabel\"\n"
     "  did you mean \"table\"?\n"
     "3:9 PDL0020 unexpected \"primary\"\n"
     "  A primary key is written pk.\n"
     "5:8 PDL0020 unexpected \",\"\n"
     "  Items end at the end of the line; leave the comma out.\n"
     "7:8 PDL0020 unexpected \"15\"\n"},
    {"head of a table",
     "table t unlogd {\n  a int\n  b int =\n}\ntable u.v.w {\n  c int;\n}\n",
     "1:9 PDL0020 unexpected \"unlogd\"\n"
     "  did you mean \"unlogged\"?\n"
     "3:9 PDL0027 no value after \"=\"\n"
     "  Write it on the same line: one word, or SQL in parentheses.\n"
     "5:10 PDL0020 unexpected \".\"\n"
     "6:8 PDL0021 unexpected \";\"\n"
     "  Items end at the end of the line; leave the semicolon out.\n"},
    {"head of another block",
     "enum e as {\n  a\n  check (x)\n}\ntarget\n",
     "1:11 PDL0020 unexpected \"{\"\n"
     "5:7 PDL0020 unexpected end of line\n"},
    {"second block on a line",
     "table t {} table u {}\n",
     "1:12 PDL0020 unexpected \"table\", expected end of line\n"},
    {"column that is a word",
     "table t {\n  index int\n  unique text\n}\n",
     "3:10 PDL0020 unexpected \"text\", expected \"(…)\"\n  It stands in parentheses: unique (…).\n"},
    {"SQL's ways",
     "create table t {\n}\ntable u {\n  a int not null\n  b int null\n  c int default 3\n  d int "
     "references t\n  constraint x (a)\n  e int constraint f check (a)\n}\nalter table u {\n}\ndrop "
     "table u\n",
     "1:1 PDL0020 unexpected \"create\"\n"
     "  Leave \"create\" out: table users { … }.\n"
     "5:9 PDL0020 unexpected \"null\"\n"
     "  A column that may be null has a ? after its type: text?\n"
     "6:9 PDL0020 unexpected \"default\"\n"
     "  A default is written = value.\n"
     "7:9 PDL0020 unexpected \"references\"\n"
     "  A reference is written -> table.\n"
     "9:9 PDL0020 unexpected \"constraint\"\n"
     "  A constraint's name stands after it: unique (a, b) name x, or check x (…).\n"
     "11:1 PDL0020 unexpected \"alter\"\n"
     "  schema.pdl says how the schema should be; pdlc works out the changes.\n"
     "13:1 PDL0020 unexpected \"drop\"\n"
     "  Leave the object out; pdlc works out what to drop.\n"},
    {"near word of a clause",
     "table t {\n  a int uniqe\n  unique (a) deferable\n  b int -> t cascad\n}\n",
     "2:9 PDL0020 unexpected \"uniqe\"\n"
     "  did you mean \"unique\"?\n"
     "3:14 PDL0020 unexpected \"deferable\"\n"
     "  did you mean \"deferrable\"?\n"
     "4:14 PDL0020 unexpected \"cascad\"\n"
     "  did you mean \"cascade\"?\n"},
    {"list of words",
     "table t {\n  pk (a b)\n  pk ()\n  a -> t set null (1)\n  b int identity (start)\n  with (x)\n"
     "}\n",
     "2:9 PDL0020 unexpected \"b\", expected \")\", \"without\" or \",\"\n"
     "3:7 PDL0020 unexpected \")\"\n"
     "4:20 PDL0020 unexpected \"1\"\n"
     "5:24 PDL0020 unexpected \")\", expected \"with\" or a number\n"
     "6:8 PDL0020 unexpected \"(x)\"\n"},
    {"comment in a list",
     "table t {\n  pk (a, /// doc\n  b)\n}\n",
     "2:10 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"},
    {"block without end",
     "table t {\n  a int\n",
     "3:1 PDL0020 unexpected end of file\n"
     "  A block is still open: its \"}\" is missing.\n"},
    {"end of a block too many",
     "table t {\n}\n}\ntarget\n",
     "3:1 PDL0020 unexpected \"}\"\n"
     "  No block is open that it could close.\n"
     "4:7 PDL0020 unexpected end of line\n"},
    {"names",
     "table T {\n  \"\" int\n  \"Fine\" int -> A.B\n  "
     "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn int\n}\n",
     "1:7 PDL0031 upper-case letters in the unquoted name \"T\"\n"
     "  Write t, or \"T\" in double quotes to keep the letters.\n"
     "2:3 PDL0029 a name cannot be empty\n"
     "3:17 PDL0031 upper-case letters in the unquoted name \"A\"\n"
     "  Write a, or \"A\" in double quotes to keep the letters.\n"
     "3:19 PDL0031 upper-case letters in the unquoted name \"B\"\n"
     "  Write b, or \"B\" in double quotes to keep the letters.\n"
     "4:3 PDL0030 name is 64 bytes long, Postgres keeps 63\n"
     "  Postgres would cut it in silence; choose a shorter name.\n"},
    {"dangling doc comments",
     "/// naming\nnaming { /// block\n  index \"a\" /// line\n}\ntable t {\n  use m /// use\n  a int "
     "/// one\n  /// none\n}\n/// a\ntarget postgres 15 /// b\nsql s { up $$a$$ /// up\n}\n/// end\n",
     "1:1 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"
     "2:10 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"
     "3:13 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"
     "6:9 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"
     "8:3 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"
     "11:20 PDL0028 second doc comment on one item\n"
     "  Keep the one above the item or the one behind it.\n"
     "12:18 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"
     "14:1 PDL0028 doc comment belongs to nothing\n"
     "  Put /// directly above a table, column, key, index or type, or behind it on its line; use // for a remark.\n"},
    {"doc comments with other errors",
     "table t {\n  /// gone\n  a int int\n}\n",
     "3:9 PDL0020 unexpected \"int\"\n"},
    {"invalid UTF-8",
     "table t {\n  \377 int\n}\n",
     "2:3 PDL0004 byte 0xff is not valid UTF-8\n"
     "  Save the file as UTF-8.\n"},
};

static void mistakes_are_named(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_LEN(mistakes); i++)
    check(mistakes[i].name, mistakes[i].text, mistakes[i].said, NULL);
}

static void files_that_are_no_text_are_refused(void **state) {
  (void)state;
  static const char nul[] = "target postgres 15\n\0 x";
  check_bytes("NUL", nul, sizeof nul - 1, "2:1 PDL0003 file holds a NUL byte\n  It is binary, or text in UTF-16: save it as UTF-8.\n", "");
}

static void add_repeated(struct strbuf *out, const char *text, size_t count) {
  while (count-- > 0)
    strbuf_adds(out, text);
}

static void depth_has_bounds(void **state) {
  (void)state;
  struct strbuf text = STRBUF_INIT;
  strbuf_adds(&text, "table t {\ncheck ");
  add_repeated(&text, "(", 256);
  add_repeated(&text, ")", 256);
  strbuf_adds(&text, "\n}\n");
  check("256 brackets", text.text, "", NULL);

  strbuf_clear(&text);
  strbuf_adds(&text, "table t {\ncheck ");
  add_repeated(&text, "(", 257);
  check("257 brackets", text.text,
        "2:263 PDL0026 brackets nest deeper than 256\n  Split the expression, for example into functions.\n", NULL);

  strbuf_clear(&text);
  strbuf_adds(&text, "table t {\na int = ");
  add_repeated(&text, "[", 257);
  check("257 brackets of a value", text.text,
        "2:265 PDL0026 brackets nest deeper than 256\n  Split the expression, for example into functions.\n", NULL);

  strbuf_clear(&text);
  strbuf_adds(&text, "/*");
  add_repeated(&text, "/*", 100000);
  add_repeated(&text, "*/", 100001);
  check("comments nest freely", text.text, "", "");

  strbuf_clear(&text);
  strbuf_adds(&text, "x ");
  add_repeated(&text, "{", 20000);
  check("blocks", text.text, "1:1 PDL0020 unexpected \"x\"\n1:5000 PDL0026 blocks nest too deep\n", NULL);
  strbuf_release(&text);
}

static void reading_ends_after_too_many_broken_tokens(void **state) {
  (void)state;
  struct strbuf text = STRBUF_INIT, said = STRBUF_INIT;
  add_repeated(&text, "check (\n", 30);
  struct arena arena = ARENA_INIT;
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &arena);
  syntax_parse(&arena, source_new(&arena, "broken", text.text, text.len), &diagnostics);
  size_t unclosed = 0;
  for (const struct diagnostic *d = diagnostics.first; d; d = d->next)
    unclosed += d->code == PDL_UNTERMINATED_PAREN;
  assert_int_equal(unclosed, 20);
  list_diagnostics(&diagnostics, &said);
  assert_non_null(strstr(said.text, "20:7 PDL0024"));
  assert_null(strstr(said.text, "21:"));
  strbuf_release(&said);
  strbuf_release(&text);
  arena_release(&arena);
}

/* ── words ── */

static void item_words_cannot_name_columns_bare(void **state) {
  (void)state;
  static const char *const words[] = {
      "access", "check", "exclude", "foreign", "grant", "index", "partition", "pk", "policy", "realtime", "revoke",
      "rls", "statistics", "trigger", "unique", "use", "allow", "as", "was", "not", "name", "table", "with", "enum"};
  for (size_t i = 0; i < ARRAY_LEN(words); i++) {
    struct arena arena = ARENA_INIT;
    struct diagnostics diagnostics;
    diagnostics_init(&diagnostics, &arena);
    const char *text = arena_printf(&arena, "table t {\n  %s app.x[]\n}\n", words[i]);
    const struct node *file = syntax_parse(&arena, source_new(&arena, words[i], text, strlen(text)), &diagnostics);
    const bool is_column = !diagnostics.first && node_part(file->parts, NODE_COLUMN);
    assert_int_equal(syntax_is_taken(words[i]), i < ARRAY_LEN(words) - 4); /* the last are names everywhere else */
    assert_true(is_column || syntax_is_taken(words[i]));
    arena_release(&arena);
  }
}

static void other_names_are_no_words(void **state) {
  (void)state;
  static const char *const names[] = {"", "a", "Table", "tables", "tabl", "a name", "->", "(…)", "end of line", "[]"};
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    assert_false(syntax_is_taken(names[i]));
}

/* ── files ── */

struct folder {
  struct arena arena;
  char path[64];
};

static const char *in_folder(struct folder *folder, const char *name) {
  return arena_printf(&folder->arena, "%s/%s", folder->path, name);
}

static void write_file(struct folder *folder, const char *name, const char *text) {
  FILE *file = fopen(in_folder(folder, name), "w");
  assert_non_null(file);
  assert_int_equal(fputs(text, file) < 0, 0);
  assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state) {
  static struct folder folder;
  folder = (struct folder){.arena = ARENA_INIT, .path = "/tmp/pdlc-syntax-XXXXXX"};
  if (!mkdtemp(folder.path) || mkdir(in_folder(&folder, "sub"), 0700) != 0)
    return -1;
  *state = &folder;
  return 0;
}

static int remove_folder(void **state) {
  static const char *const names[] = {"a.pdl", "b.pdl", "c.pdl", "sub/d.pdl", "sub/e.pdl"};
  struct folder *folder = *state;
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    unlink(in_folder(folder, names[i]));
  const bool gone = rmdir(in_folder(folder, "sub")) == 0 && rmdir(folder->path) == 0;
  arena_release(&folder->arena);
  return gone ? 0 : -1;
}

/* Diagnostics, names of the items, and names of the files read; the folder's own path is left out. */
static void check_read(struct folder *folder, const char *name, const char *wanted) {
  struct diagnostics diagnostics;
  diagnostics_init(&diagnostics, &folder->arena);
  struct node files = {.kind = NODE_FILE};
  const struct node *all = syntax_read(&folder->arena, in_folder(folder, name), &diagnostics, &files);
  struct strbuf raw = STRBUF_INIT, seen = STRBUF_INIT;
  list_diagnostics(&diagnostics, &raw);
  strbuf_adds(&raw, all ? "items:" : "none");
  for (const struct node *n = all ? all->parts : NULL; n; n = n->next)
    strbuf_addf(&raw, " %s", n->name.text);
  strbuf_adds(&raw, "\nfiles:");
  for (const struct node *n = files.parts; n; n = n->next) {
    assert_int_equal(n->kind, NODE_INCLUDE);
    strbuf_addf(&raw, " %s", n->text);
  }
  const size_t len = strlen(folder->path);
  for (const char *c = raw.text; *c;)
    if (strncmp(c, folder->path, len) == 0)
      c += len;
    else
      strbuf_addc(&seen, *c++);
  assert_string_equal(seen.text, wanted);
  strbuf_release(&raw);
  strbuf_release(&seen);
}

static void includes_are_found_beside_their_file(void **state) {
  struct folder *folder = *state;
  write_file(folder, "a.pdl", "schema one\ninclude \"sub/d.pdl\"\nschema five\n");
  write_file(folder, "sub/d.pdl", "schema two\ninclude 'e.pdl'\ninclude '../b.pdl'\n");
  write_file(folder, "sub/e.pdl", "schema three");
  write_file(folder, "b.pdl", "schema four\n");
  check_read(folder, "a.pdl",
             "items: one two three four five\nfiles: /a.pdl /sub/d.pdl /sub/e.pdl /sub/../b.pdl");
}

static void files_are_read_once(void **state) {
  struct folder *folder = *state;
  write_file(folder, "a.pdl", "include 'b.pdl'\ninclude 'sub/../c.pdl'\ninclude 'b.pdl'\n");
  write_file(folder, "b.pdl", "include 'c.pdl'\nschema b\n");
  write_file(folder, "c.pdl", "schema c\n");
  check_read(folder, "a.pdl", "items: c b\nfiles: /a.pdl /b.pdl /c.pdl");
}

static void circles_of_includes_are_errors(void **state) {
  struct folder *folder = *state;
  write_file(folder, "a.pdl", "schema a\ninclude 'b.pdl'\n");
  write_file(folder, "b.pdl", "include 'sub/../a.pdl'\n  include \"b.pdl\"\nschema b\n");
  check_read(folder, "a.pdl",
             "1:9 PDL0032 \"/sub/../a.pdl\" includes itself through this line\n"
             "2:11 PDL0032 \"/b.pdl\" includes itself through this line\n"
             "items: a b\nfiles: /a.pdl /b.pdl");
}

static void files_that_cannot_be_read_are_named(void **state) {
  struct folder *folder = *state;
  write_file(folder, "a.pdl", "include 'gone.pdl'\nschema a\ninclude 'sub'\ninclude 'b.pdl'\n");
  write_file(folder, "b.pdl", "schema x y\n");
  check_read(folder, "a.pdl",
             "1:9 PDL0001 cannot read \"/gone.pdl\": no such file\n"
             "  Includes are looked for beside the file that names them.\n"
             "3:9 PDL0001 cannot read \"/sub\": is a directory\n"
             "1:10 PDL0020 unexpected \"y\", expected \"allow\", \"was\", \"owner\" or end of line\n"
             "items: a\nfiles: /a.pdl /b.pdl");
  check_read(folder, "gone.pdl",
             "PDL0001 cannot read \"/gone.pdl\": no such file\n"
             "  pdlc init writes a schema.pdl to start from.\n"
             "none\nfiles:");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constructs_become_trees),
      cmocka_unit_test(what_can_be_read_stays),
      cmocka_unit_test(spans_cover_what_they_name),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(files_that_are_no_text_are_refused),
      cmocka_unit_test(depth_has_bounds),
      cmocka_unit_test(reading_ends_after_too_many_broken_tokens),
      cmocka_unit_test(item_words_cannot_name_columns_bare),
      cmocka_unit_test(other_names_are_no_words),
      cmocka_unit_test_setup_teardown(includes_are_found_beside_their_file, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(files_are_read_once, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(circles_of_includes_are_errors, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(files_that_cannot_be_read_are_named, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
