#!/usr/bin/env bats
# shellcheck disable=SC2016 # shell text in quotes
# Nobody can make inetd wait: programs that never get to their exec, because their user stops them on the way or
# because their file system does not answer. Services beside are served, reload and stop work.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside

setup() {
	inetd_setup
	need_root
	need_plain
}

teardown() {
	[ -z "${stopper:-}" ] || kill "$stopper" 2>/dev/null || true
	inetd_teardown
}

# call NAME [COUNT]: connects so many times, and leaves again.
call() {
	local port fd
	port=$(inetd_port "$1" -4) || return
	for _ in $(seq "${2:-1}"); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		exec {fd}>&-
	done
}

# on_their_way: processes that the daemon has started and that have not become a program.
on_their_way() {
	inetd_children inetd-child
}

no_more_than() {
	[ "$("${@:2}" | wc -l)" -le "$1" ] || fail "more than $1 from ${*:2}"
}

@test "a user who stops children between setresuid and exec stops only his own service" {
	inetd_start <<-END
		127.0.0.1:{beside} stream tcp nowait root /bin/cat
		127.0.0.1:{victim} stream tcp nowait.0/0 nobody /bin/true
	END
	beside_start beside
	"$B/tests/bin/stopper" "$INETD_PID" "$(id -u nobody)" >"$INETD_DIR/stopped" &
	stopper=$!
	for _ in $(seq 20); do
		call victim 60
	done
	inetd_reload
	beside_end
	# What was stopped is ended, by the daemon: whoever stops it lets go of it only afterwards.
	wait_until eval '[ -z "$(on_their_way)" ]'
	kill -TERM "$stopper"
	wait "$stopper"
	stopper=
	[ "$(cat "$INETD_DIR/stopped")" -gt 0 ] || skip 'was never quick enough'
	assert_log 'cannot start /bin/true: exec: not done in time.*pausing'
	# The service is back; it is failing until a program has worked.
	wait_until eval 'ask_tcp victim && field_is victim STATE ready'
	assert_answer '' ask_tcp victim
	inetd_stop
}

@test "a program on a file system that does not answer holds up its own service alone" {
	on_fuse
	inetd_start <<-END
		127.0.0.1:{beside} stream tcp nowait root /bin/cat
		127.0.0.1:{good} stream tcp nowait root $INETD_DIR/fs/run
		127.0.0.1:{bad} stream tcp nowait root $INETD_DIR/fs/open-exec
		127.0.0.1:{worse} stream tcp nowait nobody $INETD_DIR/fs/stat-exec
	END
	assert_answer '#!/bin/cat' ask_tcp good
	beside_start beside
	call bad 20
	call worse 20
	wait_until eval '[ -n "$(on_their_way)" ]'
	wait_until inetd_log_has 'cannot start .*/open-exec: exec: not done'
	wait_until inetd_log_has 'cannot start .*/stat-exec: exec: not done'
	# Not even a signal ends them, but there are no more.
	no_more_than 2 on_their_way
	call bad 20
	inetd_reload
	no_more_than 2 on_their_way
	assert_answer '#!/bin/cat' ask_tcp good
	beside_end
	[ "$(inetd_field bad STATE)" != ready ]
	inetd_stop
}

@test "the daemon stops while a child is on its way for ever" {
	on_fuse
	inetd_start <<-END
		127.0.0.1:{bad} stream tcp nowait root $INETD_DIR/fs/open-exec
	END
	call bad
	wait_until eval '[ -n "$(on_their_way)" ]'
	inetd_stop
}

@test "a standard error on a file system that does not answer holds up its own service alone" {
	on_fuse
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[beside2]
		bind = 127.9.8.7
		port = $((20000 + $$ % 10000))
		server = /bin/cat
		[bad]
		port = 0
		server = /bin/cat
		stderr = $INETD_DIR/fs/open-log
	END
	beside_start beside
	call bad 20
	wait_until inetd_log_has 'bad: cannot start .*stderr'
	no_more_than 1 on_their_way
	# Nor does who waits there keep a socket of the daemon from being opened again.
	inetctl disable beside2
	inetctl enable beside2
	field_is beside2 STATE ready
	beside_end
	inetd_stop
}

# The daemon is slow after each clone, so that the program has ended before it comes to closing its copy.
@test "a program that makes the last close of its connection wait does not leave that to the daemon" {
	cp "$TOP/tests/bin/lingers.py" "$INETD_DIR/lingers"
	under_strace clone:delay_exit=700000
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[lingers]
		port = 0
		server = $INETD_DIR/lingers
	END
	assert_answer hi ask_tcp beside hi
	connect_tcp client lingers
	wait_until test -e "$INETD_DIR/full"
	assert_answer hi ask_tcp beside hi
	exec {client}>&-
	inetd_stop
}

# From the second connection on a child is born with a copy of all descriptors.
@test "a child that is slow to close its copies keeps no socket from being opened again" {
	INETD_UNDER="strace -f -D -qq -o /dev/null -e trace=close_range -e inject=close_range:delay_enter=20000"
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[again]
		bind = 127.9.8.7
		port = $((20000 + $$ % 10000))
		server = /bin/cat
	END
	for _ in 1 2 3; do
		assert_answer hi ask_tcp beside hi
		call beside 2
		inetctl disable again
		inetctl enable again
		field_is again STATE ready
	done
	inetd_stop
}

@test "a client that is refused and never answers again is not waited for, whatever linger says" {
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[refused]
		port = 0
		server = /bin/cat
		linger = 10s
		only_from = 192.0.2.1
		log = none
		[taken]
		port = 0
		server = /bin/true
		linger = 10s
	END
	beside_start beside
	for name in refused taken; do
		timeout $((20 * INETD_PATIENCE)) "$TOP/tests/bin/silent.py" 50 "$(inetd_port "$name" -4)"
	done
	wait_until beside_asked 5
	beside_end
	inetd_stop
}
