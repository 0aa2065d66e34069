#!/usr/bin/env bats
# shellcheck disable=SC2016 # shell text in quotes
# Descriptors and helpers are shared: one client, or what one service leaves behind, does not use up those of others.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside
load ../helpers/names

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
	wait_until count_is 256 inetd_children inetd-wrap
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
	assert_log 'leaves: stderr goes to /dev/null: cannot open a pipe: (Too many open files|No file descriptors available)'
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

nameless() {
	name_server <<-END
		silent 127.0.0.8
		127.0.0.2 good.example.com
		good.example.com 127.0.0.2
	END
	start_ini <<-END
		[domain]
		port = 0
		server = /bin/cat
		only_from = .example.com
		instances = unlimited
		per_source = unlimited
	END
	hoard 127.0.0.8 100 domain
	kept_at_most 32
	# Who waits for his name from elsewhere has a descriptor at once.
	assert_answer hi ask_tcp -b 127.0.0.2 domain hi
	assert_log 'domain: gives up a connection whose client.s name is looked up'
	[ "$(inetd_field domain REFUSED)" -gt 0 ]
	hoard_end
	# What gave way counts no longer than the look-up takes.
	wait_until field_is domain RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "names of clients: a source whose name nobody tells takes no descriptor from others" {
	few 128
	with_names 30
	in_network nameless
}

# waiting_is NAME NUMBER: so many connections of a service have nothing unread but the three bytes after their header.
waiting_is() {
	count_is "$2" eval "ss -Htn state established '( sport = :$(inetd_port "$1") )' | awk '\$1 == 3'"
}

@test "after their headers: who waits for his turn at one service takes no descriptor from others" {
	local held=() only half one line fd full other
	few 128
	start_ini <<-END
		[defaults]
		proxy_protocol = 127.0.0.1
		per_source = unlimited
		[full]
		port = 0
		server = /bin/cat
		instances = 1
		[other]
		port = 0
		server = /bin/cat
	END
	full=$(inetd_port full)
	other=$(inetd_port other)
	# All that may be kept, a quarter of 128, waits for its header; then one takes the only place.
	connect_tcp only "$full"
	for _ in {1..30}; do
		connect_tcp one "$full"
		held+=("$one")
	done
	connect_tcp half "$other"
	for fd in "$only" "${held[@]}" "$half"; do
		printf 'PROXY TCP4 192.0.2.2 198.51.100.1 ' >&"$fd"
	done
	printf '1 2\r\nhi\n' >&"$only"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$only"
	[ "$line" = hi ]
	for fd in "${held[@]}"; do
		printf '1 2\r\nhi\n' >&"$fd"
	done
	wait_until waiting_is full 30
	connect_tcp one "$other"
	assert_answer hi ask_tcp "$other" $'PROXY TCP4 192.0.2.3 198.51.100.1 1 2\r\nhi'
	assert_log 'full: gives up a connection that waits for its turn: there is no room for more'
	[ "$(inetd_field full REFUSED)" = 1 ]
	# Who waited longest gave way; the next one is served.
	run ! read -r -t $((5 * INETD_PATIENCE)) line <&"${held[0]}"
	close_tcp only
	read -r -t $((30 * INETD_PATIENCE)) line <&"${held[1]}"
	[ "$line" = hi ]
	for fd in "${held[@]}"; do
		exec {fd}>&-
	done
	close_tcp one half
	wait_until field_is full RUNNING 0
	wait_until field_is other RUNNING 0
	assert_no_leaks
	inetd_stop
}
