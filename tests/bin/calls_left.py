#!/usr/bin/python3
"""calls_left: holds the system calls of a daemon to the page that says which are left and why none can wait.

usage: calls_left.py PAGE TRACE...

TRACE is what strace(1) has written of the daemon's own thread. Prints each call that the page does not name, and each
that could wait by its arguments; fails if there is any.
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
    "accept4": lambda text: "SOCK_NONBLOCK" in text or "SOCK_CLOEXEC" in text,
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


def main():
    """See above."""
    known, wrong, seen = page_names(sys.argv[1]), [], set()
    for trace in sys.argv[2:]:
        with open(trace, encoding="utf-8", errors="replace") as file:
            for line in file:
                call = re.match(r"(\w+)\(", line)
                if not call:
                    continue
                seen.add(call[1])
                if call[1] == "poll" and "epoll_wait" not in seen:
                    continue  # a first start may wait for names
                if NAMES.get(call[1], call[1]) not in known:
                    wrong.append(f"not on the page: {line.strip()}")
                elif call[1] in MUST and not MUST[call[1]](line):
                    wrong.append(f"may wait: {line.strip()}")
    if not {"epoll_wait", "accept4", "wait4"} & seen:
        wrong.append("this is no trace of a daemon")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
