# family.bash - what the families of inetd's own tests share, on top of the library for everybody.

bats_require_minimum_version 1.5.0
load ../lib/inetd

TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
B=$(realpath "${B:-$TOP/build}")
# Not empty when all of the tests are run in a special way.
# Counters of make coverage are nothing special.
SPECIAL=${INETD_SANITIZED:-}${INETD_UNDER:-}${SERVICES_UNDER:-}
SPECIAL=${SPECIAL#coverage}

# need_root: what only root may do is not tested as another user.
need_root() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
}

# need_mounts: mounts of a test's own need root, and a root directory that is a mount point: a plain chroot has none.
need_mounts() {
	need_root
	unshare -m true || skip 'no mount namespaces: not allowed, or a root directory that is no mount point'
}

# start_ini [OPTION...]: like inetd_start, but the configuration (standard input) is an INI file, inetd.ini, whose
# services listen on 127.0.0.1 and run as the caller where they do not say otherwise.
start_ini() {
	{
		printf '[defaults]\nbind = 127.0.0.1\nuser = %s\n' "$INETD_USER"
		cat
	} >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" "$@"
}

# probe NAME: puts a program of tests/bin where every user can run it, and prints its path.
probe() {
	cp "$B/tests/bin/$1" "$INETD_DIR/" && echo "$INETD_DIR/$1"
}

# start_fails [OPTION...]: like inetd_start (the configuration is standard input), for an inetd that must end by itself;
# leaves its exit status in $status and what it said in $output.
start_fails() {
	inetd_config || return
	run timeout 60 "$INETD" -f -e --control "$INETD_DIR/control" "$@" "$INETD_DIR/inetd.conf"
	[ "$status" != 124 ] || fail "inetd runs: $output"
}

# need_plain: what needs inetd as it is cannot be seen under valgrind or with a sanitizer.
need_plain() {
	[ -z "$SPECIAL" ] || skip 'not with a sanitizer or under another program'
}

# need_reports: under another program (tests/fault/plain-fork.c) it is not reported that a start failed.
need_reports() {
	[ -z "${INETD_UNDER:-}" ] || skip 'not under another program'
}

# under_strace FAULT...: inetds started from here on suffer the faults (strace -e inject=FAULT) themselves,
# not their children.
under_strace() {
	local fault
	need_plain
	INETD_UNDER="strace -D -qq -o $INETD_DIR/strace -e trace=${1%%:*}"
	for fault; do
		INETD_UNDER+=" -e inject=$fault"
	done
}

# failing_accept ERROR TIMES: inetds started from here on fail that often to accept a connection.
failing_accept() {
	need_plain
	INETD_UNDER="env LD_PRELOAD=$B/tests/fault/accept.so FAULT_TIMES=$2 \
		FAULT_ERRNO=$(python3 -c "import errno; print(errno.$1)")"
}

# count_is NUMBER COMMAND...: true if the command prints so many lines.
count_is() {
	local lines
	lines=$("${@:2}" | wc -l)
	[ "$lines" = "$1" ] || fail "$lines lines from ${*:2}, not $1"
}

# processor_ms: how much processor time the daemon has used.
processor_ms() {
	awk '{ print ($14 + $15) * 10 }' "/proc/$INETD_PID/stat"
}

# queued PORT NUMBER [ADDRESS]: true if so many connections wait to be accepted there.
queued() {
	local length
	length=$(ss -Hltn "sport = :$1${3:+ and src $3}" | awk '{ print $2 }')
	[ "$length" = "$2" ] || fail "$length are queued, not $2"
}

# datagram NAME [TEXT]: sends one to a service, whose answer nobody waits for.
datagram() {
	local port
	port=$(inetd_port "$1" -4 2>/dev/null || inetd_port "$1") && echo "${2:-x}" >"/dev/udp/127.0.0.1/$port"
}

# knock NAME|PORT: connects, and hangs up.
knock() {
	local knocking
	connect_tcp knocking "$1" && close_tcp knocking
}

# backs_off NAME: true while the service pauses because it fails; it is made to fail again, as a pause may be over
# by the time that we look.
backs_off() {
	knock "$1"
	field_is "$1" STATE backoff
}

# field_is NAME COLUMN VALUE: true if inetctl list says so.
field_is() {
	local value
	value=$(inetd_field "$1" "$2") || return
	[ "$value" = "$3" ] || fail "$1 has $2 $value, not $3"
}

# in_network FUNCTION [ARGUMENT...]: runs the function in a network of its own that has a loopback interface only, as
# root of at least that: fixed ports and addresses are free. Standard input goes to it.
in_network() {
	local map=
	[ "$(id -u)" = 0 ] || map=-r
	unshare $map -n true || skip 'no network namespaces'
	INETD_UNDER=${INETD_UNDER:-}
	{
		declare -f
		declare -p TOP B INETD INETCTL INETD_UNDER INETD_PATIENCE INETD_USER INETD_GROUP
		# shellcheck disable=SC2016
		printf '%s\n' 'ip link set lo up' 'INETD_USER=root INETD_GROUP=root' 'inetd_use inetd' '"$@"'
	} >"$BATS_TEST_TMPDIR/functions" 2>/dev/null
	# A file: the shell of a -c has an option more, and run of bats then cannot switch errexit on again.
	unshare $map -n bash -euo pipefail "$BATS_TEST_TMPDIR/functions" "$@"
}

# with_etc: inetds started from here on find the files of $INETD_DIR/etc in place of those of the same names in /etc.
with_etc() {
	need_mounts
	mkdir -p "$INETD_DIR/etc"
	cat >"$INETD_DIR/with-etc" <<-END
		#!/bin/sh
		for file in "$INETD_DIR"/etc/*; do
			mount --bind "\$file" "/etc/\${file##*/}"
		done
		exec "\$@"
	END
	chmod 755 "$INETD_DIR/with-etc"
	INETD_UNDER="unshare -m $INETD_DIR/with-etc ${INETD_UNDER:-}"
}
