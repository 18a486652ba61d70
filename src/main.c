/* pdlc: options, then one verb, on a thread whose stack holds deep SQL. */
#include <getopt.h>
#include <string.h>

#include "cmd/cmd.h"
#include "sql/sql.h"

static void print_help(FILE *out) {
  fputs("pdlc compiles schema.pdl and keeps what is made of it in step.\n\nusage: pdlc [VERB] [OPTIONS] [ARGUMENTS]\n\n", out);
  for (size_t i = 0; i < verb_count; i++)
    fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
  fputs("\npdlc help VERB tells more; pdlc --version the version.\n"
        "Exit codes: 0 done, 1 error, 2 differences or pending, 64 usage.\n",
        out);
}

static const struct verb *find_verb(const char *name) {
  for (size_t i = 0; i < verb_count; i++)
    if (strcmp(verbs[i].name, name) == 0)
      return &verbs[i];
  return NULL;
}

static int unknown_verb(const char *name) {
  struct spell spell = SPELL_INIT(name);
  for (size_t i = 0; i < verb_count; i++)
    spell_offer(&spell, verbs[i].name);
  fprintf(stderr, "pdlc: there is no verb \"%s\"", name);
  if (spell.best)
    fprintf(stderr, "; did you mean \"%s\"?", spell.best);
  fputs("\npdlc --help lists them\n", stderr);
  return EXIT_USAGE;
}

static int help(const char *name) {
  const struct verb *v = name ? find_verb(name) : NULL;
  if (name && !v)
    return unknown_verb(name);
  if (!v) {
    print_help(stdout);
    return EXIT_OK;
  }
  printf("pdlc %s: %s\n\n", v->name, v->summary);
  print_usage(v, stdout);
  if (*v->help)
    printf("\n%s", v->help);
  return EXIT_OK;
}

enum { OPT_FIRST = 256, OPT_SCHEMA, OPT_DB, OPT_CHECK, OPT_ONLY, OPT_TEMPLATES, OPT_DEPFILE, OPT_SQL, OPT_DROP, OPT_DRY_RUN, OPT_ALL, OPT_JSON, OPT_QUIET };
static const struct option long_options[] = {
    {"schema", required_argument, NULL, OPT_SCHEMA},       {"db", required_argument, NULL, OPT_DB},
    {"check", no_argument, NULL, OPT_CHECK},               {"only", required_argument, NULL, OPT_ONLY},
    {"templates", required_argument, NULL, OPT_TEMPLATES}, {"depfile", required_argument, NULL, OPT_DEPFILE},
    {"drop", required_argument, NULL, OPT_DROP},
    {"sql", no_argument, NULL, OPT_SQL},                   {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"all", no_argument, NULL, OPT_ALL},                   {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},               {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool takes(const struct verb *v, const char *option) {
  const size_t n = strlen(option);
  for (const char *at = strstr(v->options, option); at; at = strstr(at + 1, option))
    if (at[-1] == ' ' && at[n] == ' ')
      return true;
  return false;
}

/* Options may stand anywhere; `dev psql` hands on what follows it. False after a usage error. */
static bool read_options(struct invocation *run, int argc, char **argv) {
  struct options *o = &run->options;
  const bool pass_on = run->verb->run == verb_dev;
  int at = -1;
  opterr = 0;
  o->drops.v = arena_array(&run->arena, (size_t)argc, sizeof *o->drops.v);
  optind = 1;
  for (int c; (c = getopt_long(argc, argv, pass_on ? "+hq" : "hq", long_options, &at)) != -1; at = -1) {
    if (c == 'q')
      c = OPT_QUIET;
    if (c >= OPT_FIRST && at < 0)
      for (at = 0; long_options[at].val != c;)
        at++;
    if (c == '?' || (c != 'h' && !takes(run->verb, long_options[at].name))) {
      usage_error(run, "option %s is not known here, or lacks its value", argv[optind - 1]);
      return false;
    }
    switch (c) {
    case 'h': o->help = true; break;
    case OPT_SCHEMA: o->file = optarg; break;
    case OPT_DB: o->db = optarg; break;
    case OPT_CHECK: o->check = true; break;
    case OPT_ONLY: o->only = optarg; break;
    case OPT_TEMPLATES: o->templates = optarg; break;
    case OPT_DEPFILE: o->depfile = optarg; break;
    case OPT_SQL: o->sql = true; break;
    case OPT_DROP: o->drops.v[o->drops.n++] = optarg; break;
    case OPT_DRY_RUN: o->dry_run = true; break;
    case OPT_ALL: o->all = true; break;
    case OPT_JSON: o->json = true; break;
    case OPT_QUIET: o->quiet = true; break;
    default: break;
    }
  }
  run->args = (const char *const *)(uintptr_t)(argv + optind);
  run->arg_count = argc - optind;
  return true;
}

struct arguments {
  int argc;
  char **argv;
};

static int run(void *arg) {
  const struct arguments *a = arg;
  const char *first = a->argc > 1 ? a->argv[1] : "build";
  if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0 || strcmp(first, "help") == 0)
    return help(a->argc > 2 ? a->argv[2] : NULL);
  if (strcmp(first, "--version") == 0 || strcmp(first, "version") == 0) {
    printf("pdlc %s (SQL parser of Postgres %d)\n", PDLC_VERSION, sql_parser_version());
    return EXIT_OK;
  }
  const bool bare = first[0] == '-'; /* options of build */
  struct invocation invocation = {.verb = find_verb(bare ? "build" : first)};
  if (!invocation.verb)
    return unknown_verb(first);
  diagnostics_init(&invocation.diagnostics, &invocation.arena);
  const int skip = a->argc > 1 && !bare;
  int code = EXIT_USAGE;
  if (read_options(&invocation, a->argc - skip, a->argv + skip))
    code = invocation.options.help ? help(invocation.verb->name) : invocation.verb->run(&invocation);
  arena_release(&invocation.arena);
  return code;
}

int main(int argc, char **argv) {
  return sql_run_on_large_stack(run, &(struct arguments){argc, argv});
}
