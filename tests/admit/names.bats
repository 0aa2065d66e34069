#!/usr/bin/env bats
# only_from and no_access with names of hosts and domains: a name server of the test's own says what addresses are called.

load ../helpers/family
load ../helpers/names
load ../helpers/upgrade

# from ADDRESS SERVICE [HOST]: true if a connection from there is served.
from() {
	local family=-4
	[[ $1 != *:* ]] || family=-6
	[ "$(ask_tcp $family -h "${3:-127.0.0.1}" -b "$1" "$2" hi)" = hi ]
}

let_in() {
	name_server <<-END
		127.0.0.2 good.example.com
		good.example.com 127.0.0.2
		127.0.0.3 deep.in.Example.COM.
		deep.in.example.com 127.0.0.9
		deep.in.example.com 127.0.0.3
		127.0.0.4 liar.example.com
		liar.example.com 127.0.0.2
		127.0.0.6 other.test
		other.test 127.0.0.6
		127.0.0.7 example.com
		example.com 127.0.0.7
		silent 127.0.0.8
		::1 six.example.com
		six.example.com ::1
	END
	start_ini <<-END
		[any]
		port = 0
		server = /bin/cat
		[domain]
		port = 0
		server = /bin/cat
		only_from = .example.com
		[host]
		port = 0
		internal = echo
		only_from = GOOD.example.com 127.0.0.5
		[not]
		port = 0
		server = /bin/cat
		no_access = .in.example.com, other.test
		[both]
		port = 0
		server = /bin/cat
		only_from = .example.com 127.0.0.6
		no_access = 127.0.0.2 .in.example.com
		[six]
		bind = ::
		port = 0
		protocol = tcp46
		server = /bin/cat
		only_from = .example.com
		[mux]
		bind = 127.0.0.1
		port = 0
		internal = tcpmux
		[named]
		mux = +named
		server = /bin/cat
		only_from = .example.com
	END
	for source in 127.0.0.2 127.0.0.4 127.0.0.5 127.0.0.8; do
		from $source any
	done
	from 127.0.0.2 domain
	from 127.0.0.3 domain
	run ! from 127.0.0.4 domain # whose name leads to another
	run ! from 127.0.0.5 domain # without a name
	run ! from 127.0.0.6 domain
	run ! from 127.0.0.7 domain # the domain is not in itself
	run ! from 127.0.0.8 domain # nobody answers
	from 127.0.0.2 host
	from 127.0.0.5 host
	run ! from 127.0.0.3 host
	run ! from 127.0.0.4 host
	from 127.0.0.2 not
	from 127.0.0.7 not
	run ! from 127.0.0.3 not
	run ! from 127.0.0.6 not
	run ! from 127.0.0.4 not # nobody knows what it is called
	run ! from 127.0.0.5 not
	run ! from 127.0.0.8 not
	from 127.0.0.6 both
	from 127.0.0.7 not
	run ! from 127.0.0.2 both # an address is closer than a domain
	run ! from 127.0.0.3 both
	from '[::1]' six ::1
	from 127.0.0.2 six
	run ! from 127.0.0.6 six
	# Of several from one service soon after another the first is logged.
	assert_log 'six: refused: .* peer=\[::ffff:127.0.0.6\]:[0-9]+ reason=access host=other.test'
	[ "$(inetd_field domain STARTED),$(inetd_field domain REFUSED)" = 2,5 ]
	[ "$(inetd_field host STARTED),$(inetd_field host REFUSED)" = 2,2 ]
	[[ $(ask_tcp -b 127.0.0.2 mux $'named\r\nhi') == +Go*hi ]]
	[[ $(ask_tcp -b 127.0.0.6 mux $'named\r\nhi') == '-Service not available'* ]]
	for name in any domain host not both six; do
		wait_until field_is $name RUNNING 0
	done
	assert_no_leaks
	inetd_stop
}

@test "names of hosts and domains let in and keep out, if they lead back to the address" {
	with_names
	in_network let_in
}

remembered() {
	name_server <<-END
		127.0.0.2 good.example.com
		good.example.com 127.0.0.2
		127.0.0.3 good.test
		good.test 127.0.0.3
	END
	start_ini <<-END
		[domain]
		port = 0
		server = /bin/cat
		only_from = .example.com 127.0.0.9
	END
	from 127.0.0.9 domain
	[ "$(grep -vc ready "$INETD_DIR/asked")" = 0 ] # the address is enough
	from 127.0.0.2 domain
	run ! from 127.0.0.3 domain
	[ "$(grep -c 'in-addr.arpa' "$INETD_DIR/asked")" = 2 ]
	from 127.0.0.2 domain && from 127.0.0.2 domain
	run ! from 127.0.0.3 domain
	[ "$(grep -c 'in-addr.arpa' "$INETD_DIR/asked")" = 2 ]
	sed -i 's/good.test/good.example.com/' "$INETD_DIR/table"
	echo good.example.com 127.0.0.3 >>"$INETD_DIR/table"
	inetd_reload
	from 127.0.0.3 domain
	inetd_stop
}

@test "a name is looked up once, and again after a reload; never for an address that is let in" {
	with_names
	in_network remembered
}

slow() {
	local port
	name_server <<<'silent 127.0.0.8'
	start_ini <<-END
		[domain]
		port = 0
		server = /bin/cat
		only_from = .example.com 127.0.0.1
		instances = 2
		[other]
		port = 0
		internal = echo
	END
	port=$(inetd_port domain)
	(close_inherited && exec socat -u /dev/null "TCP4:127.0.0.1:$port,bind=127.0.0.8,ignoreeof") &
	wait_until grep -q in-addr "$INETD_DIR/asked"
	# It counts as long as it waits, and keeps nobody else waiting.
	wait_until field_is domain RUNNING 1
	from 127.0.0.1 domain && from 127.0.0.1 other
	(close_inherited && exec socat -u /dev/null "TCP4:127.0.0.1:$port,bind=127.0.0.8,ignoreeof") &
	wait_until field_is domain STATE full
	[ "$(grep -c in-addr "$INETD_DIR/asked")" = 1 ] # one question for both
	# What is not answered in time is no name.
	wait_until field_is domain RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "a look-up that nobody answers keeps only its own client waiting, counts, and ends" {
	with_names 30
	in_network slow
}

crowd() {
	name_server < <(printf 'silent 127.0.1.%d\n' {1..250} && printf 'silent 127.0.2.%d\n' {1..20})
	start_ini <<-END
		[domain]
		port = 0
		server = /bin/cat
		only_from = .example.com 127.0.0.1
		instances = unlimited
	END
	python3 - "$(inetd_port domain)" <<-'END'
		import socket, sys
		def connect(address):
		    return socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60, (address, 0))
		waiting = [connect("127.0.1.%d" % i) for i in range(1, 251)] + [connect("127.0.2.%d" % i) for i in range(1, 7)]
		assert connect("127.0.2.7").recv(1) == b"" # at once: the others have not been answered
		for one in waiting:
		    one.setblocking(False)
		    try:
		        one.recv(1)
		        raise SystemExit("answered")
		    except BlockingIOError:
		        pass
		again = connect("127.0.1.1") # waits for the same answer
		again.setblocking(False)
	END
	from 127.0.0.1 domain
	inetd_stop
}

@test "at most 256 addresses wait for their names; who comes then is refused" {
	with_names 30
	in_network crowd
}

over_upgrade() {
	local client
	name_server <<<'silent 127.0.0.8'
	start_ini <<-END
		[domain]
		port = 0
		server = /bin/cat
		only_from = .example.com
	END
	(close_inherited && ask_tcp -b 127.0.0.8 domain hi >"$INETD_DIR/answer") &
	client=$!
	wait_until field_is domain RUNNING 1
	grep -q 8.0.0.127 "$INETD_DIR/asked" || wait_until grep -q 8.0.0.127 "$INETD_DIR/asked"
	printf '127.0.0.8 late.example.com\nlate.example.com 127.0.0.8\n' >"$INETD_DIR/table"
	upgraded
	wait $client
	[ "$(cat "$INETD_DIR/answer")" = hi ]
	wait_until field_is domain RUNNING 0
	field_is domain STARTED 1
	inetd_stop
}

@test "who waits for his name when the daemon is upgraded is asked about again, and served" {
	own_program
	with_names 20
	in_network over_upgrade
}
