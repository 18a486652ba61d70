"""A writer and a reader at work on a large table while it is changed online: nobody waits longer than lock_timeout lets them."""
import glob
import os
import random
import re
import socket
import struct
import threading
import time

from pairs import consents
from server import ENVIRONMENT, PDLC, expect, run

ROWS = int(os.environ.get("PDLC_LOAD_ROWS", "20000"))
LOCK_TIMEOUT, GRACE = 1.0, 0.05


class Session:
    """A connection that times its statements. Speaks the protocol itself: one process more would be one to wait for."""

    def __init__(self, server, database):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect("%s/.s.PGSQL.%d" % (server.folder, server.port))
        words = b"user\0postgres\0database\0%s\0application_name\0load\0\0" % database.encode()
        self.socket.sendall(struct.pack("!II", len(words) + 8, 196608) + words)
        self.answer()

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError("the server went away")
            data += more
        return data

    def answer(self):
        """Up to ReadyForQuery; the message of an error."""
        error = None
        while True:
            kind, size = struct.unpack("!cI", self.read(5))
            body = self.read(size - 4)
            if kind == b"E":
                error = dict((f[:1], f[1:].decode(errors="replace")) for f in body.split(b"\0") if f)[b"M"]
            if kind == b"Z":
                return error

    def run(self, sql):
        """Seconds that it took."""
        text = sql.encode() + b"\0"
        started = time.monotonic()
        self.socket.sendall(b"Q" + struct.pack("!I", len(text) + 4) + text)
        error = self.answer()
        taken = time.monotonic() - started
        expect(error is None, "%s: %s" % (sql, error))
        return taken


class Worker(threading.Thread):
    """Runs statements that `make` gives, one after the other, and keeps the longest."""

    def __init__(self, server, database, make, pause=0.002):
        super().__init__(daemon=True)
        self.session, self.make, self.pause = Session(server, database), make, pause
        self.longest, self.at, self.count, self.failed, self.over = 0.0, "", 0, None, threading.Event()
        self.start()

    def run(self):
        try:
            while not self.over.is_set():
                sql = self.make()
                taken = self.session.run(sql)
                self.count += 1
                if taken > self.longest:
                    self.longest, self.at = taken, sql
                time.sleep(self.pause)
        except Exception as failed:  # told by whoever waits
            self.failed = failed

    def forget(self):
        self.longest, self.at = 0.0, ""

    def end(self):
        self.over.set()
        self.join(30)


SCHEMA = """target postgres %d
enum mood { sad, ok }
table owners {
  id int pk
}
table busy {
  id int identity pk
  owner_id int?
  n int
  name varchar(20)?
  mood mood = 'ok'
  at timestamptz = now() touch
  index (n) name busy_n_old
}
"""

# What changes, and how.
RECIPES = [
    ("index", "  index (n) name busy_n_old\n", "  index (n) name busy_n_old\n  index (name, n)\n"),
    ("an index goes", "  index (n) name busy_n_old\n", ""),
    ("not null", "owner_id int?", "owner_id int"),
    ("foreign key", "owner_id int", "owner_id int -> owners"),
    ("check", "n int\n", "n int check (n >= 0)\n"),
    ("type, no rewrite", "varchar(20)?", "text?"),
    ("backfill", "  mood mood", "  twice int = 0 backfill (n * 2)\n  mood mood"),
    ("volatile default", "  mood mood", "  token uuid = gen_random_uuid()\n  mood mood"),
    ("constant default", "  mood mood", "  flags int = 0\n  mood mood"),
    ("label of an enum, used", "{ sad, ok }\n", "{ sad, ok, fine }\n"),
    ("default, label", "= 'ok'", "= 'fine'"),
    ("unique", "  token uuid = gen_random_uuid()", "  token uuid = gen_random_uuid() unique"),
    ("column goes", "  flags int = 0\n", ""),
    ("new table that refers to it", "table busy", "table parts {\n  id int pk\n  busy_id -> busy index\n}\ntable busy"),
]


# Of a parted table, by the numbers of its rows: the last partition comes from outside.
FAMILY = """target postgres %d
table owners {
  id int pk
}
table busy {
  id int
  owner_id int
  n int
  name text?
  index (n) name busy_n
  pk (id)
  partition by range (id)
}
partition busy_1 of busy for values from (minvalue) to (%d)
partition busy_2 of busy for values from (%d) to (%d)
table later {
  id int pk
  owner_id int
  n int
  name text?
}
"""
FAMILY_RECIPES = [
    ("index", "  index (n) name busy_n\n", "  index (n) name busy_n\n  index (name, n)\n"),
    ("index replaced", "index (n) name busy_n", "index (n desc, id) name busy_n"),
    ("foreign key", "owner_id int\n  n int\n  name text?\n  index", "owner_id int -> owners\n  n int\n  name text?\n  index"),
    ("unique", "  pk (id)\n", "  pk (id)\n  unique (id, n)\n"),
    ("not null", "  n int\n  name text?\n  index", "  n int\n  name text backfill ('none')\n  index"),
    ("an index goes", "  index (name, n)\n", ""),
    ("attach", "table later {\n  id int pk\n  owner_id int\n  n int\n  name text?\n}\n", "partition later of busy for values from (%d) to (maxvalue)\n"),
    ("detach", "partition later of busy for values from (%d) to (maxvalue)\n", "table later {\n  id int pk\n  owner_id int -> owners\n  n int\n  name text\n"
     "  index (n desc, id)\n  unique (id, n)\n}\n"),
]


def pdlc(server, folder, database, verb, *options):
    return run([PDLC, verb, *(["--db", server.url(database)] if verb != "migrate" else []), *options], folder=folder,
               environment=dict(ENVIRONMENT, SOURCE_DATE_EPOCH="1700000000"))


def migrate(server, folder, text, name):
    with open(folder + "/schema.pdl", "w") as f:
        f.write(text)
    done = pdlc(server, folder, None, "migrate", name)
    if done.code == 1 and "PDL0710" in done.err:
        done = pdlc(server, folder, None, "migrate", name, *consents(re.search(r"To consent, add (.*)", done.err)[1]))
    expect(done.code == 0, "migrate " + name, done)


def prepare(server, name, schema, bounds):
    folder, database = "%s/%s" % (server.folder, name), server.database(name)
    os.mkdir(folder)
    text = schema % (min(int(server.query(database, "SHOW server_version_num")) // 10000, 18), *bounds)
    migrate(server, folder, text, "first")
    expect(pdlc(server, folder, database, "up").code == 0, "up")
    server.query(database, "INSERT INTO owners SELECT generate_series(1, 100);"
                 "INSERT INTO busy (%sowner_id, n, name) SELECT %s1 + g %% 100, g, 'name ' || g FROM generate_series(1, %d) g"
                 % (("id, ", "g, ", ROWS) if bounds else ("", "", ROWS)))
    return folder, database, text


def under_load(server, name, schema, recipes, bounds=()):
    """Every recipe; beside writer and reader a third session reads in a transaction that is longer than lock_timeout now and then, and a
    fourth does nothing of consequence: as long as that takes, the machine was busy otherwise."""
    folder, database, text = prepare(server, name, schema, bounds)
    pick = lambda: random.randint(1, ROWS)
    insert = "INSERT INTO busy (%sowner_id, n, name) VALUES (%s%d, %d, 'new')" + " ON CONFLICT DO NOTHING" * bool(bounds)
    writes = [lambda: "UPDATE busy SET n = n + 1 WHERE id = %d" % pick(), lambda: "DELETE FROM busy WHERE id = %d" % pick(),
              lambda: insert % (*(("id, ", "%d, " % pick()) if bounds else ("", "")), 1 + pick() % 100, pick())]
    workers = {"writer": Worker(server, database, lambda: random.choice(writes)()),
               "reader": Worker(server, database, lambda: "SELECT count(*), max(name) FROM busy WHERE id BETWEEN %d AND %d + 100" % ((pick(),) * 2)),
               "idler": Worker(server, database, lambda: "SELECT 1")}
    longest = 0.0
    try:
        for number, (what, old, new) in enumerate(recipes):
            old, new = (part % bounds[-1:] if "%d" in part else part for part in (old, new))
            expect(text.count(old) == 1, "%s: no place for it" % what)
            text = text.replace(old, new)
            migrate(server, folder, text, "step_%d" % number)
            for worker in workers.values():
                worker.forget()
            holder = Worker(server, database, lambda: "BEGIN; SELECT 1 FROM busy LIMIT 1; SELECT pg_sleep(1.3); COMMIT", pause=1.5) if number % 4 == 1 else None
            done = pdlc(server, folder, database, "up", "--lock-timeout", "%dms" % (LOCK_TIMEOUT * 1000))
            if holder:
                holder.end()
            expect(done.code == 0, "up: " + what, done)
            noise = workers["idler"].longest
            for name in ("writer", "reader"):
                worker = workers[name]
                expect(worker.failed is None, "%s, while %s: %s" % (name, what, worker.failed))
                expect(worker.longest <= LOCK_TIMEOUT + GRACE + noise, "%s, while %s: waited %.0f ms (a statement of no consequence: %.0f ms) for %s"
                       % (name, what, worker.longest * 1000, noise * 1000, worker.at))
                longest = max(longest, worker.longest)
            print("   %-28s longest wait of the writer %4.0f ms, of the reader %4.0f ms, of an idler %4.0f ms" %
                  (what, workers["writer"].longest * 1000, workers["reader"].longest * 1000, noise * 1000), flush=True)
    finally:
        for worker in workers.values():
            worker.end()
    done = run([PDLC, "diff", "--file", folder + "/schema.pdl", "--db", server.url(database)])
    expect(done.code == 0, "diff afterwards", done)
    print("   %d rows, %d writes, %d reads, %d files; the longest wait was %.0f ms, lock_timeout is %.0f ms" % (
        ROWS, workers["writer"].count, workers["reader"].count, len(glob.glob(folder + "/migrations/*.up.sql")), longest * 1000, LOCK_TIMEOUT * 1000), flush=True)


def tests(server):
    yield "load", lambda: under_load(server, "load", SCHEMA, RECIPES)
    half = ROWS // 2
    yield "load of a family", lambda: under_load(server, "load_family", FAMILY, FAMILY_RECIPES, (half, half, ROWS + 1))
