#!/usr/bin/python3
"""ask_socket PROTOCOL ADDRESS PORT [TEXT]: sends TEXT by mptcp, sctp, udplite or vsock (ADDRESS is a CID there) and
prints what comes back, for datagrams one. `ask_socket has PROTOCOL`: whether the kernel has it, and for vsock a way from
this machine to itself; `has_family`: without such a way."""
import errno
import socket
import sys

AF_VSOCK, CID_LOCAL = 40, 1
PROTOCOLS = {"tcp": (socket.SOCK_STREAM, 6), "udp": (socket.SOCK_DGRAM, 17), "mptcp": (socket.SOCK_STREAM, 262),
             "sctp": (socket.SOCK_STREAM, 132), "udplite": (socket.SOCK_DGRAM, 136), "vsock": (socket.SOCK_STREAM, 0)}


def make(protocol, address):
    kind, number = PROTOCOLS[protocol]
    family = AF_VSOCK if protocol == "vsock" else socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, kind, number)
    made.settimeout(20)
    return made


def has(protocol, way=True):
    try:
        made = make(protocol, "127.0.0.1")
        if protocol == "vsock" and way:
            made.settimeout(1)
            made.connect((CID_LOCAL, 1))
    except OSError as error:  # nobody listens there, but somebody has answered
        return error.errno == errno.ECONNRESET
    return True


def ask(protocol, address, port, text=""):
    made = make(protocol, address)
    made.connect((int(address) if protocol == "vsock" else address, int(port)))
    if made.type == socket.SOCK_DGRAM:
        made.send(text.encode())
        sys.stdout.write(made.recv(65536).decode())
        return
    if text:
        made.sendall(text.encode())
    # An association of SCTP has no half that stays open: there its end is an answer that ends in the text.
    half = protocol != "sctp"
    if half:
        made.shutdown(socket.SHUT_WR)
    answer = ""
    while half or not text or not answer.endswith(text):
        try:
            data = made.recv(65536)
        except OSError as error:
            if error.errno in (errno.ECONNRESET, errno.ENOTCONN):
                break
            raise
        if not data:
            break
        answer += data.decode()
    sys.stdout.write(answer)


if sys.argv[1] == "has":
    sys.exit(0 if has(sys.argv[2]) else 1)
if sys.argv[1] == "has_family":
    sys.exit(0 if has(sys.argv[2], False) else 1)
ask(*sys.argv[1:])
