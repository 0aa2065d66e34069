#!/usr/bin/python3
"""calls_left: holds the system calls of a daemon to the page that says which are left and why none can wait.

usage: calls_left.py PAGE TRACE...

TRACE is what `strace -f` has written of a daemon and its children; without numbers of processes all is the daemon's.
Held to the page are the calls of its own thread, the first that is there. Prints each call that the page does not name,
and each that could wait by its arguments, or by the socket that it accepts from; fails if there is any.
"""
import re
import sys

# As the kernel calls it, and as the page does.
NAMES = {
    "access": "stat", "faccessat": "stat", "faccessat2": "stat", "newfstatat": "stat", "fstatat64": "stat",
    "statx": "stat", "lstat": "stat", "fstat": "stat", "readlink": "stat", "readlinkat": "stat", "getxattr": "stat",
    "fgetxattr": "stat", "fstatfs": "stat", "statmount": "stat",
    "openat": "open", "getdents64": "open", "unlinkat": "unlink", "fchmod": "chmod", "fchownat": "chmod",
    "recvfrom": "recv", "sendto": "send", "pread64": "read", "pwrite64": "write", "clone3": "clone", "waitid": "wait4",
    "epoll_pwait": "epoll_wait",
}
# Files that root alone can change, on file systems of this machine.
SETTLED = re.compile(r'"(/proc/|/sys/|/etc/|/dev/null"|/lib|/usr/)')


def poll_ends(text):
    """At once, or after a tenth of a second: where a helper is asked."""
    found = re.search(r"\], \d+, (-?\d+)\)", text)
    return found and 0 <= int(found[1]) <= 100


def open_ends(text):
    """Nobody is waited for, whatever stands there."""
    return "O_PATH" in text or "O_NONBLOCK" in text or SETTLED.search(text)


MUST = {
    "recvfrom": lambda text: "MSG_DONTWAIT" in text, "recvmsg": lambda text: "MSG_DONTWAIT" in text,
    "sendto": lambda text: "MSG_DONTWAIT" in text, "sendmsg": lambda text: "MSG_DONTWAIT" in text,
    "wait4": lambda text: "WNOHANG" in text, "waitid": lambda text: "WNOHANG" in text,
    "futex": lambda text: "FUTEX_WAKE" in text or "tv_sec=0" in text,
    "flock": lambda text: "LOCK_NB" in text or "LOCK_UN" in text,
    "fcntl": lambda text: "SETLKW" not in text and "SETLEASE" not in text,
    "poll": poll_ends, "openat": open_ends,
}


def page_names(path):
    """What stands in backquotes in the first column of the table of calls, and in the paragraph below it."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin = text.index("## The rule: nobody makes the supervisor wait")
    section = text[begin:text.index("\n## ", begin + 1)]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    paragraph = section[section.index("Calls that concern nobody else"):]
    return set(re.findall(r"`(\w+)`", " ".join(cells) + paragraph))


def read_calls(path):
    """[(process, whole line without its number)], a call that was interrupted where it ends."""
    calls, begun = [], {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            pid, text = re.match(r"(\d* *)(.*)", line).groups()
            text = re.sub(r"^<\.\.\. \w+ resumed>", lambda _, pid=pid: begun.pop(pid, ""), text)
            if text.endswith(" <unfinished ...>"):
                begun[pid] = text.removesuffix(" <unfinished ...>")
            else:
                calls.append((pid.strip(), text))
    return calls


class Sockets:
    """The sockets of a daemon, by their descriptors: which one accept4() does not wait at, whoever wants it to."""

    def __init__(self, calls):
        self.open, self.of_child = {}, {}
        # Those that share its memory become a program, with what they move to a number of its.
        self.on_their_way = {re.search(r"= (\d+)$", text)[1] for _, text in calls
                             if re.match(r"clone3?\(.*CLONE_VM.*= \d+$", text) and "CLONE_THREAD" not in text}

    def note(self, text):
        """One call of the daemon."""
        result = re.search(r"= (\d+)( |$)", text)
        call, of = re.match(r"(\w+)\(([^,) ]*)", text).groups()
        socket = self.open.get(of)
        if not result:
            return
        if call == "socket":
            self.open[result[1]] = {"waits": "SOCK_NONBLOCK" not in text, "listens": False, "lent": False}
        elif re.search(r"F_DUPFD|^dup", text):
            self.open[result[1]] = socket
        elif call == "close":
            self.open.pop(of, None)
        elif call.startswith("clone"):
            self.of_child.setdefault(result[1], dict(self.open))
        elif call == "sendmsg":
            for numbers in re.findall(r"cmsg_type=SCM_RIGHTS, cmsg_data=\[([\d, ]+)\]", text):
                self.lend(self.open, *numbers.split(", "))
        elif socket and call == "listen":
            socket["listens"] = True
        elif socket and "F_SETFL" in text:
            socket["waits"] = "O_NONBLOCK" not in text

    @staticmethod
    def lend(table, *numbers):
        """Another process has them from now on."""
        for number in numbers:
            if table.get(number):
                table[number]["lent"] = True

    def note_child(self, pid, text):
        """One call of another process, whose descriptors are those that the daemon had when it was born."""
        moved = re.match(r"dup[23]\((\d+), \d", text)
        table = self.of_child.setdefault(pid, dict(self.open))
        if moved and pid in self.on_their_way:
            self.lend(table, moved[1])
        elif text.startswith("execve("):
            self.on_their_way.discard(pid)

    def accept_ends(self, text):
        """A socket of the daemon's own that nobody else has ever had, and that does not wait."""
        socket = self.open.get(re.match(r"accept4\((\d+)", text)[1])
        return socket and socket["listens"] and not socket["waits"] and not socket["lent"]


def main():
    """See above."""
    known, wrong, seen = page_names(sys.argv[1]), [], set()
    for trace in sys.argv[2:]:
        calls = read_calls(trace)
        sockets = Sockets(calls)
        must = MUST | {"accept4": sockets.accept_ends}
        for pid, line in calls:
            call = re.match(r"(\w+)\(", line)
            if not call:
                continue
            if pid != calls[0][0]:
                sockets.note_child(pid, line)
                continue
            seen.add(call[1])
            if call[1] == "poll" and "epoll_wait" not in seen:
                continue  # a first start may wait for names
            if NAMES.get(call[1], call[1]) not in known:
                wrong.append(f"not on the page: {line}")
            elif call[1] in must and not must[call[1]](line):
                wrong.append(f"may wait: {line}")
            sockets.note(line)
    if not {"epoll_wait", "accept4", "wait4"} & seen:
        wrong.append("this is no trace of a daemon")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
