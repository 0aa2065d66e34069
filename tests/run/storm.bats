#!/usr/bin/env bats
# Many of everything at once: reloads, connections, services.

load ../helpers/family

# reloads: how many the log tells of.
reloads() {
	inetd_log | grep -c 'reloaded: '
}

@test "1 000 SIGHUPs while 2 000 connections run, none lost" {
	inetd_start -c 0 -s 0 <<-END
		127.0.0.1:{up} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
		127.0.0.1:{other} stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 "$B/tests/bin/swarm" -a -c 8 -n 2000 -H "$INETD_PID:1000" hello HELLO "$(inetd_port up)"
	[ "$output" = 'answered 2000 refused 0 reset 0 wrong 0 late 0' ]
	# Signals that come during a reload are one; each asks a helper for names where there is more than files.
	[ "$(reloads)" -gt 3 ] || fail "$(reloads) reloads"
	inetd_log_mark
	run -0 "$B/tests/bin/swarm" -a -c 32 -n 2000 -H "$INETD_PID:1000" hello hello "$(inetd_port echo)" \
		"$(inetd_port other)"
	[ "$(reloads)" -gt 3 ] || fail "$(reloads) reloads"
	for name in up echo other; do
		wait_until field_is $name RUNNING 0
		[ "$(inetd_field $name REFUSED)" = 0 ]
	done
	[ "$(inetd_field up STARTED)" = 2000 ]
	[ "$(inetd_field other STARTED)" = 1000 ]
	assert_no_leaks
	inetd_stop
}

@test "reloads that change everything, and mistakes, lose no connection" {
	local port round
	inetd_config <<-END
		127.0.0.1:{up} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z
	END
	cp "$INETD_DIR/inetd.conf" "$INETD_DIR/base"
	inetd_start --conf "$INETD_DIR/inetd.conf"
	port=$(inetd_port up)
	inetd_rebase
	("$B/tests/bin/swarm" -a -c 16 -n 2000 hello HELLO "$port" >"$INETD_DIR/swarm" 3>&-) &
	swarm=$!
	round=0
	while kill -0 $swarm 2>/dev/null; do
		round=$((round + 1))
		{
			cat "$INETD_DIR/base"
			case $((round % 4)) in
			0) echo "127.0.0.1:0 stream tcp nowiat $INETD_USER /bin/cat" ;;
			1) seq -f "[::1]:0 stream tcp nowait/%g $INETD_USER /bin/cat" 1 20 ;;
			2) echo "$INETD_DIR/socket stream unix nowait $INETD_USER /bin/cat" ;;
			esac
		} >"$INETD_DIR/new"
		mv "$INETD_DIR/new" "$INETD_DIR/inetd.conf"
		inetd_reload >/dev/null || [ $? = 2 ]
	done
	wait $swarm
	[ "$(cat "$INETD_DIR/swarm")" = 'answered 2000 refused 0 reset 0 wrong 0 late 0' ]
	[ $round -gt 8 ]
	cp "$INETD_DIR/base" "$INETD_DIR/inetd.conf"
	inetd_reload
	assert_no_leaks
	inetd_stop
}

# hundreds NUMBER: so many services on free ports, and their ports.
hundreds() {
	seq -f "127.0.0.1:0 stream tcp nowait $INETD_USER /bin/echo echo %g" 1 "$1" |
		sed 's/$/ of many/' >"$INETD_DIR/inetd.conf"
	inetd_start --conf "$INETD_DIR/inetd.conf"
}

@test "1 100 services at once, each served" {
	hundreds 1100
	mapfile -t ports < <(inetctl list | awk 'NR > 1 { sub(/.*:/, "", $2); print $2 }')
	[ "$(printf '%s\n' "${ports[@]}" | sort -u | wc -l)" = 1100 ]
	# The last ones have descriptors beyond 1024.
	assert_answer '1100 of many' ask_tcp "${ports[1099]}"
	assert_answer '1 of many' ask_tcp "${ports[0]}"
	run "$B/tests/bin/swarm" -a -c 64 -n 1100 '' '' "${ports[@]}"
	# Each says something else, so all of them are "wrong".
	[ "$output" = 'answered 0 refused 0 reset 0 wrong 1100 late 0' ]
	[ "$(inetctl list | awk 'NR > 1 && $5 < 1' | wc -l)" = 0 ]
	inetd_reload | grep 'reloaded: 1100 services.* 0 opened, 0 closed'
	assert_no_leaks
	sed -i '2,$d' "$INETD_DIR/inetd.conf"
	inetd_reload | grep 'reloaded: 1 service,.* 0 opened, 1099 closed'
	run ! ask_tcp "${ports[1099]}"
	assert_answer '1 of many' ask_tcp "${ports[0]}"
	inetd_stop
}

@test "more sockets than descriptors: what fits is served, the rest is retried" {
	ulimit -n 200
	hundreds 300
	[ "$(inetctl list | awk '$3 == "ready"' | wc -l)" -gt 100 ]
	[ "$(inetctl list | awk '$3 == "bind"' | wc -l)" -gt 50 ]
	assert_answer '1 of many' ask_tcp "$(inetctl list | awk 'NR == 2 { sub(/.*:/, "", $2); print $2 }')"
	inetd_stop
}

# more_ready NUMBER: true if more sockets than that are open.
more_ready() {
	[ "$(inetctl list | awk '$3 == "ready"' | wc -l)" -gt "$1" ]
}

@test "sockets that there is no descriptor for are told of once, and follow when there is one" {
	local many
	hundreds 300
	many=$(cat "$INETD_DIR/inetd.conf")
	sed -i '2,$d' "$INETD_DIR/inetd.conf"
	inetd_reload
	prlimit --pid "$INETD_PID" --nofile=200:
	echo "$many" >"$INETD_DIR/inetd.conf"
	inetd_reload
	inetd_reload
	run ! more_ready 200
	[ "$(grep -cE 'Too many open files|No file descriptors available' "$INETD_DIR/log")" = 1 ]
	prlimit --pid "$INETD_PID" --nofile=400:
	wait_until more_ready 299
	[ "$(grep -cE 'Too many open files|No file descriptors available' "$INETD_DIR/log")" = 1 ]
	assert_log 'there are descriptors for all sockets again'
	inetd_stop
}

@test "sockets that are tried again leave descriptors to those who call" {
	local port many
	hundreds 300
	port=$(inetctl list | awk 'NR == 2 { sub(/.*:/, "", $2); print $2 }')
	many=$(cat "$INETD_DIR/inetd.conf")
	sed -i '2,$d' "$INETD_DIR/inetd.conf"
	inetd_reload
	assert_answer '1 of many' ask_tcp "$port"
	prlimit --pid "$INETD_PID" --nofile=200:
	echo "$many" >"$INETD_DIR/inetd.conf"
	inetd_reload
	more_ready 150
	run ! more_ready 200
	prlimit --pid "$INETD_PID" --nofile=220:
	wait_until more_ready 190
	assert_answer '1 of many' ask_tcp "$port"
	assert_answer '1 of many' ask_tcp "$port"
	inetd_stop
}

@test "killall -HUP inetd, in a process table of its own and under load, hits nothing but inetd" {
	local map=
	[ "$(id -u)" = 0 ] || map=-r
	unshare $map -pf --mount-proc true || skip 'no process namespaces'
	inetd_config <<-END
		127.0.0.1:{up} stream tcp nowait root /usr/bin/tr tr a-z A-Z
		127.0.0.1:{echo} stream tcp nowait root internal echo
	END
	cat >"$INETD_DIR/table" <<-'END'
		#!/bin/bash
		# The first process stays a shell, as on a machine with an init.
		set -eu
		"$1" -f -e -c 0 -s 0 --control "$3/control" -p "$3/pid" "$3/inetd.conf" &
		inetd=$!
		until [ -S "$3/go" ] || [ -e "$3/go" ]; do sleep 0.05; done
		read -r up echo <"$3/go"
		"$2" -a -c 32 -n 1500 hello HELLO "$up" >"$3/up" &
		up=$!
		"$2" -a -c 32 -n 1500 hello hello "$echo" >"$3/echo" &
		echo=$!
		times=0
		# On a slow machine a reload takes long, and the clients may be served before there were enough of them.
		while kill -0 $up 2>/dev/null || kill -0 $echo 2>/dev/null || [ $times -le 50 ] ||
			[ "$(grep -c 'reloaded: ' "$3/log")" -le 20 ]; do
			killall -HUP inetd
			times=$((times + 1))
		done
		wait $up
		wait $echo
		echo $times >"$3/times"
		kill -TERM $inetd
		wait $inetd
	END
	timeout 300 unshare $map -pf --mount-proc --kill-child bash "$INETD_DIR/table" \
		"$INETD" "$B/tests/bin/swarm" "$INETD_DIR" >"$INETD_DIR/log" 2>&1 3>&- &
	table=$!
	echo 0 >"$INETD_DIR/mark"
	wait_until inetctl list
	echo "$(inetd_port up) $(inetd_port echo)" >"$INETD_DIR/going"
	mv "$INETD_DIR/going" "$INETD_DIR/go"
	wait $table
	[ "$(cat "$INETD_DIR/up")" = 'answered 1500 refused 0 reset 0 wrong 0 late 0' ]
	[ "$(cat "$INETD_DIR/echo")" = 'answered 1500 refused 0 reset 0 wrong 0 late 0' ]
	[ "$(cat "$INETD_DIR/times")" -gt 50 ]
	[ "$(reloads)" -gt 20 ]
	refute_log 'worker: ended'
}

@test "a thousand sessions and a thousand clients that go away" {
	inetd_start -c 0 -s 0 <<-END
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	python3 - "$(inetd_port echo)" "$(inetd_port cat)" <<-'END'
		import socket, struct, sys
		def open_all(port, count):
		    socks = []
		    for i in range(count):
		        s = socket.create_connection(("127.0.0.1", port), 10, ("127.0.%d.%d" % (i // 200, i % 200 + 2), 0))
		        s.sendall(b"x")
		        socks.append(s)
		    for s in socks:
		        assert s.recv(1) == b"x"
		    return socks
		for port, count in ((int(sys.argv[1]), 1000), (int(sys.argv[2]), 200)):
		    for s in open_all(port, count):
		        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		        s.close()
	END
	for name in echo cat; do
		wait_until field_is $name RUNNING 0
	done
	[ "$(inetd_field echo STARTED)" = 1000 ]
	assert_answer hi ask_tcp echo hi
	assert_no_leaks
	inetd_stop
}
