#!/usr/bin/python3
"""trace.py PID: takes a process in hand (ptrace(2), PTRACE_SEIZE), stops it, prints "stopped", and keeps it so until
standard input ends. Says "refused" where that may not be."""
import ctypes
import sys

SEIZE, INTERRUPT = 0x4206, 0x4207

LIBC = ctypes.CDLL(None)
for request in (SEIZE, INTERRUPT):
    if LIBC.ptrace(request, int(sys.argv[1]), None, None) < 0:
        sys.exit("refused")
print("stopped", flush=True)
sys.stdin.read()
