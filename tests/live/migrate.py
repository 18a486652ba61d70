"""Migrations made without a database, run by psql: up ends as what push makes from nothing, down as what was before, and
up again. Each pair of pairs/, once in pieces and once --offline; the rows of rows.sql are there all the while."""
import glob
import os
import re
import shutil

from fixpoint import FOLDER as CASES
from pairs import FOLDER, consents, plain
from server import ENVIRONMENT, PDLC, expect, first_difference, run


def migrate(folder, name, *options):
    return run([PDLC, "migrate", name, *options], folder=folder, environment=dict(ENVIRONMENT, SOURCE_DATE_EPOCH="1700000000"))


def make(folder, name, *options):
    """Migrate, first without consent; the files that came new, in order."""
    before = set(glob.glob(folder + "/migrations/*.up.sql"))
    done = migrate(folder, name, *options)
    for refusal in ("PDL0739", "PDL0710"):
        if done.code == 1 and refusal in done.err:
            expect(set(glob.glob(folder + "/migrations/*.up.sql")) == before, "a refused migration wrote files", done)
            flags = [f for line in re.findall(r"(?:To consent, add|consent to its loss:)(.*)", done.err) for f in consents(line)]
            options = (*options, *flags)
            done = migrate(folder, name, *options)
    expect(done.code == 0, "migrate " + name, done)
    return sorted(set(glob.glob(folder + "/migrations/*.up.sql")) - before)


def apply(server, database, path):
    """As the header says: one transaction, or none."""
    text = open(path, newline="").read()
    options = ["-1"] if re.search(r"^-- transaction: yes$", text, re.M) else []
    done = server.psql(database, text, options=options)
    expect(done.code == 0, os.path.basename(path) + "\n" + text, done)


def up(server, database, files):
    for path in files:
        apply(server, database, path)


def backwards(files):
    return [path.replace(".up.sql", ".down.sql") for path in reversed(files)]


def down(server, database, files):
    for path in backwards(files):
        apply(server, database, path)


def at_once(server, database, files):
    """As golang-migrate does: in one session, each file one query, whatever its header says."""
    texts = [option for path in files for option in ("-c", open(path, newline="").read())]
    done = run([server.binaries + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(database), *texts])
    expect(done.code == 0, "each file at once: " + " ".join(map(os.path.basename, files)), done)


def parts(dump):
    """The objects of a dump, whose order depends on more than what they are."""
    return "\n".join(sorted(re.split(r"^--\n(?=-- Name: )", plain(dump), flags=re.M)))


def same(server, database, wanted, what):
    got = parts(server.dump(database))
    expect(got == wanted, what + ": " + first_difference(got, wanted))


def script(server, database, path):
    if os.path.exists(path):
        done = server.psql(database, open(path).read())
        expect(done.code == 0, os.path.basename(path), done)


def there_and_back(server, pair, *options):
    name = "migrate_%s%s" % (os.path.basename(pair), "".join(options).replace("-", "_"))
    folder = server.folder + "/" + name
    os.mkdir(folder)
    shutil.copy(pair + "/old.pdl", folder + "/schema.pdl")
    database = server.database(name)
    first = make(folder, "first", *options)
    up(server, database, first)
    old = parts(server.dump(database))
    script(server, database, pair + "/rows.sql")
    shutil.copy(pair + "/new.pdl", folder + "/schema.pdl")
    wanted = server.database(name + "_new")
    made = server.pdlc("push", pair + "/new.pdl", wanted)
    expect(made.code == 0, "push", made)
    new = parts(server.dump(wanted))
    second = make(folder, "second", *options)
    up(server, database, second)
    same(server, database, new, "up")
    script(server, database, pair + "/after.sql")
    down(server, database, second)
    same(server, database, old, "down")
    for count in range(1, len(second)):  # it may stop anywhere
        at_once(server, database, second[:count] + backwards(second[:count]))
        same(server, database, old, "back from between")
    at_once(server, database, second)
    same(server, database, new, "up again")
    at_once(server, database, backwards(first + second))
    done = migrate(folder, "third", *options)
    expect(done.code == 0 and "nothing to migrate" in done.out, "a migration is left over", done)


def round_trip(server, path):
    """One of cases/: what is made from nothing goes back to nothing, and the folder then holds all of the schema."""
    name = "round_" + os.path.basename(path)[:-len(".pdl")]
    folder, database = server.folder + "/" + name, server.database(name)
    os.mkdir(folder)
    shutil.copy(path, folder + "/schema.pdl")
    shutil.copytree(CASES + "/parts", folder + "/parts")
    if "target supabase" in open(path).read():  # where every database has this path
        server.query(database, 'ALTER DATABASE "%s" SET search_path = "$user", public, extensions' % database)
    empty = parts(server.dump(database))
    files = make(folder, "first")
    up(server, database, files)
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "up differs from the schema", diff)
    full = parts(server.dump(database))
    done = migrate(folder, "second")
    expect(done.code == 0 and "nothing to migrate" in done.out, "a migration is left over", done)
    down(server, database, files)
    same(server, database, empty, "down")
    up(server, database, files)
    same(server, database, full, "up again")


SCHEMA = """target postgres 15
enum mood { sad, ok }
table users {
  id int pk
  email text?
  nick varchar(20)?
}
table apart { id int pk }
table told {
  old int
  n int?
  flag bool
  unique (flag) deferrable initially deferred
}
table aged {
  old int
  n int?
}
view all_told $$ select * from told $$
publication telling for table told
function sneak() returns void language sql $$ lock table apart $$
table notes {
  id int identity pk
  user_id -> users cascade index
  mood mood = 'ok'
}
grant select on users to "pdlc prover"
domain code text check a (value <> 'x') check b (value <> '')
table above {
  id int pk
  it text?
  check filled (length(it) > 0) not valid
  twice int? generated (id * 2) stored
}
table whole {
  id int
  index id name whole_idx
  partition by list (id)
}
partition part of whole default
table heir inherits (above) {
}
table days {
  day int
  who int  index
  partition by list (day)
}
partition day_one of days for values in (1) {
  partition by list (who)
}
partition day_one_me of day_one for values in (1)
"""
# An heir that was on its own in between; what it has from above goes with that all the same.
ALONE = "table heir {\n  id int\n  it text?"


def prove(server):
    """On an embedded server of its own; then with a way back that forgets something."""
    folder = server.folder + "/prove"
    os.mkdir(folder)
    pdlc = lambda *args: run([PDLC, *args], folder=folder, environment=dict(ENVIRONMENT, PDLC_PG_BIN=server.binaries))
    try:
        for name, old, new in (("first", "", ""), ("second", "email text?", "email text unique backfill (id::text)"),
                               ("third", "varchar(20)?", "text?\n  index nick"), ("fourth", "sad, ok", "sad, ok, fine"),
                               ("fifth", "table heir inherits (above) {", ALONE), ("sixth", ALONE, "table heir inherits (above) {"),
                               ("seventh", "  it text?\n  check filled (length(it) > 0) not valid\n", ""), ("eighth", "<> 'x'", "<> 'y'"),
                               ("ninth", "email text unique", "yes bool = true\n  grant select to pdlc_gone\n  email text unique"),
                               ("tenth", "yes bool = true\n  grant select to pdlc_gone\n", "yes bool = true unique\n"),
                               ("eleventh", "  who int  index\n", "  who int  index\n  what int = 3\n"), ("twelfth", "  who int  index\n", "  who int\n"),
                               ("thirteenth", "index id name", "index (id desc) name"), ("fourteenth", "table aged {", "table older was aged {"),
                               ("fifteenth", "  old int\n", "")):
            text = open(folder + "/schema.pdl").read() if name != "first" else SCHEMA
            with open(folder + "/schema.pdl", "w") as f:
                f.write(text.replace(old, new))
            make(folder, name)
        done = pdlc("prove")
        expect(done.code == 0 and done.out.count("up, down, up") == 15 and "8 tables with rows kept theirs" in done.out and
               "_tenth_2.up.sql is not for the rows made up (23505)" in done.out, "prove", done)
        down = glob.glob(folder + "/migrations/*_third_2.down.sql") + glob.glob(folder + "/migrations/*_third.down.sql")
        for path in down:
            text = open(path).read()
            with open(path, "w") as f:
                f.write(text.replace("ALTER TABLE public.users ALTER COLUMN nick TYPE varchar(20);", "UPDATE public.users SET nick = NULL;\nSELECT public.sneak();"))
        done = pdlc("migrate", "--sum")
        expect(done.code == 0, "--sum", done)
        done = pdlc("prove")
        expect(done.code == 1 and "PDL0742" in done.err and "going back does not lead" in done.err and "rows of public.users" in done.err and
               "public.apart was locked ACCESS EXCLUSIVE, and its statements say no lock" in done.err, "a false way back", done)
        shutil.rmtree(folder + "/migrations")
        make(folder, "whole")
        with open(folder + "/schema.pdl", "a") as f:
            f.write("table by_hand { id int pk }\n")
        make(folder, "hand", "--empty")
        for statement, right in (("INSERT INTO apart VALUES (9)", False), ("CREATE TABLE by_hand (id int PRIMARY KEY)", True)):
            for way, sql in (("up", statement), ("down", "DROP TABLE by_hand" if right else "DELETE FROM apart WHERE id = 9")):
                path = folder + "/migrations/0002_hand.%s.sql" % way
                text = open(path).read().split("\n\n")[0]
                with open(path, "w") as f:
                    f.write(text + "\n\n" + sql + ";\n")
            pdlc("migrate", "--sum")
            done = pdlc("prove")
            expect((done.code == 0) == right and right == ("the files do not come to what state.pdl says" not in done.err),
                   "what is written by hand: " + statement, done)
    finally:
        pdlc("dev", "stop")


# Types and values: there and back these are as they were, whoever runs the files; and these are not.
RETURNING = (
    ("char(5)", "text", "a"), ("char(5)", "varchar", "a"), ("text", "varchar", "a "), ("text", "mood", "not ok"), ("mood", "text", "ok"), ("ints", "word", "{{1,NULL},{3,4}}"),
    ("mood[]", "text[]", "{not ok}"), ("real", "float8", "0.1"), ("float8", "text", "0.30000000000000004"), ("numeric(4,2)", "numeric(6,4)", "1.50"),
    ("numeric", "text", "1.500"), ("bigint", "numeric", "9007199254740993"), ("timestamp", "timestamptz", "2024-03-10 02:30:00"),
    ("timestamptz", "timestamp", "2024-11-03 01:30:00-05"), ("timestamp", "text", "2024-03-04 00:00:00.5"), ("date", "timestamptz", "2024-03-04"),
    ("timestamptz", "text", "2024-11-03 01:30:00-05"), ("time", "timetz", "10:00:00"), ("interval", "text", "1 mon 30 days 24:00:00"), ("jsonb", "json", '{"a": 1.0}'),
    ("json", "text", '{"b":  1, "b":2}'), ("bit(4)", "varbit", "1010"), ("cidr", "inet", "10.0.0.0/24"),
    ("int[]", "text", "[2:3]={1,NULL}"))
REWRITTEN = (("json", "jsonb", '{"b":  1, "b":2}'), ("json[]", "jsonb[]", '{"1.0 "}'), ("text", "pair", "( 1,)"), ("said", "jsonb", "1 "))
TYPES = "target postgres 15\nenum mood { 'not ok', ok }\ntype pair {\n  a text\n  b text\n}\ndomain word text\ndomain said json\ndomain ints int[]\n"


def labels(server, name, conversions, label):
    folder, database = server.folder + "/labels_" + name, server.database("labels_" + name)
    os.mkdir(folder)

    def make_all(which, name):
        with open(folder + "/schema.pdl", "w") as f:
            f.write(TYPES + "table t {\n  id int pk\n%s}\n" % "".join("  c%d %s\n" % (n, c[which]) for n, c in enumerate(conversions)))
        return make(folder, name, "--offline")

    server.psql("postgres", "ALTER DATABASE \"%s\" SET timezone = 'America/New_York'" % database)
    up(server, database, make_all(0, "first"))
    server.query(database, "INSERT INTO t VALUES (1, %s)" % ", ".join("'%s'" % c[2] for c in conversions))
    row = lambda: server.query(database, "SELECT %s FROM t" % ", ".join("c%d::text" % n for n in range(len(conversions)))).split("|")
    before, files = row(), make_all(1, "second")
    expect(re.search("^-- down: %s" % label, open(files[0]).read(), re.M), open(files[0]).read())
    expect("drops" not in open(files[0]).read(), "consent for what nothing refuses")
    up(server, database, files)
    down(server, database, files)
    same = [x == y for x, y in zip(before, row())]
    wrong = [c for c, kept in zip(conversions, same) if kept != (conversions is RETURNING)]
    expect(not wrong, "%s\n%s\n%s" % (wrong, before, row()))


def tests(server):
    yield "migrate prove", lambda: prove(server)
    yield "migrate labels of what returns", lambda: labels(server, "returning", RETURNING, "loss[yl]")
    yield "migrate labels of what is rewritten", lambda: labels(server, "rewritten", REWRITTEN, r"irreversible \(what was in t.c0, t.c1, t.c2, t.c3 is gone\)")
    for path in sorted(glob.glob(CASES + "/*.pdl")):
        yield "migrate round " + os.path.basename(path), lambda path=path: round_trip(server, path)
    for pair in sorted(glob.glob(FOLDER + "/*/")):
        if os.path.exists(pair + "/push_only") or os.path.exists(pair + "/one_way"):
            continue
        pair = pair.rstrip("/")
        yield "migrate " + os.path.basename(pair), lambda pair=pair: there_and_back(server, pair)
        yield "migrate offline " + os.path.basename(pair), lambda pair=pair: there_and_back(server, pair, "--offline")
