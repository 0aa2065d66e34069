#!/usr/bin/env bats
# Who may use a service, and when.

load ../helpers/family

# from ADDRESS SERVICE: true if a connection from there is served.
from() {
	[ "$(ask_tcp -h "${3:-127.0.0.1}" -b "$1" "$2" hi)" = hi ]
}

# around, away: a span of time, of two hours, that holds the minute that it is now, or is far from it.
around() {
	echo "$(date -d '-1 hour' +%H:%M)-$(date -d '+1 hour' +%H:%M)"
}

away() {
	echo "$(date -d '+9 hours' +%H:%M)-$(date -d '+11 hours' +%H:%M)"
}

@test "only_from and no_access: the most specific network decides" {
	start_ini <<-END
		[any]
		port = 0
		server = /bin/cat
		[only]
		port = 0
		server = /bin/cat
		only_from = 127.1.0.0/16, 127.0.0.1
		[not]
		port = 0
		server = /bin/cat
		no_access = 127.1.0.0/16
		[both]
		port = 0
		internal = echo
		only_from = 127.1.0.0/16 127.1.2.3
		no_access = 127.1.2.0/24 127.9.9.9
		[tie]
		port = 0
		server = /bin/cat
		only_from = 127.1.0.0/16, 127.0.0.1
		no_access = 127.1.0.0/16
	END
	for source in 127.0.0.1 127.1.2.3 127.1.2.4 127.1.3.1; do
		from $source any
	done
	from 127.1.2.3 only && from 127.0.0.1 only
	run ! from 127.2.0.1 only
	from 127.0.0.1 not && from 127.2.0.1 not
	run ! from 127.1.2.3 not
	from 127.1.3.1 both && from 127.1.2.3 both
	run ! from 127.1.2.4 both
	run ! from 127.2.0.1 both
	from 127.0.0.1 tie
	run ! from 127.1.2.3 tie
	assert_log 'tie: refused: .*service=tie peer=127.1.2.3:[0-9]+ reason=access'
	[ "$(inetd_field any REFUSED)" = 0 ]
	[ "$(inetd_field both REFUSED),$(inetd_field both STARTED)" = 2,2 ]
	[ "$(inetd_field tie REFUSED),$(inetd_field tie STARTED)" = 1,1 ]
	assert_no_leaks
	inetd_stop
}

@test "networks of IPv6, and of IPv4 on a socket that takes both" {
	start_ini <<-END
		[any]
		port = 0
		bind = *
		protocol = tcp46
		server = /bin/cat
		[four]
		port = 0
		bind = *
		protocol = tcp46
		server = /bin/cat
		only_from = 127.0.0.0/30
		[six]
		port = 0
		bind = *
		protocol = tcp46
		server = /bin/cat
		only_from = ::/16
		no_access = 127.0.0.0/8
		[none]
		port = 0
		bind = ::1
		protocol = tcp6
		server = /bin/cat
		no_access = ::1
	END
	assert_answer hi ask_tcp any hi
	assert_answer hi ask_tcp -6 any hi
	from 127.0.0.2 four
	run ! from 127.0.0.4 four
	run ! assert_answer hi ask_tcp -6 four hi
	assert_answer hi ask_tcp -6 six hi
	run ! from 127.0.0.1 six
	run ! assert_answer hi ask_tcp -6 none hi
	assert_log 'service=four peer=\[::ffff:127.0.0.4\]:'
	[ "$(inetd_field four REFUSED)" = 2 ]
	[ "$(inetd_field six REFUSED),$(inetd_field none REFUSED)" = 1,1 ]
	inetd_stop
}

@test "a reload lets others in" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
	END
	from 127.0.0.1 cat
	run ! from 127.0.0.2 cat
	sed -i 's/^only_from.*/only_from = 127.0.0.2/' "$INETD_DIR/inetd.ini"
	inetd_reload
	from 127.0.0.2 cat
	run ! from 127.0.0.1 cat
	inetd_stop
}

@test "access_times: by the hour, in the daemon's local time" {
	# Nobody else's time, so that it is seen where it is looked up in another zone.
	export TZ=TST-05:30
	start_ini <<-END
		[now]
		port = 0
		server = /bin/cat
		access_times = $(around)
		[later]
		port = 0
		server = /bin/cat
		access_times = $(away)
		[elsewhere]
		port = 0
		server = /bin/cat
		access_times = $(TZ=TST+05:30 around)
		[builtin]
		port = 0
		internal = echo
		access_times = $(away), $(around)
		[wait]
		port = 0
		wait = yes
		server = /usr/bin/python3
		server_args = -c 'import socket; socket.socket(fileno=0).accept()[0].sendall(b"hi")'
		access_times = $(around)
	END
	for name in now builtin wait; do
		assert_answer hi ask_tcp $name hi
	done
	for name in later elsewhere; do
		run ! assert_answer hi ask_tcp $name hi
		[ "$(inetd_field $name REFUSED),$(inetd_field $name STARTED)" = 1,0 ]
	done
	assert_log 'service=later peer=127.0.0.1:[0-9]+ reason=access_times'
	assert_no_leaks
	inetd_stop
}

@test "access_times: datagrams of a built-in are answered at its times only" {
	local client
	start_ini <<-END
		[now]
		protocol = udp
		port = 0
		internal = echo
		access_times = $(around)
		[later]
		protocol = udp
		port = 0
		internal = echo
		access_times = $(away)
	END
	assert_answer hi ask_udp now hi
	exec {client}<>"/dev/udp/127.0.0.1/$(inetd_port later)"
	echo hi >&"$client"
	wait_until field_is later REFUSED 1
	run read -r -t 0.2 <&"$client"
	[ "$status" -gt 128 ] # nothing came
	exec {client}>&-
	assert_log 'later: 1 datagrams not answered, not at this time service=later peer=127.0.0.1:[0-9]+'
	inetd_stop
}

@test "access_times: by the day" {
	export TZ=UTC LC_ALL=C
	start_ini <<-END
		[today]
		port = 0
		server = /bin/cat
		access_times = $(date +%a), $(date -d '1 day' +%a) 00:00-01:00
		[days]
		port = 0
		server = /bin/cat
		access_times = $(date -d '3 days' +%a)-$(date -d '5 days' +%a)
	END
	assert_answer hi ask_tcp today hi
	run ! assert_answer hi ask_tcp days hi
	[ "$(inetd_field days REFUSED)" = 1 ]
	inetd_stop
}

@test "a wait service is not lent outside its times: what comes is closed" {
	inetd_script accept <<-'END'
		#!/usr/bin/python3
		import socket
		socket.socket(fileno=0).accept()[0].sendall(b"served")
	END
	start_ini <<-END
		[now]
		port = 0
		wait = yes
		server = $INETD_DIR/accept
		access_times = $(TZ=UTC around)
		[later]
		port = 0
		wait = yes
		server = $INETD_DIR/accept
		access_times = $(TZ=UTC away)
		[echo]
		port = 0
		internal = echo
	END
	inetd_stop
	TZ=UTC inetd_start --conf "$INETD_DIR/inetd.ini"
	assert_answer served ask_tcp now
	for _ in 1 2 3; do
		assert_answer '' ask_tcp later
	done
	[ "$(inetd_field later REFUSED),$(inetd_field later STARTED),$(inetd_field later STATE)" = 3,0,ready ]
	sed -i "/^\[later/,/^\[echo/s/^access_times.*/access_times = $(TZ=UTC around)/" "$INETD_DIR/inetd.ini"
	inetd_reload
	assert_answer served ask_tcp later
	assert_no_leaks
	inetd_stop
}

@test "a source that is refused too often is ignored for a while" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.2
		deny_time = 2s
		deny_after = 3
		[fast]
		port = 0
		server = /bin/cat
		per_source_rate = 2/hour
		deny_time = 1h
		deny_after = 1
	END
	from 127.0.0.1 cat
	for _ in 1 2 3 4 5; do
		run ! from 127.0.0.2 cat
	done
	assert_log 'service=cat peer=127.0.0.2:[0-9]+ reason=access'
	assert_log 'service=cat peer=127.0.0.2:[0-9]+ reason=deny_time'
	from 127.0.0.1 cat
	[ "$(inetd_field cat REFUSED)" = 5 ]
	# It comes back, as far as the rules allow; here a reload has it allowed.
	from 127.0.0.3 fast && from 127.0.0.3 fast
	run ! from 127.0.0.3 fast
	inetd_log_mark
	run ! from 127.0.0.3 fast
	assert_log 'service=fast peer=127.0.0.3:[0-9]+ reason=deny_time'
	from 127.0.0.4 fast
	sed -i '/^no_access/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until from 127.0.0.2 cat
	inetd_stop
}

@test "exempt networks are limited by the service only" {
	local one two
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		per_source = 1
		per_source_rate = 3/hour
		instances = 2
		exempt = 127.0.0.0/31
		deny_time = 1h
		deny_after = 1
	END
	for _ in 1 2 3; do
		wait_until field_is cat RUNNING 0
		from 127.0.0.2 cat
	done
	run ! from 127.0.0.2 cat
	for _ in 1 2 3 4 5; do
		from 127.0.0.1 cat
	done
	wait_until field_is cat RUNNING 0
	connect_tcp one cat
	connect_tcp two cat
	wait_until field_is cat RUNNING 2
	(close_inherited && ask_tcp cat hi >"$INETD_DIR/answer") &
	local third=$!
	wait_until field_is cat STATE full
	wait_until queued "$(inetd_port cat)" 1
	[ ! -s "$INETD_DIR/answer" ]
	close_tcp one two
	wait $third
	[ "$(cat "$INETD_DIR/answer")" = hi ]
	[ "$(inetd_field cat REFUSED)" = 1 ]
	assert_no_leaks
	inetd_stop
}

@test "unix peers come at the rate of their user" {
	need_root
	start_ini <<-END
		[cat]
		protocol = unix
		port = $INETD_DIR/unix
		bind = *
		server = /bin/cat
		per_source_rate = 2/hour
	END
	for _ in 1 2; do
		assert_answer hi ask_unix "$INETD_DIR/unix" hi
	done
	run ! assert_answer hi ask_unix "$INETD_DIR/unix" hi
	assert_answer hi setpriv --reuid=nobody --clear-groups socat -t 30 - "UNIX-CONNECT:$INETD_DIR/unix" <<<hi
	run ! assert_answer hi ask_unix "$INETD_DIR/unix" hi
	[ "$(inetctl list | awk 'NR == 2 { print $6 }')" = 2 ]
	inetd_stop
}

# datagrams PORT FROM...: sends one from each address, in this order, and prints what comes back to the last.
datagrams() {
	python3 - "$@" <<-'END'
		import os, socket, sys
		for source in sys.argv[2:]:
		    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    s.bind((source, 0))
		    s.sendto(source.encode(), ("127.0.0.1", int(sys.argv[1])))
		s.settimeout(30 * int(os.environ.get("INETD_PATIENCE", "1")))
		print(s.recv(100).decode())
	END
}

@test "denied datagrams for a program never come to its socket, the next allowed one is served" {
	local denied port
	inetd_script answer <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		data, peer = s.recvfrom(100)
		s.sendto(b"from " + data, peer)
	END
	start_ini <<-END
		[any]
		protocol = udp
		port = 0
		server = $INETD_DIR/answer
		[some]
		protocol = udp
		port = 0
		server = $INETD_DIR/answer
		no_access = 127.0.0.0/8
		only_from = 127.0.0.1
	END
	# Each alone, or the first is answered and the next one starts another program.
	assert_answer 'from 127.0.0.2' datagrams "$(inetd_port any)" 127.0.0.2
	port=$(inetd_port some)
	assert_answer 'from 127.0.0.1' datagrams "$port" 127.0.0.1
	wait_until field_is some STATE ready
	# The kernel drops them: nobody counts them, and they start nothing.
	mapfile -t denied < <(seq -f 127.0.0.%g 2 60)
	assert_answer 'from 127.0.0.1' datagrams "$port" "${denied[@]}" 127.0.0.1
	[ "$(inetd_field some REFUSED),$(inetd_field some STARTED)" = 0,2 ]
	wait_until field_is some STATE ready
	assert_no_leaks
	inetd_stop
}

@test "refusals are logged as log and log_level say" {
	start_ini <<-END
		[loud]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		[silent]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		log = none
		[level]
		port = 0
		server = /bin/cat
		only_from = 127.0.0.1
		log_level = warning
	END
	for name in loud silent level; do
		from 127.0.0.1 $name
		run ! from 127.0.0.2 $name
		[ "$(inetd_field $name REFUSED)" = 1 ]
	done
	assert_log 'service=loud .*reason=access'
	refute_log 'service=(silent|level) .*reason='
	inetd_stop
}

@test "deny_scope = all: who touches a trap is ignored by every service, but where it is exempt" {
	start_ini <<-END
		[trap]
		port = 0
		internal = discard
		no_access = 0.0.0.0/0
		deny_time = 5min
		deny_after = 1
		deny_scope = all
		[own]
		port = 0
		internal = discard
		no_access = 0.0.0.0/0
		deny_time = 5min
		deny_after = 1
		[program]
		port = 0
		server = /bin/cat
		[builtin]
		port = 0
		internal = echo
		[exempt]
		port = 0
		server = /bin/cat
		exempt = 127.0.0.2
		[mux]
		port = 0
		internal = tcpmux
		[named]
		mux = named
		server = /bin/cat
	END
	run ! from 127.0.0.2 own
	for name in program builtin exempt; do
		from 127.0.0.2 $name
	done
	run ! from 127.0.0.2 trap
	run ! from 127.0.0.2 program
	run ! from 127.0.0.2 builtin
	from 127.0.0.2 exempt
	[ -z "$(ask_tcp -b 127.0.0.2 mux $'named\r\n')" ]
	for name in program builtin exempt; do
		from 127.0.0.3 $name
	done
	assert_log 'program: refused: its source was refused too often .*peer=127.0.0.2:[0-9]+ reason=deny_time'
	# What is counted stays over a reload, until it is taken back.
	inetd_reload
	run ! from 127.0.0.2 program
	[[ $(inetctl unblock 127.0.0.2) == *'trap: 1 source unblocked'* ]]
	from 127.0.0.2 program && from 127.0.0.2 builtin
	run ! from 127.0.0.2 trap
	run ! from 127.0.0.2 program
	# A trap that is gone holds nobody.
	sed -i 's/deny_scope = all/deny_scope = service/' "$INETD_DIR/inetd.ini"
	inetd_reload
	from 127.0.0.2 program
	assert_no_leaks
	inetd_stop
}

@test "access_times: several spans of hours in a row" {
	start_ini <<-END
		[open]
		port = 0
		server = /bin/cat
		access_times = $(away) $(around)
		[closed]
		port = 0
		server = /bin/cat
		access_times = $(away) $(away)
	END
	from 127.0.0.1 open
	run ! from 127.0.0.1 closed
	inetd_stop
}

# send_unix NUMBER: so many datagrams to the socket of a service, from one peer.
send_unix() {
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for i in range(int(sys.argv[2])):
    s.sendto(b"%d\n" % i, sys.argv[1])' "$INETD_DIR/dgram" "$1"
}

@test "access_times: each unix datagram that is refused is counted once, and the first one in time is served" {
	inetd_script take <<-END
		#!/usr/bin/python3
		import socket
		open("$INETD_DIR/taken", "a").write(socket.socket(fileno=0).recv(100).decode())
	END
	start_ini <<-END
		[dgram]
		listen = $INETD_DIR/dgram
		socket_type = dgram
		wait = yes
		server = $INETD_DIR/take
		access_times = $(away)
	END
	send_unix 5
	wait_until field_is dgram REFUSED 5
	wait_until count_is 0 inetd_children
	field_is dgram REFUSED 5
	sed -i '/^access_times/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	send_unix 3
	wait_until count_is 3 cat "$INETD_DIR/taken"
	field_is dgram REFUSED 5
	wait_until field_is dgram RUNNING 0
	assert_no_leaks
	inetd_stop
}
