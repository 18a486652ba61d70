"""Who may do what: policies and roles. Roles belong to the whole server: they are made here, for all tests."""
import os

from server import expect

HERE = os.path.dirname(os.path.abspath(__file__))
ROLES = ["reader", "writer", '"Odd role"']
NOTES = 'ON app."Notes t"'

# (what was done by hand to what cases/policies.pdl made, what diff must say): push puts these right.
CHANGED = [
    ('ALTER TABLE later DISABLE ROW LEVEL SECURITY', ["~ table later", "row level security yes -> no|row level security no -> yes"]),
    ('ALTER TABLE later FORCE ROW LEVEL SECURITY', ["~ table later", "forced"]),
    ('ALTER TABLE teams NO FORCE ROW LEVEL SECURITY', ["~ table teams", "forced"]),
    ('ALTER POLICY own %s TO writer' % NOTES, ["~ policy own on app.Notes t", "to writer ->"]),
    ('ALTER POLICY own %s TO public' % NOTES, ["~ policy own on app.Notes t", "to public ->"]),
    ('ALTER POLICY own %s USING (true)' % NOTES, ["~ policy own on app.Notes t", "using true ->"]),
    ('ALTER POLICY own %s WITH CHECK (id > 1)' % NOTES, ["~ policy own on app.Notes t", "with check"]),
    ('DROP POLICY own %s' % NOTES, ["+ policy own on app.Notes t"]),
    ('DROP POLICY own %s; CREATE POLICY own %s FOR SELECT USING (true)' % (NOTES, NOTES), ["~ policy own", "for select -> all"]),
    ('ALTER POLICY self %s USING (id = (SELECT min(n.id) FROM app."Notes t" n WHERE n.team_id = "Notes t".team_id))' % NOTES, ["~ policy self", "min"]),
    ('COMMENT ON POLICY own %s IS NULL' % NOTES, ["~ policy own", "comment"]),
    ('CREATE POLICY more ON later USING (true)', ["- policy more on later"]),
    ('ALTER POLICY open_only ON teams RENAME TO opens', ["+ policy open_only on teams", "- policy opens on teams"]),
    ('ALTER POLICY mine ON other.files USING (true)', ["~ policy mine on other.files"]),
    ('DROP POLICY mine ON other.files', ["+ policy mine on other.files"]),
    ('CREATE POLICY more ON other.files USING (true)', ["- policy more on other.files"]),
]
# Nothing of ours.
SAME = [
    'CREATE POLICY more ON other.left_alone USING (true)',
    'ALTER POLICY "by team" ON other.files WITH CHECK (exists (SELECT FROM public.teams t WHERE t.name::text = bucket))',
    'ALTER TABLE other.files DISABLE ROW LEVEL SECURITY',
]


def drift(server):
    path, database = HERE + "/cases/policies.pdl", server.database("policy_drift")
    push = server.pdlc("push", path, database)
    expect(push.code == 0, "push", push)
    for sql, said in CHANGED:
        server.query(database, sql)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 2 and all(any(w in diff.out for w in words.split("|")) for words in said), "diff after " + sql, diff)
        push = server.pdlc("push", path, database)
        expect(push.code == 0, "push after " + sql, push)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 0, "drift is left after " + sql, diff)
    for sql in SAME:
        server.query(database, sql)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 0, "false drift after " + sql, diff)
    pulled = server.folder + "/policies.pdl"
    pull = server.pdlc("pull", None, database)
    with open(pulled, "w") as f:
        f.write(pull.out)
    diff = server.pdlc("diff", pulled, database)
    expect(pull.code == 0 and diff.code == 0 and "table other.files" in pull.out, "pull", pull)
    expect("other" not in server.pdlc("pull", None, database, "--schema", "app").out, "--schema app shows policies elsewhere")


def missing_role(server):
    """Nothing is done where a role is missing, and its place is named."""
    database, path = server.database("no_role"), server.folder + "/no_role.pdl"
    with open(path, "w") as f:
        f.write("schema app\ntable t {\n  id int pk\n  rls\n  policy a to \"Odd role\", raeder using (true)\n  policy b to nowhere using (true)\n}\n")
    before = server.catalogs(database)
    for options in ([], ["--dry-run"]):
        push = server.pdlc("push", path, database, *options)
        expect(push.code == 1 and "no_role.pdl:5:27: error[PDL0130]" in push.err and 'did you mean "reader"?' in push.err and
               ":6:15: error[PDL0130]" in push.err and "CREATE ROLE" in push.err, "push without roles", push)
    expect(server.catalogs(database) == before, "something was done")


def tests(server):
    server.query("postgres", "".join("CREATE ROLE %s;" % role for role in ROLES))
    yield "policies changed by hand", lambda: drift(server)
    yield "a role that is missing", lambda: missing_role(server)
