#!/usr/bin/python3
"""import_compare: holds what `inetctl import` made against what is expected, line by line. A key that
only one of both versions of inetctl had is a loss on one side and a setting on the other: that is
the same.

usage: import_compare.py EXPECTED MADE
"""
import re
import sys

LOST = re.compile(r"# LOST: .*: it is not in force: this version has no key (\S+) ")
SETTING = re.compile(r"(?:# )?([a-z_0-9]+) \+?= ")


def same(wanted, seen):
    """True if the lines are equal, or differ by the version alone."""
    if wanted == seen:
        return True
    for lost, other in ((LOST.match(wanted), seen), (LOST.match(seen), wanted)):
        setting = SETTING.match(other)
        if lost and setting and lost[1] == setting[1]:
            return True
    return False


def main():
    """Prints the first difference; the status says whether there is one."""
    texts = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read().splitlines())
    for number, (wanted, seen) in enumerate(zip(*texts), 1):
        if not same(wanted, seen):
            sys.exit(f"{sys.argv[1]}:{number}: wanted {wanted!r}, made {seen!r}")
    if len(texts[0]) != len(texts[1]):
        sys.exit(f"{sys.argv[1]}: {len(texts[0])} lines are wanted, {len(texts[1])} were made")


main()
