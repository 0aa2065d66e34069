#!/usr/bin/python3
"""rights: sends descriptors over unix sockets whose last close waits, and keeps no copy of them.

usage: rights.py [-d | -s] [-n COUNT] [-f FILE | -k KIND] PATH [TEXT]

Connects COUNT times (1) to the unix socket PATH, a stream or with -d one for datagrams, with -s one of packets,
and sends TEXT ("x") with a TCP socket that has unsent data and lingers for an hour (SO_LINGER); with -f with a
descriptor of FILE, of which bytes that cannot be written wait in the cache by then (tests/bin/fuse.c); with -k with
another one that is much work to close, of ODD below, or with several of each (all). Prints a
line for each: "sent", or what went wrong. Then stays, with its connections open, until standard input ends, closes
them, and stays until it is killed, as the other end of what it has sent.
"""
import argparse
import contextlib
import ctypes
import errno
import os
import resource
import select
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


def full_epoll(sock):
    """Some 50 000 watches of one event, by numbers of its own descriptor."""
    epoll, event = select.epoll(), os.eventfd(0)
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 1024) - 1
    for _ in range(50):
        for number in range(100, most):
            os.dup2(event, number)
            epoll.register(number)
        for number in range(100, most):
            os.close(number)
        event = os.eventfd(0)
    return [os.dup(epoll.fileno())]


def deep_epoll(sock):
    """Sets that watch one another, as deep as the kernel takes them, and the connection itself."""
    found = [sock.fileno()]
    with contextlib.suppress(OSError):
        for _ in range(8):
            epoll = select.epoll()
            for fd in found:
                epoll.register(fd)
            found.append(os.dup(epoll.fileno()))
    return found


def cycles(sock):
    """Pairs of sockets that are in their own queues, and in each other's, and nowhere else: garbage of the kernel
    (unix(7)); the connection is in one of them."""
    last = sock
    for _ in range(300):
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        socket.send_fds(one, [b"x"], [one.fileno(), other.fileno(), last.fileno(), sock.fileno()])
        last = one
    return [sock.fileno(), last.fileno()]


def ring(sock):
    """io_uring; 425 is io_uring_setup(2), of all machines."""
    return syscall_fd(425, 4096, ctypes.create_string_buffer(120))


def process(sock):
    """Of one that has ended."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return [os.pidfd_open(pid)]


def fault_handler(sock):
    """userfaultfd(2), which has other numbers elsewhere."""
    return syscall_fd(323 if os.uname().machine == "x86_64" else 282, os.O_NONBLOCK)


def syscall_fd(*arguments):
    """What it gives, or nothing where it may not be had."""
    fd = ctypes.CDLL(None).syscall(*arguments)
    return [fd] if fd >= 0 else []


ODD = {"epoll": full_epoll, "deep": deep_epoll, "cycles": cycles, "ring": ring, "process": process,
       "faults": fault_handler}


def odd(sock, kind):
    """Descriptors of that kind, or of all."""
    return [fd for name, make in ODD.items() if kind in (name, "all") for fd in make(sock)]


def send_each(sock, text, fds):
    """Of several some cannot be sent by everybody, or not at all."""
    sent = 0
    for fd in fds:
        try:
            socket.send_fds(sock, [text], [fd])
            sent += 1
        except BlockingIOError:
            break
        except OSError as error:
            if len(fds) == 1 or error.errno in (errno.EPIPE, errno.ECONNRESET):
                raise
    return sent


def send(sock, options, listener):
    """Prints what came of it, and ends."""
    try:
        sock.connect(options.path.replace("@", "\0", 1))
        sock.setblocking(False)
        if options.k:
            fds = odd(sock, options.k)
        else:
            fds = [os.open(options.f, os.O_WRONLY) if options.f else lingering(listener)]
        sent = send_each(sock, options.text.encode(), fds)
        print("sent" if sent else "nothing", flush=True)
    except OSError as error:
        print(os.strerror(error.errno), flush=True)
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-d", dest="kind", action="store_const", const=socket.SOCK_DGRAM)
    parser.add_argument("-s", dest="kind", action="store_const", const=socket.SOCK_SEQPACKET)
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("-f")
    parser.add_argument("-k", choices=[*ODD, "all"])
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
