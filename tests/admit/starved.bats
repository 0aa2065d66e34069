#!/usr/bin/env bats
# What happens when descriptors run out more than once.

load ../helpers/family

# no_descriptors, descriptors: what the daemon in use may open from now on.
no_descriptors() {
	prlimit --pid "$INETD_PID" --nofile=3:
}

descriptors() {
	prlimit --pid "$INETD_PID" --nofile="$(ulimit -Hn)":
}

@test "each time descriptors run out is said, and begins with the short pause" {
	need_plain
	for field in nowait wait; do
		inetd_start <<-END
			127.0.0.1:{cat} stream tcp $field $INETD_USER /usr/bin/python3 python3 -c "$(one_line)" $field
		END
		assert_answer hi ask_tcp cat hi
		wait_until field_is cat RUNNING 0
		port=$(inetd_port cat)
		for round in 1 2 3; do
			inetd_log_mark
			no_descriptors
			ask_tcp -t 1 "$port" hi >/dev/null 2>&1 || true
			assert_log 'pausing'
			descriptors
			wait_until assert_answer hi ask_tcp -t 1 "$port" hi
			wait_until field_is cat RUNNING 0
		done
		assert_no_leaks
		inetd_stop
	done
}

# one_line: a program in Python that answers one connection: the one that it has, or one that it accepts.
one_line() {
	printf '%s' 'import socket, sys; s = socket.socket(fileno=0); ' \
		"c = s.accept()[0] if sys.argv[1] == 'wait' else s; " \
		'c.sendall(c.recv(100)); c.shutdown(1); c.recv(1)'
}
