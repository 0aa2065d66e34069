#!/usr/bin/env bats
# A worker from before an upgrade: it goes on with its sessions beside the new one, as long as it works and has some.

load ../helpers/family
load ../helpers/upgrade

setup() {
	inetd_setup
	need_plain
	own_program
}

# is_closed FD: the other side has closed, with or without a reset.
is_closed() {
	local status=0
	read -r -t $((30 * INETD_PATIENCE)) line <&"$1" 2>/dev/null || status=$?
	[ "$status" = 1 ] || fail "read: $status"
}

# builtins: echo, and tcpmux with one service.
builtins() {
	start_ini <<-END
		[echo]
		port = 0
		internal = echo
		[mux]
		port = 0
		internal = tcpmux
		[tcpmux/+cat]
		server = /bin/cat
	END
}

@test "one that hangs is ended, its sessions with it, and the new one serves" {
	local session worker
	builtins
	connect_tcp session echo
	says "$session" hi
	worker=$(inetd_worker)
	upgraded
	says "$session" still
	kill -STOP "$worker"
	assert_answer hi ask_tcp echo hi
	wait_until inetd_gone "$worker"
	assert_log "worker: one from before an upgrade is gone, 1 sessions with it pid=$worker"
	is_closed "$session"
	close_tcp session
	wait_until field_is echo RUNNING 0
	assert_answer hi ask_tcp echo hi
	assert_answer $'+Go\r\nhi' ask_tcp mux $'cat\r\nhi'
	count_is 1 inetd_worker
	assert_no_leaks
	inetd_stop
}

@test "one that is lost takes its own sessions with it, and no others" {
	local before session worker
	builtins
	connect_tcp before echo
	says "$before" hi
	worker=$(inetd_worker)
	upgraded
	connect_tcp session echo
	says "$session" hi
	kill -KILL "$worker"
	is_closed "$before"
	wait_until field_is echo RUNNING 1
	says "$session" still
	close_tcp before session
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "stop ends the sessions of all workers, also of two upgrades ago" {
	local one two three
	builtins
	connect_tcp one echo
	says "$one" hi
	upgraded
	connect_tcp two echo
	says "$two" hi
	upgraded
	connect_tcp three echo
	says "$three" hi
	wait_until count_is 3 inetd_worker
	field_is echo RUNNING 3
	inetctl stop echo
	is_closed "$one"
	is_closed "$two"
	is_closed "$three"
	close_tcp one two three
	wait_until field_is echo RUNNING 0
	wait_until count_is 1 inetd_worker
	inetctl enable echo
	assert_answer hi ask_tcp echo hi
	assert_no_leaks
	inetd_stop
}

@test "one goes with the last of its sessions, also where there is no built-in service any more" {
	local session worker
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
	END
	connect_tcp session echo
	says "$session" hi
	worker=$(inetd_worker)
	upgraded
	sed -i '/^\[echo\]/,$d' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until count_is 1 inetd_worker
	[ "$(inetd_worker)" = "$worker" ]
	says "$session" still
	close_tcp session
	wait_until count_is 0 inetd_children inetd-worker
	inetd_rebase
	assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

# The messages of another version cannot be known, but for those that never change (worker/message.h).
@test "one of another release goes on with its sessions, and lets go who only now says what he wants" {
	local session waits
	builtins
	connect_tcp session echo
	says "$session" hi
	connect_tcp waits mux
	wait_until field_is mux RUNNING 1
	cp "$B/inetd" "$INETD_DIR/bin/real"
	new_program <<-END
		#!/bin/bash
		state=\${1#--*=}
		sed '/^worker\t/s/version#[0-9]*/version#999/' <&\$state >$INETD_DIR/state
		grep -q 'version#999' $INETD_DIR/state || exit
		eval "exec \$state<$INETD_DIR/state"
		exec $INETD_DIR/bin/real "\$@"
	END
	inetctl upgrade | grep '^upgraded to inetd '
	says "$session" still
	printf 'cat\r\nhi\n' >&"$waits"
	is_closed "$waits"
	wait_until field_is mux RUNNING 0
	assert_answer $'+Go\r\nhi' ask_tcp mux $'cat\r\nhi'
	says "$session" 'to the end'
	close_tcp session waits
	wait_until field_is echo RUNNING 0
	wait_until count_is 1 inetd_worker
	assert_no_leaks
	inetd_stop
}
