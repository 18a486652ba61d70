#include <string.h>
#include <strings.h>

#include "live/private.h"

static bool is_ref(const char *text, size_t len) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return len > 0 && strspn(text, letters) >= len;
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n > m && strcasecmp(text + n - m, end) == 0;
}

struct supabase supabase_of_host(struct arena *arena, const char *host) {
  struct supabase none = {SUPABASE_NONE, NULL};
  if (!host) {
    return none;
  }
  if (ends_with(host, ".pooler.supabase.com")) {
    return (struct supabase){SUPABASE_POOLER, NULL};
  }
  if (!ends_with(host, ".supabase.co")) {
    return none;
  }
  bool direct = strncasecmp(host, "db.", 3) == 0;
  const char *from = direct ? host + 3 : host;
  size_t len = strlen(from) > strlen(".supabase.co") ? strlen(from) - strlen(".supabase.co") : 0;
  const char *ref = is_ref(from, len) ? arena_strndup(arena, from, len) : NULL;
  return (struct supabase){direct ? SUPABASE_DIRECT : SUPABASE_PROJECT, ref};
}

struct supabase supabase_of_web_address(struct arena *arena, const char *url) {
  static const char page[] = "/project/";
  const char *host = strstr(url, "://");
  host = host ? host + 3 : url;
  const char *name = arena_strndup(arena, host, strcspn(host, "/:?#"));
  const char *project = strstr(host, page);
  if (project && (strcasecmp(name, "supabase.com") == 0 || ends_with(name, ".supabase.com"))) {
    const char *ref = project + strlen(page);
    size_t len = strcspn(ref, "/?#");
    if (is_ref(ref, len)) {
      return (struct supabase){SUPABASE_PROJECT, arena_strndup(arena, ref, len)};
    }
  }
  return supabase_of_host(arena, name);
}

struct names supabase_schemas(void) {
  static const char *names[] = {"_analytics", "_realtime",          "_supavisor", "auth",
                                "cron",       "extensions",         "graphql",    "graphql_public",
                                "net",        "pgbouncer",          "pgmq",       "pgmq_public",
                                "pgsodium",   "pgsodium_masks",     "pgtle",      "realtime",
                                "storage",    "supabase_functions", "vault"};
  return (struct names){names, ARRAY_LEN(names)};
}
