/* Advice on who may see and do what: what Supabase's advisors say of a database, said before there is one, and what
 * follows from policies and privileges together. */
#include <strings.h>

#include "objects/objects.h"

static bool on_supabase(const struct compile *c) {
  return c->schema->target.platform == PLATFORM_SUPABASE;
}

/* The API shows what lives in public. */
static bool in_api(const struct compile *c, const struct object *o) {
  return on_supabase(c) && o->schema && strcmp(o->schema, "public") == 0;
}

/* Where the part is in the text, or NULL. */
static const char *holds(const char *text, const char *part) {
  const size_t n = strlen(part);
  for (; *text; text++)
    if (strncasecmp(text, part, n) == 0)
      return text;
  return NULL;
}

static const char *const commands[] = {"select", "insert", "update", "delete"};

static bool covers(const struct policy *p, const char *command) {
  return strcmp(p->command, "all") == 0 || strcmp(p->command, command) == 0;
}

static bool is_for(const struct policy *p, const char *role) {
  return names_hold(p->roles, "public") || names_hold(p->roles, role);
}

/* A permissive policy that lets the role do it. */
static const struct policy *lets(const struct object *table, const char *role, const char *command) {
  for EACH_CHILD(table, o) {
    const struct policy *p = (const struct policy *)o;
    if (is_kind(o, KIND_POLICY) && !p->restrictive && covers(p, command) && is_for(p, role))
      return p;
  }
  return NULL;
}

/* Row level security does not hold for them. */
static bool bypasses(const char *role) {
  return strcmp(role, "service_role") == 0 || strcmp(role, "postgres") == 0;
}

/* Whether both are tried for somebody: a policy for everybody is for the others' roles too. */
static bool overlap(const struct policy *a, const struct policy *b) {
  for (size_t i = 0; i < a->roles.n; i++)
    if (!bypasses(a->roles.v[i]) && is_for(b, a->roles.v[i]))
      return true;
  for (size_t i = 0; i < b->roles.n && names_hold(a->roles, "public"); i++)
    if (!bypasses(b->roles.v[i]))
      return true;
  return false;
}

static const struct privileges *managed(const struct object *o) {
  return (const struct privileges *)child_named(o, KIND_PRIVILEGES, "privileges");
}

static bool may(enum acl_class of, const struct grant *list, const char *role, const char *word) {
  int since;
  const unsigned bit = acl_bit(of, word, &since);
  for (const struct grant *g = list; g; g = g->next)
    if ((strcmp(g->role, role) == 0 || strcmp(g->role, "public") == 0) && g->bits & bit)
      return true;
  return false;
}

/* Whether a new object may be used so, by what the schema says of new ones there; where it says nothing: `usual`. */
static bool may_when_new(const struct compile *c, enum acl_class of, const char *in, const char *role,
                         const char *word, bool usual) {
  for EACH_OF_KIND(c->schema, KIND_DEFAULT_PRIVILEGES, o) {
    const struct default_privileges *d = (const struct default_privileges *)o;
    if (d->of == of && (!d->role || bypasses(d->role)) &&
        (in ? d->in && strcmp(in, d->in) == 0 : !d->in))
      return may(of, d->list, role, word);
  }
  return usual;
}

/* Which of the API's roles may do it, the least first; NULL: none. The platform grants all on what is new in public,
 * and everybody may execute a new function. */
static const char *api_may(const struct compile *c, const struct object *o, enum acl_class of, const char *word) {
  static const char *const roles[] = {"anon", "authenticated"};
  const struct privileges *p = managed(o);
  for (size_t i = 0; i < ARRAY_LEN(roles); i++)
    if (p ? may(of, p->list, roles[i], word)
          : may_when_new(c, of, NULL, roles[i], word, of == ACL_ROUTINE) ||
                may_when_new(c, of, o->schema, roles[i], word, true))
      return roles[i];
  return NULL;
}

/* ── tables ── */

/* Words of names that hold what nobody but its owner should read; and whole names. */
static bool is_sensitive(const char *name) {
  static const char *const words[] = {"password",
                                      "passwd",
                                      "passphrase",
                                      "secret",
                                      "private_key",
                                      "secret_key",
                                      "api_key",
                                      "apikey",
                                      "access_token",
                                      "refresh_token",
                                      "oauth_token",
                                      "session_token",
                                      "bearer_token",
                                      "recovery_code",
                                      "backup_code",
                                      "ssn",
                                      "social_security",
                                      "credit_card",
                                      "card_number",
                                      "cvv",
                                      "bank_account",
                                      "routing_number",
                                      "iban",
                                      "passport_number",
                                      "driver_license",
                                      "drivers_license",
                                      "national_id",
                                      "tax_id",
                                      "health_record",
                                      "medical_record",
                                      "otp",
                                      "ssh_key",
                                      "pgp_key",
                                      "gpg_key"};
  static const char *const names[] = {"pwd",         "token",          "jwt",         "auth_key",      "auth_code",
                                      "session_id",  "session_key",    "two_factor",  "passport_id",   "license_number",
                                      "cvc",         "account_number", "patient_id",  "license_key",   "activation_key",
                                      "mac_address", "imei",           "device_uuid", "verification_code"};
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    if (strcasecmp(name, names[i]) == 0)
      return true;
  for (size_t i = 0; i < ARRAY_LEN(words); i++) {
    const char *at = strstr(name, words[i]);
    const size_t n = strlen(words[i]);
    if (at && (at == name || at[-1] == '_') && (!at[n] || at[n] == '_'))
      return true;
  }
  return false;
}

static void advise_sensitive(struct compile *c, const struct object *table) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN) && is_sensitive(o->name))
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_SENSITIVE_COLUMN, o->span, "\"%s\" of \"%s\" is open to the API",
                               o->name, table->name),
                      "Add rls and policies to the table, or keep it in a schema that the API does not show.");
}

/* Where pg_graphql is said to be on: who may select sees that it is there, and what it has, whatever policies say. */
static void advise_graphql(struct compile *c, const struct object *o) {
  const char *role = api_may(c, o, ACL_TABLE, "select");
  if (!role || !in_api(c, o) || !schema_find(c->schema, NS_EXTENSION, NULL, NULL, "pg_graphql"))
    return;
  diagnostic_hint(c->diagnostics,
                  diagnose(c->diagnostics, PDL_GRAPHQL_VISIBLE, o->span, "%s \"%s\" is shown by GraphQL to \"%s\"",
                           o->kind->word, o->name, role),
                  "Grant select on %s to others alone, unless its columns are no secret.", o->name);
}

/* Of what knows no row level security. */
static void advise_unguarded(struct compile *c, const struct object *o, const char *word) {
  if (api_may(c, o, ACL_TABLE, "select"))
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_MATVIEW_IN_API, o->span, "%s \"%s\" is open to the API", word, o->name),
        "It knows no row level security: put it in another schema, or revoke all on %s from anon, authenticated.",
        o->name);
}

static void advise_rls(struct compile *c, const struct table *t) {
  const struct object *o = &t->object, *policy = NULL;
  if (t->server) {
    if (in_api(c, o))
      advise_unguarded(c, o, "foreign table");
    return;
  }
  const bool open = !t->rls && in_api(c, o) && api_may(c, o, ACL_TABLE, "select");
  if (open)
    advise_sensitive(c, o);
  for EACH_CHILD(o, child)
    if (is_kind(child, KIND_POLICY) && !policy)
      policy = child;
  if (!t->rls && policy)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_POLICY_WITHOUT_RLS, policy->span,
                             "table \"%s\" has policies but no row level security", o->name),
                    "They do nothing until the table has a line rls.");
  else if (open)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_NO_RLS, o->span,
                             "table \"%s\" is open to the API: it has no row level security", o->name),
                    "Add rls and policies, or access owner(…) to authenticated.");
  else if (t->rls && !policy)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_RLS_WITHOUT_POLICY, o->span,
                             "table \"%s\" has row level security but no policy", o->name),
                    "Nobody but its owner sees a row: add a policy.");
}

static void advise_grants(struct compile *c, const struct table *t) {
  const struct object *o = &t->object;
  const struct privileges *p = managed(o);
  const char *last = "";
  for (const struct grant *g = p && t->rls ? p->list : NULL; g; g = g->next) {
    if (strcmp(last, g->role) == 0 || bypasses(g->role))
      continue;
    last = g->role;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
      if (may(p->of, p->list, g->role, commands[i]) && !lets(o, g->role, commands[i]))
        diagnostic_hint(c->diagnostics,
                        diagnose(c->diagnostics, PDL_GRANT_WITHOUT_POLICY, p->object.span,
                                 "\"%s\" is granted %s on \"%s\", but no policy lets it", g->role, commands[i], o->name),
                        "Add a policy for %s to %s, or do not grant it.", commands[i], g->role);
  }
}

static void advise_sequences(struct compile *c, const struct object *table) {
  const struct privileges *p = managed(table);
  for EACH_CHILD(table, o) {
    if (!p || !is_kind(o, KIND_COLUMN) || !((const struct column *)o)->serial)
      continue;
    const char *name = arena_printf(c->arena, "sequence of %s", o->name);
    const struct privileges *own = (const struct privileges *)child_named(table, KIND_PRIVILEGES, name);
    const char *sequence = column_sequence(c->arena, (const struct column *)o);
    for (const struct grant *g = p->list; g; g = g->next)
      if (!g->column && may(p->of, p->list, g->role, "insert") &&
          (!own || !may(own->of, own->list, g->role, "usage")))
        diagnostic_hint(c->diagnostics,
                        diagnose(c->diagnostics, PDL_SERIAL_WITHOUT_GRANT, o->span,
                                 "\"%s\" may insert into \"%s\", but not use the sequence of \"%s\"", g->role,
                                 table->name, o->name),
                        "Add grant usage on sequence %s to %s, or make the column int identity.", sequence, g->role);
  }
}

static void advise_realtime(struct compile *c, const struct table *t) {
  const struct object *o = &t->object, *realtime = child_named(o, KIND_REALTIME, "realtime");
  bool any = false;
  for EACH_CHILD(o, child)
    any |= is_kind(child, KIND_POLICY) && covers((const struct policy *)child, "select");
  if (realtime && !table_primary(o))
    diagnose(c->diagnostics, PDL_REALTIME_BLIND, realtime->span,
             "table \"%s\" is sent by realtime, but has no primary key", o->name);
  else if (realtime && t->rls && !any)
    diagnose(c->diagnostics, PDL_REALTIME_BLIND, realtime->span,
             "table \"%s\" is sent by realtime, but no policy lets anybody select", o->name);
}

void advise_table_access(struct compile *c, const struct object *o) {
  const struct table *t = (const struct table *)o;
  advise_rls(c, t);
  advise_graphql(c, o);
  advise_grants(c, t);
  advise_sequences(c, o);
  advise_realtime(c, t);
}

/* ── policies ── */

/* Called for each row, of the table or of one that a subquery reads, unless it stands in a subquery of its own. */
static void advise_calls(struct compile *c, const struct node *clauses, const struct sql_statement *s) {
  static const char *const names[] = {"uid", "jwt", "role", "email"};
  for (size_t i = 0; s->text && i < s->ref_count; i++) {
    const struct sql_ref *ref = &s->refs[i];
    bool slow = !ref->schema && strcmp(ref->name, "current_setting") == 0;
    for (size_t n = 0; n < ARRAY_LEN(names); n++)
      slow |= ref->schema && strcmp(ref->schema, "auth") == 0 && strcmp(ref->name, names[n]) == 0;
    if (ref->kind != SQL_REF_FUNCTION || !slow || sql_called_once(s->text, ref->at))
      continue;
    const char *call = ref->schema ? arena_printf(c->arena, "%s.%s()", ref->schema, ref->name) : "current_setting(…)";
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_CALL_PER_ROW,
                             node_text_at(clauses, s->from + ref->at, (uint32_t)strlen(call)),
                             "%s is called for every row", call),
                    "Write (select %s): then it is called once.", call);
  }
}

static bool is_true(const struct expr *e) {
  const char *text = e->compared ? e->compared : e->sql;
  return text && (strcasecmp(text, "true") == 0 || strcmp(text, "1=1") == 0 || strcmp(text, "1 = 1") == 0);
}

static bool is_for_many(const struct policy *p) {
  return is_for(p, "anon") || is_for(p, "authenticated");
}

/* A column of one's own may be called like what users write of themselves. */
static bool trusts_users(const struct expr *e) {
  static const char *const told[] = {"auth.jwt", "request.jwt"};
  for (size_t i = 0; e->sql && i < ARRAY_LEN(told); i++) {
    const char *at = holds(e->sql, told[i]);
    if (at && holds(at, "user_meta"))
      return true;
  }
  return e->sql && holds(e->sql, "raw_user_meta");
}

static void advise_openness(struct compile *c, const struct policy *p) {
  const struct object *o = &p->object;
  const bool writes = strcmp(p->command, "select") != 0;
  const bool open = strcmp(p->command, "insert") == 0 ? is_true(&p->check) : is_true(&p->using_) || is_true(&p->check);
  if (writes && open && !p->restrictive && is_for_many(p))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_POLICY_ALWAYS_TRUE, o->span,
                             "policy \"%s\" lets everybody write every row", o->name),
                    "Say which rows: a condition instead of true.");
  if (trusts_users(&p->using_) || trusts_users(&p->check))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_POLICY_OF_USER_METADATA, o->span,
                             "policy \"%s\" trusts what users say of themselves", o->name),
                    "Users can write their user_metadata; app_metadata they cannot.");
  if (on_supabase(c) && p->parsed->role_count == 0)
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_POLICY_TO_ALL, o->span, "policy \"%s\" does not say for whom", o->name),
        "Add to authenticated, or to anon, authenticated: then it is not even tried for others.");
}

/* Rows must be seen to be changed. */
static void advise_blind(struct compile *c, const struct policy *p) {
  const bool changes = strcmp(p->command, "update") == 0 || strcmp(p->command, "delete") == 0;
  for (size_t i = 0; changes && !p->restrictive && i < p->roles.n; i++)
    if (!lets(p->object.parent, p->roles.v[i], "select"))
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_POLICY_BLIND, p->object.span,
                               "policy \"%s\" is for %s, but \"%s\" can select no row", p->object.name, p->command,
                               p->roles.v[i]),
                      "Add a policy for select: only rows that are seen can be changed.");
}

static void advise_ungranted(struct compile *c, const struct policy *p) {
  const struct privileges *granted = managed(p->object.parent);
  for (size_t r = 0; granted && !p->restrictive && r < p->roles.n; r++)
    for (size_t i = 0; i < ARRAY_LEN(commands) && strcmp(p->roles.v[r], "public") != 0; i++)
      if (strcmp(p->command, commands[i]) == 0 && !may(granted->of, granted->list, p->roles.v[r], commands[i]))
        diagnostic_hint(c->diagnostics,
                        diagnose(c->diagnostics, PDL_POLICY_WITHOUT_GRANT, p->object.span,
                                 "policy \"%s\" lets \"%s\" %s, but no grant does", p->object.name, p->roles.v[r],
                                 p->command),
                        "Add grant %s to %s.", p->command, p->roles.v[r]);
}

/* Two permissive policies for one role and command are both run for every row. */
static void advise_many(struct compile *c, const struct policy *p) {
  for (const struct object *o = p->object.parent->first_child; o != &p->object; o = o->next) {
    const struct policy *other = (const struct policy *)o;
    if (!is_kind(o, KIND_POLICY) || other->restrictive || p->restrictive || !overlap(p, other))
      continue;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
      if (covers(p, commands[i]) && covers(other, commands[i])) {
        struct diagnostic *d =
            diagnose(c->diagnostics, PDL_MANY_POLICIES, p->object.span,
                     "policies \"%s\" and \"%s\" are both tried on %s", o->name, p->object.name, commands[i]);
        diagnostic_peer(d, o->span, "the other one is here");
        diagnostic_hint(c->diagnostics, d, "One policy with both conditions, joined by or, is faster.");
        return;
      }
  }
}

void advise_policy(struct compile *c, const struct object *o) {
  const struct policy *p = (const struct policy *)o;
  const struct node *clauses = node_part(p->node, NODE_CLAUSES);
  advise_calls(c, clauses, &p->parsed->using_);
  advise_calls(c, clauses, &p->parsed->check);
  advise_openness(c, p);
  if (o->parent->external)
    return;
  advise_blind(c, p);
  advise_ungranted(c, p);
  advise_many(c, p);
}

/* ── functions, views, extensions ── */

void advise_function(struct compile *c, const struct object *o) {
  const struct function *f = (const struct function *)o;
  if (!on_supabase(c) || !f->clauses)
    return;
  if (!holds(f->clauses, "search_path"))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_MUTABLE_SEARCH_PATH, o->span,
                             "%s \"%s\" runs with the caller's search_path", o->kind->word, o->name),
                    "Add set search_path = '' and qualify the names in its body.");
  const bool called = !holds(f->clauses, "returns trigger") && !holds(f->clauses, "returns event_trigger");
  if (in_api(c, o) && holds(f->clauses, "security definer") && called && api_may(c, o, ACL_ROUTINE, "execute"))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_DEFINER_EXECUTABLE, o->span,
                             "%s \"%s\" runs with its owner's rights, for anybody", o->kind->word, o->name),
                    "Add revoke execute on function %s from public, anon, authenticated.", o->name);
}

static bool reads_users(struct compile *c, const struct sql_view *v) {
  const struct node *body = node_part(v->node, NODE_BODY);
  struct sql_statement query;
  struct sql_error err = {0};
  if (!sql_parse_query(c->sql, body->text, &query, &err))
    return false;
  for (size_t i = 0; i < query.ref_count; i++) {
    const struct sql_ref *ref = &query.refs[i];
    if (ref->kind == SQL_REF_RELATION && ref->schema && strcmp(ref->schema, "auth") == 0 &&
        strcmp(ref->name, "users") == 0)
      return true;
  }
  return false;
}

static bool is_invoker(const struct sql_view *v) {
  static const char *const yes[] = {"on", "true", "yes", "1"};
  for (const struct setting *s = v->settings; s; s = s->next)
    for (size_t i = 0; i < ARRAY_LEN(yes) && strcmp(s->name, "security_invoker") == 0; i++)
      if (!s->value || strcasecmp(s->value, yes[i]) == 0)
        return true;
  return false;
}

void advise_view(struct compile *c, const struct object *o) {
  const struct sql_view *v = (const struct sql_view *)o;
  if (!in_api(c, o) || !api_may(c, o, ACL_TABLE, "select"))
    return;
  const bool definer = is_kind(o, KIND_VIEW) && !is_invoker(v);
  if ((definer || is_kind(o, KIND_MATVIEW)) && reads_users(c, v))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_USERS_EXPOSED, o->span, "%s \"%s\" shows auth.users to the API",
                             o->kind->word, o->name),
                    "Keep what is public of a user in a table of your own.");
  if (definer)
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_DEFINER_VIEW, o->span, "view \"%s\" passes row level security by", o->name),
        c->schema->target.version < 15 ? "Revoke all on it from anon, authenticated, or put it in another schema."
                                       : "Add with (security_invoker = on): then it reads with its caller's rights.");
  if (is_kind(o, KIND_MATVIEW))
    advise_unguarded(c, o, o->kind->word);
  advise_graphql(c, o);
}

void advise_extension(struct compile *c, const struct object *o) {
  const struct extension *e = (const struct extension *)o;
  if (on_supabase(c) && e->in && strcmp(e->in, "public") == 0)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_EXTENSION_IN_PUBLIC, e->in_span,
                             "extension \"%s\" is in the API's schema", o->name),
                    "Leave \"in public\" out: it goes into the schema extensions.");
}

void advise_reference(struct compile *c, const struct object *o) {
  const struct foreign *f = (const struct foreign *)o;
  const struct key *primary = f->table && f->table->external ? table_primary(f->table) : NULL;
  if (!on_supabase(c) || !primary || strcmp(f->table->schema, "auth") != 0 ||
      names_equal(primary->columns, f->target_columns))
    return;
  diagnostic_hint(c->diagnostics,
                  diagnose(c->diagnostics, PDL_REFERENCE_TO_USERS, f->node->span,
                           "\"%s.%s\" is referred to by something else than its primary key", f->table->schema,
                           f->table->name),
                  "Write -> %s.%s: the platform may change the rest.", f->table->schema, f->table->name);
}

void advise_column_type(struct compile *c, const struct object *o) {
  static const char *const all[] = {"regcollation", "regconfig", "regdictionary", "regnamespace",
                                    "regoper",      "regoperator", "regproc",     "regprocedure"};
  const struct column *col = (const struct column *)o;
  for (size_t i = 0; i < ARRAY_LEN(all) && col->type.name && !col->type.schema; i++)
    if (strcmp(all[i], col->type.name) == 0)
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_REG_TYPE, col->type.span,
                               "column \"%s\" keeps an oid: pg_upgrade refuses it", o->name),
                      "Keep the name as text.");
}
