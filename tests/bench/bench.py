#!/usr/bin/python3
"""bench: the performance harness. Everything it talks to it started itself, on the loopback
device; it is bounded in time, and stops by process id what it started.

Rounds are interleaved, so that what disturbs the machine disturbs all contenders; only ratios
within one run mean anything.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time

import admission_case
import cage_case
import cases
import growth_case
import lent_case
import lingering_case
import logging_case
import ondemand_case
import prefork_case
import services_cases
import spare_case
import syscalls
import upgrade_case
from contenders import (PEER_CLASSES, Floor, Inetd, Service, adopt_orphans, services_few,
                        services_many, stop_children)
from measure import Figures, Generator, machine
from network import free_ports, network_enter
from peers import peers_unpack
from quiet import Patience
from verdict import verdict


class Bench:
    """What all cases share: how much, what with, and the figures."""

    def __init__(self, options, scratch):
        quick = self.quick = options.quick
        self.build = os.path.abspath(options.build)
        self.scratch = scratch
        self.rounds = options.rounds or (3 if quick else 7)
        self.few_rounds = max(2, min(self.rounds, 5) if options.rounds else (2 if quick else 3))
        self.slice_ms = 150 if quick else 250
        self.patience = Patience(options.patience)
        self.services = 5000
        self.burst = 5000
        self.idle_sessions = 10000
        self.peer_ms = 5000 if quick else 15000  # for what a peer may never finish
        self.figures = Figures()
        self.programs = {name: os.path.join(self.build, "tests/bench", name)
                         for name in ("tiny", "min", "sleeper", "floor", "loadgen")}
        self.directory = os.path.join(self.build, "bench")
        os.makedirs(self.directory, exist_ok=True)
        # line-buffered, and open as long as the process
        self.report = open(os.path.join(self.directory, "report.txt"), "w",  # pylint: disable=R1732
                           encoding="utf-8", buffering=1)
        self.raw = open(os.path.join(self.directory, "raw.txt"), "w",  # pylint: disable=R1732
                        encoding="utf-8", buffering=1)
        self.generator = Generator(self.programs["loadgen"], self.raw)
        self.running = []
        self.peers, self.missing = {}, {}
        self.addresses = 0
        self.network = network_enter()
        port = free_ports(self.services + 4)
        self.few = services_few(self.programs, port)
        self.crowd = services_many(self.programs, port + 4, self.services)

    def say(self, text):
        """To the terminal and to the report."""
        print(text, flush=True)
        self.report.write(text + "\n")

    def address(self):
        """A loopback address that nobody else in this run, or in one beside it, uses."""
        self.addresses += 1
        own = os.getpid() % 32000
        return f"{self.network}.{64 + own // 250}.{own % 250 + 1}.{self.addresses}"

    def floor(self, program, *options):
        """A bare loop that runs one program."""
        service = Service(self.few[0].port, "stream", self.programs[program])
        return Floor(self.address(), [service], self.scratch, self.programs["floor"], options)

    def inetd(self, services):
        """This project's daemon, or nothing if it is not built."""
        if not os.access(os.path.join(self.build, "inetd"), os.X_OK):
            self.missing["inetd"] = "not built"
            return []
        return [Inetd(self.address(), services, self.scratch, self.build)]

    def others(self, services):
        """The peers that are there."""
        return [PEER_CLASSES[name](self.address(), services, self.scratch, unpacked)
                for name, unpacked in self.peers.items()]

    def up(self, contenders):
        """Those of them that start; the others are reported."""
        started = []
        for contender in contenders:
            try:
                contender.start()
                started.append(contender)
                self.running.append(contender)
            except (RuntimeError, OSError) as error:
                contender.stop()
                self.say(f"  {error}")
        return started

    def down(self):
        """Stops all that runs."""
        while self.running:
            self.running.pop().stop()


def many(bench, contenders):
    """Marks contenders that serve thousands."""
    for contender in contenders:
        contender.name += f", {bench.services} services"
    return contenders


def order(contenders):
    """The floor, then ours, then the others: what is compared most runs side by side."""
    def rank(contender):
        if contender.name == cases.FLOOR:
            return 0
        return 1 if contender.name.split(",")[0] == "inetd" else 2
    return sorted(contenders, key=rank)


def best_floors(bench, program):
    """The fastest ways that are known, and what they come to with what a super-server must do."""
    return [bench.floor(program, "-w", "goon"), bench.floor(program, "-w", "goon", "-n", "2"),
            bench.floor(program, "-w", "ahead"), bench.floor(program, "-w", "must")]


def run_tiny(bench, servers):
    """Starts of the cheapest program, with few services and with thousands."""
    many_sockets = str(bench.services)
    floors = bench.up([bench.floor("tiny"), bench.floor("tiny", "-w", "fork"),
                       bench.floor("tiny", "-w", "share"), *best_floors(bench, "tiny"),
                       bench.floor("tiny", "-x", many_sockets),
                       bench.floor("tiny", "-w", "share", "-x", many_sockets)])
    crowds = bench.up(many(bench, bench.inetd(bench.crowd) + bench.others(bench.crowd)))
    bench.say(cases.connect(bench, "tiny", order(floors + servers + crowds), (1, 16, 128),
                            bench.rounds))
    for contender in floors + crowds:
        bench.running.remove(contender)
        contender.stop()


def run_served(bench, only):
    """Everything that a handful of servers, all up together, are asked for."""
    servers = bench.up(bench.inetd(bench.few) + bench.others(bench.few))
    if "memory" in only:
        bench.say(cases.memory(bench, servers))
    if "tiny" in only:
        run_tiny(bench, servers)
    if "min" in only:
        floors = bench.up([bench.floor("min"), *best_floors(bench, "min")])
        bench.say(cases.connect(bench, "min", floors + servers, (1, 16, 128), bench.few_rounds))
    if "echo" in only:
        bench.say(cases.echo(bench, servers))
    if "idle" in only:
        bench.say(cases.idle(bench, servers))
    if "burst" in only:
        bench.say(cases.burst(bench, bench.up([bench.floor("sleeper")]) + servers))
    bench.down()


def run_start(bench):
    """Starts with thousands of services."""
    bench.say(cases.start(bench, lambda: bench.inetd(bench.crowd) + bench.others(bench.crowd)))


def run_syscalls(bench):
    """One connection under strace."""
    bench.say("System calls of one connection.\n")
    servers = bench.inetd(bench.few) + bench.others(bench.few)
    for contender in bench.up([bench.floor("tiny")] + servers):
        def connect(contender=contender):
            bench.generator.run("conn", contender, contender.port_of("tiny"), "-n", 1)
        bench.say(syscalls.describe(contender, connect))
    bench.down()


ALL = ("memory", "tiny", "min", "echo", "idle", "burst", "start", "syscalls", "transfer",
       "prefork", "admission", "logging", "lingering", "cage", "lent", "growth", "upgrade",
       "spare", "ondemand")


def read_options():
    """The command line; BENCH_ROUNDS, BENCH_PATIENCE and BENCH_ONLY are defaults for it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build", help="the build directory")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("BENCH_ROUNDS") or 0))
    parser.add_argument("--patience", type=float, metavar="SECONDS",
                        default=float(os.environ.get("BENCH_PATIENCE") or 30),
                        help="how long to wait, in all, for others to leave the machine alone")
    parser.add_argument("--quick", action="store_true", help="a rough look, in about a minute")
    parser.add_argument("--peers", default="build/peers", help="where peers are unpacked")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--limit", type=int, default=1800, help="seconds, then it gives up")
    parser.add_argument("only", nargs="*", default=(os.environ.get("BENCH_ONLY") or "").split(),
                        help="cases: " + " ".join(ALL))
    options = parser.parse_args()
    unknown = set(options.only) - set(ALL)
    if unknown:
        parser.error(f"no case {' '.join(sorted(unknown))}; there are {' '.join(ALL)}")
    return options


def give_up(number, _frame):
    """TERM, INT and the time limit: by way of the clean-up."""
    raise SystemExit(f"bench: stopped by {signal.Signals(number).name}")


def run(bench, options):
    """All parts that were asked for."""
    only = options.only or ALL
    began = time.monotonic()
    bench.say(f"inetd bench: {machine()}\n{bench.rounds} rounds of {bench.slice_ms} ms, medians\n")
    bench.inetd([])
    for name, why in bench.missing.items():
        bench.say(f"  missing: {name}: {why}")
    if set(only) - {"start", "syscalls", "transfer", "prefork", "admission", "logging",
                  "lingering", "cage", "lent", "growth", "upgrade", "spare",
                  "ondemand"}:
        run_served(bench, only)
    if "start" in only:
        run_start(bench)
    if "syscalls" in only:
        run_syscalls(bench)
    if "transfer" in only:
        bench.say(services_cases.transfer(bench))
    if "prefork" in only:
        bench.say(prefork_case.prefork(bench))
    if "admission" in only:
        bench.say(admission_case.admission(bench))
    if "logging" in only:
        bench.say(logging_case.logging(bench))
    if "lent" in only:
        bench.say(lent_case.lent(bench))
    if "lingering" in only:
        bench.say(lingering_case.lingering(bench))
    if "cage" in only:
        bench.say(cage_case.cage(bench))
    if "growth" in only:
        bench.say(growth_case.growth(bench))
    if "upgrade" in only:
        bench.say(upgrade_case.upgrade(bench))
    if "spare" in only:
        bench.say(spare_case.spares(bench))
    if "ondemand" in only:
        bench.say(ondemand_case.ondemand(bench))
    bench.say(verdict(bench))
    bench.say(f"took {time.monotonic() - began:.0f} s; {bench.report.name}")


def main():
    """Sets up, runs, cleans up whatever happens."""
    options = read_options()
    adopt_orphans()
    peers = ({}, {}) if options.no_peers else peers_unpack(os.path.abspath(options.peers))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, give_up)
    signal.alarm(options.limit)
    scratch = tempfile.mkdtemp(prefix="bench-")
    bench = Bench(options, scratch)
    bench.peers, bench.missing = peers
    try:
        run(bench, options)
    finally:
        bench.down()
        stop_children()
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
