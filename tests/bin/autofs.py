#!/usr/bin/python3
"""autofs: mounts automatic mounts for which nobody answers, and becomes a command.

usage: autofs.py DIRECTORY COMMAND ARGUMENT...

Whoever looks for a name in DIRECTORY waits until a program has mounted something there (autofs(5)); that program is a
child which does nothing, and ends when the command has.
"""
import ctypes
import os
import sys


def main():
    """See above."""
    directory, command = sys.argv[1], sys.argv[2:]
    tell, told = os.pipe()
    libc = ctypes.CDLL(None, use_errno=True)
    ready, begun = os.pipe()
    parent = os.getpid()
    if os.fork() == 0:
        os.setpgid(0, 0)
        options = f"fd={told},pgrp={os.getpid()},minproto=5,maxproto=5,indirect"
        if libc.mount(b"none", directory.encode(), b"autofs", 0, options.encode()) < 0:
            sys.exit(f"autofs: {os.strerror(ctypes.get_errno())}")
        os.close(told)
        os.write(begun, b"x")
        libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL
        while os.getppid() == parent:
            os.read(tell, 1000)
        os._exit(0)
    os.close(begun)
    os.close(told)
    if not os.read(ready, 1):
        sys.exit(1)
    os.close(tell)
    os.close(ready)
    os.execvp(command[0], command)


main()
