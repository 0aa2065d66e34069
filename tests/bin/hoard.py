#!/usr/bin/python3
"""hoard: a client that keeps connections open and says nothing.

usage: hoard.py ADDRESS COUNT PORT

Connects COUNT times from ADDRESS, an address of the loopback, to PORT of 127.0.0.1, and connects again where the
other side closes, 200 times a second at most, until its standard input ends. Prints "all" when it has connected
COUNT times.
"""
import select
import socket
import sys
import time


def connect(address, port):
    sock = socket.socket()
    sock.bind((address, 0))
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    return sock


def main():
    address, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    poll = select.poll()
    poll.register(0, select.POLLIN)
    socks = {}

    def add():
        sock = connect(address, port)
        socks[sock.fileno()] = sock
        poll.register(sock, select.POLLIN)

    for _ in range(count):
        add()
        time.sleep(0.001)
    print("all", flush=True)
    while True:
        for fd, _ in poll.poll():
            if fd == 0:
                return
            poll.unregister(fd)
            socks.pop(fd).close()
            time.sleep(0.005)
            add()


main()
