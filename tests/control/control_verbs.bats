#!/usr/bin/env bats
# What an administrator changes in a running daemon: enable, disable, stop, drain, kill, unblock,
# log-level; and diff, which says what a reload would change.

load ../helpers/family
load ../helpers/control

# wait_program NAME: a program that is lent a socket and lives until it is told to end: says its pid in
# $INETD_DIR/NAME.pid. With an argument it does not hear TERM.
wait_program() {
	inetd_script "$1" <<-END
		#!/usr/bin/python3
		import signal, socket, os, sys
		if sys.argv[1:]:
		    signal.signal(signal.SIGTERM, signal.SIG_IGN)
		sock = socket.socket(fileno=0)
		open("$INETD_DIR/$1.new", "w").write(str(os.getpid()))
		os.rename("$INETD_DIR/$1.new", "$INETD_DIR/$1.pid")
		if sock.type != socket.SOCK_DGRAM:
		    conn, _ = sock.accept()
		    conn.sendall(b"served\n")
		    conn.close()
		signal.pause()
	END
}

# stubborn: a program that does not hear TERM, and leaves a child that does not either.
stubborn() {
	inetd_script stubborn <<-END
		#!/bin/sh
		trap '' TERM
		sleep 1000 <&- >&- 2>&- &
		echo \$! >"$INETD_DIR/child"
		echo \$\$
		while :; do sleep 1000; done
	END
}

@test "disable closes the socket, connections go on, enable opens it again" {
	local held port
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{other} stream tcp nowait $INETD_USER /bin/cat
	END
	port=$(inetd_port cat)
	assert_answer hi ask_tcp cat hi
	connect_tcp held cat
	wait_until field_is cat RUNNING 1
	run -0 control disable "127.0.0.1:0"
	run -0 control disable 0
	[[ $output == *'is disabled already'* ]]
	wait_until refused "$port"
	state_is 0 disabled
	[ "$(control_field service 0 enabled)" = 0 ]
	assert_log 'disabled by inetctl service='
	# Whoever is served stays so.
	echo still >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = still ]
	close_tcp held
	# And again, of one alone, by a reload and by enable.
	run -0 control reload
	wait_until state_is 0 ready
	assert_answer hi ask_tcp cat hi
	inetd_rebase
	run -0 control disable 0
	run -0 control enable 0
	[[ $output == *enabled* ]]
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp other hi
	run -0 control enable 0
	[[ $output == *'enabled already'* ]]
	assert_no_leaks
	inetd_stop
}

@test "disabled are those that are meant: by name, with protocol, with address" {
	inetd_start <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER internal echo
		127.0.0.1:0 dgram udp wait $INETD_USER internal echo
		127.0.0.2:0 stream tcp nowait $INETD_USER internal echo
		@inetd-test-$$ stream unix nowait $INETD_USER /bin/cat
	END
	run -0 control disable 0/udp
	[ "$(control list | grep -c 'enabled#0')" = 1 ]
	control list | grep 'enabled#0' | grep -q 'protocol=udp'
	run -0 control reload
	run -0 control disable 127.0.0.2:0
	[ "$(control list | grep -c 'enabled#0')" = 1 ]
	run -0 control disable 0
	[ "$(control list | grep -c 'enabled#0')" = 3 ]
	assert_answer hi ask_unix "@inetd-test-$$" hi
	run -0 control disable "@inetd-test-$$"
	run ask_unix "@inetd-test-$$" hi
	[[ $output == *'refused'* ]]
	run -1 control disable "inetd-test-$$"
	[[ $output == *"did you mean @inetd-test-$$"* ]]
	run -1 control enable nonsense
	[[ $output == *"no service is called 'nonsense'"* ]]
	run -2 control disable
	[[ $output == *'takes an argument'* ]]
	inetd_stop
}

@test "a disabled unix path is gone, and comes back" {
	inetd_start <<-END
		$INETD_DIR/s stream unix nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_unix "$INETD_DIR/s" hi
	run -0 control disable "$INETD_DIR/s"
	[ ! -e "$INETD_DIR/s" ]
	run -0 control enable "$INETD_DIR/s"
	assert_answer hi ask_unix "$INETD_DIR/s" hi
	inetd_stop
}

@test "disable takes datagram sockets from the worker" {
	local port
	inetd_start <<-END
		127.0.0.1:{echo} dgram udp wait $INETD_USER internal echo
	END
	assert_answer hi ask_udp echo hi
	port=$(inetd_port echo)
	run -0 control disable 0
	wait_until socket_gone "$port"
	run -0 control enable 0
	assert_answer hi ask_udp echo hi
	inetd_stop
}

# socket_gone PORT: true if no datagram socket has the port.
socket_gone() {
	[ -z "$(ss -Hlun "sport = :$1")" ] || fail "$(ss -Hlunp "sport = :$1")"
}

@test "disable of a lent stream socket refuses at once and ends the program, for which enable does not wait" {
	local port pid
	wait_program lent
	inetd_start <<-END
		127.0.0.1:{lent} stream tcp wait $INETD_USER $INETD_DIR/lent lent deaf
	END
	port=$(inetd_port lent)
	assert_answer served ask_tcp lent
	pid=$(cat "$INETD_DIR/lent.pid")
	state_is 0 lent
	run -0 control disable 0
	[[ $output == *'TERM sent to 1 program with its socket'* ]] || fail "$output"
	refused "$port"
	state_is 0 disabled
	kill -0 "$pid" # it hears no TERM
	rm "$INETD_DIR/lent.pid"
	run -0 control enable 0
	assert_answer served ask_tcp lent
	[ "$(cat "$INETD_DIR/lent.pid")" != "$pid" ]
	# What the first one leaves behind opens nothing.
	run -0 control disable 0
	kill -KILL "$pid" "$(cat "$INETD_DIR/lent.pid")"
	wait_until inetd_gone "$pid" "$(cat "$INETD_DIR/lent.pid")"
	wait_until grep -q 'running#0' <(control list)
	state_is 0 disabled
	inetd_stop
}

@test "disable of a lent socket of packets refuses too" {
	local name=@inetd-test-packets-$$
	wait_program lent
	inetd_start <<-END
		$name seqpacket unix wait $INETD_USER $INETD_DIR/lent
	END
	assert_answer served ask_unix -s "$name"
	wait_until test -s "$INETD_DIR/lent.pid"
	state_is "$name" lent
	run -0 control disable "$name"
	run ask_unix -s "$name"
	[[ $status != 0 && $output == *'Connection refused'* ]] || fail "$status: $output"
	wait_until inetd_gone "$(cat "$INETD_DIR/lent.pid")"
	inetd_stop
}

# free_port: a port of 127.0.0.1 that was free a moment ago.
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# take_port PORT VARIABLE: a program that has nothing to do with inetd listens there; its pid is put into the variable.
take_port() {
	local -n take_pid=$2
	(close_inherited && exec socat "TCP4-LISTEN:$1,bind=127.0.0.1,fork,reuseaddr" EXEC:cat) &
	take_pid=$!
	wait_until socat -u /dev/null "TCP4:127.0.0.1:$1"
}

@test "a disabled socket that could not be bound is not tried again" {
	local first second a b
	first=$(free_port)
	take_port "$first" a
	second=$(free_port)
	take_port "$second" b
	inetd_start <<-END
		127.0.0.1:$first stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:$second stream tcp nowait $INETD_USER /bin/cat
	END
	state_is "$first" bind
	state_is "$second" bind
	run -0 control disable "$first"
	kill "$a" "$b"
	# Both would be tried at the same time, in this order.
	wait_until state_is "$second" ready
	refused "$first"
	state_is "$first" disabled
	run -0 control enable "$first"
	assert_answer hi ask_tcp "$first" hi
	inetd_stop
}

@test "enable says when the port has been taken meanwhile, and goes on trying" {
	local port taker
	inetd_start <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 control disable 0
	port=$(free_port)
	inetd_config <<-END
		127.0.0.1:$port stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 control reload
	assert_answer hi ask_tcp "$port" hi
	run -0 control disable "$port"
	take_port "$port" taker
	run -1 control enable "$port"
	[[ $output == *'will retry'* ]]
	kill "$taker"
	wait_until state_is "$port" ready
	assert_answer hi ask_tcp "$port" hi
	inetd_stop
}

# no_longer THAN NAME STATE: succeeds if the service is in that state, and came to it after the moment THAN, in
# microseconds.
no_longer() {
	local since
	state_is "$2" "$3" || return
	since=$(control_field service "$2" since) || return
	((since <= (${EPOCHREALTIME/./} - $1) / 1000000)) || fail "$2 is $3 since $since s"
}

# is_for_a_second NAME
is_for_a_second() {
	[ "$(control_field service "$1" since)" -ge 1 ]
}

@test "since when: a state begins when what keeps it from another ends, of the service or of its socket" {
	local port taker before
	port=$(free_port)
	take_port "$port" taker
	inetd_start <<-END
		127.0.0.1:$port stream tcp nowait $INETD_USER /bin/cat
	END
	state_is "$port" bind
	wait_until is_for_a_second "$port"
	before=${EPOCHREALTIME/./}
	run -0 control disable "$port"
	no_longer "$before" "$port" disabled
	run -1 control enable "$port"
	no_longer "$before" "$port" bind
	wait_until is_for_a_second "$port"
	before=${EPOCHREALTIME/./}
	kill "$taker"
	wait_until state_is "$port" ready
	no_longer "$before" "$port" ready
	inetd_stop
}

@test "full from the last program that may run on, whether somebody waits or not, through a reload" {
	local first second before
	start_ini <<-'END'
		[two]
		port = 0
		server = /bin/cat
		instances = 2
		[busy]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
	END
	connect_tcp first two
	wait_until field_is two RUNNING 1
	state_is two ready
	wait_until is_for_a_second two
	before=${EPOCHREALTIME/./}
	connect_tcp second two
	wait_until field_is two RUNNING 2
	no_longer "$before" two full
	# A reload does not make it another, nor since when.
	wait_until is_for_a_second two
	run -0 control reload
	state_is two full
	is_for_a_second two
	field_is two STATE full
	run -0 control metrics
	grep -qx 'inetd_service_ready{service="two"} 0' <<<"$output"
	grep -qx 'inetd_service_ready{service="busy"} 1' <<<"$output"
	inetd_signal USR1
	assert_log 'two: statistics .*state=full'
	connect_tcp third two
	wait_until queued "$(inetd_port two)" 1
	state_is two full
	is_for_a_second two
	run -0 control reload
	state_is two full
	close_tcp third
	# Others are refused where they need not wait: that is no hold.
	connect_tcp fourth busy
	wait_until field_is busy RUNNING 1
	state_is busy ready
	# A higher limit is room.
	sed -i 's/^instances = 2/instances = 4/' "$INETD_DIR/inetd.ini"
	run -0 control reload
	wait_until state_is two ready
	sed -i 's/^instances = 4/instances = 2/' "$INETD_DIR/inetd.ini"
	run -0 control reload
	wait_until field_is two RUNNING 2
	state_is two full
	wait_until is_for_a_second two
	before=${EPOCHREALTIME/./}
	close_tcp first
	wait_until field_is two RUNNING 1
	no_longer "$before" two ready
	close_tcp second fourth
	inetd_stop
}

@test "a disabled tcpmux service is not offered" {
	inetd_start <<-END
		127.0.0.1:{mux} stream tcp nowait $INETD_USER internal tcpmux
		tcpmux/+cat stream tcp nowait $INETD_USER /bin/cat
		tcpmux/+other stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer -e '^\+Go' ask_tcp mux cat
	run -0 control disable tcpmux/+cat
	assert_answer -e '^-' ask_tcp mux cat
	assert_answer -e '^other.?$' ask_tcp mux help
	run -0 control enable tcpmux/+cat
	assert_answer -e '^\+Go' ask_tcp mux cat
	inetd_stop
}

@test "stop ends programs, with all they have started, and sessions" {
	local held echoed pid child
	stubborn
	start_ini <<-END
		[stubborn]
		port = 0
		server = $INETD_DIR/stubborn
		kill_after = 1s
		[gentle]
		port = 0
		server = /bin/cat
		log = exit
		[echo]
		port = 0
		internal = echo
		[discard]
		port = 0
		internal = discard
	END
	connect_tcp held stubborn
	read -r -t 30 pid <&"$held"
	wait_until test -s "$INETD_DIR/child"
	child=$(cat "$INETD_DIR/child")
	connect_tcp gentle gentle
	connect_tcp echoed echo
	connect_tcp kept discard
	wait_until field_is gentle RUNNING 1
	wait_until field_is discard RUNNING 1
	wait_until field_is echo RUNNING 1
	run -0 control stop gentle
	[[ $output == *'TERM sent to 1 program,'* ]]
	wait_until field_is gentle RUNNING 0
	assert_log 'gentle: ended with signal 15 .*reason=stop'
	run -0 control stop echo
	[[ $output == *'1 session closed'* ]]
	# The client sees the end.
	run -0 timeout 60 cat <&"$echoed"
	wait_until field_is echo RUNNING 0
	[ "$(inetd_field discard RUNNING)" = 1 ]
	run -0 control stop stubborn
	wait_until inetd_gone "$pid" "$child"
	wait_until field_is stubborn RUNNING 0
	state_is stubborn disabled
	close_tcp held gentle echoed kept
	wait_until field_is discard RUNNING 0
	inetd_stop
}

@test "drain: nobody new, who is served is served to the end, then it exits" {
	local held echoed port
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
		$INETD_DIR/off stream unix nowait $INETD_USER /bin/cat
	END
	port=$(inetd_port cat)
	connect_tcp held cat
	connect_tcp echoed echo
	wait_until field_is cat RUNNING 1
	wait_until field_is echo RUNNING 1
	run -0 control disable "$INETD_DIR/off"
	run -0 control diff
	[[ $output == *"enabled again: $INETD_DIR/off"* ]] || fail "$output"
	run -0 control drain
	[[ $output == *'1 program and 1 session still'* ]]
	refused "$port"
	[ "$(control list | grep -c state=draining)" = 6 ]
	run -1 control reload
	[[ $output == *stopping* ]]
	run -1 control enable 0
	[[ $output == *draining* ]]
	# Nor would a reload open what was disabled, or take what is new.
	echo "127.0.0.1:0 stream tcp nowait $INETD_USER /bin/true" >>"$INETD_DIR/inetd.conf"
	run -0 control diff
	[ "$output" = 'a reload would change nothing: the daemon is stopping' ] || fail "$output"
	inetd_signal HUP
	run -0 control list
	refused "$port"
	echo still >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = still ]
	close_tcp held
	wait_until grep -q '^draining: 0 programs and 1 session still' <(control drain)
	inetd_running
	close_tcp echoed
	inetd_ended
	assert_log 'drained'
	[ ! -e "$INETD_DIR/control" ]
	[ ! -e "$INETD_DIR/pid" ]
}

@test "drain of a daemon that serves nobody answers and ends at once" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 control drain
	[[ $output == 'draining: 0 programs'* ]]
	inetd_ended
}

@test "TERM ends a daemon that drains at once" {
	local held
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	connect_tcp held cat
	wait_until field_is cat RUNNING 1
	run -0 control drain
	inetd_stop
	echo still >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = still ]
	close_tcp held
}

@test "drain tells the service manager" {
	export NOTIFY_SOCKET=$INETD_DIR/notify
	: >"$INETD_DIR/notified"
	(close_inherited && exec socat -u "UNIX-RECV:$NOTIFY_SOCKET" "OPEN:$INETD_DIR/notified,append") &
	listener=$!
	wait_until test -S "$NOTIFY_SOCKET"
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	connect_tcp held cat
	wait_until field_is cat RUNNING 1
	run ! grep -q STOPPING "$INETD_DIR/notified"
	run -0 control drain
	wait_until grep -q STOPPING=1 "$INETD_DIR/notified"
	wait_until grep -q EXTEND_TIMEOUT_USEC= "$INETD_DIR/notified"
	close_tcp held
	inetd_ended
	kill $listener
}

@test "kill: one program, all of a service, and nobody else" {
	local a b c pid
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	for name in a b c; do
		connect_tcp $name cat
	done
	wait_until field_is cat RUNNING 3
	pid=$(control connections | sed -n 's/.*pid#\([0-9]*\).*/\1/p' | head -n 1)
	run -0 control kill "$pid"
	wait_until field_is cat RUNNING 2
	inetd_gone "$pid"
	run -1 control kill "$pid"
	[[ $output == *'is not a program of a service'* ]]
	(close_inherited && exec sleep 1000) &
	stranger=$!
	for pid in 1 $stranger "$INETD_PID" "$(inetd_worker)"; do
		run -1 control kill "$pid"
		[[ $output == *'is not a program of a service'* ]]
	done
	kill -0 "$stranger"
	kill "$stranger"
	inetd_running
	run -1 control kill -1
	run -1 control kill 99999999999999999999
	run -0 control kill 127.0.0.1:0
	wait_until field_is cat RUNNING 0
	run -1 control kill 127.0.0.1:0
	[[ $output == *'runs'* ]]
	assert_answer hi ask_tcp cat hi
	close_tcp a b c
	inetd_stop
}

@test "kill: a number that is a process and a service is neither" {
	local held pid
	inetd_config <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	: >"$INETD_DIR/number.ini"
	inetd_start --conf "$INETD_DIR/inetd.conf" --conf "$INETD_DIR/number.ini"
	connect_tcp held cat
	wait_until field_is cat RUNNING 1
	pid=$(control connections | sed -n 's/.*pid#\([0-9]*\).*/\1/p')
	# The name of a service need not be the number of its port.
	printf '%s\n' "[127.0.0.1:$pid/tcp]" "listen = 127.0.0.1:0" "user = $INETD_USER" server=/bin/cat \
		>"$INETD_DIR/number.ini"
	run -0 control reload
	run -1 control kill "$pid"
	[[ $output == *'a process and a service'* ]]
	[ "$(inetd_children cat)" = "$pid" ]
	run -0 control kill 127.0.0.1:0
	wait_until inetd_gone "$pid"
	close_tcp held
	inetd_stop
}

@test "unblock: who was refused too often may come again" {
	start_ini <<-END
		[a]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.2 127.0.0.3
		deny_time = 1h
		deny_after = 1
	END
	assert_answer hi ask_tcp a hi
	for source in 127.0.0.2 127.0.0.3 127.0.0.2 127.0.0.3; do
		run ask_tcp -b $source a hi
	done
	wait_until grep -q 'refused_deny_time#2' <(control status a)
	grep -q 'refused_no_access#2\|refused_access#2' <(control status a)
	# Allowed now, but still ignored: then forgiven, one alone.
	sed -i /no_access/d "$INETD_DIR/inetd.ini"
	port=$(inetd_port a)
	run -0 control reload
	[ "$(inetd_port a)" = "$port" ]
	[ "$(ask_tcp -b 127.0.0.2 a hi)" != hi ]
	run -0 control unblock 127.0.0.9
	[[ $output == *'no service has blocked'* ]]
	[ "$(ask_tcp -b 127.0.0.2 a hi)" != hi ]
	run -0 control unblock 127.0.0.2
	[[ $output == *'a: 1 source unblocked'* ]]
	assert_answer hi ask_tcp -b 127.0.0.2 a hi
	[ "$(ask_tcp -b 127.0.0.3 a hi)" != hi ]
	run -0 control unblock 127.0.0.0/8
	assert_answer hi ask_tcp -b 127.0.0.3 a hi
	run -1 control unblock nonsense
	[[ $output == *'not an address or network'* ]]
	run -1 control unblock 127.0.0.0/33
	inetd_stop
}

@test "log-level: until a reload" {
	start_ini <<-END
		[a]
		port = 0
		server = /bin/cat
		log = start
	END
	assert_answer hi ask_tcp a hi
	assert_log 'a: started'
	run -0 control log-level warning
	inetd_log_mark
	assert_answer hi ask_tcp a hi
	run -0 control stats
	[[ $output == *log_level=warning* ]]
	refute_log 'a: started'
	run -0 control reload
	assert_answer hi ask_tcp a hi
	assert_log 'a: started'
	run -1 control log-level loud
	[[ $output == *'err warning notice info debug'* ]]
	inetd_stop
}

@test "diff says what a reload would change, and changes nothing" {
	start_ini <<-END
		[same]
		port = 0
		server = /bin/cat
		[other]
		port = 0
		server = /bin/cat
		instances = 5
		[gone]
		port = @gone-$$
		server = /bin/cat
	END
	run -0 control diff
	[ "$output" = 'a reload would change nothing' ]
	cat >"$INETD_DIR/inetd.ini" <<-END
		[inetd]
		children = 9
		[defaults]
		bind = 127.0.0.1
		user = $INETD_USER
		[new]
		port = 0
		internal = echo
		[same]
		port = 0
		server = /bin/cat
		[other]
		port = 0
		server = /bin/cat
		instances = 6
		per_source = 3
	END
	run -0 control diff
	echo "$output" >"$INETD_DIR/said"
	grep -qx 'changed: \[inetd\]' "$INETD_DIR/said"
	grep -qx -- '-children = unlimited' "$INETD_DIR/said"
	grep -qx -- '+children = 9' "$INETD_DIR/said"
	grep -qx 'changed: other' "$INETD_DIR/said"
	grep -qx -- '-instances = 5' "$INETD_DIR/said"
	grep -qx -- '+instances = 6' "$INETD_DIR/said"
	grep -qx -- '+per_source = 3' "$INETD_DIR/said"
	grep -qx 'removed: gone' "$INETD_DIR/said" || grep -qx "removed: @gone-$$" "$INETD_DIR/said"
	grep -qx 'added: new' "$INETD_DIR/said"
	grep -qx -- '+internal = echo' "$INETD_DIR/said"
	[ "${lines[-1]}" = 'a reload would change: 1 added, 1 removed, 2 changed, 0 enabled again' ]
	run ! grep -q same "$INETD_DIR/said"
	# Nothing has happened, and what was said is what comes.
	run -0 control diff
	[ "$output" = "$(cat "$INETD_DIR/said")" ]
	run -0 control disable same
	run -0 control diff
	[[ $output == *'enabled again: same'* ]]
	run -0 control reload
	run -0 control diff
	[ "$output" = 'a reload would change nothing' ]
	inetd_stop
}

@test "diff with mistakes: said first, what they keep is named" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		$INETD_DIR/s stream unix nowait $INETD_USER /bin/cat
	END
	cat >"$INETD_DIR/inetd.conf" <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat
		$INETD_DIR/t stream unix never $INETD_USER /bin/cat
	END
	run -2 control diff
	[[ ${lines[0]} == *inetd.conf:2:\ error:* ]]
	[[ $output == *"kept: $INETD_DIR/s, because of the errors"* ]]
	[ "${lines[-1]}" = 'a reload would change nothing' ]
	run -2 control reload
	[[ $output == *'kept'* ]]
	assert_answer hi ask_unix "$INETD_DIR/s" hi
	inetd_stop
}
