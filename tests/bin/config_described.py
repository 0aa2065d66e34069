#!/usr/bin/python3
"""config_described: holds the services of a daemon against what the heads of its files say:

    # serves: PROTOCOL AT FAMILIES MODE USER:GROUP PROGRAM ARGV [KEY=VALUE ...]
    # internal-auth: PROTOCOL AT FAMILIES MODE USER ARGV
    # rpc: PROGRAM/VERSIONS rpc/PROTOCOL MODE USER PROGRAM ARGV
    # off: NAME...

AT is [ADDRESS:]SERVICE, a path or +NAME of tcpmux; FAMILIES are those that are answered; ARGV is JSON without
blanks outside of strings; the keys are those of inetd.ini(5), one_socket and found_in. All that is served is in a head, and
nothing else answers at its ports.

usage: config_described.py INETCTL CONTROL FILE...
"""
import errno
import grp
import json
import pwd
import re
import socket
import subprocess
import sys

LOOPBACK = {"ipv4": "127.0.0.1", "ipv6": "::1"}
KIND = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}


def number_of(value, table, field):
    """The id of a user or group by name or number."""
    return int(value) if value.isdigit() else getattr(table(value), field)


def same(key, wanted, seen):
    """True if two values of a key are the same."""
    if key == "socket_mode":
        return int(wanted, 8) == int(seen, 8)
    if key == "socket_user":
        return number_of(wanted, pwd.getpwnam, "pw_uid") == number_of(seen, pwd.getpwnam, "pw_uid")
    if key == "socket_group":
        return number_of(wanted, grp.getgrnam, "gr_gid") == number_of(seen, grp.getgrnam, "gr_gid")
    if key in ("sndbuf", "rcvbuf"):
        unit = {"k": 1 << 10, "m": 1 << 20}.get(seen[-1:], 1)
        return int(wanted) == int(seen.rstrip("km")) * unit
    return wanted == seen


def words_of(text):
    """The words of a value: both quotes group, and a backslash counts for something within double quotes alone."""
    found = []
    for word in re.findall(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|[^ "'])+""", text):
        parts = re.findall(r""""(?:\\.|[^"\\])*"|'[^']*'|[^"']+""", word)
        found.append("".join(re.sub(r'\\(["\\])', r"\1", part[1:-1]) if part[0] == '"' else
                             part.strip("'") for part in parts))
    return found


class Service:
    """What the daemon serves: the keys of `inetctl show`, the endpoints of `inetctl list`."""

    def __init__(self, name, text, endpoints):
        self.name, self.endpoints, self.keys = name, endpoints, {}
        for line in text.splitlines():
            found = re.match(r"([a-z_0-9]+) = (.*)", line)
            if found:
                self.keys[found[1]] = found[2]
        self.protocol = self.keys.get("protocol", "")

    def places(self):
        """(FAMILY, ADDRESS, PORT) of each socket, a wildcard being None."""
        found = set()
        for endpoint in self.endpoints:
            address, _, port = endpoint.rpartition(":")
            if not port.isdigit():
                return {("-", None, endpoint)}
            address = address.strip("[]")
            if ":" not in address:
                found.add(("ipv4", None if address == "0.0.0.0" else address, int(port)))
                continue
            found.add(("ipv6", None if address == "::" else address, int(port)))
            if address == "::" and "p6" not in self.protocol:
                found.add(("ipv4", None, int(port)))
        return found


class Wanted:
    """One line of a head."""

    def __init__(self, text):
        self.text = text
        head, argv, rest = re.match(r'([^\[]*(?:\[::1\][^\[]*)?)(\[(?:".*?"(?:,|(?=\])))*\])(.*)', text).groups()
        fields = head.split()
        self.protocol, self.at, families, self.mode = fields[:4]
        self.owner = fields[4]
        self.program = fields[5] if len(fields) > 5 else None
        self.argv, self.families = json.loads(argv), families.split(",")
        self.keys = dict(word.split("=", 1) for word in rest.split())

    def places(self):
        """As a service has them."""
        if self.families == ["-"]:
            return {("-", None, "tcpmux" if self.protocol == "tcpmux" else self.at)}
        address, _, port = self.at.rpartition(":")
        port = int(port) if port.isdigit() else socket.getservbyname(port, self.protocol)
        address = {"": None, "localhost": "127.0.0.1"}.get(address.strip("[]"), address.strip("[]"))
        return {(family, address, port) for family in self.families}

    def problems(self, service):
        """What of a service at its places is not as it is wanted."""
        seen, found = service.keys, []
        if (seen["wait"] == "yes") != (self.mode == "wait"):
            found.append(f"wait = {seen['wait']}")
        if self.program == "internal":
            if "internal" not in seen:
                found.append("not built in")
        else:
            found += self.program_problems(seen)
        for key, value in self.keys.items():
            if key == "one_socket":
                if not service.protocol.endswith("46"):
                    found.append(f"protocol {service.protocol}")
            elif key != "found_in" and not same(key, value, seen.get(key, "")):
                found.append(f"{key} = {seen.get(key)}")
        return found

    def program_problems(self, seen):
        """The same of the program, its arguments and its user."""
        found, program = [], seen.get("server", "")
        argv = words_of(seen.get("argv0", program.split("/")[-1])) + words_of(seen.get("server_args", ""))
        if self.program is None: # the built-in identd is a program of ours
            return [] if program.endswith("/identd") else [f"server = {program}"]
        if program != self.program and not (
            "found_in" in self.keys and program.endswith("/" + self.program)):
            found.append(f"server = {program}")
        if argv != self.argv:
            found.append(f"argv is {argv}")
        user, group = self.owner.split(":")
        if number_of(seen["user"], pwd.getpwnam, "pw_uid") != pwd.getpwnam(user).pw_uid:
            found.append(f"user = {seen['user']}")
        if number_of(seen["group"], grp.getgrnam, "gr_gid") != grp.getgrnam(group).gr_gid:
            found.append(f"group = {seen['group']}")
        return found


class WantedRpc:
    """One line of a head of an RPC service, on any port of IPv4."""

    def __init__(self, text):
        self.text = text
        head, argv = re.match(r"([^\[]*)(\[.*\])", text).groups()
        self.rpc, protocol, self.mode, self.user, self.program = head.split()
        self.protocol, self.argv = protocol.split("/")[1] + "4", json.loads(argv)

    def is_of(self, service):
        """True for the service that it means."""
        return service.keys.get("rpc") == self.rpc

    def problems(self, service):
        """What of it is not as it is wanted."""
        seen = service.keys
        wanted = {"protocol": self.protocol, "wait": "yes" if self.mode == "wait" else "no", "user": self.user,
                  "server": self.program}
        found = [f"{key} = {seen.get(key)}" for key, value in wanted.items() if seen.get(key) != value]
        argv = words_of(seen.get("argv0", self.program)) + words_of(seen.get("server_args", ""))
        if argv != self.argv:
            found.append(f"argv is {argv}")
        if len(service.places()) != 1 or 0 in {place[2] for place in service.places()}:
            found.append(f"listens on {service.endpoints}")
        return found


def services_of(inetctl, control):
    """All that the daemon serves."""

    def ask(*verb):
        return json.loads(subprocess.run([inetctl, "-s", control, "--json", *verb],
                                         stdout=subprocess.PIPE, check=True).stdout)

    records, found = ask("list"), []
    for record in records:
        if record["record"] == "service" and record["enabled"]:
            ends = [other["address"] for other in records
                    if other["record"] == "endpoint" and other["service"] == record["label"]]
            found.append(Service(record["label"], ask("show", record["label"])[0]["text"], ends))
    return found


def is_taken(protocol, family, address, port):
    """True if nobody else can have that place: who calls there is answered."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(KIND[family], kind) as probe:
        if family == "ipv6":
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            probe.bind((address or LOOPBACK[family], port))
        except OSError as err:
            if err.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def unanswered(wanted):
    """Families of the ports of a head that are answered and should not be, or the other way round."""
    inet = [(line.protocol, place) for line in wanted for place in line.places() if place[0] != "-"]
    ports = {(protocol, place[2]) for protocol, place in inet}
    for protocol, port in sorted(ports):
        for family in KIND:
            hosts = {place[1] for other, place in inet
                     if other == protocol and place[2] == port and place[0] == family}
            for host in hosts:
                if not is_taken(protocol, family, host, port):
                    yield f"{protocol} {host or family} {port} is not answered"
            if not hosts and is_taken(protocol, family, None, port):
                yield f"{protocol} {family} {port} is answered"


def main():
    """Every line of every head; the status says whether all hold."""
    inetctl, control, *files = sys.argv[1:]
    services, wanted, of_rpc, off, wrong = services_of(inetctl, control), [], [], [], []
    for path in files:
        with open(path, encoding="utf-8") as file:
            for line in file:
                found = re.match(r"# (serves|internal-auth|rpc|off): (.*)", line)
                if found and found[1] == "off":
                    off += found[2].split()
                elif found and found[1] == "rpc":
                    of_rpc.append(WantedRpc(found[2]))
                elif found:
                    wanted.append(Wanted(found[2]))
    for line in wanted:
        here = [service for service in services
                if line.places() <= service.places() and service.protocol.startswith(
                    "tcp" if line.protocol == "tcpmux" else line.protocol)]
        if line.protocol == "tcpmux":
            here = [service for service in here if service.name.endswith(line.at)]
        problems = [line.problems(service) for service in here] or [["is not served"]]
        if all(problems):
            wrong.append(f"{line.text}: {'; or: '.join('; '.join(one) for one in problems)}")
    for line in of_rpc:
        here = [service for service in services if line.is_of(service)]
        problems = line.problems(here[0]) if len(here) == 1 else [f"is served {len(here)} times"]
        wrong += [f"{line.text}: {one}" for one in problems]
        services = [service for service in services if service not in here]
    places = [(line.protocol.replace("mux", ""), place) for line in wanted for place in line.places()]
    for service in services:
        for place in service.places():
            if not any(service.protocol.startswith(protocol) and place == other
                       for protocol, other in places):
                wrong.append(f"{service.name}: {place}: no head says so")
    wrong += [f"{name} is off" for name in off
              for service in services if service.name.split("/")[0] == name]
    wrong += list(unanswered(wanted))
    print("\n".join(wrong))
    print(len(wanted + of_rpc), "lines of heads")
    sys.exit(bool(wrong))


main()
