#!/usr/bin/env bats
# What a program finds when it starts: descriptors, signals, session, limits, arguments, environment.

load ../helpers/family

setup() {
	inetd_setup
	STATE=$(probe state)
}

# has WANTED... : each is a line of $state; lines that begin with ! must not be there.
has() {
	local line
	for line; do
		if [ "${line#!}" != "$line" ]; then
			! grep -qE -- "^${line#!}" <<<"$state" || fail "there is ${line#!} in: $state"
		else
			grep -qxF -- "$line" <<<"$state" || fail "no line '$line' in: $state"
		fi || return
	done
}

# lines PATTERN: those of $state, without what matched.
lines() {
	sed -nE "s/^$1//p" <<<"$state"
}

@test "the descriptor table of a child is 0 1 2" {
	local kept
	inetd_start <<-END
		{tcp} stream tcp nowait $INETD_USER $STATE
		{lent} stream tcp wait $INETD_USER $STATE state -o $INETD_DIR/lent.out
		{udp} dgram udp wait $INETD_USER $STATE state -o $INETD_DIR/udp.out
		$INETD_DIR/unix stream unix nowait $INETD_USER $STATE
		{echo} stream tcp nowait $INETD_USER internal echo
		{mux} stream tcp nowait $INETD_USER internal tcpmux
		tcpmux/state stream tcp nowait $INETD_USER $STATE
	END
	# The probe sees one that is too many.
	state=$("$STATE" 7</dev/null)
	[ "$(lines 'fd ' | grep -cx 7)" = 1 ]
	# With connections open elsewhere, so that there is something to leak.
	connect_tcp kept echo
	for state in "$(ask_tcp tcp)" "$(ask_unix "$INETD_DIR/unix")" "$(ask_tcp mux state)"; do
		[ "$(lines 'fd ' | xargs)" = '0 1 2' ] || fail "$state"
		has 'socket stream' 'flags 0 block' 'flags 1 block' 'flags 2 block'
	done
	knock lent
	wait_until test -e "$INETD_DIR/lent.out"
	state=$(cat "$INETD_DIR/lent.out")
	[ "$(lines 'fd ' | xargs)" = '0 1 2' ] || fail "$state"
	has 'socket stream listening' 'flags 0 block' 'flags 2 block'
	datagram udp
	wait_until test -e "$INETD_DIR/udp.out"
	state=$(cat "$INETD_DIR/udp.out")
	[ "$(lines 'fd ' | xargs)" = '0 1 2' ] || fail "$state"
	has 'socket dgram' 'flags 0 block' 'flags 2 block'
	close_tcp kept
	inetd_stop
}

@test "no signal is blocked, ignored or pending in a child" {
	# The probe sees them, and inetd is started with some ignored.
	state=$(trap '' USR1 QUIT PIPE; "$STATE")
	has 'not default 10' 'not default 3' 'not default 13'
	trap '' USR1 QUIT PIPE TERM CHLD
	inetd_start <<-END
		{tcp} stream tcp nowait $INETD_USER $STATE
	END
	trap - USR1 QUIT PIPE TERM CHLD
	inetd_signal HUP
	state=$(ask_tcp tcp)
	has 'session own' '!blocked' '!not default' '!pending'
	inetd_stop
}

@test "a session, the root directory, umask 022 and limits as they were" {
	local soft
	umask 077
	soft=$(($(ulimit -Hn) - 5000 > 256 ? 256 : 64))
	ulimit -Sn "$soft"
	inetd_start <<-END
		{tcp} stream tcp nowait $INETD_USER $STATE
	END
	umask 022
	state=$(ask_tcp tcp)
	has 'session own' 'group own' 'directory /' 'umask 022' "nofile $soft $(ulimit -Hn)" \
		'no_new_privs 0' 'comm state'
	# The daemon itself takes what it can get.
	grep -qE "^Max open files +$(ulimit -Hn) +$(ulimit -Hn) " "/proc/$INETD_PID/limits"
	inetd_stop
}

@test "nice and umask are those of the keys, and of defaults" {
	local own
	own=$(nice)
	start_ini <<-END
		umask = 027
		[plain]
		port = 0
		server = $STATE
		[both]
		port = 0
		server = $STATE
		nice = 3
		umask = 077
	END
	state=$(ask_tcp plain)
	has "nice $own" 'umask 027'
	state=$(ask_tcp both)
	has "nice $((own + 3 > 19 ? 19 : own + 3))" 'umask 077'
	inetd_stop
}

@test "a nice value that needs a right: with it the program runs, without it the log names the step" {
	local own key='nice = -1'
	need_root
	own=$(nice)
	((own > -20)) || skip 'the tests run with the most urgent nice value already'
	start_ini <<-END
		[urgent]
		port = 0
		server = $STATE
		$key
	END
	state=$(ask_tcp urgent)
	has "nice $((own - 1))"
	inetd_stop

	INETD_UNDER="setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice ${INETD_UNDER:-}" start_ini <<-END
		[urgent]
		port = 0
		server = $STATE
		$key
		[plain]
		port = 0
		server = $STATE
	END
	state=$(ask_tcp plain)
	has "nice $own"
	run -0 ask_tcp urgent
	[ -z "$output" ]
	wait_until inetd_log_has 'urgent: .*setpriority: Permission denied'
	inetd_stop
}

@test "arguments: any number, quotes, empty ones, argv[0]" {
	local many
	many=$(seq -s ' ' 1 500)
	inetd_start <<-END
		{none} stream tcp nowait $INETD_USER $STATE
		{own} stream tcp nowait $INETD_USER $STATE my-name
		{quoted} stream tcp nowait $INETD_USER $STATE state "" 'a  b' "c\\"d\\\\" e#f 'it'"'"'s' "#"
		{many} stream tcp nowait $INETD_USER $STATE state $many
		{long} stream tcp nowait $INETD_USER $STATE state \\
			one \\
			two
		  three
	END
	state=$(ask_tcp none)
	has "argv 0 '$STATE'" '!argv 1'
	state=$(ask_tcp own)
	has "argv 0 'my-name'" '!argv 1'
	state=$(ask_tcp quoted)
	[ "$(lines 'argv ')" = "0 'state'
1 ''
2 'a  b'
3 'c\"d\\'
4 'e#f'
5 'it's'
6 '#'" ] || fail "$state"
	state=$(ask_tcp many)
	[ "$(lines 'argv ' | tail -n 1)" = "500 '500'" ]
	state=$(ask_tcp long)
	[ "$(lines 'argv ' | xargs)" = '0 state 1 one 2 two 3 three' ] || fail "$state"
	inetd_stop
}

@test "the environment is clean, and -E keeps the daemon's" {
	export FOO=bar TZ=Europe/Paris LANG=C
	inetd_start <<-END
		{tcp} stream tcp nowait $INETD_USER $STATE
	END
	state=$(ask_tcp tcp)
	has "env USER=$INETD_USER" "env LOGNAME=$INETD_USER" 'env TZ=Europe/Paris' 'env LANG=C' '!env FOO' \
		"env HOME=$(getent passwd "$INETD_USER" | cut -d: -f6)" '!env INETD' '!env BATS'
	[ "$(lines 'env ' | grep -cE '^(PATH|SHELL)=/')" = 2 ]
	[ "$(lines 'env ' | sed 's/=.*//' | sort | uniq -d)" = '' ] || fail "$state"
	inetd_stop

	inetd_start -E <<-END
		{tcp} stream tcp nowait $INETD_USER $STATE
	END
	state=$(ask_tcp tcp)
	has 'env FOO=bar' 'env PROTO=TCP' 'env TCPREMOTEIP=127.0.0.1'
	inetd_stop
}

@test "the peer in the environment: tcp over IPv4, IPv6 and both" {
	local port
	inetd_start <<-END
		{plain} stream tcp nowait $INETD_USER $STATE
		{both} stream tcp46 nowait $INETD_USER $STATE
	END
	port=$(inetd_port plain -4)
	state=$(ask_tcp -b 127.1.2.3 plain)
	has 'env PROTO=TCP' 'env TCPLOCALIP=127.0.0.1' "env TCPLOCALPORT=$port" 'env TCPREMOTEIP=127.1.2.3' \
		'env REMOTE_HOST=127.1.2.3' 'env REMOTE_ADDR=127.1.2.3' 'env SERVER_ADDR=127.0.0.1' \
		"env SERVER_PORT=$port" 'env TCPCONNNUM=1' '!env UDP'
	[ "$(lines 'env TCPREMOTEPORT=')" = "$(lines 'env REMOTE_PORT=')" ]
	[ "$(lines 'env TCPREMOTEPORT=')" -gt 0 ]
	state=$(ask_tcp -6 plain)
	has 'env TCPLOCALIP=::1' 'env TCPREMOTEIP=::1' "env TCPLOCALPORT=$(inetd_port plain -6)"
	# IPv4 through an IPv6 socket is IPv4.
	state=$(ask_tcp -4 both)
	has 'env TCPLOCALIP=127.0.0.1' 'env TCPREMOTEIP=127.0.0.1'
	inetd_stop
}

@test "the peer in the environment: udp and unix" {
	inetd_start <<-END
		127.0.0.1:{udp} dgram udp wait $INETD_USER $STATE state -o $INETD_DIR/udp.out
		$INETD_DIR/unix stream unix nowait $INETD_USER $STATE
	END
	socat -u - "UDP4:127.0.0.1:$(inetd_port udp),bind=127.1.2.3" <<<x
	wait_until test -e "$INETD_DIR/udp.out"
	state=$(cat "$INETD_DIR/udp.out")
	has 'env PROTO=UDP' "env UDPLOCALPORT=$(inetd_port udp)" 'env UDPREMOTEIP=127.1.2.3' '!env TCP'
	state=$(ask_unix "$INETD_DIR/unix")
	has 'env PROTO=IPC' "env IPCREMOTEEUID=$(id -u)" "env IPCREMOTEEGID=$(id -g)" 'env IPCCONNNUM=1' "env IPCLOCALPATH=$INETD_DIR/unix" '!env TCP' '!env REMOTE_'
	inetd_stop
}

@test "TCPCONNNUM counts the connections of a source" {
	local first second
	inetd_start <<-END
		127.0.0.1:{tcp} stream tcp nowait $INETD_USER /bin/sh sh -c 'echo \$TCPCONNNUM; exec cat'
	END
	connect_tcp first tcp
	read -r -t 30 line <&"$first"
	[ "$line" = 1 ]
	connect_tcp second tcp
	read -r -t 30 line <&"$second"
	[ "$line" = 2 ]
	assert_answer 1 ask_tcp -b 127.0.0.9 tcp
	close_tcp first second
	wait_until field_is tcp RUNNING 0
	assert_answer 1 ask_tcp tcp
	inetd_stop
}

@test "standard error is the connection too" {
	inetd_start <<-END
		{tcp} stream tcp nowait $INETD_USER /bin/sh sh -c 'echo out; echo err >&2'
	END
	assert_answer 'out
err' ask_tcp tcp
	inetd_stop
}

@test "a lent socket is blocking again after a program has left it non-blocking" {
	inetd_script nonblocking <<-'END'
		#!/usr/bin/python3
		import os, socket, sys
		s = socket.socket(fileno=0)
		print(s.getblocking(), file=open(sys.argv[1], "a"))
		s.recv(1000)
		s.setblocking(False)
		s.detach()
	END
	inetd_start <<-END
		127.0.0.1:{udp} dgram udp wait $INETD_USER $INETD_DIR/nonblocking nonblocking $INETD_DIR/out
	END
	datagram udp one
	wait_until field_is udp RUNNING 0
	datagram udp two
	wait_until count_is 2 cat "$INETD_DIR/out"
	run ! grep -v True "$INETD_DIR/out"
	inetd_stop
}

@test "buffer sizes are applied" {
	local default
	inetd_start <<-END
		127.0.0.1:{none} stream tcp nowait $INETD_USER $STATE
		127.0.0.1:{some} stream tcp,sndbuf=20k,rcvbuf=30000 nowait $INETD_USER $STATE
		127.0.0.1:{udp} dgram udp,rcvbuf=50k wait $INETD_USER $STATE state -o $INETD_DIR/udp.out
	END
	state=$(ask_tcp none)
	default=$(lines 'buffers ')
	state=$(ask_tcp some)
	# The kernel doubles what it is told (socket(7)).
	has 'buffers 40960 60000'
	[ "$default" != '40960 60000' ]
	datagram udp
	wait_until test -e "$INETD_DIR/udp.out"
	grep -qE '^buffers [0-9]+ 102400$' "$INETD_DIR/udp.out"
	inetd_stop
}

@test "a relative program is taken from the directory inetd was started in, without the PATH" {
	cd "$INETD_DIR"
	cp state beside
	inetd_start <<-END
		{here} stream tcp nowait $INETD_USER ./beside
		{bare} stream tcp nowait $INETD_USER beside
		{path} stream tcp nowait $INETD_USER env
	END
	cd /
	state=$(ask_tcp here)
	has "argv 0 './beside'" 'directory /'
	state=$(ask_tcp bare)
	has 'directory /'
	ask_tcp path || true
	assert_log 'cannot start .*env'
	inetd_stop
}

@test "a program that cannot be executed has not started: no line about a start, and no peak" {
	start_ini <<-END
		[good]
		port = 0
		server = /bin/cat
		log = start exit
		[bad]
		port = 0
		server = $INETD_DIR/not-there
		log = start exit
	END
	assert_answer hi ask_tcp good hi
	assert_log 'good: started service=good'
	wait_until eval 'inetd_log | grep -q "good: ended with exit 0"'
	inetctl --json status good | grep -q '"peak": *1\b'
	assert_answer '' ask_tcp bad hi
	assert_log 'bad: cannot start .*not-there: exec'
	wait_until eval 'inetctl --json status bad | grep -q "\"failed\": *1\b"'
	assert_answer hi ask_tcp good hi
	wait_until count_is 2 eval 'inetd_log | grep "good: started"'
	refute_log 'bad: started'
	refute_log 'bad: ended'
	inetctl --json status bad | grep -q '"peak": *0\b'
	inetd_stop
}
