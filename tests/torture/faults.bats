#!/usr/bin/env bats
# Every call of daemon and worker that can fail does so in turn; here a short round of faults.py, and the places where a
# longer one (`make torture`) has found something.

load ../helpers/family

setup() {
	need_root # to look at the worker's descriptors
	need_plain
}

# faults OPTION...: the campaign.
faults() {
	run python3 -B "$BATS_TEST_DIRNAME/faults.py" --build "$B" "$@"
	[ "$status" = 0 ] || fail "$output"
}

@test "an order that there is no memory to answer is told so" {
	faults --seconds 4 --place open_memstream@compose
	faults --seconds 4 --place calloc@client_new
}

@test "a control socket that could not be made at the start is there after a reload" {
	faults --seconds 4 --place bind@run_bind
}

@test "programs without a standard error start again when /dev/null can be opened again" {
	faults --seconds 4 --place open@child_stderr_open
}

@test "a reload without the memory for a file of sections removes nothing" {
	faults --seconds 8 --place ini_parse_stream@ini_read
}

@test "a name that there is no memory to look up is told of" {
	faults --seconds 4 --place strdup@name_new
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
