/* What a Supabase database has that is the platform's: none of it is ours to change. */
#include "objects/objects.h"

static const char *const api_roles[] = {"anon", "authenticated", "service_role"};

static bool platform_gives(const struct privileges *p) {
  const char *schema_name = p->object.parent->schema;
  const bool given = p->of == ACL_TABLE || p->of == ACL_SEQUENCE || p->of == ACL_ROUTINE;
  return given && schema_name && strcmp(schema_name, "public") == 0;
}

void platform_may_give(const struct schema *s, struct privileges *p) {
  int since;
  if (s->target.platform != PLATFORM_SUPABASE)
    return;
  if (p->of == ACL_SCHEMA && strcmp(p->object.parent->name, "public") == 0)
    for (size_t i = 0; i < ARRAY_LEN(api_roles); i++)
      acl_add(s->arena, &p->usual, api_roles[i], NULL, acl_bit(ACL_SCHEMA, "usage", &since), 0);
  if (!platform_gives(p))
    return;
  for (size_t i = 0; i < ARRAY_LEN(api_roles); i++) {
    privileges_may_have(s->arena, p, api_roles[i]);
    acl_add(s->arena, &p->usual, api_roles[i], NULL, acl_all(p->of, p->version), 0);
  }
  if (p->of == ACL_ROUTINE) /* newer projects take it from everybody */
    privileges_may_have(s->arena, p, "public");
}

/* What a new object in public has on most projects beside what is usual, or a schema that the API looks into. */
static bool is_as_given(struct arena *arena, struct grant *usual, struct names texts, enum acl_class of, int version) {
  int since;
  const unsigned bits = of == ACL_SCHEMA ? acl_bit(of, "usage", &since) : acl_all(of, version);
  for (size_t i = 0; i < ARRAY_LEN(api_roles); i++)
    acl_add(arena, &usual, api_roles[i], NULL, bits, 0);
  if (of == ACL_SCHEMA)
    acl_add(arena, &usual, "public", NULL, bits | (version < 15 ? acl_bit(of, "create", &since) : 0), 0);
  struct names wanted = acl_texts(arena, usual, of, version);
  for (size_t i = 0; i < texts.n; i++)
    if (!names_hold(wanted, texts.v[i]) && strncmp(texts.v[i], "postgres: ", 10) != 0)
      return false;
  for (size_t i = 0; i < wanted.n; i++)
    if (!names_hold(texts, wanted.v[i]))
      return false;
  return true;
}

static bool is_system_role(const char *name) {
  static const char *const all[] = {"anon",      "authenticated", "authenticator", "service_role",
                                    "pgbouncer", "pgtle_admin",   "dashboard_user"};
  for (size_t i = 0; i < ARRAY_LEN(all); i++)
    if (strcmp(name, all[i]) == 0)
      return true;
  return strncmp(name, "supabase_", 9) == 0 || strncmp(name, "cli_login_", 10) == 0 ||
         strncmp(name, "pgsodium_key", 12) == 0;
}

/* Whether what is new in public gets here what it gets on most projects. */
static bool gives_as_most(const struct schema *live, enum acl_class of) {
  bool gives = false;
  for EACH_OF_KIND(live, KIND_DEFAULT_PRIVILEGES, o) {
    const struct default_privileges *d = (const struct default_privileges *)o;
    if (d->of != of || (d->role && strcmp(d->role, "postgres") != 0))
      continue;
    if (!d->in && !o->kind->given(o))
      return false;
    if (d->in && strcmp(d->in, "public") == 0)
      gives = is_as_given(live->arena, NULL, d->texts, of, d->version);
  }
  return gives;
}

static bool is_platforms(struct arena *arena, const struct object *o, const bool gives[ACL_CLASSES]) {
  const struct default_privileges *d = (const struct default_privileges *)o;
  const struct privileges *p = (const struct privileges *)o;
  if (is_kind(o, KIND_EXTENSION))
    return platform_has_extension(o->name);
  if (is_kind(o, KIND_DEFAULT_PRIVILEGES))
    return (d->role && is_system_role(d->role)) || (d->in && is_as_given(arena, NULL, d->texts, d->of, d->version));
  if (is_kind(o, KIND_PRIVILEGES) && !(platform_gives(p) && !gives[p->of])) {
    struct grant *usual = NULL;
    acl_give(arena, &usual, p->of);
    return is_as_given(arena, usual, p->texts, p->of, p->version);
  }
  return (o->kind->ns == NS_FUNCTION && strcmp(o->name, "rls_auto_enable") == 0) || strcmp(o->name, "ensure_rls") == 0;
}

void platform_recognise(struct schema *live, const struct schema *known) {
  for EACH_OBJECT(live, o) {
    struct foreign *f = (struct foreign *)o;
    struct object *table = is_kind(o, KIND_FOREIGN) && (!f->table || f->table->external)
                               ? schema_find(known, NS_RELATION, f->table_schema, NULL, f->table_name) : NULL;
    if (table && table_is_unique(table, f->target_columns))
      f->table = table;
  }
}

void platform_ignore(struct schema *live) {
  live->target.platform = PLATFORM_SUPABASE;
  for (struct object *o = live->first; o; o = o->next)
    if (is_kind(o, KIND_EXTENSION))
      ((struct extension *)o)->stated = true;
  bool gives[ACL_CLASSES];
  for (enum acl_class of = ACL_TABLE; of < ACL_CLASSES; of++)
    gives[of] = gives_as_most(live, of);
  for EACH_OBJECT(live, o)
    if (!o->external && is_platforms(live->arena, o, gives))
      o->external = true;
    else if (is_kind(o, KIND_PRIVILEGES))
      ((struct privileges *)o)->stripped = platform_gives((struct privileges *)o) && o->kind->given(o);
}
