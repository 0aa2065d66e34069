"""measure: runs the load generator, keeps the figures of interleaved rounds, makes tables."""

import os
import statistics
import subprocess
import time

SOURCES = 60  # addresses that connections come from in turn


class Generator:
    """The load generator; every line it prints is kept in the raw file."""

    def __init__(self, program, raw):
        self.program = program
        self.raw = raw

    def command(self, mode, contender, port, options):
        """Its command line."""
        return [self.program, mode, *map(str, options), contender.address, str(port)]

    def run(self, mode, contender, port, *options, limit=60):
        """One run: {key: number or text}; empty if it did not end in time, which it should."""
        try:
            done = subprocess.run(self.command(mode, contender, port, options), timeout=limit,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                  check=False)
        except subprocess.TimeoutExpired:
            return self.parse(contender.name, "mode=stuck")
        return self.parse(contender.name, done.stdout)

    def parse(self, name, text):
        """The pairs of a line, which goes to the raw file."""
        line = (text.strip().splitlines() or [""])[-1]
        self.raw.write(f"{name}: {line}\n")
        return {key: number(value) for key, _, value in
                (pair.partition("=") for pair in line.split())}

    def memory(self, pid):
        """One dictionary for each process of a family, the parent first."""
        done = subprocess.run([self.program, "memory", "-P", str(pid)], stdout=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True, timeout=60, check=False)
        found = [self.parse("memory", line) for line in done.stdout.splitlines()]
        return sorted(found, key=lambda process: process["pid"] != pid)


def number(text):
    """A number where the text is one."""
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def cpu_seconds(pid):
    """Processor time of a process itself, without its children (proc(5), schedstat)."""
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class Figures:
    """Values by case and contender, one for each round."""

    def __init__(self):
        self.values = {}

    def add(self, case, name, value):
        """One more round."""
        self.values.setdefault((case, name), []).append(value)

    def names(self, case):
        """The contenders of a case, in the order they came."""
        return [name for of_case, name in self.values if of_case == case]

    def get(self, case, name):
        """All rounds; empty if it did not take part."""
        return self.values.get((case, name), [])

    def median(self, case, name):
        """None if it did not take part."""
        values = self.get(case, name)
        return statistics.median(values) if values else None

    def spread(self, case, name):
        """Half the distance between the quartiles, as part of the median."""
        values = self.get(case, name)
        middle = self.median(case, name)
        if len(values) < 4 or not middle:
            return None
        low, _, high = statistics.quantiles(values, n=4)
        return (high - low) / 2 / middle

    def ratio(self, case, name, base):
        """The median over the rounds of value / value of `base` in the same round."""
        pairs = [value / other for value, other in
                 zip(self.get(case, name), self.get(case, base)) if other]
        return statistics.median(pairs) if pairs else None

    def best_ratio(self, case, name, base):
        """The best round over the best of `base`: what a noisy machine does not blur as much."""
        values, others = self.get(case, name), self.get(case, base)
        return max(values) / max(others) if values and others and max(others) else None


def interleave(rounds, contenders):
    """(round, contender) for each, beginning with another one in each round."""
    for turn in range(rounds):
        start = turn % len(contenders)
        for contender in contenders[start:] + contenders[:start]:
            yield turn, contender


def table(rows):
    """Columns aligned; the first to the left, the others to the right."""
    rows = [[("" if cell is None else str(cell)) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows if i < len(row))
              for i in range(max(map(len, rows)))]
    lines = []
    for row in rows:
        cells = [cell.ljust(widths[0]) if i == 0 else cell.rjust(widths[i])
                 for i, cell in enumerate(row)]
        lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def form(value, pattern="{:.0f}"):
    """A figure, or a dash."""
    return "-" if value is None else pattern.format(value)


def machine():
    """What the figures were taken on."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        model = next((line.split(":", 1)[1].strip() for line in file
                      if line.startswith("model name")), "processor")
    system = os.uname()
    return (f"{os.cpu_count()} x {model}, {system.sysname} {system.release}, load "
            f"{os.getloadavg()[0]:.2f} at the start, {time.strftime('%Y-%m-%d %H:%M')}")


def failed_note(figures, case, name):
    """How many connections failed over all rounds, if any did."""
    failed = sum(figures.get(case + " failed", name))
    return f"{failed:.0f} failed" if failed else ""


def connections(bench, case, server, name, level):
    """One slice of connections to a service of a server, so many at once, from a handful of sources."""
    bench.patience.wait()
    seen = bench.generator.run("conn", server, server.port_of(name), "-c", level, "-S", SOURCES,
                               "-w", bench.slice_ms // 5, "-t", bench.slice_ms, "-T", 3000)
    bench.figures.add(case, name, seen.get("per_second", 0))
    bench.figures.add(case + " failed", name, seen.get("failed", 1))


def ratio_table(figures, case, base, of):
    """Connections per second and their ratio to the contender `base`, which the heading calls `of`."""
    rows = [[case, "per second", "+-", of, "best", ""]]
    for name in figures.names(case):
        rows.append([name, form(figures.median(case, name)),
                     form(figures.spread(case, name), "{:.0%}"),
                     form(figures.ratio(case, name, base), "{:.3f}"),
                     form(figures.best_ratio(case, name, base), "{:.3f}"),
                     failed_note(figures, case, name)])
    return table(rows)
