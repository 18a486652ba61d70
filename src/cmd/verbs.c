/* The list of verbs and their help. */
#include <string.h>

#include "cmd/cmd.h"

const struct verb verbs[] = {
    {"build", verb_build, " check depfile only templates json quiet file ", "[FILE]", "check, then regenerate every output (the default)",
     "Writes a file only if it changed, and all of them or none.\n"},
    {"check", verb_check, " json file ", "[FILE]", "compile and report; write nothing", ""},
    {"dev", verb_dev, " quiet ", "start|stop|url|psql [ARGUMENTS]", "the embedded Postgres, for development",
     "Finds the installed server binaries, keeps its data in .pdlc/, listens on a unix socket only.\n"},
    {"diff", verb_diff, " db json sql quiet file ", "[A] [B]", "what differs: .pdl files, or one and a database",
     "Shows what the database (or A) lacks and has too much, measured against schema.pdl (or B).\n"
     "Exit code: 0 no differences, 2 differences, 1 error.\n"},
    {"explain", verb_explain, " all ", "CODE", "a diagnostic at length", ""},
    {"fmt", verb_fmt, " check json quiet ", "[FILE ...]", "canonical layout; comments are kept", "FILE - reads standard input and writes standard output.\n"},
    {"init", verb_init, " quiet file ", "[FILE]", "a schema.pdl to start from, and .gitignore lines", ""},
    {"model", verb_model, " file ", "[FILE]", "what templates see, as JSON", ""},
    {"pull", verb_pull, " db schema exclude strict json ", "", "a live database as PDL, on standard output",
     "Whatever PDL cannot say is named in a warning; with --strict it is an error.\n"},
    {"push", verb_push, " db dry-run json quiet file ", "[FILE]", "make in the database what it lacks",
     "One transaction, or as few as the server's lock table allows. Refuses, before anything is\n"
     "done, where it would have to alter or drop.\n"},
};
const size_t verb_count = ARRAY_LEN(verbs);

static const struct {
  const char *name, *usage, *summary;
} options[] = {
    {"file", "--file FILE", "the schema (default: schema.pdl)"},
    {"schema", "--schema NAME", "only this schema of the database (repeatable; default: all but the system's)"},
    {"exclude", "--exclude NAME", "not this schema (repeatable)"},
    {"strict", "--strict", "what cannot be expressed is an error"},
    {"db", "--db URL", "the database; else $DATABASE_URL, else .env, else the embedded server"},
    {"check", "--check", "write nothing; exit code 2 if something would change"},
    {"only", "--only OUTPUT", "only this output: sql, template"},
    {"templates", "--templates DIR", "templates that stand before the built-in ones"},
    {"depfile", "--depfile FILE", "a rule for make and ninja: outputs and what they depend on"},
    {"sql", "--sql", "as SQL"},
    {"dry-run", "--dry-run", "print the SQL; do nothing"},
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
  fprintf(out, "usage: pdlc %s%s%s%s\n", v->name, strlen(v->options) > 2 ? " [OPTIONS]" : "", *v->arguments ? " " : "", v->arguments);
  for (size_t i = 0; i < ARRAY_LEN(options); i++) {
    if (verb_takes(v, options[i].name))
      fprintf(out, "  %-18s %s\n", options[i].usage, options[i].summary);
  }
}
