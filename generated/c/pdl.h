/* pdl.h: the runtime of generated code over libpq. One session a connection, one thread at a time.
 *
 * Whatever is handed in is borrowed for the call. What a call reads goes with the struct pdl_mem that it was read
 * into. Nothing here prints, exits or aborts: every failure is a return code and pdl_error() says more. */
#ifndef PDL_H
#define PDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#define PDL_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PDL_RC __attribute__((warn_unused_result)) enum pdl_rc
#else
#define PDL_RC enum pdl_rc
#endif

/* ── outcomes ───────────────────────────────────────────────────────────────────────────────────────────────── */
enum pdl_rc {
  PDL_OK,
  PDL_NOROW,      /* there is no such row */
  PDL_CONSTRAINT, /* class 23: error.constraint says which */
  PDL_RETRY,      /* the transaction may succeed if run again: class 40 */
  PDL_CONN,       /* the connection is lost */
  PDL_STALE,      /* the database has changed: build the program anew */
  PDL_NOMEM,
  PDL_USAGE,      /* the call itself is wrong; nothing was sent */
  PDL_SQL         /* anything else that the server refused */
};

/* Texts are never NULL; they hold until the next call of the session. */
struct pdl_error {
  enum pdl_rc rc;
  int constraint;              /* of the generated enum of constraints; 0: none, or none that is known */
  const char *sqlstate, *message, *detail, *hint;
  const char *schema, *table, *column, *constraint_name;
};
const char *pdl_rc_name(enum pdl_rc); /* "PDL_OK" */

/* ── values ─────────────────────────────────────────────────────────────────────────────────────────────────── */
typedef struct { const char *p; size_t n; } pdl_text;      /* read: p[n] == 0; NULL is p == NULL */
typedef struct { const uint8_t *p; size_t n; } pdl_bytea;  /* NULL is p == NULL */
typedef struct { const uint8_t *p; size_t n; } pdl_bit;    /* n bits, the first the highest of p[0] */
typedef struct { pdl_text json; } pdl_json;
typedef struct { pdl_text json; } pdl_jsonb;
typedef struct { pdl_text dec; } pdl_numeric;              /* exact: "12.340", "NaN", "-Infinity" */
typedef struct { uint8_t b[16]; } pdl_uuid;
typedef struct { int32_t days; } pdl_date;                 /* since 2000-01-01; INT32_MIN/MAX are the infinities */
typedef struct { int64_t us; } pdl_time;                   /* since midnight */
typedef struct { int64_t us; int32_t zone; } pdl_timetz;   /* zone: seconds west of UTC */
typedef struct { int64_t us; } pdl_timestamp;              /* since 2000-01-01; INT64_MIN/MAX are the infinities */
typedef struct { int64_t us; } pdl_timestamptz;            /* since 2000-01-01 UTC; likewise */
typedef struct { int64_t us; int32_t days, months; } pdl_interval;
typedef struct { uint8_t family, bits, b[16]; } pdl_inet;  /* family 4 or 6; bits of the netmask */
typedef struct { uint8_t family, bits, b[16]; } pdl_cidr;
typedef struct { uint8_t b[6]; } pdl_macaddr;
typedef struct { uint8_t b[8]; } pdl_macaddr8;

/* A range. Of an empty one nothing else counts; a bound that is infinite has no value. pdl_range: of any other range
 * type, its bounds as the server prints them. */
#define PDL_RANGES(X)                                                                                                  \
  X(int4range, int32_t, PDL_INT4, "")                                                                                  \
  X(int8range, int64_t, PDL_INT8, "")                                                                                  \
  X(numrange, pdl_numeric, PDL_NUMERIC, "::text")                                                                      \
  X(tsrange, pdl_timestamp, PDL_TIMESTAMP, "")                                                                         \
  X(tstzrange, pdl_timestamptz, PDL_TIMESTAMPTZ, "")                                                                   \
  X(daterange, pdl_date, PDL_DATE, "")                                                                                 \
  X(range, pdl_text, PDL_CAST, "::text")
#define PDL_RANGE(name, type, codec, read)                                                                             \
  typedef struct {                                                                                                     \
    type lower, upper;                                                                                                 \
    bool empty, lower_inc, upper_inc, lower_inf, upper_inf;                                                            \
  } pdl_##name;                                                                                                        \
  typedef struct { bool set; pdl_##name v; } pdl_opt_##name;                                                           \
  typedef struct { const pdl_##name *v; size_t n; const bool *null; } pdl_##name##s; /* and of a multirange */
PDL_RANGES(PDL_RANGE)
#undef PDL_RANGE

/* Values that may be NULL and have no pointer to say so. */
typedef struct { bool set; bool v; } pdl_opt_bool;
typedef struct { bool set; int16_t v; } pdl_opt_int2;
typedef struct { bool set; int32_t v; } pdl_opt_int4;
typedef struct { bool set; int64_t v; } pdl_opt_int8;
typedef struct { bool set; float v; } pdl_opt_float4;
typedef struct { bool set; double v; } pdl_opt_float8;
typedef struct { bool set; uint32_t v; } pdl_opt_oid;
typedef struct { bool set; pdl_uuid v; } pdl_opt_uuid;
typedef struct { bool set; pdl_date v; } pdl_opt_date;
typedef struct { bool set; pdl_time v; } pdl_opt_time;
typedef struct { bool set; pdl_timetz v; } pdl_opt_timetz;
typedef struct { bool set; pdl_timestamp v; } pdl_opt_timestamp;
typedef struct { bool set; pdl_timestamptz v; } pdl_opt_timestamptz;
typedef struct { bool set; pdl_interval v; } pdl_opt_interval;
typedef struct { bool set; pdl_inet v; } pdl_opt_inet;
typedef struct { bool set; pdl_cidr v; } pdl_opt_cidr;
typedef struct { bool set; pdl_macaddr v; } pdl_opt_macaddr;
typedef struct { bool set; pdl_macaddr8 v; } pdl_opt_macaddr8;

/* Arrays of one dimension. NULL is v == NULL, an empty one has any other v and n == 0. An element that is NULL has
 * p == NULL, or where it has none null[i]; null == NULL: there is none. */
typedef struct { const pdl_text *v; size_t n; } pdl_texts;
typedef struct { const pdl_bytea *v; size_t n; } pdl_byteas;
typedef struct { const pdl_bit *v; size_t n; } pdl_bits;
typedef struct { const pdl_json *v; size_t n; } pdl_jsons;
typedef struct { const pdl_jsonb *v; size_t n; } pdl_jsonbs;
typedef struct { const pdl_numeric *v; size_t n; } pdl_numerics;
typedef struct { const bool *v; size_t n; const bool *null; } pdl_bools;
typedef struct { const int16_t *v; size_t n; const bool *null; } pdl_int2s;
typedef struct { const int32_t *v; size_t n; const bool *null; } pdl_int4s;
typedef struct { const int64_t *v; size_t n; const bool *null; } pdl_int8s;
typedef struct { const float *v; size_t n; const bool *null; } pdl_float4s;
typedef struct { const double *v; size_t n; const bool *null; } pdl_float8s;
typedef struct { const uint32_t *v; size_t n; const bool *null; } pdl_oids;
typedef struct { const pdl_uuid *v; size_t n; const bool *null; } pdl_uuids;
typedef struct { const pdl_date *v; size_t n; const bool *null; } pdl_dates;
typedef struct { const pdl_time *v; size_t n; const bool *null; } pdl_times;
typedef struct { const pdl_timetz *v; size_t n; const bool *null; } pdl_timetzs;
typedef struct { const pdl_timestamp *v; size_t n; const bool *null; } pdl_timestamps;
typedef struct { const pdl_timestamptz *v; size_t n; const bool *null; } pdl_timestamptzs;
typedef struct { const pdl_interval *v; size_t n; const bool *null; } pdl_intervals;
typedef struct { const pdl_inet *v; size_t n; const bool *null; } pdl_inets;
typedef struct { const pdl_cidr *v; size_t n; const bool *null; } pdl_cidrs;
typedef struct { const pdl_macaddr *v; size_t n; const bool *null; } pdl_macaddrs;
typedef struct { const pdl_macaddr8 *v; size_t n; const bool *null; } pdl_macaddr8s;

pdl_text pdl_str(const char *);                    /* borrowed; NULL gives NULL */
bool pdl_text_is(pdl_text, const char *);
bool pdl_uuid_parse(const char *, pdl_uuid *);     /* "xxxxxxxx-xxxx-…"; false where it is none */
void pdl_uuid_print(const pdl_uuid *, char out[37]);
/* Seconds since 1970, as time() gives them, and back; what lies between whole seconds is cut off. */
pdl_timestamptz pdl_timestamptz_of(int64_t unix_seconds);
int64_t pdl_timestamptz_unix(pdl_timestamptz);

/* ── sessions ───────────────────────────────────────────────────────────────────────────────────────────────── */
enum {
  PDL_NO_PREPARE = 1 /* no prepared statements: for poolers that change the server between transactions */
};
struct pdl;
/* Borrows the connection, which must outlive the session, and sets its client_encoding to UTF8. NULL: no memory. */
struct pdl *pdl_open(PGconn *, unsigned flags);
/* Ends what is under way and frees the session. The connection stays, with the statements that were prepared. */
void pdl_close(struct pdl *);
/* What the last call that failed said. (To g++ a function of the same name as a struct hides its constructor.) */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
const struct pdl_error *pdl_error(const struct pdl *);
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
PGconn *pdl_conn(struct pdl *);

/* Rows that were read, until cleared: all at once. Begin with PDL_MEM_INIT, or all zero. */
struct pdl_mem { struct pdl_chunk *first; };
#ifdef __cplusplus
#define PDL_MEM_INIT {}
#else
#define PDL_MEM_INIT {NULL}
#endif
void pdl_mem_clear(struct pdl_mem *);

/* ── transactions ───────────────────────────────────────────────────────────────────────────────────────────── */
enum pdl_iso {
  PDL_ISO_DEFAULT, PDL_READ_COMMITTED, PDL_REPEATABLE_READ, PDL_SERIALIZABLE,
  PDL_READ_ONLY /* repeatable read, read only */
};
enum { PDL_TX_TRIES = 10 };
/* Runs fn in a transaction that is committed where it returns PDL_OK and rolled back otherwise; returns what it
 * returned. The outermost is begun again, at most PDL_TX_TRIES times in all and after a pause that grows, where fn or
 * the commit gives PDL_RETRY: fn must not change anything else. One within another, or within a transaction of the
 * caller's own, is a savepoint and is not repeated. */
PDL_RC pdl_tx(struct pdl *, enum pdl_iso, enum pdl_rc (*fn)(struct pdl *, void *), void *arg);

/* ── pipelines ──────────────────────────────────────────────────────────────────────────────────────────────── */
/* Calls in …_q are sent without waiting. What they read is there once pdl_pipe_sync returned: `out` and `mem` must
 * last until then, everything else is free at once. Outside a transaction all calls up to a sync are one. While a
 * pipeline is open the session takes no other call. */
struct pdl_pipe;
PDL_RC pdl_pipe_open(struct pdl *, struct pdl_pipe **);
/* Waits for all that was queued. PDL_OK, or the first outcome that was none; those behind an error were not run. */
PDL_RC pdl_pipe_sync(struct pdl_pipe *);
size_t pdl_pipe_count(const struct pdl_pipe *);                /* calls up to the last sync */
enum pdl_rc pdl_pipe_rc(const struct pdl_pipe *, size_t call); /* of one, from 0; PDL_USAGE: not run */
PDL_RC pdl_pipe_close(struct pdl_pipe *);                      /* syncs, frees; what sync would return */

/* ── bulk ───────────────────────────────────────────────────────────────────────────────────────────────────── */
/* TABLE_copy_open begins, TABLE_copy_row adds. Nothing is there until closed; the session takes no other call. */
struct pdl_copy;
PDL_RC pdl_copy_close(struct pdl_copy *, int64_t *rows); /* frees it in any case; rows may be NULL */
void pdl_copy_abort(struct pdl_copy *);                  /* the same, and no row stays */

/* ── for generated code ─────────────────────────────────────────────────────────────────────────────────────── */
/* How a value stands on the wire and in memory: name, type's OID, array's OID, bytes on the wire (-1: any), C type. */
#define PDL_CODECS(X)                                                                                                  \
  X(BOOL, 16, 1000, 1, bool)                                                                                           \
  X(INT2, 21, 1005, 2, int16_t)                                                                                        \
  X(INT4, 23, 1007, 4, int32_t)                                                                                        \
  X(INT8, 20, 1016, 8, int64_t)                                                                                        \
  X(FLOAT4, 700, 1021, 4, float)                                                                                       \
  X(FLOAT8, 701, 1022, 8, double)                                                                                      \
  X(OID, 26, 1028, 4, uint32_t)                                                                                        \
  X(UUID, 2950, 2951, 16, pdl_uuid)                                                                                    \
  X(DATE, 1082, 1182, 4, pdl_date)                                                                                     \
  X(TIME, 1083, 1183, 8, pdl_time)                                                                                     \
  X(TIMETZ, 1266, 1270, 12, pdl_timetz)                                                                                \
  X(TIMESTAMP, 1114, 1115, 8, pdl_timestamp)                                                                           \
  X(TIMESTAMPTZ, 1184, 1185, 8, pdl_timestamptz)                                                                       \
  X(INTERVAL, 1186, 1187, 16, pdl_interval)                                                                            \
  X(INET, 869, 1041, -1, pdl_inet)                                                                                     \
  X(CIDR, 650, 651, -1, pdl_cidr)                                                                                      \
  X(MACADDR, 829, 1040, 6, pdl_macaddr)                                                                                \
  X(MACADDR8, 774, 775, 8, pdl_macaddr8)                                                                               \
  /* what a struct pdl_shape describes; it is written as text */                                                       \
  X(RECORD, 2249, 2287, -1, bool)                                                                                      \
  /* from here on a NULL is a NULL pointer */                                                                          \
  X(TEXT, 25, 1009, -1, pdl_text)                                                                                      \
  X(VARCHAR, 1043, 1015, -1, pdl_text)                                                                                 \
  X(BPCHAR, 1042, 1014, -1, pdl_text)                                                                                  \
  X(NAME, 19, 1003, -1, pdl_text)                                                                                      \
  X(JSON, 114, 199, -1, pdl_json)                                                                                      \
  X(JSONB, 3802, 3807, -1, pdl_jsonb)                                                                                  \
  X(BYTEA, 17, 1001, -1, pdl_bytea)                                                                                    \
  X(BIT, 1560, 1561, -1, pdl_bit)                                                                                      \
  X(VARBIT, 1562, 1563, -1, pdl_bit)                                                                                   \
  /* as text, by casts */                                                                                              \
  X(NUMERIC, 25, 1009, -1, pdl_numeric)                                                                                \
  X(CAST, 25, 1009, -1, pdl_text)                                                                                      \
  X(ENUM, 25, 1009, -1, struct pdl_label)
/* A value of a generated enum. Read: a label that this program does not know has v == 0, and stands in label;
 * written: label where v == 0. NULL is v == 0 without a label. */
struct pdl_label { int v; pdl_text label; };
enum pdl_codec {
#define PDL_CODEC(name, oid, array, size, type) PDL_##name,
  PDL_CODECS(PDL_CODEC)
#undef PDL_CODEC
  PDL_CODEC_COUNT
};
enum {
  PDL_NULLABLE = 1, PDL_ARRAY = 2,
  PDL_READONLY = 4, /* the server gives the value */
  PDL_NO_BINARY = 8, /* the type itself has no binary form here: COPY is text */
  PDL_MULTIRANGE = 16 /* beside PDL_ARRAY: its text is that of a multirange */
};
struct pdl_enum { const char *const *labels; int count; }; /* of 1 … count */
struct pdl_column {
  const char *name;            /* as SQL */
  const char *read, *cast;     /* behind the name in a list, "::text"; behind that, behind a parameter, "::mood" */
  const struct pdl_enum *labels;
  const struct pdl_shape *shape; /* of PDL_RECORD */
  unsigned offset;             /* in the row */
  unsigned char codec, flags;
};
/* A composite type, its attributes as columns, or a range, its parts as columns in the order of pdl_int4range. */
struct pdl_shape {
  const struct pdl_column *fields;
  unsigned count, size, opt_at; /* opt_at: where its opt type has the value */
  bool is_range;
};
#define PDL_RANGE(name, type, codec, read) extern const struct pdl_shape pdl_##name##_shape;
PDL_RANGES(PDL_RANGE)
#undef PDL_RANGE
struct pdl_constraint { const char *schema, *table, *name; };
struct pdl_schema { const struct pdl_constraint *constraints; int count; }; /* sorted; code i + 1 */
struct pdl_table {
  const struct pdl_schema *schema;
  const char *name;            /* as SQL */
  const struct pdl_column *columns;
  unsigned count;
  unsigned size;               /* of a row */
};
enum pdl_verb {
  PDL_SELECT, PDL_GET_MANY, PDL_COUNT, PDL_EXISTS, PDL_INSERT, PDL_UPDATE, PDL_UPSERT, PDL_DELETE, PDL_FUNCTION,
  PDL_PROCEDURE
};
enum {
  PDL_DESCENDING = 1,
  PDL_BY_VALUE = 2,   /* `after`, and the keys of PDL_GET_MANY, are values of the one column, not rows */
  PDL_POSITIONAL = 4  /* the columns of a function's result have names by their order only */
};
struct pdl_op {
  const struct pdl_table *table;
  unsigned char verb, flags;
  unsigned short key_count, order_count;
  const unsigned short *keys;  /* columns that equal the arguments; of an upsert those of the unique key;
                                * of a function its arguments, which stand behind the columns of the table */
  const unsigned short *order; /* columns of ORDER BY */
};
/* args: a pointer to the value of each key; of a function to each argument, as a row has it: it may say NULL. after: a
 * row whose columns of the order are filled in; NULL: from the first on. limit 0: none. list: a struct of a pointer to
 * rows and a size_t. */
PDL_RC pdl_get(struct pdl *, const struct pdl_op *, const void *const *args, void *out, struct pdl_mem *);
PDL_RC pdl_list(struct pdl *, const struct pdl_op *, const void *const *args, const void *after, size_t limit,
                void *list, struct pdl_mem *);
PDL_RC pdl_get_many(struct pdl *, const struct pdl_op *, const void *keys, size_t n, void *list, struct pdl_mem *);
PDL_RC pdl_count(struct pdl *, const struct pdl_op *, const void *const *args, int64_t *count);
PDL_RC pdl_exists(struct pdl *, const struct pdl_op *, const void *const *args, bool *exists);
/* mask: columns of row that are written, 64 a word. out may be NULL: nothing is read. */
PDL_RC pdl_write(struct pdl *, const struct pdl_op *, const void *const *args, const void *row, const uint64_t *mask,
                 void *out, struct pdl_mem *);
PDL_RC pdl_queue(struct pdl_pipe *, const struct pdl_op *, const void *const *args, const void *row,
                 const uint64_t *mask, void *out, struct pdl_mem *);
PDL_RC pdl_queue_list(struct pdl_pipe *, const struct pdl_op *, const void *const *args, const void *after,
                      size_t limit, void *list, struct pdl_mem *);
/* open, next until it is not PDL_OK, close: PDL_NOROW becomes PDL_OK. A row holds until the next. */
PDL_RC pdl_stream_open(struct pdl *, const struct pdl_op *, const void *const *args);
PDL_RC pdl_stream_next(struct pdl *, void *row);
PDL_RC pdl_stream_close(struct pdl *, enum pdl_rc);
PDL_RC pdl_copy_open(struct pdl *, const struct pdl_table *, const uint64_t *mask, struct pdl_copy **);
PDL_RC pdl_copy_row(struct pdl_copy *, const struct pdl_table *, const void *row);

#ifdef __cplusplus
}
#endif
#endif
