#!/usr/bin/python3
"""lingers: a program of a service that fills its connection (descriptor 0), asks that the last close of it wait for
an hour (SO_LINGER), makes a file "full" beside itself and ends."""

import os
import socket
import struct

HOUR_S = 3600

connection = socket.socket(fileno=0)
connection.setblocking(False)
try:
    while True:
        connection.send(bytes(65536))
except BlockingIOError:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, HOUR_S))
open(os.path.join(os.path.dirname(__file__), "full"), "w", encoding="ascii").close()
