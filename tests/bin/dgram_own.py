#!/usr/bin/env python3
"""A datagram server that answers each client from a socket of its own on the port of the service, as busybox tftpd
and servers of several threads do: dgram_own.py [MARK]

It takes one datagram from standard input, answers it (MARK, or "own") from a socket of its own that is connected to
the client, and then answers that client's datagrams until one says "stop". What cannot be bound is answered from the
service's socket, with the errno."""
import errno
import signal
import socket
import sys

signal.alarm(300)  # it may outlive its test
mark = sys.argv[1] if len(sys.argv) > 1 else "own"
given = socket.socket(fileno=0)
data, peer = given.recvfrom(1000)
own = socket.socket(given.family, socket.SOCK_DGRAM)
own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    own.bind(given.getsockname())
except OSError as error:
    given.sendto(errno.errorcode[error.errno].encode(), peer)
    sys.exit()
own.connect(peer)
while b"stop" not in data:
    own.send(mark.encode())
    data = own.recv(1000)
own.send(b"stopped")
