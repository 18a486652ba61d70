/* shape: what clients select of a table and of the rows around it, for generated code. It is no object of the database. */
#include "objects/objects.h"

static void declare(struct compile *c, const struct node *n, struct object *parent) {
  (void)parent;
  struct declared_shape *s = compile_object(c, KIND_SHAPE, n, NULL);
  if (!s)
    return;
  s->node = n;
  s->object.external = true;
}

/* ── what a pick means ── */

static bool is_stem_of(const char *stem, const char *column) {
  const size_t n = strlen(stem);
  return strncmp(stem, column, n) == 0 && (column[n] == '\0' || strcmp(column + n, "_id") == 0);
}

struct relation {
  const struct foreign *foreign;
  const struct object *table;
  bool up, many;
  size_t count; /* how many are meant as well as this */
};

static void offer(struct relation *best, const struct foreign *f, const struct object *table, bool up, bool many) {
  if (best->count++ == 0) {
    best->foreign = f;
    best->table = table;
    best->up = up;
    best->many = many;
  }
}

/* By the column of a foreign key, with or without its _id; else by the table at the other end of one. */
static struct relation find_relation(const struct object *table, struct name name) {
  struct relation by_column = {0}, by_table = {0};
  for EACH_CHILD(table, o) {
    const struct foreign *f = (const struct foreign *)o;
    if (!is_kind(o, KIND_FOREIGN) || !f->table || name.schema)
      continue;
    if (f->columns.n == 1 && is_stem_of(name.text, f->columns.v[0]))
      offer(&by_column, f, f->table, true, false);
    else if (strcmp(f->table->name, name.text) == 0)
      offer(&by_table, f, f->table, true, false);
  }
  for (const struct depend *d = ((const struct table *)table)->referrers; d; d = d->next) {
    const struct foreign *f = (const struct foreign *)d->on;
    const struct object *from = d->on->parent;
    const bool many = !table_is_unique(from, f->columns);
    if (name.schema && strcmp(from->name, name.schema) == 0 && names_hold(f->columns, name.text))
      offer(&by_column, f, from, false, many);
    else if (!name.schema && from != table && strcmp(from->name, name.text) == 0)
      offer(&by_table, f, from, false, many);
  }
  return by_column.count ? by_column : by_table;
}

static void unknown(struct compile *c, const struct node *n, const struct object *table) {
  if (c->incomplete)
    return;
  struct spell spell = SPELL_INIT(n->name.text);
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_COLUMN))
      spell_offer(&spell, o->name);
  const bool embeds = node_part(n, NODE_PICKS) != NULL;
  struct diagnostic *d = diagnose(c->diagnostics, PDL_UNKNOWN_COLUMN, n->name.span, "table \"%s\" has no %s \"%s\"",
                                  table->name, embeds ? "relation" : "column", n->name.text);
  if (embeds)
    diagnostic_hint(c->diagnostics, d,
                    "Name the column of a foreign key, with or without its _id, a table that refers to \"%s\", or both as "
                    "table.column.",
                    table->name);
  else if (spell.best)
    diagnostic_hint(c->diagnostics, d, "did you mean \"%s\"?", spell.best);
}

static struct picks link_picks(struct compile *, const struct node *list, const struct object *table);

static bool link_pick(struct compile *c, const struct node *n, const struct object *table, struct pick *pick) {
  const struct node *picks = node_part(n, NODE_PICKS), *as = node_part(n, NODE_AS);
  *pick =
      (struct pick){.code_name = as ? as->text : NULL, .span = n->name.span, .inner = node_part(n, NODE_INNER) != NULL};
  if (!picks) {
    pick->column = n->name.schema ? NULL : table_column(table, n->name.text);
    if (!pick->column)
      unknown(c, n, table);
    return pick->column != NULL;
  }
  const struct relation r = find_relation(table, n->name);
  if (r.count == 0) {
    unknown(c, n, table);
    return false;
  }
  if (r.count > 1) {
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_SHAPE_AMBIGUOUS, n->name.span,
                             "%zu foreign keys lead from \"%s\" to \"%s\"", r.count, table->name, n->name.text),
                    "Name the column of the one that is meant, or for rows that refer to this one table.column.");
    return false;
  }
  if (r.table->external || strcmp(r.table->schema, table->schema) != 0 ||
      (r.table == table && r.foreign->columns.n > 1)) {
    diagnostic_hint(c->diagnostics,
                    diagnose(c->diagnostics, PDL_SHAPE_APART, n->name.span, "table \"%s\" cannot be embedded in \"%s\"",
                             r.table->name, table->name),
                    "PostgREST embeds tables of one schema, and a table in itself by a key of one column; select those rows by themselves.");
    return false;
  }
  if (n->optional && r.many) {
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, n->span, "\"%s\" is a list, which may be empty but not null",
             n->name.text);
    return false;
  }
  pick->foreign = r.foreign;
  pick->table = r.table;
  pick->up = r.up;
  pick->many = r.many;
  pick->picks = link_picks(c, picks, r.table);
  return true;
}

static struct picks link_picks(struct compile *c, const struct node *list, const struct object *table) {
  struct picks picks = {.v = arena_array(c->arena, node_count(list, NODE_PICK), sizeof *picks.v)};
  bool empty = true;
  for (const struct node *n = list->parts; n; n = n->next) {
    empty &= n->kind == NODE_BASE || n->kind == NODE_ALLOW;
    if (n->kind == NODE_ALL && picks.all)
      diagnose(c->diagnostics, PDL_TWICE, n->span, "second \"*\"");
    picks.all |= n->kind == NODE_ALL;
    if (n->kind == NODE_PICK && link_pick(c, n, table, &picks.v[picks.n]))
      picks.n++;
  }
  for (size_t i = 0; i < picks.n; i++) {
    const struct pick *p = &picks.v[i];
    if (p->column && picks.all)
      diagnose(c->diagnostics, PDL_TWICE, p->span, "\"*\" has column \"%s\" already", p->column->object.name);
    for (size_t k = 0; k < i; k++)
      if (p->column == picks.v[k].column && p->foreign == picks.v[k].foreign)
        diagnose(c->diagnostics, PDL_TWICE, p->span, "\"%s\" is listed twice",
                 p->column ? p->column->object.name : p->table->name);
  }
  if (empty && !c->incomplete)
    diagnose(c->diagnostics, PDL_OUT_OF_PLACE, list->span, "nothing of \"%s\" is selected", table->name);
  return picks;
}

static void link(struct compile *c, struct object *o) {
  struct declared_shape *s = (struct declared_shape *)o;
  const struct node *base = node_part(s->node, NODE_BASE), *table = base->parts;
  if (!table || table->kind != NODE_PICK || table->next || table->parts) {
    if (table)
      diagnose(c->diagnostics, PDL_OUT_OF_PLACE, base->span, "a shape is of one table");
    return;
  }
  s->table = compile_find_table(c, table->name);
  if (s->table && s->table->external)
    diagnostic_hint(
        c->diagnostics,
        diagnose(c->diagnostics, PDL_SHAPE_APART, table->name.span, "table \"%s\" is external", s->table->name),
        "Shapes are of tables that the schema declares.");
  else if (s->table)
    s->picks = link_picks(c, s->node, s->table);
}

static const struct field fields[] = {FIELD_END};

const struct kind shape_kind = {
    .word = "shape",
    .size = sizeof(struct declared_shape),
    .ns = NS_SHAPE,
    .fields = fields,
    .nodes = {NODE_SHAPE},
    .declare = declare,
    .link = link,
};
