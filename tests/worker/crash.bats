#!/usr/bin/env bats
# The worker dies: its sessions end, and nothing else.

load ../helpers/family

another_worker() {
	local pid
	pid=$(inetd_worker) && [ "$pid" != "$1" ]
}

@test "no built-in, no worker; with the first one it is started" {
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
	END
	assert_answer hi ask_tcp cat hi
	[ -z "$(inetd_children inetd-worker)" ]
	cat >>"$INETD_DIR/inetd.conf" <<-END
		127.0.0.1:0 stream tcp6 nowait $INETD_USER internal echo
	END
	sed -i '2s/127.0.0.1/[::1]/' "$INETD_DIR/inetd.conf"
	inetd_reload
	wait_until inetd_worker
	inetd_stop
}

@test "slots are freed, it is started again, other services do not notice" {
	local worker held session
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait/1 $INETD_USER internal echo
		127.0.0.1:{udp} dgram udp wait $INETD_USER internal echo
		127.0.0.1:{mux} stream tcp nowait $INETD_USER internal tcpmux
		tcpmux/cat stream tcp nowait $INETD_USER /bin/cat
	END
	for round in 1 2; do
		worker=$(inetd_worker)
		connect_tcp held cat
		connect_tcp session echo
		wait_until field_is echo STATE full
		kill -KILL "$worker"
		# The session is closed, not left hanging; its slot is free.
		read -r -t 30 line <&"$session" || [ $? = 1 ]
		wait_until another_worker "$worker"
		wait_until field_is echo RUNNING 0
		assert_answer hi ask_tcp echo hi
		assert_answer hi ask_udp udp hi
		assert_answer -e 'hi' ask_tcp mux cat hi
		echo still >&"$held"
		read -r -t 30 line <&"$held"
		[ "$line" = still ]
		close_tcp held session
		wait_until field_is echo RUNNING 0
	done
	assert_log 'worker: ended with .*[Kk]ill.* 1 sessions'
	assert_no_leaks
	inetd_stop
}

@test "a worker that dies again and again is not started in a circle" {
	local i worker
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	for ((i = 0; i < 2; i++)); do
		worker=$(inetd_worker)
		kill -KILL "$worker"
		assert_answer hi ask_tcp cat hi
		wait_until another_worker "$worker"
	done
	# Clients wait; they are not refused.
	kill -KILL "$(inetd_worker)"
	assert_answer hi ask_tcp echo hi
	[ "$(inetd_field echo REFUSED)" = 0 ]
	assert_no_leaks
	inetd_stop
}

@test "a worker that is stopped holds up its own services only" {
	local worker
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	assert_answer hi ask_tcp echo hi
	worker=$(inetd_worker)
	kill -STOP "$worker"
	run "$B/tests/bin/swarm" -a -c 300 -n 300 -t 2 hi hi "$(inetd_port echo)"
	[[ $output == answered\ 0\ * ]]
	assert_answer hi ask_tcp cat hi
	inetctl list >/dev/null
	kill -CONT "$worker"
	wait_until assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

# crowd NUMBER: so many clients of echo at once, in the background, each from an address of its own; $swarm is their
# process, what became of them is in the file swarm.
crowd() {
	(close_inherited && exec "$B/tests/bin/swarm" -a -c "$1" -n "$1" hi hi "$(inetd_port echo)") >"$INETD_DIR/swarm" &
	swarm=$!
}

# stopped_worker: starts services, with a worker that is stopped; its process is $worker.
stopped_worker() {
	start_ini <<-END
		[cat]
		port = 0
		server = /bin/cat
		[echo]
		port = 0
		internal = echo
		instances = unlimited
	END
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	worker=$(inetd_worker)
	kill -STOP "$worker"
}

@test "what a worker that does not read has no room for waits, and is served when it reads again" {
	local swarm worker
	need_plain
	stopped_worker
	crowd 4000
	# More than the link holds: the others are not accepted.
	wait_until field_is echo STATE worker
	assert_answer hi ask_tcp cat hi
	kill -CONT "$worker"
	wait "$swarm" || true
	[ "$(cat "$INETD_DIR/swarm")" = 'answered 4000 refused 0 reset 0 wrong 0 late 0' ] || fail "$(cat "$INETD_DIR/swarm")"
	[ "$(inetd_worker)" = "$worker" ]
	wait_until field_is echo RUNNING 0
	field_is echo STATE ready
	assert_no_leaks
	inetd_stop
}

@test "a worker that dies with its link full takes with it what was on its way; who waits is served" {
	local swarm worker lost answered
	need_plain
	stopped_worker
	crowd 4000
	wait_until field_is echo STATE worker
	kill -KILL "$worker"
	wait "$swarm" || true
	read -r _ answered _ < "$INETD_DIR/swarm"
	assert_log 'worker: ended with .*, [0-9]+ sessions with it'
	lost=$(inetd_log | sed -nE 's/.*worker: ended with .*, ([0-9]+) sessions with it.*/\1/p')
	[ "$lost" -gt 100 ]
	[ $((answered + lost)) = 4000 ] || fail "$lost lost:" "$(cat "$INETD_DIR/swarm")"
	assert_answer hi ask_tcp echo hi
	wait_until field_is echo RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "without a worker to start, programs are served, and built-ins wait" {
	cp "$INETD" "$INETD_DIR/inetd"
	INETD=$INETD_DIR/inetd
	# Beside it there is one that does not start.
	printf '#!/bin/sh\nexit 3\n' | inetd_script inetd-worker
	inetd_start <<-END
		127.0.0.1:{cat} stream tcp nowait $INETD_USER /bin/cat
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	assert_answer hi ask_tcp cat hi
	run ! assert_answer hi ask_tcp -t 1 echo hi
	assert_log 'worker: ended with'
	[ "$(inetd_log | grep -c 'worker: ended')" -le 4 ]
	rm "$INETD_DIR/inetd-worker"
	cp "$B/inetd-worker" "$INETD_DIR/"
	wait_until assert_answer hi ask_tcp echo hi
	inetd_stop
}

@test "sessions of the worker end with the daemon" {
	local session
	inetd_start <<-END
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	connect_tcp session echo
	wait_until field_is echo RUNNING 1
	inetd_stop
	# End of file, not silence.
	status=0
	read -r -t 30 line <&"$session" || status=$?
	[ $status = 1 ]
	close_tcp session
}

@test "a built-in that waits for the worker and becomes a program is served" {
	cp "$INETD" "$INETD_DIR/inetd"
	INETD=$INETD_DIR/inetd
	printf '#!/bin/sh\nexit 3\n' | inetd_script inetd-worker
	inetd_start <<-END
		$INETD_DIR/sock stream unix nowait $INETD_USER internal echo
	END
	wait_until waits_for_worker
	inetd_config <<-END
		$INETD_DIR/sock stream unix nowait $INETD_USER /bin/cat
	END
	inetd_reload
	assert_answer hi ask_unix "$INETD_DIR/sock" hi
	inetd_stop
}

# waits_for_worker: connects, which is what it takes to notice that there is none.
waits_for_worker() {
	ask_unix -t 1 "$INETD_DIR/sock" hi >/dev/null || true
	field_is "$INETD_DIR/sock" STATE worker
}

# sessions NUMBER: connects so often to echo, and leaves the connections open in $held.
sessions() {
	local i one
	for ((i = 0; i < $1; i++)); do
		connect_tcp one echo
		held+=("$one")
	done
}

# busy_worker: true when its table of descriptors is full.
busy_worker() {
	[ "$(find "/proc/$(inetd_worker)/fd" -mindepth 1 | wc -l)" -ge 39 ]
}

@test "a datagram socket that the worker has no descriptor for is offered again" {
	local held=() fd
	need_plain
	# The daemon does not know that this one may have fewer than itself.
	install -m 755 "$INETD" "$INETD_DIR/inetd"
	printf '#!/bin/sh\nulimit -n 40\nexec "%s" "$@"\n' "${INETD%/*}/inetd-worker" | inetd_script inetd-worker
	INETD=$INETD_DIR/inetd
	inetd_start <<-END
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	sessions 70
	# It has as many as it can: the others were closed.
	wait_until busy_worker
	cat >>"$INETD_DIR/inetd.conf" <<-END
		127.0.0.1:0 dgram udp wait $INETD_USER internal echo
	END
	inetd_reload
	assert_log 'the worker cannot take its socket'
	[ "$(inetctl list | awk '/internal:echo/ && $9 ~ /:2$/ { print $3 }')" = worker ]
	for fd in "${held[@]}"; do
		exec {fd}>&-
	done
	wait_until field_is echo RUNNING 0
	port=$(inetctl list | awk '$9 ~ /:2$/ { sub(/.*:/, "", $2); print $2 }')
	wait_until assert_answer hi ask_udp "$port" hi
	[ "$(inetctl list | awk '$9 ~ /:2$/ { print $3 }')" = ready ]
	inetd_stop
}

@test "a datagram socket has a descriptor of the worker, whatever connections are open" {
	local held=() fd
	INETD_UNDER="prlimit --nofile=60:60 ${INETD_UNDER:-}"
	inetd_start <<-END
		127.0.0.1:{echo} stream tcp nowait $INETD_USER internal echo
	END
	sessions 70
	wait_until field_is echo RUNNING 28
	cat >>"$INETD_DIR/inetd.conf" <<-END
		127.0.0.1:0 dgram udp wait $INETD_USER internal echo
	END
	inetd_reload
	port=$(inetctl list | awk '$9 ~ /:2$/ { sub(/.*:/, "", $2); print $2 }')
	wait_until assert_answer hi ask_udp "$port" hi
	wait_until field_is echo RUNNING 27
	for fd in "${held[@]}"; do
		exec {fd}>&-
	done
	wait_until field_is echo RUNNING 0
	inetd_stop
}

@test "a worker that reports without end fills neither the log nor the counts" {
	local lines
	need_plain
	install -m 755 "$INETD" "$INETD_DIR/inetd"
	install -m 755 "$TOP/tests/bin/hostile_worker.py" "$INETD_DIR/inetd-worker"
	echo "$TOP/inetd/worker/message.h" >"$INETD_DIR/header"
	INETD=$INETD_DIR/inetd
	start_ini <<-END
		[echo]
		protocol = udp
		port = 0
		internal = echo
		log = refuse
		[cat]
		port = 0
		server = /bin/cat
	END
	wait_until inetd_log_has 'worker: it has more to report than 20 messages a second'
	inetd_log_has 'echo: 60000000 datagrams not answered'
	for _ in 1 2 3 4 5; do
		assert_answer hi ask_tcp cat hi
		sleep 0.2
	done
	lines=$(wc -l <"$INETD_DIR/log")
	[ "$lines" -lt 1000 ] || fail "$lines lines"
	[ "$(inetd_field echo REFUSED)" -le $((1000 * 60000000)) ]
	inetd_stop
}
