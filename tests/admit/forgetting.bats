#!/usr/bin/env bats
# What a reload takes away, also while something still refers to it: memory that was given back is never the same as before
# here (MALLOC_PERTURB_ of mallopt(3)), so that it cannot be used unnoticed.

load ../helpers/family

setup() {
	inetd_setup
	INETD_UNDER="env MALLOC_PERTURB_=165 ${INETD_UNDER:-}"
}

# take PORTS...: a process that listens there until $taker is killed.
take() {
	(close_inherited && exec python3 - "$INETD_DIR/taken" "$@" <<-'END') &
		import signal, socket, sys
		sockets = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[2:]]
		print(*[s.getsockname()[1] for s in sockets], file=open(sys.argv[1] + ".part", "w"), flush=True)
		import os
		os.rename(sys.argv[1] + ".part", sys.argv[1])
		signal.pause()
	END
	taker=$!
	wait_until test -e "$INETD_DIR/taken"
	read -r -a taken <"$INETD_DIR/taken"
}

@test "a socket that could not be bound is not tried again once its entry has gone" {
	take 0 0
	start_ini <<-END
		[gone]
		port = ${taken[0]}
		server = /bin/cat
		[stays]
		port = ${taken[1]}
		server = /bin/cat
	END
	field_is gone STATE bind
	field_is stays STATE bind
	sed -i '/^.gone/,/^server/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	kill "$taker"
	# Its turn would have been before that of the other one.
	assert_log 'stays: listens on 127.0.0.1:'
	assert_answer hi ask_tcp stays hi
	refute_log 'gone: listens'
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

@test "a program outlives the entry whose socket it was lent, and its end is noticed" {
	local client port
	inetd_script accepts <<-'END'
		#!/usr/bin/python3
		import socket
		listener = socket.socket(fileno=0)
		connection = listener.accept()[0]
		connection.sendall(b"hello\n")
		while connection.recv(100):
		    pass
	END
	start_ini <<-END
		[lent]
		port = 0
		wait = yes
		server = $INETD_DIR/accepts
		[cat]
		port = 0
		server = /bin/cat
	END
	assert_answer hello ask_tcp lent
	connect_tcp client lent
	read -r -t 30 line <&"$client"
	[ "$line" = hello ]
	field_is lent STATE lent
	port=$(inetd_port lent)
	sed -i -e 's/^.lent/[next/' -e '/^.next/,/^server/{/^wait/d;s/^port.*/port = '"$port"'/;s,^server.*,server = /bin/cat,}' \
		"$INETD_DIR/inetd.ini"
	# Each failure doubles the time to the next try: the last is a minute away.
	for _ in {1..7}; do
		inetd_reload
		field_is next STATE bind
	done
	close_tcp client
	# The end of the program is a reason to try.
	wait_until assert_answer hi ask_tcp next hi
	assert_answer hi ask_tcp cat hi
	wait_until count_is 0 inetd_children
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

@test "sizes of buffers that are taken away are the system's again, which may change them" {
	inetd_script buffers <<-'END'
		#!/usr/bin/python3
		import socket
		listener = socket.socket(fileno=0)
		# The last one is SO_BUF_LOCK: which sizes somebody has set.
		options = [listener.getsockopt(socket.SOL_SOCKET, o) for o in (socket.SO_SNDBUF, socket.SO_RCVBUF, 72)]
		listener.accept()[0].sendall(b"%d %d %d\n" % tuple(options))
	END
	start_ini <<-END
		[plain]
		port = 0
		wait = yes
		server = $INETD_DIR/buffers
		[set]
		port = 0
		wait = yes
		server = $INETD_DIR/buffers
		sndbuf = 20k
		rcvbuf = 30k
	END
	plain=$(ask_tcp plain)
	[ "${plain##* }" = 0 ]
	assert_answer '40960 61440 3' ask_tcp set
	wait_until inetd_at_rest
	sed -i '/^sndbuf/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer "${plain%% *} 61440 2" ask_tcp set
	wait_until inetd_at_rest
	sed -i '/^rcvbuf/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer "$plain" ask_tcp set
	assert_no_leaks
	inetd_stop
}
