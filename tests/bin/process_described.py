#!/usr/bin/python3 -B
"""process_described: what the kernel knows of a process, a fact on each line, without what differs
from one process to the next anyway: its number, times, what it has used, addresses.

usage: process_described.py PID"""
import os
import re
import sys

# What differs of proc(5), status, from start to start of the same program, and what a pause changes.
USED = ("Pid", "Tgid", "PPid", "NStgid", "NSpid", "NSpgid", "NSsid", "Vm", "Rss", "Huge",
        "voluntary", "nonvoluntary", "State", "SigQ")
FILES = ("attr/current", "cgroup", "cmdline", "comm", "coredump_filter", "cpuset", "environ", "gid_map",
         "limits", "loginuid", "mountinfo", "oom_score_adj", "personality", "sessionid", "setgroups",
         "timens_offsets", "timerslack_ns", "uid_map")
# proc(5), stat: fields after the name, by number.
STAT = {"terminal": 7, "group of the terminal": 8, "flags": 9, "priority": 18, "nice": 19, "threads": 20,
        "interval timer": 21, "exit signal": 38, "realtime priority": 40, "policy": 41}


def read(directory, name):
    """The text of a file; what went wrong, where it cannot be read."""
    try:
        with open(os.path.join(directory, name), "rb") as file:
            return file.read().decode(errors="backslashreplace")
    except OSError as error:
        return os.strerror(error.errno)


def status(directory):
    """proc(5), status."""
    for line in read(directory, "status").splitlines():
        if not line.startswith(USED):
            yield "status " + line


def stat(directory):
    """proc(5), stat."""
    fields = read(directory, "stat").rpartition(")")[2].split()
    for name, number in STAT.items():
        value = int(fields[number - 3])
        yield f"{name} {value}"
    own = os.path.basename(directory)
    yield f"group {'own' if fields[2] == own else 'shared'}, session {'own' if fields[3] == own else 'shared'}"


def scheduler(directory):
    """proc(5), sched."""
    for line in read(directory, "sched").splitlines():
        if line.startswith(("se.slice", "se.load.weight", "policy", "prio")):
            yield "sched " + line


def descriptors(directory):
    """What is open, and with which flags."""
    for fd in sorted(os.listdir(os.path.join(directory, "fd")), key=int):
        where = re.sub(r"\d+", "N", os.readlink(os.path.join(directory, "fd", fd)))
        flags = re.search(r"flags:\s*(\d+)", read(directory, "fdinfo/" + fd))[1]
        yield f"fd {fd} {where} {flags}"


def mappings(directory):
    """The files that are in its memory."""
    files = {line.split(maxsplit=5)[5] for line in read(directory, "maps").splitlines() if len(line.split()) > 5}
    return ["mapped " + file for file in sorted(files)]


def links(directory):
    """Where it is."""
    for name in ("cwd", "exe", "root"):
        yield f"{name} {os.readlink(os.path.join(directory, name))}"
    for name in sorted(os.listdir(os.path.join(directory, "ns"))):
        yield os.readlink(os.path.join(directory, "ns", name))


def main():
    """All of it."""
    directory = "/proc/" + sys.argv[1]
    for facts in (status, stat, scheduler, descriptors, mappings, links):
        print("\n".join(facts(directory)))
    for name in FILES:
        print(f"-- {name}\n" + read(directory, name).replace("\0", "\n"))
    print("autogroup", *read(directory, "autogroup").split()[1:])
    print("affinity", sorted(os.sched_getaffinity(int(sys.argv[1]))))
    print("tasks", len(os.listdir(directory + "/task")))
    print("owner", os.stat(directory + "/status").st_uid)


main()
