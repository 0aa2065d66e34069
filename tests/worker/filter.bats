#!/usr/bin/env bats
# The filter of inetd-worker and what the worker does, on whichever machine this is: every path makes calls that the
# filter allows, and every call that it allows is made by a path.

bats_require_minimum_version 1.5.0
load ../helpers/worker
load ../helpers/libc

setup() {
	worker_setup
}

teardown() {
	worker_teardown
}

# What the C library may take instead; and what does without the other call, which nobody refuses here.
alike=(epoll_wait/epoll_pwait recvfrom/recv sendto/send recvmmsg/recvmmsg_time64 "recvmsg/recvmmsg|recvmmsg_time64")

# allowed_calls: those that stand in the filter by themselves: not for other machines, clocks or memory.
allowed_calls() {
	sed -n '/^static const int allowed/,/clocks, where/p; /^} limited/,/^#ifndef/p' \
		"$BATS_TEST_DIRNAME/../../inetd/worker/filter.c" | sed -nE 's/.*SCMP_SYS\((\w+)\).*/\1/p' | grep -v '^epoll_pwait$'
}

# made CALL: true if the worker made it, or one that is alike, after it had entered the filter.
made() {
	local row names=$1
	for row in "${alike[@]}"; do
		[[ $row != "$1"/* ]] || names=${row/\//|}
	done
	grep -qE "^[0-9]+ +($names)\(" "$BATS_TEST_TMPDIR/inside"
}

@test "every path of the worker makes calls that its filter allows, and takes all of them" {
	local call
	not_sanitized 'its own calls are seen too'
	is_glibc || alike+=(sendmmsg/sendmsg) # musl sends them one by one
	WORKER_UNDER=(strace -f -qq -o "$BATS_TEST_TMPDIR/calls")
	worker_start
	worker_open echo stream echo 60000
	worker_open own stream echo 60000 "$BATS_TEST_TMPDIR/socket"
	worker_open discard stream discard 60000
	worker_open daytime stream daytime 0
	worker_open time stream time 0
	worker_open tcpmux stream tcpmux 0
	worker_tell 'mux one' 'mux two' 'mux '
	worker_open say say 'busy, come back later'
	worker_open header header
	worker_open idle stream discard 300
	worker_tell 'sndbuf 20000'
	worker_open late stream echo 60000
	worker_open chargen stream chargen 400
	worker_tell 'limit 500'
	worker_open limited stream discard 60000
	worker_tell 'limit 0' 'list no 127.1.0.0/16'
	worker_open denied dgram echo 127.0.0.1 0 0
	worker_open dual dgram echo :: 0 0
	worker_open rated dgram echo 127.0.0.1 2 5
	worker_tell broken
	worker_open _ dgram discard 127.0.0.1 0 0
	for name in discard chargen daytime time; do
		worker_open "u_$name" dgram "$name" 127.0.0.1 0 0
	done
	client "$echo" "$BATS_TEST_TMPDIR/socket" "$discard" "$daytime" "$time" "$tcpmux" "$say" "$header" "$idle" "$late" \
		"$chargen" "$limited" "$denied" "$dual" "$rated" "$u_discard" "$u_chargen" "$u_daytime" "$u_time" <<-'END'
		import threading
		(echo, own, discard, daytime, time_port, tcpmux, say, header, idle, late, chargen, limited, denied, dual, rated,
		 u_discard, u_chargen, u_daytime, u_time) = ARGS

		data = os.urandom(1 << 20)
		assert ask(tcp(echo), data[:300000]) == data[:300000]
		assert ask(unix(own), b"u" * 100000) == b"u" * 100000
		assert ask(tcp(discard), data) == b""
		assert read_all(tcp(daytime))
		assert len(read_all(tcp(time_port))) == 4
		assert read_all(tcp(say)) == b"busy, come back later"
		assert ask(tcp(header), b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n") == b""
		assert b"one" in ask(tcp(tcpmux), b"HELP\r\n")
		assert ask(tcp(tcpmux), b"none\r\n").startswith(b"-")
		assert ask(tcp(tcpmux), b"t" * 5000).startswith(b"-")
		assert ask(tcp(tcpmux), b"one\r\nmore").startswith(b"+")

		# One that reads late, one that never does and is reset, one that resets itself.
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.settimeout(SECONDS)
		s.connect(("127.0.0.1", late))
		sender = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
		sender.start()
		assert read_all(s) == data
		sender.join()
		never = tcp(chargen)
		for port in (echo, discard, chargen):
		    s = tcp(port)
		    s.sendall(b"x")
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		    s.close()
		assert read_all(tcp(idle)) == b""
		assert read_all(tcp(limited)) == b""
		try:
		    read_all(never)
		except ConnectionResetError:
		    pass

		# Datagrams: of every size, one and many at once, to both families, denied and rated.
		u = udp()
		for size in (0, 1, 1400, 60000):
		    u.sendto(data[:size], ("127.0.0.1", dual))
		    assert u.recv(65536) == data[:size]
		six = udp("::1")
		six.sendto(b"six", ("::1", dual))
		assert six.recv(100) == b"six"
		for port in (u_chargen, u_daytime, u_time):
		    u.sendto(b"?", ("127.0.0.1", port))
		    assert u.recv(65536)
		for number in range(200):
		    for port in (dual, rated, u_discard):
		        u.sendto(b"many", ("127.0.0.1", port))
		udp("127.1.0.1").sendto(b"no", ("127.0.0.1", denied))
		gone = udp()
		gone.sendto(b"gone", ("127.0.0.1", dual))
		gone.close()
		assert u.recv(100) == b"many"
	END
	worker_wait 'note denied.*'
	wait_until worker_settled
	worker_tell garbage 'lost 2' "drop $dual_ID" hangup
	worker_wait '^ended exit 0'
	sed '1,/seccomp(SECCOMP_SET_MODE_FILTER/d' "$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/inside"
	run ! grep SIGSYS "$BATS_TEST_TMPDIR/inside"
	[ "$(allowed_calls | wc -l)" -gt 12 ]
	for call in $(allowed_calls); do
		made "$call" || fail "$call is allowed, and no path here takes it"
	done
}
