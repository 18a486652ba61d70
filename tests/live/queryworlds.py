"""Kinds of a world that are written as queries: functions and views."""
from chance import NUMBERS, STRINGS, Kind, calls, columns_of, comment, owner, plain_name, types_of, was

OWN_TYPES = ("enum", "domain", "composite", "range")


# ── functions ──

def make_function(c, world):
    body = c.pick(["calc", "calc", "trigger", "rows", "rows", "atomic", "label", "plus", "event", "from label", "procedure", "table", "default", "row"])
    item = {"body": body, "comment": comment(c), "number": 1}
    own = types_of(world, *OWN_TYPES)
    if body == "calc":
        item.update(takes=c.pick(["int", "bigint", "numeric"]), returns=c.pick(["int", "bigint", "numeric"]), twin=c.maybe(0.2))
    if body in ("rows", "atomic"):
        item["of"] = c.pick(list(world["table"]) + list(world["view"]) or [None])
    if body == "label":
        item["of"] = c.pick(own + types_of(world, "table", "view") or [None])
    if body in ("from label", "default"):
        item["of"] = c.pick(list(world["enum"]) or [None])
        item["label"] = c.pick(world["enum"][item["of"]]["labels"]) if item["of"] else None
    if body == "table":
        item.update(of=c.pick(own or [None]), other=c.pick(own or [None]))
    if body == "row":
        item["of"] = c.pick(list(world["table"]) or [None])
    return item


def change_function(c, world, item):
    item["number"] += 1
    if item["body"] == "calc" and c.maybe(0.6):
        item[c.pick(["takes", "returns"])] = c.pick(["int", "bigint", "numeric"])
    if item["body"] == "calc" and c.maybe(0.3):
        item["twin"] = not item["twin"]
    if item["body"] == "default" and item["of"] in world["enum"]:
        item["label"] = c.pick(world["enum"][item["of"]]["labels"])
    if item["body"] == "table":
        item["other"] = c.pick(types_of(world, *OWN_TYPES) or [None])


def show_function(name, item, world):
    arguments, rest = show_routine(name, item, world).split(")", 1)
    twin = "\nfunction %s(a text, b text[]) returns text language sql immutable $q$ select a $q$" % name if item.get("twin") else ""
    return "%s)%s%s%s" % (arguments, owner(item), rest, twin)


def show_routine(name, item, world):
    number, of = item["number"], item.get("of")
    if item["body"] == "calc":
        return "function %s(n %s) returns %s language sql immutable $q$ select (n + %d)::%s $q$" % (
            name, item["takes"], item["returns"], number, item["returns"])
    if item["body"] == "trigger":
        return "function %s() returns trigger language plpgsql $q$ begin return new; end -- %d $q$" % (name, number)
    if item["body"] == "label":
        return "function %s(m %s) returns %s language sql $q$ select m $q$" % (name, of, of)
    if item["body"] == "from label":
        return "function %s(m %s) returns int language sql immutable $q$ select length(m::text) + %d $q$" % (name, of, number)
    if item["body"] == "default":
        return "function %s(m %s default '%s', n int default %d) returns %s[] language sql immutable $q$ select array[m] $q$" % (
            name, of, item["label"].strip("'"), number, of)
    if item["body"] == "table":
        return "function %s(variadic m %s[]) returns table (x %s, y %s[]) language sql $q$ select m[%d], null::%s[] $q$" % (
            name, of, of, item["other"], number, item["other"])
    if item["body"] == "row":
        return "function %s(r %s) returns text language sql stable $q$ select r.id::text || %d $q$" % (name, of, number)
    if item["body"] == "plus":
        return "function %s(a int, b int) returns int language sql immutable return (a + b + %d)" % (name, number)
    if item["body"] == "event":
        return "function %s() returns event_trigger language plpgsql $q$ begin end -- %d $q$" % (name, number)
    if item["body"] == "procedure":
        return "procedure %s() language plpgsql security definer set search_path = '' $q$ begin end -- %d $q$" % (name, number)
    if item["body"] == "rows":
        return "function %s() returns setof %s language sql $q$ select * from %s%s limit %d $q$" % (
            name, of, "" if of.startswith("app.") else "public.", of, number)  # nothing else is on the path of a materialized view
    return "function %s() returns bigint language sql begin atomic $q$ select count(%s) + %d from %s; $q$" % (name, columns_of(world, of)[0], number, of)


def sound_function(world, item):
    body, of = item["body"], item.get("of")
    own = types_of(world, *OWN_TYPES)
    if body in ("rows", "atomic"):
        return bool(columns_of(world, of))
    if body == "label":
        return of in own + types_of(world, "table", "view")
    if body == "default":
        return of in world["enum"] and item["label"] in world["enum"][of]["labels"]
    if body == "table":
        return of in own and item["other"] in own
    return of in world[{"from label": "enum", "row": "table"}[body]] if body in ("from label", "row") else True


# ── views ──

def labels_of(world, base):
    """(column, label): what can be said of a table's columns that are enums."""
    columns = world["table"][base]["columns"] if base in world["table"] else {}
    return [(n, label.strip("'")) for n, col in columns.items() if col["type"] in world["enum"] for label in world["enum"][col["type"]]["labels"]]


def through(world, base):
    """Functions that return its rows."""
    return [f for f in calls(world, "rows") if world["function"][f]["of"] == base]


def make_view(c, world):
    base = c.pick(list(world["table"]) + list(world["view"]) + list(world["parted"]) + list(world["matview"]) or [None])
    return {"of": base, "columns": c.some(columns_of(world, base), 1, 4) if base else [], "where": c.maybe(0.4), "comment": comment(c),
            "call": c.pick(calls(world, "calc")) if calls(world, "calc") and c.maybe(0.3) else None,
            "label": c.pick(labels_of(world, base)) if labels_of(world, base) and c.maybe(0.5) else None,
            "through": c.pick(through(world, base)) if through(world, base) and c.maybe(0.5) else None,
            "with": c.pick(["", "", "security_barrier", "security_invoker = true", "check_option = local"]),
            "trigger": c.pick(calls(world, "trigger")) if calls(world, "trigger") and c.maybe(0.3) else None, "data": c.maybe(0.7),
            "form": c.pick(["plain", "plain", "plain", "star", "counted", "joined", "grouped", "row"]),
            "other": c.pick(list(world["table"]) or [None]), "indexed": c.maybe(0.4)}


def change_view(c, world, item):
    item["where"] = not item["where"]
    item["with"] = c.pick(["", "security_barrier", "security_invoker = true"])
    item["indexed"] = c.maybe(0.5)
    if columns_of(world, item["of"]):
        item["columns"] = c.some(columns_of(world, item["of"]), 1, 4)


def query(item):
    named = item["form"] in ("joined", "grouped", "row")
    first = ("x." if named else "") + item["columns"][0]
    where = " WHERE %s IS NOT NULL" % first if item["where"] else ""
    if item["label"]:
        where = " WHERE %s%s = '%s'" % ("x." if named else "", *item["label"])
    if item["call"]:
        where = " WHERE %s(1) > 0" % item["call"]
    base = item["through"] + "()" if item["through"] else item["of"]
    if item["form"] == "star":
        return "select * from %s%s" % (base, where)
    if item["form"] == "counted":
        return "select max(id::text) as most, count(*) as n from %s%s" % (base, where)
    names = ", ".join(("x." if named else "") + n for n in item["columns"])
    if item["form"] == "joined":
        return "select %s, y.id as other_id from %s x left join %s y on y.id::text = %s::text%s" % (names, base, item["other"], first, where)
    if item["form"] == "grouped":  # its other columns hang on the primary key
        return "select %s, count(*) as times from %s x%s group by x.id" % (names, base, where)
    if item["form"] == "row":
        return "select %s, x as whole from %s x%s" % (names, base, where)
    return "select %s from %s%s" % (names, base, where)


def show_view(name, item, world):
    text = "view %s%s%s $q$ %s $q$" % (name, was(item), " with (%s)" % item["with"] if item["with"] else "", query(item))
    if item["trigger"]:
        text += "\ntrigger %s_t instead of insert on %s for each row execute function %s()" % (plain_name(item.get("first", name)), name, item["trigger"])
    return text


def show_matview(name, item, world):
    col = world["table"].get(item["of"], {"columns": {}})["columns"].get(item["columns"][0], {})
    index = "\nindex (%s desc) name %s_i" % (item["columns"][0], plain_name(item.get("first", name))) if (
        item["indexed"] and item["form"] != "counted" and col.get("type") in NUMBERS + STRINGS + list(world["enum"])) else ""
    return "materialized view %s%s $q$ select row_number() over () as rn, v.* from (%s) v $q$%s {\nindex (rn) unique%s\n}" % (
        name, was(item), query(item), "" if item["data"] else " with no data", index)


def sound_view(world, item):
    base = item["of"]
    item["columns"] = [n for n in item["columns"] if n in columns_of(world, base)]
    if item["form"] == "star" and base in world["matview"]:  # which has a column rn of its own
        item["form"] = "plain"
    if item["form"] == "star":
        item["columns"] = columns_of(world, base)
    if item["label"] not in labels_of(world, base):
        item["label"] = None
    if item["through"] not in through(world, base):
        item["through"] = None
    if item["other"] not in world["table"] or (item["form"] == "counted" and "id" not in columns_of(world, base)):
        item["form"] = "plain"
    if item["form"] == "grouped" and (base not in world["table"] or world["table"][base].get("pk") or item["through"]):
        item["form"] = "plain"
    if item["form"] == "row" and base not in world["table"]:
        item["form"] = "plain"
    if item["trigger"] not in calls(world, "trigger"):
        item["trigger"] = None
    if world["matview"]:
        item.pop("owner", None)  # who owns a view may not read what it shows
    if base in world["matview"] and not world["matview"][base]["data"]:
        return False  # nobody may read it
    if item["with"] == "check_option = local" and (item["trigger"] or item["through"] or base not in world["table"] or item["form"] != "plain"):
        item["with"] = ""
    return bool(item["columns"]) and not shows_itself(world, item) and (not item["call"] or item["call"] in calls(world, "calc"))


def shows_itself(world, item):
    shown, seen = {**world["view"], **world["matview"]}, []
    while item and not any(item is each for each in seen):
        seen.append(item)
        item = shown.get(item["of"])
    return item is not None


ROUTINES = {"function": Kind((0, 5), make_function, change_function, show_function, sound_function)}
VIEWS = {
    "view": Kind((0, 4), make_view, change_view, show_view, sound_view),
    "matview": Kind((0, 1), make_view, change_view, show_matview, sound_view),
}
