#!/usr/bin/env bats
# shellcheck disable=SC2154
# statuspage: what inetd is doing, as a page.

load ../helpers/family
load ../helpers/rude
load ../helpers/asking
load ../helpers/ending

@test "the page without a browser: whole, by itself, never kept" {
	ask_daemon statuspage </dev/null
	[ "$(status /)" = 200 ]
	[ "$(status /status.json)" = 200 ]
	[ "$(status '/?x')" = 200 ]
	[ "$(status -I /)" = 200 ]
	[ "$(printf 'HEAD / HTTP/1.0\r\n\r\n' | rude half-close www | tail -n 1)" = $'\r' ]
	[ "$(status /favicon.ico)" = 404 ]
	[ "$(status -X POST /)" = 405 ]
	[ "$(field content-type /)" = 'text/html; charset=utf-8' ]
	[ "$(field cache-control /)" = no-store ]
	[ "$(field x-content-type-options /)" = nosniff ]
	[ "$(field referrer-policy /)" = no-referrer ]
	policy=$(field content-security-policy /)
	[[ $policy == "default-src 'none'; style-src 'nonce-"*"; script-src 'nonce-"*"; connect-src 'self'; "* ]]
	[[ $policy != *unsafe* && $policy == *"frame-ancestors 'none'"* && $policy == *"form-action 'none'"* ]]
	# Nobody knows the nonce of another answer; and it is the one of the page.
	get -D "$INETD_DIR/head" -o "$INETD_DIR/page" /
	nonce=$(sed -n "s/.*script-src 'nonce-\([0-9a-f]*\)'.*/\1/p" "$INETD_DIR/head")
	[ ${#nonce} = 32 ]
	[ "$(grep -c "nonce=\"$nonce\"" "$INETD_DIR/page")" = 2 ]
	[[ $(field content-security-policy /) != *"$nonce"* ]]
	run ! grep -E '(src|href)="?[^"#/d]|url\(|@import|//[a-z]+\.' <(sed 's,http://www.w3.org/2000/svg,,' "$INETD_DIR/page")
	inetd_stop
}

@test "of a daemon on demand it tells whether it is there, and how often it was started again" {
	inetd_script daemon <<-'END'
		#!/usr/bin/python3
		import os, socket, sys
		server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		while True:
		    sock = server.accept()[0]
		    if sock.recv(100) == b"die\n":
		        os._exit(1)
		    sock.close()
	END
	ask_daemon statuspage <<-END
		[lazy]
		port = 0
		server = $INETD_DIR/daemon
		server_args = {port}
		activation = proxy
	END
	get / | grep -q '>daemon stopped<'
	ask_tcp lazy hi
	get / | grep -q '>daemon running<'
	ask_tcp lazy die
	wait_until eval "inetctl status lazy | grep -q 'started again 1 time' || ask_tcp lazy hi"
	wait_until eval "get / | grep -q '>daemon running, started again 1 time<'"
	inetd_stop
}

@test "the same as data" {
	ask_daemon statuspage </dev/null
	assert_answer hi ask_tcp used hi
	wait_until field_is used RUNNING 0
	[ "$(field content-type /status.json)" = application/json ]
	get /status.json >"$INETD_DIR/status.json"
	run -0 python3 - "$INETD_DIR/status.json" <<-'END'
		import json, sys
		data = json.load(open(sys.argv[1]))
		assert data["daemon"]["services"] == 2 and data["time"] > 1e9, data
		assert "somaxconn" in data["machine"], data
		service = {one["label"]: one for one in data["services"]}
		assert service["used"]["started"] == 1 and service["used"]["state"] == "ready", service
		assert len(service["used"]["history"]) == 60, service
		assert sorted(one["service"] for one in data["endpoints"]) == ["used", "www"], data
		assert any(one["text"] == "used: started" for one in data["events"]), data
	END
	inetd_stop
}

@test "hundreds of services; more than are shown are told" {
	for i in $(seq 300); do
		printf '[s%d]\nlisten = %s\nserver = /bin/cat\n' "$i" "$INETD_DIR/s$i"
	done >"$INETD_DIR/many"
	ask_daemon statuspage -n 250 <"$INETD_DIR/many"
	get / >"$INETD_DIR/page"
	[ "$(grep -c '<tr role="row" class' "$INETD_DIR/page")" = 250 ]
	grep -qF 'And 52 more' "$INETD_DIR/page"
	# In the order of numbers.
	[ "$(grep -o '<bdi>s[0-9]*</bdi>' "$INETD_DIR/page" | head -n 11 | tail -n 1)" = '<bdi>s11</bdi>' ]
	[ "$(get /status.json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["services"]))')" = 302 ]
	inetd_stop
}

@test "as a user of its own, by the group of the control socket" {
	need_root
	start_by_group statuspage
	url=http://127.0.0.1:$(inetd_port www)
	[ "$(status /)" = 200 ]
	[ "$(status /status.json)" = 200 ]
	url=http://127.0.0.1:$(inetd_port not)
	[ "$(status /)" = 503 ]
	[[ $(get /) == *'cannot be asked:</b> Permission denied'* ]]
	inetd_stop
}

@test "without a daemon that answers: 503, soon" {
	no_daemon_helps statuspage /
	no_daemon_helps statuspage /status.json
}

@test "answers that are no records: 503" {
	inetd_start <<-END
		127.0.0.1:{www} stream tcp nowait $INETD_USER $B/services/statuspage statuspage -t 1 -s $INETD_DIR/false
	END
	url=http://127.0.0.1:$(inetd_port www)
	false_daemon records
	[ "$(status /)" = 503 ]
	[ "$(status /status.json)" = 503 ]
	kill "$false_pid"
	wait "$false_pid" || true
	rm "$INETD_DIR/false"
	inetd_stop
}

@test "a daemon that says nothing of itself, and of nobody, is shown" {
	inetd_start <<-END
		127.0.0.1:{www} stream tcp nowait $INETD_USER $B/services/statuspage statuspage -t 1 -s $INETD_DIR/false
	END
	url=http://127.0.0.1:$(inetd_port www)
	false_daemon empty
	[ "$(status /)" = 200 ]
	[ "$(status /status.json)" = 200 ]
	kill "$false_pid"
	wait "$false_pid" || true
	rm "$INETD_DIR/false"
	inetd_stop
}

@test "only who asks for this host, by a name of its own or an address, is answered" {
	ask_daemon statuspage -H page.example </dev/null
	for host in 127.0.0.1 '[::1]:80' localhost "$(hostname):8080" page.example PAGE.EXAMPLE.:80; do
		[ "$(status -H "Host: $host" /)" = 200 ] || fail "$host"
		[ "$(status -H "Host: $host" /status.json)" = 200 ] || fail "$host"
	done
	for host in evil.example "$(hostname).evil.example" page.example.evil.example x127.0.0.1; do
		[ "$(status -H "Host: $host" /)" = 421 ] || fail "$host"
		[ "$(status -H "Host: $host" /status.json)" = 421 ] || fail "$host"
	done
	# What the target says counts.
	[[ $(printf 'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n' | rude half-close www) == *' 421 '* ]]
	[ "$(status -H 'Host: a b' /)" = 400 ]
	inetd_stop
}

@test "callers of all manners" {
	ask_daemon statuspage -t 1 </dev/null
	callers_are_survived /
	inetd_stop
}
