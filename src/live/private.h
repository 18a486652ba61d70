/* live's own: what its files share and no other room sees. */
#ifndef PDLC_LIVE_PRIVATE_H
#define PDLC_LIVE_PRIVATE_H

#include <signal.h>
#include <sys/types.h>

#include "live/live.h"
#include "schema/schema.h"

/* ── supabase.c ── what a host name says ─────────────────────────────────────── */
enum supabase_host {
  SUPABASE_NONE,    /* not Supabase's */
  SUPABASE_PROJECT, /* <ref>.supabase.co: the API, no database behind it */
  SUPABASE_DIRECT,  /* db.<ref>.supabase.co */
  SUPABASE_POOLER,  /* *.pooler.supabase.com */
};
struct supabase {
  enum supabase_host host;
  const char *ref; /* the project's, or NULL where it cannot be told */
};
struct supabase supabase_of_host(struct arena *, const char *host /* or NULL */);
/* What the platform makes in a database, and changes by itself. */
struct names supabase_schemas(void);
/* The same of a web address: a project's URL or its page in the dashboard. */
struct supabase supabase_of_web_address(struct arena *, const char *url);

/* ── dotenv.c ── one variable of a .env file ──────────────────────────────────── */
/* The last value that the file gives to key; *value NULL where there is no file or
 * no such key. False where the file is unreadable or this value malformed (diagnosed,
 * with a place but never with the line: it may hold a secret). */
bool dotenv_find(struct arena *, const char *path, const char *key, struct diagnostics *,
                 const char **value) MUST_CHECK;

/* ── git.c ── would Git commit it? ──────────────────────────────────────────── */
enum git_state { GIT_SAFE, GIT_TRACKED, GIT_NOT_IGNORED };
/* GIT_SAFE also where there is no repository or no Git. */
enum git_state git_state_of(struct arena *, const char *folder, const char *name);

/* ── endpoint.c ── what a conninfo comes to ─────────────────────────────────────── */
struct endpoint {
  const char *text;                          /* secret: keyword='value' pairs, pdlc's own added */
  const char *origin;                        /* as of struct conninfo */
  const char *host, *hostaddr, *port, *user; /* NULL where libpq will choose */
  struct supabase supabase;
  int timeout; /* seconds for one address; 0: for ever */
};
/* Reads a conninfo with libpq's defaults; refuses what cannot be right before any look-up. */
bool endpoint_parse(struct arena *, struct conninfo, struct diagnostics *, struct endpoint *out) MUST_CHECK;
bool conninfo_has_password(const char *text); /* true also where it cannot be parsed */
/* Adds " keyword='value'", quoted as libpq wants it. */
void conninfo_add(struct strbuf *, const char *keyword, const char *value);
/* Text with each occurrence of secret (NULL and "" are none) replaced by "***". */
char *secret_mask(struct arena *, const char *text, const char *secret);
/* Fit for a terminal: control characters become '?'. */
char *text_tame(struct arena *, const char *);

/* ── refusal.c ── why a connection failed, and the way out ──────────────────────── */
void refusal_diagnose(struct arena *, const struct endpoint *, PGconn *, const char *shown, bool timed_out,
                      bool ipv6_only, struct diagnostics *);
void refusal_unknown_host(const struct endpoint *, int gai_error, struct diagnostics *);
/* 150020: true from 13 on, else diagnosed. */
bool version_accept(int version_num, const char *shown, struct diagnostics *);

/* ── process.c ── programs run without a shell, as another user where root ─────────── */
struct user {
  uid_t uid;
  gid_t gid;
  const char *name; /* NULL: the present user, nothing to change */
};
struct process {
  const struct user *as;   /* NULL: the present user */
  const char *const *argv; /* the first is looked for in PATH; NULL ends it */
  const char *log;         /* stdout and stderr are appended there; NULL: to /dev/null */
  int out;                 /* where >= 0, stdout goes there instead */
  bool detached;           /* a session of its own, inherits no open file: outlives pdlc */
};
pid_t process_start(const struct process *); /* -1 on failure */
int process_wait(pid_t);                     /* exit status; -1 where killed */
/* The first line that argv prints, without its newline; false where it fails. */
bool process_line(const char *const *argv, char *line, size_t size) MUST_CHECK;
/* What work returns in a child that has become the user. */
bool process_as(const struct user *, bool (*work)(const void *), const void *) MUST_CHECK;

/* ── binaries.c ── installed servers ─────────────────────────────────────────── */
/* As server_find_binaries; only of one major version where want > 0. */
const char *binaries_find(struct arena *, int want, int *major);

/* ── home.c ── where an embedded server lives ──────────────────────────────────── */
struct home {
  const char *folder; /* the real path of what holds .pdlc */
  const char *dot;    /* folder/.pdlc */
  const char *path;   /* dot, or the private folder */
  const char *data, *fresh /* initdb works here */, *socket, *log, *lock; /* below path */
  struct user user;                                                       /* who runs the server */
};
bool home_find(struct arena *, const char *folder, struct home *out) MUST_CHECK; /* makes nothing */
bool home_make(const struct home *, struct diagnostics *) MUST_CHECK;
/* Waits for the lock of this home; close the descriptor to let it go. -1 diagnosed. */
int home_lock(const struct home *, struct diagnostics *) MUST_CHECK;

/* ── apply.c ── */
/* How many locks a transaction of ours may take: half of what the server's lock table was sized for (manual, 20.12),
 * since other sessions need room too. */
unsigned lock_budget(struct connection *);

/* ── connect.c ── */
/* Sets what connection_open pins, again. */
bool connection_pin(struct connection *) MUST_CHECK;
/* The same database by the same way, of this application_name and not pinned; NULL where it does not let one more in. */
struct pg_conn *connection_second(const struct pg_conn *, const char *name);

/* ── watch.c ── */
extern volatile sig_atomic_t tool_interrupted;
void interrupted_diagnose(struct diagnostics *);
void pause_ms(long ms);
void tell(const struct teller *, struct event);
/* What the server said to a message of one statement or more. Texts are "" where there are none. */
struct answer {
  bool ok, lost;   /* lost: the connection broke */
  size_t done;     /* statements that ended well */
  size_t position; /* of the error, in characters of the whole message from 1; 0: not known */
  double seconds;
  const char *state, *message, *detail, *hint, *context;
};
/* Runs it; where it takes long, tells who is in the way or how far it is, which a second connection looks up. */
void watch_run(struct watch *, struct arena *, struct connection *, const char *sql, struct answer *out);
void watch_close(struct watch *);

/* ── lock.c ── */
extern const char blockers_query[]; /* who blocks the backend $1, in words */

/* ── ledger.c ── */
struct pg_result;
/* The row of the Supabase CLI, where that is the layout. */
void ledger_add_foreign(const struct ledger *, struct arena *, struct strbuf *, const struct migration *);
/* Sends statements that hold one COMMIT: whether that was done. *last, where it is wanted: the answer to the last one,
 * which the caller clears. Says nothing of a failure. */
bool ledger_commit(struct connection *, struct ledger *, const char *sql, struct pg_result **last) MUST_CHECK;

/* ── runner.c, alone.c ── */
void runner_settings(const struct runner *, bool local, struct strbuf *);
/* Diagnoses what the server refused; `stands`: what is left of it, a sentence. Always false. */
bool runner_failed(struct runner *, const struct migration *, const struct migration_file *, const struct answer *,
                   const char *stands);
bool run_alone(struct runner *, const struct migration *, const struct migration_file *, bool up,
               double *seconds) MUST_CHECK;

/* ── proof.c ── */
/* Statements that open the transaction in which the server is asked, under the search path of the schema. */
void scratch_begin(const char *search_path, struct strbuf *);
/* Leaves out of changes what the server reads alike, and makes those certain that no answer of today would hold for. */
void proof_settle(struct arena *, struct connection *, struct changes *, const char *search_path);

/* ── query.c, catalog.c ── */
struct row;
struct schema;
const char *query_row_get(const struct row *, int column);
/* A copy in the arena; NULL where it is null. */
const char *result_text(struct arena *, const struct pg_result *, int row, int column);
struct pg_result *query_run(struct connection *, const char *sql); /* by the extended protocol; the caller clears it */
bool query_ok(struct connection *, const char *sql);               /* runs one statement or more */
/* In a pipeline: a query with this text for its $1, and the next result, of which the caller takes care. */
bool query_send(struct connection *, const char *sql, const char *param) MUST_CHECK;
struct pg_result *query_receive(struct connection *);
/* All kinds in the session's own temporary schema, in the present transaction; NULL where a query fails. */
struct schema *catalog_of_temporary(struct arena *, struct connection *);

/* ── beside.c ── a second session with the snapshot of the first ──────────────────── */
struct beside;
/* Before the first one's pipeline begins; NULL where it cannot hand on its snapshot. The first keeps its transaction
 * until all is taken. `param`: the $1 of all queries. */
struct beside *beside_open(struct arena *, struct connection *, const char *param);
void beside_add(struct beside *, const char *sql); /* before it starts: one a kind or lookup at most */
void beside_start(struct beside *);
/* The next result, in the order of the queries; NULL where the second session has none: ask the first. */
struct pg_result *beside_take(struct beside *);
void beside_close(struct beside *);

/* ── probe.c ── */
extern const char catalog_planner[]; /* settings for catalog queries, until the transaction ends */
struct catalog;
struct probe {
  struct sort {
    const char *namespace, *word; /* its oid, "0" for the database */
    struct sort *next;
  } *sorts;
};
/* Words for what the database has, and names for `catalog`; sets the planner for catalog queries, until the transaction
 * ends. `first`: statements to begin with, or "". False where one fails. */
bool catalog_probe(struct connection *, struct catalog *, const char *first, struct probe *out) MUST_CHECK;
bool probe_has(const struct probe *, const char *word); /* of the database, whatever the namespaces */
/* Gives the catalog's schema the words for what its namespaces hold, and for what the database holds that is in none. */
void probe_settle(const struct probe *, struct catalog *);
/* Whether any of these words, parted by ", ", was found. */
bool catalog_has(const struct schema *, const char *words);

/* catalog.c: names as the text of an array, in the arena. */
char *catalog_array(struct arena *, const struct names *);

#endif
