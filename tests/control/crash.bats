#!/usr/bin/env bats
# A daemon that is killed: what it has started goes on, and the next one takes what it has left.

load ../helpers/family
load ../helpers/upgrade

# crash: kill -9 of the daemon in use.
crash() {
	local worker
	worker=$(inetd_worker || true)
	inetd_signal KILL
	wait "$INETD_PID" || true
	wait_until inetd_gone "$INETD_PID" ${worker:+"$worker"}
}

# again: a daemon of the same files.
again() {
	inetd_start --conf "$INETD_DIR/inetd.ini"
}

# start_talkers: a service whose programs write more than a pipe holds to their standard error, when something is
# written to $INETD_DIR/go, and then `done` to a file of their own.
start_talkers() {
	chmod 1777 "$INETD_DIR" # programs make files there
	mkfifo -m 666 "$INETD_DIR/go"
	inetd_script talks <<-'END'
		#!/bin/bash
		trap 'echo signal >"${0%/*}/$$.end"' PIPE
		echo there >&2
		read -r line <"${0%/*}/go"
		head -c 300000 /dev/zero | tr '\0' x >&2 && printf '\nagain\n' >&2 && echo done >"${0%/*}/$$.end"
	END
	start_ini <<-END
		[talks]
		port = 0
		server = $INETD_DIR/talks
		stderr = log
	END
}

# talk NAME: connects, sets the variable to the process of the program, which is held by the process that keeps it.
talk() {
	local -n talk_pid=$1
	local talk_fd
	inetd_log_mark
	connect_tcp talk_fd talks
	assert_log 'stderr: there'
	talk_pid=$(inetd_log | sed -n 's/.*stderr: there .*pid=//p')
	wait_until is_kept "$talk_pid"
}

# is_kept PID: the process that keeps standard errors has that of the program open.
is_kept() {
	local keeper
	keeper=$(inetd_children inetd-stderr | grep .) &&
		find "/proc/$keeper/fd" -type l -printf '%l\n' | grep -qxF "$(readlink "/proc/$1/fd/2")"
}

# all_complain PID...: they write what they have to their standard errors, and are well after it.
all_complain() {
	local pid go
	exec {go}<>"$INETD_DIR/go"
	for pid; do
		printf '\n' >&"$go"
	done
	for pid; do
		wait_until test -s "$INETD_DIR/$pid.end"
		[ "$(cat "$INETD_DIR/$pid.end")" = 'done' ] || fail "$pid: $(cat "$INETD_DIR/$pid.end")" || return
	done
	exec {go}>&-
}

@test "killed: the next one takes the pid file, the control socket and socket paths, serves, and says so" {
	local dead
	start_ini <<-END
		[one]
		listen = $INETD_DIR/one
		server = /bin/cat
		[two]
		listen = $INETD_DIR/two
		server = /bin/cat
		[stays]
		listen = $INETD_DIR/stays
		unlink_on_exit = no
		server = /bin/cat
		[tcp]
		port = 0
		server = /bin/cat
	END
	refute_log 'did not stop in order'
	dead=$INETD_PID
	crash
	[ "$(cat "$INETD_DIR/pid")" = "$dead" ]
	[ -S "$INETD_DIR/control" ]
	[ -S "$INETD_DIR/one" ]
	again
	assert_log "found stale, and taken, the pid file of process $dead, the control socket, 2 socket paths: "
	assert_answer hi ask_unix "$INETD_DIR/one" hi
	assert_answer hi ask_unix "$INETD_DIR/two" hi
	assert_answer hi ask_unix "$INETD_DIR/stays" hi
	assert_answer hi ask_tcp tcp hi
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	# After a stop in order nothing is said, though a path is there that was to stay.
	inetd_signal TERM
	wait "$INETD_PID"
	[ -S "$INETD_DIR/stays" ]
	again
	assert_answer hi ask_unix "$INETD_DIR/stays" hi
	refute_log 'did not stop in order'
	rm "$INETD_DIR/stays"
	inetd_stop
}

@test "killed: a program goes on with its client, and the next daemon serves beside it" {
	local held line
	start_ini <<-END
		[cat]
		listen = 127.0.0.1:0
		server = /bin/cat
	END
	connect_tcp held cat
	echo one >&"$held"
	read -r -t 30 line <&"$held"
	crash
	again
	assert_answer hi ask_tcp cat hi
	echo two >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = two ]
	close_tcp held
	assert_no_leaks
	inetd_stop
}

@test "killed: programs with stderr = log may complain as much as they like" {
	local one two three keeper
	need_plain
	start_talkers
	talk one
	talk two
	keeper=$(inetd_children inetd-stderr)
	[ "$(id -u)" != 0 ] || [ "$(awk '/^Uid/ { print ($2 > 0) }' "/proc/$keeper/status")" = 1 ]
	crash
	wait_until grep -qx inetd-leftover "/proc/$keeper/comm"
	again
	talk three
	all_complain "$one" "$two" "$three"
	wait_until inetd_gone "$keeper"
	assert_no_leaks
	inetd_stop
}

@test "killed after an upgrade: programs of before and of after it may complain" {
	local one two keeper
	need_plain
	own_program
	start_talkers
	talk one
	keeper=$(inetd_children inetd-stderr)
	upgraded
	talk two
	[ "$(inetd_children inetd-stderr)" = "$keeper" ]
	is_kept "$one"
	upgraded
	crash
	all_complain "$one" "$two"
	wait_until inetd_gone "$keeper"
}

@test "who keeps standard errors is replaced when it is lost, and goes when it is not needed" {
	local one keeper
	need_plain
	start_talkers
	talk one
	keeper=$(inetd_children inetd-stderr)
	# What is sent to all that are called inetd is for the daemon.
	kill -TERM "$keeper"
	kill -HUP "$keeper"
	talk two
	[ "$(inetd_children inetd-stderr)" = "$keeper" ]
	kill -KILL "$keeper"
	wait_until inetd_gone "$keeper"
	wait_until is_kept "$one"
	wait_until is_kept "$two"
	all_complain "$one" "$two"
	# The daemon has read them all this time.
	assert_log 'talks: stderr: again'
	wait_until count_is 0 inetd_children inetd-stderr
	assert_no_leaks
	talk one
	keeper=$(inetd_children inetd-stderr)
	crash
	all_complain "$one"
	wait_until inetd_gone "$keeper"
}
