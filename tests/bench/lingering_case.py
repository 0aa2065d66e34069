"""lingering_case: what lingering_close costs. One inetd serves the same program with it and without,
in interleaved rounds; the program reads nothing, and the client sends nothing: the row says what the
descriptor that is kept costs, and the close that the daemon makes in the program's place."""

from admission_case import AdmissionInetd
from measure import connections, interleave, ratio_table

PLAIN, LINGERS = "without", "lingering_close = 2s"
LEVELS = (1, 16, 128)
LEAST = 0.85


class LingeringInetd(AdmissionInetd):
    """The daemon with a service for each name."""

    def __init__(self, bench):
        super().__init__(bench)
        self.programs = {PLAIN: bench.programs["tiny"], LINGERS: bench.programs["tiny"]}
        self.services = [service._replace(program=name)
                         for service, name in zip(self.services, self.programs)]

    def keys(self):
        return {LINGERS: "lingering_close = 2s\n"}


def lingering(bench):
    """The table."""
    text = ("Connections per second, with lingering_close and without: median of the rounds, half the "
            "distance of\nthe quartiles, median ratio to the service without of the same round, best "
            "round to its best.\n")
    for server in bench.up([LingeringInetd(bench)]):
        for level in LEVELS:
            for _, name in interleave(4 * bench.rounds, [PLAIN, LINGERS]):
                connections(bench, case_of(level), server, name, level)
            text += "\n" + ratio_table(bench.figures, case_of(level), PLAIN, "of without")
        bench.running.remove(server)
        server.stop()
    return text


def case_of(level):
    """Its name among the figures."""
    return f"lingering c={level}"


def aims(figures):
    """(what, seen, least) for the verdict."""
    for level in LEVELS:
        yield (f"lingering_close c={level}, of without",
               figures.ratio(case_of(level), LINGERS, PLAIN), LEAST)
