#!/usr/bin/python3
"""rude_peer: a client that a service has to survive. Sends its standard input in a rude way.

  rude_peer.py MODE [options] [HOST] PORT        or  MODE [options] -u PATH

  byte-by-byte  every byte in a segment of its own, then half-close; prints the answer to its end
  half-close    all at once, then half-close; prints the answer to its end
  silent        all at once (or nothing), no half-close; prints the answer to its end
  never-read    sends, -n bytes of the same over and over, as long as anybody takes them, and reads
                nothing; stays until the other side resets, or until it is killed
  reset         sends, reads -r bytes of answer, then resets the connection
  rubbish       -n random bytes (the same ones for a seed, -s), then half-close; prints how many
                bytes were answered

Ends with 0 when the other side has closed or, in `reset`, when it has been reset; 4 when the other
side reset the connection before its end (not an error in `rubbish` and `never-read`); 3 when after
-t seconds (20, times INETD_PATIENCE) nobody has. Says "connected" on standard error once it is.
"""
import argparse
import os
import random
import select
import signal
import socket
import struct
import sys
import time


def connect(options):
    """A connection with small buffers, so that a peer that does not read is felt soon."""
    if options.unix:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(options.unix)
        return sock
    host = options.address[0] if len(options.address) == 2 else "127.0.0.1"
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if options.mode == "never-read":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((host, int(options.address[-1])))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def half_close(sock):
    """Unless it is too late for that."""
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def copy_answer(sock):
    """Everything up to the other side's end, to standard output. Returns how many bytes."""
    total = 0
    while True:
        data = sock.recv(65536)
        if not data:
            return total
        total += len(data)
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def byte_by_byte(sock, data, options):
    """What the other side does not want to hear to its end is no fault of its own."""
    try:
        for i in range(len(data)):
            sock.sendall(data[i:i + 1])
            time.sleep(options.pause_ms / 1000)
    except (BrokenPipeError, ConnectionResetError):
        pass
    half_close(sock)
    copy_answer(sock)


def half_closing(sock, data, _options):
    """The good manners of nc -N."""
    sock.sendall(data)
    half_close(sock)
    copy_answer(sock)


def silent(sock, data, _options):
    """Says no more, and does not say that."""
    sock.sendall(data)
    copy_answer(sock)


def never_read(sock, data, options):
    """Until the other side resets; a mere end of file is not seen behind what was not read."""
    left = max(options.bytes, len(data)) if data else 0
    many = data * (65536 // len(data) + 1) if left > len(data) else data
    sock.setblocking(False)
    poll = select.poll()
    while True:
        poll.register(sock, select.POLLERR | (select.POLLOUT if left > 0 else 0))
        if poll.poll()[0][1] & (select.POLLERR | select.POLLHUP):
            return
        try:
            left -= sock.send(many[:left])
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            return


def reset(sock, data, options):
    """An RST in place of an end of file."""
    sock.sendall(data)
    got = 0
    while got < options.read:
        more = len(sock.recv(options.read - got))
        if not more:
            break
        got += more
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def rubbish(sock, _data, options):
    """The other side may stop to listen at any time, in any way; it must only end."""
    total = 0
    sock.setblocking(False)
    data = random.Random(options.seed).randbytes(options.bytes or 100000)
    try:
        while True:
            seen = select.select([sock], [sock] if data else [], [])
            if seen[0]:
                more = len(sock.recv(65536))
                if not more:
                    break
                total += more
            if seen[1]:
                data = data[sock.send(data[:65536]):]
                if not data:
                    half_close(sock)
    except (BrokenPipeError, ConnectionResetError):
        pass
    print(total)


MODES = {"byte-by-byte": byte_by_byte, "half-close": half_closing, "silent": silent,
         "never-read": never_read, "reset": reset, "rubbish": rubbish}


def read_options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("-u", dest="unix", metavar="PATH")
    parser.add_argument("-t", dest="seconds", type=float, default=20)
    parser.add_argument("-n", dest="bytes", type=int, default=0)
    parser.add_argument("-r", dest="read", type=int, default=0)
    parser.add_argument("-s", dest="seed", type=int, default=1)
    parser.add_argument("-p", dest="pause_ms", type=float, default=1, metavar="MS",
                        help="byte-by-byte: between two bytes (1)")
    parser.add_argument("address", nargs="*", help="[HOST] PORT")
    options = parser.parse_intermixed_args()
    if len(options.address) not in ((0,) if options.unix else (1, 2)):
        parser.error("say [HOST] PORT or -u PATH")
    options.seconds *= int(os.environ.get("INETD_PATIENCE", "1"))
    return options


def time_over(_number, _frame):
    """Whatever it was doing."""
    raise TimeoutError


def main():
    """Connects and is rude."""
    options = read_options()
    signal.signal(signal.SIGALRM, time_over)
    signal.setitimer(signal.ITIMER_REAL, options.seconds)
    try:
        data = b"" if options.mode == "rubbish" else sys.stdin.buffer.read()
        sock = connect(options)
        print("connected", file=sys.stderr, flush=True)
        MODES[options.mode](sock, data, options)
    except TimeoutError:
        return 3
    except ConnectionResetError:
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
