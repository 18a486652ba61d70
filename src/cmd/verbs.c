/* The list of verbs and their help. */
#include <string.h>

#include "cmd/cmd.h"

const struct verb verbs[] = {
    {"baseline", verb_baseline, " db dir layout file from accept-drift dry-run json quiet ", "[VERSION]",
     "take migrations as applied that the database already has",
     "Only where the ledger is empty. Without VERSION all of them, and the database must be what they make;\n"
     "--from reads the history of another tool: alembic, dbmate, flyway, golang-migrate, rails, sqitch, supabase.\n"},
    {"build", verb_build, " check depfile into only templates json quiet file ", "[FILE]",
     "check, then regenerate every output (the default)",
     "Writes a file only if it changed, and all of them or none.\n"},
    {"check", verb_check, " json file ", "[FILE]", "compile and report, the migrations' files too; write nothing", ""},
    {"dev", verb_dev, " quiet ", "start|stop|url|psql [ARGUMENTS]", "the embedded Postgres, for development",
     "Finds the installed server binaries, keeps its data in .pdlc/, listens on a unix socket only.\n"},
    {"down", verb_down, " db dir layout file lock-timeout accept-drift dry-run json quiet ", "[N|VERSION|all]",
     "undo migrations",
     "One, or N of them, or all that were applied after VERSION, the last one first. What goes for pdlc up goes for it "
     "too.\n"},
    {"diff", verb_diff, " db json sql quiet file ", "[A] [B]",
     "what differs between .pdl files, migrations and databases",
     "Shows what the database (or A) lacks and has too much, measured against schema.pdl (or B).\n"
     "Exit code: 0 no differences, 2 differences, 1 error.\n"},
    {"explain", verb_explain, " all ", "CODE", "a diagnostic at length", ""},
    {"fmt", verb_fmt, " check json quiet ", "[FILE ...]", "canonical layout; comments are kept",
     "FILE - reads standard input and writes standard output.\n"},
    {"history", verb_history, " db dir layout file json ", "", "everything that migrations ever did to a database", ""},
    {"init", verb_init, " quiet file ", "[FILE]", "a schema.pdl to start from, and .gitignore lines", ""},
    {"lint", verb_lint, " file github json ", "FILE.sql ...", "advice on SQL files: locks, rewrites, habits",
     "Earlier shapes of tables are taken from --file, or from state.pdl beside the file.\nExit code: 0 nothing found, "
     "2 advice, 1 error.\n"},
    {"migrate", verb_migrate, " drop dry-run empty file json layout offline quiet renumber sum ", "NAME",
     "the next migration, up and down; needs no database",
     "Compares the schema with state.pdl beside the migrations. A change that would hold up others on a\n"
     "table with rows is made in several files; --offline makes it in one. Refuses where data would be lost that no "
     "--drop\n"
     "names, and where something dropped looks like something renamed.\n"},
    {"model", verb_model, " file ", "[FILE]", "what templates see, as JSON", ""},
    {"prove", verb_prove, " file json quiet ", "",
     "every migration up, down and up again, with rows, on a scratch database",
     "The embedded server runs them: the same catalog after up, down, up, rows kept where the header says so, nothing\n"
     "rewritten unless a hazard says so.\n"},
    {"pull", verb_pull, " db schema exclude owners strict json ", "", "a live database as PDL, on standard output",
     "Whatever PDL cannot say is named in a warning; with --strict it is an error.\n"},
    {"push", verb_push, " db drop dry-run json quiet file ", "[FILE]", "make of the database what the schema says",
     "One transaction, or as few as the server's lock table allows. Refuses, before anything is\n"
     "done, where data would be lost that no --drop names.\n"},
    {"repair", verb_repair, " db dir layout file as dry-run json quiet ", "[VERSION]", "make the ledger say what is so",
     "Without VERSION: applied files that were edited since are taken as they are. With it, --as says whether that\n"
     "migration is applied or pending. Nothing but the ledger is changed.\n"},
    {"status", verb_status, " db dir layout file json quiet ", "", "which migrations are applied and which are pending",
     "Changes nothing. Exit code: 0 all are applied, 2 some are pending, 1 error.\n"},
    {"up", verb_up, " db dir layout file lock-timeout allow-out-of-order accept-drift dry-run json quiet ",
     "[N|VERSION]", "run the pending migrations",
     "All of them, the next N, or those up to VERSION (a number as its file has it: 0002). Each file is one "
     "transaction, which\n"
     "writes the ledger too, or one statement that can be in none. Killed at any moment, the next run goes on where it "
     "was.\n"},
};
const size_t verb_count = ARRAY_LEN(verbs);

static const struct {
  const char *name, *usage, *summary;
} options[] = {
    {"file", "--file FILE", "the schema (default: schema.pdl)"},
    {"schema", "--schema NAME", "only this schema of the database (repeatable; default: all but the system's)"},
    {"exclude", "--exclude NAME", "not this schema (repeatable)"},
    {"owners", "--owners", "also whose everything is"},
    {"strict", "--strict", "what cannot be expressed is an error"},
    {"db", "--db URL", "the database; else $DATABASE_URL, else .env, else the embedded server"},
    {"check", "--check", "write nothing; exit code 2 if something would change"},
    {"only", "--only OUTPUT", "only this output: c, sql, swift, template"},
    {"into", "--into DIR", "with --only c or swift: write that output into DIR instead"},
    {"templates", "--templates DIR", "templates that stand before the built-in ones"},
    {"depfile", "--depfile FILE", "a rule for make and ninja: outputs and what they depend on"},
    {"sql", "--sql", "as SQL"},
    {"empty", "--empty", "files without statements, to be written by hand; schema.pdl says what they come to"},
    {"github", "--github", "as annotations of a GitHub workflow"},
    {"offline", "--offline", "plain statements in one file: nobody uses the tables meanwhile"},
    {"renumber", "--renumber", "put what another branch brought behind the rest"},
    {"sum", "--sum", "write pdl.sum anew, from the files as they are"},
    {"drop", "--drop NAME", "consent to losing a table, table.column or enum.label; repeatable"},
    {"dry-run", "--dry-run", "print the SQL; do nothing"},
    {"dir", "--dir DIR", "the folder of migrations (default: migrations beside the schema)"},
    {"layout", "--layout LAYOUT", "numbered or supabase (default: as its files are named)"},
    {"from", "--from TOOL", "read what this tool has applied"},
    {"as", "--as STATE", "applied or pending"},
    {"lock-timeout", "--lock-timeout TIME", "how long to wait for a table: 500ms, 2s (the default), 1min; 0 for ever"},
    {"allow-out-of-order", "--allow-out-of-order", "run what is older than the last one applied"},
    {"accept-drift", "--accept-drift", "take the database as somebody left it"},
    {"all", "--all", "every code, in a line each"},
    {"json", "--json", "the report as JSON on standard output"},
    {"quiet", "--quiet", "only errors and warnings"},
};

bool verb_takes(const struct verb *v, const char *option) {
  const size_t n = strlen(option);
  for (const char *at = strstr(v->options, option); at; at = strstr(at + 1, option))
    if (at[-1] == ' ' && at[n] == ' ')
      return true;
  return false;
}

void print_usage(const struct verb *v, FILE *out) {
  fprintf(out, "usage: pdlc %s%s%s%s\n", v->name, strlen(v->options) > 2 ? " [OPTIONS]" : "", *v->arguments ? " " : "",
          v->arguments);
  for (size_t i = 0; i < ARRAY_LEN(options); i++) {
    if (verb_takes(v, options[i].name))
      fprintf(out, "  %-22s %s\n", options[i].usage, options[i].summary);
  }
}
