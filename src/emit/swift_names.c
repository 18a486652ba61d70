/* Identifiers and literals of Swift. */
#include <ctype.h>
#include <string.h>

#include "emit/swift.h"

/* Words that an identifier cannot be without backquotes, sorted (The Swift Programming Language, "Lexical Structure");
 * contextual ones that a declaration could be mistaken for are among them. */
static const char *const keywords[] = {
    "Any", "Protocol", "Self", "Type", "actor", "any", "as", "associatedtype", "async", "await", "borrowing", "break",
    "case", "catch", "class", "consuming", "continue", "convenience", "default", "defer", "deinit", "didSet", "do", "dynamic",
    "each", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "final", "for", "func", "get", "guard",
    "if", "import", "in", "indirect", "infix", "init", "inout", "internal", "is", "lazy", "let", "macro", "mutating", "nil",
    "nonisolated", "nonmutating", "open", "operator", "optional", "override", "package", "postfix", "precedencegroup",
    "prefix", "private", "protocol", "public", "repeat", "required", "rethrows", "return", "self", "sending", "set", "some",
    "static", "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "unowned", "var",
    "weak", "where", "while", "willSet", "yield",
};

/* Written in capitals by Apple's guidelines. */
static const char *const initialisms[] = {
    "API", "ASCII", "CPU", "CSS", "CSV", "DNS", "EU", "FAQ", "GPS", "GUID", "HTML", "HTTP", "HTTPS", "ID", "IP", "ISBN", "JPEG",
    "JSON", "JWT", "MIME", "OTP", "PDF", "PIN", "PNG", "QR", "RSS", "SKU", "SMS", "SQL", "SSH", "SSO", "SVG", "TCP",
    "TLS", "TOTP", "TTL", "UDP", "UI", "UK", "URI", "URL", "USA", "UTC", "UTF", "UUID", "VAT", "XML", "YAML",
};

/* Code points beyond ASCII that an identifier may begin or go on with, less invisible ones. */
static const struct {
  uint32_t from, to;
} letters[] = {
    {0xAA, 0xAA},     {0xB2, 0xB5},     {0xB7, 0xBA},     {0xBC, 0xBE},       {0xC0, 0xD6},       {0xD8, 0xF6},
    {0xF8, 0x2FF},    {0x370, 0x167F},  {0x1681, 0x180D}, {0x180F, 0x1DBF},   {0x1E00, 0x1FFF},   {0x2070, 0x20CF},
    {0x2100, 0x218F}, {0x2460, 0x24FF}, {0x2776, 0x2793}, {0x2C00, 0x2DFF},   {0x2E80, 0x2FFF},   {0x3004, 0x3007},
    {0x3021, 0x302F}, {0x3031, 0x303F}, {0x3040, 0xD7FF}, {0xF900, 0xFD3D},   {0xFD40, 0xFDCF},   {0xFDF0, 0xFDFF},
    {0xFE30, 0xFE44}, {0xFE47, 0xFEFE}, {0xFF10, 0xFFEF}, {0x10000, 0x1FFFD}, {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
};

static uint32_t code_point(const char *p, size_t n) {
  const unsigned char *c = (const unsigned char *)p;
  switch (n) {
  case 2: return ((c[0] & 0x1FU) << 6) | (c[1] & 0x3FU);
  case 3: return ((c[0] & 0x0FU) << 12) | ((c[1] & 0x3FU) << 6) | (c[2] & 0x3FU);
  case 4: return ((c[0] & 0x07U) << 18) | ((c[1] & 0x3FU) << 12) | ((c[2] & 0x3FU) << 6) | (c[3] & 0x3FU);
  default: return c[0];
  }
}

enum class { NONE, LOWER, UPPER, DIGIT };

static enum class class_of(const char *p, size_t n) {
  const uint32_t c = code_point(p, n);
  if (c < 0x80)
    return c >= '0' && c <= '9' ? DIGIT : c >= 'A' && c <= 'Z' ? UPPER : c >= 'a' && c <= 'z' ? LOWER : NONE;
  for (size_t i = 0; i < ARRAY_LEN(letters); i++)
    if (c >= letters[i].from && c <= letters[i].to)
      return LOWER;
  return NONE;
}

bool swift_is_identifier(const char *name) {
  if (!*name || isdigit((unsigned char)*name) || strcmp(name, "_") == 0)
    return false;
  for (size_t left = strlen(name), n; left > 0; name += n, left -= n) {
    n = utf8_step(name, left);
    if (*name != '_' && class_of(name, n) == NONE)
      return false;
  }
  return true;
}

static bool is_initialism(const char *word, size_t n) {
  for (size_t i = 0; i < ARRAY_LEN(initialisms); i++)
    if (strlen(initialisms[i]) == n && strncmp(initialisms[i], word, n) == 0)
      return true;
  return false;
}

/* A word in small letters, as it stands in the identifier. */
static void add_word(struct strbuf *out, const char *word, size_t n, bool small, bool apple) {
  char upper[8];
  for (size_t i = 0; i < n && n < sizeof upper; i++)
    upper[i] = (char)toupper((unsigned char)word[i]);
  const bool plural = n > 2 && word[n - 1] == 's';
  if (small)
    strbuf_add(out, word, n);
  else if (apple && n < sizeof upper && is_initialism(upper, n))
    strbuf_add(out, upper, n);
  else if (apple && plural && n < sizeof upper && is_initialism(upper, n - 1))
    strbuf_addf(out, "%.*ss", (int)(n - 1), upper);
  else
    strbuf_addf(out, "%c%.*s", (char)toupper((unsigned char)word[0]), (int)(n - 1), word + 1);
}

static bool is_styled(const char *given, enum swift_style style) {
  return given && swift_is_identifier(given) && !strchr(given, '_') &&
         (isupper((unsigned char)*given) != 0) == (style == SWIFT_TYPE);
}

const char *swift_case(struct arena *arena, const char *name, const char *given, enum swift_style style, bool apple) {
  if (is_styled(given, style))
    return given;
  struct strbuf out = STRBUF_INIT, word = STRBUF_INIT;
  const char *text = given ? given : name;
  enum class before = NONE;
  for (size_t left = strlen(text), n;; text += n, left -= n) {
    n = left ? utf8_step(text, left) : 0;
    const enum class now = left ? class_of(text, n) : NONE;
    const bool lower_next = left > n && class_of(text + n, utf8_step(text + n, left - n)) == LOWER;
    /* userId: user, Id; HTTPServer: HTTP, Server */
    const bool starts = before == NONE || (now == UPPER && (before != UPPER || lower_next));
    before = now;
    if ((starts || now == NONE) && word.len > 0) {
      add_word(&out, word.text, word.len, style == SWIFT_MEMBER && out.len == 0, apple);
      strbuf_clear(&word);
    }
    if (left == 0)
      break;
    if (now == UPPER)
      strbuf_addc(&word, (char)tolower((unsigned char)*text));
    else if (now != NONE)
      strbuf_add(&word, text, n);
  }
  const char *identifier = out.len == 0                              ? style == SWIFT_TYPE ? "Unnamed" : "unnamed"
                           : isdigit((unsigned char)out.text[0]) != 0 ? arena_printf(arena, "_%s", out.text)
                                                                      : strbuf_dup(&out, arena);
  strbuf_release(&out);
  strbuf_release(&word);
  return identifier;
}

const char *swift_escape(struct arena *arena, const char *identifier) {
  size_t low = 0, high = ARRAY_LEN(keywords);
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const int order = strcmp(identifier, keywords[middle]);
    if (order == 0)
      return arena_printf(arena, "`%s`", identifier);
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return identifier;
}

const char *swift_label(struct arena *arena, const char *escaped) {
  return *escaped == '`' && strcmp(escaped, "`inout`") != 0 ? arena_strndup(arena, escaped + 1, strlen(escaped) - 2)
                                                            : escaped;
}

/* Breaks a line in some reader, or cannot be seen, or turns the direction of text. */
static bool is_hidden(uint32_t c) {
  return c < ' ' || (c >= 0x7F && c <= 0x9F) || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

const char *swift_string(struct arena *arena, const char *text) {
  struct strbuf out = STRBUF_INIT;
  strbuf_addc(&out, '"');
  for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
    n = utf8_step(text, left);
    const uint32_t c = code_point(text, n);
    if (c == '"' || c == '\\')
      strbuf_addf(&out, "\\%c", (char)c);
    else if (is_hidden(c))
      strbuf_addf(&out, "\\u{%X}", (unsigned)c);
    else
      strbuf_add(&out, text, n);
  }
  strbuf_addc(&out, '"');
  const char *copy = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return copy;
}

/* ── scopes ── */

void swift_scope_init(struct swift_scope *s, struct arena *arena, struct diagnostics *diagnostics,
                      const char *const *reserved) {
  *s = (struct swift_scope){.arena = arena, .diagnostics = diagnostics};
  map_init(&s->taken, arena);
  swift_scope_reserve(s, reserved);
}

void swift_scope_reserve(struct swift_scope *s, const char *const *reserved) {
  for (; *reserved; reserved++)
    map_add(&s->taken, *reserved, s);
}

static bool claim(struct swift_scope *s, const char *name) {
  return !map_add(&s->taken, name, s);
}

const char *swift_claim(struct swift_scope *s, const char *wanted, const char *const *others, struct span span,
                        struct swift_what what) {
  if (claim(s, wanted))
    return swift_escape(s->arena, wanted);
  const char *got = NULL;
  for (; !got && others && *others; others++)
    if (claim(s, *others))
      got = *others;
  for (int i = 1; !got; i++) {
    const char *next = i == 1 ? arena_printf(s->arena, "%s_", wanted) : arena_printf(s->arena, "%s%d", wanted, i);
    if (claim(s, next))
      got = next;
  }
  if (s->diagnostics)
    diagnostic_hint(s->diagnostics,
                    diagnose(s->diagnostics, PDL_SWIFT_RENAMED, span,
                             "%s%s%s%s is called \"%s\" in Swift, since \"%s\" is taken", what.word, what.name ? " \"" : "",
                             what.name ? what.name : "", what.name ? "\"" : "", got, wanted),
                    "Write as and a name of your own behind it.");
  return swift_escape(s->arena, got);
}
