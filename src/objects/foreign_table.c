/* foreign table: a table whose rows are on a server elsewhere. */
#include "objects/opaque.h"

bool foreign_elsewhere(const struct object *o) {
  return is_foreign(o->parent ? o->parent : o);
}

/* ── PDL → model ── */

static void refuse(struct compile *c, struct span span, const struct table *t, const char *what) {
  diagnose(c->diagnostics, PDL_OUT_OF_PLACE, span, "foreign table \"%s\" cannot %s", t->object.name, what);
}

void foreign_declare(struct compile *c, const struct node *n, struct table *t) {
  static const struct {
    enum node_kind kind;
    const char *what;
  } clauses[] = {
      {NODE_UNLOGGED, "be unlogged"},        {NODE_WITH, "have storage parameters"},
      {NODE_USING, "have an access method"}, {NODE_TABLESPACE, "be in a tablespace"},
      {NODE_CLUSTER, "be clustered"},        {NODE_REPLICA_IDENTITY, "be replicated"},
  };
  const struct node *server = compile_clause(c, n, NODE_ON_SERVER), *options = compile_clause(c, n, NODE_OPTIONS);
  if (!server) {
    if (n->kind == NODE_FOREIGN_TABLE)
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_UNKNOWN_OBJECT, t->object.span,
                               "foreign table \"%s\" is on no server", t->object.name),
                      "Say which one behind its name, as in foreign table films server far.");
    else if (options)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, options->span, "only a foreign table has options");
    return;
  }
  if (n->kind == NODE_TABLE) {
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, server->span, "only a foreign table is on a server"),
                    "Write foreign table instead of table.");
    return;
  }
  t->server = server->name.text;
  t->options = compile_options(c, options);
  for (size_t i = 0; i < ARRAY_LEN(clauses); i++) {
    const struct node *clause = node_part(n, clauses[i].kind);
    if (clause)
      refuse(c, clause->span, t, clauses[i].what);
  }
}

static void link_server(struct compile *c, struct table *t) {
  const struct node *server = node_part(t->node, NODE_ON_SERVER);
  struct spell spell = SPELL_INIT(t->server);
  for (struct object *o = c->schema->first; o; o = o->next) {
    if (is_kind(o, KIND_SQL)) /* it may make it */
      return;
    if (!is_kind(o, KIND_SERVER))
      continue;
    spell_offer(&spell, o->name);
    if (strcmp(o->name, t->server) == 0) {
      object_depend(c->schema, &t->object, o);
      return;
    }
  }
  if (c->incomplete)
    return;
  struct diagnostic *d =
      diagnose(c->diagnostics, PDL_UNKNOWN_OBJECT, server->name.span, "server \"%s\" is declared nowhere", t->server);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

void foreign_link(struct compile *c, struct table *t) {
  static const struct {
    enum kind_id id;
    const char *what;
  } parts[] = {
      {KIND_KEY, "have keys"},
      {KIND_FOREIGN, "refer to another"},
      {KIND_EXCLUDE, "exclude rows"},
      {KIND_INDEX, "have indexes"},
  };
  link_server(c, t);
  for EACH_CHILD(&t->object, o)
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
      if (is_kind(o, parts[i].id) && !o->inherited)
        refuse(c, o->span, t, parts[i].what);
  if (t->parted)
    refuse(c, t->parted->span, t, "be partitioned");
  if (t->rls)
    refuse(c, t->object.span, t, "have row level security");
}

/* ── catalog ── */

static const char *query(int version) {
  (void)version;
  return "SELECT f.ftrelid, 0, f.ftserver, " OPAQUE_OPTION_ARRAY("f.ftoptions") " FROM pg_catalog.pg_foreign_table f"
         " UNION ALL SELECT a.attrelid, a.attnum, 0, " OPAQUE_OPTION_ARRAY("a.attfdwoptions")
         " FROM pg_catalog.pg_attribute a WHERE a.attfdwoptions IS NOT NULL AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2";
}

static void read(struct catalog *c, const struct row *row) {
  struct arena *arena = c->schema->arena;
  struct object *o = catalog_get(c, "pg_class", row_peek(row, 0));
  if (!o || !is_kind(o, KIND_TABLE))
    return;
  struct setting *options = settings_by_text(arena, row_names(arena, row, 3), NULL);
  struct column *column = (struct column *)column_by_number(o, (int)row_int(row, 1));
  if (column) {
    column->options = options;
  } else {
    ((struct table *)o)->server = catalog_name(c, "pg_foreign_server", row_peek(row, 2));
    ((struct table *)o)->options = options;
  }
}

const struct lookup foreign_table_lookup = {query, read, "pg_foreign_server", KIND_KEY, false};
