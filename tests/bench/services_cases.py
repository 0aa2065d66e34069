"""services_cases: service programs of services/ beside bare loops that do the same with nothing
around it. All are served by one inetd, in interleaved rounds, so that only the program differs."""

import os
import time

from contenders import Inetd, Service, user_name
from measure import form, interleave, table
from quiet import DISTURBED, Quiet

FILE_BYTES = 1 << 30
FETCH_MS = 30000  # for what goes wrong


class ServicesInetd(Inetd):
    """The daemon with a line for each of some programs with arguments, by name."""

    def __init__(self, address, commands, port, directory, build):
        super().__init__(address, [], directory, build)
        self.commands = {}
        for number, (name, argv) in enumerate(commands.items()):
            self.commands[name] = (port + number, argv)
        self.services = [Service(port, "stream", name)
                         for name, (port, _) in self.commands.items()]

    def render(self):
        return "".join(f"{self.address}:{port} stream tcp4 nowait {user_name()} {argv[0]} "
                       f"{' '.join([os.path.basename(argv[0]), *argv[1:]])}\n"
                       for port, argv in self.commands.values())


def transfer(bench):
    """A file of 1 GiB, sent by sendfile, and passed on by redirect."""
    directory = os.path.join(bench.scratch, "files")
    data = os.path.join(directory, "data")
    os.mkdir(directory)
    with open(data, "wb") as file:
        file.truncate(FILE_BYTES)
    service = os.path.join(bench.build, "services", "")
    bare = os.path.join(bench.build, "tests/bench/bare_")
    address, port = bench.address(), bench.few[0].port
    source = [address, str(port)]  # both proxies ask the bare server, which is the first
    commands = {"bare sendfile": [bare + "sendfile", data],
                "sendfile": [service + "sendfile", directory],
                "bare splice": [bare + "splice", *source],
                "redirect": [service + "redirect", *source]}
    cases = {"sendfile": ("bare sendfile", "sendfile"), "redirect": ("bare splice", "redirect")}
    text = ("A file of 1 GiB over the loopback device: median of the rounds, half the distance "
            "of the\nquartiles, median ratio to the bare loop of the same round.\n\n")
    for server in bench.up([ServicesInetd(address, commands, port, bench.scratch, bench.build)]):
        for case, names in cases.items():
            for name in names:  # the first time fills the page cache
                fetch(bench, server, name)
            for _, name in interleave(2 * bench.rounds, list(names)):
                seen = fetch_quietly(bench, server, name)
                bench.figures.add(case, name, seen.get("mib_per_second", 0))
                bench.figures.add(case + " failed", name, seen.get("failed", 1))
            text += transfer_table(bench, case, names[0]) + "\n"
        server.stop()
        bench.running.remove(server)
    return text


def fetch(bench, server, name):
    """One transfer, as the generator saw it."""
    return bench.generator.run("fetch", server, server.port_of(name), "-a", FILE_BYTES,
                               "-t", FETCH_MS)


def wait_for_programs(bench, server):
    """Until the daemon is alone, at most five seconds."""
    until = time.monotonic() + 5
    while len(bench.generator.memory(server.pid)) > 1 and time.monotonic() < until:
        time.sleep(0.005)


def fetch_quietly(bench, server, name):
    """The least disturbed of a few transfers, as others may use the processors too."""
    tries = []
    while not tries or (tries[-1][0] > DISTURBED and len(tries) < 4 and bench.patience.left > 0):
        bench.patience.wait()
        quiet, began = Quiet(server.pid, 1), time.monotonic()
        seen = fetch(bench, server, name)
        took = time.monotonic() - began
        wait_for_programs(bench, server)  # so that their time counts as the server's
        tries.append((quiet.others() / took, seen))
        if len(tries) > 1:
            bench.patience.left -= took
    return min(tries, key=lambda one: one[0])[1]


def transfer_table(bench, case, base):
    """Throughput and its ratio to the bare loop."""
    figures = bench.figures
    rows = [[f"{case}, 1 GiB", "MiB/s", "+-", "of bare", "best", ""]]
    for name in figures.names(case):
        failed = sum(figures.get(case + " failed", name))
        rows.append([name, form(figures.median(case, name)),
                     form(figures.spread(case, name), "{:.0%}"),
                     form(figures.ratio(case, name, base), "{:.2f}"),
                     form(figures.best_ratio(case, name, base), "{:.2f}"),
                     f"{failed:.0f} failed" if failed else ""])
    return table(rows)


def aims(figures):
    """(what, seen, least) for the verdict."""
    for case, base, least in (("sendfile", "bare sendfile", 0.9),
                              ("redirect", "bare splice", 0.95)):
        yield f"{case}, 1 GiB, of a bare loop", figures.ratio(case, case, base), least
