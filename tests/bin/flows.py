#!/usr/bin/python3
"""flows: clients of every kind on the loopback, some of each at any time, until they are told that it is enough.

usage: flows.py [--longest SECONDS] [--long COUNT] [--mortal] DIRECTORY KIND=PORT...

  echo     sessions of some seconds, in which each word comes back before the next one is sent
  chargen  sessions that read, slowly, and hold what comes against RFC 864
  tcpmux   connections that ask for "cat" (RFC 1078), and then for their words
  udp      datagrams, each answered before the next one is sent
  slow     programs that read "SECONDS WORD", and say the word after so long: from a millisecond to --longest (2), most of
           them short; besides them, as many of at least a third of --longest as --long says (1), one after the other

With --mortal a session of the worker may end early, and a datagram may have to be sent again, as somebody kills it. It ends
when DIRECTORY/enough is there, with the last of its connections. DIRECTORY/flowing is there as soon as each kind has had an
answer. It prints, for each kind, "KIND begun COUNT ended COUNT early COUNT again COUNT"; on anything else that should not
be it writes why to DIRECTORY/bad, at once, and exits with 1.
"""
import argparse
import collections
import os
import random
import select
import socket
import sys
import threading
import time

PATIENCE = int(os.environ.get("INETD_PATIENCE", "1"))
PATTERN = b"".join(bytes(32 + (line + i) % 95 for i in range(72)) + b"\r\n" for line in range(95))


class Early(Exception):
    """The other side has ended it."""


class Flow:
    """What the threads of all kinds share."""

    def __init__(self, options):
        self.options = options
        self.counts = collections.defaultdict(collections.Counter)
        self.lock = threading.Lock()
        self.bad = None

    def path(self, name):
        return os.path.join(self.options.directory, name)

    def is_enough(self):
        return self.bad is not None or os.path.exists(self.path("enough"))

    def count(self, kind, what):
        with self.lock:
            self.counts[kind][what] += 1
            if what == "answered" and all(self.counts[name]["answered"] for name in self.options.ports):
                with open(self.path("flowing"), "w", encoding="ascii"):
                    pass

    def fail(self, why):
        with self.lock:
            if self.bad is None:
                self.bad = why
                with open(self.path("bad"), "w", encoding="utf-8") as bad:
                    bad.write(why + "\n")

    # --- one of each kind ---

    @staticmethod
    def exactly(client, wanted, mortal):
        """Reads what must come."""
        got = b""
        while len(got) < len(wanted):
            try:
                part = client.recv(len(wanted) - len(got))
            except ConnectionResetError:
                part = b""
            if not part and mortal:
                raise Early
            got += part
            if not part or not wanted.startswith(got):
                raise OSError(f"{got!r} came, and not {wanted!r}")

    def words(self, kind, client, count, mortal):
        for i in range(count):
            word = b"%d %d\n" % (i, random.getrandbits(60))
            try:
                client.sendall(word)
            except (BrokenPipeError, ConnectionResetError) as error:
                if mortal:
                    raise Early from error
                raise
            self.exactly(client, word, mortal)
            self.count(kind, "answered")
            if self.is_enough():
                break
            time.sleep(0.02)

    def echo(self, client):
        self.words("echo", client, random.randrange(1, 200), self.options.mortal)

    def chargen(self, client):
        at = 0
        for _ in range(random.randrange(1, 100)):
            size = random.randrange(1, 3000)
            self.exactly(client, (PATTERN * 2)[at:at + size], self.options.mortal)
            at = (at + size) % len(PATTERN)
            self.count("chargen", "answered")
            if self.is_enough():
                break
            time.sleep(0.02)

    def tcpmux(self, client):
        client.sendall(b"cat\r\n")
        self.exactly(client, b"+Go\r\n", self.options.mortal)
        self.words("tcpmux", client, random.randrange(1, 50), False) # a program does not die with the worker

    def slow(self, client, least=0.001):
        longest = self.options.longest
        seconds = min(longest, max(least, 0.001) * random.paretovariate(0.5 if least < 1 else 2))
        word = b"%d" % random.getrandbits(60)
        client.settimeout(seconds + 30 * PATIENCE)
        client.sendall(b"%.3f %s\n" % (seconds, word))
        self.exactly(client, word, False)
        self.count("slow", "answered")

    def long(self, client):
        self.slow(client, self.options.longest / 3)

    def udp(self, client):
        word = b"%d" % random.getrandbits(60)
        for attempt in range(100):
            client.send(word)
            while select.select([client], [], [], (1 if self.options.mortal else 20) * PATIENCE)[0]:
                answer = client.recv(100)
                if answer == word:
                    self.count("udp", "answered")
                    time.sleep(0.005)
                    return
                if not attempt and not self.options.mortal:
                    raise OSError(f"{answer!r} came, and not {word!r}")
            if not self.options.mortal:
                break
            self.count("udp", "again")
        raise OSError("a datagram has no answer")

    # --- all ---

    def run(self, kind, talk):
        """Connections, one after the other."""
        udp = kind == "udp"
        while not self.is_enough():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as client:
                try:
                    client.settimeout(30 * PATIENCE)
                    client.connect(("127.0.0.1", self.options.ports[kind]))
                    self.count(kind, "begun")
                    talk(client)
                    if not udp and kind != "chargen":
                        client.shutdown(socket.SHUT_WR)
                        if client.recv(1):
                            raise OSError("more came than was asked for")
                    self.count(kind, "ended")
                except Early:
                    self.count(kind, "early")
                except OSError as error:
                    if self.options.mortal and kind in ("echo", "tcpmux") and isinstance(error, ConnectionResetError):
                        self.count(kind, "early")
                    else:
                        self.fail(f"{kind}: {error}")


def main():
    """As the head of this file says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--longest", type=float, default=2)
    parser.add_argument("--long", type=int, default=1)
    parser.add_argument("--mortal", action="store_true")
    parser.add_argument("directory")
    parser.add_argument("ports", nargs="+")
    options = parser.parse_args()
    options.ports = {kind: int(port) for kind, port in (pair.split("=") for pair in options.ports)}
    flow = Flow(options)
    talks = [(kind, getattr(flow, kind)) for kind in options.ports] * 2
    if "slow" in options.ports:
        talks += [("slow", flow.long)] * options.long
    threads = [threading.Thread(target=flow.run, args=talk) for talk in talks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for kind in sorted(options.ports):
        print(kind, *(f"{what} {flow.counts[kind][what]}" for what in ("begun", "ended", "early", "again")))
    return flow.bad is not None


if __name__ == "__main__":
    sys.exit(main())
