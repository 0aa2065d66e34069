#!/usr/bin/env bats
# ondemand, and activation = proxy, which puts it in front of a program: a daemon that knows nothing of inetd is started
# by its first connection.

load ../helpers/family
load ../helpers/relay

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

# start_way PROGRAM [KEY...]: a daemon as the service "way", with these keys; at every address, and {port} its only
# argument, where they do not say otherwise.
start_way() {
	local keys
	printf -v keys '%s\n' "${@:2}"
	[[ $keys == *listen* ]] || keys+=$'listen = 0\n'
	[[ $keys == *server_args* ]] || keys+=$'server_args = {port}\n'
	start_ini < <(printf '[way]\nserver = %s\nactivation = proxy\n%s' "$1" "$keys")
}

# start_daemon KEY...: the same of the daemon that setup() made.
start_daemon() {
	start_way "$INETD_DIR/daemon" "$@"
}

# make_talker: makes a daemon of datagrams: it tells its number, the number of the port that it was asked from, and the text.
make_talker() {
	inetd_script talker <<-'END'
		#!/usr/bin/python3
		import os, socket, sys, time

		time.sleep(float(sys.argv[2]))
		sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		sock.bind(("127.0.0.1", int(sys.argv[1])))
		while True:
		    text, peer = sock.recvfrom(65536)
		    if text == b"die":
		        os.kill(os.getpid(), 9)
		    for _ in range(2 if text == b"twice" else 1):
		        sock.sendto(b"%d %d %s" % (os.getpid(), peer[1], text), peer)
	END
}

# talker SECONDS [KEY...]: the same as the service "way", that late.
talker() {
	make_talker
	start_way "$INETD_DIR/talker" 'listen = 127.0.0.1:0 [::1]:0' 'protocol = udp' "server_args = {port} $1" "$2" 'log = exit'
}

# daemon_is TEXT: true if the status of "way" says so of its daemon.
daemon_is() {
	local text
	text=$(inetctl status way | sed -n 's/^ *daemon  *//p')
	[ "$text" = "$1" ] || fail "the daemon is \"$text\""
}

@test "the first connection starts the daemon, the others find it, silence ends it" {
	start_daemon "stop_after = ${INETD_PATIENCE}s" 'log = start exit'
	[ -z "$(inetd_children)" ]
	run -0 ask_tcp way one
	[[ $output =~ ^[0-9]+\ one.end$ ]]
	first=${output%% *}
	assert_answer "$first two
end" ask_tcp way two
	assert_log "way: stderr: ondemand: process $first accepts connections after [0-9]+ ms"
	[ "$(inetd_field way STATE)" = lent ]
	daemon_is 'running'
	assert_log 'way: stderr: ondemand: no connection for [0-9]+ s: the daemon is told to end'
	wait_until inetd_gone "$first"
	assert_log 'way: ended with exit 0'
	wait_until daemon_is 'stopped'
	run -0 ask_tcp way three
	[[ $output =~ ^[0-9]+\ three.end$ ]]
	[ "${output%% *}" != "$first" ]
	daemon_is 'running, started again 1 time'
	inetctl metrics | grep -qx 'inetd_service_daemon_restarts_total{service="way"} 1'
}

# daemon_up NUMBER: true if the metrics say so of the daemon of "way".
daemon_up() {
	inetctl metrics | grep -qx "inetd_service_daemon_up{service=\"way\"} $1"
}

@test "status and metrics tell stopped, starting and running, over an upgrade too" {
	inetd_script late <<-END
		#!/bin/sh
		until [ -e "$INETD_DIR/go" ]; do sleep 0.05; done
		exec "$INETD_DIR/daemon" "\$1"
	END
	start_way "$INETD_DIR/late" 'stop_after = 10min'
	daemon_is stopped
	daemon_up 0
	connect_tcp caller way
	echo hello >&"$caller"
	wait_until daemon_is starting
	daemon_up 0
	inetctl upgrade
	daemon_is starting
	touch "$INETD_DIR/go"
	read -r -t 30 daemon line <&"$caller"
	[ "$line" = hello ]
	daemon_is running
	daemon_up 1
	inetctl upgrade
	daemon_is running
	assert_answer -e "^$daemon other" ask_tcp way other
	kill -KILL "$daemon"
	close_tcp caller
	run -0 ask_tcp way again
	daemon_is 'running, started again 1 time'
}

@test "another user who takes the port of the daemon gets no caller" {
	need_root
	inetd_script slow <<-END
		#!/bin/sh
		# The first time somebody else is quicker.
		[ -e "$INETD_DIR/data/port" ] || { echo "\$1" >"$INETD_DIR/data/part"; mv "$INETD_DIR/data/part" "$INETD_DIR/data/port"; sleep 60; }
		exec "$INETD_DIR/daemon" "\$1"
	END
	mkdir -m 777 "$INETD_DIR/data"
	start_way "$INETD_DIR/slow" 'user = nobody'
	connect_tcp caller way
	echo secret >&"$caller"
	wait_until test -e "$INETD_DIR/data/port"
	python3 - "$(cat "$INETD_DIR/data/port")" >"$INETD_DIR/stolen" <<-'END' &
		import socket, sys
		server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		server.settimeout(30)
		print(server.accept()[0].recv(100))
	END
	assert_log 'way: stderr: ondemand: another user has taken the port that was chosen for the daemon'
	read -r -t 30 _ line <&"$caller"
	[ "$line" = secret ]
	kill $! && wait $! || true
	[ ! -s "$INETD_DIR/stolen" ]
	close_tcp caller
}

@test "datagrams: another user who takes the port of the daemon gets none" {
	need_root
	inetd_script slow <<-END
		#!/bin/sh
		# The first time somebody else is quicker.
		[ -e "$INETD_DIR/data/port" ] || { echo "\$1" >"$INETD_DIR/data/part"; mv "$INETD_DIR/data/part" "$INETD_DIR/data/port"; sleep 60; }
		exec "$INETD_DIR/talker" "\$1" 0
	END
	mkdir -m 777 "$INETD_DIR/data"
	make_talker
	start_way "$INETD_DIR/slow" 'listen = 127.0.0.1:0' 'protocol = udp' 'user = nobody'
	run -0 python3 - "$(inetd_port way)" "$INETD_DIR/data/port" <<-'END'
		import os, socket, sys, time
		client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		client.settimeout(0.5)
		client.connect(("127.0.0.1", int(sys.argv[1])))
		client.send(b"secret")
		while not os.path.exists(sys.argv[2]):
		    time.sleep(0.01)
		thief = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		thief.bind(("127.0.0.1", int(open(sys.argv[2]).read())))
		thief.settimeout(0)
		# One that a program leaves is dropped: whoever sends again is answered by the daemon.
		for _ in range(60):
		    try:
		        client.send(b"secret")
		        assert client.recv(100).endswith(b"secret")
		        break
		    except TimeoutError:
		        pass
		else:
		    sys.exit("no answer")
		try:
		    print(thief.recv(100))
		except BlockingIOError:
		    print("nothing")
	END
	[ "$output" = nothing ]
	assert_log 'way: stderr: ondemand: another user has taken the port that was chosen for the daemon'
}

@test "a daemon of root that becomes another user before it listens, in a child, is served" {
	need_root
	make_talker
	inetd_script changes <<-END
		#!/bin/sh
		setpriv --reuid=nobody --clear-groups "$INETD_DIR/\$1" "\$2" 0
		exit 0
	END
	start_ini <<-END
		[tcp]
		listen = 0
		user = root
		server = $INETD_DIR/changes
		server_args = daemon {port}
		activation = proxy
		[udp]
		listen = 127.0.0.1:0
		protocol = udp
		user = root
		server = $INETD_DIR/changes
		server_args = talker {port}
		activation = proxy
	END
	run -0 ask_tcp tcp hello
	[[ $output =~ ^[0-9]+\ hello.end$ ]]
	[ "$(stat -c %U "/proc/${output%% *}")" = nobody ]
	run -0 ask_udp -4 udp hello
	[[ $output =~ ^[0-9]+\ [0-9]+\ hello$ ]]
	[ "$(stat -c %U "/proc/${output%% *}")" = nobody ]
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
	start_daemon "listen = $INETD_DIR/socket" 'server_args = {path}' 'user = nobody'
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
	read -r -t 30 first _ <&"$one"
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import socket, sys
		sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		sock.settimeout(30)
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
	run -0 ask_tcp way again
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
	start_way "$INETD_DIR/turn"
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
	start_daemon "listen = $INETD_DIR/socket" 'server_args = {path}' 'send_proxy = yes' "stop_after = $((2 * INETD_PATIENCE))s" \
		'log = exit'
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
	start_way "$INETD_DIR/talk"
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

# sleeper: a daemon that takes as many connections as it can and answers each line by how many it has.
sleeper() {
	inetd_script sleeper <<-'END'
		#!/usr/bin/python3
		import resource, selectors, socket, sys
		hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
		resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
		server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
		poll = selectors.EpollSelector()
		poll.register(server, selectors.EVENT_READ)
		count = 0
		while True:
		    for key, _ in poll.select():
		        if key.fileobj is server:
		            poll.register(server.accept()[0], selectors.EVENT_READ)
		            count += 1
		        elif key.fileobj.recv(100):
		            key.fileobj.sendall(b"%d\n" % count)
		        else:
		            poll.unregister(key.fileobj)
		            key.fileobj.close()
		            count -= 1
	END
}

# hold NUMBER: so many connections at once to the service "way", each of which is answered.
hold() {
	python3 - "$(inetd_port way)" "$1" <<-'END'
		import resource, socket, sys
		hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
		resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
		socks = []
		for number in range(int(sys.argv[2])):
		    sock = socket.socket()
		    sock.settimeout(120)
		    sock.bind(("127.0.0.%d" % (2 + number // 5000), 0))
		    sock.connect(("127.0.0.1", int(sys.argv[1])))
		    sock.sendall(b"?\n")
		    assert sock.recv(100)
		    socks.append(sock)
		for sock in socks:
		    sock.sendall(b"?\n")
		print(socks[0].recv(100).decode(), sum(len(sock.recv(100)) > 0 for sock in socks[1:]))
	END
}

@test "as many connections as it has descriptors for: ten thousand, where it may have so many" {
	local hard most
	need_plain
	hard=$(ulimit -H -n)
	most=$(((hard - 200) / 2))
	[ "$most" -le 10000 ] || most=10000
	sleeper
	start_way "$INETD_DIR/sleeper" 'backlog = 4096' "rlimit_nofile = $hard"
	run -0 hold "$most"
	[ "$(xargs <<<"$output")" = "$most $((most - 1))" ]
	run ! inetd_log_has "no more descriptors"
}

@test "more connections than it has descriptors for wait, which is logged once" {
	sleeper
	start_way "$INETD_DIR/sleeper" 'rlimit_nofile = 64'
	run -0 hold 20
	[ "$(xargs <<<"$output")" = '20 19' ]
	# One after the other has its turn when the others are gone.
	run -0 python3 - "$(inetd_port way)" <<-'END'
		import socket, sys
		socks = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60) for _ in range(100)]
		for number, sock in enumerate(socks):
		    sock.sendall(b"?\n")
		    assert sock.recv(100)
		    sock.close()
		print("good")
	END
	[ "$output" = good ]
	assert_log 'way: stderr: ondemand: there are no more descriptors than for 2[0-9] connections: others wait'
	[ "$(inetd_log | grep -c "no more descriptors")" = 1 ]
}

@test "with a PROXY header, and several sockets" {
	start_daemon 'listen = 127.0.0.1:0 [::1]:0' 'send_proxy = yes'
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
	read -r -t 30 daemon _ <&"$one"
	inetd_reload
	echo after >&"$one"
	read -r -t 30 line <&"$one"
	[ "$line" = "$daemon after" ]
	assert_answer -e "^$daemon other" ask_tcp way other
	close_tcp one
}

@test "datagrams: the first one starts the daemon and is answered, each client has a session of his own" {
	talker 0.3 'stop_after = 1s'
	run -0 python3 - "$(inetd_port way -4)" "$(inetd_port way -6)" <<-'END'
		import os, socket, sys

		def client(host, family=socket.AF_INET):
		    sock = socket.socket(family, socket.SOCK_DGRAM)
		    sock.settimeout(30)
		    sock.connect((host, int(sys.argv[1 if family == socket.AF_INET else 2])))
		    return sock

		def ask(sock, text):
		    sock.send(text)
		    return sock.recv(65536).split(b" ", 2)

		one, two, six = client("127.0.0.1"), client("127.0.0.1"), client("::1", socket.AF_INET6)
		pid, port, text = ask(one, b"hello")
		assert text == b"hello"
		big = os.urandom(60000)
		assert ask(one, big) == [pid, port, big]
		others = [ask(two, b"two"), ask(six, b"six")]
		assert [row[0] for row in others] == [pid, pid]
		assert len({port, others[0][1], others[1][1]}) == 3
		assert ask(one, b"") == [pid, port, b""]
		# Answers that nobody has asked for just now come too.
		assert ask(two, b"twice")[1] == others[0][1]
		assert two.recv(100).split()[1] == others[0][1]
		print("good")
	END
	[ "$output" = good ]
	assert_log 'way: stderr: ondemand: no connection for 1 s: the daemon is told to end'
	assert_log 'way: ended with exit 0'
	[ "$(inetd_field way STARTED)" = 1 ]
	run -0 ask_udp -4 way again
	[[ $output == *again ]]
}

@test "datagrams of a unix socket, without what is sent along with them" {
	talker 0
	sed -i "s|^listen = .*|listen = $INETD_DIR/letters|; s|^protocol = udp|socket_type = dgram|" "$INETD_DIR/inetd.ini"
	inetd_reload
	run -0 python3 - "$INETD_DIR" <<-'END'
		import os, socket, sys
		socks = []
		for name in "one", "two":
		    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		    sock.settimeout(30)
		    sock.bind(sys.argv[1] + "/" + name)
		    sock.connect(sys.argv[1] + "/letters")
		    for _ in range(20):
		        socket.send_fds(sock, [name.encode()], [0, 1, 2])
		        pid, port, text = sock.recv(100).split()
		    assert text == name.encode()
		    socks.append((sock, port))
		assert socks[0][1] != socks[1][1]
		with open(b"/proc/%s/stat" % pid) as file:
		    relay = file.read().split()[3]
		print(len(os.listdir("/proc/%s/fd" % relay)))
	END
	[ "$output" -lt 20 ]
}

@test "datagrams: a daemon that is killed is started by the next one, and sessions are bounded" {
	talker 0
	run -0 python3 - "$(inetd_port way -4)" <<-'END'
		import os, socket, sys, time

		def client(address="127.0.0.1"):
		    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    sock.settimeout(1)
		    sock.bind((address, 0))
		    sock.connect(("127.0.0.1", int(sys.argv[1])))
		    return sock

		def ask(sock, text):
		    for _ in range(20):
		        try:
		            sock.send(text)
		            return sock.recv(1000).split()
		        except (TimeoutError, ConnectionRefusedError):
		            pass

		one = client()
		first = ask(one, b"hello")[0]
		with open(b"/proc/%s/stat" % first) as file:
		    relay = file.read().split()[3]
		fds = lambda: len(os.listdir("/proc/%s/fd" % relay))
		# One address has its share, and ends nobody else's session.
		other = client("127.0.2.1")
		session = ask(other, b"hello")[1]
		for sock in [client() for _ in range(300)]:
		    assert ask(sock, b"x")[0] == first
		assert 128 < fds() < 160, fds()
		assert ask(other, b"hello")[1] == session
		many = [client(f"127.0.1.{1 + number % 12}") for number in range(1400)]
		for sock in many:
		    assert ask(sock, b"x")[0] == first
		assert ask(one, b"hello")[0] == first
		assert 1000 < fds() < 1100, fds()
		assert ask(other, b"hello")[1] != session
		one.send(b"die")
		time.sleep(0.5)
		assert ask(one, b"hello")[0] != first
		print("good")
	END
	[ "$output" = good ]
	assert_log 'way: stderr: ondemand: the daemon has ended by signal 9'
}

@test "datagrams of unix sockets: each user has a share of the sessions" {
	need_root
	talker 0
	sed -i "s|^listen = .*|listen = $INETD_DIR/letters|; s|^protocol = udp|socket_type = dgram\nsocket_mode = 666|" "$INETD_DIR/inetd.ini"
	inetd_reload
	chmod 755 "$INETD_DIR"
	run -0 python3 - "$INETD_DIR" <<-'END'
		import os, socket, sys

		def client(uid):
		    os.seteuid(uid)
		    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		    sock.settimeout(30)
		    sock.bind("")
		    sock.connect(sys.argv[1] + "/letters")
		    return sock

		def ask(sock, uid):
		    os.seteuid(uid)
		    sock.send(b"x")
		    os.seteuid(0)
		    return sock.recv(100).split()

		other = client(0)
		pid, port, _ = ask(other, 0)
		with open(b"/proc/%s/stat" % pid) as file:
		    relay = file.read().split()[3]
		many = []
		for _ in range(300):
		    many.append(client(65534))
		    ask(many[-1], 65534)
		    os.seteuid(0)
		fds = len(os.listdir("/proc/%s/fd" % relay))
		assert 128 < fds < 160, fds
		assert ask(other, 0) == [pid, port, b"x"]
		print("good")
	END
	[ "$output" = good ]
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
		server_args = {path}
		activation = proxy
		[datagrams-with-header]
		listen = 127.0.0.1:9005
		protocol = udp
		user = root
		server = /bin/cat
		server_args = {port}
		activation = proxy
		send_proxy = yes
		[right-datagrams]
		listen = 127.0.0.1:9004
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
	[ "$(grep -c error: <<<"$output")" = 3 ]
	[[ $output == *"wrong.ini:"*"{port} or {path} must stand where the program is told where to listen"* ]]
	[[ $output == *"wrong.ini:11: error: server_args:"*"{port} must stand where the program is told where to listen"* ]]
	[[ $output == *"wrong.ini:20: error: send_proxy: datagrams have no PROXY header"* ]]
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
