#!/usr/bin/env bats
# make install and uninstall, and the installed inetd run as a machine runs it: from the init script,
# in a root, process table and network of its own.
# shellcheck disable=SC2016 # shell text in quotes

bats_require_minimum_version 1.5.0

setup_file() {
	export TOP ROOT
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	B=$(realpath "${B:-$TOP/build}")
	export B
	[ "$(id -u)" = 0 ] || return 0
	ROOT=$BATS_FILE_TMPDIR/machine
	install_to "$ROOT" UNITDIR=/etc/systemd/system
	cp -a /etc/passwd /etc/group /etc/services /etc/protocols /etc/alternatives "$ROOT/etc"
	printf 'passwd: files\ngroup: files\nhosts: files\n' >"$ROOT/etc/nsswitch.conf"
	printf '%s localhost\n' 127.0.0.1 >"$ROOT/etc/hosts"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

# install_to ROOT [VARIABLE=VALUE...]
install_to() {
	local root=$1
	shift
	make -s -C "$TOP" B="$B" DESTDIR="$root" "$@" install
}

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
	tries=100
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { echo "never: $*"; return 1; }
		sleep 0.1
	done
}
'

# A skip has to stand in the case itself: in a function under `run` it would count as success.
needs_root() {
	[ "$(id -u)" = 0 ] || skip 'needs root, for a machine of its own'
}

# new_machine: a copy of $ROOT in root, with the script on standard input as /session/script (a boot
# empties /tmp).
new_machine() {
	unshare -m true || skip 'no mount namespaces: not allowed, or a root directory that is no mount point'
	cp -a "$ROOT" root
	mkdir -m 1777 root/tmp
	mkdir root/session
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
	local group=$1 status=0
	shift
	mkdir "$group"
	(
		echo "$BASHPID" >"$group/cgroup.procs"
		# What boots must never take the group of the whole machine for its own.
		grep -q "^0::.*/${group##*/}\$" /proc/self/cgroup || exit 99
		exec "$@"
	) || status=$?
	echo 1 >"$group/cgroup.kill"
	find "$group" -depth -type d -exec rmdir {} +
	return $status
}

# in_booted_machine: runs the script on standard input in a small machine that systemd has booted.
in_booted_machine() {
	local groups
	new_machine
	groups=$(findmnt -t cgroup2 -no TARGET | head -n 1)
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

# The script of a session with the init script, from stop to start to stop.
init_session() {
	cat <<'END'
cat >/etc/inetd.conf <<'CONF'
7013 stream tcp nowait nobody internal daytime
7101 stream tcp nowait nobody /usr/local/libexec/inetd/services/rot13
CONF
service=/etc/init.d/inetd
status=0; $service status || status=$?; [ $status = 3 ]
$service start
$service status
[ "$(cat /proc/$(cat /run/inetd.pid)/comm)" = inetd ]
nc 127.0.0.1 7013 | grep "$(date +%Y)"
[ "$(echo Hello | nc -N 127.0.0.1 7101)" = Uryyb ]
$service start # again: nothing happens
refused nc -z 127.0.0.1 7105
echo '7105 stream tcp nowait nobody /usr/bin/tr tr a-z A-Z' >>/etc/inetd.conf
before=$(cat /run/inetd.pid)
$service reload
until_true nc -z 127.0.0.1 7105
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
inetctl list | grep -q 7105
[ "$(cat /run/inetd.pid)" = "$before" ]
# A restart that would lose a service is not done.
cp /etc/inetd.conf /tmp/good.conf
echo '7106 stream tcp nowait no-such-user /bin/date' >>/etc/inetd.conf
refused $service restart
[ "$(cat /run/inetd.pid)" = "$before" ]
cp /tmp/good.conf /etc/inetd.conf
$service restart
[ "$(cat /run/inetd.pid)" != "$before" ]
until_true nc -z 127.0.0.1 7105
# What is served outlives the super-server.
mkfifo /tmp/say
nc 127.0.0.1 7105 </tmp/say >/tmp/heard &
exec 3>/tmp/say
echo one >&3
until_true pgrep -x tr
$service stop
refused $service status
[ ! -e /run/inetd.pid ]
refused nc -z 127.0.0.1 7105
pgrep -x tr
exec 3>&-
status=0; $service nonsense || status=$?; [ $status = 2 ]
echo end of session
END
}

@test "install puts every file in its place, with its mode" {
	install_to "$PWD/root" PREFIX=/usr/local
	cat >expected <<-END
		644 etc/inetd.conf
		755 etc/init.d/inetd
		644 etc/inetd.d/internal.ini.example
		644 etc/inetd.d/lookup.ini.example
		644 etc/inetd.d/wait.ini.example
		644 lib/systemd/system/inetd.service
		755 usr/local/libexec/inetd/inetd-worker
		755 usr/local/libexec/inetd/inetd-wrap
		755 usr/local/sbin/inetctl
		755 usr/local/sbin/inetd
		777 usr/local/share/bash-completion/completions/inetctl
		644 usr/local/share/bash-completion/completions/inetd
		644 usr/local/share/inetd/bats/inetd/load.bash
		644 usr/local/share/man/man5/inetd.conf.5
		644 usr/local/share/man/man5/inetd.ini.5
		644 usr/local/share/man/man7/inetd-services.7
		644 usr/local/share/man/man8/inetctl.8
		644 usr/local/share/man/man8/inetd.8
		644 usr/local/share/zsh/site-functions/_inetctl
	END
	for program in "$TOP"/services/*.{c,sh,py}; do
		program=${program##*/}
		echo "755 usr/local/libexec/inetd/services/${program%.c}" >>expected
	done
	sort -k2 -o expected expected
	find root ! -type d -printf '%m %P\n' | sort -k2 >found
	diff expected found
}

@test "files that name paths name the ones of this installation" {
	# Built anew for another place, so not where other tests are served from.
	mkdir build
	cp -a "$B"/{obj,services,libpure.a,libexecdir,inetd*} build
	B=$PWD/build install_to "$PWD/root" PREFIX=/opt/super SYSCONFDIR=/opt/etc
	grep -q /opt/super/libexec/inetd/ root/opt/super/sbin/inetd
	run ! grep -q /usr/local/libexec root/opt/super/sbin/inetd
	grep -qx 'ExecStart=/opt/super/sbin/inetd -f .*' root/lib/systemd/system/inetd.service
	grep -qx 'DAEMON=/opt/super/sbin/inetd' root/opt/etc/init.d/inetd
	grep -q '/opt/super/libexec/inetd/inetd-worker' root/opt/super/share/man/man8/inetd.8
	run ! grep -rE '@[A-Z]+@|/usr/local/(sbin|libexec)' root/lib root/opt/etc/init.d root/opt/super/share/man
}

@test "install leaves an existing configuration alone, uninstall one that was changed" {
	mkdir -p root/etc
	echo '# mine' >root/etc/inetd.conf
	install_to "$PWD/root"
	[ "$(cat root/etc/inetd.conf)" = '# mine' ]
	make -s -C "$TOP" B="$B" DESTDIR="$PWD/root" uninstall
	[ "$(cat root/etc/inetd.conf)" = '# mine' ]
}

@test "uninstall leaves nothing behind" {
	install_to "$PWD/root"
	[ "$(find root ! -type d | wc -l)" -ge 13 ]
	make -s -C "$TOP" B="$B" DESTDIR="$PWD/root" uninstall
	run -0 find root ! -type d
	[ -z "$output" ]
	run -0 find root -name '*inetd*'
	[ -z "$output" ]
}

@test "examples are installed where they are not read, and name the programs that are installed" {
	local example count=0
	install_to "$PWD/root" LIBEXECDIR=/opt/inetd
	for example in root/etc/inetd.d/*.ini.example; do
		count=$((count + 1))
	done
	[ "$count" -ge 3 ]
	grep -q '^server = /opt/inetd/services/' root/etc/inetd.d/wait.ini.example
	[ -z "$(find root/etc/inetd.d -name '*.ini' -o -name '*.conf')" ]
}

@test "the OpenRC script is installed on request" {
	install_to "$PWD/root" INIT=openrc
	[ "$(head -n 1 root/etc/init.d/inetd)" = '#!/sbin/openrc-run' ]
	dash -n root/etc/init.d/inetd
	shellcheck -s sh root/etc/init.d/inetd
}

@test "the init script is sound shell and has every LSB field" {
	local field script=$TOP/etc/inetd.init
	dash -n "$script"
	shellcheck "$script"
	for field in Provides Required-Start Required-Stop Should-Start Default-Start Default-Stop \
		Short-Description Description; do
		sed -n '/^### BEGIN INIT INFO$/,/^### END INIT INFO$/p' "$script" |
			grep -qE "^# $field: +[^ ]" || { echo "$field is missing" && false; }
	done
}

@test "the unit is accepted by systemd, and a wrong one is not" {
	needs_root
	[ -x "$(command -v systemd-analyze)" ] || skip 'systemd is not here'
	run -0 in_machine <<-'END'
		unit=/etc/systemd/system/inetd.service
		systemd-analyze verify --man=no $unit
		sed -i 's/^Type=.*/Type=nonsense/' $unit
		systemd-analyze verify --man=no $unit 2>&1 | grep nonsense
	END
}

@test "the init script starts, reloads, restarts and stops inetd" {
	needs_root
	[ -e /lib/lsb/init-functions ] || skip 'the LSB functions are not here'
	run -0 in_machine < <(init_session)
	[[ $output == *'end of session' ]]
}

@test "the init script does without start-stop-daemon and LSB functions" {
	needs_root
	[ -d /usr/lib/lsb ] && [ -e /usr/sbin/start-stop-daemon ] || skip 'they are not here anyway'
	run -0 in_machine hide < <(init_session)
	[[ $output == *'end of session' ]]
}

@test "the installed bats library is found and works" {
	needs_root
	run -0 in_machine <<-'END'
		sed 's/^CASE/@test/' >/tmp/mine.bats <<'BATS' # bats would take it for a case of this file
		bats_load_library inetd
		CASE "tr answers in capitals" {
			inetd_start <<<"127.0.0.1:{shout} stream tcp nowait $INETD_USER /usr/bin/tr tr a-z A-Z"
			assert_answer HELLO ask_tcp shout hello
			inetd_stop
		}
		BATS
		export BATS_LIB_PATH=/usr/local/share/inetd/bats
		bats /tmp/mine.bats
	END
	[[ $output == *'ok 1 tr answers in capitals'* ]]
}

@test "update-inetd's way to reload works: killall -HUP inetd" {
	needs_root
	run -0 in_machine <<-'END'
		echo '7013 stream tcp nowait nobody internal daytime' >/etc/inetd.conf
		inetd
		nc 127.0.0.1 7013 | grep "$(date +%Y)"
		echo '7014 stream tcp nowait nobody internal daytime' >>/etc/inetd.conf
		killall -HUP inetd
		until_true nc -z 127.0.0.1 7014
		nc 127.0.0.1 7014 | grep "$(date +%Y)"
	END
}

@test "systemctl starts, reloads, restarts and stops inetd; sessions outlive a restart" {
	needs_root
	[ -x /usr/lib/systemd/systemd ] || skip 'systemd is not here'
	[ -w "$(findmnt -t cgroup2 -no TARGET | head -n 1)/cgroup.procs" ] ||
		skip 'no control groups of version 2'
	run -0 in_booted_machine <<-'END'
		echo '7105 stream tcp nowait nobody /usr/bin/tr tr a-z A-Z' >/etc/inetd.conf
		systemctl start inetd # returns when inetd says that it is ready
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		systemctl is-active inetd
		echo '7013 stream tcp nowait nobody internal daytime' >>/etc/inetd.conf
		refused nc -z 127.0.0.1 7013
		systemctl reload inetd
		until_true nc -z 127.0.0.1 7013
		nc 127.0.0.1 7013 | grep "$(date +%Y)"
		mkfifo /tmp/say
		nc 127.0.0.1 7105 </tmp/say >/tmp/heard &
		exec 3>/tmp/say
		until_true pgrep -x tr
		before=$(cat /run/inetd.pid)
		systemctl restart inetd
		[ "$(cat /run/inetd.pid)" != "$before" ]
		pgrep -x tr
		nc 127.0.0.1 7013 | grep "$(date +%Y)"
		systemctl stop inetd
		refused nc -z 127.0.0.1 7013
		refused systemctl is-active inetd
		exec 3>&-
		echo end of session
	END
	[[ $output == *'end of session' ]]
}

@test "the journal has what inetd logs, with a field for each value" {
	needs_root
	[ -x /usr/lib/systemd/systemd-journald ] || skip 'systemd is not here'
	[ -w "$(findmnt -t cgroup2 -no TARGET | head -n 1)/cgroup.procs" ] ||
		skip 'no control groups of version 2'
	run -0 in_booted_machine <<-'END'
		systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service
		echo '7105 stream tcp nowait nobody /usr/bin/tr tr a-z A-Z' >/etc/inetd.conf
		mkdir -p /etc/inetd.d
		printf '[7105]\nlog = start exit\n' >/etc/inetd.d/log.ini
		systemctl start inetd
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		of_7105() {
			journalctl --sync
			journalctl -q -o json INETD_SERVICE=7105 >/tmp/journal
			grep 'ended with exit 0' /tmp/journal
		}
		until_true of_7105
		/usr/bin/python3 - <<-'PYTHON'
			import json
			entries = [json.loads(line) for line in open("/tmp/journal")]
			start, end = entries[-2:]
			assert start["MESSAGE"].startswith("7105: started"), start
			assert start["INETD_PEER"].startswith("127.0.0.1:"), start
			assert end["INETD_PID"] == start["INETD_PID"] and float(end["INETD_DURATION"]) >= 0, end
			assert end["PRIORITY"] == "6" and end["SYSLOG_IDENTIFIER"] == "inetd", end
			assert end["_COMM"] == "inetd" and end["_TRANSPORT"] == "journal", end
		PYTHON
		echo end of session
	END
	[[ $output == *'end of session' ]]
}
