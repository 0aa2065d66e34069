#!/usr/bin/python3
"""hostile_worker: in place of inetd-worker: a worker that others have taken over. As soon as it has a datagram
socket it reports refused datagrams to the supervisor without end, each time as many as a number can say.

The path of inetd/worker/message.h, from which it has the numbers of the messages, stands in the file "header" beside
it."""
import os
import re
import socket
import struct
import sys


def numbers(text, name):
    """The enumerators of an enum, counted from 1."""
    body = re.search(r"enum " + name + r" \{(.*?)\};", text, re.S).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.S)
    return {word: i for i, word in enumerate(re.findall(r"\b[A-Z]+_[A-Z_]+\b", body), 1)}


def main():
    """Until its link ends."""
    here = os.path.dirname(sys.argv[0])
    with open(os.path.join(here, "header"), encoding="ascii") as file, open(file.read().strip(), encoding="utf-8") as file:
        header = file.read()
    verbs, notes = numbers(header, "worker_verb"), numbers(header, "worker_note")
    link = socket.socket(fileno=3)
    link.setblocking(True)
    link.send(struct.pack("=II", verbs["WORKER_READY"], 0))
    while message := link.recv(65536):
        verb, number = struct.unpack_from("=II", message)
        if verb != verbs["WORKER_DGRAM"]:
            continue
        address = struct.pack("=H2s4s", socket.AF_INET, b"\x9c\x40", socket.inet_aton("192.0.2.1"))
        address = address.ljust(112, b"\0") + struct.pack("=I", 16)
        note = struct.pack("=IIIIi", verbs["WORKER_NOTE"], 0xffffffff, number, notes["NOTE_DENIED"], 0)
        while True:
            link.send(note + address + bytes(256))


main()
