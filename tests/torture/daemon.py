"""daemon: an inetd with sanitizers in a directory of its own, and its clients, for the campaigns."""

import collections
import ctypes
import errno
import glob
import mmap
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "bin"))
from control_ask import NO_ANSWER, ask  # noqa: E402 pylint: disable=wrong-import-position

PATIENCE = int(os.environ.get("INETD_PATIENCE", "1"))
PROGRAMS = ("inetd", "inetd-worker")
CALLS_MOST, FAULTS_MOST = 1 << 19, 8
SANITIZER = re.compile(r"Sanitizer|runtime error:")


# A daemon that knows nothing of inetd: echoes what each caller says, at the port of its argument.
LISTENS = """\
#!/bin/sh
exec socat -t 10 "TCP4-LISTEN:$1,bind=127.0.0.1,fork,reuseaddr,backlog=64" EXEC:/bin/cat
"""


class Finding(Exception):
    """What should not be."""


class Trace(ctypes.Structure):
    """One call: tests/torture/inject.c."""
    _fields_ = [("caller", ctypes.c_uint32), ("from", ctypes.c_uint32), ("path", ctypes.c_uint32),
                ("name", ctypes.c_char * 20)]


class Fault(ctypes.Structure):
    """One call that fails: tests/torture/inject.c."""
    _fields_ = [(name, ctypes.c_uint32) for name in
                ("place", "path", "at", "times", "round", "there", "failing", "failed")]


class Sheet(ctypes.Structure):
    """What a program is told and tells: tests/torture/inject.c."""
    _fields_ = [("faults", Fault * FAULTS_MOST), ("calls", ctypes.c_uint32), ("trace", Trace * CALLS_MOST)]

    def set(self, *faults):
        """What to make fail, from now on: (place, path, at, times, round)."""
        for i in range(FAULTS_MOST):
            self.faults[i] = Fault(*(faults[i] if i < len(faults) else ()))
        self.calls = 0

    def places(self):
        """{(call, caller, its own caller, path to that): how often} so far."""
        size = ctypes.sizeof(Trace)
        calls = ctypes.string_at(ctypes.addressof(self.trace), min(self.calls, CALLS_MOST) * size)
        return collections.Counter((name.partition(b"\0")[0].decode(), *numbers)
                                   for *numbers, name in struct.iter_unpack("III20s", calls))


class Patience:
    """A time that runs out: `while patience.lasts():`."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds * PATIENCE

    def lasts(self, pause=0.005):
        """False when it has run out; waits a moment otherwise."""
        time.sleep(pause)
        return time.monotonic() < self.end

    def until(self, condition):
        """Waits until it is true."""
        while not condition():
            if not self.lasts():
                raise Finding("what was waited for did not come")

    def left(self):
        """Seconds."""
        return max(0.01, self.end - time.monotonic())


def always():
    """There is hope."""
    return True


def connect(family, address, seconds=5, source=None, hope=always):
    """A connection, from that address; tries again while nobody listens there and there is hope."""
    patience = Patience(seconds)
    while True:
        client = socket.socket(family, socket.SOCK_STREAM)
        client.settimeout(patience.left())
        if source:
            client.bind(source)
        try:
            client.connect(address)
            return client
        except OSError as error:
            client.close()
            if error.errno not in (errno.ECONNREFUSED, errno.ENOENT, errno.EAGAIN) or \
                    not hope() or not patience.lasts(0.02):
                raise


def read_all(client, seconds=5):
    """All until the end of file."""
    patience, parts = Patience(seconds), []
    while True:
        client.settimeout(patience.left())
        part = client.recv(65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def talk(family, address, text, seconds=5, hope=always):
    """Sends the text and the end of file; returns all that is answered."""
    with connect(family, address, seconds, hope=hope) as client:
        client.sendall(text)
        client.shutdown(socket.SHUT_WR)
        return read_all(client, seconds)


def exchange(address, text, seconds=5, hope=always):
    """Sends a datagram until one is answered; returns the answer."""
    patience = Patience(seconds)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(address)
        while patience.lasts(0):
            try:
                client.send(text)
                if select.select([client], [], [], 0.2)[0]:
                    return client.recv(65536)
            except ConnectionRefusedError:
                if not hope():
                    raise
                time.sleep(0.02)
    raise TimeoutError


class Daemon:
    """One at a time; the directory stays until close(). The programs are those of that folder of the build."""

    def __init__(self, build, under="torture"):
        self.directory = tempfile.mkdtemp(prefix="inetd-torture.")
        os.chmod(self.directory, 0o755)
        self.maps, self.process, self.sheets, self.known = [], None, {}, {}
        for name in PROGRAMS:
            shutil.copy2(os.path.join(build, under, name), self.path(name))
            self.sheets[name] = self.make_sheet(name)
        os.mkdir(self.path("services"))
        for name in ("services/ondemand", "inetd-warm.so"): # that the daemon finds beside itself
            shutil.copy2(os.path.join(build, name), self.path(name))
        for name in ("whoami", "hello-dgram"):
            shutil.copy2(os.path.join(build, "services", name), self.path(name))
        self.write("listens", LISTENS)
        os.chmod(self.path("listens"), 0o755)

    def path(self, name):
        """A file in the directory."""
        return os.path.join(self.directory, name)

    def make_sheet(self, name):
        """The order sheet of a program, mapped."""
        with open(self.path(name + ".fault"), "w+b") as sheet:
            sheet.truncate(ctypes.sizeof(Sheet))
            os.fchmod(sheet.fileno(), 0o666)
            self.maps.append(mmap.mmap(sheet.fileno(), ctypes.sizeof(Sheet)))
        return Sheet.from_buffer(self.maps[-1])

    def close(self):
        """Ends what runs and removes the directory."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, name, text):
        """A configuration, at once and whole."""
        with open(self.path(name + ".new"), "w", encoding="ascii") as out:
            out.write(text)
        os.rename(self.path(name + ".new"), self.path(name))

    def start(self, *arguments, environment=None, under=()):
        """Starts it, by a command that becomes it; it need not be ready."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
               "ASAN_OPTIONS": "exitcode=99:allocator_may_return_null=1:detect_stack_use_after_return=0",
               **(environment or {})}
        # pylint: disable=consider-using-with
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen(
                [*under, self.path("inetd"), "-f", "-e", "--control", self.path("control"), "-p",
                 self.path("pid"), *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, start_new_session=True)

    def runs(self):
        """True while it does."""
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """Ends it and its programs by force."""
        if self.process is None:
            return
        for pid in self.children() + [self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None

    def log(self):
        """What it has logged so far."""
        with open(self.path("log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def order(self, verb, seconds=10):
        """(status, text) of a request to the control socket; NO_ANSWER when there is none."""
        try:
            status, body = ask(self.path("control"), verb.encode(), seconds * PATIENCE)
        except OSError:
            return NO_ANSWER, ""
        return status, body.decode("utf-8", "replace")

    def records(self, verb):
        """The records of an answer: [(kind, {field: text})], None when there is no answer."""
        status, text = self.order(verb)
        if status != 0:
            return None
        found = []
        for line in text.splitlines():
            kind, *fields = line.split("\t")
            found.append((kind, dict(re.split("[=#]", field, maxsplit=1) for field in fields)))
        return found

    @staticmethod
    def name_of(pid):
        """What a process is called; empty if it is gone."""
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as name:
                return name.read().strip()
        except OSError:
            return ""

    def children_names(self):
        """What they are called, sorted."""
        return sorted(filter(None, map(self.name_of, self.children())))

    def children(self):
        """The processes it has."""
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                      encoding="ascii") as text:
                return [int(pid) for pid in text.read().split()]
        except OSError:
            return []

    def worker(self, newest=False):
        """The worker's pid, or None; the newest where upgrades have retired others."""
        for pid in reversed(self.children()) if newest else self.children():
            try:
                if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "inetd-worker":
                    return pid
            except OSError:
                pass
        return None

    @staticmethod
    def open_files(pid):
        """What a process has open, by its kind or path, sorted."""
        found = []
        for link in glob.glob(f"/proc/{pid}/fd/*"):
            try:
                found.append(os.readlink(link))
            except OSError:
                pass
        return sorted(re.sub(r"[0-9]{3,}", "N", name) for name in found)

    @staticmethod
    def descriptors(pid):
        """How many a process has open."""
        return len(glob.glob(f"/proc/{pid}/fd/*"))

    def stop(self, seconds=20):
        """TERM; the exit status, None when it does not end."""
        if not self.runs():
            return self.process.returncode
        self.process.terminate()
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            return None

    def check_log(self):
        """Nothing of a sanitizer."""
        if SANITIZER.search(self.log()):
            raise Finding("a sanitizer found something")

    def find_places(self, program, callers):
        """Has where() know these calls, all at once."""
        got = subprocess.run(["addr2line", "-a", "-i", "-s", "-f", "-e", self.path(program)], text=True, check=True,
                             input="".join(f"{caller - 1:#x}\n" for caller in callers), stdout=subprocess.PIPE)
        parts = re.split(r"^0x[0-9a-f]+\n", got.stdout, flags=re.MULTILINE)[1:]
        self.known |= {(program, caller): part.splitlines() for caller, part in zip(callers, parts)}

    def where(self, program, caller):
        """Function and file:line of a call, by its offset in the program."""
        return " ".join(self.known[(program, caller)][:2])

    def functions(self, program, caller):
        """The function that a call is in, and those that it is inlined in."""
        return self.known[(program, caller)][::2]


def reset_on_close(client):
    """So that no connection stays in TIME_WAIT."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
