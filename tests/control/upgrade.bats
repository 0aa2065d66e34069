#!/usr/bin/env bats
# Another program in the daemon's place: what goes on, and that one that cannot take the place does not.

load ../helpers/family
load ../helpers/upgrade

setup() {
	inetd_setup
	own_program
}

# socket_of NAME: the inode of the socket that a service listens on.
socket_of() {
	ss -Hltne "sport = :$(inetd_port "$1")" | grep -o 'ino:[0-9]*'
}

@test "process, sockets, programs, sessions and counters are those of before" {
	local held session before
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		[udp]
		protocol = udp
		port = 0
		internal = echo
	END
	assert_answer hi ask_tcp cat hi
	connect_tcp held cat
	connect_tcp session echo
	says "$held" one
	says "$session" one
	before=$(socket_of cat)
	inetctl list >"$INETD_DIR/before"
	upgraded
	inetctl list | diff "$INETD_DIR/before" -
	[ "$(socket_of cat)" = "$before" ]
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	# One word for ps(1), although an option more stood there.
	[ -n "${INETD_UNDER:-}" ] || [ "$(tr '\0' '|' <"/proc/$INETD_PID/cmdline")" = 'inetd: 3 services|' ]
	says "$held" two
	says "$session" two
	assert_answer hi ask_udp udp hi
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp echo hi
	upgraded
	says "$held" three
	# What was logged before is there, in its order.
	inetctl events >"$INETD_DIR/events"
	[ "$(grep -c 'upgrade: trying' "$INETD_DIR/events")" = 2 ]
	head -1 "$INETD_DIR/events" | grep -q 'started: 3 services'
	inetctl events --json | python3 -c 'import json, sys; json.load(sys.stdin)'
	says "$session" three
	close_tcp held session
	wait_until field_is cat RUNNING 0
	wait_until field_is echo RUNNING 0
	field_is cat STARTED 3
	field_is echo STARTED 2
	assert_no_leaks
	wait_until count_is 1 inetd_worker
	inetd_stop
}

@test "USR2 is the same" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	same_program
	inetd_signal USR2
	assert_log 'upgraded to inetd'
	[ "$(figure upgrades)" = 1 ]
	[ "$(executed)" = "$(stat -c %i "$INETD")" ]
	inetd_stop
}

# seconds_in NAME: for how long a service has been in its state.
seconds_in() {
	inetctl status --json "$1" | python3 -c 'import json, sys
print(next(record["since"] for record in json.load(sys.stdin) if record["record"] == "service"))'
}

# longer_in SECONDS NAME: whether that is longer.
longer_in() {
	[ "$(seconds_in "$2")" -gt "$1" ]
}

# backlog_of NAME: how many connections may wait in the queue of a service's socket.
backlog_of() {
	ss -Hltn "sport = :$(inetd_port "$1")" | awk '{ print $3 }'
}

@test "sockets have the options that the configuration asks for since, and keep the others" {
	start_ini <<-END
		[tcp]
		port = 0
		backlog = 5
		server = /bin/cat
		[unix]
		listen = $INETD_DIR/socket
		socket_mode = 0600
		server = /bin/cat
	END
	[ "$(backlog_of tcp)" = 5 ]
	upgraded
	[ "$(backlog_of tcp)" = 5 ]
	[ "$(stat -c %a "$INETD_DIR/socket")" = 600 ]
	sed -i 's/backlog = 5/backlog = 7/; s/0600/0640/' "$INETD_DIR/inetd.ini"
	upgraded
	[ "$(backlog_of tcp)" = 7 ]
	[ "$(stat -c %a "$INETD_DIR/socket")" = 640 ]
	inetd_stop
}

@test "services are in their states since when they were before" {
	inetd_script waiter <<-'END'
		#!/bin/sh
		exec sleep 60
	END
	start_ini <<-END
		[plain]
		port = 0
		server = /bin/cat
		[waiter]
		port = 0
		wait = yes
		server = $INETD_DIR/waiter
	END
	connect_tcp held waiter
	wait_until field_is waiter STATE lent
	wait_until longer_in 1 plain
	wait_until longer_in 1 waiter
	upgraded
	# Anew it would be nothing, and with a slow machine it is more.
	longer_in 1 plain
	longer_in 1 waiter
	field_is waiter STATE lent
	close_tcp held
	inetctl stop waiter
	inetd_stop
}

# pauses_over_upgrade NAME: it pauses before and after one, and nobody waits there who would make it do so anew.
pauses_over_upgrade() {
	field_is "$1" STATE backoff || { : >"/dev/tcp/127.0.0.1/$(inetd_port "$1")" && false; } || return
	upgraded && field_is "$1" STATE backoff
}

@test "a service that pauses between tries goes on pausing over an upgrade" {
	inetd_script program </dev/null
	start_ini <<-END
		[broken]
		port = 0
		server = $INETD_DIR/program
	END
	rm "$INETD_DIR/program"
	# Each time it pauses for longer.
	wait_until pauses_over_upgrade broken
	inetd_script program <<-'END'
		#!/bin/sh
		exec cat
	END
	assert_answer hi ask_tcp broken hi
	field_is broken STATE ready
	inetd_stop
}

@test "connections in the queue wait for their turn over an upgrade" {
	local one waiter
	start_ini <<-END
		[cat]
		port = 0
		instances = 1
		server = /bin/cat
	END
	connect_tcp one cat
	wait_until field_is cat STATE full
	(close_inherited && ask_tcp cat hi >"$INETD_DIR/answer") &
	waiter=$!
	wait_until queued "$(inetd_port cat)" 1
	upgraded
	queued "$(inetd_port cat)" 1
	says "$one" there
	close_tcp one
	wait $waiter
	[ "$(cat "$INETD_DIR/answer")" = hi ]
	inetd_stop
}

@test "who waits for a PROXY header, or has sent a part of one, is served after the upgrade" {
	local silent half line
	start_ini <<-END
		[cat]
		port = 0
		proxy_protocol = 127.0.0.0/8
		server = /bin/cat
	END
	# One after the other, as the time for a header goes on meanwhile.
	connect_tcp half cat
	printf 'PROXY TCP4 192.0.2' >&"$half"
	upgraded
	printf '.7 198.51.100.1 1 2\r\nhalf\n' >&"$half"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$half"
	[ "$line" = half ]
	connect_tcp silent cat
	upgraded
	printf 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\nsilent\n' >&"$silent"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$silent"
	[ "$line" = silent ]
	close_tcp silent half
	wait_until field_is cat RUNNING 0
	field_is cat STARTED 2
	inetd_stop
}

# unread_is NAME BYTES: true if a connection of a service has so many bytes that nobody has read.
unread_is() {
	ss -Htn state established "( sport = :$(inetd_port "$1") )" | awk -v bytes="$2" '$1 == bytes { found = 1 } END { exit !found }'
}

@test "who waits for a place after his PROXY header gets it after the upgrade, and is counted once" {
	local one two line
	start_ini <<-END
		[cat]
		port = 0
		proxy_protocol = 127.0.0.0/8
		instances = 1
		server = /bin/cat
	END
	connect_tcp one cat
	connect_tcp two cat
	printf 'PROXY TCP4 192.0.2.7 ' >&"$two"
	printf 'PROXY TCP4 192.0.2.8 198.51.100.1 1 2\r\none\n' >&"$one"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$one"
	[ "$line" = one ]
	printf '198.51.100.1 1 2\r\nnext\n' >&"$two"
	wait_until unread_is cat 5
	upgraded
	upgraded
	says "$one" still
	unread_is cat 5
	close_tcp one
	read -r -t $((30 * INETD_PATIENCE)) line <&"$two"
	[ "$line" = next ]
	field_is cat RUNNING 1
	close_tcp two
	wait_until field_is cat RUNNING 0
	field_is cat STARTED 2
	field_is cat REFUSED 0
	assert_no_leaks
	inetd_stop
}

@test "max_time holds on, and so do programs that were told to end" {
	local held stubborn
	inetd_script stubborn <<-'END'
		#!/bin/sh
		trap '' TERM
		echo ready
		while :; do sleep 1; done
	END
	start_ini <<-END
		log = exit
		[cat]
		port = 0
		max_time = 3
		server = /bin/cat
		[stubborn]
		port = 0
		max_time = 1
		kill_after = 2
		server = $INETD_DIR/stubborn
	END
	connect_tcp held cat
	says "$held" one
	connect_tcp stubborn stubborn
	read -r -t 30 line <&"$stubborn"
	assert_log 'stubborn: .*max_time'
	upgraded
	assert_log 'stubborn: ended with signal 9'
	assert_log 'cat: .*max_time'
	assert_no_leaks
	inetd_stop
}

@test "a wait program keeps its socket, which is the daemon's again when it ends" {
	local first
	inetd_script waiter <<-'END'
		#!/usr/bin/python3
		import os, socket
		listener = socket.socket(fileno=0)
		text = ''
		while text != 'end':
		    connection = listener.accept()[0]
		    text = connection.makefile().readline().strip()
		    connection.sendall(b'%d' % os.getpid())
		    connection.close()
	END
	start_ini <<-END
		[waiter]
		port = 0
		wait = yes
		server = $INETD_DIR/waiter
	END
	first=$(ask_tcp waiter hi)
	field_is waiter STATE lent
	upgraded
	field_is waiter STATE lent
	field_is waiter RUNNING 1
	assert_answer "$first" ask_tcp waiter hi
	assert_answer "$first" ask_tcp waiter end
	wait_until field_is waiter STATE ready
	field_is waiter RUNNING 0
	assert_answer -e '^[0-9]+$' ask_tcp waiter end
	wait_until field_is waiter STARTED 2
	assert_no_leaks
	inetd_stop
}

@test "standard errors that are logged go on being read, from within a line" {
	local held
	inetd_script talks <<-'END'
		#!/bin/sh
		printf 'half a ' >&2
		read -r line
		printf 'line\nmore\n' >&2
		read -r line
	END
	start_ini <<-END
		log = exit
		[talks]
		port = 0
		stderr = log
		server = $INETD_DIR/talks
	END
	connect_tcp held talks
	wait_until field_is talks RUNNING 1
	upgraded
	echo go >&"$held"
	assert_log 'talks: stderr: half a line service=talks peer=127.0.0.1:[0-9]+ pid=[0-9]+'
	assert_log 'talks: stderr: more'
	upgraded
	echo go >&"$held"
	close_tcp held
	assert_log 'talks: ended with exit 0'
	assert_no_leaks
	inetd_stop
}

@test "what was disabled by hand stays closed until a reload" {
	local port
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		[other]
		port = 0
		server = /bin/cat
	END
	port=$(inetd_port cat)
	inetctl disable cat
	upgraded
	field_is cat STATE disabled
	run ask_tcp "$port" hi
	[ "$status" != 0 ]
	assert_answer hi ask_tcp other hi
	inetd_reload
	field_is cat STATE ready
	inetd_stop
}

@test "limits of a source, and who was refused too often, are known afterwards" {
	local held
	start_ini <<-END
		[few]
		port = 0
		per_source = 1
		server = /bin/cat
		[strict]
		port = 0
		per_source_rate = 1/hour
		deny_time = 1h
		deny_after = 2
		server = /bin/cat
	END
	connect_tcp held few
	says "$held" hi
	assert_answer hi ask_tcp -b 127.0.0.2 few hi
	assert_answer hi ask_tcp strict hi
	assert_answer '' ask_tcp strict hi
	upgraded
	assert_answer '' ask_tcp few hi
	assert_answer hi ask_tcp -b 127.0.0.2 few hi
	assert_answer '' ask_tcp strict hi
	assert_answer '' ask_tcp strict hi
	upgraded
	assert_answer '' ask_tcp strict hi
	inetctl status strict
	inetctl unblock 127.0.0.1
	assert_answer hi ask_tcp -b 127.0.0.3 strict hi
	close_tcp held
	wait_until field_is few RUNNING 0
	assert_answer hi ask_tcp few hi
	inetd_stop
}

@test "a service that the configuration has no more: its programs go on, and are known when it is back" {
	local held
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		max_time = 1h
		[other]
		port = 0
		server = /bin/cat
	END
	connect_tcp held cat
	says "$held" one
	cp "$INETD_DIR/inetd.ini" "$INETD_DIR/whole"
	sed -i '/^\[cat\]/,/max_time/d' "$INETD_DIR/inetd.ini"
	upgraded
	says "$held" two
	run ! inetd_rows cat
	upgraded
	says "$held" three
	cp "$INETD_DIR/whole" "$INETD_DIR/inetd.ini"
	inetd_reload
	field_is cat RUNNING 1
	close_tcp held
	wait_until field_is cat RUNNING 0
	inetd_stop
}

@test "a service that is gone and one that has its name since are told apart" {
	local held
	start_ini <<-END
		[one]
		port = 0
		server = /bin/cat
		[two]
		listen = $INETD_DIR/two
		server = /bin/cat
	END
	connect_tcp held one
	says "$held" one
	assert_answer hi ask_unix "$INETD_DIR/two" hi
	wait_until field_is two RUNNING 0
	sed -i '/^\[one\]/,/cat/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	sed -i 's/^\[two\]/[one]/' "$INETD_DIR/inetd.ini"
	inetd_reload
	for _ in 1 2 3; do
		field_is one RUNNING 0
		field_is one STARTED 1
		[ "$(figure programs)" = 1 ]
		upgraded
		says "$held" again
	done
	refute_log 'is lost'
	close_tcp held
	# shellcheck disable=SC2016 # for eval
	wait_until eval '[ "$(figure programs)" = 0 ]'
	field_is one RUNNING 0
	inetd_stop
}

@test "a program that crashes, hangs, is missing or of another machine: the daemon goes on" {
	local held
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	connect_tcp held cat
	says "$held" one

	new_program <<-'END'
		#!/bin/sh
		kill -SEGV $$
	END
	stays 'has ended with signal 11 '
	new_program <<-'END'
		#!/bin/sh
		exit 0
	END
	stays 'has ended with exit 0, and has not said'
	new_program <<-'END'
		#!/bin/sh
		echo ok
		exit 3
	END
	stays 'has ended with exit 3, and has not said'
	rm "$INETD"
	stays 'No such file'
	# A header for a machine that there is not.
	{ head -c 18 "$B/inetd" && printf '\xad\xde' && tail -c +21 "$B/inetd"; } | new_program
	stays 'Exec format error'
	# The state is changed on its way.
	new_program <<-END
		#!/bin/sh
		sed '1s/version#1/version#999/' <&3 >$INETD_DIR/state
		exec $B/inetd "\$@" 3<$INETD_DIR/state
	END
	stays 'cannot go on from here: the state: .*version is 999.*known$'
	# Another file comes while this one is tried, which says that all is well.
	cp "$B/inetd" "$INETD.other"
	new_program <<-END
		#!/bin/sh
		mv $INETD.other $INETD
		exec $B/inetd "\$@"
	END
	stays 'another file than the one that was tried'

	says "$held" two
	assert_answer hi ask_tcp cat hi
	upgraded
	says "$held" three
	inetd_stop
}

@test "a program that says nothing is given up after 10 s, and clients are served meanwhile" {
	local held asked
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	new_program <<-'END'
		#!/bin/sh
		exec sleep 60
	END
	(close_inherited && inetctl upgrade >"$INETD_DIR/said" 2>&1) &
	asked=$!
	wait_until inetd_children sleep
	assert_answer hi ask_tcp cat hi
	run inetctl upgrade
	[ "$status" = 1 ]
	[[ $output == *'another one is under way'* ]]
	run wait $asked
	wait_until grep 'within 10 s' "$INETD_DIR/said"
	assert_no_leaks
	upgraded
	inetd_stop
}

@test "errors in the configuration that would end a service keep the program" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		[other]
		port = 0
		server = /bin/cat
	END
	sed -i '0,/server = .bin.cat/s//sever = nothing/' "$INETD_DIR/inetd.ini"
	same_program
	stays 'cannot go on from here: cat would not be served any more because of errors in the configuration$'
	assert_answer hi ask_tcp cat hi
	sed -i 's/sever = nothing/server = \/bin\/cat/' "$INETD_DIR/inetd.ini"
	upgraded
	assert_answer hi ask_tcp cat hi
	inetd_stop
}

@test "the state of each format that was released is understood" {
	local state count=0
	for state in "$TOP"/tests/state/v*; do
		count=$((count + 1))
		inetd_script inetd <<-END
			#!/bin/sh
			exec $B/inetd --take-up-state=3 "\$@" 3<$state
		END
		INETD=$INETD_DIR/inetd
		start_ini <<-END
			[cat]
			port = 0
			server = /bin/cat
			[other]
			port = 0
			server = /bin/cat
			[echo]
			port = 0
			internal = echo
			[strict]
			port = 0
			per_source_rate = 1/hour
			deny_time = 1h
			deny_after = 2
			server = /bin/cat
			[new]
			port = 0
			server = /bin/cat
		END
		field_is cat STARTED 4
		field_is cat RUNNING 0
		field_is other STATE disabled
		field_is echo STARTED 1
		field_is strict REFUSED 2
		field_is new STARTED 0
		# It is ignored still, and counted for it.
		assert_answer '' ask_tcp strict hi
		field_is strict REFUSED 3
		inetctl metrics | grep 'inetd_service_refused_total{.*service="strict".*reason="deny_time".* 1$'
		assert_answer hi ask_tcp cat hi
		assert_answer hi ask_tcp -b 127.0.0.2 strict hi
		[ "$(figure upgrades)" = 1 ]
		inetd_stop
	done
	[ "$count" -ge 1 ]
}

@test "a program that somebody else can put another in the place of is not executed" {
	need_root
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
	END
	upgraded
	chown nobody: "$INETD_DIR/bin"
	stays "$INETD can be replaced by others: its directory belongs to uid"
	chown root: "$INETD_DIR/bin"
	chmod 777 "$INETD_DIR/bin"
	stays "$INETD can be replaced by others: everyone may write to its directory"
	chmod 755 "$INETD_DIR/bin"
	chown nobody: "$INETD"
	stays "$INETD can be replaced by others: it belongs to uid"
	chown root: "$INETD"
	upgraded
	assert_answer hi ask_tcp cat hi
	inetd_stop
}
