"""spare_case: programs that are executed before their connection comes, each beside the same one
started for its connection: the time to the first byte at 50 connections a second, and connections
per second. Python and perl say by themselves when they are ready, and do not keep their answer
until the interpreter ends, which takes milliseconds."""

import os
import socket
import time

from admission_case import AdmissionInetd
from contenders import Service
from measure import SOURCES, form, interleave, ratio_table, table

LEVELS = (1, 16, 128)
SPARES = 16
PACES = (50, 10)  # connections a second: at 50 two processors cannot start as many interpreters
CONNECTIONS = {50: 50, 10: 20}  # of a slice
SLOW = ("python3", "perl")  # measured by a number of connections: a slice may see none of them end
MOST = {"C": 0.5, "python3": 1 / 15}  # first byte, of the cold one

PYTHON = """#!/usr/bin/python3 -B
import sys
sys.path.insert(0, {modules!r})
import json, http.server
from inetd_ready import inetd_ready
inetd_ready()
print(json.dumps("ok"), flush=True)
"""
PERL = """#!/usr/bin/perl
use strict;
use lib '{modules}';
use JSON::PP;
use InetdReady;
$| = 1;
inetd_ready();
print encode_json(["ok"]), "\\n";
"""


class SpareInetd(AdmissionInetd):
    """The daemon with two services for each program: "NAME, cold" and "NAME, warm"."""

    def __init__(self, bench):
        super().__init__(bench)
        self.scratch = bench.scratch
        port = self.services[0].port
        modules = os.path.join(bench.build, "services")
        self.commands = {"C": os.path.join(bench.build, "tests/bench/min-dynamic") + "\n",
                         "echo": "/bin/echo\nserver_args = ok\n",
                         "sh -c": "/bin/sh\nserver_args = -c 'echo ok'\n",
                         "python3": self.script("spare.py", PYTHON, modules),
                         "perl": self.script("spare.pl", PERL, modules)}
        names = [f"{name}, {how}" for name in self.commands for how in ("cold", "warm")]
        self.services = [Service(port + number, "stream", name)
                         for number, name in enumerate(names)]
        self.programs = {name: self.commands[name.split(",")[0]] for name in names}

    def script(self, name, text, modules):
        """A program that is ready by itself."""
        path = os.path.join(self.scratch, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.format(modules=modules))
        os.chmod(path, 0o755)
        return f"{path}\nspare_ready = yes\n"

    def keys(self):
        return {name: f"spare = {SPARES}\n" if name.endswith("warm") else "spare = none\n"
                for name in self.programs}


def first_bytes(server, name, pace):
    """Milliseconds from connect to the first byte, at so many connections a second."""
    seen = []
    until = time.monotonic()
    for _ in range(CONNECTIONS[pace]):
        until += 1 / pace
        time.sleep(max(0, until - time.monotonic()))
        began = time.perf_counter()
        with socket.create_connection((server.address, server.port_of(name)), timeout=5) as sock:
            sock.recv(1)
            seen.append((time.perf_counter() - began) * 1000)
            while sock.recv(4096):
                pass
    return sorted(seen)


def many(bench, case, server, name, level):
    """One slice of connections, or for an interpreter twice as many as come at once and some more."""
    bench.patience.wait()
    amount = ("-n", 2 * level + SPARES) if name.startswith(SLOW) else ("-t", bench.slice_ms)
    seen = bench.generator.run("conn", server, server.port_of(name), "-c", level, "-S", SOURCES,
                               *amount, "-T", 60000, limit=90)
    bench.figures.add(case, name, seen.get("per_second", 0))
    bench.figures.add(case + " failed", name, seen.get("failed", 1))


def spares(bench):
    """The tables."""
    text = ""
    for server in bench.up([SpareInetd(bench)]):
        time.sleep(1)  # all stand ready
        for pace in PACES:
            names = [name for name in server.programs if pace == PACES[0] or name.startswith(SLOW)]
            for _, name in interleave(bench.few_rounds, names):
                seen = first_bytes(server, name, pace)
                bench.figures.add(f"spare {pace}/s p50", name, seen[len(seen) // 2])
                bench.figures.add(f"spare {pace}/s p99", name, seen[-1 - len(seen) // 100])
            text += first_byte_table(bench.figures, pace) + "\n"
        for level in LEVELS:
            for program in server.commands:
                case = f"spare, {program} c={level}"
                names = [f"{program}, cold", f"{program}, warm"]
                for _, name in interleave(bench.few_rounds, names):
                    many(bench, case, server, name, level)
                text += ratio_table(bench.figures, case, names[0], "of cold") + "\n"
        bench.running.remove(server)
        server.stop()
    return text


def first_byte_table(figures, pace):
    """p50, p99 and their ratio to the cold start."""
    rows = [[f"first byte, ms, {pace}/s", "p50", "p99", "p50 of cold"]]
    for name in figures.names(f"spare {pace}/s p50"):
        cold = name.replace("warm", "cold")
        rows.append([name, form(figures.median(f"spare {pace}/s p50", name), "{:.2f}"),
                     form(figures.median(f"spare {pace}/s p99", name), "{:.2f}"),
                     form(figures.ratio(f"spare {pace}/s p50", name, cold), "{:.2f}")])
    return table(rows)


def aims(figures):
    """(what, seen, least) for the verdict: how many times sooner the first byte is there."""
    for program, most in MOST.items():
        ratio = figures.ratio("spare 50/s p50", f"{program}, warm", f"{program}, cold")
        yield (f"{program} ready, first byte, times sooner", 1 / ratio if ratio else None, 1 / most)


def most(figures):
    """(what, seen, most) for the verdict: the first byte of an interpreter, in microseconds."""
    for pace in PACES:
        ms = figures.median(f"spare {pace}/s p50", "python3, warm")
        yield (f"python3 ready, first byte at {pace}/s, us", ms and ms * 1000, 1000)
