"""verdict: the aims, and how far each was met in this run. For reading, not for passing: a noisy
machine misses what a quiet one meets."""

import admission_case
import cage_case
import growth_case
import lent_case
import lingering_case
import logging_case
import ondemand_case
import prefork_case
import services_cases
import spare_case
from measure import table

FLOOR = "floor, vfork"
MUST = "floor, must"  # a loop that makes the system calls that we owe, and is no daemon


def _line(what, value, aim, met, pattern="{:.2f}"):
    if value is None:
        return [what, "-", aim, "not measured"]
    return [what, pattern.format(value), aim, "met" if met(value) else "MISSED"]


def best_peer(figures, case):
    """The name of the fastest that is not ours; None if there is none."""
    peers = [name for name in figures.names(case) if name != "inetd"]
    return max(peers, key=lambda name: figures.median(case, name), default=None)


def best_floor(figures, case):
    """The fastest bare loop without a crowd of sockets."""
    floors = [name for name in figures.names(case)
              if name.startswith("floor") and name != MUST and not name.endswith("sockets")]
    return max(floors, key=lambda name: figures.median(case, name), default=FLOOR)


def _tiny(bench):
    figures, crowd = bench.figures, f"inetd, {bench.services} services"
    for program in ("tiny", "min"):
        for concurrency, least in ((1, 0.97), (16, 0.95), (128, 0.95)):
            case = f"{program} c={concurrency}"
            best = best_floor(figures, case)
            yield _line(f"{case}, of the best {best}", figures.ratio(case, "inetd", best),
                        f">= {least}", lambda value, least=least: value >= least)
            yield _line(f"{case}, of {MUST}", figures.ratio(case, "inetd", MUST), f">= {least}",
                        lambda value, least=least: value >= least)
    for concurrency in (1, 16, 128):
        case = f"tiny c={concurrency}"
        yield _line(f"{case}, of the floor", figures.ratio(case, "inetd", FLOOR), ">= 0.95",
                    lambda value: value >= 0.95)
        yield _line(f"{case}, {bench.services} services, of one", figures.ratio(case, crowd,
                    "inetd"), ">= 0.97", lambda value: value >= 0.97)


def _echo(bench):
    for case in ("echo, 1 stream", "echo, 16 streams", "echo, datagrams"):
        best = best_peer(bench.figures, case)
        yield _line(f"{case}, of the best peer", bench.figures.ratio(case, "inetd", best),
                    ">= 1.00", lambda value: value >= 1)


def _rest(bench):
    figures = bench.figures
    yield _line(f"{bench.idle_sessions} idle sessions, alive",
                figures.median(f"idle {bench.idle_sessions}", "inetd"),
                f"= {bench.idle_sessions}", lambda value: value == bench.idle_sessions, "{:.0f}")
    whole = min(figures.get("burst answered", "inetd"), default=None)
    yield _line(f"burst of {bench.burst}, answered", whole, f"= {bench.burst}",
                lambda value: value == bench.burst, "{:.0f}")
    yield _line(f"burst of {bench.burst}, time of the floor's",
                figures.ratio("burst", "inetd", FLOOR), "<= 1.10", lambda value: value <= 1.1)
    yield _line(f"start, {bench.services} services, ms",
                figures.median(f"start, {bench.services} services", "inetd"), "< 60",
                lambda value: value < 60, "{:.1f}")
    yield _line("reload, unchanged, ms", figures.median("reload", "inetd"), "< 20",
                lambda value: value < 20, "{:.1f}")
    for name in ("inetd", "inetd-worker"):
        for kind in ("anonymous", "private"):
            yield _line(f"{name}, idle, {kind} KiB", figures.median(kind, f"inetd: {name}"),
                        "< 400", lambda value: value < 400, "{:.0f}")


def _services(bench):
    for what, seen, least in (*services_cases.aims(bench.figures),
                              *prefork_case.aims(bench.figures),
                              *admission_case.aims(bench.figures),
                              *logging_case.aims(bench.figures),
                              *lent_case.aims(bench.figures),
                              *lingering_case.aims(bench.figures),
                              *cage_case.aims(bench.figures),
                              *spare_case.aims(bench.figures),
                              *ondemand_case.aims(bench.figures)):
        yield _line(what, seen, f">= {least:.2f}", lambda value, least=least: value >= least)
    for what, seen, most in (*growth_case.aims(bench.figures),
                             *spare_case.most(bench.figures),
                             *ondemand_case.most(bench.figures)):
        yield _line(what, seen, f"<= {most}", lambda value, most=most: value <= most, "{:.0f}")


def verdict(bench):
    """The text of the table of aims."""
    rows = [["aim", "seen", "wanted", ""]]
    for part in (_tiny, _echo, _rest, _services):
        rows.extend(part(bench))
    return table(rows)
