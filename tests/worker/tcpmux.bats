#!/usr/bin/env bats
# tcpmux (RFC 1078) as inetd-worker negotiates it. The driver answers like a service: "+NAME", and then
# every byte that follows the request line.

bats_require_minimum_version 1.5.0
load ../helpers/worker

setup() {
	worker_setup
	worker_start
	worker_tell 'mux git' 'mux Finger' 'mux a b' 'mux '
	worker_open tcpmux stream tcpmux 0
}

teardown() {
	worker_teardown
}

@test "a name reaches its service, in any case, with CRLF or LF" {
	client "$tcpmux" <<-'END'
		for line, name in [(b"git\r\n", b"git"), (b"GIT\n", b"git"), (b"finGER\r\n", b"Finger"),
		                   (b"a b\r\n", b"a b")]:
		    assert ask(tcp(ARGS[0]), line) == b"+" + name + b"\r\n", line
	END
	worker_wait 2 '^wants [0-9]+ git$'
	worker_wait '^wants [0-9]+ Finger$'
	worker_wait '^wants [0-9]+ a b$'
	[ "$(worker_count '^done')" = 0 ]
}

@test "not one byte after the line is taken from the service" {
	client "$tcpmux" <<-'END'
		assert ask(tcp(ARGS[0]), b"git\r\n\r\nrest\n") == b"+git\r\n\r\nrest\n"
		assert ask(tcp(ARGS[0]), b"git\n\n") == b"+git\r\n\n"
		assert ask(tcp(ARGS[0]), b"git\r\n" + b"y" * 300000) == b"+git\r\n" + b"y" * 300000
	END
}

@test "a line may come in pieces" {
	client "$tcpmux" <<-'END'
		s = tcp(ARGS[0])
		for byte in b"Finger\r\nand the rest":
		    s.sendall(bytes([byte]))
		    time.sleep(0.01)
		s.shutdown(socket.SHUT_WR)
		assert read_all(s) == b"+Finger\r\nand the rest"
	END
}

@test "help lists the names, one a line" {
	client "$tcpmux" <<-'END'
		assert ask(tcp(ARGS[0]), b"help\r\n") == b"git\r\nFinger\r\na b\r\n"
		assert ask(tcp(ARGS[0]), b"HeLP\n and more\n") == b"git\r\nFinger\r\na b\r\n"
	END
	worker_wait 2 '^done'
}

@test "help that is longer than a socket takes at once" {
	for i in $(seq 400); do
		worker_tell "mux $(printf 'name-%03d-%0200d' "$i" 0)"
	done
	worker_tell 'mux '
	client "$tcpmux" <<-'END'
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.settimeout(SECONDS)
		s.connect(("127.0.0.1", ARGS[0]))
		assert ask(s, b"help\r\n") == b"".join(b"name-%03d-%0200d\r\n" % (i, 0) for i in range(1, 401))
	END
	worker_wait '^done'
}

@test "what is not on the list is refused with a minus" {
	client "$tcpmux" <<-'END'
		assert ask(tcp(ARGS[0]), b"git\r\n") == b"+git\r\n"
		for line in [b"gi\r\n", b"gitt\r\n", b"\r\n", b"\n", b"git\0\r\n", b"git \r\n", b"git\r\r\n",
		             b"a\r\n", b"\xff\xfe\r\n", b"x" * 256 + b"\r\n", b"../git\r\n"]:
		    answer = ask(tcp(ARGS[0]), line + b"more\n" * 100)
		    assert answer.startswith(b"-") and answer.endswith(b"\r\n"), (line, answer)
	END
	worker_wait 11 '^done'
}

@test "a line that is too long is refused, however it comes" {
	client "$tcpmux" <<-'END'
		for line in [b"x" * 257 + b"\r\n", b"x" * 100000, b"git" + b" " * 300 + b"\r\n"]:
		    answer = ask(tcp(ARGS[0]), line)
		    assert answer == b"-Line too long\r\n", (line[:10], answer)
		s = tcp(ARGS[0])
		for i in range(300):
		    s.sendall(b"x")
		assert read_all(s) == b"-Line too long\r\n"
		s.close()
		assert ask(tcp(ARGS[0]), b"x" * 256 + b"\r\n") == b"-Service not available\r\n"
	END
	worker_wait 5 '^done'
}

@test "a client that ends within its line ends the session" {
	client "$tcpmux" <<-'END'
		assert ask(tcp(ARGS[0]), b"git\r") == b""
		assert ask(tcp(ARGS[0]), b"") == b""
		reset(tcp(ARGS[0]))
	END
	worker_wait 3 '^done'
}

@test "ten seconds are all there is for the line" {
	client "$tcpmux" <<-'END'
		start = time.monotonic()
		silent_one, slow = tcp(ARGS[0]), tcp(ARGS[0])
		try:
		    while time.monotonic() < start + 9:
		        slow.sendall(b"x")
		        assert silent(slow, 0.5)
		except ConnectionError:
		    assert False, "too early"
		assert silent(silent_one, 0)
		assert silent_one.recv(9) == b""
		assert 9 < time.monotonic() - start < 12
	END
	worker_wait 2 '^done'
}

@test "a new list takes the place of the old one in one go" {
	worker_tell 'mux new'
	client "$tcpmux" <<-'END'
		assert ask(tcp(ARGS[0]), b"git\n") == b"+git\r\n"
		assert ask(tcp(ARGS[0]), b"new\n").startswith(b"-")
	END
	worker_tell 'mux '
	client "$tcpmux" <<-'END'
		wait_until(lambda: ask(tcp(ARGS[0]), b"new\n") == b"+new\r\n")
		assert ask(tcp(ARGS[0]), b"git\n").startswith(b"-")
		assert ask(tcp(ARGS[0]), b"help\n") == b"new\r\n"
	END
	worker_tell 'mux '
	client "$tcpmux" <<<'wait_until(lambda: ask(tcp(ARGS[0]), b"help\n") == b"")'
}
