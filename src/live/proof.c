/* The server's own word on expressions, all in one question. What the schema says and what the catalogs print become
 * statements of one temporary function, whose body the server stores parsed and prints again: where the two are printed
 * alike, they mean the same. A twin (scratch.c) answers whatever is left. */
#include <libpq-fe.h>
#include <string.h>

#include "diff/diff.h"
#include "live/private.h"
#include "objects/objects.h"

enum { BATCH = 256, KEYS_MAX = 32 };
#define MARK "pdlc:"

/* One field of a change, and how many pairs of texts it comes to: what the schema says, and what is there. */
struct question {
  struct change *change;
  size_t field;
  size_t pairs;
};

static const void *at(const struct object *o, const struct field *f) {
  return (const char *)o + f->offset;
}

/* Where names in its expressions come from. */
static void add_from(const struct object *o, struct strbuf *out) {
  strbuf_adds(out, " FROM ");
  sql_object(out, o->parent);
  if (o->kind->reads == READS_ROWS) {
    strbuf_adds(out, " AS old, ");
    sql_object(out, o->parent);
    strbuf_adds(out, " AS new");
  }
}

/* o: whose table it is read over, and the type of whose value it has. */
static void add_statement(const struct object *o, const char *sql, size_t number, struct strbuf *out) {
  if (o->kind->reads == READS_QUERY) {
    strbuf_adds(out, sql);
  } else {
    strbuf_addf(out, "SELECT (%s\n)", sql);
    if (is_kind(o, KIND_COLUMN)) {
      strbuf_adds(out, "::");
      sql_type(out, &((const struct column *)o)->type);
    }
    strbuf_adds(out, " AS x");
    add_from(o, out);
  }
  strbuf_addf(out, "\n; SELECT '" MARK "%zu'::text AS m;\n", number);
}

static bool same_but_expression(const struct index_key *a, const struct index_key *b) {
  struct index_key x = *a, y = *b;
  x.expr = y.expr = (struct expr){.sql = NULL};
  return index_keys_equal(&(struct index_keys){&x, 1}, &(struct index_keys){&y, 1});
}

/* The texts to compare; 0 where the field differs in more than expressions. */
static size_t texts_of(const struct change *c, const struct field *f, const char *ours[], const char *theirs[]) {
  if (f->type == FIELD_EXPR) {
    const struct expr *a = at(c->after, f), *b = at(c->before, f);
    ours[0] = a->sql;
    theirs[0] = b->sql;
    return a->sql && b->sql;
  }
  if (f->type != FIELD_KEYS)
    return 0;
  const struct index_keys *a = at(c->after, f), *b = at(c->before, f);
  size_t n = 0;
  if (a->n != b->n || a->n > KEYS_MAX)
    return 0;
  for (size_t i = 0; i < a->n; i++) {
    if (!same_but_expression(&a->v[i], &b->v[i]) || !a->v[i].expr.sql != !b->v[i].expr.sql)
      return 0;
    if (!a->v[i].expr.sql)
      continue;
    ours[n] = a->v[i].expr.sql;
    theirs[n++] = b->v[i].expr.sql;
  }
  return n;
}

static void add_question(struct question *q, size_t *number, struct strbuf *out) {
  const char *ours[KEYS_MAX], *theirs[KEYS_MAX];
  const struct change *c = q->change;
  q->pairs = texts_of(c, &c->after->kind->fields[q->field], ours, theirs);
  for (size_t i = 0; i < q->pairs; i++) {
    add_statement(c->before, ours[i], (*number)++, out);
    add_statement(c->before, theirs[i], (*number)++, out);
  }
}

/* Statement `number` of the printed body: from the end of the mark before it to its own. NULL where it cannot be told. */
static const char *next_statement(const char **body, size_t number, size_t *length) {
  char mark[64];
  snprintf(mark, sizeof mark, " SELECT '" MARK "%zu'::text AS m;", number);
  const char *from = *body, *to = strstr(from, mark);
  if (!to)
    return NULL;
  *length = (size_t)(to - from);
  *body = to + strlen(mark);
  return from;
}

static void settle_question(const struct question *q, const char **body, size_t *number) {
  bool equal = true;
  for (size_t i = 0; i < q->pairs; i++) {
    size_t n, m;
    const char *ours = next_statement(body, (*number)++, &n),
               *theirs = ours ? next_statement(body, (*number)++, &m) : NULL;
    equal &= theirs && n == m && memcmp(ours, theirs, n) == 0;
  }
  if (equal && q->pairs)
    q->change->fields &= ~(UINT64_C(1) << q->field);
}

void scratch_begin(const char *search_path, struct strbuf *sql) {
  strbuf_addf(sql, "BEGIN READ WRITE; SET LOCAL search_path = %s, pg_temp; SET LOCAL lock_timeout = '10s';"
              " SET LOCAL transform_null_equals = off; SET LOCAL check_function_bodies = off;\n",
              search_path);
}

/* Runs all of it in one message, whose one answer with a row is returned: NULL where something failed. Nothing stays. */
static PGresult *answer(struct connection *c, const char *sql) {
  PGresult *found = NULL;
  bool ok = PQsendQuery(c->pg, sql) == 1;
  for (PGresult *r; (r = PQgetResult(c->pg)) != NULL;) {
    const bool row = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1;
    ok = ok && (row || PQresultStatus(r) == PGRES_COMMAND_OK);
    if (row && !found)
      found = r;
    else
      PQclear(r);
  }
  if (PQtransactionStatus(c->pg) != PQTRANS_IDLE)
    query_ok(c, "ROLLBACK");
  if (ok)
    return found;
  PQclear(found);
  return NULL;
}

/* What the server refuses to read, it may refuse for one of them: halves are asked again. */
static void ask(struct connection *c, struct question *questions, size_t count, const char *search_path) {
  static const char header[] = "BEGIN ATOMIC";
  struct strbuf sql = STRBUF_INIT;
  size_t number = 0;
  scratch_begin(search_path, &sql);
  strbuf_adds(&sql, "CREATE FUNCTION pg_temp.pdlc_proof() RETURNS void LANGUAGE sql BEGIN ATOMIC\n");
  for (size_t i = 0; i < count; i++)
    add_question(&questions[i], &number, &sql);
  strbuf_adds(&sql, "END;\nSELECT pg_catalog.pg_get_function_sqlbody('pg_temp.pdlc_proof()'::pg_catalog.regprocedure);\n"
                    "ROLLBACK");
  PGresult *r = answer(c, sql.text);
  strbuf_release(&sql);
  if (r) {
    const char *body = PQgetvalue(r, 0, 0);
    number = 0;
    body = strncmp(body, header, strlen(header)) == 0 ? body + strlen(header) : "";
    for (size_t i = 0; i < count; i++)
      settle_question(&questions[i], &body, &number);
    PQclear(r);
  } else if (count > 1) {
    ask(c, questions, count / 2, search_path);
    ask(c, questions + count / 2, count - count / 2, search_path);
  }
}

/* Tables whose columns come or get other names, where no answer of today holds. */
enum { STILL, MOVING };

static struct object *table_before(const struct change *c) {
  const struct object *o = c->after && c->after->parent ? c->after->parent->match : c->before;
  return (struct object *)(uintptr_t)o;
}

static void mark_moving(const struct changes *changes) {
  for (struct object *o = changes->before->first; o; o = o->next)
    o->mark = STILL;
  for (size_t i = 0; i < changes->count; i++) {
    const struct change *c = &changes->v[i];
    const bool column = is_kind(c->after ? c->after : c->before, KIND_COLUMN);
    const bool moves = c->old_name || (column && (c->verb != CHANGE_ALTER || c->fields & c->after->kind->disturbs));
    if (moves && table_before(c))
      table_before(c)->mark = MOVING;
  }
}

/* A star takes in what is to come. */
static bool has_star(const struct object *o) {
  for (size_t i = 0; o->kind->fields[i].label; i++)
    if (o->kind->fields[i].type == FIELD_EXPR && ((const struct expr *)at(o, &o->kind->fields[i]))->star)
      return true;
  return false;
}

static bool rests_on_moving(const struct object *after) {
  for (const struct depend *d = after->depends; d; d = d->next) {
    const struct object *rows = function_result_type(d->on), *on = rows ? rows : d->on;
    if (on->match && on->match->mark == MOVING && has_star(after))
      return true;
  }
  return false;
}

static bool is_open(const struct change *c) {
  if (c->verb != CHANGE_ALTER || !c->fields || !c->after->kind->reads || c->before->mark == MOVING)
    return false;
  return c->after->kind->reads == READS_QUERY ||
         (c->after->parent && c->after->parent->match && c->after->parent->match->mark != MOVING);
}

void proof_settle(struct arena *arena, struct connection *c, struct changes *changes, const char *search_path) {
  size_t count = 0, kept = 0, room = 0;
  mark_moving(changes);
  for (size_t i = 0; i < changes->count; i++)
    changes->v[i].certain = changes->v[i].verb == CHANGE_ALTER && rests_on_moving(changes->v[i].after);
  for (size_t i = 0; i < changes->count; i++)
    for (uint64_t fields = is_open(&changes->v[i]) ? changes->v[i].fields : 0; fields; fields &= fields - 1)
      room++;
  struct question *questions = arena_array(arena, room, sizeof *questions);
  for (size_t i = 0; i < changes->count; i++) {
    struct change *change = &changes->v[i];
    for (size_t f = 0; is_open(change) && !change->certain && change->after->kind->fields[f].label; f++)
      if (change->fields >> f & 1)
        questions[count++] = (struct question){.change = change, .field = f};
  }
  for (size_t i = 0; c->version >= 14 && i < count; i += BATCH)
    ask(c, questions + i, count - i < BATCH ? count - i : BATCH, search_path);
  for (size_t i = 0; i < changes->count; i++) {
    const struct change *change = &changes->v[i];
    if (change->verb != CHANGE_ALTER || change->fields || change->comment || change->old_name)
      changes->v[kept++] = *change;
  }
  changes->count = kept;
}
