#!/usr/bin/env bats
# Older kernels, and containers whose filter does not know newer system calls: all that came after Linux 4.19 fail
# here, as they do where the kernel has none (ENOSYS) and where a filter refuses them (EPERM), all at once and each
# of those that are used by itself (tests/bin/refuse.c). What needs one says so; the rest works.

load ../helpers/family

setup() {
	inetd_setup
	need_plain
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
	read -r -t 20 line <&"$client"
	[ "$line" = first ]
	assert_answer 'come again' ask_tcp busy
	close_tcp client
	[[ $(printf 'GET /page HTTP/1.0\r\n\r\n' | ask_tcp www -) == *200\ OK*page ]]
	[[ $(printf 'GET /none HTTP/1.0\r\n\r\n' | ask_tcp www -) == *404* ]]
	[[ $(printf 'GET /../control HTTP/1.0\r\n\r\n' | ask_tcp www -) != *200\ OK* ]]
	assert_answer hi ask_unix "$INETD_DIR/unix" hi
	wait_until field_is later STATE ready
	assert_answer hi ask_tcp later hi
	inetd_reload
	assert_answer hi ask_tcp echo hi
	assert_no_leaks
	refute_log 'worker.*(ended|exit|signal|restart)'
	refute_log 'unable|cannot'
	[ "$(inetctl metrics | awk '$1 == "inetd_worker_restarts_total" { print $2 }')" = 0 ]
	inetd_stop
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
	without ENOSYS new
	serve
	all_is_served
}

@test "none of the newer system calls, as a filter refuses them: all is served" {
	without EPERM new
	serve
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

# Each by itself, as filters know some of them: what does without one call may take to another. The numbers are those
# that the sources name.
@test "one of the newer system calls missing: all is served" {
	local call error calls
	calls=$(grep -rhoE 'SYS_[a-z0-9_]+' "$TOP/inetd" "$TOP/services" | sort -u |
		sed 's/.*/#ifdef &\nCALL &\n#endif/' | cat <(echo '#include <sys/syscall.h>') - |
		cc -E -P -x c - | awk '$1 == "CALL" && $2 >= 424 { print $2 }')
	grep -qx 436 <<<"$calls"
	grep -qx 437 <<<"$calls"
	for call in $calls; do
		for error in ENOSYS EPERM; do
			without $error "$call"
			serve
			all_is_served
		done
	done
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
