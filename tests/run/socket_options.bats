#!/usr/bin/env bats
# Options of sockets, as a program finds them on its connection; in a network namespace of their own where
# they are about interfaces and addresses.

load ../helpers/family

# options NAME=LEVEL:OPTION...: a program that prints the options of its standard input, one after another.
options() {
	inetd_script options <<-'END'
		#!/usr/bin/python3
		import socket, struct, sys
		s = socket.socket(fileno=0)
		for word in sys.argv[1:]:
		    name, at = word.split("=")
		    level, option = map(int, at.split(":"))
		    if name == "congestion":
		        print(name, s.getsockopt(level, option, 16).rstrip(b"\0").decode())
		    elif name == "linger":
		        print(name, *struct.unpack("ii", s.getsockopt(level, option, 8)))
		    else:
		        print(name, s.getsockopt(level, option))
	END
}

@test "options of tcp are those of the accepted connection" {
	options
	start_ini <<-END
		[plain]
		port = 0
		server = $INETD_DIR/options
		server_args = nodelay=6:1 keepalive=1:9 linger=1:13 tos=0:1
		[tuned]
		port = 0
		server = $INETD_DIR/options
		server_args = nodelay=6:1 keepalive=1:9 keepidle=6:4 interval=6:5 probes=6:6 linger=1:13 timeout=6:18 \
		congestion=6:13 tos=0:1 ttl=0:2 priority=1:12
		nodelay = yes
		keepalive = yes
		keepalive_time = 77
		keepalive_interval = 6
		keepalive_probes = 4
		linger = 3
		user_timeout = 1500ms
		congestion = reno
		tos = 16
		ttl = 33
		priority = 5
	END
	[ "$(ask_tcp plain | xargs)" = 'nodelay 0 keepalive 0 linger 0 0 tos 0' ]
	run ask_tcp tuned
	[ "$(xargs <<<"$output")" = 'nodelay 1 keepalive 1 keepidle 77 interval 6 probes 4 linger 1 3 timeout 1500 congestion reno tos 16 ttl 33 priority 5' ] || fail "$output"
}

@test "defer_accept: no program is started for who has sent nothing yet" {
	local plain silent line
	start_ini <<-END
		[plain]
		port = 0
		server = /bin/cat
		[deferred]
		port = 0
		server = /bin/cat
		defer_accept = yes
	END
	connect_tcp plain plain
	connect_tcp silent deferred
	wait_until field_is plain RUNNING 1
	# It came after the other one, so it would have its program by now or soon.
	assert_answer later ask_tcp plain later
	[ "$(inetd_field deferred STARTED)" = 0 ]
	echo hello >&"$silent"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$silent"
	[ "$line" = hello ]
	[ "$(inetd_field deferred STARTED)" = 1 ]
	# A reload switches it off.
	sed -i '/^defer_accept/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	close_tcp silent
	connect_tcp silent deferred
	wait_until field_is deferred STARTED 2
	close_tcp plain silent
	inetd_stop
}

@test "max_seg is that of connections, fastopen that of the socket which listens" {
	options
	inetd_script lent <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		connection, _ = s.accept()
		connection.send(f"fastopen {s.getsockopt(6, 23)} max_seg {s.getsockopt(6, 2)}".encode())
	END
	start_ini <<-END
		[plain]
		port = 0
		server = $INETD_DIR/options
		server_args = max_seg=6:2
		[short]
		port = 0
		server = $INETD_DIR/options
		server_args = max_seg=6:2
		max_seg = 1000
		[lent-plain]
		port = 0
		wait = yes
		server = $INETD_DIR/lent
		[lent]
		port = 0
		wait = yes
		server = $INETD_DIR/lent
		fastopen = 16
		max_seg = 1000
	END
	run ask_tcp plain
	[ "${output#max_seg }" -gt 2000 ] || fail "$output"
	# Less the room for timestamps, where the machine uses them.
	[[ "$(ask_tcp short)" =~ ^max_seg\ (1000|988)$ ]] || fail "$(ask_tcp short)"
	[[ "$(ask_tcp lent-plain)" == 'fastopen 0 '* ]] || fail "$(ask_tcp lent-plain)"
	[ "$(ask_tcp lent)" = 'fastopen 16 max_seg 1000' ]
}

@test "over IPv6: tos and ttl have options of their own; of datagrams: times; of both: ports that are shared" {
	options
	inetd_script lent <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		_, peer = s.recvfrom(99)
		options = [s.getsockopt(1, o) for o in (35, 15, 12)]
		s.sendto("times {} shared {} priority {}".format(*options).encode(), peer)
	END
	start_ini <<-END
		[plain]
		listen = [::1]:0
		bind = ::1
		server = $INETD_DIR/options
		server_args = tos=41:67 ttl=41:16
		[six]
		listen = [::1]:0
		bind = ::1
		server = $INETD_DIR/options
		server_args = tos=41:67 ttl=41:16
		tos = 16
		ttl = 33
		[untimed/udp]
		port = 0
		wait = yes
		server = $INETD_DIR/lent
		[timed/udp]
		port = 0
		wait = yes
		server = $INETD_DIR/lent
		timestamps = yes
		reuse_port = yes
		[shared/udp]
		listen = [::1]:0
		bind = ::1
		protocol = udp
		wait = yes
		server = $INETD_DIR/lent
		reuse_port = yes
		priority = 4
	END
	[[ "$(ask_six plain | xargs)" == 'tos 0 ttl '* ]]
	[ "$(ask_six six | xargs)" = 'tos 16 ttl 33' ]
	[ "$(ask_udp untimed x)" = 'times 0 shared 0 priority 0' ]
	run ask_udp timed x
	[ "$output" = 'times 1 shared 1 priority 0' ] || fail "$output"
	run ask_udp -6 shared x
	[ "$output" = 'times 0 shared 1 priority 4' ] || fail "$output"
}

# ask_six NAME
ask_six() {
	socat -T5 - "TCP6:[::1]:$(inetd_port "$1")" </dev/null
}

@test "a reload sets options of open sockets, and switches off those that were removed" {
	options
	start_ini <<-END
		[tuned]
		port = 0
		server = $INETD_DIR/options
		server_args = nodelay=6:1 keepalive=1:9
	END
	[ "$(ask_tcp tuned | xargs)" = 'nodelay 0 keepalive 0' ]
	echo 'nodelay = yes' >>"$INETD_DIR/inetd.ini"
	inetd_reload
	run ask_tcp tuned
	[ "$(xargs <<<"$output")" = 'nodelay 1 keepalive 0' ]
	sed -i 's/^nodelay.*/keepalive = yes/' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(ask_tcp tuned | xargs)" = 'nodelay 0 keepalive 1' ]
}

@test "an option that the kernel refuses is logged with its key, and others are served" {
	start_ini <<-END
		[tuned]
		port = 0
		server = /bin/echo
		server_args = served
		congestion = nosuch
		[other]
		port = 0
		server = /bin/echo
		server_args = served
	END
	[ "$(ask_tcp other)" = served ]
	[ "$(inetd_field tuned STATE)" = bind ]
	assert_log 'tuned: congestion .*No such file'
}

@test "a unix socket: its directory is made, its path may stay, credentials can be received" {
	options
	start_ini <<-END
		[made]
		port = $INETD_DIR/made/sock
		server = $INETD_DIR/options
		server_args = credentials=1:16
		socket_dir_mode = 0751
		pass_credentials = yes
		unlink_on_exit = no
		[plain]
		port = $INETD_DIR/plain
		server = $INETD_DIR/options
		server_args = credentials=1:16
	END
	[ "$(stat -c %a "$INETD_DIR/made")" = 751 ]
	[ "$(socat -t5 - "UNIX:$INETD_DIR/made/sock" </dev/null)" = 'credentials 1' ]
	[ "$(socat -t5 - "UNIX:$INETD_DIR/plain" </dev/null)" = 'credentials 0' ]
	inetd_signal TERM
	wait_until inetd_gone "$INETD_PID"
	[ -S "$INETD_DIR/made/sock" ]
	[ ! -e "$INETD_DIR/plain" ]
}

@test "bind_device, freebind, mark and transparent, between two hosts" {
	need_root
	unshare -n true 2>/dev/null || skip 'needs network namespaces'
	options
	cat >"$INETD_DIR/hosts" <<-'END'
		set -e
		ip link set lo up
		ip link add near type veth peer name far
		unshare -n sleep 60 &
		peer=$!
		until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do :; done
		ip link set far netns $peer
		ip addr add 192.0.2.1/24 dev near
		ip link set near up
		nsenter -t $peer -n ip addr add 192.0.2.2/24 dev far
		nsenter -t $peer -n ip link set far up
		"$INETD" -f -e -p "$INETD_DIR/pid" --control "$INETD_DIR/control" "$INETD_DIR/net.ini" 2>"$INETD_DIR/log" &
		daemon=$!
		until "$INETCTL" -s "$INETD_DIR/control" list >/dev/null 2>&1; do kill -0 $daemon; done
		ask() { # PORT: from the other host, with some patience
			nsenter -t $peer -n timeout 60 socat -T5 - "TCP4:192.0.2.1:$1" </dev/null || echo refused
		}
		ask 7001
		ask 7002
		timeout 60 socat -T5 - TCP4:127.0.0.1:7002 </dev/null || echo 'own host refused'
		ask 7003
		ss -tln | grep -c -e '203.0.113.9:7004' -e '\[2001:db8::9\]:7005'
		timeout 60 socat -T5 - 'TCP6:[::1]:7006' </dev/null || echo refused
		kill $daemon $peer
	END
	cat >"$INETD_DIR/net.ini" <<-END
		[defaults]
		user = $INETD_USER
		[any]
		listen = 192.0.2.1:7001
		server = /bin/echo
		server_args = any
		[device]
		listen = 0.0.0.0:7002
		server = /bin/echo
		server_args = device
		bind_device = lo
		[marked]
		listen = 192.0.2.1:7003
		server = $INETD_DIR/options
		server_args = mark=1:36 transparent=0:19
		mark = 77
		transparent = yes
		[free]
		listen = 203.0.113.9:7004
		server = /bin/echo
		server_args = free
		freebind = yes
		[free6]
		listen = [2001:db8::9]:7005
		server = /bin/echo
		server_args = free
		freebind = yes
		[transparent6]
		listen = [::1]:7006
		server = $INETD_DIR/options
		server_args = transparent=41:75
		transparent = yes
	END
	export INETD INETCTL INETD_DIR
	run unshare -n bash "$INETD_DIR/hosts"
	[ "$status" = 0 ] || fail "$output" "$(cat "$INETD_DIR/log")"
	[ "${lines[0]}" = any ]
	[[ $output == *$'\nrefused\ndevice\n'* ]] || fail "$output"
	[[ $output == *$'mark 77\ntransparent 1\n2\ntransparent 1' ]] || fail "$output" "$(cat "$INETD_DIR/log")"
}
