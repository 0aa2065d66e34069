#!/usr/bin/env bats
# Health: what does not work is shown as that, wherever somebody looks, until it works: list, status, metrics, the
# status page, the service manager's status line.

load ../helpers/family
load ../helpers/asking

# problem_of NAME: what status says is wrong with the service, nothing where nothing is.
problem_of() {
	inetctl status --json "$1" | python3 -c '
import json, sys
print(next(one for one in json.load(sys.stdin) if one["record"] == "service").get("problem", ""))'
}

# metric NAME [SERVICE]: its value.
metric() {
	inetctl metrics | sed -n "s/^inetd_$1${2:+{service=\"$2\"\}} //p"
}

has_problem() {
	# shellcheck disable=SC2053 # a pattern
	[[ $(problem_of "$1") == $2 ]]
}

@test "a program that cannot be started is a problem until a start succeeds, after its pause too" {
	need_reports
	cp /bin/cat "$INETD_DIR/program"
	ask_daemon statuspage <<-END
		[gone]
		port = 0
		server = $INETD_DIR/program
	END
	rm "$INETD_DIR/program"
	field_is gone STATE ready
	[ "$(metric service_ready gone) $(metric service_failing gone)" = '1 0' ]
	ask_tcp gone </dev/null || true
	wait_until field_is gone STATE failing
	has_problem gone 'last start failed: exec*: No such file or directory'
	run -0 inetctl status
	[[ $output == *'gone: last start failed: exec'* ]] || fail "$output"
	[ "$(metric service_ready gone) $(metric service_failing gone)" = '0 1' ]
	[[ $(get /) == *'pill bad'*' down'* ]]
	# A reload changes nothing about it.
	inetd_reload
	field_is gone STATE failing
	# A program that has been started and runs is enough.
	cp /bin/cat "$INETD_DIR/program"
	connect_tcp client gone
	wait_until field_is gone STATE ready
	[ -z "$(problem_of gone)" ]
	[ "$(metric service_ready gone) $(metric service_failing gone)" = '1 0' ]
	close_tcp client
	wait_until field_is gone RUNNING 0
	field_is gone STATE ready
	inetd_stop
}

@test "a program that the reading does not find is a problem from the start, until the file is there" {
	need_reports
	cp /bin/cat "$INETD_DIR/late"
	chmod 600 "$INETD_DIR/late"
	ask_daemon statuspage <<-END
		[gone]
		port = 0
		server = $INETD_DIR/program
		[late]
		port = 0
		server = $INETD_DIR/late
		[wrapped]
		port = 0
		server = /bin/cat
		wrapper = $INETD_DIR/wrapper
	END
	has_problem gone 'its program cannot be run: No such file or directory'
	has_problem late 'its program cannot be run: Permission denied'
	has_problem wrapped 'its wrapper cannot be run: No such file or directory'
	field_is gone STATE failing
	[ "$(metric service_ready gone) $(metric service_failing gone)" = '0 1' ]
	[[ $(get /) == *'pill bad'*' down'* ]]
	inetd_reload
	has_problem gone 'its program cannot be run: No such file or directory'
	# Nobody has called meanwhile, and nothing is read again.
	cp /bin/cat "$INETD_DIR/program"
	chmod 755 "$INETD_DIR/late"
	printf '#!/bin/sh\nexec "$@"\n' >"$INETD_DIR/wrapper"
	chmod 755 "$INETD_DIR/wrapper"
	for name in gone late wrapped; do
		[ -z "$(problem_of "$name")" ]
		field_is "$name" STATE ready
		[ "$(metric service_ready "$name") $(metric service_failing "$name")" = '1 0' ]
	done
	# That one was started says nothing of what a later reading finds.
	[ "$(ask_tcp gone here)" = here ]
	rm "$INETD_DIR/program"
	[ -z "$(problem_of gone)" ]
	inetd_reload
	has_problem gone 'its program cannot be run: No such file or directory'
	inetd_stop
}

@test "nor is one ready that its user may not execute, or that a wrapper was started for" {
	need_root
	chmod 711 "$INETD_DIR"
	mkdir -m 700 "$INETD_DIR/closed"
	cp /bin/cat "$INETD_DIR/closed/program"
	cp /bin/cat "$INETD_DIR/own"
	chmod 700 "$INETD_DIR/own"
	start_ini <<-END
		[own]
		port = 0
		server = $INETD_DIR/own
		user = nobody
		[closed]
		port = 0
		server = $INETD_DIR/closed/program
		user = nobody
		[rooted]
		port = 0
		server = $INETD_DIR/own
		[wrapped]
		port = 0
		server = $INETD_DIR/gone
		wrapper = /usr/bin/env
	END
	assert_log "nobody may not execute $INETD_DIR/own"
	assert_log "nobody cannot start $INETD_DIR/closed/program: that user may not enter the directory $INETD_DIR/closed"
	for name in own closed; do
		has_problem "$name" 'its program cannot be run: Permission denied'
	done
	[ -z "$(problem_of rooted)" ]
	ask_tcp wrapped </dev/null || true
	wait_until field_is wrapped RUNNING 0
	has_problem wrapped 'its program cannot be run: No such file or directory'
	chmod 755 "$INETD_DIR"/{own,closed}
	for name in own closed; do
		[ -z "$(problem_of "$name")" ]
	done
	inetd_stop
}

@test "programs that die by the same signal every time are shown, and not held back" {
	start_ini <<-END
		[dies]
		port = 0
		server = /bin/sh
		server_args = -c 'read -r word; [ "\$word" = well ] || kill -SEGV \$\$'
	END
	for _ in 1 2; do
		ask_tcp dies </dev/null || true
	done
	wait_until field_is dies RUNNING 0
	[ -z "$(problem_of dies)" ]
	ask_tcp dies </dev/null || true
	wait_until has_problem dies 'its last 3 programs ended with signal 11 (Segmentation fault)'
	field_is dies STATE failing
	[ "$(metric service_ready dies) $(metric service_failing dies)" = '1 1' ]
	ask_tcp dies well
	wait_until field_is dies STATE ready
	[ -z "$(problem_of dies)" ]
	inetd_stop
}

@test "programs that end at once with the same failure are shown; other failures, and later ones, are not" {
	start_ini <<-END
		[same]
		port = 0
		server = /bin/false
		[other]
		port = 0
		server = /bin/sh
		server_args = -c 'read -r code; exit "\$code"'
		[late]
		port = 0
		server = /bin/sh
		server_args = -c 'sleep 1.1; exit 1'
	END
	for code in 1 2 3; do
		ask_tcp same </dev/null || true
		ask_tcp other "$code" || true
		ask_tcp late </dev/null || true
	done
	wait_until has_problem same 'its last 3 programs ended with exit 1 as soon as they were started'
	wait_until field_is late RUNNING 0
	wait_until field_is other RUNNING 0
	[ -z "$(problem_of other)$(problem_of late)" ]
	inetd_stop
}

@test "errors in the configuration are a figure: status, stats, metrics, page, status line" {
	socat -u "UNIX-RECV:$INETD_DIR/notify" "CREATE:$INETD_DIR/notified" 3>&- &
	listener=$!
	wait_until test -S "$INETD_DIR/notify"
	export NOTIFY_SOCKET=$INETD_DIR/notify
	start_ini <<-END
		[one]
		port = 0
		server = /bin/cat
		[www]
		port = 0
		server = $B/services/statuspage
		server_args = -s $INETD_DIR/control
		[bad]
		port = 0
		server = /bin/cat
		wait = perhaps
	END
	wait_until grep -q 'STATUS=Serving 2 services, 1 error in the configuration$' "$INETD_DIR/notified"
	url=http://127.0.0.1:$(inetd_port www)
	[ "$(inetctl stats | awk '$1 == "config_errors" { print $2 }') $(metric config_errors)" = '1 1' ]
	run -0 inetctl status
	[[ $output == *'configuration: 1 error: '*"inetd.ini:14: error: "* ]] || fail "$output"
	run -0 inetctl status one
	[[ $output == *$'\nConfiguration\n  errors          1\n  first error     '* ]] || fail "$output"
	[[ $(get /) == *'<p id="headline" class="pill bad" role="status">2 services: 1 configuration error</p>'* ]]
	[[ $(get /) == *'Configuration:</b> <bdi>'*'inetd.ini:14: error: '* ]]
	sed -i '/^\[bad\]/,$d' "$INETD_DIR/inetd.ini"
	inetd_reload
	[ "$(inetctl stats | awk '$1 == "config_errors" { print $2 }') $(metric config_errors)" = '0 0' ]
	run -0 inetctl status
	[[ $output != *configuration* ]]
	[[ $(get /) == *'2 services, all well</p>'* ]]
	wait_until grep -q 'STATUS=Serving 2 services$' "$INETD_DIR/notified"
	kill "$listener"
	rm -f "$INETD_DIR/notify"
	inetd_stop
}

@test "callers on a unix socket have a name in the log and among the connections" {
	start_ini <<-END
		[cat]
		listen = $INETD_DIR/cat
		server = /bin/cat
		log = start exit refuse
		instances = 1
		overload = refuse
		[discard]
		listen = $INETD_DIR/discard
		internal = discard
		log = start exit
	END
	(close_inherited && exec socat -u "UNIX-CONNECT:$INETD_DIR/cat" STDOUT) &
	caller="uid:$(id -u),pid:$!"
	wait_until eval "inetctl connections | grep -qF '$caller'"
	inetctl connections --json | grep -qF "\"peer\": \"$caller\""
	assert_log "cat: started service=cat peer=$caller "
	holder=$!
	(close_inherited && exec socat -u "UNIX-CONNECT:$INETD_DIR/cat" STDOUT) &
	wait $! || true
	wait_until inetd_log_has "service=cat peer=uid:$(id -u),pid:$! reason=instances"
	kill $holder
	(close_inherited && exec socat -u OPEN:/dev/null "UNIX-CONNECT:$INETD_DIR/discard") &
	wait $!
	wait_until inetd_log_has "discard: session ended service=discard peer=uid:$(id -u),pid:$! "
	inetd_stop
}

@test "events: a long line is kept, and one that is too long ends with a mark" {
	local long
	long=$(printf '%0150d' 0)
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/sh
		server_args = -c 'echo $long >&2; echo $long$long$long >&2'
		stderr = log
	END
	ask_tcp cat </dev/null || true
	wait_until eval "inetctl events | grep -qF '$long$long'"
	inetctl events | grep -qE "$long( |\$)" || fail "$(inetctl events)"
	inetctl events | grep -F "$long$long" | grep -qE '0\.\.\.( |$)' || fail "$(inetctl events)"
	run ! grep -F "$long$long$long" <(inetctl events)
	inetd_stop
}

@test "a built-in is shown with the user that its process has, whatever its entry says" {
	need_root
	start_ini <<-END
		[echo]
		port = 0
		internal = echo
		user = root
		[cat]
		port = 0
		server = /bin/cat
		user = root
	END
	wait_until field_is echo STATE ready
	uid=$(stat -c %u "/proc/$(inetd_worker)")
	[ "$uid" != 0 ]
	run -0 inetctl status echo
	[[ $output == *$'\n  user            uid '"$uid"$'\n'* ]] || fail "$output"
	run -0 inetctl status cat
	[[ $output == *$'\n  user            root\n'* ]] || fail "$output"
	inetd_stop
}

@test "a user whose own daemon does not run asks that of root" {
	need_root
	need_mounts
	start_ini <<-END
		[inetd]
		control_group = nogroup
		[cat]
		port = 0
		server = /bin/cat
	END
	# as_user COMMAND...: in a /run of its own, where the daemon's socket is as that of root.
	as_user() {
		# shellcheck disable=SC2016 # for the inner shell
		unshare -m sh -c 'mount -t tmpfs none /run && touch /run/inetd.sock && mount --bind "$1" /run/inetd.sock &&
			mkdir -p /run/user/1 && shift && exec setpriv --reuid=65001 --regid=65534 --clear-groups "$@"' sh \
			"$INETD_DIR/control" env XDG_RUNTIME_DIR=/run/user/1 "$@"
	}
	cp "$INETCTL" "$INETD_DIR/inetctl"
	run -0 as_user "$INETD_DIR/inetctl" list
	[[ $output == *cat* ]] || fail "$output"
	# One that is named is the one that is asked.
	run -1 as_user "$INETD_DIR/inetctl" -s /run/user/1/inetd.sock list
	[[ $output == *'no inetd answers on /run/user/1/inetd.sock'* ]] || fail "$output"
	inetd_stop
}

@test "a name that is not known, and a socket that cannot be opened, are problems with their reason" {
	with_etc
	echo '127.0.0.1 localhost' >"$INETD_DIR/etc/hosts"
	echo 'hosts: files' >"$INETD_DIR/etc/nsswitch.conf"
	start_ini <<-END
		[named]
		listen = nowhere.example:7
		server = /bin/cat
		[unopened]
		listen = $INETD_DIR/none/socket
		server = /bin/cat
	END
	wait_until field_is unopened STATE bind
	run -0 inetctl status
	[[ $output == *$'\nnamed '*' lookup '* ]] || fail "$output"
	[[ $output == *"named: the name 'nowhere.example' cannot be looked up; will retry"* ]] || fail "$output"
	[[ $output == *'unopened: '*'; will retry: No such file or directory'* ]] || fail "$output"
	[ "$(metric service_ready named) $(metric service_ready unopened)" = '0 0' ]
	inetd_stop
}
