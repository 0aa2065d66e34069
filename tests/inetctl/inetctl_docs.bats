#!/usr/bin/env bats
# inetctl(8) and the completions of bash and zsh, held against what inetctl and the daemon do: every verb, every
# example, every field of a record, every metric.

load ../helpers/family
load ../helpers/words

PAGE=$TOP/man/inetctl.8

setup() {
	inetd_setup
	trial=
}

teardown() {
	[ -z "$trial" ] || kill "$trial" 2>/dev/null || true
	inetd_teardown
}

# verbs: those of the table.
verbs() {
	"$INETCTL" --help | sed -nE 's/^  ([a-z-]+) .*/\1/p'
}

# verb_args VERB: what --help has behind it.
verb_args() {
	"$INETCTL" --help | sed -n "s/^  $1 //p" | sed 's/  .*//; s/^ *//'
}

# changes VERB: true if it is for root only.
changes() {
	"$INETCTL" --help | grep -q "^  $1 .*(for root)$"
}

# examples VERB PAGE: the commands that the page gives for it, as a reader sees them.
examples() {
	awk -v verb="$1" '/^\.It Cm / { inside = $3 == verb } /^\.E[ld]$/ { if (!--depth) inside = 0 }
		/^\.B[ld] / { depth++ } inside && sub(/^\.Dl /, "")' "$2" | sed 's/\\e/\\/g'
}

# fields TYPE: what the page says a record of that type has, sorted.
fields() {
	awk -v type="$1" '/^\.S[sh] / { inside = $0 == ".Ss " type } inside && sub(/^\.It Va /, "")' "$PAGE" | sort
}

# serve_git: the service that the examples are about, with a client, and what completion is asked for.
serve_git() {
	start_ini <<-END
		[git]
		port = 0
		server = /bin/cat
		log = start exit refuse
		[gone]
		port = 0
		internal = echo
	END
	wait_until field_is gone STATE ready
	connect_tcp client git
	wait_until field_is git RUNNING 1
}

# run_example COMMAND: as the page has it, but with the socket of the test.
run_example() {
	local line=$1 out=$BATS_TEST_TMPDIR/out
	case $line in
	*' try '*)
		(close_inherited && exec bash -c "exec ${line/-p 8125/}" >"$out" 2>&1) &
		trial=$!
		wait_until grep -q 'is served on 127.0.0.1' "$out"
		kill -INT "$trial"
		wait "$trial"
		trial=
		;;
	*)
		line=${line//\/etc\/xinetd.d/$TOP/tests/import/xinetd.d}
		timeout 60 bash -eo pipefail -c "${line//\/run\/inetd.sock/$INETCTL_SOCKET}" >"$out" 2>&1 ||
			fail "$line: $(cat "$out")" || return
		;;
	esac
	[ -s "$out" ] || [ "$line" = 'inetctl check' ] || fail "$line: no output"
}

@test "every verb has an example in inetctl(8), and every example does what it says" {
	local verb line count=0 client
	ln -s "$INETCTL" "$BATS_TEST_TMPDIR/inetctl"
	ln -s "$INETD" "$BATS_TEST_TMPDIR/inetd"
	export PATH=$BATS_TEST_TMPDIR:$PATH
	for verb in $(verbs); do
		examples "$verb" "$PAGE" >"$BATS_TEST_TMPDIR/examples"
		[ -s "$BATS_TEST_TMPDIR/examples" ] || fail "$verb has no example"
		if [ -z "${INETD_PID:-}" ]; then
			serve_git
			export INETD_CONTROL=$INETD_DIR/control INETCTL_SOCKET=$INETD_DIR/control
		fi
		while IFS= read -r line; do
			[[ $line == "inetctl $verb"* ]] || fail "an example of $verb: $line"
			run_example "$line" </dev/null
			count=$((count + 1))
		done <"$BATS_TEST_TMPDIR/examples"
		changes "$verb" || continue
		close_tcp client
		if [ "$verb" = drain ]; then
			inetd_ended
		else
			inetd_stop
		fi
		INETD_PID=
	done
	close_tcp client
	inetd_stop
	[ "$count" -ge "$(verbs | wc -l)" ]
	# One that is missing or wrong is seen.
	sed '/^\.Dl inetctl diff/d' "$PAGE" >"$BATS_TEST_TMPDIR/wrong.8"
	[ -z "$(examples diff "$BATS_TEST_TMPDIR/wrong.8")" ]
	run -1 run_example 'inetctl show nothing'
}

@test "the other examples of inetctl(8) work too" {
	local line count=0 client
	ln -s "$INETCTL" "$BATS_TEST_TMPDIR/inetctl"
	export PATH=$BATS_TEST_TMPDIR:$PATH
	serve_git
	export INETD_CONTROL=$INETD_DIR/control INETCTL_SOCKET=$INETD_DIR/control
	while IFS= read -r line; do
		line=${line//\/etc\/inetd.d/$INETD_DIR}
		case $line in
		*'>'*) bash -c "$line" ;;
		*) run_example "$line" </dev/null ;;
		esac
		count=$((count + 1))
	done < <(sed -n '/^\.Sh PROTOCOL/,$s/^\.Dl //p' "$PAGE" | sed 's/\\e/\\/g')
	[ "$count" -ge 5 ]
	grep -q '^\[git/tcp\]' "$INETD_DIR/git.ini"
	close_tcp client
	inetd_stop
}

@test "every field of every record is in inetctl(8), and the other way round" {
	local type field client documented source reasons
	serve_git
	assert_answer '' ask_tcp git </dev/null || true
	{
		for type in list status connections stats events; do
			inetctl $type --json
		done
	} | python3 -c '
import json, sys
decoder, text = json.JSONDecoder(), sys.stdin.read().lstrip()
while text:
    records, end = decoder.raw_decode(text)
    text = text[end:].lstrip()
    for record in records:
        for name in record:
            if name != "record":
                print(record["record"], name)' | sort -u >"$INETD_DIR/seen"
	for type in service endpoint configuration machine daemon program event; do
		grep -q "^$type " "$INETD_DIR/seen"
		while read -r field; do
			case $type.$field in
			program.cpu_ms | program.command) continue ;; # of the client
			service.refused_*) field=refused_REASON ;;
			esac
			fields $type | grep -qx "$field" || fail "$type has $field, which is not documented"
		done < <(sed -n "s/^$type //p" "$INETD_DIR/seen")
	done
	# What is documented is written somewhere.
	documented=$(for type in service endpoint configuration machine daemon program session; do fields $type; done | sort -u)
	source=$({
		cat "$TOP"/inetd/control/report*.c | tr '\n' ' ' |
			grep -oE 'record_(text|numbers?)\((wanted->)?out,[[:space:]]*"[a-z_]+"' | grep -oE '"[a-z_]+"' | tr -d '"'
		sed -nE 's/^\t\{"([a-z_]+)".*/\1/p' "$TOP/inetd/control/figures.c"
		echo refused_REASON
	} | sort -u)
	same_words "$source" "$documented"
	[ "$(fields event | wc -l)" -ge 11 ]
	run -1 same_words "$source" "$(echo "$documented" | grep -vx overtime)"
	# And every reason.
	reasons=$(source_body reasons | grep -oE '\.key = "[a-z_]+"' | cut -d'"' -f2)
	at_least 10 "$reasons"
	for field in $reasons; do
		sed -n '/^\.It Va refused_REASON/,/^\.It Va history/p' "$PAGE" | grep -qw "$field" || fail "$field"
	done
	close_tcp client
	inetd_stop
}

@test "every metric is in inetctl(8), and the other way round" {
	local client documented printed
	serve_git
	documented=$(awk '/^\.Sh / { inside = $2 == "METRICS" } inside && sub(/^\.It Va /, "")' "$PAGE" | sort)
	printed=$(inetctl metrics | awk '/^# TYPE / { print $3 }' | sort)
	same_words "$documented" "$printed"
	[ "$(echo "$printed" | wc -l)" -ge 20 ]
	# With the type that the page has.
	while read -r _ _ name type; do
		[ "$name" = inetd_build_info ] || grep -A1 -x "\.It Va $name" "$PAGE" | grep -q "^$type: " || fail "$name: $type"
	done < <(inetctl metrics | grep '^# TYPE ')
	run -1 same_words "$documented" "$(echo "$printed" | grep -v sessions)"
	close_tcp client
	inetd_stop
}

@test "every state that inetctl(8) names exists, and the other way round" {
	local states
	# A name that is not resolved has no socket that could have a state.
	states=$(source_body reasons | grep -oE '\.state = "[a-z]+"' | cut -d'"' -f2 && printf '%s\n' lookup ready failing)
	at_least 10 "$states"
	same_words "$(sort <<<"$states")" \
		"$(awk '/^The states are:/ { inside = 1 } inside && /^\.El/ { exit } inside && sub(/^\.It Sy /, "")' "$PAGE" | sort)"
}

# completed LINE...: what bash offers for the last word of each line, one line each, sorted.
completed() {
	local line
	for line; do
		PATH=$BATS_TEST_TMPDIR:$PATH bash -c '
			. "$1/etc/completion.bash"
			read -ra COMP_WORDS <<<"$2"
			[[ $2 != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_inetctl "${COMP_WORDS[0]}"
			printf "%s\n" "${COMPREPLY[@]}" | sort | xargs' bash "$TOP" "$line"
	done
}

# offers VERB: what may follow it, by its arguments in --help, with the service git and its program.
offers() {
	case $(verb_args "$1") in
	*PID*) printf '%s\n' git "$(inetd_children cat)" | sort | xargs ;;
	*NAME*) echo git gone ;;
	*KEY*) "$INETCTL" keys | awk 'NR > 1 { print $1 }' | sort | xargs ;;
	*LEVEL*) echo debug err info notice warning ;;
	*openmetrics*) echo openmetrics ;;
	*) echo ;;
	esac
}

@test "bash completes every verb and what it takes, from the daemon that -s names" {
	local verb client
	serve_git
	ln -s "$INETCTL" "$BATS_TEST_TMPDIR/inetctl"
	export INETD_CONTROL=$INETD_DIR/control
	same_words "$(completed 'inetctl ')" "$({ verbs && printf '%s\n' -s --json --help; } | sort | xargs)"
	[ "$(completed 'inetctl st')" = 'stats status stop' ]
	for verb in $(verbs); do
		case $(verb_args "$verb") in
		*-*) continue ;; # below
		esac
		[ "$(completed "inetctl $verb ")" = "$(offers "$verb")" ] || fail "$verb: $(completed "inetctl $verb ")"
	done
	[ "$(completed 'inetctl status go' 'inetctl --json status gi' 'inetctl list --' | xargs)" = 'gone git --json' ]
	[ -z "$(completed 'inetctl reload -' 'inetctl drain --')" ]
	[ "$(completed 'inetctl top -' 'inetctl top -o ' 'inetctl top -d ')" = $'--json -d -n -o\nc f n r' ]
	[ "$(completed 'inetctl import -' 'inetctl export -' 'inetctl export ')" = $'--check\n-d\ngit gone' ]
	[[ " $(cd "$TOP" && completed 'inetctl import REA' "inetctl export -d et") " == *README.md*etc* ]]
	[ "$(completed 'inetctl try -' 'inetctl line -')" = $'-p -u -w\n-p -u -w' ]
	[[ " $(completed 'inetctl try soc') " == *' socat '* ]]
	unset INETD_CONTROL
	[ "$(completed "inetctl -s $INETD_DIR/control status g")" = 'git gone' ]
	[ -z "$(completed 'inetctl -s /nonexistent status g')" ]
	close_tcp client
	inetd_stop
}

@test "zsh completes every verb and what it takes, from the daemon that -s names" {
	local verb client
	serve_git
	ln -s "$INETCTL" "$BATS_TEST_TMPDIR/inetctl"
	mkdir "$BATS_TEST_TMPDIR/functions"
	cp "$TOP/etc/completion.zsh" "$BATS_TEST_TMPDIR/functions/_inetctl"
	{
		printf '%s\n' 'inetctl ' 'inetctl st' 'inetctl -s /nonexistent status ' 'inetctl list -' 'inetctl top -' \
			'inetctl top -o ' 'inetctl try soca' 'inetctl -' 'inetctl reload -' 'inetctl import -' \
				'inetctl export -' "inetctl -s $INETD_DIR/control export g"
		for verb in $(verbs); do
			[[ $(verb_args "$verb") == *-* ]] || echo "inetctl -s $INETD_DIR/control $verb "
		done
	} >"$BATS_TEST_TMPDIR/lines"
	run env PATH="$BATS_TEST_TMPDIR:$PATH" "$TOP/tests/bin/zsh_complete.py" "$BATS_TEST_TMPDIR/functions" \
		<"$BATS_TEST_TMPDIR/lines"
	[ "$status" = 0 ] || fail "$output"
	[ "${lines[0]}" = "inetctl: $(verbs | sort | xargs)" ] || fail "$output"
	[ "${lines[1]}" = 'inetctl st: stats status stop' ] || fail "$output"
	[ "${lines[2]}" = 'inetctl -s /nonexistent status:' ] || fail "$output"
	[ "${lines[3]}" = 'inetctl list -: --json' ]
	[ "${lines[4]}" = 'inetctl top -: --json -d -n -o' ] || fail "$output"
	[ "${lines[5]}" = 'inetctl top -o: c f n r' ] || fail "$output"
	[ "${lines[6]}" = 'inetctl try soca: socat' ] || fail "$output"
	[ "${lines[7]}" = 'inetctl -: --help --json -s' ] || fail "$output"
	[ "${lines[8]}" = 'inetctl reload -:' ] || fail "$output"
	[ "${lines[9]}" = 'inetctl import -: --check' ] || fail "$output"
	[ "${lines[10]}" = 'inetctl export -: -d' ] || fail "$output"
	[[ "${lines[11]}" == *' export g: git gone' ]] || fail "$output"
	for verb in $(verbs); do
		[[ $(verb_args "$verb") != *-* ]] || continue
		grep -qxE -- "inetctl -s $INETD_DIR/control $verb: ?$(offers "$verb")" <<<"$output" ||
			fail "$verb: $(grep " $verb:" <<<"$output"), not $(offers "$verb")"
	done
	close_tcp client
	inetd_stop
}

@test "what a service is called is completed, never evaluated" {
	local name
	name="$INETD_DIR/\$(touch\${IFS}$BATS_TEST_TMPDIR/evaluated)"
	inetd_start <<-END
		'$name' stream unix nowait $INETD_USER /bin/cat
	END
	ln -s "$INETCTL" "$BATS_TEST_TMPDIR/inetctl"
	export INETD_CONTROL=$INETD_DIR/control
	inetctl list | grep -qF 'touch$' || fail "$(inetctl list)"
	run -0 completed "inetctl status $INETD_DIR/"
	[[ $output == *touch* ]] || fail "$output"
	mkdir "$BATS_TEST_TMPDIR/functions"
	cp "$TOP/etc/completion.zsh" "$BATS_TEST_TMPDIR/functions/_inetctl"
	run env PATH="$BATS_TEST_TMPDIR:$PATH" "$TOP/tests/bin/zsh_complete.py" "$BATS_TEST_TMPDIR/functions" <<-END
		inetctl status $INETD_DIR/
	END
	[[ $status == 0 && $output == *touch* ]] || fail "$output"
	[ ! -e "$BATS_TEST_TMPDIR/evaluated" ]
	inetd_stop
}
