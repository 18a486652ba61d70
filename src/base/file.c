#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *reason(struct arena *a, int error) {
  switch (error) {
  case ENOENT: return "no such file";
  case EACCES:
  case EPERM: return "permission denied";
  case EISDIR: return "is a directory";
  case ENOTDIR: return "passes through something that is not a folder";
  case ENOSPC: return "no space left on the disk";
  case EDQUOT: return "the disk quota is used up";
  case EROFS: return "the file system is read-only";
  case ELOOP: return "passes through too many symbolic links";
  case ENAMETOOLONG: return "the name is too long";
  case EFBIG: return "is too large for the file system";
  case EMFILE:
  case ENFILE: return "too many files are open";
  case EIO: return "the disk reports an error";
  }
  return arena_strdup(a, strerror(error));
}

/* ── Reading ────────────────────────────────────────────────────────────────── */

/* Reads up to `most` bytes, less only at the end of the file. False with errno set. */
static bool read_full(int fd, char *to, size_t most, size_t *len) {
  for (*len = 0; *len < most;) {
    const ssize_t n = read(fd, to + *len, most - *len);
    if (n > 0)
      *len += (size_t)n;
    else if (n == 0)
      return true;
    else if (errno != EINTR)
      return false;
  }
  return true;
}

/* The same, behind what `out` holds, up to a length of `most`. */
static bool read_all(int fd, struct strbuf *out, size_t most) {
  char chunk[64 * 1024];
  size_t n = sizeof chunk;
  while (out->len < most && n == sizeof chunk) {
    const size_t room = most - out->len, wanted = room < sizeof chunk ? room : sizeof chunk;
    if (!read_full(fd, chunk, wanted, &n))
      return false;
    strbuf_add(out, chunk, n);
  }
  return true;
}

static const char *too_large(struct arena *a, size_t max) {
  enum { MIB = 1024 * 1024 };
  if (max >= MIB && max % MIB == 0)
    return arena_printf(a, "is larger than %zu MiB", max / MIB);
  return arena_printf(a, "is larger than %zu bytes", max);
}

enum code file_read_code(const char *why) {
  return strncmp(why, "is larger", 9) == 0 ? PDL_FILE_TOO_LARGE : PDL_FILE_UNREADABLE;
}

bool file_read(struct arena *a, const char *path, size_t max, char **text, size_t *len, const char **why) {
  const bool standard_input = strcmp(path, "-") == 0;
  /* Non-blocking, so that a pipe without a writer does not hang the open. */
  const int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct strbuf more = STRBUF_INIT;
  struct stat st;
  size_t size = 0, got = 0;
  char *content = NULL;
  *why = NULL;
  if (fd < 0 || fstat(fd, &st) != 0)
    *why = reason(a, errno);
  else if (S_ISDIR(st.st_mode))
    *why = reason(a, EISDIR);
  else if (!standard_input && !S_ISREG(st.st_mode))
    *why = "is not a regular file";
  else if (S_ISREG(st.st_mode) && st.st_size > 0 && (uintmax_t)st.st_size > max)
    *why = too_large(a, max);
  else
    size = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
  if (!*why) {
    content = arena_alloc(a, size + 2);
    if (!read_full(fd, content, size + 1, &got))
      *why = reason(a, errno);
  }
  if (!*why && got > size) { /* a pipe, or a file that grew meanwhile */
    strbuf_add(&more, content, got);
    if (!read_all(fd, &more, max < SIZE_MAX ? max + 1 : max))
      *why = reason(a, errno);
    else if (more.len > max)
      *why = too_large(a, max);
    got = more.len;
    content = arena_strndup(a, more.text, got + 1);
  }
  if (fd >= 0 && !standard_input)
    close(fd);
  strbuf_release(&more);
  if (!*why) {
    *text = content;
    *len = got;
  }
  return !*why;
}

/* ── Paths ──────────────────────────────────────────────────────────────────── */

static const char *path_refused(const char *path) {
  if (!*path)
    return "is empty";
  if (*path == '/')
    return "is absolute";
  size_t depth = 0, n;
  bool climbs = false, folder = false;
  for (const char *p = path;; p += n + 1) {
    n = strcspn(p, "/");
    const bool here = n == 0 || (n == 1 && *p == '.'), up = n == 2 && memcmp(p, "..", 2) == 0;
    if (up && depth == 0)
      return "leaves the folder of schema.pdl";
    climbs |= up;
    folder = here || up;
    depth += up ? SIZE_MAX : !here;
    if (!p[n])
      break;
  }
  return climbs ? "has .. in it" : folder ? "is a folder" : NULL;
}

const char *file_path_refused(const char *root, const char *path) {
  const char *why = path_refused(path);
  struct strbuf prefix = STRBUF_INIT;
  for (size_t at = 0; root && !why; at++) {
    at += strcspn(path + at, "/");
    strbuf_clear(&prefix);
    strbuf_addf(&prefix, "%s/%.*s", *root ? root : ".", (int)at, path);
    struct stat st;
    if (lstat(prefix.text, &st) != 0)
      break; /* what is missing is no link; other trouble shows when writing */
    if (S_ISLNK(st.st_mode))
      why = path[at] ? "passes through a symbolic link" : "is a symbolic link";
    if (!path[at])
      break;
  }
  strbuf_release(&prefix);
  return why;
}

/* Folders made on the way, newest first, to be removed if the writing fails. */
struct made {
  const char *path;
  struct made *next;
};

static int root_open(const char *root) {
  return open(*root ? root : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Opens the folder below root that holds the file `path`, following no symbolic
 * link, and points *name at the file's own name. Where `made` is not NULL,
 * missing folders are made and noted there. Returns -1 with errno set. */
static int folder_open(const struct file_set *set, const char *path, struct made **made, const char **name) {
  int folder = root_open(set->root);
  const char *part = path;
  for (const char *slash; folder >= 0 && (slash = strchr(part, '/')); part = slash + 1) {
    char component[NAME_MAX + 1];
    const size_t n = (size_t)(slash - part);
    if (n == 0)
      continue;
    if (n > NAME_MAX) {
      close(folder);
      errno = ENAMETOOLONG;
      return -1;
    }
    memcpy(component, part, n);
    component[n] = '\0';
    enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
    int next = openat(folder, component, FLAGS);
    if (next < 0 && errno == ENOENT && made) {
      if (mkdirat(folder, component, 0777) == 0) {
        struct made *new = arena_alloc(set->arena, sizeof *new);
        *new = (struct made){arena_strndup(set->arena, path, (size_t)(slash - path)), *made};
        *made = new;
        if (!set->remade)
          (void)fsync(folder);
        next = openat(folder, component, FLAGS);
      } else if (errno == EEXIST) { /* another process was quicker */
        next = openat(folder, component, FLAGS);
      }
    }
    const int error = errno;
    close(folder);
    errno = error;
    folder = next;
  }
  *name = part;
  return folder;
}

bool file_make_folder(struct arena *a, const char *path, const char **why) {
  struct strbuf part = STRBUF_INIT;
  bool ok = true;
  for (size_t at = 0; ok && path[at];) {
    at += strspn(path + at, "/");
    at += strcspn(path + at, "/");
    strbuf_clear(&part);
    strbuf_add(&part, path, at);
    ok = mkdir(part.text, 0777) == 0 || errno == EEXIST || errno == EISDIR;
  }
  if (!ok)
    *why = reason(a, errno);
  strbuf_release(&part);
  return ok;
}

/* ── Sets of files ──────────────────────────────────────────────────────────── */

void file_set_init(struct file_set *set, struct arena *a, const char *root) {
  *set = (struct file_set){.arena = a, .root = arena_strdup(a, root)};
}

void file_set_add(struct file_set *set, const char *path, const char *text, size_t len) {
  struct file_item *item = arena_alloc(set->arena, sizeof *item);
  *item = (struct file_item){.path = arena_strdup(set->arena, path), .text = text, .len = len};
  if (set->last)
    set->last->next = item;
  else
    set->first = item;
  set->last = item;
}

static bool item_differs(const struct file_set *set, const struct file_item *item) {
  const char *name;
  bool same = false;
  const int folder = path_refused(item->path) ? -1 : folder_open(set, item->path, NULL, &name);
  const int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;
  if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uintmax_t)st.st_size == item->len) {
    struct strbuf content = STRBUF_INIT;
    same = read_all(fd, &content, item->len) && content.len == item->len &&
           memcmp(content.text, item->text, item->len) == 0;
    strbuf_release(&content);
  }
  if (fd >= 0)
    close(fd);
  if (folder >= 0)
    close(folder);
  return !same;
}

size_t file_set_compare(struct file_set *set) {
  size_t count = 0;
  for (struct file_item *item = set->first; item; item = item->next) {
    item->changed = item_differs(set, item);
    count += item->changed;
  }
  return count;
}

static bool write_all(int fd, const char *text, size_t len) {
  while (len) {
    const ssize_t n = write(fd, text, len);
    if (n >= 0) {
      text += n;
      len -= (size_t)n;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/* Creates .name.XXXXXX.tmp in the folder; temp gets its name. */
static int temporary_open(int folder, const char *name, mode_t mode, char temp[NAME_MAX + 1]) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  static unsigned long long seed;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  seed += (unsigned long long)now.tv_nsec ^ (unsigned long long)now.tv_sec << 20 ^
          (unsigned long long)getpid() << 40;
  for (int tries = 0; tries < 100; tries++) {
    char random[7] = "";
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    unsigned long long rest = seed >> 24;
    for (int i = 0; i < 6; i++, rest /= sizeof letters - 1)
      random[i] = letters[rest % (sizeof letters - 1)];
    /* A long name is shortened: only the target must fit NAME_MAX. */
    snprintf(temp, NAME_MAX + 1, ".%.200s.%s.tmp", name, random);
    const int fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd >= 0 || errno != EEXIST)
      return fd;
  }
  return -1;
}

/* Writes the item beside its target and returns the temporary file's name in the
 * arena, or NULL with errno set and nothing left. */
static const char *item_stage(const struct file_set *set, const struct file_item *item, int folder, const char *name) {
  struct stat st;
  const bool exists = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
  if (!exists && errno != ENOENT)
    return NULL;
  if (exists && !S_ISREG(st.st_mode)) { /* a rename would fail late, or replace a link or device */
    errno = S_ISDIR(st.st_mode) ? EISDIR : S_ISLNK(st.st_mode) ? ELOOP : EINVAL;
    return NULL;
  }
  char temp[NAME_MAX + 1];
  const int fd = temporary_open(folder, name, exists ? st.st_mode & 0600 : 0644, temp);
  if (fd < 0)
    return NULL;
  bool ok = (!exists || fchmod(fd, st.st_mode & 07777) == 0) && write_all(fd, item->text, item->len) &&
            (set->remade || fsync(fd) == 0);
  int error = errno;
  if (close(fd) != 0 && ok) {
    ok = false;
    error = errno;
  }
  if (ok)
    return arena_strdup(set->arena, temp);
  unlinkat(folder, temp, 0);
  errno = error;
  return NULL;
}

/* Why the item could not be written: a link's own reason rather than the errno it caused. */
static const char *item_reason(const struct file_set *set, const struct file_item *item, int error) {
  const char *why = file_path_refused(set->root, item->path);
  return why ? why : error == EINVAL ? "is not a regular file" : reason(set->arena, error);
}

static void set_undo(const struct file_set *set, const char *const *temps, const struct made *made) {
  size_t i = 0;
  for (const struct file_item *item = set->first; item; item = item->next, i++) {
    const char *name;
    const int folder = temps[i] ? folder_open(set, item->path, NULL, &name) : -1;
    if (folder >= 0) {
      unlinkat(folder, temps[i], 0);
      close(folder);
    }
  }
  for (; made; made = made->next) {
    const char *name;
    const int folder = folder_open(set, made->path, NULL, &name);
    if (folder >= 0) {
      unlinkat(folder, name, AT_REMOVEDIR); /* fails, rightly, where another put something in */
      close(folder);
    }
  }
}

/* Whether both files lie in the same folder. */
static bool same_folder(const char *a, const char *b) {
  const char *a_end = strrchr(a, '/'), *b_end = strrchr(b, '/');
  const size_t n = a_end ? (size_t)(a_end - a) : 0;
  return n == (b_end ? (size_t)(b_end - b) : 0) && memcmp(a, b, n) == 0;
}

/* The first half: a temporary file beside each target. Returns the item that failed, and why, or NULL. */
static const struct file_item *stage_all(const struct file_set *set, const char **temps, struct made **made,
                                         const char **why) {
  size_t i = 0;
  for (const struct file_item *item = set->first; item; item = item->next, i++) {
    if (!item->changed)
      continue;
    const char *name, *refused = path_refused(item->path);
    const int folder = refused ? -1 : folder_open(set, item->path, made, &name);
    if (folder >= 0)
      temps[i] = item_stage(set, item, folder, name);
    if (!temps[i])
      *why = refused ? refused : item_reason(set, item, errno);
    if (folder >= 0)
      close(folder);
    if (!temps[i])
      return item;
  }
  return NULL;
}

/* Whether no later file of the set that changed lies in the folder of this one. */
static bool is_last_of_folder(const struct file_item *item) {
  const struct file_item *next = item->next;
  while (next && !next->changed)
    next = next->next;
  return !next || !same_folder(item->path, next->path);
}

/* The second: each takes the place of its target. */
static const struct file_item *rename_all(const struct file_set *set, const char **temps, const char **why) {
  size_t i = 0;
  for (const struct file_item *item = set->first; item; item = item->next, i++) {
    if (!temps[i])
      continue;
    const char *name;
    const int folder = folder_open(set, item->path, NULL, &name);
    const bool renamed = folder >= 0 && renameat(folder, temps[i], folder, name) == 0;
    if (renamed)
      temps[i] = NULL;
    else
      *why = item_reason(set, item, errno);
    if (renamed && !set->remade && is_last_of_folder(item))
      (void)fsync(folder); /* what is renamed is in place whatever this says */
    if (folder >= 0)
      close(folder);
    if (!renamed)
      return item;
  }
  return NULL;
}

bool file_set_write(struct file_set *set, const char **path_failed, const char **why) {
  if (!file_set_compare(set))
    return true;
  const int root = root_open(set->root);
  if (root < 0) {
    *path_failed = *set->root ? set->root : ".";
    *why = errno == ENOENT ? "no such folder" : reason(set->arena, errno);
    return false;
  }
  close(root);

  size_t count = 0;
  for (const struct file_item *item = set->first; item; item = item->next)
    count++;
  const char **temps = arena_array(set->arena, count, sizeof *temps);
  struct made *made = NULL;
  const struct file_item *failed = stage_all(set, temps, &made, why);
  if (!failed)
    failed = rename_all(set, temps, why);
  if (failed) {
    *path_failed = failed->path;
    set_undo(set, temps, made);
  }
  return !failed;
}
