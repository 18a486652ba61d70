/* PDL → model: every item goes to its kind; names are declared before any is looked up. */
#include <string.h>

#include "schema/schema.h"

static void index_kinds(struct compile *c) {
  for (int n = 0; n < NODE_KINDS; n++)
    c->kinds_of_nodes[n] = KIND_COUNT;
  for (int k = 0; k < KIND_COUNT; k++)
    for (size_t i = 0; i < ARRAY_LEN(kinds[k]->nodes) && kinds[k]->nodes[i] != NODE_FILE; i++)
      c->kinds_of_nodes[kinds[k]->nodes[i]] = (enum kind_id)k;
}

void compile_item(struct compile *c, const struct node *n, struct object *parent) {
  const enum kind_id id = c->kinds_of_nodes[n->kind];
  if (id != KIND_COUNT)
    kinds[id]->declare(c, n, parent);
}

/* ── clauses that every item may have ── */

static void allow(struct compile *c, const struct node *item, const struct node *clause) {
  for (const struct node *n = clause->parts; n; n = n->next) {
    const struct code_info *info = code_find(n->text);
    if (info && (info->severity == SEVERITY_WARNING || info->code == PDL_SET_NULL_NOT_NULL)) {
      diagnostics_allow(c->diagnostics, info->code, item->span);
      continue;
    }
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_BAD_SETTING, n->span, "\"%s\" is not the code of a warning", n->text),
                    "Write the code that a warning shows, as in allow PDL0202; errors cannot be allowed.");
  }
}

void compile_allow(struct compile *c, const struct node *n) {
  for (const struct node *part = node_part(n, NODE_ALLOW); part; part = part->next)
    if (part->kind == NODE_ALLOW)
      allow(c, n, part);
}

static void common_clauses(struct compile *c, const struct node *n, struct object *o) {
  compile_allow(c, n);
  const struct node *was = compile_clause(c, n, NODE_WAS), *as = compile_clause(c, n, NODE_AS);
  if (was) {
    o->was = was->name.text;
    o->was_schema = was->name.schema;
  }
  if (as)
    o->code_name = as->text;
  if (n->doc && *n->doc->text) /* to Postgres an empty comment is none */
    o->comment = n->doc->text;
}

const struct node *compile_clause(struct compile *c, const struct node *n, enum node_kind kind) {
  const struct node *first = node_part(n, kind);
  if (first)
    for (const struct node *part = first->next; part; part = part->next)
      if (part->kind == kind)
        diagnostic_peer(diagnose(c->diagnostics, PDL_TWICE, part->span, "second \"%s\" on one item", node_word(kind)),
                        first->span, "the first one is here");
  return first;
}

void compile_only(struct compile *c, const struct node *n, const enum node_kind *known) {
  for (const struct node *part = n->parts; part; part = part->next) {
    bool ok = part->kind == NODE_ALLOW || part->kind == NODE_WAS || part->kind == NODE_AS || part->kind == NODE_NAME ||
              part->kind == NODE_OWNER;
    for (const enum node_kind *k = known; !ok && *k != NODE_KINDS; k++)
      ok = *k == part->kind;
    if (!ok)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, part->span, "\"%s\" has no meaning on this %s", node_word(part->kind),
               node_word(n->kind));
  }
}

/* ── names ── */

void compile_role(struct compile *c, const char *name, struct span span) {
  struct role **end = &c->schema->roles;
  if (strcmp(name, "public") == 0)
    return;
  for (; *end; end = &(*end)->next)
    if (strcmp((*end)->name, name) == 0)
      return;
  *end = arena_alloc(c->arena, sizeof **end);
  **end = (struct role){.name = name, .span = span};
}

const char *compile_schema_of(struct name name) {
  return name.schema ? name.schema : "public";
}

static void enter(struct compile *c, enum namespace ns, struct object *o) {
  if (ns == NS_NONE || ns == NS_KIND)
    return;
  const struct object *there = schema_enter(c->schema, ns, o);
  if (!there)
    return;
  struct diagnostic *d = diagnose(c->diagnostics, PDL_DUPLICATE_NAME, o->span, "%s \"%s\" is declared twice",
                                  o->kind == there->kind ? o->kind->word : "name", o->name);
  if (there->span.src)
    diagnostic_peer(d, there->span, o->kind == there->kind ? "first declared here" : "the other one is here");
}

static bool makes_relation(enum kind_id id) {
  return id == KIND_KEY || id == KIND_EXCLUDE;
}

void *compile_object(struct compile *c, enum kind_id id, const struct node *n, struct object *parent) {
  if (!n->name.text)
    return NULL;
  const bool lives_in_schema = kinds[id]->ns == NS_RELATION || kinds[id]->ns == NS_TYPE ||
                               kinds[id]->ns == NS_FUNCTION || kinds[id]->ns == NS_KIND;
  const char *schema_name = parent ? parent->schema : lives_in_schema ? compile_schema_of(n->name) : NULL;
  struct object *o = schema_add(c->schema, id, schema_name, n->name.text, parent);
  o->span = n->name.span;
  o->external = parent && parent->external;
  common_clauses(c, n, o);
  enter(c, kinds[id]->ns, o);
  const struct node *owner = compile_clause(c, n, NODE_OWNER);
  if (owner)
    compile_item(c, owner, o);
  return o;
}

void *compile_table_object(struct compile *c, enum kind_id id, const struct node *n, struct object *table,
                           struct names columns, const char *word) {
  const struct node *name = compile_clause(c, n, NODE_NAME);
  const struct name *given = name ? &name->name : n->kind == NODE_CHECK && n->name.text ? &n->name : NULL;
  if (name && n->kind == NODE_CHECK && n->name.text)
    diagnose(c->diagnostics, PDL_TWICE, name->span, "check has two names");
  struct object *o = schema_add(c->schema, id, table->schema, given ? given->text : NULL, table);
  o->span = given ? given->span : n->span;
  o->external = table->external;
  common_clauses(c, n, o);
  if (given) {
    enter(c, kinds[id]->ns, o);
    if (makes_relation(id))
      enter(c, NS_RELATION, o);
  } else {
    name_later(c, o, columns, word);
  }
  return o;
}

struct names compile_names(struct compile *c, const struct node *list) {
  struct names names = {0};
  size_t count = 0;
  for (const struct node *n = list->parts; n; n = n->next)
    count += n->kind == NODE_NAME;
  names.v = arena_array(c->arena, count, sizeof *names.v);
  for (const struct node *n = list->parts; n; n = n->next) {
    if (n->kind != NODE_NAME)
      continue;
    if (names_hold(names, n->name.text))
      diagnose(c->diagnostics, PDL_TWICE, n->span, "\"%s\" is listed twice", n->name.text);
    else
      names.v[names.n++] = n->name.text;
  }
  return names;
}

void compile_unknown_column(struct compile *c, struct span span, const char *name, const struct object *table) {
  if (c->incomplete)
    return;
  struct spell spell = SPELL_INIT(name);
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN))
      spell_offer(&spell, o->name);
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_COLUMN, span, "table \"%s\" has no column \"%s\"",
                                  table->name, name);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

struct names compile_columns(struct compile *c, const struct node *list, const struct object *table) {
  for (const struct node *n = list->parts; n; n = n->next)
    if (n->kind == NODE_NAME && !child_named(table, KIND_COLUMN, n->name.text))
      compile_unknown_column(c, n->name.span, n->name.text, table);
  return compile_names(c, list);
}

void compile_key_limit(struct compile *c, struct span span, size_t columns) {
  enum { KEYS_MAX = 32 }; /* INDEX_MAX_KEYS */
  if (columns > KEYS_MAX)
    diagnose(c->diagnostics, PDL_TOO_MANY, span, "%zu columns, Postgres allows %d", columns, KEYS_MAX);
}

struct object *compile_find_table(struct compile *c, struct name name) {
  struct object *found = schema_find(c->schema, NS_RELATION, compile_schema_of(name), NULL, name.text);
  if (found && is_kind(found, KIND_TABLE))
    return found;
  if (c->incomplete)
    return NULL;
  struct diagnostic *d;
  if (found) {
    d = diagnose(c->diagnostics, PDL_UNKNOWN_TABLE, name.span, "\"%s\" is not a table", name.text);
    diagnostic_peer(d, found->span, "it is declared here");
    return NULL;
  }
  const bool qualified = name.schema != NULL;
  struct spell spell = SPELL_INIT(name.text);
  const struct object *elsewhere = NULL;
  for (const struct object *o = c->schema->first; o; o = o->next) {
    if (!is_kind(o, KIND_TABLE))
      continue;
    if (strcmp(o->schema, compile_schema_of(name)) == 0)
      spell_offer(&spell, o->name);
    else if (strcmp(o->name, name.text) == 0)
      elsewhere = o;
  }
  d = diagnose(c->diagnostics, PDL_UNKNOWN_TABLE, name.span, "unknown table \"%s%s%s\"", qualified ? name.schema : "",
               qualified ? "." : "", name.text);
  if (elsewhere)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s.%s\"?", elsewhere->schema, elsewhere->name);
  else if (qualified && schema_find(c->schema, NS_RELATION, "public", NULL, name.schema))
    diagnostic_hint(c->diagnostics, d, "A column stands in parentheses: %s (%s).", name.schema, name.text);
  else if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s%s%s\"?", qualified ? name.schema : "", qualified ? "." : "",
                    spell.best);
  else
    diagnostic_hint(c->diagnostics, d, "A table that exists but is not ours is declared with external table.");
  return NULL;
}

struct setting *compile_settings(struct compile *c, const struct node *with) {
  struct setting *list = NULL;
  for (const struct node *n = with ? with->parts : NULL; n; n = n->next) {
    if (n->kind != NODE_SETTING)
      continue;
    const char *name =
        n->name.schema ? arena_printf(c->arena, "%s.%s", n->name.schema, n->name.text) : n->name.text;
    bool there = false;
    for (const struct setting *s = list; s; s = s->next)
      there |= strcmp(s->name, name) == 0;
    if (there)
      diagnose(c->diagnostics, PDL_TWICE, n->span, "\"%s\" is set twice", name);
    else
      setting_add(c->arena, &list, name, n->text);
  }
  return list;
}

bool compile_needs_version(struct compile *c, int version, struct span span, const char *feature) {
  if (c->schema->target.version >= version) {
    struct feature *f = arena_alloc(c->arena, sizeof *f);
    *f = (struct feature){.name = feature, .since = version, .span = span, .next = c->schema->features};
    c->schema->features = f;
    return true;
  }
  struct diagnostic *d = diagnose(c->diagnostics, PDL_TOO_NEW, span, "%s came with Postgres %d, the target is %d",
                                  feature, version, c->schema->target.version);
  if (c->schema->target.span.src)
    diagnostic_peer(d, c->schema->target.span, "the target is set here");
  else
    diagnostic_hint(c->diagnostics, d, "Write target postgres %d, or newer, as the first line.", version);
  return false;
}

bool schema_check_server(const struct schema *s, int version, struct diagnostics *d) {
  const size_t errors = d->errors;
  for (const struct feature *f = s->features; f; f = f->next)
    if (f->since > version)
      diagnose(d, PDL_TOO_NEW, f->span, "%s came with Postgres %d, the server is %d", f->name, f->since, version);
  return d->errors == errors;
}

/* ── blocks ── */

enum { MIXIN_DEPTH_MAX = 256, COLUMNS_MAX = 1600 /* MaxHeapAttributeNumber */ };

/* The mixins of one table: each may stand in it once. */
struct used {
  const struct node *mixin;
  bool open; /* its items are being put in */
  struct used *next;
};

/* What was put into one table so far. */
struct content {
  struct used *used;
  unsigned columns;
};

static void block(struct compile *c, const struct node *n, struct object *table, struct content *content,
                  unsigned depth);

static void use(struct compile *c, const struct node *item, struct object *table, struct content *content,
                unsigned depth) {
  const struct node *mixin = map_get(&c->mixins, item->name.text);
  if (!mixin) {
    if (c->incomplete)
      return;
    struct spell spell = SPELL_INIT(item->name.text);
    for (const struct map_entry *e = map_first(&c->mixins); e; e = map_next(e))
      spell_offer(&spell, map_key(e));
    struct diagnostic *d =
        diagnose(c->diagnostics, PDL_UNKNOWN_MIXIN, item->name.span, "unknown mixin \"%s\"", item->name.text);
    if (spell.best)
      diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
    return;
  }
  for (const struct used *u = content->used; u; u = u->next)
    if (u->mixin == mixin) {
      struct diagnostic *d =
          u->open ? diagnose(c->diagnostics, PDL_CYCLE, item->span, "mixin \"%s\" uses itself", item->name.text)
                  : diagnose(c->diagnostics, PDL_TWICE, item->span, "table \"%s\" uses mixin \"%s\" twice", table->name,
                             item->name.text);
      diagnostic_peer(d, mixin->name.span, "it is declared here");
      return;
    }
  if (depth > MIXIN_DEPTH_MAX) {
    diagnose(c->diagnostics, PDL_TOO_DEEP, item->span, "mixins nest deeper than %d", MIXIN_DEPTH_MAX);
    return;
  }
  struct used *u = arena_alloc(c->arena, sizeof *u);
  *u = (struct used){.mixin = mixin, .open = true, .next = content->used};
  content->used = u;
  block(c, mixin, table, content, depth + 1);
  u->open = false;
}

/* What speaks of columns that were left out is not to blame. */
static void too_many(struct compile *c, const struct node *item, unsigned count) {
  if (count == COLUMNS_MAX + 1)
    diagnose(c->diagnostics, PDL_TOO_MANY, item->span, "more than %d columns", COLUMNS_MAX);
  c->incomplete = true;
}

static void block(struct compile *c, const struct node *n, struct object *table, struct content *content,
                  unsigned depth) {
  for (const struct node *item = n->parts; item; item = item->next) {
    if (item->kind == NODE_USE)
      use(c, item, table, content, depth);
    else if (table->external && item->kind != NODE_COLUMN && item->kind != NODE_PRIMARY && item->kind != NODE_UNIQUE &&
             item->kind != NODE_TRIGGER && item->kind != NODE_POLICY)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, item->span, "\"%s\" has no meaning in an external table",
               node_word(item->kind));
    else if (item->kind == NODE_COLUMN && ++content->columns > COLUMNS_MAX)
      too_many(c, item, content->columns);
    else
      compile_item(c, item, table);
  }
}

void compile_block(struct compile *c, const struct node *n, struct object *table) {
  struct content content = {0};
  block(c, n, table, &content, 0);
}

/* ── the passes ── */

static void mixin(struct compile *c, const struct node *n) {
  const struct node *there = map_add(&c->mixins, n->name.text, (void *)(uintptr_t)n);
  if (there)
    diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, n->name.span, "mixin \"%s\" is declared twice",
                             n->name.text),
                    there->name.span, "first declared here");
  compile_allow(c, n);
}

/* What lives in a schema needs it; what is not ours, the sql block that makes it. */
static void link_schema(struct compile *c, struct object *o) {
  if (!o->schema || o->parent)
    return;
  struct object *by = o->external ? schema_maker(c->schema, o->schema, o->name) : NULL;
  if (by && !by->parent)
    object_prefer(c->schema, o, by);
  struct object *s = schema_find(c->schema, NS_SCHEMA, NULL, NULL, o->schema);
  if (s)
    object_depend(c->schema, o, s);
  if (s || o->external || c->incomplete)
    return;
  struct spell spell = SPELL_INIT(o->schema);
  for (const struct object *each = c->schema->first; each; each = each->next)
    if (is_kind(each, KIND_SCHEMA))
      spell_offer(&spell, each->name);
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_SCHEMA, o->span, "unknown schema \"%s\"", o->schema);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
  else
    diagnostic_hint(c->diagnostics, d, "Declare it on a line of its own: schema %s.", o->schema);
}

/* Postgres makes it with every database. */
static void add_public(struct compile *c) {
  struct object *o = schema_add(c->schema, KIND_SCHEMA, NULL, "public", NULL);
  o->implied = true;
  schema_enter(c->schema, NS_SCHEMA, o);
}

/* Of a table or view that its clauses name: declared when all those are. A shape is linked when all foreign keys are. */
static bool is_late(const struct node *n) {
  return n->kind == NODE_TRIGGER || n->kind == NODE_SHAPE || n->kind == NODE_RULE || n->kind == NODE_STATISTICS_OBJECT;
}

struct schema *schema_compile(struct arena *arena, const struct node *file, struct sql_cache *sql,
                              struct diagnostics *diagnostics) {
  struct compile c = {
      .arena = arena,
      .diagnostics = diagnostics,
      .schema = schema_new(arena),
      .sql = sql,
      .incomplete = diagnostics->errors > 0,
  };
  c.schema->written = true;
  struct schema *s = c.schema;
  map_init(&c.mixins, arena);
  index_kinds(&c);
  s->target.version = VERSION_DEFAULT;
  for (const struct node *n = file->parts; n; n = n->next)
    switch (n->kind) {
    case NODE_TARGET: compile_target(&c, n); break;
    case NODE_NAMING: compile_naming(&c, n); break;
    case NODE_OUTPUT: compile_output(&c, n); break;
    case NODE_MIXIN: mixin(&c, n); break;
    default: break;
    }
  add_public(&c);
  platform_declare(&c, file);
  for (const struct node *n = file->parts; n; n = n->next)
    if (!is_late(n))
      compile_item(&c, n, NULL);
  for (const struct node *n = file->parts; n; n = n->next)
    if (is_late(n))
      compile_item(&c, n, NULL);
  name_pending(&c);
  for EACH_OBJECT(s, o)
    if (o->kind->claim)
      o->kind->claim(&c, o);
  for (struct object *o = s->first; o; o = o->next)
    if (o->kind->complete)
      o->kind->complete(&c, o);
  for EACH_OBJECT(s, o)
    link_schema(&c, o);
  for EACH_OBJECT(s, o)
    if (o->kind->link)
      o->kind->link(&c, o);
  for (int k = 0; k < KIND_COUNT; k++)
    if (kinds[k]->conclude)
      kinds[k]->conclude(&c);
  for (struct object *o = s->first; o; o = o->next)
    if (o->kind->linked)
      o->kind->linked(&c, o);
  if (diagnostics->errors == 0)
    for EACH_OBJECT(s, o)
      if (o->kind->advise && !o->external && !o->inherited)
        o->kind->advise(&c, o);
  return s;
}
