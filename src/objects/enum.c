/* enum: CREATE TYPE … AS ENUM. */
#include <string.h>

#include "objects/objects.h"

enum { LABEL_MAX_BYTES = 63 };

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct enum_type *e = compile_object(c, KIND_ENUM, n, NULL);
  if (!e)
    return;
  const size_t count = node_count(n, NODE_LABEL);
  e->labels = arena_array(c->arena, count, sizeof *e->labels);
  e->names.v = arena_array(c->arena, count, sizeof *e->names.v);
  struct map seen;
  map_init(&seen, c->arena);
  for (const struct node *part = n->parts; part; part = part->next) {
    if (part->kind != NODE_LABEL)
      continue;
    if (strlen(part->text) > LABEL_MAX_BYTES)
      diagnose(c->diagnostics, PDL_NAME_TOO_LONG, part->text_span, "label is %zu bytes long, Postgres keeps %d",
               strlen(part->text), LABEL_MAX_BYTES);
    if (map_add(&seen, part->text, e)) {
      diagnose(c->diagnostics, PDL_TWICE, part->text_span, "label \"%s\" is listed twice", part->text);
      continue;
    }
    const struct node *was = compile_clause(c, part, NODE_WAS), *as = compile_clause(c, part, NODE_AS);
    e->labels[e->label_count++] = (struct enum_label){
        .text = part->text,
        .was = was ? was->text : NULL,
        .code_name = as ? as->text : NULL,
        .comment = part->doc ? part->doc->text : NULL,
        .span = part->text_span,
    };
    e->names.v[e->names.n++] = part->text;
  }
}

static void create(const struct object *o, struct strbuf *out) {
  const struct enum_type *e = (const struct enum_type *)o;
  strbuf_adds(out, "CREATE TYPE ");
  sql_object(out, o);
  strbuf_adds(out, " AS ENUM (");
  for (size_t i = 0; i < e->names.n; i++) {
    if (i)
      strbuf_adds(out, ", ");
    sql_literal(out, e->names.v[i]);
  }
  strbuf_adds(out, ");\n");
}

static void drop(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "DROP TYPE ");
  sql_object(out, o);
  strbuf_adds(out, ";\n");
}

static void add_all(struct map *m, const struct enum_type *e) {
  for (size_t i = 0; i < e->names.n; i++)
    map_add(m, e->names.v[i], (void *)(uintptr_t)e->names.v[i]);
}

const char **enum_labels_now(struct arena *arena, const struct enum_type *before, const struct enum_type *after) {
  const char **now = arena_array(arena, before->names.n, sizeof *now);
  struct map held, stay, renamed;
  map_init(&held, arena);
  map_init(&stay, arena);
  map_init(&renamed, arena);
  add_all(&held, before);
  add_all(&stay, after);
  for (size_t i = 0; i < after->label_count; i++) {
    const struct enum_label *label = &after->labels[i];
    if (label->was && !map_get(&held, label->text))
      map_add(&renamed, label->was, (void *)(uintptr_t)label->text);
  }
  for (size_t i = 0; i < before->names.n; i++) {
    const char *same = map_get(&stay, before->names.v[i]);
    now[i] = same ? same : map_get(&renamed, before->names.v[i]);
  }
  return now;
}

/* Postgres neither drops labels nor moves them. */
static bool only_grows(const struct enum_type *before, const struct enum_type *after, const char *const *now) {
  size_t at = 0;
  for (size_t i = 0; i < before->names.n; i++) {
    while (now[i] && at < after->names.n && strcmp(after->names.v[at], now[i]) != 0)
      at++;
    if (!now[i] || at++ == after->names.n)
      return false;
  }
  return true;
}

void enum_widen(struct arena *arena, struct object *o, const struct object *narrow, const struct object *wide) {
  struct enum_type *e = (struct enum_type *)o;
  const struct enum_type *from = (const struct enum_type *)wide, *own = (const struct enum_type *)narrow;
  const char **there = enum_labels_now(arena, from, own);
  struct map held;
  map_init(&held, arena);
  add_all(&held, own);
  e->label_count = from->label_count;
  e->labels = arena_array(arena, e->label_count, sizeof *e->labels);
  e->names = (struct names){arena_array(arena, e->label_count, sizeof *e->names.v), e->label_count};
  for (size_t i = 0; i < e->label_count; i++) {
    const struct enum_label *label = &from->labels[i];
    const bool earlier = label->was && map_get(&held, label->was) && !map_get(&held, label->text);
    const char *now = earlier ? label->was : there[i];
    e->labels[i] = *label;
    e->labels[i].text = e->names.v[i] = now ? now : label->text;
    e->labels[i].was = now && !earlier && strcmp(now, label->text) != 0 ? label->text : NULL;
  }
}

static void alter_type(const struct object *o, const char *verb, const char *label, struct strbuf *out) {
  strbuf_adds(out, "ALTER TYPE ");
  sql_object(out, o);
  strbuf_addf(out, " %s VALUE ", verb);
  sql_literal(out, label);
}

/* Also where the type is made anew: its values come over by their labels. */
static void rename_labels(const struct object *from, const char *const *now, struct strbuf *out) {
  const struct enum_type *before = (const struct enum_type *)from;
  for (size_t i = 0; i < before->names.n; i++) {
    if (!now[i] || strcmp(now[i], before->names.v[i]) == 0)
      continue;
    alter_type(from, "RENAME", before->names.v[i], out);
    strbuf_adds(out, " TO ");
    sql_literal(out, now[i]);
    strbuf_adds(out, ";\n");
  }
}

static void renamed(struct object *before, struct strbuf *out) {
  struct arena arena = ARENA_INIT;
  rename_labels(before,
                enum_labels_now(&arena, (struct enum_type *)before, (const struct enum_type *)before->match), out);
  arena_release(&arena);
}

static bool alter(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  (void)fields;
  const struct enum_type *before = (const struct enum_type *)from, *after = (const struct enum_type *)to;
  struct arena arena = ARENA_INIT;
  const char **now = enum_labels_now(&arena, before, after);
  if (!only_grows(before, after, now)) {
    arena_release(&arena);
    return false;
  }
  rename_labels(from, now, out);
  struct map stood;
  map_init(&stood, &arena);
  for (size_t i = 0; i < before->names.n; i++)
    map_add(&stood, now[i], (void *)(uintptr_t)now[i]);
  for (size_t i = 0; i < after->names.n; i++) {
    if (map_get(&stood, after->names.v[i]))
      continue;
    alter_type(to, "ADD", after->names.v[i], out);
    size_t next = i + 1;
    while (i == 0 && next < after->names.n && !map_get(&stood, after->names.v[next]))
      next++;
    if (i > 0 || next < after->names.n) {
      strbuf_adds(out, i > 0 ? " AFTER " : " BEFORE ");
      sql_literal(out, after->names.v[i > 0 ? i - 1 : next]);
    }
    strbuf_adds(out, ";\n");
  }
  arena_release(&arena);
  return true;
}

static void losses(const struct object *from, const struct object *to, uint64_t fields, struct strbuf *out) {
  (void)fields;
  const struct enum_type *before = (const struct enum_type *)from;
  struct arena arena = ARENA_INIT;
  const char **now = enum_labels_now(&arena, before, (const struct enum_type *)to);
  for (size_t i = 0; i < before->names.n; i++)
    if (!now[i])
      strbuf_addf(out, "%s\n", before->names.v[i]);
  arena_release(&arena);
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "TYPE ");
  sql_object(out, o);
}

static const char *query(int version) {
  (void)version;
  return "SELECT t.oid, t.typnamespace, t.typname,"
         " (SELECT pg_catalog.array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)"
         " FROM pg_catalog.pg_type t WHERE t.typtype = 'e' AND t.typnamespace = ANY ($1)"
         " ORDER BY pg_catalog.array_position($1, t.typnamespace), t.typname";
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  if (catalog_of_extension(c, "pg_type", row_peek(row, 0)))
    return;
  struct enum_type *e =
      schema_add(c->schema, KIND_ENUM, catalog_name(c, "pg_namespace", row_peek(row, 1)), row_text(row, 2), NULL);
  catalog_keep(c, "pg_type", row_peek(row, 0), &e->object);
  e->names = row_names(arena, row, 3);
  e->label_count = e->names.n;
  e->labels = arena_array(arena, e->label_count, sizeof *e->labels);
  for (size_t i = 0; i < e->label_count; i++)
    e->labels[i].text = e->names.v[i];
}

static void print(const struct object *o, struct strbuf *out) {
  const struct enum_type *e = (const struct enum_type *)o;
  pdl_doc(out, o);
  strbuf_adds(out, "enum ");
  pdl_name(out, o->schema, o->name);
  pdl_owner(out, o);
  strbuf_adds(out, " {\n");
  for (size_t i = 0; i < e->names.n; i++) {
    const char *label = e->names.v[i];
    const bool bare = label[0] >= 'a' && label[0] <= 'z' && !syntax_is_taken(label) &&
                      label[strspn(label, "abcdefghijklmnopqrstuvwxyz_0123456789")] == '\0';
    if (bare)
      strbuf_adds(out, label);
    else
      pdl_string(out, label);
    strbuf_addc(out, '\n');
  }
  strbuf_adds(out, "}\n");
}

static const struct field fields[] = {FIELD(enum_type, names, FIELD_NAMES, "labels"), FIELD_END};

const struct kind enum_kind = {
    .word = "enum",
    .size = sizeof(struct enum_type),
    .ns = NS_TYPE,
    .fields = fields,
    .nodes = {NODE_ENUM},
    .declare = declare,
    .create = create,
    .target_name = target_name,
    .drop = drop,
    .alter = alter,
    .reverse = enum_reverse,
    .renamed = renamed,
    .losses = losses,
    .query = query,
    .sorts = "type e",
    .read = read,
    .print = print,
    .breaks = enum_breaks,
};
