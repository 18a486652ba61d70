/* Mustache. A template is compiled to a flat list of tokens: a section's token knows where
 * its end is, and the end knows its section, so rendering is one loop over the list with a
 * stack of contexts. Only partials recurse. */
#include "emit/emit.h"

#include <stdlib.h>
#include <string.h>

enum { SECTIONS_MAX = 256, PARTIALS_MAX = 64 };

enum token_kind {
  TOKEN_TEXT,     /* from..to is the text, never empty */
  TOKEN_LINE,     /* a line begins with the tag that follows: room for the indentation */
  TOKEN_VALUE,    /* {{x}} */
  TOKEN_RAW,      /* {{{x}}}, {{&x}} */
  TOKEN_SECTION,  /* peer: its TOKEN_END */
  TOKEN_END,      /* peer: its TOKEN_SECTION; inverted sections have no end of their own */
  TOKEN_INVERTED, /* peer: the last token inside, or itself where there is none */
  TOKEN_PARTIAL,
};

struct token {
  enum token_kind kind;
  uint32_t tag;      /* where the tag begins */
  uint32_t from, to; /* the text or the name */
  union {
    uint32_t head;   /* name: where its first part ends; from for the name "." */
    uint32_t indent; /* partial: bytes of white space before the tag */
  };
  uint32_t peer;
  bool alone;        /* partial: stands alone on its line */
  const char *name;  /* partial */
};

struct template {
  const struct source *src;
  struct arena *arena;
  struct token *tokens;
  size_t count, cap;
  struct compiled *compiled; /* the root template's: partials used so far */
};

struct compiled {
  const struct source *src;
  struct template *template; /* NULL where it did not parse */
  struct compiled *next;
};

/* ── Compiling ── */

struct parser {
  struct template *template;
  struct diagnostics *diags;
  const char *text;
  uint32_t len;
  uint32_t done; /* everything before it is in a token, or dropped */
  const char *open, *close;
  uint32_t open_len, close_len;
  uint32_t sections[SECTIONS_MAX]; /* tokens of the open ones */
  size_t depth;
};

struct tag {
  char sigil;            /* one of "!=#^/>&{", or 0 */
  uint32_t from, to;     /* the whole tag */
  uint32_t inner, inner_end;
};

static struct span span_of(const struct parser *p, uint32_t from, uint32_t to) {
  return (struct span){p->template->src, from, to};
}

static bool is_blank(char c) {
  return (unsigned char)c <= ' ';
}

static bool is_line_start(const char *text, uint32_t at) {
  return at == 0 || text[at - 1] == '\n';
}

static bool has(const struct parser *p, uint32_t at, const char *what, uint32_t n) {
  return n <= p->len - at && memcmp(p->text + at, what, n) == 0;
}

/* Where `what` is next at or after `at`; p->len where it is not. */
static uint32_t find(const struct parser *p, uint32_t at, const char *what, uint32_t n) {
  while (at < p->len) {
    const char *hit = memchr(p->text + at, what[0], p->len - at);
    if (!hit) {
      break;
    }
    at = (uint32_t)(hit - p->text);
    if (has(p, at, what, n)) {
      return at;
    }
    at++;
  }
  return p->len;
}

static struct token *add_token(struct template *t, enum token_kind kind, uint32_t tag) {
  if (t->count == t->cap) {
    size_t cap = t->cap ? t->cap * 2 : 16;
    struct token *tokens = arena_array(t->arena, cap, sizeof *tokens);
    if (t->count) {
      memcpy(tokens, t->tokens, t->count * sizeof *tokens);
    }
    t->tokens = tokens;
    t->cap = cap;
  }
  struct token *token = &t->tokens[t->count++];
  *token = (struct token){.kind = kind, .tag = tag};
  return token;
}

static void add_text(struct parser *p, uint32_t to) {
  if (p->done < to) {
    struct token *token = add_token(p->template, TOKEN_TEXT, p->done);
    token->from = p->done;
    token->to = to;
  }
}

/* Says what to do where no tag was meant. */
static void hint_text(const struct parser *p, struct diagnostic *d, const char *other_hint) {
  int open_len = (int)p->open_len, close_len = (int)p->close_len;
  diagnostic_hint(p->diags, d,
                  "%sWhere \"%.*s\" is text, choose other delimiters before it: %.*s=<%% %%>=%.*s.", other_hint,
                  open_len, p->open, open_len, p->open, close_len, p->close);
}

/* Reads the tag that opens at `from`. */
static bool read_tag(struct parser *p, uint32_t from, struct tag *tag) {
  uint32_t at = from + p->open_len;
  char sigil = at < p->len && p->text[at] && strchr("!=#^/>&{", p->text[at]) ? p->text[at] : 0;
  if (sigil) {
    at++;
  }
  char ending = (char)(sigil == '{' ? '}' : sigil == '=' ? '=' : 0);
  uint32_t inner_end = find(p, at, p->close, p->close_len);
  uint32_t close = inner_end;
  if (ending == '}' && inner_end < p->len) {
    /* The first close may begin with the brace itself, as in }}}. */
    if (p->text[inner_end] == '}' && has(p, inner_end + 1, p->close, p->close_len)) {
      close = inner_end + 1;
    } else if (inner_end > at && p->text[inner_end - 1] == '}') {
      inner_end--;
    } else {
      close = p->len;
    }
  } else if (ending == '=') {
    inner_end = at;
    do {
      inner_end = find(p, inner_end, "=", 1);
      close = inner_end < p->len ? inner_end + 1 : p->len;
    } while (inner_end < p->len && !has(p, close, p->close, p->close_len) && ++inner_end);
  }
  if (close == p->len) {
    struct diagnostic *d =
        diagnose(p->diags, PDL_TEMPLATE_TAG_OPEN, span_of(p, from, from + p->open_len),
                 "tag is not closed: expected \"%.*s%.*s\"", ending ? 1 : 0, &ending, (int)p->close_len,
                 p->close);
    hint_text(p, d, "");
    return false;
  }
  *tag = (struct tag){sigil, from, close + p->close_len, at, inner_end};
  while (tag->inner < tag->inner_end && is_blank(p->text[tag->inner])) {
    tag->inner++;
  }
  while (tag->inner < tag->inner_end && is_blank(p->text[tag->inner_end - 1])) {
    tag->inner_end--;
  }
  return true;
}

/* Whether nothing but white space shares the tag's line or lines; *begin and *end are then
 * where they begin and end. */
static bool stands_alone(const struct parser *p, const struct tag *tag, uint32_t *begin, uint32_t *end) {
  uint32_t from = tag->from, to = tag->to;
  while (from > 0 && (p->text[from - 1] == ' ' || p->text[from - 1] == '\t')) {
    from--;
  }
  while (to < p->len && (p->text[to] == ' ' || p->text[to] == '\t')) {
    to++;
  }
  if (to < p->len && p->text[to] == '\r' && to + 1 < p->len && p->text[to + 1] == '\n') {
    to++;
  }
  if (!is_line_start(p->text, from) || (to < p->len && p->text[to] != '\n')) {
    return false;
  }
  *begin = from;
  *end = to < p->len ? to + 1 : to;
  return true;
}

/* A tag's name is one word; `dotted` ones have no empty part, except that "." is one. */
static bool check_name(struct parser *p, const struct tag *tag, bool dotted) {
  if (tag->inner == tag->inner_end) {
    diagnose(p->diags, PDL_TEMPLATE_NAME, span_of(p, tag->from, tag->to), "tag has no name");
    return false;
  }
  bool part_empty = true;
  for (uint32_t i = tag->inner; i < tag->inner_end; i++) {
    if (is_blank(p->text[i])) {
      struct diagnostic *d = diagnose(p->diags, PDL_TEMPLATE_NAME, span_of(p, tag->inner, tag->inner_end),
                                      "white space in the name of a tag");
      hint_text(p, d, "Words such as \"if\" do not exist: "
                      "{{#x}}...{{/x}} is if and each, {{^x}}...{{/x}} is else. ");
      return false;
    }
    bool dot = p->text[i] == '.';
    if (dotted && dot && part_empty && tag->inner_end - tag->inner > 1) {
      break;
    }
    part_empty = dot;
  }
  if (dotted && part_empty && tag->inner_end - tag->inner > 1) {
    diagnose(p->diags, PDL_TEMPLATE_NAME, span_of(p, tag->inner, tag->inner_end),
             "the name of a tag has an empty part");
    return false;
  }
  return true;
}

static bool set_delimiters(struct parser *p, const struct tag *tag) {
  uint32_t open_end = tag->inner;
  while (open_end < tag->inner_end && !is_blank(p->text[open_end])) {
    open_end++;
  }
  uint32_t close = open_end;
  while (close < tag->inner_end && is_blank(p->text[close])) {
    close++;
  }
  bool good = close < tag->inner_end;
  for (uint32_t i = tag->inner; i < tag->inner_end; i++) {
    good = good && p->text[i] != '=' && !(i >= close && is_blank(p->text[i]));
  }
  if (!good) {
    struct diagnostic *d = diagnose(p->diags, PDL_TEMPLATE_DELIMITERS, span_of(p, tag->from, tag->to),
                                    "expected two delimiters without white space or \"=\" in them");
    diagnostic_hint(p->diags, d, "Write it as in {{=<%% %%>=}}.");
    return false;
  }
  p->open = p->text + tag->inner;
  p->open_len = open_end - tag->inner;
  p->close = p->text + close;
  p->close_len = tag->inner_end - close;
  return true;
}

static struct token *add_named(struct parser *p, enum token_kind kind, const struct tag *tag) {
  struct token *token = add_token(p->template, kind, tag->from);
  token->from = tag->inner;
  token->to = tag->inner_end;
  const char *dot = memchr(p->text + tag->inner, '.', tag->inner_end - tag->inner);
  token->head = dot ? (uint32_t)(dot - p->text) : tag->inner_end;
  return token;
}

static bool open_section(struct parser *p, const struct tag *tag) {
  if (p->depth == SECTIONS_MAX) {
    diagnose(p->diags, PDL_TEMPLATE_DEPTH, span_of(p, tag->from, tag->to), "sections nest deeper than %d",
             (int)SECTIONS_MAX);
    return false;
  }
  p->sections[p->depth++] = (uint32_t)p->template->count;
  add_named(p, tag->sigil == '#' ? TOKEN_SECTION : TOKEN_INVERTED, tag);
  return true;
}

static void note_opening(const struct parser *p, struct diagnostic *d, const struct token *section) {
  diagnostic_peer(d, span_of(p, section->tag, section->to), "opened here");
}

static bool close_section(struct parser *p, const struct tag *tag) {
  uint32_t n = tag->inner_end - tag->inner;
  if (p->depth == 0) {
    diagnose(p->diags, PDL_TEMPLATE_END, span_of(p, tag->from, tag->to),
             "end of section \"%.*s\", but no section is open", (int)n, p->text + tag->inner);
    return false;
  }
  uint32_t index = p->sections[--p->depth];
  struct token *section = &p->template->tokens[index];
  if (section->to - section->from != n || memcmp(p->text + section->from, p->text + tag->inner, n) != 0) {
    struct diagnostic *d = diagnose(p->diags, PDL_TEMPLATE_END, span_of(p, tag->from, tag->to),
                                    "end of section \"%.*s\", but the open section is \"%.*s\"", (int)n,
                                    p->text + tag->inner, (int)(section->to - section->from),
                                    p->text + section->from);
    note_opening(p, d, section);
    return false;
  }
  if (section->kind == TOKEN_INVERTED) {
    section->peer = (uint32_t)(p->template->count - 1);
  } else {
    section->peer = (uint32_t)p->template->count;
    add_token(p->template, TOKEN_END, tag->from)->peer = index;
  }
  return true;
}

static void add_partial(struct parser *p, const struct tag *tag, bool alone) {
  struct token *token = add_named(p, TOKEN_PARTIAL, tag);
  token->name = arena_strndup(p->template->arena, p->text + tag->inner, tag->inner_end - tag->inner);
  token->alone = alone;
  token->indent = alone ? tag->from - p->done : 0;
}

/* Adds the text before the tag and the tag. */
static bool add_tag(struct parser *p, const struct tag *tag) {
  if (tag->sigil != '!' && tag->sigil != '=' && !check_name(p, tag, tag->sigil != '>')) {
    return false;
  }
  uint32_t begin = tag->from, end = tag->to;
  bool alone = tag->sigil && !strchr("&{", tag->sigil) && stands_alone(p, tag, &begin, &end);
  add_text(p, begin);
  p->done = begin;
  if (!alone && is_line_start(p->text, begin)) {
    add_token(p->template, TOKEN_LINE, begin);
  }
  bool good = true;
  switch (tag->sigil) {
  case '!':
    break;
  case '=':
    good = set_delimiters(p, tag);
    break;
  case '#':
  case '^':
    good = open_section(p, tag);
    break;
  case '/':
    good = close_section(p, tag);
    break;
  case '>':
    add_partial(p, tag, alone);
    break;
  default:
    add_named(p, tag->sigil ? TOKEN_RAW : TOKEN_VALUE, tag);
  }
  p->done = end;
  return good;
}

struct template *template_parse(struct arena *arena, const struct source *src, struct diagnostics *diags) {
  struct template *t = arena_alloc(arena, sizeof *t);
  *t = (struct template){.src = src, .arena = arena};
  struct parser p = {
    .template = t, .diags = diags, .text = src->text, .len = (uint32_t)src->len,
    .open = "{{", .open_len = 2, .close = "}}", .close_len = 2,
  };
  for (uint32_t from = 0; (from = find(&p, from, p.open, p.open_len)) < p.len;) {
    struct tag tag;
    if (!read_tag(&p, from, &tag) || !add_tag(&p, &tag)) {
      return NULL;
    }
    from = tag.to;
  }
  add_text(&p, p.len);
  if (p.depth > 0) {
    const struct token *section = &t->tokens[p.sections[p.depth - 1]];
    struct diagnostic *d = diagnose(diags, PDL_TEMPLATE_SECTION_OPEN, span_of(&p, p.len, p.len),
                                    "section \"%.*s\" is not closed", (int)(section->to - section->from),
                                    p.text + section->from);
    note_opening(&p, d, section);
    return NULL;
  }
  return t;
}

/* ── Rendering ── */

/* What names are looked up in: an open section's value, or the root. */
struct context {
  struct view value;
  struct view list;   /* that value is an item of, if count is not 0 */
  size_t next, count; /* items begun, items in all */
};

struct renderer {
  struct arena *arena;
  struct template *root;
  struct partials partials;
  enum escape escape;
  struct diagnostics *diags;
  struct strbuf *out;
  struct context *contexts;
  size_t depth, cap;
  struct strbuf indents; /* of the partials that are open; from indent on: of this line */
  size_t indent;
  unsigned partial_depth;
};

static void push(struct renderer *r, struct context context) {
  if (r->depth == r->cap) {
    r->cap = r->cap ? r->cap * 2 : 32;
    r->contexts = xrealloc(r->contexts, r->cap * sizeof *r->contexts);
  }
  r->contexts[r->depth++] = context;
}

static bool get(struct renderer *r, const struct view *v, const char *key, size_t n, struct view *out) {
  return v->ops->kind(v) == VIEW_OBJECT && v->ops->get(v, key, n, r->arena, out);
}

/* The nearest context that has the name's first part decides; the rest is looked up in it
 * alone. */
static struct view lookup(struct renderer *r, const char *text, const struct token *token) {
  if (token->head == token->from) {
    return r->contexts[r->depth - 1].value;
  }
  struct view value;
  size_t i = r->depth;
  do {
    if (i == 0) {
      return view_null();
    }
    i--;
  } while (!get(r, &r->contexts[i].value, text + token->from, token->head - token->from, &value));
  for (uint32_t at = token->head; at < token->to;) {
    const char *part = text + at + 1;
    const char *dot = memchr(part, '.', token->to - at - 1);
    uint32_t end = dot ? (uint32_t)(dot - text) : token->to;
    struct view next;
    if (!get(r, &value, part, end - at - 1, &next)) {
      return view_null();
    }
    value = next;
    at = end;
  }
  return value;
}

static void put_escaped(struct strbuf *out, const char *text) {
  for (;;) {
    size_t n = strcspn(text, "&\"<>'");
    strbuf_add(out, text, n);
    text += n;
    switch (*text++) {
    case '&':
      strbuf_adds(out, "&amp;");
      break;
    case '"':
      strbuf_adds(out, "&quot;");
      break;
    case '<':
      strbuf_adds(out, "&lt;");
      break;
    case '>':
      strbuf_adds(out, "&gt;");
      break;
    case '\'':
      strbuf_adds(out, "&#39;");
      break;
    default:
      return;
    }
  }
}

static void put_value(struct renderer *r, const struct view *v, enum escape escape) {
  const char *text = "";
  switch (v->ops->kind(v)) {
  case VIEW_BOOL:
    text = v->ops->truth(v) ? "true" : "false";
    break;
  case VIEW_INT:
  case VIEW_TEXT:
    text = v->ops->text(v, r->arena);
    break;
  case VIEW_NULL:
  case VIEW_LIST:
  case VIEW_OBJECT:
    break;
  }
  if (escape == ESCAPE_HTML) {
    put_escaped(r->out, text);
  } else {
    strbuf_adds(r->out, text);
  }
}

static void put_indent(struct renderer *r) {
  strbuf_add(r->out, r->indents.text + r->indent, r->indents.len - r->indent);
}

static void put_text(struct renderer *r, const char *text, const struct token *token) {
  uint32_t from = token->from;
  if (r->indent < r->indents.len) {
    while (from < token->to) {
      if (is_line_start(text, from)) {
        put_indent(r);
      }
      const char *newline = memchr(text + from, '\n', token->to - from);
      uint32_t end = newline ? (uint32_t)(newline - text) + 1 : token->to;
      strbuf_add(r->out, text + from, end - from);
      from = end;
    }
  }
  strbuf_add(r->out, text + from, token->to - from);
}

/* The context that a section about v opens; false where it is left out. */
static bool begin_section(struct renderer *r, const struct view *v, struct context *context) {
  *context = (struct context){.value = *v};
  switch (v->ops->kind(v)) {
  case VIEW_NULL:
    return false;
  case VIEW_BOOL:
    return v->ops->truth(v);
  case VIEW_TEXT:
    return *v->ops->text(v, r->arena) != '\0';
  case VIEW_LIST:
    context->list = *v;
    context->count = v->ops->count(v);
    return context->count > 0;
  case VIEW_INT:
  case VIEW_OBJECT:
    break;
  }
  return true;
}

/* Goes to the next item; false past the last. */
static bool next_item(struct context *c) {
  if (c->next == c->count) {
    return false;
  }
  c->value = c->list.ops->item(&c->list, c->next++);
  return true;
}

static const struct template *compile_partial(struct renderer *r, const struct source *src) {
  struct compiled *c = r->root->compiled;
  while (c && c->src != src) {
    c = c->next;
  }
  if (!c) {
    c = arena_alloc(r->root->arena, sizeof *c);
    *c = (struct compiled){src, template_parse(r->root->arena, src, r->diags), r->root->compiled};
    r->root->compiled = c;
  }
  return c->template;
}

static bool render(struct renderer *r, const struct template *t);

static bool render_partial(struct renderer *r, const struct template *t, const struct token *token) {
  const struct source *src = r->partials.find ? r->partials.find(r->partials.ctx, token->name) : NULL;
  if (!src) {
    return true;
  }
  if (r->partial_depth == PARTIALS_MAX) {
    struct span span = {t->src, token->tag, token->to};
    struct diagnostic *d = diagnose(r->diags, PDL_TEMPLATE_RECURSION, span,
                                    "partials nest deeper than %d at \"%s\"", (int)PARTIALS_MAX, token->name);
    diagnostic_hint(r->diags, d, "A partial that uses itself needs a section around the tag that ends it.");
    return false;
  }
  const struct template *partial = compile_partial(r, src);
  if (!partial) {
    return false;
  }
  /* In mid-line the partial's lines are no lines of this text: they get no indentation. */
  size_t indent = r->indent, indents = r->indents.len;
  if (token->alone) {
    strbuf_add(&r->indents, t->src->text + token->tag - token->indent, token->indent);
  } else {
    r->indent = indents;
  }
  r->partial_depth++;
  bool good = render(r, partial);
  r->partial_depth--;
  r->indent = indent;
  strbuf_truncate(&r->indents, indents);
  return good;
}

static bool render(struct renderer *r, const struct template *t) {
  const char *text = t->src->text;
  for (size_t i = 0; i < t->count; i++) {
    const struct token *token = &t->tokens[i];
    struct context context;
    struct view value;
    switch (token->kind) {
    case TOKEN_TEXT:
      put_text(r, text, token);
      break;
    case TOKEN_LINE:
      put_indent(r);
      break;
    case TOKEN_VALUE:
    case TOKEN_RAW:
      value = lookup(r, text, token);
      put_value(r, &value, token->kind == TOKEN_RAW ? ESCAPE_NONE : r->escape);
      break;
    case TOKEN_SECTION:
      value = lookup(r, text, token);
      if (begin_section(r, &value, &context)) {
        next_item(&context);
        push(r, context);
      } else {
        i = token->peer;
      }
      break;
    case TOKEN_END:
      if (next_item(&r->contexts[r->depth - 1])) {
        i = token->peer;
      } else {
        r->depth--;
      }
      break;
    case TOKEN_INVERTED:
      value = lookup(r, text, token);
      if (begin_section(r, &value, &context)) {
        i = token->peer;
      }
      break;
    case TOKEN_PARTIAL:
      if (!render_partial(r, t, token)) {
        return false;
      }
      break;
    }
  }
  return true;
}

bool template_render(struct arena *arena, struct template *t, struct view root, struct partials partials,
                     enum escape escape, struct diagnostics *diags, struct strbuf *out) {
  struct renderer r = {
    .arena = arena, .root = t, .partials = partials, .escape = escape, .diags = diags, .out = out,
    .indents = STRBUF_INIT,
  };
  push(&r, (struct context){.value = root});
  bool good = render(&r, t);
  free(r.contexts);
  strbuf_release(&r.indents);
  return good;
}
