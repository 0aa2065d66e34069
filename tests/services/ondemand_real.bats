#!/usr/bin/env bats
# shellcheck disable=SC2016 # for inner shells
# activation = proxy with daemons of Debian's packages that know nothing of it, in the scratch root (make scratch).

load ../helpers/family
load ../helpers/scratch
load ../helpers/relay

setup() {
	need_root
	scratch_setup
	[ -e "$SCRATCH/usr/bin/memcached" ] || fail "there is no memcached in $SCRATCH: make scratch"
	mkdir -m 777 "$INETD_DIR/data"
}

# A redis whose directory is gone, so that it cannot save its data, does not end when it is told to.
teardown() {
	local pid
	for pid in $(inetd_children ondemand); do
		pkill -KILL -s "$pid" || true
	done
	inetd_teardown
}

# daemon_of NAME: the process number of the daemon NAME behind the relay of the only service.
daemon_of() {
	pgrep -P "$(relay)" "$1" | head -1
}

# stops NAME: true when the service's daemon has been told to end, and has.
stops() {
	assert_log "$1: stderr: ondemand: no connection for .* s: the daemon is told to end"
	assert_log "$1: ended with exit 0"
}

# redis COMMAND...: asks the service "redis".
redis() {
	there redis-cli -h 127.0.0.1 -p "$(inetd_port redis)" "$@"
}

start_redis() {
	start_ini <<-END
		[redis]
		listen = 127.0.0.1:0
		user = nobody
		server = /usr/bin/redis-server
		server_args = --bind 127.0.0.1 --port {port} --dir $INETD_DIR/data --save 3600 1
		activation = proxy
		log = exit
		$1
	END
}

@test "redis: idle stop keeps the data, and the next client has it again" {
	start_redis "stop_after = ${INETD_PATIENCE}s"
	[ "$(redis set key value)" = OK ]
	first=$(daemon_of redis-server)
	stops redis
	wait_until inetd_gone "$first"
	[ "$(redis get key)" = value ]
	[ "$(daemon_of redis-server)" != "$first" ]
}

@test "redis: killed in mid-flight, its client sees that, the next one is served" {
	start_redis
	redis set key value
	redis save
	redis blpop never 0 >"$INETD_DIR/blocked" 2>&1 &
	client=$!
	wait_until eval '[[ $(redis client list) == *blpop* ]]'
	first=$(daemon_of redis-server)
	kill -KILL "$first"
	run ! wait "$client"
	assert_log 'redis: stderr: ondemand: the daemon has ended by signal 9'
	wait_until eval '[ "$(redis get key)" = value ]'
	[ "$(daemon_of redis-server)" != "$first" ]
}

@test "redis: a reload and an upgrade in place leave its connections and data alone" {
	start_redis
	redis set key value
	redis blpop list 0 >"$INETD_DIR/blocked" &
	client=$!
	wait_until eval '[[ $(redis client list) == *blpop* ]]'
	first=$(daemon_of redis-server)
	inetd_reload
	inetctl upgrade
	[ "$(redis rpush list pushed)" = 1 ]
	wait "$client"
	grep -q pushed "$INETD_DIR/blocked"
	[ "$(redis get key)" = value ]
	[ "$(daemon_of redis-server)" = "$first" ]
}

@test "redis: a thousand clients while it starts" {
	start_redis
	run -0 python3 - "$(inetd_port redis)" <<-'END'
		import socket, sys
		socks = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) for _ in range(1000)]
		for sock in socks:
		    sock.sendall(b"INCR n\r\n")
		print(len({sock.recv(100) for sock in socks}))
	END
	[ "$output" = 1000 ]
	[ "$(inetd_field redis STARTED)" = 1 ]
}

@test "memcached: by tcp, and by udp" {
	keys=$'user = nobody\nactivation = proxy\nlog = exit\nstop_after = '${INETD_PATIENCE}s
	start_ini <<-END
		[tcp]
		listen = 127.0.0.1:0
		server = /usr/bin/memcached
		server_args = -l 127.0.0.1 -p {port} -U 0
		$keys
		[udp]
		listen = 127.0.0.1:0
		protocol = udp
		server = /usr/bin/memcached
		server_args = -l 127.0.0.1 -p 0 -U {port}
		$keys
	END
	run -0 python3 - "$(inetd_port tcp)" "$(inetd_port udp)" <<-'END'
		import socket, struct, sys
		sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=30)
		sock.sendall(b"set k 0 0 5\r\nhello\r\nget k\r\nquit\r\n")
		print(sock.makefile("rb").read())
		def ask(sock, number, text):
		    sock.send(struct.pack("!HHHH", number, 0, 1, 0) + text)
		    answer = sock.recv(65536)
		    assert struct.unpack("!H", answer[:2])[0] == number
		    return answer[8:]
		clients = []
		for number in range(20):
		    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    sock.settimeout(30)
		    sock.connect(("127.0.0.1", int(sys.argv[2])))
		    clients.append(sock)
		    assert ask(sock, number, b"set k%d 0 0 2\r\n%02d\r\n" % (number, number)) == b"STORED\r\n"
		for number, sock in enumerate(clients):
		    assert b"\r\n%02d\r\n" % number in ask(sock, number, b"get k%d\r\n" % number)
		print("udp")
	END
	[ "${lines[0]}" = "b'STORED\\r\\nVALUE k 0 5\\r\\nhello\\r\\nEND\\r\\n'" ]
	[ "${lines[1]}" = udp ]
	stops tcp
	stops udp
}

# sql SERVICE QUERY: asks PostgreSQL; by tcp where the service is a port, by a unix socket in the directory otherwise.
sql() {
	there chroot --userspec=postgres / /usr/lib/postgresql/15/bin/psql -U postgres -d postgres -Atq "$@"
}

# asleep: true if a client's query sleeps.
asleep() {
	local number
	number=$(sql "${by_tcp[@]}" -c "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")
	[ "$number" = 1 ] || fail "$number queries sleep"
}

# start_postgres STOP_AFTER: PostgreSQL as the services "tcp", a child of which is another user than it, and "path". Sets the words
# that ask them: by_tcp, by_path.
start_postgres() {
	bin=/usr/lib/postgresql/15/bin
	there chroot --userspec=postgres / "$bin/initdb" -A trust -N -D "$INETD_DIR/data/tcp" >"$INETD_DIR/initdb"
	cp -a "$INETD_DIR/data/tcp" "$INETD_DIR/data/path"
	inetd_script by-path <<-'END'
		#!/bin/sh
		# It names its sockets itself.
		ln -s .s.PGSQL.5432 "$2"
		exec /usr/lib/postgresql/15/bin/postgres -D "$1" -h '' -k "${2%/*}" -p 5432
	END
	inetd_script as-root <<-'END'
		#!/bin/sh
		trap 'kill "$!"' TERM
		chroot --userspec=postgres / /usr/lib/postgresql/15/bin/postgres -D "$1" -h 127.0.0.1 -p "$2" -k '' &
		wait "$!"
		wait "$!"
	END
	keys=$'activation = proxy\nlog = exit\nstop_after = '$1
	start_ini <<-END
		[tcp]
		listen = 127.0.0.1:0
		user = root
		server = $INETD_DIR/as-root
		server_args = $INETD_DIR/data/tcp {port}
		$keys
		[path]
		listen = $INETD_DIR/data/.s.PGSQL.5432
		user = postgres
		server = $INETD_DIR/by-path
		server_args = $INETD_DIR/data/path {path}
		$keys
	END
	by_tcp=(-h 127.0.0.1 -p "$(inetd_port tcp)")
	by_path=(-h "$INETD_DIR/data")
}

@test "PostgreSQL: by tcp and by a unix socket, killed, and stopped" {
	start_postgres $((2 * INETD_PATIENCE))s
	# It accepts before it is ready, and says so to its first clients.
	wait_until sql "${by_tcp[@]}" -c 'select 1'
	sql "${by_tcp[@]}" -c 'create table t (n int); insert into t select generate_series(1, 1000)'
	wait_until eval '[ "$(sql "${by_path[@]}" -c "select 6 * 7")" = 42 ]'
	stops path
	# Killed while it answers: the client sees it, and nothing is lost.
	wait_until sql "${by_tcp[@]}" -c 'select 1'
	sql "${by_tcp[@]}" -c 'select pg_sleep(60)' >"$INETD_DIR/asleep" 2>&1 &
	client=$!
	wait_until asleep
	kill -KILL "$(pgrep -of "^$bin/postgres -D $INETD_DIR/data/tcp")"
	run ! wait "$client"
	wait_until eval '[ "$(sql "${by_tcp[@]}" -c "select sum(n) from t")" = 500500 ]'
	stops tcp
	wait_until eval '[ "$(sql "${by_tcp[@]}" -c "select sum(n) from t")" = 500500 ]'
}

# same_backend FD FD: true if the session of psql that reads the one and writes to the other is served still.
same_backend() {
	local number
	echo 'select pg_backend_pid();' >&"$1"
	read -r -t $((10 * INETD_PATIENCE)) number <&"$2"
	: "${backend[$1]:=$number}"
	[ "$number" = "${backend[$1]}" ]
}

@test "PostgreSQL: a thousand connections while it starts; a reload and an upgrade leave sessions alone" {
	start_postgres 10min
	# Each asks for encryption, which is refused by a letter.
	run -0 timeout $((60 * INETD_PATIENCE)) python3 - "$(inetd_port tcp)" "$INETD_DIR/data/.s.PGSQL.5432" <<-'END'
		import socket, struct, sys

		def call(where):
		    sock = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
		    sock.connect(where)
		    sock.sendall(struct.pack("!II", 8, 80877103))
		    return sock

		for where in ("127.0.0.1", int(sys.argv[1])), sys.argv[2]:
		    answers = b""
		    for sock in [call(where) for _ in range(1000)]:
		        with sock:
		            answers += sock.recv(1)
		    print(answers.count(b"N"))
	END
	[ "$output" = $'1000\n1000' ]
	for name in tcp path; do
		[ "$(inetd_field "$name" STARTED)" = 1 ]
	done
	wait_until sql "${by_tcp[@]}" -c 'select 1'
	wait_until sql "${by_path[@]}" -c 'select 1'
	declare -A backend
	coproc tcp { sql "${by_tcp[@]}"; }
	exec {tcp_in}>&"${tcp[1]}" {tcp_out}<&"${tcp[0]}"
	coproc path { sql "${by_path[@]}"; }
	for change in begin 'inetctl reload' 'inetctl upgrade'; do
		[ "$change" = begin ] || $change
		same_backend "$tcp_in" "$tcp_out"
		same_backend "${path[1]}" "${path[0]}"
	done
	[ "$(inetd_field tcp STARTED)" = 1 ]
}
