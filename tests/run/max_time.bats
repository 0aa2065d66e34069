#!/usr/bin/env bats
# max_time and kill_after: programs that run for too long are ended, with all of their process group.

load ../helpers/family

# A time limit within which a program has come to say its first words, on a busy machine too; in seconds.
LIMIT=$((2 * INETD_PATIENCE))

# A program that does not want to end, and a child of it; both are named in the first line that it sends.
stubborn() {
	inetd_script stubborn <<-'END'
		#!/bin/sh
		trap '' TERM
		sleep 1000 &
		echo $$ $!
		exec sleep 1000
	END
}

# first_line NAME: connects to it and puts the processes it names into $pids.
first_line() {
	connect_tcp client "$1"
	read -r -t $((30 * INETD_PATIENCE)) -a pids <&"$client"
}

@test "a program that ignores TERM is ended with its group, after kill_after" {
	stubborn
	start_ini <<-END
		[free]
		port = 0
		server = $INETD_DIR/stubborn

		[limited]
		port = 0
		server = $INETD_DIR/stubborn
		max_time = ${LIMIT}s
		kill_after = 200ms
		log = exit
	END
	first_line free
	free=("${pids[@]}")
	close_tcp client
	first_line limited
	[ ${#pids[@]} = 2 ]
	wait_until inetd_gone "${pids[@]}"
	assert_log 'limited: has run for [0-9.]+ s, more than max_time: .* pid='"${pids[0]}"
	assert_log 'limited: ended with signal 9 .*reason=max_time'
	# It came in two steps.
	duration=$(inetd_log | sed -nE 's/.*limited: ended.*duration=([0-9.]+).*/\1/p')
	python3 -c "assert $LIMIT.2 <= $duration, $duration"
	[ "$(inetd_log | grep -c 'limited: has run')" = 1 ]
	wait_until field_is limited RUNNING 0
	close_tcp client
	# The other one was left alone.
	run ! inetd_gone "${free[0]}"
	run ! inetd_gone "${free[1]}"
	kill -KILL "${free[@]}"
	assert_no_leaks
	inetd_stop
}

@test "a program that obeys TERM can say goodbye, and what is left of its group is killed at once" {
	inetd_script polite <<-'END'
		#!/bin/bash
		(trap '' TERM; exec sleep 1000) &
		trap 'echo goodbye; exit 3' TERM
		echo $$ $!
		while :; do sleep 0.01; done
	END
	start_ini <<-END
		[polite]
		port = 0
		server = $INETD_DIR/polite
		max_time = ${LIMIT}s
		kill_after = 1h
		stderr = null
		log = exit
	END
	first_line polite
	read -r -t $((30 * INETD_PATIENCE)) line <&"$client"
	[ "$line" = goodbye ]
	wait_until inetd_gone "${pids[@]}"
	assert_log 'polite: ended with exit 3 .*reason=max_time'
	close_tcp client
	assert_no_leaks
	inetd_stop
}

@test "a stopped program hears TERM too" {
	start_ini <<-END
		[stopped]
		port = 0
		server = /bin/sh
		server_args = -c 'trap "echo goodbye; exit" TERM; kill -STOP \$\$; echo woken; exec sleep 1000'
		max_time = ${LIMIT}s
		kill_after = 1h
	END
	assert_answer goodbye ask_tcp stopped
	assert_no_leaks
	inetd_stop
}

@test "who is quick enough notices nothing" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		max_time = 1h
		log = start exit
	END
	run -0 "$B/tests/bin/swarm" -a -c 20 -n 200 hi hi "$(inetd_port cat)"
	wait_until field_is cat RUNNING 0
	[ "$(inetd_log | grep -c 'cat: ended with exit 0')" = 200 ]
	refute_log max_time
	assert_no_leaks
	inetd_stop
}

@test "a time that is over before the program has come to run ends it all the same" {
	start_ini <<-END
		[short]
		port = 0
		server = /bin/sleep
		server_args = 1000
		instances = 500
		per_source = 500
		max_time = 1ms
		kill_after = 1ms
	END
	for ((i = 0; i < 50; i++)); do
		connect_tcp "client$i" short
	done
	wait_until field_is short STARTED 50
	wait_until field_is short RUNNING 0
	# Ten seconds have a line, not each program.
	[ "$(inetd_log | grep -c 'has run for')" -le 25 ]
	for ((i = 0; i < 50; i++)); do
		close_tcp "client$i"
	done
	assert_no_leaks
	inetd_stop
}

@test "a program that was lent the socket is ended too, and the socket lent again" {
	inetd_script hangs <<-'END'
		#!/usr/bin/python3
		import os, socket, time
		conn, _ = socket.socket(fileno=0).accept()
		conn.sendall(b"%d\n" % os.getpid())
		time.sleep(1000)
	END
	start_ini <<-END
		[lent]
		port = 0
		server = $INETD_DIR/hangs
		wait = yes
		max_time = 5s
		kill_after = 1s
	END
	first_line lent
	first=${pids[0]}
	run ! inetd_gone "$first"
	close_tcp client
	connect_tcp client lent
	read -r -t $((30 * INETD_PATIENCE)) second <&"$client"
	[ "$first" != "$second" ]
	inetd_gone "$first"
	assert_log 'lent: has run for ([5-9]|[1-9][0-9])'
	close_tcp client
	kill "$second" 2>/dev/null || wait_until inetd_gone "$second"
	assert_no_leaks
	inetd_stop
}

@test "a reload changes kill_after for what runs, not max_time" {
	stubborn
	conf() {
		cat <<-END
			[limited]
			port = 0
			bind = 127.0.0.1
			user = $INETD_USER
			server = $INETD_DIR/stubborn
			max_time = $1
			kill_after = $2
		END
	}
	start_ini < <(conf $((2 * LIMIT))s 1h)
	first_line limited
	conf 1h 100ms >"$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until inetd_gone "${pids[@]}"
	close_tcp client
	assert_no_leaks
	inetd_stop
}

@test "without root, a program that has become another user is told once, and is not tried in a circle" {
	need_root
	# The checkout may be where only root can look.
	cp "$INETD" "$B/inetd-worker" "$INETD_DIR/"
	INETD=$INETD_DIR/${INETD##*/}
	chown nobody "$INETD_DIR"
	install -m 4755 "$(type -P setpriv)" "$INETD_DIR/become"
	INETD_UNDER="setpriv --reuid=nobody --regid=nogroup --clear-groups ${INETD_UNDER:-}"
	INETD_USER=nobody
	start_ini <<-END
		[short]
		port = 0
		server = /bin/sleep
		server_args = 1000
		max_time = 50ms
		[other]
		port = 0
		server = $INETD_DIR/become
		server_args = --reuid=0 --clear-groups /bin/sleep 1000
		max_time = 500ms
		kill_after = 50ms
	END
	assert_answer '' ask_tcp short
	connect_tcp client other
	wait_until field_is other RUNNING 1
	pid=$(inetd_children)
	assert_log 'other: has run for'
	field_is other RUNNING 1
	kill -KILL "$pid"
	close_tcp client
	wait_until field_is other RUNNING 0
	assert_no_leaks
	inetd_stop
}
