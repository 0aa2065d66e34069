#!/usr/bin/env bats
# Nobody can make inetd wait: what its own files and those of services lead to may be replaced by others, or be of a file
# system that does not answer. It is refused, or not looked at, or waited for by who may be lost.

load ../helpers/family
load ../helpers/beside

setup() {
	inetd_setup
	need_plain
	need_root
}

# refused_pidfile PATH: no daemon starts with it, and none waits for it.
refused_pidfile() {
	# shellcheck disable=SC2086 # a command and its options
	run -1 timeout 60 ${INETD_UNDER:-} "$INETD" -f -e --control "$INETD_DIR/other" -p "$1" "$INETD_DIR/inetd.conf"
	[[ $output == *"the pid file $1 is refused: others can replace it"* ]] || fail "$output"
}

@test "a pid file that others can replace is refused, and so is one on a file system that does not answer" {
	local theirs=$INETD_DIR/theirs
	mkdir "$theirs"
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait nobody /bin/cat
	END
	for file in "$theirs/pid" "$(mktemp -u /tmp/inetd-test-XXXXXX)"; do
		(close_inherited && exec timeout 60 "$INETD" -f -e --control "$INETD_DIR/other" -p "$file" /dev/null) \
			2>"$INETD_DIR/other.log" &
		wait_until grep -q 'started' "$INETD_DIR/other.log"
		[ -s "$file" ]
		kill $!
		wait $! || true
		[ ! -e "$file" ]
	done
	chown nobody "$theirs"
	refused_pidfile "$theirs/pid"
	chown root "$theirs"
	chmod 1777 "$theirs"
	ln -s "$INETD_DIR/led" "$theirs/link"
	refused_pidfile "$theirs/link"
	[ ! -e "$INETD_DIR/led" ]
	mkfifo "$theirs/fifo"
	refused_pidfile "$theirs/fifo"
	touch "$theirs/file"
	chown nobody "$theirs/file"
	refused_pidfile "$theirs/file"
	on_fuse
	refused_pidfile "$INETD_DIR/fs/stat-pid"
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	inetd_stop
}

@test "a service manager's socket on a file system that does not answer is not used, which is logged" {
	on_fuse
	export NOTIFY_SOCKET=$INETD_DIR/fs/stat-notify
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
	END
	unset NOTIFY_SOCKET
	assert_log 'NOTIFY_SOCKET is not used, as others can replace it'
	beside_start beside
	inetd_reload
	wait_until beside_asked 10
	beside_end
	[ "$(grep -c 'NOTIFY_SOCKET is not used' "$INETD_DIR/log")" = 1 ]
	inetd_stop
}

@test "files below automatic mounts for which nobody answers are not looked at" {
	grep -qw autofs /proc/filesystems || modprobe -q autofs4 || skip 'this kernel has no automatic mounts'
	unshare -m true || skip 'no mount namespaces'
	mkdir "$INETD_DIR/auto"
	INETD_UNDER="unshare -m $TOP/tests/bin/autofs.py $INETD_DIR/auto"
	start_ini <<-END
		[beside]
		port = 0
		server = /bin/cat
		[far]
		port = 0
		server = $INETD_DIR/auto/far/cat
		stderr = $INETD_DIR/auto/far/errors
	END
	beside_start beside
	inetd_reload
	inetctl check
	wait_until beside_asked 10
	beside_end
	inetd_stop
}

# writes NAME FILE: a section that says hello, and logs that to the file.
writes() {
	printf '%s\n' "[$1]" 'port = 0' 'server = /bin/echo' 'server_args = hello' 'log = start' "log_to = $2"
}

# lines FILE: how many it has.
lines() {
	[ "$(grep -c '' "$1" 2>/dev/null)" = "$2" ]
}

@test "a log file on a file system that does not answer takes no line from another one" {
	local theirs=$INETD_DIR/theirs
	mkdir "$theirs"
	chown nobody "$theirs"
	on_fuse
	start_ini < <(
		printf '%s\n' '[beside]' 'port = 0' 'server = /bin/cat'
		writes good "$INETD_DIR/good.log"
		writes theirs "$theirs/theirs.log"
		writes bad "$INETD_DIR/fs/open-log"
		writes worse "$INETD_DIR/fs/stat-log"
	)
	beside_start beside
	for ((i = 0; i < 20; i++)); do
		for name in bad worse good theirs; do
			assert_answer hello ask_tcp "$name"
		done
	done
	wait_until lines "$INETD_DIR/good.log" 20
	wait_until lines "$theirs/theirs.log" 20
	beside_end
	inetd_stop
}
