"""Recipes for partitioned tables: what they read and build is nobody's lock, and a run that is killed goes on where it was."""
import os
import random
import re
import shutil
import tempfile

from migrate import make, up
from migrations import KILLS, finish, pdlc, start
from pairs import FOLDER
from proxy import FAULTS, Proxy
from server import expect, first_difference

WORK = re.compile(r"DEBUG:  (verifying table|validating foreign key|rewriting table|building index (?!\"pg_toast))")


def project(server, name):
    """The pair's migrations in a folder, and a database as it is before the second one, with rows."""
    server.count += 1
    folder, database = "%s/r%d" % (server.folder, server.count), server.database("recipes_%d" % server.count)
    os.mkdir(folder)
    shutil.copy(FOLDER + "/%s/old.pdl" % name, folder + "/schema.pdl")
    first = make(folder, "first")
    return folder, database, first


def second(folder, name):
    shutil.copy(FOLDER + "/%s/new.pdl" % name, folder + "/schema.pdl")
    return make(folder, "second")


def rows(server, database, name):
    done = server.psql(database, open(FOLDER + "/%s/rows.sql" % name).read())
    expect(done.code == 0, "rows", done)


def nothing_under_lock(server, name):
    """Of the files that are a transaction, only VALIDATE reads rows, and none builds an index."""
    folder, database, first = project(server, name)
    up(server, database, first)
    rows(server, database, name)
    for path in second(folder, name):
        text = open(path).read()
        whole = "-- transaction: yes" in text
        done = server.psql(database, "SET client_min_messages = debug1;\n" * whole + text, options=["-1"] * whole)
        expect(done.code == 0, os.path.basename(path), done)
        expect(not whole or "VALIDATE" in text or not WORK.search(done.err), "%s\n%s\n%s" % (os.path.basename(path), text, done.err))
        expect("-- hazard" not in text.replace("-- hazard: I2", ""), "a hazard of what holds up nobody\n" + text)


def killed(server):
    """At a message of the run, in one way or another; then once more."""
    name = "partition_recipes"
    folder, before, _ = project(server, name)
    expect(pdlc(server, folder, before, "up").code == 0, "the first one")
    rows(server, before, name)
    second(folder, name)

    def run(database, fault=None, at=0):
        server.query("postgres", "CREATE DATABASE %s TEMPLATE %s" % (database, before))
        place = tempfile.mkdtemp(prefix="pdlc-proxy-", dir="/tmp")
        proxy = Proxy(server, place, fault, at) if fault else Proxy(server, place)
        process = start(server, folder, database, url=proxy.url(database))
        proxy.tool = process.pid
        said = finish(process)
        proxy.close()
        shutil.rmtree(place, ignore_errors=True)
        return proxy, said

    proxy, (code, text) = run("recipes_whole")
    expect(code == 0, text)
    reference = server.dump("recipes_whole")
    points = [(fault, at) for fault in FAULTS for at in range(2, proxy.count + 1)]
    for fault, at in random.Random(9).sample(points, min(len(points), max(2, KILLS // 7))):
        _, (code, text) = run("recipes_cut", fault, at)
        again = pdlc(server, folder, "recipes_cut", "up")
        what = "%s at message %d: %s%s" % (fault, at, text, again.text)
        expect(again.code == 0, what)
        invalid = server.query("recipes_cut", "SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        expect(server.dump("recipes_cut") == reference and invalid == "0", what + first_difference(reference, server.dump("recipes_cut")))
        server.query("postgres", "DROP DATABASE recipes_cut WITH (FORCE)")


def tests(server):
    for name in ("partition_proven", "partition_recipes", "partition_index_replaced", "key_replaced", "partition_default"):
        yield "recipes: nothing under lock, " + name, lambda name=name: nothing_under_lock(server, name)
    yield "recipes: killed", lambda: killed(server)
