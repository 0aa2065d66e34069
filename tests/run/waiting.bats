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

# stays NAME: a program that serves one connection after another and answers with its process number, until it is told
# to stop.
stays() {
	inetd_script "$1" <<-'END'
		#!/usr/bin/python3
		import os, socket

		listener = socket.socket(fileno=0)
		while True:
		    conn, _ = listener.accept()
		    text = conn.recv(100)
		    conn.sendall(str(os.getpid()).encode())
		    conn.close()
		    if b"stop" in text:
		        break
	END
}

@test "plain tcp is one socket for a program that knows of descriptor 0, so that one serves both families" {
	local pid
	stays stays
	inetd_start <<-END
		{both} stream tcp wait/1 $INETD_USER $INETD_DIR/stays
		{four} stream tcp4 wait/1 $INETD_USER $INETD_DIR/stays
	END
	[ "$(inetd_rows both | wc -l)" = 1 ]
	pid=$(ask_tcp both hi)
	[ "$(ask_tcp -6 both hi)" = "$pid" ]
	[ "$(ask_tcp -6 both stop)" = "$pid" ]
	wait_until field_is both RUNNING 0
	pid=$(ask_tcp -6 both hi)
	[ "$(ask_tcp both stop)" = "$pid" ]
	run ! ask_tcp -6 four hi
	inetd_stop
	# Where there is no IPv6 it is one of IPv4.
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/no-ipv6.so"
	inetd_start <<-END
		{both} stream tcp wait/1 $INETD_USER $INETD_DIR/stays
	END
	pid=$(ask_tcp both hi)
	[ "$(ask_tcp both stop)" = "$pid" ]
	inetd_stop
}
