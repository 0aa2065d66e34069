#!/usr/bin/env bats
# ondemand, and activation = proxy, which puts it in front of a program: a daemon that knows nothing of inetd is started
# by its first connection.

load ../helpers/family

# A daemon that answers each line with its process number and that line, and tells when a caller has shut down.
setup() {
	inetd_setup
	inetd_script daemon <<-'END'
		#!/usr/bin/python3
		import os, socket, sys, threading, time

		where = sys.argv[1]
		time.sleep(float(sys.argv[2]) if len(sys.argv) > 2 else 0)
		if where.startswith("/"):
		    server = socket.socket(socket.AF_UNIX)
		    server.bind(where)
		else:
		    server = socket.create_server(("127.0.0.1", int(where)))
		server.listen(4096)

		def serve(sock):
		    with sock, sock.makefile("rwb") as file:
		        for line in file:
		            if line == b"die\n":
		                os.kill(os.getpid(), 9)
		            file.write(b"%d %s" % (os.getpid(), line))
		            file.flush()
		        file.write(b"end\n")

		while True:
		    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
	END
}

teardown() {
	local pid
	# The relay has a session of its own, and lives on after inetd.
	for pid in $(inetd_children ondemand 2>/dev/null || true); do
		kill -TERM "-$pid" || true
	done
	inetd_teardown
}

# start_daemon KEY...: the daemon as the service "way", with these keys; {port} unless they tell its arguments.
start_daemon() {
	local keys
	printf -v keys '%s\n' "$@"
	[[ $keys == *server_args* ]] || keys+='server_args = {port}'
	start_ini <<-END
		[way]
		listen = 0
		server = $INETD_DIR/daemon
		activation = proxy
		$keys
	END
}

# relay: the process number of the relay; the daemon is its child.
relay() {
	inetd_children ondemand | grep .
}

@test "the first connection starts the daemon, the others find it, silence ends it" {
	start_daemon 'stop_after = 1s' 'log = start exit'
	[ -z "$(inetd_children)" ]
	run -0 ask_tcp way one
	[[ $output =~ ^[0-9]+\ one.end$ ]]
	first=${output%% *}
	assert_answer "$first two
end" ask_tcp way two
	assert_log "way: stderr: ondemand: process $first accepts connections after [0-9]+ ms"
	[ "$(inetd_field way STATE)" = lent ]
	assert_log 'way: stderr: ondemand: no connection for 1 s: the daemon is told to end'
	wait_until inetd_gone "$first"
	assert_log 'way: ended with exit 0'
	run -0 ask_tcp way three
	[[ $output =~ ^[0-9]+\ three.end$ ]]
	[ "${output%% *}" != "$first" ]
}

@test "callers wait while it starts, however many" {
	start_daemon 'server_args = {port} 1'
	swarm=$(
		python3 - "$(inetd_port way)" <<-'END'
			import selectors, socket, sys
			socks = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(1000)]
			for number, sock in enumerate(socks):
			    sock.sendall(b"%d\n" % number)
			    sock.shutdown(socket.SHUT_WR)
			good = 0
			for number, sock in enumerate(socks):
			    sock.settimeout(30)
			    text = sock.makefile("rb").read()
			    good += text.endswith(b" %d\nend\n" % number)
			print(good)
		END
	)
	[ "$swarm" = 1000 ]
	[ "$(inetd_field way STARTED)" = 1 ]
}

@test "by a unix socket, from a unix socket, and as the user of the service" {
	need_root
	start_ini <<-END
		[way]
		listen = $INETD_DIR/socket
		server = $INETD_DIR/daemon
		server_args = {path}
		activation = proxy
		user = nobody
	END
	run -0 ask_unix "$INETD_DIR/socket" hello
	[[ $output =~ ^[0-9]+\ hello.end$ ]]
	daemon=${output%% *}
	[ "$(ps -o user= -p "$daemon" "$(relay)" | sort -u)" = nobody ]
	path=$(tr '\0' '\n' <"/proc/$daemon/cmdline" | grep ondemand)
	[ -S "$path" ]
	[ "$(stat -c %a:%U "${path%/*}")" = 700:nobody ]
	kill -TERM "$(relay)"
	wait_until inetd_gone "$daemon"
	wait_until test ! -e "${path%/*}"
}

@test "one that is killed in the middle: its callers see that, the next one starts it again" {
	start_daemon 'log = exit'
	connect_tcp one way
	echo hello >&"$one"
	read -r -t 10 first _ <&"$one"
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import socket, sys
		sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		sock.settimeout(10)
		sock.sendall(b"die\n")
		try:
		    print("end" if not sock.recv(10) else "text")
		except ConnectionResetError:
		    print("reset")
	END
	[ "$output" != text ]
	run ! read -r -t 10 line <&"$one"
	assert_log 'way: stderr: ondemand: the daemon has ended by signal 9'
	assert_log 'way: ended with exit 1'
	run -0 ask_tcp -t 10 way again
	[[ $output =~ ^[0-9]+\ again.end$ ]]
	[ "${output%% *}" != "$first" ]
	close_tcp one
}

@test "one that does not start, and one that does not accept in time, are told in the log and the status" {
	start_ini <<-END
		[dies]
		listen = 0
		server = /bin/sh
		server_args = -c 'echo broken {port} >&2; exit 3'
		activation = proxy
		[late]
		listen = 0
		server = /bin/sleep
		server_args = 60{port}
		activation = proxy
		start_time = 300ms
	END
	connect_tcp one dies
	assert_log 'dies: stderr: broken [0-9]+'
	assert_log 'dies: stderr: ondemand: the daemon has ended with status 3 before it accepted connections'
	# Who waits goes on waiting, and it is tried again after a pause.
	wait_until field_is dies STATE backoff
	connect_tcp two late
	assert_log 'late: stderr: ondemand: the daemon accepts no connection within the time for its start'
	wait_until field_is late STATE backoff
	close_tcp one two
}

@test "much data in both ways, half-closed, and more than the other side takes" {
	inetd_script turn <<-'END'
		#!/usr/bin/python3
		import socket, sys, threading
		server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		def serve(sock):
		    text = sock.makefile("rb").read()
		    sock.sendall(text[::-1])
		    sock.close()
		while True:
		    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
	END
	start_ini <<-END
		[way]
		listen = 0
		server = $INETD_DIR/turn
		server_args = {port}
		activation = proxy
	END
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import os, socket, sys, time
		text = os.urandom(8 << 20)
		sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		sock.sendall(text)
		sock.shutdown(socket.SHUT_WR)
		time.sleep(0.3)
		print(sock.makefile("rb").read() == text[::-1])
	END
	[ "$output" = True ]
}

@test "the relay makes no call that its filter refuses, on whichever way" {
	need_root
	need_plain
	start_ini <<-END
		[way]
		listen = $INETD_DIR/socket
		server = $INETD_DIR/daemon
		server_args = {path}
		activation = proxy
		send_proxy = yes
		stop_after = 2s
		log = exit
	END
	run -0 ask_unix "$INETD_DIR/socket" hello
	[ "$(awk '/^Seccomp:/ { print $2 }' "/proc/$(relay)/status")" = 2 ]
	strace -qq -o "$INETD_DIR/inside" -p "$(relay)" 3>&- &
	wait_until test -s "$INETD_DIR/inside"
	run -0 ask_unix "$INETD_DIR/socket" hello
	[[ $output == *hello*end ]]
	# Many at once, and one that resets.
	python3 - "$INETD_DIR/socket" <<-'END'
		import socket, sys
		socks = []
		for _ in range(20):
		    sock = socket.socket(socket.AF_UNIX)
		    sock.connect(sys.argv[1])
		    sock.sendall(b"x\n" * 100)
		    socks.append(sock)
	END
	assert_log 'way: ended with exit 0'
	run ! grep SIGSYS "$INETD_DIR/inside"
	for call in epoll_wait epoll_ctl accept4 connect splice pipe2 shutdown close kill wait4 unlink rmdir write; do
		grep -q "^$call(" "$INETD_DIR/inside" || fail "no $call was seen"
	done
	run ! grep -E '^(open|openat|execve|clone|fork|ptrace)\(' "$INETD_DIR/inside"
}

@test "who reads slowly holds a bounded part, and keeps nobody from being served" {
	inetd_script talk <<-'END'
		#!/usr/bin/python3
		import os, socket, sys, threading
		server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1000)
		text = bytes(1 << 20)
		def serve(sock):
		    line = sock.makefile("rb").readline()
		    for _ in range(int(line)):
		        sock.sendall(text)
		    sock.close()
		while True:
		    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
	END
	start_ini <<-END
		[way]
		listen = 0
		server = $INETD_DIR/talk
		server_args = {port}
		activation = proxy
	END
	mkfifo "$INETD_DIR/go"
	python3 - "$(inetd_port way)" "$INETD_DIR/go" >"$INETD_DIR/out" <<-'END' &
		import socket, sys, time
		where = ("127.0.0.1", int(sys.argv[1]))
		def ask(much):
		    sock = socket.socket()
		    if much == 16:
		        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		    sock.settimeout(60)
		    sock.connect(where)
		    sock.sendall(b"%d\n" % much)
		    return sock
		slow = [ask(16) for _ in range(100)]
		time.sleep(1)
		total = 0
		quick = ask(8)
		while (got := len(quick.recv(1 << 20))):
		    total += got
		print(total, flush=True)
		open(sys.argv[2]).close()
		# And they have all of it in the end.
		print(sum(len(sock.makefile("rb").read()) for sock in slow), flush=True)
	END
	client=$!
	wait_until grep -qx $((8 << 20)) "$INETD_DIR/out"
	# Two descriptors a pipe; 100 of them would have been.
	find "/proc/$(relay)/fd" -lname 'pipe:*' | wc -l >"$INETD_DIR/pipes"
	: >"$INETD_DIR/go"
	[ "$(cat "$INETD_DIR/pipes")" -gt 100 ]
	[ "$(cat "$INETD_DIR/pipes")" -le 131 ] # and its own standard error
	wait "$client"
	grep -qx $((1600 << 20)) "$INETD_DIR/out"
}

@test "with a PROXY header, and several sockets" {
	start_ini <<-END
		[way]
		listen = 127.0.0.1:0 [::1]:0
		server = $INETD_DIR/daemon
		server_args = {port}
		activation = proxy
		send_proxy = yes
	END
	run -0 ask_tcp way hello
	[[ $output =~ PROXY\ TCP4\ 127.0.0.1\ 127.0.0.1\ [0-9]+\ $(inetd_port way -4) ]]
	[[ $output == *hello*end ]]
	daemon=$(pgrep -P "$(relay)")
	run -0 ask_tcp -6 way hello
	[[ $output =~ $daemon\ PROXY\ TCP6\ ::1\ ::1\ [0-9]+\ $(inetd_port way -6) ]]
}

@test "a reload that changes nothing leaves daemon and connections alone" {
	start_daemon
	connect_tcp one way
	echo before >&"$one"
	read -r -t 10 daemon _ <&"$one"
	inetd_reload
	echo after >&"$one"
	read -r -t 10 line <&"$one"
	[ "$line" = "$daemon after" ]
	assert_answer -e "^$daemon other" ask_tcp way other
	close_tcp one
}

@test "Python's own http.server, which nothing was told" {
	mkdir "$INETD_DIR/www"
	echo hello >"$INETD_DIR/www/file"
	start_ini <<-END
		[web]
		listen = 0
		server = /usr/bin/python3
		server_args = -m http.server --bind 127.0.0.1 --directory $INETD_DIR/www {port}
		activation = proxy
	END
	run -0 python3 - "http://127.0.0.1:$(inetd_port web)/file" <<-'END'
		import sys, urllib.request
		print([urllib.request.urlopen(sys.argv[1], timeout=20).read() for _ in range(3)])
	END
	[ "$output" = "[b'hello\\n', b'hello\\n', b'hello\\n']" ]
	[ "$(inetd_field web STARTED)" = 1 ]
}

@test "what activation = proxy asks for is seen when the file is read" {
	cat >"$INETD_DIR/wrong.ini" <<-END
		[no-place]
		listen = 127.0.0.1:9001
		user = root
		server = /bin/cat
		activation = proxy
		[datagrams]
		listen = 127.0.0.1:9002
		protocol = udp
		user = root
		server = /bin/cat
		server_args = {port}
		activation = proxy
		[right]
		listen = 127.0.0.1:9003
		user = root
		server = /bin/cat
		server_args = --listen={path}
		activation = proxy
		stop_after = 1h
		kill_after = 1s
	END
	run -2 "$INETD" -t "$INETD_DIR/wrong.ini"
	[ "$(grep -c error: <<<"$output")" = 2 ]
	[[ $output == *"wrong.ini:"*"{port} or {path} must stand where the program is told where to listen"* ]]
	[[ $output == *"wrong.ini:12: error: activation: proxy passes on connections alone"* ]]
	[[ $output != *"does nothing"* ]]
}

@test "defaults that mean nothing where a program has the socket are no mistake of activation = proxy" {
	cat >"$INETD_DIR/defaults.ini" <<-END
		[defaults]
		user = root
		spare = 2
		deny_time = 1min
		deny_after = 5
		proxy_protocol = 127.0.0.1
		[waits]
		listen = 127.0.0.1:9001
		server = /bin/cat
		wait = yes
		[proxied]
		listen = 127.0.0.1:9002
		server = /bin/cat
		server_args = {port}
		activation = proxy
	END
	run -0 "$INETD" -t "$INETD_DIR/defaults.ini"
	[[ $output != *error* ]]
	sed -i '/proxied/a spare = 2' "$INETD_DIR/defaults.ini"
	run -2 "$INETD" -t "$INETD_DIR/defaults.ini"
	[[ $output == *'defaults.ini:12: error: spare: with wait'* ]]
}
