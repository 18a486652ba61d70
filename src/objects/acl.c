/* Lists of privileges: who may do what with one object, read from PDL and from the catalogs, printed as both. */
#include <ctype.h>
#include <stdlib.h>

#include "objects/objects.h"

/* The letters of aclitem (src/include/utils/acl.h). */
static const struct {
  char letter;
  const char *word;
  int version; /* Postgres that brought it */
} privileges[] = {
    {'r', "select", 0},   {'a', "insert", 0},     {'w', "update", 0},  {'d', "delete", 0}, {'D', "truncate", 0},
    {'x', "references", 0}, {'t', "trigger", 0}, {'m', "maintain", 17}, {'U', "usage", 0}, {'X', "execute", 0},
    {'C', "create", 0},
};
static const struct {
  const char *word;    /* in messages */
  const char *letters; /* what can be granted on it */
  const char *given;   /* what everybody has until it is revoked */
} classes[] = {
    [ACL_TABLE] = {"table", "rawdDxtm", ""},
    [ACL_COLUMN] = {"column", "rawx", ""},
    [ACL_SEQUENCE] = {"sequence", "Urw", ""},
    [ACL_ROUTINE] = {"function", "X", "X"},
    [ACL_SCHEMA] = {"schema", "UC", ""},
    [ACL_TYPE] = {"type", "U", "U"},
    [ACL_FOREIGN] = {"foreign server", "U", ""},
};
_Static_assert(ARRAY_LEN(classes) == ACL_CLASSES, "a class is missing");

static unsigned bits_of(const char *letters, int version) {
  unsigned bits = 0;
  for (size_t i = 0; i < ARRAY_LEN(privileges); i++)
    if (strchr(letters, privileges[i].letter) && version >= privileges[i].version)
      bits |= 1u << i;
  return bits;
}

unsigned acl_all(enum acl_class of, int version) {
  return bits_of(classes[of].letters, version);
}

unsigned acl_bit(enum acl_class of, const char *word, int *version) {
  for (size_t i = 0; i < ARRAY_LEN(privileges); i++)
    if (strcmp(privileges[i].word, word) == 0 && strchr(classes[of].letters, privileges[i].letter)) {
      *version = privileges[i].version;
      return 1u << i;
    }
  return 0;
}

static void offer(enum acl_class of, struct strbuf *out) {
  const char *separator = "";
  for (size_t i = 0; i < ARRAY_LEN(privileges); i++)
    if (strchr(classes[of].letters, privileges[i].letter)) {
      strbuf_addf(out, "%s%s", separator, privileges[i].word);
      separator = ", ";
    }
}

/* ── lists ── */

static int order(const struct grant *g, const char *role, const char *column) {
  const int by_role = strcmp(g->role, role);
  if (by_role || !g->column || !column)
    return by_role ? by_role : (g->column != NULL) - (column != NULL);
  return strcmp(g->column, column);
}

/* Looks from `at` on, and returns where it is, from which on a next one may be looked for that is not before it. */
static struct grant **add_from(struct arena *arena, struct grant **at, const char *role, const char *column,
                               unsigned bits, unsigned options) {
  while (*at && order(*at, role, column) < 0)
    at = &(*at)->next;
  if (!*at || order(*at, role, column) > 0) {
    struct grant *g = arena_alloc(arena, sizeof *g);
    *g = (struct grant){.role = role, .column = column, .next = *at};
    *at = g;
  }
  (*at)->bits |= bits;
  (*at)->options |= options;
  return at;
}

void acl_add(struct arena *arena, struct grant **list, const char *role, const char *column, unsigned bits,
             unsigned options) {
  add_from(arena, list, role, column, bits, options);
}

/* What is revoked on a table is on its columns too. */
void acl_take(struct grant **list, const char *role, const char *column, unsigned bits, bool only_option) {
  for (struct grant **at = list; *at;) {
    struct grant *g = *at;
    if (strcmp(g->role, role) == 0 && (!column || (g->column && strcmp(g->column, column) == 0))) {
      g->options &= ~bits;
      if (!only_option)
        g->bits &= ~bits;
    }
    if (g->bits)
      at = &g->next;
    else
      *at = g->next;
  }
}

void acl_give(struct arena *arena, struct grant **list, enum acl_class of) {
  const unsigned bits = bits_of(classes[of].given, 0);
  if (bits)
    acl_add(arena, list, "public", NULL, bits, 0);
}

/* "role=r*w/grantor", the role quoted where it has to be, empty for public (aclitemout in utils/adt/acl.c). */
static void read_item(struct arena *arena, const char *item, const char *owner, const char *column,
                      struct grant **list) {
  struct strbuf role = STRBUF_INIT;
  const bool quoted = *item == '"';
  for (item += quoted; *item && (quoted || *item != '='); item++) {
    if (quoted && *item == '"' && *++item != '"')
      break;
    strbuf_addc(&role, *item);
  }
  unsigned bits = 0, options = 0, last = 0;
  for (item += *item == '='; *item && *item != '/'; item++) {
    if (*item == '*') {
      options |= last;
      continue;
    }
    last = bits_of((const char[]){*item, '\0'}, INT32_MAX);
    bits |= last;
  }
  if (bits && strcmp(role.text, owner) != 0)
    acl_add(arena, list, role.len ? strbuf_dup(&role, arena) : "public", column, bits, options);
  strbuf_release(&role);
}

void acl_read(struct arena *arena, struct names items, const char *owner, const char *column, struct grant **list) {
  for (size_t i = 0; i < items.n; i++)
    read_item(arena, items.v[i], owner, column, list);
}

void acl_apply(struct compile *c, const struct node *clauses, bool grant, const struct sql_grant *g,
               enum acl_class whole, int version, struct grant **list) {
  for (size_t i = 0; i < g->privilege_count; i++) {
    const struct sql_privilege *what = &g->privileges[i];
    const enum acl_class of = what->column_count ? ACL_COLUMN : whole;
    int since = 0;
    const unsigned bits = strcmp(what->word, "all") == 0 ? acl_all(of, version) : acl_bit(of, what->word, &since);
    if (!bits || (what->column_count && whole != ACL_TABLE)) {
      struct strbuf known = STRBUF_INIT;
      offer(of, &known);
      diagnostic_hint(c->diagnostics,
                      diagnose(c->diagnostics, PDL_NO_SUCH_PRIVILEGE, clauses->span, "a %s has no privilege \"%s\"",
                               classes[of].word, what->word),
                      "It has %s.", known.text);
      strbuf_release(&known);
      continue;
    }
    if (since && !compile_needs_version(c, since, clauses->span, what->word))
      continue;
    for (size_t r = 0; r < g->role_count; r++)
      for (size_t col = 0; col < (what->column_count ? what->column_count : 1); col++) {
        const char *column = what->column_count ? what->columns[col] : NULL;
        if (grant)
          acl_add(c->arena, list, g->roles[r].name, column, bits, g->option ? bits : 0);
        else
          acl_take(list, g->roles[r].name, column, bits, g->option);
      }
  }
}

/* ── phrases ── */

static void add_word(struct strbuf *out, const char *word, bool sql) {
  for (; *word; word++)
    strbuf_addc(out, (char)(sql ? toupper((unsigned char)*word) : *word));
}

static unsigned wanted(const struct grant *g, bool option) {
  return option ? g->options : g->bits & ~g->options;
}

static bool is_of(const struct grant *g, const char *role) {
  return g && strcmp(g->role, role) == 0;
}

/* "select, update (a, b)": what the role may that `own` is the first of, with or without grant option. */
static void add_phrase(const struct grant *own, bool option, unsigned all, bool sql, struct strbuf *out) {
  const size_t start = out->len;
  for (size_t i = 0; i < ARRAY_LEN(privileges); i++) {
    const char *separator = NULL;
    for (const struct grant *g = own; is_of(g, own->role); g = g->next) {
      const unsigned bits = wanted(g, option);
      if (!(bits >> i & 1))
        continue;
      const bool everything = !g->column && bits == all && (all & (all - 1));
      if (everything && out->len > start)
        continue;
      if (g->column) {
        strbuf_adds(out, separator ? separator : out->len > start ? ", " : "");
        if (!separator)
          add_word(out, privileges[i].word, sql);
        strbuf_adds(out, separator ? "" : " (");
        sql_ident(out, g->column);
        separator = ", ";
        continue;
      }
      if (out->len > start)
        strbuf_adds(out, ", ");
      add_word(out, everything ? "all" : privileges[i].word, sql);
    }
    if (separator)
      strbuf_addc(out, ')');
  }
}

/* Every phrase of a list, role by role. */
typedef void each_phrase(void *ctx, const char *role, const char *phrase, bool option);
static void phrases(const struct grant *list, unsigned all, bool sql, each_phrase *take, void *ctx) {
  struct strbuf phrase = STRBUF_INIT;
  for (const struct grant *g = list, *own = NULL; g; g = g->next) {
    if (own && is_of(g, own->role))
      continue;
    own = g;
    for (int option = 0; option <= 1; option++) {
      strbuf_clear(&phrase);
      add_phrase(own, option, all, sql, &phrase);
      if (phrase.len)
        take(ctx, g->role, phrase.text, option);
    }
  }
  strbuf_release(&phrase);
}

struct texts {
  struct arena *arena;
  struct names names;
};

static void take_text(void *ctx, const char *role, const char *phrase, bool option) {
  struct texts *t = ctx;
  t->names.v[t->names.n++] = arena_printf(t->arena, "%s: %s%s", role, phrase, option ? " with grant option" : "");
}

struct names acl_texts(struct arena *arena, const struct grant *list, enum acl_class of, int version) {
  size_t room = 1;
  for (const struct grant *g = list; g; g = g->next)
    room += 2;
  struct texts t = {arena, {.v = arena_array(arena, room, sizeof(char *))}};
  phrases(list, acl_all(of, version), false, take_text, &t);
  return t.names;
}

/* ── as statements ── */

/* Roles that get the same, in one statement of SQL or line of PDL. */
struct statements {
  const char *grant, *on, *target, *to, *option_words, *end;
  struct strbuf *out;
  char *phrase;
  bool option;
};

static void end_statement(struct statements *s) {
  if (s->phrase)
    strbuf_addf(s->out, "%s%s", s->option ? s->option_words : "", s->end);
  free(s->phrase);
  s->phrase = NULL;
}

static void take_statement(void *ctx, const char *role, const char *phrase, bool option) {
  struct statements *s = ctx;
  if (s->phrase && strcmp(s->phrase, phrase) == 0 && s->option == option) {
    strbuf_adds(s->out, ", ");
    sql_ident(s->out, role);
    return;
  }
  end_statement(s);
  strbuf_addf(s->out, "%s%s%s%s%s", s->grant, phrase, s->on, s->target, s->to);
  sql_ident(s->out, role);
  struct strbuf copy = STRBUF_INIT;
  strbuf_adds(&copy, phrase);
  s->phrase = strbuf_detach(&copy);
  s->option = option;
}

static void add_grants(const struct grant *list, enum acl_class of, int version, const char *before, const char *on,
                       struct strbuf *out) {
  struct strbuf grant = STRBUF_INIT;
  strbuf_addf(&grant, "%sGRANT ", before);
  struct statements s = {grant.text, " ON ", on, " TO ", " WITH GRANT OPTION", ";\n", out, NULL, false};
  phrases(list, acl_all(of, version), true, take_statement, &s);
  end_statement(&s);
  strbuf_release(&grant);
}

/* *list, moved on behind them: at them, or at what comes before. */
static struct grant *of_role(struct arena *arena, const struct grant **list, const char *role) {
  struct grant *own = NULL, **at = &own;
  while (*list && strcmp((*list)->role, role) < 0)
    *list = (*list)->next;
  for (; is_of(*list, role); *list = (*list)->next)
    at = add_from(arena, at, role, (*list)->column, (*list)->bits, (*list)->options);
  return own;
}

static bool covers(const struct grant *more, const struct grant *less) {
  for (; less; less = less->next) {
    while (more && order(more, less->role, less->column) < 0)
      more = more->next;
    if (!more || order(more, less->role, less->column) != 0 || less->bits & ~more->bits ||
        less->options & ~more->options)
      return false;
  }
  return true;
}

static bool gets_all(const struct grant *own, unsigned all) {
  return own && !own->column && own->bits == all && !own->options;
}

/* What a role loses is taken by revoking all and granting again what stays: on a table that takes in its columns. */
void sql_change_grants(const struct grant *before, int before_version, const struct grant *after, int version,
                       struct names may_have, enum acl_class of, const char *prefix, const char *on,
                       struct strbuf *out) {
  enum { NAMED = 1, MAY_HAVE = 2 };
  struct arena arena = ARENA_INIT;
  struct grant *all = NULL, *given = NULL, **at = &all, **last = &given;
  for (const struct grant *g = before; g; g = g->next)
    at = add_from(&arena, at, g->role, NULL, NAMED, 0);
  at = &all;
  for (const struct grant *g = after; g; g = g->next)
    at = add_from(&arena, at, g->role, NULL, NAMED, 0);
  for (size_t i = 0; i < may_have.n; i++)
    acl_add(&arena, &all, may_have.v[i], NULL, MAY_HAVE, 0);
  const char *separator = NULL;
  for (const struct grant *each = all; each; each = each->next) {
    const struct grant *old = of_role(&arena, &before, each->role), *new = of_role(&arena, &after, each->role);
    const bool unknown = !old && each->bits & MAY_HAVE && !gets_all(new, acl_all(of, version));
    if (!unknown && names_equal(acl_texts(&arena, old, of, before_version), acl_texts(&arena, new, of, version)))
      continue;
    if (unknown || !covers(new, old)) {
      if (!separator)
        strbuf_addf(out, "%sREVOKE ALL ON %s FROM ", prefix, on);
      strbuf_adds(out, separator ? separator : "");
      sql_ident(out, each->role);
      separator = ", ";
    }
    for (; new; new = new->next)
      last = add_from(&arena, last, new->role, new->column, new->bits, new->options);
  }
  if (separator)
    strbuf_adds(out, ";\n");
  add_grants(given, of, version, prefix, on, out);
  arena_release(&arena);
}

/* ── as PDL ── */

void pdl_grants(const struct grant *given, const struct grant *list, enum acl_class of, int version, const char *before,
                const char *on, struct strbuf *out) {
  struct strbuf grant = STRBUF_INIT, lines = STRBUF_INIT;
  strbuf_addf(&grant, "%sgrant ", before);
  for (const struct grant *now = list; given; given = given->next) {
    while (now && strcmp(now->role, given->role) < 0)
      now = now->next;
    if (!is_of(now, given->role) || given->bits & ~now->bits)
      strbuf_addf(&lines, "%srevoke all%s%s from %s\n", before, *on ? " on " : "", on, given->role);
  }
  struct statements s = {grant.text, *on ? " on " : "", on, " to ", " with grant option", "\n", &lines, NULL, false};
  phrases(list, acl_all(of, version), false, take_statement, &s);
  end_statement(&s);
  pdl_clauses(out, lines.text);
  strbuf_release(&grant);
  strbuf_release(&lines);
}
