/* column: of a table, an external table or a composite type. */
#include <stdlib.h>
#include <strings.h>

#include "objects/opaque.h"

static const enum node_kind attribute_clauses[] = {NODE_TYPE, NODE_COLLATE, NODE_KINDS};
static const enum node_kind external_clauses[] = {NODE_TYPE,   NODE_REFERENCE, NODE_PRIMARY,
                                                  NODE_UNIQUE, NODE_DEFAULT,   NODE_KINDS};

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  struct column *col = compile_object(c, KIND_COLUMN, n, parent);
  const struct node *type = node_part(n, NODE_TYPE), *reference = compile_clause(c, n, NODE_REFERENCE);
  col->node = n;
  col->statistics = -1;
  if (is_kind(parent, KIND_COMPOSITE)) {
    compile_only(c, n, attribute_clauses);
    return;
  }
  if (parent->external)
    compile_only(c, n, external_clauses);
  const bool optional = (type && type->optional) || (reference && reference->optional);
  const struct node *primary = compile_clause(c, n, NODE_PRIMARY), *identity = compile_clause(c, n, NODE_IDENTITY);
  col->not_null = !optional;
  if (optional && primary)
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_NULLABLE_KEY, n->name.span, "primary key \"%s\" cannot be null", n->name.text),
        "Leave the ? out.");
  if (optional && identity)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, identity->span, "an identity column is never null");
  not_null_declare(c, col, n);
  compile_clause(c, n, NODE_UNIQUE);
  compile_clause(c, n, NODE_INDEX);
  for (const struct node *part = n->parts; part; part = part->next)
    compile_item(c, part, &col->object); /* keys, checks, references, indexes, touch */
}

/* ── the type ── */

bool column_type(struct compile *c, struct column *col) {
  if (col->object.inherited && !col->type.name && column_type(c, (struct column *)col->object.above)) {
    col->type = ((const struct column *)col->object.above)->type;
    if (col->type.object && !col->type.object->external)
      object_depend(c->schema, &col->object, col->type.object);
  }
  if (col->type.name || !col->node)
    return col->type.name != NULL;
  const struct node *type = node_part(col->node, NODE_TYPE), *reference = node_part(col->node, NODE_REFERENCE);
  if (col->resolving) {
    diagnose(c->diagnostics, PDL_NO_TYPE, col->object.span, "the type of \"%s\" leads back to itself",
             col->object.name);
    return false;
  }
  col->resolving = true;
  if (type) {
    bool serial = false;
    col->type = compile_type(c, type, &col->object, &serial);
    col->serial = serial;
  } else if (reference) {
    const struct object *table =
        schema_find(c->schema, NS_RELATION, compile_schema_of(reference->name), NULL, reference->name.text);
    struct column *target = NULL;
    if (table && is_kind(table, KIND_TABLE)) {
      const struct node *names = node_part(reference, NODE_NAMES);
      const struct key *primary = table_primary(table);
      if (names && names->parts)
        target = table_column(table, names->parts->name.text);
      else if (!names && primary && primary->columns.n == 1)
        target = table_column(table, primary->columns.v[0]);
    }
    if (target && column_type(c, target)) {
      col->type = target->type;
      col->type.span = reference->name.span;
      if (col->type.object && !col->type.object->external)
        object_depend(c->schema, &col->object, col->type.object);
    }
  }
  col->resolving = false;
  return col->type.name != NULL;
}

/* ── clauses ── */

static const char *one_of(struct compile *c, const struct node *n, const char *const *words) {
  if (!n)
    return NULL;
  struct spell spell = SPELL_INIT(n->text);
  for (; *words; words++) {
    if (strcmp(n->text, *words) == 0)
      return *words;
    spell_offer(&spell, *words);
  }
  struct diagnostic *d =
      diagnose(c->diagnostics, PDL_BAD_SETTING, n->text_span, "unknown %s \"%s\"", node_word(n->kind), n->text);
  if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
  return NULL;
}

static void conflict(struct compile *c, const struct node *a, const struct node *b) {
  if (a && b)
    diagnostic_peer(diagnose(c->diagnostics, PDL_OUT_OF_PLACE, b->span, "\"%s\" contradicts \"%s\"", node_word(b->kind),
                             a->kind == NODE_TYPE ? a->name.text : node_word(a->kind)),
                    a->span, "that one is here");
}

static void link_identity(struct compile *c, struct column *col, const struct node *identity) {
  const char *t = col->type.schema || col->type.dimensions || !col->type.name ? "" : col->type.name;
  if (strcmp(t, "int2") != 0 && strcmp(t, "int4") != 0 && strcmp(t, "int8") != 0) {
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, identity->span, "an identity column is of type smallint, int or bigint");
    return;
  }
  col->identity = identity->text ? "always" : "by default";
  compile_sequence_options(c, identity, t, &col->sequence);
  const struct node *name = node_part(identity, NODE_NAME);
  col->sequence_name = name ? name->name.text : NULL;
  if (name && strcmp(name->name.text, default_sequence_name(c->arena, &col->object)) == 0)
    col->sequence_name = NULL;
}

static void link_collation(struct compile *c, struct column *col, const struct node *collate) {
  col->collation = compile_collation(c, collate, &col->object);
  const struct type_info *info = col->type.schema || !col->type.name ? NULL : type_info(col->type.name);
  if (info && !info->collatable)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, collate->span, "type %s has no collation",
             info->shown ? info->shown : info->name);
}

static void link(struct compile *, struct object *);

/* A column that a table above has too. True where nothing more is said of it here. */
static bool link_above(struct compile *c, struct column *col) {
  struct column *from = (struct column *)col->object.above;
  link(c, &from->object);
  column_type(c, col);
  if (col->object.inherited) {
    inherit_content(c->arena, col);
    return true;
  }
  if (!col->type.name || !from->type.name || type_equal(&col->type, &from->type))
    return false;
  struct diagnostic *d = diagnose(c->diagnostics, PDL_INHERITED_TYPE, col->type.span,
                                  "\"%s\" is of another type in \"%s\"", col->object.name, from->object.parent->name);
  diagnostic_peer(d, from->object.span, "it is declared here");
  return false;
}

static void link_serial(struct compile *c, struct column *col) {
  const struct node *type = node_part(col->node, NODE_TYPE);
  static const enum node_kind others[] = {NODE_DEFAULT, NODE_IDENTITY, NODE_GENERATED, NODE_INHERITED};
  for (size_t i = 0; i < ARRAY_LEN(others); i++)
    conflict(c, type, node_part(col->node, others[i]));
  if (type->optional || col->type.dimensions)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, type->span, "a serial column is never %s",
             type->optional ? "null" : "an array");
}

/* Where its value comes from: a default, an expression, a sequence. */
static void link_value(struct compile *c, struct column *col) {
  struct object *o = &col->object;
  const struct node *n = col->node, *inherited = compile_clause(c, n, NODE_INHERITED);
  const struct node *value = compile_clause(c, n, NODE_DEFAULT), *generated = compile_clause(c, n, NODE_GENERATED);
  const struct node *identity = compile_clause(c, n, NODE_IDENTITY);
  if (inherited && !o->above && !o->parent->external)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, inherited->span, "no table above has a column \"%s\"", o->name);
  conflict(c, inherited, generated);
  conflict(c, inherited, identity);
  conflict(c, value, generated);
  conflict(c, value, identity);
  conflict(c, identity, generated);
  conflict(c, node_part(n, NODE_TOUCH), generated);
  if (col->serial)
    link_serial(c, col);
  if (value) {
    col->default_ = compile_expr(c, value, o, NULL, EXPR_NO_COLUMNS, "default");
    compile_default(c, value, col->default_, &col->type);
    expr_simplify(c->arena, &col->default_, &col->type);
    if (col->default_.sql && strcasecmp(col->default_.sql, "null") == 0)
      col->default_ = (struct expr){0}; /* no default at all */
  }
  if (generated) {
    col->generated = compile_expr(c, generated, o, o->parent, EXPR_PLAIN_COLUMNS, "generated");
    expr_simplify(c->arena, &col->generated, NULL);
    const struct node *virtual_ = node_part(generated, NODE_VIRTUAL);
    if (virtual_ && compile_needs_version(c, 18, virtual_->span, "a virtual generated column"))
      col->virtual_ = "virtual";
  }
  if (identity)
    link_identity(c, col, identity);
  const struct column *from = (const struct column *)o->above;
  if (from && !value)
    col->default_ = inherit_default(c->arena, from);
  if (from && !generated && !value) {
    col->generated = from->generated;
    col->virtual_ = from->virtual_;
  } else if (from && generated && from->generated.sql && !inherit_computes(o)) {
    compile_needs_version(c, 16, generated->span, "a column that is computed otherwise than the one above it");
  }
}

/* One of the words; "default" is none. */
static const char *word_or_default(struct compile *c, const struct node *n, const char *const *words) {
  const char *word = one_of(c, n, words);
  return word && strcmp(word, "default") == 0 ? NULL : word;
}

/* How its values are stored and estimated. */
static void link_storage(struct compile *c, struct column *col) {
  static const char *const compressions[] = {"pglz", "lz4", "default", NULL};
  static const char *const storages[] = {"plain", "external", "extended", "main", "default", NULL};
  const struct node *n = col->node, *compression = compile_clause(c, n, NODE_COMPRESSION);
  if (compression && compile_needs_version(c, 14, compression->span, "column compression"))
    col->compression = word_or_default(c, compression, compressions);
  col->storage = word_or_default(c, compile_clause(c, n, NODE_STORAGE), storages);
  const struct node *statistics = compile_clause(c, n, NODE_STATISTICS);
  if (statistics) {
    col->statistics = strtoll(statistics->text, NULL, 10);
    if (col->statistics < -1 || col->statistics > 10000)
      diagnose(c->diagnostics, PDL_BAD_SETTING, statistics->text_span, "a statistics target is 0 to 10000");
  }
  col->estimates = compile_settings(c, compile_clause(c, n, NODE_ESTIMATES));
}

static void link(struct compile *c, struct object *o) {
  struct column *col = (struct column *)o;
  const struct node *n = col->node;
  if (col->linked)
    return;
  col->linked = true;
  if (o->above && link_above(c, col))
    return;
  /* A reference that is a foreign key, too, says what is wrong with it. */
  if (!column_type(c, col) && !node_part(n, NODE_TYPE) && o->external && !c->incomplete)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_NO_TYPE, o->span,
                             "the type of \"%s\" cannot be taken from what it references", o->name),
                    "Write the type before ->.");
  const struct node *collate = compile_clause(c, n, NODE_COLLATE);
  if (collate)
    link_collation(c, col, collate);
  if (col->type.object == o->parent) /* longer cycles show in the order */
    diagnose(c->diagnostics, PDL_CYCLE, col->type.span, "%s \"%s\" is made of itself", o->parent->kind->word,
             o->parent->name);
  if (is_kind(o->parent, KIND_COMPOSITE)) {
    if (col->serial)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, col->type.span, "an attribute of a type cannot be serial");
    col->serial = false;
    return;
  }
  link_value(c, col);
  not_null_link(c, col);
  const struct node *using_ = compile_clause(c, n, NODE_USING), *backfill = compile_clause(c, n, NODE_BACKFILL);
  if (using_)
    col->using_ = compile_expr(c, using_, o, NULL, EXPR_ANY, "using");
  if (backfill)
    col->backfill = compile_expr(c, backfill, o, NULL, EXPR_ANY, "backfill");
  link_storage(c, col);
  const struct node *options = compile_clause(c, n, NODE_OPTIONS);
  if (options && !is_foreign(o->parent))
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, options->span, "only columns of a foreign table have options");
  else
    col->options = compile_options(c, options);
}

static void advise(struct compile *c, const struct object *o) {
  const struct column *col = (const struct column *)o;
  if (is_kind(o->parent, KIND_COMPOSITE))
    return;
  if (!col->type.schema && strcmp(col->type.name, "timestamp") == 0)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_NO_TIME_ZONE, col->type.span, "timestamp has no time zone"),
                    "timestamptz stores the moment itself; timestamp depends on who reads it.");
  advise_column_type(c, o);
  if (!col->not_null && col->default_.sql)
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_DEFAULT_NULLABLE, o->span, "\"%s\" has a default but may be null", o->name),
        "Leave the ? out, unless null means something else than the default.");
  for (const char *p = o->name; *p; p++)
    if (*p >= 'A' && *p <= 'Z') {
      diagnostic_hint(
          c->diagnostics,
          diagnose(c->diagnostics, PDL_CAMEL_CASE_COLUMN, o->span, "column name \"%s\" is not snake_case", o->name),
          "SQL must quote it everywhere.");
      break;
    }
}

/* ── SQL ── */

static const char *serial_word(const struct type_ref *t) {
  return strcmp(t->name, "int2") == 0 ? "smallserial" : strcmp(t->name, "int8") == 0 ? "bigserial" : "serial";
}

static bool has_default(const struct object *o) {
  return ((const struct column *)o)->default_.sql || ((const struct column *)o)->serial;
}

bool column_has_default(const struct column *c) {
  bool has = c->default_.sql || c->serial || c->identity;
  for (const struct object *o = c->type.object; !has && o && is_kind(o, KIND_DOMAIN);) {
    const struct domain *d = (const struct domain *)o;
    has = d->default_.sql != NULL;
    o = d->type.dimensions ? NULL : d->type.object;
  }
  return has;
}

static bool in_primary_key(const struct object *o) {
  for EACH_CHILD(o->parent, child)
    if (is_kind(child, KIND_KEY) && ((const struct key *)child)->primary && child->folded)
      return names_hold(((const struct key *)child)->columns, o->name);
  return false;
}

static void add_sequence_name(const struct column *col, struct strbuf *out) {
  if (!col->sequence_name || strcmp(col->object.parent->schema, "pg_temp") == 0)
    return;
  strbuf_adds(out, " SEQUENCE NAME ");
  sql_qualified(out, col->object.parent->schema, col->sequence_name);
}

/* What a column has from above it need not be said again, and before Postgres 16 may not. */
static bool computes(const struct object *o) {
  return ((const struct column *)o)->generated.sql && !inherit_computes(o);
}

void sql_generated(struct strbuf *out, const struct object *o) {
  const struct column *col = (const struct column *)o;
  /* what is added is there before its table comes under the other */
  if (computes(o) || (col->generated.sql && !o->folded))
    strbuf_addf(out, " GENERATED ALWAYS AS (%s) %s", col->generated.sql, col->virtual_ ? "VIRTUAL" : "STORED");
}

static bool fold(const struct object *o, bool on_column, struct strbuf *out) {
  (void)on_column;
  const struct column *col = (const struct column *)o;
  sql_ident(out, o->name);
  strbuf_addc(out, ' ');
  if (col->serial)
    strbuf_adds(out, serial_word(&col->type));
  else
    sql_type(out, &col->type);
  if (col->compression)
    strbuf_addf(out, " COMPRESSION %s", col->compression);
  if (is_foreign(o->parent) && strcmp(o->parent->schema, "pg_temp") != 0)
    sql_options(out, col->options);
  if (col->collation)
    strbuf_addf(out, " COLLATE %s", col->collation);
  sql_default(out, &col->default_);
  if (o->above && !col->default_.sql && has_default(o->above))
    strbuf_adds(out, " DEFAULT NULL");
  sql_generated(out, o);
  if (col->identity) {
    struct strbuf options = STRBUF_INIT;
    add_sequence_name(col, &options);
    sql_sequence_options(&options, col->type.name, &col->sequence);
    strbuf_addf(out, " GENERATED %s AS IDENTITY", strcmp(col->identity, "always") == 0 ? "ALWAYS" : "BY DEFAULT");
    if (options.len)
      strbuf_addf(out, " (%s)", options.text + 1);
    strbuf_release(&options);
  }
  /* from 18 on a NOT NULL of its own has another name, under which Postgres does not make the one above anew along with
   * the type */
  const bool not_null_above = o->above && o->folded && not_null_below((const struct column *)o->above);
  if (col->not_null && (not_null_speaks(col) || !(col->serial || col->identity || in_primary_key(o) || not_null_above)))
    sql_not_null(out, col);
  return true;
}

/* A value that is made here is said where the column is listed. */
bool column_is_unlisted(const struct column *col) {
  const struct object *o = &col->object;
  const struct table *t = (const struct table *)o->parent;
  const bool makes = col->serial || col->identity || computes(o);
  return o->above && !o->inherited && !col->local && t->parents.n && !t->bounds.sql && !makes;
}

static void override(struct strbuf *out, const struct object *o) {
  const struct column *col = (const struct column *)o, *from = (const struct column *)o->above;
  sql_alter_table(out, o);
  strbuf_adds(out, "ALTER COLUMN ");
  sql_ident(out, o->name);
  if (col->default_.sql)
    strbuf_addf(out, " SET DEFAULT %s", col->default_.sql);
  else
    strbuf_adds(out, " DROP DEFAULT");
  if (col->not_null && !not_null_below(from)) {
    strbuf_adds(out, ", ");
    sql_set_not_null(out, col);
  }
  if (col->compression) {
    strbuf_adds(out, ", ALTER COLUMN ");
    sql_ident(out, o->name);
    strbuf_addf(out, " SET COMPRESSION %s", col->compression);
  }
  strbuf_adds(out, ";\n");
}

/* What CREATE TABLE has no words for on every version. */
void sql_column_settings(struct strbuf *out, const struct object *o) {
  const struct column *col = (const struct column *)o;
  if (column_is_unlisted(col))
    override(out, o);
  sql_add_not_null_later(col, out);
  if (col->storage) {
    sql_alter_table(out, o);
    strbuf_adds(out, "ALTER COLUMN ");
    sql_ident(out, o->name);
    strbuf_addf(out, " SET STORAGE %s;\n", col->storage);
  }
  if (col->statistics >= 0) {
    sql_set_statistics(col, out);
  }
  if (col->estimates) {
    sql_alter_table(out, o);
    strbuf_adds(out, "ALTER COLUMN ");
    sql_ident(out, o->name);
    strbuf_adds(out, " SET ");
    sql_settings(out, col->estimates);
    strbuf_adds(out, ";\n");
  }
  if (o->above && is_partition(o->parent) && strcmp(o->parent->schema, "pg_temp") != 0)
    column_alter_options(NULL, col, out);
}

/* A column that came with one of a table above is there already. */
static bool came_from_above(const struct object *o) {
  const struct object *table = o->parent;
  return o->above && table->match && table->kind->descends(table->match, table, o) && !(table->differs & TABLE_BOUNDS);
}

static void create(const struct object *o, struct strbuf *out) {
  if (came_from_above(o)) {
    struct column came = *(const struct column *)o->above;
    came.not_null = not_null_below(&came);
    came.not_null_name = NULL;
    came.not_null_alone = came.not_null_later = false;
    column_alter(&came.object, o, object_differs(&came.object, o) & COLUMN_OVERRIDES & ~(uint64_t)COLUMN_OPTIONS, out);
    column_alter_options(NULL, (const struct column *)o, out);
    return;
  }
  if (is_kind(o->parent, KIND_COMPOSITE)) {
    strbuf_adds(out, "ALTER TYPE ");
    sql_object(out, o->parent);
    strbuf_adds(out, " ADD ATTRIBUTE ");
    fold(o, false, out);
    strbuf_adds(out, ";\n");
    return;
  }
  if (!sql_add_backfilled(o, out) && !sql_add_numbered(o, out)) {
    sql_alter_table(out, o);
    strbuf_adds(out, "ADD COLUMN ");
    fold(o, false, out);
    strbuf_adds(out, ";\n");
  }
  sql_column_settings(out, o);
}

static void drop(const struct object *o, struct strbuf *out) {
  const bool attribute = is_kind(o->parent, KIND_COMPOSITE);
  strbuf_adds(out, attribute ? "ALTER TYPE " : "ALTER TABLE ");
  if (((const struct column *)o)->kept_below)
    strbuf_adds(out, "ONLY ");
  sql_object(out, o->parent);
  strbuf_adds(out, attribute ? " DROP ATTRIBUTE " : " DROP COLUMN ");
  if (o->above && !o->above->match) /* what was made before its table became an heir may have gone with the one above */
    strbuf_adds(out, "IF EXISTS ");
  sql_ident(out, o->name);
  strbuf_adds(out, ";\n");
}

static void follow(struct object *o, const struct object *of, const char *schema_name, const char *name) {
  type_follow(&((struct column *)o)->type, of, schema_name, name);
}

static void target_name(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, "COLUMN ");
  sql_object(out, o->parent);
  strbuf_addc(out, '.');
  sql_ident(out, o->name);
}

/* ── catalog ── */

#define QUERY(compression)                                                                                                  \
  "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, CASE WHEN a.atttypid >= 16384 THEN a.atttypid::pg_catalog.regtype END," \
  " CASE WHEN a.atttypmod <> -1 THEN pg_catalog.format_type(a.atttypid, a.atttypmod) END, a.attnotnull," \
  " " CATALOG_SELDOM("a.attidentity", "''") ", " CATALOG_SELDOM("a.attgenerated", "''") ", " CATALOG_FLAG("a.atthasdef") ", " CATALOG_SELDOM("a.attcollation", "0") "," \
  " CASE WHEN a.attcollation NOT IN (0, 100) THEN a.attcollation::pg_catalog.regcollation END, " compression ","      \
  " " CATALOG_SELDOM("a.attstorage", "'p'") ", " CATALOG_SELDOM("a.attstattarget", "-1") ", a.attoptions,"             \
  " " CATALOG_FLAG("NOT a.attislocal") ", a.attacl::text[],"                                                           \
  " CASE WHEN a.attacl IS NOT NULL THEN pg_catalog.pg_get_userbyid(c.relowner) END"                                   \
  " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid"                                  \
  " WHERE c.relkind IN ('r', 'p', 'c', 'f', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped"                        \
  " AND c.relnamespace = ANY ($1)"

#define COMPRESSION CATALOG_SELDOM("a.attcompression", "''")

static const char *query(int version) {
  return version >= 14 ? QUERY(COMPRESSION) : QUERY("NULL");
}

/* pg_get_expr(x, 0) opens no relation; it serves wherever the expression has no Var. */
static const char *query_defaults(int version) {
  (void)version;
  return "SELECT ad.adrelid, ad.adnum, CASE WHEN pg_catalog.strpos(ad.adbin::text, '{VAR ') > 0"
         " THEN pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) ELSE pg_catalog.pg_get_expr(ad.adbin, 0) END"
         " FROM pg_catalog.pg_attrdef ad JOIN pg_catalog.pg_class c ON c.oid = ad.adrelid WHERE c.relnamespace = ANY ($1)";
}

static uint64_t numbered(const struct row *row) {
  return row_number(row, 0) << 16 | row_number(row, 1);
}

static void read_default(struct catalog *c, const struct row *row) {
  numbers_set(&c->defaults, numbered(row), arena_strdup(c->schema->arena, row_peek(row, 2)));
}

const struct lookup defaults_lookup = {query_defaults, read_default, "class r, class p, class f, class v", KIND_COLUMN, false};

/* What a seldom one has otherwise. */
static const char *peek_or(const struct row *row, int column, const char *usual) {
  const char *text = row_peek(row, column);
  return text ? text : usual;
}

static const char *storage_word(char letter) {
  return letter == 'p' ? "plain" : letter == 'e' ? "external" : letter == 'x' ? "extended" : "main";
}

static void read(struct catalog *c, const struct row *row) {
  struct object *table = catalog_get(c, "pg_class", row_peek(row, 0));
  struct arena *arena = c->schema->arena;
  if (!table)
    return;
  if (row_peek(row, 17))
    privileges_note_column(c, row, 0, 2, 17, 18);
  const char *usual_collation, *collation = peek_or(row, 10, "0"), identity = *peek_or(row, 7, "");
  const char generated = *peek_or(row, 8, ""), compression = *peek_or(row, 12, ""), storage = *peek_or(row, 13, "p");
  char usual_storage;
  const struct type_ref type =
      catalog_type_of(c, row_peek(row, 3), row_peek(row, 4), row_peek(row, 5), &usual_collation, &usual_storage);
  const char *own_collation = strcmp(collation, usual_collation) == 0 ? NULL : strcmp(collation, "0") == 0 ? "-"
                              : strcmp(collation, "100") == 0          ? "\"default\"" : row_text(row, 11);
  const char *expression = row_flag(row, 9) ? numbers_get(&c->defaults, numbered(row)) : NULL;
  if (is_kind(table, KIND_VIEW) || is_kind(table, KIND_MATVIEW)) {
    view_read_column(c, table, row_text(row, 2), type, own_collation, expression,
                     catalog_column_comment(c, row_peek(row, 0), row_peek(row, 1)));
    return;
  }
  struct column *col = schema_add(c->schema, KIND_COLUMN, table->schema, row_text(row, 2), table);
  col->type = type;
  col->attribute = (int)row_int(row, 1);
  col->object.comment = catalog_column_comment(c, row_peek(row, 0), row_peek(row, 1));
  col->not_null = row_flag(row, 6);
  col->identity = identity == 'a' ? "always" : identity == 'd' ? "by default" : NULL;
  col->virtual_ = generated == 'v' ? "virtual" : NULL;
  *(generated ? &col->generated.sql : &col->default_.sql) = expression;
  col->collation = own_collation && *own_collation != '-' ? own_collation : NULL;
  col->compression = compression == 'p' ? "pglz" : compression == 'l' ? "lz4" : NULL;
  col->storage = storage != usual_storage ? storage_word(storage) : NULL;
  col->statistics = row_peek(row, 14) ? row_int(row, 14) : -1;
  col->estimates = settings_by_text(arena, row_names(arena, row, 15), "pg_attver"); /* a note that some releases keep */
  col->local = !row_flag(row, 16);
  catalog_column_sequence(c, row_peek(row, 0), col);
  if (col->identity && col->own_sequence && strcmp(col->own_sequence, default_sequence_name(arena, &col->object)) != 0)
    col->sequence_name = col->own_sequence;
  expr_simplify(arena, &col->default_, &col->type);
  expr_simplify(arena, &col->generated, NULL);
}

static void print(const struct object *o, struct strbuf *out) {
  const struct column *col = (const struct column *)o;
  const bool attribute = is_kind(o->parent, KIND_COMPOSITE);
  pdl_doc(out, o);
  pdl_word(out, o->name);
  if (attribute || col->serial || !pdl_type_by_reference(out, col)) {
    strbuf_addc(out, ' ');
    if (col->serial)
      strbuf_adds(out, serial_word(&col->type));
    else
      pdl_type(out, &col->type);
    if (!col->not_null && !attribute)
      strbuf_addc(out, '?');
  }
  if (col->default_.sql)
    pdl_value(out, col->default_.compared ? col->default_.compared : col->default_.sql);
  else if (o->above && !col->generated.sql && has_default(o->above))
    strbuf_adds(out, " = null");
  if (computes(o))
    strbuf_addf(out, " generated (%s) %s", col->generated.compared ? col->generated.compared : col->generated.sql,
                col->virtual_ ? "virtual" : "stored");
  if (col->identity) {
    struct strbuf options = STRBUF_INIT;
    if (col->sequence_name) {
      strbuf_adds(&options, " name ");
      pdl_word(&options, col->sequence_name);
    }
    pdl_sequence_options(&options, col->type.name, &col->sequence);
    strbuf_adds(out, strcmp(col->identity, "always") == 0 ? " identity always" : " identity");
    if (options.len)
      strbuf_addf(out, " (%s)", options.text + 1);
    strbuf_release(&options);
  }
  if (col->collation)
    strbuf_addf(out, " collate %s", col->collation);
  if (col->compression)
    strbuf_addf(out, " compression %s", col->compression);
  if (col->storage)
    strbuf_addf(out, " storage %s", col->storage);
  if (!attribute && col->statistics >= 0)
    strbuf_addf(out, " statistics %lld", col->statistics);
  if (col->estimates) {
    strbuf_adds(out, " statistics ");
    pdl_setting_list(out, col->estimates);
  }
  pdl_options(out, col->options);
  pdl_not_null(out, col);
  if (col->touch)
    strbuf_adds(out, " touch");
  if (column_is_unlisted(col))
    strbuf_adds(out, " inherits");
  strbuf_addc(out, '\n');
}

static void renamed(struct object *o, struct strbuf *out) {
  sql_rename_sequence(o, out);
  not_null_renamed((struct column *)o, out);
}

static const struct field fields[] = {
    FIELD(column, type, FIELD_TYPE, "type"),
    FIELD(column, not_null, FIELD_FLAG, "not null"),
    FIELD(column, serial, FIELD_FLAG, "serial"),
    FIELD(column, default_, FIELD_EXPR, "default"),
    FIELD(column, generated, FIELD_EXPR, "generated"),
    FIELD(column, virtual_, FIELD_TEXT, "virtual"),
    FIELD(column, identity, FIELD_TEXT, "identity"),
    FIELD(column, sequence.start, FIELD_INT, "start"),
    FIELD(column, sequence.increment, FIELD_INT, "increment"),
    FIELD(column, sequence.min, FIELD_INT, "minvalue"),
    FIELD(column, sequence.max, FIELD_INT, "maxvalue"),
    FIELD(column, sequence.cache, FIELD_INT, "cache"),
    FIELD(column, sequence.cycle, FIELD_FLAG, "cycle"),
    FIELD(column, collation, FIELD_TEXT, "collation"),
    FIELD(column, compression, FIELD_TEXT, "compression"),
    FIELD(column, storage, FIELD_TEXT, "storage"),
    FIELD(column, statistics, FIELD_INT, "statistics"),
    FIELD(column, estimates, FIELD_SETTINGS, "estimates"),
    FIELD(column, sequence_name, FIELD_TEXT, "sequence"),
    FIELD(column, options, FIELD_SETTINGS, "options"),
    FIELD(column, not_null_name, FIELD_TEXT, "name of not null"),
    FIELD(column, not_null_alone, FIELD_FLAG, "no inherit"),
    FIELD(column, not_null_later, FIELD_FLAG, "not valid"),
    FIELD_END,
};

const struct kind column_kind = {
    .word = "column",
    .size = sizeof(struct column),
    .ns = NS_COLUMN,
    .fields = fields,
    .nodes = {NODE_COLUMN},
    .declare = declare,
    .claim = column_claim,
    .link = link,
    .as_made = column_as_made,
    .advise = advise,
    .create = create,
    .fold = fold,
    .target_name = target_name,
    .drop = drop,
    .alter = column_alter,
    .online = column_online,
    .reverse = column_reverse,
    .losses = column_losses,
    .rewrites = column_rewrites,
    .data = true,
    .elsewhere = foreign_elsewhere,
    .disturbs = COLUMN_TYPE | COLUMN_COLLATION,
    .resets = COLUMN_COMPRESSION | COLUMN_STORAGE,
    .first = column_first,
    .last = column_last,
    .open = COLUMN_SEQUENCE_NAME | COLUMN_NOT_NULL_NAME,
    .not_in_twin = COLUMN_SEQUENCE_NAME | COLUMN_OPTIONS | COLUMN_NOT_NULL_NAME | COLUMN_NOT_NULL_ALONE | COLUMN_NOT_NULL_LATER,
    .overrides = COLUMN_OVERRIDES,
    .unreached = COLUMN_COMPRESSION,
    .follow = follow,
    .renamed = renamed,
    .scratch = true,
    .reads = READS_TABLE,
    .query = query,
    .numbered = true,
    .sorts = "class r, class p, class c, class f, class v, class m",
    .read = read,
    .print = print,
    .breaks = column_breaks,
};
