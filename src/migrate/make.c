/* The files that make one model of another, and the way back. */
#include <string.h>

#include "diff/hazards.h"
#include "migrate/private.h"
#include "objects/objects.h"

struct migration_plan *migration_plan_one(struct arena *arena, const struct migration_models *models, bool offline,
                                          struct diagnostics *d) {
  struct migration_plan *p = arena_alloc(arena, sizeof *p);
  *p = (struct migration_plan){.arena = arena, .models = *models, .sql = sql_cache_new(arena), .offline = offline};
  models_pair(models);
  p->there = changes_between(arena, models->before, models->after);
  models_add_blocks(arena, models->before, models->after, &p->there);
  models_check_blocks(models->before, d);
  models_reverse_intents(arena, models);
  p->back = changes_between(arena, models->after_again, models->before_again);
  models_add_blocks(arena, models->after_again, models->before_again, &p->back);
  models_drop_extensions(arena, models->after_again, &p->back);
  p->up = plan_create(arena, models->after, &p->there, d);
  p->down = plan_create(arena, models->before_again, &p->back, d);
  models_check_values(&p->down, d);
  return p;
}

const struct changes *migration_changes(const struct migration_plan *p) {
  return &p->there;
}

bool migration_pending(const struct migration_plan *p) {
  return p->ups.count > 0 || p->stages;
}

struct names migration_losses(const struct migration_plan *p) {
  return p->up.losses;
}

/* ── likely renames ── */

/* Tables by their columns; anything else by its own content. */
static bool same_shape(const struct object *a, const struct object *b) {
  if (a->kind != b->kind || object_differs(a, b))
    return false;
  const struct object *x = a->first_child, *y = b->first_child;
  bool any = !x && !y && a->kind->ns == NS_COLUMN;
  for (; x && x->kind->ns == NS_COLUMN && y && y->kind->ns == NS_COLUMN; x = x->next, y = y->next, any = true)
    if (strcmp(x->name, y->name) != 0 || object_differs(x, y))
      return false;
  return any && !(x && x->kind->ns == NS_COLUMN) && !(y && y->kind->ns == NS_COLUMN);
}

static bool same_place(const struct object *a, const struct object *b) {
  return a->parent ? b->parent && a->parent->match == b->parent : !b->parent;
}

static void likely_rename(struct arena *arena, const struct object *gone, const struct object *new,
                          struct diagnostics *d) {
  struct strbuf was = STRBUF_INIT, path = STRBUF_INIT;
  const bool moved = !gone->parent && gone->schema && strcmp(gone->schema, new->schema) != 0;
  pdl_name(&was, moved ? gone->schema : NULL, gone->name);
  strbuf_add_shell(&path, object_path(arena, gone));
  diagnostic_hint(d,
                  diagnose(d, PDL_LIKELY_RENAME, new->span, "is %s the former %s?", object_title(arena, new),
                           object_title(arena, gone)),
                  "If so, write: was %s. If not, consent to its loss: --drop %s", was.text, path.text);
  strbuf_release(&was);
  strbuf_release(&path);
}

void migration_likely_renames(struct arena *arena, const struct migration_plan *p, const struct names *consents,
                              struct diagnostics *d) {
  const struct changes *all = &p->there;
  for (size_t i = 0; i < all->count; i++) {
    const struct object *gone = all->v[i].before;
    if (all->v[i].verb != CHANGE_REMOVE || !object_holds_data(gone) ||
        loss_consented(consents, object_path(arena, gone)))
      continue;
    for (size_t k = 0; k < all->count; k++) {
      const struct object *new = all->v[k].after;
      if (all->v[k].verb != CHANGE_ADD || !same_shape(gone, new) || !same_place(gone, new))
        continue;
      likely_rename(arena, gone, new, d);
      break;
    }
  }
}

/* ── files ── */

/* Names, each once. */
struct noted {
  struct names names;
  size_t room;
  struct map held;
};
struct file {
  size_t slot;
  struct strbuf up, down;
  bool up_alone, down_alone;
  bool up_unchecked, down_unchecked;
  struct noted drops, losses, stays, converted, filled, lacking;
};
struct files {
  struct arena *arena;
  struct file *v;
  size_t count, room;
};

static void note(struct arena *arena, struct noted *noted, const char *name) {
  if (!noted->names.n)
    map_init(&noted->held, arena);
  if (map_add(&noted->held, name, noted))
    return;
  noted->names.v = arena_grow(arena, noted->names.v, noted->names.n, &noted->room, sizeof *noted->names.v);
  noted->names.v[noted->names.n++] = name;
}

/* Losses by the path of what loses: the object's own, "users", and those of its parts, "users.email". */
static struct map losses_by_path(struct arena *arena, const struct names *losses) {
  struct map by_path;
  map_init(&by_path, arena);
  for (size_t i = 0; i < losses->n; i++)
    for (size_t n = 0; n <= strlen(losses->v[i]); n++) {
      if (losses->v[i][n] != '.' && losses->v[i][n] != '\0')
        continue;
      const char *path = arena_strndup(arena, losses->v[i], n);
      struct noted *noted = map_get(&by_path, path);
      if (!noted)
        map_add(&by_path, path, noted = arena_alloc(arena, sizeof *noted));
      note(arena, noted, losses->v[i]);
    }
  return by_path;
}

/* Those of the object that the move is about; where it is altered, what that is a part of may lose, too. */
static void note_losses(struct arena *arena, const struct map *by_path, const struct move *m, struct noted *out) {
  if (!map_count(by_path) || !m->step)
    return;
  const char *path = object_path(arena, m->step->object);
  const struct noted *own = map_get(by_path, path);
  for (size_t i = 0; own && i < own->names.n; i++)
    note(arena, out, own->names.v[i]);
  for (const char *dot = path; m->step->verb == STEP_ALTER && (dot = strchr(dot, '.')) != NULL; dot++) {
    const char *whole = arena_strndup(arena, path, (size_t)(dot - path));
    const struct noted *above = map_get(by_path, whole);
    if (above && map_get(&above->held, whole))
      note(arena, out, whole);
  }
}

static struct file *file_of(struct files *files, const struct move *m) {
  for (size_t i = 0; i < files->count; i++)
    if (files->v[i].slot == m->slot && m->mode != PIECE_ALONE)
      return &files->v[i];
  size_t at = files->count;
  while (at > 0 && files->v[at - 1].slot > m->slot)
    at--;
  files->v = arena_grow(files->arena, files->v, files->count, &files->room, sizeof *files->v);
  memmove(files->v + at + 1, files->v + at, (files->count - at) * sizeof *files->v);
  files->v[at] = (struct file){.slot = m->slot, .up = STRBUF_INIT, .down = STRBUF_INIT};
  files->count++;
  return &files->v[at];
}

/* Of pieces whose undos take all of the change back, or of those in which a step has a part. */
static void put_undos(const struct migration_plan *p, struct files *files, bool undone) {
  for (size_t i = p->ups.count; i-- > 0;) {
    const struct move *m = &p->ups.v[i];
    if (m->mode != PIECE_ALONE && m->undo && m->undone == undone)
      strbuf_adds(&file_of(files, m)->down, m->undo);
  }
}

static struct files make_files(const struct migration_plan *p) {
  struct files files = {.arena = p->arena};
  const struct map drops = losses_by_path(p->arena, &p->up.losses),
                   converted = losses_by_path(p->arena, &p->up.rewritten[REWRITES_VALUES]),
                   filled = losses_by_path(p->arena, &p->up.rewritten[REWRITES_NULLS]),
                   gone = losses_by_path(p->arena, &p->down.losses),
                   emptied = losses_by_path(p->arena, &p->down.rewritten[REWRITES_NULLS]);
  for (size_t i = 0; i < p->ups.count; i++) {
    const struct move *m = &p->ups.v[i];
    struct file *f = file_of(&files, m);
    strbuf_adds(&f->up, m->sql);
    f->up_unchecked |= m->step && step_is_unchecked(m->step);
    f->up_alone = m->mode == PIECE_ALONE;
    note_losses(p->arena, &drops, m, &f->drops);
    note_losses(p->arena, &converted, m, &f->converted);
    note_losses(p->arena, &filled, m, &f->filled);
    if (m->step->verb == STEP_CREATE && models_stays(m->step->object))
      note(p->arena, &f->stays, m->step->object->name);
    if (f->up_alone && m->undo) {
      strbuf_adds(&f->down, m->undo);
      f->down_alone = true;
    }
  }
  put_undos(p, &files, false); /* before names change */
  for (size_t i = 0; i < p->downs.count; i++) {
    struct file *f = file_of(&files, &p->downs.v[i]);
    strbuf_adds(&f->down, p->downs.v[i].sql);
    f->down_unchecked |= p->downs.v[i].step && step_is_unchecked(p->downs.v[i].step);
    note_losses(p->arena, &gone, &p->downs.v[i], &f->losses);
    note_losses(p->arena, &emptied, &p->downs.v[i], &f->losses);
    if (p->downs.v[i].step && models_lack_value(p->downs.v[i].step))
      note(p->arena, &f->lacking, object_path(p->arena, p->downs.v[i].step->object->parent));
  }
  put_undos(p, &files, true);
  return files;
}

/* ── text ── */

static const char *in_short(struct arena *arena, const struct names *names) {
  enum { SHOWN = 8 };
  struct strbuf out = STRBUF_INIT;
  for (size_t i = 0; i < names->n && i < SHOWN; i++)
    strbuf_addf(&out, "%s%s", i ? ", " : "", names->v[i]);
  if (names->n > SHOWN)
    strbuf_addf(&out, " and %zu more", names->n - SHOWN);
  const char *text = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return text;
}

static void add_label(struct arena *arena, struct migration *m, const char *text) {
  m->label_text = m->label_text ? arena_printf(arena, "%s; %s", m->label_text, text) : text;
}

static void set_label(struct arena *arena, struct migration *m, const struct file *f) {
  const struct names *stays = &f->stays.names, *losses = &f->losses.names, *filled = &f->filled.names;
  struct noted gone = {0};
  for (size_t i = 0; i < f->drops.names.n; i++)
    note(arena, &gone, f->drops.names.v[i]);
  for (size_t i = 0; i < f->converted.names.n; i++)
    note(arena, &gone, f->converted.names.v[i]);
  m->label = gone.names.n || stays->n ? DOWN_IRREVERSIBLE : losses->n || filled->n ? DOWN_LOSSY : DOWN_LOSSLESS;
  if (gone.names.n)
    add_label(arena, m, arena_printf(arena, "what was in %s is gone", in_short(arena, &gone.names)));
  else if (stays->n)
    add_label(arena, m,
              arena_printf(arena, "what these sql blocks made stays, they have no down: %s", in_short(arena, stays)));
  else if (losses->n)
    add_label(arena, m, arena_printf(arena, "what is in %s goes", in_short(arena, losses)));
  if (filled->n)
    add_label(arena, m, arena_printf(arena, "what was null in %s stays filled", in_short(arena, filled)));
  if (f->lacking.names.n)
    add_label(arena, m,
              arena_printf(arena, "going back fails where there are rows in %s", in_short(arena, &f->lacking.names)));
}

struct migration_file migration_file_named(struct arena *arena, const struct migration_folder *folder,
                                           const struct migration *m, bool down, const char *text, size_t len) {
  struct migration_file f = {.transaction = down ? m->down.transaction : m->up.transaction};
  f.name = folder->layout == LAYOUT_SUPABASE
               ? arena_printf(arena, "%s%s_%s.sql", down ? "down/" : "", m->version, m->name)
               : arena_printf(arena, "%s_%s.%s.sql", m->version, m->name, down ? "down" : "up");
  f.path = arena_printf(arena, "%s/%s", folder->path, f.name);
  f.source = source_new(arena, f.path, text, len);
  f.sha256 = digest_sha256(arena, text, len);
  return f;
}

const char *migration_version(struct arena *arena, enum layout layout, unsigned long long number) {
  return arena_printf(arena, layout == LAYOUT_SUPABASE ? "%014llu" : "%04llu", number);
}

static void set_file(struct arena *arena, const struct migration_folder *folder, struct migration *m, bool down,
                     bool unchecked, const char *search_path, const char *body) {
  struct strbuf text = STRBUF_INIT;
  migration_header_print(m, down, &text);
  strbuf_addf(&text, "\n%s", unchecked ? PLAN_UNCHECKED : "");
  if (search_path && *body)
    strbuf_addf(&text, "SET search_path = %s;\n", search_path);
  strbuf_adds(&text, *body ? body : "-- nothing to do\n");
  *(down ? &m->down : &m->up) = migration_file_named(arena, folder, m, down, text.text, text.len);
  strbuf_release(&text);
}

static struct migration *append(struct arena *arena, const struct migration_options *options, size_t part,
                                struct migration_folder *folder) {
  if (!folder->count)
    folder->layout = options->layout;
  folder->v = arena_grow(arena, folder->v, folder->count, &folder->room, sizeof *folder->v);
  const struct migration *last = folder->count ? &folder->v[folder->count - 1] : NULL;
  struct migration *m = &folder->v[folder->count++];
  *m = (struct migration){
      .number = last ? last->number + 1 : 1, .parent = last ? last->up.sha256 : NULL, .headed = true};
  if (folder->layout == LAYOUT_SUPABASE && m->number < options->stamp)
    m->number = options->stamp;
  m->version = migration_version(arena, folder->layout, m->number);
  m->name = part ? arena_printf(arena, "%s_%zu", options->name, part + 1) : options->name;
  m->before = m->after = options->before;
  m->up.transaction = m->down.transaction = true;
  return m;
}

static void write_stage(struct arena *arena, struct migration_plan *p, const struct migration_options *options,
                        size_t *part, struct migration_folder *folder) {
  struct files files = make_files(p);
  const struct schema *after = p->models.after;
  struct hazards *hazards = hazards_new(arena, p->models.before, after, after->target.version);
  for (size_t i = 0; i < files.count; i++) {
    struct file *f = &files.v[i];
    struct migration *m = append(arena, options, (*part)++, folder);
    if (i + 1 == files.count && !p->next)
      m->after = options->after;
    m->up.transaction = !f->up_alone;
    m->down.transaction = !f->down_alone;
    m->drops = f->drops.names;
    set_label(arena, m, f);
    hazards_commit(hazards);
    if (options->before) /* the first one meets nobody */
      hazards_say(hazards, f->up.text, &m->hazards);
    set_file(arena, folder, m, false, f->up_unchecked, f->up_alone ? NULL : p->up.search_path, f->up.text);
    set_file(arena, folder, m, true, f->down_unchecked, f->down_alone ? NULL : p->down.search_path, f->down.text);
    strbuf_release(&f->up);
    strbuf_release(&f->down);
  }
}

void migration_write(struct arena *arena, struct migration_plan *p, const struct migration_options *options,
                     struct migration_folder *folder) {
  size_t part = 0;
  for (struct migration_plan *each = p->stages ? p->stages : p; each; each = each->next)
    write_stage(arena, each, options, &part, folder);
}

void migration_write_empty(struct arena *arena, const struct migration_options *options, const struct changes *changes,
                           struct migration_folder *folder) {
  struct migration *m = append(arena, options, 0, folder);
  struct strbuf body = STRBUF_INIT, said = STRBUF_INIT;
  m->after = options->after;
  m->by_hand = true;
  changes_print(changes, arena, &said, false);
  for (const char *line = said.text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    strbuf_adds(&body, body.len ? "--   " : "-- What it must come to, by hand:\n--   ");
    sql_comment(&body, arena_strndup(arena, line, (size_t)(end - line)));
    strbuf_addc(&body, '\n');
  }
  strbuf_release(&said);
  strbuf_adds(&body, "-- Write its statements here.\n");
  set_file(arena, folder, m, false, false, NULL, body.text);
  set_file(arena, folder, m, true, false, NULL, "-- Write here what takes them back.\n");
  strbuf_release(&body);
}
