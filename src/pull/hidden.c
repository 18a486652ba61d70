/* Names of pg_catalog that something in public has, too: PDL would find that one, so the text spells them out. The model
 * itself stays as the server prints it, which it is compared with. */
#include <string.h>

#include "pull/private.h"

struct spelled {
  const char **at, *was;
  struct spelled *next;
};
struct hider {
  struct arena *arena;
  struct map functions, relations, collations, classes;
  struct map all_names;
  struct sql_cache *sql;
  struct spelled *all;
};

static void say(struct hider *h, const char **at, const char *text) {
  if (text == *at)
    return;
  struct spelled *one = arena_alloc(h->arena, sizeof *one);
  *one = (struct spelled){.at = at, .was = *at, .next = h->all};
  h->all = one;
  *at = text;
}

static const char *schema_of(void *ctx, const struct sql_ref *ref) {
  const struct hider *h = ctx;
  const struct map *names = ref->kind == SQL_REF_FUNCTION                                      ? &h->functions
                            : ref->kind == SQL_REF_COLLATION                                  ? &h->collations
                            : ref->kind == SQL_REF_RELATION || ref->kind == SQL_REF_SEQUENCE ? &h->relations
                                                                                              : NULL;
  return names && map_get(names, ref->name) ? "pg_catalog" : NULL;
}

/* What the parser cannot read has its calls spelled out all the same. */
static void spell_text(struct hider *h, const char **at, bool query) {
  struct sql_error err;
  struct sql_statement statement;
  const bool literals = map_count(&h->relations) > 0; /* 'pg_class'::regclass */
  if (!*at || !(sql_mentions(h->arena, *at, &h->all_names) || (literals && strstr(*at, "'pg_"))))
    return; /* nearly always */
  const struct sql_expr *e = query ? NULL : sql_parse_expr(h->sql, *at, &err);
  if (e)
    say(h, at, sql_qualify(h->arena, *at, e->refs, e->ref_count, schema_of, h));
  else if (query && sql_parse_query(h->sql, *at, &statement, &err))
    say(h, at, sql_qualify(h->arena, statement.text, statement.refs, statement.ref_count, schema_of, h));
  else
    say(h, at, sql_qualify_calls(h->arena, *at, &h->functions));
}

static void spell_expr(struct hider *h, struct expr *e, bool query) {
  spell_text(h, &e->sql, query);
  spell_text(h, &e->compared, query);
}

/* "C": a name alone is that of pg_catalog. */
static void spell_collation(struct hider *h, const char **at) {
  const char *schema_name, *name;
  if (!*at)
    return;
  catalog_split_name(h->arena, *at, &schema_name, &name);
  if (!schema_name && map_get(&h->collations, name))
    say(h, at, arena_printf(h->arena, "pg_catalog.%s", *at));
}

static void spell_keys(struct hider *h, struct index_keys *keys) {
  for (size_t i = 0; i < keys->n; i++) {
    struct index_key *k = &keys->v[i];
    spell_expr(h, &k->expr, false);
    if (k->collation && !k->collation_schema && map_get(&h->collations, k->collation))
      say(h, &k->collation_schema, "pg_catalog");
    if (k->opclass && !k->opclass_schema && map_get(&h->classes, k->opclass))
      say(h, &k->opclass_schema, "pg_catalog");
  }
}

/* What is no field that could be told by its type. */
static void spell_parts(struct hider *h, struct object *o) {
  if (is_kind(o, KIND_DOMAIN)) {
    for (struct domain_check *check = ((struct domain *)o)->checks; check; check = check->next)
      spell_expr(h, &check->expr, false);
    spell_collation(h, &((struct domain *)o)->collation);
  } else if (is_kind(o, KIND_COLUMN)) {
    spell_collation(h, &((struct column *)o)->collation);
  } else if (is_kind(o, KIND_VIEW)) {
    for (struct setting *s = ((struct sql_view *)o)->defaults; s; s = s->next)
      spell_text(h, &s->value, false);
  } else if ((is_kind(o, KIND_FUNCTION) || is_kind(o, KIND_PROCEDURE)) && ((struct function *)o)->arguments) {
    const char **at = &((struct function *)o)->arguments;
    say(h, at, sql_qualify_calls(h->arena, *at, &h->functions));
  }
}

static void hide(struct hider *h, struct object *o) {
  struct map *names = o->kind->ns == NS_FUNCTION           ? &h->functions
                      : o->kind->ns == NS_RELATION         ? &h->relations
                      : is_kind(o, KIND_COLLATION)         ? &h->collations
                      : is_kind(o, KIND_OPERATOR_CLASS) ? &h->classes
                                                           : NULL;
  if (names && strcmp(o->schema, "public") == 0 && (names != &h->relations || strncmp(o->name, "pg_", 3) == 0)) {
    map_set(names, o->name, o);
    map_set(&h->all_names, o->name, o);
  }
}

struct spelled *pull_spell_out(struct arena *arena, struct schema *live) {
  struct hider h = {.arena = arena, .sql = sql_cache_new(arena)};
  struct map *const names[] = {&h.functions, &h.relations, &h.collations, &h.classes, &h.all_names};
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    map_init(names[i], arena);
  for (struct object *o = live->first; o; o = o->next)
    hide(&h, o);
  for (struct object *o = map_count(&h.all_names) ? live->first : NULL; o; o = object_after(o)) {
    for (const struct field *f = o->kind->fields; f->label; f++) {
      void *at = (char *)o + f->offset;
      if (f->type == FIELD_EXPR)
        spell_expr(&h, at, o->kind->reads == READS_QUERY);
      else if (f->type == FIELD_KEYS)
        spell_keys(&h, at);
    }
    spell_parts(&h, o);
  }
  return h.all;
}

void pull_spell_back(struct spelled *all) {
  for (; all; all = all->next)
    *all->at = all->was;
}
