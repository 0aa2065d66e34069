#!/usr/bin/env bats
# What confines programs: for each key a program that tries what is forbidden, beside the same one allowed.

load ../helpers/family

setup() {
	inetd_setup
	need_root
	# Where neither /tmp of a service's own nor a read-only system hides it.
	HOSTILE_DIR=$(mktemp -d /var/lib/inetd-cage.XXXXXX)
	chmod 755 "$HOSTILE_DIR"
	cp "$B/tests/bin/hostile" "$HOSTILE_DIR/"
	hostile=$HOSTILE_DIR/hostile
	# A user that nothing else has: rlimit_nproc counts all of a user's processes.
	own=$((200000 + $$ % 100000))
	peers=() # processes that end with the case
}

teardown() {
	[ "${#peers[@]}" = 0 ] || kill "${peers[@]}" 2>/dev/null || true
	# By TERM, so that it removes its control groups.
	! inetd_running || { inetd_signal TERM && wait_until inetd_gone "$INETD_PID"; }
	inetd_teardown
	rm -rf "${HOSTILE_DIR:-/nonexistent}"
}

# serve: two services of the program hostile: `free`, and `caged` with the keys of standard input.
serve() {
	start_ini < <(
		printf '[free]\nport = 0\nuser = %s\nserver = %s\n' "$own:$own" "$hostile"
		printf '[caged]\nport = 0\nuser = %s\nserver = %s\n' "$own:$own" "$hostile"
		cat
	)
}

# attempt SERVICE NAME[=ARGUMENT]: what the program says that it could do.
attempt() {
	echo "$2" | nc -N -w $((10 * INETD_PATIENCE)) 127.0.0.1 "$(inetd_port "$1")"
}

# answers SERVICE NAME[=ARGUMENT] TEXT: true if that is what it says.
answers() {
	[ "$(attempt "$1" "$2")" = "$3" ]
}

# forbidden NAME[=ARGUMENT] ERROR: it works in the free service, and not in the caged one.
forbidden() {
	local name=${1%%=*}
	[ "$(attempt free "$1")" = "$name: done" ] || fail "free: $(attempt free "$1")"
	[[ "$(attempt caged "$1")" == "$name: "$2 ]] || fail "caged: $(attempt caged "$1")"
}

# allowed NAME[=ARGUMENT]: it works in the caged service.
allowed() {
	[ "$(attempt caged "$1")" = "${1%%=*}: done" ] || fail "caged: $(attempt caged "$1")"
}

# has_landlock VERSION: of landlock(7).
has_landlock() {
	[ "$(python3 -c 'import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))')" -ge "$1" ]
}

need_landlock() {
	has_landlock "$1" || skip "needs version $1 of landlock(7)"
}

@test "read_paths: what is not listed is neither read nor listed" {
	need_landlock 1
	echo secret >"$HOSTILE_DIR/secret"
	mkdir "$HOSTILE_DIR/open"
	echo open >"$HOSTILE_DIR/open/file"
	serve <<-END
		read_paths = /usr /lib -/lib64 $HOSTILE_DIR/open
		exec_paths = $hostile /usr /lib -/lib64
	END
	forbidden "read=$HOSTILE_DIR/secret" 'Permission denied'
	forbidden "list=$HOSTILE_DIR" 'Permission denied'
	allowed "read=$HOSTILE_DIR/open/file"
	# What may be read may not be changed, nor executed.
	cp /bin/true "$HOSTILE_DIR/open/true"
	chmod 777 "$HOSTILE_DIR/open"
	chmod 666 "$HOSTILE_DIR/open/file"
	forbidden "write=$HOSTILE_DIR/open/file" 'Permission denied'
	forbidden "write=$HOSTILE_DIR/open/new" 'Permission denied'
	forbidden "exec=$HOSTILE_DIR/open/true" 'Permission denied'
}

@test "write_paths: what is not listed is not changed" {
	need_landlock 1
	cp /bin/true "$HOSTILE_DIR/fixed"
	chmod 777 "$HOSTILE_DIR/fixed"
	mkdir -m 777 "$HOSTILE_DIR/there" "$HOSTILE_DIR/here"
	serve <<-END
		write_paths = $HOSTILE_DIR/here
		exec_paths = $hostile /usr /lib -/lib64 -$HOSTILE_DIR/fixed
	END
	forbidden "write=$HOSTILE_DIR/there/x" 'Permission denied'
	[ "$(attempt caged "remove=$HOSTILE_DIR/there/x")" = 'remove: Permission denied' ]
	[ "$(attempt free "remove=$HOSTILE_DIR/there/x")" = 'remove: done' ]
	allowed "write=$HOSTILE_DIR/here/x"
	allowed "read=$HOSTILE_DIR/here/x"
	allowed "remove=$HOSTILE_DIR/here/x"
	# What may be changed may not be executed.
	cp /bin/true "$HOSTILE_DIR/here/true"
	forbidden "exec=$HOSTILE_DIR/here/true" 'Permission denied'
	# What may be executed may not be changed.
	forbidden "write=$HOSTILE_DIR/fixed" 'Permission denied'
}

# landlock(7) knows of it since its version 3; before, a filter of system calls refuses it everywhere.
@test "write_paths: what is not listed is not cut, whichever version landlock(7) is of" {
	local version service
	need_landlock 1
	mkdir -m 777 "$HOSTILE_DIR/there" "$HOSTILE_DIR/here"
	for version in now 2; do
		[ $version = now ] || INETD_UNDER="env LD_PRELOAD=$B/tests/fault/landlock2.so"
		serve <<-END
			write_paths = $HOSTILE_DIR/here
			read_paths = /dev $HOSTILE_DIR
			exec_paths = $hostile /usr /lib -/lib64
			[filtered]
			port = 0
			user = $own:$own
			server = $hostile
			read_paths = $HOSTILE_DIR
			exec_paths = $hostile /usr /lib -/lib64
			syscall_filter = @default io_uring_setup
			[root]
			port = 0
			user = root
			server = $hostile
			read_paths = $HOSTILE_DIR
			exec_paths = $hostile /usr /lib -/lib64
		END
		echo text | tee "$HOSTILE_DIR/there/file" >"$HOSTILE_DIR/here/file"
		chmod 666 "$HOSTILE_DIR"/*/file
		for service in caged filtered root; do
			[ "$(attempt $service "cut=$HOSTILE_DIR/there/file")" = 'cut: Permission denied' ]
			[ "$(cat "$HOSTILE_DIR/there/file")" = text ]
		done
		allowed "sh=perl -e 'open(F, \"+>\", \"$HOSTILE_DIR/here/file\") or exit 1'"
		[ ! -s "$HOSTILE_DIR/here/file" ]
		allowed "sh=echo new >$HOSTILE_DIR/here/file"
		[ "$(cat "$HOSTILE_DIR/here/file")" = new ]
		if [ $version = 2 ] || ! has_landlock 3; then
			for service in caged filtered; do
				[ "$(attempt $service io-uring)" = 'io-uring: Operation not permitted' ]
			done
		else
			allowed "cut=$HOSTILE_DIR/here/file"
			allowed io-uring
		fi
		[ "$(attempt free "cut=$HOSTILE_DIR/there/file")" = 'cut: done' ]
		[ ! -s "$HOSTILE_DIR/there/file" ]
		inetd_stop
	done
}

@test "write_paths: a file is not moved out of them, nor is a device controlled" {
	local control
	control="perl -e 'open(F, \"<\", \"/dev/random\") or exit 1; ioctl(F, 0x80045200, my \$b = pack(\"i\", 0)) or exit 1'"
	need_landlock 2
	mkdir -m 777 "$HOSTILE_DIR/there" "$HOSTILE_DIR/here"
	serve <<-END
		read_paths = /dev
		write_paths = $HOSTILE_DIR/here
		exec_paths = $hostile /usr /lib -/lib64
		[root]
		port = 0
		user = root
		server = $hostile
		write_paths = $HOSTILE_DIR/here
		exec_paths = $hostile /usr /lib -/lib64
	END
	[ "$(attempt root "sh=mkfifo $HOSTILE_DIR/here/fifo")" = 'sh: done' ]
	for place in c b; do
		[[ "$(attempt root "sh=mknod $HOSTILE_DIR/here/device $place 7 0")" == *'sh: Permission denied' ]]
		! mknod "$HOSTILE_DIR/there/device" "$place" 7 0 || rm "$HOSTILE_DIR/there/device"
	done
	for place in there here; do
		echo text >"$HOSTILE_DIR/$place/file"
		chmod 666 "$HOSTILE_DIR/$place/file"
	done
	forbidden "sh=cd $HOSTILE_DIR && ln here/file there/\$\$ 2>&-" 'Permission denied'
	allowed "sh=cd $HOSTILE_DIR/here && >a && mkdir sub && perl -e 'rename(\"a\", \"sub/a\") or exit 1'"
	[ -e "$HOSTILE_DIR/here/sub/a" ]
	! has_landlock 5 || forbidden "sh=$control" 'Permission denied'
}

@test "exec_paths: what is not listed is not executed" {
	need_landlock 1
	cp /bin/true "$HOSTILE_DIR/other"
	serve <<-END
		read_paths = /
		exec_paths = $hostile /usr/lib /lib -/lib64 /usr/bin/true
	END
	forbidden "exec=$HOSTILE_DIR/other" 'Permission denied'
	allowed exec=/usr/bin/true
}

@test "a path that is missing is an error of the service, one with - before it is passed over" {
	need_landlock 1
	serve <<-END
		exec_paths = / $HOSTILE_DIR/absent
	END
	assert_log "caged: cannot prepare what confines its programs: $HOSTILE_DIR/absent: No such file"
	[ "$(inetd_field caged STATE)" = cage ]
	[ "$(attempt free netlink)" = 'netlink: done' ]
	# As soon as it is there the service is served.
	touch "$HOSTILE_DIR/absent"
	wait_until answers caged netlink 'netlink: done'
	inetd_stop
	rm "$HOSTILE_DIR/absent"
	serve <<-END
		exec_paths = / -$HOSTILE_DIR/absent
	END
	allowed netlink
}

@test "private_tmp: its own, seen by no one else, and emptied with the last program" {
	local place=/tmp/inetd-cage-$$-$RANDOM
	serve <<<'private_tmp = yes'
	allowed "write=$place"
	[ ! -e "$place" ]
	# The service has another one now.
	wait_until answers caged "read=$place" 'read: No such file or directory'
	(exec 9<>"/dev/tcp/127.0.0.1/$(inetd_port caged)" && echo "write=$place" >&9 && read -r _ <&9 &&
		[ "$(attempt caged "read=$place")" = 'read: done' ])
	[ "$(attempt free "write=$place")" = 'write: done' ]
	rm -f "$place"
	# It is /var/tmp too, gives no rights by a file, and has its bounds.
	allowed "sh=touch $place && test -e /var$place"
	allowed "sh=grep -q '^inetd /tmp tmpfs .*nosuid,nodev.*size=65536k,nr_inodes=65536' /proc/mounts"
}

@test "read_only: nothing is changed, but for write_paths" {
	mkdir -m 777 "$HOSTILE_DIR/there" "$HOSTILE_DIR/here"
	serve <<-END
		read_only = yes
		write_paths = $HOSTILE_DIR/here
		read_paths = /
		exec_paths = /
	END
	forbidden "write=$HOSTILE_DIR/there/x" '@(Permission denied|Read-only file system)'
	allowed "write=$HOSTILE_DIR/here/x"
	inetd_stop
	serve <<<'read_only = yes'
	rm -f "$HOSTILE_DIR/there/x"
	forbidden "write=$HOSTILE_DIR/there/x" 'Read-only file system'
}

@test "read_only: a daemon that has another root directory than the machine stays below it" {
	local dir
	need_mounts
	mkdir "$HOSTILE_DIR/root"
	echo outside >"$HOSTILE_DIR/where"
	inetd_script in-root <<-END
		#!/bin/bash
		# A root directory in which all is as outside, but for that one file.
		mount --rbind / $HOSTILE_DIR/root
		echo inside >$INETD_DIR/inside
		mount --bind $INETD_DIR/inside $HOSTILE_DIR/root$HOSTILE_DIR/where
		exec chroot $HOSTILE_DIR/root "\$@"
	END
	INETD_UNDER="unshare -m $INETD_DIR/in-root" start_ini <<-END
		[free]
		port = 0
		user = nobody
		server = /bin/cat
		server_args = $HOSTILE_DIR/where
		[caged]
		port = 0
		user = nobody
		server = /bin/cat
		server_args = $HOSTILE_DIR/where
		read_only = yes
	END
	[ "$(ask_tcp free)" = inside ]
	[ "$(ask_tcp caged)" = inside ]
}

@test "hide_run: no socket in /run is reached" {
	local place=/run/inetd-cage-$$-$RANDOM
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); __import__("os").chmod(sys.argv[1], 0o777)
time.sleep(3600)' "$place" 3>&- &
	peers+=($!)
	wait_until test -S "$place"
	serve <<<'hide_run = yes'
	forbidden "unix=$place" 'No such file or directory'
	rm -f "$place"
}

@test "network: with connection no other peer is reached, with none there is no socket at all" {
	local port
	serve <<<'network = connection'
	port=$(inetd_port free)
	forbidden "tcp=$port" 'Network is unreachable'
	forbidden "udp=$port" 'Network is unreachable'
	allowed netlink
	inetd_stop
	serve <<<$'network = connection\nsyscall_filter = no'
	port=$(inetd_port free)
	forbidden "tcp=$port" '@(Network is unreachable|Permission denied)'
	forbidden "udp=$port" 'Network is unreachable'
	inetd_stop
	serve <<<'network = none'
	forbidden "tcp=$(inetd_port free)" 'Permission denied'
	forbidden netlink 'Permission denied'
}

# wait_for_callers: a listener on port $callers, which prints what each of its callers says, to the file `callers`.
wait_for_callers() {
	python3 -u -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1])
while True:
    print(s.accept()[0].recv(99).decode().strip())' >"$INETD_DIR/callers" 3>&- &
	peers+=($!)
	wait_until test -s "$INETD_DIR/callers"
	callers=$(head -n 1 "$INETD_DIR/callers")
}

@test "network: a connection is led to nobody else by connect(2), with connection, none, and under strict" {
	local keys
	wait_for_callers
	for keys in 'network = connection' 'network = none' 'isolation = strict' $'network = connection\nno_new_privs = no'; do
		serve <<<"$keys"
		# By socketcall(2), as on i386, none answers the same to a connect as to a socket.
		[[ "$(attempt caged "reconnect=$callers")" == 'reconnect: '@(Network is unreachable|Permission denied) ]]
		inetd_stop
	done
	# Nobody has come so far, as the first is this one.
	serve <<<'network = yes'
	[ -z "$(attempt caged "reconnect=$callers")" ]
	wait_until grep -q reconnect "$INETD_DIR/callers"
	[ "$(cat "$INETD_DIR/callers")" = "$callers"$'\nreconnect: done' ]
}

@test "network: without a filter of system calls it is landlock(7) that leads a connection to nobody else" {
	need_landlock 4
	wait_for_callers
	serve <<<$'network = connection\nsyscall_filter = no'
	[ "$(attempt caged listen=0)" = 'listen: Permission denied' ]
	[ "$(attempt free listen=0)" = 'listen: done' ]
	[ -z "$(attempt caged "reconnect=$callers")" ]
	[ -z "$(attempt free "reconnect=$callers")" ]
	wait_until grep -q reconnect "$INETD_DIR/callers"
	[ "$(cat "$INETD_DIR/callers")" = "$callers"$'\nreconnect: done' ]
}

@test "connect_ports and bind_ports: other ports are refused" {
	local port
	need_landlock 4
	serve <<-END
		connect_ports = 1
		bind_ports = none
	END
	forbidden "tcp=$(inetd_port free)" 'Permission denied'
	forbidden listen=0 'Permission denied'
	inetd_stop
	serve <<<'bind_ports = 0'
	allowed listen=0
	port=$(inetd_port free)
	allowed "tcp=$port"
}

@test "scoped: no signals to others, nor connections to their abstract sockets" {
	local other name=inetd-cage-$$-$RANDOM
	need_landlock 6
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind("\0" + sys.argv[1]); s.listen(); time.sleep(3600)' "$name" 3>&- &
	peers+=($!)
	wait_until grep -q "$name" /proc/net/unix
	serve <<<'scoped = yes'
	forbidden "abstract=$name" 'Operation not permitted'
	setpriv --reuid="$own" --clear-groups sleep 60 3>&- &
	other=$!
	wait_until grep -q "^Uid:.$own" "/proc/$other/status"
	[ "$(attempt caged "kill=$other")" = 'kill: Operation not permitted' ]
	[ "$(attempt free "kill=$other")" = 'kill: done' ]
}

# sees_families: true if the filter can see of which family a socket is to be. On i386 and s390x the C library makes
# sockets by socketcall(2).
sees_families() {
	[[ $(cc -dumpmachine) != @(i?86|s390x)-* ]]
}

@test "syscall_filter: what @default leaves out answers EPERM, and a list allows what it names" {
	serve <<<'syscall_filter = yes'
	forbidden unshare-user 'Operation not permitted'
	forbidden add-key 'Operation not permitted'
	forbidden io-uring 'Operation not permitted'
	forbidden userfault 'Operation not permitted'
	if sees_families; then
		forbidden netlink 'Operation not permitted'
		forbidden vsock 'Operation not permitted'
	fi
	allowed "tcp=$(inetd_port free)"
	inetd_stop
	serve <<<'syscall_filter = @default unshare add_key'
	allowed unshare-user
	allowed add-key
	[ "$(attempt caged io-uring)" = 'io-uring: Operation not permitted' ]
}

# others: a process of the user of the services, $other, that is none of theirs.
others() {
	setpriv --reuid="$own" --regid="$own" --clear-groups sleep 300 3>&- &
	other=$!
	peers+=("$other")
	wait_until grep -q "^Uid:.$own" "/proc/$other/status"
}

@test "syscall_filter: @default leaves limits and priorities of the user's other programs, and nothing behind, alone" {
	local other name
	others
	# One after the other, as the free service does what it is asked for.
	serve <<<'syscall_filter = yes'
	for name in limit slow slow-disk starve pin; do
		[ "$(attempt caged "$name=$other")" = "$name: Operation not permitted" ] || fail "$(attempt caged "$name=$other")"
	done
	[[ "$(grep 'Max cpu' "/proc/$other/limits")" == *unlimited*unlimited* ]]
	[ "$(awk '{ print $19 }' "/proc/$other/stat")" = "$(awk '{ print $19 }' "/proc/$$/stat")" ]
	for name in limit slow slow-disk starve pin; do
		[ "$(attempt free "$name=$other")" = "$name: done" ] || fail "$(attempt free "$name=$other")"
	done
	for name in slow-user shared-memory semaphore messages queue lease; do
		forbidden "$name" 'Operation not permitted'
	done
	# What is its own it may change.
	for name in limit slow slow-disk starve pin; do
		allowed "$name=0"
	done
	inetd_stop
	serve <<<'syscall_filter = @default shmget shmctl ipc prlimit64'
	allowed shared-memory
	allowed "limit=$other"
}

@test "no_new_privs: a set-user-ID program gains nothing" {
	cp "$HOSTILE_DIR/hostile" "$HOSTILE_DIR/root"
	printf '#include <unistd.h>\nint main(void) { return geteuid() != 0; }\n' |
		cc -x c -o "$HOSTILE_DIR/is-root" -
	chmod 4755 "$HOSTILE_DIR/is-root"
	serve <<<'no_new_privs = yes'
	forbidden "exec=$HOSTILE_DIR/is-root" 'Permission denied'
}

@test "capabilities: a user keeps those that are named, root none" {
	start_ini <<-END
		[plain]
		port = 0
		user = nobody
		server = /bin/grep
		server_args = Cap /proc/self/status
		[kept]
		port = 0
		user = nobody
		server = /bin/grep
		server_args = Cap /proc/self/status
		capabilities = net_bind_service
		[kept-alone]
		port = 0
		user = nobody
		server = /bin/grep
		server_args = Cap /proc/self/status
		capabilities = net_bind_service
		no_new_privs = yes
		[root]
		port = 0
		user = root
		server = /bin/grep
		server_args = Cap /proc/self/status
		capabilities = none
	END
	[[ "$(ask_tcp plain)" == *CapEff:*0000000000000000* ]]
	[[ "$(ask_tcp kept)" == *CapEff:*0000000000000400*CapBnd:*0000000000000400*CapAmb:*0000000000000400* ]]
	[ "$(ask_tcp kept-alone)" = "$(ask_tcp kept)" ]
	[[ "$(ask_tcp root)" == *CapPrm:*0000000000000000*CapEff:*0000000000000000*CapBnd:*0000000000000000* ]]
}

@test "capabilities: none are gained by a set-user-ID program, by file capabilities, or as root" {
	local service
	cp /bin/grep "$HOSTILE_DIR/setuid"
	cp /bin/grep "$HOSTILE_DIR/capable"
	chmod 4755 "$HOSTILE_DIR/setuid"
	# cap_net_raw, permitted and effective (capabilities(7), VFS_CAP_REVISION_2)
	python3 -c 'import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))' "$HOSTILE_DIR/capable"
	cat >"$HOSTILE_DIR/both" <<-END
		#!/bin/sh
		$HOSTILE_DIR/setuid -E 'Cap(Prm|Eff|Inh|Amb)' /proc/self/status
		$HOSTILE_DIR/capable -E 'Cap(Prm|Eff|Inh|Amb)' /proc/self/status
	END
	chmod 755 "$HOSTILE_DIR/both"
	start_ini < <(
		for service in free:nobody: bounded:nobody:capabilities=none root:root:capabilities=none \
			caged:nobody:capabilities=none:no_new_privs=yes caged-root:root:capabilities=none:no_new_privs=yes; do
			IFS=: read -r name user keys <<<"$service"
			printf '[%s]\nport = 0\nuser = %s\nserver = %s\n' "$name" "$user" "$HOSTILE_DIR/both"
			tr : '\n' <<<"$keys"
		done
	)
	run ask_tcp free
	[ "$(grep -c 'Cap[PE].*[1-9a-f]' <<<"$output")" = 4 ] || fail "$output"
	for service in bounded root caged caged-root; do
		run ask_tcp "$service"
		[ "$(grep -c Cap <<<"$output")" -ge 4 ] || fail "$service: $output"
		! grep -q 'Cap.*:.*[1-9a-f]' <<<"$output" || fail "$service: $output"
	done
}

@test "groups: the user's, none, or those that are listed" {
	start_ini <<-END
		[user]
		port = 0
		user = nobody
		server = /usr/bin/id
		server_args = -G
		[none]
		port = 0
		user = nobody
		server = /usr/bin/id
		server_args = -G
		groups = no
		[listed]
		port = 0
		user = nobody
		server = /usr/bin/id
		server_args = -G
		groups = daemon 4242
		[root]
		port = 0
		user = root
		server = /usr/bin/id
		server_args = -G
		groups = no
	END
	[ "$(ask_tcp user)" = 65534 ]
	[ "$(ask_tcp none)" = 65534 ]
	[ "$(ask_tcp listed | xargs -n 1 | sort -n | xargs)" = "1 4242 65534" ]
	[ "$(ask_tcp root)" = 0 ]
}

@test "groups: ids of more than 16 bits are those of the program" {
	start_ini <<-END
		[large]
		port = 0
		user = 100001:100002
		groups = 100003 65536
		server = /bin/grep
		server_args = -E '^(Uid|Gid|Groups):' /proc/self/status
	END
	run ask_tcp large
	[ "$(xargs <<<"$output")" = "$(xargs <<<'Uid: 100001 100001 100001 100001 Gid: 100002 100002 100002 100002
		Groups: 65536 100003')" ] || fail "$output"
}

@test "directory, chroot, limits, priorities and processors are as the keys say" {
	mkdir -p "$HOSTILE_DIR/root/sub"
	cp "$hostile" "$HOSTILE_DIR/root/"
	start_ini <<-END
		[place]
		port = 0
		user = nobody
		directory = $HOSTILE_DIR
		server = /bin/pwd
		[limits]
		port = 0
		user = nobody
		server = /bin/sh
		server_args = -c 'cat /proc/self/limits; cat /proc/self/oom_score_adj; ionice; taskset -p $\$'
		rlimit_core = 0
		rlimit_nofile = 100:200
		rlimit_as = 1g
		rlimit_cpu = 7
		oom_score_adj = 321
		ioprio = idle
		cpu_affinity = 0
	END
	[ "$(ask_tcp place)" = "$HOSTILE_DIR" ]
	run ask_tcp limits
	[[ $output =~ Max\ cpu\ time\ +7\ +7\  ]]
	[[ $output =~ Max\ core\ file\ size\ +0\ +0\  ]]
	[[ $output =~ Max\ open\ files\ +100\ +200\  ]]
	[[ $output =~ Max\ address\ space\ +1073741824\ +1073741824\  ]]
	[[ $output == *$'\n321\n'* ]]
	[[ $output == *$'\nidle\n'* ]]
	[[ $output == *'affinity mask: 1'* ]]
}

only_thread() {
	[ "$(ls "/proc/$INETD_PID/task")" = "$INETD_PID" ]
}

# For the kernel who shares a memory is as one here, and a child shares the daemon's until its exec.
@test "oom_score_adj is that of the service's programs, not of the daemon and what it starts after them" {
	local own
	start_ini <<-END
		[scored]
		port = 0
		user = nobody
		server = /bin/cat
		server_args = /proc/self/oom_score_adj
		oom_score_adj = 321
		[plain]
		port = 0
		user = nobody
		server = /bin/cat
		server_args = /proc/self/oom_score_adj
	END
	own=$(cat "/proc/$INETD_PID/oom_score_adj")
	for ((i = 0; i < 20; i++)); do
		[ "$(ask_tcp scored)" = 321 ]
	done
	[ "$(cat "/proc/$INETD_PID/oom_score_adj")" = "$own" ]
	[ "$(ask_tcp plain)" = "$own" ]
	# Nothing is left of the threads that have started them.
	wait_until only_thread
}

@test "chroot: the program is looked for and runs below its root" {
	local root=$HOSTILE_DIR/root
	mkdir -p "$root/sub"
	printf '#include <stdio.h>\n#include <unistd.h>\nint main(void) { char b[99]; return !getcwd(b, 99) || puts(b) < 0; }\n' |
		cc -x c -static -o "$root/where" -
	start_ini <<-END
		[jail]
		port = 0
		user = nobody
		chroot = $root
		directory = /sub
		server = /where
		[top]
		port = 0
		user = nobody
		chroot = $root
		server = /where
	END
	[ "$(ask_tcp jail)" = /sub ]
	[ "$(ask_tcp top)" = / ]
}

@test "a step that fails leaves no half-caged program running" {
	start_ini <<-END
		[good]
		port = 0
		user = nobody
		server = /bin/echo
		server_args = ran
		[missing]
		port = 0
		user = nobody
		directory = $HOSTILE_DIR/absent
		server = /bin/echo
		server_args = ran
		[chroot]
		port = 0
		user = nobody
		chroot = $HOSTILE_DIR/absent
		server = /bin/echo
		server_args = ran
		[limit]
		port = 0
		user = nobody
		rlimit_nofile = 4g
		server = /bin/echo
		server_args = ran
		[processor]
		port = 0
		user = nobody
		cpu_affinity = 1023
		server = /bin/echo
		server_args = ran
	END
	[ "$(ask_tcp good)" = ran ]
	[ -z "$(ask_tcp missing)" ]
	assert_log 'missing: cannot start /bin/echo: directory: No such file'
	[ -z "$(ask_tcp chroot)" ]
	assert_log 'chroot: cannot start /bin/echo: chroot: No such file'
	[ -z "$(ask_tcp limit)" ]
	assert_log 'limit: cannot start /bin/echo: setrlimit: Operation not permitted'
	[ -z "$(ask_tcp processor)" ]
	assert_log 'processor: cannot start /bin/echo: cpu_affinity: Invalid argument'
}

@test "a reload that changes the cage changes it for the next program, one that does not keeps it" {
	serve <<<'network = connection'
	[ "$(attempt caged "tcp=$(inetd_port free)")" = 'tcp: Network is unreachable' ]
	sed -i 's/^network.*/network = yes/' "$INETD_DIR/inetd.ini"
	inetd_reload
	allowed "tcp=$(inetd_port free)"
	sed -i 's/^network.*/network = connection/' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(attempt caged "tcp=$(inetd_port free)")" = 'tcp: Network is unreachable' ]
	for _ in 1 2 3; do
		echo '# nothing else' >>"$INETD_DIR/inetd.ini"
		inetd_reload
		[ "$(attempt caged "tcp=$(inetd_port free)")" = 'tcp: Network is unreachable' ]
	done
}

@test "a program that its user cannot read is not dumpable" {
	cp /usr/bin/stat "$HOSTILE_DIR/readable"
	cp /usr/bin/stat "$HOSTILE_DIR/executable"
	chmod 711 "$HOSTILE_DIR/executable"
	start_ini < <(
		for name in readable executable; do
			printf '[%s]\nport = 0\nuser = nobody\nserver = %s\n' "$name" "$HOSTILE_DIR/$name"
			echo 'server_args = -c %U /proc/self/status'
		done
	)
	[ "$(ask_tcp readable)" = nobody ]
	[ "$(ask_tcp executable)" = root ]
}

# all_fail SERVICE NAME[=ARGUMENT]...: each of them, by one program.
all_fail() {
	local service=$1 name at=0 said
	mapfile -t said < <(attempt "$service" "$(printf '%s\n' "${@:2}")")
	for name in "${@:2}"; do
		[[ ${said[at]:-} == "${name%%=*}: "* && ${said[at]} != *': done' && ${said[at]} != *'no such attempt' ]] ||
			fail "$service, $name: ${said[at]:-}"
		at=$((at + 1))
	done
}

@test "strict: each of the attempts of a hostile program fails, also of one that is root's" {
	local families='' abstract=inetd-strict-$$-$RANDOM other peer name port attempts
	need_landlock 1
	chmod 777 "$HOSTILE_DIR"
	echo '#!/bin/sh' >"$HOSTILE_DIR/other"
	echo secret >"$HOSTILE_DIR/secret"
	chmod 755 "$HOSTILE_DIR/other"
	others
	python3 -c 'import socket, sys, os, time
a = socket.socket(socket.AF_UNIX); a.bind("\0" + sys.argv[1]); a.listen()
b = socket.socket(socket.AF_UNIX); b.bind("/run/" + sys.argv[1]); b.listen(); os.chmod("/run/" + sys.argv[1], 0o777)
time.sleep(3600)' "$abstract" 3>&- &
	peer=$!
	peers+=("$peer")
	wait_until test -S "/run/$abstract"
	serve <<-END
		isolation = strict
		[root]
		port = 0
		user = root
		server = $hostile
		isolation = strict
	END
	port=$(inetd_port free)
	# First what is left: the connection itself, system files, and a /tmp of its own.
	allowed read=/etc/passwd
	allowed write=/tmp/x
	# What each may do that is not caged.
	for name in read="$HOSTILE_DIR/secret" list=/ list=/home list=/proc write="$HOSTILE_DIR/x" \
		exec="$HOSTILE_DIR/other" "tcp=$port" "udp=$port" "unix=/run/$abstract" \
		"abstract=$abstract" unshare-user clone-user clone3-user limit="$other" slow="$other" slow-disk="$other" starve="$other" \
		pin="$other" shared-memory semaphore messages queue lease disk; do
		[ "$(attempt free "$name")" = "${name%%=*}: done" ] || fail "free: $(attempt free "$name")"
	done
	! sees_families || families='netlink vsock alg'
	# shellcheck disable=SC2206 # words
	attempts=(read=/etc/shadow list=/root list=/home list=/ list=/proc read="$HOSTILE_DIR/secret"
		write="$HOSTILE_DIR/x" write=/etc/x write=/usr/x write=/dev/shm/x write=/proc/sys/kernel/hostname
		exec="$HOSTILE_DIR/other" trace="$other" peek="$other" trace="$peer"
		limit="$other" slow="$other" slow-disk="$other" starve="$other" pin="$other" slow-user limit="$INETD_PID"
		limit="$peer" slow="$peer" pin="$peer" shared-memory semaphore messages queue lease
		"tcp=$port" "tcp6=$port" "udp=$port" "unix=/run/$abstract" "abstract=$abstract" "reconnect=$port"
		raw packet $families device mount unshare-user unshare-mounts clone-user clone3-user chroot
		hostname clock add-key read-keys bpf perf io-uring userfault module kexec swapoff nice
		read=/dev/mem read=/dev/kmsg memory disk)
	! has_landlock 6 || attempts+=(kill="$other" kill="$peer" kill="$INETD_PID")
	all_fail caged "${attempts[@]}" setuid fork-bomb
	all_fail root "${attempts[@]}"
	rm -f "/run/$abstract"
}

# sleeps PID: nothing ends it now.
sleeps() {
	grep -q '^State:.D' "/proc/$1/status"
}

# Else who makes a call on the same socket, as the daemon does when the program has ended, would sleep with it.
@test "strict: a program that is lent a socket cannot keep it locked in the kernel" {
	local lock=$HOSTILE_DIR/lock_socket
	cp "$B/tests/bin/lock_socket" "$lock"
	# Without a cage it can.
	"$TOP/tests/bin/pass_sockets.py" one=tcp:127.0.0.1:0 -- /bin/sh -c "
		$lock <&3 & echo \$! >$INETD_DIR/holder
		exec python3 -c 'import socket, time
time.sleep(0.3)
socket.socket(fileno=3).setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)'" 3>&- &
	wait_until sleeps $!
	kill "$(cat "$INETD_DIR/holder")"
	wait $!
	start_ini <<-END
		[beside]
		port = 0
		user = nobody
		server = /bin/cat
		[locks]
		port = 0
		user = root
		wait = yes
		isolation = strict
		server = $lock
	END
	exec 8<>"/dev/tcp/127.0.0.1/$(inetd_port locks)"
	assert_log 'locks: .*without taking what waits'
	assert_answer hi ask_tcp beside hi
	inetctl list | grep locks
	exec 8>&-
}

@test "strict: inetctl show lists what follows, and what a section sets stays as it is" {
	local line keys=(
		'no_new_privs = yes' 'capabilities = none' 'private_tmp = yes' 'read_only = yes' 'hide_run = yes' 'scoped = yes'
		'network = connection' 'syscall_filter = yes' 'rlimit_core = 0' 'rlimit_nproc = 256' 'rlimit_nofile = 1024'
		'rlimit_data = 1g' 'rlimit_fsize = 64m' 'write_paths = -/tmp -/var/tmp -/dev/null'
	) loose=(
		'capabilities = chown' 'private_tmp = no' 'read_only = no' 'hide_run = no' 'scoped = no'
		'network = yes' 'syscall_filter = no' 'rlimit_core = 1' 'rlimit_nproc = 2' 'rlimit_nofile = 33'
		'rlimit_data = 2g' 'rlimit_fsize = 1m'
	)
	need_landlock 6
	start_ini <<-END
		[strict]
		port = 0
		server = /bin/cat
		isolation = strict
		[paths]
		port = 0
		server = /bin/cat
		isolation = strict
		read_paths = /usr
		write_paths = /var
		exec_paths = /
		[loose]
		port = 0
		server = /bin/cat
		isolation = strict
		$(printf '%s\n' "${loose[@]}")
	END
	run inetctl show strict
	for line in "${keys[@]}"; do
		grep -qx "$line" <<<"$output" || fail "not in show: $line"
	done
	grep -q '^read_paths = .*/etc/ld.so.cache' <<<"$output"
	grep -q '^exec_paths = -/usr .*' <<<"$output"
	grep -q '^exec_paths.* /bin/cat$' <<<"$output"
	run inetctl show paths
	[ "$(grep -c -x -e 'read_paths = /usr' -e 'write_paths = /var' -e 'exec_paths = /' <<<"$output")" = 3 ] || fail "$output"
	run inetctl show loose
	for line in "${loose[@]}"; do
		grep -qx "$line" <<<"$output" || fail "not in show: $line"
	done
}

@test "strict: a shell, perl and Python serve as they do without" {
	start_ini <<-END
		[sh]
		port = 0
		user = $own:$own
		isolation = strict
		server = /bin/sh
		server_args = -c 'read -r line; echo "\$line" >/tmp/x; cat /tmp/x'
		[perl]
		port = 0
		user = $own:$own
		isolation = strict
		server = /usr/bin/perl
		server_args = -e 'use POSIX; print uc <STDIN>'
	END
	[ "$(ask_tcp sh hello)" = hello ]
	[ "$(ask_tcp perl hello)" = HELLO ]
}

@test "an ordinary user has what the kernel gives without rights: paths, filter, limits" {
	local as
	need_landlock 1
	as=$INETD_DIR/as
	mkdir "$as"
	chmod 777 "$as"
	cp "$B/inetd" "$B/inetctl" "$HOSTILE_DIR/"
	cat >"$INETD_DIR/as.ini" <<-END
		[caged]
		listen = $as/caged
		server = $hostile
		user = nobody
		exec_paths = $hostile /usr /lib -/lib64
		syscall_filter = yes
		rlimit_core = 0
	END
	setpriv --reuid=nobody --regid=nogroup --clear-groups "$HOSTILE_DIR/inetd" -f -e \
		--control "$as/control" "$INETD_DIR/as.ini" 2>"$as/log" 3>&- &
	peers+=($!)
	wait_until test -S "$as/caged"
	run bash -c "echo list=/etc | socat -t5 - UNIX:$as/caged"
	[ "$output" = 'list: Permission denied' ]
	run bash -c "echo unshare-user | socat -t5 - UNIX:$as/caged"
	[ "$output" = 'unshare-user: Operation not permitted' ]
}

# need_group: a control group of version 2 that is ours to divide.
need_group() {
	[ -w "$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)/cgroup.procs" ] ||
		skip 'needs control groups of version 2'
}

# group_root: the directory of our control group.
group_root() {
	echo "$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)$(sed -n 's/^0:://p' /proc/self/cgroup)"
}

# escapee: a service program that leaves a process in a session of its own, and prints its number.
escapee() {
	inetd_script escapee <<-'END'
		#!/bin/sh
		(setsid sleep 300 >/dev/null 2>&1 </dev/null & echo $!)
		[ -z "$1" ] || sleep "$1"
	END
}

@test "max_time: nothing escapes it by a session of its own, where there is a control group" {
	local pid
	need_group
	escapee
	start_ini <<-END
		[strict]
		port = 0
		user = $own:$own
		isolation = strict
		private_tmp = no
		read_paths = / $INETD_DIR
		exec_paths = /
		max_time = 1
		server = $INETD_DIR/escapee
		[free]
		port = 0
		user = $own:$own
		max_time = 1
		server = $INETD_DIR/escapee
	END
	pid=$(ask_tcp free)
	[ -d "/proc/$pid" ]
	escaped=$pid
	pid=$(ask_tcp strict)
	[ -n "$pid" ]
	wait_until inetd_gone "$pid"
	# Without a group it lives on.
	[ -d "/proc/$escaped" ]
	kill "$escaped"
}

@test "control groups are removed with their services, and when the daemon stops" {
	local place
	need_group
	place=$(group_root)
	printf '[gone-%s]\nport = 0\nuser = %s\nserver = /bin/cat\nisolation = strict\n' $$ "$own:$own" | start_ini
	assert_answer hi ask_tcp "gone-$$" hi
	compgen -G "$place/inetd-service-gone-$$-*"
	echo '[other]' >"$INETD_DIR/inetd.ini"
	printf 'port = 0\ninternal = echo\n' >>"$INETD_DIR/inetd.ini"
	inetd_reload
	wait_until no_group "$place/inetd-service-gone-$$-*"
}

# no_group PATTERN: no directory has such a name.
no_group() {
	! compgen -G "$1" >/dev/null
}

# Linux 6.14 and those that have its change kill whoever is born by clone3(2) in a group that was killed.
@test "whose programs were all ended at max_time, or by stop, is served again" {
	local held
	need_group
	start_ini <<-END
		[timed]
		port = 0
		user = $own:$own
		isolation = strict
		max_time = 1
		server = /bin/cat
		[stopped]
		port = 0
		user = $own:$own
		isolation = strict
		server = /bin/cat
	END
	assert_answer hi ask_tcp timed hi
	connect_tcp held timed
	run ! read -r -t 20 <&"$held"
	close_tcp held
	assert_answer hi ask_tcp timed hi
	connect_tcp held stopped
	wait_until field_is stopped RUNNING 1
	inetctl stop stopped
	wait_until field_is stopped RUNNING 0
	close_tcp held
	inetctl enable stopped
	assert_answer hi ask_tcp stopped hi
	inetd_stop
}

# beside_daemon: another inetd on this machine with the same services, in the same control group as the first: its number
# is in $peer, its control socket $INETD_DIR/second.
beside_daemon() {
	"$INETD" -f -e --control "$INETD_DIR/second" "$INETD_DIR/second.ini" 2>"$INETD_DIR/second.log" 3>&- &
	peer=$!
	wait_until grep -q started: "$INETD_DIR/second.log"
}

# second_runs NUMBER: so many programs.
second_runs() {
	"$B/inetctl" -s "$INETD_DIR/second" stats | grep -qx "programs *$1"
}

@test "two daemons with a service of one name: what one ends or removes is its own" {
	local held place
	need_group
	place=$(group_root)
	printf '[same-%s]\nlisten = %s\nuser = %s\nserver = /bin/cat\nisolation = strict\n' \
		$$ "$INETD_DIR/second.sock" "$own:$own" >"$INETD_DIR/second.ini"
	start_ini < <(sed "s|^listen.*|port = 0|" "$INETD_DIR/second.ini")
	connect_tcp held "same-$$"
	echo hi >&"$held"
	read -r -t 30 line <&"$held"
	beside_daemon
	(close_inherited && sleep 100 | socat - "UNIX:$INETD_DIR/second.sock" >/dev/null) &
	wait_until second_runs 1
	"$B/inetctl" -s "$INETD_DIR/second" stop "same-$$"
	wait_until second_runs 0
	"$B/inetctl" -s "$INETD_DIR/second" enable "same-$$"
	wait_until assert_answer hi ask_unix "$INETD_DIR/second.sock" hi
	kill "$peer"
	wait_until inetd_gone "$peer"
	echo still >&"$held"
	read -r -t 30 line <&"$held"
	[ "$line" = still ]
	close_tcp held
	assert_answer hi ask_tcp "same-$$" hi
	# One that was killed leaves its group, until the next daemon.
	beside_daemon
	assert_answer hi ask_unix "$INETD_DIR/second.sock" hi
	kill -KILL "$peer"
	wait_until inetd_gone "$peer"
	[ -d "$(echo "$place"/inetd-service-same-$$-*."$peer")" ]
	dead=$peer
	rm "$INETD_DIR/second.sock" "$INETD_DIR/second"
	beside_daemon
	wait_until no_group "$place/inetd-service-same-$$-*.$dead"
	kill "$peer"
	wait_until inetd_gone "$peer"
	inetd_stop
}

# first_of_processes NAME: an inetd that is process 1 of a namespace of its own, with $INETD_DIR/NAME.ini; its control
# socket is $INETD_DIR/NAME.
first_of_processes() {
	unshare -pf --mount-proc --kill-child "$INETD" -f -e --control "$INETD_DIR/$1" "$INETD_DIR/$1.ini" \
		2>"$INETD_DIR/$1.log" 3>&- &
	wait_until grep -q started: "$INETD_DIR/$1.log"
	peers+=("$(pgrep -P $!)")
}

# ask_first NAME ARGUMENT...: inetctl, speaking to one of these.
ask_first() {
	"$B/inetctl" -s "$INETD_DIR/$1" "${@:2}"
}

# first_runs NAME NUMBER: so many programs.
first_runs() {
	ask_first "$1" stats | grep -qx "programs *$2"
}

# groups_go PATTERN: removes the empty groups with such a name; true when none is left.
groups_go() {
	local group
	for group in $1; do
		[ ! -d "$group" ] || rmdir "$group"
	done
	no_group "$1"
}

@test "two daemons of one process number, in namespaces of their own: what one ends is its own" {
	local name line one two
	need_group
	unshare -pf --mount-proc true || skip 'no process namespaces'
	for name in one two; do
		printf '[same-%s]\nlisten = 127.0.0.1:0\nuser = %s\nserver = /bin/cat\nisolation = strict\n' $$ "$own:$own" \
			>"$INETD_DIR/$name.ini"
		first_of_processes $name
		connect_tcp $name "$(ask_first $name list | sed -n "s/^same-$$ [^:]*:\([0-9]*\) .*/\1/p")"
	done
	echo hi >&"$one"
	read -r -t 30 line <&"$one"
	wait_until first_runs two 1
	ask_first two stop "same-$$"
	wait_until first_runs two 0
	echo still >&"$one"
	read -r -t 30 line <&"$one"
	[ "$line" = still ]
	close_tcp one two
	# With process 1 ends who would remove its groups.
	kill "${peers[@]}"
	wait_until inetd_gone "${peers[@]}"
	wait_until groups_go "$(group_root)/inetd-service-same-$$-*"
}

@test "stop: what has left its session ends with its program" {
	local pid
	need_group
	escapee
	start_ini <<-END
		[strict]
		port = 0
		user = $own:$own
		isolation = strict
		private_tmp = no
		read_paths = / $INETD_DIR
		exec_paths = /
		kill_after = 1
		server = $INETD_DIR/escapee
		server_args = 300
	END
	exec 9<>"/dev/tcp/127.0.0.1/$(inetd_port strict)"
	read -r pid <&9
	[ -d "/proc/$pid" ]
	inetctl stop strict
	wait_until inetd_gone "$pid"
	exec 9>&-
}

@test "a wait service and one of tcpmux run in their cages, with exactly the identity that is set" {
	start_ini <<-END
		[lent]
		port = 0
		user = daemon:4242
		wait = yes
		server = /usr/bin/python3
		server_args = -c 'import socket, os; c, _ = socket.socket(fileno=0).accept(); \
		c.send(b"%d %d %s" % (os.getuid(), os.getgid(), open("/proc/self/status").read().split("NoNewPrivs:")[1][:2].encode()))'
		no_new_privs = yes
		[muxed]
		mux = muxed
		user = 4321:4322
		server = /bin/sh
		server_args = -c 'id -u; id -g; id -G; grep NoNewPrivs /proc/self/status; grep CapPrm /proc/self/status'
		no_new_privs = yes
		capabilities = none
		groups = 77
		[tcpmux]
		port = 0
		internal = tcpmux
		[root]
		port = 0
		user = root:daemon
		server = /bin/sh
		server_args = -c 'id -u; id -g; id -G; grep CapEff /proc/self/status'
		groups = no
		capabilities = none
	END
	run bash -c "echo muxed | nc -N -w 5 127.0.0.1 $(inetd_port tcpmux)"
	[[ $output == *$'4321\n4322\n4322 77\nNoNewPrivs:\t1\nCapPrm:\t0000000000000000' ]] || fail "$output"
	[ "$(ask_tcp lent | xargs)" = '1 4242 1' ]
	[ "$(ask_tcp root)" = $'0\n1\n1\nCapEff:\t0000000000000000' ]
}

@test "activation = proxy: the relay and its daemon are in their cage, with a path of theirs" {
	local pid relay
	cat >"$HOSTILE_DIR/daemon" <<-'END'
		#!/usr/bin/python3
		import os, socketserver, sys
		class Answer(socketserver.StreamRequestHandler):
		    def handle(self):
		        self.wfile.write(b"%d %d\n" % (os.getpid(), os.getppid()))
		        self.rfile.readline()
		socketserver.ThreadingUnixStreamServer(sys.argv[1], Answer).serve_forever()
	END
	chmod 755 "$HOSTILE_DIR/daemon"
	start_ini <<-END
		[relayed]
		port = 0
		user = $own:$own
		activation = proxy
		server = $HOSTILE_DIR/daemon
		server_args = {path}
		isolation = strict
		private_tmp = no
		read_only = no
		exec_paths = /usr /bin /lib -/lib64 $B $HOSTILE_DIR
	END
	exec 9<>"/dev/tcp/127.0.0.1/$(inetd_port relayed)"
	read -r pid relay <&9
	for pid in "$pid" "$relay"; do
		[ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]
		grep -q '^Seccomp:[[:blank:]]*2' "/proc/$pid/status"
		grep -q '^NoNewPrivs:[[:blank:]]*1' "/proc/$pid/status"
		grep -q '^CapPrm:[[:blank:]]*0*$' "/proc/$pid/status"
		grep -q "^Uid:.$own" "/proc/$pid/status"
	done
	[ "$(cat "/proc/$relay/comm")" = ondemand ]
	exec 9>&-
}
