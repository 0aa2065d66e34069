#!/usr/bin/python3
"""template: a service in Python to start your own from. A caller sends commands, one a line, and gets
a line for each; `help` names them. Serves one stream connection (`nowait`).

Shown here: what makes a script fit for strangers. A line has a greatest length and must be there in
time, an answer must be taken in time, the session has an end, and a caller who has gone is no fault.
Change serve() and leave the rest.
"""
import argparse
import datetime
import os
import select
import socket
import sys
import time

sys.dont_write_bytecode = True  # nothing is left beside the module
try:
    from inetd_ready import inetd_ready
except ImportError:  # then it is started for its connection

    def inetd_ready():
        """Nothing to wait for."""


LONGEST = 200  # bytes of a line
LEAVING = 2  # seconds for what a caller still sends at the end


class Finished(Exception):
    """The session is over, for the reason given."""


class Connection:
    """The caller: standard input and output, which may also be a terminal or pipes."""

    def __init__(self, idle, total):
        """Seconds to wait for the caller each time, and in all."""
        self.idle = idle
        self.end = time.monotonic() + total
        self.received = b""
        for fd in (0, 1):
            os.set_blocking(fd, False)

    def wait(self, fd, event, until):
        """Until the descriptor can be read or written, or it is too late."""
        poll = select.poll()
        poll.register(fd, event)
        seconds = min(until, self.end) - time.monotonic()
        if seconds <= 0 or not poll.poll(seconds * 1000):
            raise Finished("no line in time" if event == select.POLLIN else "takes no answer")

    def read_line(self):
        """The next line, without its end and control characters; the last one may have no end."""
        until = time.monotonic() + self.idle
        more = True
        while more and b"\n" not in self.received:
            if len(self.received) > LONGEST + 1:
                raise ValueError("this line is too long")
            self.wait(0, select.POLLIN, until)
            more = os.read(0, 1024)
            if not more and not self.received:
                raise Finished("done")
            self.received += more
        line, _, self.received = self.received.partition(b"\n")
        line = line.removesuffix(b"\r")
        if len(line) > LONGEST:
            raise ValueError("this line is too long")
        # Bytes that are no UTF-8 come out again as they were.
        return bytes(c for c in line if c >= 32 and c != 127).decode("utf-8", "surrogateescape")

    def say(self, text):
        """A line for the caller."""
        data = text.encode("utf-8", "surrogateescape") + b"\r\n"
        until = time.monotonic() + self.idle
        while data:
            self.wait(1, select.POLLOUT, until)
            try:
                data = data[os.write(1, data):]
            except BlockingIOError:
                pass

    def hang_up(self):
        """Says that this was all, and drops what still comes: unread, it would make the kernel reset
        the connection, and the reset might overtake the answer."""
        until = time.monotonic() + LEAVING
        try:
            with socket.socket(fileno=os.dup(0)) as sock:
                sock.shutdown(socket.SHUT_WR)
            for _ in range(64):
                self.wait(0, select.POLLIN, until)
                if not os.read(0, 16384):
                    break
        except (OSError, Finished):  # no socket, gone, or late
            pass


def log(text):
    """For the administrator. By default standard error is the connection: then there is no log."""
    if not os.path.sameopenfile(0, 2):
        print(f"template: {os.environ.get('TCPREMOTEIP', 'somebody')}: {text}", file=sys.stderr)


def serve(caller):
    """What the service is about. A line is a stranger's: it names no file and runs nothing."""
    caller.say("Welcome. Say help.")
    while True:
        command, _, text = caller.read_line().partition(" ")
        if command == "help":
            caller.say("commands: echo TEXT, help, quit, time")
        elif command == "time":
            caller.say(datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S"))
        elif command == "echo":
            caller.say(text)
        elif command == "quit":
            break
        else:
            caller.say("error: no such command, say help")
    caller.say("Goodbye.")


def seconds(text):
    """The value of an option."""
    if not text.isdecimal() or int(text) == 0:
        raise ValueError
    return int(text)


def main():
    """One session."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("-t", dest="idle", type=seconds, default=60, help="seconds for a line")
    parser.add_argument("-T", dest="total", type=seconds, default=600, help="seconds for a session")
    options = parser.parse_args()
    inetd_ready()  # with spare_ready = yes all of the above is done before somebody calls
    caller = Connection(options.idle, options.total)
    log("calling")
    try:
        try:
            serve(caller)
            reason = "done"
        except ValueError as error:
            caller.say(f"error: {error}")
            reason = error
        log(reason)
        caller.hang_up()
    except Finished as reason:
        log(reason)
    except (BrokenPipeError, ConnectionResetError):
        log("gone")


if __name__ == "__main__":
    main()
