#!/usr/bin/env bats
# make dist, and the version: in one place, and the same wherever it is shown.
# shellcheck disable=SC2016 # text of make

bats_require_minimum_version 1.5.0
load ../helpers/words

setup() {
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	B=$(realpath "${B:-$TOP/build}")
	cd "$BATS_TEST_TMPDIR" || return
	version=$(make -s -C "$TOP" -f - show <<<$'include Makefile\nshow: ; @echo $(VERSION)')
	[[ $version =~ ^[0-9]+\.[0-9]+(\.[0-9]+)?$ ]]
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

@test "every program shows the version of the makefile, and the release notes begin with it" {
	[ "$("$B/inetd" --version)" = "inetd $version" ]
	[[ $("$B/inetctl" -s ./none version 2>/dev/null) == "inetctl $version"* ]]
	[ "$(sed -n 's/^## //p' "$TOP/NEWS.md" | head -n 1)" = "$version" ]
	run ! grep -rnE "VERSION[^A-Z]*[\"=] *[\"']?[0-9]+\.[0-9]" "$TOP/inetd" "$TOP/services" "$TOP/etc"
}

@test "a changed version builds anew what shows it, and nothing else" {
	run -0 env -u MAKEFLAGS -u MFLAGS make -n -C "$TOP" B="$B" VERSION=9.9 all
	[[ $output == *inetd/options.c* ]]
	[[ $output != *base/loop.c* ]]
}

@test "make dist makes a tarball that builds without git, and the same one again" {
	git -C "$TOP" rev-parse HEAD || skip 'not in a git checkout'
	env -u MAKEFLAGS -u MFLAGS make -s -C "$TOP" B="$PWD/one" dist
	env -u MAKEFLAGS -u MFLAGS make -s -C "$TOP" B="$PWD/two" dist
	cmp "one/inetd-$version.tar.gz" "two/inetd-$version.tar.gz"
	tar -xpzf "one/inetd-$version.tar.gz" # as root does
	[ -z "$(find "inetd-$version" ! -type l -perm /022)" ]
	cd "inetd-$version"
	[ ! -e .git ]
	# In a place of its own, and with a git that fails whoever calls it.
	mkdir ../bin
	printf '#!/bin/sh\necho called >>"%s/git"\nexit 1\n' "$BATS_TEST_TMPDIR" >../bin/git
	chmod +x ../bin/git
	PATH=$PWD/../bin:$PATH env -u MAKEFLAGS -u MFLAGS -u B make -s -j2 HARDEN=-O0 build/inetd build/inetctl build/inetd-worker
	[ "$(build/inetd --version)" = "inetd $version" ]
	[ ! -e ../git ]
}
