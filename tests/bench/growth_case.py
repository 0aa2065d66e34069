"""growth_case: what very many services cost: memory of each, the start, a reload that changes nothing
and one that takes all of them away and back, and how long somebody waits who connects meanwhile. Of
500 000 lines as many have sockets as there are descriptors, the others try again and again."""

import os
import re
import socket
import threading
import time

from contenders import Inetd, Service, user_name
from measure import form, table

COUNTS = (5000, 10000, 500000)
QUICK = (5000, 10000)
PORTS = 50000       # on one address
FIRST_PORT = 10000
WAIT_MS = 50
BYTES = 1024


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

    def reload(self):
        """(milliseconds, longest wait of a connection in them, most KiB of memory)."""
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # the most is counted anew
        asker = Asker(self.address, self.services[0].port)
        asker.start()
        seconds = self.control_seconds("reload", limit=120)
        asker.stopped = True
        asker.join()
        return seconds * 1000, asker.longest_ms, self.kib("status", "VmHWM")


class Asker(threading.Thread):
    """Connects to echo, one connection after the other."""

    def __init__(self, address, port):
        super().__init__()
        self.to = (address, port)
        self.stopped = False
        self.longest_ms = 0

    def run(self):
        while not self.stopped:
            began = time.monotonic()
            with socket.create_connection(self.to, 60) as client:
                client.sendall(b"x")
                client.recv(1)
            self.longest_ms = max(self.longest_ms, (time.monotonic() - began) * 1000)
            time.sleep(0.001)


def measure(bench, server):
    """One row; the server runs with all its services."""
    figures, count = bench.figures, server.count
    full = server.kib("smaps_rollup", "Anonymous")
    size = os.path.getsize(server.config) / 1024
    same = server.reload()
    server.change(0)
    away = server.reload()
    empty = server.kib("smaps_rollup", "Anonymous")
    server.change(count)
    back = server.reload()
    seen = {"bytes": (full - empty) * 1024 / count, "wait": max(same[1], away[1], back[1]),
            "multiple": max(same[2], back[2]) / size}
    for name, value in seen.items():
        figures.add(f"growth {name}", str(count), value)
    return [count, form(size), form(seen["bytes"]), form(same[0]), form(away[0]), form(back[0]),
            form(seen["multiple"], "{:.1f}"), form(seen["wait"], "{:.1f}")]


def growth(bench):
    """The table."""
    rows = [["services", "file KiB", "bytes each", "ms until served", "reload: same", "all away",
             "all back", "memory, of the file", "longest wait ms"]]
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
            "meanwhile;\nmemory at most in a reload, as a multiple of the file.\n\n" + table(rows))


def aims(figures):
    """(what, seen, most) for the verdict."""
    for count in COUNTS:
        yield f"{count} services, bytes each", figures.median("growth bytes", str(count)), BYTES
        yield (f"{count} services reloaded, longest wait ms",
               figures.median("growth wait", str(count)), WAIT_MS)
