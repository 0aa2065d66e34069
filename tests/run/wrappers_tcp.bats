#!/usr/bin/env bats
# tcp wrappers: -w, -W and -l with rules in /etc/hosts.allow and /etc/hosts.deny.

load ../helpers/family
load ../helpers/upgrade

# rules ALLOW DENY: what inetds started from here on find in hosts.allow and hosts.deny, of an /etc of their own, which
# has little else. Rules may be changed while they run, by the same function.
rules() {
	local file
	if [ ! -d "$INETD_DIR/etc" ]; then
		need_mounts
		mkdir "$INETD_DIR/etc"
		for file in passwd group services protocols hosts host.conf nsswitch.conf ld.so.cache localtime; do
			[ ! -e "/etc/$file" ] || cp "/etc/$file" "$INETD_DIR/etc/"
		done
		inetd_script with-rules <<-END
			#!/bin/sh
			mount --bind "$INETD_DIR/etc" /etc
			exec "\$@"
		END
		INETD_UNDER="unshare -m $INETD_DIR/with-rules ${INETD_UNDER:-}"
	fi
	printf '%s\n' "$1" >"$INETD_DIR/etc/hosts.allow"
	printf '%s\n' "$2" >"$INETD_DIR/etc/hosts.deny"
}

# helpers: the process numbers of helpers that ask for built-ins.
helpers() {
	inetd_children inetd-wrap
}

# greets NAME [ARGV0]: a section whose program says hello.
greets() {
	printf '%s\n' "[$1]" 'port = 0' 'server = /bin/echo' 'server_args = hello' ${2:+"argv0 = $2"}
}

@test "-w: only who is let in reaches the program; without it nobody is asked" {
	rules '' 'ALL: 127.0.0.2'
	start_ini < <(greets hello)
	assert_answer hello ask_tcp -b 127.0.0.1 hello
	assert_answer hello ask_tcp -b 127.0.0.2 hello
	inetd_stop
	start_ini -w < <(greets hello)
	assert_answer hello ask_tcp -b 127.0.0.1 hello
	assert_answer '' ask_tcp -b 127.0.0.2 hello
	# Rules hold at once.
	rules 'ALL: 127.0.0.2' 'ALL: ALL'
	assert_answer hello ask_tcp -b 127.0.0.2 hello
	assert_answer '' ask_tcp -b 127.0.0.1 hello
	wait_until field_is hello RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "the service is known by argv[0], which the program gets as it is" {
	STATE=$(probe state)
	rules '' 'secret: ALL'
	start_ini -w < <(
		greets open
		greets closed secret
		greets path /usr/lib/secret
		printf '%s\n' '[state]' 'port = 0' "server = $STATE" 'argv0 = /not/secret/name' 'server_args = -w one'
		printf '%s\n' 'wrapper = /usr/bin/env WRAPPED=1'
		printf '%s\n' '[name]' 'port = 0' "server = $STATE" 'argv0 = /not/secret/name' 'server_args = -w one'
	)
	assert_answer hello ask_tcp open
	assert_answer '' ask_tcp closed
	assert_answer '' ask_tcp path
	run -0 ask_tcp name
	[ "$(grep ^argv <<<"$output")" = "argv 0 '/not/secret/name'
argv 1 '-w'
argv 2 'one'" ]
	run -0 ask_tcp state
	grep -qx 'env WRAPPED=1' <<<"$output"
	inetd_stop
}

@test "options of hosts.allow work: spawn, twist, setenv" {
	cat >"$INETD_DIR/conf" <<-END
		127.0.0.1:{hello} stream tcp nowait root /bin/sh hello -c 'echo hello \$MARK'
	END
	rules "hello: 127.0.0.2: twist echo go away, %a
hello: 127.0.0.3: spawn (echo %d %a >$INETD_DIR/spawned): setenv MARK marked
hello: 127.0.0.1" 'ALL: ALL'
	inetd_start -w <"$INETD_DIR/conf"
	assert_answer hello ask_tcp hello
	assert_answer 'go away, 127.0.0.2' ask_tcp -b 127.0.0.2 hello
	assert_answer 'hello marked' ask_tcp -b 127.0.0.3 hello
	[ "$(cat "$INETD_DIR/spawned")" = 'hello 127.0.0.3' ]
	assert_answer '' ask_tcp -b 127.0.0.4 hello
	inetd_stop
}

@test "with --resolve names are looked up after the check" {
	rules '' 'ALL: 127.0.0.2'
	inetd_start -w --resolve <<-END
		127.0.0.1:{env} stream tcp nowait root /usr/bin/env
	END
	assert_answer -e 'TCPREMOTEHOST=[a-z]' ask_tcp env
	assert_answer '' ask_tcp -b 127.0.0.2 env
	inetd_stop
}

@test "a datagram from somebody who is not let in is thrown away, and the service goes on" {
	inetd_script answer <<-'END'
		#!/usr/bin/python3
		import socket
		s = socket.socket(fileno=0)
		data, peer = s.recvfrom(100)
		s.sendto(b"got " + data, peer)
	END
	rules '' 'answer: 127.0.0.2'
	start_ini -w <<-END
		[answer]
		port = 0
		protocol = udp
		server = $INETD_DIR/answer
	END
	assert_answer 'got one' ask_udp answer one
	run ask_udp -t 1 -b 127.0.0.2 answer two
	[ "$output" = '' ]
	assert_answer 'got three' ask_udp answer three
	wait_until field_is answer RUNNING 0
	refute_log pausing
	assert_no_leaks
	inetd_stop
}

@test "a listener that is lent, and a unix socket, are not asked about" {
	inetd_script accepts <<-'END'
		#!/usr/bin/python3
		import socket
		socket.socket(fileno=0).accept()[0].sendall(b"hello\n")
	END
	rules '' 'ALL: ALL'
	start_ini -w <<-END
		[closed]
		port = 0
		server = /bin/echo
		server_args = hello

		[lent]
		port = 0
		wait = yes
		server = $INETD_DIR/accepts

		[unix]
		port = $INETD_DIR/unix
		protocol = unix
		bind = *
		server = /bin/echo
		server_args = hello
	END
	assert_answer '' ask_tcp closed
	assert_answer hello ask_tcp lent
	assert_answer hello ask_unix "$INETD_DIR/unix"
	inetd_stop
}

@test "a program that is not there is a failure to start with -w too" {
	rules '' ''
	start_ini -w < <(
		greets hello
		printf '%s\n' '[missing]' 'port = 0' "server = $INETD_DIR/missing"
	)
	assert_answer hello ask_tcp hello
	ask_tcp missing || true
	assert_log 'missing: cannot start .*exec: No such file'
	inetd_stop
}

@test "-l logs connections and asks too" {
	rules '' 'echo: 127.0.0.2'
	start_ini -l < <(greets hello echo)
	assert_answer hello ask_tcp hello
	assert_log 'hello: started'
	assert_answer '' ask_tcp -b 127.0.0.2 hello
	refute_log 'no tcp wrappers'
	inetd_stop
}

@test "-W: the same for built-ins, by their own names; -w leaves them alone" {
	rules '' 'echo: 127.0.0.2'
	conf() {
		printf '%s\n' '[one]' 'port = 0' 'internal = echo' '[two]' 'port = 0' 'internal = daytime'
	}
	start_ini -w < <(conf)
	assert_answer hi ask_tcp -b 127.0.0.2 one hi
	inetd_stop
	start_ini -W < <(conf)
	assert_answer hi ask_tcp one hi
	assert_answer '' ask_tcp -b 127.0.0.2 one
	assert_answer -e '[0-9]:[0-9]' ask_tcp -b 127.0.0.2 two
	assert_log 'one: refused: .*peer=127.0.0.2:[0-9]+ reason="tcp wrappers"'
	wait_until field_is one RUNNING 0
	field_is one REFUSED 1
	# In numbers, and with clients that leave at once.
	run -0 "$B/tests/bin/swarm" -c 50 -n 300 hi hi "$(inetd_port one)"
	clients=()
	for _ in {1..20}; do
		ask_tcp -b 127.0.0.2 one >/dev/null &
		clients+=($!)
	done
	wait "${clients[@]}"
	wait_until field_is one RUNNING 0
	wait_until field_is one REFUSED 21
	assert_no_leaks
	inetd_stop
}

@test "-W: the helper has no rights" {
	rules "echo: ALL: spawn (id -u; id -G; ls /proc/self/fd) >$INETD_DIR/etc/out 2>&1" ''
	: >"$INETD_DIR/etc/out"
	chmod 666 "$INETD_DIR/etc/out"
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo')
	assert_answer hi ask_tcp echo hi
	mapfile -t lines <"$INETD_DIR/etc/out"
	[ "${lines[0]}" -gt 0 ]
	[ "${lines[1]}" = "${lines[0]}" ]
	[ -z "$(getent passwd "${lines[0]}")" ]
	inetd_stop
}

@test "-W: a rule that takes its time holds up nobody else, and twist is a refusal" {
	local slow=() helper
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)
echo: 127.0.0.3: twist echo go away
ALL: ALL" ''
	start_ini -W < <(
		printf '%s\n' '[echo]' 'port = 0' 'internal = echo'
		greets hello
	)
	for i in 1 2 3; do
		ask_tcp -b 127.0.0.2 echo hi >"$INETD_DIR/slow.$i" &
		slow+=($!)
	done
	wait_until count_is 3 helpers
	assert_answer hi ask_tcp echo hi
	assert_answer hello ask_tcp hello
	assert_answer 'go away' ask_tcp -b 127.0.0.3 echo hi
	inetctl list >/dev/null
	field_is echo RUNNING 3
	# One is killed, which is a refusal; the others go on.
	read -r helper < <(helpers)
	kill -KILL "$helper"
	wait_until field_is echo RUNNING 2
	wait_until field_is echo REFUSED 2
	printf '\n\n\n' >"$INETD_DIR/etc-go"
	wait "${slow[@]}" || true
	[ "$(cat "$INETD_DIR"/slow.* | sort -u)" = hi ]
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "-W: while the answer is awaited its slot counts, and a reload does not lose it" {
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo' 'instances = 2')
	assert_answer hi ask_tcp echo hi
	ask_tcp -b 127.0.0.2 echo one >"$INETD_DIR/one" &
	client=$!
	wait_until count_is 1 helpers
	# Its client is patient while the entry goes.
	sed 's/echo/discard/' "$INETD_DIR/inetd.ini" >"$INETD_DIR/new"
	mv "$INETD_DIR/new" "$INETD_DIR/inetd.ini"
	inetd_reload
	echo >"$INETD_DIR/etc-go"
	wait $client || true
	wait_until inetd_at_rest_or_more
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

@test "-W: who waits behind somebody who is refused has the place then" {
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go): deny" ''
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo' 'instances = 1')
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	ask_tcp -b 127.0.0.2 echo hi >"$INETD_DIR/one" &
	wait_until count_is 1 helpers
	ask_tcp echo two >"$INETD_DIR/two" &
	client=$!
	wait_until field_is echo STATE full
	echo >"$INETD_DIR/etc-go"
	wait "$client"
	[ "$(cat "$INETD_DIR/two")" = two ]
	[ ! -s "$INETD_DIR/one" ]
	field_is echo REFUSED 1
	assert_no_leaks
	inetd_stop
}

@test "-W: a service is not full for ever when the worker has gone while the answer was awaited" {
	local client worker
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo' 'instances = 1')
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	ask_tcp -b 127.0.0.2 echo hi >"$INETD_DIR/one" &
	client=$!
	wait_until count_is 1 helpers
	ask_tcp echo two >"$INETD_DIR/two" &
	wait_until field_is echo STATE full
	# Stopped, so that it is not there when the answer comes; the next one is started a moment later.
	worker=$(inetd_worker)
	kill -KILL "$worker"
	wait_until inetd_gone "$worker"
	echo >"$INETD_DIR/etc-go"
	wait "$client" || true
	wait_until assert_answer hi ask_tcp -t 2 echo hi
	assert_no_leaks
	inetd_stop
}

@test "-W: helpers end with the daemon, with the commands they wait for; programs behind inetd-wrap go on" {
	local client helper command
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo hello: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -w -W < <(
		printf '%s\n' '[echo]' 'port = 0' 'internal = echo'
		greets hello hello
	)
	ask_tcp -b 127.0.0.2 echo hi >"$INETD_DIR/one" &
	wait_until count_is 1 helpers
	read -r helper < <(helpers)
	wait_until grep -q . "/proc/$helper/task/$helper/children"
	command=$(xargs <"/proc/$helper/task/$helper/children")
	ask_tcp -b 127.0.0.2 hello >"$INETD_DIR/two" &
	client=$!
	wait_until count_is 2 helpers
	inetd_stop
	wait_until inetd_gone "$helper" "$command"
	[ ! -s "$INETD_DIR/one" ]
	echo >"$INETD_DIR/etc-go"
	wait "$client"
	[ "$(cat "$INETD_DIR/two")" = hello ]
}

@test "-W: more checks than helpers may run wait for one" {
	local clients
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: ALL: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo')
	(close_inherited && exec "$B/tests/bin/swarm" -t 300 -c 300 -n 300 hi hi "$(inetd_port echo)") >"$INETD_DIR/swarm" &
	clients=$!
	wait_until field_is echo RUNNING 300
	wait_until -t 60 count_is 256 helpers
	# Each that ends makes room for one.
	exec {go}<>"$INETD_DIR/etc-go"
	printf '\n%.0s' {1..10} >&"$go"
	wait_until field_is echo RUNNING 290
	wait_until -t 60 count_is 256 helpers
	printf '\n%.0s' {11..300} >&"$go"
	wait "$clients"
	exec {go}>&-
	[ "$(cat "$INETD_DIR/swarm")" = 'answered 300 refused 0 reset 0 wrong 0 late 0' ]
	field_is echo REFUSED 0
	assert_no_leaks
	inetd_stop
}

@test "-W: unix sockets are not asked about" {
	rules '' 'ALL: ALL'
	start_ini -W < <(
		printf '%s\n' '[one]' 'port = 0' 'internal = echo'
		printf '%s\n' '[two]' "listen = $INETD_DIR/two" 'protocol = unix' 'internal = echo'
	)
	assert_answer '' ask_tcp one hi
	assert_answer hi ask_unix "$INETD_DIR/two" hi
	inetd_stop
}

# changed_to KEY...: a connection whose check runs while a reload makes that of its service (echo) gets nothing.
changed_to() {
	local client name=$INETD_DIR/answer
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -W < <(printf '%s\n' '[one]' 'port = 7007' 'internal = echo' 'instances = 5')
	# A definition that is another, of the same built-in, takes nothing away.
	ask_tcp -b 127.0.0.2 one hi >"$name" &
	client=$!
	wait_until count_is 1 helpers
	sed -i 's/^instances.*/instances = 6/' "$INETD_DIR/inetd.ini"
	inetd_reload
	echo >"$INETD_DIR/etc-go"
	wait "$client"
	[ "$(cat "$name")" = hi ]
	ask_tcp -b 127.0.0.2 one hi >"$name" &
	client=$!
	wait_until count_is 1 helpers
	sed -i '/^internal/d' "$INETD_DIR/inetd.ini"
	printf '%s\n' "$@" >>"$INETD_DIR/inetd.ini"
	inetd_reload
	echo >"$INETD_DIR/etc-go"
	wait "$client" || true
	[ ! -s "$name" ]
	assert_log 'one: refused: the service was changed meanwhile .*peer=127.0.0.2'
	wait_until field_is one RUNNING 0
	inetd_rebase
	assert_no_leaks
	inetd_stop
}

@test "-W: a service that has become a program while the answer was awaited" {
	in_network changed_to 'server = /bin/cat'
}

@test "-W: a service that has become another built-in while the answer was awaited" {
	in_network changed_to 'internal = daytime'
}

@test "refusals that are not logged are counted, and told with the next one" {
	rules '' 'echo: 127.0.0.2'
	start_ini -W < <(
		printf '%s\n' '[echo]' 'port = 0' 'internal = echo'
		printf '%s\n' '[cat]' 'port = 0' 'server = /bin/cat' 'no_access = 127.0.0.2'
	)
	for name in echo cat; do
		assert_answer hi ask_tcp $name hi
		for _ in {1..8}; do
			ask_tcp -b 127.0.0.2 $name >/dev/null
		done
		wait_until field_is $name REFUSED 8
	done
	for name in echo cat; do
		wait_until told_left_out $name
		[ "$(inetd_log | grep -c "$name: refused")" = 2 ]
	done
	inetd_stop
}

# told_left_out NAME: is refused once more; true when the log says how many lines it has left out, all that
# there were.
told_left_out() {
	local all
	ask_tcp -b 127.0.0.2 "$1" >/dev/null
	inetd_log_has "$1: refused: .* more not logged" || return
	all=$(inetd_log | sed -nE "s/.*$1: refused: .*\(and ([0-9]+) more not logged\).*/\1/p")
	wait_until field_is "$1" REFUSED $((all + 2))
}

# inetd_at_rest_or_more: true when no child runs.
inetd_at_rest_or_more() {
	[ -z "$(inetd_children)" ]
}

@test "-W: datagrams of built-ins are warned about" {
	rules '' ''
	start_ini -W < <(
		printf '%s\n' '[one]' 'port = 0' 'internal = echo'
		printf '%s\n' '[two]' 'port = 0' 'protocol = udp' 'internal = echo'
	)
	assert_log 'two: -W does not cover datagrams'
	refute_log 'one: -W'
	inetd_stop
}

@test "what happened is told to syslog, with the severity of the rule" {
	local logger
	rules 'open: 127.0.0.1: severity local3.err
open: 127.0.0.3' 'ALL: ALL'
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
	printf '#!/bin/sh\nmount -t tmpfs none /dev && mknod /dev/null c 1 3 && chmod 666 /dev/null\n%s\n%s\n' \
		"ln -s '$INETD_DIR/devlog' /dev/log" 'exec "$@"' | inetd_script with-log
	INETD_UNDER="$INETD_UNDER $INETD_DIR/with-log"
	start_ini -w < <(greets open open)
	assert_answer hello ask_tcp open
	wait_until grep -E '^<155>.* open\[[0-9]+\]: connect from 127\.0\.0\.1$' "$INETD_DIR/syslog"
	assert_answer '' ask_tcp -b 127.0.0.2 open
	wait_until grep -E '^<28>.* open\[[0-9]+\]: refused connect from 127\.0\.0\.2$' "$INETD_DIR/syslog"
	kill $logger
	rm "$INETD_DIR/devlog"
	inetd_stop
}

@test "-W: refusals by hosts.deny count for deny_time" {
	rules '' 'ALL: 127.0.0.2'
	start_ini -W <<-END
		[echo]
		port = 0
		internal = echo
		deny_time = 1h
		deny_after = 2
		log = refuse
	END
	assert_answer hi ask_tcp -b 127.0.0.1 echo hi
	assert_answer '' ask_tcp -b 127.0.0.2 echo hi
	refute_log 'reason=deny_time'
	assert_answer '' ask_tcp -b 127.0.0.2 echo hi
	wait_until count_is 0 helpers
	# From now on nobody is asked about it.
	run ask_tcp -b 127.0.0.2 echo hi
	[ "$output" = '' ]
	assert_log 'peer=127.0.0.2:[0-9]+ reason=deny_time'
	assert_answer hi ask_tcp -b 127.0.0.1 echo hi
	inetd_stop
}

@test "-w and -W ask about the client that a proxy names" {
	rules '' 'ALL: 192.0.2.66'
	start_ini -w -W <<-END
		[defaults]
		proxy_protocol = 127.0.0.1 unix
		[hello]
		listen = 127.0.0.1:0 $INETD_DIR/hello.sock
		server = /bin/echo
		server_args = hello
		[echo]
		listen = 127.0.0.1:0 $INETD_DIR/echo.sock
		internal = echo
	END
	header='PROXY TCP4 192.0.2.%s 198.51.100.1 40001 443\r\nhello\n'
	# shellcheck disable=SC2059 # a format
	for service in hello echo; do
		assert_answer hello ask_tcp $service - < <(printf "$header" 7)
		assert_answer '' ask_tcp $service - < <(printf "$header" 66)
		assert_answer hello ask_unix "$INETD_DIR/$service.sock" - < <(printf "$header" 7)
		assert_answer '' ask_unix "$INETD_DIR/$service.sock" - < <(printf "$header" 66)
	done
	assert_log 'echo: refused: hosts.allow or hosts.deny does not allow it .*peer=192\.0\.2\.66:40001'
	assert_no_leaks
	inetd_stop
}

@test "-W: without its helper nobody is let in; with it again everybody is" {
	own_program
	rules '' ''
	start_ini -W < <(
		printf '%s\n' '[echo]' 'port = 0' 'internal = echo' 'instances = 1'
		greets hello
	)
	assert_answer hi ask_tcp echo hi
	mv "$INETD_DIR/bin/inetd-wrap" "$INETD_DIR/bin/away"
	for _ in 1 2 3; do
		assert_answer '' ask_tcp echo hi
	done
	assert_answer hello ask_tcp hello
	assert_log 'echo: refused: the helper for tcp wrappers cannot be started .*reason="tcp wrappers"'
	wait_until field_is echo REFUSED 3
	field_is echo RUNNING 0
	mv "$INETD_DIR/bin/away" "$INETD_DIR/bin/inetd-wrap"
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "-W: a service that is disabled while the answer is awaited serves nobody" {
	local client
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo')
	assert_answer hi ask_tcp echo hi
	ask_tcp -b 127.0.0.2 echo hi >"$INETD_DIR/one" &
	client=$!
	wait_until count_is 1 helpers
	inetctl disable echo
	echo >"$INETD_DIR/etc-go"
	wait "$client" || true
	[ ! -s "$INETD_DIR/one" ]
	assert_log 'echo: refused: the service was disabled meanwhile'
	wait_until field_is echo RUNNING 0
	inetctl enable echo
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "-W: who waits for the answer when the daemon is upgraded is asked about again, and served" {
	local client helper
	own_program
	mkfifo -m 666 "$INETD_DIR/etc-go"
	rules "echo: 127.0.0.2: spawn (read line <$INETD_DIR/etc-go)" ''
	start_ini -W < <(printf '%s\n' '[echo]' 'port = 0' 'internal = echo' 'instances = 1')
	(close_inherited && ask_tcp -b 127.0.0.2 echo hi >"$INETD_DIR/one") &
	client=$!
	wait_until count_is 1 helpers
	helper=$(helpers)
	upgraded
	wait_until inetd_gone "$helper"
	wait_until count_is 1 helpers
	field_is echo RUNNING 1
	echo >"$INETD_DIR/etc-go"
	wait "$client"
	[ "$(cat "$INETD_DIR/one")" = hi ]
	wait_until field_is echo RUNNING 0
	field_is echo STARTED 1
	field_is echo REFUSED 0
	assert_no_leaks
	inetd_stop
}
