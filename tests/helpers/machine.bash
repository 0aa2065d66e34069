# machine.bash - small machines for tests of what is installed: a root, process table and network of their own, booted
# or not. $ROOT is copied for each; the programs of this machine are there too.

# shellcheck disable=SC2016 # shell text in quotes

# The first steps of a small machine in fresh namespaces, as shell text that uses $root: the programs
# of this machine, a /dev, /proc and /run of its own, and a network with nothing but loopback.
MACHINE_SETUP='
	mount --bind "$root" "$root"
	for dir in bin sbin lib lib32 lib64 libexec share; do
		[ -d "/usr/$dir" ] || continue
		mkdir -p "$root/usr/$dir"
		mount --bind "/usr/$dir" "$root/usr/$dir"
		[ ! -L "/$dir" ] || ln -s "usr/$dir" "$root/$dir"
	done
	mkdir -p "$root/dev" "$root/proc" "$root/run" "$root/sys" "$root/old"
	mount -t proc proc "$root/proc"
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	for dev in null zero full random urandom; do
		: >"$root/dev/$dev"
		mount --bind "/dev/$dev" "$root/dev/$dev"
	done
	ln -s /proc/self/fd "$root/dev/fd"
	ip link set lo up
	PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
'

# What the scripts of a machine may call. `!` does not end a script under `set -e`, refused does.
MACHINE_HELPERS='
refused() { # COMMAND...: must fail
	if "$@"; then echo "not refused: $*"; exit 1; fi
}
until_true() { # COMMAND...: within ten seconds
	(
		set +x
		tries=100
		until "$@" >/dev/null 2>&1; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || { echo "never: $*"; exit 1; }
			sleep 0.1
		done
	)
}
'

# A skip has to stand in the case itself: in a function under `run` it would count as success.
needs_root() {
	[ "$(id -u)" = 0 ] || skip 'needs root, for a machine of its own'
}

need_systemd() {
	[ -x /usr/lib/systemd/systemd ] || skip 'systemd is not here'
	[ -w "$(findmnt -t cgroup2 -no TARGET | head -n 1)/cgroup.procs" ] ||
		skip 'no control groups of version 2'
}

# new_machine: a copy of $ROOT in root, with the script on standard input as /session/script (a boot
# empties /tmp).
new_machine() {
	unshare -m true || skip 'no mount namespaces: not allowed, or a root directory that is no mount point'
	cp -a "$ROOT" root
	mkdir -m 1777 root/tmp
	mkdir root/session
	cp "$TOP/etc/install" root/session
	{ echo "$MACHINE_HELPERS" && cat; } >root/session/script
}

# in_machine [HIDE]: runs the script on standard input (sh -eu) as root of a small machine. At the end
# all of it is gone. With HIDE the machine has no start-stop-daemon and no LSB functions.
in_machine() {
	new_machine
	timeout -k 5 60 unshare -mpniuf --kill-child sh -euc "root=\$1 $MACHINE_SETUP"'
		if [ -n "$2" ]; then
			mount -t tmpfs tmpfs "$root/usr/lib/lsb"
			mount --bind /dev/null "$root/usr/sbin/start-stop-daemon"
		fi
		exec env -i PATH="$PATH" chroot "$root" sh -eu /session/script
	' sh "$PWD/root" "${1:-}"
}

# in_cgroup GROUP COMMAND...: runs it in a new control group, which is then removed with all in it.
in_cgroup() {
	local group=$1 status=0 tries
	shift
	mkdir "$group"
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		# What boots must never take the group of the whole machine for its own.
		grep -q "^0::.*/${group##*/}\$" /proc/self/cgroup || exit 99
		exec "$@"
	) || status=$?
	echo 1 >"$group/cgroup.kill"
	# What was killed takes a moment to be gone.
	for ((tries = 100; tries > 0; tries--)); do
		[ -n "$(find "$group" -depth -type d -exec rmdir {} + 2>&1)" ] || break
		sleep 0.1
	done
	return $status
}

# in_booted_machine: runs the script on standard input in a small machine that systemd has booted.
in_booted_machine() {
	local groups
	new_machine
	groups=$(findmnt -t cgroup2 -no TARGET | head -n 1)
	mkdir -p root/etc/systemd/system
	: >root/etc/machine-id
	cat >root/etc/systemd/system/test.target <<-END
		[Unit]
		Requires=test.service
	END
	cat >root/etc/systemd/system/test.service <<-'END'
		[Unit]
		DefaultDependencies=no
		[Service]
		Type=oneshot
		Environment=PATH=/usr/local/sbin:/usr/sbin:/usr/bin
		ExecStart=/bin/sh -c 'sh -eu /session/script >/session/output 2>&1; echo $$? >/session/status'
		ExecStart=systemctl --force --force poweroff
	END
	in_cgroup "$groups/inetd-test-$$-$BATS_TEST_NUMBER" \
		timeout -k 5 60 unshare -Cmpniuf --kill-child sh -euc "root=\$1 $MACHINE_SETUP"'
		mount -t sysfs sysfs "$root/sys"
		mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
		cd "$root"
		pivot_root . old
		umount -l /old
		exec env -i container=test PATH="$PATH" /usr/lib/systemd/systemd --unit=test.target \
			--log-target=console --show-status=0 </dev/null
	' sh "$PWD/root" || true # as the kernel ends a process table
	cat root/session/output
	return "$(cat root/session/status)"
}
