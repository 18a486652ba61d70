"""What push makes, diff calls the same, and psql makes from the printed SQL, down to the dump."""
import glob
import os

from server import expect, first_difference

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")


def fixpoint(server, path):
    name = os.path.basename(path)[:-len(".pdl")]
    pushed, plain = server.database("a_" + name), server.database("b_" + name)
    push = server.pdlc("push", path, pushed)
    expect(push.code == 0, "push", push)
    diff = server.pdlc("diff", path, pushed)
    expect(diff.code == 0, "false drift after push", diff)
    before = server.catalogs(pushed)
    again = server.pdlc("push", path, pushed)
    expect(again.code == 0 and "already has all" in again.out, "second push", again)
    expect(server.catalogs(pushed) == before, "the second push changed the database")
    before = server.catalogs(plain)
    printed = server.pdlc("push", path, plain, "--dry-run")
    expect(printed.code == 0, "push --dry-run", printed)
    expect(server.catalogs(plain) == before, "--dry-run changed the database")
    if "target supabase" in open(path).read():  # where every database has this path
        server.query(plain, 'ALTER DATABASE "%s" SET search_path = "$user", public, extensions' % plain)
    made = server.psql(plain, printed.out, options=["-1"])
    expect(made.code == 0, "psql on the printed SQL", made)
    ours, theirs = server.dump(pushed), server.dump(plain)
    expect(ours == theirs, "dumps differ: " + first_difference(ours, theirs))
    diff = server.pdlc("diff", path, plain)
    expect(diff.code == 0, "false drift after psql", diff)


def keywords(server):
    """Every word that SQL has, as a table, a column, a constraint and an index."""
    words = server.query("postgres", "SELECT word FROM pg_get_keywords() ORDER BY word").split("\n")
    path = server.folder + "/keywords.pdl"
    with open(path, "w") as f:
        f.write("target postgres 15\nschema names\n")
        for word in words:
            f.write('table names."%s" {\n  "%s" int check "%s" ("%s" > 0)\n}\n' % (word, word, word, word))
        f.write("table every {\n")
        f.write("".join('  "%s" text = \'%s\' index name "%s"\n' % (word, word, word) for word in words[:300]))
        f.write("  unique (%s) name wide\n}\n" % ", ".join('"%s"' % word for word in words[:32]))
    fixpoint(server, path)


def tests(server):
    yield "fixpoint of all keywords", lambda: keywords(server)
    for path in sorted(glob.glob(FOLDER + "/*.pdl")):
        yield "fixpoint " + os.path.basename(path), lambda path=path: fixpoint(server, path)
