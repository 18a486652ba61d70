"""What pdlc lint says of a statement beside what the server does: locks taken, tables rewritten, rows read, indexes built."""
import json
import os
import re

from server import PDLC, expect, run

SCHEMA = """target postgres %d
domain tight int check (value > 0)
domain loose int
enum mood { a }
table t {
  id int pk
  a int
  n numeric(10,2)?
  m numeric?
  v varchar(20)?
  w varchar?
  x text
  c char(3)?
  ts timestamp?
  tz timestamptz?
  ip cidr?
  l loose?
  g tight?
  arr varchar(5)[]?
  bits bit(3)?
  vb varbit(3)?
  p timestamptz(3)?
  du interval?
  index a name i
  index ts name its
  index v name iv
  index p name ip
}
table parent {
  id int pk
}
"""
ROWS = """INSERT INTO parent SELECT generate_series(1, 100);
INSERT INTO t SELECT i, i, i, i, 'v', 'w', 'x', 'c', now(), now(), '10.0.0.0/8', i, i, '{a}', B'101', B'101', now() FROM generate_series(1, 100) i;
CREATE TABLE part (id int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
CREATE TABLE part_2 (id int NOT NULL);
INSERT INTO part_2 VALUES (2);
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
CREATE UNIQUE INDEX u ON t (id);
ALTER TABLE t ADD CONSTRAINT later CHECK (a > -1) NOT VALID;
CREATE FUNCTION trig() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';
"""
# Statements on t; the table whose locks are looked at, where it is another one.
STATEMENTS = [
    "DROP TABLE t", "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t RENAME TO u2", "ALTER TABLE t RENAME COLUMN a TO b",
    "ALTER TABLE t ADD COLUMN b int", "ALTER TABLE t ADD COLUMN b int NOT NULL DEFAULT 1",
    "ALTER TABLE t ADD COLUMN b timestamptz NOT NULL DEFAULT now()", "ALTER TABLE t ADD COLUMN b uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD COLUMN b float8 DEFAULT random()", "ALTER TABLE t ADD COLUMN b serial",
    "ALTER TABLE t ADD COLUMN b bigint GENERATED ALWAYS AS IDENTITY", "ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a + 1) STORED",
    "ALTER TABLE t ADD COLUMN b tight", "ALTER TABLE t ADD COLUMN b loose", "ALTER TABLE t ADD COLUMN b int CHECK (b > 0)",
    "ALTER TABLE t ADD COLUMN b int UNIQUE", "ALTER TABLE t ADD COLUMN b int REFERENCES parent",
    "ALTER TABLE t ADD COLUMN b int DEFAULT 1 REFERENCES parent", "ALTER TABLE t ADD COLUMN b int DEFAULT NULL REFERENCES parent",
    "ALTER TABLE t ADD CHECK (a > 0)", "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID",
    "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES parent", "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES parent NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT later", "ALTER TABLE t ALTER COLUMN w SET NOT NULL", "ALTER TABLE t ALTER COLUMN x DROP NOT NULL",
    "ALTER TABLE t ADD UNIQUE (a)", "ALTER TABLE t ADD CONSTRAINT uu UNIQUE USING INDEX u",
    "ALTER TABLE t ADD EXCLUDE USING btree (a WITH =)", "ALTER DOMAIN loose ADD CHECK (value > -1)",
    "ALTER DOMAIN loose ADD CONSTRAINT q CHECK (value > -1) NOT VALID", "ALTER DOMAIN loose SET NOT NULL",
    "CREATE INDEX ON t (m)", "DROP INDEX i", "REINDEX TABLE t", "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t SET UNLOGGED",
    "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION trig()", "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1",
    "ALTER TYPE mood ADD VALUE 'b'", "REFRESH MATERIALIZED VIEW mv", "ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES IN (2)",
    "ALTER TABLE part DETACH PARTITION part_1", "CLUSTER t USING i", "CREATE INDEX ON ONLY part (id)", "ALTER TABLE ONLY part ADD UNIQUE (id)",
    "CREATE INDEX ON part (id)", "ALTER TABLE part ADD UNIQUE (id)", "ALTER TYPE mood RENAME VALUE 'a' TO 'c'", "ALTER FUNCTION trig() RENAME TO g",
    "ALTER TABLE t DROP CONSTRAINT later", "ALTER TABLE t DISABLE TRIGGER ALL",
    *("ALTER TABLE t ALTER COLUMN " + change for change in (
        "a TYPE bigint", "a TYPE int", "n TYPE numeric(12,2)", "n TYPE numeric(12,3)", "n TYPE numeric", "m TYPE numeric(10,2)",
        "v TYPE varchar(30)", "v TYPE varchar(10)", "v TYPE text", "v TYPE varchar", "w TYPE text", "x TYPE varchar", "x TYPE varchar(9)",
        "c TYPE text", "c TYPE char(4)", "ts TYPE timestamptz", "tz TYPE timestamp", "tz TYPE timestamptz(3)", "p TYPE timestamptz",
        "p TYPE timestamptz(6)", "tz TYPE timestamptz(6)", "du TYPE interval(6)", "du TYPE interval(3)", "ip TYPE inet", "a TYPE loose", "a TYPE tight", "l TYPE int", "g TYPE int", "v TYPE text USING v::text",
        "v TYPE text USING lower(v)", "arr TYPE text[]", "arr TYPE varchar(9)[]", "v TYPE varchar(20) COLLATE \"C\"", "bits TYPE varbit",
        "vb TYPE varbit(9)", "vb TYPE varbit", "a TYPE oid USING a::oid")),
]
ONLY_18 = ["ALTER TABLE t ADD CONSTRAINT nn NOT NULL w NOT VALID", "ALTER TABLE t ADD CONSTRAINT nn NOT NULL w"]
LOOK = """
SELECT 'lock ' || coalesce(max(CASE mode WHEN 'AccessExclusiveLock' THEN '5 ACCESS EXCLUSIVE' WHEN 'ExclusiveLock' THEN '4 EXCLUSIVE'
  WHEN 'ShareRowExclusiveLock' THEN '3 SHARE ROW EXCLUSIVE' WHEN 'ShareLock' THEN '2 SHARE'
  WHEN 'ShareUpdateExclusiveLock' THEN '1 SHARE UPDATE EXCLUSIVE' END), '0 no lock')
  FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation = %s;
SELECT 'file ' || coalesce((SELECT relfilenode FROM pg_class WHERE oid = %s), 0);
ROLLBACK;
"""


def observe(server, database, statement):
    """(lock, rewritten, read, built), measured in a transaction that is rolled back."""
    table = "mv" if "REFRESH" in statement else "part" if re.match(r"(ALTER TABLE|CREATE INDEX ON)( ONLY)? part\b", statement) else "t"
    oid = server.query(database, "SELECT '%s'::regclass::oid" % table)
    file = server.query(database, "SELECT relfilenode FROM pg_class WHERE oid = " + oid)
    done = server.psql(database, "SET TimeZone = 'UTC';\nSET client_min_messages = debug1;\nBEGIN;\n%s;\nSET client_min_messages = error;\n%s" %
                       (statement, LOOK % (oid, oid)), options=["-A", "-t"])
    expect(done.code == 0, statement, done)
    lock = re.search(r"lock \d (.*)", done.out)[1]
    now = re.search(r"file (\d+)", done.out)[1]
    rewritten = now not in (file, "0")
    read = bool(re.search(r"verifying table|validating foreign key", done.err))
    built = bool(re.search(r'building index "(?!pg_toast)', done.err))
    return lock, rewritten, read, built


def measure(server):
    database = server.database("hazards")
    version = int(server.query(database, "SHOW server_version_num")) // 10000
    folder = server.folder + "/hazards"
    os.mkdir(folder)
    with open(folder + "/schema.pdl", "w") as f:
        f.write(SCHEMA % version)
    made = server.pdlc("push", folder + "/schema.pdl", database)
    expect(made.code == 0, "push", made)
    made = server.psql(database, ROWS)
    expect(made.code == 0, "rows", made)
    wrong = []
    for statement in STATEMENTS + (ONLY_18 if version >= 18 else []):
        with open(folder + "/x.sql", "w") as f:
            f.write("SET lock_timeout = '1s';\n%s;\n" % statement)
        said = run([PDLC, "lint", "--file", "schema.pdl", "--json", "x.sql"], folder=folder)
        verdicts = [d["message"] for d in json.loads(said.out) if re.match(r"[A-Z]\d: ", d["message"])]
        lock, rewritten, read, built = observe(server, database, statement)
        found = "server: %s%s%s%s" % (lock, ", rewritten" * rewritten, ", read" * read, ", built" * built)
        work = verdicts[0].rsplit(", ", 1)[1] if verdicts else "no work"
        real = "rewrites the table" if rewritten else "builds indexes" if built else "reads every row" if read else "no work"
        if statement.startswith("REINDEX"):
            real = "builds indexes"
        if "VALIDATE" in statement:
            expect(read and lock == "SHARE UPDATE EXCLUSIVE", found)
            continue  # which holds up nobody
        if "DOMAIN" in statement and verdicts:
            real = "reads every row"  # which no message tells
        if work != real or (verdicts and "; %s on " % lock not in verdicts[0]):
            wrong.append("%s: %s; %s" % (statement, verdicts or "nothing said", found))
    expect(not wrong, "\n".join(wrong))


def tests(server):
    yield "hazards", lambda: measure(server)
