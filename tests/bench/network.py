"""network: a network of the run's own, where the run may have one.

As root the harness moves to a fresh network namespace whose loopback device holds 10.0.0.0/8
besides 127.0.0.0/8: every port is free, nobody else's traffic or settings are in the way, and
servers that do not answer datagrams from 127.0.0.0/8 can be measured too. A log daemon's socket
holds as many lines there as systemd sees to, not the kernel's ten. Else it stays on the
loopback addresses of the machine, and asks for ports that nobody listens on.
"""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
IFF_UP, IFF_RUNNING = 0x1, 0x40
LISTEN = "0A"
LOG_LINES = "512"  # net.unix.max_dgram_qlen, as systemd raises it at boot


def _set_address(sock, request, name, address):
    # struct ifreq of netdevice(7) with a struct sockaddr_in inside
    data = struct.pack("16sHH4s16x", name, socket.AF_INET, 0, socket.inet_aton(address))
    fcntl.ioctl(sock, request, data)


def _fill_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP | IFF_RUNNING))
        _set_address(sock, SIOCSIFADDR, b"lo:bench", "10.0.0.1")
        _set_address(sock, SIOCSIFNETMASK, b"lo:bench", "255.0.0.0")


def network_enter():
    """Moves this process to a network of its own. Returns the first number of the addresses to
    use: 10 there, 127 where that is not allowed."""
    if os.geteuid() != 0 or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return 127
    _fill_loopback()
    with open("/proc/sys/net/unix/max_dgram_qlen", "w", encoding="ascii") as file:
        file.write(LOG_LINES)
    return 10


def _listening_ports():
    ports = set()
    for name in ("tcp", "tcp6"):
        try:
            with open(f"/proc/net/{name}", encoding="ascii") as file:
                rows = [line.split() for line in file][1:]
        except OSError:
            continue
        ports.update(int(row[1].rsplit(":", 1)[1], 16) for row in rows if row[3] == LISTEN)
    return ports


def free_ports(count):
    """The first of `count` ports in a row that nobody listens on, on any address."""
    taken = _listening_ports()
    for first in range(10000, 32000 - count, 500):
        if not taken.intersection(range(first, first + count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row")
