#!/usr/bin/python3
"""frames: a client of the heartbeat service. Does what the words say, one after another:

  frames.py PORT WORD...

  DATA=text PING=text PONG=text ERROR=text  sends such a frame      raw=HEX  sends these bytes
  slowly     from here on every byte goes in a segment of its own   end      half-close
  read       prints the next frame, as TYPE=text                    part=HEX the same as raw, and waits
  silence    nothing comes for half a second                        answer   reads PINGs, answers each
  all        prints all frames, then "closed" or "reset"
"""
import os
import select
import socket
import struct
import sys
import time

TYPES = {1: "DATA", 2: "PING", 3: "PONG", 4: "ERROR"}
SECONDS = 10 * int(os.environ.get("INETD_PATIENCE", "1"))


class Client:
    """A connection, and how to send on it."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.slowly = False

    def send(self, data):
        """All of it, at once or not."""
        if not self.slowly:
            self.sock.sendall(data)
            return
        for i in range(len(data)):
            self.sock.sendall(data[i:i + 1])
            time.sleep(0.001)

    def send_frame(self, name, text):
        """A frame of a type by its name."""
        data = text.encode()
        number = next(key for key, value in TYPES.items() if value == name)
        self.send(struct.pack("!HH", number, len(data)) + data)

    def exactly(self, size):
        """That many bytes; EOFError at the end."""
        data = b""
        while len(data) < size:
            more = self.sock.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def read(self):
        """The next frame, as text."""
        number, size = struct.unpack("!HH", self.exactly(4))
        return f"{TYPES[number]}={self.exactly(size).decode()}"

    def read_all(self):
        """Prints up to the end."""
        try:
            while True:
                print(self.read())
        except EOFError:
            print("closed")
        except ConnectionResetError:
            print("reset")

    def do(self, word):
        """One word of the command line."""
        verb, _, text = word.partition("=")
        if verb in TYPES.values():
            self.send_frame(verb, text)
        elif verb in ("raw", "part"):
            self.send(bytes.fromhex(text))
            if verb == "part":
                time.sleep(0.05)  # so that it is seen to be a part
        elif verb == "slowly":
            self.slowly = True
        elif verb == "end":
            self.sock.shutdown(socket.SHUT_WR)
        elif verb == "read":
            print(self.read(), flush=True)
        elif verb == "silence":
            assert not select.select([self.sock], [], [], 0.5)[0], "something came"
        elif verb == "answer":
            for _ in range(8):
                assert self.read() == "PING="
                self.send_frame("PONG", "")
        elif verb == "all":
            self.read_all()
        else:
            sys.exit(f"what is {word}?")


if __name__ == "__main__":
    client = Client(int(sys.argv[1]))
    for argument in sys.argv[2:]:
        client.do(argument)
