#!/bin/sh
# template: a service in sh to start your own from. A caller sends commands, one a line, and gets a
# line for each; `help` names them. Serves one stream connection (`nowait`).
#
#	template.sh [-t seconds for a line] [-T seconds for the whole session]
#
# Shown here: what makes a script fit for strangers. A line has a greatest length and must be there in
# time, an answer must be taken in time, the session has an end, what was sent is never run nor printed
# raw, and a caller who has gone is no fault. Change serve() and leave the rest.
set -u

longest=200 # bytes of a line
idle=60
total=600
leaving=2 # seconds for what a caller still sends at the end
cr=$(printf '\r')
newline='
'
received='' # what has been received after the line

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

finish() {
	log "$*"
	exit 0
}

# say TEXT: a line for the caller.
say() {
	timeout --foreground "$idle" printf '%s\r\n' "$*" 2>/dev/null && return
	[ $? = 124 ] && finish 'takes no answer'
	finish 'gone'
}

# hang_up: drops what still comes: unread, it would make the kernel reset the connection, and the reset
# might overtake the answer. A shell cannot tell the caller before that this was all.
hang_up() {
	timeout --foreground "$leaving" head -c 1000000 >/dev/null 2>&1
}

refuse() {
	say "error: $*"
	hang_up
	finish "$*"
}

# seconds: a clock that only goes forward, in $now; no finer, so that a limit may last a second longer.
seconds() {
	read -r now _ </proc/uptime
	now=${now%.*}
}

# receive SECONDS: what there is, added to $received; ends the session where it does not come in time.
# `read` would wait for ever, for a line of any length. dd takes what one read(2) returns; after that comes
# its status, so that the shell does not remove newlines. Zero bytes cannot be kept in a variable.
receive() {
	more=$({
		timeout --foreground "$1" dd bs=1024 count=1 2>/dev/null
		echo ":$?"
	} | tr '\000' '\001')
	case $more in
	*:0) more=${more%:0} ;;
	*:124) finish 'no line in time' ;;
	*) finish 'gone' ;;
	esac
	received=$received$more
}

# read_line: the next line into $line, without its end and control characters; the last one may have no
# end. Ends the session where there is none.
read_line() {
	seconds
	until=$((now + idle + 1))
	more=yes
	while [ -n "$more" ]; do
		case $received in *"$newline"*) break ;; esac
		[ ${#received} -le $((longest + 1)) ] || refuse 'this line is too long'
		seconds
		[ "$now" -lt "$until" ] || finish 'no line in time'
		receive $((until - now))
		[ -n "$received" ] || finish 'done'
	done
	line=${received%%"$newline"*}
	received=${received#"$line"}
	received=${received#"$newline"}
	line=${line%"$cr"}
	[ ${#line} -le "$longest" ] || refuse 'this line is too long'
	line=$(printf %s "$line" | tr -d '\001-\037\177')
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
hang_up
finish 'done'
