/* pdlc: options, then one verb, on a thread whose stack holds deep SQL. */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "sql/sql.h"

static void print_help(FILE *out) {
  fputs(
      "pdlc compiles schema.pdl and keeps what is made of it in step.\n\nusage: pdlc [VERB] [OPTIONS] [ARGUMENTS]\n\n",
      out);
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

/* It may hold a password: never repeated. libpq takes blanks around "=". */
static bool is_connection_string(const char *arg) {
  const char *word = strstr(arg, "password");
  const char *end = word ? word + strlen("password") : "";
  return strstr(arg, "://") || end[strspn(end, " \t\r\n\f\v")] == '=';
}

static int unknown_verb(const char *name) {
  if (is_connection_string(name)) {
    fputs("pdlc: a connection string is no verb; --db takes it\npdlc --help lists the verbs\n", stderr);
    return EXIT_USAGE;
  }
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

enum {
  OPT_FIRST = 256,
  OPT_FILE,
  OPT_SCHEMA,
  OPT_EXCLUDE,
  OPT_OWNERS,
  OPT_STRICT,
  OPT_DB,
  OPT_CHECK,
  OPT_ONLY,
  OPT_TEMPLATES,
  OPT_DEPFILE,
  OPT_SQL,
  OPT_DROP,
  OPT_DRY_RUN,
  OPT_ALL,
  OPT_JSON,
  OPT_QUIET,
  OPT_DIR,
  OPT_LAYOUT,
  OPT_FROM,
  OPT_AS,
  OPT_LOCK_TIMEOUT,
  OPT_OUT_OF_ORDER,
  OPT_ACCEPT_DRIFT,
  OPT_OFFLINE,
  OPT_EMPTY,
  OPT_RENUMBER,
  OPT_SUM,
  OPT_GITHUB,
  OPT_INTO
};
static const struct option long_options[] = {
    {"file", required_argument, NULL, OPT_FILE},           {"db", required_argument, NULL, OPT_DB},
    {"schema", required_argument, NULL, OPT_SCHEMA},       {"exclude", required_argument, NULL, OPT_EXCLUDE},
    {"owners", no_argument, NULL, OPT_OWNERS},              {"strict", no_argument, NULL, OPT_STRICT},
    {"check", no_argument, NULL, OPT_CHECK},               {"only", required_argument, NULL, OPT_ONLY},
    {"templates", required_argument, NULL, OPT_TEMPLATES}, {"depfile", required_argument, NULL, OPT_DEPFILE},
    {"into", required_argument, NULL, OPT_INTO},           {"drop", required_argument, NULL, OPT_DROP},
    {"dir", required_argument, NULL, OPT_DIR},             {"layout", required_argument, NULL, OPT_LAYOUT},
    {"from", required_argument, NULL, OPT_FROM},           {"as", required_argument, NULL, OPT_AS},
    {"lock-timeout", required_argument, NULL, OPT_LOCK_TIMEOUT},
    {"allow-out-of-order", no_argument, NULL, OPT_OUT_OF_ORDER},
    {"accept-drift", no_argument, NULL, OPT_ACCEPT_DRIFT},
    {"offline", no_argument, NULL, OPT_OFFLINE},
    {"empty", no_argument, NULL, OPT_EMPTY},               {"renumber", no_argument, NULL, OPT_RENUMBER},
    {"sum", no_argument, NULL, OPT_SUM},                   {"github", no_argument, NULL, OPT_GITHUB},
    {"sql", no_argument, NULL, OPT_SQL},                   {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"all", no_argument, NULL, OPT_ALL},                   {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},               {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void add_name(struct arena *arena, struct names *names, const char *name) {
  const char **v = arena_array(arena, names->n + 1, sizeof *v);
  if (names->n)
    memcpy(v, names->v, names->n * sizeof *v);
  v[names->n++] = name;
  names->v = v;
}

static void unknown_option(struct invocation *run, const char *arg) {
  const size_t n = strcspn(arg, "=");
  struct spell spell = SPELL_INIT(arena_strndup(&run->arena, arg, n));
  for (const struct option *o = long_options; o->name; o++)
    if (verb_takes(run->verb, o->name))
      spell_offer(&spell, arena_printf(&run->arena, "--%s", o->name));
  spell_offer(&spell, "--help");
  if (spell.best && strcmp(spell.best, spell.word) == 0)
    usage_error(run, "option %s takes no value", spell.word);
  else
    usage_error(run, "there is no option %s%s%s%s", spell.word, spell.best ? "; did you mean " : "",
                spell.best ? spell.best : "", spell.best ? "?" : "");
}

static bool one_of(struct invocation *run, const char *option, const char *value, const char *a, const char *b) {
  if (strcmp(value, a) == 0 || strcmp(value, b) == 0)
    return true;
  usage_error(run, "%s takes %s or %s", option, a, b);
  return false;
}

/* Milliseconds, at most a day; a number without a unit is of them, as in Postgres. */
static bool read_time(const char *text, long *out) {
  static const struct {
    const char *word;
    long ms;
  } units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}};
  enum { DIGITS = 8, DAY = 86400000 };
  const size_t digits = strspn(text, "0123456789");
  const long n = digits && digits <= DIGITS ? strtol(text, NULL, 10) : -1;
  for (size_t i = 0; n >= 0 && i < ARRAY_LEN(units); i++)
    if (strcmp(text + digits, units[i].word) == 0 && n <= DAY / units[i].ms) {
      *out = n * units[i].ms;
      return true;
    }
  return false;
}

/* Options may stand anywhere; `dev psql` hands on what follows it. False after a usage error. */
static bool read_options(struct invocation *run, int argc, char **argv) {
  struct options *o = &run->options;
  int word = 1;
  while (word < argc && argv[word][0] == '-')
    word++;
  const bool pass_on = run->verb->run == verb_dev && word < argc && strcmp(argv[word], "psql") == 0;
  int at = -1;
  opterr = 0;
  o->drops.v = arena_array(&run->arena, (size_t)argc, sizeof *o->drops.v);
  optind = 1;
  for (int c; (c = getopt_long(argc, argv, pass_on ? "+:hq" : ":hq", long_options, &at)) != -1; at = -1) {
    if (c == 'q')
      c = OPT_QUIET;
    if (c >= OPT_FIRST && at < 0)
      for (at = 0; long_options[at].val != c;)
        at++;
    if (c == ':') {
      usage_error(run, "option %s needs a value", argv[optind - 1]);
      return false;
    }
    if (c == '?') {
      unknown_option(run,
                     optopt > 0 && optopt < OPT_FIRST ? arena_printf(&run->arena, "-%c", optopt) : argv[optind - 1]);
      return false;
    }
    if (c != 'h' && !verb_takes(run->verb, long_options[at].name)) {
      unknown_option(run, arena_printf(&run->arena, "--%s", long_options[at].name));
      return false;
    }
    switch (c) {
    case 'h': o->help = true; break;
    case OPT_FILE: o->file = optarg; break;
    case OPT_SCHEMA: add_name(&run->arena, &o->schemas, optarg); break;
    case OPT_EXCLUDE: add_name(&run->arena, &o->excluded, optarg); break;
    case OPT_OWNERS: o->owners = true; break;
    case OPT_STRICT: o->strict = true; break;
    case OPT_DB: o->db = optarg; break;
    case OPT_CHECK: o->check = true; break;
    case OPT_ONLY: o->only = optarg; break;
    case OPT_TEMPLATES: o->templates = optarg; break;
    case OPT_DEPFILE: o->depfile = optarg; break;
    case OPT_INTO: o->into = optarg; break;
    case OPT_SQL: o->sql = true; break;
    case OPT_DROP: o->drops.v[o->drops.n++] = optarg; break;
    case OPT_DRY_RUN: o->dry_run = true; break;
    case OPT_ALL: o->all = true; break;
    case OPT_JSON: o->json = true; break;
    case OPT_OFFLINE: o->offline = true; break;
    case OPT_EMPTY: o->empty = true; break;
    case OPT_RENUMBER: o->renumber = true; break;
    case OPT_GITHUB: o->github = true; break;
    case OPT_SUM: o->sum = true; break;
    case OPT_QUIET: o->quiet = true; break;
    case OPT_DIR: o->dir = optarg; break;
    case OPT_FROM: o->from = optarg; break;
    case OPT_LAYOUT:
      o->layout = optarg;
      if (!one_of(run, "--layout", optarg, "numbered", "supabase"))
        return false;
      break;
    case OPT_AS:
      o->as = optarg;
      if (!one_of(run, "--as", optarg, "applied", "pending"))
        return false;
      break;
    case OPT_LOCK_TIMEOUT:
      if (!read_time(optarg, &o->lock_timeout)) {
        usage_error(run, "--lock-timeout takes a time such as 500ms, 2s or 1min, or 0");
        return false;
      }
      break;
    case OPT_OUT_OF_ORDER: o->allow_out_of_order = true; break;
    case OPT_ACCEPT_DRIFT: o->accept_drift = true; break;
    default: break;
    }
  }
  run->args = (const char *const *)(uintptr_t)(argv + optind);
  run->arg_count = argc - optind;
  return true;
}

/* False after a usage error. */
static bool may_take(const struct invocation *run, const char *arg) {
  if (!arg || !is_connection_string(arg))
    return true;
  usage_error(run, "a connection string is not taken here%s", verb_takes(run->verb, "db") ? "; --db takes it" : "");
  return false;
}

static bool check_arguments(const struct invocation *run) {
  int (*const of)(struct invocation *) = run->verb->run;
  const int count = of == verb_diff || of == verb_pull ? 0 : of == verb_dev && run->arg_count ? 1 : run->arg_count;
  bool ok = may_take(run, run->options.file);
  for (int i = 0; ok && i < count; i++) /* what follows dev psql is psql's */
    ok = may_take(run, run->args[i]);
  return ok;
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
  struct invocation invocation = {.verb = find_verb(bare ? "build" : first), .options.lock_timeout = LOCK_TIMEOUT_MS};
  if (!invocation.verb)
    return unknown_verb(first);
  diagnostics_init(&invocation.diagnostics, &invocation.arena);
  const int skip = a->argc > 1 && !bare;
  int code = EXIT_USAGE;
  if (read_options(&invocation, a->argc - skip, a->argv + skip) && check_arguments(&invocation))
    code = invocation.options.help ? help(invocation.verb->name) : invocation.verb->run(&invocation);
  arena_release(&invocation.arena);
  arena_release(&invocation.beside);
  return code;
}

/* A file opened while a standard stream is closed would take its place. What takes it here refuses use, so
 * that the loss is noticed. */
static void occupy_standard_streams(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) == -1)
      (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv) {
  occupy_standard_streams();
  const int code = sql_run_on_large_stack(run, &(struct arguments){argc, argv});
  if (fflush(stdout) == 0 && !ferror(stdout))
    return code;
  fputs("pdlc: cannot write to standard output\n", stderr);
  return EXIT_FAILED;
}
