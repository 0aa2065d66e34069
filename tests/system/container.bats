#!/usr/bin/env bats
# The container image of `make container`, run by crun: as process 1, and with as few rights as a container can have.

load ../helpers/family

setup_file() {
	export OCI=$BATS_FILE_TMPDIR/oci
	[ -n "$(type -P umoci)" ] && [ -n "$(type -P crun)" ] && [ "$(id -u)" = 0 ] || return 0
	make -s -C "$BATS_TEST_DIRNAME/../.." B="$(realpath "${B:-build}")" OCI="$OCI" container >"$OCI.log" 2>&1 || {
		cat "$OCI.log"
		return 1
	}
}

setup() {
	inetd_setup
	cd "$INETD_DIR" || return
}

teardown() {
	[ ! -e id ] || (run_crun delete --force "$(cat id)") 2>/dev/null || true
	inetd_teardown
}

export INETD_DIR

# run_crun ARGUMENT...: it wants control groups of version 2 alone, and does nothing with them here.
run_crun() {
	# shellcheck disable=SC2016 # shell text in quotes
	exec unshare -m sh -euc 'mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec crun --cgroup-manager=disabled --root "$INETD_DIR/state" "$@"' \
		sh "$@"
}

need_container() {
	need_root
	need_plain
	[ -n "$(type -P umoci)" ] || skip 'umoci is not here'
	[ -n "$(type -P crun)" ] || skip 'crun is not here'
	unshare -mpn true || skip 'no namespaces'
}

# container SETTINGS: starts the image in the background with the configuration on standard input; the words of SETTINGS
# say what it lacks: root (it is another user), capabilities, writing (its root is read-only and it has no /run), and a
# number: the error with which an old seccomp profile refuses calls that it does not know. It has our network.
container() {
	umoci unpack --image "$OCI:inetd" bundle >umoci.log
	cat >bundle/rootfs/etc/inetd.conf
	mkdir bundle/rootfs/srv
	echo 'a file' >bundle/rootfs/srv/file
	python3 - "$1" <<-'END'
		import json, sys
		lacks = sys.argv[1].split()
		bundle = json.load(open("bundle/config.json"))
		process, linux = bundle["process"], bundle["linux"]
		process["terminal"] = False
		process["noNewPrivileges"] = True
		if "root" not in lacks:
		    process["user"] = {"uid": 0, "gid": 0}
		# Those that container engines give by default, or none.
		rights = "CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT"
		rights = ["CAP_" + name for name in rights.split()]
		sets = "bounding", "effective", "permitted"
		process["capabilities"] = {} if "capabilities" in lacks else {name: rights for name in sets}
		bundle["root"]["readonly"] = "writing" in lacks
		keep = ["/proc", "/dev"] if "writing" in lacks else ["/proc", "/dev", "/run"]
		bundle["mounts"] = [m for m in bundle["mounts"] if m["destination"] in keep]
		if "writing" not in lacks:
		    bundle["mounts"].append({"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": ["mode=1777"]})
		linux["namespaces"] = [{"type": name} for name in ("pid", "ipc", "uts", "mount")]
		linux["resources"] = {}
		errors = [int(word) for word in lacks if word.isdigit()]
		if errors:
		    linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{
		        "names": ["statx", "pidfd_send_signal", "pidfd_open", "clone3", "close_range", "openat2", "pidfd_getfd",
		            "faccessat2", "process_madvise", "epoll_pwait2", "landlock_create_ruleset", "statmount"],
		        "action": "SCMP_ACT_ERRNO", "errnoRet": errors[0]}]}
		json.dump(bundle, open("bundle/config.json", "w"))
	END
	echo "inetd-test-$BASHPID" >id
	(run_crun run --bundle bundle "$(cat id)" >log 2>&1 3>&-) &
	CONTAINER=$!
}

# in_container COMMAND...: in the running one.
in_container() {
	(run_crun exec "$(cat id)" "$@")
}

says() { # PORT TEXT WANTED
	[[ $(printf '%b' "$2" | nc -N -w 5 127.0.0.1 "$1") == *"$3"* ]]
}

# number CALL: on this machine.
number() {
	printf '#include <sys/syscall.h>\nSYS_%s\n' "$1" | cc -E -P -x c - | tail -n 1
}

# It ends when it is told to, with what it has started.
container_ends() {
	local status=0
	(run_crun kill "$(cat id)" TERM)
	wait "$CONTAINER" || status=$?
	[ $status = 0 ] || fail "ended with $status: $(cat log)"
}

served() {
	cat <<-END
		7007 stream tcp nowait nobody internal echo
		7007 dgram udp wait nobody internal echo
		7101 stream tcp nowait nobody /usr/local/libexec/inetd/services/rot13 rot13
		7080 stream tcp nowait nobody /usr/local/libexec/inetd/services/sendfile sendfile /srv
		7001 stream tcp nowait nobody internal tcpmux
		tcpmux/+turned stream tcp nowait nobody /usr/local/libexec/inetd/services/rot13 rot13
	END
}

# all_is_served
all_is_served() {
	local fd
	wait_until says 7101 'hello\n' uryyb || fail "$(cat log)"
	wait_until says 7007 'hello\n' hello || fail "$(cat log)"
	[ "$(echo hello | nc -u -w 1 127.0.0.1 7007)" = hello ] || fail "datagrams: $(cat log)"
	says 7080 'GET /file HTTP/1.0\r\n\r\n' 'a file' || fail "sendfile: $(cat log)"
	says 7001 'turned\r\nhello\n' uryyb || fail "tcpmux: $(cat log)"
}

run_as_process_1() {
	container '' < <(served)
	all_is_served
	[ "$(in_container /usr/local/sbin/inetctl stats | wc -l)" -gt 0 ]
	in_container /usr/local/sbin/inetctl list | grep -q rot13
	# A session is open, and it goes with the rest.
	exec {fd}<>/dev/tcp/127.0.0.1/7101
	echo hello >&"$fd"
	read -r -t 30 line <&"$fd"
	[ "$line" = uryyb ]
	in_container /usr/local/sbin/inetctl upgrade | grep '^upgraded to inetd'
	all_is_served
	echo hello >&"$fd"
	read -r -t 30 line <&"$fd"
	[ "$line" = uryyb ]
	container_ends
	exec {fd}>&-
	refute_worker_trouble
}

refute_worker_trouble() {
	! grep -E 'worker: (ended|cannot|failed)' log || fail 'the worker has ended'
}

# right NAME: a line of /proc/PID/status of process 1, without its name.
right() {
	local pid
	pid=$(run_crun state "$(cat id)" | python3 -c 'import json, sys; print(json.load(sys.stdin)["pid"])')
	sed -n "s/^$1:[[:blank:]]*//p" "/proc/$pid/status" | cut -f 1
}

run_without_rights() {
	container "root capabilities writing $1" < <(served)
	all_is_served
	[ "$(right Uid) $(right CapEff) $(right NoNewPrivs)" = '65534 0000000000000000 1' ] || fail 'it has rights'
	[ -z "$1" ] || [ "$(right Seccomp)" = 2 ] || fail 'it has no profile'
	run_crun kill "$(cat id)" USR2 # there is no control socket
	wait_until grep -q 'upgraded to inetd' log || fail "$(cat log)"
	all_is_served
	container_ends
	refute_worker_trouble
}

@test "the image serves as process 1: built-ins, programs, files, tcpmux; and ends in order" {
	need_container
	in_network run_as_process_1
}

@test "a read-only root without /dev/log, another user, no capabilities: everything is served" {
	need_container
	in_network run_without_rights ''
}

@test "the same behind an old seccomp profile that refuses new system calls with EPERM" {
	need_container
	"$B/tests/bin/refuse" EPERM "$(number statx)" new -- /bin/true || skip 'the C library of this machine starts no program there'
	in_network run_without_rights 1
}

@test "the same behind one that refuses them with ENOSYS" {
	need_container
	in_network run_without_rights 38
}

@test "the image has no shell, and nothing that is not needed" {
	need_container
	umoci unpack --image "$OCI:inetd" bundle >umoci.log
	[ -x bundle/rootfs/usr/local/sbin/inetd ]
	[ -z "$(find bundle/rootfs -name '*sh' -o -name '*.py')" ]
	[ "$(du -sm bundle/rootfs | cut -f 1)" -le 20 ]
}
