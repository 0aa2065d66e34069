#!/usr/bin/env bats
# Programs that are lent their service's sockets (wait, datagrams): what they get, and when their service backs off.

load ../helpers/family
load ../helpers/ending
load ../helpers/beside

# clients NUMBER SECONDS PORT|PATH [ENOUGH]: prints how many answers they got.
clients() {
	python3 "$TOP/tests/bin/ask_again.py" "$@"
}

@test "a wait program that serves one connection and ends is started again at once, however many wait" {
	local one number answers
	one=$(probe take_one)
	start_ini <<-END
		[tcp]
		port = 0
		wait = yes
		server = $one
		[unix]
		protocol = unix
		listen = $INETD_DIR/socket
		wait = yes
		server = $one
	END
	for number in 1 4 16; do
		for address in "$(inetd_port tcp)" "$INETD_DIR/socket"; do
			answers=$(clients $number 30 "$address" 40)
			# With pauses of a second it would be less than 30, and with longer and longer ones than ten.
			[ "$answers" -ge 40 ] || fail "$number clients at $address: $answers answers"
		done
	done
	refute_log 'ends without taking'
	[ "$(inetctl --json status tcp | grep -o '"failed": *[0-9]*')" = "$(inetctl --json status unix | grep -o '"failed": *[0-9]*')" ]
	assert_no_leaks
	inetd_stop
}

@test "a wait program that takes nothing backs off, while one connection waits or many, tcp or unix" {
	local number
	start_ini <<-END
		[tcp]
		port = 0
		wait = yes
		server = /bin/true
		[unix]
		protocol = unix
		listen = $INETD_DIR/socket
		wait = yes
		server = /bin/true
	END
	for number in 1 16; do
		(close_inherited && clients "$number" 1 "$(inetd_port tcp)" >/dev/null 2>&1) &
		(close_inherited && clients "$number" 1 "$INETD_DIR/socket" >/dev/null 2>&1) &
		wait_until field_is tcp STATE backoff
		wait_until field_is unix STATE backoff
	done
	[ "$(inetd_log | grep -c 'tcp: .* ends without taking')" = 1 ]
	[ "$(inetd_log | grep -c 'unix: .* ends without taking')" = 1 ]
	# It must have been started as often as connections waited, to be sure, and a few times after pauses.
	[ "$(inetd_field tcp STARTED)" -le 30 ]
	[ "$(inetd_field unix STARTED)" -le 10 ]
	inetd_stop
}

# stays NAME: a program that serves one connection after another and answers with its process number, until it is told
# to stop.
stays() {
	inetd_script "$1" <<-'END'
		#!/usr/bin/python3
		import os, socket

		listener = socket.socket(fileno=0)
		while True:
		    conn, _ = listener.accept()
		    text = conn.recv(100)
		    conn.sendall(str(os.getpid()).encode())
		    conn.close()
		    if b"stop" in text:
		        break
	END
}

@test "plain tcp is one socket for a program that knows of descriptor 0, so that one serves both families" {
	local pid
	stays stays
	inetd_start <<-END
		{both} stream tcp wait/1 $INETD_USER $INETD_DIR/stays
		{four} stream tcp4 wait/1 $INETD_USER $INETD_DIR/stays
	END
	[ "$(inetd_rows both | wc -l)" = 1 ]
	pid=$(ask_tcp both hi)
	[ "$(ask_tcp -6 both hi)" = "$pid" ]
	[ "$(ask_tcp -6 both stop)" = "$pid" ]
	wait_until field_is both RUNNING 0
	pid=$(ask_tcp -6 both hi)
	[ "$(ask_tcp both stop)" = "$pid" ]
	run ! ask_tcp -6 four hi
	inetd_stop
}

@test "plain tcp is one socket of IPv4 where there is no IPv6" {
	local pid
	need_plain
	stays stays
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/no-ipv6.so"
	inetd_start <<-END
		{both} stream tcp wait/1 $INETD_USER $INETD_DIR/stays
	END
	pid=$(ask_tcp both hi)
	[ "$(ask_tcp both stop)" = "$pid" ]
	inetd_stop
}

# talk PORT TEXT...: one client that sends the texts one after another and prints the answers.
talk() {
	python3 -c 'import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(30)
sock.connect(("127.0.0.1", int(sys.argv[1])))
for text in sys.argv[2:]:
	sock.send(text.encode())
	print(sock.recv(1000).decode())' "$@"
}

# bind_as UID PORT: whether that user can bind the port too, by SO_REUSEADDR or SO_REUSEPORT: yes, or why not.
bind_as() {
	python3 -c 'import errno, os, socket, sys
os.setgroups([])
os.setuid(int(sys.argv[1]))
for option in socket.SO_REUSEADDR, socket.SO_REUSEPORT:
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.setsockopt(socket.SOL_SOCKET, option, 1)
	try:
		sock.bind(("127.0.0.1", int(sys.argv[2])))
		print("yes")
	except OSError as error:
		print(errno.errorcode[error.errno])' "$@" | sort -u | xargs
}

# datagrams NAME PORT ARGUMENTS [KEY...]: a section whose program is python3 with these arguments.
datagrams() {
	printf '%s\n' "[$1]" "port = $2" 'bind = 127.0.0.1' 'protocol = udp' 'user = root' 'server = /usr/bin/python3' \
		"server_args = $3" "${@:4}"
}

own_sockets() {
	local own=$TOP/tests/bin/dgram_own.py stays="-c 'import time; time.sleep(1000)'"
	{
		datagrams reserved 700 "$own"
		datagrams never 701 "$own" 'reuse_address = no'
		datagrams free 7000 "$own"
		datagrams always 7001 "$own" 'reuse_address = yes'
		datagrams stays 702 "$stays"
		datagrams free-stays 7002 "$stays"
	} >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	[ "$(talk 700 one two stop | xargs)" = 'own own stopped' ]
	[ "$(talk 7001 one two stop | xargs)" = 'own own stopped' ]
	[ "$(talk 701 one)" = EADDRINUSE ]
	[ "$(talk 7000 one)" = EADDRINUSE ]
	# Nobody else takes a port, whether a program has the socket or not.
	[ "$(bind_as 0 7003)" = yes ]
	[ "$(bind_as 65534 7003)" = yes ]
	[ "$(bind_as 65534 702)" = EACCES ]
	[ "$(bind_as 65534 7002)" = EADDRINUSE ]
	talk 702 hi >/dev/null 2>&1 &
	talk 7002 hi >/dev/null 2>&1 &
	wait_until field_is stays RUNNING 1
	wait_until field_is free-stays RUNNING 1
	[ "$(bind_as 65534 702)" = EACCES ]
	[ "$(bind_as 65534 7002)" = EADDRINUSE ]
	[ "$(bind_as 0 702)" = 'EADDRINUSE yes' ]
	inetctl stop stays
	wait_until field_is stays RUNNING 0
	inetctl enable stays
	[ "$(bind_as 0 702)" = EADDRINUSE ]
	inetctl stop free-stays
	inetd_stop
}

@test "a datagram program may bind sockets of its own to a reserved port, elsewhere by reuse_address; others may not" {
	need_root
	in_network own_sockets
}

# lingers PORT: what the port does when the program of the daemon before still has its socket.
lingers() {
	local own=$TOP/tests/bin/dgram_own.py pid
	{
		datagrams reserved 700 "$own one"
		datagrams free 7000 "-c 'import time; time.sleep(1000)'"
	} >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	# Each is in the middle of something when the daemon ends.
	[ "$(talk 700 one)" = one ]
	talk 7000 hi >/dev/null 2>&1 &
	wait_until field_is free RUNNING 1
	inetd_stop
	sed -i 's/one$/two/' "$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	# The reserved one is served by the new daemon at once.
	[ "$(talk 700 x stop | xargs)" = 'two stopped' ]
	field_is free STATE bind
	assert_log 'free: bind .*already in use by python3 \(pid [0-9]+\)'
	pid=$(inetd_log | sed -nE 's/.*python3 \(pid ([0-9]+)\).*/\1/p')
	# Each address that appears is a reason to try again, and doubles the time until the next try.
	for i in {1..7}; do
		ip addr add "127.0.9.$i/32" dev lo
	done
	field_is free STATE bind
	inetd_log_mark
	kill "$pid"
	assert_log 'free: listens on 127.0.0.1:7000 now'
	field_is free STATE ready
	inetd_stop
}

@test "the port of a program that outlives the daemon: a reserved one is served at once, another when it ends" {
	need_root
	in_network lingers
}

@test "the sender of the first datagram counts against the limits of one source" {
	start_ini <<-END
		[limited]
		port = 0
		protocol = udp
		per_source_rate = 2/hour
		log = refuse
		server = /usr/bin/python3
		server_args = -c 'import socket; s = socket.socket(fileno=0); s.sendto(*s.recvfrom(9))'
	END
	for i in 1 2; do
		assert_answer hi ask_udp -b 127.0.0.2 limited hi
		wait_until field_is limited RUNNING 0
	done
	run ! ask_udp -t 1 -b 127.0.0.2 limited hi
	assert_log 'peer=127.0.0.2:[0-9]+ reason=per_source_rate'
	[ "$(inetd_field limited REFUSED)" = 1 ]
	# Others are served, also when those of the first wait before them.
	assert_answer hi ask_udp -b 127.0.0.3 limited hi
	assert_no_leaks
	inetd_stop
}

# stays_for_all NAME: a program that answers every datagram, or connection, with "hi" until it is told to stop.
stays_for_all() {
	inetd_script "$1" <<-'END'
		#!/usr/bin/python3
		import socket

		sock = socket.socket(fileno=0)
		while True:
		    if sock.type == socket.SOCK_DGRAM:
		        text, peer = sock.recvfrom(100)
		        sock.sendto(b"hi", peer)
		    else:
		        conn, peer = sock.accept()
		        text = conn.recv(100)
		        conn.sendall(b"hi")
		        conn.close()
		    if b"stop" in text:
		        break
	END
}

# filtered [NETWORKS]: sections that may be used from 127.0.0.1 only, but for the last, with a program that stays.
filtered() {
	local name
	for name in dgram stream open; do
		printf '%s\n' "[$name]" 'port = 0' 'bind = *' "user = $INETD_USER" 'wait = yes' "server = $INETD_DIR/stays"
		[ $name = stream ] || echo 'protocol = udp4'
		[ $name = open ] || echo "only_from = ${1:-127.0.0.1 ::1}"
	done
}

@test "only_from holds for everything that comes to a socket that a program has, datagrams and connections" {
	stays_for_all stays
	filtered >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	for name in dgram open; do
		assert_answer hi ask_udp -b 127.0.0.1 $name hi
	done
	assert_answer hi ask_tcp -b 127.0.0.1 stream hi
	# The programs run now, and see whatever comes.
	assert_answer hi ask_udp -b 127.0.0.2 open hi
	run ! ask_udp -t 1 -b 127.0.0.2 dgram hi
	assert_answer hi ask_udp -b 127.0.0.1 dgram hi
	run ! ask_tcp -t 1 -b 127.0.0.2 stream hi
	assert_answer hi ask_tcp -b 127.0.0.1 stream hi
	# A reload with other networks holds from the program's end on.
	filtered '127.0.0.2' >"$INETD_DIR/inetd.ini"
	inetd_reload
	run ! ask_udp -t 1 -b 127.0.0.2 dgram hi
	assert_answer hi ask_udp -b 127.0.0.1 dgram stop
	assert_answer hi ask_tcp -b 127.0.0.1 stream stop
	wait_until field_is dgram RUNNING 0
	wait_until field_is stream RUNNING 0
	wait_until assert_answer hi ask_udp -b 127.0.0.2 dgram hi
	assert_answer hi ask_tcp -b 127.0.0.2 stream hi
	run ! ask_udp -t 1 -b 127.0.0.1 dgram hi
	run ! ask_tcp -t 1 -b 127.0.0.1 stream hi
	inetctl stop dgram && inetctl stop stream && inetctl stop open
	inetd_stop
}

@test "a program cannot take away the filter of the socket that it has" {
	inetd_script tries <<-'END'
		#!/usr/bin/python3
		import errno, socket

		SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
		sock = socket.socket(fileno=0)
		text, peer = sock.recvfrom(100)
		try:
		    sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
		    sock.sendto(b"detached", peer)
		except OSError as error:
		    sock.sendto(errno.errorcode[error.errno].encode(), peer)
	END
	start_ini <<-END
		[filtered]
		port = 0
		protocol = udp
		server = $INETD_DIR/tries
		only_from = 127.0.0.1
		[open]
		port = 0
		protocol = udp
		server = $INETD_DIR/tries
	END
	assert_answer ENOENT ask_udp open hi
	assert_answer EPERM ask_udp filtered hi
	wait_until field_is filtered RUNNING 0
	inetd_stop
}

# A program that serves one request and leaves a process of its own behind, which has the socket still and does its
# worst to it, again and again: blocking, errors or disconnect.
hostile() {
	inetd_script hostile <<-'END'
		#!/usr/bin/python3
		import fcntl, os, select, socket, sys, time

		how, tcp = sys.argv[1], sys.argv[2] == "tcp"
		sock = socket.socket(fileno=0)
		sock.setblocking(True)
		if tcp:
		    conn, _ = sock.accept()
		    conn.sendall(b"hi")
		    conn.close()
		else:
		    sock.sendto(*sock.recvfrom(100))
		if os.fork():
		    os._exit(0)
		os.setsid()
		end = time.monotonic() + 20
		while time.monotonic() < end:
		    try:
		        if how == "blocking":
		            fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) & ~os.O_NONBLOCK)
		        elif how == "errors":
		            sock.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
		            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		            other.bind(("127.0.0.1", 0))
		            gone = other.getsockname()
		            other.close()
		            sock.sendto(b"x", gone)
		            time.sleep(0.01)
		        elif how == "disconnect":
		            sock.shutdown(socket.SHUT_RDWR)
		            sock.connect(sock.getsockname())
		            time.sleep(0.01)
		    except OSError:
		        time.sleep(0.01)
	END
}

@test "a socket that a program has passed on cannot make the daemon wait, and does not keep it busy" {
	local how before used
	hostile
	start_ini <<-END
		[beside]
		port = 0
		internal = echo
		[blocking]
		port = 0
		wait = yes
		server = $INETD_DIR/hostile
		server_args = blocking tcp
		[errors]
		port = 0
		protocol = udp
		server = $INETD_DIR/hostile
		server_args = errors udp
		[disconnect]
		port = 0
		wait = yes
		server = $INETD_DIR/hostile
		server_args = disconnect tcp
	END
	assert_answer hi ask_tcp blocking hi
	assert_answer hi ask_udp errors hi
	assert_answer hi ask_tcp disconnect hi
	for how in blocking errors disconnect; do
		wait_until field_is $how RUNNING 0
	done
	# From wait to nowait: the daemon accepts from then on, from a socket that nobody else has.
	sed -i '/^\[blocking\]/,/^\[errors\]/{s/^wait.*/instances = 99/;s|^server =.*|server = /bin/echo|;s/^server_args.*/server_args = -n ok/}' "$INETD_DIR/inetd.ini"
	inetd_reload
	# Many at once, so that it looks for one more than there are.
	[ "$(clients 8 30 "$(inetd_port blocking)" 8)" -ge 8 ]
	assert_answer hi ask_tcp beside hi
	before=$(processor_ms)
	# What is of no use any more is replaced.
	wait_until assert_answer hi ask_tcp disconnect hi
	assert_answer hi ask_tcp beside hi
	for i in {1..20}; do
		assert_answer hi ask_tcp beside hi
	done
	used=$(($(processor_ms) - before))
	[ $used -lt 500 ] || fail "$used ms"
	[ "$(inetctl --json status errors | grep -oE '"started": *[0-9]+' | grep -oE '[0-9]+')" -lt 20 ]
	inetd_stop
}

@test "a datagram socket that a left-over process connects to one peer is for all again" {
	inetd_script holder <<-'END'
		#!/usr/bin/python3
		import os, socket, sys, time
		lent = socket.socket(fileno=0)
		text, peer = lent.recvfrom(100)
		lent.sendto(text, peer)
		if os.fork() or os.path.exists(sys.argv[1]):
		    os._exit(0)
		while not os.path.exists(sys.argv[1]):
		    time.sleep(0.01)
		lent.connect(("127.0.0.1", 9))
	END
	inetd_start <<-END
		127.0.0.1:{held} dgram udp wait $INETD_USER $INETD_DIR/holder holder $INETD_DIR/go
	END
	assert_answer hi ask_udp held hi
	wait_until field_is held RUNNING 0
	touch "$INETD_DIR/go"
	assert_log ': a program has connected its socket to one peer; it is for all again'
	wait_until assert_answer hi ask_udp held hi
	inetd_stop
}

@test "outside access_times a wait service refuses from a socket of its own" {
	hostile
	start_ini <<-END
		[beside]
		port = 0
		internal = echo
		[timed]
		port = 0
		wait = yes
		server = $INETD_DIR/hostile
		server_args = blocking tcp
	END
	assert_answer hi ask_tcp timed hi
	wait_until field_is timed RUNNING 0
	# A day that is not today.
	sed -i "/^\\[timed\\]/a access_times = $(date -d 'now + 3 days' +%a)" "$INETD_DIR/inetd.ini"
	inetd_reload
	for i in 1 2 3; do
		run ! assert_answer hi ask_tcp -t 2 timed hi
		assert_answer hi ask_tcp beside hi
	done
	[ "$(inetd_field timed REFUSED)" -ge 2 ]
	inetd_stop
}

# keeps: a program that serves one connection and ends, and leaves a process that has left its group, hears no TERM and
# has the socket still: it listens and serves ("stolen") whenever it can, and takes O_NONBLOCK and time stamps from the
# socket in between. $INETD_DIR/kept is its number. With a path it passes the socket to who listens there.
keeps() {
	chmod 1777 "$INETD_DIR"
	inetd_script keeps <<-END
		#!/usr/bin/python3
		import fcntl, os, select, signal, socket, sys, time

		lent = socket.socket(fileno=0)
		conn, _ = lent.accept()
		conn.sendall(b"served\n")
		conn.close()
		if os.fork():
		    os._exit(0)
		signal.signal(signal.SIGTERM, signal.SIG_IGN)
		os.setsid()
		if sys.argv[1:] not in ([], ["flags"]):
		    with socket.socket(socket.AF_UNIX) as other:
		        other.connect(sys.argv[1])
		        socket.send_fds(other, [b"x"], [0])
		open("$INETD_DIR/kept.new", "w").write(str(os.getpid()))
		os.rename("$INETD_DIR/kept.new", "$INETD_DIR/kept")
		end = time.monotonic() + 60
		while time.monotonic() < end:
		    if sys.argv[1:] == ["flags"]:
		        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) & ~os.O_NONBLOCK)
		        lent.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
		        lent.setsockopt(socket.SOL_SOCKET, 35, 0)
		        continue
		    try:
		        lent.setblocking(False)
		        if not lent.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
		            lent.listen()
		            open("$INETD_DIR/again", "w").close()
		            os.chmod("$INETD_DIR/again", 0o666)
		        if os.path.exists("$INETD_DIR/steal"):
		            conn, _ = lent.accept()
		            conn.sendall(b"stolen\n")
		            conn.close()
		    except OSError:
		        time.sleep(0.01)
	END
}

# left_by NAME: has the program of keeps serve once, and prints the number of what it leaves behind.
left_by() {
	rm -f "$INETD_DIR/kept" "$INETD_DIR/again" "$INETD_DIR/steal"
	assert_answer served ask_tcp "$1" >&2 || return
	wait_until test -s "$INETD_DIR/kept" || return
	wait_until field_is "$1" RUNNING 0 || return
	cat "$INETD_DIR/kept"
}

is_stolen() {
	[ "$(ask_tcp -t 1 "$1")" = stolen ]
}

# taker: a process in the background, $taker, that is passed a socket and whom the service's user may not end: it listens
# and serves ("stolen") whenever it can.
taker() {
	python3 - "$INETD_DIR/taker" "$INETD_DIR/again" 3>&- <<-'END' &
		import os, socket, sys, time
		with socket.socket(socket.AF_UNIX) as listener:
		    listener.bind(sys.argv[1])
		    os.chmod(sys.argv[1], 0o666)
		    listener.listen()
		    lent = socket.socket(fileno=socket.recv_fds(listener.accept()[0], 1, 1)[1][0])
		lent.setblocking(False)
		while True:
		    try:
		        if not lent.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
		            lent.listen()
		            open(sys.argv[2], "w").close()
		        lent.accept()[0].sendall(b"stolen\n")
		    except OSError:
		        time.sleep(0.01)
	END
	taker=$!
	wait_until test -S "$INETD_DIR/taker"
}

# Of a port that was asked for, which a socket keeps when it does not listen any more.
deafened() {
	local pid taker
	keeps
	taker
	start_ini <<-END
		[keeps]
		port = 7000
		wait = yes
		user = nobody
		server = $INETD_DIR/keeps
		server_args = $INETD_DIR/taker
	END
	pid=$(left_by keeps)
	# As long as nothing is done about it it takes connections.
	touch "$INETD_DIR/steal"
	wait_until is_stolen 7000
	run -0 inetctl "$1" keeps
	wait_until inetd_gone "$pid"
	assert_log "keeps: its socket cannot be taken back: python3 \\(pid $taker\\) has it still"
	wait_until test -e "$INETD_DIR/again"
	ss -Hltn 'sport = :7000' | grep -q LISTEN
	is_stolen 7000 && fail "who kept the socket has served a connection"
	kill -KILL "$taker"
	wait_until inetd_gone "$taker"
	rm "$INETD_DIR/steal" "$INETD_DIR/taker"
	sed -i '/^server_args/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	pid=$(left_by keeps)
	kill -KILL "$pid"
	inetd_stop
}

@test "disable and stop name who has the lent socket still and may not be ended; nobody reaches him, even if he listens again" {
	need_root
	local verb
	for verb in disable stop; do
		in_network deafened "$verb"
	done
}

# ends_holders VERB
ends_holders() {
	local pid port dgram
	keeps
	inetd_script dgram <<-'END'
		#!/bin/sh
		setsid sleep 1000 &
		echo $! >"${0%/*}/dgram.pid"
		trap '' TERM
		exec sleep 1000
	END
	start_ini <<-END
		[keeps]
		port = 0
		wait = yes
		server = $INETD_DIR/keeps
		[dgram]
		port = 0
		protocol = udp
		kill_after = 1s
		server = $INETD_DIR/dgram
		[beside]
		port = 0
		internal = echo
	END
	port=$(inetd_port keeps)
	beside_start beside
	pid=$(left_by keeps)
	run -0 inetctl "$1" keeps
	wait_until inetd_gone "$pid"
	assert_log 'keeps: processes that its programs left behind still had its socket: 1 killed'
	[ -z "$(ss -Hltn "sport = :$port")" ]
	rm "$INETD_DIR/kept"
	run -0 inetctl enable keeps
	assert_answer served ask_tcp keeps
	wait_until test -s "$INETD_DIR/kept"
	pid=$(cat "$INETD_DIR/kept")
	# One whose program still runs, of datagrams.
	port=$(inetd_port dgram)
	echo hi >"/dev/udp/127.0.0.1/$port"
	wait_until test -s "$INETD_DIR/dgram.pid"
	dgram=$(cat "$INETD_DIR/dgram.pid")
	run -0 inetctl "$1" dgram
	[[ $output == 'dgram: disabled, TERM sent to 1 program'* && $output != *'still run'* ]] || fail "$output"
	wait_until inetd_gone "$dgram"
	field_is dgram RUNNING 0
	[ -z "$(ss -Hlun "sport = :$port")" ]
	refute_log 'cannot be taken back'
	beside_end
	kill -KILL "$pid"
	inetd_stop
}

@test "disable ends who has the lent socket, program or left behind: nobody serves what is closed" {
	ends_holders disable
}

@test "stop ends what has left the program's group with the lent socket, once the program has ended" {
	ends_holders stop
}

@test "disable ends a program that has the socket, and not those with a connection of their own" {
	local pid held
	keeps
	inetd_script serves <<-'END'
		#!/usr/bin/python3
		import os, socket, sys, time
		conn, _ = socket.socket(fileno=0).accept()
		conn.sendall(b"served\n")
		conn.close()
		time.sleep(1000)
	END
	start_ini <<-END
		[both]
		port = 0
		wait = yes
		server = $INETD_DIR/serves
	END
	assert_answer served ask_tcp both
	pid=$(pgrep -f "$INETD_DIR/serves")
	sed -i "s/^wait.*/instances = 9/; s|^server =.*|server = /bin/cat|" "$INETD_DIR/inetd.ini"
	inetd_reload
	connect_tcp held both
	wait_until field_is both RUNNING 2
	run -0 inetctl disable both
	[[ $output == *'disabled, TERM sent to 1 program with its socket'*'1 still runs; inetctl stop ends them'* ]] || fail "$output"
	wait_until inetd_gone "$pid"
	echo still >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = still ]
	close_tcp held
	inetd_stop
}

# has_socket_of PID: true if the daemon has the socket that is standard input of the process.
has_socket_of() {
	find "/proc/$INETD_PID/fd" -printf '%l\n' | grep -qxF "$(readlink "/proc/$1/fd/0")"
}

# Of a port that was asked for: the socket is the same endpoint after the reload.
from_wait_to_nowait() {
	local pid BESIDE_MS=$1
	keeps
	start_ini <<-END
		[keeps]
		port = 7000
		wait = yes
		server = $INETD_DIR/keeps
		server_args = flags
		[beside]
		port = 0
		server = /bin/cat
	END
	pid=$(left_by keeps)
	has_socket_of "$pid"
	beside_start beside
	wait_until beside_asked 10
	sed -i '/^\[keeps\]/,/^\[beside\]/{s/^wait.*/instances = 99/;s|^server =.*|server = /bin/echo|;s/^server_args.*/server_args = -n ok/}' \
		"$INETD_DIR/inetd.ini"
	inetd_reload
	# Each connection that is accepted is followed by a look for one more, which could wait.
	for _ in {1..10}; do
		assert_answer ok ask_tcp -t 2 keeps
	done
	kill -0 "$pid"
	! has_socket_of "$pid" || fail 'the daemon has the socket still that the program has passed on'
	wait_until beside_asked 50
	beside_end
	kill -KILL "$pid"
	inetd_stop
}

@test "from wait to nowait at a reload the socket that a program has passed on is replaced" {
	need_plain
	in_network from_wait_to_nowait "$BESIDE_MS"
}
