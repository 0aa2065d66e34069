#!/usr/bin/env bats
# make install and uninstall, and the installed inetd run as a machine runs it: from the init script,
# in a root, process table and network of its own.
# shellcheck disable=SC2016 # shell text in quotes

bats_require_minimum_version 1.5.0
load ../helpers/machine

setup_file() {
	export TOP ROOT
	TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	B=$(realpath "${B:-$TOP/build}")
	export B
	[ "$(id -u)" = 0 ] || return 0
	ROOT=$BATS_FILE_TMPDIR/machine
	install_to "$ROOT"
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

# uninstall_from ROOT
uninstall_from() {
	make -s -C "$TOP" B="$B" DESTDIR="$1" uninstall
}

# install_to ROOT [VARIABLE=VALUE...]
install_to() {
	local root=$1
	shift
	make -s -C "$TOP" B="$B" DESTDIR="$root" "$@" install
}

# The script of a session with the init script, from stop to start to stop.
init_session() {
	cat <<'END'
cat >/etc/inetd.conf <<'CONF'
7013 stream tcp nowait nobody internal daytime
7101 stream tcp nowait nobody /usr/local/libexec/inetd/services/rot13
CONF
service=/usr/local/share/inetd/init.d/inetd
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
$service reload # returns when it is done
nc -z 127.0.0.1 7105
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
inetctl list | grep -q 7105
[ "$(cat /run/inetd.pid)" = "$before" ]
# A restart that would lose a service is not done.
cp /etc/inetd.conf /tmp/good.conf
echo '7106 stream tcp nowait no-such-user /bin/date' >>/etc/inetd.conf
refused $service reload 2>/tmp/said
grep -q 'inetd.conf:4: error: .*no-such-user' /tmp/said
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
		755 usr/local/share/inetd/init.d/inetd
		755 usr/local/share/inetd/openrc/inetd
		644 usr/local/lib/systemd/system/inetd.service
		644 usr/local/lib/sysusers.d/inetd.conf
		644 usr/local/lib/tmpfiles.d/inetd.conf
		644 usr/local/include/inetd_ready.h
		644 usr/local/libexec/inetd/inetd-warm.so
		644 usr/local/libexec/inetd/services/InetdReady.pm
		644 usr/local/libexec/inetd/services/inetd_ready.py
		755 usr/local/libexec/inetd/inetd-rpc
		755 usr/local/libexec/inetd/inetd-worker
		755 usr/local/libexec/inetd/inetd-wrap
		755 usr/local/sbin/inetctl
		755 usr/local/sbin/inetd
		777 usr/local/share/bash-completion/completions/inetctl
		644 usr/local/share/bash-completion/completions/inetd
		644 usr/local/share/doc/inetd/examples/hardened.conf
		644 usr/local/share/doc/inetd/examples/inetd.conf
		644 usr/local/share/doc/inetd/examples/inetd.socket
		644 usr/local/share/doc/inetd/examples/internal.ini.example
		644 usr/local/share/doc/inetd/examples/lookup.ini.example
		644 usr/local/share/doc/inetd/examples/strict.ini.example
		644 usr/local/share/doc/inetd/examples/wait.ini.example
		644 usr/local/share/inetd/bats/inetd/load.bash
		644 usr/local/share/inetd/manifest
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
	cp -a "$B"/{obj,services,libpure.a,settings,inetd*} build
	B=$PWD/build install_to "$PWD/root" PREFIX=/opt/super SYSCONFDIR=/opt/etc
	grep -q /opt/super/libexec/inetd/ root/opt/super/sbin/inetd
	run ! grep -q /usr/local/libexec root/opt/super/sbin/inetd
	grep -qx 'ExecStart=/opt/super/sbin/inetd -f .*' root/opt/super/lib/systemd/system/inetd.service
	grep -qx 'DAEMON=/opt/super/sbin/inetd' root/opt/super/share/inetd/init.d/inetd
	grep -qx 'command="/opt/super/sbin/inetd"' root/opt/super/share/inetd/openrc/inetd
	grep -q '/opt/super/libexec/inetd/inetd-worker' root/opt/super/share/man/man8/inetd.8
	grep -q '/opt/super/share/inetd/bats' root/opt/super/share/man/man8/inetd.8
	run ! grep -rE '@[A-Z]+@|/usr/local/(sbin|libexec|share)' root/opt/super/{lib,share/inetd/init.d,share/inetd/openrc,share/man}
}

@test "install leaves an existing configuration alone, uninstall one that was changed" {
	mkdir -p root/etc
	echo '# mine' >root/etc/inetd.conf
	install_to "$PWD/root"
	[ "$(cat root/etc/inetd.conf)" = '# mine' ]
	uninstall_from "$PWD/root"
	[ "$(cat root/etc/inetd.conf)" = '# mine' ]
	rm root/etc/inetd.conf
	install_to "$PWD/root"
	echo '# changed' >>root/etc/inetd.conf
	uninstall_from "$PWD/root"
	[ "$(tail -n 1 root/etc/inetd.conf)" = '# changed' ]
}

@test "uninstall removes what install put there and nothing else, also of an earlier version" {
	local place=root/usr/local
	mkdir -p $place/sbin $place/libexec/inetd/services root/etc/inetd.d
	echo mine >$place/libexec/inetd/services/mine
	find root | sort >before
	install_to "$PWD/root"
	[ "$(find root ! -type d | wc -l)" -ge 13 ]
	# A file that this version has no more.
	echo old >$place/libexec/inetd/services/old
	echo "file /usr/local/libexec/inetd/services/old" >>$place/share/inetd/manifest
	install_to "$PWD/root"
	[ ! -e $place/libexec/inetd/services/old ]
	uninstall_from "$PWD/root"
	find root | sort >after
	diff before after
	run ! uninstall_from "$PWD/root"
	[[ $output == *'nothing to uninstall'* ]]
}

@test "examples are installed where they are not read, and name the programs that are installed" {
	local example count=0
	# Built anew for another place, so not where other tests are served from.
	mkdir build
	cp -a "$B"/{obj,services,libpure.a,settings,inetd*} build
	B=$PWD/build install_to "$PWD/root" LIBEXECDIR=/opt/inetd
	for example in root/usr/local/share/doc/inetd/examples/*.ini.example; do
		count=$((count + 1))
	done
	[ "$count" -ge 3 ]
	grep -q '^server = /opt/inetd/services/' root/usr/local/share/doc/inetd/examples/wait.ini.example
	[ -z "$(find root/etc/inetd.d -name '*.ini' -o -name '*.conf')" ]
}

@test "the OpenRC script is sound shell" {
	[ "$(head -n 1 "$TOP/etc/inetd.openrc")" = '#!/sbin/openrc-run' ]
	dash -n "$TOP/etc/inetd.openrc"
	shellcheck -s sh "$TOP/etc/inetd.openrc"
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
		unit=/usr/local/lib/systemd/system/inetd.service
		[ -z "$(systemd-analyze verify --man=no $unit 2>&1)" ]
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
	need_systemd
	run -0 in_booted_machine <<-'END'
		echo '7105 stream tcp nowait nobody /usr/bin/tr tr a-z A-Z' >/etc/inetd.conf
		systemctl start inetd # returns when inetd says that it is ready
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		systemctl is-active inetd
		echo '7013 stream tcp nowait nobody internal daytime' >>/etc/inetd.conf
		refused nc -z 127.0.0.1 7013
		systemctl reload inetd # returns when it is done
		nc 127.0.0.1 7013 | grep "$(date +%Y)"
		cp /etc/inetd.conf /tmp/good.conf
		echo '7106 stream tcp nowait no-such-user /bin/date' >>/etc/inetd.conf
		refused systemctl reload inetd
		systemctl is-active inetd
		nc 127.0.0.1 7013 | grep "$(date +%Y)"
		cp /tmp/good.conf /etc/inetd.conf
		systemctl reload inetd
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

@test "a configuration of errors alone does not make systemd start inetd again and again" {
	needs_root
	need_systemd
	run -0 in_booted_machine <<-'END'
		echo '7013 stream tcp nowait:many root internal daytime' >/etc/inetd.conf
		refused systemctl start inetd
		[ "$(systemctl show -p NRestarts -p ExecMainStatus -p ActiveState inetd | sort | xargs)" = \
			'ActiveState=failed ExecMainStatus=2 NRestarts=0' ]
		# While it can get better by itself, it is tried again.
		echo '7013 stream tcp nowait root internal daytime' >/etc/inetd.conf
		systemctl start inetd
		kill -KILL $(cat /run/inetd.pid)
		until_true sh -c '[ "$(systemctl show -p NRestarts --value inetd)" = 1 ]'
		until_true nc -z 127.0.0.1 7013
		echo end of session
	END
	[[ $output == *'end of session' ]]
}

@test "uninstall stops and disables the service and leaves nothing of it under systemd" {
	needs_root
	need_systemd
	run -0 in_booted_machine <<-'END'
		/session/install start /usr/local/lib/systemd/system /usr/local/share/inetd/init.d /usr/local/share/inetd/openrc >/tmp/lines
		sed 1d /tmp/lines >/tmp/start
		[ "$(wc -l </tmp/start)" = 3 ]
		sh -eux /tmp/start
		systemctl is-enabled inetd
		pid=$(cat /run/inetd.pid)
		[ -d /proc/$pid ]
		/session/install remove "" /usr/local/share/inetd/manifest
		[ ! -d /proc/$pid ]
		refused systemctl status inetd
		[ ! -e /usr/local ]
		[ -z "$(find /etc -name '*inetd*')" ]
		[ -z "$(find /etc/systemd -xtype l)" ]
		echo end of session
	END
	[[ $output == *'end of session' ]]
}

@test "uninstall stops a daemon that was started by hand, and no other" {
	needs_root
	run -0 in_machine <<-'END'
		cp /usr/local/sbin/inetd /tmp/other
		: >/etc/inetd.conf
		/tmp/other
		pid=$(cat /run/inetd.pid)
		cp -a /usr/local /tmp/local
		/session/install remove "" /usr/local/share/inetd/manifest
		[ -d /proc/$pid ]
		kill $pid
		until_true test ! -e /run/inetd.pid
		rm -rf /usr/local
		mv /tmp/local /usr/local
		inetd
		pid=$(cat /run/inetd.pid)
		/session/install remove "" /usr/local/share/inetd/manifest
		[ ! -d /proc/$pid ]
		[ ! -e /usr/local ]
	END
}

@test "the journal has what inetd logs, with a field for each value" {
	needs_root
	need_systemd
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

@test "what a reload finds is in the journal once, also where inetctl cannot ask" {
	needs_root
	need_systemd
	run -0 in_booted_machine <<-'END'
		systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service
		in_journal() { # TEXT...: each is in one line of what the journal has of the unit
			journalctl --sync
			journalctl -q -o cat -u inetd >/tmp/journal
			for text; do
				[ "$(grep -cF -- "$text" /tmp/journal)" = 1 ] || return 1
			done
		}
		echo '7013 stream tcp nowait nobody internal daytime' >/etc/inetd.conf
		systemctl start inetd
		echo '7105 stream tcp nowait nobody /usr/bin/no-such-program' >>/etc/inetd.conf
		systemctl reload inetd
		until_true in_journal 'inetd.conf:2: warning: ' 'reloaded: 2 services'
		echo '7106 stream tcp nowait no-such-user /bin/date' >>/etc/inetd.conf
		refused systemctl reload inetd
		until_true in_journal 'inetd.conf:3: error: ' 'reloaded with errors: '
		rm /run/inetd.sock
		refused systemctl reload inetd
		until_true in_journal 'inetctl: no inetd answers on /run/inetd.sock' 'inetd.conf:3: error: '
		echo end of session
	END
	[[ $output == *'end of session' ]]
}
