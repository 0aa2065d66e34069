#!/usr/bin/env bats
# shellcheck disable=SC2154
# sendfile: what is in its directory, to everybody who asks well, and nothing else to anybody.

load ../helpers/family
load ../helpers/rude
load ../helpers/asking

setup() {
	inetd_setup
	export no_proxy='*'
	WWW=$INETD_DIR/www
	mkdir -p "$WWW/sub" "$WWW/empty" "$INETD_DIR/outside"
	echo secret | tee "$INETD_DIR/secret" "$INETD_DIR/outside/index.html" >"$INETD_DIR/outside/file"
	echo front >"$WWW/index.html"
	echo below >"$WWW/sub/index.html"
	printf 'hello, world\n' >"$WWW/a b.txt"
	: >"$WWW/nothing.txt"
	head -c 3000000 /dev/urandom >"$WWW/big.bin"
	chmod -R go+rX "$INETD_DIR"
}

# start [OPTION...]: sendfile as the service www, with options of its own.
start() {
	start_ini <<-END
		[www]
		port = 0
		server = $B/services/sendfile
		server_args = $* $WWW
		log = exit
	END
	port=$(inetd_port www)
	url=http://127.0.0.1:$port
}

# stop: every program has ended, and has ended well.
stop() {
	assert_no_leaks
	field_is www RUNNING 0
	assert_log 'ended with exit 0'
	refute_log 'ended with .*(signal|exit [1-9])'
	inetd_stop
}

# said TEXT: the status that is answered to these bytes (escapes as printf's), of the last answer.
said() {
	# shellcheck disable=SC2059
	printf "$1" | rude half-close www 2>/dev/null | grep -a '^HTTP/1.1 ' | tail -n 1 | cut -d ' ' -f 2
}

@test "files, an index, types, HEAD" {
	start
	[ "$(get '/a%20b.txt')" = 'hello, world' ]
	[ "$(get '/a%20b.txt?version=2')" = 'hello, world' ]
	[ "$(get /)" = front ]
	[ "$(get /sub/)" = below ]
	[ -z "$(get /nothing.txt)" ]
	cmp <(get /big.bin) "$WWW/big.bin"
	[ "$(field content-type '/a%20b.txt')" = 'text/plain; charset=utf-8' ]
	[ "$(field content-type /)" = 'text/html; charset=utf-8' ]
	[ "$(field content-type /big.bin)" = application/octet-stream ]
	[ "$(field content-length /big.bin)" = 3000000 ]
	[ "$(field content-length -I /big.bin)" = 3000000 ]
	[ "$(printf 'HEAD /big.bin HTTP/1.0\r\n\r\n' | rude half-close www | wc -c)" -lt 1000 ]
	[ "$(status /none)" = 404 ]
	[ "$(status -I /none)" = 404 ]
	[ "$(status /empty/)" = 404 ]
	[ "$(status /index.html/)" = 404 ]
	stop
}

@test "another name for the index" {
	mv "$WWW/index.html" "$WWW/start"
	start -i start
	[ "$(get /)" = front ]
	[ "$(status /sub/)" = 404 ]
	inetd_stop
}

@test "a directory without its slash is answered with where it is, on this host" {
	mkdir "$WWW/with blank"
	start
	[ "$(status /sub)" = 301 ]
	[ "$(field location /sub)" = /sub/ ]
	[ "$(get -L /sub)" = below ]
	[ "$(field location //sub)" = /sub/ ]
	[ "$(field location '/sub?a=b&c=%20?')" = '/sub/?a=b&c=%20?' ]
	[ "$(field location "/sub?$(printf '%03000d' 0)")" = "/sub/?$(printf '%03000d' 0)" ]
	[ "$(field location '/with%20blank')" = /with%20blank/ ]
	inetd_stop
}

@test "parts of a file" {
	start
	cmp <(get -r 1000-1999 /big.bin) <(tail -c +1001 "$WWW/big.bin" | head -c 1000)
	cmp <(get -r 2999990- /big.bin) <(tail -c 10 "$WWW/big.bin")
	cmp <(get -r -10 /big.bin) <(tail -c 10 "$WWW/big.bin")
	[ "$(status -r 0-0 /big.bin)" = 206 ]
	[ "$(field content-range -r -10 /big.bin)" = 'bytes 2999990-2999999/3000000' ]
	[ "$(status -r 3000000- /big.bin)" = 416 ]
	[ "$(field content-range -r 3000000- /big.bin)" = 'bytes */3000000' ]
	[ "$(status -r 0-1 /nothing.txt)" = 416 ]
	[ "$(status -r 0-1,4-5 /big.bin)" = 206 ]
	head -c 1000000 "$WWW/big.bin" >"$INETD_DIR/got"
	get -C - -o "$INETD_DIR/got" /big.bin
	cmp "$INETD_DIR/got" "$WWW/big.bin"
	inetd_stop
}

@test "several parts of a file in one answer" {
	start
	get -r 0-1,5-6,-3 -D "$INETD_DIR/head" -o "$INETD_DIR/body" /big.bin
	grep -q '^HTTP/1.1 206 ' "$INETD_DIR/head"
	python3 - "$INETD_DIR/head" "$INETD_DIR/body" "$WWW/big.bin" <<-'END'
		import email, sys
		head, body, whole = (open(path, "rb").read() for path in sys.argv[1:])
		head = head.partition(b"\r\n")[2]
		message = email.message_from_bytes(head + body)
		assert message.get_content_type() == "multipart/byteranges", head
		assert int(message["Content-Length"]) == len(body)
		parts = [(part["Content-Range"], part.get_payload(decode=True)) for part in message.get_payload()]
		size = len(whole)
		want = [(0, 1), (5, 6), (size - 3, size - 1)]
		assert [r for r, _ in parts] == [f"bytes {a}-{b}/{size}" for a, b in want], parts
		for (a, b), (_, got) in zip(want, parts):
		    assert got == whole[a:b + 1], (a, b, got)
	END
	stop
}

@test "what the caller has already is not sent again" {
	start
	touch -d '2020-02-02 02:02:02 UTC' "$WWW/big.bin"
	[ "$(field last-modified /big.bin)" = 'Sun, 02 Feb 2020 02:02:02 GMT' ]
	[ "$(status -H 'If-Modified-Since: Sun, 02 Feb 2020 02:02:01 GMT' /big.bin)" = 200 ]
	[ "$(status -H 'If-Modified-Since: Sun, 02 Feb 2020 02:02:02 GMT' /big.bin)" = 304 ]
	tag=$(field etag /big.bin)
	[ "$(status -H "If-None-Match: $tag" /big.bin)" = 304 ]
	touch "$WWW/big.bin"
	[ "$(status -H "If-None-Match: $tag" /big.bin)" = 200 ]
	[ "$(status -H "If-Match: $(field etag /big.bin)" /big.bin)" = 200 ]
	[ "$(status -r 0-0 -H "If-Match: $tag" /big.bin)" = 412 ]
	[ "$(status -r 0-0 -H "If-Range: $tag" /big.bin)" = 200 ]
	[ "$(status -r 0-0 -H "If-Range: $(field etag /big.bin)" /big.bin)" = 206 ]
	inetd_stop
}

@test "no path leads out of the directory" {
	ln -s sub "$WWW/in"
	ln -s ../index.html "$WWW/sub/up"
	ln -s "$INETD_DIR/secret" "$WWW/absolute"
	ln -s ../secret "$WWW/relative"
	ln -s ../outside "$WWW/dir"
	ln -s / "$WWW/root"
	ln -s /proc/self/cwd "$WWW/magic"
	ln -s loop "$WWW/loop"
	ln -s "$WWW/index.html" "$WWW/home" # absolute, though it leads back in
	mkdir "$WWW/linked"
	ln -s ../../secret "$WWW/linked/index.html"
	start
	for path in /in/ /in/index.html /sub/up /sub/../index.html /./index.html //index.html ///sub/; do
		[ "$(status "$path")" = 200 ] || fail "$path"
	done
	secret=${INETD_DIR#/}/secret
	while read -r path; do
		body=$(get -w '\n%{http_code}' "$path") || fail "$path: curl fails"
		[[ $body == *$'\n'4?? ]] || fail "$path: $body"
		[[ $body != *secret* ]] || fail "$path: $body"
	done <<-END
		/../secret
		/..
		/../
		/../www/index.html
		/./../secret
		/sub/../../secret
		/sub/../../../../../../../../../etc/passwd
		/../../../../../../../../../etc/passwd
		//../secret
		//etc/passwd
		//$secret
		/$secret
		/%2e%2e/secret
		/%2E./secret
		/.%2e/secret
		/%2e%2e%2fsecret
		/..%2fsecret
		/..%2Fsecret
		/..%5csecret
		/%252e%252e/secret
		/%2e%2e%5csecret
		/..%c0%afsecret
		/%c0%ae%c0%ae/secret
		/..;/secret
		/..%00/secret
		/index.html%00
		/index.html%00.txt
		/%00/../../secret
		/...//secret
		/sub/..%2f..%2fsecret
		/absolute
		/relative
		/absolute/
		/dir
		/dir/
		/dir/file
		/dir/index.html
		/root
		/root/etc/passwd
		/magic/
		/magic/etc/passwd
		/loop
		/loop/loop
		/home
		/linked/
		/linked/index.html
		/file:$INETD_DIR/secret
		/proc/self/root/etc/passwd
	END
	for target in ../secret '*' 'file:///etc/passwd' "http://127.0.0.1/../secret" "http://../secret"; do
		[[ $(said "GET ${target//%/%%} HTTP/1.1\r\nHost: h\r\n\r\n") == 4?? ]] || fail "$target"
	done
	inetd_stop
}

@test "what is no file, or not for everybody, is not shown and does not hold the program" {
	mkfifo "$WWW/fifo"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$WWW/socket"
	mkdir "$WWW/odd" "$WWW/odd/index.html"
	start
	[ "$(status /index.html)" = 200 ]
	for path in /fifo /socket /odd/; do
		[ "$(status "$path")" = 403 ] || fail "$path"
	done
	chmod 0 "$WWW/index.html"
	[ "$INETD_USER" = root ] || [ "$(status /index.html)" = 403 ]
	rm "$WWW/socket"
	inetd_stop
}

@test "as another user: only what that one may read" {
	need_root
	cp "$B/services/sendfile" "$INETD_DIR/"
	inetd_start <<-END
		127.0.0.1:{www} stream tcp nowait nobody $INETD_DIR/sendfile sendfile $WWW
	END
	url=http://127.0.0.1:$(inetd_port www)
	[ "$(status /index.html)" = 200 ]
	chmod 600 "$WWW/index.html"
	[ "$(status /index.html)" = 403 ]
	inetd_stop
}

@test "requests are taken strictly" {
	start
	long=$(printf '%05000d' 0)
	good=' HTTP/1.1\r\nHost: h\r\nConnection: close\r\n'
	[ "$(said "GET /$good\r\n")" = 200 ]
	[ "$(said "\r\nGET /$good\r\n")" = 200 ]
	[ "$(said "GET http://any.host$good\r\n")" = 200 ]
	[ "$(said 'GET / HTTP/1.0\r\n\r\n')" = 200 ]
	[ "$(said "GET /${long:0:4000}$good\r\n")" = 404 ]
	[ "$(said "GET /$long$good\r\n")" = 414 ]
	[ "$(said "$long$long$long$long")" = 414 ]
	[ "$(said "GET /${good}A: $long\r\nB: $long\r\n\r\n")" = 200 ]
	[ "$(said "GET /${good}A: $long\r\nB: $long\r\nC: $long\r\nD: $long\r\n\r\n")" = 431 ]
	[ "$(said "GET /$good$(printf 'A: b\\r\\n%.0s' $(seq 101))\r\n")" = 431 ]
	[ "$(said 'GET / HTTP/1.1\r\n\r\n')" = 400 ]
	[ "$(said "GET /${good}A: b\n\n")" = 400 ]
	[ "$(said "GET /$good folded\r\n\r\n")" = 400 ]
	[ "$(said "GET /${good}Blank : x\r\n\r\n")" = 400 ]
	[ "$(said "GET /%%zz$good\r\n")" = 400 ]
	[ "$(said "GET /a\\\\0b$good\r\n")" = 404 ]
	[ "$(said "GET /a\0b$good\r\n")" = 400 ]
	[ "$(said "GET /a b$good\r\n")" = 400 ]
	[ "$(said "POST /${good}Content-Length: 3\r\n\r\nabc")" = 405 ]
	[ "$(said "BREW /$good\r\n")" = 501 ]
	[ "$(said "get /$good\r\n")" = 501 ]
	[ "$(said 'GET / HTTP/2.0\r\n\r\n')" = 505 ]
	[ "$(field allow -X DELETE /)" = 'GET, HEAD' ]
	# A body that nobody wants is never taken for a request.
	run rude half-close www < <(printf 'GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.0\r\n\r\n')
	[ "$(grep -c '^HTTP/1.1 ' <<<"$output")" = 1 ]
	inetd_stop
}

@test "what a caller still has to say does not reset the connection under its answer" {
	start
	answer=$(printf 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n%0200000d' 0 | rude half-close www)
	[[ $answer == 'HTTP/1.1 405 '* ]]
	inetd_stop
}

@test "many requests on one connection, in turn and at once, up to a number" {
	start -n 5
	[ "$(curl -sS -w '%{num_connects}\n' -o /dev/null "$url/" -o /dev/null "$url/sub/" -o /dev/null "$url/none")" = $'1\n0\n0' ]
	one='GET /a%%20b.txt HTTP/1.1\r\nHost: h\r\n\r\n'
	# shellcheck disable=SC2059
	answer=$(printf "$one$one$one$one" | rude half-close www)
	[ "$(grep -c '^hello, world' <<<"$answer")" = 4 ]
	[ "$(grep -c '^Connection: keep-alive' <<<"$answer")" = 4 ]
	# shellcheck disable=SC2059
	answer=$(printf "$one$one$one$one$one$one$one" | rude half-close www)
	[ "$(grep -c '^hello, world' <<<"$answer")" = 5 ]
	[ "$(grep -c '^Connection: close' <<<"$answer")" = 1 ]
	# An error about a file is no end, an error in a request is.
	[ "$(said 'GET /none HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n')" = 200 ]
	[ "$(said 'BREW / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n')" = 501 ]
	inetd_stop
}

# ask_again: one more request on the connection; true if the answer says that it is the last one.
ask_again() {
	printf 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n' >&"$connection"
	while read -r -t 30 line <&"$connection" && [ "$line" != $'\r' ]; do
		[[ $line != Connection* ]] || last=$line
	done
	[ "$last" = $'Connection: close\r' ]
}

@test "a connection does not go on for ever" {
	start -T 1 -t 60 -n 1000000
	connect_tcp connection www
	run -1 ask_again
	wait_until -t 3 ask_again
	close_tcp connection
	stop
}

@test "a caller who takes an answer slowly is not served for ever" {
	start -T 1 -t 1
	truncate -s 1G "$WWW/huge"
	connect_tcp connection www
	printf 'GET /huge HTTP/1.1\r\nHost: h\r\n\r\n' >&"$connection"
	# It takes some all the time.
	timeout 10 python3 - "$connection" <<-'END'
		import os, socket, sys, time
		client = socket.socket(fileno=int(sys.argv[1]))
		taken, end = 0, time.monotonic() + 8
		while time.monotonic() < end:
		    got = client.recv(4096)
		    taken += len(got)
		    if not got:
		        break
		    time.sleep(0.001)
		assert 0 < taken < 1 << 30, taken
		assert time.monotonic() < end
	END
	close_tcp connection
	stop
}

@test "head and body in one segment" {
	need_plain
	start
	run -0 python3 - "$port" <<-'END'
		import socket, struct, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"GET / HTTP/1.0\r\n\r\n")
		data = b""
		while more := s.recv(65536):
		    data += more
		assert data.endswith(b"\r\n\r\nfront\n"), data
		print(struct.unpack_from("I", s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 152)[0])
	END
	[ "$output" = 1 ]
	inetd_stop
}

@test "a caller who is silent, or stops within a request, is not waited for" {
	start -t 1
	[ -z "$(rude silent www </dev/null)" ]
	[[ $(printf 'GET / HTTP/1.1\r\n' | rude silent www) == 'HTTP/1.1 408 '* ]]
	# After an answer too; and byte by byte is no excuse.
	[[ $(printf 'GET / HTTP/1.1\r\nHost: h\r\n\r\n' | rude silent www) == *$'\nfront' ]]
	[[ $(printf 'GET / HTTP/1.1\r\nHost: %09999d' 0 | rude byte-by-byte -p 2 www) == 'HTTP/1.1 408 '* ]]
	stop
}

@test "a caller who sends byte by byte" {
	start
	[[ $(printf 'GET / HTTP/1.1\r\nHost: h\r\n\r\n' | rude byte-by-byte www) == 'HTTP/1.1 200 '*$'\nfront' ]]
	stop
}

@test "a caller who never reads" {
	truncate -s 1G "$WWW/huge"
	start -t 1
	rude_meanwhile never-read www < <(printf 'GET /huge HTTP/1.1\r\nHost: h\r\n\r\n')
	wait_until field_is www RUNNING 1
	wait_until field_is www RUNNING 0
	rude_end
	# The same with requests without end and their answers.
	rude_meanwhile never-read -n 1000000000 www < <(printf 'GET /none HTTP/1.1\r\nHost: h\r\n\r\n')
	wait_until field_is www RUNNING 0
	rude_end
	stop
}

@test "a caller who resets, before, in and after an answer" {
	truncate -s 1G "$WWW/huge"
	start
	for input in '' 'GET / HT' 'GET /huge HTTP/1.1\r\nHost: h\r\n\r\n'; do
		# shellcheck disable=SC2059
		printf "$input" | rude reset www
	done
	printf 'GET /huge HTTP/1.1\r\nHost: h\r\n\r\n' | rude reset -r 5000000 www
	printf 'GET / HTTP/1.1\r\nHost: h\r\n\r\n' | rude reset -r 100 www
	[ "$(get /)" = front ]
	stop
}

@test "a caller who sends rubbish" {
	start
	for seed in 1 2 3 4 5; do
		rude rubbish -s $seed -n 200000 www >/dev/null
	done
	[ "$(get /)" = front ]
	stop
}

@test "a file that gets shorter while it is sent ends the connection, short" {
	head -c 200000000 /dev/zero >"$WWW/huge"
	start
	run -0 python3 - "$port" "$WWW/huge" <<-'END'
		import os, socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
		s.sendall(b"GET /huge HTTP/1.1\r\nHost: h\r\n\r\n")
		got = len(s.recv(1000))
		os.truncate(sys.argv[2], 1000)
		while more := len(s.recv(1 << 20)):
		    got += more
		assert got < 200000000, got
	END
	stop
}

@test "a directory that is not there" {
	run -0 "$B/services/sendfile" "$WWW" </dev/null
	run -1 "$B/services/sendfile" "$WWW/none"
	[[ $output == *'No such file'* ]]
}
