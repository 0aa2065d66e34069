#!/usr/bin/env bats
# Services of RPC: the real rpcbind is told their ports, and Debian's own programs and clients meet there.

load ../helpers/family
load ../helpers/scratch
load ../helpers/upgrade

setup() {
	scratch_setup
	need_root
	[ -x "$B/inetd-rpc" ] || skip 'built without libtirpc'
	# Apart, as sockets of the inetd's own directory are to go with it.
	export SCRATCH_RUN=$BATS_TEST_TMPDIR/run RPC_CONF=$BATS_TEST_TMPDIR/rpc.conf
	mkdir "$SCRATCH_RUN" "$SCRATCH_RUN/rpcbind"
	chmod 755 "$SCRATCH_RUN"
	chown 102 "$SCRATCH_RUN/rpcbind"
	cat >"$RPC_CONF" <<-'END'
		rusersd/2-3	dgram	rpc/udp	wait	root	/usr/sbin/rpc.rusersd	rpc.rusersd
		rstatd/2-4	dgram	rpc/udp	wait	nobody	/usr/sbin/rpc.rstatd	rpc.rstatd
	END
}

teardown() {
	[ ! -s "$BATS_TEST_TMPDIR/rpcbind" ] || kill "$(cat "$BATS_TEST_TMPDIR/rpcbind")" 2>/dev/null || true
	inetd_teardown
}

# rpcbind_start [OPTION...]: in the network of the test.
rpcbind_start() {
	rm -f "$SCRATCH_RUN/rpcbind.sock"
	(close_inherited && exec "$TOP/tests/scratch/enter" rpcbind -f "$@") &
	echo $! >"$BATS_TEST_TMPDIR/rpcbind"
	wait_until registered 100000 4 udp
}

rpcbind_stop() {
	local pid
	pid=$(cat "$BATS_TEST_TMPDIR/rpcbind")
	kill "$pid"
	wait "$pid" || true
	rm "$BATS_TEST_TMPDIR/rpcbind"
}

# registered PROGRAM VERSION NETID [ADDRESS]: true where rpcbind tells of it, at that address.
registered() {
	there rpcinfo | awk -v p="$1" -v v="$2" -v n="$3" -v a="${4:-}" '
		$1 == p && $2 == v && $3 == n && (a == "" || $4 == a) { found = 1 } END { exit !found }'
}

not_registered() {
	! registered "$@"
}

# at NAME [HOST]: the universal address of a service.
at() {
	local port
	port=$(inetd_port "$1") || return
	echo "${2:-0.0.0.0}.$((port / 256)).$((port % 256))"
}

# problem_is NAME REGEXP: what its status says.
problem_is() {
	inetctl status "$1" | grep -E -- "^  reason +not registered with rpcbind: $2"
}

# registrar: the process that speaks with rpcbind.
registrar() {
	pgrep -P "$INETD_PID" -x inetd-rpc
}

ours() {
	registered 100002 2 udp "$(at rusersd)" && registered 100002 3 udp "$(at rusersd)" &&
		registered 100001 4 udp "$(at rstatd)"
}

none() {
	not_registered 100002 2 udp && not_registered 100002 3 udp && not_registered 100001 4 udp
}

clients() {
	rpcbind_start
	inetd_start --conf "$RPC_CONF"
	wait_until ours
	not_registered 100002 1 udp
	not_registered 100002 2 tcp
	# It speaks with others, and has no rights.
	[ "$(ps -o uid= -p "$(registrar)" | tr -d ' ')" != 0 ]
	grep -q '^CapEff:[[:blank:]]*0*$' "/proc/$(registrar)/status"
	[[ $(there rup localhost) == *load* ]]
	there rusers -l localhost
	[[ $(there rpcinfo -T udp 127.0.0.1 100002) == *'version 2 ready'*'version 3 ready'* ]]
	[ "$(inetctl status rusersd | grep -c 'not registered')" = 0 ]
	inetctl status rusersd | grep -E '^  rpc +rusersd/2-3$'
	inetd_stop
	none
	rpcbind_stop
}

@test "Debian's rstatd and rusersd are found by rup, rusers and rpcinfo, and not any more when inetd has ended" {
	in_network clients
}

streams() {
	rpcbind_start
	cat >"$BATS_TEST_TMPDIR/rpc.ini" <<-END
		[each]
		rpc = 300001/1
		user = nobody
		server = $1
		[one]
		rpc = 300002/7
		user = nobody
		wait = yes
		server = $1
		server_args = -l
		[kept-out]
		rpc = 300003/1
		user = nobody
		server = $1
		no_access = 127.0.0.1
	END
	inetd_start --conf "$BATS_TEST_TMPDIR/rpc.ini"
	wait_until registered 300003 1 tcp
	registered 300001 1 tcp "0.0.0.0.$(at each | cut -d. -f5-)"
	registered 300001 1 tcp6
	there rpcinfo -T tcp 127.0.0.1 300001 1
	there rpcinfo -T tcp6 ::1 300001 1
	there rpcinfo -T tcp 127.0.0.1 300002 7
	run ! there rpcinfo -T tcp 127.0.0.1 300003 1
	[ "$(inetd_field kept-out REFUSED)" -ge 1 ]
	inetd_stop
	rpcbind_stop
}

@test "programs for connections, one for each or one for all, are found over IPv4 and IPv6, and access rules hold" {
	in_network streams "$(probe rpc_null)"
}

families() {
	rpcbind_start
	inetd_start <<-END
		300001/1	stream	rpc/tcp46	nowait	nobody	/bin/cat	cat
		300002/1	dgram	rpc/udp6	wait	nobody	/bin/cat	cat
		127.0.0.1:300003/1	stream	rpc/tcp	nowait	nobody	/bin/cat	cat
	END
	wait_until registered 300003 1 tcp "$(at 300003 127.0.0.1)"
	registered 300001 1 tcp "$(at 300001)"
	registered 300001 1 tcp6 "$(at 300001 ::)"
	registered 300002 1 udp6 "$(at 300002 ::)"
	not_registered 300002 1 udp
	inetd_stop
	rpcbind_stop
}

@test "each family and address is registered as its socket is" {
	in_network families
}

restarts() {
	local port
	inetd_start --conf "$RPC_CONF"
	wait_until problem_is rusersd 'cannot connect to rpcbind: No such file or directory$'
	wait_until state_says failing
	port=$(inetd_port rusersd)
	assert_log 'rusersd: not registered with rpcbind \(will retry\)'
	rpcbind_start -w
	wait_until ours
	assert_log 'rusersd: registered with rpcbind now'
	wait_until state_says ready
	rpcbind_stop
	wait_until problem_is rusersd 'cannot connect'
	# One that remembers, and one that does not.
	rpcbind_start -w
	wait_until ours
	rpcbind_stop
	rm -rf "${SCRATCH_RUN:?}"/rpcbind/*
	rpcbind_start
	wait_until ours
	[ "$(inetd_port rusersd)" = "$port" ]
	inetd_stop
	none
	rpcbind_stop
}

state_says() {
	[ "$(inetd_field rusersd STATE)" = "$1" ]
}

@test "rpcbind may come later and be started anew: all is registered again, and status says what is not" {
	in_network restarts
}

reloads() {
	local port
	rpcbind_start
	inetd_start --conf "$RPC_CONF"
	wait_until ours
	port=$(at rusersd)
	sed -i 's/2-3/3/; /rstatd/d' "$RPC_CONF"
	echo '300001/1 stream rpc/tcp nowait nobody /bin/cat cat' >>"$RPC_CONF"
	inetd_reload
	wait_until registered 300001 1 tcp "$(at 300001)"
	registered 100002 3 udp "$port"
	wait_until not_registered 100002 2 udp
	wait_until not_registered 100001 4 udp
	inetctl disable 300001
	wait_until not_registered 300001 1 tcp
	inetctl enable 300001
	wait_until registered 300001 1 tcp "$(at 300001)"
	# Without a service of RPC nothing is left.
	echo '127.0.0.1:0 stream tcp nowait nobody /bin/cat cat' >"$RPC_CONF"
	inetd_reload
	wait_until not_registered 100002 3 udp
	wait_until gone
	inetd_stop
	rpcbind_stop
}

gone() {
	! registrar
}

@test "a reload registers what is new, takes away what has gone, and leaves alone what stays" {
	in_network reloads
}

upgrades() {
	local before after
	rpcbind_start
	inetd_start --conf "$RPC_CONF"
	wait_until ours
	before=$(registrar)
	there rpcinfo >"$INETD_DIR/before"
	upgraded
	there rpcinfo | diff "$INETD_DIR/before" -
	[ "$(registrar)" = "$before" ]
	# What has been taken out meanwhile goes.
	sed -i '/rstatd/d' "$RPC_CONF"
	upgraded
	wait_until not_registered 100001 4 udp
	registered 100002 3 udp "$(at rusersd)"
	after=$(registrar)
	[ "$after" = "$before" ]
	# And where nothing is left to be registered, nothing is, nor the process.
	echo '127.0.0.1:0 stream tcp nowait nobody /bin/cat cat' >"$RPC_CONF"
	upgraded
	wait_until not_registered 100002 3 udp
	wait_until gone
	inetd_stop
	rpcbind_stop
}

@test "an upgrade in place leaves everything registered" {
	own_program
	in_network upgrades
}

# another PID: the process is another one than that.
another() {
	local now
	now=$(registrar) && [ "$now" != "$1" ]
}

losses() {
	local before
	rpcbind_start
	inetd_start --conf "$RPC_CONF"
	wait_until ours
	before=$(registrar)
	there rpcinfo >"$INETD_DIR/before"
	kill -KILL "$before"
	wait_until registrar
	wait_until ours
	[ "$(registrar)" != "$before" ]
	there rpcinfo | diff "$INETD_DIR/before" -
	assert_log 'inetd-rpc has ended: signal 9'
	# With nothing to register for now it is started all the same, and hears of what comes back.
	inetctl disable rusersd
	inetctl disable rstatd
	wait_until none
	before=$(registrar)
	kill -KILL "$before"
	wait_until another "$before"
	inetctl enable rusersd
	inetctl enable rstatd
	wait_until ours
	# Without the daemon nobody is at these ports.
	inetd_signal KILL
	wait_until none
	rpcbind_stop
}

@test "the process that registers may be lost, and takes everything away when the daemon is" {
	in_network losses
}

strangers() {
	local first
	rpcbind_start
	inetd_start --name other --conf "$RPC_CONF"
	wait_until ours
	first=$(at rusersd)
	inetd_start --conf "$RPC_CONF"
	wait_until problem_is rusersd "version 2 of udp belongs to superuser, at $first"
	registered 100002 2 udp "$first"
	# What the other leaves behind belongs to nobody.
	inetd_use other
	kill -STOP "$INETD_PID"
	kill -KILL "$(registrar)" "$INETD_PID"
	inetd_use inetd
	wait_until ours
	[ "$(at rusersd)" != "$first" ]
	inetd_stop
	none
	rpcbind_stop
}

@test "what another server has registered is left to it, and dead entries are replaced" {
	in_network strangers
}

hangs() {
	rpcbind_start
	inetd_start --conf "$RPC_CONF"
	wait_until ours
	# Stopped, not ended: it takes questions, and answers none.
	kill -STOP "$(cat "$BATS_TEST_TMPDIR/rpcbind")"
	echo 'walld/1 stream rpc/tcp nowait nobody /bin/echo echo hi' >>"$RPC_CONF"
	inetd_reload
	assert_answer hi ask_tcp walld
	wait_until problem_is walld 'rpcbind does not answer'
	inetd_stop
	kill -CONT "$(cat "$BATS_TEST_TMPDIR/rpcbind")"
	rpcbind_stop
}

@test "an rpcbind that does not answer makes nobody wait, not even the end of the daemon" {
	in_network hangs
}

# sent INTERFACE: how many packets.
sent() {
	awk -v name="$1:" '$1 == name { print $11 }' /proc/net/dev
}

squatters() {
	local set=$1 address
	# What is sent to the other machine is counted.
	ip link add away type veth peer name farther
	echo 1 >/proc/sys/net/ipv6/conf/away/disable_ipv6
	ip link set farther up
	ip link set away up
	ip route add 192.0.2.0/24 dev away
	rpcbind_start
	inetd_start --name other <<-END
		127.0.0.1:{taken}	stream	tcp	nowait	nobody	/bin/cat	cat
	END
	address=127.0.0.1.$(($(inetd_port taken) / 256)).$(($(inetd_port taken) % 256))
	# One that somebody is at, one that nobody is at, one of another machine, to which nothing is sent.
	there "$set" 1 300001 1 tcp "$address"
	there "$set" 1 300002 1 tcp 127.0.0.1.0.9
	there "$set" 1 300003 1 udp 192.0.2.1.3.4
	inetd_start <<-END
		300001/1	stream	rpc/tcp	nowait	nobody	/bin/cat	cat
		300002/1	stream	rpc/tcp	nowait	nobody	/bin/cat	cat
		300003/1	dgram	rpc/udp	wait	nobody	/bin/cat	cat
	END
	wait_until problem_is 300001 "version 1 of tcp belongs to 1, at $address"
	wait_until problem_is 300003 'version 1 of udp belongs to 1, at 192.0.2.1.3.4'
	wait_until registered 300002 1 tcp "$(at 300002)"
	[ "$(sent away)" = 0 ]
	# Nobody but root takes away what is ours.
	run -1 there "$set" 1 300002 1 tcp 127.0.0.1.0.9
	inetd_stop
	registered 300001 1 tcp "$address"
	registered 300003 1 udp 192.0.2.1.3.4
	not_registered 300002 1 tcp
	inetd_use other
	inetd_stop
	rpcbind_stop
}

@test "what another user has registered is named, and replaced where nobody of this machine is there" {
	in_network squatters "$(probe rpcb_set)"
}

removals() {
	rpcbind_start
	inetd_start --conf "$RPC_CONF"
	wait_until ours
	there rpcinfo -d 100002 2
	not_registered 100002 2 udp
	wait_until -t 60 ours
	inetd_stop
	rpcbind_stop
}

@test "what root has taken away is registered again within half a minute" {
	in_network removals
}
