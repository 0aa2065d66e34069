#!/usr/bin/env bats
# Two inetds behind a real haproxy, with etc/haproxy.cfg: one host after the other is drained and restarted, and then
# upgraded, under load, and no request fails. In a network of its own, where the hosts are addresses of the loopback
# interface.

load ../helpers/family
load ../helpers/scratch

setup() {
	scratch_setup
}

# host NAME ADDRESS: the configuration of one, beside its program, which answers with the name.
host() {
	mkdir -p "$INETD_DIR/$1"
	cat >"$INETD_DIR/$1/inetd.ini" <<-END
		[web]
		listen = $2:80
		user = root
		server = $INETD_DIR/tell
		server_args = $1
		proxy_protocol = 127.0.0.0/8
		proxy_others = refuse
		only_from = 127.0.0.5
		instances = 20
		[agent]
		listen = $2:9642
		user = root
		server = $B/services/agent-check
		server_args = -s $INETD_DIR/$1/control -f $INETD_DIR/$1/order web
	END
}

# start_host NAME: its daemon, until it serves; its process is in $pid.
start_host() {
	local dir=$INETD_DIR/$1
	(
		close_inherited
		# shellcheck disable=SC2086 # a command and its options
		exec $INETD_UNDER "$INETD" -f -e --control "$dir/control" "$dir/inetd.ini"
	) </dev/null >"$dir/log" 2>&1 &
	pid=$!
	wait_until grep -q 'started: 2 services, 2 sockets' "$dir/log"
}

# answered_by NAME: the last five answers came from there.
answered_by() {
	[ "$(tail -n 5 "$INETD_DIR/answers" | sort -u)" = "$1 127.0.0.5" ] || fail "$(tail -n 5 "$INETD_DIR/answers")"
}

# As many as answered_by looks at, so that none is from before.
answered_by_both() {
	[ "$(tail -n 5 "$INETD_DIR/answers" | sort -u)" = $'one 127.0.0.5\ntwo 127.0.0.5' ]
}

# ask_forever: a request after the other, until the file "enough" is there; what is not answered is a line "failed".
ask_forever() {
	python3 - "$INETD_DIR" <<-'END'
		import os, socket, sys
		directory = sys.argv[1]
		with open(directory + "/answers", "w", buffering=1) as out:
		    while not os.path.exists(directory + "/enough"):
		        try:
		            with socket.create_connection(("127.0.0.10", 80), 10, ("127.0.0.5", 0)) as client:
		                client.sendall(b"question\n")
		                text = b"".join(iter(lambda: client.recv(1000), b""))
		            out.write(text.decode() or "failed: nothing\n")
		        except OSError as error:
		            out.write(f"failed: {error}\n")
	END
}

pair() {
	local -A daemons
	local name pid balancer asker
	inetd_script tell <<-'END'
		#!/bin/sh
		read -r question
		echo "$1 $TCPREMOTEIP"
	END
	host one 127.0.0.1
	host two 127.0.0.2
	for name in one two; do
		start_host $name
		daemons[$name]=$pid
	done
	sed 's/192\.0\.2\./127.0.0./g' "$TOP/etc/haproxy.cfg" >"$INETD_DIR/haproxy.cfg"
	# shellcheck disable=SC2086
	(close_inherited && exec $INETD_UNDER haproxy -db -f "$INETD_DIR/haproxy.cfg") >"$INETD_DIR/haproxy.log" 2>&1 &
	balancer=$!
	wait_until ss -Hltn 'src 127.0.0.10:80'
	wait_until eval "ss -Hltn 'src 127.0.0.10:80' | grep -q ."
	ask_forever &
	asker=$!
	wait_until -t 30 answered_by_both
	for name in one two; do
		echo drain >"$INETD_DIR/$name/order"
		wait_until -t 30 answered_by "$([ $name = one ] && echo two || echo one)"
		kill "${daemons[$name]}"
		wait "${daemons[$name]}"
		start_host $name
		daemons[$name]=$pid
		rm "$INETD_DIR/$name/order"
		wait_until -t 30 answered_by_both
	done
	for name in one two; do
		"$INETCTL" -s "$INETD_DIR/$name/control" upgrade
		wait_until -t 30 answered_by_both
	done
	touch "$INETD_DIR/enough"
	wait "$asker"
	run ! grep failed "$INETD_DIR/answers"
	[ "$(wc -l <"$INETD_DIR/answers")" -gt 100 ]
	kill "$balancer" "${daemons[@]}"
	wait || true
}

@test "a pair behind haproxy: each host is drained, restarted and upgraded under load, and no request fails" {
	in_network pair
}
