"""ondemand_case: a daemon behind activation = proxy, beside the same daemon asked directly and
behind a bare splice loop: throughput, round trips, and its start by the first connection."""

import os
import socket
import subprocess
import time

from admission_case import AdmissionInetd
from contenders import Service
from measure import form, interleave, table
from services_cases import FILE_BYTES, fetch_quietly, transfer_table

CASE = "ondemand"
BARE, PROXIED = "bare splice", "ondemand"
ROUND_TRIPS = 2000
STARTS = 10
STOP_MS = 200
MOST_MS = 5
LEAST = 0.9

DAEMON = """#!/usr/bin/python3
import os, socket, sys, threading
file = os.open(sys.argv[2], os.O_RDONLY)
def serve(sock):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    text = sock.recv(100)
    if text.startswith(b"ping"):
        while text:
            sock.sendall(text)
            text = sock.recv(100)
    else:
        at, size = 0, os.fstat(file).st_size
        while at < size:
            at += os.sendfile(sock.fileno(), file, at, size - at)
    sock.close()
server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1000)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""


class OnDemandInetd(AdmissionInetd):
    """The daemon with both ways to the other daemon; port is where that is by itself."""

    def __init__(self, bench):
        super().__init__(bench)
        self.direct = self.services[0].port
        data = os.path.join(bench.scratch, "ondemand.data")
        with open(data, "wb") as file:
            file.truncate(FILE_BYTES)
        self.daemon = [os.path.join(bench.scratch, "ondemand.py"), str(self.direct), data]
        with open(self.daemon[0], "w", encoding="utf-8") as file:
            file.write(DAEMON)
        os.chmod(self.daemon[0], 0o755)
        bare = os.path.join(bench.build, "tests/bench/bare_splice")
        self.programs = {PROXIED: f"{self.daemon[0]}\nserver_args = {{port}} {data}",
                         BARE: f"{bare}\nserver_args = 127.0.0.1 {self.direct}"}
        self.services = [Service(self.direct + 1 + number, "stream", name)
                         for number, name in enumerate(self.programs)]

    def keys(self):
        return {PROXIED: f"activation = proxy\nstop_after = {STOP_MS}ms\n"}


def wait_for(address, port):
    """A connection, as soon as there is one."""
    while True:
        try:
            return socket.create_connection((address, port), timeout=10)
        except ConnectionRefusedError:
            time.sleep(0.0005)


def first_answer_ms(address, port):
    """From now to the first answer."""
    began = time.perf_counter()
    with wait_for(address, port) as sock:
        sock.sendall(b"ping")
        sock.recv(4)
    return (time.perf_counter() - began) * 1000


def round_trips_us(address, port):
    """One after the other, over one connection; what one takes."""
    with wait_for(address, port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        for _ in range(ROUND_TRIPS):
            sock.sendall(b"ping")
            sock.recv(4)
        return (time.perf_counter() - began) / ROUND_TRIPS * 1e6


def starts(bench, server):
    """The daemon's own start and that by a first connection, in turn."""
    for _, name in interleave(STARTS, ["direct", PROXIED]):
        bench.patience.wait()
        if name == PROXIED:
            time.sleep(3 * STOP_MS / 1000)  # it has been stopped
            seen = first_answer_ms(server.address, server.port_of(PROXIED))
        else:
            began = time.perf_counter()
            with subprocess.Popen(server.daemon, stderr=subprocess.DEVNULL) as daemon:
                first_answer_ms("127.0.0.1", server.direct)
                seen = (time.perf_counter() - began) * 1000
                daemon.kill()
        bench.figures.add("ondemand start", name, seen)


def ondemand(bench):
    """The tables."""
    text = ("A daemon that is started on demand, beside itself: 1 GiB through each relay, the time "
            "of a round\ntrip, and the time from a first connection to its answer.\n\n")
    for server in bench.up([OnDemandInetd(bench)]):
        starts(bench, server)
        with subprocess.Popen(server.daemon, stderr=subprocess.DEVNULL) as daemon:
            wait_for("127.0.0.1", server.direct).close()
            for _, name in interleave(2 * bench.rounds, [BARE, PROXIED]):
                seen = fetch_quietly(bench, server, name)
                bench.figures.add(CASE, name, seen.get("mib_per_second", 0))
                bench.figures.add(CASE + " failed", name, seen.get("failed", 1))
            for _, name in interleave(2 * bench.rounds, ["direct", PROXIED]):
                port = server.direct if name == "direct" else server.port_of(name)
                address = "127.0.0.1" if name == "direct" else server.address
                bench.figures.add("ondemand trip", name, round_trips_us(address, port))
            daemon.kill()
        bench.running.remove(server)
        server.stop()
    text += transfer_table(bench, CASE, BARE) + "\n"
    for case, form_of in (("ondemand trip", "{:.0f} us"), ("ondemand start", "{:.1f} ms")):
        text += table([[case, "median", "of direct"]] + [
            [name, form(bench.figures.median(case, name), form_of),
             form(bench.figures.ratio(case, name, "direct"), "{:.2f}")]
            for name in bench.figures.names(case)]) + "\n"
    return text


def aims(figures):
    """(what, seen, least) for the verdict."""
    yield "ondemand, 1 GiB, of a bare loop", figures.ratio(CASE, PROXIED, BARE), LEAST


def most(figures):
    """(what, seen, most) for the verdict."""
    case = "ondemand start"
    own, seen = figures.median(case, "direct"), figures.median(case, PROXIED)
    yield ("ondemand, first answer, ms more than the daemon's own start",
           seen - own if own and seen else None, MOST_MS)
