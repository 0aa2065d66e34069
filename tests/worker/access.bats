#!/usr/bin/env bats
# What inetd-worker is told besides: whose datagrams it answers and when, for how long a connection may
# last, and texts for clients that are refused; then the same from the configuration.

load ../helpers/worker
load ../helpers/family

setup() {
	worker_setup
	inetd_setup
}

teardown() {
	worker_teardown
	inetd_teardown
}

# asking PORT SOURCE...: which of the sources get an answer from a port of the loopback address of their family.
asking() {
	client "$@" <<-'END'
		out = []
		for source in sys.argv[2:]:
		    s = udp(source)
		    s.sendto(b"hi", ("::1" if ":" in source else "127.0.0.1", ARGS[0]))
		    if not silent(s, 0.3 * PATIENCE):
		        assert s.recv(99) != b""
		        out.append(source)
		print(*out)
	END
}

# answers COMMAND... -- SOURCE...: which of the sources get an answer from a new echo with these lists.
answers() {
	while [ "$1" != -- ]; do
		worker_tell "$1"
		shift
	done
	shift
	worker_open echo dgram echo "${LISTEN:-127.0.0.1}" "${RATE:-0}" "${RATE:-0}"
	asking "$echo" "$@"
}

# networks FROM TO PREFIX: 250 networks for each of these second bytes, a line each, PREFIX in front.
networks() {
	local i j
	for ((i = $1; i <= $2; i++)); do
		for ((j = 0; j < 250; j++)); do
			echo "${3}127.$i.$j.0/24"
		done
	done
}

# minute: of the week, in the local time of the worker.
minute() {
	date '+%u %H %M' | { read -r day hour minute && echo $(((day - 1) * 1440 + 10#$hour * 60 + 10#$minute)); }
}

# span HOURS: two hours of the week, around now and so many hours.
span() {
	echo "$(((10080 + $(minute) - 60 + $1 * 60) % 10080)) 120"
}

@test "datagrams are answered to those whom the lists let in" {
	worker_start
	[ "$(answers 'list no 10.0.0.0/8' -- 127.0.0.1 127.1.0.1)" = '127.0.0.1 127.1.0.1' ]
	[ "$(answers 'list only 127.0.0.0/16' -- 127.0.0.1 127.1.0.1)" = 127.0.0.1 ]
	[ "$(answers 'list no 127.0.0.0/16' -- 127.0.0.1 127.1.0.1)" = 127.1.0.1 ]
	[ "$(answers 'list only 127.0.0.0/8' 'list no 127.1.0.0/16' 'list only 127.1.2.3/32' -- \
		127.0.0.1 127.1.2.3 127.1.2.4)" = '127.0.0.1 127.1.2.3' ]
	# the lists of one socket are not the next one's
	[ "$(answers -- 127.0.0.1 127.1.0.1)" = '127.0.0.1 127.1.0.1' ]
	worker_wait 3 '^note denied'
	worker_wait 1 '^note denied [0-9]* 1 127.1.2.4 '
}

@test "lists hold for IPv4 on a socket that takes both" {
	worker_start
	LISTEN=::
	[ "$(answers -- 127.0.0.1 ::1)" = '127.0.0.1 ::1' ]
	[ "$(answers 'list only 127.1.0.0/16' 'list only ::1/128' -- 127.0.0.1 127.1.0.1 ::1)" = '127.1.0.1 ::1' ]
	[ "$(answers 'list only ::/0' -- 127.1.0.1 ::1)" = ::1 ]
	[ "$(answers 'list no ::/0' -- 127.1.0.1 ::1)" = 127.1.0.1 ]
}

@test "a list of thousands of networks" {
	worker_start
	networks 10 29 'list no ' >&"$WORKER_IN"
	[ "$(answers -- 127.0.0.1 127.10.0.1 127.19.249.255 127.19.250.1 127.29.249.9 127.30.0.1)" = \
		'127.0.0.1 127.19.250.1 127.30.0.1' ]
}

@test "what is thrown away is counted too when it is denied" {
	worker_start
	worker_tell 'list no 127.1.0.0/16'
	worker_open discard dgram discard 127.0.0.1 0 0
	[ -z "$(asking "$discard" 127.0.0.1)" ]
	[ "$(worker_count '^note')" = 0 ]
	[ -z "$(asking "$discard" 127.1.0.1)" ]
	worker_wait "^note denied $discard_ID 1 127.1.0.1 "
}

@test "times are local time, in the sandbox as outside" {
	for zone in UTC0 EST5 XXX-9:30; do
		export TZ=$zone
		worker_start
		[ "$(answers "list times $(span 0)" -- 127.0.0.1)" = 127.0.0.1 ]
		[ "$(answers "list times $(span 3)" "list times $(span 0)" -- 127.0.0.1)" = 127.0.0.1 ]
		[ -z "$(answers "list times $(span 3)" "list times $(span -12)" -- 127.0.0.1)" ]
		worker_wait '^note times [0-9]* 1 127.0.0.1 '
		worker_teardown
		rm "$BATS_TEST_TMPDIR/commands"
	done
	unset TZ
	worker_start
	[ "$(answers "list times $(span 0)" -- 127.0.0.1)" = 127.0.0.1 ]
	[ -z "$(answers "list times $(span 12)" -- 127.0.0.1)" ]
}

@test "exempt networks have no reply rate" {
	worker_start
	RATE=1
	[ "$(answers -- 127.0.0.1 127.0.0.2 127.1.0.1)" = '127.0.0.1 127.1.0.1' ]
	[ "$(answers 'list exempt 127.0.0.2/32' -- 127.0.0.1 127.0.0.2 127.0.0.2 127.0.0.3 127.1.0.1)" = \
		'127.0.0.1 127.0.0.2 127.0.0.2 127.1.0.1' ]
	worker_wait 2 '^note rate'
}

@test "a connection ends after its time, whatever it does" {
	worker_start
	worker_tell 'limit 500'
	worker_open echo stream echo 60000
	worker_open chargen stream chargen 0
	worker_tell 'limit 0'
	worker_open free stream echo 60000
	client "$echo" "$chargen" "$free" <<-'END'
		start = time.monotonic()
		idle, busy, free = tcp(ARGS[0]), tcp(ARGS[0]), tcp(ARGS[2])
		reader, deaf = tcp(ARGS[1]), tcp(ARGS[1])
		def over(s):
		    try:
		        return s.recv(1 << 20) == b""
		    except ConnectionResetError:
		        return True
		def talk(s):
		    try:
		        s.sendall(b"x")
		        return s.recv(9) == b"x"
		    except (ConnectionResetError, BrokenPipeError):
		        return False
		while talk(busy) and not over(reader):
		    assert talk(free)
		wait_until(lambda: over(reader))
		wait_until(lambda: not talk(busy))
		assert over(idle)
		wait_until(lambda: len(events("done")) == 4)
		assert 0.45 < time.monotonic() - start
		assert talk(free)
	END
}

@test "a limit of time does not lengthen the idle limit, nor the other way round" {
	worker_start
	worker_tell 'limit 400'
	worker_open slow stream echo 30000
	worker_tell 'limit 30000'
	worker_open fast stream echo 400
	client "$slow" "$fast" <<-'END'
		for port in ARGS:
		    s = tcp(port)
		    start = time.monotonic()
		    assert read_all(s) == b""
		    assert 0.35 < time.monotonic() - start < 20
	END
	worker_wait 2 '^done'
}

@test "a text of a thousand bytes arrives whole" {
	worker_start
	text=$(printf '%01000d' 7)
	worker_open long say "$text"
	worker_open short say no
	client "$long" "$short" "$text" <<-'END'
		for i in range(20):
		    s = tcp(ARGS[0])
		    s.sendall(b"a request that nobody reads" * 1000)
		    assert read_all(s) == sys.argv[3].encode()
		    assert read_all(tcp(ARGS[1])) == b"no"
	END
}

# udp_config LINES: two datagram services, with these lines for the first.
udp_config() {
	printf '[defaults]\nbind = 127.0.0.1\nuser = %s\n' "$INETD_USER"
	printf '[echo]\nport = 0\nprotocol = udp4\ninternal = echo\nreply_rate = unlimited\n%s\n' "$1"
	printf '[other]\nport = 0\nprotocol = udp4\ninternal = daytime\n'
}

@test "from the configuration: refused without an answer, counted and logged; a reload changes only the lists" {
	udp_config 'only_from = 127.0.0.1, 127.2.0.0/16' >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini"
	port=$(inetd_port echo)
	[ "$(asking "$port" 127.0.0.1 127.1.0.1 127.2.0.1)" = '127.0.0.1 127.2.0.1' ]
	assert_log 'echo: 1 datagrams not answered, their address .* service=echo peer=127.1.0.1:'
	[ "$(inetd_field echo REFUSED)" = 1 ]
	[ "$(asking "$(inetd_port other)" 127.1.0.1)" = 127.1.0.1 ]
	worker=$(inetd_worker)

	udp_config 'no_access = 127.0.0.1' >"$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(inetd_port echo)" = "$port" ]
	[ "$(asking "$port" 127.0.0.1 127.1.0.1 127.2.0.1)" = '127.1.0.1 127.2.0.1' ]
	udp_config '' >"$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(asking "$port" 127.0.0.1 127.1.0.1 127.2.0.1)" = '127.0.0.1 127.1.0.1 127.2.0.1' ]
	[ "$(inetd_worker)" = "$worker" ]

	# and a worker that is new knows them too
	udp_config 'no_access = 127.0.0.1' >"$INETD_DIR/inetd.ini"
	inetd_reload
	kill -KILL "$worker"
	served() { [ "$(asking "$port" 127.0.0.1 127.1.0.1)" = 127.1.0.1 ]; }
	wait_until served
	inetd_stop
}

@test "from the configuration: thousands of networks, loaded and loaded again" {
	keys=$(networks 10 17 'no_access += ')
	udp_config "${keys/+=/=}" >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini"
	port=$(inetd_port echo)
	for _ in 1 2 3; do
		[ "$(asking "$port" 127.10.0.1 127.0.0.1 127.17.249.1 127.17.250.1)" = '127.0.0.1 127.17.250.1' ]
		keys+=$'\n'"no_access += 127.200.0.$((++last))"
		udp_config "${keys/+=/=}" >"$INETD_DIR/inetd.ini"
		inetd_reload
	done
	inetd_stop
}

@test "from the configuration: max_time of a built-in" {
	start_ini <<-END
		[echo]
		port = 0
		internal = echo
		max_time = 1
		[free]
		port = 0
		internal = echo
	END
	connect_tcp limited echo
	connect_tcp free free
	echo hi >&"$limited"
	read -r -t 30 line <&"$limited" && [ "$line" = hi ]
	# the end comes by itself
	run -1 read -r -t $((10 * INETD_PATIENCE)) line <&"$limited"
	echo hi >&"$free"
	read -r -t 30 line <&"$free" && [ "$line" = hi ]
	wait_until field_is echo RUNNING 0
	field_is free RUNNING 1
	close_tcp limited free
	assert_no_leaks
}

@test "texts under way are bounded in number: above it connections are closed without one" {
	start_ini <<-END
		[closed]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.1
		banner_fail = not you\n
		[open]
		port = 0
		server = /bin/cat
	END
	client "$(inetd_port closed)" "$(inetd_port open)" "$(inetd_worker)" <<-'END'
		import signal
		many_files()
		os.kill(ARGS[2], signal.SIGSTOP)
		socks = [tcp(ARGS[0]) for _ in range(1200)]
		def closed():
		    poll = select.poll()
		    for s in socks:
		        poll.register(s, select.POLLIN)
		    return len(poll.poll(0))
		wait_until(lambda: closed() == 1200 - 1024)
		assert ask(tcp(ARGS[1]), b"still there") == b"still there"
		assert closed() == 1200 - 1024
		os.kill(ARGS[2], signal.SIGCONT)
		got = [read_all(s) for s in socks]
		assert got.count(b"not you\n") == 1024 and got.count(b"") == 1200 - 1024, got.count(b"")
		for s in socks:
		    s.close()
		assert read_all(tcp(ARGS[0])) == b"not you\n"
	END
	[ "$(inetd_field closed REFUSED)" = 1201 ]
	assert_no_leaks
	inetd_stop
}
