#!/usr/bin/python3
"""beside: asks services on the loopback all the time, and says how long an answer took at most.

usage: beside.py FILE PORT...

Each service is a TCP one that sends back what it gets. It is asked every 20 ms (BESIDE_EVERY_MS), whether the question
before was answered or not (but for so many), until SIGTERM; FILE then has the words "asked COUNT worst MILLISECONDS failed COUNT machine
MILLISECONDS". A question is failed when its connection is refused or ends without the answer. The last figure is
how long an answer of a plain process took at most that does nothing else and was asked in the same way: what a
busy machine adds. FILE is there, empty, as soon as each service has answered once. At SIGUSR1 FILE.count has the
number of questions so far. It ends with who has started it.
"""
import codecs
import os
import selectors
import signal
import socket
import sys
import time

EVERY_S = int(os.environ.get("BESIDE_EVERY_MS", "20")) / 1000
MOST = 20  # questions to one at once: the machine is not made slower yet


def answer_plainly():
    """Starts the plain process; returns its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=MOST)
    parent = os.getpid()
    if os.fork():
        return listener.getsockname()[1]
    listener.settimeout(0.5)
    while os.getppid() == parent:
        try:
            sock = listener.accept()[0]
            sock.settimeout(0.5)
            sock.send(sock.recv(8))
            sock.close()
        except OSError:
            pass
    os._exit(0)


class Asker:
    def __init__(self, ports):
        self.ports = ports
        self.plain = ports[-1]  # it gives up itself where the machine is slow, which is no failure of a service
        self.selector = selectors.DefaultSelector()
        self.open = {}
        self.waiting = dict.fromkeys(ports, 0)
        self.asked = self.failed = 0
        self.worst = dict.fromkeys(ports, 0.0)
        self.answered = set()

    def ask(self, port):
        sock = socket.socket()
        sock.setblocking(False)
        self.open[sock] = (time.monotonic(), port)
        self.waiting[port] += 1
        self.asked += 1
        sock.connect_ex(("127.0.0.1", port))
        self.selector.register(sock, selectors.EVENT_WRITE)

    def over(self, sock):
        self.selector.unregister(sock)
        start, port = self.open.pop(sock)
        self.waiting[port] -= 1
        sock.close()
        self.took(port, start)

    def took(self, port, start):
        self.worst[port] = max(self.worst[port], time.monotonic() - start)

    def turn(self, seconds):
        for key, events in self.selector.select(seconds):
            sock = key.fileobj
            try:
                if events & selectors.EVENT_WRITE:
                    sock.send(b"x\n")
                    self.selector.modify(sock, selectors.EVENT_READ)
                    continue
                if sock.recv(8) != b"x\n":
                    self.fail(sock)
                self.answered.add(self.open[sock][1])
            except OSError:
                self.fail(sock)
            self.over(sock)

    def fail(self, sock):
        self.failed += self.open[sock][1] != self.plain

    def tell(self, path):
        with open(path, "w", encoding="ascii") as out:
            out.write(f"{self.asked}\n")

    def end(self):
        """What has no answer yet has waited until now, at least."""
        for start, port in self.open.values():
            self.took(port, start)


def main():
    path, ports = sys.argv[1], [int(port) for port in sys.argv[2:]]
    plain = answer_plainly()
    ports.append(plain)
    asker = Asker(ports)
    stopped = []
    codecs.lookup("ascii")  # a signal that comes while open() loads it would not find it
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    signal.signal(signal.SIGUSR1, lambda *_: asker.tell(path + ".count"))
    due = time.monotonic()
    ready = False
    parent = os.getppid()
    while not stopped and os.getppid() == parent:
        now = time.monotonic()
        if now >= due:
            due = max(due + EVERY_S, now)
            for port in ports:
                if asker.waiting[port] < MOST:
                    asker.ask(port)
        asker.turn(max(0.0, due - time.monotonic()))
        if not ready and asker.answered == set(ports):
            ready = True
            open(path, "w", encoding="ascii").close()
    asker.end()
    machine = asker.worst.pop(plain)
    with open(path, "w", encoding="ascii") as out:
        out.write(f"asked {asker.asked} worst {max(asker.worst.values()) * 1000:.0f} failed {asker.failed} "
                  f"machine {machine * 1000:.0f}\n")


main()
