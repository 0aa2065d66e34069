#!/usr/bin/env bats
# hello-unix: it knows who is calling, and takes nobody's word for it.

load ../helpers/family
load ../helpers/rude
load ../helpers/noting

start() {
	inetd_start <<-END
		$INETD_DIR/hello.sock stream unix nowait $INETD_USER $(noting "$B/services/hello-unix")
		127.0.0.1:{tcp} stream tcp nowait $INETD_USER $B/services/hello-unix
	END
}

# call [COMMAND...]: what a client, run by the command, is told; its own process number first.
call() {
	"$@" /usr/bin/python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(30)
s.connect(sys.argv[1])
print(os.getpid())
print(s.makefile().read(), end="")' "$INETD_DIR/hello.sock"
}

@test "uid, gid and pid are the caller's" {
	local lines
	start
	mapfile -t lines < <(call env)
	[ "${lines[1]}" = "Hello, $INETD_USER." ]
	[ "${lines[2]}" = "uid=$(id -u)" ]
	[ "${lines[3]}" = "gid=$(id -g)" ]
	[ "${lines[4]}" = "pid=${lines[0]}" ]
	[ "${#lines[@]}" = 5 ]
	wait_until have_ended 1
	assert_no_leaks
	inetd_stop
}

@test "callers are told apart" {
	local lines
	need_root
	start
	[ "$(call env | sed -n 3p)" = uid=0 ]
	mapfile -t lines < <(call setpriv --reuid 65534 --regid 65533 --clear-groups)
	[ "${lines[1]}" = "Hello, nobody." ]
	[ "${lines[2]}" = uid=65534 ]
	[ "${lines[3]}" = gid=65533 ]
	# A user without a name.
	mapfile -t lines < <(call setpriv --reuid 54321 --regid 0 --clear-groups)
	[ "${lines[1]}" = "Hello, stranger." ]
	[ "${lines[2]}" = uid=54321 ]
	inetd_stop
}

@test "on another socket there is nobody to greet" {
	start
	assert_answer -e 'pid=[0-9]+$' ask_unix "$INETD_DIR/hello.sock"
	assert_answer 'hello-unix: standard input is not a unix socket' ask_tcp tcp
	run -1 "$B/services/hello-unix" </dev/null
	inetd_stop
}

@test "callers with bad manners: it ends, and there is nothing left of them" {
	start
	local peer=$TOP/tests/bin/rude_peer.py to=$INETD_DIR/hello.sock
	# What a caller says does not matter, but the answer arrives.
	assert_answer -e 'Hello.*pid=' "$peer" byte-by-byte -u "$to" <<<Hello
	"$peer" reset -u "$to" <<<Hello
	assert_answer -e '^[1-9][0-9]$' "$peer" rubbish -u "$to" -n 10000 </dev/null
	(close_inherited && exec "$peer" never-read -n 100000000 -u "$to" <<<x >"$INETD_DIR/never" 2>&1) &
	wait_until have_ended 4
	wait $!
	assert_no_leaks
	inetd_stop
}
