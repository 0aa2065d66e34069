#!/usr/bin/env bats
# What happens when descriptors or processes run out, more than once.

load ../helpers/family
load ../helpers/ending

# no_descriptors, descriptors: what the daemon in use may open from now on.
no_descriptors() {
	prlimit --pid "$INETD_PID" --nofile=3:
}

descriptors() {
	prlimit --pid "$INETD_PID" --nofile="$(ulimit -Hn)":
}

@test "each time descriptors run out is said, and begins with the short pause" {
	need_plain
	for field in nowait wait; do
		inetd_start <<-END
			127.0.0.1:{cat} stream tcp $field $INETD_USER /usr/bin/python3 python3 -c "$(one_line)" $field
		END
		assert_answer hi ask_tcp cat hi
		wait_until field_is cat RUNNING 0
		port=$(inetd_port cat)
		for round in 1 2 3; do
			inetd_log_mark
			no_descriptors
			knock "$port"
			assert_log 'pausing'
			descriptors
			wait_until assert_answer hi ask_tcp -t 1 "$port" hi
			wait_until field_is cat RUNNING 0
		done
		assert_no_leaks
		inetd_stop
	done
}

# one_line: a program in Python that answers one connection: the one that it has, or one that it accepts.
one_line() {
	printf '%s' 'import socket, sys; s = socket.socket(fileno=0); ' \
		"c = s.accept()[0] if sys.argv[1] == 'wait' else s; " \
		'c.sendall(c.recv(100)); c.shutdown(1); c.recv(1)'
}

# lent_socket PROTOCOL NAME: the socket of a service.
lent_socket() {
	ss -Han"$1"e "sport = :$(inetd_port "$2")" | grep -o 'ino:[0-9]*'
}

# start_lent: the services tcp and udp, which have lent their sockets once; nothing can be forked while there is
# $INETD_DIR/no_fork.
start_lent() {
	inetd_script answers <<-END
		#!/usr/bin/python3
		import socket
		lent = socket.socket(fileno=0)
		if lent.type == socket.SOCK_DGRAM:
		    lent.sendto(b"ok", lent.recvfrom(100)[1])
		else:
		    conn = lent.accept()[0]
		    conn.sendall(b"ok")
		    conn.shutdown(socket.SHUT_WR)
	END
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/no_fork.so FAULT_FILE=$INETD_DIR/no_fork"
	start_ini <<-END
		[tcp]
		port = 0
		wait = yes
		server = $INETD_DIR/answers
		[udp]
		port = 0
		protocol = udp
		server = $INETD_DIR/answers
	END
	assert_answer ok ask_tcp tcp x
	assert_answer ok ask_udp udp x
	wait_until no_helper # that waits for more
}

no_helper() {
	! pgrep -P "$INETD_PID" -x inetd-helper >/dev/null
}

@test "a lent socket that no process can be had to look at is kept, with who waits there" {
	local before name
	need_plain
	start_lent
	before="$(lent_socket t tcp) $(lent_socket u udp)"
	touch "$INETD_DIR/no_fork"
	for name in tcp udp; do
		(close_inherited && "ask_$name" -t 30 $name x >"$INETD_DIR/$name") &
		assert_log "$name: cannot look at its socket, which programs have had: .*; pausing between tries"
		wait_until field_is $name STATE descriptors
	done
	rm "$INETD_DIR/no_fork"
	for name in tcp udp; do
		wait_until grep -qx ok "$INETD_DIR/$name"
		wait_until field_is $name RUNNING 0
		[ "$(inetd_log | grep -c "$name: .*pausing")" = 1 ]
	done
	refute_log 'opening it again'
	[ "$before" = "$(lent_socket t tcp) $(lent_socket u udp)" ]
	assert_no_leaks
	inetd_stop
}

@test "a lent socket that nobody could look at when its program ended is lent again" {
	local before name
	need_plain
	start_lent
	before="$(lent_socket t tcp) $(lent_socket u udp)"
	sed -i 's/^lent = .*/&\nimport os, time\nwhile not os.path.exists("end"): time.sleep(0.01)/; s|"end"|"'"$INETD_DIR"'/end"|' \
		"$INETD_DIR/answers"
	for name in tcp udp; do
		(close_inherited && "ask_$name" -t 30 $name x >"$INETD_DIR/$name") &
		wait_until field_is $name RUNNING 1
	done
	wait_until no_helper # that waits for more
	touch "$INETD_DIR/no_fork" "$INETD_DIR/end"
	for name in tcp udp; do
		wait_until grep -qx ok "$INETD_DIR/$name"
		wait_until field_is $name RUNNING 0
		assert_log "$name: cannot look at its socket"
	done
	rm "$INETD_DIR/no_fork"
	for name in tcp udp; do
		wait_until assert_answer ok "ask_$name" $name x
	done
	refute_log 'opening it again'
	[ "$before" = "$(lent_socket t tcp) $(lent_socket u udp)" ]
	inetd_stop
}
