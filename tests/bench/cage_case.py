"""cage_case: what confining a program costs a start: each kind alone, and isolation = strict as a whole,
beside the same dynamically linked program without, in interleaved rounds."""

import os

from admission_case import AdmissionInetd
from contenders import Service
from measure import connections, interleave, ratio_table

PLAIN, STRICT, NO_FILTER = "plain", "strict", "strict, no filter"
KEYS = {
    PLAIN: "",
    "no_new_privs": "no_new_privs = yes\n",
    "capabilities": "capabilities = none\n",
    "limits": "rlimit_core = 0\nrlimit_nproc = 256\nrlimit_fsize = 64m\n",
    "paths": "read_paths = /usr /lib -/lib64 /etc\nexec_paths = /usr /bin /lib -/lib64\n"
             "write_paths = /tmp /dev/null\n",
    "network": "network = connection\n",
    "mounts": "read_only = yes\nhide_run = yes\n",
    "syscall_filter": "syscall_filter = yes\n",
    NO_FILTER: "isolation = strict\nsyscall_filter = no\n",
    STRICT: "isolation = strict\n",
}
LEVELS = (1, 16)
MOST = {NO_FILTER: 1.1, STRICT: 1.4}  # times the plain start


class CageInetd(AdmissionInetd):
    """The daemon with a service for each row."""

    def __init__(self, bench):
        super().__init__(bench)
        port = self.services[0].port
        self.programs = {name: "/bin/echo\nserver_args = ok" for name in KEYS}
        self.services = [Service(port + number, "stream", name) for number, name in enumerate(KEYS)]

    def keys(self):
        return KEYS


def cage(bench):
    """The table."""
    text = ("Connections per second to /bin/echo, confined and not: median of the rounds, half the "
            "distance of the\nquartiles, median ratio to the plain service of the same round, best "
            "round to its best.\n")
    if os.geteuid() != 0:
        return text + "not measured: takes root\n"
    for server in bench.up([CageInetd(bench)]):
        for level in LEVELS:
            for _, name in interleave(2 * bench.rounds, list(KEYS)):
                connections(bench, case_of(level), server, name, level)
            text += "\n" + ratio_table(bench.figures, case_of(level), PLAIN, "of plain")
        bench.running.remove(server)
        server.stop()
    return text


def case_of(level):
    """Its name among the figures."""
    return f"cage c={level}"


def aims(figures):
    """(what, seen, least) for the verdict."""
    for level in LEVELS:
        for name, most in MOST.items():
            yield (f"{name} c={level}, of plain", figures.ratio(case_of(level), name, PLAIN),
                   1 / most)
