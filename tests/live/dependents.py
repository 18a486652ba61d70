"""What only the database has and needs what a push changes: it is named, and nothing is done."""
import os
import tempfile

from server import expect

OLD = """target postgres 15
table notes { id int pk
 size int
 text text }
view sizes $$ select id, size from notes $$
"""
NEW = OLD.replace("size int", "size bigint").replace(" text text }", " }")
OUTSIDE = "CREATE SCHEMA others; "

# (what is made by hand, what must be said)
STRANGERS = [
    ("CREATE VIEW others.v AS SELECT size FROM public.notes", ["view others.v", "column notes.size", "changes its type"]),
    ("CREATE VIEW others.v AS SELECT * FROM public.sizes", ["view others.v", "view sizes", "is made anew"]),
    ("CREATE VIEW others.v AS SELECT text FROM public.notes", ["view others.v", "column notes.text", "is dropped"]),
    ("CREATE FUNCTION others.f() RETURNS SETOF public.sizes LANGUAGE sql AS 'SELECT * FROM public.sizes'", ["function others.f()", "view sizes"]),
]


def refused(server, folder, number):
    made, parts = STRANGERS[number]
    database = server.database("strangers_%d" % number)
    old, new = folder + "/old.pdl", folder + "/new.pdl"
    expect(server.pdlc("push", old, database).code == 0, "push")
    server.query(database, OUTSIDE + made)
    before = server.dump(database)
    done = server.pdlc("push", new, database, "--drop", "notes.text")
    expect(done.code == 1 and "PDL0711" in done.err and all(part in done.err for part in parts), "refusal", done)
    expect(server.dump(database) == before, "a refused push changed the database")
    server.query(database, "DROP SCHEMA others CASCADE")
    done = server.pdlc("push", new, database, "--drop", "notes.text")
    expect(done.code == 0, "push when it is gone", done)


def tests(server):
    folder = tempfile.mkdtemp(dir=server.folder)
    os.chmod(folder, 0o755)
    for name, text in (("old", OLD), ("new", NEW)):
        with open("%s/%s.pdl" % (folder, name), "w") as f:
            f.write(text)
    for number, (made, _) in enumerate(STRANGERS):
        yield "stranger: " + made, lambda number=number: refused(server, folder, number)
