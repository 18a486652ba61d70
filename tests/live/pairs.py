"""From one schema to another and back: what push alters ends as what push makes from nothing, and rows stay.

pairs/NAME holds old.pdl and new.pdl; rows.sql is run on the old schema, after.sql asserts on the new one. push_only and
migrate_only keep a pair from the tests of the other way, one_way from those of going back, where Postgres keeps a trace of
what was that no statement takes away."""
import glob
import itertools
import os
import re
import shlex

from catalogs import ROWS
from server import expect, first_difference

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pairs")


def plain(dump):
    """The dump less the order of columns, attributes and constraints within a statement, and of grants."""
    out, body = [], None
    for line in ROWS.sub(r"\1", dump).splitlines():
        if body is not None:
            if line.startswith(")"):
                out += sorted(body) + [line]
                body = None
            else:
                body.append(line.rstrip(","))
        else:
            out.append(line)
            if re.match(r"CREATE (UNLOGGED )?TABLE .* \($|CREATE TYPE .* AS \($", line):
                body = []
    runs = itertools.groupby(out, key=lambda line: line.startswith(("GRANT ", "REVOKE ")))
    return "\n".join(line for grants, run in runs for line in (sorted(run) if grants else run))


def consents(refusal):
    return shlex.split(refusal)


def move(server, database, path):
    """push, first without consent: where it is refused nothing may have changed. Returns whether it was."""
    before = server.dump(database)
    done = server.pdlc("push", path, database)
    refused = done.code != 0 and "PDL0710" in done.err
    if refused:
        expect(server.dump(database) == before, "a refused push changed the database")
        flags = consents(re.search(r"To consent, add (.*)", done.err)[1])
        done = server.pdlc("push", path, database, *flags)
    expect(done.code == 0, "push " + os.path.basename(path), done)
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "drift after push " + os.path.basename(path), diff)
    return refused


def fresh(server, database, path):
    made = server.pdlc("push", path, server.database(database))
    expect(made.code == 0, "push on an empty database", made)
    return plain(server.dump(database))


def same(server, database, wanted, what):
    got = plain(server.dump(database))
    expect(got == wanted, what + ": " + first_difference(got, wanted))


def pair(server, folder):
    name = os.path.basename(folder)
    old, new = folder + "/old.pdl", folder + "/new.pdl"
    refused = os.path.exists(folder + "/refused")
    moved = "pair_" + name
    old_dump, new_dump = fresh(server, moved, old), fresh(server, "new_" + name, new)

    def script(file):
        if os.path.exists(folder + "/" + file):
            done = server.psql(moved, open(folder + "/" + file).read())
            expect(done.code == 0, file, done)

    script("rows.sql")
    expect(move(server, moved, new) == refused, "consent was %sasked for" % ("not " if refused else ""))
    same(server, moved, new_dump, "old to new differs from new")
    script("after.sql")
    if os.path.exists(folder + "/one_way"):
        return
    move(server, moved, old)
    same(server, moved, old_dump, "new to old differs from old")


def tests(server):
    for folder in sorted(glob.glob(FOLDER + "/*/")):
        folder = folder.rstrip("/")
        if os.path.exists(folder + "/migrate_only"):
            continue
        yield "pair " + os.path.basename(folder), lambda folder=folder: pair(server, folder)
