"""contenders: how each super-server is configured, started, found ready and stopped.

Each runs in the foreground where it can, on a loopback address of its own, from a configuration
written for this run, with rate and instance limits off. Whatever was started is stopped by its
process id.
"""

import ctypes
import os
import signal
import socket
import subprocess
import time
from typing import NamedTuple, Optional

ECHO_PORT = 7
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
READY_SECONDS = 10

_libc = ctypes.CDLL(None)


class Service(NamedTuple):
    """One line of a configuration; a program of None is the built-in echo."""
    port: int
    socktype: str
    program: Optional[str]


def services_few(programs, port):
    """What a small machine serves: three programs, from `port` on, and a built-in. Peers know
    that by the name of its port, which only root may bind."""
    echo = ECHO_PORT if os.geteuid() == 0 else port + 3
    return [Service(port, "stream", programs["tiny"]),
            Service(port + 1, "stream", programs["sleeper"]),
            Service(port + 2, "stream", programs["min"]),
            Service(echo, "stream", None), Service(echo, "dgram", None)]


def services_many(programs, port, count):
    """`count` services of one program, from `port` on."""
    return [Service(port + i, "stream", programs["tiny"]) for i in range(count)]


def die_with_parent():
    """In a child: ends it should the harness be killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def adopt_orphans():
    """What daemons leave behind becomes our child, so that it can be found and reaped."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def is_listening(address, port):
    """True if something accepts connections there."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((address, port)) == 0


class Contender:
    """One server with one configuration. Subclasses say render() and command()."""

    name = "?"
    pid_file = None  # set where the process started is not the daemon
    ready_seconds = READY_SECONDS

    def __init__(self, address, services, directory):
        self.address = address
        self.services = services
        self.directory = os.path.join(directory, address)
        self.config = os.path.join(self.directory, "conf")
        self.process = None
        self.pid = 0

    def render(self):
        """The text of the configuration."""
        raise NotImplementedError

    def command(self):
        """The command line."""
        raise NotImplementedError

    def environment(self):
        """Variables besides PATH."""
        return {}

    def port_of(self, program):
        """The last port that serves a program, by its base name; None: the built-in."""
        return [service.port for service in self.services
                if program == (service.program and os.path.basename(service.program))][-1]

    def is_up(self):
        """True once the last stream service of the configuration answers."""
        if self.pid_file and not os.path.exists(self.pid_file):
            return False
        last = [service for service in self.services if service.socktype == "stream"][-1]
        return is_listening(self.address, last.port)

    def start(self):
        """Starts it and waits until it serves. Returns the seconds that took."""
        os.makedirs(self.directory, exist_ok=True)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(self.render())
        os.chmod(self.config, 0o644)
        with open(os.path.join(self.directory, "log"), "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], **self.environment()},
                start_new_session=True, preexec_fn=die_with_parent)  # pylint: disable=W1509
        self.pid = self.process.pid
        self.wait_until_up(began + self.ready_seconds)
        return time.monotonic() - began

    def wait_until_up(self, until):
        """Polls is_up(); RuntimeError with the end of the log when it does not come up."""
        while not self.is_up():
            if (self.process.poll() is not None and not self.pid_file) or time.monotonic() > until:
                raise RuntimeError(f"{self.name} does not serve (status {self.process.poll()}): "
                                   + self.last_log())
            time.sleep(0.0005)
        if self.pid_file:
            with open(self.pid_file, encoding="ascii") as file:
                self.pid = int(file.read())

    def last_log(self):
        """The last line it wrote."""
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as file:
            lines = file.read().strip().splitlines()
        return lines[-1][:200] if lines else "nothing in its log"

    def stop(self):
        """TERM, then KILL after five seconds, to what start() started."""
        if self.process is None:
            return
        if self.pid != self.process.pid:
            stop_pid(self.pid)
        stop_pid(self.process.pid)
        self.process.wait()
        self.process = None


def stop_children():
    """Ends every child that is left: what a daemon forked off before its own end became ours."""
    with open("/proc/thread-self/children", encoding="ascii") as file:
        for pid in file.read().split():
            stop_pid(int(pid))


def stop_pid(pid):
    """Ends one child of ours (adopted ones too) and reaps it."""
    until = time.monotonic() + 5
    number = signal.SIGTERM
    while True:
        try:
            os.kill(pid, number)
            while time.monotonic() < until:
                if os.waitpid(pid, os.WNOHANG)[0] == pid:
                    return
                time.sleep(0.002)
        except (ProcessLookupError, ChildProcessError):
            return
        number = signal.SIGKILL
        until = time.monotonic() + 5


class Floor(Contender):
    """The bare loop; serves its first service only."""

    def __init__(self, address, services, directory, program, options=()):
        super().__init__(address, services[:1], directory)
        self.program = program
        self.options = list(options)
        self.name = "floor, " + (options[options.index("-w") + 1] if "-w" in options else "vfork")
        if "-n" in options:
            self.name += f" in {options[options.index('-n') + 1]}"
        if "-x" in options:
            self.name += f", {options[options.index('-x') + 1]} sockets"

    def render(self):
        return ""

    def command(self):
        service = self.services[0]
        return [self.program, *self.options, self.address, str(service.port), service.program]


def classic_line(service, address, stream, dgram, limit):
    """A line of inetd.conf; `stream` and `dgram` are the words for the protocols."""
    port = "echo" if service.port == ECHO_PORT else service.port
    protocol, wait = (stream, "nowait" + limit) if service.socktype == "stream" else (dgram, "wait")
    server = "internal" if service.port == ECHO_PORT else "internal echo"
    if service.program:
        server = f"{service.program} {os.path.basename(service.program)}"
    return f"{address}:{port} {service.socktype} {protocol} {wait} {user_name()} {server}\n"


def user_name():
    """Whom services run as: whoever runs the harness."""
    return subprocess.run(["id", "-un"], capture_output=True, text=True,
                          check=True).stdout.strip()


class Inetd(Contender):
    """This project's daemon, from the build directory."""

    name = "inetd"

    def __init__(self, address, services, directory, build):
        super().__init__(address, services, directory)
        self.build = build
        self.control = os.path.join(self.directory, "control")
        self.notify = None

    def render(self):
        return "".join(classic_line(service, self.address, "tcp4", "udp4", "")
                       for service in self.services)

    def command(self):
        return [os.path.join(self.build, "inetd"), "-f", "-R", "0", "-c", "0", "-s", "0",
                "-p", os.path.join(self.directory, "pid"), "--control", self.control, self.config]

    def environment(self):
        path = os.path.join(self.directory, "notify")
        if os.path.exists(path):
            os.unlink(path)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.notify.bind(path)
        return {"NOTIFY_SOCKET": path}

    def is_up(self):
        """READY, as the daemon tells a service manager (sd_notify(3))."""
        try:
            return b"READY=1" in self.notify.recv(4096).split(b"\n")
        except BlockingIOError:
            return False

    def stop(self):
        super().stop()
        if self.notify:
            self.notify.close()
            self.notify = None

    def control_seconds(self, *words, limit=30):
        """How long an inetctl command takes, its own start included."""
        command = [os.path.join(self.build, "inetctl"), "-s", self.control, *words]
        began = time.monotonic()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=limit, check=False)
        took = time.monotonic() - began
        if done.returncode != 0:
            raise RuntimeError(f"inetctl {' '.join(words)}: {(done.stderr or done.stdout)[:200]}")
        return took


class Peer(Contender):
    """A super-server from elsewhere."""

    def __init__(self, address, services, directory, unpacked):
        super().__init__(address, services, directory)
        self.program, self.variables = unpacked

    def environment(self):
        return self.variables


class OpenbsdInetd(Peer):
    """Debian's default one."""

    name = "openbsd-inetd"

    def render(self):
        return "".join(classic_line(service, self.address, "tcp", "udp",
                                    ".1000000000" if service.program else "")
                       for service in self.services)

    def command(self):
        return [self.program, "-i", "-q", "4096", "-R", "1000000000", self.config]


class InetutilsInetd(Peer):
    """GNU's. Goes to the background whatever it is told."""

    name = "inetutils-inetd"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.pid_file = os.path.join(self.directory, "pid")

    def render(self):
        return "".join(classic_line(service, self.address, "tcp4", "udp4", "")
                       for service in self.services)

    def command(self):
        return [self.program, f"--pidfile={self.pid_file}", "-R", "1000000000", self.config]


class Xinetd(Peer):
    """The other one of Debian."""

    name = "xinetd"

    def render(self):
        text = "defaults\n{\n\tlog_type = FILE /dev/null\n\tinstances = UNLIMITED\n" \
               "\tper_source = UNLIMITED\n\tcps = 1000000000 1\n}\n"
        return text + "".join(self.render_service(i, service)
                              for i, service in enumerate(self.services))

    def render_service(self, number, service):
        """A block of xinetd.conf."""
        stream = service.socktype == "stream"
        words = {"id": f"service-{number}", "socket_type": service.socktype,
                 "protocol": "tcp" if stream else "udp", "wait": "no" if stream else "yes",
                 "user": user_name(), "bind": self.address, "port": service.port}
        if service.program:
            words.update({"type": "UNLISTED", "server": service.program})
        else:
            words["type"] = "INTERNAL"
        name = f"bench{number}" if service.program else "echo"
        body = "".join(f"\t{key} = {value}\n" for key, value in words.items())
        return f"service {name}\n{{\n{body}}}\n"

    def command(self):
        return [self.program, "-dontfork", "-stayalive", "-f", self.config,
                "-pidfile", os.path.join(self.directory, "pid")]


PEER_CLASSES = {"openbsd-inetd": OpenbsdInetd, "xinetd": Xinetd,
                "inetutils-inetd": InetutilsInetd}
