"""cases: what is measured. Each takes the bench (see bench.py), runs interleaved rounds over the
contenders that are up, and returns the text of its table. A contender that fails in a case says
so in the table instead of vanishing from it."""

import subprocess
import time

from measure import SOURCES, cpu_seconds, failed_note, form, interleave, table
from quiet import DISTURBED, Quiet
from verdict import FLOOR, best_peer

NETWORKS = 16384    # networks that datagrams come from in turn: replies are limited per network
PERCENTILES = ("p50_us", "p90_us", "p99_us", "p999_us")


def connect_once(bench, contender, program, concurrency):
    """(what the generator saw, the server's processor time, the share that others had)."""
    cpu = cpu_seconds(contender.pid)
    quiet = Quiet(contender.pid, bench.slice_ms * 1.2 / 1000)
    seen = bench.generator.run("conn", contender, contender.port_of(program), "-c", concurrency,
                               "-S", SOURCES, "-w", bench.slice_ms // 5, "-t", bench.slice_ms,
                               "-T", 3000)
    return seen, cpu_seconds(contender.pid) - cpu, quiet.others()


def connect_slice(bench, case, contender, program, concurrency):
    """One slice of connections to a program: the least disturbed of a few."""
    bench.patience.wait()
    tries = [connect_once(bench, contender, program, concurrency)]
    while tries[-1][2] > DISTURBED and len(tries) < 4 and bench.patience.left > 0:
        bench.patience.left -= bench.slice_ms * 1.2 / 1000
        bench.patience.wait()
        tries.append(connect_once(bench, contender, program, concurrency))
    seen, used, others = min(tries, key=lambda one: one[2])
    add = bench.figures.add
    add(case, contender.name, seen.get("per_second", 0))
    add(case + " failed", contender.name, seen.get("failed", 0))
    add(case + " others", contender.name, others)
    for key in PERCENTILES:
        add(f"{case} {key}", contender.name, seen.get(key, 0))
    if seen.get("answered"):
        add(case + " cpu", contender.name, used * 1e6 / seen["answered"])


def connect_table(bench, case):
    """Connections per second, their ratio to the floor, latency."""
    figures = bench.figures
    rows = [[case, "per second", "+-", "of floor", "best", "p50 us", "p90", "p99", "p99.9",
             "cpu us", "others", ""]]
    for name in figures.names(case):
        rows.append([name, form(figures.median(case, name)),
                     form(figures.spread(case, name), "{:.0%}"),
                     form(figures.ratio(case, name, FLOOR), "{:.2f}"),
                     form(figures.best_ratio(case, name, FLOOR), "{:.2f}"),
                     *(form(figures.median(f"{case} {key}", name)) for key in PERCENTILES),
                     form(figures.median(case + " cpu", name), "{:.1f}"),
                     form(figures.median(case + " others", name), "{:.0%}"),
                     failed_note(bench.figures, case, name)])
    return table(rows)


def connect(bench, program, contenders, levels, rounds):
    """Connections per second to a program that does next to nothing."""
    text = (f"Connections per second to {program}: median, half the distance of the quartiles, "
            "median ratio to\nthe floor of the same round, best round to the floor's best; "
            "latency; cpu: of the server's own\nprocess for one connection; others: what the rest "
            "of the machine had of the processors.\n")
    for concurrency in levels:
        case = f"{program} c={concurrency}"
        for _, contender in interleave(rounds, contenders):
            connect_slice(bench, case, contender, program, concurrency)
        text += "\n" + connect_table(bench, case)
    return text


def echo(bench, contenders):
    """Built-in echo: bytes over streams, and datagrams."""
    figures, text = bench.figures, ""
    for case, mode, options, key in (
            ("echo, 1 stream", "echo", ("-c", 1), "mib_per_second"),
            ("echo, 16 streams", "echo", ("-c", 16), "mib_per_second"),
            ("echo, datagrams", "udp", ("-c", 1, "-S", NETWORKS), "per_second")):
        for _, contender in interleave(bench.few_rounds, contenders):
            bench.patience.wait()
            seen = bench.generator.run(mode, contender, contender.port_of(None), *options,
                                       "-w", 100, "-t", 2 * bench.slice_ms, "-T", 3000)
            figures.add(case, contender.name, seen.get(key, 0))
            figures.add(case + " failed", contender.name,
                        seen.get("failed", 0) + seen.get("lost", 0) + seen.get("wrong", 0))
        best = best_peer(figures, case)
        rows = [[case, "datagrams/s" if mode == "udp" else "MiB/s", "of best peer", ""]]
        for name in figures.names(case):
            rows.append([name, form(figures.median(case, name)),
                         form(figures.ratio(case, name, best), "{:.2f}"),
                         failed_note(bench.figures, case, name)])
        text += table(rows) + "\n"
    return "Built-in echo.\n\n" + text


def idle(bench, contenders):
    """Echo sessions that do nothing."""
    rows = [["idle echo sessions", "asked", "alive", "seconds", "processes", "rss KiB",
             "anonymous KiB", "before", "bytes each", ""]]
    for contender in contenders:
        counts = (1000, bench.idle_sessions) if contender.name == "inetd" else (1000,)
        for count in counts:
            seen = bench.generator.run("idle", contender, contender.port_of(None), "-c", count,
                                       "-S", SOURCES, "-P", contender.pid,
                                       "-t", bench.peer_ms, "-T", 0)
            bench.figures.add(f"idle {count}", contender.name, seen.get("alive", 0))
            failed = seen.get("failed", count)
            rows.append([contender.name, count, seen.get("alive", 0),
                         form(seen.get("took_ms", 0) / 1000, "{:.2f}"), seen.get("processes", 0),
                         seen.get("rss_kib", 0), seen.get("anonymous_kib", 0),
                         seen.get("anonymous_before_kib", 0), seen.get("bytes_per_session", 0),
                         f"{failed} failed" if failed else ""])
            wait_for_children(contender.pid, bench)
    return table(rows)


def wait_for_children(pid, bench):
    """Until the processes of the sessions have gone, at most five seconds."""
    until = time.monotonic() + 5
    while len(bench.generator.memory(pid)) > 2 and time.monotonic() < until:
        time.sleep(0.05)


def burst(bench, contenders):
    """Thousands of connections at once to a program that takes a second."""
    case = "burst"
    limits = {}
    for turn, contender in interleave(bench.few_rounds, contenders):
        ours = contender.name.startswith("floor") or contender.name == "inetd"
        if turn > 0 and not ours:
            continue  # once is enough for a peer, which may need all the time there is
        limit_ms = 30000 if ours else bench.peer_ms
        bench.patience.wait()
        seen = bench.generator.run("burst", contender,
                                   contender.port_of("sleeper"), "-c", bench.burst,
                                   "-S", SOURCES, "-t", limit_ms, "-T", 0)
        bench.figures.add(case, contender.name, seen.get("took_ms", 0))
        bench.figures.add(case + " answered", contender.name, seen.get("answered", 0))
        limits[contender.name] = seen
        wait_for_children(contender.pid, bench)
    rows = [[f"{bench.burst} at once, a second each", "answered", "ms to the last", "of floor",
             "p50 ms", "p99 ms"]]
    for name in bench.figures.names(case):
        answered = min(bench.figures.get(case + " answered", name))
        whole = answered == bench.burst
        rows.append([name, form(answered), form(bench.figures.median(case, name)),
                     form(bench.figures.ratio(case, name, FLOOR), "{:.2f}") if whole else "-",
                     form(limits[name].get("p50_us", 0) / 1000),
                     form(limits[name].get("p99_us", 0) / 1000)])
    return table(rows)


def memory(bench, contenders):
    """What a server that does nothing keeps to itself, when its start is over."""
    time.sleep(3)
    rows = [["memory, idle", "process", "rss KiB", "anonymous", "private clean", "private dirty",
             "private"]]
    for contender in contenders:
        for process in bench.generator.memory(contender.pid):
            clean, dirty = process["private_clean_kib"], process["private_dirty_kib"]
            rows.append([contender.name, process["name"], process["rss_kib"],
                         process["anonymous_kib"], clean, dirty, clean + dirty])
            key = f"{contender.name}: {process['name']}"
            bench.figures.add("anonymous", key, process["anonymous_kib"])
            bench.figures.add("private", key, clean + dirty)
    return ("Memory. Anonymous is what a process has written; private counts the pages of files "
            "too that nobody\nelse maps at the moment, dirty where a file was built a moment ago."
            "\n\n" + table(rows))


def start(bench, make_contenders):
    """How long a start takes with thousands of services, and a reload that changes nothing."""
    figures = bench.figures
    case = f"start, {bench.services} services"
    problems = {}
    for _ in range(bench.few_rounds):
        for contender in make_contenders():
            if contender.name in problems:
                continue
            bench.patience.wait()
            try:
                figures.add(case, contender.name, contender.start() * 1000)
                if hasattr(contender, "control_seconds"):
                    reload_unchanged(bench, contender)
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                problems[contender.name] = str(error)
            finally:
                contender.stop()
    rows = [[case, "ms until served", "reload ms", "inetctl version ms", ""]]
    for name in dict.fromkeys(figures.names(case) + list(problems)):
        rows.append([name, form(figures.median(case, name), "{:.1f}"),
                     form(figures.median("reload", name), "{:.1f}"),
                     form(figures.median("version", name), "{:.1f}"), problems.get(name, "")])
    return table(rows)


def reload_unchanged(bench, contender):
    """By inetctl, which answers when it is done; `version` shows what inetctl itself costs."""
    for _ in range(3):
        bench.figures.add("reload", contender.name, contender.control_seconds("reload") * 1000)
        bench.figures.add("version", contender.name, contender.control_seconds("version") * 1000)
