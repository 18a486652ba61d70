#define _XOPEN_SOURCE 700 /* realpath */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "live/private.h"

#define SOCKET_NAME "/.s.PGSQL.5432"

static bool user_set(struct arena *arena, const struct passwd *pw, struct user *user) {
  if (!pw || pw->pw_uid == 0) {
    return false;
  }
  *user = (struct user){pw->pw_uid, pw->pw_gid, arena_strdup(arena, pw->pw_name)};
  return true;
}

/* Postgres refuses root: then it runs as whoever owns .pdlc already, else as postgres or nobody. */
static struct user choose_user(struct arena *arena, const char *dot) {
  struct user user = {geteuid(), getegid(), NULL};
  struct stat st;
  if (user.uid != 0) {
    return user;
  }
  if (lstat(dot, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid != 0 &&
      user_set(arena, getpwuid(st.st_uid), &user)) {
    return user;
  }
  if (!user_set(arena, getpwnam("postgres"), &user)) {
    user_set(arena, getpwnam("nobody"), &user);
  }
  return user;
}

static bool can_enter(const void *folder) {
  return access(folder, X_OK) == 0;
}

/* A path too long for a socket, or one that the settings of Postgres and libpq cannot spell. */
static bool fits_socket(const char *folder) {
  struct sockaddr_un *address = NULL;
  for (const char *p = folder; *p; p++) {
    if (*p == ',' || (unsigned char)*p < ' ') {
      return false;
    }
  }
  return strlen(folder) + strlen(SOCKET_NAME) < sizeof address->sun_path;
}

static const char *private_path(struct arena *arena, const char *folder) {
  uint64_t hash = 14695981039346656037u; /* FNV-1a */
  for (const char *p = folder; *p; p++) {
    hash = (hash ^ (unsigned char)*p) * 1099511628211u;
  }
  return arena_printf(arena, "/tmp/pdlc-%lu-%016llx", (unsigned long)geteuid(), (unsigned long long)hash);
}

/* Whether .pdlc/location names this private folder: a server stays where it once began. */
static bool is_located(struct arena *arena, const char *dot, const char *path) {
  char *text;
  size_t len;
  const char *why;
  return file_read(arena, arena_printf(arena, "%s/location", dot), 4096, &text, &len, &why) &&
         strncmp(text, path, strlen(path)) == 0 && strcmp(text + strlen(path), "\n") == 0;
}

bool home_find(struct arena *arena, const char *folder, struct home *out) {
  *out = (struct home){0};
  char *real = realpath(*folder ? folder : ".", NULL);
  if (!real) {
    return false;
  }
  out->folder = arena_strdup(arena, real);
  free(real);
  out->dot = arena_printf(arena, "%s/.pdlc", strcmp(out->folder, "/") == 0 ? "" : out->folder);
  out->user = choose_user(arena, out->dot);
  const char *apart = private_path(arena, out->folder);
  bool beside = fits_socket(arena_printf(arena, "%s/socket", out->dot)) &&
                !is_located(arena, out->dot, apart) &&
                (!out->user.name || process_as(&out->user, can_enter, out->folder));
  out->path = beside ? out->dot : apart;
  out->data = arena_printf(arena, "%s/data", out->path);
  out->fresh = arena_printf(arena, "%s/data.new", out->path);
  out->socket = arena_printf(arena, "%s/socket", out->path);
  out->log = arena_printf(arena, "%s/log", out->path);
  out->lock = arena_printf(arena, "%s/lock", out->path);
  return true;
}

static bool fail(struct diagnostics *ds, const char *path, const char *why) {
  struct diagnostic *d =
      diagnose(ds, PDL_SERVER_FOLDER, NO_SPAN, "cannot use \"%s\" for the embedded server: %s", path, why);
  diagnostic_hint(ds, d, "Remove it or make it yours, then try again.");
  return false;
}

/* Makes the folder or takes one that is there, but none that somebody else made. */
static bool make_folder(const char *path, mode_t mode, const struct user *user, struct diagnostics *ds) {
  struct stat st;
  if (mkdir(path, mode) != 0 && errno != EEXIST) {
    return fail(ds, path, strerror(errno));
  }
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    return fail(ds, path, errno == ENOTDIR || errno == ELOOP ? "it is not a folder" : strerror(errno));
  }
  const char *why = NULL;
  if (fstat(fd, &st) != 0) {
    why = strerror(errno);
  } else if (st.st_uid != user->uid && st.st_uid != geteuid()) {
    why = "it belongs to another user";
  } else if ((st.st_uid != user->uid && fchown(fd, user->uid, user->gid) != 0) ||
             (mode == 0700 && fchmod(fd, mode) != 0)) {
    why = strerror(errno);
  }
  close(fd);
  return !why || fail(ds, path, why);
}

static bool make_file(struct arena *arena, const char *folder, const char *name, const char *text,
                      struct diagnostics *ds) {
  const char *path = arena_printf(arena, "%s/%s", folder, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) {
    return errno == EEXIST || fail(ds, path, strerror(errno));
  }
  size_t len = strlen(text);
  bool ok = write(fd, text, len) == (ssize_t)len;
  close(fd);
  return ok || fail(ds, path, "it could not be written");
}

bool home_make(const struct home *home, struct diagnostics *ds) {
  bool apart = strcmp(home->path, home->dot) != 0;
  struct user self = {geteuid(), getegid(), NULL};
  if (!make_folder(home->dot, 0755, apart ? &self : &home->user, ds) ||
      !make_file(ds->arena, home->dot, ".gitignore", "*\n", ds)) {
    return false;
  }
  return !apart ||
         (make_folder(home->path, 0700, &home->user, ds) &&
          make_file(ds->arena, home->dot, "location", arena_printf(ds->arena, "%s\n", home->path), ds));
}

int home_lock(const struct home *home, struct diagnostics *ds) {
  int fd = open(home->lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct stat st;
  if (fd < 0) {
    fail(ds, home->lock, strerror(errno));
    return -1;
  }
  bool ours =
      fstat(fd, &st) == 0 && (st.st_uid == home->user.uid || fchown(fd, home->user.uid, home->user.gid) == 0);
  while (ours && flock(fd, LOCK_EX) != 0) {
    ours = errno == EINTR;
  }
  if (!ours) {
    fail(ds, home->lock, strerror(errno));
    close(fd);
    return -1;
  }
  return fd;
}
