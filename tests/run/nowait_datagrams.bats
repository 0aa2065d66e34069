#!/usr/bin/env bats
# Datagrams of nowait: each sender has a program and a socket of its own, connected to it.

load ../helpers/family

setup() {
	inetd_setup
	need_root
	inetd_script talk <<-'END'
		#!/usr/bin/python3
		# Answers each datagram with its number and the length or text, until one is "end".
		import os, socket
		s = socket.socket(fileno=0)
		s.settimeout(30)
		number = 0
		while True:
		    data = s.recv(70000)
		    number += 1
		    if data == b"end":
		        break
		    s.send(b"%d %s" % (number, data if len(data) < 100 else b"%d" % len(data)))
	END
	inetd_script told <<-'END'
		#!/usr/bin/python3
		import os, socket
		s = socket.socket(fileno=0)
		s.recv(100)
		names = ("PROTO", "UDPREMOTEIP", "UDPREMOTEPORT", "UDPLOCALIP", "REMOTE_ADDR", "REMOTE_PORT", "SERVER_ADDR")
		s.send(" ".join("%s=%s" % (name, os.environ.get(name)) for name in names).encode())
		s.send(repr((s.getsockname()[0], s.getpeername()[:2])).encode())
	END
	export PYTHONPATH=$INETD_DIR
	cat >"$INETD_DIR/talker.py" <<-'END'
		import socket
		def talker(port, address="127.0.0.1", to="127.0.0.1", family=socket.AF_INET):
		    s = socket.socket(family, socket.SOCK_DGRAM)
		    s.settimeout(30)
		    s.bind((address, 0))
		    s.connect((to, port))
		    return s
		def say(s, text):
		    s.send(text.encode())
		    return s.recv(70000).decode()
	END
}

@test "each sender talks to a program of its own, and nothing of others comes in between" {
	start_ini <<-END
		[talk]
		protocol = udp
		wait = no
		port = 0
		server = $INETD_DIR/talk
	END
	python3 - "$(inetd_port talk)" <<-'END'
		import sys
		from talker import *
		port = int(sys.argv[1])
		a, b = talker(port), talker(port, "127.0.0.2")
		assert say(a, "one") == "1 one"
		assert say(b, "other") == "1 other"
		assert say(a, "two") == "2 two"
		assert say(b, "more") == "2 more"
		assert say(a, "x" * 60000) == "3 60000"
		b.send(b"end")
		assert say(a, "three") == "4 three"
		a.send(b"end")
	END
	wait_until field_is talk RUNNING 0
	[ "$(inetd_field talk STARTED)" = 2 ]
	assert_no_leaks
	inetd_stop
}

@test "a burst of many senders: each is served, and what one sends at once its one program gets, in order" {
	start_ini <<-END
		[talk]
		protocol = udp
		wait = no
		port = 0
		server = $INETD_DIR/talk
	END
	python3 - "$(inetd_port talk)" <<-'END'
		import sys
		from talker import *
		talkers = [talker(int(sys.argv[1]), "127.0.0.%d" % i) for i in range(2, 12)]
		for n in range(3):
		    for s in talkers:
		        s.send(b"%d" % n)
		for s in talkers:
		    got = [s.recv(100).decode() for n in range(3)]
		    assert got == ["1 0", "2 1", "3 2"], got
		    s.send(b"end")
	END
	wait_until field_is talk RUNNING 0
	[ "$(inetd_field talk STARTED)" = 10 ]
	assert_no_leaks
	inetd_stop
}

@test "the program knows who has sent, and which address was asked; over IPv6 and both too" {
	start_ini <<-END
		[told]
		bind = *
		protocol = udp4
		wait = no
		port = 0
		server = $INETD_DIR/told
		[six]
		bind = ::1
		protocol = udp6
		wait = no
		port = 0
		server = $INETD_DIR/told
		[dual]
		bind = *
		protocol = udp46
		wait = no
		port = 0
		server = $INETD_DIR/told
	END
	python3 - "$(inetd_port told)" "$(inetd_port six)" "$(inetd_port dual)" <<-'END'
		import sys
		from talker import *
		told, six, dual = map(int, sys.argv[1:])
		s = talker(told, "127.0.0.2", "127.0.0.5")
		port = s.getsockname()[1]
		assert say(s, "hi") == "PROTO=UDP UDPREMOTEIP=127.0.0.2 UDPREMOTEPORT=%d UDPLOCALIP=127.0.0.5 REMOTE_ADDR=127.0.0.2 " \
		    "REMOTE_PORT=%d SERVER_ADDR=127.0.0.5" % (port, port)
		assert s.recv(100).decode() == repr(("127.0.0.5", ("127.0.0.2", port)))
		s = talker(six, "::1", "::1", socket.AF_INET6)
		assert " UDPREMOTEIP=::1 " in say(s, "hi")
		assert s.recv(100).decode() == repr(("::1", ("::1", s.getsockname()[1])))
		s = talker(dual, "127.0.0.2", "127.0.0.6")
		assert " UDPREMOTEIP=127.0.0.2 " in say(s, "hi")
		assert s.recv(100).decode() == repr(("::ffff:127.0.0.6", ("::ffff:127.0.0.2", s.getsockname()[1])))
	END
	inetd_stop
}

@test "limits of a source, and access: others do not notice" {
	start_ini <<-END
		[talk]
		protocol = udp
		wait = no
		port = 0
		server = $INETD_DIR/talk
		per_source = 1
		no_access = 127.0.0.9
	END
	python3 - "$(inetd_port talk)" <<-'END'
		import sys
		from talker import *
		port = int(sys.argv[1])
		a = talker(port, "127.0.0.2")
		assert say(a, "one") == "1 one"
		for s in talker(port, "127.0.0.2"), talker(port, "127.0.0.9"):
		    s.settimeout(1)
		    try:
		        raise SystemExit(say(s, "refused"))
		    except socket.timeout:
		        pass
		assert say(talker(port, "127.0.0.3"), "other") == "1 other"
		assert say(a, "two") == "2 two"
	END
	assert_log 'talk: refused: as many of its source run.* peer=127.0.0.2:'
	inetd_stop
}

# has_left PID: true if a process is in a network of its own.
has_left() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# far: a client on another machine, which is a network namespace.
far() {
	local far
	ip link add near type veth peer name away
	unshare -n sleep 1000 &
	far=$!
	# shellcheck disable=SC2064 # this is a shell of its own (in_network)
	trap "kill -KILL $far" EXIT
	wait_until has_left "$far"
	ip link set away netns "$far"
	ip addr add 192.0.2.1/24 dev near
	ip -6 addr add 2001:db8::1/64 dev near nodad
	ip link set near up
	nsenter -t "$far" -n sh -ec 'ip link set lo up; ip addr add 192.0.2.2/24 dev away
		ip -6 addr add 2001:db8::2/64 dev away nodad; ip link set away up'
	start_ini <<-END
		[talk]
		bind = *
		protocol = udp
		wait = no
		port = 0
		server = $INETD_DIR/talk
	END
	nsenter -t "$far" -n python3 - "$(inetd_port talk -4)" "$(inetd_port talk -6)" <<-'END'
		import sys
		from talker import *
		for s in (talker(int(sys.argv[1]), "192.0.2.2", "192.0.2.1"),
		          talker(int(sys.argv[2]), "2001:db8::2", "2001:db8::1", socket.AF_INET6)):
		    assert say(s, "one") == "1 one"
		    assert say(s, "two") == "2 two"
		    assert say(s, "x" * 3000) == "3 3000"
		    s.send(b"end")
	END
	wait_until field_is talk RUNNING 0
	inetd_stop
}

@test "senders on another machine are served in the same way" {
	in_network far
}

@test "a line of busybox with dgram nowait is served as its author meant" {
	inetd_start <<-END
		# dialect: busybox
		127.0.0.1:{talk} dgram udp nowait root $INETD_DIR/talk talk
	END
	python3 - "$(inetd_port talk)" <<-'END'
		import sys
		from talker import *
		a, b = talker(int(sys.argv[1])), talker(int(sys.argv[1]))
		assert say(a, "one") == say(b, "one") == "1 one"
		assert say(a, "two") == "2 two"
	END
	refute_log warning
	inetd_stop
}

@test "without the right to it the daemon says why a sender gets no program, and pauses that service alone" {
	need_plain
	INETD_UNDER='setpriv --bounding-set -net_raw'
	start_ini <<-END
		[talk]
		protocol = udp
		wait = no
		port = 0
		server = $INETD_DIR/talk
		[cat]
		port = 0
		server = /bin/cat
	END
	run ! assert_answer '1 hi' ask_udp -t 1 talk hi
	assert_log 'talk: cannot make a socket for the sender of a datagram, which is lost: socket [(]CAP_NET_RAW[)]: .*; pausing'
	field_is talk RUNNING 0
	assert_answer hi ask_tcp cat hi
	wait_until field_is talk STATE failing
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}
