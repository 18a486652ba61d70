"""The worked example, schema.pdl, against the schema that it must produce, and what its rules do to rows."""
import os
import shutil

from access import ADA, BOB, as_user, platform
from server import PDLC, Skipped, expect, run

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "../../schema.pdl")
EXPECTED = os.path.join(HERE, "acceptance.expected")  # what CATALOG says of the schema as its story tells it
STORY = os.path.join(HERE, "../../../shared/seed/acceptance.sql")

CATALOG = """
SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT CASE k.contype WHEN 'p' THEN 'primary key ' WHEN 'u' THEN 'unique ' WHEN 'f' THEN 'foreign key ' ELSE 'check ' END
       || k.conrelid::regclass || ' ' || pg_get_constraintdef(k.oid)
FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT 'index ' || pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY 1
"""


def story(server):
    """The project's copy of the expectation is that of the story, where the story is at hand."""
    if not os.path.exists(STORY):
        raise Skipped("acceptance.sql is not here")
    database = server.database("story")
    with open(STORY) as f:
        server.query(database, f.read())
    with open(EXPECTED) as f:
        expect(server.query(database, CATALOG) == f.read().rstrip("\n"), "acceptance.expected is not what acceptance.sql makes")


def push(server, name):
    database = platform(server, name)
    done = server.pdlc("push", SCHEMA, database)
    expect(done.code == 0, "push", done)
    return database


def catalog(server):
    """Everything of the story is there; there may be more."""
    have = set(server.query(push(server, "acceptance"), CATALOG).split("\n"))
    with open(EXPECTED) as f:
        lacking = [line for line in f.read().rstrip("\n").split("\n") if line not in have]
    expect(not lacking, "lacking:\n" + "\n".join(lacking))


ROWS = """
INSERT INTO auth.users (id, email) VALUES ('00000000-0000-0000-0000-000000000001', 'a@b'), ('00000000-0000-0000-0000-000000000002', 'c@d');
INSERT INTO circles (user_id, circle_name) SELECT id, 'family' FROM users ORDER BY id;
INSERT INTO thoughts (user_id, thought_text, circle_id) SELECT user_id, 'a thought', id FROM circles ORDER BY id;
INSERT INTO intentions (user_id, intention_text) SELECT id, 'call' FROM users ORDER BY id;
INSERT INTO intention_cares (intention_id, thought_id) SELECT i.id, t.id FROM intentions i JOIN thoughts t USING (user_id);
INSERT INTO stories (user_id, story_text, intention_id) SELECT user_id, 'done', id FROM intentions ORDER BY id;
"""


def rules(server):
    database = push(server, "rules")
    server.query(database, ROWS)
    ask = lambda sql: server.query(database, sql)
    ask("DELETE FROM circles WHERE id = 1")
    expect(ask("SELECT count(*), count(circle_id) FROM thoughts WHERE user_id::text LIKE '%1'") == "1|0",
           "a circle goes, its thoughts stay without it")
    ask("DELETE FROM intentions WHERE id = 1")
    expect(ask("SELECT count(*), count(intention_id) FROM stories WHERE user_id::text LIKE '%1'") == "1|0",
           "an intention goes, its stories stay without it")
    expect(ask("SELECT count(*) FROM intention_cares") == "1", "an intention goes, its cares go")
    ask("DELETE FROM thoughts WHERE id = 2")
    expect(ask("SELECT count(*) FROM intention_cares") == "0", "a thought goes, its cares go")
    ask("DELETE FROM auth.users WHERE id::text LIKE '%2'")
    expect(ask("SELECT email FROM users") == "a@b", "who leaves the platform leaves")
    for table in ("circles", "thoughts", "intentions", "stories"):
        expect(ask("SELECT count(*) FROM %s WHERE user_id::text LIKE '%%2'" % table) == "0", "a user goes, %s go" % table)
    ask("DELETE FROM users")
    expect(ask("SELECT (SELECT count(*) FROM circles) + (SELECT count(*) FROM thoughts) + (SELECT count(*) FROM intentions)"
               " + (SELECT count(*) FROM stories)") == "0", "nothing stays of a user")
    done = server.psql(database, "INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'x'), (gen_random_uuid(), 'x')")
    expect("uq_users_email" in done.err, "an address is used once", done)


def touch(server):
    database = push(server, "touch")
    server.query(database, "INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'a'), (gen_random_uuid(), 'b');"
                 "ALTER TABLE users DISABLE TRIGGER USER; UPDATE users SET updated_at = '2000-01-01'; ALTER TABLE users ENABLE TRIGGER USER")
    server.query(database, "UPDATE users SET vibe_profile = '{}' WHERE email = 'a'")
    expect(server.query(database, "SELECT email FROM users WHERE updated_at > now() - interval '1 hour'") == "a", "an update is a touch")
    server.query(database, "UPDATE users SET updated_at = '1999-01-01' WHERE email = 'b'")
    expect(server.query(database, "SELECT count(*) FROM users WHERE updated_at < now() - interval '1 hour'") == "0",
           "nobody sets the time of a touch by hand")


def own_rows(server):
    """Two people see and change what is theirs alone; who is not signed in sees nothing; the server sees all."""
    database = push(server, "people")
    server.query(database, "INSERT INTO auth.users (id, email) VALUES ('%s', 'ada@b'), ('%s', 'bob@b')" % (ADA, BOB))
    as_one = lambda user, sql, role="authenticated": as_user(server, database, user, sql, role)
    tables = ("users", "thoughts", "circles", "intentions", "intention_cares", "stories")
    for user in (ADA, BOB):
        done = as_one(user, "INSERT INTO circles (user_id, circle_name) VALUES ('{0}', 'family');"
                      "INSERT INTO thoughts (user_id, thought_text, circle_id) SELECT '{0}', 'a thought', id FROM circles;"
                      "INSERT INTO intentions (user_id, intention_text) VALUES ('{0}', 'call');"
                      "INSERT INTO intention_cares (intention_id, thought_id) SELECT i.id, t.id FROM intentions i, thoughts t;"
                      "INSERT INTO stories (user_id, story_text, intention_id) SELECT '{0}', 'done', id FROM intentions".format(user))
        expect(done.code == 0, "one's own rows", done)
    for table in tables:
        owner = {"users": "id", "intention_cares": "(SELECT user_id FROM thoughts t WHERE t.id = thought_id)"}.get(table, "user_id")
        for user in (ADA, BOB):
            expect(as_one(user, "SELECT %s FROM %s" % (owner, table)).out.strip() == user, "one sees one's own %s" % table)
        expect("permission denied" in as_one(None, "SELECT FROM %s" % table, "anon").err, "anon sees no %s" % table)
        expect(as_one(None, "SELECT count(*) FROM %s" % table, "service_role").out.strip() == "2", "the server sees all %s" % table)
    refused = "row-level security"
    for sql, why in (("INSERT INTO circles (user_id, circle_name) VALUES ('%s', 'hers')" % BOB, refused),
                     ("INSERT INTO intention_cares (intention_id, thought_id) VALUES (1, 2)", refused),
                     ("UPDATE stories SET user_id = '%s'" % BOB, refused),
                     ("UPDATE users SET email = 'bob@b'", "permission denied"),
                     ("INSERT INTO users (email) VALUES ('x')", "permission denied"),
                     ("SELECT handle_new_user()", "permission denied"),
                     ("TRUNCATE thoughts", "permission denied")):
        expect(why in as_one(ADA, sql).err, sql, as_one(ADA, sql))
    done = as_one(ADA, "UPDATE users SET vibe_profile = '{}'; UPDATE thoughts SET reflection = 'hm'; DELETE FROM stories; DELETE FROM intention_cares")
    expect(done.code == 0, "changes", done)
    expect(server.query(database, "SELECT count(vibe_profile), (SELECT count(reflection) FROM thoughts), (SELECT count(*) FROM stories),"
                        " (SELECT count(*) FROM intention_cares) FROM users") == "1|1|1|1", "rows of others stay as they are")


RIGHTS = """
ALTER DATABASE no_superuser OWNER TO owning; ALTER PUBLICATION supabase_realtime OWNER TO owning;
GRANT USAGE ON SCHEMA auth, extensions TO owning; GRANT REFERENCES, TRIGGER, SELECT ON auth.users TO owning;
ALTER DEFAULT PRIVILEGES FOR ROLE owning IN SCHEMA public GRANT ALL ON TABLES TO owning, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE owning IN SCHEMA public GRANT ALL ON SEQUENCES TO owning, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE owning IN SCHEMA public GRANT ALL ON FUNCTIONS TO owning, anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin IN SCHEMA public GRANT ALL ON TABLES TO anon;
"""


def no_superuser(server):
    """Whom Supabase lets in may bypass row level security, but is no superuser and does not own the platform's tables."""
    database = platform(server, "no_superuser")
    server.query(database, "CREATE ROLE owning LOGIN CREATEROLE BYPASSRLS;" + RIGHTS)
    for verb in ("push", "diff"):
        done = server.pdlc(verb, SCHEMA, database, user="owning")
        expect(done.code == 0, verb, done)
    pull = server.pdlc("pull", None, database, "--strict", user="owning")
    expect(pull.code == 0 and not pull.err and "default privileges" not in pull.out, "pull: " + pull.err, pull)
    expect(pull.out == server.pdlc("pull", None, push(server, "superuser")).out, "it pulls something else than a superuser does")


def without_sign_up(server):
    """What stood on the platform's table goes with its function; a comment on public comes and goes."""
    database, path = push(server, "without_sign_up"), server.folder + "/without_sign_up.pdl"
    with open(SCHEMA) as f:
        text = f.read()
    without = text[:text.index("/// Every sign-up")] + text[text.index("/// A capture"):]
    for schema, triggers, comment in ((without, "0", "standard public schema"), ("/// Ours.\nschema public\n" + without, "0", "Ours."), (text, "1", "")):
        with open(path, "w") as f:
            f.write(schema)
        for verb in ("push", "diff"):
            done = server.pdlc(verb, path, database)
            expect(done.code == 0, verb, done)
        expect(server.query(database, "SELECT count(*), obj_description('public'::regnamespace) FROM pg_trigger WHERE tgname = 'on_auth_user_created'")
               == "%s|%s" % (triggers, comment), "triggers and comment")


def migrations(server):
    """The committed migrations go up, down and up on the platform, and lead to schema.pdl."""
    folder = server.folder + "/worked"
    shutil.copytree(os.path.join(HERE, "../../generated/migrations"), folder + "/generated/migrations")
    shutil.copy(SCHEMA, folder)
    database = platform(server, "migrated")
    for arguments in (["up", "--db", server.url(database)], ["diff", "--db", server.url(database)], ["down", "all", "--db", server.url(database)],
                      ["up", "--db", server.url(database)], ["diff", "--db", server.url(database)]):
        done = run([PDLC, *arguments], folder=folder)
        expect(done.code == 0, " ".join(arguments[:2]), done)


def tests(server):
    yield "acceptance of the story", lambda: story(server)
    yield "acceptance of the catalog", lambda: catalog(server)
    yield "acceptance of the delete rules", lambda: rules(server)
    yield "acceptance of touch", lambda: touch(server)
    yield "acceptance of row level security", lambda: own_rows(server)
    yield "acceptance without a superuser", lambda: no_superuser(server)
    yield "acceptance without sign-ups", lambda: without_sign_up(server)
    yield "acceptance of the migrations", lambda: migrations(server)
