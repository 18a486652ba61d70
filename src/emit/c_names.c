/* Identifiers of C and C++. */
#include <ctype.h>
#include <string.h>

#include "emit/c_model.h"

/* Keywords of C to C23 and of C++ to C++23, and what common headers define as macros in lower case, sorted. */
static const char *const taken[] = {
    "alignas", "alignof", "and", "and_eq", "asm", "assert", "auto", "bitand", "bitor", "bool", "break", "case",
    "catch", "char", "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl",
    "complex", "concept", "const", "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype",
    "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "errno", "explicit", "export", "extern",
    "false", "float", "for", "friend", "goto", "h_addr", "i386", "if", "imaginary", "inline", "int", "linux", "long",
    "major", "makedev", "minor", "mutable", "namespace", "new", "noexcept", "noreturn", "not", "not_eq", "nullptr",
    "offsetof", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
    "requires", "restrict", "return", "s6_addr", "s_addr", "sa_handler", "sa_sigaction", "short", "si_addr", "si_pid",
    "si_status", "si_uid", "si_value", "signed", "sizeof", "st_atime", "st_ctime", "st_mtime", "static",
    "static_assert", "static_cast", "stderr", "stdin", "stdout", "struct", "switch", "template", "this",
    "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual", "union",
    "unix", "unreachable", "unsigned", "using", "va_arg", "va_copy", "va_end", "va_start", "virtual", "void",
    "volatile", "wchar_t", "while", "xor", "xor_eq",
};

/* Letters beyond ASCII are not identifiers to every compiler: their bytes are spelled in hexadecimal. */
const char *c_name(struct arena *arena, const char *name, enum word_case word_case) {
  const char *words = words_case(arena, name, word_case);
  const char *p = words;
  while (*p && (unsigned char)*p < 0x80)
    p++;
  if (!*p)
    return words;
  struct strbuf out = STRBUF_INIT;
  for (p = words; *p; p++)
    if ((unsigned char)*p < 0x80)
      strbuf_addc(&out, *p);
    else
      strbuf_addf(&out, word_case == CASE_UPPER ? "%02X" : "%02x", (unsigned char)*p);
  if (isdigit((unsigned char)*out.text)) {
    const char *copy = arena_printf(arena, "_%s", out.text);
    strbuf_release(&out);
    return copy;
  }
  const char *copy = strbuf_dup(&out, arena);
  strbuf_release(&out);
  return copy;
}

const char *c_safe(struct arena *arena, const char *name, enum word_case word_case) {
  const char *safe = c_name(arena, name, word_case);
  return is_among(safe, taken, ARRAY_LEN(taken)) ? arena_printf(arena, "%s_", safe) : safe;
}

/* Of a name that is taken. */
struct claims {
  unsigned number[2]; /* what the next one gets who wants it too, at the least; who had another name to try */
};

/* NULL where nobody had it. */
static struct claims *take(struct arena *arena, struct map *names, const char *name) {
  struct claims *first = arena_alloc(arena, sizeof *first);
  *first = (struct claims){{2, 3}};
  return map_add(names, name, first);
}

bool c_take(struct arena *arena, struct map *names, const char *name) {
  return take(arena, names, name) == NULL;
}

const char *c_claim(struct arena *arena, struct map *taken_names, const char *wanted, const char *other,
                    struct diagnostics *diagnostics, struct span span, struct c_what what) {
  const char *name = wanted;
  struct claims *claims = take(arena, taken_names, wanted);
  if (!claims)
    return wanted;
  if (other && c_take(arena, taken_names, other))
    name = other;
  while (name == wanted) {
    const char *numbered = arena_printf(arena, "%s_%u", wanted, claims->number[other != NULL]++);
    name = c_take(arena, taken_names, numbered) ? numbered : wanted;
  }
  if (diagnostics)
    diagnostic_hint(diagnostics,
                    diagnose(diagnostics, PDL_C_NAME, span, "%s \"%s%s%s\" is \"%s\" in C, since \"%s\" is taken",
                             what.is, what.of ? what.of : "", what.of ? "." : "", what.name, name, wanted),
                    "\"as\" gives it a name of its own.");
  return name;
}
