#!/usr/bin/env bats
# inetctl top: on a terminal as a screen, elsewhere as tables.

load ../helpers/family

# screen ROWSxCOLUMNS [ARGUMENT...]: inetctl top on a terminal; standard input says what is seen and typed.
screen() {
	run "$TOP/tests/bin/screen.py" "$1" "$INETCTL" -s "$INETD_DIR/control" top "${@:2}"
	[ "$status" = 0 ] || fail "$output"
}

# many NUMBER: so many services, s01, s02... that run a program, s01 two at once at most.
many() {
	local i
	start_ini < <(for ((i = 1; i <= $1; i++)); do
		printf '[s%02d]\nport = 0\nserver = /bin/cat\nper_source = 2\n' "$i"
	done)
}

# watch ROWSxCOLUMNS [ARGUMENT...]: the same in the background, told line by line by tell.
watch() {
	coproc WATCH { exec "$TOP/tests/bin/screen.py" "$1" "$INETCTL" -s "$INETD_DIR/control" top "${@:2}" 2>&1; } 3>&-
	# shellcheck disable=SC2153 # of coproc
	watch_pid=$WATCH_PID
}

# tell LINE: it has come true.
tell() {
	local answer
	echo "$1" >&"${WATCH[1]}"
	IFS= read -r -t 60 answer <&"${WATCH[0]}" || fail "no answer to $1" || return
	[ "$answer" = "ok $1" ] || fail "$answer" "$(timeout 60 cat <&"${WATCH[0]}")"
}

# rows: the names of the first table on standard input.
rows() {
	awk '/^$/ { exit } found { printf "%s ", $1 } /^NAME / { found = 1 }'
}

@test "a screen: drawn again, as large as the terminal, sorted by keys, left as it was" {
	local held
	many 12
	connect_tcp held s07
	screen 24x100 -d 0.2 <<-'END'
		wait ^inetd .* up .*services 12, programs 1
		wait ^by connections/s; keys
		wait ^NAME +STATE +CONN/S .*FAILED$
		wait ^s12
		fits
		key n
		wait ^by name
		size 8x40
		fits
		gone QUEUE
		gone s05
		wait ^s04
		key r
		wait ^by running
		wait ^s07
		gone s04
		key c
		wait ^by connections/s
		key f
		wait ^by refused/s
		size 30x120
		wait ^s12
		wait FAILED$
		fits
		size 3x10
		gone ^s
		fits
		size 24x100
		wait ^s12
		key q
		end 0
	END
	# Nothing of it stays on the screen.
	[ "${lines[-1]}" = 'ok end 0' ]
	close_tcp held
	inetd_stop
}

@test "what happens is seen as it happens" {
	local first second
	many 3
	# A round when the space bar is hit, and only then.
	watch 24x100 -d 3600
	tell 'wait ^s02 +ready +0\.0 +0\.0 +0 +256 +0 +0 +0 +0$'
	tell 'key  '
	connect_tcp first s02
	connect_tcp second s02
	wait_until field_is s02 RUNNING 2
	tell 'key  '
	tell 'wait ^s02 +ready +([1-9][0-9]*\.[0-9]|0\.[1-9]) +0\.0 +2 +256 +0 +2 +0 +0$'
	assert_answer '' ask_tcp s02 hi
	wait_until field_is s02 REFUSED 1
	tell 'key  '
	tell 'wait ^s02 +ready +0\.0 +([1-9][0-9]*\.[0-9]|0\.[1-9]) +2 +256 +0 +2 +1 +0$'
	tell 'wait ^0\.0 connections/s, [0-9.]+ refused/s; in all 2 started, 1 refused, 0 failed$'
	close_tcp first second
	wait_until field_is s02 RUNNING 0
	tell 'key  '
	tell 'wait ^s02 +ready +0\.0 +0\.0 +0 +256 +0 +2 +1 +0$'
	tell 'wait programs 0'
	tell 'key q'
	tell 'end 0'
	wait "$watch_pid"
	inetd_stop
}

@test "the terminal is as it was after a signal, and while it is stopped" {
	local name
	many 2
	for name in TERM INT HUP QUIT; do
		screen 24x80 <<-END
			wait ^by connections
			signal $name
			end $name
		END
	done
	screen 24x80 -d 0.2 <<-'END'
		wait ^by connections
		signal TSTP
		stopped
		signal CONT
		wait ^by connections
		key n
		wait ^by name
		key q
		end 0
	END
	inetd_stop
}

@test "-n ends the screen after so many rounds; the space bar does not wait for one" {
	many 2
	screen 24x80 -d 0.1 -n 3 <<-'END'
		wait ^by connections
		end 0
	END
	screen 24x80 -d 3600 -n 2 <<-'END'
		wait ^by connections
		key  
		wait ^by connections
		key  
		end 0
	END
	inetd_stop
}

@test "the screen waits for a daemon that goes away, and knows one that comes" {
	many 2
	watch 24x160 -d 0.2
	tell 'wait ^s02'
	inetd_stop
	tell 'wait ^inetctl: no inetd answers'
	tell 'wait ^s02'
	inetd_start --conf "$INETD_DIR/inetd.ini"
	tell 'wait ^by connections'
	tell "wait process $INETD_PID,"
	tell 'key q'
	tell 'end 0'
	wait "$watch_pid"
	inetd_stop
	# One that was never there is no screen.
	screen 24x160 <<-'END'
		wait no inetd answers
		end 1
	END
}

@test "elsewhere than on a terminal: a table a round, sorted as -o says" {
	local first second
	many 3
	connect_tcp first s02
	assert_answer hi ask_tcp s03 hi
	assert_answer hi ask_tcp s03 hi
	wait_until field_is s03 RUNNING 0
	run -0 inetctl top -n 2 -d 0.1
	[ "$(grep -c '^NAME ' <<<"$output")" = 2 ]
	[ "$(grep -c '^s0[123] ' <<<"$output")" = 6 ]
	is_text <<<"$output"
	# The first round stands for the last ten seconds.
	[ "$(rows <<<"$output")" = 's03 s02 s01 ' ] || fail "$output"
	[[ ${lines[1]} =~ ^0\.[123]\ connections/s ]] || fail "$output"
	run -0 inetctl top -n 1 -o r
	[ "$(rows <<<"$output")" = 's02 s03 s01 ' ] || fail "$output"
	run -0 inetctl top -n 1 -o n
	[ "$(rows <<<"$output")" = 's01 s02 s03 ' ] || fail "$output"
	connect_tcp second s02
	wait_until field_is s02 RUNNING 2
	assert_answer '' ask_tcp s02 hi
	wait_until field_is s02 REFUSED 1
	run -0 inetctl top -n 1 -o f
	[ "$(rows <<<"$output")" = 's02 s03 s01 ' ] || fail "$output"
	# Nobody reads any more: it ends.
	# shellcheck disable=SC2016
	run timeout 60 bash -c '"$0" -s "$1" top -d 0.1 | head -n 1; exit "${PIPESTATUS[0]}"' "$INETCTL" "$INETD_DIR/control"
	[ "$status" = 141 ] || fail "$status $output"
	close_tcp first second
	inetd_stop
}

# rounds PYTHON [ARGUMENT...]: the expression is true for `all`, the rounds of top --json, each an array on a line.
rounds() {
	inetctl top --json "${@:2}" | python3 -c '
import json, sys
all = [json.loads(line) for line in sys.stdin]
assert eval(sys.argv[1]), all' "$1"
}

# rounds_anew PYTHON [ARGUMENT...]: the same after two more starts of s03 and one of s02, as rates are of the last ten
# seconds.
rounds_anew() {
	assert_answer hi ask_tcp s03 hi && assert_answer hi ask_tcp s03 hi && assert_answer hi ask_tcp s02 hi && rounds "$@"
}

@test "--json: a round a line; one, if nobody says that there are more" {
	local first
	many 3
	connect_tcp first s02
	assert_answer hi ask_tcp s03 hi
	assert_answer hi ask_tcp s03 hi
	wait_until field_is s03 RUNNING 0
	rounds 'len(all) == 1 and [r["record"] for r in all[0]] == ["daemon"] + 3 * ["service"]'
	rounds "all[0][0]['pid'] == $INETD_PID and all[0][0]['programs'] == 1 and all[0][0]['started'] == 3"
	rounds 'all[0][2] == {"record": "service", "label": "s02", "state": "ready", "running": 1, "limit": 256,
		"queue": 0, "started": 1, "refused": 0, "failed": 0, "started_rate": all[0][2]["started_rate"],
		"refused_rate": 0.0} and all[0][2]["started_rate"] in (0, 0.1)' -o n
	rounds 'len(all) == 3 and {len(r) for r in all} == {4} and all[2][0]["started_rate"] == 0' -n 3 -d 0.1
	wait_until rounds_anew '0 < all[0][0]["started_rate"] <= all[0][0]["started"] / 10 and all[0][0]["refused_rate"] == 0.0'
	wait_until rounds_anew '[r["label"] for r in all[0][1:]] == ["s03", "s02", "s01"]'
	wait_until rounds_anew '[r["label"] for r in all[0][1:]] == ["s02", "s03", "s01"]' -o r
	# It stands before the verb too; -d means that it goes on, until nobody reads.
	[ "$(inetctl --json top -o n | wc -l)" = 1 ]
	# shellcheck disable=SC2016
	run timeout 60 bash -c '"$0" -s "$1" top -d 0.1 --json | head -n 2; exit "${PIPESTATUS[0]}"' "$INETCTL" \
		"$INETD_DIR/control"
	[ "$status" = 141 ] || fail "$status $output"
	[ "${#lines[@]}" = 2 ]
	# On a terminal it is no screen.
	screen 24x200 --json <<-'END'
		wait ^\[{"record": "daemon"
		end 0
	END
	close_tcp first
	inetd_stop
}

# is_text: succeeds if there is no escape sequence in standard input.
is_text() {
	! grep -q $'\e'
}

@test "wrong options are usage errors, and nothing is asked" {
	local options
	for options in '-d 0' '-d 0.05' '-d 4000' '-d x' '-d 1s' '-d nan' '-n 0' '-n x' '-n -1' '-o x' '-o cr' '-x' 'name' '-d' \
		'-o' '--jsn' '--json x'; do
		# shellcheck disable=SC2086 # words
		run -2 "$INETCTL" -s /nonexistent top $options
		[[ $output == *'usage: inetctl top'* ]] || fail "$options: $output"
	done
	run -1 "$INETCTL" -s /nonexistent top -d 0.1 -n 1 -o c
}
