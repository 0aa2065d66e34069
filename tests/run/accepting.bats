#!/usr/bin/env bats
# shellcheck disable=SC2016 # shell text in quotes
# Accepting connections, and the limits that decide whether a program is started.

load ../helpers/family

# waiter NAME FILE: asks in the background; FILE has the answer when there is one. Sets $waiter.
waiter() {
	(close_inherited && ask_tcp "$1" hi >"$2.part" && mv "$2.part" "$2") &
	waiter=$!
}

# hang_up PORT [FROM]: connects and resets at once.
hang_up() {
	socat -u OPEN:/dev/null "TCP4:127.0.0.1:$1,linger=0${2:+,bind=$2}"
}

@test "many at once" {
	inetd_start <<-END
		127.0.0.1:{up} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z
	END
	run -0 "$B/tests/bin/swarm" -a -c $((100 / INETD_PATIENCE)) -n 400 hello HELLO "$(inetd_port up)"
	[ "$(inetd_field up STARTED)" = 400 ]
	assert_no_leaks
	inetd_stop
}

@test "at most N at once; the next one waits, and is served when one ends" {
	local one two
	inetd_start -c 2 <<-END
		127.0.0.1:{slash} stream tcp nowait/2 $INETD_USER /bin/cat
		127.0.0.1:{comma} stream,2 tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{option} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait/2 $INETD_USER internal echo
		127.0.0.1:{three} stream tcp nowait/3 $INETD_USER /bin/cat
	END
	connect_tcp one three
	connect_tcp two three
	wait_until field_is three RUNNING 2
	assert_answer hi ask_tcp three hi
	close_tcp one two
	for name in slash comma option echo; do
		connect_tcp one "$name"
		connect_tcp two "$name"
		wait_until field_is "$name" RUNNING 2
		waiter "$name" "$INETD_DIR/$name.answer"
		wait_until field_is "$name" STATE full
		wait_until queued "$(inetd_port "$name")" 1
		[ ! -e "$INETD_DIR/$name.answer" ]
		[ "$(inetd_field "$name" REFUSED)" = 0 ]
		close_tcp one
		wait "$waiter"
		[ "$(cat "$INETD_DIR/$name.answer")" = hi ]
		close_tcp two
	done
	assert_log '2 are running.*service='
	assert_no_leaks
	inetd_stop
}

# is_late: three a minute is one in 20 s, which a virtual machine may have taken since $began.
is_late() {
	((SECONDS - began > 15))
}

@test "at most N starts a minute; above it the service waits, and is not closed" {
	local began
	inetd_start <<-END
		127.0.0.1:{dot} stream tcp nowait.3 $INETD_USER /bin/cat
		127.0.0.1:{colon} stream tcp nowait:3 $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait.3 $INETD_USER internal echo
		127.0.0.1:{free} stream tcp nowait.0 $INETD_USER /bin/cat
	END
	for name in dot colon echo; do
		began=$SECONDS
		for _ in 1 2 3; do
			assert_answer hi ask_tcp "$name" hi
		done
		waiter "$name" "$INETD_DIR/$name.answer"
		wait_until eval 'is_late || field_is "$name" STATE rate'
		wait_until eval 'is_late || queued "$(inetd_port "$name")" 1'
		is_late || [ ! -e "$INETD_DIR/$name.answer" ]
	done
	for _ in 1 2 3 4 5; do
		assert_answer hi ask_tcp free hi
	done
	assert_log 'over 3 starts in 60 s'
	# Nobody waits for a minute here: a higher rate lets them in.
	sed -i 's/nowait[.:]3/nowait.6000/' "$INETD_DIR/inetd.conf"
	inetd_reload
	for name in dot colon echo; do
		wait_until test -e "$INETD_DIR/$name.answer"
	done
	inetd_stop
}

@test "a waiting service goes on when the next token is there" {
	local before
	inetd_start -R 60 <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	before=$(date +%s%3N)
	run -0 "$B/tests/bin/swarm" -c 10 -n 60 hi hi "$(inetd_port cat)"
	assert_answer hi ask_tcp cat hi
	assert_answer hi ask_tcp cat hi
	# The bucket has been filling since the first of the sixty: one a second.
	[ $(($(date +%s%3N) - before)) -ge 1990 ]
	[ "$(inetd_field cat REFUSED)" = 0 ]
	inetd_stop
}

@test "a limit of 0 starts allows nothing, until a reload" {
	inetd_start <<-END
		127.0.0.1:{none} stream tcp nowait:0 $INETD_USER /bin/cat
		127.0.0.1:{some} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp some hi
	waiter none "$INETD_DIR/answer"
	wait_until field_is none STATE never
	wait_until queued "$(inetd_port none)" 1
	[ "$(inetd_field none STARTED)" = 0 ]
	sed -i 's/nowait:0/nowait/' "$INETD_DIR/inetd.conf"
	inetd_reload
	wait "$waiter"
	[ "$(cat "$INETD_DIR/answer")" = hi ]
	inetd_stop
}

@test "so many a minute for one source; others notice nothing" {
	inetd_start -C 2 <<-END
		127.0.0.1:{slash} stream tcp nowait/0/2 $INETD_USER /bin/cat
		127.0.0.1:{option} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait//2 $INETD_USER internal echo
	END
	for name in slash option echo; do
		assert_answer hi ask_tcp "$name" hi
		assert_answer hi ask_tcp "$name" hi
		run ! assert_answer hi ask_tcp "$name" hi
		run ! assert_answer hi ask_tcp "$name" hi
		assert_answer hi ask_tcp -b 127.0.0.2 "$name" hi
		assert_answer hi ask_tcp -b 127.0.0.3 "$name" hi
		[ "$(inetd_field "$name" REFUSED)" = 2 ]
		[ "$(inetd_field "$name" STATE)" = ready ]
	done
	assert_log 'refused: .*service=.* peer=127.0.0.1:[0-9]+ reason=per_source_rate'
	inetd_stop
}

@test "so many at once for one source; others notice nothing" {
	local one two
	inetd_start -s 2 <<-END
		127.0.0.1:{slash} stream tcp nowait/0/0/2 $INETD_USER /bin/cat
		127.0.0.1:{option} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait///2 $INETD_USER internal echo
		{both} stream tcp46 nowait/0/0/2 $INETD_USER /bin/cat
	END
	for name in slash option echo both; do
		if [ "$name" = both ]; then
			exec {one}<>"/dev/tcp/127.0.0.1/$(inetd_port both)"
		else
			connect_tcp one "$name"
		fi
		wait_until field_is "$name" RUNNING 1
		assert_answer hi ask_tcp "$name" hi
		wait_until field_is "$name" RUNNING 1
		exec {two}<>"/dev/tcp/127.0.0.1/$(inetd_port "$name")"
		wait_until field_is "$name" RUNNING 2
		run ! assert_answer hi ask_tcp "$name" hi
		assert_answer hi ask_tcp -b 127.0.0.2 "$name" hi
		[ "$name" != both ] || assert_answer hi ask_tcp -6 both hi
		close_tcp two
		wait_until field_is "$name" RUNNING 1
		assert_answer hi ask_tcp "$name" hi
		close_tcp one
	done
	assert_log 'reason=per_source'
	assert_no_leaks
	inetd_stop
}

@test "where nothing is said one client cannot take all, and is told how to change that" {
	local fds=() fd i port
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	port=$(inetd_port cat)
	for ((i = 0; i < 128; i++)); do
		exec {fd}<>"/dev/tcp/127.0.0.1/$port"
		fds+=("$fd")
	done
	wait_until field_is cat RUNNING 128
	refute_log refused
	run ! assert_answer hi ask_tcp cat hi
	assert_log "refused: .*per_source"
	assert_answer hi ask_tcp -b 127.0.0.2 cat hi
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	wait_until field_is cat RUNNING 0
	assert_answer hi ask_tcp cat hi
	assert_no_leaks
	inetd_stop
}

@test "unix peers are limited by user" {
	need_root
	inetd_start <<-END
		$INETD_DIR/unix stream unix nowait/0/0/1 root /bin/cat
	END
	(close_inherited && exec socat -u "UNIX-CONNECT:$INETD_DIR/unix" OPEN:/dev/null) &
	local holder=$!
	wait_until field_is "$INETD_DIR/unix" RUNNING 1
	run ! assert_answer hi ask_unix "$INETD_DIR/unix" hi
	assert_answer hi setpriv --reuid=nobody --clear-groups socat -t 30 - "UNIX-CONNECT:$INETD_DIR/unix" <<<hi
	kill $holder
	wait_until field_is "$INETD_DIR/unix" RUNNING 0
	assert_answer hi ask_unix "$INETD_DIR/unix" hi
	inetd_stop
}

@test "a client that resets before it is accepted does no harm" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait/2 $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait/2 $INETD_USER internal echo
	END
	for name in cat echo; do
		port=$(inetd_port "$name")
		inetd_signal STOP
		for _ in 1 2 3 4 5; do
			hang_up "$port"
		done
		waiter "$port" "$INETD_DIR/$name.answer"
		inetd_signal CONT
		wait "$waiter"
		[ "$(cat "$INETD_DIR/$name.answer")" = hi ]
		wait_until field_is "$name" RUNNING 0
		[ "$(inetd_field "$name" STATE)" = ready ]
	done
	assert_no_leaks
	inetd_stop
}

@test "limits are right after refusals, resets, failed starts and reloads" {
	local one two round
	# What fails in the child is not told to the parent there.
	[ -z "${INETD_UNDER:-}" ] || skip 'under another program'
	inetd_script comes-and-goes <<-'END'
		#!/bin/sh
		exec cat
	END
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait/2//2 $INETD_USER $INETD_DIR/comes-and-goes
		127.0.0.1:{echo} stream tcp nowait/2//2 $INETD_USER internal echo
	END
	for round in 1 2 3; do
		for name in cat echo; do
			connect_tcp one "$name"
			connect_tcp two "$name"
			wait_until field_is "$name" RUNNING 2
			# The third waits in the queue.
			waiter "$name" "$INETD_DIR/$name.$round"
			wait_until queued "$(inetd_port "$name")" 1
			inetd_reload
			[ "$(inetd_field "$name" RUNNING)" = 2 ]
			[ ! -e "$INETD_DIR/$name.$round" ]
			close_tcp one two
			wait "$waiter"
			wait_until field_is "$name" RUNNING 0
			hang_up "$(inetd_port "$name")"
			hang_up "$(inetd_port "$name")" 127.0.0.5
			wait_until field_is "$name" RUNNING 0
		done
		# Nothing is used up by a program that is not there.
		mv "$INETD_DIR/comes-and-goes" "$INETD_DIR/gone"
		run ! assert_answer hi ask_tcp cat hi
		wait_until field_is cat FAILED "$round"
		[ "$(inetd_field cat RUNNING)" = 0 ]
		mv "$INETD_DIR/gone" "$INETD_DIR/comes-and-goes"
		inetd_reload --hup
		wait_until assert_answer hi ask_tcp cat hi
		wait_until field_is cat RUNNING 0
	done
	assert_no_leaks
	inetd_stop
}

@test "the limit is the service's, not the socket's" {
	local one
	inetd_start <<-END
		{cat} stream tcp nowait/1 $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp -4 cat hi
	wait_until field_is cat RUNNING 0
	assert_answer hi ask_tcp -6 cat hi
	wait_until field_is cat RUNNING 0
	connect_tcp one cat
	wait_until field_is cat RUNNING 1
	run ! ask_tcp -t 1 -6 cat hi
	[ "$(inetd_field cat STATE -6)" = full ]
	close_tcp one
	wait_until assert_answer hi ask_tcp -6 cat hi
	inetd_stop
}

@test "a flood on one service does not keep another waiting" {
	local flood
	inetd_start <<-END
		127.0.0.1:{flood} stream tcp nowait/20 $INETD_USER /bin/sh sh -c 'until [ -e $INETD_DIR/go ]; do sleep 0.1; done; sleep 0.1; cat'
		127.0.0.1:{calm} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	"$B/tests/bin/swarm" -a -c 500 -n 600 hi hi "$(inetd_port flood)" >"$INETD_DIR/flood" 3>&- &
	flood=$!
	# However slow this machine is, it is not over before it is looked at.
	wait_until field_is flood STATE full
	touch "$INETD_DIR/go"
	for _ in 1 2 3 4 5; do
		assert_answer hi ask_tcp -t 2 calm hi
		assert_answer hi ask_tcp -t 2 echo hi
	done
	wait $flood
	grep -qx 'answered 600 refused 0 reset 0 wrong 0 late 0' "$INETD_DIR/flood"
	assert_no_leaks
	inetd_stop
}

@test "dataready starts nothing before the client has spoken" {
	local one
	inetd_start <<-END
		127.0.0.1:{plain} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{ready} stream:dataready tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{http} stream:httpready tcp nowait $INETD_USER /bin/cat
	END
	connect_tcp one plain
	wait_until field_is plain STARTED 1
	close_tcp one
	for name in ready http; do
		connect_tcp one "$name"
		# One that came later and spoke is served first.
		assert_answer hi ask_tcp "$name" hi
		[ "$(inetd_field "$name" STARTED)" = 1 ]
		echo now >&"$one"
		read -r -t 30 line <&"$one"
		[ "$line" = now ]
		close_tcp one
	done
	inetd_stop
}

@test "tcpmux says +Go only to a client that is served" {
	local held
	inetd_start <<-END
		127.0.0.1:{mux} stream tcp nowait $INETD_USER internal tcpmux
		tcpmux/+cat stream tcp nowait/0/0/1 $INETD_USER /bin/cat
	END
	assert_answer $'+Go\r\nhi' ask_tcp mux cat hi
	wait_until field_is tcpmux/+cat RUNNING 0
	connect_tcp held mux
	echo cat >&"$held"
	wait_until field_is tcpmux/+cat RUNNING 1
	assert_answer -e '^-Service busy' ask_tcp mux cat hi
	[ "$(inetd_field tcpmux/+cat REFUSED)" = 1 ]
	close_tcp held
	wait_until assert_answer $'+Go\r\nhi' ask_tcp mux cat hi
	inetd_stop
}

@test "tcpmux: a name that there is not is logged" {
	inetd_start <<-END
		127.0.0.1:{mux} stream tcp nowait $INETD_USER internal tcpmux
		tcpmux/+cat stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer $'+Go\r\nhi' ask_tcp mux cat hi
	assert_answer '-Service not available' eval 'ask_tcp mux "sec'$'\e''ret" | tr -d "\r"'
	assert_log "refused: no tcpmux service is called 'sec.ret' service=[^ ]+ peer=127.0.0.1:[0-9]+ reason=unknown"
	refute_log $'\e'
	inetd_stop
}
