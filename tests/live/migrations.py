"""up, down, status, history, baseline, repair: what they do, bad days, and kills at every message of a run."""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from proxy import FAULTS, Proxy
from server import ENVIRONMENT, PDLC, PEERS, Server, Skipped, expect, first_difference, run

# How many kills and races of the campaigns are tried; more by hand.
KILLS = int(os.environ.get("PDLC_KILLS", "20"))
RACES = int(os.environ.get("PDLC_RACES", "2"))

FILES = {
    "0001_users": ("CREATE TABLE users (id int PRIMARY KEY, name text);\nCREATE TABLE ran (file int);\nINSERT INTO ran VALUES (1);\n"
                   "CREATE RULE never AS ON UPDATE TO ran DO INSTEAD NOTHING;\n",
                   "DROP TABLE ran;\nDROP TABLE users;\n"),
    "0002_age": ("ALTER TABLE users ADD age int;\nINSERT INTO ran VALUES (2);\n", "ALTER TABLE users DROP age;\nDELETE FROM ran WHERE file = 2;\n"),
    "0003_names": ("CREATE INDEX CONCURRENTLY users_name_idx ON users (name);\n", "DROP INDEX CONCURRENTLY users_name_idx;\n"),
}


def project(server, files, layout="numbered"):
    """A folder whose migrations are these: name to (up, down), or to up alone."""
    server.count += 1
    folder = "%s/m%d" % (server.folder, server.count)
    os.makedirs(folder + "/migrations")
    for name, texts in files.items():
        up, down = texts if isinstance(texts, tuple) else (texts, None)
        write(folder, name + ".up.sql", up)
        if down is not None:
            write(folder, name + ".down.sql", down)
    return folder


def write(folder, name, text):
    with open(folder + "/migrations/" + name, "w", newline="") as f:
        f.write(text)


def pdlc(server, folder, database, verb, *options, user="postgres"):
    return run([PDLC, verb, "--db", server.url(database, user), *options], folder=folder)


def up(server, folder, database, *options, user="postgres"):
    done = pdlc(server, folder, database, "up", *options, user=user)
    expect(done.code == 0, "up", done)
    return done


def refused(done, code, *words):
    expect(done.code == 1 and code in done.err and all(word in done.err for word in words), "expected %s %s" % (code, " ".join(words)), done)


def applied(server, database):
    return server.query(database, "SELECT string_agg(version, ' ' ORDER BY position) FROM pdlc.migrations WHERE state = 'applied'")


def start(server, folder, database, *options, url=None):
    return subprocess.Popen([PDLC, "up", "--db", url or server.url(database), *options], cwd=folder, env=ENVIRONMENT, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process):
    out, err = process.communicate(timeout=100)
    return process.returncode, out + err


def wait_for(server, database, condition, what="pdlc never came so far"):
    for _ in range(400):
        pid = server.query("postgres", "SELECT pid FROM pg_stat_activity WHERE application_name = 'pdlc' AND datname = '%s' AND %s"
                           % (database, condition))
        if pid:
            return pid.split("\n")[0]
        time.sleep(0.02)
    raise AssertionError(what)


def there_and_back(server):
    database, folder = server.database("m_there"), project(server, FILES)
    bare = server.dump(database)
    status = pdlc(server, folder, database, "status")
    expect(status.code == 2 and status.out.count("pending") == 4, "status", status)
    expect(server.dump(database) == bare, "status made something")
    up(server, folder, database, "1")
    expect(applied(server, database) == "0001", "up 1: " + applied(server, database))
    up(server, folder, database, "0002")
    expect(applied(server, database) == "0001 0002", "up 0002")
    done = up(server, folder, database, "--json")
    events = [json.loads(line) for line in done.out.splitlines()]
    expect([e["event"] for e in events] == ["start", "done", "end"] and events[-1]["exit"] == 0, "JSON events", done)
    status = pdlc(server, folder, database, "status", "--json")
    expect(status.code == 0 and [m["state"] for m in json.loads(status.out)["migrations"]] == ["applied"] * 3, "status --json", status)
    done = up(server, folder, database)
    expect("nothing to do" in done.out, "a second up", done)
    full = server.dump(database)
    expect(pdlc(server, folder, database, "down", "0001").code == 0 and applied(server, database) == "0001", "down 0001")
    expect(pdlc(server, folder, database, "down").code == 0 and applied(server, database) == "", "down")
    up(server, folder, database)
    expect(server.dump(database) == full, "up, down, up: " + first_difference(full, server.dump(database)))
    history = json.loads(pdlc(server, folder, database, "history", "--json").out)
    expect(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", e["at"]) for e in history), "times as ISO 8601 has them: %s" % history)
    expect([e["action"] for e in history].count("up") == 6 and [e["action"] for e in history].count("down") == 3, "history %s" % history)
    expect(pdlc(server, folder, database, "down", "all", "--dry-run").code == 0 and server.dump(database) == full, "down --dry-run")
    refused(pdlc(server, folder, database, "up", "0009"), "PDL0771")
    refused(pdlc(server, folder, database, "down", "nonsense"), "PDL0771")


def down_whole(server):
    """A migration in several files goes back as a whole: the constraint takes the index along that the file before it built."""
    database, folder = server.database("m_whole"), project(server, {})
    parts = "table parted {\n  k int pk\n  partition by list (k)\n}\n"
    for number, (clause, more) in enumerate([("", parts + "partition one of parted for values in (1)\n"), ("unique", parts)]):
        with open(folder + "/schema.pdl", "w") as f:
            f.write("target postgres 15\ntable users {\n  id int pk\n  name text? %s\n}\n%s" % (clause, more))
        expect(run([PDLC, "migrate", "step%d" % number, "--drop", "one"][:5 if number else 3], folder=folder).code == 0, "migrate")
    for target in ("1", "0002"):
        up(server, folder, database)
        expect(applied(server, database) > "0001 0002 0003", "several files")
        expect(pdlc(server, folder, database, "down", target).code == 0 and applied(server, database) == "0001", "down " + target)
    expect(pdlc(server, folder, database, "down", "0001").code == 0 and applied(server, database) == "0001", "down 0001")


def as_psql_would(server):
    """The files are plain SQL: psql makes of them what up does."""
    by_pdlc, by_psql, folder = server.database("m_pdlc"), server.database("m_psql"), project(server, FILES)
    up(server, folder, by_pdlc)
    for name, (text, _) in FILES.items():
        server.query(by_psql, text)
    server.query(by_pdlc, "DROP SCHEMA pdlc CASCADE")
    expect(server.dump(by_pdlc) == server.dump(by_psql), first_difference(server.dump(by_pdlc), server.dump(by_psql)))


def edited(server):
    database, folder = server.database("m_edited"), project(server, FILES)
    up(server, folder, database, "2")
    before = server.dump(database)
    text = FILES["0002_age"][0]
    cases = [("edited", text.replace("(2)", "(3)"), "0002_age.up.sql:2:"), ("shortened", text.split("\n")[0] + "\n", "0002_age.up.sql:"),
             ("emptied", "", "0002_age.up.sql"), ("CRLF", text.replace("\n", "\r\n"), "CRLF")]
    for what, changed, words in cases:
        write(folder, "0002_age.up.sql", changed)
        refused(pdlc(server, folder, database, "up"), "PDL0762", words)
        refused(pdlc(server, folder, database, "status"), "PDL0762")
        expect(server.dump(database) == before, what + ": something was run")
    done = pdlc(server, folder, database, "repair")
    expect(done.code == 0 and "0002_age" in done.out, "repair", done)
    up(server, folder, database)
    write(folder, "0001_users.up.sql", FILES["0002_age"][0])  # reordered
    refused(pdlc(server, folder, database, "down"), "PDL0762", "0001_users.up.sql:1:")


def missing(server):
    database, folder = server.database("m_missing"), project(server, FILES)
    up(server, folder, database)
    os.remove(folder + "/migrations/0003_names.up.sql")
    os.remove(folder + "/migrations/0003_names.down.sql")
    write(folder, "0004_later.up.sql", "CREATE TABLE later (id int);\n")
    for verb in ("up", "down", "status"):
        refused(pdlc(server, folder, database, verb), "PDL0763", "0003_names")
    expect(server.query(database, "SELECT to_regclass('later') IS NULL") == "t", "something was run")
    done = pdlc(server, folder, database, "repair", "0003", "--as", "pending")
    expect(done.code == 0, "repair", done)
    up(server, folder, database)
    expect(applied(server, database) == "0001 0002 0004", applied(server, database))


def same_number(server):
    database, folder = server.database("m_twice"), project(server, FILES)
    write(folder, "0003_branch.up.sql", "CREATE TABLE branch (id int);\n")
    refused(pdlc(server, folder, database, "up"), "PDL0731")
    expect(server.query(database, "SELECT to_regclass('users') IS NULL") == "t", "something was run")


def out_of_order(server):
    database, folder = server.database("m_order"), project(server, {k: v for k, v in FILES.items() if k != "0002_age"})
    up(server, folder, database)
    write(folder, "0002_age.up.sql", FILES["0002_age"][0])
    refused(pdlc(server, folder, database, "up"), "PDL0764", "0002_age.up.sql")
    up(server, folder, database, "--allow-out-of-order")
    expect(applied(server, database) == "0001 0003 0002", applied(server, database))
    expect("out of order" in pdlc(server, folder, database, "history").out, "history forgets")


def fails(server):
    database, folder = server.database("m_fails"), project(server, FILES)
    write(folder, "0002_age.up.sql", "CREATE TABLE half (id int);\nSELECT 1;\n\nCREATE TABLE users (id int);\nSELECT 2;\n")
    done = pdlc(server, folder, database, "up")
    refused(done, "PDL0760", "0002_age.up.sql:4:", "42P07", "repair VERSION --as applied", "baseline")
    expect(done.err.startswith("migrations/"), "the path of a file", done)
    expect(applied(server, database) == "0001" and server.query(database, "SELECT to_regclass('half') IS NULL") == "t", "half a file stands")
    write(folder, "0002_age.up.sql", "ALTER TABLE users ADD age int, ADD ag\u00e9 int, ADD x nonsense;\n")
    refused(pdlc(server, folder, database, "up"), "PDL0760", "0002_age.up.sql:1:51", "42704")
    write(folder, "0002_age.up.sql", "CREATE TABLE d (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO d VALUES (1), (1);\n")
    refused(pdlc(server, folder, database, "up"), "PDL0760", "committing")
    write(folder, "0002_age.up.sql", "SET LOCAL statement_timeout = '50ms';\nSELECT pg_sleep(5);\n")
    refused(pdlc(server, folder, database, "up"), "PDL0760", "57014", "0002_age.up.sql:2:")
    write(folder, "0002_age.up.sql", "SET LOCAL work_mem = '64kB';\nSET LOCAL temp_file_limit = '64kB';\n"
          "CREATE TABLE big AS SELECT g FROM generate_series(1, 100000) g ORDER BY random();\n")
    refused(pdlc(server, folder, database, "up"), "PDL0760", "53400")
    write(folder, "0002_age.up.sql", "SELECT 1;\nCOPY users FROM STDIN;\n")
    refused(pdlc(server, folder, database, "up"), "PDL0738", "0002_age.up.sql:2:")
    expect(applied(server, database) == "0001", "the ledger has " + applied(server, database))


def transactions_refused(server):
    """BEGIN and COMMIT are found before the first file runs."""
    database, folder = server.database("m_begin"), project(server, FILES)
    for text in ("BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\n", "CREATE TABLE a (id int); /* ; */ commit;\n", "SELECT 1;\n  RollBack;\n",
                 "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY i ON a (id);\n"):
        write(folder, "0003_names.up.sql", text)
        refused(pdlc(server, folder, database, "up"), "PDL0738", "0003_names.up.sql:")
        expect(server.query(database, "SELECT to_regclass('users') IS NULL AND to_regnamespace('pdlc') IS NULL") == "t", "something was run")


def no_rights(server):
    database, folder = server.database("m_rights"), project(server, FILES)
    server.query(database, "CREATE ROLE m_weak LOGIN")
    refused(pdlc(server, folder, database, "up", user="m_weak"), "PDL0766", "permission denied")
    up(server, folder, database, "1")
    refused(pdlc(server, folder, database, "up", user="m_weak"), "PDL0766")
    server.query(database, "GRANT USAGE ON SCHEMA pdlc TO m_weak; GRANT ALL ON ALL TABLES IN SCHEMA pdlc TO m_weak")
    refused(pdlc(server, folder, database, "up", user="m_weak"), "PDL0760", "42501", "0002_age.up.sql:1:")


def disk_full(server):
    """The file of a table is one that there is never any room behind."""
    database = server.database("m_full")
    folder = project(server, dict(FILES, **{"0001_users": FILES["0001_users"][0] + "CREATE TABLE big (x text);\n",
                                            "0002_age": FILES["0002_age"][0] + "INSERT INTO big VALUES ('x');\n"}))
    up(server, folder, database, "1")
    path = server.data + "/" + server.query(database, "SELECT pg_relation_filepath('big')")
    os.rename(path, path + ".room")
    os.symlink("/dev/full", path)
    before = server.dump(database)
    refused(pdlc(server, folder, database, "up"), "PDL0760", "53100", "disk is full", "0002_age.up.sql:")
    expect(applied(server, database) == "0001" and server.dump(database) == before, "half a file stands")
    os.rename(path + ".room", path)
    up(server, folder, database)
    expect(applied(server, database) == "0001 0002 0003", applied(server, database))


def hold(server, database, sql, seconds):
    return subprocess.Popen([server.binaries + "/psql", "-X", "-q", "-d", server.url(database), "-c", "BEGIN; %s; SELECT pg_sleep(%s); COMMIT" % (sql, seconds)],
                            env=dict(ENVIRONMENT, PGAPPNAME="holder"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def locked_for_a_while(server):
    database, folder = server.database("m_locked"), project(server, FILES)
    up(server, folder, database, "1")
    holder = hold(server, database, "LOCK TABLE users", 3)
    time.sleep(0.4)
    done = up(server, folder, database, "1", "--lock-timeout", "1s")
    expect("try 1 of 10" in done.err and "holder" in done.err, "up behind a lock", done)
    holder.wait()
    expect(server.query(database, "SELECT count(*) FROM ran WHERE file = 2") == "1", "0002 ran twice")


def newer_than_the_server(server):
    """Of a target that the server is not: what it does not have is told before the first file runs."""
    if server.query("postgres", "SHOW server_version_num") >= "180000":
        raise Skipped("no Postgres is newer")
    database, folder = server.database("m_newer"), project(server, {})
    parts = "table parted {\n  k int pk\n  t_a -> t?\n  partition by list (k)\n}\npartition one of parted for values in (1)\n"
    for number, columns in enumerate(["  c int?\n", "  c int\n", "  c int\n  v int generated (a * 2) virtual\n"]):
        with open(folder + "/schema.pdl", "w") as f:
            f.write("target postgres 18\ntable t {\n  a int pk\n%s}\n" % columns + (parts if number else parts.replace("  t_a -> t?\n", "  t_a int?\n")))
        expect(run([PDLC, "migrate", "step%d" % number], folder=folder).code == 0, "migrate")
        if number == 0:
            up(server, folder, database)
    said = ("state.pdl:6:29", "virtual", "a constraint that says not null", "a foreign key of a partitioned table")
    refused(pdlc(server, folder, database, "up"), "PDL0401", *said)
    refused(run([PDLC, "prove"], folder=folder), "PDL0401", *said)
    expect(applied(server, database) == "0001", "something was run")


def deadlock(server):
    """Each holds what the other wants; the server ends one of the two, and up tries again."""
    database = server.database("m_deadlock")
    folder = project(server, {"0001_tables": "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n",
                              "0002_lock": "LOCK TABLE a;\nSELECT pg_sleep(0.8);\nLOCK TABLE b;\nALTER TABLE a ADD x int;\n"})
    up(server, folder, database, "1")
    process = start(server, folder, database, "--lock-timeout", "30s")
    wait_for(server, database, "wait_event = 'PgSleep'")
    other = subprocess.run([server.binaries + "/psql", "-X", "-q", "-d", server.url(database), "-c",
                            "BEGIN; SET deadlock_timeout = '20s'; LOCK TABLE b; SELECT pg_sleep(0.2); LOCK TABLE a; COMMIT"],
                           env=ENVIRONMENT, capture_output=True, text=True)
    code, text = finish(process)
    expect(code == 0 and other.returncode == 0 and "try 1 of 10" in text, "a deadlock: exit %d\n%s%s" % (code, text, other.stderr))


def old_transaction(server):
    """An index build that would wait for an old transaction says whom for."""
    database, folder = server.database("m_old"), project(server, FILES)
    up(server, folder, database, "2")
    holder = hold(server, database, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT * FROM users", 2.5)
    time.sleep(0.3)
    process = start(server, folder, database)
    code, text = finish(process)
    holder.wait()
    expect(code == 0 and "holder" in text, "up beside an old transaction: exit %d\n%s" % (code, text))
    expect(server.query(database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'users_name_idx'::regclass") == "t", "the index is not valid")


def drift(server):
    database, folder = server.database("m_drift"), project(server, FILES)
    up(server, folder, database, "2")
    server.query(database, "ALTER TABLE users ALTER age TYPE bigint; CREATE TABLE stray (id int)")
    before = server.dump(database)
    refused(pdlc(server, folder, database, "up"), "PDL0765", "~ column users.age: type integer -> bigint", "+ table stray")
    refused(pdlc(server, folder, database, "down"), "PDL0765")
    status = pdlc(server, folder, database, "status")
    expect("PDL0765" in status.err, "status", status)
    expect(server.dump(database) == before, "something was run")
    up(server, folder, database, "--accept-drift")
    history = pdlc(server, folder, database, "history")
    expect("drift accepted" in history.out and "stray" in history.out, "history", history)
    up(server, folder, database)
    server.query(database, "INSERT INTO users VALUES (1, 'a', 1); ANALYZE users; CREATE ROLE m_nobody")
    expect(pdlc(server, folder, database, "down").code == 0, "rows are no drift")


def index_fails(server):
    """A unique index over rows that are not: nothing invalid is left, and it runs again once they are mended."""
    database = server.database("m_unique")
    folder = project(server, {"0001_t": "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1), (1);\n",
                              "0002_u": "CREATE UNIQUE INDEX CONCURRENTLY t_id_key ON t (id);\n"})
    refused(pdlc(server, folder, database, "up"), "PDL0760", "23505")
    expect(server.query(database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0", "an invalid index is left")
    status = pdlc(server, folder, database, "status")
    expect(status.code == 2 and "failed" in status.out and "23505" in status.out, "status", status)
    server.query(database, "DELETE FROM t WHERE ctid = '(0,1)'")
    up(server, folder, database)
    expect(server.query(database, "SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = 't_id_key'::regclass") == "1", "no index")


def invalid_index_of_ours(server):
    """The server dies within the build; what it left is dropped and built again. An invalid index of somebody else's is not."""
    database = server.database("m_invalid")
    folder = project(server, {"0001_t": "CREATE TABLE t (id int);\n", "0002_i": "CREATE INDEX CONCURRENTLY t_i ON t (id);\n"})
    up(server, folder, database, "1")
    holder = hold(server, database, "INSERT INTO t VALUES (1)", 20)
    time.sleep(0.3)
    process = start(server, folder, database, "--lock-timeout", "0")
    pid = wait_for(server, database, "query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'")
    server.query("postgres", "SELECT pg_terminate_backend(%s)" % pid)
    refused_code, text = finish(process)
    expect(refused_code == 1 and "PDL0631" in text, "exit %d\n%s" % (refused_code, text))
    holder.kill()
    server.query("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder' AND datname = '%s'" % database)
    expect(server.query(database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "1", "no invalid index to mend")
    status = pdlc(server, folder, database, "status")
    expect(status.code == 2 and "running" in status.out, "status", status)
    up(server, folder, database)
    expect(server.query(database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_i'::regclass") == "t", "the index is not valid")
    write(folder, "0003_j.up.sql", "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_j ON t (id);\n")
    server.query(database, "CREATE INDEX t_j ON t (id); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_j'::regclass")
    refused(pdlc(server, folder, database, "up", "--accept-drift"), "PDL0769", "0003_j.up.sql")
    os.remove(folder + "/migrations/0003_j.up.sql")
    write(folder, "0003_k.up.sql", "CREATE INDEX CONCURRENTLY t_k ON t (id);\n")
    server.query(database, "CREATE INDEX t_k ON t (id); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_k'::regclass")
    for _ in range(2):
        refused(pdlc(server, folder, database, "up", "--accept-drift"), "PDL0760", "42P07")
    expect(server.query(database, "SELECT to_regclass('t_k') IS NOT NULL") == "t", "somebody else's index was dropped")


def unsettled(server):
    database = server.database("m_unsettled")
    folder = project(server, {"0001_t": "CREATE TABLE t (id int);\n",
                              "0002_do": "-- transaction: no\nDO $$ BEGIN INSERT INTO t VALUES (1); COMMIT; PERFORM pg_sleep(20); END $$;\n"})
    process = start(server, folder, database)
    pid = wait_for(server, database, "wait_event = 'PgSleep'")
    process.kill()
    finish(process)
    server.query("postgres", "SELECT pg_terminate_backend(%s)" % pid)
    refused(pdlc(server, folder, database, "up"), "PDL0767", "0002_do.up.sql")
    done = pdlc(server, folder, database, "repair", "0002", "--as", "applied")
    expect(done.code == 0 and applied(server, database) == "0001 0002", "repair", done)
    expect("nothing to do" in up(server, folder, database).out, "up")


def settings_do_not_leak(server):
    database = server.database("m_settings")
    server.query(database, "CREATE SCHEMA other; CREATE ROLE m_other; GRANT m_other TO postgres; GRANT ALL ON SCHEMA other TO m_other")
    folder = project(server, {"0001_a": "SET search_path = other;\nSET ROLE m_other;\nSET standard_conforming_strings = off;\nCREATE TABLE a (id int);\n",
                              "0002_b": "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.b (t text DEFAULT 'x\\y');\n",
                              "0003_c": "CREATE TABLE c (id int);\n"})
    up(server, folder, database)
    found = server.query(database, "SELECT string_agg(schemaname || '.' || tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname IN ('public', 'other')")
    expect(found == "other.a public.b public.c", found)
    expect(server.query(database, "SELECT tableowner FROM pg_tables WHERE tablename = 'c'") == "postgres", "the role stayed")
    expect("x\\y" in server.query(database, "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"), "strings were read in another way")


def interrupted(server):
    """SIGINT cancels what runs and leaves nothing half-done."""
    database, folder = server.database("m_int"), project(server, dict(FILES, **{"0002_age": "CREATE TABLE x (id int);\nSELECT pg_sleep(30);\n"}))
    process = start(server, folder, database)
    wait_for(server, database, "wait_event = 'PgSleep'")
    process.send_signal(signal.SIGINT)
    code, text = finish(process)
    expect(code == 1 and "PDL0633" in text, "interrupted: exit %d\n%s" % (code, text))
    expect(applied(server, database) == "0001" and server.query(database, "SELECT to_regclass('x') IS NULL") == "t", "half a file stands")
    write(folder, "0002_age.up.sql", "CREATE INDEX CONCURRENTLY late ON users (id);\n")
    holder = hold(server, database, "INSERT INTO users VALUES (1)", 2)
    time.sleep(0.3)
    process = start(server, folder, database)
    wait_for(server, database, "query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'")
    process.send_signal(signal.SIGTERM)
    code, text = finish(process)
    holder.wait()
    expect(code == 1 and "PDL0633" in text, "interrupted within a build: exit %d\n%s" % (code, text))
    expect(server.query(database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0", "an invalid index is left")


def on_a_terminal(server):
    """One line that is written over tells how far a file is; then a line for each file."""
    database = server.database("m_terminal")
    folder = project(server, {"0001_slow": "-- transaction: no\nDO $$ BEGIN FOR i IN 1..7 LOOP RAISE DEBUG '% of 7', i; PERFORM pg_sleep(0.2); COMMIT; END LOOP; END $$;\n",
                              "0002_t": "CREATE TABLE t (id int);\n"})
    ours, theirs = os.openpty()
    environment = {k: v for k, v in ENVIRONMENT.items() if k != "NO_COLOR"}
    process = subprocess.Popen([PDLC, "up", "--db", server.url(database)], cwd=folder, env=dict(environment, TERM="xterm"), stdin=theirs, stdout=theirs,
                               stderr=theirs)
    os.close(theirs)
    text = b""
    while True:
        try:
            text += os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
    os.close(ours)
    expect(process.wait() == 0 and re.search(rb"0001_slow: [2-7] of 7, \d+ s\r\x1b\[K", text) and b"up   0001_slow" in text and
           b"up   0002_t" in text, "on a terminal: %r" % text)


def ledger_moved(server):
    """Somebody writes to the ledger without the lock: the run ends before its next file."""
    database = server.database("m_moved")
    folder = project(server, {"0001_a": "CREATE TABLE a (id int);\nSELECT pg_sleep(1);\n", "0002_b": "CREATE TABLE b (id int);\n"})
    process = start(server, folder, database)
    wait_for(server, database, "wait_event = 'PgSleep'")
    server.query(database, "INSERT INTO pdlc.history (action, tool_version) VALUES ('up', 'none')")
    code, text = finish(process)
    expect(code == 1 and "PDL0770" in text, "exit %d\n%s" % (code, text))
    expect(applied(server, database) == "0001" and server.query(database, "SELECT to_regclass('b') IS NULL") == "t", "it went on")


def killed_client(server):
    """The backend of a killed pdlc holds the lock while it works on; the next run waits for it, and says so."""
    database, folder = server.database("m_orphan"), project(server, dict(FILES, **{"0002_age": "SELECT pg_sleep(5);\nINSERT INTO ran VALUES (2);\n"}))
    process = start(server, folder, database)
    sleeper = wait_for(server, database, "wait_event = 'PgSleep'")
    after = start(server, folder, database)
    wait_for(server, database, "query LIKE '%advisory%' AND pid <> " + sleeper)
    process.kill()
    finish(process)
    code, text = finish(after)
    expect(code == 0 and "waiting for pid " + sleeper in text, "up behind an orphan: exit %d\n%s" % (code, text))
    expect(server.query(database, "SELECT count(*) FROM ran WHERE file = 2") == "1", "0002 ran twice")


def adopted(server):
    folder = project(server, FILES)
    histories = {
        "alembic": ("CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('ae1027a6acf')", ["0002"], "0001 0002"),
        "golang-migrate": ("CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (2, false)", [], "0001 0002"),
        "dbmate": ("CREATE TABLE schema_migrations (version varchar(128)); INSERT INTO schema_migrations VALUES ('0001'), ('0002')", [], "0001 0002"),
        "rails": ("CREATE TABLE schema_migrations (version varchar); INSERT INTO schema_migrations VALUES ('1'), ('2')", [], "0001 0002"),
        "supabase": ("CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY);"
                     "INSERT INTO supabase_migrations.schema_migrations VALUES ('0001'), ('0002')", [], "0001 0002"),
    }
    for tool, (sql, arguments, expected) in histories.items():
        database = server.database("m_from_" + tool.replace("-", "_"))
        refused(pdlc(server, folder, database, "baseline", "--from", tool), "PDL0774")
        server.query(database, FILES["0001_users"][0] + FILES["0002_age"][0] + sql)
        done = pdlc(server, folder, database, "baseline", *arguments, "--from", tool)
        expect(done.code == 0 and applied(server, database) == expected, "baseline --from " + tool, done)
        expect("from " + tool in pdlc(server, folder, database, "history").out, "history of " + tool)
        up(server, folder, database)
        refused(pdlc(server, folder, database, "baseline"), "PDL0773")
    database = server.database("m_dirty")
    server.query(database, "CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (2, true)")
    refused(pdlc(server, folder, database, "baseline", "--from", "golang-migrate"), "PDL0774", "failed")
    refused(pdlc(server, folder, database, "baseline", "--from", "liquibase"), "PDL0774", "alembic, dbmate")


def program(name):
    """Another tool, if it is installed, or was by tools/peers."""
    found = shutil.which(name, path=os.pathsep.join([PEERS + "/bin", os.environ.get("PATH", "")]))
    if not found:
        raise Skipped("%s is not installed" % name)
    return found


def beside(server, tool, folder, arguments, **environment):
    done = run([program(tool), *arguments], folder=folder, environment=dict(ENVIRONMENT, **environment))
    expect(done.code == 0, tool, done)


def continued(server, folder, database, other, *options):
    """Two files of the other tool's are taken as applied, the third one runs; it ends as by pdlc alone."""
    done = pdlc(server, folder, database, "baseline", *options)
    expect(done.code == 0 and applied(server, database) == "0001 0002", "baseline " + " ".join(options), done)
    up(server, folder, database)
    alone = server.database(database + "_alone")
    up(server, folder, alone)
    server.query(database, "DROP TABLE " + other)
    expect(server.dump(database) == server.dump(alone), first_difference(server.dump(database), server.dump(alone)))


def dbmate(server):
    """The files' texts under dbmate's own marks; pdlc goes on."""
    folder, database = project(server, FILES), server.database("m_dbmate")
    os.mkdir(folder + "/dbmate")
    for name in list(FILES)[:2]:
        with open("%s/dbmate/%s.sql" % (folder, name), "w") as f:
            f.write("-- migrate:up\n%s\n-- migrate:down\n%s" % FILES[name])
    url = "postgres://postgres@/%s?socket=%s&sslmode=disable" % (database, server.folder.replace("/", "%2F"))
    for verbs in (["up"], ["rollback"], ["up"]):
        beside(server, "dbmate", folder, ["--no-dump-schema", "-d", folder + "/dbmate", "--url", url, *verbs])
    continued(server, folder, database, "schema_migrations", "--from", "dbmate")


ALEMBIC_ENV = """from alembic import context
import os, sqlalchemy
with sqlalchemy.create_engine(os.environ["ALEMBIC_URL"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


def alembic(server):
    """Alembic runs the files, as those do who write SQL in its revisions; pdlc goes on."""
    folder, database = project(server, FILES), server.database("m_alembic")
    os.makedirs(folder + "/alembic/versions")
    revision = "from alembic import op\nrevision = %r\ndown_revision = %r\ndef upgrade():\n    op.execute(open(%r).read())\ndef downgrade():\n    op.execute(open(%r).read())\n"
    texts = {"alembic.ini": "[alembic]\nscript_location = %s/alembic\n" % folder, "alembic/env.py": ALEMBIC_ENV}
    for name, number, before in (("0001_users", "a1", None), ("0002_age", "a2", "a1")):
        path = "%s/migrations/%s" % (folder, name)
        texts["alembic/versions/%s.py" % number] = revision % (number, before, path + ".up.sql", path + ".down.sql")
    for path, text in texts.items():
        with open(folder + "/" + path, "w") as f:
            f.write(text)
    url = server.url(database).replace("postgresql:", "postgresql+psycopg2:", 1)
    for arguments in (["upgrade", "head"], ["downgrade", "-1"], ["upgrade", "head"]):
        beside(server, "alembic", folder, arguments, ALEMBIC_URL=url)
    continued(server, folder, database, "alembic_version", "0002", "--from", "alembic")


def baseline_compares(server):
    """Where state.pdl says what the files make, a database that is otherwise is not taken for it."""
    database = server.database("m_baseline")
    folder = project(server, {"0001_users": ("CREATE TABLE users (id int PRIMARY KEY);\n", "DROP TABLE users;\n")})
    write(folder, "state.pdl", "target postgres 15\n\ntable users {\n  id int pk\n}\n")
    refused(pdlc(server, folder, database, "baseline"), "PDL0775", "+ table users")
    server.query(database, "CREATE TABLE users (id int PRIMARY KEY)")
    done = pdlc(server, folder, database, "baseline")
    expect(done.code == 0, "baseline", done)
    expect("nothing to do" in up(server, folder, database).out, "up")


def supabase_layout(server):
    """Rows as the Supabase CLI writes them; its own are continued, and what it strikes out is pending again."""
    database, folder = server.database("m_supabase"), project(server, {})
    os.makedirs(folder + "/supabase/migrations/down")
    names = ["20260101000000_one", "20260102000000_two", "20260103000000_three"]
    for i, name in enumerate(names):
        with open("%s/supabase/migrations/%s.sql" % (folder, name), "w") as f:
            f.write("-- step %d\ncreate table t%d (id int);\ncomment on table t%d is 'a;b';\n" % (i, i, i))
        with open("%s/supabase/migrations/down/%s.sql" % (folder, name), "w") as f:
            f.write("drop table t%d;\n" % i)
    server.query(database, "CREATE SCHEMA supabase_migrations; CREATE TABLE supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);"
                 "INSERT INTO supabase_migrations.schema_migrations VALUES ('20260101000000'); CREATE TABLE t0 (id int)")
    options = ["--layout", "supabase"]
    status = pdlc(server, folder, database, "status", *options)
    expect(status.code == 2 and status.out.count("pending ") == 2, "status", status)
    up(server, folder, database, *options)
    row = server.query(database, "SELECT to_jsonb(m) FROM supabase_migrations.schema_migrations m WHERE version = '20260102000000'")
    expect(json.loads(row) == {"version": "20260102000000", "name": "two",
                               "statements": ["-- step 1\ncreate table t1 (id int)", "comment on table t1 is 'a;b'"]}, row)
    expect(server.query(database, "SELECT to_regnamespace('pdlc') IS NULL") == "t", "there is a schema pdlc")
    server.query(database, "DELETE FROM supabase_migrations.schema_migrations WHERE version = '20260103000000'; DROP TABLE t2")
    up(server, folder, database, *options)
    server.query(database, "ALTER TABLE t2 ADD by_hand int")
    refused(pdlc(server, folder, database, "down", *options), "PDL0765", "t2.by_hand")
    server.query(database, "ALTER TABLE t2 DROP by_hand")
    down = pdlc(server, folder, database, "down", *options)
    expect(down.code == 0, "down", down)
    expect(server.query(database, "SELECT string_agg(version, ' ') FROM supabase_migrations.schema_migrations") == "20260101000000 20260102000000", "down")
    server.query(database, "INSERT INTO supabase_migrations.schema_migrations (version) VALUES ('20260109000000')")
    refused(pdlc(server, folder, database, "up", *options), "PDL0763", "20260109000000")
    mended = pdlc(server, folder, database, "repair", "20260109000000", "--as", "pending", *options)
    expect(mended.code == 0 and mended.out == "20260109000000: taken as pending\n", "repair of what has no name", mended)


def no_way_back(server):
    database = server.database("m_back")
    folder = project(server, {"0001_a": "CREATE TABLE a (id int);\n", "0002_b": ("CREATE TABLE b (id int);\n", "DROP TABLE b;\n")})
    up(server, folder, database)
    refused(pdlc(server, folder, database, "down", "2"), "PDL0772", "0001_a.up.sql")
    expect(applied(server, database) == "0001 0002", "something was undone")


def wrong_places(server):
    folder = project(server, FILES)
    nowhere = run([PDLC, "up"], folder=folder)
    expect(nowhere.code == 1 and "PDL0601" in nowhere.err, "up without a database", nowhere)
    empty = project(server, {})
    expect("nothing to do" in up(server, empty, server.database("m_empty")).out, "up of nothing")
    for arguments in (["up", "--lock-timeout", "2 weeks"], ["up", "1", "2"], ["repair", "0001"], ["repair", "--as", "applied"], ["repair", "x", "--as", "pending"],
                      ["up", "--layout", "flat"], ["status", "0001"], ["history", "1"], ["baseline", "1", "2"]):
        done = run([PDLC, *arguments], folder=folder)
        expect(done.code == 64, " ".join(arguments), done)


# ── campaigns ──

def twelve():
    files = {"0001_ran": "CREATE TABLE ran (file int);\nINSERT INTO ran VALUES (1);\n"}
    for i in range(2, 13):
        if i in (4, 7, 11):
            files["%04d_index" % i] = "CREATE INDEX CONCURRENTLY t%d_i ON t%d (n);\n" % (i - 1, i - 1)
        else:
            files["%04d_table" % i] = ("CREATE TABLE t%d (id int PRIMARY KEY, n int);\nINSERT INTO t%d SELECT g, g %% 7 FROM generate_series(1, 50) g;\n"
                                       "INSERT INTO ran VALUES (%d);\n" % (i, i, i))
    return files


NUMBERS = " ".join("%04d" % i for i in range(1, 13))
SEEN = """SELECT json_build_object(
  'ledger', (SELECT string_agg(version, ' ' ORDER BY position) FROM pdlc.migrations WHERE state = 'applied'),
  'rows', (SELECT count(*) FROM pdlc.migrations),
  'ran', (SELECT string_agg(file::text, ' ' ORDER BY file) FROM ran),
  'history', (SELECT string_agg(version, ' ' ORDER BY version) FROM pdlc.history WHERE action = 'up'),
  'valid', (SELECT array_agg(indisvalid) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid WHERE c.relname LIKE 't%_i'))"""
WANTED = {"ledger": NUMBERS, "rows": 12, "ran": "1 2 3 5 6 8 9 10 12", "history": NUMBERS, "valid": [True] * 3}


def converged(server, database, reference):
    seen = json.loads(server.query(database, SEEN))
    expect(seen == WANTED, "%s" % seen)
    expect(server.dump(database) == reference, "the schema: " + first_difference(reference, server.dump(database)))


def wait_until_up(server, killed):
    """The server knows of the death when its backend is no more; only then does it start anew."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if not os.path.exists("/proc/%d" % killed) and server.psql("postgres", "SELECT 1").code == 0:
            return
        time.sleep(0.05)
    raise AssertionError("the server did not come back")


def strike(server, folder, reference, number, fault, at):
    """One run with a fault, then one without."""
    database = server.database("m_kill_%d" % number)
    place = tempfile.mkdtemp(prefix="pdlc-proxy-", dir="/tmp")
    proxy = Proxy(server, place, fault, at)
    try:
        process = start(server, folder, database, url=proxy.url(database))
        proxy.tool = process.pid
        first = finish(process)
        if fault == "crash":
            wait_until_up(server, proxy.killed)
        second = pdlc(server, folder, database, "up")
        what = "%s at message %d: exit %d, then %d\n%s%s" % (fault, at, first[0], second.code, first[1], second.text)
        expect(proxy.happened and second.code == 0 and "AddressSanitizer" not in what, what)
        try:
            converged(server, database, reference)
        except AssertionError as failed:
            raise AssertionError("%s\n%s" % (failed, what))
    finally:
        proxy.close()
        shutil.rmtree(place, ignore_errors=True)
        server.query("postgres", "DROP DATABASE IF EXISTS m_kill_%d WITH (FORCE)" % number)


def messages_of(server, folder):
    database = server.database("m_kill_none")
    place = tempfile.mkdtemp(prefix="pdlc-proxy-", dir="/tmp")
    proxy = Proxy(server, place)
    code, text = finish(start(server, folder, database, url=proxy.url(database)))
    proxy.close()
    shutil.rmtree(place, ignore_errors=True)
    expect(code == 0, "up through the proxy: exit %d\n%s" % (code, text))
    reference = server.dump(database)
    converged(server, database, reference)
    return proxy.count, reference


def kills(server):
    """The tool, its connection or its backend goes at a message of the run: a second up converges, and every file ran exactly once."""
    folder = project(server, twelve())
    count, reference = messages_of(server, folder)
    points = [(fault, at) for fault in FAULTS for at in range(2, count + 1)]
    chosen = points if KILLS >= len(points) else random.Random(7).sample(points, KILLS)
    for number, (fault, at) in enumerate(chosen):
        strike(server, folder, reference, number, fault, at)
    print("   %d of %d places to kill a run of %d messages" % (len(chosen), len(points), count), flush=True)


def crashes(binaries):
    """The backend is killed outright at a message, which takes the whole server down with it."""
    server = Server(binaries, settings=[("synchronous_commit", "on")])
    try:
        folder = project(server, twelve())
        count, reference = messages_of(server, folder)
        chosen = random.Random(8).sample(range(2, count + 1), min(count - 1, max(3, KILLS // 7)))
        for number, at in enumerate(chosen):
            strike(server, folder, reference, number, "crash", at)
        print("   %d crashes of the server" % len(chosen), flush=True)
    finally:
        server.remove()


def random_kills(server):
    """SIGKILL at any time, again and again, until a run ends by itself."""
    folder = project(server, {k: v.replace("INSERT INTO ran", "SELECT pg_sleep(0.05);\nINSERT INTO ran") for k, v in twelve().items()})
    database, at_random, runs = server.database("m_random"), random.Random(), 0
    while True:
        process = start(server, folder, database)
        try:
            process.wait(timeout=at_random.uniform(0.02, 0.4) if runs < 6 else 60)
        except subprocess.TimeoutExpired:
            process.kill()
        code, text = finish(process)
        runs += 1
        if code == 0:
            break
        expect(code == -9, "up between kills: exit %d\n%s" % (code, text))
    converged(server, database, server.dump(database))


def races(server):
    """Two to eight appliers at once: each file runs once, and all of them end well."""
    folder = project(server, twelve())
    for race in range(RACES):
        database = server.database("m_race_%d" % race)
        processes = [start(server, folder, database) for _ in range(2 + race % 7 if RACES > 2 else 8 - 6 * race)]
        for process in processes:
            code, text = finish(process)
            expect(code == 0, "an applier of race %d: exit %d\n%s" % (race, code, text))
        converged(server, database, server.dump(database))
        server.query("postgres", "DROP DATABASE m_race_%d" % race)


def restarted(binaries):
    """The server is stopped within a file, and a backend is killed outright, which makes the server start anew; then it is a standby."""
    server = Server(binaries, settings=[("wal_level", "replica")])
    try:
        database, folder = server.database("m_restart"), project(server, dict(FILES, **{"0002_age": "CREATE TABLE x (id int);\nSELECT pg_sleep(20);\n"}))
        for how in ("fast", "immediate", "crash"):
            process = start(server, folder, database)
            pid = wait_for(server, database, "wait_event = 'PgSleep'")
            if how == "crash":
                os.kill(int(pid), signal.SIGKILL)
            else:
                server.stop(signal.SIGINT if how == "fast" else signal.SIGQUIT)
            code, text = finish(process)
            expect(code == 1 and "PDL0631" in text and "0002_age.up.sql" in text, "%s: exit %d\n%s" % (how, code, text))
            if how == "crash":
                wait_until_up(server, int(pid))
            else:
                server.start()
            expect(applied(server, database) == "0001" and server.query(database, "SELECT to_regclass('x') IS NULL") == "t", "half a file stands")
        write(folder, "0002_age.up.sql", FILES["0002_age"][0])
        up(server, folder, database)
        expect(applied(server, database) == "0001 0002 0003", applied(server, database))
        write(folder, "0004_later.up.sql", "CREATE TABLE later (id int);\n")
        server.stop()
        open(server.data + "/standby.signal", "w").close()
        server.start()
        for verb, *options in (["up"], ["down"], ["baseline"], ["repair", "0004", "--as", "applied"]):
            done = pdlc(server, folder, database, verb, *options)
            refused(done, "PDL0634", "primary")
            expect(not done.out, "something was said to be done", done)
        status = pdlc(server, folder, database, "status")
        expect(status.code == 2 and status.out.count("pending") == 2, "status", status)
    finally:
        server.remove()


def tests(server):
    for body in (there_and_back, down_whole, as_psql_would, edited, missing, same_number, out_of_order, fails, transactions_refused, no_rights, disk_full, newer_than_the_server,
                 locked_for_a_while, deadlock, old_transaction, drift, index_fails, invalid_index_of_ours, unsettled, settings_do_not_leak,
                 interrupted, on_a_terminal, ledger_moved, killed_client, adopted, dbmate, alembic, baseline_compares, supabase_layout, no_way_back, wrong_places, kills, random_kills, races):
        yield "migrations: " + body.__name__.replace("_", " "), lambda body=body: body(server)
    yield "migrations: crashes", lambda: crashes(server.binaries)
    yield "migrations: restarted", lambda: restarted(server.binaries)
