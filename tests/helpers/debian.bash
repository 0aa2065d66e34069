# debian.bash - machines with a Debian and an init of their own, in the roots of tests/machines/build, and the packages of
# this checkout; after machine.bash. What a machine writes is in the directory `machine` of the test, so that it can be
# booted again; it has no network but loopback.

# shellcheck disable=SC2016 # shell text in quotes

MACHINES=${MACHINES:-$TOP/build/machines}

# A skip has to stand in the case itself.
need_machines() {
	needs_root
	need_systemd
	[ -e "$MACHINES/.made-by" ] || skip 'needs the roots that make check-package makes'
}

# new_debian: a new machine, with the packages in /debs.
new_debian() {
	"$TOP/tests/machines/packages" "$MACHINES/debs" "$MACHINES" || return
	mkdir -p machine/session machine/debs
	cp "$MACHINES"/debs/*.deb machine/debs
	cp "$TOP/etc/install" machine/session
}

# The root as an overlay of LAYER and base (volatile: nothing waits for the disk), and what is mounted there.
DEBIAN_SETUP='
	top=$1 layer=$2 init=$3
	root=$top/root
	mkdir -p "$root"
	rm -rf "$top/work" && mkdir "$top/work"
	mount -t overlay -o "lowerdir=$layer:${layer%/*}/base,upperdir=$top/machine,workdir=$top/work,volatile" \
		overlay "$root"
	mkdir -p "$root/old"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
	for dir in run dev tmp; do
		mount -t tmpfs -o mode=755 tmpfs "$root/$dir"
	done
	chmod 1777 "$root/tmp"
	for dev in null zero full random urandom tty; do
		: >"$root/dev/$dev"
		mount --bind "/dev/$dev" "$root/dev/$dev"
	done
	ln -s /proc/self/fd "$root/dev/fd"
	ln -s fd/2 "$root/dev/stderr"
	mkdir -m 1777 "$root/dev/shm" "$root/dev/pts"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
	ln -s pts/ptmx "$root/dev/ptmx"
	ip link set lo up
	hostname machine
	cd "$root"
	pivot_root . old
	umount -l /old
	exec env -i container=test PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin $init </dev/null
'

# debian_init LAYER INIT: the script on standard input as /session/script of the machine, which INIT, a command, runs.
debian_init() {
	local groups
	groups=$(findmnt -t cgroup2 -no TARGET | head -n 1)
	{ echo "$MACHINE_HELPERS" && cat; } >machine/session/script
	cat >machine/session/run <<-'END'
		export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C
		sh -eux /session/script >/session/output 2>&1
		echo $? >/session/status
	END
	rm -f machine/session/output machine/session/status
	in_cgroup "$groups/inetd-test-$$-$BATS_TEST_NUMBER" \
		timeout -k 5 "$((150 * ${INETD_PATIENCE:-1}))" unshare -Cmpniuf --kill-child \
		sh -euc "$DEBIAN_SETUP" sh "$PWD" "$MACHINES/$1" "$2" >init.log 2>&1 || true # as the kernel ends a process table
	cat machine/session/output || cat init.log
	return "$(cat machine/session/status)"
}

# boot INIT: runs the script on standard input (sh -eux) in the machine that systemd, sysvinit or openrc has booted.
boot() {
	mkdir -p machine/etc/systemd/system
	if [ "$1" = systemd ]; then
		: >machine/etc/machine-id
		cat >machine/etc/systemd/system/session.target <<-END
			[Unit]
			Requires=multi-user.target session.service
		END
		cat >machine/etc/systemd/system/session.service <<-END
			[Unit]
			After=multi-user.target
			[Service]
			ExecStart=/bin/sh -c 'systemctl is-system-running --wait; . /session/run; poweroff -f --no-sync'
		END
		debian_init systemd '/lib/systemd/systemd --unit=session.target --show-status=0'
	else
		cat >machine/etc/inittab <<-END
			id:2:initdefault:
			si::sysinit:/etc/init.d/rcS
			r2:2:wait:/etc/init.d/rc 2
			se:2:wait:/bin/sh /session/run
			ha:2:wait:/sbin/halt -f -p -n
		END
		debian_init "$1" /sbin/init
	fi
}

# without_init LAYER: runs the script in the machine, with that layer, as its first process.
without_init() {
	debian_init "$1" 'sh /session/run'
}
