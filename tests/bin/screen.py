#!/usr/bin/python3
"""screen.py ROWSxCOLUMNS COMMAND...: runs a command on a terminal, whose screen it knows.

Standard input says what to do, a line each, which is answered by "ok LINE"; the first that does not come true within
ten seconds (times INETD_PATIENCE) ends it with 1 and the screen as it is. Escape sequences that it does not know are
failures. At the end it prints what is left on the screen.

    wait REGEX       a line of the screen matches
    gone REGEX       none does
    key TEXT         types it
    size ROWSxCOLS   another size
    fits             the newest whole picture was no larger than the screen
    signal NAME      sends a signal to the command
    stopped          the command has stopped, and the terminal is as it was
    end STATUS       the command has ended so (a number, or the name of a signal), and the terminal is as it was;
                     nothing is read behind that
"""
import codecs, fcntl, os, pty, re, select, signal, struct, sys, termios, time

PATIENCE = 10 * int(os.environ.get("INETD_PATIENCE", "1"))


class Screen:
    def __init__(self, rows, columns):
        self.lines, self.row, self.column = [""], 0, 0
        self.other = self.hidden = False
        self.widest = self.tallest = self.picture = None
        self.rest = ""
        self.resize(rows, columns)

    def resize(self, rows, columns):
        self.rows, self.columns, self.picture = rows, columns, None

    def put(self, text):
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[: self.column] + text + line[self.column + len(text) :]
        self.column += len(text)
        self.widest = max(self.widest or 0, self.column)

    def escape(self, code):
        if code == "[H":
            self.row = self.column = self.widest = self.tallest = 0
        elif code == "[K":
            self.lines[self.row] = self.lines[self.row][: self.column]
        elif code in ("[J", "[2J"):
            del self.lines[self.row + 1 :]
            if code == "[J":
                self.put("")
                self.lines[self.row] = self.lines[self.row][: self.column]
                self.picture = (self.row + 1, self.widest)
        elif code in ("[?1049h", "[?1049l"):
            self.other = code.endswith("h")
            self.lines, self.row, self.column = [""], 0, 0
        elif code in ("[?25h", "[?25l"):
            self.hidden = code.endswith("l")
        elif code not in ("[7m", "[0m"):
            sys.exit(f"unknown escape sequence: ESC {code}")

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        while text:
            if text[0] == "\033":
                found = re.match(r"\033(\[[0-9?;]*[A-Za-z]|[^\[])", text)
                if not found:
                    self.rest = text
                    return
                self.escape(found[1])
                text = text[found.end() :]
            elif text[0] == "\r":
                self.column, text = 0, text[1:]
            elif text[0] == "\n":
                self.row, text = self.row + 1, text[1:]
                while len(self.lines) <= self.row:
                    self.lines.append("")
            elif text[0] < " " or "\x7f" <= text[0] < "\xa0":
                sys.exit(f"a control character: {text[0]!r}")
            else:
                plain = re.match(r"[^\x00-\x1f\x7f-\x9f]+", text)[0]
                self.put(plain)
                text = text[len(plain) :]


def main():
    rows, columns = map(int, sys.argv[1].split("x"))
    screen = Screen(rows, columns)
    master, slave = pty.openpty()
    resize(master, rows, columns)
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        login(slave)
        os.execvp(sys.argv[2], sys.argv[2:])
    ended = None
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def pump(seconds):
        if select.select([master], [], [], seconds)[0]:
            try:
                screen.feed(decoder.decode(os.read(master, 65536)))
            except OSError:
                time.sleep(0.01)

    def until(true, what):
        end = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > end:
                sys.exit(f"not seen: {what}\n" + "\n".join(screen.lines))
            pump(0.05)

    def restored():
        return not screen.other and not screen.hidden and termios.tcgetattr(slave) == before

    def state(stopped):
        nonlocal ended
        if ended is None:
            got, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
            if got and (os.WIFSTOPPED(status) == stopped):
                if stopped:
                    return True
                ended = signal.Signals(os.WTERMSIG(status)).name[3:] if os.WIFSIGNALED(status) else str(os.WEXITSTATUS(status))
        return ended is not None and not stopped

    for line in sys.stdin:
        verb, _, arg = line.rstrip("\n").partition(" ")
        if verb == "wait":
            until(lambda: any(re.search(arg, text) for text in screen.lines), line)
        elif verb == "gone":
            until(lambda: not any(re.search(arg, text) for text in screen.lines), line)
        elif verb == "key":
            os.write(master, arg.encode())
        elif verb == "size":
            rows, columns = map(int, arg.split("x"))
            screen.resize(rows, columns)
            resize(master, rows, columns)
        elif verb == "fits":
            until(
                lambda: screen.picture and screen.picture[0] <= screen.rows and screen.picture[1] <= screen.columns,
                f"a picture of {screen.rows} rows and {screen.columns} columns: {screen.picture}",
            )
        elif verb == "signal":
            os.kill(pid, getattr(signal, "SIG" + arg))
        elif verb == "stopped":
            until(lambda: state(True), line)
            until(restored, "the terminal as it was")
        elif verb == "end":
            until(lambda: state(False), line)
            if ended != arg:
                sys.exit(f"ended with {ended}, not {arg}\n" + "\n".join(screen.lines))
            until(restored, "the terminal as it was")
        else:
            sys.exit(f"what is '{verb}'?")
        print("ok", line.rstrip("\n"), flush=True)
        if ended is not None:
            break
    if ended is None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        sys.exit("it has not ended")
    print("\n".join(screen.lines), end="")


def login(slave):
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in 0, 1, 2:
        os.dup2(slave, fd)


def resize(master, rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


main()
