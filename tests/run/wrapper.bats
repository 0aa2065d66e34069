#!/usr/bin/env bats
# wrapper: a command that stands in front of a service's program.

load ../helpers/family

setup() {
	inetd_setup
	STATE=$(probe state)
}

@test "the wrapper gets the program and its arguments behind its own" {
	start_ini <<-END
		[plain]
		port = 0
		server = $STATE
		server_args = one 'two words'
		argv0 = own-name

		[wrapped]
		port = 0
		server = $STATE
		server_args = one 'two words'
		wrapper = $STATE 'a b' c

		[named]
		port = 0
		server = $STATE
		server_args = one 'two words'
		argv0 = own-name
		wrapper = /usr/bin/env WRAPPED=1
	END
	run -0 ask_tcp plain
	[ "$(grep ^argv <<<"$output")" = "argv 0 'own-name'
argv 1 'one'
argv 2 'two words'" ]
	run -0 ask_tcp wrapped
	[ "$(grep ^argv <<<"$output")" = "argv 0 '$STATE'
argv 1 'a b'
argv 2 'c'
argv 3 '$STATE'
argv 4 'one'
argv 5 'two words'" ]
	# The name of the program is kept.
	run -0 ask_tcp named
	[ "$(grep ^argv <<<"$output")" = "argv 0 'own-name'
argv 1 'one'
argv 2 'two words'" ]
	grep -qx 'env WRAPPED=1' <<<"$output"
	# In lists it is the program.
	field_is wrapped PROGRAM "$STATE"
	inetd_stop
}

@test "a real one: the program runs with what the wrapper has set" {
	start_ini <<-END
		[nice]
		port = 0
		server = /bin/sh
		server_args = -c 'nice; read -r line; echo "\$line"'
		wrapper = /usr/bin/nice -n 7

		[plain]
		port = 0
		server = /bin/sh
		server_args = -c 'nice; read -r line; echo "\$line"'
	END
	base=$(nice)
	assert_answer "$base
hello" ask_tcp plain hello
	assert_answer "$((base + 7 > 19 ? 19 : base + 7))
hello" ask_tcp nice hello
	inetd_stop
}

@test "a wrapper that cannot be run is a failure to start" {
	start_ini <<-END
		[good]
		port = 0
		server = /bin/cat
		wrapper = /usr/bin/env

		[bad]
		port = 0
		server = /bin/cat
		wrapper = $INETD_DIR/missing
	END
	assert_answer hello ask_tcp good hello
	ask_tcp bad || true
	assert_log 'bad: cannot start .*exec: No such file'
	wait_until backs_off bad
	assert_answer hello ask_tcp good hello
	inetd_stop
}

@test "lent sockets and --resolve go through it too" {
	start_ini --resolve <<-END
		[stream]
		port = 0
		server = $STATE
		server_args = -x
		wrapper = /usr/bin/env WRAPPED=1

		[udp]
		port = 0
		protocol = udp
		server = $STATE
		server_args = -o $INETD_DIR/out
		wrapper = /usr/bin/env WRAPPED=1
	END
	run -0 ask_tcp stream
	grep -qx 'env WRAPPED=1' <<<"$output"
	grep -qx "argv 1 '-x'" <<<"$output"
	grep -q '^env TCPLOCALHOST=' <<<"$output"
	datagram udp
	wait_until test -e "$INETD_DIR/out"
	grep -qx 'env WRAPPED=1' "$INETD_DIR/out"
	inetd_stop
}
