#!/usr/bin/env bats
# Older kernels, and containers whose filter does not know newer system calls: all that came after Linux 4.19 fail
# here, as they do where the kernel has none (ENOSYS) and where a filter refuses them (EPERM), all at once and each
# of those that are used by itself (tests/bin/refuse.c). Which are used, strace and the sources tell. With all at once
# fail those that came after Linux 3.0, too. What needs one says so; the rest works.

load ../helpers/family

setup_file() {
	local BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
	inetd_setup
	if [ -z "$SPECIAL" ]; then
		INETD_UNDER="strace -f -D -qq -s 0 -e signal=none -o $INETD_DIR/strace" serve
		all_is_served
		calls <"$INETD_DIR/strace" >"$BATS_FILE_TMPDIR/calls"
	fi
	inetd_teardown
}

setup() {
	inetd_setup
	need_plain
}

# calls: the numbers of the system calls that strace has written down (standard input) and that the sources name, as far
# as they came after Linux 3.0. Where words have 32 bits libc itself does not do without the older ones.
calls() {
	sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/SYS_\1/p' | cat - <(grep -rhoE 'SYS_[a-z0-9_]+' "$TOP/inetd" "$TOP/services") |
		sort -u | sed 's/.*/#ifdef &\nCALL &\n#endif/' |
		cat <(printf '#include <sys/syscall.h>\nAFTER SYS_sendmmsg\n#ifndef __LP64__\nAFTER 423\n#endif\n') - |
		cc -E -P -x c - | awk '$1 == "AFTER" { after = $2 } $1 == "CALL" && $2 > after { print $2 }'
}

# called FIRST LAST: those of these numbers.
called() {
	awk -v first="$1" -v last="$2" '$1 >= first && $1 <= last' "$BATS_FILE_TMPDIR/calls"
}

# without ERROR CALL...: inetds started from here on and their programs lack these calls: numbers, or `new` for all.
without() {
	INETD_UNDER="$B/tests/bin/refuse $* --"
}

# serve: everything that inetd does with a process of its own or a newer call.
serve() {
	mkdir -p "$INETD_DIR/www"
	echo page >"$INETD_DIR/www/page"
	inetd_script complain <<-'END'
		#!/bin/sh
		echo oops >&2
		echo answer
	END
	start_ini --resolve <<-END
		[mux]
		port = 0
		internal = tcpmux
		[offered]
		mux = offered
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		[dgram]
		listen = 127.0.0.1:0
		socket_type = dgram
		protocol = udp
		wait = yes
		internal = echo
		[complain]
		port = 0
		server = $INETD_DIR/complain
		stderr = log
		log = start exit refuse
		[busy]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
		busy_message = come again\n
		[www]
		port = 0
		server = $B/services/sendfile
		server_args = $INETD_DIR/www
		[unix]
		listen = $INETD_DIR/unix
		server = /bin/cat
		[later]
		listen = localhost:0
		server = /bin/cat
	END
	wait_until field_is later STATE ready
	wait_until count_is 0 inetd_children # what has looked for the name
	inetd_rebase
}

# all_is_served: what is asked is answered, no process of inetd's dies, and nothing is left.
all_is_served() {
	local client
	assert_answer hi ask_tcp echo hi
	assert_answer hi ask_udp dgram hi
	assert_answer hi ask_tcp mux offered hi
	assert_answer answer ask_tcp complain
	assert_log 'complain: stderr: oops'
	connect_tcp client busy
	echo first >&"$client"
	read -r -t 30 line <&"$client"
	[ "$line" = first ]
	assert_answer 'come again' ask_tcp busy
	close_tcp client
	[[ $(printf 'GET /page HTTP/1.0\r\n\r\n' | ask_tcp www -) == *200\ OK*page ]]
	[[ $(printf 'GET /none HTTP/1.0\r\n\r\n' | ask_tcp www -) == *404* ]]
	[[ $(printf 'GET /../control HTTP/1.0\r\n\r\n' | ask_tcp www -) != *200\ OK* ]]
	assert_answer hi ask_unix "$INETD_DIR/unix" hi
	assert_answer hi ask_tcp later hi
	inetd_reload
	assert_answer hi ask_tcp echo hi
	assert_no_leaks
	refute_log 'worker.*(ended|exit|signal|restart)'
	refute_log 'unable|cannot'
	[ "$(inetctl metrics | awk '$1 == "inetd_worker_restarts_total" { print $2 }')" = 0 ]
	inetd_stop
}

# older: the numbers of calls that every kernel has, and that filters may refuse as well: those for several datagrams, and
# chroot(2), which is not among systemd's @system-service.
older() {
	printf '#include <sys/syscall.h>\nSYS_chroot SYS_recvmmsg SYS_sendmmsg\n#ifdef SYS_recvmmsg_time64\nSYS_recvmmsg_time64\n#endif\n' |
		cc -E -P -x c -
}

# asked CALL: the errno of a call by its number, of three wrong arguments, by a program that inetd would run; as root
# it is not one that filters know.
asked() {
	"${@:2}" /usr/bin/python3 -c '
import ctypes, errno, sys
libc = ctypes.CDLL(None, use_errno=True)
print("ok" if libc.syscall(int(sys.argv[1]), -1, -1, -1) >= 0 else errno.errorcode[ctypes.get_errno()])' "$1"
}

@test "refuse refuses what it is told, and nothing else" {
	local refuse=$B/tests/bin/refuse call
	for call in 424 434 436 437 450; do
		[[ $(asked $call) != EPERM ]]
		[ "$(asked $call "$refuse" EPERM new --)" = EPERM ]
		[ "$(asked $call "$refuse" ENOSYS new --)" = ENOSYS ]
		[ "$(asked $call "$refuse" EPERM 437 436 --)" = EPERM ] || [[ $call != 43[67] ]]
		[ "$(asked $call "$refuse" EPERM 437 436 --)" != EPERM ] || [[ $call == 43[67] ]]
	done
}

@test "none of the newer system calls, as the kernel has none: all is served" {
	# shellcheck disable=SC2046
	without ENOSYS new $(called 0 423) $(older)
	serve
	all_is_served
}

@test "none of the newer system calls, as a filter refuses them: all is served" {
	# shellcheck disable=SC2046
	without EPERM new $(called 0 423) $(older)
	serve
	[ "$(id -u)" != 0 ] || assert_log 'worker: no empty root directory .chroot.: the system call filter alone keeps'
	all_is_served
}

@test "none of the newer system calls: who outlives the daemon may complain on" {
	local reader program
	mkfifo -m 666 "$INETD_DIR/go"
	inetd_script says <<-END
		#!/bin/sh
		read -r line <"$INETD_DIR/go"
		head -c 300000 /dev/zero >&2 && echo done >"$INETD_DIR/end"
	END
	without EPERM new
	start_ini <<-END
		[says]
		port = 0
		server = $INETD_DIR/says
		stderr = log
	END
	connect_tcp client says
	wait_until count_is 1 inetd_children says
	program=$(inetd_children says)
	reader=$(inetd_children inetd-stderr)
	inetd_stop
	wait_until grep -qx inetd-leftover "/proc/$reader/comm"
	# It has nothing else open but what it waits with.
	[ "$(find "/proc/$reader/fd" -type l ! -lname /dev/null ! -lname '*eventpoll*' -printf '%l\n' | sed 's/:.*//')" = pipe ]
	echo >"$INETD_DIR/go"
	wait_until grep -qx 'done' "$INETD_DIR/end"
	close_tcp client
	wait_until inetd_gone "$program" "$reader"
}

# number CALL: on this machine.
number() {
	printf '#include <sys/syscall.h>\nSYS_%s\n' "$1" | cc -E -P -x c - | tail -n 1
}

# What is called is not nothing.
@test "statx(2) and close_range(2) are among the calls that are refused" {
	grep -qx "$(number close_range)" <(called 424 999)
	[ "$(getconf LONG_BIT)" != 64 ] || grep -qx "$(number statx)" <(called 0 423)
}

# Each by itself, as filters know some of them: what does without one call may take to another.
@test "one of the newer system calls missing: all is served" {
	local call error
	for call in $(called 424 999); do
		for error in ENOSYS EPERM; do
			without $error "$call"
			serve
			all_is_served
		done
	done
}

@test "without seccomp(2) a service that it would keep from the network is an error of the file" {
	local conf="$INETD_DIR/none.ini"
	printf '[none]\nlisten = 127.0.0.1:0\nuser = %s\nserver = /bin/cat\nnetwork = none\n' "$INETD_USER" >"$conf"
	run -0 "$INETD" -t "$conf"
	run -2 "$B/tests/bin/refuse" EPERM "$(number seccomp)" -- "$INETD" -t "$conf"
	[[ $output == *"none.ini:5: error: network: cannot be had here: the kernel has no seccomp(2) filters"* ]] || fail "$output"
}

@test "without statmount(2) the list of mounts tells what is of this machine, and nothing is asked" {
	need_mounts
	mkdir "$INETD_DIR/ours" "$INETD_DIR/fs"
	inetd_script with-mount <<-END
		#!/bin/sh
		mount -t tmpfs -o mode=755 tmpfs $INETD_DIR/ours
		echo welcome >$INETD_DIR/ours/text
		exec "\$@"
	END
	cat >"$INETD_DIR/texts.ini" <<-END
		[ours]
		port = 0
		internal = echo
		banner = $INETD_DIR/ours/text
		[others]
		port = 0
		internal = echo
		banner = $INETD_DIR/fs/text
	END
	for with in '' "$B/tests/bin/refuse ENOSYS 457 --"; do
		# shellcheck disable=SC2086
		run unshare -m "$B/tests/bin/fuse" "$INETD_DIR/fs" "$INETD_DIR/with-mount" $with "$INETD" -t "$INETD_DIR/texts.ini"
		[[ $output == *"texts.ini:8: error: banner: $INETD_DIR/fs/text is in a directory that others can change"* ]] ||
			fail "$output"
		[[ $output != *texts.ini:4:* ]] || fail "$output"
	done
}
