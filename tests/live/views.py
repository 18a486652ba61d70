"""Views that stay where they only grow, and what they declare, measured against what they have."""
from server import expect

TABLE = "target postgres 15\ntable users {\n  id int pk\n  email text\n  price numeric(12,2)\n}\n"


def write(server, name, text):
    path = "%s/%s.pdl" % (server.folder, name)
    with open(path, "w") as f:
        f.write(TABLE + text)
    return path


def stays(server):
    """What somebody else put on a view is not in the way of its growing, but of its shrinking."""
    database = server.database("view_stays")
    push = server.pdlc("push", write(server, "stays", "view v $$ select id from users $$\n"), database)
    expect(push.code == 0, "push", push)
    server.query(database, "CREATE SCHEMA others; CREATE VIEW others.on_it AS SELECT id FROM v")
    grown = write(server, "grown", "view v $$ select id, email as mail from users where id > 0 $$\n")
    push = server.pdlc("push", grown, database)
    expect(push.code == 0, "a view that grows", push)
    expect(server.pdlc("diff", grown, database).code == 0, "drift")
    push = server.pdlc("push", write(server, "shrunk", "view v $$ select email as mail from users $$\n"), database)
    expect(push.code == 1 and "PDL0711" in push.err, "a view that shrinks", push)


def declared(server):
    database = server.database("view_declared")
    wrong = write(server, "wrong", "view v (id bigint, p numeric, e text?) $$ select id, price, email from users $$\n")
    before = server.catalogs(database)
    push = server.pdlc("push", wrong, database)
    expect(push.code == 1 and ':7:12: error[PDL0712]: column "id" of view "v" is of type integer, declared is bigint' in push.err,
           "another type", push)
    expect(server.catalogs(database) == before, "something was done")
    right = write(server, "right", "view v (id int, p numeric, e text?) $$ select id, price, email from users $$\n")
    expect(server.pdlc("push", right, database).code == 0, "push")
    for verb in ("push", "diff"):
        said = server.pdlc(verb, wrong, database)
        expect(said.code == 1 and "PDL0712" in said.err, verb + " where the view stands", said)
    few = write(server, "few", "view v (id int, p numeric) $$ select id, price, email from users $$\n")
    said = server.pdlc("push", few, database)
    expect(said.code == 1 and '"v" has 3 columns, declared are 2' in said.err, "too few", said)
    pull = server.pdlc("pull", None, database)
    expect("view v (id int?, p numeric(12,2)?, e text?)" in pull.out, "pull fills columns in", pull)


def tests(server):
    yield "views that grow stay", lambda: stays(server)
    yield "views have what they declare", lambda: declared(server)
