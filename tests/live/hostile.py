"""Names and texts that break whoever quotes them carelessly: made by SQL, pulled, pushed to an empty database, down to the dump;
and by migrations, there and back."""
import migrate
import pull

from server import expect

NAMES = ['a"b', "a'b", "new\nline", "tab\there", "back\\slash", "*/", "/*", "--", "$$", "$pdl$", "a;b", "drop table x; --", "  lead",
         "trail  ", "ünï", "日本語テーブル", "é" * 31, "x" * 63, "%s%n", "{brace}", "(paren)", "[brack]", "///", "a.b", "..", '"', "''", "?",
         "->", "=", "a,b", "NULL", "CamelCase", "1st", "-1", "${x}", "#", "\\n", "\r", "a\r\nb", "\x01", "\x1b[31m", '"."."', "pg_x", "_",
         "😀" * 15, "e\u0301", "\u202e", "\ufeff", "\u00a0",
         # what the server prints around names and values
         "()\n", "\nAS ", "\n  x", " LANGUAGE ", "\nBEGIN ATOMIC", "\nRETURN ", " WHEN (", " EXECUTE FUNCTION ", " UPDATE OF ", " FOR EACH ",
         "subtype = x", "multirange_type_name = x", "FOR VALUES", " WHERE ", " USING (", " WITH CHECK (", " INCLUDE (", ") ", "RETURNS "]
ROLE = "r\"o 'l%d\\ $$ */ --"
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
    migrate.round_trip(server, server.folder + "/r_names.pdl")


def others():
    """What else has a name or a text: every other kind, each with some of the names."""
    every = NAMES + WORDS
    for role in range(3):
        yield "CREATE ROLE %s" % name(ROLE % role)
    for i in range(24):
        text, other = every[i * len(every) // 24], every[(i * 11 + 2) % len(every)]
        schema = ("public", '"sch""e ma"')[i % 2]
        made = {kind: "%s.%s" % (schema, name((kind + text)[:40] if len(text.encode()) < 60 else text[:10] + kind)) for kind in "tvmscgaxzwydq"}
        plain = {kind: name((kind.lower() + text)[:40] if len(text.encode()) < 60 else text[:10] + kind.lower()) for kind in "PRTUSEWVFIN"}
        names = dict(made, **plain, a=name(text), b=name("b" + other[:20]), A=literal(text), B=literal(other), C=literal(text + TEXTS[i % len(TEXTS)]),
                     o=name(text.replace("=", "")), p=name("b" + other[:20].replace("=", "")), role=name(ROLE % (i % 3)), role2=name(ROLE % ((i + 1) % 3)), schema=schema, n=i)
        for statement in (
                "CREATE TABLE {t} ({a} int PRIMARY KEY, {b} text, r int4range, EXCLUDE USING gist (r WITH &&) WHERE ({a} > 0 AND {b} <> {A}))",
                "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY {P} ON {t} FOR ALL TO {role} USING ({b} = {A}) WITH CHECK ({b} <> {B})", "COMMENT ON POLICY {P} ON {t} IS {C}",
                "CREATE RULE {R} AS ON INSERT TO {t} WHERE NEW.{b} = {A} DO ALSO DELETE FROM {t} WHERE {b} = {C}", "COMMENT ON RULE {R} ON {t} IS {C}",
                "CREATE STATISTICS {s} ON {a}, {b} FROM {t}", "COMMENT ON STATISTICS {s} IS {C}",
                "GRANT SELECT ({a}), UPDATE ON {t} TO {role2} WITH GRANT OPTION", "GRANT INSERT ON {t} TO PUBLIC",
                "CREATE MATERIALIZED VIEW {m} ({b}) AS SELECT {b} || {A} FROM {t}", "CREATE INDEX {I} ON {m} ({b}) WHERE {b} <> {A}",
                "COMMENT ON INDEX {schema}.{I} IS {C}", "COMMENT ON MATERIALIZED VIEW {m} IS {C}", "COMMENT ON COLUMN {m}.{b} IS {C}",
                "CREATE VIEW {v} AS SELECT {a}, {A}::text AS {b} FROM {t}", "COMMENT ON COLUMN {v}.{b} IS {C}", "ALTER VIEW {v} ALTER {b} SET DEFAULT {B}",
                "CREATE COLLATION {c} (locale = 'C')", "COMMENT ON COLLATION {c} IS {C}", "ALTER TABLE {t} ADD k text COLLATE {c} DEFAULT {C}",
                "CREATE PROCEDURE {g}(INOUT {a} text DEFAULT {A}) LANGUAGE plpgsql AS {C}", "COMMENT ON PROCEDURE {g}(text) IS {C}",
                "CREATE FUNCTION {w}({a} text, {b} text) RETURNS text LANGUAGE sql SET my.x TO {C} AS {Q}", "ALTER FUNCTION {w}(text, text) OWNER TO {role}",
                "CREATE FUNCTION {q}({a} {t}) RETURNS TABLE ({b} {t}, n int) LANGUAGE plpgsql COST 7 AS {D}", "GRANT EXECUTE ON FUNCTION {q}({t}) TO {role2}",
                "CREATE AGGREGATE {a2}({a} text) (SFUNC = {w}, STYPE = text, INITCOND = {C})", "COMMENT ON AGGREGATE {a2}(text) IS {C}",
                "CREATE TEXT SEARCH DICTIONARY {x} (TEMPLATE = synonym, SYNONYMS = synonym_sample)" if i == 0 else
                "CREATE TEXT SEARCH DICTIONARY {x} (TEMPLATE = simple)", "COMMENT ON TEXT SEARCH DICTIONARY {x} IS {C}",
                "CREATE TEXT SEARCH CONFIGURATION {z} (COPY = simple)", "ALTER TEXT SEARCH CONFIGURATION {z} ALTER MAPPING FOR asciiword WITH {x}",
                "CREATE TYPE {y} AS ENUM ({A}, {C})" if len((text + TEXTS[i % len(TEXTS)]).encode()) < 60 and TEXTS[i % len(TEXTS)] else "CREATE TYPE {y} AS ENUM ({A})",
                "CREATE FUNCTION {w}({y}, {y}) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'select true'",
                "CREATE OPERATOR {schema}.=== (LEFTARG = {y}, RIGHTARG = {y}, FUNCTION = {w})", "COMMENT ON OPERATOR {schema}.=== ({y}, {y}) IS {C}",
                "CREATE FUNCTION {w}({y}) RETURNS {t} LANGUAGE sql STABLE AS 'select null::{t}'" if "'" not in text and "\\" not in text else
                "CREATE FUNCTION {w}({y}) RETURNS {t} LANGUAGE sql STABLE RETURN NULL::{t}",
                "CREATE CAST ({y} AS {t}) WITH FUNCTION {w}({y}) AS ASSIGNMENT", "COMMENT ON CAST ({y} AS {t}) IS {C}",
                "CREATE OPERATOR CLASS {d} FOR TYPE {y} USING hash AS OPERATOR 1 {schema}.===, FUNCTION 1 ({y}, {y}) hashenum(anyenum)",
                "COMMENT ON OPERATOR CLASS {d} USING hash IS {C}",
                "CREATE FOREIGN DATA WRAPPER {W} OPTIONS ({o} {C})", "COMMENT ON FOREIGN DATA WRAPPER {W} IS {C}",
                "CREATE SERVER {V} TYPE {A} VERSION {B} FOREIGN DATA WRAPPER {W} OPTIONS ({o} {C})", "COMMENT ON SERVER {V} IS {C}",
                "GRANT USAGE ON FOREIGN SERVER {V} TO {role}", "CREATE USER MAPPING FOR {role} SERVER {V} OPTIONS ({o} {C})",
                "CREATE FOREIGN TABLE {schema}.{F} ({b} text OPTIONS ({o} {C}) DEFAULT {C}) SERVER {V} OPTIONS ({o} {C}, {p} {B})",
                "CREATE FUNCTION {schema}.{E}() RETURNS event_trigger LANGUAGE plpgsql AS 'begin end'",
                "CREATE EVENT TRIGGER {E} ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION {schema}.{E}()",
                "ALTER EVENT TRIGGER {E} DISABLE", "COMMENT ON EVENT TRIGGER {E} IS {C}",
                "CREATE PUBLICATION {U} FOR TABLE {t} ({a}, {b}) WHERE ({a} > 3 AND {b} = {A})" if i % 3 else "CREATE PUBLICATION {U} FOR TABLE {t}",
                "COMMENT ON PUBLICATION {U} IS {C}",
                "CREATE SCHEMA {S}", "COMMENT ON SCHEMA {S} IS {C}", "GRANT USAGE ON SCHEMA {S} TO {role}",
                "ALTER DEFAULT PRIVILEGES FOR ROLE {role} IN SCHEMA {S} GRANT SELECT ON TABLES TO {role2}", "ALTER TABLE {t} OWNER TO {role}",
                "CREATE TABLE {S}.{N} (LIKE {t} INCLUDING ALL) WITH (fillfactor = 70)", "CREATE CONVERSION {S}.{N} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
                "COMMENT ON CONVERSION {S}.{N} IS {C}", "CREATE TABLE {S}.{T} ({b} text) INHERITS ({t})"):
            yield statement.format(**names, a2=made["a"], Q=literal("select %s as %s" % (literal(text), name(text))), D=literal("begin\n" + text + TEXTS[i % len(TEXTS)]))


def objects(server):
    server.since(15)
    source = server.database("p_objects")
    made = server.psql(source, "SET client_min_messages = error;\nCREATE SCHEMA \"sch\"\"e ma\";\nSET check_function_bodies = off;\n" + ";\n".join(others()) + ";\n", options=["-1"])
    expect(made.code == 0, "load", made)
    pull.again(server, "objects", source, options=["--owners"])
    migrate.round_trip(server, server.folder + "/r_objects.pdl")


def tests(server):
    yield "pull hostile names", lambda: catalog(server)
    yield "pull hostile objects", lambda: objects(server)
