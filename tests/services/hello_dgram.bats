#!/usr/bin/env bats
# hello-dgram: one process for all datagrams that are there, over udp and over a unix socket.

load ../helpers/family
load ../helpers/noting

start() {
	inetd_start <<-END
		127.0.0.1:{udp} dgram udp4 wait $INETD_USER $(noting "$B/services/hello-dgram" -t "$INETD_PATIENCE")
		$INETD_DIR/hello.sock dgram unix wait $INETD_USER $(noting "$B/services/hello-dgram" -t "$INETD_PATIENCE")
	END
}

# talk NAME: a Python program, standard input, about a socket `s` for the service, which it connects to.
talk() {
	{
		cat <<-'END'
			import array, os, socket, sys
			where = sys.argv[1]
			if where.startswith("/"):
			    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
			    s.bind(sys.argv[2])
			    s.connect(where)
			else:
			    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			    s.connect(("127.0.0.1", int(where)))
			s.settimeout(30)
		END
		cat
	} >"$INETD_DIR/talk.py"
	case $1 in
	udp) /usr/bin/python3 "$INETD_DIR/talk.py" "$(inetd_port udp)" ;;
	*) /usr/bin/python3 "$INETD_DIR/talk.py" "$INETD_DIR/hello.sock" "$(mktemp -u "$BATS_TEST_TMPDIR/peer.XXXXXX")" ;;
	esac
}

# row NAME: what inetctl list says of it.
row() {
	case $1 in
	udp) inetd_rows udp ;;
	*) inetctl list | grep -F "$INETD_DIR/hello.sock" ;;
	esac
}

# state_is NAME RUNNING STARTED: true if so many run and have been started.
state_is() {
	local header
	header=$(inetctl list | head -n 1)
	[ "$({ echo "$header" && row "$1"; } | awk '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR == 2 { print $at["RUNNING"], $at["STARTED"] }')" = "$2 $3" ]
}

@test "every datagram is answered by one process, which goes when there are no more" {
	start
	for name in udp unix; do
		talk "$name" <<-'END'
			for i in range(50):
			    s.send(b"Ada%d\n" % i)
			    assert s.recv(100) == b"Hello, Ada%d.\n" % i
		END
		# One was enough; then inetd watches again.
		wait_until state_is "$name" 0 1
		talk "$name" <<<'s.send(b"Bob"); assert s.recv(100) == b"Hello, Bob.\n"'
		wait_until state_is "$name" 0 2
	done
	have_ended 4
	assert_no_leaks
	inetd_stop
}

@test "what was queued before the program was there is answered by it" {
	start
	talk udp <<-'END'
		for i in range(20):
		    s.send(b"%d" % i)
		assert [s.recv(100) for i in range(20)] == [b"Hello, %d.\n" % i for i in range(20)]
	END
	wait_until state_is udp 0 1
	inetd_stop
}

@test "an answer leaves from the address that was asked" {
	inetd_start <<-END
		{all} dgram udp4 wait $INETD_USER $B/services/hello-dgram hello-dgram -t 1
	END
	# A connected socket takes answers from that address only.
	assert_answer 'Hello, Ada.' ask_udp -h 127.0.0.9 all Ada
	wait_until field_is all RUNNING 0
	inetd_stop
}

@test "its own answers, servers and the nameless get none" {
	start
	talk udp <<-'END'
		s.send(b"Hello, Ada.\n")
		s.send(b"Eve")
		assert s.recv(100) == b"Hello, Eve.\n"
	END
	talk unix <<-END
		anonymous = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		anonymous.sendto(b"Ada", "$INETD_DIR/hello.sock")
		s.send(b"Eve")
		assert s.recv(100) == b"Hello, Eve.\n"
	END
	wait_until have_ended 2
	inetd_stop
}

@test "datagrams of any size and content, and peers that have gone or do not read, do no harm" {
	start
	for name in udp unix; do
		talk "$name" <<-'END'
			import random
			for size in (0, 1, 511, 512, 513, 9000, 60000):
			    s.send(random.Random(size).randbytes(size))
			s.send(b"x" * 60000)
			gone = socket.socket(s.family, socket.SOCK_DGRAM)
			if s.family == socket.AF_UNIX:
			    gone.bind(sys.argv[2] + ".gone")
			gone.sendto(b"gone", s.getpeername())
			gone.close()
			# One byte at a time is a datagram each.
			for byte in b"bytes":
			    s.send(bytes([byte]))
			def ask(who, name):
			    """What is answered; a datagram may be lost when many come."""
			    who.settimeout(0.5)
			    for attempt in range(20):
			        who.send(name)
			        try:
			            while who.recv(1000) != b"Hello, %s.\n" % name:
			                pass
			            return
			        except TimeoutError:
			            pass
			    raise TimeoutError
			ask(s, b"Bob")
			# Nobody reads these answers.
			mute = socket.socket(s.family, socket.SOCK_DGRAM)
			if s.family == socket.AF_UNIX:
			    mute.bind(sys.argv[2] + ".mute")
			for i in range(300):
			    mute.sendto(b"unread", s.getpeername())
			ask(s, b"Ada")
		END
	done
	wait_until have_ended 2
	assert_no_leaks
	inetd_stop
}

@test "descriptors that somebody sends along are not taken" {
	need_direct
	start
	talk unix <<-'END'
		for i in range(100):
		    s.sendmsg([b"Eve"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
		    assert s.recv(100) == b"Hello, Eve.\n"
	END
	program=$(pgrep -f "^$B/services/hello-dgram -t $INETD_PATIENCE")
	[ "$(find "/proc/$program/fd" -mindepth 1 | wc -l)" -le 3 ]
	wait_until have_ended 1
	inetd_stop
}
