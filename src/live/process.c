#define _DEFAULT_SOURCE /* initgroups */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/private.h"

enum { LAST_INHERITED = 1024, EXIT_NOT_RUN = 127 };

static bool become(const struct user *user) {
  if (!user || !user->name) {
    return true;
  }
  /* The last test: privileges that can be taken back were not given up. */
  return initgroups(user->name, user->gid) == 0 && setgid(user->gid) == 0 && setuid(user->uid) == 0 &&
         setuid(0) != 0;
}

static bool redirect(const struct process *process) {
  int null = open("/dev/null", O_RDWR);
  int out = null;
  if (process->log) {
    out = open(process->log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  }
  return null >= 0 && out >= 0 && dup2(null, 0) == 0 &&
         dup2(process->out >= 0 ? process->out : out, 1) == 1 && dup2(out, 2) == 2;
}

pid_t process_start(const struct process *process) {
  pid_t pid = fork();
  if (pid != 0) {
    return pid;
  }
  if (process->detached) {
    setsid();
  }
  if (!become(process->as) || !redirect(process)) {
    _exit(EXIT_NOT_RUN);
  }
  if (process->detached) {
    for (int fd = 3; fd < LAST_INHERITED; fd++) {
      close(fd);
    }
  }
  /* Postgres' programs want a present folder that their user can read. */
  if (process->as && chdir("/") != 0) {
    _exit(EXIT_NOT_RUN);
  }
  execvp(process->argv[0], (char *const *)process->argv);
  _exit(EXIT_NOT_RUN);
}

int process_wait(pid_t pid) {
  int status;
  if (pid <= 0) {
    return -1;
  }
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) {
      return -1;
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool process_line(const char *const *argv, char *line, size_t size) {
  int ends[2];
  if (pipe(ends) != 0) {
    return false;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  struct process process = {.argv = argv, .out = ends[1]};
  pid_t pid = process_start(&process);
  close(ends[1]);
  size_t len = 0;
  for (;;) {
    char rest[256];
    bool room = len < size - 1;
    ssize_t n = read(ends[0], room ? line + len : rest, room ? size - 1 - len : sizeof rest);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      break;
    }
    len += room ? (size_t)n : 0;
  }
  close(ends[0]);
  line[len] = 0;
  line[strcspn(line, "\r\n")] = 0;
  return process_wait(pid) == 0 && *line;
}

bool process_as(const struct user *user, bool (*work)(const void *), const void *argument) {
  pid_t pid = fork();
  if (pid == 0) {
    _exit(become(user) && work(argument) ? 0 : 1);
  }
  return process_wait(pid) == 0;
}
