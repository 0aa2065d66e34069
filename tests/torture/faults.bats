#!/usr/bin/env bats
# Every call of daemon and worker that can fail does so in turn; here a short round of faults.py, and the places where a
# longer one (`make torture`) has found something.

load ../helpers/family

# The sessions without a fault are made once, for the places of all cases.
setup_file() {
	local place places=()
	while read -r place; do
		places+=(--place "$place")
	done < <(sed -n 's/^\tmended //p' "$BATS_TEST_FILENAME" | tr ' ' '\n')
	python3 -B "$BATS_TEST_DIRNAME/faults.py" --build "$B" --seed 1 --seconds 120 --sessions $((3 * ${#places[@]} / 2)) \
		"${places[@]}" >"$BATS_FILE_TMPDIR/places" 2>&1 || true
}

setup() {
	inetd_setup
	need_root # to look at the worker's descriptors
	need_plain
}

# mended PLACE...: something was found there, once; no more. setup_file reads the places from here.
mended() {
	local place
	for place; do
		grep -qE "^faults: at $place: [1-9][0-9]* sessions, 0 findings$" "$BATS_FILE_TMPDIR/places" ||
			fail "$place:" "$(cat "$BATS_FILE_TMPDIR/places")"
	done
}

# The same places each time; `make torture` has all of them, one run after the other.
@test "whatever call fails, nothing is leaked or lost, and the daemon serves on or ends with a reason" {
	run python3 -B "$BATS_TEST_DIRNAME/faults.py" --build "$B" --seconds 40 --sessions 12 --seed 11
	[ "$status" = 0 ] || fail "$output"
	[[ $output =~ faults:\ ([0-9]+)\ sessions ]]
	[ "${BASH_REMATCH[1]}" -gt 3 ] || fail "$output"
}

@test "an order that there is no memory to answer is told so" {
	mended open_memstream@compose calloc@client_new
}

@test "a control socket that could not be made at the start is there after a reload" {
	mended bind@bind_to
}

@test "programs without a standard error start again when /dev/null can be opened again" {
	mended open@child_stderr_open
}

@test "a reload without the memory for a file of sections removes nothing" {
	mended ini_parse_stream@ini_read
}

@test "a lent socket that is opened again because it cannot be looked at is told of" {
	mended getsockopt@is_sound
}

@test "a close that the kernel fails leaves nothing open" {
	mended syscall@raw_call:5:0
}

@test "a name that there is no memory to look up is told of" {
	mended strdup@name_new
}

@test "a program whose beginning cannot be read once is not taken for a static one" {
	mended pread@read_loader
}

@test "an upgrade that cannot pass every descriptor on does not begin" {
	mended fcntl@handover_pass
}

@test "a limit on descriptors that cannot be read once takes nothing from anybody" {
	mended getrlimit@fd_limit
}

@test "a connection that there is no memory to keep for the worker is told of" {
	mended calloc@slot_keep
}

@test "a program of the daemon that cannot be looked at once is found all the same" {
	mended access@installed_find
}

@test "a worker without the memory for a name of tcpmux is followed by one that has all" {
	mended reallocarray@make_room
}

@test "an upgrade loses no descriptor that cannot be looked at, or marked" {
	mended fcntl@patient_fcntl
}

@test "after an upgrade nothing is kept of a configuration that there was no memory to apply at first" {
	mended malloc@keep_local:2:0
}

@test "a worker from before an upgrade that could not be told to end is told so again" {
	mended sendmsg@tell
}

@test "a name of tcpmux that there was no memory for, or to tell the worker, is known soon" {
	mended malloc@mux_names_add sendmsg@queue_send
}

@test "a child that cannot enter its cage keeps nothing locked that the daemon needs" {
	mended syscall@child_call:38:0
}

# This build has libc make the calls of children on their way, as on processors that we know no other way for.
@test "a unix connection is served by a child that is slow to have descriptors of its own" {
	INETD_UNDER="env ASAN_OPTIONS=detect_leaks=0 strace -f -D -qq -o $INETD_DIR/strace -e trace=close_range -e inject=close_range:delay_enter=20000"
	INETD=$B/torture/inetd inetd_start <<-END
		$INETD_DIR/sock stream unix nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_unix "$INETD_DIR/sock" hi
	refute_log 'cannot start'
	inetd_stop
}

@test "all that daemon and worker call either fails in turn or is known not to fail" {
	local called known
	called=$(nm -D -P --undefined-only "$B/torture/inetd" "$B/torture/inetd-worker" |
		awk 'NF > 1 { sub(/@.*/, "", $1); print $1 }' | grep -vE '^(__[au]b?san_|_ITM_|__gmon|__libc_start)' | sort -u)
	known=$(sed 's/#.*//' "$BATS_TEST_DIRNAME/inject.sure" | tr ' ' '\n'
		cc -E -P -x c -D'CALL(type,failure,name,...)=name' -D'DO_CALL(type,failure,name,...)=name' \
			-D'STREAM(type,failure,name,...)=name' -D'VARIADIC(name)=name' "$BATS_TEST_DIRNAME/inject.h" |
			tr -d ' ')
	grep -qx malloc <<<"$called"
	run grep -vxFf <(echo "$known") <<<"$called"
	[ -z "$output" ] || fail "in neither tests/torture/inject.h nor inject.sure:" "$output"
}
