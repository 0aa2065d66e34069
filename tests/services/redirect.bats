#!/usr/bin/env bats
# shellcheck disable=SC2154,SC2094
# redirect: nobody can tell that the server is elsewhere.

load ../helpers/family
load ../helpers/rude

teardown() {
	close_target
	inetd_teardown
}

# listen_at ADDRESS: a target of one's own, as others of a test need not be inetd's: a python that runs standard
# input with `accept()`, which returns a connection. Its port is $target.
listen_at() {
	local script=$INETD_DIR/target.py
	{
		cat <<-'END'
			import socket, struct, sys
			listener = socket.create_server((sys.argv[1], 0), family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
			listener.settimeout(30)
			print(listener.getsockname()[1], flush=True)
			def accept():
			    s = listener.accept()[0]
			    s.settimeout(30)
			    return s
			def read_all(s):
			    data = b""
			    while more := s.recv(65536):
			        data += more
			    return data
		END
		cat
	} >"$script"
	(close_inherited && exec timeout $((30 * INETD_PATIENCE)) python3 "$script" "$1" >"$INETD_DIR/target" 2>"$INETD_DIR/target.err") &
	target_pid=$!
	wait_until grep -q . "$INETD_DIR/target"
	target=$(head -n 1 "$INETD_DIR/target")
}

# target_done: it ends by itself, content.
target_done() {
	local status=0
	wait "$target_pid" || status=$?
	target_pid=''
	[ $status = 0 ] || fail "the target: $(cat "$INETD_DIR/target.err")"
}

close_target() {
	[ -z "${target_pid:-}" ] || kill "$target_pid" 2>/dev/null || true
}

# start ARGUMENT...: redirect with these arguments as the service way.
start() {
	inetd_use redirect
	start_ini --name redirect <<-END
		[way]
		port = 0
		server = $B/services/redirect
		server_args = $*
		log = exit
	END
}

# start_both [OPTION...]: redirect as the service way, to a service `cat`.
start_both() {
	inetd_start --name target <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	start "$@" 127.0.0.1 "$(inetd_port cat)"
}

stop_both() {
	assert_no_leaks
	field_is way RUNNING 0
	assert_log 'ended with exit 0'
	refute_log 'ended with .*(signal|exit [1-9])'
	inetd_stop
	inetd_use target
	assert_no_leaks
	inetd_stop
}

@test "both ways, whole, and the end of either" {
	start_both
	assert_answer hello ask_tcp way hello
	head -c 20000000 /dev/urandom >"$INETD_DIR/data"
	ask_tcp way - <"$INETD_DIR/data" | cmp - "$INETD_DIR/data"
	stop_both
}

@test "a half-close is carried over, to the target and back" {
	listen_at 127.0.0.1 <<-'END'
		s = accept()
		assert read_all(s) == b"question"
		s.sendall(b"answer")
		s.close()
		s = accept()
		s.sendall(b"greeting")
		s.shutdown(socket.SHUT_WR)
		assert read_all(s) == b"question"
	END
	start 127.0.0.1 "$target"
	[ "$(printf question | rude half-close way)" = answer ]
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		data = b""
		while more := s.recv(100):
		    data += more
		assert data == b"greeting", data
		s.sendall(b"question")
	END
	target_done
	assert_no_leaks
	inetd_stop
}

@test "a reset is carried over, to the target and back" {
	listen_at 127.0.0.1 <<-'END'
		s = accept()
		assert s.recv(100) == b"half a question"
		s.sendall(b"go")
		try:
		    read_all(s)
		    sys.exit("a clean end")
		except ConnectionResetError:
		    pass
		s = accept()
		s.recv(100)
		s.sendall(b"half an answer")
		assert s.recv(1) == b"g"
		s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		s.close()
	END
	start 127.0.0.1 "$target"
	printf 'half a question' | rude reset -r 2 way
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		s.sendall(b"q")
		assert s.recv(100) == b"half an answer"
		s.sendall(b"g")
		try:
		    assert s.recv(100) != b"", "a clean end"
		except ConnectionResetError:
		    pass
	END
	target_done
	assert_no_leaks
	inetd_stop
}

@test "IPv6, and one family only" {
	listen_at ::1 <<-'END'
		for i in range(2):
		    s = accept()
		    s.sendall(b"six")
		    s.close()
	END
	start ::1 "$target"
	assert_answer six ask_tcp way
	inetd_stop
	start -4 ::1 "$target"
	assert_answer -e '^redirect: ::1 port' ask_tcp way
	inetd_stop
	start -6 ::1 "$target"
	assert_answer six ask_tcp way
	target_done
	inetd_stop
}

@test "several addresses are tried in turn, and the name is looked up each time" {
	mkdir "$INETD_DIR/etc"
	hosts=$INETD_DIR/etc/hosts
	printf '%s target.test\n' 127.0.0.11 127.0.0.12 127.0.0.13 >"$hosts"
	with_etc </dev/null
	listen_at 127.0.0.13 <<-'END'
		for i in range(2):
		    s = accept()
		    s.sendall(b"thirteen")
		    s.close()
	END
	start -4 target.test "$target"
	assert_answer thirteen ask_tcp way
	# In place: the file is bound over the other.
	echo '127.0.0.11 target.test' >"$hosts"
	assert_answer -e 'refused' ask_tcp way
	echo '127.0.0.13 target.test' >"$hosts"
	assert_answer thirteen ask_tcp way
	echo '127.0.0.13 other.test' >"$hosts"
	assert_answer -e 'target.test' ask_tcp way
	target_done
	inetd_stop
}

@test "an address that does not answer is given up in time" {
	# Its queue is full, so that the kernel answers nothing to one more.
	listen_at 127.0.0.1 <<-'END'
		full = socket.socket()
		full.bind(("127.0.0.1", 0))
		full.listen(0)
		callers = [socket.socket() for i in range(4)]
		for caller in callers:
		    caller.setblocking(False)
		    caller.connect_ex(full.getsockname())
		print(full.getsockname()[1], flush=True)
		accept()
	END
	wait_until count_is 2 cat "$INETD_DIR/target"
	full=$(tail -n 1 "$INETD_DIR/target")
	start -c 1 127.0.0.1 "$full"
	assert_answer "redirect: 127.0.0.1 port $full: Connection timed out" ask_tcp way
	ask_tcp "$target"
	target_done
	inetd_stop
}

@test "a connection on which nothing moves ends; one way that moves is enough" {
	start_both -i 1
	connect_tcp connection way
	echo hello >&"$connection"
	read -r -t 30 line <&"$connection"
	[ "$line" = hello ]
	run -4 rude silent way <<<hello
	[ "${lines[-1]}" = hello ]
	close_tcp connection
	stop_both
	# What goes one way only, for longer than the limit.
	listen_at 127.0.0.1 <<-'END'
		import time
		s = accept()
		for i in range(24):
		    s.sendall(b"x")
		    time.sleep(0.1)
		s.close()
	END
	start -i 1 127.0.0.1 "$target"
	[ "$(rude silent way </dev/null | wc -c)" = 24 ]
	target_done
	inetd_stop
}

@test "a way that is busy without end leaves the other one its turn" {
	need_plain
	listen_at 127.0.0.1 <<-'END'
		s = accept()
		s.sendall(b"answer\n")
		assert s.recv(100) == b"question\n"
		assert read_all(s) == b""
	END
	start_ini <<-END
		[way]
		port = 0
		server = $B/services/redirect
		server_args = 127.0.0.1 $target
		env = LD_PRELOAD=$B/tests/fault/splice.so FAULT_NOTE=$INETD_DIR/busy
	END
	connect_tcp connection way
	wait_until test -e "$INETD_DIR/busy"
	# As long as it is busy it moves nothing.
	run ! read -r -t 0.2 line <&"$connection"
	echo question >&"$connection"
	read -r -t 30 line <&"$connection"
	[ "$line" = answer ]
	close_tcp connection
	target_done
	assert_no_leaks
	inetd_stop
}

@test "urgent data holds up nothing and is no end" {
	listen_at 127.0.0.1 <<-'END'
		s = accept()
		data = b""
		while b"after" not in data:
		    data += s.recv(100)
		assert data.replace(b"!", b"") == b"before after", data
		s.sendall(b"more")
		assert read_all(s) in (b"at the end", b"at! the end")
		s.sendall(b"done")
	END
	start 127.0.0.1 "$target"
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		s.sendall(b"before ")
		s.send(b"!", socket.MSG_OOB)
		s.sendall(b"after")
		assert s.recv(100) == b"more"
		s.sendall(b"at")
		s.send(b"!", socket.MSG_OOB)
		s.sendall(b" the end")
		s.shutdown(socket.SHUT_WR)
		print(s.recv(100).decode())
	END
	[ "$output" = 'done' ]
	target_done
	inetd_stop
}

@test "a caller who sends byte by byte" {
	start_both
	[ "$(printf '%0500d' 7 | rude byte-by-byte way)" = "$(printf '%0500d' 7)" ]
	stop_both
}

@test "a caller who never reads, and one who sends rubbish" {
	start_both -i 1
	rude_meanwhile never-read -n 1000000000 way <<<'some line'
	wait_until field_is way RUNNING 1
	peak_below 20000 "$(inetd_children redirect)"
	wait_until field_is way RUNNING 0
	rude_end
	[ "$(rude rubbish -n 300000 way)" = 300000 ]
	stop_both
}

@test "a caller who resets" {
	start_both
	for count in 0 1 5 100000; do
		head -c 200000 /dev/zero | rude reset -r $count way
	done
	stop_both
}

@test "a caller who has gone altogether, and not only ended" {
	listen_at 127.0.0.1 <<-'END'
		s = accept()
		assert read_all(s) == b""
		try:
		    while True:
		        s.sendall(b"x" * 1000)
		except (ConnectionResetError, BrokenPipeError):
		    pass
	END
	start 127.0.0.1 "$target"
	connect_tcp connection way
	close_tcp connection
	target_done
	assert_no_leaks
	field_is way RUNNING 0
	assert_log 'ended with exit 0'
	inetd_stop
}

@test "nobody there: the connection ends, and the log says why" {
	listen_at 127.0.0.1 </dev/null
	target_done
	start 127.0.0.1 "$target"
	assert_answer "redirect: 127.0.0.1 port $target: Connection refused" ask_tcp way
	assert_no_leaks
	inetd_stop
}

@test "a port that has no number" {
	run -1 "$B/services/redirect" 127.0.0.1 no-such-port
	[[ $output == 'redirect: 127.0.0.1 port no-such-port: '* ]]
}
