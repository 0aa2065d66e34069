"""admission_case: what rules cost, and what they are worth. One inetd serves the same program with
and without 64 networks in only_from and a limit by source, in interleaved rounds; and one client
that opens connections as fast as it can, and keeps them, stands beside another one."""

import os
import signal
import subprocess

from contenders import Inetd, Service, user_name
from measure import connections, form, interleave, ratio_table, table

FREE, RULED, SHARED = "without", "64 networks, per_source", "shared"
QUIET, BESIDE = "alone", "beside a greedy one"
LEVELS = (1, 16)
LEAST, MOST = 0.97, 2.0
NETWORKS = 64
GREED = 1024  # connections that the greedy one wants at once
BYTES = 16


class AdmissionInetd(Inetd):
    """The daemon with a service for each name, in one INI file."""

    def __init__(self, bench):
        port = bench.few[0].port
        super().__init__(bench.address(), [], bench.scratch, bench.build)
        self.config += ".ini"
        self.programs = {FREE: bench.programs["tiny"], RULED: bench.programs["tiny"],
                         SHARED: os.path.join(bench.build, "services", "rot13")}
        self.services = [Service(port + number, "stream", name)
                         for number, name in enumerate(self.programs)]

    def render(self):
        keys = self.keys()
        text = f"[defaults]\nbind = {self.address}\nuser = {user_name()}\nlog = none\n"
        for number, service in enumerate(self.services):
            text += (f"[s{number}]\nport = {service.port}\n"
                     f"server = {self.programs[service.program]}\n"
                     + keys.get(service.program, ""))
        return text

    def keys(self):
        """What each service says besides."""
        return {RULED: self.rules(), SHARED: "per_source = 128\n"}

    def rules(self):
        """The last of the networks is the one that clients come from."""
        first = self.address.split(".", maxsplit=1)[0]
        lines = [f"only_from += 198.18.{number}.0/24\n" for number in range(1, NETWORKS)]
        return f"per_source = 128\nonly_from = {first}.0.0.0/8\n" + "".join(lines)


def admission(bench):
    """Both tables."""
    text = ("Connections per second, with rules and without: median of the rounds, half the "
            "distance of the\nquartiles, median ratio to the service without of the same round, "
            "best round to its best.\n")
    for server in bench.up([AdmissionInetd(bench)]):
        for level in LEVELS:
            for _, name in interleave(4 * bench.rounds, [FREE, RULED]):
                connections(bench, case_of(level), server, name, level)
            text += "\n" + ratio_table(bench.figures, case_of(level), FREE, "of without")
        text += "\n" + share(bench, server)
        bench.running.remove(server)
        server.stop()
    return text


def case_of(level):
    """Its name among the figures."""
    return f"admission c={level}"


def share(bench, server):
    """A client by itself, and beside a greedy one."""
    text = ("One client after another from one address, to a service with per_source = 128: alone, "
            f"and while\nanother address wants {GREED} at once: latency, failed of all.\n\n")
    for _, name in interleave(bench.rounds, [QUIET, BESIDE]):
        bench.patience.wait()
        greedy = greed(bench, server) if name == BESIDE else None
        try:
            seen = bench.generator.run(
                "conn", server, server.port_of(SHARED), "-S", 1, "-b", BYTES, "-a", BYTES,
                "-w", bench.slice_ms, "-t", 2 * bench.slice_ms, "-T", 3000)
        finally:
            if greedy:
                greedy.send_signal(signal.SIGKILL)
                greedy.communicate()
        for key in ("p50_us", "p99_us", "failed", "answered"):
            bench.figures.add(f"share {key}", name, seen.get(key, 0))
    rows = [["", "p50 us", "of alone", "p99 us", "failed", "answered"]]
    for name in (QUIET, BESIDE):
        figures = bench.figures
        rows.append([name, form(figures.median("share p50_us", name)),
                     form(figures.ratio("share p50_us", name, QUIET), "{:.2f}"),
                     form(figures.median("share p99_us", name)),
                     form(sum(figures.get("share failed", name))),
                     form(sum(figures.get("share answered", name)))])
    return text + table(rows)


def greed(bench, server):
    """Somebody who sends nothing and holds what he gets; all over the limit is refused at once."""
    options = ["-c", GREED, "-t", 60000]
    return subprocess.Popen(  # pylint: disable=consider-using-with
        bench.generator.command("conn", server, server.port_of(SHARED), options),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def aims(figures):
    """(what, seen, least) for the verdict."""
    for level in LEVELS:
        yield (f"admission c={level}, 64 networks and per_source, of without",
               figures.ratio(case_of(level), RULED, FREE), LEAST)
    slower = figures.ratio("share p50_us", QUIET, BESIDE)
    yield "latency beside a greedy client, alone of beside", slower, 1 / MOST
