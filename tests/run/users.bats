#!/usr/bin/env bats
# Users that are not known yet when the configuration is read, that go, and that come back.

load ../helpers/family
load ../helpers/beside
load ../helpers/libc
load ../helpers/upgrade

# own_users: inetds started from here on have an /etc of their own.
own_users() {
	need_mounts
	mkdir "$INETD_DIR/etc"
	for file in passwd group services protocols hosts nsswitch.conf ld.so.cache localtime; do
		[ ! -e "/etc/$file" ] || cp "/etc/$file" "$INETD_DIR/etc/"
	done
	inetd_script with-users <<-END
		#!/bin/sh
		mount --bind "$INETD_DIR/etc" /etc
		exec "\$@"
	END
	INETD_UNDER="unshare -m $INETD_DIR/with-users ${INETD_UNDER:-}"
}

# user NAME [UID]: adds the user to the passwd file of inetds started from here on, or, without a number, takes it out.
user() {
	{
		grep -v "^$1:" "$INETD_DIR/etc/passwd"
		[ -z "${2:-}" ] || echo "$1:x:$2:65534::/:/bin/sh"
	} >"$INETD_DIR/etc/passwd.new"
	mv "$INETD_DIR/etc/passwd.new" "$INETD_DIR/etc/passwd"
}

# late: a section whose program, of that user, says as which number it runs.
late() {
	printf '%s\n' '[late]' 'bind = 127.0.0.1' 'port = 0' 'user = latecomer' 'server = /usr/bin/id' 'server_args = -u'
}

@test "a user that is not known at the start is looked up again, and its service comes with it" {
	own_users
	late >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	assert_log "unknown user 'latecomer'"
	run ! field_is late RUNNING 0
	user latecomer 54321
	wait_until field_is late STATE ready
	assert_log 'a user or group is known now'
	assert_answer 54321 ask_tcp late
	inetd_stop
}

@test "a service does not run under the number of a user that is gone, and goes on when it is back" {
	own_users
	user latecomer 54321
	{
		late
		printf '%s\n' '[number]' 'bind = 127.0.0.1' 'port = 0' 'user = 54322:65534' 'server = /usr/bin/id' \
			'server_args = -u'
	} >"$INETD_DIR/inetd.ini"
	inetd_start --conf "$INETD_DIR/inetd.ini" </dev/null
	assert_answer 54321 ask_tcp late
	assert_answer 54322 ask_tcp number
	user latecomer
	wait_until field_is late STATE user
	assert_log "late: user 'latecomer' is not known any more"
	run ! assert_answer 54321 ask_tcp -t 1 late
	# A number needs no name.
	assert_answer 54322 ask_tcp number
	user latecomer 54321
	wait_until field_is late STATE ready
	assert_answer 54321 ask_tcp late
	# Another number is another user: the configuration is read again.
	user latecomer 54323
	wait_until assert_answer 54323 ask_tcp late
	inetd_stop
}

# far_services: a built-in, and a service of the user distant.
far_services() {
	start_ini <<-END
		[echo]
		port = 0
		internal = echo
		[far]
		port = 0
		user = distant
		server = /usr/bin/id
		server_args = -u
	END
}

# distant_names: inetds started from here on know the user distant from a name service that may keep its caller waiting:
# while silence() is on.
distant_names() {
	need_glibc 'this libc has no name service modules'
	own_users
	sed -i '/^passwd:/d' "$INETD_DIR/etc/nsswitch.conf"
	echo 'passwd: files wait' >>"$INETD_DIR/etc/nsswitch.conf"
	cp "$B/tests/fault/nss_wait.so" "$INETD_DIR/libnss_wait.so.2"
	export NSS_WAIT=$INETD_DIR/silence LD_LIBRARY_PATH=$INETD_DIR
}

distant() {
	distant_names
	far_services
	assert_answer 54400 ask_tcp far
}

silence() {
	if "$1"; then
		touch "$NSS_WAIT"
	else
		rm "$NSS_WAIT"
	fi
}

@test "a name service that does not answer makes nobody wait while a configuration is read" {
	local port
	distant
	port=$(inetd_port far) # inetctl waits until the reading is over
	silence true
	beside_start echo
	(close_inherited && inetctl reload >"$INETD_DIR/reloaded") &
	wait_until test -e "$NSS_WAIT.asked"
	wait_until beside_asked 6
	assert_answer 54400 ask_tcp "$port"
	silence false
	wait $!
	grep 'reloaded: 2 services' "$INETD_DIR/reloaded"
	beside_end
	assert_answer 54400 ask_tcp far
	inetd_stop
}

@test "what a silent name service should know is an error, which changes nothing, and is asked for again" {
	distant
	silence true
	run -2 inetctl reload
	[[ $output == *"unknown user 'distant'"*"far: kept as it was"* ]]
	assert_log 'name services of nsswitch.conf do not answer'
	assert_answer 54400 ask_tcp far
	silence false
	wait_until assert_log 'a user or group is known now'
	run -0 inetctl check
	assert_answer 54400 ask_tcp far
	inetd_stop
}

@test "an upgrade asks no name service for what the daemon before has known" {
	own_program
	distant
	silence true
	beside_start echo
	upgraded
	assert_answer 54400 ask_tcp far
	upgraded
	wait_until beside_asked 20
	beside_end
	assert_answer 54400 ask_tcp far
	run ! assert_log 'name services of nsswitch.conf do not answer'
	silence false
	inetd_stop
}

@test "an upgrade with a name service that is silent about something new serves all that was served" {
	own_program
	distant
	printf '%s\n' '[late]' 'port = 0' 'user = latecomer' 'server = /bin/cat' >>"$INETD_DIR/inetd.ini"
	silence true
	beside_start echo
	upgraded
	assert_answer 54400 ask_tcp far
	assert_log 'name services of nsswitch.conf do not answer'
	wait_until beside_asked 20
	beside_end
	silence false
	inetd_stop
}

@test "a first start does not wait for a silent name service for ever, and asks again" {
	distant_names
	silence true
	far_services
	assert_log 'name services of nsswitch.conf do not answer'
	assert_answer hi ask_tcp echo hi
	silence false
	wait_until field_is far STATE ready
	assert_answer 54400 ask_tcp far
	inetd_stop
}

@test "a name service has no library in the daemon" {
	distant
	assert_answer 54400 ask_tcp far
	grep -F libbsd.so "/proc/$INETD_PID/maps"
	run ! grep -F libnss_wait "/proc/$INETD_PID/maps"
	inetd_stop
}
