#!/usr/bin/env bats
# Programs that are lent their service's sockets (wait, datagrams): what they get, and when their service backs off.

load ../helpers/family

# clients NUMBER SECONDS PORT|PATH: prints how many answers they got.
clients() {
	python3 "$TOP/tests/bin/ask_again.py" "$@"
}

@test "a wait program that serves one connection and ends is started again at once, however many wait" {
	local one number answers
	one=$(probe take_one)
	start_ini <<-END
		[tcp]
		port = 0
		wait = yes
		server = $one
		[unix]
		protocol = unix
		listen = $INETD_DIR/socket
		wait = yes
		server = $one
	END
	for number in 1 4 16; do
		for address in "$(inetd_port tcp)" "$INETD_DIR/socket"; do
			answers=$(clients $number 2 "$address")
			# With pauses of a second it would be less than ten.
			[ "$answers" -ge 40 ] || fail "$number clients at $address: $answers answers"
		done
	done
	refute_log 'ends without taking'
	[ "$(inetctl --json status tcp | grep -o '"failed": *[0-9]*')" = "$(inetctl --json status unix | grep -o '"failed": *[0-9]*')" ]
	assert_no_leaks
	inetd_stop
}

@test "a wait program that takes nothing backs off, while one connection waits or many, tcp or unix" {
	local number
	start_ini <<-END
		[tcp]
		port = 0
		wait = yes
		server = /bin/true
		[unix]
		protocol = unix
		listen = $INETD_DIR/socket
		wait = yes
		server = /bin/true
	END
	for number in 1 16; do
		(close_inherited && clients "$number" 1 "$(inetd_port tcp)" >/dev/null 2>&1) &
		(close_inherited && clients "$number" 1 "$INETD_DIR/socket" >/dev/null 2>&1) &
		wait_until field_is tcp STATE backoff
		wait_until field_is unix STATE backoff
	done
	[ "$(inetd_log | grep -c 'tcp: .* ends without taking')" = 1 ]
	[ "$(inetd_log | grep -c 'unix: .* ends without taking')" = 1 ]
	# It must have been started as often as connections waited, to be sure, and a few times after pauses.
	[ "$(inetd_field tcp STARTED)" -le 30 ]
	[ "$(inetd_field unix STARTED)" -le 10 ]
	inetd_stop
}
