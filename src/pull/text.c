/* A live model as PDL, ordered for reading. */
#include <string.h>

#include "pull/private.h"

static bool schema_is_read(const struct schema *live, const char *name) {
  for (const struct object *o = live->first; o; o = o->next)
    if (is_kind(o, KIND_SCHEMA) && strcmp(o->name, name) == 0)
      return true;
  return false;
}

/* Policies stand in the block of their table; where only some schemas are asked for, those of others are not. */
static void print_policies(const struct pulled *p, const char *schema_name, const char *name, struct strbuf *out) {
  if (p->partial)
    return;
  for EACH_OBJECT(p->live, o)
    if (is_kind(o, KIND_POLICY) && o->parent->external && strcmp(o->parent->schema, schema_name) == 0 &&
        strcmp(o->parent->name, name) == 0)
      pdl_object(o, out);
}

/* A trigger stands at the top level; it needs a block only of a table that is not known without one. */
static bool is_spoken_of(const struct pulled *p, const struct object *table, bool known) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_POLICY) ? !p->partial : !known)
      return true;
  return false;
}

/* Of a table that is known without a block and has one: what foreign keys need of it. */
static void print_known_key(const struct schema *live, const struct object *known, struct strbuf *out) {
  const struct key *primary = known ? table_primary(known) : NULL;
  bool any = false;
  for EACH_OBJECT(live, o)
    any |= is_kind(o, KIND_FOREIGN) && ((const struct foreign *)o)->table == known;
  for (size_t i = 0; any && primary && i < primary->columns.n; i++) {
    const struct column *column = table_column(known, primary->columns.v[i]);
    pdl_word(out, column->object.name);
    strbuf_addc(out, ' ');
    pdl_type(out, &column->type);
    strbuf_adds(out, primary->columns.n == 1 ? " pk\n" : "\n");
  }
}

/* Tables outside of what is read that foreign keys point at, or that have triggers or policies of ours: known, not
 * ours. */
static void print_external(const struct pulled *p, struct strbuf *out) {
  const struct schema *live = p->live, *platform = p->platform;
  struct map done;
  map_init(&done, p->arena);
  for EACH_OBJECT(live, o) {
    const struct foreign *f = (const struct foreign *)o;
    if (!is_kind(o, KIND_FOREIGN) || schema_is_read(live, f->table_schema) || (f->table && f->table->span.src))
      continue; /* the platform's are known */
    struct strbuf key = STRBUF_INIT;
    pdl_name(&key, f->table_schema, f->table_name);
    const bool first = !map_add(&done, key.text, out);
    strbuf_release(&key);
    if (!first)
      continue;
    strbuf_adds(out, "external table ");
    pdl_name(out, f->table_schema, f->table_name);
    strbuf_adds(out, " {\n");
    for (size_t i = 0; i < f->target_columns.n; i++) {
      const struct column *own = table_column(o->parent, f->columns.v[i]);
      pdl_word(out, f->target_columns.v[i]);
      strbuf_addc(out, ' ');
      pdl_type(out, &own->type);
      strbuf_addc(out, '\n');
    }
    strbuf_adds(out, "pk ");
    pdl_names(out, f->target_columns);
    strbuf_addc(out, '\n');
    print_policies(p, f->table_schema, f->table_name, out);
    strbuf_adds(out, "}\n\n");
  }
  for (const struct object *o = live->first; o; o = o->next) {
    struct strbuf name = STRBUF_INIT;
    pdl_name(&name, o->schema ? o->schema : "", o->name);
    const struct object *known =
        platform && is_kind(o, KIND_TABLE) ? schema_find(platform, NS_RELATION, o->schema, NULL, o->name) : NULL;
    if (o->external && is_kind(o, KIND_TABLE) && is_spoken_of(p, o, known != NULL) && !map_add(&done, name.text, out)) {
      strbuf_addf(out, "external table %s {\n", name.text);
      print_known_key(live, known, out);
      print_policies(p, o->schema, o->name, out);
      strbuf_adds(out, "}\n\n");
    }
    strbuf_release(&name);
  }
}

/* What stands at the top level though it has a table; triggers of tables that are not ours. */
static void print_outer(const struct schema *live, struct strbuf *out) {
  for EACH_OBJECT(live, o)
    if ((o->kind->outside || (is_kind(o, KIND_TRIGGER) && o->parent->external)) && !pull_in_sql(o))
      pdl_object(o, out);
}

/* Privileges that no block of a table says. */
static void print_privileges(const struct schema *live, struct strbuf *out) {
  for EACH_OBJECT(live, o)
    if (is_kind(o, KIND_PRIVILEGES) && !privileges_in_block(o) && !pull_in_sql(o))
      pdl_object(o, out);
}

/* ── mixins: the same last columns in several tables ── */

enum { MIXIN_TABLES = 3, MIXIN_COLUMNS = 2, MIXIN_LONGEST = 6 };

/* A table's last columns as text: the last n of them stand at from[n], where it has more than those. */
struct ending {
  struct table *table;
  const char *text, *from[MIXIN_LONGEST + 1];
};

struct tail {
  const char *text;
  size_t columns, tables;
};

static struct ending ending_of(struct arena *arena, struct object *table) {
  struct ending e = {.table = (struct table *)table};
  size_t all = 0, at = 0, starts[MIXIN_LONGEST + 1] = {0};
  if (e.table->parents.n)
    return e;
  for EACH_CHILD(table, o)
    all += is_kind(o, KIND_COLUMN);
  struct strbuf text = STRBUF_INIT;
  for EACH_CHILD(table, o) {
    const size_t left = is_kind(o, KIND_COLUMN) ? all - at++ : 0;
    if (left == 0 || left > MIXIN_LONGEST)
      continue;
    starts[left] = text.len;
    o->kind->print(o, &text);
  }
  e.text = strbuf_dup(&text, arena);
  for (size_t n = MIXIN_COLUMNS; n <= MIXIN_LONGEST && n < all; n++)
    if (!strstr(e.text + starts[n], "->"))
      e.from[n] = e.text + starts[n];
  strbuf_release(&text);
  return e;
}

static void take_into_mixin(struct object *table, size_t count) {
  size_t all = 0, at = 0;
  for EACH_CHILD(table, o)
    all += is_kind(o, KIND_COLUMN);
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN) && at++ >= all - count)
      o->mark = PULLED_BY_MIXIN;
}

/* The longest such tail that enough tables share becomes a mixin. */
static void recognise_mixin(const struct schema *live, struct arena *arena, struct strbuf *out) {
  struct ending *endings = arena_array(arena, live->count[KIND_TABLE], sizeof *endings);
  struct tail *best = NULL;
  size_t n = 0;
  for (struct object *o = live->first; o; o = o->next)
    if (is_kind(o, KIND_TABLE) && o->pulled_as == PULLED_AS_PDL)
      endings[n++] = ending_of(arena, o);
  for (size_t count = MIXIN_LONGEST; count >= MIXIN_COLUMNS && !best; count--) {
    struct map tails;
    map_init(&tails, arena);
    for (size_t i = 0; i < n; i++) {
      const char *text = endings[i].from[count];
      struct tail *t = text ? map_get(&tails, text) : NULL;
      if (text && !t) {
        t = arena_alloc(arena, sizeof *t);
        *t = (struct tail){.text = text, .columns = count};
        map_add(&tails, text, t);
      }
      if (t && ++t->tables >= MIXIN_TABLES && (!best || t->tables > best->tables))
        best = t;
    }
  }
  if (!best)
    return;
  const char *name = strstr(best->text, "created") || strstr(best->text, "updated") ? "timestamps" : "common";
  for (size_t i = 0; i < n; i++) {
    const char *text = endings[i].from[best->columns];
    if (!text || strcmp(text, best->text) != 0)
      continue;
    take_into_mixin(&endings[i].table->object, best->columns);
    endings[i].table->mixin = name;
  }
  strbuf_addf(out, "mixin %s {\n%s}\n\n", name, best->text);
}

static void print_naming(const struct schema *live, struct strbuf *out) {
  if (!live->naming)
    return;
  strbuf_adds(out, "naming {\n");
  for (const struct setting *s = live->naming; s; s = s->next) {
    strbuf_addf(out, "%s ", s->name);
    strbuf_addc(out, '"');
    for (const char *p = s->value; *p; p++)
      strbuf_addf(out, *p == '"' ? "\"\"" : "%c", *p);
    strbuf_adds(out, "\"\n");
  }
  strbuf_adds(out, "}\n\n");
}

static const struct object *ours(const struct schema *live, const char *schema_name, const char *name) {
  for (const struct object *o = live->first; o; o = o->next)
    if (!o->external && strcmp(o->name, name) == 0 &&
        (o->schema && schema_name ? strcmp(o->schema, schema_name) == 0 : !o->schema && !schema_name))
      return o;
  return NULL;
}

void pull_print_block(struct strbuf *out, const char *name, const char *needs, const char *up, const char *down) {
  strbuf_adds(out, "sql ");
  pdl_word(out, name);
  if (needs)
    strbuf_addf(out, " needs %s", needs);
  strbuf_adds(out, " {\nup ");
  sql_dollar(out, up);
  if (down) {
    strbuf_adds(out, "\ndown ");
    sql_dollar(out, down);
  }
  strbuf_adds(out, "\n}\n");
}

/* A sql block a leftover of what is ours; what speaks of other blocks' parts waits for the last of them. Two may have
 * one name: they are numbered. */
static void print_leftovers(const struct schema *live, struct arena *arena, const struct leftover *all,
                            const char *last, struct strbuf *out) {
  for (const struct leftover *l = all; l; l = l->next) {
    unsigned number = 1;
    for (const struct leftover *other = all; other != l; other = other->next)
      number += strcmp(other->name, l->name) == 0;
    const struct object *needed = l->needs ? ours(live, l->needs_schema, l->needs) : NULL;
    if (l->needs && !needed)
      continue;
    struct strbuf needs = STRBUF_INIT;
    if (needed && needed->pulled_as == PULLED_AS_PDL)
      pdl_name(&needs, needed->schema, needed->name);
    if (needed && last) {
      strbuf_adds(&needs, needs.len ? ", " : "");
      pdl_word(&needs, last);
    }
    const char *name = number > 1 ? arena_printf(arena, "%s_%u", l->name, number) : l->name;
    pull_print_block(out, name_shorten(arena, name), needs.len ? needs.text : NULL, l->up, l->down);
    strbuf_release(&needs);
  }
}

/* What others must know of a table that a sql block makes. */
static void print_made_table(struct object *o, struct strbuf *out) {
  strbuf_adds(out, "external table ");
  pdl_name(out, o->schema, o->name);
  strbuf_adds(out, " {\n");
  for EACH_CHILD(o, child) {
    const struct column *col = (const struct column *)child;
    if (child->pulled_as == NOT_PULLED || (!is_kind(child, KIND_COLUMN) && !is_kind(child, KIND_KEY)))
      continue;
    child->text_from = out->len;
    if (is_kind(child, KIND_COLUMN)) {
      pdl_word(out, child->name);
      strbuf_addc(out, ' ');
      pdl_type(out, &col->type);
      strbuf_adds(out, col->not_null ? "\n" : "?\n");
    } else {
      const struct key *key = (const struct key *)child;
      strbuf_adds(out, key->primary ? "pk " : "unique ");
      pdl_names(out, key->columns);
      strbuf_addc(out, '\n');
    }
    child->text_to = out->len;
  }
  strbuf_adds(out, "}\n\n");
}

static void print_kind(struct schema *live, enum kind_id kind, struct strbuf *out) {
  bool any = false;
  for (struct object *o = live->first; o; o = o->next) {
    if (!is_kind(o, kind) || !o->kind->print || o->external)
      continue;
    const size_t before = out->len;
    if (kind == KIND_TABLE && o->pulled_as == PULLED_AS_SQL)
      print_made_table(o, out);
    else
      pdl_object(o, out);
    any |= out->len > before;
    if (out->len > before && owner_is_possible(o))
      strbuf_addc(out, '\n');
  }
  if (any)
    strbuf_addc(out, '\n');
}

void pull_print(const struct pulled *p, struct strbuf *out) {
  struct schema *live = p->live;
  struct arena *arena = p->arena;
  for EACH_OBJECT(live, o) {
    o->text_from = o->text_to = 0;
    o->mark = 0;
    if (pull_in_sql(o))
      o->external = false; /* as it was before its table was compared with what the text says of it */
    if (is_kind(o, KIND_TABLE))
      ((struct table *)o)->mixin = NULL;
  }
  struct spelled *spelled = pull_spell_out(arena, live);
  strbuf_addf(out, "target %s %d\n\n", live->target.platform == PLATFORM_SUPABASE ? "supabase" : "postgres",
              live->target.version);
  if (!p->plain) {
    print_naming(live, out);
    recognise_mixin(live, arena, out);
  }
  print_external(p, out);
  for (int k = 0; k < KIND_COUNT; k++)
    print_kind(live, (enum kind_id)k, out);
  print_outer(live, out);
  print_privileges(live, out);
  const char *last = pull_print_blocks(p, out);
  print_leftovers(live, arena, p->leftovers, last, out);
  pull_spell_back(spelled);
}
