/* The embedded server, from an empty folder to its end. Skipped where no server is installed. */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/private.h"

#define SECRET "s3cr3t"

static struct arena arena;
static struct diagnostics ds;
static char folder[256];
static const char *const variables[] = {"PGHOST",     "PGHOSTADDR", "PGPORT",    "PGUSER",    "PGDATABASE",
                                        "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSSLMODE", "PGOPTIONS"};

/* A folder that the unprivileged user of root reaches, with a name that spares nobody. */
static int setup(void **state) {
  (void)state;
  for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
    unsetenv(variables[i]);
  }
  arena = (struct arena)ARENA_INIT;
  diagnostics_init(&ds, &arena);
  strcpy(folder, "/tmp/pdlc test'\"\\ü $x-XXXXXX");
  assert_non_null(mkdtemp(folder));
  assert_int_equal(chmod(folder, 0755), 0);
  return 0;
}

static int teardown(void **state) {
  (void)state;
  bool stopped = server_stop(&arena, folder, &ds);
  struct home home;
  assert_true(home_find(&arena, folder, &home));
  const char *argv[] = {"rm", "-rf", folder, home.path, NULL};
  struct process process = {.argv = argv, .out = -1};
  assert_int_equal(process_wait(process_start(&process)), 0);
  arena_release(&arena);
  assert_true(stopped);
  return 0;
}

/* False, and said by name, where there is nothing to test with. */
static bool installed(const char *test) {
  int major;
  if (server_find_binaries(&arena, &major)) {
    assert_in_range(major, 13, 18);
    return true;
  }
  print_message("[  SKIPPED ] %s: no Postgres server is installed\n", test);
  return false;
}
#define NEEDS_SERVER()                                                                                       \
  do {                                                                                                       \
    if (!installed(__func__)) {                                                                              \
      skip();                                                                                                \
    }                                                                                                        \
  } while (0)

static const char *said(void) {
  struct strbuf out = STRBUF_INIT;
  diagnostics_print(&ds, &out, false);
  const char *text = strbuf_dup(&out, &arena);
  strbuf_release(&out);
  return text;
}

static void forget(void) {
  diagnostics_init(&ds, &arena);
}

static void assert_said(enum code code, const char *word) {
  assert_non_null(ds.first);
  assert_string_equal(code_info(ds.first->code)->id, code_info(code)->id);
  if (!strstr(said(), word) || strstr(said(), SECRET)) {
    fail_msg("\"%s\" is not in, or a secret is in: %s", word, said());
  }
}

static struct server start(void) {
  struct server server;
  if (!server_start(&arena, folder, &ds, &server)) {
    fail_msg("%s", said());
  }
  assert_null(ds.first);
  return server;
}

static struct connection connect_to(const char *text) {
  struct connection c;
  if (!connection_open(&arena, (struct conninfo){text, "the embedded server"}, &ds, &c)) {
    fail_msg("%s", said());
  }
  return c;
}

static const char *ask(PGconn *pg, const char *sql) {
  PGresult *result = PQexec(pg, sql);
  if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK) {
    fail_msg("%s: %s", sql, PQerrorMessage(pg));
  }
  const char *value = PQntuples(result) ? arena_strdup(&arena, PQgetvalue(result, 0, 0)) : NULL;
  PQclear(result);
  return value;
}

static const char *read_text(const char *path) {
  char *text;
  size_t len;
  const char *why;
  if (!file_read(&arena, path, 1024 * 1024, &text, &len, &why)) {
    fail_msg("%s: %s", path, why);
  }
  return text;
}

static void write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), strlen(text));
  close(fd);
}

static pid_t pid_of(const struct server *server) {
  return (pid_t)strtol(read_text(arena_printf(&arena, "%s/postmaster.pid", server->data)), NULL, 10);
}

static void kill_hard(const struct server *server) {
  pid_t pid = pid_of(server);
  assert_int_equal(kill(pid, SIGKILL), 0);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_life(void **state) {
  (void)state;
  NEEDS_SERVER();
  struct server server;
  assert_false(server_running(&arena, folder, &server));
  assert_true(server_stop(&arena, folder, &ds)); /* nothing to stop */
  assert_null(ds.first);
  assert_int_not_equal(access(arena_printf(&arena, "%s/.pdlc", folder), F_OK), 0);

  setenv("PGHOSTADDR", "192.0.2.1", 1); /* none of these may lead elsewhere */
  setenv("PGPORT", "1", 1);
  server = start();
  pid_t pid = pid_of(&server);
  assert_int_equal(getsid(pid), pid);
  assert_string_equal(read_text(arena_printf(&arena, "%s/.pdlc/.gitignore", folder)), "*\n");
  assert_string_equal(server.data, arena_printf(&arena, "%s/.pdlc/data", folder));
  struct stat st;
  assert_int_equal(stat(arena_printf(&arena, "%s/.pdlc/socket", folder), &st), 0);
  assert_int_equal(st.st_mode & 0777, 0700);

  struct connection c = connect_to(server.conninfo);
  unsetenv("PGHOSTADDR");
  unsetenv("PGPORT");
  assert_in_range(c.version, 13, 18);
  assert_false(c.pooled);
  assert_non_null(strstr(c.shown, "postgres@/"));
  assert_string_equal(ask(c.pg, "show search_path"), "\"\""); /* a schema that cannot be */
  assert_string_equal(ask(c.pg, "show timezone"), "UTC");
  assert_string_equal(ask(c.pg, "show datestyle"), "ISO, MDY");
  assert_string_equal(ask(c.pg, "show client_encoding"), "UTF8");
  assert_string_equal(ask(c.pg, "show server_encoding"), "UTF8");
  assert_string_equal(ask(c.pg, "show application_name"), "pdlc");
  assert_string_equal(ask(c.pg, "show listen_addresses"), "");
  ask(c.pg, "create table public.kept as select 7 as n");
  connection_close(&c);

  struct server again;
  assert_true(server_running(&arena, folder, &again));
  assert_string_equal(again.bin, server.bin);
  assert_string_equal(again.conninfo, server.conninfo);
  assert_true(server_start(&arena, folder, &ds, &again));
  assert_int_equal(pid_of(&again), pid);

  assert_true(server_stop(&arena, folder, &ds));
  assert_null(ds.first);
  assert_int_equal(kill(pid, 0), -1);
  assert_false(server_running(&arena, folder, &again));
  assert_string_equal(again.data, server.data);

  server = start();
  c = connect_to(server.conninfo);
  assert_string_equal(ask(c.pg, "select n from public.kept"), "7");
  connection_close(&c);
}

/* The machine or the server died: once its number is free, once another process has it. */
static void test_crash(void **state) {
  (void)state;
  NEEDS_SERVER();
  struct server server = start();
  kill_hard(&server);
  assert_false(server_running(&arena, folder, &server));
  struct connection c;
  for (int i = 0; i < 100; i++) { /* its children hold the socket until they notice, and then drop whoever came */
    forget();
    assert_false(connection_open(&arena, (struct conninfo){server.conninfo, "the embedded server"}, &ds, &c));
    if (ds.first->code != PDL_CONNECTION_FAILED)
      break;
    nanosleep(&(struct timespec){.tv_nsec = 50 * 1000 * 1000}, NULL);
  }
  assert_said(PDL_CONNECTION_REFUSED, "pdlc dev start");
  forget();
  server = start();
  kill_hard(&server);

  struct stat st;
  assert_int_equal(stat(server.data, &st), 0);
  struct user owner = {st.st_uid, st.st_gid, geteuid() == 0 ? "nobody" : NULL};
  const char *argv[] = {"sleep", "100", NULL};
  struct process process = {.as = &owner, .argv = argv, .out = -1};
  pid_t other = process_start(&process);
  assert_true(other > 0);
  const char *paths[] = {arena_printf(&arena, "%s/postmaster.pid", server.data),
                         arena_printf(&arena, "%s/.pdlc/socket/.s.PGSQL.5432.lock", folder)};
  for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
    const char *rest = strchr(read_text(paths[i]), '\n');
    write_text(paths[i], arena_printf(&arena, "%ld%s", (long)other, rest));
  }
  struct server at;
  assert_false(server_running(&arena, folder, &at));
  assert_true(server_stop(&arena, folder, &ds));
  assert_int_equal(waitpid(other, NULL, WNOHANG), 0); /* stop must leave it alone */
  server = start();
  assert_int_not_equal(pid_of(&server), other);
  assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
  kill(other, SIGKILL);
  waitpid(other, NULL, 0);
}

static void test_two_at_once(void **state) {
  (void)state;
  NEEDS_SERVER();
  pid_t children[3];
  for (size_t i = 0; i < ARRAY_LEN(children); i++) {
    children[i] = fork();
    if (children[i] == 0) {
      struct server server;
      _exit(server_start(&arena, folder, &ds, &server) ? 0 : 1);
    }
  }
  for (size_t i = 0; i < ARRAY_LEN(children); i++) {
    assert_int_equal(process_wait(children[i]), 0);
  }
  struct server server; /* which outlived the process that started it */
  assert_true(server_running(&arena, folder, &server));
  const char *log = read_text(arena_printf(&arena, "%s/.pdlc/log", folder));
  const char *ready = strstr(log, "ready to accept connections");
  assert_non_null(ready);
  assert_null(strstr(ready + 1, "ready to accept connections"));
}

static void test_half_made(void **state) {
  (void)state;
  NEEDS_SERVER();
  struct home home;
  assert_true(home_find(&arena, folder, &home));
  assert_true(home_make(&home, &ds));
  assert_int_equal(mkdir(home.fresh, 0700), 0); /* initdb was killed here */
  write_text(arena_printf(&arena, "%s/PG_VERSION", home.fresh), "15\n");
  assert_int_equal(chown(home.fresh, home.user.uid, home.user.gid), 0);
  struct server server = start();
  assert_int_not_equal(access(home.fresh, F_OK), 0);

  assert_true(server_stop(&arena, folder, &ds));
  write_text(arena_printf(&arena, "%s/postgresql.conf", home.data), "no_such_setting = 1\n");
  assert_false(server_start(&arena, folder, &ds, &server));
  assert_said(PDL_SERVER_NOT_STARTED, "no_such_setting");
  forget();
  write_text(arena_printf(&arena, "%s/PG_VERSION", home.data), "11\n");
  assert_false(server_start(&arena, folder, &ds, &server));
  assert_said(PDL_SERVER_DATA_VERSION, "Install Postgres 11");
  forget();
  assert_int_equal(unlink(arena_printf(&arena, "%s/PG_VERSION", home.data)), 0);
  assert_false(server_start(&arena, folder, &ds, &server));
  assert_said(PDL_SERVER_FOLDER, "no data of Postgres");
  forget();
}

/* A path too long for a socket, one that the server's user cannot reach: a private folder, nobody else's. */
static void test_private_folder(void **state) {
  (void)state;
  NEEDS_SERVER();
  struct strbuf deep = STRBUF_INIT;
  strbuf_adds(&deep, folder);
  for (int i = 0; i < 5; i++) {
    strbuf_adds(&deep, "/twenty characters --");
    assert_int_equal(mkdir(deep.text, 0755), 0);
  }
  const char *top = arena_strdup(&arena, folder);
  strcpy(folder, deep.text);
  strbuf_release(&deep);
  struct home home;
  assert_true(home_find(&arena, folder, &home));
  assert_memory_equal(home.path, "/tmp/pdlc-", 10);

  struct server server;
  if (geteuid() == 0) {
    assert_int_equal(mkdir(home.path, 0777), 0);
    assert_int_equal(chown(home.path, 12345, 12345), 0); /* a trap laid by somebody else */
    assert_false(server_start(&arena, folder, &ds, &server));
    assert_said(PDL_SERVER_FOLDER, "another user");
    forget();
    assert_int_equal(rmdir(home.path), 0);
  }
  assert_int_equal(symlink("/tmp", home.path), 0);
  assert_false(server_start(&arena, folder, &ds, &server));
  assert_said(PDL_SERVER_FOLDER, "not a folder");
  forget();
  assert_int_equal(unlink(home.path), 0);

  server = start();
  assert_string_equal(read_text(arena_printf(&arena, "%s/.pdlc/location", folder)),
                      arena_printf(&arena, "%s\n", home.path));
  struct stat st;
  assert_int_equal(stat(home.path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0700);
  struct connection c = connect_to(server.conninfo);
  connection_close(&c);
  assert_true(server_stop(&arena, folder, &ds));
  const char *argv[] = {"rm", "-rf", home.path, NULL};
  struct process process = {.argv = argv, .out = -1};
  assert_int_equal(process_wait(process_start(&process)), 0);

  strcpy(folder, top);
  if (geteuid() == 0) {
    assert_int_equal(chmod(folder, 0700), 0);
    assert_true(home_find(&arena, folder, &home));
    assert_memory_equal(home.path, "/tmp/pdlc-", 10);
    server = start();
    c = connect_to(server.conninfo);
    connection_close(&c);
    assert_int_equal(chmod(folder, 0755), 0); /* stays where it is */
    assert_true(server_running(&arena, folder, &server));
  }
}

static void test_binaries(void **state) {
  (void)state;
  NEEDS_SERVER();
  int major, named;
  const char *before = getenv("PDLC_PG_BIN");
  before = before ? arena_strdup(&arena, before) : NULL;
  const char *found = server_find_binaries(&arena, &major);
  assert_int_equal(access(arena_printf(&arena, "%s/postgres", found), X_OK), 0);
  setenv("PDLC_PG_BIN", found, 1);
  assert_string_equal(server_find_binaries(&arena, &named), found);
  assert_int_equal(named, major);
  assert_null(binaries_find(&arena, major + 1, &named));
  assert_int_equal(named, 0);
  setenv("PDLC_PG_BIN", "/nonexistent", 1);
  assert_null(server_find_binaries(&arena, &named));
  struct server server;
  assert_false(server_start(&arena, folder, &ds, &server));
  assert_said(PDL_SERVER_NOT_INSTALLED, "PDLC_PG_BIN");
  forget();
  setenv("PDLC_PG_BIN", before ? before : "", 1);
}

static void test_refusals(void **state) {
  (void)state;
  NEEDS_SERVER();
  struct server server = start();
  struct connection c = connect_to(server.conninfo);
  ask(c.pg, "create role app login password '" SECRET "'");
  ask(c.pg, "create role nologin nologin");
  ask(c.pg, "create role one login connection limit 0");
  ask(c.pg, "create database closed");
  ask(c.pg, "revoke connect on database closed from public");
  const char *hba = arena_printf(&arena, "%s/pg_hba.conf", server.data);
  write_text(hba, arena_printf(&arena, "local all app scram-sha-256\nlocal template1 postgres reject\n%s",
                               read_text(hba)));
  ask(c.pg, "select pg_catalog.pg_reload_conf()");
  for (int i = 0; i < 500 && strcmp(ask(c.pg, "select pg_catalog.count(*) from pg_catalog.pg_hba_file_rules"
                                              " where auth_method = 'reject'"),
                                    "1") != 0;
       i++) {
  }
  connection_close(&c);
  nanosleep(&(struct timespec){0, 300000000}, NULL); /* the postmaster reads it in its own time */
  static const struct {
    const char *options;
    enum code code;
    const char *word;
  } cases[] = {
      {"user=app password=wrong-" SECRET, PDL_PASSWORD_WRONG, "app@/"},
      {"user=app", PDL_PASSWORD_MISSING, "none is given"},
      {"user=nobody_such", PDL_ROLE_REFUSED, "\"nobody_such\""},
      {"user=nologin", PDL_ROLE_REFUSED, "not permitted to log in"},
      {"dbname=missing", PDL_DATABASE_UNKNOWN, "no database \"missing\""},
      {"dbname=template1", PDL_HBA_REJECTED, "pg_hba.conf"},
      {"user=one", PDL_CONNECTIONS_EXHAUSTED, "too many"},
      {"user=nologin_not dbname=closed", PDL_ROLE_REFUSED, "nologin_not"},
      {"user=app password=" SECRET " dbname=closed", PDL_CONNECT_DENIED, "grant connect"},
      {"port=5433", PDL_CONNECTION_REFUSED, ":5433/"},
  };
  for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
    forget();
    const char *text = arena_printf(&arena, "%s %s", server.conninfo, cases[i].options);
    assert_false(connection_open(&arena, (struct conninfo){text, "--db"}, &ds, &c));
    assert_said(cases[i].code, cases[i].word);
  }
  forget();
  c = connect_to(arena_printf(&arena, "%s user=app password=" SECRET, server.conninfo));
  assert_null(strstr(c.shown, SECRET));
  connection_close(&c);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(life),           TEST(crash),    TEST(two_at_once), TEST(half_made),
      TEST(private_folder), TEST(binaries), TEST(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
