#!/usr/bin/env bats
# The two scripts to start from, in sh and in Python: the same service, the same limits.
# shellcheck disable=SC2016 # shell text in quotes

load ../helpers/family
load ../helpers/rude

STREAM=tcp

# start [OPTION...]: both, with these options; their standard error goes to $INETD_DIR/said.sh and .py.
start() {
	touch "$INETD_DIR/said.sh" "$INETD_DIR/said.py"
	chmod 666 "$INETD_DIR"/said.*
	inetd_start <<-END
		127.0.0.1:{sh} stream $STREAM nowait $INETD_USER /bin/sh sh -c "exec $B/services/template.sh $* 2>>$INETD_DIR/said.sh"
		127.0.0.1:{py} stream $STREAM nowait $INETD_USER /bin/sh sh -c "exec $B/services/template.py $* 2>>$INETD_DIR/said.py"
	END
}

# assert_lines NAME LINE... -- LINE...: what is said, and what is answered behind the welcome.
assert_lines() {
	local name=$1 said=()
	shift
	while [ "$1" != -- ]; do
		said+=("$1")
		shift
	done
	shift
	assert_answer "$(printf '%s\r\n' 'Welcome. Say help.' "$@")" ask_tcp "$name" "${said[@]}"
}

@test "commands, one a line, in one piece or many, with either end of line" {
	start
	for name in sh py; do
		assert_lines $name help quit -- 'commands: echo TEXT, help, quit, time' Goodbye.
		assert_lines $name $'echo a  b\r' '' 'echo ' nothing -- 'a  b' 'error: no such command, say help' '' \
			'error: no such command, say help'
		assert_answer -e $'\r\n20[0-9-]+ [0-9:]+\r$' ask_tcp $name time
		# A dialogue: answers do not wait for more.
		connect_tcp talk $name
		read -r -t 30 line <&"$talk"
		for word in one two; do
			echo "echo $word" >&"$talk"
			read -r -t 30 line <&"$talk"
			[ "$line" = $word$'\r' ]
		done
		close_tcp talk
		assert_answer $'Welcome. Say help.\r\nhi\r' rude byte-by-byte $name <<<'echo hi'
	done
	wait_until grep 'template: 127.0.0.1: done' "$INETD_DIR/said.sh"
	wait_until grep 'template: 127.0.0.1: done' "$INETD_DIR/said.py"
	assert_no_leaks
	inetd_stop
}

@test "both serve under isolation = strict as they do without" {
	local name
	need_root
	dir=$(mktemp -d /var/lib/inetd-template.XXXXXX)
	chmod 755 "$dir"
	cp "$B/services/template.sh" "$B/services/template.py" "$dir/"
	start_ini <<-END
		[sh]
		port = 0
		user = nobody
		server = $dir/template.sh
		isolation = strict
		stderr = log
		[py]
		port = 0
		user = nobody
		server = $dir/template.py
		isolation = strict
		stderr = log
	END
	for name in sh py; do
		assert_lines $name help 'echo a b' quit -- 'commands: echo TEXT, help, quit, time' 'a b' Goodbye.
	done
	rm -rf "$dir"
	inetd_stop
}

@test "what a stranger says is neither run nor taken for an option, nor does it reach the log raw" {
	start
	for name in sh py; do
		for text in '$(id)' '`id`' '*' '-n x' '-e \t\n' '%s %d' "'" '"' 'a\b' '$line' '; exit' '/etc/*' '~'; do
			assert_lines $name "echo $text" -- "$text"
		done
		ask_tcp $name - < <(printf 'echo \033[2J\001\177\n') >"$INETD_DIR/answer"
		run ! grep -q $'[\033\001\177]' "$INETD_DIR/answer"
	done
	inetd_stop
}

# assert_said NAME BYTES LINE...: what is answered, behind the welcome, to bytes (escapes as printf's) and then the
# caller's end; without a reset, and the lines are whole.
assert_said() {
	local expected answer status=0
	expected=$(printf '%s\r\n' 'Welcome. Say help.' "${@:3}")
	# shellcheck disable=SC2059
	answer=$(printf "$2" | rude half-close "$1") || status=$?
	[ "$status: $answer" = "0: $expected" ] || fail "$1, to '${2:0:40}': status $status, answered '$answer'"
}

@test "both do the same with whatever is sent" {
	local wrong='error: no such command, say help' long='error: this line is too long' most
	most=$(printf %0195d 0)
	start
	for name in sh py; do
		assert_said $name ''
		# The last line may have no end.
		assert_said $name 'help' 'commands: echo TEXT, help, quit, time'
		assert_said $name 'echo one\necho two' one two
		assert_said $name 'echo one\necho two\n' one two
		# Lines of nothing; either end of line.
		assert_said $name '\n\r\n' "$wrong" "$wrong"
		assert_said $name 'echo \r\necho a\r\n' '' a
		# Control characters are removed, other bytes stay, UTF-8 or not.
		assert_said $name 'echo a\001b\tc\033d\177e\rf\n' abcdef
		assert_said $name 'he\000lp\n' 'commands: echo TEXT, help, quit, time'
		assert_said $name 'echo \303\244\377\n' $'\303\244\377'
		assert_said $name '\001\002\n' "$wrong"
		# 200 bytes, as they come, are the most.
		assert_said $name "echo $most\r\nhelp\n" "$most" 'commands: echo TEXT, help, quit, time'
		assert_said $name "echo $most" "$most"
		assert_said $name "echo ${most}0\nhelp\n" "$long"
		assert_said $name "echo ${most}0" "$long"
		assert_said $name "echo $(printf '\\001%.0s' {1..196})\nhelp\n" "$long"
		assert_said $name 'quit\nhelp\n' Goodbye.
	done
	inetd_stop
}

@test "a line too long is refused at once, and the answer is not lost behind what still comes" {
	local talk line
	start -t 60
	for name in sh py; do
		connect_tcp talk $name
		printf %0300d 0 >&"$talk"
		read -r -t 30 line <&"$talk"
		read -r -t 30 line <&"$talk"
		[ "$line" = $'error: this line is too long\r' ]
		close_tcp talk
		assert_said $name "$(printf %0300000d 0)" 'error: this line is too long'
		assert_said $name "quit\n$(printf %0300000d 0)" Goodbye.
		wait_until grep -x 'template: 127.0.0.1: this line is too long' "$INETD_DIR/said.$name"
		run ! grep -v '^template: 127.0.0.1: ' "$INETD_DIR/said.$name"
	done
	assert_no_leaks
	inetd_stop
}

@test "an answer that is not taken in time ends the session" {
	# Answers are small beside an ordinary socket's buffer.
	STREAM=tcp,sndbuf=4608
	start -t 1
	for name in sh py; do
		rude_meanwhile never-read -n 1000000000 $name <<<"echo $(printf %0190d 0)"
		wait_until grep 'takes no answer' "$INETD_DIR/said.$name"
		wait_until field_is $name RUNNING 0
		rude_end
	done
	assert_no_leaks
	inetd_stop
}

@test "who says nothing, or half a line, is left after the time for a line; one who talks is not" {
	start -t 1
	for name in sh py; do
		assert_answer $'Welcome. Say help.\r' rude silent $name </dev/null
		assert_answer $'Welcome. Say help.\r\none\r' rude silent $name < <(printf 'echo one\necho t')
		wait_until grep 'no line in time' "$INETD_DIR/said.$name"
	done
	assert_no_leaks
	inetd_stop
}

@test "the session has an end, whatever the caller does" {
	start -T 2
	for name in sh py; do
		assert_answer -e 'Welcome.*one' rude silent $name <<<'echo one'
	done
	for name in sh py; do
		rude_meanwhile never-read -n 1000000000 $name <<<'echo 0123456789012345678901234567890123456789'
		wait_until field_is $name RUNNING 0
		rude_end
		rude_meanwhile never-read $name </dev/null
		wait_until field_is $name RUNNING 0
		rude_end
	done
	assert_no_leaks
	inetd_stop
}

# over NAME: it has ended. Notes in $INETD_DIR/large which process of it has had more than 16 MiB.
over() {
	local pid
	for pid in $(inetd_children | xargs -r -n 1 pstree -p | grep -oE '\([0-9]+\)' | tr -d '()'); do
		peak_below 16384 "$pid" 2>>"$INETD_DIR/large.new" || mv "$INETD_DIR/large.new" "$INETD_DIR/large"
	done
	field_is "$1" RUNNING 0
}

@test "callers with bad manners: they end, in bounded memory" {
	start -t 3 -T 20
	for name in sh py; do
		rude reset -r 5 $name <<<'echo one'
		rude reset -r 0 $name < <(printf 'echo')
		for seed in 1 2 3; do
			rude rubbish -s $seed $name </dev/null
		done
		# A line without an end.
		rude_meanwhile never-read -n 1000000000 $name < <(printf x)
		wait_until over $name
		rude_end
		[ ! -e "$INETD_DIR/large" ] || fail "$(cat "$INETD_DIR/large")"
	done
	assert_no_leaks
	inetd_stop
}

@test "by default standard error is the connection, and nothing of the log is seen there" {
	inetd_start <<-END
		127.0.0.1:{sh} stream tcp nowait $INETD_USER $B/services/template.sh template
		127.0.0.1:{py} stream tcp nowait $INETD_USER $B/services/template.py template
	END
	for name in sh py; do
		assert_lines $name 'echo one' -- one
	done
	inetd_stop
}
