#!/usr/bin/env bats
# log = userid: the client's machine is asked which user has opened the connection (RFC 1413).

load ../helpers/family

told() {
	# As it ought to be, an error, rubbish that would forge a line, no answer, nobody there.
	cat >"$INETD_DIR/ident" <<-'END'
		import socket, sys, threading
		ANSWERS = {"127.0.0.2": b"%s : USERID : UNIX : stjohns\r\n", "127.0.0.3": b"%s : ERROR : HIDDEN-USER\r\n",
		           "127.0.0.4": b"%s : USERID : OTHER : a\x1b[2J\x07b\r\n", "127.0.0.5": b"", "127.0.0.6": b"x" * 5000}
		def serve(s):
		    while True:
		        c, peer = s.accept()
		        asked = c.recv(100).strip()
		        print(s.getsockname()[0], peer[0], asked.decode(), flush=True)
		        if b"%s" in ANSWERS[s.getsockname()[0]]:
		            c.send(ANSWERS[s.getsockname()[0]] % asked)
		        elif ANSWERS[s.getsockname()[0]]:
		            c.send(ANSWERS[s.getsockname()[0]])
		        else:
		            threading.Thread(target=c.recv, args=(1,)).start() # it says nothing and stays
		            continue
		        c.close()
		for address in ANSWERS:
		    s = socket.create_server((address, 113))
		    threading.Thread(target=serve, args=(s,)).start()
		print("ready", flush=True)
	END
	(close_inherited && exec python3 "$INETD_DIR/ident") >"$INETD_DIR/asked" &
	# shellcheck disable=SC2064 # this is a shell of its own (in_network)
	trap "kill -KILL $! 2>/dev/null || true" EXIT
	wait_until grep -q ready "$INETD_DIR/asked"
	start_ini <<-END
		[plain]
		port = 0
		server = /bin/cat
		[asks]
		port = 0
		server = /bin/cat
		log = userid
		[builtin]
		port = 0
		internal = echo
		log = userid start
	END
	assert_answer hi ask_tcp -b 127.0.0.2 plain hi
	for i in 2 3 4 5 6 7; do
		assert_answer hi ask_tcp -b 127.0.0.$i asks hi
	done
	assert_answer hi ask_tcp -b 127.0.0.2 builtin hi
	wait_until grep -qE 'asks: its client is the user: stjohns .*peer=127.0.0.2:[0-9]+ userid=stjohns' "$INETD_DIR/log"
	wait_until grep -qE 'asks: its client is no user that is told: HIDDEN-USER .*peer=127.0.0.3:' "$INETD_DIR/log"
	wait_until grep -qE 'asks: its client is the user: a\?\[2J\?b .*peer=127.0.0.4:' "$INETD_DIR/log"
	wait_until grep -qE 'asks: its client is no user that is told: no answer .*peer=127.0.0.6:' "$INETD_DIR/log"
	wait_until grep -qE 'asks: its client is no user that is told: Connection refused .*peer=127.0.0.7:' "$INETD_DIR/log"
	wait_until grep -qE 'builtin: its client is the user: stjohns' "$INETD_DIR/log"
	# From the address that was asked, about the ports of the connection.
	grep -qE "^127.0.0.2 127.0.0.1 [0-9]+ , $(inetd_port asks)\$" "$INETD_DIR/asked"
	refute_log 'plain: its client'
	# Who does not answer is given up.
	wait_until count_is 0 inetd_children inetd-helper
	assert_no_leaks
	inetd_stop
}

@test "log = userid: the client's user is logged as its machine tells it, and nobody waits for that" {
	in_network told
}

asked_in_turn() {
	local caller
	# The machine's own ident service asks in turn only if it is not one; what a proxy names is no connection of ours.
	start_ini <<-END
		[defaults]
		log = userid start
		[ident]
		listen = 127.0.0.1:113
		server = $B/services/identd
		server_args = --as somebody
		[plain]
		listen = 127.0.0.1:0
		server = /bin/cat
		[proxied]
		listen = 127.0.0.1:0
		server = /bin/cat
		proxy_protocol = 127.0.0.1
	END
	# Whose connection it is, is known as long as it is there.
	connect_tcp caller plain
	wait_until grep -q 'plain: its client is the user: somebody' "$INETD_DIR/log"
	close_tcp caller
	wait_until count_is 0 inetd_children inetd-helper
	refute_log 'ident: its client'
	assert_answer hi ask_tcp proxied $'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\nhi'
	assert_answer hi ask_tcp plain hi
	wait_until count_is 2 grep 'plain: its client' "$INETD_DIR/log"
	wait_until count_is 0 inetd_children inetd-helper
	refute_log 'proxied: its client'
	wait_until field_is ident STARTED 2
	inetd_stop
}

@test "log = userid: a question to port 113 causes none, nor does a client whom a proxy names" {
	in_network asked_in_turn
}
