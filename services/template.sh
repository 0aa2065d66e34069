#!/bin/sh
# template: a service in sh to start your own from. A caller sends commands, one a line, and gets a
# line for each; `help` names them. Serves one stream connection (`nowait`).
#
#	template.sh [-t seconds for a line] [-T seconds for the whole session]
#
# Shown here: what makes a script fit for strangers. A line has a greatest length and must be there
# in time, the session ends in time also when the caller takes no answers, what was sent is never
# run nor printed raw, and a caller who has gone is no fault. Change serve() and leave the rest.
set -u

longest=200 # bytes of a line
idle=60
total=600

usage() { # WHAT IS WRONG
	printf 'template.sh: %s\nusage: template.sh [-t seconds] [-T seconds]\n' "$*" >&2
	exit 2
}

while getopts :t:T: option; do
	case $option in
	t) idle=$OPTARG ;;
	T) total=$OPTARG ;;
	:) usage "option -$OPTARG needs a value" ;;
	*) usage "unknown option -$OPTARG" ;;
	esac
	case $OPTARG in
	'' | 0* | *[!0-9]*) usage "option -$option: \"$OPTARG\" is no number of seconds" ;;
	esac
done
if [ $# -ge "$OPTIND" ]; then
	shift $((OPTIND - 1))
	usage "one operand too many: \"$1\""
fi

# The time for all of it, also for an answer that is not taken: timeout(1) ends this script and what
# it has started.
if [ "${TEMPLATE_TIMED:-}" != yes ]; then
	TEMPLATE_TIMED=yes exec timeout "$total" "$0" "$@"
fi

# Bytes are bytes; a caller who has gone makes a command fail, but kills nothing.
export LC_ALL=C
trap '' PIPE

# By default standard error is the connection, and the log is none of the caller's business.
# shellcheck disable=SC3013 # dash has it
[ /proc/self/fd/2 -ef /proc/self/fd/0 ] && exec 2>/dev/null

log() {
	printf 'template: %s: %s\n' "${TCPREMOTEIP:-somebody}" "$*" >&2
}

# say TEXT: a line for the caller.
say() {
	printf '%s\r\n' "$*" 2>/dev/null || finish 'gone'
}

finish() {
	log "$*"
	exit 0
}

# read_line: the next line into $line, without control characters; ends the session where there is
# none. `read` would wait for ever, for a line of any length. `sed -u` takes one line and not a byte
# more, within bounds of time and memory (KiB); the dot that it adds tells an empty line from none.
# shellcheck disable=SC3045 # dash has it
read_line() {
	line=$({
		ulimit -v 32768
		timeout --foreground "$idle" sed -u 's/$/./;q' 2>/dev/null || echo late
	} | tr -d '\000-\037\177' | head -c $((longest + 2)))
	if [ "${#line}" -gt $((longest + 1)) ]; then
		say 'error: this line is too long'
		finish 'a line too long'
	fi
	case $line in
	*.) line=${line%.} ;;
	late) finish 'no line in time' ;;
	*) finish 'done' ;;
	esac
}

# serve: what the service is about. $line is a stranger's: quote it, always; compare it, cut it, print
# it by printf '%s', but let no command take it for an option, a file name or a program.
serve() {
	say 'Welcome. Say help.'
	while read_line; do
		case $line in
		help) say 'commands: echo TEXT, help, quit, time' ;;
		time) say "$(date '+%Y-%m-%d %H:%M:%S')" ;;
		'echo '*) say "${line#echo }" ;;
		quit) break ;;
		*) say 'error: no such command, say help' ;;
		esac
	done
	say 'Goodbye.'
}

log 'calling'
serve
finish 'done'
