"""Names and texts that break whoever quotes them carelessly: made by SQL, pulled, pushed to an empty database, down to the dump."""
import pull

from server import expect

NAMES = ['a"b', "a'b", "new\nline", "tab\there", "back\\slash", "*/", "/*", "--", "$$", "$pdl$", "a;b", "drop table x; --", "  lead",
         "trail  ", "ünï", "日本語テーブル", "é" * 31, "x" * 63, "%s%n", "{brace}", "(paren)", "[brack]", "///", "a.b", "..", '"', "''", "?",
         "->", "=", "a,b", "NULL", "CamelCase", "1st", "-1", "${x}", "#", "\\n", "\r", "a\r\nb", "\x01", "\x1b[31m", '"."."', "pg_x", "_",
         "😀" * 15, "e\u0301", "\u202e", "\ufeff", "\u00a0",
         # what the server prints around names and values
         "()\n", "\nAS ", "\n  x", " LANGUAGE ", "\nBEGIN ATOMIC", "\nRETURN ", " WHEN (", " EXECUTE FUNCTION ", " UPDATE OF ", " FOR EACH ",
         "subtype = x", "multirange_type_name = x", "FOR VALUES", " WHERE ", " USING (", " WITH CHECK (", " INCLUDE (", ") ", "RETURNS "]
WORDS = ["select", "table", "index", "user", "allow", "pk", "use", "check", "in", "of", "values", "was", "needs", "as", "with", "not"]
TEXTS = ["", " ", "\n", "a\n", "\n\na", "a  \n b", "a\\", "\\", "a \\", "///", "//", "*/", "'", "$$", "\t", "a\r\nb\r", "é" * 999, "--", '"']


def name(text):
    return '"%s"' % text.replace('"', '""')


def literal(text):
    return "E'%s'" % text.replace("\\", "\\\\").replace("'", "''")


def statements():
    """Tables with parts, types, sequences, views, functions, triggers and partitions of every name, in two schemas."""
    yield 'CREATE SCHEMA "sch""e ma"'
    yield "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'"
    every = NAMES + WORDS
    for i, text in enumerate(every):
        other, third = every[(i * 7 + 3) % len(every)] + "2", every[(i * 5 + 11) % len(every)] + "3"
        other, third = other[-15:], third[-15:]
        made = {kind: '%s.%s' % (("public", '"sch""e ma"')[i % 2], name(kind + text if len(text.encode()) < 60 else text[:10] + kind))
                for kind in "ecdsvgpqr"}
        made["t"] = '%s.%s' % (("public", '"sch""e ma"')[i % 2], name(text))
        names = dict(made, a=name(text), b=name(other), x=name(third), A=literal(text), B=literal(other), X=literal(third),
                     C=literal(TEXTS[i % len(TEXTS)]), D=literal(text + TEXTS[i * 3 % len(TEXTS)]))
        for statement in (
                "CREATE TYPE {e} AS ENUM ({A}, {B})", "CREATE DOMAIN {d} AS text DEFAULT {A} CONSTRAINT {b} CHECK (VALUE <> {X})",
                "CREATE TYPE {c} AS ({a} int, {b} text)", "CREATE SEQUENCE {s}",
                "CREATE TABLE {t} ({a} text DEFAULT {X}, {b} int, id serial, e {e} DEFAULT {B}, d {d}[], c {c}, up int REFERENCES {t} (id),"
                " CONSTRAINT {x} CHECK ({a} <> {B}), PRIMARY KEY (id))",
                "CREATE INDEX ON {t} ({a}, lower({a})) WHERE {b} > 1",
                "CREATE VIEW {v} AS SELECT {a} AS {b}, {b} AS {x} FROM {t} WHERE {a} = {X}",
                "CREATE FUNCTION {g}({a} int DEFAULT length({X})) RETURNS SETOF {e} LANGUAGE sql SET my.x TO {D} AS $_$SELECT NULL::{e}$_$",
                "CREATE FUNCTION {g}() RETURNS {d} LANGUAGE sql SET my.x TO {X} BEGIN ATOMIC SELECT {A} AS {a}; END",
                "CREATE FUNCTION {g}({a} text) RETURNS text LANGUAGE sql SET my.x TO {B} RETURN {A}",
                "CREATE TYPE {r} AS RANGE (subtype = {d})",
                "CREATE TRIGGER {x} BEFORE INSERT OR UPDATE OF {a} ON {t} FOR EACH ROW WHEN (NEW.{a} <> {B}) EXECUTE FUNCTION f({X}, {A})",
                "CREATE TABLE {p} ({a} text, k int) PARTITION BY LIST ({a})", "CREATE TABLE {q} PARTITION OF {p} FOR VALUES IN ({A}, {X})",
                "COMMENT ON TABLE {t} IS {X}", "COMMENT ON COLUMN {t}.{a} IS {C}",
                "COMMENT ON CONSTRAINT {x} ON {t} IS {D}"):
            yield statement.format(**names)


def catalog(server):
    server.since(14)
    source = server.database("p_names")
    made = server.psql(source, ";\n".join(statements()) + ";\n", options=["-1"])
    expect(made.code == 0, "load", made)
    pull.again(server, "names", source)


def tests(server):
    yield "pull hostile names", lambda: catalog(server)
