#define _XOPEN_SOURCE 700 /* nftw */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "live/private.h"

enum {
  START_SECONDS = 60,
  STOP_SECONDS = 60,
  STEP_MS = 10,
  LOG_MOST = 1024 * 1024, /* an older log is thrown away at a start */
  LOG_TAIL = 2048,
};

/* ── what is there ──────────────────────────────────────────────────────────── */

static const char *server_conninfo(struct arena *arena, const struct home *home) {
  struct strbuf text = STRBUF_INIT;
  conninfo_add(&text, "host", home->socket);
  conninfo_add(&text, "hostaddr", ""); /* else $PGHOSTADDR would lead elsewhere */
  conninfo_add(&text, "port", "5432");
  conninfo_add(&text, "dbname", "postgres");
  conninfo_add(&text, "user", "postgres");
  const char *copy = strbuf_dup(&text, arena);
  strbuf_release(&text);
  return copy;
}

static PGPing ping(struct arena *arena, const struct home *home) {
  return PQping(server_conninfo(arena, home));
}

/* postmaster.pid, whether or not it is true; empty where there is none. */
static const char *record(struct arena *arena, const struct home *home) {
  char *text;
  size_t len;
  const char *why;
  return file_read(arena, arena_printf(arena, "%s/postmaster.pid", home->data), 8192, &text, &len, &why) ? text : "";
}

static pid_t recorded_pid(struct arena *arena, const struct home *home) {
  long pid = strtol(record(arena, home), NULL, 10);
  return pid > 1 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

struct claim {
  const struct home *home;
  const char *cwd; /* of the process, as /proc names it */
};

/* Run as the server's user: root of a container may not look into another user's process. */
static bool works_in_data(const void *argument) {
  const struct claim *claim = argument;
  char cwd[4096];
  ssize_t n = readlink(claim->cwd, cwd, sizeof cwd - 1);
  cwd[n > 0 ? n : 0] = 0;
  return strcmp(cwd, claim->home->data) == 0;
}

/* A pid outlives its process on paper and may be another's by now. The server works in its data folder;
 * where the system does not show that, the socket, which is in nobody else's reach, must answer. */
static bool is_postmaster(struct arena *arena, const struct home *home, pid_t pid) {
  if (pid <= 0) {
    return false;
  }
  if (access("/proc/self/cwd", F_OK) == 0) {
    struct claim claim = {home, arena_printf(arena, "/proc/%ld/cwd", (long)pid)};
    return process_as(&home->user, works_in_data, &claim);
  }
  return kill(pid, 0) == 0 && ping(arena, home) != PQPING_NO_RESPONSE;
}

static pid_t running_pid(struct arena *arena, const struct home *home) {
  pid_t pid = recorded_pid(arena, home);
  return is_postmaster(arena, home, pid) ? pid : 0;
}

/* A server that is ready has a socket, unless somebody removed that: another one, say, whose folder this was before it
 * was removed and made again, and which takes its socket's path along when it notices. */
static bool is_out_of_reach(struct arena *arena, const struct home *home) {
  const char *socket = arena_printf(arena, "%s/.s.PGSQL.5432", home->socket);
  return strstr(record(arena, home), "\nready") && access(socket, F_OK) != 0 && errno == ENOENT;
}

/* Of the running server: postmaster.opts begins with the program's path. */
static const char *running_binaries(struct arena *arena, const struct home *home) {
  char *text;
  size_t len;
  const char *why;
  if (!file_read(arena, arena_printf(arena, "%s/postmaster.opts", home->data), 65536, &text, &len, &why)) {
    return NULL;
  }
  char *end = strstr(text, "/postgres \"");
  if (!end) {
    return NULL;
  }
  *end = 0;
  return text;
}

static void fill(struct arena *arena, const struct home *home, const char *bin, struct server *out) {
  *out = (struct server){
      .folder = home->folder,
      .conninfo = server_conninfo(arena, home),
      .data = home->data,
      .bin = bin,
  };
}

bool server_running(struct arena *arena, const char *folder, struct server *out) {
  struct home home;
  *out = (struct server){0};
  if (!home_find(arena, folder, &home)) {
    return false;
  }
  fill(arena, &home, running_binaries(arena, &home), out);
  return running_pid(arena, &home) && ping(arena, &home) == PQPING_OK;
}

/* ── failing ─────────────────────────────────────────────────────────────── */

static off_t log_size(const struct home *home) {
  struct stat st;
  return lstat(home->log, &st) == 0 && S_ISREG(st.st_mode) ? st.st_size : 0;
}

/* The last of what was logged since `from`. */
static const char *log_tail(struct arena *arena, const struct home *home, off_t from) {
  char *text = arena_alloc(arena, LOG_TAIL + 1);
  off_t size = log_size(home);
  off_t at = size - from > LOG_TAIL ? size - LOG_TAIL : from;
  int fd = open(home->log, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : pread(fd, text, LOG_TAIL, at);
  if (fd >= 0) {
    close(fd);
  }
  text[n > 0 ? n : 0] = 0;
  char *newline = at > from ? strchr(text, '\n') : NULL; /* not from the middle of a line */
  return newline ? newline + 1 : text;
}

static bool fail(struct arena *arena, const struct home *home, off_t log_from, const char *what,
                 struct diagnostics *ds) {
  struct diagnostic *d = diagnose(ds, PDL_SERVER_NOT_STARTED, NO_SPAN, "%s", what);
  const char *tail = log_tail(arena, home, log_from);
  diagnostic_hint(ds, d, "Its log \"%s\" ends:\n%s", home->log, *tail ? tail : "(nothing was logged)");
  return false;
}

static bool no_binaries(struct diagnostics *ds) {
  struct diagnostic *d =
      diagnose(ds, PDL_SERVER_NOT_INSTALLED, NO_SPAN, "no Postgres server (13 to 18) is installed here");
  diagnostic_hint(
      ds, d,
      "Install one (Debian, Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server; "
      "macOS: brew install postgresql@17), or name the folder of its programs in $PDLC_PG_BIN.");
  return false;
}

static bool no_such_version(struct arena *arena, const struct home *home, int major, struct diagnostics *ds) {
  int newest;
  const char *bin = server_find_binaries(arena, &newest);
  struct diagnostic *d =
      diagnose(ds, PDL_SERVER_DATA_VERSION, NO_SPAN,
               "the embedded server's data are of Postgres %d, which is not installed", major);
  diagnostic_hint(ds, d, "%sInstall Postgres %d, or remove \"%s\" to begin with empty data.",
                  bin ? arena_printf(arena, "Postgres %d is. ", newest) : "", major, home->data);
  return false;
}

/* ── making its data ─────────────────────────────────────────────────────────── */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where) {
  (void)st;
  (void)type;
  (void)where;
  return remove(path);
}

/* Run as the server's user, like all that happens below home->path. */
static bool clear_fresh(const void *argument) {
  const struct home *home = argument;
  return nftw(home->fresh, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}

static bool keep_fresh(const void *argument) {
  const struct home *home = argument;
  return rename(home->fresh, home->data) == 0;
}

static bool make_socket_folder(const void *argument) {
  const struct home *home = argument;
  return (mkdir(home->socket, 0700) == 0 || errno == EEXIST) && chmod(home->socket, 0700) == 0 &&
         (log_size(home) <= LOG_MOST || truncate(home->log, 0) == 0);
}

/* In a folder of another name until all is well, so that what was left half made is never taken for data. */
static bool make_data(struct arena *arena, const struct home *home, const char *bin, struct diagnostics *ds) {
  static const char *const locales[] = {"--locale=C.UTF-8", "--locale=C"};
  off_t log_from = log_size(home);
  bool made = false;
  for (size_t i = 0; i < ARRAY_LEN(locales) && !made; i++) {
    const char *initdb = arena_printf(arena, "%s/initdb", bin);
    /* trust: only the folder's owner reaches the socket */
    const char *argv[] = {
        initdb,     "-D",        home->fresh, "--auth=trust", "--encoding=UTF8",
        locales[i], "--no-sync", "-U",        "postgres",     NULL,
    };
    struct process process = {.as = &home->user, .argv = argv, .log = home->log, .out = -1};
    made = process_as(&home->user, clear_fresh, home) && process_wait(process_start(&process)) == 0;
  }
  if (!made || !process_as(&home->user, keep_fresh, home)) {
    return fail(arena, home, log_from, "could not make the embedded server's data (initdb failed)", ds);
  }
  return true;
}

/* 0 where there are none. */
static int data_major(struct arena *arena, const struct home *home) {
  char *text;
  size_t len;
  const char *why;
  if (!file_read(arena, arena_printf(arena, "%s/PG_VERSION", home->data), 64, &text, &len, &why)) {
    return 0;
  }
  long major = strtol(text, NULL, 10);
  return major > 0 && major < 1000 ? (int)major : 0;
}

/* ── starting ────────────────────────────────────────────────────────────── */

/* Settings stand on the command line, so they are those of this pdlc and not of the one that made the data.
 * It is a development server: a crash of the machine may cost its data, and so nothing waits for the disk. */
static pid_t launch(struct arena *arena, const struct home *home, const char *bin) {
  struct strbuf sockets = STRBUF_INIT; /* a list of names, quoted as in SQL */
  strbuf_adds(&sockets, "--unix_socket_directories=\"");
  for (const char *p = home->socket; *p; p++) {
    strbuf_adds(&sockets, *p == '"' ? "\"" : "");
    strbuf_addc(&sockets, *p);
  }
  strbuf_addc(&sockets, '"');
  const char *postgres = arena_printf(arena, "%s/postgres", bin);
  const char *argv[] = {
      postgres,
      "-D",
      home->data,
      sockets.text,
      "--unix_socket_permissions=0700",
      "--listen_addresses=",
      "--port=5432",
      "--fsync=off",
      "--synchronous_commit=off",
      "--full_page_writes=off",
      "--shared_buffers=64MB",
      "--timezone=UTC",
      "--log_timezone=UTC",
      "--logging_collector=off",
      "--log_destination=stderr",
      NULL,
  };
  struct process process = {.as = &home->user, .argv = argv, .log = home->log, .out = -1, .detached = true};
  /* A server that died leaves its pid; where another process has that number now, Postgres would take it for
   * a server, unless told that the number is its grandparent's. All else that the file guards against, such as
   * old backends that still run, it goes on checking. */
  setenv("PG_GRANDPARENT_PID", arena_printf(arena, "%ld", (long)recorded_pid(arena, home)), 1);
  pid_t pid = process_start(&process);
  unsetenv("PG_GRANDPARENT_PID");
  strbuf_release(&sockets);
  return pid;
}

static void step(void) {
  struct timespec t = {0, STEP_MS * 1000000L};
  nanosleep(&t, NULL);
}

/* Gone, and buried where it was a child of this process. */
static bool is_gone(struct arena *arena, const struct home *home, pid_t pid) {
  pid_t waited = waitpid(pid, NULL, WNOHANG);
  return waited == pid || (waited < 0 && !is_postmaster(arena, home, pid));
}

static bool wait_ready(struct arena *arena, const struct home *home, pid_t pid, off_t log_from,
                       struct diagnostics *ds) {
  time_t end = time(NULL) + START_SECONDS;
  while (time(NULL) <= end) {
    if (is_gone(arena, home, pid)) {
      return fail(arena, home, log_from, "the embedded server did not start", ds);
    }
    if (ping(arena, home) == PQPING_OK) {
      return true;
    }
    step();
  }
  return fail(arena, home, log_from, "the embedded server does not accept connections yet", ds);
}

/* In good order, whoever is connected. */
static bool stop(struct arena *arena, const struct home *home, pid_t pid, struct diagnostics *ds) {
  bool gone = kill(pid, SIGINT) != 0 && errno == ESRCH;
  time_t end = time(NULL) + STOP_SECONDS;
  while (!gone && time(NULL) <= end) {
    gone = is_gone(arena, home, pid);
    if (!gone) {
      step();
    }
  }
  if (!gone) {
    struct diagnostic *d = diagnose(ds, PDL_SERVER_NOT_STOPPED, NO_SPAN,
                                    "the embedded server (process %ld) did not stop", (long)pid);
    diagnostic_hint(ds, d, "See the end of its log \"%s\".", home->log);
  }
  return gone;
}

static bool start_locked(struct arena *arena, const struct home *home, struct diagnostics *ds,
                         struct server *out) {
  pid_t pid = running_pid(arena, home);
  if (pid && is_out_of_reach(arena, home)) {
    if (!stop(arena, home, pid, ds)) {
      return false;
    }
    pid = 0;
  }
  if (pid) {
    fill(arena, home, running_binaries(arena, home), out);
    return wait_ready(arena, home, pid, log_size(home), ds);
  }
  int major = data_major(arena, home), found;
  const char *bin = binaries_find(arena, major, &found);
  if (!bin) {
    return major ? no_such_version(arena, home, major, ds) : no_binaries(ds);
  }
  if (!major && access(home->data, F_OK) == 0) {
    struct diagnostic *d =
        diagnose(ds, PDL_SERVER_FOLDER, NO_SPAN, "\"%s\" holds no data of Postgres", home->data);
    diagnostic_hint(ds, d, "Move it away to begin with empty data.");
    return false;
  }
  if (!process_as(&home->user, make_socket_folder, home)) {
    return fail(arena, home, log_size(home), "could not make the folder of the embedded server's socket", ds);
  }
  if (!major && !make_data(arena, home, bin, ds)) {
    return false;
  }
  fill(arena, home, bin, out);
  off_t log_from = log_size(home);
  pid = launch(arena, home, bin);
  if (pid < 0) {
    return fail(arena, home, log_from, "could not run the embedded server", ds);
  }
  return wait_ready(arena, home, pid, log_from, ds);
}

bool server_start(struct arena *arena, const char *folder, struct diagnostics *ds, struct server *out) {
  struct home home;
  *out = (struct server){0};
  if (!home_find(arena, folder, &home)) {
    diagnose(ds, PDL_SERVER_FOLDER, NO_SPAN, "there is no folder \"%s\" for the embedded server: %s", folder,
             strerror(errno));
    return false;
  }
  int major;
  if (access(home.data, F_OK) != 0 && !binaries_find(arena, 0, &major)) {
    return no_binaries(ds); /* before anything is made, which may be another user's once there is one */
  }
  if (!home_make(&home, ds)) {
    return false;
  }
  int lock = home_lock(&home, ds);
  if (lock < 0) {
    return false;
  }
  bool ok = start_locked(arena, &home, ds, out);
  close(lock);
  return ok;
}

/* ── stopping ────────────────────────────────────────────────────────────── */

bool server_stop(struct arena *arena, const char *folder, struct diagnostics *ds) {
  struct home home;
  if (!home_find(arena, folder, &home) || access(home.data, F_OK) != 0) {
    return true;
  }
  int lock = home_lock(&home, ds);
  if (lock < 0) {
    return false;
  }
  pid_t pid = running_pid(arena, &home);
  const bool gone = !pid || stop(arena, &home, pid, ds);
  close(lock);
  return gone;
}
