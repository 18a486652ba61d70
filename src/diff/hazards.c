/* What statements do to others while they run. Measured on servers; tests/live/hazards.py measures it again. */
#include "diff/hazards.h"

#include <string.h>

#include "diff/diff.h"
#include "objects/objects.h"

#define AE LOCK_ACCESS_EXCLUSIVE
#define SRE LOCK_SHARE_ROW_EXCLUSIVE
#define SUE LOCK_SHARE_UPDATE_EXCLUSIVE

static const struct hazard_fact facts[HAZARD_COUNT] = {
    [HAZARD_D1] = {"D1", AE, AE, WORK_NONE, true, "its rows are gone; tables that it refers to are locked too",
                   "Drop its foreign keys first, in a transaction of their own."},
    [HAZARD_D2] = {"D2", AE, LOCK_NONE, WORK_NONE, true, "what is in it is gone, and programs that name it fail",
                   "Let every program stop using it first."},
    [HAZARD_D3] = {"D3", AE, LOCK_NONE, WORK_NONE, true, "what uses it fails",
                   "Let every program stop using it first."},
    [HAZARD_D4] = {"D4", AE, LOCK_NONE, WORK_NONE, true, "programs that use the former name fail at once",
                   "Deploy programs that know both names, or keep a view under the former one."},
    [HAZARD_D4_OTHER] = {"D4", LOCK_NONE, LOCK_NONE, WORK_NONE, true, "programs that use the former name fail at once",
                         "Deploy programs that know both names first."},
    [HAZARD_C1] = {"C1", AE, LOCK_NONE, WORK_NONE, false, "added without touching rows", NULL},
    [HAZARD_C2] = {"C2", AE, LOCK_NONE, WORK_SCAN, true, "fails where the table has rows",
                   "Give it a default, or say backfill (expression)."},
    [HAZARD_C3] = {"C3", AE, LOCK_NONE, WORK_REWRITE, true, "the default is computed for each row",
                   "Add the column, set the default, then fill the rows in batches."},
    [HAZARD_C4] = {"C4", AE, LOCK_NONE, WORK_REWRITE, true, "each row is given a number",
                   "Add a nullable column, fill it in batches, then make it not null and an identity."},
    [HAZARD_C5] = {"C5", AE, LOCK_NONE, WORK_REWRITE, true, "the value is computed and stored for each row",
                   "Use a window; from Postgres 18 on a virtual column stores nothing."},
    [HAZARD_C6] = {"C6", AE, LOCK_NONE, WORK_REWRITE, true, "the domain's constraints are tried for each row",
                   "Use the base type and a check that is NOT VALID at first."},
    [HAZARD_C7] = {"C7", AE, LOCK_NONE, WORK_SCAN, true, "the check is tried for each row",
                   "Add the check apart, NOT VALID, then VALIDATE it in another transaction."},
    [HAZARD_C8] = {"C8", AE, LOCK_NONE, WORK_INDEX, true, "its index is built meanwhile",
                   "Build the index CONCURRENTLY, then add the constraint USING INDEX."},
    [HAZARD_C9] = {"C9", AE, SRE, WORK_NONE, false, "both tables are locked", NULL},
    [HAZARD_C9_FILLED] = {"C9", AE, SRE, WORK_SCAN, true, "each row's default is looked up in the other table",
                          "Add the column, then its foreign key NOT VALID, and VALIDATE that in another transaction."},
    [HAZARD_K1] = {"K1", AE, LOCK_NONE, WORK_SCAN, true, "the check is tried for each row",
                   "Add it NOT VALID, then VALIDATE it in another transaction."},
    [HAZARD_K2] = {"K2", SRE, SRE, WORK_SCAN, true,
                   "each row is looked up in the other table, and neither can be written",
                   "Add it NOT VALID, then VALIDATE it in another transaction."},
    [HAZARD_K3] = {"K3", AE, LOCK_NONE, WORK_SCAN, true, "every row is read",
                   "Prove it first by a validated CHECK (column IS NOT NULL), or, from Postgres 18 on, add a NOT NULL "
                   "constraint NOT VALID."},
    [HAZARD_K4] = {"K4", AE, LOCK_NONE, WORK_INDEX, true, "its index is built meanwhile",
                   "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX."},
    [HAZARD_K5] = {"K5", AE, LOCK_NONE, WORK_INDEX, true, "its index is built meanwhile",
                   "There is no way around it; use a window."},
    [HAZARD_K6] = {"K6", AE, LOCK_NONE, WORK_SCAN, true, "the lock of adding it is held while every row is read",
                   "VALIDATE it in another transaction."},
    [HAZARD_K7] = {"K7", LOCK_SHARE, LOCK_NONE, WORK_SCAN, true, "every row of every table that uses it is read",
                   "Add the check NOT VALID, then VALIDATE it in another transaction."},
    [HAZARD_K8] = {"K1", SUE, LOCK_NONE, WORK_SCAN, false, "every row is read while others write", NULL},
    [HAZARD_K2_TAKEN] = {"K2", SRE, SRE, WORK_NONE, false, "its partitions have it already", NULL},
    [HAZARD_T1] = {"T1", AE, LOCK_NONE, WORK_REWRITE, true, "every row and index is written anew",
                   "Add a column of the new type, fill it in batches, then let it take the place of the old one."},
    [HAZARD_T1_INDEX] =
        {"T1", AE, LOCK_NONE, WORK_INDEX, true,
         "every index on the column is built anew (and with another TimeZone than UTC, timestamps are rewritten)",
         "Use a window, or a new column that is filled in batches."},
    [HAZARD_T1_KEPT] = {"T1", AE, LOCK_NONE, WORK_NONE, false, "values stay as they are stored", NULL},
    [HAZARD_T3] = {"T3", LOCK_NONE, LOCK_NONE, WORK_NONE, false,
                   "the label cannot be used before it is committed, nor taken away", NULL},
    [HAZARD_I1] = {"I1", LOCK_SHARE, LOCK_NONE, WORK_INDEX, true, "nobody writes while it is built",
                   "CREATE INDEX CONCURRENTLY, in a file of its own."},
    [HAZARD_I1_ONLY] = {"I1", LOCK_SHARE, LOCK_NONE, WORK_NONE, false, "made empty, for the partitions' to be attached",
                        NULL},
    [HAZARD_I1_CONCURRENT] = {"I1", SUE, LOCK_NONE, WORK_INDEX, false, "built while others write", NULL},
    [HAZARD_I2] = {"I2", AE, LOCK_NONE, WORK_NONE, true,
                   "it waits for every query on the table, and all others behind it",
                   "DROP INDEX CONCURRENTLY, in a file of its own."},
    [HAZARD_I2_PARTED] = {"I2", AE, LOCK_NONE, WORK_NONE, true,
                          "with the table all its partitions are locked, once no query uses any of them",
                          "None of a partitioned table goes CONCURRENTLY; with a short lock_timeout and another try, as pdlc "
                          "up has them, nobody waits for long."},
    [HAZARD_I2_CONCURRENT] = {"I2", SUE, LOCK_NONE, WORK_NONE, false, "dropped while others read and write", NULL},
    [HAZARD_I3] = {"I3", LOCK_SHARE, LOCK_NONE, WORK_INDEX, true,
                   "nobody writes, nor reads by the index, while it is built", "REINDEX ... CONCURRENTLY."},
    [HAZARD_I5] = {"I5", SUE, LOCK_NONE, WORK_INDEX, true,
                   "over an invalid index of this name it reports success and builds nothing",
                   "Drop what is invalid first; leave IF NOT EXISTS out."},
    [HAZARD_P1] = {"P1", SUE, AE, WORK_SCAN, true, "every row of the partition, and of a default one, is read",
                   "Give the partition a CHECK that says its bounds first."},
    [HAZARD_P1_HASH] = {"P1", SUE, AE, WORK_SCAN, true, "every row of the partition is read",
                        "A CHECK of satisfies_hash_partition() shows its bounds first, but for keys that have a collation."},
    [HAZARD_P1_PROVEN] = {"P1", SUE, AE, WORK_NONE, false, "a check shows which rows it has", NULL},
    [HAZARD_P2] = {"P2", AE, LOCK_NONE, WORK_SCAN, true, "every row of the default partition is read",
                   "Give that one a CHECK that its rows are not within the new bounds first."},
    [HAZARD_P3] = {"P3", AE, AE, WORK_NONE, true, "both tables are locked",
                   "From Postgres 14 on, where there is no default partition: DETACH PARTITION ... CONCURRENTLY, in a "
                   "file of its own."},
    [HAZARD_P3_CONCURRENT] = {"P3", SUE, SUE, WORK_NONE, false, "detached while others read and write", NULL},
    [HAZARD_X1] = {"X1", AE, LOCK_NONE, WORK_REWRITE, true, "nobody reads it until it is filled again",
                   "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index."},
    [HAZARD_X2] = {"X2", AE, LOCK_NONE, WORK_REWRITE, true, "every row is written anew", "Use a window."},
    [HAZARD_X3] = {"X3", SRE, LOCK_NONE, WORK_NONE, false, "writers wait for a moment", NULL},
    [HAZARD_X4] = {"X4", AE, LOCK_NONE, WORK_NONE, true, "without a policy nobody but the owner sees a row",
                   "Create its policies in the same transaction."},
    [HAZARD_X4_OFF] = {"X4", AE, LOCK_NONE, WORK_NONE, true, "whoever is granted it sees and writes every row",
                       "Revoke what others are granted, or let a policy say which rows are for whom."},
    [HAZARD_X5] = {"X5", AE, LOCK_NONE, WORK_NONE, false, "no row is touched", NULL},
};

const struct hazard_fact *hazard_fact(enum hazard_id id) {
  return &facts[id];
}

const char *lock_word(enum lock lock) {
  static const char *const words[] = {
      [LOCK_NONE] = "no lock", [LOCK_SHARE_UPDATE_EXCLUSIVE] = "SHARE UPDATE EXCLUSIVE", [LOCK_SHARE] = "SHARE",
      [LOCK_SHARE_ROW_EXCLUSIVE] = "SHARE ROW EXCLUSIVE", [LOCK_EXCLUSIVE] = "EXCLUSIVE", [LOCK_ACCESS_EXCLUSIVE] = "ACCESS EXCLUSIVE"};
  return words[lock];
}

const char *work_word(enum work work) {
  static const char *const words[] = {[WORK_NONE] = "no work",
                                      [WORK_SCAN] = "reads every row",
                                      [WORK_INDEX] = "builds indexes",
                                      [WORK_REWRITE] = "rewrites the table"};
  return words[work];
}

/* ── what has been said so far ── */

struct hazards {
  struct arena *arena;
  const struct schema *before, *types;
  int version;
  struct map made;      /* tables and domains that the statements created */
  struct map pending;   /* constraints added NOT VALID in this transaction */
  struct map proofs;    /* constraint → column that it shows to be not null */
  struct map not_null;  /* columns that a validated check shows to be not null */
  struct map valid;     /* constraints that were validated, and their tables */
  struct map parted;    /* indexes of parted tables, by names that they were given */
};

struct hazards *hazards_new(struct arena *arena, const struct schema *before, const struct schema *types, int version) {
  struct hazards *h = arena_alloc(arena, sizeof *h);
  *h = (struct hazards){.arena = arena, .before = before, .types = types, .version = version};
  map_init(&h->made, arena);
  map_init(&h->pending, arena);
  map_init(&h->proofs, arena);
  map_init(&h->not_null, arena);
  map_init(&h->valid, arena);
  map_init(&h->parted, arena);
  return h;
}

void hazards_commit(struct hazards *h) {
  map_init(&h->pending, h->arena);
}

static const char *schema_of(const struct sql_action *a) {
  return a->schema ? a->schema : "public";
}

static const char *key_of(const struct hazards *h, const char *schema_name, const char *table, const char *part) {
  return arena_printf(h->arena, "%s\n%s\n%s", schema_name ? schema_name : "public", table ? table : "",
                      part ? part : "");
}

static const char *key(const struct hazards *h, const struct sql_action *a, const char *part) {
  return key_of(h, a->schema, a->table, part);
}

bool hazards_is_new(const struct hazards *h, const struct sql_action *a) {
  return a->table && map_get(&h->made, key(h, a, NULL));
}

/* Of a model that was read from a database no names are entered. */
static const struct object *table_of(const struct hazards *h, const struct sql_action *a) {
  if (!h->before || !a->table)
    return NULL;
  if (h->before->written)
    return schema_find(h->before, NS_RELATION, schema_of(a), NULL, a->table);
  const struct object wanted = {.kind = kinds[KIND_TABLE], .schema = schema_of(a), .name = a->table};
  return schema_same(h->before, &wanted);
}

/* A type as a model has it. */
static struct type_ref type_of(const struct hazards *h, const struct sql_action *a) {
  struct type_ref t = {.schema = a->type.schema, .name = a->type.name, .mods = a->mods, .dimensions = a->type.array};
  bool serial = false;
  if (!t.name)
    return t;
  const bool own = !t.schema || strcmp(t.schema, "pg_catalog") == 0;
  const struct type_info *info = own ? type_alias(t.name, &serial) : NULL;
  if (!info && own)
    info = type_info(t.name);
  if (info) {
    t.schema = NULL;
    t.name = info->name;
    if (t.mods && info->mods && strcmp(t.mods, info->mods) == 0)
      t.mods = NULL;
    return t;
  }
  t.object = h->types ? schema_find(h->types, NS_TYPE, t.schema ? t.schema : "public", NULL, t.name) : NULL;
  if (t.object)
    t.schema = t.object->schema;
  return t;
}

/* ── judging ── */

static enum hazard_id judge_column(const struct hazards *h, const struct sql_action *a) {
  const struct type_ref type = type_of(h, a);
  if (a->sequence)
    return HAZARD_C4;
  if (a->stored)
    return HAZARD_C5;
  if (type.object && type_is_constrained(&type))
    return HAZARD_C6;
  if (a->volatile_default)
    return HAZARD_C3;
  if (a->not_null && !a->has_default)
    return HAZARD_C2;
  if (a->unique)
    return HAZARD_C8;
  if (a->check)
    return HAZARD_C7;
  if (a->references)
    return a->has_default ? HAZARD_C9_FILLED : HAZARD_C9;
  return HAZARD_C1;
}

static bool has_index(const struct object *table, const struct object *column) {
  for EACH_CHILD(table, o)
    if ((o->kind->ns == NS_RELATION || is_kind(o, KIND_KEY) || is_kind(o, KIND_EXCLUDE)) && o->kind->leans &&
        o->kind->leans(o, column, REPLACED))
      return true;
  return false;
}

static enum hazard_id judge_type(const struct hazards *h, const struct sql_action *a) {
  const struct object *table = table_of(h, a);
  const struct column *col = table ? (const struct column *)child_named(table, KIND_COLUMN, a->name) : NULL;
  const struct type_ref type = type_of(h, a);
  if (!col || a->converted || !type.name)
    return HAZARD_T1;
  switch (type_change(&col->type, &type)) {
  case TYPE_REWRITTEN: return HAZARD_T1;
  case TYPE_REINDEXED: return has_index(table, &col->object) ? HAZARD_T1_INDEX : HAZARD_T1_KEPT;
  case TYPE_KEPT: break;
  }
  return (a->collated || col->collation) && has_index(table, &col->object) ? HAZARD_T1_INDEX : HAZARD_T1_KEPT;
}

static enum hazard_id judge_validation(struct hazards *h, const struct sql_action *a) {
  const char *name = key(h, a, a->name), *column = map_get(&h->proofs, name);
  if (column)
    map_add(&h->not_null, key(h, a, column), h);
  map_add(&h->valid, name, h);
  map_add(&h->valid, key(h, a, NULL), h);
  return map_get(&h->pending, name) ? HAZARD_K6 : HAZARD_K8;
}

/* Of a table that nobody knows, ONLY says so. */
static bool may_be_parted(const struct hazards *h, const struct sql_action *a) {
  const struct object *table = table_of(h, a);
  return !table || ((const struct table *)table)->partition_by.sql;
}

static bool is_parted_index(const struct hazards *h, const char *schema_name, const char *name) {
  const struct object *o = h->before && h->before->written
                               ? schema_find(h->before, NS_RELATION, schema_name ? schema_name : "public", NULL, name)
                               : NULL;
  return map_get(&h->parted, key_of(h, schema_name, name, NULL)) || (o && is_kind(o, KIND_INDEX) && table_is_parted(o->parent));
}

static enum hazard_id judge_index_drop(const struct hazards *h, const struct sql_action *a) {
  if (a->concurrently)
    return HAZARD_I2_CONCURRENT;
  return is_parted_index(h, a->schema, a->name) ? HAZARD_I2_PARTED : HAZARD_I2;
}

/* Whether all partitions have this constraint, validated. */
static bool is_below(const struct hazards *h, const struct object *table, const char *constraint) {
  const struct depend *below = tables_below(table);
  for (const struct depend *d = below; d; d = d->next)
    if (!map_get(&h->valid, key_of(h, d->on->schema, d->on->name, constraint)) && !is_below(h, d->on, constraint))
      return false;
  return below != NULL;
}

static enum hazard_id judge_foreign(const struct hazards *h, const struct sql_action *a) {
  const struct object *table = table_of(h, a);
  return table && a->name && may_be_parted(h, a) && is_below(h, table, a->name) ? HAZARD_K2_TAKEN : HAZARD_K2;
}

static enum hazard_id judge_key(const struct hazards *h, const struct sql_action *a) {
  return a->using_index || (a->only && may_be_parted(h, a)) ? HAZARD_X5 : HAZARD_K4;
}

static enum hazard_id judge_index(const struct hazards *h, const struct sql_action *a) {
  if (!a->concurrently)
    return a->only && may_be_parted(h, a) ? HAZARD_I1_ONLY : HAZARD_I1;
  return a->if_not_exists ? HAZARD_I5 : HAZARD_I1_CONCURRENT;
}

static enum hazard_id judge_partition(const struct hazards *h, const struct sql_action *a) {
  const struct object *table = table_of(h, a);
  for (const struct depend *d = table ? tables_below(table) : NULL; d; d = d->next)
    if (is_default_partition((const struct table *)d->on) &&
        !map_get(&h->valid, key_of(h, d->on->schema, d->on->name, NULL)))
      return HAZARD_P2;
  return HAZARD_X5;
}

/* A check that was validated before is taken for one that says the bounds. */
static enum hazard_id judge_attachment(const struct hazards *h, const struct sql_action *a) {
  const struct object *table = table_of(h, a);
  const char *by = table ? ((const struct table *)table)->partition_by.sql : NULL;
  if (map_get(&h->valid, key_of(h, a->other_schema, a->other, NULL)))
    return HAZARD_P1_PROVEN;
  return by && strncmp(by, "HASH", 4) == 0 ? HAZARD_P1_HASH : HAZARD_P1;
}

/* A constraint is added: when NOT VALID, at hardly any cost. */
static enum hazard_id judge_constraint(struct hazards *h, const struct sql_action *a, enum hazard_id at_once) {
  if (a->name && a->column)
    map_set(&h->proofs, key(h, a, a->name), (void *)(uintptr_t)a->column);
  if (!a->not_valid) {
    if (a->column)
      map_add(&h->not_null, key(h, a, a->column), h);
    return at_once;
  }
  if (a->name)
    map_add(&h->pending, key(h, a, a->name), h);
  return a->kind == ACTION_ADD_FOREIGN ? HAZARD_X3 : HAZARD_X5;
}

static enum hazard_id judge(struct hazards *h, const struct sql_action *a) {
  switch (a->kind) {
  case ACTION_DROP_TABLE: return HAZARD_D1;
  case ACTION_DROP_COLUMN: return HAZARD_D2;
  case ACTION_DROP_OTHER: return HAZARD_D3;
  case ACTION_RENAME: return HAZARD_D4;
  case ACTION_RENAME_OTHER: return HAZARD_D4_OTHER;
  case ACTION_ADD_COLUMN: return judge_column(h, a);
  case ACTION_ALTER_TYPE: return judge_type(h, a);
  case ACTION_SET_NOT_NULL: return map_get(&h->not_null, key(h, a, a->name)) ? HAZARD_X5 : HAZARD_K3;
  case ACTION_SET_EXPRESSION: return HAZARD_C5;
  case ACTION_ADD_CHECK: return judge_constraint(h, a, HAZARD_K1);
  case ACTION_ADD_NOT_NULL: return judge_constraint(h, a, HAZARD_K3);
  case ACTION_ADD_FOREIGN: return judge_constraint(h, a, judge_foreign(h, a));
  case ACTION_ADD_KEY: return judge_key(h, a);
  case ACTION_ADD_EXCLUDE: return HAZARD_K5;
  case ACTION_VALIDATE: return judge_validation(h, a);
  case ACTION_DOMAIN_CHECK: return a->not_valid ? HAZARD_NONE : HAZARD_K7;
  case ACTION_DOMAIN_NOT_NULL: return HAZARD_K7;
  case ACTION_CREATE_INDEX: return judge_index(h, a);
  case ACTION_DROP_INDEX: return judge_index_drop(h, a);
  case ACTION_REINDEX: return a->concurrently ? HAZARD_NONE : HAZARD_I3;
  case ACTION_ATTACH: return judge_attachment(h, a);
  case ACTION_ADD_PARTITION: return judge_partition(h, a);
  case ACTION_DETACH: return a->concurrently ? HAZARD_P3_CONCURRENT : HAZARD_P3;
  case ACTION_REFRESH: return a->concurrently ? HAZARD_NONE : HAZARD_X1;
  case ACTION_REWRITE: return HAZARD_X2;
  case ACTION_TRIGGER: return HAZARD_X3;
  case ACTION_ENABLE_RLS: return HAZARD_X4;
  case ACTION_DISABLE_RLS: return HAZARD_X4_OFF;
  case ACTION_ALTER_TABLE: case ACTION_DROP_CONSTRAINT: return HAZARD_X5;
  case ACTION_ADD_LABEL: return HAZARD_T3;
  case ACTION_OTHER:
  case ACTION_UNREAD:
  case ACTION_CODE:
  case ACTION_CREATE_TABLE:
  case ACTION_TRUNCATE:
  case ACTION_UPDATE:
  case ACTION_SET_LOCK_TIMEOUT: break;
  }
  return HAZARD_NONE;
}

enum hazard_id hazards_judge(struct hazards *h, const struct sql_action *a, const char **on) {
  const char *name = a->kind == ACTION_CREATE_INDEX || a->kind == ACTION_DROP_INDEX ? NULL : a->name;
  *on = arena_printf(h->arena, "%s%s%s%s%s", a->schema && strcmp(a->schema, "public") != 0 ? a->schema : "",
                     a->schema && strcmp(a->schema, "public") != 0 ? "." : "",
                     a->table  ? a->table
                     : a->name ? a->name
                               : "",
                     a->table && name ? "." : "", a->table && name ? name : "");
  if (a->kind == ACTION_CREATE_TABLE)
    map_add(&h->made, key(h, a, NULL), h);
  if (a->kind == ACTION_OTHER && a->table && a->column && is_parted_index(h, a->schema, a->table)) /* it is renamed */
    map_add(&h->parted, key_of(h, a->schema, a->column, NULL), h);
  const bool passing = a->schema && strcmp(a->schema, "pg_temp") == 0;
  return passing || hazards_is_new(h, a) ? HAZARD_NONE : judge(h, a);
}

/* There is room for as many as the next power of two. */
static void add_line(struct arena *arena, struct names *lines, const char *line) {
  if ((lines->n & (lines->n - 1)) == 0) {
    const char **v = arena_array(arena, lines->n ? 2 * lines->n : 1, sizeof *v);
    if (lines->n)
      memcpy(v, lines->v, lines->n * sizeof *v);
    lines->v = v;
  }
  lines->v[lines->n++] = line;
}

void hazards_say(struct hazards *h, const char *sql, struct names *out) {
  size_t count;
  const struct sql_action *v = sql_read_actions(h->arena, sql, strlen(sql), &count);
  for (size_t i = 0; i < count; i++) {
    const char *on;
    const struct hazard_fact *f = hazard_fact(hazards_judge(h, &v[i], &on));
    if (f->raised)
      add_line(h->arena, out,
               arena_printf(h->arena, "%s %s: %s, %s: %s%s%s", f->id, on, lock_word(f->lock), work_word(f->work),
                            f->what, f->advice ? ". " : "", f->advice ? f->advice : ""));
  }
}

/* ── of changes ── */

/* The first change of each object, and of any part of it, by their addresses. */
struct found_changes {
  struct numbers own, parts;
};

static void note_change(struct numbers *in, const struct object *o, struct change *c) {
  if (o && !numbers_get(in, (uintptr_t)o))
    numbers_set(in, (uintptr_t)o, c);
}

static void find_changes(struct arena *arena, const struct changes *all, struct found_changes *found) {
  numbers_init(&found->own, arena);
  numbers_init(&found->parts, arena);
  for (size_t i = 0; i < all->count; i++) {
    struct change *c = &all->v[i];
    note_change(&found->own, c->after, c);
    note_change(&found->own, c->before, c);
    note_change(&found->parts, (c->after ? c->after : c->before)->parent, c);
  }
}

/* What is done for an object belongs to its change, or to that of its table, or of a part of it. */
static struct change *change_of(const struct changes *all, const struct found_changes *found, const struct object *o) {
  struct change *own = numbers_get(&found->own, (uintptr_t)o), *first = &all->v[all->count];
  const struct object *table = o->parent;
  struct change *const others[] = {
      numbers_get(&found->parts, (uintptr_t)o),
      table ? numbers_get(&found->own, (uintptr_t)table) : NULL,
      table ? numbers_get(&found->parts, (uintptr_t)table) : NULL,
      table && table->match ? numbers_get(&found->parts, (uintptr_t)table->match) : NULL,
  };
  for (size_t i = 0; i < ARRAY_LEN(others); i++)
    if (others[i] && others[i] < first)
      first = others[i];
  return own ? own : first < &all->v[all->count] ? first : &all->v[0];
}

void changes_judge(struct arena *arena, struct changes *changes, struct schema *after) {
  if (!changes->count)
    return;
  struct diagnostics none; /* whoever applies it hears them */
  diagnostics_init(&none, arena);
  const struct plan plan = plan_create(arena, after, changes, &none);
  struct hazards *hazards = hazards_new(arena, changes->before, after, after->target.version);
  struct found_changes found;
  find_changes(arena, changes, &found);
  for (size_t i = 0; i < plan.count; i++)
    hazards_say(hazards, plan.steps[i].sql, &change_of(changes, &found, plan.steps[i].object)->hazards);
}
