/* owner: whose an object is. Compared only where the schema says it. */
#include <string.h>

#include "objects/objects.h"

static const char own_name[] = "owner";

/* What may have an owner: the catalog that holds it, as catalog_keep knows it, is one of these; see query. */
bool owner_is_possible(const struct object *o) {
  static const enum kind_id others[] = {
      KIND_SCHEMA,          KIND_WRAPPER,        KIND_SERVER,        KIND_COLLATION,        KIND_OPERATOR,
      KIND_OPERATOR_FAMILY, KIND_OPERATOR_CLASS, KIND_TS_DICTIONARY, KIND_TS_CONFIGURATION, KIND_CONVERSION,
      KIND_LANGUAGE,        KIND_EVENT_TRIGGER,  KIND_PUBLICATION,
  };
  if (o->parent || o->external)
    return false;
  for (size_t i = 0; i < ARRAY_LEN(others); i++)
    if (is_kind(o, others[i]))
      return true;
  return o->kind->ns == NS_RELATION || o->kind->ns == NS_TYPE || (o->kind->ns == NS_FUNCTION && o->signature);
}

static struct owner *add(struct schema *s, struct object *parent, const char *role) {
  struct owner *w = schema_add(s, KIND_OWNER, parent->schema, own_name, parent);
  w->role = role;
  return w;
}

/* What has a block takes all of its clauses for items, too. */
static void declare(struct compile *c, const struct node *n, struct object *parent) {
  if (child_named(parent, KIND_OWNER, own_name))
    return;
  struct owner *w = add(c->schema, parent, n->name.text);
  w->object.span = n->span;
  if (strcmp(w->role, "public") == 0)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->name.span, "\"public\" is everybody, and owns nothing");
  compile_role(c, w->role, n->name.span);
}

/* A routine has its signature, by which it is told, when it is linked. */
static void link(struct compile *c, struct object *o) {
  if (!owner_is_possible(o->parent))
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, o->span, "%s has no owner of its own",
             object_title(c->arena, o->parent));
}

static void set(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "ALTER ");
  o->parent->kind->target_name(o->parent, out);
  strbuf_adds(out, " OWNER TO ");
  sql_ident(out, ((const struct owner *)o)->role);
  strbuf_adds(out, ";\n");
}

/* What is made by its owner is his. */
static void create(const struct object *o, struct strbuf *out) {
  if (!((const struct owner *)o)->own)
    set(o, out);
}

static bool alter(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *out) {
  (void)before, (void)fields;
  const struct object *of = after->parent;
  const bool follows =
      sequence_stays_owned(of) && child_named(((const struct sequence *)of)->owner_table, KIND_OWNER, own_name);
  if (!follows)
    set(after, out);
  return true;
}

static void drop(const struct object *o, struct strbuf *out) {
  (void)o, (void)out; /* what is not spoken of stays as it is */
}

void pdl_owner(struct strbuf *out, const struct object *o) {
  const struct owner *w = (const struct owner *)child_named(o, KIND_OWNER, own_name);
  if (!w)
    return;
  strbuf_adds(out, " owner ");
  pdl_word(out, w->role);
}

#define OWNED(class, owner, where)                                                                                     \
  "SELECT '" class "' AS class, o." owner " AS role, pg_catalog.array_agg(o.oid ORDER BY o.oid) AS oids FROM pg_catalog." class \
  " o WHERE " where " GROUP BY o." owner

/* One row a catalog and role. */
static const char *query(int version) {
  (void)version;
  return "SELECT o.class, o.oids, r.rolname, r.rolname = current_user FROM ("
         OWNED("pg_class", "relowner", "o.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c') AND o.relnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_type", "typowner", "o.typtype IN ('e', 'd', 'r') AND o.typnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_proc", "proowner", "o.pronamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_namespace", "nspowner", "o.oid = ANY ($1)")
         " UNION ALL " OWNED("pg_foreign_data_wrapper", "fdwowner", "true")
         " UNION ALL " OWNED("pg_foreign_server", "srvowner", "true")
         " UNION ALL " OWNED("pg_collation", "collowner", "o.collnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_operator", "oprowner", "o.oprnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_opfamily", "opfowner", "o.opfnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_opclass", "opcowner", "o.opcnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_ts_dict", "dictowner", "o.dictnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_ts_config", "cfgowner", "o.cfgnamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_conversion", "conowner", "o.connamespace = ANY ($1)")
         " UNION ALL " OWNED("pg_language", "lanowner", "true")
         " UNION ALL " OWNED("pg_event_trigger", "evtowner", "true")
         " UNION ALL " OWNED("pg_publication", "pubowner", "true")
         ") o JOIN pg_catalog.pg_roles r ON r.oid = o.role ORDER BY o.class, r.rolname";
}

static void read(struct catalog *c, const struct row *row) {
  const struct names oids = row_names(c->schema->arena, row, 1);
  const char *class = row_text(row, 0), *role = row_text(row, 2);
  const bool own = row_flag(row, 3);
  for (size_t i = 0; i < oids.n; i++) {
    struct object *o = catalog_get(c, class, oids.v[i]);
    if (!o && strcmp(class, "pg_class") == 0)
      o = catalog_owned_sequence(c, oids.v[i]);
    if (o && owner_is_possible(o))
      add(c->schema, o, role)->own = own;
  }
}

static const struct field fields[] = {
    FIELD(owner, role, FIELD_TEXT, "role"),
    FIELD_END,
};

const struct kind owner_kind = {
    .word = "owner",
    .size = sizeof(struct owner),
    .ns = NS_NONE,
    .fields = fields,
    .nodes = {NODE_OWNER},
    .declare = declare,
    .link = link,
    .create = create,
    .drop = drop,
    .alter = alter,
    .optional = true,
    .not_in_twin = 1, /* that is of who pushes */
    .spared = true,
    .query = query,
    .read = read,
};
