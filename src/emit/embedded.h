/* embedded: the files of templates/, put into the binary by tools/embed. */
#ifndef PDLC_EMIT_EMBEDDED_H
#define PDLC_EMIT_EMBEDDED_H

#include <stddef.h>

struct embedded_template {
  const char *name; /* path below templates/: "sql/schema.sql.mustache" */
  const char *text; /* len bytes and a NUL */
  size_t len;
};
extern const struct embedded_template embedded_templates[]; /* by name, in byte order */
extern const size_t embedded_template_count;

#endif
