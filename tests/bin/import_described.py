#!/usr/bin/python3
"""import_described: holds what `inetctl import` made against what the heads of the imported files say.
A head has lines "# WORD: text": `becomes` is "[SECTION] KEY = VALUE | SOMETHING ELSE  (FROM)", where
the part after '|' is what does it without the key, and `lost` is "ATTRIBUTE: what is lost | KEY that
will do it one day".

usage: import_described.py INETCTL MADE FILE...     (the files in the order of the sections)
"""
import os
import re
import subprocess
import sys


def keys_of(inetctl):
    """The names of all keys."""
    table = subprocess.run([inetctl, "keys"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {line.split()[0] for line in table.splitlines()[1:]}


def head_of(path, word):
    """The texts of that word in the head of a file."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            found = re.match(rf"# {word}: (.*)", line)
            if found:
                yield found[1].strip()


def words_of(value):
    """The words of a list, whatever quotes and separators it has."""
    return [word for word in re.split(r"[ ,]+", value.replace("'", "").replace('"', "")) if word]


class Made:
    """The sections that were made: settings with what "+=" adds, and the losses."""

    def __init__(self, path):
        self.sections, self.losses = {}, []
        section = None
        with open(path, encoding="utf-8") as file:
            for line in file.read().splitlines():
                head = re.match(r"(?:# )?\[([^]]+)\]$", line)
                setting = re.match(r"([a-z_0-9]+) (\+?=) ?(.*)", line)
                if head:
                    section = self.sections.setdefault(head[1], {})
                elif setting:
                    section.setdefault(setting[1], []).extend(words_of(setting[3]))
                elif line.startswith("# LOST: "):
                    self.losses.append(line)

    def loses(self, text):
        """True if one of the losses names it."""
        return any(text in loss for loss in self.losses)


def becomes(made, keys, default, text):
    """What is wrong with one line `becomes`, or None."""
    text = re.split(r" {8}\(", text)[0]
    found = re.match(r"(?:\[([^]]+)\] )?([a-z_0-9]+) \+?= (.*)", text)
    if not found:
        return "not understood"
    section, key, value = found[1] or default, found[2], found[3].split(" | ")[0]
    if key not in keys:
        return None if made.loses(f"no key {key} ") else "neither set nor lost"
    seen = made.sections.get(section, {}).get(key)
    if seen is None:
        return f"{section} has no {key}"
    if value.strip().startswith("("):
        return None if seen[0].endswith(value.strip(" ()").split("/")[-1]) else f"is {seen}"
    wanted = words_of(value)
    if key in ("umask", "socket_mode"):
        wanted, seen = [int(wanted[0], 8)], [int(seen[0], 8)]
    return None if wanted == seen[:len(wanted)] or set(wanted) <= set(seen) else f"is {seen}"


def main():
    """Every line of every head; the status says whether all hold."""
    inetctl, path, *files = sys.argv[1:]
    made, keys, wrong, count = Made(path), keys_of(inetctl), [], 0
    for file in files:
        default = re.sub(r"@?\.(socket|service)$", "", os.path.basename(file))
        for text in head_of(file, "becomes"):
            if text.startswith("["):
                default = re.match(r"\[([^]]+)\]", text)[1]
            problem = becomes(made, keys, default, text)
            count += 1
            if problem:
                wrong.append(f"{file}: becomes: {text}: {problem}")
        for text in head_of(file, "lost"):
            attribute = re.split(r"[:= ,]", text)[0].strip()
            key = text.split(" | ")[-1].split(" = ")[0] if " | " in text else None
            count += 1
            if not made.loses(attribute) and key not in keys:
                wrong.append(f"{file}: lost: {text}: is not told")
    print("\n".join(wrong))
    print(count, "lines of heads")
    sys.exit(bool(wrong))


main()
