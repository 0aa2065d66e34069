"""quiet: how much of the processors others used while something was measured, so that a figure
taken on a busy machine can be taken again, and be told from one taken on a quiet one."""

import os
import resource
import time

DISTURBED = 0.08  # more of the processors than this for others: measure again
TICK = os.sysconf("SC_CLK_TCK")


def _machine_seconds():
    """Processor time of all processes, without interrupts and what is stolen (proc(5), stat)."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system = map(int, file.readline().split()[1:4])
    return (user + nice + system) / TICK


def _process_seconds(pid):
    """Processor time of a process and of the children that it has waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICK


def _own_seconds():
    """Processor time of the harness and of what it has waited for, the generator that is."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


class Quiet:
    """Measures from its making to others(): the share of the processors that was neither the
    harness's, the generator's nor the server's."""

    def __init__(self, pid, seconds):
        self.pid = pid
        self.seconds = seconds
        self.before = self._count()

    def _count(self):
        server = _process_seconds(self.pid) if self.pid != os.getpid() else 0
        return _machine_seconds() - server - _own_seconds()

    def others(self):
        """0 to 1, of `seconds` on all processors."""
        return max(0.0, (self._count() - self.before) / self.seconds / os.cpu_count())


class Patience:
    """Seconds that may be spent, in all, on waiting for others to be quiet."""

    PROBE_SECONDS = 0.1

    def __init__(self, seconds):
        self.left = seconds

    def wait(self):
        """Returns once others are quiet, or the patience is used up."""
        while self.left > 0:
            quiet = Quiet(os.getpid(), self.PROBE_SECONDS)
            time.sleep(self.PROBE_SECONDS)
            if quiet.others() <= DISTURBED:
                return
            self.left -= self.PROBE_SECONDS
