#!/usr/bin/env bats
# proxyproto: a program behind a proxy sees its callers, and nobody but the proxy can say who they are.

load ../helpers/family
load ../helpers/rude

V4='PROXY TCP4 192.0.2.7 198.51.100.1 40001 443'
V6='PROXY TCP6 2001:db8::7 2001:db8::1 40001 443'

# hex DIGITS: bytes.
hex() {
	fold -w 2 <<<"${1// /}" | sed 's/^/\\x/' | while read -r byte; do printf '%b' "$byte"; done
}

# v2 COMMAND FAMILY DIGITS: a header of version 2, all in hexadecimal digits.
v2() {
	local data=${3// /}
	hex "0d0a0d0a000d0a515549540a $1 $2 $(printf %04x $((${#data} / 2))) $data"
}

A4='c0000207 c6336401 9c41 01bb'
A6='20010db8000000000000000000000007 20010db8000000000000000000000001 9c41 01bb'

# start: services behind proxyproto; tell says its environment, cat what it reads.
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
	local proxyproto="$B/services/proxyproto proxyproto"
	inetd_start <<-END
		127.0.0.1:{tell} stream tcp nowait $INETD_USER $proxyproto -n 127.0.0.1 $INETD_DIR/tell
		127.0.0.1:{cat} stream tcp nowait $INETD_USER $proxyproto -n 127.0.0.0/8,::1 -t 60 $INETD_DIR/note
		127.0.0.1:{short} stream tcp nowait $INETD_USER $proxyproto -n 127.0.0.1 -t $INETD_PATIENCE $INETD_DIR/note
		127.0.0.1:{some} stream tcp nowait $INETD_USER $proxyproto -n 192.0.2.0/24,127.0.0.2 -n ::1 $INETD_DIR/note
		[::1]:{some6} stream tcp nowait $INETD_USER $proxyproto -n 192.0.2.0/24,127.0.0.2 -n ::1 $INETD_DIR/note
		[::1]:{none6} stream tcp nowait $INETD_USER $proxyproto -n 0.0.0.0/0 $INETD_DIR/note
		$INETD_DIR/yes.sock stream unix nowait $INETD_USER $proxyproto -n unix $INETD_DIR/tell
		$INETD_DIR/no.sock stream unix nowait $INETD_USER $proxyproto -n 0.0.0.0/0,::/0 $INETD_DIR/tell
	END
}

# caller PROTOCOL ADDRESS SERVER: what a program finds when that one calls port 443 from port 40001.
caller() {
	printf '%s\n' "PROTO=$1" "REMOTE_ADDR=$2" "REMOTE_HOST=$2" REMOTE_PORT=40001 "SERVER_ADDR=$3" \
		SERVER_PORT=443 "$1LOCALIP=$3" "$1LOCALPORT=443" "$1REMOTEIP=$2" "$1REMOTEPORT=40001" | sort
}

@test "a header of version 1 names the caller, in all the variables and nothing else" {
	start
	assert_answer "$(caller TCP 192.0.2.7 198.51.100.1)" ask_tcp tell - <<<"$V4"$'\r'
	assert_answer "$(caller TCP 2001:db8::7 2001:db8::1)" ask_tcp tell - <<<"$V6"$'\r'
	# Mapped addresses are IPv4 ones, as they are everywhere.
	assert_answer "$(caller TCP 192.0.2.7 198.51.100.1)" \
		ask_tcp tell - <<<$'PROXY TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.1 40001 443\r'
	assert_no_leaks
	inetd_stop
}

@test "a header of version 2 names the caller; what is behind the addresses is skipped" {
	start
	assert_answer "$(caller TCP 192.0.2.7 198.51.100.1)" ask_tcp tell - < <(v2 21 11 "$A4")
	assert_answer "$(caller TCP 192.0.2.7 198.51.100.1)" ask_tcp tell - < <(v2 21 11 "$A4 040003616263 030000")
	assert_answer "$(caller TCP 2001:db8::7 2001:db8::1)" ask_tcp tell - < <(v2 21 21 "$A6")
	assert_answer "$(caller UDP 192.0.2.7 198.51.100.1)" ask_tcp tell - < <(v2 21 12 "$A4")
	path=$(printf '/run/a%0204d' 0 | od -An -v -tx1 | tr -d ' \n' | sed 's/30/00/g')
	assert_answer $'IPCREMOTEPATH=/run/a\nPROTO=IPC' ask_tcp tell - < <(v2 21 31 "${path}000000000000")
	inetd_stop
}

@test "where the proxy itself calls, or does not know who does, what inetd said stays" {
	start
	port=$(inetd_port tell)
	for header in "$(v2 20 00 '' | base64)" "$(v2 20 11 "$A4" | base64)" "$(v2 21 00 0102 | base64)" \
		"$(printf 'PROXY UNKNOWN\r\n' | base64)" "$(printf 'PROXY UNKNOWN x y 1 2\r\n' | base64)"; do
		answer=$(base64 -d <<<"$header" | ask_tcp tell -)
		grep -qx PROTO=TCP <<<"$answer"
		grep -qx TCPREMOTEIP=127.0.0.1 <<<"$answer"
		grep -qx "SERVER_PORT=$port" <<<"$answer"
		grep -qx TCPCONNNUM=1 <<<"$answer"
		wait_until field_is tell RUNNING 0
	done
	inetd_stop
}

@test "the program gets every byte behind the header, however the bytes come in" {
	start
	text=$'PROXY again\r\n\r\nthe rest'
	assert_answer "$text" ask_tcp cat - < <(printf '%s\r\n%s' "$V4" "$text")
	assert_answer "$text" rude byte-by-byte cat < <(printf '%s\r\n%s' "$V4" "$text")
	assert_answer "$text" ask_tcp cat - < <(v2 21 11 "$A4 040001ff" && printf %s "$text")
	assert_answer "$text" rude byte-by-byte cat < <(v2 21 11 "$A4 040001ff" && printf %s "$text")
	assert_answer '' ask_tcp cat - < <(v2 21 11 "$A4")
	head -c 300000 /dev/urandom >"$INETD_DIR/data"
	{ v2 21 11 "$A4" && cat "$INETD_DIR/data"; } | ask_tcp cat - | cmp - "$INETD_DIR/data"
	# In an own segment each, with an answer in between.
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

@test "only trusted networks are believed, and nothing is run for others" {
	start
	assert_answer hi ask_tcp -b 127.0.0.2 some - < <(printf '%s\r\nhi' "$V4")
	assert_answer hi ask_tcp -6 some6 - < <(printf '%s\r\nhi' "$V4")
	assert_answer -e PROTO=TCP ask_unix "$INETD_DIR/yes.sock" - <<<"$V4"$'\r'
	rm "$INETD_DIR/ran"
	run ! assert_answer hi ask_tcp -b 127.0.0.3 some - < <(printf '%s\r\nhi' "$V4")
	run ! assert_answer hi ask_tcp -6 none6 - < <(printf '%s\r\nhi' "$V4")
	run ! assert_answer -e PROTO=TCP ask_unix "$INETD_DIR/no.sock" - <<<"$V4"$'\r'
	wait_until field_is some RUNNING 0
	wait_until field_is none6 RUNNING 0
	[ ! -e "$INETD_DIR/ran" ]
	inetd_stop
}

# refused_header [NAME]: what standard input has is no header: the program ends the connection by itself, and
# says nothing.
refused_header() {
	local status=0 answer
	answer=$(rude silent -t 10 "${1:-cat}" 2>/dev/null) || status=$?
	# The connection may be reset, as not everything has been read.
	[ "$status" = 0 ] || [ "$status" = 4 ] || fail "status $status"
	[ -z "$answer" ] || fail "answered $answer"
}

@test "what is no header, or too long a one, ends the connection, and nothing is run" {
	start
	assert_answer hi ask_tcp cat - < <(printf '%s\r\nhi' "$V4")
	rm "$INETD_DIR/ran"
	refused_header < <(printf 'GET / HTTP/1.0\r\n\r\n')
	refused_header < <(printf '%s\nhi' "$V4")
	refused_header < <(printf 'PROXY TCP4 1.2.3 1.2.3.4 1 2\r\nhi')
	refused_header < <(printf 'PROXY TCP4\r\nhi')
	refused_header < <(printf 'PROXY UNKNOWN %095d' 0)
	refused_header < <(v2 31 11 "$A4")
	refused_header < <(v2 21 11 "${A4% *}")
	refused_header < <(v2 21 11 "$A4 0400")
	refused_header < <(hex '0d0a0d0a000d0a515549540a 21 11 ffff')
	# Half of one, and the caller has said everything.
	assert_answer '' ask_tcp cat - < <(printf %s "$V4")
	assert_answer '' ask_tcp cat - < <(v2 21 11 "$A4" | head -c 20)
	wait_until field_is cat RUNNING 0
	[ ! -e "$INETD_DIR/ran" ]
	assert_no_leaks
	inetd_stop
}

@test "a header that is late ends the connection, also when it comes byte by byte" {
	start
	# A pause of 5 ms between bytes: slow, but in time.
	assert_answer hi rude byte-by-byte -p 5 short < <(printf '%s\r\nhi' "$V4")
	rm "$INETD_DIR/ran"
	assert_answer '' rude silent short </dev/null
	assert_answer '' rude silent short < <(printf %s "$V4")
	assert_answer '' rude silent short < <(v2 21 11 "$A4" | head -c 27)
	# Something always comes, but not enough: 3000 bytes of 4096 within 1 s, at 1 ms each, never do.
	assert_answer '' rude byte-by-byte -p "$INETD_PATIENCE" short < <(hex '0d0a0d0a000d0a515549540a 20 00 0f00' && printf %03000d 0)
	wait_until field_is short RUNNING 0
	[ ! -e "$INETD_DIR/ran" ]
	# The limit is the header's, not the program's.
	connect_tcp talk short
	printf '%s\r\n' "$V4" >&"$talk"
	run ! read -r -t $((2 * INETD_PATIENCE)) line <&"$talk"
	echo late >&"$talk"
	read -r -t 30 line <&"$talk"
	[ "$line" = late ]
	close_tcp talk
	inetd_stop
}

@test "callers with bad manners: it ends, and there is nothing left of them" {
	start
	{ printf '%s\r\n' "$V4" && seq 100000; } >"$INETD_DIR/much"
	assert_answer "$(caller TCP 192.0.2.7 198.51.100.1)" rude byte-by-byte tell <<<"$V4"$'\r'
	rude reset -r 0 cat < <(printf %s "$V4")
	rude reset -r 1000 cat <"$INETD_DIR/much"
	for seed in 1 2 3 4 5; do
		assert_answer 0 rude rubbish -s $seed cat </dev/null
	done
	# One who never reads, before the header and behind it: what it holds up is its own.
	rude_meanwhile never-read short </dev/null
	wait_until field_is short RUNNING 0
	rude_end
	rude_meanwhile never-read cat <"$INETD_DIR/much"
	wait_until test -e "$INETD_DIR/ran"
	assert_answer hi ask_tcp cat - < <(printf '%s\r\nhi' "$V4")
	rude_end
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	inetd_stop
}

# why PATTERN [NAME]: what is logged of the header that standard input has: who sent it, and what is wrong.
why() {
	inetd_log_mark
	rude silent -t 10 "${2:-says}" >/dev/null 2>&1 || true
	assert_log "${2:-says}.*proxyproto: 127\\.0\\.0\\.1:[1-9][0-9]*: $1( |\$)"
}

@test "what went wrong, and with whom, is said where asked for, not to the caller" {
	start_ini <<-END
		[defaults]
		stderr = log
		[says]
		port = 0
		server = $B/services/proxyproto
		server_args = -v -n 127.0.0.1 /bin/cat
		[late]
		port = 0
		server = $B/services/proxyproto
		server_args = -v -t 1 -n 127.0.0.1 /bin/cat
		[strange]
		port = 0
		server = $B/services/proxyproto
		server_args = -v -n 192.0.2.1 /bin/cat
		[strange-unix]
		listen = $INETD_DIR/strange.sock
		server = $B/services/proxyproto
		server_args = -v -n 192.0.2.1 /bin/cat
		[gone]
		port = 0
		server = $B/services/proxyproto
		server_args = -v -n 127.0.0.1 ./nothing
		[quiet]
		port = 0
		stderr = socket
		server = $B/services/proxyproto
		server_args = -n 127.0.0.1 /bin/cat
	END
	assert_answer hi ask_tcp says - < <(printf '%s\r\nhi' "$V4")
	why 'no PROXY header' <<<hello
	why 'the header is too long' <<<"PROXY UNKNOWN $(printf %095d 0)"
	why 'the header is no line of ASCII that ends with CR LF' <<<"$V4"
	why 'the header has an unknown family or protocol' <<<$'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r'
	why 'the header has not two addresses and two ports with a blank between' <<<$'PROXY TCP4 1.2.3.4 1\r'
	why 'the header has an address that is none of its family' <<<"${V6/TCP6/TCP4}"$'\r'
	why 'the header has a port that is none' <<<"${V4}0000"$'\r'
	why 'the header has an unknown version or command' < <(v2 31 11 "$A4")
	why 'the header has an unknown family or protocol' < <(v2 21 41 "$A4")
	why 'the header is too short for its addresses' < <(v2 21 21 "$A4")
	why 'the header has values that do not fill it' < <(v2 21 11 "$A4 040002ff")
	why 'the header is too long' < <(hex '0d0a0d0a000d0a515549540a 21 11 ffff')
	why 'no whole header in time' late </dev/null
	why 'not from a trusted network' strange </dev/null
	ask_tcp says - < <(printf %s "$V4")
	assert_log 'proxyproto: 127.*:[1-9][0-9]*: the connection ended before its header did'
	ask_unix "$INETD_DIR/strange.sock"
	assert_log 'strange-unix.*proxyproto: -: not from a trusted network'
	ask_tcp gone - <<<"$V4"$'\r'
	assert_log 'proxyproto: ./nothing: No such file'
	refused_header quiet <<<hello
	inetd_stop
}
