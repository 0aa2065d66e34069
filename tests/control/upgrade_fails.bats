#!/usr/bin/env bats
# The program that has taken the daemon's place finds something missing: it tries again, and gives up no socket for it.

load ../helpers/family
load ../helpers/upgrade

setup() {
	inetd_setup
	own_program
	# inetctl waits for the end of an upgrade.
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		[other]
		port = 0
		server = /bin/cat
	END
	cp "$INETD_DIR/inetd.ini" "$INETD_DIR/whole"
}

# spoils COMMAND: what stands at the daemon's path does that as soon as it is in the daemon's place, and goes on as ever.
spoils() {
	cp "$B/inetd" "$INETD.whole"
	new_program <<-END
		#!/bin/sh
		case \$1 in
		--take-up-state=*) mv $INETD.whole $INETD && $1 ;;
		esac
		[ -e $INETD.whole ] || exec $INETD "\$@"
		exec $B/inetd "\$@"
	END
}

# upgrade_begins: asks for the upgrade, as \$upgrade in the background.
upgrade_begins() {
	(close_inherited && inetctl upgrade >"$INETD_DIR/said" 2>&1) &
	upgrade=$!
}

@test "a configuration that cannot be read for a moment ends no service" {
	local held port upgrade
	connect_tcp held cat
	says "$held" one
	port=$(inetd_port cat)
	spoils "mv $INETD_DIR/inetd.ini $INETD_DIR/away"
	upgrade_begins
	assert_log 'upgrade: will retry'
	mv "$INETD_DIR/away" "$INETD_DIR/inetd.ini"
	wait "$upgrade" || fail "$(cat "$INETD_DIR/said")" "$(inetd_log)"
	says "$held" two
	assert_answer hi ask_tcp "$port" hi
	assert_answer hi ask_tcp other hi
	field_is cat RUNNING 1
	refute_log 'does not have [1-9]'
	close_tcp held
	wait_until field_is cat RUNNING 0
	assert_no_leaks
	upgraded
	inetd_stop
}

# The last one: of several with port 0 the others would change places.
@test "what only errors in the configuration have taken away keeps its socket, and who waits there is served when they are mended" {
	local held port waiter upgrade
	connect_tcp held other
	says "$held" one
	port=$(inetd_port other)
	spoils "head -n -1 $INETD_DIR/whole >$INETD_DIR/inetd.ini"
	upgrade_begins
	wait "$upgrade" || fail "$(cat "$INETD_DIR/said")" "$(inetd_log)"
	assert_log '1 socket without a service because of errors'
	run ! inetd_rows other
	assert_answer hi ask_tcp cat hi
	says "$held" two
	(close_inherited && ask_tcp -t 60 "$port" hi >"$INETD_DIR/answer") &
	waiter=$!
	wait_until queued "$port" 1
	# Errors are no reason to close it in what comes next, either.
	run inetctl reload
	[ "$status" = 2 ]
	same_program
	inetctl upgrade
	queued "$port" 1
	says "$held" three
	cp "$INETD_DIR/whole" "$INETD_DIR/inetd.ini"
	inetd_reload
	wait $waiter
	[ "$(cat "$INETD_DIR/answer")" = hi ]
	[ "$(inetd_port other)" = "$port" ]
	close_tcp held
	wait_until field_is other RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "sockets without a service are closed when the configuration has no error and no entry for them" {
	local port upgrade
	port=$(inetd_port other)
	spoils "head -n -1 $INETD_DIR/whole >$INETD_DIR/inetd.ini"
	upgrade_begins
	wait "$upgrade" || fail "$(cat "$INETD_DIR/said")" "$(inetd_log)"
	[ -n "$(ss -Hltn "sport = :$port")" ]
	sed '/^\[other\]/,/server/d' "$INETD_DIR/whole" >"$INETD_DIR/inetd.ini"
	inetd_reload
	[ -z "$(ss -Hltn "sport = :$port")" ]
	assert_answer hi ask_tcp cat hi
	inetd_stop
}

@test "an empty configuration ends nothing, and an order to stop is followed all the same" {
	local held upgrade
	connect_tcp held cat
	says "$held" one
	spoils "echo nonsense >$INETD_DIR/inetd.ini"
	upgrade_begins
	assert_log 'upgrade: will retry'
	inetd_signal TERM
	wait_until inetd_gone "$INETD_PID"
	says "$held" two
	close_tcp held
}
