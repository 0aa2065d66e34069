#!/usr/bin/env bats
# inetctl, signals, pid file, start and end, service managers.

load ../helpers/family

# notified TEXT: true when the service manager of notify_listener has heard it.
notified() {
	grep -q "$1" "$INETD_DIR/notified"
}

# notify_listener: collects what is sent to $NOTIFY_SOCKET.
notify_listener() {
	export NOTIFY_SOCKET=$INETD_DIR/notify
	: >"$INETD_DIR/notified"
	(close_inherited && exec socat -u "UNIX-RECV:$NOTIFY_SOCKET" "OPEN:$INETD_DIR/notified,append") &
	listener=$!
	wait_until test -S "$NOTIFY_SOCKET"
}

@test "list: a header and a row for each endpoint, columns apart by blanks" {
	local held
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		{echo} stream tcp nowait $INETD_USER internal echo
		$INETD_DIR/a\\ path stream unix nowait $INETD_USER /bin/cat
		tcpmux stream tcp nowait $INETD_USER internal
		tcpmux/x stream tcp nowait $INETD_USER /bin/cat
	END
	connect_tcp held cat
	wait_until field_is cat RUNNING 1
	run -0 inetctl list
	[[ ${lines[0]} == NAME\ *ENDPOINT\ *STATE\ *RUNNING\ *STARTED\ *REFUSED\ *FAILED\ *PROGRAM\ *WHERE ]]
	# No field has a blank.
	[ "$(awk '{ print NF }' <<<"$output" | sort -u)" = 9 ]
	[ "$(inetd_field cat ENDPOINT)" = "127.0.0.1:$(inetd_port cat)" ]
	[ "$(inetd_field cat PROGRAM)" = /bin/cat ]
	[ "$(inetd_field echo PROGRAM)" = internal:echo ]
	[ "$(inetd_field cat WHERE)" = "$INETD_DIR/inetd.conf:1" ]
	[ "$(inetd_field tcpmux/x ENDPOINT)" = tcpmux ]
	close_tcp held
	wait_until field_is cat RUNNING 0
	[ "$(inetd_field cat STARTED)" = 1 ]
	inetd_stop
}

@test "reload tells the one who asks what is wrong, check changes nothing" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 inetctl check
	[ -z "$output" ]
	run -0 inetctl reload
	[[ $output == *reloaded* ]]
	cat >>"$INETD_DIR/inetd.conf" <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER /bin/echo
		127.0.0.1:0 stream tcp never $INETD_USER /bin/echo
	END
	run -2 inetctl check
	[[ $output == *inetd.conf:3:\ error:*never* ]]
	count_is 2 inetctl list
	run -2 inetctl reload
	[[ $output == *inetd.conf:3:\ error:*never* ]]
	[[ $output == *'reloaded with errors'* ]]
	count_is 3 inetctl list
	assert_log 'inetd.conf:3: error:.*never'
	inetd_stop
}

@test "version, help, unknown verbs, no daemon" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	run -0 inetctl version
	[[ $output == *"process $INETD_PID"* ]]
	run -2 inetctl nonsense
	run -2 inetctl
	run -2 "$INETCTL" -x list
	run -0 "$INETCTL" --help
	# Something else than an inetctl speaks.
	run -0 socat -t 30 - "UNIX-CONNECT:$INETD_DIR/control" <<<'GET / HTTP/1.0'
	[[ $output == *'speaks'* ]]
	run -0 socat -t 30 - "UNIX-CONNECT:$INETD_DIR/control" <<<'inetd/2 nonsense'
	[[ $output == *"unknown request 'nonsense'"* ]]
	inetd_stop
	run -1 inetctl list
	[[ $output == *"$INETD_DIR/control"* ]]
	INETD_CONTROL=$INETD_DIR/elsewhere run -1 "$INETCTL" list
	[[ $output == *"$INETD_DIR/elsewhere"* ]]
}

@test "the control socket: found by variable, and only for its owner" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	[ "$(stat -c %a "$INETD_DIR/control")" = 600 ]
	INETD_CONTROL=$INETD_DIR/control "$INETCTL" list | grep -q /bin/cat
	need_root
	# Even if the mode lets others in.
	chmod 666 "$INETD_DIR/control"
	run -1 setpriv --reuid=nobody --clear-groups "$INETCTL" -s "$INETD_DIR/control" list
	[[ $output == *'only root'* ]]
	run -1 setpriv --reuid=nobody --clear-groups "$INETCTL" -s "$INETD_DIR/control" reload
	[[ $output == *'only root'* ]]
	inetd_stop
}

@test "clients that say nothing, or too much, keep nobody waiting" {
	local i silent=()
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	for ((i = 0; i < 10; i++)); do
		(close_inherited && exec socat -u "UNIX-CONNECT:$INETD_DIR/control" OPEN:/dev/null) &
		silent+=($!)
	done
	head -c 100000 /dev/zero | timeout 60 socat -t 1 - "UNIX-CONNECT:$INETD_DIR/control" || true
	run -0 timeout 60 "$INETCTL" -s "$INETD_DIR/control" list
	assert_answer hi ask_tcp cat hi
	kill "${silent[@]}"
	assert_no_leaks
	inetd_stop
}

@test "a control socket in use or in the wrong place does not keep services from being served" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	inetd_config second.conf <<-END
		$INETD_DIR/second stream unix nowait $INETD_USER /bin/cat
		$INETD_DIR/third stream unix nowait $INETD_USER /bin/cat
	END
	(close_inherited && exec "$INETD" -f -e --control "$INETD_DIR/control" "$INETD_DIR/second.conf") \
		</dev/null 2>"$INETD_DIR/second.log" &
	second=$!
	wait_until ask_unix "$INETD_DIR/second" hi
	grep 'no control socket' "$INETD_DIR/second.log"
	kill $second
	wait $second
	# The first one is asked as before.
	inetctl list | grep -q "$INETD_DIR/inetd.conf:1"
	inetd_stop
	(close_inherited && exec "$INETD" -f -e --control /no/such/dir/control "$INETD_DIR/second.conf") \
		</dev/null 2>"$INETD_DIR/second.log" &
	second=$!
	wait_until ask_unix "$INETD_DIR/second" hi
	kill $second
	wait $second
}

@test "the pid file: written, locked, removed; only one of a kind" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	run -1 timeout 60 "$INETD" -f -e --control "$INETD_DIR/other" -p "$INETD_DIR/pid" "$INETD_DIR/inetd.conf"
	[[ $output == *"already running"*"$INETD_PID"* ]]
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	assert_answer hi ask_tcp cat hi
	# One that ends is waited for: `kill PID; inetd`.
	(sleep 0.1 && kill "$INETD_PID") &
	(close_inherited && exec timeout 60 "$INETD" -f -e --control "$INETD_DIR/other" -p "$INETD_DIR/pid" \
		"$INETD_DIR/inetd.conf") 2>"$INETD_DIR/second.log" &
	second=$!
	wait_until grep -q 'started: 1 service' "$INETD_DIR/second.log"
	wait "$INETD_PID"
	[ "$(cat "$INETD_DIR/pid")" != "$INETD_PID" ]
	kill "$second"
	wait "$second"
	rm -f "$INETD_DIR/started"
	[ ! -e "$INETD_DIR/pid" ]
	# One that a crash has left is no obstacle.
	echo 1 >"$INETD_DIR/pid"
	inetd_start --conf "$INETD_DIR/inetd.conf"
	[ "$(cat "$INETD_DIR/pid")" = "$INETD_PID" ]
	inetd_stop
}

@test "INT ends it like TERM; USR2 and PIPE do not" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		$INETD_DIR/unix stream unix nowait $INETD_USER /bin/cat
	END
	for signal in USR2 PIPE; do
		inetd_signal $signal
		assert_answer hi ask_tcp cat hi
	done
	inetd_signal INT
	wait_until inetd_gone "$INETD_PID"
	wait "$INETD_PID"
	[ ! -e "$INETD_DIR/unix" ] && [ ! -e "$INETD_DIR/pid" ] && [ ! -e "$INETD_DIR/control" ]
}

@test "USR1 writes statistics to the log" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	wait_until field_is cat RUNNING 0
	refute_log statistics
	inetd_signal USR1
	assert_log 'statistics service=[^ ]+ state=ready running=0 .*peak=1.*started=1'
	inetd_stop
}

@test "wrong options, nothing but errors or nothing that can be read: 2" {
	start_fails </dev/null --no-such-option
	[ "$status" = 2 ]
	start_fails -c minus <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat
	END
	[ "$status" = 2 ]
	start_fails <<-END
		127.0.0.1:0 stream tcp perhaps $INETD_USER /bin/cat
		127.0.0.1:0 strem tcp nowait $INETD_USER /bin/cat
	END
	[ "$status" = 2 ]
	[[ $output == *inetd.conf:1:\ error*perhaps* ]]
	[[ $output == *inetd.conf:2:\ error*strem* ]]
	[[ $output == *'every entry is in error'* ]]
	run -2 timeout 60 "$INETD" -f -e --control "$INETD_DIR/control" "$INETD_DIR/no-such-file"
	[[ $output == *no-such-file* ]]
	run -0 "$INETD" --version
	run -0 "$INETD" --help
}

@test "a file without entries is served until there are some" {
	inetd_start <<-'END'
		# nothing yet
	END
	count_is 1 inetctl list
	inetd_config <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	inetd_reload
	assert_answer hi ask_tcp cat hi
	inetd_stop
}

@test "as a daemon: it returns when it serves, leaves the terminal, and is called inetd" {
	local fd
	inetd_config <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	(close_inherited && exec timeout 60 "$INETD" -p "$INETD_DIR/pid" --control "$INETD_DIR/control" \
		"$INETD_DIR/inetd.conf")
	# No waiting: it serves already.
	INETD_PID=$(cat "$INETD_DIR/pid")
	echo "$INETD_PID" >"$INETD_DIR/started"
	assert_answer hi ask_tcp cat hi
	[ "$(cat "/proc/$INETD_PID/comm")" = inetd ]
	for fd in 0 1 2; do
		[ "$(readlink "/proc/$INETD_PID/fd/$fd")" = /dev/null ]
	done
	[ "$(readlink "/proc/$INETD_PID/cwd")" = / ]
	[ "$(ps -o sid= -p "$INETD_PID" | tr -d ' ')" != "$(ps -o sid= -p $$ | tr -d ' ')" ]
	[ "$(ps -o tty= -p "$INETD_PID")" = '?' ]
	kill -TERM "$INETD_PID"
	wait_until inetd_gone "$INETD_PID"
	[ ! -e "$INETD_DIR/pid" ]
}

@test "as a daemon that cannot start, the caller is told by its exit status" {
	inetd_config <<-END
		127.0.0.1:0 stream tcp nowait $INETD_USER /bin/cat
	END
	run -1 timeout 60 "$INETD" -e -p /no/such/dir/pid --control "$INETD_DIR/control" "$INETD_DIR/inetd.conf"
	inetd_config <<-END
		127.0.0.1:0 stream tcp perhaps $INETD_USER /bin/cat
	END
	run -2 timeout 60 "$INETD" -e -p "$INETD_DIR/pid" --control "$INETD_DIR/control" "$INETD_DIR/inetd.conf"
	[ ! -e "$INETD_DIR/pid" ]
}

@test "a service manager hears of start, reload and end" {
	notify_listener
	inetd_start <<-END
		127.0.0.1:{state} stream tcp nowait $INETD_USER /usr/bin/env env
	END
	wait_until notified READY=1
	run ! notified RELOADING=1
	inetd_signal HUP
	wait_until notified RELOADING=1
	notified 'MONOTONIC_USEC=[0-9]'
	wait_until count_is 2 grep READY=1 "$INETD_DIR/notified"
	run ! notified STOPPING=1
	# Programs do not speak for the daemon.
	assert_answer -e PROTO=TCP ask_tcp state
	run ! grep NOTIFY_SOCKET <(ask_tcp state)
	inetd_signal TERM
	wait_until notified STOPPING=1
	wait "$INETD_PID"
	kill $listener
}

# all_is_noted: what was sent to the socket until now has been read.
all_is_noted() {
	local mark=MARK=$RANDOM$RANDOM
	wait_until grep -q '^State:[[:blank:]]*T' "/proc/$INETD_PID/status"
	echo $mark | socat -u - "UNIX-SENDTO:$NOTIFY_SOCKET"
	wait_until notified $mark
}

# watchdogs: how often the daemon has said that it is not stuck.
watchdogs() {
	grep -c WATCHDOG=1 "$INETD_DIR/notified" || true
}

watchdogs_more_than() {
	[ "$(watchdogs)" -gt "$1" ]
}

# end_inetd: the socket of notify_listener is there, so it is no inetd_stop.
end_inetd() {
	inetd_signal TERM
	wait "$INETD_PID"
}

@test "the watchdog of a service manager is fed while the loop runs, and not for another process" {
	local fed
	export WATCHDOG_USEC=200000 WATCHDOG_PID=1
	notify_listener
	inetd_start -E <<<"127.0.0.1:{state} stream tcp nowait $INETD_USER /usr/bin/env env"
	wait_until notified READY=1
	# Programs do not see it, not even with the environment of the daemon.
	assert_answer -e PROTO=TCP ask_tcp state
	run ! grep WATCHDOG <(ask_tcp state)
	run ! notified WATCHDOG
	end_inetd
	unset WATCHDOG_PID
	inetd_start <<<"127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat"
	wait_until watchdogs_more_than 5
	inetd_signal HUP
	wait_until watchdogs_more_than 10
	inetd_signal STOP
	all_is_noted
	fed=$(watchdogs)
	sleep 1
	all_is_noted
	[ "$(watchdogs)" = "$fed" ]
	inetd_signal CONT
	wait_until watchdogs_more_than $((fed + 2))
	end_inetd
	kill $listener
}

@test "the process title says how much is served" {
	[ -z "${INETD_UNDER:-}" ] || skip 'under another program'
	inetd_start <<-END
		127.0.0.1:{one} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{two} stream tcp nowait $INETD_USER /bin/cat
	END
	# One word for ps(1), although there were more and longer arguments.
	[ "$(tr '\0' '|' <"/proc/$INETD_PID/cmdline")" = 'inetd: 2 services|' ]
	printf '127.0.0.1:0 stream tcp nowait %s /bin/cat\n' "$INETD_USER" >"$INETD_DIR/inetd.conf"
	inetd_reload
	[ "$(tr '\0' '|' <"/proc/$INETD_PID/cmdline")" = 'inetd: 1 service|' ]
	[ "$(cat "/proc/$INETD_PID/comm")" = inetd ]
	inetd_stop
}

@test "syslog: a line each, in the form that syslogd wants" {
	need_mounts
	python3 - "$INETD_DIR" 3>&- <<-'END' &
		import os, socket, sys
		os.chdir(sys.argv[1])
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind("devlog")
		os.chmod("devlog", 0o666)
		with open("syslog", "w", buffering=1) as out:
		    while True:
		        out.write(s.recv(4096).decode() + "\n")
	END
	logger=$!
	wait_until test -S "$INETD_DIR/devlog"
	inetd_config <<-END
		127.0.0.1:{cat} stream tcp nowait root /bin/cat
	END
	printf '#!/bin/sh\nmount -t tmpfs none /dev && mknod /dev/null c 1 3 && chmod 666 /dev/null\n%s\n%s\n' \
		"ln -s '$INETD_DIR/devlog' /dev/log" 'exec "$@"' | inetd_script with-log
	unshare -m "$INETD_DIR/with-log" "$INETD" -f -l -p "$INETD_DIR/pid" --control "$INETD_DIR/control" \
		"$INETD_DIR/inetd.conf" >"$INETD_DIR/log" 2>&1 3>&- &
	echo 0 >"$INETD_DIR/mark"
	INETD_PID=$!
	echo "$INETD_PID" >"$INETD_DIR/started"
	wait_until inetctl list
	assert_answer hi ask_tcp cat hi
	wait_until grep 'ended with' "$INETD_DIR/syslog"
	# RFC 3164: facility daemon (3), severity notice (5) and info (6).
	grep -qE '^<29>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} inetd\[[0-9]+\]: started: 1 service,' "$INETD_DIR/syslog"
	grep -qE '^<30>.* inetd\[[0-9]+\]: .*ended with' "$INETD_DIR/syslog"
	kill $logger
	rm "$INETD_DIR/devlog"
	inetd_stop
}

silent_server() {
	local status=0 server
	(close_inherited && exec python3 -c 'import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
print(flush=True)
while True: os.write(2, s.recv(1000))') >"$INETD_DIR/server" 2>"$INETD_DIR/asked" &
	server=$!
	# shellcheck disable=SC2064 # this is a shell of its own (in_network)
	trap "kill -KILL $server 2>/dev/null || true" EXIT
	wait_until test -s "$INETD_DIR/server"
	echo "slow.test:7000 stream tcp nowait $INETD_USER /bin/cat" >"$INETD_DIR/inetd.conf"
	# Its descriptors are closed, or else this waits for the end of the look-up.
	# shellcheck disable=SC2016,SC2086
	timeout $((20 * INETD_PATIENCE)) bash -c 'output=$("$@" 2>&1)' - \
		$INETD_UNDER "$INETD" -p "$INETD_DIR/pid" --control "$INETD_DIR/control" "$INETD_DIR/inetd.conf" ||
		status=$?
	INETD_PID=$(cat "$INETD_DIR/pid")
	echo "$INETD_PID" >"$INETD_DIR/started"
	[ $status = 0 ]
	wait_until test -s "$INETD_DIR/asked"
	count_is 1 inetd_children inetd-helper
	kill -KILL "$(inetd_children inetd-helper)"
	kill -TERM "$INETD_PID"
	wait_until inetd_gone "$INETD_PID"
}

@test "as a daemon: nobody waits for the look-up of a name" {
	[ -z "${INETD_UNDER:-}" ] || skip 'valgrind keeps a copy of standard error'
	with_etc
	# A look-up lasts longer than anybody's patience.
	printf 'nameserver 127.0.0.1\noptions timeout:30\n' >"$INETD_DIR/etc/resolv.conf"
	echo '127.0.0.1 localhost' >"$INETD_DIR/etc/hosts"
	echo 'hosts: files dns' >"$INETD_DIR/etc/nsswitch.conf"
	in_network silent_server
}

@test "as a daemon of an ordinary user: it serves without the pid file that is root's" {
	need_root
	install -m 755 "$INETD" "$(dirname "$INETD")/inetd-worker" "$INETD_DIR/"
	mkdir "$INETD_DIR/own"
	inetd_config <<-END
		127.0.0.1:{cat} stream tcp nowait nobody /bin/cat
	END
	chown -R nobody "$INETD_DIR/own"
	(close_inherited && exec setpriv --reuid=nobody --regid=nogroup --clear-groups timeout 60 "$INETD_DIR/inetd" \
		--control "$INETD_DIR/own/control" "$INETD_DIR/inetd.conf") 2>"$INETD_DIR/log"
	grep 'cannot write the pid file /run/inetd.pid' "$INETD_DIR/log"
	ln -s own/control "$INETD_DIR/control"
	INETD_PID=$(inetctl version | sed -n 's/.*process //p')
	echo "$INETD_PID" >"$INETD_DIR/started"
	assert_answer hi ask_tcp cat hi
	# One that was asked for is another matter.
	run -1 setpriv --reuid=nobody --regid=nogroup --clear-groups timeout 60 "$INETD_DIR/inetd" -p /run/mine.pid \
		--control "$INETD_DIR/own/other" "$INETD_DIR/inetd.conf"
	kill -TERM "$INETD_PID"
	wait_until inetd_gone "$INETD_PID"
}
