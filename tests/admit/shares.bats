#!/usr/bin/env bats
# shellcheck disable=SC2016 # shell text in quotes
# Descriptors and helpers are shared: one client, or what one service leaves behind, does not use up those of others.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside

setup() {
	inetd_setup
	need_plain
}

# few NUMBER: inetds started from here on may have so many descriptors.
few() {
	INETD_UNDER="prlimit --nofile=$1:$1"
}

# hoard ADDRESS COUNT NAME: tests/bin/hoard.py in the background, until hoard_end.
hoard() {
	local port
	port=$(inetd_port "$3" -4)
	mkfifo "$INETD_DIR/hoard"
	(close_inherited && exec "$TOP/tests/bin/hoard.py" "$1" "$2" "$port" <"$INETD_DIR/hoard" >"$INETD_DIR/hoarded") &
	exec {hoard_fd}>"$INETD_DIR/hoard"
	wait_until grep -q '^all' "$INETD_DIR/hoarded"
}

hoard_end() {
	exec {hoard_fd}>&-
	rm "$INETD_DIR/hoard"
}

# kept_at_most NUMBER: so many descriptors more than at the start, and those of some connections on their way.
kept_at_most() {
	local now most
	now=$(inetd_descriptors)
	most=$(($(cat "$INETD_DIR/descriptors") + $1 + 6))
	[ "$now" -le "$most" ] || fail "$now descriptors, more than $most"
}

@test "tcpmux: a client that says nothing takes no descriptor from others" {
	few 200
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[mux]
		port = 0
		internal = tcpmux
		per_source = unlimited
		[tcpmux/+cat]
		server = /bin/cat
	END
	assert_answer $'+Go\r\nhi' ask_tcp mux $'cat\r\nhi'
	beside_start beside
	hoard 127.0.0.2 300 mux
	kept_at_most 50
	# Its own share is used up, nobody else's.
	[ "$(inetd_field mux RUNNING)" -ge 40 ]
	[ "$(inetd_field mux REFUSED)" -gt 0 ]
	for _ in 1 2 3; do
		assert_answer $'+Go\r\nhi' ask_tcp -t 2 mux $'cat\r\nhi'
	done
	assert_log 'mux: .* a connection of a built-in service: there is no room for more'
	wait_until beside_asked 50
	beside_end
	hoard_end
	wait_until field_is mux RUNNING 0
	assert_no_leaks
	inetd_stop
}

# rules ALLOW: what inetds started from here on find in hosts.allow.
rules() {
	mkdir -p "$INETD_DIR/etc"
	echo "$1" >"$INETD_DIR/etc/hosts.allow"
	with_etc
	touch /etc/hosts.allow 2>/dev/null || skip 'no /etc/hosts.allow'
}

@test "tcp wrappers: a source whose check takes its time takes no helper from others" {
	need_mounts
	mkfifo -m 666 "$INETD_DIR/go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/go)"
	start_ini -W <<-END
		[beside]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		per_source = unlimited
	END
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	hoard 127.0.0.2 400 echo
	wait_until -t 30 count_is 256 inetd_children inetd-wrap
	field_is echo RUNNING 400
	# Who comes from elsewhere has a helper at once.
	beside_start beside echo
	wait_until beside_asked 100
	beside_end
	assert_log 'echo: gives up a connection that waits for tcp wrappers: there is no room for more'
	[ "$(inetd_field echo RUNNING)" -gt 300 ]
	hoard_end
	inetd_stop
}

@test "stderr = log: what programs leave behind takes no descriptor from others, and may complain on" {
	few 128
	mkfifo -m 666 "$INETD_DIR/go"
	inetd_script left <<-'END'
		#!/bin/sh
		trap 'echo signal >>"${0%/*}/ends"' PIPE
		read -r line <"${0%/*}/go"
		echo at last >&2 && echo well >>"${0%/*}/ends"
	END
	inetd_script leaves <<-'END'
		#!/bin/sh
		setsid "${0%/*}/left" </dev/null >/dev/null &
		echo left >&2
	END
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[leaves]
		port = 0
		server = $INETD_DIR/leaves
		stderr = log
		[complains]
		port = 0
		server = /bin/sh
		server_args = -c 'echo oops >&2; echo hello'
		stderr = log
	END
	: >"$INETD_DIR/ends"
	chmod 666 "$INETD_DIR/ends"
	beside_start beside
	for _ in {1..130}; do
		ask_tcp leaves
	done
	wait_until field_is leaves RUNNING 0
	wait_until count_is 130 pgrep -f "$INETD_DIR/left\$"
	kept_at_most 32
	assert_log 'leaves: stderr goes to /dev/null: cannot open a pipe: Too many open files'
	# Others are heard.
	assert_answer hello ask_tcp complains
	assert_log 'complains: stderr: oops'
	assert_log 'leaves: gives up the errors of a program [(]stderr = log[)]: there is no room for more'
	beside_end
	exec {go}<>"$INETD_DIR/go"
	printf '\n%.0s' {1..130} >&"$go"
	wait_until count_is 130 cat "$INETD_DIR/ends"
	[ "$(sort -u "$INETD_DIR/ends")" = well ]
	exec {go}>&-
	inetd_stop
}

@test "sessions of a built-in service take no descriptor of the worker from others" {
	few 128
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		per_source = unlimited
		[time]
		port = 0
		internal = daytime
		[full]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
		busy_message = busy
	END
	connect_tcp only full
	wait_until field_is full RUNNING 1
	assert_answer busy ask_tcp full
	beside_start beside
	hoard 127.0.0.2 200 echo
	[ "$(inetd_field echo RUNNING)" -ge 80 ]
	[ "$(inetd_field echo REFUSED)" -gt 0 ]
	for _ in 1 2 3; do
		assert_answer hi ask_tcp -t 2 echo hi
		[ -n "$(ask_tcp -t 2 time)" ]
		assert_answer busy ask_tcp -t 2 full
	done
	wait_until beside_asked 50
	beside_end
	assert_log 'echo: .* a connection of a built-in service: there is no room for more'
	hoard_end
	close_tcp only
	wait_until field_is echo RUNNING 0
	wait_until field_is full RUNNING 0
	inetd_stop
}
