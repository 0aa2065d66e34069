#!/usr/bin/env bats
# The makefiles and what runs the tests: make help, what a build asks for, what a family needs, and what is seen of it.
# shellcheck disable=SC2016 # shell text in quotes

bats_require_minimum_version 1.5.0
load ../helpers/words

setup() {
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	B=$(realpath "${B:-$TOP/build}")
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

# dry_run ARGUMENT...: what make would do. Nothing of the make that runs this test reaches it.
dry_run() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u TESTS make -n -C "$TOP" "$@"
}

# phony: the targets that are declared as commands, one a line.
phony() {
	cat "$TOP/Makefile" "$TOP"/*/*.mk "$TOP"/tests/*/*.mk | sed -e ':a' -e '/\\$/N; s/\\\n//; ta' |
		sed -n 's/^\.PHONY: //p' | tr ' ' '\n' | grep . | sort -u
}

# helped: the targets that make help names.
helped() {
	make -s -C "$TOP" help | sed -nE 's/^make ([a-z-]+) .*/\1/p' | sort
}

@test "make help names every command of the makefiles but the steps of others" {
	run -0 helped
	[ "${#lines[@]}" -ge 15 ]
	[[ " ${lines[*]} " = *' test '* ]]
	same_words "$(helped)" "$(phony | grep -vE '^(packages-.*|lint-.*|.*\$.*|.*-(build|some|run|config|programs|services|files|report|fuzz)|FORCE)$')"
}

@test "every make command that a document or a script names is one" {
	local name count=0
	while read -r name; do
		phony | grep -qx "$name" || { echo "no make $name" && false; }
		count=$((count + 1))
	done < <(grep -ohE '^    make [a-z-]+|`make [a-z][a-z-]*' "$TOP/README.md" "$TOP/.ci/run" "$TOP"/tests/*/*.bats \
		"$TOP/Makefile" "$TOP"/*/*.mk "$TOP"/tests/*/*.mk "$TOP"/inetd/*.md | sed 's/.*make //' | sort -u)
	[ "$count" -ge 6 ]
}

@test "pkg-config is run once a build for what it needs, and once for what it does without" {
	mkdir bin
	printf '#!/bin/sh\necho run >>"%s/runs"\nexec "%s" "$@"\n' "$PWD" "$(type -P pkg-config)" >bin/pkg-config
	chmod +x bin/pkg-config
	PATH=$PWD/bin:$PATH dry_run all B="$PWD/out" >commands
	[ "$(grep -c -- '-lbsd' commands)" -ge 3 ]
	[ "$(wc -l <runs)" = 2 ]
	# Not even once for what builds nothing.
	PATH=$PWD/bin:$PATH dry_run help >commands
	[ "$(wc -l <runs)" = 2 ]
}

@test "without the packages of a build it stops with how they are had, and what builds nothing does not" {
	run env -u MAKEFLAGS -u MFLAGS PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=/nowhere make -s -C "$TOP" B="$PWD/out" "$PWD/out/inetd"
	[[ $status != 0 && $output == *"packages are missing: 'make packages-build' installs them"* ]] || fail "$output"
	[[ $output != *' CC '* ]]
	run -0 env -u MAKEFLAGS -u MFLAGS PKG_CONFIG_PATH= PKG_CONFIG_LIBDIR=/nowhere make -s -C "$TOP" help
}

@test "what a family needs besides is told from what it runs" {
	mkdir -p tests/some
	cp "$TOP/tests/needs" tests
	cp -r "$TOP/tests/helpers" "$TOP/tests/bin" tests
	printf 'load ../helpers/family\n@test "plain" {\n\ttrue\n}\n' >tests/some/plain.bats
	run -0 tests/needs tests/some/plain.bats
	[ -z "$output" ]
	printf 'load ../helpers/family\nload ../helpers/asking\n' >tests/some/asks.bats
	run -0 tests/needs tests/some/plain.bats tests/some/asks.bats
	[ "$output" = curl ]
	printf 'from browser import Browser\n[ -e "$SCRATCH" ]\nunder_strace x\n' >>tests/some/plain.bats
	run -0 tests/needs tests/some/plain.bats
	[ "$(xargs <<<"$output")" = 'chromium scratch strace' ]

	# Of the tree's own.
	run -0 "$TOP/tests/needs" tests/services/sendfile_browser.bats
	[ "$(xargs <<<"$output")" = 'chromium curl' ]
	run -0 "$TOP/tests/needs" tests/system/real.bats
	[[ $output == *scratch ]]
	run -0 "$TOP/tests/needs" tests/run/accepting.bats tests/run/reload.bats
	[ -z "$output" ]
}

@test "make test TESTS=... builds what these tests need, and no more" {
	run -0 dry_run test-build-some B=out TESTS=out/tests/unit/test_base_week
	[[ $output == *out/tests/unit/test_base_week* ]]
	[[ $output != *out/inetd* ]]
	[[ $output != *out/services/* ]]
	[[ $output != *test_base_loop* ]]
	run -0 dry_run test-build-some B=out TESTS=tests/run/reload.bats
	[[ $output == *'-o out/inetd '* ]]
	[[ $output == *out/tests/bin/swarm* ]]
	[[ $output != *out/tests/unit/* ]]
}

@test "make quick takes neither a browser nor the scratch root" {
	local tests
	tests=$(make -s -C "$TOP" -f - show <<<'include Makefile
show: ; @echo $(QUICK)')
	[[ $tests == *tests/unit/test_* && $tests == *.bats* ]]
	# shellcheck disable=SC2086 # names
	printf '%s\n' $tests | grep '\.bats$' >families
	run -0 xargs "$TOP/tests/needs" <families
	[[ $output != *chromium* && $output != *scratch* ]]
}

@test "run-one shows each case when it has ended, and what a failed one says once more" {
	mkfifo go
	printf '#!/bin/sh\necho ok 1 first\nread line <"%s/go"\necho not ok 2 second\necho "# why"\necho "not ok 3 # SKIP"\n' \
		"$PWD" >program
	chmod +x program
	"$TOP/tests/run-one" ./program 3>&- >out 2>err &
	# Before the second one can end.
	timeout 60 sh -c 'until grep -q "^ok 1 first" out; do sleep 0.02; done'
	[ "$(wc -l <out)" = 1 ]
	echo now >go
	wait $!
	[ "$(cat out)" = 'ok 1 first
not ok 2 second
# why
ok 3 # SKIP' ]
	[ "$(cat err)" = 'not ok 2 second
# why' ]
}
