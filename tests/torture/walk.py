#!/usr/bin/python3
"""walk.py --build DIR [--seconds N] [--steps N] [--seed N]

A random walk: clients that come and go, programs and workers that die, reloads of random configurations, some with a
mistake, upgrades and orders by inetctl. After each step everything that the daemon, built with sanitizers, shows of its
services, and what each client has seen, is what the model says (model.py). Walks of --steps each until the seconds are
over, or one without --seconds; the same seed has the same walks."""

import argparse
import collections
import os
import random
import select
import shutil
import signal
import socket
import sys
import time

from daemon import Daemon, Finding, NO_ANSWER, PATIENCE, Patience, connect
from model import Model, Wish

TCP_KINDS = ("exec", "exec", "echo", "wait")
CLIENTS_MOST = 40
WORKER_DEATHS_MOST = 5 # of a walk: each one after the other is started later


class Walk:
    """One daemon, its model, and the clients of both."""

    def __init__(self, build, seed):
        self.random, self.daemon = random.Random(seed), Daemon(build, "asan")
        self.labels, self.places = [f"s{i}" for i in range(8)], list(range(8))
        self.model, self.sockets = Model(self.places), {} # of its clients
        pid = os.getpid()
        self.net = f"127.{20 + pid % 200}.{pid // 200 % 200}"
        self.worker_deaths, self.old_workers, self.last = 0, set(), "start"
        self.done = collections.Counter() # steps by their names
        self.broken = False # something in the files, since the last reload
        shutil.copy2(os.path.join(build, "tests", "bin", "take_one"), self.daemon.path("take_one"))

    # --- the configuration ---

    @staticmethod
    def file_of(label):
        """Sections are in two files."""
        return f"{int(label[1:]) % 2}.ini"

    def address(self, place):
        """Where it is: the last two are unix sockets."""
        if place >= len(self.places) - 2:
            return self.daemon.path(f"{place}.sock")
        return (f"{self.net}.1", 7100 + place)

    def random_wishes(self):
        """A configuration, in the order of its files. Now and then some services have changed their places."""
        wishes, places = {}, list(self.places)
        if self.random.random() < 0.3:
            self.random.shuffle(places)
        for label in sorted(self.labels, key=self.file_of):
            place = places[int(label[1:])]
            unix = isinstance(self.address(place), str)
            wish = Wish(place=place, kind="unix" if unix else self.random.choice(TCP_KINDS),
                        instances=self.random.choice((1, 2, 3, 5)), per_source=self.random.choice((1, 2, 9)),
                        refuse=self.random.random() < 0.4, denies=self.random.random() < 0.3,
                        spare=self.random.choice((0, 0, 1, 3)))
            if self.random.random() < 0.8:
                wishes[label] = wish
        return wishes

    def section(self, label, wish, is_broken):
        """Its lines. A mistake is another one each time: an old one keeps nothing in its file."""
        address = self.address(wish.place)
        lines = [f"[{label}]", "user = nobody", f"instances = {wish.instances}"]
        lines += [f"listen = {address}"] if isinstance(address, str) else \
            [f"bind = {address[0]}", f"port = {address[1]}"]
        lines += {"exec": ["server = /bin/cat"], "unix": ["server = /bin/cat"], "echo": ["internal = echo"],
                  "wait": [f"server = {self.daemon.path('take_one')}", "wait = yes"]}[wish.kind]
        if wish.kind != "wait":
            lines += [f"per_source = {wish.per_source}", f"overload = {'refuse' if wish.refuse else 'queue'}"]
        if wish.kind in ("exec", "unix") and wish.spare:
            lines.append(f"spare = {wish.spare}")
        if wish.kind in ("exec", "echo") and wish.denies:
            lines.append(f"no_access = {self.net}.3")
        return "\n".join(lines + [f"nice = many{self.model.reloads}"] * is_broken) + "\n"

    def write(self, wishes, broken):
        """The two files."""
        for name in sorted({self.file_of(label) for label in self.labels}):
            self.daemon.write(name, "".join(self.section(label, wish, label in broken)
                                            for label, wish in wishes.items() if self.file_of(label) == name))

    # --- steps ---

    def connect(self):
        """A client comes, from one of three addresses."""
        place, source = self.random.choice(self.places), self.random.choice((1, 2, 3))
        if len(self.sockets) >= CLIENTS_MOST:
            return self.leave()
        address = self.address(place)
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        client = self.model.connect(place, 0 if family == socket.AF_UNIX else source)
        if not client:
            with socket.socket(family) as refused:
                if refused.connect_ex(address) == 0:
                    raise Finding(f"somebody listens at {address}")
            return f"connect to {address}, where nobody is"
        source_address = None if family == socket.AF_UNIX else (f"{self.net}.{source}", 0)
        self.sockets[client] = connect(family, address, source=source_address)
        return f"connect to {address} from {source}"

    def some_running(self, *kinds):
        """A client that is served by such a program or session, or None."""
        found = [client for client in self.sockets if client.state == "runs" and client.kind in kinds]
        return self.random.choice(found) if found else None

    def leave(self):
        """A client that is served goes; those that wait stay, as their place in the queue is kept anyway."""
        client = self.some_running("exec", "unix", "echo")
        if not client:
            return "nobody to leave"
        self.sockets.pop(client).close()
        self.model.end([client])
        return f"a client of {client.kind} leaves"

    def die(self):
        """A program is killed."""
        client = self.some_running("exec")
        if not client:
            return "no program to die"
        peer = "%s:%d" % self.sockets[client].getsockname()
        pids = [int(fields["pid"]) for fields in self.programs() if fields.get("peer") == peer]
        if len(pids) != 1:
            raise Finding(f"{len(pids)} programs have the peer {peer}")
        os.kill(pids[0], signal.SIGKILL)
        self.model.end([client])
        return "a program is killed"

    def programs(self):
        """The records of those that serve somebody."""
        return [fields for kind, fields in self.daemon.records("connections") or [] if kind == "program"]

    def spare_dies(self):
        """A program that stands ready is killed, of whichever service."""
        serving = [int(fields["pid"]) for fields in self.programs()]
        spares = [pid for pid in self.daemon.children() if pid not in serving and self.daemon.name_of(pid) == "cat"]
        if not spares or not any(service.spares() for service in self.model.services.values()):
            return "no spare to die"
        self.model.spare_died()
        os.kill(self.random.choice(spares), signal.SIGKILL)
        return "a spare is killed"

    def worker_dies(self):
        """The worker is killed, where there is only one: not while sessions from before an upgrade have theirs."""
        worker = self.daemon.worker()
        if not worker or worker in self.old_workers or self.worker_deaths >= WORKER_DEATHS_MOST:
            return "no worker to die"
        self.worker_deaths += 1
        os.kill(worker, signal.SIGKILL)
        self.model.worker_died()
        if any(service.wish.kind == "echo" for service in self.model.services.values()):
            Patience(10).until(lambda: self.daemon.worker() not in (None, worker))
        return "the worker is killed"

    def figure(self, name):
        """One of `inetctl stats`."""
        return int(dict(self.daemon.records("stats") or [("daemon", {name: -1})])["daemon"][name])

    def reload(self):
        """Another configuration; now and then some of it has a mistake."""
        wishes = self.random_wishes()
        broken = {label for label in wishes if self.random.random() < 0.1} if self.random.random() < 0.4 else set()
        self.write(wishes, broken)
        if self.random.random() < 0.5:
            status, text = self.daemon.order("reload")
            if (status != 0) != bool(broken):
                raise Finding(f"reload: {status} {text}")
        else:
            before = self.figure("generation")
            self.daemon.process.send_signal(signal.SIGHUP)
            Patience(10).until(lambda: self.figure("generation") > before)
        self.model.reload(wishes, broken, self.file_of)
        self.broken = bool(broken)
        return f"reload of {wishes}, broken: {broken or 'none'}"

    def order(self):
        """disable, stop, enable or kill."""
        verb = self.random.choice(("disable", "stop", "enable", "enable", "kill"))
        label = self.random.choice(self.labels)
        status, text = self.daemon.order(f"{verb} {label}")
        good = label in self.model.services
        if good and verb == "kill":
            good = self.model.kill(label)
        elif good and verb == "enable":
            self.model.enable(label)
        elif good:
            self.model.disable(label, verb == "stop")
        if status == NO_ANSWER or (status == 0) != good:
            raise Finding(f"{verb} {label}: {status} {text}")
        return f"{verb} {label}"

    def upgrade(self):
        """Another program takes the daemon's place: nothing is lost, and sessions stay with the worker that has them. It
        does not where it would end what is kept for mistakes in the files, and need not while there are any."""
        count, worker = self.figure("upgrades"), self.daemon.worker()
        kept = any(service.kept for service in self.model.services.values())
        status, text = self.daemon.order("upgrade", 30)
        good = status == 0
        if good == kept if kept or not self.broken else status == NO_ANSWER:
            raise Finding(f"upgrade: {status} {text}")
        if self.figure("upgrades") != count + good:
            raise Finding(f"upgrade: {status} {text}, but {self.figure('upgrades')} upgrades after {count}")
        if not good:
            return "no upgrade"
        self.old_workers.add(worker)
        return "upgrade"

    def step(self):
        """One of them, then the comparison."""
        step = self.random.choices((self.connect, self.leave, self.die, self.worker_dies, self.reload, self.order,
                                         self.upgrade, self.spare_dies), (44, 18, 8, 2, 12, 15, 3, 2))[0]
        self.last = step()
        self.done[step.__name__] += not self.last.startswith("no")
        self.compare()

    # --- the comparison ---

    def difference(self):
        """What the daemon shows that the model does not say; empty if all is as it should be."""
        records = self.daemon.records("list")
        if records is None:
            return "no answer"
        shown = {fields["label"]: fields for kind, fields in records if kind == "service"}
        if sorted(shown) != sorted(self.model.services):
            return f"services: {sorted(shown)}, not {sorted(self.model.services)}"
        for label, service in self.model.services.items():
            for name, value in service.fields().items():
                if shown[label][name] != str(value):
                    return f"{label}: {name} {shown[label][name]}, not {value}"
            if shown[label]["state"] not in service.states():
                return f"{label}: {shown[label]['state']}, not {service.states()}"
            if difference := self.spares_difference(service, *(int(shown[label][name]) for name in
                                                               ("spares", "started_ready"))):
                return f"{label}: {difference}"
        running = self.model.running()
        sessions = sum(client.kind == "echo" for client in running)
        shown = (self.figure("programs"), self.figure("sessions"))
        if shown != (len(running) - sessions, sessions):
            return f"programs, sessions: {shown}, not {(len(running) - sessions, sessions)}"
        return ""

    @staticmethod
    def spares_difference(service, ready, warm):
        """Of programs that stand ready, and connections that have found one."""
        if ready > service.spares() or (ready < service.spares() and not service.doubtful):
            return f"{ready} spares, not {service.spares()}"
        if not service.warm <= warm <= service.started:
            return f"{warm} from spares, not {service.warm} to {service.started}"
        return ""

    def compare(self):
        """As soon as it is as the model says, or never."""
        patience, difference = Patience(10), "not looked"
        while difference:
            if not self.daemon.runs():
                raise Finding("the daemon has ended")
            difference = self.difference()
            if difference and not patience.lasts():
                raise Finding(difference)
        for client in list(self.sockets):
            if client.state == "closed":
                self.see_end(client)
        for client in self.random.sample(list(self.sockets), min(4, len(self.sockets))):
            self.see(client)

    def see_end(self, client):
        """Of what is over the client has seen the end."""
        with self.sockets.pop(client) as seen:
            seen.settimeout(5 * PATIENCE)
            try:
                got = seen.recv(100)
                while part := seen.recv(100):
                    got += part
            except ConnectionResetError:
                return
            except TimeoutError as error:
                raise Finding(f"a client of {client.kind or 'the queue'} does not see its end") from error
            if client.kind == "wait" and got != b"ok":
                raise Finding(f"a wait program has said {got}")

    def see(self, client):
        """Who is served has an answer, who waits has none."""
        seen = self.sockets[client]
        if client.state == "waits":
            if select.select([seen], [], [], 0)[0]:
                raise Finding("who should wait has something to read")
            return
        seen.settimeout(5 * PATIENCE)
        text = b"%d" % self.random.randrange(1000)
        seen.sendall(text)
        got = b""
        while len(got) < len(text):
            part = seen.recv(100)
            if not part:
                raise Finding(f"a client of {client.kind} is served no more")
            got += part
        if got != text:
            raise Finding(f"a client of {client.kind} has got {got}, not {text}")

    # --- the whole ---

    def run(self, steps):
        """From the start to the end."""
        wishes = self.random_wishes()
        self.write(wishes, set())
        self.daemon.start(*(self.daemon.path(name) for name in sorted({self.file_of(label) for label in self.labels})))
        self.model.reload(wishes, set(), self.file_of)
        self.compare()
        for _ in range(steps):
            self.step()
        self.last = "the end"
        for seen in self.sockets.values(): # who waits is served even so, and is found to have gone
            seen.close()
        self.finish()

    def finish(self):
        """All clients have gone: nothing is left."""
        patience = Patience(20)
        while self.figure("programs") or self.figure("sessions"):
            if not patience.lasts(0.02):
                raise Finding(f"left: {self.daemon.records('connections')}")
        if self.random.random() < 0.5:
            status = self.daemon.stop()
        else:
            self.daemon.order("drain")
            status = self.daemon.process.wait(20 * PATIENCE)
        self.daemon.check_log()
        if status != 0:
            raise Finding(f"exit status {status}")


def walk(build, seed, steps, done):
    """One walk. True if it has found something. Adds what it did."""
    it = Walk(build, seed)
    try:
        it.run(steps)
    except (Finding, OSError) as finding:
        print(f"FOUND by --seed {seed} --steps {steps}, after {it.last}: {finding!r}",
              *it.daemon.log().splitlines()[-40:], sep="\n\t", flush=True)
        return True
    finally:
        done.update(it.done)
        done["served by a spare"] += sum(service.warm for service in it.model.services.values())
        it.daemon.close()
    return False


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    end, walks, found, done = time.monotonic() + options.seconds, 0, 0, collections.Counter()
    while not walks or time.monotonic() < end:
        found += walk(options.build, options.seed + walks, options.steps, done)
        walks += 1
    print(f"walk: {', '.join(f'{name} {count}' for name, count in sorted(done.items()))}")
    print(f"walk: {walks} walks of {options.steps} steps (--seed {options.seed}), {found} findings")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
