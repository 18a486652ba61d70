/* not_null: the constraint of a column that is not null. From Postgres 18 on it has a name, and may say more. */
#include <ctype.h>
#include <string.h>

#include "objects/objects.h"

enum { SINCE = 18 };

static bool has_one(const struct column *col) {
  return col->not_null || col->not_null_later;
}

bool not_null_speaks(const struct column *col) {
  return col->not_null_name || col->not_null_alone || col->not_null_later;
}

bool not_null_below(const struct column *col) {
  return col->not_null && !col->not_null_alone;
}

bool not_null_comes(const struct column *col) {
  const struct object *o = &col->object, *above = o->above, *was = above ? above->match : NULL;
  return was && o->match && o->match->above == was && !o->parent->differs &&
         !not_null_speaks(col) && not_null_below((const struct column *)above) && !has_one((const struct column *)was);
}

/* ── names ── */

static const char *usual_name(struct arena *arena, const struct column *col, const char *label) {
  return postgres_name(arena, col->object.parent->name, col->object.name, label);
}

/* "t_a_not_null", numbered where that was taken; after the column was renamed, too. */
static bool is_chosen(const struct column *col, const char *name) {
  static const char label[] = "_not_null";
  const char *table = col->object.parent->name;
  size_t end = strlen(name);
  while (end > 0 && isdigit((unsigned char)name[end - 1]))
    end--;
  if (end < sizeof label || strncmp(name + end - (sizeof label - 1), label, sizeof label - 1) != 0)
    return false;
  if (strncmp(name, table, strlen(table)) == 0 && name[strlen(table)] == '_')
    return true;
  struct arena arena = ARENA_INIT;
  const bool cut = strcmp(name, usual_name(&arena, col, name + end - (sizeof label - 2))) == 0;
  arena_release(&arena);
  return cut;
}

const char *not_null_called(struct arena *arena, const struct column *col) {
  return col->not_null_own    ? col->not_null_own
         : col->not_null_name ? col->not_null_name
                              : usual_name(arena, col, "not_null");
}

static bool is_taken(const struct object *table, const char *name) {
  for EACH_CHILD(table, o) {
    const char *other = is_kind(o, KIND_COLUMN) ? ((const struct column *)o)->not_null_own : NULL;
    if (strcmp(other ? other : o->kind->ns == NS_CONSTRAINT ? o->name : "", name) == 0)
      return true;
  }
  return false;
}

/* ── PDL → model ── */

static void declare(struct compile *c, struct column *col, const struct node *n) {
  const struct node *name = node_part(n, NODE_NAME), *later = compile_clause(c, n, NODE_NOT_VALID);
  if (col->not_null == (later != NULL))
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span,
                             later ? "\"%s\" may be null in rows that are there, but has no ?"
                                   : "\"%s\" may be null, by its ?",
                             col->object.name),
                    later ? "Put ? behind the type." : "Leave the ? out, or the not null.");
  col->not_null_name = name && !is_chosen(col, name->name.text) ? name->name.text : NULL;
  col->not_null_later = later != NULL;
  col->not_null_alone = compile_clause(c, n, NODE_NO_INHERIT) != NULL;
}

void not_null_declare(struct compile *c, struct column *col, const struct node *column) {
  const struct node *n = compile_clause(c, column, NODE_NOT_NULL);
  if (n && !n->parts)
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "columns are not null without saying so"),
                    "A ? behind the type is for those that may be null: leave \"not null\" out.");
  else if (n && compile_needs_version(c, SINCE, n->span, "a not null that has a name or says more"))
    declare(c, col, n);
}

void not_null_link(struct compile *c, const struct column *col) {
  const struct object *o = &col->object, *table = o->parent;
  const struct node *n = not_null_speaks(col) ? node_part(col->node, NODE_NOT_NULL) : NULL;
  const struct key *primary = n ? table_primary(table) : NULL;
  if (!n)
    return;
  if (o->above && not_null_below((const struct column *)o->above))
    diagnostic_peer(diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span,
                             "\"%s\" is not null from above, and has the name from there", o->name),
                    o->above->span, "it is declared here");
  else if (col->not_null_alone && (col->serial || col->identity || (primary && names_hold(primary->columns, o->name))))
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "the not null of a %s is inherited",
             col->serial ? "serial column" : col->identity ? "column with an identity" : "primary key");
  else if (col->not_null_alone && table_is_parted(table))
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "partitions have each not null of the table above");
  for EACH_CHILD(table, other)
    if (col->not_null_name && other != o && other->kind->ns == NS_CONSTRAINT &&
        strcmp(other->name, col->not_null_name) == 0)
      diagnostic_peer(diagnose(c->diagnostics, PDL_DUPLICATE_NAME, n->span,
                               "constraint \"%s\" is declared twice in \"%s\"", other->name, table->name),
                      other->span, "the other one is here");
}

/* ── SQL ── */

void sql_not_null(struct strbuf *out, const struct column *col) {
  if (col->not_null_name) {
    strbuf_adds(out, " CONSTRAINT ");
    sql_ident(out, col->not_null_name);
  }
  strbuf_adds(out, col->not_null_alone ? " NOT NULL NO INHERIT" : " NOT NULL");
}

void sql_set_not_null(struct strbuf *out, const struct column *col) {
  if (!not_null_speaks(col)) {
    strbuf_adds(out, "ALTER COLUMN ");
    sql_ident(out, col->object.name);
    strbuf_adds(out, " SET NOT NULL");
    return;
  }
  strbuf_adds(out, "ADD ");
  if (col->not_null_name) {
    strbuf_adds(out, "CONSTRAINT ");
    sql_ident(out, col->not_null_name);
    strbuf_addc(out, ' ');
  }
  strbuf_adds(out, "NOT NULL ");
  sql_ident(out, col->object.name);
  strbuf_adds(out, col->not_null_alone ? " NO INHERIT" : "");
  strbuf_adds(out, col->not_null_later ? " NOT VALID" : "");
}

static void set(const struct column *col, struct strbuf *out) {
  sql_alter_table(out, &col->object);
  sql_set_not_null(out, col);
  strbuf_adds(out, ";\n");
}

void sql_add_not_null_later(const struct column *col, struct strbuf *out) {
  if (col->not_null_later)
    set(col, out);
}

static void of_column(const struct column *col, const char *what, struct strbuf *out) {
  sql_alter_table(out, &col->object);
  strbuf_adds(out, "ALTER COLUMN ");
  sql_ident(out, col->object.name);
  strbuf_addf(out, " %s;\n", what);
}

static void rename_to(const struct object *table, const char *from, const char *to, struct strbuf *out) {
  strbuf_adds(out, "ALTER TABLE ");
  sql_object(out, table);
  strbuf_adds(out, " RENAME CONSTRAINT ");
  sql_ident(out, from);
  strbuf_adds(out, " TO ");
  sql_ident(out, to);
  strbuf_adds(out, ";\n");
}

/* Before and after have one. What was not valid is made so by SET NOT NULL. */
static void change(const struct column *before, const struct column *col, uint64_t fields, struct strbuf *out) {
  struct arena arena = ARENA_INIT;
  const char *was = not_null_called(&arena, before), *is = was;
  if (fields & COLUMN_NOT_NULL)
    of_column(col, "SET NOT NULL", out);
  if (fields & COLUMN_NOT_NULL_NAME)
    is = col->not_null_name ? col->not_null_name : usual_name(&arena, col, "not_null");
  if (strcmp(is, was) != 0)
    rename_to(col->object.parent, was, is, out);
  if (fields & COLUMN_NOT_NULL_ALONE) {
    sql_alter_table(out, &col->object);
    strbuf_adds(out, "ALTER CONSTRAINT ");
    sql_ident(out, is);
    strbuf_adds(out, " INHERIT;\n");
  }
  arena_release(&arena);
}

void not_null_alter(const struct column *before, const struct column *col, uint64_t fields, struct strbuf *out) {
  /* heirs would keep it as their own if it were only no longer theirs from above */
  const bool alone = fields & COLUMN_NOT_NULL_ALONE && col->not_null_alone;
  const bool anew = alone || (before->not_null && col->not_null_later), had = has_one(before) && !anew;
  if (has_one(before) && (!has_one(col) || anew))
    of_column(col, "DROP NOT NULL", out);
  if (not_null_comes(col))
    return;
  if (has_one(col) && had)
    change(before, col, fields, out);
  else if (has_one(col))
    set(col, out);
}

/* The name follows as that of the column's sequence does, where it is free by now and needs no cut. */
void not_null_renamed(struct column *col, struct strbuf *out) {
  const struct object *o = &col->object;
  struct strbuf name = STRBUF_INIT;
  strbuf_addf(&name, "%s_%s_not_null", o->parent->name, o->name);
  if (col->not_null_own && col->not_null_follows && name.len < 64 && !is_taken(o->parent, name.text)) {
    rename_to(o->parent, col->not_null_own, name.text, out);
    col->not_null_own = NULL; /* it has the usual name now */
  }
  strbuf_release(&name);
}

/* ── catalog ── */

/* What says more than that; and, where any is not valid, those that heirs have from above: it depends on when they came
 * whether these are. */
static const char *query(int version) {
  (void)version;
  return "SELECT k.conrelid, k.conkey[1], k.conname, " CATALOG_FLAG("k.connoinherit") ", " CATALOG_FLAG("NOT k.convalidated") ","
         " k.coninhcount, k.conislocal FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
         " WHERE k.contype = 'n' AND k.connamespace = ANY ($1) AND CASE WHEN k.coninhcount = 0 THEN NOT k.convalidated"
         " OR k.connoinherit OR pg_catalog.right(k.conname::text, 9) <> '_not_null'"
         " OR NOT pg_catalog.starts_with(k.conname::text, c.relname::text) ELSE EXISTS (SELECT FROM pg_catalog.pg_constraint u"
         " WHERE u.contype = 'n' AND NOT u.convalidated) END";
}

static void read(struct catalog *c, const struct row *row) {
  const struct object *table = catalog_get(c, "pg_class", row_peek(row, 0));
  struct column *col = table && is_kind(table, KIND_TABLE)
                           ? (struct column *)column_by_number(table, (int)row_int(row, 1))
                           : NULL;
  if (!col)
    return;
  const bool later = row_flag(row, 4);
  if (later) /* it need not hold yet */
    col->not_null = false;
  col->not_null_came = !row_flag(row, 6);
  if (row_int(row, 5) > 0)
    return;
  const char *name = row_text(row, 2);
  col->not_null_name = is_chosen(col, name) ? NULL : name;
  col->not_null_own = name;
  col->not_null_alone = row_flag(row, 3);
  col->not_null_later = later;
}

const struct lookup not_nulls_lookup = {query, read, "constraint n", KIND_KEY, false};

/* ── model → PDL ── */

void pdl_not_null(struct strbuf *out, const struct column *col) {
  if (!not_null_speaks(col))
    return;
  strbuf_adds(out, " not null");
  if (col->not_null_name) {
    strbuf_adds(out, " name ");
    pdl_word(out, col->not_null_name);
  }
  strbuf_adds(out, col->not_null_alone ? " no inherit" : "");
  strbuf_adds(out, col->not_null_later ? " not valid" : "");
}
