#!/usr/bin/env bats
# proxy_protocol behind real proxies, from the scratch root: haproxy with both versions of the header, over tcp of both
# families and unix sockets, and its health checks; nginx; curl, which can say the header itself.

load ../helpers/family
load ../helpers/scratch

setup() {
	scratch_setup
}

# services: tell answers with both ends of its connection, for anybody but 127.0.0.66; each start is noted.
services() {
	inetd_script tell <<-END
		#!/bin/sh
		echo "\$TCPREMOTEIP \$PROTO" >>"$INETD_DIR/ran"
		read -r question
		echo "\$TCPREMOTEIP \$TCPLOCALIP:\$TCPLOCALPORT \$question"
	END
	inetd_script web <<-'END'
		#!/bin/sh
		while read -r line && [ "${#line}" -gt 1 ]; do :; done
		printf 'HTTP/1.0 200 OK\r\n\r\n%s\n' "$TCPREMOTEIP"
	END
	start_ini <<-END
		[defaults]
		proxy_protocol = 127.0.0.0/8 ::1 unix
		proxy_others = refuse
		no_access = 127.0.0.66
		log = refuse
		[tell]
		listen = 127.0.0.1:0 [::1]:0 $INETD_DIR/tell.sock
		server = $INETD_DIR/tell
		[web]
		listen = 127.0.0.1:0
		server = $INETD_DIR/web
	END
}

# run_there COMMAND...: in the background, in the scratch root; its process is in $peer.
run_there() {
	(close_inherited && exec "$TOP/tests/scratch/enter" "$@") </dev/null >"$INETD_DIR/peer.log" 2>&1 &
	peer=$!
}

# end_peer: ends it; its sockets stay behind.
end_peer() {
	kill "$peer"
	wait "$peer" || true
	find "$INETD_DIR" -type s -user root ! -name tell.sock ! -name control -delete
}

# ask_proxy PATH ADDRESS TEXT: what comes back for a line by way of a proxy, which takes the client's address from
# the header that is sent to it.
ask_proxy() {
	local header
	printf -v header 'PROXY TCP4 %s 192.0.2.1 40001 80\r\n' "$2"
	ask_unix "$1" - <<<"$header$3"
}

started() {
	grep -c . "$INETD_DIR/ran" || true
}

@test "haproxy, send-proxy and send-proxy-v2: the client is known, and health checks start no program" {
	services
	cat >"$INETD_DIR/haproxy.cfg" <<-END
		global
		    log stderr format raw daemon
		    stats socket $INETD_DIR/stats level admin
		defaults
		    mode tcp
		    timeout connect 20s
		    timeout client 1m
		    timeout server 1m
		    timeout check 20s
		    default-server check inter 50ms
		$(for kind in v1:send-proxy v2:send-proxy-v2; do
			for place in "four:127.0.0.1:$(inetd_port tell -4)" "six:[::1]:$(inetd_port tell -6)" \
				"path:unix@$INETD_DIR/tell.sock"; do
				name=${kind%%:*}-${place%%:*}
				printf '%s\n' "listen $name" "    bind unix@$INETD_DIR/$name.sock accept-proxy" \
					"    server $name ${place#*:} ${kind#*:}"
			done
		done)
	END
	run_there haproxy -db -f "$INETD_DIR/haproxy.cfg"
	for name in v1-four v1-six v1-path v2-four v2-six v2-path; do
		wait_until test -S "$INETD_DIR/$name.sock"
		# It has been checked, and goes on to be.
		wait_until eval "ask_unix '$INETD_DIR/stats' 'show stat' | grep -q '^$name,$name,.*,UP,'"
		assert_answer '192.0.2.7 192.0.2.1:80 hello' ask_proxy "$INETD_DIR/$name.sock" 192.0.2.7 hello
	done
	# The client is refused, not the proxy.
	assert_answer '' ask_proxy "$INETD_DIR/v2-four.sock" 127.0.0.66 hello
	assert_log 'tell: refused: its address may not use the service .*peer=127\.0\.0\.66:40001'
	assert_answer '192.0.2.8 192.0.2.1:80 hello' ask_proxy "$INETD_DIR/v2-four.sock" 192.0.2.8 hello
	[ "$(started)" = 7 ] || fail "$(sort "$INETD_DIR/ran" | uniq -c)"
	inetctl --json status tell >"$INETD_DIR/status"
	grep -q '"started": 7,' "$INETD_DIR/status"
	grep -q '"refused": 1,' "$INETD_DIR/status"
	end_peer
	wait_until field_is tell RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "haproxy that checks by asking: a question after its own header is answered" {
	services
	cat >"$INETD_DIR/haproxy.cfg" <<-END
		global
		    stats socket $INETD_DIR/stats level admin
		defaults
		    mode tcp
		    timeout connect 20s
		    timeout client 1m
		    timeout server 1m
		    timeout check 20s
		listen web
		    bind unix@$INETD_DIR/web.sock accept-proxy
		    option httpchk GET /
		    server web 127.0.0.1:$(inetd_port web) check inter 100ms send-proxy-v2 check-send-proxy
	END
	run_there haproxy -db -f "$INETD_DIR/haproxy.cfg"
	wait_until eval "ask_unix '$INETD_DIR/stats' 'show stat' | grep -q '^web,web,.*,UP,.*,L7OK,200,'"
	end_peer
	refute_log refused
	inetd_stop
}

@test "nginx: a stream that it passes on with a header" {
	services
	mkdir "$INETD_DIR/nginx"
	# An address that nobody else has, as it cannot choose a free port.
	local address=127.$((1 + BASHPID / 62500)).$((BASHPID / 250 % 250)).$((1 + BASHPID % 250)) name
	cat >"$INETD_DIR/nginx.conf" <<-END
		load_module /usr/lib/nginx/modules/ngx_stream_module.so;
		daemon off;
		master_process off;
		user root;
		pid $INETD_DIR/nginx/pid;
		error_log stderr;
		events { }
		stream {
		    server {
		        listen $address:8081;
		        proxy_pass 127.0.0.1:$(inetd_port tell -4);
		        proxy_protocol on;
		        proxy_half_close on;
		    }
		    server {
		        listen $address:8082;
		        proxy_pass unix:$INETD_DIR/tell.sock;
		        proxy_protocol on;
		        proxy_half_close on;
		    }
		}
	END
	run_there nginx -p "$INETD_DIR/nginx" -c "$INETD_DIR/nginx.conf"
	for port in 8081 8082; do
		wait_until ask_tcp -h "$address" $port
		assert_answer "127.0.0.7 $address:$port hello" ask_tcp -h "$address" -b 127.0.0.7 $port hello
		assert_answer '' ask_tcp -h "$address" -b 127.0.0.66 $port hello
	done
	end_peer
	inetd_stop
}

@test "curl --haproxy-protocol: whom the header names is whom it connects from" {
	services
	assert_answer 127.0.0.5 there curl -s --haproxy-protocol --interface 127.0.0.5 "http://127.0.0.1:$(inetd_port web)/"
	run there curl -s --haproxy-protocol --interface 127.0.0.66 "http://127.0.0.1:$(inetd_port web)/"
	[ "$status" != 0 ]
	assert_log 'web: refused: its address may not use the service .*peer=127\.0\.0\.66:'
	# Without it there is no header.
	run there curl -s --interface 127.0.0.5 "http://127.0.0.1:$(inetd_port web)/"
	[ "$status" != 0 ]
	assert_answer 127.0.0.5 there curl -s --haproxy-protocol --interface 127.0.0.5 "http://127.0.0.1:$(inetd_port web)/"
	inetd_stop
}
