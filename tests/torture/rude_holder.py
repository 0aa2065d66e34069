#!/usr/bin/python3
"""rude_holder: a program that is lent a socket, serves what waits there, and leaves a process behind that has the
socket for some seconds more and does to it what may harm the lender: has it block, switches off what keeps descriptors
out, has errors and bytes stay, shuts it down, listens again, connects it to itself."""

import os
import random
import socket
import time

SECONDS = 3
SO_PEEK_OFF, SO_TIMESTAMPNS, IP_RECVERR = 42, 35, 11


def harm(lent, stream):
    """One thing."""
    deeds = [lambda: os.set_blocking(lent.fileno(), True),
             lambda: lent.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 0),
             lambda: lent.setsockopt(socket.SOL_SOCKET, SO_PEEK_OFF, 0),
             lambda: lent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1),
             lambda: lent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1 << 20),
             lambda: lent.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)]
    if random.random() < 0.05:
        deeds = [lambda: lent.shutdown(socket.SHUT_RDWR), lambda: lent.connect(lent.getsockname())]
        if stream:
            deeds.append(lambda: lent.listen(1))
    random.choice(deeds)()


def main():
    """As the head of this file says."""
    lent = socket.socket(fileno=0)
    stream = lent.type == socket.SOCK_STREAM
    if stream:
        client, _ = lent.accept()
        client.sendall(b"ok")
        client.close()
    else:
        text, peer = lent.recvfrom(1000)
        if peer:
            lent.sendto(text, peer)
    if os.fork():
        return
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            harm(lent, stream)
        except OSError:
            pass
        time.sleep(0.01)


main()
