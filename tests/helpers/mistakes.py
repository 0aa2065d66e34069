#!/usr/bin/python3
"""mistakes.py INETD FILE [NAME...]: makes the files of each block of FILE (tests/config/mistakes.txt tells its form),
runs `inetd -t` on them, and compares what it says with what it should say. Prints a line for each block that is not
told right, with what was told; exit status 1 if there is one. As root only."""
import codecs
import os
import re
import shutil
import subprocess
import sys
import tempfile


class Block:
    def __init__(self, name):
        self.name, self.steps, self.run, self.user = name, [], None, 'root'
        self.wants, self.bans, self.silent = [], [], False


def parse(path):
    blocks, content = [], None
    for line in open(path, encoding='utf-8'):
        line = line.rstrip('\n')
        if line.startswith('== '):
            blocks.append(Block(line[3:]))
            content = None
        elif line.startswith('| ') or line == '|':
            content.append(line[2:].encode() + b'\n')
        elif line.startswith('\\ '):
            content.append(codecs.escape_decode(line[2:].encode())[0])
        elif line and not line.startswith('#'):
            key, _, value = line.partition(': ')
            block, content = blocks[-1], []
            if key in ('file', 'dir', 'link'):
                block.steps.append((key, value.split(), content))
            elif key == 'run':
                block.run = value.split()
            elif key == 'as':
                block.user = value
            elif key == 'want' and value == 'none':
                block.silent = True
            elif key == 'want':
                place, severity, field = value.split()[:3]
                block.wants.append({'place': place, 'severity': severity, 'field': field, 'words': [],
                                    'free': value.endswith('or none')})
            elif key == 'words':
                block.wants[-1]['words'] = [group.split(' | ') for group in value.split(' ; ')]
            elif key == 'not':
                block.bans = value.split(' ; ')
            elif key != 'what':
                sys.exit(f'{path}: unknown word in {block.name}: {line}')
    return blocks


def make(block, top):
    for kind, words, content in block.steps:
        path = os.path.join(top, words[0])
        if kind == 'dir':
            os.makedirs(path, exist_ok=True)
            os.chmod(path, int(words[1], 8))
            if len(words) > 2:
                shutil.chown(path, words[2])
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kind == 'link':
            os.symlink(words[1].replace('@D@', top), path)
            continue
        with open(path, 'wb') as file:
            file.write(b''.join(content).replace(b'@D@', top.encode()))
        os.chmod(path, int(words[1], 8) if len(words) > 1 else 0o644)
        if len(words) > 2:
            shutil.chown(path, words[2])


def told(block, top, inetd):
    names = [words[0] for kind, words, _ in block.steps if kind == 'file']
    operands = block.run or [name for name in names if name.endswith(('.conf', '.ini'))]
    operands = [word.replace('@D@', top) for word in operands]
    command = [inetd, '-t', *operands]
    if block.user != 'root':
        command = ['setpriv', '--reuid=' + block.user, '--regid=nogroup', '--clear-groups', *command]
    done = subprocess.run(command, cwd=top, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    messages = []
    for line in done.stderr.decode(errors='replace').splitlines() + done.stdout.decode(errors='replace').splitlines():
        found = re.match(r'(\S+?): (error|warning|note): (.*)', line)
        if found:
            place = found[1].removeprefix(top + '/')
            messages.append((place, found[2], found[3].replace(top, '@D@')))
    return messages, done.returncode


def fits(want, message):
    place, severity, text = message
    text = text.lower()
    return (place in want['place'].split('|') and severity in want['severity'].split('|')
            and all(any(word.lower() in text for word in group) for group in want['words']))


def faults(block, messages, status):
    """What is wrong with the answer, as lines."""
    taken, wrong = set(), []
    for want in block.wants:
        found = [i for i, message in enumerate(messages) if i not in taken and fits(want, message)]
        if found:
            taken.add(found[0])
        elif not want['free']:
            wrong.append(f"missing: {want['place']} {want['severity']} {want['field']}: "
                         + ' ; '.join(' | '.join(group) for group in want['words']))
    places = {place for want in block.wants for place in want['place'].split('|')}
    for i, (place, severity, text) in enumerate(messages):
        if i not in taken and (severity == 'error' or (severity == 'warning' and (block.silent or place in places))):
            wrong.append('too much: the line below marked with !')
        if any(ban.lower() in text.lower() for ban in block.bans):
            wrong.append('holds what it must not: ' + text)
    errors = any(severity == 'error' for _, severity, _ in messages)
    if status != (2 if errors else 0):
        wrong.append(f'exit status {status}')
    marks = ['  ' if i in taken or severity == 'note' else '! ' for i, (_, severity, _) in enumerate(messages)]
    return wrong and wrong + [mark + ': '.join(message) for mark, message in zip(marks, messages)]


def main():
    inetd, path, only = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    seen = bad = 0
    os.umask(0o022)
    for block in parse(path):
        if only and block.name not in only:
            continue
        seen += 1
        with tempfile.TemporaryDirectory(prefix='mistakes-', dir='/var/tmp') as top:
            os.chmod(top, 0o755)
            make(block, top)
            wrong = faults(block, *told(block, top, inetd))
        if wrong:
            bad += 1
            print('\n    '.join([block.name, *wrong]))
    print(f'{seen} blocks, {bad} not told right')
    return 1 if bad or not seen else 0


if __name__ == '__main__':
    sys.exit(main())
