#!/usr/bin/env bats
# identd: who has opened a connection, told within what the options allow.

load ../helpers/family
load ../helpers/rude

teardown() {
	[ -z "${held_PID:-}" ] || release
	inetd_teardown
}

# hold [USER] [ADDRESS]: a connection that USER (a number) has opened from the address to itself; its ports become
# $from and $to. Nobody has accepted it.
hold() {
	coproc held { python3 -c '
import os, socket, sys
user, host = int(sys.argv[1]), sys.argv[2]
family = socket.AF_INET6 if ":" in host else socket.AF_INET
with socket.socket(family) as server:
    server.bind((host, 0))
    server.listen()
    if user != os.getuid():
        os.setuid(user)
    with socket.socket(family) as client:
        client.bind((host, 0))
        client.connect(server.getsockname())
        print(client.getsockname()[1], server.getsockname()[1], flush=True)
        sys.stdin.read(1)
        # The side that closes first keeps the connection in mind.
        peer = server.accept()[0]
        client.close()
        peer.close()
        print("closed", flush=True)
        sys.stdin.read()
' "${1:-$UID}" "${2:-127.0.0.1}"; }
	read -r -t 30 from to <&"${held[0]}"
}

# release: ends it.
release() {
	local pid=$held_PID
	eval "exec ${held[1]}>&-"
	wait "$pid"
}

identd="$B/services/identd identd"

# assert_says TEXT COMMAND...: the answer is that line.
assert_says() {
	assert_answer "$1"$'\r' "${@:2}"
}

@test "it names the user of a connection, over IPv4, IPv6 and mapped addresses" {
	inetd_start <<-END
		{ident} stream tcp nowait $INETD_USER $identd --all
		{mapped} stream tcp46 nowait $INETD_USER $identd -A
	END
	hold
	assert_says "$from , $to : USERID : UNIX : $INETD_USER" ask_tcp ident "$from,$to"
	assert_says "$from , $to : USERID : UNIX : $INETD_USER" ask_tcp mapped "$from,$to"
	release
	hold "$UID" ::1
	assert_says "$from , $to : USERID : UNIX : $INETD_USER" ask_tcp -6 ident " $from ,	$to "
	# A connection of the other family is none of the two machines that talk here.
	assert_says "$from , $to : ERROR : NO-USER" ask_tcp ident "$from , $to"
	release
	assert_no_leaks
	inetd_stop
}

@test "another user, asked for by one who may do nothing" {
	need_root
	chmod 755 "$INETD_DIR"
	cp "$B/services/identd" "$INETD_DIR/identd"
	inetd_start <<-END
		127.0.0.1:{ident} stream tcp nowait nobody $INETD_DIR/identd identd --all
	END
	daemon=$(id -u daemon)
	hold "$daemon"
	assert_says "$from , $to : USERID : UNIX : daemon" ask_tcp ident "$from,$to"
	release
	hold 54321
	assert_says "$from , $to : USERID : OTHER : 54321" ask_tcp ident "$from,$to"
	release
	inetd_stop
}

@test "it tells what the options allow: numbers, one name for all, some users only, or nobody" {
	inetd_start <<-END
		127.0.0.1:{number} stream tcp nowait $INETD_USER $identd --all --number
		127.0.0.1:{as} stream tcp nowait $INETD_USER $identd --as "some one"
		127.0.0.1:{hide} stream tcp nowait $INETD_USER $identd --hide
		127.0.0.1:{me} stream tcp nowait $INETD_USER $identd --user nosuchuser -u $INETD_USER
		127.0.0.1:{mine} stream tcp nowait $INETD_USER $identd -n -u $INETD_USER
		127.0.0.1:{other} stream tcp nowait $INETD_USER $identd -u nosuchuser
		127.0.0.1:{others} stream tcp nowait $INETD_USER $identd -n -u nosuchuser
	END
	hold
	assert_says "$from , $to : USERID : OTHER : $UID" ask_tcp number "$from,$to"
	assert_says "$from , $to : USERID : OTHER : some one" ask_tcp as "$from,$to"
	assert_says "$from , $to : USERID : UNIX : $INETD_USER" ask_tcp me "$from,$to"
	assert_says "$from , $to : USERID : OTHER : $UID" ask_tcp mine "$from,$to"
	for name in hide other others; do
		assert_says "$from , $to : ERROR : HIDDEN-USER" ask_tcp $name "$from,$to"
	done
	# Also who has one name for all, or hides all, tells whether there is a connection.
	for name in number as hide me other; do
		assert_says "$to , 1 : ERROR : NO-USER" ask_tcp $name "$to,1"
	done
	release
	inetd_stop
}

@test "a connection that nobody has, or a socket that is none, has no user" {
	inetd_start <<-END
		127.0.0.1:{ident} stream tcp nowait $INETD_USER $identd --all
	END
	hold
	port=$(inetd_port ident)
	assert_answer -e ' : USERID : ' ask_tcp ident "$from,$to"
	assert_says "$from , $port : ERROR : NO-USER" ask_tcp ident "$from,$port"
	# Waiting to be accepted.
	assert_says "$to , $from : ERROR : NO-USER" ask_tcp ident "$to,$from"
	# A listening socket, for which the kernel would fall back.
	assert_says "$port , 1 : ERROR : NO-USER" ask_tcp ident "$port,1"
	# Closed, and only the kernel still has it in mind.
	echo >&"${held[1]}"
	read -r -t 30 -u "${held[0]}" line
	[ "$line" = closed ]
	[[ $(ss -Htan state time-wait "sport = :$from and dport = :$to") == *":$to"* ]]
	assert_says "$from , $to : ERROR : NO-USER" ask_tcp ident "$from,$to"
	release
	inetd_stop
}

@test "what are no ports is told apart from what cannot be found out" {
	inetd_start <<-END
		127.0.0.1:{ident} stream tcp nowait $INETD_USER $identd --all
		$INETD_DIR/ident.sock stream unix nowait $INETD_USER $identd --all
	END
	assert_says '1 , 65535 : ERROR : NO-USER' ask_tcp ident '1,65535'
	assert_says '65536 , 1 : ERROR : INVALID-PORT' ask_tcp ident '65536,1'
	assert_says '1 , 0 : ERROR : INVALID-PORT' ask_tcp ident '1,0'
	assert_says '0 , 0 : ERROR : INVALID-PORT' ask_tcp ident '-1,23'
	assert_says '23 , 0 : ERROR : INVALID-PORT' ask_tcp ident '23'
	assert_says '0 , 0 : ERROR : INVALID-PORT' ask_tcp ident ''
	assert_says '23 , 24 : ERROR : INVALID-PORT' ask_tcp ident '23,24;id'
	assert_says '23 , 24 : ERROR : UNKNOWN-ERROR' ask_unix "$INETD_DIR/ident.sock" '23,24'
	inetd_stop
}

@test "several requests on a connection, with either end of line, and not without end" {
	inetd_start <<-END
		127.0.0.1:{ident} stream tcp nowait $INETD_USER $identd --all
	END
	ask_tcp ident - < <(printf '1,1\n2,2\r\n3,3') >"$INETD_DIR/answer"
	printf '%s\r\n' '1 , 1 : ERROR : NO-USER' '2 , 2 : ERROR : NO-USER' | cmp - "$INETD_DIR/answer"
	count_is 20 ask_tcp ident - < <(yes 1,1 | head -n 100)
	# A line without an end: one answer, and the end.
	assert_says '0 , 0 : ERROR : INVALID-PORT' rude silent ident < <(printf %01100d 0)
	assert_no_leaks
	inetd_stop
}

@test "callers with bad manners: it ends in time, and there is nothing left of them" {
	inetd_start <<-END
		127.0.0.1:{ident} stream tcp nowait $INETD_USER $identd --all
		127.0.0.1:{short} stream tcp nowait $INETD_USER $identd --all -t 1
	END
	hold
	assert_says "$from , $to : USERID : UNIX : $INETD_USER" rude byte-by-byte ident <<<"$from,$to"
	rude silent short </dev/null
	rude silent short < <(printf '%s' "$from")
	# Slower than the whole line may be.
	assert_answer '' rude byte-by-byte -p 10 short < <(printf '%300s\n' "$from,$to")
	for seed in 1 2 3 4 5; do
		rude rubbish -s $seed ident </dev/null >"$INETD_DIR/count"
		[ "$(cat "$INETD_DIR/count")" -lt 2000 ]
	done
	rude reset -r 10 ident <<<"$from,$to"
	rude reset -r 0 ident < <(printf %s "$from")
	rude_meanwhile never-read -n 100000000 ident <<<"$from,$to"
	wait_until field_is ident RUNNING 0
	rude_end
	rude_meanwhile never-read short </dev/null
	wait_until field_is short RUNNING 0
	rude_end
	release
	assert_no_leaks
	inetd_stop
}

@test "ways to answer exclude each other, and a name must be one that can be told" {
	identd=$B/services/identd
	for arguments in --all '-A -n -t 1' '-u a -u b' '--as name' --hide; do
		# shellcheck disable=SC2086 # words
		run -0 "$identd" $arguments </dev/null
	done
	for arguments in '--all --hide' '--as a --as b' '--as a -u b' '--hide --hide'; do
		# shellcheck disable=SC2086
		run -2 "$identd" $arguments </dev/null
		[[ ${lines[0]} == 'identd: --all, --user, --as and --hide exclude each other' ]]
	done
	run -2 "$identd" --as $'a\nb' </dev/null
	[[ $output == *'is no name of a user'* ]]
}

@test "a user with ~/.noident is not told with --noident, and the system has the name that is wanted" {
	need_root
	with_etc
	mkdir -m 755 "$INETD_DIR/home" "$INETD_DIR/home/shut"
	mkdir -m 700 "$INETD_DIR/home/shut/in"
	printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$INETD_DIR/etc/passwd"
	printf '%s:x:%s:1::%s:/bin/sh\n' open 70001 "$INETD_DIR/home" shut 70002 "$INETD_DIR/home/shut/in/home" \
		none 70003 /nosuch >>"$INETD_DIR/etc/passwd"
	chmod 755 "$INETD_DIR"
	cp "$B/services/identd" "$INETD_DIR/identd"
	inetd_start <<-END
		127.0.0.1:{ident} stream tcp nowait nobody $INETD_DIR/identd identd --all
		127.0.0.1:{noident} stream tcp nowait nobody $INETD_DIR/identd identd --all --noident -o OTHER.1
	END
	hold 70001
	assert_says "$from , $to : USERID : OTHER.1 : open" ask_tcp noident "$from,$to"
	touch "$INETD_DIR/home/.noident"
	assert_says "$from , $to : ERROR : HIDDEN-USER" ask_tcp noident "$from,$to"
	assert_says "$from , $to : USERID : UNIX : open" ask_tcp ident "$from,$to"
	release
	hold 70002
	assert_says "$from , $to : ERROR : HIDDEN-USER" ask_tcp noident "$from,$to"
	release
	hold 70003
	assert_says "$from , $to : USERID : OTHER.1 : none" ask_tcp noident "$from,$to"
	release
	inetd_stop
}

@test "internal auth: a line of FreeBSD starts identd, as nobody, and tells what its options say" {
	need_root
	chmod 755 "$INETD_DIR"
	mkdir "$INETD_DIR/bin" "$INETD_DIR/bin/services"
	cp "$INETD" "$(dirname "$INETD")/inetd-worker" "$INETD_DIR/bin/"
	inetd_script bin/services/identd <<-'END'
		#!/bin/sh
		echo "$(id -un):$(id -gn) $0 $*"
	END
	INETD=$INETD_DIR/bin/inetd
	inetd_config <<-END
		# dialect: freebsd
		127.0.0.1:{auth} stream tcp nowait root internal auth -r -f -n -o UNKNOWN -t 30
		127.0.0.1:{plain} stream tcp nowait root internal auth
		127.0.0.1:{fallback} stream tcp nowait daemon internal auth -dsomebody -it 1.5
	END
	printf '%s\n' '[more]' 'listen = 127.0.0.1:0' 'internal = auth' 'server_args = --all' >"$INETD_DIR/more.ini"
	run -0 "$INETD" -t "$INETD_DIR/inetd.conf" "$INETD_DIR/more.ini"
	[[ $output == *'inetd.conf:2: warning: internal auth: -f and -F: ~/.fakeid is not read'* ]]
	inetd_start --conf "$INETD_DIR/inetd.conf" "$INETD_DIR/more.ini"
	said="nobody:nogroup $INETD_DIR/bin/services/identd"
	assert_answer "$said --all --noident --system UNKNOWN --time 30" ask_tcp auth
	assert_answer "$said --hide" ask_tcp plain
	assert_answer "daemon:daemon ${said#* } --as somebody --number --time 1" ask_tcp fallback
	assert_answer "$said --all" ask_tcp more
	inetd_stop
	# It is the program that it ought to be.
	cp "$B/services/identd" "$INETD_DIR/bin/services/identd"
	inetd_start --conf "$INETD_DIR/inetd.conf" "$INETD_DIR/more.ini"
	hold "$(id -u daemon)"
	assert_says "$from , $to : USERID : UNKNOWN : daemon" ask_tcp auth "$from,$to"
	assert_says "$from , $to : ERROR : HIDDEN-USER" ask_tcp plain "$from,$to"
	assert_says "$from , $to : USERID : OTHER : somebody" ask_tcp fallback "$from,$to"
	release
	inetd_stop
}
