"""Schemas made by chance, and changed by chance, from a seed alone. A world is plain data: {kind: {name: item}} (chance.py); more of
its kinds are in otherworlds.py and queryworlds.py."""
import copy
import re

import otherworlds
import queryworlds
from chance import (COLUMN_NAMES, DEFAULTS, FAMILIES, KNOWN, NUMBERS, OWNERS, ROLES, SCHEMAS, STRINGS, TIMES, Chance, Kind, calls, comment, family, fresh,
                    lines_of, origins, plain_name, renamed, types_of, was)

LABELS = ["new", "open", "'on hold'", "done", "'it''s'", "lost", "'back\\slash'"]
VALUES = {"int": "7", "bigint": "(6 + 1)", "numeric": "7.5", "text": "'x'", "timestamptz": "'2020-01-01'", "date": "'2020-01-01'", "bool": "true"}


OWN_NUMBERS = ["identity", "identity always", "identity (start 5 increment 2)", "serial"]
KEY_CLAUSES = ["", "", "nulls not distinct", "deferrable initially deferred", "include (id)", "with (fillfactor = 80)"]
CLAUSES = ["", "", "", "replica identity full", "replica identity nothing"]
REFERENCE_CLAUSES = ["cascade", "restrict", "on update cascade no action", "no action deferrable initially deferred", "no action not valid", "set null"]


# ── what there may be of each kind: make, change, show ──

def any_type(c, world):
    own = types_of(world, "enum", "domain", "composite", "range") + (list(world["table"]) if c.maybe(0.2) else [])
    if own and c.maybe(0.3):
        return c.pick(own) + ("[]" if c.maybe(0.15) else "")
    return c.pick(c.pick(FAMILIES))


def default_of(c, world, type_):
    if type_ in world["enum"]:
        return c.pick(["'" + label.strip("'") + "'" for label in world["enum"][type_]["labels"]])
    if type_ in NUMBERS:
        options = ["0", "7", "(1 + 2)"] + ["nextval('%s')" % s for s in world["sequence"] if type_ == "bigint"]
        options += ["%s(3)" % f for f, item in world["function"].items() if item["body"] == "calc" and item["returns"] == type_]
        return c.pick(options)
    if type_ in STRINGS:
        return c.pick(["'x'", "''", "upper('y')"])
    if type_.endswith("[]") and type_ not in KNOWN:
        return "'{}'"
    return c.pick(DEFAULTS[type_]) if type_ in DEFAULTS else None


def make_enum(c, world):
    return {"labels": c.some(LABELS, 2, 5), "comment": comment(c)}


def change_enum(c, world, item):
    what = c.pick(["add", "add", "other", "rename"])
    if what == "add":
        item["labels"].insert(c.rng.randint(0, len(item["labels"])), c.pick([x for x in LABELS if x not in item["labels"]] or ["extra"]))
    elif what == "other":
        item["labels"] = c.some(LABELS, 2, 5)
    else:
        old, new = c.pick(item["labels"]), c.pick(["fresh", "'a new one'"])
        item["labels"] = [new if x == old else x for x in item["labels"]]
        item["was labels"] = {new: old}
    item["labels"] = list(dict.fromkeys(item["labels"]))


def show_enum(name, item, world):
    labels = [x + (" was " + item["was labels"][x] if x in item.get("was labels", {}) else "") for x in item["labels"]]
    return "enum %s%s { %s }" % (name, was(item), ", ".join(labels))


def show_default(value):
    """A name in a string is quoted once more."""
    if value and value.startswith("nextval("):
        value = "nextval('%s')" % value[len("nextval('"):-2].replace("'", "''")
    return " = " + value if value else ""


def make_domain(c, world):
    base = c.pick(NUMBERS + STRINGS + types_of(world, "enum", "domain", "range"))
    item = {"base": base, "default": default_of(c, world, base) if c.maybe(0.3) else None, "checks": {}, "comment": comment(c)}
    for check in c.some(["sane", "other", "\"third one\""], 0, 2):
        item["checks"][check] = "value is not null"
    return item


def change_domain(c, world, item):
    if c.maybe(0.3) and family(item["base"]):
        item["base"] = c.pick(family(item["base"]))
        item["default"] = None
    checks = c.some(["sane", "other", "\"third one\""], 0, 3)
    # enums of domains of domains have no operators
    sayings = ["value is not null", "value is not distinct from value"][:1 if item["base"] in types_of(world, "domain") else 2]
    item["checks"] = {check: c.pick(sayings) for check in checks}


def show_domain(name, item, world):
    checks = "".join(" check %s (%s)" % pair for pair in sorted(item["checks"].items()))
    return "domain %s %s%s%s%s" % (name, item["base"], was(item), show_default(item["default"]), checks)


def make_composite(c, world):
    types = c.some(NUMBERS + STRINGS + types_of(world, "enum", "domain", "composite", "range"), 1, 3)
    return {"attributes": {"part%d" % i: t for i, t in enumerate(types)}, "comment": comment(c)}


def change_composite(c, world, item):
    if c.maybe(0.5):
        item["attributes"]["added"] = c.pick(STRINGS)
    else:
        name = c.pick(item["attributes"])
        if family(item["attributes"][name]):
            item["attributes"][name] = c.pick(family(item["attributes"][name]))


def show_composite(name, item, world):
    return "type %s%s {\n%s}" % (name, was(item), "".join("  %s %s\n" % pair for pair in item["attributes"].items()))


def make_sequence(c, world):
    return {"increment": c.pick([1, 2, 10]), "cycle": c.maybe(0.2), "comment": comment(c), "type": c.pick(["", "", " as int"]), "min": c.pick([1, 1, 5]),
            "max": c.pick([None, 1000]), "cache": c.pick([1, 1, 20])}


def change_sequence(c, world, item):
    other = make_sequence(c, world)
    item.update({key: other[key] for key in c.some(["increment", "cycle", "type", "min", "max", "cache"], 1, 2)})
    if c.maybe(0.4):
        own_sequence(c, world, item)


def show_sequence(name, item, world):
    return "sequence %s%s%s increment %d minvalue %d%s%s%s%s" % (
        name, was(item), item["type"], item["increment"], item["min"], " maxvalue %d" % item["max"] if item["max"] else "",
        " cache %d" % item["cache"] if item["cache"] > 1 else "", " cycle" if item["cycle"] else "",
        " owned by %s.%s" % tuple(item["owned"]) if item.get("owned") else "")


def own_sequence(c, world, item):
    """It goes with a column, where they live in one schema and have one owner."""
    table = c.pick(list(world["table"]) or [None])
    item["owned"] = [table, c.pick(world["table"][table]["columns"])] if table and world["table"][table]["columns"] and c.maybe(0.6) else None


def sound_owned(world, name, item):
    table = world["table"].get(item["owned"][0])
    return table and item["owned"][1] in table["columns"] and in_app(item["owned"][0]) == in_app(name) and table.get("owner") == item.get("owner") and \
        not table["unlogged"]


def in_app(name):
    return name.startswith("app.")


def make_column(c, world, tables):
    if tables and c.maybe(0.2):
        return {"ref": c.pick(tables), "rule": c.pick(["", " cascade", " restrict"]), "null": c.maybe(0.5), "type": None, "comment": None}
    type_ = any_type(c, world)
    item = {"type": type_, "null": c.maybe(0.4), "comment": comment(c)}
    if type_ in STRINGS and c.maybe(0.2):
        item["collate"] = c.pick(["\"C\"", "\"POSIX\""] + list(world["collation"]))
    if c.maybe(0.35):
        item["default"] = default_of(c, world, type_)
    if not item.get("default") and type_ in ("int", "bigint") and c.maybe(0.15):
        item.update(identity=c.pick(OWN_NUMBERS), null=False)
    if type_ in STRINGS + ["jsonb", "bytea", "text[]"] and c.maybe(0.15):
        item["storage"] = c.pick(["storage external", "compression pglz", "statistics 50"])
    return item


def plain_columns(table, types=None):
    return [n for n, col in table["columns"].items() if not col.get("generated") and not col.get("ref") and (types is None or col["type"] in types)]


def keys_of(table):
    """{column: type} of those that others can refer to."""
    own = [part["columns"][0] for part in table["parts"].values()
           if part["kind"] == "unique" and len(part["columns"]) == 1 and "deferrable" not in part["clause"]]
    return {"id": table["key"], **{n: table["columns"][n]["type"] for n in own if n in table["columns"] and table["columns"][n]["type"]}}


def make_part(c, world, name, table):
    kind = c.pick(["unique", "check", "index", "index", "foreign", "generated", "exclude", "trigger", "policy", "touch", "statistics"])
    columns, numbers = plain_columns(table), plain_columns(table, NUMBERS)
    simple = [n for n in columns if table["columns"][n]["type"] in NUMBERS + STRINGS + TIMES]
    sorted_ = simple + plain_columns(table, world["enum"])
    call = ("call", c.pick(numbers), c.pick(calls(world, "calc"))) if calls(world, "calc") and numbers and c.maybe(0.5) else None
    labelled = plain_columns(table, world["enum"])
    if labelled and c.maybe(0.5):
        column = c.pick(labelled)
        call = ("label", column, c.pick(world["enum"][table["columns"][column]["type"]]["labels"]).strip("'"))
    if kind == "unique" and sorted_:
        return {"kind": kind, "columns": c.some(sorted_, 1, 2), "clause": c.pick(KEY_CLAUSES), "comment": comment(c)}
    if kind == "check" and columns:
        return {"kind": kind, "sql": call or ("not null", c.pick(columns)), "clause": c.pick(["", "", "", "not valid", "no inherit"]), "comment": comment(c)}
    if kind == "foreign":
        fits = [(n, t, key) for n in columns for t, other in world["table"].items() for key, type_ in keys_of(other).items() if type_ == table["columns"][n]["type"]]
        column, to, key = c.pick(fits or [(None, None, None)])
        return {"kind": kind, "column": column, "to": to, "key": key, "clause": c.pick(REFERENCE_CLAUSES), "comment": comment(c)} if fits else None
    if kind == "index" and sorted_:
        keys = c.some(sorted_, 1, 2)
        if c.maybe(0.3):
            keys.append(("null", c.pick(sorted_)))
        return {"kind": kind, "columns": keys, "unique": c.maybe(0.2), "order": c.pick(["", "", " desc", " desc nulls last"]), "comment": comment(c),
                "include": c.some(sorted_, 1, 1) if c.maybe(0.2) else [], "using": c.pick([None, None, None, "hash"]),
                "where": (call or ("not null", c.pick(sorted_))) if c.maybe(0.3) else None}
    if kind == "generated" and numbers:
        return {"kind": kind, "sql": ("value",) + call[1:] if call and call[0] == "call" else ("double", c.pick(numbers))}
    if kind == "exclude" and plain_columns(table, ["tstzrange"]):
        return {"kind": kind, "column": plain_columns(table, ["tstzrange"])[0], "comment": comment(c)}
    triggers = [f for f, item in world["function"].items() if item["body"] == "trigger"]
    if kind == "statistics" and len(simple) > 1:
        return {"kind": kind, "columns": c.some(simple, 2, 3), "sort": c.pick(["", " (dependencies)", " (ndistinct, mcv)"]), "comment": comment(c)}
    if kind == "trigger" and triggers and columns:
        return {"kind": kind, "function": c.pick(triggers), "of": c.some(columns, 0, 1), "comment": comment(c),
                "when": c.pick(simple + ["*"]) if c.maybe(0.5) else None, "time": c.pick(["BEFORE", "AFTER"]),
                "form": c.pick(["row", "row", "statement", "constraint", "new rows"]), "state": c.pick(["", "", "disable ", "enable always "])}
    if kind == "policy" and columns:
        sql = call or c.pick([("not null", c.pick(columns)), ("exists", None, c.pick(list(world["table"]) or [None]))])
        return {"kind": kind, "sql": sql, "comment": comment(c), "forced": c.maybe(0.2), "permissive": c.maybe(0.7), "to": c.pick([None, None] + ROLES),
                "for": c.pick(["select", "all", "insert", "update", "delete"])}
    if kind == "touch" and plain_columns(table, TIMES[:2]):
        return {"kind": kind, "column": plain_columns(table, TIMES[:2])[0]}
    return None


def make_table(c, world):
    tables = list(world["table"])
    item = {"columns": {}, "parts": {}, "key": c.pick(["int", "bigint", "uuid", "text"]), "unlogged": c.maybe(0.05), "comment": comment(c),
            "fillfactor": c.pick([None, None, 70]), "clause": c.pick(CLAUSES), "pk": None}
    for name in c.some(COLUMN_NAMES, 2, 6):
        item["columns"][name] = make_column(c, world, tables)
    for number in range(c.rng.randint(0, 4)):
        part = make_part(c, world, None, item) if tables else None
        if part:
            item["parts"]["p%d" % number] = part
    item["pk"] = c.pick(sorted(other_keys(world, item))) if other_keys(world, item) and c.maybe(0.15) else None
    return item


def other_keys(world, table):
    """Columns that may be the primary key in place of id, which is unique then."""
    return {n for n, col in table["columns"].items() if col["type"] in NUMBERS + STRINGS + TIMES + list(world["enum"]) and not col["null"]}


def change_table(c, world, item):
    for _ in range(c.rng.randint(1, 3)):
        what, names = c.pick(["add", "drop", "type", "null", "default", "rename", "part", "part", "unpart", "key", "comment", "settings", "identity", "storage", "swap", "pk"]),\
            list(item["columns"])
        name = c.pick(names) if names else None
        if what == "add":
            new = c.pick(COLUMN_NAMES)
            if new not in item["columns"]:
                item["columns"][new] = make_column(c, world, [])
        elif what == "part":
            item["parts"]["p%d" % c.rng.randint(0, 5)] = make_part(c, world, None, item) or {"kind": "check", "sql": ("not null", "id"), "clause": "", "comment": None}
        elif what == "unpart" and item["parts"]:
            del item["parts"][c.pick(item["parts"])]
        elif what == "key" and c.maybe(0.5):
            item["key"] = c.pick(["int", "bigint"]) if item["key"] in ("int", "bigint") else item["key"]
        elif what == "pk":
            item["pk"] = c.pick([None] + sorted(other_keys(world, item)))
        elif what == "swap" and len(item["parts"]) > 1:
            one, other = c.some(item["parts"], 2, 2)
            item["parts"][one], item["parts"][other] = item["parts"][other], item["parts"][one]
        elif what == "comment":
            item["comment"] = comment(c)
        elif what == "settings":
            item["fillfactor"] = c.pick([None, 50, 70])
            item["clause"] = c.pick(CLAUSES)
        elif name:
            col = item["columns"][name]
            if what == "drop" and len(names) > 1:
                del item["columns"][name]
            elif what == "type" and family(col["type"]) and not col.get("identity"):
                col["type"] = c.pick(family(col["type"]) + (["text"] if family(col["type"]) in (NUMBERS, TIMES) else []))
                col["default"] = None
                col["using"] = c.maybe(0.2)
            elif what == "null" and not col.get("identity"):
                col["null"] = not col["null"]
                if not col["null"] and not col.get("default") and VALUES.get(col["type"]) and c.maybe(0.7):
                    col["backfill"] = VALUES[col["type"]]
            elif what == "default" and not col.get("identity") and not col.get("ref"):
                col["default"] = default_of(c, world, col["type"])
            elif what == "identity" and col.get("identity"):
                col["identity"] = c.pick(OWN_NUMBERS)
            elif what == "storage" and col["type"] in STRINGS:
                col["storage"] = c.pick([None, "storage external", "storage main", "statistics 70"])
            elif what == "rename":
                new = c.pick(COLUMN_NAMES)
                if new not in item["columns"]:
                    item["columns"] = {new if n == name else n: v for n, v in item["columns"].items()}
                    col["was"] = name
                    for part in item["parts"].values():
                        rename_in(part, name, new)
                    rename_readers(c, world, item, name, new)


def rename_readers(c, world, table, old, new):
    """What reads a column that is renamed reads it still, some of the time."""
    called = next(n for n, item in world["table"].items() if item is table)
    for item in [*world["view"].values(), *world["matview"].values()]:
        if item["of"] == called and c.maybe(0.7):
            item["columns"] = list(dict.fromkeys(new if n == old else n for n in item["columns"]))
            item["label"] = (new, item["label"][1]) if item["label"] and item["label"][0] == old else item["label"]
    for item in world["sequence"].values():
        item["owned"] = [called, new] if item.get("owned") == [called, old] else item.get("owned")
    for other in world["table"].values():
        for part in other["parts"].values():
            if part["kind"] == "foreign" and (part["to"], part["key"]) == (called, old):
                part["key"] = new
    table["pk"] = new if table["pk"] == old else table["pk"]


def rename_in(part, old, new):
    for key in ("columns", "of", "include"):
        if isinstance(part.get(key), list):
            part[key] = list(dict.fromkeys(new if n == old else n for n in part[key]))
    for key in ("column", "when"):
        if part.get(key) == old:
            part[key] = new
    for key in ("sql", "where"):
        if part.get(key) and part[key][1] == old:
            part[key] = (part[key][0], new) + part[key][2:]
    if "columns" in part:
        part["columns"] = [(n[0], new) if isinstance(n, tuple) and n[1] == old else n for n in part["columns"]]


FORMS = {"call": "{f}(({c})::int) > 0", "value": "({f}(({c})::int))::bigint", "double": "({c} * 2)::bigint", "not null": "{c} is not null",
         "null": "({c} is null)", "exists": "exists (select from {f} e where e.id is not null)",
         "label": "{c} = '{f}'"}


def sql_of(form):
    """(form, column, function or table)"""
    return FORMS[form[0]].format(c=form[1], f=form[2] if len(form) > 2 else None)


def show_event(part):
    if part["form"] == "statement":
        return "AFTER INSERT OR DELETE OR TRUNCATE FOR EACH STATEMENT"
    if part["form"] == "new rows":
        return "AFTER UPDATE REFERENCING OLD TABLE AS gone NEW TABLE AS come FOR EACH STATEMENT"
    of = " OF " + ", ".join(part["of"]) if part["of"] else ""
    when = " WHEN (old.%s IS DISTINCT FROM new.%s)" % (part["when"], part["when"]) if part["when"] and (part["when"] != "*" or part["time"] == "AFTER") else ""
    if part["form"] == "constraint":
        return "CONSTRAINT AFTER UPDATE%s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW%s" % (of, when)
    return "%s UPDATE%s FOR EACH ROW%s" % (part["time"], of, when)


def show_part(name, part):
    kind, note = part["kind"], lines_of(part.get("comment"))
    called = "%s_%s" % (plain_name(name[0]), name[1])
    if kind == "unique":
        return "%sunique (%s) %s name %s\n" % (note, ", ".join(part["columns"]), part["clause"], called)
    if kind == "check":
        return "%scheck %s (%s) %s\n" % (note, called, sql_of(part["sql"]), part["clause"])
    if kind == "foreign":
        return "%sforeign (%s) -> %s(%s) %s name %s\n" % (note, part["column"], part["to"], part["key"], part["clause"], called)
    if kind == "index":
        hashed = part["using"] == "hash" and len(part["columns"]) == 1
        keys = [(n if isinstance(n, str) else sql_of(n)) + ("" if hashed else part["order"]) for n in part["columns"]]
        clauses = " using hash" if hashed else " unique" if part["unique"] else ""
        clauses += " include (%s)" % part["include"][0] if part["include"] and not hashed else ""
        return "%sindex (%s)%s%s name %s\n" % (note, ", ".join(keys), clauses,
                                              " where (%s)" % sql_of(part["where"]) if part["where"] else "", called)
    if kind == "generated":
        return "%s bigint? generated (%s) stored\n" % (name[1], sql_of(part["sql"]))
    if kind == "exclude":
        return "%sexclude using gist (%s with &&) name %s\n" % (note, part["column"], called)
    if kind == "statistics":
        return "%sstatistics \"%s\"%s on %s\n" % (note, called, part["sort"], ", ".join(part["columns"]))
    if kind == "trigger":
        return note + "trigger %s %s%s EXECUTE FUNCTION %s()\n" % (called, part["state"], show_event(part), part["function"])
    if kind == "policy":
        sql = sql_of(part["sql"])
        using = "" if part["for"] == "insert" else " using (%s)" % sql
        using += " with check (%s)" % sql if part["for"] in ("insert", "update") else ""
        return "rls%s\n%spolicy %s%s for %s%s%s\n" % (" forced" if part["forced"] else "", note, called, "" if part["permissive"] else " as restrictive",
                                                   part["for"], " to " + part["to"] if part["to"] else "", using)
    return ""


def show_column(name, col, touched, world):
    text = lines_of(col.get("comment")) + name
    if col.get("ref"):
        return "%s -> %s%s%s%s\n" % (text, col["ref"], "(id)" if world["table"][col["ref"]]["pk"] else "", "?" if col["null"] else "", col["rule"])
    text += " %s%s" % ({"int": "serial", "bigint": "bigserial"}[col["type"]] if col.get("identity") == "serial" else col["type"], "?" if col["null"] else "")
    text += show_default(col.get("default"))
    text += " " + col["identity"] if col.get("identity", "serial") != "serial" else ""
    text += " " + col["storage"] if col.get("storage") else ""
    text += " collate " + col["collate"] if col.get("collate") and col["type"] in STRINGS else ""
    text += " touch" if touched else ""
    text += " using (%s::text::%s)" % (name, col["type"]) if col.get("using") and not touched else ""
    text += " backfill (%s)" % col["backfill"] if col.get("backfill") else ""
    return text + was(col) + "\n"


def show_table(name, item, world):
    text = "table %s%s%s %s%s {\nid %s %s\n" % (name, " unlogged" if item["unlogged"] else "",
                                                " with (fillfactor=%d)" % item["fillfactor"] if item["fillfactor"] else "", item["clause"],
                                                was(item), item["key"], "unique\npk (%s)" % item["pk"] if item["pk"] else "pk")
    touched = {part["column"] for part in item["parts"].values() if part["kind"] == "touch"}
    for column, col in item["columns"].items():
        text += show_column(column, col, column in touched, world)
    secured = False
    for part in item["parts"]:
        shown = show_part((item.get("first", name), part), item["parts"][part])
        if shown.startswith("rls"):
            shown = shown.split("\n", 1)[1] if secured else shown
            secured = True
        text += shown
    return text + "}"


KINDS = {  # in the order of making
    **otherworlds.EARLY,
    "enum": Kind((0, 2), make_enum, change_enum, show_enum),
    "domain": Kind((0, 2), make_domain, change_domain, show_domain),
    "composite": Kind((0, 1), make_composite, change_composite, show_composite),
    "sequence": Kind((0, 2), make_sequence, change_sequence, show_sequence),
    "table": Kind((1, 5), make_table, change_table, show_table),
    **otherworlds.PARTED,
    **queryworlds.ROUTINES,
    **queryworlds.VIEWS,
    **otherworlds.LATE,
    **otherworlds.LAST,
}
MOVABLE = ("enum", "domain", "composite", "sequence", "table", "parted", "view", "matview", "range", "collation")


# ── what no longer fits goes ──

def sound_column(world, col):
    """A table that is logged cannot refer to one that is not."""
    if col.get("ref"):
        return col["ref"] in world["table"] and not world["table"][col["ref"]]["unlogged"]
    if col.get("collate") and not col["collate"].startswith(("\"C", "\"P")) and col["collate"] not in world["collation"]:
        col["collate"] = None
    base = col["type"].replace("[]", "")
    if base in world["table"]:  # Postgres converts nothing in rows that are values: their types must not be made anew
        return all(c.get("ref") or c["type"] in KNOWN for c in world["table"][base]["columns"].values())
    return col["type"] in KNOWN or base in types_of(world, "enum", "domain", "composite", "range")


def sound_part(world, table, part):
    columns, kind = table["columns"], part["kind"]
    types = {n: col["type"] for n, col in columns.items() if not col.get("ref")}
    known = set(types) | {"id"}
    if kind == "statistics" and len(part["columns"]) < 2:
        return False
    if kind == "foreign":
        to = world["table"].get(part["to"])
        column = columns.get(part["column"])
        return bool(to and column) and keys_of(to).get(part["key"]) == types.get(part["column"]) and (table["unlogged"] or not to["unlogged"]) and \
            not (part["clause"] == "set null" and not column["null"])
    if kind in ("unique", "index", "statistics"):
        plain = [n for n in part["columns"] if isinstance(n, str)] + part.get("include", [])
        forms = [n for n in part["columns"] if isinstance(n, tuple)] + ([part["where"]] if part.get("where") else [])
        return all(types.get(n) in NUMBERS + STRINGS + TIMES + list(world["enum"] if kind != "statistics" else []) for n in plain) and all(sound_sql(world, table, f) for f in forms)
    if kind in ("check", "policy", "generated"):
        return sound_sql(world, table, part["sql"])
    if kind == "exclude":
        return types.get(part["column"]) == "tstzrange"
    if kind == "touch":
        return types.get(part["column"]) in TIMES[:2]
    if kind == "trigger":
        fine = world["function"].get(part["function"], {}).get("body") == "trigger" and all(n in known for n in part["of"])
        return fine and (part["when"] in (None, "*") or types.get(part["when"]) in NUMBERS + STRINGS + TIMES)
    return False


def sound_sql(world, table, form):
    types = {n: col["type"] for n, col in table["columns"].items() if not col.get("ref")}
    if form[0] == "exists":
        return form[2] in world["table"]
    if form[0] in ("call", "value"):
        return types.get(form[1]) in NUMBERS and form[2] in calls(world, "calc")
    if form[0] == "label":
        return types.get(form[1]) in world["enum"] and form[2] in [x.strip("'") for x in world["enum"][types[form[1]]]["labels"]]
    return types.get(form[1]) in NUMBERS if form[0] == "double" else form[1] in types or form[1] == "id"


def repair(world):
    """Leaves out what refers to what is not there, until all is sound."""
    before = None
    while before != world:
        before = copy.deepcopy(world)
        for kind, refers in (("domain", lambda d: [d["base"]]), ("composite", lambda t: list(t["attributes"].values()))):
            for name, item in list(world[kind].items()):
                own = types_of(world, "enum", "domain", "range", *(["composite"] if kind == "composite" else []))
                if any(t not in KNOWN and t not in own for t in refers(item)):
                    del world[kind][name]
        for kind in ("composite", "domain"):
            for name in list(world[kind]):
                if name in parts_of(world, name):
                    del world[kind][name]
        for name, item in list(world["domain"].items()):
            base, value = item["base"], item["default"]
            if value and base in world["enum"] and value not in ["'" + x.strip("'") + "'" for x in world["enum"][base]["labels"]]:
                item["default"] = None
            elif value and ("(" in value or base not in KNOWN) and not sound_default(world, base, value):
                item["default"] = None
        earlier = set(world["table"])
        for name, table in reversed(world["table"].items()):
            earlier.remove(name)  # a row holds no row of its own table, nor in a circle
            for column, col in list(table["columns"].items()):
                if not sound_column(world, col) or (col["type"] or "").replace("[]", "") in set(world["table"]) - earlier:
                    del table["columns"][column]
                elif col.get("default") and not sound_default(world, col["type"], col["default"]):
                    col["default"] = None
            for part, item in list(table["parts"].items()):
                if not sound_part(world, table, item):
                    del table["parts"][part]
            if table["pk"] not in other_keys(world, table):
                table["pk"] = None
        for heir in world["heir"].values():  # what is made under a check that is not valid is
            for part in world["table"].get(heir["of"], {"parts": {}})["parts"].values():
                part["clause"] = "" if part.get("clause") == "not valid" else part.get("clause")
        for name, item in world["sequence"].items():
            item["owned"] = item["owned"] if item.get("owned") and sound_owned(world, name, item) else None
        for kind, rules in KINDS.items():
            for name, item in list(world[kind].items()):
                if not rules.sound(world, item):
                    del world[kind][name]
    return world


def parts_of(world, name):
    """The types that a composite type or a domain is made of, and those that these are made of."""
    found, todo = set(), [name]
    while todo:
        of = todo.pop()
        new = set(world["composite"].get(of, {"attributes": {}})["attributes"].values())
        new |= {world["domain"][of]["base"]} if of in world["domain"] else set()
        todo += new - found
        found |= new
    return found


def sound_default(world, type_, value):
    if type_.endswith("[]") and type_ not in KNOWN:
        return value == "'{}'"
    if type_ not in KNOWN and type_ not in world["enum"]:
        return False
    if type_ in world["enum"]:
        return value in ["'" + x.strip("'") + "'" for x in world["enum"][type_]["labels"]]
    if value.startswith("nextval("):
        return value[len("nextval('"):-2] in world["sequence"] and type_ == "bigint"
    if value.endswith("(3)"):
        function = world["function"].get(value[:-3])
        return bool(function) and function["body"] == "calc" and function["returns"] == type_
    return True


def make(c):
    world = {kind: {} for kind in KINDS}
    for kind, rules in KINDS.items():
        for _ in range(c.rng.randint(*rules.count)):
            name = fresh(c, kind[0])
            world[kind][name] = rules.make(c, world)
            if kind in otherworlds.OWNED and c.maybe(0.08):
                world[kind][name]["owner"] = c.pick(OWNERS)
    for name, table in world["table"].items():  # functions are known only now
        for number in range(c.rng.randint(0, 3)):
            part = make_part(c, world, name, table)
            if part:
                table["parts"]["q%d" % number] = part
    for item in world["sequence"].values():
        own_sequence(c, world, item)
    world["schema"] = {"app": {"is": c.pick(SCHEMAS)}}
    return repair(world)


def change(c, old):
    world = copy.deepcopy(old)
    for kind, rules in KINDS.items():
        left = []
        for name in list(world[kind]):
            roll = c.rng.random()
            if roll < 0.1:
                del world[kind][name]
                other = c.pick(MOVABLE)
                if c.maybe(0.3) and kind in MOVABLE and other != kind and not {kind, other} & {"parted"} and not (other == "range" and len(name.encode()) > 50):
                    world[other][name] = KINDS[other].make(c, world)  # of another kind
            elif roll < 0.45:
                rules.change(c, world, world[kind][name])
            elif roll < 0.5 and kind in MOVABLE:
                new = c.pick(left) if left and c.maybe(0.5) else fresh(c, kind[0])
                if kind == "range" and new.startswith("app.") != name.startswith("app."):
                    continue
                left = [name] + [each for each in left if each != new]
                world = renamed(world, name, new)
                world[kind][new]["was"] = name
                world[kind][new].setdefault("first", name)
                name = new
            if name in world[kind] and kind in otherworlds.OWNED and c.maybe(0.05):
                world[kind][name]["owner"] = c.pick(OWNERS + ["postgres"])
            if name in world[kind] and "comment" in world[kind][name] and c.maybe(0.1):
                world[kind][name]["comment"] = comment(c)
        if c.maybe(0.3):
            world[kind][fresh(c, kind[0])] = rules.make(c, world)
    if c.maybe(0.05):
        world["schema"]["app"] = {"is": "moved_app", "was": world["schema"]["app"]["is"]}
    agree(old, repair(world))
    return repair(world)


def agree(old, world):
    """Takes back what Postgres would not do: other types in rows that are values somewhere, or in what comes from another table above."""
    of = {name: old["table"][was] for name, was in origins(old["table"], world["table"]).items()}
    for name, was in origins(old["table"], world["table"]).items():
        if not altered(of[name], world["table"][name]):
            continue
        for holder, table in world["table"].items():
            once = of.get(holder, {"columns": {}})["columns"]
            for column, source in origins(once, table["columns"]).items():
                if {(table["columns"][column]["type"] or "").replace("[]", ""), (once[source]["type"] or "").replace("[]", "")} & {name, was}:
                    del table["columns"][column]
    for name, item in list(world["heir"].items()):
        before = old["heir"].get(name)
        above, once = world["table"][item["of"]], before and old["table"][before["of"]]
        if before and of.get(item["of"]) is not once and any(differ(col, once["columns"].get(n, col)) for n, col in above["columns"].items()):
            del world["heir"][name]


def altered(once, now):
    """Whether no column may hold its rows meanwhile: a type changes, or every row gets a value that it had not."""
    same = origins(once["columns"], now["columns"])
    rest = [col for n, col in now["columns"].items() if n not in same] + [col for n, col in once["columns"].items() if n not in same.values()]
    made = [{n: part["sql"] for n, part in table["parts"].items() if part["kind"] == "generated"} for table in (once, now)]
    return once["key"] != now["key"] or made[0] != made[1] or any(differ(now["columns"][n], once["columns"][was]) for n, was in same.items()) or \
        any(col.get("default") or col.get("identity") or col["type"] not in KNOWN for col in rest)


def differ(col, other):
    return any(col.get(key) != other.get(key) for key in ("type", "ref", "identity", "collate"))


def show(world):
    schema = world["schema"]["app"]
    text = ""
    for kind, rules in KINDS.items():
        for name, item in world[kind].items():
            text += lines_of(item.get("comment")) + rules.show(name, item, world) + "\n"
    text = "target postgres 15\nschema app%s\n%s" % (was(schema), text)
    return named(world, text).replace("schema app", "schema " + schema["is"])


# What an older server has not, and what it has instead.
LATER = {
    14: [("compression pglz", "storage main"), (r"begin atomic \$q\$ (.*?); \$q\$", r"$q$ \1 $q$"), (r"return (\(a \+ b \+ \d+\))", r"$q$ select \1 $q$")],
    15: [("security_invoker = true", "security_barrier"), (" nulls not distinct", ""), (r" where \(id is not null\)", "")],
}


def older(text, version):
    """The schema for a server of this version."""
    for since, forms in LATER.items():
        for form, instead in forms if version < since else []:
            text = re.sub(form, instead, text)
    return text.replace("target postgres 15", "target postgres %d" % min(version, 15), 1)


def named(world, text):
    """What is called app has a name of its own."""
    name = world["schema"]["app"]["is"] + "."
    return re.sub(r"(nextval\(')?app\.", lambda at: at[1] + name.replace("'", "''") if at[1] else name, text)


def undone(old, new):
    """The old world, told what each thing is called in the new one."""
    back = copy.deepcopy(old)
    for kind in MOVABLE:
        for name, item in new[kind].items():
            if item.get("was") in back[kind]:
                back[kind][item["was"]]["was"] = name
            once = back[kind].get(item.get("was", name), {})
            for column, source in origins(once["columns"], item["columns"]).items() if once and kind in ("table", "parted") else ():
                if source != column:
                    once["columns"][source]["was"] = column
            for label, before in item.get("was labels", {}).items():
                if before in once.get("labels", []) and label not in once["labels"]:
                    once["was labels"] = {before: label}
    if new["schema"]["app"].get("was"):
        back["schema"]["app"]["was"] = new["schema"]["app"]["is"]
    return back


def settled(old, new):
    """The old world, the new one, and the old one as the way back; each speaks of what the other does."""
    old, new = copy.deepcopy(old), copy.deepcopy(new)
    otherworlds.settle(old, new)
    otherworlds.settle(new, old)
    return old, new, undone(old, new)


def texts(old, new):
    return tuple(show(world) for world in settled(old, new))


def things(world):
    """What can be left out: (kind, name), and parts of tables."""
    for kind in KINDS:
        for name, item in world[kind].items():
            yield kind, name
            for what in ("parts", "columns", "partitions"):
                if isinstance(item.get(what), dict):
                    yield from ((kind, name, what, part) for part in item[what])


def without(world, thing):
    less = copy.deepcopy(world)
    items = less[thing[0]] if len(thing) == 2 else less[thing[0]].get(thing[1], {}).get(thing[2], {})
    items.pop(thing[-1], None)
    return repair(less)
