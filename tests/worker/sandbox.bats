#!/usr/bin/env bats
# The sandbox of inetd-worker: what it looks like from outside, and that each wall holds against a worker
# that wants out (tests/fault/worker-escape.c, loaded into it, tries).

bats_require_minimum_version 1.5.0
load ../helpers/worker

ESCAPES=(open create socket fork exec root code ioctl kill)

setup() {
	worker_setup
}

teardown() {
	worker_teardown
}

# status_line NAME: a line of /proc/PID/status, without its name.
status_line() {
	sed -n "s/^$1:[[:blank:]]*//p" "/proc/$WORKER_PID/status"
}

# try WHAT: what came of an attempt, on a listener of its own.
try() {
	local port
	worker_open port say "escape:$1"
	client "$port" <<<'print(read_all(tcp(ARGS[0])).decode())'
}

# with_escape: the worker gets the library.
with_escape() {
	not_sanitized 'a library is loaded into the worker'
	WORKER_UNDER=(env "LD_PRELOAD=$B/tests/fault/worker-escape.so")
}

@test "started by root: other ids, no capabilities, an empty root, a filter" {
	only_root
	worker_start --uid 64321 --gid 64322
	[ "$(status_line Uid)" = $'64321\t64321\t64321\t64321' ]
	[ "$(status_line Gid)" = $'64322\t64322\t64322\t64322' ]
	[ -z "$(status_line Groups | tr -d '[:blank:]')" ]
	for set in CapInh CapPrm CapEff CapAmb; do
		[ "$(status_line $set)" = 0000000000000000 ]
	done
	[ "$(status_line NoNewPrivs)" = 1 ]
	[ "$(status_line Seccomp)" = 2 ]
	[ "$(status_line Threads)" = 1 ]
	[ "$(readlink "/proc/$WORKER_PID/root")" != / ]
	[ "$(readlink "/proc/$WORKER_PID/root")" = "$(readlink "/proc/$WORKER_PID/cwd")" ]
	[ -z "$(ls -A "/proc/$WORKER_PID/root/")" ]
	# and nothing of it is left behind
	[ ! -e "$(readlink "/proc/$WORKER_PID/root" | sed 's/ (deleted)$//')" ]
	worker_open daytime stream daytime 0
	client "$daytime" <<<'assert len(read_all(tcp(ARGS[0]))) == 26'
}

@test "started by another: no new privileges, a filter, the same ids" {
	local as=()
	if [ "$(id -u)" = 0 ]; then
		as=(setpriv --reuid 64321 --regid 64321 --clear-groups)
	fi
	WORKER_UNDER=(${as[@]+"${as[@]}"})
	worker_start
	[ "$(status_line NoNewPrivs)" = 1 ]
	[ "$(status_line Seccomp)" = 2 ]
	[ "$(status_line CapEff)" = 0000000000000000 ]
	[ "$(id -u)" != 0 ] || [[ $(status_line Uid) == 64321* ]]
	# not even its own user may look into it (PR_SET_DUMPABLE, proc(5))
	[ "$(stat -c %u "/proc/$WORKER_PID/maps")" = 0 ]
	worker_open daytime stream daytime 0
	client "$daytime" <<<'assert len(read_all(tcp(ARGS[0]))) == 26'
}

@test "limits: no process, no file, no core, all the descriptors there are" {
	WORKER_UNDER=(prlimit --nofile=100:1000)
	worker_start
	limit() {
		awk -v name="$1" 'index($0, name) == 1 { print $(NF - 2), $(NF - 1) }' \
			"/proc/$WORKER_PID/limits"
	}
	[ "$(limit 'Max processes')" = '0 0' ]
	[ "$(limit 'Max file size')" = '0 0' ]
	[ "$(limit 'Max core file size')" = '0 0' ]
	[ "$(limit 'Max open files')" = '1000 1000' ]
}

@test "no descriptor but the link, the last words and what it made itself" {
	only_root # who else may look
	exec 8</etc/passwd 9</
	worker_start
	exec 8<&- 9<&-
	for fd in "/proc/$WORKER_PID/fd/"*; do
		echo "$fd $(readlink "$fd")"
		case "${fd##*/} $(readlink "$fd")" in
		'2 '* | '3 socket:'* | *' anon_inode:['* | *' pipe:['*) ;;
		*) fail "$fd $(readlink "$fd")" ;;
		esac
	done
}

@test "without walls each attempt succeeds" {
	with_escape
	worker_start --no-seccomp
	[ "$(try none)" = 'none: ok' ]
	for what in open socket code ioctl kill; do
		[ "$(try $what)" = "$what: ok" ]
	done
	[ "$(try exec)" = 'exec: ENOENT' ]
}

@test "the empty root and the ids hold without the filter" {
	only_root
	with_escape
	worker_start --uid 64321 --gid 64321 --no-seccomp
	[ "$(try none)" = 'none: ok' ]
	[ "$(try open)" = 'open: EACCES' ]
	[ "$(try create)" = 'create: EACCES' ]
	[ "$(try fork)" = 'fork: EAGAIN' ]
	[ "$(try root)" = 'root: EPERM' ]
	[ "$(try kill)" = 'kill: EPERM' ]
}

@test "the filter kills a worker that tries anything" {
	with_escape
	worker_start
	[ "$(try none)" = 'none: ok' ]
	for what in "${ESCAPES[@]}"; do
		worker_teardown
		rm "$BATS_TEST_TMPDIR/commands"
		worker_start
		[ "$(try "$what")" = '' ]
		worker_wait '^ended signal 31' || fail "$what"
	done
}

@test "a sandbox that cannot be had is fatal and reported" {
	local as=()
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid 64321 --regid 64321 --clear-groups)
	WORKER_UNDER=(${as[@]+"${as[@]}"})
	worker_start --uid 64321 --gid 64321
	worker_wait '^note failed setgroups 1$'
	worker_wait '^ended exit 1'
	worker_teardown
	rm "$BATS_TEST_TMPDIR/commands"
	worker_start --uid 64321 --gid 64321 --no-seccomp
	worker_wait '^note failed chroot 1$'
	worker_wait '^ended exit 1'
	run ! ls -d /run/inetd-worker.* /tmp/inetd-worker.*
}

@test "where a filter refuses chroot(2) the rest is given up, and it is told" {
	only_root
	number=$(printf '#include <sys/syscall.h>\nSYS_chroot\n' | cc -E -P -x c - | tail -n 1)
	WORKER_UNDER=("$B/tests/bin/refuse" EPERM "$number" --)
	worker_start --uid 64321 --gid 64322
	worker_wait '^note without chroot 1$'
	[ "$(status_line Uid)" = $'64321\t64321\t64321\t64321' ]
	[ "$(status_line CapEff)" = 0000000000000000 ]
	[ "$(status_line Seccomp) $(status_line Seccomp_filters)" = '2 2' ]
	[ -z "$(ls -A "/proc/$WORKER_PID/cwd/")" ]
	worker_open daytime stream daytime 0
	client "$daytime" <<<'assert len(read_all(tcp(ARGS[0]))) == 26'
	run ! ls -d /run/inetd-worker.* /tmp/inetd-worker.*
}

@test "wrong arguments, another version, no link: exit 2 and a word" {
	run -2 "$WORKER"
	[ -n "$output" ]
	run -2 "$WORKER" 4711
	[[ $output == *version* ]]
	run -2 "$WORKER" 7 </dev/null 3<&0
	[[ $output == *link* ]]
	worker_start --uid 1
	worker_wait '^ended exit 2'
	worker_teardown
	rm "$BATS_TEST_TMPDIR/commands"
	worker_start --uid x --gid 1
	worker_wait '^ended exit 2'
}

@test "the time zone is known inside" {
	only_root
	WORKER_UNDER=(env TZ=:America/New_York)
	worker_start --uid 64321 --gid 64321
	worker_open daytime stream daytime 0
	worker_open dgram dgram daytime 127.0.0.1 0 0
	client "$daytime" "$dgram" <<-'END'
		os.environ["TZ"] = "America/New_York"
		time.tzset()
		def near(text):
		    now = int(time.time())
		    return text in [time.ctime(t) + "\r\n" for t in range(now - 2, now + 1)]
		assert near(read_all(tcp(ARGS[0])).decode())
		s = udp()
		s.sendto(b"", ("127.0.0.1", ARGS[1]))
		assert near(s.recv(99).decode())
	END
}
