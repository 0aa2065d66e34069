"""What clients of the built-in services do in tests. Every wait is bounded."""
import os
import resource
import select
import socket
import struct
import sys
import time

PATIENCE = int(os.environ.get("INETD_PATIENCE", "1"))
SECONDS = 10 * PATIENCE
ARGS = [int(a) if a.isdigit() else a for a in sys.argv[1:]]


def tcp(port, host="127.0.0.1", source=None):
    s = socket.create_connection((host, port), SECONDS, source and (source, 0))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def unix(path):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(SECONDS)
    s.connect(path)
    return s


def udp(host="127.0.0.1", port=0):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(SECONDS)
    s.bind((host, port))
    return s


def read_all(s):
    """Everything up to the other side's end; a reset is an exception."""
    data = b""
    while True:
        more = s.recv(65536)
        if not more:
            return data
        data += more


def read_exactly(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        assert more, f"end after {len(data)} bytes of {n}"
        data += more
    return data


def ask(s, data):
    """Sends, ends, and returns everything that comes back."""
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    return read_all(s)


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def fill(s):
    """Sends until nobody takes more, for half a second; returns how much."""
    s.setblocking(False)
    total = 0
    while select.select([], [s], [], 0.5)[1]:
        try:
            total += s.send(b"x" * 65536)
        except BlockingIOError:
            pass
    s.settimeout(SECONDS)
    return total


def silent(s, seconds=0.3):
    """True if nothing comes for a while."""
    return not select.select([s], [], [], seconds)[0]


def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def wait_until(condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def events(pattern):
    """Lines of the driver's events that begin so."""
    with open(os.environ["EVENTS"], encoding="ascii") as f:
        return [line for line in f if line.startswith(pattern)]


def private(pid):
    """Memory of its own, KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("RssAnon"))


def ticks(pid):
    """Processor time so far, in hundredths of a second."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return sum(int(word) for word in f.read().split()[13:15])
