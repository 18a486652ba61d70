"""Who may do what: policies and roles. Roles belong to the whole server: they are made here, for all tests."""
import os
import threading

from server import expect

HERE = os.path.dirname(os.path.abspath(__file__))
ROLES_LOCK = threading.Lock()
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


# The same of cases/privileges.pdl.
GRANTED = [
    ('GRANT SELECT ON notes TO public', ["~ privileges on table notes", "public: select"]),
    ('REVOKE ALL ON notes FROM reader', ["~ privileges on table notes"]),
    ('GRANT SELECT (b) ON notes TO writer', ["~ privileges on table notes"]),
    ('REVOKE UPDATE (b) ON notes FROM reader', ["~ privileges on table notes"]),
    ('REVOKE GRANT OPTION FOR DELETE ON notes FROM "Odd role"', ["~ privileges on table notes", "Odd role: delete ->|Odd role: delete,"]),
    ('GRANT SELECT ON bare TO reader', ["~ privileges on table bare"]),
    ('REVOKE USAGE ON SEQUENCE notes_id_seq FROM reader', ["~ privileges on sequence of id of table notes"]),
    ('GRANT EXECUTE ON PROCEDURE p TO public', ["~ privileges on procedure p()"]),
    ('GRANT EXECUTE ON FUNCTION f(mood[]) TO public; REVOKE EXECUTE ON FUNCTION f(mood[]) FROM public; GRANT EXECUTE ON FUNCTION f(mood[]) TO writer',
     ["~ privileges on function f(public.mood[])"]),
    ('REVOKE USAGE ON SCHEMA app FROM reader', ["privileges on schema app"]),
    ('REVOKE CREATE ON SCHEMA public FROM writer', ["privileges on schema public"]),
    ('GRANT USAGE ON TYPE mood TO public', ["~ privileges on enum mood"]),
    ('REVOKE SELECT ON sums FROM public', ["privileges on materialized view sums"]),
    ('DROP TABLE app."Odd t"', ["+ table app.Odd t"]),
    ('ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT INSERT ON TABLES TO writer', ["~ default privileges on tables in schema app"]),
    ('ALTER DEFAULT PRIVILEGES IN SCHEMA app REVOKE ALL ON TABLES FROM reader', ["+ default privileges on tables in schema app"]),
    ('ALTER DEFAULT PRIVILEGES FOR ROLE writer IN SCHEMA app GRANT SELECT ON TABLES TO reader', ["~ default privileges", "for role writer"]),
]
UNGRANTED = [
    'GRANT EXECUTE ON FUNCTION f(int, text) TO public',
    'ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO reader',
    'CREATE TABLE kept (); GRANT ALL ON kept TO reader; DROP TABLE kept',
    'REVOKE ALL ON notes FROM postgres; GRANT ALL ON notes TO postgres',
]


def policies(server):
    path, database = HERE + "/cases/policies.pdl", server.database("policy_drift")
    drift(server, path, database, CHANGED, SAME)
    pulled = server.folder + "/policies.pdl"
    pull = server.pdlc("pull", None, database)
    with open(pulled, "w") as f:
        f.write(pull.out)
    diff = server.pdlc("diff", pulled, database)
    expect(pull.code == 0 and diff.code == 0 and "table other.files" in pull.out, "pull", pull)
    expect("other" not in server.pdlc("pull", None, database, "--schema", "app").out, "--schema app shows policies elsewhere")


def unmanaged(server):
    """Of what no line speaks nothing is changed, and what is made anew keeps it; of the rest, all."""
    database, path = server.database("unmanaged"), server.folder + "/unmanaged.pdl"

    def push(text):
        with open(path, "w") as f:
            f.write("target postgres 15\ntable t {\n  id serial pk\n  a text?\n}\n" + text)
        done = server.pdlc("push", path, database)
        expect(done.code == 0, "push", done)
        done = server.pdlc("diff", path, database)
        expect(done.code == 0, "diff", done)

    acl = lambda what: server.query(database, "SELECT relacl FROM pg_class WHERE oid = '%s'::regclass" % what).replace("Dxtm/", "Dxt/")
    push("view v $$ select id from t $$")
    server.query(database, 'GRANT SELECT ON v TO reader; GRANT INSERT, SELECT (a) ON t TO "Odd role"; GRANT UPDATE ON t_id_seq TO writer')
    push("view v $$ select a, id from t $$")
    expect("reader=r/postgres" in acl("v"), "the view lost its privileges: " + acl("v"))
    expect('Odd role' in acl("t") and "writer=w" in acl("t_id_seq"), "privileges were lost")
    push("view v $$ select a, id from t $$\ngrant select on t to reader, postgres")
    expect(acl("t") == "{postgres=arwdDxt/postgres,reader=r/postgres}" and "reader=r" in acl("v"), "exactly: " + acl("t"))
    server.query(database, "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO writer, reader;"
                           "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM public")
    push("view v $$ select a, id from t $$\ngrant select on t to reader\ntable n {\n  id int pk\n  grant select to reader\n}\n"
         "function f() returns int language sql $$ select 1 $$\ngrant execute on function f() to public, reader\ntable o { id int pk }")
    expect(acl("n") == "{postgres=arwdDxt/postgres,reader=r/postgres}", "a default was left: " + acl("n"))
    expect("writer" in acl("o"), "of another table it was not")


def drift(server, path, database, changed, same):
    push = server.pdlc("push", path, database)
    expect(push.code == 0, "push", push)
    for sql, said in changed:
        server.query(database, sql)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 2 and len(diff.out.splitlines()) <= len(said) and
               all(any(w in diff.out for w in words.split("|")) for words in said), "diff after " + sql, diff)
        push = server.pdlc("push", path, database)
        expect(push.code == 0, "push after " + sql, push)
    server.query(database, ";".join(same))
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "drift is left", diff)


def platform(server, name, script=None):
    """A database as Supabase has it, or as another script makes it, which may count on the roles."""
    database = server.database(name)
    with open(HERE + "/../../templates/supabase/platform.sql") as f:
        stub = f.read()
    with ROLES_LOCK:  # they belong to the whole server
        made = server.psql(database, stub[:stub.index("CREATE SCHEMA")] + script if script else stub, options=["-1"])
    expect(made.code == 0, "platform.sql", made)
    return database


OWNERS = """target supabase 15
table thoughts {
  id       serial  pk
  user_id  -> auth.users cascade  index
  title    text
  access owner(user_id) to authenticated
  realtime
}
"""
ADA, BOB = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"


def as_user(server, database, user, sql, role="authenticated"):
    """What the API does for somebody who is signed in."""
    claims = '{"sub":"%s","role":"%s"}' % (user, role) if user else ""
    return server.psql(database, "BEGIN; SET LOCAL ROLE %s; SET LOCAL request.jwt.claims = '%s'; %s; COMMIT" % (role, claims, sql),
                       options=["-A", "-t"])


def own_rows(server):
    """Each user sees and writes his own rows, whoever is not signed in sees none."""
    database, path = platform(server, "own_rows"), server.folder + "/own_rows.pdl"
    with open(path, "w") as f:
        f.write(OWNERS)
    for verb, code in (("push", 0), ("diff", 0)):
        done = server.pdlc(verb, path, database)
        expect(done.code == code, verb, done)
    server.query(database, "INSERT INTO auth.users (id) VALUES ('%s'), ('%s')" % (ADA, BOB))

    as_one = lambda user, sql, role="authenticated": as_user(server, database, user, sql, role)
    for user in (ADA, BOB):
        done = as_one(user, "INSERT INTO thoughts (user_id, title) VALUES ('%s', 'mine')" % user)
        expect(done.code == 0, "insert of one's own", done)
        expect(as_one(user, "SELECT user_id FROM thoughts").out.strip() == user, "one sees one's own rows")
    expect("row-level security" in as_one(ADA, "INSERT INTO thoughts (user_id, title) VALUES ('%s', 'hers')" % BOB).err, "insert for another")
    expect(as_one(ADA, "UPDATE thoughts SET title = 'changed'; DELETE FROM thoughts WHERE user_id = '%s'" % BOB).code == 0, "update")
    expect("row-level security" in as_one(ADA, "UPDATE thoughts SET user_id = '%s'" % BOB).err, "giving a row away")
    expect(server.query(database, "SELECT user_id, title FROM thoughts ORDER BY 1") == "%s|changed\n%s|mine" % (ADA, BOB), "others' rows stay")
    expect("permission denied" in as_one(None, "SELECT FROM thoughts", "anon").err, "anon sees nothing")
    expect("permission denied" in as_one(ADA, "TRUNCATE thoughts").err, "truncate")
    expect(as_one(None, "INSERT INTO thoughts (user_id, title) VALUES ('%s', 'by the server')" % BOB, "service_role").code == 0, "service_role")
    expect(as_one(ADA, "DELETE FROM thoughts").code == 0 and server.query(database, "SELECT count(*) FROM thoughts") == "2", "delete")
    expect(server.query(database, "SELECT tablename FROM pg_publication_tables WHERE pubname = 'supabase_realtime'") == "thoughts", "realtime")
    server.query(database, "ALTER PUBLICATION supabase_realtime DROP TABLE thoughts; GRANT SELECT ON thoughts TO anon;"
                           "GRANT ALL ON SEQUENCE thoughts_id_seq TO anon")
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 2 and "+ realtime on table thoughts" in diff.out and "~ privileges on table thoughts" in diff.out and
           "~ privileges on sequence of id" in diff.out, "drift", diff)
    expect(server.pdlc("push", path, database).code == 0 and server.pdlc("diff", path, database).code == 0, "push again")
    pulls_back(server, database)
    with open(path, "w") as f:
        f.write(OWNERS.replace("  realtime\n", ""))
    expect(server.pdlc("push", path, database).code == 0 and
           not server.query(database, "SELECT FROM pg_publication_tables WHERE pubname = 'supabase_realtime'"), "realtime no more")


def pulls_back(server, database):
    """Policies and privileges that are exactly those of `access` are pulled as such; what is granted beside them stays."""
    said = "  access owner(user_id) to authenticated\n"

    def pulled(*more):
        pull = server.pdlc("pull", None, database)
        expect(pull.code == 0 and not pull.err and all(line in pull.out for line in more), "pull", pull)
        path = server.folder + "/pulls_back.pdl"
        with open(path, "w") as f:
            f.write(pull.out)
        expect(server.pdlc("diff", path, database).code == 0, "what was pulled differs", server.pdlc("diff", path, database))
        return pull.out

    text = pulled(said, "  realtime\n", "  user_id  -> auth.users cascade  index\n")
    expect("policy" not in text and "grant" not in text and "external" not in text and "  rls" not in text, "noise:\n" + text)
    server.query(database, "GRANT SELECT ON thoughts TO anon; GRANT SELECT ON SEQUENCE thoughts_id_seq TO authenticated")
    pulled(said, "  grant select to anon\n", "grant select on sequence thoughts_id_seq to authenticated\n")
    for change, back in (
            ("ALTER POLICY thoughts_owner_update ON thoughts WITH CHECK (true)", "ALTER POLICY thoughts_owner_update ON thoughts WITH CHECK ((SELECT auth.uid()) = user_id)"),
            ("ALTER POLICY thoughts_owner_insert ON thoughts TO anon", "ALTER POLICY thoughts_owner_insert ON thoughts TO authenticated"),
            ("COMMENT ON POLICY thoughts_owner_delete ON thoughts IS 'x'", "COMMENT ON POLICY thoughts_owner_delete ON thoughts IS NULL"),
            ("REVOKE DELETE ON thoughts FROM service_role", "GRANT DELETE ON thoughts TO service_role"),
            ("GRANT SELECT ON thoughts TO authenticated WITH GRANT OPTION", "REVOKE GRANT OPTION FOR SELECT ON thoughts FROM authenticated"),
            ("REVOKE USAGE ON SEQUENCE thoughts_id_seq FROM service_role", "GRANT USAGE ON SEQUENCE thoughts_id_seq TO service_role"),
            ("ALTER TABLE thoughts DISABLE ROW LEVEL SECURITY", "ALTER TABLE thoughts ENABLE ROW LEVEL SECURITY")):
        server.query(database, change)
        expect("access" not in pulled("policy thoughts_owner_select"), "access after " + change)
        server.query(database, back)
    server.query(database, "ALTER TABLE thoughts FORCE ROW LEVEL SECURITY")
    pulled(said, "  rls forced\n")
    server.query(database, "ALTER TABLE thoughts NO FORCE ROW LEVEL SECURITY; REVOKE ALL ON thoughts FROM anon;"
                 "REVOKE SELECT ON SEQUENCE thoughts_id_seq FROM authenticated")


PROJECT = """target supabase 15
extension pg_trgm
table profiles {
  id    -> auth.users cascade  pk
  name  text?
  rls
  policy own for select to authenticated using ((select auth.uid()) = id)
  index (name extensions.gin_trgm_ops) using gin
}
table plain {
  id  int  pk
}
function handle_new_user() returns trigger language plpgsql security definer set search_path = '' $$
begin
  insert into public.profiles (id) values (new.id) on conflict (id) do nothing;
  return new;
end $$
revoke execute on function handle_new_user() from public, anon, authenticated
trigger on_auth_user_created after insert on auth.users for each row execute function handle_new_user()
external table storage.objects {
  policy avatars for select to anon using (bucket_id = 'avatars' and name <> '')
}
"""


def project(server):
    """Of a Supabase database the platform's own is neither compared nor pulled, and what is ours there is."""
    server.needs("pg_trgm", "pg_stat_statements")
    database, path = platform(server, "project"), server.folder + "/project.pdl"
    with open(path, "w") as f:
        f.write(PROJECT)
    push = server.pdlc("push", path, database)
    expect(push.code == 0, "push", push)
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "diff", diff)
    acl = server.query(database, "SELECT proacl FROM pg_proc WHERE proname = 'handle_new_user'")
    expect(acl == "{postgres=X/postgres}", "privileges of the function: " + acl)
    expect("anon=" in server.query(database, "SELECT relacl FROM pg_class WHERE relname = 'plain'"), "of plain nobody speaks")
    server.query(database, "INSERT INTO auth.users (id) VALUES ('%s')" % ADA)
    expect(server.query(database, "SELECT id FROM profiles") == ADA, "sign-up")
    server.query(database, "CREATE FUNCTION rls_auto_enable() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
                           "CREATE EVENT TRIGGER ensure_rls ON ddl_command_end EXECUTE FUNCTION rls_auto_enable();"
                           "CREATE EXTENSION pg_stat_statements SCHEMA extensions")
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "the platform's own is no difference", diff)
    pull = server.pdlc("pull", None, database, "--strict")
    expect(pull.code == 0, "pull --strict", pull)
    for wanted in ("target supabase ", "extension pg_trgm in extensions", "policy avatars", "trigger on_auth_user_created",
                   "-> auth.users cascade", "revoke all on function handle_new_user() from public"):
        expect(wanted in pull.out, "pull lacks " + wanted, pull)
    for other in ("graphql", "pgbouncer", "grant ", "pg_stat_statements", "rls_auto_enable", "buckets", "default privileges"):
        expect(other not in pull.out, "pull shows " + other, pull)
    again = server.folder + "/project_again.pdl"
    with open(again, "w") as f:
        f.write(pull.out)
    diff = server.pdlc("diff", again, database)
    expect(diff.code == 0, "what was pulled differs", diff)
    push = server.pdlc("push", again, platform(server, "project_again"))
    expect(push.code == 0, "push of what was pulled", push)


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
    yield "policies changed by hand", lambda: policies(server)
    yield "privileges changed by hand", lambda: drift(server, HERE + "/cases/privileges.pdl", server.database("granted"), GRANTED, UNGRANTED)
    yield "privileges that nobody speaks of", lambda: unmanaged(server)
    yield "each user's own rows", lambda: own_rows(server)
    yield "a project of Supabase's", lambda: project(server)
    yield "a role that is missing", lambda: missing_role(server)
