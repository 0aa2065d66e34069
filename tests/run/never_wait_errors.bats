#!/usr/bin/env bats
# Nobody can make inetd wait: a program that keeps its standard error locked (stderr = log), in a read into memory for
# which nobody answers, keeps a thread of another process waiting, and the lines of its own service.

load ../helpers/family
load ../helpers/beside
load ../helpers/spares
load ../helpers/upgrade

setup() {
	inetd_setup
	need_root
	need_plain
}

# Whoever waits for the pipe goes on when nobody keeps it.
teardown() {
	unlock_all
	inetd_teardown
}

unlock_all() {
	local pid
	for pid in "${lockers[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
	lockers=()
}

# start_beside: a service whose programs keep their errors locked, one that complains, one that is asked all the time.
start_beside() {
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat

		[says]
		port = 0
		server = /bin/sh
		server_args = -c 'read -r line; echo "oops \$line" >&2'
		stderr = log

		[locks]
		port = 0
		server = /bin/sh
		server_args = -c 'read -r line; echo "did \$line" >&2; [ "\$line" != go ] || exec $B/tests/bin/lock_socket errors'
		stderr = log
	END
	beside_start beside
}

# lock NUMBER: so many programs keep their standard error locked, and what reads them has come to it.
lock() {
	local i fd # which stay open
	for ((i = 0; i < $1; i++)); do
		connect_tcp fd locks
		echo go >&"$fd"
	done
	wait_until count_is "$1" locking
	mapfile -t lockers < <(locking)
}

# locking: the programs that have done it.
locking() {
	local pid
	for pid in $(inetd_children lock_socket); do
		! grep -q handle_userfault "/proc/$pid/wchan" || echo "$pid"
	done
}

# asleep: the threads of the process that reads that sleep in a pipe that is kept locked.
asleep() {
	local reader
	for reader in $(inetd_children inetd-stderr); do
		grep -ls '^State:.D' "/proc/$reader"/task/*/status || true
	done
}

# is_replaced PID: another process than that one reads.
is_replaced() {
	inetd_children inetd-stderr | grep -vqx "$1"
}

# stop_and_unlock: the daemon stops, and who reads ends when nobody keeps anything locked and all programs have ended.
stop_and_unlock() {
	local readers
	mapfile -t readers < <(inetd_children inetd-stderr)
	inetd_stop
	unlock_all
	wait_until inetd_gone "${readers[@]}"
}

# complains TEXT: that is logged of the service that locks nothing.
complains() {
	ask_tcp says "$1"$'\n' >/dev/null
	assert_log "says: stderr: oops $1 service=says"
}

@test "programs that keep their standard error locked: others are read and served, and the daemon stops" {
	start_beside
	complains before
	lock 3
	wait_until count_is 1 asleep
	complains meanwhile
	assert_log 'locks: stderr: a program keeps its standard error locked; .* service=locks pid='
	complains later
	# No more of them wait, however long it takes.
	count_is 1 asleep
	beside_end
	# A line of its service is read when nobody keeps anything locked.
	unlock_all
	wait_until count_is 0 asleep
	ask_tcp locks $'not now\n' >/dev/null
	assert_log 'locks: stderr: did not now service=locks'
	lock 1
	SECONDS=0
	stop_and_unlock
	((SECONDS <= 5)) || fail "the stop took $SECONDS s"
}

@test "a standard error is kept locked: an upgrade takes no longer, nothing is lost, and a kill ends the daemon" {
	local before
	own_program
	start_beside
	lock 1
	wait_until count_is 1 asleep
	before=$(inetd_children inetd-stderr)
	upgraded
	[ "$(inetd_children inetd-stderr)" = "$before" ]
	complains after
	beside_end
	inetd_signal KILL
	wait_until inetd_gone "$INETD_PID"
	# Who sleeps in the pipe stays, and ends with it.
	wait_until grep -qx inetd-leftover "/proc/$before/comm"
	unlock_all
	wait_until inetd_gone "$before"
}

@test "who reads standard errors is killed while one is kept locked: another one reads the others" {
	local before
	start_beside
	lock 1
	wait_until count_is 1 asleep
	before=$(inetd_children inetd-stderr)
	kill -KILL "$before"
	wait_until is_replaced "$before"
	complains again
	beside_end
	stop_and_unlock
	wait_until inetd_gone "$before"
}

@test "a program that stood ready keeps its standard error locked before the daemon has closed its copy" {
	# The daemon is that slow with each close.
	INETD_UNDER="strace -D -qq -o $INETD_DIR/trace -e trace=close -e inject=close:delay_enter=20000"
	start_ini <<-END
		[says]
		port = 0
		server = /bin/sh
		server_args = -c 'read -r line; echo "oops \$line" >&2'
		stderr = log

		[locks]
		port = 0
		server = $B/tests/bin/lock_socket
		server_args = errors
		spare = 1
		stderr = log
	END
	wait_until ready locks 1
	connect_tcp held locks
	wait_until count_is 1 locking
	mapfile -t lockers < <(locking)
	found locks 1
	complains meanwhile
	stop_and_unlock
}

# complaint_ms: the least time of five until a complaint is logged.
complaint_ms() {
	local least=1000000 i start passed client
	for i in {1..5}; do
		connect_tcp client says
		start=${EPOCHREALTIME/[.,]/}
		echo "again $i" >&"$client"
		assert_log "says: stderr: oops again $i service=says" >&2
		passed=$(((${EPOCHREALTIME/[.,]/} - start) / 1000))
		close_tcp client
		((passed >= least)) || least=$passed
	done
	echo "$least"
}

@test "many services lock their standard errors again and again, too shortly to be left: others do not wait for all" {
	local i fd least
	for i in {1..24}; do
		printf '%s\n' "[lock$i]" 'port = 0' "server = $B/tests/bin/lock_socket" 'server_args = errors 90' 'stderr = log'
	done >"$INETD_DIR/locks"
	start_ini <<-END
		[says]
		port = 0
		server = /bin/sh
		server_args = -c 'read -r line; echo "oops \$line" >&2'
		stderr = log

		$(cat "$INETD_DIR/locks")
	END
	for i in {1..24}; do
		connect_tcp fd "lock$i"
	done
	wait_until count_is 24 inetd_children lock_socket
	mapfile -t lockers < <(inetd_children lock_socket)
	least=$(complaint_ms)
	# One after the other they would take 24 times 90 ms.
	((least < 1000)) || fail "$least ms"
	stop_and_unlock
}
