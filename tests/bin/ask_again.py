#!/usr/bin/env python3
"""So many clients at a time, each asks again as soon as it is answered: ask_again.py NUMBER SECONDS PORT|PATH

Prints how many answers ("ok") there were; fails if a client got none."""
import socket
import sys
import threading
import time

number, seconds, address = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
end = time.monotonic() + seconds
counts, bad = [], []


def connect():
    if address.isdigit():
        return socket.create_connection(("127.0.0.1", int(address)), 20)
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(20)
    sock.connect(address)
    return sock


def client():
    count = 0
    try:
        while time.monotonic() < end:
            with connect() as sock:
                if sock.recv(9) != b"ok":
                    raise OSError("no answer")
            count += 1
    except OSError as error:
        bad.append(str(error))
    counts.append(count)


threads = [threading.Thread(target=client) for i in range(number)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(counts))
sys.exit(", ".join(bad) if bad else 0)
