#!/usr/bin/python3
"""control_ask SOCKET VERB [ARG]: one request to a control socket; prints the body of the answer and
exits with its status, 99 when there is none. As a module: ask()."""

import socket
import struct
import sys

NO_ANSWER = 99


def ask(path, request, seconds=60):
    """(status, body) for a request line, as bytes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        # Not settimeout(), with which connect() does not wait where the queue is full.
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            client.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))
        client.connect(path)
        client.sendall(b"inetd/2 " + request + b"\n")
        parts = []
        while part := client.recv(1 << 16):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\n")
    words = head.split()
    if len(words) != 3 or words[0] != b"inetd/2" or int(words[2]) != len(body):
        return NO_ANSWER, head
    return int(words[1]), body


def main():
    """As the head of this file says."""
    request = b" ".join(word.encode("utf-8", "surrogateescape") for word in sys.argv[2:])
    status, body = ask(sys.argv[1], request)
    sys.stdout.buffer.write(body)
    return status


if __name__ == "__main__":
    sys.exit(main())
