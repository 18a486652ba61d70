/* Catalogs that are copied whole and joined here: to plan a query, and to join and sort for it, takes a server longer
 * than to send the rows of all that people made. */
#include <stdlib.h>
#include <string.h>

#include "objects/objects.h"

enum { FIELDS_MAX = 20 };

/* The first column is the row's own oid; since: of the first version that has it. */
static const struct copied_catalog {
  const char *name;
  struct {
    const char *name;
    int since;
  } columns[FIELDS_MAX];
} catalogs[COPIED_COUNT] = {
    [COPIED_NAMESPACE] = {"pg_namespace", {[NAMESPACE_OID] = {"oid", 0}, [NAMESPACE_NAME] = {"nspname", 0}}},
    [COPIED_CLASS] = {"pg_class",
                      {[CLASS_OID] = {"oid", 0},
                       [CLASS_NAME] = {"relname", 0},
                       [CLASS_NAMESPACE] = {"relnamespace", 0},
                       [CLASS_KIND] = {"relkind", 0},
                       [CLASS_PERSISTENCE] = {"relpersistence", 0},
                       [CLASS_METHOD] = {"relam", 0},
                       [CLASS_TABLESPACE] = {"reltablespace", 0},
                       [CLASS_OPTIONS] = {"reloptions", 0},
                       [CLASS_RLS] = {"relrowsecurity", 0},
                       [CLASS_FORCED] = {"relforcerowsecurity", 0},
                       [CLASS_IS_PARTITION] = {"relispartition", 0},
                       [CLASS_REPLICA] = {"relreplident", 0},
                       [CLASS_OF_TYPE] = {"reloftype", 0},
                       [CLASS_ACL] = {"relacl", 0}}},
    [COPIED_CONSTRAINT] = {"pg_constraint",
                           {[CONSTRAINT_OID] = {"oid", 0},
                            [CONSTRAINT_NAME] = {"conname", 0},
                            [CONSTRAINT_NAMESPACE] = {"connamespace", 0},
                            [CONSTRAINT_SORT] = {"contype", 0},
                            [CONSTRAINT_TABLE] = {"conrelid", 0},
                            [CONSTRAINT_COLUMNS] = {"conkey", 0},
                            [CONSTRAINT_INDEX] = {"conindid", 0},
                            [CONSTRAINT_DEFERRABLE] = {"condeferrable", 0},
                            [CONSTRAINT_DEFERRED] = {"condeferred", 0},
                            [CONSTRAINT_VALID] = {"convalidated", 0},
                            [CONSTRAINT_PARENT] = {"conparentid", 0},
                            [CONSTRAINT_INHERITED] = {"coninhcount", 0},
                            [CONSTRAINT_TARGET] = {"confrelid", 0},
                            [CONSTRAINT_TARGET_COLUMNS] = {"confkey", 0},
                            [CONSTRAINT_ON_UPDATE] = {"confupdtype", 0},
                            [CONSTRAINT_ON_DELETE] = {"confdeltype", 0},
                            [CONSTRAINT_MATCH] = {"confmatchtype", 0},
                            [CONSTRAINT_ON_DELETE_COLUMNS] = {"confdelsetcols", 15},
                            [CONSTRAINT_ENFORCED] = {"conenforced", 18},
                            [CONSTRAINT_PERIOD] = {"conperiod", 18}}},
    [COPIED_INDEX] = {"pg_index",
                      {[INDEX_OID] = {"indexrelid", 0},
                       [INDEX_TABLE] = {"indrelid", 0},
                       [INDEX_COLUMNS] = {"indkey", 0},
                       [INDEX_KEY_COUNT] = {"indnkeyatts", 0},
                       [INDEX_OPTIONS] = {"indoption", 0},
                       [INDEX_COLLATIONS] = {"indcollation", 0},
                       [INDEX_CLASSES] = {"indclass", 0},
                       [INDEX_UNIQUE] = {"indisunique", 0},
                       [INDEX_VALID] = {"indisvalid", 0},
                       [INDEX_CLUSTERED] = {"indisclustered", 0},
                       [INDEX_REPLICA] = {"indisreplident", 0},
                       [INDEX_NULLS_NOT_DISTINCT] = {"indnullsnotdistinct", 15}}},
    [COPIED_SEQUENCE] = {"pg_sequence",
                         {[SEQUENCES_OID] = {"seqrelid", 0},
                          [SEQUENCES_TYPE] = {"seqtypid", 0},
                          [SEQUENCES_START] = {"seqstart", 0},
                          [SEQUENCES_INCREMENT] = {"seqincrement", 0},
                          [SEQUENCES_MIN] = {"seqmin", 0},
                          [SEQUENCES_MAX] = {"seqmax", 0},
                          [SEQUENCES_CACHE] = {"seqcache", 0},
                          [SEQUENCES_CYCLE] = {"seqcycle", 0}}},
};

void copied_columns(enum copied_id id, int version, struct strbuf *out) {
  const struct copied_catalog *from = &catalogs[id];
  strbuf_addf(out, "%s (", from->name);
  for (int i = 0; i < FIELDS_MAX && from->columns[i].name; i++)
    if (version >= from->columns[i].since)
      strbuf_addf(out, "%s%s", i ? ", " : "", from->columns[i].name);
  strbuf_addc(out, ')');
}

/* COPY's text form, its escapes undone in place (manual, COPY, "Text Format"). */
void copied_unescape(char *text) {
  static const char letters[] = "bfnrtv", means[] = "\b\f\n\r\t\v";
  char *out = text;
  for (const char *p = text; *p; p++) {
    const char *letter = *p == '\\' && p[1] ? strchr(letters, *++p) : NULL;
    *out++ = letter ? means[letter - letters] : *p;
  }
  *out = '\0';
}

size_t copied_split(char *line, const char **fields, size_t max) {
  const bool plain = !strchr(line, '\\');
  size_t n = 0;
  for (char *next = line; next && n < max; n++) {
    char *field = next;
    next = strchr(next, '\t');
    if (next)
      *next++ = '\0';
    fields[n] = !plain && strcmp(field, "\\N") == 0 ? NULL : field;
    if (!plain && fields[n])
      copied_unescape(field);
  }
  return n;
}

static const char *get(const struct row *row, int column) {
  return ((const char *const *)row->result)[column];
}

struct row copied_row(struct arena *arena, const char *const *fields) {
  return (struct row){.get = get, .arena = arena, .result = fields};
}

static uint64_t number(const char *text) {
  return strtoul(text, NULL, 10);
}

bool catalog_copied(const struct catalog *c, enum copied_id id, const char *oid, struct row *out) {
  const char *const *fields = numbers_get(&c->copied[id].by_oid, number(oid));
  if (fields)
    *out = copied_row(c->schema->arena, fields);
  return fields != NULL;
}

/* What Postgres made is not kept, but for schemas; nor what is only asked whether it is there: toast tables, constraints
 * NOT NULL. */
void copied_read(struct catalog *c, enum copied_id id, const char *line) {
  struct arena *arena = c->schema->arena;
  struct copied *to = &c->copied[id];
  const uint64_t oid = number(line);
  if ((oid < FIRST_OF_USERS && id != COPIED_NAMESPACE) ||
      (id == COPIED_INDEX && !numbers_get(&c->copied[COPIED_CLASS].by_oid, oid)))
    return;
  const char *split[FIELDS_MAX] = {NULL}, **fields;
  const size_t n = copied_split(arena_strdup(arena, line), split, FIELDS_MAX);
  if (id == COPIED_CLASS && strcmp(split[CLASS_NAMESPACE], "99") == 0) {
    if (*split[CLASS_KIND] == 't' && split[CLASS_OPTIONS])
      catalog_found(c, "settings of a toast table");
    return;
  }
  if (id == COPIED_CONSTRAINT && *split[CONSTRAINT_SORT] == 'n') { /* from 18 on there is one for most columns */
    catalog_found(c, "constraint n");
    return;
  }
  if (id == COPIED_NAMESPACE)
    catalog_note(&c->names, "pg_namespace", split[NAMESPACE_OID], split[NAMESPACE_NAME]);
  size_t count = 0, at = 0;
  while (count < FIELDS_MAX && catalogs[id].columns[count].name)
    count++;
  fields = arena_array(arena, count, sizeof *fields);
  for (size_t i = 0; i < count && at < n; i++)
    fields[i] = c->version >= catalogs[id].columns[i].since ? split[at++] : NULL;
  to->v = arena_grow(arena, to->v, to->count, &to->room, sizeof *to->v);
  to->v[to->count++] = (struct copied_one){.fields = fields};
  numbers_set(&to->by_oid, oid, fields);
}

/* ── what is there ── */

static bool is_unusual(const struct catalog *c, const char *const *index) {
  char *end;
  for (const char *p = index[INDEX_COLLATIONS]; *p; p = end) {
    const unsigned long collation = strtoul(p, &end, 10);
    if (collation != 0 && collation != 100) /* the default one */
      return true;
  }
  for (const char *p = index[INDEX_CLASSES]; *p; p = end)
    if (!numbers_get(&c->usual_classes, strtoul(p, &end, 10)))
      return true;
  return false;
}

static size_t expressions(const char *const *index) {
  size_t count = 0;
  char *end;
  for (const char *p = index[INDEX_COLUMNS]; *p; p = end)
    count += strtol(p, &end, 10) == 0;
  return count;
}

static void find_class(struct catalog *c, const char *const *fields, bool *seen) {
  const char kind = *fields[CLASS_KIND];
  if (!seen[(unsigned char)kind])
    catalog_found(c, arena_printf(c->schema->arena, "class %c", kind));
  seen[(unsigned char)kind] = true;
  if (strcmp(fields[CLASS_OF_TYPE], "0") != 0)
    catalog_found(c, "typed table");
  if (fields[CLASS_ACL])
    catalog_found(c, "grants on a relation");
  if (*fields[CLASS_FORCED] == 't' && *fields[CLASS_RLS] == 'f')
    catalog_found(c, "forced table");
  if (*fields[CLASS_IS_PARTITION] == 't' && strchr("rpf", kind))
    catalog_found(c, "partition");
  const char *const *index =
      kind == 'i' || kind == 'I' ? numbers_get(&c->copied[COPIED_INDEX].by_oid, number(fields[CLASS_OID])) : NULL;
  if (index && expressions(index))
    catalog_found(c, "index on an expression");
  if (index && (expressions(index) > 1 || is_unusual(c, index)))
    catalog_found(c, "unusual index");
}

static void find_constraint(struct catalog *c, const char *const *fields, const struct numbers *wanted, bool *seen) {
  const char sort = *fields[CONSTRAINT_SORT];
  if (!seen[(unsigned char)sort])
    catalog_found(c, arena_printf(c->schema->arena, "constraint %c", sort));
  seen[(unsigned char)sort] = true;
  if (sort == 'p' || sort == 'u' || sort == 'x')
    numbers_set(&c->key_indexes, number(fields[CONSTRAINT_INDEX]), c);
  const char *const *target =
      sort == 'f' ? numbers_get(&c->copied[COPIED_CLASS].by_oid, number(fields[CONSTRAINT_TARGET])) : NULL;
  if (sort == 'f' && (!target || !numbers_get(wanted, number(target[CLASS_NAMESPACE])) ||
                      names_hold(c->schema->sorts, "pg_extension"))) /* which may own it */
    catalog_found(c, "reference elsewhere");
}

/* ── in order ── */

static int by_place(const void *a, const void *b) {
  const struct copied_one *x = a, *y = b;
  return (x->place > y->place) - (x->place < y->place);
}

static int by_name(const void *a, const void *b) {
  const struct copied_one *x = a, *y = b;
  return x->place != y->place ? by_place(a, b) : strcmp(x->fields[CLASS_NAME], y->fields[CLASS_NAME]);
}

/* Each kind's apart. */
static int by_sort(const void *a, const void *b) {
  const struct copied_one *x = a, *y = b;
  const int order = strcmp(x->fields[CONSTRAINT_SORT], y->fields[CONSTRAINT_SORT]);
  return order ? order : strcmp(x->fields[CONSTRAINT_NAME], y->fields[CONSTRAINT_NAME]);
}

/* Those of the namespaces alone, in the order of these and of their names. */
static void select_rows(struct copied *of, int namespace, const struct numbers *wanted,
                        int (*order)(const void *, const void *)) {
  size_t kept = 0;
  for (size_t i = 0; i < of->count; i++) {
    const size_t place = (size_t)(uintptr_t)numbers_get(wanted, number(of->v[i].fields[namespace]));
    if (place)
      of->v[kept++] = (struct copied_one){of->v[i].fields, place};
  }
  of->count = kept;
  if (kept)
    qsort(of->v, kept, sizeof *of->v, order);
}

void copied_settle(struct catalog *c) {
  struct copied *classes = &c->copied[COPIED_CLASS], *constraints = &c->copied[COPIED_CONSTRAINT];
  bool seen_class[256] = {false}, seen_constraint[256] = {false};
  struct numbers wanted;
  numbers_init(&wanted, c->schema->arena);
  uintptr_t place = 0;
  for (const char *p = c->oids; *p; p += strcspn(p, "0123456789"), place++) {
    char *end;
    const uint64_t oid = strtoul(p, &end, 10);
    if (end != p)
      numbers_set(&wanted, oid, (void *)(place + 1));
    p = end;
  }
  select_rows(&c->copied[COPIED_NAMESPACE], NAMESPACE_OID, &wanted, by_place);
  select_rows(classes, CLASS_NAMESPACE, &wanted, by_name);
  select_rows(constraints, CONSTRAINT_NAMESPACE, &wanted, by_sort);
  for (size_t i = 0; i < classes->count; i++)
    find_class(c, classes->v[i].fields, seen_class);
  for (size_t i = 0; i < constraints->count; i++)
    find_constraint(c, constraints->v[i].fields, &wanted, seen_constraint);
}
