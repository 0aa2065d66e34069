#!/usr/bin/env bats
# The rule that nobody makes the supervisor wait: all system calls of a daemon that does everything are those that
# inetd/README.md gives a reason for, with arguments by which they cannot wait.

load ../helpers/family

setup() {
	inetd_setup
	need_plain
	need_root
	[ "$(uname -m) $(getconf LONG_BIT)" = 'x86_64 64' ] || skip 'calls have other names on this machine'
}

# judged TRACE...: nothing in it is against the page.
judged() {
	"$TOP/tests/bin/calls_left.py" "$TOP/inetd/README.md" "$@"
}

@test "the system calls of a whole session are on the page of the code, and none can wait" {
	INETD_UNDER="strace -f -D -qq -o $INETD_DIR/trace"
	inetd_script accepts <<-'END'
		#!/usr/bin/python3
		import socket
		socket.socket(fileno=0).accept()[0].close()
	END
	start_ini <<-END
		[inetd]
		control_group = daemon
		[cat]
		port = 0
		server = /bin/cat
		banner = hello
		lingering_close = 1s
		[wait]
		port = 0
		wait = yes
		server = $INETD_DIR/accepts
		[datagram]
		protocol = udp
		port = 0
		wait = yes
		server = /bin/true
		[echo]
		port = 0
		internal = echo
		[unix]
		listen = $INETD_DIR/unix
		server = /bin/cat
		[lent]
		listen = $INETD_DIR/lent
		wait = yes
		server = $INETD_DIR/accepts
		[spare]
		port = 0
		server = /bin/cat
		spare = 1
		[errors]
		port = 0
		server = /bin/sh
		server_args = -c 'echo oops >&2'
		stderr = log
		log_to = $INETD_DIR/errors.log
		[caged]
		port = 0
		server = /bin/cat
		isolation = strict
		oom_score_adj = 5
		stderr = $INETD_DIR/caged.err
		[named]
		listen = localhost:0
		server = /bin/cat
		only_from = localhost
	END
	for name in cat wait echo spare errors caged; do
		ask_tcp "$name" hi
	done
	ask_unix "$INETD_DIR/unix" hi
	ask_unix "$INETD_DIR/lent" hi
	echo hi >"/dev/udp/127.0.0.1/$(inetd_port datagram)"
	for verb in list stats check metrics 'show cat' 'disable cat' 'enable cat' 'stop spare'; do
		# shellcheck disable=SC2086 # a verb and its argument
		inetctl $verb >/dev/null
	done
	sed -i 's/banner = hello/banner = bye/; /^.echo.$/,/^internal/d; /^.lent.$/,/^server/{/^wait/d;s,^server.*,server = /bin/cat,}' "$INETD_DIR/inetd.ini"
	inetd_reload
	inetctl upgrade
	ask_tcp cat hi
	assert_answer hi ask_unix "$INETD_DIR/lent" hi
	inetd_stop
	# The tracer is the last to end.
	wait_until judged "$INETD_DIR/trace"
}

@test "a call that is not on the page, or could wait, is found" {
	local calls=('epoll_wait(4, [], 32, 100) = 0' 'recvmsg(5, {}, MSG_DONTWAIT) = 1')
	printf '%s\n' "${calls[@]}" >"$INETD_DIR/good"
	judged "$INETD_DIR/good"
	for call in 'vmsplice(1, [], 1, 0) = 0' 'recvmsg(5, {}, 0) = 1' 'wait4(7, [], 0, NULL) = 7' \
		'openat(AT_FDCWD, "/home/x", O_RDONLY|O_CLOEXEC) = 7' 'poll([{fd=3, events=POLLIN}], 1, -1) = 1' \
		'flock(3, LOCK_EX) = 0' 'futex(0x1, FUTEX_WAIT, 1, NULL) = 0'; do
		printf '%s\n' "${calls[@]}" "$call" >"$INETD_DIR/bad"
		run judged "$INETD_DIR/bad"
		[ "$status" -ne 0 ]
		[[ $output == *"$call"* ]]
	done
	# To accept: from a socket that nobody else has ever had.
	calls+=('socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 7' 'fcntl(7, F_DUPFD_CLOEXEC, 16) = 17'
		'listen(17, 64) = 0' 'clone(child_stack=0x1, flags=CLONE_VM|SIGCHLD) = 33' '33 dup3(4, 0, 0) = 0')
	printf '%s\n' "${calls[@]}" 'accept4(17, NULL, NULL, SOCK_CLOEXEC) = 8' >"$INETD_DIR/good"
	judged "$INETD_DIR/good"
	for call in 'close(17) = 0' 'fcntl(7, F_SETFL, O_RDWR) = 0' '33 dup3(17, 0, 0) = 0' 'socket(AF_INET, SOCK_STREAM, 0) = 17' \
		$'fcntl(17, F_DUPFD_CLOEXEC, 3) = 3\nclone(child_stack=0x1, flags=CLONE_VM|SIGCHLD) = 34\nclose(3) = 0\n34 dup3(3, 0, 0) = 0' \
		'sendmsg(3, {msg_control=[{cmsg_type=SCM_RIGHTS, cmsg_data=[4, 17]}]}, MSG_DONTWAIT) = 1'; do
		printf '%s\n' "${calls[@]}" "$call" 'accept4(17, NULL, NULL, SOCK_CLOEXEC) = 8' >"$INETD_DIR/bad"
		run judged "$INETD_DIR/bad"
		[ "$output" = 'may wait: accept4(17, NULL, NULL, SOCK_CLOEXEC) = 8' ]
	done
	: >"$INETD_DIR/empty"
	run judged "$INETD_DIR/empty"
	[ "$status" -ne 0 ]
}
