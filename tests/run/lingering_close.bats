#!/usr/bin/env bats
# Answers of programs that do not read all that their client sends: lingering_close.

load ../helpers/family
load ../helpers/rude
load ../helpers/beside
load ../helpers/upgrade

setup() {
	inetd_setup
	inetd_script one_line <<-'END'
		#!/bin/sh
		read -r line
		echo "you said: $line"
	END
}

teardown() {
	# First: nothing that sleeps for its lock ends before.
	[ ! -e "$INETD_DIR/holders" ] || xargs -r kill -KILL <"$INETD_DIR/holders" 2>/dev/null || true
	inetd_teardown
}

# start_lingering: serves what standard input has as sections, and the script twice: with and
# without lingering_close.
start_lingering() {
	start_ini < <(
		cat
		printf '[plain]\nport = 0\nserver = %s/one_line\n' "$INETD_DIR"
		printf '[linger]\nport = 0\nserver = %s/one_line\nlingering_close = 1s\n' "$INETD_DIR"
	)
}

# worker_idle: the worker has no connection.
worker_idle() {
	[ -z "$(find "/proc/$(inetd_worker)/fd" -lname 'socket:*' | sed 1d)" ] || fail 'the worker has connections'
}

# all_closed: neither the daemon nor its worker has a connection.
all_closed() {
	[ "$(inetd_descriptors)" = "$(cat "$INETD_DIR/descriptors")" ] && worker_idle
}

@test "the answer to half-read input ends with its end, not with a reset" {
	start_lingering </dev/null
	run -4 rude silent plain <<<$'first\nsecond'
	for _ in {1..50}; do
		run -0 --separate-stderr rude silent linger <<<$'first\nsecond'
		[ "$output" = 'you said: first' ]
	done
	# Where all is read the end is the same.
	run -0 --separate-stderr rude silent plain <<<first
	run -0 --separate-stderr rude silent linger <<<first
	wait_until all_closed
	inetd_stop
}

@test "a client that never closes costs its bounded wait" {
	start_lingering </dev/null
	for client in one two three; do
		connect_tcp "$client" linger
		printf 'first\nsecond\n' >&"${!client}"
		assert_answer 'you said: first' cat <&"${!client}"
	done
	wait_until all_closed
	inetd_stop
}

@test "a client that goes on sending is drained of so many bytes, not of all" {
	start_lingering </dev/null
	run -0 python3 - "$(inetd_port linger)" <<-END
		import socket, sys
		sent = 0
		client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		try:
		    while sent < 1 << 30:
		        sent += client.send(b"x" * 65535 + b"\\n")
		except OSError:
		    print(sent >> 20)
	END
	((output >= 16 && output < 64)) || fail "it took $output MiB"
	wait_until all_closed
	inetd_stop
}

@test "what a program leaves behind keeps the connection, in its session or in another" {
	mkfifo "$INETD_DIR/go"
	for how in '' setsid; do
		inetd_script "leaves$how" <<-END
			#!/bin/sh
			read -r line
			echo "\$line"
			$how sh -c 'read -r go <$INETD_DIR/go; read -r more; echo "\$more"; cat' <&1 &
		END
	done
	start_lingering <<-END
		[same]
		port = 0
		server = $INETD_DIR/leaves
		lingering_close = 100ms
		[other]
		port = 0
		server = $INETD_DIR/leavessetsid
		lingering_close = 100ms
	END
	for name in same other; do
		connect_tcp client $name
		# shellcheck disable=SC2154
		printf 'first\nsecond\nthird' >&"$client"
		read -r -t 30 line <&"$client"
		[ "$line" = first ]
		wait_until field_is $name RUNNING 0
		wait_until all_closed
		echo >"$INETD_DIR/go"
		read -r -t 30 line <&"$client"
		[ "$line" = second ]
		read -r -t 30 -n 5 line <&"$client"
		[ "$line" = third ]
		close_tcp client
	done
	inetd_stop
}

@test "what a program leaves behind for a moment ends without a reset too" {
	mkfifo "$INETD_DIR/go"
	inetd_script leaves <<-END
		#!/bin/sh
		read -r line
		sh -c 'read -r go <$INETD_DIR/go; echo late' <&1 &
	END
	# Whoever has closed the connection does not hold up its end.
	inetd_script detaches <<-END
		#!/bin/sh
		read -r line
		echo "\$line"
		sleep 100 <&- >&- 2>&- &
		echo \$! >$INETD_DIR/sleeper
	END
	start_lingering <<-END
		[leaves]
		port = 0
		server = $INETD_DIR/leaves
		lingering_close = 20s
		log = exit
		[detaches]
		port = 0
		server = $INETD_DIR/detaches
		lingering_close = 20s
	END
	rude silent leaves <<<$'first\nsecond' >"$INETD_DIR/answer" &
	client=$!
	assert_log "leaves: .*ended"
	echo >"$INETD_DIR/go"
	wait $client
	[ "$(cat "$INETD_DIR/answer")" = late ]
	run -0 --separate-stderr rude silent detaches <<<$'first\nsecond'
	[ "$output" = first ]
	kill -0 "$(cat "$INETD_DIR/sleeper")"
	kill "$(cat "$INETD_DIR/sleeper")"
	wait_until all_closed
	inetd_stop
}

@test "other processes that are younger than the program do not hold up its end" {
	mkfifo "$INETD_DIR/go"
	inetd_script waits <<-END
		#!/bin/sh
		read -r line
		read -r go <$INETD_DIR/go
		echo "\$line"
	END
	start_lingering <<-END
		[waits]
		port = 0
		server = $INETD_DIR/waits
		lingering_close = 20s
	END
	# Somebody else, who is older than the program, starts a process that is younger, has a session of its own
	# and more descriptors than anybody looks at.
	mkfifo "$INETD_DIR/begin"
	export INETD_DIR
	(close_inherited && read -r _ <"$INETD_DIR/begin" && ulimit -n 2000 && setsid python3 -c 'import os, time
for i in range(1500): os.dup(0)
open(os.environ["INETD_DIR"] + "/many", "w").close()
time.sleep(100)') </dev/null >/dev/null &
	other=$!
	rude silent waits <<<$'first\nsecond' >"$INETD_DIR/answer" &
	client=$!
	wait_until field_is waits RUNNING 1
	echo >"$INETD_DIR/begin"
	wait_until [ -e "$INETD_DIR/many" ]
	echo >"$INETD_DIR/go"
	wait $client
	[ "$(cat "$INETD_DIR/answer")" = first ]
	pkill -P $other
	wait $other || true
	wait_until all_closed
	inetd_stop
}

@test "running programs cost a share of the descriptors at most" {
	before=$(ulimit -Sn)
	ulimit -Sn 64
	INETD_UNDER="prlimit --nofile=64 ${INETD_UNDER:-}" start_lingering <<-END
		[reads]
		port = 0
		server = /bin/cat
		lingering_close = 1s
	END
	ulimit -Sn "$before"
	for i in {1..30}; do
		connect_tcp "client$i" reads
	done
	wait_until field_is reads RUNNING 30
	[ "$(inetd_descriptors)" -le $(($(cat "$INETD_DIR/descriptors") + 16)) ]
	[ "$(inetd_descriptors)" -ge $(($(cat "$INETD_DIR/descriptors") + 10)) ]
	close_tcp client{1..30}
	wait_until all_closed
	inetd_stop
}

@test "lingering_close is for programs with connections" {
	cat >"$INETD_DIR/good.ini" <<-END
		[defaults]
		user = $INETD_USER
		instances = 5
		lingering_close = 2s
		[a]
		listen = 8001
		server = /bin/cat
		[b]
		listen = 8002
		internal = echo
		[c]
		listen = 8003
		server = /bin/cat
		wait = yes
		[d]
		listen = /run/d.sock
		server = /bin/cat
		lingering_close = never
	END
	run -0 "$INETD" -t "$INETD_DIR/good.ini"
	[[ $output != *lingering* ]] || fail "$output"
	for wrong in 'internal = echo' $'server = /bin/cat\nwait = yes' $'server = /bin/cat\nprotocol = udp' \
		$'server = /bin/cat\nlisten = /run/x'; do
		printf '[a]\nlisten = 8001\nuser = %s\nlingering_close = 2s\n%s\n' "$INETD_USER" "$wrong" |
			sed 's/^listen = 8001$/&/' >"$INETD_DIR/bad.ini"
		[[ $wrong != *listen* ]] || sed -i '/^listen = 8001$/d' "$INETD_DIR/bad.ini"
		run -2 "$INETD" -t "$INETD_DIR/bad.ini"
		[[ $output == *'error: lingering_close: '* ]]
	done
}

@test "a program that has its last close wait for an hour does not have the daemon wait" {
	local client
	cp "$TOP/tests/bin/lingers.py" "$INETD_DIR/lingers"
	start_lingering <<-END
		[beside]
		port = 0
		server = /bin/cat
		[lingers]
		port = 0
		server = $INETD_DIR/lingers
		lingering_close = 1s
	END
	assert_answer hi ask_tcp beside hi
	connect_tcp client lingers
	wait_until test -e "$INETD_DIR/full"
	wait_until field_is lingers RUNNING 0
	assert_answer hi ask_tcp beside hi
	exec {client}>&-
	inetd_stop
}

@test "nor does the process that drains its connection wait" {
	local client
	cp "$TOP/tests/bin/lingers.py" "$INETD_DIR/lingers"
	start_ini <<-END
		[echo]
		port = 0
		internal = echo
		[lingers]
		port = 0
		server = $INETD_DIR/lingers
		lingering_close = 200ms
	END
	connect_tcp client lingers
	echo 'never read' >&"$client"
	wait_until test -e "$INETD_DIR/full"
	wait_until field_is lingers RUNNING 0
	beside_start echo
	wait_until beside_asked 40
	beside_end
	exec {client}>&-
	inetd_stop
}

# only_one_kept: the daemon has a copy of one connection at most.
only_one_kept() {
	[ "$(inetd_descriptors)" -le $(($(cat "$INETD_DIR/descriptors") + 1)) ]
}

# sleeps PID: nothing ends it now.
sleeps() {
	grep -q '^State:.D' "/proc/$1/status"
}

@test "a program that keeps its connection locked in the kernel does not have the daemon wait" {
	local first second
	need_root
	mkfifo "$INETD_DIR/go"
	own_program
	cp "$B/tests/bin/lock_socket" "$INETD_DIR/lock_socket"
	# Both have set that their last close waits. One locks its connection itself, the other leaves a process behind that
	# does, and ends when a call on the connection is seen to sleep.
	inetd_script locks <<-END
		#!/usr/bin/python3
		import os, socket, struct, sys
		connection = socket.socket(fileno=0)
		connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3600))
		def note(name):
		    with open("$INETD_DIR/" + name, "a", encoding="ascii") as out:
		        print(os.getpid(), file=out)
		if "leaves" in sys.argv and os.fork():
		    if os.fork():
		        open("$INETD_DIR/go", encoding="ascii").read()
		        os._exit(0)
		    note("holders")
		    note("asker")
		    while True:
		        connection.getsockname()
		note("holders")
		os.execl("$INETD_DIR/lock_socket", "lock_socket")
	END
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[locks]
		port = 0
		user = root
		server = $INETD_DIR/locks
		lingering_close = 300ms
		[leaves]
		port = 0
		user = root
		server = $INETD_DIR/locks
		server_args = leaves
		lingering_close = 300ms
	END
	beside_start beside
	connect_tcp first locks
	connect_tcp second leaves
	echo 'never read' >&"$first"
	echo 'never read' >&"$second"
	wait_until test -s "$INETD_DIR/asker"
	wait_until sleeps "$(cat "$INETD_DIR/asker")"
	: >"$INETD_DIR/go"
	wait_until field_is leaves RUNNING 0
	# Its limit is over: the daemon has let go of what nobody can close.
	wait_until only_one_kept
	upgraded
	wait_until beside_asked 30
	beside_end
	inetd_stop
}
