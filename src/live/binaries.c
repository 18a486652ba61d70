#define _XOPEN_SOURCE 700 /* realpath */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live/private.h"

enum { MAJOR_LEAST = 13, MAJOR_MOST = 18 };

/* Where distributions put version %d. */
static const char *const usual[] = {
    "/usr/lib/postgresql/%d/bin", /* Debian */
    "/usr/pgsql-%d/bin",          /* Red Hat, from postgresql.org */
    "/usr/lib/postgresql%d/bin",  /* SUSE */
    "/usr/libexec/postgresql%d",  /* Alpine */
    "/opt/homebrew/opt/postgresql@%d/bin",
    "/usr/local/opt/postgresql@%d/bin",
    "/opt/local/lib/postgresql%d/bin", /* MacPorts */
    "/Applications/Postgres.app/Contents/Versions/%d/bin",
};

/* Of the server in this folder, or 0: "postgres (PostgreSQL) 15.4 (Debian …)". */
static int major_of(struct arena *arena, const char *folder) {
  const char *postgres = arena_printf(arena, "%s/postgres", folder);
  const char *initdb = arena_printf(arena, "%s/initdb", folder);
  if (access(postgres, X_OK) != 0 || access(initdb, X_OK) != 0) {
    return 0;
  }
  const char *argv[] = {postgres, "-V", NULL};
  char line[256];
  if (!process_line(argv, line, sizeof line)) {
    return 0;
  }
  const char *number = strstr(line, "(PostgreSQL) ");
  long major = number ? strtol(number + strlen("(PostgreSQL) "), NULL, 10) : 0;
  return major >= MAJOR_LEAST && major < 1000 ? (int)major : 0;
}

struct choice {
  struct arena *arena;
  int want, major;
  const char *folder;
};

static void offer(struct choice *c, const char *folder) {
  int major = major_of(c->arena, folder);
  if (major <= MAJOR_MOST && major > c->major && (!c->want || major == c->want)) {
    c->major = major;
    c->folder = arena_strdup(c->arena, folder);
  }
}

/* PATH often holds links; the server looks for its files beside the real program. */
static void offer_path(struct choice *c) {
  const char *path = getenv("PATH");
  while (path && *path) {
    size_t len = strcspn(path, ":");
    char *real = realpath(arena_printf(c->arena, "%.*s/postgres", (int)len, path), NULL);
    if (real && len > 0) {
      *strrchr(real, '/') = 0;
      offer(c, real);
    }
    free(real);
    path += len + (path[len] == ':');
  }
}

const char *binaries_find(struct arena *arena, int want, int *major) {
  struct choice c = {.arena = arena, .want = want};
  const char *named = getenv("PDLC_PG_BIN");
  if (named && *named) {
    char *real = realpath(named, NULL);
    c.major = real ? major_of(arena, real) : 0;
    c.folder = c.major && (!want || want == c.major) ? arena_strdup(arena, real) : NULL;
    free(real);
  } else {
    char bindir[1024];
    const char *argv[] = {"pg_config", "--bindir", NULL};
    if (process_line(argv, bindir, sizeof bindir)) {
      offer(&c, bindir);
    }
    offer_path(&c);
    for (int m = MAJOR_MOST; m > c.major && m >= MAJOR_LEAST; m--) {
      for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        struct strbuf folder = STRBUF_INIT;
        const char *hole = strstr(usual[i], "%d");
        strbuf_addf(&folder, "%.*s%d%s", (int)(hole - usual[i]), usual[i], m, hole + 2);
        offer(&c, folder.text);
        strbuf_release(&folder);
      }
    }
  }
  *major = c.folder ? c.major : 0;
  return c.folder;
}

const char *server_find_binaries(struct arena *arena, int *major) {
  return binaries_find(arena, 0, major);
}
