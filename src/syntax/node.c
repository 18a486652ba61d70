/* Nodes: making them for the grammar, finding parts, printing trees for tests. */
#include "syntax/parser.h"

static const char *const words[] = {
#define NODE(id, word) [id] = word,
#include "syntax/nodes.def"
#undef NODE
};
_Static_assert(ARRAY_LEN(words) == NODE_KINDS, "every kind of node has a word");

const char *node_word(enum node_kind kind) {
  return words[kind];
}

static struct span span_of(const struct parser *p, struct location at) {
  return (struct span){p->lexer->source, at.from, at.to};
}

struct node *make(struct parser *p, enum node_kind kind, struct location at) {
  struct node *n = arena_alloc(p->arena, sizeof *n);
  n->kind = kind;
  n->span = span_of(p, at);
  return n;
}

struct node *make_text(struct parser *p, enum node_kind kind, struct location at, struct token token) {
  struct node *n = make(p, kind, at);
  n->text = token.text;
  n->text_span = span_of(p, token.at);
  return n;
}

struct node *make_named(struct parser *p, enum node_kind kind, struct location at, struct name name) {
  struct node *n = make(p, kind, at);
  n->name = name;
  return n;
}

enum { NAME_MAX_BYTES = 63 };

/* One part of a name: Postgres would fold or cut it in silence, so it is refused here. */
static void check_name(struct parser *p, struct token token) {
  struct diagnostics *d = p->lexer->diagnostics;
  struct span span = span_of(p, token.at);
  const size_t len = strlen(token.text);
  if (len == 0) {
    diagnose(d, PDL_EMPTY_NAME, span, "a name cannot be empty");
    return;
  }
  if (len > NAME_MAX_BYTES)
    diagnostic_hint(d,
                    diagnose(d, PDL_NAME_TOO_LONG, span, "name is %zu bytes long, Postgres keeps %d", len,
                             NAME_MAX_BYTES),
                    "Postgres would cut it in silence; choose a shorter name.");
  if (token.quoted)
    return;
  for (const char *c = token.text; *c; c++)
    if (*c >= 'A' && *c <= 'Z') {
      char *lower = arena_strdup(p->arena, token.text);
      for (char *l = lower; *l; l++)
        if (*l >= 'A' && *l <= 'Z')
          *l = (char)(*l - 'A' + 'a');
      diagnostic_hint(d,
                      diagnose(d, PDL_UPPERCASE_NAME, span, "upper-case letters in the unquoted name \"%s\"",
                               token.text),
                      "Write %s, or \"%s\" in double quotes to keep the letters.", lower, token.text);
      return;
    }
}

struct name make_name(struct parser *p, struct token token) {
  check_name(p, token);
  return (struct name){.text = token.text, .quoted = token.quoted, .span = span_of(p, token.at)};
}

struct name make_code_name(struct parser *p, struct token token) {
  token.quoted = true;
  return make_name(p, token);
}

struct name make_name2(struct parser *p, struct token schema, struct token text) {
  check_name(p, schema);
  struct name name = make_name(p, text);
  name.schema = schema.text;
  name.span.from = schema.at.from;
  return name;
}

static uint64_t kind_bit(enum node_kind kind) {
  return UINT64_C(1) << (unsigned)kind % 64;
}

void node_append(struct node *list, struct node *part) {
  part->next = NULL;
  list->part_kinds |= kind_bit(part->kind);
  if (list->last_part)
    list->last_part->next = part;
  else
    list->parts = part;
  list->last_part = part;
}

struct node *add_part(struct node *n, struct node *part) {
  if (part)
    node_append(n, part);
  return n;
}

struct node *add_parts(struct node *n, struct node_list list) {
  if (list.first) {
    if (n->last_part)
      n->last_part->next = list.first;
    else
      n->parts = list.first;
    n->last_part = list.last;
    for (const struct node *part = list.first; part; part = part->next)
      n->part_kinds |= kind_bit(part->kind);
  }
  return n;
}

struct node_list list_add(struct node_list list, struct node *n) {
  if (!n)
    return list;
  if (list.last)
    list.last->next = n;
  else
    list.first = n;
  list.last = n;
  return list;
}

struct node *end_at(struct node *n, struct location at) {
  n->span.to = at.to;
  return n;
}

void set_source_text(struct node *n, struct parser *p, struct location first, struct location last) {
  char *text = arena_strndup(p->arena, p->lexer->source->text + first.from, last.to - first.from);
  n->text = text;
  n->text_span = span_of(p, (struct location){first.from, last.to});
  for (char *c = text, *end = text + (last.from - first.from); c < end; c++) {
    const size_t blank = *c == '\\' ? strspn(c + 1, " \t\r\f\v\n") : 0;
    if (memchr(c + 1, '\n', blank))
      memset(c, ' ', blank + 1);
  }
}

struct node *make_clauses(struct parser *p, struct location first, struct location last) {
  struct node *n = make(p, NODE_CLAUSES, (struct location){first.from, last.to});
  set_source_text(n, p, first, (struct location){last.to, last.to});
  return n;
}

static void blank(struct node *n, char *text, uint32_t from, uint32_t to) {
  const uint32_t start = n->text_span.from;
  for (uint32_t at = from; at < to; at++)
    if (text[at - start] != '\n')
      text[at - start] = ' ';
}

struct node *make_object(struct parser *p, struct token kind_words, struct location at, uint32_t from, struct name name,
                         struct node_list clauses, struct node *sql, struct node_list body) {
  enum node_kind kind = NODE_FIRST_OBJECT;
  while (kind < NODE_LAST_OBJECT && strcmp(node_word(kind), kind_words.text) != 0)
    kind++;
  struct node *n = make_named(p, kind, at, name);
  const uint32_t to = at.to > from ? at.to : from;
  set_source_text(n, p, (struct location){from, from}, (struct location){to, to});
  char *text = (char *)(uintptr_t)n->text;
  for (const struct node *c = clauses.first; c; c = c->next)
    if (c->span.from >= from)
      blank(n, text, c->span.from, c->span.to);
  if (body.first) {
    blank(n, text, body.first->span.from, body.first->text_span.from);
    blank(n, text, body.first->text_span.to, body.first->span.to);
  }
  return add_parts(add_part(add_parts(n, clauses), sql), body);
}

static bool is_space(char c) {
  return c == '\n' || lex_is_blank(c);
}

struct node *make_type(struct parser *p, struct location at, struct name name, struct token modifiers) {
  struct node *n = make_text(p, NODE_TYPE, at, modifiers);
  n->name = name;
  if (strpbrk(n->text, "'\"$") || strstr(n->text, "--") || strstr(n->text, "/*"))
    return n;
  char *text = arena_strdup(p->arena, n->text), *to = text;
  for (const char *from = n->text; *from; from++) {
    if (is_space(*from)) {
      const char *next = from + 1;
      while (is_space(*next))
        next++;
      if (*next == '\0' || *next == ',' || to == text || to[-1] == ',')
        continue;
    }
    *to++ = *from;
  }
  *to = '\0';
  n->text = text;
  return n;
}

const struct node *node_part(const struct node *n, enum node_kind kind) {
  for (const struct node *part = n->part_kinds & kind_bit(kind) ? n->parts : NULL; part; part = part->next)
    if (part->kind == kind)
      return part;
  return NULL;
}

size_t node_count(const struct node *n, enum node_kind kind) {
  size_t count = 0;
  for (const struct node *part = n->parts; part; part = part->next)
    count += part->kind == kind;
  return count;
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

bool node_equal(const struct node *a, const struct node *b) {
  if (a->kind != b->kind || a->optional != b->optional || a->name.quoted != b->name.quoted ||
      !same_text(a->name.text, b->name.text) || !same_text(a->name.schema, b->name.schema) ||
      !same_text(a->text, b->text) || !same_text(a->doc ? a->doc->text : NULL, b->doc ? b->doc->text : NULL))
    return false;
  const struct node *p = a->parts, *q = b->parts;
  for (; p && q; p = p->next, q = q->next)
    if (!node_equal(p, q))
      return false;
  return !p && !q;
}

struct span node_text_at(const struct node *n, uint32_t offset, uint32_t len) {
  struct span span = n->text_span;
  const uint32_t room = span.to - span.from;
  if (offset > room)
    offset = room;
  span.from += offset;
  if (len < room - offset)
    span.to = span.from + len;
  return span;
}

static void dump_text(struct strbuf *out, const char *text) {
  strbuf_addc(out, '"');
  for (; *text; text++)
    if (*text == '\n')
      strbuf_adds(out, "\\n");
    else if (*text == '"' || *text == '\\')
      strbuf_addf(out, "\\%c", *text);
    else
      strbuf_addc(out, *text);
  strbuf_addc(out, '"');
}

static void dump(const struct node *n, int level, struct strbuf *out) {
  strbuf_addf(out, "%*s%s", level * 2, "", node_word(n->kind));
  if (n->name.text) {
    strbuf_addc(out, ' ');
    if (n->name.schema) {
      dump_text(out, n->name.schema);
      strbuf_addc(out, '.');
    }
    dump_text(out, n->name.text);
  }
  if (n->optional)
    strbuf_addc(out, '?');
  if (n->text && !node_is_object(n->kind)) { /* whose parts say it */
    strbuf_adds(out, " = ");
    dump_text(out, n->text);
  }
  if (n->doc) {
    strbuf_adds(out, " /// ");
    dump_text(out, n->doc->text);
  }
  strbuf_addc(out, '\n');
  for (const struct node *part = n->parts; part; part = part->next)
    dump(part, level + 1, out);
}

void node_dump(const struct node *n, struct strbuf *out) {
  dump(n, 0, out);
}
