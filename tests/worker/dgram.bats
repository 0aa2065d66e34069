#!/usr/bin/env bats
# The datagram services of inetd-worker: what is on the wire, from which address answers leave, and what
# is not answered.

bats_require_minimum_version 1.5.0
load ../helpers/worker

setup() {
	worker_setup
	worker_start
}

teardown() {
	worker_teardown
}

@test "echo returns datagrams of any size whole" {
	worker_open echo dgram echo 127.0.0.1 0 0
	worker_open echo6 dgram echo ::1 0 0
	client "$echo" "$echo6" <<-'END'
		for host, port, most in [("127.0.0.1", ARGS[0], 65507), ("::1", ARGS[1], 65527)]:
		    s = udp(host)
		    s.connect((host, port))
		    for n in [0, 1, 2, 511, 1500, 65000, most, most, 0, 3]:
		        data = os.urandom(n)
		        s.send(data)
		        assert s.recv(70000) == data, n
	END
}

@test "many datagrams at once, each answered to its sender" {
	worker_open echo dgram echo 127.0.0.1 0 0
	client "$echo" "$WORKER_PID" <<-'END'
		import signal
		socks = [udp() for _ in range(100)]
		os.kill(ARGS[1], signal.SIGSTOP)
		for i, s in enumerate(socks):
		    s.sendto(b"%d" % i * (i + 1), ("127.0.0.1", ARGS[0]))
		os.kill(ARGS[1], signal.SIGCONT)
		for i, s in enumerate(socks):
		    assert s.recvfrom(9999) == (b"%d" % i * (i + 1), ("127.0.0.1", ARGS[0]))
	END
}

@test "daytime, time, chargen and discard" {
	worker_open daytime dgram daytime 127.0.0.1 0 0
	worker_open time dgram time 127.0.0.1 0 0
	worker_open chargen dgram chargen 127.0.0.1 0 0
	worker_open discard dgram discard 127.0.0.1 0 0
	client "$daytime" "$time" "$chargen" "$discard" <<-'END'
		def one(port, data):
		    s = udp()
		    s.sendto(data, ("127.0.0.1", port))
		    return s.recv(70000)
		before = int(time.time())
		text, word = one(ARGS[0], b"what?").decode(), one(ARGS[1], b"")
		after = int(time.time())
		assert text in [time.ctime(t) + "\r\n" for t in range(before, after + 1)], text
		assert before <= struct.unpack("!I", word)[0] - 2208988800 <= after
		ring = bytes(range(32, 127)) * 2
		for i, n in enumerate([0, 1, 40, 72, 73, 74, 75, 1000, 65507]):
		    line = ring[i:i + 72] + b"\r\n"
		    assert one(ARGS[2], b"x" * n) == line[:n], n
		s = udp()
		for n in [0, 1, 65507] * 100:
		    s.sendto(b"x" * n, ("127.0.0.1", ARGS[3]))
		assert silent(s)
	END
	worker_is_quiet
}

@test "answers leave from the address that was asked" {
	worker_open any dgram echo 0.0.0.0 0 0
	worker_open dual dgram echo :: 0 0
	client "$any" "$dual" <<-'END'
		for port in ARGS:
		    for host in ["127.0.0.1", "127.0.0.2", "127.3.2.1"]:
		        s = udp()
		        s.sendto(b"who?", (host, port))
		        assert s.recvfrom(9) == (b"who?", (host, port))
		s = udp("::1")
		s.sendto(b"who?", ("::1", ARGS[1]))
		assert s.recvfrom(9)[1][:2] == ("::1", ARGS[1])
	END
}

@test "a broadcast is answered from an address of ours" {
	only_root
	worker_open any dgram echo 0.0.0.0 0 0
	worker_open dual dgram echo :: 0 0
	client "$any" "$dual" <<-'END'
		for port in ARGS:
		    s = udp("127.0.0.1")
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
		    s.sendto(b"who?", ("127.255.255.255", port))
		    assert s.recvfrom(9) == (b"who?", ("127.0.0.1", port))
	END
}

@test "ports that could answer back are not answered" {
	only_root
	worker_open echo dgram echo 127.0.0.1 0 0
	worker_open other dgram daytime 127.0.0.1 0 0
	client "$echo" "$other" <<-'END'
		def answered(s):
		    s.sendto(b"hi", ("127.0.0.1", ARGS[0]))
		    return not silent(s)
		assert answered(udp("127.0.0.1"))
		assert answered(udp("127.0.0.9", 1024))
		for port in [7, 13, 17, 19, 37, 20, 53, 123, 1023, 1900, ARGS[0], ARGS[1]]:
		    assert not answered(udp("127.0.0.9", port)), port
	END
	worker_wait "^note loop $echo_ID 1 127.0.0.9 7\$"
	[ "$(worker_count '^note')" = 1 ]
	worker_tell "drop $other_ID"
	client "$echo" "$other" <<-'END'
		s = udp("127.0.0.9", ARGS[1])
		def answered():
		    s.sendto(b"hi", ("127.0.0.1", ARGS[0]))
		    return not silent(s)
		wait_until(answered)
	END
}

@test "a port of ours counts on every family" {
	worker_open dual dgram echo :: 0 0
	client "$dual" <<-'END'
		s = udp("127.0.0.1")
		s.sendto(b"hi", ("127.0.0.1", ARGS[0]))
		assert s.recv(9) == b"hi"
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
		    s.bind(("127.0.0.7", ARGS[0]))
		except OSError:
		    sys.exit(0)  # nobody else can have it: as good
		s.sendto(b"hi", ("127.0.0.1", ARGS[0]))
		assert silent(s)
	END
}

@test "forged sources: port 0, broadcast, multicast" {
	only_root
	worker_open echo dgram echo 127.0.0.1 0 0
	client "$echo" <<-'END'
		raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
		s = udp("127.0.0.1")
		def forge(source, port):
		    packet = struct.pack("!HHHH", port, ARGS[0], 8 + 2, 0) + b"hi"
		    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(packet), 1, 0, 64, 17, 0,
		                         socket.inet_aton(source), socket.inet_aton("127.0.0.1"))
		    raw.sendto(header + packet, ("127.0.0.1", 0))
		forge("127.0.0.1", s.getsockname()[1])
		assert s.recv(9) == b"hi"
		forge("127.0.0.1", 0)
		wait_until(lambda: events("note loop"))
		assert events("note loop")[0].split()[3:] == ["1", "127.0.0.1", "0"]
		# The kernel may drop these before us; if not, we do.
		for source in ["255.255.255.255", "224.0.0.1", "240.0.0.1"]:
		    forge(source, s.getsockname()[1])
		assert silent(s)
	END
	worker_is_quiet
}

@test "answers to one network are rated, others notice nothing" {
	worker_open echo dgram echo 127.0.0.1 2 5
	client "$echo" <<-'END'
		def answers(s, n):
		    for i in range(n):
		        s.sendto(b"%d" % i, ("127.0.0.1", ARGS[0]))
		    got = 0
		    while not silent(s, 0.2):
		        s.recv(9)
		        got += 1
		    return got
		one, other = udp("127.0.0.1"), udp("127.0.1.1")
		same = udp("127.0.0.200")
		assert answers(one, 5) == 5
		assert answers(same, 20) <= 1
		assert answers(other, 5) == 5
		wait_until(lambda: answers(one, 1) == 1)
	END
	worker_wait '^note rate'
	worker_wait "^note rate $echo_ID 1 127.0.0.200 "
}

@test "without a rate nothing is limited" {
	worker_open echo dgram echo 127.0.0.1 0 0
	client "$echo" <<-'END'
		s = udp()
		for i in range(2000):
		    s.sendto(b"%d" % i, ("127.0.0.1", ARGS[0]))
		    assert s.recv(9) == b"%d" % i
	END
	[ "$(worker_count '^note')" = 0 ]
}

@test "clients that are gone when the answer comes do not disturb" {
	worker_open echo dgram echo 127.0.0.1 0 0
	client "$echo" <<-'END'
		for i in range(200):
		    s = udp()
		    s.sendto(b"x", ("127.0.0.1", ARGS[0]))
		    s.close()
		s = udp()
		s.sendto(b"well", ("127.0.0.1", ARGS[0]))
		while s.recv(9) != b"well":
		    pass  # for one that had this port before
	END
	worker_is_quiet
}

@test "a socket that is dropped is closed" {
	worker_open echo dgram echo 127.0.0.1 0 0
	client "$echo" <<-'END'
		s = udp()
		s.sendto(b"x", ("127.0.0.1", ARGS[0]))
		assert s.recv(9) == b"x"
	END
	worker_tell 'drop 4711' "drop $echo_ID"
	client "$echo" <<-'END'
		def free():
		    try:
		        udp("127.0.0.1", ARGS[0]).close()
		        return True
		    except OSError:
		        return False
		wait_until(free)
	END
}

@test "memory of big datagrams is given back" {
	not_sanitized 'memory'
	worker_open echo dgram echo 127.0.0.1 0 0
	before=$(worker_private)
	client "$echo" "$WORKER_PID" <<-'END'
		import signal
		s = udp()
		os.kill(ARGS[1], signal.SIGSTOP)
		for i in range(3):
		    s.sendto(b"x" * 65000, ("127.0.0.1", ARGS[0]))
		os.kill(ARGS[1], signal.SIGCONT)
		assert len(s.recv(70000)) == 65000
	END
	small() { [ "$(worker_private)" -lt $((before + 100)) ]; }
	wait_until small || fail "$before, then $(worker_private) KiB"
}
