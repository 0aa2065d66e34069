#!/usr/bin/env bats
# The package among others: a super-server that was there before, and an installation by hand.
# shellcheck disable=SC2016 # shell text in quotes

bats_require_minimum_version 1.5.0
load ../helpers/machine

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
load ../helpers/debian

setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -n "${BATS_TEST_COMPLETED:-}" ] || echo "${output:-}"
}

# local_files: what `make install` puts into /usr/local, as /session/stage.
local_files() {
	B=$(realpath "${B:-$TOP/build}")
	make -s -C "$TOP" B="$B" DESTDIR="$PWD/machine/session/stage" install-files >/dev/null
}

# What scripts call: put and remove as make install and uninstall do.
LOCAL='
manifest=/usr/local/share/inetd/manifest
put() {
	/session/install put /session/stage "" $manifest /etc
}
remove() {
	/session/install remove "" $manifest
}
places() { # FILE
	find /etc /lib/systemd /usr /var/lib/inetd ! -path "/etc/*-" ! -path "*/__pycache__*" 2>/dev/null | sort >$1
}
'

@test "it takes the place of openbsd-inetd, with its services, also when that is purged, and gives it back" {
	need_machines
	new_debian
	run -0 boot systemd <<-'END'
		apt-get install -y openbsd-inetd
		echo '7105 stream tcp nowait nobody /usr/bin/tr tr a-z A-Z' >>/etc/inetd.conf
		systemctl restart inetd
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		cp /etc/inetd.conf /session/before
		apt-get install -y /debs/inetd_*_*.deb
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' openbsd-inetd)" = 'rc ' ]
		cmp /session/before /etc/inetd.conf
		inetctl list | grep 7105
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		apt-get purge -y openbsd-inetd
		systemctl is-enabled inetd
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		# The other way round.
		apt-get install -y openbsd-inetd
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' inetd)" = 'rc ' ]
		apt-get purge -y inetd
		systemctl is-enabled inetd
		systemctl is-active inetd
		[ -e /etc/inetd.conf ]
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
		apt-get install -y /debs/inetd_*_*.deb
	END
	run -0 boot systemd <<-'END'
		inetctl list | grep 7105
		[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
	END
}

@test "an administrator who disables or masks the service finds it so after an upgrade" {
	need_machines
	new_debian
	run -0 boot systemd <<-'END'
		apt-get install -y /debs/inetd_*_*.deb
		systemctl disable --now inetd
		dpkg-deb -R /debs/inetd_*_*.deb /tmp/newer
		sed -i 's/^Version: .*/&+newer/' /tmp/newer/DEBIAN/control
		dpkg-deb -b /tmp/newer /tmp/newer.deb
		dpkg -i /tmp/newer.deb
		refused systemctl is-enabled inetd
		refused test -e /etc/systemd/system/multi-user.target.wants/inetd.service
	END
}

@test "the package and an installation by hand leave each other alone" {
	need_machines
	new_debian
	local_files
	run -0 boot systemd < <(
		echo "$LOCAL"
		cat <<-'END'
			places /session/bare
			apt-get install -y /debs/inetd_*_*.deb
			places /session/with_package
			put
			[ -x /usr/local/sbin/inetd ] && [ -x /usr/sbin/inetd ]
			[ -z "$(dpkg -V inetd)" ]
			systemctl daemon-reload
			# The unit of the administrator stands before that of the package, as systemd has it.
			systemctl show -p FragmentPath inetd | grep /usr/local/lib
			remove
			places /session/again
			diff /session/with_package /session/again
			[ -z "$(dpkg -V inetd)" ]
			# Where the package has its files nothing is put.
			mkdir -p /session/other/usr/sbin /session/other/usr/share
			cp /usr/sbin/inetd /session/other/usr/sbin
			refused /session/install put /session/other "" /usr/share/inetd.manifest /etc 2>/session/said
			grep 'belong to packages.*inetd: /usr/sbin/inetd' /session/said
			[ ! -e /usr/share/inetd.manifest ]
		END
	)
}

@test "the drop-in for services without root is accepted, has the score it says, and serves" {
	local before claimed
	need_machines
	new_debian
	read -r before claimed < <(sed -n 's/^# .* unit \([0-9.]*\) of .* it and \([0-9.]*\) with it\.$/\1 \2/p' \
		"$TOP/etc/hardened.conf")
	[ -n "$claimed" ]
	run -0 boot systemd <<-END
		apt-get install -y /debs/inetd_*_*.deb
		systemd-analyze --no-pager security inetd | grep Overall
		systemd-analyze --no-pager security inetd | grep -E "level for inetd.service: $before "
		mkdir /etc/systemd/system/inetd.service.d
		cp /usr/share/doc/inetd/examples/hardened.conf /etc/systemd/system/inetd.service.d
		cat >/etc/inetd.conf <<-CONF
			13 stream tcp nowait nobody internal daytime
			79 stream tcp nowait nobody /bin/grep grep -E ^(NoNewPrivs|CapBnd) /proc/self/status
			:nobody:nogroup:600:/run/inetd/cat.sock stream unix nowait nobody /bin/cat
		CONF
		systemctl daemon-reload
		systemctl restart inetd
		nc 127.0.0.1 13 | grep "\$(date +%Y)"
		nc 127.0.0.1 79 >/session/rights
		grep -x 'NoNewPrivs:[[:space:]]*1' /session/rights
		refused grep -i 'CapBnd:.*ffff' /session/rights
		[ "\$(echo hello | nc -NU /run/inetd/cat.sock)" = hello ]
		systemctl reload inetd
		systemd-analyze --no-pager security inetd | grep Overall
		systemd-analyze --no-pager security inetd | grep -E "level for inetd.service: $claimed "
	END
}

# by_hand INIT: `make install`, the three lines that it ends with, the next boot, `make uninstall`.
by_hand() {
	need_machines
	new_debian
	local_files
	run -0 boot "$1" < <(
		echo "$LOCAL"
		cat <<-'END'
			apt-get install -y libwrap0
			places /session/before
			put
			/session/install start /usr/local/lib/systemd/system /usr/local/share/inetd/init.d \
				/usr/local/share/inetd/openrc >/session/lines
			sed 1d /session/lines >/session/start
			[ "$(wc -l </session/start)" = 3 ]
			sh -eux /session/start
			echo '13 stream tcp nowait root internal daytime' >/etc/inetd.conf
			service inetd reload
			nc 127.0.0.1 13 | grep "$(date +%Y)"
			echo '7106 stream tcp nowait no-such-user /bin/date' >>/etc/inetd.conf
			refused service inetd reload 2>/session/said
			[ -d /run/systemd/system ] || grep 'inetd.conf:2: error: .*no-such-user' /session/said
			service inetd status
			before=$(cat /run/inetd.pid)
			[ -d /run/systemd/system ] || refused service inetd restart
			[ "$(cat /run/inetd.pid)" = "$before" ]
			sed -i 2d /etc/inetd.conf
			service inetd restart
			[ "$(cat /run/inetd.pid)" != "$before" ]
			nc 127.0.0.1 13 | grep "$(date +%Y)"
		END
	)
	run -0 boot "$1" < <(
		echo "$LOCAL"
		cat <<-'END'
			service inetd status
			nc 127.0.0.1 13 | grep "$(date +%Y)"
			pid=$(cat /run/inetd.pid)
			remove
			[ ! -d /proc/$pid ]
			refused nc -z 127.0.0.1 13
			[ -e /etc/inetd.conf ] # it was changed
			rm /etc/inetd.conf
			places /session/after
			diff /session/before /session/after
			[ -z "$(find /etc/init.d /etc/rc?.d /etc/runlevels /etc/systemd -xtype l -name "*inetd*" 2>/dev/null)" ]
		END
	)
}

@test "by hand under systemd: three lines, the next boot, uninstall" {
	by_hand systemd
}

@test "by hand under sysvinit: three lines, the next boot, uninstall" {
	by_hand sysvinit
}

@test "by hand under OpenRC: three lines, the next boot, uninstall" {
	by_hand openrc
}
