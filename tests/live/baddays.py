"""Rights that are missing, servers that go away, two at once, small lock tables, secrets: nothing is ever half-made."""
import os
import signal
import subprocess
import threading
import time

from server import ENVIRONMENT, PDLC, Server, expect, run

HERE = os.path.dirname(os.path.abspath(__file__))
SECRET = "s3cr3t/p@ss:w%rd"
SMALL = "target postgres 15\nschema app\ntable users { id int pk }\ntable app.posts { id int pk\n  author -> users cascade index }\n"


def schema(server, text, name="schema.pdl"):
    server.count += 1
    folder = "%s/%d" % (server.folder, server.count)
    os.mkdir(folder)
    with open(folder + "/" + name, "w") as f:
        f.write(text)
    return folder + "/" + name


def is_bare(server, database):
    return server.query(database, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0" and \
        server.query(database, "SELECT count(*) FROM pg_namespace WHERE nspname = 'app'") == "0"


def start(server, path, database):
    return subprocess.Popen([PDLC, "push", "--file", path, "--db", server.url(database)], env=ENVIRONMENT, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process):
    out, err = process.communicate(timeout=90)
    return process.returncode, out + err


def wait_for_backend(server, database, state):
    """The pid of pdlc's backend once it does this."""
    for _ in range(200):
        pid = server.query("postgres", "SELECT pid FROM pg_stat_activity WHERE application_name = 'pdlc' AND datname = '%s' AND %s"
                           % (database, state))
        if pid:
            return pid
        time.sleep(0.02)
    raise AssertionError("pdlc never came so far")


def no_rights(server):
    database = server.database("no_rights")
    server.query(database, "CREATE ROLE weak LOGIN")
    push = server.pdlc("push", schema(server, SMALL), database, user="weak")
    expect(push.code == 1 and "42501" in push.err and "schema.pdl:2:" in push.err, "push without rights", push)
    expect(is_bare(server, database), "something was made")


def fails_in_the_middle(server):
    database = server.database("in_the_middle")
    path = schema(server, SMALL + "sql divides needs users { up $$ insert into users values (1); select 1 / (id - 1) from users $$ }\n"
                  "table last { id int pk }\n")
    push = server.pdlc("push", path, database)
    expect(push.code == 1 and "22012" in push.err and "sql block divides" in push.err and "schema.pdl:6:5" in push.err, "push", push)
    expect(is_bare(server, database), "something was made")


SLEEPS = SMALL + "sql waits needs users { up $$ select pg_sleep(%s) $$ }\ntable last { id int pk }\n"


def backend_killed(server):
    database = server.database("backend_killed")
    process = start(server, schema(server, SLEEPS % 20), database)
    pid = wait_for_backend(server, database, "wait_event = 'PgSleep'")
    server.query("postgres", "SELECT pg_terminate_backend(%s)" % pid)
    code, text = finish(process)
    expect(code == 1 and "PDL0631" in text, "push, its backend killed: exit %d\n%s" % (code, text))
    expect(is_bare(server, database), "something was made")


def query_cancelled(server):
    database = server.database("query_cancelled")
    process = start(server, schema(server, SLEEPS % 1), database)
    pid = wait_for_backend(server, database, "wait_event = 'PgSleep'")
    server.query("postgres", "SELECT pg_cancel_backend(%s)" % pid)
    code, text = finish(process)
    expect(code == 1 and "PDL0701" in text, "push, its query cancelled: exit %d\n%s" % (code, text))
    expect(is_bare(server, database), "something was made")


def interrupted(server):
    """pdlc itself is killed: its backend ends by itself, and the next push waits for it."""
    database = server.database("interrupted")
    path = schema(server, SLEEPS % 1)
    process = start(server, path, database)
    wait_for_backend(server, database, "wait_event = 'PgSleep'")
    process.kill()
    finish(process)
    push = server.pdlc("push", path, database)
    expect(push.code == 0, "the next push", push)
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "diff", diff)


def two_at_once(server):
    database = server.database("two_at_once")
    path = schema(server, SLEEPS % 0.3)
    both = [start(server, path, database) for _ in range(3)]
    for process in both:
        code, text = finish(process)
        expect(code == 0, "one of three pushes: exit %d\n%s" % (code, text))
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "diff", diff)


def locked(server):
    """A table that another session holds: push gives up in time, and says so."""
    database = server.database("locked")
    path = schema(server, SMALL)
    server.pdlc("push", path, database)
    server.query(database, "DROP INDEX app.posts_author_idx")
    holder = subprocess.Popen([server.binaries + "/psql", "-X", "-q", "-d", server.url(database), "-c",
                               "BEGIN; LOCK app.posts; SELECT pg_sleep(60)"], env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        push = server.pdlc("push", path, database)
        expect(push.code == 1 and "55P03" in push.err, "push", push)
    finally:
        server.query("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'locked'")
        holder.wait()


def passwords(server):
    database = server.database("passwords")
    server.query("postgres", "CREATE ROLE secretive LOGIN SUPERUSER PASSWORD '%s'" % SECRET)
    path = schema(server, SMALL)
    wrong = server.pdlc("push", path, database, user="secretive", password="wr0ng")
    expect(wrong.code == 1 and "PDL0606" in wrong.err and "wr0ng" not in wrong.text, "a wrong password", wrong)
    none = server.pdlc("diff", path, database, user="secretive")
    expect(none.code == 1 and "PDL0607" in none.err, "no password", none)
    for verb, code in (("push", 0), ("diff", 0), ("push", 0)):
        done = server.pdlc(verb, path, database, user="secretive", password=SECRET)
        expect(done.code == code, "the right password", done)
    gone = server.pdlc("push", path, "no_such_database", user="secretive", password=SECRET)
    expect(gone.code == 1, "no such database", gone)


def secrets(server):
    """A password that pdlc was given is in no output, whichever way it came."""
    path = schema(server, SMALL)
    folder = os.path.dirname(path)
    broken = schema(server, SMALL + "sql fails { up $$ select 1/0 $$ }")
    encoded = server.url("secrets", "secretive", SECRET)
    escaped = "host='%s' port=%d user=secretive dbname=secrets password='%s'" % (server.folder, server.port, SECRET)
    bad = ["postgresql://u:%s@localhost:1/x" % SECRET, "postgresql://u:%s@no-such-host.invalid/x" % "s3cr3t", "postgres//:s3cr3t@",
           "host=/nonexistent password=s3cr3t nonsense", "password=s3cr3t port=x", "https://user:s3cr3t@abc.supabase.co",
           encoded.replace("secrets", "s3cr3t_no_database"), encoded.replace("secretive", "nobody_s")]
    server.database("secrets")
    outputs = []
    for url in [encoded, escaped] + bad:
        for verb, file in (("diff", path), ("push", broken), ("push", path)):
            outputs.append(run([PDLC, verb, "--file", file, "--db", url]))
            outputs.append(run([PDLC, verb, "--json", "--file", file], environment=dict(ENVIRONMENT, DATABASE_URL=url)))
        with open(folder + "/.env", "w") as f:
            f.write("DATABASE_URL=%s\n" % url)
        outputs.append(run([PDLC, "diff"], folder=folder))
        os.remove(folder + "/.env")
    for output in outputs:
        text = output.text.replace("s3cr3t_no_database", "")
        expect("s3cr3t" not in text and SECRET not in text, "a secret was shown", output)


def no_server(server):
    path = schema(server, SMALL)
    done = run([PDLC, "push", "--file", path, "--db", "postgresql://postgres@/x?host=" + os.path.dirname(path)])
    expect(done.code == 1 and "PDL0605" in done.err, "no server", done)


def uncompared(server):
    database = server.database("uncompared")
    path = schema(server, SMALL)
    expect(server.pdlc("push", path, database).code == 0, "push")
    server.query(database, "CREATE TYPE shell; ALTER TABLE users FORCE ROW LEVEL SECURITY;"
                 "CREATE STATISTICS s ON id, author FROM app.posts; ALTER STATISTICS s SET STATISTICS 9;"
                 "CREATE MATERIALIZED VIEW m AS SELECT 1 AS a, 2 AS b;"  # some minor releases keep a note of their own
                 "UPDATE pg_attribute SET attoptions = CASE attname WHEN 'a' THEN '{pg_attver=1,n_distinct=5}' ELSE '{pg_attver=1}' END::text[]"
                 " WHERE attrelid = 'm'::regclass AND attnum > 0")
    diff = server.pdlc("diff", path, database)
    for said in ("PDL0704", "1 base type", "1 forced but not enabled row level security of a table", "1 statistics target of",
                 "1 setting of a column of a materialized view"):
        expect(said in diff.err, "diff does not say " + said, diff)


def no_temporary_tables(server):
    database = server.database("no_temporary")
    server.query(database, "REVOKE TEMP ON DATABASE no_temporary FROM public; CREATE ROLE limited LOGIN; GRANT ALL ON SCHEMA public TO limited")
    path = schema(server, "target postgres 15\ntable users { id int pk\n  name text check (name similar to 'a|b') }\n")
    push = server.pdlc("push", path, database, user="limited")
    expect(push.code == 0, "push", push)
    diff = server.pdlc("diff", path, database, user="limited")
    expect(diff.code == 2 and "PDL0707" in diff.err and "users_name_check" in diff.out, "diff", diff)
    server.query(database, "ALTER TABLE users ADD extra int")
    diff = server.pdlc("diff", path, database, user="limited")
    expect(diff.code == 2 and "- column users.extra" in diff.out, "diff", diff)


def read_only(server):
    database = server.database("read_only")
    path = schema(server, SMALL + "table checked { id int check (id in (1, 2)) pk }\n")
    server.query("postgres", "ALTER DATABASE read_only SET default_transaction_read_only = on")
    push = server.pdlc("push", path, database)
    expect(push.code == 1 and "25006" in push.err, "push", push)
    server.query("postgres", "ALTER DATABASE read_only RESET default_transaction_read_only")
    expect(server.pdlc("push", path, database).code == 0, "push")
    server.query("postgres", "ALTER DATABASE read_only SET default_transaction_read_only = on")
    diff = server.pdlc("diff", path, database)
    expect(diff.code == 0, "diff", diff)


SETTINGS = """search_path = 'app'; DateStyle = 'German, DMY'; IntervalStyle = 'sql_standard'; TimeZone = 'Asia/Kathmandu';
standard_conforming_strings = off; quote_all_identifiers = on; extra_float_digits = -15; bytea_output = escape; array_nulls = off;
transform_null_equals = on; default_toast_compression = lz4; xmloption = document; client_min_messages = debug1;
default_transaction_isolation = serializable; check_function_bodies = on; statement_timeout = '30s'; escape_string_warning = on;
row_security = off; enable_nestloop = off; default_statistics_target = 7; client_encoding = 'LATIN1';
default_transaction_deferrable = on; synchronize_seqscans = off; lc_monetary = 'C'; constraint_exclusion = off"""


def hostile_settings(server):
    """What a database or $PGOPTIONS presets has no say in what is made or compared."""
    server.since(15)
    for name in ("defaults", "checks", "hostile", "rewrites", "indexes", "types_own"):
        path = "%s/cases/%s.pdl" % (HERE, name)
        plain, database = server.database("plain_" + name), server.database("preset_" + name)
        for setting in SETTINGS.split(";"):
            server.query("postgres", "ALTER DATABASE %s SET %s" % (database, setting))
        options = dict(ENVIRONMENT, PGOPTIONS="-c search_path=pg_catalog -c DateStyle=SQL -c quote_all_identifiers=on",
                       PGTZ="Asia/Tokyo", PGDATESTYLE="Postgres", PGCLIENTENCODING="SQL_ASCII", PGHOST="/nonexistent", PGPORT="1")
        for where in (plain, database):
            push = run([PDLC, "push", "--file", path, "--db", server.url(where)], environment=None if where == plain else options)
            expect(push.code == 0, "push " + name, push)
        diff = run([PDLC, "diff", "--file", path, "--db", server.url(database)], environment=options)
        expect(diff.code == 0, "diff " + name, diff)
        for setting in SETTINGS.split(";"):
            server.query("postgres", "ALTER DATABASE %s RESET %s" % (database, setting.split("=")[0]))
        expect(server.dump(plain) == server.dump(database), "what was made differs: " + name)


def many_tables(count):
    lines = ["target postgres 15", "schema app"]
    for i in range(count):
        lines.append("table t%d { id int pk\n  n int check (n in (1, 2))\n  r -> t%d cascade index }" % (i, (i + 1) % count))
    return "\n".join(lines) + "\n"


class Cramped:
    """A second server, with room for few locks, at the port of a pooler; started once, used by a test at a time."""

    def __init__(self, binaries):
        self.binaries, self.server, self.mutex = binaries, None, threading.Lock()

    def __enter__(self):
        self.mutex.acquire()
        if not self.server:
            self.server = Server(self.binaries, settings=[("max_locks_per_transaction", 10), ("max_connections", 10),
                                                          ("superuser_reserved_connections", 3)])
        return self.server

    def __exit__(self, *unused):
        self.mutex.release()

    def remove(self):
        if self.server:
            self.server.remove()


def small_lock_table(cramped):
    with cramped as server:
        database = server.database("many")
        path = schema(server, many_tables(300))
        push = server.pdlc("push", path, database)
        expect(push.code == 0 and "transactions" in push.out, "push", push)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 0, "diff", diff)
        push = server.pdlc("push", path, database)
        expect(push.code == 0 and "already has all" in push.out, "second push", push)


def out_of_locks(cramped):
    """A file is one transaction: where the server has too few locks for it nothing stays, and push leads on."""
    with cramped as server:
        database, path = server.database("out_of_locks"), schema(server, many_tables(500))
        folder = os.path.dirname(path)
        at = lambda verb, *options: run([PDLC, verb, *options, "--db", server.url(database)], folder=folder)
        made = run([PDLC, "migrate", "first"], folder=folder)
        expect(made.code == 0, "migrate", made)
        up = at("up")
        expect(up.code == 1 and "53200" in up.err and "max_locks_per_transaction" in up.err and "pdlc push" in up.err, "up", up)
        expect(is_bare(server, database), "something was made")
        for verb, said in (("push", "transactions"), ("baseline", ""), ("status", "0 pending")):
            done = at(verb)
            expect(done.code == 0 and said in done.out, verb, done)


def cut_off(cramped):
    """A part fails, the parts before it stand, and the next push goes on."""
    with cramped as server:
        database = server.database("cut_off")
        path = schema(server, many_tables(100) + "table last { id int = nowhere() pk }\n")
        push = server.pdlc("push", path, database)
        expect(push.code == 1 and "42883" in push.err and "table last" in push.err and "PDL0703" in push.err, "push", push)
        made = int(server.query(database, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"))
        expect(0 < made < 101, "%d tables were made" % made)
        with open(path, "w") as f:
            f.write(many_tables(100) + "table last { id int pk }\n")
        push = server.pdlc("push", path, database)
        expect(push.code == 0, "the next push", push)
        diff = server.pdlc("diff", path, database)
        expect(diff.code == 0, "diff", diff)


def server_stopped(cramped):
    with cramped as server:
        database = server.database("stopped")
        path = schema(server, SLEEPS % 20)
        process = start(server, path, database)
        wait_for_backend(server, database, "wait_event = 'PgSleep'")
        server.stop(signal.SIGINT)
        code, text = finish(process)
        expect(code == 1 and "PDL0631" in text, "push, its server stopped: exit %d\n%s" % (code, text))
        server.start()
        expect(is_bare(server, database), "something was made")


def pooler(cramped):
    with cramped as server:
        path = schema(server, SMALL)
        for port in (6543, 5432):
            server.stop()
            server.port = port
            server.start()
            for verb, *options in (["push", "--dry-run"], ["diff"], ["pull"], ["up", "--dry-run"], ["down", "--dry-run"], ["status"], ["history"],
                                   ["baseline", "--dry-run"], ["repair", "--dry-run"]):
                done = server.pdlc(verb, None if verb == "pull" else path, "postgres", *options)
                expect((done.code == 1 and "PDL0632" in done.err and "5432" in done.err) == (port == 6543), "%s at port %d" % (verb, port), done)


def cramped_tests(cramped):
    for body in (small_lock_table, out_of_locks, cut_off, server_stopped, pooler):
        yield "bad day: " + body.__name__.replace("_", " "), lambda body=body: body(cramped)


def tests(server):
    for body in (locked, no_rights, fails_in_the_middle, backend_killed, query_cancelled, interrupted, two_at_once, passwords, secrets,
                 no_server, uncompared, no_temporary_tables, read_only, hostile_settings):
        yield "bad day: " + body.__name__.replace("_", " "), lambda body=body: body(server)

