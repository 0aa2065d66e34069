#!/usr/bin/env bats
# Two inetds behind a real haproxy, with etc/haproxy.cfg as it is: one host after the other is drained and restarted, and
# then upgraded, under load, and no request fails. Three machines: each has a network namespace, and haproxy's, where the
# clients are too, has a line to each host. INETD_LOAD=full makes 20 drains of 4.

load ../helpers/family
load ../helpers/scratch

setup() {
	scratch_setup
}

# host NAME NUMBER: a network for it, which ${networks[NAME]} holds, with the address 192.0.2.NUMBER; its configuration,
# beside its program, which answers with the name.
host() {
	(close_inherited && exec unshare -n sleep 1000 </dev/null >/dev/null 2>&1) &
	networks[$1]=$!
	mkdir -p "$INETD_DIR/$1"
	wait_until eval "! cmp -s <(readlink /proc/self/ns/net) <(readlink /proc/${networks[$1]}/ns/net)"
	ip link add "$1" type veth peer name eth0 netns "${networks[$1]}"
	ip link set "$1" up
	nsenter --net="/proc/${networks[$1]}/ns/net" sh -euc "
		ip link set lo up
		ip address add 192.0.2.$2/24 dev eth0
		ip link set eth0 up"
	ip route add "192.0.2.$2" dev "$1" src 192.0.2.10
	cat >"$INETD_DIR/$1/inetd.ini" <<-END
		[web]
		listen = 192.0.2.$2:80
		user = root
		server = $INETD_DIR/tell
		server_args = $1
		proxy_protocol = 192.0.2.10
		proxy_others = refuse
		only_from = $client
		instances = 20
		[agent]
		listen = 192.0.2.$2:9642
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
		exec nsenter --net="/proc/${networks[$1]}/ns/net" $INETD_UNDER "$INETD" -f -e --control "$dir/control" "$dir/inetd.ini"
	) </dev/null >"$dir/log" 2>&1 &
	pid=$!
	wait_until grep -q 'started: 2 services, 2 sockets' "$dir/log"
}

# answered_by NAME: the last five answers came from there.
answered_by() {
	[ "$(tail -n 5 "$INETD_DIR/answers" | sort -u)" = "$1 $client" ] || fail "$(tail -n 5 "$INETD_DIR/answers")"
}

# As many as answered_by looks at, so that none is from before.
answered_by_both() {
	[ "$(tail -n 5 "$INETD_DIR/answers" | sort -u)" = "one $client"$'\n'"two $client" ]
}

# ask_forever: four clients, a request after the other, until the file "enough" is there; what is not answered is a line
# "failed".
ask_forever() {
	python3 - "$INETD_DIR" "$client" <<-'END'
		import os, socket, sys, threading, time
		directory, client_address = sys.argv[1:]
		def ask():
		    while os.path.isdir(directory) and not os.path.exists(directory + "/enough"):
		        try:
		            with socket.create_connection(("192.0.2.10", 80), 30, (client_address, 0)) as client:
		                client.sendall(b"question\n")
		                text = b"".join(iter(lambda: client.recv(1000), b""))
		            out.write(text.decode() or f"failed: nothing, at {time.strftime('%T')}\n")
		        except OSError as error:
		            out.write(f"failed: {error}, at {time.strftime('%T')}\n")
		with open(directory + "/answers", "w", buffering=1) as out:
		    threads = [threading.Thread(target=ask) for _ in range(4)]
		    for one in threads:
		        one.start()
		    for one in threads:
		        one.join()
	END
}

pair() {
	local -A daemons networks
	local client=198.51.100.7
	local name pid balancer asker round rounds=2
	[ "${INETD_LOAD:-}" != full ] || rounds=10
	inetd_script tell <<-'END'
		#!/bin/sh
		read -r question
		echo "$1 $TCPREMOTEIP"
	END
	ip address add 192.0.2.10/32 dev lo
	ip address add $client/32 dev lo
	host one 1
	host two 2
	for name in one two; do
		start_host $name
		daemons[$name]=$pid
	done
	cp "$TOP/etc/haproxy.cfg" "$INETD_DIR/haproxy.cfg"
	# shellcheck disable=SC2086
	(close_inherited && exec $INETD_UNDER haproxy -db -f "$INETD_DIR/haproxy.cfg") >"$INETD_DIR/haproxy.log" 2>&1 &
	balancer=$!
	wait_until ss -Hltn 'src 192.0.2.10:80'
	wait_until eval "ss -Hltn 'src 192.0.2.10:80' | grep -q ."
	ask_forever &
	asker=$!
	wait_until answered_by_both
	for ((round = 0; round < rounds; round++)); do
		for name in one two; do
			echo drain >"$INETD_DIR/$name/order"
			wait_until answered_by "$([ $name = one ] && echo two || echo one)"
			# Who has been sent here before is served to the end.
			wait_until eval "! '$INETCTL' -s '$INETD_DIR/$name/control' connections web | grep -q web"
			# One is restarted, the next time upgraded.
			if [ $((round % 2)) = 0 ]; then
				"$INETCTL" -s "$INETD_DIR/$name/control" drain 30s
				wait "${daemons[$name]}"
				start_host $name
				daemons[$name]=$pid
			else
				"$INETCTL" -s "$INETD_DIR/$name/control" upgrade
			fi
			rm "$INETD_DIR/$name/order"
			wait_until answered_by_both
			# Not drained, while it serves.
			"$INETCTL" -s "$INETD_DIR/$name/control" upgrade
		done
	done
	touch "$INETD_DIR/enough"
	wait "$asker"
	! grep failed "$INETD_DIR/answers" >"$INETD_DIR/failed" ||
		fail "$(cat "$INETD_DIR/failed")" "$(grep -v 'Connect from' "$INETD_DIR/haproxy.log")" "$(tail -n 20 "$INETD_DIR"/{one,two}/log)" || return
	[ "$(wc -l <"$INETD_DIR/answers")" -gt 100 ]
	echo "# $((2 * rounds)) drains, $(wc -l <"$INETD_DIR/answers") requests" >&3
	kill "$balancer" "${daemons[@]}" "${networks[@]}"
	wait || true
}

@test "a pair behind haproxy: each host is drained, restarted and upgraded under load, and no request fails" {
	in_network pair
}
