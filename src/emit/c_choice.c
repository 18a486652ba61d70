/* Which tables and schemas an output of C is for: its options `schemas` and `tables`. */
#include <string.h>

#include "emit/c_model.h"

static bool listed(const char *list, const char *name) {
  const size_t n = strlen(name);
  for (const char *p = list; p && *p;) {
    p += strspn(p, " ,");
    const size_t m = strcspn(p, " ,");
    if (m == n && strncmp(p, name, n) == 0)
      return true;
    p += m;
  }
  return false;
}

bool c_is_rows(const struct object *o) {
  return is_kind(o, KIND_TABLE) || is_kind(o, KIND_VIEW) || is_kind(o, KIND_MATVIEW);
}

bool c_is_chosen_schema(const struct output *output, const struct object *o) {
  const char *schemas = setting_get(output->settings, "schemas");
  return !schemas || listed(schemas, o->schema);
}

bool c_is_chosen(const struct object *o, const struct output *output) {
  const char *tables = setting_get(output->settings, "tables");
  if (o->external && !listed(tables, o->name))
    return false;
  return c_is_chosen_schema(output, o) && (!tables || listed(tables, o->name));
}

/* What a list names and the schema does not have. */
void c_check_listed(struct c_build *b, const struct output *output, const char *option) {
  const bool schemas = strcmp(option, "schemas") == 0;
  for (const char *p = setting_get(output->settings, option); p && *p;) {
    p += strspn(p, " ,");
    const char *name = arena_strndup(b->arena, p, strcspn(p, " ,"));
    p += strlen(name);
    struct spell spell = SPELL_INIT(name);
    bool found = !*name;
    for (const struct object *o = b->schema->first; o; o = o->next)
      if (schemas ? is_kind(o, KIND_SCHEMA) : c_is_rows(o)) {
        found |= strcmp(o->name, name) == 0;
        spell_offer(&spell, o->name);
      }
    if (found)
      continue;
    struct diagnostic *d = diagnose(b->diagnostics, PDL_C_OPTION, output->span, "there is no %s \"%s\"",
                                    schemas ? "schema" : "table", name);
    if (spell.best)
      diagnostic_hint(b->diagnostics, d, "did you mean \"%s\"?", spell.best);
    else
      diagnostic_hint(b->diagnostics, d, "Names are separated by blanks, without their schema.");
  }
}
