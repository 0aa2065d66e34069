# inetd.bash - a bats library: start an inetd of your own, ask its services, look what it did.
#
# For authors of service programs and of inetd itself. Needs bats 1.5, bash 4.4, socat, nc (OpenBSD's)
# and inetd with inetctl; works as root and as any user, in parallel, on ports that are free.
#
#	load lib/inetd                 # or: bats_load_library inetd
#
#	@test "shout answers in capitals" {
#		inetd_start <<-END
#			127.0.0.1:{shout} stream tcp nowait $INETD_USER $PWD/shout
#		END
#		assert_answer HELLO ask_tcp shout hello
#		inetd_stop
#	}
#
# A name in braces in the first field of a line stands for a port that is free; inetd_port NAME says
# which one it became, and the ask_ functions take the name. Call the functions directly, not by `run`,
# where they start or stop something. What goes wrong is explained on standard error.
#
# Settings, from the environment: INETD and INETCTL, the programs (else those in the directory B, else in
# the build directory where this library is, else on the PATH); INETD_UNDER, a command and its options to
# run inetd under (valgrind, say; it must exec inetd, not fork it); INETD_PATIENCE, a whole
# number by which every waiting time is multiplied.
#
# Set for tests: INETD_USER, INETD_GROUP, whom the tests run as, for the user field; INETD_DIR, the directory
# of the inetd in use, which other users may enter; INETD_PID, its process.

# shellcheck disable=SC2034 # INETD_GROUP and others are for the tests

INETD_USER=$(id -un)
INETD_GROUP=$(id -gn)
INETD_PATIENCE=${INETD_PATIENCE:-1}

# inetd_program NAME...: the first place where a program of that name is.
inetd_program() {
	local dir beside
	beside=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
	for dir in ${B:+"$(realpath "$B")"} "$beside/build" "$beside"; do
		if [ -f "$dir/$1" ] && [ -x "$dir/$1" ]; then
			echo "$dir/$1"
			return
		fi
	done
	PATH=$PATH:/usr/local/sbin:/usr/sbin type -P "$1" || echo "$1"
}

INETD=${INETD:-$(inetd_program inetd)}
INETCTL=${INETCTL:-$(inetd_program inetctl)}

# fail TEXT...
#	Says why, and fails.
fail() {
	printf '%s\n' "$*" >&2
	return 1
}

# wait_until [-t SECONDS] COMMAND [ARGUMENT...]
#	Runs the command until it succeeds, fifty times a second at most, for 30 seconds (-t): the time only ends
#	a test that has failed. Fails, with what the last run printed, when it never does.
wait_until() {
	local seconds=30 end output
	if [ "$1" = -t ]; then
		seconds=$2
		shift 2
	fi
	end=$((SECONDS + seconds * INETD_PATIENCE + 1))
	until output=$("$@" 2>&1); do
		if ((SECONDS >= end)); then
			fail "not within $((seconds * INETD_PATIENCE)) s: $*${output:+, at last: $output}"
			return 1
		fi
		sleep 0.02
	done
}

# inetd_use NAME
#	Chooses one of several inetds of a test; inetd_start does so too. Without a word it is "inetd".
inetd_use() {
	local link=${BATS_TEST_TMPDIR:?}/inetd-$1
	if [ ! -L "$link" ]; then
		ln -s "$(mktemp -d "${TMPDIR:-/tmp}/inetd-test.XXXXXX")" "$link" || return
		chmod 755 "$link/" || return
	fi
	INETD_DIR=$(readlink "$link")
	INETD_PID=$(cat "$INETD_DIR/started" 2>/dev/null || true)
}

# inetd_config [FILE]
#	Writes the configuration of the inetd in use from standard input, without telling the daemon; names in
#	braces in the first field of a line become port 0. FILE is below $INETD_DIR, inetd.conf if not given.
# shellcheck disable=SC2120
inetd_config() {
	local file
	file=$INETD_DIR/${1:-inetd.conf}
	cat >"$file.in" || return
	sed -nE 's/^[ \t]*[^ \t]*\{([A-Za-z0-9_.-]+)\}.*/\1/;t found;b;:found;=;p' "$file.in" |
		paste -d ' ' - - >"$file.names"
	# In place: a reload in between sees the old text or the new one.
	sed -E 's/^([ \t]*[^ \t]*)\{[A-Za-z0-9_.-]+\}/\10/' "$file.in" >"$file.new" &&
		mv "$file.new" "$file"
}

# inetd_start [--name NAME] [--conf FILE]... [OPTION...]
#	Starts an inetd in the foreground, with a control socket, pid file and log of its own, and returns when
#	it serves. The configuration is standard input, in which names in braces stand for free
#	ports, or what --conf names (files or directories, as they are). Further options and
#	operands go to inetd. Fails, with its log, when it ends instead.
inetd_start() {
	local name=inetd files=() options=()
	while [ $# -gt 0 ]; do
		case $1 in
		--name) name=$2 && shift ;;
		--conf) files+=("$2") && shift ;;
		*) options+=("$1") ;;
		esac
		shift
	done
	inetd_use "$name" || return
	if [ ${#files[@]} = 0 ]; then
		# shellcheck disable=SC2119
		inetd_config || return
		files=("$INETD_DIR/inetd.conf")
	fi
	inetd_launch "${options[@]}" "${files[@]}"
	wait_until inetd_started || fail "$(inetd_log)" || return
	inetd_running || fail 'inetd ended:' "$(inetd_log)" || return
	inetd_rebase
}

# close_inherited
#	First in a subshell that goes to the background: closes what is neither standard input nor output, such
#	as bats' own descriptors and connections of connect_tcp, which would stay open with it.
close_inherited() {
	local fd
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		[ "$fd" -le 2 ] || eval "exec $fd>&-"
	done
}

# inetd_launch ARGUMENT...: starts it, without waiting.
inetd_launch() {
	: >"$INETD_DIR/log"
	echo 0 >"$INETD_DIR/mark"
	rm -f "$INETD_DIR/ended"
	(
		close_inherited
		# shellcheck disable=SC2086 # a command and its options
		exec ${INETD_UNDER:-} "$INETD" -f -e --control "$INETD_DIR/control" \
			-p "$INETD_DIR/pid" "$@"
	) </dev/null >"$INETD_DIR/log" 2>&1 &
	INETD_PID=$!
	echo "$INETD_PID" >"$INETD_DIR/started"
}

# inetd_running: true while the process is there and not a zombie.
inetd_running() {
	[ -n "$INETD_PID" ] && grep -qs '^State:[[:blank:]]*[^ZX]' "/proc/$INETD_PID/status"
}

# inetd_started: true when there is nothing more to wait for: it answers, or it has ended.
inetd_started() {
	! inetd_running || { [ -S "$INETD_DIR/control" ] && inetctl list; }
}

# inetctl [ARGUMENT...]
#	inetctl, speaking to the inetd in use.
inetctl() {
	"$INETCTL" -s "$INETD_DIR/control" "$@"
}

# inetd_rows NAME: the rows of `inetctl list` that belong to a line with {NAME}, or, where there is none, to
# the service NAME.
inetd_rows() {
	local names file line rows=''
	for names in "$INETD_DIR"/*.names; do
		[ -e "$names" ] || continue
		file=${names%.names}
		while read -r line; do
			rows+=$(inetctl list | awk -v at="$file:$line" '$NF == at')$'\n'
		done < <(awk -v name="$1" '$2 == name { print $1 }' "$names")
	done
	[ -n "${rows//$'\n'/}" ] || rows=$(inetctl list | awk -v name="$1" 'NR > 1 && $1 == name')
	grep . <<<"$rows" || fail "no service $1 among:" "$(inetctl list)"
}

# inetd_field NAME COLUMN [-4|-6]
#	What `inetctl list` says of a service in a column (RUNNING, STATE...): of its first endpoint, or its
#	first one of IPv4 or IPv6.
inetd_field() {
	local number family=.
	number=$(inetctl list | awk -v name="$2" 'NR == 1 {
		for (i = 1; i <= NF; i++) if ($i == name) print i }')
	[ -n "$number" ] || fail "no column $2" || return
	case ${3:-} in
	-4) family='^[^[]*$' ;;
	-6) family='[[]' ;;
	esac
	inetd_rows "$1" | awk -v n="$number" -v family="$family" '$2 ~ family { print $n; found = 1; exit }
		END { exit !found }'
}

# inetd_port NAME [-4|-6]
#	The port that a service is bound to.
inetd_port() {
	local endpoint
	endpoint=$(inetd_field "$1" ENDPOINT "${@:2}") || return
	[[ $endpoint =~ :([1-9][0-9]*)$ ]] || fail "$1 has no port: $endpoint" || return
	echo "${BASH_REMATCH[1]}"
}

# ask_options ARGUMENT...: reads the options that the ask_ functions share.
ask_options() {
	ask_family=-4 ask_host='' ask_seconds=30 ask_bind='' ask_type='' ask_words=()
	while [ $# -gt 0 ]; do
		case $1 in
		-4 | -6) ask_family=$1 ;;
		-h) ask_host=$2 && shift ;;
		-t) ask_seconds=$2 && shift ;;
		-b) ask_bind=$2 && shift ;;
		-d) ask_type=dgram ;;
		-s) ask_type=seqpacket ;;
		*) break ;;
		esac
		shift
	done
	[ $# -ge 1 ] || fail 'ask: which service?' || return
	ask_words=("$@")
	ask_seconds=$((ask_seconds * INETD_PATIENCE))
	case $ask_family,$ask_host in
	-4,) ask_host=127.0.0.1 ;;
	-6,) ask_host=::1 ;;
	*:*) ask_family=-6 ;;
	esac
}

# ask_port: the port that was asked for, by name or number. A service without an endpoint of the family may
# have one that takes both.
ask_port() {
	case ${ask_words[0]} in
	*[!0-9]*) inetd_port "${ask_words[0]}" "$ask_family" 2>/dev/null || inetd_port "${ask_words[0]}" ;;
	*) echo "${ask_words[0]}" ;;
	esac
}

# ask_text: what to send: the words after the service, one a line, or standard input for a single "-".
ask_text() {
	if [ "${ask_words[*]:1}" = - ]; then
		cat
	elif [ ${#ask_words[@]} -gt 1 ]; then
		printf '%s\n' "${ask_words[@]:1}"
	fi
}

# ask_tcp [-4|-6] [-h HOST] [-b SOURCE] [-t SECONDS] NAME|PORT [LINE...|-]
#	Connects (IPv4 unless -6, to the loopback address unless -h, from SOURCE), sends the lines, or
#	standard input, or nothing, then its end of file, and prints what comes back until the other side
#	closes. Fails when it cannot connect or nobody closes within 30 seconds (-t).
ask_tcp() {
	local ask_family ask_host ask_seconds ask_bind ask_type ask_words port host
	ask_options "$@" || return
	port=$(ask_port) || return
	host=$ask_host
	[[ $host != *:* ]] || host="[$host]"
	# socat's own patience would be taken for an answer.
	ask_text | timeout "$ask_seconds" socat -t 3600 - \
		"TCP${ask_family#-}:$host:$port${ask_bind:+,bind=$ask_bind}"
}

# ask_udp [-4|-6] [-h HOST] [-b SOURCE] [-t SECONDS] NAME|PORT [LINE...|-]
#	Sends one datagram and prints the first one that comes back. Fails when none does within 30 seconds.
ask_udp() {
	local ask_family ask_host ask_seconds ask_bind ask_type ask_words port answer
	ask_options "$@" || return
	port=$(ask_port) || return
	answer=$(mktemp "${BATS_TEST_TMPDIR:-/tmp}/answer.XXXXXX")
	ask_text | timeout "$ask_seconds" nc "$ask_family" -u -W 1 ${ask_bind:+-s "$ask_bind"} \
		"$ask_host" "$port" >"$answer" && cat "$answer" && rm "$answer"
}

# ask_unix [-d|-s] [-t SECONDS] PATH|@NAME [LINE...|-]
#	The same over a unix socket: a stream, with -d a datagram (the first answer is printed), with -s a
#	sequence of packets. @NAME is an abstract one.
ask_unix() {
	local ask_family ask_host ask_seconds ask_bind ask_type ask_words to answer
	ask_options "$@" || return
	to=${ask_words[0]}
	if [ "$ask_type" = dgram ]; then
		answer=$(mktemp -u "${BATS_TEST_TMPDIR:-/tmp}/answer.XXXXXX")
		ask_text | timeout "$ask_seconds" nc -u -U -W 1 -s "$answer" "$to"
		return
	fi
	[ -z "$ask_type" ] || ask_type=,type=5
	case $to in
	@*) to=ABSTRACT-CONNECT:${to#@} ;;
	*) to=UNIX-CONNECT:$to ;;
	esac
	ask_text | timeout "$ask_seconds" socat -t 3600 - "$to$ask_type"
}

# connect_tcp VARIABLE NAME|PORT
#	Connects, over IPv4, and leaves the connection open; its descriptor is put into the variable. Talk by
#	`echo text >&"$VARIABLE"` and `read -r -t 5 line <&"$VARIABLE"`.
connect_tcp() {
	local -n connect_fd=$1
	local connect_port=$2
	[[ $2 != *[!0-9]* ]] || connect_port=$(inetd_port "$2" -4 2>/dev/null || inetd_port "$2") || return
	exec {connect_fd}<>"/dev/tcp/127.0.0.1/$connect_port"
}

# close_tcp VARIABLE...
#	Closes what connect_tcp opened.
close_tcp() {
	local name
	for name; do
		local -n close_fd=$name
		exec {close_fd}>&-
	done
}

# inetd_script NAME
#	Makes $INETD_DIR/NAME a program of its own from standard input, an interpreter line included.
inetd_script() {
	cat >"$INETD_DIR/$1" && chmod 755 "$INETD_DIR/$1"
}

# assert_answer [-e] EXPECTED COMMAND [ARGUMENT...]
#	Runs the command (an ask_ function, mostly); it must succeed and print EXPECTED, trailing newlines apart.
#	With -e EXPECTED is an extended regular expression that must match.
assert_answer() {
	local match='' expected actual status=0
	if [ "$1" = -e ]; then
		match=yes
		shift
	fi
	expected=$1
	shift
	actual=$("$@" | tr -d '\0'; exit "${PIPESTATUS[0]}") || status=$?
	[ $status = 0 ] || fail "$*: exit $status, after: $actual" || return
	if [ -n "$match" ]; then
		[[ $actual =~ $expected ]] || fail "$*: answered '$actual', nothing like '$expected'"
	else
		[ "$actual" = "$expected" ] || fail "$*: answered '$actual', not '$expected'"
	fi
}

# inetd_log
#	What the daemon has logged, since the last inetd_log_mark.
inetd_log() {
	tail -n "+$(($(cat "$INETD_DIR/mark") + 1))" "$INETD_DIR/log"
}

# inetd_log_mark
#	What has been logged until now does not count from here on.
inetd_log_mark() {
	wc -l <"$INETD_DIR/log" >"$INETD_DIR/mark"
}

# inetd_log_has REGEXP: true if a line matches.
inetd_log_has() {
	inetd_log | grep -E -- "$1" >/dev/null
}

# assert_log [-t SECONDS] REGEXP
#	A line of the log must match (extended), now or within 30 seconds.
assert_log() {
	local seconds=30
	if [ "$1" = -t ]; then
		seconds=$2
		shift 2
	fi
	wait_until -t "$seconds" inetd_log_has "$1" || fail 'the log:' "$(inetd_log)"
}

# refute_log REGEXP
#	No line may match by now. First show that what would log it is over.
refute_log() {
	! inetd_log_has "$1" || fail "in the log: $(inetd_log | grep -E -- "$1")"
}

# inetd_signal SIGNAL
#	Sends a signal (TERM, HUP...) to the daemon.
inetd_signal() {
	kill "-$1" "$INETD_PID"
}

# inetd_reload [--hup]
#	Makes it read its configuration again (write that with inetd_config) and returns when it has. Prints what
#	inetctl says and fails as it does; with --hup the signal is used instead.
inetd_reload() {
	if [ "${1:-}" = --hup ]; then
		# A signal is handled before a request that came later.
		inetd_signal HUP && inetctl list >/dev/null
	else
		inetctl reload
	fi
}

# inetd_children [NAME]
#	Process numbers of the daemon's children (zombies too) except its own inetd-worker, inetd-stderr and
#	inetd-log; with a name, those whose command has that name.
inetd_children() {
	local pid comm
	# shellcheck disable=SC2013 # numbers
	for pid in $(cat "/proc/$INETD_PID/task/$INETD_PID/children" 2>/dev/null); do
		comm=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
		case $comm in
		inetd-worker | inetd-stderr | inetd-log) [ "${1:-}" = "$comm" ] || continue ;;
		esac
		[ -n "${1:-}" ] && [ "$comm" != "$1" ] || echo "$pid"
	done
}

# inetd_worker
#	The process number of its worker.
inetd_worker() {
	inetd_children inetd-worker | grep .
}

# inetd_descriptors: how many descriptors the daemon has open.
inetd_descriptors() {
	find "/proc/$INETD_PID/fd" -mindepth 1 | wc -l
}

# inetd_at_rest: true when no child runs and as many descriptors are open as at the start.
inetd_at_rest() {
	local now noted
	[ -z "$(inetd_children)" ] || fail "children: $(inetd_children | xargs ps -o pid=,args= -p)" ||
		return
	now=$(inetd_descriptors)
	noted=$(cat "$INETD_DIR/descriptors")
	[ "$now" = "$noted" ] || { [ -e "$INETD_DIR/restless" ] && [ "$now" -lt "$noted" ]; } ||
		fail "$now descriptors, not $noted:" "$(ls -l "/proc/$INETD_PID/fd")"
}

# inetd_quiet: true when the daemon waits and nothing is open for a moment only: no connection of inetctl, nothing
# of a helper.
inetd_quiet() {
	local pid comm own
	grep -q '^State:[[:blank:]]*S' "/proc/$INETD_PID/status" || fail 'the daemon works' || return
	! grep -qE " 0[23] +[0-9]+ $INETD_DIR/control\$" "/proc/$INETD_PID/net/unix" ||
		fail 'somebody is connected to the control socket' || return
	own=$(cat "/proc/$INETD_PID/comm")
	# shellcheck disable=SC2013 # numbers
	for pid in $(cat "/proc/$INETD_PID/task/$INETD_PID/children"); do
		comm=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
		# A helper has its own name soon.
		[ "$comm" != inetd-helper ] && [ "$comm" != "$own" ] || fail "process $pid is $comm" || return
	done
}

# inetd_settled: true when it was quiet while its descriptors were counted, whose number is noted.
inetd_settled() {
	inetd_quiet && inetd_descriptors >"$INETD_DIR/descriptors" && inetd_quiet
}

# inetd_rebase
#	The descriptors that are open now are the right ones: after a reload that added or removed services. Where
#	something goes on for longer than a moment, such as the look-up of a name, they are the most.
inetd_rebase() {
	rm -f "$INETD_DIR/restless"
	wait_until -t 0 inetd_settled 2>/dev/null ||
		inetd_descriptors | tee "$INETD_DIR/restless" >"$INETD_DIR/descriptors"
}

# assert_no_leaks
#	Within 30 seconds no child is left, and the daemon has as many descriptors open as when it had started
#	(or at the last inetd_rebase).
assert_no_leaks() {
	wait_until inetd_at_rest
}

# inetd_gone PID...: true when none of the processes is there.
inetd_gone() {
	local pid
	for pid; do
		! grep -qs '^State:[[:blank:]]*[^ZX]' "/proc/$pid/status" || return
	done
}

# inetd_ended [PID...]
#	Waits until the daemon has ended by itself, as it does when it is drained, and these processes too; it must
#	exit with 0 within 30 seconds.
inetd_ended() {
	local status=0
	wait_until inetd_gone "$INETD_PID" "$@" || return
	wait "$INETD_PID" || status=$?
	rm -f "$INETD_DIR/started"
	[ $status = 0 ] || fail "inetd: exit $status" "$(inetd_log)"
}

# inetd_stop
#	Ends the daemon with TERM; it must exit with 0 within 30 seconds and leave no worker, pid file, control
#	socket or other socket in its directory. Children of services live on, as they should.
inetd_stop() {
	local worker left
	worker=$(inetd_worker || true)
	inetd_signal TERM || fail 'inetd is not there' || return
	inetd_ended ${worker:+"$worker"} || return
	left=$(find "$INETD_DIR/" \( -type s -o -name pid -o -name 'pid.*' \))
	[ -z "$left" ] || fail "left behind: $left"
}

# inetd_setup
#	Makes INETD_DIR. This library defines setup() to do so; a file with a setup() of its own calls it there.
inetd_setup() {
	inetd_use inetd
}

# inetd_teardown
#	Ends what a test has left running, shows the log if it failed, removes its directories; called by
#	teardown() as inetd_setup by setup().
inetd_teardown() {
	local link worker fifo
	for link in "$BATS_TEST_TMPDIR"/inetd-*; do
		[ -L "$link" ] || continue
		inetd_use "${link##*/inetd-}"
		if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
			printf '%s\n' '--- log:' >&2
			tail -n 30 "$INETD_DIR/log" >&2
		fi
		if [ -n "$INETD_PID" ] && inetd_running; then
			worker=$(inetd_worker || true)
			if [ "${INETD_SANITIZED:-}" = coverage ]; then # who is killed leaves no counters
				kill -TERM "$INETD_PID" || true
				wait_until -t 1 inetd_gone "$INETD_PID" >&2 || true
			fi
			# shellcheck disable=SC2046,SC2086 # numbers
			kill -KILL $(inetd_children) "$INETD_PID" $worker 2>/dev/null || true
			wait "$INETD_PID" 2>/dev/null || true
		fi
		# Who waits at one for somebody at the other end goes on, and ends.
		find "$INETD_DIR/" -xdev -type p 2>/dev/null | while read -r fifo; do
			: <>"$fifo" || true
		done
		rm -rf "$INETD_DIR" "$link"
	done
}

setup() {
	inetd_setup
}

teardown() {
	inetd_teardown
}
