"""upgrade_case: how long a client waits whose connection comes while the daemon is replaced by another
program (inetctl upgrade), with 1 000 services. Connections are made one after the other, each when the
last one is over, so that some wait in the queue of their socket for every upgrade."""

import socket
import threading
import time

from contenders import Inetd
from measure import form, table

SERVICES = 1000
UPGRADES = 20
MOST_MS = 20


class Client(threading.Thread):
    """Connects again and again, and remembers the longest it has waited."""

    def __init__(self, address, port):
        super().__init__(daemon=True)
        self.place = (address, port)
        self.served = self.failed = 0
        self.longest = 0.0
        self.over = False

    def run(self):
        while not self.over:
            began = time.monotonic()
            try:
                with socket.create_connection(self.place, timeout=10) as connection:
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass
                self.served += 1
            except OSError:
                self.failed += 1
            self.longest = max(self.longest, time.monotonic() - began)

    def take_longest_ms(self):
        """The longest wait since the last time."""
        longest, self.longest = self.longest, 0.0
        return longest * 1000


def measure(bench, server):
    """The worst waits, with and without upgrades."""
    client = Client(server.address, server.services[0].port)
    client.start()
    for case, command in (("upgrade", "upgrade"), ("no upgrade", "version")):
        time.sleep(0.2)
        client.take_longest_ms()
        for _ in range(UPGRADES):
            took = server.control_seconds(command)
            time.sleep(0.05)
            bench.figures.add(f"{case} worst", server.name, client.take_longest_ms())
            bench.figures.add(f"{case} took", server.name, took * 1000)
    client.over = True
    client.join()
    return client


def upgrade(bench):
    """The table."""
    servers = bench.up(bench.inetd(bench.crowd[:SERVICES]))
    if not servers:
        return ""
    server = servers[0]
    client = measure(bench, server)
    rows = [["worst wait of a client, ms", "median", "longest", "the command, ms"]]
    for case in ("upgrade", "no upgrade"):
        worst = bench.figures.values[f"{case} worst", server.name]
        rows.append([case, form(bench.figures.median(f"{case} worst", server.name), "{:.1f}"),
                     form(max(worst), "{:.1f}"),
                     form(bench.figures.median(f"{case} took", server.name), "{:.1f}")])
    bench.running.remove(server)
    server.stop()
    median = bench.figures.median("upgrade worst", server.name)
    return (f"Upgrades: {UPGRADES} with {SERVICES} services; {client.served} connections were served, "
            f"{client.failed} were not.\nThe median worst wait is to be below {MOST_MS} ms: "
            f"{'it is' if median < MOST_MS and not client.failed else 'it is NOT'}.\n\n" + table(rows))
