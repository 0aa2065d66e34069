#!/usr/bin/env bats
# inetctl show and keys: what a service is, and what can be said of one.

load ../helpers/family

# shown NAME...: prints what inetctl show says of each, without comments.
shown() {
	local name
	for name; do
		inetctl show "$name" | grep -v '^#' || return 1
	done
}

# ask_control REQUEST: sends one line to the control socket as it is.
ask_control() {
	socat -t 30 - "UNIX-CONNECT:$INETD_DIR/control" <<<"$1"
}

@test "show: every key in force, as a section; a second one where two bear the name" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait/3 $INETD_USER /bin/cat cat -u "two words"
		$INETD_DIR/up stream unix nowait $INETD_USER /bin/cat
		@show.$$ stream unix nowait $INETD_USER /bin/cat
		@show.$$ dgram unix wait $INETD_USER /bin/cat
	END
	run -0 inetctl show 0
	[ "${lines[0]}" = '[0/tcp]' ]
	[[ $output == *$'\nlisten = 127.0.0.1:0\n'* ]]
	[[ $output == *$'\nserver = /bin/cat\nserver_args = -u "two words"\nargv0 = cat\n'* ]]
	[[ $output == *$'\ninstances = 3\nper_source = 128\n'* ]]
	[[ $output == *$'\nmax_time = unlimited\n'* ]]
	run -0 inetctl show "$INETD_DIR/up"
	[ "${lines[0]}" = "[$INETD_DIR/up]" ]
	[[ $output == *$'\nsocket_mode = 0666\n'* ]]
	run -0 inetctl show "@show.$$"
	[ "$(grep -c '^\[' <<<"$output")" = 2 ]
	[[ $output == *$'\nsocket_type = dgram\n'* ]]
	inetd_stop
}

@test "what show prints, pasted into a file of its own, serves the same" {
	local name
	inetd_start <<-END
		127.0.0.1:{say} stream tcp nowait/3/60/2 $INETD_USER /bin/echo echo "<a \\\\; ;\"\" b>" '' \;
		127.0.0.1:{echo} dgram udp wait $INETD_USER internal echo
		$INETD_DIR/up stream unix nowait $INETD_USER /usr/bin/tr a-z A-Z
		"@shown #$$ ;" stream unix nowait $INETD_USER /bin/cat
		lines on port = @lines.$$, protocol = unix, user = $INETD_USER, exec = /bin/echo, args = echo "a\nb\x1b";
	END
	[ "$(socat -t 30 - "ABSTRACT-CONNECT:lines.$$" </dev/null)" = $'a\nb\e' ]
	ask_tcp say '' >"$INETD_DIR/said"
	[ -s "$INETD_DIR/said" ]
	for name in 0/tcp 0/udp "$INETD_DIR/up" "@shown #$$ ;" lines; do
		inetctl show "$name" >>"$INETD_DIR/pasted.ini"
	done
	shown 0/tcp 0/udp "$INETD_DIR/up" "@shown #$$ ;" lines >"$INETD_DIR/before"
	inetd_stop
	run -0 "$INETD" -t "$INETD_DIR/pasted.ini"
	[ -z "$output" ]

	inetd_start --conf "$INETD_DIR/pasted.ini"
	shown 0/tcp 0/udp "$INETD_DIR/up" "@shown #$$ ;" lines >"$INETD_DIR/after"
	diff "$INETD_DIR/before" "$INETD_DIR/after"
	ask_tcp "$(inetctl list | sed -nE '/bin.echo/s/.* 127\.0\.0\.1:([0-9]+) .*/\1/p')" |
		diff "$INETD_DIR/said" -
	[ "$(socat -t 30 - "ABSTRACT-CONNECT:lines.$$" </dev/null)" = $'a\nb\e' ]
	inetd_stop
}

@test "what show prints of the daemon, pasted beside its source, changes nothing and is no mistake" {
	cat >"$INETD_DIR/a.ini" <<-END
		[inetd]
		children = 7
		stop_children = yes
		[cat]
		listen = 127.0.0.1:0
		user = $INETD_USER
		server = /bin/cat
	END
	inetd_start --conf "$INETD_DIR/a.ini"
	inetctl show inetd >"$INETD_DIR/b.ini"
	inetd_stop
	run -0 "$INETD" -t "$INETD_DIR/a.ini" "$INETD_DIR/b.ini"
	[ -z "$output" ]
	sed -i 's/^children = 7/children = 8/' "$INETD_DIR/b.ini"
	run -2 "$INETD" -t "$INETD_DIR/a.ini" "$INETD_DIR/b.ini"
	[[ $output == *b.ini:*"children: set to something else before, at $INETD_DIR/a.ini:2"* ]]
}

@test "show of an unknown name: near names, and a failure that is no output" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		$INETD_DIR/greeting stream unix nowait $INETD_USER /bin/cat
	END
	run -0 --separate-stderr inetctl show 0
	[ -n "$output" ]
	run -1 --separate-stderr inetctl show greet
	[ -z "$output" ]
	[[ $stderr == *"no service is called 'greet'"*"$INETD_DIR/greeting"* ]]
	run -1 inetctl show nobody
	[[ $output == *"'nobody'; inetctl list"* ]]
	# No request has control bytes, and none comes back.
	run -2 inetctl show $'nobody\e[31m'
	[[ $output != *$'\e'* ]]
	inetd_stop
}

@test "the control protocol: verbs that take an argument need one, others refuse it" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 ask_control 'inetd/2 show 0/tcp'
	[[ "${lines[0]}" == inetd/2\ 0\ * ]]
	run -0 ask_control 'inetd/2 show'
	[[ "${lines[0]}" == inetd/2\ 2\ * ]]
	[[ $output == *'takes an argument'* ]]
	run -0 ask_control 'inetd/2 show '
	[[ $output == *'takes an argument'* ]]
	run -0 ask_control 'inetd/2 version'
	[[ "${lines[0]}" == inetd/2\ 0\ * ]]
	run -0 ask_control 'inetd/2 version 2'
	[[ "${lines[0]}" == inetd/2\ 2\ * ]]
	[[ $output == *'takes no argument'* ]]
	run -2 inetctl show
	run -2 inetctl show a b
	run -2 inetctl list a
	run -2 inetctl show ''
	run -2 inetctl show $'a\nb'
	inetd_stop
}

@test "keys: a table with a row for each key, one at length, and the one that was meant" {
	run -0 "$INETCTL" -s /nonexistent keys
	[[ ${lines[0]} == KEY\ *TYPE\ *RANGE\ *WHERE\ *DEFAULT\ *MEANING ]]
	[ "${#lines[@]}" -ge 50 ]
	# Six columns, apart by at least two blanks.
	[ "$(awk -F '   *' '{ print NF }' <<<"$output" | sort -u)" = 6 ]
	run -0 "$INETCTL" keys instances
	[[ $output == 'instances: how many run at once'* ]]
	[[ $output == *'range    1 to 1000000'* ]]
	run -1 "$INETCTL" keys instences
	[[ $output == *"did you mean instances?"* ]]
	run -1 "$INETCTL" keys xyzzy-plugh
	[[ $output == *'inetctl keys shows all'* ]]
}
