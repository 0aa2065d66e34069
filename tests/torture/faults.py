#!/usr/bin/python3
"""faults.py --build DIR [--seconds N] [--sessions N] [--jobs N] [--go-on] [--seed N] [--place PLACE]...

Fault injection: inetd and inetd-worker go through a whole session (start, every kind of service, orders, reloads,
overload, stop) in which a call that can fail fails. A site is a place in the source with the callers that it has had;
what a site does again is much the same. So the first call of each place comes first, in a session of its own; then
the first of each other site, eight in a session, of which each has one of its own where anything is wrong or more has
failed than the log tells of; then the last of each, that in the middle and the second; then all others; then several
in a row, until the seconds or sessions are over. After each: nothing a sanitizer finds, the fault was
told of, who asks after it is served, nothing is left open, the end is clean. The seed decides in which order, and with
which error. With --go-on it is kept beside the programs which calls have had their turn, and
the next run goes on there until all have. --place CALL@FUNCTION has those only that a function makes, each once with
every error, or, where that makes none, those for which it calls another one; CALL@FUNCTION:AT:ROUND:TIMES has the one of that number, with the error number of that round, and as many
after it as make that number of times; CALL@FUNCTION/PATH:... those of one site, as a finding names them.
How many sessions each place has had is printed, and the longest of all."""

import argparse
import collections
import hashlib
import itertools
import os
import random
import re
import sys
import time

from daemon import FAULTS_MOST, Finding
from session import Session

NEVER_TOLD = {"accept4", "fcntl", "recv", "recvmsg", "recvmmsg", "send", "sendto", "sendmsg", "sendmmsg",
              "getpeername", "getsockname", "shutdown", "read", "write", "splice"}

# Looks at each descriptor of each process of the machine, and does the same with all but one of them.
FEW = {"socket_holder_has": 20}

TOGETHER = FAULTS_MOST

# What a refused client is told is left out where there is no room for it, as in a flood; the refusal is logged and counted.
LEFT_OUT = {"denied: b''", "busy: b'x'"}

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
        for name in daemon.sheets:
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
    def site(place):
        """What its lines begin with."""
        return " ".join(map(str, place))

    @staticmethod
    def name(place, at):
        """A call as a line of the file."""
        return f"{Turns.site(place)} {at}"

    def take(self, place, at):
        """It has its turn now."""
        if self.path:
            with open(self.path, "a", encoding="ascii") as turns: # by several jobs
                turns.write(self.name(place, at) + "\n")
        self.had.add(self.name(place, at))


class Campaign:
    """Which faults, how many, what was found. One of several jobs: each has its share."""

    def __init__(self, session, seed, turns, job, jobs):
        self.session, self.turns, self.seed, self.job, self.jobs = session, turns, seed, job, jobs
        self.findings, self.count, self.hit = [], 0, collections.Counter()
        self.left, self.open, self.lines, self.expected = None, [], set(), {}
        self.wanted, self.longest, self.before = {}, (0.0, "none"), {}

    def reference(self):
        """A session without a fault. Returns {(program, call, caller, path): how often}: the sites."""
        places = {}
        for _ in range(2): # descriptors that are opened when first needed are so in both
            for sheet in self.session.daemon.sheets.values():
                sheet.set()
            self.left = self.session.usual = self.session.run()
            self.open = self.session.open
            if self.session.failed or self.session.told or self.left is None:
                raise Finding(f"without a fault: {self.session.failed} {self.session.told} "
                              f"{self.session.daemon.log()}")
            self.lines |= {simplify(line) for line in self.session.daemon.log().splitlines()}
        for program, sheet in self.session.daemon.sheets.items():
            called = sheet.places()
            self.session.daemon.find_places(program, sorted({at for _, *way, _ in called for at in way}))
            for (call, caller, before, path), count in called.items():
                self.before[(program, path)] = before
                function = self.session.daemon.functions(program, caller)[0]
                places[(program, call, caller, path)] = min(count, FEW.get(function, count))
        return places

    def where(self, fault):
        """The place of a fault, as a finding names it."""
        (program, call, caller, path), at, times, which = fault
        name, *inline = self.session.daemon.functions(program, caller)
        return f"{program}, {call} in {self.session.daemon.where(program, caller)}" + \
            "".join(f" of {name}" for name in inline + self.functions_before(fault[0])) + f" (--place {call}@{name}/{path:x}:{at}:{which}:{times})"

    def functions_before(self, place):
        """Those that have called the function of a site."""
        before = self.before.get((place[0], place[3]))
        return self.session.daemon.functions(place[0], before) if before else []

    def run(self, faults):
        """A session with some faults. Returns what was found, and which of them have come."""
        begin, daemon, problem = time.monotonic(), self.session.daemon, None
        for name, sheet in daemon.sheets.items():
            sheet.set(*((*place[2:], at, times, which) for place, at, times, which in faults if place[0] == name))
        self.count += 1
        self.session.strict = len(faults) == 1 and faults[0][2] == 1
        try:
            left = self.session.run()
            told = [line for line in daemon.log().splitlines() if simplify(line) not in self.lines]
            later = any(daemon.functions(place[0], place[2])[0] in LATER for place, *_ in faults)
            if left is not None and (left > self.left or (left != self.left and not told and not later)):
                raise Finding(f"open at the end: {left}, not {self.left}: {self.session.open}, not {self.open}")
            if self.is_silent(faults, told):
                raise Finding(f"not a word in the log: {self.session.failed}")
        except Finding as finding:
            problem = finding
        self.longest = max(self.longest, (time.monotonic() - begin, "; ".join(map(self.where, faults))))
        come = [fault for fault in faults if any(
            one.failed and (one.place, one.path, one.at) == (*fault[0][2:], fault[1]) for one in daemon.sheets[fault[0][0]].faults)]
        return problem, come

    def is_silent(self, faults, told):
        """True if clients met more than is accounted for: of several faults each has to say something."""
        owed = any(place[0] == "inetd" and times == 1 and place[1] not in NEVER_TOLD for place, _, times, _ in faults)
        failed = [what for what in self.session.failed if what not in LEFT_OUT]
        return owed and len(failed) > (len(told) if len(faults) > 1 or not told else len(failed))

    def found(self, faults, problem):
        """Prints a finding, and keeps it."""
        name = " together with ".join(map(self.where, faults))
        told = [line for line in self.session.daemon.log().splitlines() if simplify(line) not in self.lines]
        self.findings.append(name)
        print(f"FOUND {name}: {problem}", *told[-40:], sep="\n\t", flush=True)

    def turn(self, faults):
        """It is theirs."""
        if len(faults) > 1:
            self.together(faults)
        else:
            self.alone(faults[0])

    def alone(self, fault):
        """A session with one fault. True if something was found."""
        problem, come = self.run([fault])
        if problem:
            self.found([fault], problem)
        self.hit[fault[0][0]] += bool(come)
        self.turns.take(fault[0], fault[1])
        for row in self.wanted.values():
            if fault[0] in row["places"]:
                row["sessions"] += bool(come)
                row["findings"] += bool(problem)
        return bool(problem)

    def together(self, faults):
        """A session with several faults; where something is found each has one of its own, and so has what has not
        come because of the others."""
        problem, come = self.run(faults)
        if problem:
            if not any([self.alone(fault) for fault in faults]):
                problem, come = self.run(faults)
                if problem and "not a word" not in str(problem):
                    self.found(faults, problem)
            return
        for fault in come:
            self.hit[fault[0][0]] += 1
            self.turns.take(fault[0], fault[1])
        for fault in faults:
            if fault not in come:
                self.alone(fault)

    def report(self):
        """What was done, and the exit status."""
        self.turns.read()
        for name, row in self.wanted.items():
            print(f"faults: at {name}: {row['sessions']} sessions, {row['findings']} findings")
        print(f"faults: {self.count} sessions, {sum(self.hit.values())} with a fault "
              f"({', '.join(f'{n} in {p}' for p, n in self.hit.items())}), {len(self.findings)} findings; "
              f"the longest took {self.longest[0]:.1f} s: {self.longest[1]}")
        if self.expected:
            sites = {name.rpartition(" ")[0] for name in self.turns.had}
            print(f"faults: {sum(Turns.site(place) in sites for place in self.expected)} of {len(self.expected)} sites and "
                  f"{sum(Turns.name(place, at) in self.turns.had for place, count in self.expected.items() for at in range(1, count + 1))} "
                  f"of {sum(self.expected.values())} calls have had their turn", flush=True)
        return bool(self.findings)

    def chance(self, *what):
        """A number below 1 that is the same in each run with this seed."""
        digest = hashlib.sha256(repr((self.seed, *what)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / (1 << 64)

    def order(self, place, count):
        """Its calls: the first, the last, that in the middle and the second, then the others by chance."""
        first = dict.fromkeys(at for at in (1, count, (count + 1) // 2, 2) if at <= count)
        return [*first, *sorted(set(range(1, count + 1)) - set(first), key=lambda at: self.chance(place, at))]

    def every(self, places):
        """[(rank, place, at)] of all calls: one of each site first. What a session calls more or less often than another
        one has does not change which job the others have."""
        ranked = sorted((rank, self.chance(place, at), place, at) for place, count in places.items()
                        for rank, at in enumerate(self.order(place, count)))
        return [(rank, place, at) for rank, chance, place, at in ranked if int(chance * self.jobs) == self.job]

    def plan(self, places, wanted):
        """All faults, in the order in which they are tried."""
        callers = {place[:3] for place in places}
        print(f"faults: {sum(places.values())} calls in a session, from {len(places)} sites at {len(callers)} places",
              flush=True)
        if wanted:
            yield from self.plan_wanted(places, wanted)
            return
        self.expected = places
        every, together, begun = self.every(places), [], set()
        new = [entry for entry in every if self.turns.name(*entry[1:]) not in self.turns.had]
        begun = {place[:3] for _, place, _ in set(every) - set(new)}
        for _, place, at in sorted(new, key=lambda entry: entry[0] > 0 or entry[1][:3] in begun):
            fault = (place, at, 1, int(self.chance(place, at, "round") * 3))
            if place[:3] not in begun:
                begun.add(place[:3])
                yield [fault]
                continue
            together.append(fault)
            if len(together) == TOGETHER:
                yield together
                together = []
        if together:
            yield together
        chosen = random.Random(self.seed)
        while True:
            _, place, at = chosen.choice(every)
            yield [(place, at, chosen.choice((1, 1, 2, 3, 10, 50)), chosen.randrange(4))]

    def plan_wanted(self, places, wanted):
        """Of some places, one after the other, so that each has as many."""
        merged, several = collections.Counter(), []
        for place, count in places.items():
            merged[(*place[:3], 0)] += count
        every = self.every(merged | places)
        for name in wanted:
            where, *numbers = name.split(":")
            call, _, function = where.partition("@")
            function, _, path = function.partition("/")
            mine = [place for place in (places if path else merged) if place[1] == call and
                    function in self.session.daemon.functions(place[0], place[2]) and place[3] == int(path or "0", 16)] or \
                [place for place in places if place[1] == call and function in self.functions_before(place)]
            if not mine:
                raise Finding(f"no call is at {name}")
            self.wanted[name] = {"places": mine, "sessions": 0, "findings": 0}
            if numbers:
                at, which, times = (list(map(int, numbers)) + [0, 1][len(numbers) - 1:])[:3]
                several.append([(place, at, times, which) for place in mine])
            else:
                several.append([(place, at, 1, which) for _, place, at in every if place in mine for which in range(3)])
        for row in itertools.zip_longest(*several):
            yield from ([fault] for fault in row if fault)


def campaign(options, job):
    """One job's part."""
    end = time.monotonic() + options.seconds
    session = Session(options.build)
    try:
        mine = Campaign(session, options.seed, Turns(session.daemon, options.build, options.go_on), job, options.jobs)
        for faults in mine.plan(mine.reference(), options.place):
            if time.monotonic() >= end or mine.count >= options.sessions:
                break
            mine.turn(faults)
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
    parser.add_argument("--place", action="append")
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
