#!/usr/bin/env bats
# activation = systemd: a program that is lent its socket finds it as sd_listen_fds(3) says.

load ../helpers/family

# consumer: a program that takes its sockets as that manual page says, and nothing else; it answers until it is told
# to stop. With what it was given by then in $INETD_DIR/given.
consumer() {
	inetd_script consumer <<-'END'
		#!/usr/bin/python3
		import fcntl, os, socket, sys

		START = 3

		def listen_fds():
		    if os.environ.get("LISTEN_PID") != str(os.getpid()):
		        sys.exit("LISTEN_PID %s is not %d" % (os.environ.get("LISTEN_PID"), os.getpid()))
		    count = int(os.environ["LISTEN_FDS"])
		    names = os.environ["LISTEN_FDNAMES"].split(":")
		    assert len(names) == count
		    return [(name, START + i) for i, name in enumerate(names)]

		for fd in 0, 1, 2:
		    os.close(fd)
		log = open(sys.argv[1], "a", buffering=1)
		sys.stderr = log
		[(name, fd)] = listen_fds()
		fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
		print(name, os.getpid(), file=log)
		sock = socket.socket(fileno=fd)
		if sock.type == socket.SOCK_DGRAM:
		    data, peer = sock.recvfrom(1000)
		    sock.sendto(b"got " + data, peer)
		    sys.exit()
		while True:
		    conn, _ = sock.accept()
		    text = conn.recv(100)
		    conn.sendall(b"got " + text)
		    conn.close()
		    if b"stop" in text:
		        break
	END
}

@test "a program in the manner of sd_listen_fds finds its listener, each time it is started" {
	consumer
	start_ini <<-END
		[web]
		port = 0
		wait = yes
		server = $INETD_DIR/consumer
		server_args = $INETD_DIR/given
		activation = systemd
	END
	assert_answer 'got one' ask_tcp web one
	first=$(inetd_children)
	[ "$(cat "$INETD_DIR/given")" = "web $first" ]
	assert_answer 'got stop' ask_tcp web stop
	wait_until inetd_gone "$first"
	assert_answer 'got two' ask_tcp web two
	[ "$(inetd_children)" != "$first" ]
	assert_answer 'got stop' ask_tcp web stop
	[ "$(wc -l <"$INETD_DIR/given")" = 2 ]
	assert_no_leaks
	inetd_stop
}

@test "datagrams; and a wrapper in front, which is the same process" {
	consumer
	start_ini <<-END
		[udp]
		port = 0
		protocol = udp
		server = $INETD_DIR/consumer
		server_args = $INETD_DIR/given
		wrapper = /usr/bin/nice
		activation = systemd
	END
	assert_answer 'got x' ask_udp udp x
	wait_until field_is udp RUNNING 0
	assert_answer 'got y' ask_udp udp y
	[ "$(cut -d' ' -f1 "$INETD_DIR/given" | xargs)" = 'udp udp' ]
	assert_no_leaks
	inetd_stop
}

@test "descriptors 0 to 3 and the three variables, only where it is asked for" {
	local name
	STATE=$(probe state)
	start_ini <<-END
		[systemd]
		port = 0
		protocol = udp
		server = $STATE
		server_args = -o $INETD_DIR/systemd.out
		activation = systemd

		[plain]
		port = 0
		protocol = udp
		server = $STATE
		server_args = -o $INETD_DIR/plain.out
	END
	for name in systemd plain; do
		datagram $name
		wait_until test -e "$INETD_DIR/$name.out"
	done
	[ "$(sed -n 's/^fd //p' "$INETD_DIR/systemd.out" | xargs)" = '0 1 2 3' ]
	[ "$(grep -cE '^env LISTEN_(FDS=1|FDNAMES=systemd|PID=[0-9]+)$' "$INETD_DIR/systemd.out")" = 3 ]
	[ "$(sed -n 's/^fd //p' "$INETD_DIR/plain.out" | xargs)" = '0 1 2' ]
	run ! grep 'env LISTEN_' "$INETD_DIR/plain.out"
	inetd_stop
}

@test "started thirty times, each time it is told its own number" {
	inetd_script once <<-'END'
		#!/bin/bash
		echo "$LISTEN_PID $$" >>"$1"
		exec python3 -c 'import socket
		socket.socket(fileno=3).accept()[0].sendall(b"done\n")'
	END
	start_ini <<-END
		[once]
		port = 0
		wait = yes
		server = $INETD_DIR/once
		server_args = $INETD_DIR/given
		activation = systemd
		instances = 1
	END
	for _ in {1..30}; do
		assert_answer 'done' ask_tcp once
	done
	wait_until field_is once RUNNING 0
	[ "$(wc -l <"$INETD_DIR/given")" -ge 30 ]
	# shellcheck disable=SC2016 # awk's
	run -0 awk '$1 != $2 { bad = 1 } END { exit bad }' "$INETD_DIR/given"
	assert_no_leaks
	inetd_stop
}

# serve_all FILE: a program that serves every socket it is given, one connection at a time: it answers with the number
# of the descriptor, and ends when it is told to stop. Each start appends its LISTEN_ variables to FILE.
serve_all() {
	inetd_script serve_all <<-'END'
		#!/usr/bin/python3
		import os, select, socket, sys

		count = int(os.environ["LISTEN_FDS"])
		with open(sys.argv[1], "a") as out:
		    print(count, os.environ["LISTEN_FDNAMES"], os.environ["LISTEN_PID"] == str(os.getpid()), file=out)
		sockets = [socket.socket(fileno=3 + i) for i in range(count)]
		assert os.fstat(0).st_ino == os.fstat(3).st_ino
		while True:
		    for sock in select.select(sockets, [], [])[0]:
		        conn, _ = sock.accept()
		        text = conn.recv(100)
		        conn.sendall(str(sock.fileno()).encode())
		        conn.close()
		        if b"stop" in text:
		            sys.exit()
	END
}

@test "one program has all sockets of its service, in order, and they come back together" {
	local many name=
	serve_all
	many=$(printf '127.0.1.%s:0 ' {1..20})
	start_ini <<-END
		[three]
		listen = 127.0.0.1:0 $INETD_DIR/path 127.0.0.2:0
		wait = yes
		instances = 1
		server = $INETD_DIR/serve_all
		server_args = $INETD_DIR/three
		activation = systemd

		[many]
		listen = $many
		wait = yes
		server = $INETD_DIR/serve_all
		server_args = $INETD_DIR/many
		activation = systemd
	END
	# Whichever is asked first: there is one program.
	assert_answer 4 ask_unix "$INETD_DIR/path" hi
	assert_answer 3 ask_tcp three hi
	assert_answer 5 ask_tcp -h 127.0.0.2 "$(inetctl list | awk '$1 == "three" && /127.0.0.2/' | grep -oE '127\.0\.0\.2:[0-9]+' | cut -d: -f2)" hi
	[ "$(cat "$INETD_DIR/three")" = '3 three:three:three True' ]
	[ "$(inetctl list | grep -c '^three.*lent')" = 3 ]
	assert_answer 3 ask_tcp three stop
	wait_until eval '! inetctl list | grep "^three.*lent"'
	assert_answer 3 ask_tcp three stop
	wait_until field_is three RUNNING 0
	[ "$(wc -l <"$INETD_DIR/three")" = 2 ]
	# More of them than there are low descriptors.
	for name in $(inetctl list | awk '$1 == "many"' | grep -oE '127\.0\.1\.[0-9]+:[0-9]+'); do
		ask_tcp -h "${name%:*}" "${name#*:}" hi
		echo
	done >"$INETD_DIR/answers"
	diff "$INETD_DIR/answers" <(seq 3 22)
	[ "$(wc -l <"$INETD_DIR/many")" = 1 ]
	assert_answer 22 ask_tcp -h "${name%:*}" "${name#*:}" stop
	assert_no_leaks
	inetd_stop
}
