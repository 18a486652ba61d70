"""Chains of schemas made by chance (worlds.py), through files of migrations in one folder: each step up, down and up again over rows,
which stay wherever the header says so, and nowhere else; in the end all of them down to nothing. PDLC_STEPS says how many, PDLC_SEED
which chain is the first, PDLC_BETWEEN=1 that the places between two files are compared, too; some go by the verbs up and down,
some by psql alone, some are proven. What fails is made small and printed."""
import copy
import glob
import itertools
import json
import os
import random
import re
import shutil

import otherworlds
import worlds
from catalogs import EMPTY
from pairs import consents
from seeded import FAILURES, FIRST, WORKERS, Failed, Worker, said
from server import ENVIRONMENT, PDLC, expect, run

STEPS = int(os.environ.get("PDLC_STEPS", "24"))
LENGTHS = (1, 2, 3, 4, 5, 6)  # of chains, in steps

# Rows in each table, of values that most constraints let in, the third of nulls; a row that cannot be is left out.
FILL = r"""
DO $do$ DECLARE t record; cols text; vals text; n int; BEGIN
FOR t IN SELECT c.oid FROM pg_class c WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace <> pg_my_temp_schema()
  AND NOT c.oid = ANY (:but) AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid AND inhrelid = ANY (:but)) ORDER BY c.oid LOOP
FOR n IN 1..:many LOOP
SELECT string_agg(quote_ident(a.attname), ', '), string_agg(CASE
  WHEN n = 3 AND NOT a.attnotnull THEN 'NULL'
  WHEN a.attname = 'k' THEN quote_literal(10 * n)
  WHEN b.typtype = 'e' THEN (SELECT quote_literal(enumlabel) FROM pg_enum WHERE enumtypid = b.oid ORDER BY enumsortorder LIMIT 1)
  WHEN b.typtype = 'c' THEN quote_literal('(' || repeat(',', (SELECT relnatts FROM pg_class WHERE oid = b.typrelid) - 1) || ')')
  WHEN b.typcategory = 'N' THEN quote_literal(n)
  WHEN b.typcategory = 'S' THEN quote_literal('v' || n)
  WHEN b.typcategory = 'D' THEN quote_literal('2020-01-0' || n)
  WHEN b.typcategory = 'B' THEN quote_literal('true')
  WHEN b.typcategory = 'A' THEN quote_literal('{}')
  WHEN b.typcategory = 'R' THEN quote_literal('empty')
  WHEN b.typname = 'uuid' THEN quote_literal('00000000-0000-0000-0000-00000000000' || n)
  WHEN b.typname = 'bytea' THEN quote_literal('\x0' || n)
  ELSE quote_literal('{"n": ' || n || '}') END, ', ') INTO cols, vals
  FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid JOIN pg_type b ON b.oid = CASE y.typtype WHEN 'd' THEN y.typbasetype ELSE y.oid END
  WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
BEGIN EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', t.oid::regclass, cols, vals); EXCEPTION WHEN OTHERS THEN NULL; END;
END LOOP; END LOOP; END $do$;
"""
# A line of JSON for each table: its rows, and what its columns are of but those whose values others make.
ROWS = r"""
SELECT json_build_object('oid', c.oid::text, 'above', (WITH RECURSIVE up AS (SELECT inhparent FROM pg_inherits
  WHERE inhrelid = c.oid UNION SELECT i.inhparent FROM pg_inherits i JOIN up ON i.inhrelid = up.inhparent) SELECT json_agg(inhparent::text) FROM up), 'path', CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, 'rows', pg_temp.rows_of(c.oid::regclass),
  'columns', (SELECT json_object_agg(a.attnum, a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
  'types', (SELECT json_object_agg(a.attname, CASE tn.nspname WHEN 'public' THEN '' ELSE tn.nspname || '.' END || coalesce(e.typname, t.typname))
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND t.oid >= 16384),
  'formats', (SELECT json_object_agg(a.attnum, format_type(a.atttypid, a.atttypmod)) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' ORDER BY 1::text COLLATE "C";
"""
ROWS_OF = r"""
CREATE FUNCTION pg_temp.rows_of(t regclass) RETURNS jsonb LANGUAGE plpgsql AS $f$ DECLARE r jsonb; BEGIN
EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY to_jsonb(x)), ''[]'') FROM ONLY %s x', t) INTO r; RETURN r; END $f$;
"""


# Comments, and what DETACH CONCURRENTLY says of the rows of a partition.
STAYING = re.compile("comment |constraint .*_(id|k)_check[0-9]* CHECK")


def takes_parts_along(ups):
    """An index, or a foreign key, of what is parted goes back whole: what its partitions had before it took theirs over goes along."""
    texts = [open(path).read() for path in ups]
    return any(" ATTACH PARTITION " in text and "ALTER INDEX" in text for text in texts) or any("NOT VALID" in text and "FOREIGN KEY" in text for text in texts)


def hash_of(text):
    return sum(text.encode())


def settled(chain):
    """Each world speaks of the owners that the ones beside it speak of: nobody knows what was left open."""
    chain = copy.deepcopy(chain)
    for one, other in [*zip(chain, chain[1:]), *zip(chain[::-1], chain[-2::-1])]:
        otherworlds.settle(other, one)
    return chain


class NotOverRows(Exception):
    """What the rows do not allow, whatever a migration says."""


class Lost:
    """What going back by these files loses, as their headers say: paths of tables, columns, types, labels; or nobody knows."""

    def __init__(self, ups):
        self.paths, self.filled, self.unknown, self.lossless = [], [], False, True
        for path in ups:
            head = open(path, encoding="utf-8", errors="surrogateescape").read().split("\n\n", 1)[0]
            label, text = re.search(r"^-- down: (\S+)(.*)$", head, re.M).groups()
            self.lossless &= label == "lossless"
            text = re.sub(r"(?:\\x[0-9a-f]{2})+", lambda m: bytes.fromhex(m[0].replace("\\x", "")).decode(), text)
            named = re.findall(r"[(;] ?what (?:was|is|was null) in (.*?)(?: and \d+ more)? (is gone|goes|stays filled)(?=[;)])", text)
            self.unknown |= " more " in text or (label != "lossless" and not named)
            for names, fate in named:
                (self.filled if fate == "stays filled" else self.paths).extend(names.split(", "))

    def excuses(self, paths, columns, type_):
        """Whether one of these names of a table or column is among them, or a label of its type."""
        named = any("%s.%s" % (path, column) in self.paths + self.filled for path in paths for column in columns)
        return named or bool(type_ and any((p + ".").startswith(type_ + ".") for p in self.paths))


class Migrator(Worker):
    def __init__(self, server, number):
        super().__init__(server, number)
        self.moved.ask("\\set VERBOSITY verbose\nSET client_min_messages = error;" + ROWS_OF)
        self.moved.ask(EMPTY)
        self.empty = self.moved.catalog()
        self.version = int(self.moved.ask("SHOW server_version_num;")[0]) // 10000
        self.steps = self.without_rows = 0
        self.between = {}

    def same(self, stage, wanted):
        """Nor does the order matter in which a view has all columns of a table: some went and came back."""
        got, wanted = [sorted(line.rstrip(",") for line in lines) for lines in (self.moved.catalog(), wanted)]
        if got != wanted:
            only = ["only moved: " + x for x in got if x not in set(wanted)] + ["only fresh: " + x for x in wanted if x not in set(got)]
            raise Failed(stage + ", catalogs", "\n".join(only[:12]))

    # ── files ──

    def write_schema(self, world):
        with open(self.project + "/schema.pdl", "w") as f:
            text = worlds.show(world).replace("target postgres 15", "target postgres %d" % self.target, 1)
            f.write(worlds.older(text, self.target))

    def pdlc(self, *arguments):
        environment = dict(ENVIRONMENT, SOURCE_DATE_EPOCH="1700000000", PDLC_PG_BIN=self.server.binaries)
        return run([PDLC, *arguments], folder=self.project, environment=environment)

    def migrate(self, name):
        before = set(glob.glob(self.project + "/migrations/*.up.sql"))
        options = self.options
        done = self.pdlc("migrate", name, *options)
        for refusal in ("PDL0739", "PDL0710"):
            if done.code == 1 and refusal in done.err:
                flags = [f for line in re.findall(r"(?:To consent, add|consent to its loss:)(.*)", done.err) for f in consents(line)]
                options = (*options, *flags)
                done = self.pdlc("migrate", name, *options)
        if done.code != 0:
            raise Failed("migrate", said(done))
        return sorted(set(glob.glob(self.project + "/migrations/*.up.sql")) - before)

    def say(self, stage, sql, shown=None):
        wrong = [line for line in self.moved.ask(sql) if line.startswith(("ERROR:", "FATAL:", "PANIC:"))]
        if wrong:
            self.moved.ask("ROLLBACK; RESET search_path; RESET check_function_bodies;")
            state, message = re.match(r"\w+:  (\w{5}): (.*)", wrong[0]).groups()
            if state[:2] in ("22", "23") or "replica identity" in message:
                raise NotOverRows("%s: %s\n%s" % (stage, wrong[0], shown or sql))
            raise Failed(stage, "%s (%s)\n%s" % (message, state, shown or sql))

    def run_files(self, stage, ups, up):
        """Going back from between two files leads to what going there came by, but for traces that are none for who goes on."""
        if up:
            self.between[tuple(ups)] = []
        between = self.between.get(tuple(ups), [])
        for number, path in enumerate(ups if up else reversed(ups)):
            if len(ups) > 1 and (up or number) and "between" in self.wish:
                seen = {line.rstrip(",").replace(" NOT VALID", "") for line in self.moved.catalog() if not STAYING.match(line)}
                if up:
                    between.append(seen)
                elif between and between[-number] != seen and not takes_parts_along(ups):
                    was = between[-number]
                    only = ["only back: " + x for x in sorted(seen - was)] + ["only there: " + x for x in sorted(was - seen)]
                    raise Failed(stage + ", between", "\n".join([path, *only[:12]]))
            path = path if up else path.replace(".up.sql", ".down.sql")
            text = open(path).read()
            whole = re.search(r"^-- transaction: yes$", text, re.M)
            self.say(stage, "BEGIN;\n%s\nCOMMIT;" % text if whole else text, os.path.basename(path) + "\n" + text)

    # ── rows ──

    def rows(self):
        return {table["oid"]: table for table in map(json.loads, self.moved.ask(ROWS))}

    def fill(self, but=()):
        self.moved.ask(FILL.replace(":but", "'{%s}'" % ",".join(but)).replace(":many", "3" if "nulls" in self.wish else "2"))

    def same_rows(self, before, between, ups):
        """Of each table and column, as it is called before or between: headers speak of what was renamed by its new name, and of what
        heirs have from a table above as its."""
        after, lost = {table["path"]: table["rows"] for table in self.rows().values()}, Lost(ups)
        for oid, table in before.items() if not lost.unknown else ():
            then = between.get(oid, table)
            paths = {table["path"], then["path"]}
            for above in (table["above"] or []) + (then["above"] or []):
                paths |= {tables[above]["path"] for tables in (before, between) if above in tables}
            names = {name: {name, then["columns"].get(number, name)} for number, name in (table["columns"] or {}).items()}
            kept = [name for name in names if not lost.excuses(paths, names[name], (table["types"] or {}).get(name))]
            one, other = [sorted(json.dumps({c: row.get(c) for c in kept}, sort_keys=True) for row in rows)
                          for rows in (table["rows"], after.get(table["path"], []))]
            gone = oid not in between and any(p.split(".")[-1] == table["path"].split(".")[-1] for p in lost.paths)  # its schema may be renamed
            if one != other and not gone and not {table["path"], then["path"]} & set(lost.paths):
                raise Failed("rows", "%s had %s, has %s\n%s" % (table["path"], one, other, "\n".join(open(f).read() for f in ups)))

    def parts(self, tables, called):
        """Tables and columns by their numbers: the path by which headers speak of them, and what is in them."""
        out = {}
        for oid, table in tables.items():
            path, columns = called.get(oid, table)["path"], called.get(oid, table)["columns"] or {}
            out[oid, ""] = path, sorted(json.dumps(row, sort_keys=True) for row in table["rows"])
            for number, name in (table["columns"] or {}).items():
                values = sorted(json.dumps(row[name], sort_keys=True) for row in table["rows"])
                out[oid, number] = "%s.%s" % (path, columns.get(number, name)), [table["formats"][number], *values] if values else []
        return out

    def no_false_alarm(self, before, between, ups):
        """What is called lost is not what stays as it was, all the way."""
        lost = Lost(ups)
        one, then, other = [self.parts(tables, between) for tables in (before, between, self.rows())]
        gone = {path for number, (path, _) in one.items() if number not in then}
        for number, (path, held) in then.items():
            if path in lost.paths and path not in gone and held and held == one.get(number, then[number])[1] == other.get(number, (path, []))[1]:
                raise Failed("false alarm", "%s stays\n%s" % (path, "\n".join(open(f).read() for f in ups)))

    # ── a chain ──

    def make_fresh(self, world):
        """From nothing, by the statements that no migration has a part in."""
        self.fresh.ask(EMPTY)
        with open(self.project + "/empty.pdl", "w") as f:
            f.write("target postgres %d\n" % self.target)
        done = self.pdlc("diff", "empty.pdl", "schema.pdl", "--sql")
        if done.code not in (0, 2):
            raise Failed("fresh", said(done))
        wrong = [line for line in self.fresh.ask(done.out + "\nRESET search_path; RESET check_function_bodies;") if line.startswith("ERROR:")]
        if wrong:
            raise Failed("fresh", "%s\n%s" % (wrong[0], done.out))
        return self.fresh.catalog()

    def from_nothing(self, ups):
        self.moved.ask(EMPTY)
        self.run_files("up", ups, True)

    def over_rows(self, ups, before, wanted, more=False):
        """Up, down with all rows where they were, and up again; more: rows in what is new."""
        rows = self.rows()
        self.run_files("up", ups, True)
        self.same("up", wanted)
        if more:
            self.fill(rows)
        between = self.rows()
        try:
            self.run_files("down", ups, False)
        except NotOverRows as refused:
            if Lost(ups).lossless:
                raise Failed("down over rows", str(refused))
            raise
        self.same("down", before)
        self.same_rows(rows, between, ups)
        self.no_false_alarm(rows, between, ups)
        self.run_files("up again", ups, True)
        self.same("up again", wanted)

    def step(self, number, world, done, before):
        self.write_schema(world)
        ups = self.migrate("step%d" % number)
        wanted = self.make_fresh(world)
        if number:
            self.fill()
        try:
            self.over_rows(ups, before, wanted, number > 0)
        except NotOverRows:
            self.without_rows += 1
            self.from_nothing(done)
            try:
                self.over_rows(ups, before, wanted)
            except NotOverRows as refused:
                if "replica identity" in str(refused): # nobody may update what is published so, not even no row
                    raise
                raise Failed("without rows", str(refused))
        return ups, wanted

    def chain(self, chain):
        self.project = self.folder + "/project"
        shutil.rmtree(self.project, ignore_errors=True)
        os.mkdir(self.project)
        self.moved.ask(EMPTY)
        self.between.clear()
        steps, catalog = [], self.empty
        for number, world in enumerate(chain):
            ups, catalog = self.step(number, world, [path for step in steps for path in step], catalog)
            steps.append(ups)
        if self.migrate("left"):
            raise Failed("left", "a migration is left over")
        for ups in reversed(steps):
            try:
                self.run_files("all down", ups, False)
            except NotOverRows:  # of rows made between
                self.from_nothing([path for step in steps for path in step])
                return catalog
        self.same("all down", self.empty)
        return catalog

    def by_verbs(self, wanted):
        """The same files, as a user runs them: some up, some down, wherever that ends, and all of them up again."""
        self.moved.ask(EMPTY)
        url = self.server.url(self.moved.database)
        count = len(glob.glob(self.project + "/migrations/*.up.sql"))
        some = 1 + hash_of(str(wanted[:1])) % count
        for arguments in (["up", str(some)], ["down", "1"], ["up", str(1 + some // 2)], ["down", str(1 + some // 3)], ["up"], ["status"]):
            done = self.pdlc(*arguments, "--db", url)
            if done.code != 0:
                raise Failed(" ".join(arguments[:1]) + " by verb", said(done))
        self.moved.ask("DROP SCHEMA pdlc CASCADE;")
        self.same("by verbs", wanted)

    def by_psql(self, wanted):
        """And with psql alone: statement by statement, or a file at once, as others send them."""
        self.moved.ask(EMPTY)
        ups = sorted(glob.glob(self.project + "/migrations/*.up.sql"))
        for path in ups + [path.replace(".up.sql", ".down.sql") for path in reversed(ups)]:
            asked = ["-f", path] if hash_of(path) % 2 else ["-c", open(path).read()]
            done = run([self.server.binaries + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.server.url(self.moved.database), *asked])
            if done.code != 0:
                raise Failed("by psql", "%s\n%s\n%s" % (os.path.basename(path), done.err, open(path).read()))
            if path == ups[-1]:
                self.same("by psql", wanted)
        self.same("down by psql", self.empty)

    def proven(self):
        done = self.pdlc("prove")
        if done.code != 0 and not re.search(r"\(2[23][0-9A-Z]{3}\)$", done.err, re.M):  # its rows may be none that a step allows
            raise Failed("prove", said(done))

    def attempt(self, *chain):
        self.target = self.wish[0]
        chain = settled(chain)
        try:
            wanted = self.chain(chain)
        except Failed as failed:
            if self.target >= self.version or "PDL0401" not in str(failed):
                raise
            self.target = self.version  # it has what the older one has not
            wanted = self.chain(chain)
        if "verbs" in self.wish:
            self.by_verbs(wanted)
        if "psql" in self.wish:
            self.by_psql(wanted)
        if "prove" in self.wish:
            self.proven()

    def stage_of(self, old, new):
        try:
            return super().stage_of(old, new)
        except NotOverRows:  # not even over none: that is no migration's fault
            return None

    # ── many ──

    def try_chain(self, seed, steps):
        chance = worlds.Chance(random.Random(seed))
        chain = [worlds.make(chance)]
        while len(chain) <= steps:
            chain.append(worlds.change(chance, chain[-1]))
        self.options = ("--offline",) if seed % 4 == 0 else ()
        older = range(14, self.version) or [self.version]  # before 14 a range had no multirange, which a newer server would leave as it is
        self.wish = [older[seed % len(older)] if seed % 3 == 0 else min(self.version, 18)]
        self.wish += ["verbs"] if seed % 8 == 1 else ["prove"] if seed % 24 == 2 else ["psql"] if seed % 8 == 5 else []
        self.wish += ["between"] if os.environ.get("PDLC_BETWEEN") else []
        self.wish += ["nulls"] if seed % 5 == 1 else []
        try:
            self.attempt(*chain)
            return None
        except NotOverRows:
            return None
        except Failed as failed:
            found = failed
        if "holds rows of" in str(found) or "cannot create not-null constraint" in str(found):
            return None  # Postgres alters no rows that are values, nor, from 18 on, not null columns of heirs that were tables before
        for old, new in zip(chain, chain[1:]):
            failed = self.stage_of(old, new)
            if failed:
                old, new, failed = self.shrink(old, new, failed)
                return "seed %d, %s\n== old\n%s== new\n%s" % (seed, failed, worlds.show(old), worlds.show(new))
        return "seed %d, %s\nonly in a chain:\n%s" % (seed, found, "== next\n".join(map(worlds.show, chain)))

    def run(self, seeds, steps):
        found = []
        for seed in seeds:
            length = random.Random(seed).choice(LENGTHS)
            failed = self.try_chain(seed, min(length, steps))
            found += [failed] if failed else []
            steps -= length
            if steps <= 0 or len(found) == FAILURES:
                break
        expect(not found, "\n".join(found))


def attempt(server, number):
    migrator = Migrator(server, number + WORKERS)
    try:
        migrator.run(itertools.count(FIRST + number, WORKERS), STEPS // WORKERS)
    finally:
        migrator.close()


def tests(server):
    for number in range(WORKERS):
        yield "seeded migrations %d of %d" % (number + 1, WORKERS), lambda number=number: attempt(server, number)
