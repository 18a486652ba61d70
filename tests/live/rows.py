"""Rows for the tables of a world, and what must be left of them when it has become another one."""
from chance import KNOWN, NUMBERS, STRINGS, TIMES, origins

PLAIN = {"bool": "true", "jsonb": "'{\"n\": 1}'", "json": "'[1]'", "tstzrange": "'empty'", "bytea": "'\\x0102'"}


def value(world, type_, number):
    """One that any check and key of a world lets in, or None."""
    if type_ in NUMBERS:
        return str(number)
    if type_ in STRINGS:
        return "'v%d'" % number
    if type_ in TIMES:
        return "'2020-01-0%d'" % number
    if type_ == "uuid":
        return "'00000000-0000-0000-0000-00000000000%d'" % number
    if type_.endswith("[]"):
        return "'{}'"
    if type_ in PLAIN:
        return PLAIN[type_]
    if type_ in world["enum"]:
        return "'%s'" % world["enum"][type_]["labels"][0].strip("'")
    if type_ in world["domain"]:
        return value(world, world["domain"][type_]["base"], number)
    if type_ in world["composite"]:
        return "row(%s)" % ", ".join(value(world, t, number) for t in world["composite"][type_]["attributes"].values())
    if type_ in world["table"]:
        return "jsonb_populate_record(null::%s, '{}')" % type_
    return "'empty'"  # of a range


def column_value(world, col, number):
    return value(world, world["table"][col["ref"]]["key"] if col.get("ref") else col["type"], number)


def filled(world):
    """{table: {column: [value, value]}}, those that others refer to first."""
    for name, item in world["table"].items():
        yield name, {"id": item["key"]}, item["columns"]
    for name, item in world["heir"].items():
        above = world["table"][item["of"]]
        yield name, {"id": above["key"]}, dict(above["columns"], **item["columns"])
    for name, item in world["parted"].items():
        yield name, {"id": "bigint", "k": "int"}, item["columns"]


def inserts(world):
    """A row is left out where it cannot be: of a partition that is not there, or what a rule or an unsound cycle keeps away."""
    text = "DO $do$ BEGIN\n"
    for name, keys, columns in filled(world):
        for number in (1, 2):
            values = [str(10 * number) if key == "k" else value(world, type_, number) for key, type_ in keys.items()]
            values += [column_value(world, col, number) for col in columns.values()]
            text += "BEGIN INSERT INTO %s (%s) VALUES (%s); EXCEPTION WHEN OTHERS THEN NULL; END;\n" % (
                name, ", ".join([*keys, *columns]), ", ".join(values))
    return text + "END $do$;"


def truncations(world):
    return ["TRUNCATE %s CASCADE;" % name for kind in ("table", "heir", "parted") for name in world[kind]]


def survivors(old, new):
    """Two queries, of the same lines where all that neither goes nor changes is left: on the old schema and on the new one."""
    before, after = [], []

    def same(label, one, other):
        before.append("SELECT '%s', %s" % (label, one))
        after.append("SELECT '%s', %s" % (label, other))

    for name, was in origins(old["table"], new["table"]).items():
        item, once = new["table"][name], old["table"][was]
        name, was = name.replace("%", "%%"), was.replace("%", "%%")
        rows = "(SELECT string_agg(%%s::text, '|' ORDER BY id::text) FROM ONLY %s)::text"
        number = len(before)
        same(number, rows % was % "id", rows % name % "id")
        for column, source in origins(once["columns"], item["columns"]).items():
            col = item["columns"][column]
            if col.get("ref") or once["columns"][source].get("ref"):
                continue
            unchanged = col["type"] == once["columns"][source]["type"] and col["type"] in KNOWN
            form = rows if unchanged else "(SELECT count(%%s) FROM ONLY %s)::text"
            same(number, form % was % source, form % name % column)
    return [" UNION ALL ".join(side) + ";" if side else "" for side in (before, after)]
