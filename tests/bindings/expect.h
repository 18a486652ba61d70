/* Checks of the programs that try generated code: what is wrong is printed, and main returns `failures`. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"

static int failures;

/* The outcome of a call; anything but the wanted one is told with what the session says. */
static inline void outcome(struct pdl *p, const char *file, int line, enum pdl_rc rc, enum pdl_rc wanted) {
  const struct pdl_error *e = pdl_error(p);
  if (rc == wanted)
    return;
  failures++;
  printf("%s:%d: %s, not %s: %s %s %s (%s)\n", file, line, pdl_rc_name(rc), pdl_rc_name(wanted), e->sqlstate, e->message,
         e->detail, e->column);
}
#define GIVES(wanted, call) outcome(p, __FILE__, __LINE__, call, wanted)
#define OK(call) GIVES(PDL_OK, call)
#define EXPECT(condition) \
  ((condition) ? (void)0 : (failures++, (void)printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition)))

/* For what the bindings have no call. */
static inline void sql(PGconn *conn, const char *text) {
  PGresult *r = PQexec(conn, text);
  if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK) {
    printf("%s: %s", text, PQresultErrorMessage(r));
    exit(2);
  }
  PQclear(r);
}

#endif
