#!/usr/bin/env bats
# The Debian packages, for real: in machines with a Debian of their own that systemd, sysvinit and OpenRC have booted.
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

# first_boot: a machine without inetd gets the package, a configuration, more services and a newer package.
first_boot() {
	cat <<'END'
cat >/session/served <<'CONF'
13 stream tcp nowait root internal daytime
7105 stream tcp nowait nobody /usr/bin/tr tr a-z A-Z
CONF
files() { # FILE: all that is there but what dpkg and apt themselves keep
	find /bin/ /etc /lib/ /opt /sbin/ /srv /usr /var ! -path '/var/lib/dpkg*' ! -path '/var/cache/*' ! -path '/var/log/*' \
		! -path '/var/lib/apt/*' ! -path '/var/lib/systemd/*/*' ! -path '/etc/*-' | sort >$1
}
apt-get install -y update-inetd # what it needs stays
service=$(command -v systemd-sysusers) || apt-get install -y systemd-standalone-sysusers systemd-standalone-tmpfiles
files /session/before
apt-get install -y /debs/inetd_*_*.deb
grep '^#echo' /etc/inetd.conf
id _inetd
[ "$(stat -c %a /run/inetd)" = 755 ]
service inetd status
cp /session/served /etc/inetd.conf
service inetd reload
nc 127.0.0.1 13 | grep "$(date +%Y)"
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
[ "$(ps -o user= -C inetd-worker)" = _inetd ]

# An error in the file: told, and nothing else.
before=$(cat /run/inetd.pid)
echo '7106 stream tcp nowait no-such-user /bin/date' >>/etc/inetd.conf
refused service inetd reload 2>/session/said
[ ! -d /run/systemd/system ] || journalctl -u inetd >/session/said
grep 'inetd.conf:3: error: .*no-such-user' /session/said
service inetd status
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
cp /session/served /etc/inetd.conf
service inetd reload

# A session outlives a restart.
mkfifo /tmp/say
nc -N 127.0.0.1 7105 </tmp/say >/tmp/heard &
exec 3>/tmp/say
echo one >&3
until_true pgrep -x tr
service inetd restart
[ "$(cat /run/inetd.pid)" != "$before" ]
pgrep -x tr
exec 3>&-
until_true grep -x ONE /tmp/heard
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]

# What other packages do.
before=$(cat /run/inetd.pid)
update-inetd --add '7107\tstream\ttcp\tnowait\tnobody\t/usr/bin/tr tr a-z A-Z'
until_true nc -z 127.0.0.1 7107
apt-get install -y ident2 micro-httpd rsh-redone-server
dpkg-query -W -f '${Package} ${Status}\n' | grep -E '^(openbsd-inetd|inetutils-inetd) .* installed' && exit 1
until_true nc -z 127.0.0.1 113
# It may go on answering after the end of its input.
printf '1 , 1\r\n' | nc -N 127.0.0.1 113 | head -n 1 | grep ERROR
echo hello >/var/www/html/index.html
printf 'GET / HTTP/1.0\r\n\r\n' | nc -N 127.0.0.1 80 | grep hello
nc -z 127.0.0.1 513
nc -z 127.0.0.1 514
[ "$(cat /run/inetd.pid)" = "$before" ]
apt-get purge -y ident2 micro-httpd rsh-redone-server
rm -r /var/www
update-inetd --remove 7107
until_true sh -c '! nc -z 127.0.0.1 7107'

# A newer package, while clients call: its program takes the place of the one that runs, and nobody notices.
dpkg-deb -R /debs/inetd_*_*.deb /tmp/newer
sed -i 's/^Version: .*/&+newer/' /tmp/newer/DEBIAN/control
dpkg-deb -b /tmp/newer /tmp/newer.deb
cat >/tmp/calls.py <<'PYTHON'
import os, socket, time
talk = socket.create_connection(("127.0.0.1", 7105))
print("connected", flush=True)
calls = worst = 0
end = None
while end is None or time.monotonic() < end:
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", 7105)) as call:
        call.sendall(b"x")
        call.shutdown(socket.SHUT_WR)
        assert call.recv(10) == b"X"
    calls += 1
    worst = max(worst, time.monotonic() - start)
    time.sleep(0.005)
    if end is None and os.path.exists("/tmp/upgraded"):
        end = time.monotonic() + 1
talk.sendall(b"still here\n")
talk.shutdown(socket.SHUT_WR)
assert talk.recv(100) == b"STILL HERE\n"
print("calls", calls, "longest", round(worst, 3), flush=True)
assert worst < 5
PYTHON
runs_installed() { [ "$(readlink /proc/$(cat /run/inetd.pid)/exe)" = /usr/sbin/inetd ]; }
python3 /tmp/calls.py >/tmp/calls 2>&1 &
calls=$!
until_true grep connected /tmp/calls
before=$(cat /run/inetd.pid)
dpkg -i /tmp/newer.deb 2>&1 | tee /tmp/said
grep '^upgraded to inetd ' /tmp/said
touch /tmp/upgraded
wait $calls || { cat /tmp/calls; exit 1; }
cat /tmp/calls
[ "$(cat /run/inetd.pid)" = "$before" ]
runs_installed
inetctl stats | grep -x 'upgrades *1'
service inetd status
if [ -d /run/systemd/system ]; then
	[ "$(systemctl show -P MainPID inetd)" = "$before" ]
	[ "$(systemctl show -P ActiveState inetd)/$(systemctl show -P SubState inetd)" = active/running ]
	[ "$(systemctl show -P NRestarts inetd)" = 0 ]
	systemctl status inetd | grep 'Status: "Serving 2 services"'
	systemctl reload inetd
fi

# By the verb of the service, too.
cp /usr/sbin/inetd /usr/sbin/inetd.new
mv /usr/sbin/inetd.new /usr/sbin/inetd
refused runs_installed
/etc/init.d/inetd upgrade
runs_installed
inetctl stats | grep -x 'upgrades *2'

# Errors in the configuration: the program of before goes on with all that it serves, and that is said.
sed -i 's/nobody/no-such-user/' /etc/inetd.conf
dpkg -i /tmp/newer.deb 2>&1 | tee /tmp/said
grep 'everything stays as it was: .*because of errors in the configuration' /tmp/said
grep 'the program of before goes on' /tmp/said
refused runs_installed
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
cp /session/served /etc/inetd.conf
inetctl upgrade
runs_installed
[ "$(cat /run/inetd.pid)" = "$before" ]

# A program that cannot take the place, but can start: a restart.
mkdir /tmp/newest
dpkg-deb -R /tmp/newer.deb /tmp/newest
mkdir -p /tmp/newest/usr/libexec/inetd/real # the process is to have its name
mv /tmp/newest/usr/sbin/inetd /tmp/newest/usr/libexec/inetd/real/inetd
cat >/tmp/newest/usr/sbin/inetd <<'SCRIPT'
#!/bin/sh
case $1 in --trial-upgrade=*) echo 'not from there'; exit 1 ;; esac
exec /usr/libexec/inetd/real/inetd "$@"
SCRIPT
chmod 755 /tmp/newest/usr/sbin/inetd
dpkg-deb -b /tmp/newest /tmp/newest.deb
dpkg -i /tmp/newest.deb 2>&1 | tee /tmp/said
grep 'everything stays as it was: .*not from there' /tmp/said
grep 'restarted instead' /tmp/said
[ "$(cat /run/inetd.pid)" != "$before" ]
[ "$(echo hello | nc -N 127.0.0.1 7105)" = HELLO ]
dpkg -i /tmp/newer.deb
service inetd restart
runs_installed
service inetd status
grep -v '^#' /etc/inetd.conf | diff /session/served -
echo end of session
END
}

# second_boot: it runs from the beginning; then the package is removed and purged, and nothing is left.
second_boot() {
	sed -n '/^files()/,/^}/p' < <(first_boot)
	cat <<'END'
service inetd status
nc 127.0.0.1 13 | grep "$(date +%Y)"
[ -d /run/inetd ]
pid=$(cat /run/inetd.pid)
apt-get remove -y inetd
[ ! -d /proc/$pid ]
[ ! -e /run/inetd.pid ] && [ ! -e /run/inetd.sock ]
[ -e /etc/inetd.conf ]
refused nc -z 127.0.0.1 13
apt-get purge -y inetd
files /session/after
diff /session/before /session/after
refused id _inetd
[ ! -e /run/inetd ]
echo end of session
END
}

# third_boot: nothing misses it.
third_boot() {
	cat <<'END'
refused nc -z 127.0.0.1 13
[ ! -d /run/systemd/system ] || [ -z "$(systemctl --failed --no-legend)" ]
echo end of session
END
}

# lives_under INIT
lives_under() {
	local part
	new_debian
	for part in first_boot second_boot third_boot; do
		run -0 boot "$1" < <($part)
		[[ $output == *'end of session' ]]
	done
}

@test "under systemd: installed, started at boot, reloaded, restarted, upgraded, removed, purged" {
	need_machines
	lives_under systemd
}

@test "under sysvinit: installed, started at boot, reloaded, restarted, upgraded, removed, purged" {
	need_machines
	lives_under sysvinit
}

@test "under OpenRC: installed, started at boot, reloaded, restarted, upgraded, removed, purged" {
	need_machines
	lives_under openrc
}
