"""Pairs of schemas made by chance, as seeded.py tries them, through files of migrations: up leads to the catalogs of a push, down to
those before, up again to the same, and down of all of them to nothing."""
import glob
import os
import re
import shutil

import worlds
from catalogs import EMPTY
from pairs import consents
from seeded import FIRST, WORKERS, Failed, Worker, said
from server import ENVIRONMENT, PDLC, run

TRIES = int(os.environ.get("PDLC_MIGRATION_PAIRS", "6"))


class Migrator(Worker):
    def ask(self, stage, path):
        text = open(path).read()
        whole = re.search(r"^-- transaction: yes$", text, re.M)
        answer = self.moved.ask("BEGIN;\n%s\nCOMMIT;" % text if whole else text)
        wrong = [line for line in answer if line.startswith(("ERROR:", "FATAL:", "PANIC:"))]
        if wrong:
            raise Failed(stage, "%s\n%s\n%s" % (wrong[0], os.path.basename(path), text))

    def run_files(self, stage, files, up):
        for path in files if up else reversed(files):
            self.ask(stage, path if up else path.replace(".up.sql", ".down.sql"))

    def migrate(self, folder, name, text, options):
        with open(folder + "/schema.pdl", "w") as f:
            f.write(text)
        before = set(glob.glob(folder + "/migrations/*.up.sql"))
        environment = dict(ENVIRONMENT, SOURCE_DATE_EPOCH="1700000000")
        done = run([PDLC, "migrate", name, *options], folder=folder, environment=environment)
        for refusal in ("PDL0739", "PDL0710"):
            if done.code == 1 and refusal in done.err:
                flags = [f for line in re.findall(r"(?:To consent, add|consent to its loss:)(.*)", done.err) for f in consents(line)]
                options = (*options, *flags)
                done = run([PDLC, "migrate", name, *options], folder=folder, environment=environment)
        if done.code != 0:
            raise Failed("migrate " + name, said(done))
        return sorted(set(glob.glob(folder + "/migrations/*.up.sql")) - before)

    def attempt(self, old, new):
        old, new, _ = worlds.texts(old, new)
        folder = self.folder + "/project"
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        self.moved.ask(EMPTY)
        self.fresh.ask(EMPTY)
        empty = self.moved.catalog()
        options = ("--offline",) if hash_of(old) % 4 == 0 else ()
        first = self.migrate(folder, "first", old, options)
        self.run_files("first up", first, True)
        before = self.moved.catalog()
        with open(self.folder + "/new.pdl", "w") as f:
            f.write(new)
        self.push("fresh new", "new", self.fresh.database)
        wanted = self.fresh.catalog()
        second = self.migrate(folder, "second", new, options)
        self.run_files("up", second, True)
        self.same("up", wanted)
        if self.migrate(folder, "third", new, options):
            raise Failed("third", "a migration is left over")
        self.run_files("down", second, False)
        self.same("down", before)
        self.run_files("up again", second, True)
        self.same("up again", wanted)
        self.run_files("down again", second, False)
        self.run_files("first down", first, False)
        self.same("first down", empty)


def hash_of(text):
    """Of the text alone: shrinking keeps most of what it comes to."""
    return sum(text.encode())


def attempt(server, number):
    worker = Migrator(server, number + WORKERS)
    try:
        worker.run(range(FIRST + number, FIRST + TRIES, WORKERS))
    finally:
        worker.close()


def tests(server):
    for number in range(WORKERS):
        yield "seeded migrations %d of %d" % (number + 1, WORKERS), lambda number=number: attempt(server, number)
