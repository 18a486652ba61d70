"""What the kinds of a world share: what is thrown for, names, types, and what refers to what. A world is plain data: {kind: {name: item}}."""
import re

NUMBERS = ["smallint", "int", "bigint", "numeric(10,2)", "numeric"]
STRINGS = ["text", "varchar(20)", "varchar(40)"]
TIMES = ["timestamptz", "timestamp", "date"]
FAMILIES = [NUMBERS, STRINGS, TIMES, ["bool"], ["jsonb", "json"], ["uuid"], ["text[]", "varchar(9)[]"], ["tstzrange"], ["bytea"]]
KNOWN = set(sum(FAMILIES, []))
DEFAULTS = {"bool": ["true", "false"], "jsonb": ["'{}'"], "json": ["'[]'"], "uuid": ["gen_random_uuid()"], "text[]": ["'{}'", "'{a,b}'"],
            "timestamptz": ["now()"], "timestamp": ["(now() + interval '1 day')"], "date": ["current_date"], "bytea": ["'\\x00'"]}
COLUMN_NAMES = ["a", "b", "c", "size", "title", "\"order\"", "\"Mixed Case\"", "state", "owner_", "note", "\"check\"", "price", "\"a\"\"b\\c\"",
                "\"für $1 %s\"", "\"it's; --\""]
WORDS = ["north", "east", "south", "west", "upper", "lower", "inner", "outer"]
SCHEMAS = ["app", "app", "\"App \"\"1\"\"\"", "\"select\"", "\"über\\x\"", "\"it's $$\""]  # what a world calls app
ROLES = ["pdlc_reader", "\"pdlc Writer's\""]
OWNERS = ["pdlc_owner", "\"pdlc Owner's\""]


class Chance:
    def __init__(self, rng):
        self.rng = rng
        self.used = set()  # no name stands for two things
        self.mark = self.pick(["x", "é", "語", "_$1", "; --", "%s", "😀"])

    def maybe(self, p):
        return self.rng.random() < p

    def pick(self, items):
        return self.rng.choice(list(items))

    def some(self, items, low, high):
        items = list(items)
        return self.rng.sample(items, min(len(items), self.rng.randint(low, high)))


class Kind:
    """How many of it there are; make(c, world); change(c, world, item); show(name, item, world); and whether one still fits:
    sound(world, item), which may leave out parts of it."""

    def __init__(self, count, make, change, show, sound=lambda world, item: True):
        self.count, self.make, self.change, self.show, self.sound = count, make, change, show, sound


def family(type_):
    return next((f for f in FAMILIES if type_ in f), None)


def comment(c):
    return c.pick([None, None, "Said once.", "It's \"quoted\"; --x", "Back\\slash $$ /* */", "Two\n/// lines."])


def lines_of(text):
    return "/// %s\n" % text if text else ""


def was(item):
    return (" was " + item["was"] if item.get("was") else "") + owner(item)


def owner(item):
    return " owner " + item["owner"] if item.get("owner") else ""


def plain_name(name):
    """Letters that stand in names derived from it."""
    return re.sub(r"\W", "_", name).lower().encode()[:30].decode(errors="ignore")


def fresh(c, prefix):
    schema = "app." if c.maybe(0.3) else ""
    odd = c.maybe(0.1)
    for number in range(1, 99):
        name = "%s_%s%s" % (c.pick(WORDS), prefix, number if number > 3 else "")
        name = "\"%s %s\"" % (name.capitalize(), c.pick(["\"\"q\"\"", "$x", "é", "\\n"])) if odd else name
        if prefix != "r" and c.maybe(0.3 if odd else 0.02):  # as long as a name can be; Postgres cuts through letters of a range's
            name = name.strip("\"") + "_"
            while len((name + c.mark).replace("\"\"", "\"").encode()) <= 63:
                name += c.mark
            name = "\"%s\"" % name
        if plain_name(name) not in c.used:
            c.used.add(plain_name(name))
            return schema + name
    raise AssertionError("no name is left")


def tables_of(world):
    """All that has rows and columns of its own, as {name: {column: item}}."""
    return {name: item["columns"] for kind in ("table", "parted", "heir") for name, item in world[kind].items()}


def columns_of(world, name):
    for kind in ("view", "matview"):
        if name in world[kind]:
            return ["most", "n"] if world[kind][name]["form"] == "counted" else world[kind][name]["columns"]
    if name in world["heir"]:
        return columns_of(world, world["heir"][name]["of"]) + list(world["heir"][name]["columns"])
    if name in world["parted"]:
        return ["id", "k"] + list(world["parted"][name]["columns"])
    return ["id"] + list(world["table"][name]["columns"]) if name in world["table"] else []


def types_of(world, *kinds):
    """Names of types that the world itself has."""
    return [name for kind in kinds for name in world[kind]]


def calls(world, body):
    return [f for f, item in world["function"].items() if item["body"] == body]


def origins(old, new):
    """{name: what it was}: by name, else by `was`, which may take from a name what goes by its own earlier one in turn."""
    found = {name: name for name in new if name in old}
    for name in new:
        row, at = {}, name if name not in found else None
        while at:
            was = new[at].get("was")
            holder = next((n for n, once in found.items() if once == was), None)
            if was not in old or was in row.values() or (holder and holder != was):
                row = {}
                break
            row[at] = was
            at = holder
        found.update(row)
    return found


def counterpart(one, other, name):
    """What this is, or was, in the other of two worlds: its name there."""
    back = {was: now for now, was in origins(one, other).items()}
    there = origins(other, one).get(name)
    return back.get(name) if back.get(name, name) != name else there if there != name or name in back else None


def renamed(value, old, new):
    """All that refers to something by name refers to it by another one."""
    if isinstance(value, dict):
        return {new if k == old else k: renamed(v, old, new) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(renamed(v, old, new) for v in value)
    if isinstance(value, str):
        for form in ("%s", "%s[]", "nextval('%s')", "%s(3)"):
            if value == form % old:
                return form % new
    return value
