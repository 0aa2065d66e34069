#!/usr/bin/env bats
# The stream services of inetd-worker and the worker itself: what is on the wire, and that whatever
# clients do, every connection ends in one answer to the supervisor, memory stays bounded and
# nothing spins.

bats_require_minimum_version 1.5.0
load ../helpers/worker

setup() {
	worker_setup
}

teardown() {
	worker_teardown
}

@test "echo gives back every byte and then the end" {
	worker_start
	worker_open echo stream echo 60000
	head -c 20000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	socat -t 60 - "TCP:127.0.0.1:$echo" <"$BATS_TEST_TMPDIR/data" >"$BATS_TEST_TMPDIR/back"
	cmp "$BATS_TEST_TMPDIR/data" "$BATS_TEST_TMPDIR/back"
	worker_wait '^done'
}

@test "echo to a client that reads late and little gives back every byte" {
	worker_start
	worker_open echo stream echo 60000
	client "$echo" <<-'END'
		import threading
		data = os.urandom(1 << 20) * 5
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.settimeout(SECONDS)
		s.connect(("127.0.0.1", ARGS[0]))
		sender = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
		sender.start()
		assert read_all(s) == data
		sender.join()
	END
	worker_wait '^done'
}

@test "echo, byte by byte and on a unix socket" {
	worker_start
	worker_open echo stream echo 60000
	worker_open other stream echo 60000 "$BATS_TEST_TMPDIR/socket"
	client "$echo" "$BATS_TEST_TMPDIR/socket" <<-'END'
		s = tcp(ARGS[0])
		for byte in b"byte by byte":
		    s.sendall(bytes([byte]))
		    assert s.recv(10) == bytes([byte])
		s.shutdown(socket.SHUT_WR)
		assert read_all(s) == b""
		assert ask(unix(ARGS[1]), b"u" * 100000) == b"u" * 100000
	END
	worker_wait 2 '^done'
}

@test "streams of different clients never mix" {
	worker_start
	worker_open echo stream echo 60000
	client "$echo" <<-'END'
		import threading
		wrong = []
		def one(number):
		    s = tcp(ARGS[0])
		    data = bytes([number]) * 3000000
		    t = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
		    t.start()
		    if read_all(s) != data:
		        wrong.append(number)
		    t.join()
		def rude(number):
		    s = tcp(ARGS[0])
		    fill(s)
		    reset(s)
		threads = [threading.Thread(target=f, args=(i,)) for i in range(12) for f in (one, rude)]
		[t.start() for t in threads]
		[t.join() for t in threads]
		assert not wrong, wrong
	END
	worker_wait 24 '^done'
}

@test "discard takes everything and says nothing" {
	worker_start
	worker_open discard stream discard 60000
	worker_open other stream discard 60000 "$BATS_TEST_TMPDIR/socket"
	client "$discard" "$BATS_TEST_TMPDIR/socket" <<-'END'
		assert ask(tcp(ARGS[0]), b"x" * 10000000) == b""
		assert ask(unix(ARGS[1]), b"x" * 1000000) == b""
	END
	worker_wait 2 '^done'
}

@test "chargen: rotating lines of 72 characters, also over partial writes" {
	worker_start
	worker_open chargen stream chargen 60000
	worker_tell 'sndbuf 20000'
	worker_open partial stream chargen 60000
	client "$chargen" "$partial" <<-'END'
		printable = bytes(range(32, 127))
		def expected(lines):
		    ring = printable + printable
		    return b"".join(ring[i % 95:i % 95 + 72] + b"\r\n" for i in range(lines))
		for s in [tcp(ARGS[0]), tcp(ARGS[1])]:
		    assert not silent(s)
		    got = b""
		    while len(got) < 100000 * 74:
		        got += read_exactly(s, 40001)
		    assert got == expected(len(got) // 74 + 1)[:len(got)]
		    s.close()
	END
	worker_wait 2 '^done'
}

@test "daytime and time tell the time and close" {
	WORKER_UNDER=(env TZ=Asia/Kolkata)
	worker_start
	worker_open daytime stream daytime 0
	worker_open time stream time 0
	client "$daytime" "$time" <<-'END'
		os.environ["TZ"] = "Asia/Kolkata"
		time.tzset()
		before = int(time.time())
		text = read_all(tcp(ARGS[0])).decode()
		word = struct.unpack("!I", read_all(tcp(ARGS[1])))[0]
		after = int(time.time())
		assert text in [time.ctime(t) + "\r\n" for t in range(before, after + 1)], text
		assert before <= word - 2208988800 <= after, word
	END
	worker_wait 2 '^done'
}

@test "a client that sent something gets the time without a reset" {
	worker_start
	worker_open daytime stream daytime 0
	kill -STOP "$WORKER_PID"
	client "$daytime" "$WORKER_PID" <<-'END'
		import signal
		s = tcp(ARGS[0])
		s.sendall(b"hello" * 10000)
		os.kill(ARGS[1], signal.SIGCONT)
		s.sendall(b"hello" * 10000)
		assert len(read_all(s)) == 26
		s.sendall(b"hello" * 10000)
		s.shutdown(socket.SHUT_WR)
		assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
	END
	worker_wait '^done'
}

@test "a text for a client arrives although the client sends" {
	worker_start
	worker_open say say 'busy, come back later'
	client "$say" <<-'END'
		s = tcp(ARGS[0])
		s.sendall(b"GET / HTTP/1.0\r\n\r\n" * 1000)
		assert read_all(s) == b"busy, come back later"
		s.sendall(b"more" * 1000)
		s.close()
	END
	worker_wait '^done'
}

@test "a client that does not end after its text is left in the end" {
	worker_start
	worker_open say say 'go'
	client "$say" <<-'END'
		s = tcp(ARGS[0])
		assert read_all(s) == b"go"
		assert not events("done")
		wait_until(lambda: events("done"))
	END
}

@test "an idle session ends, a busy one does not" {
	worker_start
	worker_open echo stream echo 400
	client "$echo" <<-'END'
		idle, busy = tcp(ARGS[0]), tcp(ARGS[0])
		ended = None
		start = time.monotonic()
		while not ended:
		    busy.sendall(b"x")
		    assert busy.recv(1) == b"x"
		    if not silent(idle, 0.05):
		        assert idle.recv(1) == b""
		        ended = time.monotonic() - start
		    assert time.monotonic() - start < SECONDS
		assert ended > 0.35, ended
		busy.sendall(b"x")
		assert busy.recv(1) == b"x"
	END
	worker_wait 2 '^done'
}

@test "clients that never read cost little, and others do not notice" {
	worker_start
	worker_tell 'sndbuf 20000'
	worker_open echo stream echo 60000
	client "$echo" "$WORKER_PID" <<-'END'
		import signal
		before = private(ARGS[1])
		os.kill(ARGS[1], signal.SIGSTOP)
		deaf = []
		total = 0
		for _ in range(250):
		    s = socket.socket()
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 20000)
		    s.connect(("127.0.0.1", ARGS[0]))
		    s.setblocking(False)
		    deaf.append(s)
		for s in deaf:
		    try:
		        for _ in range(100):
		            total += s.send(b"x" * 65536)
		    except BlockingIOError:
		        pass
		assert total > 25 * 1000000, total
		os.kill(ARGS[1], signal.SIGCONT)
		s = tcp(ARGS[0])
		s.sendall(b"still there?")
		assert s.recv(100) == b"still there?"
		grown = private(ARGS[1]) - before
		assert 1024 < grown < 11 * 1024, grown
		[reset(s) for s in deaf]
	END
	wait_until worker_settled
}

@test "a client that never reads ends at the idle limit, by a reset" {
	worker_start
	worker_open echo stream echo 800
	worker_open chargen stream chargen 800
	client "$echo" "$chargen" <<-'END'
		deaf, idle = tcp(ARGS[1]), tcp(ARGS[0])
		wait_until(lambda: len(events("done")) == 2)
		assert read_all(idle) == b""
		try:
		    read_all(deaf)
		    assert False, "no reset"
		except ConnectionResetError:
		    pass
	END
}

@test "clients that reset leave nothing behind" {
	worker_start
	for builtin in echo discard chargen daytime; do
		worker_open port stream "$builtin" 60000
		client "$port" <<-'END'
			for i in range(100):
			    s = tcp(ARGS[0])
			    if i % 3:
			        s.send(b"x" * 5000)
			    reset(s)
		END
	done
	worker_open port say "text"
	client "$port" <<<'[reset(tcp(ARGS[0])) for _ in range(100)]'
	wait_until worker_settled
	worker_is_quiet
}

@test "ten thousand sessions at once" {
	worker_start
	worker_tell quiet
	worker_open echo stream echo 60000
	client "$echo" "$WORKER_PID" <<-'END'
		want = min(10000, many_files() - 100)
		before = private(ARGS[1])
		sessions = []
		for i in range(want):
		    sessions.append(tcp(ARGS[0], source=f"127.0.0.{2 + i % 5}"))
		    if i == 999:
		        sessions[i].sendall(b"?")
		        assert sessions[i].recv(9) == b"?"
		        thousand = private(ARGS[1]) - before
		for i, s in enumerate(sessions):
		    s.sendall(b"%d" % i)
		for i, s in enumerate(sessions):
		    assert s.recv(9) == b"%d" % i
		grown = private(ARGS[1]) - before
		print(f"# 1000: {thousand} KiB, {want}: {grown} KiB", file=sys.stderr)
		if "INETD_SANITIZED" not in os.environ:
		    assert thousand < 4096, thousand
		    assert grown < want * 2, grown
	END
	wait_until worker_settled
}

@test "memory is given back" {
	not_sanitized 'memory'
	worker_start
	worker_tell quiet
	worker_open echo stream echo 60000
	before=$(worker_private)
	client "$echo" <<-'END'
		many_files()
		sessions = [tcp(ARGS[0], source=f"127.0.0.{2 + i % 5}") for i in range(3000)]
		for s in sessions[:50]:
		    fill_to = s.send(b"x" * 1000000)
	END
	wait_until worker_settled
	small() { [ "$(worker_private)" -lt $((before + 150)) ]; }
	wait_until small || fail "$before, then $(worker_private) KiB"
}

@test "more connections than descriptors: the excess is closed and answered, the rest served" {
	WORKER_UNDER=(prlimit --nofile=64:64)
	worker_start
	worker_open echo stream echo 60000
	client "$echo" <<-'END'
		sessions = [tcp(ARGS[0]) for i in range(100)]
		def answers(s, text):
		    try:
		        s.sendall(text)
		        return s.recv(9) == text
		    except ConnectionError:
		        return False
		served = [s for s in sessions if answers(s, b"hi")]
		assert 30 <= len(served) < 64, len(served)
		assert len(events("done")) == 100 - len(served)
		assert all(answers(s, b"still") for s in served)
		[s.close() for s in sessions]
		wait_until(lambda: len(events("done")) == 100)
		assert answers(tcp(ARGS[0]), b"again")
	END
	wait_until worker_settled
}

@test "a connection that got lost on the way is answered" {
	worker_start
	worker_tell 'lost 70'
	worker_wait 70 '^done'
}

@test "a connection that is dropped is ended, and no other" {
	local first second id
	worker_start
	worker_open echo stream echo 60000
	connect_tcp first "$echo"
	worker_wait 1 '^open '
	connect_tcp second "$echo"
	worker_wait 2 '^open '
	id=$(awk '$1 == "open" { print $2; exit }' "$EVENTS")
	worker_tell 'drop 4711' "drop $id"
	worker_wait "^done $id\$"
	run -1 read -r -t 5 <&"$first"
	echo still >&"$second"
	read -r -t 30 line <&"$second"
	[ "$line" = still ]
	[ "$(worker_count '^done')" = 1 ]
	close_tcp first second
}

@test "messages that make no sense are passed over" {
	worker_start
	worker_open echo stream echo 60000
	worker_tell garbage garbage garbage
	client "$echo" <<<'assert ask(tcp(ARGS[0]), b"well") == b"well"'
}

@test "a supervisor that does not read loses no answer" {
	worker_start
	worker_tell quiet 'deaf on'
	worker_open daytime stream daytime 0
	client "$daytime" <<-'END'
		# More than fits into the link; then nothing is taken any more.
		for i in range(6000):
		    s = tcp(ARGS[0], source=f"127.0.0.{2 + i % 5}")
		    s.setblocking(False)
		    reset(s)
	END
	worker_tell 'deaf off'
	wait_until worker_settled
}

@test "when the supervisor is gone the worker is too, and its sessions with it" {
	worker_start
	worker_open echo stream echo 60000
	client "$echo" "$WORKER_IN" <<-'END'
		s = tcp(ARGS[0])
		s.sendall(b"hi")
		assert s.recv(9) == b"hi"
		os.write(ARGS[1], b"hangup\n")
		assert s.recv(9) == b""
	END
	worker_wait '^ended exit 0'
}

@test "it survives being stopped and continued, and ends by SIGTERM" {
	worker_start
	worker_open echo stream echo 60000
	kill -STOP "$WORKER_PID"
	kill -CONT "$WORKER_PID"
	client "$echo" <<<'assert ask(tcp(ARGS[0]), b"well") == b"well"'
	[ "$(cat "/proc/$WORKER_PID/comm")" = inetd-worker ]
	kill -TERM "$WORKER_PID"
	worker_wait '^ended signal 15'
}

@test "sessions that wait cost no processor time" {
	worker_start
	worker_open echo stream echo 60000
	worker_open chargen stream chargen 60000
	worker_open tcpmux stream tcpmux 0
	client "$echo" "$chargen" "$tcpmux" "$WORKER_PID" <<-'END'
		deaf = tcp(ARGS[0])
		fill(deaf)
		half = tcp(ARGS[1])
		half.shutdown(socket.SHUT_WR)
		part = tcp(ARGS[2])
		part.sendall(b"ab")
		time.sleep(0.3)
		before = ticks(ARGS[3])
		time.sleep(0.5)
		assert ticks(ARGS[3]) - before <= 2, ticks(ARGS[3]) - before
	END
}
