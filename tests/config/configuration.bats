#!/usr/bin/env bats
# The configuration, through the daemon: what -t says, and files of other inetds served as their manuals say.

load ../helpers/family
load ../helpers/libc

# said: its output, with the words that glibc has for an error, and without what a build adds that lacks libtirpc, or
# has another C library than the programs here.
said() {
	[ -x "$B/inetd-rpc" ] || output=$(grep -v ': this inetd was built without libtirpc:' <<<"$output" || true)
	is_glibc || output=$(grep -v ': spare: the program has another C library:' <<<"$output" || true)
	[ -z "$output" ] || echo "${output//: Filename too long/: File name too long}"
}

@test "-t says of each file of tests/conf what is expected, and exits 0 or 2" {
	local file name wanted count=0
	need_root
	cp -r "$TOP/tests/conf" "$INETD_DIR/"
	chmod -R u=rwX,go=rX "$INETD_DIR/conf"
	chmod g+w "$INETD_DIR/conf/shared.d"
	cd "$INETD_DIR/conf"
	for file in *.conf *.ini; do
		name=${file%.*}
		# These are about owners, modes and sizes that a checkout does not have, or about a poorer machine or build.
		case $name in
		everyone | group | owner | caller | advise | long | cage | cage_old | scripts | rights | unlinked) continue ;;
		esac
		wanted=0
		! grep -q ': error: ' "$name.expect" || wanted=2
		run "$INETD" -t "$file"
		diff "$name.expect" <(said) || fail "$file"
		[ "$status" = $wanted ] || fail "$file: exit $status"
		count=$((count + 1))
	done
	[ $count -ge 10 ]
}

@test "-t reads every file, prints to standard error, and touches nothing" {
	mkdir "$INETD_DIR/dir"
	echo '9 stream tcp nowiat root /bin/cat' >"$INETD_DIR/one.conf"
	echo '10 stream tcp nowait root' >"$INETD_DIR/two.conf"
	printf '[x]\nnonsense = 1\n' >"$INETD_DIR/dir/a.ini"
	printf '[x]\nnonsense = 1\n' >"$INETD_DIR/dir/a.ini~"
	cd "$INETD_DIR"
	run "$INETD" -t -p "$INETD_DIR/pid" --control "$INETD_DIR/control" one.conf two.conf dir
	[ "$status" = 2 ]
	[[ $output == *one.conf:1:\ error:*two.conf:1:\ error:*dir/a.ini:* ]]
	[[ $output != *ini~* ]]
	[ -z "$("$INETD" -t one.conf 2>/dev/null || true)" ]
	[ ! -e pid ] && [ ! -e control ]
	run -2 "$INETD" -t no-such-file
	[[ $output == *no-such-file* ]]
}

@test "a line and a program's arguments are never cut" {
	local words
	words=$(seq -s ' ' 1 20000)
	inetd_start <<-END
		127.0.0.1:{many} stream tcp nowait $INETD_USER /bin/echo echo $words
	END
	[ "$(ask_tcp many)" = "$words" ]
	inetd_stop
}

debian() {
	inetd_start --conf "$INETD_DIR/debian.conf"
	assert_answer hi ask_tcp 7 hi
	assert_answer hi ask_tcp -6 7 hi
	assert_answer hi ask_udp 7 hi
	assert_answer -e '20[0-9][0-9]' ask_tcp 13
	assert_answer '' ask_tcp 9 lost
	[ "$(ask_tcp 37 | wc -c)" = 4 ]
	# nobody.nogroup, group and all; finger was switched off.
	assert_answer 'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)' ask_tcp 113
	run ! ask_tcp 79
	assert_answer 'served' ask_tcp 70
	inetd_stop
}

@test "a file in Debian's manner: update-inetd's comments, tabs, named services, user.group" {
	need_root
	printf '%s\n' '# /etc/inetd.conf:  see inetd(8) for further information.' '#' \
		$'#<off># finger\tstream\ttcp\tnowait\tnobody\t/usr/bin/id id' '' '#:INTERNAL: Internal services' \
		$'echo\t\tstream\ttcp\tnowait\troot\tinternal' $'echo\t\tdgram\tudp\twait\troot\tinternal' \
		$'discard\t\tstream\ttcp\tnowait\troot\tinternal' $'daytime\t\tstream\ttcp\tnowait\troot\tinternal' \
		$'time\t\tstream\ttcp\tnowait\troot\tinternal' '#:OTHER: Other services' \
		$'auth stream tcp nowait nobody.nogroup /usr/bin/id id' \
		$'gopher stream tcp4 nowait.40 nobody /bin/echo \\' $'\techo served' \
		>"$INETD_DIR/debian.conf"
	"$INETD" -t "$INETD_DIR/debian.conf"
	in_network debian
}

freebsd() {
	local one
	inetd_start --conf "$INETD_DIR/freebsd.conf" -4
	assert_answer hi ask_tcp 7 hi
	run ! ask_tcp -6 7 hi
	assert_answer 6 ask_tcp -6 9001
	assert_answer 46 ask_tcp -6 9002
	assert_answer 46 ask_tcp 9002
	# max/per minute/per source
	assert_answer hi ask_tcp -b 127.0.0.2 9003 hi
	assert_answer hi ask_tcp -b 127.0.0.2 9003 hi
	run ! assert_answer hi ask_tcp -b 127.0.0.2 9003 hi
	assert_answer hi ask_tcp -b 127.0.0.3 9003 hi
	connect_tcp one 9004
	wait_until field_is 9004 RUNNING 1
	run ! assert_answer hi ask_tcp -t 1 9004 hi
	assert_answer hi ask_tcp -b 127.0.0.2 9004 hi
	close_tcp one
	[ "$(stat -c '%a %U' "$INETD_DIR/lane")" = '640 nobody' ]
	assert_answer hi ask_unix "$INETD_DIR/lane" hi
	inetd_stop
}

@test "a file in FreeBSD's manner: limits after nowait, tcp46, unix sockets with an owner, classes" {
	need_root
	cat >"$INETD_DIR/freebsd.conf" <<-END
		echo	stream	tcp	nowait	root	internal
		9001	stream	tcp6	nowait	nobody:nogroup/daemon	/bin/echo	echo 6
		9002	stream	tcp46	nowait/10	nobody/daemon	/bin/echo	echo 46
		9003	stream	tcp	nowait/0/2	nobody	/bin/cat	cat
		9004	stream	tcp	nowait/5/0/1	nobody	/bin/cat	cat
		:nobody:nogroup:0640:$INETD_DIR/lane	stream	unix	nowait	nobody	/bin/cat	cat
	END
	"$INETD" -t "$INETD_DIR/freebsd.conf"
	in_network freebsd
}

netbsd() {
	inetd_start --conf "$INETD_DIR/netbsd.conf"
	assert_answer local ask_tcp 9001
	run ! ask_tcp -h 127.0.0.2 9001
	assert_answer any ask_tcp -h 127.0.0.2 9002
	assert_answer hi ask_tcp 9003 hi
	assert_answer hi ask_tcp 9004 hi
	assert_answer 'included' ask_tcp 9005
	assert_answer 'it is a block' ask_tcp 9006
	assert_answer hi ask_udp 7 hi
	run ! ask_tcp 9007
	inetd_stop
}

@test "a file in NetBSD's manner: default addresses, blocks, .include, buffers, accept filters" {
	need_root
	mkdir "$INETD_DIR/more"
	echo '9005 stream tcp nowait nobody /bin/echo echo included' >"$INETD_DIR/more/a.conf"
	cat >"$INETD_DIR/netbsd.conf" <<-END
		127.0.0.1:
		9001	stream	tcp	nowait	nobody	/bin/echo	echo local
		*:
		9002	stream	tcp	nowait:600	nobody:nogroup	/bin/echo	echo any
		9003	stream,4	tcp,sndbuf=64k,rcvbuf=64k	nowait	nobody	/bin/cat	cat
		9004	stream:dataready	tcp	nowait	nobody	/bin/cat	cat
		.include more/*.conf
		9006 on protocol = tcp, socktype = stream, wait = no, # a remark
		        user = nobody, exec = /bin/echo,
		        args = echo "it is a" block;
		9007 off protocol = tcp, user = nobody, exec = /bin/cat;
		echo on protocol = udp, user = nobody;
	END
	"$INETD" -t "$INETD_DIR/netbsd.conf"
	in_network netbsd
}

gnu() {
	inetd_start --conf "$INETD_DIR/one.conf" "$INETD_DIR/dir"
	assert_answer hi ask_tcp 7 hi
	assert_answer first ask_tcp 9001
	assert_answer second ask_tcp 9002
	assert_answer third ask_tcp 9003
	[[ $(printf 'quick\r\nhello\n' | ask_tcp 1 -) == $'+Go\r\nhello' ]]
	inetd_stop
}

@test "files in the manner of GNU and busybox: indented entries, directories, tcpmux with a plus" {
	need_root
	mkdir "$INETD_DIR/dir"
	cat >"$INETD_DIR/one.conf" <<-END
		echo stream tcp nowait root internal
		 9001 stream tcp nowait nobody /bin/echo echo first
		   9002   stream   tcp   nowait   nobody   /bin/echo   echo   second
		tcpmux stream tcp nowait root internal
		tcpmux/+quick stream tcp nowait nobody /bin/cat cat
	END
	cat >"$INETD_DIR/dir/three.ini" <<-END
		[9003]
		protocol = tcp
		user = nobody
		server = /bin/echo
		server_args = third
	END
	run -0 "$INETD" -t "$INETD_DIR/one.conf" "$INETD_DIR/dir"
	[[ $output == *one.conf:2:\ warning:* ]]
	in_network gnu
}

@test "what works and may not be meant is said by -t and by inetctl check, not in the log" {
	need_root
	inetd_start <<-END
		127.0.0.1:{here} stream tcp nowait root /bin/cat
		{everywhere} stream tcp nowait root /bin/cat
	END
	assert_answer hi ask_tcp everywhere hi
	run -0 "$INETD" -t "$INETD_DIR/inetd.conf"
	[[ $output == *inetd.conf:2:\ warning:\ runs\ as\ root* && $output != *inetd.conf:1:* ]]
	run -0 inetctl check
	[[ $output == *inetd.conf:2:\ warning:\ runs\ as\ root* ]]
	inetd_reload
	refute_log 'runs as root'
	inetd_stop
}

@test "the sample inetd.conf, all its examples switched on: no mistake, and nothing of root open to everyone" {
	sed -E 's/^#([^# ]+\t+(stream|dgram)\t)/\1/' "$TOP/etc/inetd.conf" >"$INETD_DIR/on.conf"
	[ "$(grep -c '^[^#]' "$INETD_DIR/on.conf")" -ge 15 ]
	run -0 "$INETD" -t "$INETD_DIR/on.conf"
	[[ $output != *'runs as root'* ]]
	# The limits and the address are what keeps it silent.
	sed -E 's,nowait/[0-9/]+,nowait,; s,^192.0.2.1:,,' "$INETD_DIR/on.conf" >"$INETD_DIR/open.conf"
	run -0 "$INETD" -t "$INETD_DIR/open.conf"
	[ "$(grep -c 'runs as root' <<<"$output")" = 3 ]
}

@test "-t reads what a command writes, and not a pipe that has a name" {
	local line="127.0.0.1:8001 stream tcp nowait $INETD_USER /bin/cat cat"
	run -0 "$INETD" -t <(echo "$line")
	[ -z "$output" ]
	run -2 "$INETD" -t <(echo "$line"; echo "8002 stream tcp nowait nosuchuser /bin/cat cat")
	[[ $output == /dev/fd/*:2:\ error:*nosuchuser* ]]
	run -2 bash -c "echo '8002 stream tcp nowait nosuchuser /bin/cat cat' | '$INETD' -t /dev/stdin"
	mkfifo "$INETD_DIR/pipe"
	run -2 timeout 60 "$INETD" -t "$INETD_DIR/pipe"
	[[ $output == *'no regular file'* ]]
}
