#!/usr/bin/env bats
# Refused connections that come in a flood are closed a moment later: whoever asks again as soon as he
# is refused waits for that moment, and nobody else does.

load ../helpers/family

# flood PORT COUNT: opens so many connections from an address that is refused, all of them before it looks
# at one, and says how many of them were ended.
flood() {
	python3 - "$@" <<-'END'
		import socket, sys
		def connect():
		    s = socket.socket()
		    s.settimeout(60)
		    s.bind(("127.0.0.2", 0))
		    s.connect(("127.0.0.1", int(sys.argv[1])))
		    return s
		ended = 0
		for s in [connect() for _ in range(int(sys.argv[2]))]:
		    try:
		        ended += s.recv(1) == b""
		    except ConnectionResetError:
		        ended += 1
		print(ended)
	END
}

# late: how many were closed late so far.
late() {
	inetctl stats --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["refused_late"])'
}

setup_refusing() {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		log = none
	END
}

@test "one refusal is told at once" {
	setup_refusing
	assert_answer hi ask_tcp cat hi
	assert_answer '' ask_tcp -b 127.0.0.2 cat
	[ "$(inetd_field cat REFUSED)" = 1 ]
	[ "$(late)" = 0 ]
	inetd_stop
}

@test "those of a flood are told later, and nothing is kept" {
	setup_refusing
	[ "$(flood "$(inetd_port cat)" 900)" = 900 ]
	[ "$(inetd_field cat REFUSED)" = 900 ]
	[ "$(late)" -ge 1 ]
	[ "$(late)" -le 800 ]
	assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "descriptors that are kept are given up when others are needed" {
	local most
	need_plain
	setup_refusing
	most=$(find "/proc/$INETD_PID/fd" -mindepth 1 -printf '%f\n' | sort -n | tail -n 1)
	prlimit --pid "$INETD_PID" --nofile=$((most + 6)):
	[ "$(flood "$(inetd_port cat)" 900)" = 900 ]
	[ "$(late)" -ge 1 ]
	assert_answer hi ask_tcp cat hi
	refute_log pausing
	assert_no_leaks
	inetd_stop
}
