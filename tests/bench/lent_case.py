"""lent_case: programs that have the listening socket themselves (wait). One that serves a connection
and ends is started for each, here and by openbsd-inetd; and what it costs that the kernel looks at
what comes, for 64 networks in only_from."""

import os

from admission_case import AdmissionInetd
from contenders import OpenbsdInetd, Service, user_name
from measure import connections, interleave, ratio_table

OURS, FILTERED, PEER = "inetd", "inetd, 64 networks", "openbsd-inetd"
LEVELS = (1, 2, 4, 16)
LEAST, LEAST_OF_PEER = 0.95, 1.0


class LentInetd(AdmissionInetd):
    """The daemon with a wait service for each name."""

    def __init__(self, bench):
        super().__init__(bench)
        program = os.path.join(bench.build, "tests/bin/take_one")
        self.programs = {OURS: program, FILTERED: program}
        self.services = [service._replace(program=name)
                         for service, name in zip(self.services, self.programs)]

    def keys(self):
        return {OURS: "wait = yes\n",
                FILTERED: "wait = yes\n" + self.rules().replace("per_source = 128\n", "")}


class LentPeer(OpenbsdInetd):
    """The same program under Debian's default one."""

    def __init__(self, bench):
        port = bench.few[0].port
        super().__init__(bench.address(), [Service(port, "stream", PEER)], bench.scratch,
                         bench.peers[PEER])
        self.served = os.path.join(bench.build, "tests/bin/take_one")

    def render(self):
        return (f"{self.address}:{self.services[0].port} stream tcp wait.1000000000 "
                f"{user_name()} {self.served} take_one\n")


def lent(bench):
    """The table."""
    text = ("Connections per second to a wait program that serves one and ends: median of the rounds, "
            "half the\ndistance of the quartiles, median ratio to ours of the same round, best round "
            "to its best.\n")
    servers = bench.up([LentInetd(bench)] + ([LentPeer(bench)] if PEER in bench.peers else []))
    names = [(server, name) for server in servers
             for name in (service.program for service in server.services)]
    for level in LEVELS:
        for _, (server, name) in interleave(bench.rounds, names):
            connections(bench, case_of(level), server, name, level)
        text += "\n" + ratio_table(bench.figures, case_of(level), OURS, "of ours")
    for server in servers:
        bench.running.remove(server)
        server.stop()
    return text


def case_of(level):
    """Its name among the figures."""
    return f"wait c={level}"


def aims(figures):
    """(what, seen, least) for the verdict."""
    for level in LEVELS:
        yield (f"wait c={level}, 64 networks, of without",
               figures.ratio(case_of(level), FILTERED, OURS), LEAST)
        yield (f"wait c={level}, of openbsd-inetd",
               figures.ratio(case_of(level), OURS, PEER), LEAST_OF_PEER)
