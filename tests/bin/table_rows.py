#!/usr/bin/python3
"""table_rows: holds the tables of the README and of inetd.conf(5) against tests/config/table_rows.txt, in which each
statement of them has the case that fails when it gets false:

    ROW: STATEMENT | FAMILY: CASE

A statement is what stands between two semicolons of a row; for the tables of dialects it is the row as a whole. It and
the case may be cut short: their beginning must fit one. Prints what has no case, and what is none; exit status 0 or 1.

usage: table_rows.py [DIRECTORY of README.md and man]
"""
import pathlib
import re
import sys

tree = pathlib.Path(__file__).resolve().parents[2]
where = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else tree


def cells(line):
    """The cells of a row of a table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def readme():
    """The statements of the README's two tables."""
    text = (where / "README.md").read_text()
    part = text.split("## Coming from another inetd")[1].split("\n## ")[0]
    for line in part.splitlines():
        if not line.startswith("| ") or line.startswith(("| from |", "| |")):
            continue
        name, *rest = cells(line)
        if len(rest) > 2:
            yield f"dialects: {name}"
            continue
        for cell in rest:
            for statement in cell.split("; "):
                yield f"{name}: {statement}"


def manual():
    """The items of DIALECTS in inetd.conf(5)."""
    text = (where / "man/inetd.conf.5").read_text()
    part = text.split(".Sh DIALECTS")[1].split("\n.Sh ")[0]
    for line in re.findall(r"^\.It (.*)$", part, re.M):
        yield "manual: " + re.sub(r"\b(Cm|Fl|Ar) ", "", line)


wrong = []
wanted = list(readme()) + list(manual())
seen = set()
for line in (tree / "tests/config/table_rows.txt").read_text().splitlines():
    if not line or line.startswith("#"):
        continue
    statement, _, case = line.partition(" | ")
    family, _, name = case.partition(": ")
    fits = [one for one in wanted if one.startswith(statement)]
    if len(fits) != 1:
        wrong.append(f"{'no' if not fits else 'more than one'} statement begins so: {statement}")
    seen.update(fits)
    file = tree / "tests" / (family + ".bats")
    if not file.exists() or f'@test "{name}' not in file.read_text():
        wrong.append(f"no such case: {case}")
missing = [one for one in wanted if one not in seen]
print("".join(f"no case for {one}\n" for one in missing) + "".join(one + "\n" for one in wrong), end="")
sys.exit(bool(missing or wrong))
