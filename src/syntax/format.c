/* Canonical layout. The source is scanned again into tokens; the tree says which of them start an item or
 * a clause; between two tokens lie blanks, line ends and comments. Items become lines of cells, the cells
 * of neighbouring lines are aligned, lines are printed. Layout follows from the tokens, the comments and
 * their places, the blank lines and the blocks that stood on one line, all of which it keeps: so doing it
 * twice changes nothing. */
#include "syntax/parser.h"

#include "pdl.tab.h"

enum {
  LINE_WIDTH = 110,   /* code that is longer is broken before its clauses */
  COMMENT_WIDTH = 80, /* the comment behind longer code is not aligned */
  CELL_WIDTH = 40,    /* a wider cell is not aligned */
  LIST_WIDTH = 80,    /* a wider list stays on the lines where it was */
  INDENT = 2,
  CONTINUED = 4
};

/* A token and what it is there for. */
struct word {
  int kind;
  uint32_t from, to;
  int depth;           /* how many blocks it stands in; braces count as outside */
  enum node_kind node; /* whose first token it is, where one of these: */
  bool item, clause;
  bool glued;       /* no blank before it */
  bool list;        /* a parenthesis that the grammar read as a list */
  const char *text; /* what stands in the parenthesis, if not what the source says */
};
/* What is printed with blanks before it. */
struct cell {
  size_t from, to; /* in layout.text */
  enum node_kind kind;
  size_t first, last; /* width of its first and last line */
  bool multi;         /* it has several lines */
  size_t gap;         /* blanks before it */
  bool broken;        /* it starts a continuation line instead */
};
struct line {
  enum { LINE_ITEM, LINE_OPEN, LINE_CLOSE } kind;
  enum node_kind node;
  size_t indent;
  bool blank;                      /* a blank line comes before it */
  size_t cell, cell_count;         /* its code; none in a line of its own of comments */
  size_t comment_from, comment_to; /* in layout.text */
  bool comment_ends;               /* nothing can follow the comment on its line */
  size_t width;                    /* column behind its code */
  bool multi;                      /* its code has several lines */
};
struct layout {
  struct arena *arena;
  const struct source *source;
  uint32_t start, end; /* what is laid out of it: all but a byte order mark, or one item */
  struct word *words;
  size_t word_count;
  size_t cursor; /* word that the walk of the tree has come to */
  struct strbuf text;
  struct cell *cells;
  size_t cell_count, cell_room;
  struct line *lines;
  size_t line_count, line_room;
};

/* ── comments between two tokens ── */

struct gap {
  const char *at, *end;
  size_t line_ends; /* passed since the last comment */
};
struct remark {
  const char *from, *to;
  size_t line_ends; /* before it */
  bool ends_line;
};

static struct gap gap_between(const struct layout *l, uint32_t from, uint32_t to) {
  return (struct gap){l->source->text + from, l->source->text + to, 0};
}

static bool next_comment(struct gap *gap, struct remark *remark) {
  const char *at = gap->at;
  for (; at < gap->end && *at != '/'; at++)
    gap->line_ends += *at == '\n';
  *remark = (struct remark){
      .from = at, .line_ends = gap->line_ends, .ends_line = at + 1 < gap->end && at[1] == '/'};
  if (at == gap->end) {
    gap->at = at;
    return false;
  }
  gap->line_ends = 0;
  if (remark->ends_line) {
    while (at < gap->end && *at != '\n')
      at++;
  } else {
    int depth = 0;
    do {
      const bool edge =
          at + 1 < gap->end && ((at[0] == '/' && at[1] == '*') || (at[0] == '*' && at[1] == '/'));
      if (edge)
        depth += *at == '/' ? 1 : -1;
      at += edge ? 2 : 1;
    } while (depth > 0 && at < gap->end);
  }
  remark->to = gap->at = at;
  return true;
}

/* Appends a comment without trailing blanks. Its further lines move by `shift` columns. */
static void add_comment(struct layout *l, const struct remark *remark, ptrdiff_t shift) {
  for (const char *at = remark->from; at < remark->to;) {
    const char *end = memchr(at, '\n', (size_t)(remark->to - at));
    const bool more = end != NULL;
    if (!more)
      end = remark->to;
    const char *next = more ? end + 1 : end;
    while (end > at && lex_is_blank(end[-1]))
      end--;
    if (at > remark->from && at < end && shift != 0) {
      const char *text = at;
      while (text < end && *text == ' ')
        text++;
      const ptrdiff_t indent = text - at + shift;
      strbuf_addf(&l->text, "%*s", indent > 0 ? (int)indent : 0, "");
      at = text;
    }
    strbuf_add(&l->text, at, (size_t)(end - at));
    if (more)
      strbuf_addc(&l->text, '\n');
    at = next;
  }
}

/* How far a comment that starts a line moves to the right. */
static ptrdiff_t shift_to(const struct layout *l, const char *from, size_t indent) {
  const char *start = l->source->text + l->start, *at = from;
  while (at > start && at[-1] == ' ')
    at--;
  return at == start || at[-1] == '\n' ? (ptrdiff_t)indent - (from - at) : 0;
}

/* ── tokens and their roles ── */

static void find_words(struct layout *l) {
  struct lexed *tokens;
  l->word_count =
      lex_all(l->arena, l->source, (struct location){l->start, l->end}, false, &tokens);
  l->words = arena_array(l->arena, l->word_count, sizeof *l->words);
  int depth = 0;
  for (size_t i = 0; i < l->word_count; i++) {
    const int kind = tokens[i].kind;
    depth -= kind == '}';
    l->words[i] =
        (struct word){.kind = kind, .from = tokens[i].at.from, .to = tokens[i].at.to, .depth = depth};
    l->words[i].glued = kind == '.' || kind == ',' || kind == '?' || kind == '!' || kind == BRACKETS;
    depth += kind == '{';
  }
}

/* The first token that starts at or behind the offset. The walk never goes back. */
static struct word *word_at(struct layout *l, uint32_t offset) {
  while (l->cursor < l->word_count && l->words[l->cursor].from < offset)
    l->cursor++;
  return l->cursor < l->word_count ? &l->words[l->cursor] : NULL;
}

/* A part is an item where no brace stands between it and its parent's block, a clause where it is part of
 * an item's own line. */
static void find_roles(struct layout *l, const struct node *n, const struct node *parent, int level) {
  struct word *word = word_at(l, n->span.from);
  if (!word)
    return;
  if (level > 0 && !word->item && !word->clause && n->kind != NODE_INNER && n->kind != NODE_PICKS) {
    word->node = n->kind;
    word->item = level == word->depth + 1;
    word->clause = level == word->depth + 2;
  }
  const bool list = n->parts && n->kind != NODE_BASE && !node_is_object(n->kind) && n->text_span.src &&
                    span_contains(n->text_span, n->parts->span);
  if (list || (n->kind == NODE_TYPE && n->text)) {
    while (word->kind != PAREN && l->cursor + 1 < l->word_count)
      word = &l->words[++l->cursor];
    word->list = list && n->kind != NODE_PICKS; /* picks nest: they stay as they are */
    word->glued = n->kind == NODE_TYPE || n->kind == NODE_PICKS ||
                  (n->kind == NODE_NAMES && (parent->kind == NODE_REFERENCE || parent->kind == NODE_ACCESS));
    word->clause &= parent->kind != NODE_ACCESS;
    word->text = list ? NULL : n->text;
  } else if (n->kind == NODE_FUNCTION || n->kind == NODE_PROCEDURE || n->kind == NODE_AGGREGATE) {
    while (word->kind != PAREN && l->cursor + 1 < l->word_count)
      word = &l->words[++l->cursor];
    word->glued = true;
  } else if ((n->kind == NODE_INDEX || n->kind == NODE_CLAUSES) && n->text) {
    word = word_at(l, n->text_span.from);
    if (word && word->from == n->text_span.from && word->to != n->text_span.to) {
      word->to = n->text_span.to;
      word->clause = word->clause && word->kind != PAREN; /* which belongs to the name */
      word->kind = WORD;
    }
  }
  if (!list)
    for (const struct node *part = n->parts; part; part = part->next)
      find_roles(l, part, n, level + 1);
}

/* A comma that a line end replaces. */
static bool is_separator(const struct layout *l, size_t i) {
  return l->words[i].kind == ',' && i + 1 < l->word_count &&
         (l->words[i + 1].item || l->words[i + 1].kind == '}');
}

/* ── lines ── */

static struct line *last_line(struct layout *l) {
  return l->line_count ? &l->lines[l->line_count - 1] : NULL;
}

static struct line *add_line(struct layout *l, int depth, bool blank) {
  const struct line *last = last_line(l);
  blank = blank && last && last->kind != LINE_OPEN;
  l->lines = arena_grow(l->arena, l->lines, l->line_count, &l->line_room, sizeof *l->lines);
  struct line *line = &l->lines[l->line_count++];
  *line = (struct line){.indent = (size_t)depth * INDENT, .blank = blank, .cell = l->cell_count};
  return line;
}

static struct cell *last_cell(struct layout *l) {
  return &l->cells[l->cell_count - 1];
}

static void add_cell(struct layout *l, enum node_kind kind) {
  l->cells = arena_grow(l->arena, l->cells, l->cell_count, &l->cell_room, sizeof *l->cells);
  l->cells[l->cell_count++] = (struct cell){.from = l->text.len, .to = l->text.len, .kind = kind};
  last_line(l)->cell_count++;
}

static void add_blank(struct layout *l) {
  if (l->text.len > last_cell(l)->from)
    strbuf_addc(&l->text, ' ');
}

/* Comments behind a line, and those that have lines of their own. Returns whether a blank line follows. */
static bool add_comments(struct layout *l, struct gap gap, int depth) {
  for (struct remark remark; next_comment(&gap, &remark);) {
    struct line *line = last_line(l);
    const bool behind = line && remark.line_ends == 0 && !line->comment_ends;
    if (!behind)
      line = add_line(l, depth, remark.line_ends > 1);
    if (line->comment_from == line->comment_to)
      line->comment_from = l->text.len;
    else
      strbuf_addc(&l->text, ' ');
    add_comment(l, &remark, behind ? 0 : shift_to(l, remark.from, line->indent));
    line->comment_to = l->text.len;
    line->comment_ends = remark.ends_line;
  }
  return gap.line_ends > 1;
}

static bool add_tokens_of_list(struct layout *l, const struct word *word) {
  struct lexed *tokens;
  const char *source = l->source->text;
  const size_t count =
      lex_all(l->arena, l->source, (struct location){word->from + 1, word->to - 1}, true, &tokens);
  uint32_t end = word->from + 1;
  for (size_t i = 0; i <= count; i++) {
    const uint32_t next = i < count ? tokens[i].at.from : word->to - 1;
    if (memchr(source + end, '/', next - end))
      return false;
    if (i == count)
      break;
    const int kind = tokens[i].kind;
    const bool glued = kind == ',' || kind == '.' || kind == '?' || kind == '!' || kind == BRACKETS || kind == PAREN;
    if (i > 0 && !glued && tokens[i - 1].kind != '.')
      strbuf_addc(&l->text, ' ');
    end = tokens[i].at.to;
    uint32_t from = next;
    if (kind == VALUE) {
      strbuf_adds(&l->text, "= ");
      for (from++; lex_is_blank(source[from]); from++)
        ;
    }
    strbuf_add(&l->text, source + from, end - from);
  }
  return true;
}

/* A list without comments is laid out, unless it stands on several lines and is too long for one. */
static bool add_list(struct layout *l, const struct word *word) {
  const size_t start = l->text.len;
  strbuf_addc(&l->text, '(');
  const bool fine = add_tokens_of_list(l, word);
  strbuf_addc(&l->text, ')');
  if (fine && (l->text.len - start <= LIST_WIDTH ||
               !memchr(l->source->text + word->from, '\n', word->to - word->from)))
    return true;
  strbuf_truncate(&l->text, start);
  return false;
}

static void add_text(struct layout *l, const struct word *word) {
  const char *from = l->source->text + word->from, *to = l->source->text + word->to;
  if (word->text) {
    strbuf_addf(&l->text, "(%s)", word->text);
    return;
  }
  if (word->list && add_list(l, word))
    return;
  if (word->kind == VALUE) {
    strbuf_adds(&l->text, "= ");
    for (from++; lex_is_blank(*from); from++)
      ;
  } else if (word->kind == PAREN && !memchr(from, '\n', (size_t)(to - from))) {
    strbuf_addc(&l->text, '(');
    for (from++; from < to && lex_is_blank(*from); from++)
      ;
    for (to--; to > from && lex_is_blank(to[-1]); to--)
      ;
    strbuf_add(&l->text, from, (size_t)(to - from));
    strbuf_addc(&l->text, ')');
    return;
  }
  strbuf_add(&l->text, from, (size_t)(to - from));
}

/* Appends a token, and the comments that stand between it and the one before it, to the present cell. */
static void add_word(struct layout *l, size_t i, uint32_t end) {
  const struct word *word = &l->words[i];
  bool glued = word->glued || (i > 0 && l->words[i - 1].kind == '.');
  struct gap gap = gap_between(l, end, word->from);
  for (struct remark remark; next_comment(&gap, &remark) && !remark.ends_line; glued = false) {
    add_blank(l);
    add_comment(l, &remark, 0);
  }
  if (!glued)
    add_blank(l);
  add_text(l, word);
  last_cell(l)->to = l->text.len;
}

/* ── blocks ── */

/* A block stays on one line where it stood on one and holds no comment. */
static bool can_be_flat(const struct layout *l, size_t open, size_t *close) {
  const char *text = l->source->text;
  size_t i = open;
  do {
    const uint32_t end = l->words[i++].to;
    if (i == l->word_count || memchr(text + end, '/', l->words[i].from - end) ||
        memchr(text + end, '\n', l->words[i].to - end))
      return false;
  } while (l->words[i].kind != '}' || l->words[i].depth != l->words[open].depth);
  *close = i;
  return true;
}

static bool add_flat_block(struct layout *l, size_t open, size_t close) {
  const struct line *line = last_line(l);
  const size_t start = l->cells[line->cell].from, before = l->text.len;
  strbuf_addc(&l->text, '{');
  for (size_t i = open + 1; i < close; i++) {
    if (is_separator(l, i))
      continue;
    if (l->words[i].item && i > open + 1)
      strbuf_addc(&l->text, ',');
    add_word(l, i, l->words[i].from);
  }
  strbuf_adds(&l->text, close > open + 1 ? " }" : "}");
  last_cell(l)->to = l->text.len;
  const size_t len = l->text.len - start;
  if (!memchr(l->text.text + start, '\n', len) &&
      line->indent + line->cell_count - 1 + utf8_count(l->text.text + start, len) <= LINE_WIDTH)
    return true;
  strbuf_truncate(&l->text, before);
  return false;
}

/* Appends the brace to the line of its head, and all of the block if that fits. Returns its last token. */
static size_t open_block(struct layout *l, size_t i, uint32_t end) {
  struct gap gap = gap_between(l, end, l->words[i].from);
  struct remark remark;
  while (next_comment(&gap, &remark) && !remark.ends_line) {
    add_blank(l);
    add_comment(l, &remark, 0);
  }
  add_blank(l);
  size_t close;
  if (!remark.to && can_be_flat(l, i, &close) && add_flat_block(l, i, close))
    return close;
  strbuf_addc(&l->text, '{');
  last_cell(l)->to = l->text.len;
  struct line *line = last_line(l);
  line->kind = LINE_OPEN;
  if (remark.to) {
    line->comment_from = l->text.len;
    add_comment(l, &remark, 0);
    line->comment_to = l->text.len;
    line->comment_ends = true;
  }
  return i;
}

static void find_lines(struct layout *l) {
  uint32_t end = l->start;
  for (size_t i = 0; i < l->word_count; i++) {
    const struct word *word = &l->words[i];
    if (word->from < end || is_separator(l, i))
      continue; /* part of an index's expression; a line end says the same */
    if (word->item || word->kind == '}') {
      const int inside = word->depth + (word->kind == '}');
      const bool blank = add_comments(l, gap_between(l, end, word->from), inside);
      struct line *line = add_line(l, word->depth, blank && word->kind != '}');
      line->kind = word->kind == '}' ? LINE_CLOSE : LINE_ITEM;
      line->node = word->node;
      add_cell(l, word->node);
      end = word->from;
    } else if (word->kind == '{') {
      i = open_block(l, i, end);
      end = l->words[i].to;
      continue;
    } else if (word->clause && !(word->node == NODE_DEFAULT && last_cell(l)->kind == NODE_TYPE)) {
      add_cell(l, word->node);
    } else if (last_line(l)->node == NODE_SETTING && last_line(l)->cell_count == 1) {
      add_cell(l, NODE_SETTING);
    }
    add_word(l, i, end);
    end = word->to;
  }
  add_comments(l, gap_between(l, end, l->end), 0);
}

/* ── alignment ── */

static void measure(struct layout *l) {
  for (size_t i = 0; i < l->cell_count; i++) {
    struct cell *cell = &l->cells[i];
    const char *from = l->text.text + cell->from, *to = l->text.text + cell->to;
    const char *line_end = memchr(from, '\n', (size_t)(to - from));
    cell->multi = line_end != NULL;
    cell->first = cell->last = utf8_count(from, (size_t)((line_end ? line_end : to) - from));
    if (line_end) {
      const char *last = to;
      while (last[-1] != '\n')
        last--;
      cell->last = utf8_count(last, (size_t)(to - last));
    }
    cell->gap = 1;
  }
}

static bool has_columns(const struct line *line) {
  return line->node == NODE_COLUMN || line->node == NODE_SETTING;
}

/* Names are padded to the widest. The types of columns are, where the same kind of clause comes behind them. */
static void align_cells(struct layout *l, struct line *from, struct line *to) {
  size_t name = 0, type[NODE_KINDS] = {0};
  for (const struct line *line = from; line < to; line++) {
    if (!has_columns(line) || line->cell_count < 2)
      continue;
    const struct cell *cell = &l->cells[line->cell];
    if (!cell[0].multi && cell[0].first > name)
      name = cell[0].first;
    if (line->cell_count > 2 && !cell[1].multi && cell[1].first <= CELL_WIDTH &&
        cell[1].first > type[cell[2].kind])
      type[cell[2].kind] = cell[1].first;
  }
  for (const struct line *line = from; line < to; line++) {
    if (!has_columns(line))
      continue;
    struct cell *cell = &l->cells[line->cell];
    for (size_t i = 1; i < line->cell_count; i++)
      cell[i].gap = 2;
    if (line->cell_count > 1) {
      cell[1].gap = line->node == NODE_COLUMN ? 2 : 1;
      if (!cell[0].multi)
        cell[1].gap += name - cell[0].first;
    }
    if (line->cell_count > 2 && !cell[1].multi && cell[1].first < type[cell[2].kind])
      cell[2].gap += type[cell[2].kind] - cell[1].first;
  }
}

static void break_line(struct layout *l, struct line *line) {
  size_t at = line->indent;
  for (size_t i = 0; i < line->cell_count; i++) {
    struct cell *cell = &l->cells[line->cell + i];
    const size_t more = i + 1 < line->cell_count ? 2 : 0; /* room for " \" */
    if (i > (size_t)has_columns(line) && at + cell->gap + cell->first + more > LINE_WIDTH) {
      cell->broken = line->multi = true;
      at = line->indent + CONTINUED;
    } else if (i > 0) {
      at += cell->gap;
    }
    line->multi = line->multi || cell->multi;
    at = cell->multi ? cell->last : at + cell->first;
  }
  line->width = at;
}

static bool is_comment_aligned(const struct line *line) {
  return line->kind == LINE_ITEM && line->cell_count && line->comment_from < line->comment_to &&
         !line->multi && line->width <= COMMENT_WIDTH;
}

static void add_blanks(struct strbuf *out, size_t n) {
  static const char blanks[] = "                ";
  for (; n >= sizeof blanks; n -= sizeof blanks - 1)
    strbuf_add(out, blanks, sizeof blanks - 1);
  strbuf_add(out, blanks, n);
}

static void print_text(const struct layout *l, size_t from, size_t to, struct strbuf *out) {
  strbuf_add(out, l->text.text + from, to - from);
}

static void print_run(struct layout *l, struct line *from, struct line *to, struct strbuf *out) {
  align_cells(l, from, to);
  size_t comments = 0;
  for (struct line *line = from; line < to; line++) {
    break_line(l, line);
    if (is_comment_aligned(line) && line->width > comments)
      comments = line->width;
  }
  for (const struct line *line = from; line < to; line++) {
    if (line->blank)
      strbuf_addc(out, '\n');
    add_blanks(out, line->indent);
    for (size_t i = 0; i < line->cell_count; i++) {
      const struct cell *cell = &l->cells[line->cell + i];
      if (cell->broken)
        strbuf_adds(out, " \\\n");
      add_blanks(out, cell->broken ? line->indent + CONTINUED : i > 0 ? cell->gap : 0);
      print_text(l, cell->from, cell->to, out);
    }
    if (line->comment_from < line->comment_to) {
      if (line->cell_count)
        add_blanks(out, 2 + (is_comment_aligned(line) ? comments - line->width : 0));
      print_text(l, line->comment_from, line->comment_to, out);
    }
    strbuf_addc(out, '\n');
  }
}

/* A run ends at a blank line and at a brace. */
static void print_lines(struct layout *l, struct strbuf *out) {
  for (size_t from = 0, to; from < l->line_count; from = to) {
    to = from + 1;
    if (l->lines[from].kind == LINE_ITEM)
      while (to < l->line_count && l->lines[to].kind == LINE_ITEM && !l->lines[to].blank)
        to++;
    print_run(l, &l->lines[from], &l->lines[to], out);
  }
}

/* level: of the node in its file. */
static void lay_out(struct layout *l, const struct node *n, int level, struct strbuf *out) {
  static const struct node file = {.kind = NODE_FILE};
  find_words(l);
  find_roles(l, n, &file, level);
  find_lines(l);
  measure(l);
  print_lines(l, out);
  strbuf_release(&l->text);
}

void syntax_format(struct arena *arena, const struct source *source, const struct node *file, struct strbuf *out) {
  static const char bom[] = "\xEF\xBB\xBF";
  struct layout l = {.arena = arena, .source = source, .end = (uint32_t)source->len, .text = STRBUF_INIT};
  if (source->len >= 3 && memcmp(source->text, bom, 3) == 0)
    l.start = 3;
  lay_out(&l, file, 0, out);
}

void syntax_format_item(struct arena *arena, const struct node *item, struct strbuf *out) {
  struct layout l = {
      .arena = arena, .source = item->span.src, .start = item->span.from, .end = item->span.to, .text = STRBUF_INIT};
  lay_out(&l, item, 1, out);
}
