"""syscalls: the system calls of one connection, by strace: of the server and of the child, from
accept to exec, in their order."""

import re
import signal
import subprocess
import tempfile
import time

LINE = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>(?P<rest>.*)$")
STARTS = ("vfork(", "fork(", "clone(", "clone3(")
WAITS = ("epoll_wait(", "epoll_pwait(", "epoll_pwait2(", "poll(", "ppoll(", "select(",
         "pselect6(", "accept(", "accept4(")
UNFINISHED = " <unfinished ...>"


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().splitlines()


def _wait_until(path, reached, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if reached(_read(path)):
            return True
        time.sleep(0.01)
    return False


def _exits(lines):
    return sum("+++ exited with" in line for line in lines)


def join_resumed(lines):
    """(pid, call with its result), each where the call began, in the order of beginning."""
    calls, open_calls = [], {}
    for line in lines:
        match, resumed = LINE.match(line), RESUMED.match(line)
        if match:
            text = f"{match['call']}({match['rest']}"
            if text.endswith(UNFINISHED):
                text = text[:-len(UNFINISHED)]
                open_calls[match["pid"]] = len(calls)
            calls.append((int(match["pid"]), text))
        elif resumed and resumed["pid"] in open_calls:
            index = open_calls.pop(resumed["pid"])
            calls[index] = (calls[index][0], calls[index][1] + resumed["rest"])
    return [(pid, re.sub(r"\s+= ", " = ", text)) for pid, text in calls]


def trace_one(contender, connect):
    """The lines of strace between two connections: connect() makes one and waits for its end."""
    with tempfile.NamedTemporaryFile(prefix="strace-") as file:
        tracer = subprocess.Popen(  # pylint: disable=consider-using-with
            ["strace", "-f", "-s", "24", "-o", file.name, "-p", str(contender.pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            tracer.stderr.readline()  # "attached"
            for turn in (1, 2):
                begin = _count_whole(file.name)
                connect()
                # The child has ended, and the server has come back to waiting for the next.
                _wait_until(file.name, lambda lines, turn=turn: _exits(lines) >= turn)
                _settle(file.name)
            return _read(file.name)[begin:]
        finally:
            tracer.send_signal(signal.SIGTERM)
            tracer.communicate(timeout=10)


def _count_whole(path):
    """How many lines are complete: the wait that is under way belongs to what comes next."""
    lines = _read(path)
    return len(lines) - (1 if lines and " = " not in lines[-1] and "+++" not in lines[-1] else 0)


def _settle(path):
    """Until the trace has not grown for a tenth of a second."""
    seen, still = -1, 0
    for _ in range(300):
        count = len(_read(path))
        still = still + 1 if count == seen else 0
        seen = count
        if still == 10:
            return
        time.sleep(0.01)


def sort_calls(lines, pid):
    """([calls of the server before exec], [of the child before exec], [of the server after]).

    A server that does not wait for the exec goes on meanwhile; only what it does up to the start
    of the child counts as before."""
    before, child, after, child_pid = [], [], [], 0
    for caller, text in join_resumed(lines):
        if caller == pid:
            (after if child_pid else before).append(text)
            if not child_pid and text.startswith(STARTS):
                child_pid = int(text.rsplit("=", 1)[-1].split()[0])
        elif caller == child_pid and not any(call.startswith("execve(") for call in child):
            child.append(text)
    while after and after[-1].startswith(WAITS):
        after.pop()  # it is the next connection's
    return before, child, after


def tally(calls):
    """"accept4 1, dup2 3": in the order of first use."""
    names = [call.split("(", 1)[0] for call in calls]
    return ", ".join(f"{name} {names.count(name)}" for name in dict.fromkeys(names))


def describe(contender, connect):
    """The text of the report."""
    try:
        lines = trace_one(contender, connect)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"  {contender.name}: cannot trace: {error}\n"
    before, child, after = sort_calls(lines, contender.pid)
    text = (f"  {contender.name}: {len(before)} in the server and {len(child)} in the child until "
            f"the program runs, {len(after)} after:\n    {tally(before + child)}\n")
    for title, calls in (("server", before), ("child", child), ("after", after)):
        for call in calls:
            text += f"    {title:6}  {call[:110]}\n"
            title = ""
    return text + "\n"
