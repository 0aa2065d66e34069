#!/usr/bin/env bats
# Limits of a service, of the machine and of all services: who waits, who is refused, who comes next.

load ../helpers/family

# waiter SERVICE: asks in the background; $INETD_DIR/SERVICE.answer appears with the answer. Sets $waiter.
waiter() {
	(close_inherited && ask_tcp "$1" hi >"$INETD_DIR/$1.part" &&
		mv "$INETD_DIR/$1.part" "$INETD_DIR/$1.answer") &
	waiter=$!
}

answered() {
	wait_until test -e "$INETD_DIR/$1.answer" && [ "$(cat "$INETD_DIR/$1.answer")" = hi ] &&
		rm "$INETD_DIR/$1.answer"
}

# load_is AVERAGE: the load of one minute that inetds see which are started after fake_load. Always of the same
# length, so that it is never seen half written.
load_is() {
	echo "$1" 1<>"$INETD_DIR/loadavg"
}

fake_load() {
	need_plain
	load_is "$1"
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/loadavg.so FAULT_LOADAVG=$INETD_DIR/loadavg"
}

@test "instances: the next one waits, or is refused with a text" {
	local one
	start_ini <<-END
		[queue]
		port = 0
		server = /bin/cat
		instances = 1
		[refuse]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
		[text]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
		busy_message = come again\n
		[echo]
		port = 0
		internal = echo
		instances = 1
		overload = refuse
		busy_message = no echo now
	END
	for name in queue refuse text echo; do
		assert_answer hi ask_tcp $name hi
		wait_until field_is $name RUNNING 0
	done
	connect_tcp one queue
	wait_until field_is queue RUNNING 1
	waiter queue
	wait_until field_is queue STATE full
	wait_until queued "$(inetd_port queue)" 1
	[ ! -e "$INETD_DIR/queue.answer" ]
	close_tcp one
	answered queue
	[ "$(inetd_field queue REFUSED)" = 0 ]
	for name in refuse text echo; do
		connect_tcp one $name
		wait_until field_is $name RUNNING 1
		case $name in
		refuse) assert_answer '' ask_tcp refuse ;;
		text) assert_answer 'come again' ask_tcp text hi ;;
		echo) assert_answer 'no echo now' ask_tcp echo hi ;;
		esac
		[ "$(inetd_field $name STATE),$(inetd_field $name REFUSED)" = ready,1 ]
		assert_log "service=$name peer=127.0.0.1:[0-9]+ reason=instances"
		close_tcp one
		wait_until field_is $name RUNNING 0
		assert_answer hi ask_tcp $name hi
	done
	assert_no_leaks
	inetd_stop
}

@test "rate: refused above it, until the bucket has a token again" {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		rate = 2/hour
		burst = 2
		overload = refuse
		busy_message = too fast
		[none]
		port = 0
		server = /bin/cat
		rate = 1/hour
		overload = refuse
	END
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp cat hi
	assert_answer 'too fast' ask_tcp cat hi
	[ "$(inetd_field cat STATE)" = ready ]
	assert_log 'service=cat peer=127.0.0.1:[0-9]+ reason=rate'
	sed -i 's|2/hour|60/min|' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp none hi
	run ! assert_answer hi ask_tcp none hi
	inetd_stop
}

@test "a service over its rate never closes, and comes back within its bucket's time" {
	local port before
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		rate = 10/s
		burst = 10
		[refuse]
		port = 0
		server = /bin/cat
		rate = 2/s
		burst = 2
		overload = refuse
	END
	port=$(inetd_port cat)
	before=$(date +%s%3N)
	run -0 "$B/tests/bin/swarm" -a -c 30 -n 30 hi hi "$port"
	[ "$output" = 'answered 30 refused 0 reset 0 wrong 0 late 0' ]
	# Ten at once, the others one each tenth of a second.
	[ $(($(date +%s%3N) - before)) -ge 1900 ]
	[ "$(inetd_field cat REFUSED)" = 0 ]
	wait_until field_is cat STATE ready
	run "$B/tests/bin/outcomes" -n 500 "refuse:serve:$(inetd_port refuse):127.0.0.2+:500"
	[[ $output =~ ' refused 0 late 0' ]]
	wait_until assert_answer hi ask_tcp refuse hi
	inetd_stop
}

@test "the limits of a source: refused with the text; others notice nothing" {
	local one
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		per_source = 1
		busy_message = one at a time
		[rate]
		port = 0
		server = /bin/cat
		per_source_rate = 1/hour
		busy_message = one an hour
	END
	connect_tcp one cat
	wait_until field_is cat RUNNING 1
	assert_answer 'one at a time' ask_tcp cat hi
	assert_answer hi ask_tcp -b 127.0.0.2 cat hi
	close_tcp one
	wait_until field_is cat RUNNING 0
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp rate hi
	assert_answer 'one an hour' ask_tcp rate hi
	assert_answer hi ask_tcp -b 127.0.0.2 rate hi
	assert_no_leaks
	inetd_stop
}

@test "a busy message arrives whole, whatever the client has sent before" {
	local one
	printf '%099d\n' {1..10} >"$INETD_DIR/busy"
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		instances = 1
		overload = refuse
		busy_message = $INETD_DIR/busy
	END
	connect_tcp one cat
	wait_until field_is cat RUNNING 1
	python3 - "$(inetd_port cat)" "$INETD_DIR/busy" <<-'END'
		import os, socket, sys
		text = open(sys.argv[2], "rb").read()
		assert len(text) == 1000
		for size in (0, 1, 1000, 100000, 1000000):
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    s.setblocking(False)
		    try:
		        s.send(bytes(size))
		    except BlockingIOError:
		        pass
		    s.settimeout(30 * int(os.environ.get("INETD_PATIENCE", "1")))
		    got = b""
		    while more := s.recv(4096):
		        got += more
		    assert got == text, (size, len(got))
	END
	close_tcp one
	wait_until field_is cat RUNNING 0
	assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "max_load: above it what comes waits, or is refused, and is served when the load has gone" {
	fake_load 9.00
	start_ini <<-END
		[free]
		port = 0
		server = /bin/cat
		[high]
		port = 0
		server = /bin/cat
		max_load = 9.01
		[queue]
		port = 0
		server = /bin/cat
		max_load = 9
		[echo]
		port = 0
		internal = echo
		max_load = 0.01
		[refuse]
		port = 0
		server = /bin/cat
		max_load = 8.99
		overload = refuse
		busy_message = too busy
		[wait]
		port = 0
		wait = yes
		server = /usr/bin/python3
		server_args = -c 'import socket; socket.socket(fileno=0).accept()[0].sendall(b"hi")'
		max_load = 5
	END
	assert_answer hi ask_tcp free hi
	assert_answer hi ask_tcp high hi
	for name in queue echo wait; do
		waiter $name
		wait_until field_is $name STATE load
		[ ! -e "$INETD_DIR/$name.answer" ]
	done
	assert_answer 'too busy' ask_tcp refuse hi
	assert_log 'service=refuse peer=127.0.0.1:[0-9]+ reason=max_load'
	assert_log 'queue: the load average has reached 9.00, further connections wait'
	load_is 0.00
	for name in queue echo wait; do
		answered $name
		wait_until field_is $name STATE ready
		[ "$(inetd_field $name REFUSED),$(inetd_field $name STARTED)" = 0,1 ]
	done
	wait_until assert_answer hi ask_tcp refuse hi
	load_is 9.50
	# What was read a second ago holds for so long.
	wait_until run ! assert_answer hi ask_tcp refuse hi
	waiter queue
	wait_until field_is queue STATE load
	sed -i '/^max_load/d' "$INETD_DIR/inetd.ini"
	inetd_reload
	answered queue
	assert_no_leaks
	inetd_stop
}

@test "max_load: a reload that has a service refuse holds for who waits already" {
	fake_load 9.00
	start_ini <<-END
		[queue]
		port = 0
		server = /bin/cat
		max_load = 9
		busy_message = too busy
		[still]
		port = 0
		server = /bin/cat
		max_load = 9
	END
	waiter still
	wait_until field_is still STATE load
	(close_inherited && ask_tcp queue hi >"$INETD_DIR/queue.part" &&
		mv "$INETD_DIR/queue.part" "$INETD_DIR/queue.answer") &
	wait_until field_is queue STATE load
	sed -i 's/^busy_message/overload = refuse\n&/' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until test -e "$INETD_DIR/queue.answer"
	[ "$(cat "$INETD_DIR/queue.answer")" = 'too busy' ]
	wait_until field_is still STATE load
	[ ! -e "$INETD_DIR/still.answer" ]
	load_is 0.00
	answered still
	assert_answer hi ask_tcp queue hi
	assert_no_leaks
	inetd_stop
}

@test "max_load, with the load that there is" {
	start_ini <<-END
		[low]
		port = 0
		server = /bin/cat
		max_load = 0.01
		overload = refuse
		[high]
		port = 0
		server = /bin/cat
		max_load = 100000
		overload = refuse
	END
	assert_answer hi ask_tcp high hi
	(close_inherited && while :; do :; done) &
	local burner=$!
	wait_until -t 30 run ! assert_answer hi ask_tcp low hi
	kill $burner
	assert_answer hi ask_tcp high hi
	assert_log 'service=low peer=127.0.0.1:[0-9]+ reason=max_load'
	inetd_stop
}

@test "children: a total over all services; who comes then waits, or is refused" {
	local one two
	start_ini <<-END
		[inetd]
		children = 2
		[one]
		port = 0
		server = /bin/cat
		[two]
		port = 0
		server = /bin/cat
		[wait]
		port = 0
		wait = yes
		server = /usr/bin/python3
		server_args = -c 'import socket; socket.socket(fileno=0).accept()[0].sendall(b"hi")'
		[dgram]
		port = 0
		protocol = udp
		server = /usr/bin/python3
		server_args = -c 'import socket; socket.socket(fileno=0).recv(9)'
		[refuse]
		port = 0
		server = /bin/cat
		overload = refuse
		busy_message = too many
		no_access = 127.0.0.2
		banner_fail = not you
		[echo]
		port = 0
		internal = echo
	END
	for name in one two wait refuse echo; do
		assert_answer hi ask_tcp $name hi
	done
	wait_until inetd_at_rest
	connect_tcp one one
	connect_tcp two two
	wait_until field_is one RUNNING 1
	wait_until field_is two RUNNING 1
	waiter one
	waiter wait
	datagram dgram hi
	for name in one wait dgram; do
		wait_until field_is $name STATE children
		[ ! -e "$INETD_DIR/$name.answer" ]
	done
	assert_answer 'too many' ask_tcp refuse hi
	# Who may not come at all is told so.
	assert_answer 'not you' ask_tcp -b 127.0.0.2 refuse hi
	assert_answer hi ask_tcp echo hi
	assert_log 'service=refuse peer=127.0.0.1:[0-9]+ reason=children'
	assert_log "as many programs as 'children' allows are running, further connections wait"
	close_tcp one
	answered one
	answered wait
	wait_until field_is dgram STARTED 1
	wait_until field_is dgram STATE ready
	wait_until assert_answer hi ask_tcp refuse hi
	for name in one wait dgram; do
		[ "$(inetd_field $name REFUSED)" = 0 ]
	done
	close_tcp two
	assert_no_leaks
	inetd_stop
}

@test "children: a reload that changes the number" {
	local one
	start_ini <<-END
		[inetd]
		children = 1
		[one]
		port = 0
		server = /bin/cat
		[two]
		port = 0
		server = /bin/cat
	END
	connect_tcp one one
	wait_until field_is one RUNNING 1
	waiter two
	wait_until field_is two STATE children
	inetd_reload
	wait_until field_is two STATE children
	[ ! -e "$INETD_DIR/two.answer" ]
	sed -i 's/^children.*/children = 2/' "$INETD_DIR/inetd.ini"
	inetd_reload
	answered two
	wait_until field_is two RUNNING 0
	sed -i 's/^children.*/children = 1/' "$INETD_DIR/inetd.ini"
	inetd_reload
	waiter two
	wait_until field_is two STATE children
	# The definitions that an error keeps are the same as before, and let go all the same.
	sed -i -e 's/^children.*/children = 2/' -e 's,^server.*,server,' "$INETD_DIR/inetd.ini"
	run inetd_reload
	[ "$status" = 2 ]
	answered two
	close_tcp one
	assert_no_leaks
	inetd_stop
}

@test "children: a reload lets go whom the total does not keep waiting any more" {
	local holder
	start_ini <<-END
		[inetd]
		children = 1
		[holder]
		port = 0
		server = /bin/cat
		[builtin]
		listen = $INETD_DIR/builtin
		protocol = unix
		server = /bin/cat
		[refuse]
		port = 0
		server = /bin/cat
		busy_message = too many
		[still]
		port = 0
		server = /bin/cat
	END
	connect_tcp holder holder
	wait_until field_is holder RUNNING 1
	(close_inherited && ask_unix "$INETD_DIR/builtin" hi >"$INETD_DIR/builtin.part" &&
		mv "$INETD_DIR/builtin.part" "$INETD_DIR/builtin.answer") &
	waiter refuse
	waiter still
	for name in builtin refuse still; do
		wait_until field_is $name STATE children
	done
	sed -i -e '/^.builtin/,/^server/s,^server.*,internal = echo,' -e 's/^busy_message/overload = refuse\n&/' \
		"$INETD_DIR/inetd.ini"
	inetd_reload
	answered builtin
	wait_until test -e "$INETD_DIR/refuse.answer"
	[ "$(cat "$INETD_DIR/refuse.answer")" = 'too many' ]
	field_is builtin STATE ready
	field_is refuse STATE ready
	field_is still STATE children
	close_tcp holder
	answered still
	assert_no_leaks
	inetd_stop
}

@test "children: services take turns, one start each" {
	local holder pids=()
	inetd_script name <<-'END'
		#!/bin/sh
		echo "$1" >>"${0%/*}/order"
	END
	chmod 1777 "$INETD_DIR"
	start_ini <<-END
		[inetd]
		children = 1
		[holder]
		port = 0
		server = /bin/cat
		[many]
		port = 0
		server = $INETD_DIR/name
		server_args = many
		[few]
		port = 0
		server = $INETD_DIR/name
		server_args = few
	END
	connect_tcp holder holder
	wait_until field_is holder RUNNING 1
	for _ in {1..10}; do
		(close_inherited && ask_tcp many) &
		pids+=($!)
	done
	wait_until queued "$(inetd_port many)" 10
	wait_until field_is many STATE children
	for _ in 1 2 3; do
		(close_inherited && ask_tcp few) &
		pids+=($!)
	done
	wait_until queued "$(inetd_port few)" 3
	wait_until field_is few STATE children
	close_tcp holder
	wait "${pids[@]}"
	[ "$(head -n 6 "$INETD_DIR/order" | xargs)" = 'many few many few many few' ] ||
		fail "$(xargs <"$INETD_DIR/order")"
	count_is 13 cat "$INETD_DIR/order"
	assert_no_leaks
	inetd_stop
}

@test "children: room for two is not one service's alone" {
	local fds=() fd
	start_ini <<-END
		[inetd]
		children = 1
		[holder]
		port = 0
		server = /bin/cat
		[many]
		port = 0
		server = /bin/cat
		[few]
		port = 0
		server = /bin/cat
	END
	for name in holder many many many few; do
		exec {fd}<>"/dev/tcp/127.0.0.1/$(inetd_port $name)"
		fds+=("$fd")
		if [ $name = holder ]; then
			wait_until field_is holder RUNNING 1
		else
			wait_until field_is $name STATE children
		fi
	done
	wait_until queued "$(inetd_port many)" 3
	wait_until queued "$(inetd_port few)" 1
	sed -i 's/^children.*/children = 3/' "$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until field_is few RUNNING 1
	wait_until field_is many RUNNING 1
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	wait_until field_is many STARTED 3
	assert_no_leaks
	inetd_stop
}

@test "children: the sockets of one service take turns too" {
	local holder pids=() port
	inetd_script name <<-'END'
		#!/bin/sh
		echo "$TCPLOCALIP" >>"${0%/*}/order"
	END
	chmod 1777 "$INETD_DIR"
	start_ini <<-END
		[inetd]
		children = 1
		[holder]
		port = 0
		server = /bin/cat
		[both]
		listen = 127.0.0.1:0 127.0.0.2:0
		server = $INETD_DIR/name
	END
	connect_tcp holder holder
	wait_until field_is holder RUNNING 1
	for address in 127.0.0.1{,,,,,,,,,} 127.0.0.2; do
		port=$(inetctl list | sed -n "s/.* $address:\([0-9]*\) .*\/name .*/\1/p")
		(close_inherited && ask_tcp -h "$address" "$port") &
		pids+=($!)
	done
	wait_until queued "$port" 1
	wait_until field_is both STATE children
	close_tcp holder
	wait "${pids[@]}"
	count_is 11 cat "$INETD_DIR/order"
	head -n 4 "$INETD_DIR/order" | grep -qx 127.0.0.2 || fail "$(xargs <"$INETD_DIR/order")"
	assert_no_leaks
	inetd_stop
}

@test "children: who was let in and does not start hands the turn on" {
	local holder
	need_reports
	start_ini <<-END
		[inetd]
		children = 1
		[holder]
		port = 0
		server = /bin/cat
		[bad]
		port = 0
		server = $INETD_DIR/missing
		[cat]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.2
	END
	connect_tcp holder holder
	wait_until field_is holder RUNNING 1
	waiter bad
	wait_until field_is bad STATE children
	(close_inherited && ask_tcp -b 127.0.0.2 cat) &
	wait_until queued "$(inetd_port cat)" 1
	wait_until field_is cat STATE children
	waiter cat
	wait_until queued "$(inetd_port cat)" 2
	close_tcp holder
	answered cat
	[ "$(inetd_field bad FAILED),$(inetd_field cat REFUSED)" = 1,1 ]
	assert_no_leaks
	inetd_stop
}

# many_refused SERVICE NUMBER: true if more than so many were.
many_refused() {
	[ "$(inetd_field "$1" REFUSED)" -gt "$2" ]
}

@test "a flood that is refused keeps nobody else waiting" {
	start_ini <<-END
		[flooded]
		port = 0
		server = /bin/cat
		rate = 1/hour
		overload = refuse
		busy_message = no
		[cat]
		port = 0
		server = /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	("$B/tests/bin/outcomes" -n 1000000 -c 256 -t 60 \
		"flooded:shut:$(inetd_port flooded):127.0.1.0+" >/dev/null 3>&-) &
	local flood=$!
	wait_until many_refused flooded 1000
	for _ in {1..20}; do
		assert_answer hi ask_tcp -t 2 cat hi
	done
	kill $flood
	wait $flood || true
	assert_answer hi ask_tcp cat hi
	wait_until assert_no_leaks
	inetd_stop
}
