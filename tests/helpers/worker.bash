# worker.bash: an inetd-worker without its inetd, for the tests of the worker: tests/bin/worker-driver
# stands in for the supervisor, bin/worker_client.py for its clients.

load ../lib/inetd

worker_setup() {
	B=$(realpath "${B:-$BATS_TEST_DIRNAME/../../build}")
	WORKER=$B/inetd-worker
	EVENTS=$BATS_TEST_TMPDIR/events
	export PYTHONPATH=$BATS_TEST_DIRNAME/../bin PYTHONDONTWRITEBYTECODE=1 EVENTS
}

worker_teardown() {
	if [ -n "${WORKER_IN:-}" ]; then
		exec {WORKER_IN}>&-
		wait "$DRIVER_PID" || true
	fi
}

# worker_start [ARGUMENT...]: starts a worker with these arguments after its version.
# WORKER_UNDER, an array, is put in front of it.
worker_start() {
	local fifo=$BATS_TEST_TMPDIR/commands
	mkfifo "$fifo"
	"$B/tests/bin/worker-driver" ${WORKER_UNDER[@]+"${WORKER_UNDER[@]}"} "$WORKER" 7 "$@" \
		<"$fifo" >"$EVENTS" 2>"$BATS_TEST_TMPDIR/stderr" 3>&- &
	DRIVER_PID=$!
	exec {WORKER_IN}>"$fifo"
	wait_until grep -qE '^(ready|ended)' "$EVENTS"
	WORKER_PID=$(sed -n 's/^pid //p' "$EVENTS")
}

# worker_tell LINE...: commands for the driver, without waiting.
worker_tell() {
	printf '%s\n' "$@" >&"$WORKER_IN"
}

# worker_open VARIABLE COMMAND...: opens a listener or a datagram socket; its port is put into the variable,
# its id into VARIABLE_ID.
worker_open() {
	local -n open_port=$1 open_id=$1_ID
	local before
	before=$(worker_count '^listening ')
	shift
	worker_tell "$*"
	wait_until worker_has $((before + 1)) '^listening '
	read -r open_id open_port < <(sed -n 's/^listening //p' "$EVENTS" | tail -n 1)
}

# worker_count REGEX: how many events match.
worker_count() {
	grep -cE "$1" "$EVENTS" || true
}

# worker_has COUNT REGEX: true if so many events match, neither more nor less.
worker_has() {
	[ "$(worker_count "$2")" = "$1" ]
}

# worker_wait [COUNT] REGEX: waits until so many events match (1).
worker_wait() {
	[ $# = 2 ] || set -- 1 "$1"
	wait_until worker_has "$@" || fail "events: $(tail "$EVENTS")"
}

# worker_settled: true when every connection that was opened is over.
worker_settled() {
	local open over
	worker_tell count
	open=$(sed -n 's/^accepted \([0-9]*\) over .*/\1/p' "$EVENTS" | tail -n 1)
	over=$(sed -n 's/^accepted .* over //p' "$EVENTS" | tail -n 1)
	echo "accepted $open, over $over"
	[ -n "$open" ] && [ "$open" = "$over" ]
}

# worker_private: memory of its own, KiB. From a file that anybody may read: the worker is not dumpable.
worker_private() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$WORKER_PID/status"
}

# worker_ticks: processor time so far, in ticks of 10 ms.
worker_ticks() {
	awk '{ print $14 + $15 }' "/proc/$WORKER_PID/stat"
}

# worker_is_quiet: true if the worker does nothing while we look, for a fifth of a second.
worker_is_quiet() {
	local before spent
	before=$(worker_ticks)
	python3 -c 'import time; time.sleep(0.2)'
	spent=$(($(worker_ticks) - before))
	[ $spent -le 1 ] || fail "the worker used $spent ticks"
}

# client [ARGUMENT...]: runs the Python on standard input, with what worker_client has.
client() {
	{
		echo 'from worker_client import *'
		cat
	} >"$BATS_TEST_TMPDIR/client.py"
	timeout $((60 * INETD_PATIENCE)) python3 "$BATS_TEST_TMPDIR/client.py" "$@"
}

not_sanitized() {
	[ -z "${INETD_SANITIZED:-}" ] || skip "not with a sanitizer: $1"
}

only_root() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
}
