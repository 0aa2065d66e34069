#!/usr/bin/env bats
# The bats library itself: its assertions can fail, and what it says then helps.

load ../helpers/family

service() {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{deaf} stream tcp nowait $INETD_USER /bin/sleep sleep 60
		127.0.0.1:{udp} dgram udp wait $INETD_USER internal echo
		127.0.0.1:{mute} dgram udp wait $INETD_USER internal discard
	END
}

@test "answers: right, wrong, none, refused" {
	service
	assert_answer hi ask_tcp cat hi
	run -0 assert_answer -e '^h.$' ask_tcp cat hi
	run -1 assert_answer ho ask_tcp cat hi
	[[ $output == *"answered 'hi', not 'ho'"* ]]
	run -1 assert_answer -e '^o' ask_tcp cat hi
	run ! ask_tcp -t 1 deaf hi
	run ! ask_tcp -t 1 none hi
	[[ $output == *'no service none'* ]]
	run -0 ask_udp udp hi
	[ "$output" = hi ]
	run ! ask_udp -t 1 mute hi
	run -0 ask_tcp cat - < <(printf 'a\nb')
	[ "$output" = $'a\nb' ]
	run -0 ask_tcp cat one two
	[ "$output" = $'one\ntwo' ]
	# The one that is deaf would be left.
	kill "$(inetd_children sleep)"
	inetd_stop
}

@test "ports by name, by family, and fields by column" {
	inetd_start <<-END
		{one} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{two} stream tcp nowait $INETD_USER /bin/cat
	END
	[ "$(inetd_port one -4)" != "$(inetd_port one -6)" ]
	[ "$(inetd_port one)" -gt 0 ]
	[ "$(inetd_port two)" != "$(inetd_port one)" ]
	[ "$(inetd_field two RUNNING)" = 0 ]
	run ! inetd_field two NONSENSE
	run ! inetd_port three
	run ! inetd_port two -6
	inetd_stop
}

@test "the log: there, not there, and marked" {
	service
	assert_log 'started: [0-9]'
	refute_log nonsense
	run ! refute_log started
	run ! assert_log -t 1 nonsense
	inetd_log_mark
	refute_log started
	inetd_reload
	assert_log reloaded
	inetd_stop
}

@test "leaks: a child, a descriptor" {
	local held
	service
	assert_no_leaks
	connect_tcp held cat
	wait_until count_is 1 inetd_children cat
	INETD_PATIENCE=0 run ! assert_no_leaks
	[[ $output == *children:*cat* ]]
	close_tcp held
	assert_no_leaks
	echo "127.0.0.2:0 stream tcp nowait $INETD_USER /bin/cat" >>"$INETD_DIR/inetd.conf"
	inetd_reload
	INETD_PATIENCE=0 run ! assert_no_leaks
	[[ $output == *descriptors,\ not* ]]
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

@test "a start that fails is a failure, with the log" {
	run -1 inetd_start <<-END
		127.0.0.1:0 stream tcp nowiat $INETD_USER /bin/cat
	END
	[[ $output == *'inetd ended'*nowiat* ]]
}

@test "an end that is not clean is a failure" {
	service
	kill -KILL "$INETD_PID"
	run ! inetd_stop
	service
	touch "$INETD_DIR/pid.left"
	status=0
	inetd_stop 2>"$INETD_DIR/said" || status=$?
	[ $status = 1 ]
	grep 'left behind' "$INETD_DIR/said"
}

@test "wait_until ends, and says what was last" {
	run -0 wait_until true
	INETD_PATIENCE=0 run -1 wait_until ls /no/such/file
	[[ $output == *'not within'*'ls /no/such/file'*'No such file'* ]]
}

@test "programs are found by variable, by B, and beside the library" {
	[ "$(B=$B inetd_program inetd)" = "$B/inetd" ]
	[ "$(B='' inetd_program sh)" = "$(type -P sh)" ]
	[ "$(B='' inetd_program no-such-program)" = no-such-program ]
	# shellcheck disable=SC2016
	[ "$(bash -c '. "$1/bats/inetd/load.bash" && B= inetd_program inetd' bash "$B")" = "$B/inetd" ]
}

@test "unix sockets: streams, datagrams, packets, abstract names" {
	inetd_start <<-END
		$INETD_DIR/stream stream unix nowait $INETD_USER /bin/cat
		@inetd-test-$$ stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/packets seqpacket unix nowait $INETD_USER /bin/cat
		$INETD_DIR/dgram dgram unix wait $INETD_USER $B/services/hello-dgram hello-dgram -t 1
	END
	assert_answer hi ask_unix "$INETD_DIR/stream" hi
	assert_answer hi ask_unix "@inetd-test-$$" hi
	assert_answer hi ask_unix -s "$INETD_DIR/packets" hi
	assert_answer 'Hello, Ada.' ask_unix -d "$INETD_DIR/dgram" Ada
	run ! ask_unix "$INETD_DIR/nobody" hi
	assert_no_leaks
	inetd_stop
}

@test "two inetds, each with its configuration, log and programs" {
	inetd_start --name one <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat"
	inetd_start --name two <<<"127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo"
	inetd_worker
	run ! inetd_port cat
	inetd_use one
	run ! inetd_worker
	inetd_script says <<-'END'
		#!/bin/sh
		echo said
	END
	inetd_config <<<"127.0.0.1:{says} stream tcp nowait $INETD_USER $INETD_DIR/says"
	[[ $(inetctl list) != *says* ]]
	inetd_reload --hup
	assert_answer said ask_tcp says
	run ! inetd_port cat
	inetd_config <<<"127.0.0.1:{says} stream tcp nowiat $INETD_USER $INETD_DIR/says"
	run ! inetd_reload
	[[ $output == *nowiat* ]]
	assert_answer said ask_tcp says
	inetd_stop
	inetd_use two
	assert_answer hi ask_tcp echo hi
	inetd_signal TERM
	wait_until inetd_gone "$INETD_PID"
	run ! inetd_stop
}

@test "what a test leaves running ends with it, and its directories are gone" {
	local dir pid
	service
	dir=$INETD_DIR
	pid=$INETD_PID
	connect_tcp held cat
	wait_until count_is 1 inetd_children cat
	BATS_TEST_COMPLETED=1 inetd_teardown
	inetd_gone "$pid"
	[ ! -e "$dir" ]
	close_tcp held
}

@test "what runs in the background does not hold connections open" {
	local held background
	service
	connect_tcp held cat
	wait_until count_is 1 inetd_children cat
	(close_inherited && exec sleep 100) &
	background=$!
	wait_until grep -qx sleep "/proc/$background/comm"
	close_tcp held
	assert_no_leaks
	kill "$background"
	wait "$background" || true
	inetd_stop
}
