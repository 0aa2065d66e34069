#!/usr/bin/env bats
# Programs that end, sockets that are lent and come back, and inetd as process 1.

load ../helpers/family
load ../helpers/upgrade

# no_zombies: true when no child of the daemon is one.
no_zombies() {
	! inetd_children | xargs -r ps -o stat= -p | grep Z
}

@test "children are reaped, however many end at once" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 "$B/tests/bin/swarm" -a -c 200 -n 1000 hi hi "$(inetd_port cat)"
	wait_until field_is cat RUNNING 0
	no_zombies
	[ "$(inetd_field cat STARTED)" = 1000 ]
	assert_no_leaks
	inetd_stop
}

@test "a program that dies at once does not close its service" {
	local i
	inetd_start <<-END
		127.0.0.1:{dies} stream tcp nowait $INETD_USER /bin/sh sh -c 'kill -KILL \$\$'
		127.0.0.1:{fails} stream tcp nowait $INETD_USER /bin/false
	END
	for ((i = 0; i < 10; i++)); do
		ask_tcp dies || true
		ask_tcp fails || true
	done
	wait_until field_is dies RUNNING 0
	for name in dies fails; do
		[ "$(inetd_field $name STARTED)" = 10 ]
		# Shown, and served all the same.
		[ "$(inetd_field $name STATE)" = failing ]
	done
	refute_log pausing
	inetd_stop
}

@test "-l logs the start and the end of each program, with what it used" {
	inetd_start <<-END
		127.0.0.1:{quiet} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp quiet hi
	wait_until field_is quiet RUNNING 0
	refute_log 'ended with'
	inetd_stop
	inetd_start -l <<-END
		127.0.0.1:{exits} stream tcp nowait $INETD_USER /bin/sh sh -c 'exit 3'
		127.0.0.1:{killed} stream tcp nowait $INETD_USER /bin/sh sh -c 'kill -KILL \$\$'
	END
	ask_tcp exits || true
	assert_log 'started service=.* peer=127.0.0.1:[0-9]+ pid=[0-9]+'
	assert_log 'ended with .*3 service=.* peer=127.0.0.1:[0-9]+ pid=[0-9]+ duration=[0-9.]+ user=.* peak_kib=[1-9]'
	inetd_log_mark
	ask_tcp killed || true
	assert_log 'ended with .*(Killed|signal 9)'
	inetd_stop
}

@test "a stream socket that waits is lent, and watched again when the program ends" {
	inetd_script greet <<-'END'
		#!/usr/bin/python3
		# Serves until somebody says stop.
		import os, socket
		listener = socket.socket(fileno=0)
		while True:
		    conn, _ = listener.accept()
		    text = conn.recv(100)
		    conn.sendall(b"%d %s" % (os.getpid(), text))
		    conn.close()
		    if b"stop" in text:
		        break
	END
	inetd_start <<-END
		127.0.0.1:{wait} stream tcp wait $INETD_USER $INETD_DIR/greet
	END
	first=$(ask_tcp wait one)
	[[ $first == *one ]]
	[ "$(ask_tcp wait two)" = "${first%one}two" ]
	[ "$(inetd_field wait STATE)" = lent ]
	[ "$(inetd_field wait RUNNING)" = 1 ]
	[ "$(inetd_field wait STARTED)" = 1 ]
	[ "$(ask_tcp wait stop)" = "${first%one}stop" ]
	wait_until field_is wait STATE ready
	second=$(ask_tcp wait stop)
	[[ $second == *stop ]] && [ "$second" != "${first%one}stop" ]
	wait_until field_is wait STARTED 2
	assert_no_leaks
	inetd_stop
}

@test "a datagram socket is lent, and the datagram is there for the program" {
	inetd_script answer <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		data, peer = s.recvfrom(2000)
		s.sendto(data.upper(), peer)
	END
	inetd_start <<-END
		{udp} dgram udp wait $INETD_USER $INETD_DIR/answer
	END
	for family in -4 -6; do
		assert_answer ONE ask_udp $family udp one
		wait_until field_is udp RUNNING 0
		wait_until field_is udp STATE ready
		assert_answer TWO ask_udp $family udp two
		wait_until field_is udp RUNNING 0
	done
	refute_log pausing
	assert_no_leaks
	inetd_stop
}

@test "children of services live on when inetd stops, and a new one serves beside them" {
	local held pid
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	connect_tcp held cat
	wait_until count_is 1 inetd_children cat
	pid=$(inetd_children cat)
	inetd_stop
	echo still here >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = 'still here' ]
	close_tcp held
	wait_until inetd_gone "$pid"
}

# As process 1: the script is what runs in a process table of its own.
as_init() {
	local map=
	[ "$(id -u)" = 0 ] || map=-r
	unshare $map -pf --mount-proc true || skip 'no process namespaces'
	INETD_UNDER='' inetd_config
	timeout 60 unshare $map -pf --mount-proc --kill-child "$INETD" -f -e --control "$INETD_DIR/control" \
		"$INETD_DIR/inetd.conf" >"$INETD_DIR/log" 2>&1 3>&- &
	init=$!
	echo 0 >"$INETD_DIR/mark"
	wait_until inetctl list
	INETD_PID=$(pgrep -P "$(pgrep -P $init)")
	[ "$(inetctl version | sed -n 's/.*process //p')" = 1 ]
}

@test "as process 1 it reaps orphans" {
	as_init <<-END
		127.0.0.1:{orphans} stream tcp nowait root /bin/sh sh -c '(exec </dev/null >/dev/null 2>&1; sleep 60 & sleep 60 &) ; echo left'
	END
	assert_answer left ask_tcp orphans
	wait_until count_is 2 inetd_children sleep
	# shellcheck disable=SC2046 # numbers
	kill $(inetd_children sleep)
	wait_until count_is 0 inetd_children
	assert_answer left ask_tcp orphans
	kill -TERM "$INETD_PID"
	wait $init
}

@test "as process 1 it is replaced by another program, with its children and orphans" {
	local held line
	own_program
	as_init <<-END
		127.0.0.1:{cat} stream tcp nowait root /bin/cat
		127.0.0.1:{orphans} stream tcp nowait root /bin/sh sh -c '(exec </dev/null >/dev/null 2>&1; sleep 60 &) ; echo left'
	END
	connect_tcp held cat
	wait_until count_is 1 inetd_children cat
	assert_answer left ask_tcp orphans
	wait_until count_is 1 inetd_children sleep
	upgraded
	[ "$(inetctl version | sed -n 's/.*process //p')" = 1 ]
	echo still here >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = 'still here' ]
	close_tcp held
	kill "$(inetd_children sleep)"
	wait_until count_is 0 inetd_children
	kill -TERM "$INETD_PID"
	wait $init
}

# ends_when_told: tells it to stop; true when it has.
ends_when_told() {
	kill -TERM "$INETD_PID" 2>/dev/null || true
	inetd_gone "$INETD_PID"
}

@test "as process 1 it ends its children, with KILL those that do not care" {
	local held began soon
	as_init <<-END
		127.0.0.1:{cat} stream tcp nowait root /bin/cat
		127.0.0.1:{deaf} stream tcp nowait root /bin/sh sh -c 'trap "" TERM; echo deaf; while read -r x; do :; done; exec sleep 20'
	END
	connect_tcp held cat
	wait_until count_is 1 inetd_children cat
	began=${EPOCHREALTIME/[.,]/}
	kill -TERM "$INETD_PID"
	timeout 60 tail --pid=$init -f /dev/null
	soon=$((${EPOCHREALTIME/[.,]/} - began))
	wait $init
	close_tcp held

	as_init <<-END
		127.0.0.1:{deaf} stream tcp nowait root /bin/sh sh -c 'trap "" TERM; echo deaf; read -r x; exec sleep 20'
	END
	connect_tcp held deaf
	read -r -t 30 line <&"$held"
	[ "$line" = deaf ]
	# Being told so again and again makes it no later.
	began=${EPOCHREALTIME/[.,]/}
	wait_until ends_when_told
	timeout 60 tail --pid=$init -f /dev/null
	# Those that do not listen are given time, the others had ended it long before.
	((soon < ${EPOCHREALTIME/[.,]/} - began)) || fail "after $soon us"
	wait $init
	close_tcp held
}
