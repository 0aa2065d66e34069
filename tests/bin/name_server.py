#!/usr/bin/python3
"""A name server (RFC 1035) on 127.0.0.1:53 for tests: name_server.py TABLE ASKED

TABLE has a line for each answer: "NAME ADDRESS" for a name, "ADDRESS NAME" for what leads back, "silent NAME" or "silent
ADDRESS" for what is never answered; what it does not have does not exist. It is read for each question. ASKED gets a line
for each question: what is asked for."""
import ipaddress
import socket
import struct
import sys

A, PTR, AAAA = 1, 12, 28


def name_of(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), at + 1


def packed(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def answer(kind, name, table):
    """The data of records, or None for no answer at all."""
    if kind == PTR:
        asked = next((line[1 if line[0] == "silent" else 0] for line in table
                      if is_address(line[1 if line[0] == "silent" else 0]) and
                      ipaddress.ip_address(line[1 if line[0] == "silent" else 0]).reverse_pointer == name), None)
    else:
        asked = name
    if ["silent", asked] in table:
        return None
    found = [line[1] for line in table if line[0] == asked]
    if kind == PTR:
        return [packed(one) for one in found]
    version = 4 if kind == A else 6
    return [ipaddress.ip_address(one).packed for one in found if ipaddress.ip_address(one).version == version]


def is_address(text):
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def main():
    path, log = sys.argv[1:]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 53))
    with open(log, "w", encoding="ascii", buffering=1) as asked:
        print("ready", file=asked)
        while True:
            packet, peer = sock.recvfrom(1000)
            name, end = name_of(packet)
            kind = struct.unpack("!H", packet[end:end + 2])[0]
            print(name, file=asked)
            with open(path, encoding="ascii") as table:
                records = answer(kind, name, [line.split() for line in table if line.strip()])
            if records is None:
                continue
            flags = 0x8580 if records or kind != PTR else 0x8583
            head = packet[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
            body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for data in records)
            sock.sendto(head + packet[12:end + 4] + body, peer)


main()
