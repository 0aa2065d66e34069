#!/usr/bin/env bats
# proxy_protocol: behind a proxy that says so in a header, the client is who the service, its limits and the log know.

load ../helpers/family
load ../helpers/rude

V4='PROXY TCP4 192.0.2.7 198.51.100.1 40001 443'
V6='PROXY TCP6 2001:db8::7 2001:db8::1 40001 443'
A4='c0000207 c6336401 9c41 01bb'

# hex DIGITS: bytes.
hex() {
	fold -w 2 <<<"${1// /}" | sed 's/^/\\x/' | while read -r byte; do printf '%b' "$byte"; done
}

# v2 COMMAND FAMILY DIGITS: a header of version 2, all in hexadecimal digits.
v2() {
	local data=${3// /}
	hex "0d0a0d0a000d0a515549540a $1 $2 $(printf %04x $((${#data} / 2))) $data"
}

# from ADDRESS [TEXT...]: a header that names the client, and what it says.
from() {
	printf 'PROXY TCP4 %s 198.51.100.1 40001 443\r\n' "$1"
	[ $# = 1 ] || printf '%s\n' "${@:2}"
}

# start [LINE...]: services behind a proxy on 127.0.0.1: tell says its environment, cat what it reads; the lines are
# keys of both. What has run is noted.
start() {
	inetd_script tell <<-'END'
		#!/bin/sh
		env | grep -E '^(PROTO|TCP|UDP|IPC|REMOTE_|SERVER_)' | sort
	END
	inetd_script note <<-END
		#!/bin/sh
		echo ran >>"$INETD_DIR/ran"
		exec cat
	END
	start_ini <<-END
		[defaults]
		proxy_protocol = 127.0.0.1 unix
		$(printf '%s\n' "$@")
		[tell]
		listen = 127.0.0.1:0 $INETD_DIR/tell.sock
		server = $INETD_DIR/tell
		[cat]
		listen = 127.0.0.1:0 $INETD_DIR/cat.sock
		server = $INETD_DIR/note
	END
}

# caller ADDRESS SERVER: what a program finds when that one calls port 443 from port 40001.
caller() {
	printf '%s\n' PROTO=TCP "REMOTE_ADDR=$1" "REMOTE_HOST=$1" REMOTE_PORT=40001 "SERVER_ADDR=$2" SERVER_PORT=443 \
		TCPCONNNUM=1 "TCPLOCALIP=$2" TCPLOCALPORT=443 "TCPREMOTEIP=$1" TCPREMOTEPORT=40001 | sort
}

# ran NUMBER: cat has run so often.
ran() {
	local lines
	touch "$INETD_DIR/ran"
	lines=$(wc -l <"$INETD_DIR/ran")
	[ "$lines" = "$1" ] || fail "it has run $lines times, not $1"
}

# refused KEY: how many of cat's were refused for it.
refused() {
	local count
	count=$(inetctl --json status cat | grep -o "\"refused_$1\": [0-9]*" | cut -d " " -f 2)
	echo "${count:-0}"
}

refused_is() {
	[ "$(refused "$1")" = "$2" ] || fail "$(inetctl --json status cat)"
}

@test "a header of either version names the client to the program, over tcp and unix sockets" {
	start
	assert_answer "$(caller 192.0.2.7 198.51.100.1)" ask_tcp tell - <<<"$V4"$'\r'
	assert_answer "$(caller 2001:db8::7 2001:db8::1)" ask_tcp tell - <<<"$V6"$'\r'
	assert_answer "$(caller 192.0.2.7 198.51.100.1)" ask_tcp tell - < <(v2 21 11 "$A4")
	assert_answer "$(caller 192.0.2.7 198.51.100.1)" ask_tcp tell - < <(v2 21 11 "$A4 040003616263 030000")
	assert_answer "$(caller 192.0.2.7 198.51.100.1)" ask_unix "$INETD_DIR/tell.sock" - <<<"$V4"$'\r'
	path=$(printf '/run/a%0204d' 0 | od -An -v -tx1 | tr -d ' \n' | sed 's/30/00/g')
	assert_answer $'IPCLOCALPATH=\nIPCREMOTEPATH=/run/a\nPROTO=IPC' ask_tcp tell - < <(v2 21 31 "${path}000000000000")
	assert_no_leaks
	inetd_stop
}

@test "the program gets every byte after the header, however the bytes come in" {
	start
	text=$'PROXY again\r\n\r\nthe rest'
	assert_answer "$text" ask_tcp cat - < <(printf '%s\r\n%s' "$V4" "$text")
	assert_answer "$text" rude byte-by-byte cat < <(printf '%s\r\n%s' "$V4" "$text")
	assert_answer "$text" rude byte-by-byte cat < <(v2 21 11 "$A4 040001ff" && printf %s "$text")
	assert_answer "$text" ask_unix "$INETD_DIR/cat.sock" - < <(printf '%s\r\n%s' "$V4" "$text")
	head -c 300000 /dev/urandom >"$INETD_DIR/data"
	{ v2 21 11 "$A4" && cat "$INETD_DIR/data"; } | ask_tcp cat - | cmp - "$INETD_DIR/data"
	# In a segment each, with an answer in between.
	connect_tcp talk cat
	printf '%s\r\n' "$V4" >&"$talk"
	echo one >&"$talk"
	read -r -t 30 line <&"$talk"
	[ "$line" = one ]
	close_tcp talk
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "a proxy that speaks for itself is served once it says something: a health check starts no program" {
	start
	for header in "$(v2 20 00 '' | base64)" "$(v2 20 11 "$A4" | base64)" "$(v2 21 00 0102 | base64)" \
		"$(printf 'PROXY UNKNOWN\r\n' | base64)" "$(printf 'PROXY UNKNOWN x y 1 2\r\n' | base64)"; do
		assert_answer hello ask_tcp cat - < <(base64 -d <<<"$header" && echo hello)
		assert_answer '' ask_tcp cat - < <(base64 -d <<<"$header")
		assert_answer -e TCPREMOTEIP=127.0.0.1 ask_tcp tell - < <(base64 -d <<<"$header" && echo hello)
	done
	# Version 1, of haproxy: it names itself.
	python3 - "$(inetd_port cat)" <<-'END'
		import socket, sys
		for text, answer in ((b"hello", b"hello"), (b"", b"")):
		    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) as one:
		        one.sendall(b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %s\r\n" % (one.getsockname()[1], sys.argv[1].encode()) + text)
		        one.shutdown(socket.SHUT_WR)
		        assert one.recv(100) == answer
	END
	# It connects, and that is all.
	assert_answer '' ask_tcp cat
	ran 6
	[ "$(refused proxy_protocol)" = 0 ]
	[ "$(inetctl --json status cat | grep -o '"started": [0-9]*')" = '"started": 6' ]
	refute_log refused
	assert_no_leaks
	inetd_stop
}

@test "who is no proxy is a client: served as it is, or refused by proxy_others" {
	start 'banner_fail = by the proxy, please'
	assert_answer "$V4" ask_tcp -b 127.0.0.2 cat - <<<"$V4"
	assert_answer -e TCPREMOTEIP=127.0.0.2 ask_tcp -b 127.0.0.2 tell
	sed -i 's/^proxy_protocol.*/&\nproxy_others = refuse/' "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	rm "$INETD_DIR/ran"
	assert_answer 'by the proxy, please' ask_tcp -b 127.0.0.2 cat
	assert_log 'cat: refused: it does not come by a proxy of proxy_protocol .*peer=127\.0\.0\.2:'
	ran 0
	refused_is proxy_others 1
	# A unix socket is one of a proxy only where that is set.
	assert_answer hi ask_unix "$INETD_DIR/cat.sock" - < <(from 192.0.2.7 hi)
	sed -i 's/^proxy_protocol.*/proxy_protocol = 127.0.0.1/' "$INETD_DIR/inetd.ini"
	inetd_reload
	rm "$INETD_DIR/ran"
	ask_unix "$INETD_DIR/cat.sock" - < <(from 192.0.2.7 hi) || true
	ran 0
	assert_no_leaks
	inetd_stop
}

@test "access, limits by source, log and status know the client behind the proxy" {
	start 'only_from = 192.0.2.0/24' 'no_access = 192.0.2.66' 'per_source = 1' 'log = start exit refuse'
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	assert_log 'cat: started .*peer=192\.0\.2\.7:40001'
	assert_log 'cat: ended .*peer=192\.0\.2\.7:40001'
	assert_answer '' rude silent cat < <(from 192.0.2.66)
	assert_log 'cat: refused: .* .*peer=192\.0\.2\.66:40001 reason=access'
	# The proxy's own address is in no list, and neither is another client's.
	assert_answer '' rude silent cat < <(from 198.51.100.7)
	refused_is access 2
	# One at a time for each of them, both by one proxy.
	connect_tcp one cat
	from 192.0.2.7 >&"$one"
	connect_tcp two cat
	from 192.0.2.8 >&"$two"
	wait_until field_is cat RUNNING 2
	assert_answer '' rude silent cat < <(from 192.0.2.7)
	refused_is per_source 1
	inetctl connections | grep -q '192\.0\.2\.7:40001'
	inetctl connections | grep -q '192\.0\.2\.8:40001'
	run ! grep -q '127\.0\.0\.1' < <(inetctl connections)
	close_tcp one two
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "a source that is refused too often is ignored, not its proxy" {
	start 'deny_time = 1h' 'deny_after = 2' 'no_access = 192.0.2.66'
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	for _ in 1 2 3; do
		assert_answer '' rude silent cat < <(from 192.0.2.66)
	done
	refused_is deny_time 1
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	inetctl unblock 192.0.2.66 | grep -q '^cat: 1 source unblocked'
	inetd_stop
}

@test "what is no header, or none in time, ends the connection: no program runs, the log says why" {
	start
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	rm "$INETD_DIR/ran"
	for line in 'GET / HTTP/1.0' "PROXY UNKNOWN $(printf %095d 0)" "$V4" $'PROXY TCP4 1.2.3.4 1.2.3.4 1\r' \
		"${V4}0000"$'\r'; do
		rude silent -t 10 cat >/dev/null 2>&1 <<<"$line" || true
	done
	wait_until refused_is proxy_protocol 5
	assert_log 'cat: refused: no PROXY header .*peer=127\.0\.0\.1:[0-9]+ reason=proxy_protocol'
	ask_tcp cat - < <(printf %s "$V4")
	refused_is proxy_protocol 6
	ask_tcp cat - < <(v2 21 11 "$A4" | head -c 20)
	refused_is proxy_protocol 7
	# Silent, and half of one: for 5 seconds.
	before=$SECONDS
	rude silent -t 60 cat </dev/null
	[ $((SECONDS - before)) -ge 4 ]
	refused_is proxy_protocol 8
	# It is reset, as what was sent has not been read.
	rude silent -t 60 cat < <(printf %s "$V4") || [ $? = 4 ]
	refused_is proxy_protocol 9
	ran 0
	field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "slow headers take no place of the service, and only a share of the proxy's" {
	start 'instances = 1'
	# As many as may wait for one proxy, and more: those are closed at once.
	python3 - "$(inetd_port cat)" <<-'END'
		import select, socket, sys
		port = int(sys.argv[1])
		slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
		for one in slow:
		    one.sendall(b"PROXY TCP4 ")
		quick = socket.create_connection(("127.0.0.1", port), 20)
		quick.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\nhello")
		quick.shutdown(socket.SHUT_WR)
		assert quick.recv(100) == b"hello"
		assert not select.select(slow, [], [], 0)[0]
		more = [socket.create_connection(("127.0.0.1", port)) for _ in range(1000)]
		closed = select.poll()
		for one in more:
		    closed.register(one, select.POLLIN)
		while len(gone := closed.poll(20000)) < 276:
		    pass
		assert len(gone) == 276, len(gone)
	END
	[ "$(refused proxy_protocol)" -ge 276 ]
	assert_log 'too many connections of its proxy wait for their headers'
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	assert_no_leaks
	inetd_stop
}

@test "a service that is full after the header makes its clients wait, in their turn" {
	start 'instances = 2'
	python3 - "$(inetd_port cat)" <<-'END'
		import socket, sys, threading
		port = int(sys.argv[1])
		def ask(i):
		    with socket.create_connection(("127.0.0.1", port), 60) as one:
		        one.sendall(b"PROXY TCP4 192.0.2.%d 192.0.2.1 1 2\r\nhello" % (i % 250))
		        one.shutdown(socket.SHUT_WR)
		        answers.append(b"".join(iter(lambda: one.recv(100), b"")))
		answers = []
		threads = [threading.Thread(target=ask, args=(i,)) for i in range(300)]
		for one in threads:
		    one.start()
		for one in threads:
		    one.join()
		assert answers == [b"hello"] * 300, answers
	END
	ran 300
	[ "$(inetctl --json status cat | grep -o '"peak": [0-9]*')" = '"peak": 2' ]
	assert_no_leaks
	inetd_stop
}

@test "with children of the whole daemon, those whose headers were read take the turns of their service" {
	start_ini <<-END
		[inetd]
		children = 1
		[defaults]
		proxy_protocol = 127.0.0.1
		[one]
		port = 0
		server = /bin/cat
		[two]
		port = 0
		server = /bin/cat
	END
	python3 - "$(inetd_port one)" "$(inetd_port two)" <<-'END'
		import socket, sys, threading
		def ask(port):
		    with socket.create_connection(("127.0.0.1", port), 60) as one:
		        one.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.1 1 2\r\nhello")
		        one.shutdown(socket.SHUT_WR)
		        answers.append(b"".join(iter(lambda: one.recv(100), b"")))
		answers = []
		threads = [threading.Thread(target=ask, args=(int(sys.argv[1 + i % 2]),)) for i in range(100)]
		for one in threads:
		    one.start()
		for one in threads:
		    one.join()
		assert answers == [b"hello"] * 100, answers
	END
	inetd_stop
}

@test "over its rate, a service with overload = refuse tells the client so after its header" {
	start 'rate = 1/hour' 'overload = refuse' 'busy_message = later'
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	assert_answer later ask_tcp cat - < <(from 192.0.2.7 hi)
	refused_is rate 1
	ran 1
	inetd_stop
}

@test "built-in services know their client too, and tcpmux passes it on" {
	inetd_script tell <<-'END'
		#!/bin/sh
		echo "$TCPREMOTEIP"
	END
	start_ini <<-END
		[defaults]
		proxy_protocol = 127.0.0.1 unix
		log = start exit refuse
		no_access = 192.0.2.66
		[echo]
		listen = 127.0.0.1:0 $INETD_DIR/echo.sock
		internal = echo
		[tcpmux]
		port = 0
		internal = tcpmux
		[tell]
		mux = tell
		proxy_protocol = 127.0.0.1
		server = $INETD_DIR/tell
	END
	assert_log 'proxy_protocol: is for the tcpmux service'
	sed -i '/^mux/{n;d}' "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer hi ask_tcp echo - < <(from 192.0.2.7 hi)
	assert_log 'echo: session started .*peer=192\.0\.2\.7:40001'
	assert_log 'echo: session ended .*peer=192\.0\.2\.7:40001'
	assert_answer hi ask_unix "$INETD_DIR/echo.sock" - < <(from 192.0.2.8 hi)
	assert_log 'echo: session started .*peer=192\.0\.2\.8:40001'
	assert_answer 192.0.2.7 ask_tcp tcpmux - < <(from 192.0.2.7 tell)
	assert_answer $'-Service not available\r' ask_tcp tcpmux - < <(from 192.0.2.7 unheard | sed 's/$/\r/;s/\r\r$/\r/')
	assert_log 'tcpmux: refused: no tcpmux service .*peer=192\.0\.2\.7:40001'
	assert_answer '' ask_tcp echo - < <(from 192.0.2.66 hi) || true
	assert_log 'echo: refused: .*peer=192\.0\.2\.66:40001'
	assert_no_leaks
	inetd_stop
}

@test "a service that is taken away while a header is on its way: the connection ends, others are served" {
	start
	connect_tcp slow cat
	printf 'PROXY TCP4 ' >&"$slow"
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	sed -i '/^\[cat\]/,$d' "$INETD_DIR/inetd.ini"
	inetd_reload
	printf '192.0.2.7 198.51.100.1 40001 443\r\nhi' >&"$slow"
	run read -r -t 30 line <&"$slow"
	[ "$status" = 1 ]
	close_tcp slow
	ran 1
	assert_answer "$(caller 192.0.2.7 198.51.100.1)" ask_tcp tell - <<<"$V4"$'\r'
	inetd_stop
}

# killed: the worker is killed, and another one is there.
killed() {
	local worker
	wait_until inetd_worker
	worker=$(inetd_worker)
	kill -9 "$worker"
	wait_until inetd_gone "$worker"
	wait_until inetd_worker
}

@test "a worker that dies takes nothing with it that waited for a header, the first time" {
	start
	connect_tcp talk cat
	from 192.0.2.7 one >&"$talk"
	read -r -t 30 line <&"$talk"
	[ "$line" = one ]
	connect_tcp slow cat
	connect_tcp twice cat
	printf 'PROXY TCP4 ' >&"$slow"
	killed
	printf '192.0.2.7 198.51.100.1 1 2\r\nthere\n' >&"$slow"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$slow"
	[ "$line" = there ]
	killed
	run read -r -t 30 line <&"$twice"
	[ "$status" = 1 ]
	close_tcp slow twice
	echo two >&"$talk"
	read -r -t 30 line <&"$talk"
	[ "$line" = two ]
	close_tcp talk
	assert_answer hi ask_tcp cat - < <(from 192.0.2.7 hi)
	inetd_stop
}

@test "the banner comes after the header, and what the program leaves unread does not cut its answer" {
	inetd_script short <<-'END'
		#!/bin/sh
		echo answer
	END
	start_ini <<-END
		[short]
		port = 0
		proxy_protocol = 127.0.0.1
		banner = welcome
		lingering_close = 5s
		server = $INETD_DIR/short
	END
	head -c 100000 /dev/zero >"$INETD_DIR/much"
	assert_answer 'welcomeanswer' eval "ask_tcp short - < <(from 192.0.2.7 && cat '$INETD_DIR/much') | tr -d '\n'"
	inetd_stop
}
