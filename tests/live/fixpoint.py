"""What push makes, diff calls the same, and psql makes from the printed SQL, down to the dump."""
import glob
import os

from server import expect, first_difference

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases")


def fixpoint(server, path):
    name = os.path.basename(path)[:-len(".pdl")]
    pushed, plain = server.database("a_" + name), server.database("b_" + name)
    push = server.pdlc("push", path, pushed)
    expect(push.code == 0, "push", push)
    diff = server.pdlc("diff", path, pushed)
    expect(diff.code == 0, "false drift after push", diff)
    before = server.dump(pushed)
    again = server.pdlc("push", path, pushed)
    expect(again.code == 0 and "already has all" in again.out, "second push", again)
    printed = server.pdlc("push", path, plain, "--dry-run")
    expect(printed.code == 0, "push --dry-run", printed)
    expect(server.dump(plain) == server.dump("template_dump"), "--dry-run changed the database")
    made = server.psql(plain, printed.out, options=["-1"])
    expect(made.code == 0, "psql on the printed SQL", made)
    after = server.dump(plain)
    expect(before == after, "dumps differ: " + first_difference(before, after))
    expect(server.dump(pushed) == before, "second push changed the database")
    diff = server.pdlc("diff", path, plain)
    expect(diff.code == 0, "false drift after psql", diff)


def tests(server):
    server.database("template_dump")
    for path in sorted(glob.glob(FOLDER + "/*.pdl")):
        yield "fixpoint " + os.path.basename(path), lambda path=path: fixpoint(server, path)
