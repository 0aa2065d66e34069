"""prefork_case: the same handler as a program started for each connection and in a pool of
processes that are there already. All are served by one inetd, in interleaved rounds."""

import os

from measure import SOURCES, form, interleave, table
from services_cases import ServicesInetd

NOWAIT, POOL, PASSING = "rot13, nowait", "prefork", "prefork --pass"
LEVELS = (1, 16, 64)
LEAST = 3.0
REQUEST_BYTES = 16


class PoolInetd(ServicesInetd):
    """Lends its sockets to those that are pools."""

    def render(self):
        return "".join(line.replace(" nowait ", " wait ") if "/prefork " in line else line
                       for line in super().render().splitlines(keepends=True))


def prefork(bench):
    """Connections per second: a line is sent, and comes back turned."""
    program = os.path.join(bench.build, "services", "")
    commands = {NOWAIT: [program + "rot13"], POOL: [program + "prefork"],
                PASSING: [program + "prefork", "--pass"]}
    text = ("Connections per second to the handler of rot13: median of the rounds, half the "
            "distance of the\nquartiles, median ratio to the program under nowait of the same "
            "round.\n")
    server = PoolInetd(bench.address(), commands, bench.few[0].port, bench.scratch, bench.build)
    for contender in bench.up([server]):
        for level in LEVELS:
            for _, name in interleave(bench.few_rounds, list(commands)):
                bench.patience.wait()
                seen = bench.generator.run(
                    "conn", contender, contender.port_of(name), "-c", level, "-S", SOURCES,
                    "-b", REQUEST_BYTES, "-a", REQUEST_BYTES, "-w", bench.slice_ms // 2,
                    "-t", 2 * bench.slice_ms, "-T", 3000)
                bench.figures.add(case_of(level), name, seen.get("per_second", 0))
                bench.figures.add(case_of(level) + " failed", name, seen.get("failed", 1))
            text += "\n" + prefork_table(bench.figures, case_of(level))
        bench.running.remove(contender)
        contender.stop()
    return text


def case_of(level):
    """Its name among the figures."""
    return f"rot13 c={level}"


def prefork_table(figures, case):
    """Connections per second and their ratio to nowait."""
    rows = [[case, "per second", "+-", "of nowait", "best", ""]]
    for name in figures.names(case):
        failed = sum(figures.get(case + " failed", name))
        rows.append([name, form(figures.median(case, name)),
                     form(figures.spread(case, name), "{:.0%}"),
                     form(figures.ratio(case, name, NOWAIT), "{:.1f}"),
                     form(figures.best_ratio(case, name, NOWAIT), "{:.1f}"),
                     f"{failed:.0f} failed" if failed else ""])
    return table(rows)


def aims(figures):
    """(what, seen, least) for the verdict."""
    for level in LEVELS:
        for name in (POOL, PASSING):
            yield (f"{name} c={level}, connections, of nowait",
                   figures.ratio(case_of(level), name, NOWAIT), LEAST)
