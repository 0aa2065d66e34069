#!/bin/sh
# hello: a dialogue as a service. Asks for a name and greets it; serves one stream connection
# (`nowait`). The connection is standard input, output and error; who is calling comes in the
# environment, as the inetd(8) manual lists it.
#
# Shown here: believe nothing a stranger sends (at most one line, at most 80 bytes of it, no control
# characters, at most a minute of waiting), and accept that the stranger may hang up at any time.

# Without this a caller who has gone would kill the shell in the middle of a line.
trap '' PIPE
exec 2>/dev/null

printf 'What is your name? ' || exit 0
name=$(timeout 60 head -n 1 | head -c 80 | tr -d '\000-\037\177')
[ -n "$name" ] || name=stranger
printf 'Hello, %s, calling from %s.\n' "$name" "${TCPREMOTEIP:-nowhere}" || exit 0
# What is left unread would make the kernel reset the connection, and the answer could be lost.
timeout --foreground 2 head -c 1000000 >/dev/null
exit 0
