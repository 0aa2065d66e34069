#!/usr/bin/env bats
# Each step by which a program enters its cage is made to fail: the program is not executed, its caller's connection is
# closed, the log names step and error, the service pauses; and is served again when the step works.

load ../helpers/family

setup() {
	inetd_setup
	need_root
	need_plain
}

teardown() {
	release
	! inetd_running || { inetd_signal TERM && wait_until inetd_gone "$INETD_PID"; }
	inetd_teardown
}

# serve: a service for each row of standard input, `NAME|KEYS with ; between`, that says that it ran.
serve() {
	local name keys
	start_ini < <(
		while IFS='|' read -r name keys; do
			printf '[%s]\nport = 0\nserver = /bin/echo\nserver_args = ran\n' "$name"
			tr ';' '\n' <<<"$keys"
		done
	)
}

# break_call CALL[:when=N+] [OPTION...]: from here on that system call fails for every child of the daemon (EPERM).
break_call() {
	strace -f -qq -o "$INETD_DIR/strace" -e "trace=${1%%:*}" -e "inject=${1%%:*}:error=EPERM${1#"${1%%:*}"}" "${@:2}" \
		-p "$INETD_PID" 3>&- &
	tracer=$!
	wait_until grep -q '^TracerPid:.[1-9]' "/proc/$INETD_PID/status"
}

# release: all calls work again.
release() {
	[ -n "${tracer:-}" ] || return 0
	kill "$tracer" 2>/dev/null
	wait "$tracer" || true
	tracer=
}

# fails NAME STEP ERROR: the caller gets nothing but a close, and all the rest that is promised.
fails() {
	local answer status=0
	answer=$(timeout $((10 * INETD_PATIENCE)) cat <"/dev/tcp/127.0.0.1/$(inetd_port "$1")" 2>/dev/null) || status=$?
	[ "$status" != 124 ] || fail "$1: the connection is not closed"
	[ -z "$answer" ] || fail "$1: it ran"
	assert_log "$1: cannot start /bin/echo: $2: $3.*; pausing between tries"
	# The pause is a second, which a slow machine may have taken to get here.
	[[ $(inetd_field "$1" STATE) == @(backoff|failing) ]] || fail "$1 is $(inetd_field "$1" STATE)"
}

# recovers NAME
recovers() {
	wait_until -t 40 answers "$1"
}

answers() {
	[ "$(ask_tcp "$1")" = ran ]
}

@test "a system call of the cage fails: nothing runs, the log names it, the service pauses and comes back" {
	local name call step last rows=(
		'mounts setns mount namespace|user=nobody;read_only=yes'
		'network setns network namespace|user=nobody;network=connection'
		'privileges prctl:when=1+ no_new_privs|user=nobody;no_new_privs=yes'
		'paths landlock_restrict_self landlock|user=nobody;read_paths=/;exec_paths=/'
		'ioprio ioprio_set ioprio|user=nobody;ioprio=idle'
		'processors sched_setaffinity cpu_affinity|user=nobody;cpu_affinity=0'
		'limits prlimit64 [setp]*rlimit[46]*|user=nobody;rlimit_core=0'
		'root chroot chroot|user=nobody;chroot=/'
		'directory chdir directory|user=nobody;directory=/'
		'bounds prctl:when=2+ capabilities|user=nobody;capabilities=none'
		'rights capset capabilities|user=nobody;capabilities=none'
		'keep prctl:when=%keep+ capabilities|user=nobody;capabilities=chown'
		'ambient prctl:when=%ambient+ capabilities|user=nobody;capabilities=chown'
		'filter seccomp syscall_filter|user=nobody;syscall_filter=yes'
		'groups /^setgroups(32)?$ setgroups|user=nobody;groups=no'
		'group /^setresgid(32)?$ setresgid|user=nobody'
		'user /^setresuid(32)?$ setresuid|user=nobody'
		'nice setpriority setpriority|user=nobody;nice=1'
		'session setsid setsid|user=nobody'
	)
	# The child's name, all rights but one, and then these.
	last=$(cat /proc/sys/kernel/cap_last_cap)
	rows=("${rows[@]/\%keep/$((last + 2))}")
	rows=("${rows[@]/\%ambient/$((last + 3))}")
	serve < <(printf '%s\n' "${rows[@]}" | sed 's/ [^|]*//')
	for row in "${rows[@]}"; do
		recovers "${row%% *}"
	done
	for row in "${rows[@]}"; do
		read -r name call step <<<"${row%%|*}"
		break_call "$call"
		fails "$name" "$step" 'Operation not permitted'
		release
	done
	for row in "${rows[@]}"; do
		recovers "${row%% *}"
	done
}

@test "oom_score_adj: its file cannot be written" {
	serve <<<'oom|user=nobody;oom_score_adj=321'
	recovers oom
	break_call openat -P /proc/self/oom_score_adj
	fails oom oom_score_adj 'Operation not permitted'
	release
	recovers oom
}

@test "control group: it was removed" {
	local place own
	place=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	[ -w "$place/cgroup.procs" ] || skip 'needs control groups of version 2'
	# A user that nothing else has: rlimit_nproc counts all of a user's processes.
	serve <<<"steps-$$|user=$((200000 + $$ % 100000)):nogroup;isolation=strict"
	recovers "steps-$$"
	for place in "$place${own%/inetd-daemon}/inetd-service-steps-$$-"*; do
		wait_until rmdir "$place"
	done
	fails "steps-$$" 'control group' 'No such'
	recovers "steps-$$"
}
