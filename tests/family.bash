# family.bash - what the families of inetd's own tests share, on top of the library for everybody.

bats_require_minimum_version 1.5.0
load lib/inetd

TOP=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
B=$(realpath "${B:-$TOP/build}")

# need_root: what only root may do is not tested as another user.
need_root() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
}

# probe NAME: puts a program of tests/bin where every user can run it, and prints its path.
probe() {
	cp "$B/tests/bin/$1" "$INETD_DIR/" && echo "$INETD_DIR/$1"
}

# start_fails [OPTION...]: like inetd_start (the configuration is standard input), for an inetd that must end by itself;
# leaves its exit status in $status and what it said in $output.
start_fails() {
	inetd_config || return
	run timeout 10 "$INETD" -f -e --control "$INETD_DIR/control" "$@" "$INETD_DIR/inetd.conf"
	[ "$status" != 124 ] || fail "inetd runs: $output"
}

# under_strace FAULT...: inetds started from here on suffer the faults (strace -e inject=FAULT) themselves,
# not their children.
under_strace() {
	local fault
	[ -z "${INETD_SANITIZED:-}${INETD_UNDER:-}" ] || skip 'not together with strace'
	INETD_UNDER="strace -D -qq -o $INETD_DIR/strace -e trace=${1%%:*}"
	for fault; do
		INETD_UNDER+=" -e inject=$fault"
	done
}

# count_is NUMBER COMMAND...: true if the command prints so many lines.
count_is() {
	local lines
	lines=$("${@:2}" | wc -l)
	[ "$lines" = "$1" ] || fail "$lines lines from ${*:2}, not $1"
}

# field_is NAME COLUMN VALUE: true if inetctl list says so.
field_is() {
	local value
	value=$(inetd_field "$1" "$2") || return
	[ "$value" = "$3" ] || fail "$1 has $2 $value, not $3"
}
