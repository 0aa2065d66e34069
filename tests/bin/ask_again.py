#!/usr/bin/env python3
"""So many clients at a time, each asks again as soon as it is answered: ask_again.py NUMBER SECONDS PORT|PATH [ENOUGH]

Prints how many answers ("ok") there were in that time, or until there were ENOUGH; fails if a client got none."""
import socket
import sys
import threading
import time

number, seconds, address = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
enough = int(sys.argv[4]) if len(sys.argv) > 4 else sys.maxsize
end = time.monotonic() + seconds
answers, bad = [], []


def connect():
    if address.isdigit():
        return socket.create_connection(("127.0.0.1", int(address)), 60)
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(60)
    sock.connect(address)
    return sock


def client():
    try:
        while time.monotonic() < end and len(answers) < enough:
            with connect() as sock:
                if sock.recv(9) != b"ok":
                    raise OSError("no answer")
            answers.append(True)
    except OSError as error:
        bad.append(str(error))


threads = [threading.Thread(target=client) for i in range(number)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(answers))
sys.exit(", ".join(bad) if bad else 0)
