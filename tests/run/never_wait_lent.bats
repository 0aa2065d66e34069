#!/usr/bin/env bats
# Nobody can make inetd wait: a program that was lent a socket, or what it has left behind, keeps it locked in the kernel
# for as long as it likes (tests/bin/lock_socket.c). Who makes a call on the same socket sleeps, and no signal ends it.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside
load ../helpers/upgrade

setup() {
	inetd_setup
	need_root # for userfaultfd(2)
	need_plain
}

# The lock ends first: a daemon that waits for it can then be ended.
teardown() {
	local file
	for file in "$INETD_DIR"/locker.*; do
		[ ! -e "$file" ] || kill -KILL "$(cat "$file")" 2>/dev/null || true
	done
	end_jobs
	inetd_teardown
}

# start_locks [ADDRESS]: the services beside, tcp and udp, whose program serves once, ends, and leaves behind a process
# of its own session that keeps the socket locked; $INETD_DIR/locker.NAME is its number. With $INETD_DIR/stay the program
# does not end, with $INETD_DIR/calm it leaves nothing. With an address tcp is there.
start_locks() {
	probe lock_socket >/dev/null
	inetd_script locks <<-END
		#!/usr/bin/python3
		import os, socket, sys, time
		lent = socket.socket(fileno=0)
		name = sys.argv[1]
		if name == "tcp":
		    conn, _ = lent.accept()
		    conn.sendall(b"served\n")
		    conn.close()
		else:
		    lent.sendto(b"served\n", lent.recvfrom(100)[1])
		if os.path.exists("$INETD_DIR/calm"):
		    os._exit(0)
		pid = os.fork()
		if not pid:
		    os.setsid()
		    os.execl("$INETD_DIR/lock_socket", "lock_socket")
		with open(f"$INETD_DIR/locker.{name}.new", "w") as file:
		    file.write(str(pid))
		asleep = 0
		while asleep < 3:
		    time.sleep(0.01)
		    comm, state = open(f"/proc/{pid}/stat").read().split("(")[1].split(")")
		    asleep = asleep + 1 if comm == "lock_socket" and state.split()[0] in "SD" else 0
		os.rename(f"$INETD_DIR/locker.{name}.new", "$INETD_DIR/locker." + name)
		while os.path.exists("$INETD_DIR/stay"):
		    time.sleep(0.01)
		os._exit(0)
	END
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[tcp]
		listen = ${1:-0}
		wait = yes
		user = root
		server = $INETD_DIR/locks
		server_args = tcp
		[udp]
		port = 0
		protocol = udp
		user = root
		server = $INETD_DIR/locks
		server_args = udp
	END
}

# locked NAME: its program has served once, and the socket is locked.
locked() {
	assert_answer served "ask_$1" "$1" x || return
	wait_until test -s "$INETD_DIR/locker.$1"
}

# told NAME: the daemon has noticed.
told() {
	assert_log "$1: a process of its programs keeps its socket locked"
}

# beside_whole: the service beside was answered all the time, and is now.
beside_whole() {
	wait_until beside_asked 30 && beside_end && assert_answer hi ask_tcp beside hi
}

@test "a left-over process that keeps a lent socket locked makes nobody wait, and stop ends it" {
	local name pid
	start_locks
	beside_start beside
	for name in tcp udp; do
		locked $name
		told $name
		field_is $name STATE locked
	done
	inetctl reload
	beside_whole
	touch "$INETD_DIR/calm"
	for name in tcp udp; do
		pid=$(cat "$INETD_DIR/locker.$name")
		inetctl stop $name
		wait_until inetd_gone "$pid"
		rm "$INETD_DIR/locker.$name"
		inetctl enable $name
		wait_until assert_answer served "ask_$name" $name x
	done
	assert_no_leaks
}

@test "the daemon stops in time while lent sockets are locked" {
	start_locks
	locked tcp
	told tcp
	locked udp
	told udp
	inetd_stop
}

@test "a program that keeps its socket locked makes no reload, disable or stop wait" {
	local name
	touch "$INETD_DIR/stay"
	start_locks
	beside_start beside
	locked tcp
	locked udp
	sed -i 's/^wait = yes/&\nbacklog = 7/; s/^protocol = udp/&\nrcvbuf = 64k/' "$INETD_DIR/inetd.ini"
	inetctl reload
	beside_whole
	for name in tcp udp; do
		inetctl disable $name
		wait_until inetd_gone "$(cat "$INETD_DIR/locker.$name")"
	done
	inetd_stop
}

# tcp_socket: that of the service, and its backlog.
tcp_socket() {
	ss -Hltne "sport = :$(inetd_port tcp)" | awk '{ print $3, $0 }' | sed 's/^\([0-9]*\) .*\(ino:[0-9]*\).*/\2 \1/'
}

@test "a locked socket is the same when the lock has ended, with who waits there and what a reload has asked for" {
	local before
	touch "$INETD_DIR/stay"
	start_locks
	before=$(tcp_socket)
	locked tcp
	sed -i 's/^wait = yes/&\nbacklog = 7/' "$INETD_DIR/inetd.ini"
	inetctl reload
	told tcp
	[ "$(tcp_socket)" = "$before" ]
	touch "$INETD_DIR/calm"
	rm "$INETD_DIR/stay"
	(close_inherited && ask_tcp tcp x >"$INETD_DIR/answer") &
	wait_until field_is tcp RUNNING 0
	field_is tcp STATE locked
	kill -KILL "$(cat "$INETD_DIR/locker.tcp")"
	wait_until grep -qx served "$INETD_DIR/answer"
	wait_until field_is tcp STATE ready
	[ "$(tcp_socket)" = "${before% *} 7" ]
	assert_answer served ask_tcp tcp x
	refute_log 'opening it again'
	inetd_stop
}

@test "an upgrade goes on while a lent socket is locked" {
	touch "$INETD_DIR/stay"
	own_program
	start_locks
	locked tcp
	locked udp
	upgraded
	assert_answer hi ask_tcp beside hi
	inetctl list
	rm "$INETD_DIR/stay"
	told tcp
	told udp
	assert_answer hi ask_tcp beside hi
	inetd_stop
}

@test "a lent socket that its program makes a connection with a time to linger is closed by somebody else" {
	(close_inherited && exec python3 -c '
import socket, sys, time
sink = socket.socket()
sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
sink.bind(("127.0.0.1", 0))
sink.listen()
open(sys.argv[1] + ".new", "w").write(str(sink.getsockname()[1]))
__import__("os").rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)' "$INETD_DIR/sink") &
	wait_until test -s "$INETD_DIR/sink"
	inetd_script clings <<-END
		#!/usr/bin/python3
		import os, socket, struct
		lent = socket.socket(fileno=0)
		conn = lent.accept()[0]
		conn.sendall(b"served")
		conn.close()
		if os.path.exists("$INETD_DIR/harm"):
		    lent.shutdown(socket.SHUT_RDWR)
		    lent.connect(("127.0.0.1", $(cat "$INETD_DIR/sink")))
		    lent.setblocking(False)
		    try:
		        while True:
		            lent.send(bytes(65536))
		    except BlockingIOError:
		        pass
		    lent.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 60))
		    open("$INETD_DIR/done", "w")
		os._exit(0)
	END
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[tcp]
		port = 0
		wait = yes
		server = $INETD_DIR/clings
		user = root
	END
	assert_answer served ask_tcp tcp x
	beside_start beside
	touch "$INETD_DIR/harm"
	assert_answer served ask_tcp tcp x
	wait_until test -e "$INETD_DIR/done"
	rm "$INETD_DIR/harm"
	assert_log 'opening it again'
	beside_whole
	wait_until assert_answer served ask_tcp tcp x
	inetd_stop
}

# own_address: prints one of this test alone.
own_address() {
	echo "127.$((1 + BASHPID / 62500)).$((BASHPID / 250 % 250)).$((1 + BASHPID % 250)):8083"
}

@test "a passed socket that is locked makes no upgrade, disable or enable wait" {
	own_program
	touch "$INETD_DIR/stay"
	INETD_UNDER="$TOP/tests/bin/pass_sockets.py tcp=tcp:127.0.0.1:0 --"
	start_locks
	beside_start beside
	locked tcp
	upgraded
	assert_answer hi ask_tcp beside hi
	inetctl disable tcp
	inetctl enable tcp
	beside_whole
	rm "$INETD_DIR/stay"
	touch "$INETD_DIR/calm"
	kill -KILL "$(cat "$INETD_DIR/locker.tcp")"
	wait_until assert_answer served ask_tcp tcp x
	inetd_stop
}

@test "a passed socket that a program of an earlier daemon keeps locked makes no start wait, and is taken when it can be" {
	local address
	address=$(own_address)
	probe lock_socket >/dev/null
	inetd_script earlier <<-END
		#!/usr/bin/python3
		import os, socket, sys, time
		passed = socket.create_server(("${address%:*}", ${address#*:}))
		pid = os.fork()
		if not pid:
		    os.setsid()
		    os.dup2(passed.fileno(), 0)
		    os.execl("$INETD_DIR/lock_socket", "lock_socket")
		with open("$INETD_DIR/locker.tcp", "w") as file:
		    file.write(str(pid))
		asleep = 0
		while asleep < 3:
		    time.sleep(0.01)
		    comm, state = open(f"/proc/{pid}/stat").read().split("(")[1].split(")")
		    asleep = asleep + 1 if comm == "lock_socket" and state.split()[0] in "SD" else 0
		os.dup2(os.dup(passed.fileno()), 3)
		os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="tcp")
		os.execvp(sys.argv[1], sys.argv[1:])
	END
	touch "$INETD_DIR/calm"
	INETD_UNDER=$INETD_DIR/earlier
	start_locks "$address"
	assert_log "cannot look at the socket that was passed on as 'tcp' \(will retry\)"
	assert_answer hi ask_tcp beside hi
	kill -KILL "$(cat "$INETD_DIR/locker.tcp")"
	wait_until assert_answer served ask_tcp -h "${address%:*}" "${address#*:}" x
	inetd_stop
}

# calls_on LINE PORT: the lines of the trace after that one with a call that locks a socket of the port.
calls_on() {
	tail -n "+$(($1 + 1))" "$INETD_DIR/trace" | grep -E "^[a-z0-9_]+\([0-9]+<(TCP|UDP)[^>]*:$2\b"
}

@test "the daemon itself makes no call that locks a socket which programs have had" {
	local name begun port ports=()
	touch "$INETD_DIR/calm"
	INETD_UNDER="strace -D -qq -yy -o $INETD_DIR/trace"
	INETD_UNDER+=" -e trace=setsockopt,getsockname,getpeername,connect,shutdown,listen,accept4,ioctl"
	start_locks
	for name in tcp udp; do
		ports+=("$(inetd_port $name)")
		assert_answer served "ask_$name" $name x
		wait_until field_is $name RUNNING 0
		calls_on 0 "${ports[-1]}" | grep -q . # before, it does
	done
	begun=$(wc -l <"$INETD_DIR/trace")
	for name in tcp udp; do
		assert_answer served "ask_$name" $name x
		wait_until field_is $name RUNNING 0
	done
	sed -i 's/^wait = yes/&\nbacklog = 7/; s/^protocol = udp/&\nrcvbuf = 64k/' "$INETD_DIR/inetd.ini"
	inetctl reload
	inetctl disable tcp
	inetctl disable udp
	for port in "${ports[@]}"; do
		run calls_on "$begun" "$port"
		[ -z "$output" ] || fail "$output"
	done
	inetd_stop
}
