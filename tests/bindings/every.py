"""A C program that calls every function of generated headers, made of their prototypes: whatever a call gives, it may not
say that the database is another than the program was built for, nor that the call itself is wrong."""
import re

VALUES = {
    "pdl_text": '{0} = pdl_str("1");',
    "pdl_numeric": '{0}.dec = pdl_str("1");',
    "pdl_json": '{0}.json = pdl_str("1");',
    "pdl_jsonb": '{0}.json = pdl_str("1");',
    "pdl_bytea": '{0}.p = (const uint8_t *)"1"; {0}.n = 1;',
    "pdl_bit": '{0}.p = (const uint8_t *)"1"; {0}.n = 1;',
    "pdl_inet": "{0}.family = 4; {0}.bits = 32;",
    "pdl_cidr": "{0}.family = 4; {0}.bits = 32;",
    "pdl_range": "{0}.empty = true;",
    "pdl_numrange": "{0}.empty = true;",
}
HEAD = r"""/* Made of the prototypes. */
#include "expect.h"

/* What data may well give; a mask may hold a column that the server makes, or lack one of a key. */
static bool is_well(const struct pdl_error *e) {
  static const char *const allowed[] = {"value is none of its type", "the mask has a column whose value the server makes",
                                        "the mask of an upsert lacks a column of its key"};
  if (e->rc != PDL_USAGE)
    return e->rc == PDL_NOROW || e->rc == PDL_CONSTRAINT || e->rc == PDL_SQL;
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
    if (strcmp(e->message, allowed[i]) == 0)
      return true;
  return false;
}

static unsigned long calls, good;

static void see(struct pdl *p, const char *name, enum pdl_rc rc) {
  const struct pdl_error *e = pdl_error(p);
  calls++;
  good += rc == PDL_OK;
  if (rc == PDL_OK || is_well(e))
    return;
  failures++;
  printf("%s: %s %s %s %s (%s)\n", name, pdl_rc_name(rc), e->sqlstate, e->message, e->detail, e->column);
}
"""


class Headers:
    def __init__(self, text):
        self.prototypes = re.findall(r"^PDL_RC (\w+)\((.*)\);", text, re.M)
        self.types = dict((name, inner) for inner, name in re.findall(r"^typedef struct \{ (\w+) v; \} (\w+);", text, re.M))
        self.types.update((name, label) for label, name in re.findall(r"^typedef struct \{ (enum \w+) v; pdl_text label; \} (\w+);", text, re.M))
        self.loads = dict((m.group(1), m.group(2)) for m in re.finditer(r"^PDL_RC (\w+)_copy_row\(.*const (struct \w+) \*row", text, re.M))
        self.members = {}
        for name, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", text, re.M | re.S):
            self.members["struct " + name] = re.findall(r"^  ([\w ]+?) (\w+);", body, re.M)
        self.masks = dict((name, int(words)) for words, name in re.findall(r"^typedef struct \{ uint64_t w\[(\d+)\]; \} (\w+);", text, re.M))

    def fill(self, kind, at):
        """C that puts some value where there was none."""
        if kind in VALUES:
            return VALUES[kind].format(at)
        inner = self.types.get(kind)
        if inner and inner.startswith("enum "):
            return "%s.v = (%s)1;" % (at, inner)
        if inner:
            return self.fill(inner, at + ".v")
        return " ".join(filter(None, (self.fill(k, "%s.%s" % (at, m)) for k, m in self.members.get(kind, []))))


def arguments(text):
    """The parameters, where one of a pointer to a function has a comma of its own."""
    out, depth = [""], 0
    for ch in text:
        depth += (ch == "(") - (ch == ")")
        if ch == "," and depth == 0:
            out.append("")
        else:
            out[-1] += ch
    return [a.strip() for a in out]


def call_of(h, name, params, seen):
    """A function of C that makes one call, once for each column where it takes a mask."""
    declare, fill, actual, columns = [], [], [], 1
    queued = params.startswith("struct pdl_pipe *")
    for param in arguments(params)[1:]:
        row_of = re.match(r"enum pdl_rc \(\*fn\)\(const ([\w ]+) \*, void \*\)", param)
        if row_of:
            seen.add(row_of.group(1))
            actual.append("take_" + row_of.group(1).replace(" ", "_"))
            continue
        kind, pointers, argument = re.match(r"((?:const )?(?:struct |enum )?\w+) (\**)(\w+)$", param).groups()
        kind = kind.replace("const ", "")
        if kind == "struct pdl_mem":
            actual.append("&mem")
        elif kind == "void":
            actual.append("NULL")
        elif kind == "size_t":
            actual.append("1")
        else:
            declare.append("%s %sv_%s;" % (kind, "*" if pointers == "**" else "", argument))
            declare.append("memset(&v_%s, 0, sizeof v_%s);" % (argument, argument))
            if argument in ("given", "set"):
                row = re.search(r"const (struct \w+) \*row", params)
                columns = len(h.members[row.group(1) if row else h.loads[name[: -len("_copy_open")]]])
                fill.append("memset(&v_%s, 0, sizeof v_%s);" % (argument, argument) if kind in h.masks else "")
                fill.append("v_%s.w[column / 64] = UINT64_C(1) << column %% 64;" % argument if kind in h.masks
                            else "v_%s = UINT64_C(1) << column;" % argument)
            elif pointers != "**":
                fill.append(h.fill(kind, "v_" + argument))
            actual.append(("&" if pointers else "") + "v_" + argument)
    body = ["static void call_%s(struct pdl *p) {" % name, "  struct pdl_mem mem = PDL_MEM_INIT;"]
    body += ["  " + d for d in declare] + ["  " + f for f in fill if f and "column" not in f and "memset" not in f]
    body += ["  for (unsigned column = 0; column < %d; column++) {" % columns, "    (void)column;"]
    body += ["    " + f for f in fill if f and ("column" in f or "memset" in f)]
    if queued:
        body += ["    struct pdl_pipe *pipe;", '    see(p, "pipe", pdl_pipe_open(p, &pipe));']
    body.append('    see(p, "%s", %s(%s));' % (name, name, ", ".join(["pipe" if queued else "p"] + actual)))
    if queued:
        body.append('    see(p, "%s", pdl_pipe_close(pipe));' % name)
    if name.endswith("_copy_open") and "v_copy" in " ".join(actual):
        row = h.loads[name[: -len("_copy_open")]]
        body += ["    if (v_copy) {", "      %s row;" % row, "      memset(&row, 0, sizeof row);", "      " + h.fill(row, "row"),
                 '      see(p, "%s", %s_copy_row(v_copy, &row));' % (name, name[: -len("_copy_open")]),
                 '      see(p, "%s", pdl_copy_close(v_copy, NULL));' % name, "    }"]
    return "\n".join(body + ["  }", "  pdl_mem_clear(&mem);", "}", ""])


def program(headers):
    h = Headers(headers)
    seen, calls, names = set(), [], []
    for name, params in h.prototypes:
        if params.startswith("struct pdl_copy *"):
            continue
        calls.append(call_of(h, name, params, seen))
        names.append(name)
    takes = ["static enum pdl_rc take_%s(const %s *row, void *arg) {\n  (void)arg;\n  return row ? PDL_OK : PDL_SQL;\n}\n"
             % (kind.replace(" ", "_"), kind) for kind in sorted(seen)]
    main = ["int main(int count, char **arguments) {", "  (void)count;", "  PGconn *conn = PQconnectdb(arguments[1]);",
            '  sql(conn, "SET client_min_messages = error");', "  struct pdl *p = pdl_open(conn, 0);"]
    main += ["  call_%s(p);" % name for name in names]
    main += ['  printf("%lu calls, %lu of them good\\n", calls, good);', "  pdl_close(p);", "  PQfinish(conn);",
             "  return failures ? 1 : 0;", "}", ""]
    return HEAD + "\n" + "\n".join(takes + calls + ["\n".join(main)])
