#!/usr/bin/env bats
# Nobody can make inetd wait: what a peer sends over a unix socket may take an hour to close. It never is the daemon
# that closes it last, and a worker that does is replaced.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside

setup() {
	inetd_setup
	need_plain
}

# rights [OPTION...] PATH: tests/bin/rights.py in the background; what it says is in $INETD_DIR/rights, and it closes
# its connections when rights_close is called.
rights() {
	rights_begin "$@"
	wait_until grep -q '^all' "$INETD_DIR/rights"
}

# rights_begin ARGUMENT...: the same; it may be at it still.
rights_begin() {
	mkfifo "$INETD_DIR/go"
	(close_inherited && exec ${RIGHTS_UNDER:-} "$TOP/tests/bin/rights.py" "$@" <"$INETD_DIR/go" >"$INETD_DIR/rights") &
	exec {rights_fd}>"$INETD_DIR/go"
}

rights_close() {
	exec {rights_fd}>&-
	wait_until grep -q '^closed' "$INETD_DIR/rights"
	rm "$INETD_DIR/go"
}

# while_stopped COMMAND...: the daemon finds all that the command has sent at once, when it goes on; the services
# beside are asked from then on.
while_stopped() {
	inetd_signal STOP
	"$@" || {
		inetd_signal CONT
		return 1
	}
	inetd_signal CONT
	beside_start beside
}

sent() {
	[ "$(grep -c '^sent' "$INETD_DIR/rights")" -ge "$1" ] || fail "$(cat "$INETD_DIR/rights")"
}

old_kernel() {
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/passrights.so"
}

# start_full OVERLOAD: beside, and a service on a unix socket that serves its only connection.
start_full() {
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[full]
		listen = $INETD_DIR/full
		server = /bin/cat
		instances = 1
		overload = $1
		busy_message = busy
	END
	mkfifo "$INETD_DIR/hold"
	(close_inherited && exec socat - "UNIX-CONNECT:$INETD_DIR/full" <"$INETD_DIR/hold" >/dev/null) &
	exec {hold_fd}>"$INETD_DIR/hold"
	wait_until field_is full RUNNING 1
}

@test "a refused connection full of sockets that linger is closed by others" {
	start_full refuse
	assert_answer busy ask_unix "$INETD_DIR/full"
	while_stopped rights -n 20 "$INETD_DIR/full"
	sent 20
	rights_close
	wait_until beside_asked 50
	beside_end
	exec {hold_fd}>&-
	wait_until field_is full RUNNING 0
	assert_answer hi ask_unix "$INETD_DIR/full" hi
	assert_no_leaks
	inetd_stop
}

@test "a refused connection with a file of a file system that does not answer is closed by others" {
	on_fuse
	start_full refuse
	assert_answer busy ask_unix "$INETD_DIR/full"
	RIGHTS_UNDER="nsenter -m -t $INETD_PID"
	while_stopped rights -n 3 -f "$INETD_DIR/fs/dirty" "$INETD_DIR/full"
	sent 3
	rights_close
	wait_until beside_asked 50
	beside_end
	inetctl reload
	inetd_stop
}

# start_true: beside, which is asked from now on, and a service on a unix socket whose program ends at once.
start_true() {
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[true]
		listen = $INETD_DIR/true
		server = /bin/true
		instances = unlimited
	END
	beside_start beside
}

@test "a program that ends before the daemon has closed its copy does not leave the closing to it" {
	start_true
	rights -n 60 "$INETD_DIR/true"
	rights_close
	wait_until beside_asked 50
	beside_end
	inetd_stop
}

# look_at_ways: counts in SEEN the children that are between their own descriptors and their exec; MORE is not empty when
# one had more than three of the daemon's and what it serves.
look_at_ways() {
	local pid name
	local -a pids fds
	read -ra pids <"/proc/$INETD_PID/task/$INETD_PID/children" || true
	for pid in "${pids[@]}"; do
		{ read -r name <"/proc/$pid/comm"; } 2>/dev/null || continue
		[ "$name" = inetd-child ] || continue
		fds=("/proc/$pid/fd"/*)
		SEEN=$((SEEN + 1))
		[ "${#fds[@]}" -le 4 ] || MORE=${#fds[@]}
	done
}

# What it had of others would be closed by its exec, and keep it there as long as the peer likes.
@test "a child of another service has nothing of a unix peer, however slow it is" {
	INETD_UNDER="strace -f -D -qq -o /dev/null -e trace=close_range,setsid"
	INETD_UNDER+=" -e inject=close_range:delay_enter=8000 -e inject=setsid:delay_enter=20000"
	local SEEN=0 MORE='' end=$((SECONDS + 30 * INETD_PATIENCE))
	start_true
	rights_begin -n 40 "$INETD_DIR/true"
	while [ "$SEEN" -lt 20 ] && [ "$SECONDS" -lt "$end" ]; do
		look_at_ways
	done
	[ "$SEEN" -ge 20 ] || fail "only $SEEN were seen"
	[ -z "$MORE" ] || fail "a child on its way has $MORE descriptors"
	kill -TERM "$BESIDE_PID"
	rights_close
	inetd_stop
}

@test "a socket with connections in its queue is removed by a reload" {
	start_full queue
	beside_start beside
	rights -n 5 "$INETD_DIR/full"
	sent 5
	rights_close
	sed -i '/full/,$d' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until beside_asked 50
	beside_end
	inetd_stop
}

@test "a datagram that no program takes is dropped by others" {
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[dgram]
		listen = $INETD_DIR/dgram
		socket_type = dgram
		wait = yes
		server = /bin/true
	END
	while_stopped rights -d -n 3 "$INETD_DIR/dgram"
	sent 3
	assert_log 'dgram: /bin/true ends without taking'
	rights_close
	wait_until beside_asked 100
	beside_end
	inetd_stop
}

@test "a built-in takes no descriptors from a unix peer" {
	need_passrights
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[echo]
		listen = $INETD_DIR/echo
		internal = echo
	END
	assert_answer hi ask_unix "$INETD_DIR/echo" hi
	beside_start beside
	rights -n 2 "$INETD_DIR/echo"
	grep -q 'Operation not permitted' "$INETD_DIR/rights"
	rights_close
	assert_answer hi ask_unix "$INETD_DIR/echo" hi
	wait_until beside_asked 10
	beside_end
	inetd_stop
}

# need_passrights: the kernel has SO_PASSRIGHTS (Linux 6.16).
need_passrights() {
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).getsockopt(socket.SOL_SOCKET, 83)' ||
		skip 'needs Linux 6.16 and its SO_PASSRIGHTS'
}

@test "a worker that hangs in a close is replaced" {
	local worker
	old_kernel
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[echo]
		listen = $INETD_DIR/echo
		internal = echo
	END
	worker=$(inetd_worker)
	# The sender has its own no more when the worker has them.
	while_stopped rights -n 2 "$INETD_DIR/echo"
	sent 2
	assert_log 'worker: has not answered for 5 s, .*; starting another'
	rights_close
	wait_until inetd_gone "$worker"
	wait_until assert_answer hi ask_unix "$INETD_DIR/echo" hi
	beside_end
	inetd_stop
}

@test "a client of the control socket cannot make the daemon wait" {
	local kernel
	for kernel in new old; do
		[ $kernel = new ] || old_kernel
		inetd_start <<-END
			127.0.0.1:{beside} stream tcp nowait $INETD_USER /bin/cat
		END
		while_stopped rights -n 3 "$INETD_DIR/control" 'inetd/1 list'
		rights_close
		wait_until beside_asked 50
		inetctl list >/dev/null
		beside_end
		inetd_stop
		INETD_UNDER=
	done
}
