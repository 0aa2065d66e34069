#!/usr/bin/env bats
# How the packages are built, and the tests that come with them.
# shellcheck disable=SC2016 # shell text in quotes

bats_require_minimum_version 1.5.0
load ../helpers/machine

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
load ../helpers/debian

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

@test "packages are without a complaint of lintian, and equal when they are built elsewhere and otherwise" {
	local deb count=0
	need_machines
	"$TOP/tests/machines/packages" "$MACHINES/debs" "$MACHINES"
	"$TOP/tests/machines/packages" again "$MACHINES" again
	for deb in "$MACHINES"/debs/*.deb; do
		count=$((count + 1))
		cmp "$deb" "again/${deb##*/}"
	done
	[ $count -ge 2 ]
}

@test "the package has the version of the program, and what is to be read first" {
	need_machines
	new_debian
	run -0 without_init systemd <<-'END'
		dpkg -i /debs/inetd_*_*.deb
		ls /usr/share/doc/inetd/NEWS.md* /usr/share/doc/inetd/README.md*
		[ "$(inetd --version | grep -o '[0-9][0-9.]*' | head -n 1)" = "$(dpkg-query -W -f '${Version}' inetd)" ]
	END
}

@test "debian/tests: families of tests pass with what the packages have installed" {
	need_machines
	new_debian
	mkdir machine/sources
	cp -a "$TOP"/{Makefile,NEWS.md,README.md,LICENSE,etc,inetd,man,services,tests} machine/sources
	mv machine/sources/etc/debian machine/sources/debian
	run -0 without_init builder <<-END
		apt-get install -y /debs/inetd_*_*.deb /debs/inetd-bats_*.deb
		cd /sources
		mkdir /tmp/autopkgtest
		export AUTOPKGTEST_TMP=/tmp/autopkgtest INETD_PATIENCE=${INETD_PATIENCE:-1}
		debian/tests/families
	END
	[[ $output == *'Result: PASS'* ]]
}

@test "inetd-bats is found without being told where it is" {
	need_machines
	new_debian
	run -0 without_init builder <<-'END'
		apt-get install -y /debs/inetd_*_*.deb /debs/inetd-bats_*.deb
		sed 's/^CASE/@test/' >/tmp/mine.bats <<'BATS' # bats would take it for a case of this file
		bats_load_library inetd
		CASE "tr answers in capitals" {
			inetd_start <<<"127.0.0.1:{shout} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z"
			assert_answer HELLO ask_tcp shout hello
			inetd_stop
		}
		BATS
		bats /tmp/mine.bats
	END
	[[ $output == *'ok 1 tr answers in capitals'* ]]
}
