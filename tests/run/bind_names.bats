#!/usr/bin/env bats
# Services that listen on a name: a name server of the test's own says which addresses it has, and when it changes them.

load ../helpers/family
load ../helpers/names
load ../helpers/upgrade

# serves ADDRESS: true if the service answers there.
serves() {
	[ "$(ask_tcp -t 2 -h "$1" 7000 hi 2>/dev/null)" = hi ]
}

# refuses ADDRESS: true if nobody listens there.
refuses() {
	! (exec {fd}<>"/dev/tcp/$1/7000") 2>/dev/null
}

# named: starts a service that listens on a name.
named() {
	start_ini <<-END
		[named]
		listen = some.test:7000
		server = /bin/cat
	END
}

# table LINE...: what the name server knows from now on.
table() {
	printf '%s\n' "$@" >"$INETD_DIR/table.new"
	mv "$INETD_DIR/table.new" "$INETD_DIR/table"
}

changed() {
	local held line
	name_server <<<'some.test 127.0.0.2'
	named
	wait_until serves 127.0.0.2
	exec {held}<>/dev/tcp/127.0.0.2/7000
	table 'some.test 127.0.0.3' 'some.test 127.0.0.4'
	inetd_reload
	wait_until serves 127.0.0.4
	serves 127.0.0.3
	refuses 127.0.0.2
	echo there >&"$held"
	read -r -t $((30 * INETD_PATIENCE)) line <&"$held"
	[ "$line" = there ]
	exec {held}>&-
	# One that stays keeps its socket.
	table 'some.test 127.0.0.3'
	inetd_reload
	wait_until refuses 127.0.0.4
	serves 127.0.0.3
	wait_until field_is named RUNNING 0
	inetd_stop
}

@test "addresses that a name has, or has no more, are served or closed by a reload; programs go on" {
	with_names
	in_network changed
}

unknown() {
	name_server <<<'other.test 127.0.0.9'
	named
	wait_until field_is named STATE lookup
	assert_log "cannot look up 'some.test' [(]will retry[)]"
	table 'some.test 127.0.0.2'
	wait_until serves 127.0.0.2
	[ "$(inetd_log | grep -c 'cannot look up')" = 1 ]
	field_is named STATE ready
	inetd_stop
}

@test "a name that is not known yet is asked for until it is, without a reload" {
	with_names
	in_network unknown
}

lost() {
	name_server <<<'some.test 127.0.0.2'
	named
	wait_until serves 127.0.0.2
	table 'silent some.test'
	inetd_reload
	wait_until inetd_log_has "cannot look up 'some.test' [(]will retry[)]"
	serves 127.0.0.2
	# Nor does an upgrade.
	inetd_log_mark
	upgraded
	serves 127.0.0.2
	wait_until inetd_log_has "cannot look up 'some.test' [(]will retry[)]"
	serves 127.0.0.2
	table 'some.test 127.0.0.3'
	wait_until serves 127.0.0.3
	refuses 127.0.0.2
	inetd_stop
}

@test "a name server that does not answer takes no address from a service, not over an upgrade either" {
	own_program
	with_names
	in_network lost
}

forgotten() {
	name_server <<<'silent some.test'
	named
	wait_until grep -qs some.test "$INETD_DIR/asked"
	# The question is on its way still.
	printf '[other]\nlisten = 127.0.0.5:7000\nserver = /bin/cat\nuser = root\n' >"$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until serves 127.0.0.5
	wait_until count_is 0 inetd_children
	refute_log 'cannot look up'
	inetd_stop
}

@test "a name whose service goes while it is asked for is forgotten, with the question" {
	with_names 5
	in_network forgotten
}
