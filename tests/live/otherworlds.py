"""More kinds of a world: partitions, inheritance, privileges, publications, and those that are written as SQL has them."""
from chance import (COLUMN_NAMES, KNOWN, NUMBERS, ROLES, STRINGS, TIMES, Kind, calls, columns_of, comment, counterpart, family, lines_of, plain_name,
                    types_of, was)

# ── partitioned tables ──

BOUNDS = {"range": "from (%d) to (%d)", "list": "in (%d, %d)", "hash": "with (modulus 8, remainder %d)"}


def make_bounds(item, number):
    return (number * 10, number * 10 + 9) if item["by"] != "hash" else (number % 8,)


def make_parted(c, world):
    item = {"by": c.pick(["range", "range", "list", "hash"]), "columns": {}, "index": c.maybe(0.5), "rest": c.maybe(0.4), "comment": comment(c),
            "partitions": {}, "key": c.maybe(0.6), "stem": c.pick(["", "\"Odd\" "]), "trigger": c.pick(calls(world, "trigger") or [None])}
    for name in c.some(COLUMN_NAMES, 0, 3):
        item["columns"][name] = {"type": c.pick(NUMBERS + STRINGS + TIMES + types_of(world, "enum", "domain")), "null": c.maybe(0.6)}
    for number in c.some(range(1, 6), 0, 3):
        item["partitions"]["n%d" % number] = make_partition(c, item, number)
    return item


def make_partition(c, item, number):
    return {"bounds": make_bounds(item, number), "sub": c.maybe(0.2), "index": c.maybe(0.3), "check": c.maybe(0.3), "fillfactor": c.maybe(0.1),
            "comment": comment(c)}


def change_parted(c, world, item):
    for _ in range(c.rng.randint(1, 3)):
        what = c.pick(["add", "drop", "bounds", "part", "index", "rest", "column", "uncolumn", "type", "rename", "null", "by", "key"])
        name = c.pick(item["partitions"]) if item["partitions"] else None
        column = c.pick(item["columns"]) if item["columns"] else None
        if what == "add":
            number = c.rng.randint(1, 6)
            item["partitions"]["n%d" % number] = make_partition(c, item, number)
        elif what == "drop" and name:
            del item["partitions"][name]
        elif what == "bounds" and name and item["by"] == "range":
            low, high = item["partitions"][name]["bounds"]
            item["partitions"][name]["bounds"] = (low, low + c.rng.randint(4, 10))
        elif what == "part" and name:
            part = item["partitions"][name]
            part.update({key: c.maybe(0.4) for key in c.some(["index", "check", "fillfactor", "sub"], 1, 2)})
        elif what in ("index", "key"):
            item[what] = not item[what]
        elif what == "rest":
            item["rest"] = not item["rest"]
        elif what == "column":
            item["columns"].setdefault(c.pick(COLUMN_NAMES), {"type": c.pick(NUMBERS + STRINGS + types_of(world, "enum", "domain")), "null": c.maybe(0.7)})
        elif what == "uncolumn" and column:
            del item["columns"][column]
        elif what == "type" and column and family(item["columns"][column]["type"]):
            item["columns"][column]["type"] = c.pick(family(item["columns"][column]["type"]))
        elif what == "null" and column:
            item["columns"][column]["null"] = not item["columns"][column]["null"]
        elif what == "rename" and column and not item["columns"][column].get("was"):
            new = c.pick(COLUMN_NAMES)
            if new not in item["columns"]:
                item["columns"][column]["was"] = column
                item["columns"] = {new if n == column else n: v for n, v in item["columns"].items()}
        elif what == "by" and c.maybe(0.3):
            item["by"] = c.pick(["range", "list", "hash"])
            for key in item["partitions"]:
                item["partitions"][key]["bounds"] = make_bounds(item, int(key[1:]))


def partition_name(name, item, key):
    schema, dot, last = name.rpartition(".") if name.startswith("app.") else ("", "", name)
    return "%s%s\"%s%s %s\"" % (schema, dot, item["stem"].replace("\"", "\"\""), plain_name(item.get("first", last)), key)


def show_parted(name, item, world):
    text = "table %s%s {\nid bigint\nk int\n" % (name, was(item))
    for column, col in item["columns"].items():
        text += "%s %s%s%s\n" % (column, col["type"], "?" if col["null"] else "", was(col))
    text += "pk (id, k)\n" if item["key"] else ""
    text += "index (k)\n" if item["index"] else ""
    if item["trigger"]:
        text += "trigger %s_t AFTER INSERT FOR EACH ROW EXECUTE FUNCTION %s()\n" % (plain_name(item["stem"]), item["trigger"])
    text += "partition by %s (k)\n}\n" % item["by"]
    for key, part in item["partitions"].items():
        own = partition_name(name, item, key)
        block = ("index (id, k)\n" if part["index"] else "") + ("check own_%s (k >= 0)\n" % key if part["check"] else "")
        block += "partition by list (id)\n" if part["sub"] else ""
        text += "%spartition %s of %s for values %s%s%s\n" % (
            lines_of(part["comment"]), own, name, BOUNDS[item["by"]] % part["bounds"], " with (fillfactor=60)" if part["fillfactor"] and not part["sub"] else "",
            " {\n%s}" % block if block else "")
        if part["sub"]:
            text += "partition %s of %s default\n" % (partition_name(name, item, key + "sub"), own)
    if item["rest"] and item["by"] != "hash":
        text += "partition %s of %s default\n" % (partition_name(name, item, "rest"), name)
    return text


def sound_parted(world, item):
    if item["trigger"] not in calls(world, "trigger"):
        item["trigger"] = None
    for name, col in list(item["columns"].items()):
        if col["type"] not in KNOWN and col["type"] not in types_of(world, "enum", "domain"):
            del item["columns"][name]
    return True


# ── inheritance ──

def make_heir(c, world):
    item = {"of": c.pick(list(world["table"]) or [None]), "columns": {}, "again": c.maybe(0.2), "check": c.maybe(0.4), "comment": comment(c)}
    for number in range(c.rng.randint(0, 2)):
        item["columns"]["own%d" % number] = {"type": c.pick(NUMBERS + STRINGS), "null": c.maybe(0.6)}
    return item


def change_heir(c, world, item):
    what = c.pick(["column", "uncolumn", "check", "of"])
    if what == "column":
        item["columns"]["own%d" % c.rng.randint(0, 4)] = {"type": c.pick(NUMBERS + STRINGS), "null": c.maybe(0.6)}
    elif what == "uncolumn" and item["columns"]:
        del item["columns"][c.pick(item["columns"])]
    elif what == "check":
        item["check"] = not item["check"]
    elif what == "of" and c.maybe(0.3):
        item["of"] = c.pick(list(world["table"]) or [None])


def show_heir(name, item, world):
    text = "table %s inherits (%s)%s {\n" % (name, item["of"], was(item))
    text += "id %s = null\n" % world["table"][item["of"]]["key"] if item["again"] else ""
    text += "".join("%s %s%s\n" % (n, col["type"], "?" if col["null"] else "") for n, col in item["columns"].items())
    text += "check %s_sane (id is not null)\n" % plain_name(item["of"]) if item["check"] else ""
    return text + "}"


def sound_heir(world, item):
    return item["of"] in world["table"]


# ── privileges, publications ──

OWNED = ["enum", "domain", "composite", "sequence", "table", "view", "matview", "function"]
RIGHTS = {"table": ["select", "insert", "update", "delete", "references"], "sequence": ["usage", "select"], "function": ["execute"], "type": ["usage"],
          "schema": ["usage", "create"]}
GRANTABLE = {"table": "table", "parted": "table", "heir": "table", "view": "table", "matview": "table", "sequence": "sequence", "function": "function",
             "enum": "type", "domain": "type", "composite": "type", "range": "type"}


def make_grant(c, world):
    choices = [(kind, name) for kind in GRANTABLE for name in world[kind]] + [("schema", "app")]
    kind, name = c.pick(choices)
    rights = RIGHTS[GRANTABLE.get(kind, kind)]
    return {"on": kind, "of": name, "rights": c.some(rights, 1, 3), "to": c.pick(ROLES), "option": c.maybe(0.15),
            "columns": c.some(columns_of(world, name), 1, 2) if kind in ("table", "view") and c.maybe(0.3) else []}


def change_grant(c, world, item):
    item["rights"] = c.some(RIGHTS[GRANTABLE.get(item["on"], item["on"])], 1, 3)
    item["option"] = c.maybe(0.15)


def called(item, world):
    """What it is granted on, as SQL says it."""
    if item["on"] == "function":
        return "function %s(%s)" % (item["of"], signature(world["function"][item["of"]]))
    word = GRANTABLE.get(item["on"], item["on"])
    return ("" if word == "table" else word + " ") + item["of"]


def signature(function):
    if function["body"] == "calc":
        return function["takes"]
    of = function.get("of")
    return {"label": of, "from label": of, "row": of, "default": "%s, int" % of, "table": "%s[]" % of, "plus": "int, int"}.get(function["body"], "")


def show_grant(name, item, world):
    if not item["rights"]:
        return "revoke all on %s from %s" % (called(item, world), item["to"])
    columns = [n for n in item["columns"] if n in columns_of(world, item["of"])]
    rights = ["%s (%s)" % (r, ", ".join(columns)) if columns and r != "delete" else r for r in item["rights"]]
    return "grant %s on %s to %s%s" % (", ".join(rights), called(item, world), item["to"], " with grant option" if item["option"] else "")


def sound_grant(world, item):
    return item["on"] == "schema" or item["of"] in world[item["on"]]


def known_as(one, other, item):
    """What is granted on, in the other of two worlds, as this one calls it."""
    return item["of"] if item["on"] == "schema" else counterpart(other[item["on"]], one[item["on"]], item["of"]) or item["of"]


def settle(one, other):
    """What only `other` speaks of stays as it is where `one` says nothing: it says something."""
    for name, item in other["grant"].items():
        called = known_as(one, other, item)
        if not any(g["of"] == called for g in one["grant"].values()) and sound_grant(one, dict(item, of=called)):
            one["grant"][name + "_none"] = dict(item, of=called, rights=[], columns=[])
    for name, item in other["defaults"].items():
        if not any((d["for"], d["in"], d["on"]) == (item["for"], item["in"], item["on"]) for d in one["defaults"].values()):
            one["defaults"][name + "_none"] = dict(item, none=True)
    for kind in OWNED:
        for name, item in one[kind].items():
            peer = other[kind].get(counterpart(one[kind], other[kind], name), {})
            if peer.get("owner") and not item.get("owner"):
                item["owner"] = "postgres"
    for name in other["publication"]:
        one["publication"].setdefault(name, {"of": [], "where": False, "comment": None})


def make_publication(c, world):
    return {"of": c.some(list(world["table"]) + list(world["parted"]), 0, 3), "where": c.maybe(0.3), "comment": comment(c)}


def change_publication(c, world, item):
    item.update(make_publication(c, world))


def show_publication(name, item, world):
    parts = [t + (" where (id is not null)" if item["where"] and t in world["table"] else "") for t in item["of"]]
    return "publication %s%s%s" % (plain_name(name), " for table " + ", ".join(parts) if parts else "", " with (publish = 'insert')" if item["where"] else "")


def sound_publication(world, item):
    item["of"] = [t for t in item["of"] if t in world["parted"] or (t in world["table"] and not world["table"][t]["unlogged"])]
    return True


# ── as SQL has them ──

def flip(key):
    def change(c, world, item):
        item[key] = not item[key]
    return change


def make_range(c, world):
    return {"of": c.pick(["float8", "text", "int"]), "diff": c.maybe(0.5), "comment": comment(c)}


def show_range(name, item, world):
    diff = {"float8": ", subtype_diff = float8mi", "int": ", subtype_diff = int4range_subdiff"}.get(item["of"], "") if item["diff"] else ""
    return "type %s%s as range (subtype = %s%s)" % (name, was(item), item["of"], diff)


def make_collation(c, world):
    return {"locale": c.pick(["C", "POSIX"]), "comment": comment(c)}


def change_collation(c, world, item):
    item["locale"] = c.pick(["C", "POSIX"])


def show_collation(name, item, world):
    return "collation %s%s (locale = '%s')" % (name, was(item), item["locale"])


def make_aggregate(c, world):
    return {"of": c.pick(calls(world, "plus") or [None]), "zero": c.maybe(0.5), "comment": comment(c)}


def show_aggregate(name, item, world):
    return "aggregate %s(int) (sfunc = %s, stype = int%s)" % (name, item["of"], ", initcond = '0'" if item["zero"] else "")


def make_operator(c, world):
    sign = c.pick([x for x in ("|#%s%s" % (a, b) for a in "<>~@" for b in "~@%#") if x not in c.used])
    c.used.add(sign)
    return dict(make_aggregate(c, world), sign=sign)


def show_operator(name, item, world):
    schema = "app." if name.startswith("app.") else "public."
    commutator = ", commutator = operator(%s%s)" % (schema, item["sign"]) if item["zero"] else ""
    return "operator %s\"%s\" (leftarg = int, rightarg = int, function = %s%s)" % (schema, item["sign"], item["of"], commutator)


def sound_plus(world, item):
    return item["of"] in calls(world, "plus")


def make_rule(c, world):
    return {"of": c.pick(list(world["table"]) or [None]), "on": c.pick(["delete", "insert", "update"]), "state": c.pick(["", "", "disable "]), "also": c.maybe(0.4),
            "when": c.maybe(0.3), "comment": comment(c)}


def change_rule(c, world, item):
    item.update(make_rule(c, world), of=item["of"])


def show_rule(name, item, world):
    action = "also notify %s" % plain_name(name) if item["also"] else "instead nothing"
    row = "new" if item["on"] == "insert" else "old"
    when = " where %s.%s is null" % (row, columns_of(world, item["of"])[-1]) if item["when"] and not item["also"] else ""
    return "rule %s %s as on %s to %s%s do %s" % (plain_name(name), item["state"], item["on"], item["of"], when, action)


def make_event_trigger(c, world):
    return {"of": c.pick(calls(world, "event") or [None]), "on": c.pick(["ddl_command_end", "sql_drop"]), "state": c.pick(["", "disable "]), "comment": comment(c)}


def change_event_trigger(c, world, item):
    item.update(make_event_trigger(c, world))


def show_event_trigger(name, item, world):
    return "event trigger %s %son %s execute function %s()" % (plain_name(name), item["state"], item["on"], item["of"])


def make_dictionary(c, world):
    return {"accept": c.maybe(0.5), "comment": comment(c)}


def show_dictionary(name, item, world):
    return "text search dictionary %s (template = simple, accept = %s)" % (name, "true" if item["accept"] else "false")


def make_configuration(c, world):
    return {"of": c.pick(list(world["dictionary"]) or [None]), "word": c.maybe(0.5), "comment": comment(c)}


def show_configuration(name, item, world):
    return "text search configuration %s (parser = \"default\") add mapping for %s with %s" % (name, "word" if item["word"] else "asciiword", item["of"])


def make_cast(c, world):
    labels = calls(world, "from label")
    return {"of": c.pick(labels or [None]), "how": c.pick(["", " as assignment"]), "comment": comment(c)}


def change_cast(c, world, item):
    item["how"] = c.pick(["", " as assignment"])


def show_cast(name, item, world):
    enum = world["function"][item["of"]]["of"]
    return "cast (%s as int) with function %s(%s)%s" % (enum, item["of"], enum, item["how"])


def sound_cast(world, item):
    same = [i for i in world["cast"].values() if i is not item and i["of"] in world["function"]
            and world["function"][i["of"]].get("of") == world["function"].get(item["of"], {}).get("of")]
    return item["of"] in calls(world, "from label") and not same


# ── foreign data; names of the database's own are in no schema ──

def make_wrapper(c, world):
    return {"option": c.pick([None, "a", "b"]), "comment": comment(c)}


def change_option(c, world, item):
    item["option"] = c.pick([None, "a", "b"])


def options(item, name="host"):
    return " options (%s '%s')" % (name, item["option"]) if item["option"] else ""


def show_wrapper(name, item, world):
    return "foreign data wrapper %s%s" % (plain_name(name), options(item))


def make_server(c, world):
    return dict(make_wrapper(c, world), of=c.pick(list(world["wrapper"]) or [None]), version=c.pick(["", " version '1'"]))


def show_server(name, item, world):
    return "server %s%s foreign data wrapper %s%s" % (plain_name(name), item["version"], plain_name(item["of"]), options(item))


def make_mapping(c, world):
    return {"of": c.pick(list(world["server"]) or [None]), "for": c.pick(["public"] + ROLES), "option": c.pick([None, "a", "b"])}


def show_mapping(name, item, world):
    return "user mapping for %s server %s%s" % (item["for"], plain_name(item["of"]), options(item, "\"user\""))


def sound_mapping(world, item):
    same = [each for each in world["mapping"].values() if each is not item and (each["of"], each["for"]) == (item["of"], item["for"])]
    return item["of"] in world["server"] and not same


def make_foreign(c, world):
    item = dict(make_wrapper(c, world), of=c.pick(list(world["server"]) or [None]), columns={}, check=c.maybe(0.3))
    for name in c.some(COLUMN_NAMES, 1, 3):
        item["columns"][name] = make_foreign_column(c)
    return item


def make_foreign_column(c):
    return {"type": c.pick(NUMBERS + STRINGS + TIMES), "null": c.maybe(0.5), "option": c.pick([None, None, "a", "b"])}


def change_foreign(c, world, item):
    change_option(c, world, item)
    item["check"] = c.maybe(0.3)
    item["columns"].setdefault(c.pick(COLUMN_NAMES), make_foreign_column(c))
    name = c.pick(item["columns"])
    if c.maybe(0.5) or len(item["columns"]) == 1:
        item["columns"][name].update(make_foreign_column(c))
    else:
        del item["columns"][name]


def show_foreign(name, item, world):
    text = "foreign table %s%s server %s%s {\n" % (name, was(item), plain_name(item["of"]), options(item, "path"))
    for column, col in item["columns"].items():
        text += "%s %s%s%s\n" % (column, col["type"], "?" if col["null"] else "", options(col, "name"))
    first = next(iter(item["columns"]), None)
    return text + ("check some (%s is not null)\n" % first if item["check"] and first else "") + "}"


# ── operator classes, default privileges ──

def make_class(c, world):
    return {"for": c.pick(["int", "bigint"]), "comment": comment(c)}


def change_class(c, world, item):
    item["for"] = c.pick(["int", "bigint"])


def show_class(name, item, world):
    size = {"int": "4", "bigint": "8"}[item["for"]]
    return "operator class %s $q$ for type %s using btree as operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, " \
        "function 1 btint%scmp(int%s, int%s) $q$" % (name, item["for"], size, size, size)


DEFAULTS_ON = {"tables": ["select", "insert", "all"], "sequences": ["usage", "select"], "functions": ["execute"], "types": ["usage"]}


def make_defaults(c, world):
    on = c.pick(DEFAULTS_ON)
    return {"for": c.pick(ROLES), "in": c.maybe(0.5), "on": on, "right": c.pick(DEFAULTS_ON[on]), "to": c.pick(ROLES + ["public"])}


def change_defaults(c, world, item):
    item["right"] = c.pick(DEFAULTS_ON[item["on"]])
    item["to"] = c.pick(ROLES)


def show_defaults(name, item, world):
    where = "default privileges for role %s%s " % (item["for"], " in schema app" if item["in"] else "")
    if item.get("none"):  # as they are of themselves
        return where + "revoke all on %s from %s" % (item["on"], item["to"]) if item["in"] or item["to"] in ROLES or item["on"] in ("tables", "sequences") else ""
    return where + "grant %s on %s to %s" % (item["right"], item["on"], item["to"])


EARLY = {
    "range": Kind((0, 1), make_range, flip("diff"), show_range),
    "collation": Kind((0, 1), make_collation, change_collation, show_collation),
}
PARTED = {"parted": Kind((0, 1), make_parted, change_parted, show_parted, sound_parted)}
LATE = {
    "wrapper": Kind((0, 1), make_wrapper, change_option, show_wrapper),
    "server": Kind((0, 1), make_server, change_option, show_server, lambda world, item: item["of"] in world["wrapper"]),
    "mapping": Kind((0, 1), make_mapping, change_option, show_mapping, sound_mapping),
    "foreign": Kind((0, 1), make_foreign, change_foreign, show_foreign, lambda world, item: item["of"] in world["server"]),
    "class": Kind((0, 1), make_class, change_class, show_class),
    "heir": Kind((0, 1), make_heir, change_heir, show_heir, sound_heir),
    "aggregate": Kind((0, 1), make_aggregate, flip("zero"), show_aggregate, sound_plus),
    "operator": Kind((0, 1), make_operator, flip("zero"), show_operator, sound_plus),
    "rule": Kind((0, 1), make_rule, change_rule, show_rule, lambda world, item: item["of"] in world["table"]),
    "event trigger": Kind((0, 1), make_event_trigger, change_event_trigger, show_event_trigger, lambda world, item: item["of"] in calls(world, "event")),
    "cast": Kind((0, 1), make_cast, change_cast, show_cast, sound_cast),
    "dictionary": Kind((0, 1), make_dictionary, flip("accept"), show_dictionary),
    "configuration": Kind((0, 1), make_configuration, flip("word"), show_configuration, lambda world, item: item["of"] in world["dictionary"]),
}
LAST = {
    "defaults": Kind((0, 1), make_defaults, change_defaults, show_defaults),
    "grant": Kind((0, 4), make_grant, change_grant, show_grant, sound_grant),
    "publication": Kind((0, 1), make_publication, change_publication, show_publication, sound_publication),
}
