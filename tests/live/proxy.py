"""A proxy between pdlc and its server that counts the messages pdlc sends, and at one of them does something bad."""
import os
import select
import signal
import socket
import struct
import threading
import time

# And "crash": the backend is killed outright, upon which the server starts anew.
FAULTS = ("cut before", "cut after", "tool before", "tool after", "backend")


class Proxy:
    """Listens in `folder` as a server does. `fault` happens at message `at` (from 1) of pdlc's own connection, once."""

    def __init__(self, server, folder, fault=None, at=0):
        self.server, self.folder, self.fault, self.at = server, folder, fault, at
        self.count, self.tool, self.killed, self.done, self.happened = 0, None, None, False, False
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind("%s/.s.PGSQL.%d" % (folder, server.port))
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def url(self, database, user="postgres"):
        return self.server.url(database, user).replace("host=" + self.server.folder.replace("/", "%2F"),
                                                       "host=" + self.folder.replace("/", "%2F"))

    def close(self):
        self.done = True
        self.listener.close()

    def accept(self):
        while not self.done:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        upstream = socket.socket(socket.AF_UNIX)
        try:
            upstream.connect("%s/.s.PGSQL.%d" % (self.server.folder, self.server.port))
            self.forward(client, upstream)
        except OSError:
            pass
        finally:
            client.close()
            upstream.close()

    def forward(self, client, upstream):
        buffered, started, counted, pid = b"", False, False, 0
        ends = select.poll()  # select takes no descriptor beyond 1023
        ends.register(client, select.POLLIN)
        ends.register(upstream, select.POLLIN)
        while True:
            ready = [descriptor for descriptor, _ in ends.poll()]
            if upstream.fileno() in ready:
                data = upstream.recv(65536)
                if not data:
                    return
                if not pid and b"K\x00\x00\x00\x0c" in data:  # BackendKeyData
                    pid = struct.unpack("!I", data[data.index(b"K\x00\x00\x00\x0c") + 5:][:4])[0]
                client.sendall(data)
            if client.fileno() in ready:
                data = client.recv(65536)
                if not data:
                    return
                buffered += data
                while True:
                    size = self.whole(buffered, started)
                    if not size:
                        break
                    message, buffered = buffered[:size], buffered[size:]
                    if not started:
                        started, counted = True, b"application_name\0pdlc\0" in message
                    elif counted and self.strike(client, upstream, message, pid):
                        return
                    upstream.sendall(message)

    @staticmethod
    def whole(data, started):
        """The length of the first message, 0 where more is to come."""
        at = 1 if started else 0
        if len(data) < at + 4:
            return 0
        size = at + struct.unpack("!I", data[at:at + 4])[0]
        return size if len(data) >= size else 0

    def strike(self, client, upstream, message, pid):
        with self.lock:
            if message[:1] in b"XHS":  # Terminate, Flush and Sync come with others
                return False
            self.count += 1
            if self.happened or not self.fault or self.count != self.at:
                return False
            self.happened = True
        if self.fault.endswith("after") or self.fault in ("backend", "crash"):
            upstream.sendall(message)
        if self.fault.startswith("tool"):
            while self.tool is None:  # it may come so far before whoever started it knows its number
                time.sleep(0.01)
            os.kill(self.tool, signal.SIGKILL)
        elif self.fault in ("backend", "crash"):
            self.killed = pid
            os.kill(pid, signal.SIGTERM if self.fault == "backend" else signal.SIGKILL)
            self.pass_on(upstream, client)
        return True

    @staticmethod
    def pass_on(upstream, client):
        """What the server still says before it ends."""
        while True:
            data = upstream.recv(65536)
            if not data:
                return
            client.sendall(data)
