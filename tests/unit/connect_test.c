/* Finding a database and saying why it cannot be reached. No network: servers that are needed are played by
 * a child process on 127.0.0.1. */
#define _XOPEN_SOURCE 700
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/private.h"

#define SECRET "s3cr3t"

static struct arena arena;
static struct diagnostics ds;
static char folder[64];

static int setup(void **state) {
  (void)state;
  static const char *const variables[] = {"DATABASE_URL", "PGHOST",       "PGHOSTADDR",        "PGPORT",
                                          "PGUSER",       "PGDATABASE",   "PGPASSWORD",        "PGPASSFILE",
                                          "PGSERVICE",    "PGSSLMODE",    "PGCONNECT_TIMEOUT", "PGOPTIONS",
                                          "GIT_DIR",      "GIT_WORK_TREE"};
  for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
    unsetenv(variables[i]);
  }
  setenv("PGPASSFILE", "/nonexistent", 1);
  arena = (struct arena)ARENA_INIT;
  diagnostics_init(&ds, &arena);
  strcpy(folder, "/tmp/pdlc-connect-XXXXXX");
  assert_non_null(mkdtemp(folder));
  return 0;
}

static void run(const char *const *argv) {
  struct process process = {.argv = argv, .out = -1};
  assert_int_equal(process_wait(process_start(&process)), 0);
}

static int teardown(void **state) {
  (void)state;
  const char *argv[] = {"rm", "-rf", folder, NULL};
  run(argv);
  arena_release(&arena);
  return 0;
}

static void forget(void) {
  diagnostics_init(&ds, &arena);
}

static void write_file(const char *name, const char *text) {
  FILE *f = fopen(arena_printf(&arena, "%s/%s", folder, name), "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

/* All that is said, as it would be printed. */
static const char *said(void) {
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&ds, &out, false);
  diagnostics_json(&ds, &out);
  const char *text = strbuf_dup(&out, &arena);
  strbuf_release(&out);
  return text;
}

#define assert_said(expected, word)                                                                          \
  do {                                                                                                       \
    assert_non_null(ds.first);                                                                               \
    assert_string_equal(code_info(ds.first->code)->id, code_info(expected)->id);                             \
    assert_ptr_equal(ds.first, ds.last);                                                                     \
    if (!strstr(said(), word)) {                                                                             \
      fail_msg("\"%s\" is not in: %s", (const char *)(word), said());                                        \
    }                                                                                                        \
    if (strstr(said(), SECRET)) {                                                                            \
      fail_msg("a secret is shown: %s", said());                                                             \
    }                                                                                                        \
  } while (0)

/* ── .env ── */

static void test_dotenv(void **state) {
  (void)state;
  static const struct {
    const char *file, *value;
  } cases[] = {
      {"DATABASE_URL=postgresql:///app\n", "postgresql:///app"},
      {"DATABASE_URL=postgresql:///app", "postgresql:///app"},
      {"export DATABASE_URL=a\n", "a"},
      {"  export\tDATABASE_URL = a  \n", "a"},
      {"\xEF\xBB\xBF"
       "DATABASE_URL=a\r\nX=y\r\n",
       "a"},
      {"# DATABASE_URL=b\nDATABASE_URL=a # a comment\n", "a"},
      {"DATABASE_URL=a#b\n", "a#b"},
      {"DATABASE_URL='a # \\n \"b\" ${X}' # c\n", "a # \\n \"b\" ${X}"},
      {"DATABASE_URL=\"a \\\"b\\\" \\\\ \\n \\x \\${X}\"\n", "a \"b\" \\ \n \\x ${X}"},
      {"X='never closed\nnonsense\n=\n1=2=3\nDATABASE_URL=a\n", "a"},
      {"DATABASE_URL=a\nDATABASE_URL=b\n", "b"},
      {"MY_DATABASE_URL=x\nDATABASE_URL_2=y\nexportDATABASE_URL=z\n", NULL},
      {"DATABASE_URL\n", NULL},
      {"DATABASE_URL=\n", ""},
      {"DATABASE_URL=''\n", ""},
      {"", NULL},
  };
  const char *path = arena_printf(&arena, "%s/.env", folder), *value;
  assert_true(dotenv_find(&arena, path, "DATABASE_URL", &ds, &value));
  assert_null(value);
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    write_file(".env", cases[i].file);
    assert_true(dotenv_find(&arena, path, "DATABASE_URL", &ds, &value));
    assert_null(ds.first);
    if (cases[i].value) {
      assert_non_null(value);
      assert_string_equal(value, cases[i].value);
    } else {
      assert_null(value);
    }
  }
}

static void test_dotenv_malformed(void **state) {
  (void)state;
  static const struct {
    const char *file, *word;
    unsigned line, column;
  } cases[] = {
      {"X=1\nDATABASE_URL=\"" SECRET "\nY=2\n", "unterminated", 2, 14},
      {"X=" SECRET "\n\n  DATABASE_URL = '" SECRET, "unterminated", 3, 18},
      {"DATABASE_URL=\"" SECRET "\\\"\n", "unterminated", 1, 14},
      {"DATABASE_URL='" SECRET "'x\n", "after the closing quote", 1, 14},
      {"DATABASE_URL=postgresql://u:${" SECRET "}@h/d\n", "another variable", 1, 14},
      {"DATABASE_URL=\"postgresql://u:${" SECRET "}@h/d\"\n", "another variable", 1, 14},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct conninfo info;
    forget();
    write_file(".env", cases[i].file);
    assert_false(conninfo_find(&arena, NULL, folder, &ds, &info));
    assert_said(PDL_DOTENV_MALFORMED, cases[i].word);
    struct place place = span_place(ds.first->span);
    assert_int_equal(place.line, cases[i].line);
    assert_int_equal(place.column, cases[i].column);
  }
  forget();
  struct conninfo info;
  const char *path = arena_printf(&arena, "%s/.env", folder);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_false(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_said(PDL_DOTENV_UNREADABLE, ".env");
}

static void test_precedence(void **state) {
  (void)state;
  struct conninfo info;
  assert_false(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_null(ds.first);
  write_file(".env", "DATABASE_URL=postgresql:///three\n");
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_string_equal(info.text, "postgresql:///three");
  assert_string_equal(info.origin, ".env");
  setenv("DATABASE_URL", " \n", 1);
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_string_equal(info.origin, ".env");
  setenv("DATABASE_URL", "postgresql:///two\n", 1);
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_string_equal(info.text, "postgresql:///two");
  assert_string_equal(info.origin, "DATABASE_URL");
  assert_true(conninfo_find(&arena, "dbname=one", folder, &ds, &info));
  assert_string_equal(info.text, "dbname=one");
  assert_string_equal(info.origin, "--db");
  assert_null(ds.first);
  assert_false(conninfo_find(&arena, " ", folder, &ds, &info));
  assert_said(PDL_CONNINFO_MALFORMED, "--db");
  forget();
  conninfo_missing(&ds);
  assert_said(PDL_DATABASE_UNNAMED, "DATABASE_URL");
}

static void test_git(void **state) {
  (void)state;
  struct conninfo info;
  write_file(".env", "DATABASE_URL=postgresql://u:" SECRET "@localhost/d\n");
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_null(ds.first); /* no repository */
  const char *init[] = {"git", "-C", folder, "init", "-q", NULL};
  struct process process = {.argv = init, .out = -1};
  if (process_wait(process_start(&process)) != 0) {
    print_message("[  SKIPPED ] the rest of test_git: git is not installed\n");
    return;
  }
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_said(PDL_DOTENV_COMMITTED, "not ignored");
  assert_int_equal(ds.first->severity, SEVERITY_WARNING);
  forget();
  write_file(".gitignore", ".env\n");
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_null(ds.first);
  const char *add[] = {"git", "-C", folder, "add", "-f", ".env", NULL};
  run(add);
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_said(PDL_DOTENV_COMMITTED, "tracked");
  forget();
  write_file(".env", "DATABASE_URL=postgresql://u@localhost/d\n"); /* nothing secret */
  assert_true(conninfo_find(&arena, NULL, folder, &ds, &info));
  assert_null(ds.first);
}

/* ── what can be told before any look-up ── */

static void test_malformed(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum code code;
    const char *word;
  } cases[] = {
      {SECRET, PDL_CONNINFO_MALFORMED, "postgresql://user"},
      {"postgresql://u:" SECRET "@h/d?x", PDL_CONNINFO_MALFORMED, "%40"},
      {"postgresql://u:p%" SECRET "@h/d", PDL_CONNINFO_MALFORMED, "%25"},
      {"postgresql://u:p@" SECRET "@h/d", PDL_CONNINFO_MALFORMED, "%40"},
      {"postgresql://u:p/" SECRET "@h/d", PDL_CONNINFO_MALFORMED, "%2F"},
      {"postgresql://u:" SECRET, PDL_CONNINFO_MALFORMED, "%40"},
      {"host=h password=a " SECRET, PDL_CONNINFO_MALFORMED, "--db"},
      {"host=h password='" SECRET, PDL_CONNINFO_MALFORMED, "--db"},
      {"host=h port=" SECRET, PDL_CONNINFO_MALFORMED, "--db"},
      {"postgresql+asyncpg://u:" SECRET "@h/d", PDL_CONNINFO_MALFORMED, "driver"},
      {"jdbc:postgresql://h/d?password=" SECRET, PDL_CONNINFO_MALFORMED, "driver"},
      {"mysql://u:" SECRET "@h/d", PDL_CONNINFO_MALFORMED, "must begin with postgresql://"},
      {"postgresql://u:" SECRET "@h:6543/d?pgbouncer=true", PDL_CONNINFO_MALFORMED,
       "Leave out \\\"pgbouncer\\\""},
      {"https://example.org/" SECRET, PDL_CONNINFO_MALFORMED, "web address"},
      {"https://abcdefghijklmnopqrst.supabase.co", PDL_SUPABASE_PROJECT_URL,
       "db.abcdefghijklmnopqrst.supabase.co, port 5432"},
      {"HTTPS://abcd.supabase.co/rest/v1?apikey=" SECRET, PDL_SUPABASE_PROJECT_URL, "db.abcd.supabase.co"},
      {"https://supabase.com/dashboard/project/abcd/settings", PDL_SUPABASE_PROJECT_URL,
       "db.abcd.supabase.co"},
      {"postgresql://postgres:" SECRET "@abcd.supabase.co:5432/postgres", PDL_SUPABASE_PROJECT_URL,
       "db.abcd.supabase.co"},
      {"host=abcd.supabase.co", PDL_SUPABASE_PROJECT_URL, "db.abcd.supabase.co"},
      {"postgresql://postgres:[YOUR-PASSWORD]@db.abcd.supabase.co/postgres", PDL_PASSWORD_MISSING,
       "placeholder"},
      {"postgresql://postgres:" SECRET "@db.abcd.supabase.co/postgres?sslmode=disable", PDL_TLS_TOO_WEAK,
       "disable"},
      {"postgresql://postgres:" SECRET "@db.abcd.supabase.co/postgres?sslmode=prefer", PDL_TLS_TOO_WEAK,
       "prefer"},
      {"host=db.abcd.supabase.co,localhost sslmode=prefer", PDL_TLS_TOO_WEAK, "verify-full"},
      {"host=aws-0-eu-west-1.pooler.supabase.com sslmode=allow", PDL_TLS_TOO_WEAK, "verify-full"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    forget();
    struct connection c;
    assert_false(connection_open(&arena, (struct conninfo){cases[i].text, "--db"}, &ds, &c));
    assert_null(c.pg);
    assert_said(cases[i].code, cases[i].word);
  }
}

static void test_target(void **state) {
  (void)state;
  static const struct {
    const char *text, *sslmode /* in the environment */, *has, *hasnt;
    int timeout;
  } cases[] = {
      {"host=h", NULL, "connect_timeout='10'", "sslmode", 10},
      {"host=h connect_timeout=3", NULL, "connect_timeout='3'", "'10'", 3},
      {"host=h connect_timeout=0", NULL, "connect_timeout='0'", "'10'", 0},
      {"host=h connect_timeout=1", NULL, "connect_timeout='1'", "'10'", 2},
      {"host=h application_name=x", NULL, "application_name='pdlc'", "'x'", 10},
      {"host=h password='a\\'b\\\\c'", NULL, "password='a\\'b\\\\c'", "sslmode", 10},
      {"host=db.abcd.supabase.co", NULL, "sslmode='require'", "prefer", 10},
      {"host=db.abcd.supabase.co", "verify-full", "host='db", "sslmode", 10},
      {"host=db.abcd.supabase.co sslmode=verify-ca", "prefer", "sslmode='verify-ca'", "require", 10},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct endpoint t;
    unsetenv("PGSSLMODE");
    if (cases[i].sslmode) {
      setenv("PGSSLMODE", cases[i].sslmode, 1);
    }
    assert_true(endpoint_parse(&arena, (struct conninfo){cases[i].text, "--db"}, &ds, &t));
    assert_non_null(strstr(t.text, cases[i].has));
    assert_null(strstr(t.text, cases[i].hasnt));
    assert_int_equal(t.timeout, cases[i].timeout);
  }
  struct endpoint t;
  setenv("PGSSLMODE", "prefer", 1);
  assert_false(endpoint_parse(&arena, (struct conninfo){"host=db.abcd.supabase.co", "--db"}, &ds, &t));
  assert_said(PDL_TLS_TOO_WEAK, "prefer");
}

static void test_service(void **state) {
  (void)state;
  write_file("services", "[prod]\nhost=db.abcd.supabase.co\nuser=app\nsslmode=disable\n[plain]\nhost=h\n");
  setenv("PGSERVICEFILE", arena_printf(&arena, "%s/services", folder), 1);
  struct endpoint t;
  assert_true(endpoint_parse(&arena, (struct conninfo){"service=plain", "--db"}, &ds, &t));
  assert_string_equal(t.host, "h");
  assert_null(getenv("PGSERVICE"));
  assert_false(endpoint_parse(&arena, (struct conninfo){"service=prod", "--db"}, &ds, &t));
  assert_said(PDL_TLS_TOO_WEAK, "disable");
  unsetenv("PGSERVICEFILE");
}

static void test_mask(void **state) {
  (void)state;
  assert_string_equal(secret_mask(&arena, "a pw b pw", "pw"), "a *** b ***");
  assert_string_equal(secret_mask(&arena, "pwpw", "pw"), "******");
  assert_string_equal(secret_mask(&arena, "a", ""), "a");
  assert_string_equal(secret_mask(&arena, "a", NULL), "a");
  assert_string_equal(text_tame(&arena, "a\n\x1b[31mé"), "a??[31mé");
  struct strbuf text = STRBUF_INIT;
  conninfo_add(&text, "host", "/a b'c\\d");
  conninfo_add(&text, "hostaddr", "");
  assert_string_equal(text.text, "host='/a b\\'c\\\\d' hostaddr=''");
  strbuf_release(&text);
  assert_true(conninfo_has_password("postgresql://u:p@h/d"));
  assert_true(conninfo_has_password("not a conninfo"));
  assert_false(conninfo_has_password("postgresql://u@h/d"));
}

static void test_supabase_hosts(void **state) {
  (void)state;
  static const struct {
    const char *host;
    enum supabase_host kind;
    const char *ref;
  } cases[] = {
      {NULL, SUPABASE_NONE, NULL},
      {"localhost", SUPABASE_NONE, NULL},
      {"supabase.co", SUPABASE_NONE, NULL},
      {"db.abcd.supabase.co.example.org", SUPABASE_NONE, NULL},
      {"evilsupabase.co", SUPABASE_NONE, NULL},
      {"abcd.supabase.co", SUPABASE_PROJECT, "abcd"},
      {"db.abcd.supabase.co", SUPABASE_DIRECT, "abcd"},
      {"DB.abcd.SUPABASE.CO", SUPABASE_DIRECT, "abcd"},
      {"db.supabase.co", SUPABASE_DIRECT, NULL},
      {"aws-0-eu-west-1.pooler.supabase.com", SUPABASE_POOLER, NULL},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct supabase s = supabase_of_host(&arena, cases[i].host);
    assert_int_equal(s.host, cases[i].kind);
    assert_int_equal(!s.ref, !cases[i].ref);
    if (s.ref) {
      assert_string_equal(s.ref, cases[i].ref);
    }
  }
}

static void test_version(void **state) {
  (void)state;
  assert_true(version_accept(130000, "x", &ds));
  assert_true(version_accept(180001, "x", &ds));
  assert_null(ds.first);
  assert_false(version_accept(120022, "x", &ds));
  assert_said(PDL_SERVER_TOO_OLD, "12.22");
  forget();
  assert_false(version_accept(80002, "x", &ds));
  assert_said(PDL_SERVER_TOO_OLD, "8.0");
}

/* ── servers that a child plays ── */

struct play {
  const char *code, *message; /* an error at once; or, where code is NULL, */
  const char *version;        /* lets everyone in; or, where NULL too, never answers */
  bool password;              /* asks for one first */
};

static int listen_on(int *port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  assert_true(fd >= 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static void send_message(int fd, char type, const void *body, size_t len) {
  uint32_t n = htonl((uint32_t)len + 4);
  if (write(fd, &type, 1) != 1 || write(fd, &n, 4) != 4 || write(fd, body, len) != (ssize_t)len) {
    _exit(1);
  }
}

static void play_one(int fd, const struct play *play) {
  char in[8192];
  ssize_t n;
  while ((n = read(fd, in, sizeof in)) == 8) { /* asks for TLS or GSS: no */
    if (write(fd, "N", 1) != 1) {
      return;
    }
  }
  if (n <= 0) {
    return;
  }
  if (play->password) {
    send_message(fd, 'R', "\0\0\0\3", 4);
    if (read(fd, in, sizeof in) <= 0) {
      return;
    }
  }
  if (play->code) {
    struct strbuf body = STRBUF_INIT;
    strbuf_addf(&body, "SFATAL%cVFATAL%cC%s%cM%s%c%c", 0, 0, play->code, 0, play->message, 0, 0);
    send_message(fd, 'E', body.text, body.len);
    strbuf_release(&body);
  } else if (play->version) {
    struct strbuf body = STRBUF_INIT;
    strbuf_addf(&body, "server_version%c%s%c", 0, play->version, 0);
    send_message(fd, 'R', "\0\0\0\0", 4);
    send_message(fd, 'S', body.text, body.len);
    send_message(fd, 'K', "\0\0\0\1\0\0\0\2", 8);
    send_message(fd, 'Z', "I", 1);
    strbuf_release(&body);
    while (read(fd, in, sizeof in) > 0) {
    }
  } else {
    sleep(60);
  }
}

static pid_t play(const struct play *play, int *port) {
  int fd = listen_on(port);
  assert_int_equal(listen(fd, 8), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    signal(SIGPIPE, SIG_IGN);
    for (int c; (c = accept(fd, NULL, NULL)) >= 0; close(c)) {
      play_one(c, play);
    }
    _exit(0);
  }
  close(fd);
  return pid;
}

static void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static void refused_by(const struct play *what, const char *options) {
  forget();
  int port;
  pid_t pid = play(what, &port);
  struct connection c;
  const char *text = arena_printf(&arena, "host=127.0.0.1 port=%d user=app dbname=db %s", port, options);
  assert_false(connection_open(&arena, (struct conninfo){text, "--db"}, &ds, &c));
  assert_null(c.pg);
  end(pid);
}

static void test_refusals(void **state) {
  (void)state;
  static const struct {
    struct play play;
    const char *options;
    enum code code;
    const char *word;
  } cases[] = {
      {{"28P01", "Passwort-Authentifizierung für Benutzer »app«", NULL, true},
       "password=" SECRET,
       PDL_PASSWORD_WRONG,
       "app@127.0.0.1"},
      {{"28000", "role \"app\" does not exist", NULL, false}, "", PDL_ROLE_REFUSED, "does not exist"},
      {{"28000", "no pg_hba.conf entry for host", NULL, false}, "", PDL_HBA_REJECTED, "sslmode=require"},
      {{"28000", "no pg_hba.conf entry for \"" SECRET "\"", NULL, true},
       "password=" SECRET,
       PDL_HBA_REJECTED,
       "***"},
      {{"3D000", "database \"db\" does not exist", NULL, false},
       "",
       PDL_DATABASE_UNKNOWN,
       "no database \\\"db\\\""},
      {{"53300", "sorry, too many clients already", NULL, false}, "", PDL_CONNECTIONS_EXHAUSTED, "too many"},
      {{"57P03", "the database system is starting up", NULL, false}, "", PDL_SERVER_NOT_READY, "starting up"},
      {{"42501", "permission denied for database \"db\"", NULL, false},
       "",
       PDL_CONNECT_DENIED,
       "grant connect"},
      {{"XX000", "odd\x1b[0m " SECRET, NULL, true}, "password=" SECRET, PDL_CONNECTION_FAILED, "odd?[0m ***"},
      {{NULL, NULL, "15.4", true}, "", PDL_PASSWORD_MISSING, ".pgpass"},
      {{NULL, NULL, "12.3", false}, "", PDL_SERVER_TOO_OLD, "12.3"},
      {{NULL, NULL, NULL, false}, "connect_timeout=2", PDL_CONNECTION_TIMEOUT, "within 2 s"},
      {{NULL, NULL, "15.4", false}, "sslmode=require", PDL_TLS_FAILED, "SSL"},
      {{NULL, NULL, "15.4", false}, "host=db.abcd.supabase.co hostaddr=127.0.0.1", PDL_TLS_FAILED, "its own CA"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    refused_by(&cases[i].play, cases[i].options);
    assert_said(cases[i].code, cases[i].word);
  }
  /* a list of hosts, which libpq walks itself */
  struct play role = {"28000", "role \"app\" does not exist", NULL, false};
  refused_by(&role, "host=127.0.0.1,127.0.0.1");
  assert_said(PDL_CONNECTION_FAILED, "does not exist");
}

static void test_nobody_there(void **state) {
  (void)state;
  int port;
  close(listen_on(&port));
  static const struct {
    const char *text;
    enum code code;
    const char *word;
  } cases[] = {
      {"host=127.0.0.1 port=%d password=" SECRET, PDL_CONNECTION_REFUSED, "pdlc dev start"},
      {"host=localhost port=%d", PDL_CONNECTION_REFUSED, "@localhost:"},
      {"host=127.0.0.1,127.0.0.1 port=%d", PDL_CONNECTION_REFUSED, "refused"},
      {"host=db.abcd.supabase.co hostaddr=127.0.0.1 port=%d", PDL_CONNECTION_REFUSED, "paused"},
      {"host=/nonexistent port=%d", PDL_CONNECTION_REFUSED, "/nonexistent:"},
      {"host=127.0.0.1 port=%d sslmode=verify-full sslrootcert=/nonexistent", PDL_CONNECTION_REFUSED,
       "refused"},
      {"host='' hostaddr='' port=%d sslmode=nonsense", PDL_CONNECTION_FAILED, "nonsense"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct connection c;
    struct strbuf text = STRBUF_INIT;
    const char *hole = strstr(cases[i].text, "%d");
    strbuf_addf(&text, "user=app dbname=db %.*s%d%s", (int)(hole - cases[i].text), cases[i].text, port,
                hole + 2);
    forget();
    assert_false(connection_open(&arena, (struct conninfo){text.text, "--db"}, &ds, &c));
    assert_said(cases[i].code, cases[i].word);
    strbuf_release(&text);
  }
}

static void test_unknown_host(void **state) {
  (void)state;
  static const struct {
    const char *host;
    int error;
    const char *word;
  } cases[] = {
      {"nowhere.invalid", EAI_NONAME, "--db"},
      {"db.abcd.supabase.co", EAI_NONAME, "\\\"abcd\\\""},
      {"x.pooler.supabase.com", EAI_NONAME, "region"},
      {"nowhere.invalid", EAI_AGAIN, "network"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    struct endpoint t = {
        .host = cases[i].host, .origin = "--db", .supabase = supabase_of_host(&arena, cases[i].host)};
    forget();
    refusal_unknown_host(&t, cases[i].error, &ds);
    assert_said(PDL_HOST_UNKNOWN, cases[i].word);
  }
}

static void test_supabase_refusals(void **state) {
  (void)state;
  static const struct {
    const char *message;
    enum code code;
    const char *word;
  } cases[] = {
      {"Tenant or user not found", PDL_TENANT_UNKNOWN, "postgres.<ref>"},
      {"MaxClientsInSessionMode: max clients reached", PDL_CONNECTIONS_EXHAUSTED, "pool size"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    int port;
    pid_t pid = play(&(struct play){"XX000", cases[i].message, NULL, false}, &port);
    PGconn *pg =
        PQconnectStart(arena_printf(&arena, "host=127.0.0.1 port=%d user=postgres dbname=postgres", port));
    PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (want == PGRES_POLLING_READING || want == PGRES_POLLING_WRITING) {
      struct pollfd fd = {.fd = PQsocket(pg), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT};
      assert_int_equal(poll(&fd, 1, 5000), 1);
      want = PQconnectPoll(pg);
    }
    struct endpoint t = {
        .host = "x.pooler.supabase.com", .origin = "--db", .supabase = {SUPABASE_POOLER, NULL}};
    forget();
    refusal_diagnose(&arena, &t, pg, "shown", false, false, &ds);
    assert_said(cases[i].code, cases[i].word);
    PQfinish(pg);
    end(pid);
  }
  PGconn *pg = PQconnectStart("host=/nonexistent");
  struct endpoint t = {.host = "db.abcd.supabase.co", .origin = "--db", .supabase = {SUPABASE_DIRECT, "abcd"}};
  forget();
  refusal_diagnose(&arena, &t, pg, "shown", true, true, &ds);
  assert_said(PDL_HOST_IPV6_ONLY, "postgres.abcd");
  PQfinish(pg);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(dotenv),         TEST(dotenv_malformed),
      TEST(precedence),     TEST(git),
      TEST(malformed),      TEST(target),
      TEST(service),        TEST(mask),
      TEST(supabase_hosts), TEST(version),
      TEST(refusals),       TEST(nobody_there),
      TEST(unknown_host),   TEST(supabase_refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
