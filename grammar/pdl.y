/* The grammar of PDL. Its actions build nodes and do nothing else.
 * The scanner puts a NEWLINE before every `}` and before the end, so every item
 * ends in NEWLINE. What stands in parentheses comes as one PAREN token: raw SQL
 * stays text; lists are read by this grammar again, from another start. */
%code requires {
#include "syntax/parser.h"
}
%code {
#define YYLLOC_DEFAULT(current, rhs, n)                      \
  do {                                                       \
    (current).from = (n) ? YYRHSLOC(rhs, 1).from : YYRHSLOC(rhs, 0).to; \
    (current).to = YYRHSLOC(rhs, (n)).to;                    \
  } while (0)
static void pdl_yyerror(const YYLTYPE *, struct parser *, void *scanner, const char *message);
#undef yylex
#define yylex pdl_lex
}
%define api.pure full
%define api.prefix {pdl_yy}
%define api.location.type {struct location}
%define api.value.type {union value}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%parse-param { struct parser *p } { void *scanner }
%lex-param   { struct parser *p } { void *scanner }

/* Words that start an item of a table, so must be quoted to name a column: ACCESS first, USE last … */
%token <token> ACCESS "access" CHECK "check" EXCLUDE "exclude" FOREIGN "foreign" GRANT "grant" INDEX "index"
  PARTITION "partition" PK "pk" POLICY "policy" REALTIME "realtime" REVOKE "revoke" RLS "rls"
  STATISTICS "statistics" TRIGGER "trigger" UNIQUE "unique" USE "use"
/* … words that begin a clause of a column, so must be quoted to name a type … */
%token <token> ALLOW "allow" AS "as" BACKFILL "backfill" COLLATE "collate" COMPRESSION "compression"
  GENERATED "generated" IDENTITY "identity" INHERITS "inherits" NOT "not" STORAGE "storage" TOUCH "touch" USING "using" WAS "was"
/* … and all others, WITH last. */
%token <token> ACTION "action" ALWAYS "always" BY "by" CACHE "cache" CASCADE "cascade" CLUSTER "cluster"
  CYCLE "cycle" DATA "data"
  DEFAULT "default"
  DEFERRABLE "deferrable" DEFERRED "deferred" DISABLE "disable" DISTINCT "distinct" DOMAIN "domain" DOWN "down" ENABLE "enable" ENFORCED "enforced" ENUM "enum"
  EXTENSION "extension" EXTERNAL "external" FOR "for" FORCED "forced" FROM "from" FULL "full" FUNCTION "function" IN "in" INCLUDE "include" INCREMENT "increment"
  INHERIT "inherit" INITIALLY "initially" MATCH "match" MATERIALIZED "materialized" MAXVALUE "maxvalue" MINVALUE "minvalue" MIXIN "mixin"
  NAME "name" NAMING "naming" NEEDS "needs" NO "no" NOTHING "nothing" NULL_ "null" NULLS "nulls" OF "of" ON "on" OPTIONS "options" OUTPUT "output" OWNED "owned" OVERLAPS "overlaps" OWNER "owner" PERIOD "period"
  PRIVILEGES "privileges" PROCEDURE "procedure" PUBLICATION "publication"
  REPLICA "replica" RESTRICT "restrict" SCHEMA "schema" SEQUENCE "sequence" SERVER "server" SET "set" SHAPE "shape" SQL "sql" START "start" STORED "stored"
  TABLE "table" TABLESPACE "tablespace" TARGET "target" TO "to" TYPE "type" UNLOGGED "unlogged" UP "up" UPDATE "update" VALID "valid" VALUES "values"
  VERSION "version" VIEW "view" VIRTUAL "virtual" WHERE "where" WITHOUT "without" WITH "with"
/* The words of a kind that has SQL's own clauses, where they start a top-level item: "text search parser". */
%token <token> OBJECT "a kind of object" AS_RANGE "as range" NOT_NULL "not null"
%token <token> WORD "a name" QUOTED "a quoted name" STRING "a string" NUMBER "a number" PAREN "(…)" DOLLAR_BODY "$$ … $$"
  VALUE "= a value" BRACKETS "[]"
%token ARROW "->" NEWLINE "end of line"
%token START_FILE START_COLUMNS START_NAMES START_SETTINGS START_OPTIONS START_TABLES START_PICKS START_DATA_OPTIONS START_KEY START_PERIOD START_TARGETS

%type <token> object_kind any_word column_word type_word free_word clause_word item_word string opt_always
%type <name> word qualified column_name type_name
%type <node> foreign_table data_options list_data_option
%type <node> list_key_name list_period_name list_target
%type <list> list_data_options list_key list_period list_targets
%type <node> top_item target include schema naming output mixin extension enum domain composite sequence external
  table partition view matview routine trigger policy rls privileges defaults access realtime publication object range sql table_item statistics column reference type column_clause table_clause
%type <node> index_item rls_clause opt_allow key_clause index_clause check_clause foreign_clause exclude_clause setting setting_clause
  extension_clause enum_clause domain_clause sequence_clause option composite_clause sql_clause schema_clause mixin_clause
  view_clause matview_clause object_clause body view_columns view_column domain_item index_remark
  label owner owned_by was allow as name_clause deferral bounds storage_clause partition_clause opt_sql object_sql named_check default collate label_clause
%type <list> top_items table_items column_clauses table_clauses index_clauses key_clauses check_clauses
  foreign_clauses exclude_clauses settings setting_clauses extension_clauses enum_clauses domain_clauses
  sequence_clauses composite_clauses sql_clauses sql_bodies labels names codes attributes lines
  view_clauses view_tail view_items domain_items matview_clauses matview_tail matview_items object_clauses some_clauses opt_body list_columns
  list_settings list_names list_options rls_clauses partition_clauses opt_block trigger_clauses mixin_clauses schema_clauses reference_clauses label_clauses not_null_clauses
%type <node> trigger_text sql_clauses_text list_column list_option trigger_clause
%type <node> reference_clause not_null_clause attribute sql_body line list_name list_setting delete_rule update_rule
%type <node> shape pick opt_as
%type <list> picks list_picks

%start start
%%

start:
    START_FILE top_items                { p->file = add_parts(make(p, NODE_FILE, @$), $2); }
  | START_NAMES list_names              { p->list = $2; }
  | START_COLUMNS list_columns          { p->list = $2; }
  | START_SETTINGS list_settings        { p->list = $2; }
  | START_OPTIONS list_options          { p->list = $2; }
  | START_TABLES names                  { p->list = $2; }
  | START_PICKS list_picks              { p->list = $2; }
  | START_DATA_OPTIONS list_data_options { p->list = $2; }
  | START_KEY list_key                  { p->list = $2; }
  | START_PERIOD list_period            { p->list = $2; }
  | START_TARGETS list_targets          { p->list = $2; }
  ;

/* ── names ── */

any_word: column_word | item_word ;
column_word: type_word | clause_word | ALLOW | WAS ;
type_word: free_word | NEEDS | DISABLE | ENABLE | OWNER ;
item_word: ACCESS | CHECK | EXCLUDE | FOREIGN | GRANT | INDEX | PARTITION | PK | POLICY | REALTIME | REVOKE | RLS
  | STATISTICS | TRIGGER | UNIQUE | USE ;
clause_word: AS | BACKFILL | COLLATE | COMPRESSION | GENERATED | IDENTITY | INHERITS | NOT | STORAGE | TOUCH | USING ;
free_word: WORD | QUOTED | ACTION | ALWAYS | BY | CACHE | CASCADE | CLUSTER | CYCLE | DATA | DEFAULT | DEFERRABLE | DEFERRED
  | DISTINCT | DOMAIN | DOWN | ENFORCED | ENUM | EXTENSION | EXTERNAL | FOR | FORCED | FROM | FULL | FUNCTION | IN | INCLUDE | INCREMENT | INHERIT
  | INITIALLY | MATCH | MATERIALIZED | MAXVALUE | MINVALUE | MIXIN | NAME | NAMING | NO | NOTHING | NULL_ | NULLS | OF | ON
  | OPTIONS | OUTPUT | OVERLAPS | OWNED | PERIOD | PRIVILEGES | PROCEDURE | PUBLICATION | REPLICA | RESTRICT | SCHEMA | SEQUENCE | SERVER | SET | SHAPE | SQL | START | STORED | TABLE | TABLESPACE | TARGET | TO | TYPE | UNLOGGED
  | UP | UPDATE | VALID | VALUES | VERSION | VIEW | VIRTUAL | WHERE | WITHOUT | WITH ;
sql_word: free_word | clause_word | item_word | NOT_NULL ;
word: any_word                          { $$ = make_name(p, $1); } ;
qualified:
    any_word                            { $$ = make_name(p, $1); }
  | any_word '.' any_word               { $$ = make_name2(p, $1, $3); } ;
column_name: column_word                { $$ = make_name(p, $1); } ;
type_name:
    type_word                           { $$ = make_name(p, $1); }
  | type_word '.' any_word              { $$ = make_name2(p, $1, $3); } ;
string: STRING | QUOTED ;
names:
    qualified                           { $$ = list_add((struct node_list){0}, make_named(p, NODE_NAME, @1, $1)); }
  | names ',' qualified                 { $$ = list_add($1, make_named(p, NODE_NAME, @3, $3)); } ;

/* ── top level ── */

top_items:
    %empty                              { $$ = (struct node_list){0}; }
  | top_items NEWLINE                   { $$ = $1; }
  | top_items top_item NEWLINE          { $$ = list_add($1, $2); }
  | top_items error NEWLINE             { $$ = $1; yyerrok; }
  | top_items error '{' skipped '}' NEWLINE { $$ = $1; yyerrok; }
  | top_items TABLE error NEWLINE       { $$ = $1; yyerrok; }
  | top_items EXTERNAL TABLE error NEWLINE { $$ = $1; yyerrok; }
  | top_items FOREIGN TABLE error NEWLINE { $$ = $1; yyerrok; }
  ;
top_item: target | include | schema | naming | output | mixin | extension | enum | domain | composite | sequence
  | external | table | foreign_table | partition | view | matview | routine | trigger | privileges | defaults | publication | object | range | sql | shape ;

/* what stands in the block of an item that could not be read */
skipped: %empty | skipped skipped_token | skipped '{' skipped '}' ;
skipped_token: any_word | STRING | NUMBER | PAREN | DOLLAR_BODY | VALUE | BRACKETS | ARROW | NEWLINE | ',' | '.' | '?' ;

target: TARGET word NUMBER              { $$ = make_text(p, NODE_TARGET, @$, $3); $$->name = $2; } ;
include: INCLUDE string                 { $$ = make_text(p, NODE_INCLUDE, @$, $2); } ;

schema: SCHEMA word schema_clauses      { $$ = add_parts(make_named(p, NODE_SCHEMA, @$, $2), $3); } ;
schema_clauses: %empty { $$ = (struct node_list){0}; } | schema_clauses schema_clause { $$ = list_add($1, $2); } ;
schema_clause: was | allow | owned_by ;

naming: NAMING '{' lines '}'            { $$ = add_parts(make(p, NODE_NAMING, @$), $3); } ;
output: OUTPUT '{' lines '}'            { $$ = add_parts(make(p, NODE_OUTPUT, @$), $3); } ;
lines:
    %empty                              { $$ = (struct node_list){0}; }
  | lines NEWLINE                       { $$ = $1; }
  | lines line NEWLINE                  { $$ = list_add($1, $2); }
  | lines error NEWLINE                 { $$ = $1; yyerrok; } ;
line: word string setting_clauses       { $$ = add_parts(make_text(p, NODE_SETTING, @$, $2), $3); $$->name = $1; } ;
setting_clauses: %empty { $$ = (struct node_list){0}; } | setting_clauses setting_clause { $$ = list_add($1, $2); } ;
setting_clause:
    word string                         { $$ = make_text(p, NODE_SETTING, @$, $2); $$->name = $1; } ;

mixin: MIXIN word mixin_clauses '{' table_items '}'
                                        { $$ = add_parts(add_parts(make_named(p, NODE_MIXIN, @$, $2), $3), $5); } ;
mixin_clauses: %empty { $$ = (struct node_list){0}; } | mixin_clauses mixin_clause { $$ = list_add($1, $2); } ;
mixin_clause: allow ;

extension: EXTENSION word extension_clauses { $$ = add_parts(make_named(p, NODE_EXTENSION, @$, $2), $3); } ;
extension_clauses: %empty { $$ = (struct node_list){0}; } | extension_clauses extension_clause { $$ = list_add($1, $2); } ;
extension_clause:
    IN word                             { $$ = make_named(p, NODE_IN, @$, $2); }
  | VERSION string                      { $$ = make_text(p, NODE_VERSION, @$, $2); }
  | allow ;

enum: ENUM qualified enum_clauses '{' labels '}'
                                        { $$ = add_parts(add_parts(make_named(p, NODE_ENUM, @$, $2), $3), $5); } ;
enum_clauses: %empty { $$ = (struct node_list){0}; } | enum_clauses enum_clause { $$ = list_add($1, $2); } ;
enum_clause: was | as | allow | owned_by ;
labels:
    %empty                              { $$ = (struct node_list){0}; }
  | labels NEWLINE                      { $$ = $1; }
  | labels label NEWLINE                { $$ = list_add($1, $2); }
  | labels label ','                    { $$ = list_add($1, $2); }
  | labels error NEWLINE                { $$ = $1; yyerrok; } ;
label:
    any_word label_clauses              { $$ = add_parts(make_text(p, NODE_LABEL, @$, $1), $2); }
  | STRING label_clauses                { $$ = add_parts(make_text(p, NODE_LABEL, @$, $1), $2); } ;
label_clauses: %empty { $$ = (struct node_list){0}; } | label_clauses label_clause { $$ = list_add($1, $2); } ;
label_clause: WAS any_word              { $$ = make_text(p, NODE_WAS, @$, $2); }
  | WAS STRING                          { $$ = make_text(p, NODE_WAS, @$, $2); }
  | AS any_word                         { $$ = make_text(p, NODE_AS, @$, $2); } ;

domain:
    DOMAIN qualified type domain_clauses
                                        { $$ = add_parts(add_part(make_named(p, NODE_DOMAIN, @$, $2), $3), $4); }
  | DOMAIN qualified type domain_clauses '{' domain_items '}'
                                        { $$ = add_parts(add_parts(add_part(make_named(p, NODE_DOMAIN, @$, $2), $3), $4), $6); } ;
domain_items:
    %empty                              { $$ = (struct node_list){0}; }
  | domain_items NEWLINE                { $$ = $1; }
  | domain_items domain_item NEWLINE    { $$ = list_add($1, $2); }
  | domain_items error NEWLINE          { $$ = $1; yyerrok; } ;
domain_item: named_check
  | named_check NOT VALID               { $$ = add_part(end_at($1, @$), make(p, NODE_NOT_VALID, @2)); } ;
domain_clauses: %empty { $$ = (struct node_list){0}; } | domain_clauses domain_clause { $$ = list_add($1, $2); } ;
domain_clause: default | named_check | collate | was | as | allow | owned_by
  | NOT_NULL                            { $$ = make(p, NODE_NOT_NULL, @$); }
  | NOT VALID                           { $$ = make(p, NODE_NOT_VALID, @$); } ;

composite: TYPE qualified composite_clauses '{' attributes '}'
                                        { $$ = add_parts(add_parts(make_named(p, NODE_COMPOSITE, @$, $2), $3), $5); } ;
composite_clauses: %empty { $$ = (struct node_list){0}; } | composite_clauses composite_clause { $$ = list_add($1, $2); } ;
composite_clause: was | as | allow | owned_by ;
attributes:
    %empty                              { $$ = (struct node_list){0}; }
  | attributes NEWLINE                  { $$ = $1; }
  | attributes attribute NEWLINE        { $$ = list_add($1, $2); }
  | attributes error NEWLINE            { $$ = $1; yyerrok; } ;
attribute: word type column_clauses     { $$ = add_parts(add_part(make_named(p, NODE_COLUMN, @$, $1), $2), $3); } ;

sequence: SEQUENCE qualified sequence_clauses { $$ = add_parts(make_named(p, NODE_SEQUENCE, @$, $2), $3); } ;
sequence_clauses: %empty { $$ = (struct node_list){0}; } | sequence_clauses sequence_clause { $$ = list_add($1, $2); } ;
sequence_clause: option | was | allow | owned_by
  | AS type                             { $$ = add_part(make(p, NODE_AS, @$), $2); }
  | OWNED BY owner                      { $$ = $3; }
  | UNLOGGED                            { $$ = make(p, NODE_UNLOGGED, @$); } ;
owner:
    any_word '.' any_word               { $$ = add_part(make_named(p, NODE_OWNED, @$, make_name(p, $1)), make_named(p, NODE_NAME, @3, make_name(p, $3))); }
  | any_word '.' any_word '.' any_word  { $$ = add_part(make_named(p, NODE_OWNED, @$, make_name2(p, $1, $3)), make_named(p, NODE_NAME, @5, make_name(p, $5))); } ;
option:
    START opt_with NUMBER               { $$ = make_text(p, NODE_OPTION, @$, $3); $$->name.text = "start"; }
  | INCREMENT opt_by NUMBER             { $$ = make_text(p, NODE_OPTION, @$, $3); $$->name.text = "increment"; }
  | MINVALUE NUMBER                     { $$ = make_text(p, NODE_OPTION, @$, $2); $$->name.text = "minvalue"; }
  | MAXVALUE NUMBER                     { $$ = make_text(p, NODE_OPTION, @$, $2); $$->name.text = "maxvalue"; }
  | NO MINVALUE                         { $$ = make(p, NODE_OPTION, @$); $$->name.text = "minvalue"; }
  | NO MAXVALUE                         { $$ = make(p, NODE_OPTION, @$); $$->name.text = "maxvalue"; }
  | CACHE NUMBER                        { $$ = make_text(p, NODE_OPTION, @$, $2); $$->name.text = "cache"; }
  | CYCLE                               { $$ = make(p, NODE_OPTION, @$); $$->name.text = "cycle"; }
  | NO CYCLE                            { $$ = make(p, NODE_OPTION, @$); $$->name.text = "no cycle"; } ;
opt_with: %empty | WITH ;
opt_by: %empty | BY ;
list_options: list_option { $$ = list_add((struct node_list){0}, $1); } | list_options list_option { $$ = list_add($1, $2); } ;
list_option: option
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); } ;

external: EXTERNAL TABLE qualified '{' table_items '}'
                                        { $$ = add_parts(make_named(p, NODE_EXTERNAL, @$, $3), $5); }
  | EXTERNAL TABLE error '{' table_items '}' { $$ = add_parts(make(p, NODE_EXTERNAL, @$), $5); yyerrok; } ;

table: TABLE qualified table_clauses '{' table_items '}'
                                        { $$ = add_parts(add_parts(make_named(p, NODE_TABLE, @$, $2), $3), $5); }
  | TABLE error '{' table_items '}'     { $$ = add_parts(make(p, NODE_TABLE, @$), $4); yyerrok; } ;
foreign_table: FOREIGN TABLE qualified table_clauses '{' table_items '}'
                                        { $$ = add_parts(add_parts(make_named(p, NODE_FOREIGN_TABLE, @$, $3), $4), $6); }
  | FOREIGN TABLE error '{' table_items '}' { $$ = add_parts(make(p, NODE_FOREIGN_TABLE, @$), $5); yyerrok; } ;
table_clauses: %empty { $$ = (struct node_list){0}; } | table_clauses table_clause { $$ = list_add($1, $2); } ;
table_clause: was | as | allow | owned_by
  | INHERITS PAREN                      { $$ = make_list(p, NODE_INHERITS, @$, $2, START_TABLES); }
  | storage_clause ;
storage_clause:
    UNLOGGED                            { $$ = make(p, NODE_UNLOGGED, @$); }
  | USING word                          { $$ = make_named(p, NODE_USING, @$, $2); }
  | TABLESPACE word                     { $$ = make_named(p, NODE_TABLESPACE, @$, $2); }
  | CLUSTER ON word                     { $$ = make_named(p, NODE_CLUSTER, @$, $3); }
  | REPLICA IDENTITY FULL               { $$ = make(p, NODE_REPLICA_IDENTITY, @$); $$->text = "full"; }
  | REPLICA IDENTITY NOTHING            { $$ = make(p, NODE_REPLICA_IDENTITY, @$); $$->text = "nothing"; }
  | REPLICA IDENTITY USING INDEX word   { $$ = make_named(p, NODE_REPLICA_IDENTITY, @$, $5); }
  | WITH PAREN                          { $$ = make_list(p, NODE_WITH, @$, $2, START_SETTINGS); }
  | SERVER word                         { $$ = make_named(p, NODE_ON_SERVER, @$, $2); }
  | data_options ;
data_options: OPTIONS PAREN             { $$ = make_list(p, NODE_OPTIONS, @$, $2, START_DATA_OPTIONS); } ;

partition:
    PARTITION qualified OF qualified bounds partition_clauses opt_block
                                        { $$ = add_parts(add_parts(add_part(add_part(make_named(p, NODE_PARTITION, @$, $2),
                                               make_named(p, NODE_OF, @4, $4)), $5), $6), $7); } ;
bounds:
    FOR VALUES FROM PAREN TO PAREN      { $$ = add_part(make_text(p, NODE_BOUNDS, @$, $4), make_text(p, NODE_TO, @6, $6)); }
  | FOR VALUES IN PAREN                 { $$ = add_part(make_text(p, NODE_BOUNDS, @$, $4), make(p, NODE_IN, @3)); }
  | FOR VALUES WITH PAREN               { $$ = add_part(make_text(p, NODE_BOUNDS, @$, $4), make(p, NODE_WITH, @3)); }
  | DEFAULT                             { $$ = make(p, NODE_BOUNDS, @$); } ;
partition_clauses: %empty { $$ = (struct node_list){0}; } | partition_clauses partition_clause { $$ = list_add($1, $2); } ;
partition_clause: was | allow | owned_by | storage_clause ;
opt_block:
    %empty                              { $$ = (struct node_list){0}; }
  | '{' table_items '}'                 { $$ = $2; } ;

view: VIEW qualified view_columns view_clauses body view_tail
                                        { $$ = add_parts(add_part(add_parts(add_part(make_named(p, NODE_VIEW, @$, $2), $3), $4), $5), $6); } ;
view_tail:
    %empty                              { $$ = (struct node_list){0}; }
  | '{' view_items '}'                  { $$ = $2; } ;
view_items:
    %empty                              { $$ = (struct node_list){0}; }
  | view_items NEWLINE                  { $$ = $1; }
  | view_items view_column NEWLINE      { $$ = list_add($1, $2); }
  | view_items error NEWLINE            { $$ = $1; yyerrok; } ;
view_column:
    column_name                         { $$ = make_named(p, NODE_COLUMN, @$, $1); }
  | column_name default                 { $$ = add_part(make_named(p, NODE_COLUMN, @$, $1), $2); } ;
view_columns:
    %empty                              { $$ = NULL; }
  | PAREN                               { $$ = make_list(p, NODE_COLUMNS, @$, $1, START_COLUMNS); } ;
view_clauses: %empty { $$ = (struct node_list){0}; } | view_clauses view_clause { $$ = list_add($1, $2); } ;
view_clause: object_clause | as
  | WITH PAREN                          { $$ = make_list(p, NODE_WITH, @$, $2, START_SETTINGS); } ;
body: DOLLAR_BODY                       { $$ = make_text(p, NODE_BODY, @$, $1); } ;
matview: MATERIALIZED VIEW qualified view_columns matview_clauses body matview_tail
                                        { $$ = add_parts(add_part(add_parts(add_part(make_named(p, NODE_MATVIEW, @$, $3),
                                               $4), $5), $6), $7); } ;
matview_clauses: %empty { $$ = (struct node_list){0}; } | matview_clauses matview_clause { $$ = list_add($1, $2); } ;
matview_clause: view_clause
  | USING word                          { $$ = make_named(p, NODE_USING, @$, $2); }
  | CLUSTER ON word                     { $$ = make_named(p, NODE_CLUSTER, @$, $3); } ;
matview_tail:
    %empty                              { $$ = (struct node_list){0}; }
  | WITH NO DATA                        { $$ = list_add((struct node_list){0}, make(p, NODE_NO_DATA, @$)); }
  | '{' matview_items '}'               { $$ = $2; }
  | WITH NO DATA '{' matview_items '}'  { struct node *n = make(p, NODE_NO_DATA, @1);
                                          n->next = $5.first;
                                          $$ = (struct node_list){n, $5.last ? $5.last : n}; } ;
matview_items:
    %empty                              { $$ = (struct node_list){0}; }
  | matview_items NEWLINE               { $$ = $1; }
  | matview_items index_item NEWLINE    { $$ = list_add($1, $2); }
  | matview_items view_column NEWLINE   { $$ = list_add($1, $2); }
  | matview_items error NEWLINE         { $$ = $1; yyerrok; } ;

routine:
    FUNCTION qualified PAREN object_clauses sql_clauses_text opt_body
                                        { $$ = add_parts(add_part(add_parts(make_text(p, NODE_FUNCTION, @$, $3), $4), $5), $6);
                                          $$->name = $2; }
  | PROCEDURE qualified PAREN object_clauses sql_clauses_text opt_body
                                        { $$ = add_parts(add_part(add_parts(make_text(p, NODE_PROCEDURE, @$, $3), $4), $5), $6);
                                          $$->name = $2; } ;
opt_body:
    %empty                              { $$ = (struct node_list){0}; }
  | body                                { $$ = list_add((struct node_list){0}, $1); } ;
trigger: TRIGGER word trigger_clauses trigger_text
                                        { $$ = add_part(add_parts(make_named(p, NODE_TRIGGER, @$, $2), $3), $4); } ;
trigger_text: trigger_tokens            { $$ = make_clauses(p, @$, @$); } ;
trigger_tokens: sql_word | trigger_tokens sql_token | trigger_tokens ALLOW | trigger_tokens NEEDS | trigger_tokens WAS ;
trigger_clauses: %empty { $$ = (struct node_list){0}; } | trigger_clauses trigger_clause { $$ = list_add($1, $2); } ;
trigger_clause: object_clause
  | DISABLE                             { $$ = make(p, NODE_STATE, @$); $$->text = "disabled"; }
  | ENABLE ALWAYS                       { $$ = make(p, NODE_STATE, @$); $$->text = "always"; }
  | ENABLE REPLICA                      { $$ = make(p, NODE_STATE, @$); $$->text = "replica"; } ;
rls: RLS rls_clauses                    { $$ = add_parts(make(p, NODE_RLS, @$), $2); } ;
rls_clauses: %empty { $$ = (struct node_list){0}; } | rls_clauses rls_clause { $$ = list_add($1, $2); } ;
rls_clause: allow
  | FORCED                              { $$ = make(p, NODE_FORCED, @$); } ;
privileges:
    GRANT sql_clauses_text opt_allow    { $$ = add_part(add_part(make(p, NODE_GRANT, @$), $2), $3); }
  | REVOKE sql_clauses_text opt_allow   { $$ = add_part(add_part(make(p, NODE_REVOKE, @$), $2), $3); } ;
defaults: DEFAULT PRIVILEGES sql_clauses_text opt_allow
                                        { $$ = add_part(add_part(make(p, NODE_DEFAULT_PRIVILEGES, @$), $3), $4); } ;
access: ACCESS word PAREN TO any_word opt_allow
                                        { $$ = add_part(add_part(make_text(p, NODE_ACCESS, @$, $5),
                                               make_list(p, NODE_NAMES, @3, $3, START_NAMES)), $6); $$->name = $2; } ;
realtime: REALTIME opt_allow            { $$ = add_part(make(p, NODE_REALTIME, @$), $2); } ;
publication:
    PUBLICATION word object_clauses     { $$ = add_parts(make_named(p, NODE_PUBLICATION, @$, $2), $3); }
  | PUBLICATION word object_clauses sql_clauses_text
                                        { $$ = add_part(add_parts(make_named(p, NODE_PUBLICATION, @$, $2), $3), $4); } ;
opt_allow: %empty { $$ = NULL; } | allow ;
policy: POLICY word object_clauses sql_clauses_text
                                        { $$ = add_part(add_parts(make_named(p, NODE_POLICY, @$, $2), $3), $4); } ;
/* kinds without a form of their own: CREATE's own clauses; what PDL's tokens cannot say stands in $$ … $$ */
object:
    object_kind qualified object_sql opt_body
                                        { $$ = make_object(p, $1, @$, @2.to, $2, (struct node_list){0}, $3, $4); }
  | object_kind qualified opt_paren some_clauses object_sql opt_body
                                        { $$ = make_object(p, $1, @$, @2.to, $2, $4, $5, $6); }
  | object_kind PAREN object_clauses object_sql opt_body
                                        { $$ = make_object(p, $1, @$, @2.from, (struct name){0}, $3, $4, $5); } ;
object_kind: OBJECT | STATISTICS ;
opt_paren: %empty | PAREN ;
range: TYPE qualified composite_clauses AS_RANGE PAREN
                                        { $4.text = "range type";
                                          $$ = make_object(p, $4, @$, @4.from, $2, $3, make_clauses(p, @4, @5),
                                                           (struct node_list){0}); } ;
some_clauses: trigger_clauses trigger_clause { $$ = list_add($1, $2); } ;
object_sql: opt_sql
  | PAREN                               { $$ = make_clauses(p, @$, @$); }
  | PAREN more_tokens                   { $$ = make_clauses(p, @$, @$); } ;
more_tokens: first_token | more_tokens sql_token ;
object_clauses: %empty { $$ = (struct node_list){0}; } | object_clauses object_clause { $$ = list_add($1, $2); } ;
object_clause: was | allow | owned_by
  | NEEDS names                         { $$ = add_parts(make(p, NODE_NEEDS, @$), $2); } ;
/* SQL's own clauses, read by Postgres' parser */
sql_clauses_text: sql_tokens            { $$ = make_clauses(p, @$, @$); } ;
opt_sql: %empty { $$ = NULL; } | sql_clauses_text ;
sql_tokens: sql_word | sql_tokens sql_token ;
sql_token: plain_token | DISABLE | ENABLE ;
plain_token: first_token | OWNER ;
first_token: sql_word | STRING | NUMBER | PAREN | VALUE | BRACKETS | ',' | '.' ;

sql: SQL word sql_clauses '{' sql_bodies '}'
                                        { $$ = add_parts(add_parts(make_named(p, NODE_SQL, @$, $2), $3), $5); } ;
sql_clauses: %empty { $$ = (struct node_list){0}; } | sql_clauses sql_clause { $$ = list_add($1, $2); } ;
sql_clause: object_clause ;
sql_bodies:
    %empty                              { $$ = (struct node_list){0}; }
  | sql_bodies NEWLINE                  { $$ = $1; }
  | sql_bodies sql_body NEWLINE         { $$ = list_add($1, $2); }
  | sql_bodies sql_body ','             { $$ = list_add($1, $2); }
  | sql_bodies error NEWLINE            { $$ = $1; yyerrok; } ;
sql_body:
    UP DOLLAR_BODY                      { $$ = make_text(p, NODE_UP, @$, $2); }
  | DOWN DOLLAR_BODY                    { $$ = make_text(p, NODE_DOWN, @$, $2); } ;

/* what clients select: the name of a shape is the programs' alone, and keeps its letters */
shape: SHAPE any_word VALUE '{' picks '}'
                                        { $$ = add_parts(add_part(make_named(p, NODE_SHAPE, @$, make_code_name(p, $2)),
                                               make_list(p, NODE_BASE, @3, $3, START_PICKS)), $5); } ;
picks:
    %empty                              { $$ = (struct node_list){0}; }
  | picks NEWLINE                       { $$ = $1; }
  | picks pick NEWLINE                  { $$ = list_add($1, $2); }
  | picks pick ','                      { $$ = list_add($1, $2); }
  | picks error NEWLINE                 { $$ = $1; yyerrok; } ;
pick:
    '*'                                 { $$ = make(p, NODE_ALL, @$); }
  | qualified opt_as                    { $$ = add_part(make_named(p, NODE_PICK, @$, $1), $2); }
  | qualified PAREN opt_as              { $$ = add_part(add_part(make_named(p, NODE_PICK, @$, $1),
                                               make_list(p, NODE_PICKS, @2, $2, START_PICKS)), $3); }
  | qualified '?' PAREN opt_as          { $$ = add_part(add_part(make_named(p, NODE_PICK, @$, $1),
                                               make_list(p, NODE_PICKS, @3, $3, START_PICKS)), $4);
                                          $$->optional = true; }
  | qualified '!' PAREN opt_as          { $$ = add_part(add_part(add_part(make_named(p, NODE_PICK, @$, $1), make(p, NODE_INNER, @2)),
                                               make_list(p, NODE_PICKS, @3, $3, START_PICKS)), $4); } ;
opt_as: %empty { $$ = NULL; } | as ;

/* ── items of a table ── */

table_items:
    %empty                              { $$ = (struct node_list){0}; }
  | table_items NEWLINE                 { $$ = $1; }
  | table_items table_item NEWLINE      { $$ = list_add($1, $2); }
  | table_items error NEWLINE           { $$ = $1; yyerrok; } ;
table_item: column
  | USE word                            { $$ = make_named(p, NODE_USE, @$, $2); }
  | PK PAREN key_clauses                { $$ = add_parts(add_part(make(p, NODE_PRIMARY, @$),
                                               make_list(p, NODE_NAMES, @2, $2, START_KEY)), $3); }
  | UNIQUE PAREN key_clauses            { $$ = add_parts(add_part(make(p, NODE_UNIQUE, @$),
                                               make_list(p, NODE_NAMES, @2, $2, START_KEY)), $3); }
  | CHECK PAREN check_clauses           { $$ = add_parts(make_text(p, NODE_CHECK, @$, $2), $3); }
  | CHECK word PAREN check_clauses      { $$ = add_parts(make_text(p, NODE_CHECK, @$, $3), $4); $$->name = $2; }
  | FOREIGN PAREN reference foreign_clauses
                                        { $$ = add_parts(add_part(add_part(make(p, NODE_FOREIGN, @$),
                                               make_list(p, NODE_NAMES, @2, $2, START_PERIOD)), $3), $4); }
  | EXCLUDE PAREN exclude_clauses       { $$ = add_parts(make_text(p, NODE_EXCLUDE, @$, $2), $3); }
  | EXCLUDE USING word PAREN exclude_clauses
                                        { $$ = add_parts(add_part(make_text(p, NODE_EXCLUDE, @$, $4),
                                               make_named(p, NODE_USING, @3, $3)), $5); }
  | PARTITION BY any_word PAREN         { $$ = add_part(make_text(p, NODE_PARTITION_BY, @$, $4), make_text(p, NODE_USING, @3, $3)); }
  | index_item | trigger | rls | policy | privileges | access | realtime | statistics ;

statistics:
    STATISTICS word object_sql          { $$ = make_object(p, $1, @$, @2.to, $2, (struct node_list){0}, $3, (struct node_list){0}); }
  | STATISTICS word some_clauses object_sql
                                        { $$ = make_object(p, $1, @$, @2.to, $2, $3, $4, (struct node_list){0}); } ;

column:
    column_name type column_clauses     { $$ = add_parts(add_part(make_named(p, NODE_COLUMN, @$, $1), $2), $3); }
  | column_name reference column_clauses { $$ = add_parts(add_part(make_named(p, NODE_COLUMN, @$, $1), $2), $3); } ;
type:
    type_name                           { $$ = make_named(p, NODE_TYPE, @$, $1); }
  | type_name PAREN                     { $$ = make_type(p, @$, $1, $2); }
  | type BRACKETS                       { $$ = add_part(end_at($1, @$), make(p, NODE_ARRAY, @2)); }
  | type '?'                            { $$ = end_at($1, @$); $$->optional = true; } ;
column_clauses: %empty { $$ = (struct node_list){0}; } | column_clauses column_clause { $$ = list_add($1, $2); } ;
column_clause: default | reference | named_check | collate | was | as | allow | data_options
  | PK name_clause                      { $$ = add_part(make(p, NODE_PRIMARY, @$), $2); }
  | UNIQUE name_clause                  { $$ = add_part(make(p, NODE_UNIQUE, @$), $2); }
  | INDEX name_clause                   { $$ = add_part(make(p, NODE_INDEX, @$), $2); }
  | IDENTITY opt_always                 { $$ = make_text(p, NODE_IDENTITY, @$, $2); }
  | IDENTITY opt_always PAREN           { $$ = make_list(p, NODE_IDENTITY, @$, $3, START_OPTIONS); $$->text = $2.text; }
  | GENERATED PAREN                     { $$ = make_text(p, NODE_GENERATED, @$, $2); }
  | GENERATED PAREN STORED              { $$ = make_text(p, NODE_GENERATED, @$, $2); }
  | GENERATED PAREN VIRTUAL             { $$ = add_part(make_text(p, NODE_GENERATED, @$, $2), make(p, NODE_VIRTUAL, @3)); }
  | COMPRESSION any_word                { $$ = make_text(p, NODE_COMPRESSION, @$, $2); }
  | STORAGE any_word                    { $$ = make_text(p, NODE_STORAGE, @$, $2); }
  | STATISTICS NUMBER                   { $$ = make_text(p, NODE_STATISTICS, @$, $2); }
  | STATISTICS PAREN                    { $$ = make_list(p, NODE_ESTIMATES, @$, $2, START_SETTINGS); }
  | NOT_NULL name_clause not_null_clauses
                                        { $$ = add_parts(add_part(make(p, NODE_NOT_NULL, @$), $2), $3); }
  | TOUCH                               { $$ = make(p, NODE_TOUCH, @$); }
  | INHERITS                            { $$ = make(p, NODE_INHERITED, @$); }
  | USING PAREN                         { $$ = make_text(p, NODE_USING, @$, $2); }
  | BACKFILL PAREN                      { $$ = make_text(p, NODE_BACKFILL, @$, $2); } ;
opt_always: %empty { $$ = (struct token){0}; } | ALWAYS ;
not_null_clauses: %empty { $$ = (struct node_list){0}; } | not_null_clauses not_null_clause { $$ = list_add($1, $2); } ;
not_null_clause:
    NO INHERIT                          { $$ = make(p, NODE_NO_INHERIT, @$); }
  | NOT VALID                           { $$ = make(p, NODE_NOT_VALID, @$); } ;
default: VALUE                          { $$ = make_text(p, NODE_DEFAULT, @$, $1); } ;
named_check:
    CHECK PAREN                         { $$ = make_text(p, NODE_CHECK, @$, $2); }
  | CHECK word PAREN                    { $$ = make_text(p, NODE_CHECK, @$, $3); $$->name = $2; } ;
collate: COLLATE qualified              { $$ = make_named(p, NODE_COLLATE, @$, $2); } ;

/* clauses that several items share */
owned_by: OWNER word                    { $$ = make_named(p, NODE_OWNER, @$, $2); } ;
was: WAS qualified                      { $$ = make_named(p, NODE_WAS, @$, $2); } ;
as: AS any_word                         { $$ = make_text(p, NODE_AS, @$, $2); } ;
allow: ALLOW codes                      { $$ = add_parts(make(p, NODE_ALLOW, @$), $2); } ;
codes:
    any_word                            { $$ = list_add((struct node_list){0}, make_text(p, NODE_NAME, @1, $1)); }
  | codes ',' any_word                  { $$ = list_add($1, make_text(p, NODE_NAME, @3, $3)); } ;
name_clause:
    %empty                              { $$ = NULL; }
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); } ;
deferral:
    DEFERRABLE                          { $$ = make(p, NODE_DEFERRABLE, @$); }
  | INITIALLY DEFERRED                  { $$ = make(p, NODE_DEFERRED, @$); } ;

/* ── keys, checks, references, indexes ── */

reference: ARROW qualified reference_clauses { $$ = add_parts(make_named(p, NODE_REFERENCE, @$, $2), $3); }
  | ARROW qualified '?' reference_clauses { $$ = add_parts(make_named(p, NODE_REFERENCE, @$, $2), $4); $$->optional = true; }
  | ARROW qualified PAREN reference_clauses
                                        { $$ = add_parts(add_part(make_named(p, NODE_REFERENCE, @$, $2),
                                               make_list(p, NODE_NAMES, @3, $3, START_PERIOD)), $4); }
  | ARROW qualified PAREN '?' reference_clauses
                                        { $$ = add_parts(add_part(make_named(p, NODE_REFERENCE, @$, $2),
                                               make_list(p, NODE_NAMES, @3, $3, START_PERIOD)), $5); $$->optional = true; } ;
reference_clauses: %empty { $$ = (struct node_list){0}; } | reference_clauses reference_clause { $$ = list_add($1, $2); } ;
reference_clause: delete_rule | deferral
  | ON UPDATE update_rule               { $$ = end_at($3, @$); $$->span.from = @1.from; }
  | MATCH FULL                          { $$ = make(p, NODE_MATCH_FULL, @$); }
  | NOT VALID                           { $$ = make(p, NODE_NOT_VALID, @$); }
  | NOT ENFORCED                        { $$ = make(p, NODE_NOT_ENFORCED, @$); }
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); } ;
delete_rule:
    CASCADE                             { $$ = make(p, NODE_ON_DELETE, @$); $$->text = "cascade"; }
  | RESTRICT                            { $$ = make(p, NODE_ON_DELETE, @$); $$->text = "restrict"; }
  | NO ACTION                           { $$ = make(p, NODE_ON_DELETE, @$); $$->text = "no action"; }
  | SET NULL_                           { $$ = make(p, NODE_ON_DELETE, @$); $$->text = "set null"; }
  | SET NULL_ PAREN                     { $$ = make_list(p, NODE_ON_DELETE, @$, $3, START_NAMES); $$->text = "set null"; }
  | SET DEFAULT                         { $$ = make(p, NODE_ON_DELETE, @$); $$->text = "set default"; }
  | SET DEFAULT PAREN                   { $$ = make_list(p, NODE_ON_DELETE, @$, $3, START_NAMES); $$->text = "set default"; } ;
update_rule:
    CASCADE                             { $$ = make(p, NODE_ON_UPDATE, @$); $$->text = "cascade"; }
  | RESTRICT                            { $$ = make(p, NODE_ON_UPDATE, @$); $$->text = "restrict"; }
  | NO ACTION                           { $$ = make(p, NODE_ON_UPDATE, @$); $$->text = "no action"; }
  | SET NULL_                           { $$ = make(p, NODE_ON_UPDATE, @$); $$->text = "set null"; }
  | SET DEFAULT                         { $$ = make(p, NODE_ON_UPDATE, @$); $$->text = "set default"; } ;
foreign_clauses: %empty { $$ = (struct node_list){0}; } | foreign_clauses foreign_clause { $$ = list_add($1, $2); } ;
foreign_clause: was | allow ;

key_clauses: %empty { $$ = (struct node_list){0}; } | key_clauses key_clause { $$ = list_add($1, $2); } ;
key_clause: was | allow | deferral
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); }
  | NULLS NOT DISTINCT                  { $$ = make(p, NODE_NULLS_NOT_DISTINCT, @$); }
  | INCLUDE PAREN                       { $$ = make_list(p, NODE_INCLUDING, @$, $2, START_NAMES); }
  | WITH PAREN                          { $$ = make_list(p, NODE_WITH, @$, $2, START_SETTINGS); }
  | index_remark ;
index_remark: INDEX STRING              { $$ = make_text(p, NODE_INDEX_REMARK, @$, $2); } ;

check_clauses: %empty { $$ = (struct node_list){0}; } | check_clauses check_clause { $$ = list_add($1, $2); } ;
check_clause: was | allow
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); }
  | NOT VALID                           { $$ = make(p, NODE_NOT_VALID, @$); }
  | NOT ENFORCED                        { $$ = make(p, NODE_NOT_ENFORCED, @$); }
  | NO INHERIT                          { $$ = make(p, NODE_NO_INHERIT, @$); } ;

exclude_clauses: %empty { $$ = (struct node_list){0}; } | exclude_clauses exclude_clause { $$ = list_add($1, $2); } ;
exclude_clause: was | allow | deferral | index_remark
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); }
  | WHERE PAREN                         { $$ = make_text(p, NODE_WHERE, @$, $2); }
  | INCLUDE PAREN                       { $$ = make_list(p, NODE_INCLUDING, @$, $2, START_NAMES); }
  | WITH PAREN                          { $$ = make_list(p, NODE_WITH, @$, $2, START_SETTINGS); } ;

index_item:
    INDEX PAREN index_clauses           { $$ = add_parts(make_text(p, NODE_INDEX, @$, $2), $3); }
  | INDEX any_word index_clauses        { $$ = add_parts(make_text(p, NODE_INDEX, @$, (struct token){0}), $3);
                                          set_source_text($$, p, @2, @2); }
  | INDEX qualified PAREN index_clauses { $$ = add_parts(make_text(p, NODE_INDEX, @$, (struct token){0}), $4);
                                          set_source_text($$, p, @2, @3); } ;
index_clauses: %empty { $$ = (struct node_list){0}; } | index_clauses index_clause { $$ = list_add($1, $2); } ;
index_clause: was | allow
  | UNIQUE                              { $$ = make(p, NODE_UNIQUE, @$); }
  | USING word                          { $$ = make_named(p, NODE_USING, @$, $2); }
  | NAME word                           { $$ = make_named(p, NODE_NAME, @$, $2); }
  | NULLS NOT DISTINCT                  { $$ = make(p, NODE_NULLS_NOT_DISTINCT, @$); }
  | INCLUDE PAREN                       { $$ = make_list(p, NODE_INCLUDING, @$, $2, START_NAMES); }
  | WITH PAREN                          { $$ = make_list(p, NODE_WITH, @$, $2, START_SETTINGS); }
  | WHERE PAREN                         { $$ = make_text(p, NODE_WHERE, @$, $2); }
  | STATISTICS PAREN                    { $$ = make_list(p, NODE_ESTIMATES, @$, $2, START_TARGETS); } ;

/* ── what stands in parentheses ── */

list_names:
    list_name                           { $$ = list_add((struct node_list){0}, $1); }
  | list_names ',' list_name            { $$ = list_add($1, $3); } ;
list_key:
    list_key_name                       { $$ = list_add((struct node_list){0}, $1); }
  | list_key ',' list_key_name          { $$ = list_add($1, $3); } ;
list_key_name: list_name
  | word WITHOUT OVERLAPS               { $$ = make_named(p, NODE_NAME, @$, $1); $$->text = "period"; } ;
list_period:
    list_period_name                    { $$ = list_add((struct node_list){0}, $1); }
  | list_period ',' list_period_name    { $$ = list_add($1, $3); } ;
list_period_name: list_name
  | PERIOD word                         { $$ = make_named(p, NODE_NAME, @$, $2); $$->text = "period"; } ;
list_name: word                         { $$ = make_named(p, NODE_NAME, @$, $1); } ;
list_columns:
    list_column                         { $$ = list_add((struct node_list){0}, $1); }
  | list_columns ',' list_column        { $$ = list_add($1, $3); } ;
list_column: word type                  { $$ = add_part(make_named(p, NODE_COLUMN, @$, $1), $2); } ;
list_settings: settings ;
settings:
    list_setting                        { $$ = list_add((struct node_list){0}, $1); }
  | settings ',' list_setting           { $$ = list_add($1, $3); } ;
list_setting: setting ;
setting:
    qualified VALUE                     { $$ = make_text(p, NODE_SETTING, @$, $2); $$->name = $1; }
  | qualified                           { $$ = make_named(p, NODE_SETTING, @$, $1); } ;

list_targets:
    list_target                         { $$ = list_add((struct node_list){0}, $1); }
  | list_targets ',' list_target        { $$ = list_add($1, $3); } ;
list_target: NUMBER NUMBER              { $$ = make_text(p, NODE_SETTING, @$, $2); $$->name.text = $1.text; } ;
list_data_options:
    list_data_option                    { $$ = list_add((struct node_list){0}, $1); }
  | list_data_options ',' list_data_option { $$ = list_add($1, $3); } ;
list_data_option: word STRING           { $$ = make_text(p, NODE_SETTING, @$, $2); $$->name = $1; } ;

list_picks:
    pick                                { $$ = list_add((struct node_list){0}, $1); }
  | list_picks ',' pick                 { $$ = list_add($1, $3); } ;

%%

static void pdl_yyerror(const YYLTYPE *at, struct parser *p, void *scanner, const char *message) {
  (void)scanner;
  (void)message; /* that memory is exhausted: syntax errors take the way below */
  report_failure(p, *at);
}

const char *grammar_word(size_t i) {
  return i <= YYSYMBOL_WITH - YYSYMBOL_ACCESS ? yysymbol_name((yysymbol_kind_t)(YYSYMBOL_ACCESS + (int)i)) : NULL;
}

bool grammar_starts_item(size_t i) {
  return i <= YYSYMBOL_USE - YYSYMBOL_ACCESS;
}

bool grammar_starts_clause(size_t i) {
  return i > YYSYMBOL_USE - YYSYMBOL_ACCESS && i <= YYSYMBOL_WAS - YYSYMBOL_ACCESS;
}

/* Hands the scene of a syntax error over in the parser's own terms. */
static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p, void *scanner) {
  (void)scanner;
  yysymbol_kind_t expected[YYNTOKENS];
  const char *words[YYNTOKENS];
  int count = yypcontext_expected_tokens(context, expected, YYNTOKENS);
  for (int i = 0; i < count; i++)
    words[i] = yysymbol_name(expected[i]);
  const yysymbol_kind_t seen = yypcontext_token(context);
  report_unexpected(p, *yypcontext_location(context), seen == YYSYMBOL_YYEMPTY ? "" : yysymbol_name(seen), words,
                    (size_t)(count > 0 ? count : 0));
  return 0;
}
