#include <limits.h>
#include <string.h>

#include "sql/private.h"

/* The tables live in the arena, too, so that a cache needs no release. */
#define uthash_malloc(size)        arena_alloc(cache->arena, (size))
#define uthash_free(pointer, size) ((void)(pointer))
#include <uthash.h>

enum form {
  FORM_EXPR,
  FORM_INDEX_KEYS,
  FORM_EXCLUDE_KEYS,
  FORM_SCRIPT,
  FORM_POLICY,
  FORM_GRANT,
  FORM_ARGUMENTS = FORM_GRANT + 4,
  FORM_ROUTINE = FORM_ARGUMENTS + 2,
  FORM_COUNT = FORM_ROUTINE + 4
};

struct entry {
  const char *text;
  struct sql_error err; /* SQL_OK, or why the text was refused */
  union {
    struct sql_expr expr;
    struct sql_index_keys keys;
    struct sql_script script;
    struct sql_policy policy;
    struct sql_grant grant;
    struct sql_routine routine;
  };
  UT_hash_handle hh;
};

struct sql_cache {
  struct arena *arena;
  struct entry *entries[FORM_COUNT];
};

struct sql_cache *sql_cache_new(struct arena *a) {
  struct sql_cache *cache = arena_alloc(a, sizeof *cache);
  cache->arena = a;
  return cache;
}

struct arena *sql_cache_arena(struct sql_cache *cache) {
  return cache->arena;
}

/* The entry of a text; *found tells whether it has been filled before. */
static struct entry *lookup(struct sql_cache *cache, enum form form, const char *text, bool *found) {
  const size_t len = strlen(text);
  const unsigned key_len = len < UINT_MAX ? (unsigned)len : UINT_MAX;
  struct entry *entry = NULL;
  HASH_FIND(hh, cache->entries[form], text, key_len, entry);
  *found = entry != NULL;
  if (entry)
    return entry;
  entry = arena_alloc(cache->arena, sizeof *entry);
  entry->text = arena_strndup(cache->arena, text, len);
  HASH_ADD_KEYPTR(hh, cache->entries[form], entry->text, key_len, entry);
  return entry;
}

const struct sql_expr *sql_parse_expr(struct sql_cache *cache, const char *text, struct sql_error *err) {
  bool found;
  struct entry *entry = lookup(cache, FORM_EXPR, text, &found);
  if (!found) {
    entry->expr.text = entry->text;
    if (!sql_fast_expr(cache->arena, &entry->expr))
      sql_read_expr(cache->arena, &entry->expr, &entry->err);
  }
  *err = entry->err;
  return entry->err.why == SQL_OK ? &entry->expr : NULL;
}

bool sql_parse_index_keys(struct sql_cache *cache, const char *text, struct sql_index_keys *out,
                          struct sql_error *err) {
  bool found;
  struct entry *entry = lookup(cache, FORM_INDEX_KEYS, text, &found);
  if (!found && !sql_fast_index_keys(cache->arena, entry->text, &entry->keys))
    sql_read_index_keys(cache, entry->text, false, &entry->keys, &entry->err);
  *err = entry->err;
  *out = entry->keys;
  return entry->err.why == SQL_OK;
}

bool sql_parse_exclude_keys(struct sql_cache *cache, const char *text, struct sql_index_keys *out,
                            struct sql_error *err) {
  bool found;
  struct entry *entry = lookup(cache, FORM_EXCLUDE_KEYS, text, &found);
  if (!found)
    sql_read_index_keys(cache, entry->text, true, &entry->keys, &entry->err);
  *err = entry->err;
  *out = entry->keys;
  return entry->err.why == SQL_OK;
}

bool sql_parse_script(struct sql_cache *cache, const char *text, struct sql_script *out,
                      struct sql_error *err) {
  bool found;
  struct entry *entry = lookup(cache, FORM_SCRIPT, text, &found);
  if (!found)
    sql_read_script(cache->arena, entry->text, &entry->script, &entry->err);
  *err = entry->err;
  *out = entry->script;
  return entry->err.why == SQL_OK;
}

bool sql_parse_policy(struct sql_cache *cache, const char *text, struct sql_policy *out, struct sql_error *err) {
  bool found;
  struct entry *entry = lookup(cache, FORM_POLICY, text, &found);
  if (!found)
    sql_read_policy(cache->arena, entry->text, &entry->policy, &entry->err);
  *err = entry->err;
  *out = entry->policy;
  return entry->err.why == SQL_OK;
}

bool sql_parse_grant(struct sql_cache *cache, const char *text, bool grant, bool on_table, struct sql_grant *out,
                     struct sql_error *err) {
  bool found;
  const enum form form = FORM_GRANT + (enum form)(2 * grant + on_table);
  struct entry *entry = lookup(cache, form, text, &found);
  if (!found)
    sql_read_grant(cache->arena, entry->text, grant, on_table, &entry->grant, &entry->err);
  *err = entry->err;
  *out = entry->grant;
  return entry->err.why == SQL_OK;
}

static bool routine_of(const struct entry *entry, struct sql_routine *out, struct sql_error *err) {
  *err = entry->err;
  *out = entry->routine;
  return entry->err.why == SQL_OK;
}

bool sql_parse_arguments(struct sql_cache *cache, const char *text, bool procedure, struct sql_routine *out,
                         struct sql_error *err) {
  bool found;
  struct entry *entry = lookup(cache, FORM_ARGUMENTS + (enum form)procedure, text, &found);
  if (!found)
    sql_read_arguments(cache->arena, entry->text, procedure, &entry->routine, &entry->err);
  return routine_of(entry, out, err);
}

bool sql_parse_routine(struct sql_cache *cache, const char *text, bool procedure, bool atomic, struct sql_routine *out,
                       struct sql_error *err) {
  bool found;
  const enum form form = FORM_ROUTINE + (enum form)(2 * procedure + atomic);
  struct entry *entry = lookup(cache, form, text, &found);
  if (!found)
    sql_read_routine(cache->arena, entry->text, procedure, atomic, &entry->routine, &entry->err);
  return routine_of(entry, out, err);
}
