/* The statements of a migration file, and those that it may not hold. */
#include "migrate/migrate.h"

static const struct {
  const char *message, *hint;
} refused[] = {
    [SQL_PART_TRANSACTION] = {"transaction command in a migration file",
                              "One file is one transaction, which pdlc opens and commits; take the command out."},
    [SQL_PART_META] = {"command of psql in a migration file",
                       "A migration holds SQL only, so that any tool can run it."},
    [SQL_PART_COPY] = {"COPY from standard input in a migration file", "Write the rows as INSERT … VALUES."},
};

bool migration_statements(struct arena *arena, const struct migration_file *f, struct diagnostics *d,
                          struct sql_part **parts, size_t *count) {
  const size_t errors = d->errors;
  *parts = sql_split(arena, f->source->text, f->source->len, count);
  for (size_t i = 0; i < *count; i++) {
    const struct sql_part *p = &(*parts)[i];
    const struct span span = {f->source, p->from, p->to};
    if (p->kind < ARRAY_LEN(refused) && refused[p->kind].message)
      diagnostic_hint(d, diagnose(d, PDL_MIGRATION_REFUSED, span, "%s", refused[p->kind].message), "%s",
                      refused[p->kind].hint);
    else if (p->kind == SQL_PART_ALONE && *count > 1)
      diagnostic_hint(d,
                      diagnose(d, PDL_MIGRATION_REFUSED, span,
                               "this statement cannot run within a transaction, and others stand beside it"),
                      "Give it a migration of its own.");
    else if (p->kind == SQL_PART_ALONE && f->transaction)
      diagnostic_hint(d, diagnose(d, PDL_MIGRATION_REFUSED, span, "this statement cannot run within a transaction"),
                      "Let the header of the file say: -- transaction: no");
  }
  if (!f->transaction && *count > 1 && d->errors == errors)
    diagnostic_hint(d, diagnose(d, PDL_MIGRATION_REFUSED, (struct span){f->source, (*parts)[1].from, (*parts)[1].to},
                                "second statement in a file that is no transaction"),
                    "If the run were cut off between the two, nobody could tell; give it a migration of its own.");
  return d->errors == errors;
}
