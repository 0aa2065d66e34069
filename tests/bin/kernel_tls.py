#!/usr/bin/env python3
"""A connection that the kernel encrypts (TLS 1.2 records, ktls): kernel_tls.py has | serve | ask PORT

Both ends have the keys below, as a handshake would have made them. `has` ends with 0 if this kernel can. `serve`, on
standard input, reads one record, answers it twenty times in capitals and leaves the rest unread; `ask` sends "hello",
then 200 records that nobody reads, and prints what comes until the end."""
import os
import socket
import struct
import sys

TCP_ULP, SOL_TLS, TLS_TX, TLS_RX = 31, 282, 1, 2
TLS_1_2, AES_GCM_128 = 0x0303, 51
CLIENT, SERVER = b"c" * 16, b"s" * 16


def direction(key):
    return struct.pack("=HH8s16s4s8s", TLS_1_2, AES_GCM_128, b"iv123456", key, b"salt", bytes(8))


def encrypt(sock, sends, receives):
    sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
    sock.setsockopt(SOL_TLS, TLS_TX, direction(sends))
    sock.setsockopt(SOL_TLS, TLS_RX, direction(receives))
    return sock


if sys.argv[1] == "has":
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sock, other = socket.create_connection(listener.getsockname()), listener.accept()
    try:
        encrypt(sock, CLIENT, SERVER)
    except OSError as error:
        sys.exit(f"{error}")
elif sys.argv[1] == "serve":
    sock = encrypt(socket.socket(fileno=os.dup(0)), SERVER, CLIENT)
    sock.sendall(sock.recv(100).upper() * 20)
else:
    sock = encrypt(socket.create_connection(("127.0.0.1", int(sys.argv[2])), 20), CLIENT, SERVER)
    sock.sendall(b"hello\n")
    for _ in range(200):
        sock.sendall(bytes(1000))
    while data := sock.recv(65536):
        sys.stdout.write(data.decode())
