#!/usr/bin/env bats
# inetctl export: a service as a socket unit of systemd with its service, from which import makes it again.

load ../helpers/family

setup() {
	inetd_setup
}

start_services() {
	start_ini <<-END
		[one]
		listen = 127.0.0.1:0
		server = /bin/cat
		server_args = -u 'two words' "it's" 50% \$HOME 'a;b'
		instances = 5
		per_source = 2
		env = ONE=1 'TWO=b c' THREE=%n
		max_time = 10min
		kill_after = 5s
		nice = 3
		umask = 027
		stderr = log
		backlog = 64
		[lent]
		listen = $INETD_DIR/one $INETD_DIR/two
		server = /bin/cat
		argv0 = lent cat
		wait = yes
		activation = systemd
		socket_mode = 0600
		stderr = /dev/null
		[packets]
		listen = 127.0.0.1:0
		protocol = udp
		server = /bin/cat
		rcvbuf = 64k
		[wrapped]
		listen = $INETD_DIR/wrapped
		server = /bin/cat
		wrapper = /usr/bin/env A=b
		rate = 60/min
		banner = hello\\n
		no_access = 10.0.0.0/8
		listen += 127.0.0.1:0
		[built-in]
		listen = 127.0.0.1:0
		internal = echo
	END
}

# said NAME: what `inetctl show` has of it that is to come again.
said() {
	inetctl show "$1" | grep -E '^(server|argv0|server_args|instances|per_source|env|max_time|kill_after|nice|umask|stderr|backlog|wait|activation|socket_mode|socket_type|rcvbuf|user|group|only_from|no_access) ?='
}

@test "what is exported is imported again as it was" {
	local name
	start_services
	mkdir "$INETD_DIR/units"
	for name in one lent packets; do
		run -0 inetctl export -d "$INETD_DIR/units" "$name"
		said "$name" >"$INETD_DIR/$name.said"
		# A port that was free is a number now.
		sed "s/:0\$/:$(inetd_port "$name" 2>/dev/null || true)/" -i "$INETD_DIR/units/$name.socket"
	done
	[ "$(cd "$INETD_DIR/units" && echo *)" = 'lent.service lent.socket one.socket one@.service packets.service packets.socket' ]
	if type -P systemd-analyze >/dev/null; then
		sed -i 's/^ExecStart=@/ExecStart=@/' "$INETD_DIR"/units/*.service
		run systemd-analyze verify --man=no "$INETD_DIR"/units/*.socket
		[[ $output != *units/* ]] || fail "$output"
	fi
	inetd_stop
	for name in one lent packets; do
		"$INETCTL" import "$INETD_DIR/units/$name.socket" || [ $? = 3 ]
	done >"$INETD_DIR/again.ini"
	inetd_start --name again --conf "$INETD_DIR/again.ini"
	for name in one lent packets; do
		diff "$(readlink "$BATS_TEST_TMPDIR/inetd-inetd")/$name.said" <(said "$name")
	done
	inetd_stop
}

@test "what has no counterpart is told, and what is no program is refused" {
	start_services
	run -3 --separate-stderr inetctl export wrapped
	[[ $output == *'ExecStart="/usr/bin/env" "A=b" "/bin/cat"'* ]] || fail "$output"
	[[ $output == *'# LOST: rate = 60/min: '* && $output == *'# LOST: banner = hello\n: '* ]] || fail "$output"
	[[ $output == *IPAddressDeny=10.0.0.0/8* && $stderr == *'2 keys are lost'* ]] || fail "$output $stderr"
	run -0 --separate-stderr inetctl export one
	# shellcheck disable=SC2016 # for systemd
	[[ $output != *LOST* && $output == *'"50%%" "$$HOME"'* ]] || fail "$output"
	run -1 inetctl export built-in
	[[ $output == *'is built in'* ]]
	run -1 inetctl export nothing
	run -2 inetctl export
	# A unit that is there stays.
	echo mine >"$INETD_DIR/one.socket"
	run -1 inetctl export -d "$INETD_DIR" one
	[ "$(cat "$INETD_DIR/one.socket")" = mine ]
	inetd_stop
}

@test "a protocol of its own goes there as SocketProtocol, and comes back" {
	local protocol
	for protocol in mptcp sctp udplite; do
		start_ini < <(printf '%s\n' '[x]' 'listen = 127.0.0.1:9001' "protocol = ${protocol}4" 'server = /bin/cat')
		rm -rf "$INETD_DIR/out" && mkdir "$INETD_DIR/out"
		inetctl export -d "$INETD_DIR/out" x || [ $? = 3 ]
		grep -qx "SocketProtocol=$protocol" "$INETD_DIR/out/x.socket" || fail "$(cat "$INETD_DIR/out/x.socket")"
		grep -qxE 'Listen(Stream|Datagram)=127.0.0.1:9001' "$INETD_DIR/out/x.socket" || fail "$(cat "$INETD_DIR/out/x.socket")"
		"$INETCTL" import "$INETD_DIR/out/x.socket" >"$INETD_DIR/back.ini" || [ $? = 3 ]
		grep -qxE "protocol = $protocol(4|46)?" "$INETD_DIR/back.ini" || fail "$(cat "$INETD_DIR/back.ini")"
		inetd_stop
	done
}
