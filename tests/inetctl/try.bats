#!/usr/bin/env bats
# inetctl try and inetctl line: from a program to a service without a configuration.

load ../helpers/family
load ../helpers/ending

setup() {
	inetd_setup
	export TMPDIR=$INETD_DIR/tmp
	mkdir -m 1777 "$TMPDIR"
	PROGRAM=$INETD_DIR/shout
	# shellcheck disable=SC2016 # the script's own
	printf '#!/bin/sh\nread -r line\necho "$line $*" | tr a-z A-Z\necho "as $(id -un)" >&2\nexit 3\n' >"$PROGRAM"
	chmod 755 "$PROGRAM"
}

# try_start [COMMAND...] -- ARGUMENT...: inetctl try, its output in $OUT, the port it got in $PORT.
try_start() {
	local -a as=()
	while [ "$1" != -- ]; do
		as+=("$1")
		shift
	done
	shift
	OUT=$BATS_TEST_TMPDIR/out
	: >"$OUT"
	"${as[@]}" "$INETCTL" try "$@" >"$OUT" 2>&1 3>&- &
	TRIAL=$!
	wait_until grep -q 'is served on' "$OUT"
	PORT=$(sed -n 's/.* is served on 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$OUT")
}

try_stop() {
	kill "-${1:-TERM}" "$TRIAL"
	wait "$TRIAL"
	[ -z "$(ls -A "$TMPDIR")" ] || fail "left behind: $(ls -A "$TMPDIR")"
}

@test "a program is served at once, and what it does is told" {
	try_start -- "$PROGRAM" 'two words' "it's; a ;b"
	assert_answer "HELLO TWO WORDS IT'S; A ;B" ask_tcp "$PORT" hello
	wait_until grep -q 'ended with exit 3 .*duration=' "$OUT"
	grep -q "try: started .*peer=127.0.0.1:" "$OUT"
	grep -q "stderr: as $(id -un)" "$OUT"
	grep -qF "nc -N 127.0.0.1 $PORT" "$OUT"
	try_stop
}

@test "what a test has begun ends with it, also when it fails" {
	local peer daemon program asleep
	try_start -- -w /bin/sh -c "echo \$\$ >$INETD_DIR/pid; sleep 1000"
	connect_tcp peer "$PORT"
	wait_until test -s "$INETD_DIR/pid"
	program=$(cat "$INETD_DIR/pid")
	daemon=$(pgrep -P "$TRIAL")
	wait_until pgrep -P "$program"
	asleep=$(pgrep -P "$program")
	kill -0 "$TRIAL" "$daemon" "$program" "$asleep"
	end_jobs
	inetd_gone "$TRIAL" "$daemon" "$program" "$asleep"
	close_tcp peer
}

@test "nobody needs to be root for it, and TMPDIR is left clean" {
	need_root
	cp "$INETCTL" "$INETD" "$INETD_DIR/" # where nobody can reach them
	INETCTL=$INETD_DIR/inetctl
	try_start setpriv --reuid=nobody --regid=nogroup --clear-groups -- "$PROGRAM"
	assert_answer 'HELLO ' ask_tcp "$PORT" hello
	wait_until grep -q 'stderr: as nobody' "$OUT"
	try_stop INT
}

@test "-p takes a port, -u lends a udp socket, -w a listening one" {
	local port
	try_start -- "$PROGRAM"
	port=$PORT
	try_stop
	try_start -- -p "$port" "$PROGRAM"
	[ "$PORT" = "$port" ]
	try_stop
	try_start -- -u "$B/services/hello-dgram"
	assert_answer 'Hello, Ada.' ask_udp "$PORT" Ada
	grep -qF "nc -u 127.0.0.1 $PORT" "$OUT"
	try_stop
	try_start -- -w python3 -c 'import socket; s = socket.socket(fileno=0); c = s.accept()[0]; c.sendall(b"lent\n")'
	assert_answer lent ask_tcp "$PORT" ''
	try_stop
}

@test "what cannot be tried is said, and nothing stays" {
	try_start -- true
	try_stop
	run "$INETCTL" try /nonexistent/program
	[ "$status" = 1 ]
	[[ $output == *'cannot run /nonexistent/program: No such file'* ]]
	run "$INETCTL" try -p 70000 true
	[ "$status" = 2 ]
	[[ $output == *'port 70000'* ]]
	run "$INETCTL" try -x true
	[ "$status" = 2 ]
	run "$INETCTL" try
	[ "$status" = 2 ]
	run timeout 60 "$INETCTL" try ''
	[ "$status" = 1 ]
	[[ $output == *'No such file'* ]]
	run timeout 60 "$INETCTL" try "$INETD_DIR"
	[ "$status" = 1 ]
	[[ $output == *'Is a directory'* ]]
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "a port that somebody has is no place to try at, and nothing is promised" {
	local port
	try_start -- true
	port=$PORT
	run timeout 60 "$INETCTL" try -p "$port" true
	[ "$status" = 1 ]
	[[ $output == *"port $port cannot be bound"* ]]
	[[ $output != *'is served'* ]]
	try_stop
}

@test "a program is found by the name it is called by, also where that is a link" {
	ln -s "$(command -v sh)" "$INETD_DIR/by-name"
	# shellcheck disable=SC2016 # the program's own
	try_start -- "$INETD_DIR/by-name" -c 'echo "I am ${0##*/}"'
	assert_answer 'I am by-name' ask_tcp "$PORT"
	try_stop
}

@test "line: a name that is no section's" {
	local name
	for name in inetd defaults 'a]b' 'a:b' shout; do
		cp "$PROGRAM" "$INETD_DIR/tmp/$name"
		"$INETCTL" line "$INETD_DIR/tmp/$name" | sed -n '/^\[/,$p' >"$INETD_DIR/section.ini"
		run "$INETD" -t "$INETD_DIR/section.ini"
		[ "$status$output" = 0 ] || fail "$name: $output"
	done
	grep -qxF '[shout]' "$INETD_DIR/section.ini"
}

@test "line: both texts load without a word, and serve the same" {
	local -a arguments=("two words" "it's; a ;b" '"quoted"' '' '#no comment' 'back\slash' $'tab\there'
		$'bell\a' 'ünï' $'\xff' $'\u202e')
	# A path that no plain value can be, too.
	mkdir "$INETD_DIR/a ;c"
	cp "$PROGRAM" "$INETD_DIR/a ;c"
	cd "$INETD_DIR/a ;c"
	"$INETCTL" line -p 8123 ./shout "${arguments[@]}" | sed 's/:8123/:0/' >"$INETD_DIR/out"
	sed '/^$/,$d' "$INETD_DIR/out" >"$INETD_DIR/line.conf"
	sed -n '/^\[/,$p' "$INETD_DIR/out" >"$INETD_DIR/section.ini"
	run "$INETD" -t "$INETD_DIR/line.conf" "$INETD_DIR/section.ini"
	[ "$status" = 0 ]
	[ -z "$output" ] || fail "$output"
	inetd_start --conf "$INETD_DIR/line.conf" --conf "$INETD_DIR/section.ini"
	want=$(printf '%s\n' "hello ${arguments[*]}" | LC_ALL=C tr '[:lower:]' '[:upper:]')
	mapfile -t ports < <(inetctl list | awk 'NR > 1 { sub(/.*:/, "", $2); print $2 }')
	[ ${#ports[@]} = 2 ]
	for port in "${ports[@]}"; do
		ask_tcp "$port" hello | head -n "$(wc -l <<<"$want")" >"$INETD_DIR/answer" # the line's stderr is the socket
		diff "$INETD_DIR/answer" <(echo "$want")
	done
	inetd_stop
}

@test "the script of an interpreter is found where inetctl is called; other words stay as they are" {
	cd "$INETD_DIR"
	# shellcheck disable=SC2016 # the script's own
	echo 'echo "$0 $*"' >script
	touch other 'a-z'
	mkdir sub
	touch sub/file
	run -0 --separate-stderr "$INETCTL" line sh -e script other a-z sub/file sub/none
	[[ $output == *" -e $INETD_DIR/script other a-z $INETD_DIR/sub/file sub/none"$'\n'* ]] || fail "$output"
	[[ $stderr == *"'script' is given as $INETD_DIR/script"*"'sub/file' is given as"* ]] || fail "$stderr"
	try_start -- sh script other
	assert_answer "$INETD_DIR/script other" ask_tcp "$PORT"
	try_stop
}

@test "argv[0] is the whole path, by which some programs find their files" {
	ln -s "$(command -v sh)" "$INETD_DIR/linked"
	cd "$INETD_DIR"
	# shellcheck disable=SC2016 # the program's own
	"$INETCTL" line ./linked -c 'echo "$0"' | sed '/^$/,$d; s/:8001/:0/' >"$INETD_DIR/line.conf"
	inetd_start --conf "$INETD_DIR/line.conf"
	assert_answer "$INETD_DIR/linked" ask_tcp "$(inetctl list | awk 'NR > 1 { sub(/.*:/, "", $2); print $2 }')"
	inetd_stop
}

@test "line and try: what has line ends is for a section" {
	mkdir "$INETD_DIR/"$'a\nb'
	cp "$PROGRAM" "$INETD_DIR/"$'a\nb'
	cd "$INETD_DIR/"$'a\nb'
	"$INETCTL" line -p 8123 ./shout $'x\ny' >"$INETD_DIR/out"
	grep -q '^# a line cannot hold a word with a line end' "$INETD_DIR/out"
	run ! grep -q ':8123[[:blank:]]' "$INETD_DIR/out"
	try_start -- ./shout $'x\ny'
	assert_answer $'HELLO X\nY' ask_tcp "$PORT" hello
	try_stop
}

@test "what still runs at the end of a trial is ended" {
	try_start -- -w /bin/sh -c "echo \$\$ >$INETD_DIR/pid; exec sleep 1000"
	connect_tcp peer "$PORT"
	wait_until test -s "$INETD_DIR/pid"
	pid=$(cat "$INETD_DIR/pid")
	kill -0 "$pid"
	try_stop INT
	gone() { ! kill -0 "$pid" 2>/dev/null; }
	wait_until gone
}

@test "a signal at any moment of the start ends it, and nothing is left" {
	local moment i
	for moment in 0 1 2 3 4 5 6 8 10 15 20 30; do
		"$INETCTL" try "$PROGRAM" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		TRIAL=$!
		for ((i = 0; i < moment * 500; i++)); do :; done
		kill "$TRIAL"
		wait_until inetd_gone "$TRIAL"
		wait "$TRIAL" || :
		[ -z "$(ls -A "$TMPDIR")" ] || fail "left behind after $moment ms: $(ls -A "$TMPDIR")"
	done
}
