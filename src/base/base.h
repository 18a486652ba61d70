/* base: memory, strings, maps, source text, diagnostics, files.
 * Must not know: PDL, SQL, Postgres, or any other room.
 * Called by: every room. */
#ifndef PDLC_BASE_H
#define PDLC_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#else
#define PRINTF_LIKE(fmt, args)
#define MUST_CHECK
#endif

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))
#define ARRAY_END(a) ((a) + ARRAY_LEN(a))

/* ── arena.c ── memory of one compilation ─────────────────────────────────
 * Everything a compilation makes lives in one arena and goes with it; passes
 * never free. Out of memory ends the program with a message and exit code 1:
 * by then nothing has been written. Not for more than one thread at a time. */
struct arena_block;
struct arena {
  struct arena_block *blocks; /* the one in use first */
  char *at, *end;             /* free room in it */
  size_t block_size;          /* of the last block for small pieces */
  struct arena_block *spare;  /* made ready, not in use yet */
};
#define ARENA_INIT {0}

/* Zeroed memory aligned for any type; never NULL; size 0 is allowed. */
void *arena_alloc(struct arena *, size_t size);
/* The same for `count` elements; a product that overflows ends the program. */
void *arena_array(struct arena *, size_t count, size_t size);
/* An array of `*room` elements with room for one more than `count`: v itself, or a larger copy of it. */
void *arena_grow(struct arena *, void *v, size_t count, size_t *room, size_t size);
char *arena_strdup(struct arena *, const char *);
/* Copies n bytes and adds a NUL. */
char *arena_strndup(struct arena *, const char *, size_t n);
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *, const char *fmt, va_list) PRINTF_LIKE(2, 0);
/* Makes so many bytes ready to be written, which a system otherwise does when they are: for whoever waits for something
 * else anyway. */
enum { ARENA_PIECE = 2 * 1024 * 1024 };
void arena_prepare(struct arena *);
/* Everything in it goes; the last block is kept for what comes next. */
void arena_clear(struct arena *);
/* Frees everything; the arena is as after ARENA_INIT. */
void arena_release(struct arena *);

/* malloc, realloc that end the program where memory is out. The caller frees. */
void *xmalloc(size_t size);
void *xrealloc(void *, size_t size);
char *xstrdup(const char *);

/* ── strbuf.c ── a string that grows ──────────────────────────────────────
 * text is always NUL-terminated (and "" before the first byte), owned by the
 * strbuf. Bytes may include NUL: len counts. */
struct strbuf {
  char *text;
  size_t len, cap;
};
extern char strbuf_empty[1]; /* what text points at while nothing is allocated */
#define STRBUF_INIT {strbuf_empty, 0, 0}

void strbuf_init(struct strbuf *);
void strbuf_release(struct strbuf *); /* frees; usable again as after init */
void strbuf_clear(struct strbuf *);   /* empties, keeps the memory */
void strbuf_add(struct strbuf *, const void *, size_t n);
void strbuf_adds(struct strbuf *, const char *);
void strbuf_addc(struct strbuf *, char);
void strbuf_addf(struct strbuf *, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* One word of a shell's command line, on one line: what a terminal would obey stands in $'…', which bash, zsh and ksh
 * read. */
void strbuf_add_shell(struct strbuf *, const char *word);
void strbuf_vaddf(struct strbuf *, const char *fmt, va_list) PRINTF_LIKE(2, 0);
/* Cuts to len bytes; len must not be greater than the present length. */
void strbuf_truncate(struct strbuf *, size_t len);
/* Hands the text (malloc'd, never NULL) to the caller; the strbuf is empty. */
char *strbuf_detach(struct strbuf *);
/* A copy of the text in the arena. */
char *strbuf_dup(const struct strbuf *, struct arena *);

/* ── map.c ── strings to pointers (uthash) ────────────────────────────────
 * Keys are copied into the arena; so are the entries. Iteration runs in the
 * order of insertion, never in hash order. */
struct map_entry;
struct map {
  struct arena *arena;
  struct map_entry *entries;
};
void map_init(struct map *, struct arena *);
void *map_get(const struct map *, const char *key);              /* NULL where absent */
void *map_getn(const struct map *, const char *key, size_t n);
/* Adds; where the key is there already changes nothing and returns the value
 * that is there, else NULL. value must not be NULL. */
void *map_add(struct map *, const char *key, void *value);
void map_set(struct map *, const char *key, void *value);        /* adds or replaces */
size_t map_count(const struct map *);
/* for (const struct map_entry *e = map_first(m); e; e = map_next(e)) */
const struct map_entry *map_first(const struct map *);
const struct map_entry *map_next(const struct map_entry *);
const char *map_key(const struct map_entry *);
void *map_value(const struct map_entry *);

/* ── numbers.c ── numbers to pointers; order of nothing ──────────────────── */
struct number_entry;
struct numbers {
  struct arena *arena;
  struct number_entry *v;
  size_t count, room;
};
void numbers_init(struct numbers *, struct arena *);
void *numbers_get(const struct numbers *, uint64_t);              /* NULL where absent */
void numbers_set(struct numbers *, uint64_t, void *value);       /* adds or replaces; value must not be NULL */

/* ── digest.c ──
 * SHA-256 of n bytes as DIGEST_HEX lower-case digits, in the arena. Ends the program where libcrypto refuses it. */
enum { DIGEST_HEX = 64 };
const char *digest_sha256(struct arena *, const void *bytes, size_t n);

/* ── spell.c ── near names ────────────────────────────────────────────────
 * spell_best keeps the nearest candidate to `word` (Damerau–Levenshtein over
 * bytes, at most a third of the longer length, ASCII case folded at no cost).
 * Start with SPELL_INIT(word); offer candidates; .best is NULL if none is near. */
struct spell {
  const char *word;
  const char *best; /* borrowed from the candidate */
  size_t distance;
};
#define SPELL_INIT(w) {(w), NULL, SIZE_MAX}
void spell_offer(struct spell *, const char *candidate);

/* ── source.c ── source text and places in it ─────────────────────────────── */
struct source {
  const char *path;  /* as shown to people; "<stdin>" and the like allowed */
  const char *text;  /* len bytes and then two NULs (flex wants both) */
  size_t len;        /* at most SOURCE_MAX */
  uint32_t *lines;   /* offsets of line starts, made when first asked for */
  uint32_t line_count;
  uint32_t *marks;   /* characters before every so many bytes, made with lines */
  struct arena *arena;
};
enum { SOURCE_MAX = 16 * 1024 * 1024 };

/* Half-open byte range; src NULL is "no place". */
struct span {
  const struct source *src;
  uint32_t from, to;
};
#define NO_SPAN ((struct span){0})

struct place {
  unsigned line, column; /* from 1; column counts Unicode characters */
};
struct place span_place(struct span);     /* of span.from */
struct place span_end_place(struct span); /* of span.to */
bool span_contains(struct span outer, struct span inner);

/* Copies text into a source; no check of its content. */
struct source *source_new(struct arena *, const char *path, const char *text, size_t len);
/* The same of text that file_read gave: it is not copied. */
struct source *source_read(struct arena *, const char *path, const char *text, size_t len);
/* Offset of the first byte that is not valid UTF-8 (RFC 3629), or SIZE_MAX. */
size_t utf8_invalid_at(const char *, size_t len);
/* Bytes of the character that starts at p (1 for an invalid byte; n > 0). */
size_t utf8_step(const char *p, size_t n);
size_t utf8_count(const char *, size_t len); /* characters */
/* The first place of a word, which is not empty, in the text, or NULL. */
const char *text_within(const char *, size_t len, const char *word);

/* ── diagnostic.c ── errors and warnings, collected and printed ───────────────
 * Postgres' message style: the message starts lower-case and has no full stop;
 * hints are full sentences; names stand in double quotes. Codes are stable:
 * codes.def is their one list. */
enum severity { SEVERITY_ERROR, SEVERITY_WARNING };
enum code {
#define CODE(id, number, severity, summary, text) id = number,
#include "base/codes.def"
#undef CODE
};
struct code_info {
  enum code code;
  enum severity severity;
  const char *id;      /* "PDL0104" */
  const char *summary; /* one line */
  const char *text;    /* what `pdlc explain` says: why, an example, the way out */
};
const struct code_info *code_info(enum code);
const struct code_info *code_find(const char *id); /* "PDL0104", "pdl104", "104"; NULL if unknown */
const struct code_info *code_list(size_t *count);  /* by number */

struct diagnostic {
  enum code code;
  enum severity severity;
  struct span span;      /* where; NO_SPAN for what has no place in a file */
  const char *message;
  const char *hint;      /* the way out, or NULL */
  struct span peer;      /* the other place ("first declared here"), or NO_SPAN */
  const char *peer_note;
  size_t sequence;       /* order of reporting */
  struct diagnostic *next;
};
struct diagnostics {
  struct arena *arena;
  struct diagnostic *first, *last;
  size_t errors, warnings;
  size_t reported; /* ever, dropped ones included */
  struct allow *allows;
};
void diagnostics_init(struct diagnostics *, struct arena *);
/* Appends all of `from`, whose arena must live as long. */
void diagnostics_append(struct diagnostics *, const struct diagnostics *from);
/* Adds one; returns it so that a hint or a peer can be attached. */
struct diagnostic *diagnose(struct diagnostics *, enum code, struct span, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void diagnostic_hint(struct diagnostics *, struct diagnostic *, const char *fmt, ...) PRINTF_LIKE(3, 4);
void diagnostic_peer(struct diagnostic *, struct span, const char *note /* borrowed */);
/* Warnings of this code whose span lies within `where` are dropped. */
void diagnostics_allow(struct diagnostics *, enum code, struct span where);
bool diagnostics_allows(const struct diagnostics *, enum code, struct span where);
/* Drops what is allowed and what repeats (same code, place and message), sorts
 * by file (in order of first report), place, sequence. Call before printing. */
void diagnostics_finish(struct diagnostics *);
enum { DIAGNOSTICS_SHOWN = 50 };
/* Text as architecture.md shows: path:line:col: error[CODE]: message, the line,
 * the caret with the hint after it. At most DIAGNOSTICS_SHOWN are printed, then
 * a line saying how many more there are. colour: ANSI colours. */
void diagnostics_print(const struct diagnostics *, struct strbuf *out, bool colour);
/* One JSON array: code, severity, message, hint, file, line, column, endLine,
 * endColumn, peer {file,line,column,note}; all of them, uncapped. */
void diagnostics_json(const struct diagnostics *, struct strbuf *out);

/* ── sorted.c ── */
/* Whether the word is in a table of them, in strcmp's order. */
bool is_among(const char *word, const char *const *sorted, size_t count);

/* ── file.c ── reading, and writing all or nothing ───────────────────────────
 * file_read: reads a regular file whole. On failure returns false, and *why is a static or arena-held reason such as
 * "no such file", "is a directory", "permission denied", "is larger than 16 MiB". "-" reads standard input. text gets
 * two NULs after its last byte. */
bool file_read(struct arena *, const char *path, size_t max, char **text, size_t *len, const char **why) MUST_CHECK;
enum code file_read_code(const char *why); /* of a diagnostic that says so */

/* Makes a folder and those that it lies in, where they are missing; on failure false and *why, as above. */
bool file_make_folder(struct arena *, const char *path, const char **why) MUST_CHECK;

/* A set of files written together below one root folder. file_set_write first
 * writes every changed file to a temporary file beside its target and fsyncs
 * it; only when all of them stand are they renamed into place and the folders
 * fsynced. An unchanged file is not touched (its mtime stays). Where `remade` is
 * set nothing is fsynced: a reader still sees the old file or the new one, and
 * what a power cut takes is made again from its source. */
struct file_set {
  struct arena *arena;
  const char *root; /* folder that no path may leave; "" or "." is the present one */
  struct file_item *first, *last;
  bool remade; /* set after file_set_init */
};
struct file_item {
  const char *path; /* relative to root */
  const char *text;
  size_t len;
  bool changed;     /* set by file_set_compare and file_set_write */
  struct file_item *next;
};
void file_set_init(struct file_set *, struct arena *, const char *root);
/* Borrows text until the set is written. */
void file_set_add(struct file_set *, const char *path, const char *text, size_t len);
/* Sets `changed` of each item; returns how many differ from the disk. */
size_t file_set_compare(struct file_set *);
/* Why a path may not be written to: NULL if it may, else a static reason
 * ("is absolute", "leaves the folder of schema.pdl", "has .. in it", "is empty", "is a folder",
 * "passes through a symbolic link", "is a symbolic link"). All but the links need no disk; where root
 * is NULL links are not looked for. root itself may be, or pass through, a symbolic link. */
const char *file_path_refused(const char *root, const char *path);
/* Makes missing folders below root. On failure returns false with *path_failed
 * and *why (from errno, or as above), removes what it made, renames nothing. (Only a rename
 * that fails where its folder let a file be made, such as over an immutable file,
 * can leave the files before it renamed.) A file that is there keeps its mode. */
bool file_set_write(struct file_set *, const char **path_failed, const char **why) MUST_CHECK;

#endif
