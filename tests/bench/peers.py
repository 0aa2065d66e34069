"""peers: other super-servers from Debian's packages, unpacked below build/ and never installed.

A package that cannot be had is not an error here: peers_unpack() says why, and the report does.
"""

import os
import re
import subprocess

# package: the program inside it
PEERS = {
    "openbsd-inetd": "usr/sbin/inetd",
    "xinetd": "usr/sbin/xinetd",
    "inetutils-inetd": "usr/sbin/inetutils-inetd",
}

APT = ["apt-get", "-q", "-o", "APT::Sandbox::User=root"]


class Missing(Exception):
    """A peer that cannot be run here; the text says why."""


def _run(command, directory=None):
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, timeout=120,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise Missing(f"{command[0]}: {last[0]}")
    return done.stdout


def _unpack(package, root):
    """Fetches one package into root/PACKAGE, unless it is there already."""
    target = os.path.join(root, package)
    if os.path.isdir(target):
        return target
    fetched = os.path.join(root, "fetched", package)
    os.makedirs(fetched, exist_ok=True)
    try:
        _run(APT + ["download", package], fetched)
    except Missing:
        _run(APT + ["update"], fetched)
        _run(APT + ["download", package], fetched)
    for name in os.listdir(fetched):
        _run(["dpkg-deb", "-x", os.path.join(fetched, name), target + ".part"])
    os.rename(target + ".part", target)
    return target


def _lacks_libraries(program):
    return "not found" in _run(["ldd", program])


def _library_directories(package, root):
    """Where the libraries of a package are, after fetching those it depends on."""
    fetched = os.path.join(root, "fetched", package)
    depends = "".join(_run(["dpkg-deb", "-f", os.path.join(fetched, name), "Depends"])
                      for name in os.listdir(fetched))
    libraries = set(re.findall(r"\blib[a-z0-9.+-]+", depends)) - {"libc6"}
    found = []
    for library in sorted(libraries):
        for directory, _, names in os.walk(_unpack(library, root)):
            if any(".so" in name for name in names):
                found.append(directory)
    return found


def _prepare(package, root):
    program = os.path.join(_unpack(package, root), PEERS[package])
    if not os.access(program, os.X_OK):
        raise Missing(f"the package holds no {PEERS[package]}")
    environment = {}
    if _lacks_libraries(program):
        environment["LD_LIBRARY_PATH"] = ":".join(_library_directories(package, root))
    return program, environment


def peers_unpack(root):
    """{package: (program, environment)} of all that can be run, {package: why} of the others."""
    ready, missing = {}, {}
    os.makedirs(root, exist_ok=True)
    for package in PEERS:
        try:
            ready[package] = _prepare(package, root)
        except (Missing, OSError, subprocess.TimeoutExpired) as error:
            missing[package] = str(error)
    return ready, missing
