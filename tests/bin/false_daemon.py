#!/usr/bin/python3
"""false_daemon: a daemon that answers wrongly, for tests of who asks it.

  false_daemon.py PATH MODE     listens on the unix socket and, until it is killed, to each who connects

  silent   says nothing and stays
  close    closes at once
  rubbish  answers what is no protocol
  refuse   refuses, as the protocol has it
  endless  answers well, without an end
  drip     answers well, a byte every 20 ms
  records  answers well what is no record
  cut      answers well, but for the end
  more     answers more than it says
  old      answers well, to another question
  empty    answers well, with no record at all
  queue    takes nobody, and its queue is full
"""
import socket
import sys
import time

ANSWERS = {"close": b"", "rubbish": b"220 hello\r\n" * 100, "refuse": b"inetd/2 1 10\nonly root\n",
           "records": b"inetd/2 0 17\nservice\tno field\n",
           "cut": b"inetd/2 0 100\nservice\tlabel=a\n", "more": b"inetd/2 0 3\nservice\tlabel=a\n",
           "empty": b"inetd/2 0 0\n",
           "old": b"inetd/1 0\nservice\tlabel=a\n"}


def fill_queue(path):
    """So that the next who connects has to wait."""
    clients = []
    try:
        while True:
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            client.connect(path)
            clients.append(client)
    except BlockingIOError:
        return clients


def answer(client, mode):
    """In that way."""
    try:
        client.recv(1000)
        if mode == "silent":
            client.recv(1)
        elif mode == "endless":
            client.sendall(b"inetd/2 0 99999999999\n")
            while True:
                client.sendall(b"service\tlabel=" + b"x" * 65536 + b"\n")
        elif mode == "drip":
            client.sendall(b"inetd/2 0 99999999999\n")
            while True:
                client.sendall(b"#")
                time.sleep(0.02)
        else:
            client.sendall(ANSWERS[mode])
    except OSError:
        pass
    client.close()


def main():
    """Listens."""
    path, mode = sys.argv[1:]
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(0 if mode == "queue" else 16)
    held = fill_queue(path) if mode == "queue" else []
    print("ready", len(held), flush=True)
    while mode == "queue":
        time.sleep(1000)
    while True:
        answer(server.accept()[0], mode)


if __name__ == "__main__":
    main()
