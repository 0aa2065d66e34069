#!/usr/bin/python3
"""swap: exchanges two names again and again, as whoever owns their directory may.

usage: swap.py ONE OTHER

Until its standard input ends; then both are where they were.
"""
import ctypes
import os
import select
import sys

RENAME_EXCHANGE = 2


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    one, other = (os.fsencode(name) for name in sys.argv[1:])
    print("begins", flush=True)
    count = 0
    while count % 2 or not select.select([0], [], [], 0)[0]:
        if libc.renameat2(-100, one, -100, other, RENAME_EXCHANGE):
            sys.exit(os.strerror(ctypes.get_errno()))
        count += 1


main()
