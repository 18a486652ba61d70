/* pdlc dev: the embedded server beside schema.pdl. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static int start(struct invocation *run, struct server *server) {
  if (!server_start(&run->arena, ".", &run->diagnostics, server))
    return EXIT_FAILED;
  if (!targets_supabase(run, "schema.pdl"))
    return EXIT_OK;
  struct connection c;
  const struct conninfo info = {.text = server->conninfo, .origin = "the embedded server"};
  if (!connection_open(&run->arena, info, &run->diagnostics, &c))
    return EXIT_FAILED;
  const bool ok = make_platform(run, &c);
  connection_close(&c);
  return ok ? EXIT_OK : EXIT_FAILED;
}

static int psql(struct invocation *run) {
  struct server server = {0};
  if (start(run, &server) != EXIT_OK)
    return report(run, EXIT_FAILED);
  const char **argv = arena_array(&run->arena, (size_t)run->arg_count + 3, sizeof *argv);
  argv[0] = arena_printf(&run->arena, "%s/psql", server.bin);
  if (access(argv[0], X_OK) != 0)
    argv[0] = "psql";
  argv[1] = server.conninfo; /* a socket and no password */
  for (int i = 1; i < run->arg_count; i++)
    argv[i + 1] = run->args[i];
  fflush(NULL);
  execvp(argv[0], (char *const *)(uintptr_t)argv);
  diagnostic_hint(&run->diagnostics,
                  diagnose(&run->diagnostics, PDL_CANNOT_RUN, NO_SPAN, "cannot run psql: %s", strerror(errno)),
                  "It comes with the client package of Postgres (Debian: postgresql-client).");
  return report(run, EXIT_FAILED);
}

int verb_dev(struct invocation *run) {
  const char *what = run->arg_count > 0 ? run->args[0] : "";
  struct server server = {0};
  if (strcmp(what, "psql") == 0)
    return psql(run);
  if (run->arg_count != 1)
    return usage_error(run, "start, stop, url or psql?");
  if (strcmp(what, "start") == 0) {
    if (start(run, &server) == EXIT_OK && !run->options.quiet)
      printf("running: %s\n", server.conninfo);
  } else if (strcmp(what, "stop") == 0) {
    const bool running = server_running(&run->arena, ".", &server);
    if (server_stop(&run->arena, ".", &run->diagnostics) && !run->options.quiet)
      puts(running ? "stopped" : "not running");
  } else if (strcmp(what, "url") == 0) {
    if (start(run, &server) == EXIT_OK)
      puts(server.conninfo);
  } else {
    return usage_error(run, "there is no dev %s", what);
  }
  return report(run, EXIT_OK);
}
