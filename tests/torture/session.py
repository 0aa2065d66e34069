"""session: what the campaign of faults does with a daemon, from its start to its end."""

import os
import signal
import socket

from daemon import Daemon, Finding, NO_ANSWER, PATIENCE, Patience, connect, exchange, read_all, talk

INET, UNIX = socket.AF_INET, socket.AF_UNIX

# What it has where nobody is served: its worker and the spare of "ready".
AT_REST = ["cat", "inetd-worker"]

WHOLE_S, HEAL_S = 10, 30 # at most, from the start to the end of the fault, and from there on


class Ended(Exception):
    """The daemon does not run any more."""


class Late(Exception):
    """The time for what a fault may spoil is over."""


class Session:
    """What is done with a daemon, the same each time."""

    def __init__(self, build):
        self.daemon = Daemon(build)
        pid = os.getpid()
        self.address = f"127.{20 + pid % 200}.{pid // 200 % 200}.1"
        self.ports = 20000 + pid % 4000 * 3 # three, also beside other jobs
        self.taken = None
        self.failed, self.told = [], []
        self.usual, self.open = None, []
        self.until = None # Patience: the end of what a fault may spoil
        self.strict = True # one fault only: a second one may hit the message

    def configuration(self, second):
        """The text of inetd.conf and inetd.ini: the first of a session, or the second."""
        here, directory, port = self.address, self.daemon.directory, self.ports
        lines = f"""\
{here}:7001 stream tcp nowait{'/5/0/5' if second else ''} nobody /bin/cat cat
{here}:7002 stream tcp nowait root internal echo
{here}:7002 dgram udp wait root internal echo
{here}:7006 stream tcp nowait root internal daytime
{here}:7007 dgram udp wait nobody {directory}/whoami whoami
{here}:7008 stream tcp wait nobody {directory}/whoami whoami
{here}:7009 stream tcp nowait root internal tcpmux
tcpmux/+cat stream tcp nowait nobody /bin/cat cat
{here}:7010 stream tcp nowait nobody {directory}/missing
{here}:7011 stream tcp nowait nobody /bin/cat cat
localhost:{port} stream tcp nowait nobody /bin/cat cat
{here if second else '*'}:{port + 1} stream tcp4 nowait nobody /bin/cat cat
{directory}/unix stream unix nowait nobody /bin/cat cat
"""
        lines += f"{here}:7012 stream tcp nowait root internal discard\n" if second else \
            f"{here}:7013 stream tcp nowait nobody /bin/cat cat\n"
        sections = f"""\
[inetd]
children = 50
[defaults]
bind = {here}
user = nobody
[complains]
port = 7003
server = /bin/sh
server_args = -c "echo complaint >&2; exec cat"
stderr = log
log = start exit refuse
[limited]
port = 7004
server = /bin/cat
instances = 1
overload = refuse
busy_message = busy
[queue]
port = 7005
server = /bin/cat
instances = {2 if second else 1}
max_time = 1min
[denied]
port = 7014
server = /bin/cat
no_access = 0.0.0.0/0
banner_fail = no
[ready]
port = 7015
server = /bin/cat
spare = {2 if second else 1}
environment_file = {directory}/variables
[demand]
port = 7016
server = {directory}/listens
server_args = {{port}}
activation = proxy
stop_after = 100ms
[headed]
port = 7017
server = /bin/sh
server_args = -c 'echo "$TCPREMOTEIP"'
proxy_protocol = 127.0.0.0/8
[caged]
port = 7018
server = /bin/cat
isolation = strict
log = start userid
[each]
port = 7019
protocol = udp
server = /usr/bin/head
server_args = -c1
wait = no
[named]
bind = 127.0.0.1
port = {port + 2}
server = /bin/cat
only_from = localhost
"""
        return lines, sections

    def configure(self, second):
        """Writes it."""
        lines, sections = self.configuration(second)
        self.daemon.write("variables", "ONE=1\n")
        self.daemon.write("inetd.conf", lines)
        self.daemon.write("inetd.ini", sections)

    def go_on(self):
        """Raises Ended or Late where nothing more is to be tried."""
        if not self.daemon.runs():
            raise Ended
        if not self.until.lasts(0):
            raise Late

    def bounds(self):
        """How long a client waits for an answer, and less until somebody listens: who was told that a reload is over
        need not wait, and where much has failed already it is no use."""
        soon = Patience(1 if len(self.failed) < 3 else 0)
        return {"seconds": min(5, self.until.left() / PATIENCE), "hope": lambda: self.daemon.runs() and soon.lasts(0)}

    def connect(self, port):
        """A client that stays."""
        return connect(INET, self.at(port), **self.bounds())

    def attempt(self, what, function, *arguments):
        """One thing that a fault may spoil, and the answer that it must have else."""
        *arguments, wanted = arguments
        self.go_on()
        try:
            got = function(*arguments, **(self.bounds() if function in (talk, exchange) else {}))
        except OSError as error:
            got = error
        if got != wanted and not (callable(wanted) and not isinstance(got, OSError) and wanted(got)):
            self.failed.append(f"{what}: {got!r}")

    def order(self, verb):
        """One order; true if it was done at once. A refusal that says why is as good as the log's."""
        self.go_on()
        status, text = self.daemon.order(verb)
        if status != 0:
            (self.told if status != NO_ANSWER and text else self.failed).append(
                f"{verb}: {status} {text}")
            self.daemon.order(verb)
        return status == 0

    def at(self, port):
        """An address."""
        return (self.address, port)

    def serve(self, second):
        """Each service once."""
        unix, attempt = self.daemon.path("unix"), self.attempt
        attempt("cat", talk, INET, self.at(7001), b"one", b"one")
        attempt("echo", talk, INET, self.at(7002), b"two", b"two")
        attempt("datagram echo", exchange, self.at(7002), b"three", b"three")
        attempt("stderr = log", talk, INET, self.at(7003), b"four", b"four")
        attempt("daytime", talk, INET, self.at(7006), b"", lambda got: len(got) > 20)
        attempt("dgram wait", exchange, self.at(7007), b"x", lambda got: len(got) > 0)
        attempt("stream wait", talk, INET, self.at(7008), b"", lambda got: len(got) > 0)
        attempt("tcpmux", talk, INET, self.at(7009), b"cat\r\nfive",
                lambda got: got.endswith(b"five") or b"Out of memory" in got)
        attempt("unix", talk, UNIX, unix, b"six", b"six")
        attempt("by name", talk, INET, ("127.0.0.1", self.ports), b"seven", b"seven")
        attempt("*, then one address", talk, INET, self.at(self.ports + 1), b"eight", b"eight")
        attempt("denied", talk, INET, self.at(7014), b"", b"no")
        attempt("spare", talk, INET, self.at(7015), b"ten", b"ten")
        attempt("on demand", talk, INET, self.at(7016), b"eleven", b"eleven")
        attempt("header", talk, INET, self.at(7017), b"PROXY TCP4 192.0.2.7 192.0.2.1 4001 25\r\n", b"192.0.2.7\n")
        attempt("caged", talk, INET, self.at(7018), b"twelve", b"twelve")
        attempt("dgram nowait", exchange, self.at(7019), b"t", b"t")
        attempt("host name", talk, INET, ("127.0.0.1", self.ports + 2), b"fourteen", b"fourteen")
        attempt("added or removed", talk, INET, self.at(7012 if second else 7013), b"",  b"")

    def overload(self):
        """One more than may run."""
        def busy():
            with self.connect(7004) as first:
                first.sendall(b"x")
                first.settimeout(2 * PATIENCE)
                got = first.recv(1)
                with self.connect(7004) as second:
                    got += read_all(second)
            return got

        def queued():
            with self.connect(7005) as first, self.connect(7005) as second:
                for client in (first, second):
                    client.sendall(b"x")
                    client.shutdown(socket.SHUT_WR)
                return read_all(first) + read_all(second)

        self.attempt("busy", busy, b"xbusy")
        self.attempt("queued", queued, b"xx")

    def orders(self):
        """What inetctl asks for."""
        for verb in ("list", "status", "stats", "events", "metrics", "connections", "check", "diff",
                     "show inetd", f"show {self.address}:7001", "disable limited", "enable limited",
                     "stop complains", "enable complains", "log-level info"):
            self.order(verb)
        self.attempt("kill", self.kill, b"x")

    def kill(self):
        """A program is ended by order."""
        with self.connect(7005) as client:
            client.sendall(b"x")
            client.settimeout(2 * PATIENCE)
            got = client.recv(1)
            self.order("kill queue")
            return got + read_all(client)

    def reloads(self):
        """To the second configuration and back, with a connection that stays."""
        with self.connect(7001) as through:
            self.configure(True)
            if not self.order("reload"):
                self.hang_up()
            self.serve(True)
            self.overload()
            self.order("upgrade")
            self.serve(True)
            self.configure(False)
            self.hang_up()
            through.sendall(b"y")
            through.shutdown(socket.SHUT_WR)
            return read_all(through)

    def whole(self):
        """From the first to the last but for the start and the end."""
        self.until = Patience(WHOLE_S)
        try:
            self.serve(False)
            self.orders()
            self.attempt("a connection through reloads", self.reloads, b"y")
            talk(INET, self.at(7010), b"", 1)
        except Late:
            self.failed.append("the rest, for want of time")
        except OSError:
            pass

    def hang_up(self):
        """HUP, and as soon as it has been read, on."""
        count = self.daemon.log().count("reload")
        self.daemon.process.send_signal(signal.SIGHUP)
        patience = Patience(5)
        while self.daemon.log().count("reload") <= count and self.daemon.runs() and patience.lasts():
            pass

    def is_at_rest(self):
        """Nothing runs that a client asked for, and nothing counts as if it did. Looked at from outside as long as
        that says no: each order is hundreds of calls."""
        if self.daemon.children_names() != AT_REST:
            return False
        records = self.daemon.records("list")
        return records is not None and not sum(int(fields.get("running", 0)) for kind, fields in records
                                               if kind == "service")

    def heal(self):
        """The fault is over: everything is served, and nothing is left of what was."""
        self.taken.close()
        self.until = Patience(HEAL_S)
        self.configure(False)
        while self.hang_up() or self.daemon.order("reload")[0] != 0:
            self.must_last("no reload afterwards", 0.1)
        while not self.is_whole():
            self.must_last(f"afterwards: {'; '.join(self.failed)}", 0.3)
        while not self.is_at_rest():
            self.must_last(f"not at rest: {self.daemon.children_names()}", 0.02)

    def is_whole(self):
        """Everybody is served. The fault may be here, too: then all is well when it is over."""
        self.failed = []
        try:
            self.serve(False)
            self.overload()
            self.attempt("taken", talk, INET, self.at(7011), b"nine", b"nine")
        except Late:
            self.failed.append("the rest, for want of time")
        return not self.failed

    def must_last(self, message, pause):
        """Waits a moment for what is still to come after the fault."""
        if not self.daemon.runs():
            raise Ended
        if not self.until.lasts(pause):
            raise Finding(message)

    def open_descriptors(self):
        """Of daemon and worker, as soon as they are as many as ever."""
        patience = Patience(5)
        while True:
            left = tuple(self.daemon.descriptors(pid)
                         for pid in (self.daemon.process.pid, self.daemon.worker()))
            if self.usual in (None, left) or not patience.lasts(0.02):
                self.open = self.daemon.open_files(self.daemon.process.pid)
                return left

    def run(self):
        """A whole session. Returns what was open at the end: a tuple to compare, None if it ended
        at the start, for a reason."""
        daemon = self.daemon
        self.failed, self.told = [], []
        self.taken = socket.create_server(self.at(7011), reuse_port=False)
        self.configure(False)
        try:
            return self.run_with(daemon)
        finally:
            self.taken.close()
            daemon.kill()
            for name in ("control", "unix", "pid"):
                if os.path.lexists(daemon.path(name)):
                    os.unlink(daemon.path(name))

    def has_started(self):
        """True when it serves; the line that says so may be what the fault has cost."""
        log = self.daemon.log()
        return "started:" in log or ("lines were lost" in log and self.daemon.order("version")[0] == 0)

    def run_with(self, daemon):
        """The body of run()."""
        daemon.start(daemon.path("inetd.conf"), daemon.path("inetd.ini"))
        patience = Patience(20)
        while not self.has_started():
            if not daemon.runs():
                daemon.check_log()
                if daemon.process.returncode not in (1, 2) or (self.strict and not daemon.log().strip()):
                    raise Finding(f"exit status {daemon.process.returncode} without a reason")
                return None
            if not patience.lasts():
                raise Finding("does not start")
        try:
            self.whole()
            failed = self.failed
            self.heal()
        except Ended:
            daemon.check_log()
            raise Finding(f"ended in the middle, exit status {daemon.process.returncode}") from None
        self.failed = failed
        left = self.open_descriptors()
        status = daemon.stop()
        daemon.check_log()
        if status != 0:
            raise Finding(f"at the end: exit status {status}")
        return left
