#!/usr/bin/python3
"""siege.py --build DIR [--seconds N] [--without NAME,...]

Hostile programs and peers, all together: each of Siege.ATTACKS does its worst over and over, while a TCP service beside
them is asked every 20 ms (tests/bin/beside.py). Each answer, and each turn of the daemon's loop, takes 200 ms at most
(times INETD_PATIENCE); when the siege is over everything is served and as many descriptors are open as before."""

import argparse
import collections
import contextlib
import os
import pwd
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from daemon import Daemon, Finding, NO_ANSWER, PATIENCE, Patience, connect, exchange, read_all, talk

BESIDE_MS = 200
HERE = os.path.dirname(os.path.abspath(__file__))
NOBODY = pwd.getpwnam("nobody").pw_uid
INET, UNIX = socket.AF_INET, socket.AF_UNIX
SETTLE_S = 20   # after the siege: what is limited by time comes back


class Siege:
    """A daemon and those around it."""

    def __init__(self, build, without):
        self.build, self.over, self.count, self.crashed = os.path.abspath(build), threading.Event(), {}, []
        self.tools_done, self.tools_failed = set(), {} # by what they were asked for
        self.attacks = [name for name in self.ATTACKS if name not in without]
        self.daemon = Daemon(build, under="")
        self.tools = os.path.join(HERE, "..", "bin")
        for name in ("rude_holder", "rude_spare"):
            shutil.copy2(os.path.join(HERE, name + ".py"), self.daemon.path(name))
        self.fuse = os.path.exists("/dev/fuse") and subprocess.run(
            ["unshare", "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
        pid = os.getpid()
        self.port, self.rounds = 20000 + pid % 10000, 0
        os.mkdir(self.daemon.path("fs"))
        # Links of ours, into what does not answer.
        os.symlink("fs/stat-file", self.daemon.path("to-stat"))
        os.symlink("fs/open-file", self.daemon.path("to-open"))

    def at(self, number):
        """An address; beside.py asks 127.0.0.1."""
        return ("127.0.0.1", self.port + number)

    def configure(self):
        """Each time with other addresses: a reload has something to do."""
        path, port = self.daemon.path, self.port
        self.rounds += 1
        text = f"""\
127.0.0.1:{port} stream tcp nowait root /bin/cat
127.0.0.1:{port + 1} stream tcp nowait nobody /bin/true
127.0.0.1:{port + 2} stream tcp nowait root internal echo
127.0.0.1:{port + 3} stream tcp nowait root internal tcpmux
tcpmux/+cat stream tcp nowait nobody /bin/cat
127.0.0.1:{port + 4} stream tcp wait nobody {path("rude_holder")}
127.0.0.1:{port + 5} dgram udp wait nobody {path("rude_holder")}
127.0.0.1:{port + 2} dgram udp wait root internal echo
{path("echo")} stream unix nowait root internal echo
{path("true")} stream unix nowait nobody /bin/true
{path("dgram")} dgram unix wait nobody /bin/true
{path("held")} dgram unix wait nobody {path("rude_holder")}
"""
        if self.fuse:
            text += f"127.0.0.1:{port + 6} stream tcp nowait nobody {path('fs/open-exec')}\n" \
                    f"127.0.0.1:{port + 7} stream tcp nowait nobody {path('fs/stat-exec')}\n"
        for i in range(300):
            text += f"127.1.{self.rounds % 200}.{i % 250}:{port + 10 + i // 250} stream tcp nowait nobody /bin/cat\n"
        self.daemon.write("inetd.conf", text)
        self.daemon.write("inetd.ini", f"""\
[full]
listen = {path("full")}
server = /bin/cat
user = nobody
instances = 1
overload = refuse
busy_message = busy
[leaves]
bind = 127.0.0.1
port = {port + 8}
user = nobody
server = /bin/sh
server_args = -c "sleep 3 & exec cat"
stderr = log
[headed]
bind = 127.0.0.1
port = {port + 12}
user = nobody
server = /bin/cat
proxy_protocol = 127.0.0.1
[never]
bind = 127.0.0.1
port = {port + 13}
user = nobody
server = /bin/sh
server_args = -c "exec sleep 1000" {{port}}
activation = proxy
start_time = 2s
kill_after = 1s
[ready]
bind = 127.0.0.1
port = {port + 14}
user = nobody
server = /bin/cat
spare = 4
[liar]
bind = 127.0.0.1
port = {port + 15}
user = nobody
server = {path("rude_spare")}
spare = 4
spare_ready = yes
max_time = 5s
kill_after = 1s
""" + (f"""\
[deaf]
bind = 127.0.0.1
port = {port + 9}
user = nobody
server = /bin/cat
stderr = {path("fs/open-errors")}
[far]
bind = 127.0.0.1
port = {port + 16}
user = nobody
server = {path("fs/open-spare")}
spare = 2
""" + "".join(f"""\
[{name}]
listen = {path(name)}
user = nobody
server = {path(name)}
wrapper = {path(name)}
stderr = {path(name)}
spare = 1
""" for name in ("to-stat", "to-open")) if self.fuse else ""))

    # --- attacks: what each does once; True to wait for a moment only ---

    def run_tool(self, name, *arguments, seconds=2, **options):
        """A program of tests/bin for some seconds."""
        words = [os.path.join(self.tools, name) if name.endswith(".py") else
                 os.path.join(self.build, "tests", "bin", name), *map(str, arguments)]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, **options) as tool:
            self.over.wait(seconds)
            status = tool.poll()
            tool.stdin.close() # rights.py closes its connections now
            self.over.wait(0.2)
            tool.send_signal(signal.SIGKILL if name == "rights.py" else signal.SIGTERM)
        asked = " ".join((name, *(word for word in words[1:] if "/" not in word and not word.isdigit())))
        if status in (None, 0):
            self.tools_done.add(asked)
        else:
            self.tools_failed[asked] = status

    def send_rights(self):
        """Sockets that linger, to a unix service, with the only descriptors of them."""
        for how, name in (("-n20", "full"), ("-n5", "true"), ("-n5", "echo"), ("-dn3", "dgram"), ("-dn3", "held")):
            self.run_tool("rights.py", how, self.daemon.path(name), seconds=0.5)
        self.run_tool("rights.py", "-n3", self.daemon.path("control"), "inetd/2 list", seconds=0.5)

    def send_odd_rights(self):
        """What is much work to close, or leads to itself, to whoever takes descriptors, or does not."""
        self.run_tool("rights.py", "-n3", "-k", random.choice(("epoll", "deep", "cycles", "process", "faults", "ring")),
                      *random.choice((("-d", self.daemon.path("dgram")), ("-d", self.daemon.path("held")),
                                      (self.daemon.path("full"),), (self.daemon.path("true"),),
                                      (self.daemon.path("echo"),), (self.daemon.path("control"), "inetd/2 list\n"))),
                      seconds=1.5)

    def stop_children(self):
        """A user who stops what is his on the way to its exec."""
        self.run_tool("stopper", self.daemon.process.pid, NOBODY, seconds=3)

    def call_victims(self):
        """Clients of programs that do not get to their exec, or never read."""
        for number in (1, 1, 1, 6, 7, 9):
            self.touch(self.at(number))

    def touch(self, address, text=b"", stay=0.0):
        """A client that goes at once, or stays for a moment."""
        with contextlib.suppress(OSError), socket.create_connection(address, 1) as client:
            client.sendall(text)
            self.over.wait(stay)

    def ask_holders(self):
        """What is lent is asked for."""
        self.touch(self.at(4), stay=0.05)
        with socket.socket(INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"x", self.at(5))
        with contextlib.suppress(OSError), socket.socket(UNIX, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.sendto(b"x", self.daemon.path("held"))

    def order_holders(self):
        """stop and enable, while left-over processes have the socket."""
        for verb in ("stop", "enable"):
            if self.daemon.order(f"{verb} 127.0.0.1:{self.port + 4}")[0] == NO_ANSWER:
                raise Finding(f"{verb} is not answered")
            self.over.wait(0.5)

    def keep_silent(self):
        """Clients of tcpmux and echo that say nothing."""
        with contextlib.ExitStack() as clients:
            for i in range(400):
                with contextlib.suppress(OSError):
                    clients.enter_context(socket.create_connection(self.at(3 if i % 2 else 2), 1))
            self.over.wait(3)

    def leave_behind(self):
        """Programs whose left-overs keep their standard error."""
        self.touch(self.at(8), b"x")

    def forge(self):
        """Datagrams from ports that answer themselves."""
        for port in (7, 19, 53, 123):
            with contextlib.suppress(OSError), socket.socket(INET, socket.SOCK_DGRAM) as client:
                client.bind(("127.6.6.6", port))
                client.sendto(b"x", self.at(2))

    def besiege_control(self):
        """Clients of the control socket that mean harm."""
        self.run_tool("control_hostile.py", random.choice(("silent", "bytewise", "long", "deaf", "crowd", "binary")),
                      self.daemon.path("control"))

    def stall_headers(self):
        """Proxies that do not come to the end of what they say of their client, in both versions."""
        with contextlib.ExitStack() as clients:
            for i in range(200):
                with contextlib.suppress(OSError):
                    client = clients.enter_context(socket.create_connection(self.at(12), 1))
                    client.sendall(b"PROXY TCP4 192.0.2." if i % 2 else b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c1")
            self.over.wait(2)

    def call_never(self):
        """Clients of a daemon on demand that never accepts."""
        self.touch(self.at(13), b"x", stay=1)

    def harm_spares(self):
        """Programs that stand ready are stopped and ended by whoever runs as their user; others lie."""
        self.touch(self.at(15), b"x", stay=0.05)
        for pid in self.spares():
            with contextlib.suppress(OSError):
                os.kill(pid, random.choice((signal.SIGSTOP, signal.SIGSTOP, signal.SIGKILL)))
            self.touch(self.at(14), b"x", stay=0.02)
        self.over.wait(0.5)

    def take_from_programs(self):
        """Whoever runs as their user leaves programs without descriptors or processor, or stops them for a while: the
        relay of a daemon on demand, what stands ready, who serves somebody."""
        stopped = []
        for pid in self.daemon.children():
            with contextlib.suppress(OSError):
                program = os.readlink(f"/proc/{pid}/exe")
                if os.stat(f"/proc/{pid}").st_uid != NOBODY or not program.endswith(("/cat", "/ondemand")):
                    continue
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 0))
                os.setpriority(os.PRIO_PROCESS, pid, 19)
                os.kill(pid, signal.SIGSTOP)
                stopped.append(pid)
        self.over.wait(0.3)
        for pid in stopped:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGCONT)
        self.over.wait(1)

    def spares(self):
        """Those that stand ready as cat, and programs that serve somebody as cat."""
        found = []
        for pid in self.daemon.children():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{pid}").st_uid == NOBODY and os.readlink(f"/proc/{pid}/exe").endswith("/cat"):
                    found.append(pid)
        return found

    def upgrade(self):
        """Another program takes the daemon's place, whoever stops children meanwhile, or has said half of what he
        wants."""
        with contextlib.ExitStack() as clients:
            for address, text in ((self.at(12), b"PROXY TCP4 192.0"), (self.at(3), b"ca"),
                                  (self.daemon.path("control"), b"inetd/2 li")):
                with contextlib.suppress(OSError):
                    client = clients.enter_context(connect(INET if isinstance(address, tuple) else UNIX, address, 1))
                    client.sendall(text)
            self.order_upgrade()

    def order_upgrade(self):
        """And waits for a while."""
        if self.daemon.order("upgrade")[0] == NO_ANSWER and not self.daemon.runs():
            raise Finding("an upgrade has ended the daemon")
        self.over.wait(5)

    def stop_worker(self):
        """The worker hangs, until another takes its place."""
        worker = self.daemon.worker()
        if worker:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGSTOP)
            self.over.wait(8)

    def reload(self):
        """300 addresses are others."""
        self.configure()
        self.daemon.process.send_signal(signal.SIGHUP)
        self.over.wait(1)

    ATTACKS = ("send_rights", "send_odd_rights", "take_from_programs", "stop_children", "call_victims", "ask_holders",
               "order_holders", "keep_silent", "leave_behind", "forge", "besiege_control", "stop_worker", "reload",
               "stall_headers", "call_never", "harm_spares", "upgrade")

    def attack(self, name):
        """One of them over and over. Who attacks is a thread with less of the processors (setpriority(2))."""
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        while not self.over.is_set():
            try:
                getattr(self, name)()
            except Exception as error: # pylint: disable=broad-except
                self.crashed.append(f"{name}: {error!r}")
                return
            self.count[name] = self.count.get(name, 0) + 1
            self.over.wait(0.02)

    # --- the whole ---

    @staticmethod
    def prefer(process):
        """It gets a processor at once: what is measured is who waits for whom, not for a processor."""
        os.setpriority(os.PRIO_PROCESS, process.pid, -15)

    def asks(self):
        """What must be answered, each by its name."""
        path, at = self.daemon.path, self.at
        return {"cat": lambda: talk(INET, at(0), b"x", 2) == b"x", "echo": lambda: talk(INET, at(2), b"x", 2) == b"x",
                "datagram": lambda: exchange(at(2), b"x", 2) == b"x",
                "tcpmux": lambda: talk(INET, at(3), b"cat\r\nx", 2).endswith(b"x"),
                "lent": lambda: talk(INET, at(4), b"", 2) == b"ok",
                "lent datagram": lambda: exchange(at(5), b"x", 1) == b"x",
                "unix": lambda: talk(UNIX, path("echo"), b"x", 2) == b"x",
                "full": lambda: talk(UNIX, path("full"), b"x", 2) == b"x",
                "leaves": lambda: talk(INET, at(8), b"x", 5) == b"x",
                "headed": lambda: talk(INET, at(12), b"PROXY UNKNOWN\r\nx", 2) == b"x",
                "ready": lambda: talk(INET, at(14), b"x", 2) == b"x"}

    def all_served(self, seconds):
        """Everything is, within that time. What is lent is asked until it has answered only: its left-overs go on."""
        patience, asks = Patience(seconds), self.asks()
        while asks:
            for name, ask in list(asks.items()):
                with contextlib.suppress(OSError):
                    if ask():
                        del asks[name]
            if asks and not patience.lasts(0.5):
                raise Finding(f"not served: {', '.join(asks)}: {self.daemon.order('list')[1]}")

    def settled(self, usual):
        """All is served, and nothing more is open than before. Who waits for the file system is freed."""
        self.all_served(SETTLE_S)
        self.daemon.order("stop never") # it is started for who has waited, and tries for ever
        for pid in self.fuse_servers():
            os.kill(pid, signal.SIGKILL)
        patience = Patience(SETTLE_S)
        while self.open_files() - usual:
            if not patience.lasts(0.2):
                raise Finding(f"after the siege more is open: {self.open_files() - usual}")

    def fuse_servers(self):
        """The processes of that program in the session of the daemon."""
        found = []
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                if os.getsid(pid) == self.daemon.process.pid and os.readlink(f"/proc/{pid}/exe").endswith("/fuse"):
                    found.append(pid)
        return found

    def open_files(self):
        """What the daemon has open: how many of each kind."""
        return collections.Counter(self.daemon.open_files(self.daemon.process.pid))

    def run(self, seconds):
        """Raises what is found."""
        self.configure()
        fuse = os.path.join(self.build, "tests", "bin", "fuse")
        under = ["unshare", "-m", fuse, self.daemon.path("fs")] if self.fuse else []
        self.daemon.start(self.daemon.path("inetd.conf"), self.daemon.path("inetd.ini"), under=under)
        self.prefer(self.daemon.process)
        Patience(20).until(lambda: self.daemon.order("version")[0] == 0)
        self.all_served(20)
        time.sleep(4) # left-overs of that
        usual = self.open_files()
        with subprocess.Popen([os.path.join(self.tools, "beside.py"), self.daemon.path("beside"),
                               str(self.port)]) as beside:
            self.prefer(beside)
            threads = [threading.Thread(target=self.attack, args=(name,)) for name in self.attacks]
            for thread in threads:
                thread.start()
            self.over.wait(seconds)
            self.over.set()
            for thread in threads:
                thread.join()
            beside.terminate()
        with open(self.daemon.path("beside"), encoding="ascii") as text:
            _, asked, _, worst, _, failed, _, machine = text.read().split()
        stats = dict(self.daemon.records("stats") or {}).get("daemon")
        print(f"siege: {', '.join(f'{name} {count}' for name, count in self.count.items())}; asked {asked} times, "
              f"{worst} ms at most, a plain process {machine}, the longest turn of the loop "
              f"{stats and stats['longest_turn_us']} us"
              f"{'' if self.fuse else '; without a file system that does not answer'}", flush=True)
        if not self.daemon.runs() or not stats:
            raise Finding("the daemon has ended or is not answered")
        self.settled(usual)
        most = BESIDE_MS * PATIENCE + 5 * int(machine)  # what a busy machine adds (tests/helpers/beside.bash)
        if int(asked) < seconds: # 50 a second, on a machine that has time
            raise Finding(f"the service beside was asked {asked} times only")
        if never := {tool: status for tool, status in self.tools_failed.items() if tool not in self.tools_done}:
            raise Finding(f"attacks that have failed each time, by exit status: {never}")
        if self.crashed or int(failed) or int(worst) > most or int(stats["longest_turn_us"]) > most * 1000:
            raise Finding(f"{self.crashed}; {failed} questions have failed, or took too long")
        for pid in self.daemon.children(): # programs that their user has stopped, too
            os.kill(pid, signal.SIGKILL)
        status = self.daemon.stop()
        if status != 0:
            raise Finding(f"exit status {status}")


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--without", default="")
    options = parser.parse_args()
    siege = Siege(options.build, options.without.split(","))
    try:
        siege.run(options.seconds)
    except Finding as finding:
        print(f"FOUND: {finding}", *siege.daemon.log().splitlines()[-60:], sep="\n\t")
        return 1
    finally:
        siege.daemon.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
