#!/usr/bin/env bats
# The clients that ask scripts how they are, and lose the answer of one that does not read all they say: served
# with lingering_close none of them fails. ANSWERS is how often each asks.

load ../helpers/family
load ../helpers/ending
load ../helpers/scratch

ANSWERS=${ANSWERS:-300}
INETD_PATIENCE=$((${INETD_PATIENCE:-1} * (1 + ANSWERS / 500))) # of many, all take their time

setup() {
	scratch_setup
	# The public pattern: one line is read, the fields of the head are not.
	for length in '' 'Content-Length: 3\r\n'; do
		inetd_script "check${length:+long}" <<-END
			#!/bin/sh
			read -r request
			printf 'HTTP/1.1 200 OK\r\n${length}Connection: close\r\n\r\nok\n'
		END
	done
	start_ini <<-END
		per_source = unlimited
		[plain]
		port = 0
		server = $INETD_DIR/check
		[check]
		port = 0
		server = $INETD_DIR/check
		lingering_close = 2s
		[long]
		port = 0
		server = $INETD_DIR/checklong
		lingering_close = 2s
	END
}

# Each says how many of so many answers of NAME did not come whole.

by_curl() {
	there curl -s "http://127.0.0.1:$(inetd_port "$1")/[1-$2]" -w '%{exitcode}\n' | grep -c '^[1-9]'
}

by_genhash() {
	# shellcheck disable=SC2016 # for the inner shell
	there sh -c 'for i in $(seq "$1"); do genhash -v -s 127.0.0.1 -p "$2" -u /; done' - "$2" "$(inetd_port "$1")" |
		grep -cx "$(echo ok | md5sum | cut -d ' ' -f 1)" | awk -v all="$2" '{ print all - $1 }'
}

# wrk asks until it has asked often enough. A length is what it knows the end by.
by_wrk() {
	local failed=0
	while [ "$(inetd_field "$1" STARTED)" -lt "$2" ]; do
		there wrk -t 2 -c 8 -d 2 "http://127.0.0.1:$(inetd_port "$1")/" >"$INETD_DIR/wrk" || return
		! grep 'Socket errors\|Non-2xx' "$INETD_DIR/wrk" || failed=1
	done
	echo $failed
}

has_started() {
	[ "$(inetd_field "$1" STARTED)" -ge "$2" ] && [ -S "$INETD_DIR/stats" ]
}

by_haproxy() {
	cat >"$INETD_DIR/haproxy.cfg" <<-END
		global
		    stats socket $INETD_DIR/stats
		defaults
		    mode http
		    timeout connect 10s
		    timeout client 10s
		    timeout server 10s
		    timeout check 10s
		backend back
		    option httpchk GET /
		    server-template check 8 127.0.0.1:$(inetd_port "$1") check inter 5ms fall 100000000
	END
	rm -f "$INETD_DIR/stats"
	(close_inherited && exec "$TOP/tests/scratch/enter" haproxy -db -f "$INETD_DIR/haproxy.cfg" >"$INETD_DIR/haproxy.out" 2>&1) &
	wait_until -t 200 has_started "$1" "$(($(inetd_field "$1" STARTED) + $2))"
	socat - "UNIX-CONNECT:$INETD_DIR/stats" <<<'show stat' |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
			/^back,check/ { failed += $column["chkfail"] } END { print failed }'
	kill $!
	wait $! || true
	rm "$INETD_DIR/stats"
}

# all_answers CLIENT SERVICE
all_answers() {
	[ "$("by_$1" "$2" "$ANSWERS")" = 0 ]
	wait_until field_is "$2" RUNNING 0
	inetd_stop
}

# minds CLIENT: that without lingering_close it does not get all answers.
minds() {
	[ "$("by_$1" plain 20)" -gt 0 ]
}

@test "curl" {
	minds curl
	all_answers curl check
}

@test "genhash of keepalived" {
	minds genhash
	all_answers genhash check
}

# The next two have read an answer as short as this one before they learn of a reset, mostly.

@test "httpchk of haproxy" {
	all_answers haproxy check
}

@test "wrk" {
	all_answers wrk long
}
