/* What was written by hand, held against what its header says: whether the schema changes with it. */
#include <string.h>

#include "migrate/private.h"

void migration_read_allow(struct arena *arena, const struct source *source, uint32_t above, uint32_t from, uint32_t to,
                          struct diagnostics *d) {
  static const char word[] = "pdlc:allow";
  const char *at = text_within(source->text + above, from - above, word);
  if (!at)
    return;
  for (at += sizeof word - 1; *at == ' ' || *at == ',';) {
    at += strspn(at, " ,");
    const size_t n = strcspn(at, " ,\r\n");
    const struct code_info *info = code_find(arena_strndup(arena, at, n));
    if (info && n)
      diagnostics_allow(d, info->code, (struct span){source, from, to});
    at += n;
  }
}

struct reading {
  struct arena *arena;
  const struct source *source;
  const struct sql_effect *v;
  size_t count;
  struct map fates;   /* "schema.name" → that of the relation in this file; "name", where it is temporary */
  struct diagnostics *d;
};
struct fate {
  bool made, gone;
};

static struct fate *fate_of(struct reading *r, const char *schema, const char *name) {
  const char *key = schema ? arena_printf(r->arena, "%s.%s", schema, name) : name;
  struct fate *fate = map_get(&r->fates, key);
  if (!fate)
    map_add(&r->fates, key, fate = arena_alloc(r->arena, sizeof *fate));
  return fate;
}

static void suffer(struct fate *fate, const struct sql_effect *e) {
  fate->made |= e->makes;
  fate->gone |= e->drops || e->temporary;
}

static void read_fates(struct reading *r) {
  map_init(&r->fates, r->arena);
  for (size_t i = 0; i < r->count; i++) {
    const struct sql_effect *e = &r->v[i];
    if (!e->name)
      continue;
    suffer(fate_of(r, e->schema ? e->schema : "public", e->name), e);
    if (e->temporary)
      suffer(fate_of(r, NULL, e->name), e);
  }
}

/* A table that the file makes and leaves nothing of. */
static bool is_passing(struct reading *r, const struct sql_effect *e) {
  if (!e->name)
    return e->temporary;
  const struct fate *whole = fate_of(r, e->schema ? e->schema : "public", e->name),
                    *brief = e->schema ? whole : fate_of(r, NULL, e->name);
  return e->temporary || ((whole->made || brief->made) && (whole->gone || brief->gone));
}

static void refuse_unread(const struct reading *r, const struct sql_effect *e, int version) {
  size_t count;
  const struct sql_action *known = sql_read_actions(r->arena, r->source->text + e->from, e->to - e->from, &count);
  const struct span at = {r->source, e->at, e->at < e->to ? e->at + 1 : e->to};
  if (count && known->kind != ACTION_UNREAD)
    return;
  if (version <= sql_parser_version())
    diagnose(r->d, PDL_SQL_SYNTAX, at, "%s", e->error);
  else
    diagnostic_hint(r->d, diagnose(r->d, PDL_SQL_UNREAD, at, "cannot read this statement: %s", e->error),
                    "This pdlc reads SQL as Postgres %d does; the server has the last word.", sql_parser_version());
}

static void check_file(struct arena *arena, const struct migration_file *f, bool by_hand, bool changes, bool up,
                       int version, struct diagnostics *d) {
  if (!f->source)
    return;
  struct reading r = {.arena = arena, .source = f->source, .d = d};
  r.v = sql_read_effects(arena, f->source->text, f->source->len, &r.count);
  read_fates(&r);
  bool any = false;
  for (size_t i = 0; i < r.count; i++) {
    const struct sql_effect *e = &r.v[i];
    migration_read_allow(arena, f->source, i ? r.v[i - 1].to : 0, e->from, e->to, d);
    if (e->error)
      refuse_unread(&r, e, version);
    const bool said = e->changes && !is_passing(&r, e);
    any |= said || e->code;
    if (said && by_hand && !changes)
      diagnostic_hint(d,
                      diagnose(d, PDL_BY_HAND, (struct span){f->source, e->from, e->to},
                               "this statement changes the schema, and %s does not", MIGRATION_STATE),
                      "Write the change into schema.pdl and let pdlc migrate NAME make the statement, or take it out.");
  }
  if (up && by_hand && changes && !any)
    diagnostic_hint(d, diagnose(d, PDL_BY_HAND, (struct span){f->source, 0, (uint32_t)strcspn(f->source->text, "\r\n")},
                                "%s changes with this file, but no statement of it does that", MIGRATION_STATE),
                    "Write what its comments list, then pdlc migrate --sum.");
}

/* The first file that pdlc made began with a state.pdl that says what all before it did. */
static bool was_taken_over(const struct migration_folder *folder, const struct migration *m) {
  for (size_t i = 0; i < folder->count; i++)
    if (folder->v[i].headed)
      return m->number && m->number < folder->v[i].number;
  return true;
}

void migration_check_hand(struct arena *arena, const struct migration_folder *folder, const struct migration *m,
                          int version, struct diagnostics *d) {
  const bool by_hand = folder->state && (m->by_hand || (!m->headed && !was_taken_over(folder, m)));
  const bool changes = m->headed && (!m->before || !m->after || strcmp(m->before, m->after) != 0);
  check_file(arena, &m->up, by_hand, changes, true, version, d);
  check_file(arena, &m->down, by_hand, changes, false, version, d);
}
