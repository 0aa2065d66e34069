#!/usr/bin/python3
"""rude_spare: a program that is to say when it is ready for its connection (spare_ready = yes), and does what it should
not: says so many times and more than that, is silent, stops itself, ends, reads nothing, or takes what comes and leaves
a process behind that has it and the link."""

import os
import random
import signal
import socket
import time

SECONDS = 3


def flood(link):
    """More than the daemon may want to read."""
    link.setblocking(False)
    try:
        while True:
            link.send(os.urandom(1000))
    except OSError:
        time.sleep(SECONDS)


def leave(link):
    """Somebody who keeps all, and asks for more."""
    if os.fork() == 0:
        os.setsid()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            link.send(b"\0")
            socket.recv_fds(link, 65536, 2)


def main():
    """As the head of this file says."""
    number = os.environ.get("INETD_READY")
    if number is None:
        print("cold", flush=True)
        return
    link = socket.socket(fileno=int(number))
    deed = random.choice((flood, leave, None, "stop", "ready and stop", "deaf"))
    if callable(deed):
        deed(link)
    elif deed == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif deed is not None:
        link.send(b"\0")
        if deed == "ready and stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(SECONDS)


main()
