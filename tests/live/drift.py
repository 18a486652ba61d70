"""One change by hand to a pushed database: diff names it; push puts it right, losing nothing without consent."""
import os
import threading

from pairs import move, plain
from server import CATALOGS, Skipped, expect, first_difference

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "drift.pdl")
POSTS, USERS = "ALTER TABLE app.posts ", "ALTER TABLE users "

HALF = "CREATE OR REPLACE FUNCTION half(a int, b int = 2) RETURNS int LANGUAGE sql "
NOTED = "DROP TRIGGER noted ON logs; CREATE TRIGGER noted "

# (what was done, what diff must say): push puts these right.
CHANGED = [
    ("CREATE OR REPLACE VIEW brief AS SELECT id, note FROM logs WHERE id > 1", ["~ view brief", "query"]),
    ("ALTER VIEW brief RESET (security_barrier)", ["~ view brief", "options"]),
    ("ALTER VIEW brief RENAME note TO text", ["~ view brief", "query"]),
    ("COMMENT ON VIEW brief IS 'Shorter.'", ["~ view brief", "comment"]),
    ("CREATE VIEW more AS SELECT 1", ["- view more"]),
    ("ALTER MATERIALIZED VIEW totals SET (fillfactor = 70)", ["~ materialized view totals", "options"]),
    ("ALTER MATERIALIZED VIEW totals RESET (fillfactor)", ["~ materialized view totals", "options"]),
    ("DROP MATERIALIZED VIEW totals; CREATE MATERIALIZED VIEW totals WITH (fillfactor = 80) AS SELECT 1 AS n;"
     "CREATE UNIQUE INDEX totals_n_idx ON totals (n)", ["~ materialized view totals", "query"]),
    ("CREATE INDEX more ON totals (n)", ["- index more"]),
    (HALF + "IMMUTABLE STRICT AS ' select a / b + 0 '", ["~ function half(integer, integer)", "body"]),
    (HALF + "STABLE STRICT AS ' select a / b '", ["~ function half", "clauses", "STABLE"]),
    (HALF + "IMMUTABLE AS ' select a / b '", ["~ function half", "clauses"]),
    (HALF + "IMMUTABLE STRICT SECURITY DEFINER AS ' select a / b '", ["~ function half", "SECURITY DEFINER"]),
    (HALF + "IMMUTABLE STRICT COST 7 PARALLEL SAFE AS ' select a / b '", ["~ function half", "COST 7"]),
    (HALF + "IMMUTABLE STRICT SET search_path = '' AS ' select a / b '", ["~ function half", "search_path"]),
    ((HALF + "IMMUTABLE STRICT AS ' select a / b '").replace("= 2", "= 3"), ["~ function half", "arguments", "3"]),
    ("CREATE FUNCTION half(a bigint) RETURNS int LANGUAGE sql AS 'select 1'", ["- function half(bigint)"]),
    ("CREATE OR REPLACE PROCEDURE tidy(days int) LANGUAGE sql BEGIN ATOMIC DELETE FROM logs; END", ["~ procedure tidy(integer)", "clauses"]),
    (NOTED + "AFTER UPDATE OF note ON logs FOR EACH ROW WHEN (new.note <> '') EXECUTE FUNCTION keep()", ["~ trigger noted on logs", "event"]),
    (NOTED + "BEFORE UPDATE ON logs FOR EACH ROW WHEN (new.note <> '') EXECUTE FUNCTION keep()", ["~ trigger noted on logs", "columns"]),
    (NOTED + "BEFORE UPDATE OF note ON logs FOR EACH ROW EXECUTE FUNCTION keep()", ["~ trigger noted on logs", "when"]),
    (NOTED + "BEFORE UPDATE OF note ON logs FOR EACH ROW WHEN (new.note <> 'x') EXECUTE FUNCTION keep()", ["~ trigger noted on logs", "when"]),
    (NOTED + "BEFORE UPDATE OF note ON logs FOR EACH ROW WHEN (new.note <> '') EXECUTE FUNCTION keep('x')", ["~ trigger noted on logs", "function"]),
    ("ALTER TABLE logs DISABLE TRIGGER noted", ["~ trigger noted on logs", "disabled"]),
    ("CREATE TRIGGER more AFTER INSERT ON logs EXECUTE FUNCTION keep()", ["- trigger more on logs"]),
    (USERS + "ALTER ticket TYPE int", ["users.ticket", "type"]),
    (USERS + "ALTER bio TYPE varchar(10)", ["~ column users.bio", "type"]),
    (USERS + "ALTER tags DROP DEFAULT, ALTER tags TYPE text USING ''", ["users.tags", "type"]),
    (USERS + "ALTER age DROP DEFAULT", ["users.age", "default 18|default none"]),
    (USERS + "ALTER age SET DEFAULT 19", ["users.age", "19", "18"]),
    (USERS + "ALTER bio SET DEFAULT 'x'", ["users.bio", "default"]),
    (USERS + "ALTER mood SET DEFAULT 'sad'", ["users.mood", "sad"]),
    (USERS + "ALTER updated_at SET DEFAULT clock_timestamp()", ["users.updated_at", "clock_timestamp"]),
    (USERS + "ALTER tags SET DEFAULT '{a}'", ["users.tags", "{a}"]),
    (USERS + "ALTER ticket SET DEFAULT nextval('users_id_seq')", ["users.ticket", "users_id_seq"]),
    (USERS + "ALTER id DROP DEFAULT", ["users.id", "serial"]),
    (USERS + "ALTER email DROP NOT NULL", ["users.email", "not null"]),
    (USERS + "ALTER bio SET NOT NULL", ["users.bio", "not null"]),
    (USERS + "ALTER bio TYPE text COLLATE \"POSIX\"", ["users.bio", "collation"]),
    (USERS + "ALTER big SET STORAGE main", ["users.big", "storage"]),
    (USERS + "ALTER big SET STATISTICS 7", ["users.big", "statistics"]),
    (USERS + "ALTER big SET COMPRESSION default", ["users.big", "compression"]),
    (USERS + "ALTER twice DROP EXPRESSION", ["users.twice", "generated"]),
    (USERS + "DROP twice, ADD twice int NOT NULL GENERATED ALWAYS AS (age * 3) STORED", ["users.twice", "3"]),
    (USERS + "ALTER number SET GENERATED ALWAYS", ["users.number", "identity"]),
    (USERS + "ALTER number SET INCREMENT BY 3", ["users.number", "increment"]),
    (USERS + "ALTER number DROP IDENTITY", ["users.number", "identity"]),
    (USERS + "ALTER age DROP DEFAULT, ALTER age ADD GENERATED ALWAYS AS IDENTITY", ["users.age", "identity"]),
    (USERS + "RENAME bio TO biography", ["+ column users.bio", "~ check named", "~ check in", "~ index by_bio", "~ index covering",
                                                    "- column users.biography"]),
    (USERS + "ADD extra int", ["- column users.extra"]),
    (USERS + "DROP CONSTRAINT adult, ADD CONSTRAINT adult CHECK (age > 18)", ["adult", "age > 18"]),
    (USERS + "DROP CONSTRAINT adult, ADD CONSTRAINT adult CHECK (age >= 18) NOT VALID", ["adult", "not valid"]),
    (USERS + "DROP CONSTRAINT adult, ADD CONSTRAINT adult CHECK (age >= 18) NO INHERIT", ["adult", "no inherit"]),
    (USERS + "DROP CONSTRAINT adult, ADD CONSTRAINT adult CHECK (age >= 18 OR true)", ["adult"]),
    (USERS + "DROP CONSTRAINT named, ADD CONSTRAINT named CHECK (age < 150 or bio <> 'x')", ["named"]),
    (USERS + "DROP CONSTRAINT named, ADD CONSTRAINT named CHECK (age < 150 and bio <> 'X')", ["named"]),
    (USERS + "DROP CONSTRAINT \"in\", ADD CONSTRAINT \"in\" CHECK (bio in ('a', 'b'))", ["check in"]),
    (USERS + "DROP CONSTRAINT \"in\", ADD CONSTRAINT \"in\" CHECK (bio not in ('a', 'b', 'c'))", ["check in"]),
    (USERS + "ADD CHECK (age <> 99)", ["- check users_age_check"]),
    (USERS + "RENAME CONSTRAINT adult TO grown", ["~ check adult", "was grown"]),
    (USERS + "DROP CONSTRAINT users_email, ADD CONSTRAINT users_email UNIQUE (bio)", ["users_email", "columns"]),
    (USERS + "DROP CONSTRAINT users_email, ADD CONSTRAINT users_email UNIQUE (email) DEFERRABLE", ["users_email", "deferrable"]),
    (USERS + "DROP CONSTRAINT users_email, ADD CONSTRAINT users_email UNIQUE NULLS NOT DISTINCT (email)", ["users_email", "nulls"]),
    (USERS + "SET UNLOGGED", ["users", "unlogged"]),
    (USERS + "SET (fillfactor = 50)", ["users", "fillfactor"]),
    (USERS + "CLUSTER ON by_age", ["~ table users", "cluster on"]),
    (USERS + "RENAME TO people; ALTER SEQUENCE users_id_seq RENAME TO people_id_seq", ["+ table users", "- table people", "~ foreign key author", "~ foreign key editor"]),
    (USERS + "SET SCHEMA app", ["+ table users", "- table app.users", "~ foreign key author", "~ foreign key editor"]),
    (POSTS + "SET LOGGED", ["app.posts", "unlogged"]),
    (POSTS + "RESET (fillfactor)", ["app.posts", "fillfactor"]),
    (POSTS + "ALTER id SET GENERATED BY DEFAULT", ["app.posts.id", "identity"]),
    (POSTS + "ALTER n DROP NOT NULL", ["app.posts.n", "not null"]),
    (POSTS + "VALIDATE CONSTRAINT \"n is\"", ["n is", "not valid"]),
    (POSTS + "DROP CONSTRAINT author, ADD CONSTRAINT author FOREIGN KEY (author) REFERENCES users", ["author", "on delete", "cascade"]),
    (POSTS + "DROP CONSTRAINT author, ADD CONSTRAINT author FOREIGN KEY (author) REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE",
     ["author", "on update"]),
    (POSTS + "DROP CONSTRAINT author, ADD CONSTRAINT author FOREIGN KEY (author) REFERENCES users ON DELETE CASCADE NOT VALID",
     ["author", "not valid"]),
    (POSTS + "ALTER CONSTRAINT author DEFERRABLE INITIALLY DEFERRED", ["author", "deferrable", "deferred"]),
    (POSTS + "DROP CONSTRAINT editor, ADD CONSTRAINT editor FOREIGN KEY (editor) REFERENCES users ON DELETE SET NULL (editor)"
     " ON UPDATE CASCADE", ["editor", "on delete columns"]),
    (POSTS + "DROP CONSTRAINT editor, ADD CONSTRAINT editor FOREIGN KEY (editor) REFERENCES app.other ON DELETE SET NULL ON UPDATE CASCADE",
     ["~ foreign key editor", "referenced table", "- table app.other"], "CREATE TABLE app.other (id int PRIMARY KEY)"),
    (POSTS + "DROP CONSTRAINT once, ADD CONSTRAINT once UNIQUE (n, m)", ["once", "nulls not distinct"]),
    (POSTS + "DROP CONSTRAINT once, ADD CONSTRAINT once UNIQUE NULLS NOT DISTINCT (m, n)", ["once", "columns"]),
    (POSTS + "DROP CONSTRAINT no_overlap, ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)",
     ["no_overlap", "where"]),
    (POSTS + "DROP CONSTRAINT no_overlap, ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH &&, during WITH &&) WHERE (n > 0)",
     ["no_overlap", "keys"]),
    (POSTS + "DROP CONSTRAINT no_overlap, ADD CONSTRAINT no_overlap EXCLUDE USING spgist (during WITH &&) WHERE (n > 0)",
     ["no_overlap", "method"]),
    ("DROP INDEX by_age; CREATE INDEX by_age ON users (age)", ["by_age", "desc"]),
    ("DROP INDEX by_age; CREATE INDEX by_age ON users (age DESC NULLS LAST)", ["by_age", "nulls last"]),
    ("DROP INDEX by_age; CREATE UNIQUE INDEX by_age ON users (age DESC)", ["by_age", "unique"]),
    ("DROP INDEX by_age; CREATE INDEX by_age ON users (age DESC, bio)", ["by_age", "keys"]),
    ("DROP INDEX by_lower; CREATE INDEX by_lower ON users (upper(email))", ["by_lower", "upper"]),
    ("DROP INDEX by_lower; CREATE INDEX by_lower ON users (lower(email) text_pattern_ops)", ["by_lower", "text_pattern_ops"]),
    ("DROP INDEX by_lower; CREATE INDEX by_lower ON users (lower(email) COLLATE \"C\")", ["by_lower", "collate"]),
    ("DROP INDEX by_bio; CREATE INDEX by_bio ON users (bio) WHERE age > 21", ["by_bio", "21"]),
    ("DROP INDEX by_bio; CREATE INDEX by_bio ON users (bio)", ["by_bio", "where"]),
    ("DROP INDEX by_bio; CREATE INDEX by_bio ON users (bio COLLATE \"POSIX\") WHERE age > 20", ["by_bio", "collate"]),
    ("DROP INDEX by_trigram; CREATE INDEX by_trigram ON users USING gist (email gist_trgm_ops)", ["by_trigram", "method"]),
    ("DROP INDEX covering; CREATE INDEX covering ON users (age) WITH (fillfactor = 80)", ["covering", "include"]),
    ("DROP INDEX covering; CREATE INDEX covering ON users (age) INCLUDE (bio)", ["covering", "fillfactor"]),
    ("DROP INDEX by_mood; CREATE INDEX by_mood ON users (mood)", ["by_mood", "unique"]),
    ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'by_age'::regclass", ["~ index by_age", "invalid"]),
    ("CREATE INDEX surplus ON users (bio)", ["- index surplus"]),
    ("ALTER INDEX by_age RENAME TO by_years", ["~ index by_age", "was by_years"]),
    ("CREATE TABLE surplus (id int)", ["- table surplus"]),
    ("CREATE TABLE app.surplus (id int)", ["- table app.surplus"]),
    ("CREATE SEQUENCE surplus", ["- sequence surplus"]),
    ("CREATE TYPE surplus AS ENUM ()", ["- enum surplus"]),
    ("CREATE DOMAIN surplus AS int", ["- domain surplus"]),
    ("CREATE TYPE surplus AS (a int)", ["- type surplus"]),
    ("ALTER TYPE mood ADD VALUE 'angry'", ["enum mood", "angry"]),
    ("ALTER TYPE mood ADD VALUE 'angry' BEFORE 'happy'", ["enum mood", "angry"]),
    ("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", ["enum mood", "blue"]),
    ("ALTER TYPE mood RENAME TO moods", ["+ enum mood", "- enum moods", "~ column users.mood"]),
    ("ALTER DOMAIN price DROP NOT NULL", ["domain price", "not null"]),
    ("ALTER DOMAIN price DROP DEFAULT", ["domain price", "default"]),
    ("ALTER DOMAIN price SET DEFAULT 2", ["domain price", "default"]),
    ("ALTER DOMAIN price DROP CONSTRAINT positive", ["domain price", "check"]),
    ("ALTER DOMAIN price DROP CONSTRAINT positive; ALTER DOMAIN price ADD CONSTRAINT positive CHECK (value >= 0)", ["domain price", ">="]),
    ("ALTER DOMAIN price ADD CHECK (value < 100)", ["domain price", "100"]),
    ("ALTER TYPE address ADD ATTRIBUTE zip text", ["address", "zip"]),
    (USERS + "DROP home; ALTER TYPE address ALTER ATTRIBUTE city TYPE varchar", ["+ column users.home", "~ column address.city", "type"]),
    ("ALTER SEQUENCE tickets INCREMENT 3", ["sequence tickets", "increment"]),
    ("ALTER SEQUENCE tickets CYCLE CACHE 9 MAXVALUE 1000", ["sequence tickets", "cycle", "cache", "1000"]),
    ("ALTER SEQUENCE tickets AS int", ["sequence tickets", "type"]),
    ("COMMENT ON TABLE users IS 'Persons.'", ["table users", "comment"]),
    ("COMMENT ON TABLE users IS NULL", ["table users", "comment"]),
    ("COMMENT ON COLUMN users.email IS NULL", ["users.email", "comment"]),
    ("COMMENT ON COLUMN users.age IS 'years'", ["users.age", "comment"]),
    ("CREATE OR REPLACE FUNCTION pdl_touch_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS"
     " 'BEGIN RETURN NEW; END'", ["pdl_touch_updated_at"]),
    ("ALTER FUNCTION pdl_touch_updated_at RESET search_path", ["~ function pdl_touch_updated_at", "other settings"]),
    ("ALTER FUNCTION pdl_touch_updated_at SECURITY DEFINER", ["~ function pdl_touch_updated_at", "other settings"]),
    (USERS + "DISABLE TRIGGER pdl_touch_updated_at", ["~ trigger pdl_touch_updated_at", "not enabled"]),
    (USERS + "DISABLE TRIGGER ALL", ["~ trigger pdl_touch_updated_at", "not enabled"]),
    ("DROP TRIGGER pdl_touch_updated_at ON users; CREATE TRIGGER pdl_touch_updated_at AFTER UPDATE ON users FOR EACH ROW"
     " EXECUTE FUNCTION pdl_touch_updated_at()", ["~ trigger pdl_touch_updated_at", "by hand"]),
    ("DROP TRIGGER pdl_touch_updated_at ON users; CREATE TRIGGER pdl_touch_updated_at BEFORE UPDATE ON users FOR EACH ROW"
     " WHEN (new.age > 5) EXECUTE FUNCTION pdl_touch_updated_at()", ["~ trigger pdl_touch_updated_at", "by hand"]),
]
# Something is missing, and push makes it again.
MISSING = [
    ("DROP VIEW brief", ["+ view brief"]),
    ("DROP MATERIALIZED VIEW totals", ["+ materialized view totals"]),
    ("DROP FUNCTION half", ["+ function half(integer, integer)"]),
    ("DROP TRIGGER noted ON logs", ["+ trigger noted on logs"]),
    ("DROP INDEX by_age", ["+ index by_age"]),
    ("DROP INDEX by_lower, by_bio, by_trigram, covering, by_mood, app.by_author", ["by_lower", "by_bio", "by_mood", "by_author"]),
    (USERS + "DROP CONSTRAINT adult", ["+ check adult"]),
    (USERS + "DROP CONSTRAINT users_email", ["+ key users_email"]),
    (USERS + "DROP bio", ["+ column users.bio"]),
    (USERS + "DROP twice", ["+ column users.twice"]),
    (USERS + "DROP number", ["+ column users.number"]),
    (USERS + "DROP email", ["+ column users.email"]),
    (USERS + "DROP updated_at", ["+ column users.updated_at"]),
    (USERS + "DROP COLUMN mood, DROP home; DROP TYPE mood; DROP TYPE address", ["+ enum mood", "+ type address", "+ column users.mood"]),
    (POSTS + "DROP CONSTRAINT author", ["+ foreign key author"]),
    (POSTS + "DROP CONSTRAINT no_overlap, DROP CONSTRAINT \"n is\", DROP CONSTRAINT once", ["no_overlap", "n is", "once"]),
    (POSTS + "DROP author", ["+ column app.posts.author"]),
    (POSTS + "DROP CONSTRAINT posts_pkey", ["+ key posts_pkey"]),
    (USERS + "DROP CONSTRAINT users_pkey CASCADE", ["+ key users_pkey", "+ foreign key author", "+ foreign key editor"]),
    ("DROP TABLE app.posts", ["+ table app.posts"]),
    ("DROP TABLE users CASCADE", ["+ table users"]),
    ("DROP SCHEMA app CASCADE", ["+ schema app", "+ table app.posts"]),
    ("DROP SEQUENCE tickets CASCADE; ALTER TABLE users DROP ticket", ["+ sequence tickets"]),
    ("DROP TRIGGER pdl_touch_updated_at ON users", ["pdl_touch_updated_at"]),
    ("ALTER TABLE users DISABLE TRIGGER pdl_touch_updated_at; DROP TRIGGER pdl_touch_updated_at ON users", ["pdl_touch_updated_at"]),
    ("DROP FUNCTION pdl_touch_updated_at CASCADE", ["pdl_touch_updated_at"]),
    ("DROP EXTENSION pg_trgm CASCADE", ["+ extension pg_trgm", "by_trigram"]),
]
# Nothing of ours: no difference.
SAME = [
    NOTED + "BEFORE UPDATE OF note ON logs FOR EACH ROW WHEN ((new.note)::text <> ''::text) EXECUTE PROCEDURE keep()",
    "ALTER VIEW brief SET (security_barrier = true)",
    "ALTER TABLE users ALTER age SET DEFAULT (18)",
    "ALTER TABLE users DROP CONSTRAINT adult, ADD CONSTRAINT adult CHECK ((age) >= (18))",
    "ALTER TABLE users DROP CONSTRAINT \"in\", ADD CONSTRAINT \"in\" CHECK (bio = ANY (ARRAY['a', 'b', 'c']))",
    "ALTER TABLE users ADD extra int; ALTER TABLE users DROP extra",
    "ALTER TABLE users DROP bio; ALTER TABLE users ADD bio text COLLATE \"C\", ADD CONSTRAINT named CHECK (age < 150 and bio <> 'x'),"
    " ADD CONSTRAINT \"in\" CHECK (bio in ('a', 'b', 'c')); CREATE INDEX by_bio ON users (bio) WHERE age > 20;"
    " DROP INDEX IF EXISTS covering; CREATE INDEX covering ON users (age) INCLUDE (bio) WITH (fillfactor = 80)",
    "DROP INDEX by_age; CREATE INDEX by_age ON users USING btree (age DESC NULLS FIRST)",
    "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.t (id int); CREATE TYPE elsewhere.mood AS ENUM ('a')",
    "CREATE EXTENSION hstore",
    "CREATE EXTENSION citext SCHEMA app",
    "CREATE TEMP TABLE users (id int)",
    "INSERT INTO users (email, bio, big) VALUES ('a', 'b', 'c'); SELECT nextval('tickets')",
    "ANALYZE",
    "CREATE ROLE reader_@; GRANT SELECT ON users TO reader_@",
    "COMMENT ON EXTENSION pg_trgm IS 'ours'",
]


def skip(why):
    raise Skipped(why)


def base(server):
    server.database("drift")
    push = server.pdlc("push", SCHEMA, "drift")
    expect(push.code == 0, "push", push)


def changed_database(server, sql):
    """A copy of the pushed database, changed by hand; its name and what its catalogs then are."""
    server.count += 1
    name = "drift_%d" % server.count
    catalogs = server.query("postgres", "CREATE DATABASE %s TEMPLATE drift;\n\\c %s\n%s;\n%s" % (name, name, sql, CATALOGS))
    return name, catalogs


def named(parts, output):
    return all(any(word in output for word in part.split("|")) for part in parts)


def changed(server, sql, parts, before=""):
    database, _ = changed_database(server, before + ";" + sql)
    diff = server.pdlc("diff", SCHEMA, database)
    expect(diff.code == 2, "diff sees nothing", diff)
    expect(named(parts, diff.out), "diff does not name %s" % parts, diff)
    signs = sum(part[:2] in ("+ ", "- ", "~ ") for part in parts)
    lines = [line for line in diff.out.splitlines() if not line.startswith("    hazard ")]
    expect(len(lines) == max(signs, 1), "diff says more than that", diff)
    move(server, database, SCHEMA)
    # while a renamed table still has the sequences, the new one's are numbered
    got, wanted = plain(server.dump(database)).replace("_seq1", "_seq"), plain(server.dump("drift"))
    expect(got == wanted, "not as it was: " + first_difference(got, wanted))


class Kept:
    """A database for tests that leave it as they found it, one at a time; one that fails gets the next a new one."""

    def __init__(self, server):
        self.server, self.name, self.mutex = server, None, threading.Lock()

    def run(self, body, sql, *more):
        with self.mutex:
            name = self.name or changed_database(self.server, "")[0]
            self.name = None
            self.server.query(name, sql.replace("@", name))
            body(self.server, name, *more)
            self.name = name


def missing(server, database, parts):
    diff = server.pdlc("diff", SCHEMA, database)
    expect(diff.code == 2, "diff sees nothing", diff)
    expect(named(parts, diff.out), "diff does not name %s" % parts, diff)
    push = server.pdlc("push", SCHEMA, database)
    expect(push.code == 0, "push", push)
    diff = server.pdlc("diff", SCHEMA, database)
    expect(diff.code == 0, "diff after push", diff)


def same(server, database):
    diff = server.pdlc("diff", SCHEMA, database)
    expect(diff.code == 0, "diff sees a difference", diff)


ORDERS = "target postgres 15\ntable orders {\n  id int pk\n  total int\n}\n"
BLOCKS = """sql big needs orders {
  up $$ create temp table x (id int); create table y (id int); drop table y; create view big as select id from orders where total > 1000 $$
}
sql ours {
  up $$ create aggregate public.mysum(int) (sfunc = int4pl, stype = int); create rule r as on delete to orders do instead nothing $$
}
sql while needs orders { up $$ create temp table z (id int) $$ }
sql rows needs orders { up $$ insert into orders values (1, 2) $$ }
"""


def blocks(server):
    """A sql block that is added later is made where nothing stands of what it creates, once."""
    database, path = server.database("blocks"), server.folder + "/blocks.pdl"
    for text, expected in ((ORDERS, "+ table orders\n"), (ORDERS + BLOCKS, "+ sql block big\n+ sql block ours\n")):
        with open(path, "w") as f:
            f.write(text)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 2 and diff.out == expected, "diff", diff)
        push = server.pdlc("push", path, database)
        expect(push.code == 0, "push", push)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 0, "diff after push", diff)
    server.query(database, "DROP RULE r ON orders; DROP VIEW big")
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 2 and diff.out == "+ sql block big\n", "diff where a view is gone", diff)


def tests(server):
    yield "sql blocks", lambda: blocks(server)
    try:
        server.needs("pg_trgm", "hstore", "citext")
        server.since(15)
    except Skipped as skipped:
        why = str(skipped)
        yield "drift", lambda: skip(why)
        return
    base(server)
    for case in CHANGED:
        yield "drift: " + case[0], lambda case=case: changed(server, *case)
    kept = [Kept(server) for _ in range(3)]
    for i, (sql, parts) in enumerate(MISSING):
        yield "missing: " + sql, lambda i=i, sql=sql, parts=parts: kept[i % 3].run(missing, sql, parts)
    for i, sql in enumerate(SAME):
        yield "no drift: " + sql, lambda i=i, sql=sql: kept[i % 3].run(same, sql)
