"""A scratch Postgres server in a temporary folder, and the programs that are tried on it."""
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from urllib.parse import quote

PDLC = os.environ.get("PDLC") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../build/pdlc"))


class Skipped(Exception):
    """Says why a test cannot run here."""


def clean_environment():
    """Nothing that names a database reaches what is tried here, nor a message in another language."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k not in ("DATABASE_URL", "PDLC_PG_BIN")}
    return dict(kept, LC_ALL="C", NO_COLOR="1", HOME="/nonexistent", PGCONNECT_TIMEOUT="10")


ENVIRONMENT = clean_environment()


def find_binaries():
    """The folder that $PDLC_PG_BIN names, or the newest installed server's; None where there is none."""
    if os.environ.get("PDLC_PG_BIN"):
        return os.environ["PDLC_PG_BIN"]
    found = []
    for pattern in ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin"):
        found += [f for f in glob.glob(pattern) if os.path.exists(f + "/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        found.append(os.path.dirname(os.path.realpath(on_path)))
    number = lambda folder: int("0" + "".join(c for c in folder if c.isdigit()))
    return max(found, key=number) if found else None


PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/peers")  # see tools/peers


def unprivileged():
    """Who runs the server: Postgres refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise SystemExit("no unprivileged user to run a server as")


class Result:
    """Texts as they are: a carriage return in them is no line end."""

    def __init__(self, process):
        self.code, self.out, self.err = process.returncode, process.stdout.decode(errors="replace"), process.stderr.decode(errors="replace")
        self.text = self.out + self.err


def run(arguments, folder=None, environment=None, stdin=None):
    return Result(subprocess.run(arguments, cwd=folder, env=environment or ENVIRONMENT,
                                 input=None if stdin is None else stdin.encode(),
                                 stdin=None if stdin is not None else subprocess.DEVNULL, capture_output=True, timeout=120))


# Which transactions wrote the rows of the catalogs.
CATALOGS = " UNION ALL ".join(
    "SELECT '%s', count(*), md5(string_agg(ctid::text || xmin, ',' ORDER BY ctid)) FROM pg_catalog.pg_%s" % (t, t)
    for t in ("class", "attribute", "attrdef", "constraint", "index", "type", "enum", "proc", "trigger", "namespace", "extension",
              "sequence", "depend", "description")) + " ORDER BY 1"  # newer servers append in parallel


class Server:
    """Runs in `folder`/data, listens on a unix socket in `folder` alone; superuser postgres, trusted."""

    def __init__(self, binaries, settings=(), hba=("local all all trust",)):
        self.binaries = binaries
        self.owner = unprivileged()
        self.folder = tempfile.mkdtemp(prefix="pdlc-live-", dir="/tmp")
        self.count, self.port = 0, 5432
        if self.owner:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        os.chmod(self.folder, 0o755)
        self.data = self.folder + "/data"
        made = subprocess.run([binaries + "/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                               "--locale=C.UTF-8", "-N"], **self.as_owner(), env=ENVIRONMENT, capture_output=True, text=True)
        if made.returncode != 0:
            raise SystemExit("initdb failed: " + made.stderr)
        with open(self.data + "/pg_hba.conf", "w") as f:
            f.write("\n".join(hba) + "\n")
        with open(self.data + "/postgresql.conf", "a") as f:
            f.write("listen_addresses = ''\nunix_socket_directories = '%s'\nfsync = off\nsynchronous_commit = off\n"
                    "full_page_writes = off\nautovacuum = off\nlog_min_messages = fatal\nwal_level = minimal\nmax_wal_senders = 0\n"
                    "shared_buffers = 32MB\n" % self.folder)
            f.write("".join("%s = %s\n" % s for s in settings))
        self.start()

    def as_owner(self):
        if not self.owner:
            return {"cwd": "/"}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": [], "cwd": "/"}

    def start(self):
        log = open(self.folder + "/log", "ab")
        tied = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []  # it goes with whoever started it
        self.process = subprocess.Popen([*tied, self.binaries + "/postgres", "-D", self.data, "-p", str(self.port)], **self.as_owner(), env=ENVIRONMENT,
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        for _ in range(600):
            if self.process.poll() is not None:
                break
            ready = subprocess.run([self.binaries + "/pg_isready", "-q", "-h", self.folder, "-p", str(self.port)], env=ENVIRONMENT)
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        with open(self.folder + "/log") as f:
            raise SystemExit("the scratch server did not start: " + f.read())

    def stop(self, how=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)

    def remove(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database, user="postgres", password=None):
        secret = ":" + quote(password, safe="") if password else ""
        return "postgresql://%s%s@/%s?host=%s&port=%d" % (user, secret, database, quote(self.folder, safe=""), self.port)

    def database(self, name):
        self.query("postgres", 'CREATE DATABASE "%s" TEMPLATE template0' % name)
        return name

    def psql(self, database, sql, user="postgres", options=()):
        return lacking(run([self.binaries + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(database, user), *options,
                            "-f", "-"], stdin=sql))

    def query(self, database, sql, user="postgres"):
        """The rows, fields separated by |."""
        done = self.psql(database, sql, user, ["-A", "-t"])
        if done.code != 0:
            raise AssertionError("psql: %s\n%s" % (done.err.strip(), sql))
        return done.out.rstrip("\n")

    def needs(self, *extensions):
        """Skips what needs an extension that the server was not installed with."""
        have = self.query("postgres", "SELECT name FROM pg_available_extensions").split("\n")
        missing = [e for e in extensions if e not in have]
        if missing:
            raise Skipped("the server has no " + ", ".join(missing))

    def since(self, version):
        """Skips what older servers do not have."""
        if int(self.query("postgres", "SHOW server_version_num")) < version * 10000:
            raise Skipped("needs Postgres %d" % version)

    def dump(self, database):
        done = run([self.binaries + "/pg_dump", "-s", "-d", self.url(database)])
        if done.code != 0:
            raise AssertionError("pg_dump: " + done.err)
        dump = "".join(line for line in done.out.splitlines(True) if not line.startswith(("\\restrict", "\\unrestrict")))
        if os.environ.get("PDLC_PG_BIN"):  # 18, for cases of older versions: names that it chose for what was called otherwise,
            # and whether a column is not null by itself or by the table above, as it came about
            dump = re.sub(r' CONSTRAINT ("[^"]*_not_null\d*"|\w+_not_null\d*) NOT NULL', " NOT NULL", dump)
            dump = re.sub(r"^CREATE TABLE [^;]*^\)\nINHERITS \(", lambda m: m[0].replace(" NOT NULL", ""), dump, flags=re.M)
        return dump

    def catalogs(self, database):
        """What any change to the database's objects would change."""
        return self.query(database, CATALOGS)

    def pdlc(self, verb, schema, database, *options, user="postgres", password=None):
        named = ["--file", schema] if schema else []
        return lacking(run([PDLC, verb, *named, "--db", self.url(database, user, password), *options], folder=self.folder))


def lacking(done):
    """Skips what another server than the usual one cannot do."""
    lacks = re.search(r"PDL0401.*: (.* came with Postgres .*, the server is .*)|(could not open extension control file.*)"
                      r"|(ICU is not supported in this build|unsupported XML feature|extension \"\w+\" is not available"
                      r"|compression method lz4 not supported|invalid value for parameter .*: \"lz4\")", done.err)
    if lacks and os.environ.get("PDLC_PG_BIN"):
        raise Skipped(lacks[1] or lacks[2] or lacks[3])
    return done


def expect(condition, what, result=None):
    if condition:
        return
    if result is not None:
        lines = result.out.splitlines()[:20] + [line for line in result.err.splitlines() if "warning[" not in line][:20]
        what += ": exit %s\n%s" % (result.code, "\n".join(lines))
    raise AssertionError(what)


def first_difference(a, b):
    a, b = a.splitlines(), b.splitlines()
    for i in range(max(len(a), len(b))):
        x, y = a[i] if i < len(a) else "(end)", b[i] if i < len(b) else "(end)"
        if x != y:
            return "line %d: %s | %s" % (i + 1, x, y)
    return "none"
