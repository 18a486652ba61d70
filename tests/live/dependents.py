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


ROWS = "target postgres 15\ntable a { id int pk\n x int }\ntype part { first a[] }\ntable b { id int pk\n held part? }\n"


def rows_refused(server, folder):
    database = server.database("rows_in_rows")
    for text in (ROWS, ROWS.replace("x int", "x bigint")):
        with open(folder + "/rows.pdl", "w") as f:
            f.write(text)
        done = server.pdlc("push", folder + "/rows.pdl", database)
    expect(done.code == 1 and "rows.pdl:6:2: error[PDL0711]: column b.held holds rows of table a, whose columns change" in done.err, "refusal", done)


def tests(server):
    folder = tempfile.mkdtemp(dir=server.folder)
    os.chmod(folder, 0o755)
    for name, text in (("old", OLD), ("new", NEW)):
        with open("%s/%s.pdl" % (folder, name), "w") as f:
            f.write(text)
    for number, (made, _) in enumerate(STRANGERS):
        yield "stranger: " + made, lambda number=number: refused(server, folder, number)
    yield "stranger: rows in rows", lambda: rows_refused(server, folder)
