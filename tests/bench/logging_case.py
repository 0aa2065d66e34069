"""logging_case: what observation costs. One inetd serves the same program twice, with log = start exit
to a syslog socket that somebody drains, and with log = none, in interleaved rounds; and `inetctl list`
of thousands of services."""

import os
import socket
import subprocess

from contenders import Inetd, Service, die_with_parent, user_name
from measure import connections, form, interleave, ratio_table, table

SILENT, LOGGED = "log = none", "log = start exit"
LEVELS = (1, 16)
LEAST, MOST_MS = 0.95, 50
LISTS = 5  # in a round

# A /dev of the daemon's own, with /dev/log in it.
NAMESPACE = """
mount -t tmpfs none "$0" && for node in null zero full random urandom; do
: >"$0/$node" && mount --bind "/dev/$node" "$0/$node" || exit; done
: >"$0/log" && mount --bind "$1" "$0/log" && mount --rbind "$0" /dev && mount -t tmpfs none /run || exit
shift && exec "$@"
"""


class LoggingInetd(Inetd):
    """The daemon with both services, and a log of its own."""

    def __init__(self, bench):
        port = bench.few[0].port
        super().__init__(bench.address(), [], bench.scratch, bench.build)
        self.config += ".ini"
        self.program = bench.programs["tiny"]
        self.drainer = os.path.join(bench.build, "tests/bench/drain")
        self.services = [Service(port, "stream", SILENT), Service(port + 1, "stream", LOGGED)]
        self.log = os.path.join(self.directory, "log.socket")
        self.counted = os.path.join(self.directory, "log.count")
        self.drain = None

    def render(self):
        text = f"[defaults]\nbind = {self.address}\nuser = {user_name()}\n"
        for number, service in enumerate(self.services):
            text += f"[s{number}]\nport = {service.port}\n{service.program}\nserver = {self.program}\n"
        return text

    def command(self):
        dev = os.path.join(self.directory, "dev")
        os.makedirs(dev, exist_ok=True)
        return ["unshare", "-m", "sh", "-c", NAMESPACE, dev, self.log, *super().command()]

    def start(self):
        os.makedirs(self.directory, exist_ok=True)
        self.drain = subprocess.Popen(  # pylint: disable=consider-using-with
            [self.drainer, self.log, self.counted], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, preexec_fn=die_with_parent)  # pylint: disable=W1509
        self.drain.stdout.readline()
        return super().start()

    def stop(self):
        super().stop()
        if self.drain:
            self.drain.kill()
            self.drain.communicate()
            self.drain = None


def logging(bench):
    """Both tables."""
    text = ("Connections per second, logged and not: median of the rounds, half the distance of the "
            "quartiles,\nmedian ratio to the service that is not logged of the same round, best round "
            "to its best.\n")
    for server in bench.up([LoggingInetd(bench)]):
        for level in LEVELS:
            for _, name in interleave(4 * bench.rounds, [SILENT, LOGGED]):
                connections(bench, case_of(level), server, name, level)
            text += "\n" + ratio_table(bench.figures, case_of(level), SILENT, "of log = none")
        lost = lines_lost(server)
        bench.figures.add("log lines lost", "inetd", lost)
        text += f"\nlines of the log that were lost: {lost}\n"
        bench.running.remove(server)
        server.stop()
    return text + "\n" + listing(bench)


def case_of(level):
    """Its name among the figures."""
    return f"logging c={level}"


def lines_lost(server):
    """What the daemon says of it."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(server.control)
        client.sendall(b"inetd/2 stats\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    fields = dict(field.split(b"#", 1) for field in answer.split(b"\t") if b"#" in field)
    return int(fields[b"log_lost"])


def listing(bench):
    """The time of inetctl list, its own start and output included."""
    name = f"{bench.services} services"
    for server in bench.up(bench.inetd(bench.crowd)):
        for _ in range(LISTS * bench.rounds):
            bench.figures.add("inetctl list", name, server.control_seconds("list") * 1000)
        bench.running.remove(server)
        server.stop()
    figures = bench.figures
    rows = [["inetctl list", "ms", "+-", "least"],
            [name, form(figures.median("inetctl list", name), "{:.1f}"),
             form(figures.spread("inetctl list", name), "{:.0%}"),
             form(min(figures.get("inetctl list", name), default=None), "{:.1f}")]]
    return table(rows)


def aims(figures):
    """(what, seen, least) for the verdict."""
    for level in LEVELS:
        yield (f"logging c={level}, start and exit, of none",
               figures.ratio(case_of(level), LOGGED, SILENT), LEAST)
    for name in figures.names("inetctl list"):
        took = figures.median("inetctl list", name)
        yield f"inetctl list, {name}, {MOST_MS} ms of what it took", took and MOST_MS / took, 1
