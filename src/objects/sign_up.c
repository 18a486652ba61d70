/* Advice on triggers of tables that are not ours, as of auth.users: where their function fails, so does what they are
 * to follow, and nobody can sign up any more. */
#include "objects/objects.h"

/* Triggers of the table's own may fill in what an insert leaves out. */
static bool is_filled_in(const struct object *table) {
  for EACH_CHILD(table, o)
    if (is_kind(o, KIND_TRIGGER) && strncmp(((const struct trigger *)o)->event, "BEFORE", strlen("BEFORE")) == 0)
      return true;
  return false;
}

static bool is_left_out(const struct column *c, const struct sql_insert *insert) {
  const struct domain *d = (const struct domain *)c->type.object;
  const bool by_type = d && is_kind(&d->object, KIND_DOMAIN) && d->default_.sql;
  if (!c->not_null || c->default_.sql || c->serial || c->identity || c->generated.sql || by_type)
    return false;
  for (size_t i = 0; i < insert->column_count; i++)
    if (strcmp(insert->columns[i], c->object.name) == 0)
      return false;
  return true;
}

static void advise_insert(struct compile *c, const struct object *trigger, const struct sql_insert *insert) {
  const struct object *table =
      schema_find(c->schema, NS_RELATION, insert->schema ? insert->schema : "public", NULL, insert->table);
  if (!table || !is_kind(table, KIND_TABLE) || table->external || is_filled_in(table))
    return;
  for EACH_CHILD(table, o) {
    if (!is_kind(o, KIND_COLUMN) || !is_left_out((const struct column *)o, insert))
      continue;
    struct diagnostic *d = diagnose(c->diagnostics, PDL_SIGN_UP_FAILS, trigger->span,
                                    "trigger \"%s\" leaves out \"%s\" of \"%s\", which must not be null", trigger->name,
                                    o->name, table->name);
    diagnostic_peer(d, o->span, "this column has no default");
    diagnostic_hint(c->diagnostics, d,
                    "Every insert into \"%s\" would fail: insert it too, give it a default, or let it be null.",
                    trigger->parent->name);
  }
}

void advise_trigger(struct compile *c, const struct object *o) {
  const struct trigger *t = (const struct trigger *)o;
  if (!o->parent->external || !strstr(t->event, "INSERT") || (t->state && strcmp(t->state, "disabled") == 0))
    return;
  for (const struct depend *d = o->depends; d; d = d->next) {
    const struct function *f = (const struct function *)d->on;
    if (!is_kind(d->on, KIND_FUNCTION) || !f->body)
      continue;
    struct sql_insert insert;
    for (uint32_t at = 0; sql_next_insert(c->arena, f->body, &at, &insert);)
      advise_insert(c, o, &insert);
  }
}
