"""growth_case: what very many services cost: memory of each, the start, a reload that changes nothing
and one that takes all of them away and back, and how long somebody waits who connects meanwhile. Where
there are fewer descriptors than lines, the others wait for one."""

import os
import re
import socket
import statistics
import threading
import time

from contenders import Inetd, Service, user_name
from measure import form, table

COUNTS = (5000, 10000, 100000, 500000)
QUICK = (5000, 10000)
PORTS = 50000       # on one address
FIRST_PORT = 10000
WAIT_MS = 50
BYTES = 1024
MULTIPLE = 8        # of the file, for a reload
ASKED = 50
# Processor time of so many services: (the start, a reload that changes nothing) in ms
TIMED = 5000
START_MS = 60
RELOAD_MS = 20


class ManyInetd(Inetd):
    """The daemon with so many services besides echo, or for a while without them."""

    ready_seconds = 120

    def __init__(self, bench, count):
        echo = Service(bench.few[0].port, "stream", None)
        super().__init__(bench.address(), [echo], bench.scratch, bench.build)
        self.network = bench.network
        self.count = count

    def lines(self, count):
        """A configuration with that many."""
        user = user_name()
        yield f"{self.address}:{self.services[0].port} stream tcp4 nowait {user} internal echo\n"
        for i in range(count):
            yield (f"{self.network}.{200 + i // PORTS}.0.1:{FIRST_PORT + i % PORTS} stream tcp4 nowait "
                   f"{user} /bin/cat cat\n")

    def render(self):
        return "".join(self.lines(self.count))

    def change(self, count):
        """Another number of services, from the next reload on."""
        with open(self.config, "w", encoding="ascii") as file:
            file.writelines(self.lines(count))

    def kib(self, file, name):
        """A number from /proc/PID/FILE."""
        with open(f"/proc/{self.pid}/{file}", encoding="ascii") as text:
            return int(re.search(rf"^{name}:\s+(\d+)", text.read(), re.M).group(1))

    def processor_ms(self):
        """Processor time that it has used."""
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as text:
            return int(text.read().split()[0]) / 1e6

    def reload(self):
        """(milliseconds, longest wait of a connection in them, KiB of memory that were needed besides
        what there is before or afterwards, milliseconds of the processor)."""
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # the most is counted anew
        before, used = self.kib("status", "VmRSS"), self.processor_ms()
        asker = Asker(self.address, self.services[0].port)
        asker.start()
        seconds = self.control_seconds("reload", limit=120)
        asker.stopped = True
        asker.join()
        used = self.processor_ms() - used
        most = self.kib("status", "VmHWM") - max(before, self.kib("status", "VmRSS"))
        return seconds * 1000, asker.longest_ms, most, used

    def quiet_reload_ms(self):
        """Processor time of a reload that changes nothing, with nobody else there: the best of three."""
        times = []
        for _ in range(3):
            used = self.processor_ms()
            self.control_seconds("reload", limit=120)
            times.append(self.processor_ms() - used)
        return min(times)


class Asker(threading.Thread):
    """Connects to echo, one connection after the other."""

    def __init__(self, address, port):
        super().__init__()
        self.to = (address, port)
        self.stopped = False
        self.longest_ms = 0

    def ask(self):
        """Milliseconds of one connection."""
        began = time.monotonic()
        with socket.create_connection(self.to, 60) as client:
            client.sendall(b"x")
            client.recv(1)
        return (time.monotonic() - began) * 1000

    def run(self):
        while not self.stopped:
            self.longest_ms = max(self.longest_ms, self.ask())
            time.sleep(0.001)


def measure(bench, server):
    """One row; the server runs with all its services."""
    figures, count = bench.figures, server.count
    start_ms, reload_ms = server.processor_ms(), server.quiet_reload_ms()
    asker = Asker(server.address, server.services[0].port)
    asked_ms = statistics.median(asker.ask() for _ in range(ASKED))
    full = server.kib("smaps_rollup", "Anonymous")
    size = os.path.getsize(server.config) / 1024
    same = server.reload()
    server.change(0)
    away = server.reload()
    empty = server.kib("smaps_rollup", "Anonymous")
    server.change(count)
    back = server.reload()
    seen = {"bytes": (full - empty) * 1024 / count, "wait": max(same[1], away[1], back[1]),
            "multiple": max(same[2], back[2]) / size, "start": start_ms, "reload": reload_ms}
    for name, value in seen.items():
        figures.add(f"growth {name}", str(count), value)
    return [count, form(size), form(seen["bytes"]), form(start_ms), form(reload_ms), form(same[0]),
            form(away[0]), form(back[0]), form(seen["multiple"], "{:.1f}"), form(asked_ms, "{:.2f}"),
            form(seen["wait"], "{:.1f}")]


def growth(bench):
    """The table."""
    rows = [["services", "file KiB", "bytes each", "ms until served", "start: processor ms",
             "same: processor ms", "reload: same", "all away", "all back", "memory, of the file",
             "a connection ms", "longest wait ms"]]
    for count in QUICK if bench.quick else COUNTS:
        server = ManyInetd(bench, count)
        bench.patience.wait()
        began = time.monotonic()
        for server in bench.up([server]):
            started = (time.monotonic() - began) * 1000
            row = measure(bench, server)
            rows.append(row[:3] + [form(started)] + row[3:])
            bench.running.remove(server)
            server.stop()
    return ("Growth: memory of the daemon for each service; reloads, and who connects to another service "
            "meanwhile;\nmemory that a reload needs besides what stays, as a multiple of the file.\n\n" + table(rows))


def aims(figures):
    """(what, seen, most) for the verdict."""
    yield f"{TIMED} services, start, processor ms", figures.median("growth start", str(TIMED)), START_MS
    yield (f"{TIMED} services reloaded unchanged, processor ms",
           figures.median("growth reload", str(TIMED)), RELOAD_MS)
    for count in COUNTS:
        yield f"{count} services, bytes each", figures.median("growth bytes", str(count)), BYTES
        yield (f"{count} services reloaded, longest wait ms",
               figures.median("growth wait", str(count)), WAIT_MS)
        yield (f"{count} services reloaded, memory, of the file",
               figures.median("growth multiple", str(count)), MULTIPLE)
