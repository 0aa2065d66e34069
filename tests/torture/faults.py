#!/usr/bin/python3
"""faults.py --build DIR [--seconds N] [--sessions N] [--jobs N] [--go-on] [--seed N] [--place PLACE]

Fault injection: inetd and inetd-worker go through a whole session (start, every kind of service, orders, reloads,
overload, stop) in which one call that can fail fails: first one call of each place in the source, then every other,
then several in a row, until the seconds or sessions are over. After each: nothing a sanitizer finds, the fault was
told of, who asks after it is served, nothing is left open, the end is clean. With --go-on it is kept beside the
programs which calls have had their turn, and the next run goes on there until all have. --place CALL@FUNCTION has
those only that a function makes; CALL@FUNCTION:AT:ROUND has the one of that number, with the error number of that
round, as a finding names them."""

import argparse
import collections
import hashlib
import os
import random
import re
import sys
import time

from daemon import CALLS_MOST, Finding
from session import Session

NEVER_TOLD = {"accept4", "fcntl", "recv", "recvmsg", "recvmmsg", "send", "sendto", "sendmsg", "sendmmsg",
              "getpeername", "getsockname", "shutdown", "read", "write", "splice"}

# Opens it when it is next needed; does without a group where it cannot see that there is one, as strict allows.
LATER = {"connection_holder_open", "find_own", "find_path", "find_mount"}


def simplify(line):
    """A log line without what differs between two sessions."""
    return re.sub(r"[0-9]+", "0", line)


class Turns:
    """Which calls of the programs of this build have had their turn, kept over runs in a file if `keep`."""

    def __init__(self, daemon, build, keep):
        self.had, self.path = set(), None
        if not keep:
            return
        programs = hashlib.sha256()
        for name in daemon.faults:
            with open(daemon.path(name), "rb") as program:
                programs.update(program.read())
        self.path = os.path.join(build, "torture", f"turns-{programs.hexdigest()[:16]}")
        self.read()

    def read(self):
        """Those of other jobs, too."""
        if self.path and os.path.exists(self.path):
            with open(self.path, encoding="ascii") as turns:
                self.had = set(turns.read().splitlines())

    @staticmethod
    def name(place, at):
        """A call as a line of the file."""
        return " ".join((*map(str, place), str(at)))

    def take(self, place, at):
        """It has its turn now."""
        if self.path:
            with open(self.path, "a", encoding="ascii") as turns: # by several jobs
                turns.write(self.name(place, at) + "\n")
        self.had.add(self.name(place, at))


class Campaign:
    """Which faults, how many, what was found. One of several jobs: each has its share."""

    def __init__(self, session, seed, turns, job, jobs):
        self.session, self.turns, self.job, self.jobs = session, turns, job, jobs
        self.random = random.Random(seed) # the same for all, so that they agree who has what
        self.findings, self.count, self.hit = [], 0, collections.Counter()
        self.left, self.open, self.lines, self.expected = None, [], set(), 0

    def reference(self):
        """A session without a fault. Returns {(program, call, caller): how often}."""
        places = collections.Counter()
        for _ in range(2): # descriptors that are opened when first needed are so in both
            for fault in self.session.daemon.faults.values():
                fault.set()
            self.left = self.session.usual = self.session.run()
            self.open = self.session.open
            if self.session.failed or self.session.told or self.left is None:
                raise Finding(f"without a fault: {self.session.failed} {self.session.told} "
                              f"{self.session.daemon.log()}")
            self.lines |= {simplify(line) for line in self.session.daemon.log().splitlines()}
        for program, fault in self.session.daemon.faults.items():
            for i in range(min(fault.calls, CALLS_MOST)):
                places[(program, fault.trace[i].name.decode(), fault.trace[i].caller)] += 1
        return places

    def one(self, place, at, times, which):
        """A session with a fault; what is found is printed and kept."""
        program, call, caller = place
        for name, fault in self.session.daemon.faults.items():
            fault.set(*((caller, at, times, which) if name == program else ()))
        self.count += 1
        self.session.strict = times == 1
        try:
            left = self.session.run()
            told = {simplify(line) for line in self.session.daemon.log().splitlines()} - self.lines
            later = self.session.daemon.where(program, caller).split()[0] in LATER
            if left is not None and (left > self.left or (left != self.left and not told and not later)):
                raise Finding(f"open at the end: {left}, not {self.left}: {self.session.open}, "
                              f"not {self.open}")
            if program == "inetd" and times == 1 and self.session.failed and not told and \
                    call not in NEVER_TOLD:
                raise Finding(f"not a word in the log: {self.session.failed}")
        except Finding as finding:
            where = f"{call} in {self.session.daemon.where(program, caller)}"
            told = [line for line in self.session.daemon.log().splitlines()
                    if simplify(line) not in self.lines]
            self.findings.append(where)
            print(f"FOUND {program}, {where} call {at} and {times - 1} more, round {which}: {finding}",
                  *told[-40:], sep="\n\t", flush=True)
        self.hit[program] += self.session.daemon.faults[program].failed > 0

    def report(self):
        """What was done, and the exit status."""
        self.turns.read()
        print(f"faults: {self.count} sessions, {sum(self.hit.values())} with a fault "
              f"({', '.join(f'{n} in {p}' for p, n in self.hit.items())}), {len(self.turns.had)} of "
              f"{self.expected} calls have had their turn, {len(self.findings)} findings", flush=True)
        return bool(self.findings)

    def plan(self, places, wanted):
        """All faults, in the order in which they are tried."""
        numbers = []
        if wanted:
            wanted, *numbers = wanted.split(":")
            name, _, function = wanted.partition("@")
            places = {place: count for place, count in places.items() if place[1] == name and
                      self.session.daemon.where(place[0], place[2]).split()[0] == function}
        if not places:
            raise Finding(f"no call is at {wanted}")
        self.expected = sum(places.values())
        print(f"faults: {self.expected} calls in a session, from {len(places)} places", flush=True)
        if numbers:
            yield from ((place, int(numbers[0]), 1, int((numbers + [0])[1])) for place in places)
            return
        every = []
        for place, count in sorted(places.items()):
            order = list(range(1, count + 1))
            self.random.shuffle(order)
            every += [(rank, self.random.random(), place, at) for rank, at in enumerate(order)]
        every = [(place, at) for _, _, place, at in sorted(every)][self.job::self.jobs]
        for place, at in every:
            if wanted or self.turns.name(place, at) not in self.turns.had:
                self.turns.take(place, at)
                yield (place, at, 1, self.random.randrange(3))
        while True:
            place, at = self.random.choice(every)
            yield (place, at, self.random.choice((1, 1, 2, 3, 10, 50)), self.random.randrange(4))


def campaign(options, job):
    """One job's part."""
    end = time.monotonic() + options.seconds
    session = Session(options.build)
    try:
        mine = Campaign(session, options.seed, Turns(session.daemon, options.build, options.go_on), job, options.jobs)
        for fault in mine.plan(mine.reference(), options.place):
            if time.monotonic() >= end or mine.count >= options.sessions:
                break
            mine.one(*fault)
        return mine.report()
    finally:
        session.daemon.close()


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--sessions", type=int, default=1 << 30, help="of each job")
    parser.add_argument("--go-on", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--place")
    options = parser.parse_args()
    print(f"faults: --seed {options.seed}", flush=True)
    if options.jobs == 1:
        return campaign(options, 0)
    pids = []
    for job in range(options.jobs):
        pids.append(os.fork())
        if not pids[-1]:
            os._exit(campaign(options, job))
    return any([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids])


if __name__ == "__main__":
    sys.exit(main())
