#!/usr/bin/env bats
# inetctl drain: who waits at a socket is served before the daemon ends, up to a limit of time; and a second daemon that
# listens on the same port takes over without a failed request.

load ../helpers/family
load ../helpers/upgrade

@test "who waits in the queue when the daemon drains is served, in turn" {
	local first one two
	start_ini <<-END
		[cat]
		port = 0
		instances = 1
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		instances = 1
	END
	port=$(inetd_port cat)
	connect_tcp first cat
	wait_until field_is cat RUNNING 1
	connect_tcp one cat
	connect_tcp two cat
	echo one >&"$one"
	echo two >&"$two"
	wait_until queued "$port" 2
	run -0 inetctl drain
	[[ $output == *'1 program and 0 sessions still'* ]]
	wait_until eval "! ask_tcp $port"
	inetd_running
	close_tcp first
	read -r -t 30 line <&"$one"
	[ "$line" = one ]
	inetd_running
	close_tcp one
	read -r -t 30 line <&"$two"
	[ "$line" = two ]
	close_tcp two
	inetd_ended
	assert_log 'drained: no program or session runs any more'
}

@test "a daemon that drains is not replaced, and goes on draining" {
	local held
	own_program
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	port=$(inetd_port cat)
	connect_tcp held cat
	wait_until field_is cat RUNNING 1
	upgraded
	inetctl drain
	wait_until eval "! ask_tcp $port"
	stays 'the daemon is stopping'
	inetd_signal USR2
	wait_until count_is 2 grep 'the daemon is stopping' "$INETD_DIR/log"
	run -1 ask_tcp "$port"
	run -1 inetctl enable cat
	[[ $output == *'the daemon is draining'* ]]
	close_tcp held
	inetd_ended
}

@test "after the time of drain what runs is told to end, and who still waits is closed" {
	local first one talk
	start_ini <<-END
		[cat]
		port = 0
		instances = 1
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
	END
	connect_tcp first cat
	wait_until field_is cat RUNNING 1
	connect_tcp one cat
	connect_tcp talk echo
	wait_until field_is echo RUNNING 1
	run -1 inetctl drain now
	[[ $output == *"'now' is not a time"* ]]
	run -1 inetctl drain 0
	field_is cat STATE full
	run -0 inetctl drain 1s
	inetd_ended
	assert_log 'draining: the time is over: 1 program and 1 session told to end'
	run read -r -t 30 line <&"$first"
	[ "$status" = 1 ]
	run read -r -t 30 line <&"$one"
	[ "$status" = 1 ]
	close_tcp first one talk
}

# second: another daemon with the same configuration, in $INETD_PID.
second() {
	inetd_start --name "$1" --conf "$BATS_TEST_TMPDIR/hello.ini"
}

# asked PATH: somebody waits at that unix socket.
asked() {
	[ "$(ss -Hlx | awk -v path="$1" '$5 == path { print $3 }')" -gt 0 ]
}

@test "two daemons with reuse_port hand over to each other under load, and no request fails" {
	inetd_script hello <<-'END'
		#!/bin/sh
		read -r line
		echo "$line"
	END
	address=127.$((1 + BASHPID / 62500)).$((BASHPID / 250 % 250)).$((1 + BASHPID % 250))
	cat >"$BATS_TEST_TMPDIR/hello.ini" <<-END
		[hello]
		listen = $address:8081
		user = $INETD_USER
		reuse_port = yes
		server = $INETD_DIR/hello
		[echo]
		listen = $address:8082
		reuse_port = yes
		internal = echo
	END
	second one
	(close_inherited && exec python3 - "$address" "$BATS_TEST_TMPDIR" <<-'END') &
		import os, socket, sys, threading, time
		address, directory = sys.argv[1:]
		done, failed = [], []
		def ask(port):
		    while os.path.isdir(directory) and (len(done) <= 100 or not os.path.exists(directory + "/enough")):
		        try:
		            with socket.create_connection((address, port), 30) as one:
		                one.sendall(b"hello\n")
		                one.shutdown(socket.SHUT_WR)
		                answer = b"".join(iter(lambda: one.recv(100), b""))
		            (done if answer == b"hello\n" else failed).append(answer)
		        except OSError as error:
		            failed.append(error)
		threads = [threading.Thread(target=ask, args=(8081 + i % 2,)) for i in range(8)]
		for one in threads:
		    one.start()
		while len(done) <= 100 and not failed:
		    time.sleep(0.01)
		open(directory + "/many", "w").close()
		for one in threads:
		    one.join()
		open(directory + "/answers", "w").write(f"{len(failed)} failed {failed[:3]}\n")
	END
	load=$!
	for name in two three four; do
		old=$INETD_DIR pid=$INETD_PID
		second $name
		# It has some in its queues when it is told.
		kill -STOP "$pid"
		wait_until eval "ss -Hltn src $address | awk '{ waiting += \$2 } END { exit waiting < 4 }'"
		(close_inherited && exec "$INETCTL" -s "$old/control" drain 20s) &
		wait_until asked "$old/control"
		kill -CONT "$pid"
		wait_until inetd_gone "$pid"
		wait "$pid"
		rm -f "$old/started"
	done
	wait_until test -e "$BATS_TEST_TMPDIR/many"
	touch "$BATS_TEST_TMPDIR/enough"
	wait "$load"
	[ "$(cat "$BATS_TEST_TMPDIR/answers")" = '0 failed []' ] || fail "$(cat "$BATS_TEST_TMPDIR/answers")"
	inetd_stop
}

@test "two daemons with reuse_port hand over a unix path to each other under load, and no request fails" {
	local load old pid name
	mkdir "$BATS_TEST_TMPDIR/run"
	cat >"$BATS_TEST_TMPDIR/hello.ini" <<-END
		[hello]
		listen = $BATS_TEST_TMPDIR/run/hello
		user = $INETD_USER
		socket_mode = 0640
		reuse_port = yes
		server = /bin/cat
		[echo]
		listen = $BATS_TEST_TMPDIR/run/echo
		reuse_port = yes
		internal = echo
	END
	# Without the key the path is left to who has it.
	sed 's/reuse_port = yes//' "$BATS_TEST_TMPDIR/hello.ini" >"$BATS_TEST_TMPDIR/plain.ini"
	second one
	old=$INETD_DIR pid=$INETD_PID
	inetd_start --name plain --conf "$BATS_TEST_TMPDIR/plain.ini"
	field_is hello STATE bind
	inetd_stop
	INETD_DIR=$old INETD_PID=$pid
	(close_inherited && exec python3 - "$BATS_TEST_TMPDIR" <<-'END') &
		import os, socket, sys, threading, time
		directory = sys.argv[1]
		done, failed = [], []
		def ask(name):
		    while os.path.isdir(directory) and (len(done) <= 100 or not os.path.exists(directory + "/enough")):
		        try:
		            with socket.socket(socket.AF_UNIX) as one:
		                one.settimeout(30)
		                one.connect(directory + "/run/" + name)
		                one.sendall(b"hello\n")
		                one.shutdown(socket.SHUT_WR)
		                answer = b"".join(iter(lambda: one.recv(100), b""))
		            (done if answer == b"hello\n" else failed).append(answer)
		        except OSError as error:
		            failed.append(error)
		threads = [threading.Thread(target=ask, args=(("hello", "echo")[i % 2],)) for i in range(8)]
		for one in threads:
		    one.start()
		while len(done) <= 100 and not failed:
		    time.sleep(0.01)
		open(directory + "/many", "w").close()
		for one in threads:
		    one.join()
		open(directory + "/answers", "w").write(f"{len(failed)} failed {failed[:3]}\n")
	END
	load=$!
	for name in two three four; do
		old=$INETD_DIR pid=$INETD_PID
		# It has some in its queue when the other one comes, and when it is told.
		kill -STOP "$pid"
		wait_until eval "ss -Hlx | awk 'index(\$5, \"$BATS_TEST_TMPDIR/run/\") { waiting += \$3 } END { exit waiting < 1 }'"
		second $name
		[ "$(stat -c %a "$BATS_TEST_TMPDIR/run/hello")" = 640 ]
		(close_inherited && exec "$INETCTL" -s "$old/control" drain 20s) &
		wait_until asked "$old/control"
		kill -CONT "$pid"
		wait_until inetd_gone "$pid"
		wait "$pid"
		rm -f "$old/started"
		[ "$(ls -A "$BATS_TEST_TMPDIR/run")" = $'echo\nhello' ]
	done
	wait_until test -e "$BATS_TEST_TMPDIR/many"
	touch "$BATS_TEST_TMPDIR/enough"
	wait "$load"
	[ "$(cat "$BATS_TEST_TMPDIR/answers")" = '0 failed []' ] || fail "$(cat "$BATS_TEST_TMPDIR/answers")"
	inetd_stop
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/run")" ]
}
