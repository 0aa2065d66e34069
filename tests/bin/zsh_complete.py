#!/usr/bin/python3
"""zsh_complete.py DIRECTORY: what zsh, with the completion functions of a directory, offers for each line of standard
input: "LINE: CANDIDATE CANDIDATE...", sorted. The zsh is interactive, on a terminal of its own."""
import os, pty, select, signal, sys, tempfile, time

PATIENCE = 20 * int(os.environ.get("INETD_PATIENCE", "1"))
SETUP = """
fpath=({functions} $fpath); autoload -U compinit; compinit -u -D; PS1=; unsetopt beep
compadd() {{
	local -a hits
	case " $* " in
	*' -'[OAD]' '*) ;; # only asks, and changes what it asks about
	*) builtin compadd -A hits "$@"; print -rl -- $hits >>{out} ;;
	esac
	builtin compadd "$@"
}}
done-widget() {{ print -r -- '<done>' >>{out}; BUFFER= }}
zle -N done-widget; bindkey '^X' done-widget
print -r -- '<done>' >>{out}
"""


def main():
    directory = tempfile.mkdtemp()
    out = os.path.join(directory, "out")
    open(out, "w").close()
    with open(os.path.join(directory, ".zshrc"), "w") as rc:
        rc.write(SETUP.format(functions=os.path.realpath(sys.argv[1]), out=out))
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(ZDOTDIR=directory, TERM="xterm")
        os.execvp("zsh", ["zsh", "-d", "-i"])
    try:
        hear(master, out, 1)
        for count, line in enumerate(sys.stdin, 2):
            before = os.path.getsize(out)
            os.write(master, line.rstrip("\n").encode() + b"\t\x18")
            hear(master, out, count)
            with open(out) as said:
                said.seek(before)
                print(f"{line.rstrip()}:", *sorted(set(said.read().split()) - {"<done>"}))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for name in os.listdir(directory):
            os.unlink(os.path.join(directory, name))
        os.rmdir(directory)


def hear(master, out, count):
    """Reads what it draws until it says for the count-th time that it is done."""
    end = time.monotonic() + PATIENCE
    drawn = b""
    while open(out).read().count("<done>") < count:
        if time.monotonic() > end:
            sys.exit(f"zsh is not done, after: {drawn.decode(errors='replace')!r}")
        if select.select([master], [], [], 0.05)[0]:
            drawn += os.read(master, 65536)


main()
