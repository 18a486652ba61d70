#define _XOPEN_SOURCE 700 /* realpath */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live/private.h"

/* .git is a folder, or a file in a linked work tree. */
static bool below_repository(struct arena *arena, const char *folder) {
  char *real = realpath(*folder ? folder : ".", NULL);
  if (!real) {
    return false;
  }
  bool found = false;
  for (char *end = real + strlen(real); !found; end = strrchr(real, '/')) {
    if (!end) {
      break;
    }
    *end = 0;
    found = access(arena_printf(arena, "%s/.git", real), F_OK) == 0;
  }
  free(real);
  return found;
}

/* Git's exit status, 127 or so where there is no Git. Nothing of the repository's own settings may run. */
static int git(const char *folder, const char *verb, const char *option, const char *name) {
  const char *argv[] = {"git", "-C", *folder ? folder : ".", "-c", "core.fsmonitor=false", verb, option, "--",
                        name,  NULL};
  struct process process = {.argv = argv, .out = -1};
  return process_wait(process_start(&process));
}

enum git_state git_state_of(struct arena *arena, const char *folder, const char *name) {
  if (!below_repository(arena, folder)) {
    return GIT_SAFE;
  }
  if (git(folder, "ls-files", "--error-unmatch", name) == 0) {
    return GIT_TRACKED;
  }
  return git(folder, "check-ignore", "-q", name) == 1 ? GIT_NOT_IGNORED : GIT_SAFE;
}
