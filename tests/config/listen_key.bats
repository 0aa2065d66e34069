#!/usr/bin/env bats
# The keys listen and mux, from outside: each place that is named is served, by one service.

load ../helpers/family

places() {
	start_ini <<-END
		[inetd]
		stop_children = yes
		[many]
		listen = echo 127.0.0.2:9001-9003 [::1]:9004, localhost:9005 $INETD_DIR/many @inetd-test-many
		server = /bin/cat
		instances = 2
		[datagrams]
		listen = 9001-9002 $INETD_DIR/datagrams
		protocol = udp
		server = $INETD_DIR/once
	END
	for at in '7' '-h 127.0.0.2 9001' '-h 127.0.0.2 9002' '-h 127.0.0.2 9003' '-6 9004' '9005'; do
		# shellcheck disable=SC2086
		assert_answer hi ask_tcp $at hi
	done
	assert_answer hi ask_unix "$INETD_DIR/many" hi
	assert_answer hi ask_unix @inetd-test-many hi
	assert_answer hi ask_udp 9001 hi
	assert_answer hi ask_udp 9002 hi
	assert_answer hi ask_unix -d "$INETD_DIR/datagrams" hi
	# Not where nothing was said: beside the range, and on other addresses than its own.
	run ! ask_tcp -h 127.0.0.2 9004 hi
	run ! ask_tcp 9001 hi
	# They are one service: what runs is counted together.
	connect_tcp one 7
	connect_tcp two 9005
	wait_until field_is many RUNNING 2
	run ! assert_answer hi ask_unix -t 1 "$INETD_DIR/many" hi
	close_tcp one two
	assert_answer hi ask_unix "$INETD_DIR/many" hi
	# A section that says another place is served there, and there only.
	printf '[many]\nport = 9006\n' >>"$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer hi ask_tcp 9006 hi
	run ! ask_tcp 7 hi
	[ ! -e "$INETD_DIR/many" ]
	printf '[many]\nlisten += 127.0.0.2:9007\n' >>"$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer hi ask_tcp 9006 hi
	assert_answer hi ask_tcp -h 127.0.0.2 9007 hi
	inetd_stop
}

@test "listen: ports, ranges, addresses, names of hosts, paths and abstract names, until a section says another place" {
	inetd_script once <<-'END'
		#!/usr/bin/python3
		import os, socket
		s = socket.socket(fileno=0)
		while True:
		    data, peer = s.recvfrom(100)
		    s.sendto(data, peer)
	END
	in_network places
}

passed_on() {
	start_ini <<-END
		[mux]
		port = 9000
		internal = tcpmux
		[hello]
		mux = hello
		server = /bin/echo
		server_args = hello there
		[go]
		mux = +go
		server = /bin/cat
	END
	assert_answer 'hello there' ask_tcp 9000 hello
	assert_answer -e '^\+Go.*hi' ask_tcp 9000 go hi
	run -0 ask_tcp 9000 help
	[[ $output == *go*hello* ]] # by the alphabet
	inetd_stop
}

@test "mux: a service of an INI file is asked for by its name, with +Go where it says so" {
	in_network passed_on
}
