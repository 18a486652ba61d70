"""Expressions, and queries of one table, that pdlc calls the same are the same to the server: pairs of them, some equal, most nearly so, are told apart
without asking it (a role that may make no temporary table), and then looked at as it prints them."""
import json
import os
import random

from server import expect

SEED = int(os.environ.get("PDLC_SEED", "1"))
ROUNDS = int(os.environ.get("PDLC_READINGS", "1"))
EACH = 400  # conditions, and a quarter as many views

COLUMNS = {"i2": "int2", "i4": "int4", "j4": "int4", "i8": "int8", "n": "numeric(12,2)", "m": "numeric", "f4": "float4", "f8": "float8", "b": "bool",
           "c": "bool", "t": "text", "u": "text", "v": "varchar(20)", "w": "varchar", "k": "char(4)", "id": "uuid", "d": "date", "ts": "timestamp",
           "tz": "timestamptz", "iv": "interval", "js": "jsonb", "j": "json", "by": "bytea", "mo": "app.mood", "tags": "text[]", "nums": "int[]",
           "vs": "varchar[]", "select": "text", "Upper": "int4"}
NUMBERS = ["i2", "i4", "j4", "i8", "n", "m", "f4", "f8", '"Upper"']
TEXTS = ["t", "u", "v", "w", "k", '"select"']
MOMENTS = ["d", "ts", "tz"]
CONSTANTS = ["0", "1", "-1", "7", "100000", "3000000000", "-2147483648", "0.5", "-0.50", "1.0", "1e3", "'5'", "5::bigint", "5::numeric", "'7'::int",
             "007", "0.10::float8", "2::smallint"]
STRINGS = ["'a'", "'b'", "''", "'it''s'", "'a'::text", "'a'::varchar", "E'x\\\\y'", "'%a_'", "'a'::varchar(3)", "'1'"]


class Maker:
    def __init__(self, rng):
        self.rng = rng

    def one(self, *choices):
        return self.rng.choice(choices)

    def number(self, depth):
        r, pick = self.rng.random(), self.rng.choice
        if depth == 0 or r < 0.5:
            return pick(NUMBERS)
        if r < 0.7:
            return pick(CONSTANTS)
        if r < 0.85:
            return "%s %s %s" % (self.number(depth - 1), pick("+-*/"), self.number(depth - 1))
        return self.one("length(%s)", "char_length(%s)", "octet_length(%s)") % self.text(0) if r < 0.93 else \
            "(%s)::%s" % (self.number(depth - 1), self.one("int", "bigint", "numeric", "float8", "int2"))

    def text(self, depth):
        r, pick = self.rng.random(), self.rng.choice
        if depth == 0 or r < 0.5:
            return pick(TEXTS)
        if r < 0.65:
            return pick(STRINGS)
        if r < 0.75:
            return "%s || %s" % (self.text(depth - 1), self.text(depth - 1))
        if r < 0.85:
            return self.one("lower(%s)", "upper(%s)", "btrim(%s)", "trim(%s)", "md5(%s)") % self.text(depth - 1)
        if r < 0.93:
            return "coalesce(%s, %s)" % (self.text(0), pick(STRINGS))
        return self.one("(js ->> 'k')", "(j ->> 'k')", "(%s)::text" % self.number(0), "mo::text", "(js -> 'a' ->> 'b')", "current_setting('a.b', true)",
                        "tz::text")

    def moment(self):
        r = self.rng.random()
        if r < 0.6:
            return self.rng.choice(MOMENTS)
        return self.one("now()", "current_date", "current_timestamp", "now() - interval '1 day'", "d + 1", "now()::date", "ts + interval '2 days'",
                        "date '2020-01-31'", "'2020-01-31'::date", "tz - interval '30 days'", "now() - '1 day'::interval", "now() - iv")

    def test(self, depth):
        r, pick, rng = self.rng.random(), self.rng.choice, self.rng
        comparison = pick(["=", "<>", "!=", "<", ">", "<=", ">="])
        if depth > 0 and r < 0.3:
            parts = [self.test(depth - 1) for _ in range(rng.randint(2, 3))]
            word = self.one(" and ", " or ")
            return "(" + word.join(parts) + ")"
        if depth > 0 and r < 0.36:
            return "not (%s)" % self.test(depth - 1)
        if r < 0.5:
            return "%s %s %s" % (self.number(2), comparison, self.number(1) if rng.random() < 0.4 else pick(CONSTANTS))
        if r < 0.6:
            return "%s %s %s" % (self.text(1), comparison, self.text(1) if rng.random() < 0.4 else pick(STRINGS))
        if r < 0.66:
            return "%s %s %s" % (self.text(1), self.one("like", "not like", "ilike", "not ilike", "~", "~*", "!~", "similar to"), pick(STRINGS))
        if r < 0.71:
            return "%s %s %s" % (self.moment(), comparison, self.moment())
        if r < 0.77:
            items = rng.sample(STRINGS, rng.randint(1, 3))
            return "%s %s (%s)" % (pick(TEXTS), self.one("in", "not in"), ", ".join(items))
        if r < 0.82:
            return "%s %s (%s)" % (pick(NUMBERS), self.one("in", "not in"), ", ".join(rng.sample(CONSTANTS, rng.randint(1, 3))))
        if r < 0.86:
            return "%s %s %s and %s" % (self.number(1), self.one("between", "not between"), pick(CONSTANTS), pick(CONSTANTS))
        if r < 0.89:
            return self.one("mo = 'sad'", "mo in ('sad', 'fine')", "mo <> 'fine'::app.mood", "mo = 'fine'", "mo >= 'fine'", "mo in ('fine')",
                            "mo = any (array['sad', 'fine']::app.mood[])", "mo is distinct from 'sad'")
        if r < 0.92:
            return "%s is %s" % (self.one("t", "i4", "nums", "mo", "lower(t)", "js -> 'a'"), self.one("null", "not null"))
        if r < 0.95:
            return self.one("b", "c", "b is true", "b is not false", "c is unknown", "b = true", "c = b", "b <> false", "not c")
        if r < 0.97:
            return "%s is %sdistinct from %s" % (pick(NUMBERS), self.one("", "not "), pick(CONSTANTS))
        return self.one("'a' = any (tags)", "t = any (tags)", "v = any (vs)", "i4 = any (nums)", "'a' = any (vs)", "i2 = any (nums)", "t <> all (tags)",
                        "t = any (array['a', 'b'])", "v = any (array['a', 'b'])", "i4 = any (array[1, 2])", "js = '{}'", "js <> '[]'::jsonb",
                        "jsonb_typeof(js) = 'object'", "id = '00000000-0000-0000-0000-00000000000a'", "(select now()) > tz", "tags = '{}'",
                        "coalesce(i4, 0) > 0", "coalesce(n, 0) >= 0.5", "js ? 'a'", "k = 'abcd'", "k in ('a', 'b')", "row(i4, t) = row(1, 'a')")

    def view(self):
        rng, alias = self.rng, self.rng.choice(["", "", " x", " as things"])
        own = {"": "things.", " x": "x.", " as things": "things."}[alias]
        items = rng.sample(["%s%s%s" % (rng.choice(["", own]), c, rng.choice(["", "", ' as "A b"', " as " + c])) for c in ("id", "i4", '"Upper"', "mo")],
                           rng.randint(1, 4))[:3 if rng.random() < 0.5 else 1]
        items += ["%s as n%d" % (self.number(2), i) for i in range(rng.randint(0, 2))]
        items += rng.sample(["lower(t)", "upper(u) as up", "now()", "now() as at", "'a' as a", "1 as one", "coalesce(t, 'a') as ct", "t || u as tu",
                             "i4::text as it", "b and c as bc", "d is null as dn", "array['a'] as arr", "i4 in (1, 2) as in12"], rng.randint(0, 2))
        return "select %s from app.things%s%s" % (", ".join(items), alias, " where " + self.test(1) if rng.random() < 0.7 else "")

    def near(self, text):
        """Something close to it: the same in other words, or not quite the same."""
        rng = self.rng
        swaps = [(" and ", " or "), ("=", "<>"), ("<", "<="), (">", ">="), ("1", "2"), ("'a'", "'a'::text"), ("'a'", "'A'"), ("t", "u"), ("0", "-0"),
                 (" in ", " not in "), ("i4", "i4::numeric"), ("i4", "i8"), ("n ", "n::int "), ("v", "v::text"), ("'a'", "'a '"), ("0.5", "0.50"), ("-1", "1"),
                 ("like", "ilike"), ("interval '1 day'", "interval '24 hours'"), ("(", "(("), ("i2", "i2::int"), ("'sad'", "'sad'::app.mood"), ("!=", "<>"),
                 ("between", "not between"), (", ", " , "), ("lower", "LOWER"), ("1 day", "1 days"), ("'b'", "'b'::varchar"), ("0", "0::int"), ("f8", "f4"),
                 ("t ", "(t) "), ("js -> 'a'", "js->'a'"), ("is null", "is not null"), ("true", "false")]
        for old, new in rng.sample(swaps, len(swaps)):
            if old in text:
                at = rng.choice([i for i in range(len(text)) if text.startswith(old, i)])
                changed = text[:at] + new + text[at + len(old):]
                return changed + ")" if new == "((" and not changed.count(")") == changed.count("(") else changed
        return text


TABLE = "create schema app; create type app.mood as enum ('fine', 'sad'); create table app.things (%s);" % ", ".join(
    '"%s" %s' % column for column in COLUMNS.items())
ROLE = """do $$ begin create role no_temp login; exception when duplicate_object then null; end $$;
revoke temp on database "%s" from public; grant usage on schema app to no_temp;"""
PRINTED = """select json_object_agg(name, text) from (select conname as name, pg_get_expr(conbin, conrelid) as text from pg_constraint
where conname ~ '^e[0-9]' union all select relname, pg_get_viewdef(oid) from pg_class where relkind = 'v' and relname ~ '^q[0-9]') all_of_them"""


def load(server, name, texts):
    """Those that the server takes, as it prints them."""
    database = server.database(name)
    make = {"e": "alter table app.things add constraint %s check (%s)", "q": "create view app.%s as %s"}
    each = "".join("do $do$ begin execute $q$%s$q$; exception when others then null; end $do$;\n" % (make[n[0]] % (n, text)) for n, text in texts.items())
    done = server.psql(database, TABLE + ROLE % database + each)
    expect(done.code == 0, "constraints", done)
    return json.loads(server.query(database, "set search_path = '';" + PRINTED))


def schema(texts, names):
    lines = ["target postgres 15", "schema app", "enum app.mood { fine, sad }", "table app.things {"]
    lines += ['  "%s" %s?' % (name, kind) for name, kind in COLUMNS.items()]
    lines += ["  check %s (%s)" % (n, text) for n, text in texts.items() if n in names and n[0] == "e"] + ["}"]
    return "\n".join(lines + ["view app.%s $pdl$ %s $pdl$" % (n, text) for n, text in texts.items() if n in names and n[0] == "q"]) + "\n"


def told_apart(server, path, database):
    diff = server.pdlc("diff", path, database, "--json", user="no_temp")
    expect(diff.code in (0, 2), "diff", diff)
    return {change["name"] for change in json.loads(diff.out) if change["kind"] in ("check", "view")}


def one_round(server, seed):
    maker = Maker(random.Random(seed))
    first = {"e%d" % i: maker.test(2) for i in range(EACH)}
    first.update(("q%d" % i, maker.view()) for i in range(EACH // 4))
    second = {name: maker.near(text) for name, text in first.items()}
    ours, theirs = load(server, "readings_%d" % seed, first), load(server, "readings_near_%d" % seed, second)
    names = ours.keys() & theirs.keys()
    path = server.folder + "/readings_%d.pdl" % seed
    with open(path, "w") as f:
        f.write(schema(first, names))
    different = told_apart(server, path, "readings_near_%d" % seed)
    wrong = ["%s | %s" % (first[n], second[n]) for n in names - different if ours[n] != theirs[n]]
    expect(not wrong, "seed %d: called the same, but not the same to the server:\n%s" % (seed, "\n".join(wrong[:10])))
    unknown = told_apart(server, path, "readings_%d" % seed) & names
    if os.environ.get("PDLC_SHOW"):
        print("\n".join("? %s | %s" % (first[n], ours[n]) for n in sorted(unknown)))
    for sort, least in ("e", EACH / 4), ("q", EACH / 16):
        all_of, known = (sum(n[0] == sort for n in some) for some in (names, names - unknown))
        if os.environ.get("PDLC_SHOW"):
            print("%s: %d of %d known without asking" % (sort, known, all_of))
        expect(all_of > least and known > all_of / 2, "%s: only %d of %d are known without asking" % (sort, known, all_of))


def tests(server):
    for seed in range(SEED, SEED + ROUNDS):
        yield "readings %d" % seed, lambda seed=seed: one_round(server, seed)
