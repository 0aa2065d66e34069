#!/usr/bin/env bats
# The machine refuses what an upgrade needs: the daemon goes on as it is and says why; and with very much to hand over.

load ../helpers/family
load ../helpers/upgrade

setup() {
	inetd_setup
	own_program
}

start_cat() {
	start_ini <<-END
		[cat]
		port = 0
		instances = 2000
		per_source = unlimited
		server = /bin/cat
	END
}

@test "a state that may not be written: the daemon goes on, and upgrades when it may" {
	local held
	start_cat
	connect_tcp held cat
	says "$held" one
	prlimit --pid "$INETD_PID" --fsize=1000:unlimited
	stays 'File too large'
	says "$held" two
	assert_answer hi ask_tcp cat hi
	prlimit --pid "$INETD_PID" --fsize=unlimited
	upgraded
	says "$held" three
	close_tcp held
	assert_no_leaks
	inetd_stop
}

@test "a kernel that makes no file of memory, for want of it or by a filter: the daemon goes on" {
	local held error
	need_plain
	for error in ENOMEM EPERM ENFILE; do
		INETD_UNDER="strace -f -D -qq -o /dev/null -e trace=memfd_create -e inject=memfd_create:error=$error" start_cat
		connect_tcp held cat
		says "$held" one
		run inetctl upgrade
		[ "$status" = 1 ]
		[[ $output == 'upgrade: everything stays as it was: cannot try '* ]] || fail "$output"
		says "$held" two
		assert_answer hi ask_tcp cat hi
		close_tcp held
		inetd_stop
	done
}

@test "a thousand running programs are the children of the program after it" {
	local i clients
	need_plain
	start_cat
	python3 - "$(inetd_port cat)" "$INETD_DIR" <<-'END' &
		import os, socket, sys, time
		port, directory = int(sys.argv[1]), sys.argv[2]
		clients = [socket.create_connection(("127.0.0.1", port), 60) for _ in range(1000)]
		def ask(word):
		    for client in clients:
		        client.sendall(word)
		    for client in clients:
		        if client.recv(len(word), socket.MSG_WAITALL) != word:
		            sys.exit("answered otherwise")
		for word in (b"before", b"after"):
		    ask(word)
		    open(f"{directory}/{word.decode()}", "w").close()
		    while os.path.isdir(directory) and not os.path.exists(f"{directory}/go-{word.decode()}"):
		        time.sleep(0.02)
	END
	clients=$!
	wait_until -t 60 test -e "$INETD_DIR/before"
	wait_until field_is cat RUNNING 1000
	upgraded
	field_is cat RUNNING 1000
	touch "$INETD_DIR/go-before"
	wait_until -t 60 test -e "$INETD_DIR/after"
	touch "$INETD_DIR/go-after"
	wait $clients
	wait_until -t 60 field_is cat RUNNING 0
	field_is cat STARTED 1000
	assert_no_leaks
	inetd_stop
}

@test "who looks at inetctl top goes on doing so" {
	local top
	start_cat
	(close_inherited && exec timeout 60 "$INETCTL" -s "$INETD_DIR/control" top -d 1 </dev/null >"$INETD_DIR/top" 2>&1) &
	top=$!
	wait_until grep -q '^cat .* 0  *2000 ' "$INETD_DIR/top"
	upgraded
	assert_answer hi ask_tcp cat hi
	: >"$INETD_DIR/top"
	wait_until grep -q '^cat ' "$INETD_DIR/top"
	kill -0 "$top"
	kill "$top"
	wait "$top" || true
	inetd_stop
}
