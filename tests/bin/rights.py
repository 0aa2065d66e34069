#!/usr/bin/python3
"""rights: sends descriptors over unix sockets whose last close waits, and keeps no copy of them.

usage: rights.py [-d | -s] [-n COUNT] [-f FILE] PATH [TEXT]

Connects COUNT times (1) to the unix socket PATH, a stream or with -d one for datagrams, with -s one of packets,
and sends TEXT ("x") with a TCP socket that has unsent data and lingers for an hour (SO_LINGER); with -f with a
descriptor of FILE, of which bytes that cannot be written wait in the cache by then (tests/bin/fuse.c). Prints a
line for each: "sent", or what went wrong. Then stays, with its connections open, until standard input ends, closes
them, and stays until it is killed, as the other end of what it has sent.
"""
import argparse
import os
import socket
import struct
import sys

HOUR_S = 3600


def lingering(listener):
    """A connection whose close waits: nobody reads at the other end."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    sock.connect(listener.getsockname())
    sock.setblocking(False)
    try:
        while True:
            sock.send(bytes(65536))
    except BlockingIOError:
        pass
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, HOUR_S))
    return sock.detach()


def send(sock, options, listener):
    """Prints what came of it, and ends."""
    fd = os.open(options.f, os.O_WRONLY) if options.f else lingering(listener)
    try:
        sock.connect(options.path.replace("@", "\0", 1))
        socket.send_fds(sock, [options.text.encode()], [fd])
        print("sent", flush=True)
    except OSError as error:
        print(os.strerror(error.errno), flush=True)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-d", dest="kind", action="store_const", const=socket.SOCK_DGRAM)
    parser.add_argument("-s", dest="kind", action="store_const", const=socket.SOCK_SEQPACKET)
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("-f")
    parser.add_argument("path")
    parser.add_argument("text", nargs="?", default="x")
    options = parser.parse_args()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    open_ones = []
    other = os.open(options.f, os.O_WRONLY) if options.f else -1
    for _ in range(options.n):
        sock = socket.socket(socket.AF_UNIX, options.kind or socket.SOCK_STREAM)
        open_ones.append(sock)
        # By a process that ends: what an end closes does not linger, so that we do not wait ourselves.
        if os.fork() == 0:
            send(sock, options, listener)
        os.wait()
    if other >= 0:
        os.write(other, b"x")
    print("all", flush=True)
    sys.stdin.read()
    for sock in open_ones:
        sock.close()
    print("closed", flush=True)
    while True:
        listener.accept()


main()
