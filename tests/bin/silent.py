#!/usr/bin/python3
"""silent: clients who connect and never answer again.

    silent.py COUNT PORT

Connects so often to that port of this machine. From then on each socket drops what comes, so that
nothing that the server sends, its end above all, is acknowledged. They are closed a second later.
"""
import ctypes
import socket
import struct
import sys
import time

SO_ATTACH_FILTER = 26
FLAGS, SYN = 13, 2  # of the header of tcp, where the filter's data begin
ALL = 0xFFFFFFFF

# An answer to the first packet passes, nothing else does.
STEPS = ((0x30, 0, 0, FLAGS), (0x45, 0, 1, SYN), (0x06, 0, 0, ALL), (0x06, 0, 0, 0))


def silent(port):
    """A connection that drops what comes."""
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in STEPS))
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack("HL", len(STEPS), ctypes.addressof(program)))
    sock.connect(("127.0.0.1", port))
    return sock


socks = [silent(int(sys.argv[2])) for _ in range(int(sys.argv[1]))]
time.sleep(1)
