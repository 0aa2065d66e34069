#!/usr/bin/env bats
# A network that is slow, loses, repeats and reorders what is sent (tc-netem(8)): answers arrive whole, limits count right
# and times are kept. In a network of the test's own; `make check-vm` has a kernel that can do it.

load ../helpers/family

# need_bad_network: not every kernel has the module.
need_bad_network() {
	need_root
	unshare -n sh -c 'ip link set lo up && tc qdisc add dev lo root netem delay 1ms' 2>/dev/null ||
		skip 'this kernel has no netem'
}

# spoil WHAT...: from here on the loopback interface of this network is as netem is told.
spoil() {
	tc qdisc replace dev lo root netem "$@"
}

BAD=(delay 20ms 10ms loss 3% duplicate 2% reorder 20% 50%)

# fetch_big: a file of 300 kB over HTTP.
fetch_big() {
	mkdir "$INETD_DIR/www"
	head -c 300000 /dev/urandom >"$INETD_DIR/www/big"
	start_ini <<-END
		[www]
		port = 0
		server = $B/services/sendfile
		server_args = $INETD_DIR/www
		[pass]
		port = 0
		server = $B/services/redirect
		server_args = 127.0.0.1 7001
		[7001]
		listen = 127.0.0.1:7001
		server = /bin/cat
	END
	spoil "${BAD[@]}"
	printf 'GET /big HTTP/1.0\r\n\r\n' | ask_tcp -t 60 www - | tail -c 300000 >"$INETD_DIR/got"
	cmp "$INETD_DIR/www/big" "$INETD_DIR/got"
	# Both ways, and the end of what is sent.
	ask_tcp -t 60 pass - <"$INETD_DIR/www/big" >"$INETD_DIR/got"
	cmp "$INETD_DIR/www/big" "$INETD_DIR/got"
	assert_no_leaks
	inetd_stop
}

@test "sendfile and redirect: every byte arrives, and the end of each direction" {
	need_bad_network
	in_network fetch_big
}

counted() {
	local i clients=()
	start_ini <<-END
		[one]
		port = 0
		server = /bin/cat
		instances = 2
		[source]
		port = 0
		server = /bin/cat
		per_source = 1
	END
	spoil "${BAD[@]}"
	for i in {1..8}; do
		ask_tcp -t 60 one "$i" >"$INETD_DIR/answer.$i" 3>&- &
		clients+=($!)
	done
	wait "${clients[@]}"
	[ "$(cat "$INETD_DIR"/answer.* | sort -n | xargs)" = '1 2 3 4 5 6 7 8' ]
	wait_until field_is one RUNNING 0
	field_is one STARTED 8
	# One runs; the next one of its source is refused, and served when the first has ended.
	connect_tcp client source
	wait_until field_is source RUNNING 1
	run ask_tcp -t 60 source hi
	[ "$output" != hi ]
	close_tcp client
	wait_until field_is source RUNNING 0
	assert_answer hi ask_tcp -t 60 source hi
	inetd_stop
}

@test "limits: whatever is lost and repeated, each connection is one" {
	need_bad_network
	in_network counted
}

ended_in_time() {
	local began
	start_ini <<-END
		[short]
		port = 0
		server = /bin/cat
		max_time = 1s
		[builtin]
		port = 0
		internal = chargen
		max_time = 1s
	END
	spoil delay 200ms loss 20%
	began=$SECONDS
	connect_tcp client short
	wait_until field_is short STARTED 1
	wait_until field_is short RUNNING 0
	((SECONDS - began < 20 * INETD_PATIENCE))
	close_tcp client
	# It sends without end, to a client whose answers get lost.
	connect_tcp client builtin
	wait_until field_is builtin RUNNING 0
	close_tcp client
	assert_no_leaks
	inetd_stop
}

@test "max_time: a program and a session end in time, also where nothing gets through" {
	need_bad_network
	in_network ended_in_time
}

half_read() {
	local i
	inetd_script one_line <<-'END'
		#!/bin/sh
		read -r line
		echo "you said: $line"
	END
	start_ini <<-END
		[linger]
		port = 0
		server = $INETD_DIR/one_line
		lingering_close = 20s
	END
	spoil "${BAD[@]}"
	for i in {1..5}; do
		assert_answer "you said: $i" ask_tcp -t 60 linger "$i" unread
	done
	assert_no_leaks
	inetd_stop
}

@test "lingering_close: the answer to half-read input arrives" {
	need_bad_network
	in_network half_read
}
