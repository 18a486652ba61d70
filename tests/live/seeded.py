"""Pairs of schemas made by chance (worlds.py), from one to the other and back: push, no difference, and the catalogs are those
of a fresh push. PDLC_PAIRS says how many, PDLC_SEED which is first. What fails is made small and printed with its seed."""
import os
import random
import re

import rows
import worlds
from catalogs import EMPTY, Session
from chance import OWNERS, ROLES
from pairs import consents
from server import PDLC, expect, run

PAIRS, FIRST = int(os.environ.get("PDLC_PAIRS", "24")), int(os.environ.get("PDLC_SEED", "1"))
WORKERS, FAILURES = 3, 3
LEGS = [["by files"], ["pulled"], ["by files"], []]  # beside the pushes


class Failed(Exception):
    def __init__(self, stage, why):
        super().__init__("%s: %s" % (stage, why))
        self.stage = (stage, *re.findall(r"PDL\d+|\([0-9A-Z]{5}\)$", why, re.M)[:2])


def said(done):
    lines = (done.out + done.err).splitlines()
    return "\n".join([line for line in lines if "error[" in line] or [line for line in lines if "warning[" not in line])[:1500]


class Worker:
    def __init__(self, server, number):
        self.server = server
        self.folder = "%s/seeded%d" % (server.folder, number)
        os.mkdir(self.folder)
        os.chmod(self.folder, 0o755)
        self.legs = None
        self.moved, self.fresh = Session(server, "moved%d" % number), Session(server, "fresh%d" % number)
        self.version = int(self.moved.ask("SHOW server_version_num;")[0]) // 10000
        for role in ROLES + OWNERS:
            self.moved.ask("DO $$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object OR unique_violation THEN END $$;" % role)

    def path(self, name):
        return "%s/%s.pdl" % (self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def push(self, stage, name, database):
        path = self.path(name)
        done = self.server.pdlc("push", path, database)
        if done.code != 0 and "PDL0710" in done.err:
            done = self.server.pdlc("push", path, database, *consents(re.search(r"To consent, add (.*)", done.err)[1]))
        if done.code != 0:
            raise Failed(stage, said(done))

    def no_difference(self, stage, name, database):
        diff = self.server.pdlc("diff", self.path(name), database)
        if diff.code != 0:
            raise Failed(stage + ", diff", said(diff))

    def same(self, stage, wanted, session=None):
        got = (session or self.moved).catalog()
        if got != wanted:
            only = ["only moved: " + x for x in got if x not in set(wanted)] + ["only fresh: " + x for x in wanted if x not in set(got)]
            raise Failed(stage + ", catalogs", "\n".join(only[:12]))

    def attempt(self, old, new):
        old, new, back = worlds.settled(old, new)
        for name, world in (("old", old), ("new", new), ("back", back)):
            self.write(name, worlds.older(worlds.show(world), self.version))
        self.moved.ask(EMPTY)
        self.fresh.ask(EMPTY)
        self.push("fresh old", "old", self.moved.database)
        before = self.moved.catalog()
        self.push("fresh new", "new", self.fresh.database)
        wanted = self.fresh.catalog()
        self.with_rows(old, new)
        self.same("to new", wanted)
        self.no_difference("to new", "new", self.moved.database)
        self.push_over_rows("back", "back", new, old)
        self.same("back", before)
        self.no_difference("back", "back", self.moved.database)
        if self.tries("by files"):
            self.by_files(before, wanted)
        if self.tries("pulled"):
            self.pulled(wanted)

    def push_over_rows(self, stage, name, standing, coming):
        """Whether they stay. What rows do not allow is refused, and allowed without them."""
        try:
            self.push(stage, name, self.moved.database)
        except Failed as failed:
            if not re.search(r"\(2[23][0-9A-Z]{3}\)$", str(failed), re.M):
                raise
            for world in (standing, coming):  # renames may be done, where what follows them had to wait
                for statement in rows.truncations(world):
                    self.moved.ask(worlds.named(world, statement))
            self.push(stage, name, self.moved.database)
            return False
        return True

    def with_rows(self, old, new):
        """The rows that are neither dropped nor changed stay."""
        self.moved.ask(worlds.named(old, rows.inserts(old)))
        one, other = rows.survivors(old, new)
        held = self.moved.ask(worlds.named(old, one))
        if not self.push_over_rows("to new", "new", old, new):
            return
        left = self.moved.ask(worlds.named(new, other))
        if held != left:
            raise Failed("to new, rows", "%s\n%s" % (held, left))

    def by_files(self, before, wanted):
        """No database is asked: the same by the statements that lead from file to file."""
        self.write("empty", worlds.older("target postgres 15\n", self.version))
        self.moved.ask(EMPTY)
        for name, other, catalog in (("empty", "old", before), ("old", "new", wanted), ("new", "back", before)):
            stage = "by files to " + other
            done = run([PDLC, "diff", self.path(name), self.path(other), "--sql"])
            if done.code not in (0, 2):
                raise Failed(stage, said(done))
            wrong = [line for line in self.moved.ask(done.out + "\nRESET search_path; RESET check_function_bodies;") if line.startswith("ERROR:")]
            if wrong:
                raise Failed(stage, "%s\n%s" % (wrong[0], done.out))
            self.same(stage, catalog)

    def pulled(self, wanted):
        """What is pulled of it makes the same."""
        done = run([PDLC, "pull", "--owners", "--db", self.server.url(self.fresh.database)])
        if done.code != 0:
            raise Failed("pull", said(done))
        self.write("pulled", done.out)
        self.moved.ask(EMPTY)
        self.push("pulled", "pulled", self.moved.database)
        self.same("pulled", wanted)
        self.no_difference("pulled", "pulled", self.fresh.database)

    def stage_of(self, old, new):
        try:
            self.attempt(old, new)
        except Failed as failed:
            # Postgres alters no rows that are values, nor published ones that nothing identifies
            return None if re.search("holds rows of|does not have a replica identity", str(failed)) else failed
        return None

    def tries(self, leg):
        """Not every pair goes every way; what is made smaller goes all of them."""
        return self.legs is None or leg in self.legs

    def shrink(self, old, new, failed):
        """Leaves out what it fails without, until nothing more can go."""
        again, tries, self.legs = True, 160, None
        while again and tries > 0:
            again = False
            for thing in sorted({*worlds.things(old), *worlds.things(new)}):
                less = [worlds.without(world, thing) for world in (old, new)]
                for a, b in ((less[0], less[1]), (old, less[1]), (less[0], new)):
                    if (a, b) == (old, new):
                        continue
                    tries -= 1
                    still = self.stage_of(a, b) if tries > 0 else None
                    if still and still.stage == failed.stage:
                        old, new, failed, again = a, b, still, True
                        break
        return old, new, failed

    def run(self, seeds):
        found = []
        for seed in seeds:
            chance = worlds.Chance(random.Random(seed))
            old = worlds.make(chance)
            new = worlds.change(chance, old)
            self.legs = LEGS[seed % len(LEGS)]
            failed = self.stage_of(old, new)
            if failed:
                old, new, failed = self.shrink(old, new, failed)
                found.append("seed %d, %s\n== old\n%s== new\n%s" % ((seed, failed) + worlds.texts(old, new)[:2]))
            if len(found) == FAILURES:
                break
        expect(not found, "\n".join(found))

    def close(self):
        self.moved.close()
        self.fresh.close()


def attempt(server, number):
    worker = Worker(server, number)
    try:
        worker.run(range(FIRST + number, FIRST + PAIRS, WORKERS))
    finally:
        worker.close()


def tests(server):
    for number in range(WORKERS):
        yield "seeded pairs %d of %d" % (number + 1, WORKERS), lambda number=number: attempt(server, number)
