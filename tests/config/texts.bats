#!/usr/bin/env bats
# Texts for clients: before the service, and in its place.

load ../helpers/family

# thousand: as many bytes, in lines.
thousand() {
	printf '%099d\n' {1..10}
}

@test "a banner comes before the program, the built-in, the answer of tcpmux" {
	thousand >"$INETD_DIR/thousand"
	start_ini <<-END
		[plain]
		port = 0
		server = /bin/cat
		[text]
		port = 0
		server = /bin/cat
		banner = hello\tyou\\\\\n
		[file]
		port = 0
		server = /bin/cat
		banner = $INETD_DIR/thousand
		[echo]
		port = 0
		internal = echo
		banner = echo\x20here\r\n
		[mux]
		port = 0
		internal = tcpmux
		[cat]
		mux = +cat
		server = /bin/cat
		banner = welcome\n
	END
	assert_answer hi ask_tcp plain hi
	assert_answer $'hello\tyou\\\nhi' ask_tcp text hi
	assert_answer "$(thousand)"$'\nhi' ask_tcp file hi
	assert_answer $'echo here\r\nhi' ask_tcp echo hi
	assert_answer $'+Go\r\nwelcome\nhi' ask_tcp mux cat hi
	assert_no_leaks
	inetd_stop
}

@test "banner_fail: from the line or a file, escapes, a thousand bytes" {
	thousand >"$INETD_DIR/thousand"
	start_ini <<-END
		[silent]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		[text]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		banner_fail = not\tyou\x21\r\n\\\\
		[file]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		banner_fail = $INETD_DIR/thousand
		[echo]
		port = 0
		internal = echo
		only_from = 127.0.0.1
		banner_fail = no echo
	END
	for name in silent text file echo; do
		assert_answer hi ask_tcp $name hi
	done
	assert_answer '' ask_tcp -b 127.0.0.2 silent
	assert_answer $'not\tyou!\r\n\\' ask_tcp -b 127.0.0.2 text hi
	assert_answer "$(thousand)" ask_tcp -b 127.0.0.2 file hi
	[ "$(ask_tcp -b 127.0.0.2 file hi | wc -c)" = 1000 ]
	assert_answer 'no echo' ask_tcp -b 127.0.0.2 echo hi
	[ "$(inetd_field file REFUSED)" = 2 ]
	assert_no_leaks
	inetd_stop
}

@test "a reload brings the first text: the worker that sends it is started, and goes with the last" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
	END
	assert_answer hi ask_tcp cat hi
	[ -z "$(inetd_worker || true)" ]
	assert_answer '' ask_tcp -b 127.0.0.2 cat
	echo 'banner_fail = go' >>"$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until assert_answer go ask_tcp -b 127.0.0.2 cat
	sed -i '/banner_fail/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer '' ask_tcp -b 127.0.0.2 cat
	wait_until test -z "$(inetd_worker || true)"
	assert_no_leaks
	inetd_stop
}

@test "an ignored source gets no text" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		banner_fail = no
		deny_time = 1h
		deny_after = 2
	END
	assert_answer hi ask_tcp cat hi
	assert_answer no ask_tcp -b 127.0.0.2 cat
	assert_answer no ask_tcp -b 127.0.0.2 cat
	assert_answer '' ask_tcp -b 127.0.0.2 cat
	assert_answer no ask_tcp -b 127.0.0.3 cat
	inetd_stop
}

@test "banner_fail: outside access_times too" {
	start_ini <<-END
		[always]
		port = 0
		server = /bin/cat
		banner_fail = closed
		[later]
		port = 0
		server = /bin/cat
		banner_fail = closed
		access_times = $(date -d '+9 hours' +%H:%M)-$(date -d '+11 hours' +%H:%M)
	END
	assert_answer hi ask_tcp always hi
	assert_answer closed ask_tcp later hi
	assert_no_leaks
	inetd_stop
}

@test "a client of tcpmux is told in its protocol why it is not served, unless it is ignored" {
	start_ini <<-END
		[mux]
		port = 0
		internal = tcpmux
		[open]
		mux = open
		server = /bin/cat
		[denied]
		mux = denied
		server = /bin/cat
		no_access = 127.0.0.2
		banner_fail = never seen
		[times]
		mux = times
		server = /bin/cat
		access_times = $(date -d '+9 hours' +%H:%M)-$(date -d '+11 hours' +%H:%M)
		[full]
		mux = full
		server = /bin/cat
		per_source_rate = none
		exempt = 127.0.0.1
		busy_message = never seen
		[ignored]
		mux = ignored
		server = /bin/cat
		no_access = 127.0.0.2
		deny_time = 1h
		deny_after = 1
	END
	for name in open denied full ignored; do
		assert_answer hi ask_tcp mux "$name" hi
	done
	assert_answer $'-Service not available\r' ask_tcp mux nothing
	assert_answer $'-Service not available\r' ask_tcp mux times
	assert_answer hi ask_tcp -b 127.0.0.2 mux open hi
	assert_answer $'-Service not available\r' ask_tcp -b 127.0.0.2 mux denied hi
	assert_answer $'-Service busy, try again later\r' ask_tcp -b 127.0.0.2 mux full hi
	assert_answer $'-Service not available\r' ask_tcp -b 127.0.0.2 mux ignored hi
	assert_answer '' ask_tcp -b 127.0.0.2 mux ignored
	field_is denied REFUSED 1
	field_is times REFUSED 1
	field_is full REFUSED 1
	field_is ignored REFUSED 2
	assert_no_leaks
	inetd_stop
}

@test "clients that never read, and never go, hold nobody up" {
	local fds=() fd i port
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		sndbuf = 4608
		instances = 1
		overload = refuse
		busy_message = busy
		banner = $(printf '%0900d' 0)
	END
	port=$(inetd_port cat)
	exec {fd}<>"/dev/tcp/127.0.0.1/$port"
	fds+=("$fd")
	wait_until field_is cat RUNNING 1
	for ((i = 0; i < 50; i++)); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		fds+=("$fd")
	done
	assert_answer busy ask_tcp cat
	[ "$(inetd_field cat REFUSED)" = 51 ]
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	wait_until field_is cat RUNNING 0
	assert_answer -e 'hi$' ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "texts are left out, and nothing else, while the worker is down" {
	local port worker
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		banner_fail = no
	END
	port=$(inetd_port cat)
	wait_until assert_answer no ask_tcp -b 127.0.0.2 cat
	worker=$(inetd_worker)
	kill -KILL "$worker"
	wait_until inetd_gone "$worker"
	ask_tcp -b 127.0.0.2 "$port" >/dev/null
	assert_answer hi ask_tcp cat hi
	wait_until assert_answer no ask_tcp -b 127.0.0.2 cat
	assert_no_leaks
	inetd_stop
}
