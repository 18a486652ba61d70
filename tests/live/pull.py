"""What pull prints makes the same database again, down to the dump, or says what it left out."""
import glob
import itertools
import os
import re

from access import platform
from server import PDLC, Skipped, expect, first_difference, run

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "../../../shared/corpus")


def dump(server, database):
    """Comments on extensions are the extensions' own; grants on one object have no order."""
    lines = [line for line in server.dump(database).splitlines(True) if not line.startswith("COMMENT ON EXTENSION")]
    statements = re.split(r"(?<=;\n)|(?m:^)(?=GRANT )", "".join(lines))  # names may hold line ends
    dump = "".join(text for grants, run in itertools.groupby(statements, lambda text: text.startswith("GRANT "))
                   for text in (sorted(run) if grants else run))
    if os.environ.get("PDLC_PG_BIN"):  # older ones have no order for constraints of the same name
        dump = "\n".join(sorted(re.split(r"^--\n(?=-- Name: )", dump, flags=re.M)))
    return dump


def again(server, name, source, empty=None, options=()):
    """Pulls the database `source` and pushes the text to an empty one, or to one that has what is not ours."""
    empty, path = empty or server.database("r_" + name), "%s/r_%s.pdl" % (server.folder, name)
    pull = server.pdlc("pull", None, source, *options)
    expect(pull.code == 0, "pull", pull)
    with open(path, "w", newline="") as f:
        f.write(pull.out)
    expect(server.pdlc("diff", path, source).code == 0, "what was pulled differs from where it came from", server.pdlc("diff", path, source))
    push = server.pdlc("push", path, empty)
    if "PDL0704" in pull.err or "PDL0706" in pull.err:
        strict = server.pdlc("pull", None, source, "--strict")
        expect(strict.code == 1 and not strict.out, "--strict lets pass what is not expressed", strict)
        return
    expect(push.code == 0, "push of what was pulled", push)
    before, after = dump(server, source), dump(server, empty)
    if before != after:  # Postgres prints some expressions otherwise after one restore, and then for good
        restored = server.database("s_" + name)
        expect(server.psql(restored, server.dump(source)).code == 0, "restore")
        lines, others, ours = (text.splitlines(True) for text in (before, dump(server, restored), after))
        same_length = len(lines) == len(others) == len(ours)
        before = "".join(lines[i] if same_length and ours[i] == lines[i] else line for i, line in enumerate(others))
    expect(before == after, "dumps differ: " + first_difference(before, after))


def case(server, path):
    name = os.path.basename(path)[:-len(".pdl")]
    text = open(path).read()
    if "external table" in text:  # stands on tables that the push of a case cannot make
        raise Skipped("needs tables of others")
    source = server.database("p_" + name)
    expect(server.pdlc("push", path, source).code == 0, "push")
    again(server, name, source, options=["--owners"] if " owner " in text else [])


def corpus(server, name):
    path = os.path.join(CORPUS, name + ".sql")
    if not os.path.exists(path):
        raise Skipped("no corpus here")
    source = server.database("p_" + name)
    made = server.psql(source, open(path).read())
    expect(made.code == 0, "load", made)
    again(server, name, source)


def basejump(server):
    """A real app on what stands for the platform in its file."""
    path = os.path.join(CORPUS, "basejump.sql")
    if not os.path.exists(path):
        raise Skipped("no corpus here")
    server.needs("pgcrypto", "uuid-ossp")
    text = open(path).read()
    source, empty = platform(server, "p_basejump", text), platform(server, "r_basejump", text[:text.index("-- >>> file")])
    again(server, "basejump", source, empty)


def whole_platform(server):
    """Of what the platform puts into a database nothing is pulled but the one table that it left in public."""
    path = os.path.join(CORPUS, "supabase_platform_15.sql")
    if not os.path.exists(path):
        raise Skipped("no corpus here")
    server.needs("pg_stat_statements", "pgcrypto", "uuid-ossp")
    text = open(path).read()
    source, empty = platform(server, "p_whole_platform", text), platform(server, "r_whole_platform", text)
    pull = server.pdlc("pull", None, source, "--strict")
    expect(pull.out == 'target supabase %s\n\ntable schema_migrations {\n  version  varchar(128)  pk\n}\n' % pull.out.split()[2], "pull", pull)
    server.query(empty, "DROP TABLE public.schema_migrations")
    again(server, "whole_platform", source, empty)


def app(server, name):
    """A typical app of Supabase's: everything of it is pulled, nothing of the platform's, and there is nothing else to say."""
    server.needs(*(("citext", "moddatetime", "pg_trgm", "uuid-ossp") if name == "search" else ()))
    server.since(13 if name == "profiles" else 15)
    source, empty = platform(server, "p_app_" + name), platform(server, "r_app_" + name)
    with open(HERE + "/apps/%s.sql" % name) as f:
        made = server.psql(source, f.read())
    expect(made.code == 0, "load", made)
    pull = server.pdlc("pull", None, source, "--strict")
    expect(pull.code == 0 and not pull.err, "pull --strict", pull)
    with open(HERE + "/apps/%s.pdl" % name) as f:
        wanted = f.read().replace("supabase 15", "supabase " + pull.out.split()[2])
    single = lambda text: text.replace("documents.", "")  # 18 leaves the only table out
    expect(single(pull.out) == single(wanted), "what was pulled is not %s.pdl: %s" % (name, first_difference(pull.out, wanted)))
    again(server, "app_" + name, source, empty)


def extension_there(server):
    """An extension that is in public on Supabase stays there until a schema says otherwise; then its types come along."""
    server.needs("citext")
    source, empty, path = platform(server, "p_there", ""), platform(server, "r_there", ""), server.folder + "/there.pdl"
    server.query(source, "CREATE EXTENSION citext SCHEMA public; CREATE TABLE t (id int PRIMARY KEY, mail public.citext)")
    again(server, "there", source, empty)
    said = open("%s/r_there.pdl" % server.folder).read()
    for text, wanted in ((said.replace("citext in public", "citext"), ""),
                         (said.replace("citext in public", "citext in extensions"), "ALTER EXTENSION citext SET SCHEMA extensions;\n")):
        with open(path, "w") as f:
            f.write(text)
        diff = server.pdlc("diff", path, source, "--sql")
        expect(text != said and diff.out == wanted, "diff --sql", diff)


def leftovers(server):
    """What has no form in PDL comes as sql blocks; secrets stay where they are."""
    source = server.database("p_leftovers")
    made = server.psql(source, open(os.path.join(HERE, "leftovers.sql")).read())
    expect(made.code == 0, "load", made)
    pull = server.pdlc("pull", None, source, "--strict")
    expect(pull.code == 0 and "secret" not in pull.text, "pull --strict", pull)
    server.psql(source, "ALTER SERVER far OPTIONS (DROP password); ALTER USER MAPPING FOR public SERVER far OPTIONS (DROP password)")
    again(server, "leftovers", source)


SEQUENCES = """
CREATE TABLE t (id serial PRIMARY KEY);
ALTER TABLE t RENAME TO u;
CREATE TABLE t (id serial PRIMARY KEY, x int);
CREATE TABLE v (a_b serial, n int GENERATED BY DEFAULT AS IDENTITY);
CREATE TABLE v_a (b serial);
CREATE TABLE w (id bigserial PRIMARY KEY);
CREATE TABLE a (id bigint DEFAULT nextval('w_id_seq'), n int DEFAULT nextval('v_n_seq'));
CREATE TABLE "Big" ("Id" serial);
CREATE TABLE b (x int DEFAULT nextval('"Big_Id_seq"'), y int DEFAULT (nextval('w_id_seq') + 1));
CREATE TABLE above (id serial, k int);
CREATE TABLE heir (z int) INHERITS (above);
CREATE SEQUENCE q_id_seq;
CREATE TABLE q (id serial);
CREATE TABLE r (id serial);
ALTER SEQUENCE r_id_seq RENAME TO r_id_seq7;
CREATE TABLE c (id int DEFAULT nextval('r_id_seq7'));
"""


def sequences(server):
    """Sequences of columns keep their names; other columns are numbered by them, too."""
    source = server.database("p_own_sequences")
    expect(server.psql(source, SEQUENCES).code == 0, "load")
    again(server, "own_sequences", source)


def hidden(server):
    """What has a name of pg_catalog's, in public, is told from that: nothing needs a sql block."""
    source = server.database("p_hidden")
    server.since(14)
    with open(os.path.join(HERE, "hidden.sql")) as f:
        made = server.psql(source, f.read(), options=["-v", "ON_ERROR_STOP=1"])
    expect(made.code == 0, "load", made)
    pull = server.pdlc("pull", None, source, "--strict")
    expect(pull.code == 0 and "sql block" not in pull.text and "\nsql " not in pull.out, "pull --strict", pull)
    again(server, "hidden", source)


def invalid(server):
    """An index whose build failed is left out, one that not every partition has is told as it is, and both are named."""
    source = server.database("p_invalid")
    made = server.psql(source, "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX failed ON t (a);"
                               "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'failed'::regclass;"
                               "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p DEFAULT; CREATE INDEX part ON ONLY p (a)")
    expect(made.code == 0, "load", made)
    pull = server.pdlc("pull", None, source)
    expect(pull.code == 0 and "failed" not in pull.out and "ON ONLY public.p (a)" in pull.out
           and "index failed on t is left out: it is not valid" in pull.err and "index part on p is told in a sql block: it is not valid" in pull.err,
           "pull", pull)
    expect(server.pdlc("pull", None, source, "--strict").code == 1, "--strict lets it pass")


def many(server):
    """Of a large database a second session with the same snapshot reads a part; who may have but one reads the same."""
    source = server.database("p_many")
    server.query("postgres", "CREATE ROLE lonely LOGIN CONNECTION LIMIT 1")
    made = server.psql(source, """
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
        DO $$ BEGIN FOR i IN 1..1400 LOOP
          EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, a int UNIQUE CHECK (a > %s))', i, i);
          IF i % 100 = 0 THEN
            EXECUTE format('CREATE INDEX ON t%s ((a + 1)) WHERE a > 0; CREATE POLICY p ON t%s USING (a < %s);'
                           'CREATE TRIGGER g BEFORE INSERT ON t%s FOR EACH ROW WHEN (new.a > 1) EXECUTE FUNCTION f()', i, i, i, i);
            COMMIT;
          END IF;
        END LOOP; END $$""")
    expect(made.code == 0, "load", made)
    both, alone = server.pdlc("pull", None, source), server.pdlc("pull", None, source, user="lonely")
    for pull in (both, alone):
        expect(pull.code == 0 and pull.out.count("check ") == 1400 and pull.out.count("policy p") == 14
               and pull.out.count("WHEN (") == 14 and not pull.err, "pull", pull)
    expect(both.out == alone.out, "one session reads otherwise than two")


def deep(server):
    """What PDL refuses, brackets that nest too deep, comes in sql blocks, with what stands on it told as ever: each kind, and
    what speaks of it."""
    source, empty, path = server.database("p_deep"), server.database("r_deep"), server.folder + "/deep.pdl"
    server.query("postgres", "CREATE ROLE deep_reader")
    with open(os.path.join(HERE, "deep.sql")) as f:
        made = server.psql(source, f.read().replace("DEEP", "+".join("1" * 300)))
    expect(made.code == 0, "load", made)
    pull = server.pdlc("pull", None, source)
    expect(pull.code == 0, "pull", pull)
    for what in ("domain dom", "table deep_default", "check deep on plain", "index deep_index on plain", "trigger w on plain",
                 "policy p on plain", "view of_deep"):
        told = "told in a sql block" in "".join(line for line in pull.err.splitlines() if " %s is " % what in line)
        expect(told == (what != "view of_deep"), what + " is told in a sql block, or should be", pull)
    strict = server.pdlc("pull", None, source, "--strict")
    expect(strict.code == 1 and not strict.out, "--strict lets pass what is not expressed", strict)
    with open(path, "w") as f:
        f.write(pull.out)
    diff = server.pdlc("diff", path, source)
    expect(diff.code == 0, "what was pulled differs from where it came from", diff)
    push = server.pdlc("push", path, empty)
    expect(push.code == 0, "push of what was pulled", push)
    before, after = dump(server, source), dump(server, empty)
    expect(before == after, "dumps differ: " + first_difference(before, after))
    again_ = server.pdlc("pull", None, empty)
    expect(again_.out == pull.out, "pulled again: " + first_difference(pull.out, again_.out))
    between = run([PDLC, "diff", server.url(source), server.url(empty)], folder=server.folder)
    expect(between.code == 0, "diff of the two databases", between)


def heirs_own(server):
    """An heir that has values of its own for a column from above, as no clause but its own makes them."""
    source, empty, path = server.database("heirs_own"), server.database("heirs_own_again"), server.folder + "/heirs_own.pdl"
    server.query(source, "CREATE TABLE above (id int NOT NULL); CREATE TABLE heir () INHERITS (above);"
                         " ALTER TABLE heir ALTER id ADD GENERATED BY DEFAULT AS IDENTITY;"
                         " CREATE TABLE other (n int) INHERITS (above); CREATE TABLE last () INHERITS (other);"
                         " ALTER TABLE last ALTER n SET NOT NULL; ALTER TABLE last ALTER n ADD GENERATED ALWAYS AS IDENTITY;"
                         " CREATE TABLE p (a int, b int, UNIQUE (a) INCLUDE (b)) PARTITION BY LIST (a); CREATE INDEX ON p (b) INCLUDE (a);"
                         " CREATE TABLE p1 PARTITION OF p DEFAULT")
    pull = server.pdlc("pull", None, source)
    expect(pull.out.count("include") == 2, "what Postgres made of a partition is not its own", pull)
    with open(path, "w") as f:
        f.write(pull.out)
    push = server.pdlc("push", path, empty)
    expect(push.code == 0, "push of what was pulled", push)
    diff = run([PDLC, "diff", server.url(source), server.url(empty)], folder=server.folder)
    made = [server.query(each, "SELECT count(*) FROM pg_attribute WHERE attidentity <> '' AND attrelid IN ('heir'::regclass, 'last'::regclass)")
            for each in (source, empty)]
    expect(diff.code == 0 and made == ["2", "2"], "what was pushed is not what was pulled: %s" % made, diff)


def in_lists(server):
    """Postgres prints them as arrays, of a varchar cast so that it is read as another one; what was pulled makes what was there."""
    source, empty, path = server.database("in_lists"), server.database("in_lists_again"), server.folder + "/in_lists.pdl"
    server.query(source, "CREATE DOMAIN grade AS varchar(2) CHECK (VALUE IN ('a', 'b')); CREATE TABLE t (v varchar(9) CHECK (v IN ('x', 'it''s')),"
                         " \"W w\" varchar CHECK (\"W w\" NOT IN ('a', E'\\\\') AND lower(\"W w\") IN ('q', 'r')));"
                         " CREATE INDEX i ON t (v) WHERE v IN ('x', 'y') OR v IS NULL; CREATE TYPE mood AS ENUM ('a', 'b');"
                         " CREATE TABLE u (x text CHECK (x IN ('a', 'b')), m mood CHECK (m NOT IN ('a', 'b')), i int CHECK (i IN (1, 2)),"
                         " n int CHECK (n IN (-1, 2)), b bigint CHECK (b IN (1, 2)), l text CHECK (l IN ('a', NULL)), o text CHECK (o = ANY (ARRAY['a'])),"
                         " p varchar CHECK (p = ANY (ARRAY['a'::varchar])), d date CHECK (d IN ('2020-01-01', '2021-01-01')), w name CHECK (w = ANY (ARRAY['a'::text, 'b'])),"
                         " CHECK (lower(x) IN ('a', 'b')));"
                         " CREATE POLICY p ON u USING (x IN ('a', 'b') AND EXISTS (SELECT FROM u o WHERE o.x IN ('a', 'c') AND o.m IN ('a', 'b')"
                         " AND o.i IN (1, 2) AND o.w = ANY (ARRAY['a'::text, 'b'])))")
    pull = server.pdlc("pull", None, source)
    with open(path, "w") as f:
        f.write(pull.out)
    for text in ("v in ('x', 'it''s')", "(v in ('x', 'y')) OR", "VALUE in ('a', 'b')", "\"W w\" not in (", "(x in ('a', 'b'))", "m not in ('a', 'b')", "i in (1, 2)",
                 "(o.x in ('a', 'c'))", "(o.m in ('a', 'b'))", "(o.i in (1, 2))", "(o.w = ANY (ARRAY['a'::text, 'b'::text]))"):
        expect(text in pull.out and "sql block" not in pull.err, text + " is not pulled", pull)
    expect(server.pdlc("push", path, empty).code == 0, "push")
    expect(server.dump(source) == server.dump(empty), "dumps differ: " + first_difference(server.dump(source), server.dump(empty)))
    expect(server.pdlc("diff", path, source).code == 0, "what was pulled differs from where it came from")


def words(server):
    """Names that are words of PDL, in every place where a name may stand."""
    with open(os.path.join(HERE, "../../docs/language.md")) as f:
        all_words = [w for block in re.findall("```words [a-z]+\n(.*?)```", f.read(), re.S) for w in block.split()]
    source, sql = server.database("p_words"), []
    server.query("postgres", "".join('CREATE ROLE "%s";' % w for w in ("allow", "needs", "was")))
    for w in all_words:
        sql.append("""CREATE SCHEMA "{0}";
            CREATE TYPE "{0}"."{0}" AS ENUM ('{0}', 'x');
            CREATE TABLE "{0}".t_{0} ("{0}" int PRIMARY KEY, a "{0}"."{0}" DEFAULT '{0}', b int, CONSTRAINT "{0}" CHECK ("{0}" > 0), UNIQUE (b));
            CREATE TABLE "{0}".u_{0} (id int, "{0}" int REFERENCES "{0}".t_{0} ON DELETE SET NULL, FOREIGN KEY (id) REFERENCES "{0}".t_{0} ("{0}"));
            CREATE INDEX "{0}" ON "{0}".u_{0} (id, "{0}" DESC) INCLUDE (id);
            CREATE FUNCTION "{0}"."{0}"() RETURNS trigger LANGUAGE plpgsql AS $$ begin return new; end $$;
            CREATE TRIGGER "{0}" BEFORE INSERT OR UPDATE OF "{0}" ON "{0}".t_{0} FOR EACH ROW EXECUTE FUNCTION "{0}"."{0}"();
            CREATE POLICY "{0}" ON "{0}".t_{0} TO allow, needs, was USING ("{0}" > 1);
            CREATE PUBLICATION "{0}" FOR TABLE "{0}".t_{0};
            CREATE STATISTICS "{0}"."{0}" ON "{0}", b FROM "{0}".t_{0};
            GRANT SELECT ("{0}") ON "{0}".t_{0} TO allow, needs; GRANT USAGE ON SCHEMA "{0}" TO was;""".format(w))
    server.query(source, "SET client_min_messages = error;" + "".join(sql))
    again(server, "words", source)


def two_databases(server):
    """One database measured against another: what differs is said and made. Where Supabase is not, its words mean nothing."""
    old, new = server.database("p_before"), server.database("p_after")
    server.query(old, "CREATE TABLE t (id int PRIMARY KEY, a text CHECK (a IN ('x', 'y'))); CREATE VIEW v AS SELECT id FROM t; CREATE ROLE looks;"
                 "GRANT SELECT, INSERT (a) ON t TO looks; CREATE PUBLICATION supabase_realtime FOR TABLE t; CREATE EXTENSION citext;"
                 "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO looks")
    server.query(new, "CREATE TABLE t (id int PRIMARY KEY, a text CHECK (a IN ('x', 'z'))); CREATE VIEW v AS SELECT id FROM t;"
                 "CREATE TABLE u (id serial, t int REFERENCES t)")
    between = lambda *options: run([PDLC, "diff", server.url(old), server.url(new), *options], folder=server.folder)
    diff = between()
    for line in ("~ check t_a_check on t", "+ table u", "~ privileges on table t", "- publication supabase_realtime", "- default privileges on tables",
                 "- extension citext"):
        expect(diff.code == 2 and line in diff.out and len([l for l in diff.out.splitlines() if not l.startswith("    hazard ")]) == 6, "diff: " + line, diff)
    server.query(old, between("--sql").out)
    expect(between().code == 0, "diff after --sql was run", between())
    server.query(old, "CREATE SCHEMA more CREATE TABLE x (id int)")
    expect(between().code == 2 and "- table more.x" in between().out, "a schema that the other lacks", between())


BETWEEN = {
    "a sequence that went": ("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY); GRANT USAGE ON SEQUENCE t_id_seq TO pg_monitor",
                             "CREATE TABLE t (id int)"),
    "sequences that nobody may use": (
        "CREATE TABLE t (id int); CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY, k int) PARTITION BY LIST (id);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO pg_monitor",
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY); CREATE TABLE p (id int GENERATED ALWAYS AS IDENTITY, k int)"
        "PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
        "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO pg_monitor"),
}


def between_two(server, what):
    """What diff says of two databases makes one of the other."""
    name = "between_" + what.replace(" ", "_")
    a, b = server.database(name + "_a"), server.database(name + "_b")
    for database, sql in zip((a, b), BETWEEN[what]):
        server.query(database, sql)
    diff = run([PDLC, "diff", server.url(a), server.url(b), "--sql"], folder=server.folder)
    expect(server.psql(a, diff.out).code == 0, "the printed SQL", diff)
    diff = run([PDLC, "diff", server.url(a), server.url(b)], folder=server.folder)
    expect(diff.code == 0, "diff after it", diff)


def two_projects(server):
    """Of two databases of Supabase's, what the platform grants in both is no difference; what else was granted or taken is."""
    a, b = platform(server, "project_a"), platform(server, "project_b")
    for database in (a, b):
        server.query(database, "CREATE TABLE t (id serial PRIMARY KEY); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    between = lambda *options: run([PDLC, "diff", server.url(a), server.url(b), *options], folder=server.folder)
    expect(between().code == 0, "two projects that are alike", between())
    server.query(b, "CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE v (id int PRIMARY KEY); REVOKE ALL ON v, t FROM anon;"
                 "REVOKE ALL ON v FROM authenticated, service_role; GRANT USAGE ON SCHEMA public TO pg_monitor")
    server.query(a, "REVOKE EXECUTE ON FUNCTION f() FROM anon, public")
    diff = between("--sql")
    expect(diff.code == 2 and "GRANT" not in diff.out.split("TABLE public.u")[1].split("CREATE")[0], "what is as usual", diff)
    server.query(a, diff.out)
    expect(between().code == 0, "diff after --sql was run", between())


def tests(server):
    yield "diff of two projects", lambda: two_projects(server)
    yield "pull an heir's own values", lambda: heirs_own(server)
    yield "pull in lists", lambda: in_lists(server)
    for what in BETWEEN:
        yield "diff of " + what, lambda what=what: between_two(server, what)
    yield "diff of two databases", lambda: two_databases(server)
    yield "pull words of PDL", lambda: words(server)
    yield "pull many tables, by one session and by two", lambda: many(server)
    yield "pull what PDL refuses", lambda: deep(server)
    yield "pull sequences of columns", lambda: sequences(server)
    yield "pull leftovers", lambda: leftovers(server)
    yield "pull invalid indexes", lambda: invalid(server)
    yield "pull hidden names", lambda: hidden(server)
    for path in sorted(glob.glob(HERE + "/cases/*.pdl")):
        yield "pull " + os.path.basename(path), lambda path=path: case(server, path)
    yield "pull basejump", lambda: basejump(server)
    yield "pull supabase_platform_15", lambda: whole_platform(server)
    yield "pull an extension in public", lambda: extension_there(server)
    for name in ("profiles", "chat", "search"):
        yield "pull the app " + name, lambda name=name: app(server, name)
    for name in ("northwind", "chinook_serial", "pagila"):
        yield "pull " + name, lambda name=name: corpus(server, name)
