/* schema: the model of a database schema, the table of operations that each kind of
 * object fills in, and the compilation of a PDL tree into a model.
 * Must not know: any one kind of object, SQL text, libpq.
 * Called by: objects (which fill the table in), diff, emit, live, pull, cmd. */
#ifndef PDLC_SCHEMA_H
#define PDLC_SCHEMA_H

#include "base/base.h"
#include "syntax/syntax.h"

/* ── objects ─────────────────────────────────────────────────────────────────────────
 * A schema is a set of objects. Each has a kind, an identity (kind, schema, parent,
 * name), a content (the fields of its kind) and objects it depends on. The struct of
 * a kind begins with a struct object. */
enum copied_id { COPIED_NONE, COPIED_NAMESPACE, COPIED_CLASS, COPIED_CONSTRAINT, COPIED_INDEX, COPIED_SEQUENCE, COPIED_COUNT };
enum kind_id {
#define KIND(id, symbol) id,
#include "schema/kinds.def"
#undef KIND
  KIND_COUNT
};
/* Which names exclude each other. */
enum namespace {
  NS_NONE,
  NS_SCHEMA,
  NS_EXTENSION,
  NS_TYPE,       /* enums, domains, composite types; tables too, by their row type (pg_type) */
  NS_RELATION,   /* tables, views, sequences, indexes, and the indexes of keys (pg_class) */
  NS_COLUMN,     /* of one table */
  NS_CONSTRAINT, /* of one table (pg_constraint) */
  NS_FUNCTION,   /* functions and procedures: one name, many signatures */
  NS_TRIGGER,    /* of one table */
  NS_POLICY,     /* of one table */
  NS_PUBLICATION,
  NS_SQL,
  NS_KIND,       /* of its kind in a schema: collations, operators … (looked through) */
  NS_SHAPE,
};

/* How a pulled text says an object: as items of PDL, as SQL in a sql block, not at all. */
enum pulled_as { PULLED_AS_PDL, PULLED_AS_SQL, NOT_PULLED };
struct depend {
  struct object *on;
  bool soft;                   /* better before it, where that can be */
  struct depend *next;
};
/* What an object was called before it took the name of its match. */
struct former {
  const struct object *of;
  const char *schema, *name;
  struct former *next;
};
struct object {
  /* what every walk over the model reads: together, so that it reads little else */
  const struct kind *kind;
  struct object *next;         /* among its siblings, in order of declaration */
  struct object *first_child, *last_child;
  struct object *parent;       /* the table of a column, key, index …; NULL at top level */
  const char *name;
  struct object *match;        /* the same object in the model that this one is compared with */
  unsigned mark;               /* for whoever walks */
  enum pulled_as pulled_as;
  bool external;               /* exists, is not ours */
  bool implied;                /* nobody wrote it: it comes with something else */
  bool default_name;           /* the name is the one that Postgres itself would choose */
  /* its table has it from one above and says nothing of its own: both come and go together */
  bool inherited;
  bool taken_over;             /* a part of one above, though its table says it too: where that goes, so does this */
  bool named_by_rule;          /* pulled: the naming block, or Postgres, would choose this name */
  bool folded;                 /* created within its parent's own statement */
  const char *schema;          /* NULL for what lives in no schema */
  const char *signature;       /* types of a function's arguments, "(int4, public.mood)": part of its identity */
  struct object *overload;     /* the next function of the same name */
  struct object *above;        /* of a column: the one of a table above it that it comes from; it may override it */
  struct depend *depends;      /* must exist before it; the parent is understood */
  const char *comment;
  const char *was;             /* an earlier name: intent for migrations */
  const char *was_schema;      /* where that was, or NULL */
  const char *code_name;       /* `as`: its name in generated code */
  struct span span;            /* of its name where it was declared */
  unsigned position;           /* place in the dependency order, from 1 */
  struct object *twin;         /* the same object in another compilation of the same text */
  size_t slot, last_slot;      /* its first and last place in a schedule, from 1 */
  size_t done_slot;            /* the last where what it needed before is still needed */
  uint64_t differs;            /* fields by which the two differ, while a plan is made */
  size_t text_from, text_to;   /* where in the pulled text; both 0: nowhere */
  struct depend *dependents;   /* who depends on it, while a plan is made */
  const struct former *former; /* of the older model: NULL where it is called as its match is */
  struct object *next_of_kind; /* see EACH_OF_KIND */
};

struct names {
  const char **v;
  size_t n;
};
/* In a text, for the name of the table that it is of: a byte that no UTF-8 text holds (RFC 3629, section 1). */
enum { TABLE_PLACE = (char)0xff };
/* SQL inside the model. */
struct expr {
  const char *sql;             /* user's names qualified; without the parentheses that delimit it; NULL: none */
  const char *compared;        /* the same less what never makes a difference; NULL: sql itself */
  struct span span;            /* of the text in the .pdl file */
  bool star;                   /* it reads all columns of something, whichever they are */
};
/* A type in use. Postgres' own types go by pg_type.typname: int4, timestamptz, bpchar. */
struct type_ref {
  const char *schema;          /* NULL: pg_catalog, or not known where (an extension's) */
  const char *name;
  const char *mods;            /* "12,2", or NULL */
  int dimensions;              /* 0: not an array; Postgres does not keep the number */
  struct object *object;       /* the enum, domain or composite type, where the model has it */
  struct span span;
};
/* One key of an index or exclusion constraint. */
struct index_key {
  const char *column;          /* or NULL and: */
  struct expr expr;
  const char *collation_schema, *collation, *opclass_schema, *opclass, *opclass_options, *operator_;
  bool descending, nulls_first;
};
struct index_keys {
  struct index_key *v;
  size_t n;
};
/* Storage parameters and options: names and values, in order of declaration. */
struct setting {
  const char *name, *value;    /* value NULL: none given */
  struct setting *next;
};

/* ── content, described ────────────────────────────────────────────────────────────────
 * The fields by which two objects of one kind are compared, and named in reports. */
enum field_type {
  FIELD_FLAG,      /* bool */
  FIELD_TEXT,      /* const char *, NULL is none */
  FIELD_SQL,       /* the same, of SQL: blank and the case of words make no difference */
  FIELD_INT,       /* long long */
  FIELD_NAMES,     /* struct names, in order */
  FIELD_NAME_SET,  /* struct names, order does not matter */
  FIELD_TYPE,      /* struct type_ref */
  FIELD_EXPR,      /* struct expr */
  FIELD_KEYS,      /* struct index_keys */
  FIELD_SETTINGS,  /* struct setting *, order does not matter */
};
struct field {
  const char *label;
  enum field_type type;
  size_t offset;
};
#define FIELD(kind, member, type, label) {label, type, offsetof(struct kind, member)}
#define FIELD_END {NULL, 0, 0}

/* ── a change in pieces ────────────────────────────────────────────────────────────────────
 * What a change of a table that has rows and users is made of, so that it holds up nobody for long. */
enum piece_mode {
  PIECE_SHARED, /* in a transaction, with others; its locks are held but for a moment */
  PIECE_APART,  /* in a transaction, once the locks of the pieces before it are gone: it reads all rows */
  PIECE_ALONE,  /* one statement, in no transaction */
};
struct piece {
  enum piece_mode mode;
  const char *sql, *undo; /* undo NULL: nothing, or what takes the whole change back */
  struct piece *next;
};
struct sql_cache;
struct online {
  struct arena *arena;
  struct sql_cache *sql;
  const struct target *target;
  struct schema *before;   /* names that the change gives to parts are entered here */
  const struct schema *after;
  bool anew;               /* before goes and after comes in its place */
  struct piece *first, *last;
  bool undone;             /* the pieces' undos are all that takes the change back */
};
/* Empties both; undo may be NULL. */
void online_piece(struct online *, enum piece_mode, struct strbuf *sql, struct strbuf *undo);

/* ── the table of operations ─────────────────────────────────────────────────────────── */
#define REPLACED UINT64_MAX
enum rewrites { REWRITES_NOTHING, REWRITES_NULLS, REWRITES_VALUES };
enum reads {
  READS_NOTHING,
  READS_TABLE /* its parent */,
  READS_ROWS /* of the parent: old and new */,
  READS_QUERY /* they are queries */
};
struct schema;
struct compile;
struct catalog;
struct row;
struct opaque_form; /* see objects/opaque.h */
struct kind {
  const char *word;                /* "table", as reports call it */
  size_t size;                     /* of its struct */
  enum namespace ns;
  const struct field *fields;      /* ends in FIELD_END */
  const struct opaque_form *form;  /* of kinds that are CREATE's own clauses; else NULL */
  bool outside;                    /* PDL says it at the top level, though it has a table */
  enum node_kind nodes[7];         /* items and clauses that declare it; NODE_FILE (0) ends */

  /* PDL → model. declare makes the object and its name; parent is the table of an item, the
   * column of a clause, NULL at top level. link runs when every name is declared: it
   * resolves references and reads expressions. advise gives warnings on a sound model. */
  void (*declare)(struct compile *, const struct node *, struct object *parent);
  void (*claim)(struct compile *, struct object *);    /* when every name is declared: those that the server will choose */
  void (*complete)(struct compile *, struct object *); /* when every name is declared: what it has from others */
  void (*link)(struct compile *, struct object *);
  void (*linked)(struct compile *, struct object *); /* when all are linked */
  void (*advise)(struct compile *, const struct object *);
  /* Runs once, when all is linked: what must see everything. */
  void (*conclude)(struct compile *);

  /* model → SQL. create appends one statement or more, each ending in ";\n". fold appends the
   * clause that stands for the object inside its parent's statement, at its column or as an item of
   * its own; false where it has none. target_name appends what COMMENT ON calls it ("COLUMN a.b"), or is NULL. */
  void (*create)(const struct object *, struct strbuf *);
  bool (*fold)(const struct object *, bool on_column, struct strbuf *);
  bool (*folds)(const struct object *); /* whether this one may; NULL: always */
  void (*target_name)(const struct object *, struct strbuf *);
  /* Appends COMMENT ON for parts that are no objects of their own; alter says what of that changes. */
  void (*remarks)(const struct object *, struct strbuf *);
  /* drop appends the statement that takes the object away. alter appends those that make `after` of `before`, where
   * these fields differ; false where it has to be dropped and made anew. data: what is in it goes with it.
   * losses appends what an alteration loses, the name of a part or nothing, each ending in a newline. */
  void (*drop)(const struct object *, struct strbuf *);
  bool (*alter)(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
  void (*losses)(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
  /* What an alteration writes into the rows that are there by the schema's own words, which nobody need consent to
   * again. */
  enum rewrites (*rewrites)(const struct object *before, const struct object *after, uint64_t fields);
  bool data;
  bool (*elsewhere)(const struct object *); /* of such a kind: whether this one holds nothing here */
  uint64_t open;                   /* fields that are no difference where the newer model leaves them out */
  /* first appends what must be undone before anything else is made, last what can be said only when all else stands;
   * to first, after is NULL where the object goes, to last, before is NULL where it is new. */
  void (*first)(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
  void (*last)(const struct object *before, const struct object *after, uint64_t fields, struct strbuf *);
  /* Whether it is under the same tables before and after: what it inherits stays, and follows them. `part`: one of
   * either's parts, for which one such table that has it will do; NULL: all of them. */
  bool (*descends)(const struct object *before, const struct object *after, const struct object *part);
  /* Whether what `after` no longer has by itself is in it as part of something else, or goes along with what goes. */
  bool (*absorbed)(const struct object *, const struct schema *after);
  uint64_t overrides;              /* the only fields of an heir that are its own */
  uint64_t unreached;              /* fields whose alteration above does not reach an heir */
  /* Fields whose alteration nobody who depends on the object may stand in the way of. What depends on it makes way, to
   * be made anew, and so it does while the object itself goes or is made anew. */
  uint64_t disturbs;
  uint64_t resets;                 /* texts that such an alteration takes away */
  /* More than `depends` tells: whether it must make way while these fields of `on` change; REPLACED: while `on` itself
   * goes or is made anew. A kind that says so decides alone where `on` is only altered. Asked of tables that are in a
   * family, of what stands in the same table, and of what depends on any of that. */
  bool (*leans)(const struct object *, const struct object *on, uint64_t fields);
  /* Why programs that were built before would no longer work, or NULL. before is NULL for what is added to a table that
   * was there, after for what is removed. renamed: also moved. */
  const char *(*breaks)(const struct object *before, const struct object *after, uint64_t fields, bool renamed);
  /* `of` will be called `name` and live in `schema_name`: says so where this object speaks of it. */
  void (*follow)(struct object *, const struct object *of, const char *schema_name, const char *name);
  /* Appends what is renamed along with it, with its table or within it: before has its new name already. */
  void (*renamed)(struct object *before, struct strbuf *);
  /* Of a part that is not compared where the schema does not speak of it: `optional`; and whether it is what a new
   * parent has of itself, so that nothing need be done. */
  bool optional;
  bool (*given)(const struct object *);
  /* The change in pieces; before is NULL for what is created, after for what is dropped. False where it has but the
   * one. */
  bool (*online)(const struct object *before, const struct object *after, struct online *);
  /* Says of a compiled object what the server chose when it made it: names that nobody wrote, what comes with it. */
  void (*as_made)(struct schema *, struct object *);
  /* Turns the intents of `after`, whose match this is, around: what they call the former names become the new ones.
   * after is NULL where the object went and comes back. */
  void (*reverse)(struct arena *, struct object *, const struct object *before, const struct object *after);
  bool watches;                    /* it sees what is done to others: made last, dropped first */
  bool (*unchecked)(const struct object *); /* it holds a text that had better be read only when it is used */
  bool scratch;                    /* may be made in pg_temp, to see how the server reads it */
  /* What a copy in pg_temp cannot stand without, or NULL; stand puts it under a copy of that, or on its own (NULL). */
  const struct object *(*stands_under)(const struct object *);
  /* Takes over what only the server can know of it, from a twin. */
  void (*learn)(struct object *, const struct object *twin);
  uint64_t not_in_twin;            /* fields that such a copy does not have */
  void (*stand)(struct arena *, struct object *copy, const struct object *under);
  /* Of these fields those which do not differ from what the catalogs print, but only in how they are written. */
  uint64_t (*alike)(const struct object *, const struct object *printed, uint64_t fields);
  enum reads reads;                /* over what its expressions are read; 0: nothing that a query could name */

  /* model → PDL, laid out loosely: fmt is the only layout. print appends the item's line or block; clause what
   * stands for it at its column, or returns false where it needs an item of its own. */
  void (*print)(const struct object *, struct strbuf *);
  /* The word of the naming block that names such an object, and the columns that its name is made of. */
  const char *(*naming)(const struct object *, struct arena *, struct names *columns);
  bool (*clause)(const struct object *, struct strbuf *);

  /* catalogs → model. A query over the namespaces $1 (oid[]), for servers of this version, or a catalog that is copied
   * whole, of which read gets all rows of these namespaces; read makes an object of each row that is the kind's. */
  const char *(*query)(int version);
  enum copied_id copied;
  bool numbered; /* the query's rows are read in the order of their first two columns, which are numbers */
  /* the query is sent where the database has one of these (live/probe.c); NULL: always */
  const char *sorts;
  void (*read)(struct catalog *, const struct row *);
  void (*finish)(struct catalog *); /* when all kinds are read */
  /* not read where the schema does not speak of it, until something is to be made anew */
  bool spared;
};
/* Filled in by objects/: one entry a kind, in the order in which kinds are read from the catalogs. */
extern const struct kind *const kinds[KIND_COUNT];
static inline bool is_kind(const struct object *o, enum kind_id id) {
  return o->kind == kinds[id];
}

/* ── the model ───────────────────────────────────────────────────────────────────────── */
enum platform { PLATFORM_POSTGRES, PLATFORM_SUPABASE };
enum { VERSION_MIN = 13, VERSION_DEFAULT = 15, VERSION_MAX = 18 };
struct target {
  enum platform platform;
  int version; /* Postgres major */
  struct span span;
};
/* One line of the output block. */
struct output {
  const char *language;  /* "sql", "template" … */
  const char *path;      /* folder or file; of a template: the template's file */
  const char *into;      /* of a template: the file to write, may hold {table} */
  struct setting *settings;
  struct span span, path_span, into_span;
  struct output *next;
};
/* A role that the schema speaks of: it must exist, and is none of ours. */
struct role {
  const char *name;
  struct span span;
  struct role *next;
};
/* What a schema says that came with a later version than the oldest that is known. */
struct feature {
  const char *name;                    /* "column compression" */
  int since;                           /* Postgres major */
  struct span span;
  struct feature *next;
};
/* What a database has and its model has not, and which depends on what it has. */
struct unmanaged {
  const char *title;                   /* "view reports.totals" */
  struct object *on;
  struct unmanaged *next;
};
struct schema {
  struct arena *arena;
  struct target target;
  const char *doc;                     /* of the target line */
  struct setting *naming;              /* "index" → "idx_{table}_{columns}" … */
  struct output *outputs;
  struct role *roles;                  /* each once */
  struct feature *features;            /* the last one first */
  const char *migrations;              /* folder that the output block names, or NULL */
  struct object *first, *last;         /* top level, in order of declaration */
  size_t count[KIND_COUNT];            /* how many of a kind were added */
  struct of_kind {                     /* those, in that order; see EACH_OF_KIND */
    struct object *first, *last;
  } of_kind[KIND_COUNT];
  struct map names;                    /* every namespace; see schema_find */
  struct map identities;               /* see schema_same */
  struct map made;                     /* see schema_made */
  struct map numbered_by;              /* see schema_numbers */
  bool identified, parts_identified;
  bool numbered;                       /* a name that nobody wrote was taken: it hangs on names elsewhere */
  bool written;                        /* compiled from PDL, not read from a database */
  bool whole;                          /* says all of a database: what it leaves out is not left open */
  struct names sorts;                  /* of a live model: words for what the database has */
  struct numbers rows;                 /* of a live model: its objects by oid; see catalog_keep */
  struct catalog *catalog;             /* of a live model: for what is read of it later */
  struct unmanaged *unmanaged;
};
struct schema *schema_new(struct arena *);
/* A zeroed object of the kind, put at the end of its parent's children or of the top level. No name is entered. */
void *schema_add(struct schema *, enum kind_id, const char *schema_name, const char *name, struct object *parent);
/* Enters the object's name into a namespace; returns the object that has it already, or NULL. */
struct object *schema_enter(struct schema *, enum namespace, struct object *);
/* The object of this name. parent is the table where the namespace is a table's. */
struct object *schema_find(const struct schema *, enum namespace, const char *schema_name, const struct object *parent,
                           const char *name);
/* Makes schema_same ready, once every name is final; a second call does nothing. */
void schema_identify(struct schema *);
/* Names have changed since: to be made ready anew. */
void schema_forget(struct schema *);
/* What lives in `from` lives in `to` from now on. */
void schema_rename(struct schema *, const char *from, const char *to);
/* The object of the same identity in this schema, or NULL. */
struct object *schema_same(const struct schema *, const struct object *);
void object_depend(struct schema *, struct object *, struct object *on); /* once each; on itself is ignored */
void object_prefer(struct schema *, struct object *, struct object *on); /* softly */
/* What a sql block makes is its own: neither compared nor dropped. The name of a trigger has its table's schema; table:
 * of a column, else NULL. */
void schema_made(struct schema *, const char *schema_name, const char *table, const char *name, struct object *by);
struct object *schema_maker(const struct schema *, const char *schema_name, const char *name); /* or NULL */
bool schema_makes(const struct schema *, const struct object *);
/* A column is numbered by a sequence of this name that is its own; which column that is, or NULL. Of a compiled model. */
void schema_number(struct schema *, const char *schema_name, const char *name, struct object *column);
struct object *schema_numbers(const struct schema *, const char *schema_name, const char *name);
/* Of a compiled model that stands for a database: says what the server chose when that was made. */
void schema_as_made(struct schema *);
/* Every object, parents before children, in order of declaration. */
struct object *object_after(const struct object *);
#define EACH_OBJECT(schema, o) (struct object *o = (schema)->first; o; o = object_after(o))
/* Of a kind of which there are few among many; those that a catalog read and left out again are in it. */
#define EACH_OF_KIND(schema, id, o) (struct object *o = (schema)->of_kind[id].first; o; o = o->next_of_kind)
#define EACH_CHILD(of, o) (struct object *o = (of)->first_child; o; o = o->next)
struct object *child_named(const struct object *parent, enum kind_id, const char *name);
/* "table public.users", "column users.email": for messages; public is left out. */
const char *object_title(struct arena *, const struct object *);
/* "users", "users.email", "app.bookings.room": by which a user consents to a loss. */
const char *object_path(struct arena *, const struct object *);
bool loss_consented(const struct names *consents, const char *path); /* public may be said */

bool object_holds_data(const struct object *);

bool names_equal(struct names, struct names); /* in order */
bool names_equal_sets(struct names, struct names); /* of names that stand once each */
bool names_hold(struct names, const char *);

/* ── compare.c ── content of two objects of one kind ── */
/* Bit i is set where field i differs. Expressions are compared as text. */
uint64_t object_differs(const struct object *, const struct object *);
bool index_keys_equal(const struct index_keys *, const struct index_keys *);
/* A field's value in words, for reports: "text", "none", "not null". */
void field_show(const struct field *, const struct object *, struct strbuf *);

/* ── types.c ── Postgres' own types, one table of facts ── */
enum type_category { TYPE_BOOL = 'B', TYPE_NUMBER = 'N', TYPE_STRING = 'S', TYPE_DATE = 'D', TYPE_OTHER = 'O' };
struct type_info {
  const char *name;            /* pg_type.typname */
  const char *shown;           /* how SQL is written: "integer" for int4; NULL: as name */
  enum type_category category;
  const char *mods;            /* the modifiers that none means: bit is bit(1) */
  bool takes_mods, collatable, pseudo;
};
const struct type_info *type_info(const char *name); /* NULL where it is not Postgres' own */
/* How a value of one of Postgres' own types becomes one of another, neither an array: as it is stored (CAST_ASSIGNED),
 * where a cast is written (CAST_ASKED), or, there being no cast, only through its text. */
enum type_cast { CAST_BY_TEXT, CAST_ASKED, CAST_ASSIGNED };
enum type_cast type_cast(const char *from, const char *to);
/* Whether Postgres has such a type, or, by its name, could have it: the row of a catalog, as pg_roles. */
bool type_is_catalogs(const char *name);
/* "int" → int4, "decimal" → numeric, "serial" → int4 (*serial set). NULL where unknown. */
const struct type_info *type_alias(const char *word, bool *serial);
/* Postgres' own type for one that other systems have: "blob" → "bytea", in any case of letters; NULL for other words. */
const char *type_nearest(const char *word);
void type_offer(struct spell *); /* every name and alias */
/* A known extension's types: true where the extension is not known or provides the type. */
bool extension_provides(const char *extension, const char *type);
/* True where a known extension brings an operator class of this name. */
bool extension_brings_class(const char *extension, const char *operator_class);
/* Where a type of this name would come from: the extension, or NULL. */
const char *extension_of_type(const char *type);
bool type_equal(const struct type_ref *, const struct type_ref *);
/* As SQL: schema-qualified where it is not Postgres' own. (Quoting is the caller's: sql room.) */

/* ── compile.c ── PDL → model ──────────────────────────────────────────────────────────
 * Never stops at the first error. The model is sound only if no error was diagnosed. */
struct sql_cache;
/* `grant` or `revoke`, to be read when all names stand. */
struct grant_line {
  const struct node *node;
  struct object *table;  /* in whose block it stands, or NULL */
  struct grant_line *next;
};
struct compile {
  struct arena *arena;
  struct diagnostics *diagnostics;
  struct schema *schema;
  struct sql_cache *sql;
  enum kind_id kinds_of_nodes[NODE_KINDS]; /* KIND_COUNT: none */
  struct map mixins;     /* name → NODE_MIXIN */
  struct pending_name *pending, *last_pending;
  struct grant_line *grants, *last_grant;
  bool incomplete;       /* something was not read: names that are missing may only look so */
  enum { UNKNOWN, NO, YES } plural_tables; /* most of them are: asked once */
};
struct schema *schema_compile(struct arena *, const struct node *file, struct sql_cache *, struct diagnostics *);

/* For the kinds; each diagnoses what it refuses.
 * Items and clauses that declare an object go to its kind, by kinds[].nodes. */
void compile_item(struct compile *, const struct node *, struct object *parent);
void compile_block(struct compile *, const struct node *, struct object *table); /* items of a table, mixins put in */
/* Makes an object of the node: name, schema (public where unqualified and the kind has one), comment, and
 * the clauses allow, was, as. Enters its name; a second of the same name is diagnosed. NULL where the node has no name. */
void *compile_object(struct compile *, enum kind_id, const struct node *, struct object *parent);
/* The same for an item of a table that is named by `name x`, by `check x`, or else, when all are declared,
 * by the template of `word` ("pk", "unique", "check", "foreign", "exclude", "index") in the naming block or
 * Postgres' own pattern; shortened with a hash past 63 bytes, numbered where taken. */
void *compile_table_object(struct compile *, enum kind_id, const struct node *, struct object *table,
                           struct names columns, const char *word);
/* The clause of this kind, or NULL; a second one is diagnosed. */
const struct node *compile_clause(struct compile *, const struct node *, enum node_kind);
void compile_allow(struct compile *, const struct node *); /* an item's clauses allow */
/* Clauses other than these are diagnosed as out of place. Ends in NODE_KINDS. allow, was, as and name always pass. */
void compile_only(struct compile *, const struct node *, const enum node_kind *known);
/* Names in a list, as they are; columns of the table, where those missing are diagnosed. */
struct names compile_names(struct compile *, const struct node *list);
struct names compile_columns(struct compile *, const struct node *list, const struct object *table);
void compile_unknown_column(struct compile *, struct span, const char *name, const struct object *table);
/* More columns than an index, key or foreign key can have are diagnosed. */
void compile_key_limit(struct compile *, struct span, size_t columns);
struct object *compile_find_table(struct compile *, struct name); /* NULL where there is none */
struct setting *compile_settings(struct compile *, const struct node *with);
/* False, and diagnosed, where the target is older than `version`; else noted in the schema, as a server may be older. */
bool compile_needs_version(struct compile *, int version, struct span, const char *feature);
/* Diagnoses what a server of this version does not have, which it would but call a syntax error. False where there is any. */
bool schema_check_server(const struct schema *, int version, struct diagnostics *);
void compile_role(struct compile *, const char *name, struct span); /* notes that it is spoken of; public is none */
const char *compile_schema_of(struct name); /* "public" where unqualified */
void setting_add(struct arena *, struct setting **, const char *name, const char *value);
const char *setting_get(const struct setting *, const char *name); /* NULL where absent */

/* platform.c */
/* On Supabase, declares the platform's tables that the file speaks of and does not declare. */
void platform_declare(struct compile *, const struct node *file);
struct schema *platform_schema(struct arena *, struct sql_cache *); /* of those tables alone */
bool platform_has_schema(const char *name);
bool platform_has_extension(const char *name);             /* it is there, whatever a schema says */
const char *platform_extension_schema(const char *extension); /* where it goes if nobody says; NULL: where it wants */
/* settings.c */
void compile_target(struct compile *, const struct node *);
void compile_naming(struct compile *, const struct node *);
void compile_output(struct compile *, const struct node *);
/* naming.c */
void name_later(struct compile *, struct object *, struct names columns, const char *word);
void name_pending(struct compile *); /* names all objects that wait for it */
/* Finds the naming block that explains most names of a pulled schema; marks the objects whose names it explains. */
void name_recognise(struct schema *);
/* What Postgres would make its name of: the word of its pattern, and the columns, those behind INCLUDE too. In the arena. */
const char *name_parts(const struct object *, struct arena *, struct names *columns);
/* The name that Postgres would choose for it, numbered where that is taken. */
const char *name_of_postgres(const struct schema *, const struct object *);
/* A name of at most 63 bytes: the text itself, or its beginning and a hash of all of it. */
const char *name_shorten(struct arena *, const char *);
/* What an object is called while another one has its name: one that no relation or type of its schema has in either
 * model. before: NULL where there is none. In the arena. */
const char *name_aside(struct arena *, const struct schema *before, const struct schema *after, const struct object *);

/* ── catalogs → model, for the kinds ── */
struct row {
  const char *(*get)(const struct row *, int column); /* NULL for SQL NULL; goes with the result */
  struct arena *arena;
  const void *result;
  int number;
};
const char *row_peek(const struct row *, int column); /* borrowed from the result */
const char *row_text(const struct row *, int column); /* a copy in the arena */
bool row_flag(const struct row *, int column);
long long row_int(const struct row *, int column);
uint64_t row_number(const struct row *, int column); /* of an oid, or what else is not negative; 0 for NULL */
struct names row_names(struct arena *, const struct row *, int column); /* a text[] */
/* Catalogs that are copied whole (src/objects/copies.c): what people made in them. */
struct copied {
  struct copied_one {
    const char *const *fields; /* as objects.h numbers them; NULL for SQL NULL */
    size_t place;              /* of its namespace */
  } *v;
  size_t count, room;
  struct numbers by_oid; /* → fields, of all namespaces */
};
struct catalog {
  struct schema *schema;
  int version;
  const char *oids;      /* of the namespaces, as the text of an array */
  bool done[KIND_COUNT]; /* read, or none there */
  int models;            /* the arena will hold so many of this size */
  /* By "class:oid", types by their oid; see below, and src/objects/lookups.c. */
  struct map names, comments, members, types;
  struct map column_grants; /* see src/objects/privileges.c */
  struct copied copied[COPIED_COUNT];
  /* By oid: operator classes that are a btree's own, indexes that belong to a constraint, what else is known of indexes
   * (lookups.c) and sequences (sequence.c); by table and number, columns' defaults (column.c). */
  struct numbers usual_classes, key_indexes, indexes, owners, defaults;
};
/* Every kind keeps its objects, so that others find them and dependencies can be read; but columns, which are found by
 * their number (objects.h). class_name: "pg_class", "pg_constraint" … A table, view or composite type goes by pg_class.
 * The object gets the comment that the catalogs have of it. class_name is kept, not copied. */
void catalog_keep(struct catalog *, const char *class_name, const char *oid, struct object *);
struct object *catalog_get(const struct catalog *, const char *class_name, const char *oid);
/* What many rows refer to by number is no part of each kind's query, which would have to join it: the names of what a
 * database has few of (pg_namespace, pg_am, pg_tablespace, pg_foreign_server: src/live/probe.c), and what the queries
 * of `lookups` find, which are read before those of the kinds. */
void catalog_note(struct map *, const char *class_name, const char *oid, const char *text); /* in the map's arena */
/* NULL where there is none */
const char *catalog_name(const struct catalog *, const char *class_name, const char *oid);
const char *catalog_comment(const struct catalog *, const char *class_name, const char *oid);
void catalog_found(struct catalog *, const char *word); /* one more of the schema's `sorts` */
bool catalog_of_extension(const struct catalog *, const char *class_name, const char *oid);
struct lookup {
  const char *(*query)(int version);
  void (*read)(struct catalog *, const struct row *);
  const char *sorts;   /* as of struct kind */
  enum kind_id before; /* the kind whose rows are read next */
  bool part;           /* it finds what is of that kind, and is spared where that is */
};
enum { LOOKUP_COUNT = 18 };
extern const struct lookup *const lookups[LOOKUP_COUNT]; /* filled in by objects/ */
/* The same when all is read. */
struct object *schema_row(const struct schema *, const char *class_name, const char *oid);

#endif
