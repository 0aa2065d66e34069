#!/usr/bin/env bats
# What fails around the daemon: accepting, descriptors, fork, exec, programs, files. No service is lost by it.

load ../helpers/family

# datagram NAME: sends one and does not wait for an answer.
@test "accept errors that concern one connection or a moment are passed over" {
	local error
	for error in ECONNABORTED EPERM ENETDOWN EPROTO EINTR; do
		failing_accept $error 3
		inetd_start <<-END
			127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		END
		assert_answer hi ask_tcp cat hi
		refute_log pausing
		[ "$(inetd_field cat STATE)" = ready ]
		assert_answer hi ask_tcp cat hi
		assert_no_leaks
		inetd_stop
	done
}

@test "accept errors for want of memory or descriptors make a pause, and the service goes on" {
	local error
	for error in ENOBUFS ENOMEM ENFILE EMFILE; do
		failing_accept $error 4
		inetd_start <<-END
			127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
			127.0.0.1:{other} stream tcp nowait $INETD_USER /bin/cat
		END
		ask_tcp cat hi >/dev/null 2>&1 || true
		wait_until assert_answer hi ask_tcp cat hi
		[ "$(inetd_log | grep -c 'accept; pausing')" = 1 ]
		[ "$(inetd_field cat STATE)" = ready ]
		assert_answer hi ask_tcp other hi
		assert_no_leaks
		inetd_stop
	done
}

@test "without a descriptor for it, a client is told so at once" {
	failing_accept EMFILE 1
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	# Nothing is said, but the connection ends long before a time-out.
	assert_answer '' ask_tcp cat
	assert_log 'accept; pausing.*(Too many open files|No file descriptors available)'
	wait_until assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "a socket that is broken is opened again" {
	failing_accept EINVAL 1
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	ask_tcp cat hi >/dev/null 2>&1 || true
	assert_log 'opening its socket again'
	wait_until assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "without any descriptor the processor is not burnt, and all goes on when there are some" {
	local before used cat echo
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp echo hi
	cat=$(inetd_port cat)
	echo=$(inetd_port echo)
	prlimit --pid "$INETD_PID" --nofile=3:
	before=$(processor_ms)
	run "$B/tests/bin/swarm" -c 50 -n 50 -t 2 hi hi "$cat" "$echo"
	[[ $output == answered\ 0\ * ]]
	timeout 1 "$INETCTL" -s "$INETD_DIR/control" list || true
	used=$(($(processor_ms) - before))
	[ $used -lt 300 ] || fail "$used ms"
	assert_log 'accept; pausing.*(Too many open files|No file descriptors available)'
	prlimit --pid "$INETD_PID" --nofile="$(ulimit -Hn)":
	wait_until assert_answer hi ask_tcp -t 1 cat hi
	wait_until assert_answer hi ask_tcp -t 1 echo hi
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "when fork fails the service waits a little and goes on; other services do not" {
	local tracer calls=clone,clone3,vfork,fork
	need_plain
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{other} stream tcp nowait $INETD_USER /bin/cat
	END
	strace -qq -o "$INETD_DIR/strace" -e trace="$calls" -e inject="$calls:error=EAGAIN" -p "$INETD_PID" 3>&- &
	tracer=$!
	wait_until grep -q '^TracerPid:.[1-9]' "/proc/$INETD_PID/status"
	run ! assert_answer hi ask_tcp cat hi
	wait_until backs_off cat
	kill "$tracer" && wait "$tracer" || true
	wait_until assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp other hi
	[ "$(inetd_log | grep -c 'cannot start /bin/cat')" = 1 ]
	assert_log 'works again'
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "when fork fails at the start, which asks for users in another process, nothing is unknown" {
	under_strace 'clone,clone3,vfork,fork:error=EAGAIN:when=1..2'
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	refute_log unknown
	wait_until assert_answer hi ask_tcp cat hi
	inetd_stop
}

@test "a program that cannot be started backs its service off: one line, then longer and longer silence" {
	local i tries seconds failed
	inetd_start <<-END
		127.0.0.1:{gone} stream tcp nowait $INETD_USER $INETD_DIR/not-there
		127.0.0.1:{lent} dgram udp wait $INETD_USER $INETD_DIR/not-there
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	SECONDS=0
	for ((i = 0; i < 5; i++)); do
		ask_tcp -t 1 gone hi >/dev/null 2>&1 || true
		datagram lent
	done
	assert_answer hi ask_tcp cat hi
	wait_until backs_off gone
	failed=$(inetd_field gone FAILED)
	# Tries are 1 s, 2 s, 4 s... apart: so many fit in the time, and one that has just begun.
	for ((tries = 2, seconds = SECONDS + 1; seconds > 1; seconds /= 2)); do
		tries=$((tries + 1))
	done
	[ "$failed" -ge 1 ]
	[ "$failed" -le $tries ]
	[ "$(inetd_field gone RUNNING)" = 0 ]
	[ "$(inetd_field gone STARTED)" = 0 ]
	[ "$(inetd_log | grep -c "service=.*not-there\|cannot start .*not-there")" = 2 ]
	assert_log 'No such file or directory'
	# It is tried again by itself.
	ln -s /bin/cat "$INETD_DIR/not-there"
	wait_until assert_answer hi ask_tcp gone hi
	assert_no_leaks
	inetd_stop
}

@test "programs that cannot be run: a directory, no permission, no interpreter" {
	printf '#!/no/such/interpreter\n' | inetd_script interpreter
	printf 'not a program\n' | inetd_script garbage
	printf 'x' >"$INETD_DIR/forbidden"
	inetd_start <<-END
		127.0.0.1:{dir} stream tcp nowait $INETD_USER /usr
		127.0.0.1:{forbidden} stream tcp nowait $INETD_USER $INETD_DIR/forbidden
		127.0.0.1:{interpreter} stream tcp nowait $INETD_USER $INETD_DIR/interpreter
		127.0.0.1:{garbage} stream tcp nowait $INETD_USER $INETD_DIR/garbage
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	for name in dir forbidden interpreter garbage; do
		ask_tcp $name >/dev/null 2>&1 || true
		wait_until field_is $name FAILED 1
		[ "$(inetd_field $name RUNNING)" = 0 ]
	done
	[ "$(inetd_log | grep -c 'cannot start')" = 4 ]
	assert_log "cannot start $INETD_DIR/forbidden: exec.*Permission denied"
	assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "a datagram that nobody takes is dropped, and its service backs off" {
	local began before used
	inetd_start <<-END
		127.0.0.1:{lazy} dgram udp wait $INETD_USER /bin/true
		127.0.0.1:{echo} dgram udp wait $INETD_USER internal echo
	END
	before=$(processor_ms)
	began=${EPOCHREALTIME/[.,]/}
	datagram lazy
	assert_log 'ends without taking what waits.*datagram was dropped'
	assert_answer hi ask_udp echo hi
	[ "$(inetd_field lazy STARTED)" = 1 ]
	# The next one starts it once more, after the pause of a second, and is dropped too.
	datagram lazy
	wait_until field_is lazy STARTED 2
	((${EPOCHREALTIME/[.,]/} - began >= 990000))
	# It takes datagrams again, although all is not well.
	wait_until field_is lazy STATE failing
	used=$(($(processor_ms) - before))
	[ $used -lt 300 ] || fail "$used ms"
	[ "$(inetd_log | grep -c 'ends without')" = 1 ]
	assert_no_leaks
	inetd_stop
}

@test "a wait program that does not accept is not started in a circle" {
	local before used
	inetd_start <<-END
		127.0.0.1:{lazy} stream tcp wait $INETD_USER /bin/true
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	before=$(processor_ms)
	ask_tcp -t 3 lazy hi >/dev/null 2>&1 || true
	assert_log 'ends without taking what waits'
	[ "$(inetd_field lazy STARTED)" -le 5 ]
	used=$(($(processor_ms) - before))
	[ $used -lt 300 ] || fail "$used ms"
	assert_answer hi ask_tcp cat hi
	inetd_stop
}

@test "a configuration file that vanishes takes no service with it" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	port=$(inetd_port cat)
	mv "$INETD_DIR/inetd.conf" "$INETD_DIR/away"
	inetd_reload --hup
	assert_answer hi ask_tcp "$port" hi
	run -2 inetd_reload
	[[ $output == *inetd.conf*No\ such\ file* ]]
	assert_answer hi ask_tcp "$port" hi
	assert_log 'inetd.conf.*No such file'
	mv "$INETD_DIR/away" "$INETD_DIR/inetd.conf"
	inetd_reload
	assert_answer hi ask_tcp "$port" hi
	inetd_stop
}

@test "it starts and serves without a log that takes its lines" {
	# Standard error is closed: a full disk or a dead pipe would be the same.
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	inetd_stop
	INETD_UNDER="$INETD_DIR/deaf ${INETD_UNDER:-}"
	printf '#!/bin/sh\nexec "$@" 2>/dev/full\n' | inetd_script deaf
	inetd_start -d <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	inetd_reload
	assert_answer hi ask_tcp cat hi
	inetd_stop
}

@test "a wait program that could not be started leaves nothing that makes accepting block" {
	inetd_start <<-END
		127.0.0.1:{x} stream tcp wait $INETD_USER $INETD_DIR/missing
	END
	port=$(inetd_port x)
	knock "$port"
	assert_log 'cannot start'
	ln -s /bin/cat "$INETD_DIR/missing"
	inetd_config <<-END
		127.0.0.1:{x} stream tcp nowait $INETD_USER $INETD_DIR/missing
	END
	inetd_reload
	wait_until field_is x STATE ready
	[ "$(inetd_port x)" = "$port" ]
	assert_answer hi ask_tcp "$port" hi
	# It did not stay in accept(2) after that one.
	timeout 60 "$INETCTL" -s "$INETD_DIR/control" list
	assert_answer hi ask_tcp x hi
	assert_no_leaks
	inetd_stop
}

@test "descriptors that are sent to a datagram service are not taken in" {
	local round
	inetd_script count <<-'END'
		#!/usr/bin/python3
		import os, socket
		s = socket.socket(fileno=0)
		text, ancillary, flags, peer = s.recvmsg(100, socket.CMSG_SPACE(4 * 100))
		for level, kind, data in ancillary:
		    print(len(data) // 4, file=open(text.decode(), "w"))
	END
	inetd_start <<-END
		$INETD_DIR/sock dgram unix wait $INETD_USER $INETD_DIR/count
	END
	for round in 1 2 3; do
		python3 - "$INETD_DIR" <<-'END'
			import array, os, socket, sys
			s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
			files = array.array("i", [os.open("/etc/passwd", os.O_RDONLY) for i in range(50)])
			s.sendmsg([sys.argv[1].encode() + b"/got"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, files)],
			          0, sys.argv[1] + "/sock")
		END
		wait_until field_is "$INETD_DIR/sock" STARTED $round
		wait_until field_is "$INETD_DIR/sock" RUNNING 0
		# The program gets them all.
		[ "$(cat "$INETD_DIR/got")" = 50 ]
		rm "$INETD_DIR/got"
	done
	assert_no_leaks
	inetd_stop
}

rude_programs() {
	local service round
	inetd_script rude <<-'END'
		#!/usr/bin/python3
		import socket, sys
		s = socket.socket(fileno=0)
		if s.type == socket.SOCK_DGRAM:
		    text, peer = s.recvfrom(100)
		    s.sendto(b"hi", peer)
		    if sys.argv[1] == "connect":
		        s.connect(peer)
		else:
		    conn, peer = s.accept()
		    conn.sendall(b"hi")
		    conn.close()
		try:
		    if sys.argv[1] != "connect":
		        s.shutdown(getattr(socket, sys.argv[1]))
		except OSError: # it is done all the same (ENOTCONN for udp)
		    pass
	END
	inetd_start <<-END
		127.0.0.1:7001 dgram udp wait $INETD_USER $INETD_DIR/rude rude connect
		127.0.0.1:7002 dgram udp wait $INETD_USER $INETD_DIR/rude rude SHUT_RDWR
		127.0.0.1:7003 dgram udp wait $INETD_USER $INETD_DIR/rude rude SHUT_RD
		127.0.0.1:7004 stream tcp wait $INETD_USER $INETD_DIR/rude rude SHUT_RDWR
		127.0.0.1:7005 stream tcp wait $INETD_USER $INETD_DIR/rude rude SHUT_RD
		$INETD_DIR/sock stream unix wait $INETD_USER $INETD_DIR/rude rude SHUT_RDWR
	END
	for round in 1 2 3; do
		for service in 7001 7002 7003; do
			wait_until assert_answer hi ask_udp $service hi
		done
		for service in 7004 7005; do
			wait_until assert_answer hi ask_tcp $service
		done
		wait_until assert_answer hi ask_unix "$INETD_DIR/sock"
		for service in 7001 7002 7003 7004 7005 "$INETD_DIR/sock"; do
			wait_until field_is "$service" STATE ready
			field_is "$service" STARTED $round
		done
	done
	assert_log 'a program has shut down its socket'
	inetd_stop
}

@test "a socket that a program has shut down or connected serves the next client" {
	in_network rude_programs
}

@test "a socket that cannot be watched for is tried again" {
	under_strace epoll_ctl:error=ENOSPC:when=4..5
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_log 'cannot watch its socket.*No space left'
	wait_until assert_answer hi ask_tcp -t 1 cat hi
	[ "$(inetd_log | grep -c 'cannot watch')" = 1 ]
	inetd_stop
}

@test "a reader of standard error that has stopped does not stop the daemon" {
	mkfifo "$INETD_DIR/err"
	cat >"$INETD_DIR/full" <<-END
		#!/bin/sh
		exec 2<>"$INETD_DIR/err"
		head -c 65536 /dev/zero >&2
		exec "\$@"
	END
	chmod 755 "$INETD_DIR/full"
	INETD_UNDER="$INETD_DIR/full ${INETD_UNDER:-}"
	inetd_start -l <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp cat hi
	wait_until field_is cat RUNNING 0
	# When it reads again it hears what it has missed.
	exec 8<>"$INETD_DIR/err"
	head -c 65536 <&8 >/dev/null
	assert_answer hi ask_tcp cat hi
	read -r -t 30 line <&8
	[[ $line =~ ': '[1-9][0-9]*' log lines were lost'$ ]]
	read -r -t 30 line <&8
	[[ $line == *'cat: started'* || $line == *': started service='* ]]
	exec 8>&-
	inetd_stop
}

@test "a session from before that ends says nothing about a program that cannot be started now" {
	local held
	ln -s /bin/cat "$INETD_DIR/cat"
	inetd_start <<-END
		127.0.0.1:{x} stream tcp nowait $INETD_USER $INETD_DIR/cat
	END
	connect_tcp held x
	wait_until field_is x RUNNING 1
	rm "$INETD_DIR/cat"
	ask_tcp x hi >/dev/null 2>&1 || true
	assert_log 'cannot start'
	close_tcp held
	wait_until field_is x RUNNING 0
	refute_log 'works again'
	ln -s /bin/cat "$INETD_DIR/cat"
	wait_until assert_answer hi ask_tcp x hi
	assert_log 'works again'
	inetd_stop
}
