/* Which objects of two models are the same: by name, by `was`, constraints and indexes by content. */
#include "diff/match.h"

#include <string.h>

#include "objects/objects.h"
#include "sql/sql.h"

struct matcher {
  struct arena *arena;
  struct schema *before, *after;
  struct former *formers; /* the last first */
  struct object **far; /* of the older model, what may speak of more than its own table, schemas and extensions */
  size_t far_count;
  struct sql_cache *sql; /* NULL until a column is called otherwise */
};

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static void pair(struct object *before, struct object *after) {
  before->match = after;
  after->match = before;
  before->external = after->external;
}

/* A type of a signature, or of a cast, which is called by its two; quoted names may hold anything. */
static size_t type_length(const char *text) {
  size_t n = 0;
  for (bool quoted = false; text[n] && (quoted || (!strchr(",()", text[n]) && strncmp(text + n, " AS ", 4) != 0)); n++)
    quoted ^= text[n] == '"';
  return n;
}

/* A type begins with the name of it, or of the schema that it or its types are in: whether it is that, by how it goes
 * on. */
static bool speaks_of(struct arena *arena, const char *rest, size_t n, const struct object *of) {
  if (is_kind(of, KIND_SCHEMA))
    return n && *rest == '.';
  if (!is_kind(of, KIND_EXTENSION))
    return !n || *rest == '[';
  const char *brings =
      n && *rest == '.' ? extension_of_type(arena_strndup(arena, rest + 1, strcspn(rest + 1, "[,) "))) : NULL;
  return brings && strcmp(brings, of->name) == 0;
}

/* The signature where a type of it, or the schema of one, is called otherwise from now on. */
static const char *followed(struct arena *arena, const char *signature, const struct object *of,
                            const char *schema_name, const char *name) {
  struct strbuf from = STRBUF_INIT, to = STRBUF_INIT, out = STRBUF_INIT;
  if (is_kind(of, KIND_EXTENSION)) {
    const char *in = ((const struct extension *)of)->in;
    sql_ident(&from, in ? in : "public");
    sql_ident(&to, schema_name);
  } else if (is_kind(of, KIND_SCHEMA)) {
    sql_ident(&from, of->name);
    sql_ident(&to, name);
  } else {
    sql_qualified(&from, of->schema, of->name);
    sql_qualified(&to, schema_name, name);
  }
  for (const char *p = signature; *p;) {
    const size_t n = type_length(p);
    if (n >= from.len && strncmp(p, from.text, from.len) == 0 && speaks_of(arena, p + from.len, n - from.len, of)) {
      strbuf_adds(&out, to.text);
      strbuf_add(&out, p + from.len, n - from.len);
    } else {
      strbuf_add(&out, p, n);
    }
    p += n;
    const size_t between = strncmp(p, " AS ", 4) == 0 ? 4 : strspn(p, ",() ");
    strbuf_add(&out, p, between);
    p += between;
  }
  const char *text = strcmp(out.text, signature) == 0 ? signature : strbuf_dup(&out, arena);
  strbuf_release(&from);
  strbuf_release(&to);
  strbuf_release(&out);
  return text;
}

void signature_follow(struct arena *arena, struct object *o, const struct object *of, const char *schema_name,
                      const char *name) {
  const bool has_rows = is_kind(of, KIND_TABLE) || is_kind(of, KIND_VIEW) || is_kind(of, KIND_MATVIEW);
  if (!is_kind(of, KIND_SCHEMA) && !is_kind(of, KIND_EXTENSION) && of->kind->ns != NS_TYPE && !has_rows)
    return;
  if (o->signature)
    o->signature = followed(arena, o->signature, of, schema_name, name);
  if (is_kind(o, KIND_CAST))
    o->name = followed(arena, o->name, of, schema_name, name);
  if (is_kind(of, KIND_EXTENSION) && (is_kind(o, KIND_FUNCTION) || is_kind(o, KIND_PROCEDURE)))
    routine_follow(arena, o, of, schema_name);
  if (is_kind(o, KIND_DEFAULT_PRIVILEGES) && is_kind(of, KIND_SCHEMA))
    default_privileges_follow(arena, o, of->name, name);
}

static void expr_follows(struct matcher *m, struct expr *e, const struct object *column, const char *name) {
  const char **texts[] = {&e->sql, &e->compared};
  if (!m->sql)
    m->sql = sql_cache_new(m->arena);
  for (size_t i = 0; i < ARRAY_LEN(texts); i++)
    if (*texts[i])
      *texts[i] = sql_rename_column(m->sql, *texts[i], column->name, name);
}

/* The server reads them by the number of the column: nothing is made anew for a name. */
static void exprs_follow(struct matcher *m, struct object *each, const struct object *column, const char *name) {
  for (const struct field *f = each->kind->fields; f->label; f++) {
    void *at = (char *)each + f->offset;
    if (f->type == FIELD_EXPR)
      expr_follows(m, at, column, name);
    const struct index_keys *keys = f->type == FIELD_KEYS ? at : NULL;
    for (size_t i = 0; keys && i < keys->n; i++)
      expr_follows(m, &keys->v[i].expr, column, name);
  }
}

/* Up to where the name ends that the text begins with; 0 where it begins with an expression. */
static size_t name_length(const char *key) {
  size_t n = 0;
  if (*key == '"')
    for (n = 1; key[n] && (key[n] != '"' || key[n + 1] == '"'); n++)
      n += key[n] == '"';
  n = *key == '"' ? n + (key[n] == '"') : strcspn(key, " (");
  return key[n] == '(' ? 0 : n;
}

/* No expression has an operator class behind it: key by key. */
static const char *key_follows(struct matcher *m, const char *by, const struct object *column, const char *name) {
  struct names keys, rests;
  if (!by || !partition_key_texts(m->arena, by, &keys, &rests))
    return by;
  struct strbuf out = STRBUF_INIT;
  strbuf_add(&out, by, strcspn(by, "("));
  bool any = false;
  for (size_t i = 0; i < keys.n; i++) {
    const size_t n = name_length(keys.v[i]);
    const char *was = n ? arena_strndup(m->arena, keys.v[i], n) : keys.v[i];
    const char *is = sql_rename_column(m->sql, was, column->name, name);
    any |= strcmp(was, is) != 0;
    strbuf_addf(&out, "%s%s%s%s", i ? ", " : "(", is, n ? keys.v[i] + n : "", rests.v[i]);
  }
  strbuf_addc(&out, ')');
  by = any ? strbuf_dup(&out, m->arena) : by;
  strbuf_release(&out);
  return by;
}

static void partition_key_follows(struct matcher *m, struct object *table, const struct object *column,
                                  const char *name) {
  struct expr *by = is_kind(table, KIND_TABLE) ? &((struct table *)table)->partition_by : NULL;
  if (!by || !by->sql)
    return;
  if (!m->sql)
    m->sql = sql_cache_new(m->arena);
  by->sql = key_follows(m, by->sql, column, name);
  by->compared = key_follows(m, by->compared, column, name);
}

static void follow(struct matcher *m, struct object *each, const struct object *o, const char *schema_name,
                   const char *name) {
  const enum reads reads = each->kind->reads;
  if (is_kind(o, KIND_COLUMN) && each->parent == o->parent && (reads == READS_TABLE || reads == READS_ROWS))
    exprs_follow(m, each, o, name);
  if (each->kind->follow)
    each->kind->follow(each, o, schema_name, name);
  signature_follow(m->arena, each, o, schema_name, name);
}

static void all_follow(struct matcher *m, struct schema *in, const struct object *o, const char *schema_name,
                       const char *name) {
  for EACH_OBJECT(in, each)
    follow(m, each, o, schema_name, name);
}

static bool reaches_far(const struct object *o) {
  if (is_kind(o, KIND_COLUMN))
    return ((const struct column *)o)->type.schema != NULL;
  return o->signature || is_kind(o, KIND_CAST) || (o->kind->follow && (!o->parent || is_kind(o, KIND_FOREIGN)));
}

static void list_far(struct matcher *m) {
  size_t room = 0;
  for EACH_OBJECT(m->before, o) {
    if (!reaches_far(o))
      continue;
    m->far = arena_grow(m->arena, m->far, m->far_count, &room, sizeof *m->far);
    m->far[m->far_count++] = o;
  }
}

/* Everybody who speaks of it follows. Its children live where it lives. */
static void be_called(struct matcher *m, struct object *o, const char *schema_name, const char *name) {
  if (is_kind(o, KIND_SCHEMA)) {
    all_follow(m, m->before, o, schema_name, name);
  } else if (is_kind(o, KIND_COLUMN) || !o->parent) { /* of other parts nobody speaks */
    for (struct object *each = o->parent ? o->parent->first_child : NULL; each; each = each->next)
      follow(m, each, o, schema_name, name);
    if (o->parent) /* what it is parted by */
      partition_key_follows(m, o->parent, o, name);
    for (size_t i = 0; i < m->far_count; i++)
      if (!o->parent || m->far[i]->parent != o->parent)
        follow(m, m->far[i], o, schema_name, name);
  }
  for EACH_CHILD(o, child)
    child->schema = schema_name;
  o->schema = schema_name;
  o->name = name;
}

static void take_name(struct matcher *m, struct object *o, const char *schema_name, const char *name) {
  if (same_text(o->schema, schema_name) && strcmp(o->name, name) == 0)
    return;
  struct former *f = arena_alloc(m->arena, sizeof *f);
  *f = (struct former){.of = o, .schema = o->schema, .name = o->name, .next = m->formers};
  m->formers = f;
  if (!o->former)
    o->former = f;
  be_called(m, o, schema_name, name);
}

/* A check is renamed below along with the one above. */
static void rename_copies(const struct object *table, const char *old, const char *name) {
  for (const struct depend *heir = tables_below(table); heir; heir = heir->next) {
    struct object *copy = child_named(heir->on, KIND_CHECK, old);
    if (!copy || !copy->inherited)
      continue;
    copy->name = name;
    rename_copies(heir->on, old, name);
  }
}

static void take_match(struct matcher *m, struct object *before, struct object *after) {
  const char *old = before->name;
  pair(before, after);
  take_name(m, before, after->schema, after->name);
  if (is_kind(before, KIND_CHECK) && before->parent && strcmp(old, after->name) != 0)
    rename_copies(before->parent, old, after->name);
  if (is_kind(before, KIND_SCHEMA))
    schema_rename(m->before, old, after->name);
}

/* ── by `was` ── */

/* From this child on. */
static struct object *next_called(struct object *at, const struct object *o, const char *name, bool unmatched) {
  while (at && !(at->kind == o->kind && !(unmatched && at->match) && strcmp(at->name, name) == 0))
    at = at->next;
  return at;
}

static struct object *schema_named(const struct schema *s, const char *name) {
  for (struct object *o = s->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA) && strcmp(o->name, name) == 0)
      return o;
  return NULL;
}

static struct object *called(const struct matcher *m, const struct object *o, const char *schema_name) {
  const struct object wanted = {.kind = o->kind, .schema = schema_name, .name = o->was, .signature = o->signature};
  return schema_same(m->before, &wanted);
}

/* A column is renamed below along with the one above. */
static bool is_renamed_above(const struct object *o) {
  return o->above && same_text(o->above->was, o->was);
}

/* What a schema that was called so is called by now. */
static const char *schema_now(const struct matcher *m, const char *name) {
  for (const struct former *f = m->formers; f && name; f = f->next)
    if (is_kind(f->of, KIND_SCHEMA) && strcmp(f->name, name) == 0)
      return f->of->name;
  return name;
}

/* Without a schema `was` means the object's own, else public. */
static struct object *formerly(const struct matcher *m, const struct object *o) {
  if (!o->was || is_renamed_above(o))
    return NULL;
  if (o->parent)
    return next_called(o->parent->match->first_child, o, o->was, false);
  if (is_kind(o, KIND_SCHEMA)) {
    struct object *found = schema_named(m->before, o->was);
    return found && !found->implied ? found : NULL;
  }
  struct object *found = called(m, o, o->schema && !o->was_schema ? o->schema : schema_now(m, o->was_schema));
  return found || o->was_schema || !o->schema ? found : called(m, o, "public");
}

/* Whether what it was has no other match; or only by a name that was handed on, so that the match has one in turn. */
static bool is_free(const struct matcher *m, struct object *o) {
  struct object *before = formerly(m, o), *next = before ? before->match : NULL;
  if (!before || !next || strcmp(next->name, before->name) != 0 || !same_text(next->schema, before->schema))
    return before && !next;
  pair(before, o);
  next->match = NULL;
  const bool free = is_free(m, next);
  pair(before, next);
  o->match = NULL;
  return free;
}

static void rename_below(struct matcher *m, const struct object *column) {
  for (const struct depend *heir = tables_below(column->parent); heir; heir = heir->next)
    for EACH_CHILD(heir->on, o) {
      struct object *table = o->above == column ? heir->on->match : NULL;
      struct object *now = table ? child_named(table, KIND_COLUMN, column->name) : NULL;
      if (!now || now->match || now->above != column->match)
        continue;
      if (o->match)
        o->match->match = NULL;
      be_called(m, o, o->schema, column->name);
      pair(o, now);
      rename_below(m, o);
    }
}

/* By `was`; and what had its former name meanwhile. */
static void match_formerly(struct matcher *m, struct object *o) {
  bool free = !o->match && !o->external && is_free(m, o);
  while (free) {
    struct object *before = formerly(m, o), *next = before->match;
    if (next)
      next->match = NULL;
    take_match(m, before, o);
    if (is_kind(o, KIND_COLUMN))
      rename_below(m, before);
    o = next;
    free = next != NULL;
  }
}

/* ── schemas ── */

static void match_schemas(struct matcher *m) {
  for (struct object *o = m->after->first; o; o = o->next) {
    struct object *before = is_kind(o, KIND_SCHEMA) ? schema_named(m->before, o->name) : NULL;
    if (before)
      pair(before, o);
  }
  for (struct object *o = m->after->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA))
      match_formerly(m, o);
}

/* ── extensions ── */

/* Where it will be if nobody says: where it is; where a new one would be, if a model says all, or is what goes back to
 * it. */
static const char *resting_place(const struct matcher *m, const struct extension *was, const struct extension *now) {
  const struct object *in = was->in ? schema_named(m->before, was->in) : NULL;
  const bool goes = in && !in->match && !in->implied;
  if (m->before->written || m->after->whole || goes)
    return now->placed ? now->in : was->in ? "public" : NULL;
  return was->in;
}

/* What it brings is where it is. */
static void match_extensions(struct matcher *m) {
  for (struct object *o = m->after->first; o; o = o->next) {
    struct object *before = is_kind(o, KIND_EXTENSION) ? schema_same(m->before, o) : NULL;
    struct extension *was = (struct extension *)before, *now = (struct extension *)o;
    const char *place = was && (!now->in || now->placed) ? resting_place(m, was, now) : NULL;
    if (place && !same_text(place, now->in)) {
      all_follow(m, m->after, o, place, o->name);
      now->in = place;
    }
    if (was && now->in && !same_text(was->in, now->in))
      all_follow(m, m->before, before, now->in, before->name);
  }
}

/* ── sequences ── */

/* Of a serial column, which the newer model declares: it is there already. */
static void unfold_sequences(struct matcher *m) {
  for (struct object *o = m->after->count[KIND_SEQUENCE] ? m->before->first : NULL; o; o = o->next)
    for (struct object *child = is_kind(o, KIND_TABLE) ? o->first_child : NULL; child; child = child->next) {
      struct column *col = (struct column *)child;
      const char *name = is_kind(child, KIND_COLUMN) && col->serial ? column_sequence(m->arena, col) : NULL;
      const struct object *now = name ? schema_find(m->after, NS_RELATION, o->schema, NULL, name) : NULL;
      if (now && is_kind(now, KIND_SEQUENCE) && !schema_find(m->before, NS_RELATION, o->schema, NULL, name)) {
        sequence_unfold(m->before, col);
        schema_forget(m->before);
      }
    }
}

/* ── the top level ── */

static void match_top(struct matcher *m) {
  for (struct object *o = m->after->first; o; o = o->next) {
    struct object *before = is_kind(o, KIND_SCHEMA) ? NULL : schema_same(m->before, o);
    if (before)
      pair(before, o);
  }
  for (struct object *o = m->after->first; o; o = o->next)
    if (!is_kind(o, KIND_SCHEMA))
      match_formerly(m, o);
  if (!m->formers)
    return;
  schema_forget(m->before); /* routines may take types that were renamed */
  schema_identify(m->before);
  for (struct object *o = m->after->first; o; o = o->next) {
    struct object *before = !o->match && (o->signature || is_kind(o, KIND_CAST)) ? schema_same(m->before, o) : NULL;
    if (before && !before->match)
      pair(before, o);
  }
}

/* ── children ── */

/* By name, starting where the last one was found: two models mostly have the same order. */
static void match_children(struct object *before, struct object *after) {
  struct object *from = before->first_child;
  for EACH_CHILD(after, o) {
    struct object *at = next_called(from, o, o->name, true);
    if (!at)
      at = next_called(before->first_child, o, o->name, true);
    if (!at)
      continue;
    pair(at, o);
    from = at->next;
  }
}

static void match_renamed(struct matcher *m, struct object *after, bool columns) {
  for EACH_CHILD(after, o)
    if (is_kind(o, KIND_COLUMN) == columns)
      match_formerly(m, o);
}

/* Postgres would rename the trigger, and not its constraint. */
static bool keeps_name(const struct object *o) {
  return is_kind(o, KIND_TRIGGER) && ((const struct trigger *)o)->constraint;
}

/* Of a database, whose words are not ours: a check whose name comes from a column that is called otherwise now. */
static bool is_called_after_column(const struct matcher *m, const struct object *before, const struct object *after) {
  bool renamed = false;
  if (m->before->written || !is_kind(before, KIND_CHECK) || !after->default_name)
    return false;
  for EACH_CHILD(before->parent, o)
    renamed |= is_kind(o, KIND_COLUMN) && o->former && names_hold(((const struct check *)before)->columns, o->name);
  return renamed && names_equal_sets(((const struct check *)before)->columns, ((const struct check *)after)->columns);
}

/* A constraint that says the same under another name is the same; but a check of one's own goes where one comes from
 * above. */
static void match_content(struct matcher *m, struct object *before, struct object *after) {
  for EACH_CHILD(after, o) {
    if (o->match || o->implied || o->kind->optional || is_kind(o, KIND_COLUMN) || keeps_name(o))
      continue;
    for EACH_CHILD(before, each) {
      if (each->kind != o->kind || each->match || (is_kind(o, KIND_CHECK) && each->inherited != o->inherited) ||
          (object_differs(each, o) && !is_called_after_column(m, each, o)))
        continue;
      take_match(m, each, o);
      break;
    }
  }
}

void match_models(struct arena *arena, struct schema *before, struct schema *after) {
  struct matcher m = {.arena = arena, .before = before, .after = after};
  for EACH_OBJECT(before, o) {
    o->match = NULL;
    o->former = NULL;
  }
  for EACH_OBJECT(after, o) {
    o->match = NULL;
    o->former = NULL;
  }
  match_schemas(&m);
  unfold_sequences(&m);
  schema_identify(before);
  match_extensions(&m);
  list_far(&m);
  match_top(&m);
  for (struct object *o = after->first; o; o = o->next)
    if (o->match && o->first_child)
      match_children(o->match, o);
  for (struct object *o = after->first; o; o = o->next)
    if (o->match && !o->external)
      match_renamed(&m, o, true);
  for (struct object *o = after->first; o; o = o->next)
    if (o->match && !o->external) {
      match_renamed(&m, o, false);
      match_content(&m, o->match, o);
    }
}
