#!/usr/bin/python3
"""control_hostile KIND SOCKET: clients of a control socket that mean harm, until they are killed;
says "ready" when they are at work. control_hostile latency PORT COUNT: the longest of so many
connections to a cat on 127.0.0.1, in whole milliseconds."""

import contextlib
import itertools
import socket
import sys
import time

CROWD = 300
LINE = 1 << 20


def connect(path):
    """A client, or None when the queue is full."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.setblocking(False)
    try:
        client.connect(path)
    except (BlockingIOError, ConnectionError):
        client.close()
        return None
    return client


def send(client, data):
    """Whether it could be sent, or part of it."""
    with contextlib.suppress(BlockingIOError):
        try:
            client.send(data)
        except ConnectionError:
            return False
    return True


def keep(path, clients, count):
    """As many clients as are wanted, new ones for those that are gone."""
    while len(clients) < count and (client := connect(path)):
        clients.append(client)
    return clients


def alive(client):
    """Whether the daemon has not closed it."""
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def work(path, count, act):
    """Does something with so many clients over and over."""
    clients = keep(path, [], count)
    for turn in itertools.count():
        for client in list(clients):
            if not act(client, turn):
                clients.remove(client)
                client.close()
        keep(path, clients, count)
        if turn == 2:
            print("ready", flush=True)
        time.sleep(0.005)


def listen_to_nobody(client, turn):
    """Asks for a long answer and takes none of it."""
    return send(client, b"inetd/2 list\n") if turn % 50 == 0 else True


KINDS = {
    "silent": (64, lambda client, turn: alive(client)),
    "bytewise": (64, lambda client, turn: send(client, b"x")),
    "long": (16, lambda client, turn: send(client, b"x" * LINE)),
    "deaf": (32, listen_to_nobody),
    "crowd": (CROWD, lambda client, turn: alive(client)),
    "binary": (64, lambda client, turn: send(client, bytes(range(256)) * 8)),
}


def latency(port, count):
    """The longest time, in milliseconds."""
    longest = 0
    for _ in range(count):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), 60) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
        longest = max(longest, time.monotonic() - begin)
    return int(longest * 1000)


def main():
    """As the head of this file says."""
    if sys.argv[1] == "latency":
        print(latency(int(sys.argv[2]), int(sys.argv[3])))
        return
    count, act = KINDS[sys.argv[1]]
    work(sys.argv[2], count, act)


if __name__ == "__main__":
    main()
