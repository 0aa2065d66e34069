#!/usr/bin/env bats
# protocol = mptcp, sctp, udplite, vsock: each where the kernel has it.

load ../helpers/family
load ../helpers/libc
load ../helpers/upgrade

# need_protocol NAME
need_protocol() {
	"$TOP/tests/bin/ask_socket.py" has "$1" || skip "this kernel has no $1"
}

# ask PROTOCOL SERVICE [TEXT [ADDRESS]]
ask() {
	timeout 60 "$TOP/tests/bin/ask_socket.py" "$1" "${4:-127.0.0.1}" "$(inetd_port "$2")" "${3:-}"
}

# served PROTOCOL PROTO: a program, a built-in, what access and limits keep out, what log and figures tell.
served() {
	need_protocol "$1"
	own_program
	start_ini <<-END
		[who]
		port = 0
		protocol = $1
		server = /bin/sh
		server_args = -c 'echo "\$PROTO \$TCPLOCALIP \$TCPREMOTEIP"; read -r line; echo "\$line"'
		log = start
		[echo]
		port = 0
		protocol = ${1}4
		internal = echo
		[never]
		port = 0
		protocol = ${1}4
		server = /bin/echo
		server_args = hello
		no_access = 127.0.0.0/8
		[once]
		port = 0
		protocol = ${1}4
		server = /bin/echo
		server_args = hello
		per_source_rate = 1/hour
		overload = refuse
	END
	assert_answer "$2 127.0.0.1 127.0.0.1
hi" ask "$1" who 'hi
'
	assert_log "who: started service=who peer=127.0.0.1:[0-9]+ pid=[0-9]+"
	assert_answer hello ask "$1" echo hello
	run ask "$1" never
	[ -z "$output" ]
	assert_log 'never: refused: .* peer=127.0.0.1:[0-9]+ reason=access'
	assert_answer hello ask "$1" once
	run ask "$1" once
	[ -z "$output" ]
	inetctl status echo | grep -E "serves +stream ${1}4" || fail "$(inetctl status echo)"
	upgraded
	assert_answer hello ask "$1" echo hello
	run ask "$1" once # its source is known still
	[ -z "$output" ]
	inetctl show who >"$INETD_DIR/shown.ini"
	grep -qx "protocol = $1" "$INETD_DIR/shown.ini"
	inetd_stop
}

@test "mptcp: programs and built-ins, access, limits, log, upgrade" {
	served mptcp TCP
}

# each_family PROTOCOL: a service for each of its names: any and 4 for 127.0.0.1, 6 and 46 for ::1. Its program prints
# which protocol its connection or datagram came by.
each_family() {
	local family
	inetd_script told <<-'END'
		#!/usr/bin/python3
		import socket
		SO_PROTOCOL = 38
		given = socket.socket(fileno=0)
		text = b"%d" % given.getsockopt(socket.SOL_SOCKET, SO_PROTOCOL)
		if given.type == socket.SOCK_DGRAM:
		    given.sendto(text, given.recvfrom(100)[1])
		else:
		    given.sendall(text)
	END
	start_ini < <(
		for family in any 4 6 46; do
			printf '%s\n' "[$family]" 'port = 0' "protocol = $1${family#any}" "server = $INETD_DIR/told"
			case $family in 6) echo 'bind = ::1' ;; 46) echo 'bind = ::' ;; esac
		done
	)
}

# asked_each PROTOCOL NUMBER: by that protocol all of them tell that number.
asked_each() {
	assert_answer "$2" ask "$1" any x
	assert_answer "$2" ask "$1" 4 x
	assert_answer "$2" ask "$1" 46 x
	assert_answer "$2" ask "$1" 46 x ::1
	assert_answer "$2" ask "$1" 6 x ::1
}

@test "mptcp: it is that where both ends know it, and who knows only tcp is served too" {
	need_protocol mptcp
	each_family mptcp
	asked_each mptcp 262
	asked_each tcp 6
	inetd_stop
}

@test "udplite: each of its names, over IPv4 and IPv6" {
	need_protocol udplite
	each_family udplite
	asked_each udplite 136
	inetd_stop
}

@test "sctp: each of its names, over IPv4 and IPv6" {
	need_protocol sctp
	each_family sctp
	asked_each sctp 132
	inetd_stop
}

@test "sctp: programs and built-ins, access, limits, log, upgrade" {
	served sctp SCTP
}

@test "wait: what access keeps out does not reach the program; mptcp has no such filter" {
	local protocol
	for protocol in tcp sctp; do
		"$TOP/tests/bin/ask_socket.py" has $protocol || continue
		start_ini <<-END
			[in]
			port = 0
			protocol = ${protocol}4
			wait = yes
			server = $(probe take_one)
			only_from = 127.0.0.0/8
			[out]
			port = 0
			protocol = ${protocol}4
			wait = yes
			server = $(probe take_one)
			only_from = 192.0.2.0/24
		END
		assert_answer ok ask $protocol in
		run timeout 1 "$TOP/tests/bin/ask_socket.py" $protocol 127.0.0.1 "$(inetd_port out)"
		[ -z "$output" ] && [ "$status" != 0 ] || fail "$protocol: $output"
		inetd_stop
	done
	printf '%s\n' '[m]' 'port = 9001' 'protocol = mptcp' 'wait = yes' 'user = root' \
		'server = /bin/cat' >"$INETD_DIR/m.ini"
	"$INETD" -t "$INETD_DIR/m.ini"
	echo 'only_from = 127.0.0.1' >>"$INETD_DIR/m.ini"
	run "$INETD" -t "$INETD_DIR/m.ini"
	[[ $status = 2 && $output == *'m.ini:7: error: only_from, no_access: the kernel does not filter mptcp'* ]] ||
		fail "$output"
}

@test "udplite: a built-in and a program, access" {
	local code='import socket; s = socket.socket(fileno=0); d, p = s.recvfrom(100); s.sendto(d[::-1], p)'
	need_protocol udplite
	start_ini <<-END
		[echo]
		port = 0
		protocol = udplite
		internal = echo
		[turned]
		port = 0
		protocol = udplite4
		server = /usr/bin/python3
		server_args = -c '$code'
		only_from = 127.0.0.0/8
		[out]
		port = 0
		protocol = udplite4
		server = /usr/bin/python3
		server_args = -c '$code'
		only_from = 192.0.2.0/24
	END
	assert_answer hello ask udplite echo hello
	assert_answer olleh ask udplite turned hello
	run timeout 1 "$TOP/tests/bin/ask_socket.py" udplite 127.0.0.1 "$(inetd_port out)" hello
	[ "$status" = 124 ]
	inetd_stop
}

# vsock PORT [TEXT]: by the way from this machine to itself (its CID is 1).
vsock() {
	timeout 60 "$TOP/tests/bin/ask_socket.py" vsock 1 "$1" "${2:-}"
}

@test "vsock: programs and built-ins, access and limits by CID, log, upgrade" {
	need_protocol vsock
	own_program
	start_ini <<-END
		[who]
		listen = vsock::7401
		server = /bin/sh
		server_args = -c 'echo "\$PROTO \$VSOCKREMOTECID \$VSOCKLOCALCID \$VSOCKLOCALPORT"; read -r line; echo "\$line"'
		log = start
		only_from = vsock:1
		[echo]
		listen = vsock:1:7402
		internal = echo
		[never]
		listen = vsock::7403
		internal = echo
		only_from = 0.0.0.0/0 ::/0 vsock:3
		[once]
		listen = vsock::7404
		server = /bin/echo
		server_args = hello
		per_source_rate = 1/hour
		overload = refuse
	END
	assert_answer "VSOCK 1 1 7401
hi" vsock 7401 'hi
'
	assert_log 'who: started service=who peer=vsock:1:[0-9]+ pid=[0-9]+'
	assert_answer hello vsock 7402 hello
	run vsock 7403 hello
	[[ $output != *hello* ]] || fail "$output"
	assert_log 'never: refused: .* peer=vsock:1:[0-9]+ reason=access'
	assert_answer hello vsock 7404
	run vsock 7404
	[[ $output != *hello* ]] || fail "$output"
	upgraded
	assert_answer hello vsock 7402 hello
	run vsock 7404
	[[ $output != *hello* ]] || fail "$output"
	inetd_stop
}

@test "vsock: what is listened on is shown as it was written, and exported" {
	"$TOP/tests/bin/ask_socket.py" has_family vsock || skip 'this kernel has no vsock'
	start_ini <<-END
		[any]
		listen = vsock::0
		server = /bin/cat
		only_from = vsock:3
		[one]
		listen = vsock::7405
		internal = echo
		[line]
		protocol = vsock
		port = 7406
		internal = echo
	END
	inetctl list | grep -E '^any +vsock:\*:[1-9][0-9]* +ready' || fail "$(inetctl list)"
	inetctl list | grep -E '^one +vsock:\*:7405 +ready' || fail "$(inetctl list)"
	inetctl list | grep -E '^line +vsock:\*:7406 +ready' || fail "$(inetctl list)"
	[ "$(inetctl show one | grep -xE '(listen|protocol) = .*')" = 'listen = vsock:*:7405
protocol = vsock' ] || fail "$(inetctl show one)"
	mkdir "$INETD_DIR/out"
	inetctl export -d "$INETD_DIR/out" any || [ $? = 3 ]
	grep -qx 'ListenStream=vsock::0' "$INETD_DIR/out/any.socket"
	grep -q '^# LOST: only_from, no_access: systemd lets in every CID' "$INETD_DIR/out"/any*
	"$INETCTL" import "$INETD_DIR/out/any.socket" | grep -qx 'listen = vsock::0'
	inetd_stop
}

@test "ports of their own: tcp, sctp and udplite may have the same number, mptcp shares those of tcp" {
	cat >"$INETD_DIR/four.ini" <<-END
		[a]
		port = 9001
		internal = echo
		[b]
		port = 9001
		protocol = sctp
		internal = echo
		[c]
		port = 9001
		protocol = udp
		internal = echo
		[d]
		port = 9001
		protocol = udplite
		internal = echo
	END
	run "$INETD" -t "$INETD_DIR/four.ini"
	[ "$status" = 0 ] || fail "$output"
	printf '%s\n' '[e]' 'port = 9001' 'protocol = mptcp' 'internal = discard' >>"$INETD_DIR/four.ini"
	run "$INETD" -t "$INETD_DIR/four.ini"
	[[ $status = 2 && $output == *'four.ini:16: error: mptcp '*' is taken by the entry at '*'four.ini:1'* ]] || fail "$output"
}

@test "names of ports are those of tcp and udp, and lines of inetd.conf may ask for each protocol" {
	cat >"$INETD_DIR/inetd.conf" <<-END
		daytime stream mptcp nowait root internal
		daytime stream sctp nowait root internal
		daytime dgram udplite wait root internal
	END
	run "$INETD" -t "$INETD_DIR/inetd.conf"
	[ "$status" = 0 ] || fail "$output"
	printf '%s\n' 'discard dgram sctp wait root internal' >>"$INETD_DIR/inetd.conf"
	run "$INETD" -t "$INETD_DIR/inetd.conf"
	[[ $status = 2 && $output == *'inetd.conf:4: error: sctp has no dgram sockets; it has stream'* ]] || fail "$output"
}

@test "a protocol that the kernel has not: said by -t and in the log, and the others are served" {
	printf '%s\n' '[none]' 'port = 0' 'protocol = sctp' 'internal = echo' >"$INETD_DIR/none.ini"
	# Leaks cannot be looked for under strace; and musl asks for users by a socket, of nscd(8).
	if is_glibc; then
		ASAN_OPTIONS=detect_leaks=0 run strace -qq -o "$INETD_DIR/trace" -e inject=socket:error=EPROTONOSUPPORT "$INETD" -t "$INETD_DIR/none.ini"
		[[ $status = 0 && $output == *'none.ini:3: warning: this kernel has no sctp, or may not load it'* ]] ||
			fail "$output"
	fi
	! "$TOP/tests/bin/ask_socket.py" has sctp || return 0
	start_ini < <(cat "$INETD_DIR/none.ini" && printf '%s\n' '[echo]' 'port = 0' 'internal = echo')
	assert_log 'none: this kernel has no sctp, or may not load it \(will retry\)'
	assert_answer hello ask_tcp echo hello
	inetd_stop
}

@test "ktls: a program may have the kernel encrypt its connection, and what is unread does not cost its answer" {
	"$TOP/tests/bin/kernel_tls.py" has 2>/dev/null || skip 'this kernel encrypts no connections'
	cp "$TOP/tests/bin/kernel_tls.py" "$INETD_DIR"
	start_ini <<-END
		[secret]
		port = 0
		server = $INETD_DIR/kernel_tls.py
		server_args = serve
		lingering_close = 5s
	END
	run -0 timeout 60 "$TOP/tests/bin/kernel_tls.py" ask "$(inetd_port secret)"
	[ "$output" = "$(yes HELLO | head -n 20)" ] || fail "$output"
	inetd_stop
}
