#!/usr/bin/env bats
# Sockets that the daemon finds open when it starts, from systemd or any parent: a service takes those with its name
# or its address, others are named and closed.

load ../helpers/family

# passed SOCKET...: inetds started from here on find these (tests/bin/pass_sockets.py).
passed() {
	INETD_UNDER="$TOP/tests/bin/pass_sockets.py $* --"
}

# cats LABEL KEY...: a section of a service that says its name, and what its client said.
cats() {
	inetd_script "$1" <<-END
		#!/bin/sh
		echo $1
		exec cat
	END
	printf '%s\n' "[$1]" "server = $INETD_DIR/$1" "${@:2}"
}

# others: which sockets listen in the daemon, besides the control socket.
listening() {
	ss -Hltnp | grep -c "pid=$INETD_PID," || true
}

@test "a service takes the socket with its name, wherever that is bound" {
	need_plain
	passed web=tcp:127.0.0.1:0 path=unix:"$INETD_DIR/elsewhere.sock"
	start_ini < <(
		cats web 'port = 0'
		cats path "listen = $INETD_DIR/path.sock"
		cats own 'port = 0'
	)
	assert_log 'started: 3 services, 3 sockets opened'
	assert_answer $'web\nhi' ask_tcp web hi
	assert_answer $'own\nhi' ask_tcp own hi
	assert_answer $'path\nhi' ask_unix "$INETD_DIR/elsewhere.sock" hi
	[ ! -e "$INETD_DIR/path.sock" ]
	assert_no_leaks
	inetd_signal TERM
	wait_until eval '! inetd_running'
	# The path is the parent's.
	[ -S "$INETD_DIR/elsewhere.sock" ]
	rm "$INETD_DIR/elsewhere.sock"
}

@test "a service takes the socket with its address, whatever that is called" {
	address=127.$((1 + BASHPID / 62500)).$((BASHPID / 250 % 250)).$((1 + BASHPID % 250))
	passed inetd.socket=tcp:"$address:8081" inetd.socket=tcp:"$address:8082" x=unix:"$INETD_DIR/x.sock"
	start_ini < <(
		cats one "listen = $address:8081"
		cats two "listen = $address:8082 $INETD_DIR/x.sock"
	)
	# It is the same socket: another one could not be bound beside it.
	[ "$(listening)" = 2 ]
	assert_answer $'one\nhi' ask_tcp -h "$address" 8081 hi
	assert_answer $'two\nhi' ask_tcp -h "$address" 8082 hi
	assert_answer $'two\nhi' ask_unix "$INETD_DIR/x.sock" hi
	refute_log 'of no service'
	inetd_signal TERM
	wait_until eval '! inetd_running'
	rm "$INETD_DIR/x.sock"
}

@test "what is of no service is named in the log and closed; what is no socket too" {
	need_plain
	passed web=tcp:127.0.0.1:0 stray=tcp:127.0.0.1:0 web=udp:127.0.0.1:0 note=file:/etc/passwd
	start_ini < <(cats web 'port = 0')
	assert_log "the socket that was passed on as 'stray', 127\.0\.0\.1:[0-9]+ is of no service: closed"
	assert_log "the socket that was passed on as 'web', 127\.0\.0\.1:[0-9]+ is of no service: closed"
	assert_log "the descriptor that was passed on as 'note' is of no service: closed"
	assert_answer $'web\nhi' ask_tcp web hi
	[ "$(listening)" = 1 ]
	run ! grep -q /etc/passwd < <(find "/proc/$INETD_PID/fd" -printf '%l\n')
	inetd_stop
}

@test "sockets for another process are not taken" {
	need_plain
	passed --pid 1 web=tcp:127.0.0.1:0
	start_ini < <(cats web 'port = 0')
	assert_answer $'web\nhi' ask_tcp web hi
	[ "$(listening)" = 1 ]
	refute_log 'passed on'
	inetd_stop
}

@test "what waits in the queue of a passed socket is served" {
	inetd_script queued <<-END
		#!/bin/sh
		exec python3 - "\$@" <<-'PY'
			import os, socket, sys
			listener = socket.create_server(("127.0.0.1", 0))
			client = socket.create_connection(listener.getsockname())
			client.sendall(b"early")
			client.shutdown(socket.SHUT_WR)
			if os.fork() == 0:
			    answer = b"".join(iter(lambda: client.recv(100), b""))
			    open("$INETD_DIR/answer", "wb").write(answer)
			    os._exit(0)
			client.close()
			os.dup2(os.dup(listener.fileno()), 3)
			os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="web")
			os.execvp(sys.argv[1], sys.argv[1:])
		PY
	END
	need_plain
	INETD_UNDER=$INETD_DIR/queued
	start_ini < <(cats web 'port = 0')
	wait_until grep -qx early "$INETD_DIR/answer"
	inetd_stop
}

@test "one socket of IPv6 that takes IPv4 too is both sockets of a service" {
	need_plain
	both() {
		passed inetd.socket=tcp6::::80
		start_ini < <(cats web 'port = 80' 'bind = *')
		assert_answer $'web\nhi' ask_tcp 80 hi
		assert_answer $'web\nhi' ask_tcp -6 80 hi
		assert_log 'started: 1 service, 2 sockets opened, 0 not open yet'
		for _ in {1..20}; do
			assert_answer $'web\nhi' ask_tcp 80 hi
		done
		inetd_stop
	}
	in_network both
}

@test "a daemon without rights serves ports that only root may bind, also after disable and enable" {
	need_root
	need_plain
	reserved() {
		passed --nobody web=tcp:127.0.0.1:80 udp=udp:127.0.0.1:7
		chmod 1777 "$INETD_DIR"
		INETD_USER=nobody
		start_ini < <(
			cats web 'port = 80'
			cats more 'port = 8080'
			printf '%s\n' '[udp]' 'listen = 127.0.0.1:7' 'protocol = udp' 'internal = echo'
		)
		[ "$(stat -c %u "/proc/$INETD_PID")" = 65534 ]
		assert_answer $'web\nhi' ask_tcp 80 hi
		assert_answer hi ask_udp 7 hi
		inetctl disable web
		inetctl enable web
		assert_answer $'web\nhi' ask_tcp 80 hi
		sed -i 's/^port = 8080/port = 8081/' "$INETD_DIR/inetd.ini"
		inetd_reload
		assert_answer $'web\nhi' ask_tcp 80 hi
		# Taken out of the configuration it is closed.
		sed -i 's/^port = 80$/port = 8082/; s/^\[web\]/[bew]/' "$INETD_DIR/inetd.ini"
		inetd_reload
		assert_log "the socket that was passed on as 'web', 127\.0\.0\.1:80 is of no service: closed"
		inetd_stop
	}
	in_network reserved
}

@test "systemd-socket-activate: the daemon that it starts serves the connection that it was started for" {
	need_plain
	activated() {
		start_conf=$INETD_DIR/inetd.ini
		{
			printf '%s\n' '[defaults]' 'user = root'
			cats web 'listen = 127.0.0.1:8081'
		} >"$start_conf"
		(
			close_inherited
			exec systemd-socket-activate -l 127.0.0.1:8081 --fdname=any \
				"$INETD" -f -e --control "$INETD_DIR/control" "$start_conf"
		) </dev/null >"$INETD_DIR/log" 2>&1 &
		daemon=$!
		wait_until eval "ss -Hltn 'sport = :8081' | grep -q ."
		assert_answer $'web\nhi' ask_tcp 8081 hi
		assert_answer $'web\nhi' ask_tcp 8081 hi
		kill "$daemon"
		wait "$daemon" || true
	}
	type -P systemd-socket-activate >/dev/null || skip 'no systemd'
	in_network activated
}

@test "an upgrade keeps them, also the one of a service that is disabled" {
	need_plain
	address=127.$((1 + BASHPID / 62500)).$((BASHPID / 250 % 250)).$((1 + BASHPID % 250))
	passed one=tcp:"$address:8081" path=unix:"$INETD_DIR/elsewhere.sock"
	start_ini < <(
		cats one "listen = $address:8081"
		cats path "listen = $INETD_DIR/path.sock"
	)
	inetctl disable one
	inetctl upgrade
	assert_answer $'path\nhi' ask_unix "$INETD_DIR/elsewhere.sock" hi
	inetctl enable one
	assert_answer $'one\nhi' ask_tcp -h "$address" 8081 hi
	[ "$(listening)" = 1 ]
	inetctl upgrade
	assert_answer $'one\nhi' ask_tcp -h "$address" 8081 hi
	refute_log 'of no service'
	inetd_signal TERM
	wait_until eval '! inetd_running'
	rm "$INETD_DIR/elsewhere.sock"
}

@test "disable ends the program that has a passed socket, which stays as it is for who has passed it" {
	local pid
	passed path=unix:"$INETD_DIR/passed.sock"
	inetd_script serves <<-'END'
		#!/usr/bin/python3
		import os, signal, socket
		signal.alarm(300) # it outlives the daemon
		lent = socket.socket(fileno=0)
		while True:
		    conn, _ = lent.accept()
		    conn.sendall(b"%d\n" % os.getpid())
		    conn.close()
	END
	start_ini <<-END
		[path]
		listen = $INETD_DIR/path.sock
		wait = yes
		server = $INETD_DIR/serves
	END
	pid=$(ask_unix "$INETD_DIR/passed.sock")
	kill -0 "$pid"
	run -0 inetctl disable path
	wait_until inetd_gone "$pid"
	ss -Hlx "src = unix:$INETD_DIR/passed.sock" | grep -q .
	inetctl enable path
	run -0 ask_unix "$INETD_DIR/passed.sock"
	[ "$output" != "$pid" ]
	refute_log 'shut down its socket'
	rm "$INETD_DIR/passed.sock"
	inetd_stop
}

@test "outside access_times a passed socket refuses, and stays its parent's" {
	local before
	need_plain
	passed web=tcp:127.0.0.1:0
	inetd_script web <<-END
		#!/usr/bin/python3
		import socket
		conn = socket.socket(fileno=0).accept()[0]
		conn.sendall(b"served")
		conn.close()
	END
	start_ini <<-END
		[web]
		port = 0
		wait = yes
		server = $INETD_DIR/web
		access_times = $(date -d 'now + 3 days' +%a)
	END
	before=$(ss -Hltne "sport = :$(inetd_port web)" | grep -o 'ino:[0-9]*')
	for _ in 1 2 3; do
		run ! assert_answer served ask_tcp -t 10 web x
	done
	wait_until field_is web REFUSED 3
	sed -i '/^access_times/d' "$INETD_DIR/inetd.ini"
	inetctl reload
	assert_answer served ask_tcp web x
	[ "$(ss -Hltne "sport = :$(inetd_port web)" | grep -o 'ino:[0-9]*')" = "$before" ]
	refute_log 'opening it again'
	assert_no_leaks
	inetd_stop
}
