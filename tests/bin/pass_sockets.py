#!/usr/bin/python3
"""pass_sockets: opens sockets and becomes a command that finds them, by the protocol of systemd (sd_listen_fds(3)):
pass_sockets.py [--nobody] [--pid NUMBER] NAME=KIND:WHERE... -- COMMAND ARGUMENT...
KIND is tcp or udp (WHERE is ADDRESS:PORT), tcp6 (both families) or tcp6only, unix or dgram (a path), or file (no
socket). With --nobody the command has no rights; LISTEN_PID is its own process number unless --pid is given."""
import os
import socket
import sys


def opened(kind, where):
    """A descriptor."""
    if kind == "file":
        return os.open(where, os.O_RDONLY)
    if kind in ("unix", "dgram"):
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM if kind == "unix" else socket.SOCK_DGRAM)
        made.bind(where)
        os.chmod(where, 0o666)
    else:
        address, _, port = where.rpartition(":")
        made = socket.socket(socket.AF_INET6 if "6" in kind else socket.AF_INET,
                             socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
        if "6" in kind:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, kind == "tcp6only")
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, made.type == socket.SOCK_STREAM)
        made.bind((address, int(port)))
    if made.type == socket.SOCK_STREAM:
        made.listen()
    return made.detach()


def main():
    """See above."""
    words, pid, rights = sys.argv[1:], os.getpid(), True
    names, descriptors = [], []
    while words[0] != "--":
        word = words.pop(0)
        if word == "--nobody":
            rights = False
        elif word == "--pid":
            pid = words.pop(0)
        else:
            name, _, rest = word.partition("=")
            kind, _, where = rest.partition(":")
            names.append(name)
            descriptors.append(opened(kind, where))
    # Above those that they become.
    high = [os.dup2(fd, 100 + i) for i, fd in enumerate(descriptors)]
    for i, fd in enumerate(high):
        os.dup2(fd, 3 + i)
        os.close(fd)
    if not rights:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    environment = dict(os.environ, LISTEN_PID=str(pid), LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=":".join(names))
    os.execvpe(words[1], words[1:], environment)


main()
