#!/usr/bin/env bats
# `inetd -t` and the mistakes that people make: each is told, at its place, as what it is, and nothing besides.

load ../helpers/family

mistakes() {
	python3 "$TOP/tests/helpers/mistakes.py" "$INETD" "$@"
}

@test "each of the mistakes in mistakes.txt is told as what it is" {
	need_root
	need_plain
	run mistakes "$TOP/tests/config/mistakes.txt"
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "$(grep -c '^== ' "$TOP/tests/config/mistakes.txt") blocks, 0 not told right" ]
}

@test "what is told wrong, twice or not at all is seen" {
	need_root
	need_plain
	block() {
		printf '== x\nfile: a.conf\n| %s\n%s\n' "$1" "$2" >"$BATS_TEST_TMPDIR/x"
		run mistakes "$BATS_TEST_TMPDIR/x"
	}
	local line='8001 stream tcp nowait nobdy /bin/cat cat'
	block "$line" $'want: a.conf:1 error user\nwords: user ; nobdy'
	[ "$status" = 0 ]
	block "$line" $'want: a.conf:2 error user\nwords: user ; nobdy'
	[ "$status" = 1 ]
	block "$line" $'want: a.conf:1 warning user\nwords: user ; nobdy'
	[ "$status" = 1 ]
	block "$line" $'want: a.conf:1 error user\nwords: user ; nobody'
	[ "$status" = 1 ]
	block "$line" $'want: a.conf:1 error user\nwords: user ; nobdy\nnot: unknown'
	[ "$status" = 1 ]
	block "$line" 'want: none'
	[ "$status" = 1 ]
	block '8001 strem tcp nowait nobdy /bin/cat cat' $'want: a.conf:1 error user\nwords: user ; nobdy'
	[ "$status" = 1 ]
	block '8001 stream tcp nowait nobody /bin/cat cat' $'want: a.conf:1 error user\nwords: user'
	[ "$status" = 1 ]
}
